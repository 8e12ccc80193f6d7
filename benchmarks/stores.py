"""Stores: the same bank over each storage adapter, and the least that its raw driver can do."""

import sqlite3
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from argon2 import PasswordHasher
from attrs import frozen
from psycopg import sql

from janetbank import profiles
from janetbank.argon2id import Argon2id
from janetbank.ports.storage import Storage
from janetbank.testing.bank import TestBank
from janetbank.testing.postgres import postgres_url
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.storage.sql.migrations import upgrade
from tests.storms.pair import pair

SECRET = "a" * 64
"""As long as what the vault hands to Argon2."""
FAR_AWAY = "2ms"
"""How much later a standby elsewhere says that it has something: there and back within a town."""


@frozen(kw_only=True)
class Store:
    """A storage adapter with a bank over it.

    *commit* is one single-row durable commit of its raw driver, *read* one SELECT by primary key.
    """

    name: str
    url: str
    storage: Storage
    bank: TestBank
    commit: Callable[[], object]
    read: Callable[[], object]


def bare_verify() -> Callable[[], object]:
    """One Argon2id verification with the profile's cost by argon2-cffi, and nothing else."""
    cost = profiles.JA.hashing
    hasher = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)
    stored = hasher.hash(SECRET)
    return lambda: hasher.verify(stored, SECRET)


def own_verify() -> Callable[[], object]:
    """The same, as the vault does it."""
    ours = Argon2id(profiles.JA.hashing)
    stored = ours.hash(SECRET)
    return lambda: ours.verify(stored, SECRET)


@contextmanager
def memory() -> Generator[Store]:
    """In memory, where nothing is durable and the floor has no commit."""
    storage = MemoryStorage()
    bank = TestBank(profiles.JA, storage=storage)
    yield Store(name="memory", url="memory:", storage=storage, bank=bank, commit=lambda: None, read=lambda: None)


@contextmanager
def sqlite() -> Generator[Store]:
    """A file in WAL mode, synchronous=FULL, and beside it another one for the raw driver."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bank.db"
        upgrade(url)
        raw = sqlite3.connect(f"{folder}/raw.db", isolation_level=None)
        raw.execute("pragma journal_mode=wal")
        raw.execute("pragma synchronous=full")
        raw.execute("create table one (id integer primary key, n integer)")
        raw.execute("insert into one values (1, 0)")
        with connect(url) as storage:
            bank = TestBank(profiles.JA, storage=storage)
            yield Store(
                name="SQLite",
                url=url,
                storage=storage,
                bank=bank,
                commit=lambda: raw.execute("update one set n = n + 1 where id = 1"),
                read=lambda: raw.execute("select n from one where id = 1").fetchone(),
            )
        raw.close()


@contextmanager
def postgres() -> Generator[Store]:
    """A server of our own, fsync on, and on it a table for the raw driver."""
    with tempfile.TemporaryDirectory() as folder, postgres_url(Path(folder)) as url, _on("PostgreSQL", url) as store:
        yield store


@contextmanager
def postgres_and_standby() -> Generator[Store]:
    """The same with a synchronous standby, which every durable commit waits for, as if it stood in another building."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # two servers share it
        with pair(Path(folder), synchronous=True) as two:
            _set(two.standby, "recovery_min_apply_delay", FAR_AWAY)
            # Its log would be there at once, on this machine; what is delayed is the answer that it is applied.
            _set(two.primary, "synchronous_commit", "remote_apply")
            with _on("PostgreSQL and standby", two.url) as store:
                yield store


def _set(server: Path, name: str, value: str) -> None:
    with psycopg.connect(f"host={server} user=postgres dbname=postgres", autocommit=True) as operator:
        operator.execute(sql.SQL("alter system set {} = {}").format(sql.Identifier(name), value))
        operator.execute("select pg_reload_conf()")


@contextmanager
def _on(name: str, url: str) -> Generator[Store]:
    upgrade(url)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as raw, connect(url) as storage:
        raw.execute("create table one (id integer primary key, n integer)")
        raw.execute("insert into one values (1, 0)")
        yield Store(
            name=name,
            url=url,
            storage=storage,
            bank=TestBank(profiles.JA, storage=storage),
            commit=lambda: raw.execute("update one set n = n + 1 where id = 1"),
            read=lambda: raw.execute("select n from one where id = 1").fetchone(),
        )


ALL = (memory, sqlite, postgres)
ON_DISK = (sqlite, postgres)
