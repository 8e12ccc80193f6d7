"""Reissue: a token being reissued, from the right login password to the call.

It survives a restart and another process, can be gone back in and abandoned, expires, and holds no secret in the clear:
what is needed of the start password is its hash.  It is one contract's from its first instant, and belongs to the epoch
of that contract's sessions in which the password was right: whatever ends them (a lock, another password, another
login id, another reissue) ends it, too.  The token that is to be replaced is none of it, and stays as it is.

Shape:  frozen; `key` is the SHA-256 of the token that the customer holds; `version` belongs to the storage port.
Units:  instants are aware UTC datetimes.
Source: TKR-03..10, CRD-10, CRD-11; AMB-11, AMB-25; ARCHITECTURE "A procedure".
"""

from datetime import datetime
from typing import Self

from attrs import evolve, field, frozen

from janetbank.model.audit import ChainHead, Entry, Event, record_all
from janetbank.policies.reissue import Step
from janetbank.values.email import MailAddress
from janetbank.values.identifiers import ContractId, InstitutionId


@frozen(kw_only=True)
class Reissue:
    """See the module; what a step has not yet given, or what was gone back from, is None."""

    key: str
    id: str
    step: Step
    institution: InstitutionId
    contract: ContractId
    epoch: int
    """Of the contract's sessions, when the password was right."""
    started_at: datetime
    expires_at: datetime
    mail: MailAddress | None = None
    """Where the new token's ids are to go."""
    start_password: str | None = field(default=None, repr=False)
    """The hash of the new token's."""
    attempt: str | None = None
    """The call that is waited for."""
    chain: ChainHead = ChainHead()
    version: int = 0

    def recorded(self, at: datetime, *events: Event) -> tuple[Self, tuple[Entry, ...]]:
        """The procedure with *events* at the end of its chain, and the entries to append to the audit log."""
        head, entries = record_all(self.chain, self.id, at, events)
        return evolve(self, chain=head), entries
