"""Instructing: a transfer is requested, proved as the table says, and handed to the host once.

    Instruct.request    -> Authorised | CodeNeeded | ApprovalAwaited | a refusal
    Instruct.enter_code -> Authorised | a refusal
    Instruct.enter_mail_password, mail_again: where a bank mails codes to whoever has no token in use (PRF-17)
    Instruct.amend      -> as request; an approval of the former text is void
    Instruct.standing   -> InstructionStanding | a refusal
    Instruct.execute    -> what the host said | AnswerAwaited | a refusal
    Instruct.cancel     -> what the host said | AnswerAwaited | a refusal

Which proof an instruction needs is `policies.step_up`'s word alone, and what kind of transfer it is nobody takes the
customer's word for: what goes to an own account goes to an account of the contract, and what goes to a registered
payee goes to one whom the host has from the counter, name and all.  Where a confirmation password authorises transfers
each takes it, requested or amended.

Source: ENR-11, OTP-06, PRF-16, CRD-15, TRF-01..03, TXA-02, TXA-04, TXA-07, TXA-08; AMB-8, AMB-32; standards.md 2
        (registered payees are immutable online), C29..C31; TRAPS "signs a nonce".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from typing import ClassVar
from unicodedata import normalize

from attrs import field, frozen

from janetbank.flows import allowances, hand_over, mail_password, prove
from janetbank.flows.allowances import NoAllowance
from janetbank.flows.hand_over import CancelOutcome, HandOverOutcome
from janetbank.flows.instructions import NotAuthorised, TransfersOff, held_back, move, own, state_at
from janetbank.flows.mail_password import AgainOutcome, MailPasswordSent, NoMoreLetters, mailed, need_of, told
from janetbank.flows.platform import Platform
from janetbank.flows.prove import Authorised, CodeOutcome
from janetbank.flows.refusals import Rejected
from janetbank.flows.sessions import Found, SessionRefusal, ShortOf, in_session, short_of, spend
from janetbank.flows.used_accounts import accounts_for
from janetbank.model.contract import Contract
from janetbank.model.instruction import Instruction
from janetbank.policies.accounts import AccountUse
from janetbank.policies.admission import Operation
from janetbank.policies.approval import Asked
from janetbank.policies.instruction import InstructionEvent, InstructionState, can
from janetbank.policies.step_up import Guarded, Hindrance, Proof
from janetbank.ports.core_banking import Payee
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import TRANSFERS, InstructionKind, Transfer
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation


def _no_bill(_order: object, _field: object, kind: InstructionKind) -> None:
    if kind not in TRANSFERS:
        msg = f"{kind.value} is no transfer"
        raise ValueError(msg)


def _composed(name: str) -> str:
    """As the counter has it, and the transfer."""
    return normalize("NFC", name)


@frozen(kw_only=True)
class Order:
    """A transfer as the customer wants it, from *source* (None: the representative account)."""

    kind: InstructionKind = field(validator=_no_bill)
    payee_bank: InstitutionId
    payee: Account
    payee_name: str = field(converter=_composed)
    amount: Yen
    date: date
    source: Account | None = None


@frozen
class CodeNeeded:
    """Enter the code that the token app shows, for this instruction."""

    reference: str
    code: ClassVar[str] = "instruction.code_needed"


@frozen
class ApprovalAwaited:
    """Look at payee and amount in the token app, and approve there by *until*."""

    reference: str
    until: datetime
    code: ClassVar[str] = "instruction.approval_awaited"


@frozen
class TokenNeeded:
    """This takes a one-time password in use: apply for one (ENR-11)."""

    code: ClassVar[str] = "instruction.token_needed"


@frozen
class AppConfirmationNeeded:
    """Transaction authentication was chosen and is not yet confirmed in the app (TXA-07)."""

    code: ClassVar[str] = "instruction.app_confirmation_needed"


@frozen
class InstructionStanding:
    """How an instruction stands; the text is `instructionstate.<state>`."""

    reference: str
    state: InstructionState
    code: ClassVar[str] = "instruction.standing"


RequestOutcome = (
    Authorised
    | CodeNeeded
    | ApprovalAwaited
    | InstructionStanding
    | MailPasswordSent
    | NoMoreLetters
    | TokenNeeded
    | AppConfirmationNeeded
    | NoAllowance
    | TransfersOff
    | ShortOf
    | Rejected
    | NotAuthorised
    | SessionRefusal
)


@frozen
class Instruct:
    """See the module."""

    _platform: Platform

    def request(self, session: Secret, order: Order, *, key: str | None = None) -> RequestOutcome:
        """Request a transfer.

        Whoever may have to ask twice gives a *key* of his own: the same order under the same key is one transfer, and
        he is told how it stands, whether or not it could be requested now.
        """
        return self._request(session, order, partial(self._new, order, key, self._platform.vault.identifier()), key)

    def amend(self, session: Secret, reference: str, order: Order) -> RequestOutcome:
        """Change an instruction that was not handed over; whatever was shown for the former text is worth nothing."""
        return self._request(session, order, partial(self._amended, order, reference))

    def enter_code(self, session: Secret, reference: str, code: Secret) -> CodeOutcome:
        """Prove a transfer by a code."""
        return prove.by_code(self._platform, Operation.USE_CODE, session, reference, code, TRANSFERS)

    def enter_mail_password(self, session: Secret, reference: str, password: Secret) -> CodeOutcome:
        """Prove a transfer by the password that was mailed for it."""
        return prove.by_mail(self._platform, session, reference, password, TRANSFERS)

    def mail_again(self, session: Secret, reference: str) -> AgainOutcome:
        """Have another password mailed for a transfer; the former one is void."""
        return mail_password.again(self._platform, session, reference, TRANSFERS)

    def standing(self, session: Secret, reference: str) -> InstructionStanding | NotAuthorised | SessionRefusal:
        """How an instruction, a payment too, stands; an approval that waited too long has expired."""

        def act(tx: Transaction, found: Found, now: datetime) -> InstructionStanding | NotAuthorised:
            there = own(tx, found.contract, reference)
            if there is None:
                return NotAuthorised()
            return InstructionStanding(reference, state_at(self._platform, there, now))

        return in_session(self._platform, Operation.INSTRUCT, session, act, durable=False)

    def execute(self, session: Secret, reference: str) -> HandOverOutcome:
        """Hand an authorised transfer to the host, once; its text is digested again (C31)."""
        return hand_over.hand_over(self._platform, Operation.INSTRUCT, session, reference, TRANSFERS)

    def cancel(self, session: Secret, reference: str) -> CancelOutcome:
        """Cancel a reserved transfer before its day (CAN-04)."""
        return hand_over.cancel(self._platform, Operation.INSTRUCT, session, reference)

    def _request(
        self, session: Secret, order: Order, act: Callable[..., RequestOutcome], key: str | None = None
    ) -> RequestOutcome:
        if order.kind is InstructionKind.REGISTERED_PAYEE_TRANSFER:
            no = self._unregistered(session, order, key)
            if no is not None:
                return no
        return in_session(self._platform, Operation.INSTRUCT, session, act)

    def _unregistered(self, session: Secret, order: Order, key: str | None) -> RequestOutcome | None:
        """Ask the host, outside any transaction, whether the counter has registered the payee: once under a *key*."""

        def place(tx: Transaction, found: Found, now: datetime) -> tuple[InstitutionId, Account] | RequestOutcome:
            if (again := self._again(order, key, tx, found, now)) is not None:
                return again
            source = _source(order, found.contract, now)
            return source if isinstance(source, Rejected) else (found.contract.institution, source)

        there = in_session(self._platform, Operation.INSTRUCT, session, place, durable=False)
        if not isinstance(there, tuple):
            return there
        known = self._platform.core.payees(*there)
        payee = Payee(order.payee_bank, order.payee, order.payee_name)
        return None if payee in known else _rejected("transfer.payee_not_registered", "payee")

    def _new(
        self, order: Order, key: str | None, drawn: str, tx: Transaction, found: Found, now: datetime
    ) -> RequestOutcome:
        if (again := self._again(order, key, tx, found, now)) is not None:
            return again
        return self._decide(order, drawn if key is None else _named(found.contract, key), tx, found, now)

    def _again(
        self, order: Order, key: str | None, tx: Transaction, found: Found, now: datetime
    ) -> RequestOutcome | None:
        """What to tell of *order* where its *key* was used before, or None."""
        if key is None:
            return None
        reference = _named(found.contract, key)
        there = own(tx, found.contract, reference)
        if there is None:
            return None
        representative = found.contract.account
        assert representative is not None, "who has a session has an account"
        asked = _written(order, order.source or representative, reference)
        if asked != there.content:
            return asked if isinstance(asked, Rejected) else _rejected("instruction.key_reused", "key")
        return self._repeated(there, now)

    def _amended(self, order: Order, reference: str, tx: Transaction, found: Found, now: datetime) -> RequestOutcome:
        former = own(tx, found.contract, reference, TRANSFERS)
        if former is None or not can(former.state, InstructionEvent.AMEND):
            return NotAuthorised()
        return self._decide(order, reference, tx, found, now, former)

    def _decide(
        self,
        order: Order,
        reference: str,
        tx: Transaction,
        found: Found,
        now: datetime,
        former: Instruction | None = None,
    ) -> RequestOutcome:
        contract = found.contract
        transfer = _transfer(order, reference, contract, now)
        if isinstance(transfer, Rejected):
            return transfer
        if transfer.date < self._platform.profile.calendar.business_date(now):
            return _rejected("transfer.date_past", "date")
        if (no := held_back(contract, now)) is not None:
            return no
        need = need_of(self._platform, tx, contract, order.kind, found.session.channel)
        if isinstance(need, Hindrance):
            return TokenNeeded() if need is Hindrance.TOKEN_NOT_IN_USE else AppConfirmationNeeded()
        if (refused := allowances.refused(self._platform, tx, contract, transfer, now)) is not None:
            return refused
        if (short := short_of(self._platform, found.session, Guarded.TRANSFERS, now)) is not None:
            return short
        instruction = self._asked(tx, contract, transfer, need, former, now)
        if not isinstance(instruction, Instruction):
            return instruction
        move(tx, contract, instruction, now)
        spend(tx, found.session)
        return self._repeated(instruction, now)

    def _asked(
        self,
        tx: Transaction,
        contract: Contract,
        transfer: Transfer,
        need: Proof,
        former: Instruction | None,
        now: datetime,
    ) -> Instruction | NotAuthorised | NoMoreLetters:
        """The instruction with what proves it asked for: an approval in the app, or a password that is mailed."""
        approval = None
        if need is Proof.APPROVAL:
            last = None if former is None else former.approval
            approval, asked = self._platform.profile.token.approval.ask(last, transfer.digest, now)
            if not isinstance(asked, Asked):
                return NotAuthorised()
        instruction = Instruction(
            institution=contract.institution,
            contract=contract.id,
            content=transfer,
            proof=need,
            approval=approval,
            mailed=None if former is None else former.mailed,
            state=InstructionState.AUTHORISED if need is Proof.NONE else InstructionState.PROOF_AWAITED,
            requested_at=now,
            version=0 if former is None else former.version,
        )
        if need is not Proof.MAIL_PASSWORD:
            return instruction
        return mailed(self._platform, tx, contract, instruction, now) or NoMoreLetters()

    def _repeated(self, instruction: Instruction, now: datetime) -> RequestOutcome:
        """What to tell of *instruction*, new or requested again, as it stands."""
        match state_at(self._platform, instruction, now):
            case InstructionState.PROOF_AWAITED if instruction.approval is not None:
                until = self._platform.profile.token.approval.until(instruction.approval)
                return ApprovalAwaited(instruction.reference, until)
            case InstructionState.PROOF_AWAITED if instruction.proof is Proof.MAIL_PASSWORD:
                return told(self._platform, instruction)
            case InstructionState.PROOF_AWAITED:
                return CodeNeeded(instruction.reference)
            case InstructionState.AUTHORISED:
                return Authorised(instruction.reference)
            case state:
                return InstructionStanding(instruction.reference, state)


def _named(contract: Contract, key: str) -> str:
    """The reference of what is requested under the caller's *key*: another contract's is another one."""
    return sha256(json.dumps([contract.institution.code, contract.id.text, key]).encode()).hexdigest()


def _source(order: Order, contract: Contract, now: datetime) -> Account | Rejected:
    usable = accounts_for(contract, AccountUse.TRANSFERS, now)
    source = order.source or usable[0]
    return source if source in usable else _rejected("account.not_usable", "source")


def _transfer(order: Order, reference: str, contract: Contract, now: datetime) -> Transfer | Rejected:
    source = _source(order, contract, now)
    if isinstance(source, Rejected):
        return source
    if order.kind is InstructionKind.OWN_TRANSFER:
        others = set(accounts_for(contract, AccountUse.TRANSFERS, now)) - {source}
        if order.payee_bank != contract.institution or order.payee not in others:
            return _rejected("transfer.payee_not_own", "payee")
    return _written(order, source, reference)


def _written(order: Order, source: Account, reference: str) -> Transfer | Rejected:
    try:
        return Transfer(
            reference=reference,
            kind=order.kind,
            source=source,
            payee_bank=order.payee_bank,
            payee=order.payee,
            payee_name=order.payee_name,
            amount=order.amount,
            date=order.date,
        )
    except InvalidValue as invalid:
        return Rejected((invalid.violation,))


def _rejected(code: str, field: str) -> Rejected:
    return Rejected((Violation(code, field=field),))
