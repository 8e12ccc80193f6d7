"""The flows over every profile: each does what its numbers say, and nothing that belongs to another one."""

from datetime import timedelta

import pytest

from janetbank import profiles
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.dispatch_mail import MailDispatcher
from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import CodeNeeded, TokenNeeded
from janetbank.flows.issue_token import NotEntitled, TokenIssued
from janetbank.flows.log_in import CallAsked, CodeAsked, LoggedIn, QuestionAsked
from janetbank.flows.mail_password import MailPasswordSent
from janetbank.flows.phone_auth import NoEligiblePhone, PhoneChoices, Recognised, Started
from janetbank.flows.prove import Authorised
from janetbank.flows.recover import Begun, NotOffered
from janetbank.flows.refusals import Blocked, LockedOut, OutsideServiceHours, Refused
from janetbank.flows.set_up_app import SeedHandedOut
from janetbank.flows.tokens import NoToken
from janetbank.flows.use_session import InSession
from janetbank.flows.use_token import TakesForm, TokenCancelled, TokenStanding
from janetbank.messages import LANGUAGES, text
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.phone_auth import Mode
from janetbank.policies.token import TokenChoice, TokenForm
from janetbank.profiles import Profile
from janetbank.testing.bank import CAFE, HOME, INSTITUTION, Enrollee, Person, TestBank
from janetbank.values.caller import Presentation
from janetbank.values.environment import Channel
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.mail.memory import MemoryMail
from janetbank_adapters.telephony.memory import press, repeat
from tests.flows.counter_scene import entitle
from tests.flows.first_use_scene import Newcomer
from tests.flows.scene import confirmed, letters, read, stepped_up, with_account
from tests.flows.token_scene import MAIL, SMARTPHONE, START_PASSWORD, WRONG_CODE, Telephone, order
from tests.profiles.test_banks import ALL

PASSWORDS = ("soil7rain", "soil7rain-and-window")
"""One for the banks that take twelve characters at most, one for those that want fifteen."""
LONG_START_PASSWORD = Secret("73516208")


@pytest.fixture(params=list(ALL.values()), ids=list(ALL))
def there(request: pytest.FixtureRequest) -> TestBank:
    """A bank in memory of each profile."""
    profile: Profile = request.param
    return TestBank(profiles.fast_for_tests(profile))


@pytest.fixture
def taro(there: TestBank) -> Enrollee:
    """A customer of it."""
    return somebody(there)


def somebody(there: TestBank, person: Person | None = None) -> Enrollee:
    """A customer of it, however one becomes one there."""
    password = next(one for one in PASSWORDS if not there.profile.password.check(Secret(one)))
    return there.customer(password=password, person=person)


def guess_until(there: TestBank, taro: Enrollee, end: type, wait: timedelta | None = None) -> int:
    """Guess Taro's password until *end*, waiting for each lock to pass; how many guesses were evaluated."""
    for tries in range(1, 1000):
        told = there.guess(taro.login_id, "wr0ngone")
        if isinstance(told, end):
            return tries
        if isinstance(told, LockedOut) and wait is not None:
            there.clock.advance(wait)
    pytest.fail("nothing ever stops a guesser")


# --- The way in -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-01", "LCK-03", "PRF-01")
def test_wrong_passwords_lock_and_block_at_the_profiles_numbers(there: TestBank, taro: Enrollee) -> None:
    """The lock comes with the entry that the profile says, and the block with the lock that it says."""
    rule = there.profile.lockout(Counter.PASSWORD)
    assert guess_until(there, taro, LockedOut) == rule.trips_at
    assert isinstance(there.guess(taro.login_id, taro.password.reveal()), LockedOut)
    assert rule.rest is not None
    there.clock.advance(rule.rest)
    assert guess_until(there, taro, Blocked, rule.rest) == rule.guesses_to_block - rule.trips_at
    assert isinstance(there.guess(taro.login_id, taro.password.reveal()), Blocked)


@pytest.mark.requirement("PRF-07", "CRD-02", "CRD-13")
def test_case_counts_where_the_profile_says_so(there: TestBank, taro: Enrollee) -> None:
    """A login id or a password in capitals lets in where case is not told apart, and there alone."""
    capital_id = there.net.log_in.with_login_id(taro.institution, taro.login_id.upper(), taro.password, seen_from=HOME)
    assert isinstance(capital_id, Refused) is there.profile.login_id.case_sensitive
    shouted = Secret(taro.password.reveal().upper())
    capital = there.net.log_in.with_login_id(taro.institution, taro.login_id, shouted, seen_from=HOME)
    assert isinstance(capital, Refused) is there.profile.password.case_sensitive


@pytest.mark.requirement("LGN-03", "LGN-13", "TKR-05", "TKR-12")
def test_the_account_is_a_name_where_the_profile_says_so(there: TestBank, taro: Enrollee) -> None:
    """Branch, type and number let in, and lead to a reissue, in the place of the login id; or there is no such way."""
    allowed = there.profile.login_by_account
    told = with_account(there, taro)
    assert isinstance(told, LoggedIn) if allowed else told == OutsideServiceHours(None)
    wrong = with_account(there, taro, Secret("wr0ngone"))
    assert wrong == (Refused() if allowed else OutsideServiceHours(None))
    parts = taro.person.account.branch.code, taro.person.account.type.value, taro.person.account.number.digits
    begun = there.net.reissue_token.with_account(taro.institution, *parts, taro.password)
    reissued = OnlineProcedure.TOKEN_REISSUE in there.profile.resets
    assert type(begun) is ((NoToken if reissued else NotOffered) if allowed else OutsideServiceHours)
    contract = read(there.storage, lambda tx: tx.contracts.by_id(taro.institution, taro.contract))
    assert contract is not None
    assert (contract.password_tally.issued > 0) is allowed  # where it is no name nothing is looked at, either


@pytest.mark.requirement("RBA-02", "RBA-07", "RBA-10")
def test_an_unusual_place_is_asked_more_than_the_password(there: TestBank, taro: Enrollee) -> None:
    """From a café one of the registered questions is asked, and answered exactly as registered; or else a call."""
    if not there.profile.asks_questions:
        told = there.net.log_in.with_login_id(taro.institution, taro.login_id, taro.password, seen_from=CAFE)
        assert isinstance(told, CallAsked)
        return
    asked = there.net.log_in.with_login_id(taro.institution, taro.login_id, taro.password, seen_from=CAFE)
    assert isinstance(asked, QuestionAsked)
    assert isinstance(there.net.log_in.answer(asked.challenge, Secret("ぽち")), Refused)
    again = there.net.log_in.with_login_id(taro.institution, taro.login_id, taro.password, seen_from=CAFE)
    assert isinstance(again, QuestionAsked)
    assert isinstance(there.net.log_in.answer(again.challenge, taro.answer_to(again.question)), LoggedIn)


ASKING = [one for one in ALL.values() if one.asks_questions]


@pytest.mark.requirement("LCK-10")
@pytest.mark.parametrize("there", ASKING, ids=[one.name for one in ASKING], indirect=True)
def test_wrong_answers_lock_at_the_profiles_number(there: TestBank, taro: Enrollee) -> None:
    """Answers have a count of their own, and trip where the profile says."""
    trips_at = there.profile.lockout(Counter.ANSWER).trips_at
    for tries in range(1, trips_at + 1):
        asked = there.net.log_in.with_login_id(taro.institution, taro.login_id, taro.password, seen_from=CAFE)
        assert isinstance(asked, QuestionAsked), tries
        told = there.net.log_in.answer(asked.challenge, Secret("ぽち"))
        assert type(told) is (LockedOut if tries == trips_at else Refused)


@pytest.mark.requirement("PRF-03", "ENR-39")
def test_who_cannot_apply_online_is_told_so(there: TestBank) -> None:
    """Where applying is not offered its door is never open; elsewhere it is now."""
    told = there.net.enrol.begin(seen_from=HOME)
    closed = OutsideServiceHours(None)
    assert (told == closed) is not there.profile.offers(Operation.ENROL)


AT_THE_COUNTER = [one for one in ALL.values() if not one.offers(Operation.ENROL)]


@pytest.mark.requirement("ENR-19", "ENR-22", "ENR-39")
@pytest.mark.parametrize("there", AT_THE_COUNTER, ids=[one.name for one in AT_THE_COUNTER], indirect=True)
def test_who_cannot_apply_online_is_admitted_at_the_counter(there: TestBank) -> None:
    """By a notice, and by its passwords to the first session; no bank is without any way in."""
    new = Newcomer.of(there)
    assert isinstance(there.net.use_session(new.to_the_end()), InSession)


@pytest.mark.requirement("RBA-09", "PRF-05")
@pytest.mark.parametrize("procedure", [OnlineProcedure.PASSWORD_RESET, OnlineProcedure.QUESTIONS_RESET])
def test_what_is_not_reset_online_is_not_begun(there: TestBank, procedure: OnlineProcedure) -> None:
    """A reset is begun where the profile has it online; elsewhere it takes a form."""
    password = procedure is OnlineProcedure.PASSWORD_RESET
    flow = there.net.reset_password if password else there.net.reset_questions
    assert type(flow.begin(INSTITUTION.id)) is (Begun if procedure in there.profile.resets else NotOffered)


# --- The token --------------------------------------------------------------------------------------------------------


def start_password(there: TestBank) -> Secret:
    """One that this bank takes."""
    return LONG_START_PASSWORD if there.profile.token.start_password.check(START_PASSWORD) else START_PASSWORD


def applied(there: TestBank, taro: Enrollee) -> tuple[Telephone, object]:
    """Taro's telephone, and what comes of applying for a token with it."""
    phone, secret = Telephone.of(there, taro), start_password(there)
    told = there.net.issue_token.apply(
        phone.session, mail=MAIL, mail_again=MAIL, start_password=secret, again=secret, phone=0
    )
    return phone, told


def issued(there: TestBank, taro: Enrollee) -> Telephone:
    """The token applied for, the call made as the profile has it, if it has one, and the ids given out."""
    entitle(there, taro)
    phone, started = applied(there, taro)
    if isinstance(started, TokenIssued):
        phone.ids = started
        return phone
    assert isinstance(started, Started)
    phone.attempt = started.attempt

    keying = repeat if started.screen_code is None else press(started.screen_code.reveal())
    heard = there.exchange.telephone(taro.person.phones[0]).dial(started.destination, keying)
    spoken = {Mode.VOICE: 1}.get(there.profile.token.calls[OnlineProcedure.TOKEN_ISSUE].mode, 0)
    assert len(heard.spoken) == spoken
    assert isinstance(there.net.issue_token.poll(phone.session, phone.attempt), Recognised)
    ids = there.net.issue_token.confirm(phone.session, phone.attempt)
    assert isinstance(ids, TokenIssued)
    phone.ids = ids
    return phone


def in_use(there: TestBank, taro: Enrollee) -> Telephone:
    """The app set up and its codes in use; the next one is of another period."""
    phone, period = issued(there, taro), there.profile.token.codes.period
    handed = phone.again(start_password(there))
    assert isinstance(handed, SeedHandedOut)
    phone.seed = handed
    phone.complete()
    there.clock.advance(period)
    there.net.use_token.start(phone.session, phone.code())
    there.clock.advance(period)
    return phone


CALLING = [one for one in ALL.values() if one.token.issued_by_call]
over_calls = pytest.mark.parametrize("there", CALLING, ids=[one.name for one in CALLING], indirect=True)


@pytest.mark.requirement("TEL-19", "TEL-20", "TKN-16", "PRF-10")
def test_a_token_is_issued_by_the_profiles_call(there: TestBank, taro: Enrollee) -> None:
    """Rung in silence, keyed as heard, keyed as shown or not called at all; the ids bear the profile's service id."""
    phone = issued(there, taro)
    assert phone.ids is not None
    assert phone.ids.service_id == there.profile.token.service_id
    assert phone.ids.until == there.clock.now() + there.profile.token.set_up.window
    assert phone.ids.mail == MAIL
    assert all(MAIL in text(phone.ids, lang) for lang in LANGUAGES)


@pytest.mark.requirement("TEL-20", "PRF-10")
@over_calls
def test_a_call_after_the_profiles_window_is_of_no_use(there: TestBank, taro: Enrollee) -> None:
    """The window is the profile's to the second."""
    phone, started = applied(there, taro)
    assert isinstance(started, Started)
    window = there.profile.token.calls[OnlineProcedure.TOKEN_ISSUE].window
    assert started.until == there.clock.now() + window
    there.clock.advance(window + timedelta(seconds=1))
    there.exchange.telephone(taro.person.phones[0]).dial(started.destination)
    assert not isinstance(there.net.issue_token.poll(phone.session, started.attempt), Recognised)


@pytest.mark.requirement("TEL-21", "TEL-03")
@pytest.mark.parametrize(
    "presentation", [Presentation.WITHHELD, Presentation.PAYPHONE, Presentation.OUT_OF_AREA], ids=lambda one: one.value
)
@over_calls
def test_who_does_not_show_his_number_is_nobody(there: TestBank, taro: Enrollee, presentation: Presentation) -> None:
    """Withheld, from a payphone or from out of area: wherever calls are made, such a one is not the customer's."""
    phone, started = applied(there, taro)
    assert isinstance(started, Started)
    line = there.exchange.telephone(taro.person.phones[0], presentation=presentation)
    assert not line.dial(started.destination).rings
    assert not isinstance(there.net.issue_token.poll(phone.session, started.attempt), Recognised)


@pytest.mark.requirement("PRF-09", "TEL-22")
@over_calls
def test_numbers_are_masked_as_the_profile_has_it(there: TestBank, taro: Enrollee) -> None:
    """Every number to choose from is shown by the one half that the profile shows."""
    choices = there.net.issue_token.phones(Telephone.of(there, taro).session)
    assert isinstance(choices, PhoneChoices)
    masks = [PhoneNumber.parse(one).masked(there.profile.phone_mask) for one in taro.person.phones]
    assert [one.shown for one in choices.choices] == masks


@pytest.mark.requirement("PRF-03", "TEL-23")
def test_a_token_takes_the_form_and_the_call_of_its_profile(there: TestBank, taro: Enrollee) -> None:
    """Without the form nobody applies where one is needed; with it he calls, or is given the ids at once."""
    _, told = applied(there, taro)
    by_form = TokenForm.ENTITLE in there.profile.token.by_form
    assert (type(told) is NotEntitled) is by_form
    if by_form:
        entitle(there, taro)
        _, told = applied(there, taro)
    assert type(told) is (Started if there.profile.token.issued_by_call else TokenIssued)


@pytest.mark.requirement("LGN-10", "LGN-11", "LGN-13")
def test_logging_in_takes_a_code_on_the_profiles_channels(there: TestBank, taro: Enrollee) -> None:
    """With the codes in use, a code is asked for on each channel that the profile names, and on no other."""
    in_use(there, taro)
    for channel, place in {Channel.PC: HOME, Channel.SMARTPHONE: SMARTPHONE}.items():
        told = there.net.log_in.with_login_id(taro.institution, taro.login_id, taro.password, seen_from=place)
        assert type(told) is (CodeAsked if channel in there.profile.token.login_channels else LoggedIn), channel


@pytest.mark.requirement("OTP-13", "LCK-12", "PRF-12")
def test_wrong_codes_stop_at_the_profiles_number(there: TestBank, taro: Enrollee) -> None:
    """So many wrong codes in a row lock or block, and one fewer do not."""
    rule = there.profile.lockout(Counter.CODE)
    in_use(there, taro)
    for tries in range(1, rule.trips_at + 1):
        asked = there.net.log_in.with_login_id(taro.institution, taro.login_id, taro.password, seen_from=SMARTPHONE)
        assert isinstance(asked, CodeAsked), tries
        told = there.net.log_in.enter_code(asked.challenge, WRONG_CODE)
        end = Blocked if rule.rest is None else LockedOut
        assert type(told) is (end if tries == rule.trips_at else Refused), tries


# --- With and without a token -----------------------------------------------------------------------------------------


@pytest.mark.requirement("PRF-17", "MAL-10", "ENR-11", "OTP-06", "OTP-21", "PRF-16")
def test_a_transfer_takes_what_the_profile_has(there: TestBank, taro: Enrollee) -> None:
    """Without a token a mailed password or nothing, with one its code; the second password where there is one."""
    mails = there.profile.mail_password is not None
    before = there.net.instruct.request(confirmed(there, taro, there.log_in(taro)), order())
    assert type(before) is (MailPasswordSent if mails else TokenNeeded)
    phone = in_use(there, taro)
    session = confirmed(there, taro, phone.session)
    asked = there.net.instruct.request(session, order())
    assert isinstance(asked, CodeNeeded)
    assert there.net.instruct.enter_code(session, asked.reference, phone.code()) == Authorised(asked.reference)
    assert isinstance(there.net.instruct.execute(session, asked.reference), Executed)
    written = [one.code for one in letters(there)].count(LetterCode.MAIL_PASSWORD)
    assert written == mails


@pytest.mark.requirement("OTP-14", "OTP-16", "TKN-04")
def test_the_menu_offers_what_the_profile_has(there: TestBank, taro: Enrollee) -> None:
    """What takes a form is not on the menu, and what is on it is done."""
    rules = there.profile.token
    phone = in_use(there, taro)
    standing = there.net.use_token.standing(phone.session)
    assert isinstance(standing, TokenStanding)
    assert (TokenChoice.CANCEL in standing.choices) is (TokenForm.CANCEL not in rules.by_form)
    assert (TokenChoice.CHANGE_METHOD in standing.choices) is (rules.method.txa_from is not None)
    told = there.net.use_token.cancel(phone.session, phone.code())
    assert type(told) is (TokenCancelled if TokenChoice.CANCEL in standing.choices else TakesForm)


@pytest.mark.requirement("CRD-09", "PRF-16")
def test_password_and_login_id_are_changed(there: TestBank, taro: Enrollee) -> None:
    """With whatever the profile asks for besides the session; then the new ones let in, and the old ones do not."""
    new = Secret(f"{taro.password.reveal()[::-1]}"[: there.profile.password.length.max])
    session = confirmed(there, taro, there.log_in(taro))
    changed = there.net.change_password(session, current=taro.password, new=new, again=new)
    assert isinstance(changed, PasswordChanged), changed
    session = confirmed(there, taro, stepped_up(there, taro, changed.session))
    assert isinstance(there.net.change_login_id(session, password=new, new="hoshi9kwx"), LoginIdChanged)
    assert isinstance(there.guess(taro.login_id, new.reveal(), seen_from=HOME), Refused)
    assert isinstance(there.guess("hoshi9kwx", taro.password.reveal(), seen_from=HOME), Refused)
    assert isinstance(there.guess("hoshi9kwx", new.reveal(), seen_from=HOME), LoggedIn)


@pytest.mark.requirement("MAL-08", "MAL-09", "PRF-02", "PRF-14", "TKN-14")
def test_letters_are_of_this_bank(there: TestBank, taro: Enrollee) -> None:
    """What is mailed comes from the bank's own senders, and says in both languages whom to ask."""
    issued(there, taro)
    guess_until(there, taro, LockedOut)
    mail = MemoryMail()
    MailDispatcher(there.net.platform, mail)()
    settings, ids = there.profile.mail, LetterCode.TOKEN_ISSUED
    senders = {str(one.to): str(one.sender) for one in mail.sent}
    assert senders == {MAIL: settings.sender_of(ids), taro.person.mail: settings.sender}
    assert {sender.rpartition("@")[2] for sender in senders.values()} <= set(settings.domains)
    contacts = [there.profile.contact.said(lang).format(institution=INSTITUTION.name) for lang in ("ja", "en")]
    assert all(contact in one.body for one in mail.sent for contact in contacts)


@pytest.mark.requirement("TEL-21")
@over_calls
def test_050_is_nobodys_telephone(there: TestBank) -> None:
    """Wherever calls are made, who has no other number is sent to the counter, and is told why."""
    taro = somebody(there, Person(phones=("050-1234-5678",)))
    told = there.net.issue_token.phones(there.log_in(taro))
    assert isinstance(told, NoEligiblePhone)
