"""Messages: every outcome, violation and letter as Japanese and as English text.

    text(Refused(), "ja")                        # an outcome, or a Violation
    phrase("question.pet", "en")                 # a text by its code

Shape:  the texts stand in `ja.toml` and `en.toml`, one per code, with {placeholders} for what the outcome's fields or
        the violation's params give.  A field that is None takes the text of `<code>.without_<field>`.
Units:  an instant is shown in Japanese time (11月21日 15:04, 21 November 15:04 JST), an enumeration's member by its own
        text (`step.holder`); with a conversion, {day!s}, a value is shown as Python writes it, a day with its year.
Errors: NoText for a code or a language that has none: the programmer's mistake, which a test finds before anybody.
Source: ENR-16, CRD-06 (the reason is shown), ASVS 16.5.1 (no secret in a message: only plain fields can be placed).
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import ClassVar, Literal, Protocol, cast, get_args

import attrs

from janetbank.values.daily_limit import DailyLimit
from janetbank.values.moment import in_japan
from janetbank.values.money import Yen
from janetbank.values.violation import Violation

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Shown = str | int | datetime | date | Enum | Yen | DailyLimit
"""What can be placed into a text."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Written out: what Python calls the months depends on the machine's language."""


class NoText(LookupError):  # noqa: N818 -- states a condition
    """There is no such text."""


class Outcome(Protocol):
    """What a flow returned: a frozen attrs class with a code."""

    code: ClassVar[str]


def text(said: Outcome | Violation, lang: Language = "ja") -> str:
    """What *said* says in a customer's language; an outcome that holds violations says each on a line of its own."""
    if isinstance(said, Violation):
        return phrase(said.code, lang, **said.params)
    fields = attrs.asdict(cast("attrs.AttrsInstance", said), recurse=False)
    absent = [f".without_{name}" for name, value in fields.items() if value is None]
    placed = {name: value for name, value in fields.items() if isinstance(value, Shown)}
    lines = [phrase(said.code + "".join(absent), lang, **placed)]
    lines += [text(violation, lang) for violation in fields.get("violations", ())]
    return "\n".join(lines)


def phrase(code: str, lang: Language = "ja", /, **placed: Shown) -> str:
    """The text of *code* with its placeholders filled; what it has no placeholder for is left out."""
    try:
        template = _texts(lang)[code]
        wanted = [(name, how) for _, name, _, how in Formatter().parse(template) if name]
        written = {name: placed[name] if how else _written(placed[name], lang) for name, how in wanted}
        return template.format_map(written)
    except KeyError as error:
        msg = f"the {lang} text {code!r} is missing, or wants {error}"
        raise NoText(msg) from None


@cache
def _texts(lang: Language) -> Mapping[str, str]:
    if lang not in LANGUAGES:
        msg = f"there is no language {lang!r} here, only {', '.join(LANGUAGES)}"
        raise NoText(msg)
    texts: dict[str, str] = tomllib.loads(files(__name__).joinpath(f"{lang}.toml").read_text("utf-8"))
    return texts


def _written(value: Shown, lang: Language) -> str | int:
    match value:
        case datetime():
            there = in_japan(value)
            return f"{_day(there, lang)} {there:%H:%M}{' JST' if lang == 'en' else ''}"
        case date():
            return _day(value, lang)
        case Enum():
            return phrase(f"{type(value).__name__.lower()}.{value.value}", lang)
        case Yen():
            return f"{value.amount:,} yen" if lang == "en" else str(value)
        case DailyLimit():
            return _written(value.yen, lang) if lang == "en" else str(value)
        case _:
            return value


def _day(day: date, lang: Language) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}" if lang == "en" else f"{day.month}月{day.day}日"
