"""Logging in while other guesses are in flight: reserved, not yet settled, or never to be."""

from collections.abc import Callable

import pytest
from attrs import evolve

from janetbank.flows.log_in import LoggedIn, LogIn
from janetbank.flows.refusals import LockedOut, Refused, SessionEnded, Suspended, TryAgain
from janetbank.flows.use_session import InSession
from janetbank.model.letter import LetterCode
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import HOME, Enrollee, TestBank, bank
from janetbank.values.secret import Secret
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.scene import (
    REST,
    SECOND,
    TICK,
    WRONG,
    WRONG_ANSWER,
    SlowVault,
    challenged,
    contract_of,
    counted,
    entries_of,
    held,
    kinds,
    letters,
    lock_answer,
    lock_password,
    rewrite,
    suspend,
    with_password,
)

PATIENCE = 30 * SECOND
"""How long a reserved guess may take before it counts as wrong."""


def slowly(there: TestBank, meanwhile: Callable[[], object]) -> LogIn:
    """Logging in, where *meanwhile* happens between the check and the settling."""
    vault = SlowVault(there)
    vault.meanwhile = meanwhile
    return LogIn(evolve(there.net.platform, vault=vault))


def log_in_while(
    there: TestBank, who: Enrollee, meanwhile: Callable[[], object], password: Secret | None = None
) -> object:
    """Log in by login id from a usual place while *meanwhile* happens."""
    log_in = slowly(there, meanwhile)
    return log_in.with_login_id(who.institution, who.login_id, password or who.password, seen_from=HOME)


# --- The last allowed guesses -----------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-01", "LCK-16")
def test_an_eighth_guess_beside_seven_in_flight_is_told_to_try_again() -> None:
    """Nobody is locked while it is open whether the seven were wrong: he is asked to try again, and not evaluated."""
    there = bank()
    taro = there.customer()
    for _ in range(7):
        held(there, taro)
    log_in, work = counted(there)
    before = work.runs, contract_of(there, taro)
    for password in (taro.password, WRONG):
        assert log_in.with_login_id(taro.institution, taro.login_id, password, seen_from=HOME) == TryAgain()
    assert (work.runs, contract_of(there, taro)) == before


@pytest.mark.requirement("LCK-01")
def test_who_tried_again_gets_in_when_the_others_were_right() -> None:
    """Seven honest logins at once and an eighth: none of them is locked out."""
    there = bank()
    taro = there.customer()

    def eighth() -> None:
        for _ in range(6):
            held(there, taro)
        assert with_password(there, taro) == TryAgain()

    assert isinstance(log_in_while(there, taro, eighth), LoggedIn)
    # What was reserved after the right one is not cleared by it, but one place is free.
    assert isinstance(with_password(there, taro), LoggedIn)


@pytest.mark.requirement("LCK-01")
def test_seven_that_nobody_settles_are_a_lockout() -> None:
    """Seven guesses whose process died count as wrong at their deadline, and the lock runs from there."""
    there = bank()
    taro = there.customer()
    for _ in range(7):
        held(there, taro)
    deadline = there.clock.now() + PATIENCE
    session_epoch = contract_of(there, taro).session_epoch
    there.clock.advance(PATIENCE - TICK)
    assert with_password(there, taro) == TryAgain()
    there.clock.advance(TICK)
    assert with_password(there, taro) == LockedOut(deadline + REST)
    assert contract_of(there, taro).session_epoch == session_epoch + 1
    assert kinds(entries_of(there, taro))[-1] == "LockedOut"
    assert [letter.code for letter in letters(there)][-1] == LetterCode.LOCKED_OUT
    # It is noticed once.
    before = contract_of(there, taro)
    assert with_password(there, taro) == LockedOut(deadline + REST)
    assert contract_of(there, taro) == before


@pytest.mark.requirement("LCK-03")
def test_a_lockout_that_nobody_saw_counts() -> None:
    """Seven guesses died and the rest passed before anybody came: the door is open, and the lockout is one in a row."""
    there = bank()
    taro = there.customer()
    for _ in range(7):
        held(there, taro)
    there.clock.advance(PATIENCE + REST)
    assert with_password(there, taro, WRONG) == Refused()
    tally = contract_of(there, taro).password_tally
    assert (tally.lockouts, len(tally.failed), tally.open) == (1, 1, ())
    assert kinds(entries_of(there, taro))[-3:] == ["GuessReserved", "LockedOut", "GuessWrong"]


@pytest.mark.requirement("LCK-15", "LCK-16")
def test_a_guess_at_a_suspended_contract_takes_no_ticket() -> None:
    """Seven guesses died, and their lock is over; who then guesses at the suspended contract is not counted."""
    there = bank()
    taro = there.customer()
    for _ in range(7):
        held(there, taro)
    there.clock.advance(PATIENCE + REST)
    suspend(there, taro)
    before = contract_of(there, taro)
    assert with_password(there, taro, WRONG) == Suspended()
    assert contract_of(there, taro) == before
    rewrite(there, taro, lambda contract: evolve(contract, suspended_since=None))
    there.clock.advance(PATIENCE)
    assert with_password(there, taro, WRONG) == Refused()
    tally = contract_of(there, taro).password_tally
    assert (tally.lockouts, len(tally.failed), tally.open) == (1, 1, ())


# --- Too late ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-16")
def test_a_right_guess_is_right_until_its_ticket_runs_out() -> None:
    """A microsecond before its deadline a right password lets in; at its deadline it has become a wrong one."""
    there = bank()
    taro = there.customer()
    assert isinstance(log_in_while(there, taro, lambda: there.clock.advance(PATIENCE - TICK)), LoggedIn)
    assert contract_of(there, taro).password_tally.failed == ()
    assert log_in_while(there, taro, lambda: there.clock.advance(PATIENCE)) == Refused()
    tally = contract_of(there, taro).password_tally
    assert (len(tally.failed), tally.open) == (1, ())
    assert kinds(entries_of(there, taro))[-1] == "GuessTooLate"


@pytest.mark.requirement("LCK-01")
def test_a_right_guess_that_is_too_late_can_lock() -> None:
    """As the seventh failure it locks, and the answer is that of any seventh failure."""
    there = bank()
    taro = there.customer()
    for _ in range(6):
        with_password(there, taro, WRONG)
    told = log_in_while(there, taro, lambda: there.clock.advance(PATIENCE))
    assert told == LockedOut(there.clock.now() + REST)
    assert kinds(entries_of(there, taro))[-2:] == ["GuessTooLate", "LockedOut"]


@pytest.mark.requirement("LCK-16")
def test_a_wrong_guess_is_counted_once_however_late() -> None:
    """What became a failure at its deadline is not another one when it is settled."""
    there = bank()
    taro = there.customer()
    assert log_in_while(there, taro, lambda: there.clock.advance(PATIENCE), WRONG) == Refused()
    assert len(contract_of(there, taro).password_tally.failed) == 1


@pytest.mark.requirement("LCK-01", "LCK-16")
def test_a_process_that_dies_loses_no_failure() -> None:
    """A guess whose process dies between its reservation and its settling is a failure all the same."""
    storage = MemoryStorage()
    there = TestBank(storage=storage)
    taro = there.customer()
    for _ in range(7):
        storage.fail(call="begin", skip=1, with_=Unavailable())
        with pytest.raises(Unavailable):
            with_password(there, taro, WRONG)
    assert with_password(there, taro) == TryAgain()
    there.clock.advance(PATIENCE)
    assert with_password(there, taro) == LockedOut(there.clock.now() + REST)


# --- The door closes, or the secret changes, in between ---------------------------------------------------------------


@pytest.mark.requirement("CRD-05")
@pytest.mark.parametrize("password", [None, WRONG])
def test_a_password_that_changed_meanwhile_lets_nobody_in(password: Secret | None) -> None:
    """The old password, found right and then replaced before the door opened, is refused like a wrong one."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    new = Secret("vase3#lamp")

    def change() -> None:
        told = there.net.change_password(session, current=taro.password, new=new, again=new)
        assert type(told).__name__ == "PasswordChanged", told

    assert log_in_while(there, taro, change, password) == Refused()
    assert isinstance(with_password(there, taro, new), LoggedIn)


@pytest.mark.requirement("LCK-10", "LCK-15")
@pytest.mark.parametrize("password", [None, WRONG])
def test_a_door_that_closed_meanwhile_gives_one_answer(password: Secret | None) -> None:
    """Answers locked, or the contract suspended, while a password is checked: right or wrong, the door answers."""
    there = bank()
    taro = there.customer()
    told = log_in_while(there, taro, lambda: lock_answer(there, taro), password)
    assert told == LockedOut(there.clock.now() + REST)
    there.clock.advance(REST)
    assert log_in_while(there, taro, lambda: suspend(there, taro), password) == Suspended()


@pytest.mark.requirement("LCK-15")
def test_a_right_password_before_a_closed_door_still_clears_its_counter() -> None:
    """The suspended customer knew his password: his failures are forgotten, and the audit says so."""
    there = bank()
    taro = there.customer()
    with_password(there, taro, WRONG)
    assert log_in_while(there, taro, lambda: suspend(there, taro)) == Suspended()
    assert contract_of(there, taro).password_tally.failed == ()
    assert kinds(entries_of(there, taro))[-1] == "GuessRight"


@pytest.mark.requirement("LCK-15", "LCK-16")
@pytest.mark.parametrize("right", [True, False])
def test_an_answer_in_flight_while_the_password_is_locked(right: bool) -> None:  # noqa: FBT001 -- a table's column
    """A thief locks the contract while his own answer is being checked: the reply does not tell if it was right."""
    there = bank()
    taro = there.customer()
    asked = challenged(there, taro)
    log_in = slowly(there, lambda: lock_password(there, taro))
    told = log_in.answer(asked.challenge, taro.answer_to(asked.question) if right else WRONG_ANSWER)
    assert told == LockedOut(there.clock.now() + REST)
    assert there.net.use_session(asked.challenge) == SessionEnded()


@pytest.mark.requirement("RBA-10")
def test_one_challenge_opens_one_session() -> None:
    """Of two right answers to one challenge at once, one opens a session, and the other opens nothing."""
    there = bank()
    taro = there.customer()
    asked = challenged(there, taro)
    right = taro.answer_to(asked.question)
    first: list[object] = []
    log_in = slowly(there, lambda: first.append(there.net.log_in.answer(asked.challenge, right)))
    assert log_in.answer(asked.challenge, right) == SessionEnded()
    assert isinstance(first[0], LoggedIn)
    assert isinstance(there.net.use_session(first[0].session), InSession)


def test_a_challenge_that_ran_out_meanwhile_opens_nothing() -> None:
    """The five minutes of a challenge are looked at when the answer is settled, not only when it was given."""
    there = bank()
    taro = there.customer()
    asked = challenged(there, taro)
    there.clock.advance(asked.until - there.clock.now() - SECOND)
    log_in = slowly(there, lambda: there.clock.advance(SECOND))
    assert log_in.answer(asked.challenge, taro.answer_to(asked.question)) == SessionEnded()


def test_parallel_logins_all_get_in() -> None:
    """Two right passwords at once open two sessions, and both live."""
    there = bank()
    taro = there.customer()
    inner: list[object] = []
    outer = log_in_while(there, taro, lambda: inner.append(with_password(there, taro)))
    for told in (outer, *inner):
        assert isinstance(told, LoggedIn)
        assert isinstance(there.net.use_session(told.session), InSession)
