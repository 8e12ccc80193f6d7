"""Phone authentication: the customer calls the bank from his registered telephone, within a window.

An attempt waits for one route: from the telephone that was selected to the destination that was rented.  What becomes
of it is one table (`NEXT`) from (phase, act) to phase; a missing cell is a refusal, and then nothing changes:

    PENDING -> IN_CALL (VOICE, SCREEN_CODE) -> VERIFIED -> CONSUMED;   EXPIRED, ABORTED, FAILED

* The window starts when the attempt is made, includes its last instant, and holds for completion: for the last key,
  not for the first ring.  A call from before the attempt is none of it.
* SILENT: the call rings and is dropped, never answered; that the right telephone called is all.
  VOICE: digits are spoken, other ones in each call, and keyed back.  They never reach the screen, so they show that
  somebody listens at the telephone, and not that he is the one at the screen.
  SCREEN_CODE: digits are shown on the screen and keyed at the telephone; this alone ties the two together.
* A call that is not the right one changes nothing, and neither does one that comes too late or twice.  A right call
  may be repeated until one of them succeeds; the newest call counts, and an earlier one is void.
* Wrong digits are counted within a call (hang up, call again) and over the attempts of a contract since the last
  success: a new attempt does not start the count anew.  When they are too many the attempt fails, and the next one
  waits for *rest*.
* Who is verified must go on within ten minutes of the attempt's start; after that it counts no more.

The digits themselves are never here: whoever keeps them says whether what was keyed is right.

Shape:  every method takes a `Progress` and the time and returns a new `Progress`, with a `Verdict` where somebody waits
        for one.
Units:  instants are aware datetimes, lengths are timedeltas.
Errors: ValueError for rules that cannot be; whatever a caller does is a verdict.
Source: TEL-01..18, 24, 25; AMB-3, 4, 9, 35, 37; NIST SP 800-63B-4 3.1.3.2 (ten minutes, the count is kept) and 3.1.3.3;
        standards.md C04, C25..C29; TRAPS "Telephone".
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType

from attrs import evolve, frozen

from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation, Route
from janetbank.values.phone import PhoneMask, PhoneNumber
from janetbank.values.violation import Violation

LONGEST = timedelta(seconds=600)
"""C25: an authentication over another channel is void unless it is completed within ten minutes."""
FEWEST_DIGITS = 4
"""AMB-4: digits that are spoken or shown."""

_HOUR = timedelta(minutes=60)


class Mode(Enum):
    """What a right call has to do."""

    SILENT = "silent"
    VOICE = "voice"
    SCREEN_CODE = "screen_code"


class Phase(Enum):
    """Where an attempt stands."""

    PENDING = "pending"
    """No call under way."""
    IN_CALL = "in_call"
    """Answered; digits are awaited."""
    VERIFIED = "verified"
    """The telephone has called; the screen has not yet gone on."""
    CONSUMED = "consumed"
    """The screen has gone on by it: never again."""
    EXPIRED = "expired"
    ABORTED = "aborted"
    FAILED = "failed"
    """Too many wrong digits."""


LIVE = frozenset({Phase.PENDING, Phase.IN_CALL, Phase.VERIFIED})
"""The phases in which something can still come of an attempt; a contract has at most one attempt in them."""


class Act(Enum):
    """What happens to an attempt, once it is known to be meant."""

    RING = "ring"
    """The right call, in silence."""
    ANSWER = "answer"
    """The right call, to be answered."""
    KEY_RIGHT = "key_right"
    KEY_WRONG = "key_wrong"
    SPEND_CALL = "spend_call"
    """Wrong digits, as often as one call allows."""
    SPEND_ATTEMPT = "spend_attempt"
    """Wrong digits, as often as the contract is allowed."""
    HANG_UP = "hang_up"
    CONSUME = "consume"
    ABORT = "abort"
    RUN_OUT = "run_out"


NEXT: Mapping[tuple[Phase, Act], Phase] = MappingProxyType(
    {
        (Phase.PENDING, Act.RING): Phase.VERIFIED,
        (Phase.PENDING, Act.ANSWER): Phase.IN_CALL,
        # The newest call counts: the caller hung up and nobody told us, or calls again.
        (Phase.IN_CALL, Act.ANSWER): Phase.IN_CALL,
        (Phase.IN_CALL, Act.KEY_RIGHT): Phase.VERIFIED,
        (Phase.IN_CALL, Act.KEY_WRONG): Phase.IN_CALL,
        (Phase.IN_CALL, Act.SPEND_CALL): Phase.PENDING,
        (Phase.IN_CALL, Act.SPEND_ATTEMPT): Phase.FAILED,
        (Phase.IN_CALL, Act.HANG_UP): Phase.PENDING,
        (Phase.VERIFIED, Act.CONSUME): Phase.CONSUMED,
        (Phase.PENDING, Act.ABORT): Phase.ABORTED,
        (Phase.IN_CALL, Act.ABORT): Phase.ABORTED,
        (Phase.VERIFIED, Act.ABORT): Phase.ABORTED,
        (Phase.PENDING, Act.RUN_OUT): Phase.EXPIRED,
        (Phase.IN_CALL, Act.RUN_OUT): Phase.EXPIRED,
        (Phase.VERIFIED, Act.RUN_OUT): Phase.EXPIRED,
    }
)


class Verdict(Enum):
    """What a call, or what was keyed in it, came to."""

    VERIFIED = "verified"
    ANSWERED = "answered"
    """The right call; now the digits."""
    WRONG_DIGITS = "wrong_digits"
    """Key them again, in this call."""
    CALL_SPENT = "call_spent"
    """Wrong digits too often in this call: hang up; another call may follow."""
    ATTEMPT_SPENT = "attempt_spent"
    """Wrong digits too often: the attempt has failed."""
    WITHHELD = "withheld"
    PAYPHONE = "payphone"
    OUT_OF_AREA = "out_of_area"
    LINE_ERROR = "line_error"
    EXCLUDED = "excluded"
    """A number by which nobody is recognised: 050."""
    UNTRUSTED = "untrusted"
    """Nobody answers for the number, or it came from where it cannot come from."""
    WRONG_CALLER = "wrong_caller"
    WRONG_DESTINATION = "wrong_destination"
    TOO_LATE = "too_late"
    """Outside the window."""
    DUPLICATE = "duplicate"
    """The attempt is verified already."""
    ABORTED = "aborted"
    HUNG_UP = "hung_up"
    """The call has ended, or a later one has taken its place."""


_HIDDEN: Mapping[Presentation, Verdict] = MappingProxyType(
    {
        Presentation.WITHHELD: Verdict.WITHHELD,
        Presentation.PAYPHONE: Verdict.PAYPHONE,
        Presentation.OUT_OF_AREA: Verdict.OUT_OF_AREA,
        Presentation.ERROR: Verdict.LINE_ERROR,
    }
)

_OVER: Mapping[Phase, Verdict] = MappingProxyType(
    {
        Phase.VERIFIED: Verdict.DUPLICATE,
        Phase.CONSUMED: Verdict.DUPLICATE,
        Phase.EXPIRED: Verdict.TOO_LATE,
        Phase.ABORTED: Verdict.ABORTED,
        Phase.FAILED: Verdict.ATTEMPT_SPENT,
    }
)


@frozen
class Choice:
    """A registered number as it is offered: by its place, masked, with the reason why it cannot be selected, if any."""

    index: int
    shown: str
    violation: Violation | None


@frozen(kw_only=True)
class CallerRules:
    """By which numbers, and on whose word, a caller is recognised."""

    excluded_prefixes: tuple[str, ...] = ("050",)
    """As dialled within Japan; compared with the number in its normal form, so that +81 50 is 050 too."""
    enough: frozenset[CallerAssurance] = frozenset({CallerAssurance.CARRIER, CallerAssurance.ATTESTED_A})

    def __attrs_post_init__(self) -> None:
        if not all(re.fullmatch(r"0[0-9]*", prefix) for prefix in self.excluded_prefixes):
            msg = "a prefix is dialled within Japan: digits, the first of them 0"
            raise ValueError(msg)
        if CallerAssurance.NONE in self.enough:
            msg = "a number that nobody answers for is never enough"
            raise ValueError(msg)

    def recognise(self, identity: CallerIdentity) -> PhoneNumber | Verdict:
        """The number that calls, or why it is nobody's."""
        if identity.presentation in _HIDDEN:
            return _HIDDEN[identity.presentation]
        if identity.number is None:
            return Verdict.WRONG_CALLER
        if self._prefix(identity.number) is not None:
            return Verdict.EXCLUDED
        # Over an international line anybody can call himself by a number of Japan.
        if identity.from_abroad or identity.assurance not in self.enough:
            return Verdict.UNTRUSTED
        return identity.number

    def choices(self, phones: Sequence[PhoneNumber], mask: PhoneMask) -> tuple[Choice, ...]:
        """All registered numbers, in their order, as they are offered."""
        return tuple(Choice(index, phone.masked(mask), self._violation(phone)) for index, phone in enumerate(phones))

    def select(self, phones: Sequence[PhoneNumber], index: int) -> PhoneNumber | Violation:
        """The number at *index*, or why it cannot be selected."""
        if not 0 <= index < len(phones):
            return Violation("phone_auth.no_such_choice")
        return self._violation(phones[index]) or phones[index]

    def _violation(self, phone: PhoneNumber) -> Violation | None:
        prefix = self._prefix(phone)
        return None if prefix is None else Violation("phone_auth.excluded", {"prefix": prefix})

    def _prefix(self, phone: PhoneNumber) -> str | None:
        return next((prefix for prefix in self.excluded_prefixes if phone.digits.startswith(prefix)), None)


@frozen(kw_only=True)
class Progress:
    """How far an attempt has come since *start*.

    *call* is the exchange's name of the newest call, *wrong_in_call* how often wrong digits were keyed in it, *wrong*
    how often since the contract's last success; *earlier* when the contract's attempts of the hour before had started.
    """

    start: datetime
    phase: Phase = Phase.PENDING
    call: str | None = None
    wrong_in_call: int = 0
    wrong: int = 0
    earlier: tuple[datetime, ...] = ()

    @property
    def live(self) -> bool:
        """Whether something can still come of it."""
        return self.phase in LIVE


@frozen
class TooMany:
    """No new attempt before *until*: too many wrong digits, or too many attempts within an hour."""

    until: datetime


@frozen(kw_only=True)
class PhoneAuthRules:
    """The numbers of one kind of phone authentication.

    Within *window* a right call is completed; a silent one rings *rings* times.  Spoken or shown are *digits* digits;
    *tries_per_call* wrong entries end a call and *tries* wrong entries in a row the attempt, after which the contract
    waits *rest*.  A contract starts at most *starts_per_hour* attempts within an hour.
    """

    mode: Mode
    window: timedelta
    rings: int = 3
    digits: int = FEWEST_DIGITS
    tries_per_call: int = 3
    tries: int = 9
    rest: timedelta = _HOUR
    starts_per_hour: int = 10

    def __attrs_post_init__(self) -> None:
        if not timedelta(0) < self.window <= LONGEST:
            msg = "a window is longer than nothing, and no longer than ten minutes (C25)"
            raise ValueError(msg)
        if self.rest < LONGEST:
            msg = "the rest after too many wrong digits outlasts the attempt"
            raise ValueError(msg)
        if self.digits < FEWEST_DIGITS:
            msg = f"at least {FEWEST_DIGITS} digits are spoken or shown (AMB-4)"
            raise ValueError(msg)
        if not 1 <= self.tries_per_call <= self.tries or self.rings < 1 or self.starts_per_hour < 1:
            msg = "there is a ring, a start and a try; a call has no more tries than an attempt"
            raise ValueError(msg)

    def begin(self, previous: Progress | None, now: datetime) -> Progress | TooMany:
        """A new attempt at *now*, after the contract's *previous* one, which is no longer live."""
        if previous is None:
            return Progress(start=now)
        spent = previous.phase is Phase.FAILED
        if spent and now < previous.start + self.rest:
            return TooMany(previous.start + self.rest)
        earlier = tuple(start for start in (*previous.earlier, previous.start) if now < start + _HOUR)
        if len(earlier) >= self.starts_per_hour:
            return TooMany(earlier[-self.starts_per_hour] + _HOUR)
        return Progress(start=now, wrong=0 if spent else previous.wrong, earlier=earlier)

    def until(self, progress: Progress) -> datetime:
        """The last instant at which the attempt is still what it is."""
        return progress.start + (LONGEST if progress.phase is Phase.VERIFIED else self.window)

    def look(self, progress: Progress, now: datetime) -> Progress:
        """The attempt as it stands at *now*: what has run out is over."""
        return _moved(progress, Act.RUN_OUT) if progress.live and now > self.until(progress) else progress

    def call(
        self, progress: Progress, awaited: Route, came: Route, call: str, now: datetime
    ) -> tuple[Progress, Verdict]:
        """A call *came*, from a recognised number, while *awaited* was."""
        if came.caller != awaited.caller:
            return progress, Verdict.WRONG_CALLER
        if came.destination != awaited.destination:
            return progress, Verdict.WRONG_DESTINATION
        if now < progress.start:
            return progress, Verdict.TOO_LATE
        progress = self.look(progress, now)
        if progress.phase in _OVER:
            return progress, _OVER[progress.phase]
        if self.mode is Mode.SILENT:
            return evolve(_moved(progress, Act.RING), call=call, wrong=0), Verdict.VERIFIED
        return evolve(_moved(progress, Act.ANSWER), call=call, wrong_in_call=0), Verdict.ANSWERED

    def keys(self, progress: Progress, call: str, now: datetime, *, right: bool) -> tuple[Progress, Verdict]:
        """Digits were keyed in *call*; whether they are the *right* ones was found out elsewhere."""
        progress = self.look(progress, now)
        if progress.phase in _OVER:
            return progress, _OVER[progress.phase]
        if progress.phase is not Phase.IN_CALL or call != progress.call:
            return progress, Verdict.HUNG_UP
        if right:
            return evolve(_moved(progress, Act.KEY_RIGHT), wrong=0), Verdict.VERIFIED
        counted = evolve(progress, wrong_in_call=progress.wrong_in_call + 1, wrong=progress.wrong + 1)
        if counted.wrong >= self.tries:
            return _moved(counted, Act.SPEND_ATTEMPT), Verdict.ATTEMPT_SPENT
        if counted.wrong_in_call >= self.tries_per_call:
            return _moved(counted, Act.SPEND_CALL), Verdict.CALL_SPENT
        return _moved(counted, Act.KEY_WRONG), Verdict.WRONG_DIGITS

    def hang_up(self, progress: Progress, call: str, now: datetime) -> Progress:
        """*call* has ended; the attempt waits for another one."""
        progress = self.look(progress, now)
        return _moved(progress, Act.HANG_UP) if call == progress.call else progress

    def abort(self, progress: Progress, now: datetime) -> Progress:
        """The customer went back or gave up: whatever was live is over (TEL-18, TEL-25)."""
        return _moved(self.look(progress, now), Act.ABORT)

    def consume(self, progress: Progress, now: datetime) -> Progress | None:
        """Go on by it, once; None where it cannot be."""
        progress = self.look(progress, now)
        return _moved(progress, Act.CONSUME) if progress.phase is Phase.VERIFIED else None


def _moved(progress: Progress, act: Act) -> Progress:
    """After *act*, where the table has a cell for it."""
    return evolve(progress, phase=NEXT.get((progress.phase, act), progress.phase))
