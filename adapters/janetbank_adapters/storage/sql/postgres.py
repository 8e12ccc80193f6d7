"""PostgreSQL, by psycopg 3 and its pool.

READ COMMITTED: a row is written over the version at which it was read, or not at all; contended transactions lock the
rows they read.

Shape:  `Postgres(url, patience=…, connections=…)`.
Units:  *patience*, seconds: how long to wait for a connection (Unavailable afterwards) or a lock (Conflict afterwards).
Errors: Conflict for what another transaction caused, Unavailable where the server does not answer or does not take
        writes.  Where it falls silent during a commit, nobody knows whether that was kept.
Source: COMPONENTS 2 and 10 (never read a timed-out commit as "did not happen");
        https://www.postgresql.org/docs/current/runtime-config-wal.html (synchronous_commit may change per transaction).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg_pool import ConnectionPool
from sqlalchemy import URL, Dialect, create_engine
from sqlalchemy import Engine as Pool
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.pool import NullPool

from janetbank.ports.failures import PortError, Unavailable
from janetbank.ports.storage import AccountTaken, Conflict, LoginIdTaken
from janetbank_adapters.storage.sql.engine import Connection, Parameters
from janetbank_adapters.storage.sql.rows import NATIVE, Rows
from janetbank_adapters.storage.sql.schema import ACCOUNT_KEY_INDEX, LOGIN_KEY_INDEX

_Driver = psycopg.Connection[tuple[Any, ...]]

_TAKEN: Mapping[str | None, type[Conflict]] = {LOGIN_KEY_INDEX: LoginIdTaken, ACCOUNT_KEY_INDEX: AccountTaken}
_MET = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction)


class Postgres:
    """See the module."""

    dialect: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
    rows: Rows = NATIVE
    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, url: URL, *, patience: float, connections: int) -> None:
        def set_up(driver: _Driver) -> None:
            driver.execute("SET TimeZone = 'UTC'")
            driver.execute("SELECT set_config('lock_timeout', %s, FALSE)", (f"{int(patience * 1000)}ms",))
            # A process that stands still, or a machine that is gone, does not hold a customer's row for ever.
            driver.execute("SET idle_in_transaction_session_timeout = '30s'")

        self._connections = ConnectionPool[_Driver](
            url.set(drivername="postgresql").render_as_string(hide_password=False),
            min_size=1,
            max_size=connections,
            timeout=patience,
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
        """A connection from the pool."""
        return _PostgresConnection(self._connections.getconn(), self._connections)

    def failure(self, error: Exception) -> PortError:
        """By PostgreSQL's code; its texts may quote a row and stay behind."""
        text = f"PostgreSQL: {type(error).__name__} {getattr(error, 'sqlstate', None) or ''}".rstrip()
        if isinstance(error, errors.UniqueViolation):
            return _TAKEN.get(error.diag.constraint_name, Conflict)(text)
        if isinstance(error, _MET):
            return Conflict(text)
        if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn):
            return Unavailable("the database has not been brought up to date: janetbank db upgrade")
        return Unavailable(text) if isinstance(error, _AWAY) else PortError(text)

    def close(self) -> None:
        """Close all connections."""
        self.pool.dispose()
        self._connections.close()


class _PostgresConnection:
    def __init__(self, driver: _Driver, pool: ConnectionPool[_Driver]) -> None:
        self._driver = driver
        self._pool = pool
        self._cursor = driver.cursor()

    def begin(self, *, durable: bool) -> None:
        self._tell(b"BEGIN" if durable else b"BEGIN; SET LOCAL synchronous_commit TO off")

    def commit(self) -> None:
        # Where a statement had failed, PostgreSQL would answer "ROLLBACK" and call it a success.
        if self._tell(b"COMMIT") != b"COMMIT":
            raise psycopg.OperationalError

    def roll_back(self) -> None:
        with suppress(psycopg.Error):
            self._tell(b"ROLLBACK")

    def give_back(self) -> None:
        if self._driver.broken:
            # The others are most likely as dead as this one; let nobody else find out.
            self._pool.drain()
        self._pool.putconn(self._driver)

    def run(self, sql: str, parameters: Parameters) -> psycopg.Cursor[tuple[Any, ...]]:
        return self._cursor.execute(_trusted(sql), parameters)

    def run_many(self, sql: str, parameters: Sequence[Parameters]) -> None:
        self._cursor.executemany(_trusted(sql), parameters)

    def _tell(self, command: bytes) -> bytes | None:
        """Run a command that has no parameters and no rows, past all that a cursor does for one that has."""
        result = self._driver.pgconn.exec_(command)
        if result.status != pq.ExecStatus.COMMAND_OK:
            state = result.error_field(pq.DiagnosticField.SQLSTATE)
            raise (errors.lookup(state.decode()) if state else psycopg.OperationalError)
        return result.command_status


def _trusted(sql: str) -> Any:  # noqa: ANN401 -- psycopg wants literals; this was composed of nothing else
    return sql
