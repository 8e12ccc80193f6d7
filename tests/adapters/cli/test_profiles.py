"""`janetbank profiles` shows every number of a profile, with its unit."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from typing import cast

import attrs
import pytest
from attrs import AttrsInstance, evolve

from janetbank import profiles
from janetbank.model.contract import Counter
from janetbank.policies.admission import Operation
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.hashing import Argon2Cost
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan
from janetbank.policies.one_time_password import OtpRules
from janetbank.policies.service_hours import Closure, EachYear, Once, ServiceHours, SpecialDays, Window
from janetbank.policies.token import StartPasswordRules
from janetbank.values.app_version import AppVersion
from janetbank_adapters.cli import main
from janetbank_adapters.cli.arguments import PROFILES
from janetbank_adapters.cli.profiles import UNITS, leaves
from janetbank_adapters.cli.text import Text

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_number_has_its_unit(profile: profiles.Profile) -> None:
    """No number is shown without what it counts."""
    assert [leaf.path for leaf in leaves(profile) if type(leaf.value) in {int, float} and leaf.unit is None] == []


@pytest.mark.parametrize(
    ("count", "steps", "digits", "lanes"),
    [
        (0, "0 steps either way", "0 digits", "0 side by side"),
        (1, "1 step either way", "1 digit", "1 side by side"),
        (2, "2 steps either way", "2 digits", "2 side by side"),
    ],
)
def test_one_is_said_as_one(count: int, steps: str, digits: str, lanes: str) -> None:
    """In English one of a thing is said in the singular, where the thing has one; JSON has the same unit for all."""
    counted = [
        (UNITS[OtpRules, "window"], steps),
        (UNITS[StartPasswordRules, "floor"], digits),
        (UNITS[Argon2Cost, "lanes"], lanes),
    ]
    assert [unit.counting(count).en for unit, _ in counted] == [said for _, said in counted]
    shown = {leaf.path: leaf for leaf in leaves(profiles.JA)}["token.start_password.floor"]
    assert (shown.shown, shown.unit and shown.unit.en) == (Text("1 桁", "1 digit"), "digits")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_no_field_is_left_out(profile: profiles.Profile) -> None:
    """Every field of the profile, however deep, is the beginning of some path, and no path stands twice."""
    paths = [leaf.path for leaf in leaves(profile)]
    assert len(set(paths)) == len(paths)
    for wanted in _paths(profile):
        assert any(path == wanted or path.startswith(f"{wanted}.") for path in paths), wanted


def _paths(value: object, path: str = "") -> list[str]:
    if isinstance(value, Mapping):
        below = [(key.value, one) for key, one in cast("Mapping[Enum, object]", value).items()]
    elif attrs.has(type(value)) and not isinstance(value, MoreThan | AtLeast | AppVersion):
        below = [(one.name, getattr(value, one.name)) for one in attrs.fields(cast("type[AttrsInstance]", type(value)))]
    else:
        return [path]
    return [deep for name, one in below for deep in _paths(one, f"{path}.{name}".lstrip("."))]


@pytest.mark.requirement("LCK-01", "CRD-01", "CRD-07")
def test_ja_is_shown_with_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """The lengths, the tolerance and the rest of JA stand in the table as its manual has them."""
    assert main(["profiles", "show", "ja", "--lang", "en"]) == 0
    rows = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if not line.startswith(" "))
    assert rows["login_id.length.min"] == "6 characters"
    assert rows["login_id.login_length.min"] == "4 characters"
    assert rows["login_id.case_sensitive"] == "no"
    assert rows["lockouts.password.tolerance.more_than"] == "6 wrong entries"
    assert rows["lockouts.password.rest"] == "60 minutes"
    assert rows["lockouts.password.lockouts_to_block"] == "3 in a row"
    assert rows["token.codes.period"] == "1 minute"
    assert rows["token.method.txa_from"] == "4.0"
    assert rows["token.login_channels"] == "smartphone"
    assert rows["token.calls.token_issue.window"] == "5 minutes"
    assert rows["hours.enrol.special"] == "01-01 to 01-03: 08:00-19:00"


def test_ja_is_shown_in_japanese(capsys: pytest.CaptureFixture[str]) -> None:
    """Units are said in the language asked for."""
    assert main(["profiles", "show", "ja", "--lang", "ja"]) == 0
    assert "60分" in capsys.readouterr().out


def test_json_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has every field with its plain value and its unit; lengths of time are seconds."""
    assert main(["profiles", "show", "ja", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == [leaf.path for leaf in leaves(profiles.JA)]
    assert told["lockouts.password.rest"] == {"value": 3600, "unit": "seconds"}
    assert told["hashing.memory"] == {"value": 19456, "unit": "KiB"}
    assert told["questions.catalogue"]["value"] == list(profiles.JA.questions.catalogue)
    assert told["cooling_off"] == {"value": None}


def test_the_list_names_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Each profile is listed with its title, as text and as JSON."""
    assert main(["profiles", "list"]) == 0
    titles = {one.name: one.title for one in (profiles.AKITA, profiles.AOMORI, profiles.JA, profiles.MODERN)}
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert told == titles
    assert main(["profiles", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"name": name, "title": title} for name, title in titles.items()]


def test_what_no_shipped_profile_has_is_shown_too() -> None:
    """Other tolerances, special days, closures and days of a calendar are written so that people can read them."""
    start = datetime(2026, 5, 1, 15, tzinfo=UTC)
    hours = ServiceHours(
        daily=(Window.of("07:00-24:00"), Window.of("00:00-01:00")),
        special=(SpecialDays(EachYear((12, 31), (1, 3))), SpecialDays(Once(date(2026, 5, 3), date(2026, 5, 5)), ())),
        closures=(Closure(start, start + timedelta(hours=9)),),
    )
    strange = evolve(
        profiles.JA,
        lockouts={counter: Lockout(tolerance=AtLeast(10), rest=None, lockouts_to_block=1) for counter in Counter},
        hours=dict.fromkeys(Operation, hours),
        calendar=BankCalendar(closed=frozenset({date(2026, 8, 14), date(2026, 8, 13)}), cut_off=time(21, 30)),
        step_up_lifetime=timedelta(milliseconds=1500),
    )
    shown = {leaf.path: leaf.shown.en for leaf in leaves(strange)}
    assert shown["lockouts.password.tolerance.at_least"] == "10 wrong entries"
    assert shown["lockouts.password.rest"] == "none"
    assert shown["hours.log_in.daily"] == "07:00-24:00, 00:00-01:00"
    assert shown["hours.log_in.special"] == "12-31 to 01-03: closed, 2026-05-03 to 2026-05-05: closed"
    assert shown["hours.log_in.closures"] == "2026-05-01T15:00:00+00:00 to 2026-05-02T00:00:00+00:00"
    assert shown["calendar.closed"] == "2026-08-13, 2026-08-14"
    assert shown["calendar.cut_off"] == "21:30:00"
    assert shown["step_up_lifetime"] == "1.5 seconds"


# --- One's own --------------------------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A file that was started from JA's."""
    there = tmp_path / "own.toml"
    there.write_text(profiles.dump(evolve(profiles.JA, name="own", title="わが銀行")), encoding="utf-8")
    return there


@pytest.mark.requirement("PRF-01")
@pytest.mark.parametrize("name", PROFILES)
def test_what_is_begun_from_a_profile_is_one(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`new` writes a file that `check` finds well, and that is the profile it was started from."""
    assert main(["profiles", "new", "--from", name]) == 0
    there = tmp_path / "own.toml"
    there.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["profiles", "check", str(there)]) == 0
    assert capsys.readouterr().out == f"{there}: {PROFILES[name].title} ({name})\n"
    assert main(["profiles", "diff", name, str(there)]) == 0
    assert capsys.readouterr().out == ""


def test_one_begins_from_the_modern_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a name `new` starts from what a new bank should start from."""
    assert main(["profiles", "new"]) == 0
    assert capsys.readouterr().out == profiles.dump(profiles.MODERN)


def test_everything_wrong_in_a_file_is_told(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and a line for each fault with its place; elsewhere it is misuse, with the first of them."""
    text = own.read_text(encoding="utf-8").replace('window = "2 min"', 'window = "700 s"')
    own.write_text(text, encoding="utf-8")
    assert main(["profiles", "check", str(own)]) == 1
    told = capsys.readouterr().out.splitlines()
    places = [number for number, line in enumerate(text.splitlines(), start=1) if "700 s" in line]
    assert told == [
        f'{own}: line {place}: token.calls.{call}.window: "700 s" is too long: 10 min at most'
        for place, call in zip(places, ("password_reset", "questions_reset"), strict=True)
    ]
    assert main(["profiles", "show", str(own)]) == 2
    assert f"line {places[0]}" in (said := capsys.readouterr().err)
    assert f"(and 1 more: janetbank profiles check {own})" in said


@pytest.mark.parametrize("command", [["show"], ["check"], ["diff", "ja"]])
def test_a_file_that_is_not_there_is_misuse(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and why."""
    assert main(["profiles", *command, str(tmp_path / "no.toml")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_a_name_that_nobody_has_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    """The names that there are are told."""
    assert main(["profiles", "show", "kyoto"]) == 2
    assert "there are: akita, aomori, ja, modern, or a file that ends in .toml" in capsys.readouterr().err


def test_a_file_is_shown_like_a_name(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every number of one's own is shown."""
    assert main(["profiles", "show", str(own), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == {"value": "own"}


@pytest.mark.requirement("PRF-06", "PRF-07")
def test_where_two_differ(capsys: pytest.CaptureFixture[str]) -> None:
    """Each number that two do not share is shown with both, and no other; what one lacks is said."""
    assert main(["profiles", "diff", "ja", "aomori", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["login_id.case_sensitive"] == [{"value": False}, {"value": True}]
    assert told["password.length.min"] == [{"value": 4, "unit": "characters"}, {"value": 6, "unit": "characters"}]
    assert told["token.calls.password_reset.window"] == [{"value": 120, "unit": "seconds"}, None]
    assert "password.length.max" not in told
    assert main(["profiles", "diff", "ja", "aomori", "--lang", "en"]) == 1
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    at = lines.index("token.calls.password_reset.window")
    assert [line.split(maxsplit=1) for line in lines[at + 1 : at + 3]] == [
        ["ja", "2 minutes"],
        ["aomori", "(not there)"],
    ]


def test_the_schema_for_editors(capsys: pytest.CaptureFixture[str]) -> None:
    """`schema` prints what stands in the docs."""
    assert main(["profiles", "schema"]) == 0
    assert capsys.readouterr().out == (DOCS / "profile.schema.json").read_text(encoding="utf-8")


def test_the_invented_bank_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """The example that was written from the docs alone is a profile."""
    assert main(["profiles", "check", str(DOCS.parent / "examples" / "invented-bank.toml")]) == 0
    assert capsys.readouterr().out.endswith("ほしぞら信用金庫 (hoshizora)\n")
