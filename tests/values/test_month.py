"""A month has a first and a last day, and what comes after the last day is the first of the following month."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values.month import Month
from tests.values.refusals import refusal

DAY = timedelta(days=1)
DAYS = st.dates(date(1, 1, 1), date(9999, 11, 30))


@pytest.mark.requirement("FEE-10")
@pytest.mark.parametrize(
    ("month", "last"),
    [
        ("2026-01", 31),
        ("2026-02", 28),
        ("2026-04", 30),
        ("2026-12", 31),
        ("2028-02", 29),
        ("2000-02", 29),
        ("2100-02", 28),
    ],
)
def test_the_last_day(month: str, last: int) -> None:
    """A month ends with its last calendar day, that of February by the leap year."""
    parsed = Month.parse(month)
    assert parsed.last.isoformat() == f"{month}-{last}"
    assert parsed.first.isoformat() == f"{month}-01"


@given(DAYS)
def test_a_day_lies_in_its_month_alone(day: date) -> None:
    """Every day lies between the first and the last of its month, and the months follow one another without a gap."""
    month = Month.of(day)
    assert month.first <= day <= month.last
    assert month.last + DAY == month.following.first
    assert Month.of(month.last) == Month.of(month.first) == month
    assert Month.of(month.last + DAY) == month.following
    assert month < month.following


@given(DAYS)
def test_its_text_is_read_back(day: date) -> None:
    """The text of a month is the day's without the day, and names the same month."""
    month = Month.of(day)
    assert str(month) == day.isoformat()[:7]
    assert Month.parse(str(month)) == month


@given(DAYS, DAYS)
def test_months_are_ordered_as_their_days(one: date, other: date) -> None:
    """The earlier month has the earlier days."""
    assert (Month.of(one) < Month.of(other)) == (Month.of(one).last < Month.of(other).first)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "0000-01", "26-11", "2026-1", "2026-11-01", "２０２６-11"]
)
def test_what_names_no_month(text: str) -> None:
    """Anything but four digits, a hyphen and a month's two digits is refused."""
    assert refusal(lambda: Month.parse(text)) == "month.shape"


@pytest.mark.parametrize(("year", "number"), [(2026, 0), (2026, 13), (0, 1), (10_000, 1)])
def test_what_is_no_month(year: int, number: int) -> None:
    """A number outside the year is the programmer's mistake."""
    with pytest.raises(ValueError, match="1st to the 12th"):
        Month(year, number)
