"""Storage in a database: SQLite or PostgreSQL.

A transaction of the port reads what is committed at each moment, and takes no lock: refusing a locked contract is one
SELECT, which waits for nobody.  What it writes waits until it ends, or reads what may be among it, and then goes out
together, so that locks are held for no longer than that takes.  What it decided on is what it writes over: by its
version, or not at all.
Where it is contended, it begins with a transaction of the database and locks what it reads.

Shape:  `with connect("sqlite:///bank.db") as storage:`, then as the port says; safe among
        threads, and each process opens its own.
Units:  *patience*, seconds.
Errors: the port's, without any driver's text; ValueError for a URL that is none of the two; RuntimeError for a
        programmer's mistake: an aggregate written twice in one transaction, or a transaction used after its end.
Source: docs/decisions/0002, 0003; LCK-16, CRD-04, AMB-27.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from heapq import merge
from typing import NoReturn, Protocol, Self, TypeVar

from attrs import evolve, frozen
from sqlalchemy import Engine as Pool
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

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
from janetbank.policies.contract_life import ContractStatus
from janetbank.ports.failures import Corrupt, PortError
from janetbank.ports.storage import AccountTaken, Checkpoint, Conflict, ContractKey, LoginIdTaken, ReportKey
from janetbank.values.account import Account
from janetbank.values.caller import Route
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.month import Month
from janetbank.values.phone import PhoneNumber
from janetbank_adapters.storage.sql.engine import Connection, Engine, Parameters, Pending
from janetbank_adapters.storage.sql.rows import NO_DIGITS, Row, Stored, Value, found_by
from janetbank_adapters.storage.sql.statements import Find, Kept, Statements, Write, statements_of

_PAGE = 500
"""So many entries of one chain are fetched at a time."""

_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)

_Told = TypeVar("_Told")

_Key = tuple[Value, ...]


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...


_Aggregate = TypeVar("_Aggregate", bound=_Versioned)


def connect(url: str, *, patience: float = 5.0, connections: int = 16) -> "SqlStorage":
    """Open the storage at *url*: `sqlite:///path/to/file` or `postgresql://user:password@host/database`.

    *patience*: how long to wait for a connection, a lock or the file's one writer.  *connections*: how many at most.
    """
    return SqlStorage(open_engine(url, patience=patience, connections=connections))


def open_engine(url: str, *, patience: float, connections: int) -> Engine:
    """The engine for *url*; its driver is imported here, so that one does not need the other's."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        msg = "a storage's URL begins with sqlite:/// or postgresql://"
        raise ValueError(msg) from None
    match parsed.get_backend_name():
        case "sqlite":
            from janetbank_adapters.storage.sql.sqlite import Sqlite

            return Sqlite(parsed, patience=patience, connections=connections)
        case "postgresql":
            from janetbank_adapters.storage.sql.postgres import Postgres

            return Postgres(parsed, patience=patience, connections=connections)
        case other:
            msg = f"a storage is kept in sqlite or postgresql, not in {other}"
            raise ValueError(msg)


class SqlStorage:
    """See the module."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._statements = statements_of(engine.dialect)

    @property
    def pool(self) -> Pool:
        """SQLAlchemy's engine over the same connections, for questions that the port does not answer."""
        return self._engine.pool

    def transaction(self, *, durable: bool = True, contended: bool = False) -> "SqlTransaction":
        """Open a transaction, as the port says."""
        return SqlTransaction(self._engine, self._statements, durable=durable, contended=contended)

    def close(self) -> None:
        """Close all connections."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SqlTransaction:
    """One transaction; after a failure it can only be rolled back."""

    def __init__(self, engine: Engine, statements: Statements, *, durable: bool, contended: bool) -> None:
        self._engine = engine
        self._durable = durable
        self.contended = contended
        self._begun = False
        self._failed: PortError | None = None
        self._written: set[tuple[Kept, _Key]] = set()
        self._waiting: list[Pending] = []
        self.adds_decoy = False
        self._connection: Connection | None = None
        self.statements = statements
        self.rows = engine.rows
        self.read: dict[ContractId, Contract] = {}
        """The contracts as this transaction read them, so that only what was changed is written."""
        self.granted: dict[tuple[Kept, _Key], int] = {}
        """The versions that this transaction believes some rows to have still."""

    @property
    def durable(self) -> bool:
        """Whether a power cut right after the commit keeps it."""
        return self._durable

    @property
    def contracts(self) -> "_Contracts":
        """The port's room of this name."""
        return _Contracts(self)

    @property
    def customers(self) -> "_Customers":
        """The port's room of this name."""
        return _Customers(self)

    @property
    def sessions(self) -> "_Sessions":
        """The port's room of this name."""
        return _Sessions(self)

    @property
    def procedures(self) -> "_Procedures":
        """The port's room of this name."""
        return _Procedures(self)

    @property
    def phone_attempts(self) -> "_PhoneAttempts":
        """The port's room of this name."""
        return _PhoneAttempts(self)

    @property
    def tokens(self) -> "_Tokens":
        """The port's room of this name."""
        return _Tokens(self)

    @property
    def instructions(self) -> "_Instructions":
        """The port's room of this name."""
        return _Instructions(self)

    @property
    def allowances(self) -> "_Allowances":
        """The port's room of this name."""
        return _Allowances(self)

    @property
    def operators(self) -> "_Operators":
        """The port's room of this name."""
        return _Operators(self)

    @property
    def operator_sessions(self) -> "_OperatorSessions":
        """The port's room of this name."""
        return _OperatorSessions(self)

    @property
    def cases(self) -> "_Cases":
        """The port's room of this name."""
        return _Cases(self)

    @property
    def acceptances(self) -> "_Acceptances":
        """The port's room of this name."""
        return _Acceptances(self)

    @property
    def fees(self) -> "_Fees":
        """The port's room of this name."""
        return _Fees(self)

    @property
    def batch_runs(self) -> "_BatchRuns":
        """The port's room of this name."""
        return _BatchRuns(self)

    @property
    def outbox(self) -> "_Outbox":
        """The port's room of this name."""
        return _Outbox(self)

    @property
    def audit(self) -> "_Audit":
        """The port's room of this name."""
        return _Audit(self)

    # --- its life -----------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._connection = self._tried(self._engine.take)
        if self.contended:
            try:
                self.begin()
            except BaseException:
                self.end()
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            self.end()

    def begin(self) -> Connection:
        """Begin the database's transaction, if that has not been done."""
        connection = self._live()
        if not self._begun:
            self._begun = True
            self._tried(lambda: connection.begin(durable=self._durable))
        return connection

    def commit(self) -> None:
        """Keep what was written, unless something failed, whether or not the caller let that pass."""
        connection, waiting = self._live(), self._waiting
        for (kept, key), version in self.granted.items():
            # What is written over as well shows there whether it was so.
            if (kept, key) not in self._written:
                self.write(kept.check, _version_of(kept, key, version))
        if self._begun:
            self._flush()
            self._tried(connection.commit)
        elif waiting:
            self._expect(self._tried(lambda: connection.keep(waiting, durable=self._durable)))

    def end(self) -> None:
        """Forget what was not committed, and use the connection no more."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.give_back()

    def _flush(self) -> None:
        """Write what waits, so that what comes next sees it."""
        if self._waiting:
            connection, waiting, self._waiting = self.begin(), self._waiting, []
            self._expect(self._tried(lambda: connection.write(waiting)))

    def _expect(self, kept: bool) -> None:  # noqa: FBT001 -- what a connection said
        if not kept:
            self.conflict()

    def _live(self) -> Connection:
        if self._connection is None:
            msg = "the transaction is over"
            raise RuntimeError(msg)
        if self._failed is not None:
            raise self._failed
        return self._connection

    def _tried(self, call: Callable[[], _Told]) -> _Told:
        try:
            return call()
        except self._engine.errors as error:
            failure = self._engine.failure(error)
        # Two who missed the same name at once: to nobody is that a login id or an account.
        taken = isinstance(failure, LoginIdTaken | AccountTaken)
        self._failed = Conflict("somebody else added this decoy") if taken and self.adds_decoy else failure
        # Outside the `except`, so that the driver's text, which may quote a row, is not in the context.
        raise self._failed

    def conflict(self) -> NoReturn:
        """Somebody else was first."""
        self._failed = Conflict("somebody else wrote first")
        raise self._failed

    # --- what the rooms do with it ------------------------------------------------------------------------------------

    def all(self, sql: str, parameters: Parameters) -> Sequence[Stored]:
        """The rows that a statement finds, what waits among them."""
        self._flush()
        return self._run(sql, parameters)

    def find(self, find: Find, parameters: Parameters) -> Sequence[Stored]:
        """The rows of aggregates, locked where this transaction is contended."""
        return self.all(self._text(find), parameters)

    def by_key(self, kept: Kept, key: _Key, decode: Callable[[Stored], _Told]) -> _Told | None:
        """What stands under this primary key, or None; what waits for other rows goes on waiting."""
        if (kept, key) in self._written:
            self._flush()
        found = self._run(self._text(kept.by_key), dict(zip(kept.keys, key, strict=True)))
        return self.decoded(decode, found[0]) if found else None

    def one(self, find: Find, parameters: Parameters, decode: Callable[[Stored], _Told]) -> _Told | None:
        """The one row that *find* finds, or None."""
        found = self.find(find, parameters)
        return self.decoded(decode, found[0]) if found else None

    def _text(self, find: Find) -> str:
        return find.locking if self.contended else find.plain

    def _run(self, sql: str, parameters: Parameters) -> Sequence[Stored]:
        connection = self._live()
        return self._tried(lambda: connection.run(sql, parameters).fetchall())

    def count(self, sql: str, parameters: Parameters) -> int:
        """The number that a statement finds."""
        ((found,),) = self.all(sql, parameters)
        return int(found)

    def write(self, write: Write, parameters: Parameters) -> None:
        """Write this before anything more is read, or at the end."""
        self._live()
        self._waiting.append((write, parameters))

    def write_now(self, write: Write, parameters: Parameters) -> int:
        """Write this now; how many rows that were."""
        self._flush()
        connection = self.begin()
        return self._tried(lambda: connection.run(write.sql, parameters).rowcount)

    def add(self, kept: Kept, key: _Key, row: Row) -> None:
        """Write a new row."""
        self._once(kept, key)
        row = {**row, "version": 1}
        self.write(kept.add(row), row)

    def put(self, kept: Kept, key: _Key, row: Row, version: int) -> None:
        """Write *row* over the one that has the *version* at which it was read."""
        self._once(kept, key)
        self.write(kept.change(row), {**row, **_version_of(kept, key, version), "version": version + 1})

    def remove(self, kept: Kept, key: _Key, version: int) -> None:
        """Remove the row that has the *version* at which it was read."""
        self._once(kept, key)
        self.write(kept.remove, _version_of(kept, key, version))

    def still(
        self, kept: Kept, key: _Key, read: _Aggregate, decode: Callable[[Stored], _Aggregate]
    ) -> _Aggregate | None:
        """*read*, which stands under this primary key until it shows that it does not; where contended, what stands."""
        if self.contended:
            return self.by_key(kept, key, decode)
        self.granted[kept, key] = read.version
        return read

    def decoded(self, decode: Callable[[Stored], _Told], stored: Stored) -> _Told:
        """What *stored* says, or Corrupt."""
        try:
            return decode(stored)
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, ExceptionGroup):
            self._failed = Corrupt("a row cannot be what was stored")
        raise self._failed

    def _once(self, kept: Kept, key: _Key) -> None:
        if (kept, key) in self._written:
            msg = "an aggregate is written at most once in a transaction"
            raise RuntimeError(msg)
        self._written.add((kept, key))


def _version_of(kept: Kept, key: _Key, version: int) -> dict[str, Value]:
    """The parameters that find the row under this primary key, if it has this version."""
    return {**dict(zip(kept.keys, key, strict=True)), "where_version": version}


@frozen(eq=False)
class _Contracts:
    tx: SqlTransaction

    def by_login_id(self, institution: InstitutionId, namespace: str, login_id: str, decoy: str) -> Contract | None:
        tx = self.tx
        keys = {"namespace": namespace, "known": login_id, "decoy": found_by(institution, decoy)}
        found = tx.find(tx.statements.by_login_id, keys)
        return self._first([stored for stored in found if stored[0] == institution.code])

    def by_account(self, institution: InstitutionId, account: str, decoy: str) -> Contract | None:
        tx = self.tx
        keys = {"known": account, "decoy": found_by(institution, decoy)}
        return self._first(tx.find(tx.statements.by_account, {"institution": institution.code} | keys))

    def by_id(self, institution: InstitutionId, contract: ContractId) -> Contract | None:
        tx = self.tx
        return tx.by_key(tx.statements.contract, (institution.code, contract.text), self._read)

    def again(self, contract: Contract) -> Contract:
        tx = self.tx
        if tx.contended:
            found = self.by_id(contract.institution, contract.id)
            return found if found is not None else tx.conflict()
        written = contract.written()
        tx.read[contract.id] = written
        tx.granted[tx.statements.contract, _key(contract)] = written.version
        return written

    def bearer(self, namespace: str, login_id: str) -> Contract | None:
        tx = self.tx
        return self._first(tx.find(tx.statements.bearer, {"namespace": namespace, "known": login_id}))

    def add(self, contract: Contract) -> None:
        tx = self.tx
        tx.adds_decoy |= contract.status is ContractStatus.DECOY
        tx.add(tx.statements.contract, _key(contract), tx.rows.new_contract_row(contract))

    def put(self, contract: Contract) -> None:
        tx = self.tx
        read = tx.read.get(contract.id)
        if read is not None and read.version == contract.version:
            row = tx.rows.contract_changes(read, contract)
        else:
            row = tx.rows.contract_row(contract)
        tx.put(tx.statements.contract, _key(contract), row, contract.version)

    def due(self, day: date, after: ContractKey | None, limit: int) -> Sequence[Contract]:
        parameters = {"day": self.tx.rows.day_in(day), **_behind(after), "limit": limit}
        return self._all(self.tx.statements.contracts_due, parameters)

    def count_due(self, day: date) -> int:
        return self.tx.count(self.tx.statements.count_due, {"day": self.tx.rows.day_in(day)})

    def live(self, after: ContractKey | None, limit: int) -> Sequence[Contract]:
        return self._all(self.tx.statements.contracts_live, {**_behind(after), "limit": limit})

    def count_live(self) -> int:
        return self.tx.count(self.tx.statements.count_live, {})

    def _all(self, find: Find, parameters: Parameters) -> Sequence[Contract]:
        return [self.tx.decoded(self._read, stored) for stored in self.tx.find(find, parameters)]

    def _first(self, found: Sequence[Stored]) -> Contract | None:
        """The real one of two, if there are two."""
        if not found:
            return None
        contract = self.tx.decoded(self._read, found[0])
        if len(found) > 1 and contract.status is ContractStatus.DECOY:
            return self.tx.decoded(self._read, found[1])
        return contract

    def _read(self, stored: Stored) -> Contract:
        contract = self.tx.rows.contract(stored)
        self.tx.read[contract.id] = contract
        return contract


def _behind(after: ContractKey | None) -> dict[str, str]:
    """The parameters of a page behind the key *after*; no institution's code comes before the empty text."""
    institution, contract = ("", "") if after is None else (after[0].code, after[1].text)
    return {"after_0": institution, "after_1": contract}


def _key(contract: Contract) -> tuple[str, str]:
    return contract.institution.code, contract.id.text


@frozen(eq=False)
class _Customers:
    tx: SqlTransaction

    def of(self, institution: InstitutionId, contract: ContractId) -> Customer | None:
        tx = self.tx
        return tx.by_key(tx.statements.customer, (institution.code, contract.text), tx.rows.customer)

    def add(self, customer: Customer) -> None:
        key = customer.institution.code, customer.contract.text
        self.tx.add(self.tx.statements.customer, key, self.tx.rows.customer_row(customer))

    def put(self, customer: Customer) -> None:
        key = customer.institution.code, customer.contract.text
        self.tx.put(self.tx.statements.customer, key, self.tx.rows.customer_row(customer), customer.version)


@frozen(eq=False)
class _Sessions:
    tx: SqlTransaction

    def by_key(self, key: str) -> Session | None:
        return self.tx.by_key(self.tx.statements.session, (key,), self.tx.rows.session)

    def with_contract(self, key: str) -> tuple[Session, Contract] | None:
        tx = self.tx
        return tx.one(tx.statements.session_with_contract, {"key": key}, self._both)

    def still(self, session: Session) -> Session | None:
        return self.tx.still(self.tx.statements.session, (session.key,), session, self.tx.rows.session)

    def add(self, session: Session) -> None:
        self.tx.add(self.tx.statements.session, (session.key,), self.tx.rows.session_row(session))

    def put(self, session: Session) -> None:
        self.tx.put(self.tx.statements.session, (session.key,), self.tx.rows.session_row(session), session.version)

    def remove(self, session: Session) -> None:
        self.tx.remove(self.tx.statements.session, (session.key,), session.version)

    def sweep(self, used_before: datetime) -> int:
        return self.tx.write_now(self.tx.statements.sweep_sessions, {"before": self.tx.rows.instant_in(used_before)})

    def _both(self, stored: Stored) -> tuple[Session, Contract]:
        tx, width = self.tx, self.tx.statements.session_width
        contract = tx.rows.contract(stored[width:])
        tx.read[contract.id] = contract
        return tx.rows.session(stored[:width]), contract


@frozen(eq=False)
class _Procedures:
    tx: SqlTransaction

    def by_key(self, key: str) -> Procedure | None:
        return self.tx.by_key(self.tx.statements.procedure, (key,), self.tx.rows.procedure)

    def add(self, procedure: Procedure) -> None:
        self.tx.add(self.tx.statements.procedure, (procedure.key,), self.tx.rows.procedure_row(procedure))

    def put(self, procedure: Procedure) -> None:
        row = self.tx.rows.procedure_row(procedure)
        self.tx.put(self.tx.statements.procedure, (procedure.key,), row, procedure.version)

    def sweep(self, expired_before: datetime) -> int:
        return self.tx.write_now(
            self.tx.statements.sweep_procedures, {"before": self.tx.rows.instant_in(expired_before)}
        )


@frozen(eq=False)
class _PhoneAttempts:
    tx: SqlTransaction

    def by_id(self, attempt: str) -> PhoneAttempt | None:
        return self.tx.by_key(self.tx.statements.phone_attempt, (attempt,), self.tx.rows.phone_attempt)

    def by_route(self, route: Route) -> PhoneAttempt | None:
        return self._one(self.tx.statements.phone_attempt_by_route, _numbers(route))

    def by_call(self, call: str) -> PhoneAttempt | None:
        return self._one(self.tx.statements.phone_attempt_by_call, {"call": call})

    def of_caller(self, caller: PhoneNumber) -> Sequence[PhoneAttempt]:
        tx = self.tx
        found = tx.find(tx.statements.phone_attempts_of_caller, {"caller": caller.e164})
        return [tx.decoded(tx.rows.phone_attempt, stored) for stored in found]

    def latest_of(self, institution: InstitutionId, contract: ContractId) -> PhoneAttempt | None:
        this = {"institution": institution.code, "contract": contract.text}
        return self._one(self.tx.statements.latest_phone_attempt, this)

    def add(self, attempt: PhoneAttempt) -> None:
        tx = self.tx
        row = tx.rows.phone_attempt_row(attempt)
        route = {f"where_{name}": number for name, number in _numbers(attempt.route).items()}
        tx.write(tx.statements.free_route, {**route, "now": row["started_at"]})
        tx.add(tx.statements.phone_attempt, (attempt.id,), {**row, "on_route": True})

    def put(self, attempt: PhoneAttempt) -> None:
        tx = self.tx
        tx.put(tx.statements.phone_attempt, (attempt.id,), tx.rows.phone_attempt_row(attempt), attempt.version)

    def sweep(self, started_before: datetime) -> int:
        tx, before = self.tx, {"before": self.tx.rows.instant_in(started_before)}
        swept = tx.write_now(tx.statements.sweep_phone_attempts, before)
        for stored in tx.find(tx.statements.phone_attempts_with_digits, {**before, "without": NO_DIGITS}):
            self.put(evolve(tx.decoded(tx.rows.phone_attempt, stored), digits=None))
        return swept

    def _one(self, find: Find, parameters: Parameters) -> PhoneAttempt | None:
        return self.tx.one(find, parameters, self.tx.rows.phone_attempt)


def _numbers(route: Route) -> dict[str, str]:
    return {"caller": route.caller.e164, "destination": route.destination.e164}


@frozen(eq=False)
class _Tokens:
    tx: SqlTransaction

    def latest_of(self, institution: InstitutionId, contract: ContractId) -> Token | None:
        tx = self.tx
        this = {"institution": institution.code, "contract": contract.text}
        return tx.one(tx.statements.latest_token, this, tx.rows.token)

    def by_ids(self, service_id: str, user_id: str) -> Token | None:
        tx = self.tx
        return tx.one(tx.statements.token_by_ids, {"service_id": service_id, "user_id": user_id}, tx.rows.token)

    def add(self, token: Token) -> None:
        self.tx.add(self.tx.statements.token, _token_key(token), self.tx.rows.token_row(token))

    def put(self, token: Token) -> None:
        self.tx.put(self.tx.statements.token, _token_key(token), self.tx.rows.token_row(token), token.version)

    def unfinished(self, after: Token | None, limit: int) -> Sequence[Token]:
        tx, behind = self.tx, ("", "", 0) if after is None else _token_key(after)
        page = {**{f"after_{n}": key for n, key in enumerate(behind)}, "limit": limit}
        return [tx.decoded(tx.rows.token, stored) for stored in tx.find(tx.statements.tokens_unfinished, page)]


def _token_key(token: Token) -> _Key:
    return token.institution.code, token.contract.text, token.number


@frozen(eq=False)
class _Instructions:
    tx: SqlTransaction

    def by_reference(self, reference: str) -> Instruction | None:
        return self.tx.by_key(self.tx.statements.instruction, (reference,), self.tx.rows.instruction)

    def still(self, instruction: Instruction) -> Instruction | None:
        tx = self.tx
        return tx.still(tx.statements.instruction, (instruction.reference,), instruction, tx.rows.instruction)

    def waiting_of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Instruction]:
        tx = self.tx
        this = {"institution": institution.code, "contract": contract.text}
        found = tx.find(tx.statements.instructions_waiting, this)
        return [tx.decoded(tx.rows.instruction, stored) for stored in found]

    def pending_of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Instruction]:
        tx = self.tx
        this = {"institution": institution.code, "contract": contract.text}
        found = tx.find(tx.statements.instructions_pending, this)
        return [tx.decoded(tx.rows.instruction, stored) for stored in found]

    def unsettled(self, day: date, after: Instruction | None, limit: int) -> Sequence[Instruction]:
        tx, day_in = self.tx, self.tx.rows.day_in
        behind = (date.min, "") if after is None else (after.ask_on or date.min, after.reference)
        page = {"day": day_in(day), "after": day_in(behind[0]), "after_reference": behind[1], "limit": limit}
        found = tx.find(tx.statements.instructions_unsettled, page)
        return [tx.decoded(tx.rows.instruction, stored) for stored in found]

    def add(self, instruction: Instruction) -> None:
        tx = self.tx
        tx.add(tx.statements.instruction, (instruction.reference,), tx.rows.instruction_row(instruction))

    def put(self, instruction: Instruction) -> None:
        tx, key = self.tx, (instruction.reference,)
        tx.put(tx.statements.instruction, key, tx.rows.instruction_row(instruction), instruction.version)

    def sweep(self, requested_before: datetime, *, executed: bool) -> int:
        statements = self.tx.statements
        sweep = statements.sweep_executed if executed else statements.sweep_unexecuted
        return self.tx.write_now(sweep, {"before": self.tx.rows.instant_in(requested_before)})


@frozen(eq=False)
class _Allowances:
    tx: SqlTransaction

    def of(self, institution: InstitutionId, contract: ContractId, account: Account) -> Allowance | None:
        tx, key = self.tx, (institution.code, contract.text, str(account))
        return tx.by_key(tx.statements.allowance, key, tx.rows.allowance)

    def add(self, allowance: Allowance) -> None:
        self.tx.add(self.tx.statements.allowance, _allowance_key(allowance), self.tx.rows.allowance_row(allowance))

    def put(self, allowance: Allowance) -> None:
        tx, row = self.tx, self.tx.rows.allowance_row(allowance)
        tx.put(tx.statements.allowance, _allowance_key(allowance), row, allowance.version)


def _allowance_key(allowance: Allowance) -> _Key:
    return allowance.institution.code, allowance.contract.text, str(allowance.account)


@frozen(eq=False)
class _Operators:
    tx: SqlTransaction

    def by_name(self, name: str, decoy: str = "") -> Operator | None:
        tx = self.tx
        found = tx.find(tx.statements.operator_by_name, {"known": name, "decoy": decoy})
        both = {one.name: one for one in (tx.decoded(tx.rows.operator, stored) for stored in found)}
        return both.get(name) or both.get(decoy)

    def of(self, institution: InstitutionId) -> Sequence[Operator]:
        tx = self.tx
        found = tx.find(tx.statements.operators_of, {"institution": institution.code})
        return [tx.decoded(tx.rows.operator, stored) for stored in found]

    def add(self, operator: Operator) -> None:
        self.tx.add(self.tx.statements.operator, (operator.name,), self.tx.rows.operator_row(operator))

    def put(self, operator: Operator) -> None:
        tx = self.tx
        tx.put(tx.statements.operator, (operator.name,), tx.rows.operator_row(operator), operator.version)


@frozen(eq=False)
class _OperatorSessions:
    tx: SqlTransaction

    def by_key(self, key: str) -> OperatorSession | None:
        return self.tx.by_key(self.tx.statements.operator_session, (key,), self.tx.rows.operator_session)

    def add(self, session: OperatorSession) -> None:
        tx = self.tx
        tx.add(tx.statements.operator_session, (session.key,), tx.rows.operator_session_row(session))

    def put(self, session: OperatorSession) -> None:
        tx = self.tx
        row = tx.rows.operator_session_row(session)
        tx.put(tx.statements.operator_session, (session.key,), row, session.version)

    def remove(self, session: OperatorSession) -> None:
        self.tx.remove(self.tx.statements.operator_session, (session.key,), session.version)

    def sweep(self, used_before: datetime) -> int:
        tx = self.tx
        return tx.write_now(tx.statements.sweep_operator_sessions, {"before": tx.rows.instant_in(used_before)})


@frozen(eq=False)
class _Cases:
    tx: SqlTransaction

    def by_id(self, institution: InstitutionId, case: str) -> Case | None:
        found = self.tx.by_key(self.tx.statements.case, (case,), self.tx.rows.case)
        return found if found is not None and found.institution == institution else None

    def live(self, institution: InstitutionId, contract: ContractId, kind: CaseKind, subject: str = "") -> Case | None:
        this = {"institution": institution.code, "contract": contract.text, "kind": kind.value, "subject": subject}
        return self.tx.one(self.tx.statements.case_live, this, self.tx.rows.case)

    def to_do(self, institution: InstitutionId, *, due_by: datetime | None = None) -> Sequence[Case]:
        statements = self.tx.statements
        if due_by is None:
            return self._all(statements.cases_to_do, {"institution": institution.code})
        due = {"institution": institution.code, "due_by": self.tx.rows.instant_in(due_by)}
        return self._all(statements.cases_due, due)

    def of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Case]:
        return self._all(self.tx.statements.cases_of, {"institution": institution.code, "contract": contract.text})

    def add(self, case: Case) -> None:
        self.tx.add(self.tx.statements.case, (case.id,), self.tx.rows.case_row(case))

    def put(self, case: Case) -> None:
        self.tx.put(self.tx.statements.case, (case.id,), self.tx.rows.case_row(case), case.version)

    def _all(self, find: Find, parameters: Parameters) -> Sequence[Case]:
        return [self.tx.decoded(self.tx.rows.case, stored) for stored in self.tx.find(find, parameters)]


@frozen(eq=False)
class _Acceptances:
    tx: SqlTransaction

    def add(self, acceptance: Acceptance) -> None:
        self.tx.write(self.tx.statements.add_acceptance, self.tx.rows.acceptance_row(acceptance))

    def reports(self, after: date, until: date) -> Sequence[ReportKey]:
        tx = self.tx
        found = tx.all(tx.statements.reports, self._between(after, until))
        return [ReportKey(tx.rows.day_out(on), institution, branch) for on, institution, branch in found]

    def count(self, after: date, until: date) -> int:
        return self.tx.count(self.tx.statements.count_acceptances, self._between(after, until))

    def page(self, report: ReportKey, after: Acceptance | None, limit: int) -> Sequence[Acceptance]:
        tx = self.tx
        at, contract, seq = (_LONG_AGO, "", 0) if after is None else (after.accepted_at, after.contract.text, after.seq)
        parameters = {
            "on": tx.rows.day_in(report.on),
            "institution": report.institution,
            "branch": report.branch,
            "after_0": tx.rows.instant_in(at),
            "after_1": contract,
            "after_2": seq,
            "limit": limit,
        }
        return [tx.decoded(tx.rows.acceptance, stored) for stored in tx.all(tx.statements.acceptances, parameters)]

    def sweep(self, reported_before: date) -> int:
        return self.tx.write_now(self.tx.statements.sweep_acceptances, {"before": self.tx.rows.day_in(reported_before)})

    def _between(self, after: date, until: date) -> Parameters:
        return {"after": self.tx.rows.day_in(after), "until": self.tx.rows.day_in(until)}


@frozen(eq=False)
class _Fees:
    tx: SqlTransaction

    def terms_of(self, institution: InstitutionId, contract: ContractId) -> FeeTerms | None:
        tx = self.tx
        return tx.by_key(tx.statements.fee_terms, (institution.code, contract.text), tx.rows.fee_terms)

    def add_terms(self, terms: FeeTerms) -> None:
        key = terms.institution.code, terms.contract.text
        self.tx.add(self.tx.statements.fee_terms, key, self.tx.rows.fee_terms_row(terms))

    def put_terms(self, terms: FeeTerms) -> None:
        key = terms.institution.code, terms.contract.text
        self.tx.put(self.tx.statements.fee_terms, key, self.tx.rows.fee_terms_row(terms), terms.version)

    def terms_between(self, after: ContractKey | None, until: ContractKey) -> Sequence[FeeTerms]:
        tx = self.tx
        parameters = {**_behind(after), "until_0": until[0].code, "until_1": until[1].text}
        found = tx.find(tx.statements.fee_terms_between, parameters)
        return [tx.decoded(tx.rows.fee_terms, stored) for stored in found]

    def charge(self, charges: Sequence[Charge]) -> None:
        for charge in charges:
            self.tx.write(self.tx.statements.add_charge, self.tx.rows.charge_row(charge))

    def charges_of(self, institution: InstitutionId, contract: ContractId) -> Sequence[Charge]:
        tx = self.tx
        found = tx.all(tx.statements.charges_of, {"institution": institution.code, "contract": contract.text})
        return [tx.decoded(tx.rows.charge, stored) for stored in found]

    def collected_on(self, day: date, after: Charge | None, limit: int) -> Sequence[Charge]:
        tx = self.tx
        last = ("", "", "", "")
        if after is not None:
            last = after.institution.code, after.contract.text, after.kind.value, after.reference
        behind = {f"after_{n}": part for n, part in enumerate(last)}
        found = tx.all(tx.statements.collected_on, {"day": tx.rows.day_in(day), **behind, "limit": limit})
        return [tx.decoded(tx.rows.charge, stored) for stored in found]

    def accrued(
        self, month: Month, after: tuple[InstitutionId, ContractId, Account] | None, limit: int
    ) -> Sequence[Accrued]:
        tx = self.tx
        start = ("", "", "") if after is None else (after[0].code, after[1].text, str(after[2]))
        behind = {f"after_{n}": part for n, part in enumerate(start)}
        found = tx.all(tx.statements.accrued, {"month": str(month), **behind, "limit": limit})
        return [tx.decoded(tx.rows.accrued, stored) for stored in found]


@frozen(eq=False)
class _BatchRuns:
    tx: SqlTransaction

    def by_day(self, day: date) -> BatchRun | None:
        return self.tx.by_key(self.tx.statements.batch_run, self._key(day), self.tx.rows.batch_run)

    def latest(self) -> BatchRun | None:
        return self.tx.one(self.tx.statements.latest_batch_run, {}, self.tx.rows.batch_run)

    def add(self, run: BatchRun) -> None:
        self.tx.add(self.tx.statements.batch_run, self._key(run.day), self.tx.rows.batch_run_row(run))

    def put(self, run: BatchRun) -> None:
        row = self.tx.rows.batch_run_row(run)
        self.tx.put(self.tx.statements.batch_run, self._key(run.day), row, run.version)

    def _key(self, day: date) -> _Key:
        return (self.tx.rows.day_in(day),)


@frozen(eq=False)
class _Outbox:
    tx: SqlTransaction

    def add(self, letters: Sequence[Letter]) -> None:
        for letter in letters:
            self.tx.write(self.tx.statements.add_letter, self.tx.rows.letter_row(letter))

    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Letter]:
        tx = self.tx
        tx.begin()
        due = tx.all(tx.statements.due_letters, {"now": tx.rows.instant_in(now), "limit": limit})
        waiting = [tx.decoded(tx.rows.letter, stored) for stored in due]
        taken = [evolve(letter, due_at=until, tries=letter.tries + 1) for letter in waiting]
        later = tx.rows.instant_in(until)
        for letter in taken:
            tx.write(tx.statements.take_letter, {"where_id": letter.id, "later": later})
        return taken

    def postpone(self, letter: str, until: datetime) -> None:
        later = self.tx.rows.instant_in(until)
        self.tx.write(self.tx.statements.postpone_letter, {"where_id": letter, "later": later})

    def done(self, letter: str) -> None:
        self.tx.write(self.tx.statements.done_letter, {"where_id": letter})


@frozen(eq=False)
class _Audit:
    tx: SqlTransaction

    def append(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.tx.write(self.tx.statements.add_entry, self.tx.rows.entry_row(entry))

    def chain(self, chain: str) -> Iterator[Entry]:
        tx, after = self.tx, 0
        while page := tx.all(tx.statements.entries, {"chain": chain, "after": after, "limit": _PAGE}):
            for stored in page:
                entry = tx.decoded(tx.rows.entry, stored)
                yield entry
                after = entry.seq

    def heads(self) -> Iterator[tuple[str, ChainHead]]:
        return self._heads(self.tx.statements.heads)

    def owned_heads(self) -> Iterator[tuple[str, ChainHead]]:
        statements = self.tx.statements
        owners = (
            statements.contract_heads,
            statements.procedure_heads,
            statements.operator_heads,
            statements.batch_heads,
        )
        return merge(*[self._heads(owner) for owner in owners], key=_name)

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        self.tx.write(self.tx.statements.add_checkpoint, self.tx.rows.checkpoint_row(checkpoint))

    def checkpoints(self) -> Iterator[Checkpoint]:
        tx, after = self.tx, -1
        while page := tx.all(tx.statements.checkpoints, {"after": after, "limit": _PAGE}):
            for stored in page:
                checkpoint = tx.decoded(tx.rows.checkpoint, stored)
                yield checkpoint
                after = checkpoint.number

    def _heads(self, sql: str) -> Iterator[tuple[str, ChainHead]]:
        after = ""
        while page := self.tx.all(sql, {"after": after, "limit": _PAGE}):
            for chain, seq, digest in page:
                yield chain, ChainHead(seq, digest)
                after = chain


def _name(head: tuple[str, ChainHead]) -> str:
    return head[0]
