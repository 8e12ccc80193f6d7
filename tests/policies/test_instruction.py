"""Instruction: one table, in which nobody comes back from the host but by the host's word."""

from datetime import date, timedelta
from itertools import product

import pytest

from janetbank.messages import LANGUAGES, Language, phrase
from janetbank.policies.instruction import (
    DONE_WITHOUT,
    IN_BETWEEN,
    NEXT,
    PENDING,
    InstructionEvent,
    InstructionState,
    after,
    can,
    may_cancel,
)
from janetbank.values.host_answer import HostWord

S, E = InstructionState, InstructionEvent
ENDS = {S.EXECUTED, S.REFUSED, S.CANCELLED}
BEFORE = {S.PROOF_AWAITED, S.AUTHORISED}
HOSTS = {E.ACCEPT, E.RESERVE, E.EXECUTE, E.REFUSE, E.CANCEL}
TODAY = date(2026, 11, 20)


@pytest.mark.requirement("TRF-09", "TRF-11")
def test_every_cell_is_meant() -> None:
    """Before the host it is proved, changed, void or handed over; with him, his words count; and not one cell more."""
    assert dict(NEXT) == {
        (S.PROOF_AWAITED, E.AMEND): S.PROOF_AWAITED,
        (S.PROOF_AWAITED, E.PROVE): S.AUTHORISED,
        (S.PROOF_AWAITED, E.VOID): S.REFUSED,
        (S.AUTHORISED, E.AMEND): S.PROOF_AWAITED,
        (S.AUTHORISED, E.VOID): S.REFUSED,
        (S.AUTHORISED, E.HAND_OVER): S.HANDED_OVER,
        (S.HANDED_OVER, E.ACCEPT): S.ACCEPTED,
        (S.HANDED_OVER, E.RESERVE): S.RESERVED,
        (S.HANDED_OVER, E.EXECUTE): S.EXECUTED,
        (S.HANDED_OVER, E.REFUSE): S.REFUSED,
        (S.HANDED_OVER, E.CANCEL): S.CANCELLED,
        (S.ACCEPTED, E.EXECUTE): S.EXECUTED,
        (S.ACCEPTED, E.REFUSE): S.REFUSED,
        (S.ACCEPTED, E.CANCEL): S.CANCELLED,
        (S.RESERVED, E.ACCEPT): S.ACCEPTED,
        (S.RESERVED, E.EXECUTE): S.EXECUTED,
        (S.RESERVED, E.REFUSE): S.REFUSED,
        (S.RESERVED, E.CANCEL): S.CANCELLED,
        (S.RESERVED, E.ASK_TO_CANCEL): S.CANCELLING,
        (S.CANCELLING, E.CANCEL): S.CANCELLED,
        (S.CANCELLING, E.RESERVE): S.RESERVED,
        (S.CANCELLING, E.ACCEPT): S.ACCEPTED,
        (S.CANCELLING, E.EXECUTE): S.EXECUTED,
        (S.CANCELLING, E.REFUSE): S.REFUSED,
    }


def test_the_host_is_asked_once_and_only_by_what_is_proved() -> None:
    """One cell leads to the host, from what is authorised, and none leads back to before it."""
    assert [state for state, event in NEXT if event is E.HAND_OVER] == [S.AUTHORISED]
    assert {state for (state, _), there in NEXT.items() if there is S.HANDED_OVER} == {S.AUTHORISED}
    assert not [state for (state, _), there in NEXT.items() if there in BEFORE and state not in BEFORE]


def test_what_the_host_has_only_the_host_ends() -> None:
    """From what was handed over to its end there are the host's words alone, and the wish to cancel."""
    events = {event for state, event in NEXT if state in PENDING}
    assert events == HOSTS | {E.ASK_TO_CANCEL}
    assert not [event for state, event in NEXT if state in BEFORE and event in HOSTS]


def test_an_end_is_an_end() -> None:
    """Nothing happens any more to what was executed, refused or cancelled, and everything can get there."""
    assert not [state for state, _ in NEXT if state in ENDS]
    reached = {S.PROOF_AWAITED}
    for _ in InstructionState:
        reached |= {there for (state, _), there in NEXT.items() if state in reached}
    assert reached == set(InstructionState)


def test_what_the_names_of_many_hold() -> None:
    """Pending is what the host has or may have; done without is what is over and moved nothing."""
    assert set(InstructionState) - BEFORE - ENDS == PENDING
    assert {S.HANDED_OVER, S.CANCELLING} == IN_BETWEEN
    assert ENDS - {S.EXECUTED} == DONE_WITHOUT


@pytest.mark.parametrize(("state", "event"), list(product(InstructionState, InstructionEvent)))
def test_whether_an_event_can_be(state: InstructionState, event: InstructionEvent) -> None:
    """An event can happen where its cell is."""
    assert can(state, event) == ((state, event) in NEXT)


@pytest.mark.parametrize(("state", "word"), list(product(InstructionState, HostWord)))
def test_the_hosts_word(state: InstructionState, word: HostWord) -> None:
    """On what he has, the host's word is the state; on anything else, and against an end, it changes nothing."""
    said = InstructionState(word.value)
    told = after(state, word)
    if state in IN_BETWEEN:
        assert told is said
    elif state in PENDING:
        # He does not take back what he has accepted for its day.
        assert told is (state if (state, said) == (S.ACCEPTED, S.RESERVED) else said)
    else:
        assert told is state


@pytest.mark.requirement("CAN-04", "TRF-10", "TRF-11")
@pytest.mark.parametrize("state", InstructionState)
@pytest.mark.parametrize("days", [-1, 0, 1, 30])
def test_what_may_be_cancelled(state: InstructionState, days: int) -> None:
    """A reservation may be cancelled up to the day before its own; nothing else, and nothing on its day."""
    assert may_cancel(state, TODAY + timedelta(days=days), TODAY) == (state is S.RESERVED and days > 0)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_state_has_its_words(lang: Language) -> None:
    """Each state is shown by words of its own."""
    assert len({phrase(f"instructionstate.{state.value}", lang) for state in S}) == len(S)
