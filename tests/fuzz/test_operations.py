"""Hostile input: whatever is typed, shown or sent, every public operation ends in an outcome that it documents.

What an operation takes and tells is read off its signature, so a new one is fuzzed as soon as it is there.  Handles
that work (a session, a procedure, a challenge) are among what is drawn, so that what stands behind them is reached; and
texts that no keyboard writes.

Source: issue 7, part 7; STYLE.md, "bad input gets a clear outcome or InvalidValue".
"""

import inspect
import pkgutil
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from attrs import fields, has
from hypothesis import given, settings
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.flows import operators
from janetbank.flows.operators import NewOperator
from janetbank.policies.authority import Role
from janetbank.ports.storage import Storage
from janetbank.profiles import Profile
from janetbank.testing import strategies as made
from janetbank.testing.bank import CAFE, HOME, INSTITUTION, NEIGHBOUR, START, Person, TestBank
from janetbank.values.account import Account
from janetbank.values.environment import Environment
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Transfer
from janetbank.values.money import MOST, Yen
from janetbank.values.month import Month
from janetbank.values.person import KanaName
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue
from janetbank_adapters import cli
from janetbank_adapters.biometrics.software import Finger
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.telephony.memory import NUMBERS
from janetbank_adapters.token_app.app import TokenApp
from tests.fuzz.surfaces import FLOWS, an_app, surfaces

LOGIN, PASSWORD, LONG = "kaze48nd", "soil7rain", "soil7rain&oak3frost"
CLERK, FIRST, OWN = "mori", "given#out#by#clerk1", "chosen#alone#by#27"
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


BANKS = {
    one.name: profiles.fast_for_tests(one) for one in (profiles.JA, profiles.AKITA, profiles.AOMORI, profiles.MODERN)
}


def bank(profile: Profile, storage: Storage | None = None) -> tuple[TestBank, TokenApp, Sequence[str]]:
    """A bank with a customer, a token and a clerk, and the handles and secrets that work there."""
    there = TestBank(profile, storage=storage)
    password = LONG if profile.password.length.min > len(PASSWORD) else PASSWORD
    taro, app, net = there.customer(LOGIN, password), an_app(there), there.net
    session = there.log_in(taro)
    clerk = NewOperator(operator=CLERK, person="E-1", full_name="森", roles=set(Role))
    given = operators.register(net.platform, INSTITUTION.id, clerk, Secret(FIRST))
    assert isinstance(given, operators.Registered), given
    signed_in = net.operators.sign_in(INSTITUTION.id, CLERK, Secret(FIRST))
    assert isinstance(signed_in, operators.NewPasswordNeeded), signed_in
    chosen = net.operators.change_password(signed_in.session, current=Secret(FIRST), new=Secret(OWN), again=Secret(OWN))
    begun = [
        chosen,
        net.enrol.begin(seen_from=HOME),
        net.reset_password.begin(INSTITUTION.id),
        net.reset_questions.begin(INSTITUTION.id),
        net.reissue_token.with_login_id(INSTITUTION.id, LOGIN, Secret(password)),
        net.log_in.with_login_id(INSTITUTION.id, LOGIN, Secret(password), seen_from=CAFE),
    ]
    handles = [one.reveal() for told in begun for one in _secrets(told)]
    numbers = [TARO.pin, str(TARO.account.number), TARO.account.branch.code]
    return there, app, [session.reveal(), *handles, LOGIN, password, CLERK, OWN, *numbers]


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
    if origin in {frozenset, AbstractSet}:
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
    datetime: st.sampled_from([START + timedelta(seconds=1) * ahead for ahead in (-90_000, -1, 0, 1, 61, 90_000)]),
    PhoneNumber: st.sampled_from([*NUMBERS, *map(PhoneNumber.parse, TARO.phones)]) | made.phone_numbers,
    Transfer: made.transfers,
    Finger: st.sampled_from([lambda: True, lambda: False]),
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
    except ValueError:
        if name.startswith("app."):  # a position at which there is no contract
            return None
        raise
    assert isinstance(told, members(_hints(act)["return"])), f"{name} told {type(told).__name__}"
    return told


def _hints(act: Callable[..., object]) -> Mapping[str, Any]:
    return get_type_hints(act if inspect.ismethod(act) else type(act).__call__)


def _all(there: TestBank) -> Mapping[str, Callable[..., Any]]:
    return surfaces(there, an_app(there))


ACTS = _all(TestBank(BANKS["ja"]))
NAMES = sorted(ACTS)
UNASKED = {"progress"}
"""What a program gives, if it wants to be told of something."""


def wanted(act: Callable[..., object]) -> Sequence[str]:
    """What is to be given to it."""
    return [name for name in inspect.signature(act).parameters if name not in UNASKED]


@contextmanager
def at_a_bank(profile: Profile, template: Path | None, folder: Path) -> Generator[Mapping[str, Callable[..., Any]]]:
    """What can be asked of a fresh bank, in memory or in a copy of the file *template*."""
    if template is None:
        there, app, HANDLES[:] = bank(profile)
        yield surfaces(there, app)
        return
    path = folder / "bank.db"
    path.write_bytes(template.read_bytes())
    with connect(f"sqlite:///{path}") as storage:
        there, app, HANDLES[:] = bank(profile, storage)
        yield surfaces(there, app)


def fuzz(data: st.DataObject, template: Path | None = None, folder: Path = Path()) -> None:
    """At some bank, a few things one after the other, each with whatever may be given to it."""
    with at_a_bank(BANKS[data.draw(st.sampled_from(sorted(BANKS)), label="bank")], template, folder) as acts:
        for _ in range(STEPS):
            name = data.draw(st.sampled_from(NAMES), label="act")
            act = acts[name]
            hints = _hints(act)
            given = {one: data.draw(of(hints[one]), label=one) for one in wanted(act)}
            HANDLES.extend(secret.reveal() for secret in _secrets(check(name, act, given)))


@settings(max_examples=150)
@given(st.data())
def test_whatever_is_given_an_operation_ends_as_it_says(data: st.DataObject) -> None:
    """A documented outcome, or InvalidValue; no other exception, however hostile what was typed."""
    fuzz(data)


@settings(max_examples=20)
@given(st.data())
def test_whatever_is_given_a_database_bears_it(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The same over SQLite, which takes no text that is none."""
    fuzz(data, sqlite_template, tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("name", NAMES)
def test_everything_can_be_given_something(name: str) -> None:
    """For all that is taken there is a strategy, and it is known what may be told: nothing is left out."""
    hints = _hints(ACTS[name])
    for one in wanted(ACTS[name]):
        of(hints[one]).validate()
    assert members(hints["return"])


def test_whatever_a_bank_offers_is_fuzzed() -> None:
    """All operations, of every bank, the desk, the app, and whatever of the flows a command does by itself."""
    for profile in BANKS.values():
        there = TestBank(profile)
        assert {*there.net.operations(), *there.net.acts()} <= set(NAMES)
    assert {"desk.report_call", "desk.report_keys", "desk.report_hangup", "app.add", "app.approve"} <= set(NAMES)
    by_commands = {
        one
        for module in pkgutil.iter_modules(cli.__path__)
        if not module.name.endswith("story")
        for one in vars(import_module(f"{cli.__name__}.{module.name}")).values()
        if str(getattr(one, "__module__", "")).startswith("janetbank.flows.") and _takes_a_platform(one)
    }
    procedures: set[type] = {type(one) for one in vars(TestBank(BANKS["ja"]).net).values()}
    assert by_commands - procedures <= FLOWS


def _takes_a_platform(one: object) -> bool:
    return callable(one) and "platform" in inspect.signature(one).parameters


@pytest.mark.search
@given(st.data())
def test_at_length_whatever_is_given_an_operation_ends_as_it_says(data: st.DataObject) -> None:
    """The same, thousands of times."""
    fuzz(data)


@pytest.mark.search
@settings(max_examples=300)
@given(st.data())
def test_at_length_whatever_is_given_a_database_bears_it(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """And over a database."""
    fuzz(data, sqlite_template, tmp_path_factory.mktemp("fuzz"))
