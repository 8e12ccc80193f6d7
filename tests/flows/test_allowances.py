"""Allowances: a limit is looked at when a transfer is requested, and counted when it is handed over."""

from datetime import timedelta

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.allowances import ClosedForTransfers, LimitReached
from janetbank.flows.hand_over import AnswerAwaited, Executed, Reserved
from janetbank.flows.instruct import CodeNeeded, Instruct
from janetbank.flows.prove import Authorised
from janetbank.flows.use_token import TokenCancelled
from janetbank.policies.limits import CountedOn
from janetbank.testing.bank import TestBank, bank
from janetbank.values.instruction import InstructionKind
from janetbank.values.money import Yen
from tests.flows.money_scene import (
    BILL,
    NUMBERS,
    Torn,
    authorised,
    books,
    executed,
    found,
    proved,
    send_bills,
    set_limits,
    stored,
)
from tests.flows.token_scene import LATER_DAY, STEP, Telephone, order

MAN = 10_000
REGISTERED, OWN = InstructionKind.REGISTERED_PAYEE_TRANSFER, InstructionKind.OWN_TRANSFER


@pytest.fixture
def phone() -> Telephone:
    """Taro, logged in, without a token: 20万円 a day."""
    there = bank()
    return Telephone.of(there, there.customer())


def request(phone: Telephone, yen: int, kind: InstructionKind = REGISTERED, **more: object) -> object:
    """Request a transfer."""
    return phone.there.net.instruct.request(phone.session, order(kind, yen, **more))  # type: ignore[arg-type]  # its own


def execute(phone: Telephone, reference: str) -> object:
    """Hand it over."""
    return phone.there.net.instruct.execute(phone.session, reference)


@pytest.mark.requirement("TRF-03")
def test_a_request_beyond_the_limit_is_refused_before_anything_is_proved(phone: Telephone) -> None:
    """One yen too much is told with what is left; all of it can be requested, and a request takes nothing."""
    assert request(phone, 20 * MAN + 1) == LimitReached(Yen(20 * MAN))
    for _ in range(3):
        assert isinstance(request(phone, 20 * MAN), Authorised)


@pytest.mark.requirement("TRF-03")
def test_what_is_handed_over_counts(phone: Telephone) -> None:
    """Of three that are each within the limit the ones that are not together within it are refused, and can wait."""
    references = [authorised(phone, 8 * MAN) for _ in range(3)]
    executed(phone, references[0])
    executed(phone, references[1])
    assert execute(phone, references[2]) == LimitReached(Yen(4 * MAN))
    assert request(phone, 4 * MAN + 1) == LimitReached(Yen(4 * MAN))
    executed(phone, authorised(phone, 4 * MAN))
    assert request(phone, 1) == LimitReached(Yen(0))


@pytest.mark.requirement("TRF-03")
def test_a_refusal_for_the_limit_leaves_the_instruction_as_it_was(phone: Telephone) -> None:
    """Authorised still, approval and all; once there is room it is executed, by the same proof."""
    account = phone.start().taro.person.account
    set_limits(phone, {account: "400"})
    reference = proved(phone, 200 * MAN)
    executed(phone, authorised(phone, 300 * MAN))
    assert execute(phone, reference) == LimitReached(Yen(100 * MAN))
    set_limits(phone, {account: "500"})
    executed(phone, reference)


@pytest.mark.requirement("TRF-03")
def test_what_nobody_has_an_answer_to_counts(phone: Telephone) -> None:
    """The host may have done it: until he says otherwise it is counted, once, however often he is asked."""
    reference = authorised(phone, 15 * MAN)
    books(phone.there).time_out("before", times=3)
    for _ in range(3):
        assert execute(phone, reference) == AnswerAwaited(reference)
    assert request(phone, 5 * MAN + 1) == LimitReached(Yen(5 * MAN))
    executed(phone, reference)
    assert request(phone, 5 * MAN + 1) == LimitReached(Yen(5 * MAN))


@pytest.mark.requirement("TRF-03")
def test_the_limit_is_the_lower_of_what_was_set_and_what_may_be_set_now() -> None:
    """Two million with a token in use; given up, what is authorised already meets the other maximum (AMB-24)."""
    there = bank()
    phone = Telephone.of(there, there.customer()).start()
    set_limits(phone, {phone.taro.person.account: "200"})
    own, more = (request(phone, amount * MAN, OWN) for amount in (200, 20))
    assert isinstance(own, Authorised)
    assert isinstance(more, Authorised)
    assert there.net.use_token.cancel(phone.session, phone.code()) == TokenCancelled()
    assert execute(phone, own.reference) == LimitReached(Yen(20 * MAN))
    executed(phone, more.reference)
    assert request(phone, 1) == LimitReached(Yen(0))


@pytest.mark.requirement("TRF-03")
def test_a_token_that_is_not_in_use_raises_nothing(phone: Telephone) -> None:
    """Set up is not in use."""
    phone.set_up()
    assert request(phone, 20 * MAN + 1) == LimitReached(Yen(20 * MAN))
    phone.there.net.use_token.start(phone.session, phone.code())
    phone.there.clock.advance(STEP)
    assert isinstance(request(phone, 20 * MAN + 1), Authorised)


@pytest.mark.requirement("TRF-03")
def test_nothing_closes_the_account_and_no_other(phone: Telephone) -> None:
    """At 0万円 not one yen leaves it, requested or authorised before; the other account is as it was."""
    before = authorised(phone, 1)
    account, savings = phone.taro.person.account, phone.taro.person.savings
    set_limits(phone, {account: "0"})
    assert request(phone, 1) == ClosedForTransfers()
    assert execute(phone, before) == ClosedForTransfers()
    other = phone.there.net.instruct.request(
        phone.session,
        evolve(order(OWN, 1), source=savings, payee=account),
    )
    assert isinstance(other, Authorised)


@pytest.mark.requirement("TRF-04")
def test_each_account_has_its_own(phone: Telephone) -> None:
    """What leaves the one takes nothing from the other; savings accounts have a limit as well."""
    account, savings = phone.taro.person.account, phone.taro.person.savings
    set_limits(phone, {account: "10", savings: "7"})
    executed(phone, authorised(phone, 10 * MAN))
    back = evolve(order(OWN, 7 * MAN), source=savings, payee=account)
    told = phone.there.net.instruct.request(phone.session, back)
    assert isinstance(told, Authorised)
    dearer = phone.there.net.instruct.request(phone.session, evolve(back, amount=Yen(7 * MAN + 1)))
    assert dearer == LimitReached(Yen(7 * MAN))


@pytest.mark.requirement("TRF-03")
def test_every_day_in_japan_has_all_of_it(phone: Telephone) -> None:
    """Used up today, it is whole from midnight in Japan on."""
    there = phone.there
    executed(phone, authorised(phone, 20 * MAN))
    there.clock.set(there.clock.now().replace(hour=15) - timedelta.resolution)
    phone.session = there.log_in(phone.taro)
    assert request(phone, 1) == LimitReached(Yen(0))
    there.clock.advance(timedelta.resolution)
    phone.session = there.log_in(phone.taro)
    executed(phone, authorised(phone, 20 * MAN, day=order().date + timedelta(days=1)))


def reserving(reservations: CountedOn) -> TestBank:
    """A bank that counts reservations so."""
    ja = profiles.fast_for_tests(profiles.JA)
    return bank(evolve(ja, limits=evolve(ja.limits, reservations=reservations)))


@pytest.mark.parametrize(
    ("reservations", "today", "later"),
    [(CountedOn.EXECUTION, 20 * MAN, 5 * MAN), (CountedOn.REQUEST, 5 * MAN, 20 * MAN)],
)
def test_on_which_day_a_reservation_counts(reservations: CountedOn, today: int, later: int) -> None:
    """On the day of its execution; or, where the profile says so, on the day on which it is made (AMB-34)."""
    there = reserving(reservations)
    phone = Telephone.of(there, there.customer())
    assert isinstance(execute(phone, authorised(phone, 15 * MAN, day=LATER_DAY)), Reserved)
    assert request(phone, today + 1) == LimitReached(Yen(today))
    there.clock.advance(timedelta(days=4))
    phone.session = there.log_in(phone.taro)
    assert request(phone, later + 1, day=LATER_DAY) == LimitReached(Yen(later))


@pytest.mark.parametrize("reservations", CountedOn)
def test_a_cancelled_reservation_gives_back_where_it_took(reservations: CountedOn) -> None:
    """On whichever day it counted, that day is whole again."""
    there = reserving(reservations)
    phone = Telephone.of(there, there.customer())
    reference = authorised(phone, 15 * MAN, day=LATER_DAY)
    assert isinstance(execute(phone, reference), Reserved)
    assert stored(there, reference).counted_on is not None
    there.net.instruct.cancel(phone.session, reference)
    assert stored(there, reference).counted_on is None
    assert isinstance(request(phone, 20 * MAN), Authorised)
    assert isinstance(request(phone, 20 * MAN, day=LATER_DAY), Authorised)


@pytest.mark.requirement("TRF-05")
def test_bills_neither_count_nor_are_counted(phone: Telephone) -> None:
    """A closed account pays bills, and what is paid leaves the limit alone."""
    send_bills(phone.there)
    phone.start()
    set_limits(phone, {phone.taro.person.account: "0"})
    reference = found(phone, NUMBERS)
    phone.there.net.pay_bills.enter_code(phone.session, reference, phone.code())
    assert isinstance(phone.there.net.pay_bills.pay(phone.session, reference), Executed)
    set_limits(phone, {phone.taro.person.account: "1"})
    assert isinstance(request(phone, MAN), Authorised)
    assert BILL.amount.amount > 0


@pytest.mark.requirement("TRF-03")
@pytest.mark.parametrize(
    ("yen", "told"), [(500 * MAN, CodeNeeded), (500 * MAN + 1, LimitReached)], ids=["all of it", "one yen more"]
)
def test_the_maximum_with_one_time_passwords(yen: int, told: type, phone: Telephone) -> None:
    """With a token in use the other maximum counts, for ad hoc transfers too."""
    phone.start()
    assert isinstance(request(phone, yen, InstructionKind.AD_HOC_TRANSFER), told)


def test_what_another_counts_in_between_is_seen(phone: Telephone) -> None:
    """Between reading and writing another transfer is counted: this one decides again, and is refused."""
    first, second = (authorised(phone, 15 * MAN) for _ in range(2))

    def meanwhile() -> None:
        executed(phone, second)

    platform = evolve(phone.there.net.platform, storage=Torn(phone.there.storage, meanwhile))
    assert Instruct(platform).execute(phone.session, first) == LimitReached(Yen(5 * MAN))
    assert len(books(phone.there).done) == 1


def test_days_that_are_over_are_not_kept(phone: Telephone) -> None:
    """What was transferred on a day that is over is forgotten with the next transfer, reservations are not."""
    there, account = phone.there, phone.taro.person.account
    executed(phone, authorised(phone, MAN))
    assert isinstance(execute(phone, authorised(phone, 2 * MAN, day=LATER_DAY)), Reserved)
    there.clock.advance(timedelta(days=1))
    phone.session = there.log_in(phone.taro)
    tomorrow = order().date + timedelta(days=1)
    executed(phone, authorised(phone, 3 * MAN, day=tomorrow))
    with there.storage.transaction() as tx:
        allowance = tx.allowances.of(phone.taro.institution, phone.taro.contract, account)
    assert allowance is not None
    assert allowance.usage.days == ((tomorrow, Yen(3 * MAN)), (LATER_DAY, Yen(2 * MAN)))
