"""A transfer and a payment have one text each, and no two instructions share it."""

import re
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from janetbank.values import Account, AccountNumber, AccountType, Branch, InstitutionId, Yen
from janetbank.values.bill import Bill
from janetbank.values.instruction import LONGEST_PAYEE_NAME, TRANSFERS, InstructionKind, Payment, Transfer
from janetbank.values.money import MOST
from tests.values.refusals import refusal

DIGITS = "0123456789"
NAME_LETTERS = st.characters(categories=(), include_characters="ノウキヨタロヴー・カ）（．－ｱｶﾞﾟ｢｣AZ09 \u3000.-/「」ａ０")
ACCOUNTS = st.builds(
    Account,
    st.text(DIGITS, min_size=3, max_size=3).map(Branch),
    st.sampled_from(AccountType),
    st.text(DIGITS, min_size=7, max_size=7).map(AccountNumber),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "reference": st.from_regex(r"[0-9a-z-]{1,64}", fullmatch=True),
    "kind": st.sampled_from(sorted(TRANSFERS, key=lambda kind: kind.value)),
    "source": ACCOUNTS,
    "payee_bank": st.text(DIGITS, min_size=4, max_size=4).map(InstitutionId),
    "payee": ACCOUNTS,
    "payee_name": st.text(NAME_LETTERS, min_size=1, max_size=LONGEST_PAYEE_NAME).filter(
        lambda name: name == name.strip()
    ),
    "amount": st.integers(1, MOST).map(Yen),
    "date": st.dates(),
}
TRANSFERS_OF_ALL_KINDS = st.builds(Transfer, **FIELDS)

SAMPLE = Transfer(
    reference="0f3a",
    kind=InstructionKind.AD_HOC_TRANSFER,
    source=Account.parse("001", "普通", "12345"),
    payee_bank=InstitutionId("5441"),
    payee=Account.parse("002", "当座", "7654321"),
    payee_name="ノウチユウ タロウ",
    amount=Yen(1_000_000),
    date=date(2026, 4, 1),
)


def test_its_text() -> None:
    """The canonical text is written once and for all: changing it makes every digest on its way another one."""
    expected = (
        "10:transfer/1,4:0f3a,15:ad_hoc_transfer,3:001,8:ordinary,7:0012345,4:5441,3:002,7:current,7:7654321,"
        "25:ノウチユウ タロウ,7:1000000,10:2026-04-01,"
    )
    assert SAMPLE.canonical().decode() == expected
    assert SAMPLE.digest == sha256(expected.encode()).hexdigest()


def test_the_digest_is_a_challenge() -> None:
    """The digest is what the suites call QH64: 64 hexadecimal digits."""
    assert re.fullmatch(r"[0-9a-f]{64}", SAMPLE.digest)


def test_every_field_is_under_test() -> None:
    """No field of a transfer is left out of the properties below."""
    assert [field.name for field in attrs.fields(Transfer)] == list(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
@given(TRANSFERS_OF_ALL_KINDS, st.data())
def test_any_field_changed_changes_the_digest(name: str, transfer: Transfer, data: st.DataObject) -> None:
    """Whichever single field becomes another, text and digest become others."""
    value = data.draw(FIELDS[name])
    assume(value != getattr(transfer, name))
    changed = attrs.evolve(transfer, **{name: value})
    assert changed.canonical() != transfer.canonical()
    assert changed.digest != transfer.digest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reference", "0f3b"),
        ("kind", InstructionKind.OWN_TRANSFER),
        ("kind", InstructionKind.REGISTERED_PAYEE_TRANSFER),
        ("source", Account.parse("002", "普通", "12345")),
        ("source", Account.parse("001", "貯蓄", "12345")),
        ("source", Account.parse("001", "普通", "12346")),
        ("payee_bank", InstitutionId("0001")),
        ("payee", Account.parse("003", "当座", "7654321")),
        ("payee", Account.parse("002", "普通", "7654321")),
        ("payee", Account.parse("002", "当座", "7654322")),
        ("payee_name", "ノウチユウ ハナコ"),
        ("payee_name", "ノウチユウ\u3000タロウ"),
        ("payee_name", "ﾉｳﾁﾕｳ ﾀﾛｳ"),
        ("amount", Yen(1_000_001)),
        ("amount", Yen(100_000)),
        ("date", date(2026, 4, 2)),
    ],
)
def test_each_part_counts(name: str, value: Any) -> None:  # noqa: ANN401 -- of as many types as there are fields
    """Branch, type and number of either account, the payee's bank and name, amount, date and kind: each is in it."""
    assert attrs.evolve(SAMPLE, **{name: value}).digest != SAMPLE.digest


def read(canonical: bytes) -> Transfer:
    """The transfer of a canonical text, read by somebody who never saw how it is written."""
    fields = list[str]()
    while canonical:
        size, _, rest = canonical.partition(b":")
        fields.append(rest[: int(size)].decode())
        assert rest[int(size) : int(size) + 1] == b","
        canonical = rest[int(size) + 1 :]
    form, reference, kind, *source, payee_bank = fields[:7]
    *payee, payee_name, amount, day = fields[7:]
    assert form == "transfer/1"
    return Transfer(
        reference=reference,
        kind=InstructionKind(kind),
        source=Account.parse(*source),
        payee_bank=InstitutionId(payee_bank),
        payee=Account.parse(*payee),
        payee_name=payee_name,
        amount=Yen(int(amount)),
        date=date.fromisoformat(day),
    )


@given(TRANSFERS_OF_ALL_KINDS)
def test_the_text_tells_the_transfer(transfer: Transfer) -> None:
    """From the text the transfer can be read back whole; so no two transfers share one."""
    assert read(transfer.canonical()) == transfer


def test_what_cannot_be_moved_into_a_neighbour() -> None:
    """A name that looks like the end of its field does not take the next one's place."""
    sly = attrs.evolve(SAMPLE, payee_name="X,1:1,10:2026-04-01,", amount=Yen(7))
    assert read(sly.canonical()) == sly


@pytest.mark.parametrize(
    "name",
    [
        "ノウチユウ タロウ",
        "カ）ノウチユウ",
        "ｶ)ﾉｳﾁﾕｳ",
        "ABC",
        "ＡＢＣ １",
        "ヴ・ー",
        "「ア」",
        "ア" * 48,
    ],
)
def test_names_as_banks_write_them(name: str) -> None:
    """Katakana, Latin letters, digits and signs of either width are a payee's name, kept as they are."""
    assert attrs.evolve(SAMPLE, payee_name=name).payee_name == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u3000", " ア", "ア ", "ア\u3000", "ア\nイ", "ア\tイ", "ア\u200bイ", "ア\u202eイ", "ア\u3164",
     "ア\ufe0f", "А", "農中太郎", "あ", "\ud800", "\x7f", "ア" * 49],
)  # fmt: skip
def test_names_that_nobody_could_see_or_tell_apart(name: str) -> None:
    """Nothing invisible, no other script's look-alikes, no space at an end and nothing too long is a payee's name."""
    assert refusal(lambda: attrs.evolve(SAMPLE, payee_name=name)) == "transfer.payee_name"


def test_a_name_is_composed() -> None:
    """カ with a voicing mark of its own is ガ: however a keyboard spells it, it is one text."""
    assert attrs.evolve(SAMPLE, payee_name="カ\u3099").digest == attrs.evolve(SAMPLE, payee_name="ガ").digest


@pytest.mark.parametrize("reference", ["", "A", "a b", "a\n", "é", "a" * 65, "0" * 64 + "\n"])
def test_references(reference: str) -> None:
    """A reference is 1 to 64 lower-case letters, digits and hyphens."""
    assert refusal(lambda: attrs.evolve(SAMPLE, reference=reference)) == "transfer.reference"
    assert attrs.evolve(SAMPLE, reference="a" * 64).reference == "a" * 64


def test_nothing_is_no_amount() -> None:
    """One yen can be transferred, none cannot."""
    assert attrs.evolve(SAMPLE, amount=Yen(1)).amount == Yen(1)
    assert refusal(lambda: attrs.evolve(SAMPLE, amount=Yen(0))) == "transfer.amount"


@pytest.mark.parametrize("kind", InstructionKind)
def test_a_bill_is_no_transfer(kind: InstructionKind) -> None:
    """Only what has an account as payee is a transfer."""
    if kind in {InstructionKind.PAYEASY_PRIVATE, InstructionKind.PAYEASY_PUBLIC}:
        with pytest.raises(ValueError, match="no transfer"):
            attrs.evolve(SAMPLE, kind=kind)
    else:
        assert attrs.evolve(SAMPLE, kind=kind).kind is kind


def test_a_date_has_no_time() -> None:
    """A datetime, which Python takes for a date, is the programmer's mistake."""
    with pytest.raises(TypeError, match="date"):
        attrs.evolve(SAMPLE, date=datetime(2026, 4, 1, tzinfo=UTC))


# --- Payments ---------------------------------------------------------------------------------------------------------

BILLS = st.builds(
    Bill,
    id=st.text(max_size=20),
    biller=st.text(DIGITS, min_size=5, max_size=5),
    name=st.text(max_size=20),
    public=st.booleans(),
    amount=FIELDS["amount"],
)
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "reference": FIELDS["reference"],
    "source": ACCOUNTS,
    "bill": BILLS,
    "date": st.dates(),
}
PAYMENTS = st.builds(Payment, **PARTS)
TAX = Payment(
    reference="0f3a",
    source=Account.parse("001", "普通", "12345"),
    bill=Bill(id="b-7", biller="20160", name="ナガノケン", public=True, amount=Yen(39_500)),
    date=date(2026, 4, 1),
)


def test_the_text_of_a_payment() -> None:
    """Written once and for all, too, under a form's name of its own."""
    assert TAX.canonical().decode() == (
        "9:payment/1,4:0f3a,14:payeasy_public,3:001,8:ordinary,7:0012345,3:b-7,5:20160,15:ナガノケン,5:39500,"
        "10:2026-04-01,"
    )
    assert TAX.digest == sha256(TAX.canonical()).hexdigest()


@pytest.mark.parametrize("name", PARTS)
@given(PAYMENTS, st.data())
def test_any_part_changed_changes_a_payment(name: str, payment: Payment, data: st.DataObject) -> None:
    """Whichever single part becomes another, bill and all, the digest becomes another; and it is no transfer's."""
    value = data.draw(PARTS[name])
    assume(value != getattr(payment, name))
    assert attrs.evolve(payment, **{name: value}).digest != payment.digest
    assert payment.digest != SAMPLE.digest


@pytest.mark.parametrize(
    ("name", "value"),
    [("id", "b-8"), ("biller", "20161"), ("name", "ナガノシ"), ("public", False), ("amount", Yen(39_501))],
)
def test_each_part_of_a_bill_counts(name: str, value: Any) -> None:  # noqa: ANN401 -- of as many types as there are fields
    """Whose bill, which one, how much and of which kind: each is in the text."""
    assert attrs.evolve(TAX, bill=attrs.evolve(TAX.bill, **{name: value})).digest != TAX.digest


def test_every_part_is_under_test() -> None:
    """No field of a payment is left out of the properties above."""
    assert [field.name for field in attrs.fields(Payment)] == list(PARTS)


@pytest.mark.requirement("TRF-01")
def test_whose_bill_it_is_makes_its_kind() -> None:
    """A public bill is paid as one, a company's as one, and each is of the amount that the biller wants."""
    assert (TAX.kind, TAX.amount) == (InstructionKind.PAYEASY_PUBLIC, Yen(39_500))
    private = attrs.evolve(TAX, bill=attrs.evolve(TAX.bill, public=False))
    assert private.kind is InstructionKind.PAYEASY_PRIVATE


def test_a_payment_has_a_reference_and_a_day() -> None:
    """As a transfer has."""
    assert refusal(lambda: attrs.evolve(TAX, reference="A")) == "transfer.reference"
    with pytest.raises(TypeError, match="date"):
        attrs.evolve(TAX, date=datetime(2026, 4, 1, tzinfo=UTC))
