"""Sessions: how long they live, what ends them, and what is kept of them."""

from hashlib import sha256

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.log_out import LoggedOut
from janetbank.flows.refusals import SessionEnded
from janetbank.flows.use_session import InSession
from janetbank.model.session import Assurance, Session
from janetbank.policies.sessions import SessionRules
from janetbank.testing.bank import HOME, Enrollee, TestBank, bank
from janetbank.values.environment import Channel
from janetbank.values.secret import Secret
from tests.flows.scene import (
    HANAKO,
    MINUTE,
    REST,
    SECOND,
    TICK,
    challenged,
    contract_of,
    entries_of,
    kinds,
    read,
    rewrite,
    stepped_up,
    with_password,
)


def stored(there: TestBank, token: Secret) -> Session | None:
    """What is kept of the session whose *token* this is."""
    key = sha256(token.reveal().encode()).hexdigest()
    return read(there.storage, lambda tx: tx.sessions.by_key(key))


# --- How long ---------------------------------------------------------------------------------------------------------


def test_a_session_lives_while_it_is_used() -> None:
    """Each use within five minutes puts the end off by five minutes from then."""
    there = bank()
    session = there.log_in(there.customer())
    for _ in range(10):
        there.clock.advance(5 * MINUTE - TICK)
        used = there.net.use_session(session)
        assert isinstance(used, InSession)
        assert used.until == there.clock.now() + 5 * MINUTE


def test_a_session_ends_five_minutes_after_its_last_use() -> None:
    """A microsecond before, it lives; at the instant itself it has ended, and nothing brings it back."""
    there = bank()
    taro = there.customer()
    early, late = there.log_in(taro), there.log_in(taro)
    there.clock.advance(5 * MINUTE - TICK)
    assert isinstance(there.net.use_session(early), InSession)
    there.clock.advance(TICK)
    assert there.net.use_session(late) == SessionEnded()
    assert there.net.use_session(late) == SessionEnded()
    assert isinstance(there.net.use_session(early), InSession)


def test_a_session_ends_sixty_minutes_after_its_opening() -> None:
    """However busy its holder is, he logs in again after an hour; the last minutes are told as fewer than five."""
    there = bank()
    session = there.log_in(there.customer())
    end = there.clock.now() + 60 * MINUTE
    for _ in range(15):
        used = there.net.use_session(session)
        assert isinstance(used, InSession)
        assert used.until == min(end, there.clock.now() + 5 * MINUTE)
        there.clock.advance(4 * MINUTE - TICK)
    there.clock.set(end - TICK)
    used = there.net.use_session(session)
    assert isinstance(used, InSession)
    assert used.until == end
    there.clock.advance(TICK)
    assert there.net.use_session(session) == SessionEnded()


def test_stepping_up_and_new_credentials_do_not_put_the_absolute_end_off() -> None:
    """A new token is the same session: its hour runs from the logging in."""
    there = bank()
    taro = there.customer()
    session, new = there.log_in(taro), Secret("vase3#lamp")
    end = there.clock.now() + 60 * MINUTE
    there.clock.advance(4 * MINUTE)
    session = stepped_up(there, taro, session)
    there.clock.advance(4 * MINUTE)
    changed = there.net.change_password(session, current=taro.password, new=new, again=new)
    session = getattr(changed, "session", session)
    while there.clock.now() + 4 * MINUTE < end:
        there.clock.advance(4 * MINUTE)
        used = there.net.use_session(session)
        assert isinstance(used, InSession)
        assert used.until <= end
    there.clock.set(end)
    assert there.net.use_session(session) == SessionEnded()


@pytest.mark.requirement("RBA-10")
def test_a_challenge_waits_five_minutes_from_its_asking() -> None:
    """Wrong answers do not put the end of a challenge off."""
    there = bank()
    taro = there.customer()
    asked = challenged(there, taro)
    right = taro.answer_to(asked.question)
    there.clock.advance(5 * MINUTE - TICK)
    assert isinstance(there.net.log_in.answer(asked.challenge, right), LoggedIn)
    asked = challenged(there, taro)
    there.clock.advance(3 * MINUTE)
    there.net.log_in.answer(asked.challenge, Secret("ちがう"))
    there.clock.advance(2 * MINUTE)
    assert there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)) == SessionEnded()


def test_the_limits_are_the_profiles() -> None:
    """Another bank's idle and absolute limits hold for its sessions, and another one for its challenges."""
    rules = SessionRules(idle=10 * SECOND, absolute=25 * SECOND, challenge=SECOND)
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), sessions=rules))
    taro = there.customer()
    asked = challenged(there, taro)
    there.clock.advance(SECOND)
    assert there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)) == SessionEnded()
    session = there.log_in(taro)
    for _ in range(2):
        there.clock.advance(9 * SECOND)
        assert isinstance(there.net.use_session(session), InSession)
    there.clock.advance(7 * SECOND)
    assert there.net.use_session(session) == SessionEnded()


# --- What is kept -----------------------------------------------------------------------------------------------------


def test_of_a_token_only_its_digest_is_kept() -> None:
    """The token has 256 bits, is another one each time, and the store has its SHA-256 alone."""
    there = bank()
    taro = there.customer()
    one, other = there.log_in(taro), there.log_in(taro)
    assert len(one.reveal()) == 43
    assert one != other
    session = stored(there, one)
    assert session is not None
    assert session.assurance is Assurance.FULL
    assert one.reveal() not in repr(session)
    assert HOME.device is not None
    assert HOME.device not in repr(session)


@pytest.mark.requirement("RBA-10")
def test_each_rise_of_assurance_brings_a_new_token_and_ends_the_old_one() -> None:
    """A token that somebody saw before the answer was given is worth nothing after it."""
    there = bank()
    taro = there.customer()
    asked = challenged(there, taro)
    told = there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question))
    assert isinstance(told, LoggedIn)
    assert stored(there, asked.challenge) is None
    risen = stepped_up(there, taro, told.session)
    assert len({token.reveal() for token in (asked.challenge, told.session, risen)}) == 3
    assert stored(there, told.session) is None
    assert there.net.use_session(told.session) == SessionEnded()
    assert isinstance(there.net.use_session(risen), InSession)


# --- Whose ------------------------------------------------------------------------------------------------------------


def test_one_number_ends_all_sessions_of_one_contract() -> None:
    """Ending a contract's sessions ends every one of them, and nobody else's."""
    there = bank()
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    sessions = [there.log_in(taro) for _ in range(3)]
    neighbour = there.log_in(hanako)
    rewrite(there, taro, lambda contract: contract.end_sessions())
    assert [there.net.use_session(session) for session in sessions] == [SessionEnded()] * 3
    assert isinstance(there.net.use_session(neighbour), InSession)
    assert isinstance(there.net.use_session(there.log_in(taro)), InSession)


def test_a_session_says_whose_it_is_and_over_which_channel() -> None:
    """Using a session tells institution, contract and channel, and whether to offer the one-time password."""
    there = bank()
    taro = there.customer()
    told = with_password(there, taro, seen_from=evolve(HOME, channel=Channel.SMARTPHONE))
    assert isinstance(told, LoggedIn)
    used = there.net.use_session(told.session)
    assert used == InSession(
        taro.institution, taro.contract, Channel.SMARTPHONE, there.clock.now() + 5 * MINUTE, offer_otp=True
    )


@pytest.mark.requirement("ENR-12")
@pytest.mark.parametrize(("wanted", "offered"), [(None, True), (False, True), (True, False)])
def test_the_one_time_password_is_offered_until_it_is_applied_for(
    wanted: bool | None,  # noqa: FBT001 -- a table's column
    offered: bool,  # noqa: FBT001 -- the same
) -> None:
    """Whoever declined, or has not chosen, is offered it again at each login; whoever applied is not."""
    there = bank()
    taro = there.customer()
    rewrite(there, taro, lambda contract: evolve(contract, otp_wanted=wanted))
    for _ in range(2):
        used = there.net.use_session(there.log_in(taro))
        assert isinstance(used, InSession)
        assert used.offer_otp is offered


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


# --- Leaving ----------------------------------------------------------------------------------------------------------


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


def test_logging_out_is_no_way_to_learn_whose_token_it_was() -> None:
    """A pending challenge is withdrawn by leaving: its answer opens nothing any more."""
    there = bank()
    taro: Enrollee = there.customer()
    asked = challenged(there, taro)
    assert there.net.log_out(asked.challenge) == LoggedOut()
    assert there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question)) == SessionEnded()
