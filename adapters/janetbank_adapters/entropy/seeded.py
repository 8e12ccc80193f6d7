"""Chance that repeats itself: the same seed, the same draws.

FOR TESTS AND DEMONSTRATIONS ONLY.  Whoever knows the seed knows every session token, every key and every nonce that
was ever drawn; and two runs with one seed over one store seal twice under one nonce, which gives the sealed text away.

Errors: ValueError for a size below 0 or a bound below 1.
Source: ports/entropy.py.
"""

from random import Random


class SeededEntropy:
    """Predictable: never let it near a customer."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 -- predictable is what it is for

    def token(self, size: int) -> bytes:
        """The next *size* bytes of the sequence."""
        return self._random.randbytes(size)

    def below(self, bound: int) -> int:
        """The next integer of the sequence, from 0 up to but without *bound*."""
        return self._random.randrange(bound)

    def __repr__(self) -> str:
        return "SeededEntropy(PREDICTABLE: for tests only)"
