"""Engine: what differs between the databases, and nothing else.

Statements are composed with SQLAlchemy, compiled once and run on the driver's own connection: what a login costs in
Python is mostly what would stand between the two.

Shape:  a connection is in autocommit until `begin`; `run` gives a cursor.
Errors: whatever a connection does may raise one of `Engine.errors`; `Engine.failure` says which of the port's errors
        that is, in words that hold no parameter.  Whoever catches one raises the failure outside its `except`, so that
        the driver's text, which may quote a row, goes no further.
Source: COMPONENTS 1 and 2; docs/decisions/0003; ASVS 16.2.5 (no secret in a log), 16.5.1.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Dialect
from sqlalchemy import Engine as Pool

from janetbank.ports.failures import PortError
from janetbank_adapters.storage.sql.rows import Rows, Value
from janetbank_adapters.storage.sql.statements import Write

Parameters = Mapping[str, Value]
Pending = tuple[Write, Parameters]
"""A write that waits, with its parameters."""


class Cursor(Protocol):
    """The part of a driver's cursor that is used here."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement wrote."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401 -- a row is what the driver makes of it
        """The next row, or None."""

    def fetchall(self) -> Sequence[Any]:
        """The rows that are left."""
        ...


class Connection(Protocol):
    """One connection, taken from the pool."""

    def begin(self, *, durable: bool) -> None:
        """Begin a transaction that writes or locks."""
        ...

    def commit(self) -> None:
        """Keep what was written since `begin`."""
        ...

    def give_back(self) -> None:
        """Forget what was not committed, and use it no more; one that broke is thrown away."""
        ...

    def run(self, sql: str, parameters: Parameters) -> Cursor:
        """Run one statement."""
        ...

    def run_many(self, write: Write, parameters: Sequence[Parameters]) -> int:
        """Write with each of *parameters*: how many rows they wrote together."""
        ...

    def write(self, writes: Sequence[Pending]) -> bool:
        """Run *writes*, in the transaction that was begun; False where one that writes over a row did not find it."""
        ...

    def keep(self, writes: Sequence[Pending], *, durable: bool) -> bool:
        """Run *writes* in a transaction of their own and commit it; False where nothing was kept, as with `write`."""
        ...


def one_by_one(connection: Connection, writes: Sequence[Pending]) -> bool:
    """`write`, a statement at a time; the same statement several times in a row is the driver's to make the best of."""
    for write, group in groupby(writes, lambda pending: pending[0]):
        several = [parameters for _, parameters in group]
        if write.checks:
            written = sum(len(connection.run(write.sql, parameters).fetchall()) for parameters in several)
        elif len(several) == 1:
            written = connection.run(write.sql, several[0]).rowcount
        else:
            written = connection.run_many(write, several)
        # Each writes over one row at most, by its whole key.
        if write.over and written != len(several):
            return False
    return True


class Engine(Protocol):
    """One database."""

    @property
    def dialect(self) -> Dialect:
        """What statements are compiled for."""
        ...

    @property
    def rows(self) -> Rows:
        """How aggregates become rows here."""
        ...

    @property
    def pool(self) -> Pool:
        """SQLAlchemy's engine over the same connections, for what is in no hurry."""
        ...

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its driver raises."""
        ...

    def take(self) -> Connection:
        """A connection, to be given back."""
        ...

    def failure(self, error: Exception) -> PortError:
        """Which of the port's errors *error* is."""
        ...

    def close(self) -> None:
        """Close all connections."""
