"""The token app: codes, the tab for transactions, and the finger, for up to ten contracts.

It is a customer of the bank's public operations and of nothing else: what it can do, every app can.

    app = TokenApp(net, Memory(path, device), clock)
    app.add(service_id, user_id, Secret("7351"), agreed=True)
    app.code()                                   # of the contract that is selected
    for waiting in app.waiting(): app.approve(waiting)

Shape:  a contract is a `Kept`, by its position from 0; the one that is added last is selected.  What the bank says is
        handed on as it is; what the app itself refuses is one of this module's outcomes.
Units:  instants are aware UTC datetimes.
Errors: what the memory raises; what the bank's ports raise, where they are in the same process; ValueError for a
        position at which there is no contract; InvalidValue for a wording that cannot be (token_name.*).
Source: PRF-13, APP-05, APP-09..13, APP-18, APP-20..22, LGN-12, LGN-17, TXA-01, TXA-04, TXA-05, BIO-01..07;
        standards.md C32 (how often a finger may be another one's).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import evolve, frozen

from janetbank.bank import NetBank
from janetbank.flows.approve import ApproveOutcome, DeclineOutcome, Pending
from janetbank.flows.biometrics import (
    BeginLogInOutcome,
    BeginSetUpOutcome,
    BiometricLogInOutcome,
    BiometricsSetUp,
    FingerWanted,
    SetUpOutcome,
)
from janetbank.flows.log_in import CodeAsked, CodeOutcome, LogInOutcome
from janetbank.flows.refusals import Closed, OutsideServiceHours
from janetbank.flows.set_up_app import AppReady, CompleteOutcome, FetchOutcome, SeedHandedOut
from janetbank.flows.tokens import AppKey, NoToken, answer_key
from janetbank.flows.use_token import MethodOutcome, NotedOutcome
from janetbank.policies.approval import APP_SUITE
from janetbank.policies.ocra import Suite
from janetbank.policies.one_time_password import Algorithm, OtpRules
from janetbank.policies.token import display_name
from janetbank.ports.clock import Clock
from janetbank.values.environment import Channel, Environment
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Transfer
from janetbank.values.secret import Secret
from janetbank_adapters.biometrics.software import Finger, FingerRefused, made, used
from janetbank_adapters.token_app.memory import Kept, Memory

VERSION = "4.1"
MOST_CONTRACTS = 10
"""PRF-13, APP-20."""

MISSES, MOST_MISSES = 5, 50
"""In a row: so many before each further finger has to wait, and before biometric login is off (C32)."""
FINGER_REST = timedelta(seconds=30)
"""For how long it has to."""

_SUITE = Suite(APP_SUITE)


@frozen
class AppFull:
    """There are ten contracts in the app already."""


@frozen
class AlreadyThere:
    """This contract is in the app already."""


@frozen
class NotAgreed:
    """「上記の内容に同意する。」 is not ticked."""


@frozen
class OtherFinger:
    """The telephone did not recognise its owner: nothing was sent."""


@frozen
class FingerRests:
    """Others' fingers were tried too often: none is looked at before *until*; login id and password let in as ever."""

    until: datetime


@frozen
class NoFinger:
    """In this app no finger was set up for the contract, or too many were another one's: set it up (again)."""


@frozen
class Shown:
    """What the app shows: the *code*, until it gives way to the next one."""

    code: Secret
    until: datetime
    period: timedelta


@frozen(kw_only=True)
class Waiting:
    """A transaction in the tab: what is to be executed, and until when it can be answered."""

    transfer: Transfer
    until: datetime


AddOutcome = AppReady | AppFull | AlreadyThere | NotAgreed | FetchOutcome | CompleteOutcome


class TokenApp:
    """See the module."""

    def __init__(
        self,
        bank: NetBank,
        memory: Memory,
        clock: Clock,
        *,
        name: Callable[[str], str] = str,
        origin: str = "",
        version: str = VERSION,
    ) -> None:
        """Make one of *version*; *name* is how an institution is called, *origin* what the app is to WebAuthn."""
        self._bank = bank
        self._memory = memory
        self._clock = clock
        self._name = name
        self._origin = origin
        self._version = version
        self._contracts = list(memory.load())
        self._selected = len(self._contracts) - 1

    # --- Contracts ----------------------------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """What the contracts are called, in their order (APP-12, APP-20)."""
        return tuple(display_name(self._name(one.institution), one.wording) for one in self._contracts)

    @property
    def selected(self) -> int:
        """The position of the contract that codes and transactions are shown of."""
        return self._selected

    def select(self, position: int) -> None:
        """Show the contract at *position* (APP-22)."""
        self._selected = self._checked(position)

    def rename(self, position: int, wording: str) -> None:
        """Add *wording* to the name of a contract, in the place of what was added before."""
        one = self._contracts[self._checked(position)]
        display_name(self._name(one.institution), wording)
        self._keep(position, evolve(one, wording=wording))

    def forget(self, position: int) -> None:
        """Delete a contract and its secrets; it can be in no app again without a reissue (APP-18)."""
        del self._contracts[self._checked(position)]
        self._selected = min(self._selected, len(self._contracts) - 1)
        self._memory.save(self._contracts)

    def add(
        self, service_id: str, user_id: str, start_password: Secret, *, agreed: bool, wording: str = ""
    ) -> AddOutcome:
        """Set the app up for one more contract (初期設定, トークン追加); may be tried again until it has succeeded."""
        if not agreed:
            return NotAgreed()
        if len(self._contracts) >= MOST_CONTRACTS:
            return AppFull()
        if any((one.service_id, one.user_id) == (service_id, user_id) for one in self._contracts):
            return AlreadyThere()
        display_name("", wording)
        device = self._memory.device.id
        handed = self._bank.set_up_app.fetch(
            service_id=service_id,
            user_id=user_id,
            start_password=start_password,
            device=device,
            version=self._version,
        )
        if not isinstance(handed, SeedHandedOut):
            return handed
        # Kept first: where the bank's answer to the last step gets lost, the app has what the bank believes it has.
        self._contracts.append(_kept(handed, wording))
        self._memory.save(self._contracts)
        told = self._bank.set_up_app.complete(
            handed.app, device=device, number=handed.number, code=self.code(len(self._contracts) - 1).code
        )
        if isinstance(told, AppReady):
            self._selected = len(self._contracts) - 1
        else:
            self._contracts.pop()
            self._memory.save(self._contracts)
        return told

    # --- Codes --------------------------------------------------------------------------------------------------------

    def code(self, position: int | None = None) -> Shown:
        """The code of the present step (APP-13)."""
        one = self._at(position)
        rules = OtpRules(period=timedelta(seconds=one.period), digits=one.digits, algorithm=Algorithm(one.algorithm))
        step = rules.step_at(self._clock.now())
        return Shown(rules.code(bytes.fromhex(one.seed), step), rules.shown_until(step), rules.period)

    def open(self) -> NotedOutcome:
        """Tell the bank of which version the app is, for it may have been updated (TXA-01)."""
        return self._bank.use_token.note_app(_app(self._at()), version=self._version)

    def log_in(self, login_id: str, password: Secret, *, seen_from: Environment) -> LogInOutcome | CodeOutcome:
        """Log in on this telephone; where a code is asked for, the app fills it in (LGN-12, LGN-17)."""
        institution = InstitutionId(self._at().institution)
        here = evolve(seen_from, channel=Channel.SMARTPHONE)
        told = self._bank.log_in.with_login_id(institution, login_id, password, seen_from=here)
        if isinstance(told, CodeAsked):
            return self._bank.log_in.enter_code(told.challenge, self.code().code)
        return told

    # --- Transactions -------------------------------------------------------------------------------------------------

    def confirm_method(self) -> MethodOutcome:
        """［OK］ on the tab: transactions are confirmed here from now on (TXA-05, TXA-07)."""
        return self._bank.use_token.confirm_method(_app(self._at()), version=self._version)

    def waiting(self) -> tuple[Waiting, ...] | NoToken | Closed | OutsideServiceHours:
        """What waits for an answer."""
        told = self._bank.approve.pending(_app(self._at()))
        if not isinstance(told, Pending):
            return told
        return tuple(Waiting(transfer=transfer, until=until) for transfer, until in told.transfers)

    def approve(self, waiting: Waiting) -> ApproveOutcome:
        """Approve what was shown, as it was shown: its digest is computed here, of nothing else."""
        one = self._at()
        key = answer_key(bytes.fromhex(one.seed))
        answer = Secret(_SUITE.answer(key, waiting.transfer.digest, now=self._clock.now()))
        return self._bank.approve.approve(_app(one), waiting.transfer.reference, answer)

    def decline(self, waiting: Waiting) -> DeclineOutcome:
        """Decline it for good."""
        return self._bank.approve.decline(_app(self._at()), waiting.transfer.reference)

    # --- Finger -------------------------------------------------------------------------------------------------------

    def set_up_finger(
        self, login_id: str, password: Secret, finger: Finger
    ) -> SetUpOutcome | BeginSetUpOutcome | OtherFinger | FingerRests:
        """Let *finger* in from now on (BIO-02, BIO-05)."""
        one = self._at()
        if (rests := self._rests(one)) is not None:
            return rests
        wanted = self._bank.biometrics.begin_set_up(_app(one))
        if not isinstance(wanted, FingerWanted):
            return wanted
        try:
            response, passkey = made(wanted.options, origin=self._origin, finger=finger)
        except FingerRefused:
            return self._missed(one)
        one = self._recognised(one)
        told = self._bank.biometrics.set_up(_app(one), login_id=login_id, password=password, response=response)
        if isinstance(told, BiometricsSetUp):
            self._keep(self._selected, evolve(one, passkey=passkey))
        return told

    def log_in_by_finger(
        self, finger: Finger, *, seen_from: Environment
    ) -> BiometricLogInOutcome | BeginLogInOutcome | OtherFinger | FingerRests | NoFinger:
        """Log in by *finger*, with the code of this step (BIO-06, BIO-07)."""
        one = self._at()
        if one.passkey is None:
            return NoFinger()
        if (rests := self._rests(one)) is not None:
            return rests
        wanted = self._bank.biometrics.begin_log_in(_app(one))
        if not isinstance(wanted, FingerWanted):
            return wanted
        try:
            response, passkey = used(one.passkey, wanted.options, origin=self._origin, finger=finger)
        except FingerRefused:
            return self._missed(one)
        # Kept before it is sent: a count that was shown must never be shown again.
        self._recognised(evolve(one, passkey=passkey))
        return self._bank.biometrics.log_in(
            _app(one),
            response=response,
            code=self.code().code,
            seen_from=evolve(seen_from, channel=Channel.SMARTPHONE),
        )

    def _rests(self, one: Kept) -> FingerRests | None:
        if one.misses < MISSES or one.missed_at is None:
            return None
        until = datetime.fromisoformat(one.missed_at) + FINGER_REST
        return FingerRests(until) if self._clock.now() < until else None

    def _missed(self, one: Kept) -> OtherFinger:
        misses, passkey = one.misses + 1, one.passkey
        if misses >= MOST_MISSES:
            passkey = None
        missed_at = self._clock.now().isoformat()
        self._keep(self._selected, evolve(one, passkey=passkey, misses=misses, missed_at=missed_at))
        return OtherFinger()

    def _recognised(self, one: Kept) -> Kept:
        one = evolve(one, misses=0, missed_at=None)
        self._keep(self._selected, one)
        return one

    def _at(self, position: int | None = None) -> Kept:
        return self._contracts[self._checked(self._selected if position is None else position)]

    def _checked(self, position: int) -> int:
        if not 0 <= position < len(self._contracts):
            msg = "there is no such contract in the app"
            raise ValueError(msg)
        return position

    def _keep(self, position: int, kept: Kept) -> None:
        self._contracts[position] = kept
        self._memory.save(self._contracts)


def _kept(handed: SeedHandedOut, wording: str) -> Kept:
    return Kept(
        institution=handed.institution,
        service_id=handed.app.service_id,
        user_id=handed.app.user_id,
        key=handed.app.key.reveal(),
        seed=handed.seed.reveal(),
        period=handed.period,
        digits=handed.digits,
        algorithm=handed.algorithm,
        wording=wording,
    )


def _app(kept: Kept) -> AppKey:
    return AppKey(service_id=kept.service_id, user_id=kept.user_id, key=Secret(kept.key))
