"""Romaji: the ways in which somebody spells a Japanese name, read from its kana, in Latin letters.

Hepburn (shi, chi, tsu, fu, ji) and Kunrei (si, ti, tu, hu, zi) are each given with the long vowels as the kana write
them (satou) and short (sato), Hepburn also with h for a long o (satoh) and with m before b, m and p (homma).

Shape:  spellings("サトウ") -> ("sato", "satoh", "satou"), lower case, each once, the shortest of a system first.
Units:  kana may be full-width or half-width katakana or hiragana; Latin letters and digits among them stay as they are.
Errors: none; a character that has no reading (a middle dot, a kanji) is left out.
Source: issue 2 part 3 (Hepburn and Kunrei); passports write SATO, SATOH and HOMMA.
"""

import re
import string
import unicodedata

_VOWELS = "aiueo"
_VOWEL_KANA = dict(zip(_VOWELS, "アイウエオ", strict=True))
_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "g": "ガギグゲゴ",
    "s": "サシスセソ",
    "z": "ザジズゼゾ",
    "t": "タチツテト",
    "d": "ダヂヅデド",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "b": "バビブベボ",
    "p": "パピプペポ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
    "x": "ァィゥェォ",
}
_SMALL_Y = {"ャ": "ya", "ュ": "yu", "ョ": "yo", "ェ": "ye"}
_HEPBURN_CONSONANTS = {"sy": "sh", "ty": "ch", "zy": "j"}
# What neither the rows nor their palatal forms give; the sounds of foreign names are spelt alike in both systems.
_ODD = {
    "ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ヰ": "i", "ヱ": "e", "ヲ": "o", "ン": "n", "ヴ": "vu",
    "ャ": "ya", "ュ": "yu", "ョ": "yo", "ヮ": "wa", "ヵ": "ka", "ヶ": "ke", "ヂ": "zi", "ヅ": "zu",
    "ファ": "fa", "フィ": "fi", "フェ": "fe", "フォ": "fo", "ティ": "ti", "ディ": "di", "トゥ": "tu", "ドゥ": "du",
    "デュ": "dyu", "ウィ": "wi", "ウェ": "we", "ウォ": "wo", "ヴァ": "va", "ヴィ": "vi", "ヴェ": "ve", "ヴォ": "vo",
    "ツァ": "tsa", "ツィ": "tsi", "ツェ": "tse", "ツォ": "tso", "クァ": "kwa",
}  # fmt: skip
_HEPBURN_ODD = {"シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji"}


def _kunrei() -> dict[str, str]:
    table = {
        kana: consonant.replace("x", "") + vowel
        for consonant, row in _ROWS.items()
        for kana, vowel in zip(row, _VOWELS, strict=True)
    }
    palatal = {
        row[1] + small: ("z" if consonant == "d" else consonant) + glide
        for consonant, row in _ROWS.items()
        if consonant not in {"", "x"}
        for small, glide in _SMALL_Y.items()
    }
    return table | palatal | _ODD


def _hepburn(kunrei: dict[str, str]) -> dict[str, str]:
    palatal = {
        kana: _HEPBURN_CONSONANTS.get(s[:2], s[:2]) + s[2:] for kana, s in kunrei.items() if kana[1:] in _SMALL_Y
    }
    return kunrei | palatal | _HEPBURN_ODD | {kana: s for kana, s in _ODD.items() if len(kana) > 1}


def _doubled(table: dict[str, str]) -> dict[str, str]:
    """*table* with each consonant also doubled by a small tsu: ッタ tta, ッチ tchi in Hepburn."""
    return table | {
        "ッ" + kana: ("t" if sound.startswith("ch") else sound[0]) + sound
        for kana, sound in table.items()
        if sound[0] not in _VOWELS
    }


_KEPT = {c: c.lower() for c in string.ascii_letters + string.digits}
_KUNREI = _doubled(_kunrei()) | _KEPT
_HEPBURN = _doubled(_hepburn(_kunrei())) | _KEPT
_MORA = re.compile("ッ?.[ァィゥェォャュョヮ]?", re.DOTALL)
_TO_KATAKANA = {c: c + 0x60 for c in range(ord("ぁ"), ord("ゖ") + 1)}


def _legible(kana: str) -> list[str]:
    """The morae of *kana* that the tables know, in full-width katakana and with a vowel for each long mark."""
    morae: list[str] = []
    for mora in _MORA.findall(unicodedata.normalize("NFKC", kana).translate(_TO_KATAKANA)):
        for one in [mora] if mora in _KUNREI else mora:
            if one in _KUNREI:
                morae.append(one)
            elif one == "ー" and morae:
                morae += _VOWEL_KANA.get(_KUNREI[morae[-1]][-1], "")
    return morae


def _with_short(morae: str, *after_o: str) -> list[str]:
    """*morae* without the vowels that only lengthen the one before, or with *after_o* for an o's, and as they are."""
    if "o,u," in morae or "o,o," in morae or "u,u," in morae:
        return [
            *(morae.replace("o,u,", f"o,{h},").replace("o,o,", f"o,{h},").replace("u,u,", "u,") for h in after_o),
            morae,
        ]
    return [morae]


def _with_m(morae: str) -> str:
    return morae.replace(",n,b", ",m,b").replace(",n,m", ",m,m").replace(",n,p", ",m,p")


def spellings(kana: str) -> tuple[str, ...]:
    """Every spelling of *kana*; () where nothing in it can be read."""
    morae = _MORA.findall(kana)
    if not _KUNREI.keys() >= set(morae):
        morae = _legible(kana)
    if not morae:
        return ()
    # A comma before and after each mora tells オウ from what is no long vowel, and ン from ナ.
    hepburn = f",{','.join([_HEPBURN[mora] for mora in morae])},"
    kunrei = f",{','.join([_KUNREI[mora] for mora in morae])},"
    found = _with_short(hepburn, "", "h")
    if ",n," in hepburn:
        found += map(_with_m, found[:])
    if kunrei != hepburn:
        found += _with_short(kunrei, "")
    return tuple(dict.fromkeys([spelling.replace(",", "") for spelling in found]))
