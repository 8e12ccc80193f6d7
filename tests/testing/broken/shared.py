"""Stores that several processes can open, with one fault each, and the laws among processes that find it.

Shape:  `BROKEN`: what is wrong, how to open such a store at its place, and the laws that must fail.  A place is the URL
        of an SQLite file, and the process that was there first.
Source: issue 7, part 3.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

from attrs import frozen

from janetbank.ports.storage import Storage, Transaction
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from tests.testing.broken.stores import over_anything
from tests.testing.broken.twisted import Eager, TwistedStorage, nothing

Place = tuple[str, int]


@frozen
class Broken:
    """A store with a fault: *what* is wrong, how to *open* it, and the *laws* that find it."""

    what: str
    open: Callable[[Place], Any]
    laws: tuple[str, ...]


@contextmanager
def own(place: Place) -> Generator[Storage]:
    """Each process has a store of its own."""
    del place
    yield MemoryStorage()


@contextmanager
def careless(place: Place) -> Generator[Storage]:
    """The last to write wins, and nobody notes what he wrote."""
    with connect(place[0]) as sound:
        yield TwistedStorage({"contracts.put": over_anything, "audit.append": nothing}, sound)


@contextmanager
def eager(place: Place) -> Generator[Storage]:
    """Every call is committed by itself."""
    with connect(place[0]) as sound:
        yield Eager(sound)


@contextmanager
def forgetful(place: Place) -> Generator[Storage]:
    """What anybody but the first process commits is acknowledged, and not kept."""
    url, first = place
    with connect(url) as sound:
        yield sound if os.getpid() == first else _Forgetful(sound)


class _NeverError(Exception):
    """What a store tells nobody."""


class _Forgetful:
    def __init__(self, sound: Storage) -> None:
        self._sound = sound

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        with suppress(_NeverError), self._sound.transaction(durable=durable, contended=contended) as tx:
            yield tx
            raise _NeverError


BROKEN = (
    Broken("each process has its own", own, ("a_login_id_is_registered_once_among_processes",)),
    Broken("the last to write wins", careless, ("every_count_is_counted_among_processes",)),
    Broken(
        "every call is committed by itself",
        eager,
        ("who_is_killed_before_his_commit_leaves_nothing_and_holds_nothing",),
    ),
    Broken(
        "what was acknowledged is not kept",
        forgetful,
        ("what_was_acknowledged_survives_a_kill", "killed_anywhere_all_of_it_or_nothing"),
    ),
)
