"""The proof of handing over: it holds, and finds whatever is planted."""

import pytest

from janetbank.policies.instruction import NEXT, InstructionEvent, InstructionState, after
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import instruction as proof
from janetbank.testing.proofs.instruction import Act, InstructionMachine
from janetbank.values.host_answer import HostWord
from tests.testing.proofs.planted import laws, never, story_of

STATE, EVENT = InstructionState, InstructionEvent


@pytest.mark.requirement("TRF-09", "TRF-10", "TRF-11")
def test_handing_over_keeps_every_law() -> None:
    """Every law holds whatever is lost or late, and every state is reached."""
    report = explore(InstructionMachine())
    assert report.proven, report.story
    assert report.states == 2_756
    stored = {state.value for state in STATE} - {"handed_over"}
    assert set(report.outcomes) >= stored | {"handed over", "heard", "lost", "instruct", "cancel", "standing"}


def table(*cells: tuple[tuple[InstructionState, InstructionEvent], InstructionState]) -> InstructionMachine:
    """An instruction's life with other cells."""
    return InstructionMachine({**NEXT, **dict(cells)})


def without(*gone: tuple[InstructionState, InstructionEvent]) -> InstructionMachine:
    """An instruction's life with fewer cells."""
    return InstructionMachine({cell: to for cell, to in NEXT.items() if cell not in gone})


def believes_last(state: InstructionState, word: HostWord) -> InstructionState:
    """Whatever the host said last is believed, even of what is over."""
    said = {HostWord.ACCEPTED: STATE.ACCEPTED, HostWord.RESERVED: STATE.RESERVED}
    return said.get(word, after(state, word))


def takes_for_done(state: InstructionState, word: HostWord) -> InstructionState:
    """What the host has accepted is taken for executed."""
    return STATE.EXECUTED if word is HostWord.ACCEPTED else after(state, word)


def deaf(state: InstructionState, word: HostWord) -> InstructionState:
    """That it was executed at once is not heard."""
    return state if (state, word) == (STATE.HANDED_OVER, HostWord.EXECUTED) else after(state, word)


FAULTS = [
    (table(((STATE.PROOF_AWAITED, EVENT.HAND_OVER), STATE.HANDED_OVER)), proof.AS_PROVED),
    (table(((STATE.AUTHORISED, EVENT.AMEND), STATE.AUTHORISED)), proof.AS_PROVED),
    (table(((STATE.HANDED_OVER, EVENT.VOID), STATE.REFUSED)), proof.HOST_ALONE),
    (table(((STATE.RESERVED, EVENT.ASK_TO_CANCEL), STATE.CANCELLED)), proof.TRUE_WORD),
    (InstructionMachine(heard=takes_for_done), proof.TRUE_WORD),
    (InstructionMachine(heard=believes_last), proof.ENDS_STAY),
    (InstructionMachine(heard=deaf), proof.SETTLES),
    (
        without((STATE.PROOF_AWAITED, EVENT.VOID), (STATE.AUTHORISED, EVENT.VOID), (STATE.AUTHORISED, EVENT.HAND_OVER)),
        proof.CAN_END,
    ),
    (never(InstructionMachine(), Act.ASK), proof.CAN_END),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof)


def test_a_story_says_what_was_under_way() -> None:
    """What is sent, heard, lost and answered stands in the story in words."""
    told = str(story_of(InstructionMachine(heard=deaf)))
    assert "the host hears the request to do it, and has it executed" in told
    assert "under way: " in told
