"""Service hours: when a function of the bank may be used.

Every day has windows in Japanese time.  Special days have windows of their own, each year (1 to 3 January) or once
(a migration week-end); the first rule that covers a day decides it.  Closures take single stretches of time out.
A window does not cross midnight: it ends there, and the next day's begins.  Windows that touch are one opening.

Shape:  `state(now) -> OpenNow | ClosedNow`, each with the instant at which it changes, where that is near.
Units:  instants are aware datetimes; a window and a closure hold their start and not their end: [start, end).
Errors: ValueError for windows, days and closures that cannot be; TypeError for an instant that is none.
Source: HRS-01, HRS-02; standards.md J1, J9, J14 (the shape that hours have).
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Self

from attrs import field, frozen

from janetbank.values.moment import JST, aware, in_japan

LOOKAHEAD = timedelta(days=31)
"""A change further ahead than this is not told."""

_MIDNIGHT = time(0)
_WRITTEN = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?!00:00)(?:[01]\d|2[0-3]):[0-5]\d|24:00)", re.ASCII)


@frozen
class Window:
    """From *opens* up to but without *closes*, which is 00:00 where the window ends with the day."""

    opens: time
    closes: time

    def __attrs_post_init__(self) -> None:
        if self.opens.tzinfo or self.closes.tzinfo:
            msg = "a window stands in Japanese time: give times without a zone"
            raise ValueError(msg)
        if any(clock.second or clock.microsecond for clock in (self.opens, self.closes)):
            msg = "a window opens and closes on the minute"
            raise ValueError(msg)
        if self.closes != _MIDNIGHT and self.closes <= self.opens:
            msg = "a window closes after it opens, on the same day"
            raise ValueError(msg)

    @classmethod
    def of(cls, text: str) -> Self:
        """The window written as "06:30-23:40"; "24:00" is the end of the day."""
        if not (found := _WRITTEN.fullmatch(text)):
            msg = "a window is written as 06:30-23:40"
            raise ValueError(msg)
        opens, closes = found.groups()
        return cls(time.fromisoformat(opens), _MIDNIGHT if closes == "24:00" else time.fromisoformat(closes))

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{'24:00' if self.closes == _MIDNIGHT else format(self.closes, '%H:%M')}"

    def holds(self, clock: time) -> bool:
        """Whether the window is open at *clock*, on a Japanese clock."""
        return self.opens <= clock and (self.closes == _MIDNIGHT or clock < self.closes)


ROUND_THE_CLOCK = (Window.of("00:00-24:00"),)
"""The windows of what is never shut."""


@frozen
class EachYear:
    """Every year from day *first* to day *last*, both included, each (month, day); may run over the year's end."""

    first: tuple[int, int]
    last: tuple[int, int]

    def __attrs_post_init__(self) -> None:
        for month, day in (self.first, self.last):
            date(2024, month, day)  # a leap year: 29 February is a day

    def covers(self, day: date) -> bool:
        """Whether *day* is one of them."""
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@frozen
class Once:
    """The days from *first* to *last*, both included."""

    first: date
    last: date

    def __attrs_post_init__(self) -> None:
        if self.first > self.last:
            msg = "the last day is not before the first"
            raise ValueError(msg)

    def covers(self, day: date) -> bool:
        """Whether *day* is one of them."""
        return self.first <= day <= self.last


@frozen
class SpecialDays:
    """On *days* these *windows* stand in place of the daily ones; none at all is closed."""

    days: EachYear | Once
    windows: tuple[Window, ...] = ()


@frozen
class Closure:
    """Closed from the instant *start* up to but without *end*, whatever else holds."""

    start: datetime = field(converter=aware)
    end: datetime = field(converter=aware)

    def __attrs_post_init__(self) -> None:
        if self.start >= self.end:
            msg = "a closure ends after it starts"
            raise ValueError(msg)


@frozen
class OpenNow:
    """The function may be used, until *until*; None where that is more than `LOOKAHEAD` away, if ever."""

    until: datetime | None


@frozen
class ClosedNow:
    """The function may not be used before *opens_at*; None where that is more than `LOOKAHEAD` away, if ever."""

    opens_at: datetime | None


HoursState = OpenNow | ClosedNow


@frozen(kw_only=True)
class ServiceHours:
    """When one function may be used."""

    daily: tuple[Window, ...]
    special: tuple[SpecialDays, ...] = ()
    closures: tuple[Closure, ...] = ()

    @property
    def offered(self) -> bool:
        """Whether there is any window at all; where there is none, the function is not offered."""
        return bool(self.daily or any(rule.windows for rule in self.special))

    def state(self, now: datetime) -> HoursState:
        """Whether the function may be used at *now*, and when that changes."""
        is_open = self.is_open(now)
        change = next((edge for edge in self._edges(now) if self.is_open(edge) != is_open), None)
        return OpenNow(change) if is_open else ClosedNow(change)

    def is_open(self, at: datetime) -> bool:
        """Whether the function may be used at *at*; what every request asks, without looking for the next change."""
        if self.daily is ROUND_THE_CLOCK and not self.special and not self.closures:
            return True  # every login asks, and most doors are never shut
        if any(closure.start <= at < closure.end for closure in self.closures):
            return False
        here = in_japan(at)
        return any(window.holds(here.time()) for window in self._windows(here.date()))

    def _windows(self, day: date) -> tuple[Window, ...]:
        return next((rule.windows for rule in self.special if rule.days.covers(day)), self.daily)

    def _edges(self, now: datetime) -> Iterator[datetime]:
        """The instants after *now* at which anything may change, in order, as far as `LOOKAHEAD`."""
        now = aware(now)
        ends = {edge for closure in self.closures for edge in (closure.start, closure.end)}
        first = in_japan(now).date()
        for ahead in range(LOOKAHEAD.days + 1):
            day = first + timedelta(days=ahead)
            start = aware(datetime.combine(day, _MIDNIGHT, JST))
            clocks = {_MIDNIGHT, *(clock for window in self._windows(day) for clock in (window.opens, window.closes))}
            edges = {aware(datetime.combine(day, clock, JST)) for clock in clocks}
            edges |= {end for end in ends if start <= end < start + timedelta(days=1)}
            yield from sorted(edge for edge in edges if now < edge <= now + LOOKAHEAD)
