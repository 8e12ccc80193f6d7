"""Duties: whoever has one left is let in to do it, and to do nothing else."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.biometrics import BiometricsNotSetUp
from janetbank.flows.duties import DutyOutcome
from janetbank.flows.entry import DutyNeeded
from janetbank.flows.log_in import CodeAsked, LoggedIn, PasswordChangeNeeded, QuestionAsked, QuestionsNeeded
from janetbank.flows.refusals import Blocked, Refused, Rejected, SessionEnded
from janetbank.flows.reset_password import PasswordReset
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.duty import Duty
from janetbank.policies.lockout import Tally
from janetbank.policies.recovery import Step
from janetbank.policies.token import TokenState
from janetbank.testing.bank import ANSWERS, CAFE, HOME, Enrollee, Person, TestBank, bank
from janetbank.values.environment import Environment
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation
from tests.flows.recovery_scene import reset
from tests.flows.scene import (
    MINUTE,
    contract_of,
    entries_of,
    interrupted,
    kinds,
    letters,
    rewrite,
    stored,
    with_account,
    with_password,
)
from tests.flows.token_scene import SMARTPHONE, STEP, Telephone, order

DUTIES = [duty for duty in Duty if duty in profiles.JA.duties]
"""Those of whoever chose his own passwords; the first use has its own tests (`test_first_use`)."""
NEW = Secret("vase3#lamp")
UNKNOWN_DEVICE = Environment(device="a-strangers-computer", network="192.0.2.77", platform="windows")

CHANGES: dict[Duty, dict[str, Any]] = {
    Duty.REGISTER_QUESTIONS: {"questions": ()},
    Duty.CHOOSE_PASSWORD: {"must_change_password": True},
}


def owing(there: TestBank, *duties: Duty) -> Enrollee:
    """A customer who owes these."""
    taro = there.customer()
    owe(there, taro, *duties)
    return taro


def owe(there: TestBank, taro: Enrollee, *duties: Duty) -> None:
    """Let him owe these."""
    changes: dict[str, Any] = {}
    for duty in duties:
        changes |= CHANGES[duty]
    rewrite(there, taro, lambda contract: evolve(contract, **changes))


def held_back(there: TestBank, taro: Enrollee, password: Secret | None = None) -> DutyNeeded:
    """Log in, with a duty left."""
    told = with_password(there, taro, password)
    assert isinstance(told, QuestionsNeeded | PasswordChangeNeeded), told
    return told


def register(
    there: TestBank, challenge: Secret, answers: Sequence[tuple[str, str]] = ANSWERS, *, acknowledged: bool = True
) -> DutyOutcome:
    """Register questions."""
    questions = [(question, Secret(answer)) for question, answer in answers]
    return there.net.log_in.register_questions(challenge, questions, acknowledged=acknowledged)


def choose(there: TestBank, challenge: Secret, new: Secret = NEW, again: Secret | None = None) -> DutyOutcome:
    """Choose a password."""
    return there.net.log_in.choose_password(challenge, new=new, again=again or new)


def do(there: TestBank, duty: Duty, challenge: Secret) -> DutyOutcome:
    """Do *duty*."""
    return register(there, challenge) if duty is Duty.REGISTER_QUESTIONS else choose(there, challenge)


EACH = pytest.mark.parametrize("duty", DUTIES)


# --- Held back --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("RBA-14", "RBR-09", "SUS-03")
@EACH
def test_logging_in_asks_for_what_is_due(duty: Duty) -> None:
    """By login id and by account: not a session, but a challenge that lives five minutes."""
    there = bank()
    taro = owing(there, duty)
    kind = QuestionsNeeded if duty is Duty.REGISTER_QUESTIONS else PasswordChangeNeeded
    for told in (with_password(there, taro), with_account(there, taro)):
        assert isinstance(told, kind)
        assert told.until == there.clock.now() + 5 * MINUTE
    if isinstance(told, QuestionsNeeded):
        assert told.pairs == 3


@pytest.mark.requirement("RBA-14", "SUS-03", "ENR-34")
@EACH
def test_nothing_else_can_be_done_with_it(duty: Duty) -> None:
    """What is given out for a duty is no session, and no challenge of another kind."""
    there = bank()
    taro = owing(there, duty)
    shown, net = held_back(there, taro).challenge, there.net
    assert net.use_session(shown) == SessionEnded()
    assert net.step_up.ask(shown) == SessionEnded()
    assert net.step_up.answer(shown, Secret("ポチ")) == SessionEnded()
    assert net.change_password(shown, current=taro.password, new=NEW, again=NEW) == SessionEnded()
    assert net.change_login_id(shown, password=taro.password, new="hoshi9kwx") == SessionEnded()
    assert net.issue_token.phones(shown) == SessionEnded()
    assert net.use_token.standing(shown) == SessionEnded()
    assert net.instruct.request(shown, order()) == SessionEnded()
    assert net.log_in.answer(shown, Secret("ポチ")) == SessionEnded()
    assert net.log_in.enter_code(shown, Secret("123456")) == SessionEnded()
    assert isinstance(do(there, duty, shown), LoggedIn)


@pytest.mark.parametrize("kind", ["session", "question", "code", "unknown"])
@EACH
def test_no_other_token_does_a_duty(duty: Duty, kind: str) -> None:
    """A session, a pending question, a pending code: none of them registers or chooses anything."""
    there = bank()
    taro = there.customer()
    phone = Telephone.of(there, taro).start()
    tokens = {"session": there.log_in(taro), "unknown": Secret("unknown")}
    asked = with_password(there, taro, seen_from=CAFE)
    assert isinstance(asked, QuestionAsked)
    coded = with_password(there, taro, seen_from=SMARTPHONE)
    assert isinstance(coded, CodeAsked)
    tokens |= {"question": asked.challenge, "code": coded.challenge}
    owe(there, taro, duty)
    before = contract_of(there, taro)
    assert do(there, duty, tokens[kind]) == SessionEnded()
    assert contract_of(there, taro) == before
    assert phone.token().state is TokenState.IN_USE


@EACH
def test_a_duty_that_is_left_undone_is_asked_for_again(duty: Duty) -> None:
    """The challenge runs out after five minutes, and the next login asks anew (ENR-35)."""
    there = bank()
    taro = owing(there, duty)
    needed = held_back(there, taro)
    there.clock.advance(5 * MINUTE - timedelta.resolution)
    assert isinstance(do(there, duty, needed.challenge), LoggedIn)
    taro = evolve(taro, password=NEW if duty is Duty.CHOOSE_PASSWORD else taro.password)
    owe(there, taro, duty)
    needed = held_back(there, taro)
    there.clock.advance(5 * MINUTE)
    assert do(there, duty, needed.challenge) == SessionEnded()
    assert isinstance(held_back(there, taro), DutyNeeded)


@pytest.mark.requirement("ENR-34", "ENR-35")
def test_two_duties_are_done_one_after_the_other() -> None:
    """Each with a challenge of its own; what was given out for the one does nothing for the other."""
    there = bank()
    taro = owing(there, *DUTIES)
    first = held_back(there, taro)
    assert isinstance(first, QuestionsNeeded)
    assert choose(there, first.challenge) == first
    second = register(there, first.challenge)
    assert isinstance(second, PasswordChangeNeeded)
    assert second.challenge != first.challenge
    assert choose(there, first.challenge) == SessionEnded()
    told = choose(there, second.challenge)
    assert isinstance(told, LoggedIn)
    assert isinstance(there.log_in(evolve(taro, password=NEW)), Secret)


def test_who_asks_for_another_duty_is_told_which_is_due() -> None:
    """Under the same challenge, which still serves, and until when."""
    there = bank()
    taro = owing(there, Duty.CHOOSE_PASSWORD)
    needed = held_back(there, taro)
    there.clock.advance(MINUTE)
    assert register(there, needed.challenge) == needed
    assert isinstance(choose(there, needed.challenge), LoggedIn)


@EACH
def test_what_is_no_longer_due_is_not_done(duty: Duty) -> None:
    """Where the bank took the duty away meanwhile, one logs in again."""
    there = bank()
    taro = there.customer()
    before = contract_of(there, taro)
    owe(there, taro, duty)
    needed = held_back(there, taro)
    rewrite(there, taro, lambda contract: evolve(contract, questions=before.questions, must_change_password=False))
    assert do(there, duty, needed.challenge) == SessionEnded()
    assert isinstance(with_password(there, taro), LoggedIn)


@EACH
def test_what_is_done_twice_at_once_is_done_once(duty: Duty) -> None:
    """Of two screens with one challenge, or with two, one goes on, and the other has ended."""
    there = bank()
    taro = owing(there, duty)
    one, other = held_back(there, taro), held_back(there, taro)
    assert isinstance(do(there, duty, one.challenge), LoggedIn)
    after = contract_of(there, taro)
    assert do(there, duty, one.challenge) == do(there, duty, other.challenge) == SessionEnded()
    assert contract_of(there, taro) == after


@EACH
def test_whoever_is_faster_while_the_other_hashes_wins(duty: Duty) -> None:
    """Between the look and the writing somebody else may do it: then it is his."""
    there = bank()
    taro = owing(there, duty)
    slow, fast = held_back(there, taro), held_back(there, taro)
    told: list[object] = []
    platform = interrupted(there, 1, lambda: told.append(do(there, duty, fast.challenge)))
    door = evolve(there.net.log_in, platform=platform)
    if duty is Duty.REGISTER_QUESTIONS:
        questions = [(question, Secret(f"べつの{answer}")) for question, answer in ANSWERS]
        late: object = door.register_questions(slow.challenge, questions, acknowledged=True)
    else:
        late = door.choose_password(slow.challenge, new=Secret("moss4+stone"), again=Secret("moss4+stone"))
    assert isinstance(told[0], LoggedIn)
    assert late == SessionEnded()
    if duty is Duty.CHOOSE_PASSWORD:
        assert isinstance(with_password(there, taro, NEW), LoggedIn)


@pytest.mark.parametrize("duties", [frozenset[Duty](), frozenset({Duty.CHOOSE_PASSWORD})])
def test_a_bank_says_which_duties_its_customers_have(duties: frozenset[Duty]) -> None:
    """Where questions are no duty, whoever has none is let in without."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), duties=duties))
    taro = owing(there, *DUTIES)
    kind = PasswordChangeNeeded if duties else LoggedIn
    assert isinstance(with_password(there, taro), kind)


@EACH
def test_the_place_is_usual_once_the_duty_is_done(duty: Duty) -> None:
    """Not before: a place from which nobody got in is not known."""
    there = bank()
    taro = owing(there, duty)
    known = contract_of(there, taro).places
    told = with_password(there, taro, seen_from=HOME if duty is Duty.CHOOSE_PASSWORD else UNKNOWN_DEVICE)
    assert isinstance(told, QuestionsNeeded | PasswordChangeNeeded)
    assert contract_of(there, taro).places == known
    assert isinstance(do(there, duty, told.challenge), LoggedIn)
    devices = {place.device for place in contract_of(there, taro).places}
    assert len(devices) == (1 if duty is Duty.CHOOSE_PASSWORD else 2)


@EACH
def test_the_session_that_comes_of_it_is_a_whole_one(duty: Duty) -> None:
    """By the way and over the channel by which one came, and with the challenge gone."""
    there = bank()
    taro = owing(there, duty)
    needed = with_account(there, taro)
    assert isinstance(needed, QuestionsNeeded | PasswordChangeNeeded)
    told = do(there, duty, needed.challenge)
    assert isinstance(told, LoggedIn)
    kept = stored(there, told.session)
    assert kept is not None
    assert (kept.by, kept.channel) == ("account", HOME.channel)
    assert stored(there, needed.challenge) is None


# --- Registering questions --------------------------------------------------------------------------------------------


@pytest.mark.requirement("RBA-03", "RBA-04", "RBA-05", "RBA-08", "RBA-11")
@pytest.mark.parametrize(
    ("answers", "named"),
    [
        (ANSWERS[:2], [("", "questions.number")]),
        ((ANSWERS[0], ANSWERS[1], (ANSWERS[0][0], "べつ")), [("question.3", "questions.repeated")]),
        ((ANSWERS[0], ANSWERS[1], ("question.home_town", ANSWERS[0][1])), [("answer.3", "answers.repeated")]),
        ((ANSWERS[0], ANSWERS[1], ("question.home_town", "abc")), [("answer.3", "answers.half_width")]),
    ],
)
def test_the_rules_are_those_of_any_question(answers: Sequence[tuple[str, str]], named: list[tuple[str, str]]) -> None:
    """All three or none: what breaks a rule is named, and nothing is registered."""
    there = bank()
    taro = owing(there, Duty.REGISTER_QUESTIONS)
    needed = held_back(there, taro)
    told = register(there, needed.challenge, answers)
    assert isinstance(told, Rejected)
    assert [(violation.field, violation.code) for violation in told.violations] == named
    assert contract_of(there, taro).questions == ()
    assert isinstance(register(there, needed.challenge), LoggedIn)


@pytest.mark.requirement("RBA-08")
def test_the_box_must_be_ticked() -> None:
    """Without it nothing is registered, whatever else is wrong."""
    there = bank()
    taro = owing(there, Duty.REGISTER_QUESTIONS)
    told = register(there, held_back(there, taro).challenge, ANSWERS[:2], acknowledged=False)
    assert told == Rejected(
        (
            Violation("questions.number", {"pairs": 3}),
            Violation("acknowledgement.missing", field="acknowledged"),
        )
    )


@pytest.mark.requirement("RBA-14", "MAL-15")
def test_new_questions_are_told_to_every_address() -> None:
    """Whoever registered them: the customer hears of it."""
    there = bank()
    taro = there.customer(person=Person(further=("taro@work.example.jp",)))
    owe(there, taro, Duty.REGISTER_QUESTIONS)
    register(there, held_back(there, taro).challenge)
    told = [letter.code for letter in letters(there)]
    assert told.count(LetterCode.QUESTIONS_REGISTERED) == 2


def test_what_was_registered_is_asked() -> None:
    """From an unusual place, with the answers as they were typed."""
    there = bank()
    taro = owing(there, Duty.REGISTER_QUESTIONS)
    register(there, held_back(there, taro).challenge)
    asked = with_password(there, taro, seen_from=CAFE)
    assert isinstance(asked, QuestionAsked)
    assert there.net.log_in.answer(asked.challenge, Secret("ちがう")) == Refused()
    assert isinstance(there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)), LoggedIn)


# --- What stands in for the question ----------------------------------------------------------------------------------


@pytest.mark.requirement("RBA-14")
@pytest.mark.parametrize("seen_from", [CAFE, UNKNOWN_DEVICE])
def test_where_there_is_no_question_an_unusual_place_takes_a_code(seen_from: Environment) -> None:
    """On every channel, where a token is in use; and then nothing but the registration."""
    there = bank()
    taro = there.customer()
    phone = Telephone.of(there, taro).start()
    reset(there, taro, "questions", Step.DONE)
    asked = with_password(there, taro, seen_from=seen_from)
    assert isinstance(asked, CodeAsked)
    needed = there.net.log_in.enter_code(asked.challenge, phone.code())
    assert isinstance(needed, QuestionsNeeded)
    assert isinstance(register(there, needed.challenge), LoggedIn)


def test_a_locked_token_stands_in_the_way_there() -> None:
    """From an unusual place without questions, nobody comes around a token whose codes are locked."""
    there = bank()
    taro = there.customer()
    Telephone.of(there, taro).start()
    reset(there, taro, "questions", Step.DONE)
    rewrite(there, taro, lambda contract: contract.with_tally(Counter.CODE, Tally(blocked_since=there.clock.now())))
    asked = with_password(there, taro, seen_from=CAFE)
    assert isinstance(asked, CodeAsked)
    assert there.net.log_in.enter_code(asked.challenge, Secret("123456")) == Blocked()
    assert isinstance(with_password(there, taro), QuestionsNeeded)


def test_without_a_token_nothing_is_asked_but_new_questions() -> None:
    """From whatever place."""
    there = bank()
    taro = there.customer()
    reset(there, taro, "questions", Step.DONE)
    assert isinstance(with_password(there, taro, seen_from=CAFE), QuestionsNeeded)


def test_where_there_are_questions_a_code_is_asked_for_on_its_channels_alone() -> None:
    """What stands in for the question does not stand beside it."""
    there = bank()
    taro = there.customer()
    Telephone.of(there, taro).start()
    asked = with_password(there, taro, seen_from=CAFE)
    assert isinstance(asked, QuestionAsked)
    assert isinstance(there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)), LoggedIn)


@pytest.mark.requirement("RBA-14", "SUS-03")
@EACH
def test_no_finger_leads_around_a_duty(duty: Duty) -> None:
    """Whoever logs in by finger is asked for what is due, as anybody."""
    there = bank()
    taro = there.customer()
    phone = Telephone.of(there, taro).set_up_finger()
    there.clock.advance(STEP)
    owe(there, taro, duty)
    needed = phone.log_in(phone.finger())
    assert isinstance(needed, QuestionsNeeded | PasswordChangeNeeded)
    told = do(there, duty, needed.challenge)
    assert isinstance(told, LoggedIn)
    kept = stored(there, told.session)
    assert kept is not None
    assert kept.by == "biometrics"


@pytest.mark.requirement("RBA-14", "SUS-03")
@EACH
def test_no_code_and_no_answer_lead_around_a_duty(duty: Duty) -> None:
    """Neither the code on a smartphone nor the answer from an unusual place is the last word."""
    there = bank()
    taro = there.customer()
    phone = Telephone.of(there, taro).start()
    coded = with_password(there, taro, seen_from=SMARTPHONE)
    asked = with_password(there, taro, seen_from=CAFE)
    assert isinstance(coded, CodeAsked)
    assert isinstance(asked, QuestionAsked)
    owe(there, taro, Duty.CHOOSE_PASSWORD)
    told = there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question))
    assert isinstance(told, PasswordChangeNeeded)
    owe(there, taro, duty)
    assert isinstance(there.net.log_in.enter_code(coded.challenge, phone.code()), DutyNeeded)


# --- Choosing a password ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-03", "CRD-13")
def test_the_chosen_password_counts_and_the_former_one_does_not() -> None:
    """The former is not asked for; all other sessions and the finger have ended; every address is told."""
    there = bank()
    taro = there.customer()
    phone = Telephone.of(there, taro).set_up_finger()
    there.clock.advance(STEP)
    owe(there, taro, Duty.CHOOSE_PASSWORD)
    session = phone.session
    needed = held_back(there, taro)
    told = choose(there, needed.challenge)
    assert isinstance(told, LoggedIn)
    assert with_password(there, taro) == Refused()
    assert isinstance(with_password(there, taro, NEW), LoggedIn)
    assert there.net.use_session(session) == SessionEnded()
    assert there.net.biometrics.begin_log_in(phone.app) == BiometricsNotSetUp()
    assert not contract_of(there, taro).must_change_password
    entered = [one.data for one in entries_of(there, taro) if one.kind == "LoggedIn"]
    assert entered[-2]["ticket"] == 0  # by the duty, which took no guess; the last one by the new password
    assert [letter.code for letter in letters(there)].count(LetterCode.PASSWORD_CHANGED) == 1


@pytest.mark.requirement("CRD-05", "CRD-06", "CRD-09")
@pytest.mark.parametrize(
    ("new", "again", "named"),
    [
        ("qz", "qz", [("password.too_short", "new")]),
        ("kaze48nd", "kaze48nd", [("password.guessable.login_id", "new")]),
        ("qz800102wv", "qz800102wv", [("password.guessable.birth_date", "new")]),
        ("vase3#lamp", "vase3#lamb", [("password.not_same_twice", "again")]),
        ("soil7+rain", "soil7+rain", [("password.unchanged", "new")]),
        ("SOIL7+RAIN", "soil7+rain", [("password.unchanged", "new")]),
    ],
)
def test_what_is_wrong_with_it_is_named(new: str, again: str, named: list[tuple[str, str]]) -> None:
    """As with any new password; and it must be another one."""
    there = bank()
    taro = owing(there, Duty.CHOOSE_PASSWORD)
    needed = held_back(there, taro)
    told = choose(there, needed.challenge, Secret(new), Secret(again))
    assert isinstance(told, Rejected)
    assert [(violation.code, violation.field) for violation in told.violations] == named
    assert isinstance(choose(there, needed.challenge), LoggedIn)


def test_the_duty_is_no_place_to_guess_the_present_password() -> None:
    """Whether it is the present one is told only where nothing else is wrong: a guess that is not is then in force."""
    there = bank()
    taro = owing(there, Duty.CHOOSE_PASSWORD)
    needed = held_back(there, taro)
    for typed in (taro.password, NEW):
        told = choose(there, needed.challenge, typed, Secret("another1+one"))
        assert told == Rejected((Violation("password.not_same_twice", field="again"),))
    assert isinstance(choose(there, needed.challenge), LoggedIn)
    assert with_password(there, taro) == Refused()


def test_a_password_reset_does_this_duty_too() -> None:
    """Whoever must change his password, and resets it, has changed it."""
    there = bank()
    taro = owing(there, Duty.CHOOSE_PASSWORD)
    assert reset(there, taro, "password", Step.SECRET).reset(new=NEW, again=NEW) == PasswordReset()
    assert isinstance(with_password(there, taro, NEW), LoggedIn)


# --- What is written down ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("RBA-14")
def test_the_audit_log_tells_of_duties() -> None:
    """That one was due, that it was done, and that the customer was in only then."""
    there = bank()
    taro = owing(there, *DUTIES)
    before = len(entries_of(there, taro))
    second = register(there, held_back(there, taro).challenge)
    assert isinstance(second, PasswordChangeNeeded)
    choose(there, second.challenge)
    entries = entries_of(there, taro)[before:]
    assert kinds(entries) == [
        "GuessReserved", "DutyDue", "QuestionsRegistered", "DutyDue", "PasswordChanged", "LoggedIn",
    ]  # fmt: skip
    assert [entry.data["duty"] for entry in entries if entry.kind == "DutyDue"] == [duty.value for duty in DUTIES]
