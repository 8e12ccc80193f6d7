"""A name in kana is spelt in Latin letters as people spell theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values.romaji import spellings

KATAKANA = st.text(st.characters(min_codepoint=ord("ァ"), max_codepoint=ord("ー")), max_size=12)


@pytest.mark.parametrize(
    ("kana", "expected"),
    [
        ("ヤマダ", {"yamada"}),
        ("タロウ", {"tarou", "taro", "taroh"}),
        ("オオノ", {"oono", "ono", "ohno"}),
        ("ユウキ", {"yuuki", "yuki"}),
        ("イノウエ", {"inoue", "inoe", "inohe"}),
        ("シツチフジ", {"shitsuchifuji", "situtihuzi"}),
        ("シャチュジョ", {"shachujo", "syatyuzyo"}),
        ("ヂヅヲ", {"jizuo", "zizuo"}),
        ("ハットリ", {"hattori"}),
        ("ボッチ", {"botchi", "botti"}),
        ("ホンマ", {"honma", "homma"}),
        ("シンバ", {"shinba", "shimba", "sinba"}),
        ("サンペイ", {"sanpei", "sampei"}),
        ("ケンタ", {"kenta"}),
        ("ジョー", {"joo", "jo", "joh", "zyoo", "zyo"}),
        ("ティファニー", {"tifanii"}),
        ("ヴィクトリア", {"vikutoria"}),
    ],
)
def test_spellings(kana: str, expected: set[str]) -> None:
    """Hepburn and Kunrei, long vowels written, dropped or with h, n or m before a lip sound."""
    assert set(spellings(kana)) == expected


@pytest.mark.parametrize("written", ["ｼﾞｮﾝ", "じょん", "ジョン"])
def test_every_width_and_script(written: str) -> None:
    """Half-width katakana, full-width katakana and hiragana are read alike."""
    assert spellings(written) == ("jon", "zyon")


@pytest.mark.parametrize("written", ["", "ー", "ッ", "農中", "・", "\n", "😀"])
def test_nothing_to_read(written: str) -> None:
    """What has no reading has no spelling, and is no error."""
    assert spellings(written) == ()


def test_what_cannot_be_read_is_left_out() -> None:
    """Marks, kanji and stray small kana are left out; Latin letters and digits stay."""
    assert spellings("マイ・ケル") == ("maikeru",)
    assert spellings("Ann2・カ") == ("ann2ka",)
    assert spellings("トァ") == ("toa",)


@given(KATAKANA)
def test_only_lower_case_letters_and_each_once(kana: str) -> None:
    """Whatever the katakana, the spellings are lower-case ASCII letters, none empty, none twice."""
    found = spellings(kana)
    assert len(set(found)) == len(found)
    assert all(spelling.isascii() and spelling.isalpha() and spelling.islower() for spelling in found)


@given(KATAKANA, KATAKANA)
def test_a_name_begins_as_its_first_part_does(family: str, given_name: str) -> None:
    """The plain Hepburn spelling of a joined name begins with the family name's, unless a small kana follows it."""
    if family and given_name and given_name[0] not in "ァィゥェォャュョヮーッ" and family[-1] != "ッ":
        joined, alone = spellings(family + given_name), spellings(family)
        assert not alone or joined[0].startswith(alone[0])
