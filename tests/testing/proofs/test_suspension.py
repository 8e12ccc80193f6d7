"""The proof of suspensions: it holds, and finds whatever is planted."""

from datetime import datetime

import pytest
from attrs import evolve

from janetbank.policies import suspension as policy
from janetbank.policies.suspension import Moved, NotNow, SamePerson, Suspension, SuspensionEvent, SuspensionState
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import suspension as proof
from janetbank.testing.proofs.suspension import Deeds, SuspensionMachine
from janetbank.values.line import Line
from janetbank.values.operator import Hand, OperatorId, PersonId
from tests.testing.proofs.planted import laws, story_of


@pytest.mark.requirement("SUS-08", "SUS-10", "SUS-28")
def test_a_suspension_keeps_every_law() -> None:
    """Every law holds whoever does what, on its day and after it, and every state is reached."""
    report = explore(SuspensionMachine())
    assert report.proven, report.story
    assert report.states == 148
    ends = {state.value for state in SuspensionState} - {"requested", "checked"}
    assert set(report.outcomes) == ends | {"later", "notnow", "sameperson"}


def checked_by_anybody(
    suspension: Suspension, by: Hand, now: datetime
) -> tuple[Suspension, Moved | SamePerson | NotNow]:
    """Whoever checks is taken for another person."""
    stranger = Hand(by.operator, PersonId("E-99"))
    return policy.check(suspension, stranger, now)


def checked_by_account(
    suspension: Suspension, by: Hand, now: datetime
) -> tuple[Suspension, Moved | SamePerson | NotNow]:
    """Whoever entered it is compared, whoever asked for it is not."""
    nobody = Hand(OperatorId("nobody"), PersonId("E-98"))
    after, verdict = policy.check(evolve(suspension, requested_by=nobody), by, now)
    return evolve(after, requested_by=suspension.requested_by), verdict


def checked_and_left(suspension: Suspension, by: Hand, now: datetime) -> tuple[Suspension, Moved | SamePerson | NotNow]:
    """It is checked, and that is all."""
    after, verdict = policy.check(suspension, by, now)
    return (evolve(after, state=SuspensionState.CHECKED) if isinstance(verdict, Moved) else after), verdict


def released_at_once(suspension: Suspension) -> tuple[Suspension, Moved | NotNow]:
    """It is released before anybody has checked it."""
    if suspension.state is SuspensionState.STOP_ENTERED:
        return evolve(suspension, state=SuspensionState.RELEASED), Moved()
    return policy.release(suspension)


def never_released(suspension: Suspension) -> tuple[Suspension, Moved | NotNow]:
    """It is not released at all."""
    return suspension, NotNow(suspension.state)


def form_releases(suspension: Suspension, now: datetime) -> tuple[Suspension, Moved | NotNow]:
    """When the form comes it is over."""
    after, verdict = policy.formalise(suspension, now)
    over = after.can(SuspensionEvent.RELEASE) and isinstance(verdict, Moved)
    return (after.on(SuspensionEvent.RELEASE) if over else after), verdict


def rejected_silently(suspension: Suspension, why: Line) -> tuple[Suspension, Moved | NotNow]:
    """It is not said why."""
    after, verdict = policy.reject(suspension, why)
    return evolve(after, why=None), verdict


def entered_again(suspension: Suspension, by: Hand, now: datetime) -> tuple[Suspension, Moved | NotNow]:
    """What has ended is entered again."""
    return policy.enter(evolve(suspension, state=SuspensionState.REQUESTED), by, now)


FAULTS = [
    (SuspensionMachine(Deeds(check=checked_by_anybody)), proof.CHECKED_BY_ANOTHER),
    (SuspensionMachine(Deeds(check=checked_by_account)), proof.CHECKED_BY_ANOTHER),
    (SuspensionMachine(Deeds(check=checked_and_left)), proof.SOMEBODYS_TURN),
    (SuspensionMachine(Deeds(release=released_at_once)), proof.NO_RELEASE_UNCHECKED),
    (SuspensionMachine(Deeds(release=never_released)), proof.WAY_OUT),
    (SuspensionMachine(Deeds(formalise=form_releases)), proof.STAYS),
    (SuspensionMachine(Deeds(reject=rejected_silently)), proof.NEVER_STOPPED),
    (SuspensionMachine(Deeds(enter=entered_again)), proof.ENDS_STAY),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof)
