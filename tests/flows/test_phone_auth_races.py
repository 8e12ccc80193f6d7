"""Phone authentication where many come at once: the store decides, and each is told what he is.

Threads over each of the stores; a store without the version check must fail these (`tests/faults/phone_auth.toml`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Barrier, local

import pytest
from attrs import evolve

from janetbank.flows.phone_auth import AnotherWaits, LinesTaken, NoSuchAttempt, PhoneAborted, Recognised, Started
from janetbank.model.contract import Contract
from janetbank.policies.phone_auth import Verdict
from janetbank.ports.clock import Clock
from janetbank.ports.storage import Storage
from janetbank.testing.bank import Person, bank
from janetbank.values.account import Account
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.telephony.memory import repeat
from tests.flows.phone_scene import SILENT, VOICE, PhoneScene, phone_scene

CROWD = 64
PATIENCE = 60.0
"""Seconds: what is looked at is who wins, not how long a crowd waits on a slow machine."""


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.loopback)])
def storage(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """Each of the three stores, empty."""
    if request.param == "memory":
        yield MemoryStorage(patience=PATIENCE)
    else:
        with connect(request.getfixturevalue(f"{request.param}_store"), patience=PATIENCE) as opened:
            yield opened


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """What each of *acts*, all started together, tells."""
    start = Barrier(len(acts))

    def act(one: Callable[[], object]) -> object:
        start.wait()
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def scene_over(storage: Storage) -> PhoneScene:
    """A bank over *storage*."""
    return phone_scene(bank(storage=storage))


def test_of_sixty_four_calls_one_verifies(storage: Storage) -> None:
    """One verification, sixty-three duplicates, and each of them is noted in a chain that is whole."""
    scene = scene_over(storage)
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=SILENT)
    at_once([partial(scene.phone(taro).dial, started.destination)] * CROWD)
    told = Counter(heard.why for _, heard in scene.exchange.calls)
    assert told == {Verdict.VERIFIED: 1, Verdict.DUPLICATE: CROWD - 1}
    assert Counter(scene.noted(taro)) == {"verified": 1, "duplicate": CROWD - 1}
    assert isinstance(scene.auth.poll(token, started.attempt), Recognised)


class MeetingClock:
    """A clock that tells nobody the time until so many have asked: all have read then, and nobody has written."""

    def __init__(self, clock: Clock, together: int) -> None:
        """Tell the time of *clock*."""
        self._clock = clock
        self._meeting = Barrier(together)
        self._met = local()

    def now(self) -> datetime:
        """The time; each thread waits for the others once."""
        if not getattr(self._met, "there", False):
            self._met.there = True
            self._meeting.wait(PATIENCE)
        return self._clock.now()


def test_calls_that_all_saw_it_waiting(storage: Storage) -> None:
    """Of calls that have all read the attempt before one of them writes, one verifies, and the others look again."""
    scene, together = scene_over(storage), 8
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=SILENT)
    platform = evolve(scene.there.net.platform, clock=MeetingClock(scene.there.clock, together))
    scene.exchange.connect(evolve(scene.desk, platform=platform))
    at_once([partial(scene.phone(taro).dial, started.destination)] * together)
    told = Counter(heard.why for _, heard in scene.exchange.calls)
    assert told == {Verdict.VERIFIED: 1, Verdict.DUPLICATE: together - 1}
    assert Counter(scene.noted(taro)) == {"verified": 1, "duplicate": together - 1}


def test_of_many_who_go_on_one_does(storage: Storage) -> None:
    """A recognised attempt serves one of those who press the button at once."""
    scene = scene_over(storage)
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=SILENT)
    scene.phone(taro).dial(started.destination)
    told = at_once([partial(scene.go_on, taro, token, started.attempt, SILENT)] * 16)
    assert Counter(type(one) for one in told) == {Contract: 1, NoSuchAttempt: 15}


def test_calls_and_going_back_at_once(storage: Storage) -> None:
    """Whichever comes first: in the end it is aborted, and nothing can be done by it."""
    scene = scene_over(storage)
    taro, token = scene.there.customer(), scene.token()
    for _ in range(4):
        started = scene.start(taro, token, purpose=SILENT)
        call = partial(scene.phone(taro).dial, started.destination)
        at_once([call, call, partial(scene.auth.abort, token, started.attempt), call])
        assert scene.auth.poll(token, started.attempt) == PhoneAborted()
        assert scene.go_on(taro, token, started.attempt, SILENT) == PhoneAborted()


def test_of_many_voice_calls_at_once_the_newest_counts(storage: Storage) -> None:
    """Each is answered; of those who key their digits at most one is the newest, and nobody is verified twice."""
    scene = scene_over(storage)
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=VOICE)
    at_once([partial(scene.phone(taro).dial, started.destination, repeat)] * 16)
    told = Counter(heard.why for _, heard in scene.exchange.calls)
    assert told[Verdict.VERIFIED] == 1
    assert set(told) <= {Verdict.VERIFIED, Verdict.HUNG_UP, Verdict.DUPLICATE}


def test_one_live_attempt_per_contract(storage: Storage) -> None:
    """Of many screens that start at once one gets a number to call, and the others are told that somebody waits."""
    scene = scene_over(storage)
    taro = scene.there.customer()
    screens = [scene.session(taro) for _ in range(16)]
    told = at_once([partial(scene.try_start, taro, screen, 0, SILENT) for screen in screens])
    assert Counter(type(one) for one in told) == {Started: 1, AnotherWaits: 15}


def test_no_two_share_a_route(storage: Storage) -> None:
    """Many contracts with one telephone: as many as there are numbers start, each with its own; the others wait."""
    scene = scene_over(storage)
    lines = len(scene.exchange.pool.numbers)
    family = [
        scene.there.customer(f"kaze{number:02}nd", person=evolve(Person(), account=_account(number)))
        for number in range(lines + 4)
    ]
    told = at_once([partial(scene.try_start, who, scene.token(), 0, SILENT) for who in family])
    assert Counter(type(one) for one in told) == {Started: lines, LinesTaken: 4}
    assert len({one.destination for one in told if isinstance(one, Started)}) == lines


def _account(number: int) -> Account:
    return Account.parse("001", "ordinary", f"2000{number:02}")
