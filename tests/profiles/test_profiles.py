"""Profiles: the numbers of each bank, and nothing but the numbers."""

import ast
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from attrs import evolve

import janetbank
from janetbank import profiles
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import LockedOut, Refused
from janetbank.model.contract import Counter
from janetbank.policies.admission import Operation
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan
from janetbank.policies.service_hours import ClosedNow, OpenNow
from janetbank.profiles.profile import LoginIdScope
from janetbank.testing.bank import HOME, NEIGHBOUR, START, Person, TestBank
from janetbank.values.account import Account

FAST = profiles.fast_for_tests(profiles.JA)


@pytest.mark.requirement("PRF-01")
def test_two_profiles_rule_side_by_side() -> None:
    """Every rule hangs off the profile: two banks in one process keep their own numbers."""
    strict = evolve(
        FAST,
        name="strict",
        lockouts={**FAST.lockouts, Counter.PASSWORD: Lockout(tolerance=AtLeast(2), rest=None, lockouts_to_block=1)},
    )
    lenient, stern = TestBank(FAST), TestBank(strict)
    told = {}
    for name, bank in {"lenient": lenient, "stern": stern}.items():
        customer = bank.customer()
        told[name] = [type(bank.guess(customer.login_id, "wr0ng!one")).__name__ for _ in range(3)]
    assert told == {"lenient": ["Refused"] * 3, "stern": ["Refused", "Blocked", "Blocked"]}


@pytest.mark.requirement("PRF-01")
def test_an_institution_is_a_tenant_of_its_profile() -> None:
    """The tenant is (profile, institution): one login id at two institutions is two customers with two counters."""
    bank = TestBank(FAST)
    here = bank.customer()
    person = Person(account=Account.parse("205", "ordinary", "7654321"))
    there = bank.customer(password="w1ndy/hill", person=person, institution=NEIGHBOUR)
    assert here.login_id == there.login_id
    while not isinstance(bank.guess(here.login_id, "wr0ng!one"), LockedOut):
        pass
    assert bank.log_in(there)


def test_a_login_id_may_be_unique_in_the_whole_profile() -> None:
    """With the scope PROFILE, an id registered at one institution is taken at every other one, and works at its own."""
    bank = TestBank(evolve(FAST, login_id_scope=LoginIdScope.PROFILE))
    here = bank.customer()
    person = Person(account=Account.parse("205", "ordinary", "7654321"))
    with pytest.raises(AssertionError, match=r"login_id\.taken"):
        bank.customer(person=person, institution=NEIGHBOUR)
    door = bank.net.log_in
    assert isinstance(door.with_login_id(NEIGHBOUR.id, here.login_id, here.password, seen_from=HOME), Refused)
    assert isinstance(door.with_login_id(here.institution, here.login_id, here.password, seen_from=HOME), LoggedIn)


HISTORICAL = {
    Counter.PASSWORD: 21,
    Counter.ANSWER: 21,
    Counter.START_PASSWORD: 5,
    Counter.CODE: 10,
    Counter.PAYMENT: 12,
    Counter.CONFIRMATION: 21,
    Counter.MAIL_PASSWORD: 18,
}
STRICT = {
    Counter.PASSWORD: 15,
    Counter.ANSWER: 15,
    Counter.START_PASSWORD: 5,
    Counter.CODE: 15,
    Counter.PAYMENT: 10,
    Counter.CONFIRMATION: 15,
    Counter.MAIL_PASSWORD: 15,
}


@pytest.mark.parametrize(
    ("profile", "guesses"),
    [
        (profiles.JA, HISTORICAL),
        (profiles.AKITA, HISTORICAL),
        (profiles.AOMORI, HISTORICAL),
        (profiles.MODERN, STRICT),
    ],
    ids=["ja", "akita", "aomori", "modern"],
)
def test_no_profile_lets_more_than_nists_hundred_guess(profile: profiles.Profile, guesses: dict[Counter, int]) -> None:
    """The guesses evaluated before a block are far from a hundred (NIST SP 800-63B-4 3.2.2)."""
    assert {counter: profile.lockout(counter).guesses_to_block for counter in Counter} == guesses
    assert max(guesses.values()) <= 100


def test_a_profile_over_nists_hundred_cannot_be_made() -> None:
    """A lockout that lets 102 guesses through before it blocks is refused."""
    generous = Lockout(tolerance=MoreThan(50), rest=timedelta(minutes=1), lockouts_to_block=2)
    with pytest.raises(ValueError, match="more than 100 guesses"):
        evolve(profiles.JA, lockouts={**profiles.JA.lockouts, Counter.ANSWER: generous})
    with pytest.raises(ValueError, match="more than 100 guesses at an operator's password"):
        evolve(profiles.JA, operators=evolve(profiles.JA.operators, lockout=generous))


@pytest.mark.requirement("OPS-10", "SUS-13")
def test_operators_have_hours_an_age_of_passwords_and_a_lockout() -> None:
    """The terminal rests at night, passwords are changed, and wrong ones lock as a customer's do."""
    operators = profiles.JA.operators
    assert operators.hours.is_open(START)
    assert not operators.hours.is_open(START + timedelta(hours=15))
    assert operators.password_age.due(START, START + timedelta(days=90))
    assert not operators.password_age.due(START, START + timedelta(days=89))
    assert operators.lockout == profiles.JA.lockout(Counter.PASSWORD)


def test_a_profile_without_hours_for_an_operation_cannot_be_made() -> None:
    """Every operation has its hours: none is open or closed by being forgotten."""
    hours = dict(profiles.JA.hours)
    del hours[Operation.ANSWER]
    with pytest.raises(ValueError, match="no service hours for answer"):
        evolve(profiles.JA, hours=MappingProxyType(hours))


@pytest.mark.requirement("HRS-01")
def test_ja_is_open_on_any_day() -> None:
    """Weekdays, Saturdays, Sundays and holidays alike; what asks the host rests at night."""
    for days in range(14):
        noon = START + timedelta(days=days, hours=2)
        assert {type(profiles.JA.hours_of(one).state(noon)) for one in Operation} == {OpenNow}
    night = START + timedelta(hours=15)  # 01:00 in Japan
    closed = {one for one in Operation if isinstance(profiles.JA.hours_of(one).state(night), ClosedNow)}
    assert closed == {
        Operation.ENROL,
        Operation.RESET_PASSWORD,
        Operation.RESET_QUESTIONS,
        Operation.REISSUE_TOKEN,
    }


def parts_of(node: ast.AST) -> Sequence[ast.expr]:
    """What is held against something else in *node*."""
    match node:
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.Match(subject=subject):
            return [subject]
        case ast.Subscript(slice=key):
            return [key]
        case _:
            return []


CONSTANTS = {name for name, one in vars(profiles).items() if isinstance(one, profiles.Profile)}
NAMES = {repr(getattr(profiles, name).name) for name in CONSTANTS} - {"'ja'"}
"""Without JA's, which is a language as well."""


def comparisons_of_a_profile(source: str) -> list[int]:
    """The lines of *source* on which a profile, or its name or title, is compared, matched or looked up."""

    def is_profile(node: ast.AST) -> bool:
        whole = ast.unparse(node).removesuffix(".name").removesuffix(".title")
        named = isinstance(node, ast.Name | ast.Attribute) and whole.rpartition(".")[2] in {"profile", *CONSTANTS}
        return named or whole in NAMES

    asked = [parts for node in ast.walk(ast.parse(source)) if (parts := parts_of(node))]
    return [parts[0].lineno for parts in asked if any(is_profile(part) for part in parts)]


def test_no_policy_and_no_flow_asks_which_profile_it_is() -> None:
    """Numbers live in profiles and rules in policies: nobody compares a profile, or its name, with anything."""
    home = Path(janetbank.__file__).parent
    sources = [path for room in ("policies", "flows", "model") for path in (home / room).rglob("*.py")]
    assert len(sources) > 20
    assert {path.name: found for path in sources if (found := comparisons_of_a_profile(path.read_text("utf-8")))} == {}


def test_no_policy_and_no_flow_imports_a_bank() -> None:
    """What a flow imports of the profiles is what a profile is, and never one of them."""
    home = Path(janetbank.__file__).parent
    banks = {f"janetbank.profiles.{name.lower()}" for name in CONSTANTS} | {"janetbank.profiles"}
    imported = {
        f"{path.name}: {node.module}"
        for room in ("policies", "flows", "model")
        for path in (home / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in banks
    }
    assert imported == set()


@pytest.mark.parametrize(
    "planted",
    [
        "if profile.name == 'ja': pass",
        "x = platform.profile is profiles.JA",
        "match self.profile.title:\n  case _: pass",
        "if self.platform.profile == AOMORI: pass",
        "if name == 'modern': pass",
        "rule = RULES[profile.name]",
    ],
)
def test_asking_for_the_profile_would_be_seen(planted: str) -> None:
    """The reader of the sources finds what it looks for."""
    assert comparisons_of_a_profile(planted) == [1]


def test_a_fast_profile_has_the_same_rules() -> None:
    """What `fast_for_tests` changes is the cost of a hash, and nothing else."""
    assert evolve(FAST, hashing=profiles.JA.hashing) == profiles.JA
