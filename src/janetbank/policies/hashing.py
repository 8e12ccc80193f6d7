"""Hashing: what one Argon2id costs, as named, dated and sourced parameter sets.

Shape:  Argon2Cost(memory, passes, lanes).
Units:  memory in KiB, passes over it, lanes computed side by side.
Source: standards.md C14 (memory-hard, cost stored, raised over time); RFC 9106.
"""

from attrs import frozen


@frozen(kw_only=True)
class Argon2Cost:
    """What one hash or check costs."""

    memory: int
    passes: int
    lanes: int


OWASP_2024 = Argon2Cost(memory=19_456, passes=2, lanes=1)
"""19 MiB, two passes, one lane: the first recommendation of OWASP's password storage sheet (2024)."""

FAST_FOR_TESTS = Argon2Cost(memory=8, passes=1, lanes=1)
"""As cheap as Argon2id can be: for tests alone."""
