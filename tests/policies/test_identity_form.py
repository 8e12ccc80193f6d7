"""Identity form: every item compared, names with gaiji, and how often a day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.identity_form import FormTries, IdentityForm, IdentityFormRules, Item, Registered
from janetbank.testing import strategies
from janetbank.values.account import Account
from janetbank.values.email import MailAddress
from janetbank.values.moment import JST
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber

LAST_DAY = date(2021, 2, 15)
RULES = IdentityFormRules(mismatches=5, gaiji_until=LAST_DAY)
DAY = timedelta(days=1)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=JST)
TODAY = NOON.date()
MIDNIGHT = datetime(2026, 11, 21, 0, 0, tzinfo=JST)

REGISTERED = Registered(
    kana=KanaName("ノウキョウタロウ"),
    kanji=KanjiName("農中太郎"),
    kanji_has_gaiji=False,
    since=date(2020, 4, 1),
    born=BirthDate(date(1980, 1, 2)),
    phones=(PhoneNumber.parse("090-1234-5678"), PhoneNumber.parse("026-234-5678")),
    mails=(MailAddress.parse("taro@example.jp"), MailAddress.parse("taro@keitai.example.jp")),
    account=Account.parse("001", "ordinary", "12345"),
)
FORM = IdentityForm(
    kana=REGISTERED.kana,
    kanji=REGISTERED.kanji,
    born=REGISTERED.born,
    phone=REGISTERED.phones[0],
    mail=REGISTERED.mails[0],
    account=REGISTERED.account,
)
OTHERWISE: dict[Item, dict[str, Any]] = {
    Item.KANA: {"kana": KanaName("ノウキョウジロウ")},
    Item.KANJI: {"kanji": KanjiName("農中二郎")},
    Item.BORN: {"born": BirthDate(date(1980, 2, 1))},
    Item.PHONE: {"phone": PhoneNumber.parse("090-1234-5679")},
    Item.MAIL: {"mail": MailAddress.parse("jiro@example.jp")},
    Item.ACCOUNT: {"account": Account.parse("001", "ordinary", "12346")},
}
IN_KATAKANA = KanjiName(REGISTERED.kana.text)
RARE = evolve(REGISTERED, kanji_has_gaiji=True)


# --- Comparing --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PWR-03", "PWR-04", "PWR-06", "PWR-07", "PWR-08", "RBR-04")
def test_what_is_registered_matches() -> None:
    """A form that says what is registered differs in nothing."""
    assert RULES.compare(FORM, REGISTERED) == ()


@pytest.mark.requirement("PWR-03")
@pytest.mark.parametrize("item", Item)
def test_each_item_is_compared(item: Item) -> None:
    """One item that differs is one item that differs."""
    assert RULES.compare(evolve(FORM, **OTHERWISE[item]), REGISTERED) == (item,)


@pytest.mark.requirement("PWR-11")
@given(items=st.sets(st.sampled_from(Item)))
def test_all_items_are_compared_whatever_the_others_come_to(items: set[Item]) -> None:
    """However many differ, it is those, in the order of the form."""
    changes: dict[str, Any] = {}
    for item in items:
        changes |= OTHERWISE[item]
    assert RULES.compare(evolve(FORM, **changes), REGISTERED) == tuple(item for item in Item if item in items)


def test_where_nothing_is_registered_everything_differs() -> None:
    """Nobody matches what there is not."""
    assert RULES.compare(FORM, None) == tuple(Item)


@pytest.mark.requirement("PWR-06", "PWR-07")
@pytest.mark.parametrize("at", [0, 1])
def test_one_registered_telephone_or_address_is_as_good_as_another(at: int) -> None:
    """Of several that are registered any may be written; where none is, none matches."""
    form = evolve(FORM, phone=REGISTERED.phones[at], mail=REGISTERED.mails[at])
    assert RULES.compare(form, REGISTERED) == ()
    assert RULES.compare(form, evolve(REGISTERED, phones=(), mails=())) == (Item.PHONE, Item.MAIL)


@pytest.mark.requirement("PWR-07")
@pytest.mark.parametrize(
    ("written", "same"),
    [("taro@EXAMPLE.jp", True), ("Taro@example.jp", False), ("TARO@example.jp", False), ("taro@example.com", False)],
)
def test_the_local_part_is_compared_to_the_letter_and_the_domain_is_not(written: str, same: bool) -> None:  # noqa: FBT001 -- a table's column
    """Case counts before the @ and not after it."""
    differing = RULES.compare(evolve(FORM, mail=MailAddress.parse(written)), REGISTERED)
    assert differing == (() if same else (Item.MAIL,))


@pytest.mark.requirement("PWR-06")
@pytest.mark.parametrize("written", ["09012345678", "０９０（１２３４）５６７８", "+81 90 1234 5678"])
def test_of_a_telephone_the_digits_are_compared(written: str) -> None:
    """However a number is written, it is the number."""
    assert RULES.compare(evolve(FORM, phone=PhoneNumber.parse(written)), REGISTERED) == ()


@given(
    kana=strategies.kana_names,
    kanji=strategies.kanji_names,
    born=strategies.birth_dates,
    phone=strategies.phone_numbers,
    mail=strategies.mail_addresses,
    account=strategies.accounts,
)
def test_an_item_matches_exactly_where_it_is_the_same(
    kana: KanaName, kanji: KanjiName, born: BirthDate, phone: PhoneNumber, mail: MailAddress, account: Account
) -> None:
    """Whatever is written, what differs from the record is exactly what is told to differ."""
    form = IdentityForm(kana=kana, kanji=kanji, born=born, phone=phone, mail=mail, account=account)
    registered = evolve(REGISTERED, phones=(phone,), born=born)
    expected = {
        Item.KANA: kana != registered.kana,
        Item.KANJI: kanji != registered.kanji,
        Item.MAIL: mail not in registered.mails,
        Item.ACCOUNT: account != registered.account,
    }
    assert RULES.compare(form, registered) == tuple(item for item, differs in expected.items() if differs)


# --- Names with gaiji -------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PWR-05")
@pytest.mark.parametrize(
    ("since", "gaiji", "taken"),
    [
        (LAST_DAY - DAY, True, True),
        (LAST_DAY, True, True),
        (LAST_DAY + DAY, True, False),
        (None, True, False),
        (LAST_DAY, False, False),
        (LAST_DAY + DAY, False, False),
    ],
)
def test_katakana_stands_in_for_gaiji_until_the_day(since: date | None, gaiji: bool, taken: bool) -> None:  # noqa: FBT001 -- a table's columns
    """Who began by 15 February 2021, that day included, and has gaiji in his name, writes katakana in its place."""
    registered = evolve(REGISTERED, since=since, kanji_has_gaiji=gaiji)
    differing = RULES.compare(evolve(FORM, kanji=IN_KATAKANA), registered)
    assert differing == (() if taken else (Item.KANJI,))


@pytest.mark.requirement("PWR-05")
def test_the_name_itself_is_still_taken() -> None:
    """Whoever manages to write his gaiji need not write katakana."""
    assert RULES.compare(FORM, RARE) == ()


@pytest.mark.requirement("PWR-05")
@pytest.mark.parametrize("written", ["ノウキョウジロウ", "ノウチュウタロウ", "農中"])
def test_other_katakana_stands_in_for_nothing(written: str) -> None:
    """What stands in is the registered reading and no other, whatever was written in the field for katakana."""
    form = evolve(FORM, kana=KanaName("ノウキョウジロウ"), kanji=KanjiName(written))
    assert RULES.compare(form, RARE) == (Item.KANA, Item.KANJI)


def test_a_bank_that_never_had_such_names_takes_none() -> None:
    """Without a day nothing stands in for kanji."""
    rules = evolve(RULES, gaiji_until=None)
    assert rules.compare(evolve(FORM, kanji=IN_KATAKANA), RARE) == (Item.KANJI,)


# --- Counting ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PWR-11")
def test_the_fifth_mismatch_of_a_day_closes_the_form() -> None:
    """Four leave it open, the fifth closes it until midnight in Japan, and at midnight it is open again."""
    tries = FormTries()
    for count in range(1, 6):
        assert RULES.closed(tries, NOON) is None
        tries = RULES.counted(tries, NOON)
        assert tries == FormTries(TODAY, count)
    assert RULES.closed(tries, NOON) == MIDNIGHT
    assert RULES.closed(tries, MIDNIGHT - timedelta.resolution) == MIDNIGHT
    assert RULES.closed(tries, MIDNIGHT) is None


@pytest.mark.requirement("PWR-11")
def test_a_new_day_counts_anew() -> None:
    """What was counted on one day does not count on the next."""
    four = FormTries(TODAY, 4)
    assert RULES.counted(four, MIDNIGHT - timedelta.resolution) == FormTries(TODAY, 5)
    assert RULES.counted(four, MIDNIGHT) == FormTries(TODAY + DAY, 1)


def test_the_day_is_a_day_in_japan() -> None:
    """Three in the afternoon in London is the next day in Tokyo."""
    before, after = (datetime(2026, 11, 20, hour, 0, tzinfo=UTC) for hour in (14, 15))
    assert RULES.counted(FormTries(), before) == FormTries(TODAY, 1)
    assert RULES.counted(FormTries(), after) == FormTries(TODAY + DAY, 1)


def test_a_clock_that_is_late_opens_nothing() -> None:
    """Where another node has begun the next day, what it counted counts, and nothing is counted anew."""
    tomorrow = FormTries(TODAY + DAY, 5)
    assert RULES.closed(tomorrow, NOON) == MIDNIGHT + DAY
    assert RULES.counted(FormTries(TODAY + DAY, 2), NOON) == FormTries(TODAY + DAY, 3)


@given(st.lists(st.timedeltas(timedelta(0), timedelta(hours=20)), max_size=30), st.integers(1, 7))
def test_no_day_has_more_mismatches_than_the_rules_allow(pauses: list[timedelta], mismatches: int) -> None:
    """Whenever somebody comes, what is compared on one day is at most so much, and all of it where he is let."""
    rules, now, tries = IdentityFormRules(mismatches=mismatches, gaiji_until=None), NOON, FormTries()
    compared: dict[date, int] = {}
    for pause in pauses:
        now += pause
        today = now.date()
        let = compared.get(today, 0) < mismatches
        assert (rules.closed(tries, now) is None) is let
        if let:
            tries = rules.counted(tries, now)
            compared[today] = compared.get(today, 0) + 1


@pytest.mark.parametrize("mismatches", [0, -1])
def test_a_form_that_nobody_may_fill_in_is_a_mistake(mismatches: int) -> None:
    """Rules that close the form before anybody came cannot be made."""
    with pytest.raises(ValueError, match="once at least"):
        IdentityFormRules(mismatches=mismatches, gaiji_until=None)
