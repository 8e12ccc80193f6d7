"""Who may cancel online: each guard by itself, all of them together, and what counts as deleted."""

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.leaving import LeavingFacts, LeavingHindrance, LeavingRules

H = LeavingHindrance
RULES, STRICTER = LeavingRules(), LeavingRules(awaits_deletions=True)
FREE = LeavingFacts(
    individual=True,
    card_issued=True,
    active=True,
    kept=0,
    deletions_pending=0,
    reserved_transfers=0,
    investigated=False,
)


def test_who_has_nothing_in_his_way_may_leave() -> None:
    """An individual with a carded account, nothing left and nothing looked into, cancels online."""
    assert RULES.hindrances(FREE) == STRICTER.hindrances(FREE) == ()


@pytest.mark.requirement("CAN-03", "CAN-04", "CAN-09")
@pytest.mark.parametrize(
    ("facts", "hindrance"),
    [
        (evolve(FREE, individual=False), H.NOT_INDIVIDUAL),
        (evolve(FREE, card_issued=False), H.NO_CARD),
        (evolve(FREE, active=False), H.NOT_ACTIVE),
        (evolve(FREE, kept=1), H.OTHER_ACCOUNTS),
        (evolve(FREE, kept=2, deletions_pending=1), H.OTHER_ACCOUNTS),
        (evolve(FREE, reserved_transfers=1), H.RESERVED_TRANSFERS),
        (evolve(FREE, investigated=True), H.INVESTIGATION),
    ],
)
def test_each_guard_by_itself(facts: LeavingFacts, hindrance: LeavingHindrance) -> None:
    """One thing in the way is enough, and is the one that is named."""
    assert RULES.hindrances(facts) == STRICTER.hindrances(facts) == (hindrance,)


@pytest.mark.requirement("CAN-04")
@pytest.mark.parametrize("pending", [1, 2])
def test_what_is_being_deleted_counts_as_deleted(pending: int) -> None:
    """AMB-15: a deletion that was accepted does not stand in the way, unless the profile waits for its reflection."""
    facts = evolve(FREE, deletions_pending=pending)
    assert RULES.hindrances(facts) == ()
    assert STRICTER.hindrances(facts) == (H.OTHER_ACCOUNTS,)


FLAGS = [
    dict(zip(("individual", "card_issued", "active", "investigated"), bits, strict=True))
    for bits in product([True, False], repeat=4)
]
COUNTS = st.integers(0, 3)


@given(st.sampled_from(FLAGS), COUNTS, COUNTS, COUNTS, st.booleans())
def test_all_that_stands_in_the_way_is_named_in_order(
    flags: dict[str, bool],
    kept: int,
    pending: int,
    reserved: int,
    stricter: bool,  # noqa: FBT001 -- drawn
) -> None:
    """Whatever comes together, every hindrance is named once, in one order, and none that is not there."""
    facts = LeavingFacts(**flags, kept=kept, deletions_pending=pending, reserved_transfers=reserved)
    expected: list[LeavingHindrance] = []
    if not flags["individual"]:
        expected.append(H.NOT_INDIVIDUAL)
    if not flags["card_issued"]:
        expected.append(H.NO_CARD)
    if not flags["active"]:
        expected.append(H.NOT_ACTIVE)
    if kept or (stricter and pending):
        expected.append(H.OTHER_ACCOUNTS)
    if reserved:
        expected.append(H.RESERVED_TRANSFERS)
    if flags["investigated"]:
        expected.append(H.INVESTIGATION)
    assert list(LeavingRules(awaits_deletions=stricter).hindrances(facts)) == expected
