"""Refusals: how the tests of this room ask why a value was not made."""

from collections.abc import Callable
from typing import TypeVar

import pytest

from janetbank.values import InvalidValue

Made = TypeVar("Made")


def refusal(make: Callable[[], object]) -> str:
    """The code with which *make* refuses; a failed test where it does not."""
    with pytest.raises(InvalidValue) as caught:
        make()
    return caught.value.violation.code


def made(make: Callable[[], Made]) -> Made | str:
    """What *make* makes, or the code with which it refuses."""
    try:
        return make()
    except InvalidValue as error:
        return error.violation.code
