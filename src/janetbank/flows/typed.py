"""Typed: making values of what was typed into a form, with all its faults named at once.

Shape:  `made(violations, field, make)` is the value, or None with the reason added to *violations*.
Source: CRD-06 (the reasons are shown); ENR-04.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from janetbank.values.violation import InvalidValue, Violation

_Value = TypeVar("_Value")


def made(violations: list[Violation], field: str, make: Callable[[], _Value]) -> _Value | None:
    """The value that *make* makes, or None with the reason added at *field*."""
    try:
        return make()
    except InvalidValue as invalid:
        violations.append(invalid.violation.at(field))
        return None


def at(field: str, violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """*violations*, said of *field*."""
    return tuple(violation.at(field) for violation in violations)
