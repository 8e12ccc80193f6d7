"""Fees: what costs anything, the data of the month's last day, and exemptions until that day."""

from datetime import date, timedelta

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.calendar import BankCalendar
from janetbank.policies.fees import (
    Due,
    Exempted,
    ExemptionTaken,
    ExemptionTooLate,
    FeeRules,
    MonthEndFacts,
    NotCharged,
    exempt,
    unusable_month,
)
from janetbank.values.instruction import InstructionKind
from janetbank.values.money import Yen
from janetbank.values.month import Month

DAY = timedelta(days=1)
RULES = FeeRules(monthly=Yen(110), transfer=Yen(220))
FREE = FeeRules()
NOVEMBER = Month(2026, 11)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


# --- Transfers --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("FEE-11", "FEE-12")
@pytest.mark.parametrize("kind", InstructionKind)
def test_nothing_but_a_transfer_to_somebody_else_costs_anything(kind: InstructionKind) -> None:
    """振込 costs its fee; an own transfer and a bill cost none, and nothing else has a fee to be."""
    charged = kind in {InstructionKind.AD_HOC_TRANSFER, InstructionKind.REGISTERED_PAYEE_TRANSFER}
    assert RULES.of_transfer(kind) == (Yen(220) if charged else Yen(0))
    assert FREE.of_transfer(kind) == Yen(0)
    assert [field.name for field in fields(FeeRules)] == ["monthly", "transfer"]


# --- Months -----------------------------------------------------------------------------------------------------------

LAST = NOVEMBER.last
THERE = MonthEndFacts(applied_on=date(2026, 4, 1), effective_on=date(2026, 4, 2), ends_on=None, exempted_on=None)
DUE = Due(Yen(110), usable=True)


@pytest.mark.requirement("FEE-08", "FEE-10")
@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (THERE, DUE),
        # Applied for on the last day, and so on the first day on which it is too late for November.
        (evolve(THERE, applied_on=LAST, effective_on=LAST + DAY), Due(Yen(110), usable=False)),
        (evolve(THERE, applied_on=LAST, effective_on=LAST), DUE),
        (evolve(THERE, applied_on=LAST + DAY, effective_on=LAST + DAY), NotCharged()),
        # The cancellation is reflected on the last day, or on the first of the next month.
        (evolve(THERE, ends_on=LAST), NotCharged()),
        (evolve(THERE, ends_on=LAST + DAY), DUE),
        # Exempted on the last day, or a day late.
        (evolve(THERE, exempted_on=LAST), Exempted()),
        (evolve(THERE, exempted_on=LAST + DAY), DUE),
        (evolve(THERE, applied_on=LAST, effective_on=LAST + DAY, exempted_on=LAST), Exempted()),
        # Who is not there any more is not exempted, but not charged.
        (evolve(THERE, ends_on=LAST, exempted_on=LAST), NotCharged()),
    ],
)
def test_a_month_is_charged_by_its_last_day(facts: MonthEndFacts, verdict: object) -> None:
    """Whoever is there on the last day pays, unless that month was exempted by then, usable or not."""
    assert RULES.month_end(facts, NOVEMBER) == verdict


@given(DAYS, DAYS, st.none() | DAYS, st.none() | DAYS)
def test_a_free_month_charges_nobody(applied: date, effective: date, ends: date | None, exempted: date | None) -> None:
    """Where the profile names no fee nobody pays one."""
    facts = MonthEndFacts(applied_on=applied, effective_on=effective, ends_on=ends, exempted_on=exempted)
    assert FREE.month_end(facts, NOVEMBER) == NotCharged()


@given(DAYS, st.integers(0, 900), st.integers(1, 60))
def test_a_contract_pays_for_each_month_end_it_sees(applied: date, length: int, extra: int) -> None:
    """From application to cancellation a contract pays once for each last day of a month in between, and no more."""
    ends = applied + length * DAY
    facts = MonthEndFacts(applied_on=applied, effective_on=applied + DAY, ends_on=ends, exempted_on=None)
    month, paid = Month.of(applied - 40 * DAY), 0
    while month.first <= ends + extra * DAY:
        paid += isinstance(RULES.month_end(facts, month), Due)
        month = month.following
    assert paid == (ends.year - applied.year) * 12 + ends.month - applied.month


@pytest.mark.requirement("FEE-09", "FEE-10")
@pytest.mark.parametrize(
    ("month", "today", "verdict"),
    [
        ("2026-11", "2026-11-01", ExemptionTaken()),
        ("2026-11", "2026-10-31", ExemptionTaken()),
        ("2026-11", "2026-11-30", ExemptionTaken()),
        ("2026-11", "2026-12-01", ExemptionTooLate(date(2026, 11, 30))),
        # The last day is the calendar's, also where no bank works on it.
        ("2026-10", "2026-10-31", ExemptionTaken()),
        ("2026-02", "2026-03-01", ExemptionTooLate(date(2026, 2, 28))),
    ],
)
def test_an_exemption_is_taken_until_the_last_day(month: str, today: str, verdict: object) -> None:
    """A month is exempted until its last calendar day, that day included, and never afterwards."""
    assert exempt(Month.parse(month), date.fromisoformat(today)) == verdict


@given(DAYS, DAYS, DAYS)
def test_an_exemption_that_is_taken_is_kept(applied: date, effective: date, today: date) -> None:
    """Whatever the deadline lets in spares the fee of that month, and whatever it keeps out does not."""
    facts = MonthEndFacts(applied_on=applied, effective_on=effective, ends_on=None, exempted_on=today)
    verdict = RULES.month_end(facts, NOVEMBER)
    if applied > NOVEMBER.last:
        assert verdict == NotCharged()
    else:
        assert isinstance(verdict, Exempted) == isinstance(exempt(NOVEMBER, today), ExemptionTaken)


@pytest.mark.requirement("FEE-08")
@pytest.mark.parametrize(
    ("applied", "month"),
    [
        ("2026-11-27", None),  # a Friday: effective on Monday the 30th
        ("2026-11-30", "2026-11"),  # effective on 1 December
        ("2026-10-30", "2026-10"),  # a Friday: effective on Monday 2 November
        ("2026-12-30", "2026-12"),  # effective on 4 January
        ("2026-12-29", None),
        ("2026-12-01", None),
    ],
)
def test_the_month_that_cannot_be_used(applied: str, month: str | None) -> None:
    """Applied for so late that the next operating day is in the next month: that month may cost a fee for nothing."""
    day = date.fromisoformat(applied)
    found = unusable_month(day, BankCalendar().next_operating_day(day))
    assert found == (Month.parse(month) if month else None)


@given(DAYS)
def test_the_unusable_month_is_the_one_that_is_charged_unusable(applied: date) -> None:
    """The month named to the branch is exactly the one whose fee is due though the service could not be used."""
    effective = BankCalendar().next_operating_day(applied)
    facts = MonthEndFacts(applied_on=applied, effective_on=effective, ends_on=None, exempted_on=None)
    verdict = RULES.month_end(facts, Month.of(applied))
    assert isinstance(verdict, Due)
    assert verdict.usable == (unusable_month(applied, effective) is None)
