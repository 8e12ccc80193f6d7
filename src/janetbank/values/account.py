"""Account: a branch, a type and a number, which together name one account at an institution.

Shape:  Branch("001"), AccountType.ORDINARY, AccountNumber("0012345"); the text of all three is "001-ordinary-0012345".
Errors: InvalidValue `branch.shape`, `account_type.unknown`, `account_number.shape`.
Source: ENR-28 (1 to 7 digits are taken, 7 are kept), LGN-03 (支店番号 is three digits), PWR-08 (普通, 当座; 0012345).
"""

from enum import Enum
from typing import Self

from attrs import field, frozen

from janetbank.values.shape import ascii_digits, shaped
from janetbank.values.violation import InvalidValue

_NUMBER_LENGTH = 7


@frozen
class Branch:
    """支店番号・店番: exactly three digits, leading zeros kept."""

    code: str = field(validator=shaped(r"[0-9]{3}", "branch.shape"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take *text* as typed; full-width digits are the same digits."""
        return cls(ascii_digits(text))

    def __str__(self) -> str:
        return self.code


class AccountType(Enum):
    """科目; the value is stable, the label is what stands on the card."""

    ORDINARY = "ordinary"
    CURRENT = "current"
    SAVINGS = "savings"

    @property
    def label(self) -> str:
        """The Japanese word."""
        return _LABELS[self]

    @classmethod
    def parse(cls, text: str) -> "AccountType":
        """Take the stable word or the label: "ordinary" and "普通" are the same."""
        for one in cls:
            if text in {one.value, one.label}:
                return one
        code = "account_type.unknown"
        raise InvalidValue(code)


_LABELS = {AccountType.ORDINARY: "普通", AccountType.CURRENT: "当座", AccountType.SAVINGS: "貯蓄"}


@frozen
class AccountNumber:
    """口座番号: seven digits, zeros on the left where the customer knows fewer."""

    digits: str = field(validator=shaped(rf"[0-9]{{{_NUMBER_LENGTH}}}", "account_number.shape"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take 1 to 7 digits as typed, full-width ones too; "12345" is "0012345"."""
        return cls(ascii_digits(text).rjust(_NUMBER_LENGTH, "0") if text else text)

    def __str__(self) -> str:
        return self.digits


@frozen
class Account:
    """One account; at which institution, the holder of this value knows."""

    branch: Branch
    type: AccountType
    number: AccountNumber

    @classmethod
    def parse(cls, branch: str, type: str, number: str) -> Self:  # noqa: A002 -- the field's name
        """Take the three items as typed; the first that cannot be taken says why."""
        return cls(Branch.parse(branch), AccountType.parse(type), AccountNumber.parse(number))

    def __str__(self) -> str:
        return f"{self.branch}-{self.type.value}-{self.number}"
