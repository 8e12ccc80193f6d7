"""Measure: how wide a text stands, without a font.

A drawing is read with whatever font its reader has, so this is an upper estimate for the usual sans-serif ones.

Units:  pixels for a size in pixels.
Source: Unicode UAX 11 (a wide character is one em).
"""

import unicodedata

_SLIM = frozenset(" .,:;!|'()[]ijlftrI")
_BROAD = frozenset("mwMW—%@")


def width(text: str, size: float) -> float:
    """How wide *text* stands at *size*."""
    return round(sum(_ems(char) for char in text) * size, 1)


def _ems(char: str) -> float:
    if unicodedata.east_asian_width(char) in {"W", "F", "A"}:
        return 1.0
    if char in _SLIM:
        return 0.36
    if char in _BROAD:
        return 0.9
    return 0.7 if char.isupper() else 0.58
