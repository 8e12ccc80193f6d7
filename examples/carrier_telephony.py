"""A telephone exchange at a carrier that asks by HTTP what to do with a call, and is told in JSON.

Shape:  `CarrierExchange(pool, secret)`, connected to a desk; `answer(body, signature)` is what the web server gives the
        carrier for each of its questions.
Errors: Forged for a question that the carrier did not ask.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from janetbank.policies.destinations import DestinationPool
from janetbank.ports.failures import PortError
from janetbank.ports.telephony import CallAnswer, Desk, Goodbye, IncomingCall, KeysAnswer, Reject, RingAndDrop, Script
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret

Verb = Mapping[str, str | int]
"""What the carrier is told to do: one thing with one argument."""
_HANG_UP: Verb = {"hang_up": "rejected"}


class Forged(Exception):  # noqa: N818 -- states a condition
    """Nobody who has the secret has signed this."""


class CarrierExchange:
    """See the module.  It keeps nothing between two questions, so any process may answer any of them."""

    def __init__(self, pool: DestinationPool, secret: bytes) -> None:
        self.pool = pool
        self._secret = secret
        self._desk: Desk | None = None

    def connect(self, desk: Desk) -> None:
        """Ask *desk* from now on."""
        self._desk = desk

    def answer(self, body: bytes, signature: str) -> bytes:
        """What the carrier is to do, as JSON, where *body* is signed by the carrier."""
        if not hmac.compare_digest(hmac.digest(self._secret, body, "sha256").hex().encode(), signature.encode()):
            raise Forged
        return json.dumps({"do": self._verbs(json.loads(body))}).encode()

    def _verbs(self, event: Mapping[str, Any]) -> Sequence[Verb]:
        if self._desk is None:
            return [_HANG_UP]
        call, at = f"carrier-{event['call']}", datetime.fromisoformat(event["at"])
        try:
            match event["event"]:
                case "incoming":
                    dialled = PhoneNumber.parse(event["to"])
                    incoming = IncomingCall(id=call, identity=_identity(event), dialled=dialled, at=at)
                    return _first(self._desk.report_call(incoming))
                case "keys":
                    return _spoken(self._desk.report_keys(call, Secret(event["keys"]), at))
                case _:
                    self._desk.report_hangup(call, at)
                    return []
        except PortError:  # nothing was decided: as for Reject
            return [_HANG_UP]


def _identity(event: Mapping[str, Any]) -> CallerIdentity:
    """Privacy before any number; and whose word the number is."""
    return CallerIdentity.heard(
        event["from"],
        presentation=Presentation.WITHHELD if event["privacy"] else Presentation.ALLOWED,
        assurance=CallerAssurance.CARRIER if event["asserted"] else CallerAssurance.NONE,
        from_abroad=event["abroad"],
    )


def _first(answer: CallAnswer) -> Sequence[Verb]:
    match answer:
        case Reject():
            return [_HANG_UP]
        case RingAndDrop(rings):
            return [{"ring": rings}, _HANG_UP]
        case Script():
            return [{"pick_up": 1}, *_spoken(answer)]


def _spoken(answer: KeysAnswer) -> Sequence[Verb]:
    match answer:
        case Script(prompts, digits, keys):
            said: list[Verb] = [{"play": prompt} for prompt in prompts]
            said += [{"say_digits": digits.reveal()}] if digits else []
            return [*said, {"gather": keys}]
        case Goodbye(prompts):
            return [*({"play": prompt} for prompt in prompts), {"hang_up": "done"}]
