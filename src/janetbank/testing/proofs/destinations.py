"""Destinations, proved: one caller is asked to dial a number again and again, until none is left, and after that.

A pool of three numbers, rented for a third of the window after another, whichever number is drawn.

Shape:  `DestinationsMachine(window, kind)`.
Source: TEL-10, AMB-3; docs/decisions/0007; TRAPS "Telephone".
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from attrs import frozen

from janetbank.policies.destinations import DestinationPool, Exhausted, Rental
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, keep
from janetbank.values.phone import PhoneNumber

NOW = datetime(2026, 4, 1, tzinfo=UTC)
NUMBERS = tuple(PhoneNumber.parse(f"0120-417-00{number}") for number in (1, 2, 3))

ONE_EACH = "no number is two attempts' of one caller at the same time"
NONE_WASTED = "a number is refused only while every number is rented, and until the first of them is free"
TIME_FREES = "time alone frees a number"

WAIT = "a third of the window passes"
Event = int | str
"""A number was drawn; or time."""


@frozen(cache_hash=True)
class Rented:
    """What is rented for the caller, by when it ends."""

    rentals: tuple[Rental, ...] = ()


@frozen
class DestinationsMachine(Machine[Rented, Event]):
    """The numbers that one caller is asked to dial, each for *window*; *kind* is the policy's class."""

    window: timedelta
    kind: type[DestinationPool] = DestinationPool

    def starts(self) -> Iterable[Rented]:
        """Nothing is rented."""
        return [Rented()]

    def events(self, state: Rented) -> Iterable[Event]:
        """Any number is drawn; time passes where that makes a difference."""
        return [*range(len(NUMBERS)), *([WAIT] if state.rentals else [])]

    def after(self, state: Rented, event: Event) -> tuple[Rented, str]:
        """What follows, with the laws."""
        if not isinstance(event, int):
            step = self.window / len(NUMBERS)
            later = (Rental(one.destination, one.until - step) for one in state.rentals)
            return Rented(tuple(one for one in later if one.until >= NOW)), "later"
        rented = self.kind(NUMBERS).rent(state.rentals, NOW, event)
        running = {one.destination: one.until for one in state.rentals}
        if isinstance(rented, Exhausted):
            keep(NONE_WASTED, len(running) == len(NUMBERS), "only {} are rented", len(running))
            keep(NONE_WASTED, rented.until == min(running.values()), "it is told to end {}", rented.until)
            return state, "exhausted"
        keep(ONE_EACH, rented not in running, "{} is rented again", rented)
        taken = (*state.rentals, Rental(rented, NOW + self.window))
        return Rented(tuple(sorted(taken, key=lambda one: (one.until, one.destination.digits)))), "rented"

    def ways(self) -> Sequence[Way[Rented, Event]]:
        """Time frees numbers."""
        return (Way(law=TIME_FREES, of=lambda _: True, to=self._some_free, by=lambda event: event == WAIT),)

    def _some_free(self, state: Rented) -> bool:
        return not isinstance(self.kind(NUMBERS).rent(state.rentals, NOW, 0), Exhausted)

    def say(self, event: Event) -> str:
        """The event in words."""
        return f"number {event} is drawn" if isinstance(event, int) else event

    def show(self, state: Rented) -> str:
        """What is rented."""
        return ", ".join(f"{one.destination} for {one.until - NOW}" for one in state.rentals) or "nothing is rented"


def machines(profile: Profile) -> Iterable[tuple[str, Machine[Rented, Event]]]:
    """One for each kind of call that *profile* takes."""
    for purpose, rules in profile.token.calls.items():
        yield purpose.value, DestinationsMachine(rules.window)
