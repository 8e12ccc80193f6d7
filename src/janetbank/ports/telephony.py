"""Telephony: the exchange that takes calls at the bank's numbers, and the desk it asks what to do with them.

Two sides.  `Exchange` is what an adapter offers to the flows: its numbers.  `Desk` is what an adapter calls when
somebody calls: it says what came, and does what it is told.  An exchange decides nothing.

A call goes like this; everything else is the exchange's own affair:

    report_call  -> Reject            end it at once: neither ring nor answer
                  | RingAndDrop       let it ring so often, then end it; never answer
                  | Script            answer, say the prompts and the digits, read so many keys, and then:
    report_keys  -> Script            say that, and read keys again
                  | Goodbye           say that, and hang up
    report_hangup                     the caller hung up, or keyed nothing for too long; for answered calls alone

Why evidence: an adapter reports what its line delivered and who answers for it.  P-Asserted-Identity counts only from
the carrier's trunk; Privacy is looked at before any number; From and P-Preferred-Identity are nobody's word.

Shape:  a desk's methods are synchronous, short (one transaction) and safe among threads: an asynchronous server calls
        them in a thread.  A call's id is the exchange's own, never used twice, and not what the caller's side sent.
Units:  instants are aware, by the clock of the machine that took the call.
Errors: what the desk raises (PortError) means that nothing was decided: the exchange ends the call as for Reject.
Source: TEL-03, 10, 13, 15, 16; AMB-3, 4, 35; standards.md 4; COMPONENTS 3.
"""

from datetime import datetime
from typing import Protocol

from attrs import field, frozen

from janetbank.policies.destinations import DestinationPool
from janetbank.policies.phone_auth import Verdict
from janetbank.values.caller import CallerIdentity
from janetbank.values.moment import aware
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret


@frozen(kw_only=True)
class IncomingCall:
    """Somebody calls *dialled*, one of the exchange's numbers, since *at*."""

    id: str
    identity: CallerIdentity
    dialled: PhoneNumber
    at: datetime = field(converter=aware)


@frozen
class Reject:
    """End the call at once.  *why* is for the exchange's own records; the caller is not told."""

    why: Verdict


@frozen
class RingAndDrop:
    """Let it ring *rings* times (each about three seconds), then end it unanswered: the caller pays nothing."""

    rings: int


@frozen
class Script:
    """Say *prompts* (codes of texts), then the *digits* one by one if there are any, and read *keys* keys."""

    prompts: tuple[str, ...]
    digits: Secret | None
    keys: int


@frozen
class Goodbye:
    """Say *prompts* and hang up.  *why* is for the exchange's own records."""

    prompts: tuple[str, ...]
    why: Verdict


CallAnswer = Reject | RingAndDrop | Script
KeysAnswer = Script | Goodbye


class Exchange(Protocol):
    """Takes calls."""

    @property
    def pool(self) -> DestinationPool:
        """The numbers at which calls are taken now."""
        ...


class Desk(Protocol):
    """Says what to do with calls."""

    def report_call(self, call: IncomingCall) -> CallAnswer:
        """*call* is coming in, and has been neither answered nor refused."""
        ...

    def report_keys(self, call: str, keys: Secret, at: datetime) -> KeysAnswer:
        """In the answered call with the id *call*, *keys* (0-9, * and #) had been keyed by *at*."""
        ...

    def report_hangup(self, call: str, at: datetime) -> None:
        """The caller has ended the answered call with the id *call*; a call that nobody knows is ignored."""
        ...
