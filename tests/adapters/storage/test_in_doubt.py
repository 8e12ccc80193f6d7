"""What a PostgreSQL tells us that was kept, and that no standby has: it was not kept.

The servers here wait for a standby that never comes.  Whoever cancels such a wait, an operator or a client who is
interrupted, makes PostgreSQL answer "done", with a warning beside it.
"""

import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from attrs import frozen

from janetbank import profiles
from janetbank.ports.failures import Unavailable
from janetbank.ports.storage import Transaction
from janetbank.testing import postgres
from janetbank.testing.bank import TestBank
from janetbank.testing.storage_conformance import a_contract, add, once
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import SqlStorage, connect, upgrade
from tests.adapters.storage.test_sql import count_up, epoch
from tests.storms.guessers import WRONG, Scene, evaluated, guess, log_in_of
from tests.storms.test_storms import contract_in

pytestmark = pytest.mark.loopback

LONGEST = 20.0
HOW: Mapping[str, LiteralString] = {
    "cancelled": "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
    "terminated": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
}
"""To end the wait of all who wait for a standby; no rows while nobody does."""


@frozen
class Primary:
    """A server of which we are the operator."""

    url: str
    operator: psycopg.Connection[tuple[object, ...]]

    def set(self, assignment: str) -> None:
        """Change a setting, for those who connect from now on."""
        self.operator.execute(f"ALTER SYSTEM {assignment}".encode())
        self.operator.execute("SELECT pg_reload_conf()")

    @contextmanager
    def alone(self) -> Generator[None]:
        """A standby has to confirm, and there is none."""
        self.set("SET synchronous_standby_names = 'far_away'")
        try:
            self._wait_until("SELECT 1 WHERE current_setting('synchronous_standby_names') <> ''")
            time.sleep(0.1)  # the process that tells the others looks after its signals when it wakes
            yield
        finally:
            self.set("RESET synchronous_standby_names")
            self._wait_until("SELECT 1 WHERE current_setting('synchronous_standby_names') = ''")
            self.operator.execute(HOW["cancelled"])

    def end_the_wait(self, how: str) -> None:
        """Whoever waits for the standby is told to stop that."""
        self._wait_until(HOW[how])

    def _wait_until(self, asked: LiteralString) -> None:
        until = time.monotonic() + LONGEST
        while not self.operator.execute(asked).fetchall():
            assert time.monotonic() < until
            time.sleep(0.01)


@pytest.fixture(scope="module")
def primary() -> Iterator[Primary]:
    """A server of our own: its settings are not everybody's."""
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.server(Path(folder)) as url,
        psycopg.connect(url, autocommit=True) as operator,
    ):
        operator.execute("SET synchronous_commit = local")
        upgrade(url)
        yield Primary(url, operator)


@pytest.fixture(scope="module")
def storage(primary: Primary) -> Iterator[SqlStorage]:
    """A store on it, with one contract."""
    with connect(primary.url) as storage:
        add(storage, a_contract("c", login_id="taro0001", account="1"))
        yield storage


def counting(storage: SqlStorage, *, contended: bool) -> None:
    """One durable step."""
    with storage.transaction(contended=contended) as tx:
        count_up(tx)


@pytest.mark.parametrize("contended", [False, True])
@pytest.mark.parametrize("how", [*HOW])
def test_what_no_standby_has_confirmed_was_not_kept(
    primary: Primary, storage: SqlStorage, how: str, *, contended: bool
) -> None:
    """A step whose wait for the standby is cut short is Unavailable, though it is called done; the next is not."""
    with primary.alone(), ThreadPoolExecutor(1) as somebody:
        told = somebody.submit(counting, storage, contended=contended)
        primary.end_the_wait(how)
        assert isinstance(told.exception(LONGEST), Unavailable)
    before = once(storage, epoch)
    counting(storage, contended=contended)
    assert once(storage, epoch) == before + 1


def test_what_is_not_meant_to_be_durable_waits_for_nobody(primary: Primary, storage: SqlStorage) -> None:
    """Where losing it changes nothing, no standby is asked, and it is kept."""
    before = once(storage, epoch)
    with primary.alone(), storage.transaction(durable=False) as tx:
        count_up(tx)
    assert once(storage, epoch) == before + 1


@pytest.mark.requirement("LCK-16")
def test_a_guess_that_no_standby_has_counted_is_not_evaluated(primary: Primary, tmp_path: Path) -> None:
    """Its reservation stands on a server that may be gone tomorrow: no secret is looked at."""
    keys = FileKeys.create(tmp_path / "keys", SystemEntropy())
    with connect(primary.url) as storage:
        customer = TestBank(profiles.fast_for_tests(profiles.JA), storage=storage, keys=keys).customer()
    scene = Scene(
        url=primary.url,
        keys=tmp_path / "keys",
        evaluated=tmp_path / "evaluated",
        login_id=customer.login_id,
        password=customer.password.reveal(),
    )
    door = log_in_of(scene)
    with primary.alone(), ThreadPoolExecutor(1) as somebody:
        for password in (WRONG, scene.password):
            told = somebody.submit(guess, door, scene, password)
            primary.end_the_wait("cancelled")
            assert isinstance(told.exception(LONGEST), Unavailable)
    assert evaluated(scene) == 0
    assert contract_in(scene).password_tally.issued == 2


@pytest.mark.parametrize("names", ["*", "ANY 1 (*)", 'FIRST 1 ("*", b)'])
def test_a_server_that_takes_anybodys_word_is_refused(primary: Primary, names: str) -> None:
    """Whoever confirms must be one who can be promoted: by name."""
    primary.set(f"SET synchronous_standby_names = '{names}'")
    try:
        asked: Callable[[Transaction], object] = lambda tx: list(tx.audit.heads())  # noqa: E731 -- typed so
        primary._wait_until("SELECT 1 WHERE current_setting('synchronous_standby_names') <> ''")
        with connect(primary.url) as storage, pytest.raises(Unavailable, match="synchronous_standby_names is"):
            once(storage, asked)
    finally:
        primary.set("RESET synchronous_standby_names")
