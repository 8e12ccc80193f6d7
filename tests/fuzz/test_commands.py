"""Hostile command lines: whatever is typed after `janetbank`, it ends in an exit code that is documented.

The commands are read off their own parser, so a new one is fuzzed as soon as it is there, with all its options.

Source: issue 7, part 7.
"""

import argparse
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from janetbank_adapters.cli import main
from janetbank_adapters.cli.arguments import COMMANDS, parser
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from tests.fuzz.test_operations import PLAIN

EXITS = {0, 1, 2}
"""Done, refused, misuse: what `--help` says."""
HERE = (
    "sqlite:///bank.db",
    "keys.json",
    "own.toml",
    "nowhere.toml",
    "sqlite:///nowhere/bank.db",
    "-",
    "",
    ".",
    "ja",
    "x",
)
"""What there is in the folder, and what there is not."""
RIGHT = {
    "--store": "sqlite:///bank.db",
    "--keys": "keys.json",
    "--app": "app.json",
    "--device": "device.key",
    "--institution": "5441",
    "--as": "mori",
    "--date": "2026-11-20",
    "--profile": "ja",
    "--lang": "ja",
    "--role": "help_desk",
    "--paper": "ib_3",
    "--month": "2026-11",
    "--jobs": "1",
    "--machine": "codes",
}
"""What leads on, where one option after the other is looked at."""
BRIEFLY: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("prove",): ("--machine", "codes", "--profile", "ja", "--jobs", "1"),
    ("simulate",): ("--customers", "1", "--days", "1"),
    ("tour",): ("--store",),
}
"""What keeps from taking long: the last of an option's values counts, and these come last; a tour is not walked."""
LONG = {"lockout", "phone-call", "phone-attempts"}
"""What takes a minute to prove; of this option all values count."""


def _whole() -> argparse.ArgumentParser:
    return parser([])


def _below(one: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """What comes after it, by its word; nothing where it does something itself."""
    for action in cast("Iterable[Any]", one._actions):
        if isinstance(action, argparse._SubParsersAction):
            below: Mapping[str, argparse.ArgumentParser] = cast("Any", action).choices
            return below
    return {}


def _leaves(of: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that does something, by the words that lead to it."""
    below = _below(of)
    for name, one in below.items():
        yield from _leaves(one, (*path, name))
    if not below:
        yield path


LEAVES = sorted(_leaves(_whole()))


@cache
def _actions(path: Sequence[str]) -> Sequence[argparse.Action]:
    """What one command takes."""
    here = _whole()
    for word in path:
        here = _below(here)[word]
    return [one for one in here._actions if not isinstance(one, argparse._HelpAction)]


@st.composite
def _lines(draw: st.DrawFn, path: tuple[str, ...]) -> list[str]:
    """A line for one command: what it wants, some of what it may have, right or hostile, and a few words more."""
    line = [*path]
    for action in _actions(path):
        name = action.option_strings[0] if action.option_strings else ""
        if not action.required and name and draw(st.booleans()):
            continue
        good = [RIGHT[name]] * 3 if name in RIGHT else list(map(str, action.choices or ("x",)))
        given = [draw(st.sampled_from(good) | WORDS)] if action.nargs != 0 else []
        line += [name, *given] if name else given
    line += draw(st.lists(WORDS, max_size=2))
    if path in BRIEFLY:
        return [*(word for word in line if word != "--"), *BRIEFLY[path]]
    return line


WORDS = st.sampled_from([*HERE, *RIGHT, "--json", "--"]) | PLAIN
"""Whatever somebody may type."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key file that is one."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    FileKeys.create(path, SystemEntropy())
    return path


@settings(max_examples=4)
@given(data=st.data())
@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_whatever_is_typed_a_command_says_what_it_made_of_it(
    path: tuple[str, ...],
    data: st.DataObject,
    keys: Path,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Exit code 0, 1 or 2, and never a traceback, with options of its own, right or hostile."""
    typed = data.draw(_lines(path).filter(LONG.isdisjoint), label="typed")
    with pytest.MonkeyPatch.context() as patch, Path(os.devnull).open(encoding="utf-8") as nothing:
        folder = tmp_path_factory.mktemp("line")
        (folder / "bank.db").write_bytes(sqlite_template.read_bytes())
        (folder / "keys.json").touch(mode=0o600)
        (folder / "keys.json").write_bytes(keys.read_bytes())
        (folder / "own.toml").write_text('name = "own"\n', "utf-8")
        patch.chdir(folder)
        patch.setattr("sys.stdin", nothing)
        assert main(typed) in EXITS


@settings(max_examples=30)
@given(words=st.lists(st.sampled_from([*COMMANDS, "list", "run", "--help", "--version", *HERE]) | PLAIN, max_size=5))
def test_whatever_is_typed_that_is_no_command(words: Sequence[str]) -> None:
    """Nor where it does not begin as any command does."""
    slow = {"tour", "prove", "simulate"}
    with pytest.MonkeyPatch.context() as patch, Path(os.devnull).open(encoding="utf-8") as nothing:
        patch.setattr("sys.stdin", nothing)
        assert main([word for word in words if word not in slow]) in EXITS


def test_every_command_is_fuzzed() -> None:
    """Each one that there is has something to do, and what is kept brief is there."""
    assert {path[0] for path in LEAVES} == set(COMMANDS)
    assert set(BRIEFLY) <= set(LEAVES)
