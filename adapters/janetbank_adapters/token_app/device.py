"""Device: what makes a telephone this telephone: a key that never leaves it, and what the machine itself is called.

A telephone keeps such a key in hardware.  Here it is a file of its own, apart from what it protects; and what it makes
is bound to the machine as well, so that neither a copy of the app's data nor a copy of both files is of use elsewhere.

Shape:  `Device.at(path)`, which makes the key at its first use; `device.id` is what a bank is told.
Errors: UnfitDevice for a key that is open to others, garbled or cannot be kept; no message shows anything out of it.
Source: APP-18; ports/keys.py for the same care.
"""

import os
import platform
import stat
from hashlib import sha256
from pathlib import Path
from typing import NoReturn, Self

from attrs import field, frozen
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from janetbank.ports.failures import PortError

_KEY_BYTES = 32
_OTHERS = 0o077
_MACHINE = Path("/etc/machine-id")


class UnfitDevice(PortError):  # noqa: N818 -- states a condition
    """The device's key cannot be used; the message says why."""


@frozen(kw_only=True)
class Device:
    """See the module."""

    key: bytes = field(repr=False)
    machine: str = field(repr=False)

    @classmethod
    def at(cls, path: Path, *, machine: str | None = None) -> Self:
        """The device whose key is at *path*, on this machine or one that is called *machine*."""
        return cls(key=_key_at(path), machine=machine or _this_machine())

    @property
    def id(self) -> str:
        """What a bank knows it by."""
        return sha256(self._derived(b"id")).hexdigest()

    def key_for(self, purpose: bytes, salt: bytes) -> bytes:
        """A key for one *purpose*, of 256 bits; *salt* makes it a new one."""
        return self._derived(purpose, salt)

    def _derived(self, purpose: bytes, salt: bytes | None = None) -> bytes:
        info = b"janetbank token app\0" + purpose + b"\0" + self.machine.encode()
        return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=salt, info=info).derive(self.key)


def _this_machine() -> str:
    return _MACHINE.read_text("ascii").strip() if _MACHINE.is_file() else platform.node()


def _key_at(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        _refuse(path, f"cannot be kept: {error.strerror}")
    key = os.urandom(_KEY_BYTES)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = file.read(_KEY_BYTES + 1)
    except OSError as error:
        _refuse(path, f"cannot be read: {error.strerror}")
    if stat.S_IMODE(mode) & _OTHERS:
        _refuse(path, f"is open to others (mode {stat.S_IMODE(mode):04o}): chmod 600 closes it")
    if len(key) != _KEY_BYTES:
        _refuse(path, "is no device's key")
    return key


def _refuse(path: Path, why: str) -> NoReturn:
    msg = f"the device key {path} {why}"
    raise UnfitDevice(msg) from None
