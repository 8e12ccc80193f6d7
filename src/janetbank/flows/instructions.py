"""Instructions: what the flows of an instruction share: finding one's own, writing what has become of it.

Source: TXA-04, AMB-11, AMB-25; standards.md C29 (bound to its contract), C31; ASVS 8.2.2 (a reference alone opens
        nothing).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.platform import Platform
from janetbank.flows.typed import can_name
from janetbank.model.audit import Event
from janetbank.model.contract import Contract
from janetbank.model.events import InstructionMoved
from janetbank.model.instruction import Instruction
from janetbank.policies.approval import ApprovalEvent
from janetbank.policies.cooling_off import held_until
from janetbank.policies.instruction import InstructionState
from janetbank.policies.step_up import NEEDED, Proof
from janetbank.ports.storage import Transaction
from janetbank.values.instruction import InstructionKind
from janetbank.values.otp_method import OtpMethod

BILLS = frozenset({InstructionKind.PAYEASY_PRIVATE, InstructionKind.PAYEASY_PUBLIC})
"""The kinds that are about a bill."""


@frozen
class NotAuthorised:
    """The instruction is not one that may be executed now: unknown, unproved, declined, expired, changed or done."""

    code: ClassVar[str] = "instruction.not_authorised"


@frozen
class TransfersOff:
    """Password and token were renewed one after the other: transfers can be made from *until* on (AMB-11)."""

    until: datetime
    code: ClassVar[str] = "instruction.transfers_off"


def held_back(contract: Contract, now: datetime) -> TransfersOff | None:
    """The refusal where nothing may leave the accounts of *contract* yet, or None."""
    until = held_until(contract.transfers_from, now)
    return None if until is None else TransfersOff(until)


def own(
    tx: Transaction, contract: Contract, reference: str, kinds: Collection[InstructionKind] = frozenset(InstructionKind)
) -> Instruction | None:
    """The instruction with this reference, if it is one of *contract*, and of one of these *kinds*."""
    there = tx.instructions.by_reference(reference) if can_name(reference) else None
    if there is None or (there.institution, there.contract) != (contract.institution, contract.id):
        return None
    return there if there.content.kind in kinds else None


def state_at(platform: Platform, instruction: Instruction, now: datetime) -> InstructionState:
    """The state of *instruction* at *now*: an approval that waited too long is refused."""
    if instruction.approval is None or instruction.state is not InstructionState.PROOF_AWAITED:
        return instruction.state
    expired = platform.profile.token.approval.at(instruction.approval, now) != instruction.approval
    return InstructionState.REFUSED if expired else instruction.state


def void_waiting(tx: Transaction, contract: Contract, *, replaced: bool = False) -> tuple[Event, ...]:
    """Void whatever waits for the token of *contract*, which is gone: what to say in its chain.

    Where it is *replaced*, what waits for a code waits for one of the new token; else every code that is entered for it
    would count as a wrong one, and ten as a lock.
    """
    voided: list[Event] = []
    for one in tx.instructions.waiting_of(contract.institution, contract.id):
        if one.approval is not None or (one.proof is Proof.CODE and not replaced):
            approval = None if one.approval is None else one.approval.on(ApprovalEvent.VOID)
            refused = evolve(one, approval=approval, state=InstructionState.REFUSED)
            tx.instructions.put(refused)
            voided.append(_moved(refused))
    return tuple(voided)


def void_codes(tx: Transaction, contract: Contract, method: OtpMethod) -> tuple[Event, ...]:
    """Void what waits for a code and takes more under *method*, which was chosen just now: what to say in the chain.

    Else a transfer that was requested before would go without the app for as long as its reference is known (TXA-04).
    """
    voided: list[Event] = []
    for one in tx.instructions.waiting_of(contract.institution, contract.id):
        if one.proof is Proof.CODE and NEEDED[one.content.kind, method] is not Proof.CODE:
            refused = evolve(one, state=InstructionState.REFUSED)
            tx.instructions.put(refused)
            voided.append(_moved(refused))
    return tuple(voided)


def move(tx: Transaction, contract: Contract, instruction: Instruction, now: datetime, *events: Event) -> None:
    """Write what has become of *instruction*, and say so in the contract's chain, after *events*."""
    contract, entries = contract.recorded(now, *events, _moved(instruction))
    tx.contracts.put(contract)
    if instruction.version:
        tx.instructions.put(instruction)
    else:
        tx.instructions.add(instruction)
    tx.audit.append(entries)


def _moved(instruction: Instruction) -> InstructionMoved:
    return InstructionMoved(instruction.reference, instruction.content.digest, instruction.state.value)
