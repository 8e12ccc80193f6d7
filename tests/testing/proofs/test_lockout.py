"""The proof of lockouts: it holds for small rules in all their shapes, and finds whatever is planted."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve, frozen

from janetbank import profiles
from janetbank.model.contract import Counter
from janetbank.policies.lockout import (
    AtLeast,
    Blocked,
    Busy,
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
from janetbank.testing.explore import _Walk, explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import lockout as proof
from janetbank.testing.proofs.lockout import NOW, Act, LockoutMachine, World, _folded
from tests.testing.proofs.planted import Without, laws, story_of

HOUR = timedelta(minutes=60)
SMALL = Lockout(tolerance=AtLeast(2), rest=HOUR, lockouts_to_block=2)
ALWAYS = {"reserved", "released", "left", "later", "earlier", "void", "given back", "busy", "blocked"}


@pytest.mark.requirement("LCK-01", "LCK-02", "LCK-03", "LCK-06", "LCK-10", "LCK-11", "LCK-12", "LCK-16")
@pytest.mark.parametrize(
    ("rule", "states", "happens"),
    [
        (SMALL, 2_887, {"cleared", "counted", "locked", "let in, forgiven before"}),
        (evolve(SMALL, clears=False), 549, {"cleared", "counted", "locked"}),
        (Lockout(tolerance=AtLeast(1), rest=None, lockouts_to_block=1), 37, {"cleared"}),
        (Lockout(tolerance=MoreThan(0), rest=timedelta(seconds=7), lockouts_to_block=3), 139, {"cleared", "locked"}),
        (
            Lockout(tolerance=MoreThan(1), rest=None, lockouts_to_block=1),
            2_130,
            {"cleared", "counted", "let in, forgiven before"},
        ),
        (evolve(SMALL, rest=timedelta(seconds=1), patience=timedelta(seconds=100)), 3_916, {"cleared", "locked"}),
    ],
    ids=lambda value: f"{value.tolerance} of {value.lockouts_to_block}" if isinstance(value, Lockout) else "",
)
def test_small_rules_keep_every_law(rule: Lockout, states: int, happens: set[str]) -> None:
    """Every law holds in every interleaving, everything that can happen did, and the world is as large as ever."""
    report = explore(LockoutMachine(rule))
    assert report.proven, report.story
    assert set(report.outcomes) >= ALWAYS | happens
    assert report.states == states


def test_every_counter_of_a_profile_is_proved() -> None:
    """No counter is left out, and the operators' neither."""
    subjects = dict(proof.machines(profiles.JA))
    assert subjects.keys() == {*(counter.value for counter in profiles.JA.lockouts), "operators"}
    assert subjects["code"] == LockoutMachine(profiles.JA.lockouts[Counter.CODE])


def test_what_is_folded_makes_no_difference() -> None:
    """Where all tickets keep their order, and only their numbers are forgotten, the same worlds are found."""

    @frozen
    class Unfolded(LockoutMachine):
        def after(self, state: World, event: proof.Event) -> tuple[World, str]:
            then, outcome = self._do(state, event)
            self._check(then)
            return in_order(then), outcome

    def worlds(machine: LockoutMachine) -> list[World]:
        walk = _Walk(machine, 100_000)
        assert walk.all() is None
        return walk.states

    unfolded, folded = worlds(Unfolded(SMALL)), worlds(LockoutMachine(SMALL))
    assert len(unfolded) > len(folded)
    assert {_folded(world) for world in unfolded} == set(folded)


def in_order(world: World) -> World:
    """*world* with its tickets numbered from 1, in their order; those that count for nothing have none."""
    tally, seen = world.tally, world.seen
    living = {one.number for one in world.alive}
    numbers = sorted(living | set(tally.failed) | set(seen.failed))
    new = {number: at for at, number in enumerate(numbers, 1)}

    def tickets(were: tuple[Ticket, ...]) -> tuple[Ticket, ...]:
        renumbered = [Ticket(new[one.number], one.deadline) if one.number in living else Ticket(0, NOW) for one in were]
        return tuple(sorted(renumbered, key=lambda one: one.number))

    def counted(were: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(new[number] for number in were)

    return World(
        evolve(
            tally,
            failed=counted(tally.failed),
            open=tickets(tally.open),
            forgiven=tickets(tally.forgiven),
            issued=len(new),
            blocked_since=tally.blocked_since and NOW,
        ),
        tickets(world.held),
        evolve(seen, failed=counted(seen.failed), due=tickets(seen.due), forgiven=tickets(seen.forgiven)),
    )


# --- Planted faults ---------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class ReservationForgotten(Lockout):
    """The guess is let through, and nothing of it is stored."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Forget it."""
        after, verdict = super().reserve(tally, now)
        return (tally if isinstance(verdict, Reserved) else after), verdict


@frozen(kw_only=True)
class OneTooMany(Lockout):
    """`>` for `>=` where guesses in flight are counted."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """One more."""
        after, verdict = super().reserve(tally, now)
        if not isinstance(verdict, Busy) or len(after.failed) + len(after.open) > self.trips_at:
            return after, verdict
        ticket = Ticket(after.issued + 1, now + self.patience)
        return evolve(after, issued=ticket.number, open=(*after.open, ticket)), Reserved(ticket)


@frozen(kw_only=True)
class LocksOneLater(Lockout):
    """`>` for `>=` where failures are counted."""

    def _fail(self, tally: Tally, ticket: Ticket, at: datetime) -> Tally:
        failed = tuple(sorted((*tally.failed, ticket.number)))
        tally = evolve(tally, failed=failed, open=tuple(one for one in tally.open if one != ticket))
        return self._trip(tally, at) if len(failed) > self.trips_at else tally


@frozen(kw_only=True)
class DeadlineIgnored(Lockout):
    """What nobody settles stays open for ever."""

    def _elapse(self, tally: Tally, now: datetime) -> Tally:
        if tally.locked_until is not None and tally.locked_until <= now:
            return evolve(tally, locked_until=None)
        return tally


@frozen(kw_only=True)
class OverdueForgotten(Lockout):
    """What has run out is dropped, and does not count: a crash is a free guess."""

    def _elapse(self, tally: Tally, now: datetime) -> Tally:
        return super()._elapse(evolve(tally, open=tuple(one for one in tally.open if one.deadline > now)), now)


@frozen(kw_only=True)
class LockExtended(Lockout):
    """Whoever comes while it is locked locks it anew."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Lock anew."""
        after, verdict = super().reserve(tally, now)
        if isinstance(verdict, Locked):
            return evolve(after, locked_until=now + HOUR), Locked(now + HOUR)
        return after, verdict


@frozen(kw_only=True)
class LockForgotten(Lockout):
    """A lock that nobody looks at."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Let through."""
        return super().reserve(evolve(tally, locked_until=None), now)


@frozen(kw_only=True)
class ClearsTooMuch(Lockout):
    """A right entry clears what was reserved after it, too."""

    def settle_right(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, RightVerdict]:
        """Clear everything."""
        after, verdict = super().settle_right(tally, ticket, now)
        return (after if isinstance(verdict, Void) else Tally(issued=after.issued, forgiven=after.forgiven)), verdict


@frozen(kw_only=True)
class ClearsTooLittle(Lockout):
    """A right entry leaves the locks in a row."""

    def settle_right(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, RightVerdict]:
        """Leave them."""
        after, verdict = super().settle_right(tally, ticket, now)
        return evolve(after, lockouts=tally.lockouts), verdict


@frozen(kw_only=True)
class ForgivenIgnored(Lockout):
    """Of two right entries side by side one is turned away."""

    def settle_right(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, RightVerdict]:
        """Turn away."""
        after, verdict = super().settle_right(tally, ticket, now)
        return (after, Void()) if ticket in tally.forgiven else (after, verdict)


@frozen(kw_only=True)
class NothingForgiven(Lockout):
    """What a right entry should have cleared in flight still counts."""

    def settle_right(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, RightVerdict]:
        """Leave it open."""
        after, verdict = super().settle_right(tally, ticket, now)
        return evolve(after, open=(*after.forgiven, *after.open), forgiven=()), verdict


@frozen(kw_only=True)
class LateTaken(Lockout):
    """A right entry is right, however late."""

    def settle_right(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, RightVerdict]:
        """Take it."""
        return super().settle_right(tally, ticket, min(now, ticket.deadline - timedelta(microseconds=1)))


@frozen(kw_only=True)
class LateGivenBack(Lockout):
    """What has run out is given back all the same."""

    def give_back(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, GivenBack | Void]:
        """Take it back."""
        return super().give_back(tally, ticket, now)[0], GivenBack()


@frozen(kw_only=True)
class BackIsCounted(Lockout):
    """What is given back is said to be void."""

    def give_back(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, GivenBack | Void]:
        """Say so."""
        return super().give_back(tally, ticket, now)[0], Void()


@frozen(kw_only=True)
class TimeClears(Lockout):
    """When a lock has ended, so have the locks in a row."""

    def _elapse(self, tally: Tally, now: datetime) -> Tally:
        after = super()._elapse(tally, now)
        return evolve(after, lockouts=0) if tally.locked_until and not after.locked_until else after


@frozen(kw_only=True)
class BlocksLater(Lockout):
    """One lock more than the rule has it."""

    def _trip(self, tally: Tally, at: datetime) -> Tally:
        lockouts = tally.lockouts + 1
        if lockouts <= self.lockouts_to_block:
            return Tally(issued=tally.issued, lockouts=lockouts, locked_until=at + HOUR)
        return Tally(issued=tally.issued, lockouts=lockouts, blocked_since=at)


@frozen(kw_only=True)
class WaitsForNothing(Lockout):
    """Whoever comes while others' guesses have run out is told to wait on."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Look at nothing."""
        if len(tally.failed) + len(tally.open) >= self.trips_at and tally.open:
            return tally, Busy(min(one.deadline for one in tally.open))
        return super().reserve(tally, now)


@frozen(kw_only=True)
class WaitsTooLong(Lockout):
    """Whoever is told to wait is told to wait for the last one."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Until the last deadline."""
        after, verdict = super().reserve(tally, now)
        return after, Busy(max(one.deadline for one in after.open)) if isinstance(verdict, Busy) else verdict


@frozen(kw_only=True)
class RefusalCounts(Lockout):
    """Whoever comes while it is locked is counted."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Count him."""
        after, verdict = super().reserve(tally, now)
        return (evolve(after, issued=after.issued + 1) if isinstance(verdict, Locked) else after), verdict


@frozen(kw_only=True)
class WrongSaysBlocked(Lockout):
    """Whoever locks is told that it is blocked."""

    def settle_wrong(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, WrongVerdict]:
        """Say that it is blocked."""
        after, verdict = super().settle_wrong(tally, ticket, now)
        return after, Blocked(now) if isinstance(verdict, Locked) else verdict


@frozen(kw_only=True)
class LooksOpen(Lockout):
    """Whoever looks is told that it is open."""

    def standing(self, tally: Tally, now: datetime) -> Standing:
        """Always."""
        del tally, now
        return Open()


@frozen(kw_only=True)
class ReleaseKeeps(Lockout):
    """A release leaves the locks in a row."""

    def release(self, tally: Tally) -> Tally:
        """Leave them."""
        return Tally(issued=tally.issued, lockouts=tally.lockouts)


@frozen(kw_only=True)
class ClearOpensALock(Lockout):
    """What clears the counter ends a lock."""

    def clear(self, tally: Tally, now: datetime) -> Tally:
        """End it."""
        return evolve(super().clear(tally, now), locked_until=None)


@frozen(kw_only=True)
class ClearsAnyway(Lockout):
    """A right entry clears, where it should not."""

    def settle_right(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, RightVerdict]:
        """Clear."""
        after, verdict = super().settle_right(tally, ticket, now)
        return evolve(after, failed=(), lockouts=0), verdict


def planted(kind: type[Lockout], *, clears: bool = True) -> LockoutMachine:
    """The machine of a rule with that fault."""
    return LockoutMachine(kind(tolerance=AtLeast(2), rest=HOUR, lockouts_to_block=2, clears=clears))


def without(*acts: Act) -> Without:
    """A machine in which these *acts* never happen."""
    return Without(LockoutMachine(SMALL), lambda event: event.act in acts)


def named(value: object) -> str:
    """The fault by its name."""
    return type(value.rule).__name__ if isinstance(value, LockoutMachine) else ""


FAULTS = [
    (planted(ReservationForgotten), proof.NO_LOSS),
    (planted(OneTooMany), proof.NO_MORE),
    (planted(LocksOneLater), proof.NOTHING_LOCKED),
    (planted(DeadlineIgnored), proof.NOBODY_WAITS),
    (planted(OverdueForgotten), proof.NOTHING_LOCKED),
    (planted(LockExtended), proof.LOCK_STANDS),
    (planted(LockForgotten), proof.NOTHING_LOCKED),
    (planted(ClearsTooMuch), proof.NO_LOSS),
    (planted(ClearsTooLittle), proof.BLOCKS),
    (planted(ForgivenIgnored), proof.RIGHT_COUNTS),
    (planted(NothingForgiven), proof.NO_LOSS),
    (planted(LateTaken), proof.LATE_IS_VOID),
    (planted(LateGivenBack), proof.LATE_IS_VOID),
    (planted(BackIsCounted), proof.RIGHT_COUNTS),
    (planted(TimeClears), proof.BLOCKS),
    (planted(BlocksLater), proof.LOCK_STANDS),
    (planted(WaitsForNothing), proof.NOBODY_WAITS),
    (planted(WaitsTooLong), proof.NOBODY_WAITS),
    (planted(RefusalCounts), proof.NOTHING_LOCKED),
    (planted(WrongSaysBlocked), proof.BLOCKS),
    (planted(LooksOpen), proof.NOTHING_LOCKED),
    (planted(ReleaseKeeps), proof.BLOCKS),
    (planted(ClearOpensALock, clears=False), proof.LOCK_STANDS),
    (planted(ClearsAnyway, clears=False), proof.NO_LOSS),
    (without(Act.END, Act.NEARLY), proof.TIME_OPENS),
    (without(Act.RELEASE), proof.RELEASE_OPENS),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS, ids=named)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof)


def test_a_story_can_be_read() -> None:
    """It names what happened, in order, with how things stood, and what was wrong about the last of it."""
    assert str(story_of(planted(OneTooMany))).splitlines() == [
        "Broken: no more guesses are evaluated than the rule allows",
        "     0. failed 0; locks 0",
        "     1. a guess is to be reserved: reserved",
        "        failed 0; locks 0; in flight until +30 s; held 1",
        "     2. a guess is to be reserved: reserved",
        "        failed 0; locks 0; in flight until +30 s, +30 s; held 2",
        "     3. a guess is to be reserved",
        "But this is guess 3 without a lock, and 2 are allowed",
    ]
