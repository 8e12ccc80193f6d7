"""Instruction: a transfer that a customer wants, with the proof it needs and how far that has come.

The approval belongs to the text of the transfer as it was asked for; the transfer is digested anew whenever somebody
answers and again when it is executed.

Shape:  frozen; `version` belongs to the storage port.
Units:  instants are aware UTC datetimes.
Source: TXA-04, TXA-08; AMB-8, AMB-32; requirements.md part 7; standards.md C30, C31.
"""

from datetime import datetime
from enum import Enum

from attrs import frozen

from janetbank.policies.approval import Approval
from janetbank.policies.step_up import Proof
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.instruction import Transfer


class InstructionState(Enum):
    """Where an instruction stands."""

    PROOF_AWAITED = "proof_awaited"
    AUTHORISED = "authorised"
    EXECUTED = "executed"
    """Released to the host, once."""
    REFUSED = "refused"
    """Declined in the app, expired, or changed after it was approved."""


@frozen(kw_only=True)
class Instruction:
    """See the module; its name is the transfer's reference."""

    institution: InstitutionId
    contract: ContractId
    transfer: Transfer
    proof: Proof
    approval: Approval | None
    state: InstructionState
    requested_at: datetime
    version: int = 0
