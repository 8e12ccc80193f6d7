"""Handing over: what is authorised goes to the host, once, and his word on it is kept.

    hand_over -> what the host said | AnswerAwaited | a refusal
    cancel    -> what the host said | AnswerAwaited | NotCancellable | a refusal

Each is two transactions with the host between them: that he is going to be asked is stored first, durably, then he is
asked, then his answer is stored.  Where he does not answer, or somebody dies, the first transaction stands, and says
so: who comes next (the customer again, or `settle_instructions`) asks again, under the same key.

* What the host has spoken of is told again, and nothing is asked: whoever missed the answer must not think that he has
  to begin anew.
* What counts against the limit is counted in the first transaction, by its day; where the host will not execute it, it
  is given back in the second.
* What is from an account that was deleted meanwhile, or to such a one as one's own, is not handed over.
* Each new word of his is confirmed by mail, at the addresses that want it.
* The text is digested again each time before the host is asked.  What is not the text that was proved is never asked
  for, and nor is what should have been done on a day that is over, a transfer from the cut-off on: instead its key is
  cancelled, so that it is not done either if it was only late.

Source: TRF-09..11, ACC-09, ENR-08, MAL-01, MAL-09, TXA-04, LCK-06; AMB-11, 24, 32, 34; standards.md C31;
        docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import allowances
from janetbank.flows.allowances import NoAllowance
from janetbank.flows.fees import charge_transfer
from janetbank.flows.instructions import NotAuthorised, TransfersOff, held_back, move, own
from janetbank.flows.letters import CONFIRMS, notify
from janetbank.flows.platform import Platform
from janetbank.flows.sessions import Found, SessionRefusal, in_session
from janetbank.flows.used_accounts import accounts_for
from janetbank.model.contract import Contract, Counter
from janetbank.model.instruction import Instruction
from janetbank.policies.accounts import AccountUse
from janetbank.policies.admission import Operation
from janetbank.policies.approval import Spent
from janetbank.policies.instruction import (
    DONE_WITHOUT,
    PENDING,
    InstructionEvent,
    InstructionState,
    after,
    can,
    may_cancel,
)
from janetbank.ports.failures import Unavailable
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.host_answer import HostAnswer, HostReason
from janetbank.values.instruction import Content, InstructionKind, Transfer
from janetbank.values.moment import in_japan
from janetbank.values.secret import Secret
from janetbank.values.violation import Params


@frozen
class Executed:
    """The host has done it."""

    content: Content
    code: ClassVar[str] = "instruction.executed"


@frozen
class Accepted:
    """受付中: the host has taken it, and will do it when it processes the next ones."""

    content: Content
    code: ClassVar[str] = "instruction.accepted"


@frozen
class Reserved:
    """予約扱い: the host will do it on its day; until the day before it can be cancelled."""

    content: Content
    code: ClassVar[str] = "instruction.reserved"


@frozen
class RefusedByHost:
    """The host does not do it, for this *reason*."""

    reference: str
    reason: HostReason
    code: ClassVar[str] = "instruction.refused_by_host"


@frozen
class Cancelled:
    """It is cancelled, and will not be done."""

    reference: str
    code: ClassVar[str] = "instruction.cancelled"


@frozen
class AnswerAwaited:
    """The host has not answered: it is done or not done once the bank knows; it must not be requested anew."""

    reference: str
    code: ClassVar[str] = "instruction.answer_awaited"


@frozen
class NotCancellable:
    """Nothing can be cancelled but a reservation, up to the day before its own."""

    code: ClassVar[str] = "instruction.not_cancellable"


_ASKED_FOR = PENDING | {InstructionState.EXECUTED, InstructionState.CANCELLED}
"""Only what the host was asked for comes there."""

HostTold = Executed | Accepted | Reserved | RefusedByHost | Cancelled | AnswerAwaited
HandOverOutcome = HostTold | NoAllowance | TransfersOff | NotAuthorised | SessionRefusal
CancelOutcome = HostTold | NotCancellable | SessionRefusal


def hand_over(
    platform: Platform, operation: Operation, session: Secret, reference: str, kinds: Collection[InstructionKind]
) -> HandOverOutcome:
    """Hand an authorised instruction of one of these *kinds* to the host, or ask again what has become of it."""
    begun = in_session(platform, operation, session, partial(_begin, platform, reference, kinds))
    return _settle(platform, begun) if isinstance(begun, Instruction) else begun


def cancel(platform: Platform, operation: Operation, session: Secret, reference: str) -> CancelOutcome:
    """Cancel a reservation before its day."""

    def begin(tx: Transaction, found: Found, now: datetime) -> Instruction | Cancelled | NotCancellable:
        there = own(tx, found.contract, reference)
        if there is None:
            return NotCancellable()
        if there.state is InstructionState.CANCELLED:
            return Cancelled(reference)
        if there.state is InstructionState.CANCELLING:
            return there
        if not may_cancel(there.state, there.content.date, _day(now)):
            return NotCancellable()
        asked = evolve(there, state=InstructionState.CANCELLING)
        move(tx, found.contract, asked, now)
        return asked

    begun = in_session(platform, operation, session, begin)
    return _settle(platform, begun) if isinstance(begun, Instruction) else begun


def ask(platform: Platform, instruction: Instruction) -> HostAnswer | None:
    """Ask the host for what *instruction* wants of him in its state; None where he does not answer, or knows nothing.

    Outside any transaction; raises what the port raises but for Unavailable.
    """
    core, institution, key = platform.core, instruction.institution, instruction.reference
    try:
        match instruction.state:
            case InstructionState.HANDED_OVER if _still_wanted(platform, instruction, platform.now()):
                return core.instruct(institution, instruction.content)
            case InstructionState.HANDED_OVER | InstructionState.CANCELLING:
                return core.cancel(institution, key)
            case _:
                return core.standing(institution, key)
    except Unavailable:
        return None


def hear(platform: Platform, instruction: Instruction, answer: HostAnswer, tx: Transaction) -> Instruction:
    """Store what the host has said of *instruction*, with what follows from it: the instruction as it is then."""
    now = platform.now()
    # Contract before instruction, as everywhere: who queues for both in two orders waits for ever.
    contract = tx.contracts.by_id(instruction.institution, instruction.contract)
    there = tx.instructions.by_reference(instruction.reference)
    assert contract is not None  # contracts are never deleted
    assert there is not None  # what the host may have is never swept
    state = after(there.state, answer.word)
    if state is there.state:
        return there
    given_back = None
    heard = evolve(there, state=state, reason=answer.reason)
    if state in DONE_WITHOUT and there.counted_on is not None:
        given_back = allowances.given_back(tx, contract, there.content, there.counted_on, platform.profile.limits)
        heard = evolve(heard, counted_on=None)
    if state is InstructionState.EXECUTED:
        contract = _done(platform, tx, contract, there.content, now)
    move(tx, contract, heard, now)
    if given_back is not None:
        allowances.save(tx, given_back)
    notify(platform, tx, contract, CONFIRMS[state], now, params=_about(there.content))
    return heard


def told(instruction: Instruction) -> HostTold:
    """What to tell of an instruction that the host was asked about."""
    match instruction.state:
        case InstructionState.EXECUTED:
            return Executed(instruction.content)
        case InstructionState.ACCEPTED:
            return Accepted(instruction.content)
        case InstructionState.RESERVED:
            return Reserved(instruction.content)
        case InstructionState.CANCELLED:
            return Cancelled(instruction.reference)
        case InstructionState.REFUSED:
            assert instruction.reason is not None  # nobody else refuses what he was asked for
            return RefusedByHost(instruction.reference, instruction.reason)
        case _:
            return AnswerAwaited(instruction.reference)


def _settle(platform: Platform, instruction: Instruction) -> HostTold:
    answer = ask(platform, instruction)
    if answer is not None:
        instruction = platform.transact(partial(hear, platform, instruction, answer))
    return told(instruction)


def _begin(
    platform: Platform,
    reference: str,
    kinds: Collection[InstructionKind],
    tx: Transaction,
    found: Found,
    now: datetime,
) -> Instruction | HostTold | NoAllowance | TransfersOff | NotAuthorised:
    contract, there = found.contract, own(tx, found.contract, reference, kinds)
    if there is None:
        return NotAuthorised()
    if there.state is InstructionState.HANDED_OVER:
        return there
    if there.state in _ASKED_FOR or there.reason is not None:
        return told(there)
    if not can(there.state, InstructionEvent.HAND_OVER):
        return NotAuthorised()
    if (no := held_back(contract, now)) is not None:
        return no
    usable = accounts_for(contract, AccountUse.TRANSFERS, now)
    approval, approved = there.approval, True
    if approval is not None:
        approval, verdict = platform.profile.token.approval.spend(approval, there.content.digest, now)
        approved = isinstance(verdict, Spent)
    if not (approved and _still_wanted(platform, there, now) and _own_accounts(there.content) <= set(usable)):
        move(tx, contract, evolve(there, approval=approval, state=InstructionState.REFUSED), now)
        return NotAuthorised()
    counted = allowances.count(platform, tx, contract, there.content, now)
    if isinstance(counted, NoAllowance):
        return counted
    day = None if counted is None else counted.day
    handed = evolve(there, approval=approval, state=InstructionState.HANDED_OVER, counted_on=day)
    move(tx, contract, handed, now)
    if counted is not None:
        allowances.save(tx, counted.allowance)
    return handed


def _still_wanted(platform: Platform, instruction: Instruction, now: datetime) -> bool:
    """Whether the text is the one that was proved, and its day not over: a transfer's is so from the cut-off on."""
    content = instruction.content
    today = platform.profile.calendar.business_date(now) if isinstance(content, Transfer) else _day(now)
    return instruction.intact and content.date >= today


def _own_accounts(content: Content) -> set[Account]:
    """Which accounts of the contract *content* is about; one may have been deleted since it was asked for."""
    if isinstance(content, Transfer) and content.kind is InstructionKind.OWN_TRANSFER:
        return {content.source, content.payee}
    return {content.source}


def _done(platform: Platform, tx: Transaction, contract: Contract, content: Content, now: datetime) -> Contract:
    """A transfer costs its fee; a processed payment clears the count of wrong numbers (LCK-06)."""
    if isinstance(content, Transfer):
        charge_transfer(platform, tx, contract, content)
        return contract
    tally = platform.profile.lockout(Counter.PAYMENT).clear(contract.payment_tally, now)
    return contract.with_tally(Counter.PAYMENT, tally)


def _about(content: Content) -> Params:
    """What a letter says of it: enough to know it again, no account."""
    return {
        "reference": content.reference,
        "payee": content.payee_name,
        "amount": content.amount.amount,
        "day": content.date.isoformat(),
    }


def _day(now: datetime) -> date:
    return in_japan(now).date()
