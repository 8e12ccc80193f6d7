"""Storage in memory: transactional like the real ones, for tests and for a bank that lasts as long as its process.

A transaction sees what was committed when it began, and its own writes.  What others commit meanwhile it is shielded
from: whoever overwrites a row first leaves the old one with every open transaction.  A transaction that writes a row
which has been overwritten under it meets `Conflict`: the first to commit wins.

Shape:  `MemoryStorage()`, then `with storage.transaction() as tx:` as the port says; safe among threads.
        `storage.fail(call="contracts.put", when="after", with_=Unavailable())` makes a call fail, before or after it
        has worked; the calls are the port's methods by room ("audit.append"), "begin" and "commit".
Units:  *patience*, seconds: how long to queue where another transaction holds the queue (Conflict afterwards).
Errors: the port's; RuntimeError for a programmer's mistake: an aggregate written twice in one transaction, or a
        transaction used after its end.
Source: docs/decisions/0002, 0003; LCK-16, CRD-04, AMB-27.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import wraps
from threading import Lock
from typing import Any, Concatenate, Generic, Literal, ParamSpec, Protocol, Self, TypeVar

from attrs import define, evolve, frozen

from janetbank.model.acceptance import Acceptance
from janetbank.model.allowance import Allowance
from janetbank.model.audit import ChainHead, Entry
from janetbank.model.batch import BatchRun
from janetbank.model.case import Case, CaseKind
from janetbank.model.contract import Contract
from janetbank.model.customer import Customer
from janetbank.model.fee import Accrued, Charge, ChargeKind, FeeTerms
from janetbank.model.instruction import Instruction
from janetbank.model.letter import Letter
from janetbank.model.operator import Operator, OperatorSession, OperatorStatus
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.model.procedure import Procedure
from janetbank.model.session import Session
from janetbank.model.token import UNFINISHED, Token
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.instruction import PENDING, InstructionState
from janetbank.ports.failures import PortError
from janetbank.ports.storage import AccountTaken, Checkpoint, Conflict, LoginIdTaken, ReportKey
from janetbank.values.account import Account
from janetbank.values.caller import Route
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.money import Yen
from janetbank.values.month import Month
from janetbank.values.phone import PhoneNumber

When = Literal["before", "after"]


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...


_Key = TypeVar("_Key")
_Row = TypeVar("_Row")
_Aggregate = TypeVar("_Aggregate", bound=_Versioned)
_Given = ParamSpec("_Given")
_Told = TypeVar("_Told")

ContractKey = tuple[InstitutionId, ContractId]
_Matter = tuple[InstitutionId, ContractId, CaseKind, str]


class _Table(Generic[_Key, _Row]):
    """Committed rows; *taken* is what somebody meets who adds a row where there is one."""

    def __init__(self, taken: type[Conflict] = Conflict) -> None:
        self.taken = taken
        self.rows: dict[_Key, _Row] = {}


class _View(Generic[_Key, _Row]):
    """How one transaction sees a table: its own writes, over what others overwrote since, over the table."""

    def __init__(self, table: _Table[_Key, _Row], lock: Lock) -> None:
        self.table = table
        self.lock = lock
        self.before: dict[_Key, _Row | None] = {}
        self.written: dict[_Key, _Row | None] = {}

    def get(self, key: _Key) -> _Row | None:
        if key in self.written:
            return self.written[key]
        with self.lock:
            return self.before[key] if key in self.before else self.table.rows.get(key)

    def all(self) -> dict[_Key, _Row]:
        with self.lock:
            rows: dict[_Key, _Row | None] = {**self.table.rows, **self.before, **self.written}
        return {key: row for key, row in rows.items() if row is not None}

    def set(self, key: _Key, row: _Row | None) -> None:
        self.written[key] = row

    def add(self, key: _Key, row: _Row) -> None:
        if self.get(key) is not None:
            raise self.table.taken
        self.set(key, row)

    def check(self) -> None:
        """Somebody overwrote what this transaction writes: he was first."""
        for key in self.written.keys() & self.before.keys():
            raise Conflict if self.table.rows.get(key) is None else self.table.taken

    def shield(self, other: "_View[_Key, _Row]") -> None:
        """Leave with *other*, open transaction's view what this one is about to overwrite."""
        for key in self.written:
            other.before.setdefault(key, self.table.rows.get(key))

    def apply(self) -> None:
        for key, row in self.written.items():
            if row is None:
                self.table.rows.pop(key, None)
            else:
                self.table.rows[key] = row


Table = _Table
View = _View
"""Under these names for a store of one's own below the same rooms (docs/writing-an-adapter.md)."""


@define(eq=False)
class _Failure:
    call: str
    when: When
    error: PortError
    skip: int
    times: int


class _Failures:
    """What was asked to fail, in the order in which it was asked for."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.planned: list[_Failure] = []

    def meet(self, call: str, when: When) -> None:
        if not self.planned:
            return
        with self.lock:
            for failure in self.planned:
                if failure.when != when or failure.call not in {call, "*"}:
                    continue
                if failure.skip:
                    failure.skip -= 1
                    continue
                failure.times -= 1
                if not failure.times:
                    self.planned.remove(failure)
                raise failure.error


class _Room(Protocol):
    @property
    def tx(self) -> "MemoryTransaction": ...


_AnyRoom = TypeVar("_AnyRoom", bound=_Room)


def _call(
    method: Callable[Concatenate[_AnyRoom, _Given], _Told],
) -> Callable[Concatenate[_AnyRoom, _Given], _Told]:
    """A method of the port: it may be told to fail, and where it does the transaction can only be rolled back."""
    room, _, name = method.__qualname__.removeprefix("_").partition(".")
    call = f"{re.sub(r'(?<=.)(?=[A-Z])', '_', room).lower()}.{name}"

    @wraps(method)
    def calling(self: _AnyRoom, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Told:
        tx = self.tx
        if tx.over:
            msg = "the transaction is over"
            raise RuntimeError(msg)
        try:
            tx.failures.meet(call, "before")
            told = method(self, *args, **kwargs)
            tx.failures.meet(call, "after")
        except PortError as error:
            tx.failed = error
            raise
        return told

    return calling


class _Tables:
    """All that is committed."""

    def __init__(self) -> None:
        self.contracts = _Table[ContractKey, Contract]()
        self.logins = _Table[tuple[str, str], ContractKey](LoginIdTaken)
        self.accounts = _Table[tuple[InstitutionId, str], ContractKey](AccountTaken)
        self.decoys = _Table[tuple[InstitutionId, str], ContractKey]()
        self.customers = _Table[ContractKey, Customer]()
        self.sessions = _Table[str, Session]()
        self.procedures = _Table[str, Procedure]()
        self.attempts = _Table[str, PhoneAttempt]()
        self.routes = _Table[tuple[str, str], str]()
        self.callers = _Table[PhoneNumber, tuple[str, ...]]()
        self.calls = _Table[str, str]()
        self.latest = _Table[ContractKey, str]()
        self.tokens = _Table[tuple[ContractKey, int], Token]()
        self.token_ids = _Table[tuple[str, str], tuple[ContractKey, int]]()
        self.latest_tokens = _Table[ContractKey, int]()
        self.instructions = _Table[str, Instruction]()
        self.instructed = _Table[ContractKey, tuple[str, ...]]()
        self.allowances = _Table[tuple[ContractKey, Account], Allowance]()
        self.operators = _Table[str, Operator]()
        self.operator_sessions = _Table[str, OperatorSession]()
        self.cases = _Table[str, Case]()
        self.live_cases = _Table[_Matter, str]()
        self.acceptances = _Table[tuple[ContractKey, int], Acceptance]()
        self.fee_terms = _Table[ContractKey, FeeTerms]()
        self.charges = _Table[tuple[ContractKey, ChargeKind, str], Charge]()
        self.batch_runs = _Table[date, BatchRun]()
        self.letters = _Table[str, Letter]()
        self.entries = _Table[tuple[str, int], Entry]()
        self.heads = _Table[str, ChainHead]()
        self.checkpoints = _Table[int, Checkpoint]()


class MemoryStorage:
    """See the module."""

    def __init__(self, *, patience: float = 5.0) -> None:
        self._patience = patience
        self._lock = Lock()
        self._queue = Lock()
        self._tables = _Tables()
        self._failures = _Failures()
        self._open: list[MemoryTransaction] = []

    def fail(self, *, call: str = "*", when: When = "before", with_: PortError, times: int = 1, skip: int = 0) -> None:
        """Let *call* ("*": any) raise *with_*: its next *times*, after *skip* that work.

        *when* "after": the call has worked, but the caller hears that it failed; so a commit is kept all the same.
        """
        self._failures.planned.append(_Failure(call, when, with_, skip, times))

    def transaction(self, *, durable: bool = True, contended: bool = False) -> "MemoryTransaction":
        """Open a transaction, as the port says; *contended*: nobody else commits until this one ends."""
        return MemoryTransaction(self, self._tables, self._lock, self._failures, durable=durable, contended=contended)

    def begin(self, tx: "MemoryTransaction") -> None:
        """Let *tx* see from now on what is committed, and nothing of what others overwrite."""
        if tx.contended:
            self._wait_in_queue()
        try:
            self._failures.meet("begin", "before")
            with self._lock:
                self._open.append(tx)
            self._failures.meet("begin", "after")
        except BaseException:
            self.end(tx)
            raise

    def commit(self, tx: "MemoryTransaction") -> None:
        """Keep what *tx* wrote, unless something failed."""
        if tx.failed is not None:
            raise tx.failed
        self._failures.meet("commit", "before")
        self._commit(tx, queued=tx.contended)
        self._failures.meet("commit", "after")

    def end(self, tx: "MemoryTransaction") -> None:
        """*tx* sees nothing more."""
        tx.over = True
        with self._lock:
            if tx in self._open:
                self._open.remove(tx)
        if tx.contended:
            self._queue.release()

    def _wait_in_queue(self) -> None:
        if not self._queue.acquire(timeout=self._patience):
            msg = "waited too long for another transaction to end"
            raise Conflict(msg)

    def _commit(self, tx: "MemoryTransaction", *, queued: bool) -> None:
        written = [view for view in tx.views.values() if view.written]
        if not written:
            return
        if not queued:
            self._wait_in_queue()
        try:
            with self._lock:
                for view in written:
                    view.check()
                for other in self._open:
                    if other is not tx:
                        for view in written:
                            view.shield(other.view_of(view.table))
                for view in written:
                    view.apply()
        finally:
            if not queued:
                self._queue.release()


class MemoryTransaction:
    """One transaction; `failed` is what it met, after which it can only be rolled back."""

    def __init__(
        self,
        storage: MemoryStorage,
        tables: _Tables,
        lock: Lock,
        failures: _Failures,
        *,
        durable: bool,
        contended: bool,
    ) -> None:
        self._storage = storage
        self._tables = tables
        self._lock = lock
        self._durable = durable
        self.contended = contended
        self.failures = failures
        self.failed: PortError | None = None
        self.over = False
        self.views: dict[_Table[Any, Any], _View[Any, Any]] = {}
        """What it has looked at so far, or was shielded from."""

    def __enter__(self) -> Self:
        self._storage.begin(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._storage.commit(self)
        finally:
            self._storage.end(self)

    @property
    def contracts(self) -> "_Contracts":
        """The port's."""
        tables = self._tables
        return _Contracts(
            self,
            self._view(tables.contracts),
            self._view(tables.logins),
            self._view(tables.accounts),
            self._view(tables.decoys),
        )

    @property
    def customers(self) -> "_Customers":
        """The port's."""
        return _Customers(self, self._view(self._tables.customers))

    @property
    def sessions(self) -> "_Sessions":
        """The port's."""
        return _Sessions(self, self._view(self._tables.sessions), self._view(self._tables.contracts))

    @property
    def procedures(self) -> "_Procedures":
        """The port's."""
        return _Procedures(self, self._view(self._tables.procedures))

    @property
    def phone_attempts(self) -> "_PhoneAttempts":
        """The port's."""
        tables = self._tables
        return _PhoneAttempts(
            self,
            self._view(tables.attempts),
            self._view(tables.routes),
            self._view(tables.callers),
            self._view(tables.calls),
            self._view(tables.latest),
        )

    @property
    def tokens(self) -> "_Tokens":
        """The port's."""
        tables = self._tables
        return _Tokens(self, self._view(tables.tokens), self._view(tables.token_ids), self._view(tables.latest_tokens))

    @property
    def instructions(self) -> "_Instructions":
        """The port's."""
        return _Instructions(self, self._view(self._tables.instructions), self._view(self._tables.instructed))

    @property
    def allowances(self) -> "_Allowances":
        """The port's."""
        return _Allowances(self, self._view(self._tables.allowances))

    @property
    def operators(self) -> "_Operators":
        """The port's."""
        return _Operators(self, self._view(self._tables.operators))

    @property
    def operator_sessions(self) -> "_OperatorSessions":
        """The port's."""
        return _OperatorSessions(self, self._view(self._tables.operator_sessions))

    @property
    def cases(self) -> "_Cases":
        """The port's."""
        return _Cases(self, self._view(self._tables.cases), self._view(self._tables.live_cases))

    @property
    def acceptances(self) -> "_Acceptances":
        """The port's."""
        return _Acceptances(self, self._view(self._tables.acceptances))

    @property
    def fees(self) -> "_Fees":
        """The port's."""
        return _Fees(self, self._view(self._tables.fee_terms), self._view(self._tables.charges))

    @property
    def batch_runs(self) -> "_BatchRuns":
        """The port's."""
        return _BatchRuns(self, self._view(self._tables.batch_runs))

    @property
    def outbox(self) -> "_Outbox":
        """The port's."""
        return _Outbox(self, self._view(self._tables.letters))

    @property
    def audit(self) -> "_Audit":
        """The port's."""
        tables = self._tables
        return _Audit(
            self,
            self._view(tables.entries),
            self._view(tables.heads),
            self._view(tables.checkpoints),
            self.contracts,
            self.procedures,
            self.operators,
            self.batch_runs,
        )

    @property
    def durable(self) -> bool:
        """What was asked for; memory outlasts no power cut."""
        return self._durable

    def _view(self, table: _Table[_Key, _Row]) -> _View[_Key, _Row]:
        with self._lock:
            return self.view_of(table)

    def view_of(self, table: _Table[_Key, _Row]) -> _View[_Key, _Row]:
        """How this transaction sees *table*, for whoever holds the lock."""
        view = self.views.get(table)
        if view is None:
            view = self.views[table] = _View(table, self._lock)
        return view


def _put(rows: _View[_Key, _Aggregate], key: _Key, aggregate: _Aggregate, next_: _Aggregate | None) -> _Aggregate:
    """Write *next_* over *aggregate* as it was read; what stood there."""
    if key in rows.written:
        msg = "an aggregate is written at most once in a transaction"
        raise RuntimeError(msg)
    old = rows.get(key)
    if old is None or old.version != aggregate.version:
        raise Conflict
    rows.set(key, next_)
    return old


def _still(tx: MemoryTransaction, rows: _View[_Key, _Aggregate], key: _Key, read: _Aggregate) -> _Aggregate | None:
    """*read* where it stands as it was; for a contended transaction, what stands there."""
    found = rows.get(key)
    if not tx.contended and (found is None or found.version != read.version):
        raise Conflict
    return found


@frozen(eq=False)
class _Contracts:
    tx: MemoryTransaction
    rows: _View[ContractKey, Contract]
    logins: _View[tuple[str, str], ContractKey]
    accounts: _View[tuple[InstitutionId, str], ContractKey]
    decoys: _View[tuple[InstitutionId, str], ContractKey]

    @_call
    def by_login_id(self, institution: InstitutionId, namespace: str, login_id: str, decoy: str) -> Contract | None:
        found = self._at(self.logins.get((namespace, login_id)))
        if found and found.institution == institution and found.status is not ContractStatus.CANCELLED:
            return found
        return self._at(self.decoys.get((institution, decoy)))

    @_call
    def by_account(self, institution: InstitutionId, account: str, decoy: str) -> Contract | None:
        return self._at(self.accounts.get((institution, account)) or self.decoys.get((institution, decoy)))

    @_call
    def by_id(self, institution: InstitutionId, contract: ContractId) -> Contract | None:
        return self.rows.get((institution, contract))

    @_call
    def again(self, contract: Contract) -> Contract:
        found = self.rows.get((contract.institution, contract.id))
        if found is None or not (self.tx.contended or found.version == contract.version + 1):
            raise Conflict
        return found

    @_call
    def bearer(self, namespace: str, login_id: str) -> Contract | None:
        return self._at(self.logins.get((namespace, login_id)))

    @_call
    def add(self, contract: Contract) -> None:
        key = contract.institution, contract.id
        self.rows.add(key, evolve(contract, version=1))
        self._index(key, None, contract)

    @_call
    def put(self, contract: Contract) -> None:
        key = contract.institution, contract.id
        old = _put(self.rows, key, contract, evolve(contract, version=contract.version + 1))
        self._index(key, old, contract)

    @_call
    def due(self, day: date, after: ContractKey | None, limit: int) -> Sequence[Contract]:
        return self._page(lambda one: one.due_on is not None and one.due_on <= day, after)[:limit]

    @_call
    def count_due(self, day: date) -> int:
        return len(self._page(lambda one: one.due_on is not None and one.due_on <= day, None))

    @_call
    def live(self, after: ContractKey | None, limit: int) -> Sequence[Contract]:
        return self._page(_lives, after)[:limit]

    @_call
    def count_live(self) -> int:
        return len(self._page(_lives, None))

    def _page(self, fits: Callable[[Contract], bool], after: ContractKey | None) -> list[Contract]:
        """All that fit behind the key *after*, in the order of the keys."""
        start = _by_code(after)
        found = {_by_code(key): one for key, one in self.rows.all().items() if fits(one)}
        return [found[key] for key in sorted(found) if key > start]

    def _at(self, key: ContractKey | None) -> Contract | None:
        return self.rows.get(key) if key else None

    def _index(self, key: ContractKey, old: Contract | None, new: Contract) -> None:
        """Let *new* be found by what it bears, and no more by what only *old* bore."""
        _move(self.logins, key, _login_key(old), _login_key(new))
        _move(self.accounts, key, _account_key(old), _account_key(new))
        _move(self.decoys, key, _decoy_key(old), _decoy_key(new))


def _lives(contract: Contract) -> bool:
    return contract.status not in {ContractStatus.CANCELLED, ContractStatus.DECOY}


def _by_code(key: ContractKey | None) -> tuple[str, str]:
    return ("", "") if key is None else (key[0].code, key[1].text)


def _login_key(contract: Contract | None) -> tuple[str, str] | None:
    if contract is None or contract.login_id is None:
        return None
    return contract.namespace, contract.login_id.canonical


def _account_key(contract: Contract | None) -> tuple[InstitutionId, str] | None:
    if contract is None or contract.account is None or contract.status is ContractStatus.CANCELLED:
        return None
    return contract.institution, str(contract.account)


def _decoy_key(contract: Contract | None) -> tuple[InstitutionId, str] | None:
    if contract is None or contract.decoy_key is None:
        return None
    return contract.institution, contract.decoy_key


def _move(index: _View[_Key, _Row], at: _Row, old: _Key | None, new: _Key | None) -> None:
    if old == new:
        return
    if old is not None:
        index.set(old, None)
    if new is not None:
        index.add(new, at)


@frozen(eq=False)
class _Customers:
    tx: MemoryTransaction
    rows: _View[ContractKey, Customer]

    @_call
    def of(self, institution: InstitutionId, contract: ContractId) -> Customer | None:
        return self.rows.get((institution, contract))

    @_call
    def add(self, customer: Customer) -> None:
        self.rows.add((customer.institution, customer.contract), evolve(customer, version=1))

    @_call
    def put(self, customer: Customer) -> None:
        key = customer.institution, customer.contract
        _put(self.rows, key, customer, evolve(customer, version=customer.version + 1))


@frozen(eq=False)
class _Sessions:
    tx: MemoryTransaction
    rows: _View[str, Session]
    contracts: _View[ContractKey, Contract]

    @_call
    def by_key(self, key: str) -> Session | None:
        return self.rows.get(key)

    @_call
    def with_contract(self, key: str) -> tuple[Session, Contract] | None:
        session = self.rows.get(key)
        contract = None if session is None else self.contracts.get((session.institution, session.contract))
        return None if session is None or contract is None else (session, contract)

    @_call
    def still(self, session: Session) -> Session | None:
        return _still(self.tx, self.rows, session.key, session)

    @_call
    def add(self, session: Session) -> None:
        self.rows.add(session.key, evolve(session, version=1))

    @_call
    def put(self, session: Session) -> None:
        _put(self.rows, session.key, session, evolve(session, version=session.version + 1))

    @_call
    def remove(self, session: Session) -> None:
        _put(self.rows, session.key, session, None)

    @_call
    def sweep(self, used_before: datetime) -> int:
        swept = [key for key, session in self.rows.all().items() if session.used_at < used_before]
        for key in swept:
            self.rows.set(key, None)
        return len(swept)


@frozen(eq=False)
class _Procedures:
    tx: MemoryTransaction
    rows: _View[str, Procedure]

    @_call
    def by_key(self, key: str) -> Procedure | None:
        return self.rows.get(key)

    @_call
    def add(self, procedure: Procedure) -> None:
        self.rows.add(procedure.key, evolve(procedure, version=1))

    @_call
    def put(self, procedure: Procedure) -> None:
        _put(self.rows, procedure.key, procedure, evolve(procedure, version=procedure.version + 1))

    @_call
    def sweep(self, expired_before: datetime) -> int:
        swept = [key for key, procedure in self.rows.all().items() if procedure.expires_at < expired_before]
        for key in swept:
            self.rows.set(key, None)
        return len(swept)


@frozen(eq=False)
class _Instructions:
    tx: MemoryTransaction
    rows: _View[str, Instruction]
    of: _View[ContractKey, tuple[str, ...]]

    @_call
    def by_reference(self, reference: str) -> Instruction | None:
        return self.rows.get(reference)

    @_call
    def still(self, instruction: Instruction) -> Instruction | None:
        return _still(self.tx, self.rows, instruction.reference, instruction)

    @_call
    def waiting_of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Instruction]:
        found = [self.rows.get(reference) for reference in self.of.get((institution, contract)) or ()]
        waiting = [one for one in found if one is not None and one.state is InstructionState.PROOF_AWAITED]
        return sorted(waiting, key=lambda one: (one.requested_at, one.reference))

    @_call
    def pending_of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Instruction]:
        found = [self.rows.get(reference) for reference in self.of.get((institution, contract)) or ()]
        pending = [one for one in found if one is not None and one.state in PENDING]
        return sorted(pending, key=lambda one: (one.requested_at, one.reference))

    @_call
    def unsettled(self, day: date, after: Instruction | None, limit: int) -> Sequence[Instruction]:
        behind = None if after is None else (after.ask_on or date.min, after.reference)
        keys = {(one.ask_on, key): one for key, one in self.rows.all().items() if one.ask_on and one.ask_on <= day}
        page = sorted(key for key in keys if behind is None or key > behind)
        return [keys[key] for key in page[:limit]]

    @_call
    def add(self, instruction: Instruction) -> None:
        contract, reference = (instruction.institution, instruction.contract), instruction.reference
        self.rows.add(reference, evolve(instruction, version=1))
        self.of.set(contract, (*(self.of.get(contract) or ()), reference))

    @_call
    def put(self, instruction: Instruction) -> None:
        reference = instruction.reference
        _put(self.rows, reference, instruction, evolve(instruction, version=instruction.version + 1))

    @_call
    def sweep(self, requested_before: datetime, *, executed: bool) -> int:
        old = [one for one in self.rows.all().values() if one.requested_at < requested_before]
        swept = [one for one in old if one.ask_on is None and (one.state is InstructionState.EXECUTED) is executed]
        for instruction in swept:
            contract, reference = (instruction.institution, instruction.contract), instruction.reference
            self.rows.set(reference, None)
            others = tuple(other for other in self.of.get(contract) or () if other != reference)
            self.of.set(contract, others or None)
        return len(swept)


@frozen(eq=False)
class _Allowances:
    tx: MemoryTransaction
    rows: _View[tuple[ContractKey, Account], Allowance]

    @_call
    def of(self, institution: InstitutionId, contract: ContractId, account: Account) -> Allowance | None:
        return self.rows.get(((institution, contract), account))

    @_call
    def add(self, allowance: Allowance) -> None:
        key = (allowance.institution, allowance.contract), allowance.account
        self.rows.add(key, evolve(allowance, version=1))

    @_call
    def put(self, allowance: Allowance) -> None:
        key = (allowance.institution, allowance.contract), allowance.account
        _put(self.rows, key, allowance, evolve(allowance, version=allowance.version + 1))


@frozen(eq=False)
class _Tokens:
    tx: MemoryTransaction
    rows: _View[tuple[ContractKey, int], Token]
    ids: _View[tuple[str, str], tuple[ContractKey, int]]
    latest: _View[ContractKey, int]

    @_call
    def latest_of(self, institution: InstitutionId, contract: ContractId) -> Token | None:
        number = self.latest.get((institution, contract))
        return None if number is None else self.rows.get(((institution, contract), number))

    @_call
    def by_ids(self, service_id: str, user_id: str) -> Token | None:
        key = self.ids.get((service_id, user_id))
        return None if key is None else self.rows.get(key)

    @_call
    def add(self, token: Token) -> None:
        contract = token.institution, token.contract
        self.rows.add((contract, token.number), evolve(token, version=1))
        _move(self.ids, (contract, token.number), None, (token.service_id, token.user_id))
        self.latest.set(contract, max(self.latest.get(contract) or 0, token.number))

    @_call
    def put(self, token: Token) -> None:
        key = (token.institution, token.contract), token.number
        old = _put(self.rows, key, token, evolve(token, version=token.version + 1))
        _move(self.ids, key, (old.service_id, old.user_id), (token.service_id, token.user_id))

    @_call
    def unfinished(self, after: Token | None, limit: int) -> Sequence[Token]:
        behind = None if after is None else _place_of(after)
        waiting = sorted((one for one in self.rows.all().values() if one.state in UNFINISHED), key=_place_of)
        return [one for one in waiting if behind is None or _place_of(one) > behind][:limit]


def _place_of(token: Token) -> tuple[str, str, int]:
    return token.institution.code, token.contract.text, token.number


def _numbers(route: Route) -> tuple[str, str]:
    return route.caller.e164, route.destination.e164


@frozen(eq=False)
class _PhoneAttempts:
    tx: MemoryTransaction
    rows: _View[str, PhoneAttempt]
    routes: _View[tuple[str, str], str]
    """By the two numbers as texts, which are found at half the cost of values."""
    callers: _View[PhoneNumber, tuple[str, ...]]
    """The attempts that have a route from this caller."""
    calls: _View[str, str]
    latest: _View[ContractKey, str]

    @_call
    def by_id(self, attempt: str) -> PhoneAttempt | None:
        return self.rows.get(attempt)

    @_call
    def by_route(self, route: Route) -> PhoneAttempt | None:
        return self._at(self.routes.get(_numbers(route)))

    @_call
    def by_call(self, call: str) -> PhoneAttempt | None:
        return self._at(self.calls.get(call))

    @_call
    def of_caller(self, caller: PhoneNumber) -> Sequence[PhoneAttempt]:
        found = [self.rows.get(key) for key in self.callers.get(caller) or ()]
        return [attempt for attempt in found if attempt is not None]

    @_call
    def latest_of(self, institution: InstitutionId, contract: ContractId) -> PhoneAttempt | None:
        return self._at(self.latest.get((institution, contract)))

    @_call
    def add(self, attempt: PhoneAttempt) -> None:
        contract = attempt.institution, attempt.contract
        before, there = self._at(self.latest.get(contract)), self._at(self.routes.get(_numbers(attempt.route)))
        if before is not None and before.number >= attempt.number:
            raise Conflict
        if there is not None and there.window_end >= attempt.progress.start:
            raise Conflict
        self.rows.add(attempt.id, evolve(attempt, version=1))
        self.latest.set(contract, attempt.id)
        self.routes.set(_numbers(attempt.route), attempt.id)
        caller = attempt.route.caller
        others = [key for key in self.callers.get(caller) or () if there is None or key != there.id]
        self.callers.set(caller, (*others, attempt.id))
        _move(self.calls, attempt.id, None, attempt.progress.call)

    @_call
    def put(self, attempt: PhoneAttempt) -> None:
        old = _put(self.rows, attempt.id, attempt, evolve(attempt, version=attempt.version + 1))
        _move(self.calls, attempt.id, old.progress.call, attempt.progress.call)

    @_call
    def sweep(self, started_before: datetime) -> int:
        old = [one for one in self.rows.all().values() if one.progress.start < started_before]
        swept = [one for one in old if self.latest.get((one.institution, one.contract)) != one.id]
        for attempt in swept:
            self._forget(attempt)
        for attempt in old:
            if attempt.digits is not None and attempt not in swept:
                self.put(evolve(attempt, digits=None))
        return len(swept)

    def _at(self, key: str | None) -> PhoneAttempt | None:
        return self.rows.get(key) if key else None

    def _forget(self, attempt: PhoneAttempt) -> None:
        route = attempt.route
        self.rows.set(attempt.id, None)
        _move(self.calls, attempt.id, attempt.progress.call, None)
        if self.routes.get(_numbers(route)) == attempt.id:
            self.routes.set(_numbers(route), None)
            others = tuple(key for key in self.callers.get(route.caller) or () if key != attempt.id)
            self.callers.set(route.caller, others or None)


@frozen(eq=False)
class _Operators:
    tx: MemoryTransaction
    rows: _View[str, Operator]

    @_call
    def by_name(self, name: str, decoy: str = "") -> Operator | None:
        return self.rows.get(name) or self.rows.get(decoy)

    @_call
    def of(self, institution: InstitutionId) -> Sequence[Operator]:
        here = [one for one in self.rows.all().values() if one.institution == institution]
        return sorted((one for one in here if one.status is not OperatorStatus.DECOY), key=lambda one: one.name)

    @_call
    def add(self, operator: Operator) -> None:
        self.rows.add(operator.name, evolve(operator, version=1))

    @_call
    def put(self, operator: Operator) -> None:
        _put(self.rows, operator.name, operator, evolve(operator, version=operator.version + 1))


@frozen(eq=False)
class _OperatorSessions:
    tx: MemoryTransaction
    rows: _View[str, OperatorSession]

    @_call
    def by_key(self, key: str) -> OperatorSession | None:
        return self.rows.get(key)

    @_call
    def add(self, session: OperatorSession) -> None:
        self.rows.add(session.key, evolve(session, version=1))

    @_call
    def put(self, session: OperatorSession) -> None:
        _put(self.rows, session.key, session, evolve(session, version=session.version + 1))

    @_call
    def remove(self, session: OperatorSession) -> None:
        _put(self.rows, session.key, session, None)

    @_call
    def sweep(self, used_before: datetime) -> int:
        swept = [key for key, session in self.rows.all().items() if session.used_at < used_before]
        for key in swept:
            self.rows.set(key, None)
        return len(swept)


@frozen(eq=False)
class _Cases:
    tx: MemoryTransaction
    rows: _View[str, Case]
    matters: _View[_Matter, str]

    @_call
    def by_id(self, institution: InstitutionId, case: str) -> Case | None:
        found = self.rows.get(case)
        return found if found is not None and found.institution == institution else None

    @_call
    def live(self, institution: InstitutionId, contract: ContractId, kind: CaseKind, subject: str = "") -> Case | None:
        key = self.matters.get((institution, contract, kind, subject))
        return None if key is None else self.rows.get(key)

    @_call
    def to_do(self, institution: InstitutionId, *, due_by: datetime | None = None) -> Sequence[Case]:
        here = [(one.due_at, one) for one in self.rows.all().values() if one.institution == institution]
        waiting = [(due_at, one) for due_at, one in here if due_at is not None]
        due = [(due_at, one) for due_at, one in waiting if due_by is None or due_at <= due_by]
        return [one for _, one in sorted(due, key=lambda due: (due[0], due[1].id))]

    @_call
    def of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Case]:
        found = [one for one in self.rows.all().values() if (one.institution, one.contract) == (institution, contract)]
        return sorted(found, key=lambda one: (one.opened_at, one.id))

    @_call
    def add(self, case: Case) -> None:
        self.rows.add(case.id, evolve(case, version=1))
        _move(self.matters, case.id, None, _matter(case))

    @_call
    def put(self, case: Case) -> None:
        old = _put(self.rows, case.id, case, evolve(case, version=case.version + 1))
        _move(self.matters, case.id, _matter(old), _matter(case))


def _matter(case: Case) -> _Matter | None:
    return (case.institution, case.contract, case.kind, case.subject) if case.live else None


@frozen(eq=False)
class _Acceptances:
    tx: MemoryTransaction
    rows: _View[tuple[ContractKey, int], Acceptance]

    @_call
    def add(self, acceptance: Acceptance) -> None:
        self.rows.add(((acceptance.institution, acceptance.contract), acceptance.seq), acceptance)

    @_call
    def reports(self, after: date, until: date) -> Sequence[ReportKey]:
        return sorted({_report(one) for one in self._between(after, until)})

    @_call
    def count(self, after: date, until: date) -> int:
        return len(self._between(after, until))

    @_call
    def page(self, report: ReportKey, after: Acceptance | None, limit: int) -> Sequence[Acceptance]:
        found = sorted((one for one in self.rows.all().values() if _report(one) == report), key=_place)
        return [one for one in found if after is None or _place(one) > _place(after)][:limit]

    @_call
    def sweep(self, reported_before: date) -> int:
        swept = [key for key, one in self.rows.all().items() if one.report_on < reported_before]
        for key in swept:
            self.rows.set(key, None)
        return len(swept)

    def _between(self, after: date, until: date) -> list[Acceptance]:
        return [one for one in self.rows.all().values() if after < one.report_on <= until]


def _place(acceptance: Acceptance) -> tuple[datetime, str, int]:
    return acceptance.accepted_at, acceptance.contract.text, acceptance.seq


def _report(acceptance: Acceptance) -> ReportKey:
    return ReportKey(acceptance.report_on, acceptance.institution.code, acceptance.branch)


@frozen(eq=False)
class _Fees:
    tx: MemoryTransaction
    terms: _View[ContractKey, FeeTerms]
    charges: _View[tuple[ContractKey, ChargeKind, str], Charge]

    @_call
    def terms_of(self, institution: InstitutionId, contract: ContractId) -> FeeTerms | None:
        return self.terms.get((institution, contract))

    @_call
    def add_terms(self, terms: FeeTerms) -> None:
        self.terms.add((terms.institution, terms.contract), evolve(terms, version=1))

    @_call
    def put_terms(self, terms: FeeTerms) -> None:
        _put(self.terms, (terms.institution, terms.contract), terms, evolve(terms, version=terms.version + 1))

    @_call
    def terms_between(self, after: ContractKey | None, until: ContractKey) -> Sequence[FeeTerms]:
        found = {_by_code(key): one for key, one in self.terms.all().items()}
        return [found[key] for key in sorted(found) if _by_code(after) < key <= _by_code(until)]

    @_call
    def charge(self, charges: Sequence[Charge]) -> None:
        for one in charges:
            self.charges.add(((one.institution, one.contract), one.kind, one.reference), one)

    @_call
    def charges_of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Charge]:
        found = [one for (key, _, _), one in self.charges.all().items() if key == (institution, contract)]
        return sorted(found, key=lambda one: (one.month, one.kind.value, one.reference))

    @_call
    def collected_on(self, day: date, after: Charge | None, limit: int) -> Sequence[Charge]:
        found = {_charge_key(one): one for one in self.charges.all().values() if one.on == day}
        return [found[key] for key in sorted(found) if after is None or key > _charge_key(after)][:limit]

    @_call
    def accrued(
        self, month: Month, after: tuple[InstitutionId, ContractId, Account] | None, limit: int
    ) -> Sequence[Accrued]:
        sums: dict[tuple[str, str, str], Accrued] = {}
        for one in self.charges.all().values():
            if one.kind is ChargeKind.ACCRUED and one.month == month:
                key = one.institution.code, one.contract.text, str(one.account)
                before = sums[key].amount if key in sums else Yen(0)
                sums[key] = Accrued(
                    institution=one.institution,
                    contract=one.contract,
                    account=one.account,
                    amount=before + one.amount,
                )
        start = ("", "", "") if after is None else (after[0].code, after[1].text, str(after[2]))
        return [sums[key] for key in sorted(sums) if key > start][:limit]


def _charge_key(charge: Charge) -> tuple[str, str, str, str]:
    return charge.institution.code, charge.contract.text, charge.kind.value, charge.reference


@frozen(eq=False)
class _BatchRuns:
    tx: MemoryTransaction
    rows: _View[date, BatchRun]

    @_call
    def by_day(self, day: date) -> BatchRun | None:
        return self.rows.get(day)

    @_call
    def latest(self) -> BatchRun | None:
        return max(self.rows.all().values(), key=lambda run: run.day, default=None)

    @_call
    def add(self, run: BatchRun) -> None:
        self.rows.add(run.day, evolve(run, version=1))

    @_call
    def put(self, run: BatchRun) -> None:
        _put(self.rows, run.day, run, evolve(run, version=run.version + 1))


@frozen(eq=False)
class _Outbox:
    tx: MemoryTransaction
    rows: _View[str, Letter]

    @_call
    def add(self, letters: Sequence[Letter]) -> None:
        for letter in letters:
            self.rows.add(letter.id, letter)

    @_call
    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Letter]:
        due = [letter for letter in self.rows.all().values() if letter.due_at <= now]
        oldest = sorted(due, key=lambda letter: (letter.due_at, letter.id))[:limit]
        taken = [evolve(letter, tries=letter.tries + 1, due_at=until) for letter in oldest]
        for letter in taken:
            self.rows.set(letter.id, letter)
        return taken

    @_call
    def postpone(self, letter: str, until: datetime) -> None:
        if (waiting := self.rows.get(letter)) is not None:
            self.rows.set(letter, evolve(waiting, due_at=until))

    @_call
    def done(self, letter: str) -> None:
        self.rows.set(letter, None)


@frozen(eq=False)
class _Audit:
    tx: MemoryTransaction
    rows: _View[tuple[str, int], Entry]
    last: _View[str, ChainHead]
    seals: _View[int, Checkpoint]
    contracts: _Contracts
    procedures: _Procedures
    operators: _Operators
    runs: _BatchRuns

    @_call
    def append(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.rows.add((entry.chain, entry.seq), entry)
            self.last.set(entry.chain, ChainHead(entry.seq, entry.digest))

    @_call
    def chain(self, chain: str) -> Iterator[Entry]:
        head = self.last.get(chain) or ChainHead()
        found = (self.rows.get((chain, seq)) for seq in range(1, head.seq + 1))
        return iter([entry for entry in found if entry is not None])

    @_call
    def heads(self) -> Iterator[tuple[str, ChainHead]]:
        return iter(sorted(self.last.all().items(), key=_name))

    @_call
    def owned_heads(self) -> Iterator[tuple[str, ChainHead]]:
        contracts = [(one.id.text, one.chain) for one in self.contracts.rows.all().values()]
        procedures = [(one.id, one.chain) for one in self.procedures.rows.all().values()]
        operators = [(one.name, one.chain) for one in self.operators.rows.all().values()]
        runs = [(one.chain_name, one.chain) for one in self.runs.rows.all().values()]
        return iter(sorted(contracts + procedures + operators + runs, key=_name))

    @_call
    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        self.seals.add(checkpoint.number, checkpoint)

    @_call
    def checkpoints(self) -> Iterator[Checkpoint]:
        return iter([one for _, one in sorted(self.seals.all().items())])


def _name(head: tuple[str, ChainHead]) -> str:
    return head[0]
