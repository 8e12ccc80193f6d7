"""The books of the host in memory: lost calls, and what the scene can do."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from attrs import evolve

from janetbank.ports.core_banking import HolderRecord, Payee
from janetbank.ports.failures import Unavailable
from janetbank.testing.host_conformance import (
    ACCEPTED,
    BALANCE,
    BILL,
    CANCELLED,
    EXECUTED,
    FAR,
    HERE,
    NEIGHBOURS,
    NUMBERS,
    OWN,
    POOR,
    REGISTERED,
    RESERVED,
    SOURCE,
    TAX,
    TAX_NUMBERS,
    Host,
    HostConformance,
)
from janetbank.testing.port_conformance import CARDED, COMPANY
from janetbank.values.account import Account
from janetbank.values.host_answer import HostAnswer, HostReason, HostWord
from janetbank.values.moment import in_japan
from janetbank.values.money import Yen
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.core_banking.books import Books, When
from janetbank_adapters.core_banking.memory import MemoryCoreBanking

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOLDER: HolderRecord = CARDED.report.holder
SOMEBODY_ELSE: HolderRecord = evolve(HOLDER, born=COMPANY.report.holder.born, kana=evolve(HOLDER.kana, text="ヤマ"))


def a_host() -> tuple[MemoryCoreBanking, Host]:
    """The host that the conformance suite wants, and the world around it."""
    clock = HandClock(START)
    core = MemoryCoreBanking(clock)
    holders = {SOURCE: HOLDER, OWN: HOLDER, POOR: HOLDER, NEIGHBOURS: SOMEBODY_ELSE}
    for account, holder in holders.items():
        core.open_account(HERE, account, holder, balance=Yen(0) if account == POOR else BALANCE)
    core.books.register(HERE, SOURCE, REGISTERED)
    core.books.send_bill(HERE, NUMBERS, BILL)
    core.books.send_bill(HERE, TAX_NUMBERS, TAX)

    def processing(*, now: bool) -> None:
        core.books.processing = now

    return core, Host(
        core=core,
        today=in_japan(clock.now()).date(),
        midnight=lambda: clock.advance(timedelta(days=1)),
        close=lambda: processing(now=False),
        open=lambda: processing(now=True),
    )


class TestMemoryHost(HostConformance):
    """The books of the host in memory obey the laws of the port."""

    def host(self) -> Host:
        """A host."""
        return a_host()[1]


def books(host: Host) -> Books:
    """The host's."""
    return cast("MemoryCoreBanking", host.core).books


@pytest.mark.parametrize(
    ("when", "heard", "arrived"),
    [("before", None, None), ("after", EXECUTED, EXECUTED), ("late", None, EXECUTED)],
)
def test_a_call_that_is_lost(when: When, heard: HostAnswer | None, arrived: HostAnswer | None) -> None:
    """The caller hears nothing; the host heard nothing, or did it, or hears it later; asked again, it says so."""
    core, host = a_host()
    core.books.time_out(when)
    with pytest.raises(Unavailable):
        host.ask(host.transfer())
    assert core.standing(HERE, "k-1") == heard
    core.books.arrive()
    assert core.standing(HERE, "k-1") == arrived
    assert host.ask(host.transfer()) == EXECUTED
    assert core.balance(HERE, SOURCE) == BALANCE - Yen(50_000)
    assert core.books.done == [host.transfer()]


def test_what_arrives_after_its_key_was_cancelled_does_nothing() -> None:
    """A call that comes too late finds its key cancelled."""
    core, host = a_host()
    core.books.time_out("late")
    with pytest.raises(Unavailable):
        host.ask(host.transfer())
    assert core.cancel(HERE, "k-1") == CANCELLED
    core.books.arrive()
    assert core.standing(HERE, "k-1") == CANCELLED
    assert core.books.done == []


def test_so_many_calls_of_one_kind_are_lost() -> None:
    """As many as were asked for, of that kind, and no others."""
    core, host = a_host()
    core.books.time_out("before", call="balance", times=2)
    assert host.ask(host.transfer()) == EXECUTED
    for _ in range(2):
        with pytest.raises(Unavailable):
            core.balance(HERE, SOURCE)
    assert core.balance(HERE, SOURCE) == BALANCE - Yen(50_000)


def test_a_host_out_of_reach_does_nothing() -> None:
    """Whatever is asked of it about money."""
    core, host = a_host()
    core.reachable = False
    for ask in (
        lambda: host.ask(host.transfer()),
        lambda: core.cancel(HERE, "k-1"),
        lambda: core.standing(HERE, "k-1"),
        lambda: core.balance(HERE, SOURCE),
        lambda: core.statement(HERE, SOURCE, host.today, host.today),
        lambda: core.payees(HERE, SOURCE),
        lambda: core.bill(HERE, NUMBERS),
    ):
        with pytest.raises(Unavailable):
            ask()
    core.reachable = True
    assert core.standing(HERE, "k-1") is None


def test_nothing_is_taken_from_a_flagged_account_or_during_an_event() -> None:
    """Neither at once nor, where it was reserved, on its day."""
    core, host = a_host()
    refused = HostAnswer(HostWord.REFUSED, HostReason.ACCOUNT)
    assert host.ask(host.transfer("reserved", days=1)) == RESERVED
    core.flag(HERE, SOURCE)
    assert host.ask(host.transfer()) == refused
    host.midnight()
    assert core.standing(HERE, "reserved") == refused
    core.flag(HERE, SOURCE, caution=False)
    core.plan_event(HERE, START, START + timedelta(days=9))
    assert host.ask(host.transfer("k-2", days=1)) == refused


def test_a_reservation_after_hours_is_accepted_on_its_day() -> None:
    """Its day has come, and nothing is processed yet: accepted, and then done."""
    core, host = a_host()
    host.ask(host.transfer(days=1))
    host.close()
    assert core.standing(HERE, "k-1") == RESERVED
    host.midnight()
    assert core.standing(HERE, "k-1") == ACCEPTED
    host.open()
    assert core.standing(HERE, "k-1") == EXECUTED


def test_the_money_goes_with_the_number() -> None:
    """Where an account is renumbered, its money is found under the new number."""
    core, host = a_host()
    now = Account.parse("002", "ordinary", "12345")
    core.renumber(HERE, SOURCE, now)
    assert (core.balance(HERE, SOURCE), core.balance(HERE, now)) == (None, BALANCE)
    assert host.ask(evolve(host.transfer(), source=now)) == EXECUTED


def test_money_is_paid_in() -> None:
    """What somebody pays in is on the account, and in its statement."""
    core, host = a_host()
    core.books.deposit(HERE, POOR, Yen(7), "ボーナス")
    (line,) = list(core.statement(HERE, POOR, host.today, host.today) or ())
    assert (line.paid_in, line.balance, line.note) == (Yen(7), Yen(7), "ボーナス")
    assert core.balance(HERE, POOR) == Yen(7)


def test_the_counter_registers_other_payees() -> None:
    """Those that were registered before are no more."""
    core, _ = a_host()
    other = Payee(HERE, FAR, "ベツノヒト")
    core.books.register(HERE, SOURCE, other)
    assert list(core.payees(HERE, SOURCE)) == [other]
