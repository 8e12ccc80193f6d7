"""Suspension: who asks, what he is told, the table of its life cell by cell, and what a release takes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies import suspension
from janetbank.policies.suspension import (
    ENDS,
    NEXT,
    PAPERS,
    TO_BE_DONE,
    TO_EXPLAIN,
    AskFormerName,
    Cause,
    Explanation,
    Finding,
    Heard,
    Identified,
    IdentityVerdict,
    Moved,
    NotIdentified,
    NotNow,
    Route,
    SamePerson,
    Suspension,
    SuspensionEvent,
    SuspensionState,
    hindrances,
    identify,
    unexplained,
)
from janetbank.values.account import Account
from janetbank.values.line import Line
from janetbank.values.operator import Hand, OperatorId, PersonId
from janetbank.values.paper import Paper
from janetbank.values.person import KanaName

E, S = SuspensionEvent, SuspensionState
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=7)
DUE = date(2026, 11, 24)


def hand(operator: str, person: str) -> Hand:
    """A hand."""
    return Hand(OperatorId(operator), PersonId(person))


TELLER, MAKER, CHECKER = hand("kudo", "E-1"), hand("tanaka", "E-2"), hand("sato", "E-3")


def requested(route: Route = Route.HELP_DESK, state: SuspensionState = SuspensionState.REQUESTED) -> Suspension:
    """A suspension that Kudo took and, further on, Tanaka entered."""
    return Suspension(
        route=route,
        cause=Cause.LOST_DEVICE,
        requested_by=TELLER,
        requested_at=NOW,
        due_on=DUE,
        state=state,
        entered_by=None if state in {S.REQUESTED, S.REJECTED} else MAKER,
    )


# --- Who asks ---------------------------------------------------------------------------------------------------------

TARO, JIRO, OLD = KanaName("ノウキョウタロウ"), KanaName("ノウキョウジロウ"), KanaName("ヤマダタロウ")
HERS, OTHERS = Account.parse("001", "ordinary", "12345"), Account.parse("001", "ordinary", "54321")


@pytest.mark.requirement("SUS-18", "SUS-19", "SUS-20", "SUS-21")
@pytest.mark.parametrize(
    ("name", "former", "account", "verdict"),
    [
        (TARO, None, HERS, Identified()),
        (TARO, OLD, HERS, Identified()),
        (JIRO, None, HERS, AskFormerName()),
        # Married: she gives her new name, and the one on record as her former one.
        (JIRO, TARO, HERS, Identified()),
        (JIRO, OLD, HERS, NotIdentified()),
        (TARO, None, OTHERS, NotIdentified()),
        (TARO, TARO, OTHERS, NotIdentified()),
        (JIRO, None, OTHERS, NotIdentified()),
    ],
)
def test_name_and_account_must_both_be_right(
    name: KanaName, former: KanaName | None, account: Account, verdict: IdentityVerdict
) -> None:
    """A former name counts as the name; it is asked for where the account is right, and nowhere else."""
    assert identify(Heard(name=name, former_name=former, account=account), TARO, HERS) == verdict


# --- What he is told --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-04", "SUS-22", "SUS-23", "SUS-24", "SUS-25", "SUS-26", "SUS-27", "SUS-28")
def test_everything_is_explained_on_both_routes() -> None:
    """At the counter the form is there already, so nothing is said of its following."""
    assert unexplained(Route.HELP_DESK, ()) == tuple(Explanation)
    assert set(Explanation) - set(unexplained(Route.COUNTER, ())) == {Explanation.FORM_FOLLOWS}
    assert TO_EXPLAIN.keys() == set(Route) == PAPERS.keys()


@pytest.mark.requirement("SUS-22", "SUS-25")
@pytest.mark.parametrize("route", Route)
def test_what_is_left_out_is_told(route: Route) -> None:
    """Whatever was confirmed, exactly the rest is still to be explained, in its order; twice is once."""
    items = TO_EXPLAIN[route]
    for explained in chain.from_iterable(combinations(items, size) for size in range(len(items) + 1)):
        left = unexplained(route, explained * 2)
        assert left == tuple(one for one in items if one not in explained)


@pytest.mark.requirement("OPS-07")
def test_the_paper_of_each_route() -> None:
    """IB-1 at the counter, the acceptance slip on the telephone (SUS-05, SUS-29)."""
    assert PAPERS == {Route.COUNTER: Paper.IB_1, Route.HELP_DESK: Paper.ACCEPTANCE_SLIP}


# --- Its life ---------------------------------------------------------------------------------------------------------

# Part 7 of the requirements, written out.
LIFE = {
    (S.REQUESTED, E.ENTER_STOP): S.STOP_ENTERED,
    (S.REQUESTED, E.REJECT): S.REJECTED,
    (S.STOP_ENTERED, E.CHECK): S.CHECKED,
    (S.CHECKED, E.AWAIT_FORM): S.FORMAL_PENDING,
    (S.CHECKED, E.FORMALISE): S.FORMALISED,
    (S.FORMAL_PENDING, E.FORMALISE): S.FORMALISED,
    (S.FORMAL_PENDING, E.RELEASE): S.RELEASED,
    (S.FORMALISED, E.RELEASE): S.RELEASED,
}


@pytest.mark.requirement("SUS-08", "SUS-10", "SUS-11", "SUS-28")
@pytest.mark.parametrize(("state", "event"), [(state, event) for state in SuspensionState for event in SuspensionEvent])
def test_each_cell(state: SuspensionState, event: SuspensionEvent) -> None:
    """Where the requirements have an arrow it is followed; everything else is refused."""
    one = requested(state=state)
    assert one.can(event) == ((state, event) in LIFE)
    if one.can(event):
        assert one.on(event) == evolve(one, state=LIFE[state, event])
    else:
        with pytest.raises(KeyError):
            one.on(event)


def test_the_ends_are_the_states_that_nothing_leads_from() -> None:
    """Everything else can go on, and comes from the request."""
    assert {state for state, _ in NEXT} | ENDS == set(SuspensionState)
    assert not {state for state, _ in NEXT} & ENDS
    assert set(NEXT.values()) | {S.REQUESTED} == set(SuspensionState)


@pytest.mark.requirement("SUS-08")
def test_whoever_enters_it_stands_in_it_with_the_instant() -> None:
    """A stop is entered once."""
    entered, verdict = suspension.enter(requested(), MAKER, LATER)
    assert verdict == Moved()
    assert entered == evolve(requested(), state=S.STOP_ENTERED, entered_by=MAKER, entered_at=LATER)
    assert suspension.enter(entered, MAKER, LATER) == (entered, NotNow(S.STOP_ENTERED))


@pytest.mark.requirement("SUS-11")
def test_a_request_is_rejected_for_a_reason() -> None:
    """Which stands in it; once entered it is rejected no more."""
    rejected, verdict = suspension.reject(requested(), Line("no such subscriber"))
    assert verdict == Moved()
    assert (rejected.state, rejected.why) == (S.REJECTED, Line("no such subscriber"))
    entered = requested(state=S.STOP_ENTERED)
    assert suspension.reject(entered, Line("a mistake")) == (entered, NotNow(S.STOP_ENTERED))


@pytest.mark.requirement("SUS-10", "SUS-32")
@pytest.mark.parametrize("by", [TELLER, hand("kudo-2", "E-1"), MAKER, hand("tanaka-2", "E-2")])
def test_nobody_checks_what_he_had_a_hand_in(by: Hand) -> None:
    """Neither who took the request nor who entered the stop, through none of their accounts."""
    entered = requested(state=S.STOP_ENTERED)
    assert suspension.check(entered, by, LATER) == (entered, SamePerson())


@pytest.mark.requirement("SUS-10", "SUS-28")
@pytest.mark.parametrize(
    ("route", "state", "formalised_at"),
    [(Route.COUNTER, S.FORMALISED, LATER), (Route.HELP_DESK, S.FORMAL_PENDING, None)],
)
def test_after_the_check_the_form_is_there_or_awaited(
    route: Route, state: SuspensionState, formalised_at: datetime | None
) -> None:
    """At the counter it was there from the beginning; whoever called has until the next business day."""
    entered = requested(route, S.STOP_ENTERED)
    checked, verdict = suspension.check(entered, CHECKER, LATER)
    assert verdict == Moved()
    expected = evolve(entered, state=state, checked_by=CHECKER, checked_at=LATER, formalised_at=formalised_at)
    assert checked == expected
    assert suspension.check(checked, CHECKER, LATER) == (checked, NotNow(state))


@pytest.mark.requirement("SUS-28")
def test_the_form_is_taken_once() -> None:
    """When it has come, it has come."""
    formal, verdict = suspension.formalise(requested(state=S.FORMAL_PENDING), LATER)
    assert verdict == Moved()
    assert (formal.state, formal.formalised_at) == (S.FORMALISED, LATER)
    assert suspension.formalise(formal, LATER) == (formal, NotNow(S.FORMALISED))


@pytest.mark.requirement("SUS-01")
@pytest.mark.parametrize("state", SuspensionState)
def test_what_nobody_has_checked_is_not_released(state: SuspensionState) -> None:
    """A release needs the stop to have been checked; IB-1 may be missing still, a release brings a form of its own."""
    before = requested(state=state)
    after, verdict = suspension.release(before)
    if state in {S.FORMAL_PENDING, S.FORMALISED}:
        assert (after.state, verdict) == (S.RELEASED, Moved())
    else:
        assert (after, verdict) == (before, NotNow(state))


@pytest.mark.requirement("SUS-28")
@pytest.mark.parametrize("state", SuspensionState)
def test_what_is_not_done_by_its_day_is_overdue(state: SuspensionState) -> None:
    """From the day after, as long as somebody has something to do; and it is stopped all the same (AMB-33)."""
    one = requested(state=state)
    for days, late in ((-1, False), (0, False), (1, True), (30, True)):
        assert one.overdue(DUE + timedelta(days=days)) == (late and state in TO_BE_DONE)
    assert {S.REQUESTED, S.STOP_ENTERED, S.FORMAL_PENDING} == TO_BE_DONE


STEPS: dict[str, Callable[[Suspension, Hand], Suspension]] = {
    "enter": lambda one, by: suspension.enter(one, by, LATER)[0],
    "reject": lambda one, _: suspension.reject(one, Line("why"))[0],
    "check": lambda one, by: suspension.check(one, by, LATER)[0],
    "formalise": lambda one, _: suspension.formalise(one, LATER)[0],
    "release": lambda one, _: suspension.release(one)[0],
}


@pytest.mark.requirement("SUS-10")
@given(
    st.sampled_from(Route),
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from([TELLER, MAKER, CHECKER])), max_size=15),
)
def test_whatever_is_tried_a_release_has_been_checked_by_another(route: Route, steps: list[tuple[str, Hand]]) -> None:
    """In any history: what is beyond the stop was entered by one and checked by another person than all before him."""
    one = requested(route)
    for step, by in steps:
        before, one = one, STEPS[step](one, by)
        if before.state in ENDS:
            assert one == before
    if one.state not in {S.REQUESTED, S.REJECTED, S.STOP_ENTERED}:
        assert one.entered_by is not None
        assert one.checked_by is not None
        assert one.checked_by not in {one.requested_by, one.entered_by}


# --- What a release takes ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-01", "SUS-02")
@pytest.mark.parametrize("paper", [None, *Paper])
@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("note", [False, True])
def test_a_release_takes_the_form_the_note_and_the_finding(
    paper: Paper | None, finding: Finding, *, note: bool
) -> None:
    """All that is missing is said at once; illicit access that was found is never let go."""
    expected = set[str]()
    if paper is not Paper.IB_3:
        expected.add("case.form_missing")
    if not note:
        expected.add("case.note_missing")
    if finding is Finding.NOT_EXAMINED:
        expected.add("case.not_examined")
    if finding is Finding.ILLICIT_ACCESS:
        expected.add("case.illicit_access")
    told = hindrances(paper, finding, note=note)
    assert {one.code for one in told} == expected
    fields = {"form_missing": "paper", "note_missing": "note", "not_examined": "finding", "illicit_access": "finding"}
    assert [one.field for one in told] == [fields[one.code.removeprefix("case.")] for one in told]
