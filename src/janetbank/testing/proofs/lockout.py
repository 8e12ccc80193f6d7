"""Lockout, proved: three attempts race at one counter, whatever becomes of each, under a clock that errs.

An attempt reserves a guess, and it is found right or wrong and settled, or given back, or dies; late or in time, in any
order.  Three are in flight at most, and as many come after one another as it takes until nothing is new.  Between two
of these moves the clock ticks a third of the patience, jumps to the end of a lock or to just before it, or steps back.
The counter may be released at any time, and where right entries do not clear it, cleared.

What is evaluated between reserving and settling touches nothing that is shared, so when it happens makes no difference:
a guess counts as evaluated as soon as it is reserved.

A witness stands beside the policy, who knows nothing of its state and only notes what was granted, said and waited for.
The laws compare what he has noted with what the policy stores and says.

What is told apart: instants as they lie from now; tickets by their order, and only as far as a right entry of somebody
who holds one could clear others by it; who holds which is the same.  A ticket that counts for nothing any more is as
good as any other one.

Shape:  `LockoutMachine(rule)`.
Source: LCK-01..03, 05..07, 10..12, 16; TRAPS "Counting wrong entries"; docs/decisions/0001, 0003, 0005.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import assert_never

from attrs import evolve, frozen

from janetbank.policies.lockout import (
    Blocked,
    Busy,
    Cleared,
    Counted,
    GivenBack,
    Locked,
    Lockout,
    Open,
    Reserved,
    Standing,
    Tally,
    Ticket,
    Void,
    WrongVerdict,
)
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Broken, Machine, Way, keep

ATTEMPTS = 3
"""How many race."""

NOW = datetime(2026, 4, 1, tzinfo=UTC)
"""The present instant of every state."""

NO_MORE = "no more guesses are evaluated than the rule allows"
NO_LOSS = "no failure is lost, and none is invented"
BLOCKS = "it blocks exactly after so many locks without a right entry"
NOTHING_LOCKED = "nothing is evaluated, and nothing is counted, while it is locked or blocked"
LOCK_STANDS = "a lock ends when it was said to end"
RIGHT_COUNTS = "a right entry in time is taken, and clears what it should and no more"
LATE_IS_VOID = "what has run out is void"
NOBODY_WAITS = "nobody waits for others' unsettled guesses beyond their deadline"
TIME_OPENS = "whoever waits can guess again, unless it is blocked"
RELEASE_OPENS = "a release opens it, whatever it stood at"


class Act(Enum):
    """What happens."""

    RESERVE = "a guess is to be reserved"
    RIGHT = "is found right, and settled"
    WRONG = "is found wrong, and settled"
    GIVE_BACK = "is given back, since nobody learned what it was"
    CRASH = "is left by an attempt that dies"
    TICK = "a third of the patience passes"
    NEARLY = "time passes until just before the lock's end"
    END = "time passes until the lock's end"
    STEP_BACK = "the clock steps back by a third of the patience"
    RELEASE = "the counter is released"
    CLEAR = "what follows from a right entry happens, and clears the counter"


CLOCK = frozenset({Act.TICK, Act.NEARLY, Act.END})
"""Time alone."""


@frozen
class Event:
    """*act*, with the ticket number *of* those that are held where it is about one."""

    act: Act
    of: int = -1


@frozen(kw_only=True)
class Witness:
    """What somebody knows who only notes what happens.

    Tickets *due* are undecided and will count, *forgiven* ones will not; *failed* are the numbers of those that did
    since the last right entry or lock; *evaluated* how many were let through since the last right entry.
    """

    failed: tuple[int, ...] = ()
    due: tuple[Ticket, ...] = ()
    forgiven: tuple[Ticket, ...] = ()
    evaluated: int = 0
    locks: int = 0
    until: datetime | None = None
    blocked: bool = False

    def at(self, now: datetime, rule: Lockout) -> "Witness":
        """What he knows at *now*: what has run out has failed, and a lock may be over."""
        seen = self
        if any(one.deadline <= now for one in self.forgiven):
            seen = evolve(seen, forgiven=tuple(one for one in seen.forgiven if one.deadline > now))
        if any(one.deadline <= now for one in self.due):
            for ticket in sorted(self.due, key=_deadline):
                if ticket.deadline <= now and ticket in seen.due:
                    seen = seen.fail(ticket, ticket.deadline, rule)
        return evolve(seen, until=None) if seen.until is not None and seen.until <= now else seen

    def fail(self, ticket: Ticket, when: datetime, rule: Lockout) -> "Witness":
        """What he knows once *ticket* has failed; the failure that is one too many locks, and voids what is due."""
        failed = tuple(sorted((*self.failed, ticket.number)))
        if len(failed) < rule.trips_at:
            return evolve(self, failed=failed, due=_without(ticket, self.due))
        locks = self.locks + 1
        if locks >= rule.lockouts_to_block or rule.rest is None:
            return Witness(evaluated=self.evaluated, locks=locks, blocked=True)
        return Witness(evaluated=self.evaluated, locks=locks, until=when + rule.rest)

    def right(self, ticket: Ticket) -> "Witness":
        """What he knows once *ticket*, which was due, was right and cleared."""
        failed = tuple(number for number in self.failed if number > ticket.number)
        due = tuple(one for one in self.due if one.number > ticket.number)
        earlier = tuple(one for one in self.due if one.number < ticket.number)
        return Witness(failed=failed, due=due, forgiven=(*self.forgiven, *earlier), evaluated=len(failed) + len(due))

    def without(self, ticket: Ticket, evaluated: int | None = None) -> "Witness":
        """What he knows once *ticket* counts no more."""
        return evolve(
            self,
            due=_without(ticket, self.due),
            forgiven=_without(ticket, self.forgiven),
            evaluated=self.evaluated if evaluated is None else evaluated,
        )


@frozen(cache_hash=True)
class World:
    """A moment: what is stored, the tickets that somebody holds, and what the witness knows."""

    tally: Tally = Tally()
    held: tuple[Ticket, ...] = ()
    seen: Witness = Witness()

    @property
    def alive(self) -> list[Ticket]:
        """The tickets of which something may still come."""
        return [*self.tally.open, *self.tally.forgiven, *self.seen.due, *self.seen.forgiven]

    def stored(self, tally: Tally, seen: Witness) -> "World":
        """The moment after *tally* was stored, of which the witness knows what he has *seen*."""
        return World(tally, self.held, seen)


@frozen
class LockoutMachine(Machine[World, Event]):
    """One counter's *rule*, as three attempts race at it."""

    rule: Lockout

    @property
    def tick(self) -> timedelta:
        """A third of the patience: three attempts can have three deadlines."""
        return self.rule.patience / ATTEMPTS

    def starts(self) -> Iterable[World]:
        """A new counter."""
        return [World()]

    def events(self, state: World) -> Iterable[Event]:
        """Everything that may happen next."""
        living = [one for one in (*state.seen.due, *state.seen.forgiven) if one.deadline > NOW]
        if len({*living, *state.held}) + state.held.count(_VOID) - (_VOID in state.held) < ATTEMPTS:
            yield _event(Act.RESERVE)
        for at, ticket in enumerate(state.held):
            if not (ticket == _VOID and at):
                yield from (_event(act, at) for act in _OF_ONE)
        yield from map(_event, self._clock(state))
        yield _event(Act.RELEASE)
        if not self.rule.clears:
            yield _event(Act.CLEAR)

    def _clock(self, state: World) -> Iterable[Act]:
        latest = max((ticket.deadline for ticket in state.alive), default=NOW)
        if latest > NOW:
            yield Act.TICK
        if (until := state.seen.at(NOW, self.rule).until) is not None:
            if until - NOW > self.tick:
                yield Act.NEARLY
            yield Act.END
        # So that nothing lies further ahead than it ever did, by more than a tick.
        if NOW < latest <= NOW + self.rule.patience or self._lock_begins_or_ends(state.tally.locked_until):
            yield Act.STEP_BACK

    def _lock_begins_or_ends(self, until: datetime | None) -> bool:
        if until is None or self.rule.rest is None:
            return False
        return until <= NOW or self.rule.rest - self.tick < until - NOW <= self.rule.rest

    def after(self, state: World, event: Event) -> tuple[World, str]:
        """What follows, with the laws of what was granted and said, and of what is stored then."""
        then, outcome = self._do(state, event)
        if then is state:
            return state, outcome
        self._check(then)
        return _folded(then), outcome

    def _do(self, state: World, event: Event) -> tuple[World, str]:
        match event.act:
            case Act.RESERVE:
                return self._reserve(state)
            case Act.RIGHT | Act.WRONG | Act.GIVE_BACK | Act.CRASH:
                left = (*state.held[: event.of], *state.held[event.of + 1 :])
                return self._of_one(World(state.tally, left, state.seen), event.act, state.held[event.of])
            case Act.TICK:
                return _shifted(state, self.tick), "later"
            case Act.STEP_BACK:
                return _shifted(state, -self.tick), "earlier"
            case Act.NEARLY | Act.END:
                until = state.seen.at(NOW, self.rule).until
                assert until is not None  # or it would not be one of the events
                ahead = until - NOW - (self.tick if event.act is Act.NEARLY else timedelta())
                return _shifted(state, ahead), "later"
            case Act.RELEASE:
                return World(self.rule.release(state.tally), state.held), "released"
            case Act.CLEAR:
                return self._clear(state)
            case _ as never:
                assert_never(never)

    def _of_one(self, state: World, act: Act, ticket: Ticket) -> tuple[World, str]:
        """An attempt that held *ticket*, and does no more, ends."""
        if act is Act.CRASH:
            return state, "left"
        seen = state.seen.at(NOW, self.rule)
        if act is Act.WRONG:
            return self._wrong(state, seen, ticket)
        if act is Act.RIGHT and self.rule.clears:
            return self._right(state, seen, ticket)
        back = self.rule.give_back if act is Act.GIVE_BACK else self.rule.settle_right
        tally, verdict = back(state.tally, ticket, NOW)
        if ticket not in (*seen.due, *seen.forgiven):
            keep(LATE_IS_VOID, verdict == _IS_VOID, "the verdict is {}", _named(verdict))
            return state.stored(tally, seen), "void"
        keep(RIGHT_COUNTS, verdict == _IS_BACK, "the verdict is {}", _named(verdict))
        return state.stored(tally, seen.without(ticket, evaluated=seen.evaluated - (ticket in seen.due))), "given back"

    def _reserve(self, state: World) -> tuple[World, str]:
        tally, verdict = self.rule.reserve(state.tally, NOW)
        seen = state.seen.at(NOW, self.rule)
        if isinstance(verdict, Reserved):
            held = (*state.held, verdict.ticket)
            return World(tally, held, self._granted(seen, verdict.ticket)), "reserved"
        keep(NOTHING_LOCKED, tally.issued == state.tally.issued, "a refusal has counted something")
        if isinstance(verdict, Busy):
            self._busy(state, seen, verdict)
        else:
            _same_standing(seen, verdict)
        # As the flow does: a refusal writes nothing, unless it finds that what ran out has locked.
        tripped = tally.lockouts > state.tally.lockouts
        return state.stored(tally, seen) if tripped else state, _named(verdict)

    def _granted(self, seen: Witness, ticket: Ticket) -> Witness:
        keep(NOTHING_LOCKED, not seen.blocked and seen.until is None, "a guess was let through")
        evaluated, in_a_row = seen.evaluated + 1, len(seen.due) + len(seen.failed) + 1
        most, most_ever = self.rule.trips_at, self.rule.guesses_to_block
        keep(NO_MORE, in_a_row <= most, "this is guess {} without a lock, and {} are allowed", in_a_row, most)
        keep(NO_MORE, evaluated <= most_ever, "this is guess {}, and {} are allowed", evaluated, most_ever)
        keep(NO_LOSS, ticket.deadline == NOW + self.rule.patience, "the ticket has another deadline")
        return Witness(
            failed=seen.failed,
            due=(*seen.due, ticket),
            forgiven=seen.forgiven,
            evaluated=evaluated,
            locks=seen.locks,
        )

    def _busy(self, state: World, seen: Witness, verdict: Busy) -> None:
        full = len(seen.due) + len(seen.failed) >= self.rule.trips_at
        keep(NOBODY_WAITS, seen.due and full, "he is told to wait, and there is nothing to wait for")
        deadlines = [one.deadline for one in seen.due]
        keep(NOBODY_WAITS, verdict.until == min(deadlines), "he is told to wait for something else")
        then = self.rule.reserve(state.tally, max(deadlines))[1]
        keep(NOBODY_WAITS, not isinstance(then, Busy), "when all of them have run out, he still waits")

    def _right(self, state: World, seen: Witness, ticket: Ticket) -> tuple[World, str]:
        tally, verdict = self.rule.settle_right(state.tally, ticket, NOW)
        if ticket in seen.due:
            keep(RIGHT_COUNTS, verdict == _IS_CLEARED, "the verdict is {}", _named(verdict))
            return state.stored(tally, seen.right(ticket)), "cleared"
        if ticket in seen.forgiven:
            keep(RIGHT_COUNTS, verdict == _IS_CLEARED, "the verdict is {}", _named(verdict))
            return state.stored(tally, seen.without(ticket)), "let in, forgiven before"
        keep(LATE_IS_VOID, verdict == _IS_VOID, "the verdict is {}", _named(verdict))
        return state.stored(tally, seen), "void"

    def _wrong(self, state: World, seen: Witness, ticket: Ticket) -> tuple[World, str]:
        tally, verdict = self.rule.settle_wrong(state.tally, ticket, NOW)
        if ticket in seen.due:
            seen = seen.fail(ticket, NOW, self.rule)
        elif ticket in seen.forgiven:
            seen = seen.without(ticket)
        _same_standing(seen, verdict)
        return state.stored(tally, seen), _named(verdict)

    def _clear(self, state: World) -> tuple[World, str]:
        tally = self.rule.clear(state.tally, NOW)
        seen = state.seen.at(NOW, self.rule)
        if seen.until is None and not seen.blocked:
            seen = evolve(seen, failed=(), locks=0, evaluated=len(seen.due))
        return state.stored(tally, seen), "cleared"

    def _check(self, state: World) -> None:
        """What holds at every moment."""
        tally, seen = state.tally, state.seen
        keep(NO_MORE, len(tally.failed) + len(tally.open) <= self.rule.trips_at, "more are in flight than may fail")
        keep(NO_LOSS, _same(tally.failed, seen.failed), "it counts {}, and {} have failed", tally.failed, seen.failed)
        keep(NO_LOSS, _same(tally.open, seen.due), "of those in flight others will count than should")
        keep(RIGHT_COUNTS, _same(tally.forgiven, seen.forgiven), "others are forgiven than should be")
        keep(BLOCKS, tally.lockouts == seen.locks, "{} locks are kept of {}", tally.lockouts, seen.locks)
        keep(BLOCKS, (tally.blocked_since is not None) == seen.blocked, "there were {} locks", seen.locks)
        _same_end(seen, tally.locked_until)
        _same_standing(seen.at(NOW, self.rule), self.rule.standing(tally, NOW))

    def ways(self) -> Sequence[Way[World, Event]]:
        """Time opens what is not blocked; a release opens everything."""
        return (
            Way(law=TIME_OPENS, of=_anything, to=self._decided, by=lambda event: event.act in CLOCK),
            Way(law=RELEASE_OPENS, of=_anything, to=self._open, by=lambda event: event.act is Act.RELEASE),
        )

    def _open(self, state: World) -> bool:
        return isinstance(self.rule.reserve(state.tally, NOW)[1], Reserved)

    def _decided(self, state: World) -> bool:
        return isinstance(self.rule.reserve(state.tally, NOW)[1], Reserved | Blocked)

    def say(self, event: Event) -> str:
        """The act, and of which ticket."""
        return event.act.value if event.of < 0 else f"held ticket {event.of + 1} {event.act.value}"

    def show(self, state: World) -> str:
        """What is stored, and what is held."""
        tally = state.tally
        parts = [f"failed {len(tally.failed)}", f"locks {tally.lockouts}"]
        for name, tickets in (("in flight", tally.open), ("forgiven", tally.forgiven)):
            parts += [f"{name} until {', '.join(_at(one.deadline) for one in tickets)}"] if tickets else []
        parts += [f"locked until {_at(tally.locked_until)}"] if tally.locked_until else []
        parts += ["blocked"] if tally.blocked_since else []
        parts += [f"held {len(state.held)}"] if state.held else []
        return "; ".join(parts)


def machines(profile: Profile) -> Iterable[tuple[str, Machine[World, Event]]]:
    """Every counter of *profile*, and that of its operators."""
    for counter, rule in profile.lockouts.items():
        yield counter.value, LockoutMachine(rule)
    yield "operators", LockoutMachine(profile.operators.lockout)


_OF_ONE = (Act.RIGHT, Act.WRONG, Act.GIVE_BACK, Act.CRASH)

_IS_VOID, _IS_CLEARED, _IS_BACK = Void(), Cleared(), GivenBack()
_VOID = Ticket(0, NOW)
"""Any ticket that counts for nothing any more."""


@cache
def _event(act: Act, of: int = -1) -> Event:
    return Event(act, of)


@cache
def _ticket(number: int, deadline: datetime) -> Ticket:
    return Ticket(number, deadline)


def _same_standing(seen: Witness, told: Standing | WrongVerdict) -> None:
    """What is *told* is what the witness knows."""
    match told:
        case Open() | Counted():
            keep(NOTHING_LOCKED, not seen.blocked and seen.until is None, "it is told to be open")
        case Locked(until):
            _same_end(seen, until)
        case Blocked():
            keep(BLOCKS, seen.blocked, "it is told to be blocked, after {} locks", seen.locks)
        case _ as never:
            assert_never(never)


def _same_end(seen: Witness, told: datetime | None) -> None:
    if told != seen.until:
        raise Broken(LOCK_STANDS, f"it ends at {_at(told)}, and was to end at {_at(seen.until)}")


def _same(kept: tuple[object, ...], noted: tuple[object, ...]) -> bool:
    return kept == noted or (len(kept) == len(noted) and set(kept) == set(noted))


def _anything(_: World) -> bool:
    return True


def _named(verdict: object) -> str:
    return type(verdict).__name__.lower()


def _at(instant: datetime | None) -> str:
    return "never" if instant is None else f"{(instant - NOW) / timedelta(seconds=1):+g} s"


def _without(ticket: Ticket, tickets: tuple[Ticket, ...]) -> tuple[Ticket, ...]:
    return tuple(one for one in tickets if one != ticket)


def _shifted(state: World, ahead: timedelta) -> World:
    """*state*, seen from an instant that lies *ahead*."""
    tally, seen = state.tally, state.seen

    def tickets(were: tuple[Ticket, ...]) -> tuple[Ticket, ...]:
        return tuple(one if one == _VOID else _ticket(one.number, one.deadline - ahead) for one in were)

    return World(
        evolve(
            tally,
            open=tickets(tally.open),
            forgiven=tickets(tally.forgiven),
            locked_until=tally.locked_until and tally.locked_until - ahead,
        ),
        tickets(state.held),
        evolve(seen, due=tickets(seen.due), forgiven=tickets(seen.forgiven), until=seen.until and seen.until - ahead),
    )


def _folded(state: World) -> World:
    """*state* with tickets numbered by their order, as far as that makes a difference."""
    tally, seen = state.tally, state.seen
    deadlines = {one.number: one.deadline for one in state.alive}
    living = sorted([one.number for one in state.held if one.number in deadlines])
    failed = {*tally.failed, *seen.failed}

    def place(number: int) -> tuple[int, bool, bool, bool, datetime]:
        # Between two tickets that somebody holds it makes no difference which of the others came first.
        gap = bisect_left(living, number)
        if number in living:
            return gap, True, False, False, NOW
        return gap, False, number in tally.failed, number in seen.failed, deadlines.get(number, NOW)

    new = {number: at for at, number in enumerate(sorted(failed.union(deadlines), key=place), 1)}

    def tickets(were: tuple[Ticket, ...]) -> tuple[Ticket, ...]:
        if not were:
            return were
        return tuple(sorted([_ticket(new[one.number], one.deadline) for one in were], key=_number))

    def numbers(were: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted([new[number] for number in were])) if were else were

    held = [_ticket(new[one.number], one.deadline) if one.number in deadlines else _VOID for one in state.held]
    return World(
        Tally(
            failed=numbers(tally.failed),
            open=tickets(tally.open),
            forgiven=tickets(tally.forgiven),
            issued=len(new),
            lockouts=tally.lockouts,
            locked_until=tally.locked_until,
            blocked_since=tally.blocked_since and NOW,
        ),
        tuple(sorted(held, key=_number)),
        Witness(
            failed=numbers(seen.failed),
            due=tickets(seen.due),
            forgiven=tickets(seen.forgiven),
            evaluated=seen.evaluated,
            locks=seen.locks,
            until=seen.until,
            blocked=seen.blocked,
        ),
    )


def _number(ticket: Ticket) -> int:
    return ticket.number


def _deadline(ticket: Ticket) -> datetime:
    return ticket.deadline
