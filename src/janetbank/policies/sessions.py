"""Sessions: how long a customer who has logged in, or has a question left to answer, stays so.

A session with its question pending lives *challenge* from its opening, however often it is shown.  A full one ends
*idle* after its last use, and *absolute* after its opening whatever its use.  Every end is an instant, looked at when
somebody comes: at the instant itself the session has ended.

Shape:  `alive(when opened, when last used, whether pending, now) -> Alive | Ended`.
Units:  instants are aware datetimes, lengths are timedeltas.
Errors: ValueError for lengths that cannot be.
Source: ASVS 7.3.1, 7.3.2 and RTS 2018/389 Art. 4(3)(d) (standards.md C38), RBA-10 (question pending).
"""

from datetime import datetime, timedelta
from typing import Literal

from attrs import frozen


@frozen
class Alive:
    """The session may be used; unless it is, or even so, it ends at *until*."""

    until: datetime


@frozen
class Ended:
    """The session has ended; *why* names the limit that was reached first."""

    why: Literal["idle", "absolute", "challenge"]


SessionState = Alive | Ended


@frozen(kw_only=True)
class SessionRules:
    """Limits of a session: *idle* since its last use, *absolute* and *challenge* since its opening."""

    idle: timedelta
    absolute: timedelta
    challenge: timedelta

    def __attrs_post_init__(self) -> None:
        if min(self.idle, self.absolute, self.challenge) <= timedelta(0):
            msg = "idle, absolute and challenge are positive"
            raise ValueError(msg)
        if self.idle > self.absolute or self.challenge > self.absolute:
            msg = "no limit of a session is longer than the absolute one"
            raise ValueError(msg)

    def alive(self, *, opened_at: datetime, used_at: datetime, pending: bool, now: datetime) -> SessionState:
        """Whether the session lives at *now*."""
        ends: dict[Literal["idle", "absolute", "challenge"], datetime]
        if pending:
            ends = {"challenge": opened_at + self.challenge}
        else:
            # Where both fall on one instant it is the absolute one, which no use would have put off.
            ends = {"absolute": opened_at + self.absolute, "idle": used_at + self.idle}
        why = min(ends, key=ends.__getitem__)
        return Alive(ends[why]) if now < ends[why] else Ended(why)
