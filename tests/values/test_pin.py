"""A PIN is four digits that are never shown."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import InvalidValue, Pin, Secret
from tests.values.refusals import refusal

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(st.integers(0, 9999))
@pytest.mark.requirement("CRD-18")
def test_four_digits_are_a_pin(number: int) -> None:
    """All ten thousand are PINs, leading zeros kept, in either width."""
    digits = f"{number:04}"
    assert Pin.parse(Secret(digits)).secret.reveal() == digits
    assert Pin.parse(Secret(digits.translate(FULL_WIDTH))) == Pin(Secret(digits))


@pytest.mark.parametrize("typed", ["", "123", "12345", "12a4", "1234\n", " 1234", "12 34", "१२३४", "-123", "一二三四"])
@pytest.mark.requirement("CRD-18")
def test_anything_else_is_none(typed: str) -> None:
    """Fewer or more digits, and anything that is none, are refused."""
    assert refusal(lambda: Pin.parse(Secret(typed))) == "pin.shape"
    assert refusal(lambda: Pin(Secret(typed))) == "pin.shape"


def test_only_parse_takes_full_width_digits() -> None:
    """What is built directly is already in form."""
    assert refusal(lambda: Pin(Secret("１２３４"))) == "pin.shape"


@pytest.mark.requirement("CRD-18")
def test_it_is_hidden() -> None:
    """A PIN shows nothing, cannot be pickled or hashed, and a refused one is not quoted."""
    pin = Pin(Secret("9731"))
    assert "9731" not in f"{pin} {pin!r}"
    with pytest.raises(TypeError):
        pickle.dumps(pin)
    with pytest.raises(TypeError):
        hash(pin)
    with pytest.raises(InvalidValue) as caught:
        Pin.parse(Secret("97310"))
    assert "97310" not in f"{caught.value!r} {caught.value.violation}"


def test_a_bare_string_is_no_pin() -> None:
    """A PIN comes wrapped; a bare string is the programmer's mistake, and is not quoted."""
    with pytest.raises(TypeError, match=r"^a Pin is made from a Secret$"):
        Pin("9731")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake under test
