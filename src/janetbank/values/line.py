"""Line: what a clerk writes by hand into one field: a reason, a name.

Shape:  Line("印影相違"): one line, 1 to 200 characters, none of them a control character or half of one.
Errors: InvalidValue `line.empty`, `line.shape`.
Source: SUS-11 (the reason is noted), OPS-09.
"""

from typing import Self
from unicodedata import category, normalize

from attrs import field, frozen

from janetbank.values.violation import InvalidValue

LONGEST = 200
"""No source gives a length: more than fits into a field of a paper form."""


def _nfc(text: str) -> str:
    return normalize("NFC", text)


@frozen
class Line:
    """See the module."""

    text: str = field(converter=_nfc)

    def __attrs_post_init__(self) -> None:
        if not self.text.strip():
            code = "line.empty"
            raise InvalidValue(code)
        # Cc, Cs, Cn …: nothing that is not seen; Zl and Zp break a line.
        if len(self.text) > LONGEST or any(
            category(one)[0] == "C" or category(one) in {"Zl", "Zp"} for one in self.text
        ):
            code = "line.shape"
            raise InvalidValue(code, longest=LONGEST)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take *text* as typed, without the blanks around it."""
        return cls(text.strip())

    def __str__(self) -> str:
        return self.text
