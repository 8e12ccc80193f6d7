"""Enrolment: an application in progress.

It survives a restart and another process, can be gone back in and abandoned, expires, and holds no secret in the
clear: what later steps need of a password or an answer is its hash.

Shape:  frozen; `key` is the SHA-256 of the token that the applicant holds; `version` belongs to the storage port.
Units:  instants are aware UTC datetimes.
Source: ENR-01..13, AMB-28; ARCHITECTURE "A procedure".
"""

from datetime import date, datetime
from typing import Self

from attrs import evolve, frozen

from janetbank.model.audit import ChainHead, Entry, Event, record_all
from janetbank.model.contract import RegisteredQuestion
from janetbank.model.customer import Address
from janetbank.policies.enrolment import Step
from janetbank.policies.risk import Place
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.login_id import LoginId
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber


@frozen
class AcceptedTerms:
    """Which terms the applicant agreed to, and when (ENR-02)."""

    terms: str
    version: str
    at: datetime


@frozen(kw_only=True)
class Holder:
    """The account holder whom the host proved."""

    account: Account
    kana: KanaName
    kanji: KanjiName
    born: BirthDate
    phones: tuple[PhoneNumber, ...]


@frozen
class ChosenCredentials:
    """Login id, password hashes and three questions with the hashes of their answers."""

    login_id: LoginId
    password: str
    questions: tuple[RegisteredQuestion, ...]
    confirmation: str | None = None
    """Of the second password, where the bank has one."""


@frozen(kw_only=True)
class Enrolment:
    """See the module; what a step has not yet given is None."""

    key: str
    id: str
    step: Step
    place: Place
    started_at: datetime
    expires_at: datetime
    terms: AcceptedTerms | None = None
    institution: InstitutionId | None = None
    holder: Holder | None = None
    credentials: ChosenCredentials | None = None
    addresses: tuple[Address, ...] = ()
    contract: ContractId | None = None
    effective_on: date | None = None
    """When the host learns of the contract."""
    chain: ChainHead = ChainHead()
    version: int = 0

    def recorded(self, at: datetime, *events: Event) -> tuple[Self, tuple[Entry, ...]]:
        """The procedure with *events* at the end of its chain, and the entries to append to the audit log."""
        head, entries = record_all(self.chain, self.id, at, events)
        return evolve(self, chain=head), entries
