"""An exchange in memory."""

from datetime import UTC, datetime

import pytest

from janetbank.policies.phone_auth import Verdict
from janetbank.ports.failures import Unavailable
from janetbank.ports.telephony import Desk, Exchange, Goodbye, RingAndDrop, Script
from janetbank.testing.telephony_conformance import ExchangeConformance, ScriptedDesk
from janetbank.values.caller import CallerIdentity
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.telephony.memory import Heard, Keying, MemoryExchange, by_turns, hang_up, press, repeat, wrong

START = datetime(2026, 11, 21, 6, 4, tzinfo=UTC)


class TestMemoryExchange(ExchangeConformance):
    """The exchange in memory obeys the laws of the port."""

    def exchange(self, desk: Desk) -> Exchange:
        """An exchange."""
        exchange = MemoryExchange(HandClock(START))
        exchange.connect(desk)
        return exchange

    def dial(self, exchange: Exchange, who: CallerIdentity, destination: PhoneNumber, keying: Keying) -> Heard:
        """Its lines."""
        assert isinstance(exchange, MemoryExchange)
        return exchange.take(who, destination, keying)


def test_nobody_is_at_the_desk() -> None:
    """Without a desk every call is refused."""
    exchange = MemoryExchange(HandClock(START))
    assert exchange.telephone("090-1234-5678").dial(exchange.pool.numbers[0]) == Heard()


def test_a_number_that_is_not_the_banks_is_no_call() -> None:
    """Who dials another number never reaches the desk; the records have it."""
    exchange, desk = MemoryExchange(HandClock(START)), ScriptedDesk(RingAndDrop(3))
    exchange.connect(desk)
    assert exchange.telephone("090-1234-5678").dial("0120-417-999") == Heard()
    assert not desk.calls
    assert len(exchange.calls) == 1


def test_hanging_up_while_the_desk_is_away() -> None:
    """A hang-up that cannot be reported ends the call all the same."""

    class Away(ScriptedDesk):
        def report_hangup(self, call: str, at: datetime) -> None:
            raise Unavailable(call, at)

    exchange = MemoryExchange(HandClock(START))
    exchange.connect(Away(Script(("voice.greeting",), None, 4)))
    assert exchange.telephone("090-1234-5678").dial(exchange.pool.numbers[0], hang_up).said == ("voice.greeting",)


@pytest.mark.parametrize(
    ("person", "digits", "pressed"),
    [
        (repeat, "4709", "4709"),
        (repeat, None, None),
        (wrong, "4709", "5810"),
        (wrong, None, "1111"),
        (press("12"), "4709", "12"),
        (hang_up, "4709", None),
    ],
)
def test_persons(person: Keying, digits: str | None, pressed: str | None) -> None:
    """Each person presses what he is named after."""
    assert person(Script((), Secret(digits) if digits else None, 4)) == pressed


def test_persons_take_turns() -> None:
    """One after the other, and in the end somebody hangs up."""
    said, person = Script((), Secret("4709"), 4), by_turns([wrong, repeat])
    assert [person(said), person(said), person(said)] == ["5810", "4709", None]


def test_a_record_says_why() -> None:
    """What the caller is not told stands in the exchange's records."""
    exchange = MemoryExchange(HandClock(START))
    exchange.connect(ScriptedDesk(Script((), None, 4), [Goodbye((), Verdict.CALL_SPENT)]))
    exchange.telephone("090-1234-5678").dial(exchange.pool.numbers[0], press("1"))
    ((call, heard),) = exchange.calls
    assert (call.dialled, heard.why) == (exchange.pool.numbers[0], Verdict.CALL_SPENT)
