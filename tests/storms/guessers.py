"""Guessers: processes full of threads that guess at one customer's password through one store.

Each process has a bank of its own over the shared store, as the processes of a real service have.  Every evaluated
guess is first written as a line to a file, so that what was evaluated is known whatever dies afterwards.
"""

import os
import signal
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from threading import Thread

from attrs import evolve, field, frozen

from janetbank import profiles
from janetbank.bank import NetBank
from janetbank.flows.log_in import LogIn, LogInOutcome
from janetbank.model.contract import Counter
from janetbank.policies.lockout import Lockout, Reserved, ReserveVerdict, Tally
from janetbank.profiles.profile import Profile
from janetbank.testing.bank import CAFE, INSTITUTION, START
from janetbank.values.secret import Secret
from janetbank.vault import Checked, Vault
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.telephony.memory import MemoryExchange

WRONG = "wr0ng-guess"


@frozen(kw_only=True)
class Unguarded(Lockout):
    """The mutant: it looks at what has failed, as everybody else does, and forgets what is in flight."""

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Check, and leave the counting to afterwards."""
        kept, verdict = super().reserve(evolve(tally, open=()), now)
        if not isinstance(verdict, Reserved):
            return kept, verdict
        return evolve(tally, issued=verdict.ticket.number, open=(*tally.open, verdict.ticket)), verdict


def unguarded(profile: Profile, counter: Counter = Counter.PASSWORD) -> Profile:
    """*profile* without the guard of *counter*."""
    rule = profile.lockout(counter)
    mutant = Unguarded(
        tolerance=rule.tolerance, rest=rule.rest, lockouts_to_block=rule.lockouts_to_block, patience=rule.patience
    )
    return evolve(profile, lockouts={**profile.lockouts, counter: mutant})


@frozen(kw_only=True)
class Scene:
    """Where the storm rages, as a process can be told it."""

    url: str
    keys: Path
    evaluated: Path
    login_id: str
    password: str = field(repr=False)
    guarded: bool = True
    """False: the mutant, without the guard."""

    @property
    def profile(self) -> Profile:
        """JA with real hashes."""
        return profiles.JA if self.guarded else unguarded(profiles.JA)


class CountingVault(Vault):
    """A vault that writes down each check before it is made."""

    evaluated: Path

    def check(self, secret: Secret, stored: str) -> Checked:
        """Note, then check."""
        line = os.open(self.evaluated, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(line, f"{os.getpid()}\n".encode())
        os.close(line)
        return super().check(secret, stored)


def log_in_of(scene: Scene) -> LogIn:
    """The door of a process of its own, with real hashes."""
    clock, entropy, keys = HandClock(START), SystemEntropy(), FileKeys(scene.keys)
    bank = NetBank(
        scene.profile,
        storage=connect(scene.url),
        core=MemoryCoreBanking(clock),
        directory=MemoryDirectory([INSTITUTION]),
        keys=keys,
        exchange=MemoryExchange(clock),
        clock=clock,
        entropy=entropy,
    )
    vault = CountingVault(keys=keys, entropy=entropy, cost=scene.profile.hashing)
    vault.evaluated = scene.evaluated
    return LogIn(evolve(bank.platform, vault=vault))


def evaluated(scene: Scene) -> int:
    """How many guesses were evaluated so far."""
    return len(scene.evaluated.read_text().splitlines()) if scene.evaluated.exists() else 0


def guess(door: LogIn, scene: Scene, password: str) -> LogInOutcome:
    """One guess, from nowhere known."""
    return door.with_login_id(INSTITUTION.id, scene.login_id, Secret(password), seen_from=CAFE)


def _storming(scene: Scene, threads: int, start: Barrier, late: Event | None, told: "Queue[str]") -> None:
    """A process of the storm; with *late*, the last of its threads holds the right password and waits for it."""
    door = log_in_of(scene)

    def wrong() -> None:
        start.wait()
        told.put(type(guess(door, scene, WRONG)).__name__)

    def right(gate: Event) -> None:
        start.wait()
        gate.wait()
        told.put("right: " + type(guess(door, scene, scene.password)).__name__)

    crowd = [Thread(target=wrong) for _ in range(threads - (late is not None))]
    if late is not None:
        crowd.append(Thread(target=right, args=(late,)))
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()


def storm(scene: Scene, *, processes: int = 4, threads: int = 16) -> list[str]:
    """What *processes* x *threads* guessers are told, all at once; one of them has the right password, and is late."""
    spawn = get_context("spawn")
    start, late, told = spawn.Barrier(processes * threads), spawn.Event(), spawn.Queue()
    crowd = [
        spawn.Process(target=_storming, args=(scene, threads, start, late if n == 0 else None, told))
        for n in range(processes)
    ]
    for process in crowd:
        process.start()
    heard = [told.get(timeout=120) for _ in range(processes * threads - 1)]
    late.set()
    heard.append(told.get(timeout=120))
    for process in crowd:
        process.join()
    return heard


def _besieging(scene: Scene, threads: int) -> None:
    door = log_in_of(scene)

    def without_end() -> None:
        while True:
            guess(door, scene, WRONG)

    for _ in range(threads):
        Thread(target=without_end).start()


def besiege(scene: Scene, *, processes: int, threads: int) -> list[SpawnProcess]:
    """Start *processes* that guess without end; whoever starts them kills them."""
    crowd = [get_context("spawn").Process(target=_besieging, args=(scene, threads)) for _ in range(processes)]
    for process in crowd:
        process.start()
    return crowd


def kill(process: SpawnProcess) -> None:
    """End a process with no chance to tidy up."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
