"""Storage conformance among processes: what holds where several of them share a store, and where one is killed.

    def opened(place: str) -> AbstractContextManager[Storage]:       # at the top of a module, so that it can be pickled
        return my_storage(place)

    class TestMyStorageAmongProcesses(ProcessConformance):
        @pytest.fixture
        def shared(self) -> Shared:
            return Shared(opened, "the URL of an empty store")

Each process opens the store for itself, as those of a real service do, and is killed by SIGKILL: wherever it happens to
be, and at the points that matter, between write and commit and right after the commit was acknowledged.

Shape:  inherit beside `WholeStorageConformance`, and override the fixture `shared`.  POSIX, with `spawn`.
Errors: AssertionError where an adapter breaks a law.
Source: janetbank.ports.storage; LCK-16, CRD-04; issue 7, part 3.
"""

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

import pytest
from attrs import frozen

from janetbank.model.contract import Contract
from janetbank.model.events import GuessReserved
from janetbank.ports.storage import LoginIdTaken, Storage, Transaction
from janetbank.testing.storage_conformance import HERE, NOW, a_contract, add, do
from janetbank.values.identifiers import ContractId

_C = ContractId("c")
_SPAWN = get_context("spawn")
_PATIENCE = 10.0
"""Seconds after which a dead process holds nobody up."""
_HOUR = 3600.0
_PROCESSES, _THREADS, _ROUNDS, _IDS = 2, 6, 3, 15


@frozen
class Shared:
    """A store that processes can share: *open* it at *place*.  Both are pickled."""

    open: Callable[[Any], AbstractContextManager[Storage]]
    place: Any

    def __call__(self) -> AbstractContextManager[Storage]:
        """Open it."""
        return self.open(self.place)


class ProcessConformance:
    """The laws of `janetbank.ports.storage` among processes."""

    @pytest.fixture
    def shared(self) -> Shared:
        """An empty store; override this."""
        raise NotImplementedError

    def test_a_login_id_is_registered_once_among_processes(self, shared: Shared) -> None:
        """Of all who register the same login ids at once, in several processes, one gets each."""
        works = [(_registering, shared, f"p{number}") for number in range(_PROCESSES)]
        won = [login_id for told in _all_at_once(works) for login_id in told]
        assert sorted(won) == [f"taro{number:04}" for number in range(_IDS)]
        with shared() as storage, storage.transaction() as tx:
            assert len(list(tx.audit.owned_heads())) == len(won)

    def test_every_count_is_counted_among_processes(self, shared: Shared) -> None:
        """Processes full of threads count on one contract, each until it has: nothing is lost or doubled."""
        _begin(shared)
        counted = sum(_all_at_once([(_counting, shared)] * _PROCESSES))
        assert counted == _PROCESSES * _THREADS * _ROUNDS
        with shared() as storage:
            assert whole(storage) == counted

    @pytest.mark.parametrize("contended", [True, False])
    def test_who_is_killed_before_his_commit_leaves_nothing_and_holds_nothing(
        self, shared: Shared, *, contended: bool
    ) -> None:
        """After a kill between write and commit nothing of it is there, and nobody waits for the dead for long."""
        _begin(shared)
        with _at_work((_holding, shared, contended)) as [one]:
            assert one.line.recv() == "ready"
        start = time.monotonic()
        with shared() as storage:
            do(storage, _count_up)
            assert time.monotonic() - start < _PATIENCE
            assert whole(storage) == 1

    def test_what_was_acknowledged_survives_a_kill(self, shared: Shared) -> None:
        """Whoever was told that his commit is kept, and is killed right then, has kept it: each time."""
        _begin(shared)
        for kills in (1, 2):
            with _at_work((_counting_once, shared)) as [one]:
                assert one.line.recv() == "kept"
            with shared() as storage:
                assert whole(storage) == kills

    def test_killed_anywhere_all_of_it_or_nothing(self, shared: Shared) -> None:
        """After kills amid a crowd of writers contract and chain say the same, at least what was told, and go on."""
        _begin(shared)
        for number in (1, 2):
            with _at_work((_besieging, shared), (_besieging, shared)) as crowd:
                told = [int(one.line.recv()) for one in crowd]
                time.sleep(0.2 * number)  # so that they are in the middle of it
                for one in crowd:
                    one.kill()
                told = [one.last(before) for before, one in zip(told, crowd, strict=True)]
            with shared() as storage:
                do(storage, _count_up)  # over the version of whatever the store still has of the dead, which so ends
                before = whole(storage)
                assert before > max(told) > 0
                do(storage, _count_up)
                assert whole(storage) == before + 1


def _begin(shared: Shared) -> None:
    """Keep the contract that is fought over."""
    with shared() as storage:
        add(storage, a_contract("c"))


def _contract(tx: Transaction) -> Contract:
    contract = tx.contracts.by_id(HERE, _C)
    assert contract is not None
    return contract


def _count_up(tx: Transaction) -> int:
    """Raise the contract's number by one, and say so in the audit log; the number."""
    contract, entries = _contract(tx).end_sessions().recorded(NOW, GuessReserved("password", 1))
    tx.contracts.put(contract)
    tx.audit.append(entries)
    return contract.session_epoch


def whole(storage: Storage) -> int:
    """How far the contract has come; AssertionError where it and its chain do not say the same."""
    with storage.transaction() as tx:
        contract, entries = _contract(tx), list(tx.audit.chain(_C.text))
    assert contract.session_epoch == contract.chain.seq == len(entries) == contract.version - 1
    assert all(entry.intact for entry in entries)
    assert contract.chain.digest == (entries[-1].digest if entries else contract.chain.digest)
    return contract.session_epoch


# --- What the processes do ------------------------------------------------------------------------------------------


def _counting(shared: Shared, told: Connection) -> None:
    with shared() as storage, ThreadPoolExecutor(_THREADS) as pool:
        told.send("ready")
        told.recv()

        def count(_: int) -> int:
            for _round in range(_ROUNDS):
                do(storage, _count_up)
            return _ROUNDS

        told.send(sum(pool.map(count, range(_THREADS))))


def _registering(shared: Shared, name: str, told: Connection) -> None:
    with shared() as storage, ThreadPoolExecutor(_THREADS) as pool:
        told.send("ready")
        told.recv()

        def register(thread: int) -> list[str]:
            won: list[str] = []
            for number in range(_IDS):
                try:
                    add(storage, a_contract(f"{name}-{thread}-{number}", login_id=f"taro{number:04}"))
                except LoginIdTaken:
                    continue
                won.append(f"taro{number:04}")
            return won

        told.send([login_id for won in pool.map(register, range(_THREADS)) for login_id in won])


def _besieging(shared: Shared, told: Connection) -> None:
    with shared() as storage:
        while True:
            told.send(do(storage, _count_up))


def _counting_once(shared: Shared, told: Connection) -> None:
    with shared() as storage:
        do(storage, _count_up)
        told.send("kept")
        time.sleep(_HOUR)  # until it is killed: it closes nothing


def _holding(shared: Shared, contended: bool, told: Connection) -> None:  # noqa: FBT001 -- positional, to be pickled
    with shared() as storage, storage.transaction(contended=contended) as tx:
        _count_up(tx)
        assert _contract(tx).session_epoch == 1  # reading again, it has written
        told.send("ready")
        time.sleep(_HOUR)  # until it is killed


_Work = tuple[Any, ...]
"""What a process does, and what it is given besides the end of its line."""


@frozen
class _Process:
    """A process, and the line on which it tells something."""

    process: SpawnProcess
    line: Connection

    def kill(self) -> None:
        """End it with no chance to tidy up."""
        self.process.kill()
        self.process.join()

    def last(self, before: int) -> int:
        """What it has said last, now that it is dead, but for half a word."""
        with suppress(EOFError, OSError):
            while self.line.poll():
                before = int(self.line.recv())
        return before


@contextmanager
def _at_work(*works: _Work) -> Generator[list[_Process]]:
    """A process for each of *works*, killed at the end of the block."""
    crowd: list[_Process] = []
    try:
        for work, *given in works:
            ours, theirs = _SPAWN.Pipe()
            process = _SPAWN.Process(target=work, args=(*given, theirs), daemon=True)
            process.start()
            theirs.close()  # the dead one's end is the only one: whoever listens hears that he is dead
            crowd.append(_Process(process, ours))
        yield crowd
    finally:
        for one in crowd:
            one.kill()
            one.line.close()


def _all_at_once(works: Sequence[_Work]) -> list[Any]:
    """What each tells, after all have begun together."""
    with _at_work(*works) as crowd:
        for one in crowd:
            assert one.line.recv() == "ready"
        for one in crowd:
            one.line.send("go")
        return [one.line.recv() for one in crowd]
