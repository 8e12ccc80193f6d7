"""Retention: which lengths there can be."""

from datetime import timedelta

import pytest

from janetbank.policies.retention import Retention

NOTHING, TICK, DAY = timedelta(0), timedelta(microseconds=1), timedelta(days=1)


@pytest.mark.parametrize(("ended", "executed"), [(NOTHING, NOTHING), (NOTHING, DAY), (DAY, DAY)])
def test_what_was_executed_is_kept_as_long_or_longer(ended: timedelta, executed: timedelta) -> None:
    """No time at all is a length, too."""
    kept = Retention(ended=ended, executed=executed)
    assert (kept.ended, kept.executed) == (ended, executed)


@pytest.mark.parametrize(("ended", "executed"), [(-TICK, DAY), (DAY, DAY - TICK), (TICK, NOTHING), (-DAY, -TICK)])
def test_lengths_that_cannot_be_are_refused(ended: timedelta, executed: timedelta) -> None:
    """Neither less than nothing, nor what was executed for less than what was not."""
    with pytest.raises(ValueError, match="at least as long"):
        Retention(ended=ended, executed=executed)
