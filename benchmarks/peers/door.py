"""Door: what is asked of each peer, so that all are asked the same.

A door is set up as somebody does who reads the peer's documentation, over one SQLite file that all processes share.
Whatever evaluates a password first calls `note`, so that what is evaluated is known whatever the answer says.

Shape:  `create` once, in a process that has opened; `open_` in each process; then `log_in`.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

ALLOWED = 7
PASSWORD, WRONG = "soil7+rain", "wr0ng-guess"


class Door(Protocol):
    """One peer, with its files in a folder."""

    packages: Sequence[str]
    """Whose versions are told."""
    hash: str
    """What it stores passwords as, by default."""
    locks: bool
    """Whether it ever refuses without looking."""
    nobodies: int
    """At how many names of nobody to fail: more than a bounded store of counters holds, where it has one."""

    def __init__(self, folder: Path) -> None:
        """Its database is `folder / "db"`."""

    def open_(self) -> None:
        """Get ready, in this process."""

    def create(self, logins: Sequence[str]) -> None:
        """Make the tables, and a customer of each login with the right password."""

    def log_in(self, login: str, password: str) -> bool:
        """Whether this lets somebody in."""

    def bare(self) -> Callable[[], object]:
        """One verification of a right password by the hash itself, and nothing else."""


def note() -> None:
    """A password is about to be evaluated."""
    line = os.open(os.environ["PEERS_EVALUATED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(line, b"x\n")
    os.close(line)
