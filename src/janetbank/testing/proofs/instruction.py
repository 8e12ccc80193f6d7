"""Handing over, proved: an instruction and the host that does it, with requests and answers that are lost or late.

The bank stores that the host is going to be asked, and asks; a request is heard at once, later, or never; an answer is
stored at once, later, when another one was stored before it, or never; whoever finds the instruction unsettled asks
again.  Two requests and two answers are under way at most.  Meanwhile the text is changed, the proof shown and voided,
the reservation cancelled, the day comes and goes, and the host does what it took, or does not.

The host keeps what its port promises: one key is one instruction, and what was cancelled is never done.

Shape:  `InstructionMachine(table, word)`.
Source: TRF-09..11, TXA-04; AMB-8, AMB-32; standards.md C31; docs/decisions/0008.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import Enum
from typing import TypeVar

from attrs import evolve, field, frozen

from janetbank.policies.instruction import (
    DONE_WITHOUT,
    NEXT,
    PENDING,
    InstructionEvent,
    InstructionState,
    after,
    may_cancel,
)
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, as_table, keep
from janetbank.values.host_answer import HostWord

DAY = date(2026, 4, 2)
"""On which it is to be done."""
UNDER_WAY = 2

AS_PROVED = "the host is asked for nothing but the text that was proved last"
TRUE_WORD = "what is said to be executed is executed, and what is said not to be is not and will not be"
HOST_ALONE = "what the host may have is settled by the host's word alone"
ENDS_STAY = "what is over stays so, whatever arrives late"
SETTLES = "whoever asks long enough knows what has become of it"
CAN_END = "it can be brought to an end"


class Act(Enum):
    """What the bank and its customer do."""

    AMEND = "the text is changed"
    PROVE = "the text is proved"
    VOID = "the proof is declined, or has run out"
    HAND_OVER = "it is stored that the host is going to be asked"
    WANT_TO_CANCEL = "it is stored that the reservation is to be cancelled"
    ASK = "the host is asked"
    DAY = "a day passes"


class Hosts(Enum):
    """What the host does by itself."""

    EXECUTE = "the host executes it"
    REFUSE = "the host will not execute it"
    ACCEPT = "the host takes it up for its day"
    CANCEL = "the counter cancels it at the host"


class Sent(Enum):
    """What is under way to the host."""

    INSTRUCT = "the request to do it"
    CANCEL = "the request to cancel it"
    STANDING = "the question how it stands"


@frozen
class Heard:
    """The host hears what was *sent*, and, if it is new, takes it as *taken*."""

    sent: Sent
    taken: HostWord | None = None


@frozen
class Answered:
    """The host's *word* arrives, and is stored."""

    word: HostWord


@frozen
class Lost:
    """*what* was under way never arrives."""

    what: Sent | HostWord


Event = Act | Hosts | Heard | Answered | Lost

_What = TypeVar("_What", bound=Sent | HostWord)

_FINAL = frozenset({HostWord.EXECUTED, HostWord.REFUSED, HostWord.CANCELLED})
_CUSTOMERS = {Act.AMEND: InstructionEvent.AMEND, Act.PROVE: InstructionEvent.PROVE, Act.VOID: InstructionEvent.VOID}
_BY_HOST: Mapping[Hosts, tuple[HostWord, frozenset[HostWord]]] = {
    Hosts.EXECUTE: (HostWord.EXECUTED, frozenset({HostWord.ACCEPTED, HostWord.RESERVED})),
    Hosts.REFUSE: (HostWord.REFUSED, frozenset({HostWord.ACCEPTED, HostWord.RESERVED})),
    Hosts.ACCEPT: (HostWord.ACCEPTED, frozenset({HostWord.RESERVED})),
    Hosts.CANCEL: (HostWord.CANCELLED, frozenset({HostWord.ACCEPTED, HostWord.RESERVED})),
}


@frozen(cache_hash=True)
class Moment:
    """The *state* that is stored; whether its text was *proved*; what the *host* has; what is under way; days passed.

    *handed*: whether it was stored, since the last change of the text, that the host is going to be asked.
    """

    state: InstructionState = InstructionState.PROOF_AWAITED
    proved: bool = False
    handed: bool = False
    host: HostWord | None = None
    requests: tuple[Sent, ...] = ()
    answers: tuple[HostWord, ...] = ()
    days: int = 0


@frozen
class InstructionMachine(Machine[Moment, Event]):
    """One instruction, whose life is that *table*; *after* is what the policy makes of the host's word."""

    table: Mapping[tuple[InstructionState, InstructionEvent], InstructionState] = field(
        default=NEXT, converter=as_table, hash=False
    )
    heard: Callable[[InstructionState, HostWord], InstructionState] = after

    def starts(self) -> Iterable[Moment]:
        """Requested, with a proof to be shown, and without."""
        return [Moment(), Moment(InstructionState.AUTHORISED, proved=True)]

    def events(self, state: Moment) -> Iterable[Event]:
        """Everything that may happen."""
        yield from (Act.AMEND, Act.PROVE, Act.VOID, Act.HAND_OVER, Act.WANT_TO_CANCEL)
        if state.days < 2:  # noqa: PLR2004 -- the day before, its day, and the next
            yield Act.DAY
        if state.state in PENDING and len(state.requests) < UNDER_WAY:
            yield Act.ASK
        for sent in dict.fromkeys(state.requests):
            yield Lost(sent)
            if len(state.answers) < UNDER_WAY:
                yield from (Heard(sent, taken) for taken in _taken(state, sent))
        for word in dict.fromkeys(state.answers):
            yield from (Lost(word), Answered(word))
        for act, (_, froms) in _BY_HOST.items():
            # What is reserved is taken up and done on its day.
            if state.host in froms and (act is Hosts.CANCEL or state.host is HostWord.ACCEPTED or state.days > 0):
                yield act

    def after(self, state: Moment, event: Event) -> tuple[Moment, str]:
        """What follows, with the laws."""
        match event:
            case Heard(sent, taken):
                then, outcome = _heard(state, sent, taken), "heard"
            case Answered(word):
                answers = _less(state.answers, word)
                then = evolve(state, state=self.heard(state.state, word), answers=answers)
                outcome = then.state.value
            case Lost(what):
                then, outcome = _lost(state, what), "lost"
            case Hosts():
                then, outcome = evolve(state, host=_BY_HOST[event][0]), "at the host"
            case _:
                then, outcome = self._by_us(state, event)
        self._check(state, event, then)
        return then, outcome

    def _by_us(self, state: Moment, event: Act) -> tuple[Moment, str]:
        if event is Act.DAY:
            return evolve(state, days=state.days + 1), "later"
        if event is Act.ASK:
            sent = self._request(state)
            if sent is Sent.INSTRUCT:
                keep(AS_PROVED, state.proved, "it is asked for")
            return evolve(state, requests=_more(state.requests, sent)), sent.name.lower()
        if event is Act.WANT_TO_CANCEL:
            if not may_cancel(state.state, DAY, self._today(state)):
                return state, "refused"
            return evolve(state, state=self.table[state.state, InstructionEvent.ASK_TO_CANCEL]), "cancelling"
        happens = InstructionEvent.HAND_OVER if event is Act.HAND_OVER else _CUSTOMERS[event]
        if (after := self.table.get((state.state, happens))) is None:
            return state, "refused"
        if event is Act.HAND_OVER:
            keep(AS_PROVED, state.proved, "it is handed over")
            return evolve(state, state=after, handed=True), "handed over"
        keep(HOST_ALONE, not state.handed, "it was {} and is {}", state.state.value, after.value)
        return evolve(state, state=after, proved=event is Act.PROVE), after.value

    def _request(self, state: Moment) -> Sent:
        """What the flow asks of the host in this state."""
        if state.state is InstructionState.HANDED_OVER and self._today(state) <= DAY:
            return Sent.INSTRUCT
        if state.state in {InstructionState.HANDED_OVER, InstructionState.CANCELLING}:
            return Sent.CANCEL
        return Sent.STANDING

    def _today(self, state: Moment) -> date:
        return DAY + timedelta(days=state.days - 1)

    def _check(self, state: Moment, event: Event, then: Moment) -> None:
        stored, host = then.state, then.host
        keep(ENDS_STAY, not _ended(state) or stored is state.state, "it was {}, it is {}", state.state, stored)
        if stored is InstructionState.EXECUTED:
            keep(TRUE_WORD, host is HostWord.EXECUTED, "the host has it {}", host and host.value)
        if stored in DONE_WITHOUT:
            keep(TRUE_WORD, host is not HostWord.EXECUTED, "the host has executed it")
            keep(TRUE_WORD, host in _FINAL or Sent.INSTRUCT not in then.requests, "the host may hear of it yet")
            keep(TRUE_WORD, host in _FINAL or host is None, "the host has it {}", host and host.value)
        if state.state in PENDING and then.state is not state.state:
            ours = isinstance(event, Answered) or event is Act.WANT_TO_CANCEL
            keep(HOST_ALONE, ours, "it was {} and is {}", state.state.value, then.state.value)

    def ways(self) -> Sequence[Way[Moment, Event]]:
        """It can end, and asking settles it."""
        return (
            Way(
                law=SETTLES,
                of=lambda moment: moment.state in PENDING and moment.host in _FINAL,
                to=lambda moment: moment.state not in PENDING,
                by=lambda event: isinstance(event, Heard | Answered | Lost) or event is Act.ASK,
            ),
            Way(law=CAN_END, of=lambda _: True, to=_ended),
        )

    def say(self, event: Event) -> str:
        """The event in words."""
        match event:
            case Heard(sent, taken):
                return f"the host hears {sent.value}{f', and has it {taken.value}' if taken else ''}"
            case Answered(word):
                return f"the answer that it is {word.value} arrives, and is stored"
            case Lost(what):
                return f"{what.value if isinstance(what, Sent) else f'the answer that it is {what.value}'} is lost"
            case _:
                return str(event.value)

    def show(self, state: Moment) -> str:
        """What is stored, and what the host has."""
        has = state.host.value if state.host else "nothing"
        under_way = [one.value for one in (*state.requests, *state.answers)]
        rest = f"; under way: {', '.join(under_way)}" if under_way else ""
        return f"{state.state.value}{', proved' if state.proved else ''}; the host has {has}{rest}"


def _taken(state: Moment, sent: Sent) -> Iterable[HostWord | None]:
    """As what the host may take what it has not heard of."""
    if state.host is not None or sent is not Sent.INSTRUCT:
        return (None,)
    if state.days == 0:
        return (HostWord.RESERVED, HostWord.REFUSED)
    # A day that is over when the request comes is a reason to refuse it.
    return (HostWord.ACCEPTED, HostWord.EXECUTED, HostWord.REFUSED) if state.days == 1 else (HostWord.REFUSED,)


def _heard(state: Moment, sent: Sent, taken: HostWord | None) -> Moment:
    """The host answers what it has heard: nothing is under one key twice."""
    host = state.host or taken
    if sent is Sent.CANCEL and host in {None, HostWord.RESERVED}:
        host = HostWord.CANCELLED
    answers = state.answers if host is None else _more(state.answers, host)
    return evolve(state, host=host, requests=_less(state.requests, sent), answers=answers)


def _lost(state: Moment, what: Sent | HostWord) -> Moment:
    if isinstance(what, Sent):
        return evolve(state, requests=_less(state.requests, what))
    return evolve(state, answers=_less(state.answers, what))


def _ended(moment: Moment) -> bool:
    return moment.state in DONE_WITHOUT or moment.state is InstructionState.EXECUTED


def _more(those: tuple[_What, ...], one: _What) -> tuple[_What, ...]:
    """In no order: what is under way overtakes what was sent before."""
    return tuple(sorted((*those, one), key=lambda what: what.name))


def _less(those: tuple[_What, ...], one: _What) -> tuple[_What, ...]:
    at = those.index(one)
    return (*those[:at], *those[at + 1 :])


def machines(_: Profile) -> Iterable[tuple[str, Machine[Moment, Event]]]:
    """The same for every profile."""
    return [("instruction", InstructionMachine())]
