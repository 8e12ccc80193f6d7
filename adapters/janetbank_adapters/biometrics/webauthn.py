"""Biometrics by WebAuthn, as browsers and telephones speak it; the `webauthn` package verifies.

Shape:  `WebAuthn(rp_id=…, rp_name=…, origins=(…,))`.  The *rp_id* is the bank's domain, the *origins* are its sites and
        apps ("https://…", "android:apk-key-hash:…").
Errors: none for what a telephone sends; ModuleNotFoundError without the extra `janetbank[webauthn]`.
Source: ports/biometrics.py; https://www.w3.org/TR/webauthn-3/.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve, field, frozen

from janetbank.model.biometrics import Credential
from janetbank.ports.biometrics import Recognise
from janetbank.values.secret import Secret

if TYPE_CHECKING:
    from webauthn.helpers.structs import AuthenticatorAssertionResponse, AuthenticatorAttestationResponse

_LONGEST = 1 << 14
"""Characters of a response: there are far fewer in every real one."""

_Verified = TypeVar("_Verified")


class _Unverified(Exception):  # noqa: N818 -- states a condition
    """The response is not one to go on with."""


@frozen(kw_only=True)
class WebAuthn:
    """See the module."""

    rp_id: str
    rp_name: str
    origins: tuple[str, ...] = field(validator=lambda _self, _field, origins: _some(origins))

    def registration(self, challenge: Secret, *, user: str) -> str:
        """Options for a key pair in the telephone itself, which wants its owner verified each time it is used."""
        import webauthn
        from webauthn.helpers import structs
        from webauthn.helpers.cose import COSEAlgorithmIdentifier

        options = webauthn.generate_registration_options(
            rp_id=self.rp_id,
            rp_name=self.rp_name,
            user_name=user,
            user_id=user.encode(),
            challenge=challenge.reveal().encode(),
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                authenticator_attachment=structs.AuthenticatorAttachment.PLATFORM,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
        )
        return webauthn.options_to_json(options)

    def registered(self, response: str, recognise: Recognise) -> Credential | None:
        """The credential that was made, or None."""
        import webauthn
        from webauthn.helpers import (
            bytes_to_base64url,
            decode_credential_public_key,
            decoded_public_key_to_cryptography,
            parse_registration_credential_json,
        )
        from webauthn.helpers.cose import COSEAlgorithmIdentifier

        def verify() -> Credential:
            parsed = parse_registration_credential_json(_short(response))
            verified = webauthn.verify_registration_response(
                credential=parsed,
                expected_challenge=_challenge(parsed.response, recognise),
                expected_rp_id=self.rp_id,
                expected_origin=list(self.origins),
                require_user_verification=True,
                supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
            )
            # Nothing signs for it: that it is a key at all, a point on the curve, would show up only at its first use.
            decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
            return Credential(
                id=bytes_to_base64url(verified.credential_id),
                public_key=bytes_to_base64url(verified.credential_public_key),
                count=verified.sign_count,
            )

        return _verified(verify)

    def authentication(self, challenge: Secret, credential: Credential) -> str:
        """Options for using *credential*, with its owner verified."""
        import webauthn
        from webauthn.helpers import base64url_to_bytes, structs

        options = webauthn.generate_authentication_options(
            rp_id=self.rp_id,
            challenge=challenge.reveal().encode(),
            allow_credentials=[structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential.id))],
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        return webauthn.options_to_json(options)

    def authenticated(self, response: str, recognise: Recognise, credential: Credential) -> Credential | None:
        """*credential* with its new count, or None."""
        import webauthn
        from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json

        def verify() -> Credential:
            parsed = parse_authentication_credential_json(_short(response))
            if parsed.id != credential.id:  # whose signature it claims to be is not looked at by the package
                raise _Unverified
            verified = webauthn.verify_authentication_response(
                credential=parsed,
                expected_challenge=_challenge(parsed.response, recognise),
                expected_rp_id=self.rp_id,
                expected_origin=list(self.origins),
                credential_public_key=base64url_to_bytes(credential.public_key),
                credential_current_sign_count=credential.count,
                require_user_verification=True,
            )
            return evolve(credential, count=verified.new_sign_count)

        return _verified(verify)


def _some(origins: tuple[str, ...]) -> None:
    if not origins:
        msg = "a bank that has no site and no app is asked by nobody"
        raise ValueError(msg)


def _short(response: str) -> str:
    if len(response) > _LONGEST:
        raise _Unverified
    return response


def _challenge(
    response: "AuthenticatorAttestationResponse | AuthenticatorAssertionResponse", recognise: Recognise
) -> bytes:
    """The challenge that *response* says it answers, if it was given out."""
    from webauthn.helpers import parse_client_data_json

    challenge = parse_client_data_json(response.client_data_json).challenge
    if not recognise(Secret(challenge.decode("ascii"))):
        raise _Unverified
    return challenge


def _verified(verify: Callable[[], _Verified]) -> _Verified | None:
    try:
        return verify()
    except Exception:  # noqa: BLE001 -- the package lets whatever its parsers meet in a forged response through
        return None
