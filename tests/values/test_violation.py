"""A violation is a stable code with what its text needs, and carries nothing else."""

import pytest
from attrs.exceptions import FrozenInstanceError

from janetbank.values import InvalidValue, Violation
from tests.values.refusals import refusal


def test_it_is_compared_by_code_params_and_field() -> None:
    """Two violations are one where code, params and field are."""
    assert Violation("a", {"n": 1}) == Violation("a", {"n": 1})
    assert Violation("a", {"n": 1}) != Violation("a", {"n": 2})
    assert Violation("a") != Violation("b")
    assert Violation("a") != Violation("a", field="phone")
    assert len({Violation("a", {"n": 1}), Violation("a", {"n": 1})}) == 1


def test_at_says_it_of_a_field() -> None:
    """`at` keeps the reason and names the item of the form."""
    assert Violation("a", {"n": 1}).at("phone") == Violation("a", {"n": 1}, "phone")


def test_it_cannot_be_changed() -> None:
    """Neither a violation nor its params change after the fact, whoever holds the dictionary they came from."""
    params: dict[str, str | int] = {"n": 1}
    violation = Violation("a", params)
    params["n"] = 2
    assert violation.params["n"] == 1
    with pytest.raises(TypeError):
        violation.params["n"] = 2  # type: ignore[index]  # pyright: ignore[reportIndexIssue]  # the mistake under test
    with pytest.raises(FrozenInstanceError):
        violation.code = "b"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # the same


def test_an_invalid_value_carries_its_violation() -> None:
    """The exception's text is the code alone; code and params are in its violation."""
    error = InvalidValue("name.length", longest=60)
    assert str(error) == "name.length"
    assert error.violation == Violation("name.length", {"longest": 60})
    assert isinstance(error, ValueError)


def test_refusal_is_no_refusal_where_nothing_is_refused() -> None:
    """The question of these tests fails where a value is made after all."""
    with pytest.raises(pytest.fail.Exception):
        refusal(object)
