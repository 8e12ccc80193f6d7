"""Argon2id: whoever computes it, a hash is right for its own secret and for no other."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.exceptions import RuntimeError as SodiumError

from janetbank.argon2id import Argon2id, libsodium
from janetbank.policies.hashing import FAST_FOR_TESTS, OWASP_2024, Argon2Cost

TWO_PASSES = Argon2Cost(memory=64, passes=2, lanes=1)
TWO_LANES = Argon2Cost(memory=64, passes=2, lanes=2)
SECRET = "5e" * 32
OTHER = "5f" * 32


def library(cost: Argon2Cost) -> PasswordHasher:
    """What everybody else verifies with."""
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)


class Counting:
    """A core that says how often it was asked, and by how many at one time."""

    def __init__(self) -> None:
        self.used = self.at_work = self.most = 0
        self._lock = Lock()

    def __call__(self, secret: bytes, salt: bytes, memory: int, passes: int) -> bytes:
        """Compute it."""
        with self._lock:
            self.used += 1
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        tag = libsodium(secret, salt, memory, passes)
        with self._lock:
            self.at_work -= 1
        return tag


COSTS = [FAST_FOR_TESTS, TWO_PASSES, OWASP_2024, TWO_LANES]


@pytest.mark.parametrize("cost", COSTS)
def test_it_agrees_with_the_library(cost: Argon2Cost) -> None:
    """What either has hashed the other verifies, for its own secret and for no other, again and again."""
    ours, theirs = Argon2id(cost), library(cost)
    assert theirs.verify(ours.hash(SECRET), SECRET)
    for phc in (theirs.hash(SECRET), ours.hash(SECRET)):
        assert [ours.verify(phc, typed) for typed in (SECRET, OTHER, SECRET, OTHER)] == [True, False, True, False]


@given(st.text(max_size=80), st.sampled_from(COSTS[:2]))
@settings(max_examples=25)
def test_any_secret_is_verified(secret: str, cost: Argon2Cost) -> None:
    """Whatever it says and however long it is, it is right for its own hash, and not with one character more."""
    ours = Argon2id(FAST_FOR_TESTS)
    assert ours.verify(library(cost).hash(secret), secret)
    assert not ours.verify(library(cost).hash(secret), secret + "0")


@pytest.mark.parametrize(("hashed_at", "used"), [(FAST_FOR_TESTS, 1), (TWO_PASSES, 1), (TWO_LANES, 0)])
def test_the_library_verifies_what_has_several_lanes(hashed_at: Argon2Cost, used: int) -> None:
    """Hashes of one lane are libsodium's to compute, whatever they cost, and all others argon2-cffi's."""
    core = Counting()
    ours = Argon2id(FAST_FOR_TESTS, core=core)
    assert ours.verify(library(hashed_at).hash(SECRET), SECRET)
    assert core.used == used


@pytest.mark.parametrize("cost", [FAST_FOR_TESTS, TWO_LANES])
@pytest.mark.parametrize("spoilt", ["", "A", "!", "%", "xx", "m", "t", "nothing"])
def test_what_is_no_hash_is_said_so(spoilt: str, cost: Argon2Cost) -> None:
    """A spoilt hash is a ValueError, or matches nothing; it lets nobody in."""
    phc = library(cost).hash(SECRET)
    spoilt_phc = {
        "": phc[:-1],
        "A": phc + "A",
        "!": phc[:40] + "!" + phc[41:],
        "%": phc[:-5] + "%" + phc[-4:],
        "xx": phc.replace("argon2id", "argon2xx"),
        "m": phc.replace(f"m={cost.memory}", "m=0"),
        "t": phc.replace(f"t={cost.passes}", "t=0"),
        "nothing": "",
    }[spoilt]
    ours = Argon2id(cost, at_once=1)
    with suppress(ValueError):
        assert not ours.verify(spoilt_phc, SECRET)
    assert ours.verify(ours.hash(SECRET), SECRET)  # and its turn was given back


def test_a_failing_core_gives_its_turn_back() -> None:
    """Whoever waits is not waiting for one who failed."""

    def failing(secret: bytes, salt: bytes, memory: int, passes: int) -> bytes:
        if secret == SECRET.encode():
            msg = "no memory"
            raise SodiumError(msg)
        return libsodium(secret, salt, memory, passes)

    ours = Argon2id(FAST_FOR_TESTS, at_once=1, core=failing)
    phc = ours.hash(OTHER)
    for _ in range(3):
        with pytest.raises(MemoryError, match=r"^no memory$"):
            ours.verify(phc, SECRET)
    assert ours.verify(phc, OTHER)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_no_more_than_that_many_compute_at_once(at_once: int) -> None:
    """However many come, memory and cores are taken by no more than were said."""
    core = Counting()
    ours = Argon2id(TWO_PASSES, at_once=at_once, core=core)
    phc = ours.hash(SECRET)
    typed = [SECRET, OTHER] * 24
    with ThreadPoolExecutor(12) as crowd:
        told = list(crowd.map(partial(ours.verify, phc), typed))
    assert told == [one == SECRET for one in typed]
    assert 1 <= core.most <= at_once


def _ends_well(program: str) -> bool:
    """Whether *program*, in a process of its own, says so."""
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.run([sys.executable, "-c", program], env=environment, timeout=60, check=False).returncode == 0


FORKING = """
import os, threading, time
from janetbank.argon2id import Argon2id, libsodium
from tests.test_argon2id import FAST_FOR_TESTS, OTHER, SECRET

begun, forked = threading.Event(), threading.Event()

def slow(secret, salt, memory, passes):
    if secret == OTHER.encode():
        begun.set()
        forked.wait(30)
    return libsodium(secret, salt, memory, passes)

ours = Argon2id(FAST_FOR_TESTS, at_once=1, core=slow)
phc = ours.hash(SECRET)
other = threading.Thread(target=ours.verify, args=(phc, OTHER))
other.start()
begun.wait(30)  # now the only turn is taken
child = os.fork()
if child == 0:
    os._exit(not ours.verify(phc, SECRET))
gave_up = time.monotonic() + 10
while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < gave_up:
    time.sleep(0.01)
if ended[0] == 0:
    os.kill(child, 9)
forked.set()
other.join()
os._exit(ended[0] == 0 or ended[1] != 0 or not ours.verify(phc, SECRET))
"""


def test_a_fork_does_not_wait_for_its_parent_s_turn() -> None:
    """A process that was forked while another thread of its parent computed has turns of its own."""
    assert _ends_well(FORKING)


POOR = """
import resource, sys
from janetbank.policies.hashing import OWASP_2024, Argon2Cost
from janetbank.ports.failures import Unavailable
from janetbank.values.secret import Secret
from janetbank.vault import Vault
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.memory import MemoryKeys

entropy = SystemEntropy()
keys = MemoryKeys.fresh(entropy)
vault = Vault(keys=keys, entropy=entropy, cost=OWASP_2024)
stored = vault.hash(Secret("soil7+rain"))
# All that it has, and less than an Argon2id more.
pages = int(open("/proc/self/statm").read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (4 << 20), resource.RLIM_INFINITY))
refused = 0
for ask in (
    lambda: vault.check(Secret("soil7+rain"), stored),
    lambda: Vault(keys=keys, entropy=entropy, cost=Argon2Cost(memory=1 << 18, passes=1, lanes=1)),
):
    try:
        ask()
    except Unavailable:
        refused += 1
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
sys.exit(refused != 2 or not vault.check(Secret("soil7+rain"), stored).right)
"""


def test_without_memory_nobody_is_refused_or_let_in() -> None:
    """Where there is none for an Argon2id the vault is Unavailable, not Corrupt, and works again when there is."""
    assert _ends_well(POOR)
