"""A host in memory."""

from datetime import UTC, datetime, timedelta

import pytest

from janetbank.ports.core_banking import CardVerdict, CoreBanking
from janetbank.ports.failures import Unavailable
from janetbank.testing.port_conformance import (
    BETWEEN,
    CARDED,
    ELSEWHERE,
    FORMER,
    INSTITUTION,
    KNOWN,
    PIN,
    UNKNOWN,
    WRONG,
    CoreBankingConformance,
)
from janetbank.values.account import Account
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.core_banking.memory import MemoryCoreBanking

START = datetime(2026, 11, 21, 6, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def host(clock: HandClock | None = None, *, pin_tries: int = 3) -> MemoryCoreBanking:
    """A host with the accounts that the conformance suite knows."""
    core = MemoryCoreBanking(clock or HandClock(START), pin_tries=pin_tries)
    for known in KNOWN:
        account, report = FORMER if known is CARDED else known.account, known.report
        core.open_account(
            INSTITUTION, account, report.holder, individual=report.individual, online_since=report.online_since
        )
        if report.card_issued:
            core.issue_card(INSTITUTION, account, PIN)
        core.flag(INSTITUTION, account, caution=report.caution)
    core.renumber(INSTITUTION, FORMER, BETWEEN)
    core.renumber(INSTITUTION, BETWEEN, CARDED.account)
    return core


@pytest.mark.requirement("PWR-09")
class TestMemoryCoreBanking(CoreBankingConformance):
    """The host in memory obeys the laws of the port."""

    def core(self) -> CoreBanking:
        """A host."""
        return host()

    def at_the_cash_machine(self, core: CoreBanking, account: Account, pin: Pin) -> CardVerdict:
        """Its cash machine."""
        assert isinstance(core, MemoryCoreBanking)
        return core.withdraw(INSTITUTION, account, pin)


class TestAnotherNumberOfTries(TestMemoryCoreBanking):
    """The number of tries is the institution's to decide (LCK-13)."""

    tries = 5

    def core(self) -> CoreBanking:
        """A host with five tries."""
        return host(pin_tries=5)


def test_a_new_card_is_a_new_count() -> None:
    """Only another card, with its own PIN, ends a lock."""
    core = host()
    for _ in range(3):
        core.check_card(INSTITUTION, CARDED.account, WRONG)
    core.issue_card(INSTITUTION, CARDED.account, WRONG)
    assert core.check_card(INSTITUTION, CARDED.account, PIN) is CardVerdict.WRONG
    assert core.check_card(INSTITUTION, CARDED.account, WRONG) is CardVerdict.OK


def test_an_event_restricts_from_its_start_up_to_its_end() -> None:
    """Transactions are restricted during a planned event, at its institution alone, and by nothing else."""
    clock = HandClock(START)
    core = host(clock)
    core.plan_event(INSTITUTION, START + HOUR, START + 2 * HOUR)
    core.plan_event(ELSEWHERE, START, START + 9 * HOUR)
    told: list[bool] = []
    for moment in (HOUR - timedelta.resolution, HOUR, 2 * HOUR - timedelta.resolution, 2 * HOUR):
        clock.set(START + moment)
        report = core.account(INSTITUTION, CARDED.account)
        assert report is not None
        told.append(report.restricted)
    assert told == [False, True, True, False]


def test_a_flag_can_be_taken_away() -> None:
    """A caution flag is set and taken away."""
    core = host()
    core.flag(INSTITUTION, CARDED.account)
    report = core.account(INSTITUTION, CARDED.account)
    assert report is not None
    assert report.caution
    core.flag(INSTITUTION, CARDED.account, caution=False)
    assert core.account(INSTITUTION, CARDED.account) == CARDED.report


def test_a_host_out_of_reach_counts_nothing() -> None:
    """Where the host does not answer, Unavailable is raised, and no try is used up."""
    core = host()
    core.reachable = False
    for _ in range(5):
        with pytest.raises(Unavailable):
            core.check_card(INSTITUTION, CARDED.account, WRONG)
    with pytest.raises(Unavailable):
        core.account(INSTITUTION, CARDED.account)
    core.reachable = True
    assert core.check_card(INSTITUTION, CARDED.account, PIN) is CardVerdict.OK


def test_no_pin_is_shown() -> None:
    """Nothing in the host prints a PIN."""
    core = host()
    core.issue_card(INSTITUTION, CARDED.account, Pin(Secret("9731")))
    assert "9731" not in f"{vars(core)}"


def test_a_number_that_is_given_again_is_no_former_one() -> None:
    """An account that gets back the number it once had is found by it, and was never renumbered."""
    core = host()
    core.renumber(INSTITUTION, CARDED.account, FORMER)
    assert core.renumbered(INSTITUTION, FORMER) is None
    assert core.account(INSTITUTION, FORMER) == CARDED.report
    assert core.renumbered(INSTITUTION, BETWEEN) == core.renumbered(INSTITUTION, CARDED.account) == FORMER


def test_a_branch_that_is_joined_elsewhere_renumbers_nobody_here() -> None:
    """The same numbers at another institution are other accounts."""
    core = host()
    core.open_account(ELSEWHERE, CARDED.account, CARDED.report.holder)
    core.renumber(ELSEWHERE, CARDED.account, UNKNOWN)
    assert core.renumbered(INSTITUTION, CARDED.account) is None
    assert core.renumbered(INSTITUTION, FORMER) == CARDED.account


@pytest.mark.parametrize("tries", [0, -1])
def test_a_card_has_a_try_at_least(tries: int) -> None:
    """A host that locks every card at once is a mistake."""
    with pytest.raises(ValueError, match="at least one try"):
        MemoryCoreBanking(HandClock(START), pin_tries=tries)
