"""Phone number: a Japanese telephone number, checked against the numbering plan when it is made.

Shape:  PhoneNumber("+819012345678"); people write 090-1234-5678, ０９０…, +81 90 … or 09012345678, all the same number.
Units:  *e164* and *digits* are texts of digits, with and without +81; *national* is hyphenated as in Japan.
Errors: InvalidValue `phone.character`, `phone.foreign`, `phone.unknown`.
Source: PRF-09 (two opposite masks), PWR-06 (digits are compared), standards.md 4 (number plan; 060 is mobile,
        050 is told apart on the normalised number, an IP line with a geographic number is a landline).

The numbering plan is the `phonenumbers` library's, imported when the first number is made: it takes its time.
"""

import re
from enum import Enum
from typing import TYPE_CHECKING, Self

from attrs import frozen

from janetbank.values.shape import ascii_digits
from janetbank.values.violation import InvalidValue

if TYPE_CHECKING:
    import phonenumbers

_JAPAN = 81
_WRITTEN = re.compile(r"[+＋]?[0-9()（）\u0020\u3000\-‐‑–—−－ー]{1,40}")
"""Whatever else the library would read (letters for digits, extensions, text around a number) is no number here."""


class PhoneKind(Enum):
    """What answers at a number, as far as the numbering plan tells."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    IP = "ip"
    TOLL_FREE = "toll_free"
    OTHER = "other"


class PhoneMask(Enum):
    """Which half of a number is shown; a profile has one, since the two together would show it all (PRF-09)."""

    HIDE_LAST_4 = "hide_last_4"
    SHOW_LAST_4 = "show_last_4"


@frozen
class PhoneNumber:
    """A number that can exist in Japan; its `repr` hides the last four digits."""

    e164: str

    def __attrs_post_init__(self) -> None:
        if _in_e164(self.e164) != self.e164:
            code = "phone.unknown"
            raise InvalidValue(code)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take *text* as written: full-width digits, hyphens, spaces, brackets and +81 are all welcome."""
        return cls(_in_e164(text))

    @property
    def digits(self) -> str:
        """All digits as dialled within Japan: "09012345678"."""
        return "0" + self.e164.removeprefix(f"+{_JAPAN}")

    @property
    def national(self) -> str:
        """The digits hyphenated as in Japan: "090-1234-5678"."""
        import phonenumbers

        return phonenumbers.format_number(self._in_plan(), phonenumbers.PhoneNumberFormat.NATIONAL)

    @property
    def kind(self) -> PhoneKind:
        """What answers at this number."""
        import phonenumbers

        plan = phonenumbers.PhoneNumberType
        kinds = {
            plan.MOBILE: PhoneKind.MOBILE,
            plan.FIXED_LINE: PhoneKind.LANDLINE,
            plan.VOIP: PhoneKind.IP,
            plan.TOLL_FREE: PhoneKind.TOLL_FREE,
        }
        return kinds.get(phonenumbers.number_type(self._in_plan()), PhoneKind.OTHER)

    def masked(self, mask: PhoneMask) -> str:
        """The number for a screen or a mail: "090-1234-****" or "●●●●●●●5678"."""
        match mask:
            case PhoneMask.HIDE_LAST_4:
                return re.sub(r"[0-9](?=(?:-?[0-9]){0,3}$)", "*", self.national)
            case PhoneMask.SHOW_LAST_4:
                return "●" * len(self.digits[:-4]) + self.digits[-4:]

    def _in_plan(self) -> "phonenumbers.PhoneNumber":
        import phonenumbers

        return phonenumbers.PhoneNumber(country_code=_JAPAN, national_number=int(self.digits))

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked(PhoneMask.HIDE_LAST_4)})"


def _in_e164(text: str) -> str:
    """The E.164 form of what is *written*, or why there is none."""
    import phonenumbers

    written = ascii_digits(text)
    if not _WRITTEN.fullmatch(written):
        code = "phone.character"
        raise InvalidValue(code)
    try:
        number = phonenumbers.parse(written, "JP")
    except phonenumbers.NumberParseException:
        code = "phone.unknown"
        raise InvalidValue(code) from None
    if number.country_code != _JAPAN:
        code = "phone.foreign"
        raise InvalidValue(code)
    if not phonenumbers.is_valid_number(number):
        code = "phone.unknown"
        raise InvalidValue(code)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
