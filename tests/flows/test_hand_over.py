"""Handing over: the host hears of what is authorised once, whatever is lost, and his word is what counts."""

from datetime import datetime, time, timedelta

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.accounts import DeletionAccepted
from janetbank.flows.hand_over import (
    Accepted,
    AnswerAwaited,
    Cancelled,
    Executed,
    NotCancellable,
    RefusedByHost,
    Reserved,
)
from janetbank.flows.instruct import Instruct, InstructionStanding
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.letters import CHOSEN
from janetbank.flows.pay_bills import BillFound, PayBills
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Rejected
from janetbank.flows.settle_instructions import Settled, settle
from janetbank.model.customer import Notice
from janetbank.model.fee import ChargeKind
from janetbank.model.letter import LetterCode
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.fees import FeeRules
from janetbank.policies.instruction import InstructionState
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import PAYEE, Person, bank
from janetbank.values.account import Account
from janetbank.values.host_answer import HostAnswer, HostReason, HostWord
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content, InstructionKind, Transfer
from janetbank.values.moment import JST
from janetbank.values.money import Yen
from janetbank_adapters.core_banking.books import When
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.money_scene import TAX, authorised, balance, books, executed, find, found, proved, send_bills, stored
from tests.flows.nights import TUESDAY, Nights
from tests.flows.scene import MINUTE, TICK, entries_of, letters, suspend
from tests.flows.token_scene import LATER_DAY, Telephone, order

BEFORE = 10_000_000
DAY = timedelta(days=1)
ASKED = Settled(asked=1, moved=1, silent=0)
LOST: list[When] = ["before", "after", "late"]


@pytest.fixture
def phone() -> Telephone:
    """Taro, logged in."""
    there = bank()
    return Telephone.of(there, there.customer())


def left(phone: Telephone) -> int:
    """What is on Taro's account."""
    return balance(phone.there, phone.taro)


def execute(phone: Telephone, reference: str) -> object:
    """Have it handed over."""
    return phone.there.net.instruct.execute(phone.session, reference)


def state(phone: Telephone, reference: str) -> InstructionState:
    """As it is stored."""
    return stored(phone.there, reference).state


# --- What the host may say --------------------------------------------------------------------------------------------


@pytest.mark.requirement("TRF-09")
def test_todays_is_executed(phone: Telephone) -> None:
    """The money is moved, once, and that is told; there is nothing left to ask."""
    reference = authorised(phone)
    content = stored(phone.there, reference).content
    assert execute(phone, reference) == Executed(content)
    assert (left(phone), books(phone.there).done) == (BEFORE - 50_000, [content])
    assert settle(phone.there.net.platform) == Settled(asked=0, moved=0, silent=0)


@pytest.mark.requirement("TRF-09")
def test_another_days_is_reserved_until_it_comes(phone: Telephone) -> None:
    """Told as reserved; the host is asked on its day, and not before; then it is executed."""
    there, reference = phone.there, authorised(phone, day=LATER_DAY)
    content = stored(there, reference).content
    assert execute(phone, reference) == Reserved(content)
    assert left(phone) == BEFORE
    there.clock.advance(3 * DAY)
    assert settle(there.net.platform) == Settled(asked=0, moved=0, silent=0)
    there.clock.advance(DAY)
    assert settle(there.net.platform) == ASKED
    assert (state(phone, reference), left(phone)) == (InstructionState.EXECUTED, BEFORE - 50_000)


@pytest.mark.requirement("TRF-09")
def test_after_hours_it_is_accepted(phone: Telephone) -> None:
    """Told as accepted, and asked about until it is executed."""
    there, reference = phone.there, authorised(phone)
    books(there).processing = False
    assert execute(phone, reference) == Accepted(stored(there, reference).content)
    assert settle(there.net.platform) == Settled(asked=1, moved=0, silent=0)
    books(there).processing = True
    assert settle(there.net.platform) == ASKED
    assert state(phone, reference) is InstructionState.EXECUTED


@pytest.mark.requirement("TRF-09", "TRF-11")
def test_what_the_host_has_said_is_told_again(phone: Telephone) -> None:
    """Who missed the answer hears it, and not that he has to begin anew: nothing is done twice, nothing asked."""
    there = phone.there
    refused = authorised(phone, 1, day=LATER_DAY)
    there.core.flag(phone.taro.institution, phone.taro.person.account)
    answers = {refused: execute(phone, refused)}
    there.core.flag(phone.taro.institution, phone.taro.person.account, caution=False)
    reserved, cancelled = (authorised(phone, yen, day=LATER_DAY) for yen in (2, 3))
    answers |= {reserved: execute(phone, reserved), cancelled: execute(phone, cancelled)}
    answers[cancelled] = there.net.instruct.cancel(phone.session, cancelled)
    lost = authorised(phone, 4)
    books(there).time_out("after")
    assert execute(phone, lost) == AnswerAwaited(lost)
    settle(there.net.platform)
    answers[lost] = Executed(stored(there, lost).content)
    books(there).processing = False
    accepted = authorised(phone, 5)
    answers[accepted] = execute(phone, accepted)
    assert [type(one) for one in answers.values()] == [RefusedByHost, Reserved, Cancelled, Executed, Accepted]
    there.core.reachable = False
    assert {reference: execute(phone, reference) for reference in answers} == answers


@pytest.mark.requirement("TRF-03")
def test_what_the_host_refuses_is_not_done_and_does_not_count(phone: Telephone) -> None:
    """The reason is told and kept, and what it took of the limit is given back."""
    there = phone.there
    there.core.flag(phone.taro.institution, phone.taro.person.account)
    reference = authorised(phone, 200_000)
    assert execute(phone, reference) == RefusedByHost(reference, HostReason.ACCOUNT)
    refused = stored(there, reference)
    assert (refused.state, refused.reason) == (InstructionState.REFUSED, HostReason.ACCOUNT)
    there.core.flag(phone.taro.institution, phone.taro.person.account, caution=False)
    executed(phone, authorised(phone, 200_000))
    assert left(phone) == BEFORE - 200_000


def test_a_reservation_without_money_on_its_day_does_not_count(phone: Telephone) -> None:
    """Refused on its day, it leaves that day's limit to others."""
    there = phone.there
    books(there).open((phone.taro.institution, phone.taro.person.account), "somebody", Yen(0))
    books(there).register(phone.taro.institution, phone.taro.person.account, PAYEE)
    reference = authorised(phone, 200_000, day=LATER_DAY)
    assert isinstance(execute(phone, reference), Reserved)
    there.clock.advance(4 * DAY)
    assert settle(there.net.platform) == ASKED
    assert stored(there, reference).reason is HostReason.FUNDS
    books(there).deposit(phone.taro.institution, phone.taro.person.account, Yen(200_000))
    phone.session = there.log_in(phone.taro)
    executed(phone, authorised(phone, 200_000, day=LATER_DAY))


# --- What is confirmed by mail ----------------------------------------------------------------------------------------


def confirmed(phone: Telephone) -> list[str]:
    """What the customer was told of his transactions, in the order of the alphabet."""
    told = [one.code for one in letters(phone.there) if one.code in CHOSEN]
    return sorted(code.value.removeprefix("letter.instruction_") for code in told)


@pytest.mark.requirement("ENR-08", "MAL-01", "MAL-09")
def test_each_word_of_the_host_is_confirmed(phone: Telephone) -> None:
    """Reserved and then executed, accepted and then executed: one letter each time, however often he is asked."""
    there = phone.there
    execute(phone, authorised(phone, day=LATER_DAY))
    books(there).processing = False
    execute(phone, authorised(phone))
    assert confirmed(phone) == ["accepted", "reserved"]
    books(there).processing = True
    for _ in range(2):
        assert settle(there.net.platform).silent == 0
        assert confirmed(phone) == ["accepted", "executed", "reserved"]
    there.clock.advance(4 * DAY)
    settle(there.net.platform)
    assert confirmed(phone) == ["accepted", "executed", "executed", "reserved"]


@pytest.mark.requirement("ENR-08", "MAL-01", "MAL-09")
def test_so_is_that_nothing_was_done(phone: Telephone) -> None:
    """Reserved and cancelled, and refused."""
    there, reserved, other = phone.there, authorised(phone, day=LATER_DAY), authorised(phone)
    execute(phone, reserved)
    there.net.instruct.cancel(phone.session, reserved)
    assert confirmed(phone) == ["cancelled", "reserved"]
    there.core.flag(phone.taro.institution, phone.taro.person.account)
    execute(phone, other)
    assert confirmed(phone) == ["cancelled", "refused", "reserved"]


@pytest.mark.requirement("ENR-08", "MAL-01")
def test_a_payment_is_confirmed_by_the_name_of_its_biller(phone: Telephone) -> None:
    """Which bill, how much, when, and the number to ask about it by; no account stands in a mail."""
    send_bills(phone.there)
    reference = found(phone)
    phone.there.net.pay_bills.pay(phone.session, reference)
    (letter,) = (one for one in letters(phone.there) if one.code in CHOSEN)
    assert letter.code is LetterCode.INSTRUCTION_EXECUTED
    assert letter.params == {"reference": reference, "payee": TAX.name, "amount": 39_500, "day": "2026-11-20"}


@pytest.mark.parametrize("when", LOST)
def test_what_is_asked_for_again_is_confirmed_once(phone: Telephone, when: When) -> None:
    """Nothing is confirmed before the host has spoken, and what he says twice once."""
    reference = authorised(phone)
    books(phone.there).time_out(when)
    execute(phone, reference)
    assert confirmed(phone) == []
    execute(phone, reference)
    books(phone.there).arrive()
    settle(phone.there.net.platform)
    assert confirmed(phone) == ["executed"]


@pytest.mark.requirement("ENR-07", "MAL-15")
def test_it_is_confirmed_where_the_customer_wants_it() -> None:
    """At those of his addresses alone that receive notices of transactions, of which he may leave none."""
    there = bank()
    phone = Telephone.of(there, there.customer(person=Person(further=("work@example.jp", "phone@example.jp"))))
    there.net.select_mail.choose(phone.session, 1, {Notice.NEWS})
    executed(phone, authorised(phone))
    assert {str(one.to) for one in letters(there) if one.code in CHOSEN} == {"taro@example.jp", "phone@example.jp"}
    for address in range(3):
        there.net.select_mail.choose(phone.session, address, ())
    executed(phone, authorised(phone))
    assert len(confirmed(phone)) == 2


# --- What may be lost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", LOST)
def test_a_host_that_times_out_is_asked_again_and_pays_once(phone: Telephone, when: When) -> None:
    """He heard nothing, or did it, or hears it late: the customer is told to wait, asks again, and it is done once."""
    there, reference = phone.there, proved(phone.start())
    books(there).time_out(when)
    assert execute(phone, reference) == AnswerAwaited(reference)
    standing = InstructionStanding(reference, InstructionState.HANDED_OVER)
    assert there.net.instruct.standing(phone.session, reference) == standing
    assert execute(phone, reference) == Executed(stored(there, reference).content)
    books(there).arrive()
    assert settle(there.net.platform) == Settled(asked=0, moved=0, silent=0)
    assert (left(phone), len(books(there).done)) == (BEFORE - 50_000, 1)


@pytest.mark.parametrize("when", LOST)
def test_what_nobody_asks_for_again_is_settled(phone: Telephone, when: When) -> None:
    """Whatever was lost, it is found, and done once, with nobody logged in."""
    there, reference = phone.there, authorised(phone)
    books(there).time_out(when)
    assert execute(phone, reference) == AnswerAwaited(reference)
    there.clock.advance(10 * MINUTE)
    assert settle(there.net.platform) == ASKED
    books(there).arrive()
    assert state(phone, reference) is InstructionState.EXECUTED
    assert (left(phone), len(books(there).done)) == (BEFORE - 50_000, 1)


@pytest.mark.parametrize(
    ("when", "after", "spent"),
    [("before", InstructionState.CANCELLED, 0), ("late", InstructionState.CANCELLED, 0),
     ("after", InstructionState.EXECUTED, 50_000)],
)  # fmt: skip
def test_what_was_for_a_day_that_is_over_is_done_on_no_other(
    phone: Telephone, when: When, after: InstructionState, spent: int
) -> None:
    """What the host had not done by midnight is cancelled, even if it was only late; what he had done is done."""
    there, reference = phone.there, authorised(phone)
    books(there).time_out(when)
    assert execute(phone, reference) == AnswerAwaited(reference)
    there.clock.advance(DAY)
    assert settle(there.net.platform) == ASKED
    books(there).arrive()
    assert settle(there.net.platform) == Settled(asked=0, moved=0, silent=0)
    assert (state(phone, reference), left(phone)) == (after, BEFORE - spent)


def test_what_was_changed_in_between_is_cancelled(phone: Telephone) -> None:
    """Somebody rewrites what was handed over before the host heard of it: the host is not asked for that."""
    there, reference = phone.there, authorised(phone)
    books(there).time_out("before")
    assert execute(phone, reference) == AnswerAwaited(reference)
    with there.storage.transaction() as tx:
        handed = tx.instructions.by_reference(reference)
        assert handed is not None
        assert isinstance(handed.content, Transfer)
        dearer = evolve(handed.content, amount=Yen(100_000))
        tx.instructions.put(evolve(handed, content=dearer))
    assert execute(phone, reference) == Cancelled(reference)
    assert (left(phone), books(there).done) == (BEFORE, [])


class Dying(MemoryCoreBanking):
    """A host at which the process that asks dies, before he hears it or after he has done it."""

    def __init__(self, sound: MemoryCoreBanking, *, after: bool) -> None:
        """In front of the *sound* one."""
        self.__dict__.update(sound.__dict__)
        self.after = after

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Die."""
        if self.after:
            super().instruct(institution, content)
        raise KeyboardInterrupt


@pytest.mark.parametrize("after", [False, True])
def test_who_dies_beside_the_host_has_written_it_down(phone: Telephone, after: bool) -> None:  # noqa: FBT001 -- a parameter
    """Killed before or after the host has done it, the instruction says that he may have it; it is done once."""
    there, reference = phone.there, authorised(phone)
    platform = evolve(there.net.platform, core=Dying(there.core, after=after))
    with pytest.raises(KeyboardInterrupt):
        Instruct(platform).execute(phone.session, reference)
    assert state(phone, reference) is InstructionState.HANDED_OVER
    assert settle(there.net.platform) == ASKED
    assert (left(phone), len(books(there).done)) == (BEFORE - 50_000, 1)


def test_what_is_not_written_down_the_host_does_not_hear(phone: Telephone) -> None:
    """Where the store fails before it is written, nothing is done, and it can be handed over later."""
    there, reference = phone.there, authorised(phone)
    assert isinstance(there.storage, MemoryStorage)
    there.storage.fail(call="commit", with_=Unavailable())
    with pytest.raises(Unavailable):
        execute(phone, reference)
    assert books(there).done == []
    executed(phone, reference)


def test_an_answer_that_cannot_be_kept_is_asked_for_again(phone: Telephone) -> None:
    """The host has done it, and the store fails: it is settled from what was written before."""
    there, reference = phone.there, authorised(phone)
    assert isinstance(there.storage, MemoryStorage)
    there.storage.fail(call="commit", skip=1, with_=Unavailable())
    with pytest.raises(Unavailable):
        execute(phone, reference)
    assert state(phone, reference) is InstructionState.HANDED_OVER
    assert settle(there.net.platform) == ASKED
    assert (left(phone), len(books(there).done)) == (BEFORE - 50_000, 1)


def test_each_turn_is_in_the_chain(phone: Telephone) -> None:
    """That he was going to be asked, and what he said, stand in the customer's chain."""
    reference = authorised(phone)
    executed(phone, reference)
    moved = [one.data["state"] for one in entries_of(phone.there, phone.taro) if one.kind == "InstructionMoved"]
    assert moved == ["authorised", "handed_over", "executed"]


class Interfering(MemoryCoreBanking):
    """A host beside whom somebody else settles the same instruction, before he says *said*."""

    def __init__(self, phone: Telephone, said: HostAnswer) -> None:
        """In front of the sound one."""
        self.__dict__.update(phone.there.core.__dict__)
        self.sound, self.said = phone.there.net.platform, said

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Let the other one be told the truth."""
        super().instruct(institution, content)
        assert settle(self.sound) == ASKED
        return self.said


@pytest.mark.parametrize("word", HostWord)
def test_what_is_over_stays_as_it_is(phone: Telephone, word: HostWord) -> None:
    """Two ask at once: what the first has heard to be executed the second one's word does not change."""
    reference = authorised(phone)
    said = HostAnswer(word, HostReason.FUNDS if word is HostWord.REFUSED else None)
    platform = evolve(phone.there.net.platform, core=Interfering(phone, said))
    assert Instruct(platform).execute(phone.session, reference) == Executed(stored(phone.there, reference).content)
    assert (state(phone, reference), left(phone)) == (InstructionState.EXECUTED, BEFORE - 50_000)


# --- Cancelling -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CAN-04", "TRF-10")
def test_a_reservation_is_cancelled_before_its_day(phone: Telephone) -> None:
    """The host forgets it, and what it took of that day's limit is given back."""
    there, reference = phone.there, authorised(phone, 200_000, day=LATER_DAY)
    assert isinstance(execute(phone, reference), Reserved)
    assert there.net.instruct.cancel(phone.session, reference) == Cancelled(reference)
    assert isinstance(execute(phone, authorised(phone, 200_000, day=LATER_DAY)), Reserved)
    there.clock.advance(4 * DAY)
    assert settle(there.net.platform) == ASKED
    assert (state(phone, reference), left(phone)) == (InstructionState.CANCELLED, BEFORE - 200_000)


@pytest.mark.requirement("TRF-11")
def test_nothing_else_is_cancelled(phone: Telephone) -> None:
    """Not what is authorised, executed or unknown, nor a reservation on its day."""
    there, cancel = phone.there, phone.there.net.instruct.cancel
    assert cancel(phone.session, "unknown") == NotCancellable()
    reference = authorised(phone)
    assert cancel(phone.session, reference) == NotCancellable()
    executed(phone, reference)
    assert cancel(phone.session, reference) == NotCancellable()
    reserved = authorised(phone, day=LATER_DAY)
    assert isinstance(execute(phone, reserved), Reserved)
    there.clock.advance(4 * DAY)
    phone.session = there.log_in(phone.taro)
    assert cancel(phone.session, reserved) == NotCancellable()


@pytest.mark.parametrize("when", LOST)
def test_cancelling_is_asked_for_again_as_well(phone: Telephone, when: When) -> None:
    """A host that is silent may have cancelled it or not: asked again, he has."""
    there, reference = phone.there, authorised(phone, day=LATER_DAY)
    assert isinstance(execute(phone, reference), Reserved)
    books(there).time_out(when, call="cancel")
    assert there.net.instruct.cancel(phone.session, reference) == AnswerAwaited(reference)
    assert state(phone, reference) is InstructionState.CANCELLING
    books(there).time_out(when, call="cancel")
    assert there.net.instruct.cancel(phone.session, reference) == AnswerAwaited(reference)
    assert execute(phone, reference) == AnswerAwaited(reference)
    assert settle(there.net.platform) == ASKED
    assert there.net.instruct.cancel(phone.session, reference) == Cancelled(reference)
    there.clock.advance(4 * DAY)
    assert (state(phone, reference), left(phone)) == (InstructionState.CANCELLED, BEFORE)


def test_cancelling_too_late_is_told(phone: Telephone) -> None:
    """The wish to cancel was written down, and its day began before the host heard it: it is done, and that is told."""
    there, reference = phone.there, authorised(phone, day=LATER_DAY)
    assert isinstance(execute(phone, reference), Reserved)
    books(there).time_out("before", call="cancel")
    assert there.net.instruct.cancel(phone.session, reference) == AnswerAwaited(reference)
    there.clock.advance(4 * DAY)
    phone.session = there.log_in(phone.taro)
    told = there.net.instruct.cancel(phone.session, reference)
    assert told == Executed(stored(there, reference).content)
    assert left(phone) == BEFORE - 50_000


# --- Who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TRF-10")
def test_what_is_pending_is_executed_though_the_contract_is_suspended(phone: Telephone) -> None:
    """Reserved before, executed on its day, with nobody able to log in."""
    there, reference = phone.there, authorised(phone, day=LATER_DAY)
    assert isinstance(execute(phone, reference), Reserved)
    suspend(there, phone.taro)
    there.clock.advance(4 * DAY)
    assert settle(there.net.platform) == ASKED
    assert state(phone, reference) is InstructionState.EXECUTED


def test_no_door_leads_to_the_other_kind(phone: Telephone) -> None:
    """A transfer is not handed over as a bill, nor a bill as a transfer: each has its own locks."""
    there = phone.there
    send_bills(there)
    net, transfer, bill = there.net, authorised(phone), found(phone)
    assert net.pay_bills.pay(phone.session, transfer) == NotAuthorised()
    assert net.instruct.execute(phone.session, bill) == NotAuthorised()
    assert net.instruct.amend(phone.session, bill, order()) == NotAuthorised()
    assert PayBills(net.platform).enter_code(phone.session, transfer, phone.taro.password) == NotAuthorised()
    assert books(there).done == []


def test_nobody_elses_is_handed_over_or_cancelled(phone: Telephone) -> None:
    """A reference opens nothing to another customer."""
    there = phone.there
    person = Person(account=Account.parse("205", "ordinary", "7654321"), phones=("080-5555-0000",))
    other = Telephone.of(there, there.customer("wind77qp", "v4se#lamp", person=person))
    reference = authorised(phone, day=LATER_DAY)
    assert execute(other, reference) == NotAuthorised()
    assert isinstance(execute(phone, reference), Reserved)
    assert there.net.instruct.cancel(other.session, reference) == NotCancellable()


def test_what_was_for_yesterday_is_not_handed_over(phone: Telephone) -> None:
    """Authorised, and its day went by: it is refused, and the host never hears of it."""
    there, reference = phone.there, authorised(phone)
    there.clock.advance(DAY)
    phone.session = there.log_in(phone.taro)
    assert execute(phone, reference) == NotAuthorised()
    assert state(phone, reference) is InstructionState.REFUSED
    assert books(there).done == []


@pytest.mark.requirement("HRS-08")
@pytest.mark.parametrize("late", [False, True])
def test_what_is_for_today_is_handed_over_until_the_cut_off(*, late: bool) -> None:
    """Requested before, it is refused from the cut-off on, as a request is; a bill is paid at any time."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), calendar=BankCalendar(cut_off=time(15))))
    send_bills(there)
    phone = Telephone.of(there, there.customer())
    there.clock.set(datetime(2026, 11, 20, 14, 59, tzinfo=JST))
    phone.session = there.log_in(phone.taro)
    reference, tomorrows, lost = authorised(phone), authorised(phone, day=LATER_DAY), authorised(phone, 1)
    books(there).time_out("before")
    assert execute(phone, lost) == AnswerAwaited(lost)
    there.clock.set(datetime(2026, 11, 20, 15, 0, tzinfo=JST) - (not late) * TICK)
    if late:
        assert (execute(phone, reference), execute(phone, lost)) == (NotAuthorised(), Cancelled(lost))
        assert isinstance(
            there.net.instruct.request(phone.session, order(InstructionKind.REGISTERED_PAYEE_TRANSFER)), Rejected
        )
        assert books(there).done == []
    else:
        executed(phone, reference)
        executed(phone, lost)
    assert isinstance(execute(phone, tomorrows), Reserved)
    assert isinstance(there.net.pay_bills.pay(phone.session, found(phone)), Executed)


@pytest.mark.requirement("ACC-09")
@pytest.mark.parametrize("end", ["source", "payee", "bill"])
@pytest.mark.parametrize("day", ["accepted", "reflected"])
def test_nothing_leaves_an_account_that_is_being_deleted(phone: Telephone, end: str, day: str) -> None:
    """Authorised, and then the account was deleted that it is from, or that it is to as one's own: it is refused."""
    there, savings, main = phone.there, phone.taro.person.savings, phone.taro.person.account
    own = order(InstructionKind.OWN_TRANSFER, day=LATER_DAY)
    if end == "bill":
        send_bills(there)
        told: object = find(phone, source=savings)
    else:
        there.core.books.deposit(phone.taro.institution, savings, Yen(100_000))
        wanted = own if end == "payee" else evolve(own, source=savings, payee=main)
        told = there.net.instruct.request(phone.session, wanted)
    assert isinstance(told, Authorised | BillFound)
    deleted = there.net.accounts.delete(
        phone.session, branch=savings.branch.code, type=savings.type.value, number=savings.number.digits
    )
    assert isinstance(deleted, DeletionAccepted)
    if day == "reflected":
        Nights(there).come(TUESDAY)
        phone.session = there.log_in(phone.taro)
    hand_over = there.net.pay_bills.pay if end == "bill" else there.net.instruct.execute
    assert hand_over(phone.session, told.reference) == NotAuthorised()
    assert state(phone, told.reference) is InstructionState.REFUSED
    assert books(there).done == []


@pytest.mark.requirement("TRF-07", "FEE-03")
def test_a_transfer_costs_its_fee_when_it_is_executed() -> None:
    """Once, on its day, as an entry of its own; what is reserved costs nothing yet, and what is refused never does."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), fees=FeeRules(transfer=Yen(220))))
    phone = Telephone.of(there, there.customer())
    reference = authorised(phone, day=LATER_DAY)

    def charged() -> list[tuple[ChargeKind, str, int]]:
        with there.storage.transaction() as tx:
            charges = tx.fees.charges_of(phone.taro.institution, phone.taro.contract)
        return [(one.kind, one.reference, one.amount.amount) for one in charges]

    assert isinstance(execute(phone, reference), Reserved)
    assert charged() == []
    there.clock.advance(4 * DAY)
    settle(there.net.platform)
    settle(there.net.platform)
    assert charged() == [(ChargeKind.TRANSFER, reference, 220)]
    # The host was told of the funds alone.
    assert left(phone) == BEFORE - 50_000


def test_an_own_transfer_arrives(phone: Telephone) -> None:
    """What goes to the other account is there."""
    told = phone.there.net.instruct.request(phone.session, order(InstructionKind.OWN_TRANSFER))
    assert isinstance(told, Authorised)
    executed(phone, told.reference)
    assert (left(phone), balance(phone.there, phone.taro, phone.taro.person.savings)) == (BEFORE - 50_000, 50_000)
