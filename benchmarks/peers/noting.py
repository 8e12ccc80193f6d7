"""Noting: whoever verifies by passlib, or by its successor, says so first."""

from typing import Any

from benchmarks.peers.door import note


def note_each_argon2() -> None:
    """From now on, in this process."""
    from argon2 import low_level

    verify = low_level.verify_secret

    def noting(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 -- whatever the original takes
        note()
        return verify(*arguments, **named)

    low_level.verify_secret = noting
