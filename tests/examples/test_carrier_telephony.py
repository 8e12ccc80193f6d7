"""The exchange of docs/writing-an-adapter.md keeps the laws of the port, before a carrier that does what it is told."""

import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from examples.carrier_telephony import CarrierExchange, Forged
from janetbank.policies.destinations import DestinationPool
from janetbank.policies.phone_auth import Verdict
from janetbank.ports.telephony import Desk, Exchange, Reject, Script
from janetbank.testing.telephony_conformance import ExchangeConformance, ScriptedDesk
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.telephony.memory import NUMBERS, Heard, Keying, repeat

SECRET = b"shared with the carrier"
NOW = datetime(2026, 11, 21, 6, 4, tzinfo=UTC)
_calls = count(1)


class Carrier:
    """Asks the exchange, and does to its caller what it is told."""

    def __init__(self, exchange: CarrierExchange, person: Keying) -> None:
        self._exchange = exchange
        self._person = person
        self._call = f"{next(_calls)}"
        self.heard = Heard()
        self._said: list[str] = []
        self._spoken: list[Secret] = []
        self._rings = 0
        self._answered = False

    def call(self, who: CallerIdentity, destination: PhoneNumber) -> Heard:
        """Somebody calls."""
        return self._through(
            self.ask(
                "incoming",
                **{"from": who.number.e164 if who.number else "", "to": destination.e164},
                privacy=who.presentation is not Presentation.ALLOWED,
                asserted=who.assurance is CallerAssurance.CARRIER,
                abroad=who.from_abroad,
            )
        )

    def ask(self, event: str, **facts: object) -> Sequence[dict[str, Any]]:
        """One question."""
        body = json.dumps({"event": event, "call": self._call, "at": NOW.isoformat(), **facts}).encode()
        told: dict[str, Any] = json.loads(self._exchange.answer(body, hmac.digest(SECRET, body, "sha256").hex()))
        verbs: Sequence[dict[str, Any]] = told["do"]
        return verbs

    def _through(self, verbs: Sequence[dict[str, Any]]) -> Heard:
        """The call to its end."""
        ended: Any = "bank"
        while verbs:
            verb, *rest = verbs
            verbs = rest
            match verb:
                case {"ring": int(rings)}:
                    self._rings += rings
                case {"pick_up": _}:
                    self._rings, self._answered = 1, True
                case {"play": prompt}:
                    self._said.append(prompt)
                case {"say_digits": digits}:
                    self._spoken.append(Secret(digits))
                case {"gather": keys}:
                    pressed = self._person(Script((), self._spoken[-1] if self._spoken else None, keys))
                    if pressed is None:
                        verbs, ended = self.ask("hangup"), "caller"
                    else:
                        verbs = self.ask("keys", keys=pressed)
                case _:
                    break
        return Heard(
            rings=self._rings, answered=self._answered, said=(*self._said,), spoken=(*self._spoken,), ended=ended
        )


class TestCarrierExchange(ExchangeConformance):
    """Every law."""

    def exchange(self, desk: Desk) -> Exchange:
        """An exchange at the carrier."""
        exchange = CarrierExchange(DestinationPool(NUMBERS), SECRET)
        exchange.connect(desk)
        return exchange

    def dial(self, exchange: Exchange, who: CallerIdentity, destination: PhoneNumber, keying: Keying) -> Heard:
        """A call that the carrier takes."""
        assert isinstance(exchange, CarrierExchange)
        return Carrier(exchange, keying).call(who, destination)


def test_nobody_but_the_carrier_is_answered() -> None:
    """What is not signed, or signed by somebody else, never reaches the desk."""
    desk = ScriptedDesk(Reject(Verdict.WRONG_CALLER))
    exchange = CarrierExchange(DestinationPool(NUMBERS), SECRET)
    exchange.connect(desk)
    body = b'{"event": "hangup", "call": "1", "at": "2026-11-21T06:04:00+00:00"}'
    for signature in ("", "00", hmac.digest(b"another", body, "sha256").hex()):
        with pytest.raises(Forged):
            exchange.answer(body, signature)
    assert not desk.hung_up


def test_without_a_desk_calls_are_refused() -> None:
    """An exchange that is not connected yet lets nobody in."""
    carrier = Carrier(CarrierExchange(DestinationPool(NUMBERS), SECRET), repeat)
    assert carrier.ask("hangup") == [{"hang_up": "rejected"}]
