"""WebAuthn: what verifies is a telephone's own answer to this challenge, for this bank, by its owner; nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from janetbank.model.biometrics import Credential
from janetbank.values.secret import Secret
from janetbank_adapters.biometrics.software import FingerRefused, Passkey, content, made, used
from janetbank_adapters.biometrics.webauthn import WebAuthn

SITE = "netbank.example.jp"
ORIGIN, APP = f"https://{SITE}", "android:apk-key-hash:c29pbA"
BANK = WebAuthn(rp_id=SITE, rp_name="銀行", origins=(ORIGIN, APP))
CHALLENGE, OTHER = Secret("soil-and-rain"), Secret("sand-and-wind")

Json = dict[str, Any]


def ours(shown: Secret) -> bool:
    """Whether it is the challenge that was given out."""
    return shown == CHALLENGE


def owner() -> bool:
    """The owner's finger."""
    return True


def registered() -> tuple[Credential, Passkey]:
    """A credential, and the passkey in the telephone."""
    response, passkey = made(BANK.registration(CHALLENGE, user="000-1234567"), origin=ORIGIN, finger=owner)
    credential = BANK.registered(response, ours)
    assert credential is not None
    return credential, passkey


CREDENTIAL, PASSKEY = registered()
OPTIONS = BANK.authentication(CHALLENGE, CREDENTIAL)


@pytest.mark.requirement("BIO-03", "BIO-04")
def test_the_telephone_is_asked_to_verify_its_owner() -> None:
    """Both options demand it, of an authenticator in the telephone; they name the bank and the credential."""
    made_by = json.loads(BANK.registration(CHALLENGE, user="000-1234567"))
    assert made_by["authenticatorSelection"]["userVerification"] == "required"
    assert made_by["authenticatorSelection"]["authenticatorAttachment"] == "platform"
    assert made_by["rp"] == {"id": SITE, "name": "銀行"}
    assert made_by["user"]["name"] == "000-1234567"
    used_by = json.loads(OPTIONS)
    assert (used_by["userVerification"], used_by["rpId"]) == ("required", SITE)
    assert [one["id"] for one in used_by["allowCredentials"]] == [CREDENTIAL.id]
    for options in (made_by, used_by):
        assert content(options["challenge"]).decode() == CHALLENGE.reveal()


@pytest.mark.requirement("BIO-07", "BIO-09")
@pytest.mark.parametrize("origin", [ORIGIN, APP])
def test_the_owners_answer_verifies(origin: str) -> None:
    """From the site or from the app, and each use is counted."""
    credential, passkey = CREDENTIAL, PASSKEY
    for uses in range(1, 4):
        response, passkey = used(passkey, OPTIONS, origin=origin, finger=owner)
        told = BANK.authenticated(response, ours, credential)
        assert told is not None
        assert told == evolve(CREDENTIAL, count=uses)
        credential = told


def test_a_telephone_that_does_not_count_is_taken() -> None:
    """Telephones whose count is always 0 count nothing; the challenge, used once, is what tells a repeat."""
    response, _ = used(evolve(PASSKEY, count=-1), OPTIONS, origin=ORIGIN, finger=owner)
    assert BANK.authenticated(response, ours, CREDENTIAL) == CREDENTIAL


def make(options: str | None = None, origin: str = ORIGIN, *, verifies: bool = True) -> str:
    """A response to registration options."""
    options = options or BANK.registration(CHALLENGE, user="000-1234567")
    return made(options, origin=origin, finger=owner, verifies=verifies)[0]


def use(passkey: Passkey = PASSKEY, options: str = OPTIONS, origin: str = ORIGIN, *, verifies: bool = True) -> str:
    """A response to authentication options."""
    return used(passkey, options, origin=origin, finger=owner, verifies=verifies)[0]


def changed(response: str, change: Callable[[Json], object]) -> str:
    """*response* after *change*."""
    parsed: Json = json.loads(response)
    change(parsed)
    return json.dumps(parsed)


def flip(part: str) -> Callable[[Json], object]:
    """Change the last whole character of a part."""

    def change(parsed: Json) -> None:
        text: str = parsed["response"][part]
        parsed["response"][part] = text[:-2] + ("B" if text[-2] == "A" else "A") + text[-1]

    return change


def other_key(passkey: Passkey) -> Passkey:
    """The same name, another key."""
    return evolve(passkey, private=Passkey.fresh(SITE).private)


ELSEWHERE = WebAuthn(rp_id="phisher.example.com", rp_name="銀行", origins=(ORIGIN,))


@pytest.mark.requirement("BIO-05")
@pytest.mark.parametrize(
    "response",
    [
        make(verifies=False),
        make(origin="https://phisher.example.com"),
        make(origin=f"{ORIGIN}.example.com"),
        make(BANK.registration(OTHER, user="000-1234567")),
        make(ELSEWHERE.registration(CHALLENGE, user="000-1234567")),
        use(),
        changed(make(), flip("attestationObject")),
        changed(make(), lambda parsed: parsed.update(type="password")),
        changed(make(), lambda parsed: parsed.update(rawId="AAAA")),
        changed(make(), lambda parsed: parsed.pop("response")),
        "",
        "{}",
        "[]",
        "null",
        "[" * 10_000,
        make() + " " * 20_000,
    ],
    ids=[
        "nobody verified", "a phisher's site", "a like site", "another challenge", "another bank", "an assertion",
        "a changed key", "no public key", "another id", "no response", "nothing", "empty", "a list", "null", "deep",
        "long",
    ],
)  # fmt: skip
def test_what_makes_no_credential(response: str) -> None:
    """Whatever else is sent, nothing comes of it, and nothing is raised."""
    assert BANK.registered(response, ours) is None


@pytest.mark.requirement("BIO-07")
@pytest.mark.parametrize(
    "response",
    [
        use(verifies=False),
        use(origin="https://phisher.example.com"),
        use(origin="android:apk-key-hash:c2FuZA"),
        use(options=BANK.authentication(OTHER, CREDENTIAL)),
        use(evolve(PASSKEY, rp_id="phisher.example.com")),
        use(other_key(PASSKEY)),
        use(evolve(PASSKEY, id=bytes(32))),
        make(),
        changed(use(), flip("signature")),
        changed(use(), flip("authenticatorData")),
        changed(use(), flip("clientDataJSON")),
        changed(use(), lambda parsed: parsed.update(type="password")),
        changed(use(), lambda parsed: parsed["response"].pop("signature")),
        "",
        "{}",
        '"',
        "[" * 10_000,
        use() + " " * 20_000,
    ],
    ids=[
        "nobody verified", "a phisher's site", "another app", "another challenge", "another bank", "another key",
        "another credential", "an attestation", "a changed signature", "changed data", "changed client data",
        "no public key", "no signature", "nothing", "empty", "half", "deep", "long",
    ],
)  # fmt: skip
def test_what_lets_nobody_in(response: str) -> None:
    """Whatever else is sent, it does not verify, and nothing is raised."""
    assert BANK.authenticated(response, ours, CREDENTIAL) is None


@pytest.mark.parametrize(("kept", "shown"), [(1, 1), (5, 3), (1, 0), (7, 7)])
def test_a_count_that_does_not_rise_is_a_copys(kept: int, shown: int) -> None:
    """Where either side counts, the count must be higher than the last one."""
    response = use(evolve(PASSKEY, count=shown - 1))
    assert BANK.authenticated(response, ours, evolve(CREDENTIAL, count=kept)) is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5), st.data())
def test_a_forged_response_is_only_a_response_that_does_not_verify(value: object, data: st.DataObject) -> None:
    """Anything in the place of any part is refused without an error."""
    parsed: Json = json.loads(use())
    room = data.draw(st.sampled_from([parsed, parsed["response"]]))
    part = data.draw(st.sampled_from(sorted(room)))
    room[part] = value
    assert BANK.authenticated(json.dumps(parsed), ours, CREDENTIAL) is None
    parsed = json.loads(make())
    room = data.draw(st.sampled_from([parsed, parsed["response"]]))
    part = data.draw(st.sampled_from(sorted(room)))
    room[part] = value
    assert BANK.registered(json.dumps(parsed), ours) is None


def test_a_bank_has_some_origin() -> None:
    """Without a site or an app nobody could answer."""
    with pytest.raises(ValueError, match="site"):
        WebAuthn(rp_id=SITE, rp_name="銀行", origins=())


# --- The authenticator made of software -------------------------------------------------------------------------------


@pytest.mark.requirement("BIO-03")
def test_another_finger_uses_no_key() -> None:
    """Where the finger is not the owner's nothing is made, nothing signed and nothing counted."""
    with pytest.raises(FingerRefused):
        made(BANK.registration(CHALLENGE, user="x"), origin=ORIGIN, finger=lambda: False)
    with pytest.raises(FingerRefused):
        used(PASSKEY, OPTIONS, origin=ORIGIN, finger=lambda: False)


def test_the_private_half_stays_in_the_telephone() -> None:
    """It stands neither in what is printed nor in what is sent, and signs for the public half that is sent."""
    assert str(PASSKEY.private) not in repr(PASSKEY) + make() + use()
    PASSKEY.key.public_key().verify(
        PASSKEY.key.sign(b"soil", ec.ECDSA(hashes.SHA256())), b"soil", ec.ECDSA(hashes.SHA256())
    )
    assert CREDENTIAL.count == 0
