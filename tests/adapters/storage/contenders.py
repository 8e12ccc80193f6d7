"""Contenders: processes full of threads that want the same thing of one store, and some that die over it.

Each process opens the store for itself, as the processes of a real service do.
"""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from janetbank.model.contract import Contract
from janetbank.model.events import GuessReserved
from janetbank.ports.storage import LoginIdTaken, Storage, Transaction
from janetbank.testing.storage_conformance import HERE, NOW, a_contract, add, do
from janetbank.values.identifiers import ContractId
from janetbank_adapters.storage.sql import connect

C = ContractId("c")
_SPAWN = get_context("spawn")


def contract_in(tx: Transaction) -> Contract:
    """The contract that is fought over."""
    contract = tx.contracts.by_id(HERE, C)
    assert contract is not None
    return contract


def count_up(tx: Transaction) -> None:
    """Raise the contract's number by one, and say so in the audit log."""
    contract, entries = contract_in(tx).end_sessions().recorded(NOW, GuessReserved("password", 1))
    tx.contracts.put(contract)
    tx.audit.append(entries)


def _counting(url: str, threads: int, rounds: int, told: Connection) -> None:
    with connect(url) as storage, ThreadPoolExecutor(threads) as pool:
        told.send("ready")
        told.recv()

        def count(_: int) -> int:
            for _round in range(rounds):
                do(storage, count_up)
            return rounds

        told.send(sum(pool.map(count, range(threads))))


def _registering(url: str, name: str, threads: int, ids: int, told: Connection) -> None:
    with connect(url) as storage, ThreadPoolExecutor(threads) as pool:
        told.send("ready")
        told.recv()

        def register(thread: int) -> list[str]:
            won: list[str] = []
            for number in range(ids):
                try:
                    add(storage, a_contract(f"{name}-{thread}-{number}", login_id=f"taro{number:04}"))
                except LoginIdTaken:
                    continue
                won.append(f"taro{number:04}")
            return won

        told.send([login_id for won in pool.map(register, range(threads)) for login_id in won])


def _besieging(url: str, told: Connection) -> None:
    with connect(url) as storage:
        told.send("ready")
        while True:
            do(storage, count_up)


def _holding(url: str, told: Connection) -> None:
    with connect(url) as storage, storage.transaction(contended=True) as tx:
        count_up(tx)
        assert contract_in(tx).session_epoch == 1  # reading again, it has written
        told.send("ready")
        time.sleep(600)  # until it is killed


def _start(work: Callable[..., None], *arguments: Any) -> tuple[SpawnProcess, Connection]:  # noqa: ANN401 -- what *work* takes
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=work, args=(*arguments, theirs))
    process.start()
    return process, ours


def _all_at_once(processes: list[tuple[SpawnProcess, Connection]]) -> list[Any]:
    for _, line in processes:
        assert line.recv() == "ready"
    for _, line in processes:
        line.send("go")
    told = [line.recv() for _, line in processes]
    for process, line in processes:
        process.join()
        line.close()
    return told


def count_at_once(url: str, *, processes: int, threads: int, rounds: int) -> int:
    """How often all of them together say that they counted."""
    return sum(_all_at_once([_start(_counting, url, threads, rounds) for _ in range(processes)]))


def register_at_once(url: str, *, processes: int, threads: int, ids: int) -> list[str]:
    """The login ids that were registered, once for each who says that he registered it."""
    crowd = [_start(_registering, url, f"p{number}", threads, ids) for number in range(processes)]
    return [login_id for won in _all_at_once(crowd) for login_id in won]


def kill(process: SpawnProcess) -> None:
    """End a process with no chance to tidy up."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def killed_while_holding(url: str) -> None:
    """A process writes, does not commit, and is killed."""
    process, line = _start(_holding, url)
    assert line.recv() == "ready"
    kill(process)
    line.close()


def killed_while_writing(url: str, *, processes: int, seconds: float) -> None:
    """Processes count without end, and are killed wherever they happen to be."""
    crowd = [_start(_besieging, url) for _ in range(processes)]
    for _, line in crowd:
        assert line.recv() == "ready"
    time.sleep(seconds)  # so that they are in the middle of it
    for process, line in crowd:
        kill(process)
        line.close()


def whole(storage: Storage) -> int:
    """How far the contract has come; AssertionError where it and its chain do not say the same."""
    with storage.transaction() as tx:
        contract, entries = contract_in(tx), list(tx.audit.chain(C.text))
    assert contract.session_epoch == contract.chain.seq == len(entries) == contract.version - 1
    assert all(entry.intact for entry in entries)
    assert contract.chain.digest == (entries[-1].digest if entries else contract.chain.digest)
    return contract.session_epoch
