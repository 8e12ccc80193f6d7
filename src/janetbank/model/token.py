"""Token: one software token of a contract, from the application for it to its end.

A contract has one after the other; the one with the highest number is the one that counts.  The app and the bank share
one secret, the seed, which is sealed at rest with the token and the number of the seed as its row, and destroyed with
the token: the codes are made with it, and the answers to approvals with a key derived from it.

Shape:  frozen; `version` belongs to the storage port.
Units:  instants are aware UTC datetimes; steps are counted as `one_time_password` counts them.
Source: TKN-05, TKN-07, TKN-16 (ids are texts, leading zeros kept), APP-05, APP-18, OTP-11, CRD-11; AMB-10, AMB-25,
        AMB-31; TRAPS "the seed in clear", "only the last value is remembered".
"""

from datetime import datetime
from typing import Self

from attrs import evolve, field, frozen

from janetbank.model.biometrics import Challenge, Credential
from janetbank.policies.token import FIRST_METHOD, NEXT, SetUp, TokenEvent, TokenState
from janetbank.values.app_version import AppVersion
from janetbank.values.email import MailAddress
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.otp_method import OtpMethod

ENDED = frozenset({TokenState.NONE, TokenState.CANCELLED, TokenState.STOPPED, TokenState.REPLACED, TokenState.VOID})
"""In these a token has no secret any more."""

UNFINISHED = frozenset({TokenState.PHONE_PENDING, TokenState.ISSUED})
"""In these a token keeps the hash of its start password, for somebody who may never come; time ends them."""

_LEFT_BY = (TokenEvent.CANCEL, TokenEvent.STOP, TokenEvent.GIVE_UP)
"""How a token ends that nobody wants any more: in use, waiting for its app or locked, waiting for its call."""


@frozen(kw_only=True)
class Token:
    """See the module."""

    institution: InstitutionId
    contract: ContractId
    number: int
    """From 1, within the contract."""
    service_id: str
    user_id: str
    state: TokenState
    since: datetime
    mail: MailAddress
    """Where the ids go: an address that is read on the telephone that will hold the app."""
    start_password: str | None = field(default=None, repr=False)
    """Its hash, until set-up has succeeded or can no more (CRD-11)."""
    set_up: SetUp = field(factory=SetUp)
    seed: str | None = field(default=None, repr=False)
    """Sealed; the one that was fetched last."""
    last_step: int | None = None
    """The last step that was taken under this seed."""
    method: OtpMethod = FIRST_METHOD
    app_key: str | None = None
    """The digest of the key that the app was given with its seed; the app is nobody's where the seed is destroyed."""
    app: AppVersion | None = None
    """What the app said of itself when it was set up, or later."""
    challenge: Challenge | None = None
    """The last one that the telephone was given and has not answered."""
    credential: Credential | None = None
    """Of biometric login, where it is set up."""
    version: int = 0

    @property
    def row(self) -> tuple[str, ...]:
        """What the sealed seed is bound to."""
        return ("seed", self.institution.code, self.contract.text, str(self.number), str(self.set_up.seed))

    @property
    def awaits_app(self) -> bool:
        """Whether its start password is good for anything, or was until it was wrong too often or too late."""
        return self.state in {TokenState.ISSUED, TokenState.VOID}

    def can(self, event: TokenEvent) -> bool:
        """Whether the table has a cell for *event*."""
        return (self.state, event) in NEXT

    def on(self, event: TokenEvent, now: datetime) -> Self:
        """The token after *event*, which it can meet; where its life ends its secrets do, and biometric login."""
        after = evolve(self, state=NEXT[self.state, event], since=now)
        if after.state not in ENDED:
            return after
        return evolve(after, start_password=None, seed=None, app_key=None, challenge=None, credential=None)

    def left(self, now: datetime) -> Self:
        """The token of somebody whose contract ends: it ends by whatever can end it, or has ended before."""
        event = next((one for one in _LEFT_BY if self.can(one)), None)
        return self if event is None else self.on(event, now)
