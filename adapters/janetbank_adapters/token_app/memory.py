"""Memory of the app: its contracts, in a file that opens on one device alone.

Shape:  JSON {"form", "salt", "sealed"}; *sealed* is AES-256-GCM (its nonce first) over the contracts, under a key that
        is derived anew for each writing from the device's key and *salt*.  Written whole, or not at all.
Errors: WrongDevice where the file was made on another device, or by nobody; UnfitMemory where it cannot be read or
        written.  No message shows anything out of it.
Source: APP-18 (data cannot be carried over), PRF-13, APP-20.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

from attrs import asdict, field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from janetbank.ports.failures import PortError
from janetbank_adapters.biometrics.software import Passkey
from janetbank_adapters.token_app.device import Device

_FORM = 1
_PURPOSE = b"contracts"
_NONCE_BYTES = 12
_SALT_BYTES = 32


class UnfitMemory(PortError):  # noqa: N818 -- states a condition
    """The app's file cannot be read or written; the message says why."""


class WrongDevice(UnfitMemory):
    """The app's file was made on another device, and is of no use on this one."""


@frozen(kw_only=True)
class Kept:
    """What the app keeps of one contract; *wording* is what the customer added to its name."""

    institution: str
    service_id: str
    user_id: str
    key: str = field(repr=False)
    seed: str = field(repr=False)
    period: int
    digits: int
    algorithm: str
    wording: str = ""
    passkey: Passkey | None = None
    misses: int = 0
    """How many fingers in a row were another one's."""
    missed_at: str | None = None
    """When the last of them was, in ISO 8601."""


@frozen
class Memory:
    """See the module."""

    path: Path
    device: Device

    def load(self) -> tuple[Kept, ...]:
        """The contracts, in their order; none where there is no file yet."""
        try:
            parsed = json.loads(self.path.read_bytes())
            salt, sealed = b64decode(parsed["salt"], validate=True), b64decode(parsed["sealed"], validate=True)
            form = parsed["form"]
        except FileNotFoundError:
            return ()
        except OSError as error:
            self._refuse(f"cannot be read: {error.strerror}")
        except (ValueError, TypeError, LookupError, RecursionError):
            self._refuse("is not the app's")
        if form != _FORM:
            self._refuse("was written by another version of the app")
        try:
            plain = self._cipher(salt).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(form))
        except (InvalidTag, ValueError):
            msg = f"the app's file {self.path} was made on another device, or changed"
            raise WrongDevice(msg) from None
        return tuple(_kept(one) for one in json.loads(plain))

    def save(self, contracts: Sequence[Kept]) -> None:
        """Keep *contracts* and nothing else; when this returns they survive a power cut."""
        salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
        plain = json.dumps([_plain(one) for one in contracts]).encode()
        sealed = nonce + self._cipher(salt).encrypt(nonce, plain, _bound(_FORM))
        told = {"form": _FORM, "salt": b64encode(salt).decode(), "sealed": b64encode(sealed).decode()}
        try:
            self._write(json.dumps(told).encode())
        except OSError as error:
            self._refuse(f"cannot be written: {error.strerror}")

    def _write(self, content: bytes) -> None:
        draft = self.path.with_name(f"{self.path.name}.new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(self.device.key_for(_PURPOSE, salt))

    def _refuse(self, why: str) -> NoReturn:
        msg = f"the app's file {self.path} {why}"
        raise UnfitMemory(msg) from None


def _bound(form: int) -> bytes:
    return f"janetbank token app, form {form}".encode()


def _plain(kept: Kept) -> dict[str, Any]:
    told = asdict(kept)
    if kept.passkey is not None:
        told["passkey"]["id"] = kept.passkey.id.hex()
    return told


def _kept(told: dict[str, Any]) -> Kept:
    if (passkey := cast("dict[str, Any] | None", told["passkey"])) is not None:
        passkey["id"] = bytes.fromhex(passkey["id"])
        told["passkey"] = Passkey(**passkey)
    return Kept(**told)
