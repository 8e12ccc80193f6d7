"""Entry: on a channel that takes a token, whoever has none can but apply for one (LGN-11).

What such a session may do is asked of every operation there is: those of `test_doors`, found by looking.
"""

import re
from datetime import timedelta

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.biometrics import BiometricsSetUp
from janetbank.flows.entry import CustomerDataNeeded, LoggedIn, QuestionsNeeded, TokenWanted
from janetbank.flows.issue_token import NotYet, TokenIssued
from janetbank.flows.log_in import CodeAsked, QuestionAsked
from janetbank.flows.log_out import LoggedOut
from janetbank.flows.phone_auth import PhoneAborted, Recognised, Started
from janetbank.flows.refusals import ConfirmationNeeded, Refused, SessionEnded, StepUpNeeded
from janetbank.flows.step_up import Confirmed, SteppedUp, StepUpQuestion
from janetbank.flows.use_token import TokenCancelled
from janetbank.messages import LANGUAGES, text
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.policies.service_hours import ServiceHours
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import TokenState
from janetbank.ports.failures import Unavailable
from janetbank.profiles import JA, Profile
from janetbank.testing.bank import CAFE, HOME, INSTITUTION, Enrollee, TestBank, bank
from janetbank.values.environment import Channel, Environment
from janetbank.values.secret import Secret
from janetbank_adapters.storage.memory import MemoryStorage, When
from tests.everything import texts
from tests.flows.counter_scene import told
from tests.flows.first_use_scene import AOMORI, CONFIRMATION, LOGIN_ID, PASSWORD, Newcomer
from tests.flows.scene import MINUTE, kinds, letters, read, rewrite, stored, with_password
from tests.flows.test_doors import DOORS, NAMES
from tests.flows.token_scene import MAIL, SMARTPHONE, START_PASSWORD, Telephone

AT_JA = evolve(JA, token=evolve(JA.token, required_on=frozenset({Channel.SMARTPHONE})))
"""JA, if it took the app on a telephone: the step-up is a question there."""


def with_app(profile: Profile = AOMORI) -> tuple[TestBank, Enrollee]:
    """A bank that takes the app on a smartphone, and somebody who has used it for long, on his computer."""
    there = bank(profile)
    return there, there.customer(password="soil7rain")


def wanted(there: TestBank, taro: Enrollee) -> Secret:
    """His session on a smartphone, without a token."""
    return told(with_password(there, taro, seen_from=SMARTPHONE), TokenWanted).session


def apply(there: TestBank, session: Secret) -> object:
    """Apply for a token."""
    return there.net.issue_token.apply(
        session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
    )


def issued(there: TestBank, taro: Enrollee, session: Secret) -> tuple[Secret, TokenIssued]:
    """Confirm, apply, call, and be given the ids: the session and them."""
    session = told(there.net.step_up.confirm(session, taro.confirmation), Confirmed).session
    started = told(apply(there, session), Started)
    there.exchange.telephone(taro.person.phones[0]).dial(started.destination)
    told(there.net.issue_token.poll(session, started.attempt), Recognised)
    return session, told(there.net.issue_token.confirm(session, started.attempt), TokenIssued)


# --- Who is let in, and who is not ------------------------------------------------------------------------------------


@pytest.mark.requirement("LGN-11", "ENR-24")
def test_on_a_smartphone_nobody_is_in_without_a_token() -> None:
    """On a computer he is; on a telephone he is told what he lacks, and his place is not known by that."""
    there, taro = with_app()
    outcome = told(with_password(there, taro, seen_from=SMARTPHONE), TokenWanted)
    assert outcome.until == there.clock.now() + there.profile.sessions.idle
    kept = stored(there, outcome.session)
    assert kept is not None
    assert kept.assurance is Assurance.APPLYING
    assert all(text(outcome, lang) for lang in LANGUAGES)
    told(with_password(there, taro, seen_from=HOME), LoggedIn)
    seen = kinds(read(there.storage, lambda tx: list(tx.audit.chain(taro.contract.text))))
    assert [kind for kind in seen if kind in {"TokenWanted", "LoggedIn"}] == ["TokenWanted", "LoggedIn"]


@pytest.mark.requirement("LGN-11", "LGN-10", "LGN-13")
def test_with_the_app_he_is_in_by_its_code() -> None:
    """Once the app is set up its code is asked for, and starts the use."""
    there, taro = with_app()
    phone = Telephone(there, taro, wanted(there, taro))
    phone.session, phone.ids = issued(there, taro, phone.session)
    told(with_password(there, taro, seen_from=SMARTPHONE), TokenWanted)  # the ids alone are no app
    phone.seed = phone.again()  # type: ignore[assignment]  # a wrong one fails two lines further
    phone.complete()
    there.clock.advance(timedelta(seconds=60))
    asked = told(with_password(there, taro, seen_from=SMARTPHONE), CodeAsked)
    told(there.net.log_in.enter_code(asked.challenge, phone.code()), LoggedIn)
    assert phone.token().state is TokenState.IN_USE


@pytest.mark.requirement("LGN-11")
@pytest.mark.parametrize("profile", [profiles.JA, profiles.AKITA, profiles.MODERN], ids=lambda one: one.name)
def test_elsewhere_a_smartphone_takes_no_token(profile: Profile) -> None:
    """It is Aomori's rule: where no channel takes a token everybody is in, and is offered one."""
    assert not profile.token.required_on
    assert AOMORI.token.required_on == {Channel.SMARTPHONE}
    there = bank(profiles.fast_for_tests(profile))
    taro = there.customer(password="soil7rain-and-window" if profile is profiles.MODERN else "soil7rain")
    told(with_password(there, taro, seen_from=SMARTPHONE), LoggedIn)


@pytest.mark.requirement("LGN-11", "RBA-02", "RBA-10")
def test_a_strange_place_is_asked_a_question_first() -> None:
    """The session without a token takes everything that logging in asks for."""
    there, taro = with_app()
    asked = told(with_password(there, taro, seen_from=evolve(CAFE, channel=Channel.SMARTPHONE)), QuestionAsked)
    assert there.net.issue_token.phones(asked.challenge) == SessionEnded()
    told(there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)), TokenWanted)


@pytest.mark.requirement("LGN-11", "BIO-02")
def test_a_finger_takes_the_token_along() -> None:
    """Biometric login is the app's, so who comes by it has one."""
    there, taro = with_app()
    phone = Telephone.of(there, taro).start()
    told(phone.register(phone.asked_for_finger()), BiometricsSetUp)
    there.clock.advance(timedelta(seconds=60))
    told(phone.log_in(phone.finger()), LoggedIn)


# --- What can be done, and what cannot --------------------------------------------------------------------------------

OPEN = {"log_out", *(f"step_up.{name}" for name in ("ask", "answer", "confirm"))}
"""What such a session may do besides applying for the token."""


def demote(there: TestBank) -> int:
    """Make of every whole session one that can but apply for a token; how many."""
    many = 0
    with there.storage.transaction() as tx:
        for key in {one for one in texts(there.storage) if re.fullmatch("[0-9a-f]{64}", one)}:
            found = tx.sessions.by_key(key)
            if found is not None and found.assurance is Assurance.FULL:
                tx.sessions.put(evolve(found, assurance=Assurance.APPLYING))
                many += 1
    return many


@pytest.mark.requirement("LGN-11")
@pytest.mark.parametrize("name", [name for name in NAMES if DOORS[name].needs == "session"])
def test_who_may_but_apply_can_do_nothing_else(name: str) -> None:
    """Every operation of a session, there is no list of them: stepping up, applying and logging out, and no more."""
    door = DOORS[name]
    there = bank(door.profile)
    act = door.prepare(there, there.customer())
    assert demote(there)
    outcome = act()
    if name in OPEN or name.startswith("issue_token."):
        assert isinstance(outcome, door.told)
    else:
        assert outcome == (LoggedOut() if name == "log_out" else SessionEnded())


@pytest.mark.requirement("LGN-11", "CRD-16")
def test_the_token_takes_the_second_password_there_too() -> None:
    """A session for one thing is not asked less for it; and what is shown there authorises nothing else."""
    there, taro = with_app()
    session = wanted(there, taro)
    assert apply(there, session) == ConfirmationNeeded()
    assert there.net.step_up.confirm(session, Secret("wrong7one")) == Refused()
    session = told(there.net.step_up.confirm(session, taro.confirmation), Confirmed).session
    assert there.net.step_up.spend(session, Guarded.INVESTMENTS) == SessionEnded()
    assert there.net.limits.set(session, {taro.person.account: "1"}) == SessionEnded()
    assert there.net.use_session(session) == SessionEnded()
    told(apply(there, session), Started)


@pytest.mark.requirement("LGN-11", "RBA-13")
def test_a_question_is_answered_there_where_the_bank_asks_one() -> None:
    """At a bank without a second password the step-up for the token is an answer."""
    there, taro = with_app(profiles.fast_for_tests(AT_JA))
    session = wanted(there, taro)
    assert apply(there, session) == StepUpNeeded()
    asked = told(there.net.step_up.ask(session), StepUpQuestion)
    session = told(there.net.step_up.answer(session, taro.answer_to(asked.question)), SteppedUp).session
    assert there.net.change_login_id(session, password=taro.password, new="hoshi9kwx") == SessionEnded()
    told(apply(there, session), Started)


@pytest.mark.requirement("LGN-11")
def test_it_lives_as_long_as_it_is_used() -> None:
    """Confirming and applying keep it alive, so that no call comes to nothing; idle, it ends as any session does."""
    there, taro = with_app()
    idle = there.profile.sessions.idle
    session = wanted(there, taro)
    there.clock.advance(idle - MINUTE)
    session = told(there.net.step_up.confirm(session, taro.confirmation), Confirmed).session
    there.clock.advance(idle - MINUTE)
    started = told(apply(there, session), Started)
    there.clock.advance(timedelta(seconds=119))
    there.exchange.telephone(taro.person.phones[0]).dial(started.destination)
    told(there.net.issue_token.confirm(session, started.attempt), TokenIssued)
    there.clock.advance(idle)
    assert there.net.issue_token.phones(session) == SessionEnded()


# --- From one session to the next -------------------------------------------------------------------------------------


@pytest.mark.requirement("LGN-11", "ENR-38")
@pytest.mark.parametrize("until", ["nothing", "confirmed", "applied", "called", "given up"])
def test_whoever_breaks_off_begins_again(until: str) -> None:
    """Wherever a telephone's battery dies before the token is issued, the next login leads to the same application."""
    there, taro = with_app()
    session = wanted(there, taro)
    if until != "nothing":
        session = told(there.net.step_up.confirm(session, taro.confirmation), Confirmed).session
    if until in {"applied", "called", "given up"}:
        started = told(apply(there, session), Started)
        if until == "called":
            there.exchange.telephone(taro.person.phones[0]).dial(started.destination)
        if until == "given up":
            told(there.net.issue_token.abort(session, started.attempt), PhoneAborted)
    there.clock.advance(timedelta(minutes=11))  # as long as a call that was made is kept
    assert there.net.issue_token.phones(session) == SessionEnded()
    issued(there, taro, wanted(there, taro))


@pytest.mark.requirement("LGN-11", "ENR-38", "TKN-16")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["confirm", "apply", "go on"])
def test_a_crash_in_the_application_is_gone_on_from(step: str, when: When) -> None:
    """Whichever commit a process does not survive: the token is applied for again, or its ids are in the mail."""
    crashes = 0
    while True:
        storage = MemoryStorage()
        there = TestBank(AOMORI, storage=storage)
        taro = there.customer(password="soil7rain")
        session, attempt = wanted(there, taro), ""
        if step != "confirm":
            session = told(there.net.step_up.confirm(session, taro.confirmation), Confirmed).session
        if step == "go on":
            started = told(apply(there, session), Started)
            there.exchange.telephone(taro.person.phones[0]).dial(started.destination)
            attempt = started.attempt
        storage.fail(call="commit", when=when, with_=Unavailable(), skip=crashes)
        try:
            if step == "confirm":
                there.net.step_up.confirm(session, taro.confirmation)
            elif step == "apply":
                apply(there, session)
            else:
                there.net.issue_token.confirm(session, attempt)
        except Unavailable:
            crashes += 1
        else:
            break
        there.clock.advance(timedelta(minutes=11))
        session = wanted(there, taro)
        if LetterCode.TOKEN_ISSUED not in [one.code for one in letters(there)]:
            issued(there, taro, session)
    assert crashes > 0


@pytest.mark.requirement("LGN-11", "OTP-15")
def test_whoever_gives_his_token_up_is_out_on_every_channel() -> None:
    """His sessions end, for one may be on a smartphone; there he may but apply again, from the next day on."""
    there, taro = with_app()
    phone = Telephone.of(there, taro).start()
    asked = told(with_password(there, taro, seen_from=SMARTPHONE), CodeAsked)
    session = told(there.net.log_in.enter_code(asked.challenge, phone.code()), LoggedIn).session
    there.clock.advance(timedelta(seconds=60))
    told(there.net.use_token.cancel(session, phone.code()), TokenCancelled)
    assert there.net.use_session(session) == there.net.use_session(phone.session) == SessionEnded()
    session = told(there.net.step_up.confirm(wanted(there, taro), taro.confirmation), Confirmed).session
    assert apply(there, session) == NotYet()
    told(with_password(there, taro, seen_from=HOME), LoggedIn)
    there.clock.advance(timedelta(days=1))
    issued(there, taro, wanted(there, taro))


# --- The end of a first use -------------------------------------------------------------------------------------------

PHONE = Environment(device="jiros-telephone", network="203.0.113.9", platform="ios", channel=Channel.SMARTPHONE)


@pytest.mark.requirement("LGN-11", "ENR-22", "ENR-24", "ENR-38")
def test_a_first_use_on_a_smartphone_ends_with_the_token() -> None:
    """Questions, passwords, data, and then not the home screen but the application for the token; then the code."""
    jiro = Newcomer.of().obtain()
    there = jiro.there
    told(jiro.log_in(seen_from=PHONE), QuestionsNeeded)
    jiro.register_questions()
    told(jiro.choose_passwords(), CustomerDataNeeded)
    session = told(jiro.register_customer(), TokenWanted).session
    assert there.net.use_session(session) == SessionEnded()
    me = Enrollee(
        person=jiro.person,
        institution=INSTITUTION.id,
        contract=jiro.contract.id,
        login_id=LOGIN_ID,
        password=PASSWORD,
        answers=(),
        confirmation=CONFIRMATION,
    )
    phone = Telephone(there, me, session)
    phone.session, phone.ids = issued(there, me, session)
    phone.seed = phone.again()  # type: ignore[assignment]  # a wrong one fails two lines further
    phone.complete()
    there.clock.advance(timedelta(seconds=60))
    asked = told(jiro.log_in(PASSWORD, seen_from=PHONE), QuestionAsked)  # he has not been in from there yet
    told(jiro.answers(asked.question), CodeAsked)
    told(there.net.log_in.enter_code(jiro.challenge, phone.code()), LoggedIn)


@pytest.mark.requirement("LGN-11")
def test_duties_come_before_the_token() -> None:
    """Whoever has something else left does that first, and can apply for nothing with it."""
    there, taro = with_app()
    rewrite(there, taro, lambda one: evolve(one, questions=()))
    needed = told(with_password(there, taro, seen_from=SMARTPHONE), QuestionsNeeded)
    assert there.net.issue_token.phones(needed.challenge) == SessionEnded()
    assert there.net.step_up.confirm(needed.challenge, taro.confirmation) == SessionEnded()


# --- The profile ------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LGN-11", "PRF-01")
def test_a_profile_that_takes_a_token_asks_for_its_code_and_gives_one() -> None:
    """Otherwise it cannot be made."""
    with pytest.raises(ValueError, match="on a pc a token is needed"):
        evolve(JA.token, required_on=frozenset(Channel))
    closed = {**AT_JA.hours, Operation.ISSUE_TOKEN: ServiceHours(daily=())}
    with pytest.raises(ValueError, match="nobody can apply for one"):
        evolve(AT_JA, hours=closed)
