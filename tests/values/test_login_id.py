"""A login id is shown as typed and compared by its canonical form."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import LoginId
from tests.values.refusals import refusal

LOGIN_IDS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=64)


@given(LOGIN_IDS)
@pytest.mark.requirement("CRD-02")
def test_case_is_not_distinguished(text: str) -> None:
    """Where letters are not case-distinguished, every way of typing one id is the same id, in sets as well."""
    ways = {LoginId.parse(way, case_sensitive=False) for way in (text, text.upper(), text.lower(), text.swapcase())}
    assert len(ways) == 1


@given(LOGIN_IDS)
@pytest.mark.requirement("CRD-02")
def test_it_is_shown_as_typed(text: str) -> None:
    """The display form is what was typed; the canonical form is stable under being taken again."""
    login_id = LoginId.parse(text, case_sensitive=False)
    assert str(login_id) == login_id.typed == text
    assert LoginId.parse(login_id.canonical, case_sensitive=False).canonical == login_id.canonical


@given(LOGIN_IDS, LOGIN_IDS, st.booleans())
def test_different_ids_stay_different(one: str, other: str, case_sensitive: bool) -> None:  # noqa: FBT001 -- drawn
    """Two ids are one exactly where their texts are, or are but for case where that is not distinguished."""
    same = one == other or (not case_sensitive and one.lower() == other.lower())
    ids = (LoginId.parse(text, case_sensitive=case_sensitive) for text in (one, other))
    assert (next(ids) == next(ids)) == same


def test_case_may_be_distinguished() -> None:
    """Where a profile tells case apart, `Taro1` is not `taro1`."""
    assert LoginId.parse("Taro1", case_sensitive=True) != LoginId.parse("taro1", case_sensitive=True)
    assert LoginId.parse("Taro1", case_sensitive=True).canonical == "Taro1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 65,
        "taro 1",
        " taro1",
        "taro1\n",
        "taro-1",
        "taro_1",
        "ｔａｒｏ１",
        "太郎1",
        "taro\x001",
        "\u212a1",
        "\u017f1",
    ],
)
def test_what_is_none_anywhere_is_refused(text: str) -> None:
    """Nothing but 1 to 64 ASCII letters and digits is a login id, letters that fold to ASCII included."""
    assert refusal(lambda: LoginId.parse(text, case_sensitive=False)) == "login_id.shape"
    assert refusal(lambda: LoginId.parse(text, case_sensitive=True)) == "login_id.shape"


def test_its_two_forms_belong_together() -> None:
    """A canonical form of another id is refused."""
    assert LoginId("Taro1", "taro1").canonical == "taro1"
    assert refusal(lambda: LoginId("Taro1", "hanako1")) == "login_id.shape"
    assert refusal(lambda: LoginId("Taro1", "TARO1")) == "login_id.shape"
