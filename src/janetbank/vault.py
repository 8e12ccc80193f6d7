"""Vault: turns secrets into what may be stored, and recognises them again.

Knowledge secrets (passwords, answers) become Argon2id over an HMAC-SHA-256 with a pepper key that is kept apart from
the store; what must be read again (token seeds) is sealed with AES-256-GCM, bound to the row it belongs to.  Key ids
and parameters stand beside each result, so that keys rotate and costs rise without anybody losing access.

Shape:  hashes are `1:<key id>:<PHC string>`, sealed texts `1:<key id>:<base64>`, digests hexadecimal SHA-256.
Errors: KeyMissing where the key is gone; Corrupt where a stored text is none of ours or does not fit its row;
        Unavailable where there is no memory for an Argon2id.
Source: standards.md C14, C15, C16, C23, C24, C40; ARCHITECTURE "Secrets"; TRAPS "the seed in clear".
"""

import hmac
from base64 import b64decode, b64encode, urlsafe_b64encode
from binascii import Error as NotBase64
from hashlib import sha256

from attrs import frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from janetbank.argon2id import Argon2id
from janetbank.policies.hashing import OWASP_2024, Argon2Cost
from janetbank.ports.entropy import Entropy
from janetbank.ports.failures import Corrupt, Unavailable
from janetbank.ports.keys import Key, Keys, Purpose
from janetbank.values.secret import Secret

TOKEN_BYTES = 32
_FORMAT = "1"
_NONCE_BYTES = 12
_NO_MEMORY = "there is no memory for an Argon2id"


@frozen
class Checked:
    """Whether the secret was *right*, and whether its hash is *stale*: made with a former key or a lesser cost."""

    right: bool
    stale: bool


@frozen
class Token:
    """A new bearer token: *secret* for its holder, *key* for the store."""

    secret: Secret
    key: str


class Vault:
    """See the module.  Making one costs one Argon2id: the hash that no secret matches, for whoever is unknown.

    *at_once*: how many Argon2id it computes at one time; as many as there are cores, if nothing is said.
    """

    def __init__(
        self, *, keys: Keys, entropy: Entropy, cost: Argon2Cost = OWASP_2024, at_once: int | None = None
    ) -> None:
        self._keys = keys
        self._macs: dict[Key, hmac.HMAC] = {}
        self._entropy = entropy
        self._argon2 = Argon2id(cost, at_once=at_once)
        for purpose in Purpose:
            keys.current(purpose)  # refuse to start without a key
        self.decoy_hash = self.hash(Secret(entropy.token(TOKEN_BYTES).hex()))
        """A hash like any other, of a secret that was thrown away."""
        self.decoy_seed = entropy.token(TOKEN_BYTES)
        """A seed that no token has."""
        self._made = _cost_of(_parts(self.decoy_hash)[1])

    def hash(self, secret: Secret) -> str:
        """What to store of *secret*."""
        key = self._keys.current(Purpose.PEPPER)
        try:
            return f"{_FORMAT}:{key.id}:{self._argon2.hash(self._peppered(secret, key))}"
        except MemoryError as error:
            raise Unavailable(_NO_MEMORY) from error

    def check(self, secret: Secret, stored: str) -> Checked:
        """Compare *secret* with a stored hash, at the same cost whether right or wrong."""
        key_id, phc = _parts(stored)
        key = self._keys.key(Purpose.PEPPER, key_id)
        try:
            right = self._argon2.verify(phc, self._peppered(secret, key))
        except ValueError as error:
            msg = "a stored hash cannot be read"
            raise Corrupt(msg) from error
        except MemoryError as error:
            raise Unavailable(_NO_MEMORY) from error
        if not right:
            return Checked(right=False, stale=False)
        return Checked(right=True, stale=_cost_of(phc) != self._made or key_id != self._keys.current(Purpose.PEPPER).id)

    def seal(self, plain: bytes, *row: str) -> str:
        """Encrypt *plain* so that it opens only beside the same *row* (institution, contract, name, version …)."""
        key = self._keys.current(Purpose.SEAL)
        nonce = self._entropy.token(_NONCE_BYTES)
        sealed = nonce + AESGCM(key.material[:32]).encrypt(nonce, plain, _bound(row))
        return f"{_FORMAT}:{key.id}:{b64encode(sealed).decode()}"

    def open(self, sealed: str, *row: str) -> bytes:
        """Decrypt what `seal` made for the same *row*, or raise Corrupt."""
        key_id, text = _parts(sealed)
        key = self._keys.key(Purpose.SEAL, key_id)
        try:
            raw = b64decode(text, validate=True)
            return AESGCM(key.material[:32]).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound(row))
        except (NotBase64, InvalidTag, ValueError) as error:
            msg = "a sealed text does not open here"
            raise Corrupt(msg) from error

    def token(self) -> Token:
        """Draw a 256-bit bearer token."""
        secret = Secret(urlsafe_b64encode(self._entropy.token(TOKEN_BYTES)).rstrip(b"=").decode())
        return Token(secret, self.token_key(secret))

    @staticmethod
    def token_key(token: Secret) -> str:
        """What is stored of a token: it has 256 random bits, so a bare digest hides it."""
        return sha256(token.reveal().encode("utf-8", "surrogatepass")).hexdigest()

    def identifier(self) -> str:
        """Draw a 128-bit identifier that says nothing."""
        return self._entropy.token(16).hex()

    def decoy_key(self, *typed: str) -> str:
        """The name of the decoy for what somebody *typed*: keyed, for people type passwords where ids belong."""
        return self._mac(self._keys.current(Purpose.DECOY), _bound(typed))

    def audit_seal(self, content: bytes, key_id: str | None = None) -> tuple[str, str]:
        """Key id and keyed digest of *content*, with the current audit key or the one of *key_id*."""
        key = self._keys.current(Purpose.AUDIT) if key_id is None else self._keys.key(Purpose.AUDIT, key_id)
        return key.id, self._mac(key, content)

    def _peppered(self, secret: Secret, pepper: Key) -> str:
        return self._mac(pepper, secret.reveal().encode("utf-8", "surrogatepass"))

    def _mac(self, key: Key, content: bytes) -> str:
        # A copy of what has taken the key in costs half of beginning anew.
        begun = self._macs.get(key)
        if begun is None:
            begun = self._macs[key] = hmac.new(key.material, digestmod="sha256")
        mac = begun.copy()
        mac.update(content)
        return mac.hexdigest()


def _cost_of(phc: str) -> list[str]:
    """Algorithm, version and parameters of a hash, as they stand before its salt."""
    return phc.split("$")[:4]


def _bound(row: tuple[str, ...]) -> bytes:
    # Lengths first: ("ab", "c") and ("a", "bc") are two rows.
    parts = [part.encode("utf-8", "surrogatepass") for part in row]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _parts(stored: str) -> tuple[str, str]:
    form, _, rest = stored.partition(":")
    key_id, colon, text = rest.partition(":")
    if form != _FORMAT or not colon:
        msg = "a stored text has an unknown form"
        raise Corrupt(msg)
    return key_id, text
