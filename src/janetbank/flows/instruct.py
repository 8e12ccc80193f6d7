"""Instructing: a transfer is requested, proved as the table says, and released once.

    Instruct.request    -> Authorised | CodeNeeded | ApprovalAwaited | a refusal
    Instruct.enter_code -> Authorised | a refusal
    Instruct.amend      -> as request; an approval of the former text is void
    Instruct.standing   -> InstructionStanding | a refusal
    Instruct.execute    -> Executed | not authorised | a refusal

Which proof an instruction needs is `policies.step_up`'s word alone.  What `Executed` is handed on to is the host's
adapter; that it is handed on once is kept here.

Source: ENR-11, OTP-06, TXA-02, TXA-04, TXA-07, TXA-08; AMB-8, AMB-32; standards.md C29..C31; TRAPS "signs a nonce".
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import guess
from janetbank.flows.guess import Held
from janetbank.flows.instructions import NotAuthorised, move, own, state_at
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Refused, Rejected, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, find_session, in_session, whose
from janetbank.flows.tokens import method_of, spend_code
from janetbank.model.contract import Contract, Counter
from janetbank.model.instruction import Instruction
from janetbank.model.session import Assurance
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.approval import Asked, Changed, NotOpen
from janetbank.policies.cooling_off import held_until
from janetbank.policies.instruction import InstructionState
from janetbank.policies.step_up import NEEDED, Hindrance, Need, Proof
from janetbank.policies.token import TokenState
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content, InstructionKind, Transfer
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation


@frozen(kw_only=True)
class Order:
    """A transfer as the customer wants it; the bank adds the source account and a reference."""

    kind: InstructionKind
    payee_bank: InstitutionId
    payee: Account
    payee_name: str
    amount: Yen
    date: date


@frozen
class Authorised:
    """Everything that the instruction needs was shown; it may be executed."""

    reference: str
    code: ClassVar[str] = "instruction.authorised"


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
class TransfersOff:
    """Password and token were renewed one after the other: transfers can be made from *until* on (AMB-11)."""

    until: datetime
    code: ClassVar[str] = "instruction.transfers_off"


@frozen
class InstructionStanding:
    """How an instruction stands; the text is `instructionstate.<state>`."""

    reference: str
    state: InstructionState
    code: ClassVar[str] = "instruction.standing"


@frozen
class Executed:
    """The instruction is released, this once."""

    content: Content
    code: ClassVar[str] = "instruction.executed"


RequestOutcome = (
    Authorised
    | CodeNeeded
    | ApprovalAwaited
    | TokenNeeded
    | AppConfirmationNeeded
    | TransfersOff
    | Rejected
    | NotAuthorised
    | SessionRefusal
)
CodeOutcome = Authorised | NotAuthorised | Refused | TryAgain | SessionRefusal
ExecuteOutcome = Executed | TransfersOff | NotAuthorised | SessionRefusal


@frozen
class Instruct:
    """See the module."""

    _platform: Platform

    def request(self, session: Secret, order: Order) -> RequestOutcome:
        """Request a transfer from the representative account."""
        reference = self._platform.vault.identifier()
        return in_session(self._platform, Operation.INSTRUCT, session, partial(self._request, order, reference))

    def amend(self, session: Secret, reference: str, order: Order) -> RequestOutcome:
        """Change an instruction that is not executed; whatever was shown for the former text is worth nothing."""

        def act(tx: Transaction, found: Found, now: datetime) -> RequestOutcome:
            former = own(tx, found.contract, reference)
            if former is None or former.state is InstructionState.EXECUTED:
                return NotAuthorised()
            return self._request(order, reference, tx, found, now, former)

        return in_session(self._platform, Operation.INSTRUCT, session, act)

    def enter_code(self, session: Secret, reference: str, code: Secret) -> CodeOutcome:
        """Prove an instruction by a code."""
        platform = self._platform

        def waits(tx: Transaction, found: Found, _: datetime) -> NotAuthorised | None:
            there = own(tx, found.contract, reference)
            waiting = there and there.state is InstructionState.PROOF_AWAITED and there.proof is Proof.CODE
            return None if waiting else NotAuthorised()

        if (no := in_session(platform, Operation.USE_CODE, session, waits)) is not None:
            return no
        held = guess.reserve(platform, Operation.USE_CODE, Counter.CODE, whose(platform, session, Assurance.FULL))
        if not isinstance(held, Held):
            return held
        return platform.transact(partial(self._code_entered, session, reference, held, code))

    def standing(self, session: Secret, reference: str) -> InstructionStanding | NotAuthorised | SessionRefusal:
        """How an instruction stands; an approval that waited too long has expired."""

        def act(tx: Transaction, found: Found, now: datetime) -> InstructionStanding | NotAuthorised:
            there = own(tx, found.contract, reference)
            if there is None:
                return NotAuthorised()
            return InstructionStanding(reference, state_at(self._platform, there, now))

        return in_session(self._platform, Operation.INSTRUCT, session, act, durable=False)

    def execute(self, session: Secret, reference: str) -> ExecuteOutcome:
        """Release an authorised instruction, once; its text is digested again (C31)."""

        def act(tx: Transaction, found: Found, now: datetime) -> Executed | TransfersOff | NotAuthorised:
            there = own(tx, found.contract, reference)
            if there is None or there.state is not InstructionState.AUTHORISED:
                return NotAuthorised()
            if (until := held_until(found.contract.transfers_from, now)) is not None:
                return TransfersOff(until)
            if there.approval is not None:
                rules = self._platform.profile.token.approval
                approval, verdict = rules.spend(there.approval, there.content.digest, now)
                if isinstance(verdict, Changed | NotOpen):
                    move(tx, found.contract, evolve(there, approval=approval, state=InstructionState.REFUSED), now)
                    return NotAuthorised()
                there = evolve(there, approval=approval)
            move(tx, found.contract, evolve(there, state=InstructionState.EXECUTED), now)
            return Executed(there.content)

        return in_session(self._platform, Operation.INSTRUCT, session, act)

    def _request(
        self,
        order: Order,
        reference: str,
        tx: Transaction,
        found: Found,
        now: datetime,
        former: Instruction | None = None,
    ) -> RequestOutcome:
        contract = found.contract
        transfer = _transfer(self._platform, order, reference, contract, now)
        if isinstance(transfer, Rejected):
            return transfer
        if (until := held_until(contract.transfers_from, now)) is not None:
            return TransfersOff(until)
        need = NEEDED[order.kind, method_of(tx.tokens.latest_of(contract.institution, contract.id))]
        if isinstance(need, Hindrance):
            return TokenNeeded() if need is Hindrance.TOKEN_NOT_IN_USE else AppConfirmationNeeded()
        rules = self._platform.profile.token.approval
        approval, until = None, None
        if need is Proof.APPROVAL:
            last = None if former is None else former.approval
            approval, asked = rules.ask(last, transfer.digest, now)
            if not isinstance(asked, Asked):
                return NotAuthorised()
            until = asked.until
        state = InstructionState.AUTHORISED if need is Proof.NONE else InstructionState.PROOF_AWAITED
        instruction = Instruction(
            institution=contract.institution,
            contract=contract.id,
            content=transfer,
            proof=need,
            approval=approval,
            state=state,
            requested_at=now,
            version=0 if former is None else former.version,
        )
        move(tx, contract, instruction, now)
        return _told(need, reference, until)

    def _code_entered(self, session: Secret, reference: str, held: Held, code: Secret, tx: Transaction) -> CodeOutcome:
        platform, now = self._platform, self._platform.now()
        found = find_session(platform, tx, session, now, Assurance.FULL)
        if isinstance(found, SessionEnded):
            return found
        there = own(tx, found.contract, reference)
        spent = spend_code(platform, tx, held, code, now, _in_use)
        if not isinstance(spent, tuple):
            return spent
        contract, token = spent
        tx.tokens.put(token)
        if there is None or there.state is not InstructionState.PROOF_AWAITED or there.proof is not Proof.CODE:
            tx.contracts.put(contract)
            return NotAuthorised()
        move(tx, contract, evolve(there, state=InstructionState.AUTHORISED), now)
        return Authorised(reference)


def _told(need: Need, reference: str, until: datetime | None) -> Authorised | CodeNeeded | ApprovalAwaited:
    if until is not None:
        return ApprovalAwaited(reference, until)
    return CodeNeeded(reference) if need is Proof.CODE else Authorised(reference)


def _in_use(token: Token) -> bool:
    return token.state is TokenState.IN_USE


def _transfer(
    platform: Platform, order: Order, reference: str, contract: Contract, now: datetime
) -> Transfer | Rejected:
    assert contract.account is not None  # who has a session has an account
    if order.date < platform.profile.calendar.business_date(now):
        return Rejected((Violation("transfer.date_past", field="date"),))
    try:
        return Transfer(
            reference=reference,
            kind=order.kind,
            source=contract.account,
            payee_bank=order.payee_bank,
            payee=order.payee,
            payee_name=order.payee_name,
            amount=order.amount,
            date=order.date,
        )
    except InvalidValue as invalid:
        return Rejected((invalid.violation,))
