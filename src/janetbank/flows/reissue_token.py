"""Reissuing a software token: for who has lost his telephone, changed it, or has his codes blocked.

    ReissueToken.with_login_id / with_account -> ReissueBegun | a refusal      the login password, and no code
    ReissueToken.phones                       -> PhoneChoices | a refusal
    ReissueToken.apply                        -> Started (call now) | a refusal
    ReissueToken.poll                         -> how the call stands
    ReissueToken.complete                     -> TokenReissued | not yet | a refusal
    and at any time where_am_i, go_back, abandon

Nobody is logged in.  The password counts on the counter that it has everywhere, and whoever is unknown is counted on a
decoy.  From the right password on, the procedure is one contract's, and its own token all that the customer holds; it
ends with whatever ends the contract's sessions.

Until completion nothing has happened to the old token: its codes are taken, its app approves.  At completion it is
replaced in one transaction with everything that hangs on it: seed and biometric login, what waits for its approval,
the counters of its code and start password, the sessions (the telephone that is gone may be logged in), and, where the
password was reset just before, for a while transfers too (`policies.cooling_off`).  The ids go to the address that was
given; that this happened goes to all that were registered before, since that address may be a thief's.

Shape:  outcomes are closed unions; the start password is kept as its hash alone and stands in no letter.
Errors: what the ports raise.
Source: TKR-01..10, TEL-09, TEL-16, LGN-05, LCK-12, CRD-10, APP-23, BIO-12, MAL-04, MAL-05, ENR-13; AMB-10, 11, 25, 28,
        29, 31; standards.md C06, C26, C34, C35; ASVS 2.3.1, 7.4.3.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar

from attrs import evolve, frozen

from janetbank.flows import gate, guess, password_proof
from janetbank.flows.chains import keep
from janetbank.flows.instructions import void_waiting
from janetbank.flows.lacks import lacks_of
from janetbank.flows.letters import notify
from janetbank.flows.password_proof import Name, Proved, by_account, by_login_id
from janetbank.flows.personal_data import about
from janetbank.flows.phone_auth import (
    NoEligiblePhone,
    NoSuchAttempt,
    NotRecognised,
    PhoneAuth,
    PhoneChoices,
    Standing,
    Started,
    StartRefusal,
)
from janetbank.flows.platform import Platform
from janetbank.flows.recover import NotOffered, OnlyAtTheCounter, at_the_counter
from janetbank.flows.refusals import (
    Closed,
    OutsideServiceHours,
    ProcedureEnded,
    ProvisionalExpired,
    Refused,
    Rejected,
    TryAgain,
    WrongStep,
)
from janetbank.flows.token_application import drawn, examine, held_from, issued
from janetbank.flows.tokens import NoToken, released
from janetbank.model.contract import Contract
from janetbank.model.events import ProcedureStep, ReissueRefused, TokenMoved, TokenReplaced
from janetbank.model.events import ReissueBegun as ReissueBegunEvent
from janetbank.model.letter import LetterCode
from janetbank.model.reissue import Reissue
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import Lack, OnlineProcedure, excluded
from janetbank.policies.reissue import ENDS, NEXT, Act, Step
from janetbank.policies.releases import Block
from janetbank.policies.token import TokenEvent
from janetbank.ports.failures import PortError
from janetbank.ports.storage import Transaction
from janetbank.profiles.profile import Profile
from janetbank.values.identifiers import InstitutionId
from janetbank.values.secret import Secret

_Told = TypeVar("_Told")


@frozen
class ReissueBegun:
    """The password was right; *procedure* is the token by which the reissue goes on, until *until*."""

    procedure: Secret
    until: datetime
    code: ClassVar[str] = "reissue.begun"


@frozen
class ReissueStep:
    """Where the reissue stands: *step* is due."""

    step: Step
    code: ClassVar[str] = "reissue.step"


@frozen
class ReissueAbandoned:
    """The reissue was given up; the token is what it was."""

    code: ClassVar[str] = "reissue.abandoned"


@frozen(kw_only=True)
class TokenReissued:
    """There is a new token: the app is set up with these ids, mailed to *mail*, and the start password, by *until*.

    The old one is no more.  Transfers can be made from *transfers_from* on; None: as before.  *hints* are the codes of
    the cautions to show.
    """

    service_id: str
    user_id: str
    mail: str
    until: datetime
    transfers_from: datetime | None
    hints: tuple[str, ...] = ("token.hint.latest_app", "token.hint.set_up_failed")
    code: ClassVar[str] = "reissue.done"


ReissueRefusal = WrongStep | ProcedureEnded | Closed | OutsideServiceHours
BeginOutcome = (
    ReissueBegun
    | NotOffered
    | OnlyAtTheCounter
    | NoToken
    | Refused
    | ProvisionalExpired
    | TryAgain
    | Closed
    | OutsideServiceHours
)
ApplyOutcome = Started | StartRefusal | Rejected | ReissueRefusal
CompleteOutcome = TokenReissued | NotRecognised | NoToken | ReissueRefusal


@frozen
class _Found:
    """The living *reissue* of a *contract* whose door is open to it."""

    reissue: Reissue
    contract: Contract


@frozen(kw_only=True)
class ReissueToken:
    """See the module."""

    platform: Platform
    phone_auth: PhoneAuth

    def with_login_id(self, institution: InstitutionId, login_id: str, password: Secret) -> BeginOutcome:
        """Begin by login id and login password, as typed (TKR-04)."""
        return self._begin(by_login_id(self.platform, institution, login_id), password)

    def with_account(
        self, institution: InstitutionId, branch: str, account_type: str, number: str, password: Secret
    ) -> BeginOutcome:
        """Begin by the representative account and the login password, as typed (TKR-05)."""
        if not self.platform.profile.login_by_account:
            return OutsideServiceHours(None)  # as whatever a bank does not have
        return self._begin(by_account(self.platform, institution, branch, account_type, number), password)

    def where_am_i(self, procedure: Secret) -> ReissueStep | ReissueRefusal:
        """Which step is due; also after a restart, in another process."""
        return self._within(procedure, None, lambda _tx, found, _now: ReissueStep(found.reissue.step))

    def phones(self, procedure: Secret) -> PhoneChoices | NoEligiblePhone | ReissueRefusal:
        """The registered numbers to choose from (TKR-06, TEL-02, TEL-05)."""
        contract = self._within(procedure, None, _contract)
        if not isinstance(contract, Contract):
            return contract
        return self.phone_auth.choices(self.phone_auth.registered(contract))

    def apply(
        self, procedure: Secret, *, mail: str, mail_again: str, start_password: Secret, again: Secret, phone: int
    ) -> ApplyOutcome:
        """Say where the ids go and what the start password is, each twice, and wait for a call from number *phone*."""
        contract = self._within(procedure, Act.GIVE_DETAILS, _contract)
        if not isinstance(contract, Contract):
            return contract
        selected = self.phone_auth.select(self.phone_auth.registered(contract), phone)
        stored = self.platform.vault.hash(self.platform.profile.token.start_password.canonical(start_password))

        def act(tx: Transaction, found: _Found, now: datetime) -> Started | StartRefusal:
            contract, reissue = found.contract, found.reissue
            address = examine(
                self.platform,
                about(tx, contract),
                mail=mail,
                mail_again=mail_again,
                start_password=start_password,
                again=again,
            )
            if isinstance(address, Rejected):
                return address
            started = self.phone_auth.start(
                tx,
                contract,
                selected,
                asked_by=reissue.key,
                purpose=OnlineProcedure.TOKEN_REISSUE,
                now=now,
            )
            if not isinstance(started, tuple):
                return started
            contract, told = started
            tx.contracts.put(contract)
            given = evolve(reissue, mail=address, start_password=stored, attempt=told.attempt)
            _move(tx, given, Act.GIVE_DETAILS, now)
            return told

        return self._within(procedure, Act.GIVE_DETAILS, act)

    def poll(self, procedure: Secret) -> Standing | ReissueRefusal:
        """How the call stands; nothing is written."""
        attempt = self._within(procedure, None, lambda _tx, found, _now: found.reissue.attempt)
        if isinstance(attempt, str):
            return self.phone_auth.poll(procedure, attempt)
        return NoSuchAttempt() if attempt is None else attempt

    def go_back(self, procedure: Secret) -> ReissueStep | ReissueRefusal:
        """Go back to the details, which are asked for again; a call that comes now is of no use (TEL-18, TEL-25)."""
        return self._within(procedure, Act.GO_BACK, self._leave(Act.GO_BACK, ReissueStep(Step.DETAILS)))

    def abandon(self, procedure: Secret) -> ReissueAbandoned | ReissueRefusal:
        """Give the reissue up: the token is what it was, and what was given is forgotten."""
        return self._within(procedure, Act.ABANDON, self._leave(Act.ABANDON, ReissueAbandoned()))

    def complete(self, procedure: Secret) -> CompleteOutcome:
        """Go on by the call: the old token is replaced, once (TKR-09, TKR-10)."""
        return self._within(procedure, Act.COMPLETE, self._replace)

    def _begin(self, name: Name, password: Secret) -> BeginOutcome:
        if OnlineProcedure.TOKEN_REISSUE not in self.platform.profile.resets:
            return NotOffered()
        proved = password_proof.prove(self.platform, Operation.REISSUE_TOKEN, name, password)
        if not isinstance(proved, Proved):
            return proved
        try:
            lacks = self._lacks(proved.held.contract)
        except PortError:
            guess.give_back(self.platform, proved.held)
            raise
        return self.platform.transact(partial(self._password_right, name, proved, lacks))

    def _lacks(self, contract: Contract) -> set[Lack]:
        """What keeps the holder of *contract* from a reissue, as the host has him now."""
        assert contract.account is not None, "whoever has a password has an account"
        report = self.platform.core.account(contract.institution, contract.account)
        phones = () if report is None else report.holder.phones
        usable = isinstance(self.phone_auth.choices(phones), PhoneChoices)
        return lacks_of(report) | (set() if usable else {Lack.USABLE_PHONE})

    def _password_right(self, name: Name, proved: Proved, lacks: set[Lack], tx: Transaction) -> BeginOutcome:
        platform, now, ticket = self.platform, self.platform.now(), proved.held.ticket.number
        contract = password_proof.accept(platform, tx, proved, now)
        if not isinstance(contract, Contract):
            return contract
        if (no := _closed_to(platform.profile, tx, contract, lacks)) is not None:
            keep(tx, contract, now, ReissueRefused(name.by, ticket, no.code))
            return no
        token, until = platform.new_token(), now + platform.profile.procedure_lifetime
        reissue = Reissue(
            key=token.key,
            id=platform.vault.identifier(),
            step=Step.DETAILS,
            institution=contract.institution,
            contract=contract.id,
            epoch=contract.session_epoch,
            started_at=now,
            expires_at=until,
        )
        tx.procedures.add(reissue)
        keep(tx, contract, now, ReissueBegunEvent(name.by, ticket, reissue.id))
        return ReissueBegun(token.secret, until)

    def _replace(self, tx: Transaction, found: _Found, now: datetime) -> TokenReissued | NotRecognised | NoToken:
        platform, reissue = self.platform, found.reissue
        old = _replaceable(tx, found.contract)
        if old is None:
            return NoToken()
        assert reissue.attempt is not None
        assert reissue.mail is not None
        assert reissue.start_password is not None  # the table lets nobody come here without the three
        contract = self.phone_auth.consume(
            tx,
            found.contract,
            reissue.attempt,
            asked_by=reissue.key,
            purpose=OnlineProcedure.TOKEN_REISSUE,
            now=now,
        )
        if not isinstance(contract, Contract):
            return contract
        tx.tokens.put(old.on(TokenEvent.REPLACE, now))
        new = drawn(platform, contract, old.number + 1, reissue.mail, reissue.start_password, now)
        new = issued(platform, tx, new, now)
        tx.tokens.add(new)
        held = held_from(platform, contract, now)
        contract = evolve(released(platform, contract).end_sessions(), transfers_from=held or contract.transfers_from)
        # Biometric login has ended with its token, which is put once.
        gone = () if old.credential is None else (TokenMoved(old.number, "biometrics revoked"),)
        voided = void_waiting(tx, contract, replaced=True)
        done = _move(tx, reissue, Act.COMPLETE, now)
        replaced = TokenReplaced(old.number, new.number, held.isoformat() if held else "", done.chain.digest)
        contract = keep(tx, contract, now, *gone, *voided, replaced, TokenMoved(new.number, new.state.value))
        notify(platform, tx, contract, LetterCode.TOKEN_REISSUED, now, also=(old.mail,))
        return TokenReissued(
            service_id=new.service_id,
            user_id=new.user_id,
            mail=str(new.mail),
            until=now + platform.profile.token.set_up.window,
            transfers_from=held,
        )

    def _leave(self, act: Act, told: _Told) -> Callable[[Transaction, _Found, datetime], _Told]:
        """Go back or give up: whoever was to call need not."""

        def leave(tx: Transaction, found: _Found, now: datetime) -> _Told:
            contract = self.phone_auth.cancel(tx, found.contract, asked_by=found.reissue.key, now=now)
            if contract is not found.contract:
                tx.contracts.put(contract)
            _move(tx, found.reissue, act, now)
            return told

        return leave

    def _within(
        self, procedure: Secret, act: Act | None, do: Callable[[Transaction, _Found, datetime], _Told]
    ) -> _Told | ReissueRefusal:
        """*do* something in the procedure in one transaction, where *act* is due in it and the door is open now."""

        def step(tx: Transaction) -> _Told | ReissueRefusal:
            now = self.platform.now()
            reissue = tx.procedures.by_key(self.platform.vault.token_key(procedure))
            if not isinstance(reissue, Reissue) or reissue.step in ENDS or now >= reissue.expires_at:
                return ProcedureEnded()
            contract = tx.contracts.by_id(reissue.institution, reissue.contract)
            if contract is None or contract.session_epoch != reissue.epoch:
                return ProcedureEnded()
            if act is not None and (reissue.step, act) not in NEXT:
                return WrongStep(reissue.step)
            operation = Operation.REISSUE_TOKEN
            no = gate.out_of_hours(self.platform, operation, now) or gate.closed(
                self.platform, operation, contract, now
            )
            return no or do(tx, _Found(reissue, contract), now)

        return self.platform.transact(step)


def _closed_to(
    profile: Profile, tx: Transaction, contract: Contract, lacks: set[Lack]
) -> OnlyAtTheCounter | NoToken | None:
    """Why the customer of *contract*, whom the password was right for, has another way to go; or None."""
    if excluded(OnlineProcedure.TOKEN_REISSUE, lacks):
        # The way is the same for whoever has lost his telephone as for whoever has blocked its codes.
        return at_the_counter(profile, OnlineProcedure.TOKEN_REISSUE, lacks, Block.CODE_BLOCK)
    return None if _replaceable(tx, contract) else NoToken()


def _contract(_tx: Transaction, found: _Found, _now: datetime) -> Contract:
    """Whose procedure this is, for what is asked before the transaction."""
    return found.contract


def _replaceable(tx: Transaction, contract: Contract) -> Token | None:
    """The token that another one may take the place of, or None."""
    token = tx.tokens.latest_of(contract.institution, contract.id)
    return token if token is not None and token.can(TokenEvent.REPLACE) else None


def _move(tx: Transaction, reissue: Reissue, act: Act, now: datetime) -> Reissue:
    """Put *reissue* after *act*; what was given for the call is forgotten wherever there is none to wait for."""
    step = NEXT[reissue.step, act]
    if step is not Step.CALL:
        reissue = evolve(reissue, mail=None, start_password=None, attempt=None)
    reissue, entries = evolve(reissue, step=step).recorded(now, ProcedureStep(act.value, step.value))
    tx.procedures.put(reissue)
    tx.audit.append(entries)
    return reissue
