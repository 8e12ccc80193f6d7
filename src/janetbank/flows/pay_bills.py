"""Paying bills (料金等の払込、ペイジー): found by the numbers on their paper, proved as the table says, paid once.

    PayBills.find       -> BillFound | a refusal       the numbers are guessed at, and counted, as every secret is
    PayBills.enter_code -> Authorised | a refusal       a company's bill takes a code
    PayBills.enter_mail_password, mail_again: the same, where a bank mails codes to whoever has no token in use (PRF-17)
    PayBills.pay        -> what the host said | AnswerAwaited | a refusal

The payment or customer number and the confirmation number share one counter of the contract: too many wrong ones stop
bills, and nothing else.  Right ones do not clear it, for somebody may have a bill of his own; a processed payment does.
A bill that was found is an instruction from then on, and goes the way of every instruction.

Source: LCK-05..08, TRF-01, TRF-08, ENR-11; AMB-8.  HRS-03 and HRS-05 are headings: nothing is made up for them.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import frozen

from janetbank.flows import gate, guess, hand_over, mail_password, prove
from janetbank.flows.chains import keep
from janetbank.flows.guess import Held
from janetbank.flows.hand_over import HandOverOutcome
from janetbank.flows.instruct import TokenNeeded
from janetbank.flows.instructions import BILLS, TransfersOff, held_back, move
from janetbank.flows.mail_password import AgainOutcome, mailed, need_of
from janetbank.flows.platform import Platform
from janetbank.flows.prove import CodeOutcome
from janetbank.flows.refusals import Closed, OutsideServiceHours, Refused, Rejected, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, find_session, lives_on
from janetbank.flows.used_accounts import accounts_for
from janetbank.model import events
from janetbank.model.contract import Contract, Counter
from janetbank.model.instruction import Instruction
from janetbank.model.session import Assurance
from janetbank.policies.accounts import AccountUse
from janetbank.policies.admission import Operation
from janetbank.policies.instruction import InstructionState
from janetbank.policies.step_up import Hindrance, Proof
from janetbank.ports.failures import PortError
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.instruction import Payment
from janetbank.values.moment import in_japan
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation


@frozen
class BillFound:
    """This is the *bill*: where it takes a code, enter one for the *reference*; then pay it."""

    reference: str
    bill: Bill
    proof: Proof
    code: ClassVar[str] = "bill.found"


_NotReserved = SessionEnded | OutsideServiceHours | TransfersOff | Rejected
FindOutcome = BillFound | TokenNeeded | TransfersOff | Rejected | Refused | TryAgain | SessionRefusal


@frozen
class PayBills:
    """See the module."""

    _platform: Platform

    def find(
        self, session: Secret, *, biller: str, customer: str, confirmation: Secret, source: Account | None = None
    ) -> FindOutcome:
        """Find a bill by what stands on its paper, to be paid from *source* (None: the representative account)."""
        platform = self._platform
        try:
            numbers = BillNumbers.parse(biller, customer, confirmation)
        except InvalidValue as invalid:
            return Rejected((invalid.violation,))
        payer = partial(self._payer, session, source)
        held: Held | Closed | TryAgain | _NotReserved = guess.reserve(platform, Operation.PAY, Counter.PAYMENT, payer)
        if not isinstance(held, Held):
            return held
        try:
            bill = platform.core.bill(held.contract.institution, numbers)
        except PortError:
            guess.give_back(platform, held)
            raise
        if bill is None:
            return guess.settle_wrong(platform, held)
        return platform.transact(partial(self._found, held, bill, source, platform.vault.identifier()))

    def enter_code(self, session: Secret, reference: str, code: Secret) -> CodeOutcome:
        """Prove a payment by a code."""
        return prove.by_code(self._platform, Operation.PROVE_PAYMENT, session, reference, code, BILLS)

    def enter_mail_password(self, session: Secret, reference: str, password: Secret) -> CodeOutcome:
        """Prove a payment by the password that was mailed for it."""
        return prove.by_mail(self._platform, session, reference, password, BILLS)

    def mail_again(self, session: Secret, reference: str) -> AgainOutcome:
        """Have another password mailed for a payment; the former one is void."""
        return mail_password.again(self._platform, session, reference, BILLS)

    def pay(self, session: Secret, reference: str) -> HandOverOutcome:
        """Have the host pay an authorised bill, once."""
        return hand_over.hand_over(self._platform, Operation.PAY, session, reference, BILLS)

    def _payer(self, session: Secret, source: Account | None, tx: Transaction, now: datetime) -> Found | _NotReserved:
        platform = self._platform
        found = find_session(platform, tx, session, now, Assurance.FULL)
        if isinstance(found, SessionEnded):
            return found
        if (no := gate.out_of_hours(platform, Operation.PAY, now)) is not None:
            return no
        if (held := held_back(found.contract, now)) is not None:
            return held
        usable = accounts_for(found.contract, AccountUse.TRANSFERS, now)
        if source is not None and source not in usable:
            return Rejected((Violation("account.not_usable", field="source"),))
        return found

    def _found(self, held: Held, bill: Bill, source: Account | None, reference: str, tx: Transaction) -> FindOutcome:
        platform, now, session = self._platform, self._platform.now(), held.session
        assert session is not None  # it was found by one
        alive = lives_on(platform, tx, session, held.contract, now)
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        right = events.BillFound(held.ticket.number)
        if not alive:
            keep(tx, contract, now, right)
            return SessionEnded()
        payment = Payment(
            reference=reference,
            source=source or accounts_for(contract, AccountUse.TRANSFERS, now)[0],
            bill=bill,
            date=in_japan(now).date(),
        )
        need = need_of(platform, tx, contract, payment.kind, session.channel)
        if isinstance(need, Hindrance):
            keep(tx, contract, now, right)
            return TokenNeeded()
        instruction = Instruction(
            institution=contract.institution,
            contract=contract.id,
            content=payment,
            proof=need,
            approval=None,
            state=InstructionState.AUTHORISED if need is Proof.NONE else InstructionState.PROOF_AWAITED,
            requested_at=now,
        )
        if need is Proof.MAIL_PASSWORD:
            instruction = mailed(platform, tx, contract, instruction, now) or instruction
        move(tx, contract, instruction, now, right)
        return BillFound(reference, bill, need)
