"""Issuing a software token: the address, the start password, a step-up, a call, and the token's ids.

    IssueToken.phones  -> PhoneChoices | NoEligiblePhone | a refusal
    IssueToken.apply   -> Started (call now) | a refusal
    IssueToken.poll    -> how the call stands
    IssueToken.confirm -> TokenIssued | not yet | a refusal
    IssueToken.abort

Where the profile asks for no call, `apply` issues at once (TEL-23); and where one-time passwords are had by a form, it
is refused until the institution has registered that (`flows.release`).

Shape:  outcomes are closed unions; the start password is kept as its hash alone and stands in no letter.
Source: TKN-01..12, TKN-15..18, APP-01, APP-06, LGN-11, TEL-01..18, TEL-23, CRD-10, RBA-13, MAL-03..05, ENR-13, PRF-03;
        AMB-10, 12, 26; standards.md C34, C35.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar

from attrs import evolve, frozen

from janetbank.flows.chains import keep
from janetbank.flows.letters import notify
from janetbank.flows.personal_data import about
from janetbank.flows.phone_auth import (
    NoEligiblePhone,
    NoSuchAttempt,
    NotRecognised,
    PhoneAborted,
    PhoneAuth,
    PhoneChoices,
    Standing,
    Started,
    StartRefusal,
)
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Rejected
from janetbank.flows.sessions import Found, SessionRefusal, ShortOf, in_session, short_of, spend
from janetbank.flows.token_application import drawn, entitled, examine, held_from, issued
from janetbank.flows.tokens import released
from janetbank.model.contract import Contract
from janetbank.model.events import TokenMoved
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import TokenEvent, TokenState, may_apply
from janetbank.ports.storage import Transaction
from janetbank.values.email import MailAddress
from janetbank.values.secret import Secret

_Told = TypeVar("_Told")


@frozen(kw_only=True)
class TokenIssued:
    """The token is issued: the app is set up with these ids, mailed to *mail*, and the start password, by *until*.

    Transfers can be made from *transfers_from* on; None: as before.  *hints* are the codes of the cautions to show.
    """

    service_id: str
    user_id: str
    mail: str
    until: datetime
    transfers_from: datetime | None = None
    hints: tuple[str, ...] = ("token.hint.start_password", "token.hint.app_there", "token.hint.clock")
    code: ClassVar[str] = "token.issued"


@frozen
class NotYet:
    """A token may not be applied for now: there is one, or one was given up today."""

    code: ClassVar[str] = "token.not_yet"


@frozen
class NotEntitled:
    """One-time passwords are applied for on paper, at the branch; it has registered nothing of the kind (PRF-03)."""

    code: ClassVar[str] = "token.not_entitled"


ApplyOutcome = Started | TokenIssued | StartRefusal | NotYet | NotEntitled | Rejected | ShortOf | SessionRefusal
ConfirmOutcome = TokenIssued | NotRecognised | SessionRefusal


@frozen(kw_only=True)
class IssueToken:
    """See the module."""

    platform: Platform
    phone_auth: PhoneAuth

    def phones(self, session: Secret) -> PhoneChoices | NoEligiblePhone | SessionRefusal:
        """The registered numbers to choose from (TEL-02, TEL-04, TEL-05)."""
        contract = self._contract(session)
        if not isinstance(contract, Contract):
            return contract
        return self.phone_auth.choices(self.phone_auth.registered(contract))

    def apply(
        self, session: Secret, *, mail: str, mail_again: str, start_password: Secret, again: Secret, phone: int
    ) -> ApplyOutcome:
        """Apply for a token, and wait for a call from registered number *phone* (an index of `phones`), if one is due.

        More than logging in asks must have been shown in this session (RBA-13, TKN-11).
        """
        settings = self.platform.profile.token
        calls = settings.issued_by_call
        contract = self._contract(session)
        if not isinstance(contract, Contract):
            return contract
        selected = self.phone_auth.select(self.phone_auth.registered(contract) if calls else (), phone)
        stored = self.platform.vault.hash(settings.start_password.canonical(start_password))

        def act(tx: Transaction, found: Found, now: datetime) -> ApplyOutcome:
            if not entitled(self.platform, found.contract):
                return NotEntitled()
            if (no := short_of(self.platform, found.session, Guarded.TOKEN_ISSUE, now)) is not None:
                return no
            latest = tx.tokens.latest_of(found.contract.institution, found.contract.id)
            if latest is not None and latest.state is TokenState.PHONE_PENDING:
                latest = latest.on(TokenEvent.GIVE_UP, now)
            if latest is not None and not may_apply(latest.state, latest.since, now):
                return NotYet()
            address = examine(
                self.platform,
                about(tx, found.contract),
                mail=mail,
                mail_again=mail_again,
                start_password=start_password,
                again=again,
            )
            if isinstance(address, Rejected):
                return address
            if not calls:
                spend(tx, found.session)
                token = self._pending(found.contract, latest, address, stored, now)
                return self._given(tx, evolve(found.contract, otp_wanted=True), token, now)
            started = self.phone_auth.start(
                tx,
                found.contract,
                selected,
                asked_by=found.session.key,
                purpose=OnlineProcedure.TOKEN_ISSUE,
                now=now,
            )
            if not isinstance(started, tuple):
                return started
            contract, told = started
            tx.sessions.put(evolve(found.session, used_at=now, confirmed_at=None))
            token = self._pending(contract, latest, address, stored, now)
            _keep(tx, evolve(contract, otp_wanted=True), token, now)
            return told

        return self._in_session(session, act)

    def poll(self, session: Secret, attempt: str) -> Standing | SessionRefusal:
        """How the call stands; nothing is written."""
        return self._in_session(session, _nothing, durable=False) or self.phone_auth.poll(session, attempt)

    def abort(self, session: Secret, attempt: str) -> Standing | SessionRefusal:
        """Go back, or give up: a call that comes now is of no use, and what was given is forgotten (TEL-18, TEL-25)."""
        if (no := self._in_session(session, _nothing, durable=False)) is not None:
            return no
        told = self.phone_auth.abort(session, attempt)
        if isinstance(told, PhoneAborted):
            # Where a process dies before this, the token lapses as whenever no call comes.
            self._in_session(session, partial(_give_up, attempt))
        return told

    def _contract(self, session: Secret) -> Contract | SessionRefusal:
        """Whose session this is, for what is asked before the transaction."""
        return self._in_session(session, lambda _tx, found, _now: found.contract, durable=False)

    def _in_session(
        self, session: Secret, act: Callable[[Transaction, Found, datetime], _Told], *, durable: bool = True
    ) -> _Told | SessionRefusal:
        """Do *act* for whoever may apply, be it that he may do nothing else (LGN-11)."""
        operation = Operation.ISSUE_TOKEN
        return in_session(self.platform, operation, session, act, assurance=Assurance.APPLYING, durable=durable)

    def confirm(self, session: Secret, attempt: str) -> ConfirmOutcome:
        """Go on by the call: the token is issued, once (TKN-07)."""
        return self._in_session(session, partial(self._issue, attempt))

    def _issue(self, attempt: str, tx: Transaction, found: Found, now: datetime) -> TokenIssued | NotRecognised:
        token = tx.tokens.latest_of(found.contract.institution, found.contract.id)
        if token is None or not token.can(TokenEvent.PROVE_PHONE):
            return NoSuchAttempt()
        contract = self.phone_auth.consume(
            tx,
            found.contract,
            attempt,
            asked_by=found.session.key,
            purpose=OnlineProcedure.TOKEN_ISSUE,
            now=now,
        )
        if not isinstance(contract, Contract):
            return contract
        return self._given(tx, contract, token, now)

    def _given(self, tx: Transaction, contract: Contract, token: Token, now: datetime) -> TokenIssued:
        """Issue *token*, new or read: everybody is told, and its counters are open."""
        platform = self.platform
        held = held_from(platform, contract, now)
        contract = evolve(contract, transfers_from=held or contract.transfers_from)
        _keep(tx, released(platform, contract), issued(platform, tx, token, now), now)
        notify(platform, tx, contract, LetterCode.TOKEN_ISSUED_NOTICE, now)
        return TokenIssued(
            service_id=token.service_id,
            user_id=token.user_id,
            mail=str(token.mail),
            until=now + platform.profile.token.set_up.window,
            transfers_from=held,
        )

    def _pending(
        self, contract: Contract, latest: Token | None, mail: MailAddress, start_password: str, now: datetime
    ) -> Token:
        if latest is not None and latest.can(TokenEvent.APPLY):
            # Begun anew, and nobody was told its ids: it keeps them.
            return evolve(latest.on(TokenEvent.APPLY, now), mail=mail, start_password=start_password)
        number = 1 if latest is None else latest.number + 1
        return drawn(self.platform, contract, number, mail, start_password, now)


def _nothing(_tx: Transaction, _found: Found, _now: datetime) -> None:
    return None


def _give_up(attempt: str, tx: Transaction, found: Found, now: datetime) -> None:
    """Give the application up that waited for *attempt*, unless another one was begun since."""
    contract = found.contract
    token = tx.tokens.latest_of(contract.institution, contract.id)
    last = tx.phone_attempts.latest_of(contract.institution, contract.id)
    if token is not None and token.can(TokenEvent.GIVE_UP) and last is not None and last.id == attempt:
        _keep(tx, evolve(contract, otp_wanted=None), token.on(TokenEvent.GIVE_UP, now), now)


def _keep(tx: Transaction, contract: Contract, token: Token, now: datetime) -> None:
    """Write both, *token* new or read, with what became of it in the contract's chain."""
    contract = keep(tx, contract, now, TokenMoved(token.number, token.state.value))
    if token.version:
        tx.tokens.put(token)
    else:
        tx.tokens.add(token)
