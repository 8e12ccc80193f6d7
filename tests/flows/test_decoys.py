"""Decoys: whoever is unknown is answered exactly as a customer whose password was not guessed."""

from collections.abc import Callable

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.flows.log_in import LoggedIn, LogIn
from janetbank.flows.refusals import Blocked, LockedOut, Refused
from janetbank.model.contract import Contract
from janetbank.model.letter import LetterCode
from janetbank.policies.contract_life import ContractStatus
from janetbank.testing.bank import CAFE, HOME, INSTITUTION, Enrollee, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.environment import Environment
from janetbank.values.secret import Secret
from tests.flows.scene import (
    HANAKO,
    MINUTE,
    REST,
    WRONG,
    contract_of,
    counted,
    letters,
    read,
    rewrite,
    with_account,
    with_password,
)

Try = Callable[[LogIn, Enrollee, Environment], object]


def by_login_id(log_in: LogIn, who: Enrollee, place: Environment) -> object:
    """A wrong password for the login id of *who*."""
    return log_in.with_login_id(who.institution, who.login_id, WRONG, seen_from=place)


def by_account(log_in: LogIn, who: Enrollee, place: Environment) -> object:
    """A wrong password for the account of *who*."""
    account = who.person.account
    parts = account.branch.code, account.type.label, account.number.digits
    return log_in.with_account(who.institution, *parts, WRONG, seen_from=place)


def history(who: Enrollee, there: TestBank, way: Try, waits: list[int]) -> list[tuple[object, int]]:
    """What is told at each try, and how much hashing went into it."""
    log_in, work = counted(there)
    told: list[tuple[object, int]] = []
    for at, wait in enumerate(waits):
        there.clock.advance(MINUTE * wait)
        before = work.runs
        outcome = way(log_in, who, HOME if at % 2 else CAFE)
        told.append((outcome, work.runs - before))
    return told


def nobody(taro: Enrollee) -> Enrollee:
    """Somebody whom the bank does not know."""
    stranger = evolve(HANAKO, account=Account.parse("321", "ordinary", "7777777"))
    return evolve(taro, login_id="nobody99", person=stranger)


@pytest.mark.requirement("LCK-16")
@pytest.mark.parametrize("way", [by_login_id, by_account])
@given(waits=st.lists(st.sampled_from([0, 0, 0, 0, 1, 30, 59, 60, 61]), min_size=25, max_size=40))
def test_an_unknown_name_is_answered_like_a_known_one(way: Try, waits: list[int]) -> None:
    """Guess by guess, through lockouts and the block: the same answer after the same hashing, known or not."""
    here, there = bank(), bank()
    taro = here.customer()
    known = history(taro, here, way, waits)
    assert history(nobody(taro), there, way, waits) == known


@pytest.mark.requirement("LCK-16")
@pytest.mark.parametrize("way", [by_login_id, by_account])
def test_an_unknown_name_is_locked_and_blocked(way: Try) -> None:
    """Twenty-one guesses at nobody are evaluated, and then he is blocked like anybody."""
    there = bank()
    told = history(nobody(there.customer()), there, way, [*[0] * 7, 60, *[0] * 6, 60, *[0] * 6])
    assert [type(outcome) for outcome, _ in told] == [
        *[Refused] * 6, LockedOut, *[Refused] * 6, LockedOut, *[Refused] * 6, Blocked,
    ]  # fmt: skip
    assert [runs for _, runs in told] == [1] * 21


@pytest.mark.requirement("CRD-02", "LGN-03")
def test_a_decoy_is_one_however_it_is_typed() -> None:
    """Case and zeros make no new counter of what is one name, and different names have counters of their own."""
    there = bank()
    log_in, place = there.net.log_in, HOME
    ids = ["Nobody99", "NOBODY99", "nobody99", "nObody99", "noBody99", "nobOdy99", "nobodY99"]
    told = [log_in.with_login_id(INSTITUTION.id, name, WRONG, seen_from=place) for name in ids]
    assert told == [Refused()] * 6 + [LockedOut(there.clock.now() + REST)]
    accounts = ["5", "05", "005", "0005", "00005", "０５", "0000005"]
    told = [log_in.with_account(INSTITUTION.id, "321", "普通", one, WRONG, seen_from=place) for one in accounts]
    assert told == [Refused()] * 6 + [LockedOut(there.clock.now() + REST)]
    assert log_in.with_login_id(INSTITUTION.id, "nobody98", WRONG, seen_from=place) == Refused()
    assert log_in.with_account(INSTITUTION.id, "321", "普通", "6", WRONG, seen_from=place) == Refused()


def decoys(there: TestBank) -> list[Contract]:
    """Every decoy that came into being for `nobody99`."""
    vault = there.net.platform.vault
    key = vault.decoy_key(INSTITUTION.id.code, "login id", "nobody99")
    found = read(there.storage, lambda tx: tx.contracts.by_login_id(INSTITUTION.id, INSTITUTION.id.code, "", key))
    return [] if found is None else [found]


def test_a_decoy_never_logs_in() -> None:
    """Not even whoever knew the secret that was thrown away gets in as somebody who does not exist."""
    there = bank()
    taro = there.customer()
    with_password(there, nobody(taro), WRONG)
    (decoy,) = decoys(there)
    assert decoy.status is ContractStatus.DECOY
    known = there.net.platform.vault.hash(taro.password)
    rewrite(there, evolve(taro, contract=decoy.id), lambda contract: evolve(contract, password=known))
    for place in (HOME, CAFE):
        assert with_password(there, nobody(taro), seen_from=place) == Refused()
    assert len(contract_of(there, evolve(taro, contract=decoy.id)).password_tally.failed) == 3


@pytest.mark.requirement("CRD-04")
def test_a_customer_may_take_a_name_that_was_guessed_at() -> None:
    """Whoever registers a login id, or an account, that a decoy bears starts with a clean counter."""
    there = bank()
    taro = nobody(there.customer())
    for way in (with_password, with_account):
        for _ in range(7):
            way(there, taro, WRONG)
        assert isinstance(way(there, taro, WRONG), LockedOut)
    new = there.customer("nobody99", person=taro.person)
    assert isinstance(with_password(there, new), LoggedIn)
    assert isinstance(with_account(there, new), LoggedIn)
    assert contract_of(there, new).decoy_key is None


def test_a_name_given_up_is_guessed_at_in_vain() -> None:
    """A tombstone's login id and account are nobody's: guesses there go to a decoy, and move no counter of his."""
    there = bank()
    taro = there.customer()
    rewrite(there, taro, lambda contract: evolve(contract, status=ContractStatus.CANCELLED))
    before = contract_of(there, taro)
    for way in (with_password, with_account):
        assert [way(there, taro) for _ in range(6)] == [Refused()] * 6
        assert way(there, taro) == LockedOut(there.clock.now() + REST)
    assert contract_of(there, taro) == before


def test_nobody_is_written_to_for_a_decoy() -> None:
    """Locks and blocks of somebody who does not exist reach nobody's mail box."""
    there = bank()
    taro = there.customer()
    history(nobody(taro), there, by_login_id, [60] * 25)
    history(nobody(taro), there, by_login_id, [0] * 25)
    assert {letter.code for letter in letters(there)} == {LetterCode.ENROLLED}


def test_what_was_typed_is_not_kept() -> None:
    """A password typed where the login id belongs is kept as a keyed digest only, which needs the bank's key."""
    there, elsewhere = bank(), TestBank(seed=1)
    typed = "soil7plusrain"
    there.net.log_in.with_login_id(INSTITUTION.id, typed, Secret("kaze48nd"), seen_from=HOME)
    keys = [one.net.platform.vault.decoy_key(INSTITUTION.id.code, "login id", typed) for one in (there, elsewhere)]
    assert keys[0] != keys[1]
    assert all(typed not in key for key in keys)
