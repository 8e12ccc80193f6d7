"""Instruction: a transfer or a payment that a customer wants, with the proof it needs and how far that has come.

The proof belongs to the text as it was asked for.  That is digested anew whenever somebody answers, when it is handed
to the host, and whenever the host is asked again.

Shape:  frozen; `version` belongs to the storage port.
Units:  instants are aware UTC datetimes, days are days in Japan.
Source: TXA-04, TXA-08, TRF-03, TRF-09; AMB-8, AMB-32, AMB-34; requirements.md part 7; standards.md C30, C31.
"""

from datetime import date, datetime

from attrs import Factory, field, frozen

from janetbank.policies.approval import Approval
from janetbank.policies.instruction import IN_BETWEEN, PENDING, InstructionState
from janetbank.policies.mail_password import Mailed
from janetbank.policies.step_up import Proof
from janetbank.values.host_answer import HostReason
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.instruction import Content


def _as_asked(instruction: "Instruction") -> str:
    return instruction.content.digest


@frozen(kw_only=True)
class Instruction:
    """See the module; its name is the reference of its content."""

    institution: InstitutionId
    contract: ContractId
    content: Content
    digest: str = field(default=Factory(_as_asked, takes_self=True))
    """Of the text as it was asked for."""
    proof: Proof
    approval: Approval | None
    mailed: Mailed | None = None
    """The code that was mailed for it, until it has proved it."""
    state: InstructionState
    requested_at: datetime
    counted_on: date | None = None
    """The day on which it counts against the account's limit, once it does."""
    reason: HostReason | None = None
    """Why the host has refused it."""
    version: int = 0

    @property
    def reference(self) -> str:
        """Its name, and its key at the host."""
        return self.content.reference

    @property
    def intact(self) -> bool:
        """Whether the text is still the one that was asked for."""
        return self.content.digest == self.digest

    @property
    def ask_on(self) -> date | None:
        """From which day on the host is to be asked what has become of it; None where he has nothing of it."""
        if self.state not in PENDING:
            return None
        return date.min if self.state in IN_BETWEEN else self.content.date
