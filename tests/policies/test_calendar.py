"""The calendar: which days are business days, and what comes next."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile

import jpholiday
import pytest
from holidays.countries.japan import Japan
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.calendar import EARLIEST, BankCalendar
from janetbank.values.moment import JST

LAW = BankCalendar()
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
DATES = st.dates(date(1949, 1, 1), date(2098, 12, 31))


def days(year: int) -> list[date]:
    """Every day of *year*."""
    return list(takewhile(lambda day: day.year == year, (date(year, 1, 1) + DAY * ahead for ahead in range(366))))


def closed_weekdays(year: int) -> list[str]:
    """The days from Monday to Friday on which banks rest in *year*, as month/day."""
    return [f"{day.month}/{day.day}" for day in days(year) if day.weekday() < 5 and not LAW.is_business_day(day)]


@pytest.mark.parametrize(
    ("year", "holidays"),
    [
        # The one-off years: an accession, and Olympic games planned twice.
        (
            2019,
            "1/1 1/2 1/3 1/14 2/11 3/21 4/29 4/30 5/1 5/2 5/3 5/6 7/15 8/12 9/16 9/23 10/14 10/22 11/4 12/31",
        ),
        (2020, "1/1 1/2 1/3 1/13 2/11 2/24 3/20 4/29 5/4 5/5 5/6 7/23 7/24 8/10 9/21 9/22 11/3 11/23 12/31"),
        (2021, "1/1 1/11 2/11 2/23 4/29 5/3 5/4 5/5 7/22 7/23 8/9 9/20 9/23 11/3 11/23 12/31"),
        (2025, "1/1 1/2 1/3 1/13 2/11 2/24 3/20 4/29 5/5 5/6 7/21 8/11 9/15 9/23 10/13 11/3 11/24 12/31"),
        (2026, "1/1 1/2 1/12 2/11 2/23 3/20 4/29 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 11/3 11/23 12/31"),
        (2027, "1/1 1/11 2/11 2/23 3/22 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 11/23 12/31"),
    ],
)
def test_the_weekdays_on_which_banks_rest(year: int, holidays: str) -> None:
    """National holidays, those moved from a Sunday, those between two, and 31 December to 3 January; no other."""
    assert closed_weekdays(year) == holidays.split()


@pytest.mark.requirement("HRS-08")
@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-11-20", "2026-11-24"),
        ("2026-12-30", "2027-01-04"),
        ("2025-12-30", "2026-01-05"),
        ("2026-05-01", "2026-05-07"),
        ("2026-02-10", "2026-02-12"),
        ("2026-09-18", "2026-09-24"),
        ("2027-03-19", "2027-03-23"),
        ("2026-04-01", "2026-04-02"),
        ("2026-04-02", "2026-04-03"),
        ("2026-04-03", "2026-04-06"),
        ("2026-04-04", "2026-04-06"),
        ("2026-04-05", "2026-04-06"),
        ("2026-12-31", "2027-01-04"),
        ("2019-04-26", "2019-05-07"),
    ],
)
def test_the_next_business_day(day: str, following: str) -> None:
    """翌営業日 steps over week-ends, holidays and the turn of the year; 翌日 over nothing."""
    asked = date.fromisoformat(day)
    assert LAW.next_business_day(asked) == LAW.next_operating_day(asked) == date.fromisoformat(following)
    assert LAW.next_calendar_day(asked) == asked + DAY


def nth_monday(year: int, month: int, count: int) -> date:
    """The *count*-th Monday of a month."""
    first = date(year, month, 1)
    return first + DAY * ((-first.weekday()) % 7 + 7 * (count - 1))


def by_the_act(year: int) -> set[date]:
    """The national holidays of an ordinary year from 2022 on, worked out from the text of the act."""
    since_1980, leaps = year - 1980, (year - 1980) // 4
    named = {
        date(year, 1, 1), nth_monday(year, 1, 2), date(year, 2, 11), date(year, 2, 23),
        date(year, 3, int(20.8431 + 0.242194 * since_1980 - leaps)),
        date(year, 4, 29), date(year, 5, 3), date(year, 5, 4), date(year, 5, 5),
        nth_monday(year, 7, 3), date(year, 8, 11), nth_monday(year, 9, 3),
        date(year, 9, int(23.2488 + 0.242194 * since_1980 - leaps)),
        nth_monday(year, 10, 2), date(year, 11, 3), date(year, 11, 23),
    }  # fmt: skip
    moved: set[date] = set()
    for sunday in (day for day in named if day.weekday() == 6):
        day = sunday
        while day in named:
            day += DAY
        moved.add(day)
    between = {day + DAY for day in named if day + 2 * DAY in named and day + DAY not in named}
    return named | moved | between


@pytest.mark.parametrize("year", range(2022, 2099))
def test_holidays_are_those_of_the_act(year: int) -> None:
    """A day of an ordinary year is a business day exactly where the act, the week and the turn of the year say so."""
    resting = by_the_act(year)
    for day in days(year):
        turn = (day.month, day.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}
        assert LAW.is_business_day(day) == (day.weekday() < 5 and not turn and day not in resting), day


@pytest.mark.requirement("HRS-08")
@pytest.mark.parametrize("year", range(2024, 2036))
def test_every_day_is_what_both_packages_say(year: int) -> None:
    """From 2024 to 2035 a weekday is a business day exactly where neither package knows a holiday of state or bank."""
    by_holidays = Japan(years=year, categories=("public", "bank"))
    for day in days(year):
        turn = (day.month, day.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}
        works = LAW.is_business_day(day)
        assert works == (day.weekday() < 5 and day not in by_holidays), day
        assert works == (day.weekday() < 5 and not turn and not jpholiday.is_holiday(day)), day


HOSTS: list[Callable[[date], bool]] = [lambda day: day.day % 3 == 0, lambda day: day.weekday() == 6]


@st.composite
def calendars(draw: st.DrawFn, around: date) -> BankCalendar:
    """Any calendar with changes near *around*."""
    near = st.integers(-3, 20).map(lambda ahead: around + ahead * DAY)
    closed, opened = draw(st.frozensets(near)), draw(st.frozensets(near))
    return BankCalendar(closed=closed - opened, opened=opened, operates=draw(st.sampled_from([None, *HOSTS])))


@pytest.mark.requirement("HRS-08")
@given(DATES, st.data())
def test_the_next_day_is_the_first_of_its_kind_after(day: date, data: st.DataObject) -> None:
    """The next business (operating) day is after the day, is one, and none stands between."""
    calendar = data.draw(calendars(day))
    for following, fits in (
        (calendar.next_business_day, calendar.is_business_day),
        (calendar.next_operating_day, calendar.is_operating_day),
    ):
        found = following(day)
        assert found > day
        assert fits(found)
        assert not any(fits(day + ahead * DAY) for ahead in range(1, (found - day).days))


@given(DATES, st.data())
def test_a_named_day_overrides_the_law_and_no_other_day(day: date, data: st.DataObject) -> None:
    """Days named as closed or opened are so; every other day is as the law says."""
    calendar = data.draw(calendars(day))
    for ahead in range(-5, 25):
        there = day + ahead * DAY
        expected = there in calendar.opened or (there not in calendar.closed and LAW.is_business_day(there))
        assert calendar.is_business_day(there) == expected


@pytest.mark.requirement("HRS-08")
def test_the_host_may_have_days_of_its_own() -> None:
    """Where the host works on Saturdays, 翌稼働日 of a Friday is Saturday while 翌営業日 is Monday."""
    calendar = BankCalendar(operates=lambda day: day.weekday() != 6)
    friday = date(2026, 4, 3)
    assert calendar.next_operating_day(friday) == date(2026, 4, 4)
    assert calendar.next_business_day(friday) == date(2026, 4, 6)
    assert calendar.is_operating_day(date(2026, 4, 4))
    assert not calendar.is_business_day(date(2026, 4, 4))


@pytest.mark.parametrize(
    ("now", "cut_off", "expected"),
    [
        ("2026-04-01T14:59:59.999999+00:00", None, "2026-04-01"),
        ("2026-04-01T15:00:00+00:00", None, "2026-04-02"),
        ("2026-04-01T23:59:59.999999+09:00", None, "2026-04-01"),
        ("2026-04-01T23:59:59.999999+09:00", time(23, 40), "2026-04-02"),
        ("2026-04-01T23:39:59.999999+09:00", time(23, 40), "2026-04-01"),
        ("2026-04-01T23:40:00+09:00", time(23, 40), "2026-04-02"),
        ("2026-04-02T00:00:00+09:00", time(23, 40), "2026-04-02"),
        ("2026-04-02T15:00:00+09:00", time(15), "2026-04-03"),
        # Any kind of day: what comes on a Saturday belongs to it, and its next operating day is Monday.
        ("2026-04-04T12:00:00+09:00", time(15), "2026-04-04"),
        ("2026-12-31T15:00:00+09:00", time(15), "2027-01-01"),
    ],
)
def test_an_instant_belongs_to_a_day_in_japan(now: str, cut_off: time | None, expected: str) -> None:
    """The date is Japan's, whatever zone the instant is told in; from the cut-off on it is the next day's."""
    assert BankCalendar(cut_off=cut_off).business_date(datetime.fromisoformat(now)) == date.fromisoformat(expected)


@given(st.datetimes(datetime(1960, 1, 1), datetime(2090, 1, 1)), st.none() | st.times())  # noqa: DTZ001 -- the zone is given below
def test_the_day_changes_once_a_day_at_the_cut_off(now: datetime, cut_off: time | None) -> None:
    """The day never goes back, and of any 24 hours the cut-off alone, or midnight, parts two days."""
    calendar = BankCalendar(cut_off=cut_off)
    day = calendar.business_date(now.replace(tzinfo=UTC))
    ends = datetime.combine(day, time(0), JST) + DAY if cut_off is None else datetime.combine(day, cut_off, JST)
    assert calendar.last_instant(day) == ends - TICK
    assert calendar.business_date(ends - TICK) == day
    assert calendar.business_date(ends) == day + DAY
    assert ends - DAY <= now.replace(tzinfo=UTC) < ends


def test_years_without_known_holidays_are_refused() -> None:
    """From 1949 to 2099 the holidays are known; before and after nobody guesses."""
    assert not LAW.is_business_day(date(2099, 11, 3))
    assert not LAW.is_business_day(date(1949, 5, 3))
    assert not LAW.is_business_day(EARLIEST)
    for year in (1948, 2100):
        with pytest.raises(ValueError, match="1949 to 2099"):
            LAW.is_business_day(date(year, 4, 15))


def test_a_calendar_that_cannot_be_is_refused() -> None:
    """A day both closed and opened, or a cut-off in another zone's time, makes no calendar."""
    day = date(2026, 4, 1)
    with pytest.raises(ValueError, match="not both"):
        BankCalendar(closed=frozenset({day}), opened=frozenset({day}))
    with pytest.raises(ValueError, match="zone"):
        BankCalendar(cut_off=time(15, tzinfo=UTC))


def test_a_host_that_never_works_is_found_out() -> None:
    """A host is looked for through a year, leap days included, and no further."""
    day = date(2027, 3, 1)
    yearly = BankCalendar(operates=lambda there: there == date(2028, 3, 1))
    assert yearly.next_operating_day(day) == date(2028, 3, 1)
    later = BankCalendar(operates=lambda there: there == date(2028, 3, 2))
    with pytest.raises(ValueError, match="within a year"):
        later.next_operating_day(day)


def test_a_naive_instant_is_none() -> None:
    """A time without a zone belongs to no day."""
    with pytest.raises(TypeError):
        LAW.business_date(datetime(2026, 1, 1))  # noqa: DTZ001 -- naive is the point
