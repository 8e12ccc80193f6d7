"""Session: a customer who has shown some of what he must, or all of it.

The token is 256 random bits that only the customer holds; `key` is its SHA-256, which is all that is kept.  Each rise
of assurance brings a new token and ends the old one.

Shape:  frozen; `version` belongs to the storage port.
Units:  instants are aware UTC datetimes.
Source: RBA-10 (password accepted, question pending), RBA-14, LGN-11, ASVS 7.2.3, 7.2.4, 7.3, 7.4.
"""

from datetime import datetime
from enum import Enum

from attrs import frozen

from janetbank.policies.risk import Place
from janetbank.values.environment import Channel
from janetbank.values.identifiers import ContractId, InstitutionId


class Assurance(Enum):
    """What a session's holder has shown."""

    PASSWORD = "password"  # noqa: S105 -- a level's name, no password
    """The password, from an unusual place: nothing but the answer is accepted (RBA-10)."""
    CODE = "code"
    """All that is known, on a channel that asks for a code as well: nothing but the code is accepted (LGN-09)."""
    CALL = "call"
    """The password, from an unusual place, at a bank that asks no questions: nothing but a call is accepted."""
    DUTY = "duty"
    """Everything that logging in asks, but something has to be done first: nothing but that is accepted (RBA-14)."""
    APPLYING = "applying"
    """The same, on a channel that takes a token, of somebody without one: he may but apply for it (LGN-11)."""
    FULL = "full"
    """Everything that logging in asks."""

    def suffices_for(self, asked: "Assurance") -> bool:
        """Whether who has shown this much may do what *asked* is enough for; whoever is in may apply for a token."""
        return self is asked or (asked is Assurance.APPLYING and self is Assurance.FULL)

    @property
    def pending(self) -> bool:
        """Whether logging in is not over yet."""
        return self is not Assurance.FULL and self is not Assurance.APPLYING


@frozen(kw_only=True)
class Session:
    """See the module."""

    key: str
    institution: InstitutionId
    contract: ContractId
    assurance: Assurance
    epoch: int
    """The contract's `session_epoch` when it opened; a later one there has ended this session."""
    by: str
    """The way in: login id or account."""
    channel: Channel
    place: Place
    question: int | None = None
    """The registered question that its holder was asked and has not answered."""
    opened_at: datetime
    used_at: datetime
    stepped_up_at: datetime | None = None
    """When its holder last showed more than logging in asks (AMB-39)."""
    confirmed_at: datetime | None = None
    """When its holder showed the confirmation password for an act that he has not yet done (PRF-16)."""
    version: int = 0
