"""Who was in a database before there were resets is in it afterwards, and has been reset by nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from janetbank.model.session import Assurance
from janetbank.policies.identity_form import FormTries
from janetbank.testing.postgres import database
from janetbank.testing.storage_conformance import HERE, NOW, a_contract, a_session
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.storage.sql.migrations import upgrade
from tests.adapters.storage.test_token_migration import keep


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of each kind with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/one.db"
    else:
        server: str = request.getfixturevalue("postgres_template")
        with database(server) as one:
            yield one


@pytest.mark.loopback
def test_whoever_was_there_before_resets_is_there_after(url: str) -> None:
    """No form of his was wrong, nothing was reset, nothing is to be changed; and a session may now wait for a duty."""
    upgrade(url, to="0003")
    contract, session = a_contract("c", login_id="taro0001", account="1"), a_session("s")
    with connect(url) as storage:
        rows = storage._engine.rows
        with storage.pool.connect() as connection:
            keep(connection, "contract", rows.contract_row(contract))
            keep(connection, "session", rows.session_row(session))
    upgrade(url)
    with connect(url) as storage:
        with storage.transaction() as tx:
            found = tx.contracts.by_id(HERE, contract.id)
            assert found is not None
            assert found == evolve(contract, version=1)
            assert tx.sessions.by_key("s") == evolve(session, version=1)
            tx.contracts.put(
                evolve(
                    found,
                    form_tries=FormTries(NOW.date(), 5),
                    password_reset_at=NOW,
                    questions_reset_at=NOW,
                    must_change_password=True,
                )
            )
            tx.sessions.add(evolve(session, key="waits", assurance=Assurance.DUTY))
        with storage.transaction() as tx:
            found = tx.contracts.by_id(HERE, contract.id)
            assert found is not None
            assert (found.form_tries.count, found.password_reset_at, found.must_change_password) == (5, NOW, True)
            assert (found.questions_reset_at, found.transaction_auth_advised) == (NOW, False)
