"""Entropy: the only place where chance comes from.

Source: ARCHITECTURE "The core is pure"; ASVS 11.5.1 (CSPRNG).
"""

from typing import Protocol


class Entropy(Protocol):
    """Draws what nobody can predict."""

    def token(self, size: int) -> bytes:
        """*size* random bytes."""
        ...

    def below(self, bound: int) -> int:
        """A random integer from 0 up to but without *bound* (>= 1), each equally likely."""
        ...
