"""The storage suite finds what is wrong: for each of its laws there is a store that breaks it, and fails it."""

import pytest

from janetbank.ports.failures import PortError
from janetbank.ports.storage import Storage
from janetbank.testing.whole_storage_conformance import WholeStorageConformance
from janetbank_adapters.storage.memory import MemoryStorage
from tests.testing.broken.stores import BROKEN, Broken, Law
from tests.testing.broken.twisted import PATIENCE

FAILS = (AssertionError, PortError, RuntimeError, pytest.fail.Exception)
EACH = [(one, law) for one in BROKEN for law in one.laws]
LAWS = sorted(name.removeprefix("test_") for name in dir(WholeStorageConformance) if name.startswith("test_"))


def run(law: Law, storage: Storage) -> None:
    """Run it once; of a property, with the one example that stands in the table."""
    test = getattr(WholeStorageConformance, f"test_{law.name}")
    inner = getattr(getattr(test, "hypothesis", None), "inner_test", test)
    inner(WholeStorageConformance(), storage=storage, **law.given)


@pytest.mark.parametrize(("broken", "law"), EACH, ids=[f"{one.what}: {law.name}" for one, law in EACH])
def test_a_broken_law_is_found(broken: Broken, law: Law) -> None:
    """A store with one fault fails each law that is named for it."""
    with pytest.raises(FAILS):
        run(law, broken.make())


@pytest.mark.parametrize("law", {law.name: law for _, law in EACH}.values(), ids=lambda law: law.name)
def test_a_sound_store_passes(law: Law) -> None:
    """What fails before a fault passes without it."""
    run(law, MemoryStorage(patience=PATIENCE))


def test_every_law_has_a_store_that_breaks_it() -> None:
    """A law of which nobody has seen that it can fail is no law."""
    assert sorted({law.name for _, law in EACH}) == LAWS


def test_no_store_is_listed_twice() -> None:
    """Each says what is wrong with it in its own words, or breaks another law."""
    assert len({(one.what, law.name) for one, law in EACH}) == len(EACH)
