"""Crowd: processes full of threads that do one thing each, all at once, through one store.

Each process opens a bank of its own over the shared store, as the processes of a real service do.
"""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from threading import Thread

Act = Callable[[int], str]
"""What the one at this place does, and what he is told."""


def _crowding(opened: Callable[[], Act], places: range, start: Barrier, told: "Queue[str]") -> None:
    act = opened()

    def one(place: int) -> None:
        start.wait()
        try:
            told.put(act(place))
        except Exception as failure:  # noqa: BLE001 -- nobody waits for one who has died without a word
            told.put(f"raised {failure!r}")

    crowd = [Thread(target=one, args=(place,)) for place in places]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()


def crowd(opened: Callable[[], Act], *, processes: int = 4, threads: int = 16) -> list[str]:
    """What *processes* x *threads* are told, in no order; *opened* gives each process its way to act."""
    spawn = get_context("spawn")
    start, told = spawn.Barrier(processes * threads), spawn.Queue()
    shares = [range(n * threads, (n + 1) * threads) for n in range(processes)]
    started = [spawn.Process(target=_crowding, args=(opened, places, start, told)) for places in shares]
    for process in started:
        process.start()
    heard = [told.get(timeout=120) for _ in range(processes * threads)]
    for process in started:
        process.join()
    return heard
