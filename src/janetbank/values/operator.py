"""Operator: who works behind the counter: an account on the operations terminal, and the person it belongs to.

One person may have several accounts, so whoever asks whether two acts are two people's compares persons, never
accounts.

Shape:  OperatorId("tanaka-2"): small letters, digits and "-", at most 32; PersonId("E-1001"): the employee's number, in
        capitals and ASCII however it is typed, so that one person has one; Hand(operator, person).
Errors: InvalidValue `operator.shape`, `person.shape`.
Source: OPS-09, OPS-10, SUS-10; AMB-17; TRAPS "Operators and transactions".
"""

from typing import Self
from unicodedata import normalize

from attrs import field, frozen

from janetbank.values.shape import shaped


def _ascii(text: str) -> str:
    return normalize("NFKC", text).strip()


@frozen
class OperatorId:
    """The name of an operator's account within its institution."""

    text: str = field(validator=shaped(r"[0-9a-z][0-9a-z-]{0,31}", "operator.shape"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take *text* as typed; case and width are not told apart."""
        return cls(_ascii(text).lower())

    def __str__(self) -> str:
        return self.text


@frozen
class PersonId:
    """職員番号: one for each person, whatever accounts he has."""

    text: str = field(validator=shaped(r"[0-9A-Z][0-9A-Z-]{0,31}", "person.shape"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take *text* as typed; case and width are not told apart."""
        return cls(_ascii(text).upper())

    def __str__(self) -> str:
        return self.text


@frozen
class Hand:
    """Whose hand did something: the account *operator* of *person*."""

    operator: OperatorId
    person: PersonId

    def is_same_person(self, other: "Hand") -> bool:
        """Whether both are one person's, through whichever accounts."""
        return self.person == other.person
