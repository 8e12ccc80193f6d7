"""Reissue: the order of the steps."""

from itertools import product

import pytest

from janetbank.policies.reissue import ENDS, NEXT, Act, Step

FORWARD = [(Step.DETAILS, Act.GIVE_DETAILS), (Step.CALL, Act.COMPLETE)]
ORDER = [*(step for step, _ in FORWARD), Step.DONE]


def reachable(start: Step, *, without: Act | None = None) -> set[Step]:
    """The steps that *start* leads to, itself included, by acts other than *without*."""
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for (step, act), after in NEXT.items():
            if step is here and act is not without and after not in found:
                found.add(after)
                todo.append(after)
    return found


@pytest.mark.requirement("TKR-03", "TKR-06", "TKR-08", "TKR-09")
def test_the_way_through() -> None:
    """Details, call, done: in this order, after the proof with which the procedure begins."""
    step = Step.DETAILS
    for (here, act), after in zip(FORWARD, ORDER[1:], strict=True):
        assert step is here
        step = NEXT[step, act]
        assert step is after


def test_every_cell_is_meant() -> None:
    """The table holds the way forward, one step back, abandoning, and not one cell more."""
    expected = dict(zip(FORWARD, ORDER[1:], strict=True))
    expected[Step.CALL, Act.GO_BACK] = Step.DETAILS
    expected |= {(step, Act.ABANDON): Step.ABANDONED for step in (Step.DETAILS, Step.CALL)}
    assert dict(NEXT) == expected


@pytest.mark.parametrize("act", [act for _, act in FORWARD])
def test_no_step_can_be_left_out(act: Act) -> None:
    """Whoever never does one of the forward acts never gets past it (ASVS 2.3.1)."""
    at = [forward for _, forward in FORWARD].index(act)
    assert reachable(Step.DETAILS, without=act) <= {*ORDER[: at + 1], Step.ABANDONED}


@pytest.mark.parametrize("step", [step for step in Step if step not in ENDS])
def test_every_step_can_be_finished_or_given_up(step: Step) -> None:
    """From every step that is no end, both ends are within reach."""
    assert reachable(step) >= ENDS


@pytest.mark.parametrize(("step", "act"), list(product([step for step in Step if step in ENDS], Act)))
def test_an_end_is_an_end(step: Step, act: Act) -> None:
    """Nothing can be done to what is done or abandoned."""
    assert (step, act) not in NEXT
