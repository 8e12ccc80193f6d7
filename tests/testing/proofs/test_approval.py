"""The proof of approvals: it holds, and finds whatever is planted."""

from datetime import datetime

import pytest
from attrs import frozen

from janetbank.policies.approval import (
    Approval,
    ApprovalRules,
    ApprovalState,
    ApproveVerdict,
    AskVerdict,
    Declined,
    DeclineVerdict,
    NotOpen,
    SpendVerdict,
    Spent,
)
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import approval as proof
from janetbank.testing.proofs.approval import Act, ApprovalMachine
from tests.testing.proofs.planted import laws, never, story_of


@pytest.mark.requirement("TXA-04")
def test_an_approval_keeps_every_law() -> None:
    """Every law holds in every order of asking, changing, answering and executing."""
    report = explore(ApprovalMachine(ApprovalRules()))
    assert report.proven, report.story
    assert report.states == 210
    happens = {"asked", "approved", "declined", "executed", "changed", "wronganswer", "expired", "voided", "notopen"}
    assert set(report.outcomes) >= happens


@frozen(kw_only=True)
class AnswersAnything(ApprovalRules):
    """Any answer is the right one."""

    def approve(
        self, approval: Approval, digest: str, now: datetime, *, right: bool
    ) -> tuple[Approval, ApproveVerdict]:
        """Take it."""
        del right
        return super().approve(approval, digest, now, right=True)


@frozen(kw_only=True)
class ExecutesAnything(ApprovalRules):
    """The text is not digested again when it is executed."""

    def spend(self, approval: Approval, digest: str, now: datetime) -> tuple[Approval, SpendVerdict]:
        """Whatever it is."""
        del digest
        return super().spend(approval, approval.digest, now)


@frozen(kw_only=True)
class SpentAgain(ApprovalRules):
    """An approval is spent as often as somebody wants."""

    def spend(self, approval: Approval, digest: str, now: datetime) -> tuple[Approval, SpendVerdict]:
        """As it was."""
        after, verdict = super().spend(approval, digest, now)
        return (approval if isinstance(verdict, Spent) else after), verdict


@frozen(kw_only=True)
class NoTime(ApprovalRules):
    """An approval waits for ever."""

    def at(self, approval: Approval, now: datetime) -> Approval:
        """As it was."""
        del now
        return approval


@frozen(kw_only=True)
class DeclinedInVain(ApprovalRules):
    """Declining is taken note of by nobody."""

    def decline(self, approval: Approval, now: datetime) -> tuple[Approval, DeclineVerdict]:
        """As it was."""
        after, verdict = super().decline(approval, now)
        return (approval if isinstance(verdict, Declined) else after), verdict


@frozen(kw_only=True)
class DeclinedForEver(ApprovalRules):
    """What was declined is never asked for again."""

    def ask(self, last: Approval | None, digest: str, now: datetime) -> tuple[Approval, AskVerdict]:
        """Never."""
        if last is not None and last.state is ApprovalState.DECLINED:
            return last, NotOpen(last.state)
        return super().ask(last, digest, now)


FAULTS = [
    (ApprovalMachine(AnswersAnything()), proof.AS_SEEN),
    (ApprovalMachine(ExecutesAnything()), proof.AS_SEEN),
    (ApprovalMachine(SpentAgain()), proof.ONCE),
    (ApprovalMachine(NoTime()), proof.IN_TIME),
    (ApprovalMachine(DeclinedInVain()), proof.DECLINED_STAYS),
    (ApprovalMachine(DeclinedForEver()), proof.CAN_BE_DONE),
    (never(ApprovalMachine(ApprovalRules()), Act.WAIT), proof.WAITING_ENDS),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof)
