"""Password age: how long an operator's password counts before he has to choose another one.

A deviation from NIST SP 800-63B-4 and ASVS 6.2.10, which will have nobody change a password that is not known to be
lost: the rules of the operations terminal demand it of operators.  Customers are never made to for its age.

Shape:  `due(changed_at, now) -> bool`; one that somebody else has given out is due at once.
Units:  instants are aware datetimes; at the last instant of its age a password is due.
Errors: ValueError for an age of nothing.
Source: SUS-13, OPS-10; standards.md C12 (deviation), C37 (initial passwords).
"""

from datetime import datetime, timedelta

from attrs import frozen


@frozen
class PasswordAge:
    """A password counts for *longest*; where that is None, for ever."""

    longest: timedelta | None

    def __attrs_post_init__(self) -> None:
        if self.longest is not None and self.longest <= timedelta(0):
            msg = "a password counts for some time"
            raise ValueError(msg)

    def due(self, changed_at: datetime | None, now: datetime) -> bool:
        """Whether one that its bearer chose at *changed_at* (None: he never chose it) has to be changed by *now*."""
        if changed_at is None:
            return True
        return self.longest is not None and now >= changed_at + self.longest
