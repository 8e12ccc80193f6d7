"""Biometrics: the ceremonies by which a telephone shows that its owner's finger or face is there.

Why: how such a ceremony is written down is WebAuthn's business, and what it means is a flow's.  A telephone is given
*options* and answers with a *response*; both are the JSON texts that browsers and telephones speak.

Shape:  a response verifies only if it answers the challenge that `recognise` knows, from the bank's own site or app,
        for the bank's own id, with the user verified by the telephone, signed by the credential, counted higher than
        before where the telephone counts.  None: it does not, or is no response at all.
Errors: none: whatever a telephone sends is a response that verifies or one that does not.
Source: BIO-01..07, AMB-31; https://www.w3.org/TR/webauthn-3/ 7.1, 7.2; NIST SP 800-63B-4 3.2.3.
"""

from collections.abc import Callable
from typing import Protocol

from janetbank.model.biometrics import Credential
from janetbank.values.secret import Secret

Recognise = Callable[[Secret], bool]
"""Whether this is the challenge that was given out."""


class Authenticators(Protocol):
    """Speaks with the authenticators in telephones."""

    def registration(self, challenge: Secret, *, user: str) -> str:
        """Options for making a credential, which the telephone shows as that of *user*."""
        ...

    def registered(self, response: str, recognise: Recognise) -> Credential | None:
        """The credential that was made, or None where *response* does not verify."""
        ...

    def authentication(self, challenge: Secret, credential: Credential) -> str:
        """Options for using *credential*."""
        ...

    def authenticated(self, response: str, recognise: Recognise, credential: Credential) -> Credential | None:
        """*credential* with its new count, or None where *response* does not verify."""
        ...
