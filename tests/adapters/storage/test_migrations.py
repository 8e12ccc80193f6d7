"""Migrations make the very tables that the adapter speaks of, once, and keep what was there."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from janetbank.ports.failures import Unavailable
from janetbank.testing import postgres
from janetbank.testing.storage_conformance import HERE, a_contract, add, once
from janetbank.values.identifiers import ContractId
from janetbank_adapters.storage.sql import connect, upgrade
from janetbank_adapters.storage.sql.migrations import config, newest
from janetbank_adapters.storage.sql.schema import metadata
from janetbank_adapters.storage.sql.storage import open_engine

pytestmark = pytest.mark.loopback

CATALOGUE = {
    "sqlite": "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%'"
    " AND tbl_name NOT LIKE 'alembic%'",
    "postgresql": """
        SELECT 'column', table_name, column_name, concat_ws(' ', data_type, collation_name, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL
        SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT 'options', relname, '', array_to_string(reloptions, ',')
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    """,
}
"""Everything that a database itself says of its tables: columns, types, constraints, indexes, options."""


def catalogue(connection: Connection) -> list[tuple[Any, ...]]:
    """What *connection*'s database says of its tables, in an order and spelling that do not depend on the making."""
    rows = connection.exec_driver_sql(CATALOGUE[connection.dialect.name]).all()
    said = [tuple(_spelt(item) for item in row) for row in rows]
    return sorted(row for row in said if "alembic_version" not in row)


def _spelt(item: object) -> object:
    """SQLite keeps the text of CREATE TABLE, and of each ALTER TABLE: their parts, in the order of the alphabet."""
    if not isinstance(item, str) or not item.startswith("CREATE TABLE"):
        return item
    _, _, text = item.partition("(")
    text, _, options = text.rpartition(")")
    text = " ".join(text.split())
    # Between the parts of a table, and before a condition that came along with its column.
    parts = re.split(r"[,)] (?=CONSTRAINT |\"?[a-z_]+\"? [A-Z])| (?=CONSTRAINT )", text)
    return options.strip(), *sorted(part.strip(" ,)") for part in parts)


def said_by(url: str, make: Callable[[Connection], object] | None = None) -> list[tuple[Any, ...]]:
    """The catalogue at *url*, after *make*."""
    engine = open_engine(url, patience=5, connections=1)
    try:
        with engine.pool.connect() as connection:
            if make is not None:
                make(connection)
            return catalogue(connection)
    finally:
        engine.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_schema_and_the_migrations_agree(kind: str, tmp_path: Path, postgres_template: str) -> None:
    """Made by the migrations or by `schema`, a database says the same of its tables."""
    with postgres.empty_beside(postgres_template) as one, postgres.empty_beside(postgres_template) as other:
        urls = {"sqlite": [f"sqlite:///{tmp_path}/1.db", f"sqlite:///{tmp_path}/2.db"], "postgres": [one, other]}[kind]
        upgrade(urls[0])
        migrated = said_by(urls[0])
        made = said_by(urls[1], metadata.create_all)
    assert migrated == made
    assert {table.name for table in metadata.tables.values()} <= {str(row[1]) for row in migrated}


def test_upgrading_twice_changes_nothing(store_url: str) -> None:
    """What is up to date stays as it is, with what it holds."""
    with connect(store_url) as storage:
        add(storage, a_contract("c", login_id="taro0001"))
    before = said_by(store_url)
    upgrade(store_url)
    assert said_by(store_url) == before
    with connect(store_url) as storage:
        assert once(storage, lambda tx: tx.contracts.by_id(HERE, ContractId("c"))) is not None


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_many_may_upgrade_at_once(kind: str, tmp_path: Path, postgres_template: str) -> None:
    """Several processes that start together all find it done."""
    with postgres.empty_beside(postgres_template) as empty:
        url = {"sqlite": f"sqlite:///{tmp_path}/bank.db", "postgres": empty}[kind]
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(upgrade, [url] * 3))
        with connect(url) as storage:
            add(storage, a_contract("c"))


def test_a_database_says_which_step_it_is_at(store_url: str) -> None:
    """The number of the newest step stands in the database."""
    with connect(store_url) as storage, storage.pool.connect() as connection:
        assert inspect(connection).has_table("alembic_version")
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == newest()


def test_the_steps_are_one_line() -> None:
    """Each step has one before it, but for the first; there is one newest."""
    scripts = ScriptDirectory.from_config(config())
    steps = list(scripts.walk_revisions())
    assert len(scripts.get_heads()) == 1
    assert [step.revision for step in reversed(steps)] == [f"{number:04}" for number in range(1, len(steps) + 1)]


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all/bank.db", "postgresql://janetbank@127.0.0.1:1/bank"])
def test_where_there_is_no_database_there_is_nothing_to_upgrade(url: str) -> None:
    """Unavailable, as from any use of it."""
    with pytest.raises(Unavailable):
        upgrade(url, patience=0.3)


def test_a_newer_database_is_left_alone(store_url: str) -> None:
    """A step that this version does not know is no step back: Unavailable, and nothing is changed."""
    with connect(store_url) as storage, storage.pool.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = said_by(store_url)
    with pytest.raises(Unavailable):
        upgrade(store_url)
    assert said_by(store_url) == before
