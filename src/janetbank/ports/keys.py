"""Keys: secret keys kept apart from the store, by purpose and id, so that they can be rotated.

Shape:  `current(purpose)` for what is written now, `key(purpose, id)` for what was written then.
Units:  key material is at least 32 random bytes.
Errors: KeyMissing where there is no such key: nothing is ever hashed, sealed or opened without one.
Source: standards.md C15 (pepper kept separately), C24; TRAPS "no key -> refuse to start, never plaintext".
"""

from enum import Enum
from typing import Protocol

from attrs import field, frozen

from janetbank.ports.failures import PortError

KEY_BYTES = 32


class Purpose(Enum):
    """What a key is for; no key serves two purposes."""

    PEPPER = "pepper"
    """HMAC under every Argon2id hash."""
    SEAL = "seal"
    """AES-256-GCM over what must be read again."""
    DECOY = "decoy"
    """HMAC that names the decoy of an unknown login id; dropping the key forgets the decoys."""
    AUDIT = "audit"
    """HMAC over the checkpoints of the audit log."""


class KeyMissing(PortError):  # noqa: N818 -- states a condition
    """There is no key with this purpose and id."""


@frozen
class Key:
    """A key with its *id*, which is stored beside whatever it made; the material is never shown."""

    id: str
    material: bytes = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if len(self.material) < KEY_BYTES:
            msg = f"key material is at least {KEY_BYTES} bytes"
            raise ValueError(msg)


class Keys(Protocol):
    """Gives keys to the vault."""

    def current(self, purpose: Purpose) -> Key:
        """The key that new things of *purpose* are made with."""
        ...

    def key(self, purpose: Purpose, key_id: str) -> Key:
        """The key of *purpose* with this id, current or former."""
        ...
