"""App version: which edition of the token app somebody has, compared as dotted integers.

Shape:  AppVersion("4.10"), newer than "4.9" and the same as "4.10.0"; `reported` takes what an app says of itself.
Units:  up to five integers of up to nine digits each.
Errors: InvalidValue `app_version.shape`; `reported` raises nothing.
Source: TXA-01, AMB-14 (4.0 or newer; missing or unreadable is too old), APP-23.
"""

import re
from contextlib import suppress

from attrs import Factory, field, frozen

from janetbank.values.violation import InvalidValue

_DOTTED = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,4}")


def _numbers(version: "AppVersion") -> tuple[int, ...]:
    if not _DOTTED.fullmatch(version.text):
        code = "app_version.shape"
        raise InvalidValue(code)
    numbers = [int(part) for part in version.text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


@frozen(order=True)
class AppVersion:
    """A version by its text; equal and ordered by its numbers, where a nought at the end is as good as none."""

    text: str = field(eq=False)
    numbers: tuple[int, ...] = field(init=False, repr=False, default=Factory(_numbers, takes_self=True))

    @classmethod
    def reported(cls, text: str | None) -> "AppVersion":
        """What an app says of itself; nothing, or nothing readable, is older than every version there is."""
        if text is not None:
            with suppress(InvalidValue):
                return cls(text)
        return OLDEST

    def __str__(self) -> str:
        return self.text


OLDEST = AppVersion("0")
"""No app was ever this old."""
