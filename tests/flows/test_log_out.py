"""Logging out: never refused, and final."""

from janetbank.flows.log_out import LoggedOut
from janetbank.flows.refusals import SessionEnded
from janetbank.flows.use_session import InSession
from janetbank.testing.bank import bank
from janetbank.values.secret import Secret
from tests.flows.scene import (
    REST,
    challenged,
    contract_of,
    entries_of,
    kinds,
    stored,
)


def test_logging_out_ends_the_session() -> None:
    """After leaving the token opens nothing, leaving again is as good, and the other sessions go on."""
    there = bank()
    taro = there.customer()
    session, other = there.log_in(taro), there.log_in(taro)
    assert there.net.log_out(session) == LoggedOut()
    assert there.net.use_session(session) == SessionEnded()
    assert stored(there, session) is None
    assert kinds(entries_of(there, taro))[-1] == "LoggedOut"
    before = contract_of(there, taro)
    assert there.net.log_out(session) == LoggedOut()
    assert contract_of(there, taro) == before
    assert isinstance(there.net.use_session(other), InSession)


def test_leaving_works_with_what_has_ended() -> None:
    """Whoever leaves late, or before he has answered, is told the same as anybody, and nothing of his is left."""
    there = bank()
    taro = there.customer()
    late, pending = there.log_in(taro), challenged(there, taro).challenge
    there.clock.advance(REST)
    for token in (late, pending, Secret("nobody's"), Secret("")):
        assert there.net.log_out(token) == LoggedOut()
        assert stored(there, token) is None


def test_a_pending_challenge_can_be_withdrawn() -> None:
    """Who leaves instead of answering has left: the answer opens nothing any more."""
    there = bank()
    taro = there.customer()
    asked = challenged(there, taro)
    assert there.net.log_out(asked.challenge) == LoggedOut()
    assert there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)) == SessionEnded()
