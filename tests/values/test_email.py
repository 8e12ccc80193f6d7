"""A mail address is ASCII that can stand in a header, and is compared as mail servers compare."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import InvalidValue, MailAddress
from janetbank.values.email import LONGEST, LONGEST_LOCAL_PART
from tests.values.refusals import made, refusal

CARRIERS = [
    "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "disney.ne.jp",
    *(f"{area}.vodafone.ne.jp" for area in "dhtcrknsq"), *(f"jp-{area}.ne.jp" for area in "dhtcrknsq"),
    "emnet.ne.jp", "ymobile.ne.jp", "ymobile1.ne.jp", "willcom.com", "wcm.ne.jp", "pdx.ne.jp", "di.pdx.ne.jp",
]  # fmt: skip
OLD_FORMS = ["a..b", "ab.", ".ab", "a...b", "..a.b..", "_a..b-"]
STRANGERS = [
    "example.jp", "gmail.com", "yahoo.ne.jp", "yahoo.co.jp", "docomo.ne.jp.example.jp", "xdocomo.ne.jp", "docomoone.jp",
    "a.docomo.ne.jp", "x.vodafone.ne.jp", "jp-x.ne.jp", "ymobile2.ne.jp", "a.b.pdx.ne.jp", "xpdx.ne.jp", "docomo-ne.jp",
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("taro@example.jp", "taro@example.jp"),
        ("Taro.Nochu+bank@Example.JP", "Taro.Nochu+bank@example.jp"),
        ("taro@ｅｘａｍｐｌｅ.jp", "taro@example.jp"),
        ("taro@例え.jp", "taro@xn--r8jz45g.jp"),
        ("o'brien/x=1@example.jp", "o'brien/x=1@example.jp"),
        ("x" * 64 + "@example.jp", "x" * 64 + "@example.jp"),
    ],
)
def test_addresses(typed: str, kept: str) -> None:
    """A well formed address is kept, its domain in lower-case ASCII, its local part to the letter."""
    assert str(MailAddress.parse(typed)) == kept


@pytest.mark.parametrize("domain", CARRIERS)
@pytest.mark.parametrize("local", OLD_FORMS)
def test_carriers_old_addresses_are_taken(local: str, domain: str) -> None:
    """Dots in a row and at the ends pass at a mobile carrier, in whatever case its domain is typed."""
    assert MailAddress.parse(f"{local}@{domain.upper()}") == MailAddress(local, domain)


@pytest.mark.parametrize("domain", STRANGERS)
@pytest.mark.parametrize("local", OLD_FORMS)
def test_nobody_else_has_such_addresses(local: str, domain: str) -> None:
    """The same forms are refused elsewhere, at domains that look like a carrier's too."""
    assert refusal(lambda: MailAddress.parse(f"{local}@{domain}")) == "mail.dots"
    assert refusal(lambda: MailAddress(local, domain)) == "mail.dots"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "mail.syntax"),
        ("taro", "mail.syntax"),
        ("@example.jp", "mail.syntax"),
        ("taro@", "mail.syntax"),
        ("taro@example", "mail.syntax"),
        ("taro@localhost", "mail.syntax"),
        ("taro@[192.0.2.1]", "mail.syntax"),
        ("taro@hanako@example.jp", "mail.syntax"),
        ("taro@example..jp", "mail.syntax"),
        ("taro@example.jp.", "mail.syntax"),
        ("taro@-example.jp", "mail.syntax"),
        (" taro@example.jp", "mail.syntax"),
        ("taro@example.jp ", "mail.syntax"),
        ("Taro <taro@example.jp>", "mail.syntax"),
        ('"a..b"@docomo.ne.jp', "mail.syntax"),
        ("...@docomo.ne.jp", "mail.syntax"),
        ("taro@docomo。ne。jp\n", "mail.syntax"),
        ("x" * 65 + "@example.jp", "mail.length"),
        ("x" * 300, "mail.length"),
        ("taro@" + "例え." * 21 + "jp", "mail.syntax"),
        ("x" + "." * 64 + "@docomo.ne.jp", "mail.length"),
        ("ｔａｒｏ@example.jp", "mail.local_part"),
        ("太郎@example.jp", "mail.local_part"),
        ("taro＠example.jp", "mail.syntax"),
        ("t\u0430ro@example.jp", "mail.local_part"),
    ],
)
def test_what_is_no_address(typed: str, code: str) -> None:
    """Other forms, names beside addresses, and characters beyond ASCII before the @ are refused."""
    assert refusal(lambda: MailAddress.parse(typed)) == code


@pytest.mark.parametrize("place", range(len("taro@example.jp") + 1))
@pytest.mark.parametrize("intruder", ["\r", "\n", "\r\nBcc: ", "\x00", "\t", "\x7f", "\x85", "\u2028", "\ud800"])
def test_no_control_character_passes(intruder: str, place: int) -> None:
    """Nothing that could end a header line, or start another, is taken at any place of an address."""
    text = "taro@example.jp"
    with pytest.raises(InvalidValue):
        MailAddress.parse(text[:place] + intruder + text[place:])


@given(st.text() | st.text(string.printable + "@@..", max_size=40).map(lambda text: f"{text}@docomo.ne.jp"))
def test_whatever_is_typed_has_a_clear_end(typed: str) -> None:
    """Any text either makes an address of visible ASCII within the lengths or is refused with a code."""
    address = made(lambda: MailAddress.parse(typed))
    if isinstance(address, str):
        assert address.startswith("mail.")
    else:
        text = str(address)
        assert all("!" <= letter <= "~" for letter in text)
        assert len(text) <= LONGEST
        assert len(address.local) <= LONGEST_LOCAL_PART
        assert MailAddress.parse(text) == address


@pytest.mark.parametrize(("length", "fits"), [(LONGEST, True), (LONGEST + 1, False)])
def test_the_longest_address(length: int, fits: bool) -> None:  # noqa: FBT001 -- of the table
    """254 characters are an address, 255 are none."""
    domain = ".".join(["x" * 60] * 3) + ".jp"
    local = "y" * 10
    typed = f"{local}@{'z' * (length - len(local) - len(domain) - 2)}.{domain}"
    assert len(typed) == length
    if fits:
        assert str(MailAddress.parse(typed)) == typed
    else:
        assert refusal(lambda: MailAddress.parse(typed)) == "mail.length"


def test_equality_is_that_of_mail() -> None:
    """The domain is compared in any case, the local part to the letter."""
    assert MailAddress.parse("taro@EXAMPLE.jp") == MailAddress.parse("taro@example.JP")
    assert hash(MailAddress.parse("taro@EXAMPLE.jp")) == hash(MailAddress("taro", "example.jp"))
    assert MailAddress("taro", "EXAMPLE.jp") == MailAddress("taro", "example.jp")
    assert MailAddress.parse("Taro@example.jp") != MailAddress.parse("taro@example.jp")


@pytest.mark.parametrize(
    ("local", "domain"),
    [("taro@x", "example.jp"), ("taro", "例え.jp"), ("", "example.jp"), ("taro", ""), ("taro\n", "example.jp")],
)
def test_an_address_built_directly_is_checked(local: str, domain: str) -> None:
    """What is built directly is in form, its domain in ASCII."""
    assert refusal(lambda: MailAddress(local, domain)) == "mail.syntax"
