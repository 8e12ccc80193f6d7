"""An exchange in memory, and telephones to dial it with, for tests and demonstrations.

    exchange = MemoryExchange(clock)
    exchange.connect(desk)
    heard = exchange.telephone("090-1234-5678").dial(destination, repeat)

A person at a telephone is a function: it is told what was said and which digits were read out, and gives the keys that
he presses, or None where he hangs up.  `repeat`, `press`, `hang_up` and `by_turns` are such persons.

Shape:  `dial` goes through one call from the first ring to its end and tells what the caller noticed.
Units:  the call happens at the clock's instant; whoever wants time to pass turns the clock, before a call or in it.
Errors: none: a desk that fails is a call that is refused, as on any exchange.
Source: ports/telephony.py; issue 3, part 3.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from typing import Literal

from attrs import define, evolve, field, frozen

from janetbank.policies.destinations import DestinationPool
from janetbank.policies.phone_auth import Verdict
from janetbank.ports.clock import Clock
from janetbank.ports.failures import PortError
from janetbank.ports.telephony import Desk, Goodbye, IncomingCall, KeysAnswer, Reject, RingAndDrop, Script
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret

NUMBERS = tuple(PhoneNumber.parse(f"0120-417-{number:03}") for number in range(1, 9))
"""Made up, after the pool that the sources show (TEL-10)."""


@frozen
class Heard:
    """What a caller noticed of his call.

    *rings* before it was answered or dropped, *said* the codes of what was said, *spoken* the digits that were read
    out, each time; *ended* by whom, and *why*, which no caller is told, but which the exchange's records say: None
    where the desk failed, or where the caller ended the call.
    """

    rings: int = 0
    answered: bool = False
    said: tuple[str, ...] = ()
    spoken: tuple[Secret, ...] = ()
    ended: Literal["bank", "caller"] = "bank"
    why: Verdict | None = None


Keying = Callable[[Script], str | None]
"""A person at a telephone: the keys he presses after what he has heard, or None where he hangs up."""


def repeat(said: Script) -> str | None:
    """Press the digits that were read out; hang up where none were."""
    return said.digits.reveal() if said.digits else None


def hang_up(_: Script) -> None:
    """Hang up."""


def press(keys: str) -> Keying:
    """Press *keys*, whatever is said."""
    return lambda _: keys


def wrong(said: Script) -> str:
    """Press other digits than were read out, as many as are asked for."""
    digits = said.digits.reveal() if said.digits else "0" * said.keys
    return "".join(str((int(digit) + 1) % 10) for digit in digits)


def by_turns(persons: Iterable[Keying]) -> Keying:
    """Do what each of *persons* would, one after the other, and hang up in the end."""
    turns = iter(persons)

    def person(said: Script) -> str | None:
        return next(turns, hang_up)(said)

    return person


@define(eq=False)
class MemoryExchange:
    """See the module.  Safe to be dialled by many threads at once."""

    clock: Clock
    pool: DestinationPool = field(factory=partial(DestinationPool, NUMBERS))
    name: str = "memory"
    """Its calls' ids begin with it; each exchange over a store that outlives it needs one of its own."""
    calls: list[tuple[IncomingCall, Heard]] = field(factory=list[tuple[IncomingCall, Heard]], init=False)
    """Every call that has ended, as the exchange's records have it."""
    _desk: Desk | None = field(default=None, init=False)
    _ids: "count[int]" = field(factory=lambda: count(1), init=False)

    def connect(self, desk: Desk) -> None:
        """Ask *desk* from now on; without one every call is refused."""
        self._desk = desk

    def telephone(
        self,
        number: str | PhoneNumber,
        *,
        presentation: Presentation = Presentation.ALLOWED,
        assurance: CallerAssurance = CallerAssurance.CARRIER,
        from_abroad: bool = False,
    ) -> "Telephone":
        """A telephone with *number*, as the line shows it here."""
        text = number.e164 if isinstance(number, PhoneNumber) else number
        identity = CallerIdentity.heard(text, presentation=presentation, assurance=assurance, from_abroad=from_abroad)
        return Telephone(self, identity)

    def take(self, identity: CallerIdentity, dialled: PhoneNumber, keying: Keying) -> Heard:
        """Go through one call."""
        call = IncomingCall(
            id=f"{self.name}-{next(self._ids)}", identity=identity, dialled=dialled, at=self.clock.now()
        )
        heard = self._go_through(call, keying)
        self.calls.append((call, heard))
        return heard

    def _go_through(self, call: IncomingCall, keying: Keying) -> Heard:
        if self._desk is None or call.dialled not in self.pool.numbers:
            return Heard()
        try:
            answer = self._desk.report_call(call)
        except PortError:
            return Heard()
        match answer:
            case Reject(why):
                return Heard(why=why)
            case RingAndDrop(rings):
                return Heard(rings=rings, why=Verdict.VERIFIED)
            case Script():
                return self._talk(self._desk, call.id, answer, keying)

    def _talk(self, desk: Desk, call: str, answer: KeysAnswer, keying: Keying) -> Heard:
        heard = Heard(rings=1, answered=True)
        while isinstance(answer, Script):
            spoken: Sequence[Secret] = (answer.digits,) if answer.digits else ()
            heard = evolve(heard, said=(*heard.said, *answer.prompts), spoken=(*heard.spoken, *spoken))
            keys = keying(answer)
            try:
                if keys is None:
                    desk.report_hangup(call, self.clock.now())
                    return evolve(heard, ended="caller")
                answer = desk.report_keys(call, Secret(keys), self.clock.now())
            except PortError:
                return heard
        return _over(heard, answer)


@frozen
class Telephone:
    """A telephone, and what the line says of it."""

    exchange: MemoryExchange
    identity: CallerIdentity

    def dial(self, destination: str | PhoneNumber, keying: Keying = repeat) -> Heard:
        """Call *destination*, and do there what *keying* does."""
        number = destination if isinstance(destination, PhoneNumber) else PhoneNumber.parse(destination)
        return self.exchange.take(self.identity, number, keying)


def _over(heard: Heard, goodbye: Goodbye) -> Heard:
    return evolve(heard, said=(*heard.said, *goodbye.prompts), why=goodbye.why)
