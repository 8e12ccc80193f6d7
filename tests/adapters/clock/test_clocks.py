"""Clocks: the machine's, and the one that is turned by hand."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.ports.clock import Clock
from janetbank.testing.port_conformance import ClockConformance
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.clock.system import SystemClock

START = datetime(2026, 11, 21, 6, 4, tzinfo=UTC)


class TestSystemClock(ClockConformance):
    """The machine's clock obeys the laws of the port."""

    def clock(self) -> Clock:
        """A clock."""
        return SystemClock()


class TestHandClock(ClockConformance):
    """The clock turned by hand obeys the laws of the port."""

    def clock(self) -> Clock:
        """A clock."""
        return HandClock(START)


def test_the_system_clock_tells_the_time() -> None:
    """It tells the machine's time."""
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_where_the_machine_is_set_back_the_clock_stands_still(steps: list[int]) -> None:
    """Whatever the machine's clock does, ours tells the latest time that the machine ever told."""
    machine = START
    clock = SystemClock(lambda: machine)
    latest = machine
    for step in steps:
        machine += timedelta(seconds=step)
        latest = max(latest, machine)
        assert clock.now() == latest


def test_a_hand_clock_goes_where_it_is_turned() -> None:
    """It stands still but for being turned, by a length or to an instant, of any zone."""
    clock = HandClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(timedelta(minutes=60))
    assert clock.now() == START + timedelta(minutes=60)
    clock.advance(timedelta(0))
    clock.set(datetime(2026, 11, 22, 9, 0, tzinfo=timezone(timedelta(hours=9))))
    assert clock.now() == datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


def test_a_hand_clock_is_never_turned_back() -> None:
    """Turning it back is refused, and it stays where it was; so is an instant that is none."""
    clock = HandClock(START)
    with pytest.raises(ValueError, match="never turned back"):
        clock.advance(timedelta(microseconds=-1))
    with pytest.raises(ValueError, match="never turned back"):
        clock.set(START - timedelta(microseconds=1))
    with pytest.raises(TypeError, match="aware"):
        clock.set(START.replace(tzinfo=None))
    with pytest.raises(TypeError, match="aware"):
        HandClock(START.replace(tzinfo=None))
    assert clock.now() == START
