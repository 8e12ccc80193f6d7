"""Versions of the app are compared as numbers, and what cannot be read is older than all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values.app_version import OLDEST, AppVersion
from tests.values.refusals import refusal

NUMBERS = st.lists(st.integers(0, 999_999_999), min_size=1, max_size=5)


def dotted(numbers: list[int]) -> str:
    """*numbers* as a version is written."""
    return ".".join(map(str, numbers))


@pytest.mark.requirement("TXA-01")
@pytest.mark.parametrize(
    ("older", "newer"),
    [("4.9", "4.10"), ("3.9.9", "4.0"), ("4.0", "4.0.1"), ("9", "10"), ("4.0", "4.00000001"), ("0", "0.0.0.0.1")],
)
def test_the_numbers_are_compared(older: str, newer: str) -> None:
    """4.10 is newer than 4.9: not the text, nor a decimal fraction, but the numbers in their order."""
    assert AppVersion(older) < AppVersion(newer)
    assert not AppVersion(newer) <= AppVersion(older)


@pytest.mark.parametrize(("one", "other"), [("4", "4.0"), ("4.0", "4.0.0.0"), ("04.01", "4.1"), ("0", "0.0")])
def test_noughts_that_change_nothing(one: str, other: str) -> None:
    """A nought before a number, or at the end, makes no other version, whatever is shown."""
    assert AppVersion(one) == AppVersion(other)
    assert hash(AppVersion(one)) == hash(AppVersion(other))
    assert str(AppVersion(one)) == one


@given(NUMBERS, NUMBERS)
def test_the_order_is_that_of_the_numbers(one: list[int], other: list[int]) -> None:
    """Versions are ordered as their numbers are, the shorter one filled up with noughts."""
    filled = [numbers + [0] * (5 - len(numbers)) for numbers in (one, other)]
    assert (AppVersion(dotted(one)) < AppVersion(dotted(other))) == (filled[0] < filled[1])
    assert (AppVersion(dotted(one)) == AppVersion(dotted(other))) == (filled[0] == filled[1])


@pytest.mark.requirement("TXA-01")
@pytest.mark.parametrize(
    "text",
    ["", ".", "4.", ".4", "4..0", "4.x", "v4.0", " 4.0", "4.0\n", "4.0-beta", "-4", "+4", "４.０", "1.2.3.4.5.6",
     "1234567890", "٤"],
)  # fmt: skip
def test_what_is_no_version_is_too_old(text: str) -> None:
    """Anything but one to five numbers with dots between is refused, and from an app it counts as older than any."""
    assert refusal(lambda: AppVersion(text)) == "app_version.shape"
    assert AppVersion.reported(text) == OLDEST


@pytest.mark.requirement("TXA-01")
def test_what_is_not_reported_is_too_old() -> None:
    """An app that says nothing is older than any; what it says, if it can be read, is taken at its word."""
    assert AppVersion.reported(None) == OLDEST
    assert AppVersion.reported("4.10") == AppVersion("4.10")
    assert AppVersion("0.0.0.0.1") > OLDEST


@given(st.text(max_size=20))
def test_any_text_at_all(text: str) -> None:
    """Whatever an app reports, it is some version."""
    assert AppVersion.reported(text) >= OLDEST
