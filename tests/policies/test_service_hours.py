"""Service hours: open or closed, and until when."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.service_hours import (
    LOOKAHEAD,
    ROUND_THE_CLOCK,
    ClosedNow,
    Closure,
    EachYear,
    HoursState,
    Once,
    OpenNow,
    ServiceHours,
    SpecialDays,
    Window,
)
from janetbank.values.moment import JST

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NEW_YEAR = EachYear((1, 1), (1, 3))
RESETS = ServiceHours(
    daily=(Window.of("06:30-23:40"),),
    special=(SpecialDays(NEW_YEAR, (Window.of("08:00-19:00"),)),),
)
ALWAYS = ServiceHours(daily=(Window.of("00:00-24:00"),))


def japan(text: str) -> datetime:
    """An instant by its Japanese date and time."""
    return datetime.fromisoformat(text).replace(tzinfo=JST)


@pytest.mark.requirement("HRS-01", "HRS-02")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-04-01 00:00", ClosedNow(japan("2026-04-01 06:30"))),
        ("2026-04-01 06:29:59.999999", ClosedNow(japan("2026-04-01 06:30"))),
        ("2026-04-01 06:30", OpenNow(japan("2026-04-01 23:40"))),
        ("2026-04-01 23:39:59.999999", OpenNow(japan("2026-04-01 23:40"))),
        ("2026-04-01 23:40", ClosedNow(japan("2026-04-02 06:30"))),
        # Weekdays, Saturdays, Sundays and holidays alike.
        ("2026-04-04 12:00", OpenNow(japan("2026-04-04 23:40"))),
        ("2026-04-05 12:00", OpenNow(japan("2026-04-05 23:40"))),
        ("2026-05-05 12:00", OpenNow(japan("2026-05-05 23:40"))),
        # 1 to 3 January have hours of their own, on both sides of the year's end.
        ("2026-12-31 23:40", ClosedNow(japan("2027-01-01 08:00"))),
        ("2027-01-01 06:30", ClosedNow(japan("2027-01-01 08:00"))),
        ("2027-01-01 07:59:59.999999", ClosedNow(japan("2027-01-01 08:00"))),
        ("2027-01-01 08:00", OpenNow(japan("2027-01-01 19:00"))),
        ("2027-01-03 18:59:59.999999", OpenNow(japan("2027-01-03 19:00"))),
        ("2027-01-03 19:00", ClosedNow(japan("2027-01-04 06:30"))),
        ("2027-01-04 06:30", OpenNow(japan("2027-01-04 23:40"))),
    ],
)
def test_hours_of_the_public_page(now: str, expected: HoursState) -> None:
    """06:30 to 23:40 every day, 08:00 to 19:00 on 1 to 3 January: the start is open, the end is not."""
    assert RESETS.state(japan(now)) == expected
    assert RESETS.state(japan(now).astimezone(UTC)) == expected
    assert RESETS.is_open(japan(now)) == isinstance(expected, OpenNow)


@pytest.mark.requirement("HRS-01")
@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 -- the zone is given below
def test_without_downtime_it_is_always_open(now: datetime) -> None:
    """From midnight to midnight every day is one opening without an end."""
    assert ALWAYS.state(now.replace(tzinfo=UTC)) == OpenNow(None)


def test_no_windows_is_never_open() -> None:
    """A function without windows never opens."""
    assert ServiceHours(daily=()).state(japan("2026-04-01 12:00")) == ClosedNow(None)


def test_windows_that_touch_are_one_opening() -> None:
    """Over midnight, and within a day, there is no moment between two windows that touch."""
    night = ServiceHours(daily=(Window.of("20:00-24:00"), Window.of("00:00-02:00"), Window.of("02:00-03:00")))
    assert night.state(japan("2026-04-01 20:00")) == OpenNow(japan("2026-04-02 03:00"))
    assert night.state(japan("2026-04-02 00:00")) == OpenNow(japan("2026-04-02 03:00"))
    assert night.state(japan("2026-04-02 03:00")) == ClosedNow(japan("2026-04-02 20:00"))


def test_the_first_rule_that_covers_a_day_decides_it() -> None:
    """A migration on 2 January stands before the yearly rule and shuts the day; its neighbours keep theirs."""
    hours = ServiceHours(
        daily=RESETS.daily,
        special=(SpecialDays(Once(date(2027, 1, 2), date(2027, 1, 2))), *RESETS.special),
    )
    assert hours.state(japan("2027-01-01 19:00")) == ClosedNow(japan("2027-01-03 08:00"))
    assert hours.state(japan("2028-01-01 19:00")) == ClosedNow(japan("2028-01-02 08:00"))


def test_a_closure_takes_a_stretch_out() -> None:
    """From its start to its end nothing is open; the windows resume at its end."""
    shut = Closure(japan("2026-04-01 22:00"), japan("2026-04-02 09:15:30"))
    hours = ServiceHours(daily=RESETS.daily, closures=(shut,))
    assert hours.state(shut.start - TICK) == OpenNow(shut.start)
    assert hours.state(shut.start) == ClosedNow(shut.end)
    assert hours.state(shut.end - TICK) == ClosedNow(shut.end)
    assert hours.state(shut.end) == OpenNow(japan("2026-04-02 23:40"))


def test_what_is_further_off_than_the_lookahead_is_not_told() -> None:
    """A change exactly as far ahead as the lookahead is told; a moment earlier it is not."""
    shut = Closure(japan("2026-06-01 12:00"), japan("2026-12-01 12:00"))
    hours = ServiceHours(daily=ALWAYS.daily, closures=(shut,))
    for edge, kind in ((shut.start, OpenNow), (shut.end, ClosedNow)):
        assert hours.state(edge - LOOKAHEAD) == kind(edge)
        assert hours.state(edge - LOOKAHEAD - TICK) == kind(None)


MODEL_START = date(2026, 12, 20)
MODEL_DAYS = 40
CLOCKS = st.integers(0, 23 * 60 + 59)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """A window of whole minutes; often one that touches midnight."""
    opens = draw(st.one_of(st.just(0), CLOCKS))
    closes = draw(st.one_of(st.just(24 * 60), st.integers(opens + 1, 24 * 60)))
    return Window(time(*divmod(opens, 60)), time(*divmod(closes % (24 * 60), 60)))


@st.composite
def special_days(draw: st.DrawFn) -> SpecialDays:
    """Special days in and around the days of the model."""
    first, last = sorted(MODEL_START + DAY * draw(st.integers(-3, MODEL_DAYS)) for _ in range(2))
    yearly = EachYear((first.month, first.day), (last.month, last.day))
    days: EachYear | Once = yearly if draw(st.booleans()) else Once(first, last)
    return SpecialDays(days, tuple(draw(st.lists(windows(), max_size=2))))


def at_minute(number: int) -> datetime:
    """The instant *number* minutes after the model's start."""
    return datetime.combine(MODEL_START, time(0), JST).astimezone(UTC) + number * MINUTE


@st.composite
def closures(draw: st.DrawFn) -> Closure:
    """A closure of whole minutes around the days of the model."""
    start = draw(st.integers(-2000, MODEL_DAYS * 1440))
    return Closure(at_minute(start), at_minute(start + draw(st.integers(1, 4000))))


HOURS = st.builds(
    ServiceHours,
    daily=st.lists(windows(), max_size=3).map(tuple),
    special=st.lists(special_days(), max_size=3).map(tuple),
    closures=st.lists(closures(), max_size=2).map(tuple),
)


def painted(hours: ServiceHours) -> bytes:
    """Every minute of the model's days painted open (1) or closed (0), one by one, without a thought of edges."""
    paint = bytearray(MODEL_DAYS * 1440)
    for number in range(MODEL_DAYS):
        day = MODEL_START + number * DAY
        windows = hours.daily
        for rule in reversed(hours.special):
            if isinstance(rule.days, Once):
                begin, end = rule.days.first, rule.days.last
            else:
                first, last = rule.days.first, rule.days.last
                year = day.year - ((day.month, day.day) < first)
                begin, end = date(year, *first), date(year + (last < first), *last)
            hit = (day - begin).days >= 0 >= (day - end).days
            windows = rule.windows if hit else windows
        for window in windows:
            opens = window.opens.hour * 60 + window.opens.minute
            closes = window.closes.hour * 60 + window.closes.minute or 1440
            paint[number * 1440 + opens : number * 1440 + closes] = b"\1" * (closes - opens)
    for closure in hours.closures:
        since = max(0, (closure.start - at_minute(0)) // MINUTE)
        until = min(len(paint), max(0, (closure.end - at_minute(0)) // MINUTE))
        paint[since:until] = bytes(max(0, until - since))
    return bytes(paint)


@pytest.mark.requirement("HRS-02")
@given(HOURS, st.lists(st.integers(0, (MODEL_DAYS - LOOKAHEAD.days - 1) * 1440 - 1), min_size=1, max_size=20))
def test_state_agrees_with_painting_every_minute(hours: ServiceHours, minutes: list[int]) -> None:
    """At any minute the state, and the instant at which it changes, are those of a model that paints each minute."""
    paint = painted(hours)
    for minute in minutes:
        change = paint.find(bytes([not paint[minute]]), minute)
        ahead = None if change < 0 or at_minute(change) - at_minute(minute) > LOOKAHEAD else at_minute(change)
        assert hours.state(at_minute(minute)) == (OpenNow(ahead) if paint[minute] else ClosedNow(ahead))
        assert hours.is_open(at_minute(minute) + MINUTE - TICK) == bool(paint[minute])


@pytest.mark.parametrize(
    ("days", "inside", "outside"),
    [
        (NEW_YEAR, ["2026-01-01", "2026-01-03", "2031-01-02"], ["2025-12-31", "2026-01-04", "2026-02-01"]),
        (
            EachYear((12, 30), (1, 3)),
            ["2026-12-30", "2026-12-31", "2027-01-01", "2027-01-03"],
            ["2026-12-29", "2027-01-04"],
        ),
        (
            Once(date(2026, 1, 1), date(2026, 1, 3)),
            ["2026-01-01", "2026-01-03"],
            ["2025-12-31", "2026-01-04", "2027-01-01"],
        ),
    ],
)
def test_days_have_their_first_and_their_last(days: EachYear | Once, inside: list[str], outside: list[str]) -> None:
    """Both ends are included, over the year's end too."""
    assert all(days.covers(date.fromisoformat(day)) for day in inside)
    assert not any(days.covers(date.fromisoformat(day)) for day in outside)


def test_the_leap_day_comes_every_four_years() -> None:
    """29 February is a day of leap years and covers nothing in the others."""
    leap_day = EachYear((2, 29), (2, 29))
    assert leap_day.covers(date(2024, 2, 29))
    assert not any(leap_day.covers(day) for day in (date(2024, 2, 28), date(2025, 2, 28), date(2025, 3, 1)))


@given(windows())
def test_a_window_is_written_as_it_is_read(window: Window) -> None:
    """What `str` writes, `of` reads."""
    assert Window.of(str(window)) == window


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "06:30",
            "6:30-23:40",
            "06:30-23:40 ",
            "06:30–23:40",
            "06:30:00-23:40:00",
            "06:30-23:40\n",
            "０６:30-23:40",
        ),
        *("06:60-23:40", "24:00-24:00", "06:30-24:01", "06:30-25:00"),
        *("06:30-06:30", "23:40-06:30", "22:00-00:00", "00:00-00:00"),
    ],
)
def test_a_window_that_is_none_is_refused(text: str) -> None:
    """Only two times of one day, the later one second, are a window; midnight at its end is written 24:00."""
    with pytest.raises(ValueError, match="window"):
        Window.of(text)


def test_rules_that_cannot_be_are_refused() -> None:
    """Times with a zone or with seconds, days that do not exist, ends before starts: none can be made."""
    with pytest.raises(ValueError, match="zone"):
        Window(time(6, tzinfo=UTC), time(7))
    with pytest.raises(ValueError, match="zone"):
        Window(time(6), time(7, tzinfo=UTC))
    for seconds in (time(6, 0, 1), time(6, 0, 0, 1)):
        with pytest.raises(ValueError, match="minute"):
            Window(seconds, time(7))
        with pytest.raises(ValueError, match="minute"):
            Window(time(5), seconds)
    for first, last in (((2, 30), (3, 1)), ((2, 1), (13, 1))):
        with pytest.raises(ValueError, match=r"day|month"):
            EachYear(first, last)
    with pytest.raises(ValueError, match="not before"):
        Once(date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(ValueError, match="ends after"):
        Closure(japan("2026-01-01 00:00"), japan("2026-01-01 00:00"))


def test_a_naive_instant_is_none() -> None:
    """A time without a zone is the programmer's mistake wherever it is handed in."""
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 -- naive is the point
    with pytest.raises(TypeError):
        RESETS.state(naive)
    for start, end in ((naive, naive + DAY), (naive, japan("2026-02-01 00:00")), (japan("2025-01-01 00:00"), naive)):
        with pytest.raises(TypeError):
            Closure(start, end)


@pytest.mark.requirement("HRS-01", "HRS-02")
@pytest.mark.parametrize("daily", [ROUND_THE_CLOCK, ALWAYS.daily], ids=["known", "written out"])
def test_the_short_way_for_what_is_never_shut_skips_nothing(daily: tuple[Window, ...]) -> None:
    """However the whole day is written, a closure closes, and special days have their own hours."""
    noon = japan("2026-04-01 12:00")
    closure = Closure(noon, noon + MINUTE)
    assert ServiceHours(daily=daily).is_open(noon)
    assert not ServiceHours(daily=daily, closures=(closure,)).is_open(noon)
    assert not ServiceHours(daily=daily, special=(SpecialDays(EachYear((4, 1), (4, 1))),)).is_open(noon)


@pytest.mark.parametrize(
    ("hours", "offered"),
    [
        (ServiceHours(daily=ROUND_THE_CLOCK), True),
        (ServiceHours(daily=()), False),
        (ServiceHours(daily=(), special=(SpecialDays(EachYear((1, 1), (1, 3))),)), False),
        (ServiceHours(daily=(), special=(SpecialDays(EachYear((1, 1), (1, 3)), ROUND_THE_CLOCK),)), True),
    ],
)
def test_what_has_no_window_is_not_offered(hours: ServiceHours, offered: bool) -> None:  # noqa: FBT001 -- a table's column
    """A function is offered where any day has a window for it."""
    assert hours.offered is offered
