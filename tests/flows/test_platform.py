"""The platform: how often a step is run where writers meet, and how durably."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from attrs import define, field

from janetbank.flows import guess
from janetbank.flows.batch import NightBatch
from janetbank.flows.dispatch_mail import Dispatched, MailDispatcher, Retries
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.platform import TRIES, MustBeDurableError
from janetbank.flows.refusals import LockedOut, Refused, TryAgain
from janetbank.flows.settle_instructions import settle
from janetbank.flows.sweep import sweep
from janetbank.ports.failures import Unavailable
from janetbank.ports.mail import TryLater
from janetbank.ports.storage import Conflict, Storage, Transaction
from janetbank.testing.bank import Enrollee, TestBank
from janetbank.values.secret import Secret
from janetbank_adapters.mail.memory import MemoryMail
from janetbank_adapters.reports.memory import MemoryReports
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.money_scene import authorised
from tests.flows.nights import FRIDAY
from tests.flows.scene import (
    WRONG,
    WRONG_ANSWER,
    challenged,
    contract_of,
    held,
    lock_password,
    with_password,
)
from tests.flows.token_scene import Telephone


@define
class Recording:
    """A store that notes how each transaction was opened."""

    behind: Storage
    opened: list[tuple[bool, bool]] = field(factory=list[tuple[bool, bool]])

    def transaction(self, *, durable: bool = True, contended: bool = False) -> AbstractContextManager[Transaction]:
        """Open one."""
        self.opened.append((durable, contended))
        return self.behind.transaction(durable=durable, contended=contended)


def recorded() -> tuple[TestBank, Enrollee, Recording, MemoryStorage]:
    """A bank with a customer, over a store that notes, over one that can be told to fail."""
    storage = MemoryStorage()
    recording = Recording(storage)
    there = TestBank(storage=recording)
    taro = there.customer()
    recording.opened.clear()
    return there, taro, recording, storage


QUIET, QUICK, QUEUED = (True, False), (False, False), (True, True)


# --- Retrying ---------------------------------------------------------------------------------------------------------


def test_a_step_that_lost_a_race_is_run_again_in_a_queue() -> None:
    """The first try bets on being alone; every later one queues, and what the last one tells is told."""
    there, _, recording, storage = recorded()
    storage.fail(call="commit", with_=Conflict(), times=3)
    runs: list[int] = []

    def step(_: Transaction) -> str:
        runs.append(1)
        return f"run {len(runs)}"

    assert there.net.platform.transact(step) == "run 4"
    assert recording.opened == [QUIET, QUEUED, QUEUED, QUEUED]


def test_a_step_is_run_a_bounded_number_of_times() -> None:
    """Where writers meet again and again, sixteen tries are enough; then the caller hears of it."""
    there, _, recording, storage = recorded()
    storage.fail(call="commit", with_=Conflict(), times=TRIES)
    with pytest.raises(Conflict):
        there.net.platform.transact(lambda _: None)
    assert recording.opened == [QUIET, *[QUEUED] * (TRIES - 1)]
    assert TRIES == 16


def test_any_other_failure_surfaces_at_once() -> None:
    """A store that cannot be reached is not asked again and again."""
    there, _, recording, storage = recorded()
    storage.fail(with_=Unavailable())
    with pytest.raises(Unavailable):
        there.net.platform.transact(lambda _: None)
    assert recording.opened == [QUIET]


def test_a_step_that_turns_out_to_need_it_is_run_again_durably() -> None:
    """Begun as one that a power cut may lose, it is run again as one that it may not, and only then told."""
    there, _, recording, _ = recorded()

    def step(tx: Transaction) -> bool:
        if not tx.durable:
            raise MustBeDurableError
        return tx.durable

    assert there.net.platform.transact(step, durable=False)
    assert recording.opened == [QUICK, QUIET]


def test_what_must_be_durable_and_meets_a_writer_is_both() -> None:
    """A durable second run that loses a race is followed by a durable and queueing one."""
    there, _, recording, storage = recorded()
    storage.fail(call="commit", with_=Conflict())

    def step(tx: Transaction) -> None:
        if not tx.durable:
            raise MustBeDurableError

    there.net.platform.transact(step, durable=False)
    assert recording.opened == [QUICK, QUIET, QUEUED]


def test_a_failing_step_leaves_nothing() -> None:
    """An exception out of a step, whatever it is, rolls its transaction back."""
    there, taro, _, _ = recorded()
    before = contract_of(there, taro)

    def step(tx: Transaction) -> None:
        tx.contracts.put(before.end_sessions())
        msg = "a programmer's mistake"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError):
        there.net.platform.transact(step)
    assert contract_of(there, taro) == before


# --- How the flows use it ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-16")
@pytest.mark.parametrize(
    ("prepare", "password", "opened"),
    [
        (None, None, [QUIET, QUIET]),
        (None, WRONG, [QUIET, QUICK]),
        (lock_password, None, [QUIET]),
        (lock_password, WRONG, [QUIET]),
    ],
)
def test_how_many_transactions_a_login_takes(
    prepare: Callable[[TestBank, Enrollee], object] | None,
    password: Secret | None,
    opened: list[tuple[bool, bool]],
) -> None:
    """Right: two durable ones. Wrong: one durable, one that need not be. Locked: one, in which nothing is written."""
    there, taro, recording, _ = recorded()
    if prepare is not None:
        prepare(there, taro)
    recording.opened.clear()
    with_password(there, taro, password)
    assert recording.opened == opened


Look = Callable[[TestBank, Enrollee, Secret], object]
LOOKS: dict[str, Look] = {
    "accounts": lambda there, _, session: there.net.accounts.list(session),
    "limits": lambda there, _, session: there.net.limits.standing(session),
    "an instruction": lambda there, _, session: there.net.instruct.standing(session, "none"),
    "the session": lambda there, _, session: there.net.use_session(session),
    "what can be called from": lambda there, _, session: there.net.issue_token.phones(session),
    "mail": lambda there, _, session: there.net.select_mail.standing(session),
    "the token": lambda there, _, session: there.net.use_token.standing(session),
    "the balance": lambda there, taro, session: there.net.view_account.balance(session, taro.person.account),
    "what is to be settled": lambda there, _, __: settle(there.net.platform),
    "lost reports": lambda there, _, __: NightBatch(there.net.platform, MemoryReports()).write_again(FRIDAY),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_whoever_only_looks_waits_for_no_disk(look: Look) -> None:
    """What writes nothing has nothing that a power cut could take."""
    there, taro, recording, _ = recorded()
    session = there.log_in(taro)
    recording.opened.clear()
    look(there, taro, session)
    assert recording.opened == [QUICK]


def test_a_payee_is_asked_about_without_waiting_for_the_disk() -> None:
    """Whose payee it is, is only read; what is decided then is kept."""
    there, taro, recording, _ = recorded()
    phone = Telephone.of(there, taro)
    recording.opened.clear()
    authorised(phone)
    assert recording.opened == [QUICK, QUIET]


def test_whoever_does_something_waits_for_the_disk() -> None:
    """What somebody is told to have done in his session, no power cut takes back; what is looked up first, it may."""
    there, taro, recording, _ = recorded()
    session = there.log_in(taro)
    recording.opened.clear()
    there.net.step_up.ask(session)
    assert recording.opened == [QUIET]
    phone = Telephone.of(there, taro)
    recording.opened.clear()
    phone.apply()
    assert recording.opened == [QUICK, QUIET]


def test_who_asks_how_a_call_stands_is_known_without_waiting_for_the_disk() -> None:
    """Nor is he who gives it up; that it was given up is kept, in both of its chains."""
    there, taro, recording, _ = recorded()
    phone = Telephone.of(there, taro)
    phone.apply()
    recording.opened.clear()
    there.net.issue_token.poll(phone.session, phone.attempt)
    there.net.issue_token.abort(phone.session, phone.attempt)
    assert recording.opened == [QUICK, QUIET, QUICK, QUIET, QUIET]


def test_a_sweep_looks_for_tokens_without_waiting_for_the_disk() -> None:
    """Each that it ends is a transaction of its own, as whatever else it forgets is."""
    there, _, recording, _ = recorded()
    sweep(there.net.platform)
    assert recording.opened == [QUIET, QUICK, *[QUIET] * 6]


def test_a_guess_is_given_back_without_waiting_for_the_disk() -> None:
    """Where that is lost it counts as wrong at its deadline, as whatever nobody settles."""
    there, taro, recording, _ = recorded()
    ticket = held(there, taro)
    recording.opened.clear()
    guess.give_back(there.net.platform, ticket)
    assert recording.opened == [QUICK]


def test_only_a_letter_that_is_gone_waits_for_the_disk() -> None:
    """That somebody sends it now, or later, may be lost: it is sent all the same; that it was sent may not be."""
    there, _, recording, _ = recorded()
    mail = MemoryMail()
    send = MailDispatcher(there.net.platform, mail)
    mail.refuse(TryLater())
    assert send(1) == Dispatched(0, 1, 0)
    mail.accept()
    there.clock.advance(Retries().pause(1))
    assert send(1) == Dispatched(1, 0, 0)
    assert recording.opened == [QUICK, QUICK, QUICK, QUIET]


@pytest.mark.requirement("LCK-01")
def test_the_settling_that_locks_is_durable() -> None:
    """A lock that the customer was told of, and everybody was thrown out for, is not lost to a power cut."""
    there, taro, recording, _ = recorded()
    for _ in range(6):
        with_password(there, taro, WRONG)
    recording.opened.clear()
    assert isinstance(with_password(there, taro, WRONG), LockedOut)
    assert recording.opened == [QUIET, QUICK, QUIET]


@pytest.mark.requirement("LCK-16")
def test_a_reservation_that_always_loses_its_race_is_told_to_try_again() -> None:
    """Who cannot be counted is not evaluated: he is told what somebody is told whom too many others are beside."""
    there, taro, _, storage = recorded()
    asked = challenged(there, taro)
    before = contract_of(there, taro)
    storage.fail(call="commit", with_=Conflict(), times=TRIES)
    assert with_password(there, taro) == TryAgain()
    storage.fail(call="commit", with_=Conflict(), times=TRIES)
    assert there.net.log_in.answer(asked.challenge, WRONG_ANSWER) == TryAgain()
    assert contract_of(there, taro) == before


@pytest.mark.requirement("LCK-16")
def test_a_settling_that_always_loses_its_race_surfaces_and_stays_counted() -> None:
    """Nobody is let in or told that he was wrong where that cannot be written; the reservation counts all the same."""
    there, taro, _, storage = recorded()
    for password in (None, WRONG):
        storage.fail(call="contracts.again", with_=Conflict(), times=TRIES)
        with pytest.raises(Conflict):
            with_password(there, taro, password)
    assert len(contract_of(there, taro).password_tally.open) == 2


def test_a_contract_that_is_gone_when_it_is_settled() -> None:
    """A decoy that an operator swept away in between lets nobody in, and the failure surfaces."""
    storage = MemoryStorage()
    there = TestBank(storage=storage)
    taro = there.customer()
    ticket = held(there, taro)
    storage._tables.contracts.rows.clear()
    with pytest.raises(Conflict):
        guess.settle_wrong(there.net.platform, ticket)


def test_a_login_goes_on_where_the_store_came_back() -> None:
    """A failure leaves nothing behind that keeps anybody out."""
    there, taro, _, storage = recorded()
    storage.fail(with_=Unavailable())
    with pytest.raises(Unavailable):
        with_password(there, taro)
    assert with_password(there, taro, WRONG) == Refused()
    assert isinstance(with_password(there, taro), LoggedIn)
