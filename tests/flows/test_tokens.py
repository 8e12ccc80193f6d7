"""Tokens: issued by a call, set up by an app, used by codes each of which counts once, and given up."""

import hmac
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.audit import Intact, verify
from janetbank.flows.instruct import ApprovalAwaited, CodeNeeded, InstructionStanding
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.issue_token import IssueToken, NotYet, TokenIssued
from janetbank.flows.log_in import CodeAsked, LoggedIn
from janetbank.flows.phone_auth import NoSuchAttempt, PhoneAborted, PhoneChoices, Started, Waiting
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Blocked, Refused, Rejected, SessionEnded, StepUpNeeded
from janetbank.flows.set_up_app import AppReady, SeedHandedOut, SetUpApp
from janetbank.flows.sweep import sweep
from janetbank.flows.tokens import NoToken, answer_key
from janetbank.flows.use_session import InSession
from janetbank.flows.use_token import AppNoted, MethodChanged, TokenCancelled, TokenStanding, UseStarted
from janetbank.messages import Language, phrase, text
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.model.token import Token
from janetbank.policies.instruction import InstructionState
from janetbank.policies.phone_auth import LONGEST
from janetbank.policies.token import MethodEvent, MethodRules, TokenChoice, TokenEvent, TokenState
from janetbank.testing.bank import HOME, Person, TestBank, bank
from janetbank.values.app_version import OLDEST, AppVersion
from janetbank.values.otp_method import OtpMethod
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank.values.token_device import TokenDevice
from janetbank.values.violation import Violation
from janetbank_adapters.entropy.seeded import SeededEntropy
from tests.flows.money_scene import NUMBERS, found, send_bills
from tests.flows.scene import TICK, SlowVault, challenged, contract_of, entries_of, with_password
from tests.flows.test_recover import at_the_host
from tests.flows.token_scene import (
    DEVICE,
    MAIL,
    SMARTPHONE,
    START_PASSWORD,
    STEP,
    WRONG_CODE,
    Telephone,
    order,
)

ADVICE = "token.hint.transaction_auth"


@pytest.fixture
def phone() -> Telephone:
    """Taro's telephone."""
    there = bank()
    return Telephone.of(there, there.customer())


def letters(there: TestBank) -> list[tuple[LetterCode, str, dict[str, str | int]]]:
    """What waits in the outbox, in no particular order."""
    now = there.clock.now()
    with there.storage.transaction() as tx:
        return [(one.code, str(one.to), dict(one.params)) for one in tx.outbox.claim(now, now, 99)]


# --- Issue ------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TKN-05", "TKN-06", "TKN-07", "CRD-10", "APP-01", "APP-06", "MAL-04", "MAL-05")
def test_a_call_in_time_issues_a_token(phone: Telephone) -> None:
    """The ids are told and mailed to the address given, with where the app is to be had; the start password is not."""
    phone.issue()
    assert phone.ids is not None
    assert phone.token().state is TokenState.ISSUED
    sent = {code: (to, params) for code, to, params in letters(phone.there)}
    to, params = sent[LetterCode.TOKEN_ISSUED]
    assert (to, params["service_id"], params["user_id"]) == (MAIL, phone.ids.service_id, phone.ids.user_id)
    assert str(params["download"]).startswith("https://")
    assert START_PASSWORD.reveal() not in repr((phone.ids, sent, phone.token()))
    remember, there_already, clock = (phrase(hint, "en") for hint in phone.ids.hints)
    assert "do not forget the start password" in remember
    assert "nothing is to be downloaded" in there_already
    assert "date, time and time zone of the telephone are right" in clock
    assert sent[LetterCode.TOKEN_ISSUED_NOTICE][0] == phone.taro.person.mail


@pytest.mark.requirement("APP-03", "APP-04", "APP-10", "MAL-05")
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_mail_says_all_that_the_app_asks_for_but_the_start_password(phone: Telephone, lang: Language) -> None:
    """Opened on the telephone it tells where the app is to be had; its ids, typed as they stand, set the app up."""
    phone.issue()
    (params,) = [params for code, _, params in letters(phone.there) if code is LetterCode.TOKEN_ISSUED]
    body = phrase(f"{LetterCode.TOKEN_ISSUED.value}.body", lang, **params)
    service_id, user_id = re.findall(r"\d+", body.replace(str(params["download"]), ""))
    assert str(params["download"]) in body
    assert START_PASSWORD.reveal() not in body
    told = phone.there.net.set_up_app.fetch(
        service_id=service_id, user_id=user_id, start_password=START_PASSWORD, device=DEVICE, version="4.1"
    )
    assert isinstance(told, SeedHandedOut)


@pytest.mark.requirement("RBA-13")
def test_a_registered_question_comes_before_the_call() -> None:
    """Without an answer in this session nothing is applied for."""
    there = bank()
    session = there.log_in(there.customer())
    told = there.net.issue_token.apply(
        session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
    )
    assert told == StepUpNeeded()


@pytest.mark.requirement("TEL-01", "TEL-04", "TEL-05")
def test_who_has_registered_another_number_calls_from_that_one(phone: Telephone) -> None:
    """Changed at the branch, it counts at once; whoever has the former number now is nobody."""
    there = phone.there
    at_the_host(there, phone.taro, phones=(PhoneNumber.parse("070-1111-2222"),))
    choices = there.net.issue_token.phones(phone.session)
    assert isinstance(choices, PhoneChoices)
    assert [one.shown for one in choices.choices] == ["070-1111-****"]
    started = phone.apply()
    there.exchange.telephone(phone.taro.person.phones[0]).dial(started.destination)
    assert isinstance(there.net.issue_token.confirm(phone.session, started.attempt), Waiting)
    there.exchange.telephone("070-1111-2222").dial(started.destination)
    assert isinstance(there.net.issue_token.confirm(phone.session, started.attempt), TokenIssued)


def test_without_the_call_nothing_is_issued(phone: Telephone) -> None:
    """Going on before the call has come issues nothing, and going on twice issues once."""
    issue = phone.there.net.issue_token
    started = phone.apply()
    assert isinstance(issue.confirm(phone.session, started.attempt), Waiting)
    phone.there.exchange.telephone(phone.taro.person.phones[0]).dial(started.destination)
    assert isinstance(issue.confirm(phone.session, started.attempt), TokenIssued)
    assert issue.confirm(phone.session, started.attempt) == NoSuchAttempt()


@pytest.mark.requirement("CRD-10", "TKN-05")
@pytest.mark.parametrize(
    ("start", "mail", "codes"),
    [
        (("123", "123"), (MAIL, MAIL), {"start_password.shape"}),
        (("735186420", "735186420"), (MAIL, MAIL), {"start_password.shape"}),
        (("73x1", "73x1"), (MAIL, MAIL), {"start_password.shape"}),
        (("7351", "7352"), (MAIL, MAIL), {"start_password.not_same_twice"}),
        (("7351", "7351"), ("taro", "taro"), {"mail.syntax"}),
        (("7351", "7351"), (MAIL, "jiro@keitai.example.jp"), {"mail.not_same_twice"}),
        (("7351", "7351"), (MAIL, "taro"), {"mail.not_same_twice"}),
        (("12", "13"), ("taro", MAIL), {"start_password.shape", "start_password.not_same_twice", "mail.syntax"}),
    ],
)
def test_what_is_wrong_is_told_at_once(
    phone: Telephone, start: tuple[str, str], mail: tuple[str, str], codes: set[str]
) -> None:
    """Four to eight digits and a mail address, each the same twice; all faults are named together."""
    told = phone.there.net.issue_token.apply(
        phone.session,
        mail=mail[0],
        mail_again=mail[1],
        start_password=Secret(start[0]),
        again=Secret(start[1]),
        phone=0,
    )
    assert isinstance(told, Rejected)
    assert {one.code for one in told.violations} == codes


def test_an_application_may_start_again(phone: Telephone) -> None:
    """Whoever goes back and applies once more has the later attempt and the later start password, and one token."""
    phone.apply()
    first = phone.attempt
    phone.issue()
    assert phone.there.net.issue_token.confirm(phone.session, first) == NoSuchAttempt()
    assert phone.token().number == 1


def test_with_a_token_there_is_nothing_to_apply_for(phone: Telephone) -> None:
    """Whoever has a token is not issued another one by applying."""
    phone.start()
    told = phone.there.net.issue_token.apply(
        phone.session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
    )
    assert told == NotYet()


# --- Set-up -----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("APP-05", "APP-18")
def test_set_up_starts_again_until_it_has_succeeded(phone: Telephone) -> None:
    """What was fetched before is void, on this device or another; the one that fetched last completes, once."""
    phone.fetch()
    lost = phone.seed
    other = phone.again(device="another")
    assert isinstance(other, SeedHandedOut)
    assert lost is not None
    assert phone.complete() == NoToken()
    phone.seed = other
    set_up = phone.there.net.set_up_app
    assert set_up.complete(other.app, device=DEVICE, number=other.number, code=phone.code()) == Refused()
    assert set_up.complete(other.app, device="another", number=other.number - 1, code=phone.code()) == Refused()
    assert set_up.complete(other.app, device="another", number=other.number, code=WRONG_CODE) == Refused()
    assert set_up.complete(other.app, device="another", number=other.number, code=phone.code()) == AppReady()
    assert phone.again() == Refused()
    assert set_up.complete(other.app, device="another", number=other.number, code=phone.code()) == Refused()


@pytest.mark.requirement("APP-18")
@pytest.mark.parametrize("device", ["\ud800", "\x00", "x" * 300], ids=["half", "nought", "long"])
def test_a_device_may_have_any_name(phone: Telephone, device: str) -> None:
    """The app chooses it: what is kept is what every store takes, and it completes what it began."""
    phone.issue()
    handed = phone.again(device=device)
    assert isinstance(handed, SeedHandedOut)
    assert re.fullmatch("[0-9a-f]{64}", phone.token().set_up.device)
    phone.seed = handed
    complete = partial(phone.there.net.set_up_app.complete, phone.app, number=handed.number, code=phone.code())
    assert complete(device=f"{device}!") == Refused()
    assert complete(device=device) == AppReady()


@pytest.mark.requirement("APP-23", "CRD-11", "CRD-12")
def test_five_wrong_start_passwords_void_the_token(phone: Telephone) -> None:
    """Four leave it as it is; the fifth voids it for good, its hash is destroyed, and the customer is told."""
    phone.issue()
    for _ in range(4):
        assert phone.again(Secret("9999")) == Refused()
    assert phone.token().state is TokenState.ISSUED
    assert phone.again(Secret("9999")) == Blocked()
    assert phone.again() == Blocked()
    assert (phone.token().state, phone.token().start_password) == (TokenState.VOID, None)
    assert LetterCode.TOKEN_VOID in {code for code, _, _ in letters(phone.there)}
    assert phone.there.net.use_token.standing(phone.session) == TokenStanding(TokenState.VOID, OtpMethod.PASSCODE)


@pytest.mark.requirement("CRD-12", "APP-23")
@pytest.mark.parametrize("how_far", [Telephone.set_up, Telephone.start])
def test_what_is_no_longer_needed_cannot_be_guessed_at(
    phone: Telephone, how_far: Callable[[Telephone], Telephone]
) -> None:
    """The ids stand in a mail: by them nobody blocks a token whose app is set up, nor has it called void."""
    how_far(phone)
    state, before = phone.token().state, contract_of(phone.there, phone.taro)
    assert [phone.again(Secret("9999")) for _ in range(6)] == [Refused()] * 4 + [Blocked()] * 2  # a decoy's
    assert phone.token().state is state
    assert contract_of(phone.there, phone.taro) == before
    assert LetterCode.TOKEN_VOID not in {code for code, _, _ in letters(phone.there)}


@pytest.mark.requirement("APP-23", "LCK-12")
@pytest.mark.parametrize("code", [LetterCode.TOKEN_VOID, LetterCode.TOKEN_LOCKED])
def test_who_has_no_token_any_more_is_told_how_to_go_on(code: LetterCode) -> None:
    """By a reissue, or at the branch: no way online is the only one at every bank."""
    assert "have your token reissued or, where that is not offered online, ask at your branch" in phrase(
        f"{code.value}.body", "en"
    )
    body = phrase(f"{code.value}.body", "ja")
    assert "再発行" in body
    assert "窓口" in body


def test_the_deadline_of_the_set_up(phone: Telephone) -> None:
    """The last instant is in time; one later the token is void."""
    window = phone.there.profile.token.set_up.window
    phone.issue()
    phone.there.clock.advance(window)
    assert isinstance(phone.again(), SeedHandedOut)
    phone.there.clock.advance(TICK)
    assert phone.again() == Refused()
    assert phone.token().state is TokenState.VOID
    assert phone.again() == Refused()


@pytest.mark.parametrize(("late", "told"), [(timedelta(0), AppReady()), (TICK, NoToken())])
def test_a_set_up_that_is_completed_too_late_is_not(phone: Telephone, late: timedelta, told: object) -> None:
    """Who fetched in time completes at the last instant; one later he has no token."""
    phone.fetch()
    phone.there.clock.advance(phone.there.profile.token.set_up.window + late)
    assert phone.complete() == told


@pytest.mark.requirement("CRD-12")
def test_after_set_up_the_start_password_is_gone(phone: Telephone) -> None:
    """It served once: nothing of it is kept."""
    phone.set_up()
    assert phone.token().start_password is None
    assert phone.again() == Refused()


def test_ids_that_are_nobodys_are_counted_like_somebodys() -> None:
    """Four refusals and a block, for ids that nobody was given as for a token's own."""
    fetch = bank().net.set_up_app.fetch
    told = [
        fetch(service_id="000", user_id="0000000", start_password=Secret("1111"), device="x", version=None)
        for _ in range(6)
    ]
    assert told == [Refused()] * 4 + [Blocked()] * 2


def test_the_seed_is_sealed_and_bound_to_its_token(phone: Telephone) -> None:
    """What is contract_of opens only as this token's, with this seed's number, and is destroyed with the token."""
    token = phone.start().token()
    assert phone.seed is not None
    assert token.seed is not None
    assert phone.seed.seed.reveal() not in repr(token) + token.seed
    vault = phone.there.net.platform.vault
    assert vault.open(token.seed, *token.row).hex() == phone.seed.seed.reveal()
    phone.there.net.use_token.cancel(phone.session, phone.code())
    assert phone.token().seed is None


# --- Codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("OTP-01", "OTP-02", "OTP-03")
def test_the_code_that_starts_the_use_is_burnt(phone: Telephone) -> None:
    """Start of use takes a code once; the same code does nothing else afterwards."""
    phone.set_up()
    use = phone.there.net.use_token
    code = phone.code()
    assert use.start(phone.session, code) == UseStarted(OtpMethod.PASSCODE, (ADVICE,))
    assert use.cancel(phone.session, code) == Refused()
    assert use.start(phone.session, phone.code()) == NoToken()


@pytest.mark.requirement("OTP-11")
def test_no_code_is_taken_twice_in_any_order(phone: Telephone) -> None:
    """A, B, A, B: each counts once, and an earlier one never after a later one."""
    phone.start()
    use = phone.there.net.use_token

    def change(code: Secret, event: MethodEvent) -> object:
        return use.change_method(phone.session, code, event, ticked=True)

    a = phone.code()
    phone.there.clock.advance(STEP)
    b = phone.code()
    assert change(b, MethodEvent.CHOOSE_TXA) == MethodChanged(OtpMethod.TXA_PENDING_APP)
    for used in (a, b, a, b):
        assert change(used, MethodEvent.CHOOSE_PASSCODE) == Refused()


@pytest.mark.requirement("LCK-12")
def test_ten_wrong_codes_in_a_row_lock_the_token(phone: Telephone) -> None:
    """Nine and a right one start anew; the tenth in a row locks: no code is evaluated any more, and it is told."""
    phone.start()
    use = phone.there.net.use_token
    for _ in range(9):
        assert use.cancel(phone.session, WRONG_CODE) == Refused()
    assert isinstance(
        use.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=True), MethodChanged
    )
    phone.there.clock.advance(STEP)
    told = [use.cancel(phone.session, WRONG_CODE) for _ in range(10)]
    assert told == [Refused()] * 9 + [Blocked()]
    assert use.cancel(phone.session, phone.code()) == Blocked()
    assert phone.token().state is TokenState.LOCKED
    assert LetterCode.TOKEN_LOCKED in {code for code, _, _ in letters(phone.there)}
    # The session goes on, and so does logging in from a computer: only what takes a code is closed (LCK-15).
    assert use.standing(phone.session) == TokenStanding(TokenState.LOCKED, OtpMethod.TXA_PENDING_APP)
    assert isinstance(with_password(phone.there, phone.taro), LoggedIn)
    asked = with_password(phone.there, phone.taro, seen_from=SMARTPHONE)
    assert isinstance(asked, CodeAsked)
    assert phone.there.net.log_in.enter_code(asked.challenge, phone.code()) == Blocked()


@pytest.mark.requirement("LGN-09", "LGN-12", "OTP-04")
def test_a_smartphone_takes_a_code_to_log_in(phone: Telephone) -> None:
    """The first such login starts the use; a computer is asked for none; the code of a login is spent."""
    phone.set_up()
    there = phone.there
    asked = with_password(there, phone.taro, seen_from=SMARTPHONE)
    assert isinstance(asked, CodeAsked)
    assert there.net.use_session(asked.challenge) == SessionEnded()
    assert there.net.log_in.enter_code(asked.challenge, WRONG_CODE) == Refused()
    code = phone.code()
    assert isinstance(there.net.log_in.enter_code(asked.challenge, code), LoggedIn)
    assert there.net.log_in.enter_code(asked.challenge, code) == SessionEnded()
    assert phone.token().state is TokenState.IN_USE
    again = with_password(there, phone.taro, seen_from=SMARTPHONE)
    assert isinstance(again, CodeAsked)
    assert there.net.log_in.enter_code(again.challenge, code) == Refused()
    assert isinstance(with_password(there, phone.taro, seen_from=HOME), LoggedIn)


def test_from_a_strange_computer_the_question_alone(phone: Telephone) -> None:
    """Whose question was answered is asked for no code where the channel takes none, however strange the place."""
    there = phone.start().there
    asked = challenged(there, phone.taro)
    assert isinstance(there.net.log_in.answer(asked.challenge, phone.taro.answer_to(asked.question)), LoggedIn)


@pytest.mark.requirement("LGN-09")
def test_the_chain_says_what_led_to_the_code_and_until_when_is_told(phone: Telephone) -> None:
    """That the question was answered stands in it before that a code was asked for, which is waited for awhile."""
    there = phone.start().there
    strange = challenged(there, phone.taro, seen_from=evolve(SMARTPHONE, device=None))
    asked = there.net.log_in.answer(strange.challenge, phone.taro.answer_to(strange.question))
    assert isinstance(asked, CodeAsked)
    assert asked.until == there.clock.now() + there.profile.sessions.challenge
    chain = entries_of(there, phone.taro)
    assert [one.kind for one in chain[-3:]] == ["GuessReserved", "QuestionAnswered", "CodeAsked"]


def test_from_a_strange_smartphone_question_and_code(phone: Telephone) -> None:
    """The question first, then the code; neither alone lets in."""
    phone.start()
    there = phone.there
    strange = evolve(SMARTPHONE, device=None)
    asked = with_password(there, phone.taro, seen_from=strange)
    answered = there.net.log_in.answer(asked.challenge, phone.taro.answer_to(asked.question))  # type: ignore[attr-defined]  # asked
    assert isinstance(answered, CodeAsked)
    assert isinstance(there.net.log_in.enter_code(answered.challenge, phone.code()), LoggedIn)


def test_right_passwords_clear_no_wrong_codes(phone: Telephone) -> None:
    """One counter per secret: logging in rightly leaves the count of wrong codes as it is (TRAPS)."""
    phone.start()
    for _ in range(9):
        phone.there.net.use_token.cancel(phone.session, WRONG_CODE)
        assert isinstance(with_password(phone.there, phone.taro), LoggedIn)
    assert phone.there.net.use_token.cancel(phone.session, WRONG_CODE) == Blocked()


# --- Giving it up, and the method -------------------------------------------------------------------------------------


@pytest.mark.requirement("LGN-05", "LGN-06", "OTP-15")
def test_after_giving_it_up_one_applies_from_the_next_day_in_japan(phone: Telephone) -> None:
    """On the day of the cancellation there is no other token; at midnight in Japan there may be."""
    phone.start()
    there, taro = phone.there, phone.taro
    assert there.net.use_token.cancel(phone.session, phone.code()) == TokenCancelled()
    assert there.net.use_token.standing(phone.session) == TokenStanding(TokenState.CANCELLED, OtpMethod.PASSCODE)

    def apply() -> object:
        now = Telephone.of(there, taro)
        return there.net.issue_token.apply(
            now.session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
        )

    there.clock.set(there.clock.now().replace(hour=14, minute=59, second=59))  # 23:59:59 in Japan
    assert apply() == NotYet()
    there.clock.advance(timedelta(seconds=1))
    assert text(apply(), "en")  # type: ignore[arg-type]  # an outcome: Started
    assert isinstance(with_password(there, taro, seen_from=SMARTPHONE), LoggedIn)


@pytest.mark.requirement("OTP-18", "OTP-19", "OTP-20", "TXA-03", "TXA-05", "TXA-07")
def test_changing_the_method(phone: Telephone) -> None:
    """To transaction authentication with the tick and an app that is new enough, then confirmed there; and back."""
    phone.start()
    use = phone.there.net.use_token
    told = use.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=False)
    assert isinstance(told, Rejected)
    assert [one.code for one in told.violations] == ["otp_method.not_ticked"]
    assert use.confirm_method(phone.app, version="4.1") == NoToken()
    # What was rejected spent no code.
    assert use.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=True) == MethodChanged(
        OtpMethod.TXA_PENDING_APP
    )
    old = use.confirm_method(phone.app, version="3.9")
    assert isinstance(old, Rejected)
    assert use.confirm_method(phone.app, version="4.10") == MethodChanged(OtpMethod.TXA_ENABLED)
    phone.there.clock.advance(STEP)
    back = use.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_PASSCODE, ticked=False)
    assert back == MethodChanged(OtpMethod.PASSCODE)


@pytest.mark.requirement("TXA-01")
def test_an_app_that_was_updated_is_new_enough(phone: Telephone) -> None:
    """What an app was when it was set up binds nobody for ever: updated and opened, it is what it says then."""
    phone.issue()
    phone.seed = handed_out(phone, version="3.9")
    assert isinstance(phone.complete(), AppReady)
    phone.there.clock.advance(STEP)
    use = phone.there.net.use_token
    assert isinstance(use.start(phone.session, phone.code()), UseStarted)
    phone.there.clock.advance(STEP)
    old = use.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    assert isinstance(old, Rejected)
    assert [one.code for one in old.violations] == ["otp_method.app_too_old"]
    assert use.note_app(evolve(phone.app, key=Secret("x")), version="4.0") == NoToken()
    before = phone.token()
    assert use.note_app(phone.app, version="3.9") == AppNoted()
    assert phone.token() == before
    assert use.note_app(phone.app, version="4.0") == AppNoted()
    new = use.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    assert new == MethodChanged(OtpMethod.TXA_PENDING_APP)
    # And it is no newer than it says: a version that nobody knows is the oldest.
    assert use.note_app(phone.app, version=None) == AppNoted()
    assert phone.token().app == OLDEST


def handed_out(phone: Telephone, version: str) -> SeedHandedOut:
    """The seed that an app of *version* fetches."""
    assert phone.ids is not None
    handed = phone.there.net.set_up_app.fetch(
        service_id=phone.ids.service_id,
        user_id=phone.ids.user_id,
        start_password=START_PASSWORD,
        device=DEVICE,
        version=version,
    )
    assert isinstance(handed, SeedHandedOut)
    return handed


@pytest.mark.requirement("TXA-04", "TXA-07", "TXA-08")
def test_what_waits_for_a_code_is_void_where_the_app_is_to_approve_it(phone: Telephone) -> None:
    """Else it went without the app for ever; a bill waits on, which takes a code under every method (AMB-8)."""
    net = phone.start().there.net
    send_bills(phone.there)
    asked, bill = net.instruct.request(phone.session, order()), found(phone, NUMBERS)
    assert isinstance(asked, CodeNeeded)
    chosen = net.use_token.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    assert chosen == MethodChanged(OtpMethod.TXA_PENDING_APP)
    phone.there.clock.advance(STEP)
    assert net.instruct.enter_code(phone.session, asked.reference, phone.code()) == NotAuthorised()
    refused = InstructionStanding(asked.reference, InstructionState.REFUSED)
    assert net.instruct.standing(phone.session, asked.reference) == refused
    assert isinstance(net.pay_bills.enter_code(phone.session, bill, phone.code()), Authorised)
    assert isinstance(verify(net.platform), Intact)


@pytest.mark.requirement("TXA-03", "TXA-04")
def test_what_waited_for_the_codes_of_a_former_token_is_void_as_well(phone: Telephone) -> None:
    """Whose use begins with transaction authentication has nothing left that goes by a code."""
    net = phone.start().there.net
    asked = net.instruct.request(phone.session, order())
    assert isinstance(asked, CodeNeeded)
    stopped(phone)
    phone.start(approve_transfers=True)
    refused = InstructionStanding(asked.reference, InstructionState.REFUSED)
    assert net.instruct.standing(phone.session, asked.reference) == refused


@pytest.mark.requirement("OTP-15", "TXA-04")
def test_what_waits_for_a_code_is_void_without_a_token(phone: Telephone) -> None:
    """Whose token is cancelled has no code for it any more, and none that he enters all the same is counted."""
    net = phone.start().there.net
    asked = net.instruct.request(phone.session, order())
    assert isinstance(asked, CodeNeeded)
    assert net.use_token.cancel(phone.session, phone.code()) == TokenCancelled()
    counted = contract_of(phone.there, phone.taro).tally(Counter.CODE)
    assert net.instruct.enter_code(phone.session, asked.reference, WRONG_CODE) == NotAuthorised()
    assert contract_of(phone.there, phone.taro).tally(Counter.CODE) == counted
    refused = InstructionStanding(asked.reference, InstructionState.REFUSED)
    assert net.instruct.standing(phone.session, asked.reference) == refused
    assert isinstance(verify(net.platform), Intact)


def test_an_app_that_is_not_the_tokens_does_nothing(phone: Telephone) -> None:
    """Another key, other ids, or the app of a token that is no more: there is no token."""
    phone.confirm_method()
    app, net = phone.app, phone.there.net
    for other in (evolve(app, key=Secret("x")), evolve(app, user_id="9999999"), evolve(app, service_id="1")):
        assert net.use_token.confirm_method(other, version="4.1") == NoToken()
        assert net.approve.pending(other) == NoToken()


def test_every_state_has_its_words() -> None:
    """What each state of a token shows the customer (OTP-10): 「サービス利用中」 and its neighbours."""
    said = {state: text(TokenStanding(state, OtpMethod.PASSCODE), "ja") for state in TokenState}
    assert len(set(said.values())) == len(TokenState)
    assert "サービス利用中" in said[TokenState.IN_USE]


# --- What planted faults showed ---------------------------------------------------------------------------------------


def rewrite(phone: Telephone, change: Callable[[Token], Token]) -> None:
    """Write what *change* makes of the token, behind the bank's back."""
    token = phone.token()
    with phone.there.storage.transaction() as tx:
        tx.tokens.put(change(token))


def stopped(phone: Telephone) -> None:
    """The branch has stopped the token, and the customer logs in anew."""
    rewrite(phone, lambda token: evolve(token, state=TokenState.STOPPED))
    phone.session = Telephone.of(phone.there, phone.taro).session


def applied(phone: Telephone, start_password: Secret = START_PASSWORD, again: Secret = START_PASSWORD) -> object:
    """Apply for a token, to be called for by the first number."""
    return phone.there.net.issue_token.apply(
        phone.session, mail=MAIL, mail_again=MAIL, start_password=start_password, again=again, phone=0
    )


@pytest.mark.requirement("CRD-10")
@pytest.mark.parametrize(("digits", "clue"), [("0102", "birth_date"), ("5678", "phone"), ("0012345", "account")])
def test_a_start_password_is_nothing_that_others_know_of_him(phone: Telephone, digits: str, clue: str) -> None:
    """His birth date, his telephone and his account are refused, of whatever form they are alone."""
    told = applied(phone, Secret(digits), Secret(digits))
    assert isinstance(told, Rejected)
    assert f"start_password.guessable.{clue}" in {one.code for one in told.violations}


@pytest.mark.requirement("CRD-10")
def test_a_start_password_is_its_digits(phone: Telephone) -> None:
    """Typed full-width when applying or in the app, it is the same; what is kept of it is a hash."""
    wide = Secret("７３５１")
    phone.apply()
    assert not isinstance(applied(phone, wide, START_PASSWORD), Rejected)
    stored = phone.token().start_password
    assert stored is not None
    assert phone.there.net.platform.vault.check(START_PASSWORD, stored).right
    assert not {START_PASSWORD.reveal(), wide.reveal()} & {stored}
    phone.issue()
    assert isinstance(phone.again(wide), SeedHandedOut)
    assert isinstance(phone.again(), SeedHandedOut)


@pytest.mark.requirement("TEL-18", "TKN-07")
def test_an_application_begun_anew_leads_into_use(phone: Telephone) -> None:
    """However often somebody goes back and applies again: the ids that he is told in the end are his token's."""
    for _ in range(3):
        phone.apply()
    phone.start()
    assert phone.ids is not None
    assert (phone.token().user_id, phone.token().number) == (phone.ids.user_id, 1)


@pytest.mark.requirement("TKN-05", "TKN-07")
def test_what_was_said_last_counts_where_one_begins_anew(phone: Telephone) -> None:
    """Who goes back and names another address, and another start password, has these, and not the former ones."""
    phone.apply()
    last, other = Secret("84062"), "taro-new@keitai.example.jp"
    apply = phone.there.net.issue_token.apply
    started = apply(phone.session, mail=other, mail_again=other, start_password=last, again=last, phone=0)
    assert isinstance(started, Started)
    phone.there.exchange.telephone(phone.taro.person.phones[0]).dial(started.destination)
    issued = phone.there.net.issue_token.confirm(phone.session, started.attempt)
    assert isinstance(issued, TokenIssued)
    assert (issued.mail, str(phone.token().mail)) == (other, other)
    phone.ids = issued
    assert phone.again() == Refused()
    assert isinstance(phone.again(last), SeedHandedOut)


@pytest.mark.requirement("TKN-07", "TEL-06")
def test_no_call_comes_to_nothing_for_an_idle_session(phone: Telephone) -> None:
    """Applying is a use of the session, at a bank with one password as well: it has not ended while he calls."""
    idle = phone.there.profile.sessions.idle
    phone.there.clock.advance(idle - TICK)
    started = phone.apply()
    phone.there.clock.advance(idle - TICK)
    phone.there.exchange.telephone(phone.taro.person.phones[0]).dial(started.destination)
    assert isinstance(phone.there.net.issue_token.confirm(phone.session, started.attempt), TokenIssued)


@pytest.mark.requirement("MAL-05", "TKN-05")
def test_no_letter_holds_anything_of_the_start_password(phone: Telephone) -> None:
    """The ids and where the app is to be had are all that is mailed, and notices hold nothing but their words."""
    phone.issue()
    stored = phone.token().start_password
    assert stored is not None
    sent = letters(phone.there)
    for code, _, params in sent:
        assert set(params) == ({"service_id", "user_id", "download"} if code is LetterCode.TOKEN_ISSUED else set())
        assert stored not in params.values()


@pytest.mark.requirement("MAL-03", "MAL-04")
def test_each_turn_of_a_token_is_told_at_every_address() -> None:
    """Issued, in use, another method, cancelled; void; too late; locked: all three addresses are written to."""
    person = Person(further=("taro@office.example.jp", "taro@club.example.jp"))
    everywhere = sorted((person.mail, *person.further))

    def told(phone: Telephone, code: LetterCode) -> list[str]:
        return sorted(to for one, to, _ in letters(phone.there) if one is code)

    def taros() -> Telephone:
        there = bank()
        return Telephone.of(there, there.customer(person=person))

    phone = taros().start()
    phone.there.net.use_token.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    phone.there.clock.advance(STEP)
    assert phone.there.net.use_token.cancel(phone.session, phone.code()) == TokenCancelled()
    for code in (
        LetterCode.TOKEN_ISSUED_NOTICE,
        LetterCode.TOKEN_IN_USE,
        LetterCode.METHOD_CHANGED,
        LetterCode.TOKEN_CANCELLED,
    ):
        assert told(phone, code) == everywhere, code

    guessed = taros().issue()
    for _ in range(5):
        guessed.again(Secret("9999"))
    assert told(guessed, LetterCode.TOKEN_VOID) == everywhere

    late = taros().issue()
    late.there.clock.advance(late.there.profile.token.set_up.window + TICK)
    assert late.again() == Refused()
    assert told(late, LetterCode.TOKEN_VOID) == everywhere

    locked = taros().start()
    for _ in range(10):
        locked.there.net.use_token.cancel(locked.session, WRONG_CODE)
    assert told(locked, LetterCode.TOKEN_LOCKED) == everywhere


def turns(phone: Telephone) -> list[str]:
    """What the chain says of the token, from its beginning."""
    chain = entries_of(phone.there, phone.taro)
    assert {one.data["number"] for one in chain if one.kind == "TokenMoved"} == {1}
    return [str(one.data["state"]) for one in chain if one.kind == "TokenMoved"]


@pytest.mark.requirement("OTP-10")
def test_each_turn_of_a_token_stands_in_the_chain(phone: Telephone) -> None:
    """From the application to its end: what became of it, of its seed, of its app and of its method."""
    use = phone.start().there.net.use_token
    assert turns(phone) == ["phone_pending", "issued", "seed fetched", "provisioned", "in_use"]
    use.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    phone.there.clock.advance(STEP)
    use.note_app(phone.app, version="4.2")
    use.confirm_method(phone.app, version="4.3")
    assert phone.token().app == AppVersion.reported("4.3")
    use.cancel(phone.session, phone.code())
    assert turns(phone)[5:] == ["txa_pending_app", "app updated", "txa_enabled", "cancelled"]


@pytest.mark.requirement("APP-23", "LGN-12")
def test_a_turn_that_comes_by_the_way_stands_in_the_chain(phone: Telephone) -> None:
    """A use that begins at the login, and a set-up that came too late, are in it as any other turn."""
    phone.set_up()
    asked = with_password(phone.there, phone.taro, seen_from=SMARTPHONE)
    assert isinstance(asked, CodeAsked)
    assert isinstance(phone.there.net.log_in.enter_code(asked.challenge, phone.code()), LoggedIn)
    assert turns(phone)[-1] == "in_use"
    there = bank()
    late = Telephone.of(there, there.customer()).issue()
    late.there.clock.advance(late.there.profile.token.set_up.window + TICK)
    assert late.again() == Refused()
    assert turns(late)[-1] == "void"


@pytest.mark.requirement("PRF-04")
def test_a_device_that_is_not_offered_is_told_so() -> None:
    """A device of another kind than the bank's is refused by name, before anything is counted."""
    there = bank()
    (kind,) = set(TokenDevice) - there.profile.token.devices
    fetch = partial(there.net.set_up_app.fetch, start_password=Secret("1"), device=DEVICE, version=None, kind=kind)
    refused = Rejected((Violation("token.device_not_offered", field="kind"),))
    assert [fetch(service_id="000", user_id="0000000") for _ in range(6)] == [refused] * 6


@pytest.mark.requirement("LCK-11")
def test_whatever_can_be_no_id_is_one_nobody() -> None:
    """Which of the two it is matters not; ids that could be somebody's are each a nobody of their own."""
    there = bank()
    fetch = partial(there.net.set_up_app.fetch, start_password=Secret("1"), device=DEVICE, version=None)
    for typed in ("\x00", "日本", "\ud800", "x" * 65):
        assert fetch(service_id=typed, user_id="0000000") == Refused()
    assert fetch(service_id="000", user_id="") == Blocked()
    assert [fetch(service_id="000", user_id="0000000") for _ in range(5)][-1] == Blocked()
    for service_id, user_id in (("001", "0000000"), ("000", "0000001")):
        assert fetch(service_id=service_id, user_id=user_id) == Refused()


@pytest.mark.requirement("LGN-12", "OTP-04")
def test_a_use_that_begins_at_the_login_is_told(phone: Telephone) -> None:
    """Whoever starts the use by logging in on his smartphone is written to; the second time not again."""
    phone.set_up()
    for _ in range(2):
        asked = with_password(phone.there, phone.taro, seen_from=SMARTPHONE)
        assert isinstance(asked, CodeAsked)
        assert isinstance(phone.there.net.log_in.enter_code(asked.challenge, phone.code()), LoggedIn)
        phone.there.clock.advance(STEP)
    assert [code for code, _, _ in letters(phone.there)].count(LetterCode.TOKEN_IN_USE) == 1


@pytest.mark.requirement("ENR-13")
def test_the_three_steps_until_the_use(phone: Telephone) -> None:
    """Issued on the computer, set up on the telephone, started by its code: no step comes before the one before it."""
    start, code = phone.there.net.use_token.start, Secret("123456")
    assert start(phone.session, code) == NoToken()
    phone.issue()
    assert phone.token().state is TokenState.ISSUED
    assert start(phone.session, code) == NoToken()
    handed = phone.again()
    assert isinstance(handed, SeedHandedOut)
    phone.seed = handed
    assert isinstance(phone.complete(), AppReady)
    assert phone.token().state is TokenState.PROVISIONED
    phone.there.clock.advance(STEP)
    assert isinstance(start(phone.session, phone.code()), UseStarted)
    assert phone.token().state is TokenState.IN_USE


@pytest.mark.requirement("OTP-16", "TXA-03")
@pytest.mark.parametrize("how_far", [Telephone.apply, Telephone.issue, Telephone.set_up])
def test_what_is_not_in_use_has_no_method_to_change(phone: Telephone, how_far: Callable[[Telephone], object]) -> None:
    """Before its use has begun a token has one method; and what is chosen already cannot be chosen."""
    change = phone.there.net.use_token.change_method
    how_far(phone)
    told = change(phone.session, Secret("123456"), MethodEvent.CHOOSE_TXA, ticked=True)
    assert isinstance(told, Rejected | NoToken)
    assert contract_of(phone.there, phone.taro).tally(Counter.CODE).issued == 0


def test_what_is_chosen_already_cannot_be_chosen(phone: Telephone) -> None:
    """There is nothing to change, and no code is spent on it."""
    phone.start()
    code = phone.code()
    assert (
        phone.there.net.use_token.change_method(phone.session, code, MethodEvent.CHOOSE_PASSCODE, ticked=True)
        == NoToken()
    )
    assert phone.there.net.use_token.cancel(phone.session, code) == TokenCancelled()


def test_a_token_that_waits_for_its_call_is_not_cancelled(phone: Telephone) -> None:
    """Nobody has it: there is nothing to be given up by a code."""
    phone.apply()
    assert phone.there.net.use_token.cancel(phone.session, Secret("123456")) == NoToken()


@pytest.mark.requirement("ENR-12", "TKN-18", "OTP-15")
def test_who_gave_it_up_is_offered_it_again_from_the_next_day(phone: Telephone) -> None:
    """Not on the same day, when he could not apply for it; and not once he has applied anew."""
    there = phone.start().there

    def offered() -> bool:
        used = there.net.use_session(phone.session)
        assert isinstance(used, InSession)
        return used.offer_otp

    assert not offered()
    assert there.net.use_token.cancel(phone.session, phone.code()) == TokenCancelled()
    assert not offered()
    there.clock.advance(timedelta(days=1))
    phone.session = Telephone.of(there, phone.taro).session
    assert offered()
    phone.apply()
    assert not offered()


@pytest.mark.requirement("TXA-04", "OTP-15")
def test_what_waits_for_an_app_that_is_given_up_waits_no_more(phone: Telephone) -> None:
    """As after a reissue (AMB-25): nobody can approve it, so it is refused, and the chain says so."""
    asked = phone.confirm_method().there.net.instruct.request(phone.session, order())
    assert isinstance(asked, ApprovalAwaited)
    assert phone.there.net.use_token.cancel(phone.session, phone.code()) == TokenCancelled()
    standing = phone.there.net.instruct.standing(phone.session, asked.reference)
    assert standing == InstructionStanding(asked.reference, InstructionState.REFUSED)
    assert isinstance(verify(phone.there.net.platform), Intact)


@pytest.mark.requirement("TEL-25", "TEL-18", "OTP-10", "ENR-12")
def test_who_aborts_waits_for_no_call_and_is_offered_it_again(phone: Telephone) -> None:
    """His start password is forgotten at once, and what he sees is that nothing was applied for."""
    abort = phone.there.net.issue_token.abort
    first = phone.apply()
    assert abort(phone.session, first.attempt) == PhoneAborted()
    assert (phone.token().state, phone.token().start_password) == (TokenState.NONE, None)
    standing = phone.there.net.use_token.standing(phone.session)
    assert standing == TokenStanding(TokenState.NONE, OtpMethod.PASSCODE, (TokenChoice.ISSUE,))
    used = phone.there.net.use_session(phone.session)
    assert isinstance(used, InSession)
    assert used.offer_otp
    # Applied anew; whoever aborts the former call a second time ends nothing by it.
    phone.apply()
    assert abort(phone.session, first.attempt) == PhoneAborted()
    assert phone.token().state is TokenState.PHONE_PENDING
    # What has become a token is one, whatever is aborted then.
    phone.call()
    assert isinstance(phone.there.net.issue_token.confirm(phone.session, phone.attempt), TokenIssued)
    assert abort(phone.session, phone.attempt) == NoSuchAttempt()
    assert phone.token().state is TokenState.ISSUED


@pytest.mark.requirement("ENR-12")
@pytest.mark.parametrize("swept", [False, True])
def test_who_has_applied_is_offered_it_again_when_nothing_came_of_it(phone: Telephone, *, swept: bool) -> None:
    """Not while his call is awaited; when the ten minutes for it are over he is, and goes on where one applies."""
    there = phone.there

    def told() -> tuple[bool, bool]:
        used = there.net.use_session(there.log_in(phone.taro))
        assert isinstance(used, InSession)
        return used.offer_otp, used.otp_wanted

    assert told() == (True, False)
    phone.apply()
    assert told() == (False, False)
    there.clock.advance(LONGEST)
    assert told() == (False, False)
    there.clock.advance(TICK)
    if swept:
        assert sweep(there.net.platform).tokens == 1
    assert told() == (True, True)
    anew = Telephone.of(there, phone.taro).issue()
    assert anew.token().state is TokenState.ISSUED
    assert told() == (False, False)


@pytest.mark.requirement("TEL-25", "TKN-07")
def test_only_the_session_that_applied_goes_on(phone: Telephone) -> None:
    """The call of one session issues nothing to another one, though it is the same customer's."""
    phone.call()
    issue, other = phone.there.net.issue_token, phone.there.log_in(phone.taro)
    assert issue.confirm(other, phone.attempt) == NoSuchAttempt()
    assert isinstance(issue.confirm(phone.session, phone.attempt), TokenIssued)


@pytest.mark.requirement("APP-23", "TKN-07")
def test_until_when_the_app_is_to_be_set_up_is_told(phone: Telephone) -> None:
    """The window begins with the issue."""
    phone.issue()
    assert phone.ids is not None
    assert phone.ids.until == phone.there.clock.now() + phone.there.profile.token.set_up.window


def test_an_id_keeps_its_noughts(phone: Telephone) -> None:
    """A user id has seven digits whatever is drawn (TKN-16)."""

    class Low(SeededEntropy):
        def below(self, bound: int) -> int:
            return min(7, bound - 1)

    net = phone.there.net
    platform = evolve(net.platform, entropy=Low(0))
    issue = IssueToken(platform=platform, phone_auth=net.issue_token.phone_auth)
    issue.apply(phone.session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0)
    assert phone.token().user_id == "0000007"


def test_every_seed_is_another(phone: Telephone) -> None:
    """Whoever fetches again gets another seed and another key, and no two tokens have one."""
    phone.issue()
    there = TestBank(seed=1)
    handed = [phone.again(), phone.again(), Telephone.of(there, there.customer()).issue().again()]
    assert len({one.seed.reveal() for one in handed if isinstance(one, SeedHandedOut)}) == 3
    assert len({one.app.key.reveal() for one in handed if isinstance(one, SeedHandedOut)}) == 3


@pytest.mark.requirement("OTP-11")
def test_the_code_that_completes_the_set_up_is_burnt(phone: Telephone) -> None:
    """It starts no use: the next step's code does."""
    phone.fetch()
    code = phone.code()
    assert phone.complete() == AppReady()
    assert phone.there.net.use_token.start(phone.session, code) == Refused()
    phone.there.clock.advance(STEP)
    assert isinstance(phone.there.net.use_token.start(phone.session, phone.code()), UseStarted)


@pytest.mark.requirement("CRD-12")
def test_a_start_password_that_counts_no_more_fetches_nothing(phone: Telephone) -> None:
    """Another one was set while this one was checked: it is refused, and counted."""
    phone.issue()
    assert phone.ids is not None
    vault = SlowVault(phone.there)
    other = phone.there.net.platform.vault.hash(Secret("8264"))
    vault.meanwhile = lambda: rewrite(phone, lambda token: evolve(token, start_password=other))
    told = SetUpApp(evolve(phone.there.net.platform, vault=vault)).fetch(
        service_id=phone.ids.service_id,
        user_id=phone.ids.user_id,
        start_password=START_PASSWORD,
        device=DEVICE,
        version="4.1",
    )
    assert told == Refused()
    assert phone.token().seed is None
    assert len(contract_of(phone.there, phone.taro).start_password_tally.failed) == 1


@pytest.mark.requirement("OTP-05")
@pytest.mark.parametrize("approve_transfers", [False, True])
def test_whichever_method_is_chosen_the_use_begins(phone: Telephone, *, approve_transfers: bool) -> None:
    """Transaction authentication is recommended to whoever has not chosen it, and the method can be changed later."""
    use = phone.set_up().there.net.use_token
    told = use.start(phone.session, phone.code(), approve_transfers=approve_transfers)
    assert isinstance(told, UseStarted)
    assert told.hints == (() if approve_transfers else (ADVICE,))
    assert phone.token().state is TokenState.IN_USE
    assert "強くお勧めします" in phrase(ADVICE, "ja")
    assert "strongly recommend" in phrase(ADVICE, "en")
    phone.there.clock.advance(STEP)
    event = MethodEvent.CHOOSE_PASSCODE if approve_transfers else MethodEvent.CHOOSE_TXA
    assert isinstance(use.change_method(phone.session, phone.code(), event, ticked=True), MethodChanged)


@pytest.mark.requirement("OTP-05")
def test_what_is_not_offered_is_not_recommended() -> None:
    """Where a bank has plain codes alone it recommends nothing else."""
    ja = profiles.fast_for_tests(profiles.JA)
    there = bank(evolve(ja, token=evolve(ja.token, method=MethodRules(txa_from=None))))
    phone = Telephone.of(there, there.customer()).set_up()
    assert there.net.use_token.start(phone.session, phone.code()) == UseStarted(OtpMethod.PASSCODE)


@pytest.mark.requirement("TXA-01", "TXA-03")
def test_an_app_that_is_too_old_starts_no_transaction_authentication(phone: Telephone) -> None:
    """Versions are compared as numbers: 3.10 is refused and spends no code, 10.0 is taken; plain codes take any."""
    phone.set_up()
    use = phone.there.net.use_token
    for said in (None, AppVersion("3.10")):
        rewrite(phone, partial(evolve, app=said))
        told = use.start(phone.session, phone.code(), approve_transfers=True)
        assert isinstance(told, Rejected)
        assert [one.code for one in told.violations] == ["otp_method.app_too_old"]
    rewrite(phone, lambda token: evolve(token, app=AppVersion("10.0")))
    assert use.start(phone.session, phone.code(), approve_transfers=True) == UseStarted(OtpMethod.TXA_PENDING_APP)


@pytest.mark.requirement("LCK-12")
def test_ten_wrong_codes_at_the_start_of_use_lock_as_well(phone: Telephone) -> None:
    """Before its codes are in use a token can be locked, and then no use begins."""
    phone.set_up()
    use = phone.there.net.use_token
    told = [use.start(phone.session, WRONG_CODE) for _ in range(10)]
    assert told == [Refused()] * 9 + [Blocked()]
    assert phone.token().state is TokenState.LOCKED
    assert use.start(phone.session, phone.code()) == Blocked()


@pytest.mark.requirement("LCK-12", "TKN-01")
@pytest.mark.parametrize("guess", ["code", "start password"])
def test_a_new_token_has_new_counters(phone: Telephone, guess: str) -> None:
    """After the branch has stopped a locked token another one is applied for, and none of its guesses is used up."""
    there = phone.there
    if guess == "code":
        phone.start()
        for _ in range(10):
            there.net.use_token.cancel(phone.session, WRONG_CODE)
    else:
        phone.issue()
        for _ in range(5):
            phone.again(Secret("9999"))
    stopped(phone)
    phone.start()
    contract = contract_of(there, phone.taro)
    for tally in (contract.code_tally, contract.start_password_tally):
        assert (tally.failed, tally.blocked_since) == ((), None)
    assert (phone.token().number, phone.token().state) == (2, TokenState.IN_USE)


def test_the_app_of_a_former_token_is_nobodys(phone: Telephone) -> None:
    """Its key and its codes do nothing once there is another token."""
    phone.start()
    there, app, former = phone.there, phone.app, phone.seed
    stopped(phone)
    phone.start()
    assert there.net.use_token.confirm_method(app, version="4.1") == NoToken()
    assert there.net.approve.pending(app) == there.net.biometrics.begin_set_up(app) == NoToken()
    phone.seed = former
    assert there.net.use_token.cancel(phone.session, phone.code()) == Refused()


@pytest.mark.requirement("CRD-11")
@pytest.mark.parametrize("event", [TokenEvent.STOP, TokenEvent.REPLACE])
def test_every_end_of_a_token_destroys_its_secrets(phone: Telephone, event: TokenEvent) -> None:
    """Neither seed nor start password outlives it."""
    phone.fetch()
    ended = phone.token().on(event, phone.there.clock.now())
    assert (ended.seed, ended.start_password) == (None, None)


def test_the_key_of_the_answers_is_another_than_the_codes(phone: Telephone) -> None:
    """Derived from the seed, so that neither is learnt from the other; every app derives it so."""
    phone.set_up()
    assert phone.seed is not None
    seed = bytes.fromhex(phone.seed.seed.reveal())
    assert answer_key(seed) == hmac.digest(seed, b"janetbank: answers to approvals", "sha256")


@pytest.mark.requirement("LGN-06", "OTP-15")
def test_another_token_from_midnight_in_japan(phone: Telephone) -> None:
    """Given up shortly before midnight, it is applied for anew shortly after: not a day later, nor Greenwich's."""
    there = phone.start().there
    midnight = there.clock.now().replace(hour=15, minute=0, second=0, microsecond=0)
    there.clock.set(midnight - timedelta(minutes=3))
    phone.session = Telephone.of(there, phone.taro).session
    assert there.net.use_token.cancel(phone.session, phone.code()) == TokenCancelled()
    there.clock.set(midnight - TICK)
    assert applied(phone) == NotYet()
    there.clock.set(midnight)
    assert isinstance(applied(phone), Started)
    phone.start()
    assert phone.token().number == 2
