"""An authenticator made of software: what a telephone's finger sensor and key store do, for tests and demonstrations.

It makes real WebAuthn responses, with a key pair on P-256.  The finger is a parameter: a question that is asked before
the key is used.

Shape:  `made(options, origin=…, finger=…)` and `used(passkey, options, origin=…, finger=…)` give a response and the
        passkey to keep.
Errors: FingerRefused where the finger is another one's: the key is not used, and there is nothing to send.
Source: https://www.w3.org/TR/webauthn-3/ 6.1 (authenticator data), 6.5.4 (none attestation); RFC 8949 (CBOR), RFC 9052
        (COSE key).
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from attrs import evolve, field, frozen
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

Finger = Callable[[], bool]
"""Whether the finger, or the face, is the owner's."""

_PRESENT, _VERIFIED, _HAS_CREDENTIAL = 0x01, 0x04, 0x40
_NAMELESS = bytes(16)
"""An authenticator that does not say of which make it is."""


class FingerRefused(Exception):  # noqa: N818 -- states a condition
    """The finger is not the owner's."""


@frozen(kw_only=True)
class Passkey:
    """A key pair in a telephone; *count* is how often it was used."""

    id: bytes
    private: int = field(repr=False)
    rp_id: str
    count: int = 0

    @classmethod
    def fresh(cls, rp_id: str) -> "Passkey":
        """A new one for the site *rp_id*."""
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(id=os.urandom(32), private=key.private_numbers().private_value, rp_id=rp_id)

    @property
    def key(self) -> ec.EllipticCurvePrivateKey:
        """Its private half."""
        return ec.derive_private_key(self.private, ec.SECP256R1())

    def public(self) -> bytes:
        """Its public half as a COSE key: EC2, ES256, P-256, x, y."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return bytes.fromhex("a5010203262001215820") + x + bytes.fromhex("225820") + y


def made(options: str, *, origin: str, finger: Finger, verifies: bool = True) -> tuple[str, Passkey]:
    """The response to *options* for making a passkey, and the passkey; *verifies* False: it says it asked nobody."""
    wanted = json.loads(options)
    passkey = Passkey.fresh(wanted["rp"]["id"])
    _ask(finger)
    attested = _NAMELESS + len(passkey.id).to_bytes(2, "big") + passkey.id + passkey.public()
    data = _data(passkey, _HAS_CREDENTIAL, verifies=verifies) + attested
    # CBOR: {"fmt": "none", "attStmt": {}, "authData": data}; data has fewer than 256 bytes.
    attestation = b"\xa3cfmtdnonegattStmt\xa0hauthData\x58" + bytes([len(data)]) + data
    client = _client("webauthn.create", wanted["challenge"], origin)
    return _response(passkey, clientDataJSON=client, attestationObject=attestation), passkey


def used(passkey: Passkey, options: str, *, origin: str, finger: Finger, verifies: bool = True) -> tuple[str, Passkey]:
    """The response to *options* for using *passkey*, and the passkey with its use counted."""
    wanted = json.loads(options)
    _ask(finger)
    passkey = evolve(passkey, count=passkey.count + 1)
    data = _data(passkey, 0, verifies=verifies)
    client = _client("webauthn.get", wanted["challenge"], origin)
    signature = passkey.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
    return _response(passkey, clientDataJSON=client, authenticatorData=data, signature=signature), passkey


def _ask(finger: Finger) -> None:
    if not finger():
        msg = "the finger is not the owner's"
        raise FingerRefused(msg)


def _data(passkey: Passkey, flags: int, *, verifies: bool) -> bytes:
    flags |= _PRESENT | (_VERIFIED if verifies else 0)
    return sha256(passkey.rp_id.encode()).digest() + bytes([flags]) + passkey.count.to_bytes(4, "big")


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()


def _response(passkey: Passkey, **parts: bytes) -> str:
    name = _text(passkey.id)
    told: dict[str, Any] = {"id": name, "rawId": name, "type": "public-key"}
    return json.dumps({**told, "response": {part: _text(content) for part, content in parts.items()}})


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def content(text: str) -> bytes:
    """What stands in a base64url *text*."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
