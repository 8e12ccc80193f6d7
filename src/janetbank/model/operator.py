"""Operator: an account on the operations terminal of one institution, and who is signed in with it.

A *decoy* is an account that nobody has: an unknown name is counted, locked and blocked on one, as with contracts
(docs/decisions/0004), so that nobody learns by trying which accounts there are.

Shape:  frozen; `version` belongs to the storage port; `name` is what an account is kept under, and its chain is called.
Units:  instants are aware UTC datetimes; hashes are texts of the vault.
Source: OPS-09, OPS-10, SUS-13; AMB-17; ASVS 7.2.3, 7.4 (sessions), 6.4.1 (initial passwords).
"""

from datetime import datetime
from enum import Enum
from typing import Self

from attrs import evolve, frozen

from janetbank.model.audit import ChainHead, Entry, Event, record_all
from janetbank.policies.authority import Role
from janetbank.policies.lockout import Tally
from janetbank.values.account import Branch
from janetbank.values.identifiers import InstitutionId
from janetbank.values.line import Line
from janetbank.values.operator import Hand, OperatorId


class OperatorStatus(Enum):
    """Whether an account may be used."""

    ACTIVE = "active"
    RETIRED = "retired"
    """It stays for its chain, and lets nobody in."""
    DECOY = "decoy"


def name_of(institution: InstitutionId, operator: OperatorId) -> str:
    """What the account *operator* is kept under; no contract's chain has such a name."""
    return f"operator:{institution}:{operator}"


def decoy_name(institution: InstitutionId, key: str) -> str:
    """What the decoy with this *key* is kept under."""
    return f"operator:{institution}:?{key}"


@frozen(kw_only=True)
class Operator:
    """See the module."""

    institution: InstitutionId
    name: str
    hand: Hand | None
    """The account and the person; a decoy has neither."""
    status: OperatorStatus
    full_name: Line | None = None
    roles: frozenset[Role] = frozenset()
    branch: Branch | None = None
    """Where he works; None for the centre and the help desk."""
    password: str
    password_changed_at: datetime | None = None
    """When he last chose it; None where somebody gave it to him, so that it counts for one thing: choosing another."""
    tally: Tally = Tally()
    session_epoch: int = 0
    """Sessions of an earlier epoch have ended."""
    chain: ChainHead = ChainHead()
    version: int = 0

    @classmethod
    def decoy(cls, institution: InstitutionId, key: str, password: str) -> Self:
        """The account that nobody has, for what somebody typed whose decoy has this *key*."""
        return cls(
            institution=institution,
            name=decoy_name(institution, key),
            hand=None,
            status=OperatorStatus.DECOY,
            password=password,
        )

    def end_sessions(self) -> Self:
        """The account with every session of it ended."""
        return evolve(self, session_epoch=self.session_epoch + 1)

    def recorded(self, at: datetime, *events: Event) -> tuple[Self, tuple[Entry, ...]]:
        """The account with *events* at the end of its chain, and the entries to append to the audit log."""
        head, entries = record_all(self.chain, self.name, at, events)
        return evolve(self, chain=head), entries


@frozen(kw_only=True)
class OperatorSession:
    """An operator who is signed in; `key` is the SHA-256 of the token that he holds."""

    key: str
    operator: str
    """The name of the account."""
    epoch: int
    opened_at: datetime
    used_at: datetime
    version: int = 0
