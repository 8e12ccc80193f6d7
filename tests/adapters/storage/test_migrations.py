"""Migrations make the tables that the schema says, on both engines, and keep what is in them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa
from attrs import evolve

from janetbank.model.contract import Counter
from janetbank.model.session import Assurance
from janetbank.policies.lockout import Tally
from janetbank.testing.postgres import database
from janetbank.testing.storage_conformance import HERE, a_contract, a_customer, a_session
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.storage.sql.migrations import upgrade
from janetbank_adapters.storage.sql.rows import Row
from janetbank_adapters.storage.sql.schema import metadata


@pytest.fixture(params=["sqlite", "postgres"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URLs of two databases of each kind with nothing in them."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/two.db"
    else:
        server: str = request.getfixturevalue("postgres_template")
        with database(server) as one, database(server) as two:
            yield one, two


def shape(url: str) -> Mapping[str, object]:
    """Everything that the database says of its tables: columns, keys, conditions and indexes, in no order."""
    with connect(url) as storage, storage.pool.connect() as connection:
        inspector = sa.inspect(connection)
        return {
            table: {
                "columns": {
                    column["name"]: (str(column["type"]), column["nullable"], column["default"])
                    for column in inspector.get_columns(table)
                },
                "key": inspector.get_pk_constraint(table),
                "foreign keys": inspector.get_foreign_keys(table),
                "unique": inspector.get_unique_constraints(table),
                "conditions": {check["name"]: check["sqltext"] for check in inspector.get_check_constraints(table)},
                "indexes": {
                    index["name"]: (
                        index["column_names"],
                        bool(index["unique"]),
                        {name: str(value) for name, value in index.get("dialect_options", {}).items()},
                    )
                    for index in inspector.get_indexes(table)
                },
            }
            for table in inspector.get_table_names()
            if table != "alembic_version"
        }


@pytest.mark.loopback
def test_the_migrations_make_what_the_schema_says(urls: tuple[str, str]) -> None:
    """Tables, columns, keys, conditions and indexes are the same, by the same names."""
    migrated, said = urls
    upgrade(migrated)
    with connect(said) as storage, storage.pool.connect() as connection:
        metadata.create_all(connection)
    assert shape(migrated) == shape(said)


def keep(connection: sa.Connection, table: str, row: Row) -> None:
    """Write what of *row* the table has a column for."""
    there = sa.Table(table, sa.MetaData(), autoload_with=connection)
    connection.execute(
        there.insert(), {name: value for name, value in {**row, "version": 1}.items() if name in there.c}
    )


@pytest.mark.loopback
def test_whoever_was_there_before_tokens_is_there_after(urls: tuple[str, str]) -> None:
    """Contracts have counted nothing on the new counters, sessions go on, and one may now wait for a code."""
    url, _ = urls
    upgrade(url, to="0002")
    contract, session = a_contract("c", login_id="taro0001", account="1"), a_session("s")
    with connect(url) as storage:
        rows = storage._engine.rows
        with storage.pool.connect() as connection:
            keep(connection, "contract", rows.contract_row(contract))
            keep(connection, "customer", rows.customer_row(a_customer(contract)))
            keep(connection, "session", rows.session_row(session))
    upgrade(url)
    with connect(url) as storage:
        with storage.transaction() as tx:
            found = tx.contracts.by_id(HERE, contract.id)
            assert found == evolve(contract, version=1)
            assert tx.customers.of(HERE, contract.id) == evolve(a_customer(contract), version=1)
            assert tx.sessions.by_key("s") == evolve(session, version=1)
            tx.contracts.put(found.with_tally(Counter.CODE, Tally(issued=1)))
            tx.sessions.add(evolve(session, key="waits", assurance=Assurance.CODE))
        with storage.transaction() as tx:
            found = tx.contracts.by_id(HERE, contract.id)
            assert found is not None
            assert (found.code_tally, found.start_password_tally) == (Tally(issued=1), Tally())
