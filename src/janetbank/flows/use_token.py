"""Using a software token: starting its use, cancelling it, changing its method; each takes a code.

Beside it, what its app says by itself: that its method is confirmed, and of which version it is.

Source: OTP-01..10, OTP-14..16, OTP-18..20, TKN-04, TKN-09, TXA-01, TXA-03..05, TXA-07, LGN-05, LGN-06, ENR-12;
        AMB-12, 14, 25, 31.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, TypeVar

from attrs import evolve, frozen

from janetbank.flows import guess
from janetbank.flows.guess import Held
from janetbank.flows.instructions import void_codes, void_waiting
from janetbank.flows.letters import notify
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Closed, OutsideServiceHours, Refused, Rejected, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, find_session, in_session, whose
from janetbank.flows.token_application import entitled
from janetbank.flows.tokens import AppKey, NoToken, for_app, lapsed, spend_code, write
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import TokenMoved
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.token import (
    FIRST_METHOD,
    NEXT_METHOD,
    MethodEvent,
    TokenChoice,
    TokenEvent,
    TokenForm,
    TokenState,
    menu,
)
from janetbank.ports.storage import Transaction
from janetbank.values.app_version import OLDEST, AppVersion
from janetbank.values.otp_method import OtpMethod
from janetbank.values.secret import Secret

_Told = TypeVar("_Told")


@frozen
class TokenStanding:
    """What the customer sees of his token (OTP-10): its *state*, whose text is `tokenstate.<state>`, and its method.

    *choices*: what the menu of one-time passwords offers him now (OTP-14), whose texts are `tokenchoice.<choice>`.
    """

    state: TokenState
    method: OtpMethod
    choices: tuple[TokenChoice, ...] = ()
    code: ClassVar[str] = "token.standing"


@frozen
class UseStarted:
    """The one-time password is in use (「サービス利用中」); *hints* are codes of texts: what is recommended."""

    method: OtpMethod
    hints: tuple[str, ...] = ()
    code: ClassVar[str] = "token.use_started"


@frozen
class TokenCancelled:
    """The token is given up; another one may be applied for from the next day in Japan (AMB-12)."""

    code: ClassVar[str] = "token.cancelled"


@frozen
class TakesForm:
    """This is asked for on paper, at the branch (OTP-16)."""

    code: ClassVar[str] = "token.takes_form"


@frozen
class MethodChanged:
    """From now on this *method* counts."""

    method: OtpMethod
    code: ClassVar[str] = "token.method_changed"


@frozen
class AppNoted:
    """The version of the app is the one that counts from now on."""

    code: ClassVar[str] = "token.app_noted"


CodeRefusal = Refused | TryAgain | SessionRefusal | NoToken
StartOutcome = UseStarted | Rejected | CodeRefusal
CancelOutcome = TokenCancelled | TakesForm | Rejected | CodeRefusal
MethodOutcome = MethodChanged | Rejected | CodeRefusal
NotedOutcome = AppNoted | NoToken | Closed | OutsideServiceHours


@frozen
class UseToken:
    """See the module."""

    _platform: Platform

    def standing(self, session: Secret) -> TokenStanding | SessionRefusal:
        """How the token stands."""
        settings = self._platform.profile.token

        def act(tx: Transaction, found: Found, now: datetime) -> TokenStanding:
            token = tx.tokens.latest_of(found.contract.institution, found.contract.id)
            token = None if token is None else lapsed(self._platform, token, now)
            state, since = (TokenState.NONE, now) if token is None else (token.state, token.since)
            choices = menu(
                state,
                since,
                now,
                entitled=self._platform.profile.offers(Operation.ISSUE_TOKEN)
                and entitled(self._platform, found.contract),
                by_form=settings.by_form,
                methods=settings.method.txa_from is not None,
            )
            return TokenStanding(state, FIRST_METHOD if token is None else token.method, choices)

        return in_session(self._platform, Operation.USE_SESSION, session, act, durable=False)

    def start(self, session: Secret, code: Secret, *, approve_transfers: bool = False) -> StartOutcome:
        """Start the use with a *code*, by plain codes or, with *approve_transfers*, transaction authentication.

        The step of the code is burnt (TRAPS "the start-of-use code can be used again").
        """

        def check(token: Token) -> Rejected | None:
            if not approve_transfers:
                return None
            rules = self._platform.profile.token.method
            violations = rules.check(
                MethodEvent.CHOOSE_TXA, token=TokenState.IN_USE, app=token.app or OLDEST, ticked=True
            )
            return Rejected(violations) if violations else None

        def act(tx: Transaction, contract: Contract, token: Token, now: datetime) -> UseStarted:
            token = token.on(TokenEvent.START_USE, now)
            if approve_transfers:
                token = evolve(token, method=NEXT_METHOD[token.method, MethodEvent.CHOOSE_TXA])
            moved = TokenMoved(token.number, token.state.value)
            contract = write(tx, contract, token, now, moved, *void_codes(tx, contract, token.method))
            notify(self._platform, tx, contract, LetterCode.TOKEN_IN_USE, now)
            offered = self._platform.profile.token.method.txa_from is not None
            advised = offered and token.method is OtpMethod.PASSCODE
            return UseStarted(token.method, ("token.hint.transaction_auth",) if advised else ())

        return self._with_code(session, code, TokenEvent.START_USE, check, act)

    def cancel(self, session: Secret, code: Secret) -> CancelOutcome:
        """Give the token up (利用解除), before changing telephones (LGN-05): its seed is destroyed.

        What waits for an approval in its app waits no more, and another one is offered from the next day on.

        Where a channel takes a token all sessions end, for there may be one on it (LGN-11).
        """
        if TokenForm.CANCEL in self._platform.profile.token.by_form:
            return in_session(self._platform, Operation.USE_CODE, session, lambda _tx, _found, _now: TakesForm())

        def act(tx: Transaction, contract: Contract, token: Token, now: datetime) -> TokenCancelled:
            token = token.on(TokenEvent.CANCEL, now)
            contract = evolve(contract, otp_wanted=None)
            contract = contract.end_sessions() if self._platform.profile.token.required_on else contract
            moved = TokenMoved(token.number, token.state.value)
            contract = write(tx, contract, token, now, moved, *void_waiting(tx, contract))
            notify(self._platform, tx, contract, LetterCode.TOKEN_CANCELLED, now)
            return TokenCancelled()

        return self._with_code(session, code, TokenEvent.CANCEL, lambda _: None, act)

    def change_method(self, session: Secret, code: Secret, event: MethodEvent, *, ticked: bool) -> MethodOutcome:
        """Choose another method; on the way to transaction authentication the version is confirmed (OTP-20)."""
        rules = self._platform.profile.token.method

        def check(token: Token) -> Rejected | NoToken | None:
            violations = rules.check(event, token=token.state, app=token.app or OLDEST, ticked=ticked)
            if violations:
                return Rejected(violations)
            return None if (token.method, event) in NEXT_METHOD else NoToken()

        def act(tx: Transaction, contract: Contract, token: Token, now: datetime) -> MethodChanged:
            token = evolve(token, method=NEXT_METHOD[token.method, event])
            moved = TokenMoved(token.number, token.method.value)
            contract = write(tx, contract, token, now, moved, *void_codes(tx, contract, token.method))
            notify(self._platform, tx, contract, LetterCode.METHOD_CHANGED, now)
            return MethodChanged(token.method)

        return self._with_code(session, code, None, check, act)

    def confirm_method(self, app: AppKey, *, version: str | None) -> MethodOutcome:
        """The app's tap on ［OK］: 「取引確認機能が有効になりました。」 (TXA-05, TXA-07)."""
        rules = self._platform.profile.token.method

        def act(tx: Transaction, contract: Contract, token: Token, now: datetime) -> MethodChanged | Rejected | NoToken:
            said = AppVersion.reported(version)
            violations = rules.check(MethodEvent.CONFIRM_IN_APP, token=token.state, app=said, ticked=True)
            if violations:
                return Rejected(violations)
            if (token.method, MethodEvent.CONFIRM_IN_APP) not in NEXT_METHOD:
                return NoToken()
            token = evolve(token, method=NEXT_METHOD[token.method, MethodEvent.CONFIRM_IN_APP], app=said)
            write(tx, contract, token, now, TokenMoved(token.number, token.method.value))
            return MethodChanged(token.method)

        return for_app(self._platform, Operation.APPROVE, app, act)

    def note_app(self, app: AppKey, *, version: str | None) -> NotedOutcome:
        """What an app says when it is opened: that it is of this *version*, where it was updated (TXA-01, AMB-14)."""

        def act(tx: Transaction, contract: Contract, token: Token, now: datetime) -> AppNoted:
            said = AppVersion.reported(version)
            if said != token.app:
                write(tx, contract, evolve(token, app=said), now, TokenMoved(token.number, "app updated"))
            return AppNoted()

        return for_app(self._platform, Operation.APPROVE, app, act)

    def _with_code(
        self,
        session: Secret,
        code: Secret,
        event: TokenEvent | None,
        check: Callable[[Token], Rejected | NoToken | None],
        act: Callable[[Transaction, Contract, Token, datetime], _Told],
    ) -> _Told | Rejected | CodeRefusal:
        """Do *act*, which *event* stands for, by a code; what *check* finds is told without spending one."""
        platform = self._platform

        def fits(token: Token) -> bool:
            return event is None or token.can(event)

        def before(tx: Transaction, found: Found, _: datetime) -> Rejected | NoToken | None:
            token = tx.tokens.latest_of(found.contract.institution, found.contract.id)
            return NoToken() if token is None or not fits(token) else check(token)

        if (no := in_session(platform, Operation.USE_CODE, session, before)) is not None:
            return no

        def settle(held: Held, tx: Transaction) -> _Told | Rejected | CodeRefusal:
            now = platform.now()
            found = find_session(platform, tx, session, now, Assurance.FULL)
            if isinstance(found, SessionEnded):
                return found
            spent = spend_code(platform, tx, held, code, now, lambda token: fits(token) and check(token) is None)
            if not isinstance(spent, tuple):
                return spent
            return act(tx, *spent, now)

        return guess.at_once(
            platform, Operation.USE_CODE, Counter.CODE, whose(platform, session, Assurance.FULL), settle
        )
