"""A clock that stands still until somebody turns it, for tests and demonstrations.

Shape:  HandClock(start); `advance` by a length, `set` to an instant.
Errors: ValueError for turning it back; TypeError for an instant that is not aware.
Source: ports/clock.py.
"""

from datetime import datetime, timedelta
from threading import Lock

from janetbank.values.moment import aware


class HandClock:
    """Turned by hand, and never backwards."""

    def __init__(self, start: datetime) -> None:
        self._lock = Lock()
        self._now = aware(start)

    def now(self) -> datetime:
        """The instant to which it was last turned, aware, UTC."""
        return self._now

    def advance(self, length: timedelta) -> None:
        """Turn it on by *length* (>= 0)."""
        with self._lock:
            self._turn(self._now + length)

    def set(self, moment: datetime) -> None:
        """Turn it on to *moment*."""
        with self._lock:
            self._turn(aware(moment))

    def _turn(self, moment: datetime) -> None:
        if moment < self._now:
            msg = "a clock is never turned back"
            raise ValueError(msg)
        self._now = moment
