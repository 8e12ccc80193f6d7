"""The suite among processes finds what is wrong: for each of its laws there is a store that breaks it, and fails it."""

import os

import pytest

from janetbank.testing.process_conformance import ProcessConformance, Shared
from tests.testing.broken.shared import BROKEN, Broken

pytestmark = pytest.mark.loopback

EACH = [(one, law) for one in BROKEN for law in one.laws]


@pytest.mark.parametrize(("broken", "law"), EACH, ids=[f"{one.what}: {law}" for one, law in EACH])
def test_a_broken_law_is_found(sqlite_store: str, broken: Broken, law: str) -> None:
    """A store with one fault fails the law that is named for it."""
    shared = Shared(broken.open, (sqlite_store, os.getpid()))
    given = {"contended": False} if law.startswith("who_is_killed") else {}
    with pytest.raises(AssertionError):
        getattr(ProcessConformance(), f"test_{law}")(shared, **given)


def test_every_law_has_a_store_that_breaks_it() -> None:
    """A law of which nobody has seen that it can fail is no law."""
    laws = [name.removeprefix("test_") for name in dir(ProcessConformance) if name.startswith("test_")]
    assert sorted(law for _, law in EACH) == sorted(laws)
