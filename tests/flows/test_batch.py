"""The night batch: what it does on which day, what it refuses, and that it does nothing twice wherever it dies."""

import itertools
from collections.abc import Callable, Generator, Iterable, Sized
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from typing import Any, cast

import pytest
from attrs import define, evolve, field

from janetbank import profiles
from janetbank.flows.audit import Intact, verify
from janetbank.flows.batch import (
    SETTLED,
    AnotherFirst,
    BatchDone,
    DayNotBegun,
    DayOver,
    NightBatch,
    NightNotRun,
    NothingWorks,
    Progress,
    ReportsWritten,
)
from janetbank.flows.fees import charge_transfer, exempt_month
from janetbank.flows.hand_over import AnswerAwaited, Reserved
from janetbank.flows.leave import LeavingAccepted
from janetbank.flows.log_in import LoggedIn, LogIn
from janetbank.flows.release import Done as ProposalDone
from janetbank.flows.release import FromFee
from janetbank.model.acceptance import Acceptance, AcceptanceKind
from janetbank.model.batch import BatchRun, BatchStep, Done
from janetbank.model.contract import Contract
from janetbank.model.fee import Charge, ChargeKind, FeeTerms
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.instruction import InstructionState
from janetbank.ports.failures import Unavailable
from janetbank.ports.reports import ReportHead
from janetbank.ports.storage import Storage, Transaction
from janetbank.testing.bank import HOME, INSTITUTION, NEIGHBOUR, START, Enrollee, Person, TestBank, bank
from janetbank.testing.storage_conformance import an_instruction
from janetbank.values.account import Account
from janetbank.values.instruction import InstructionKind, Transfer
from janetbank.values.moment import JST
from janetbank.values.money import Yen
from janetbank.values.month import Month
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.reports.memory import MemoryReports
from janetbank_adapters.storage.memory import MemoryStorage, When
from tests.flows.counter_scene import Desk
from tests.flows.money_scene import authorised, books, stored
from tests.flows.nights import (
    CURRENT,
    DAY,
    SAVINGS,
    TUESDAY,
    WEDNESDAY,
    Nights,
    charging,
    morning,
    with_account,
)
from tests.flows.scene import HANAKO, TAKASHI, Interrupted, contract_of, entries_of, read, rewrite
from tests.flows.token_scene import Telephone

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
FIRST = date(2026, 12, 1)
"""A Tuesday."""


# --- Which day --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("OPS-02", "HRS-08")
@pytest.mark.parametrize(
    ("day", "now", "told"),
    [
        ("2026-11-24", "2026-11-23T23:59:59+09:00", DayNotBegun(TUESDAY)),
        ("2026-11-24", "2026-11-24T00:04:59.999999+09:00", DayNotBegun(TUESDAY)),
        ("2026-11-24", "2026-11-24T00:05:00+09:00", None),
        ("2026-11-24", "2026-11-26T12:00:00+09:00", None),
        ("2026-11-23", "2026-11-24T12:00:00+09:00", NothingWorks(date(2026, 11, 23))),
        ("2026-11-22", "2026-11-24T12:00:00+09:00", NothingWorks(date(2026, 11, 22))),
        ("1948-12-30", "2026-11-24T12:00:00+09:00", NothingWorks(date(1948, 12, 30))),
        # What lies ahead is told first.
        ("2026-11-28", "2026-11-24T12:00:00+09:00", DayNotBegun(date(2026, 11, 28))),
    ],
)
def test_a_day_is_run_once_it_has_begun(day: str, now: str, told: object) -> None:
    """Not before its first five minutes are over; and not where neither host nor bank works."""
    there = bank()
    there.clock.set(datetime.fromisoformat(now))
    asked = date.fromisoformat(day)
    assert Nights(there).run(asked) == (told or BatchDone(asked, Done()))


def test_the_five_minutes_are_what_they_are() -> None:
    """They cover what may still be on its way into the store when the day changes."""
    assert timedelta(minutes=5) == SETTLED


@pytest.mark.requirement("HRS-08")
def test_from_the_cut_off_on_the_next_day_may_be_run() -> None:
    """Where what comes from 15:00 on belongs to the next day, that day's batch may run from five minutes later on."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), calendar=BankCalendar(cut_off=time(15))))
    taro = there.customer()
    there.clock.set(datetime(2026, 11, 20, 15, 4, tzinfo=JST))
    nights = Nights(there)
    assert nights.run(TUESDAY) == DayNotBegun(TUESDAY)
    # Friday afternoon belongs to Saturday, and so on: Tuesday begins on Monday at 15:00.
    there.clock.set(datetime(2026, 11, 23, 15, 5, tzinfo=JST))
    assert nights.run(TUESDAY) == BatchDone(TUESDAY, Done(activated=1, reported=1, reports=1))
    assert contract_of(there, taro).status is ContractStatus.ACTIVE
    hanako = there.customer("yuki73kd", person=HANAKO)
    assert contract_of(there, hanako).effective_on == WEDNESDAY


@pytest.mark.requirement("HRS-08", "ACC-06")
def test_a_day_on_which_only_the_bank_or_only_the_host_works_is_run() -> None:
    """Either is enough: the one for what is reported, the other for what is reflected."""
    calendar = BankCalendar(operates=lambda day: day.weekday() == 6)
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), calendar=calendar))
    there.clock.set(morning(date(2026, 11, 30)))
    nights = Nights(there)
    assert isinstance(nights.run(date(2026, 11, 22)), BatchDone)
    assert isinstance(nights.run(TUESDAY), BatchDone)
    assert nights.run(date(2026, 11, 28)) == NothingWorks(date(2026, 11, 28))


def test_days_are_run_in_their_order() -> None:
    """Nothing is done backwards; a day that was run is told again, and changes nothing."""
    there = bank()
    there.customer()
    nights = Nights(there)
    told = BatchDone(WEDNESDAY, nights.come(WEDNESDAY))
    assert nights.run(TUESDAY) == DayOver(WEDNESDAY)
    before = everything(there.storage)
    assert nights.run(WEDNESDAY) == told
    assert everything(there.storage) == before
    assert set(nights.reports.times.values()) == {1}


def test_a_run_that_died_goes_first() -> None:
    """The next day waits until the one before has come to its end."""
    storage = MemoryStorage()
    there = bank(storage=storage)
    there.customer()
    nights = Nights(there)
    there.clock.set(morning(WEDNESDAY))
    storage.fail(call="contracts.due", with_=Unavailable())
    with pytest.raises(Unavailable):
        nights.run(TUESDAY)
    assert nights.run(WEDNESDAY) == AnotherFirst(TUESDAY)
    died = nights.latest()
    assert died is not None
    assert (died.step, died.ended_at) == (BatchStep.REFLECT, None)
    (begun, *_) = read(storage, lambda tx: list(tx.audit.chain(died.chain_name)))
    assert (begun.kind, begun.data) == ("BatchBegun", {"previous": ""})
    assert nights.run(TUESDAY) == BatchDone(TUESDAY, Done(activated=1, reported=1, reports=1))
    assert nights.run(WEDNESDAY) == BatchDone(WEDNESDAY, Done())


# --- What it reflects -------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-09", "OPS-02")
def test_an_application_becomes_a_contract_on_its_day() -> None:
    """Not a day before, and with an entry in its own chain that says on which."""
    there = bank()
    taro = there.customer()
    nights = Nights(there)
    there.clock.set(morning(TUESDAY))
    assert contract_of(there, taro).status is ContractStatus.APPLIED
    assert nights.come(TUESDAY) == Done(activated=1, reported=1, reports=1)
    assert contract_of(there, taro).status is ContractStatus.ACTIVE
    last = entries_of(there, taro)[-1]
    assert (last.kind, last.data, last.at) == (
        "ContractReflected",
        {"day": "2026-11-24", "status": "active"},
        morning(TUESDAY).astimezone(UTC),
    )
    assert nights.come(WEDNESDAY) == Done()


@pytest.mark.requirement("ENR-17", "OPS-03")
def test_an_application_is_reported_on_the_next_operating_day() -> None:
    """To the branch that manages the representative account, with customer, accounts and contract."""
    there = bank()
    people = [
        there.customer(person=Person(account=Account.parse(branch, "ordinary", number)), login_id=login_id)
        for branch, number, login_id in (("001", "1", "kaze48nd"), ("002", "2", "yuki73kd"), ("001", "3", "mori52zt"))
    ]
    elsewhere = there.customer("sora64bm", person=TAKASHI, institution=NEIGHBOUR)
    nights = Nights(there, size=1)
    assert nights.come(TUESDAY) == Done(activated=4, reported=4, reports=3)
    heads = [
        ReportHead(
            title="JAネットバンク",
            on=TUESDAY,
            institution=institution.id,
            institution_name=institution.name,
            branch=Account.parse(branch, "ordinary", "1").branch,
            branch_name="",
        )
        for institution, branch in ((INSTITUTION, "001"), (INSTITUTION, "002"), (NEIGHBOUR, "003"))
    ]
    assert list(nights.reports.written) == heads
    told = {head: [line.contract for line in lines] for head, lines in nights.reports.written.items()}
    assert sorted(one.text for one in told[heads[0]]) == sorted(people[one].contract.text for one in (0, 2))
    assert told[heads[1]] == [people[1].contract]
    assert told[heads[2]] == [elsewhere.contract]
    (line,) = nights.reports.written[heads[1]]
    assert (line.kind, line.account, line.representative) == (
        AcceptanceKind.APPLICATION,
        people[1].person.account,
        people[1].person.account,
    )
    assert (line.kana.text, line.kanji.text) == ("ノウキョウタロウ", "農中太郎")
    assert (line.accepted_at, line.effective_on, line.report_on) == (START, TUESDAY, TUESDAY)


@pytest.mark.requirement("ENR-17")
def test_a_report_bears_the_names_that_the_directory_knows() -> None:
    """Of institution and branch; where it knows none, the codes have to do."""
    there = bank()
    there.customer()
    there.customer("sora64bm", person=TAKASHI, institution=NEIGHBOUR)
    there.clock.set(morning(TUESDAY))
    known, reports = MemoryDirectory([INSTITUTION], {INSTITUTION.id: {"001": "本店"}}), MemoryReports()
    NightBatch(evolve(there.net.platform, directory=known), reports)(TUESDAY)
    assert [(head.institution_name, head.branch_name) for head in reports.written] == [
        (INSTITUTION.name, "本店"),
        ("", ""),
    ]


@pytest.mark.requirement("FEE-08", "FEE-09")
def test_the_report_names_the_month_that_cannot_be_used() -> None:
    """Applied for on the last day of a month: the branch reads which month may cost a fee for nothing."""
    there = bank()
    there.clock.set(datetime(2026, 11, 30, 18, 0, tzinfo=JST))
    there.customer()
    nights = Nights(there)
    nights.come(FIRST)
    (line,) = nights.reported(FIRST)
    assert (line.unusable, line.effective_on) == (NOVEMBER, FIRST)


def test_a_night_that_was_left_out_is_made_up_for() -> None:
    """The next run reflects what was due, and writes each day's own report."""
    there = bank()
    there.customer()
    there.clock.set(morning(TUESDAY))
    there.customer("yuki73kd", person=HANAKO)
    nights = Nights(there)
    assert nights.come(WEDNESDAY) == Done(activated=2, reported=2, reports=2)
    assert [head.on for head in nights.reports.written] == [TUESDAY, WEDNESDAY]
    assert len(nights.reported(TUESDAY)) == len(nights.reported(WEDNESDAY)) == 1


@pytest.mark.requirement("CAN-07", "ACC-09")
def test_each_thing_waits_for_its_own_day() -> None:
    """An account that is due does not take along a cancellation that is not."""
    there = bank()
    taro = there.customer()
    due = LinkedAccount(SAVINGS, AccountState.DELETE_PENDING, TUESDAY)
    rewrite(
        there,
        taro,
        lambda contract: evolve(contract, status=ContractStatus.LEAVING, ends_on=WEDNESDAY, accounts=(due,)),
    )
    nights = Nights(there)
    assert nights.come(TUESDAY).accounts_removed == 1
    assert (contract_of(there, taro).status, contract_of(there, taro).accounts) == (ContractStatus.LEAVING, ())
    assert nights.come(WEDNESDAY).cancelled == 1


@pytest.mark.requirement("CAN-09")
@pytest.mark.parametrize("size", [1, 3])
def test_a_cancellation_that_waits_holds_up_no_other(size: int) -> None:
    """While somebody looks into a fraud his contract stays due, night by night; the ones behind it end all the same."""
    there = bank()
    persons = [Person(account=Account.parse("001", "ordinary", str(one))) for one in range(1, 4)]
    ids = ("kaze48nd", "yuki73kd", "mori52zt")
    people = [there.customer(login_id, person=person) for login_id, person in zip(ids, persons, strict=True)]
    Nights(there).come(TUESDAY)
    people.sort(key=lambda who: who.contract.text)
    for who in people:
        since = START if who is people[0] else None
        rewrite(
            there,
            who,
            lambda one: evolve(one, status=ContractStatus.LEAVING, ends_on=WEDNESDAY, investigated_since=since),  # noqa: B023 -- done here and now
        )
    there.clock.set(morning(WEDNESDAY))
    pages = iter(range(20))
    night = NightBatch(there.net.platform, MemoryReports(), size)
    assert night(WEDNESDAY, lambda _: next(pages)) == BatchDone(WEDNESDAY, Done(cancelled=2))
    assert [contract_of(there, who).status for who in people] == [
        ContractStatus.LEAVING,
        *[ContractStatus.CANCELLED] * 2,
    ]


@pytest.mark.requirement("CAN-06", "CAN-07")
def test_of_a_cancelled_contract_nothing_is_left_that_opens_anything() -> None:
    """No password, no question nor which was asked, no place, and no account beside the one it was for."""
    there = bank()
    taro = there.customer()
    Nights(there).come(TUESDAY)
    linked = LinkedAccount(SAVINGS, AccountState.ACTIVE, None)
    rewrite(
        there,
        taro,
        lambda one: evolve(one, status=ContractStatus.LEAVING, ends_on=WEDNESDAY, accounts=(linked,), asked=0),
    )
    assert Nights(there).come(WEDNESDAY).cancelled == 1
    left = contract_of(there, taro)
    assert (left.status, left.account) == (ContractStatus.CANCELLED, taro.person.account)
    assert (left.password, left.confirmation, left.questions, left.asked) == ("", None, (), None)
    assert (left.places, left.accounts) == ((), ())


def test_a_decoy_and_a_tombstone_are_left_alone() -> None:
    """Whoever is nobody, and whoever has left, is neither reflected nor charged."""
    there = bank(charging())
    taro = there.customer()
    there.guess("nobody99", "soil7+rain")
    nights = Nights(there)
    nights.come(TUESDAY)
    there.net.leave(there.log_in(taro))
    nights.come(WEDNESDAY)
    left = contract_of(there, taro)
    nights.pass_until(FIRST)
    assert contract_of(there, taro) == left
    assert charges(there, taro) == []


# --- What it hears from the host --------------------------------------------------------------------------------------


def reserved_for(phone: Telephone, day: date) -> str:
    """A transfer to the registered payee, which the host has reserved for *day*: its reference."""
    reference = authorised(phone, day=day)
    assert isinstance(phone.there.net.instruct.execute(phone.session, reference), Reserved)
    return reference


@pytest.mark.requirement("TRF-07", "TRF-09", "TRF-10", "FEE-03")
def test_a_reserved_transfer_is_executed_on_its_day() -> None:
    """The night of that day hears of it, and charges its fee; the nights before ask nobody about it."""
    there = bank(charging(monthly=0))
    taro = there.customer()
    reference = reserved_for(Telephone.of(there, taro), WEDNESDAY)
    nights = Nights(there)
    nights.come(TUESDAY)
    assert stored(there, reference).state is InstructionState.RESERVED
    assert charges(there, taro) == []
    nights.come(WEDNESDAY)
    assert stored(there, reference).state is InstructionState.EXECUTED
    assert [(one.kind, one.on) for one in charges(there, taro)] == [(ChargeKind.TRANSFER, WEDNESDAY)]
    assert len(books(there).done) == 1


@pytest.mark.requirement("TRF-09")
def test_a_silent_host_holds_no_night_up() -> None:
    """All the rest is done; what he is silent about is told, stays as it is, and is heard of by the next night."""
    there = bank()
    reference = reserved_for(Telephone.of(there, there.customer()), TUESDAY)
    there.clock.set(morning(TUESDAY))
    there.core.reachable = False
    told = list[Progress]()
    done = NightBatch(there.net.platform, MemoryReports())(TUESDAY, told.append)
    assert done == BatchDone(TUESDAY, Done(activated=1, reported=1, reports=1))
    heard = [one for one in told if one.step is BatchStep.SETTLE][-1]
    assert (heard.done, heard.of) == (0, 1)
    assert stored(there, reference).state is InstructionState.RESERVED
    there.core.reachable = True
    Nights(there).come(WEDNESDAY)
    assert stored(there, reference).state is InstructionState.EXECUTED


@pytest.mark.requirement("TRF-09")
def test_what_was_interrupted_is_settled_by_the_night() -> None:
    """An instruction whose answer was lost is asked for again under its key, and done once."""
    there = bank()
    phone = Telephone.of(there, there.customer())
    reference = authorised(phone)
    books(there).time_out("after")
    assert isinstance(there.net.instruct.execute(phone.session, reference), AnswerAwaited)
    Nights(there).come(TUESDAY)
    assert stored(there, reference).state is InstructionState.EXECUTED
    assert len(books(there).done) == 1


# --- Fees -------------------------------------------------------------------------------------------------------------


def charges(there: TestBank, who: Enrollee) -> list[Charge]:
    """What *who* was charged."""
    return list(read(there.storage, lambda tx: tx.fees.charges_of(who.institution, who.contract)))


def with_contract(there: TestBank, who: Enrollee, act: Callable[[Transaction, Contract], object]) -> object:
    """Do *act* with the contract of *who*."""
    with there.storage.transaction() as tx:
        contract = tx.contracts.by_id(who.institution, who.contract)
        assert contract is not None
        return act(tx, contract)


def exempt(there: TestBank, who: Enrollee, month: Month) -> None:
    """Exempt *who* from the fee of *month*, as two operators do."""
    today = there.profile.calendar.business_date(there.clock.now())
    with_contract(there, who, lambda tx, contract: exempt_month(tx, contract, month, today))


def transfer(there: TestBank, who: Enrollee, reference: str, day: date, **otherwise: object) -> object:
    """Let a transfer of *who* be executed on *day*."""
    content = Transfer(
        reference=reference,
        kind=InstructionKind.AD_HOC_TRANSFER,
        source=who.person.account,
        payee_bank=NEIGHBOUR.id,
        payee=CURRENT,
        payee_name="ヤマダハナコ",
        amount=Yen(50_000),
        date=day,
    )
    content = evolve(content, **otherwise)  # type: ignore[arg-type]  # whichever field
    return with_contract(there, who, lambda tx, contract: charge_transfer(there.net.platform, tx, contract, content))


def monthly(who: Enrollee, month: Month, on: date) -> Charge:
    """The monthly fee of *who*."""
    return Charge(
        institution=who.institution,
        contract=who.contract,
        kind=ChargeKind.MONTHLY,
        reference=str(month),
        month=month,
        account=who.person.account,
        amount=Yen(110),
        on=on,
    )


@pytest.mark.requirement("FEE-08", "FEE-10")
def test_a_month_is_charged_after_its_last_day() -> None:
    """By the first run after it, once, from the representative account, on the first operating day."""
    there = bank(charging())
    taro = there.customer()
    nights = Nights(there)
    nights.pass_until(date(2026, 11, 30))
    assert charges(there, taro) == []
    assert nights.come(FIRST) == Done(charged=1, yen=110)
    assert charges(there, taro) == [monthly(taro, NOVEMBER, FIRST)]
    nights.pass_until(date(2027, 1, 4))
    assert charges(there, taro) == [monthly(taro, NOVEMBER, FIRST), monthly(taro, DECEMBER, date(2027, 1, 4))]


@pytest.mark.requirement("FEE-08", "FEE-10")
@pytest.mark.parametrize(
    ("applied", "charged"),
    [("2026-11-30T23:39:59+09:00", True), ("2026-12-01T06:30:00+09:00", False)],
)
def test_who_applied_on_the_last_day_is_charged(applied: str, charged: bool) -> None:  # noqa: FBT001 -- a table's column
    """The month of an application costs its fee though the service can be used in the next one only (FEE-08)."""
    there = bank(charging())
    there.clock.set(datetime.fromisoformat(applied))
    taro = there.customer()
    nights = Nights(there)
    nights.come(FIRST)
    assert charges(there, taro) == ([monthly(taro, NOVEMBER, FIRST)] if charged else [])


@pytest.mark.requirement("FEE-07", "FEE-09", "FEE-10", "OPS-06")
def test_an_exemption_by_two_operators_spares_its_month_and_no_other() -> None:
    """Proposed and approved on the last day, the fee of that month is not collected, and the next one is."""
    desk = Desk.open(bank(charging()), "tanaka", "sato")
    there, taro = desk.there, desk.taro
    hanako = there.customer("yuki73kd", person=HANAKO)
    there.clock.set(datetime(2026, 11, 30, 18, 0, tzinfo=JST))
    approved = there.net.release.approve(desk.by("sato"), desk.proposed(FromFee(NOVEMBER)))
    assert isinstance(approved, ProposalDone), approved
    there.clock.set(morning(FIRST))
    assert Nights(there).come(FIRST).charged == 1
    assert charges(there, taro) == []
    assert charges(there, hanako) == [monthly(hanako, NOVEMBER, FIRST)]
    Nights(there).pass_until(date(2027, 1, 4))
    assert charges(there, taro) == [monthly(taro, DECEMBER, date(2027, 1, 4))]


def test_months_are_exempted_one_by_one() -> None:
    """Each of them once: what was exempted stays so, and says since when."""
    there = bank(charging())
    taro = there.customer()
    exempt(there, taro, NOVEMBER)
    there.clock.advance(DAY)
    exempt(there, taro, NOVEMBER)
    exempt(there, taro, DECEMBER)
    terms = read(there.storage, lambda tx: tx.fees.terms_of(taro.institution, taro.contract))
    assert terms is not None
    first = START.astimezone(JST).date()
    assert [(one.month, one.on) for one in terms.exemptions] == [(NOVEMBER, first), (DECEMBER, first + DAY)]


@pytest.mark.requirement("FEE-10", "CAN-07")
def test_who_leaves_pays_for_the_months_whose_last_day_he_sees() -> None:
    """A cancellation reflected on the last day saves the month; one reflected on the first of the next does not."""
    there = bank(charging())
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    nights = Nights(there)
    nights.pass_until(date(2026, 11, 27))
    assert there.net.leave(there.log_in(taro)) == LeavingAccepted(date(2026, 11, 30))
    nights.come(date(2026, 11, 30))
    assert there.net.leave(there.log_in(hanako)) == LeavingAccepted(FIRST)
    assert nights.come(FIRST) == Done(charged=1, yen=110, cancelled=1)
    assert charges(there, taro) == []
    assert charges(there, hanako) == [monthly(hanako, NOVEMBER, FIRST)]


@pytest.mark.requirement("FEE-10")
def test_nights_left_out_do_not_change_what_a_month_costs() -> None:
    """Who should have been gone by the last day pays nothing, though the batch that lets him go comes later."""
    there = bank(charging())
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    nights = Nights(there)
    nights.come(TUESDAY)
    there.net.leave(there.log_in(taro))
    assert nights.come(date(2027, 2, 1)) == Done(charged=3, yen=330, cancelled=1)
    assert charges(there, taro) == []
    assert [one.month for one in charges(there, hanako)] == [NOVEMBER, DECEMBER, Month(2027, 1)]
    assert [one.on for one in charges(there, hanako)] == [FIRST, date(2027, 1, 4), date(2027, 2, 1)]


def test_the_first_run_of_all_charges_no_month_but_the_last() -> None:
    """Who begins with this library in the middle of a life is not charged for the months before."""
    for day, months in ((FIRST, [NOVEMBER]), (date(2026, 12, 2), [])):
        there = bank(charging())
        taro = there.customer()
        rewrite(there, taro, lambda contract: evolve(contract, applied_at=START.replace(year=2020)))
        Nights(there).come(day)
        assert [one.month for one in charges(there, taro)] == months


@pytest.mark.requirement("FEE-02", "FEE-03", "TRF-07")
def test_a_transfers_fee_is_charged_with_it() -> None:
    """即納: on the transfer's own day, from its account, once; nothing is left for the end of the month."""
    there = bank(charging(monthly=0))
    taro = there.customer()
    transfer(there, taro, "a", WEDNESDAY)
    (charge,) = charges(there, taro)
    assert (charge.kind, charge.reference, charge.amount) == (ChargeKind.TRANSFER, "a", Yen(220))
    assert (charge.account, charge.on, charge.month) == (taro.person.account, WEDNESDAY, NOVEMBER)
    assert charge.collected_by == taro.person.account.branch
    nights = Nights(there)
    nights.pass_until(date(2026, 11, 30))
    assert nights.come(FIRST) == Done()


def deferring(there: TestBank, who: Enrollee, account: Account = CURRENT) -> None:
    """Let *who* have a contract for deferred fees."""
    terms = FeeTerms(institution=who.institution, contract=who.contract, deferred_to=account)
    with there.storage.transaction() as tx:
        tx.fees.add_terms(terms)


@pytest.mark.requirement("FEE-02", "FEE-04", "TRF-07")
def test_deferred_fees_are_collected_in_one_sum_a_month() -> None:
    """後納: what a month's transfers cost leaves the designated account in one sum on the first operating day after."""
    there = bank(charging(monthly=0))
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    deferring(there, taro)
    for reference, day in (("a", WEDNESDAY), ("b", date(2026, 11, 30)), ("c", FIRST)):
        transfer(there, taro, reference, day)
    transfer(there, taro, "own", WEDNESDAY, kind=InstructionKind.OWN_TRANSFER)
    transfer(there, hanako, "d", WEDNESDAY)
    assert [(one.kind, one.on, one.account) for one in charges(there, taro)] == [
        (ChargeKind.ACCRUED, None, CURRENT)
    ] * 3
    nights = Nights(there)
    nights.pass_until(date(2026, 11, 30))
    assert nights.come(FIRST) == Done(charged=1, yen=440)
    (collected,) = [one for one in charges(there, taro) if one.kind is ChargeKind.DEFERRED]
    assert (collected.amount, collected.account, collected.on) == (Yen(440), CURRENT, FIRST)
    assert collected.collected_by == CURRENT.branch
    assert collected.month == NOVEMBER
    nights.pass_until(date(2027, 1, 4))
    sums = [one.amount for one in charges(there, taro) if one.kind is ChargeKind.DEFERRED]
    assert sums == [Yen(440), Yen(220)]
    assert [one.kind for one in charges(there, hanako)] == [ChargeKind.TRANSFER]


@pytest.mark.requirement("FEE-04")
@pytest.mark.parametrize(
    ("day", "months"),
    [
        ("2026-11-25", []),
        ("2026-11-30", []),
        ("2026-12-01", [NOVEMBER]),
        ("2026-12-02", [NOVEMBER]),
        ("2027-01-04", [NOVEMBER, DECEMBER]),
        ("2027-02-01", [NOVEMBER, DECEMBER]),
        ("2027-11-30", [NOVEMBER, DECEMBER]),
        ("2027-12-01", [NOVEMBER, DECEMBER]),
        ("2027-12-02", [DECEMBER]),
    ],
)
@pytest.mark.parametrize("size", [1, 1_000])
def test_the_first_run_of_all_collects_what_had_accrued(day: str, months: list[Month], size: int) -> None:
    """後納: each month of the year before it that had ended, in a sum of its own, once."""
    there = bank(charging(monthly=0, transfer=100))
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    deferring(there, taro)
    deferring(there, hanako)
    transfer(there, taro, "a", WEDNESDAY)
    transfer(there, hanako, "b", WEDNESDAY)
    transfer(there, taro, "c", FIRST)
    nights = Nights(there, size)
    nights.come(date.fromisoformat(day))
    collected = [one for one in charges(there, taro) if one.kind is not ChargeKind.ACCRUED]
    assert [(one.month, one.amount) for one in collected] == [(month, Yen(100)) for month in months]
    nights.come(there.profile.calendar.next_operating_day(date.fromisoformat(day)))
    again = [one for one in charges(there, hanako) if one.kind is ChargeKind.DEFERRED and one.month == NOVEMBER]
    assert len(again) == (day != "2026-11-25" and day < "2027-12-02")


@pytest.mark.requirement("FEE-04")
def test_what_is_heard_of_late_is_collected_with_the_next_month() -> None:
    """A transfer of November of which the host tells in December is not forgotten: it is one of December's."""
    there = bank(charging(monthly=0))
    taro = there.customer()
    deferring(there, taro)
    nights = Nights(there)
    nights.pass_until(FIRST)
    transfer(there, taro, "late", date(2026, 11, 30))
    nights.pass_until(date(2027, 1, 4))
    (collected,) = [one for one in charges(there, taro) if one.kind is ChargeKind.DEFERRED]
    assert (collected.month, collected.amount) == (DECEMBER, Yen(220))


def test_a_bank_that_asks_nothing_charges_nothing() -> None:
    """JA's own profile names no amounts: no entries of nothing are made."""
    there = bank()
    taro = there.customer()
    deferring(there, taro)
    transfer(there, taro, "a", WEDNESDAY)
    nights = Nights(there)
    nights.pass_until(date(2026, 11, 30))
    assert nights.come(FIRST) == Done()
    assert charges(there, taro) == []


# --- A whole bank, in pages of any size, and wherever the run dies ----------------------------------------------------


@define
class Bank:
    """A bank with something of every kind to do, on the night before FIRST."""

    there: TestBank
    people: list[Enrollee]


def busy(storage: Storage | None = None) -> Bank:
    """Somebody who applied, who is adding, deleting, leaving, exempt, deferring; a tombstone and a decoy."""
    there = TestBank(charging(), storage=storage)
    accounts = [Account.parse(f"00{1 + one % 3}", "ordinary", str(one + 1)) for one in range(7)]
    ids = ["kaze48nd", "yuki73kd", "mori52zt", "sora64bm", "hoshi9kwx", "tsuki8vq", "umi57grh"]
    people = [
        there.customer(login_id, person=Person(account=account))
        for login_id, account in zip(ids, accounts, strict=True)
    ]
    nights = Nights(there)
    nights.come(TUESDAY)
    there.net.leave(there.log_in(people[0]))  # gone by then
    nights.come(WEDNESDAY)
    nights.pass_until(date(2026, 11, 30))
    there.net.leave(there.log_in(people[1]))  # to be gone on FIRST
    with_account(there, people[2], SAVINGS)
    there.net.accounts.add(there.log_in(people[2]), branch="002", type="savings", number="777")
    using = LinkedAccount(SAVINGS, AccountState.DELETE_PENDING, FIRST)
    rewrite(there, people[3], lambda contract: evolve(contract, accounts=(using,)))
    exempt(there, people[4], NOVEMBER)
    deferring(there, people[5])
    for reference in ("a", "b"):
        transfer(there, people[5], reference, date(2026, 11, 30))
    people.append(there.customer("kiri38ws", person=HANAKO))  # applied on the last day
    there.guess("nobody99", "soil7+rain")
    there.clock.set(morning(FIRST))
    return Bank(there, people)


def everything(storage: Storage) -> dict[str, dict[object, object]]:
    """All that is stored."""
    assert isinstance(storage, MemoryStorage)
    return {name: dict(table.rows) for name, table in vars(storage._tables).items()}


def copied(storage: Storage) -> MemoryStorage:
    """Another store that holds the same."""
    other = MemoryStorage()
    for name, rows in everything(storage).items():
        getattr(other._tables, name).rows.update(rows)
    return other


BUSY = busy()
"""Built once; every test works on a copy of its store."""


@define
class Night:
    """The night of FIRST at a copy of the busy bank."""

    storage: MemoryStorage = field(factory=lambda: copied(BUSY.there.storage))
    reports: MemoryReports = field(factory=MemoryReports)
    size: int = 1_000

    def run(self, storage: Storage | None = None) -> object:
        """Run it, or go on with it."""
        platform = evolve(BUSY.there.net.platform, storage=storage or self.storage)
        return NightBatch(platform, self.reports, self.size)(FIRST)

    def left(self) -> tuple[object, ...]:
        """What it leaves, in the store and in the reports, however it came about: a page more or less is no matter."""
        tables = everything(self.storage)
        run = tables["batch_runs"].pop(FIRST)
        assert isinstance(run, BatchRun)
        return evolve(run, version=0), tables, self.reports.written


DONE = Done(charged=7, yen=1_100, activated=1, cancelled=1, accounts_added=1, accounts_removed=1, reported=2, reports=2)


@cache
def by_one_run(size: int = 1_000) -> object:
    """What an undisturbed run leaves."""
    night = Night(size=size)
    assert night.run() == BatchDone(FIRST, DONE)
    return night.left()


@pytest.mark.requirement("ENR-09", "ENR-17", "ACC-05", "ACC-06", "ACC-09", "CAN-07", "FEE-04", "FEE-08", "OPS-02")
def test_a_busy_night() -> None:
    """Everything that is due happens, once, and is said in the chains of those to whom it happened."""
    night = Night()
    assert night.run() == BatchDone(FIRST, DONE)
    status, accounts = dict[str, ContractStatus](), dict[str, list[AccountState]]()
    with night.storage.transaction() as tx:
        for who in BUSY.people:
            contract = tx.contracts.by_id(who.institution, who.contract)
            assert contract is not None
            status[who.login_id] = contract.status
            accounts[who.login_id] = [one.state for one in contract.accounts]
        charged = {
            who.login_id: sorted(one.kind.value for one in tx.fees.charges_of(who.institution, who.contract))
            for who in BUSY.people
        }
        assert tx.contracts.count_due(FIRST) == 0
        run = tx.batch_runs.latest()
        assert run is not None
        said = [(entry.kind, entry.data) for entry in tx.audit.chain(run.chain_name)]
    alive = ContractStatus.ACTIVE
    assert status == dict.fromkeys(status, alive) | {
        "kaze48nd": ContractStatus.CANCELLED,
        "yuki73kd": ContractStatus.CANCELLED,
    }
    assert accounts == {name: [] for name in accounts} | {"mori52zt": [AccountState.ACTIVE]}
    assert charged == {name: ["monthly"] for name in charged} | {
        "kaze48nd": [],
        "hoshi9kwx": [],
        "tsuki8vq": ["accrued", "accrued", "deferred", "monthly"],
    }
    assert (run.step, run.ended_at, run.previous) == (BatchStep.DONE, morning(FIRST), date(2026, 11, 30))
    assert [kind for kind, _ in said] == ["BatchBegun", *["BatchStepDone"] * 4]
    assert [data.get("step") for _, data in said] == [None, "settle", "fees", "reflect", "reports"]
    assert said[-1][1]["counts"] == (
        "charged=7",
        "yen=1100",
        "activated=1",
        "cancelled=1",
        "accounts_added=1",
        "accounts_removed=1",
        "reported=2",
        "reports=2",
    )
    report = verify(evolve(BUSY.there.net.platform, storage=night.storage))
    assert isinstance(report, Intact)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_pages_of_any_size_come_to_the_same(size: int) -> None:
    """A page ends anywhere, also where the contracts end with it."""
    assert by_one_run(size) == by_one_run()


def test_progress_is_told() -> None:
    """Step by step, never backwards, up to all there is."""
    told = list[Progress]()
    platform = evolve(BUSY.there.net.platform, storage=copied(BUSY.there.storage))
    NightBatch(platform, MemoryReports(), 2)(FIRST, told.append)
    steps = [one.step for one in told]
    assert list(dict.fromkeys(steps)) == [BatchStep.SETTLE, BatchStep.FEES, BatchStep.REFLECT, BatchStep.REPORTS]
    for step in dict.fromkeys(steps):
        done = [one.done for one in told if one.step is step]
        assert done == sorted(done)
        assert all(one.done <= one.of for one in told if one.step is step)
    last = {one.step: one for one in told}
    assert [(one.done, one.of) for one in last.values()] == [(0, 0), (7, 7), (4, 4), (2, 2)]


@pytest.mark.parametrize(("monthly", "day"), [(0, FIRST), (110, FIRST + DAY)])
def test_a_night_with_nothing_to_charge_has_nothing_to_go_through(monthly: int, day: date) -> None:
    """Neither where a month costs nothing, at its end, nor in the middle of any month."""
    there, told = bank(charging(monthly=monthly)), list[Progress]()
    there.customer()
    Nights(there).pass_until(day - DAY)
    there.clock.set(morning(day))
    NightBatch(there.net.platform, MemoryReports())(day, told.append)
    assert {(one.done, one.of) for one in told if one.step is BatchStep.FEES} == {(0, 0)}


ROOMS = {"acceptances", "contracts", "fees", "instructions"}
READ_BY_PAGES = {"accrued", "due", "live", "page", "terms_between", "unsettled"}


@define
class Weighed:
    """A transaction, or a room of one, that notes how much each page held that was read."""

    behind: object
    pages: list[int]

    def __getattr__(self, name: str) -> object:
        """What is behind it."""
        found: Any = getattr(self.behind, name)
        if name in ROOMS:
            return Weighed(found, self.pages)
        return partial(self._read, found) if name in READ_BY_PAGES else found

    def _read(self, found: Callable[..., Sized], *args: object) -> Sized:
        page = found(*args)
        self.pages.append(len(page))
        return page


@define
class Scales:
    """A store whose pages are weighed."""

    storage: Storage
    pages: list[int] = field(factory=list[int])

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        """Open one."""
        with self.storage.transaction(durable=durable, contended=contended) as tx:
            yield cast("Transaction", Weighed(tx, self.pages))


def _more_of_everything(tx: Transaction) -> None:
    """Three transfers that are due, charges that accrued from three accounts, and three applications at a branch."""
    who = BUSY.people[5]
    for reference in ("x", "y", "z"):
        one = an_instruction(reference)
        mine = evolve(one, institution=who.institution, contract=who.contract, content=evolve(one.content, date=FIRST))
        tx.instructions.add(evolve(mine, state=InstructionState.RESERVED))
    accrued = next(one for one in tx.fees.charges_of(who.institution, who.contract) if one.kind is ChargeKind.ACCRUED)
    tx.fees.charge([evolve(accrued, reference=str(one), account=one) for one in (SAVINGS, who.person.account)])
    report = tx.acceptances.reports(FIRST - DAY, FIRST)[0]
    (line, *_) = tx.acceptances.page(report, None, 1)
    for seq in (101, 102):
        tx.acceptances.add(evolve(line, seq=seq))


@pytest.mark.parametrize(("size", "told_of_settling"), [(1, 4), (2, 3)])
def test_a_page_is_all_that_is_in_memory(size: int, told_of_settling: int) -> None:
    """Whatever is read of contracts, terms, charges, acceptances and transfers is no more; each page is told."""
    night, told = Night(), list[Progress]()
    with night.storage.transaction() as tx:
        _more_of_everything(tx)
    scales = Scales(night.storage)
    nights = NightBatch(evolve(BUSY.there.net.platform, storage=scales), night.reports, size)
    done = evolve(DONE, charged=DONE.charged + 2, yen=DONE.yen + 440, reported=DONE.reported + 2)
    assert nights(FIRST, told.append) == BatchDone(FIRST, done)
    assert isinstance(nights.write_again(FIRST), ReportsWritten)
    assert max(scales.pages) == size
    assert [one.step for one in told].count(BatchStep.SETTLE) == told_of_settling


DIED = "the machine is gone"
WHENS: list[When] = ["before", "after"]


@pytest.mark.requirement("OPS-02")
@pytest.mark.parametrize("size", [1, 3, 1_000])
@pytest.mark.parametrize("when", WHENS)
def test_killed_at_every_call_and_run_again(when: When, size: int) -> None:
    """Whichever call of the store is its last, before or after it worked: run again, all is as by one run."""
    number = -1
    for number in itertools.count():
        night = Night(size=size)
        night.storage.fail(when=when, with_=Unavailable(DIED), skip=number)
        with suppress(Unavailable):
            night.run()
        died = not night.storage._failures.planned
        night.storage._failures.planned.clear()
        assert night.run() == BatchDone(FIRST, DONE)
        assert night.left() == by_one_run(), number
        if not died:
            break
    assert number > 40


def test_gone_on_with_under_a_profile_without_monthly_fees() -> None:
    """Wherever it died: what is not charged yet costs what that profile says, and all the rest is done."""
    platform = BUSY.there.net.platform
    free = evolve(platform.profile, fees=evolve(platform.profile.fees, monthly=Yen(0)))
    charged = set[int]()
    for number in range(40):
        night = Night(size=1)
        night.storage.fail(with_=Unavailable(DIED), skip=number)
        with suppress(Unavailable):
            night.run()
        night.storage._failures.planned.clear()
        told = NightBatch(evolve(platform, profile=free, storage=night.storage), night.reports, 1)(FIRST)
        assert isinstance(told, BatchDone)
        assert evolve(told.done, charged=0, yen=0) == evolve(DONE, charged=0, yen=0)
        charged.add(told.done.charged)
    assert len(charged) > 2


@pytest.mark.parametrize("size", [0, -1])
def test_a_page_of_nothing_is_a_mistake(size: int) -> None:
    """It would be turned for ever."""
    with pytest.raises(ValueError, match=">= 1"):
        NightBatch(BUSY.there.net.platform, MemoryReports(), size)


@pytest.mark.parametrize("calls", [25, 26, 27, 31, 40])
def test_killed_again_and_again(calls: int) -> None:
    """However often it dies on the way, each life brings it on, and nothing is done twice."""
    night, lives = Night(size=1), 0
    while True:
        night.storage.fail(with_=Unavailable(DIED), skip=calls)
        lives += 1
        try:
            night.run()
        except Unavailable:
            continue
        break
    assert lives > 3
    assert night.left() == by_one_run()


@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_two_processes_at_once(size: int) -> None:
    """Wherever one of them stands when another one runs the whole night, both find it done, once."""
    number = -1
    for number in itertools.count():
        night, other = Night(size=size), list[object]()

        def meanwhile() -> None:
            other.append(night.run())  # noqa: B023 -- done here and now

        store = Interrupted(night.storage, number, meanwhile)
        assert night.run(store) == BatchDone(FIRST, DONE)
        assert night.left() == by_one_run(), number
        if not other:
            break
        assert other == [BatchDone(FIRST, DONE)]
    assert number > 8


@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_a_customer_who_comes_in_between(size: int) -> None:
    """Whoever logs in while his page is written is not lost, and nor is his page: it is read and written again."""
    who = BUSY.people[5]
    number = -1
    for number in itertools.count():
        night, logins = Night(size=size), list[object]()
        store = Visited(night.storage, number, lambda: logins.append(_log_in(night.storage, who)))  # noqa: B023 -- here and now
        platform = evolve(BUSY.there.net.platform, storage=store)
        assert NightBatch(platform, night.reports, size)(FIRST) == BatchDone(FIRST, DONE)
        if not logins:
            break
        with night.storage.transaction() as tx:
            chain = [entry.kind for entry in tx.audit.chain(who.contract.text)]
        assert chain.count("LoggedIn") == 1
        assert isinstance(verify(evolve(platform, storage=night.storage)), Intact)
    assert number > 8


def _log_in(storage: Storage, who: Enrollee) -> object:
    there = BUSY.there
    log_in = LogIn(evolve(there.net.platform, storage=storage))
    told = log_in.with_login_id(who.institution, who.login_id, who.password, seen_from=HOME)
    assert isinstance(told, LoggedIn), told
    return told


@define
class Visited:
    """A store at which something happens once, right before the commit of a transaction that so many come *before*."""

    storage: MemoryStorage
    before: int
    meanwhile: Callable[[], object]

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        """Open one."""
        with self.storage.transaction(durable=durable, contended=contended) as tx:
            yield tx
            # While somebody queues, nobody else commits.
            if self.before == 0 and not contended:
                self.meanwhile()
            self.before -= 1


@define
class Dying:
    """Reports whose writer dies at the *number*-th, before or after it was written."""

    reports: MemoryReports
    number: int
    after: bool

    def write(self, head: ReportHead, lines: Iterable[Acceptance]) -> None:
        """Write, or die, or both."""
        self.number -= 1
        if self.number == 0 and not self.after:
            raise Unavailable(DIED)
        self.reports.write(head, lines)
        if self.number == 0:
            raise Unavailable(DIED)


@pytest.mark.requirement("ENR-17")
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", [1, 2])
def test_a_report_that_could_not_be_written_is_written_again(number: int, *, after: bool) -> None:
    """Nobody's report is left out; one that was written and not kept in mind is written once more, the same."""
    night = Night()
    platform = evolve(BUSY.there.net.platform, storage=night.storage)
    with pytest.raises(Unavailable):
        NightBatch(platform, Dying(night.reports, number, after))(FIRST)
    assert night.run() == BatchDone(FIRST, DONE)
    assert night.left() == by_one_run()
    assert sorted(night.reports.times.values()) == ([1, 2] if after else [1, 1])


@define
class Beside:
    """Reports beside whose first writing another process writes the same one, and dies over the next."""

    reports: MemoryReports
    meanwhile: Callable[[], object] | None

    def write(self, head: ReportHead, lines: Iterable[Acceptance]) -> None:
        """Let the other one write, and write."""
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            with pytest.raises(Unavailable):
                act()
        self.reports.write(head, lines)


@pytest.mark.requirement("ENR-17")
def test_a_report_that_two_write_at_once_counts_once() -> None:
    """Whoever comes second finds that it was written, and goes on behind it."""
    night = Night()
    platform = evolve(BUSY.there.net.platform, storage=night.storage)
    other = NightBatch(platform, Dying(night.reports, 2, after=False))
    beside = Beside(night.reports, partial(other, FIRST))
    assert NightBatch(platform, beside)(FIRST) == BatchDone(FIRST, DONE)
    assert night.left() == by_one_run()


@pytest.mark.requirement("ENR-17", "OPS-03")
@pytest.mark.parametrize("size", [1, 1_000])
def test_reports_are_written_again(size: int) -> None:
    """Of each day up to that of the latest night, the same, however often; a night to come has written nothing."""
    night, again = Night(), MemoryReports()
    nights = NightBatch(evolve(BUSY.there.net.platform, storage=night.storage), again, size)
    assert nights.write_again(FIRST) == NightNotRun(FIRST)
    night.run()
    days = {head.on for head in night.reports.written}
    told = [nights.write_again(day) for day in (*days, *days)]
    assert [one.day for one in told if isinstance(one, ReportsWritten)] == [*days, *days]
    assert sum(one.reports for one in told if isinstance(one, ReportsWritten)) == 2 * DONE.reports
    assert sum(one.lines for one in told if isinstance(one, ReportsWritten)) == 2 * DONE.reported
    assert again.written == night.reports.written
    assert nights.write_again(FIRST + DAY) == NightNotRun(FIRST + DAY)
    assert nights.write_again(date.min) == NightNotRun(date.min)


def test_nothing_is_kept_of_a_page_whose_report_of_itself_fails() -> None:
    """What a page does and how far the run has come are one transaction: neither without the other."""
    night = Night()
    before = everything(night.storage)
    night.storage.fail(call="batch_runs.put", with_=Unavailable(DIED))
    with pytest.raises(Unavailable):
        night.run()
    after = everything(night.storage)
    assert {name for name in after if after[name] != before[name]} == {"batch_runs", "entries", "heads"}
