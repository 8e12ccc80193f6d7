"""One peer, asked everything: `python -m benchmarks.peers.one NAME` in the environment that has it.

1. The storm: four processes of sixteen threads guess once each at one account, all at once; then its owner.
2. A login beside one bare verification of the peer's own hash, taking turns.
3. Somebody who is locked, refused beside that same verification; and the rows which that leaves behind.
4. Failures at names of nobody: the rows, and whether the locked one is locked still.

Shape:  one line of JSON.
Units:  milliseconds; ratios inside this run.
Source: issue 7, part 6; TRAPS "check → verify → count".
"""

import json
import logging
import multiprocessing
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter

from benchmarks.peers.door import ALLOWED, PASSWORD, WRONG, Door

DOORS = {
    "janetbank": "janetbank_door:JanetBank",
    "django-axes": "django_doors:Axes",
    "django-allauth": "django_doors:Allauth",
    "django-allauth, local cache": "django_doors:AllauthLocalCache",
    "Flask-Security": "flask_security_door:FlaskSecurity",
    "privacyIDEA": "privacyidea_door:PrivacyIdea",
}
PROCESSES, THREADS = 4, 16
STORMED, LOCKED, HONEST, IN_A_ROW = "kaze48nd", "xkqw73mb", "vrto52hp", "nzpd94kc"
ROUNDS = 30


def door_of(name: str, folder: Path) -> Door:
    """The peer of this *name*, opened."""
    module, _, kind = DOORS[name].partition(":")
    door: Door = getattr(import_module(f"benchmarks.peers.{module}"), kind)(folder)
    logging.disable(logging.CRITICAL)  # some of them tell everything
    door.open_()
    return door


def storming(name: str, folder: Path, start: Barrier, told: "Queue[str]") -> None:
    """A process of the storm; it has let somebody else in before, so that nobody is the first whom it serves."""
    door = door_of(name, folder)
    assert door.log_in(HONEST, PASSWORD)

    def one() -> None:
        start.wait()
        try:
            told.put("in" if door.log_in(STORMED, WRONG) else "not in")
        except Exception as failure:  # noqa: BLE001 -- nobody waits for one who has died without a word
            told.put(type(failure).__name__)

    crowd = [Thread(target=one) for _ in range(THREADS)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()


def storm(name: str, folder: Path) -> list[str]:
    """What the storm is told."""
    spawn = multiprocessing.get_context("spawn")
    start, told = spawn.Barrier(PROCESSES * THREADS), spawn.Queue()
    crowd = [spawn.Process(target=storming, args=(name, folder, start, told)) for _ in range(PROCESSES)]
    for process in crowd:
        process.start()
    heard = [told.get(timeout=180) for _ in range(PROCESSES * THREADS)]
    for process in crowd:
        process.join()
    return heard


def evaluated() -> int:
    """How many passwords so far."""
    noted = Path(os.environ["PEERS_EVALUATED"])
    return len(noted.read_text().splitlines()) if noted.exists() else 0


def rows(folder: Path) -> int:
    """In all tables."""
    database = sqlite3.connect(folder / "db", timeout=60)
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    counted = sum(database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables)  # noqa: S608 -- its own
    database.close()
    return int(counted)


def turns(*works: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The median milliseconds of each of *works*, taking turns."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, spent in zip(works, times, strict=True):
            start = perf_counter()
            work()
            spent.append((perf_counter() - start) * 1e3)
    return [median(spent) for spent in times]


def say(what: str) -> None:
    """How far it is, to whoever waits."""
    print(f"{what} ...", file=sys.stderr, flush=True)


def ask(name: str, folder: Path) -> dict[str, object]:
    """Everything."""
    door = door_of(name, folder)
    door.create([STORMED, LOCKED, HONEST, IN_A_ROW])
    say("storm")
    before = evaluated()
    heard = storm(name, folder)
    told: dict[str, object] = {
        "name": name,
        "versions": {package: version(package) for package in door.packages},
        "hash": door.hash,
        "guesses": len(heard),
        "evaluated": evaluated() - before - PROCESSES,  # who each let one in that was right
        "answers": {one: heard.count(one) for one in sorted(set(heard))},
        "owner_let_in": door.log_in(STORMED, PASSWORD),
    }
    say("in a row")
    before = evaluated()
    for _ in range(3 * ALLOWED):
        door.log_in(IN_A_ROW, WRONG)
    told["evaluated_in_a_row"] = evaluated() - before

    def honest() -> None:
        assert door.log_in(HONEST, PASSWORD)

    say("login")
    bare = door.bare()
    login, verify = turns(honest, bare)
    told |= {"login_ms": login, "verify_ms": verify, "login_ratio": login / verify}

    say("refusals")
    kept = rows(folder)
    for _ in range(ALLOWED):
        door.log_in(LOCKED, WRONG)
    told["rows_a_failure"] = (rows(folder) - kept) / ALLOWED
    if door.locks:
        kept = rows(folder)
        refused, verify = turns(lambda: door.log_in(LOCKED, WRONG), bare)
        told |= {
            "refused_ms": refused,
            "refusals_a_second": 1e3 / refused,
            "refusals_in_a_verification": verify / refused,
            "rows_a_refusal": (rows(folder) - kept) / ROUNDS,
        }
    say("nobodies")
    kept = rows(folder)
    for number in range(door.nobodies):
        door.log_in(f"xvm{number:05}p", WRONG)
    told["rows_a_nobody"] = (rows(folder) - kept) / door.nobodies
    told["nobodies"] = door.nobodies
    told["locked_one_let_in"] = door.log_in(LOCKED, PASSWORD)
    return told


def main(name: str) -> None:
    """Ask, and tell."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PEERS_EVALUATED"] = f"{folder}/evaluated"
        print(json.dumps(ask(name, Path(folder))))


if __name__ == "__main__":
    main(sys.argv[1])
