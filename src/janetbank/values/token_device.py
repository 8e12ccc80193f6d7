"""Token device: what kind of telephone holds the token app.

Shape:  an enumeration; what the app says of itself when it is set up.
Source: PRF-04, APP-01, APP-02.
"""

from enum import Enum


class TokenDevice(Enum):
    """A kind of telephone."""

    SMARTPHONE = "smartphone"
    FEATURE_PHONE = "feature_phone"
    """携帯電話."""
