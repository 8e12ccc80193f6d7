"""Biometrics: what a bank keeps of a finger or a face: the public half of a key pair, and the question put to it.

The finger itself is matched by the telephone and never leaves it.  There is one credential per token, since a token has
one telephone; it lives in the token, and ends with it.

Shape:  frozen; ids and keys are base64url, as WebAuthn writes them.
Units:  instants are aware UTC datetimes.
Source: BIO-03, BIO-07, BIO-09, BIO-12; AMB-31; https://www.w3.org/TR/webauthn-3/ 4 (credential record).
"""

from datetime import datetime
from enum import Enum

from attrs import frozen


class ChallengeFor(Enum):
    """What a challenge may be answered for."""

    SET_UP = "set_up"
    LOG_IN = "log_in"


@frozen(kw_only=True)
class Challenge:
    """A question that was put to a telephone, by its digest, to be answered once and before *until*."""

    key: str
    purpose: ChallengeFor
    until: datetime


@frozen(kw_only=True)
class Credential:
    """A key pair whose private half a telephone uses for its owner's finger or face alone."""

    id: str
    public_key: str
    """As COSE has it."""
    count: int
    """How often it was used, by the telephone's own count; always 0 where it does not count."""
