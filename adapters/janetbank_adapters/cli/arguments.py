"""Arguments: what can be asked for, and what is no way to ask for it.

Each command is a module with a function `add`, which describes it to argparse and names the function that does it.

Shape:  `parser(argv)`; what argparse cannot know to be wrong is `janetbank_adapters.cli.Misuse`, when it is done.
Source: README; `janetbank --help`.
"""

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar

from janetbank import profiles
from janetbank.messages import LANGUAGES, text
from janetbank.profiles.profile import Profile
from janetbank.values.violation import InvalidValue

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 -- argparse gives it no other name

_Value = TypeVar("_Value")

FILE = ".toml"
PROFILES = {one.name: one for one in vars(profiles).values() if isinstance(one, Profile)}


COMMANDS = ("tour", "check", "profiles", "diagram", "db", "audit", "batch", "app", "operator", "prove", "simulate")


def parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """What *argv* asks for, if it begins with a command, or else everything that `janetbank` understands."""
    whole = argparse.ArgumentParser(
        prog="janetbank",
        description="A bank's front door: walk through it, try its rules, draw them, look after its store.",
        epilog="Exit codes: 0 yes; 1 no (refused, damaged, not as told); 2 it could not be asked or answered.",
    )
    whole.add_argument("--version", action="version", version=f"janetbank {version('janetbank')}")
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")
    # One command does not wait for what the others load.
    for name in argv[:1] if argv[:1] and argv[0] in COMMANDS else COMMANDS:
        import_module(f"janetbank_adapters.cli.{name}").add(commands)
    return whole


def add_profile(command: argparse.ArgumentParser) -> None:
    """Let *command* take a profile."""
    about = "whose rules: see `janetbank profiles list`, or a file of one's own (ja)"
    command.add_argument("--profile", type=profile, default="ja", metavar="NAME|FILE", help=about)


def add_lang(command: argparse.ArgumentParser, without: str) -> None:
    """Let *command* take a language; *without* says what happens without."""
    command.add_argument("--lang", choices=LANGUAGES, help=f"the language of what is said ({without})")


def add_json(command: argparse.ArgumentParser, how: str = "JSON instead of text") -> None:
    """Let *command* answer in JSON."""
    command.add_argument("--json", action="store_true", help=how)


def profile(name: str) -> Profile:
    """The profile of this name, or in the file of this name, which ends in .toml."""
    if name in PROFILES:
        return PROFILES[name]
    if not name.endswith(FILE):
        msg = f"no profile is called {name!r}; there are: {', '.join(PROFILES)}, or a file that ends in {FILE}"
        raise argparse.ArgumentTypeError(msg)
    try:
        return profiles.load(name)
    except OSError as error:
        msg = f"{name}: {error.strerror}"
        raise argparse.ArgumentTypeError(msg) from None
    except profiles.BadProfile as bad:
        first, *others = bad.findings
        more = f" (and {len(others)} more: janetbank profiles check {name})" if others else ""
        msg = f"{name}: {first}{more}"
        raise argparse.ArgumentTypeError(msg) from None


def value(make: Callable[[str], _Value]) -> Callable[[str], _Value]:
    """What argparse makes of an argument with *make*, or the reason in its message."""

    def made(typed: str) -> _Value:
        try:
            return make(typed)
        except InvalidValue as invalid:
            raise argparse.ArgumentTypeError(text(invalid.violation, "en").rstrip(".")) from None

    return made
