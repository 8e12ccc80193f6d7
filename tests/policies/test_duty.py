"""Duty: what is to be done first, and which of several."""

from itertools import chain, combinations

import pytest

from janetbank.policies.duty import Duty, first

SUBSETS = list(chain.from_iterable(combinations(Duty, size) for size in range(len(Duty) + 1)))


@pytest.mark.requirement("ENR-34")
def test_questions_come_before_the_password() -> None:
    """The order is the sources': questions and answers are registered, and then the password is changed."""
    assert list(Duty) == [Duty.REGISTER_QUESTIONS, Duty.CHOOSE_PASSWORD]


@pytest.mark.parametrize("duties", SUBSETS, ids=lambda some: "+".join(one.value for one in some) or "none")
def test_the_first_of_several_is_asked_for(duties: tuple[Duty, ...]) -> None:
    """In whatever order they are handed in; where there is none, none is."""
    assert first(duties) is first(duties[::-1]) is (duties[0] if duties else None)
