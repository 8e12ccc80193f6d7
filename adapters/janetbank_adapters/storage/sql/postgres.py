"""PostgreSQL, by psycopg 3 and its pool.

READ COMMITTED: a row is written over the version at which it was read, or not at all; contended transactions lock the
rows they read.  What a transaction writes goes out as one statement where it can, which needs no BEGIN and no COMMIT: a
login is two SELECTs and two of these, and a third of it less than with a round trip for each row.

Shape:  `Postgres(url, patience=…, connections=…)`.
Units:  *patience*, seconds: how long to wait for a connection (Unavailable afterwards) or a lock (Conflict afterwards).
Errors: Conflict for what another transaction caused, Unavailable where the server does not answer or does not take
        writes, and where it is set up to forget what it has acknowledged (`fsync`, `full_page_writes` or
        `synchronous_commit` off; anybody at all a synchronous standby): each new connection looks.  Where the server
        falls silent during a commit, or gives up waiting for its standby, nobody knows whether that was kept.
Source: COMPONENTS 2 and 10 (never read a timed-out commit as "did not happen");
        https://www.postgresql.org/docs/current/runtime-config-wal.html (synchronous_commit may change per transaction).
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.pq.abc import PGconn
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool
from sqlalchemy import URL, Dialect, create_engine
from sqlalchemy import Engine as Pool
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.pool import NullPool

from janetbank.ports.failures import PortError, Unavailable
from janetbank.ports.storage import AccountTaken, Conflict, LoginIdTaken
from janetbank_adapters.storage.sql.engine import Connection, Parameters, Pending, one_by_one
from janetbank_adapters.storage.sql.rows import NATIVE, Rows
from janetbank_adapters.storage.sql.schema import ACCOUNT_KEY_INDEX, LOGIN_KEY_INDEX
from janetbank_adapters.storage.sql.statements import Write

_TAKEN: Mapping[str | None, type[Conflict]] = {LOGIN_KEY_INDEX: LoginIdTaken, ACCOUNT_KEY_INDEX: AccountTaken}
_MET_ANOTHER = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
_MOST = 8
"""Parts of one statement: what a step of a flow writes, not what somebody loads in bulk."""
_KEEPS: Mapping[str, frozenset[str]] = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    # With a synchronous standby "local" and "remote_write" acknowledge what a promotion may not have.
    "synchronous_commit": frozenset({"on", "remote_apply"}),
}
"""What a server must be set to, or a guess that was counted may be counted no more (docs/deployment.md)."""
_CUT_OFF: Mapping[str, str] = {
    "connect_timeout": "4",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""Where the URL says nothing else: a network that is cut is noticed in about ten seconds, not in two hours; and so soon
somebody who cannot be reached is left for the next one that the URL names, within the patience of a step."""
_PARAMETER = re.compile(r"%\((\w+)\)s")
_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.IdleInTransactionSessionTimeout,
    errors.ReadOnlySqlTransaction,  # a standby
)


class _Driver(psycopg.Connection[tuple[Any, ...]]):
    """A connection with one cursor, which remembers how to read the columns it has read before."""

    def __init__(self, pgconn: PGconn) -> None:
        super().__init__(pgconn, tuple_row)
        self.only = self.cursor()
        self.trusted = False
        """Whether the server was asked what it forgets, and said nothing."""
        self.unconfirmed = False
        """Whether the server kept something by itself and told us so in a warning, with its success."""
        self.add_notice_handler(self._noticed)

    def _noticed(self, notice: errors.Diagnostic) -> None:
        # By the place in PostgreSQL's source: the text is in the server's language and the code is that of any warning.
        if notice.source_file == "syncrep.c":
            self.unconfirmed = True


class Postgres:
    """See the module."""

    dialect: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
    rows: Rows = NATIVE
    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, url: URL, *, patience: float, connections: int) -> None:
        def set_up(driver: _Driver) -> None:
            driver.execute("SET TimeZone = 'UTC'")
            # Whoever waited for a lock must see what the other one wrote; in a snapshot he would not.
            driver.execute("SET default_transaction_isolation = 'read committed'")
            driver.execute("SELECT set_config('lock_timeout', %s, FALSE)", (f"{int(patience * 1000)}ms",))
            # A process that stands still, or a machine that is gone, does not hold a customer's row for ever.
            driver.execute("SET idle_in_transaction_session_timeout = '30s'")

        self._connections = ConnectionPool[_Driver](
            url.set(drivername="postgresql", query={**_CUT_OFF, **url.query}).render_as_string(hide_password=False),
            min_size=1,
            max_size=connections,
            timeout=patience,
            connection_class=_Driver,
            kwargs={"autocommit": True},
            configure=set_up,
            close_returns=True,
            open=True,
        )
        self.pool: Pool = create_engine(
            "postgresql+psycopg://",
            creator=self._connections.getconn,
            poolclass=NullPool,
            hide_parameters=True,
        )

    def take(self) -> Connection:
        """A connection from the pool, to a server that forgets nothing it has acknowledged."""
        driver = self._connections.getconn()
        try:
            if not driver.autocommit:
                # SQLAlchemy's isolation levels leave it off, and what is written alone would be rolled back unnoticed.
                driver.autocommit = True
            if not driver.trusted:
                _refuse_what_forgets(driver)
                driver.trusted = True
        except BaseException:
            self._connections.putconn(driver)
            raise
        return _PostgresConnection(driver, self._connections)

    def failure(self, error: Exception) -> PortError:
        """By PostgreSQL's code; its texts may quote a row and stay behind."""
        text = f"PostgreSQL: {type(error).__name__} {getattr(error, 'sqlstate', None) or ''}".rstrip()
        if isinstance(error, errors.UniqueViolation):
            return _TAKEN.get(error.diag.constraint_name, Conflict)(text)
        if isinstance(error, _MET_ANOTHER):
            return Conflict(text)
        if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn):
            return Unavailable("the database has not been brought up to date: janetbank db upgrade")
        return Unavailable(text) if isinstance(error, _AWAY) else PortError(text)

    def close(self) -> None:
        """Close all connections."""
        self.pool.dispose()
        self._connections.close()


def _refuse_what_forgets(driver: _Driver) -> None:
    """Unavailable where the server is set up to forget."""
    asked = [*_KEEPS, "synchronous_standby_names"]
    found = driver.only.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (asked,)).fetchall()
    if wrong := sorted(f"{name} is {setting}" for name, setting in found if not _keeps(name, setting)):
        msg = f"this PostgreSQL may forget what it has acknowledged: {', '.join(wrong)}"
        raise Unavailable(msg)


def _keeps(name: str, setting: str) -> bool:
    # "*" is anybody who follows the log, a backup beside the primary, say: he confirms, and nobody can promote him.
    return setting in _KEEPS[name] if name in _KEEPS else "*" not in setting


class _PostgresConnection:
    def __init__(self, driver: _Driver, pool: ConnectionPool[_Driver]) -> None:
        self._driver = driver
        self._pool = pool

    def begin(self, *, durable: bool) -> None:
        self._tell(b"BEGIN" if durable else b"BEGIN; SET LOCAL synchronous_commit TO off")

    def commit(self) -> None:
        # Where a statement had failed, PostgreSQL would answer "ROLLBACK" and call it a success.
        if self._tell(b"COMMIT") != b"COMMIT":
            raise psycopg.OperationalError
        self._check_confirmed()

    def give_back(self) -> None:
        if self._driver.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                self._tell(b"ROLLBACK")
        if self._driver.broken:
            # The others are most likely as dead as this one; let nobody else find out.
            self._pool.drain()
        self._pool.putconn(self._driver)

    def run(self, sql: str, parameters: Parameters) -> psycopg.Cursor[tuple[Any, ...]]:
        return self._driver.only.execute(_trusted(sql), parameters)

    def run_many(self, write: Write, parameters: Sequence[Parameters]) -> int:
        cursor = self._driver.only
        if write.many is None:
            cursor.executemany(_trusted(write.sql), parameters)
        else:
            cursor.execute(_trusted(write.many), {name: [row[name] for row in parameters] for name in parameters[0]})
        return cursor.rowcount

    def write(self, writes: Sequence[Pending]) -> bool:
        return self._together(writes, durable=True) if _fit_together(writes) else one_by_one(self, writes)

    def keep(self, writes: Sequence[Pending], *, durable: bool) -> bool:
        # One statement is a transaction by itself: two round trips less.
        if _fit_together(writes):
            kept = self._together(writes, durable=durable)
            self._check_confirmed()
            return kept
        self.begin(durable=durable)
        kept = self.write(writes)
        if kept:
            self.commit()
        return kept

    def _together(self, writes: Sequence[Pending], *, durable: bool) -> bool:
        """Run *writes* as one statement."""
        parameters = {f"{name}_{n}": value for n, (_, given) in enumerate(writes) for name, value in given.items()}
        statement = _composed(tuple(write for write, _ in writes), durable=durable)
        try:
            (found,) = self.run(statement, parameters).fetchall()
        except errors.DivisionByZero:
            return False
        return bool(found[0])

    def _check_confirmed(self) -> None:
        """Unavailable where a wait for the standby was cancelled, which PostgreSQL calls a success with a warning."""
        if self._driver.unconfirmed:
            self._driver.unconfirmed = False
            msg = "PostgreSQL: kept on one server alone, perhaps: the wait for its standby was cancelled"
            raise Unavailable(msg)

    def _tell(self, command: bytes) -> bytes | None:
        """Run a command that has no parameters and no rows, past all that a cursor does for one that has."""
        result = self._driver.pgconn.exec_(command)
        if result.status != pq.ExecStatus.COMMAND_OK:
            state = result.error_field(pq.DiagnosticField.SQLSTATE)
            raise (errors.lookup(state.decode()) if state else psycopg.OperationalError)
        return result.command_status


def _fit_together(writes: Sequence[Pending]) -> bool:
    """Whether *writes* can be one statement: each writes over a row of its own, or adds one."""
    return len(writes) <= _MOST and all(write.over or write.if_met is not None for write, _ in writes)


@lru_cache(maxsize=256)
def _composed(writes: tuple[Write, ...], *, durable: bool) -> str:
    """One row, which says whether each row was met that was to be.

    A part for each of *writes*; `met` is the last that has to meet a row, and each such waits for the one before it.

    So rows are locked in the order in which they were written, and nothing is added unless all were met.  Where a row
    was written over before another one was missed, the statement fails, and PostgreSQL takes that back.
    """
    over = sorted((n for n, write in enumerate(writes) if write.over), key=lambda n: not writes[n].checks)
    parts: list[str] = []
    for before, n in zip([None, *over], over, strict=False):
        waiting = "" if before is None else f" AND EXISTS (SELECT FROM met_{before})"
        writing = "" if writes[n].checks else " RETURNING 1"
        name = "met" if n == over[-1] else f"met_{n}"
        parts.append(f"{name} AS ({_numbered(writes[n].sql, n)}{waiting}{writing})")
    for n, write in enumerate(writes):
        if not write.over:
            parts.append(f"added_{n} AS ({_numbered((write.if_met if over else None) or write.sql, n)})")
    met, rows = ("count(*)", " FROM met") if over else ("1", "")
    several = sum(not writes[n].checks for n in over) > 1
    # For its own transaction: it has none but this.
    hasty = "" if durable else ", set_config('synchronous_commit', 'off', TRUE)"
    return f"WITH {', '.join(parts)} SELECT {'1 / ' if several else ''}{met}{hasty}{rows}"


def _numbered(sql: str, n: int) -> str:
    """*sql* with parameters of its own."""
    return _PARAMETER.sub(rf"%(\1_{n})s", sql)


def _trusted(sql: str) -> Any:  # noqa: ANN401 -- psycopg wants literals; this was composed of nothing else
    return sql
