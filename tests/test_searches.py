"""A search takes hours, and runs for nobody who has not asked for one."""

import pytest

from tests.conftest import asks_for_searches


@pytest.mark.parametrize(
    ("markexpr", "asked"),
    [
        (None, False),
        ("", False),
        ("loopback", False),
        ("not loopback", False),
        ("research or searches", False),
        ("search", True),
        ("(search) and not loopback", True),
        ("not loopback or search", True),
    ],
)
def test_what_the_marks_name_is_asked_for(markexpr: str | None, asked: bool) -> None:  # noqa: FBT001 -- a table's column
    """A search is asked for by its name alone."""
    assert asks_for_searches(markexpr) is asked


def test_nothing_is_searched_unasked(request: pytest.FixtureRequest) -> None:
    """Among the tests that run together with this one there is no search, unless one was asked for."""
    asked = asks_for_searches(request.config.getoption("markexpr"))
    assert asked or not any(item.get_closest_marker("search") for item in request.session.items)
