"""Clock: the only place where the time comes from.

Source: ARCHITECTURE "Time"; ASVS 6.5.6 (server time only).
"""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, UTC; in one process it never goes backwards."""
        ...
