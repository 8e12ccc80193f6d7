"""Logging in: what wrong entries bring upon a customer, and what ends it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import Blocked, LockedOut, Refused, SessionEnded
from janetbank.flows.use_session import InSession
from janetbank.model.letter import LetterCode
from janetbank.testing.bank import HOME, Enrollee, Person, TestBank, bank
from tests.flows.scene import (
    MINUTE,
    NOWHERE,
    REST,
    TICK,
    WRONG,
    WRONG_ANSWER,
    block_answer,
    block_password,
    challenged,
    contract_of,
    counted,
    entries_of,
    kinds,
    letters,
    lock_answer,
    lock_password,
    with_account,
    with_password,
)

Lock = Callable[[TestBank, Enrollee], LockedOut]
Block = Callable[[TestBank, Enrollee], None]
EITHER_LOCK = pytest.mark.parametrize("lock", [lock_password, lock_answer])
EITHER_BLOCK = pytest.mark.parametrize("block", [block_password, block_answer])


# --- Six are tolerated, the seventh locks -----------------------------------------------------------------------------


@pytest.mark.requirement("LCK-01")
@pytest.mark.parametrize("wrong", range(9))
def test_more_than_six_wrong_passwords_lock(wrong: int) -> None:
    """Up to six wrong passwords are forgiven; with the seventh the right one does not let in for 60 minutes."""
    there = bank()
    taro = there.customer()
    told = [with_password(there, taro, WRONG) for _ in range(wrong)]
    locked = LockedOut(there.clock.now() + REST)
    assert told == ([Refused()] * 6 + [locked] * 3)[:wrong]
    right = with_password(there, taro)
    assert right == locked if wrong > 6 else isinstance(right, LoggedIn)


@pytest.mark.requirement("LCK-10", "LCK-14", "RBA-12", "ENR-05")
@pytest.mark.parametrize("wrong", range(9))
def test_more_than_six_wrong_answers_lock_the_whole_service(wrong: int) -> None:
    """Up to six wrong answers are forgiven; with the seventh nothing opens for 60 minutes, a usual place included."""
    there = bank()
    taro = there.customer()
    asked = challenged(there, taro)
    told = [there.net.log_in.answer(asked.challenge, WRONG_ANSWER) for _ in range(wrong)]
    locked = LockedOut(there.clock.now() + REST)
    # The lock ends the challenge, too, so that after it there is nothing left to answer.
    assert told == ([Refused()] * 6 + [locked] + [SessionEnded()] * 2)[:wrong]
    right = there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question))
    assert right == SessionEnded() if wrong > 6 else isinstance(right, LoggedIn)
    home = with_password(there, taro)
    assert home == locked if wrong > 6 else isinstance(home, LoggedIn)


@pytest.mark.requirement("LGN-03")
@given(ways=st.lists(st.booleans(), min_size=7, max_size=7))
def test_both_ways_in_share_one_counter(ways: list[bool]) -> None:
    """Seven wrong passwords lock the contract, however they are spread over login id and account."""
    there = bank()
    taro = there.customer()
    told = [(with_account if way else with_password)(there, taro, WRONG) for way in ways]
    locked = LockedOut(there.clock.now() + REST)
    assert told == [Refused()] * 6 + [locked]
    assert with_account(there, taro) == with_password(there, taro) == locked


# --- While it lasts ---------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-16")
@EITHER_LOCK
def test_while_locked_nothing_is_verified_counted_or_written(lock: Lock) -> None:
    """While locked right and wrong get the same answer without an Argon2, and nothing at all is written."""
    there = bank()
    taro = there.customer()
    told = lock(there, taro)
    log_in, work = counted(there)
    before = work.runs, contract_of(there, taro), entries_of(there, taro), letters(there)
    for minutes in range(59):
        for password in (taro.password, WRONG):
            assert log_in.with_login_id(taro.institution, taro.login_id, password, seen_from=HOME) == told
            assert log_in.with_login_id(taro.institution, taro.login_id, password, seen_from=NOWHERE) == told
        assert told.until == there.clock.now() + REST - MINUTE * minutes
        there.clock.advance(MINUTE)
    assert (work.runs, contract_of(there, taro), entries_of(there, taro), letters(there)) == before


@pytest.mark.requirement("LCK-03", "LCK-11", "LCK-16")
@EITHER_BLOCK
def test_while_blocked_nothing_is_verified_counted_or_written(block: Block) -> None:
    """A block has no end: years later right and wrong get the same answer without an Argon2."""
    there = bank()
    taro = there.customer()
    block(there, taro)
    log_in, work = counted(there)
    before = work.runs, contract_of(there, taro), entries_of(there, taro), letters(there)
    for years in range(3):
        there.clock.advance(MINUTE * 60 * 24 * 365 * years)
        for password in (taro.password, WRONG):
            assert log_in.with_login_id(taro.institution, taro.login_id, password, seen_from=HOME) == Blocked()
    assert (work.runs, contract_of(there, taro), entries_of(there, taro), letters(there)) == before


@pytest.mark.requirement("OPS-01")
@EITHER_LOCK
def test_nobody_locks_and_nobody_opens(lock: Lock) -> None:
    """It is the bank's own doing: no operator is named in it, none has anything to do, and time alone ends it."""
    there = bank()
    taro = there.customer()
    locked = lock(there, taro)
    entry = next(one for one in entries_of(there, taro) if one.kind == "LockedOut")
    assert set(entry.data) == {"counter", "lockouts"}
    with there.storage.transaction() as tx:
        assert list(tx.cases.to_do(taro.institution)) == list(tx.cases.of(taro.institution, taro.contract)) == []
    there.clock.set(locked.until)
    assert isinstance(with_password(there, taro), LoggedIn)


@pytest.mark.requirement("LCK-01", "LCK-10")
@EITHER_LOCK
def test_a_lock_ends_at_its_instant(lock: Lock) -> None:
    """Sixty minutes less a microsecond are too little, sixty are enough: nobody has to open the door."""
    there = bank()
    taro = there.customer()
    told = lock(there, taro)
    there.clock.advance(REST - TICK)
    assert with_password(there, taro) == told
    there.clock.advance(TICK)
    assert isinstance(with_password(there, taro), LoggedIn)


@pytest.mark.requirement("LCK-03")
def test_after_a_lock_the_count_starts_anew() -> None:
    """After the rest six wrong passwords are tolerated again, and the seventh is the second lockout."""
    there = bank()
    taro = there.customer()
    lock_password(there, taro)
    there.clock.advance(REST)
    assert lock_password(there, taro).until == there.clock.now() + REST
    assert contract_of(there, taro).password_tally.lockouts == 2


# --- What ends it -----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-02", "LCK-03")
@pytest.mark.parametrize("locks", [1, 2])
def test_a_right_password_clears_the_lockouts_in_a_row(locks: int) -> None:
    """Lockouts count in a row: one right password, and three more are needed for a block."""
    there = bank()
    taro = there.customer()
    for _ in range(locks):
        lock_password(there, taro)
        there.clock.advance(REST)
    assert isinstance(with_password(there, taro), LoggedIn)
    for _ in range(2):
        lock_password(there, taro)
        there.clock.advance(REST)
    for _ in range(6):
        assert with_password(there, taro, WRONG) == Refused()
    assert with_password(there, taro, WRONG) == Blocked()


@pytest.mark.requirement("LCK-02")
def test_a_right_password_clears_the_failures_before_it() -> None:
    """Six wrong passwords and a right one, over and over, never lock."""
    there = bank()
    taro = there.customer()
    for _ in range(4):
        assert [with_password(there, taro, WRONG) for _ in range(6)] == [Refused()] * 6
        assert isinstance(with_password(there, taro), LoggedIn)


@pytest.mark.requirement("LCK-02")
def test_a_right_password_clears_no_wrong_answer() -> None:
    """Wrong answers are not washed away by the password that leads to the question."""
    there = bank()
    taro = there.customer()
    for _ in range(6):
        assert there.net.log_in.answer(challenged(there, taro).challenge, WRONG_ANSWER) == Refused()
    assert isinstance(with_password(there, taro), LoggedIn)
    told = there.net.log_in.answer(challenged(there, taro).challenge, WRONG_ANSWER)
    assert told == LockedOut(there.clock.now() + REST)


@pytest.mark.requirement("LCK-02", "LCK-11")
def test_a_right_answer_clears_the_answers_only() -> None:
    """A right answer clears the wrong answers before it, and no wrong password."""
    there = bank()
    taro = there.customer()
    asked = challenged(there, taro)
    assert [there.net.log_in.answer(asked.challenge, WRONG_ANSWER) for _ in range(6)] == [Refused()] * 6
    assert [with_password(there, taro, WRONG) for _ in range(6)] == [Refused()] * 6
    assert isinstance(there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)), LoggedIn)
    tallies = contract_of(there, taro).answer_tally, contract_of(there, taro).password_tally
    assert [len(tally.failed) for tally in tallies] == [0, 6]
    assert with_password(there, taro, WRONG) == LockedOut(there.clock.now() + REST)


@pytest.mark.requirement("LCK-11")
def test_a_right_answer_clears_the_lockouts_in_a_row() -> None:
    """Two lockouts by answers, a right one, and two more are no block; the third in a row is."""
    there = bank()
    taro = there.customer()
    for _ in range(2):
        lock_answer(there, taro)
        there.clock.advance(REST)
    asked = challenged(there, taro)
    assert isinstance(there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)), LoggedIn)
    block_answer(there, taro)
    assert with_password(there, taro) == Blocked()


@pytest.mark.requirement("LCK-03", "LCK-16")
@given(waits=st.lists(st.integers(0, 60), min_size=60, max_size=60))
def test_no_more_than_twenty_one_wrong_passwords_are_ever_evaluated(waits: list[int]) -> None:
    """However somebody paces himself, exactly 21 guesses are evaluated before the contract is blocked for good."""
    there = bank()
    taro = there.customer()
    log_in, work = counted(there)
    before, told = work.runs, set[object]()
    for wait in [*waits, *[60] * 21]:
        there.clock.advance(MINUTE * wait)
        told.add(log_in.with_login_id(taro.institution, taro.login_id, WRONG, seen_from=HOME))
    assert Blocked() in told
    assert work.runs - before == 21
    assert with_password(there, taro) == Blocked()


# --- What else it brings ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-01", "LCK-10", "LCK-15")
@EITHER_LOCK
def test_a_lock_ends_every_session_and_challenge(lock: Lock) -> None:
    """Whoever is in when the contract locks is out, and stays out after the rest; so is every pending question."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    asked = challenged(there, taro, seen_from=NOWHERE)
    lock(there, taro)
    for _ in range(2):
        assert there.net.use_session(session) == SessionEnded()
        assert there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)) == SessionEnded()
        there.clock.advance(REST)


@pytest.mark.requirement("LCK-03", "LCK-11", "LCK-15")
@EITHER_BLOCK
def test_a_block_ends_every_session_and_challenge(block: Block) -> None:
    """Two lockouts and the block are the ends of three epochs; a session lives in the one it was opened in."""
    there = bank()
    taro = there.customer()
    block(there, taro)
    assert contract_of(there, taro).session_epoch == 3


@pytest.mark.requirement("LCK-15")
def test_a_session_opened_before_the_last_wrong_answer_is_ended_by_the_block() -> None:
    """A customer at home while a thief guesses at his answers for the third time is logged out with him."""
    there = bank()
    taro = there.customer()
    for _ in range(2):
        lock_answer(there, taro)
        there.clock.advance(REST)
    session = there.log_in(taro)
    asked = challenged(there, taro)
    for _ in range(6):
        there.net.log_in.answer(asked.challenge, WRONG_ANSWER)
    assert isinstance(there.net.use_session(session), InSession)
    assert there.net.log_in.answer(asked.challenge, WRONG_ANSWER) == Blocked()
    assert there.net.use_session(session) == SessionEnded()
    assert there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)) == SessionEnded()


@pytest.mark.requirement("LCK-01", "LCK-03", "MAL-01")
def test_the_customer_is_told_at_every_address() -> None:
    """Each lockout, and the block, is one letter to every address, whatever notices were chosen there."""
    there = bank()
    taro = there.customer(person=Person(further=["taro@office.example.jp", "hanako@example.jp"]))
    there.clock.advance(MINUTE)
    block_password(there, taro)
    told = [letter.code for letter in letters(there)]
    codes = [LetterCode.ENROLLED, LetterCode.LOCKED_OUT, LetterCode.LOCKED_OUT, LetterCode.BLOCKED]
    assert told == [code for code in codes for _ in range(3)]
    addresses = {"taro@example.jp", "taro@office.example.jp", "hanako@example.jp"}
    for at in range(0, 12, 3):
        assert {str(letter.to) for letter in letters(there)[at : at + 3]} == addresses
    assert len({letter.id for letter in letters(there)}) == 12


@pytest.mark.requirement("LCK-01", "LCK-03")
def test_the_audit_says_what_happened() -> None:
    """Every guess is reserved and judged, each lockout is noted with its number, and the chain holds."""
    there = bank()
    taro = there.customer()
    block_password(there, taro)
    entries = entries_of(there, taro)
    guesses = ["GuessReserved", "GuessWrong"] * 7
    assert kinds(entries) == ["ContractApplied", *guesses, "LockedOut", *guesses, "LockedOut", *guesses, "Blocked"]
    assert [entry.data["lockouts"] for entry in entries if entry.kind == "LockedOut"] == [1, 2]
    standings = [entry.data["standing"] for entry in entries if entry.kind == "GuessWrong"]
    assert standings == [*["counted"] * 6, "locked"] * 2 + ["counted"] * 6 + ["blocked"]
    assert all(entry.intact for entry in entries)
    assert [entry.previous for entry in entries[1:]] == [entry.digest for entry in entries[:-1]]
    assert contract_of(there, taro).chain.digest == entries[-1].digest


@pytest.mark.requirement("LCK-02", "LCK-15")
def test_the_two_counters_stand_side_by_side() -> None:
    """Lockouts by answers and by passwords are counted apart, and each is cleared by its own secret."""
    there = bank()
    taro = there.customer()
    for lock in (lock_answer, lock_password):
        lock(there, taro)
        there.clock.advance(REST)

    def lockouts() -> tuple[int, int]:
        contract = contract_of(there, taro)
        return contract.password_tally.lockouts, contract.answer_tally.lockouts

    assert lockouts() == (1, 1)
    asked = challenged(there, taro)
    assert lockouts() == (0, 1)
    assert isinstance(there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)), LoggedIn)
    assert lockouts() == (0, 0)
