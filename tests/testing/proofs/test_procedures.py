"""The proof of the procedures: it holds for each of them, and finds whatever is planted."""

from datetime import timedelta

import pytest
from attrs import evolve

from janetbank.policies import enrolment, recovery, reissue
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import procedures as proof
from janetbank.testing.proofs.procedures import WAIT, ProcedureMachine, enrolling, recovering, reissuing
from tests.testing.proofs.planted import laws, never, story_of

HOUR = timedelta(hours=1)


@pytest.mark.requirement("ENR-01", "PWR-03", "RBR-04", "TKR-03")
@pytest.mark.parametrize(
    ("machine", "states"),
    [(enrolling(HOUR), 27), (recovering(HOUR), 18), (reissuing(HOUR), 12)],
    ids=["enrolment", "recovery", "reissue"],
)
def test_a_procedure_keeps_every_law(machine: ProcedureMachine, states: int) -> None:
    """Every law holds in every order of acts, and every step is reached."""
    report = explore(machine)
    assert report.proven, report.story
    assert report.states == states
    assert set(report.outcomes) == {step.value for step in type(machine.done)} | {"refused", "later"}


STEP, ACT = recovery.Step, recovery.Act
RECOVERY, REISSUE = recovering(HOUR), reissuing(HOUR)


def with_cell(machine: ProcedureMachine, cell: object, step: object) -> ProcedureMachine:
    """*machine* with one more cell in its table."""
    return evolve(machine, table={**machine.table, cell: step})


def without_cells(machine: ProcedureMachine, *cells: object) -> ProcedureMachine:
    """*machine* with fewer cells in its table."""
    return evolve(machine, table={cell: step for cell, step in machine.table.items() if cell not in cells})


FAULTS = [
    # The card's PIN is asked for before the call has come.
    (with_cell(RECOVERY, (STEP.PHONE, ACT.CALL), STEP.SECRET), proof.NO_SHORT_CUT),
    (with_cell(RECOVERY, (STEP.FORM, ACT.GO_BACK), STEP.CALL), proof.NO_SHORT_CUT),
    (
        with_cell(enrolling(HOUR), (enrolment.Step.TERMS, enrolment.Act.CONFIRM), enrolment.Step.OTP),
        proof.NO_SHORT_CUT,
    ),
    (with_cell(RECOVERY, (STEP.DONE, ACT.GO_BACK), STEP.SECRET), proof.ENDS_STAY),
    (with_cell(REISSUE, (reissue.Step.ABANDONED, reissue.Act.GO_BACK), reissue.Step.DETAILS), proof.ENDS_STAY),
    (without_cells(RECOVERY, (STEP.SECRET, ACT.RESET)), proof.CAN_BE_DONE),
    (without_cells(REISSUE, (reissue.Step.CALL, reissue.Act.ABANDON)), proof.CAN_BE_LEFT),
    (never(RECOVERY, WAIT), proof.TIME_ENDS),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof) - {WAIT}
