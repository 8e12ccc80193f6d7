"""Our three stores keep every law of the port, side by side."""

from collections.abc import Iterator

import pytest

from janetbank.ports.storage import Storage
from janetbank.testing.money_conformance import MoneyConformance
from janetbank.testing.night_conformance import NightConformance
from janetbank.testing.operator_conformance import OperatorConformance
from janetbank.testing.postgres import copy
from janetbank.testing.storage_conformance import StorageConformance
from janetbank.testing.token_conformance import TokenConformance
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import SqlStorage, connect
from janetbank_adapters.storage.sql.schema import metadata

PATIENCE = 0.5


@pytest.mark.requirement("CRD-04")
class TestMemory(StorageConformance, NightConformance, TokenConformance, MoneyConformance, OperatorConformance):
    """In memory."""

    @pytest.fixture
    def storage(self) -> Storage:
        """An empty store."""
        return MemoryStorage(patience=PATIENCE)


@pytest.mark.requirement("CRD-04")
class TestSqlite(StorageConformance, NightConformance, TokenConformance, MoneyConformance, OperatorConformance):
    """In an SQLite file."""

    @pytest.fixture
    def storage(self, sqlite_store: str) -> Iterator[Storage]:
        """An empty store."""
        with connect(sqlite_store, patience=PATIENCE) as storage:
            yield storage


@pytest.fixture(scope="module")
def opened(postgres_template: str) -> Iterator[SqlStorage]:
    """One PostgreSQL database for a whole class: to make one takes longer than most tests."""
    with copy(postgres_template) as url, connect(url, patience=PATIENCE) as storage:
        yield storage


@pytest.mark.loopback
@pytest.mark.requirement("CRD-04")
class TestPostgres(StorageConformance, NightConformance, TokenConformance, MoneyConformance, OperatorConformance):
    """In PostgreSQL."""

    @pytest.fixture
    def storage(self, opened: SqlStorage) -> Storage:
        """An empty store."""
        with opened.pool.connect() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        return opened
