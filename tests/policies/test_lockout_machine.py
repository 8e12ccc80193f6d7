"""Lockout under any history: many guessers, crashes, clocks that jump and rules that change, against a second opinion.

The policy keeps a tally and moves it on.  The model keeps no state at all: it writes down what happened and, at every
question, judges the whole log from the beginning, giving each ticket ever issued a fate.  Both are compared after every
step, since a comparison at the end alone misses faults that heal.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from attrs import frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from janetbank.policies.lockout import (
    AtLeast,
    Blocked,
    Busy,
    Cleared,
    Counted,
    GivenBack,
    Locked,
    Lockout,
    MoreThan,
    Open,
    Reserved,
    ReserveVerdict,
    RightVerdict,
    Standing,
    Tally,
    Ticket,
    Void,
    WrongVerdict,
)

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
HOUR = timedelta(minutes=60)

RULES = [
    Lockout(tolerance=MoreThan(6), rest=HOUR, lockouts_to_block=3),
    Lockout(tolerance=MoreThan(5), rest=HOUR, lockouts_to_block=2),
    Lockout(tolerance=AtLeast(10), rest=None, lockouts_to_block=1),
    Lockout(tolerance=AtLeast(1), rest=10 * SECOND, lockouts_to_block=2, patience=3 * SECOND),
    Lockout(tolerance=AtLeast(2), rest=10 * SECOND, lockouts_to_block=3, patience=3 * SECOND),
    Lockout(tolerance=MoreThan(2), rest=10 * SECOND, lockouts_to_block=2, patience=3 * SECOND),
    Lockout(tolerance=AtLeast(2), rest=None, lockouts_to_block=1, patience=3 * SECOND),
    Lockout(tolerance=MoreThan(2), rest=SECOND, lockouts_to_block=3, patience=60 * SECOND),
    Lockout(tolerance=MoreThan(2), rest=10 * SECOND, lockouts_to_block=2, clears=False, patience=3 * SECOND),
]


What = Literal["reserve", "right", "wrong", "back", "clear", "release"]

Fate = Literal["open", "failed", "forgiven", "spent"]
"""What became of a ticket: in flight, counted as wrong, in flight but not counting, or gone without a trace."""


@frozen
class Entry:
    """One line of the log: at *now* by the writer's clock, under *rule*, *what* was done with ticket *number*."""

    now: datetime
    rule: Lockout
    what: What | Literal["look"]
    number: int = 0


class Story:
    """The log told from its beginning; at its end stand the fate of each ticket and the answer to the last line."""

    def __init__(self, log: list[Entry]) -> None:
        self.fates: dict[int, Fate] = {}
        self.deadlines: dict[int, datetime] = {}
        self.trips: list[datetime] = []
        self.shut: Locked | Blocked | None = None
        self.answer: ReserveVerdict | RightVerdict | WrongVerdict | None = None
        for entry in log:
            self._time(entry)
            match entry.what:
                case "look":
                    pass
                case "reserve":
                    self.answer = self._reserve(entry)
                case "right":
                    self.answer = self._right(entry.number) if entry.rule.clears else self._back(entry.number)
                case "back":
                    self.answer = self._back(entry.number)
                case "clear":
                    self._clear()
                case "wrong":
                    self.answer = self._wrong(entry)
                case "release":
                    self.fates, self.trips, self.shut = dict.fromkeys(self.fates, "spent"), [], None

    @property
    def standing(self) -> Standing:
        """How the counter stands at the end of the log."""
        return self.shut or Open()

    def numbers(self, *kinds: Fate) -> list[int]:
        """The tickets of those fates."""
        return [number for number, fate in self.fates.items() if fate in kinds]

    def _time(self, entry: Entry) -> None:
        """What had fallen due when the line was written, each at its own moment."""
        due = sorted((self.deadlines[number], number) for number in self.numbers("open", "forgiven"))
        for moment, number in due:
            if not moment > entry.now:
                self._strike(number, moment, entry.rule)
        self._trip(entry.now, entry.rule)
        if isinstance(self.shut, Locked) and not self.shut.until > entry.now:
            self.shut = None

    def _strike(self, number: int, moment: datetime, rule: Lockout) -> None:
        if self.fates[number] == "forgiven":
            self.fates[number] = "spent"
        elif self.fates[number] == "open":
            self.fates[number] = "failed"
            self._trip(moment, rule)

    def _trip(self, moment: datetime, rule: Lockout) -> None:
        if len(self.numbers("failed")) < rule.trips_at:
            return
        self.fates = dict.fromkeys(self.fates, "spent")
        self.trips.append(moment)
        blocks = rule.rest is None or len(self.trips) >= rule.lockouts_to_block
        self.shut = Blocked(moment) if blocks else Locked(moment + (rule.rest or HOUR))

    def _reserve(self, entry: Entry) -> ReserveVerdict:
        if self.shut:
            return self.shut
        if len(self.numbers("open", "failed")) >= entry.rule.trips_at:
            return Busy(min(self.deadlines[number] for number in self.numbers("open")))
        number = len(self.fates) + 1
        self.fates[number], self.deadlines[number] = "open", entry.now + entry.rule.patience
        return Reserved(Ticket(number, self.deadlines[number]))

    def _right(self, number: int) -> RightVerdict:
        fate = self.fates[number]
        if fate not in {"open", "forgiven"}:
            return Void()
        self.fates[number] = "spent"
        if fate == "open":
            self.trips = []
            for earlier in range(1, number):
                self.fates[earlier] = "forgiven" if self.fates[earlier] in {"open", "forgiven"} else "spent"
        return Cleared()

    def _back(self, number: int) -> RightVerdict:
        if self.fates[number] not in {"open", "forgiven"}:
            return Void()
        self.fates[number] = "spent"
        return GivenBack()

    def _clear(self) -> None:
        if not self.shut:
            self.trips = []
            self.fates |= dict.fromkeys(self.numbers("failed"), "spent")

    def _wrong(self, entry: Entry) -> WrongVerdict:
        self._strike(entry.number, entry.now, entry.rule)
        return self.shut or Counted()


class Guessers(RuleBasedStateMachine):
    """Any number of guessers at one counter; whoever is not settled any more has crashed."""

    def __init__(self) -> None:
        super().__init__()
        self.rule = RULES[0]
        self.tally = Tally()
        self.now = T0
        self.log: list[Entry] = []
        self.tickets: list[Ticket] = []
        self.last_right = 0
        self.back: set[int] = set()

    def write(self, what: What, number: int = 0) -> Story:
        """Note what happens, and tell the story up to it."""
        self.log.append(Entry(self.now, self.rule, what, number))
        return Story(self.log)

    def ticket(self, which: int) -> Ticket:
        """A ticket in flight, or one of the last that were."""
        some = [*self.tally.open, *self.tally.forgiven, *self.tickets[-2:]]
        return some[which % len(some)]

    @initialize(rule=st.sampled_from(RULES))
    def a_bank_has_its_numbers(self, rule: Lockout) -> None:
        """One of the rules, of the sources or small."""
        self.rule = rule

    @rule(several=st.integers(1, 8))
    def guessers_come(self, several: int) -> None:
        """Some guessers come at once, and mostly one too many."""
        for _ in range(several):
            self.tally, verdict = self.rule.reserve(self.tally, self.now)
            assert verdict == self.write("reserve").answer
            if not isinstance(verdict, Reserved):
                break
            self.tickets.append(verdict.ticket)

    @precondition(lambda self: self.tickets)
    @rule(ends=st.lists(st.tuples(st.integers(0, 20), st.sampled_from("wwwr")), min_size=1, max_size=8))
    def guesses_end(self, ends: list[tuple[int, str]]) -> None:
        """Some guesses end, right or wrong, whatever has become of their tickets."""
        for which, end in ends:
            (self.end_right if end == "r" else self.end_wrong)(self.ticket(which))

    @precondition(lambda self: self.tally.open)
    @rule()
    def the_newest_is_right(self) -> None:
        """The guess that came last ends first, and right."""
        self.end_right(self.tally.open[-1])

    def end_wrong(self, ticket: Ticket) -> None:
        """A guess ends wrong."""
        self.tally, verdict = self.rule.settle_wrong(self.tally, ticket, self.now)
        assert verdict == self.write("wrong", ticket.number).answer

    def end_right(self, ticket: Ticket) -> None:
        """A guess ends right."""
        self.tally, verdict = self.rule.settle_right(self.tally, ticket, self.now)
        assert verdict == self.write("right", ticket.number).answer
        if isinstance(verdict, Cleared):
            self.last_right = max(self.last_right, ticket.number)
        if isinstance(verdict, GivenBack):
            self.back.add(ticket.number)

    @precondition(lambda self: self.tickets)
    @rule(which=st.integers(0, 20))
    def nobody_learned_what_it_was(self, which: int) -> None:
        """A guess comes to nothing."""
        ticket = self.ticket(which)
        self.tally, verdict = self.rule.give_back(self.tally, ticket, self.now)
        assert verdict == self.write("back", ticket.number).answer
        if isinstance(verdict, GivenBack):
            self.back.add(ticket.number)

    @precondition(lambda self: self.tally.failed or self.tally.lockouts)
    @rule()
    def what_follows_from_a_right_entry_happens(self) -> None:
        """A payment is processed."""
        self.tally = self.rule.clear(self.tally, self.now)
        if self.write("clear").standing == Open():
            self.last_right = self.tally.issued - len(self.tally.open) - len(self.tally.forgiven)

    @rule(which=st.integers(0, 20), off=st.sampled_from([-TICK, 0 * TICK, TICK]))
    def something_falls_due(self, which: int, off: timedelta) -> None:
        """The clock goes on to where a ticket runs out or a lock ends, or just beside it."""
        ends = [ticket.deadline for ticket in (*self.tally.open, *self.tally.forgiven)]
        if self.tally.locked_until:
            ends.append(self.tally.locked_until)
        if ends:
            self.now = max(self.now, ends[which % len(ends)] + off)

    @rule(by=st.sampled_from([TICK, SECOND, 2 * SECOND, HOUR, -TICK, -SECOND, -2 * SECOND]))
    def the_clock_steps(self, by: timedelta) -> None:
        """Time passes; or the next machine's clock is a little behind."""
        self.now += by

    @precondition(lambda self: self.tally.blocked_since or self.tally.forgiven)
    @rule()
    def somebody_releases(self) -> None:
        """Whoever may do so opens the counter: mostly one that is blocked, sometimes one that is in use."""
        self.tally = self.rule.release(self.tally)
        self.write("release")
        self.last_right = self.tally.issued

    @invariant()
    def both_tell_the_same(self) -> None:
        """What is stored, and what anybody would find now, are what the story says."""
        stored = Story(self.log)
        assert list(self.tally.failed) == stored.numbers("failed")
        assert [ticket.number for ticket in self.tally.open] == stored.numbers("open")
        assert sorted(ticket.number for ticket in self.tally.forgiven) == stored.numbers("forgiven")
        assert self.tally.lockouts == len(stored.trips)
        assert self.tally.issued == len(stored.fates)
        now = Story([*self.log, Entry(self.now, self.rule, "look")])
        assert self.rule.standing(self.tally, self.now) == now.standing

    @invariant()
    def no_more_is_evaluated_than_the_rule_allows(self) -> None:
        """Between two right entries or releases no more guesses are ever let through than the rule's number."""
        evaluated = set(range(self.last_right + 1, self.tally.issued + 1)) - self.back
        assert len(evaluated) <= self.rule.guesses_to_block
        assert len(self.tally.failed) + len(self.tally.open) <= self.rule.trips_at


class GuessersAmidChange(Guessers):
    """The same while the bank changes its numbers, so that only the story is compared."""

    @rule(rule=st.sampled_from(RULES))
    def the_numbers_change(self, rule: Lockout) -> None:
        """The profile changes while the counter is live."""
        self.rule = rule

    def no_more_is_evaluated_than_the_rule_allows(self) -> None:
        """With every change of rules another number holds."""


MACHINES = pytest.mark.parametrize("machine", [Guessers, GuessersAmidChange])


@pytest.mark.requirement("LCK-01", "LCK-02", "LCK-03", "LCK-10", "LCK-11", "LCK-16")
@MACHINES
def test_any_history(machine: type[Guessers]) -> None:
    """After every step of any history the policy and the story agree."""
    run_state_machine_as_test(machine, settings=settings(max_examples=100))


@pytest.mark.search
@MACHINES
def test_any_history_at_length(machine: type[Guessers]) -> None:
    """The same, searched at length (make search)."""
    run_state_machine_as_test(machine)
