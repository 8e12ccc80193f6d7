"""Instructions: what the flows of an instruction share: finding one's own, writing what has become of it.

Source: TXA-04, AMB-25; standards.md C29 (bound to its contract), C31; ASVS 8.2.2 (a reference alone opens nothing).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.platform import Platform
from janetbank.model.audit import Event
from janetbank.model.contract import Contract
from janetbank.model.events import InstructionMoved
from janetbank.model.instruction import Instruction
from janetbank.policies.approval import ApprovalEvent
from janetbank.policies.instruction import InstructionState
from janetbank.ports.storage import Transaction


@frozen
class NotAuthorised:
    """The instruction is not one that may be executed now: unknown, unproved, declined, expired, changed or done."""

    code: ClassVar[str] = "instruction.not_authorised"


def own(tx: Transaction, contract: Contract, reference: str) -> Instruction | None:
    """The instruction with this reference, if it is one of *contract*."""
    there = tx.instructions.by_reference(reference)
    own = there and (there.institution, there.contract) == (contract.institution, contract.id)
    return there if own else None


def state_at(platform: Platform, instruction: Instruction, now: datetime) -> InstructionState:
    """The state of *instruction* at *now*: an approval that waited too long is refused."""
    if instruction.approval is None or instruction.state is not InstructionState.PROOF_AWAITED:
        return instruction.state
    expired = platform.profile.token.approval.at(instruction.approval, now) != instruction.approval
    return InstructionState.REFUSED if expired else instruction.state


def void_waiting(tx: Transaction, contract: Contract) -> tuple[Event, ...]:
    """Void whatever waits for an approval by the token of *contract*, which is gone: what to say in its chain."""
    voided: list[Event] = []
    for one in tx.instructions.waiting_of(contract.institution, contract.id):
        if one.approval is not None:
            refused = evolve(one, approval=one.approval.on(ApprovalEvent.VOID), state=InstructionState.REFUSED)
            tx.instructions.put(refused)
            voided.append(_moved(refused))
    return tuple(voided)


def move(tx: Transaction, contract: Contract, instruction: Instruction, now: datetime) -> None:
    """Write what has become of *instruction*, and say so in the contract's chain."""
    contract, entries = contract.recorded(now, _moved(instruction))
    tx.contracts.put(contract)
    if instruction.version:
        tx.instructions.put(instruction)
    else:
        tx.instructions.add(instruction)
    tx.audit.append(entries)


def _moved(instruction: Instruction) -> InstructionMoved:
    return InstructionMoved(instruction.reference, instruction.content.digest, instruction.state.value)
