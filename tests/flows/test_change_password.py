"""Changing the password: with the current one, by the rules of a new one, and what it ends."""

from collections.abc import Callable
from itertools import count

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.change_password import ChangePassword, ChangePasswordOutcome, PasswordChanged
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import LockedOut, Refused, Rejected, SessionEnded, TryAgain
from janetbank.flows.use_session import InSession
from janetbank.model.letter import LetterCode
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import Enrollee, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.scene import (
    MINUTE,
    REST,
    WRONG,
    CountingVault,
    SlowVault,
    challenged,
    contract_of,
    entries_of,
    held,
    kinds,
    letters,
    rewrite,
    with_password,
)

NEW = Secret("vase3#lamp")


def change(
    there: TestBank, session: Secret, current: Secret, new: Secret = NEW, again: Secret | None = None
) -> ChangePasswordOutcome:
    """Replace *current* by *new*, entered twice unless *again* is another."""
    return there.net.change_password(session, current=current, new=new, again=new if again is None else again)


def codes(told: object) -> set[str]:
    """Why a new password was rejected."""
    assert isinstance(told, Rejected), told
    return {violation.code for violation in told.violations}


# --- Done -------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CRD-05")
@pytest.mark.parametrize("typed", ["vase3#lamp", "VASE3#lamp"])
def test_the_new_password_counts_and_the_old_one_no_more(typed: str) -> None:
    """From the change on the new password lets in, in either case, and the old one does not."""
    there = bank()
    taro = there.customer()
    assert isinstance(change(there, there.log_in(taro), taro.password, Secret(typed)), PasswordChanged)
    assert with_password(there, taro) == Refused()
    assert isinstance(with_password(there, taro, NEW), LoggedIn)
    assert isinstance(with_password(there, taro, Secret("VASE3#LAMP")), LoggedIn)
    assert "PasswordChanged" in kinds(entries_of(there, taro))


def test_all_other_sessions_end_and_this_one_goes_on_under_a_new_token() -> None:
    """Whoever else was in, or had a question left, is out; the old token is dead."""
    there = bank()
    taro = there.customer()
    session, other, pending = there.log_in(taro), there.log_in(taro), challenged(there, taro)
    told = change(there, session, taro.password)
    assert isinstance(told, PasswordChanged)
    assert isinstance(there.net.use_session(told.session), InSession)
    assert there.net.use_session(session) == there.net.use_session(other) == SessionEnded()
    assert there.net.log_in.answer(pending.challenge, taro.answer_to(pending.question)) == SessionEnded()


def test_a_change_is_a_use_of_the_session() -> None:
    """The five idle minutes run from the change."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    there.clock.advance(4 * MINUTE)
    told = change(there, session, taro.password)
    assert isinstance(told, PasswordChanged)
    there.clock.advance(4 * MINUTE)
    assert isinstance(there.net.use_session(told.session), InSession)


@pytest.mark.requirement("ENR-08", "MAL-01")
def test_the_customer_is_told_at_every_address() -> None:
    """One letter to each address, old and new passwords in none."""
    there = bank()
    taro = there.customer(person=Person(further=["taro@office.example.jp"]))
    there.clock.advance(MINUTE)
    change(there, there.log_in(taro), taro.password)
    told = [letter for letter in letters(there) if letter.code is LetterCode.PASSWORD_CHANGED]
    assert {str(letter.to) for letter in told} == {"taro@example.jp", "taro@office.example.jp"}
    assert len(told) == 2


# --- The current password ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-01", "LCK-02")
def test_a_wrong_current_password_counts_like_any() -> None:
    """Six are tolerated and the right one clears them; the seventh locks, and throws out whoever guessed."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    assert [change(there, session, WRONG) for _ in range(6)] == [Refused()] * 6
    told = change(there, session, taro.password)
    assert isinstance(told, PasswordChanged)
    assert contract_of(there, taro).password_tally.failed == ()
    guesses = [change(there, told.session, WRONG, Secret("oak&frost9")) for _ in range(8)]
    assert guesses == [Refused()] * 6 + [LockedOut(there.clock.now() + REST), SessionEnded()]


@pytest.mark.requirement("CRD-06", "CRD-09", "LCK-16")
def test_what_breaks_the_rules_is_told_before_anything_is_evaluated() -> None:
    """A new password that cannot be taken is rejected whatever the current one is: no guess, no Argon2, no count."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    vault = CountingVault(there)
    change_password = ChangePassword(evolve(there.net.platform, vault=vault))
    before = vault.runs, contract_of(there, taro)
    for current in (taro.password, WRONG):
        told = change_password(session, current=current, new=Secret("ab123456"), again=Secret("ab123456"))
        assert isinstance(told, Rejected)
    assert (vault.runs, contract_of(there, taro)) == before


# --- The new password -------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CRD-05", "CRD-06", "CRD-09")
@pytest.mark.parametrize(
    ("new", "again", "expected"),
    [
        ("vase3#lamp", "vase3#lamp", set[str]()),
        ("vase3#lamp", "VASE3#LAMP", set[str]()),
        ("vase3#lamp", "vase3#lampp", {"password.not_same_twice"}),
        ("vase3#lamp", "", {"password.not_same_twice"}),
        ("soil7+rain", "soil7+rain", {"password.unchanged"}),
        ("SOIL7+RAIN", "SOIL7+RAIN", {"password.unchanged"}),
        ("zkwm", "zkwm", set[str]()),
        ("zkw", "zkw", {"password.too_short"}),
        ("vase#lamp#zk", "vase#lamp#zk", set[str]()),
        ("vase#lamp#zkq", "vase#lamp#zkq", {"password.too_long"}),
        ("vase lamp", "vase lamp", {"password.charset"}),
        ("kaze48nd", "kaze48nd", {"password.guessable.login_id"}),
        ("19800102", "19800102", {"password.guessable.birth_date"}),
        ("x5678y", "x5678y", {"password.guessable.phone"}),
    ],
)
def test_what_a_new_password_must_be(new: str, again: str, expected: set[str]) -> None:
    """The rules of registration, the customer's own data among them; entered twice; and another one than before."""
    there = bank()
    taro = there.customer()
    told = change(there, there.log_in(taro), taro.password, Secret(new), Secret(again))
    if expected:
        assert codes(told) >= expected
    else:
        assert isinstance(told, PasswordChanged)


@pytest.mark.requirement("CRD-06")
@pytest.mark.parametrize(("new", "kind"), [("52176438", "phone"), ("8452617z", "account"), ("z583q", "account")])
def test_what_was_named_since_the_application_counts_too(new: str, kind: str) -> None:
    """The contact telephone and every used account, its branch too, are the customer's own data like the rest."""
    there = bank()
    taro = there.customer()
    savings = LinkedAccount(Account.parse("583", "savings", "8452617"), AccountState.ACTIVE, None)
    rewrite(there, taro, lambda contract: evolve(contract, accounts=(savings,)))
    with there.storage.transaction() as tx:
        customer = tx.customers.of(taro.institution, taro.contract)
        assert customer is not None
        tx.customers.put(evolve(customer, contact=PhoneNumber.parse("03-5217-6438")))
    told = change(there, there.log_in(taro), taro.password, Secret(new))
    assert codes(told) == {f"password.guessable.{kind}"}


@pytest.mark.requirement("CRD-06", "CRD-09")
def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Rules broken, not the same twice, not changed: nobody has to find one out after the other."""
    there = bank()
    taro = there.customer()
    told = change(there, there.log_in(taro), Secret("ab1"), Secret("ab1"), Secret("ab2"))
    assert codes(told) >= {"password.too_short", "password.not_same_twice", "password.unchanged"}


@pytest.mark.requirement("CRD-02")
def test_each_fault_is_told_of_its_entry() -> None:
    """That it is the present one is said of the first entry, that the two differ of the second."""
    there = bank()
    taro = there.customer()
    told = change(there, there.log_in(taro), taro.password, taro.password, NEW)
    assert isinstance(told, Rejected)
    assert {(one.code, one.field) for one in told.violations} == {
        ("password.unchanged", "new"),
        ("password.not_same_twice", "again"),
    }


def test_where_case_counts_it_counts_here() -> None:
    """At a bank whose passwords are case-sensitive another case is another password, and not the same one twice."""
    rules = evolve(profiles.JA.password, case_sensitive=True)
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), password=rules))
    taro = there.customer()
    session = there.log_in(taro)
    assert codes(change(there, session, taro.password, NEW, Secret("VASE3#LAMP"))) == {"password.not_same_twice"}
    upper = Secret("SOIL7+RAIN")
    assert isinstance(change(there, session, taro.password, upper), PasswordChanged)
    assert with_password(there, taro) == Refused()
    assert isinstance(with_password(there, taro, upper), LoggedIn)


# --- What happens meanwhile -------------------------------------------------------------------------------------------


def change_while(there: TestBank, who: Enrollee, session: Secret, meanwhile: Callable[[], object]) -> object:
    """Change the password, where *meanwhile* happens between the check and the settling."""
    vault = SlowVault(there)
    vault.meanwhile = meanwhile
    flow = ChangePassword(evolve(there.net.platform, vault=vault))
    return flow(session, current=who.password, new=NEW, again=NEW)


def test_whoever_left_meanwhile_changes_nothing() -> None:
    """A session that was ended while the current password was checked changes no password."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    assert change_while(there, taro, session, lambda: there.net.log_out(session)) == SessionEnded()
    assert isinstance(with_password(there, taro), LoggedIn)


def test_of_two_changes_at_once_one_is_made() -> None:
    """What was the current password when it was checked is not any more when the other change is stored."""
    there = bank()
    taro = there.customer()
    session, other, theirs = there.log_in(taro), there.log_in(taro), Secret("oak&frost9")
    told = change_while(there, taro, session, lambda: change(there, other, taro.password, theirs))
    assert told == Refused()
    assert with_password(there, taro, NEW) == Refused()
    assert isinstance(with_password(there, taro, theirs), LoggedIn)


def test_a_failing_store_leaves_one_password() -> None:
    """Whichever call fails, the old password counts, and both sessions go on; nothing is half changed."""
    for call in count():
        storage = MemoryStorage()
        there = TestBank(storage=storage)
        taro = there.customer()
        session = there.log_in(taro)
        storage.fail(with_=Unavailable(), skip=call)
        try:
            told: object = change(there, session, taro.password)
        except Unavailable as raised:
            told = raised
        if storage._failures.planned:
            assert call > 10
            break
        assert isinstance(told, Unavailable)
        assert isinstance(there.net.use_session(session), InSession)
        assert with_password(there, taro, NEW) == Refused()
        assert isinstance(with_password(there, taro), LoggedIn)


def test_beside_seven_passwords_in_flight_one_is_told_to_try_again() -> None:
    """The eighth at once is neither evaluated nor counted, and the password is what it was."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    for _ in range(7):
        held(there, taro)
    before = contract_of(there, taro)
    assert change(there, session, taro.password) == TryAgain()
    assert contract_of(there, taro) == before
