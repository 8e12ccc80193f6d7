"""Person: the name, twice, and the birth date by which a bank knows its customer.

Nothing is converted silently but Unicode's spelling (NFC), since both names are compared with what the bank has on
record: whoever types half-width kana or a space is told so.

Shape:  KanaName("ノウキョウタロウ"), KanjiName("農中太郎"), BirthDate(date(1980, 1, 2)).
Units:  lengths count code points after NFC; a birth date is a date of the Gregorian calendar, of no time zone.
Errors: InvalidValue `name.*`, `birth_date.*`; TypeError for a datetime as a birth date.
Source: PWR-04 (full-width, no space, western date), PWR-05 and AMB-16 (NFC; katakana stands in for a rare kanji).
"""

import datetime as dt
import re
from typing import Self
from unicodedata import category, east_asian_width, normalize

from attrs import field, frozen

from janetbank.values.shape import ascii_digits
from janetbank.values.violation import InvalidValue

LONGEST_NAME = 60
"""No source gives a length: longer than any name that a Japanese bank keeps, short enough for any column."""

EARLIEST_BIRTH = dt.date(1868, 1, 25)
"""The first day of Meiji: no bank's calendar, and nobody's life, begins before it."""

_KATAKANA = re.compile(r"[ァ-ヺ][ァ-ヺー・]*")
_KANJI_MARKS = "・〇．－’"
"""What stands in registered names besides letters: 〇 is a numeral, the others come with names from abroad."""
_DATE = re.compile(r"([0-9]{4})([-/－／]?)([0-9]{1,2})\2([0-9]{1,2})")
_COMPACT = 8


def _nfc(text: str) -> str:
    return normalize("NFC", text)


def _refuse_unless_full_width(text: str) -> None:
    if not text:
        code = "name.empty"
    elif any(letter.isspace() for letter in text):
        code = "name.space"
    elif any(east_asian_width(letter) in {"Na", "H"} for letter in text):
        code = "name.half_width"
    elif len(text) > LONGEST_NAME:
        code = "name.length"
    else:
        return
    raise InvalidValue(code, longest=LONGEST_NAME)


@frozen
class KanaName:
    """お名前（カナ）: full-width katakana with ー and ・, family and given name unseparated."""

    text: str = field(converter=_nfc)

    def __attrs_post_init__(self) -> None:
        _refuse_unless_full_width(self.text)
        if not _KATAKANA.fullmatch(self.text):
            code = "name.katakana"
            raise InvalidValue(code)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take *text* as typed."""
        return cls(text)

    def __str__(self) -> str:
        return self.text


@frozen
class KanjiName:
    """お名前（漢字）: full-width letters of any script, family and given name unseparated."""

    text: str = field(converter=_nfc)

    def __attrs_post_init__(self) -> None:
        _refuse_unless_full_width(self.text)
        if not all(_may_stand_in_a_name(letter) for letter in self.text):
            code = "name.character"
            raise InvalidValue(code)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take *text* as typed."""
        return cls(text)

    def __str__(self) -> str:
        return self.text


def _may_stand_in_a_name(letter: str) -> bool:
    full_width = east_asian_width(letter) in {"W", "F"}
    return (full_width and category(letter).startswith("L")) or letter in _KANJI_MARKS


@frozen
class BirthDate:
    """生年月日: a day that was, not before Meiji."""

    date: dt.date

    def __attrs_post_init__(self) -> None:
        # A datetime is a date to isinstance, but equals none: it would be nobody's birth date.
        if isinstance(self.date, dt.datetime) or not isinstance(self.date, dt.date):
            msg = "a birth date is made from a date"
            raise TypeError(msg)
        if self.date < EARLIEST_BIRTH:
            code = "birth_date.too_early"
            raise InvalidValue(code, earliest=EARLIEST_BIRTH.isoformat())

    @classmethod
    def parse(cls, text: str, *, today: dt.date | None = None) -> Self:
        """Take "1980-01-02", "1980/1/2" or "19800102", in full-width digits too; nothing after *today*, if given."""
        digits = ascii_digits(text)
        found = _DATE.fullmatch(digits)
        if not found or (not found[2] and len(digits) != _COMPACT):
            code = "birth_date.format"
            raise InvalidValue(code)
        try:
            day = dt.date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:
            code = "birth_date.impossible"
            raise InvalidValue(code) from None
        if today is not None and day > today:
            code = "birth_date.future"
            raise InvalidValue(code)
        return cls(day)

    def __str__(self) -> str:
        return self.date.isoformat()
