"""Pin: the cash card's four digits, on their way to the core banking host and nowhere else.

Shape:  Pin(Secret("0123")): exactly four ASCII digits; `parse` takes full-width ones for them.
Errors: InvalidValue `pin.shape`, which never holds what was typed; TypeError for anything but a Secret.
Source: CRD-18 (exactly 4 digits; never stored, never logged, passed straight to the host).
"""

import re
from typing import Self

from attrs import frozen

from janetbank.values.secret import Secret
from janetbank.values.shape import ascii_digits
from janetbank.values.violation import InvalidValue

_FOUR_DIGITS = re.compile(r"[0-9]{4}")


@frozen
class Pin:
    """キャッシュカード暗証番号, as hidden, as unhashable and as unpicklable as the secret in it."""

    secret: Secret

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.secret, Secret):
            msg = "a Pin is made from a Secret"
            raise TypeError(msg)
        if not _FOUR_DIGITS.fullmatch(self.secret.reveal()):
            code = "pin.shape"
            raise InvalidValue(code)

    @classmethod
    def parse(cls, typed: Secret) -> Self:
        """Take what was *typed*; full-width digits are the same digits."""
        return cls(Secret(ascii_digits(typed.reveal())))
