"""`janetbank profiles`: which profiles there are, every number of one with its unit, and how to write one's own.

Shape:  `leaves(profile)` gives every field down to plain data, none left out: a class that is added to a profile is
        shown without a word here; a number that is added wants its unit (a test finds it).
Units:  in JSON lengths of time are seconds.
Errors: a file that is no profile is exit code 1 for `check`, which says all that is wrong with it, and misuse
        elsewhere.
Source: PRF-01; ARCHITECTURE idea 4.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from enum import Enum
from typing import TYPE_CHECKING, cast

import attrs
from attrs import frozen

from janetbank import profiles
from janetbank.policies.approval import ApprovalRules
from janetbank.policies.credentials import Length, LoginIdRules, PasswordRules
from janetbank.policies.hashing import Argon2Cost
from janetbank.policies.identity_form import IdentityFormRules
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan
from janetbank.policies.mail_password import MailPasswordRules
from janetbank.policies.one_time_password import OtpRules
from janetbank.policies.phone_auth import PhoneAuthRules
from janetbank.policies.provisional import ProvisionalRules
from janetbank.policies.questions import QuestionRules
from janetbank.policies.risk import RiskRules
from janetbank.policies.service_hours import Closure, EachYear, Once, SpecialDays, Window
from janetbank.policies.token import StartPasswordRules
from janetbank.profiles.profile import Profile
from janetbank.values.app_version import AppVersion
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.money import Yen
from janetbank_adapters.cli import Misuse
from janetbank_adapters.cli.arguments import PROFILES, add_json, add_lang, profile
from janetbank_adapters.cli.screen import beside, language_of_the_machine, screen, write, write_json
from janetbank_adapters.cli.text import Text, length

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands

_ABSENT = Text("（なし）", "(not there)")
_BESIDE = 16

Plain = str | int | float | bool | list[str] | None


@frozen
class Unit:
    """What a number counts; *one* of it is said so in English, where that is another word."""

    ja: str
    en: str
    one: str = ""

    def counting(self, number: Plain) -> Text:
        """*number* of it."""
        return Text(f"{number} {self.ja}", f"{number} {(number == 1 and self.one) or self.en}")


_CHARACTERS = Unit("文字", "characters", "character")
_DIGITS = Unit("桁", "digits", "digit")
_SECONDS = Unit("秒", "seconds", "second")
_WRONG = Unit("回の誤入力", "wrong entries", "wrong entry")
UNITS: Mapping[tuple[type, str], Unit] = {
    (Length, "min"): _CHARACTERS,
    (Length, "max"): _CHARACTERS,
    (LoginIdRules, "floor"): _CHARACTERS,
    (PasswordRules, "floor"): _CHARACTERS,
    (Lockout, "lockouts_to_block"): Unit("回連続", "in a row"),
    (IdentityFormRules, "mismatches"): Unit("回（1日）", "a day"),
    (DailyLimit, "man"): Unit("万円", "ten thousand yen"),
    (Yen, "amount"): Unit("円", "yen"),
    (QuestionRules, "pairs"): Unit("組", "pairs", "pair"),
    (QuestionRules, "answer_length"): _CHARACTERS,
    (RiskRules, "remembered"): Unit("か所", "places", "place"),
    (OtpRules, "digits"): _DIGITS,
    (OtpRules, "window"): Unit("段階（前後それぞれ）", "steps either way", "step either way"),
    (OtpRules, "seed_bytes"): Unit("バイト", "bytes", "byte"),
    (MailPasswordRules, "digits"): _DIGITS,
    (MailPasswordRules, "letters"): Unit("通", "letters", "letter"),
    (MailPasswordRules, "waiting"): Unit("件", "at once"),
    (ProvisionalRules, "length"): _CHARACTERS,
    (StartPasswordRules, "min"): _DIGITS,
    (StartPasswordRules, "max"): _DIGITS,
    (StartPasswordRules, "floor"): _DIGITS,
    (ApprovalRules, "tolerance"): Unit("分（前後それぞれ）", "minutes either way", "minute either way"),
    (PhoneAuthRules, "rings"): Unit("回の呼出音", "rings", "ring"),
    (PhoneAuthRules, "digits"): _DIGITS,
    (PhoneAuthRules, "tries_per_call"): _WRONG,
    (PhoneAuthRules, "tries"): _WRONG,
    (PhoneAuthRules, "starts_per_hour"): Unit("回の認証", "attempts", "attempt"),
    (Argon2Cost, "memory"): Unit("KiB", "KiB"),
    (Argon2Cost, "passes"): Unit("回", "passes", "pass"),
    (Argon2Cost, "lanes"): Unit("並列", "side by side"),
}


@frozen
class Leaf:
    """One field: where it stands, as plain data, and for people."""

    path: str
    value: Plain
    unit: Unit | None
    shown: Text


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "say which profiles there are and every number of one; write, check and compare one's own"
    whole = commands.add_parser("profiles", help=about, description=f"{about[0].upper()}{about[1:]}.")
    verbs = whole.add_subparsers(title="what to do", required=True, metavar="VERB")
    every = verbs.add_parser("list", help="which there are", description="Say which profiles there are.")
    one = verbs.add_parser("show", help="every number of one", description="Show every number of a profile.")
    _add_one(one, "profile")
    two = verbs.add_parser(
        "diff",
        help="where two differ",
        description="Show where two profiles differ.  Exit code 0: nowhere; 1: somewhere.",
    )
    for which in ("first", "second"):
        _add_one(two, which)
    for command in (every, one, two):
        add_lang(command, "without it: that of the machine")
        add_json(command)
    check = verbs.add_parser(
        "check",
        help="whether a file is one",
        description="Say whether a file is a profile, or all that is wrong with it.  Exit code 0: it is; 1: it is not.",
    )
    check.add_argument("file", metavar="FILE")
    new = verbs.add_parser("new", help="the file to start one's own from", description="Write a profile as a file.")
    start = "what to start from: a name, or a file (modern)"
    new.add_argument("--from", dest="start", type=profile, default="modern", metavar="NAME|FILE", help=start)
    schema = verbs.add_parser("schema", help="for editors", description="Print the JSON Schema of such a file.")
    for command, act in ((every, _list), (one, _show), (two, _diff), (check, _check), (new, _new), (schema, _schema)):
        command.set_defaults(run=act)


def _add_one(command: argparse.ArgumentParser, name: str) -> None:
    command.add_argument(name, type=profile, metavar="NAME|FILE", help=f"{', '.join(PROFILES)}, or a file")


def _check(args: argparse.Namespace) -> int:
    try:
        found = profiles.load(args.file)
    except profiles.BadProfile as bad:
        for one in bad.findings:
            write(f"{args.file}: {one}\n")
        return 1
    except OSError as error:
        msg = f"{args.file}: {error.strerror}"
        raise Misuse(msg) from None
    write(f"{args.file}: {found.title} ({found.name})\n")
    return 0


def _new(args: argparse.Namespace) -> int:
    write(profiles.dump(args.start))
    return 0


def _schema(args: argparse.Namespace) -> int:
    _ = args
    write_json(profiles.schema())
    return 0


def _diff(args: argparse.Namespace) -> int:
    first, second = ({leaf.path: leaf for leaf in leaves(one)} for one in (args.first, args.second))
    paths = [path for path in dict.fromkeys((*first, *second)) if _told(first.get(path)) != _told(second.get(path))]
    if args.json:
        write_json({path: [_told(first.get(path)), _told(second.get(path))] for path in paths})
        return bool(paths)
    lang, out = args.lang or language_of_the_machine(), screen()
    for path in paths:
        out.print(path, style="bold")
        for name, leaf in ((args.first.name, first.get(path)), (args.second.name, second.get(path))):
            beside(out, f"  {name}", _ABSENT.said(lang) if leaf is None else leaf.shown.said(lang), indent=_BESIDE)
    return bool(paths)


def _told(leaf: "Leaf | None") -> dict[str, Plain] | None:
    return None if leaf is None else _plain(leaf)


def _list(args: argparse.Namespace) -> int:
    if args.json:
        write_json([{"name": one.name, "title": one.title} for one in PROFILES.values()])
        return 0
    out = screen()
    for one in PROFILES.values():
        out.print(f"{one.name:12} {one.title}")
    return 0


def _show(args: argparse.Namespace) -> int:
    found = list(leaves(args.profile))
    if args.json:
        write_json({leaf.path: _plain(leaf) for leaf in found})
        return 0
    lang, out = args.lang or language_of_the_machine(), screen()
    widest = max(len(leaf.path) for leaf in found)
    for leaf in found:
        beside(out, leaf.path, leaf.shown.said(lang), indent=widest + 2)
    return 0


def _plain(leaf: Leaf) -> dict[str, Plain]:
    return {"value": leaf.value} if leaf.unit is None else {"value": leaf.value, "unit": leaf.unit.en}


def leaves(of: Profile) -> Iterator[Leaf]:
    """Every field of *of*, in the order in which it stands there."""
    yield from _leaves("", of, None)


def _leaves(path: str, value: object, unit: Unit | None) -> Iterator[Leaf]:
    if isinstance(value, Mapping):
        for key, one in cast("Mapping[Enum, object]", value).items():
            yield from _leaves(f"{path}.{key.value}", one, None)
    elif isinstance(value, MoreThan | AtLeast):
        kind = "more_than" if isinstance(value, MoreThan) else "at_least"
        yield Leaf(f"{path}.{kind}", value.count, _WRONG, _WRONG.counting(value.count))
    elif attrs.has(type(value)) and not isinstance(value, _WRITTEN):
        for one in attrs.fields(cast("type[attrs.AttrsInstance]", type(value))):
            below = f"{path}.{one.name}".lstrip(".")
            yield from _leaves(below, getattr(value, one.name), UNITS.get((type(value), one.name)))
    elif isinstance(value, timedelta):
        yield Leaf(path, value / timedelta(seconds=1), _SECONDS, length(value))
    else:
        plain = _written(value)
        yield Leaf(path, plain, unit, _shown(plain, unit))


_WRITTEN = (Window, SpecialDays, Closure, AppVersion)
"""Written as one text each, however many fields they have."""


def _written(value: object) -> Plain:
    match value:
        case None | bool() | int() | str():
            return value
        case tuple() | frozenset():
            many = [_word(one) for one in cast("Iterable[object]", value)]
            return sorted(many) if isinstance(value, frozenset) else many
        case _:
            return _word(value)


def _word(value: object) -> str:
    match value:
        case SpecialDays(days, windows):
            return f"{_word(days)}: {', '.join(map(str, windows)) or 'closed'}"
        case EachYear(first, last):
            return f"{first[0]:02}-{first[1]:02} to {last[0]:02}-{last[1]:02}"
        case Once(first, last):
            return f"{first} to {last}"
        case Closure(start, end):
            return f"{start.isoformat()} to {end.isoformat()}"
        case Enum():
            return str(value.value)
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _shown(plain: Plain, unit: Unit | None) -> Text:
    match plain:
        case None | []:
            return Text("なし", "none")
        case bool():
            return Text("はい", "yes") if plain else Text("いいえ", "no")
        case list():
            return Text.same(", ".join(plain))
        case _ if unit is not None:
            return unit.counting(plain)
        case _:
            return Text.same(str(plain))
