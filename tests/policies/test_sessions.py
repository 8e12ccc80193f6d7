"""Sessions: how long they live."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.sessions import Alive, Ended, SessionRules

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
RULES = SessionRules(idle=5 * MINUTE, absolute=60 * MINUTE, challenge=3 * MINUTE)


@pytest.mark.parametrize(
    ("pending", "used", "after", "expected"),
    [
        (False, 0 * MINUTE, timedelta(0), Alive(T0 + 5 * MINUTE)),
        (False, 0 * MINUTE, 5 * MINUTE - TICK, Alive(T0 + 5 * MINUTE)),
        (False, 0 * MINUTE, 5 * MINUTE, Ended("idle")),
        (False, 0 * MINUTE, 5 * MINUTE + TICK, Ended("idle")),
        (False, 54 * MINUTE, 59 * MINUTE - TICK, Alive(T0 + 59 * MINUTE)),
        (False, 54 * MINUTE, 59 * MINUTE, Ended("idle")),
        (False, 54 * MINUTE, 60 * MINUTE, Ended("idle")),
        (False, 55 * MINUTE, 60 * MINUTE - TICK, Alive(T0 + 60 * MINUTE)),
        (False, 55 * MINUTE, 60 * MINUTE, Ended("absolute")),
        (False, 58 * MINUTE, 60 * MINUTE - TICK, Alive(T0 + 60 * MINUTE)),
        (False, 58 * MINUTE, 60 * MINUTE, Ended("absolute")),
        (False, 58 * MINUTE, 60 * MINUTE + TICK, Ended("absolute")),
        (True, 0 * MINUTE, 3 * MINUTE - TICK, Alive(T0 + 3 * MINUTE)),
        (True, 0 * MINUTE, 3 * MINUTE, Ended("challenge")),
        (True, 2 * MINUTE, 3 * MINUTE - TICK, Alive(T0 + 3 * MINUTE)),
        (True, 2 * MINUTE, 3 * MINUTE, Ended("challenge")),
        (True, 2 * MINUTE, 99 * MINUTE, Ended("challenge")),
        (False, 0 * MINUTE, -MINUTE, Alive(T0 + 5 * MINUTE)),
    ],
)
def test_a_limit_ends_the_session_at_its_instant(
    *, pending: bool, used: timedelta, after: timedelta, expected: Alive | Ended
) -> None:
    """Up to the limit that falls first the session lives; at it and from then on it has ended, by that limit."""
    assert RULES.alive(opened_at=T0, used_at=T0 + used, pending=pending, now=T0 + after) == expected


LENGTHS = st.timedeltas(min_value=TICK, max_value=timedelta(days=2))


@st.composite
def rules(draw: st.DrawFn) -> SessionRules:
    """Any rules that can be made."""
    absolute = draw(LENGTHS)
    lengths = st.timedeltas(min_value=TICK, max_value=absolute)
    return SessionRules(idle=draw(lengths), absolute=absolute, challenge=draw(lengths))


@given(rules(), st.booleans(), st.data())
def test_until_is_the_last_word(rules: SessionRules, pending: bool, data: st.DataObject) -> None:  # noqa: FBT001 -- hypothesis gives it
    """A session that lives until an instant lives just before it and has ended at it, if nobody uses it."""
    used_at = T0 + data.draw(st.timedeltas(min_value=timedelta(0), max_value=rules.absolute))
    now = used_at + data.draw(st.timedeltas(min_value=timedelta(0), max_value=rules.absolute))

    def at(now: datetime) -> Alive | Ended:
        return rules.alive(opened_at=T0, used_at=used_at, pending=pending, now=now)

    match at(now):
        case Alive(until):
            assert now < until
            assert at(until - TICK) == Alive(until)
            assert isinstance(at(until), Ended)
        case Ended() as ended:
            assert at(now + timedelta(days=1)) == ended


@given(rules(), st.lists(LENGTHS, max_size=30))
def test_no_use_outlives_the_absolute_limit(rules: SessionRules, pauses: list[timedelta]) -> None:
    """Used as often as you like, a session lives while no pause reaches *idle* and the absolute limit is ahead."""
    used_at = now = T0
    expected: Literal["idle", "absolute"] | None = None
    for pause in pauses:
        now += pause
        if pause >= rules.idle and used_at + rules.idle < T0 + rules.absolute:
            expected = "idle"
        elif now - T0 >= rules.absolute:
            expected = "absolute"
        state = rules.alive(opened_at=T0, used_at=used_at, pending=False, now=now)
        if expected is not None:
            assert state == Ended(expected)
            break
        assert isinstance(state, Alive)
        used_at = now


@given(rules(), LENGTHS)
def test_no_use_prolongs_a_pending_question(rules: SessionRules, used: timedelta) -> None:
    """Until the question is answered, nothing but the opening counts."""
    ends = T0 + rules.challenge
    for now in (ends - TICK, ends):
        fresh = rules.alive(opened_at=T0, used_at=T0, pending=True, now=now)
        assert rules.alive(opened_at=T0, used_at=T0 + used, pending=True, now=now) == fresh


@pytest.mark.parametrize(
    ("idle", "absolute", "challenge", "fits"),
    [
        (1, 1, 1, True),
        (1, 2, 2, True),
        (0, 2, 1, False),
        (1, 0, 1, False),
        (1, 2, 0, False),
        (-1, 2, 1, False),
        (3, 2, 1, False),
        (1, 2, 3, False),
    ],
)
def test_lengths_are_positive_and_within_the_absolute_one(
    *, idle: int, absolute: int, challenge: int, fits: bool
) -> None:
    """Rules whose limits cannot be are not made."""
    lengths = {"idle": idle * MINUTE, "absolute": absolute * MINUTE, "challenge": challenge * MINUTE}
    if fits:
        assert SessionRules(**lengths).idle == lengths["idle"]
    else:
        with pytest.raises(ValueError, match=r"positive|absolute"):
            SessionRules(**lengths)
