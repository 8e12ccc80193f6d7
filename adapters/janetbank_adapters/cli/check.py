"""`janetbank check`: whether a login id or a password could be registered, and every reason why not.

Exit code 0: it could; 1: it could not; 2: the question was put wrong.

Source: CRD-01..03, 05, 06, 09.
"""

import argparse
import sys
from typing import TYPE_CHECKING

from janetbank.messages import LANGUAGES, Language, text
from janetbank.profiles.profile import Profile
from janetbank.values.account import AccountNumber, Branch
from janetbank.values.guessable import PersonalData
from janetbank.values.person import BirthDate, KanaName
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation
from janetbank_adapters.cli.arguments import add_json, add_lang, add_profile, value
from janetbank_adapters.cli.screen import beside, screen, write_json
from janetbank_adapters.cli.text import Text

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands

_STDIN = "-"
_VALUE = """what to check; - reads it from the first line of the standard input. Use that for a password that
somebody has: what stands on a command line is seen by everybody on the machine and kept by shells.
A value that begins with - comes last, after --"""


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "say whether a login id or a password could be registered, and every reason why not"
    whole = commands.add_parser("check", help=about, description=f"{about[0].upper()}{about[1:]}.")
    nouns = whole.add_subparsers(title="what to check", required=True, metavar="WHAT")
    login_id = nouns.add_parser("login-id", help="a login id", description="Check a login id.")
    password = nouns.add_parser("password", help="a password", description="Check a password.")
    for command in (login_id, password):
        command.add_argument("value", metavar="VALUE", help=_VALUE)
        command.add_argument("--born", type=value(BirthDate.parse), metavar="DATE", help="the birth date: 1980-01-02")
        command.add_argument(
            "--phone", type=value(PhoneNumber.parse), action="append", default=[], metavar="NUMBER",
            help="a telephone number; may be given more than once",
        )  # fmt: skip
        command.add_argument(
            "--name", type=value(_kana), action="append", default=[], metavar="KANA",
            help="the name in katakana, a space between family and given name where known; may be given more than once",
        )  # fmt: skip
        command.add_argument(
            "--account", type=value(AccountNumber.parse), action="append", default=[], metavar="NUMBER",
            help="an account number; may be given more than once",
        )  # fmt: skip
        command.add_argument(
            "--branch", type=value(Branch.parse), action="append", default=[], metavar="NUMBER",
            help="a branch number; may be given more than once",
        )  # fmt: skip
        add_profile(command)
        add_lang(command, "without it: all of them")
        add_json(command)
    login_id.set_defaults(run=_check_login_id)
    password.add_argument("--login-id", default="", metavar="ID", help="the login id that goes with it")
    password.set_defaults(run=_check_password)


def _kana(typed: str) -> str:
    """The name with the space that tells its halves apart, if it would be a name without."""
    KanaName.parse("".join(typed.split()))
    return typed


def _check_login_id(args: argparse.Namespace) -> int:
    profile: Profile = args.profile
    return _tell(args, "login_id", profile.login_id.check(_given(args.value), about=_about(args)))


def _check_password(args: argparse.Namespace) -> int:
    profile: Profile = args.profile
    given = Secret(_given(args.value))
    return _tell(args, "password", profile.password.check(given, about=_about(args), login_id=args.login_id))


def _given(typed: str) -> str:
    return sys.stdin.readline().rstrip("\r\n") if typed == _STDIN else typed


def _about(args: argparse.Namespace) -> PersonalData:
    born: BirthDate | None = args.born
    phones: list[PhoneNumber] = args.phone
    accounts: list[AccountNumber] = args.account
    branches: list[Branch] = args.branch
    return PersonalData(
        birth_date=born.date if born else None,
        phones=tuple(phone.digits for phone in phones),
        kana_names=tuple(args.name),
        accounts=tuple(account.digits for account in accounts),
        branches=tuple(branch.code for branch in branches),
    )


def _tell(args: argparse.Namespace, what: str, violations: tuple[Violation, ...]) -> int:
    """Say the verdict; never the value."""
    if args.json:
        reasons = [
            {"code": one.code, "params": dict(one.params), **{lang: text(one, lang) for lang in LANGUAGES}}
            for one in violations
        ]
        told = {"what": what, "profile": args.profile.name, "accepted": not violations, "violations": reasons}
        write_json(told)
        return int(bool(violations))
    langs: tuple[Language, ...] = (args.lang,) if args.lang else LANGUAGES
    out = screen()
    verdict = Text("登録できません", "refused") if violations else Text("登録できます", "accepted")
    style = "bold red" if violations else "bold green"
    beside(out, "", " / ".join(verdict.said(lang) for lang in langs), style=style)
    for violation in violations:
        beside(out, "", violation.code, style="dim")
        for lang in langs:
            beside(out, f"  {lang}", text(violation, lang), indent=5)
    return int(bool(violations))
