"""Failures: what a port raises when the world does not answer; never what a customer caused.

A flow that meets one refuses by letting it through: nothing was decided, nothing is half-written, nobody is let in.

Source: ARCHITECTURE "Shapes"; ASVS 16.5.3 (fail closed); TRAPS "the store fails and the limiter lets everybody in".
"""


class PortError(Exception):
    """The outside did not do what was asked; the operation is refused and may be tried again."""


class Unavailable(PortError):  # noqa: N818 -- states a condition, as the ladder of errors reads
    """The outside cannot be reached now."""


class Corrupt(PortError):  # noqa: N818 -- states a condition
    """What came back cannot be what was stored: fail closed and look into it."""
