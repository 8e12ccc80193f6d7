"""Suspension, proved: asked for, entered, checked, formalised and released, by whoever tries.

Three accounts of two people, and one of a third, each try everything at any time, on the day and after it.

Shape:  `SuspensionMachine(deeds)`.
Source: SUS-01..04, 08, 10, 11, 28, 30..32; AMB-17, AMB-33; requirements.md part 7.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from attrs import evolve, frozen

from janetbank.policies import suspension as policy
from janetbank.policies.suspension import (
    ENDS,
    TO_BE_DONE,
    Cause,
    Moved,
    NotNow,
    Route,
    SamePerson,
    Suspension,
    SuspensionState,
)
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, keep
from janetbank.values.line import Line
from janetbank.values.operator import Hand, OperatorId, PersonId

NOW = datetime(2026, 4, 1, tzinfo=UTC)
DUE = date(2026, 4, 2)
WHY = Line("the account is another's")

CHECKED_BY_ANOTHER = "whoever asked for a stop or entered it does not check it, through whichever account"
NO_RELEASE_UNCHECKED = "nothing is released that nobody has checked"
STAYS = "what is stopped stays stopped until it is released, and a day that passes changes nothing"
NEVER_STOPPED = "what was rejected was never stopped, and says why"
SOMEBODYS_TURN = "what waits for somebody is overdue once its day has passed, and nothing else is"
ENDS_STAY = "an end is an end"
WAY_OUT = "it can be brought to an end"


class Act(Enum):
    """What is done, by one of the hands where that counts."""

    ENTER = "enters the stop"
    CHECK = "checks it"
    REJECT = "rejects it"
    FORMALISE = "records the form"
    RELEASE = "releases it, with another one"
    NEXT_DAY = "the day on which it was due passes"


@frozen
class Event:
    """*act* by hand number *by*."""

    act: Act
    by: int = 0


@frozen
class Deeds:
    """The policy's functions."""

    enter: Callable[[Suspension, Hand, datetime], tuple[Suspension, Moved | NotNow]] = policy.enter
    check: Callable[[Suspension, Hand, datetime], tuple[Suspension, Moved | SamePerson | NotNow]] = policy.check
    reject: Callable[[Suspension, Line], tuple[Suspension, Moved | NotNow]] = policy.reject
    formalise: Callable[[Suspension, datetime], tuple[Suspension, Moved | NotNow]] = policy.formalise
    release: Callable[[Suspension], tuple[Suspension, Moved | NotNow]] = policy.release


def _hand(operator: str, person: str) -> Hand:
    return Hand(OperatorId(operator), PersonId(person))


HANDS = (
    _hand("desk", "E-1"),
    _hand("desk-2", "E-1"),
    _hand("clerk", "E-2"),
    _hand("clerk-2", "E-2"),
    _hand("head", "E-3"),
)
"""Two people with two accounts each, and a third; the first of them takes the request."""

_STOPPED = frozenset(
    {
        SuspensionState.STOP_ENTERED,
        SuspensionState.CHECKED,
        SuspensionState.FORMAL_PENDING,
        SuspensionState.FORMALISED,
    }
)
_OF_SOMEBODY = (Act.ENTER, Act.CHECK)


@frozen(cache_hash=True)
class Moment:
    """The suspension as it is stored, whether its day has *passed*, and whether it was *stopped* and *checked*."""

    suspension: Suspension
    passed: bool = False
    stopped: bool = False
    checked: bool = False


@frozen
class SuspensionMachine(Machine[Moment, Event]):
    """One suspension, to which people do the *deeds* of the policy."""

    deeds: Deeds = Deeds()

    def starts(self) -> Iterable[Moment]:
        """Asked for, by telephone and at the counter."""
        for route in Route:
            yield Moment(
                Suspension(route=route, cause=Cause.LOST_DEVICE, requested_by=HANDS[0], requested_at=NOW, due_on=DUE)
            )

    def events(self, state: Moment) -> Iterable[Event]:
        """Everything, by everybody."""
        for act in Act:
            if act is not Act.NEXT_DAY or not state.passed:
                yield from (Event(act, by) for by in (range(len(HANDS)) if act in _OF_SOMEBODY else (0,)))

    def after(self, state: Moment, event: Event) -> tuple[Moment, str]:
        """What follows, with the laws."""
        if event.act is Act.NEXT_DAY:
            then = evolve(state, passed=True)
            _check(state, then)
            return then, "later"
        after, verdict = self._do(state.suspension, event)
        moved = isinstance(verdict, Moved)
        if moved and event.act is Act.CHECK:
            _checked_by_another(state.suspension, HANDS[event.by])
        stopped = state.stopped or (moved and event.act is Act.ENTER)
        checked = state.checked or (moved and event.act is Act.CHECK)
        released = moved and event.act is Act.RELEASE
        keep(NO_RELEASE_UNCHECKED, not released or state.checked, "it is released in {}", state.suspension.state.value)
        then = Moment(after, state.passed, stopped and not released, checked)
        _check(state, then)
        return then, after.state.value if moved else type(verdict).__name__.lower()

    def _do(self, suspension: Suspension, event: Event) -> tuple[Suspension, object]:
        match event.act:
            case Act.ENTER:
                return self.deeds.enter(suspension, HANDS[event.by], NOW)
            case Act.CHECK:
                return self.deeds.check(suspension, HANDS[event.by], NOW)
            case Act.REJECT:
                return self.deeds.reject(suspension, WHY)
            case Act.FORMALISE:
                return self.deeds.formalise(suspension, NOW)
            case _:
                return self.deeds.release(suspension)

    def ways(self) -> Sequence[Way[Moment, Event]]:
        """It can end."""
        return (Way(law=WAY_OUT, of=lambda _: True, to=lambda moment: moment.suspension.state in ENDS),)

    def say(self, event: Event) -> str:
        """Who does what."""
        if event.act is Act.NEXT_DAY:
            return str(event.act.value)
        return f"{HANDS[event.by].operator if event.act in _OF_SOMEBODY else 'somebody'} {event.act.value}"

    def show(self, state: Moment) -> str:
        """Where it stands."""
        return f"{state.suspension.state.value}, by {state.suspension.route.value}{', overdue' if state.passed else ''}"


def _checked_by_another(before: Suspension, hand: Hand) -> None:
    had_part = {one.person for one in (before.requested_by, before.entered_by) if one is not None}
    keep(CHECKED_BY_ANOTHER, hand.person not in had_part, "{} has checked it", hand.operator)


def _check(before: Moment, then: Moment) -> None:
    suspension = then.suspension
    state = suspension.state
    keep(STAYS, (state in _STOPPED) == then.stopped, "it is {}", state.value)
    keep(ENDS_STAY, before.suspension.state not in ENDS or suspension == before.suspension, "it is {}", state.value)
    rejected = state is SuspensionState.REJECTED
    keep(NEVER_STOPPED, not rejected or (suspension.entered_by is None and suspension.why == WHY), "it is rejected")
    today = DUE + timedelta(days=then.passed)
    waits = state in TO_BE_DONE and then.passed
    keep(SOMEBODYS_TURN, suspension.overdue(today) == waits, "it is {} on {}", state.value, today)
    keep(SOMEBODYS_TURN, state is not SuspensionState.CHECKED, "it was checked, and nothing follows")


def machines(_: Profile) -> Iterable[tuple[str, Machine[Moment, Event]]]:
    """The same for every profile."""
    return [("suspension", SuspensionMachine())]
