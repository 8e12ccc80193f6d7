"""Stepping up: one registered question within the session."""

from collections.abc import Callable

import pytest
from attrs import evolve

from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import LockedOut, Refused, SessionEnded, TryAgain
from janetbank.flows.step_up import SteppedUp, StepUp, StepUpQuestion
from janetbank.flows.use_session import InSession
from janetbank.model.contract import Counter
from janetbank.testing.bank import ANSWERS, Enrollee, TestBank, bank
from janetbank.values.secret import Secret
from tests.flows.scene import (
    MINUTE,
    REST,
    TICK,
    WRONG_ANSWER,
    SlowVault,
    challenged,
    contract_of,
    entries_of,
    held,
    kinds,
    lock_answer,
    lock_password,
    stepped_up,
)


def asked(there: TestBank, session: Secret) -> str:
    """The question that is asked in *session*."""
    told = there.net.step_up.ask(session)
    assert isinstance(told, StepUpQuestion), told
    return told.question


@pytest.mark.requirement("RBA-13")
def test_the_right_answer_steps_up() -> None:
    """A registered question is asked, and its answer lifts the session for five minutes under a new token."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    question = asked(there, session)
    assert question in dict(taro.answers)
    told = there.net.step_up.answer(session, taro.answer_to(question))
    assert isinstance(told, SteppedUp)
    assert told.until == there.clock.now() + 5 * MINUTE
    assert told.session != session
    assert kinds(entries_of(there, taro))[-3:] == ["QuestionAsked", "GuessReserved", "QuestionAnswered"]


def test_stepping_up_is_a_use_of_the_session() -> None:
    """Who asks for his question, and who answers it, has five minutes from then, as whoever does anything else."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    there.clock.advance(5 * MINUTE - TICK)
    question = asked(there, session)
    there.clock.advance(5 * MINUTE - TICK)
    told = there.net.step_up.answer(session, taro.answer_to(question))
    assert isinstance(told, SteppedUp)
    there.clock.advance(5 * MINUTE - TICK)
    assert isinstance(there.net.use_session(told.session), InSession)


@pytest.mark.requirement("RBA-13")
def test_the_chain_says_why_a_question_was_asked() -> None:
    """Asked in a session it was asked by no ticket, and for no unusual place."""
    there = bank()
    taro = there.customer()
    asked(there, there.log_in(taro))
    last = entries_of(there, taro)[-1]
    assert (last.kind, last.data["ticket"], last.data["reasons"]) == ("QuestionAsked", 0, ("step_up",))


@pytest.mark.requirement("RBA-10", "RBA-13")
def test_the_question_stays_the_same() -> None:
    """In this session, in another one and at logging in: one question, until it is answered or locked."""
    there = bank()
    taro = there.customer()
    session, other = there.log_in(taro), there.log_in(taro)
    question = asked(there, session)
    assert {asked(there, session) for _ in range(10)} == {question}
    assert asked(there, other) == challenged(there, taro).question == question
    assert there.net.step_up.answer(session, WRONG_ANSWER) == Refused()
    assert asked(there, session) == question


@pytest.mark.requirement("RBA-10", "RBA-13")
def test_after_an_answer_the_question_is_drawn_anew() -> None:
    """Whoever answered, here or at logging in, meets any of the three the next time."""
    asked_in_turn: list[tuple[str, str]] = []
    for seed in range(25):
        there = TestBank(seed=seed)
        taro = there.customer()
        session = there.log_in(taro)
        first = asked(there, session)
        stepped_up(there, taro, session)
        asked_in_turn.append((first, asked(there, there.log_in(taro))))
    assert {question for _, question in asked_in_turn} == {question for question, _ in ANSWERS}
    assert any(first != then for first, then in asked_in_turn)


@pytest.mark.requirement("RBA-13")
def test_the_counter_is_that_of_logging_in() -> None:
    """Six wrong answers here and one there lock; a right one here clears those there."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    question = asked(there, session)
    for _ in range(6):
        assert there.net.log_in.answer(challenged(there, taro).challenge, WRONG_ANSWER) == Refused()
    told = there.net.step_up.answer(session, taro.answer_to(question))
    assert isinstance(told, SteppedUp)
    assert contract_of(there, taro).answer_tally.failed == ()
    asked(there, told.session)
    for _ in range(6):
        assert there.net.step_up.answer(told.session, WRONG_ANSWER) == Refused()
    pending = challenged(there, taro)
    locked = LockedOut(there.clock.now() + REST)
    assert there.net.log_in.answer(pending.challenge, WRONG_ANSWER) == locked
    assert there.net.step_up.answer(told.session, WRONG_ANSWER) == SessionEnded()


@pytest.mark.requirement("LCK-02")
def test_an_answer_clears_no_password() -> None:
    """Wrong passwords stay counted when the question is answered."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    there.guess(taro.login_id, "wr0ng?one")
    stepped_up(there, taro, session)
    assert len(contract_of(there, taro).password_tally.failed) == 1


def test_where_nothing_was_asked_nothing_is_right() -> None:
    """An answer without a question is a wrong answer, whichever of the three it is; so is a second one."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    for _, answer in taro.answers:
        assert there.net.step_up.answer(session, Secret(answer)) == Refused()
    assert len(contract_of(there, taro).answer_tally.failed) == 3
    question = asked(there, session)
    told = there.net.step_up.answer(session, taro.answer_to(question))
    assert isinstance(told, SteppedUp)
    assert there.net.step_up.answer(told.session, taro.answer_to(question)) == Refused()


def test_a_question_asked_in_one_session_is_none_in_another() -> None:
    """The answer belongs to the session in which the question was asked."""
    there = bank()
    taro = there.customer()
    session, other = there.log_in(taro), there.log_in(taro)
    asked(there, session)
    for _, answer in taro.answers:
        assert there.net.step_up.answer(other, Secret(answer)) == Refused()


def test_the_other_sessions_are_not_lifted_and_go_on() -> None:
    """Stepping up ends the session's own old token and no other session."""
    there = bank()
    taro = there.customer()
    session, other = there.log_in(taro), there.log_in(taro)
    stepped_up(there, taro, session)
    assert there.net.step_up.ask(session) == SessionEnded()
    told = there.net.change_login_id(other, password=taro.password, new="hoshi9kwx")
    assert type(told).__name__ == "StepUpNeeded"


@pytest.mark.requirement("RBA-10")
def test_a_lockout_changes_the_question() -> None:
    """After seven wrong answers to one question, after the rest, any of the three is asked."""
    questions = set[str]()
    for seed in range(25):
        there = TestBank(seed=seed)
        taro = there.customer()
        lock_answer(there, taro)
        assert contract_of(there, taro).asked is None
        there.clock.advance(REST)
        questions.add(asked(there, there.log_in(taro)))
    assert questions == {question for question, _ in ANSWERS}


# --- What happens meanwhile -------------------------------------------------------------------------------------------


def answered_while(there: TestBank, who: Enrollee, session: Secret, meanwhile: Callable[[], object]) -> object:
    """Answer rightly, where *meanwhile* happens between the check and the settling."""
    right = who.answer_to(asked(there, session))
    vault = SlowVault(there)
    vault.meanwhile = meanwhile
    return StepUp(evolve(there.net.platform, vault=vault)).answer(session, right)


def test_whoever_left_meanwhile_is_not_lifted() -> None:
    """A session that was ended while the answer was checked stays ended."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    assert answered_while(there, taro, session, lambda: there.net.log_out(session)) == SessionEnded()
    assert there.net.use_session(session) == SessionEnded()


@pytest.mark.requirement("LCK-15")
def test_a_door_that_closed_meanwhile_is_told() -> None:
    """Where wrong passwords of somebody else locked while the answer was checked, that is what is told."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    told = answered_while(there, taro, session, lambda: lock_password(there, taro))
    assert told == LockedOut(there.clock.now() + REST)


def test_of_two_answers_at_once_one_lifts() -> None:
    """A button pressed twice makes one new token; the other answer finds the session gone on without it."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    first: list[object] = []
    told = answered_while(
        there,
        taro,
        session,
        lambda: first.append(there.net.step_up.answer(session, taro.answer_to(asked(there, session)))),
    )
    assert told == SessionEnded()
    assert isinstance(first[0], SteppedUp)


def test_beside_seven_answers_in_flight_one_is_told_to_try_again() -> None:
    """The eighth answer at once is neither evaluated nor counted."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    right = taro.answer_to(asked(there, session))
    for _ in range(7):
        held(there, taro, Counter.ANSWER)
    assert there.net.step_up.answer(session, right) == TryAgain()


def test_the_place_of_a_session_does_not_become_usual_by_stepping_up() -> None:
    """A known place is one that was answered for at logging in; stepping up is about an operation."""
    there = bank()
    taro = there.customer()
    asked_at_login = challenged(there, taro)
    told = there.net.log_in.answer(asked_at_login.challenge, taro.answer_to(asked_at_login.question))
    assert isinstance(told, LoggedIn)
    before = contract_of(there, taro).places
    stepped_up(there, taro, told.session)
    assert contract_of(there, taro).places == before
