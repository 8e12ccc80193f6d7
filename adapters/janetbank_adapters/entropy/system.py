"""The operating system's randomness.

Errors: ValueError for a size below 0 or a bound below 1.
Source: ports/entropy.py; ASVS 11.5.1.
"""

import secrets


class SystemEntropy:
    """What nobody can predict."""

    def token(self, size: int) -> bytes:
        """*size* random bytes."""
        return secrets.token_bytes(size)

    def below(self, bound: int) -> int:
        """A random integer from 0 up to but without *bound*."""
        return secrets.randbelow(bound)
