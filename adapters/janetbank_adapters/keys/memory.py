"""Keys in memory: for tests, and what the file adapter reads its file into.

Shape:  of each purpose one key or more; the last is the current one, the others are former.
Errors: KeyMissing for a key that is not here, and for a purpose without any: there is no ring with a gap.
        ValueError for an id or a material that stands twice, an id that does not fit into a stored text, and for
        dropping what is current.
Source: ports/keys.py; standards.md C15 (rotation).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Self

from janetbank.ports.entropy import Entropy
from janetbank.ports.keys import KEY_BYTES, Key, KeyMissing, Purpose

_ID_BYTES = 8
_ID = re.compile(r"[0-9A-Za-z_.-]{1,64}")
"""An id stands between colons in stored texts, and its column has an end."""


class MemoryKeys:
    """A ring of keys that can be rotated."""

    def __init__(self, keys: Mapping[Purpose, Sequence[Key]]) -> None:
        self._keys = {purpose: tuple(keys.get(purpose, ())) for purpose in Purpose}
        _check(self._keys)

    @classmethod
    def fresh(cls, entropy: Entropy) -> Self:
        """One new key for each purpose."""
        return cls({purpose: [_new_key(entropy)] for purpose in Purpose})

    def current(self, purpose: Purpose) -> Key:
        """The key that new things of *purpose* are made with."""
        return self._keys[purpose][-1]

    def key(self, purpose: Purpose, key_id: str) -> Key:
        """The key of *purpose* with this id, current or former."""
        for key in self._keys[purpose]:
            if key.id == key_id:
                return key
        msg = f"there is no {purpose.value} key of this id"
        raise KeyMissing(msg)

    def all_of(self, purpose: Purpose) -> tuple[Key, ...]:
        """Every key of *purpose*, the current one last."""
        return self._keys[purpose]

    def rotate(self, purpose: Purpose, entropy: Entropy) -> Key:
        """Make a new key current; the former one still opens and recognises what it made."""
        key = _new_key(entropy)
        self._become(purpose, (*self._keys[purpose], key))
        return key

    def drop(self, purpose: Purpose, key_id: str) -> None:
        """Forget a former key, and with it everything that it made."""
        dropped = self.key(purpose, key_id)
        if dropped == self.current(purpose):
            msg = "the current key is not dropped: rotate first"
            raise ValueError(msg)
        self._become(purpose, tuple(key for key in self._keys[purpose] if key != dropped))

    def _become(self, purpose: Purpose, keys: tuple[Key, ...]) -> None:
        after = {**self._keys, purpose: keys}
        _check(after)
        self._keys = after


def _new_key(entropy: Entropy) -> Key:
    # A random id is never one that was dropped before, as a number counted on from the last could be.
    return Key(entropy.token(_ID_BYTES).hex(), entropy.token(KEY_BYTES))


def _check(ring: Mapping[Purpose, tuple[Key, ...]]) -> None:
    for purpose, keys in ring.items():
        if not keys:
            msg = f"there is no {purpose.value} key"
            raise KeyMissing(msg)
        if not all(_ID.fullmatch(key.id) for key in keys):
            msg = f"the id of a {purpose.value} key is not of 1 to 64 letters, digits, '-', '_' and '.'"
            raise ValueError(msg)
        if len({key.id for key in keys}) < len(keys):
            msg = f"two {purpose.value} keys have one id"
            raise ValueError(msg)
    everything = [key.material for keys in ring.values() for key in keys]
    if len(set(everything)) < len(everything):
        msg = "one key stands twice: no key serves two purposes, and none is current and former"
        raise ValueError(msg)
