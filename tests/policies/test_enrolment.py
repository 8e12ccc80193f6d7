"""Enrolment: the order of the steps, and who may apply."""

from itertools import pairwise, product

import pytest

from janetbank.policies.enrolment import NEXT, Act, Check, HolderFacts, Step, failed_checks

FORWARD = [
    (Step.TERMS, Act.AGREE),
    (Step.INSTITUTION, Act.CHOOSE_INSTITUTION),
    (Step.HOLDER, Act.PROVE_HOLDER),
    (Step.CREDENTIALS, Act.SET_CREDENTIALS),
    (Step.CUSTOMER, Act.SET_CUSTOMER),
    (Step.REVIEW, Act.CONFIRM),
    (Step.OTP, Act.CHOOSE_OTP),
]
ORDER = [*(step for step, _ in FORWARD), Step.DONE]
ENDS = {Step.DONE, Step.ABANDONED}
BEFORE_CONTRACT = ORDER[: ORDER.index(Step.OTP)]


def reachable(start: Step, *, without: frozenset[Act] = frozenset()) -> set[Step]:
    """The steps that *start* leads to, itself included, by acts other than *without*."""
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for (step, act), after in NEXT.items():
            if step is here and act not in without and after not in found:
                found.add(after)
                todo.append(after)
    return found


@pytest.mark.requirement("ENR-01", "ENR-02", "ENR-03", "ENR-04", "ENR-06", "ENR-09", "ENR-10")
def test_the_way_through() -> None:
    """Terms, institution, holder, credentials, customer, review, one-time password, done: in this order."""
    step = Step.TERMS
    for (here, act), after in zip(FORWARD, ORDER[1:], strict=True):
        assert step is here
        step = NEXT[step, act]
        assert step is after


def test_every_cell_is_meant() -> None:
    """The table holds the way forward, one step back, abandoning, two returns, and not one cell more."""
    expected = dict(zip(FORWARD, ORDER[1:], strict=True))
    expected |= {(here, Act.GO_BACK): before for before, here in pairwise(BEFORE_CONTRACT)}
    expected |= {(step, Act.ABANDON): Step.ABANDONED for step in BEFORE_CONTRACT}
    expected[Step.INSTITUTION, Act.MEET_OTHER_TERMS] = Step.TERMS
    expected[Step.REVIEW, Act.LOSE_LOGIN_ID] = Step.CREDENTIALS
    assert dict(NEXT) == expected


@pytest.mark.parametrize("act", [act for _, act in FORWARD])
def test_no_step_can_be_left_out(act: Act) -> None:
    """Whoever never does one of the forward acts never gets past it (ASVS 2.3.1)."""
    at = [forward for _, forward in FORWARD].index(act)
    assert reachable(Step.TERMS, without=frozenset({act})) <= {*ORDER[: at + 1], Step.ABANDONED}


@pytest.mark.parametrize("step", [step for step in Step if step not in ENDS])
def test_every_step_can_be_finished(step: Step) -> None:
    """From every step that is no end, done is within reach."""
    assert Step.DONE in reachable(step)


@pytest.mark.parametrize(("step", "act"), list(product(sorted(ENDS, key=str), Act)))
def test_an_end_is_an_end(step: Step, act: Act) -> None:
    """Nothing can be done to what is done or abandoned."""
    assert (step, act) not in NEXT


def test_once_the_contract_exists_there_is_no_way_back() -> None:
    """After confirming, the one act left is to choose."""
    assert {act for step, act in NEXT if step is Step.OTP} == {Act.CHOOSE_OTP}


def test_whoever_is_past_a_step_has_done_its_act() -> None:
    """However somebody stumbles about, each step behind him was done since he was last sent to it or before it."""
    met: set[tuple[Step, frozenset[Act]]] = {(Step.TERMS, frozenset())}
    todo = list(met)
    while todo:
        here, done = todo.pop()
        for (step, act), after in NEXT.items():
            if step is not here or after is Step.ABANDONED:
                continue
            behind = {forward for earlier, forward in FORWARD if ORDER.index(earlier) < ORDER.index(after)}
            assert (done | {act}) >= behind
            if (found := (after, frozenset(behind))) not in met:
                met.add(found)
                todo.append(found)


GOOD = {
    "registered": False,
    "exists": True,
    "caution": False,
    "restricted": False,
    "individual": True,
}


@pytest.mark.requirement("ENR-16")
@pytest.mark.parametrize(
    ("fact", "failed"),
    [
        ("registered", Check.NOT_REGISTERED),
        ("exists", Check.ACCOUNT_EXISTS),
        ("caution", Check.NO_CAUTION),
        ("restricted", Check.NO_RESTRICTION),
        ("individual", Check.INDIVIDUAL),
    ],
)
def test_each_fact_has_its_check(fact: str, failed: Check) -> None:
    """Everything in order passes; each single fact the other way fails its own check and no other."""
    assert failed_checks(HolderFacts(**GOOD)) == ()
    assert failed_checks(HolderFacts(**GOOD | {fact: not GOOD[fact]})) == (failed,)


@pytest.mark.requirement("ENR-16")
@pytest.mark.parametrize("flags", list(product([False, True], repeat=5)))
def test_all_checks_are_evaluated_in_their_order(flags: tuple[bool, ...]) -> None:
    """Whatever fails is listed, all of it, in the order of the sources."""
    facts = HolderFacts(**dict(zip(GOOD, flags, strict=True)))
    wrong = {fact for fact, flag in zip(GOOD, flags, strict=True) if flag != GOOD[fact]}
    order = {
        Check.NOT_REGISTERED: {"registered"},
        Check.ACCOUNT_EXISTS: {"exists"},
        Check.NO_CAUTION: {"caution"},
        Check.NO_RESTRICTION: {"restricted"},
        Check.INDIVIDUAL: {"individual"},
    }
    assert failed_checks(facts) == tuple(check for check, bases in order.items() if bases & wrong)
