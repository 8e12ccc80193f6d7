"""Reissuing a token: who may, by what, and what has become of everything when it is done."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.flows.biometrics import BiometricsNotSetUp
from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import ApprovalAwaited, CodeNeeded, InstructionStanding
from janetbank.flows.log_in import CodeAsked, LoggedIn
from janetbank.flows.phone_auth import (
    NoEligiblePhone,
    NoSuchAttempt,
    PhoneChoices,
    Recognised,
    Started,
    TimedOut,
    Waiting,
    WrongTooOften,
)
from janetbank.flows.prove import Authorised
from janetbank.flows.recover import NotOffered, OnlyAtTheCounter
from janetbank.flows.refusals import (
    Blocked,
    ProcedureEnded,
    Refused,
    Rejected,
    SessionEnded,
    WrongStep,
)
from janetbank.flows.reissue_token import (
    ReissueAbandoned,
    ReissueBegun,
    ReissueStep,
    TokenReissued,
)
from janetbank.flows.set_up_app import SeedHandedOut
from janetbank.flows.tokens import NoToken
from janetbank.flows.use_token import MethodChanged, TokenCancelled, TokenStanding
from janetbank.messages import LANGUAGES, phrase, text
from janetbank.model.customer import Customer
from janetbank.model.letter import LetterCode
from janetbank.model.token import Token
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.instruction import InstructionState
from janetbank.policies.phone_auth import LONGEST, Mode
from janetbank.policies.reissue import Step
from janetbank.policies.releases import Release
from janetbank.policies.token import MethodEvent, TokenState
from janetbank.ports.core_banking import AccountReport
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import START, Enrollee, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.email import MailAddress
from janetbank.values.identifiers import InstitutionId
from janetbank.values.otp_method import OtpMethod
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.telephony.memory import repeat, wrong
from tests.flows.application import node
from tests.flows.reissue_scene import (
    DAY,
    NEW_MAIL,
    NEW_START_PASSWORD,
    Lost,
    begin,
    begin_by_account,
    cooling,
    new_telephone,
    start_anew,
    token_with,
)
from tests.flows.scene import (
    REST,
    TICK,
    WRONG,
    SlowVault,
    contract_of,
    entries_of,
    kinds,
    letters,
    read,
    rewrite,
    with_password,
)
from tests.flows.test_recover import at_the_host
from tests.flows.token_scene import MAIL, SMARTPHONE, START_PASSWORD, STEP, WRONG_CODE, Telephone, order

SECOND = timedelta(seconds=1)


@pytest.fixture
def there() -> TestBank:
    """A bank."""
    return bank()


@pytest.fixture
def taro(there: TestBank) -> Enrollee:
    """Its customer."""
    return there.customer()


@pytest.fixture
def old(there: TestBank, taro: Enrollee) -> Telephone:
    """The telephone that he will lose, with codes in use."""
    return Telephone.of(there, taro).start()


@pytest.fixture
def lost(old: Telephone) -> Lost:
    """He has lost it, and his password was right."""
    return Lost.of(old.there, old.taro)


def put_token(phone: Telephone, change: Callable[[Token], Token]) -> None:
    """Write what *change* makes of his token."""
    token = phone.token()
    with phone.there.storage.transaction() as tx:
        tx.tokens.put(change(token))


def put_customer(there: TestBank, taro: Enrollee, change: Callable[[Customer], Customer]) -> None:
    """Write what *change* makes of the customer."""
    with there.storage.transaction() as tx:
        customer = tx.customers.of(taro.institution, taro.contract)
        assert customer is not None
        tx.customers.put(change(customer))


# --- The way through --------------------------------------------------------------------------------------------------


@pytest.mark.requirement(
    "TKR-03", "TKR-04", "TKR-05", "TKR-06", "TKR-07", "TKR-08", "TKR-09", "APP-23", "LGN-05", "LGN-08", "TEL-04"
)
@pytest.mark.parametrize("ask", [begin, begin_by_account])
def test_the_way_through(old: Telephone, ask: Callable[[TestBank, Enrollee], object]) -> None:
    """Login id or account and password, details, the voice call, and the new ids; the new telephone is in use then."""
    there, taro = old.there, old.taro
    begun = ask(there, taro)
    assert isinstance(begun, ReissueBegun)
    assert begun.until == there.clock.now() + there.profile.procedure_lifetime
    lost = Lost(there, taro, begun.procedure)
    net = there.net.reissue_token
    assert net.where_am_i(lost.procedure) == ReissueStep(Step.DETAILS)
    choices = net.phones(lost.procedure)
    assert isinstance(choices, PhoneChoices)
    assert [one.shown for one in choices.choices] == ["090-1234-****", "026-234-****"]
    assert "have another one registered at your branch first" in text(choices, "en")
    started = lost.apply().started
    assert started is not None
    assert started.until == there.clock.now() + 300 * SECOND
    assert net.where_am_i(lost.procedure) == ReissueStep(Step.CALL)
    assert net.poll(lost.procedure) == Waiting(started.until)
    heard = lost.dial()
    assert heard.said == ("voice.greeting", "voice.push_tones", "voice.key_spoken", "voice.recognised")
    assert net.poll(lost.procedure) == Recognised(there.clock.now() + LONGEST)
    told = lost.try_complete()
    assert isinstance(told, TokenReissued)
    assert told.service_id == "000"
    assert len(told.user_id) == 7
    assert told.mail == NEW_MAIL
    assert told.until == there.clock.now() + there.profile.token.set_up.window
    assert told.transfers_from is None
    latest, failed = (phrase(hint, "en") for hint in told.hints)
    assert "latest version" in latest
    assert "have the token reissued once more" in failed
    start_anew(new_telephone(there, taro, told))
    assert read(there.storage, lambda tx: tx.tokens.latest_of(taro.institution, taro.contract)) == token_with(
        there, told
    )
    assert token_with(there, told).state is TokenState.IN_USE


@pytest.mark.requirement("TEL-09", "TEL-16", "TKR-08")
def test_the_call_is_a_voice_call_of_three_hundred_seconds(lost: Lost) -> None:
    """At the last of the 300 seconds the call may be completed, an instant later it is none of the attempt's."""
    rules = lost.there.profile.token.calls[OnlineProcedure.TOKEN_REISSUE]
    assert (rules.mode, rules.window) == (Mode.VOICE, 300 * SECOND)
    lost.apply()
    lost.there.clock.advance(300 * SECOND)
    assert lost.dial().said[-1] == "voice.recognised"
    assert isinstance(lost.try_complete(), TokenReissued)


@pytest.mark.requirement("TEL-09")
def test_a_call_that_comes_too_late_is_no_use(lost: Lost) -> None:
    """After the window one goes back and starts another call; the procedure goes on."""
    lost.apply()
    lost.there.clock.advance(300 * SECOND + TICK)
    assert not lost.dial().said
    assert lost.there.net.reissue_token.poll(lost.procedure) == TimedOut()
    assert lost.try_complete() == TimedOut()
    assert lost.there.net.reissue_token.go_back(lost.procedure) == ReissueStep(Step.DETAILS)
    assert isinstance(lost.complete(), TokenReissued)


@pytest.mark.requirement("TKR-04", "LCK-02")
def test_without_the_app_no_code_is_asked_and_the_password_is_cleared(old: Telephone) -> None:
    """On a smartphone logging in takes a code, and a reissue none; the right password clears its counter."""
    there, taro = old.there, old.taro
    assert isinstance(with_password(there, taro, seen_from=SMARTPHONE), CodeAsked)
    for _ in range(6):
        assert begin(there, taro, WRONG) == Refused()
    assert isinstance(begin(there, taro), ReissueBegun)
    assert contract_of(there, taro).password_tally.failed == ()


def test_the_password_is_compared_as_at_the_login(old: Telephone) -> None:
    """Case is not told apart, neither in the login id nor in the password, and a hash that is old is renewed."""
    there, taro = old.there, old.taro
    shouted = evolve(taro, login_id=taro.login_id.upper())
    assert isinstance(begin(there, shouted, Secret(taro.password.reveal().upper())), ReissueBegun)


def test_it_goes_on_in_another_process_after_a_restart(lost: Lost) -> None:
    """The procedure is the store's: any process over it goes on where another stopped."""
    other = node(lost.there).reissue_token
    assert other.where_am_i(lost.procedure) == ReissueStep(Step.DETAILS)
    lost.call()
    assert isinstance(other.complete(lost.procedure), TokenReissued)


# --- Who may ----------------------------------------------------------------------------------------------------------

MAY = {TokenState.ISSUED, TokenState.PROVISIONED, TokenState.IN_USE, TokenState.LOCKED, TokenState.VOID}


@pytest.mark.requirement("TKR-10", "APP-23", "LGN-06", "SUS-33")
@pytest.mark.parametrize("state", TokenState)
def test_what_can_be_reissued(old: Telephone, state: TokenState) -> None:
    """A token that was issued and not ended by the customer or the branch; where there is none, one applies for one."""
    put_token(old, lambda token: evolve(token, state=state))
    told = begin(old.there, old.taro)
    assert isinstance(told, ReissueBegun) if state in MAY else told == NoToken()


def test_without_any_token_there_is_nothing_to_reissue(there: TestBank, taro: Enrollee) -> None:
    """Who never had one applies for the first."""
    assert begin(there, taro) == NoToken()


@pytest.mark.requirement("TKR-01")
def test_only_an_individuals_token_is_reissued_online(old: Telephone) -> None:
    """A company is told to apply in writing, after its right password, which stays right."""
    at_the_host(old.there, old.taro, individual=False)
    assert begin(old.there, old.taro, WRONG) == Refused()
    assert begin(old.there, old.taro) == OnlyAtTheCounter((Violation("lack.individual"),), Release.TOKEN_AT_BRANCH)
    assert contract_of(old.there, old.taro).password_tally.failed == ()
    assert entries_of(old.there, old.taro)[-1].data["why"] == "recovery.only_at_the_counter"
    assert isinstance(with_password(old.there, old.taro), LoggedIn)


@pytest.mark.requirement("TEL-04")
def test_who_has_no_telephone_that_can_call_goes_to_the_counter(old: Telephone) -> None:
    """With 050 alone no reissue begins, and each number says why."""
    at_the_host(old.there, old.taro, phones=(PhoneNumber.parse("050-1234-5678"),))
    assert begin(old.there, old.taro) == OnlyAtTheCounter((Violation("lack.usable_phone"),), Release.TOKEN_AT_BRANCH)
    at_the_host(old.there, old.taro, individual=False, phones=())
    both = OnlyAtTheCounter((Violation("lack.individual"), Violation("lack.usable_phone")), Release.TOKEN_AT_BRANCH)
    assert begin(old.there, old.taro) == both


@pytest.mark.requirement("TKR-01", "PRF-05")
def test_a_bank_may_do_it_in_writing_alone() -> None:
    """Where the profile offers no reissue online nobody's password is looked at for it."""
    fast = profiles.fast_for_tests(profiles.JA)
    there = bank(evolve(fast, resets=frozenset()))
    taro = there.customer()
    Telephone.of(there, taro).start()
    before = contract_of(there, taro)
    for ask in (begin, begin_by_account):
        assert [ask(there, taro), ask(there, taro, WRONG)] == [NotOffered()] * 2
    assert contract_of(there, taro) == before


def test_a_telephone_taken_off_the_record_meanwhile_is_not_called_from(lost: Lost) -> None:
    """The numbers are looked at when they are offered, when one is chosen, and never from memory."""
    at_the_host(lost.there, lost.taro, phones=(PhoneNumber.parse("050-1-2345678"),))
    net = lost.there.net.reissue_token
    assert isinstance(net.phones(lost.procedure), NoEligiblePhone)
    assert isinstance(lost.try_apply(), NoEligiblePhone)


@pytest.mark.requirement("TEL-01", "TEL-04", "TEL-05", "TKR-06")
def test_who_has_registered_another_number_calls_from_that_one(lost: Lost) -> None:
    """Changed at the branch, it counts at once; whoever has the former number now is nobody."""
    there, taro = lost.there, lost.taro
    at_the_host(there, taro, phones=(PhoneNumber.parse("070-1111-2222"),))
    choices = there.net.reissue_token.phones(lost.procedure)
    assert isinstance(choices, PhoneChoices)
    assert [one.shown for one in choices.choices] == ["070-1111-****"]
    lost.apply()
    assert lost.started is not None
    assert not there.exchange.telephone(taro.person.phones[0]).dial(lost.started.destination, repeat).said
    assert isinstance(lost.try_complete(), Waiting)
    there.exchange.telephone("070-1111-2222").dial(lost.started.destination, repeat)
    assert isinstance(lost.try_complete(), TokenReissued)


def test_a_host_that_does_not_answer_begins_nothing_and_counts_nothing(old: Telephone) -> None:
    """The password was right, and is not held against the customer when the time for its guess has run out."""
    there, taro = old.there, old.taro
    net = evolve(there.net.reissue_token, platform=evolve(there.net.platform, core=Silent()))
    with pytest.raises(Unavailable):
        net.with_login_id(taro.institution, taro.login_id, taro.password)
    there.clock.advance(REST)
    tally = contract_of(there, taro).password_tally
    assert (tally.failed, tally.open) == ((), ())
    assert isinstance(begin(there, taro), ReissueBegun)


class Silent(MemoryCoreBanking):
    """A host that does not answer."""

    def __init__(self) -> None:
        """Nobody is there."""
        super().__init__(HandClock(START))

    def account(self, institution: InstitutionId, account: Account) -> AccountReport | None:
        """Nothing is said."""
        _ = institution, account
        raise Unavailable


# --- Details ----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TKR-06", "TKR-07", "CRD-10")
@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ({"mail": "no address"}, ["mail.syntax@mail"]),
        ({"mail": "", "mail_again": NEW_MAIL}, ["mail.syntax@mail"]),
        ({"mail_again": "other@keitai.example.jp"}, ["mail.not_same_twice@mail_again"]),
        ({"mail_again": ""}, ["mail.not_same_twice@mail_again"]),
        ({"mail_again": "TARO-NEW@keitai.example.jp"}, ["mail.not_same_twice@mail_again"]),
        ({"start_password": Secret("123")}, ["start_password.shape@"]),
        ({"start_password": Secret("123456789")}, ["start_password.shape@"]),
        ({"start_password": Secret("840a")}, ["start_password.shape@"]),
        ({"start_password": Secret("5555")}, ["start_password.guessable.run@"]),
        ({"again": Secret("84063")}, ["start_password.not_same_twice@again"]),
        (
            {"mail_again": "x@example.jp", "again": Secret("1")},
            ["start_password.not_same_twice@again", "mail.not_same_twice@mail_again"],
        ),
        ({"phone": 2}, ["phone_auth.no_such_choice@phone"]),
        ({"phone": -1}, ["phone_auth.no_such_choice@phone"]),
    ],
)
def test_what_is_wrong_is_named_and_nothing_happens(lost: Lost, typed: dict[str, object], codes: list[str]) -> None:
    """All that is wrong with the details is told at once, where it stands; the step stays."""
    before = lost.stored()
    told = lost.try_apply(**typed)  # type: ignore[arg-type]  # the columns of the table
    assert isinstance(told, Rejected)
    assert [f"{one.code}@{one.field}" for one in told.violations] == codes
    assert lost.stored() == before
    assert lost.there.net.reissue_token.poll(lost.procedure) == NoSuchAttempt()


@pytest.mark.requirement("TKR-06", "TKR-07")
@pytest.mark.parametrize(
    ("mail", "mail_again", "start_password", "again"),
    [
        (NEW_MAIL, "taro-new@KEITAI.example.jp", "84062", "84062"),
        ("a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp", "84062", "８４０６２"),
        (NEW_MAIL, NEW_MAIL, "8406", "8406"),
        (NEW_MAIL, NEW_MAIL, "84062957", "84062957"),
    ],
)
def test_what_is_the_same_twice(lost: Lost, mail: str, mail_again: str, start_password: str, again: str) -> None:
    """Two entries are the same where they mean the same address and the same four to eight digits."""
    told = lost.try_apply(mail, mail_again, Secret(start_password), Secret(again))
    assert isinstance(told, Started)


@pytest.mark.requirement("TKR-07", "MAL-05")
def test_of_the_start_password_only_a_hash_is_kept_and_that_not_for_long(lost: Lost) -> None:
    """It stands in no letter, and the procedure forgets its hash with the details when it is done or gone back from."""
    lost.call()
    kept = lost.stored()
    assert kept.start_password is not None
    assert NEW_START_PASSWORD.reveal() not in kept.start_password + repr(kept)
    assert kept.start_password not in repr(kept)
    lost.there.net.reissue_token.go_back(lost.procedure)
    gone = lost.stored()
    assert (gone.mail, gone.start_password, gone.attempt) == (None, None, None)
    told = lost.complete()
    done = lost.stored()
    assert (done.step, done.mail, done.start_password, done.attempt) == (Step.DONE, None, None, None)
    for letter in letters(lost.there):
        assert NEW_START_PASSWORD.reveal() not in "".join(str(value) for value in letter.params.values())
    phone = new_telephone(lost.there, lost.taro, told)
    assert phone.again(START_PASSWORD) == Refused()
    assert isinstance(phone.again(NEW_START_PASSWORD), SeedHandedOut)


# --- Going back, giving up --------------------------------------------------------------------------------------------


@pytest.mark.requirement("TEL-18", "TEL-25")
def test_who_goes_back_is_not_waited_for(lost: Lost) -> None:
    """A call that comes after going back, or giving up, is none of it, even where it was recognised before."""
    net = lost.there.net.reissue_token
    lost.call()
    assert net.go_back(lost.procedure) == ReissueStep(Step.DETAILS)
    assert net.poll(lost.procedure) == NoSuchAttempt()
    assert not lost.dial().said
    lost.apply()
    assert lost.try_complete() == Waiting(lost.there.clock.now() + 300 * SECOND)
    assert net.abandon(lost.procedure) == ReissueAbandoned()
    assert not lost.dial().said
    assert net.where_am_i(lost.procedure) == ProcedureEnded()
    assert lost.try_complete() == ProcedureEnded()


@pytest.mark.requirement("TKR-10")
@pytest.mark.parametrize("how_far", [Lost.stay, Lost.apply, Lost.call], ids=["details", "waiting", "called"])
def test_who_gives_up_keeps_what_he_had(old: Telephone, how_far: Callable[[Lost], object]) -> None:
    """Before completion nothing happens to the old token: its codes are taken all along, and afterwards."""
    lost = Lost.of(old.there, old.taro)
    how_far(lost)
    use = old.there.net.use_token
    changed = use.change_method(old.session, old.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    assert isinstance(changed, MethodChanged)
    assert lost.there.net.reissue_token.abandon(lost.procedure) == ReissueAbandoned()
    old.there.clock.advance(STEP)
    assert use.cancel(old.session, old.code()) == TokenCancelled()
    assert LetterCode.TOKEN_REISSUED not in [letter.code for letter in letters(old.there)]


def test_who_gives_up_before_the_details_troubles_nobody(lost: Lost) -> None:
    """Where no call was waited for the contract is not written."""
    before = contract_of(lost.there, lost.taro)
    assert lost.there.net.reissue_token.abandon(lost.procedure) == ReissueAbandoned()
    assert contract_of(lost.there, lost.taro) == before


def test_wrong_digits_end_the_call_and_one_rests(lost: Lost) -> None:
    """Nine wrong entries fail the attempt; nothing is reissued, and the old token goes on."""
    lost.apply()
    for _ in range(3):
        lost.dial(keying=wrong)
    assert lost.try_complete() == WrongTooOften()
    assert lost.there.net.reissue_token.poll(lost.procedure) == WrongTooOften()


# --- What has become of everything ------------------------------------------------------------------------------------


@pytest.mark.requirement("TKR-10")
def test_at_completion_the_old_token_is_replaced(old: Telephone) -> None:
    """Not before: then it has no secret any more, and the new one, by plain codes, waits for its app."""
    assert old.ids is not None
    old.there.net.use_token.change_method(old.session, old.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    lost = Lost.of(old.there, old.taro).call()
    assert token_with(old.there, old.ids).seed is not None
    told = lost.try_complete()
    assert isinstance(told, TokenReissued)
    gone, new = token_with(old.there, old.ids), token_with(old.there, told)
    assert gone.state is TokenState.REPLACED
    assert (gone.seed, gone.start_password, gone.app_key, gone.credential) == (None, None, None, None)
    assert (new.number, new.state, new.method) == (gone.number + 1, TokenState.ISSUED, OtpMethod.PASSCODE)
    assert (str(new.mail), new.seed, new.credential) == (NEW_MAIL, None, None)
    assert old.there.net.approve.pending(old.app) == NoToken()
    assert old.there.net.use_token.confirm_method(old.app, version="4.1") == NoToken()
    assert old.again() == Refused()


@pytest.mark.requirement("TKR-10", "LCK-15")
def test_ten_wrong_codes_are_repaired_by_a_reissue(old: Telephone) -> None:
    """The code counter, and the start password's, are the token's: the new one has them open."""
    there, taro = old.there, old.taro
    for _ in range(10):
        there.net.use_token.cancel(old.session, WRONG_CODE)
    assert there.net.use_token.cancel(old.session, old.code()) == Blocked()
    told = Lost.of(there, taro).complete()
    contract = contract_of(there, taro)
    assert (contract.code_tally.blocked_since, contract.start_password_tally.blocked_since) == (None, None)
    assert isinstance(start_anew(new_telephone(there, taro, told)).token(), Token)


@pytest.mark.requirement("APP-23", "TKR-09")
def test_a_set_up_that_failed_is_repaired_by_another_reissue(lost: Lost) -> None:
    """Five wrong start passwords void the new token; the next reissue gives a third one, which is set up."""
    told = lost.complete()
    phone = new_telephone(lost.there, lost.taro, told)
    assert [phone.again(Secret("00000")) for _ in range(5)] == [Refused()] * 4 + [Blocked()]
    assert phone.again(NEW_START_PASSWORD) == Blocked()
    assert token_with(lost.there, told).state is TokenState.VOID
    third = Lost.of(lost.there, lost.taro).complete()
    assert token_with(lost.there, told).state is TokenState.REPLACED
    start_anew(new_telephone(lost.there, lost.taro, third))
    assert token_with(lost.there, third).number == 3


def test_a_token_that_waits_for_its_app_can_be_reissued_too(lost: Lost) -> None:
    """Whoever lost the mail with the ids has another token at once; nobody can even guess by the former ids."""
    first = lost.complete()
    second = Lost.of(lost.there, lost.taro).complete("taro@example.jp")
    former = new_telephone(lost.there, lost.taro, first)
    assert [former.again(NEW_START_PASSWORD) for _ in range(5)] == [Refused()] * 4 + [Blocked()]
    assert contract_of(lost.there, lost.taro).start_password_tally.failed == ()
    assert isinstance(new_telephone(lost.there, lost.taro, second).again(NEW_START_PASSWORD), SeedHandedOut)


@pytest.mark.requirement("BIO-12", "TKR-10")
def test_biometric_login_ends_with_the_telephone(there: TestBank, taro: Enrollee) -> None:
    """The finger lets in until completion; afterwards nobody comes in by it, nor on the new telephone before set-up."""
    old = Telephone.of(there, taro).set_up_finger()
    lost = Lost.of(there, taro).call()
    assert isinstance(old.log_in(old.finger()), LoggedIn)
    there.clock.advance(STEP)
    response = old.finger()
    told = lost.try_complete()
    assert isinstance(told, TokenReissued)
    assert old.log_in(response) == NoToken()
    assert there.net.biometrics.begin_log_in(old.app) == NoToken()
    assert "biometrics revoked" in [entry.data.get("state") for entry in entries_of(there, taro)]
    phone = start_anew(new_telephone(there, taro, told))
    assert there.net.biometrics.begin_log_in(phone.app) == BiometricsNotSetUp()


@pytest.mark.requirement("TKR-10", "TXA-04")
def test_what_waits_for_an_approval_is_void(there: TestBank, taro: Enrollee) -> None:
    """Neither the old app nor, once it is set up, the new one can approve it; what was approved before is executed."""
    old = Telephone.of(there, taro).confirm_method()
    waits = there.net.instruct.request(old.session, order())
    assert isinstance(waits, ApprovalAwaited)
    own = there.net.instruct.request(old.session, order(yen=1))
    assert isinstance(own, ApprovalAwaited)
    told = Lost.of(there, taro).complete()
    phone = start_anew(new_telephone(there, taro, told))
    for reference in (waits.reference, own.reference):
        standing = there.net.instruct.standing(phone.session, reference)
        assert standing == InstructionStanding(reference, InstructionState.REFUSED)
    moved = [entry.data for entry in entries_of(there, taro) if entry.kind == "InstructionMoved"]
    assert [one["state"] for one in moved[-2:]] == ["refused", "refused"]
    phone.there.clock.advance(STEP)
    asked = there.net.instruct.request(phone.session, order())
    assert isinstance(asked, CodeNeeded)


def test_what_waits_for_a_code_waits_for_one_of_the_new_token(old: Telephone) -> None:
    """Only an approval belongs to a token: an instruction that takes a code is proved by whichever is in use."""
    there = old.there
    asked = there.net.instruct.request(old.session, order())
    assert isinstance(asked, CodeNeeded)
    phone = start_anew(new_telephone(there, old.taro, Lost.of(there, old.taro).complete()))
    told = there.net.instruct.enter_code(phone.session, asked.reference, phone.code())
    assert told == Authorised(asked.reference)
    assert isinstance(there.net.instruct.execute(phone.session, asked.reference), Executed)


@pytest.mark.requirement("TKR-10")
def test_sessions_end_with_the_telephone_that_may_be_logged_in(old: Telephone) -> None:
    """Until completion sessions go on; then all have ended, and one logs in again."""
    lost = Lost.of(old.there, old.taro).call()
    assert isinstance(old.there.net.use_token.standing(old.session), TokenStanding)
    lost.try_complete()
    assert old.there.net.use_token.standing(old.session) == SessionEnded()
    assert isinstance(with_password(old.there, old.taro), LoggedIn)


# --- Who is told ------------------------------------------------------------------------------------------------------


def written(there: TestBank, since: datetime) -> list[tuple[str, LetterCode]]:
    """To whom what was written from then on."""
    return sorted((str(one.to), one.code) for one in letters(there) if one.written_at >= since)


@pytest.mark.requirement("TKR-06", "TKR-09", "MAL-04", "MAL-05", "MAL-15")
def test_the_ids_go_to_the_new_address_and_word_of_it_to_all_old_ones(there: TestBank) -> None:
    """Every registered address and the one of the old token are told, each once; the ids stand in one letter alone."""
    taro = there.customer(person=evolve(Person(), further=("taro.work@example.jp", "taro.home@example.jp")))
    Telephone.of(there, taro).start()
    since = there.clock.now()
    told = Lost.of(there, taro).complete()
    assert written(there, since) == sorted(
        [
            (NEW_MAIL, LetterCode.TOKEN_ISSUED),
            (MAIL, LetterCode.TOKEN_REISSUED),
            ("taro@example.jp", LetterCode.TOKEN_REISSUED),
            ("taro.work@example.jp", LetterCode.TOKEN_REISSUED),
            ("taro.home@example.jp", LetterCode.TOKEN_REISSUED),
        ]
    )
    ids = [one for one in letters(there) if one.written_at >= since and one.code is LetterCode.TOKEN_ISSUED]
    assert [dict(one.params) for one in ids] == [
        {
            "service_id": told.service_id,
            "user_id": told.user_id,
            "download": there.profile.token.download,
        }
    ]
    assert all(not one.params for one in letters(there) if one.code is LetterCode.TOKEN_REISSUED)


def test_an_address_that_is_registered_twice_over_is_told_once(there: TestBank, taro: Enrollee) -> None:
    """Where the old token's address is one of the customer's, it gets one letter."""
    old = Telephone.of(there, taro).start()
    put_token(old, lambda token: evolve(token, mail=next(iter(_addresses(there, taro)))))
    since = there.clock.now()
    Lost.of(there, taro).complete()
    assert written(there, since) == sorted(
        [(NEW_MAIL, LetterCode.TOKEN_ISSUED), ("taro@example.jp", LetterCode.TOKEN_REISSUED)]
    )


def _addresses(there: TestBank, taro: Enrollee) -> list[MailAddress]:
    customer = read(there.storage, lambda tx: tx.customers.of(taro.institution, taro.contract))
    assert customer is not None
    return [address.mail for address in customer.addresses]


def test_the_chains_tell_the_story(lost: Lost) -> None:
    """Who began by which name, the call, and what replaced what stand in the contract's chain; the steps in its own."""
    lost.complete()
    entries = entries_of(lost.there, lost.taro)
    since = max(number for number, entry in enumerate(entries) if entry.kind == "ReissueBegun")
    assert kinds(entries[since:]) == [
        "ReissueBegun",
        "PhoneAuthStarted",
        "PhoneCallNoted",
        "PhoneCallNoted",
        "PhoneAuthEnded",
        "TokenReplaced",
        "TokenMoved",
    ]
    reissue = lost.stored()
    begun, replaced = entries[since], entries[-2]
    assert begun.data["by"] == "login id"
    assert begun.data["procedure"] == reissue.id
    assert replaced.data == {"old": 1, "new": 2, "transfers_from": "", "procedure_digest": reissue.chain.digest}
    own = read(lost.there.storage, lambda tx: list(tx.audit.chain(reissue.id)))
    assert [(entry.data["act"], entry.data["step"]) for entry in own] == [
        ("give_details", "call"),
        ("complete", "done"),
    ]
    assert all(entry.intact for entry in (*entries, *own))


def test_the_chain_says_until_when_transfers_are_held_back() -> None:
    """Where the bank lets a token that is new so soon after a reset cool off, the chain says for how long."""
    there = bank(cooling())
    taro = Telephone.of(there, there.customer()).start().taro
    rewrite(there, taro, lambda one: evolve(one, password_reset_at=START))
    told = Lost.of(there, taro).complete()
    assert told.transfers_from == START + DAY
    (replaced,) = [entry for entry in entries_of(there, taro) if entry.kind == "TokenReplaced"]
    assert replaced.data["transfers_from"] == (START + DAY).isoformat()


def test_of_two_who_give_the_details_at_once_one_waits_for_the_call(lost: Lost) -> None:
    """Who comes second is told that the call is what is due now."""
    vault = SlowVault(lost.there)
    vault.meanwhile = lost.apply
    flow = evolve(lost.there.net.reissue_token, platform=evolve(lost.there.net.platform, vault=vault))
    second = flow.apply(
        lost.procedure,
        mail=MAIL,
        mail_again=MAIL,
        start_password=START_PASSWORD,
        again=START_PASSWORD,
        phone=0,
    )
    assert second == WrongStep(Step.CALL)
    assert str(lost.stored().mail) == NEW_MAIL


@pytest.mark.requirement("TKR-09")
def test_completion_says_all_that_is_needed_to_go_on(lost: Lost) -> None:
    """Address, ids and until when stand on the last screen, in both languages, and no secret."""
    told = lost.complete()
    for lang in LANGUAGES:
        said = text(told, lang)
        assert all(one in said for one in (NEW_MAIL, told.service_id, told.user_id))
        assert NEW_START_PASSWORD.reveal() not in said


@settings(max_examples=20)
@given(number=st.integers(0, 10**7 - 1))
def test_a_user_id_keeps_its_noughts(number: int) -> None:
    """A user id has seven digits, whatever was drawn."""
    there = bank()
    lost = Lost.of(there, Telephone.of(there, there.customer()).start().taro)
    lost.call()

    class Fixed:
        def token(self, size: int) -> bytes:
            return there.entropy.token(size)

        def below(self, bound: int) -> int:
            return number if bound == 10**7 else there.entropy.below(bound)

    platform = evolve(there.net.platform, entropy=Fixed())
    told = evolve(there.net.reissue_token, platform=platform).complete(lost.procedure)
    assert isinstance(told, TokenReissued)
    assert told.user_id == f"{number:07}"
