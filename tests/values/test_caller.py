"""A caller is who the network says, as far as he lets it be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation, Route
from janetbank.values.phone import PhoneNumber

TARO = PhoneNumber.parse("090-1234-5678")


def heard(number: str, presentation: Presentation = Presentation.ALLOWED) -> CallerIdentity:
    """What a carrier's line says."""
    return CallerIdentity.heard(number, presentation=presentation, assurance=CallerAssurance.CARRIER)


@pytest.mark.parametrize("presentation", Presentation)
def test_only_what_may_be_shown_is_shown(presentation: Presentation) -> None:
    """A number that its caller withholds, or that comes with a reason why there is none, is none."""
    shown = heard("+819012345678", presentation).shown
    assert shown == (TARO if presentation is Presentation.ALLOWED else None)


@pytest.mark.parametrize("number", ["+819012345678", "09012345678", "０９０－１２３４－５６７８"])
def test_a_number_is_one_number(number: str) -> None:
    """However the line writes it, it is the same number."""
    assert heard(number).number == TARO


@pytest.mark.parametrize("number", ["", "anonymous", "unavailable", "+12025550123", "090", "sip:taro@example.jp"])
def test_what_is_no_number_of_japan_is_none(number: str) -> None:
    """Foreign numbers, names and nothing at all are reported, and are nobody's."""
    assert heard(number).number is None


@given(st.text())
def test_a_line_can_say_anything(number: str) -> None:
    """Whatever a line delivers can be told."""
    assert heard(number).from_abroad is False


def test_nothing_shows_the_number_in_full() -> None:
    """Neither an identity nor a route shows the last four digits (AMB-9: never log the clear number)."""
    assert "5678" not in repr(heard("09012345678")) + repr(Route(TARO, PhoneNumber.parse("0120-417-001")))
