"""Aomori: from the first use to the token, and from a lost telephone to another one, as its guide has it."""

from datetime import timedelta

import pytest
from attrs import evolve

from janetbank.flows.entry import TokenWanted
from janetbank.flows.issue_token import NotYet, TokenIssued
from janetbank.flows.log_in import CodeAsked, LoggedIn
from janetbank.flows.phone_auth import PhoneAborted, PhoneChoices, Recognised, Started
from janetbank.flows.refusals import ConfirmationNeeded, Refused, Rejected
from janetbank.flows.reissue_token import ReissueBegun
from janetbank.flows.set_up_app import AppReady, SeedHandedOut
from janetbank.model.letter import LetterCode
from janetbank.policies.token import TokenState
from janetbank.testing.bank import HOME, INSTITUTION, Enrollee, TestBank, bank
from janetbank.values.environment import Channel
from janetbank.values.secret import Secret
from tests.flows.first_use_scene import AOMORI, CONFIRMATION, LOGIN_ID, PASSWORD, Newcomer
from tests.flows.reissue_scene import NEW_MAIL, Lost, begin, set_up_anew, token_with
from tests.flows.scene import confirmed, letters, with_password
from tests.flows.token_scene import MAIL, SMARTPHONE, START_PASSWORD, Telephone


@pytest.fixture
def there() -> TestBank:
    """Aomori, in memory."""
    return bank(AOMORI)


@pytest.fixture
def taro(there: TestBank) -> Enrollee:
    """Somebody who has used it for long."""
    return there.customer(password="soil7rain")


def apply(one: Telephone, **otherwise: object) -> object:
    """Apply for a token, rightly unless told otherwise."""
    form: dict[str, object] = {
        "mail": MAIL,
        "mail_again": MAIL,
        "start_password": START_PASSWORD,
        "again": START_PASSWORD,
        "phone": 0,
    }
    return one.there.net.issue_token.apply(one.session, **(form | otherwise))  # type: ignore[arg-type]  # a form


# --- The token --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-22", "TKN-13", "TKN-14", "TKN-15", "TKN-16", "TKN-17")
def test_from_the_first_session_to_the_token() -> None:
    """After his data he applies for it, sets the app up and logs in from it: that is the whole of the first use."""
    new = Newcomer.of()
    there, net = new.there, new.there.net
    session = new.to_the_end()
    jiro = Enrollee(
        person=new.person,
        institution=INSTITUTION.id,
        contract=new.contract.id,
        login_id=LOGIN_ID,
        password=PASSWORD,
        answers=(),
        confirmation=CONFIRMATION,
    )
    phone = Telephone(there, jiro, session)
    assert apply(phone) == ConfirmationNeeded()
    phone.session = confirmed(there, jiro, session)
    phone.issue()
    (letter,) = [one for one in letters(there) if one.code is LetterCode.TOKEN_ISSUED]
    assert str(letter.to) == MAIL
    assert phone.ids is not None
    assert letter.params == {
        "service_id": phone.ids.service_id,
        "user_id": phone.ids.user_id,
        "download": AOMORI.token.download,
    }
    assert phone.ids.mail == MAIL
    assert phone.ids.service_id == "10"
    assert len(phone.ids.user_id) == 7
    phone.seed = phone.again()  # type: ignore[assignment]  # asserted on the next line
    assert isinstance(phone.seed, SeedHandedOut)
    assert isinstance(phone.complete(), AppReady)
    there.clock.advance(timedelta(seconds=60))
    asked = net.log_in.with_login_id(INSTITUTION.id, LOGIN_ID, PASSWORD, seen_from=evolve(HOME, channel=Channel.PC))
    assert isinstance(asked, CodeAsked)
    assert isinstance(net.log_in.enter_code(asked.challenge, phone.code()), LoggedIn)
    assert phone.token().state is TokenState.IN_USE


@pytest.mark.requirement("TKN-13", "TKN-15")
@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"mail_again": "other@example.jp"}, "mail.not_same_twice"),
        ({"again": Secret("7352")}, "start_password.not_same_twice"),
        ({"start_password": Secret("735"), "again": Secret("735")}, "start_password.shape"),
        ({"start_password": Secret("735168520"), "again": Secret("735168520")}, "start_password.shape"),
    ],
)
def test_what_is_entered_for_a_token_is_entered_twice(
    there: TestBank, taro: Enrollee, form: dict[str, object], why: str
) -> None:
    """The address, and four to eight digits; what is refused does not use the confirmation up."""
    phone = Telephone.of(there, taro)
    told = apply(phone, **form)
    assert isinstance(told, Rejected)
    assert why.split(".", maxsplit=1)[0] in {violation.code.split(".")[0] for violation in told.violations}
    assert isinstance(apply(phone), Started)
    assert apply(phone) == ConfirmationNeeded()


@pytest.mark.requirement("TKN-13", "TKN-15", "TEL-20")
def test_the_call_comes_from_the_number_that_was_chosen(there: TestBank, taro: Enrollee) -> None:
    """Only the last four digits of each are shown; a call within 120 seconds, or none at all."""
    phone = Telephone.of(there, taro)
    choices = there.net.issue_token.phones(phone.session)
    assert isinstance(choices, PhoneChoices)
    assert [one.shown[-4:] for one in choices.choices] == ["5678", "5678"]
    assert all(set(one.shown[:-4]) == {"●"} for one in choices.choices)
    started = apply(phone, phone=1)
    assert isinstance(started, Started)
    assert started.until == there.clock.now() + timedelta(seconds=120)
    there.exchange.telephone(taro.person.phones[0]).dial(started.destination)
    assert not isinstance(there.net.issue_token.poll(phone.session, started.attempt), Recognised)
    there.exchange.telephone(taro.person.phones[1]).dial(started.destination)
    assert isinstance(there.net.issue_token.poll(phone.session, started.attempt), Recognised)
    assert isinstance(there.net.issue_token.confirm(phone.session, started.attempt), TokenIssued)


@pytest.mark.requirement("TKN-13")
def test_it_can_be_given_up_before_the_call(there: TestBank, taro: Enrollee) -> None:
    """中止する: a call that comes then is of no use, and it is applied for anew by another confirmation."""
    phone = Telephone.of(there, taro)
    started = phone.apply()
    assert isinstance(there.net.issue_token.abort(phone.session, started.attempt), PhoneAborted)
    assert apply(phone) == ConfirmationNeeded()
    phone.session = confirmed(there, taro, phone.session)
    assert isinstance(apply(phone), Started)


# --- More than one device ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-24", "ENR-26", "CRD-14")
def test_who_has_used_it_for_long_needs_nothing_new(there: TestBank, taro: Enrollee) -> None:
    """Login id and both passwords are the same on a computer and on a telephone; new is the start password alone."""
    for place, welcome in ((HOME, LoggedIn), (SMARTPHONE, TokenWanted)):
        told = with_password(there, taro, seen_from=place)
        assert isinstance(told, LoggedIn | TokenWanted)
        assert type(told) is welcome
        phone = Telephone(there, taro, confirmed(there, taro, told.session))
        started = apply(phone)
        assert isinstance(started, Started)
        there.net.issue_token.abort(phone.session, started.attempt)


@pytest.mark.requirement("ENR-25", "LGN-10")
def test_the_app_on_one_telephone_serves_every_device(there: TestBank, taro: Enrollee) -> None:
    """Its code lets in from another telephone and from a computer, without another app; without it nobody is in."""
    phone = Telephone.of(there, taro).start()
    for channel in Channel:
        asked = with_password(there, taro, seen_from=evolve(HOME, channel=channel))
        assert isinstance(asked, CodeAsked)
        assert there.net.log_in.enter_code(asked.challenge, Secret("no code")) == Refused()
        assert isinstance(there.net.log_in.enter_code(asked.challenge, phone.code()), LoggedIn)
        there.clock.advance(timedelta(seconds=60))


# --- Another telephone ------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TKR-11", "TKR-12", "TKR-13", "TKR-14", "TKR-15", "TKR-16")
def test_whoever_changes_his_telephone_has_the_token_reissued(there: TestBank, taro: Enrollee) -> None:
    """By id and login password and a call, without a confirmation password and without cancelling; then as at first."""
    old = Telephone.of(there, taro).start()
    old.session = confirmed(there, taro, old.session)
    assert apply(old) == NotYet()  # it is not applied for again: that is what the reissue is for
    lost = Lost.of(there, taro)
    phones = there.net.reissue_token.phones(lost.procedure)
    assert isinstance(phones, PhoneChoices)
    assert {one.shown[:-4].strip("●") for one in phones.choices} == {""}
    ids = lost.complete()
    assert str(token_with(there, ids).mail) == NEW_MAIL
    sent = [one for one in letters(there) if one.code is LetterCode.TOKEN_ISSUED and str(one.to) == NEW_MAIL]
    assert [one.params["user_id"] for one in sent] == [ids.user_id]
    phone = Telephone(
        there,
        taro,
        Secret(""),
        ids=TokenIssued(service_id=ids.service_id, user_id=ids.user_id, mail=ids.mail, until=ids.until),
    )
    set_up_anew(phone)
    asked = with_password(there, taro, seen_from=SMARTPHONE)
    assert isinstance(asked, CodeAsked)
    assert isinstance(there.net.log_in.enter_code(asked.challenge, phone.code()), LoggedIn)


@pytest.mark.requirement("TKR-12")
def test_the_reissue_takes_the_login_password(there: TestBank, taro: Enrollee) -> None:
    """The confirmation password is none, and counts as a wrong one."""
    Telephone.of(there, taro).start()
    assert begin(there, taro, taro.confirmation) == Refused()
    assert isinstance(begin(there, taro), ReissueBegun)
