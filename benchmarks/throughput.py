"""Two processes logging in at once on PostgreSQL, beside two processes that do nothing but Argon2id."""

import tempfile
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

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
        logins = verifications = 0.0
        for _ in range(ROUNDS):
            logins += rate(pipes, "login")
            verifications += rate(pipes, "verify")
        for pipe in pipes:
            pipe.send("end")
        yield Figure(
            name=f"{PROCESSES} processes: logins ÷ bare verifications, PostgreSQL",
            ratio=logins / verifications,
            bound=0.93,
            at_least=True,
            details={"logins_per_s": logins / ROUNDS, "verifications_per_s": verifications / ROUNDS},
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
    with connect(url) as storage:
        bank = TestBank(profiles.JA, storage=storage, keys=FileKeys(keys), seed=number + 1)
        person = Person(account=Account.parse("327", "ordinary", str(5_000_000 + number)))
        customer = bank.customer(f"qzk48{number}nd", person=person)
        store = Store(name="PostgreSQL", url=url, storage=storage, bank=bank, commit=lambda: None)
        verify = bare_verify()
        pipe.send("ready")
        while (what := pipe.recv()) != "end":
            pipe.send(busy(store, customer, None if what == "login" else verify))


def busy(store: Store, customer: Enrollee, verify: object) -> float:
    """Do it for a while: how often a second."""
    done, begun = 0, perf_counter()
    while (spent := perf_counter() - begun) < SECONDS:
        if callable(verify):
            verify()
        else:
            enter(store, customer)
        done += 1
    return done / spent
