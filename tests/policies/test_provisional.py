"""Provisional passwords: how long they are good, and what they are drawn from."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.provisional import DIGITS, LETTERS, SHORTEST, ProvisionalRules, expired

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
RULES = ProvisionalRules(lifetime=90 * DAY, resume=DAY)
lengths = st.timedeltas(TICK, timedelta(days=4000))
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds


@pytest.mark.requirement("ENR-23")
@pytest.mark.parametrize(
    ("after", "gone"),
    [(timedelta(0), False), (90 * DAY - TICK, False), (90 * DAY, True), (91 * DAY, True)],
)
def test_a_notice_is_good_for_its_lifetime(after: timedelta, gone: bool) -> None:  # noqa: FBT001 -- a table's cell
    """Up to its last instant, which is not part of it."""
    assert expired(RULES.until(NOW), NOW + after) is gone


@pytest.mark.requirement("ENR-35")
@pytest.mark.parametrize(
    ("left", "then"), [(90 * DAY, DAY), (DAY + TICK, DAY), (DAY, DAY), (DAY - TICK, DAY - TICK), (TICK, TICK)]
)
def test_a_first_login_leaves_a_day(left: timedelta, then: timedelta) -> None:
    """Or what was left, where that is less."""
    assert RULES.begun(NOW + left, NOW) == NOW + then


@given(lifetime=lengths, resume=lengths, at=instants, first=lengths, again=lengths)
def test_no_login_ever_lengthens_it(
    lifetime: timedelta, resume: timedelta, at: datetime, first: timedelta, again: timedelta
) -> None:
    """However often somebody logs in by it, its end comes no later than after the first time."""
    rules = ProvisionalRules(lifetime=lifetime, resume=resume)
    begun = rules.begun(rules.until(at), at + first)
    assert begun <= rules.until(at)
    assert rules.begun(begun, at + first + again) == begun


@given(st.integers(SHORTEST, 64))
def test_every_place_is_drawn_from_something(length: int) -> None:
    """As many characters as the rules say, letters and digits both, none that looks like another."""
    places = ProvisionalRules(lifetime=DAY, resume=DAY, length=length).places
    assert len(places) == length
    assert set(places) == {LETTERS, DIGITS}
    assert not set(LETTERS + DIGITS) & set("lo10ioaeu")


@pytest.mark.parametrize(
    ("lifetime", "resume", "length"),
    [(timedelta(0), DAY, 10), (-DAY, DAY, 10), (DAY, timedelta(0), 10), (DAY, DAY, SHORTEST - 1)],
)
def test_a_notice_that_is_none_cannot_be_made(lifetime: timedelta, resume: timedelta, length: int) -> None:
    """One that is never good, or that could be guessed."""
    with pytest.raises(ValueError, match="provisional password"):
        ProvisionalRules(lifetime=lifetime, resume=resume, length=length)
