"""An instant is aware, and reads the same on a Japanese clock."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import JST, aware, in_japan

OFFSETS = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(timezone)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 -- Hypothesis wants naive bounds


@given(INSTANTS)
def test_an_instant_stays_the_same_instant(moment: datetime) -> None:
    """Neither UTC nor Japanese time moves an instant; the one is UTC, the other nine hours ahead."""
    assert aware(moment) == in_japan(moment) == moment
    assert aware(moment).tzinfo is UTC
    assert in_japan(moment).utcoffset() == timedelta(hours=9)
    assert in_japan(moment).tzinfo is JST


def test_the_day_turns_at_three_in_the_afternoon() -> None:
    """At 15:00 UTC a new day begins in Japan."""
    assert in_japan(datetime(2026, 3, 31, 14, 59, tzinfo=UTC)).day == 31
    assert in_japan(datetime(2026, 3, 31, 15, 0, tzinfo=UTC)).day == 1


@pytest.mark.parametrize("gate", [aware, in_japan])
def test_a_naive_datetime_is_no_instant(gate: object) -> None:
    """A datetime without an offset is the programmer's mistake."""
    assert callable(gate)
    with pytest.raises(TypeError, match=r"^an instant is an aware datetime$"):
        gate(datetime(2026, 4, 1))  # noqa: DTZ001 -- the mistake under test
