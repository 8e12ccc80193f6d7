"""Two processes that let people in on PostgreSQL, beside two processes that do nothing but Argon2id.

Beside both: two processes that do the Argon2id of a login and its two commits, a bare row each, and nothing else.

Each process has two people at its door at once, so that one is checked while the other's commit waits for the disk, as
in any server; the bare verifications run by one and by two threads a process, and the faster of the two counts.
"""

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Semaphore
from time import perf_counter

import psycopg

from benchmarks.figures import Figure
from benchmarks.login import enter
from benchmarks.stores import Store, bare_verify, postgres
from janetbank import profiles
from janetbank.testing.bank import Enrollee, Person, TestBank
from janetbank.values.account import Account
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect

PROCESSES = 2
DOORS = 2
"""People at once in each process."""
_CORES_EACH = max(1, (os.cpu_count() or 1) // PROCESSES)
FREE = 2
"""The first row of the raw driver's table that is nobody's."""
ROUNDS = 8
SECONDS = 2.0


def measure() -> Iterator[Figure]:
    """The rate of logins ÷ the rate of bare verifications, the two taking turns."""
    with postgres() as store, tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        FileKeys.create(keys, SystemEntropy())
        pipes = [start(store, keys, number) for number in range(PROCESSES)]
        for pipe in pipes:
            pipe.recv()
        done = dict.fromkeys(("login", "bare", "verify", "verify side by side"), 0.0)
        for _ in range(ROUNDS):
            for what in done:
                done[what] += rate(pipes, what)
        logins, bare = done.pop("login"), done.pop("bare")
        verifications = max(done.values())
        for pipe in pipes:
            pipe.send("end")
        yield Figure(
            name=f"{PROCESSES} processes: logins ÷ bare verifications, PostgreSQL",
            ratio=logins / verifications,
            bound=0.93,
            at_least=True,
            details={"logins_per_s": logins / ROUNDS, "verifications_per_s": verifications / ROUNDS},
        )
        yield Figure(
            name=f"{PROCESSES} processes: (a verification + two commits) ÷ bare verifications, PostgreSQL",
            ratio=bare / verifications,
        )


def rate(pipes: list[Connection], what: str) -> float:
    """How often a second *what* is done by all processes together."""
    for pipe in pipes:
        pipe.send(what)
    return sum(float(pipe.recv()) for pipe in pipes)


def start(store: Store, keys: Path, number: int) -> Connection:
    """A process that works when it is told to, and says how fast it was."""
    spawn = get_context("spawn")
    here, there = spawn.Pipe()
    spawn.Process(target=work, args=(there, store.url, keys, number), daemon=True).start()
    return here


def work(pipe: Connection, url: str, keys: Path, number: int) -> None:
    """The process."""
    with connect(url) as storage, ThreadPoolExecutor(DOORS) as doors, ExitStack() as raw:
        bank = TestBank(profiles.JA, storage=storage, keys=FileKeys(keys), seed=number + 1, hashes_at_once=_CORES_EACH)
        store = Store(name="PostgreSQL", url=url, storage=storage, bank=bank, commit=lambda: None, read=lambda: None)
        logins: list[Callable[[], object]] = [
            partial(enter, store, someone(bank, DOORS * number + door)) for door in range(DOORS)
        ]
        verify = bare_verify()
        turn = Semaphore(_CORES_EACH)
        works: dict[str, list[Callable[[], object]]] = {
            "login": logins,
            "bare": [raw.enter_context(bare_login(url, DOORS * number + door, verify, turn)) for door in range(DOORS)],
            "verify": [verify],
            "verify side by side": [verify] * DOORS,
        }
        pipe.send("ready")
        while (what := pipe.recv()) != "end":
            pipe.send(sum(doors.map(busy, works[what])))


@contextmanager
def bare_login(url: str, row: int, verify: Callable[[], object], turn: Semaphore) -> Generator[Callable[[], object]]:
    """A commit of a bare row of its own, a verification when it is its *turn*, and another commit."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as driver:
        driver.execute("insert into one values (%s, 0)", (FREE + row,))

        def commit() -> None:
            driver.execute("update one set n = n + 1 where id = %s", (FREE + row,))

        def enter() -> None:
            commit()
            with turn:
                verify()
            commit()

        yield enter


def someone(bank: TestBank, number: int) -> Enrollee:
    """The *number*-th customer."""
    person = Person(account=Account.parse("327", "ordinary", str(5_000_000 + number)))
    return bank.customer(f"qzk48{number}nd", person=person)


def busy(work: Callable[[], object]) -> float:
    """Do it for a while: how often a second."""
    done, begun = 0, perf_counter()
    while (spent := perf_counter() - begun) < SECONDS:
        work()
        done += 1
    return done / spent
