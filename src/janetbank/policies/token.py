"""Token: its life from the application to its end, how its app is set up, and by which method it confirms.

A token lives once; whoever applies again, or has one reissued, gets another token.  Both orders are tables, and a cell
that is missing is a refusal:

* Life.  Set-up has two events, so that it can start again until it has succeeded: a device fetches the seed with the
  start password, and may do so again, itself or another device; the one that fetched last then completes it, by a code
  made with that seed.  Nothing fetches or completes twice, so a token has one device, and its start password, of which
  there is no more need, is destroyed.
* Method.  Transaction authentication is chosen first and enabled by the app afterwards.

Deadlines and days are instants looked at when somebody comes.  Wrong start passwords and wrong codes are counted by
`lockout`; five of the one void the token, ten of the other lock it.

Shape:  `NEXT[(state, event)]` and `NEXT_METHOD[(method, event)]` say what comes after; `check` every Violation at once.
Units:  instants are aware datetimes; a day is a day in Japan.
Errors: ValueError for rules that cannot be; InvalidValue `token_name.character`, `token_name.length`.
Source: TKN-01..09, APP-05, APP-12, APP-18, APP-23, OTP-03, OTP-04, OTP-07, OTP-10, OTP-13..20, TXA-01, TXA-03, TXA-05,
        TXA-07, CRD-10, CRD-11, LGN-06, TKR-10, TEL-23, PRF-03; AMB-10, 12, 14, 25; requirements.md part 7.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from unicodedata import normalize

from attrs import evolve, field, frozen

from janetbank.values.app_version import OLDEST, AppVersion
from janetbank.values.guessable import NOBODY, PersonalData, examine
from janetbank.values.moment import in_japan
from janetbank.values.otp_method import OtpMethod
from janetbank.values.secret import Secret
from janetbank.values.shape import ascii_digits
from janetbank.values.violation import InvalidValue, Violation

# --- Life -------------------------------------------------------------------------------------------------------------


class TokenState(Enum):
    """Where a token is in its life; the texts `tokenstate.*` say it to the customer."""

    NONE = "none"
    PHONE_PENDING = "phone_pending"
    """Applied for; the call from the registered telephone is awaited."""
    ISSUED = "issued"
    """Service id and user id are in the customer's hands, the app is not set up."""
    PROVISIONED = "provisioned"
    """The app shows codes, and their use has not begun."""
    IN_USE = "in_use"
    """「サービス利用中」."""
    CANCELLED = "cancelled"
    """Given up by the customer (利用解除)."""
    LOCKED = "locked"
    """After too many wrong codes."""
    STOPPED = "stopped"
    """Stopped at the branch (利用停止)."""
    REPLACED = "replaced"
    """Another token was issued in its stead (再発行)."""
    VOID = "void"
    """Its app was not set up: too many wrong start passwords, or too late."""


class TokenForm(Enum):
    """What a customer asks for on paper, where a bank wants it so; the texts `tokenform.*` say it."""

    ENTITLE = "entitle"
    """利用申込: that he may apply for a token online."""
    STOP = "stop"
    """利用停止: on loss, or after too many wrong codes; whoever wants to go on applies for a new token."""
    CANCEL = "cancel"
    """利用解除: that he wants no one-time passwords any more."""


class TokenEvent(Enum):
    """What happens to a token."""

    APPLY = "apply"
    GIVE_UP = "give_up"
    PROVE_PHONE = "prove_phone"
    """By the call; where a bank asks for none (TEL-23), as soon as it is applied for."""
    FETCH_SEED = "fetch_seed"
    COMPLETE_SET_UP = "complete_set_up"
    USE_UP_TRIES = "use_up_tries"
    MISS_DEADLINE = "miss_deadline"
    START_USE = "start_use"
    CANCEL = "cancel"
    LOCK = "lock"
    STOP = "stop"
    REPLACE = "replace"


NEXT: Mapping[tuple[TokenState, TokenEvent], TokenState] = MappingProxyType(
    {
        (TokenState.NONE, TokenEvent.APPLY): TokenState.PHONE_PENDING,
        (TokenState.PHONE_PENDING, TokenEvent.GIVE_UP): TokenState.NONE,
        (TokenState.PHONE_PENDING, TokenEvent.PROVE_PHONE): TokenState.ISSUED,
        (TokenState.ISSUED, TokenEvent.FETCH_SEED): TokenState.ISSUED,
        (TokenState.ISSUED, TokenEvent.COMPLETE_SET_UP): TokenState.PROVISIONED,
        (TokenState.ISSUED, TokenEvent.USE_UP_TRIES): TokenState.VOID,
        (TokenState.ISSUED, TokenEvent.MISS_DEADLINE): TokenState.VOID,
        (TokenState.PROVISIONED, TokenEvent.START_USE): TokenState.IN_USE,
        # The code that starts the use can be entered wrongly as well.
        (TokenState.PROVISIONED, TokenEvent.LOCK): TokenState.LOCKED,
        (TokenState.IN_USE, TokenEvent.LOCK): TokenState.LOCKED,
        # Cancelling takes a code, so it is for who has codes in use; everybody else lets a new one be issued.
        (TokenState.IN_USE, TokenEvent.CANCEL): TokenState.CANCELLED,
        (TokenState.ISSUED, TokenEvent.STOP): TokenState.STOPPED,
        (TokenState.PROVISIONED, TokenEvent.STOP): TokenState.STOPPED,
        (TokenState.IN_USE, TokenEvent.STOP): TokenState.STOPPED,
        (TokenState.LOCKED, TokenEvent.STOP): TokenState.STOPPED,
        # Where nothing is reissued online, this is the only way on for whose app was never set up (APP-23, OTP-13).
        (TokenState.VOID, TokenEvent.STOP): TokenState.STOPPED,
        # Not after a cancellation, which would be undone on the same day; nor after a stop, which is the branch's.
        (TokenState.ISSUED, TokenEvent.REPLACE): TokenState.REPLACED,
        (TokenState.PROVISIONED, TokenEvent.REPLACE): TokenState.REPLACED,
        (TokenState.IN_USE, TokenEvent.REPLACE): TokenState.REPLACED,
        (TokenState.LOCKED, TokenEvent.REPLACE): TokenState.REPLACED,
        (TokenState.VOID, TokenEvent.REPLACE): TokenState.REPLACED,
    }
)


def may_apply(last: TokenState, since: datetime, now: datetime) -> bool:
    """Whether a new token may be applied for at *now*, when the *last* one has stood where it does *since* then.

    After a cancellation from the next day in Japan, a holiday or not.  In every other state a reissue is the way.
    """
    match last:
        case TokenState.NONE | TokenState.STOPPED:
            return True
        case TokenState.CANCELLED:
            return in_japan(now).date() > in_japan(since).date()
        case _:
            return False


class TokenChoice(Enum):
    """What the menu of one-time passwords offers; the texts `tokenchoice.*` say it."""

    ISSUE = "issue"
    """トークン発行."""
    START_USE = "start_use"
    """利用開始."""
    CANCEL = "cancel"
    """利用解除."""
    CHANGE_METHOD = "change_method"
    """認証方式変更."""


def menu(
    last: TokenState, since: datetime, now: datetime, *, entitled: bool, by_form: Collection[TokenForm], methods: bool
) -> tuple[TokenChoice, ...]:
    """What a customer may choose at *now*, whose *last* token has stood where it does *since* then, in order.

    *entitled*: he may have a token at all; *by_form*: what takes a form instead; *methods*: there is more than one.
    """
    used = last is TokenState.IN_USE
    open_ = {
        TokenChoice.ISSUE: entitled and (last is TokenState.PHONE_PENDING or may_apply(last, since, now)),
        TokenChoice.START_USE: (last, TokenEvent.START_USE) in NEXT,
        TokenChoice.CANCEL: used and TokenForm.CANCEL not in by_form,
        TokenChoice.CHANGE_METHOD: used and methods,
    }
    return tuple(choice for choice in TokenChoice if open_[choice])


# --- Setting the app up -----------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class StartPasswordRules:
    """A start password (利用開始パスワード) has *min* to *max* digits.

    At least *floor* digits must be left when everything guessable is taken out; at 0 nothing is refused for that.
    """

    min: int = 4
    max: int = 8
    floor: int = 1

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.min <= self.max:
            msg = "a start password has from at least 1 to no fewer digits"
            raise ValueError(msg)

    def canonical(self, password: Secret) -> Secret:
        """What is hashed and compared: full-width digits are the same digits."""
        return Secret(ascii_digits(password.reveal()))

    def check(self, password: Secret, *, about: PersonalData = NOBODY) -> tuple[Violation, ...]:
        """Every reason why *password* cannot be set by the person it is *about*."""
        digits = self.canonical(password).reveal()
        if not (self.min <= len(digits) <= self.max and digits.isascii() and digits.isdecimal()):
            return (Violation("start_password.shape", {"min": self.min, "max": self.max}),)
        examined = examine(digits, about=about, service_words=())
        if examined.left >= self.floor:
            return ()
        return tuple(Violation(f"start_password.guessable.{clue.kind}") for clue in examined.clues)


@frozen(kw_only=True)
class SetUp:
    """How far set-up has come: *device* fetched seed number *seed* last; what was fetched before it is void."""

    device: str = ""
    seed: int = 0

    def fetched_by(self, device: str) -> "SetUp":
        """*device* fetched a seed, the next one."""
        return evolve(self, device=device, seed=self.seed + 1)

    def completed_by(self, device: str, seed: int) -> bool:
        """Whether *device*, with seed number *seed*, is the one to complete it."""
        return self.seed > 0 and (device, seed) == (self.device, self.seed)


@frozen(kw_only=True)
class SetUpRules:
    """The app is set up within *window* of the issue, its last instant included."""

    window: timedelta

    def __attrs_post_init__(self) -> None:
        if self.window <= timedelta(0):
            msg = "there is some time to set the app up"
            raise ValueError(msg)

    def in_time(self, issued_at: datetime, now: datetime) -> bool:
        """Whether the app may still be set up at *now*; if not, the token is void."""
        return now <= issued_at + self.window


LONGEST_WORDING = 20
"""No source gives a length: room to tell ten contracts apart, and one line on a telephone."""


def display_name(name: str, wording: str) -> str:
    """A token's *name*, with the customer's additional *wording* after it; without one, as it was (APP-12)."""
    wording = normalize("NFC", wording).strip()
    if not all(letter.isprintable() or letter == "\u3000" for letter in wording):
        code = "token_name.character"
        raise InvalidValue(code)
    if len(wording) > LONGEST_WORDING:
        code = "token_name.length"
        raise InvalidValue(code, longest=LONGEST_WORDING)
    return f"{name} {wording}" if wording else name


# --- Method -----------------------------------------------------------------------------------------------------------


class MethodEvent(Enum):
    """What happens to the method of a token in use."""

    CHOOSE_TXA = "choose_txa"
    CHOOSE_PASSCODE = "choose_passcode"
    CONFIRM_IN_APP = "confirm_in_app"


FIRST_METHOD = OtpMethod.PASSCODE
"""What a token starts with; a method chosen at the start of use is chosen in the same step (LGN-12, TXA-03, TKR-10)."""

NEXT_METHOD: Mapping[tuple[OtpMethod, MethodEvent], OtpMethod] = MappingProxyType(
    {
        (OtpMethod.PASSCODE, MethodEvent.CHOOSE_TXA): OtpMethod.TXA_PENDING_APP,
        (OtpMethod.TXA_PENDING_APP, MethodEvent.CONFIRM_IN_APP): OtpMethod.TXA_ENABLED,
        (OtpMethod.TXA_PENDING_APP, MethodEvent.CHOOSE_PASSCODE): OtpMethod.PASSCODE,
        (OtpMethod.TXA_ENABLED, MethodEvent.CHOOSE_PASSCODE): OtpMethod.PASSCODE,
    }
)


def _real(_rules: object, _field: object, version: AppVersion | None) -> None:
    if version is not None and version <= OLDEST:
        msg = "a version that everything is as new as tells nothing"
        raise ValueError(msg)


@frozen(kw_only=True)
class MethodRules:
    """Transaction authentication needs an app of version *txa_from* or newer; where that is None it is not offered."""

    txa_from: AppVersion | None = field(validator=_real)

    def check(self, event: MethodEvent, *, token: TokenState, app: AppVersion, ticked: bool) -> tuple[Violation, ...]:
        """Every reason why the customer may not do *event* with a *token* and an *app* as they are.

        *ticked* is 「トークンアプリが最新のバージョンであることを確認しました。」, which is asked only on the way to
        transaction authentication; at the start of use nobody is shown the box, and it counts as ticked.
        """
        found: list[Violation] = []
        if token is not TokenState.IN_USE:
            found.append(Violation("otp_method.token_not_in_use"))
        if event is MethodEvent.CHOOSE_PASSCODE:
            return tuple(found)
        if self.txa_from is None:
            found.append(Violation("otp_method.not_offered"))
        elif app < self.txa_from:
            found.append(Violation("otp_method.app_too_old", {"needed": self.txa_from.text}))
        if event is MethodEvent.CHOOSE_TXA and not ticked:
            found.append(Violation("otp_method.not_ticked", field="ticked"))
        return tuple(found)
