"""Calendar: the days of a bank in Japan, and the three next days that its rules speak of.

| in the rules | here | is |
|---|---|---|
| 翌日 | `next_calendar_day` | the day after, whatever day that is |
| 翌営業日 | `next_business_day` | the next day on which banks work |
| 翌稼働日, 翌JASTEM稼働日 | `next_operating_day` | the next day on which the host works |

Banks are closed on Saturdays, Sundays, national holidays and from 31 December to 3 January.  The host works on
business days, unless the profile knows better.

Shape:  days go in and come out as `date`; `business_date` says which day an instant belongs to.
Units:  a day is a day in Japan; instants are aware datetimes.
Errors: ValueError for years whose holidays nobody knows (before 1949, after 2099), and for a host that never works.
Source: HRS-08, ENR-17, LGN-06; AMB-12, AMB-13; Banking Act art. 15(1) and its order art. 5(1) (standards.md 5).
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import cache

from attrs import frozen

from janetbank.values.moment import JST, aware, in_japan

EARLIEST = date(1949, 1, 1)
"""No bank has a calendar for earlier days: the Act on National Holidays is of 1948."""
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_SATURDAY = 5
_NEW_YEAR = frozenset({(12, 31), (1, 1), (1, 2), (1, 3)})
_FARTHEST = 366


@frozen(kw_only=True)
class BankCalendar:
    """The days of one bank.

    *closed* and *opened* are days that differ from the law's (a holiday announced late, an extra working day);
    *operates* says on which days the host works, where those are not the business days; what happens from *cut_off*
    on, on a Japanese clock, belongs to the next day.
    """

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    operates: Callable[[date], bool] | None = None
    cut_off: time | None = None

    def __attrs_post_init__(self) -> None:
        if self.closed & self.opened:
            msg = "a day is closed or opened, not both"
            raise ValueError(msg)
        if self.cut_off is not None and self.cut_off.tzinfo:
            msg = "the cut-off stands in Japanese time: give it without a zone"
            raise ValueError(msg)

    def business_date(self, now: datetime) -> date:
        """The day to which *now* belongs: the one in Japan, from the cut-off on the one after. Any kind of day."""
        here = in_japan(now)
        late = self.cut_off is not None and here.time() >= self.cut_off
        return here.date() + _DAY if late else here.date()

    def last_instant(self, day: date) -> datetime:
        """The last instant that belongs to *day*."""
        if self.cut_off is None:
            return aware(datetime.combine(day, time.max, JST))
        return aware(datetime.combine(day, self.cut_off, JST)) - _TICK

    def is_business_day(self, day: date) -> bool:
        """Whether banks work on *day*."""
        if day in self.opened:
            return True
        return not (
            day in self.closed
            or day.weekday() >= _SATURDAY
            or (day.month, day.day) in _NEW_YEAR
            or day in _national_holidays(day.year)
        )

    def is_operating_day(self, day: date) -> bool:
        """Whether the host works on *day*."""
        return self.is_business_day(day) if self.operates is None else self.operates(day)

    def next_calendar_day(self, day: date) -> date:
        """翌日: the day after *day*."""
        return day + _DAY

    def next_business_day(self, day: date) -> date:
        """翌営業日: the first business day after *day*."""
        return _next(day, self.is_business_day)

    def next_operating_day(self, day: date) -> date:
        """翌稼働日: the first operating day after *day*."""
        return _next(day, self.is_operating_day)


def _next(day: date, fits: Callable[[date], bool]) -> date:
    for ahead in range(1, _FARTHEST + 1):
        if fits(there := day + ahead * _DAY):
            return there
    msg = "no such day within a year"
    raise ValueError(msg)


@cache
def _national_holidays(year: int) -> frozenset[date]:
    # Imported where it is needed: the package takes longer to load than all the rest of the library.
    from holidays.countries.japan import Japan

    if not Japan.start_year <= year <= Japan.end_year:
        msg = f"the national holidays are known from {Japan.start_year} to {Japan.end_year}"
        raise ValueError(msg)
    return frozenset(Japan(years=year))
