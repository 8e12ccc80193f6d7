"""Attacks on the resets: every shortcut that somebody might try, each refused by a guard of its own.

For each of them `tests/faults/recovery.toml` takes its guard out, and the test here must fail.
"""

from collections import Counter as Tallied
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any, cast

import pytest
from attrs import define, evolve, field

from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.phone_auth import AnotherWaits, NoSuchAttempt, Started, Waiting
from janetbank.flows.recover import CardLocked, FormClosed, FormRefused, Next, PinRefused
from janetbank.flows.refusals import ProcedureEnded, Refused, Suspended, WrongStep
from janetbank.flows.reset_password import PasswordReset
from janetbank.flows.reset_questions import QuestionsReset
from janetbank.model.contract import RegisteredQuestion
from janetbank.model.letter import LetterCode
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.identity_form import FormTries
from janetbank.policies.recovery import Act, Step
from janetbank.ports.core_banking import CoreBanking
from janetbank.ports.storage import Storage
from janetbank.testing.bank import INSTITUTION, Enrollee, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.secret import Secret
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from tests.flows.application import apply, node
from tests.flows.recovery_scene import BOTH, NEW, ORDER, Reset, What, reset
from tests.flows.scene import (
    HANAKO,
    MINUTE,
    REST,
    TAKASHI,
    WRONG,
    contract_of,
    entries_of,
    kinds,
    letters,
    lock_password,
    read,
    rewrite,
    stepped_up,
    suspend,
    with_password,
)

EACH = pytest.mark.parametrize("what", BOTH)
UNDER_WAY = (Step.FORM, Step.PHONE, Step.CALL, Step.SECRET)
BOUND = UNDER_WAY[1:]
"""The steps at which the procedure is somebody's."""
DUE: dict[Step, Act] = dict(zip(UNDER_WAY, ORDER, strict=True))
ZERO = Secret("0000")
PATIENCE = 60.0
OTHER: dict[What, What] = {"password": "questions", "questions": "password"}


@define
class Host:
    """A host that remembers what it was asked, and while it looks at a card something else may happen."""

    there: TestBank
    meanwhile: Callable[[], object] | None = None
    asked: list[str] = field(factory=list[str])

    def account(self, *args: Any) -> object:  # noqa: ANN401 -- handed on as it is
        """What the bank's host says."""
        self.asked.append("account")
        return self.there.core.account(*args)

    def renumbered(self, *args: Any) -> object:  # noqa: ANN401 -- handed on as it is
        """What the bank's host says."""
        self.asked.append("renumbered")
        return self.there.core.renumbered(*args)

    def check_card(self, *args: Any) -> object:  # noqa: ANN401 -- handed on as it is
        """What the bank's host says, and something else happens."""
        self.asked.append("check_card")
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return self.there.core.check_card(*args)

    def of(self, one: Reset) -> Reset:
        """*one*, at a node that has this host."""
        one.net = node(self.there, cast("CoreBanking", self))
        return one


def unchanged(there: TestBank, who: Enrollee) -> Callable[[], bool]:
    """Whether what lets into the contract is what it is now."""
    before = contract_of(there, who).credentials
    return lambda: contract_of(there, who).credentials == before


# --- Skipping ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PWR-16", "PWR-13")
@pytest.mark.parametrize("step", UNDER_WAY[:3])
@EACH
def test_no_step_is_skipped(what: What, step: Step) -> None:
    """Whoever goes straight to the end, from wherever, is sent back, and no PIN is put to the host for him."""
    there = bank()
    host = Host(there)
    one = host.of(reset(there, taro := there.customer(), what, step))
    same = unchanged(there, taro)
    assert one.reset() == WrongStep(step)
    assert one.reset(pin=ZERO) == WrongStep(step)
    assert "check_card" not in host.asked
    assert same()


@pytest.mark.requirement("PWR-16", "TEL-07", "TEL-08")
@EACH
def test_a_call_that_was_made_is_not_yet_a_step_that_was_taken(what: What) -> None:
    """The screen goes on by the call, or nothing does."""
    there = bank()
    one = reset(there, there.customer(), what, Step.CALL).dial()
    assert one.reset() == WrongStep(Step.CALL)
    assert one.flow.poll(one.token) == Next(Step.SECRET)


@EACH
def test_without_the_form_nothing_of_a_customer_is_shown(what: What) -> None:
    """Neither his telephones nor whether he has any."""
    there = bank()
    one = reset(there, there.customer(), what)
    assert one.flow.phones(one.token) == one.call() == one.flow.poll(one.token) == WrongStep(Step.FORM)


# --- Replaying --------------------------------------------------------------------------------------------------------


@EACH
def test_what_is_done_is_done_once(what: What) -> None:
    """The last step again, by the same token, with the right PIN: it has ended, and the host is not asked."""
    there = bank()
    host = Host(there)
    one = host.of(reset(there, taro := there.customer(), what, Step.DONE))
    after = contract_of(there, taro)
    assert one.reset() == ProcedureEnded()
    assert host.asked == []
    assert contract_of(there, taro) == after


@EACH
def test_a_call_serves_once(what: What) -> None:
    """What was recognised for one procedure recognises nobody in another one."""
    there = bank()
    taro = there.customer()
    one = reset(there, taro, what, Step.SECRET)
    another = reset(there, taro, what, Step.CALL)
    assert isinstance(another.flow.poll(another.token), Waiting)
    assert one.flow.poll(one.token) == WrongStep(Step.SECRET)


@pytest.mark.parametrize("act", [Act.FILL_FORM, Act.CALL, Act.BE_RECOGNISED])
@EACH
def test_no_step_is_repeated(what: What, act: Act) -> None:
    """What was done is not due again, unless one goes back to it."""
    there = bank()
    one = reset(there, there.customer(), what)
    for due in ORDER[: ORDER.index(act) + 1]:
        one.do(due)
    before = one.stored()
    assert isinstance(one.do(act), WrongStep)
    assert one.stored() == before


# --- Other people's tokens --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", UNDER_WAY)
@EACH
def test_no_other_token_leads_a_procedure_on(what: What, step: Step) -> None:
    """A session's, a challenge's, an application's, its own digest, or none at all."""
    there = bank()
    taro = there.customer()
    one = reset(there, taro, what, step)
    session = there.log_in(taro) if step is Step.FORM else Secret("a session's")
    application = apply(there).token
    right = one.token
    for shown in (session, application, Secret(one.stored().key), Secret("")):
        one.token = shown
        assert {one.where(), *(one.do(act) for act in (*ORDER, Act.GO_BACK, Act.ABANDON))} == {ProcedureEnded()}
    one.token = right
    assert one.where() is step


@pytest.mark.parametrize("step", UNDER_WAY)
@EACH
def test_one_reset_is_not_completed_as_the_other(what: What, step: Step) -> None:
    """Whoever showed what the one takes has begun nothing of the other."""
    there = bank()
    taro = there.customer()
    one = reset(there, taro, what, step)
    same = unchanged(there, taro)
    one.what = OTHER[what]
    assert one.where() == ProcedureEnded()
    assert {one.do(act) for act in (*ORDER, Act.GO_BACK, Act.ABANDON)} == {ProcedureEnded()}
    assert same()


@EACH
def test_a_reset_is_no_application(what: What) -> None:
    """The token of a reset leads no application on."""
    there = bank()
    one = reset(there, there.customer(), what, Step.PHONE)
    enrol = there.net.enrol
    for operation in (enrol.where_am_i, enrol.review, enrol.confirm, enrol.go_back, enrol.abandon):
        assert operation(one.token) == ProcedureEnded()
    assert one.where() is Step.PHONE


# --- Other people's contracts -----------------------------------------------------------------------------------------


@EACH
def test_a_procedure_cannot_be_turned_to_another_contract(what: What) -> None:
    """Whoever showed who he is, goes back, and fills in somebody else's form, all of it right, is refused."""
    there = bank()
    taro = there.customer()
    hanako = there.customer("yuki73kd", person=HANAKO)
    one = reset(there, hanako, what, Step.PHONE)
    one.flow.go_back(one.token)
    one.who = taro
    assert one.fill() == FormRefused()
    assert one.stored().contract == hanako.contract
    assert contract_of(there, taro).form_tries.count == 1
    one.who = hanako
    assert one.fill() == Next(Step.PHONE)
    assert one.stored().contract == hanako.contract


@EACH
def test_the_reset_is_that_of_whose_form_it_was(what: What) -> None:
    """Whatever else is entered at the end: it is one contract's from the form on, with its card."""
    there = bank()
    taro = there.customer()
    hanako = there.customer("yuki73kd", person=HANAKO)
    same = unchanged(there, taro)
    one = reset(there, hanako, what, Step.SECRET)
    assert one.reset(pin=Secret(taro.person.pin)) == PinRefused()
    assert one.reset() in {PasswordReset(), QuestionsReset()}
    assert same()
    assert isinstance(with_password(there, taro), LoggedIn)


# --- Other people's calls ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("TEL-05")
@EACH
def test_a_call_from_another_telephone_recognises_nobody(what: What) -> None:
    """The attacker's own, whoever's registered it is; and the customer's other one."""
    there = bank()
    taro = there.customer()
    there.customer("yuki73kd", person=HANAKO)
    one = reset(there, taro, what, Step.CALL)
    for number in (HANAKO.phones[0], taro.person.phones[1], "090-1234-5679"):
        one.dial(number)
        assert isinstance(one.flow.poll(one.token), Waiting)


@EACH
def test_the_customers_own_call_serves_him_alone(what: What) -> None:
    """While one waits nobody else may; and what the customer calls for afterwards recognises no other screen."""
    there = bank()
    taro = there.customer()
    attacker = reset(there, taro, what, Step.CALL)
    customer = reset(there, taro, what, Step.PHONE)
    assert isinstance(customer.call(), AnotherWaits)
    there.clock.advance(2 * MINUTE + timedelta.resolution)
    assert isinstance(customer.call(), Started)
    customer.dial()
    assert not isinstance(attacker.flow.poll(attacker.token), Next | Waiting)
    assert attacker.where() is Step.PHONE
    assert customer.flow.poll(customer.token) == Next(Step.SECRET)


@EACH
def test_what_has_expired_keeps_nobody_waiting(what: What) -> None:
    """Whoever begins anew when his procedure is over waits for no call that it asked for, and not an instant before."""
    there = bank()
    taro = there.customer()
    one = reset(there, taro, what, Step.PHONE)
    there.clock.advance(there.profile.procedure_lifetime - MINUTE)
    assert isinstance(one.call(), Started)
    another = reset(there, taro, what, Step.PHONE)
    there.clock.advance(MINUTE - timedelta.resolution)
    assert isinstance(another.call(), AnotherWaits)
    there.clock.advance(timedelta.resolution)
    assert isinstance(another.call(), Started)


@pytest.mark.parametrize("whose", ["another customer's", "another procedure's", "the other reset's"])
@EACH
def test_nobody_goes_on_by_an_attempt_that_was_not_his(what: What, whose: str) -> None:
    """Though it stood in his procedure: who asked for it, for which contract and for what, must be he."""
    there = bank()
    taro = there.customer()
    hanako = there.customer("yuki73kd", person=HANAKO)
    one = reset(there, taro, what, Step.CALL)
    there.clock.advance(2 * MINUTE + timedelta.resolution)
    other = {
        "another customer's": partial(reset, there, hanako, what, Step.CALL),
        "another procedure's": partial(reset, there, taro, what, Step.CALL),
        "the other reset's": partial(reset, there, taro, OTHER[what], Step.CALL),
    }[whose]().dial()
    assert other.started is not None
    planted = evolve(one.stored(), attempt=other.started.attempt)
    with there.storage.transaction() as tx:
        tx.procedures.put(planted)
    assert one.flow.poll(one.token) == NoSuchAttempt()
    assert one.where() is Step.PHONE
    assert other.flow.poll(other.token) == Next(Step.SECRET)


# --- Too late ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", UNDER_WAY)
@EACH
def test_an_expired_procedure_does_nothing(what: What, step: Step) -> None:
    """At its last instant it has ended, at whatever step; a moment before it has not."""
    there = bank()
    one = reset(there, taro := there.customer(), what, step)
    same = unchanged(there, taro)
    there.clock.set(one.stored().expires_at - timedelta.resolution)
    assert one.where() is step
    there.clock.set(one.stored().expires_at)
    assert {one.where(), *(one.do(act) for act in (*ORDER, Act.GO_BACK, Act.ABANDON))} == {ProcedureEnded()}
    assert same()


@EACH
def test_a_procedure_that_expires_while_the_host_looks_is_not_completed(what: What) -> None:
    """What was due when it was asked for must still be due when it is done."""
    there = bank()
    one = reset(there, taro := there.customer(), what, Step.SECRET)
    same = unchanged(there, taro)
    late = Host(there, meanwhile=lambda: there.clock.set(one.stored().expires_at)).of(one)
    assert late.reset() == ProcedureEnded()
    assert same()


# --- The contract has changed -----------------------------------------------------------------------------------------


def change_password(there: TestBank, who: Enrollee) -> None:
    """Change the password from within a session."""
    new = Secret("moss4+stone")
    told = there.net.change_password(there.log_in(who), current=who.password, new=new, again=new)
    assert isinstance(told, PasswordChanged)


def change_login_id(there: TestBank, who: Enrollee) -> None:
    """Change the login id from within a session."""
    session = stepped_up(there, who, there.log_in(who))
    assert isinstance(there.net.change_login_id(session, password=who.password, new="umi93kqd"), LoginIdChanged)


def reset_password(there: TestBank, who: Enrollee) -> None:
    """Reset the password."""
    there.clock.advance(3 * MINUTE)
    reset(there, who, "password", Step.DONE)


def reset_questions(there: TestBank, who: Enrollee) -> None:
    """Reset the questions."""
    there.clock.advance(3 * MINUTE)
    reset(there, who, "questions", Step.DONE)


def release(there: TestBank, who: Enrollee) -> None:
    """Suspend, and release: the password must be changed then (SUS-03)."""
    suspend(there, who)
    rewrite(there, who, lambda contract: evolve(contract, suspended_since=None, must_change_password=True))


def cancel(there: TestBank, who: Enrollee) -> None:
    """Cancel."""
    rewrite(there, who, lambda contract: evolve(contract, status=ContractStatus.CANCELLED))


CHANGES = [change_password, change_login_id, reset_password, reset_questions, release, cancel]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("step", BOUND)
@EACH
def test_a_procedure_ends_with_what_it_was_begun_on(
    what: What, step: Step, change: Callable[[TestBank, Enrollee], None]
) -> None:
    """Whatever let in then does no more: the procedure has ended, at whatever step, and does nothing."""
    there = bank()
    taro = there.customer()
    one = reset(there, taro, what, step)
    change(there, taro)
    same = unchanged(there, taro)
    assert {one.where(), *(one.do(act) for act in (*ORDER, Act.GO_BACK, Act.ABANDON))} == {ProcedureEnded()}
    assert same()


@pytest.mark.parametrize("change", CHANGES)
@EACH
def test_so_it_does_while_the_host_looks(what: What, change: Callable[[TestBank, Enrollee], None]) -> None:
    """Between the PIN and the reset, too."""
    there = bank()
    taro = there.customer()
    one = reset(there, taro, what, Step.SECRET)
    told = Host(there, meanwhile=lambda: change(there, taro)).of(one).reset()
    assert told == ProcedureEnded()
    after = contract_of(there, taro)
    assert kinds(entries_of(there, taro)).count("PasswordReset") == (change is reset_password)
    assert kinds(entries_of(there, taro)).count("QuestionsReset") == (change is reset_questions)
    assert after.version == contract_of(there, taro).version


def test_what_has_ended_does_not_come_to_life_again() -> None:
    """Though the contract comes to be without questions a second time: an old procedure is not taken up by that."""
    there = bank()
    taro = there.customer()
    reset_questions(there, taro)
    one = reset(there, taro, "password", Step.PHONE)
    rewrite(there, taro, lambda contract: evolve(contract, questions=(RegisteredQuestion("question.pet", "a hash"),)))
    assert one.where() == ProcedureEnded()
    reset_questions(there, taro)
    assert one.where() == ProcedureEnded()


def test_a_stranger_who_guesses_does_not_end_it() -> None:
    """Wrong passwords, and the lock that comes of them, are what it is for: nobody keeps a customer from it."""
    there = bank()
    one = reset(there, taro := there.customer(), "password", Step.CALL)
    lock_password(there, taro)
    assert one.recognised() == Next(Step.SECRET)
    for _ in range(3):
        with_password(there, taro, WRONG)
    assert one.reset() == PasswordReset()
    assert isinstance(with_password(there, taro, NEW), LoggedIn)


# --- Suspended --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-15")
@pytest.mark.parametrize("step", UNDER_WAY)
@EACH
def test_nobody_resets_what_is_suspended(what: What, step: Step) -> None:
    """At every step the answer is that it is suspended; nothing is compared, counted, called or asked of the host."""
    there = bank()
    host = Host(there)
    one = host.of(reset(there, taro := there.customer(), what, step))
    suspend(there, taro)
    before, host.asked[:] = contract_of(there, taro), []
    assert one.do(DUE[step]) == Suspended()
    if step is Step.FORM:
        assert one.fill(kanji="農中二郎") == Suspended()
    else:
        assert one.where() == one.flow.go_back(one.token) == Suspended()
        assert host.asked == []
    assert contract_of(there, taro) == before


@pytest.mark.requirement("LCK-15")
@EACH
def test_a_suspension_while_the_host_looks_stops_it(what: What) -> None:
    """Whoever calls the bank in time is in time; and when it is released the procedure is not taken up again."""
    there = bank()
    one = reset(there, taro := there.customer(), what, Step.SECRET)
    same = unchanged(there, taro)
    assert Host(there, meanwhile=lambda: suspend(there, taro)).of(one).reset() == Suspended()
    assert same()
    release(there, taro)
    assert one.where() == ProcedureEnded()


# --- Guessing at the form ---------------------------------------------------------------------------------------------

NOBODY = evolve(TAKASHI, account=Account.parse("009", "ordinary", "9999999"))
"""Has no account."""


def stranger(there: TestBank, person: Person) -> Enrollee:
    """Somebody without a contract, who writes of himself what *person* would."""
    taro = there.customer()
    return evolve(taro, person=person)


@pytest.mark.requirement("PWR-11")
@EACH
def test_whether_there_is_a_customer_is_not_told(what: What) -> None:
    """A customer's mismatches, an account without a contract, no account: the same answers, to the same questions."""
    heard: list[list[object]] = []
    asked: list[list[str]] = []
    for person in (Person(kanji="農中二郎"), TAKASHI, NOBODY):
        there = bank()
        who = stranger(there, person)
        there.open_account(TAKASHI)
        host = Host(there)
        one = host.of(reset(there, who, what))
        heard.append([one.fill() for _ in range(7)])
        asked.append(host.asked)
    assert heard[0] == heard[1] == heard[2]
    assert [type(told) for told in heard[0]] == [FormRefused] * 4 + [FormClosed] * 3
    assert asked[0] == asked[1] == asked[2] == ["renumbered", "account"] * 7


@pytest.mark.requirement("PWR-11")
def test_what_is_counted_on_nobody_is_written_like_what_is_counted_on_somebody() -> None:
    """One contract's row, one entry in its chain, and nothing else, whether it is a decoy's or not."""
    written: list[tuple[int, int]] = []
    for person in (Person(kanji="農中二郎"), NOBODY):
        there = bank()
        who = stranger(there, person)
        one = reset(there, who)
        one.fill()
        storage = cast("MemoryStorage", there.storage)
        before = len(storage._tables.entries.rows), len(storage._tables.letters.rows)
        one.fill()
        after = len(storage._tables.entries.rows), len(storage._tables.letters.rows)
        written.append((after[0] - before[0], after[1] - before[1]))
    assert written == [(1, 0), (1, 0)]


@pytest.mark.requirement("PWR-11", "LGN-03")
def test_former_numbers_are_no_further_tries() -> None:
    """Who writes one of the account's former numbers counts on the account, as the one who writes the present one."""
    there = bank()
    taro = there.customer()
    former = [Account.parse("099", "ordinary", number) for number in ("1", "2", "3")]
    for one, other in zip(former, [*former[1:], taro.person.account], strict=True):
        if one is former[0]:
            there.open_account(evolve(taro.person, account=one))
        there.core.renumber(taro.institution, one, other)
    attacker = reset(there, taro)
    told = [
        attacker.fill(branch=account.branch.code, number=account.number.digits, kanji="農中二郎")
        for account in (*former, taro.person.account, *former)
    ]
    assert [type(one) for one in told] == [FormRefused] * 4 + [FormClosed] * 3
    assert contract_of(there, taro).form_tries.count == 5


# --- At once ----------------------------------------------------------------------------------------------------------


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
        start.wait(PATIENCE)
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


class MeetingHost(Host):
    """A host that answers about a card when so many have asked: all have read by then, and nobody has written."""

    def __init__(self, there: TestBank, together: int) -> None:
        """Answer *together* at once."""
        super().__init__(there)
        self._meeting = Barrier(together)

    def check_card(self, *args: Any) -> object:  # noqa: ANN401 -- handed on as it is
        """What the bank's host says, to all of them."""
        told = super().check_card(*args)
        self._meeting.wait(PATIENCE)
        return told


CROWD = 8


@EACH
def test_of_many_completions_of_one_procedure_one_is(storage: Storage, what: What) -> None:
    """All had the PIN checked before any was written: one reset, one letter, one entry; the others have ended."""
    there = bank(storage=storage)
    taro = there.customer()
    one = MeetingHost(there, CROWD).of(reset(there, taro, what, Step.SECRET))
    passwords = [Secret(f"vase{number}#lamp") for number in range(CROWD)]
    if what == "password":
        told = at_once([partial(one.reset, new=new, again=new) for new in passwords])
    else:
        told = at_once([one.reset] * CROWD)
    assert Tallied(type(answer) for answer in told)[ProcedureEnded] == CROWD - 1
    assert kinds(entries_of(there, taro)).count("PasswordReset" if what == "password" else "QuestionsReset") == 1
    code = LetterCode.PASSWORD_RESET if what == "password" else LetterCode.QUESTIONS_RESET
    assert [letter.code for letter in letters(there)].count(code) == 1
    if what == "password":
        won = passwords[[isinstance(answer, PasswordReset) for answer in told].index(True)]
        assert isinstance(with_password(there, taro, won), LoggedIn)
        assert {with_password(there, taro, lost) for lost in passwords[:4] if lost != won} == {Refused()}


@pytest.mark.parametrize("other", BOTH)
@EACH
def test_of_two_procedures_completed_at_once_one_is(storage: Storage, what: What, other: What) -> None:
    """Two resets of one contract, of one kind or of both: the one that is first ends the other."""
    there = bank(storage=storage)
    taro = there.customer()
    one = reset(there, taro, what, Step.SECRET)
    two = reset(there, taro, other, Step.SECRET)
    host = MeetingHost(there, 2)
    told = at_once([host.of(one).reset, host.of(two).reset])
    assert Tallied(type(answer) for answer in told)[ProcedureEnded] == 1
    entries = kinds(entries_of(there, taro))
    assert entries.count("PasswordReset") + entries.count("QuestionsReset") == 1


@pytest.mark.requirement("PWR-11")
def test_however_many_come_at_once_five_are_compared(storage: Storage) -> None:
    """Exactly: four are refused, the fifth closes the form, all others find it closed; and then the right one does."""
    there = bank(storage=storage)
    taro = there.customer()
    attackers = [reset(there, taro, BOTH[number % 2]) for number in range(4 * CROWD)]
    told = Tallied(type(answer) for answer in at_once([partial(one.fill, kanji="農中二郎") for one in attackers]))
    assert told == {FormRefused: 4, FormClosed: 4 * CROWD - 4}
    assert kinds(entries_of(there, taro)).count("FormCompared") == 5
    assert contract_of(there, taro).form_tries == FormTries(there.clock.now().date(), 5)
    assert [letter.code for letter in letters(there)].count(LetterCode.FORM_CLOSED) == 1
    assert isinstance(reset(there, taro).fill(), FormClosed)


@pytest.mark.requirement("PWR-11")
def test_so_it_is_with_an_account_that_nobody_has(storage: Storage) -> None:
    """The decoy is made by the first of them, and counts like anybody."""
    there = bank(storage=storage)
    who = stranger(there, NOBODY)
    attackers = [reset(there, who) for _ in range(2 * CROWD)]
    told = Tallied(type(answer) for answer in at_once([one.fill for one in attackers]))
    assert told == {FormRefused: 4, FormClosed: 2 * CROWD - 4}
    key = there.net.platform.vault.decoy_key(INSTITUTION.id.code, "account", str(NOBODY.account))
    decoy = read(storage, lambda tx: tx.contracts.by_account(INSTITUTION.id, str(NOBODY.account), key))
    assert decoy is not None
    assert decoy.form_tries.count == 5


@pytest.mark.requirement("LCK-13", "PWR-13", "RBR-08")
@EACH
def test_however_many_pins_are_tried_at_once_the_card_counts_them(storage: Storage, what: What) -> None:
    """Two are wrong, the third locks the card, nobody's is compared afterwards, the right one neither."""
    there = bank(storage=storage)
    taro = there.customer()
    one = reset(there, taro, what, Step.SECRET)
    same = unchanged(there, taro)
    told = Tallied(type(answer) for answer in at_once([partial(one.reset, pin=ZERO)] * CROWD))
    assert told[CardLocked] + told[ProcedureEnded] == CROWD - told[PinRefused]
    assert told[PinRefused] <= 2
    assert told[CardLocked] == 1
    assert one.where() == ProcedureEnded()
    there.clock.advance(REST)
    assert reset(there, taro, what, Step.SECRET).reset() == CardLocked()
    assert same()


def test_a_crowd_at_one_form_moves_one_procedure_once(storage: Storage) -> None:
    """Of many who fill in one procedure's form, rightly, one goes on, and the others are told where it stands."""
    there = bank(storage=storage)
    one = reset(there, taro := there.customer())
    told = at_once([one.fill] * CROWD)
    assert Tallied(type(answer) for answer in told) == {Next: 1, WrongStep: CROWD - 1}
    assert kinds(entries_of(there, taro)).count("FormCompared") == 1
