"""Romaji: the ways in which somebody spells a Japanese name, read from its kana, in Latin letters.

Shape:  spellings("サトウ") -> (("sa", "to", "u"), ("sa", "to", ""), ("sa", "to", "h")): lower case, one piece per mora,
        so that a caller who does not know where the family name ends may cut between any two.
Units:  kana may be full-width or half-width katakana or hiragana; Latin letters and digits among them stay as they are.
Errors: none; a character that has no reading (a middle dot, a kanji) is left out.
Source: issue 2 part 3 (Hepburn and Kunrei); the passport practice for long vowels (SATO, SATOH) and for n before b, m, p.

Hepburn (shi, chi, tsu, fu, ji) and Kunrei (si, ti, tu, hu, zi) are each given with the long vowels as the kana write
them (satou), short (sato) and, in Hepburn, with h (satoh), where these differ.
"""

import re
import unicodedata
from itertools import pairwise

Morae = tuple[str, ...]

_VOWELS = "aiueo"
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
    palatal = {kana: _HEPBURN_CONSONANTS.get(s[:2], s[:2]) + s[2:] for kana, s in kunrei.items() if kana[1:] in _SMALL_Y}
    return kunrei | palatal | _HEPBURN_ODD | {kana: s for kana, s in _ODD.items() if len(kana) > 1}


def _doubled(table: dict[str, str]) -> dict[str, str]:
    """*table* with each consonant also doubled by a small tsu: ッタ tta, ッチ tchi in Hepburn."""
    return table | {
        "ッ" + kana: ("t" if sound.startswith("ch") else sound[0]) + sound
        for kana, sound in table.items()
        if sound[0] not in _VOWELS
    }


_KUNREI = _doubled(_kunrei())
_HEPBURN = _doubled(_hepburn(_kunrei()))
_MORA = re.compile("ッ?[^ッー][ァィゥェォャュョヮ]?|ー")
_TO_KATAKANA = {c: c + 0x60 for c in range(ord("ぁ"), ord("ゖ") + 1)}
_LONG = frozenset({("o", "u"), ("o", "o"), ("u", "u")})
_NASAL = "n"


def katakana(kana: str) -> str:
    """*kana* in full-width katakana, whatever its width, hiragana included; anything else is kept."""
    return unicodedata.normalize("NFKC", kana).translate(_TO_KATAKANA)


def _sound(mora: str, table: dict[str, str]) -> str:
    """What *mora* sounds like where the table does not know it whole: character by character."""
    return "".join(table.get(c, c.lower() if c.isascii() and c.isalnum() else "") for c in mora)


def _read(kana: list[str], table: dict[str, str]) -> Morae:
    morae: list[str] = []
    for one in kana:
        if one == "ー":
            mora = morae[-1][-1] if morae else ""
        else:
            mora = table.get(one) or _sound(one, table)
        if mora:
            morae.append(mora)
    return tuple(morae)


def _long_vowels(morae: Morae, replacement: str) -> Morae:
    """*morae* with each vowel that only lengthens the mora before it put as *replacement*."""
    return morae[:1] + tuple(
        replacement if (before[-1], mora) in _LONG else mora for before, mora in pairwise(morae)
    )


def _nasal_before_lip(morae: Morae) -> Morae:
    """*morae* with n put as m before b, m and p (Namba, Homma)."""
    return (
        *("m" if mora == _NASAL and after[0] in "bmp" else mora for mora, after in pairwise(morae)),
        *morae[-1:],
    )


def _with_long_vowels(morae: Morae, *replacements: str) -> list[Morae]:
    """*morae* as the kana write them, and with their long vowels, if any, put as each of *replacements*."""
    if "u" in morae or "o" in morae:
        return [morae, *(_long_vowels(morae, replacement) for replacement in replacements)]
    return [morae]


def spellings(kana: str) -> tuple[Morae, ...]:
    """Every different spelling of *kana*, each as its morae; () where nothing in it can be read."""
    text = _MORA.findall(katakana(kana))
    hepburn, kunrei = _read(text, _HEPBURN), _read(text, _KUNREI)
    if not hepburn:
        return ()
    found = _with_long_vowels(hepburn, "", "h")
    if _NASAL in hepburn:
        found += [_nasal_before_lip(spelling) for spelling in found]
    if kunrei != hepburn:
        found += _with_long_vowels(kunrei, "")
    return tuple(dict.fromkeys(found))
