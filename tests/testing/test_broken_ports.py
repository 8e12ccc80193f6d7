"""The suites of the smaller ports find what is wrong: for each law there is an adapter that breaks it, and fails it."""

import pytest

from janetbank.ports.failures import PortError
from tests.testing.broken.ports import BROKEN, SUITES, Broken

FAILS = (AssertionError, PortError, pytest.fail.Exception)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: f"{one.what}: {one.law}")
def test_a_broken_law_is_found(broken: Broken) -> None:
    """An adapter with one fault fails the law that is named for it."""
    with pytest.raises(FAILS):
        getattr(broken.suite, f"test_{broken.law}")(**broken.given)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.__name__)
def test_every_law_has_an_adapter_that_breaks_it(suite: type) -> None:
    """A law of which nobody has seen that it can fail is no law."""
    seen = {one.law for one in BROKEN if isinstance(one.suite, suite)}
    assert sorted(seen) == sorted(name.removeprefix("test_") for name in dir(suite) if name.startswith("test_"))
