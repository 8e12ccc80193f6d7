"""Who was in a database before there were tokens is in it afterwards, as he was."""

from collections.abc import Iterator
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


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of each kind with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/one.db"
    else:
        server: str = request.getfixturevalue("postgres_template")
        with database(server) as one:
            yield one


def keep(connection: sa.Connection, table: str, row: Row) -> None:
    """Write what of *row* the table has a column for."""
    there = sa.Table(table, sa.MetaData(), autoload_with=connection)
    connection.execute(
        there.insert(), {name: value for name, value in {**row, "version": 1}.items() if name in there.c}
    )


@pytest.mark.loopback
def test_whoever_was_there_before_tokens_is_there_after(url: str) -> None:
    """Contracts have counted nothing on the new counters, sessions go on, and one may now wait for a code."""
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
            assert found is not None
            assert found == evolve(contract, version=1)
            assert tx.customers.of(HERE, contract.id) == evolve(a_customer(contract), version=1)
            assert tx.sessions.by_key("s") == evolve(session, version=1)
            tx.contracts.put(found.with_tally(Counter.CODE, Tally(issued=1)))
            tx.sessions.add(evolve(session, key="waits", assurance=Assurance.CODE))
        with storage.transaction() as tx:
            found = tx.contracts.by_id(HERE, contract.id)
            assert found is not None
            assert (found.code_tally, found.start_password_tally) == (Tally(issued=1), Tally())
