"""An account is three digits, a type and seven digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import Account, AccountNumber, AccountType, Branch
from tests.values.refusals import refusal

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(st.integers(0, 9_999_999), st.integers(1, 7), st.booleans())
@pytest.mark.requirement("ENR-28")
def test_a_number_is_padded_to_seven(number: int, least: int, full_width: bool) -> None:  # noqa: FBT001 -- drawn
    """However many of its leading zeros are typed, and in either width, a number is kept in seven digits."""
    typed = str(number).rjust(least, "0")
    parsed = AccountNumber.parse(typed.translate(FULL_WIDTH) if full_width else typed)
    assert parsed == AccountNumber(f"{number:07}")
    assert str(parsed) == f"{number:07}"


@pytest.mark.parametrize(("typed", "kept"), [("1", "0000001"), ("12345", "0012345"), ("1234567", "1234567")])
@pytest.mark.requirement("ENR-28")
def test_one_to_seven_digits_are_a_number(typed: str, kept: str) -> None:
    """From one digit to seven, zeros fill the left."""
    assert str(AccountNumber.parse(typed)) == kept


@pytest.mark.parametrize("typed", ["", "12345678", "00012345", "-12345", "12 345", "1234a", "١٢٣", "1\n", "+1"])
@pytest.mark.requirement("ENR-28")
def test_anything_else_is_no_number(typed: str) -> None:
    """No digit, eight digits or anything among the digits is refused."""
    assert refusal(lambda: AccountNumber.parse(typed)) == "account_number.shape"


@pytest.mark.parametrize("digits", ["12345", "12345678", "", "１２３４５６７", "123456a"])
def test_a_number_built_directly_has_seven_digits(digits: str) -> None:
    """What is built directly is already in form."""
    assert refusal(lambda: AccountNumber(digits)) == "account_number.shape"


@pytest.mark.parametrize(("typed", "code"), [("001", "001"), ("０１２", "012"), ("999", "999")])
def test_a_branch_has_three_digits(typed: str, code: str) -> None:
    """Three digits are a branch, leading zeros kept, in either width."""
    assert Branch.parse(typed) == Branch(code)
    assert str(Branch.parse(typed)) == code


@pytest.mark.parametrize("typed", ["", "1", "01", "0001", "A01", "00 1", "001\n"])
def test_a_branch_is_never_padded(typed: str) -> None:
    """Two digits are not a branch with a zero forgotten, nor are letters (LGN-03's 英数字 is a misprint)."""
    assert refusal(lambda: Branch.parse(typed)) == "branch.shape"
    assert refusal(lambda: Branch(typed)) == "branch.shape"


@pytest.mark.parametrize(
    ("one", "word", "label"),
    [
        (AccountType.ORDINARY, "ordinary", "普通"),
        (AccountType.CURRENT, "current", "当座"),
        (AccountType.SAVINGS, "savings", "貯蓄"),
    ],
)
def test_a_type_has_a_word_and_a_label(one: AccountType, word: str, label: str) -> None:
    """A type is kept by its word, shown by its label and read from both."""
    assert one.value == word
    assert one.label == label
    assert AccountType.parse(word) is AccountType.parse(label) is one


@pytest.mark.parametrize("text", ["", "普", "定期", "ORDINARY", "ordinary "])
def test_anything_else_is_no_type(text: str) -> None:
    """Words that are neither are refused."""
    assert refusal(lambda: AccountType.parse(text)) == "account_type.unknown"


def test_there_is_no_fourth_type() -> None:
    """The table above has every type."""
    assert len(AccountType) == 3


def test_an_account_is_told_by_its_text() -> None:
    """Two ways of typing one account make one account, with one text."""
    account = Account.parse("００１", "普通", "12345")
    assert account == Account(Branch("001"), AccountType.ORDINARY, AccountNumber("0012345"))
    assert account == Account.parse("001", "ordinary", "0012345")
    assert str(account) == "001-ordinary-0012345"
    assert account != Account.parse("001", "当座", "12345")


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (("1", "普通", "1"), "branch.shape"),
        (("001", "定期", "1"), "account_type.unknown"),
        (("001", "普通", ""), "account_number.shape"),
        (("", "", ""), "branch.shape"),
    ],
)
def test_the_first_wrong_item_says_why(items: tuple[str, str, str], code: str) -> None:
    """Where several items are wrong, the first is named."""
    assert refusal(lambda: Account.parse(*items)) == code
