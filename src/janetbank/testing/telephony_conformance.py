"""Telephony conformance: what every exchange must do with a call, as pytest classes.

    class TestMyExchange(ExchangeConformance):
        def exchange(self, desk: Desk) -> Exchange: ...
        def dial(self, exchange: Exchange, who: CallerIdentity, destination: PhoneNumber, keying: Keying) -> Heard: ...

Shape:  inherit, and give an exchange that asks the desk it is given, and a telephone at its other end.
Errors: AssertionError where an adapter breaks a law.
Source: ports/telephony.py; issue 3, part 3.
"""

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock

import pytest
from attrs import define, evolve, field

from janetbank.policies.phone_auth import Verdict
from janetbank.ports.failures import Unavailable
from janetbank.ports.telephony import (
    CallAnswer,
    Desk,
    Exchange,
    Goodbye,
    IncomingCall,
    KeysAnswer,
    Reject,
    RingAndDrop,
    Script,
)
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.telephony.memory import Heard, Keying, hang_up, press, repeat

TARO = CallerIdentity(
    number=PhoneNumber.parse("090-1234-5678"),
    presentation=Presentation.ALLOWED,
    assurance=CallerAssurance.CARRIER,
    from_abroad=False,
)
_ASKED = Script(("voice.greeting", "voice.key_spoken"), Secret("4711"), 4)
_AGAIN = Script(("voice.wrong", "voice.key_spoken"), Secret("4711"), 4)
_THANKS = Goodbye(("voice.recognised",), Verdict.VERIFIED)
_FAILURE = Unavailable("the store is away")
_CALLERS = 8


@define(eq=False)
class ScriptedDesk:
    """A desk that gives the answers it was given, the last one for ever, and writes down what it is told."""

    answer: CallAnswer | Unavailable
    then: list[KeysAnswer | Unavailable] = field(factory=list[KeysAnswer | Unavailable])
    calls: list[IncomingCall] = field(factory=list[IncomingCall], init=False)
    keyed: list[tuple[str, str, datetime]] = field(factory=list[tuple[str, str, datetime]], init=False)
    hung_up: list[tuple[str, datetime]] = field(factory=list[tuple[str, datetime]], init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def report_call(self, call: IncomingCall) -> CallAnswer:
        """Write it down and give the answer."""
        with self._lock:
            self.calls.append(call)
        if isinstance(self.answer, Unavailable):
            raise self.answer
        return self.answer

    def report_keys(self, call: str, keys: Secret, at: datetime) -> KeysAnswer:
        """Write them down and give the next answer."""
        with self._lock:
            self.keyed.append((call, keys.reveal(), at))
            answer = self.then.pop(0) if len(self.then) > 1 else self.then[0]
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    def report_hangup(self, call: str, at: datetime) -> None:
        """Write it down."""
        with self._lock:
            self.hung_up.append((call, at))


class ExchangeConformance(ABC):
    """The laws of `janetbank.ports.telephony`."""

    @abstractmethod
    def exchange(self, desk: Desk) -> Exchange:
        """An exchange that asks *desk*."""

    @abstractmethod
    def dial(self, exchange: Exchange, who: CallerIdentity, destination: PhoneNumber, keying: Keying) -> Heard:
        """Call *destination* over a line that says *who* calls, and be *keying*; what was noticed of the call."""

    def one_call(self, desk: ScriptedDesk, who: CallerIdentity = TARO, keying: Keying = repeat) -> Heard:
        """Call the first number."""
        exchange = self.exchange(desk)
        return self.dial(exchange, who, exchange.pool.numbers[0], keying)

    def test_a_call_is_reported_with_where_it_goes(self) -> None:
        """Each number of the pool can be dialled, and the desk hears which one was."""
        desk = ScriptedDesk(Reject(Verdict.WRONG_CALLER))
        exchange = self.exchange(desk)
        for number in exchange.pool.numbers:
            self.dial(exchange, TARO, number, repeat)
        assert [call.dialled for call in desk.calls] == list(exchange.pool.numbers)

    @pytest.mark.parametrize("assurance", [CallerAssurance.NONE, CallerAssurance.CARRIER])
    def test_who_calls_is_reported_with_who_says_so(self, assurance: CallerAssurance) -> None:
        """The number and the line's standing arrive; what no trusted line says is nobody's word."""
        desk = ScriptedDesk(Reject(Verdict.WRONG_CALLER))
        who = evolve(TARO, assurance=assurance)
        self.one_call(desk, who)
        assert desk.calls[0].identity == who

    def test_a_withheld_number_is_withheld(self) -> None:
        """The wish to be anonymous arrives, even where the network delivers the number with it."""
        desk = ScriptedDesk(Reject(Verdict.WITHHELD))
        self.one_call(desk, evolve(TARO, presentation=Presentation.WITHHELD))
        assert desk.calls[0].identity.presentation is Presentation.WITHHELD
        assert desk.calls[0].identity.shown is None

    def test_an_instant_is_aware(self) -> None:
        """The desk hears when, in UTC."""
        desk = ScriptedDesk(Reject(Verdict.WRONG_CALLER))
        self.one_call(desk)
        assert desk.calls[0].at.utcoffset() == timedelta(0)

    def test_no_call_has_the_name_of_another(self) -> None:
        """Call ids differ, also when many call at once."""
        desk = ScriptedDesk(Reject(Verdict.WRONG_CALLER))
        exchange = self.exchange(desk)
        with ThreadPoolExecutor(_CALLERS) as pool:
            calls = [pool.submit(self.dial, exchange, TARO, number, repeat) for number in exchange.pool.numbers * 4]
        assert not any(call.result().answered for call in calls)
        assert len({call.id for call in desk.calls}) == len(desk.calls) == 4 * len(exchange.pool.numbers)

    def test_a_rejected_call_neither_rings_nor_is_answered(self) -> None:
        """The bank ends it at once, and nothing more is reported."""
        desk = ScriptedDesk(Reject(Verdict.TOO_LATE))
        heard = self.one_call(desk)
        assert (heard.rings, heard.answered, heard.ended) == (0, False, "bank")
        assert not desk.keyed
        assert not desk.hung_up

    @pytest.mark.parametrize("rings", [1, 3])
    def test_a_silent_call_rings_and_is_never_answered(self, rings: int) -> None:
        """It rings as often as told, then the bank ends it: its caller pays nothing, and nothing more is reported."""
        desk = ScriptedDesk(RingAndDrop(rings))
        heard = self.one_call(desk)
        assert (heard.rings, heard.answered, heard.said, heard.ended) == (rings, False, (), "bank")
        assert not desk.keyed
        assert not desk.hung_up

    def test_a_script_is_said_and_the_keys_are_reported(self) -> None:
        """Prompts and digits are said in their order, and what was keyed is reported for the same call."""
        desk = ScriptedDesk(_ASKED, [_THANKS])
        heard = self.one_call(desk)
        assert heard.answered
        assert heard.said == (*_ASKED.prompts, *_THANKS.prompts)
        assert heard.spoken == (Secret("4711"),)
        assert heard.ended == "bank"
        assert [(call, keys) for call, keys, _ in desk.keyed] == [(desk.calls[0].id, "4711")]
        assert desk.calls[0].at <= desk.keyed[0][2]
        assert not desk.hung_up

    def test_keys_are_reported_as_they_were_pressed(self) -> None:
        """The exchange judges nothing: any keys arrive, stars and leading zeros too."""
        desk = ScriptedDesk(_ASKED, [_THANKS])
        self.one_call(desk, keying=press("0*07"))
        assert [keys for _, keys, _ in desk.keyed] == ["0*07"]

    def test_what_is_asked_again_is_said_again(self) -> None:
        """Each further script is said, with its digits, and its keys are reported."""
        desk = ScriptedDesk(_ASKED, [_AGAIN, _AGAIN, _THANKS])
        heard = self.one_call(desk)
        assert heard.said == (*_ASKED.prompts, *_AGAIN.prompts, *_AGAIN.prompts, *_THANKS.prompts)
        assert heard.spoken == (Secret("4711"),) * 3
        assert len(desk.keyed) == len(desk.then) + 2

    def test_digits_from_the_screen_are_not_spoken(self) -> None:
        """Where there are no digits to say, none are said, and keys are read all the same."""
        desk = ScriptedDesk(evolve(_ASKED, digits=None), [_THANKS])
        heard = self.one_call(desk, keying=press("4711"))
        assert not heard.spoken
        assert [keys for _, keys, _ in desk.keyed] == ["4711"]

    def test_hanging_up_is_reported_once(self) -> None:
        """Who hangs up in an answered call is reported, for this call, and no keys are."""
        desk = ScriptedDesk(_ASKED, [_THANKS])
        heard = self.one_call(desk, keying=hang_up)
        assert heard.ended == "caller"
        assert [call for call, _ in desk.hung_up] == [desk.calls[0].id]
        assert not desk.keyed

    def test_a_desk_that_fails_lets_nobody_in(self) -> None:
        """Where nothing could be decided the call ends as a rejected one, or, in the midst of it, without thanks."""
        heard = self.one_call(ScriptedDesk(_FAILURE))
        assert (heard.rings, heard.answered, heard.ended) == (0, False, "bank")
        heard = self.one_call(ScriptedDesk(_ASKED, [_FAILURE]))
        assert (heard.said, heard.ended) == (_ASKED.prompts, "bank")
