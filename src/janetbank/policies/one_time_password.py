"""One-time passwords: which code a token shows at an instant, and which codes are taken, each time step once.

Time is cut into steps of one length, counted from 1970; seed and step make the code (RFC 6238).  The laws:

* A code is taken only for a step later than the last one that was taken under the same seed.  The flow keeps that step
  beside the version of the seed and replaces both by compare-and-set, so that of two equal codes at once one is taken.
* A code that fits several steps of the window is taken for the latest of them: the same digits are not taken again for
  the next one.
* Whatever is typed, as many codes are made and compared, in constant time; what is no code at all is a wrong code.
* A code that was right but is spent is told apart for the audit only; to whoever typed it, it is as wrong as any other,
  and it counts so.

The period belongs to the seed: whoever changes it issues new seeds, for what was taken so far was counted otherwise.

Shape:  `verify(seed, code, now, after=last step taken or None) -> Accepted | Replayed | WrongCode`.
Units:  seeds are bytes, steps are counted in periods since 1970, instants are aware datetimes.
Errors: ValueError for rules that cannot be; whatever a customer types is a verdict.
Source: OTP-11, OTP-12, APP-01, APP-19; AMB-36; LCK-12 (what counts as wrong; the counting is `lockout`'s); RFC 4226,
        RFC 6238 5.2; NIST SP 800-63B-4 3.1.4 (standards.md C19..C22); TRAPS "One-time passwords".
"""

import hashlib
from base64 import b32encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum

from attrs import Factory, field, frozen

from janetbank.values.moment import aware
from janetbank.values.secret import Secret
from janetbank.values.shape import ascii_digits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_PERIOD = timedelta(minutes=2)
"""NIST SP 800-63B-4 3.1.4.1: the nonce changes at least so often."""
_FEWEST_SEED_BYTES = 16
"""RFC 4226, requirement 6."""


class Algorithm(Enum):
    """What the code is made with; HMAC over one of these."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"


@frozen
class Accepted:
    """The code is right; *step* is now the last one taken."""

    step: int


@frozen
class Replayed:
    """The code belongs to *step*, but that one, or a later one, was taken before."""

    step: int


@frozen
class WrongCode:
    """The code belongs to no step of the window."""


OtpVerdict = Accepted | Replayed | WrongCode


def _as_long_as_the_hash(rules: "OtpRules") -> int:
    return hashlib.new(rules.algorithm.value).digest_size


@frozen(kw_only=True)
class OtpRules:
    """Codes of *digits* digits that change every *period*; *window* steps too early or too late are taken as well.

    *seed_bytes* is the length of a new seed: as long as the hash, unless said otherwise (RFC 6238 5.1).
    """

    period: timedelta = timedelta(seconds=60)
    digits: int = 6
    algorithm: Algorithm = Algorithm.SHA1
    window: int = 1
    seed_bytes: int = field(default=Factory(_as_long_as_the_hash, takes_self=True))

    def __attrs_post_init__(self) -> None:
        if not timedelta(0) < self.period <= _LONGEST_PERIOD or self.period % timedelta(seconds=1):
            msg = "a period is a whole number of seconds, two minutes at most"
            raise ValueError(msg)
        if self.digits not in {6, 8}:
            msg = "a code has 6 or 8 digits"
            raise ValueError(msg)
        if self.window < 0:
            msg = "a window is no step wide, or some"
            raise ValueError(msg)
        if self.seed_bytes < _FEWEST_SEED_BYTES:
            msg = f"a seed has at least {_FEWEST_SEED_BYTES} bytes"
            raise ValueError(msg)

    def step_at(self, now: datetime) -> int:
        """The step that *now* lies in; its first instant is the first one of it."""
        return (aware(now) - _EPOCH) // self.period

    def shown_until(self, step: int) -> datetime:
        """The instant at which the code of *step* gives way to the next one."""
        return _EPOCH + (step + 1) * self.period

    def code(self, seed: bytes, step: int) -> Secret:
        """What a token with *seed* shows during *step*."""
        (code,) = self._codes(seed, [step])
        return code

    def verify(self, seed: bytes, code: Secret, now: datetime, *, after: int | None) -> OtpVerdict:
        """Whether *code*, full-width digits or not, is taken at *now*, when *after* was the last step taken."""
        typed = Secret(ascii_digits(code.reveal()))
        current = self.step_at(now)
        steps = range(max(0, current - self.window), current + self.window + 1)
        # A list, so that every code is compared, wherever the right one stands.
        fitting = [step for step, shown in zip(steps, self._codes(seed, steps), strict=True) if shown == typed]
        if not fitting:
            return WrongCode()
        latest = fitting[-1]
        return Accepted(latest) if after is None or latest > after else Replayed(latest)

    def _codes(self, seed: bytes, steps: Iterable[int]) -> list[Secret]:
        from pyotp.hotp import HOTP

        digest = getattr(hashlib, self.algorithm.value)
        hotp = HOTP(b32encode(seed).decode(), digits=self.digits, digest=digest)
        return [Secret(hotp.at(step)) for step in steps]
