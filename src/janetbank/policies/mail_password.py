"""Mail-notified password (メール通知パスワード): a code mailed for one instruction, good once and for a while.

It is for whoever has no one-time passwords in use, on the channels that a bank names; with the first of those it is
needed no more and sent no more.  The laws:

* A code belongs to one text of one instruction.  Whatever is changed takes another code, and the former one is void;
  so is it when another letter is asked for, and when it was right.
* A code counts for the rules' lifetime, its last instant included.
* So many letters are written for one instruction, and so many instructions of one contract wait at once, and no more.

How often somebody may be wrong is `lockout`'s to say.  NIST SP 800-63B-4 allows no code by mail (standards.md C28), so
it is off wherever no source wants it.

Shape:  `next_letter(last) -> number | None`; `counts(mailed, digest, now) -> bool`.
Units:  instants are aware datetimes; what is sealed is the vault's.
Errors: ValueError for rules that cannot be, and for a draw that is none.
Source: PRF-17, MAL-10, MAL-11, OTP-21, LGN-10; AMB-22 (8 digits, 10 minutes, single use, bound to its transaction).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import field, frozen

from janetbank.values.environment import Channel
from janetbank.values.secret import Secret
from janetbank.values.shape import ascii_digits

LONGEST = timedelta(minutes=10)
"""NIST SP 800-63B-4 3.1.3: nothing that comes by another channel counts for longer."""
FEWEST_DIGITS = 6
MOST_DIGITS = 12


@frozen(kw_only=True)
class Mailed:
    """Letter *number* for an instruction whose text had this *digest*, with the code that is *sealed*, at *sent_at*."""

    number: int
    digest: str
    sealed: str = field(repr=False)
    sent_at: datetime


@frozen(kw_only=True)
class MailPasswordRules:
    """Codes of *digits* digits count for *lifetime*, on these *channels*; *letters* is the most for one instruction.

    At most *waiting* instructions of a contract have a code that counts, so that nobody's mail is flooded.
    """

    digits: int = 8
    lifetime: timedelta = LONGEST
    letters: int = 3
    waiting: int = 5
    channels: frozenset[Channel] = frozenset({Channel.PC})

    def __attrs_post_init__(self) -> None:
        if not FEWEST_DIGITS <= self.digits <= MOST_DIGITS:
            msg = f"a mailed code has {FEWEST_DIGITS} to {MOST_DIGITS} digits"
            raise ValueError(msg)
        if not timedelta(0) < self.lifetime <= LONGEST:
            msg = "a mailed code counts for some time, ten minutes at most"
            raise ValueError(msg)
        if self.letters < 1 or self.waiting < 1:
            msg = "there is one letter at least"
            raise ValueError(msg)
        if not self.channels:
            msg = "a mailed code is for one channel at least"
            raise ValueError(msg)

    def offered(self, channel: Channel, *, codes_in_use: bool) -> bool:
        """Whether somebody on this *channel* proves by mail; nobody does who has one-time passwords in use (OTP-21)."""
        return channel in self.channels and not codes_in_use

    @property
    def codes(self) -> int:
        """How many codes there are."""
        return int(10**self.digits)

    def code(self, drawn: int) -> Secret:
        """The code of a random number from 0 up to but without `codes`."""
        if not 0 <= drawn < self.codes:
            msg = "what is drawn is one of the codes"
            raise ValueError(msg)
        return Secret(f"{drawn:0{self.digits}}")

    def canonical(self, typed: Secret) -> Secret:
        """What is compared: full-width digits are the same digits."""
        return Secret(ascii_digits(typed.reveal()))

    def next_letter(self, last: Mailed | None) -> int | None:
        """The number of the letter after the *last* one for an instruction, or None where there are no more."""
        number = 1 if last is None else last.number + 1
        return number if number <= self.letters else None

    def crowded(self, others: Iterable[Mailed], now: datetime) -> bool:
        """Whether the codes of *others* that still count at *now* leave no room for another instruction's."""
        return sum(now <= self.until(one) for one in others) >= self.waiting

    def until(self, mailed: Mailed) -> datetime:
        """The last instant at which the code counts."""
        return mailed.sent_at + self.lifetime

    def counts(self, mailed: Mailed | None, digest: str, now: datetime) -> bool:
        """Whether the code that was *mailed* counts at *now*, for a text with this *digest*."""
        return mailed is not None and mailed.digest == digest and now <= self.until(mailed)
