"""Guessable: the strings that somebody who knows a customer, or nobody in particular, would try first.

Explained, never scored: `examine` names every kind of fragment it recognises and counts what is left without them; what
to refuse is said by the rules of a credential (`janetbank.policies.credentials`).

A text is brought to its *shape*: lower case, and every usual substitute put as what it stands for (`@` and `4` are an
a, `0` is an o, `1`, `!` and `|` are an i or an l, which are one letter here).  All that can be guessed is brought to
its shape, too, so that one comparison finds `p@ssw0rd`, and the shape is read backwards as well.  No two digits share a
shape, so that a number is never taken for another one.  All fragments found are taken out together, wherever they
overlap; that also finds a name in both orders, since family and given name are found one by one.

Shape:  examine(text, about=PersonalData(...)) -> Examined(clues, left).
Units:  *left* counts characters of the text in lower case.
Errors: none; nothing a clue holds is part of the text or of the personal data.
Cost:   linear in the text, of which the first 256 characters are examined.
Source: CRD-03, CRD-06, issue 2 part 3; NIST SP 800-63B-4 3.1.1.2 and ASVS 6.2.4, 6.2.11 (common and context words).
"""

import re
import string
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache
from itertools import chain

from attrs import Factory, field, frozen

from janetbank.values.romaji import spellings

EXAMINED = 256
"""So many characters are looked at: more than any credential has, and no work for whoever sends a book."""

SERVICE_WORDS = (
    "janetbank", "jabank", "netbank", "netbanking", "internetbanking", "bank", "ginko", "ginkou", "jastem", "norin",
    "nourin", "norinchukin", "nogyo", "nougyou", "nokyo", "noukyou", "koza", "kouza", "password", "passwd", "pasuwado",
    "login", "logon", "token", "secret",
)  # fmt: skip
"""The words of any Japanese online bank, and of the three first profiles; at least four characters each."""

_LOOKALIKES = str.maketrans("@48(<{390!|1i$57+2", "aabcccegollllssttz")
_SEPARATORS = frozenset(" -_./,:")
_SHORTEST = 3
"""A shorter piece of a name says nothing: any two letters stand in every tenth text."""
_SHORTEST_NUMBER = 4
SHORTEST_WORD = 4
"""Words are looked up by so many first characters, so that none may be shorter."""
_ACCOUNT_DIGITS = 7

# Somewhere in a text chance writes vkvk too often, so that it takes three of them; nothing but one thing twice, hardly.
_RUN_OR_REPEAT = re.compile(r"(.)\1{2,}|(.{2,4}?)\2{2,}|\A(.{2,})\3\Z", re.DOTALL)

_ERAS = (
    (date(2019, 5, 1), "r", 2018),
    (date(1989, 1, 8), "h", 1988),
    (date(1926, 12, 25), "s", 1925),
    (date(1912, 7, 30), "t", 1911),
    (date(1868, 1, 25), "m", 1867),
)
"""First day, letter and the year before the first."""


@frozen
class Clue:
    """What a fragment is (*kind*), in which writing (*pattern*), and whether it tells its datum whole."""

    kind: str
    pattern: str
    whole: bool = False


@frozen
class Examined:
    """The *clues* found, one of each kind (its fullest), and how many characters are *left* without any fragment."""

    clues: tuple[Clue, ...]
    left: int


def _shape(lower_case: str) -> str:
    return lower_case.translate(_LOOKALIKES)


Rungs = tuple[tuple[slice, Clue], ...]
Ladder = tuple[str, Rungs]
"""A text and the pieces of it that are fragments, each within the next: where one is not found, none after it is."""

_ALL = slice(None)


def _birth(pattern: str, *, whole: bool = False) -> Clue:
    return Clue("birth_date", pattern, whole)


# Year, month and day together are the full date, however short (h211): chance writes it once in ten thousand times.
_MMDD = (slice(-4, None), _birth("mmdd"))
_YYYY = (slice(4), _birth("yyyy"))
_YEAR_FIRST: Rungs = (
    _MMDD,
    (slice(-6, None), _birth("yymmdd", whole=True)),
    (_ALL, _birth("yyyymmdd", whole=True)),
)
_YEAR_FIRST_UNPADDED: Rungs = (_YYYY, (_ALL, _birth("yyyymd", whole=True)))
_DAY_FIRST: Rungs = ((slice(4), _birth("ddmm")), (_ALL, _birth("ddmmyyyy", whole=True)))
_MONTH_FIRST: Rungs = ((slice(4), _birth("mmdd")), (_ALL, _birth("mmddyyyy", whole=True)))
_ERA_FIRST: Rungs = (
    _MMDD,
    (slice(-6, None), _birth("era_digits", whole=True)),
    (_ALL, _birth("era_yymmdd", whole=True)),
)
_ERA_YMMDD: Rungs = (_MMDD, (_ALL, _birth("era_ymmdd", whole=True)))
_ERA_YYMD: Rungs = ((_ALL, _birth("era_yymd", whole=True)),)
_ERA_YMD: Rungs = ((_ALL, _birth("era_ymd", whole=True)),)


def _birth_ladders(born: date) -> list[Ladder]:
    writing = f"{born.year:04} {born.month:02} {born.day:02} {born.month}{born.day}"
    year, month, day, unpadded = _shape(writing).split()
    padded = month + day
    ladders = [
        (year + padded, _YEAR_FIRST),
        (year + unpadded, _YEAR_FIRST_UNPADDED),
        (day + month + year, _DAY_FIRST),
        (padded + year, _MONTH_FIRST),
    ]
    for first_day, era, year_before in _ERAS:
        if first_day <= born:
            of_era = f"{born.year - year_before:02}"
            ladders += [(era + _shape(of_era) + padded, _ERA_FIRST), (era + _shape(of_era) + unpadded, _ERA_YYMD)]
            if of_era[0] == "0":
                short = era + _shape(of_era[1])
                ladders += [(short + padded, _ERA_YMMDD), (short + unpadded, _ERA_YMD)]
            break
    return ladders


_TAILS: Rungs = (
    (slice(-4, None), Clue("phone", "last_4")),
    # Area codes have two to five digits with their zero, so of ten digits they leave eight to five.
    *((slice(-size, None), Clue("phone", "without_area_code")) for size in (5, 6, 7)),
    (slice(-8, None), Clue("phone", "last_8")),
)
_WHOLE_NUMBER: Rungs = (*_TAILS, (_ALL, Clue("phone", "whole", whole=True)))
_WITH_TRUNK_ZERO: Rungs = (
    *_TAILS,
    (slice(1, None), Clue("phone", "without_trunk_zero", whole=True)),
    (_ALL, Clue("phone", "whole", whole=True)),
)
_LOCAL_DIGITS = 8
_BRANCH: Rungs = ((_ALL, Clue("account", "branch")),)
_ACCOUNT = Clue("account", "account")
_ALPHANUMERIC = string.ascii_lowercase + string.digits
_SOUNDS = str.maketrans(_ALPHANUMERIC, "akkkakkhakkkhnakkkkkakkkkk" + "a" * 10)
_NAME = Clue("name", "romaji")
_NAME_PART = Clue("name", "romaji_part")
_LOGIN_ID = Clue("login_id", "login_id")
_SERVICE = Clue("service", "service_word")
_COMMON = Clue("common", "common_password")
_RUN = Clue("run", "run")
_REPEAT = Clue("repeat", "repeat")


def _digits(number: str) -> str:
    """The decimal digits of *number* in ASCII, with the trunk zero for +81."""
    if number.isascii() and number.isdecimal():
        return number
    plain = unicodedata.normalize("NFKC", number).strip()
    national = "0" + plain[3:] if plain.startswith("+81") else plain
    return "".join(c for c in national if c.isascii() and c.isdecimal())


def _phone_ladders(phone: str) -> list[Ladder]:
    number = _digits(phone)
    if len(number) < _SHORTEST_NUMBER:
        return []
    if len(number) <= _LOCAL_DIGITS:
        return [(_shape(number), _TAILS)]
    return [(_shape(number), _WITH_TRUNK_ZERO if number[0] == "0" else _WHOLE_NUMBER)]


def _account_ladders(account: str) -> list[Ladder]:
    number = _digits(account).zfill(_ACCOUNT_DIGITS)
    stripped = len(number.lstrip("0"))
    whole = (_ALL, _ACCOUNT)
    rungs = ((slice(-stripped, None), _ACCOUNT), whole) if stripped >= _SHORTEST_NUMBER else (whole,)
    return [(_shape(number), rungs)] if stripped else []


@lru_cache(maxsize=4096)
def _from_both_ends(sounds: str) -> tuple[Rungs, Rungs]:
    """Every beginning and every end of a name that may be a name, the whole one last.

    *sounds* has a letter for each of the name's: a for a vowel, n, h (which may end a mora, too), k for the rest.
    """
    size = len(sounds)
    cuts = [i for i in range(1, size) if sounds[i - 1] in "an" or (sounds[i - 1] == "h" and sounds[i] != "a")]
    whole = (_ALL, _NAME)
    return (
        (*((slice(cut), _NAME_PART) for cut in cuts if cut >= _SHORTEST), whole),
        (*((slice(cut, None), _NAME_PART) for cut in reversed(cuts) if size - cut >= _SHORTEST), whole),
    )


def _name_ladders(kana: str) -> list[Ladder]:
    ladders: list[Ladder] = []
    for spelling in spellings("".join(kana.split())):
        if len(spelling) >= _SHORTEST:
            # Nobody says where the family name ends: it may do so after any mora.
            shape = _shape(spelling)
            beginnings, ends = _from_both_ends(spelling.translate(_SOUNDS))
            ladders += [(shape, beginnings), (shape, ends)]
    return ladders


def _ladders(person: "PersonalData") -> tuple[Ladder, ...]:
    """All that can be guessed from *person*, in shape, at least three characters each."""
    ladders = _birth_ladders(person.birth_date) if person.birth_date else []
    for phone in person.phones:
        ladders += _phone_ladders(phone)
    for account in person.accounts:
        ladders += _account_ladders(account)
    for branch in map(_digits, person.branches):
        if len(branch) >= _SHORTEST:
            ladders.append((_shape(branch), _BRANCH))
    for kana in person.kana_names:
        ladders += _name_ladders(kana)
    return tuple(ladders)


@frozen(kw_only=True, repr=False)
class PersonalData:
    """What is known of a customer and must not be what he proves himself with; its `repr` shows nothing of it.

    *phones* with or without hyphens, national or +81; *kana_names* with or without a space between family and given
    name; *accounts* and *branches* in digits.
    """

    birth_date: date | None = None
    phones: tuple[str, ...] = ()
    kana_names: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    ladders: tuple[Ladder, ...] = field(init=False, eq=False, default=Factory(_ladders, takes_self=True))


NOBODY = PersonalData()
"""Of whom nothing is known."""


Words = dict[str, tuple[tuple[str, str, Clue], ...]]
"""By the first characters of their shapes, as they are and backwards: shape, what must stand there literally, clue."""


@cache
def _words(service_words: tuple[str, ...]) -> Words:
    """*service_words* and the bundled ones, whose lists are read when first needed."""
    from importlib import resources  # costs more than this module; not everybody who imports a profile checks a string

    folder = resources.files("janetbank.values") / "data"
    lists = "\n".join((folder / name).read_text("ascii") for name in ("common_passwords.txt", "common_words_ja.txt"))
    clues = dict.fromkeys(service_words, _SERVICE)
    for line in lists.splitlines():
        if not line.startswith("#"):
            clues.setdefault(line, _COMMON)
    by_head: dict[str, dict[str, tuple[str, str, Clue]]] = {}
    for word, clue in clues.items():
        shape = _shape(word.lower())
        # Somebody may hide the digits of his own number behind letters; those of 121314 only chance writes as lzlela.
        literal = word if word.isdecimal() else ""
        for way, as_it_is in ((shape, literal), (shape[::-1], literal[::-1])):
            by_head.setdefault(way[:SHORTEST_WORD], {}).setdefault(way + as_it_is, (way, as_it_is, clue))
    return {head: tuple(words.values()) for head, words in by_head.items()}


_SEQUENCE = Clue("sequence", "sequence")
_LINES = {
    _SEQUENCE: ("abcdefghijklmnopqrstuvwxyz", "01234567890"),
    Clue("keyboard", "keyboard"): (
        *("qwertyuiop@[", "asdfghjkl;:]", "zxcvbnm,./", "1234567890-^"),  # rows, as Japanese keyboards have them
        *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/"),  # columns
        *("3wa", "4esz", "5rdx", "6tfc", "7ygv", "8uhb", "9ijn", "0okm"),  # columns, leaning the other way
        *("789", "456", "123", "741", "852", "963", "159", "357"),  # the ten-key pad
    ),
}


def _pieces(size: int) -> dict[str, Clue]:
    """Every *size* neighbours on a line, both ways: what is longer consists of them."""
    return {
        way[i : i + size]: clue
        for clue, lines in reversed(_LINES.items())
        for line in lines
        for way in (line, line[::-1])
        for i in range(len(way) - size + 1)
    }


# By chance three characters with substitutes look like neighbours too often, so that it takes four of them.
_NEIGHBOURS = _pieces(3)
_NEIGHBOURS_IN_SHAPE = {_shape(piece): clue for piece, clue in _pieces(4).items()}
_PAIRS = {piece for piece, clue in _pieces(2).items() if clue is _SEQUENCE} | {2 * c for c in _ALPHANUMERIC}

Span = tuple[int, int, Clue]


def _neighbours(text: str, pieces: dict[str, Clue], size: int) -> Iterator[Span]:
    for start in range(len(text) - size + 1):
        if clue := pieces.get(text[start : start + size]):
            yield start, start + size, clue


def _nothing_but_pairs(plain: str) -> Iterator[Span]:
    """A text that is short runs and sequences from end to end: ab12 and aa11 are kin of ab123456 and ab111111."""
    if all(plain[start : start + 2] in _PAIRS for start in range(0, len(plain), 2)):
        yield 0, len(plain), _RUN if plain[::2] == plain[1::2] else _SEQUENCE


def _runs_and_repeats(plain: str, shape: str) -> Iterator[Span]:
    for found in _RUN_OR_REPEAT.finditer(shape):
        start, end = found.span()
        if not found[1]:
            yield start, end, _REPEAT
        elif end - start > _SHORTEST or len(set(plain[start:end])) == 1:
            yield start, end, _RUN


def _climb(shape: str, ladders: tuple[Ladder, ...]) -> Iterator[Span]:
    """Every place of every rung, as it is or backwards."""
    both, size = f"{shape}\n{shape[::-1]}", len(shape)
    for whole, rungs in ladders:
        for piece, clue in rungs:
            fragment = whole[piece]
            at = both.find(fragment)
            if at < 0:
                break
            while at >= 0:
                end = at + len(fragment)
                # The second half is the text backwards, so its positions count from the end.
                yield (at, end, clue) if end <= size else (2 * size + 1 - end, 2 * size + 1 - at, clue)
                at = both.find(fragment, at + 1)


def _look_up(plain: str, shape: str, words: Words) -> Iterator[Span]:
    """Every place of every word."""
    for at in range(len(shape) - SHORTEST_WORD + 1):
        for word, literal, clue in words.get(shape[at : at + SHORTEST_WORD], ()):
            if shape.startswith(word, at) and plain.startswith(literal, at):
                yield at, at + len(word), clue


def _spans(plain: str, ladders: tuple[Ladder, ...], words: Words) -> Iterator[Span]:
    shape = _shape(plain)
    yield from _neighbours(plain, _NEIGHBOURS, 3)
    if shape != plain:
        yield from _neighbours(shape, _NEIGHBOURS_IN_SHAPE, 4)
    if plain[:2] in _PAIRS:
        yield from _nothing_but_pairs(plain)
    yield from _runs_and_repeats(plain, shape)
    yield from _climb(shape, ladders)
    yield from _look_up(plain, shape, words)


def _without_separators(plain: str, ladders: tuple[Ladder, ...], words: Words) -> Iterator[Span]:
    """What is found when 1985-04-05 is read as 19850405; a fragment's separators belong to it."""
    kept = [i for i, c in enumerate(plain) if c not in _SEPARATORS]
    for start, end, clue in _spans("".join([plain[i] for i in kept]), ladders, words):
        yield kept[start], kept[end - 1] + 1, clue


def examine(
    text: str, *, about: PersonalData = NOBODY, login_id: str = "", service_words: tuple[str, ...] = SERVICE_WORDS
) -> Examined:
    """All that can be guessed in *text* by who knows the person it is *about*, its *login_id* and the bank."""
    plain = text[:EXAMINED].lower()
    ladders, words = about.ladders, _words(service_words)
    if len(login_id) >= _SHORTEST:
        ladders += ((_shape(login_id.lower()), ((_ALL, _LOGIN_ID),)),)
    spans = _spans(plain, ladders, words)
    if not _SEPARATORS.isdisjoint(plain):
        spans = chain(spans, _without_separators(plain, ladders, words))
    covered = bytearray(len(plain))
    fullest: dict[str, tuple[bool, int, Clue]] = {}
    for start, end, clue in spans:
        size = end - start
        covered[start:end] = b"\1" * size
        known = fullest.get(clue.kind)
        if known is None or (clue.whole, size) > known[:2]:
            fullest[clue.kind] = (clue.whole, size, clue)
    left = covered.count(0) + len(text[EXAMINED:])
    return Examined(tuple(clue for _, _, clue in fullest.values()), left)
