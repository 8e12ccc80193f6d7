"""The machine's clock.

Shape:  make one for a process and give it to everybody in it.
Errors: none.
Source: ports/clock.py; ASVS 6.5.6.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock

from janetbank.values.moment import aware


def _of_the_machine() -> datetime:
    return datetime.now(UTC)


class SystemClock:
    """The machine's time, but never earlier than what was told before.

    Where the machine's clock is set back, this one stands still until it is caught up: a lock may last longer for
    that, and none ends early.
    """

    def __init__(self, read: Callable[[], datetime] = _of_the_machine) -> None:
        self._read = read
        self._lock = Lock()
        self._latest = aware(read())

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        with self._lock:
            self._latest = max(self._latest, aware(self._read()))
            return self._latest
