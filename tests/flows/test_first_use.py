"""First use: a notice, a login id, questions, passwords, the customer's data; in this order, resumable, once."""

from collections.abc import Callable
from datetime import timedelta
from types import MappingProxyType
from typing import Any, cast

import pytest
from attrs import define, evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.flows.admit import (
    Admit,
    LoginIdInitialised,
    NothingToGive,
    NothingToInitialise,
    NoticeIsAsked,
    PasswordsGiven,
)
from janetbank.flows.duties import SelectMail
from janetbank.flows.enrol import NotAccepted
from janetbank.flows.entry import (
    CustomerDataNeeded,
    LoggedIn,
    LoginIdWanted,
    PasswordsNeeded,
    QuestionsNeeded,
)
from janetbank.flows.log_in import LogIn, QuestionAsked
from janetbank.flows.obtain_login_id import MASK, LoginIdObtained, NothingToObtain, ObtainLoginId
from janetbank.flows.operating import NoSuchContract, OwnCase
from janetbank.flows.refusals import (
    Blocked,
    LockedOut,
    OutsideServiceHours,
    ProvisionalExpired,
    Refused,
    Rejected,
    SessionEnded,
    Suspended,
    TryAgain,
)
from janetbank.flows.release import Done, Proposed
from janetbank.flows.set_limits import Limits
from janetbank.flows.step_up import Confirmed
from janetbank.flows.use_session import InSession
from janetbank.messages import LANGUAGES, Outcome, text
from janetbank.model.contract import Contract, Counter
from janetbank.model.customer import Notice
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.authority import Role
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.duty import Duty
from janetbank.policies.provisional import DIGITS, LETTERS
from janetbank.policies.service_hours import ServiceHours
from janetbank.ports.core_banking import AccountReport
from janetbank.ports.entropy import Entropy
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import CAFE, HOME, INSTITUTION, Person, TestBank, bank
from janetbank.values.account import Account, Branch
from janetbank.values.identifiers import InstitutionId
from janetbank.values.secret import Secret
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.storage.memory import MemoryStorage, When
from tests.everything import texts
from tests.flows.counter_scene import ENTITLED, FROM_CONTRACT, Desk, told
from tests.flows.first_use_scene import (
    AOMORI,
    CHOSEN,
    CONFIRMATION,
    JIRO,
    LIFETIME,
    LOGIN_ID,
    NOTICES,
    PASSWORD,
    RESUME,
    Newcomer,
    customer_data,
)
from tests.flows.nights import TUESDAY, Nights
from tests.flows.scene import MINUTE, REST, TICK, SlowVault, interrupted, kinds, letters, read, reserve
from tests.test_secrets_nowhere import forms

WRONG_PASSWORD = Secret("bcd2fgh3jk")


def codes(outcome: object) -> set[str]:
    """Why something was rejected."""
    return {violation.code for violation in told(outcome, Rejected).violations}


def change(new: Newcomer, what: Callable[[Contract], Contract]) -> None:
    """Write what becomes of his contract, as a clerk or the past can make it."""
    with new.there.storage.transaction() as tx:
        found = tx.contracts.by_id(INSTITUTION.id, new.contract.id)
        assert found is not None
        tx.contracts.put(what(found))


def said(outcome: object) -> set[tuple[str, str]]:
    """Why something was rejected, and of which entry that is said."""
    return {(violation.code, violation.field) for violation in told(outcome, Rejected).violations}


@pytest.fixture
def jiro() -> Newcomer:
    """Somebody with a notice of Aomori's."""
    return Newcomer.of()


# --- The order --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-22", "ENR-23", "ENR-31", "ENR-32", "ENR-33", "ENR-34", "ENR-35", "ENR-36", "ENR-38")
def test_the_whole_way_in(jiro: Newcomer) -> None:
    """Notice, login id, first login, questions, passwords, data: then, and only then, he is in."""
    wanted = told(jiro.prove(), LoginIdWanted)
    obtained = jiro.there.net.obtain_login_id.register(wanted.challenge, login_id=LOGIN_ID, again=LOGIN_ID)
    assert obtained == LoginIdObtained(MASK)
    assert MASK == "*****"
    told(jiro.log_in(), QuestionsNeeded)
    told(jiro.register_questions(), PasswordsNeeded)
    told(jiro.choose_passwords(), CustomerDataNeeded)
    session = told(jiro.register_customer(), LoggedIn).session
    assert told(jiro.there.net.use_session(session), InSession).offer_otp  # what comes next is the token
    contract = jiro.contract
    assert (contract.provisional_until, contract.customer_due, contract.notice_asked) == (None, False, None)
    seen = kinds(read(jiro.there.storage, lambda tx: list(tx.audit.chain(contract.id.text))))
    order = ["NoticeAsked", "NoticeGiven", "LoginIdObtained", "QuestionsRegistered", "PasswordChanged"]
    assert [kind for kind in seen if kind in {*order, "CustomerRegistered"}] == [*order, "CustomerRegistered"]


DUE = {
    Duty.REGISTER_QUESTIONS: (Newcomer.to_questions, QuestionsNeeded),
    Duty.CHOOSE_PASSWORDS: (Newcomer.to_passwords, PasswordsNeeded),
    Duty.REGISTER_CUSTOMER: (Newcomer.to_customer, CustomerDataNeeded),
}
DO: dict[Duty, Callable[[Newcomer], object]] = {
    Duty.REGISTER_QUESTIONS: Newcomer.register_questions,
    Duty.CHOOSE_PASSWORDS: Newcomer.choose_passwords,
    Duty.REGISTER_CUSTOMER: Newcomer.register_customer,
}


@pytest.mark.requirement("ENR-33", "ENR-34", "ENR-35", "ENR-36")
@pytest.mark.parametrize("due", DUE)
@pytest.mark.parametrize("done", DO)
def test_no_step_is_skipped_or_done_twice(jiro: Newcomer, due: Duty, done: Duty) -> None:
    """Whatever somebody wants to do out of its turn, he is told what is due, and nothing is done."""
    come, needed = DUE[due]
    come(jiro)
    if done is due:
        assert not isinstance(DO[done](jiro), needed)
        return
    before = jiro.contract
    assert isinstance(DO[done](jiro), needed)
    assert jiro.contract == before


@pytest.mark.requirement("ENR-33", "ENR-35")
@pytest.mark.parametrize("due", DUE)
def test_whoever_breaks_off_goes_on_where_he_was(jiro: Newcomer, due: Duty) -> None:
    """The challenge ends after its minutes; the next login leads to the same step, on another process too."""
    come, needed = DUE[due]
    come(jiro)
    password = PASSWORD if due is Duty.REGISTER_CUSTOMER else jiro.notice.password
    jiro.there.clock.advance(6 * MINUTE)
    assert DO[due](jiro) == SessionEnded()
    outcome = jiro.log_in(password)
    if isinstance(outcome, QuestionAsked):  # his place is unknown until he is in, and by now there are questions
        outcome = jiro.answers(outcome.question)
    assert isinstance(outcome, needed)
    assert not isinstance(DO[due](jiro), needed | SessionEnded)


def go_on(new: Newcomer) -> object:
    """Log in by the password that counts now, and do whatever is asked for, to the end."""
    outcome = new.log_in(PASSWORD if new.contract.provisional_until is None else None)
    while not isinstance(outcome, LoggedIn):
        match outcome:
            case QuestionAsked(question=question):
                outcome = new.answers(question)
            case QuestionsNeeded():
                outcome = new.register_questions()
            case PasswordsNeeded():
                outcome = new.choose_passwords()
            case CustomerDataNeeded():
                outcome = new.register_customer()
            case _:
                return outcome
    return outcome


@pytest.mark.requirement("ENR-33", "ENR-35")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("due", DUE)
def test_a_crash_in_any_step_is_gone_on_from(due: Duty, when: When) -> None:
    """Whichever of its commits a process does not survive, by done or not done: the next login leads to the end."""
    crashes = 0
    while True:
        storage = MemoryStorage()
        new = Newcomer.of(TestBank(AOMORI, storage=storage))
        DUE[due][0](new)
        storage.fail(call="commit", when=when, with_=Unavailable(), skip=crashes)
        try:
            DO[due](new)
        except Unavailable:
            crashes += 1
            assert isinstance(go_on(new), LoggedIn)
            contract = new.contract
            assert (contract.provisional_until, contract.customer_due, len(contract.questions)) == (None, False, 3)
        else:
            break
    assert crashes > 1


@pytest.mark.requirement("ENR-27", "ENR-30")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_on_the_way_to_a_login_id_is_gone_on_from(when: When) -> None:
    """Whichever commit a process does not survive: it is obtained once more, or it is there already."""
    crashes = 0
    while True:
        storage = MemoryStorage()
        new = Newcomer.of(TestBank(AOMORI, storage=storage))
        storage.fail(call="commit", when=when, with_=Unavailable(), skip=crashes)
        try:
            new.obtain()
        except Unavailable:
            crashes += 1
            if new.contract.login_id is None:
                new.obtain()
            else:
                assert new.prove() == NothingToObtain()
            assert isinstance(go_on(new), LoggedIn)
        else:
            break
    assert crashes > 3


@pytest.mark.requirement("ENR-33", "ENR-35")
@pytest.mark.parametrize("due", DUE)
def test_in_the_first_use_nothing_else_can_be_done(jiro: Newcomer, due: Duty) -> None:
    """The challenge of a step is no session."""
    DUE[due][0](jiro)
    net = jiro.there.net
    assert net.use_session(jiro.challenge) == SessionEnded()
    assert net.step_up.confirm(jiro.challenge, CONFIRMATION) == SessionEnded()
    assert net.limits.set(jiro.challenge, {JIRO.account: "100"}) == SessionEnded()
    assert net.issue_token.phones(jiro.challenge) == SessionEnded()
    assert net.change_confirmation(jiro.challenge, password=PASSWORD, new=PASSWORD, again=PASSWORD) == SessionEnded()


# --- Obtaining a login id ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-27", "ENR-28")
@pytest.mark.parametrize(
    ("number", "right"),
    [("777", True), ("0000777", True), ("００００７７７", True), ("77", False), ("7770", False), ("00000777", False)],
)
def test_the_account_is_that_of_the_card(jiro: Newcomer, number: str, right: bool) -> None:  # noqa: FBT001 -- a cell
    """One to seven digits, padded with zeros; any other account is nobody's, in the same words as a wrong password."""
    assert isinstance(jiro.prove(number=number), LoginIdWanted if right else Refused)


@pytest.mark.requirement("ENR-27", "ENR-28", "PRF-07")
@pytest.mark.parametrize("which", ["password", "confirmation", "both", "swapped", "case", "other case"])
def test_it_takes_both_passwords_exactly(jiro: Newcomer, which: str) -> None:
    """One wrong, the two swapped, or in capitals: refused, and counted on both, so that nothing tells which."""
    first, second = jiro.notice.password, jiro.notice.confirmation
    tried = {
        "password": (WRONG_PASSWORD, second),
        "confirmation": (first, WRONG_PASSWORD),
        "both": (WRONG_PASSWORD, WRONG_PASSWORD),
        "swapped": (second, first),
        "case": (Secret(first.reveal().upper()), second),
        "other case": (first, Secret(second.reveal().upper())),
    }[which]
    assert jiro.prove(*tried) == Refused()
    assert [len(jiro.contract.tally(one).failed) for one in (Counter.PASSWORD, Counter.CONFIRMATION)] == [1, 1]
    told(jiro.prove(), LoginIdWanted)
    assert [len(jiro.contract.tally(one).failed) for one in (Counter.PASSWORD, Counter.CONFIRMATION)] == [0, 0]


@pytest.mark.requirement("ENR-27", "LCK-01", "LCK-16")
@pytest.mark.parametrize("number", ["777", "31415"])
def test_seven_wrong_pairs_lock_whoever_it_is(jiro: Newcomer, number: str) -> None:
    """An account that has a contract and one that has none: the same answers, and the right pair opens nothing then."""
    answers = [jiro.prove(WRONG_PASSWORD, number=number) for _ in range(7)]
    assert answers == [Refused()] * 6 + [LockedOut(jiro.there.clock.now() + REST)]
    assert isinstance(jiro.prove(number=number), LockedOut)


@pytest.mark.requirement("ENR-30", "ENR-31", "CRD-01", "CRD-04")
@pytest.mark.parametrize(
    ("login_id", "again", "why"),
    [
        ("mori7", "mori7", {"login_id.too_short"}),
        ("mori7w", "mori7w", None),
        ("mori7wkzbvxt", "mori7wkzbvxt", None),
        ("mori7wkzbvxtd", "mori7wkzbvxtd", {"login_id.too_long"}),
        ("moriwkzt", "moriwkzt", {"login_id.not_mixed"}),
        ("mori7wkz", "Mori7wkz", {"login_id.not_same_twice"}),
        ("kaze48nd", "kaze48nd", {"login_id.taken"}),
        ("Kaze48nd", "Kaze48nd", None),
        ("mori-7wkz", "mori-7wkz", {"login_id.charset"}),
    ],
)
def test_which_login_ids_can_be_had(jiro: Newcomer, login_id: str, again: str, why: set[str] | None) -> None:
    """6-12 letters and digits, mixed, entered twice, case told apart, and nobody else's; then the challenge is over."""
    challenge = told(jiro.prove(), LoginIdWanted).challenge
    register = jiro.there.net.obtain_login_id.register
    outcome = register(challenge, login_id=login_id, again=again)
    if why is None:
        assert outcome == LoginIdObtained(MASK)
        assert str(jiro.contract.login_id) == login_id
        assert register(challenge, login_id="Hoshi4kq", again="Hoshi4kq") == SessionEnded()
    else:
        assert codes(outcome) == why
        assert jiro.contract.login_id is None


@pytest.mark.requirement("ENR-30", "PRF-07", "CRD-13")
@pytest.mark.parametrize("which", ["password", "confirmation"])
def test_the_login_id_is_neither_password(jiro: Newcomer, which: str) -> None:
    """Not even the provisional ones; he may try again with another."""
    secret: Secret = getattr(jiro.notice, which)
    challenge = told(jiro.prove(), LoginIdWanted).challenge
    register = jiro.there.net.obtain_login_id.register
    outcome = register(challenge, login_id=secret.reveal(), again=secret.reveal())
    assert codes(outcome) == {f"login_id.same_as_{which}"}
    assert register(challenge, login_id=LOGIN_ID, again=LOGIN_ID) == LoginIdObtained(MASK)


@pytest.mark.requirement("ENR-30", "ENR-32")
def test_before_the_login_id_nothing_is_registered(jiro: Newcomer) -> None:
    """Whoever wants to go on without one is told that it is wanted."""
    jiro.challenge = told(jiro.prove(), LoginIdWanted).challenge
    for do in DO.values():
        assert isinstance(do(jiro), LoginIdWanted)
    assert jiro.contract.questions == ()


def test_of_two_windows_one_obtains_it(jiro: Newcomer) -> None:
    """The other one's challenge is over, and changes nothing."""
    first, second = (told(jiro.prove(), LoginIdWanted).challenge for _ in range(2))
    register = jiro.there.net.obtain_login_id.register
    assert register(first, login_id=LOGIN_ID, again=LOGIN_ID) == LoginIdObtained(MASK)
    assert register(second, login_id="Hoshi4kq", again="Hoshi4kq") == SessionEnded()
    assert str(jiro.contract.login_id) == LOGIN_ID


@pytest.mark.requirement("CAN-11", "ENR-31")
def test_whoever_has_a_login_id_is_not_told_it(jiro: Newcomer) -> None:
    """A forgotten one is not to be had again: by both passwords he is told that there is one, and by no other way."""
    jiro.to_the_end()
    jiro.there.clock.advance(MINUTE)
    assert jiro.prove(PASSWORD, CONFIRMATION) == NothingToObtain()
    assert jiro.prove(PASSWORD, WRONG_PASSWORD) == Refused()
    assert str(jiro.contract.login_id) == LOGIN_ID


@pytest.mark.requirement("CAN-11", "ENR-31")
def test_a_forgotten_login_id_means_cancelling_and_applying_anew(jiro: Newcomer) -> None:
    """The contract ends by a form; the notice of the next one begins at the beginning, and the former id is free."""
    jiro.to_the_end()
    there, former = jiro.there, jiro.contract
    change(jiro, lambda one: evolve(one, status=ContractStatus.ACTIVE))
    case = told(there.net.release.propose(jiro.desk.by("tanaka"), JIRO.account, FROM_CONTRACT), Proposed).case
    told(there.net.release.approve(jiro.desk.by("sato"), case), Done)
    Nights(there).come(TUESDAY)
    assert jiro.prove(PASSWORD, CONFIRMATION) == Refused()
    told(there.net.admit.ask(jiro.desk.by("tanaka"), JIRO.account), NoticeIsAsked)
    jiro.notice = told(there.net.admit.give(jiro.desk.by("sato"), JIRO.account), PasswordsGiven)
    assert jiro.contract.id != former.id
    told(jiro.to_questions().register_questions(), PasswordsNeeded)


# --- An attacker with somebody's notice, or without -------------------------------------------------------------------


@pytest.mark.requirement("ENR-27", "ENR-33")
def test_without_a_login_id_nobody_logs_in_by_the_account() -> None:
    """The first step is not skipped by the other name, at a bank where that would do."""
    jiro = Newcomer.of(bank(evolve(AOMORI, login_by_account=True)))
    net, account = jiro.there.net, JIRO.account
    for _ in range(10):
        outcome = net.log_in.with_account(
            INSTITUTION.id,
            account.branch.code,
            account.type.value,
            account.number.digits,
            jiro.notice.password,
            seen_from=HOME,
        )
        assert outcome == Refused()
    assert jiro.contract.password_tally.failed == ()


@pytest.mark.requirement("ENR-23", "ENR-34")
def test_a_notice_is_good_for_nothing_once_others_are_chosen(jiro: Newcomer) -> None:
    """Replayed at the login, at the acquisition or as a confirmation, the provisional passwords are wrong."""
    session = jiro.to_the_end()
    assert jiro.log_in() == Refused()
    assert jiro.prove() == Refused()
    assert jiro.there.net.step_up.confirm(session, jiro.notice.confirmation) == Refused()
    told(jiro.log_in(PASSWORD), LoggedIn)


@pytest.mark.requirement("ENR-23")
def test_a_notice_obtains_one_login_id(jiro: Newcomer) -> None:
    """Whoever finds the notice afterwards cannot put another one in its place."""
    jiro.obtain()
    assert jiro.prove() == NothingToObtain()
    assert str(jiro.contract.login_id) == LOGIN_ID


@pytest.mark.requirement("ENR-23")
@pytest.mark.parametrize(("wait", "good"), [(LIFETIME - TICK, True), (LIFETIME, False), (2 * LIFETIME, False)])
def test_a_notice_expires(jiro: Newcomer, wait: timedelta, good: bool) -> None:  # noqa: FBT001 -- a cell
    """Ninety days after it was given out it is good for nothing, and whoever has the right one is told so."""
    assert jiro.notice.until == jiro.there.clock.now() + LIFETIME
    jiro.there.clock.advance(wait)
    assert isinstance(jiro.prove(), LoginIdWanted if good else ProvisionalExpired)
    assert jiro.prove(WRONG_PASSWORD) == Refused()
    if not good:
        assert jiro.contract.login_id is None


@pytest.mark.requirement("ENR-23", "ENR-33")
@pytest.mark.parametrize(("wait", "good"), [(LIFETIME - TICK, True), (LIFETIME, False)])
def test_so_does_its_login_password(jiro: Newcomer, wait: timedelta, good: bool) -> None:  # noqa: FBT001 -- a cell
    """With a login id, too."""
    jiro.obtain().there.clock.advance(wait)
    assert isinstance(jiro.log_in(), QuestionsNeeded if good else ProvisionalExpired)


@pytest.mark.requirement("ENR-23", "ENR-35")
def test_after_the_first_login_it_is_good_for_a_day(jiro: Newcomer) -> None:
    """To resume by, and no login makes it longer."""
    jiro.to_questions()
    first = jiro.there.clock.now()
    assert jiro.contract.provisional_until == first + RESUME
    jiro.there.clock.advance(RESUME - TICK)
    told(jiro.log_in(), QuestionsNeeded)
    assert jiro.contract.provisional_until == first + RESUME
    jiro.there.clock.advance(TICK)
    assert jiro.log_in() == ProvisionalExpired()


@pytest.mark.requirement("ENR-23", "ENR-34")
def test_a_provisional_password_opens_no_other_door(jiro: Newcomer) -> None:
    """It has no token reissued, and from a strange place it leads to the same steps as from home."""
    jiro.obtain()
    begin = jiro.there.net.reissue_token.with_login_id
    assert begin(INSTITUTION.id, LOGIN_ID, jiro.notice.password) == Refused()
    assert isinstance(jiro.log_in(seen_from=CAFE), QuestionsNeeded)


@pytest.mark.requirement("ENR-27", "PRF-07")
def test_one_customers_notice_is_not_anothers() -> None:
    """Jiro's passwords are wrong for Taro's account, and Taro's for his."""
    jiro = Newcomer.of()
    taro = jiro.desk.taro
    told(jiro.there.net.admit.initialise(jiro.desk.by("tanaka"), taro.person.account), LoginIdInitialised)
    account = taro.person.account
    prove = jiro.there.net.obtain_login_id.prove
    for first, second in (
        (jiro.notice.password, jiro.notice.confirmation),
        (jiro.notice.password, taro.confirmation),
        (taro.password, jiro.notice.confirmation),
    ):
        assert prove(INSTITUTION.id, account.branch.code, account.number.digits, first, second, seen_from=HOME) == (
            Refused()
        )
    assert jiro.prove(taro.password, taro.confirmation) == Refused()


@pytest.mark.requirement("ENR-27")
def test_a_challenge_of_another_is_of_no_use() -> None:
    """Whoever is in a duty of his own obtains nothing with its challenge."""
    jiro = Newcomer.of().to_questions()
    register = jiro.there.net.obtain_login_id.register
    assert isinstance(register(jiro.challenge, login_id="Hoshi4kq", again="Hoshi4kq"), QuestionsNeeded)
    assert register(Secret("x"), login_id="Hoshi4kq", again="Hoshi4kq") == SessionEnded()
    assert str(jiro.contract.login_id) == LOGIN_ID


@pytest.mark.requirement("ENR-27", "LCK-16")
def test_guesses_in_flight_are_counted_before_they_are_checked(jiro: Newcomer) -> None:
    """While seven are in flight on either counter, the eighth is neither evaluated nor counted, and leaves nothing."""
    who = evolve(jiro.desk.taro, contract=jiro.contract.id)
    for _ in range(7):
        reserve(jiro.there, who, Counter.CONFIRMATION)
    assert jiro.prove() == TryAgain()
    assert jiro.contract.password_tally.open == ()
    assert jiro.contract.password_tally.failed == ()


@pytest.mark.parametrize("which", [0, 1])
def test_what_closed_meanwhile_is_closed(jiro: Newcomer, which: int) -> None:
    """A suspension while either password was checked ends it."""
    vault = SlowVault(jiro.there)
    flow = ObtainLoginId(evolve(jiro.there.net.platform, vault=vault))

    def suspend() -> None:
        change(jiro, lambda one: evolve(one, suspended_since=jiro.there.clock.now()))

    if which:
        flow = ObtainLoginId(interrupted(jiro.there, 3, suspend))
    else:
        vault.meanwhile = suspend
    account = JIRO.account
    outcome = flow.prove(
        INSTITUTION.id,
        account.branch.code,
        account.number.digits,
        jiro.notice.password,
        jiro.notice.confirmation,
        seen_from=HOME,
    )
    assert outcome == Suspended()


# --- Both passwords ---------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-34", "CRD-13", "PRF-07")
@pytest.mark.parametrize(
    ("password", "confirmation", "why"),
    [
        ("Soil7rain", "lake7Pine", None),
        ("qr7wzd", "qr7wzdkm2vxt", None),
        ("qr7wz", "lake7Pine", {"password.too_short"}),
        ("Soil7rain", "qr7wzdkm2vxtb", {"password.too_long"}),
        ("Soilrain", "lake7Pine", {"password.not_mixed"}),
        ("Soil7rain", "lake+7Pine", {"password.letters_and_digits"}),
        ("Soil7rain", "Soil7rain", {"confirmation.same_as_password"}),
        ("Soil7rain", "soil7rain", None),
        ("Mori7wkz", "lake7Pine", {"password.same_as_login_id", "password.guessable.login_id"}),
        ("Soil7rain", "Mori7wkz", {"confirmation.same_as_login_id", "password.guessable.login_id"}),
        ("qz800102wv", "lake7Pine", {"password.guessable.birth_date"}),
    ],
)
def test_which_passwords_can_be_chosen(jiro: Newcomer, password: str, confirmation: str, why: set[str] | None) -> None:
    """6-12 letters and digits, mixed, case told apart, all three different."""
    jiro.to_passwords()
    first, second = Secret(password), Secret(confirmation)
    chosen = evolve(CHOSEN, password=first, password_again=first, confirmation=second, confirmation_again=second)
    outcome = jiro.choose_passwords(chosen)
    if why is None:
        assert isinstance(outcome, CustomerDataNeeded)
    else:
        assert codes(outcome) == why
        assert jiro.contract.provisional_until is not None


@pytest.mark.requirement("ENR-34", "CRD-13")
def test_each_is_entered_twice(jiro: Newcomer) -> None:
    """Each in exactly the same way."""
    jiro.to_passwords()
    wrong = Secret("other7one")
    for field in ("password_again", "confirmation_again"):
        assert said(jiro.choose_passwords(evolve(CHOSEN, **{field: wrong}))) == {("password.not_same_twice", field)}


@pytest.mark.requirement("ENR-34")
def test_a_fault_is_said_of_its_own_password(jiro: Newcomer) -> None:
    """Of two that are too short each is named."""
    jiro.to_passwords()
    short = Secret("qr7wz")
    outcome = jiro.choose_passwords(evolve(CHOSEN, password=short, password_again=short))
    assert said(outcome) == {("password.too_short", "password")}
    outcome = jiro.choose_passwords(evolve(CHOSEN, confirmation=short, confirmation_again=short))
    assert said(outcome) == {("password.too_short", "confirmation")}


@pytest.mark.requirement("ENR-23", "ENR-34")
@pytest.mark.parametrize("kept", ["password", "confirmation"])
@pytest.mark.parametrize("place", ["password", "confirmation"])
def test_no_password_of_the_notice_is_kept(jiro: Newcomer, kept: str, place: str) -> None:
    """Neither in its own place nor in the other's."""
    jiro.to_passwords()
    secret: Secret = getattr(jiro.notice, kept)
    chosen = evolve(CHOSEN, **{place: secret, f"{place}_again": secret})
    assert said(jiro.choose_passwords(chosen)) == {("password.unchanged", place)}


# --- The customer's data ----------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-36", "ENR-37", "ENR-38")
def test_the_data_are_kept(jiro: Newcomer) -> None:
    """The address, whether notices are wanted there, the contact telephone, the limit of each account; he is told."""
    session = jiro.to_the_end()
    customer = read(jiro.there.storage, lambda tx: tx.customers.of(INSTITUTION.id, jiro.contract.id))
    assert customer is not None
    assert [str(one.mail) for one in customer.addresses] == [JIRO.mail]
    assert customer.addresses[0].notices == frozenset(Notice)
    assert customer.contact is not None
    assert customer.contact.digits == "09022223344"
    assert not customer.address_due
    (limit,) = told(jiro.there.net.limits.standing(session), Limits).accounts
    assert limit.limit.man == 10
    chain = read(jiro.there.storage, lambda tx: list(tx.audit.chain(jiro.contract.id.text)))
    assert [one.data for one in chain if one.kind == "LimitSet"] == [{"account": str(JIRO.account), "man": 10}]
    assert JIRO.mail in [str(letter.to) for letter in letters(jiro.there) if letter.code is LetterCode.ENROLLED]


@pytest.mark.requirement("ENR-37")
def test_notices_can_be_declined(jiro: Newcomer) -> None:
    """Those that nobody can switch off come all the same; no contact telephone is one, too."""
    data = evolve(customer_data(JIRO), select_mail=SelectMail.NOT_IN_USE, contact=None)
    told(jiro.to_customer().register_customer(data), LoggedIn)
    customer = read(jiro.there.storage, lambda tx: tx.customers.of(INSTITUTION.id, jiro.contract.id))
    assert customer is not None
    assert (customer.addresses[0].notices, customer.contact) == (frozenset(), None)


@pytest.mark.requirement("ENR-36", "ENR-37", "PRF-11")
@pytest.mark.parametrize(
    ("faults", "why", "field"),
    [
        ({"mail": "jiro"}, "mail.syntax", "mail"),
        ({"mail_again": "hiro@example.jp"}, "mail.not_same_twice", "mail_again"),
        ({"mail_again": "hiro"}, "mail.not_same_twice", "mail_again"),
        ({"contact": "12"}, "phone.unknown", "contact"),
        ({"limits": {}}, "limit.missing", str(JIRO.account)),
        ({"limits": {JIRO.account: "101"}}, "limit.too_high", str(JIRO.account)),
        ({"limits": {JIRO.account: "x"}}, "limit.shape", str(JIRO.account)),
        ({"limits": {JIRO.account: "10", Person().account: "10"}}, "account.not_usable", str(Person().account)),
        ({"acknowledged": False}, "acknowledgement.missing", "acknowledged"),
    ],
)
def test_what_is_wrong_with_the_data_is_named(jiro: Newcomer, faults: dict[str, Any], why: str, field: str) -> None:
    """With where it stands, and nothing is registered; the confirmation password is not looked at before."""
    jiro.to_customer()
    outcome = jiro.register_customer(evolve(customer_data(JIRO), **faults), WRONG_PASSWORD)
    assert said(outcome) == {(why, field)}
    assert jiro.contract.customer_due
    assert jiro.contract.confirmation_tally.failed == ()


@pytest.mark.requirement("PRF-11", "TRF-03", "ENR-36")
@pytest.mark.parametrize("man", ["0", "1", "100"])
def test_limits_from_none_to_a_million(jiro: Newcomer, man: str) -> None:
    """0 closes the account for transfers; a million yen is the most without one-time passwords."""
    told(jiro.to_customer().register_customer(customer_data(JIRO, limit=man)), LoggedIn)


@pytest.mark.requirement("ENR-38", "PRF-16")
def test_the_data_take_the_new_confirmation_password(jiro: Newcomer) -> None:
    """The one just chosen, not that of the notice; wrong ones are counted, and lock."""
    jiro.to_customer()
    for wrong in [jiro.notice.confirmation, PASSWORD, *[WRONG_PASSWORD] * 4]:
        assert jiro.register_customer(confirmation=wrong) == Refused()
    assert isinstance(jiro.register_customer(confirmation=WRONG_PASSWORD), LockedOut)
    assert isinstance(jiro.register_customer(), LockedOut)
    assert jiro.contract.customer_due


@pytest.mark.requirement("ENR-38", "LCK-16")
def test_the_data_wait_for_the_guesses_in_flight(jiro: Newcomer) -> None:
    """While seven confirmation passwords are being checked, an eighth is not."""
    jiro.to_customer()
    for _ in range(7):
        reserve(jiro.there, evolve(jiro.desk.taro, contract=jiro.contract.id), Counter.CONFIRMATION)
    assert jiro.register_customer() == TryAgain()
    assert jiro.contract.customer_due


@pytest.mark.parametrize("meanwhile", ["suspended", "logged out"])
def test_data_after_the_door_closed(jiro: Newcomer, meanwhile: str) -> None:
    """What happened while the confirmation password was checked counts."""
    jiro.to_customer()
    vault = SlowVault(jiro.there)
    challenge = jiro.challenge

    def happens() -> None:
        if meanwhile == "suspended":
            change(jiro, lambda one: evolve(one, suspended_since=jiro.there.clock.now()))
        else:
            jiro.there.net.log_out(challenge)

    vault.meanwhile = happens
    flow = LogIn(evolve(jiro.there.net.platform, vault=vault))
    outcome = flow.register_customer(challenge, customer_data(JIRO), confirmation=CONFIRMATION)
    assert isinstance(outcome, Suspended if meanwhile == "suspended" else SessionEnded)
    assert jiro.contract.customer_due


# --- Who is sent where ------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LGN-14", "LGN-15", "ENR-29", "ENR-33")
def test_whoever_had_his_login_id_initialised_skips_what_he_has_done(jiro: Newcomer) -> None:
    """By his latest passwords he obtains another one, logs in, and is at once where everybody is."""
    session = jiro.to_the_end()
    there = jiro.there
    told(there.net.admit.initialise(jiro.desk.by("tanaka"), JIRO.account), LoginIdInitialised)
    assert there.net.use_session(session) == SessionEnded()
    assert jiro.log_in(PASSWORD) == Refused()
    assert jiro.prove() == Refused()
    challenge = told(jiro.prove(PASSWORD, CONFIRMATION), LoginIdWanted).challenge
    assert there.net.obtain_login_id.register(challenge, login_id=LOGIN_ID, again=LOGIN_ID) == LoginIdObtained(MASK)
    told(jiro.log_in(PASSWORD), LoggedIn)
    sent = [letter.code for letter in letters(there)]
    assert sent.count(LetterCode.LOGIN_ID_CHANGED) == 2


@pytest.mark.requirement("ENR-20", "LGN-14")
def test_an_initialised_login_id_is_free_for_another(jiro: Newcomer) -> None:
    """It is deleted, and nothing else is; whoever chooses first has it."""
    jiro.to_the_end()
    before = jiro.contract
    told(jiro.there.net.admit.initialise(jiro.desk.by("tanaka"), JIRO.account), LoginIdInitialised)
    after = jiro.contract
    assert (after.password, after.confirmation, after.questions) == (
        before.password,
        before.confirmation,
        before.questions,
    )
    assert after.login_id is None
    initialise = jiro.there.net.admit.initialise
    assert initialise(jiro.desk.by("tanaka"), JIRO.account) == NothingToInitialise()
    assert initialise(jiro.desk.by("tanaka"), Account.parse("005", "ordinary", "4242")) == NoSuchContract()


@pytest.mark.requirement("ENR-23", "ENR-34")
def test_forgotten_passwords_take_another_notice(jiro: Newcomer) -> None:
    """Its passwords lead to choosing others, and to nothing else that was done before; the former ones are gone."""
    session = jiro.to_the_end()
    there = jiro.there
    for _ in range(6):
        there.net.step_up.confirm(session, WRONG_PASSWORD)
    told(there.net.admit.ask(jiro.desk.by("kudo"), JIRO.account), NoticeIsAsked)
    told(there.net.use_session(session), InSession)  # nothing changes before the second person
    jiro.notice = told(there.net.admit.give(jiro.desk.by("sato"), JIRO.account), PasswordsGiven)
    assert there.net.use_session(session) == SessionEnded()
    assert jiro.contract.confirmation_tally.failed == ()
    assert jiro.log_in(PASSWORD) == Refused()
    told(jiro.log_in(), PasswordsNeeded)
    told(jiro.choose_passwords(), LoggedIn)


@pytest.mark.requirement("ENR-23")
def test_from_a_strange_place_the_question_comes_first(jiro: Newcomer) -> None:
    """A notice is no way around the registered questions."""
    jiro.to_the_end()
    told(jiro.there.net.admit.ask(jiro.desk.by("kudo"), JIRO.account), NoticeIsAsked)
    jiro.notice = told(jiro.there.net.admit.give(jiro.desk.by("sato"), JIRO.account), PasswordsGiven)
    told(jiro.log_in(seen_from=CAFE), QuestionAsked)


# --- Behind the counter -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-19", "ENR-22", "ENR-23")
def test_a_notice_takes_two_people() -> None:
    """Who asks cannot give, through no account of his; and who gives cannot ask."""
    there = bank(AOMORI)
    there.open_account(JIRO)
    desk = Desk(there, there.customer(password="soil7rain"))
    for name in ("tanaka", "sato"):
        desk.hire(name)
    admit = there.net.admit
    assert admit.give(desk.by("sato"), JIRO.account) == NoSuchContract()
    asked = told(admit.ask(desk.by("tanaka"), JIRO.account), NoticeIsAsked)
    assert asked.until == there.clock.now() + AOMORI.operators.dual_control.lifetime
    assert type(admit.give(desk.by("tanaka"), JIRO.account)).__name__ == "NoAuthority"
    assert type(admit.ask(desk.by("sato"), JIRO.account)).__name__ == "NoAuthority"
    told(admit.give(desk.by("sato"), JIRO.account), PasswordsGiven)
    assert admit.give(desk.by("sato"), JIRO.account) == NothingToGive()


@pytest.mark.requirement("ENR-23")
def test_one_person_is_one_whatever_roles_he_has() -> None:
    """Somebody with every role asks, and does not give."""
    there = bank(AOMORI)
    there.open_account(JIRO)
    desk = Desk(there, there.customer(password="soil7rain"))
    desk.hire("suzuki")
    with there.storage.transaction() as tx:
        found = tx.operators.by_name(f"operator:{INSTITUTION.id.code}:suzuki")
        assert found is not None
        tx.operators.put(evolve(found, roles=frozenset(Role), branch=Branch("001")))
    told(there.net.admit.ask(desk.by("suzuki"), JIRO.account), NoticeIsAsked)
    assert there.net.admit.give(desk.by("suzuki"), JIRO.account) == OwnCase()


@pytest.mark.requirement("ENR-23")
@pytest.mark.parametrize(("late", "kind"), [(timedelta(0), PasswordsGiven), (TICK, NothingToGive)])
def test_a_notice_is_given_in_time(late: timedelta, kind: type) -> None:
    """In the last instant of four days, and not after."""
    new = Newcomer.of()
    admit = new.there.net.admit
    told(admit.ask(new.desk.by("tanaka"), JIRO.account), NoticeIsAsked)
    new.there.clock.advance(AOMORI.operators.dual_control.lifetime + late)
    assert isinstance(admit.give(new.desk.by("sato"), JIRO.account), kind)


@pytest.mark.requirement("ENR-16", "ENR-23", "ENR-39")
@pytest.mark.parametrize("what", ["nobody's", "caution", "restricted", "no card"])
def test_only_an_account_that_may_apply_gets_a_contract(what: str) -> None:
    """The five checks and the card, as online; nothing is opened otherwise."""
    new = Newcomer.of()
    other = Account.parse("005", "ordinary", "4242")
    if what != "nobody's":
        new.there.open_account(evolve(JIRO, account=other))
        flow = Admit(evolve(new.there.net.platform, core=Host(new.there, what)))
    else:
        flow = new.there.net.admit
    assert flow.ask(new.desk.by("tanaka"), other) == NotAccepted()
    assert read(new.there.storage, lambda tx: tx.contracts.by_account(INSTITUTION.id, str(other), "")) is None


class Host(MemoryCoreBanking):
    """The host of a bank, who says something else of an account."""

    def __init__(self, there: TestBank, what: str) -> None:
        """*what* he says."""
        super().__init__(there.clock)
        self.there, self.what = there, what

    def account(self, institution: InstitutionId, account: Account) -> AccountReport | None:
        """The report, with what is said here."""
        report = self.there.core.account(institution, account)
        assert report is not None
        return evolve(
            report,
            caution=self.what == "caution",
            restricted=self.what == "restricted",
            card_issued=self.what != "no card",
        )


def test_of_two_who_ask_at_once_one_opens_the_contract() -> None:
    """While the host was asked somebody else opened it: this one is not accepted."""
    new = Newcomer.of()
    other = evolve(JIRO, account=Account.parse("005", "ordinary", "4242"))
    new.there.open_account(other)
    session = new.desk.by("kudo")
    flow = Admit(interrupted(new.there, 1, lambda: new.there.net.admit.ask(new.desk.by("tanaka"), other.account)))
    assert flow.ask(session, other.account) == NotAccepted()


@pytest.mark.requirement("ENR-23")
def test_a_contract_without_a_notice_lets_nobody_in() -> None:
    """Between the two people there is a contract, with no password that anybody knows."""
    new = Newcomer.of()
    other = evolve(JIRO, account=Account.parse("005", "ordinary", "4242"))
    new.there.open_account(other)
    told(new.there.net.admit.ask(new.desk.by("tanaka"), other.account), NoticeIsAsked)
    found = read(new.there.storage, lambda tx: tx.contracts.by_account(INSTITUTION.id, str(other.account), ""))
    assert found is not None
    assert (found.status, found.confirmation, found.login_id) == (ContractStatus.APPLIED, None, None)
    for typed in (Secret(""), new.notice.password):
        outcome = new.there.net.obtain_login_id.prove(INSTITUTION.id, "005", "4242", typed, typed, seen_from=HOME)
        assert outcome == Refused()


@pytest.mark.requirement("ENR-23")
@given(seed=st.integers(0, 2**32))
def test_the_passwords_of_a_notice_are_random_and_differ(seed: int) -> None:
    """Ten characters each, of letters and digits that nobody mistakes, which the bank would take as chosen ones."""
    there = TestBank(AOMORI, seed=seed)
    new = Newcomer.of(there)
    first, second = new.notice.password.reveal(), new.notice.confirmation.reveal()
    assert first != second
    for drawn in (first, second):
        assert len(drawn) == 10
        assert set(drawn) <= set(LETTERS + DIGITS)
        assert not AOMORI.password.check(Secret(drawn))
    assert first not in repr(new.notice)


@define
class Stuttering:
    """Entropy that draws the first sign so many times, before it goes on as it should."""

    entropy: Entropy
    times: int

    def below(self, bound: int) -> int:
        """A number below *bound*."""
        self.times -= 1
        return 0 if self.times >= 0 else self.entropy.below(bound)

    def token(self, size: int) -> bytes:
        """So many bytes."""
        return self.entropy.token(size)


def test_two_that_are_the_same_or_guessable_are_drawn_again(jiro: Newcomer) -> None:
    """However it comes about."""
    platform = jiro.there.net.platform
    told(jiro.there.net.admit.ask(jiro.desk.by("kudo"), JIRO.account), NoticeIsAsked)
    admit = Admit(evolve(platform, entropy=Stuttering(platform.entropy, 40)))
    given = told(admit.give(jiro.desk.by("sato"), JIRO.account), PasswordsGiven)
    assert given.password != given.confirmation
    assert not AOMORI.password.check(given.password)
    assert not AOMORI.password.check(given.confirmation)


def test_a_bank_without_notices_gives_none() -> None:
    """At JA there is no such way in, before or behind the counter."""
    there = bank()
    desk = Desk.open(there, "tanaka", "sato")
    closed = OutsideServiceHours(None)
    taro = desk.taro
    assert there.net.admit.ask(desk.by("tanaka"), taro.person.account) == closed
    assert there.net.admit.give(desk.by("sato"), taro.person.account) == closed
    assert there.net.admit.initialise(desk.by("tanaka"), taro.person.account) == closed
    account = taro.person.account
    outcome = there.net.obtain_login_id.prove(
        INSTITUTION.id, account.branch.code, account.number.digits, taro.password, taro.password, seen_from=HOME
    )
    assert outcome == closed


def test_nobody_obtains_anything_out_of_hours() -> None:
    """Where the function rests, nothing is looked at."""
    hours = MappingProxyType({**AOMORI.hours, Operation.OBTAIN_LOGIN_ID: ServiceHours(daily=())})
    jiro = Newcomer.of(bank(evolve(AOMORI, hours=hours)))
    assert jiro.prove() == OutsideServiceHours(None)


def test_a_blocked_password_is_released_by_a_notice(jiro: Newcomer) -> None:
    """Twenty-one wrong pairs block; another notice is the way out."""
    for _ in range(3):
        for _try in range(7):
            jiro.prove(WRONG_PASSWORD)
        jiro.there.clock.advance(REST)
    assert jiro.prove() == Blocked()
    told(jiro.there.net.admit.ask(jiro.desk.by("kudo"), JIRO.account), NoticeIsAsked)
    jiro.notice = told(jiro.there.net.admit.give(jiro.desk.by("sato"), JIRO.account), PasswordsGiven)
    told(jiro.prove(), LoginIdWanted)


@pytest.mark.requirement("PRF-01", "ENR-23")
def test_a_profile_that_gives_notices_is_whole() -> None:
    """Without a second password, or without the duties of a first use, it cannot be made."""
    with pytest.raises(ValueError, match="two passwords"):
        evolve(profiles.AOMORI, confirmation=None)
    with pytest.raises(ValueError, match="no duty to choose_passwords, register_customer"):
        evolve(profiles.AOMORI, duties=frozenset({Duty.OBTAIN_LOGIN_ID, Duty.REGISTER_QUESTIONS}))
    assert NOTICES.provisional is not None


# --- No secret anywhere -----------------------------------------------------------------------------------------------

DISTINCT = evolve(
    CHOSEN,
    password=Secret("Wf6tRk9wQz"),
    password_again=Secret("Wf6tRk9wQz"),
    confirmation=Secret("gB4mVx7sHd"),
    confirmation_again=Secret("gB4mVx7sHd"),
)
"""Of no word that stands anywhere else."""
MISTAKEN = Secret("Zn3pLc8vJy")


@pytest.mark.requirement("CRD-18", "ENR-23")
def test_no_password_of_a_first_use_is_kept_or_said(caplog: pytest.LogCaptureFixture) -> None:
    """Provisional, chosen or mistaken: none stands in the store, a letter, a log, an outcome or its text."""
    caplog.set_level("DEBUG")
    storage = MemoryStorage()
    new = Newcomer.of(TestBank(AOMORI, storage=storage))
    net = new.there.net
    said = [new.notice, new.prove(MISTAKEN, MISTAKEN), new.obtain().log_in(), new.register_questions()]
    said += [new.choose_passwords(DISTINCT), new.register_customer(confirmation=MISTAKEN)]
    session = told(new.register_customer(confirmation=DISTINCT.confirmation), LoggedIn).session
    said += [net.step_up.confirm(session, MISTAKEN), net.step_up.confirm(session, DISTINCT.confirmation)]
    confirmed = told(said[-1], Confirmed).session
    third = Secret("kT5bNw2xFq")
    change = net.change_confirmation
    said += [change(confirmed, password=MISTAKEN, new=third, again=third)]
    said += [change(confirmed, password=DISTINCT.password, new=third, again=third)]
    secrets = (new.notice.password, new.notice.confirmation, DISTINCT.password, DISTINCT.confirmation, third, MISTAKEN)
    looked_for = {form for secret in secrets for form in forms(secret.reveal())}
    kept = set(texts(storage))
    assert len(kept) > 100
    shown = [*map(repr, said), *(text(cast("Outcome", one), lang) for one in said for lang in LANGUAGES), caplog.text]
    assert [form for form in looked_for if any(form in one for one in (*kept, *shown))] == []


@pytest.mark.requirement("MAL-07", "PRF-03")
@pytest.mark.parametrize("when", ["before", "after", "never"])
def test_who_is_entitled_to_a_token_is_told_when_he_can_be_written_to(when: str) -> None:
    """Both forms may come at once, and his address with his data: the notice goes there then, and once."""
    jiro = Newcomer.of(bank(profiles.fast_for_tests(profiles.AKITA)))

    def registered() -> None:
        release = jiro.there.net.release
        case = told(release.propose(jiro.desk.by("tanaka"), JIRO.account, ENTITLED), Proposed).case
        told(release.approve(jiro.desk.by("sato"), case), Done)

    if when == "before":
        registered()
    jiro.to_the_end()
    if when == "after":
        registered()
    notices = [str(one.to) for one in letters(jiro.there) if one.code is LetterCode.TOKEN_ENTITLED]
    assert notices == ([] if when == "never" else [JIRO.mail])
