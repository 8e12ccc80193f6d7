"""Admission: the table of which operation is refused in which condition."""

from itertools import chain, combinations

import pytest

from janetbank.policies.admission import REFUSED_IN, Condition, Operation, obstacle

C = Condition
SUBSETS = [frozenset(some) for some in chain.from_iterable(combinations(C, size) for size in range(len(C) + 1))]
FREE = {Operation.ENROL, Operation.LOG_OUT}


def test_the_table_is_whole() -> None:
    """Every operation has its row; a forgotten one would be a door without a lock."""
    assert REFUSED_IN.keys() == set(Operation)


@pytest.mark.requirement("LCK-01", "LCK-03", "LCK-10", "LCK-11", "RBA-12")
@pytest.mark.parametrize("condition", C)
@pytest.mark.parametrize("operation", Operation)
def test_each_cell(operation: Operation, condition: Condition) -> None:
    """Every lock, block and suspension stops the whole service; only leaving, and applying, are free."""
    assert obstacle(operation, {condition}) == (None if operation in FREE else condition)


@pytest.mark.requirement("LCK-15")
@pytest.mark.parametrize("conditions", SUBSETS, ids=lambda some: "+".join(sorted(one.value for one in some)) or "none")
def test_the_first_in_their_order_is_told(conditions: frozenset[Condition]) -> None:
    """Of several conditions at once the one hardest to get rid of is told, whatever order they are handed in."""
    order = [C.SUSPENDED, C.PASSWORD_BLOCKED, C.ANSWER_BLOCKED, C.PASSWORD_LOCKED, C.ANSWER_LOCKED]
    held = [one for one in order if one in conditions]
    expected = held[0] if held else None
    for operation in set(Operation) - FREE:
        assert obstacle(operation, held) is expected
        assert obstacle(operation, held[::-1]) is expected
    for operation in FREE:
        assert obstacle(operation, conditions) is None


@pytest.mark.requirement("LCK-15")
def test_a_condition_gone_leaves_the_others() -> None:
    """The conditions are independent: to take one away never opens a door that another holds shut."""
    for conditions in SUBSETS:
        for gone in conditions:
            left = conditions - {gone}
            assert (obstacle(Operation.LOG_IN, left) is None) == (not left)
