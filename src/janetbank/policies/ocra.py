"""OCRA: the answer of a token to a challenge, RFC 6287 as a whole.

A *suite* names what goes into the answer and how long it is.  Its text is itself part of what is answered, so two
suites never give one another's answers.

    Suite("OCRA-1:HOTP-SHA256-8:C-QN08-PSHA1").answer(key, "12345678", counter=0, pin=Secret("1234"))

* C: a counter of eight bytes.  Q: one challenge of up to so many characters, numeric, alphanumeric or hexadecimal; of
  mutual challenges, two, each exactly so long, for otherwise two pairs could be one text.  P: the hash of a PIN.
  S: session data of exactly so many bytes in UTF-8.  T: the time in steps since 1970.
* A letter without its particulars has the RFC's defaults: QN08, PSHA1, S064, T1M.
* Ten digits hold the whole 31-bit number (erratum 3730 would rather not have them); steps of hours run from 1 to 48
  (erratum 3729).  With 0 digits the answer is the whole MAC in hexadecimal.

Shape:  `answer(key, question, ...) -> str`; `verify(key, answer, question, ...) -> bool`.
Units:  keys and hashes are bytes, *now* is an aware datetime, *tolerance* counts time steps.
Errors: ValueError, with the reason, for a suite that cannot be, an input missing or one too many, or one that does not
        fit: suites, keys and challenges are the bank's.  A customer only gives an answer, which is right or wrong.
Source: RFC 6287 with errata 3729 and 3730; TXA-04; standards.md 3.3, C30.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from enum import Enum

from attrs import Factory, field, frozen

from janetbank.values.moment import aware
from janetbank.values.secret import Secret
from janetbank.values.shape import ascii_digits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FEWEST_KEY_BYTES = 16
"""RFC 4226, requirement 6, on which OCRA builds."""
_QUESTION_BYTES = 128
_NUMBER_BYTES = 8
_PAIR = 2

_FUNCTION = re.compile(r"HOTP-(SHA1|SHA256|SHA512)-(0|[4-9]|10)")
_INPUTS = {
    "C": re.compile(r"C"),
    "Q": re.compile(r"Q(?:([ANH])([0-9]{2}))?"),
    "P": re.compile(r"P(SHA1|SHA256|SHA512)?"),
    "S": re.compile(r"S([0-9]{3})?"),
    "T": re.compile(r"T(?:([1-9][0-9]?)([SMH]))?"),
}
"""By its letter, and in the order in which they stand."""
_UNITS = {
    "S": (timedelta(seconds=1), 59),
    "M": (timedelta(minutes=1), 59),
    "H": (timedelta(hours=1), 48),
}
"""Of a time step: its length, and how many of them at most."""


class Format(Enum):
    """What a challenge is made of; the pattern it fits."""

    ALPHANUMERIC = r"[0-9A-Za-z]+"
    NUMERIC = r"[0-9]+"
    HEXADECIMAL = r"[0-9A-Fa-f]+"


_FORMATS = {"A": Format.ALPHANUMERIC, "N": Format.NUMERIC, "H": Format.HEXADECIMAL}


@frozen(kw_only=True)
class Inputs:
    """What a suite's text says: how the MAC is made and cut, and of what; empty or None is what does not enter."""

    hash: str
    digits: int
    counter: bool
    format: Format
    longest: int
    pin_hash: str
    session_bytes: int
    step: timedelta | None


def _read(suite: "Suite") -> Inputs:
    algorithm, _, rest = suite.text.partition(":")
    function, _, inputs = rest.partition(":")
    if algorithm != "OCRA-1":
        msg = "an OCRA suite reads OCRA-1:function:inputs"
        raise ValueError(msg)
    if not (mac := _FUNCTION.fullmatch(function)):
        msg = "an OCRA function is HOTP with SHA1, SHA256 or SHA512 and 0 or 4 to 10 digits"
        raise ValueError(msg)
    found = _read_inputs(inputs.split("-"))
    if not (question := found.get("Q")):
        msg = "an OCRA suite has a challenge"
        raise ValueError(msg)
    pin, session, time = found.get("P"), found.get("S"), found.get("T")
    return Inputs(
        hash=mac[1].lower(),
        digits=int(mac[2]),
        counter="C" in found,
        format=_FORMATS[question[1] or "N"],
        longest=_within(4, int(question[2] or 8), 64, "characters of a challenge"),
        pin_hash=(pin[1] or "SHA1").lower() if pin else "",
        session_bytes=_within(1, int(session[1] or 64), 512, "bytes of session data") if session else 0,
        step=_step(int(time[1] or 1), time[2] or "M") if time else None,
    )


def _read_inputs(written: list[str]) -> dict[str, re.Match[str]]:
    found: dict[str, re.Match[str]] = {}
    for text in written:
        letter = text[:1]
        if letter not in _INPUTS or not (match := _INPUTS[letter].fullmatch(text)):
            msg = f"{text!r} is no input of an OCRA suite"
            raise ValueError(msg)
        found[letter] = match
    if [text[:1] for text in written] != [letter for letter in _INPUTS if letter in found]:
        msg = "the inputs of an OCRA suite are C, Q, P, S, T, in this order, each once at most"
        raise ValueError(msg)
    return found


def _step(count: int, unit: str) -> timedelta:
    length, most = _UNITS[unit]
    return _within(1, count, most, f"{unit} of a time step") * length


@frozen
class Suite:
    """A suite by its text; making one checks it."""

    text: str
    inputs: Inputs = field(init=False, eq=False, repr=False, default=Factory(_read, takes_self=True))

    def answer(
        self,
        key: bytes,
        *question: str,
        counter: int | None = None,
        pin: Secret | bytes | None = None,
        session: str | None = None,
        now: datetime | None = None,
    ) -> str:
        """The answer to *question*: one challenge, or both of a mutual one in their order.

        What the suite names is given and nothing else.  *pin* is a PIN, or bytes that are its hash already.
        """
        before_time = self._before_time(question, counter, pin, session)
        (time,) = self._times(now, 0)
        return self._cut(_mac(key, before_time + time, self.inputs.hash))

    def verify(
        self,
        key: bytes,
        answer: Secret,
        *question: str,
        counter: int | None = None,
        pin: Secret | bytes | None = None,
        session: str | None = None,
        now: datetime | None = None,
        tolerance: int = 0,
    ) -> bool:
        """Whether *answer*, full-width digits or not, answers *question* at *now*, or *tolerance* steps off it at most.

        Every answer that would be right is made and compared in constant time, whichever is right.
        """
        given = Secret(ascii_digits(answer.reveal()))
        before_time = self._before_time(question, counter, pin, session)
        macs = [_mac(key, before_time + time, self.inputs.hash) for time in self._times(now, tolerance)]
        return any([Secret(self._cut(mac)) == given for mac in macs])  # noqa: C419 -- a generator would stop at the first

    def _before_time(
        self, question: tuple[str, ...], counter: int | None, pin: Secret | bytes | None, session: str | None
    ) -> bytes:
        """What is answered, as far as it is the same at every time."""
        inputs = self.inputs
        _expect("counter", counter, wanted=inputs.counter)
        _expect("pin", pin, wanted=bool(inputs.pin_hash))
        _expect("session", session, wanted=bool(inputs.session_bytes))
        return b"".join(
            (
                self.text.encode() + b"\0",
                b"" if counter is None else _number(counter, "a counter"),
                self._question(question),
                b"" if pin is None else self._pin(pin),
                b"" if session is None else self._session(session),
            )
        )

    def _question(self, question: tuple[str, ...]) -> bytes:
        pattern, longest = self.inputs.format.value, self.inputs.longest
        if not 1 <= len(question) <= _PAIR:
            msg = "there is one challenge, or two"
            raise ValueError(msg)
        shortest = longest if len(question) == _PAIR else 1
        if any(not re.fullmatch(pattern, one) or not shortest <= len(one) <= longest for one in question):
            msg = f"a challenge here has {shortest} to {longest} characters of its format"
            raise ValueError(msg)
        text = "".join(question)
        if self.inputs.format is Format.ALPHANUMERIC:
            return text.encode().ljust(_QUESTION_BYTES, b"\0")
        return _nibbles(f"{int(text):x}" if self.inputs.format is Format.NUMERIC else text)

    def _pin(self, pin: Secret | bytes) -> bytes:
        name = self.inputs.pin_hash
        if isinstance(pin, Secret):
            return hashlib.new(name, pin.reveal().encode("utf-8", "surrogatepass")).digest()
        if len(pin) != hashlib.new(name).digest_size:
            msg = f"the hash of a PIN is one of {name}"
            raise ValueError(msg)
        return pin

    def _session(self, session: str) -> bytes:
        data = session.encode()
        if len(data) != self.inputs.session_bytes:
            msg = f"session data here has exactly {self.inputs.session_bytes} bytes"
            raise ValueError(msg)
        return data

    def _times(self, now: datetime | None, tolerance: int) -> list[bytes]:
        """The time at every step within *tolerance* of *now*; nothing, once, where no time enters."""
        step = self.inputs.step
        _expect("now", now, wanted=step is not None)
        if now is None or step is None:
            return [b""]
        current = (aware(now) - _EPOCH) // step
        return [_number(one, "a time step") for one in range(current - tolerance, current + tolerance + 1)]

    def _cut(self, mac: bytes) -> str:
        """The truncation of RFC 4226 5.3 to the suite's digits, or all of *mac*."""
        digits = self.inputs.digits
        if not digits:
            return mac.hex()
        offset = mac[-1] & 0xF
        number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
        return f"{number % 10**digits:0{digits}}"


def _mac(key: bytes, data: bytes, name: str) -> bytes:
    if len(key) < _FEWEST_KEY_BYTES:
        msg = f"a key has at least {_FEWEST_KEY_BYTES} bytes"
        raise ValueError(msg)
    return hmac.digest(key, data, name)


def _expect(name: str, value: object, *, wanted: bool) -> None:
    if (value is not None) != wanted:
        msg = f"this suite {'needs' if wanted else 'takes no'} {name}"
        raise ValueError(msg)


def _within(least: int, number: int, most: int, what: str) -> int:
    if not least <= number <= most:
        msg = f"the {what} number from {least} to {most}"
        raise ValueError(msg)
    return number


def _number(number: int, what: str) -> bytes:
    if not 0 <= number < 1 << 8 * _NUMBER_BYTES:
        msg = f"{what} fits into {_NUMBER_BYTES} bytes"
        raise ValueError(msg)
    return number.to_bytes(_NUMBER_BYTES, "big")


def _nibbles(digits: str) -> bytes:
    """Hexadecimal *digits* from the left; where their number is odd, half a byte of the padding follows the last."""
    return bytes.fromhex(digits.ljust(2 * _QUESTION_BYTES, "0"))
