"""A profile in a file: it is what it was, and whatever is wrong in one is told with its line and its reason."""

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import attrs
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.model.contract import Counter
from janetbank.policies.admission import Operation
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan
from janetbank.policies.retention import Retention
from janetbank.policies.service_hours import ROUND_THE_CLOCK, Closure, EachYear, Once, ServiceHours, SpecialDays, Window
from janetbank.profiles import JA, BadProfile, Profile
from janetbank.profiles.about import ABOUT
from janetbank.profiles.kinds import IN_CODE_ALONE, Table, fields, span
from janetbank.values.daily_limit import DailyLimit
from tests.profiles.test_banks import ALL

WRITTEN = profiles.dump(JA)
NO_REST = "a rest is for lockouts that do not block: give one exactly when lockouts_to_block > 1"
NOT_LESS = "with one-time passwords a limit may be as high as without them, at least"
HEADED = {
    "limits": "[limits]",
    "mail": "[mail]",
    "lockouts.password": "[lockouts.password]",
    "lockouts.answer": "[lockouts.",
}
"""Faults of a whole table, and the header that they are told at."""
LIKE_A_CLOSURE = "is not written like '2026-05-02T00:00:00+09:00 to 2026-05-04T06:00:00+09:00'"


def findings(text: str | bytes) -> list[tuple[int, str, str]]:
    """What is wrong with *text*."""
    with pytest.raises(BadProfile) as bad:
        profiles.loads(text)
    assert str(bad.value) == "\n".join(map(str, bad.value.findings))
    return [(one.line, one.at, one.reason) for one in bad.value.findings]


def line_of(text: str, part: str, after: str = "") -> int:
    """The line on which *part* first stands below *after*."""
    return text[: text.index(part, text.index(after))].count("\n") + 1


# --- What is written is read again ------------------------------------------------------------------------------------


@pytest.mark.requirement("PRF-01")
@pytest.mark.parametrize("profile", ALL.values(), ids=ALL)
def test_what_is_written_is_read_again(profile: Profile, tmp_path: Path) -> None:
    """Every shipped profile is the same after a file has held it, and written the same again."""
    there = tmp_path / "bank.toml"
    there.write_text(profiles.dump(profile), encoding="utf-8")
    again = profiles.load(there)
    assert again == profile
    assert profiles.dump(again) == there.read_text(encoding="utf-8")


def _milliseconds(many: int) -> timedelta:
    return timedelta(milliseconds=many)


def _minute(clock: time) -> time:
    return clock.replace(second=0, microsecond=0)


def _window(start: int, length: int) -> Window:
    opens, closes = divmod(start, 60), divmod(min(start + length, 24 * 60 - 1), 60)
    return Window(time(*opens), time(*closes))


def _once(first: date, days: int, windows: list[Window]) -> SpecialDays:
    return SpecialDays(Once(first, first + timedelta(days=days)), tuple(windows))


def _yearly(first: date, last: date, windows: list[Window]) -> SpecialDays:
    return SpecialDays(EachYear((first.month, first.day), (last.month, last.day)), tuple(windows))


def _closure(start: datetime, length: timedelta) -> Closure:
    return Closure(start.replace(tzinfo=UTC), start.replace(tzinfo=UTC) + length)


def _hours(daily: list[Window], special: list[SpecialDays], closures: list[Closure]) -> ServiceHours:
    return ServiceHours(daily=tuple(daily), special=tuple(special), closures=tuple(closures))


def _blocks_at_once(count: int) -> Lockout:
    return Lockout(tolerance=AtLeast(count), rest=None, lockouts_to_block=1)


def _rests(count: int, rest: timedelta, *, clears: bool) -> Lockout:
    return Lockout(tolerance=MoreThan(count), rest=rest, lockouts_to_block=2, clears=clears)


LENGTHS = st.builds(_milliseconds, st.integers(1, 10**9))
WORDS = st.text(st.characters(exclude_categories=["Cs"]))
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
WINDOWS = st.lists(st.builds(_window, st.integers(0, 24 * 60 - 2), st.integers(1, 24 * 60)), max_size=3)
RULES = st.builds(_once, DAYS, st.integers(0, 99), WINDOWS) | st.builds(_yearly, DAYS, DAYS, WINDOWS)
CLOSURES = st.builds(_closure, st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), LENGTHS)  # noqa: DTZ001 -- the zone is added
HOURS = st.builds(_hours, WINDOWS, st.lists(RULES, max_size=2), st.lists(CLOSURES, max_size=2))
LOCKOUTS = st.builds(_blocks_at_once, st.integers(1, 100)) | st.builds(
    _rests, st.integers(0, 49), LENGTHS, clears=st.booleans()
)


@given(
    title=WORDS,
    lockouts=st.fixed_dictionaries(dict.fromkeys(Counter, LOCKOUTS)),
    hours=st.fixed_dictionaries(dict.fromkeys((Operation.ENROL, Operation.LOG_IN), HOURS)),
    otherwise=HOURS,
    procedure=LENGTHS,
    kept=LENGTHS,
    closed=st.frozensets(DAYS, max_size=3),
    cut_off=st.none() | st.times().map(_minute),
    most=st.integers(0, 99_999),
)
def test_whatever_is_written_is_read_again(
    title: str,
    lockouts: dict[Counter, Lockout],
    hours: dict[Operation, ServiceHours],
    otherwise: ServiceHours,
    procedure: timedelta,
    kept: timedelta,
    closed: frozenset[date],
    cut_off: time | None,
    most: int,
) -> None:
    """load(dump(profile)) == profile, also for titles, hours and numbers that no shipped profile has."""
    profile = evolve(
        JA,
        title=title,
        lockouts=lockouts,
        hours={**dict.fromkeys(Operation, otherwise), **hours},
        procedure_lifetime=procedure,
        retention=Retention(ended=timedelta(0), executed=kept),
        calendar=BankCalendar(closed=closed, cut_off=cut_off),
        limits=evolve(JA.limits, most=DailyLimit(0), most_with_token=DailyLimit(most), initial=DailyLimit(0)),
    )
    assert profiles.loads(profiles.dump(profile)) == profile


def test_what_most_have_is_written_once() -> None:
    """`otherwise` stands for what more than half have, and is not written for fewer."""
    table = tomllib.loads(WRITTEN)
    assert table["hours"]["otherwise"] == table["operators"]["hours"] | {"daily": ["00:00-24:00"]}
    assert "log_in" not in table["hours"]
    assert list(table["lockouts"]) == [counter.value for counter in Counter]


def test_what_is_always_open_stays_quick() -> None:
    """Hours round the clock are the very windows that a login need not look through."""
    assert profiles.loads(WRITTEN).hours_of(Operation.LOG_IN).daily is ROUND_THE_CLOCK


def test_lines_with_defaults_may_be_left_out() -> None:
    """What a class of rules has without being told needs no line."""
    short = re.sub(
        r"^(patience|floor|rings|service_words) = (\[.*?\]|.*?)$", "", WRITTEN, flags=re.MULTILINE | re.DOTALL
    )
    assert len(short) < len(WRITTEN)
    assert profiles.loads(short) == JA


def test_a_function_is_not_written() -> None:
    """A calendar of one's own code is refused in words, and so is a length that no file can say."""
    with pytest.raises(ValueError, match=r"BankCalendar\.operates is a function"):
        profiles.dump(evolve(JA, calendar=BankCalendar(operates=lambda _: True)))
    with pytest.raises(ValueError, match="not a whole number of milliseconds"):
        profiles.dump(evolve(JA, step_up_lifetime=timedelta(microseconds=1)))


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(0), "0 s"),
        (timedelta(milliseconds=1), "1 ms"),
        (timedelta(seconds=90), "90 s"),
        (timedelta(seconds=300), "5 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(hours=25), "25 h"),
        (timedelta(days=7), "7 d"),
    ],
)
def test_lengths_of_time(length: timedelta, written: str) -> None:
    """A length is written in the longest unit that it is a whole number of."""
    assert span(length) == written


# --- Every field is explained -----------------------------------------------------------------------------------------


def tables() -> list[type[object]]:
    """Every class that is written as a table."""
    found: list[type[object]] = []

    def look(kind: object) -> None:
        if isinstance(kind, Table) and kind.of not in found:
            found.append(kind.of)
            for one, _ in fields(kind.of).values():
                look(one)
        elif attrs.has(type(kind)):
            for one in attrs.fields(cast("type[attrs.AttrsInstance]", type(kind))):
                look(getattr(kind, one.name))

    look(Table(Profile))
    return found


def test_every_field_is_explained() -> None:
    """Each field of each table has its line of `about`, none has a line in vain, and a file explains it."""
    wanted = {(of, name) for of in tables() for name in fields(of)}
    assert ABOUT.keys() == wanted | {(MoreThan, "count"), (AtLeast, "count")}
    everything = "".join(profiles.dump(one) for one in ALL.values())
    assert [of.__name__ + name for of, name in wanted if ABOUT[of, name].text not in everything] == []


def test_only_functions_are_left_out() -> None:
    """What no file holds is named one by one."""
    assert {f"{of.__name__}.{name}" for of, name in IN_CODE_ALONE} == {"BankCalendar.operates"}


# --- What is wrong is told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "planted", "at", "reason"),
    [
        ('name = "ja"', "name = 7", "name", "7 is not a text"),
        ("mixed = true", 'mixed = "yes"', "login_id.mixed", '"yes" is not true or false'),
        ("floor = 3", "floor = true", "login_id.floor", "true is not a whole number"),
        ("floor = 3", "floor = 3.5", "login_id.floor", "3.5 is not a whole number"),
        ("pairs = 3", "pairs = -1", "questions.pairs", "-1 is too little: 0 at least"),
        (
            "catalogue = [",
            'catalogue = ["question.star_sign",',
            "questions.catalogue",
            "there is no text for question.star_sign",
        ),
        ("pairs = 3", "pairs = 11", "questions.pairs", "11 is too much: 10 at most"),
        (
            "gaiji_until = 2021-02-15",
            "gaiji_until = true",
            "identity_form.gaiji_until",
            "true is not a day such as 2026-05-01",
        ),
        (
            'window = "2 min"',
            'window = "601 s"',
            "token.calls.password_reset.window",
            '"601 s" is too long: 10 min at most',
        ),
        (
            'window = "2 min"',
            'window = "0 s"',
            "token.calls.password_reset.window",
            '"0 s" is too short: 1 ms at least',
        ),
        (
            'window = "2 min"',
            "window = 120",
            "token.calls.password_reset.window",
            '120 is not a length of time such as "300 s"; units: ms, s, min, h, d',
        ),
        (
            '"smartphone"',
            '"smartfone"',
            "token.login_channels.1",
            '"smartfone" is none of pc, smartphone; did you mean smartphone?',
        ),
        ('phone_mask = "hide_last_4"', "phone_mask = 4", "phone_mask", "4 is none of hide_last_4, show_last_4"),
        ("login_channels = [", "login_channels = 7 # [", "token.login_channels", "7 is not an array"),
        ('txa_from = "4.0"', 'txa_from = "four"', "token.method.txa_from", "\"four\" is not written like '4.0'"),
        ('txa_from = "4.0"', "txa_from = 4.0", "token.method.txa_from", "4.0 is not written like '4.0'"),
        (
            '["07:00-22:00"]',
            '["22:00-07:00"]',
            "operators.hours.daily.1",
            "\"22:00-07:00\" is not written like '06:30-23:40'",
        ),
        (
            "special = []",
            'special = ["02-30 to 03-01: closed"]',
            "operators.hours.special.1",
            "\"02-30 to 03-01: closed\" is not written like '01-01 to 01-03: closed'",
        ),
        (
            "closures = []",
            'closures = ["2026-05-02T00:00:00 to 2026-05-03"]',
            "operators.hours.closures.1",
            '"2026-05-02T00:00:00 to 2026-05-03" ' + LIKE_A_CLOSURE,
        ),
        ("set_up = {", "set_up = 7 # {", "token.set_up", "7 is not a table"),
        ("cooling_off = ", "cooling_off = [] # ", "cooling_off", "an array is not a table"),
        ("most = 20\n", "most = {}\n", "limits.most", "a table is not a whole number"),
        ("most = 20\n", "most = 600\n", "limits", NOT_LESS),
        ("more_than = 6", "more_than = 100", "lockouts.password.tolerance.more_than", "100 is too much: 99 at most"),
        ("more_than = 6", "more_than = 33", "lockouts.password", "102 guesses before a block are more than NIST's 100"),
        ("more_than = 6", "more = 6", "lockouts.password.tolerance.more", "is unknown; did you mean more_than?"),
        ("{ more_than = 6 }", "{}", "lockouts.password.tolerance", "wants one of more_than, at_least"),
        ('rest = "1 h"', 'rest = "none"', "lockouts.password", NO_REST),
        ("[lockouts.answer]", "[lockouts.answers]", "lockouts.answer", "is missing, and there is no 'otherwise'"),
        ("min = 6, max = 12", "min = 12, max = 6", "login_id.length", "a length runs from at least 1 to no less"),
        (
            "janetbank@otp-auth.net",
            "janetbank@elsewhere.jp",
            "mail",
            "janetbank@elsewhere.jp writes from a domain that nobody was told of",
        ),
        ("otherwise = {", "other = {", "hours.other", "is unknown; did you mean otherwise?"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(part: str, planted: str, at: str, reason: str) -> None:
    """A value of the wrong kind, out of bounds or against another one is refused at its place."""
    text = WRITTEN.replace(part, planted, 1)
    assert text != WRITTEN
    found = {path: (line, why) for line, path, why in findings(text)}
    assert found[at][1] == reason
    assert found[at][0] == line_of(text, HEADED.get(at, planted.strip()))


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Unknown, missing and wrong lines are all found in one reading, in the order of their lines."""
    text = WRITTEN.replace("case_sensitive", "case_sensitve", 1).replace("pairs = 3", "pairs = -1")
    told = findings(text)
    assert told == sorted(told)
    assert [(at, why) for _, at, why in told] == [
        ("login_id.case_sensitive", "is missing: whether case is told apart"),
        ("login_id.case_sensitve", "is unknown; did you mean case_sensitive?"),
        ("questions.pairs", "-1 is too little: 0 at least"),
    ]
    assert told[0][0] == line_of(text, "[login_id]")


def test_nothing_at_all_lacks_everything() -> None:
    """An empty file is told each table that it lacks, on its first line."""
    told = findings("")
    assert {line for line, _, _ in told} == {1}
    assert {at for _, at, _ in told} == {name for name, (_, needed) in fields(Profile).items() if needed}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('name = "ja"\ntitle = \n', 2),
        ('name = "ja"\nname = "jb"\n', 2),
        ('name = "ja"\n[login_id\n', 2),
        ('name = """\n\n', 3),
        (f"floor = {'9' * 5000}\n", 2),
        (f"deep = {'[' * 5000}", 1),
        (b'name = "ja"\ntitle = "\xff"\n', 2),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(text: str | bytes, line: int) -> None:
    """A text that TOML does not know, or no text at all, has one finding."""
    ((found, at, reason),) = findings(text)
    assert (found, at) == (line, "")
    assert reason


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# a comment\n\n[token]\n[token.codes]\nwindow = [\n  1,\n]\n", 5),
        ("token.codes.window = 'one'\n", 1),
        ("[token]\ncodes = { digits = 6,\\\n", 2),
        ("\n[[token]]\nx = 1\n", 2),
        ('title = """\n[token]\n"""\n\n[token.codes]\nwindow = "\u2028" # \u2028 is no new line\n', 6),
    ],
)
def test_a_line_is_where_its_statement_begins(text: str, line: int) -> None:
    """Arrays and texts over several lines, dotted keys, inline tables and arrays of tables all have their line."""
    told = [one for one in findings(text) if one[1].startswith("token") or not one[1]]
    assert line in {found for found, _, _ in told}


# --- The schema -------------------------------------------------------------------------------------------------------


def refused(schema: Mapping[str, Any], value: object, at: str = "") -> list[str]:
    """Where *value* is against *schema*, as far as JSON Schema is used here."""
    if "anyOf" in schema:
        return [] if any(not refused(one, value, at) for one in schema["anyOf"]) else [at]
    if "const" in schema or "enum" in schema:
        return [] if value in schema.get("enum", [schema.get("const")]) else [at]
    types: dict[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        "integer": int,
        "boolean": bool,
        "string": (str, date, time),
    }
    if not isinstance(value, types[schema["type"]]) or isinstance(value, bool) != (schema["type"] == "boolean"):
        return [at]
    match value:
        case dict():
            known = cast("dict[str, Any]", value)
            if "propertyNames" in schema:
                schema = {"properties": dict.fromkeys(schema["propertyNames"]["enum"], schema["additionalProperties"])}
            wrong = [f"{at}.{name}" for name in schema.get("required", ()) if name not in known]
            wrong += [f"{at}.{name}" for name in known if name not in schema["properties"]]
            below = ((name, one) for name, one in known.items() if name in schema["properties"])
            return wrong + [
                deep for name, one in below for deep in refused(schema["properties"][name], one, f"{at}.{name}")
            ]
        case list():
            return [deep for one in cast("list[object]", value) for deep in refused(schema["items"], one, at)]
        case int():
            return [] if schema.get("minimum", value) <= value <= schema.get("maximum", value) else [at]
        case _:
            return [] if re.search(schema.get("pattern", ""), str(value)) else [at]


@pytest.mark.parametrize("profile", ALL.values(), ids=ALL)
def test_an_editor_accepts_what_is_written(profile: Profile) -> None:
    """What `dump` writes is what the schema describes."""
    assert refused(profiles.schema(), tomllib.loads(profiles.dump(profile))) == []


@pytest.mark.parametrize(
    ("part", "planted", "at"),
    [
        ("pairs = 3", "pairs = -1", ".questions.pairs"),
        ("pairs = 3", "pears = 3", ".questions.pears"),
        ('window = "2 min"', "window = 120", ".token.calls.password_reset.window"),
        ("mixed = true", "", ".login_id.mixed"),
        ('"smartphone"', '"smartfone"', ".token.login_channels"),
        ('cooling_off = "none"', 'cooling_off = "never"', ".cooling_off"),
    ],
)
def test_an_editor_refuses_what_is_wrong(part: str, planted: str, at: str) -> None:
    """What the reader refuses by its form, the schema does."""
    assert refused(profiles.schema(), tomllib.loads(WRITTEN.replace(part, planted, 1))) == [at]


def test_what_is_loaded_is_as_frozen_as_what_is_shipped() -> None:
    """Tables by name cannot be changed afterwards."""
    assert isinstance(profiles.loads(WRITTEN).lockouts, MappingProxyType)
