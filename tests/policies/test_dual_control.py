"""Dual control: one proposes, another person decides, once, in time, and on what was proposed."""

from datetime import UTC, datetime, timedelta
from inspect import signature

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.dual_control import (
    NEXT,
    Approved,
    Closed,
    DualControl,
    NotTheMaker,
    Proposal,
    ProposalEvent,
    ProposalState,
    Rejected,
    SamePerson,
    Stale,
    Withdrawn,
)
from janetbank.values.line import Line
from janetbank.values.operator import Hand, OperatorId, PersonId

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
RULE = DualControl(lifetime=DAY)
ENDS = [state for state in ProposalState if state is not ProposalState.OPEN]


def hand(operator: str, person: str) -> Hand:
    """A hand."""
    return Hand(OperatorId(operator), PersonId(person))


TANAKA, TANAKA_2 = hand("tanaka", "E-1"), hand("tanaka-2", "E-1")
SATO, SUZUKI = hand("sato", "E-2"), hand("suzuki", "E-3")
NO = Line("no")
DIGEST, OTHER = "a" * 64, "b" * 64


def proposal(state: ProposalState = ProposalState.OPEN) -> Proposal:
    """What Tanaka proposed."""
    made = RULE.propose(TANAKA, DIGEST, NOW)
    return made if state is ProposalState.OPEN else evolve(made, state=state, closed_at=NOW)


def test_the_table_leads_from_open_to_each_end_and_no_further() -> None:
    """Every state but the first is an end, which one event alone leads to."""
    assert {state for state, _ in NEXT} == {ProposalState.OPEN}
    assert sorted(NEXT.values(), key=list(ProposalState).index) == ENDS
    assert {event for _, event in NEXT} == set(ProposalEvent)


@pytest.mark.requirement("OPS-08", "SUS-10")
def test_what_one_proposes_another_approves() -> None:
    """Both hands and both instants stand in it."""
    made = proposal()
    assert made == Proposal(digest=DIGEST, maker=TANAKA, made_at=NOW, expires_at=NOW + DAY)
    approved, verdict = RULE.approve(made, SATO, DIGEST, NOW + TICK)
    assert verdict == Approved()
    assert approved == evolve(made, state=ProposalState.APPROVED, checker=SATO, closed_at=NOW + TICK)


@pytest.mark.requirement("SUS-10")
@pytest.mark.parametrize("by", [TANAKA, TANAKA_2], ids=["the same account", "a second account"])
@pytest.mark.parametrize("digest", [DIGEST, OTHER])
def test_nobody_decides_what_he_proposed(by: Hand, digest: str) -> None:
    """Through none of his accounts, whether or not the target changed; the proposal stays as it is."""
    made = proposal()
    assert RULE.approve(made, by, digest, NOW) == (made, SamePerson())
    assert RULE.reject(made, by, NO, NOW) == (made, SamePerson())


def test_there_is_no_switch() -> None:
    """The rule has one number, and no method takes anything that could turn it off."""
    assert [field.name for field in fields(DualControl)] == ["lifetime"]
    for method, parameters in (
        (RULE.approve, ["proposal", "by", "digest", "now"]),
        (RULE.reject, ["proposal", "by", "reason", "now"]),
        (RULE.withdraw, ["proposal", "by", "now"]),
    ):
        assert list(signature(method).parameters) == parameters


def test_a_target_that_changed_is_stale_for_good() -> None:
    """What was decided on is no longer so; that it is so again later does not bring the proposal back."""
    stale, verdict = RULE.approve(proposal(), SATO, OTHER, NOW)
    assert verdict == Stale()
    assert (stale.state, stale.checker, stale.closed_at) == (ProposalState.STALE, SATO, NOW)
    assert RULE.approve(stale, SUZUKI, DIGEST, NOW) == (stale, Closed(ProposalState.STALE))


@pytest.mark.parametrize(
    ("at", "state"), [(DAY - TICK, "open"), (DAY, "open"), (DAY + TICK, "expired"), (365 * DAY, "expired")]
)
def test_a_proposal_waits_until_its_last_instant(at: timedelta, state: str) -> None:
    """That instant included; afterwards it expired when its time was over, whenever somebody looks."""
    found = proposal().at(NOW + at)
    assert found.state is ProposalState(state)
    assert found.closed_at == (None if state == "open" else NOW + DAY)
    open_, now = state == "open", NOW + at
    expired = Closed(ProposalState.EXPIRED)
    assert RULE.approve(proposal(), SATO, DIGEST, now)[1] == (Approved() if open_ else expired)
    assert RULE.reject(proposal(), SATO, NO, now)[1] == (Rejected() if open_ else expired)
    assert RULE.withdraw(proposal(), TANAKA, now)[1] == (Withdrawn() if open_ else expired)


@pytest.mark.parametrize(
    ("until", "expires_at"), [(None, NOW + DAY), (NOW + 2 * DAY, NOW + DAY), (NOW + TICK, NOW + TICK)]
)
def test_a_deadline_of_the_matter_shortens_the_wait(until: datetime | None, expires_at: datetime) -> None:
    """It never lengthens it."""
    assert RULE.propose(TANAKA, DIGEST, NOW, until=until).expires_at == expires_at


@pytest.mark.requirement("SUS-11")
def test_a_rejection_has_a_reason() -> None:
    """Which stands in the proposal."""
    rejected, verdict = RULE.reject(proposal(), SATO, Line("the seal differs"), NOW)
    assert verdict == Rejected()
    closed = ProposalState.REJECTED
    assert rejected == evolve(proposal(), state=closed, checker=SATO, reason=Line("the seal differs"), closed_at=NOW)


def test_its_maker_takes_it_back_and_nobody_else() -> None:
    """Through any of his accounts."""
    made = proposal()
    assert RULE.withdraw(made, SATO, NOW) == (made, NotTheMaker())
    for by in (TANAKA, TANAKA_2):
        withdrawn, verdict = RULE.withdraw(made, by, NOW + TICK)
        assert verdict == Withdrawn()
        assert withdrawn.closed_at == NOW + TICK
        assert (withdrawn.state, withdrawn.checker) == (ProposalState.WITHDRAWN, None)


@pytest.mark.parametrize("state", ENDS)
def test_what_is_decided_is_decided(state: ProposalState) -> None:
    """Nothing more is done to it, by anybody, and everybody is told how it ended; not even time changes it."""
    done = proposal(state)
    for by in (TANAKA, TANAKA_2, SATO):
        assert RULE.approve(done, by, DIGEST, NOW) == (done, Closed(state))
        assert RULE.reject(done, by, NO, NOW) == (done, Closed(state))
        assert RULE.withdraw(done, by, NOW) == (done, Closed(state))
    assert done.at(NOW + 365 * DAY) == done


@pytest.mark.parametrize("lifetime", [timedelta(0), -TICK])
def test_a_lifetime_of_nothing_is_none(lifetime: timedelta) -> None:
    """What nobody could ever approve is no rule."""
    with pytest.raises(ValueError, match="waits for some time"):
        DualControl(lifetime=lifetime)


HANDS = st.sampled_from([TANAKA, TANAKA_2, SATO, SUZUKI])
ACTS = st.tuples(
    st.sampled_from(["approve", "reject", "withdraw"]), HANDS, st.sampled_from([DIGEST, OTHER]), st.integers(0, 30)
)


@pytest.mark.requirement("SUS-10", "OPS-08")
@given(st.lists(ACTS, max_size=12))
def test_whatever_is_tried_two_people_stand_behind_an_approval(acts: list[tuple[str, Hand, str, int]]) -> None:
    """In any history at most one act counts, and one approved has another person than the maker for its checker."""
    made, now, effective = proposal(), NOW, 0
    for act, by, digest, hours in acts:
        now += timedelta(hours=hours)
        before = made
        match act:
            case "approve":
                made, verdict = RULE.approve(made, by, digest, now)
                effective += isinstance(verdict, Approved)
            case "reject":
                made, _ = RULE.reject(made, by, NO, now)
            case _:
                made, _ = RULE.withdraw(made, by, now)
        if before.state is not ProposalState.OPEN:
            assert made == before
    assert effective == (made.state is ProposalState.APPROVED)
    if made.state is ProposalState.APPROVED:
        assert made.checker is not None
        assert not made.checker.is_same_person(made.maker)
        assert made.closed_at is not None
        assert made.closed_at <= made.expires_at


def test_the_least_lifetime_is_one() -> None:
    """However short: how long a proposal should wait is the bank's to say."""
    assert DualControl(lifetime=TICK).propose(TANAKA, DIGEST, NOW).expires_at == NOW + TICK
