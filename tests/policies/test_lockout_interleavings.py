"""Lockout in a small world, in every order.

Three guessers come again and again; each may be right, be wrong, or die with a ticket in his hand, while a clock ticks
(and once ticks back).  Every order in which this can happen is walked, and after every move the laws are checked
against what a bystander knows who only counts: which tickets still count, which of them failed, how many locks came.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve, frozen

from janetbank.policies.lockout import (
    AtLeast,
    Blocked,
    Busy,
    Cleared,
    Counted,
    Locked,
    Lockout,
    MoreThan,
    Open,
    Reserved,
    RightVerdict,
    Tally,
    Threshold,
    Ticket,
    Void,
)

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GUESSERS = 3


@frozen
class Size:
    """How large a small world is: its clock stops after *seconds*, and *guesses* are made in it."""

    seconds: int
    guesses: int


@frozen
class Bystander:
    """What somebody knows who counts.

    Undecided tickets that *count*, and those *forgiven*; the numbers that *failed*; the *locks* in a row.
    """

    count: frozenset[Ticket] = frozenset()
    forgiven: frozenset[Ticket] = frozenset()
    failed: frozenset[int] = frozenset()
    locks: int = 0
    until: datetime | None = None
    blocked: bool = False

    def at(self, now: datetime, rule: Lockout) -> "Bystander":
        """What he knows at *now*, when tickets have run out and a lock may be over."""
        seen = evolve(self, forgiven=frozenset(ticket for ticket in self.forgiven if ticket.deadline > now))
        for ticket in sorted(self.count, key=lambda ticket: ticket.deadline):
            if ticket.deadline <= now:
                seen = seen.fail(ticket, ticket.deadline, rule)
        return evolve(seen, until=None) if seen.until is not None and seen.until <= now else seen

    def fail(self, ticket: Ticket, when: datetime, rule: Lockout) -> "Bystander":
        """What he knows once *ticket* has failed; the failure that is one too many locks."""
        failed = self.failed | {ticket.number}
        if len(failed) < rule.trips_at:
            return evolve(self, count=self.count - {ticket}, failed=failed)
        locks = self.locks + 1
        if locks == rule.lockouts_to_block:
            return Bystander(locks=locks, blocked=True)
        assert rule.rest is not None
        return Bystander(locks=locks, until=when + rule.rest)

    def clear(self, number: int) -> "Bystander":
        """What he knows once ticket *number* was right."""
        earlier = frozenset(ticket for ticket in self.count if ticket.number < number)
        return Bystander(
            count=frozenset(ticket for ticket in self.count if ticket.number > number),
            forgiven=self.forgiven | earlier,
            failed=frozenset(other for other in self.failed if other > number),
        )


@frozen
class World:
    """A moment: the tally as stored, the clock, the tickets in the guessers' hands, and the bystander's knowledge."""

    tally: Tally = Tally()
    second: int = 0
    stepped_back: bool = False
    hands: tuple[Ticket, ...] = ()
    seen: Bystander = Bystander()

    @property
    def now(self) -> datetime:
        """The clock."""
        return T0 + self.second * SECOND


Move = tuple[str, World]


def moves(world: World, rule: Lockout, size: Size) -> Iterator[Move]:
    """Everything that can happen next, with the laws of that move checked."""
    if world.second < size.seconds:
        yield "tick", evolve(world, second=world.second + 1)
    if not world.stepped_back and world.second > 0:
        yield "step back", evolve(world, second=world.second - 1, stepped_back=True)
    if len(world.hands) < GUESSERS and world.tally.issued < size.guesses:
        yield reserve(world, rule)
    for ticket in world.hands:
        yield "crash", evolve(world, hands=without(world.hands, ticket))
        yield settle_right(world, rule, ticket)
        yield settle_wrong(world, rule, ticket)


def without(hands: tuple[Ticket, ...], ticket: Ticket) -> tuple[Ticket, ...]:
    """The *hands* with *ticket* let go."""
    return tuple(other for other in hands if other != ticket)


def reserve(world: World, rule: Lockout) -> Move:
    """A guesser comes."""
    tally, verdict = rule.reserve(world.tally, world.now)
    seen = world.seen.at(world.now, rule)
    match verdict:
        case Reserved(ticket):
            # Nothing is let through while locked or blocked, nor beyond the rule's number.
            assert seen.until is None
            assert not seen.blocked
            assert len(seen.count) + len(seen.failed) < rule.trips_at
            seen = evolve(seen, count=seen.count | {ticket})
            return "reserved", evolve(world, tally=tally, hands=(*world.hands, ticket), seen=seen)
        case Busy(until):
            # He is told to wait, not that he is locked, and for no longer than the guesses in flight may take.
            assert len(seen.count) + len(seen.failed) == rule.trips_at
            assert until == min(ticket.deadline for ticket in seen.count)
        case Locked(until):
            assert until == seen.until
        case Blocked():
            assert seen.blocked
    return type(verdict).__name__, evolve(world, tally=tally, seen=seen)


def settle_right(world: World, rule: Lockout, ticket: Ticket) -> Move:
    """A guess ends right."""
    tally, verdict = rule.settle_right(world.tally, ticket, world.now)
    seen = world.seen.at(world.now, rule)
    expected: RightVerdict
    if ticket in seen.count:
        kind, expected, seen = "cleared", Cleared(), seen.clear(ticket.number)
    elif ticket in seen.forgiven:
        kind, expected, seen = "forgiven", Cleared(), evolve(seen, forgiven=seen.forgiven - {ticket})
    else:
        kind, expected = "void", Void()
    assert verdict == expected
    return kind, evolve(world, tally=tally, hands=without(world.hands, ticket), seen=seen)


def settle_wrong(world: World, rule: Lockout, ticket: Ticket) -> Move:
    """A guess ends wrong."""
    tally, verdict = rule.settle_wrong(world.tally, ticket, world.now)
    seen = world.seen.at(world.now, rule)
    if ticket in seen.count:
        seen = seen.fail(ticket, world.now, rule)
    seen = evolve(seen, forgiven=seen.forgiven - {ticket})
    if verdict == Counted():
        assert seen.until is None
        assert not seen.blocked
    elif isinstance(verdict, Locked):
        assert verdict.until == seen.until
    else:
        assert seen.blocked
    return f"wrong: {type(verdict).__name__}", evolve(world, tally=tally, hands=without(world.hands, ticket), seen=seen)


def check(world: World, rule: Lockout) -> None:
    """The laws that hold at every moment."""
    tally, seen = world.tally, world.seen
    # Never more in flight and failed than may fail.
    assert len(tally.failed) + len(tally.open) <= rule.trips_at
    # No failure is lost, none is invented, and what may still be right is still open.
    assert set(tally.failed) == seen.failed
    assert set(tally.open) == seen.count
    assert set(tally.forgiven) == seen.forgiven
    # Blocked exactly after so many locks in a row; a lock ends when it was said to end.
    assert tally.lockouts == seen.locks
    assert (tally.blocked_since is not None) == seen.blocked == (seen.locks == rule.lockouts_to_block)
    assert tally.locked_until == seen.until
    # What anybody would be told now follows from what the bystander knows.
    now = seen.at(world.now, rule)
    standing = rule.standing(tally, world.now)
    assert isinstance(standing, Blocked) == now.blocked
    assert (standing.until if isinstance(standing, Locked) else None) == now.until
    assert isinstance(standing, Open) == (now.until is None and not now.blocked)


def explore(rule: Lockout, size: Size) -> tuple[int, Counter[str]]:
    """Walk every order; how many moments there are, and how often each kind of move was made."""
    start = World()
    met, todo, kinds = {start}, [start], Counter[str]()
    while todo:
        for kind, after in moves(todo.pop(), rule, size):
            kinds[kind] += 1
            if after not in met:
                check(after, rule)
                met.add(after)
                todo.append(after)
    return len(met), kinds


REST = 2 * SECOND
PATIENCE = 2 * SECOND
EVERY_KIND = {
    *("tick", "step back", "crash", "reserved", "Busy", "Locked", "Blocked"),
    *("cleared", "forgiven", "void", "wrong: Counted", "wrong: Locked", "wrong: Blocked"),
}


def small(tolerance: Threshold, rest: timedelta | None, lockouts: int) -> Lockout:
    """A rule for a small world."""
    return Lockout(tolerance=tolerance, rest=rest, lockouts_to_block=lockouts, patience=PATIENCE)


@pytest.mark.requirement("LCK-01", "LCK-02", "LCK-03", "LCK-10", "LCK-11", "LCK-16")
@pytest.mark.parametrize(
    ("rule", "size", "moments", "never"),
    [
        # One at a time: nothing can be forgiven.
        (small(AtLeast(1), None, 1), Size(6, 5), 1_000, {"forgiven", "Locked", "wrong: Locked", "wrong: Counted"}),
        (small(MoreThan(0), REST, 2), Size(6, 5), 2_500, {"forgiven"}),
        (small(AtLeast(1), SECOND, 3), Size(6, 5), 5_000, {"forgiven"}),
        # Two, and three, side by side; the last world is too small for six wrong entries.
        (small(MoreThan(1), None, 1), Size(6, 4), 15_000, {"Locked", "wrong: Locked"}),
        (small(AtLeast(2), REST, 2), Size(5, 5), 30_000, set[str]()),
        (small(MoreThan(2), REST, 2), Size(4, 4), 15_000, {"Blocked", "wrong: Blocked"}),
    ],
)
def test_every_order(rule: Lockout, size: Size, moments: int, never: set[str]) -> None:
    """In every order of three guessers' guesses, ends and deaths and of the clock's ticks the laws hold."""
    met, kinds = explore(rule, size)
    sys.stdout.write(f"{met:,} moments, {kinds.total():,} moves: {dict(kinds)}\n")
    # Nothing was left out: the world is as large as it should be, and everything that can happen did.
    assert met >= moments
    assert set(kinds) == EVERY_KIND - never


@pytest.mark.search
@pytest.mark.parametrize(
    "rule", [small(MoreThan(1), None, 1), small(AtLeast(2), SECOND, 3), small(MoreThan(2), REST, 2)], ids=repr
)
def test_every_order_of_a_larger_world(rule: Lockout) -> None:
    """The same for a second and a guess more (make search)."""
    met, _ = explore(rule, Size(7, 5))
    assert met > 50_000
