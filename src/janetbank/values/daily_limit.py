"""Daily limit: how much may leave an account on one day, as customers set it, in steps of 万円.

Shape:  DailyLimit(100), which is a million yen and prints as "100万円"; `parse` takes it as typed.
Units:  万円, ten thousand yen; a limit of none closes the account for transfers.
Errors: InvalidValue `limit.shape`, `limit.too_much`; TypeError for anything but an integer.
Source: TRF-03 (per account, in 万円; 0 forbids), PRF-11.
"""

import re
from typing import Self

from attrs import frozen

from janetbank.values.money import Yen
from janetbank.values.shape import ascii_digits
from janetbank.values.violation import InvalidValue

MOST = 99_999
"""Not quite a thousand million yen: more than any bank offers, and short enough to be read."""

_DIGITS = re.compile(r"[0-9]{1,5}")


@frozen(order=True)
class DailyLimit:
    """A number of 万円 from none to `MOST`."""

    man: int

    def __attrs_post_init__(self) -> None:
        # True is an integer to isinstance, and is no limit.
        if type(self.man) is not int:
            msg = "a limit is counted in integers"
            raise TypeError(msg)
        if not 0 <= self.man <= MOST:
            code = "limit.too_much"
            raise InvalidValue(code, most=MOST)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take the number of 万円 as typed; full-width digits are the same digits."""
        typed = ascii_digits(text)
        if not _DIGITS.fullmatch(typed):
            code = "limit.shape"
            raise InvalidValue(code)
        return cls(int(typed))

    @property
    def yen(self) -> Yen:
        """The same in yen."""
        return Yen.from_man(self.man)

    def __str__(self) -> str:
        return f"{self.man:,}万円"
