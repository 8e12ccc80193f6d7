"""Violation: the one way in which this library says that something offered cannot be taken.

Shape:  Violation(code, params, field) -- *code* is a stable dotted word, *params* what its text needs,
        *field* the item of a form that it speaks of ("" where there is only one).
Units:  params are plain strings and integers that may be shown to the customer: never a secret.
Errors: none of its own; `InvalidValue` carries a violation out of a constructor.
Source: ENR-16, CRD-06 (the reason is shown), ASVS 16.5.1 (no secret in a message).

The texts, Japanese and English, stand in `janetbank.messages`; a test counts that none is missing.
"""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import evolve, field, frozen

Params = Mapping[str, str | int]


def _freeze(params: Params) -> Params:
    return MappingProxyType(dict(params))


@frozen
class Violation:
    """One reason, stable for programs (*code*) and complete for people (*params*)."""

    code: str
    params: Params = field(factory=dict[str, str | int], converter=_freeze, hash=False)
    field: str = ""

    def at(self, field: str) -> "Violation":
        """The same reason, said of *field*."""
        return evolve(self, field=field)


class InvalidValue(ValueError):  # noqa: N818 -- it names the thing, as ValueError does
    """A value that cannot be made; `violation` says why. Its text holds the code, never the input."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.violation = Violation(code, params)
