"""Recovery: the order of the steps of a reset."""

from itertools import product

import pytest

from janetbank.policies.recovery import ENDS, NEXT, Act, Step

FORWARD = [
    (Step.FORM, Act.FILL_FORM),
    (Step.PHONE, Act.CALL),
    (Step.CALL, Act.BE_RECOGNISED),
    (Step.SECRET, Act.RESET),
]
ORDER = [*(step for step, _ in FORWARD), Step.DONE]
UNDER_WAY = [step for step in Step if step not in ENDS]


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


@pytest.mark.requirement("PWR-03", "PWR-11", "PWR-12", "PWR-13", "PWR-16", "RBR-04", "RBR-06", "RBR-07", "RBR-08")
def test_the_way_through() -> None:
    """契約者認証, 契約者確認, 電話番号認証, パスワード入力, 初期化完了: in this order."""
    step = Step.FORM
    for (here, act), after in zip(FORWARD, ORDER[1:], strict=True):
        assert step is here
        step = NEXT[step, act]
        assert step is after


@pytest.mark.requirement("PWR-16", "TEL-25")
def test_every_cell_is_meant() -> None:
    """The table holds the way forward, the ways back, giving up, being ended, and not one cell more."""
    expected = dict(zip(FORWARD, ORDER[1:], strict=True))
    expected |= {(Step.PHONE, Act.GO_BACK): Step.FORM, (Step.CALL, Act.GO_BACK): Step.PHONE}
    expected[Step.CALL, Act.LOSE_CALL] = Step.PHONE
    expected |= {(step, act): Step.ABANDONED for step in UNDER_WAY for act in (Act.ABANDON, Act.END)}
    assert dict(NEXT) == expected


@pytest.mark.parametrize("act", [act for _, act in FORWARD])
def test_no_step_can_be_left_out(act: Act) -> None:
    """Whoever never does one of the forward acts never gets past it (ASVS 2.3.1)."""
    at = [forward for _, forward in FORWARD].index(act)
    assert reachable(Step.FORM, without=act) <= {*ORDER[: at + 1], Step.ABANDONED}


@pytest.mark.parametrize("step", UNDER_WAY)
def test_every_step_can_be_finished_or_given_up(step: Step) -> None:
    """From every step that is no end, both ends are within reach."""
    assert reachable(step) >= ENDS


@pytest.mark.parametrize(("step", "act"), list(product([step for step in Step if step in ENDS], Act)))
def test_an_end_is_an_end(step: Step, act: Act) -> None:
    """Nothing can be done to what is done or abandoned."""
    assert (step, act) not in NEXT


def test_nobody_goes_back_from_the_secret() -> None:
    """Once the call is used up the way leads on or ends: no second call is had by going back."""
    assert {after for (step, _), after in NEXT.items() if step is Step.SECRET} == ENDS
