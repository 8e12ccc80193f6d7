"""The primary dies in a storm, and its synchronous standby is promoted: not a guess more, and none forgotten."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

from janetbank import profiles
from janetbank.flows.log_in import LoggedIn, QuestionAsked
from janetbank.ports.failures import PortError
from janetbank.testing.bank import HOME, INSTITUTION, TestBank
from janetbank.values.secret import Secret
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect, upgrade
from tests.storms.guessers import WRONG, Scene, evaluated, guess, kill, log_in_of
from tests.storms.pair import Pair, pair
from tests.storms.test_storms import RULE, contract_in

pytestmark = [pytest.mark.loopback, pytest.mark.search]

LONGEST = 90.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, into which PostgreSQL's own user can go."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def scene_at(two: Pair, tmp_path: Path) -> Scene:
    """A customer in a database that has a standby."""
    upgrade(two.url)
    keys = FileKeys.create(tmp_path / "keys", SystemEntropy())
    with connect(two.url) as storage:
        customer = TestBank(profiles.JA, storage=storage, keys=keys).customer()
    return Scene(
        url=two.url,
        keys=tmp_path / "keys",
        evaluated=tmp_path / "evaluated",
        login_id=customer.login_id,
        password=customer.password.reveal(),
    )


def _persisting(scene: Scene, threads: int) -> None:
    """Guess without end, whatever the store says, through whichever server there is."""
    door = log_in_of(scene)

    def without_end() -> None:
        while True:
            try:
                guess(door, scene, WRONG)
            except PortError:
                sleep(0.05)

    for _ in range(threads):
        Thread(target=without_end).start()


def besieged(scene: Scene, *, processes: int, threads: int) -> list[SpawnProcess]:
    """They have begun: one guess at least was evaluated."""
    spawn = get_context("spawn")
    crowd = [spawn.Process(target=_persisting, args=(scene, threads)) for _ in range(processes)]
    for process in crowd:
        process.start()
    until = monotonic() + LONGEST
    while evaluated(scene) < 1 and monotonic() < until:
        sleep(0.001)
    assert evaluated(scene) >= 1
    return crowd


@pytest.mark.parametrize("guessers", [1, 4])
def test_a_failover_gives_no_guess_and_loses_none(folder: Path, tmp_path: Path, guessers: int) -> None:
    """What was evaluated before and after is no more than the rule; every guess is counted on the promoted standby."""
    with pair(folder, synchronous=True) as two:
        scene = scene_at(two, tmp_path)
        crowd = besieged(scene, processes=2, threads=guessers)
        two.kill_primary()
        before = evaluated(scene)
        two.promote()
        assert before <= contract_in(scene).password_tally.issued <= RULE.trips_at

        until = monotonic() + LONGEST
        while contract_in(scene).password_tally.issued < RULE.trips_at and monotonic() < until:
            sleep(0.05)
        for process in crowd:
            kill(process)
        tally = contract_in(scene).password_tally
        assert before <= evaluated(scene) <= tally.issued == RULE.trips_at

        the_rest_is_kept(scene)


def the_rest_is_kept(scene: Scene) -> None:
    """Once no guess is under way any more the right password is locked out, and after the rest it lets in."""
    with connect(scene.url) as storage:
        bank = TestBank(profiles.JA, storage=storage, keys=FileKeys(scene.keys))
        bank.clock.advance(RULE.patience + timedelta(microseconds=1))
        assert type(bank.guess(scene.login_id, scene.password)).__name__ == "LockedOut"
        assert RULE.rest is not None
        bank.clock.advance(RULE.rest)
        right = Secret(scene.password)
        told = bank.net.log_in.with_login_id(INSTITUTION.id, scene.login_id, right, seen_from=HOME)
        assert isinstance(told, LoggedIn | QuestionAsked)


def test_a_standby_that_is_not_synchronous_forgets(folder: Path, tmp_path: Path) -> None:
    """The very same law fails where the standby was behind: the synchronous one is what keeps it."""
    with pair(folder, synchronous=False) as two:
        scene = scene_at(two, tmp_path)
        two.hold_the_standby_back()
        crowd = besieged(scene, processes=1, threads=2)
        two.kill_primary()
        for process in crowd:
            kill(process)
        two.promote_as_it_was_held_back()
        assert contract_in(scene).password_tally.issued < evaluated(scene)
