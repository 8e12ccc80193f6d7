"""The store of docs/writing-an-adapter.md keeps every law of the port, on a real Redis server."""

# pyright: reportUnknownMemberType=false
# redis-py leaves part of its types open.

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from examples.redis_storage import connect
from janetbank.ports.failures import Corrupt, Unavailable
from janetbank.ports.storage import Conflict, Storage
from janetbank.testing.process_conformance import ProcessConformance, Shared
from janetbank.testing.storage_conformance import HERE, a_contract, a_session, add
from janetbank.testing.whole_storage_conformance import WholeStorageConformance
from janetbank.values.identifiers import ContractId
from tests.examples.redis_server import server

pytestmark = [pytest.mark.loopback, pytest.mark.search]

PATIENCE = 0.5
C = ContractId("c")


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    """One server for all of them."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as url:
        yield url


@pytest.fixture
def empty(running: str) -> str:
    """The server, with nothing on it."""
    with redis.Redis.from_url(running) as client:
        client.flushall()
    return running


class TestRedis(WholeStorageConformance):
    """In hashes."""

    @pytest.fixture
    def storage(self, empty: str) -> Iterator[Storage]:
        """An empty store."""
        with connect(empty, patience=PATIENCE) as storage:
            yield storage


class TestRedisAmongProcesses(ProcessConformance):
    """Several at one server."""

    @pytest.fixture
    def shared(self, empty: str) -> Shared:
        """An empty store."""
        return Shared(connect, empty)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("appendonly", "no"), ("appendfsync", "everysec"), ("appendfsync", "no"), ("maxmemory-policy", "allkeys-lru")],
)
def test_a_server_that_may_forget_is_refused(setting: str, value: str) -> None:
    """What acknowledges before it has written, or throws away what it has, is no store."""
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder), {setting: value}) as url,
        pytest.raises(Unavailable, match="may forget"),
    ):
        connect(url)


def test_what_was_acknowledged_survives_the_server() -> None:
    """A server that is killed right after it has answered has what it answered when it is back, whole."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(3):
            with server(Path(folder), kill=True) as url, connect(url) as storage:
                add(storage, *[a_contract(f"c-{number}-{n}", login_id=f"taro{number}{n}") for n in range(9)])
        with server(Path(folder)) as url, connect(url) as storage, storage.transaction() as tx:
            assert tx.contracts.count_live() == 27


def test_a_server_that_is_gone_is_unavailable() -> None:
    """In the midst of a transaction, too; and whoever swallows that keeps nothing."""
    with tempfile.TemporaryDirectory() as folder:
        with server(Path(folder)) as url, connect(url, patience=PATIENCE) as storage:
            add(storage, a_contract("c"))
        with pytest.raises(Unavailable), storage.transaction() as tx:
            tx.contracts.by_id(HERE, C)
        with pytest.raises(Unavailable):
            connect(url, patience=PATIENCE)


def test_what_was_only_read_must_still_be_so(empty: str) -> None:
    """Nobody decides on what was written over meanwhile, though he writes something else."""
    with connect(empty) as storage:
        add(storage, a_contract("c"))

        def decide() -> None:
            with storage.transaction() as tx:
                read = tx.contracts.by_id(HERE, C)
                assert read is not None
                with storage.transaction() as other:
                    other.contracts.put(read.end_sessions())
                tx.sessions.add(a_session())

        with pytest.raises(Conflict):
            decide()
        with storage.transaction() as tx:
            assert tx.sessions.by_key("s") is None


@pytest.mark.parametrize("text", ["", "{", "{}", '"x"', "[1]"])
def test_what_is_no_row_is_corrupt(empty: str, text: str) -> None:
    """Fail closed: what cannot be what was stored is nobody."""
    with connect(empty) as storage:
        add(storage, a_contract("c"))
        with redis.Redis.from_url(empty, decode_responses=True) as client:
            (field,) = client.hkeys("{janetbank}:contracts")
            client.hset("{janetbank}:contracts", field, text or "x")
        with pytest.raises(Corrupt), storage.transaction() as tx:
            tx.contracts.by_id(HERE, C)
