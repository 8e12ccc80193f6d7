"""A daily limit is a number of 万円, and nothing in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values.daily_limit import MOST, DailyLimit
from janetbank.values.money import Yen
from tests.values.refusals import refusal


@pytest.mark.requirement("TRF-03")
@given(st.integers(0, MOST), st.integers(0, MOST))
def test_it_is_so_many_ten_thousands(one: int, other: int) -> None:
    """A limit is ten thousand times its number in yen, and limits compare as their yen do."""
    assert DailyLimit(one).yen == Yen(10_000 * one)
    assert (DailyLimit(one) < DailyLimit(other)) == (DailyLimit(one).yen < DailyLimit(other).yen)
    assert DailyLimit.parse(str(one)) == DailyLimit(one)


def test_its_text() -> None:
    """A million yen prints as a Japanese reader expects."""
    assert str(DailyLimit(100)) == "100万円"
    assert str(DailyLimit(12_345)) == "12,345万円"
    assert str(DailyLimit(0)) == "0万円"


@pytest.mark.parametrize(("typed", "man"), [("0", 0), ("70", 70), ("１００", 100), ("00070", 70), ("99999", 99_999)])
def test_as_typed(typed: str, man: int) -> None:
    """Digits of either width, leading zeros too, are the number they spell."""
    assert DailyLimit.parse(typed) == DailyLimit(man)


@pytest.mark.parametrize("typed", ["", " ", "-1", "+1", "1.5", "1,000", "1_0", "百", "１００万", "٣", "100000", "1\n"])
def test_what_is_no_number_of_man(typed: str) -> None:
    """Signs, parts of a 万円, words, other scripts' digits and too many of them are no limit."""
    assert refusal(lambda: DailyLimit.parse(typed)) == "limit.shape"


@pytest.mark.parametrize("man", [-1, MOST + 1])
def test_the_bounds(man: int) -> None:
    """Less than nothing and more than anybody offers are no limits."""
    assert refusal(lambda: DailyLimit(man)) == "limit.too_much"


@pytest.mark.parametrize("wrong", [1.0, True, "100", None])
def test_only_integers_are_limits(wrong: object) -> None:
    """A float, a flag or a text is the programmer's mistake."""
    with pytest.raises(TypeError, match=r"^a limit is counted in integers$"):
        DailyLimit(wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake under test
