"""Caller identity: what the telephone network says of who is calling, and how far that can be believed.

It is evidence and no proof: the network's word comes over a line that may lie.  What is enough is the profile's to say
(`policies.phone_auth.CallerRules`).

Shape:  CallerIdentity(number, presentation, assurance, from_abroad); `shown` is the number that may be looked at.
        Route(caller, destination) is from whom to where.
Errors: none of its own: whatever a line delivers can be told, and `heard` reads a number as delivered.
Source: TEL-03, AMB-3, AMB-35; RFC 3323 and 3325 (P-Asserted-Identity counts inside a trust domain, and Privacy is
        looked at first), RFC 8588 (attestation A, B, C); standards.md 4; TRAPS "caller ids are believed from anywhere".
"""

from enum import Enum
from typing import Self

from attrs import frozen

from janetbank.values.phone import PhoneNumber
from janetbank.values.violation import InvalidValue


class Presentation(Enum):
    """Whether a number is shown, or why none is (the display of ナンバー・ディスプレイ in brackets)."""

    ALLOWED = "allowed"
    WITHHELD = "withheld"
    """非通知 (P): the caller does not want it shown."""
    PAYPHONE = "payphone"
    """公衆電話 (C)."""
    OUT_OF_AREA = "out_of_area"
    """表示圏外 (O, S): the call came through a network that cannot tell."""
    ERROR = "error"
    """受信エラー (E)."""


class CallerAssurance(Enum):
    """Who answers for the number.  No order is implied: C says less than the own carrier does."""

    NONE = "none"
    """Nobody: a From header, or anything that came over a line which is not trusted."""
    CARRIER = "carrier"
    """The carrier at the other end of the bank's own trunk asserts it."""
    ATTESTED_A = "attested_a"
    """Signed by the caller's provider: it knows the caller, and that the number is his."""
    ATTESTED_B = "attested_b"
    """Signed by the caller's provider: it knows the caller, but not whether the number is his."""
    ATTESTED_C = "attested_c"
    """Signed by a gateway: it knows where the call came from, and nothing of the caller."""


@frozen(kw_only=True)
class CallerIdentity:
    """Who calls, as far as the network tells; *number* is None where there is none, or none of Japan's."""

    number: PhoneNumber | None
    presentation: Presentation
    assurance: CallerAssurance
    from_abroad: bool
    """Whether the call entered Japan over an international line."""

    @classmethod
    def heard(
        cls, number: str, *, presentation: Presentation, assurance: CallerAssurance, from_abroad: bool = False
    ) -> Self:
        """The identity with *number* as the line delivered it; what cannot be a Japanese number is none."""
        try:
            known = PhoneNumber.parse(number)
        except InvalidValue:
            known = None
        return cls(number=known, presentation=presentation, assurance=assurance, from_abroad=from_abroad)

    @property
    def shown(self) -> PhoneNumber | None:
        """The number, if its caller shows it; a withheld one is none, even where the network delivered it."""
        return self.number if self.presentation is Presentation.ALLOWED else None


@frozen
class Route:
    """From whom to where: the two numbers by which a call and an attempt find each other."""

    caller: PhoneNumber
    destination: PhoneNumber
