"""Nights: how the tests of the flows let days pass, with a night batch in the morning of each."""

from datetime import date, datetime, time, timedelta

from attrs import define, evolve, field

from janetbank import profiles
from janetbank.flows.batch import BatchDone, BatchOutcome, NightBatch
from janetbank.model.acceptance import Acceptance
from janetbank.model.batch import BatchRun, Done
from janetbank.policies.fees import FeeRules
from janetbank.profiles.profile import Profile
from janetbank.testing.bank import Enrollee, Person, TestBank
from janetbank.values.account import Account
from janetbank.values.moment import JST
from janetbank.values.money import Yen
from janetbank_adapters.reports.memory import MemoryReports
from tests.flows.scene import read

FRIDAY, TUESDAY, WEDNESDAY = date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 25)
"""The day on which a bank of the tests begins, and its next operating days: 23 November is a holiday."""

DAY = timedelta(days=1)
SAVINGS = Account.parse("002", "savings", "777")
CURRENT = Account.parse("001", "current", "888")


def charging(*, monthly: int = 110, transfer: int = 220) -> Profile:
    """A profile in which things cost something."""
    fees = FeeRules(monthly=Yen(monthly), transfer=Yen(transfer))
    return evolve(profiles.fast_for_tests(profiles.JA), fees=fees)


def morning(day: date) -> datetime:
    """Nine o'clock in Japan."""
    return datetime.combine(day, time(9), JST)


@define
class Nights:
    """The nights of a bank, and what they report."""

    there: TestBank
    size: int = 1_000
    reports: MemoryReports = field(factory=MemoryReports)

    def run(self, day: date) -> BatchOutcome:
        """The night batch of *day*, now."""
        return NightBatch(self.there.net.platform, self.reports, self.size)(day)

    def come(self, day: date) -> Done:
        """It is nine o'clock on *day*, and its night batch has run."""
        if self.there.clock.now() < morning(day):
            self.there.clock.set(morning(day))
        told = self.run(day)
        assert isinstance(told, BatchDone), told
        return told.done

    def pass_until(self, day: date) -> None:
        """Every operating day up to *day* comes, with its night."""
        calendar, latest = self.there.profile.calendar, self.latest()
        there = calendar.business_date(self.there.clock.now()) if latest is None else latest.day
        while (there := calendar.next_operating_day(there)) <= day:
            self.come(there)

    def latest(self) -> BatchRun | None:
        """The latest run."""
        return read(self.there.storage, lambda tx: tx.batch_runs.latest())

    def reported(self, day: date) -> list[Acceptance]:
        """All that was reported on *day*, whichever branch it went to."""
        return [line for head, lines in self.reports.written.items() if head.on == day for line in lines]


def with_account(there: TestBank, who: Enrollee, account: Account) -> None:
    """Let the host know a further *account* of *who*, without a card."""
    there.open_account(evolve(who.person, account=account), who.institution)


def with_strangers_account(there: TestBank, who: Enrollee, account: Account) -> None:
    """Let the host know an *account* of somebody else."""
    stranger = Person(account=account, kana="タカハシヒロシ", kanji="高橋宏", born=date(1961, 3, 4))
    there.open_account(stranger, who.institution)
