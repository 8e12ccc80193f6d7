"""Password age: an operator's password is due at the end of its time, and at once where he did not choose it."""

from datetime import UTC, datetime, timedelta

import pytest

from janetbank.policies.password_age import PasswordAge

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
TICK, AGE = timedelta(microseconds=1), timedelta(days=90)


@pytest.mark.requirement("SUS-13", "OPS-10")
@pytest.mark.parametrize(("since", "due"), [(timedelta(0), False), (AGE - TICK, False), (AGE, True), (2 * AGE, True)])
def test_a_password_is_due_at_the_end_of_its_time(since: timedelta, due: bool) -> None:  # noqa: FBT001 -- a table
    """Not an instant earlier."""
    assert PasswordAge(AGE).due(NOW, NOW + since) is due


def test_a_password_of_no_age_is_never_due_for_it() -> None:
    """Where nobody has to change, nobody has to."""
    assert not PasswordAge(None).due(NOW, NOW + 1000 * AGE)


@pytest.mark.parametrize("longest", [AGE, None])
def test_what_he_did_not_choose_is_due_at_once(longest: timedelta | None) -> None:
    """A password that somebody gave him knows two people (ASVS 6.4.1)."""
    assert PasswordAge(longest).due(None, NOW)


@pytest.mark.parametrize("longest", [timedelta(0), -TICK])
def test_an_age_of_nothing_is_none(longest: timedelta) -> None:
    """A password that is due before it counts is no rule."""
    with pytest.raises(ValueError, match="counts for some time"):
        PasswordAge(longest)


def test_the_least_age_is_an_age() -> None:
    """However short: how long a password should count is the bank's to say."""
    assert PasswordAge(TICK).due(NOW, NOW + TICK)
    assert not PasswordAge(TICK).due(NOW, NOW)
