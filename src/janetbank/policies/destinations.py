"""Destinations: which of the bank's numbers a caller is asked to dial.

The bank takes calls at a pool of numbers.  Each attempt rents one of them for its caller, so that a call is matched by
both numbers, from whom and to where.  Several callers may be asked to dial one number; no two attempts share both.

* A number is rented until an instant, and is that long nobody else's for this caller, whatever becomes of the attempt:
  who was shown a number may dial it until then, and must not verify somebody else's attempt by that.
* The instant itself still belongs to the rental; afterwards the number is free, without anybody giving it back.
* That no number is left is an outcome.

Shape:  `rent(rentals of this caller, now, drawn) -> PhoneNumber | Exhausted`.
Units:  instants are aware datetimes.
Errors: ValueError for a pool that cannot be: empty, with a number twice, or one that is not free of charge.
Source: TEL-10, AMB-3 (one live attempt per destination and caller), TEL-01 (the call is free); TRAPS "Telephone".
"""

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from janetbank.values.phone import PhoneKind, PhoneNumber


@frozen
class Rental:
    """A caller was asked to dial *destination*, until *until*, that instant included."""

    destination: PhoneNumber
    until: datetime


@frozen
class Exhausted:
    """Every number of the pool is rented for this caller; the first is free again after *until*."""

    until: datetime


@frozen
class DestinationPool:
    """The numbers at which the bank takes calls, each free of charge."""

    numbers: tuple[PhoneNumber, ...]

    def __attrs_post_init__(self) -> None:
        if not self.numbers or len(set(self.numbers)) < len(self.numbers):
            msg = "a pool has a number, and each number once"
            raise ValueError(msg)
        if any(number.kind is not PhoneKind.TOLL_FREE for number in self.numbers):
            msg = "calling the bank is free: a pool has toll-free numbers alone"
            raise ValueError(msg)

    def rent(self, rentals: Iterable[Rental], now: datetime, drawn: int) -> PhoneNumber | Exhausted:
        """One of the numbers that are free for the caller who has *rentals*: any of them, as *drawn* (>= 0) has it.

        Nobody should guess which: let *drawn* be random, and large against the number of numbers.
        """
        running = sorted((rental for rental in rentals if now <= rental.until), key=lambda rental: rental.until)
        held = {rental.destination: rental.until for rental in running}
        free = [number for number in self.numbers if number not in held]
        if free:
            return free[drawn % len(free)]
        return Exhausted(min(held[number] for number in self.numbers))
