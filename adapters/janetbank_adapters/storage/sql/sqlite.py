"""SQLite: one file on one machine, for many processes of it.

WAL, so that reading waits for nobody; BEGIN IMMEDIATE, so that who writes queues at the door and not half-way.

Shape:  `Sqlite(url, patience=…, connections=…)`.
Units:  *patience*, seconds: how long to queue for the file's one writer (Conflict afterwards).
Errors: ValueError for a database in memory: it would be each connection's own.  Conflict where the file is locked too
        long, Corrupt where it is no database, Unavailable where it cannot be opened or the disk is full.
Source: COMPONENTS 1 (5,594 commits a second against 106, and no error); https://sqlite.org/pragma.html#pragma_synchronous
        (in WAL: FULL survives a power cut, NORMAL may lose the last commits but stays whole).
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from time import monotonic, sleep

from sqlalchemy import URL, Dialect, create_engine, event
from sqlalchemy import Engine as Pool
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from janetbank.ports.failures import Corrupt, PortError, Unavailable
from janetbank.ports.storage import AccountTaken, Conflict, LoginIdTaken
from janetbank_adapters.storage.sql.engine import Connection, Parameters, Pending, one_by_one
from janetbank_adapters.storage.sql.rows import MICROSECONDS, Rows
from janetbank_adapters.storage.sql.statements import Write

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PAUSE = 0.005
_PRIMARY = 0xFF
"""SQLite's extended codes carry the primary one in the lowest byte."""


class Sqlite:
    """See the module."""

    dialect: Dialect = SQLiteDialect_pysqlite(paramstyle="named")
    rows: Rows = MICROSECONDS
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, url: URL, *, patience: float, connections: int) -> None:
        if url.database in {None, "", ":memory:"} or "memory" in str(url.query.get("mode", "")):
            msg = "SQLite in memory is each connection's own; use a file, or MemoryStorage"
            raise ValueError(msg)
        self.pool: Pool = create_engine(
            url,
            hide_parameters=True,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=-1,
            pool_reset_on_return=None,  # what is given back is in no transaction
            connect_args={"isolation_level": None, "timeout": patience, "check_same_thread": False},
        )
        event.listen(self.pool, "connect", partial(_set_up, patience))
        self._idle: list[_SqliteConnection] = []

    def take(self) -> Connection:
        """A connection from the pool; once taken it stays at hand, since the pool's ways take as long as a SELECT."""
        try:
            return self._idle.pop()
        except IndexError:
            return _SqliteConnection(self.pool.pool.connect(), self._idle)

    def failure(self, error: Exception) -> PortError:
        """By SQLite's result code; its texts name columns, never values."""
        code = getattr(error, "sqlite_errorcode", None)
        text = f"SQLite: {getattr(error, 'sqlite_errorname', type(error).__name__)}"
        if isinstance(error, sqlite3.IntegrityError):
            if "contract.login_key" in str(error):
                return LoginIdTaken(text)
            if "contract.account_key" in str(error):
                return AccountTaken(text)
            unique = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
            return Conflict(text) if code in unique else PortError(text)
        if code is None:
            # Not SQLite's own: Python could not read what SQLite gave it, or was given what nobody can write.
            return Corrupt(text) if isinstance(error, sqlite3.OperationalError) else PortError(text)
        if code & _PRIMARY in _BUSY:
            return Conflict(text)
        if code & _PRIMARY in _CORRUPT:
            return Corrupt(text)
        if "no such" in str(error):
            return Unavailable("the database has not been brought up to date: janetbank db upgrade")
        return Unavailable(text) if isinstance(error, sqlite3.OperationalError) else PortError(text)

    def close(self) -> None:
        """Close all connections."""
        while self._idle:
            self._idle.pop().close()
        self.pool.dispose()


def _set_up(patience: float, connection: sqlite3.Connection, _: object) -> None:
    try:
        _prepare(connection, patience)
    except BaseException:
        connection.close()
        raise


def _prepare(connection: sqlite3.Connection, patience: float) -> None:
    mode = _write_ahead(connection, monotonic() + patience)
    if mode != "wal":
        msg = f"SQLite cannot write ahead in this file: journal_mode {mode}"
        raise Unavailable(msg)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # macOS: past the disk's own cache, too
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: sqlite3.Connection, until: float) -> str:
    """The journal's mode after asking for WAL; of two who are the first to open a file, SQLite lets neither wait."""
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & _PRIMARY not in _BUSY or monotonic() >= until:
                raise
            sleep(_PAUSE)
        else:
            return str(mode)


class _SqliteConnection:
    def __init__(self, pooled: PoolProxiedConnection, idle: "list[_SqliteConnection]") -> None:
        driver = pooled.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._pooled = pooled
        self._driver = driver
        self._idle = idle
        self._durable = True

    def begin(self, *, durable: bool) -> None:
        if durable is not self._durable:
            # It cannot be changed inside a transaction.
            self._driver.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        self._driver.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._driver.execute("COMMIT")

    def give_back(self) -> None:
        if self._driver.in_transaction:
            with suppress(sqlite3.Error):
                self._driver.execute("ROLLBACK")
        if self._driver.in_transaction:
            self._pooled.invalidate()
        else:
            self._idle.append(self)

    def close(self) -> None:
        self._pooled.close()

    def run(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        return self._driver.execute(sql, parameters)

    def run_many(self, write: Write, parameters: Sequence[Parameters]) -> int:
        return self._driver.executemany(write.sql, parameters).rowcount

    def write(self, writes: Sequence[Pending]) -> bool:
        return one_by_one(self, writes)

    def keep(self, writes: Sequence[Pending], *, durable: bool) -> bool:
        self.begin(durable=durable)
        kept = self.write(writes)
        if kept:
            self.commit()
        return kept
