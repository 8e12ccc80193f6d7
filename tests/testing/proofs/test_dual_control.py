"""The proof of dual control: it holds, and finds whatever is planted."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve, frozen

from janetbank.policies.dual_control import (
    ApproveVerdict,
    DualControl,
    Proposal,
    ProposalState,
    RejectVerdict,
    SamePerson,
    WithdrawVerdict,
)
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import dual_control as proof
from janetbank.testing.proofs.dual_control import Change, DualControlMachine
from janetbank.values.line import Line
from janetbank.values.operator import Hand, PersonId
from tests.testing.proofs.planted import laws, never, story_of

LIFETIME = timedelta(days=4)


@pytest.mark.requirement("SUS-10", "LCK-08")
def test_dual_control_keeps_every_law() -> None:
    """Every law holds whoever decides what he saw, whenever."""
    report = explore(DualControlMachine(DualControl(lifetime=LIFETIME)))
    assert report.proven, report.story
    assert report.states == 7_008
    happens = {"approved", "rejected", "withdrawn", "stale", "sameperson", "notthemaker", "closed", "conflict"}
    assert set(report.outcomes) >= happens


@frozen(kw_only=True)
class AccountsCompared(DualControl):
    """Accounts are compared where persons should be."""

    def approve(self, proposal: Proposal, by: Hand, digest: str, now: datetime) -> tuple[Proposal, ApproveVerdict]:
        """Each account is a person."""
        after, verdict = super().approve(
            evolve(proposal, maker=evolve(proposal.maker, person=PersonId("MAKER"))),
            evolve(by, person=PersonId(by.operator.text.upper())),
            digest,
            now,
        )
        return evolve(after, maker=proposal.maker, checker=by if after.checker else None), verdict


@frozen(kw_only=True)
class NobodyNoted(DualControl):
    """Who approved it is not kept."""

    def approve(self, proposal: Proposal, by: Hand, digest: str, now: datetime) -> tuple[Proposal, ApproveVerdict]:
        """Forget him."""
        after, verdict = super().approve(proposal, by, digest, now)
        return evolve(after, checker=None), verdict


@frozen(kw_only=True)
class TargetIgnored(DualControl):
    """What the target is by then is not looked at."""

    def approve(self, proposal: Proposal, by: Hand, digest: str, now: datetime) -> tuple[Proposal, ApproveVerdict]:
        """Whatever it is."""
        del digest
        return super().approve(proposal, by, proposal.digest, now)


@frozen(kw_only=True)
class DecidedAgain(DualControl):
    """What was decided is decided again."""

    def approve(self, proposal: Proposal, by: Hand, digest: str, now: datetime) -> tuple[Proposal, ApproveVerdict]:
        """Open it."""
        return super().approve(evolve(proposal, state=ProposalState.OPEN), by, digest, now)


@frozen(kw_only=True)
class NoTime(DualControl):
    """A proposal is as good late as early."""

    def approve(self, proposal: Proposal, by: Hand, digest: str, now: datetime) -> tuple[Proposal, ApproveVerdict]:
        """As if it had just been made."""
        del now
        return super().approve(proposal, by, digest, proposal.made_at)


@frozen(kw_only=True)
class AnybodyWithdraws(DualControl):
    """Anybody takes it back."""

    def withdraw(self, proposal: Proposal, by: Hand, now: datetime) -> tuple[Proposal, WithdrawVerdict]:
        """As if he were the maker."""
        del by
        return super().withdraw(proposal, proposal.maker, now)


@frozen(kw_only=True)
class NoReason(DualControl):
    """A rejection forgets why."""

    def reject(self, proposal: Proposal, by: Hand, reason: Line, now: datetime) -> tuple[Proposal, RejectVerdict]:
        """Forget it."""
        after, verdict = super().reject(proposal, by, reason, now)
        return evolve(after, reason=None), verdict


@frozen(kw_only=True)
class NobodyMay(DualControl):
    """Nobody is another person."""

    def approve(self, proposal: Proposal, by: Hand, digest: str, now: datetime) -> tuple[Proposal, ApproveVerdict]:
        """Refuse him."""
        after, verdict = super().approve(proposal, by, digest, now)
        return (proposal, SamePerson()) if after.state is ProposalState.APPROVED else (after, verdict)


def planted(kind: type[DualControl]) -> DualControlMachine:
    """The machine with that fault."""
    return DualControlMachine(kind(lifetime=LIFETIME))


FAULTS = [
    (planted(AccountsCompared), proof.TWO_PEOPLE),
    (planted(NobodyNoted), proof.TWO_PEOPLE),
    (planted(TargetIgnored), proof.AS_PROPOSED),
    (planted(DecidedAgain), proof.ONCE),
    (planted(NoTime), proof.IN_TIME),
    (planted(AnybodyWithdraws), proof.MAKER_TAKES_BACK),
    (planted(NoReason), proof.REASONED),
    (planted(NobodyMay), proof.CAN_BE_DONE),
    (never(planted(DualControl), Change.WAIT), proof.WAITING_ENDS),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof)
