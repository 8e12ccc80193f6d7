"""Storage: where contracts, sessions, procedures, phone attempts, letters and the audit log are kept.

Why: every rule of this library is exact only if what a transaction decided on is what it writes over.  So a
transaction sees nothing but what was committed, and its own writes; it becomes visible as a whole or not at all; and of
two that write the same aggregate never both succeed: the second meets `Conflict`.  Two aggregates may be read as they
were at two moments: what must not change meanwhile is written over, or raises a number that the other one carries.

Shape:  `with storage.transaction() as tx:` commits at the end of the block and rolls back on an exception.
        Every aggregate carries the `version` it was read at; `put` succeeds only over that version and raises it by
        one.  An aggregate is put at most once in a transaction.
Errors: Conflict where two writers meet, at the write or at the end of the block (try again, with contended=True);
        Unavailable where there is no store; Corrupt where a row cannot be read back.  After any of them nothing of
        the transaction is kept, unless it came from the end of the block itself, when nobody knows (Unavailable).
Source: LCK-16, CRD-04 (unique index), AMB-27 (tombstones), ARCHITECTURE "Ports", docs/decisions/0002 and 0003.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from attrs import frozen

from janetbank.model.acceptance import Acceptance
from janetbank.model.allowance import Allowance
from janetbank.model.audit import ChainHead, Entry
from janetbank.model.batch import BatchRun
from janetbank.model.case import Case, CaseKind
from janetbank.model.contract import Contract
from janetbank.model.customer import Customer
from janetbank.model.fee import Accrued, Charge, FeeTerms
from janetbank.model.instruction import Instruction
from janetbank.model.letter import Letter
from janetbank.model.operator import Operator, OperatorSession
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.model.procedure import Procedure
from janetbank.model.session import Session
from janetbank.model.token import Token
from janetbank.ports.failures import PortError
from janetbank.values.account import Account
from janetbank.values.caller import Route
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.month import Month
from janetbank.values.phone import PhoneNumber


class Conflict(PortError):  # noqa: N818 -- states a condition
    """Somebody else wrote first; nothing of this transaction is kept."""


class LoginIdTaken(Conflict):
    """Somebody, perhaps a tombstone, bears this login id in this namespace."""


class AccountTaken(Conflict):
    """A live contract already has this representative account."""


ContractKey = tuple[InstitutionId, ContractId]
"""What a contract is kept under.  Pages come in the order of the keys, code point by code point."""


class Contracts(Protocol):
    """Contracts, their tombstones and decoys."""

    def by_login_id(self, institution: InstitutionId, namespace: str, login_id: str, decoy: str) -> Contract | None:
        """The live contract that bears the canonical *login_id*, else the decoy with the key *decoy*, else None."""
        ...

    def by_account(self, institution: InstitutionId, account: str, decoy: str) -> Contract | None:
        """The live contract with the representative account `str(account)`, else the decoy, else None."""
        ...

    def by_id(self, institution: InstitutionId, contract: ContractId) -> Contract | None:
        """The contract, whatever its status, or None."""
        ...

    def again(self, contract: Contract) -> Contract:
        """*contract* as it stands since it was written in a transaction before this one.

        A store may take that for granted until the end of the block, and find out then whether it was so: raises
        Conflict, here or there, where somebody else has written it since.  A contended transaction reads it as it is.
        """
        ...

    def bearer(self, namespace: str, login_id: str) -> Contract | None:
        """Whoever bears the canonical *login_id*, tombstones included (AMB-27), or None."""
        ...

    def add(self, contract: Contract) -> None:
        """Keep a new contract.

        Raises LoginIdTaken or AccountTaken, here or at commit; for a decoy's key, Conflict.
        """
        ...

    def put(self, contract: Contract) -> None:
        """Write *contract* over the version it was read at, or raise Conflict."""
        ...

    def due(self, day: date, after: ContractKey | None, limit: int) -> Sequence[Contract]:
        """A page of the contracts with something to reflect on *day* or before: up to *limit*, behind the key *after*.

        It costs as much as what is due, however many contracts there are.
        """
        ...

    def count_due(self, day: date) -> int:
        """How many contracts `due` would find."""
        ...

    def live(self, after: ContractKey | None, limit: int) -> Sequence[Contract]:
        """A page of the contracts that are neither tombstones nor decoys: up to *limit*, behind the key *after*."""
        ...

    def count_live(self) -> int:
        """How many contracts `live` would find."""
        ...


class Customers(Protocol):
    """Who holds a contract."""

    def of(self, institution: InstitutionId, contract: ContractId) -> Customer | None:
        """The customer of *contract*, or None (a decoy has none)."""
        ...

    def add(self, customer: Customer) -> None:
        """Keep a new customer."""
        ...

    def put(self, customer: Customer) -> None:
        """Write *customer* over the version it was read at, or raise Conflict."""
        ...


class Sessions(Protocol):
    """Sessions by the digest of their token."""

    def by_key(self, key: str) -> Session | None:
        """The session, or None."""
        ...

    def with_contract(self, key: str) -> tuple[Session, Contract] | None:
        """The session with its contract, or None."""
        ...

    def still(self, session: Session) -> Session | None:
        """*session* as it stands since it was read in a transaction before this one.

        Taken for granted as with `Contracts.again`: raises Conflict, here or at the end of the block, where somebody
        else has written or removed it since.  A contended transaction reads it as it is, or None where it is gone.
        """
        ...

    def add(self, session: Session) -> None:
        """Keep a new session."""
        ...

    def put(self, session: Session) -> None:
        """Write *session* over the version it was read at, or raise Conflict."""
        ...

    def remove(self, session: Session) -> None:
        """Forget *session*, or raise Conflict where it was written or removed since it was read."""
        ...

    def sweep(self, used_before: datetime) -> int:
        """Forget sessions not used since *used_before*; how many."""
        ...


class Procedures(Protocol):
    """Procedures in progress by the digest of their token."""

    def by_key(self, key: str) -> Procedure | None:
        """The procedure, or None."""
        ...

    def add(self, procedure: Procedure) -> None:
        """Keep a new procedure."""
        ...

    def put(self, procedure: Procedure) -> None:
        """Write *procedure* over the version it was read at, or raise Conflict."""
        ...

    def sweep(self, expired_before: datetime) -> int:
        """Forget procedures that expired before *expired_before*; how many."""
        ...


class PhoneAttempts(Protocol):
    """Attempts at phone authentication.

    A route belongs to the newest attempt on it, even after its window; `by_route` and `of_caller` know no other.
    """

    def by_id(self, attempt: str) -> PhoneAttempt | None:
        """The attempt, or None."""
        ...

    def by_route(self, route: Route) -> PhoneAttempt | None:
        """The newest attempt on *route*, or None: one look into one index, however many attempts there are."""
        ...

    def by_call(self, call: str) -> PhoneAttempt | None:
        """The attempt whose newest call this is, or None."""
        ...

    def of_caller(self, caller: PhoneNumber) -> Sequence[PhoneAttempt]:
        """The newest attempt on each route from *caller*, in no particular order."""
        ...

    def latest_of(self, institution: InstitutionId, contract: ContractId) -> PhoneAttempt | None:
        """The attempt of *contract* with the highest number, or None."""
        ...

    def add(self, attempt: PhoneAttempt) -> None:
        """Keep a new attempt, which takes its route over from one whose window ended before this one's start.

        Raises Conflict, here or at commit, where the route is still another one's in that instant, or where the
        contract has an attempt of this number, or a call of this id belongs to another attempt.
        """
        ...

    def put(self, attempt: PhoneAttempt) -> None:
        """Write *attempt* over the version it was read at, or raise Conflict; also where another one has its call."""
        ...

    def sweep(self, started_before: datetime) -> int:
        """Forget attempts started before *started_before*; how many.

        The latest of each contract stays, without its digits: the next one goes on counting where it stopped.
        """
        ...


class Tokens(Protocol):
    """Tokens, one after the other of each contract."""

    def latest_of(self, institution: InstitutionId, contract: ContractId) -> Token | None:
        """The token of *contract* with the highest number, or None."""
        ...

    def by_ids(self, service_id: str, user_id: str) -> Token | None:
        """The token with these ids, or None."""
        ...

    def add(self, token: Token) -> None:
        """Keep a new token.

        Raises Conflict, here or at commit, where the contract has one of this number, or another one has these ids.
        """
        ...

    def put(self, token: Token) -> None:
        """Write *token* over the version it was read at, or raise Conflict; also where another one has its ids."""
        ...

    def unfinished(self, after: Token | None, limit: int) -> Sequence[Token]:
        """A page of those that wait for their call or for their app: up to *limit*.

        In the order of institution, contract and number, behind *after*, which is the last one of the page before.  It
        costs as much as what waits, which are few at any time.
        """
        ...


class Instructions(Protocol):
    """Instructions by their reference."""

    def by_reference(self, reference: str) -> Instruction | None:
        """The instruction, or None."""
        ...

    def still(self, instruction: Instruction) -> Instruction | None:
        """*instruction* as it stands since it was read in a transaction before this one, as `Sessions.still`."""
        ...

    def waiting_of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Instruction]:
        """The instructions of *contract* that wait for a proof, oldest first; of one instant, by their references."""
        ...

    def pending_of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Instruction]:
        """The instructions of *contract* that the host has and is not done with, or may have, in the same order."""
        ...

    def unsettled(self, day: date, after: Instruction | None, limit: int) -> Sequence[Instruction]:
        """A page of those of which the host is to be asked on *day* what has become of them: up to *limit*.

        In the order of the day from which on he is to be asked, and of their references, behind *after*, which is the
        last one of the page before, as it was read.  It costs as much as what there is to ask.
        """
        ...

    def add(self, instruction: Instruction) -> None:
        """Keep a new instruction; Conflict where the reference is taken."""
        ...

    def put(self, instruction: Instruction) -> None:
        """Write *instruction* over the version it was read at, or raise Conflict."""
        ...

    def sweep(self, requested_before: datetime, *, executed: bool) -> int:
        """Forget those requested before *requested_before* that were *executed*, or came to nothing; how many.

        What the host has, or may have, is never forgotten.
        """
        ...


class Allowances(Protocol):
    """What accounts may transfer a day, and have."""

    def of(self, institution: InstitutionId, contract: ContractId, account: Account) -> Allowance | None:
        """The allowance of *account* in *contract*, or None."""
        ...

    def add(self, allowance: Allowance) -> None:
        """Keep a new one; Conflict, here or at commit, where the account has one in this contract."""
        ...

    def put(self, allowance: Allowance) -> None:
        """Write *allowance* over the version it was read at, or raise Conflict."""
        ...


class Operators(Protocol):
    """Operators' accounts by their names, and the decoys for names that nobody has."""

    def by_name(self, name: str, decoy: str = "") -> Operator | None:
        """The account, else the decoy of the name *decoy*, else None."""
        ...

    def of(self, institution: InstitutionId) -> Sequence[Operator]:
        """The accounts of *institution*, no decoys among them, in the order of their names."""
        ...

    def add(self, operator: Operator) -> None:
        """Keep a new account; Conflict, here or at commit, where there is one of this name."""
        ...

    def put(self, operator: Operator) -> None:
        """Write *operator* over the version it was read at, or raise Conflict."""
        ...


class OperatorSessions(Protocol):
    """Operators who are signed in, by the digest of their token."""

    def by_key(self, key: str) -> OperatorSession | None:
        """The session, or None."""
        ...

    def add(self, session: OperatorSession) -> None:
        """Keep a new session."""
        ...

    def put(self, session: OperatorSession) -> None:
        """Write *session* over the version it was read at, or raise Conflict."""
        ...

    def remove(self, session: OperatorSession) -> None:
        """Forget *session*, or raise Conflict where it was written or removed since it was read."""
        ...

    def sweep(self, used_before: datetime) -> int:
        """Forget sessions not used since *used_before*; how many."""
        ...


class Cases(Protocol):
    """Cases; of one matter of one contract one is live at a time."""

    def by_id(self, institution: InstitutionId, case: str) -> Case | None:
        """The case with this id, if it is the institution's, or None."""
        ...

    def live(self, institution: InstitutionId, contract: ContractId, kind: CaseKind, subject: str = "") -> Case | None:
        """The case of this matter that is live, or None."""
        ...

    def to_do(self, institution: InstitutionId, *, due_by: datetime | None = None) -> Sequence[Case]:
        """The cases in which somebody has something to do, or had to by *due_by*; what is due first comes first."""
        ...

    def of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Case]:
        """The cases of *contract*, live or not, oldest first."""
        ...

    def add(self, case: Case) -> None:
        """Keep a new case; Conflict, here or at commit, where its id is taken, or the same matter has a live one."""
        ...

    def put(self, case: Case) -> None:
        """Write *case* over the version it was read at, or raise Conflict."""
        ...


@frozen(order=True)
class ReportKey:
    """One acceptance report: of which day, for which branch of which institution."""

    on: date
    institution: str
    branch: str


class Acceptances(Protocol):
    """What was applied for online, until long after it was reported."""

    def add(self, acceptance: Acceptance) -> None:
        """Keep a new one; Conflict where the contract has one of this number."""
        ...

    def reports(self, after: date, until: date) -> Sequence[ReportKey]:
        """The reports that there are of the days after *after*, up to *until*, in their order."""
        ...

    def count(self, after: date, until: date) -> int:
        """How many acceptances those hold."""
        ...

    def page(self, report: ReportKey, after: Acceptance | None, limit: int) -> Sequence[Acceptance]:
        """A page of what *report* holds, the first accepted first: up to *limit*, behind *after*.

        Of one instant, in the order of contract and number.
        """
        ...

    def sweep(self, reported_before: date) -> int:
        """Forget what belongs to reports of days before *reported_before*; how many."""
        ...


class Fees(Protocol):
    """What contracts are charged, and the terms of it that are their own."""

    def terms_of(self, institution: InstitutionId, contract: ContractId) -> FeeTerms | None:
        """The terms of *contract*, or None where it has none of its own."""
        ...

    def add_terms(self, terms: FeeTerms) -> None:
        """Keep new terms."""
        ...

    def put_terms(self, terms: FeeTerms) -> None:
        """Write *terms* over the version they were read at, or raise Conflict."""
        ...

    def terms_between(self, after: ContractKey | None, until: ContractKey) -> Sequence[FeeTerms]:
        """The terms of all contracts behind the key *after*, up to the key *until*, in the order of their keys."""
        ...

    def charge(self, charges: Sequence[Charge]) -> None:
        """Keep new charges; Conflict where a contract has one of this kind and reference."""
        ...

    def charges_of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Charge]:
        """The charges of *contract* in the order of month, kind and reference."""
        ...

    def collected_on(self, day: date, after: Charge | None, limit: int) -> Sequence[Charge]:
        """A page of what is collected on *day*, whosever it is: up to *limit*, behind *after*; nothing that accrues.

        In the order of institution, contract, kind and reference.
        """
        ...

    def accrued(
        self, month: Month, after: tuple[InstitutionId, ContractId, Account] | None, limit: int
    ) -> Sequence[Accrued]:
        """What accrued in *month*, a sum for each contract and account: up to *limit*, in order, behind *after*."""
        ...


class BatchRuns(Protocol):
    """The runs of the night batch, one for a day."""

    def by_day(self, day: date) -> BatchRun | None:
        """The run of *day*, or None."""
        ...

    def latest(self) -> BatchRun | None:
        """The run of the latest day, or None."""
        ...

    def add(self, run: BatchRun) -> None:
        """Keep a new run; Conflict where the day has one."""
        ...

    def put(self, run: BatchRun) -> None:
        """Write *run* over the version it was read at, or raise Conflict."""
        ...


class Outbox(Protocol):
    """Letters that wait to be sent."""

    def add(self, letters: Sequence[Letter]) -> None:
        """Keep new letters; they leave after this transaction has been committed."""
        ...

    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Letter]:
        """Take up to *limit* letters that are due at *now*, oldest first; nobody else gets them before *until*.

        The letters come back with one more try counted.
        """
        ...

    def postpone(self, letter: str, until: datetime) -> None:
        """The letter with this id was refused for now; it is due again at *until*."""
        ...

    def done(self, letter: str) -> None:
        """The letter with this id was handed over, or never can be: forget it."""
        ...


@frozen
class Checkpoint:
    """All chains tied together: the heads that moved since the last checkpoint, under one keyed seal."""

    number: int
    at: datetime
    heads: tuple[tuple[str, ChainHead], ...]
    key_id: str
    seal: str


class AuditLog(Protocol):
    """The chains of entries, append-only."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Append *entries*; Conflict where a chain already has an entry of that number."""
        ...

    def chain(self, chain: str) -> Iterator[Entry]:
        """The entries of *chain*, from the first."""
        ...

    def heads(self) -> Iterator[tuple[str, ChainHead]]:
        """Each chain's name and last entry, in the order of the names."""
        ...

    def owned_heads(self) -> Iterator[tuple[str, ChainHead]]:
        """Each chain's name and head as its owner has it, in the order of the names.

        Owners are contracts, procedures and operators.
        """
        ...

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep *checkpoint*; Conflict where its number is taken."""
        ...

    def checkpoints(self) -> Iterator[Checkpoint]:
        """All checkpoints, from the first."""
        ...


class Transaction(Protocol):
    """What can be read and written together."""

    @property
    def durable(self) -> bool:
        """Whether a power cut right after the commit keeps it."""
        ...

    @property
    def contracts(self) -> Contracts:
        """Contracts, tombstones and decoys."""
        ...

    @property
    def customers(self) -> Customers:
        """Who holds them."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Who is logged in."""
        ...

    @property
    def procedures(self) -> Procedures:
        """What is in progress."""
        ...

    @property
    def phone_attempts(self) -> PhoneAttempts:
        """Who is to call."""
        ...

    @property
    def tokens(self) -> Tokens:
        """Software tokens."""
        ...

    @property
    def instructions(self) -> Instructions:
        """What customers want done."""
        ...

    @property
    def allowances(self) -> Allowances:
        """What may be transferred, and was."""
        ...

    @property
    def operators(self) -> Operators:
        """Who works behind the counter."""
        ...

    @property
    def operator_sessions(self) -> OperatorSessions:
        """Who of them is signed in."""
        ...

    @property
    def cases(self) -> Cases:
        """What takes two of them."""
        ...

    @property
    def acceptances(self) -> Acceptances:
        """What branches will read of what was applied for."""
        ...

    @property
    def fees(self) -> Fees:
        """What is charged."""
        ...

    @property
    def batch_runs(self) -> BatchRuns:
        """What the nights have done."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Letters to be sent."""
        ...

    @property
    def audit(self) -> AuditLog:
        """What happened."""
        ...


class Storage(Protocol):
    """See the module."""

    def transaction(self, *, durable: bool = True, contended: bool = False) -> AbstractContextManager[Transaction]:
        """Open a transaction.

        *durable* False: as atomic and as visible as ever, but a power cut may lose it until the next durable commit,
        whoever's that is; for what is implied by something durable, or told after something durable.  *contended*:
        the caller has just lost a race, so reading an aggregate also queues for it, where the store can do that.
        """
        ...
