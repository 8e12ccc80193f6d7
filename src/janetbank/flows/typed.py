"""Typed: making values of what was typed into a form, with all its faults named at once.

Shape:  `made(violations, field, make)` is the value, or None with the reason added to *violations*.
        `can_name(typed)`: nothing else is looked up, since no database takes every text.
        `as_name(given)` is a name of somebody else's choice, as every store takes it.
        `entered_twice(rules, new, again)` is all that is wrong with a new password.
Source: CRD-06 (the reasons are shown), CRD-09, CRD-13 (entered twice); ENR-04.
"""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TypeVar

from janetbank.policies.credentials import PasswordRules
from janetbank.values.guessable import NOBODY, PersonalData
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation

_Value = TypeVar("_Value")
_NAME = re.compile(r"[!-~]{1,64}")


def can_name(*typed: str) -> bool:
    """Whether each of *typed* can be a reference, or an id, that this bank has given out."""
    return all(_NAME.fullmatch(one) for one in typed)


def as_name(given: str) -> str:
    """What somebody else calls a call or a device, as every store takes it: by its digest, where it is no such text."""
    return given if can_name(given) else sha256(given.encode("utf-8", "surrogatepass")).hexdigest()


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


def entered_twice(
    rules: PasswordRules,
    new: Secret,
    again: Secret,
    *,
    about: PersonalData = NOBODY,
    login_id: str = "",
    fields: tuple[str, str] = ("new", "again"),
) -> tuple[Violation, ...]:
    """Everything that is wrong with a password that somebody chooses, said of the *fields* of its two entries."""
    first, second = fields
    violations = at(first, rules.check(new, about=about, login_id=login_id))
    if not rules.same(new, again):
        violations += (Violation("password.not_same_twice", field=second),)
    return violations
