"""Cancelling online: what stands in the way, what is left to do until the reflection, and who may come back as what."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.audit import Intact, verify
from janetbank.flows.enquire import History
from janetbank.flows.enrol import Enrolled, NotAccepted
from janetbank.flows.leave import CannotLeave, Leave, LeavingAccepted
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import Leaving, Refused, Rejected, SessionEnded, Suspended
from janetbank.flows.use_session import InSession
from janetbank.flows.use_token import TokenCancelled
from janetbank.model.batch import Done
from janetbank.model.letter import LetterCode
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.admission import REFUSED_IN, Condition, Operation
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.enrolment import Step
from janetbank.policies.instruction import PENDING, InstructionState
from janetbank.policies.leaving import LeavingRules
from janetbank.policies.token import TokenState
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import Enrollee, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId
from janetbank.values.secret import Secret
from tests.flows.application import ORDER, Application, apply
from tests.flows.counter_scene import FROM_SUSPENSION, Desk
from tests.flows.nights import SAVINGS, TUESDAY, WEDNESDAY, Nights, morning
from tests.flows.scene import (
    contract_of,
    entries_of,
    interrupted,
    kinds,
    letters,
    rewrite,
    suspend,
    with_account,
    with_password,
)
from tests.flows.test_accounts import pending
from tests.flows.token_scene import Telephone

DAY = timedelta(days=1)
THURSDAY, MONDAY_AFTER = date(2026, 11, 26), date(2026, 11, 30)


def reasons(told: object) -> list[str]:
    """Why somebody cannot leave."""
    assert isinstance(told, CannotLeave), told
    return [one.code.removeprefix("cannot_leave.") for one in told.violations]


@pytest.fixture
def there() -> TestBank:
    """A bank."""
    return bank()


@pytest.fixture
def taro(there: TestBank) -> Enrollee:
    """A customer whose contract is active."""
    taro = there.customer()
    Nights(there).come(TUESDAY)
    return taro


# --- What stands in the way -------------------------------------------------------------------------------------------


@pytest.mark.requirement("CAN-03", "CAN-07")
def test_who_has_nothing_in_his_way_leaves(there: TestBank, taro: Enrollee) -> None:
    """Accepted at once, to take effect on the next operating day; he is told, and the chain says so."""
    assert there.net.leave(there.log_in(taro)) == LeavingAccepted(WEDNESDAY)
    contract = contract_of(there, taro)
    assert (contract.status, contract.ends_on) == (ContractStatus.LEAVING, WEDNESDAY)
    assert kinds(entries_of(there, taro))[-1] == "CancellationAccepted"
    assert entries_of(there, taro)[-1].data == {"effective_on": "2026-11-25"}
    assert letters(there)[-1].code is LetterCode.LEAVING


@pytest.mark.requirement("CAN-07", "HRS-08")
def test_the_day_is_the_hosts(there: TestBank, taro: Enrollee) -> None:
    """A cancellation of Friday takes effect on the next operating day, over the week-end."""
    there.clock.advance(3 * DAY)
    assert there.net.leave(there.log_in(taro)) == LeavingAccepted(MONDAY_AFTER)


@pytest.mark.requirement("CAN-07", "HRS-08")
def test_it_is_not_the_branchs() -> None:
    """Where the host works on other days than the branches, his next one counts."""
    calendar = BankCalendar(operates=lambda day: day.weekday() == 6)
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), calendar=calendar))
    taro = there.customer()
    sunday = date(2026, 11, 22)
    Nights(there).come(sunday)
    assert there.net.leave(there.log_in(taro)) == LeavingAccepted(sunday + 7 * DAY)


LINKED = {
    AccountState.ADD_PENDING: LinkedAccount(SAVINGS, AccountState.ADD_PENDING, WEDNESDAY),
    AccountState.ACTIVE: LinkedAccount(SAVINGS, AccountState.ACTIVE, None),
    AccountState.DELETE_PENDING: LinkedAccount(SAVINGS, AccountState.DELETE_PENDING, WEDNESDAY),
}


def _reopened(there: TestBank, who: Enrollee, *, individual: bool = True, card: bool = True) -> None:
    held = there.core._accounts[who.institution, who.person.account]
    held.individual = individual
    held.card = held.card if card else None


def _changed(there: TestBank, who: Enrollee, **changes: object) -> None:
    rewrite(there, who, lambda contract: evolve(contract, **changes))  # type: ignore[arg-type]  # whichever field


def _instructed(there: TestBank, who: Enrollee, state: InstructionState) -> None:
    with there.storage.transaction() as tx:
        tx.instructions.add(pending(who, state, who.person.account))


Spoil = Callable[[TestBank, Enrollee], object]
SPOILED: list[tuple[Spoil, list[str]]] = [
    (lambda there, who: _reopened(there, who, individual=False), ["not_individual"]),
    (lambda there, who: _reopened(there, who, card=False), ["no_card"]),
    (lambda there, who: _changed(there, who, status=ContractStatus.APPLIED), ["not_active"]),
    (lambda there, who: _changed(there, who, accounts=(LINKED[AccountState.ACTIVE],)), ["other_accounts"]),
    (lambda there, who: _changed(there, who, accounts=(LINKED[AccountState.ADD_PENDING],)), ["other_accounts"]),
    (lambda there, who: _changed(there, who, accounts=(LINKED[AccountState.DELETE_PENDING],)), []),
    (lambda there, who: _instructed(there, who, InstructionState.RESERVED), ["reserved_transfers"]),
    (lambda there, who: _instructed(there, who, InstructionState.EXECUTED), []),
    (lambda there, who: _changed(there, who, investigated_since=there.clock.now()), ["investigation"]),
]


@pytest.mark.requirement("CAN-03", "CAN-04", "CAN-09")
@pytest.mark.parametrize(("spoil", "why"), SPOILED)
def test_each_guard(there: TestBank, taro: Enrollee, spoil: Spoil, why: list[str]) -> None:
    """Each thing in the way is named, logged, and leaves everything as it was; what is not in the way is not named."""
    session = there.log_in(taro)
    spoil(there, taro)
    before = contract_of(there, taro)
    told = there.net.leave(session)
    after = contract_of(there, taro)
    if why:
        assert reasons(told) == why
        assert evolve(after, chain=before.chain, version=before.version) == before
        assert entries_of(there, taro)[-1].data == {"hindrances": tuple(why)}
    else:
        assert told == LeavingAccepted(WEDNESDAY)


@pytest.mark.requirement("CAN-03", "CAN-04", "CAN-09")
def test_all_that_stands_in_the_way_is_named_at_once(there: TestBank, taro: Enrollee) -> None:
    """Nobody is sent back twice."""
    session = there.log_in(taro)
    _reopened(there, taro, individual=False, card=False)
    _instructed(there, taro, InstructionState.ACCEPTED)
    now = there.clock.now()
    _changed(
        there,
        taro,
        status=ContractStatus.APPLIED,
        accounts=(LINKED[AccountState.ACTIVE],),
        investigated_since=now,
    )
    everything = ["not_individual", "no_card", "not_active", "other_accounts", "reserved_transfers", "investigation"]
    assert reasons(there.net.leave(session)) == everything


@pytest.mark.requirement("CAN-04")
@pytest.mark.parametrize("state", InstructionState)
def test_whatever_the_host_may_still_do_stands_in_the_way(
    there: TestBank, taro: Enrollee, state: InstructionState
) -> None:
    """Reserved, accepted, or not known to be neither: he waits for it, or cancels it."""
    session = there.log_in(taro)
    _instructed(there, taro, state)
    told = there.net.leave(session)
    assert isinstance(told, CannotLeave if state in PENDING else LeavingAccepted)


@pytest.mark.requirement("CAN-04")
@pytest.mark.parametrize("run", [False, True])
def test_a_stricter_profile_waits_for_deletions(*, run: bool) -> None:
    """AMB-15: where the profile says so, a deletion waits for its day, whose batch may be still to come."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), leaving=LeavingRules(awaits_deletions=True)))
    taro = there.customer()
    Nights(there).come(TUESDAY)
    _changed(there, taro, accounts=(LinkedAccount(SAVINGS, AccountState.DELETE_PENDING, WEDNESDAY),))
    assert reasons(there.net.leave(there.log_in(taro))) == ["other_accounts"]
    there.clock.set(morning(WEDNESDAY))
    if run:
        Nights(there).come(WEDNESDAY)
    assert there.net.leave(there.log_in(taro)) == LeavingAccepted(date(2026, 11, 26))


@pytest.mark.requirement("CAN-09")
def test_whoever_is_suspended_does_not_leave(there: TestBank, taro: Enrollee) -> None:
    """AMB-29: a suspension closes this door like the others, before anything is asked of the host."""
    session = there.log_in(taro)
    suspend(there, taro)
    there.core.reachable = False
    assert there.net.leave(session) == Suspended()


def test_a_host_that_does_not_answer_ends_nothing(there: TestBank, taro: Enrollee) -> None:
    """Where the host is away nothing is decided."""
    session = there.log_in(taro)
    there.core.reachable = False
    with pytest.raises(Unavailable):
        there.net.leave(session)
    assert contract_of(there, taro).status is ContractStatus.ACTIVE


def test_what_comes_in_the_way_while_the_host_is_asked_is_seen(there: TestBank, taro: Enrollee) -> None:
    """The guards are looked at when the cancellation is stored, not when the host was asked."""
    session = there.log_in(taro)
    slow = Leave(interrupted(there, 1, lambda: _changed(there, taro, investigated_since=there.clock.now())))
    assert reasons(slow(session)) == ["investigation"]


def test_one_leaves_once(there: TestBank, taro: Enrollee) -> None:
    """Who is leaving is told so."""
    session = there.log_in(taro)
    there.net.leave(session)
    assert there.net.leave(session) == Leaving()


# --- Until the reflection, and after it -------------------------------------------------------------------------------


@pytest.mark.requirement("CAN-07", "CAN-08")
def test_until_the_reflection_one_logs_in_and_sees_statements(there: TestBank, taro: Enrollee) -> None:
    """Logging in and statements go on; what the host would do is refused; afterwards nobody logs in."""
    session = there.log_in(taro)
    there.net.leave(session)
    assert isinstance(with_password(there, taro), LoggedIn)
    assert isinstance(with_account(there, taro), LoggedIn)
    assert isinstance(there.net.use_session(session), InSession)
    assert there.net.accounts.delete(session, branch="002", type="savings", number="777") == Leaving()
    refused = {operation for operation in Operation if Condition.LEAVING in REFUSED_IN[operation]}
    assert {Operation.INSTRUCT, Operation.PAY, Operation.APPROVE} <= refused
    assert not {Operation.LOG_IN, Operation.STATEMENT, Operation.LOG_OUT} & refused
    Nights(there).come(WEDNESDAY)
    assert with_password(there, taro) == Refused()
    assert with_account(there, taro) == Refused()
    assert there.net.use_session(session) == SessionEnded()


@pytest.mark.requirement("CAN-06", "CAN-07")
def test_what_is_left_is_a_tombstone(there: TestBank, taro: Enrollee) -> None:
    """It keeps the login id, the representative account and the chain; answers, places and password are forgotten."""
    rewrite(there, taro, lambda contract: evolve(contract, confirmation="a hash of a second password"))
    there.net.leave(there.log_in(taro))
    before = contract_of(there, taro)
    Nights(there).come(WEDNESDAY)
    left = contract_of(there, taro)
    assert left.confirmation is None
    assert left.status is ContractStatus.CANCELLED
    assert (left.login_id, left.account, left.ends_on) == (before.login_id, before.account, WEDNESDAY)
    assert (left.password, left.questions, left.asked, left.places, left.accounts) == ("", (), None, (), ())
    assert left.session_epoch == before.session_epoch + 1
    *history, reflected = entries_of(there, taro)
    assert reflected.data == {"day": "2026-11-25", "status": "cancelled"}
    assert len(history) == before.chain.seq


STAGES: dict[str, tuple[Callable[[Telephone], object], TokenState]] = {
    "called for": (Telephone.apply, TokenState.NONE),
    "issued": (Telephone.issue, TokenState.STOPPED),
    "set up": (Telephone.set_up, TokenState.STOPPED),
    "in use, with a finger": (Telephone.set_up_finger, TokenState.CANCELLED),
}


@pytest.mark.requirement("CAN-07", "CRD-11")
@pytest.mark.parametrize("stage", STAGES)
def test_with_the_contract_its_token_ends(there: TestBank, taro: Enrollee, stage: str) -> None:
    """Until then it serves; then start password, seed, app and finger are forgotten, and the chain says so."""
    act, ended = STAGES[stage]
    phone = Telephone.of(there, taro)
    rewrite(there, taro, lambda contract: evolve(contract, accounts=()))
    act(phone)
    there.net.leave(there.log_in(taro))
    before = phone.token()
    assert before.start_password or before.seed
    Nights(there).come(WEDNESDAY)
    token = phone.token()
    assert (token.state, token.since) == (ended, there.clock.now())
    secrets = (token.start_password, token.seed, token.app_key, token.challenge, token.credential)
    assert secrets == (None, None, None, None, None)
    *_, reflected, moved = entries_of(there, taro)
    assert reflected.data == {"day": "2026-11-25", "status": "cancelled"}
    assert (moved.kind, moved.data) == ("TokenMoved", {"number": token.number, "state": ended.value})
    assert isinstance(verify(there.net.platform), Intact)
    assert contract_of(there, taro).chain.seq == len(entries_of(there, taro))


def test_a_token_that_has_ended_before_stays_as_it_is(there: TestBank, taro: Enrollee) -> None:
    """Cancelled by himself, and then the contract: nothing is said of the token twice."""
    phone = Telephone.of(there, taro).start()
    rewrite(there, taro, lambda contract: evolve(contract, accounts=()))
    assert isinstance(there.net.use_token.cancel(phone.session, phone.code()), TokenCancelled)
    there.net.leave(there.log_in(taro))
    before = phone.token()
    Nights(there).come(WEDNESDAY)
    assert phone.token() == before
    assert entries_of(there, taro)[-1].data == {"day": "2026-11-25", "status": "cancelled"}


@pytest.mark.requirement("CAN-09", "SUS-22")
def test_a_cancellation_waits_for_an_investigation(there: TestBank) -> None:
    """What tells of a fraud outlasts a cancellation that was accepted before, until two people are done."""
    desk = Desk.open(there)
    taro, nights = desk.taro, Nights(there)
    nights.come(TUESDAY)
    deleted = LinkedAccount(SAVINGS, AccountState.DELETE_PENDING, WEDNESDAY)
    rewrite(there, taro, lambda contract: evolve(contract, accounts=(deleted,)))
    assert there.net.leave(there.log_in(taro)) == LeavingAccepted(WEDNESDAY)
    desk.formalised()
    before = contract_of(there, taro)
    assert nights.come(WEDNESDAY) == Done(accounts_removed=1)
    assert nights.come(THURSDAY) == Done()
    held = contract_of(there, taro)
    assert (held.status, held.version) == (ContractStatus.LEAVING, before.version + 1)
    assert (held.places, held.questions) == (before.places, before.questions)
    assert isinstance(there.net.enquire.history(desk.by("sato"), desk.account), History)
    desk.registered(FROM_SUSPENSION)
    nights.come(MONDAY_AFTER)
    assert contract_of(there, taro).status is ContractStatus.CANCELLED


@pytest.mark.requirement("OPS-03")
def test_a_cancellation_is_not_reported(there: TestBank, taro: Enrollee) -> None:
    """The acceptance report is of what was applied for."""
    there.net.leave(there.log_in(taro))
    nights = Nights(there)
    nights.come(WEDNESDAY)
    assert nights.reports.written == {}


# --- Coming back ------------------------------------------------------------------------------------------------------


def again(there: TestBank, taro: Enrollee, step: Step = Step.HOLDER, *, login_id: str = "kaze48nd") -> Application:
    """Taro applies once more."""
    return apply(there, step, person=taro.person, login_id=login_id)


@pytest.mark.requirement("CAN-05")
def test_not_on_the_same_day(there: TestBank, taro: Enrollee) -> None:
    """Until the next operating day has come an application is refused, whatever day lies in between."""
    there.clock.advance(3 * DAY)  # Friday
    there.net.leave(there.log_in(taro))
    assert again(there, taro).prove() == NotAccepted()
    for _ in range(2):  # Saturday, Sunday
        there.clock.advance(DAY)
        assert again(there, taro).prove() == NotAccepted()
    Nights(there).come(MONDAY_AFTER)
    application = again(there, taro).do_all(ORDER[2:])
    assert application.where() != Step.HOLDER
    assert application.stored().contract is not None


@pytest.mark.requirement("CAN-05")
def test_an_application_that_was_begun_before_is_refused_at_its_end(there: TestBank, taro: Enrollee) -> None:
    """Whoever has come as far as the review in another window does not get a second contract on that day either."""
    there.net.leave(there.log_in(taro))
    application = again(there, taro)
    rewrite(there, taro, lambda contract: evolve(contract, status=ContractStatus.CANCELLED))
    application.do_all(ORDER[2:5])
    rewrite(there, taro, lambda contract: evolve(contract, status=ContractStatus.LEAVING))
    assert application.confirm() == NotAccepted()


@pytest.mark.requirement("CAN-06", "CAN-10")
def test_the_same_account_has_its_former_login_id_back(there: TestBank, taro: Enrollee) -> None:
    """With the same representative account the former login id can be registered; the tombstone gives it up."""
    there.net.leave(there.log_in(taro))
    Nights(there).come(WEDNESDAY)
    application = again(there, taro, Step.REVIEW)
    enrolled = application.confirm()
    assert isinstance(enrolled, Enrolled)
    new = evolve(taro, contract=enrolled.contract, password=Secret(application.password))
    assert isinstance(with_password(there, new), LoggedIn)
    assert contract_of(there, taro).login_id is None
    assert contract_of(there, taro).status is ContractStatus.CANCELLED
    assert contract_of(there, new).account == taro.person.account


@pytest.mark.requirement("CAN-06")
def test_another_account_has_not(there: TestBank, taro: Enrollee) -> None:
    """With another representative account, his own or anybody's, the former login id is taken."""
    there.net.leave(there.log_in(taro))
    Nights(there).come(WEDNESDAY)
    other = evolve(taro.person, account=Account.parse("003", "ordinary", "999"))
    application = apply(there, Step.CREDENTIALS, person=other, login_id="KAZE48nd")
    told = application.credentials()
    assert isinstance(told, Rejected)
    assert [one.code for one in told.violations] == ["login_id.taken"]
    assert apply(there, Step.REVIEW, person=other, login_id="mori52zt").where() is Step.REVIEW


@pytest.mark.requirement("CAN-05", "CAN-06")
def test_whoever_comes_and_goes_leaves_a_tombstone_each_time(there: TestBank, taro: Enrollee) -> None:
    """Three contracts of one account, one after the other, each with its own chain; at most one of them lives."""
    nights, who, day = Nights(there), taro, TUESDAY
    lives: list[ContractId] = []
    for _ in range(3):
        lives.append(who.contract)
        assert isinstance(there.net.leave(there.log_in(who)), LeavingAccepted)
        day = there.profile.calendar.next_operating_day(day)
        nights.come(day)
        application = again(there, who, Step.REVIEW)
        enrolled = application.confirm()
        assert isinstance(enrolled, Enrolled)
        who = evolve(who, contract=enrolled.contract, password=Secret(application.password))
        day = there.profile.calendar.next_operating_day(day)
        nights.come(day)
    with there.storage.transaction() as tx:
        found = [tx.contracts.by_id(who.institution, one) for one in lives]
        bearer = tx.contracts.bearer(contract_of(there, who).namespace, "kaze48nd")
    assert [one.status for one in found if one] == [ContractStatus.CANCELLED] * 3
    assert bearer is not None
    assert bearer.id == who.contract
