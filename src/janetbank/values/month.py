"""Month: a month of a year in Japan, from its first day to its last.

Shape:  Month(2026, 11), which prints as "2026-11"; months are ordered, and `following` is the next one.
Errors: InvalidValue `month.shape` for a text that names none; ValueError for a number that is no month.
Source: FEE-04 (fees of one month), FEE-10 (the last day of the month).
"""

import re
from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date
from typing import Self

from attrs import frozen

from janetbank.values.violation import InvalidValue

_SHAPE = re.compile(r"([0-9]{4})-([0-9]{2})")
_MONTHS = 12


@frozen(order=True)
class Month:
    """See the module."""

    year: int
    number: int

    def __attrs_post_init__(self) -> None:
        if not (MINYEAR <= self.year <= MAXYEAR and 1 <= self.number <= _MONTHS):
            msg = "a month is the 1st to the 12th of a year"
            raise ValueError(msg)

    @classmethod
    def of(cls, day: date) -> Self:
        """The month to which *day* belongs."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The month that "2026-11" names."""
        code = "month.shape"
        if (found := _SHAPE.fullmatch(text)) is None:
            raise InvalidValue(code)
        try:
            return cls(int(found[1]), int(found[2]))
        except ValueError:
            raise InvalidValue(code) from None

    @property
    def first(self) -> date:
        """The first day (月初)."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """The last day (月末), whatever day of the week that is."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def following(self) -> "Month":
        """The next month."""
        return Month(self.year + 1, 1) if self.number == _MONTHS else Month(self.year, self.number + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
