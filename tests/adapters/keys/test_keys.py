"""Keys in memory: a ring that can be rotated."""

import pytest

from janetbank.policies.hashing import FAST_FOR_TESTS
from janetbank.ports.keys import KEY_BYTES, Key, KeyMissing, Keys, Purpose
from janetbank.testing.port_conformance import KeysConformance
from janetbank.values.secret import Secret
from janetbank.vault import Checked, Vault
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.keys.memory import MemoryKeys

EACH = {purpose: [Key(purpose.value, bytes([number]) * KEY_BYTES)] for number, purpose in enumerate(Purpose)}


class TestMemoryKeys(KeysConformance):
    """Keys in memory obey the laws of the port."""

    def keys(self) -> Keys:
        """Keys."""
        return MemoryKeys.fresh(SeededEntropy(1))


def test_a_rotated_key_is_still_found() -> None:
    """After a rotation there is a new current key, and the former is found by its id, for its purpose alone."""
    entropy = SeededEntropy(1)
    keys = MemoryKeys.fresh(entropy)
    former, other = keys.current(Purpose.PEPPER), keys.current(Purpose.SEAL)
    new = keys.rotate(Purpose.PEPPER, entropy)
    assert keys.current(Purpose.PEPPER) == new != former
    assert keys.key(Purpose.PEPPER, former.id) == former
    assert keys.all_of(Purpose.PEPPER) == (former, new)
    assert keys.current(Purpose.SEAL) == other
    with pytest.raises(KeyMissing):
        keys.key(Purpose.SEAL, former.id)


def test_a_hash_outlives_a_rotation_and_not_its_key() -> None:
    """What a former pepper made is recognised, as stale; once the pepper is dropped, it is not."""
    entropy = SeededEntropy(1)
    keys = MemoryKeys.fresh(entropy)
    vault = Vault(keys=keys, entropy=entropy, cost=FAST_FOR_TESTS)
    stored = vault.hash(Secret("soil7+rain"))
    former = keys.current(Purpose.PEPPER)
    keys.rotate(Purpose.PEPPER, entropy)
    assert vault.check(Secret("soil7+rain"), stored) == Checked(right=True, stale=True)
    keys.drop(Purpose.PEPPER, former.id)
    with pytest.raises(KeyMissing):
        vault.check(Secret("soil7+rain"), stored)


def test_the_current_key_is_not_dropped() -> None:
    """Dropping the current key is refused, and so is dropping one that there is not."""
    keys = MemoryKeys.fresh(SeededEntropy(1))
    with pytest.raises(ValueError, match="rotate first"):
        keys.drop(Purpose.SEAL, keys.current(Purpose.SEAL).id)
    with pytest.raises(KeyMissing):
        keys.drop(Purpose.SEAL, "nothing")


@pytest.mark.parametrize("purpose", Purpose)
def test_no_purpose_is_without_a_key(purpose: Purpose) -> None:
    """A ring with a gap is refused at once, not when the key is first needed."""
    for keys in ({**EACH, purpose: []}, {one: keys for one, keys in EACH.items() if one is not purpose}):
        with pytest.raises(KeyMissing, match=purpose.value):
            MemoryKeys(keys)


@pytest.mark.parametrize("key_id", ["", "a:b", "a b", "鍵", "a" * 65, "a\n"])
def test_an_id_that_fits_nowhere_is_refused(key_id: str) -> None:
    """An id is 1 to 64 letters, digits, hyphens, underscores and dots."""
    with pytest.raises(ValueError, match="the id of a seal key"):
        MemoryKeys({**EACH, Purpose.SEAL: [Key(key_id, b"k" * KEY_BYTES)]})


def test_nothing_stands_twice() -> None:
    """Neither an id within a purpose nor a material anywhere."""
    (seal,) = EACH[Purpose.SEAL]
    (pepper,) = EACH[Purpose.PEPPER]
    with pytest.raises(ValueError, match="one id"):
        MemoryKeys({**EACH, Purpose.SEAL: [seal, Key(seal.id, b"k" * KEY_BYTES)]})
    with pytest.raises(ValueError, match="stands twice"):
        MemoryKeys({**EACH, Purpose.SEAL: [seal, Key("another", seal.material)]})
    with pytest.raises(ValueError, match="stands twice"):
        MemoryKeys({**EACH, Purpose.SEAL: [seal, Key("another", pepper.material)]})
