"""Kinds: how what a profile is made of is written in TOML, read from it, and described to an editor.

A kind is found from the type of a field (`kind_of`), so that a new field needs its line in `about` and nothing else.

| a field that is | is written |
|---|---|
| a class of rules | as a table with the names of its fields |
| a length of time | "300 s"; in ms, s, min, h or d |
| one of a few | by its value: "silent" |
| some of a few, in no order | as an array of their values |
| something by name | as a table; where every name is wanted, `otherwise` stands for those not named |
| a number of yen or 万円 | as the number |
| hours, days, a version of the app | "06:30-23:40", "01-01 to 01-03: closed", "4.0" |
| None | "none", so that nothing is None by being forgotten |

Shape:  `read(value, at)` gives what it stands for, or raises `Wrong`; `write` is its inverse; `schema` for editors.
Units:  bounds are of the kind itself: numbers for numbers, lengths of time for lengths of time.
Errors: `Wrong` with every fault found; ValueError where something cannot be written.
Source: docs/profiles.md.
"""

import re
from collections import Counter as Counted
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from enum import Enum
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Protocol, Union, cast, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from janetbank.policies.calendar import BankCalendar
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan
from janetbank.policies.questions import CATALOGUE, QuestionRules
from janetbank.policies.service_hours import ROUND_THE_CLOCK, Closure, EachYear, Once, SpecialDays, Window
from janetbank.profiles.about import ABOUT, About
from janetbank.profiles.profile import NIST_GUESSES
from janetbank.values.app_version import AppVersion
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.money import Yen

Path = tuple[str, ...]
Schema = dict[str, Any]

NONE = "none"
OTHERWISE = "otherwise"
IN_CODE_ALONE = frozenset({(BankCalendar, "operates")})
"""A function is no number: whoever needs it writes his profile in Python."""


@frozen
class Fault:
    """What is wrong with the value *at* a path, or with the lack of it."""

    at: Path
    reason: str


class Wrong(Exception):  # noqa: N818 -- it names the thing
    """A value cannot be read, for these *faults*."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = faults


class Kind(Protocol):
    """See the module."""

    def read(self, value: object, at: Path) -> object:
        """What *value*, which stands *at* a path, stands for."""

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- whatever this kind reads, as TOML has it
        """How it is written."""

    def schema(self) -> Schema:
        """What an editor is told of it."""
        ...


@frozen
class Plain:
    """What TOML has a type for: a text, a truth, a day, a time of day."""

    type: type
    named: str

    def read(self, value: object, at: Path) -> object:
        """Itself."""
        if type(value) is not self.type:
            raise Wrong(Fault(at, f"{_said(value)} is not {self.named}"))
        return value

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """Itself."""
        return value

    def schema(self) -> Schema:
        """An editor sees a day and a time as TOML's own."""
        return {"type": "boolean"} if self.type is bool else {"type": "string"}


@frozen
class Number:
    """An integer from *least* to *most*."""

    least: int | None
    most: int | None

    def read(self, value: object, at: Path) -> object:
        """True is no number."""
        if type(value) is not int:
            raise Wrong(Fault(at, f"{_said(value)} is not a whole number"))
        if self.least is not None and value < self.least:
            raise Wrong(Fault(at, f"{value} is too little: {self.least} at least"))
        if self.most is not None and value > self.most:
            raise Wrong(Fault(at, f"{value} is too much: {self.most} at most"))
        return value

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """Itself."""
        return value

    def schema(self) -> Schema:
        """With its bounds."""
        bounds = {"minimum": self.least, "maximum": self.most}
        return {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}


_LENGTH = re.compile(r"([0-9]{1,9}) (ms|s|min|h|d)", re.ASCII)
_UNITS: Mapping[str, timedelta] = MappingProxyType(
    {
        "d": timedelta(days=1),
        "h": timedelta(hours=1),
        "min": timedelta(minutes=1),
        "s": timedelta(seconds=1),
        "ms": timedelta(milliseconds=1),
    }
)


def span(length: timedelta) -> str:
    """*length* as it is written: in the longest unit that it is a whole number of."""
    for unit, one in _UNITS.items():
        if length % one == timedelta(0) and (length or unit == "s"):
            return f"{length // one} {unit}"
    msg = f"{length} is not a whole number of milliseconds"
    raise ValueError(msg)


@frozen
class Span:
    """A length of time from *least* to *most*."""

    least: timedelta | None
    most: timedelta | None

    def read(self, value: object, at: Path) -> object:
        """A number and its unit."""
        found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise Wrong(Fault(at, f'{_said(value)} is not a length of time such as "300 s"; units: ms, s, min, h, d'))
        length = int(found[1]) * _UNITS[found[2]]
        if self.least is not None and length < self.least:
            raise Wrong(Fault(at, f'"{value}" is too short: {span(self.least)} at least'))
        if self.most is not None and length > self.most:
            raise Wrong(Fault(at, f'"{value}" is too long: {span(self.most)} at most'))
        return length

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """A number and its unit."""
        return span(value)

    def schema(self) -> Schema:
        """Its form; the bounds stand in the description."""
        return {"type": "string", "pattern": f"^{_LENGTH.pattern}$"}


@frozen
class Text:
    """Something that is written as one text: *parse* makes it, *written* is how it is written, *example* is one."""

    parse: Callable[[str], object]
    written: Callable[[Any], str]
    example: str

    def read(self, value: object, at: Path) -> object:
        """Whatever *parse* makes of it."""
        try:
            if isinstance(value, str):
                return self.parse(value)
        except ValueError:
            pass
        raise Wrong(Fault(at, f"{_said(value)} is not written like {self.example!r}"))

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """The text."""
        return self.written(value)

    def schema(self) -> Schema:
        """An example."""
        return {"type": "string", "examples": [self.example]}


@frozen
class Choice:
    """One of an enumeration, by its value."""

    of: type[Enum]

    def read(self, value: object, at: Path) -> object:
        """The member."""
        values = [one.value for one in self.of]
        if not isinstance(value, str) or value not in values:
            raise Wrong(Fault(at, f"{_said(value)} is none of {', '.join(values)}{_near(value, values)}"))
        return self.of(value)

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """Its value."""
        return value.value

    def schema(self) -> Schema:
        """All of them."""
        return {"enum": [one.value for one in self.of]}


@frozen
class Optional:
    """Something, or nothing, which is written too."""

    some: Kind

    def read(self, value: object, at: Path) -> object:
        """None for "none"."""
        return None if value == NONE else self.some.read(value, at)

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """The word "none" for None."""
        return NONE if value is None else self.some.write(value)

    def schema(self) -> Schema:
        """Either."""
        return {"anyOf": [{"const": NONE}, self.some.schema()]}


@frozen
class Many:
    """An array; as a set it has no order, and is written in that of the enumeration or the calendar."""

    one: Kind
    kept: type[tuple[object, ...]] | type[frozenset[object]]

    def read(self, value: object, at: Path) -> object:
        """One by one; where one cannot be read, its place is named."""
        if not isinstance(value, list):
            raise Wrong(Fault(at, f"{_said(value)} is not an array"))
        places = ((str(place), one) for place, one in enumerate(cast("list[object]", value), start=1))
        made = _all(lambda place, one: self.one.read(one, (*at, place)), places)
        many = self.kept(made.values())
        return ROUND_THE_CLOCK if many == ROUND_THE_CLOCK else many

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """In an order that is always the same."""
        if self.kept is frozenset:
            order = list(self.one.of) if isinstance(self.one, Choice) else sorted(value)
            value = [one for one in order if one in value]
        return [self.one.write(one) for one in value]

    def schema(self) -> Schema:
        """An array of them."""
        return {"type": "array", "items": self.one.schema()}


@frozen
class Wrapped:
    """A number with a class of its own: yen, 万円."""

    of: type[Any]
    number: Number

    def read(self, value: object, at: Path) -> object:
        """The number in its class."""
        return _made(self.of, (self.number.read(value, at),), {}, at)

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """The number."""
        return getattr(value, attrs.fields(self.of)[0].name)

    def schema(self) -> Schema:
        """That of the number."""
        return self.number.schema()


@frozen
class ByName:
    """A table from the members of an enumeration; where *every* one is wanted, `otherwise` stands for the rest."""

    keys: type[Enum]
    one: Kind
    every: bool

    def read(self, value: object, at: Path) -> object:
        """In the order of the enumeration."""
        table = _table(value, at)
        names = [one.value for one in self.keys]
        unknown = _unknown(table, [*names, OTHERWISE] if self.every else names, at)
        given = {name: one for name, one in table.items() if name in names}
        if self.every and (missing := [name for name in names if name not in table]):
            if OTHERWISE not in table:
                unknown.extend(Fault((*at, name), "is missing, and there is no 'otherwise'") for name in missing)
            else:
                given[OTHERWISE] = table[OTHERWISE]
        made = _all(lambda name, one: self.one.read(one, (*at, name)), given.items(), unknown)
        shared = made.get(OTHERWISE)
        return MappingProxyType(
            {key: made.get(key.value, shared) for key in self.keys if key.value in made or OTHERWISE in made}
        )

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """What more than half of them have is written once."""
        table = {key.value: self.one.write(value[key]) for key in self.keys if key in value}
        if not self.every:
            return table
        most, times = Counted(map(repr, table.values())).most_common(1)[0]
        if times * 2 <= len(table):
            return table
        shared = next(one for one in table.values() if repr(one) == most)
        return {OTHERWISE: shared, **{name: one for name, one in table.items() if one != shared}}

    def schema(self) -> Schema:
        """These names and no others."""
        names = [one.value for one in self.keys] + ([OTHERWISE] if self.every else [])
        return {"type": "object", "propertyNames": {"enum": names}, "additionalProperties": self.one.schema()}


@frozen
class OneOf:
    """One class of a few, each with its one number: `{ more_than = 6 }`."""

    of: Mapping[str, tuple[type[Any], Number]]

    def read(self, value: object, at: Path) -> object:
        """The name says which."""
        table = _table(value, at)
        if faults := _unknown(table, [*self.of], at):
            raise Wrong(*faults)
        if len(table) != 1:
            raise Wrong(Fault(at, f"wants one of {', '.join(self.of)}"))
        ((name, given),) = table.items()
        made, number = self.of[name]
        return made(number.read(given, (*at, name)))

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """A table of one."""
        return next({name: value.count} for name, (made, _) in self.of.items() if isinstance(value, made))

    def schema(self) -> Schema:
        """One of them."""
        return {
            "type": "object",
            "properties": {name: number.schema() for name, (_, number) in self.of.items()},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }


@frozen
class Table:
    """A class of rules, by its fields."""

    of: type[object]

    def read(self, value: object, at: Path) -> object:
        """All fields are read before the class says whether they go together."""
        table, known = _table(value, at), fields(self.of)
        faults = _unknown(table, [*known], at)
        faults += [
            Fault((*at, name), f"is missing: {ABOUT[self.of, name].text}")
            for name, (_, needed) in known.items()
            if needed and name not in table
        ]
        given = [(name, one) for name, one in table.items() if name in known]
        made = _all(lambda name, one: known[name][0].read(one, (*at, name)), given, faults)
        return _made(self.of, (), made, at)

    def write(self, value: Any) -> Any:  # noqa: ANN401 -- see Kind
        """Every field, those that are as they would be without a line as well."""
        for name in (name for of, name in IN_CODE_ALONE if of is self.of):
            if getattr(value, name) is not None:
                msg = f"{self.of.__name__}.{name} is a function, which no file can hold"
                raise ValueError(msg)
        return {name: kind.write(getattr(value, name)) for name, (kind, _) in fields(self.of).items()}

    def schema(self) -> Schema:
        """A property for each field, with what it is about."""
        known = fields(self.of)
        return {
            "type": "object",
            "properties": {
                name: {"description": described(self.of, name), **kind.schema()} for name, (kind, _) in known.items()
            },
            "required": [name for name, (_, needed) in known.items() if needed],
            "additionalProperties": False,
        }


def _special(text: str) -> SpecialDays:
    days, _, windows = text.partition(": ")
    first, _, last = days.partition(" to ")
    spoken = () if windows == "closed" else tuple(Window.of(one) for one in windows.split(", "))
    yearly = re.compile(r"([0-9]{2})-([0-9]{2})", re.ASCII)
    if (start := yearly.fullmatch(first)) and (end := yearly.fullmatch(last)):
        return SpecialDays(EachYear((int(start[1]), int(start[2])), (int(end[1]), int(end[2]))), spoken)
    return SpecialDays(Once(date.fromisoformat(first), date.fromisoformat(last)), spoken)


def special_days(rule: SpecialDays) -> str:
    """How special days are written."""
    days = rule.days
    first, last = (
        (f"{days.first[0]:02}-{days.first[1]:02}", f"{days.last[0]:02}-{days.last[1]:02}")
        if isinstance(days, EachYear)
        else (str(days.first), str(days.last))
    )
    return f"{first} to {last}: {', '.join(map(str, rule.windows)) or 'closed'}"


def _closure(text: str) -> Closure:
    start, _, end = text.partition(" to ")
    try:
        return Closure(datetime.fromisoformat(start), datetime.fromisoformat(end))
    except TypeError as naive:  # an instant without a zone is none
        raise ValueError from naive


TEXTS: Mapping[type, Kind] = MappingProxyType(
    {
        Window: Text(Window.of, str, "06:30-23:40"),
        SpecialDays: Text(_special, special_days, "01-01 to 01-03: closed"),
        Closure: Text(
            _closure,
            lambda one: f"{one.start.isoformat()} to {one.end.isoformat()}",
            "2026-05-02T00:00:00+09:00 to 2026-05-04T06:00:00+09:00",
        ),
        AppVersion: Text(AppVersion, str, "4.0"),
        str: Plain(str, "a text"),
        bool: Plain(bool, "true or false"),
        date: Plain(date, "a day such as 2026-05-01"),
        time: Plain(time, "a time of day such as 21:30:00"),
    }
)
_NUMBERS = frozenset({DailyLimit, Yen})


def kind_of(hint: Any, about: About) -> Kind:  # noqa: ANN401 -- whatever a field is annotated with
    """How a field of the type *hint* is written."""
    if get_origin(hint) in {Union, UnionType}:
        return _either(get_args(hint), about)
    if get_origin(hint) is Mapping:
        keys, one = get_args(hint)
        return ByName(keys, kind_of(one, about), about.every)
    if get_origin(hint) in {tuple, frozenset}:
        return Many(kind_of(get_args(hint)[0], about), get_origin(hint))
    if hint is timedelta:
        least, most = (one if isinstance(one, timedelta) else None for one in (about.least, about.most))
        return Span(least, most)
    if hint is int or hint in _NUMBERS:
        return _number(about) if hint is int else Wrapped(hint, _number(about))
    if issubclass(hint, Enum):
        return Choice(hint)
    return TEXTS[hint] if hint in TEXTS else Table(hint)


def _either(members: Sequence[Any], about: About) -> Kind:
    if NoneType in members:
        (some,) = (one for one in members if one is not NoneType)
        return Optional(kind_of(some, about))
    names = {MoreThan: "more_than", AtLeast: "at_least"}
    return OneOf({names[one]: (one, _number(ABOUT[one, "count"])) for one in members})


def _number(about: About) -> Number:
    least, most = (one if isinstance(one, int) else None for one in (about.least, about.most))
    return Number(least, most)


def fields(of: type[object]) -> Mapping[str, tuple[Kind, bool]]:
    """The fields of *of* that are written: how each is, and whether there must be a line for it."""
    hints = get_type_hints(of)
    return {
        one.name: (kind_of(hints[one.name], ABOUT[of, one.name]), one.default is attrs.NOTHING)
        for one in attrs.fields(cast("type[attrs.AttrsInstance]", of))
        if (of, one.name) not in IN_CODE_ALONE
    }


def described(of: type[Any], name: str) -> str:
    """What is told of a field: what it is for, and its bounds."""
    about = ABOUT[of, name]
    least, most = (span(one) if isinstance(one, timedelta) else one for one in (about.least, about.most))
    if least is None:
        return about.text
    return f"{about.text} ({least} or more)" if most is None else f"{about.text} ({least} to {most})"


def _made(of: Callable[..., object], args: tuple[object, ...], given: Mapping[str, object], at: Path) -> object:
    """One of *of*, if these go together."""
    try:
        made = of(*args, **given)
    except ValueError as error:
        raise Wrong(Fault(at, str(error))) from None
    match made:
        case Lockout(guesses_to_block=guesses) if guesses > NIST_GUESSES:
            raise Wrong(Fault(at, f"{guesses} guesses before a block are more than NIST's {NIST_GUESSES}"))
        case QuestionRules(catalogue=catalogue) if unknown := [one for one in catalogue if one not in CATALOGUE]:
            raise Wrong(Fault((*at, "catalogue"), f"there is no text for {', '.join(unknown)}"))
        case _:
            return made


def _all(
    read: Callable[[str, Any], object], given: Iterable[tuple[str, Any]], faults: Iterable[Fault] = ()
) -> dict[str, object]:
    """Each of *given* read, or every fault there is, *faults* among them."""
    made: dict[str, object] = {}
    found = [*faults]
    for name, one in given:
        try:
            made[name] = read(name, one)
        except Wrong as wrong:
            found.extend(wrong.faults)
    if found:
        raise Wrong(*found)
    return made


def _table(value: object, at: Path) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Wrong(Fault(at, f"{_said(value)} is not a table"))
    return cast("dict[str, object]", value)


def _unknown(table: Mapping[str, object], known: Sequence[str], at: Path) -> list[Fault]:
    return [Fault((*at, name), f"is unknown{_near(name, known)}") for name in table if name not in known]


def _near(name: object, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1) if isinstance(name, str) else []
    return f"; did you mean {near[0]}?" if near else ""


def _said(value: object) -> str:
    """A value as it stands in a file, as far as it fits a line."""
    match value:
        case dict():
            return "a table"
        case list():
            return "an array"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value[:40]}"'
        case _:
            return str(value)
