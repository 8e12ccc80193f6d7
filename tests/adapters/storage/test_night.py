"""The night batch on real databases: killed at every statement in turn and run again, all is as by one run."""

import itertools
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from attrs import define, evolve
from psycopg.sql import SQL, Identifier
from sqlalchemy import Dialect, select
from sqlalchemy import Engine as Pool

from janetbank.flows.audit import Intact, verify
from janetbank.flows.batch import BatchDone, NightBatch
from janetbank.flows.hand_over import AnswerAwaited
from janetbank.model.contract import Contract
from janetbank.policies.instruction import InstructionState
from janetbank.ports.failures import PortError
from janetbank.testing.storage_conformance import HERE, NOW, a_contract
from janetbank.values.identifiers import ContractId
from janetbank_adapters.reports.memory import MemoryReports
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.storage.sql.engine import Connection, Cursor, Engine, Parameters, Pending, one_by_one
from janetbank_adapters.storage.sql.rows import Rows
from janetbank_adapters.storage.sql.schema import batch_run, letter, metadata
from janetbank_adapters.storage.sql.statements import Write
from janetbank_adapters.storage.sql.storage import SqlStorage, open_engine
from tests.flows.money_scene import authorised, books
from tests.flows.test_batch import DONE, FIRST, Bank, busy
from tests.flows.token_scene import Telephone

Copy = Callable[[], AbstractContextManager[str]]

PAGE = 4
"""So that the pages of a busy night are some, and its statements not too many."""


class Died(Exception):  # noqa: N818 -- it names what happened
    """The process is gone, with whatever it had not committed."""


@define
class Mortal:
    """An engine for a process that dies before the statement which so many come *before*; None: it does not."""

    inner: Engine
    before: int | None

    @property
    def dialect(self) -> Dialect:
        """The engine's."""
        return self.inner.dialect

    @property
    def rows(self) -> Rows:
        """The engine's."""
        return self.inner.rows

    @property
    def pool(self) -> Pool:
        """The engine's."""
        return self.inner.pool

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """The engine's: to die is none of them."""
        return self.inner.errors

    def take(self) -> Connection:
        """A connection of the process."""
        return _MortalConnection(self, self.inner.take())

    def failure(self, error: Exception) -> PortError:
        """What the engine says."""
        return self.inner.failure(error)

    def close(self) -> None:
        """Close all connections."""
        self.inner.close()

    def live(self) -> None:
        """Go on for another statement, or die; who has died stays so."""
        if self.before == 0:
            raise Died
        if self.before is not None:
            self.before -= 1


@define
class _MortalConnection:
    engine: Mortal
    inner: Connection

    def begin(self, *, durable: bool) -> None:
        self.engine.live()
        self.inner.begin(durable=durable)

    def commit(self) -> None:
        self.engine.live()
        self.inner.commit()

    def give_back(self) -> None:
        self.inner.give_back()

    def run(self, sql: str, parameters: Parameters) -> Cursor:
        self.engine.live()
        return self.inner.run(sql, parameters)

    def run_many(self, write: Write, parameters: Sequence[Parameters]) -> int:
        self.engine.live()
        return self.inner.run_many(write, parameters)

    def write(self, writes: Sequence[Pending]) -> bool:
        """A statement at a time, each of which may be the last."""
        return one_by_one(self, writes)

    def keep(self, writes: Sequence[Pending], *, durable: bool) -> bool:
        self.begin(durable=durable)
        kept = self.write(writes)
        if kept:
            self.commit()
        return kept


@define
class World:
    """A busy bank on the eve of a night, and its store as often as it is wanted."""

    there: Bank
    copy: Copy


def opened(url: str, before: int | None = None) -> SqlStorage:
    """The store at *url*, for a process that dies, or does not."""
    return SqlStorage(Mortal(open_engine(url, patience=5, connections=2), before))


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> World:
    """Everything that a night can meet, and a transfer of which the host has not heard."""
    with opened(store_url) as storage:
        there = busy(storage)
        _leave_open(Telephone.of(there.there, there.people[6]))
    copies = _copied_file(store_url, tmp_path) if store_url.startswith("sqlite") else _restored(store_url)
    return World(there, copies)


def _copied_file(url: str, folder: Path) -> Copy:
    """A file as it was on the eve."""
    numbers = itertools.count()

    @contextmanager
    def copy() -> Generator[str]:
        path = folder / f"copy-{next(numbers)}.db"
        shutil.copy(url.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        path.unlink()

    return copy


def _restored(url: str) -> Copy:
    """The same database, brought back to the eve: a hundred new ones would take much longer."""
    tables = [table.name for table in metadata.sorted_tables]
    with psycopg.connect(url, autocommit=True) as eve:
        eve.execute("CREATE SCHEMA eve")
        for table in tables:
            eve.execute(SQL("CREATE TABLE eve.{0} AS TABLE public.{0}").format(Identifier(table)))

    @contextmanager
    def restore() -> Generator[str]:
        with psycopg.connect(url) as connection:
            # Not TRUNCATE: that makes every table and index a new file, which takes much longer than a few rows.
            for table in reversed(tables):
                connection.execute(SQL("DELETE FROM public.{0}").format(Identifier(table)))
            for table in tables:
                connection.execute(SQL("INSERT INTO public.{0} TABLE eve.{0}").format(Identifier(table)))
        yield url

    return restore


def _leave_open(phone: Telephone) -> None:
    reference = authorised(phone, day=FIRST)
    books(phone.there).time_out("before")
    assert isinstance(phone.there.net.instruct.execute(phone.session, reference), AnswerAwaited)


def everything(storage: SqlStorage) -> Mapping[str, Any]:
    """All rows of all tables; how often a run was written over is no matter, nor by which id a letter goes."""
    with storage.pool.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(*_compared(table.columns)))), key=repr)
            for table in metadata.sorted_tables
        }


def _compared(columns: Any) -> list[Any]:  # noqa: ANN401 -- SQLAlchemy's own collection
    return [one for one in columns if one is not batch_run.c.version and one is not letter.c.id]


def night(world: World, storage: SqlStorage, reports: MemoryReports) -> object:
    """The night of FIRST, in a process of its own."""
    return NightBatch(evolve(world.there.there.net.platform, storage=storage), reports, PAGE)(FIRST)


def by_one_run(world: World) -> tuple[object, ...]:
    """What an undisturbed night leaves: in the store, in the reports; and nothing in the audit log that is not so."""
    reports = MemoryReports()
    with world.copy() as url, opened(url) as storage:
        assert night(world, storage, reports) == BatchDone(FIRST, DONE)
        assert isinstance(verify(evolve(world.there.there.net.platform, storage=storage)), Intact)
        with storage.transaction() as tx:
            done = [one.state for one in tx.instructions.unsettled(FIRST, None, 9)]
        left = everything(storage)
    assert done == []
    assert InstructionState.EXECUTED.value in {row for rows in left["instruction"] for row in rows}
    return left, reports.written


@pytest.mark.requirement("OPS-02", "ENR-17", "FEE-04", "TRF-09")
@pytest.mark.loopback
def test_killed_at_every_statement_and_run_again(world: World) -> None:
    """Whichever statement it dies before: what was not committed is gone, and the next life does it, once."""
    whole = by_one_run(world)
    number = 0
    for number in itertools.count():
        reports = MemoryReports()
        with world.copy() as url:
            with opened(url, number) as storage:
                try:
                    night(world, storage, reports)
                    died = False
                except Died:
                    died = True
            with opened(url) as storage:
                assert night(world, storage, reports) == BatchDone(FIRST, DONE)
                assert (everything(storage), reports.written) == whole, number
        if not died:
            break
    assert number > 60


@pytest.mark.loopback
def test_what_is_written_together_is_what_was_said(store_url: str) -> None:
    """Of many rows in one statement each keeps its own: numbers of any size, what is missing, signs of any kind."""
    epochs = (0, 1, 40_000, 2**31 - 1, 7)
    passwords = ("", "NULL", '{"a\\",b}', "秘密　", "plain")
    moments = (None, NOW, None, NOW + timedelta(microseconds=1), None)
    names = [f"c{number}" for number in range(len(epochs))]
    with connect(store_url) as storage:
        with storage.transaction() as tx:
            for name in names:
                tx.contracts.add(a_contract(name))
        with storage.transaction() as tx:
            said = list[Contract]()
            for name, epoch, password, moment in zip(names, epochs, passwords, moments, strict=True):
                read = tx.contracts.by_id(HERE, ContractId(name))
                assert read is not None
                said.append(evolve(read, session_epoch=epoch, password=password, suspended_since=moment))
            for contract in said:
                tx.contracts.put(contract)
        with storage.transaction() as tx:
            kept = [tx.contracts.by_id(HERE, one.id) for one in said]
    assert kept == [evolve(one, version=2) for one in said]
