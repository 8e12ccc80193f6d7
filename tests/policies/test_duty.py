"""Duty: what is to be done first, and which of several."""

from itertools import chain, combinations

import pytest

from janetbank.policies.duty import Duty, first

SUBSETS = list(chain.from_iterable(combinations(Duty, size) for size in range(len(Duty) + 1)))


@pytest.mark.requirement("ENR-32", "ENR-34", "ENR-35", "ENR-36")
def test_the_order_is_the_sources() -> None:
    """A login id first; questions and answers, then passwords, then the customer's data."""
    assert list(Duty) == [
        Duty.OBTAIN_LOGIN_ID,
        Duty.REGISTER_QUESTIONS,
        Duty.CHOOSE_PASSWORD,
        Duty.CHOOSE_PASSWORDS,
        Duty.REGISTER_CUSTOMER,
    ]


@pytest.mark.parametrize("duties", SUBSETS, ids=lambda some: "+".join(one.value for one in some) or "none")
def test_the_first_of_several_is_asked_for(duties: tuple[Duty, ...]) -> None:
    """In whatever order they are handed in; where there is none, none is."""
    assert first(duties) is first(duties[::-1]) is (duties[0] if duties else None)
