"""Shape: what a text must look like before it can become a value.

Shape:  `shaped` makes an attrs validator of a pattern; `ascii_digits` makes full-width digits ASCII.
Errors: `InvalidValue` with the code given to `shaped`; TypeError for anything but a string.
Source: ENR-28 (half-width is stored), PWR-04, PWR-06 (digits from people's keyboards).
"""

import re
from collections.abc import Callable

from attrs import Attribute

from janetbank.values.violation import InvalidValue

_ASCII_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def ascii_digits(text: str) -> str:
    """*text* with its full-width digits, and nothing else, made ASCII."""
    return text.translate(_ASCII_DIGITS)


def shaped(pattern: str, code: str) -> Callable[[object, "Attribute[str]", str], None]:
    """Let a field hold only what *pattern* matches from end to end; anything else is `InvalidValue(code)`."""
    matches = re.compile(pattern).fullmatch

    def check(_value: object, _field: "Attribute[str]", text: str) -> None:
        if not matches(text):
            raise InvalidValue(code)

    return check
