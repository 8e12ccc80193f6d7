"""The vault: hashes that say how they were made, seals that open beside their row only, tokens that nobody guesses."""

import re
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.hashing import FAST_FOR_TESTS, OWASP_2024, Argon2Cost
from janetbank.ports.entropy import Entropy
from janetbank.ports.failures import Corrupt, PortError
from janetbank.ports.keys import Key, KeyMissing, Keys, Purpose
from janetbank.values.secret import Secret
from janetbank.vault import Checked, Vault
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.memory import MemoryKeys

ENTROPY: Entropy = SeededEntropy(0)
KEYS = MemoryKeys.fresh(ENTROPY)
VAULT = Vault(keys=KEYS, entropy=ENTROPY, cost=FAST_FOR_TESTS)
SECRET = Secret("soil7+rain")
RIGHT, WRONG = Checked(right=True, stale=False), Checked(right=False, stale=False)
ANY_TEXT = st.text(st.characters(codec=None), max_size=40)


def vault(keys: Keys, cost: Argon2Cost = FAST_FOR_TESTS) -> Vault:
    """A vault with *keys*."""
    return Vault(keys=keys, entropy=ENTROPY, cost=cost)


# --- Hashes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cost", [FAST_FOR_TESTS, OWASP_2024])
def test_a_hash_says_how_it_was_made(cost: Argon2Cost) -> None:
    """Format, key id, Argon2id, its version and its three costs, a 128-bit salt and 256 bits of result."""
    stored = vault(KEYS, cost).hash(SECRET)
    key = KEYS.current(Purpose.PEPPER).id
    costs = f"m={cost.memory},t={cost.passes},p={cost.lanes}"
    pattern = rf"1:{key}:\$argon2id\$v=19\${costs}\$[A-Za-z0-9+/]{{22}}\$[A-Za-z0-9+/]{{43}}"
    assert re.fullmatch(pattern, stored), stored


@given(secret=ANY_TEXT, other=ANY_TEXT)
def test_a_hash_is_recognised_by_its_secret_alone(secret: str, other: str) -> None:
    """Whatever text a secret is, it matches its hash; any other text does not."""
    stored = VAULT.hash(Secret(secret))
    assert VAULT.check(Secret(secret), stored) == RIGHT
    assert VAULT.check(Secret(other), stored) == (RIGHT if other == secret else WRONG)


def test_equal_secrets_have_different_hashes() -> None:
    """Two customers with one password cannot be told from the store."""
    hashes = {VAULT.hash(SECRET) for _ in range(20)}
    assert len(hashes) == 20
    assert all(VAULT.check(SECRET, stored) == RIGHT for stored in hashes)


def test_without_the_pepper_a_hash_tells_nothing() -> None:
    """Whoever has the store and guesses the password cannot see that he did."""
    phc = VAULT.hash(SECRET).partition("$")[2]
    with pytest.raises(VerificationError):
        PasswordHasher().verify(f"${phc}", SECRET.reveal())
    other_material = MemoryKeys(
        {
            purpose: [Key(KEYS.current(purpose).id, bytes([number]) * 32)]
            for number, purpose in enumerate(Purpose, start=1)
        }
    )
    assert vault(other_material).check(SECRET, VAULT.hash(SECRET)) == WRONG


def test_a_former_pepper_still_recognises_and_says_that_it_is_former() -> None:
    """After a rotation old hashes are right and stale, new ones are right; a wrong secret is never stale."""
    keys = MemoryKeys.fresh(ENTROPY)
    there = vault(keys)
    old = there.hash(SECRET)
    former = keys.current(Purpose.PEPPER).id
    current = keys.rotate(Purpose.PEPPER, ENTROPY).id
    assert there.check(SECRET, old) == Checked(right=True, stale=True)
    assert there.check(Secret("other"), old) == WRONG
    new = there.hash(SECRET)
    assert (old.split(":")[1], new.split(":")[1]) == (former, current)
    assert there.check(SECRET, new) == RIGHT
    keys.drop(Purpose.PEPPER, former)
    assert there.check(SECRET, new) == RIGHT
    with pytest.raises(KeyMissing):
        there.check(SECRET, old)


@pytest.mark.parametrize(
    "dearer",
    [
        Argon2Cost(memory=16, passes=1, lanes=1),
        Argon2Cost(memory=8, passes=2, lanes=1),
        Argon2Cost(memory=16, passes=1, lanes=2),
    ],
)
def test_a_hash_of_another_cost_is_stale(dearer: Argon2Cost) -> None:
    """When any of the costs is raised, old hashes are still right, and say that they are to be made anew."""
    old = VAULT.hash(SECRET)
    there = vault(KEYS, dearer)
    assert there.check(SECRET, old) == Checked(right=True, stale=True)
    assert there.check(Secret("other"), old) == WRONG
    assert there.check(SECRET, there.hash(SECRET)) == RIGHT


GOOD = VAULT.hash(SECRET)
HEAD, PHC = GOOD[: GOOD.index("$")], GOOD[GOOD.index("$") :]


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "1",
        "1:",
        PHC,
        GOOD.replace("1:", "2:", 1),
        HEAD,
        HEAD + "soil7+rain",
        HEAD + PHC.replace("argon2id", "argon2x"),
        HEAD + PHC.replace("m=8", "m=0"),
        HEAD + PHC.replace("t=1", "t=x"),
        HEAD + PHC[:-1] + "!",
        HEAD + PHC.rpartition("$")[0],
        HEAD + "$argon2id$",
        HEAD + "$argon2id$v=19$m=8,t=1,p=1$日本語$日本語",
    ],
    ids=lambda stored: f"{len(stored)} characters",  # the salt differs in each run
)
def test_what_is_no_hash_of_ours_is_corrupt(stored: str) -> None:
    """A text that cannot have come from here is reported, not counted as a wrong entry."""
    with pytest.raises(Corrupt) as caught:
        VAULT.check(SECRET, stored)
    assert not str(caught.value).count(SECRET.reveal())


@given(data=st.data())
def test_a_damaged_hash_is_never_right(data: st.DataObject) -> None:
    """Whichever character of a stored hash is lost or becomes another one, the secret does not match it."""
    at = data.draw(st.integers(0, len(GOOD) - 1))
    put = data.draw(st.sampled_from(["", *"0aZ:$=,+/"]))
    damaged = GOOD[:at] + put + GOOD[at + 1 :]
    try:
        right = VAULT.check(SECRET, damaged).right
    except (Corrupt, KeyMissing):
        right = False
    # The last characters of Base64 hold bits that mean nothing.
    assert not right or damaged == GOOD or b64tail(damaged) == b64tail(GOOD)


def b64tail(stored: str) -> list[bytes]:
    """The bytes that salt and result stand for."""
    return [b64decode(part + "==") for part in stored.split("$")[-2:]]


def test_a_hash_of_a_key_that_nobody_has() -> None:
    """Without its pepper a secret can be neither right nor wrong."""
    with pytest.raises(KeyMissing):
        VAULT.check(SECRET, GOOD.replace(KEYS.current(Purpose.PEPPER).id, "gone"))


def test_the_decoys_hash_is_like_any_other_and_nobodys() -> None:
    """It has the form and the cost of a customer's, another one in each vault, and no secret matches it."""
    one, other = vault(KEYS), vault(KEYS)
    assert one.decoy_hash != other.decoy_hash
    assert re.sub(r"[A-Za-z0-9+/]{22,}", "", one.decoy_hash) == re.sub(r"[A-Za-z0-9+/]{22,}", "", GOOD)
    assert len(one.decoy_hash) == len(GOOD)
    for secret in ("", "decoy", one.decoy_hash):
        assert one.check(Secret(secret), one.decoy_hash) == WRONG


# --- Seals ------------------------------------------------------------------------------------------------------------

ROW = ("5441", "contract", "seed", "1")


@given(plain=st.binary(max_size=64), row=st.lists(ANY_TEXT, max_size=4))
def test_what_was_sealed_opens_beside_its_row(plain: bytes, row: list[str]) -> None:
    """Any bytes, beside any row, come back as they were."""
    assert VAULT.open(VAULT.seal(plain, *row), *row) == plain


@pytest.mark.parametrize(
    "row",
    [
        (),
        ("5441", "contract", "seed"),
        ("5441", "contract", "seed", "2"),
        ("5442", "contract", "seed", "1"),
        ("5441", "other", "seed", "1"),
        ("5441contract", "seed", "1"),
        ("5441", "contractseed", "", "1"),
        ("5441", "contracts", "eed", "1"),
        ("contract", "5441", "seed", "1"),
        (*ROW, ""),
    ],
)
def test_a_seal_moved_to_another_row_does_not_open(row: tuple[str, ...]) -> None:
    """Whoever can write the store cannot give one customer's seed to another, nor an old one back."""
    with pytest.raises(Corrupt):
        VAULT.open(VAULT.seal(b"seed", *ROW), *row)


def test_no_byte_of_a_seal_can_be_changed() -> None:
    """Each bit of nonce, text and tag, and each length, is covered."""
    form, key, text = VAULT.seal(b"twenty bytes of seed", *ROW).split(":")
    raw = b64decode(text)
    assert len(raw) == 12 + 20 + 16
    assert b"twenty" not in raw
    changed = [raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :] for at in range(len(raw)) for bit in range(8)]
    for damaged in [*changed, *(raw[:length] for length in range(len(raw))), raw + b"\0"]:
        with pytest.raises(Corrupt):
            VAULT.open(f"{form}:{key}:{b64encode(damaged).decode()}", *ROW)


@pytest.mark.parametrize("text", ["", "1", "1:key", "2:key:AAAA", "seed in clear", "1::", "０:key:AAAA"])
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    """There is no plaintext mode."""
    with pytest.raises(PortError):
        VAULT.open(text, *ROW)


@pytest.mark.parametrize("text", ["", "AAAA", "!!!!", "AAA", "日本語", "A" * 40])
def test_what_is_no_seal_under_a_known_key_is_corrupt(text: str) -> None:
    """Too short, no Base64, nothing that this key made."""
    with pytest.raises(Corrupt):
        VAULT.open(f"1:{KEYS.current(Purpose.SEAL).id}:{text}", *ROW)


@pytest.mark.parametrize("put", ["!", " ", "\n", "日", "="])
def test_no_character_can_be_put_into_a_seal(put: str) -> None:
    """What a lenient reader of Base64 would pass over is no part of a seal that this vault has made."""
    sealed = VAULT.seal(b"twenty bytes of seed", *ROW)
    with pytest.raises(Corrupt):
        VAULT.open(f"{sealed[:-8]}{put}{sealed[-8:]}", *ROW)


def test_keys_longer_than_they_need_be_do() -> None:
    """Where an institution's keys have more bytes than AES takes, what was sealed opens as with any others."""
    there = vault(MemoryKeys({purpose: [Key("long", purpose.value.encode() * 32)] for purpose in Purpose}))
    assert there.open(there.seal(b"seed", *ROW), *ROW) == b"seed"
    assert there.check(SECRET, there.hash(SECRET)) == RIGHT


def test_no_two_seals_share_a_nonce() -> None:
    """The same text beside the same row is sealed in another way each time."""
    seals = [VAULT.seal(b"seed", *ROW) for _ in range(500)]
    assert len({b64decode(seal.split(":")[2])[:12] for seal in seals}) == 500


def test_a_former_seal_key_still_opens() -> None:
    """After a rotation old seals open, new ones say the new key; a key that was dropped is missing."""
    keys = MemoryKeys.fresh(ENTROPY)
    there = vault(keys)
    old, former = there.seal(b"seed", *ROW), keys.current(Purpose.SEAL).id
    current = keys.rotate(Purpose.SEAL, ENTROPY).id
    new = there.seal(b"seed", *ROW)
    assert (old.split(":")[1], new.split(":")[1]) == (former, current)
    assert there.open(old, *ROW) == there.open(new, *ROW) == b"seed"
    keys.drop(Purpose.SEAL, former)
    with pytest.raises(KeyMissing):
        there.open(old, *ROW)


# --- What is stored stays readable -----------------------------------------------------------------------------------

OLD_KEYS = MemoryKeys({purpose: [Key("k1", bytes([number]) * 32)] for number, purpose in enumerate(Purpose, start=1)})


def test_what_was_stored_once_is_read_for_ever() -> None:
    """Hash, seal, decoy's name, audit seal and token's key are what they were when these were made."""
    there = vault(OLD_KEYS)
    hashed = "1:k1:$argon2id$v=19$m=8,t=1,p=1$SnsWyJIMW3cE//34t8eX6A$Yk5uZwqpvlO6UtPF1/L6Gla775P1MnCm3fEJoFCzoGQ"
    sealed = "1:k1:BEICeq8fqVt/hliVPBubNQToMftaYGKP5XjMz5NeKqU="
    assert there.check(Secret("soil\ud800rain"), hashed) == RIGHT
    assert there.open(sealed, "5441", "contract", "\ud800") == b"seed"
    assert (
        there.decoy_key("5441", "login id", "\ud800taro")
        == "54e95bd572266660a38afa45c37e2a39f14c8d389334a7fcaae2892344caa2d5"
    )
    assert there.audit_seal(b"heads") == ("k1", "c0bb11094b8af496ce01664918f362aba895841b85190e6589f17f318155d868")
    assert there.token_key(Secret("\ud800")) == "91a681b998555fb475479817b126c94e57e52011fa1842c5d188795a4a05226b"


@pytest.mark.parametrize("most", [1, 7])
def test_as_many_hashes_at_once_as_was_said(most: int) -> None:
    """Whoever says how many Argon2id may be computed at one time has so many turns."""
    assert Vault(keys=KEYS, entropy=ENTROPY, cost=FAST_FOR_TESTS, at_once=most)._argon2._at_once == most


# --- Tokens, names, digests -------------------------------------------------------------------------------------------


def test_a_token_is_256_random_bits_of_which_the_digest_is_kept() -> None:
    """43 characters that can stand in a header; its key is their SHA-256, by which it is found again."""
    there = Vault(keys=KEYS, entropy=SystemEntropy(), cost=FAST_FOR_TESTS)
    tokens = [there.token() for _ in range(200)]
    assert len({token.key for token in tokens}) == 200
    for token in tokens:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token.secret.reveal())
        assert token.key == Vault.token_key(token.secret) == sha256(token.secret.reveal().encode()).hexdigest()


@given(token=ANY_TEXT)
def test_whatever_is_shown_as_a_token_has_a_key(token: str) -> None:
    """What somebody makes up has a digest like any other, which is nobody's."""
    assert re.fullmatch(r"[0-9a-f]{64}", Vault.token_key(Secret(token)))


def test_an_identifier_says_nothing() -> None:
    """128 random bits in hexadecimal, which fit wherever a contract's id must stand."""
    identifiers = {VAULT.identifier() for _ in range(200)}
    assert len(identifiers) == 200
    assert all(re.fullmatch(r"[0-9a-f]{32}", identifier) for identifier in identifiers)


@given(one=st.lists(ANY_TEXT, max_size=3), other=st.lists(ANY_TEXT, max_size=3))
def test_a_decoys_name_is_a_keyed_function_of_what_was_typed(one: list[str], other: list[str]) -> None:
    """The same items give the same name, and others another, however they are cut into items."""
    assert VAULT.decoy_key(*one) == VAULT.decoy_key(*one)
    assert (VAULT.decoy_key(*one) == VAULT.decoy_key(*other)) == (one == other)
    assert vault(MemoryKeys.fresh(SeededEntropy(1))).decoy_key(*one) != VAULT.decoy_key(*one)


def test_an_audit_seal_can_be_made_again_with_its_key() -> None:
    """The current key seals, and a former one is found by its id."""
    keys = MemoryKeys.fresh(ENTROPY)
    there = vault(keys)
    key_id, seal = there.audit_seal(b"heads")
    keys.rotate(Purpose.AUDIT, ENTROPY)
    assert there.audit_seal(b"heads", key_id) == (key_id, seal)
    other_id, other = there.audit_seal(b"heads")
    assert (other_id == key_id, other == seal) == (False, False)
    assert there.audit_seal(b"other heads", key_id)[1] != seal
    with pytest.raises(KeyMissing):
        there.audit_seal(b"heads", "gone")


# --- Keys -------------------------------------------------------------------------------------------------------------


@define
class Gap:
    """Keys of which one purpose has none, and a note of what is asked."""

    missing: Purpose | None = None
    asked: list[tuple[Purpose, str]] = field(factory=list[tuple[Purpose, str]])

    def current(self, purpose: Purpose) -> Key:
        """The current key, where there is one."""
        if purpose is self.missing:
            raise KeyMissing
        return KEYS.current(purpose)

    def key(self, purpose: Purpose, key_id: str) -> Key:
        """The key of that id."""
        self.asked.append((purpose, key_id))
        return KEYS.key(purpose, key_id)


@pytest.mark.parametrize("missing", Purpose)
def test_without_any_one_key_there_is_no_vault(missing: Purpose) -> None:
    """It refuses to start, instead of finding out when the first customer comes."""
    with pytest.raises(KeyMissing):
        vault(Gap(missing))


def test_each_check_asks_for_the_key_that_made_the_hash() -> None:
    """Every check, right or wrong, asks once for the very pepper whose id stands in the hash."""
    keys = Gap()
    there = vault(keys)
    for secret in (SECRET, Secret("other")):
        there.check(secret, GOOD)
    assert keys.asked == [(Purpose.PEPPER, KEYS.current(Purpose.PEPPER).id)] * 2


def test_no_key_serves_two_purposes() -> None:
    """Peppering, sealing, naming decoys and sealing the audit go with four different keys."""
    assert len({KEYS.current(purpose).material for purpose in Purpose}) == len(Purpose) == 4


def test_nothing_shows_a_secret_or_a_key() -> None:
    """Vault, token, result and key can be printed."""
    token = VAULT.token()
    shown = "".join(map(repr, (VAULT, vars(VAULT), token, VAULT.check(SECRET, GOOD), KEYS.current(Purpose.SEAL))))
    for secret in (SECRET.reveal(), token.secret.reveal()):
        assert secret not in shown
    for purpose in Purpose:
        material = KEYS.current(purpose).material
        assert repr(material)[2:-1] not in shown
        assert material.hex() not in shown
