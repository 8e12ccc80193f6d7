"""Money: whole yen, never less than none.

Shape:  Yen(1000000), which prints as "1,000,000円"; sums, differences and comparisons stay yen.
Units:  yen; `from_man` counts in 万円, ten thousand yen, as limits are set.
Errors: InvalidValue `yen.negative`, `yen.too_much`; TypeError for anything but an integer.
Source: TRF-03 (limits in 万円; 0 forbids).
"""

from typing import Self

from attrs import frozen

from janetbank.values.violation import InvalidValue

MOST = 9_999_999_999_999
"""Thirteen digits: more than any customer's, and exact in every database and every program that reads it."""

_MAN = 10_000


@frozen(order=True)
class Yen:
    """An amount of money from nothing to `MOST`."""

    amount: int

    def __attrs_post_init__(self) -> None:
        # True is an integer to isinstance, and is no yen.
        if type(self.amount) is not int:
            msg = "yen are counted in integers"
            raise TypeError(msg)
        if self.amount < 0:
            code = "yen.negative"
            raise InvalidValue(code)
        if self.amount > MOST:
            code = "yen.too_much"
            raise InvalidValue(code, most=MOST)

    @classmethod
    def from_man(cls, count: int) -> Self:
        """*count* 万円: `from_man(100)` is a million yen."""
        return cls(count * _MAN)

    def __add__(self, other: "Yen") -> "Yen":
        if not isinstance(other, Yen):
            return NotImplemented
        return Yen(self.amount + other.amount)

    def __sub__(self, other: "Yen") -> "Yen":
        if not isinstance(other, Yen):
            return NotImplemented
        return Yen(self.amount - other.amount)

    def __str__(self) -> str:
        return f"{self.amount:,}円"
