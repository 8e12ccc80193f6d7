"""Hostile input: whatever is typed, shown or sent, every public operation ends in an outcome that it documents.

What an operation takes and tells is read off its signature, so a new one is fuzzed as soon as it is there.  Handles
that work (a session, a procedure, a challenge) are among what is drawn, so that what stands behind them is reached; and
texts that no keyboard writes.

Source: issue 7, part 7; STYLE.md, "bad input gets a clear outcome or InvalidValue".
"""

import inspect
import os
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from attrs import fields, has
from hypothesis import given, settings
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.testing import strategies as made
from janetbank.testing.bank import CAFE, HOME, INSTITUTION, NEIGHBOUR, Person, TestBank
from janetbank.values.account import Account
from janetbank.values.environment import Environment
from janetbank.values.identifiers import InstitutionId
from janetbank.values.money import MOST, Yen
from janetbank.values.month import Month
from janetbank.values.person import KanaName
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue
from janetbank_adapters.cli import main
from janetbank_adapters.storage.sql import connect

LOGIN, PASSWORD = "kaze48nd", "soil7+rain"
TARO = Person()
STEPS = 12
ODD = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "\u202e1234",
    "\N{ZERO WIDTH SPACE}",
    "'; DROP TABLE contract; --",
    "%s%n{0}{}",
    "../../etc/passwd",
    "１２３４",
    "٣٤٥",
    "\U0001f4a3" * 40,
    "-1",
    "9" * 400,
    "1e9",
    "NaN",
    "a" * 20_000,
    "ｶﾅ",
    "\r\nBcc: everybody@example.jp",
    "0000001",
    "1980-01-02",
    "19800102",
    "001",
    "ordinary",
    "090-1234-5678",
    "taro@example.jp",
)
"""Texts that somebody types who means no good, and some that are right."""
PLAIN = st.text(st.characters(), max_size=30) | st.sampled_from(ODD)


def bank(storage: Any = None) -> tuple[TestBank, Sequence[str]]:  # noqa: ANN401 -- a storage or None
    """A bank with a customer, and the handles and secrets that work there."""
    there = TestBank(profiles.fast_for_tests(profiles.JA), storage=storage)
    taro = there.customer(LOGIN, PASSWORD)
    net = there.net
    session = there.log_in(taro)
    strange = net.log_in.with_login_id(INSTITUTION.id, LOGIN, Secret(PASSWORD), seen_from=CAFE)
    begun = [
        net.enrol.begin(seen_from=HOME),
        net.reset_password.begin(INSTITUTION.id),
        net.reset_questions.begin(INSTITUTION.id),
        net.reissue_token.with_login_id(INSTITUTION.id, LOGIN, Secret(PASSWORD)),
        strange,
    ]
    handles = [one.reveal() for told in begun for one in _secrets(told)]
    return there, [session.reveal(), *handles, LOGIN, PASSWORD, TARO.pin, str(TARO.account.number)]


def _secrets(told: object) -> list[Secret]:
    kind: Any = type(told)
    if not has(kind):
        return []
    return [one for field in fields(kind) if isinstance(one := getattr(told, field.name), Secret)]


# --- What an operation takes ----------------------------------------------------------------------------------------


@cache
def of(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 -- a type
    """Anything of this type."""
    origin, parts = get_origin(kind), get_args(kind)
    if kind in _BY_HAND:
        return _BY_HAND[kind]
    if origin in {Union, UnionType}:
        return st.one_of([of(part) for part in parts])
    if origin is tuple:
        return st.tuples(*[of(part) for part in parts])
    if origin is frozenset:
        return st.frozensets(of(parts[0]))
    if origin in {Sequence, Collection}:
        return st.lists(of(parts[0]), max_size=4)
    if origin is Mapping:
        return st.dictionaries(of(parts[0]), of(parts[1]), max_size=3)
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    hints = get_type_hints(kind)
    known = {name: of(hint) for name, hint in hints.items() if name in inspect.signature(kind).parameters}
    return st.fixed_dictionaries(known).map(lambda given: _or_none(kind, given)).filter(bool)


def _or_none(kind: Callable[..., object], given: Mapping[str, object]) -> object:
    try:
        return kind(**given)
    except ValueError:  # a value that cannot be is made by nobody
        return None


HANDLES: list[str] = []
"""What works at the bank of the present example: drawn by its place, since it is another one each time."""


def _text(drawn: int | str) -> str:
    return drawn if isinstance(drawn, str) else (HANDLES[drawn % len(HANDLES)] if HANDLES else "")


TEXT = (st.integers(0, 30) | PLAIN).map(_text)
_BY_HAND: Mapping[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    Secret: TEXT.map(Secret),
    bool: st.booleans(),
    int: st.integers() | st.integers(-2, 4),
    date: st.dates(),
    NoneType: st.none(),
    Account: made.accounts | st.just(TARO.account) | st.just(TARO.savings),
    InstitutionId: made.institutions | st.sampled_from([INSTITUTION.id, NEIGHBOUR.id]),
    Environment: st.sampled_from([HOME, CAFE]),
    Yen: st.integers(0, MOST).map(Yen),
    Month: made.months,
    KanaName: made.kana_names,
}


# --- What it tells --------------------------------------------------------------------------------------------------


@cache
def members(kind: Any) -> tuple[type, ...]:  # noqa: ANN401 -- a type
    """The classes of a closed union, however it is put together."""
    if get_origin(kind) in {Union, UnionType}:
        return tuple(one for part in get_args(kind) for one in members(part))
    return (get_origin(kind) or kind,)


def check(name: str, act: Callable[..., object], given: Mapping[str, object]) -> object:
    """Do it: what it tells, which is a member of its union, or None where something given is no value at all."""
    try:
        told = act(**given)
    except InvalidValue:
        return None
    assert isinstance(told, members(_hints(act)["return"])), f"{name} told {type(told).__name__}"
    return told


def _hints(act: Callable[..., object]) -> Mapping[str, Any]:
    return get_type_hints(act if inspect.ismethod(act) else type(act).__call__)


NET = TestBank(profiles.fast_for_tests(profiles.JA)).net
OPERATIONS = sorted({**NET.operations(), **NET.acts()})


@contextmanager
def at_a_bank(kind: str, template: Path | None, folder: Path) -> Generator[TestBank]:
    """A fresh bank, in memory or in a copy of the file *template*."""
    if template is None:
        there, HANDLES[:] = bank()
        yield there
        return
    path = folder / f"{kind}.db"
    path.write_bytes(template.read_bytes())
    with connect(f"sqlite:///{path}") as storage:
        there, HANDLES[:] = bank(storage)
        yield there


def fuzz(data: st.DataObject, there: TestBank) -> None:
    """A few operations one after the other, each with whatever may be given to it."""
    acts = {**there.net.operations(), **there.net.acts()}
    for _ in range(STEPS):
        name = data.draw(st.sampled_from(OPERATIONS), label="operation")
        act = acts[name]
        hints = _hints(act)
        given = {one: data.draw(of(hints[one]), label=one) for one in inspect.signature(act).parameters}
        HANDLES.extend(secret.reveal() for secret in _secrets(check(name, act, given)))


@settings(max_examples=150)
@given(st.data())
def test_whatever_is_given_an_operation_ends_as_it_says(data: st.DataObject) -> None:
    """A documented outcome, or InvalidValue; no other exception, however hostile what was typed."""
    with at_a_bank("memory", None, Path()) as there:
        fuzz(data, there)


@settings(max_examples=20)
@given(st.data())
def test_whatever_is_given_a_database_bears_it(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The same over SQLite, which takes no text that is none."""
    with at_a_bank("sqlite", sqlite_template, tmp_path_factory.mktemp("fuzz")) as there:
        fuzz(data, there)


def test_every_operation_can_be_given_something() -> None:
    """For everything that any operation takes there is a strategy: nothing is left out because nobody thought of it."""
    acts = {**NET.operations(), **NET.acts()}
    for act in acts.values():
        hints = _hints(act)
        for name in inspect.signature(act).parameters:
            of(hints[name]).validate()
        assert members(hints["return"])


@pytest.mark.search
@given(st.data())
def test_at_length_whatever_is_given_an_operation_ends_as_it_says(data: st.DataObject) -> None:
    """The same, thousands of times."""
    with at_a_bank("memory", None, Path()) as there:
        fuzz(data, there)


@pytest.mark.search
@settings(max_examples=300)
@given(st.data())
def test_at_length_whatever_is_given_a_database_bears_it(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """And over a database."""
    with at_a_bank("sqlite", sqlite_template, tmp_path_factory.mktemp("fuzz")) as there:
        fuzz(data, there)


# --- The command line -----------------------------------------------------------------------------------------------

VERBS = (
    ("check", "login-id"), ("check", "password"), ("check", "phone"), ("check",), ("profiles", "show"),
    ("profiles", "check"), ("profiles", "diff"), ("profiles", "list"), ("diagram",), ("db", "upgrade"), ("db", "sweep"),
    ("db",), ("audit", "verify"), ("audit", "checkpoint"), ("app", "add"), ("app", "show"), ("app", "approve"),
    ("operator", "list"), ("operator", "register"), ("operator", "request"), ("operator", "history"),
    ("operator", "enter", "release"), ("batch", "run"), ("batch",), ("prove", "--only"), (),
)  # fmt: skip
OPTIONS = (
    "--store", "--keys", "--app", "--device", "--profile", "--lang", "--as", "--json", "--format", "--contract",
    "--day", "--only", "--once", "--agree", "--name", "--reports", "--", "-",
)  # fmt: skip
WORDS = st.sampled_from([*OPTIONS, "ja", "en", "nowhere.toml", "sqlite:///nowhere/bank.db", "sqlite:///bank.db", "x"])
EXITS = {0, 1, 2}


@settings(max_examples=150)
@given(verb=st.sampled_from(VERBS), words=st.lists(WORDS | PLAIN, max_size=6))
def test_whatever_is_typed_a_command_says_what_it_made_of_it(
    verb: Sequence[str], words: Sequence[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Exit code 0, 1 or 2, and never a traceback."""
    with pytest.MonkeyPatch.context() as patch, Path(os.devnull).open(encoding="utf-8") as nothing:
        patch.chdir(tmp_path_factory.mktemp("line"))
        patch.setattr("sys.stdin", nothing)
        assert main([*verb, *words]) in EXITS
