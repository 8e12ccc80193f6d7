"""A token's life, proved: from the application over set-up and use to every end, and to the next token.

Two devices fetch seeds and complete the set-up in any order, with whichever seed they were handed; calls and set-ups
come in time, at the last instant and too late; tokens are locked, stopped, given up, replaced and applied for anew; the
method is chosen and confirmed.  What the flows do to a token besides its table (a seed that is sealed, a start password
that is destroyed) is done here as they do it.

Shape:  `TokenMachine(set_up, method)`; what else of the policy it works with stands in its other fields.
Source: TKN-01..07, APP-05, APP-18, APP-23, OTP-14, OTP-15, TXA-01..07, CRD-11, TKR-10; AMB-10, 14, 25, 31.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

from attrs import evolve, field, frozen

from janetbank.model.token import Token
from janetbank.policies.phone_auth import LONGEST
from janetbank.policies.token import (
    FIRST_METHOD,
    NEXT_METHOD,
    MethodEvent,
    MethodRules,
    SetUpRules,
    TokenEvent,
    TokenState,
    may_apply,
)
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, as_table, keep
from janetbank.values.app_version import AppVersion
from janetbank.values.email import MailAddress
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.moment import JST
from janetbank.values.otp_method import OtpMethod

SINCE = datetime(2026, 4, 1, tzinfo=UTC)
"""Since when every token stands where it does."""
MIDNIGHT = datetime(2026, 4, 2, tzinfo=JST)
"""The next day in Japan."""
TICK = timedelta(microseconds=1)
NEWEST = AppVersion("99999.0")

_STALE, _LATEST = 1, 2
"""The numbers of seeds: those that were handed out before, and the last one."""

ONE_DEVICE = "a token is set up once, by the device that fetched last, with the seed that it fetched last"
IN_TIME = "nothing is fetched or completed after the window, and no call counts after its time"
SECRETS_END = "where a token's life ends its secrets do"
NOT_LONGER = "a start password is there only until the set-up has succeeded or can no more"
NEXT_DAY = "after a cancellation nobody applies before the next day in Japan"
APP_CONFIRMS = "nothing is approved in an app that has not confirmed the method"
WAY_ON = "a token in use is within reach"
WAITING_ENDS = "time alone ends what a start password is good for"


class Act(Enum):
    """What happens, besides the events of the tables."""

    WAIT = "time passes, to the next instant at which something changes"
    ISSUE_NEW = "another token is issued in its stead"
    FETCH_A = "device A fetches a seed"
    FETCH_B = "device B fetches a seed"
    LOSE_A = "device A fetches a seed, and the answer is lost"
    LOSE_B = "device B fetches a seed, and the answer is lost"
    COMPLETE_A = "device A completes the set-up with the last seed that it was handed"
    COMPLETE_B = "device B completes the set-up with the last seed that it was handed"


_FETCH = {Act.FETCH_A: (0, True), Act.FETCH_B: (1, True), Act.LOSE_A: (0, False), Act.LOSE_B: (1, False)}
_COMPLETE = {Act.COMPLETE_A: 0, Act.COMPLETE_B: 1}
_DEVICES = ("A", "B")

Event = Act | TokenEvent | MethodEvent


@frozen(cache_hash=True)
class Life:
    """The token that counts, at one of the instants, and what was seen: the seeds that the devices were *handed*."""

    token: Token
    instant: int = 0
    handed: tuple[int, int] = (0, 0)
    completed: bool = False
    confirmed: bool = False


@frozen
class TokenMachine(Machine[Life, Event]):
    """The tokens of one contract."""

    set_up: SetUpRules
    method: MethodRules
    kind: type[Token] = Token
    may_apply: Callable[[TokenState, datetime, datetime], bool] = may_apply
    methods: Mapping[tuple[OtpMethod, MethodEvent], OtpMethod] = field(
        default=NEXT_METHOD, converter=as_table, hash=False
    )

    @property
    def instants(self) -> Sequence[datetime]:
        """Those at which something changes, and the first after each; a day in Japan begins at its instant."""
        ends = {SINCE + self.set_up.window, SINCE + LONGEST}
        return sorted({SINCE, MIDNIGHT - TICK, MIDNIGHT, *ends, *(end + TICK for end in ends)})

    def starts(self) -> Iterable[Life]:
        """Nobody has applied."""
        return [Life(self._drawn().on(TokenEvent.GIVE_UP, SINCE))]

    def events(self, state: Life) -> Iterable[Event]:
        """Everything that the tables know, and whatever devices try."""
        yield from (event for event in TokenEvent if event not in _BY_DEVICES)
        yield from MethodEvent
        yield from (act for act in Act if act is not Act.WAIT)
        if state.instant + 1 < len(self.instants):
            yield Act.WAIT

    def after(self, state: Life, event: Event) -> tuple[Life, str]:
        """What follows, with the laws."""
        now = self.instants[state.instant]
        if event is Act.WAIT:
            return evolve(state, instant=state.instant + 1), "later"
        then = self._do(state, event, now)
        _check(then)
        return then, "refused" if then == state else then.token.state.value

    def _do(self, state: Life, event: Event, now: datetime) -> Life:
        token = state.token
        if isinstance(event, MethodEvent):
            return self._choose(state, event)
        if event in _FETCH and isinstance(event, Act):
            return self._fetch(state, now, *_FETCH[event])
        if event in _COMPLETE and isinstance(event, Act):
            return self._complete(state, _COMPLETE[event], now)
        if event is Act.ISSUE_NEW:
            return self._replace(state)
        assert isinstance(event, TokenEvent)
        if event is TokenEvent.APPLY:
            return self._apply(state, now)
        # No call counts after its time, and nobody misses a deadline before.
        only = {TokenEvent.PROVE_PHONE: False, TokenEvent.MISS_DEADLINE: True}
        late = now > self._until(token)
        if not token.can(event) or only.get(event, late) != late:
            return state
        return evolve(state, token=token.on(event, SINCE), instant=0)

    def _drawn(self) -> Token:
        """A token that was applied for, as the flow draws it."""
        return self.kind(
            institution=InstitutionId("0000"),
            contract=ContractId("contract"),
            number=1,
            service_id="000",
            user_id="0000000",
            state=TokenState.PHONE_PENDING,
            since=SINCE,
            mail=MailAddress("taro", "example.jp"),
            start_password="hash",  # noqa: S106 -- stands for one
            method=FIRST_METHOD,
        )

    def _until(self, token: Token) -> datetime:
        return SINCE + (LONGEST if token.state is TokenState.PHONE_PENDING else self.set_up.window)

    def _apply(self, state: Life, now: datetime) -> Life:
        token = state.token
        if not self.may_apply(token.state, token.since, now):
            return state
        keep(NEXT_DAY, token.state is not TokenState.CANCELLED or now >= MIDNIGHT, "it is {}", now.astimezone(JST))
        return Life(self._drawn())

    def _replace(self, state: Life) -> Life:
        if not state.token.can(TokenEvent.REPLACE):
            return state
        _check(evolve(state, token=state.token.on(TokenEvent.REPLACE, SINCE)))
        return Life(self._drawn().on(TokenEvent.PROVE_PHONE, SINCE))

    def _fetch(self, state: Life, now: datetime, device: int, arrives: bool) -> Life:  # noqa: FBT001 -- a row of a table
        token = state.token
        if token.start_password is None or not token.can(TokenEvent.FETCH_SEED):
            return state
        if not self.set_up.in_time(token.since, now):
            return evolve(state, token=token.on(TokenEvent.MISS_DEADLINE, SINCE), instant=0)
        keep(IN_TIME, now <= self._until(token), "a seed is fetched {} after the issue", now - SINCE)
        keep(ONE_DEVICE, not state.completed, "a seed is fetched once more")
        fetched = token.set_up.fetched_by(_DEVICES[device])
        handed = [min(number, _STALE) for number in state.handed]
        handed[device] = _LATEST if arrives else handed[device]
        fetched = evolve(fetched, seed=_LATEST if fetched.seed > token.set_up.seed else _STALE)
        after = evolve(token, set_up=fetched, seed="sealed", app_key="key")
        return evolve(state, token=after, handed=(handed[0], handed[1]))

    def _complete(self, state: Life, device: int, now: datetime) -> Life:
        token = state.token
        ready = token.set_up.completed_by(_DEVICES[device], state.handed[device])
        if not ready or not token.can(TokenEvent.COMPLETE_SET_UP) or not self.set_up.in_time(token.since, now):
            return state
        keep(ONE_DEVICE, state.handed[device] == _LATEST, "device {} has an older seed", _DEVICES[device])
        keep(ONE_DEVICE, not state.completed, "it was set up before")
        keep(IN_TIME, now <= self._until(token), "it is completed {} after the issue", now - SINCE)
        after = evolve(token.on(TokenEvent.COMPLETE_SET_UP, SINCE), start_password=None)
        return evolve(state, token=after, instant=0, completed=True)

    def _choose(self, state: Life, event: MethodEvent) -> Life:
        token = state.token
        if self.method.check(event, token=token.state, app=NEWEST, ticked=True):
            return state
        method = self.methods.get((token.method, event), token.method)
        confirmed = event is MethodEvent.CONFIRM_IN_APP or (state.confirmed and method is OtpMethod.TXA_ENABLED)
        keep(APP_CONFIRMS, method is not OtpMethod.TXA_ENABLED or confirmed, "it approves after {}", event.value)
        return evolve(state, token=evolve(token, method=method), confirmed=method is OtpMethod.TXA_ENABLED)

    def ways(self) -> Sequence[Way[Life, Event]]:
        """A token in use can be had, and what waits for somebody does not wait for ever."""
        return (
            Way(law=WAY_ON, of=lambda _: True, to=lambda life: life.token.state is TokenState.IN_USE),
            Way(
                law=WAITING_ENDS,
                of=lambda life: life.token.start_password is not None,
                to=lambda life: self.instants[life.instant] > self._until(life.token),
                by=lambda event: event is Act.WAIT,
            ),
        )

    def say(self, event: Event) -> str:
        """The event in words."""
        return str(event.value)

    def show(self, state: Life) -> str:
        """The token, and what it holds."""
        token, since = state.token, self.instants[state.instant] - SINCE
        secrets = [name for name in ("start_password", "seed", "app_key") if getattr(token, name) is not None]
        return f"{token.state.value}, {token.method.value}, for {since}; holds {', '.join(secrets) or 'nothing'}"


_BY_DEVICES = {TokenEvent.FETCH_SEED, TokenEvent.COMPLETE_SET_UP, TokenEvent.REPLACE}
_ENDS = {TokenState.NONE, TokenState.CANCELLED, TokenState.STOPPED, TokenState.REPLACED, TokenState.VOID}
_BEFORE = {TokenState.PHONE_PENDING, TokenState.ISSUED}


def _check(life: Life) -> None:
    token = life.token
    secrets = (token.start_password, token.seed, token.app_key)
    if token.state in _ENDS:
        keep(SECRETS_END, not any(secrets), "it is {} and holds one", token.state.value)
    keep(NOT_LONGER, (token.start_password is not None) == (token.state in _BEFORE), "it is {}", token.state.value)


def machines(profile: Profile) -> Iterable[tuple[str, Machine[Life, Event]]]:
    """The tokens of *profile*."""
    return [("token", TokenMachine(profile.token.set_up, profile.token.method))]
