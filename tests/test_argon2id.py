"""Argon2id: whatever memory it is computed in, a hash is right for its own secret and for no other."""

import os
import subprocess
import sys
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import Type, hash_secret_raw
from hypothesis import given, settings
from hypothesis import strategies as st

from janetbank.argon2id import Argon2id, HugePages
from janetbank.policies.hashing import FAST_FOR_TESTS, OWASP_2024, Argon2Cost

TWO_MIB = Argon2Cost(memory=2048, passes=1, lanes=1)
"""The least that is worth a huge page."""
SECRET = "5e" * 32
OTHER = "5f" * 32


def library(cost: Argon2Cost) -> PasswordHasher:
    """What everybody else verifies with."""
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)


class Counting:
    """Memory that is the library's, and says who used it, and how many at one time."""

    def __init__(self, *, refuses_after: int | None = None, lies: bool = False) -> None:
        self.made = self.used = self.at_work = self.most = 0
        self._refuses_after = refuses_after
        self._lies = lies
        self._lock = Lock()

    def __call__(self, cost: Argon2Cost) -> HugePages:
        """Make one."""
        if self._refuses_after is not None and self.made >= self._refuses_after:
            raise OSError
        self.made += 1
        return _Counted(self, cost)

    def tag(self, cost: Argon2Cost, secret: bytes, salt: bytes) -> bytes:
        """Compute it as the library does."""
        with self._lock:
            self.used += 1
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        tag = hash_secret_raw(secret, salt, cost.passes, cost.memory, cost.lanes, 32, Type.ID)
        with self._lock:
            self.at_work -= 1
        return tag[::-1] if self._lies else tag


class _Counted(HugePages):
    def __init__(self, counting: Counting, cost: Argon2Cost) -> None:
        self._counting, self._cost = counting, cost
        self._alone = Lock()

    def tag(self, secret: bytes, salt: bytes) -> bytes:
        assert self._alone.acquire(blocking=False), "two compute in one memory"
        try:
            return self._counting.tag(self._cost, secret, salt)
        finally:
            self._alone.release()


@pytest.mark.parametrize("cost", [FAST_FOR_TESTS, TWO_MIB, OWASP_2024, Argon2Cost(memory=4096, passes=1, lanes=2)])
def test_it_agrees_with_the_library(cost: Argon2Cost) -> None:
    """What either has hashed the other verifies, for its own secret and for no other, again and again."""
    ours, theirs = Argon2id(cost), library(cost)
    assert theirs.verify(ours.hash(SECRET), SECRET)
    for phc in (theirs.hash(SECRET), ours.hash(SECRET)):
        assert [ours.verify(phc, typed) for typed in (SECRET, OTHER, SECRET, OTHER)] == [True, False, True, False]


@given(st.text("0123456789abcdef", min_size=60, max_size=68))
@settings(max_examples=25)
def test_any_length_of_secret_is_verified(secret: str) -> None:
    """The memory is made for secrets of 64 characters; the others are verified all the same."""
    ours = Argon2id(TWO_MIB)
    assert ours.verify(library(TWO_MIB).hash(secret), secret)
    assert not ours.verify(library(TWO_MIB).hash(secret), secret + "0")


def test_nothing_of_a_secret_stays_behind() -> None:
    """What was computed in and on is wiped before anybody else may have it."""
    try:
        memory = HugePages(TWO_MIB)
    except OSError:  # a system without huge pages: there it is the library alone that computes
        assert Argon2id(TWO_MIB).verify(library(TWO_MIB).hash(SECRET), SECRET)
        return
    salt = b64decode("c2l4dGVlbiBieXRlcyE=")[:16].ljust(16, b"!")
    assert memory.tag(SECRET.encode(), salt) == hash_secret_raw(SECRET.encode(), salt, 1, 2048, 1, 32, Type.ID)
    assert not any(memory._map[:])
    assert not any(memory._secret)


@pytest.mark.parametrize(
    ("cost", "hashed_at", "used"),
    [
        (TWO_MIB, TWO_MIB, 1),
        (TWO_MIB, OWASP_2024, 0),  # a hash that was made at another cost
        (TWO_MIB, FAST_FOR_TESTS, 0),
        (FAST_FOR_TESTS, FAST_FOR_TESTS, 0),  # what fits into less than a huge page
    ],
)
def test_its_memory_is_for_its_own_cost(cost: Argon2Cost, hashed_at: Argon2Cost, used: int) -> None:
    """Hashes of another cost are verified by the library, as are those that are too small for huge pages."""
    counting = Counting()
    ours = Argon2id(cost, memory=counting)
    before = counting.used
    assert ours.verify(library(hashed_at).hash(SECRET), SECRET)
    assert counting.used - before == used


def test_memory_is_made_once() -> None:
    """One after the other they use the same, beside what the first look at it took."""
    counting = Counting()
    ours = Argon2id(TWO_MIB, memory=counting)
    phc = ours.hash(SECRET)
    for _ in range(5):
        assert ours.verify(phc, SECRET)
    assert (counting.made, counting.used) == (2, 6)


@pytest.mark.parametrize("counting", [Counting(refuses_after=0), Counting(refuses_after=1), Counting(lies=True)])
def test_without_such_memory_the_library_verifies(counting: Counting) -> None:
    """No huge pages from the start, none later on, or a core that is another one than it was: nobody is kept out."""
    ours = Argon2id(TWO_MIB, memory=counting)
    phc = ours.hash(SECRET)
    assert [ours.verify(phc, SECRET), ours.verify(phc, OTHER)] == [True, False]
    assert counting.used <= 1


@pytest.mark.parametrize("spoilt", ["", "A", "!", "%", "xx", "nothing"])
def test_what_is_no_hash_is_said_so(spoilt: str) -> None:
    """A spoilt hash is a ValueError, or matches nothing; it lets nobody in."""
    phc = library(TWO_MIB).hash(SECRET)
    spoilt_phc = {
        "": phc[:-1],
        "A": phc + "A",
        "!": phc[:40] + "!" + phc[41:],
        "%": phc[:-5] + "%" + phc[-4:],
        "xx": phc.replace("argon2id", "argon2xx"),
        "nothing": "",
    }[spoilt]
    ours = Argon2id(TWO_MIB)
    with suppress(ValueError):
        assert not ours.verify(spoilt_phc, SECRET)
    assert ours.verify(ours.hash(SECRET), SECRET)  # and its turn was given back


def test_a_failing_core_gives_its_turn_back() -> None:
    """Whoever waits is not waiting for one who failed."""

    class Failing(_Counted):
        def tag(self, secret: bytes, salt: bytes) -> bytes:
            if secret == SECRET.encode():
                raise VerificationError
            return super().tag(secret, salt)

    counting = Counting()
    ours = Argon2id(TWO_MIB, at_once=1, memory=lambda cost: Failing(counting, cost))
    phc = ours.hash(OTHER)
    for _ in range(3):
        with pytest.raises(ValueError, match=r"^$"):
            ours.verify(phc, SECRET)
    assert ours.verify(phc, OTHER)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_no_more_than_that_many_compute_at_once(at_once: int) -> None:
    """However many come, memory and cores are taken by no more than were said."""
    counting = Counting()
    ours = Argon2id(TWO_MIB, at_once=at_once, memory=counting)
    phc = ours.hash(SECRET)
    typed = [SECRET, OTHER] * 24
    with ThreadPoolExecutor(12) as crowd:
        told = list(crowd.map(partial(ours.verify, phc), typed))
    assert told == [one == SECRET for one in typed]
    assert 1 <= counting.most <= at_once
    assert counting.made <= at_once + 1


FORKING = """
import os, threading, time
from janetbank.argon2id import Argon2id
from tests.test_argon2id import OTHER, SECRET, TWO_MIB, Counting

class Slow(Counting):
    begun, forked = threading.Event(), threading.Event()
    def tag(self, cost, secret, salt):
        if secret == OTHER.encode():
            self.begun.set()
            self.forked.wait(30)
        return super().tag(cost, secret, salt)

slow = Slow()
ours = Argon2id(TWO_MIB, at_once=1, memory=slow)
phc = ours.hash(SECRET)
other = threading.Thread(target=ours.verify, args=(phc, OTHER))
other.start()
slow.begun.wait(30)  # now the only turn is taken
child = os.fork()
if child == 0:
    os._exit(not ours.verify(phc, SECRET))
gave_up = time.monotonic() + 10
while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < gave_up:
    time.sleep(0.01)
if ended[0] == 0:
    os.kill(child, 9)
slow.forked.set()
other.join()
os._exit(ended[0] == 0 or ended[1] != 0 or not ours.verify(phc, SECRET))
"""


def test_a_fork_does_not_wait_for_its_parent_s_turn() -> None:
    """A process that was forked while another thread of its parent computed has turns of its own."""
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", FORKING], env={**os.environ, "PYTHONPATH": paths}, timeout=60, check=False
    )
    assert done.returncode == 0
