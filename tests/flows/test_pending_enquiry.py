"""What an operator sees of pending transfers, before a cancellation is taken and before a customer is asked."""

from datetime import date

import pytest

from janetbank.flows.enquire import ContractStanding, PendingTransfers
from janetbank.flows.hand_over import AnswerAwaited, Cancelled, Reserved
from janetbank.policies.instruction import InstructionState
from janetbank.testing.bank import PAYEE, bank
from janetbank.values.instruction import Content, Transfer
from janetbank.values.money import Yen
from tests.flows.counter_scene import Desk, told
from tests.flows.money_scene import authorised, books, executed, stored
from tests.flows.nights import TUESDAY, WEDNESDAY, Nights
from tests.flows.token_scene import Telephone


@pytest.fixture
def desk() -> Desk:
    """A bank with an operator."""
    return Desk.open(bank(), "tanaka")


@pytest.fixture
def phone(desk: Desk) -> Telephone:
    """Taro, logged in."""
    return Telephone.of(desk.there, desk.taro)


def pending(desk: Desk) -> list[Content]:
    """What the operator sees."""
    enquired = desk.there.net.enquire.transfers(desk.by("tanaka"), desk.account)
    return [one.content for one in told(enquired, PendingTransfers).instructions]


def reserved(phone: Telephone, day: date, yen: int = 50_000) -> str:
    """A transfer that the host has reserved for *day*: its reference."""
    reference = authorised(phone, yen, day=day)
    assert isinstance(phone.there.net.instruct.execute(phone.session, reference), Reserved)
    return reference


@pytest.mark.requirement("CAN-01", "CAN-02")
def test_it_is_seen_whether_a_cancellation_can_be_taken(desk: Desk, phone: Telephone) -> None:
    """The contract first, then its transfers: with none of them pending the form is taken, and else explained."""
    session = desk.by("tanaka")
    assert isinstance(desk.there.net.enquire.contract(session, desk.account), ContractStanding)
    assert pending(desk) == []
    executed(phone, authorised(phone))
    assert pending(desk) == []
    first, second = reserved(phone, TUESDAY), reserved(phone, WEDNESDAY)
    assert {one.reference for one in pending(desk)} == {first, second}
    # What explaining comes to: he waits for the one, and cancels the other.
    Nights(desk.there).come(TUESDAY)
    assert [one.reference for one in pending(desk)] == [second]
    assert desk.there.net.instruct.cancel(desk.there.log_in(desk.taro), second) == Cancelled(second)
    assert pending(desk) == []


@pytest.mark.requirement("CAN-02", "TRF-09")
def test_what_the_host_may_have_is_pending(desk: Desk, phone: Telephone) -> None:
    """Where his answer is not known yet, nobody says that there is nothing."""
    reference = authorised(phone)
    books(desk.there).time_out("before")
    assert isinstance(desk.there.net.instruct.execute(phone.session, reference), AnswerAwaited)
    assert [one.reference for one in pending(desk)] == [reference]


@pytest.mark.requirement("TRF-12")
def test_who_asks_sees_what_the_customer_confirmed(desk: Desk, phone: Telephone) -> None:
    """It sees payee, amount and day as they were confirmed, nothing else; to ask changes nothing, and he decides."""
    strange, usual = reserved(phone, TUESDAY, 49_000), reserved(phone, TUESDAY, 1_000)
    seen = {one.reference: one for one in pending(desk)}
    assert seen == {one: stored(desk.there, one).content for one in (strange, usual)}
    assert all(stored(desk.there, one).intact for one in (strange, usual))
    first = seen[strange]
    assert isinstance(first, Transfer)
    assert (first.payee, first.payee_name, first.amount, first.date) == (
        PAYEE.account,
        PAYEE.name,
        Yen(49_000),
        TUESDAY,
    )
    assert desk.chain("tanaka")[-1].data["act"] == "enquire_transfers"
    # He did not mean it.
    assert desk.there.net.instruct.cancel(phone.session, strange) == Cancelled(strange)
    Nights(desk.there).come(TUESDAY)
    assert stored(desk.there, strange).state is InstructionState.CANCELLED
    assert stored(desk.there, usual).state is InstructionState.EXECUTED
