"""Yen are whole, never negative, and stay yen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import Yen
from janetbank.values.money import MOST
from tests.values.refusals import refusal

AMOUNTS = st.integers(0, MOST // 2)


@given(AMOUNTS, AMOUNTS)
def test_sums_and_order_are_those_of_integers(one: int, other: int) -> None:
    """Yen add up and compare as their amounts do."""
    assert Yen(one) + Yen(other) == Yen(one + other)
    assert (Yen(one) < Yen(other)) == (one < other)
    assert (Yen(one) >= Yen(other)) == (one >= other)
    assert (Yen(one) + Yen(other)) - Yen(other) == Yen(one)


@given(st.integers(0, MOST))
def test_its_text_has_every_digit(amount: int) -> None:
    """The printed amount is the amount, grouped by thousands."""
    text = str(Yen(amount))
    assert text.endswith("円")
    assert int(text.removesuffix("円").replace(",", "")) == amount


def test_its_text() -> None:
    """A million yen prints as a Japanese reader expects."""
    assert str(Yen(1_000_000)) == "1,000,000円"
    assert str(Yen(0)) == "0円"


def test_man_are_ten_thousands() -> None:
    """100万円 is a million yen, and 0万円 nothing."""
    assert Yen.from_man(100) == Yen(1_000_000)
    assert Yen.from_man(0) == Yen(0)


def test_the_bounds() -> None:
    """Nothing and the most are amounts; one yen beyond either is none, by whichever way."""
    assert Yen(0).amount == 0
    assert Yen(MOST).amount == MOST
    assert refusal(lambda: Yen(-1)) == "yen.negative"
    assert refusal(lambda: Yen.from_man(-1)) == "yen.negative"
    assert refusal(lambda: Yen(MOST + 1)) == "yen.too_much"
    assert refusal(lambda: Yen(MOST) + Yen(1)) == "yen.too_much"
    assert refusal(lambda: Yen(1) - Yen(2)) == "yen.negative"


@pytest.mark.parametrize("wrong", [1.0, True, "1000", None])
def test_only_integers_are_yen(wrong: object) -> None:
    """A float, a flag or a text is the programmer's mistake."""
    with pytest.raises(TypeError, match=r"^yen are counted in integers$"):
        Yen(wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake under test


def test_yen_add_only_to_yen() -> None:
    """A bare number is not money."""
    with pytest.raises(TypeError):
        Yen(1) + 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # the same
    with pytest.raises(TypeError):
        Yen(1) - 1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # the same
