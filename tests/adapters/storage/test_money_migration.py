"""An instruction that was stored before there were payments is the same one afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from janetbank.policies.instruction import InstructionState
from janetbank.policies.lockout import Tally
from janetbank.testing.postgres import database
from janetbank.testing.storage_conformance import HERE, a_contract, an_instruction
from janetbank.values.instruction import Transfer
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.storage.sql.migrations import upgrade
from tests.adapters.storage.test_token_migration import keep

SLY = '{"transfer":{"x'


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
@pytest.mark.parametrize("name", ["ヤマダ　ハナコ", SLY])
def test_an_instruction_is_still_the_same(url: str, name: str) -> None:
    """Its transfer is its content, whatever stands in it; the host is not asked, and no bill was ever."""
    upgrade(url, to="0006")
    plain, contract = an_instruction(), a_contract("c", login_id="taro0001", account="1")
    assert isinstance(plain.content, Transfer)
    odd = evolve(plain.content, payee_name=name)
    before = evolve(plain, content=odd, digest=odd.digest, state=InstructionState.EXECUTED)
    with connect(url) as storage:
        rows = storage._engine.rows
        row = rows.instruction_row(before)
        data = json.loads(str(row["data"]))
        del data["digest"], data["counted_on"], data["reason"]
        former = {"transfer": data.pop("content"), **data}
        with storage.pool.connect() as connection:
            text = json.dumps(former, ensure_ascii=False, separators=(",", ":"))
            keep(connection, "instruction", {**row, "data": text})
            keep(connection, "contract", rows.contract_row(contract))
    upgrade(url)
    with connect(url) as storage, storage.transaction() as tx:
        found = tx.instructions.by_reference(before.reference)
        assert found == evolve(before, version=1)
        assert found is not None
        assert found.intact
        assert not tx.instructions.pending_of(HERE, before.contract)
        kept = tx.contracts.by_id(HERE, contract.id)
        assert kept is not None
        assert kept.payment_tally == Tally()
