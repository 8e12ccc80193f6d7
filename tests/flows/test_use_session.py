"""Using a session: whose it is, what to offer, and what a use costs."""

import pytest
from attrs import evolve

from janetbank.flows.log_in import LoggedIn
from janetbank.flows.use_session import InSession
from janetbank.flows.use_token import TokenStanding
from janetbank.policies.admission import Operation
from janetbank.policies.service_hours import ServiceHours
from janetbank.policies.token import TokenChoice
from janetbank.profiles import JA, fast_for_tests
from janetbank.testing.bank import HOME, bank
from janetbank.values.environment import Channel
from tests.flows.scene import (
    MINUTE,
    TICK,
    rewrite,
    stored,
    with_password,
)


def test_a_session_says_whose_it_is_and_over_which_channel() -> None:
    """Using a session tells institution, contract and channel, and whether to offer the one-time password."""
    there = bank()
    taro = there.customer()
    told = with_password(there, taro, seen_from=evolve(HOME, channel=Channel.SMARTPHONE))
    assert isinstance(told, LoggedIn)
    used = there.net.use_session(told.session)
    assert used == InSession(
        taro.institution,
        taro.contract,
        Channel.SMARTPHONE,
        there.clock.now() + 5 * MINUTE,
        offer_otp=True,
        otp_wanted=False,
    )


@pytest.mark.requirement("ENR-12", "TKN-01", "TKN-18")
@pytest.mark.parametrize(("wanted", "goes_on"), [(None, False), (False, False), (True, True)])
def test_the_one_time_password_is_offered_until_it_is_applied_for(
    wanted: bool | None,  # noqa: FBT001 -- a table's column
    goes_on: bool,  # noqa: FBT001 -- the same
) -> None:
    """Whoever declined, or has not chosen, is offered it again at each login; so is who chose it and stopped there."""
    there = bank()
    taro = there.customer()
    rewrite(there, taro, lambda contract: evolve(contract, otp_wanted=wanted))
    for _ in range(2):
        used = there.net.use_session(there.log_in(taro))
        assert isinstance(used, InSession)
        assert (used.offer_otp, used.otp_wanted) == (True, goes_on)


@pytest.mark.requirement("ENR-12")
@pytest.mark.parametrize("offered", [True, False])
def test_whether_it_is_offered_at_login_is_the_profiles(offered: bool) -> None:  # noqa: FBT001 -- a table's column
    """A bank that does not want to ask each time does not; applying is as open as before."""
    settings = evolve(JA.token, offered_at_login=offered)
    there = bank(evolve(fast_for_tests(JA), token=settings))
    session = there.log_in(there.customer())
    used = there.net.use_session(session)
    assert isinstance(used, InSession)
    assert used.offer_otp is offered
    standing = there.net.use_token.standing(session)
    assert isinstance(standing, TokenStanding)
    assert TokenChoice.ISSUE in standing.choices


@pytest.mark.requirement("ENR-12", "PRF-03")
def test_what_a_bank_does_not_have_is_offered_to_nobody() -> None:
    """Where tokens are not issued online at all nobody is asked whether he wants one."""
    closed = {**JA.hours, Operation.ISSUE_TOKEN: ServiceHours(daily=())}
    there = bank(evolve(fast_for_tests(JA), hours=closed))
    used = there.net.use_session(there.log_in(there.customer()))
    assert isinstance(used, InSession)
    assert not used.offer_otp


def test_a_use_at_the_same_instant_writes_nothing() -> None:
    """A page that asks ten things at once keeps its session alive once."""
    there = bank()
    session = there.log_in(there.customer())
    before = stored(there, session)
    for _ in range(10):
        there.net.use_session(session)
    assert stored(there, session) == before
    there.clock.advance(TICK)
    there.net.use_session(session)
    after = stored(there, session)
    assert before is not None
    assert after == evolve(before, used_at=there.clock.now(), version=before.version + 1)
