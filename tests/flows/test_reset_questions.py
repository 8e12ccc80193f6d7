"""Resetting the registered questions: the PIN alone at the end, and new questions at the next login."""

from collections.abc import Callable

import pytest
from attrs import evolve

from janetbank.flows.log_in import LoggedIn, QuestionAsked, QuestionsNeeded
from janetbank.flows.refusals import Blocked, LockedOut, SessionEnded
from janetbank.flows.reset_questions import QuestionsReset
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.lockout import Tally
from janetbank.policies.recovery import Step
from janetbank.testing.bank import CAFE, Enrollee, Person, TestBank, bank
from janetbank.values.secret import Secret
from tests.flows.recovery_scene import reset
from tests.flows.scene import (
    REST,
    block_answer,
    block_password,
    challenged,
    contract_of,
    letters,
    lock_answer,
    lock_password,
    rewrite,
    with_password,
)
from tests.flows.token_scene import Telephone

NEW_ANSWERS = (
    ("question.first_teacher", "やまだせんせい"),
    ("question.birthplace", "上田市"),
    ("question.middle_school", "みどり中学校"),
)


@pytest.mark.requirement("RBR-08", "RBR-09", "RBA-14", "LGN-08")
def test_the_old_questions_are_deleted_and_new_ones_registered_at_the_next_login() -> None:
    """No answer of old is kept; after the new ones are registered they are what is asked."""
    there = bank()
    taro = there.customer()
    challenged(there, taro)
    one = reset(there, taro, "questions", Step.SECRET)
    assert contract_of(there, taro).asked is not None
    assert one.reset() == QuestionsReset()
    after = contract_of(there, taro)
    assert (after.questions, after.asked) == ((), None)
    needed = with_password(there, taro)
    assert isinstance(needed, QuestionsNeeded)
    told = there.net.log_in.register_questions(
        needed.challenge, [(question, Secret(answer)) for question, answer in NEW_ANSWERS], acknowledged=True
    )
    assert isinstance(told, LoggedIn)
    asked = with_password(there, taro, seen_from=CAFE)
    assert isinstance(asked, QuestionAsked)
    answers = dict(NEW_ANSWERS)
    assert isinstance(there.net.log_in.answer(asked.challenge, Secret(answers[asked.question])), LoggedIn)


@pytest.mark.requirement("RBR-09", "LCK-09", "RBA-12")
@pytest.mark.parametrize("shut", [lock_answer, block_answer])
def test_a_lock_or_block_of_the_answers_is_released(shut: Callable[[TestBank, Enrollee], object]) -> None:
    """Its counter stands at none, lockouts and all, and the customer is in, to register."""
    there = bank()
    taro = there.customer()
    shut(there, taro)
    assert with_password(there, taro) in {Blocked(), LockedOut(there.clock.now() + REST)}
    reset(there, taro, "questions", Step.DONE)
    assert isinstance(with_password(there, taro), QuestionsNeeded)
    tally = contract_of(there, taro).answer_tally
    assert (tally.failed, tally.lockouts, tally.locked_until, tally.blocked_since) == ((), 0, None, None)


@pytest.mark.requirement("RBR-09", "LCK-15")
@pytest.mark.parametrize("shut", [lock_password, block_password])
def test_the_password_stays_locked(shut: Callable[[TestBank, Enrollee], object]) -> None:
    """A counter is released by the reset of its own secret, and by no other (AMB-18)."""
    there = bank()
    taro = there.customer()
    shut(there, taro)
    before, told = contract_of(there, taro), with_password(there, taro)
    reset(there, taro, "questions", Step.DONE)
    assert contract_of(there, taro).password_tally == before.password_tally
    assert with_password(there, taro) == told


@pytest.mark.requirement("RBR-09")
@pytest.mark.parametrize("counter", [counter for counter in Counter if counter is not Counter.ANSWER])
def test_every_other_counter_stays_as_it_is(counter: Counter) -> None:
    """Failures and lockouts of another secret are not this reset's business."""
    there = bank()
    taro = there.customer()
    tally = Tally(failed=(1, 2), issued=2, lockouts=1)
    rewrite(there, taro, lambda contract: contract.with_tally(counter, tally))
    reset(there, taro, "questions", Step.DONE)
    assert contract_of(there, taro).tally(counter) == tally


@pytest.mark.requirement("RBR-09")
def test_all_sessions_end() -> None:
    """Whoever was in is out, and a question that was asked is not answered any more."""
    there = bank()
    taro = there.customer()
    session, asked = there.log_in(taro), challenged(there, taro)
    reset(there, taro, "questions", Step.DONE)
    assert there.net.use_session(session) == SessionEnded()
    assert there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)) == SessionEnded()


@pytest.mark.requirement("RBR-09", "MAL-15")
def test_every_address_is_told() -> None:
    """Once each."""
    there = bank()
    taro = there.customer(person=Person(further=("taro@work.example.jp",)))
    reset(there, taro, "questions", Step.DONE)
    told = sorted(str(letter.to) for letter in letters(there) if letter.code is LetterCode.QUESTIONS_RESET)
    assert told == ["taro@example.jp", "taro@work.example.jp"]


def test_the_rest_of_the_contract_is_what_it_was() -> None:
    """The password, above all; and the finger still lets in, to register."""
    there = bank()
    taro = there.customer()
    phone = Telephone.of(there, taro).set_up_finger()
    before = contract_of(there, taro)
    reset(there, taro, "questions", Step.DONE)
    after = contract_of(there, taro)
    assert after == evolve(
        before,
        questions=(),
        asked=None,
        answer_tally=after.answer_tally,
        questions_reset_at=there.clock.now(),
        session_epoch=before.session_epoch + 1,
        chain=after.chain,
        version=after.version,
    )
    assert phone.token().credential is not None
