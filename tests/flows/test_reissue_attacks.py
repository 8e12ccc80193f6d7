"""Attacks on the reissue of a token: every shortcut that somebody might try, and what he gets for it.

The attacker knows what each test lets him know: the password, a telephone, an open session, the mailbox, the old ids.
What guards against him is planted as missing in `tests/faults/reissue.toml`.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.flows.approve import Approve, Approved
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.enrol import Begun, Next
from janetbank.flows.hand_over import Executed, Reserved
from janetbank.flows.instruct import ApprovalAwaited, CodeNeeded
from janetbank.flows.instructions import NotAuthorised, TransfersOff
from janetbank.flows.log_in import CodeAsked, LoggedIn
from janetbank.flows.phone_auth import (
    AnotherWaits,
    LineChanged,
    NoSuchAttempt,
    Recognised,
    Started,
    TimedOut,
    TooManyAttempts,
    Waiting,
)
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import (
    Blocked,
    LockedOut,
    ProcedureEnded,
    Refused,
    SessionEnded,
    Suspended,
    TryAgain,
    WrongStep,
)
from janetbank.flows.reissue_token import ReissueAbandoned, ReissueStep, ReissueToken, TokenReissued
from janetbank.flows.reset_password import PasswordReset
from janetbank.flows.set_up_app import SeedHandedOut, SetUpApp
from janetbank.flows.tokens import NoToken
from janetbank.flows.use_session import InSession
from janetbank.flows.use_token import MethodChanged, TokenCancelled, UseToken
from janetbank.model.instruction import Instruction
from janetbank.model.letter import LetterCode
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.model.token import Token
from janetbank.policies import recovery
from janetbank.policies.destinations import DestinationPool
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.instruction import InstructionState
from janetbank.policies.line_change import LineChanges, LineRules
from janetbank.policies.phone_auth import LONGEST
from janetbank.policies.reissue import Step
from janetbank.policies.token import MethodEvent, TokenEvent, TokenState
from janetbank.ports.storage import Storage
from janetbank.testing.bank import HOME, INSTITUTION, Enrollee, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId
from janetbank.values.instruction import InstructionKind, Transfer
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.telephony.memory import repeat
from tests.flows.recovery_scene import NEW, reset
from tests.flows.reissue_scene import (
    DAY,
    NEW_MAIL,
    NEW_START_PASSWORD,
    Lost,
    begin,
    begin_by_account,
    cooling,
    new_telephone,
    set_up_anew,
    start_anew,
    token_with,
)
from tests.flows.scene import (
    HANAKO,
    MINUTE,
    REST,
    SECOND,
    TICK,
    WRONG,
    CountingVault,
    SlowVault,
    contract_of,
    entries_of,
    held,
    interrupted,
    letters,
    lock_answer,
    lock_password,
    read,
    rewrite,
    suspend,
    with_account,
    with_password,
)
from tests.flows.token_scene import LATER_DAY, MAIL, SMARTPHONE, STEP, Telephone, order

THIEF = "thief@evil.example"


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
    """His telephone, with codes in use."""
    return Telephone.of(there, taro).start()


@pytest.fixture
def lost(old: Telephone) -> Lost:
    """A reissue that was begun with the right password."""
    return Lost.of(old.there, old.taro)


def transfer_of(instruction: Instruction) -> Transfer:
    """What it is about."""
    assert isinstance(instruction.content, Transfer)
    return instruction.content


def latest_of(there: TestBank, taro: Enrollee) -> Token:
    """The token that counts."""
    token = read(there.storage, lambda tx: tx.tokens.latest_of(taro.institution, taro.contract))
    assert token is not None
    return token


def untouched(old: Telephone) -> bool:
    """Whether the old token is in use, and shows codes that are taken."""
    assert old.ids is not None
    token = token_with(old.there, old.ids)
    return token.state is TokenState.IN_USE and token.seed is not None and old.token() == token


# --- Skipping and repeating steps -------------------------------------------------------------------------------------


@pytest.mark.requirement("TKR-08")
def test_no_step_is_skipped(lost: Lost) -> None:
    """Before the details there is nothing to complete nor to go back from; before the call there is no token."""
    net = lost.there.net.reissue_token
    assert lost.try_complete() == WrongStep(Step.DETAILS)
    assert net.go_back(lost.procedure) == WrongStep(Step.DETAILS)
    lost.apply()
    assert lost.try_apply() == WrongStep(Step.CALL)
    assert isinstance(lost.try_complete(), Waiting)
    assert isinstance(net.poll(lost.procedure), Waiting)


@pytest.mark.requirement("TKR-09")
def test_no_step_is_repeated(lost: Lost) -> None:
    """One call serves one completion; the procedure is over then, and everything in it says so."""
    told = lost.complete()
    net = lost.there.net.reissue_token
    again = [
        lost.try_complete(),
        lost.try_apply(),
        net.poll(lost.procedure),
        net.phones(lost.procedure),
        net.go_back(lost.procedure),
        net.abandon(lost.procedure),
        net.where_am_i(lost.procedure),
    ]
    assert again == [ProcedureEnded()] * len(again)
    epoch = contract_of(lost.there, lost.taro).session_epoch
    lost.rewrite(lambda reissue: evolve(reissue, epoch=epoch))
    assert net.where_am_i(lost.procedure) == ProcedureEnded()
    assert latest_of(lost.there, lost.taro) == token_with(lost.there, told)


def test_a_call_that_was_recognised_serves_no_other_details(lost: Lost) -> None:
    """Whoever goes back after the call to name another address has to have called anew for that one."""
    lost.call()
    assert isinstance(lost.there.net.reissue_token.poll(lost.procedure), Recognised)
    lost.there.net.reissue_token.go_back(lost.procedure)
    lost.apply(THIEF)
    assert isinstance(lost.try_complete(), Waiting)


def test_a_procedure_put_back_to_its_step_finds_its_call_used_up(lost: Lost) -> None:
    """Even where the store is rolled back to the step before, the call is consumed and the epoch over."""
    lost.call()
    before = lost.stored()
    assert isinstance(lost.try_complete(), TokenReissued)
    back = evolve(before, version=lost.stored().version)
    lost.rewrite(lambda _: back)
    assert lost.try_complete() == ProcedureEnded()
    epoch = contract_of(lost.there, lost.taro).session_epoch
    lost.rewrite(lambda reissue: evolve(reissue, epoch=epoch))
    assert lost.try_complete() == NoSuchAttempt()


# --- Taking over what is somebody else's ------------------------------------------------------------------------------


@pytest.fixture
def hers(there: TestBank) -> Lost:
    """Hanako, who is having her own token reissued."""
    hanako = there.customer("yuki73kd", person=HANAKO)
    Telephone.of(there, hanako).start()
    return Lost.of(there, hanako)


def test_nothing_but_its_own_token_opens_a_procedure(lost: Lost) -> None:
    """A session, a challenge, an application's token, and what nobody gave out are no reissue's; and the other way."""
    there, net = lost.there, lost.there.net
    session = there.log_in(lost.taro)
    application = net.enrol.begin(seen_from=HOME)
    assert isinstance(application, Begun)
    for shown in (session, application.procedure, Secret(""), Secret("guessed"), Secret(lost.stored().key)):
        other = Lost(there, lost.taro, shown)
        assert other.try_apply() == ProcedureEnded()
        assert other.try_complete() == ProcedureEnded()
        assert net.reissue_token.where_am_i(shown) == ProcedureEnded()
        assert net.reissue_token.abandon(shown) == ProcedureEnded()
    assert net.enrol.agree(lost.procedure, INSTITUTION.terms) == ProcedureEnded()
    assert net.enrol.where_am_i(lost.procedure) == ProcedureEnded()
    assert isinstance(net.enrol.agree(application.procedure, INSTITUTION.terms), Next)
    assert net.use_session(lost.procedure) == SessionEnded()
    assert net.reissue_token.where_am_i(lost.procedure) == ReissueStep(Step.DETAILS)


@pytest.mark.requirement("TEL-05")
def test_another_customers_call_is_no_help(lost: Lost, hers: Lost) -> None:
    """The call comes from the telephone that was selected, and no other customer's will do, whatever it dials."""
    lost.apply()
    assert lost.started is not None
    telephone = lost.there.exchange.telephone(hers.taro.person.phones[0])
    assert not telephone.dial(lost.started.destination, repeat).said
    assert isinstance(lost.try_complete(), Waiting)
    hers.call()
    assert isinstance(lost.try_complete(), Waiting)
    assert isinstance(hers.try_complete(), TokenReissued)
    assert isinstance(lost.try_complete(), Waiting)


def test_a_call_belongs_to_one_procedure_and_one_contract(lost: Lost, hers: Lost) -> None:
    """Were the attempt of another one written into a procedure, it would be none of it."""
    lost.apply()
    hers.call()
    lost.rewrite(lambda reissue: evolve(reissue, attempt=hers.stored().attempt))
    assert lost.there.net.reissue_token.poll(lost.procedure) == NoSuchAttempt()
    assert lost.try_complete() == NoSuchAttempt()
    assert isinstance(hers.try_complete(), TokenReissued)


OTHERS: dict[str, Callable[[PhoneAttempt], PhoneAttempt]] = {
    "issue": lambda attempt: evolve(attempt, purpose=OnlineProcedure.TOKEN_ISSUE),
    "reset": lambda attempt: evolve(attempt, purpose=OnlineProcedure.PASSWORD_RESET),
    "asker": lambda attempt: evolve(attempt, asked_by="somebody else's"),
    "contract": lambda attempt: evolve(attempt, contract=ContractId("another")),
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=list(OTHERS))
def test_a_call_serves_what_it_was_asked_for_alone(lost: Lost, change: Callable[[PhoneAttempt], PhoneAttempt]) -> None:
    """A recognised call for another purpose, of another asker or of another contract is no call for this reissue."""
    lost.call()
    attempt = lost.stored().attempt
    assert attempt is not None
    with lost.there.storage.transaction() as tx:
        found = tx.phone_attempts.by_id(attempt)
        assert found is not None
        tx.phone_attempts.put(change(found))
    assert lost.try_complete() == NoSuchAttempt()


def test_a_procedure_put_under_another_contract_is_over(lost: Lost, hers: Lost) -> None:
    """Were the contract exchanged between two steps, the epoch or the call would be another one's."""
    lost.call()
    rewrite(hers.there, hers.taro, lambda contract: evolve(contract, session_epoch=contract.session_epoch + 1))
    lost.rewrite(lambda reissue: evolve(reissue, contract=hers.taro.contract))
    assert lost.try_complete() == ProcedureEnded()
    rewrite(hers.there, hers.taro, lambda contract: evolve(contract, session_epoch=contract.session_epoch - 1))
    assert lost.try_complete() == NoSuchAttempt()


def test_two_of_one_customer_do_not_share_a_call(lost: Lost) -> None:
    """While one waits for a call another one may not; when the one is done the other has ended with it."""
    other = Lost.of(lost.there, lost.taro)
    lost.call(THIEF)
    assert isinstance(other.try_apply(), AnotherWaits)
    assert other.try_complete() == WrongStep(Step.DETAILS)
    assert isinstance(lost.try_complete(), TokenReissued)
    assert other.try_apply() == ProcedureEnded()


def _another_password(lost: Lost) -> None:
    rewrite(lost.there, lost.taro, lambda contract: contract.end_sessions())


def _its_hour(lost: Lost) -> None:
    lost.there.clock.advance(MINUTE)


@pytest.mark.requirement("TEL-18")
@pytest.mark.parametrize("end", [_another_password, _its_hour])
def test_what_has_ended_keeps_nobody_waiting(lost: Lost, end: Callable[[Lost], None]) -> None:
    """A call for a reissue that has ended is of no use to anybody: the next one begins at once, and counts."""
    lost.there.clock.advance(lost.there.profile.procedure_lifetime - MINUTE)
    lost.apply()
    end(lost)
    assert lost.try_complete() == ProcedureEnded()
    other = Lost.of(lost.there, lost.taro).apply()
    other.dial()
    assert isinstance(other.try_complete(), TokenReissued)


# --- Too late ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TEL-09", "TKR-08")
def test_what_is_late_is_over(lost: Lost) -> None:
    """A call counts for ten minutes from its start, a procedure for an hour, each of them to the instant."""
    lost.call()
    lost.there.clock.advance(LONGEST + TICK)
    assert lost.try_complete() == TimedOut()
    lost.there.net.reissue_token.go_back(lost.procedure)
    lost.there.clock.set(lost.stored().expires_at - TICK)
    lost.call()
    assert isinstance(lost.there.net.reissue_token.poll(lost.procedure), Recognised)
    lost.there.clock.advance(TICK)
    assert lost.try_complete() == ProcedureEnded()
    assert lost.there.net.reissue_token.abandon(lost.procedure) == ProcedureEnded()


def test_so_many_calls_an_hour(lost: Lost) -> None:
    """Whoever lets a telephone ring again and again has to stop after ten attempts."""
    net = lost.there.net.reissue_token
    numbers = tuple(PhoneNumber.parse(f"0120-417-{number:03}") for number in range(101, 120))
    lost.there.exchange.pool = DestinationPool(numbers)
    for _ in range(9):  # and the one of the first issue
        lost.apply()
        net.go_back(lost.procedure)
    assert isinstance(lost.try_apply(), TooManyAttempts)


# --- Guessing ---------------------------------------------------------------------------------------------------------

Ask = Callable[[TestBank, Enrollee, Secret | None], object]
DOORS: list[Ask] = [begin, begin_by_account, with_password, with_account]


@pytest.mark.requirement("TKR-04", "TKR-05", "LCK-01", "LCK-15", "LGN-03")
@pytest.mark.parametrize("doors", [DOORS[:2], DOORS, DOORS[::-1]], ids=["reissue", "both", "login first"])
def test_the_password_is_guessed_here_as_often_as_anywhere(old: Telephone, doors: list[Ask]) -> None:
    """Wrong passwords count on one counter by whichever door and name: the seventh locks all of them."""
    there, taro = old.there, old.taro
    told = [doors[number % len(doors)](there, taro, WRONG) for number in range(7)]
    locked = LockedOut(there.clock.now() + REST)
    assert told == [Refused()] * 6 + [locked]
    assert [ask(there, taro, None) for ask in DOORS] == [locked] * 4
    assert LetterCode.LOCKED_OUT in [letter.code for letter in letters(there)]


@pytest.mark.requirement("TKR-04", "LCK-03", "LCK-16")
def test_while_it_is_closed_nothing_is_evaluated(old: Telephone) -> None:
    """A right password is told what a wrong one is told, and is not even hashed."""
    there, taro = old.there, old.taro
    vault = CountingVault(there)
    net = evolve(there.net.reissue_token, platform=evolve(there.net.platform, vault=vault))

    def ask(password: Secret) -> object:
        return net.with_login_id(taro.institution, taro.login_id, password)

    for _ in range(2):
        lock_password(there, taro)
        there.clock.advance(REST)
    lock = [ask(WRONG) for _ in range(7)]
    assert lock[-1] == Blocked()
    runs, before = vault.runs, contract_of(there, taro)
    assert [ask(WRONG), ask(taro.password)] == [Blocked()] * 2
    assert (vault.runs, contract_of(there, taro)) == (runs, before)


def strangers(taro: Enrollee) -> Enrollee:
    """Somebody whom the bank does not know."""
    return evolve(taro, login_id="nobody99", person=evolve(HANAKO, account=Account.parse("321", "ordinary", "7777777")))


@pytest.mark.requirement("TKR-04", "TKR-05", "LCK-16")
@pytest.mark.parametrize("by_account", [False, True])
@given(waits=st.lists(st.sampled_from([0, 0, 0, 0, 1, 59, 60]), min_size=22, max_size=30))
def test_an_unknown_name_is_answered_like_a_known_one(by_account: bool, waits: list[int]) -> None:  # noqa: FBT001 -- a column
    """Guess by guess, through lockouts and the block: the same answer after the same hashing, known or not."""

    def history(who: Enrollee, there: TestBank) -> list[tuple[object, int]]:
        vault = CountingVault(there)
        net = evolve(there.net.reissue_token, platform=evolve(there.net.platform, vault=vault))
        account = who.person.account
        parts = account.branch.code, account.type.value, account.number.digits
        told: list[tuple[object, int]] = []
        for wait in waits:
            there.clock.advance(MINUTE * wait)
            before = vault.runs
            if by_account:
                outcome = net.with_account(who.institution, *parts, WRONG)
            else:
                outcome = net.with_login_id(who.institution, who.login_id, WRONG)
            told.append((outcome, vault.runs - before))
        return told

    here, elsewhere = bank(), bank()
    taro = here.customer()
    Telephone.of(here, taro).start()
    elsewhere.clock.set(here.clock.now())
    assert history(strangers(taro), elsewhere) == history(taro, here)


def test_before_the_password_nobody_learns_whether_there_is_a_token(there: TestBank, taro: Enrollee) -> None:
    """With a token or without, an individual or not, with a telephone or not: a wrong password is only wrong."""
    hanako = there.customer("yuki73kd", person=HANAKO)
    Telephone.of(there, hanako).start()
    with there.storage.transaction() as tx:
        customer = tx.customers.of(taro.institution, taro.contract)
        assert customer is not None
        tx.customers.put(evolve(customer, individual=False, phones=(PhoneNumber.parse("050-1234-5678"),)))
    told = [begin(there, who, WRONG) for who in (taro, hanako, strangers(taro))]
    assert told == [Refused()] * 3


def test_the_last_allowed_guesses_are_waited_for(old: Telephone) -> None:
    """Beside seven guesses in flight a right one has to wait; a process that dies between has guessed wrong."""
    there, taro = old.there, old.taro
    for _ in range(7):
        held(there, taro)
    assert begin(there, taro) == TryAgain()
    there.clock.advance(30 * SECOND)
    assert isinstance(begin(there, taro), LockedOut)


def test_a_right_password_that_comes_to_a_closed_door_begins_nothing(old: Telephone) -> None:
    """Suspended between the check and the settling: no procedure, and the guess was not wrong."""
    there, taro = old.there, old.taro
    vault = SlowVault(there)
    vault.meanwhile = partial(suspend, there, taro)
    net = evolve(there.net.reissue_token, platform=evolve(there.net.platform, vault=vault))
    assert net.with_login_id(taro.institution, taro.login_id, taro.password) == Suspended()
    assert contract_of(there, taro).password_tally.failed == ()
    assert "ReissueBegun" not in [entry.kind for entry in entries_of(there, taro)]


# --- Locked, blocked, suspended ---------------------------------------------------------------------------------------

CLOSED: list[tuple[Callable[[TestBank, Enrollee], object], type]] = [
    (lock_password, LockedOut),
    (lock_answer, LockedOut),
    (suspend, Suspended),
]


@pytest.mark.requirement("TKR-04", "LCK-01", "LCK-10")
@pytest.mark.parametrize(("close", "told"), CLOSED)
def test_who_is_locked_out_or_suspended_begins_nothing(
    old: Telephone, close: Callable[[TestBank, Enrollee], object], told: type
) -> None:
    """By neither name, and after the right password neither."""
    close(old.there, old.taro)
    assert isinstance(begin(old.there, old.taro), told)
    assert isinstance(begin_by_account(old.there, old.taro), told)
    assert untouched(old)


@pytest.mark.requirement("TKR-04", "LCK-15")
@pytest.mark.parametrize(("close", "told"), CLOSED)
@pytest.mark.parametrize("how_far", [Lost.stay, Lost.apply, Lost.call], ids=["details", "waiting", "called"])
def test_what_closes_meanwhile_stops_it_at_once(
    old: Telephone, close: Callable[[TestBank, Enrollee], object], told: type, how_far: Callable[[Lost], object]
) -> None:
    """A lock ends the procedure for good, as it ends sessions; a suspension holds it as long as it lasts."""
    lost = Lost.of(old.there, old.taro)
    how_far(lost)
    close(old.there, old.taro)
    expected = Suspended() if told is Suspended else ProcedureEnded()
    net = lost.there.net.reissue_token
    assert net.where_am_i(lost.procedure) == expected
    assert lost.try_complete() in {expected, WrongStep(Step.DETAILS)}
    assert lost.try_apply() in {expected, WrongStep(Step.CALL)}
    assert untouched(old)
    if told is LockedOut:
        old.there.clock.advance(REST - MINUTE)
        assert net.where_am_i(lost.procedure) == ProcedureEnded()


@pytest.mark.requirement("SUS-25")
def test_a_reissue_is_no_way_around_a_suspension(old: Telephone) -> None:
    """Suspended with the call recognised: completed neither then, nor by what was prepared before."""
    lost = Lost.of(old.there, old.taro).call()
    suspend(old.there, old.taro)
    assert lost.try_complete() == Suspended()
    rewrite(old.there, old.taro, lambda contract: evolve(contract, suspended_since=None))
    assert isinstance(lost.try_complete(), TokenReissued)


@pytest.mark.requirement("LGN-05", "OTP-15", "SUS-33")
@pytest.mark.parametrize("event", [TokenEvent.CANCEL, TokenEvent.STOP])
def test_a_token_ended_meanwhile_is_not_replaced(old: Telephone, event: TokenEvent) -> None:
    """Cancelled by the customer or stopped at the branch after the call: no new token by this procedure."""
    lost = Lost.of(old.there, old.taro).call()
    with old.there.storage.transaction() as tx:
        tx.tokens.put(old.token().on(event, old.there.clock.now()))
    assert lost.try_complete() == NoToken()
    assert old.token().state in {TokenState.CANCELLED, TokenState.STOPPED}
    assert isinstance(lost.there.net.reissue_token.poll(lost.procedure), Recognised)
    assert lost.there.net.reissue_token.abandon(lost.procedure) == ReissueAbandoned()


# --- What ends it from outside ----------------------------------------------------------------------------------------


def _new_password(old: Telephone) -> None:
    new = Secret("vase3#lamp")
    told = old.there.net.change_password(old.session, current=old.taro.password, new=new, again=new)
    assert isinstance(told, PasswordChanged)


def _new_login_id(old: Telephone) -> None:
    told = old.there.net.change_login_id(old.session, password=old.taro.password, new="hoshi9kwx")
    assert isinstance(told, LoginIdChanged)


def _another_reissue(old: Telephone) -> None:
    Lost.of(old.there, old.taro).complete()


@pytest.mark.parametrize("end", [_new_password, _new_login_id, _another_reissue])
@pytest.mark.parametrize("how_far", [Lost.stay, Lost.apply], ids=["details", "waiting"])
def test_whoever_knew_the_password_once_knows_nothing_any_more(
    old: Telephone, end: Callable[[Telephone], None], how_far: Callable[[Lost], object]
) -> None:
    """The customer changes what let the thief in: what the thief had begun by it is over."""
    thiefs = Lost.of(old.there, old.taro)
    how_far(thiefs)
    if end is _another_reissue and thiefs.started is not None:
        old.there.clock.advance(300 * SECOND + TICK)
    end(old)
    assert thiefs.try_apply(THIEF) == ProcedureEnded()
    assert thiefs.try_complete() == ProcedureEnded()


def test_a_password_changed_between_check_and_settling_begins_nothing(old: Telephone) -> None:
    """What was verified is no longer what counts, so it lets nobody begin."""
    there, taro = old.there, old.taro
    vault = SlowVault(there)
    vault.meanwhile = partial(_new_password, old)
    net = evolve(there.net.reissue_token, platform=evolve(there.net.platform, vault=vault))
    assert net.with_login_id(taro.institution, taro.login_id, taro.password) == Refused()


@pytest.mark.parametrize("before", [1, 2])
def test_what_happens_between_two_looks_is_seen(old: Telephone, before: int) -> None:
    """A contract suspended while the start password is hashed, or just before: no call is waited for."""
    lost = Lost.of(old.there, old.taro)
    platform = interrupted(old.there, before - 1, partial(suspend, old.there, old.taro))
    net = ReissueToken(platform=platform, phone_auth=evolve(old.there.net.reissue_token.phone_auth, platform=platform))
    told = net.apply(
        lost.procedure,
        mail=NEW_MAIL,
        mail_again=NEW_MAIL,
        start_password=NEW_START_PASSWORD,
        again=NEW_START_PASSWORD,
        phone=0,
    )
    assert told == Suspended()


# --- The telephone ----------------------------------------------------------------------------------------------------


def test_a_number_that_changed_hands_lately_is_not_called_from(there: TestBank) -> None:
    """Whoever had the number moved to his SIM has the password and the number, and no token."""
    fast = profiles.fast_for_tests(profiles.JA)
    there = bank(evolve(fast, token=evolve(fast.token, line_change=LineRules(rest=timedelta(days=7)))))
    taro = there.customer()
    Telephone.of(there, taro).start()
    lost = Lost.of(there, taro)
    moved = PhoneNumber.parse(taro.person.phones[0])
    there.carriers.changed(moved, LineChanges(sim=there.clock.now()))
    assert lost.try_apply(THIEF) == LineChanged(there.clock.now() + timedelta(days=7))
    assert lost.stored().step is Step.DETAILS
    assert isinstance(lost.try_apply(phone=1), Started)


# --- The old telephone, in a thief's hand -----------------------------------------------------------------------------


@pytest.mark.requirement("TKR-10", "OTP-11")
def test_old_codes_count_until_completion_and_never_after(old: Telephone) -> None:
    """While the call is awaited the old app is what it was; after completion its codes open nothing, anywhere."""
    there, taro = old.there, old.taro
    lost = Lost.of(there, taro).call()
    changed = there.net.use_token.change_method(old.session, old.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    assert isinstance(changed, MethodChanged)
    there.clock.advance(STEP)
    asked = with_password(there, taro, seen_from=SMARTPHONE)
    assert isinstance(asked, CodeAsked)
    told = lost.try_complete()
    assert isinstance(told, TokenReissued)
    assert there.net.log_in.enter_code(asked.challenge, old.code()) == SessionEnded()
    phone = new_telephone(there, taro, told)
    assert there.net.use_token.start(phone.session, old.code()) == NoToken()
    set_up_anew(phone)
    assert there.net.use_token.start(phone.session, old.code()) == Refused()
    assert there.net.use_token.cancel(phone.session, old.code()) == NoToken()
    again = with_password(there, taro, seen_from=SMARTPHONE)
    assert isinstance(again, CodeAsked)
    assert there.net.log_in.enter_code(again.challenge, old.code()) == Refused()
    assert isinstance(there.net.log_in.enter_code(again.challenge, phone.code()), LoggedIn)


@pytest.mark.requirement("TKR-10")
def test_an_old_code_in_flight_at_completion_is_refused(old: Telephone) -> None:
    """Reserved before, settled after: the session in which it was entered is over, and the new counter is empty."""
    lost, code = Lost.of(old.there, old.taro).call(), old.code()
    platform = interrupted(old.there, 2, lost.try_complete)
    assert UseToken(platform).cancel(old.session, code) == SessionEnded()
    assert lost.try_complete() == ProcedureEnded()
    assert contract_of(old.there, old.taro).code_tally.failed == ()


@pytest.mark.requirement("TKR-10", "TXA-04")
def test_an_old_answer_in_flight_at_completion_is_refused(there: TestBank, taro: Enrollee) -> None:
    """What the old app answers needs no session, and approves nothing all the same: what it answered to is void."""
    old = Telephone.of(there, taro).confirm_method()
    asked = there.net.instruct.request(old.session, order())
    assert isinstance(asked, ApprovalAwaited)
    instruction = read(there.storage, lambda tx: tx.instructions.by_reference(asked.reference))
    assert instruction is not None
    lost = Lost.of(there, taro).call()
    platform = interrupted(there, 2, lost.try_complete)
    answer = old.answer(transfer_of(instruction))
    assert Approve(platform).approve(old.app, asked.reference, answer) == NotAuthorised()
    assert contract_of(there, taro).code_tally.failed == ()
    after = read(there.storage, lambda tx: tx.instructions.by_reference(asked.reference))
    assert after is not None
    assert after.state is InstructionState.REFUSED


@pytest.mark.requirement("TXA-04", "TKR-10")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_pending_approval_is_answered_before_completion_or_never(there: TestBank, taro: Enrollee, when: str) -> None:
    """The old app may approve while it counts; at completion what still waits is void, for both apps and for good."""
    old = Telephone.of(there, taro).confirm_method()
    asked = there.net.instruct.request(old.session, order())
    assert isinstance(asked, ApprovalAwaited)
    instruction = read(there.storage, lambda tx: tx.instructions.by_reference(asked.reference))
    assert instruction is not None
    answer = old.answer(transfer_of(instruction))
    lost = Lost.of(there, taro).call()
    if when == "before":
        assert there.net.approve.approve(old.app, asked.reference, answer) == Approved()
    told = lost.try_complete()
    assert isinstance(told, TokenReissued)
    assert there.net.approve.approve(old.app, asked.reference, answer) == NoToken()
    phone = start_anew(new_telephone(there, taro, told))
    assert (
        there.net.approve.approve(phone.app, asked.reference, phone.answer(transfer_of(instruction))) == NotAuthorised()
    )
    executed = there.net.instruct.execute(phone.session, asked.reference)
    assert isinstance(executed, Executed) if when == "before" else executed == NotAuthorised()


def test_the_old_ids_open_nothing_and_void_nothing(lost: Lost, old: Telephone) -> None:
    """Who has the old ids guesses start passwords at nobody's token: the new one is not voided by it."""
    told = lost.complete()
    assert [old.again(Secret(f"{number:05}")) for number in range(5)] == [Refused()] * 4 + [Blocked()]
    assert old.again(NEW_START_PASSWORD) == Blocked()
    assert token_with(lost.there, told).state is TokenState.ISSUED
    assert isinstance(new_telephone(lost.there, lost.taro, told).again(NEW_START_PASSWORD), SeedHandedOut)


def test_a_seed_in_flight_at_completion_is_not_handed_out(there: TestBank, taro: Enrollee) -> None:
    """A start password that was right for a token replaced meanwhile is none, even where the new one has the same."""
    first = Telephone.of(there, taro).issue()
    lost = Lost.of(there, taro)
    told = lost.try_apply(start_password=Secret("7351"), again=Secret("7351"))
    assert isinstance(told, Started)
    lost.started = told
    lost.dial()
    assert first.ids is not None
    platform = interrupted(there, 1, lost.try_complete)
    fetched = SetUpApp(platform).fetch(
        service_id=first.ids.service_id,
        user_id=first.ids.user_id,
        start_password=Secret("7351"),
        device="thief's",
        version="4.1",
    )
    assert fetched == Refused()
    latest = latest_of(there, taro)
    assert (latest.number, latest.seed) == (2, None)


def test_an_open_session_on_the_lost_telephone_is_over(old: Telephone) -> None:
    """Who finds the telephone logged in can do what he likes until completion, and nothing after."""
    assert isinstance(old.there.net.use_session(old.session), InSession)
    Lost.of(old.there, old.taro).complete()
    assert old.there.net.use_session(old.session) == SessionEnded()


# --- Password and telephone, in a thief's hand ------------------------------------------------------------------------


@pytest.mark.requirement("TKR-06", "MAL-15")
def test_whoever_diverts_the_mail_cannot_keep_it_secret(there: TestBank) -> None:
    """The ids go where the thief says; at every address the customer had registered, he reads that it happened."""
    taro = there.customer(person=Person(further=("taro.work@example.jp",)))
    Telephone.of(there, taro).start()
    since = there.clock.now()
    told = Lost.of(there, taro).complete(THIEF)
    assert told.mail == THIEF
    new = [one for one in letters(there) if one.written_at >= since]
    warned = {str(one.to) for one in new if one.code is LetterCode.TOKEN_REISSUED}
    assert warned == {"taro@example.jp", "taro.work@example.jp", MAIL}
    assert {str(one.to) for one in new if one.code is LetterCode.TOKEN_ISSUED} == {THIEF}
    assert all(told.user_id not in str(one.params) for one in new if str(one.to) != THIEF)
    # The next one warns the address of the token before, too, whoever had named it.
    there.clock.advance(MINUTE)
    later = there.clock.now()
    Lost.of(there, taro).complete()
    warned = {str(one.to) for one in letters(there) if one.written_at >= later}
    assert THIEF in warned


def _reset(there: TestBank, taro: Enrollee) -> Enrollee:
    """The password is reset, by form, telephone and PIN: the customer with the new one."""
    assert isinstance(reset(there, taro, step=recovery.Step.SECRET).reset(), PasswordReset)
    return evolve(taro, password=NEW)


KINDS = [InstructionKind.AD_HOC_TRANSFER, InstructionKind.OWN_TRANSFER, InstructionKind.REGISTERED_PAYEE_TRANSFER]


@pytest.mark.requirement("TKR-04")
@pytest.mark.parametrize("kind", KINDS)
def test_reset_then_reissue_then_transfer(kind: InstructionKind) -> None:
    """Where the profile has a cooling-off nothing is transferred until a day after the reset, to the instant."""
    there = bank(cooling())
    taro = there.customer()
    Telephone.of(there, taro).start()
    taro = _reset(there, taro)
    opens = there.clock.now() + DAY
    there.clock.advance(5 * MINUTE)
    told = Lost.of(there, taro).complete(THIEF)
    assert told.transfers_from == opens
    phone = start_anew(new_telephone(there, taro, told))
    assert there.net.instruct.request(phone.session, order(kind, day=LATER_DAY)) == TransfersOff(opens)
    there.clock.set(opens - TICK)
    phone.session = there.log_in(taro)
    assert there.net.instruct.request(phone.session, order(kind, day=LATER_DAY)) == TransfersOff(opens)
    there.clock.advance(TICK)
    asked = there.net.instruct.request(phone.session, order(kind, day=LATER_DAY))
    assert isinstance(asked, CodeNeeded | Authorised)


@pytest.mark.parametrize("kind", KINDS)
def test_reset_then_a_first_token_then_transfer(kind: InstructionKind) -> None:
    """Whoever reset the password of somebody without a token, and has one issued to himself, waits as long."""
    there = bank(cooling())
    taro = _reset(there, there.customer())
    opens = there.clock.now() + DAY
    there.clock.advance(5 * MINUTE)
    phone = Telephone.of(there, taro).start()
    assert phone.ids is not None
    assert phone.ids.transfers_from == opens
    assert there.net.instruct.request(phone.session, order(kind, day=LATER_DAY)) == TransfersOff(opens)
    there.clock.set(opens)
    phone.session = there.log_in(taro)
    asked = there.net.instruct.request(phone.session, order(kind, day=LATER_DAY))
    assert isinstance(asked, CodeNeeded | Authorised)


def test_a_first_token_without_a_reset_holds_nothing_back() -> None:
    """Nor does it end a cooling-off that runs."""
    there = bank(cooling())
    taro = there.customer()
    phone = Telephone.of(there, taro).issue()
    assert phone.ids is not None
    assert phone.ids.transfers_from is None
    assert contract_of(there, taro).transfers_from is None


def test_what_was_requested_before_is_not_executed_in_the_cooling_off() -> None:
    """An instruction authorised before the reissue waits, amended or not; then it is executed as it was."""
    there = bank(cooling())
    taro = there.customer()
    old = Telephone.of(there, taro).start()
    own, adhoc = (there.net.instruct.request(old.session, order(kind, day=LATER_DAY)) for kind in (KINDS[1], KINDS[0]))
    assert isinstance(own, Authorised)
    assert isinstance(adhoc, CodeNeeded)
    taro = _reset(there, taro)
    opens = there.clock.now() + DAY
    told = Lost.of(there, taro).complete()
    phone = start_anew(new_telephone(there, taro, told))
    net = there.net.instruct
    assert net.execute(phone.session, own.reference) == TransfersOff(opens)
    assert net.amend(phone.session, own.reference, order(KINDS[1], yen=999_999, day=LATER_DAY)) == TransfersOff(opens)
    assert net.enter_code(phone.session, adhoc.reference, phone.code()) == Authorised(adhoc.reference)
    assert net.execute(phone.session, adhoc.reference) == TransfersOff(opens)
    there.clock.set(opens)
    session = there.log_in(taro)
    for reference, yen in ((own.reference, 50_000), (adhoc.reference, 50_000)):
        executed = net.execute(session, reference)
        assert isinstance(executed, Reserved)
        assert isinstance(executed.content, Transfer)
        assert executed.content.amount.amount == yen


def test_cancelling_and_applying_anew_does_not_shorten_the_cooling_off() -> None:
    """The cooling-off is the contract's: another token, by a reissue or a first issue, leaves it as it is."""
    there = bank(cooling())
    taro = there.customer()
    Telephone.of(there, taro).start()
    there.clock.set(there.clock.now().replace(hour=14, minute=0))  # 23:00 in Japan
    taro = _reset(there, taro)
    opens = there.clock.now() + DAY
    phone = start_anew(new_telephone(there, taro, Lost.of(there, taro).complete()))
    assert there.net.use_token.cancel(phone.session, phone.code()) == TokenCancelled()
    there.clock.advance(8 * REST)
    again = Telephone.of(there, taro).start()
    assert there.net.instruct.request(again.session, order(day=LATER_DAY)) == TransfersOff(opens)
    third = start_anew(new_telephone(there, taro, Lost.of(there, taro).complete()))
    assert there.net.instruct.request(third.session, order(day=LATER_DAY)) == TransfersOff(opens)


@pytest.mark.parametrize(
    ("profile", "since", "held_back"),
    [
        ("ja", timedelta(0), False),
        ("cooling", None, False),
        ("cooling", DAY - TICK, True),
        ("cooling", DAY, False),
        ("cooling", 30 * DAY, False),
    ],
)
def test_without_a_young_reset_or_a_cooling_off_transfers_go_on(
    profile: str,
    since: timedelta | None,
    held_back: bool,  # noqa: FBT001 -- a column
) -> None:
    """The historical profiles have none (AMB-11); where there is one, a reset long past or none holds nothing back."""
    there = bank(cooling() if profile == "cooling" else None)
    taro = there.customer()
    Telephone.of(there, taro).start()
    now = there.clock.now()
    rewrite(there, taro, lambda contract: evolve(contract, password_reset_at=None if since is None else now - since))
    told = Lost.of(there, taro).complete()
    assert (told.transfers_from is not None) == held_back
    assert (contract_of(there, taro).transfers_from is not None) == held_back


def test_a_reset_without_a_reissue_holds_nothing_back() -> None:
    """The owner who reset his password and still has his telephone transfers as ever."""
    there = bank(cooling())
    taro = there.customer()
    old = Telephone.of(there, taro).start()
    old.session = there.log_in(_reset(there, taro))
    assert isinstance(there.net.instruct.request(old.session, order()), CodeNeeded)


def test_a_later_reissue_never_lets_transfers_go_on_earlier() -> None:
    """A cooling-off that runs is not ended by a reissue without one of its own."""
    there = bank(cooling())
    taro = there.customer()
    Telephone.of(there, taro).start()
    taro = _reset(there, taro)
    opens = there.clock.now() + DAY
    Lost.of(there, taro).complete()
    rewrite(there, taro, lambda contract: evolve(contract, password_reset_at=None))
    told = Lost.of(there, taro).complete()
    assert told.transfers_from is None or told.transfers_from == opens
    assert contract_of(there, taro).transfers_from == opens


# --- At once ----------------------------------------------------------------------------------------------------------

PATIENCE = 60.0


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.loopback)])
def storage(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """Each of the three stores, empty."""
    if request.param == "memory":
        yield MemoryStorage(patience=PATIENCE)
    else:
        with connect(request.getfixturevalue(f"{request.param}_store"), patience=PATIENCE) as opened:
            yield opened


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """What each of *acts*, all started together, tells."""
    start = Barrier(len(acts))

    def act(one: Callable[[], object]) -> object:
        start.wait()
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


@pytest.mark.requirement("TKR-09", "TKR-10")
def test_of_many_completions_one_is(storage: Storage) -> None:
    """Of those who press the button at once one is given a token, and the others learn that it is over."""
    there = bank(storage=storage)
    taro = there.customer()
    old = Telephone.of(there, taro).start()
    lost = Lost.of(there, taro).call()
    told = at_once([lost.try_complete] * 8)
    done = [one for one in told if isinstance(one, TokenReissued)]
    assert len(done) == 1
    # Whoever read the procedure just before it was over, and its call just after, finds that used up.
    assert all(one in done or one in (ProcedureEnded(), NoSuchAttempt()) for one in told)
    latest = latest_of(there, taro)
    assert latest == token_with(there, done[0])
    assert latest.number == 2
    assert old.ids is not None
    assert token_with(there, old.ids).state is TokenState.REPLACED
    assert [one.code for one in letters(there)].count(LetterCode.TOKEN_REISSUED) == 2
    assert all(entry.intact for entry in entries_of(there, taro))


@pytest.mark.requirement("TKR-10")
def test_an_old_code_and_the_completion_at_once(storage: Storage) -> None:
    """Whichever comes first: the code is taken and then replaced with its token, or is refused; never after."""
    there = bank(storage=storage)
    taro = there.customer()
    old = Telephone.of(there, taro).start()
    lost = Lost.of(there, taro).call()
    code, event = old.code(), MethodEvent.CHOOSE_TXA
    change = partial(there.net.use_token.change_method, old.session, code, event, ticked=True)
    told = at_once([change, lost.try_complete, change])
    assert isinstance(told[1], TokenReissued)
    taken = [one for one in (told[0], told[2]) if isinstance(one, MethodChanged)]
    assert len(taken) <= 1
    latest = latest_of(there, taro)
    assert latest == token_with(there, told[1])
    assert (latest.state, latest.last_step) == (TokenState.ISSUED, None)


def test_of_two_procedures_that_apply_at_once_one_waits_for_its_call(storage: Storage) -> None:
    """A contract has one call under way, so one reissue at most comes of it."""
    there = bank(storage=storage)
    taro = there.customer()
    Telephone.of(there, taro).start()
    both = [Lost.of(there, taro), Lost.of(there, taro)]
    told = at_once([one.try_apply for one in both])
    assert sorted(type(one).__name__ for one in told) == ["AnotherWaits", "Started"]
    for one, answer in zip(both, told, strict=True):
        one.started = answer if isinstance(answer, Started) else None
        if one.started:
            one.dial()
    completed = at_once([one.try_complete for one in both])
    assert sum(isinstance(one, TokenReissued) for one in completed) == 1
