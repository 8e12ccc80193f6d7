"""Recovery: a reset in progress, of the password or of the registered questions.

It survives a restart and another process, can be gone back in and abandoned, expires, and holds no secret.  It is
bound to one contract by the form, and to what lets into that contract: where either has changed, it has ended.

Shape:  frozen; `key` is the SHA-256 of the token that the customer holds; `version` belongs to the storage port.
Units:  instants are aware UTC datetimes.
Source: PWR-01..17, RBR-01..10; ARCHITECTURE "A procedure".
"""

from datetime import datetime
from typing import Self

from attrs import evolve, frozen

from janetbank.model.audit import ChainHead, Entry, Event, record_all
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.recovery import Step
from janetbank.values.identifiers import ContractId, InstitutionId


@frozen(kw_only=True)
class Recovery:
    """See the module; what a step has not yet given is None."""

    key: str
    id: str
    procedure: OnlineProcedure
    """What is reset."""
    step: Step
    institution: InstitutionId
    started_at: datetime
    expires_at: datetime
    contract: ContractId | None = None
    """Whom the form named; it stays the same however often one goes back."""
    credentials: str | None = None
    """A digest of what let into the contract when the form was filled in."""
    attempt: str | None = None
    """The call that is waited for."""
    chain: ChainHead = ChainHead()
    version: int = 0

    def recorded(self, at: datetime, *events: Event) -> tuple[Self, tuple[Entry, ...]]:
        """The procedure with *events* at the end of its chain, and the entries to append to the audit log."""
        head, entries = record_all(self.chain, self.id, at, events)
        return evolve(self, chain=head), entries
