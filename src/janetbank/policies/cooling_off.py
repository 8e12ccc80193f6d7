"""Cooling-off: for how long a reissue so soon after a password reset leaves transfers disabled.

Whoever holds a customer's telephone and the PIN of his card can reset the password and then have the token reissued;
the one does not show more than the other.  So a bank may say that a reissue completed within *length* of the last
reset keeps transfers disabled until *length* after that reset: the time in which the letters of both are read.

Shape:  `opens(reset_at, reissued_at)` is the instant from which transfers can be made again, or None where they can be
        made all along; `held_until(opens, now)` is that instant while it is still to come.
Units:  instants are aware datetimes, the length is a timedelta; at the instant itself transfers can be made again.
Errors: ValueError for a length of nothing.
Source: AMB-11 (none in the historical profiles, 24 h in `modern`); standards.md C26 (cooling-off after a change).
"""

from datetime import datetime, timedelta

from attrs import field, frozen


def _some(_: object, __: object, length: timedelta) -> None:
    if length <= timedelta(0):
        msg = "a cooling-off lasts for some time; a profile without one has None"
        raise ValueError(msg)


@frozen
class CoolingOff:
    """See the module."""

    length: timedelta = field(validator=_some)

    def opens(self, reset_at: datetime | None, reissued_at: datetime) -> datetime | None:
        """When transfers can be made again after a reissue at *reissued_at*; None: the last reset is long past."""
        if reset_at is None or reissued_at >= reset_at + self.length:
            return None
        return reset_at + self.length


def held_until(opens: datetime | None, now: datetime) -> datetime | None:
    """Until when transfers that *opens* holds back are disabled at *now*; None: they can be made."""
    return None if opens is None or now >= opens else opens
