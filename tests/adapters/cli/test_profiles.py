"""`janetbank profiles` shows every number of a profile, with its unit."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import cast

import attrs
import pytest
from attrs import AttrsInstance, evolve

from janetbank import profiles
from janetbank.model.contract import Counter
from janetbank.policies.admission import Operation
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan
from janetbank.policies.service_hours import Closure, EachYear, Once, ServiceHours, SpecialDays, Window
from janetbank.values.app_version import AppVersion
from janetbank_adapters.cli import main
from janetbank_adapters.cli.arguments import PROFILES
from janetbank_adapters.cli.profiles import leaves


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_number_has_its_unit(profile: profiles.Profile) -> None:
    """No number is shown without what it counts."""
    assert [leaf.path for leaf in leaves(profile) if type(leaf.value) in {int, float} and leaf.unit is None] == []


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
    assert told["password.login_length"] == {"value": None}


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
