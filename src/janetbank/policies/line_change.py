"""Line change: whether a registered number is still the customer's, by what its carrier says of it.

A call from a registered number shows that somebody holds the number.  Where the SIM, the telephone or the subscriber
changed lately, that somebody may be a thief who had the number moved, so the number is not taken for phone
authentication for *rest* after the change; another registered number may be, and the counter always is.

* What a carrier does not say is no reason to refuse.  The sources know of no such report and demand the call, most
  carriers give none, and the standard asks to consider what there is; to refuse what is unknown would refuse everybody.
* That a carrier who was asked does not answer is another matter: then nothing was decided, and the port's failure ends
  the step, as every port's does (fail closed).

Shape:  `check(changes, now) -> ChangedLately | None`; None: the number may be used.
Units:  instants are aware datetimes, the rest is a timedelta; at the instant *until* the number may be used again.
Errors: ValueError for a rest of nothing.
Source: NIST SP 800-63B-4 3.1.3.3 (standards.md C26); TEL-01, TEL-05; ASVS 16.5.3.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import assert_never

from attrs import field, frozen

from janetbank.values.moment import aware


class LineChange(Enum):
    """What may have changed about a number."""

    SIM = "sim"
    """Another SIM, or eSIM."""
    DEVICE = "device"
    """Another telephone under the same SIM."""
    SUBSCRIBER = "subscriber"
    """Another subscriber: the number was given away, ported with the contract, or handed out anew."""


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else aware(moment)


@frozen(kw_only=True)
class LineChanges:
    """When each last changed, as far as the carrier says; None: it does not."""

    sim: datetime | None = field(default=None, converter=_aware)
    device: datetime | None = field(default=None, converter=_aware)
    subscriber: datetime | None = field(default=None, converter=_aware)

    def last(self, change: LineChange) -> datetime | None:
        """When *change* last happened, or None."""
        match change:
            case LineChange.SIM:
                return self.sim
            case LineChange.DEVICE:
                return self.device
            case LineChange.SUBSCRIBER:
                return self.subscriber
            case _ as never:
                assert_never(never)


NOTHING_SAID = LineChanges()
"""What a carrier says who says nothing."""


@frozen
class ChangedLately:
    """The number is not to be used before *until*, for what changed about it."""

    changes: tuple[LineChange, ...]
    until: datetime


def _some(_: object, __: object, rest: timedelta) -> None:
    if rest <= timedelta(0):
        msg = "a number rests for some time after a change; a profile that asks no carrier has None"
        raise ValueError(msg)


@frozen(kw_only=True)
class LineRules:
    """A number rests for *rest* after a change."""

    rest: timedelta = field(validator=_some)

    def check(self, changes: LineChanges, now: datetime) -> ChangedLately | None:
        """Whether what changed about a number still speaks against it at *now*."""
        ends = {change: at + self.rest for change in LineChange if (at := changes.last(change)) is not None}
        late = {change: until for change, until in ends.items() if now < until}
        return ChangedLately(tuple(late), max(late.values())) if late else None
