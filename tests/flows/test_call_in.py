"""Logging in by a call: what an unknown place takes at a bank that asks no questions."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.entry import PasswordChangeNeeded
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.log_in import CallAsked, CodeAsked, LoggedIn
from janetbank.flows.phone_auth import NoEligiblePhone, NoSuchAttempt, PhoneAborted, Recognised, Started, Waiting
from janetbank.flows.refusals import OutsideServiceHours, Refused, SessionEnded
from janetbank.flows.set_up_app import SeedHandedOut
from janetbank.policies.duty import Duty
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.phone_auth import Mode, PhoneAuthRules
from janetbank.testing.bank import CAFE, HOME, Enrollee, Person, TestBank
from janetbank.values.environment import Environment
from janetbank.values.secret import Secret
from janetbank_adapters.telephony.memory import press
from tests.flows.scene import HANAKO, contract_of, entries_of, kinds, rewrite, with_password
from tests.flows.token_scene import Telephone

MODERN = profiles.fast_for_tests(profiles.MODERN)
PASSWORD = "soil7rain-and-window"
OTHER = "river5tea-and-chimney"
LIBRARY = Environment(device="a-device", network="198.51.100.23", platform="ios")


@pytest.fixture
def there() -> TestBank:
    """A new bank."""
    return TestBank(MODERN)


@pytest.fixture
def taro(there: TestBank) -> Enrollee:
    """A customer without a token."""
    return there.customer(password=PASSWORD)


def asked(there: TestBank, who: Enrollee, seen_from: Environment = LIBRARY) -> Secret:
    """Log in from an unknown place: the challenge."""
    told = with_password(there, who, seen_from=seen_from)
    assert isinstance(told, CallAsked), told
    assert told.until == there.clock.now() + there.profile.sessions.challenge
    return told.challenge


def started(there: TestBank, challenge: Secret) -> Started:
    """Wait for a call."""
    told = there.net.call_in.call(challenge, 0)
    assert isinstance(told, Started), told
    return told


def called(there: TestBank, call: Started, phone: str, *, digits: Secret | None = None) -> None:
    """Call from *phone*, and key what the screen shows unless other *digits* are given."""
    shown = call.screen_code
    assert shown is not None
    there.exchange.telephone(phone).dial(call.destination, press((digits or shown).reveal()))


@pytest.mark.requirement("RBA-01")
def test_an_unknown_place_takes_a_call_and_is_known_then(there: TestBank, taro: Enrollee) -> None:
    """The digits come from the screen; with them he is in, under a token of its own, and next time there is no call."""
    challenge = asked(there, taro)
    call = started(there, challenge)
    assert there.net.call_in.enter(challenge, call.attempt) == Waiting(call.until)
    called(there, call, taro.person.phones[0])
    assert isinstance(there.net.call_in.poll(challenge, call.attempt), Recognised)
    entered = there.net.call_in.enter(challenge, call.attempt)
    assert isinstance(entered, LoggedIn)
    assert entered.session != challenge
    assert isinstance(with_password(there, taro, seen_from=LIBRARY), LoggedIn)
    assert "CallAsked" in kinds(entries_of(there, taro))


def test_the_chain_names_no_ticket_for_a_call(there: TestBank, taro: Enrollee) -> None:
    """Nothing was guessed at: who came in by a call came in by no ticket."""
    challenge = asked(there, taro)
    call = started(there, challenge)
    called(there, call, taro.person.phones[0])
    assert isinstance(there.net.call_in.enter(challenge, call.attempt), LoggedIn)
    last = entries_of(there, taro)[-1]
    assert (last.kind, last.data["ticket"]) == ("LoggedIn", 0)


def test_at_home_nothing_more_is_asked(there: TestBank, taro: Enrollee) -> None:
    """Where he applied he is known; and nobody is asked a question anywhere."""
    session = there.log_in(taro)
    assert there.net.step_up.ask(session) == OutsideServiceHours(None)
    assert contract_of(there, taro).questions == ()


@pytest.mark.requirement("LGN-09")
def test_whoever_has_a_token_shows_its_code_instead(there: TestBank, taro: Enrollee) -> None:
    """A call is for who has no codes: with a token every place takes one, and a locked one is no way around."""
    phone = Telephone.of(there, taro)
    call = there.net.issue_token.apply(
        phone.session,
        mail="taro@keitai.example.jp",
        mail_again="taro@keitai.example.jp",
        start_password=Secret("73516208"),
        again=Secret("73516208"),
        phone=0,
    )
    assert isinstance(call, Started)
    called(there, call, taro.person.phones[0])
    ids = there.net.issue_token.confirm(phone.session, call.attempt)
    assert isinstance(ids, TokenIssued)
    phone.ids = ids
    handed = phone.again(Secret("73516208"))
    assert isinstance(handed, SeedHandedOut)
    phone.seed = handed
    phone.complete()
    for place in (HOME, LIBRARY):
        assert isinstance(with_password(there, taro, seen_from=place), CodeAsked)


def test_the_challenge_is_its_own(there: TestBank, taro: Enrollee) -> None:
    """No other door opens by it, no session opens this one, and nobody goes on by another's call."""
    challenge, session = asked(there, taro), there.log_in(taro)
    call = started(there, challenge)
    called(there, call, taro.person.phones[0])
    assert there.net.use_session(challenge) == SessionEnded()
    assert there.net.log_in.enter_code(challenge, Secret("123456")) == SessionEnded()
    assert there.net.log_in.answer(challenge, Secret("ポチ")) == SessionEnded()
    assert there.net.issue_token.confirm(session, call.attempt) == NoSuchAttempt()
    for other in (session, Secret("nobody's")):
        assert there.net.call_in.phones(other) == SessionEnded()
        assert there.net.call_in.call(other, 0) == SessionEnded()
        assert there.net.call_in.poll(other, call.attempt) == SessionEnded()
        assert there.net.call_in.abort(other, call.attempt) == SessionEnded()
        assert there.net.call_in.enter(other, call.attempt) == SessionEnded()
    again = asked(there, taro)
    assert there.net.call_in.enter(again, call.attempt) == NoSuchAttempt()


@pytest.mark.requirement("TEL-05")
def test_a_thief_with_the_password_waits_in_vain(there: TestBank, taro: Enrollee) -> None:
    """Neither his own telephone nor digits that he guesses open anything; and without the digits nor does Taro's."""
    there.customer("hana39km", OTHER, person=HANAKO)
    challenge = asked(there, taro)
    call = started(there, challenge)
    called(there, call, HANAKO.phones[0])
    wrong = Secret("000000" if call.screen_code != Secret("000000") else "111111")
    called(there, call, taro.person.phones[0], digits=wrong)
    assert not isinstance(there.net.call_in.enter(challenge, call.attempt), LoggedIn)


def test_once(there: TestBank, taro: Enrollee) -> None:
    """By one call one session is opened, and its challenge is gone."""
    challenge = asked(there, taro)
    call = started(there, challenge)
    called(there, call, taro.person.phones[0])
    assert isinstance(there.net.call_in.enter(challenge, call.attempt), LoggedIn)
    assert there.net.call_in.enter(challenge, call.attempt) == SessionEnded()


def test_what_was_given_up_lets_nobody_in(there: TestBank, taro: Enrollee) -> None:
    """A call for an attempt that was aborted is of no use."""
    challenge = asked(there, taro)
    call = started(there, challenge)
    assert there.net.call_in.abort(challenge, call.attempt) == PhoneAborted()
    called(there, call, taro.person.phones[0])
    assert there.net.call_in.enter(challenge, call.attempt) == PhoneAborted()


def test_a_duty_comes_after_the_call(there: TestBank, taro: Enrollee) -> None:
    """Whoever has to choose a password is let in to that, and to nothing else."""
    rewrite(there, taro, lambda contract: evolve(contract, must_change_password=True))
    challenge = asked(there, taro)
    call = started(there, challenge)
    called(there, call, taro.person.phones[0])
    assert isinstance(there.net.call_in.enter(challenge, call.attempt), PasswordChangeNeeded)


def test_without_a_number_that_is_recognised_nobody_is_let_in(there: TestBank) -> None:
    """Whose only number begins with 050 is told why; the branch has to help."""
    jiro = there.customer(password=PASSWORD, person=Person(phones=("050-1234-5678",)))
    challenge = asked(there, jiro)
    assert isinstance(there.net.call_in.phones(challenge), NoEligiblePhone)
    assert isinstance(there.net.call_in.call(challenge, 0), NoEligiblePhone)


def test_a_wrong_password_comes_to_no_call(there: TestBank, taro: Enrollee) -> None:
    """Whether there is a token, a telephone or a customer: it is refused."""
    assert with_password(there, taro, Secret("wr0ng?one-and-another"), seen_from=CAFE) == Refused()


def test_at_the_end_of_its_time_the_challenge_has_ended(there: TestBank, taro: Enrollee) -> None:
    """Ten minutes, in which a call of five has room."""
    challenge = asked(there, taro)
    there.clock.advance(MODERN.sessions.challenge - timedelta(microseconds=1))
    assert isinstance(there.net.call_in.call(challenge, 0), Started)
    there.clock.advance(timedelta(microseconds=1))
    assert there.net.call_in.call(challenge, 0) == SessionEnded()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda: evolve(MODERN, duties=frozenset(Duty)), "none are registered"),
        (lambda: evolve(MODERN, resets=MODERN.resets | {OnlineProcedure.QUESTIONS_RESET}), "none are registered"),
        (lambda: evolve(MODERN, token=evolve(MODERN.token, calls=without_log_in())), "no call for log_in"),
    ],
)
def test_a_profile_without_questions_has_what_stands_in_for_them(change: Callable[[], object], why: str) -> None:
    """None are registered or reset, and there is a call."""
    with pytest.raises(ValueError, match=why):
        change()


def without_log_in() -> dict[OnlineProcedure, PhoneAuthRules]:
    """The calls of a new bank but for that of logging in."""
    return {one: rules for one, rules in MODERN.token.calls.items() if one is not OnlineProcedure.LOG_IN}


def test_it_takes_digits_from_the_screen() -> None:
    """Only they tie the telephone to the screen (standards.md C27)."""
    assert MODERN.token.calls[OnlineProcedure.LOG_IN].mode is Mode.SCREEN_CODE
