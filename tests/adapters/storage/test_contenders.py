"""Many processes at one store: what is unique stays so, what is counted is counted, and a kill leaves nothing half."""

import time
from collections.abc import Iterator

import pytest

from janetbank.testing.storage_conformance import a_contract, add, do
from janetbank_adapters.storage.sql import SqlStorage, connect
from tests.adapters.storage.contenders import (
    count_at_once,
    count_up,
    killed_while_holding,
    killed_while_writing,
    register_at_once,
    whole,
)

pytestmark = pytest.mark.loopback


@pytest.fixture
def storage(store_url: str) -> Iterator[SqlStorage]:
    """A fresh store of each kind, with one contract."""
    with connect(store_url) as storage:
        add(storage, a_contract("c"))
        yield storage


@pytest.mark.requirement("CRD-04")
def test_a_login_id_is_registered_once_among_processes(storage: SqlStorage, store_url: str) -> None:
    """Of all who register the same login ids at once, in several processes, one gets each."""
    won = register_at_once(store_url, processes=3, threads=4, ids=15)
    assert sorted(won) == [f"taro{number:04}" for number in range(15)]
    with storage.transaction() as tx:
        assert len(list(tx.audit.owned_heads())) == 1 + len(won)


def test_every_count_is_counted(storage: SqlStorage, store_url: str) -> None:
    """Four processes of sixteen threads count on one contract, each until it has: nothing is lost or doubled."""
    assert count_at_once(store_url, processes=4, threads=16, rounds=3) == 4 * 16 * 3
    assert whole(storage) == 4 * 16 * 3


def test_a_killed_process_leaves_nothing_and_holds_nothing(storage: SqlStorage, store_url: str) -> None:
    """After a kill -9 between write and commit nothing of it is there, and nobody waits for the dead."""
    killed_while_holding(store_url)
    start = time.monotonic()
    do(storage, count_up)
    assert time.monotonic() - start < 5
    assert whole(storage) == 1


def test_killed_anywhere_all_of_it_or_nothing(storage: SqlStorage, store_url: str) -> None:
    """After a kill -9 amid a crowd of writers, contract and chain say the same, and the next writer goes on."""
    for number in (1, 2):
        killed_while_writing(store_url, processes=2, seconds=0.2 * number)
        before = whole(storage)
        assert before > 0
        do(storage, count_up)
        assert whole(storage) == before + 1
