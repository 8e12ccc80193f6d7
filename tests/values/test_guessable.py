"""Everything that somebody could guess is found and named, however it is disguised; hardly anything else is."""

import random
import string
from datetime import date
from itertools import pairwise
from time import perf_counter

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import BirthDate, KanaName, PhoneNumber
from janetbank.values.guessable import EXAMINED, SERVICE_WORDS, Clue, PersonalData, examine

TARO = PersonalData(
    birth_date=date(1985, 4, 5),
    phones=("090-2756-8391", "+81 463 29 5186"),
    kana_names=("ヤマダタロウ",),
    accounts=("0073916",),
    branches=("472",),
)
NEW_YEAR = evolve(TARO, birth_date=date(1990, 1, 1))
"""Whose birth date is as short as any in full: h211."""
SUBSTITUTES = {
    "a": "@4",
    "b": "8",
    "c": "(",
    "e": "3",
    "g": "9",
    "i": "1!|",
    "l": "1!|",
    "o": "0",
    "s": "$5",
    "t": "7+",
}

BIRTH = {
    "yyyymmdd": "19850405",
    "ddmmyyyy": "05041985",
    "mmddyyyy": "04051985",
    "yyyymd": "198545",
    "yymmdd": "850405",
    "yyyy": "1985",
    "mmdd": "0405",
    "ddmm": "0504",
    "era_yymmdd": "s600405",
    "era_yymd": "s6045",
    "era_digits": "600405",
}
PHONE = {
    "whole": ("09027568391", "0463295186"),
    "without_trunk_zero": ("9027568391", "463295186"),
    "last_8": ("27568391", "63295186"),
    "without_area_code": ("295186",),
    "last_4": ("8391", "5186"),
}
NAME = ("yamadatarou", "yamadataro", "taroyamada", "tarouyamada", "yamada", "taroh", "tarou", "taro")
FRAGMENTS = {
    "birth_date": tuple(BIRTH.values()),
    "phone": tuple(fragment for fragments in PHONE.values() for fragment in fragments),
    "name": NAME,
    "account": ("0073916", "73916", "472"),
    "common": ("dragon", "iloveyou", "sakura", "hanako"),
    "service": SERVICE_WORDS,
    "login_id": ("tk7mq2wz",),
    "run": ("111", "aaaa", "!!!!"),
    "sequence": ("1234", "4321", "abcd", "dcba", "890", "xyz"),
    "keyboard": ("qwerty", "poiuy", "asdf", "1qaz", "zaq1", "0okm", "147", "963", "159"),
    "repeat": ("kwkwkw", "v9xv9xv9x"),
}
PLANTED = [(kind, fragment) for kind, fragments in FRAGMENTS.items() for fragment in fragments]


def kinds(text: str) -> set[str]:
    """The kinds found in *text* of Taro, whose login id is tk7mq2wz."""
    return {clue.kind for clue in examine(text, about=TARO, login_id="tk7mq2wz").clues}


def clue(text: str, kind: str, about: PersonalData = TARO) -> Clue:
    """The clue of *kind* in *text*."""
    return next(clue for clue in examine(text, about=about).clues if clue.kind == kind)


@pytest.mark.requirement("CRD-03", "CRD-06")
@pytest.mark.parametrize(("kind", "fragment"), PLANTED)
def test_every_kind_of_fragment_is_found_and_leaves_nothing(kind: str, fragment: str) -> None:
    """A fragment alone is found, as its kind, and nothing of it is left."""
    examined = examine(fragment, about=TARO, login_id="tk7mq2wz")
    assert kind in {clue.kind for clue in examined.clues}
    assert examined.left == 0


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str, int]:
    """A kind, a fragment of it in disguise among strange letters, and how many these are."""
    kind, fragment = draw(st.sampled_from(PLANTED))
    if draw(st.booleans()):
        fragment = fragment[::-1]
    # A number is its own disguise; three characters with substitutes are too few to be told from chance.
    if len(fragment) > 3 and not fragment.isdecimal():
        fragment = "".join(draw(st.sampled_from(c + SUBSTITUTES.get(c, ""))) for c in fragment)
    fragment = "".join(draw(st.sampled_from((c.lower(), c.upper()))) for c in fragment)
    before, after = (draw(st.sampled_from(["", "v", "wk", "qxj"])) for _ in range(2))
    return kind, before + fragment + after, len(before + after)


@pytest.mark.requirement("CRD-03", "CRD-06")
@given(disguised())
def test_no_disguise_hides_a_fragment(planted: tuple[str, str, int]) -> None:
    """Upper case, usual substitutes, reading backwards and strange neighbours hide no fragment."""
    kind, text, strange = planted
    examined = examine(text, about=TARO, login_id="tk7mq2wz")
    assert kind in {clue.kind for clue in examined.clues}
    assert examined.left <= strange


@pytest.mark.parametrize(("pattern", "fragment"), BIRTH.items())
def test_birth_date_patterns(pattern: str, fragment: str) -> None:
    """The writing of a birth date is named; year, month and day together are the whole date."""
    whole = pattern not in {"yyyy", "mmdd", "ddmm"}
    assert clue(f"kw{fragment}vx", "birth_date") == Clue("birth_date", pattern, whole)


@pytest.mark.parametrize(
    ("born", "eras"),
    [
        (date(2019, 5, 1), ("r010501", "r10501", "r0151", "r151")),
        (date(2019, 4, 30), ("h310430",)),
        (date(1990, 2, 3), ("h020203", "h20203", "h0223", "h223")),
        (date(1989, 1, 8), ("h010108", "h10108")),
        (date(1989, 1, 7), ("s640107",)),
        (date(1980, 11, 12), ("s551112",)),
        (date(1926, 12, 25), ("s011225", "s11225")),
        (date(1926, 12, 24), ("t151224",)),
        (date(1912, 7, 30), ("t010730", "t10730")),
        (date(1912, 7, 29), ("m450729",)),
        (date(1868, 1, 25), ("m010125",)),
    ],
)
def test_eras_change_on_their_days(born: date, eras: tuple[str, ...]) -> None:
    """A Japanese year is told from the day its era began, with and without zeros."""
    for era in eras:
        found = clue(f"kw{era}vx", "birth_date", PersonalData(birth_date=born))
        assert found.pattern.startswith("era_")
        assert found.whole
        assert examine(era, about=PersonalData(birth_date=born)).left == 0


def test_before_the_eras() -> None:
    """Whoever was born before Meiji has a western date only."""
    born = PersonalData(birth_date=date(1868, 1, 24))
    assert clue("18680124", "birth_date", born).whole
    assert not any(
        clue.kind == "birth_date" for clue in examine("m0124", about=PersonalData(birth_date=date(1800, 9, 9))).clues
    )


@pytest.mark.parametrize(("pattern", "fragment"), [(p, f) for p, found in PHONE.items() for f in found])
def test_phone_patterns(pattern: str, fragment: str) -> None:
    """The part of a number is named; all its digits, with or without the trunk zero, are the whole number."""
    assert clue(fragment, "phone") == Clue("phone", pattern, pattern in {"whole", "without_trunk_zero"})


@pytest.mark.parametrize(
    "parts",
    [
        ("09012345678", "9012345678", "12345678", "5678"),
        ("0312345678", "312345678", "12345678", "5678"),
        ("0177771234", "177771234", "77771234", "7771234", "1234"),
        ("0267123456", "267123456", "67123456", "123456", "3456"),
        ("0499221234", "499221234", "99221234", "21234", "1234"),
    ],
)
def test_area_codes_of_every_length(parts: tuple[str, ...]) -> None:
    """Nothing is left of a number: whole, without its zero, the last eight, without its area code, the last four."""
    who = PersonalData(phones=parts[:1])
    assert [examine(part, about=who).left for part in parts] == [0] * len(parts)
    assert all(any(one.kind == "phone" for one in examine(part, about=who).clues) for part in parts)


@pytest.mark.parametrize("written", ["０９０−２７５６−８３９１", "+819027568391", "(090)2756-8391", "09027568391"])
def test_phones_in_every_writing(written: str) -> None:
    """A number is the same number however it was written."""
    assert clue("09027568391", "phone", PersonalData(phones=(written,))).pattern == "whole"


def test_numbers_that_are_hardly_any() -> None:
    """A local number has no whole to forbid, a foreign one no trunk zero, and fewer than four digits say nothing."""
    assert clue("27568391", "phone", PersonalData(phones=("27568391",))) == Clue("phone", "last_8")
    foreign = PersonalData(phones=("12025550173",))
    assert clue("12025550173", "phone", foreign).pattern == "whole"
    assert clue("2025550173", "phone", foreign).pattern == "last_8"
    assert examine("kqv983", about=PersonalData(phones=("983", ""), accounts=("", "0"), branches=("83",))).clues == ()
    assert clue("0000061", "account", PersonalData(accounts=("61",))).pattern == "account"


@pytest.mark.parametrize("kana", ["ヤマダタロウ", "ヤマダ　タロウ", "ヤマダ タロウ", "ﾔﾏﾀﾞ ﾀﾛｳ", "やまだたろう"])
def test_names_in_both_orders(kana: str) -> None:
    """Family and given name are found in either order, joined or alone, wherever the family name may end."""
    who = PersonalData(kana_names=(kana,))
    for text in NAME:
        assert clue(text, "name", who).pattern.startswith("romaji")
        assert examine(text, about=who).left == 0
    assert clue("yamadataro", "name", who).pattern == "romaji"
    assert clue("taro", "name", who).pattern == "romaji_part"


def test_short_names() -> None:
    """Two letters of a name are nothing, three are something."""
    who = PersonalData(kana_names=("イ", "アベ"))
    assert examine("kwivx", about=who).clues == ()
    assert clue("abekwv", "name", who).pattern == "romaji"
    assert clue("abekwv", "name", PersonalData(kana_names=("アベサトル",))).pattern == "romaji_part"
    assert clue("kwvabe", "name", PersonalData(kana_names=("サトルアベ",))).pattern == "romaji_part"


def test_values_of_this_library_fit() -> None:
    """What the other values hold is what personal data are made of."""
    who = PersonalData(
        birth_date=BirthDate.parse("19850405").date,
        phones=(PhoneNumber.parse("090-2756-8391").digits, PhoneNumber.parse("0463-29-5186").e164),
        kana_names=(KanaName("ヤマダタロウ").text,),
    )
    assert {clue.kind for clue in examine("yamada0405kw8391", about=who).clues} >= {"name", "birth_date", "phone"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", 0),
        ("ab111111", 0),
        ("ab111", 2),
        ("ab123456", 0),
        ("abc12345", 0),
        ("abcdefgh", 0),
        ("1qaz2wsx", 0),
        ("p@ssw0rd", 0),
        ("dr0wss@p", 0),
        ("sakuranohana", 2),
        ("yamada04kw", 4),
        ("1234qwer", 0),
        ("k7wq2m9x", 8),
        ("aab", 3),
        ("abxcd", 5),
        ("il1", 3),
        ("il1!", 0),
        ("vk567b9q", 3),
        ("vkvkvx", 6),
        ("ab12", 0),
        ("AA11", 0),
        ("98ba44", 0),
        ("ab1", 3),
        ("ab13", 4),
        ("xab12", 5),
        ("vkvk", 0),
        ("1212", 0),
        ("kw7qKW7Q", 0),
        ("vkvkx", 5),
        ("1985-04-05", 0),
        ("19.85/04 05kqv", 3),
    ],
)
def test_what_is_left(text: str, left: int) -> None:
    """All fragments are taken out together, wherever they overlap, and the rest is counted."""
    nobody = PersonalData(birth_date=TARO.birth_date, kana_names=TARO.kana_names)
    assert examine(text, about=nobody).left == left


@pytest.mark.requirement("CRD-03", "CRD-06")
@pytest.mark.parametrize(
    ("text", "kind"), [("ab12", "sequence"), ("12ba", "sequence"), ("aa11", "run"), ("aa12", "sequence")]
)
def test_short_kin_of_the_sources_examples(text: str, kind: str) -> None:
    """What ab123456 and ab111111 come to in four characters is named as they are."""
    assert [one.kind for one in examine(text).clues] == [kind]


def test_one_clue_of_each_kind_the_fullest() -> None:
    """Of several fragments of a kind the whole one is told, or else the longest."""
    clues = examine("1985kw19850405", about=TARO).clues
    assert [clue.pattern for clue in clues if clue.kind == "birth_date"] == ["yyyymmdd"]
    assert len({clue.kind for clue in clues}) == len(clues)
    assert clue("0405kw600405", "birth_date").pattern == "era_digits"


def test_no_number_is_taken_for_another() -> None:
    """Of any two different digits neither substitutes the other, so a stranger's number is not refused as one's own."""
    for mine, other in pairwise("0123456789"):
        who = PersonalData(phones=(f"0{mine * 9}",))
        assert not any(clue.kind == "phone" for clue in examine(other * 8, about=who).clues)


def test_substitutes_are_for_words_and_for_numbers_of_ones_own() -> None:
    """Letters for the digits of a common number are chance; for those of one's own number they are a disguise."""
    assert "common" in kinds("951753")
    assert "common" not in kinds("gslts3")
    assert "phone" in kinds("o9oz7S6839l")


def test_the_login_id_is_found_however_it_was_typed() -> None:
    """Case hides a login id neither where it is chosen nor in the password."""
    assert examine("tk7mq2wz", login_id="TK7MQ2WZ").left == 0
    assert examine("TK7MQ2WZ", login_id="tk7mq2wz").left == 0


def test_service_words_are_the_profiles_own() -> None:
    """A profile's words are found in place of the usual ones."""
    assert "service" in {clue.kind for clue in examine("michinoku7", service_words=("michinoku",)).clues}
    assert "service" not in {clue.kind for clue in examine("jabank7", service_words=("michinoku",)).clues}


def test_nothing_personal_shows() -> None:
    """Neither the personal data nor what was found in a text repeats any of it."""
    assert "1985" not in repr(TARO)
    assert "0902756" not in repr(TARO)
    for kind, fragment in PLANTED:
        found = examine(f"kw{fragment}", about=TARO, login_id="tk7mq2wz").clues
        assert kind == "service" or fragment not in repr(found)


def false_alarms(count: int, about: PersonalData) -> int:
    """How many of *count* random strings of eight letters and digits would leave fewer than three characters."""
    chance = random.Random(1)
    alphabet = string.ascii_lowercase + string.digits
    texts = ("".join(chance.choices(alphabet, k=8)) for _ in range(count))
    found = (examine(text, about=about, login_id="tk7mq2wz") for text in texts)
    return sum(examined.left < 3 or any(clue.whole for clue in examined.clues) for examined in found)


@pytest.mark.requirement("CRD-03", "CRD-06")
@pytest.mark.parametrize("about", [PersonalData(), TARO], ids=["nobody", "Taro"])
def test_hardly_any_random_string_is_refused(about: PersonalData) -> None:
    """Of 20,000 random strings at most one in a thousand is refused, whoever chose it."""
    assert false_alarms(20_000, about) <= 20


@pytest.mark.search
@pytest.mark.parametrize("about", [PersonalData(), TARO, NEW_YEAR], ids=["nobody", "Taro", "new year"])
def test_hardly_any_of_100_000_is_refused(about: PersonalData) -> None:
    """Of 100,000 random strings at most 100 are refused, whoever chose them."""
    assert false_alarms(100_000, about) <= 100


@given(st.text(max_size=40))
def test_any_text_can_be_examined(text: str) -> None:
    """Full-width, control and any other characters are no error, and no more is left than there was."""
    assert 0 <= examine(text, about=TARO, login_id="tk7mq2wz").left <= len(text.lower())


@pytest.mark.parametrize("unit", ["a", "1", "ab", "abcdefghij", "password", "yamadatarou", "0", "aA@4", "\n", "あ"])
def test_long_texts_cost_little(unit: str) -> None:
    """A text of 1,000 characters, however contrived, is examined in a fraction of a second, its far end not at all."""
    contrived = PersonalData(kana_names=("ア" * 60,), phones=("0" * 11,), birth_date=date(1985, 4, 5))
    text = (unit * 1000)[:1000]
    start = perf_counter()
    examined = examine(text, about=contrived, login_id=text)
    assert perf_counter() - start < 0.5
    assert examined.left >= 1000 - EXAMINED
