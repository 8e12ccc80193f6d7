"""Resetting the login password: what it takes at the end, and all that it brings."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve

from janetbank.flows.biometrics import BiometricsNotSetUp
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import Blocked, LockedOut, Refused, Rejected, SessionEnded
from janetbank.flows.reset_password import PasswordReset
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.identity_form import FormTries
from janetbank.policies.lockout import Tally
from janetbank.policies.recovery import Step
from janetbank.testing.bank import Enrollee, Person, TestBank, bank
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation
from tests.flows.recovery_scene import NEW, reset
from tests.flows.scene import (
    REST,
    block_answer,
    block_password,
    challenged,
    contract_of,
    entries_of,
    held,
    letters,
    lock_answer,
    lock_password,
    rewrite,
    settle_right,
    with_account,
    with_password,
)
from tests.flows.token_scene import Telephone


@pytest.mark.requirement("PWR-14", "PWR-13", "LGN-08")
def test_the_new_password_counts_at_once_and_the_old_one_does_not() -> None:
    """By login id and by account."""
    there = bank()
    one = reset(there, taro := there.customer(), "password", Step.SECRET)
    assert one.reset() == PasswordReset()
    assert isinstance(with_password(there, taro, NEW), LoggedIn)
    assert isinstance(with_account(there, taro, NEW), LoggedIn)
    assert with_password(there, taro) == Refused()


@pytest.mark.requirement("PWR-09", "PWR-13", "PWR-15", "CRD-05", "CRD-06")
@pytest.mark.parametrize(
    ("new", "again", "named"),
    [
        ("qz", "qz", [("new", "password.too_short")]),
        ("vase3#lampvase3", "vase3#lampvase3", [("new", "password.too_long")]),
        ("vase 3#lamp", "vase 3#lamp", [("new", "password.charset")]),
        ("vq0102", "vq0102", [("new", "password.guessable.birth_date")]),
        ("kaze48nd", "kaze48nd", [("new", "password.guessable.login_id")]),
        ("vase3#lamp", "vase3#lamb", [("again", "password.not_same_twice")]),
    ],
)
def test_what_is_wrong_with_a_password_is_named(new: str, again: str, named: list[tuple[str, str]]) -> None:
    """The rules are those of any new password; nothing is put to the host, and the screen stays."""
    there = bank()
    one = reset(there, there.customer(), "password", Step.SECRET)
    there.core.reachable = False
    told = one.reset(new=Secret(new), again=Secret(again))
    there.core.reachable = True
    assert isinstance(told, Rejected)
    assert [(violation.field, violation.code) for violation in told.violations] == named
    assert one.where() is Step.SECRET


@pytest.mark.requirement("CRD-09", "PWR-15")
@pytest.mark.parametrize("again", ["VASE3#LAMP", "Vase3#Lamp"])
def test_case_is_not_told_apart(again: str) -> None:
    """Neither between the two entries nor when one logs in."""
    there = bank()
    one = reset(there, taro := there.customer(), "password", Step.SECRET)
    assert one.reset(again=Secret(again)) == PasswordReset()
    assert isinstance(with_password(there, taro, Secret(again)), LoggedIn)


def test_all_faults_of_the_last_screen_are_named_at_once() -> None:
    """The password's, the repetition's and the PIN's."""
    there = bank()
    one = reset(there, there.customer(), "password", Step.SECRET)
    told = one.reset(new=Secret("a"), pin=Secret("12"))
    assert told == Rejected(
        (
            Violation("password.too_short", {"min": 4}, "new"),
            Violation("password.not_same_twice", field="again"),
            Violation("pin.shape", field="pin"),
        )
    )


@pytest.mark.requirement("PWR-14", "LCK-04", "LCK-02")
@pytest.mark.parametrize("shut", [lock_password, block_password])
def test_a_lock_or_block_of_the_password_is_released(shut: Callable[[TestBank, Enrollee], object]) -> None:
    """Its counter stands at none, lockouts and all, and the customer is in."""
    there = bank()
    taro = there.customer()
    shut(there, taro)
    assert with_password(there, taro) in {Blocked(), LockedOut(there.clock.now() + REST)}
    reset(there, taro, "password", Step.DONE)
    assert isinstance(with_password(there, taro, NEW), LoggedIn)
    tally = contract_of(there, taro).password_tally
    assert (tally.failed, tally.lockouts, tally.locked_until, tally.blocked_since) == ((), 0, None, None)


@pytest.mark.requirement("PWR-14", "LCK-15")
@pytest.mark.parametrize("shut", [lock_answer, block_answer])
def test_the_answers_stay_locked(shut: Callable[[TestBank, Enrollee], object]) -> None:
    """A counter is released by the reset of its own secret, and by no other (AMB-18)."""
    there = bank()
    taro = there.customer()
    shut(there, taro)
    before = contract_of(there, taro)
    told = with_password(there, taro)
    reset(there, taro, "password", Step.DONE)
    assert contract_of(there, taro).answer_tally == before.answer_tally
    assert with_password(there, taro, NEW) == told


@pytest.mark.requirement("PWR-14")
@pytest.mark.parametrize("counter", [counter for counter in Counter if counter is not Counter.PASSWORD])
def test_every_other_counter_stays_as_it_is(counter: Counter) -> None:
    """Failures and lockouts of another secret are not this reset's business, nor are the day's mismatches."""
    there = bank()
    taro = there.customer()
    tally = Tally(failed=(1, 2), issued=2, lockouts=1)
    tries = FormTries(there.clock.now().date(), 3)
    rewrite(there, taro, lambda contract: evolve(contract.with_tally(counter, tally), form_tries=tries))
    reset(there, taro, "password", Step.DONE)
    after = contract_of(there, taro)
    assert (after.tally(counter), after.form_tries) == (tally, tries)


@pytest.mark.requirement("PWR-14")
def test_all_sessions_end() -> None:
    """Whoever was in is out, and a question that was asked is not answered any more."""
    there = bank()
    taro = there.customer()
    session, asked = there.log_in(taro), challenged(there, taro)
    reset(there, taro, "password", Step.DONE)
    assert there.net.use_session(session) == SessionEnded()
    assert there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)) == SessionEnded()


@pytest.mark.requirement("PWR-14", "BIO-12")
def test_biometric_login_ends() -> None:
    """The finger lets nobody in any more; the token itself stays in use."""
    there = bank()
    taro = there.customer()
    phone = Telephone.of(there, taro).set_up_finger()
    before = phone.token()
    reset(there, taro, "password", Step.DONE)
    assert there.net.biometrics.begin_log_in(phone.app) == BiometricsNotSetUp()
    assert phone.token().credential is None
    assert phone.token().state is before.state
    assert entries_of(there, taro)[-1].data["state"] == "biometrics revoked"


@pytest.mark.requirement("PWR-14")
def test_the_reset_is_remembered_with_its_time() -> None:
    """For the cooling-off of a reissue (AMB-11); and what was to be changed is changed."""
    there = bank()
    taro = there.customer()
    rewrite(there, taro, lambda contract: evolve(contract, must_change_password=True))
    one = reset(there, taro, "password", Step.SECRET)
    there.clock.advance(timedelta(seconds=1))
    one.reset()
    after = contract_of(there, taro)
    assert after.password_reset_at == there.clock.now()
    assert not after.must_change_password


@pytest.mark.requirement("PWR-14", "MAL-15")
def test_every_address_is_told() -> None:
    """Once each."""
    there = bank()
    taro = there.customer(person=Person(further=("taro@work.example.jp", "taro@home.example.jp")))
    reset(there, taro, "password", Step.DONE)
    told = sorted(str(letter.to) for letter in letters(there) if letter.code is LetterCode.PASSWORD_RESET)
    assert told == ["taro@example.jp", "taro@home.example.jp", "taro@work.example.jp"]


def test_the_rest_of_the_contract_is_what_it_was() -> None:
    """Login id, account, questions, places and the wish for a token are not touched."""
    there = bank()
    taro = there.customer()
    before = contract_of(there, taro)
    reset(there, taro, "password", Step.DONE)
    after = contract_of(there, taro)
    assert after == evolve(
        before,
        password=after.password,
        password_tally=after.password_tally,
        password_reset_at=there.clock.now(),
        session_epoch=before.session_epoch + 1,
        chain=after.chain,
        version=after.version,
    )


@pytest.mark.requirement("PWR-14")
def test_a_guess_in_flight_lets_nobody_in_by_the_old_password() -> None:
    """What was verified before the reset is settled after it as too late, and is not counted on the new counter."""
    there = bank()
    taro = there.customer()
    ticket = held(there, taro)
    reset(there, taro, "password", Step.DONE)
    assert settle_right(there, ticket) == Refused()
    assert contract_of(there, taro).password_tally.failed == ()
