"""The network is cut in a storm, and the old primary lives on beyond the cut: two servers are not two banks.

Needs the right to make network namespaces, which root has; without it these tests fail and say so.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from attrs import evolve, frozen

from janetbank import profiles
from janetbank.ports.failures import PortError
from janetbank.testing.bank import TestBank
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect, upgrade
from tests.storms.cut import Machine, Server, Two, enter, network, two_servers
from tests.storms.guessers import WRONG, Scene, evaluated, guess, kill, log_in_of
from tests.storms.test_failover import LONGEST, folder, the_rest_is_kept
from tests.storms.test_storms import RULE, contract_in

__all__ = ["folder"]  # the fixture

pytestmark = [pytest.mark.loopback, pytest.mark.search]

CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


THREADS, PAUSE = 2, 1.5
"""So few at a time, on each side, that the rule leaves some guesses for after the cut."""

NOTICED = 60.0
"""Seconds; by itself a system notices after two hours that nobody is there any more."""


def _persisting(scene: Scene, place: Path) -> None:
    """Guess without end from the machine at *place*, whatever the store says."""
    enter(place)
    door = log_in_of(scene)

    def without_end() -> None:
        while True:
            with suppress(PortError):
                guess(door, scene, WRONG)
            sleep(PAUSE)

    for _ in range(THREADS):
        Thread(target=without_end).start()


@frozen
class Sides:
    """Those who guess on the old primary's own machine, and those who guess on another and know both servers."""

    here: Scene
    there: Scene

    @property
    def evaluated(self) -> int:
        """On both sides."""
        return evaluated(self.here) + evaluated(self.there)

    @contextmanager
    def besieged(self, here: Machine, there: Machine) -> Generator[None]:
        """One guess at least was evaluated, somewhere."""
        spawn = get_context("spawn")
        crowd = [
            spawn.Process(target=_persisting, args=(scene, machine.place))
            for scene, machine in ((self.here, here), (self.there, there))
        ]
        for process in crowd:
            process.start()
        try:
            wait_for(lambda: self.evaluated >= 1)
            yield
        finally:
            for process in crowd:
                kill(process)


def sides_of(two: Two, tmp_path: Path) -> Sides:
    """One customer, at whom both sides guess."""
    upgrade(two.old.url)
    keys = FileKeys.create(tmp_path / "keys", SystemEntropy())
    with connect(two.old.url) as storage:
        customer = TestBank(profiles.JA, storage=storage, keys=keys).customer()
    a, b = two.old.machine.address, two.new.machine.address
    here = Scene(
        url=f"postgresql://postgres@{a}/postgres",
        keys=tmp_path / "keys",
        evaluated=tmp_path / "here",
        login_id=customer.login_id,
        password=customer.password.reveal(),
    )
    both = f"postgresql://postgres@/postgres?host={a},{b}&port=5432,5432&target_session_attrs=read-write"
    return Sides(here, evolve(here, url=both, evaluated=tmp_path / "there"))


def counted(server: Server, sides: Sides) -> int:
    """How many guesses *server* knows of."""
    return contract_in(evolve(sides.here, url=server.url)).password_tally.issued


def wait_for(done: Callable[[], bool]) -> None:
    """It comes to be, in the end."""
    until = monotonic() + LONGEST
    while not done():
        assert monotonic() < until
        sleep(0.005)


def waits(server: Server) -> bool:
    """Whether somebody waits for the standby of *server*."""
    return bool(server.ask("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))


def test_a_cut_network_gives_no_guess_and_loses_none(folder: Path, tmp_path: Path) -> None:
    """Over both sides of the cut no more is evaluated than the rule, and what was evaluated the promoted server counts.

    The old primary lives through it all, is guessed at all the time by those beside it, has its waits cancelled by an
    operator who means well, and comes back.
    """
    with network("a", "b", "c") as net, two_servers(net, folder) as two:
        sides = sides_of(two, tmp_path)
        with sides.besieged(net.machines["a"], net.machines["c"]):
            net.cut("a")
            wait_for(lambda: waits(two.old))
            two.promote()
            # Whatever was evaluated had been confirmed before the cut.
            before, known = sides.evaluated, counted(two.new, sides)
            assert 1 <= before <= known < RULE.trips_at

            cut = monotonic()
            wait_for(lambda: counted(two.new, sides) == RULE.trips_at)
            assert monotonic() - cut < NOTICED
            net.mend("a")
            alone = evaluated(sides.here)
            for _ in range(50):
                two.old.ask(CANCEL)
                sleep(0.1)
            assert two.old.ask("SELECT pg_is_in_recovery()") == [(False,)]  # it takes itself for the primary
            assert counted(two.old, sides) > known  # and kept what nobody had confirmed
            assert evaluated(sides.here) == alone
            assert sides.evaluated <= counted(two.new, sides) == RULE.trips_at
            two.old.stop()  # fenced at last

        the_rest_is_kept(evolve(sides.there, url=two.new.url))


def test_a_primary_that_is_told_to_go_on_alone_gives_guesses(folder: Path, tmp_path: Path) -> None:
    """The very same law fails where the old primary is told to need no standby any more: waiting is what keeps it."""
    with network("a", "b", "c") as net, two_servers(net, folder) as two:
        sides = sides_of(two, tmp_path)
        with sides.besieged(net.machines["a"], net.machines["c"]):
            net.cut("a")
            wait_for(lambda: waits(two.old))
            two.promote()
            two.old.ask("ALTER SYSTEM SET synchronous_standby_names = ''")
            two.old.ask("SELECT pg_reload_conf()")
            wait_for(lambda: sides.evaluated > counted(two.new, sides))
