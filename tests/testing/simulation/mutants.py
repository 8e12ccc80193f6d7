"""Mutants: a bank with one guard taken away, each of which a simulation has to find."""

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import evolve, frozen

from janetbank import profiles
from janetbank.model.contract import Counter
from janetbank.policies.lockout import Lockout, Reserved, ReserveVerdict, RightVerdict, Tally, Ticket, WrongVerdict
from janetbank.profiles.profile import Profile

JA = profiles.fast_for_tests(profiles.JA)


@frozen(kw_only=True)
class NotReserved(Lockout):
    """A guess is counted when it is settled, and not before: check, verify, count."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Look, and write nothing."""
        after, verdict = super().reserve(tally, now)
        return (tally if isinstance(verdict, Reserved) else after), verdict

    def settle_wrong(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, WrongVerdict]:
        """Count it now."""
        return super().settle_wrong(_with(tally, ticket), ticket, now)

    def settle_right(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, RightVerdict]:
        """Clear it now."""
        return super().settle_right(_with(tally, ticket), ticket, now)


def _with(tally: Tally, ticket: Ticket) -> Tally:
    return evolve(tally, open=(*tally.open, ticket), issued=tally.issued + 1)


@frozen(kw_only=True)
class EndsEarly(Lockout):
    """A lock ends a minute before its time."""

    def settle_wrong(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, WrongVerdict]:
        """Lock for less than the rest."""
        after, verdict = super().settle_wrong(tally, ticket, now)
        until = after.locked_until and after.locked_until - timedelta(minutes=1)
        return evolve(after, locked_until=until), verdict


@frozen(kw_only=True)
class TimeClears(Lockout):
    """The end of a lock forgets that there was one, so that nobody is ever blocked (TRAPS, Keycloak)."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Forget."""
        over = tally.locked_until is not None and tally.locked_until <= now
        return super().reserve(evolve(tally, lockouts=0) if over else tally, now)


@frozen(kw_only=True)
class CrashForgives(Lockout):
    """A guess that nobody settles is forgotten at its deadline."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Forget."""
        return super().reserve(evolve(tally, open=tuple(one for one in tally.open if one.deadline > now)), now)


@frozen(kw_only=True)
class OneMore(Lockout):
    """One guess more than the rule is evaluated."""

    @property
    def trips_at(self) -> int:
        """The number of the wrong entry that locks, and one more."""
        return super().trips_at + 1


def guarded_by(mutant: Callable[..., Lockout], counter: Counter = Counter.PASSWORD) -> Profile:
    """JA, with *mutant* in the place of the rule of *counter*."""
    rule = JA.lockout(counter)
    made = mutant(tolerance=rule.tolerance, rest=rule.rest, lockouts_to_block=rule.lockouts_to_block)
    return evolve(JA, lockouts={**JA.lockouts, counter: made})
