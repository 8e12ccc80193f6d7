"""A person's names are full-width and unspaced, and a birth date is a day that was."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import BirthDate, KanaName, KanjiName
from janetbank.values.person import EARLIEST_BIRTH, LONGEST_NAME
from tests.values.refusals import refusal

KATAKANA = st.characters(min_codepoint=ord("ァ"), max_codepoint=ord("ヺ"))
FULL_WIDTH = str.maketrans("0123456789-/", "０１２３４５６７８９－／")


@given(st.text(KATAKANA, min_size=1, max_size=LONGEST_NAME))
def test_katakana_is_kept(text: str) -> None:
    """Every full-width katakana letter, small ones and ヴ included, can stand in a name and stays what it is."""
    assert str(KanaName.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["ノウキョウタロウ", "サトー", "ヴィオラ", "ジャン・リュック", "ッ", "ヺ", "ヺヺ", "ァ" * LONGEST_NAME]
)
def test_names_in_kana(text: str) -> None:
    """Long vowels, middle dots and small letters are of the script."""
    assert KanaName.parse(text).text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "name.empty"),
        ("ノウキョウ　タロウ", "name.space"),
        ("ノウキョウ タロウ", "name.space"),
        ("ノウキョウタロウ\n", "name.space"),
        ("ﾉｳｷｮｳﾀﾛｳ", "name.half_width"),
        ("ノウキョウタロｳ", "name.half_width"),
        ("サトｰ", "name.half_width"),
        ("Taro", "name.half_width"),
        ("のうきょうたろう", "name.katakana"),
        ("農中太郎", "name.katakana"),
        ("サト－", "name.katakana"),
        ("サト—", "name.katakana"),
        ("ーサト", "name.katakana"),
        ("・", "name.katakana"),
        ("゛", "name.katakana"),
        ("タロウ\u200b", "name.katakana"),
        ("ァ" * (LONGEST_NAME + 1), "name.length"),
    ],
)
def test_what_is_no_name_in_kana(text: str, code: str) -> None:
    """Spaces, half-width characters, other scripts and look-alikes of ー are refused, each for its own reason."""
    assert refusal(lambda: KanaName.parse(text)) == code
    assert refusal(lambda: KanaName(text)) == code


def test_kana_is_composed() -> None:
    """A voicing mark typed apart is the same letter (NFC), and counts as one."""
    assert KanaName.parse("カ\u3099ス") == KanaName("ガス")
    assert len(KanaName.parse("カ\u3099" * LONGEST_NAME).text) == LONGEST_NAME


@pytest.mark.parametrize(
    "text",
    [
        "農中太郎",
        "髙橋",
        "𠮷野",
        "佐々木",
        "ノウキョウタロウ",
        "さくら",
        "〆木",
        "Ｊ．Ｓｍｉｔｈ",
        "〇",
        "金・ミンス",
        "Ｏ’Ｂｒｉｅｎ",
    ],
)
def test_names_in_kanji(text: str) -> None:
    """Kanji, rare ones too, both kana and full-width Latin letters stand in registered names."""
    assert str(KanjiName.parse(text)) == KanjiName(text).text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "name.empty"),
        ("農中　太郎", "name.space"),
        ("農中 太郎", "name.space"),
        ("農中太郎\r\n", "name.space"),
        ("Smith", "name.half_width"),
        ("ﾉｳｷｮｳ", "name.half_width"),
        ("農中1", "name.half_width"),
        ("農中１", "name.character"),
        ("農中😀", "name.character"),
        ("葛\U000e0100城", "name.character"),
        ("農中\u200b", "name.character"),
        ("農中\x00", "name.character"),
        ("農！", "name.character"),
        ("農" * (LONGEST_NAME + 1), "name.length"),
    ],
)
def test_what_is_no_name_in_kanji(text: str, code: str) -> None:
    """Spaces, half-width characters, digits, pictures and invisible characters are refused, each for its own reason."""
    assert refusal(lambda: KanjiName.parse(text)) == code
    assert refusal(lambda: KanjiName(text)) == code


def test_kanji_are_of_one_spelling() -> None:
    """A compatibility ideograph is the kanji that it stands for (NFC)."""
    assert KanjiName.parse("\ufa19田") == KanjiName("神田")


@given(st.dates(EARLIEST_BIRTH), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"]), st.booleans())
def test_a_birth_date_is_read_in_every_form(day: date, form: str, full_width: bool) -> None:  # noqa: FBT001 -- drawn
    """Hyphens, slashes or neither, in either width: the same day."""
    typed = day.strftime(form)
    assert BirthDate.parse(typed.translate(FULL_WIDTH) if full_width else typed) == BirthDate(day)
    assert str(BirthDate(day)) == day.isoformat()


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1980-01-02", date(1980, 1, 2)),
        ("19800102", date(1980, 1, 2)),
        ("1980/1/2", date(1980, 1, 2)),
        ("１９８０／１／２", date(1980, 1, 2)),
        ("1980-1-12", date(1980, 1, 12)),
        ("2000-02-29", date(2000, 2, 29)),
        ("1868-01-25", date(1868, 1, 25)),
    ],
)
def test_birth_dates(typed: str, day: date) -> None:
    """Zeros may be left out where separators stand."""
    assert BirthDate.parse(typed).date == day


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "birth_date.format"),
        ("1980", "birth_date.format"),
        ("198012", "birth_date.format"),
        ("1980123", "birth_date.format"),
        ("1980-01/02", "birth_date.format"),
        ("1980-0102", "birth_date.format"),
        ("80-01-02", "birth_date.format"),
        ("01-02-1980", "birth_date.format"),
        ("S55-01-02", "birth_date.format"),
        ("1980-01-02\n", "birth_date.format"),
        ("1980-001-02", "birth_date.format"),
        ("1980-13-01", "birth_date.impossible"),
        ("1980-02-30", "birth_date.impossible"),
        ("1900-02-29", "birth_date.impossible"),
        ("19800100", "birth_date.impossible"),
        ("0000-01-01", "birth_date.impossible"),
        ("1868-01-24", "birth_date.too_early"),
    ],
)
def test_what_is_no_birth_date(typed: str, code: str) -> None:
    """Other forms, days of no calendar and days before Meiji are refused, each for its own reason."""
    assert refusal(lambda: BirthDate.parse(typed)) == code


@given(st.dates(EARLIEST_BIRTH, date(2100, 1, 1)), st.integers(1, 10_000))
def test_nobody_is_born_tomorrow(today: date, later: int) -> None:
    """Today is a birth date, any later day is none; without a today there is no future."""
    assert BirthDate.parse(today.isoformat(), today=today).date == today
    future = (today + timedelta(days=later)).isoformat()
    assert refusal(lambda: BirthDate.parse(future, today=today)) == "birth_date.future"
    assert str(BirthDate.parse(future)) == future


def test_a_birth_date_built_directly_is_checked() -> None:
    """A day before Meiji is refused however the value is made."""
    assert refusal(lambda: BirthDate(EARLIEST_BIRTH - timedelta(days=1))) == "birth_date.too_early"


@pytest.mark.parametrize("wrong", [datetime(1980, 1, 2, tzinfo=UTC), "1980-01-02", None])
def test_only_a_date_is_a_birth_date(wrong: object) -> None:
    """An instant or a text is the programmer's mistake."""
    with pytest.raises(TypeError, match=r"^a birth date is made from a date$"):
        BirthDate(wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake under test
