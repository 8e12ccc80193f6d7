"""Provisional passwords (仮パスワード): given out on a notice, good for the first use alone, and for a while.

A notice has two, a login password and a confirmation password.  They lead to a login id of the customer's own and, by
one first login, to other passwords; whoever breaks off in between may go on by them for a shorter while.  Chosen once,
no password of a notice is good for anything again.

Shape:  `until` and `begun` give the instant at which they expire; `places` says what each character is drawn from.
Units:  instants are aware datetimes, lengths are timedeltas; *length* counts characters.
Errors: ValueError for a notice that could be guessed, or that is never good.
Source: ENR-23, ENR-27, ENR-33..35; AMB-23; ASVS 6.4.1 (standards.md C37).
"""

from datetime import datetime, timedelta

from attrs import frozen

LETTERS = "bcdfghjkmnpqrstvwxyz"
"""Small ones, without those that look like digits, and without vowels, so that no word comes about."""
DIGITS = "23456789"
SHORTEST = 8
"""Characters: thirty-four random bits, behind a counter (NIST SP 800-63B-4 3.2.2 would do with twenty)."""


@frozen(kw_only=True)
class ProvisionalRules:
    """See the module: good for *lifetime*, and for *resume* once the first login was made."""

    lifetime: timedelta
    resume: timedelta
    length: int = 10

    def __attrs_post_init__(self) -> None:
        if min(self.lifetime, self.resume) <= timedelta(0):
            msg = "provisional passwords are good for some time"
            raise ValueError(msg)
        if self.length < SHORTEST:
            msg = f"a provisional password has at least {SHORTEST} characters"
            raise ValueError(msg)

    @property
    def places(self) -> tuple[str, ...]:
        """What each character is drawn from: two letters, a digit, and so on."""
        return tuple(DIGITS if place % 3 == 2 else LETTERS for place in range(self.length))  # noqa: PLR2004 -- every third

    def until(self, given_at: datetime) -> datetime:
        """When those that are *given_at* some instant expire."""
        return given_at + self.lifetime

    def begun(self, until: datetime, now: datetime) -> datetime:
        """When those that would expire at *until* do, after a first login at *now*: earlier, never later."""
        return min(until, now + self.resume)


def expired(until: datetime, now: datetime) -> bool:
    """Whether passwords that are good *until* then are so no more."""
    return now >= until
