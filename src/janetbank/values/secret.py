"""Secret: a string that is never shown and is compared in constant time.

Shape:  Secret("text"); `reveal()` is the single way out, so that every use of one can be found by name.
Errors: TypeError for anything but a string; pickling and copying into text are refused.
Source: CRD-18, LGN-04, ASVS 11.2.4 (constant time), 14.2.6 (never logged).
"""

import hmac
from typing import NoReturn, final


@final
class Secret:
    """A password, answer, PIN or code on its way to whoever may check it.

    It has no useful `repr`, `str` or format, is unhashable (no dictionary betrays it by lookup time)
    and refuses to be pickled.
    """

    __slots__ = ("_text",)
    __hash__ = None  # type: ignore[assignment]  # unhashable on purpose

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            msg = "a Secret is made from a string"
            raise TypeError(msg)
        self._text = text

    def reveal(self) -> str:
        """The text itself, for hashing or for the port that checks it; never for showing."""
        return self._text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        # Encoded first: compare_digest takes only ASCII in str. surrogatepass: any str that exists compares.
        mine, theirs = (s.reveal().encode("utf-8", "surrogatepass") for s in (self, other))
        return hmac.compare_digest(mine, theirs)

    def __len__(self) -> int:
        return len(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        msg = "a Secret cannot be pickled"
        raise TypeError(msg)
