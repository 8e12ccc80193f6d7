"""Cooling-off: transfers after a reissue that follows a password reset."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.cooling_off import CoolingOff, held_until

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(hours=24)
RULES = CoolingOff(DAY)
SPANS = st.timedeltas(min_value=-3 * DAY, max_value=3 * DAY)


@pytest.mark.parametrize(
    ("reset", "reissued", "opens"),
    [
        (None, timedelta(0), None),
        (timedelta(0), timedelta(0), DAY),
        (timedelta(0), timedelta(minutes=5), DAY),
        (timedelta(0), DAY - TICK, DAY),
        (timedelta(0), DAY, None),
        (timedelta(0), DAY + TICK, None),
        (timedelta(0), 30 * DAY, None),
        # Two processes may read clocks that differ a little: a reset of the next instant is as young as can be.
        (timedelta(seconds=1), timedelta(0), DAY + timedelta(seconds=1)),
    ],
)
def test_a_reissue_so_soon_after_a_reset_holds_transfers_back(
    reset: timedelta | None, reissued: timedelta, opens: timedelta | None
) -> None:
    """While the last reset is younger than the length, transfers wait until it is not; without one they never do."""
    told = RULES.opens(None if reset is None else T0 + reset, T0 + reissued)
    assert told == (None if opens is None else T0 + opens)


@pytest.mark.parametrize(
    ("opens", "after", "held"),
    [
        (None, timedelta(0), False),
        (DAY, timedelta(0), True),
        (DAY, DAY - TICK, True),
        (DAY, DAY, False),
        (DAY, DAY + TICK, False),
    ],
)
def test_transfers_open_at_the_instant(opens: timedelta | None, after: timedelta, held: bool) -> None:  # noqa: FBT001 -- a column
    """Up to the instant transfers are disabled; at it and from then on they can be made."""
    told = held_until(None if opens is None else T0 + opens, T0 + after)
    assert told == (T0 + opens if held and opens is not None else None)


@given(st.timedeltas(min_value=TICK, max_value=10 * DAY), st.none() | SPANS, SPANS, SPANS)
def test_nothing_is_held_longer_than_the_length_after_the_reset(
    length: timedelta, reset: timedelta | None, reissued: timedelta, asked: timedelta
) -> None:
    """Transfers are held exactly where reissue and asking both fall before the end of the length after the reset."""
    reset_at = None if reset is None else T0 + reset
    held = held_until(CoolingOff(length).opens(reset_at, T0 + reissued), T0 + asked)
    if reset_at is not None and max(T0 + reissued, T0 + asked) < reset_at + length:
        assert held == reset_at + length
    else:
        assert held is None


@pytest.mark.parametrize("length", [timedelta(0), -TICK])
def test_a_cooling_off_of_nothing_cannot_be_made(length: timedelta) -> None:
    """A profile without a cooling-off has none; it has no empty one."""
    with pytest.raises(ValueError, match="lasts for some time"):
        CoolingOff(length)
