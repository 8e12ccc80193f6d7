"""A telephone number is one number, however it is written."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from janetbank.values import PhoneKind, PhoneMask, PhoneNumber
from tests.values.refusals import made, refusal

FULL_WIDTH = str.maketrans("0123456789+-() ", "０１２３４５６７８９＋－（）　")


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    """The digits of a mobile number: three of prefix, one that is no zero, seven more."""
    prefix = draw(st.sampled_from(["060", "070", "080", "090"]))
    return prefix + str(draw(st.integers(10_000_000, 99_999_999)))


@given(mobiles(), st.booleans())
def test_one_number_in_every_spelling(digits: str, full_width: bool) -> None:  # noqa: FBT001 -- drawn
    """With hyphens, spaces, brackets, +81 or none of them, in either width: the same number."""
    first, second, third = digits[:3], digits[3:7], digits[7:]
    spellings = [
        digits,
        f"{first}-{second}-{third}",
        f"{first} {second} {third}",
        f"({first}){second}-{third}",
        f" {first}-{second}{third} ",
        f"+81{digits[1:]}",
        f"+81 {first[1:]} {second} {third}",
        f"+81-{first[1:]}-{second}-{third}",
        f"+81 (0){first[1:]} {second} {third}",
        *(f"{first}{hyphen}{second}{hyphen}{third}" for hyphen in "‐‑–—−－ー"),
    ]
    numbers = {PhoneNumber.parse(text.translate(FULL_WIDTH) if full_width else text) for text in spellings}
    assert numbers == {PhoneNumber(f"+81{digits[1:]}")}


@given(mobiles())
def test_its_texts_have_the_same_digits(digits: str) -> None:
    """E.164, national and plain digits are three spellings of what was typed, and each is read back."""
    number = PhoneNumber.parse(digits)
    assert number.digits == digits
    assert number.national.replace("-", "") == digits
    assert number.e164 == f"+81{digits[1:]}"
    assert PhoneNumber.parse(number.national) == PhoneNumber.parse(number.e164) == number


@pytest.mark.parametrize(
    ("typed", "kind", "national"),
    [
        ("06012345678", PhoneKind.MOBILE, "060-1234-5678"),
        ("07012345678", PhoneKind.MOBILE, "070-1234-5678"),
        ("08012345678", PhoneKind.MOBILE, "080-1234-5678"),
        ("09012345678", PhoneKind.MOBILE, "090-1234-5678"),
        ("0312345678", PhoneKind.LANDLINE, "03-1234-5678"),
        ("0612345678", PhoneKind.LANDLINE, "06-1234-5678"),
        ("0177771234", PhoneKind.LANDLINE, "017-777-1234"),
        ("0267123456", PhoneKind.LANDLINE, "0267-12-3456"),
        ("05012345678", PhoneKind.IP, "050-1234-5678"),
        ("+81 50 1234 5678", PhoneKind.IP, "050-1234-5678"),
        ("０５０１２３４５６７８", PhoneKind.IP, "050-1234-5678"),
        ("0120123456", PhoneKind.TOLL_FREE, "0120-123-456"),
        ("0120-892548", PhoneKind.TOLL_FREE, "0120-892-548"),
        ("08001234567", PhoneKind.TOLL_FREE, "0800-123-4567"),
        ("0570012345", PhoneKind.OTHER, "0570-012-345"),
        ("0990123456", PhoneKind.OTHER, "0990-123-456"),
        ("02012345678", PhoneKind.OTHER, "020-1234-5678"),
        ("0600000000", PhoneKind.OTHER, "060-000-0000"),
    ],
)
def test_kinds_are_told_apart(typed: str, kind: PhoneKind, national: str) -> None:
    """The kind follows the normalised number, and 0800 is not 080."""
    number = PhoneNumber.parse(typed)
    assert (number.kind, number.national) == (kind, national)


@given(st.from_regex(r"0(?:[1-9]|[5-9]0)[0-9]{8}", fullmatch=True))
def test_the_kind_shows_in_the_digits(typed: str) -> None:
    """Of all that can be dialled, mobiles, IP lines, free calls and landlines are told by prefix and length."""
    number = made(lambda: PhoneNumber.parse(typed))
    assume(isinstance(number, PhoneNumber))
    assert isinstance(number, PhoneNumber)
    looks = {
        PhoneKind.MOBILE: r"0[6-9]0[1-9][0-9]{7}",
        PhoneKind.IP: r"050[1-9][0-9]{7}",
        PhoneKind.TOLL_FREE: r"0120[0-9]{6}|0800[0-9]{7}",
        PhoneKind.LANDLINE: r"0(?!120|570|800|990)[1-9][0-9]{8}",
        PhoneKind.OTHER: r"0(?:20|60|180|570|910|990)[0-9]+",
    }
    assert re.fullmatch(looks[number.kind], typed)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "phone.character"),
        ("090-FLOWERS", "phone.character"),
        ("03-1234-5678 ext. 5", "phone.character"),
        ("tel:+819012345678", "phone.character"),
        ("090.1234.5678", "phone.character"),
        ("090-1234-5678\n", "phone.character"),
        ("٠٩٠١٢٣٤٥٦٧٨", "phone.character"),
        ("9012+345678", "phone.character"),
        ("0" * 42, "phone.character"),
        ("-", "phone.unknown"),
        ("+", "phone.character"),
        ("110", "phone.unknown"),
        ("090-0000-0000", "phone.unknown"),
        ("090-1234-567", "phone.unknown"),
        ("090-1234-56789", "phone.unknown"),
        ("0120-1234567", "phone.unknown"),
        ("0000000000", "phone.unknown"),
        ("+999 1234567", "phone.unknown"),
        ("+1 202 555 0123", "phone.foreign"),
        ("+82 10 1234 5678", "phone.foreign"),
        ("010 1 202 555 0123", "phone.foreign"),
    ],
)
def test_what_is_no_number(typed: str, code: str) -> None:
    """Other writing, numbers of no plan and numbers abroad are refused, each for its own reason."""
    assert refusal(lambda: PhoneNumber.parse(typed)) == code


@given(st.text(max_size=50) | st.text("0123456789+-() ０１－", max_size=50))
def test_whatever_is_typed_has_a_clear_end(typed: str) -> None:
    """Any text either makes a Japanese number or is refused with a code; nothing else escapes."""
    number = made(lambda: PhoneNumber.parse(typed))
    if isinstance(number, str):
        assert number.startswith("phone.")
    else:
        assert re.fullmatch(r"\+81[1-9][0-9]{8,9}", number.e164)


@pytest.mark.parametrize("e164", ["09012345678", "+81-90-1234-5678", "+8109012345678", "+819000000000"])
def test_a_number_built_directly_is_in_form_and_in_the_plan(e164: str) -> None:
    """What is built directly is E.164 already."""
    assert refusal(lambda: PhoneNumber(e164)) == "phone.unknown"


def test_a_foreign_number_built_directly_is_refused() -> None:
    """There is no way round the plan."""
    assert refusal(lambda: PhoneNumber("+12025550123")) == "phone.foreign"


@pytest.mark.parametrize(
    ("typed", "hidden", "shown"),
    [
        ("09012345678", "090-1234-****", "●●●●●●●5678"),
        ("0312345678", "03-1234-****", "●●●●●●5678"),
        ("0267123456", "0267-12-****", "●●●●●●3456"),
        ("0120123456", "0120-12*-***", "●●●●●●3456"),
    ],
)
@pytest.mark.requirement("PRF-09")
def test_masks(typed: str, hidden: str, shown: str) -> None:
    """One mask hides the last four digits, the other shows nothing else."""
    number = PhoneNumber.parse(typed)
    assert number.masked(PhoneMask.HIDE_LAST_4) == hidden
    assert number.masked(PhoneMask.SHOW_LAST_4) == shown


@given(mobiles())
@pytest.mark.requirement("PRF-09")
def test_a_mask_hides_what_it_hides(digits: str) -> None:
    """Four digits are gone from the one mask and are all that is left in the other: opposite parts of one number."""
    number = PhoneNumber.parse(digits)
    assert re.sub(r"[^0-9]", "", number.masked(PhoneMask.HIDE_LAST_4)) == digits[:-4]
    assert re.sub(r"[^0-9]", "", number.masked(PhoneMask.SHOW_LAST_4)) == digits[-4:]


@given(mobiles())
@pytest.mark.requirement("PRF-09")
def test_it_is_never_printed_in_clear(digits: str) -> None:
    """Whatever prints a number, in a list or in a log line, hides its last four digits."""
    number = PhoneNumber.parse(digits)
    for shown in (repr(number), str(number), f"{number}", repr([number])):
        assert number.masked(PhoneMask.HIDE_LAST_4) in shown
        assert digits[-4:] not in shown.replace(number.national[:-4], "")
