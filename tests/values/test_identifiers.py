"""Institutions and contracts are named by texts of one shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import ContractId, InstitutionId
from tests.values.refusals import refusal


@pytest.mark.parametrize(
    ("text", "code"), [("5441", "5441"), ("0001", "0001"), ("５４４１", "5441"), ("5４4１", "5441")]
)
def test_an_institution_has_four_digits(text: str, code: str) -> None:
    """Four digits are an institution's code, leading zeros and all, in either width."""
    assert InstitutionId.parse(text) == InstitutionId(code)
    assert str(InstitutionId.parse(text)) == code


@pytest.mark.parametrize("text", ["", "544", "54411", "544a", "5441\n", " 5441", "٥٤٤١", "五四四一", "-544"])
def test_anything_else_is_no_institution(text: str) -> None:
    """Fewer or more digits, other scripts' digits and stray characters are refused."""
    assert refusal(lambda: InstitutionId.parse(text)) == "institution.shape"
    assert refusal(lambda: InstitutionId(text)) == "institution.shape"


def test_only_parse_takes_full_width_digits() -> None:
    """What is built directly is already in form."""
    assert refusal(lambda: InstitutionId("５４４１")) == "institution.shape"


@given(st.from_regex(r"[0-9a-z-]{1,64}", fullmatch=True))
def test_a_contract_id_is_opaque(text: str) -> None:
    """Up to 64 small letters, digits and hyphens name a contract, and are kept as they are."""
    assert str(ContractId(text)) == ContractId(text).text == text


@pytest.mark.parametrize("text", ["", "a" * 65, "A", "a b", "a_b", "é", "a\n", "１"])
def test_anything_else_is_no_contract_id(text: str) -> None:
    """Empty, longer or other text is refused."""
    assert refusal(lambda: ContractId(text)) == "contract.shape"


@pytest.mark.parametrize("make", [InstitutionId, ContractId])
def test_only_text_is_an_identifier(make: type[InstitutionId] | type[ContractId]) -> None:
    """A number is the programmer's mistake."""
    with pytest.raises(TypeError):
        make(5441)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake under test
