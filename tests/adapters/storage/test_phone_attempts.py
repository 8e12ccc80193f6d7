"""Our three stores keep the laws of phone attempts, and find one by its route without looking at another."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from janetbank.ports.storage import Storage
from janetbank.testing.phone_attempt_conformance import PhoneAttemptConformance
from janetbank.testing.postgres import copy
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import SqlStorage, connect
from janetbank_adapters.storage.sql.schema import metadata
from janetbank_adapters.storage.sql.sqlite import Sqlite
from janetbank_adapters.storage.sql.statements import Statements

PATIENCE = 0.5
ROUTE = {"caller": "+819012345678", "destination": "+81120417001"}


class TestMemory(PhoneAttemptConformance):
    """In memory."""

    @pytest.fixture
    def storage(self) -> Storage:
        """An empty store."""
        return MemoryStorage(patience=PATIENCE)


class TestSqlite(PhoneAttemptConformance):
    """In an SQLite file."""

    @pytest.fixture
    def storage(self, sqlite_store: str) -> Iterator[Storage]:
        """An empty store."""
        with connect(sqlite_store, patience=PATIENCE) as storage:
            yield storage


@pytest.fixture(scope="module")
def opened(postgres_template: str) -> Iterator[SqlStorage]:
    """One PostgreSQL database for a whole class."""
    with copy(postgres_template) as url, connect(url, patience=PATIENCE) as storage:
        yield storage


@pytest.mark.loopback
class TestPostgres(PhoneAttemptConformance):
    """In PostgreSQL."""

    @pytest.fixture
    def storage(self, opened: SqlStorage) -> Storage:
        """An empty store."""
        with opened.pool.connect() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        return opened


def test_sqlite_finds_a_route_in_its_index(sqlite_store: str) -> None:
    """One search of one index, by both numbers."""
    statement = Statements(Sqlite.dialect).phone_attempt_by_route.plain
    with sqlite3.connect(sqlite_store.removeprefix("sqlite:///")) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", ROUTE).fetchall()
    connection.close()
    assert [step[-1] for step in plan] == [
        "SEARCH phone_attempt USING INDEX phone_attempt_route (caller=? AND destination=?)"
    ]


@pytest.mark.loopback
def test_postgres_finds_a_route_in_its_index(opened: SqlStorage) -> None:
    """One scan of one index, by both numbers, as soon as there are more than a few."""
    by_route = text(
        "EXPLAIN SELECT * FROM phone_attempt WHERE caller = :caller AND on_route AND destination = :destination"
    )
    with opened.pool.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        plan = [row[0] for row in connection.execute(by_route, ROUTE)]
        connection.execute(text("SET enable_seqscan = on"))
    assert plan[0].startswith("Index Scan using phone_attempt_route on phone_attempt")
    assert "caller = " in plan[1]
    assert "destination = " in plan[1]
