"""Operators and the persons they are: one account, one spelling; one person, whatever accounts he has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values.operator import Hand, OperatorId, PersonId
from tests.values.refusals import refusal

ONE = st.text("0123456789abcxyz-", min_size=1, max_size=32).filter(lambda text: text[0] != "-")


@pytest.mark.parametrize("typed", ["tanaka-2", "TANAKA-2", " ｔａｎａｋａ－２ ", "Tanaka-2"])
def test_an_account_has_one_spelling(typed: str) -> None:
    """Case, width and blanks around it are not told apart."""
    assert OperatorId.parse(typed) == OperatorId("tanaka-2")
    assert str(OperatorId.parse(typed)) == "tanaka-2"


@pytest.mark.requirement("SUS-10")
@pytest.mark.parametrize("typed", ["E-1001", "e-1001", " Ｅ－１００１", "ｅ-１００１ "])
def test_a_person_has_one_number(typed: str) -> None:
    """However an employee's number is typed, it is the same person's."""
    assert PersonId.parse(typed) == PersonId("E-1001")
    assert str(PersonId.parse(typed)) == "E-1001"


@pytest.mark.parametrize("text", ["", "-a", "a" * 33, "a b", "a/b", "田中", "a\n", "a_b", "a:b"])
def test_what_is_no_name_is_refused(text: str) -> None:
    """Letters, digits and "-" within, one to thirty-two of them; nothing that a chain's name could be mistaken for."""
    assert refusal(lambda: OperatorId(text)) == "operator.shape"
    assert refusal(lambda: PersonId(text.upper())) == "person.shape"


def test_the_constructor_takes_what_is_in_form() -> None:
    """What is kept is kept in one case."""
    assert refusal(lambda: OperatorId("Tanaka")) == "operator.shape"
    assert refusal(lambda: PersonId("e-1001")) == "person.shape"


@given(ONE)
def test_what_is_in_form_stays(text: str) -> None:
    """Parsing is done once."""
    assert OperatorId.parse(text).text == text
    assert PersonId.parse(PersonId.parse(text).text) == PersonId(text.upper())


@pytest.mark.requirement("SUS-10")
def test_two_accounts_of_one_person_are_one_person() -> None:
    """Persons are compared, and never accounts."""
    one = Hand(OperatorId("tanaka"), PersonId("E-1"))
    assert one.is_same_person(Hand(OperatorId("tanaka-2"), PersonId("E-1")))
    assert not one.is_same_person(Hand(OperatorId("tanaka"), PersonId("E-2")))
