"""Dual control, proved: a maker with two accounts, two checkers who decide at once, a target that changes, time.

Each checker looks at the proposal and decides later, on what he saw; the store takes his decision where the proposal is
still what he saw (`Conflict` where it is not, and then he looks again).  The maker tries to decide it through both of
his accounts; anybody tries to take it back.

Shape:  `DualControlMachine(rules)`.
Source: AMB-17, SUS-10, OPS-08, LCK-08; ASVS 2.3.5; TRAPS "a switch turns the two-person rule off".
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

from attrs import evolve, frozen

from janetbank.policies.dual_control import (
    Approved,
    Closed,
    DualControl,
    Proposal,
    ProposalState,
    Rejected,
    SamePerson,
    Stale,
    Withdrawn,
)
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, keep
from janetbank.values.line import Line
from janetbank.values.operator import Hand, OperatorId, PersonId

MADE = datetime(2026, 4, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)

TWO_PEOPLE = "nothing is done that one person alone has wanted, through however many accounts"
AS_PROPOSED = "nothing is done to a target that is not what was decided on any more"
ONCE = "a proposal is decided once, and then stays decided"
IN_TIME = "nothing is decided after its time"
MAKER_TAKES_BACK = "nobody but its maker takes a proposal back"
REASONED = "a rejection keeps its reason"
WAITING_ENDS = "time alone ends the waiting for a checker"
CAN_BE_DONE = "an open proposal can be approved and done"


def _hand(operator: str, person: str) -> Hand:
    return Hand(OperatorId(operator), PersonId(person))


MAKER = _hand("maker", "E-1")
WHY = Line("the form is not his")
HANDS = (MAKER, _hand("maker-2", "E-1"), _hand("checker", "E-2"), _hand("other-checker", "E-3"))
"""The maker through both of his accounts, and two other people."""


class Deed(Enum):
    """What somebody does."""

    LOOK = "looks at it"
    APPROVE = "approves what he saw"
    REJECT = "rejects what he saw"
    WITHDRAW = "takes it back"


class Change(Enum):
    """What happens around it."""

    TARGET = "the target changes"
    BACK = "the target is changed back"
    WAIT = "time passes, to the next instant at which something changes"


@frozen
class Done:
    """*deed* by hand number *by*."""

    deed: Deed
    by: int


Event = Done | Change


@frozen(cache_hash=True)
class Moment:
    """The proposal as it is stored, what each hand has *looked* at, whether the target *changed*, and what was done."""

    proposal: Proposal
    looked: tuple[Proposal | None, ...] = (None,) * len(HANDS)
    changed: bool = False
    done: bool = False
    instant: int = 0


_EVENTS: tuple[Event, ...] = (*(Done(deed, by) for deed in Deed for by in range(len(HANDS))), *Change)


@frozen
class DualControlMachine(Machine[Moment, Event]):
    """One proposal, under *rules*."""

    rules: DualControl

    @property
    def instants(self) -> Sequence[datetime]:
        """When it was made, the last instant for a decision, and the first after it."""
        return (MADE, MADE + self.rules.lifetime, MADE + self.rules.lifetime + TICK)

    def starts(self) -> Iterable[Moment]:
        """Just proposed; also where it must be decided sooner than the rule has it."""
        return [Moment(self.rules.propose(MAKER, "as it is", MADE, until=until)) for until in (None, MADE)]

    def events(self, state: Moment) -> Iterable[Event]:
        """Everything; time ends."""
        return (event for event in _EVENTS if event is not Change.WAIT or state.instant + 1 < len(self.instants))

    def after(self, state: Moment, event: Event) -> tuple[Moment, str]:
        """What follows, with the laws."""
        if event is Change.WAIT:
            return evolve(state, instant=state.instant + 1), "later"
        if isinstance(event, Change):
            return evolve(state, changed=event is Change.TARGET), event.name.lower()
        if event.deed is Deed.LOOK:
            looked = tuple(state.proposal if at == event.by else one for at, one in enumerate(state.looked))
            return evolve(state, looked=looked), "looked"
        saw = state.looked[event.by]
        if saw is None:
            return state, "has not looked"
        return self._decide(state, event, saw)

    def _decide(self, state: Moment, event: Done, saw: Proposal) -> tuple[Moment, str]:
        hand, now = HANDS[event.by], self.instants[state.instant]
        after, verdict = self._do(event.deed, saw, hand, "changed" if state.changed else "as it is", now)
        if saw != state.proposal:
            return state, "conflict"
        self._check(state, after, verdict, hand, now)
        done = state.done or isinstance(verdict, Approved)
        return evolve(state, proposal=after, done=done), type(verdict).__name__.lower()

    def _do(self, deed: Deed, saw: Proposal, hand: Hand, digest: str, now: datetime) -> tuple[Proposal, object]:
        match deed:
            case Deed.APPROVE:
                return self.rules.approve(saw, hand, digest, now)
            case Deed.WITHDRAW:
                return self.rules.withdraw(saw, hand, now)
            case _:
                return self.rules.reject(saw, hand, WHY, now)

    def _check(self, state: Moment, after: Proposal, verdict: object, hand: Hand, now: datetime) -> None:
        before = state.proposal
        open_, last = before.state is ProposalState.OPEN, before.expires_at
        keep(ONCE, open_ or after == before, "it was {} and is {}", before.state.value, after.state.value)
        keep(ONCE, open_ or isinstance(verdict, Closed), "it was {} before", before.state.value)
        if isinstance(verdict, Approved):
            keep(TWO_PEOPLE, hand.person != before.maker.person, "its maker approved it as {}", hand.operator)
            keep(AS_PROPOSED, not state.changed, "the target was changed")
            keep(ONCE, not state.done, "it is done again")
        if isinstance(verdict, Rejected):
            keep(TWO_PEOPLE, hand.person != before.maker.person, "its maker rejected it as {}", hand.operator)
            keep(REASONED, after.reason == WHY, "it is {}", after.reason)
        if isinstance(verdict, Withdrawn):
            keep(MAKER_TAKES_BACK, hand.person == before.maker.person, "it was {}", hand.operator)
        if isinstance(verdict, Approved | Rejected | Withdrawn | Stale):
            keep(IN_TIME, now <= last, "it is decided {} after its time", now - last)
        if isinstance(verdict, SamePerson):
            keep(ONCE, after == before, "a refusal has changed it")
        approved = after.state is ProposalState.APPROVED
        keep(TWO_PEOPLE, not approved or (after.checker and after.checker.person != after.maker.person), "no checker")

    def ways(self) -> Sequence[Way[Moment, Event]]:
        """It does not wait for ever, and is not in vain."""
        return (
            Way(
                law=WAITING_ENDS,
                of=lambda moment: moment.proposal.state is ProposalState.OPEN,
                to=lambda moment: self._at(moment) is not ProposalState.OPEN,
                by=lambda event: event is Change.WAIT,
            ),
            Way(
                law=CAN_BE_DONE,
                of=lambda moment: self._at(moment) is ProposalState.OPEN,
                to=lambda moment: moment.done,
            ),
        )

    def _at(self, moment: Moment) -> ProposalState:
        return moment.proposal.at(self.instants[moment.instant]).state

    def say(self, event: Event) -> str:
        """Who does what."""
        return event.value if isinstance(event, Change) else f"{HANDS[event.by].operator} {event.deed.value}"

    def show(self, state: Moment) -> str:
        """The proposal, and its target."""
        target = "changed" if state.changed else "as it was"
        return f"{state.proposal.state.value}, {self.instants[state.instant] - MADE} on; the target is {target}"


def machines(profile: Profile) -> Iterable[tuple[str, Machine[Moment, Event]]]:
    """The operators of *profile*."""
    return [("operators", DualControlMachine(profile.operators.dual_control))]
