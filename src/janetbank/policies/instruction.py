"""Instruction: its way from the request to the host, and what the host makes of it, as one table.

* Requested, it waits for its proof, or needs none and is authorised at once.  Until it is handed over it may be
  changed, which sets it back, and be refused, which ends it.
* Handing over is two steps.  That the host is going to be asked is written first, durably (`HANDED_OVER`); only then is
  the host asked, by the reference of the instruction as the key, and his answer is written.  Whatever dies or falls
  silent in between, the state says that the host may have it; whoever finds it so asks him again by the same key, and
  he does nothing twice.  So there is no way back from there but by the host's word.
* What the host has taken and not yet done is pending: accepted (受付中) or reserved (予約扱い).  A reservation can be
  cancelled before its day, which is asked of the host in the same two steps (`CANCELLING`).
* Executed, refused and cancelled are the end; a host that says something else afterwards is not believed.

Shape:  `NEXT[(state, event)]` is the state after; a cell that is missing is a refusal.  `after(state, word)` is the
        state once the host has said *word*.
Units:  days are days in Japan.
Source: TRF-09, TRF-10 (pending is executed, unless cancelled before), TRF-11 (what was executed cannot be cancelled),
        CAN-04 (wait for a reservation, or cancel it); TXA-04; AMB-8, AMB-32; requirements.md part 7; standards.md C31.
"""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from types import MappingProxyType

from janetbank.values.host_answer import HostWord


class InstructionState(Enum):
    """Where an instruction stands; the texts `instructionstate.*` say it to the customer."""

    PROOF_AWAITED = "proof_awaited"
    AUTHORISED = "authorised"
    HANDED_OVER = "handed_over"
    """The host was or will be asked, and what he says is not known."""
    ACCEPTED = "accepted"
    """受付中."""
    RESERVED = "reserved"
    """予約扱い."""
    CANCELLING = "cancelling"
    """The host was or will be asked to forget the reservation, and what he says is not known."""
    EXECUTED = "executed"
    REFUSED = "refused"
    """Declined in the app, expired, changed after it was proved, or refused by the host."""
    CANCELLED = "cancelled"


class InstructionEvent(Enum):
    """What happens to an instruction."""

    AMEND = "amend"
    PROVE = "prove"
    VOID = "void"
    """Declined, expired, or no longer the text that was proved."""
    HAND_OVER = "hand_over"
    ASK_TO_CANCEL = "ask_to_cancel"
    ACCEPT = "accept"
    RESERVE = "reserve"
    EXECUTE = "execute"
    REFUSE = "refuse"
    CANCEL = "cancel"


_S, _E = InstructionState, InstructionEvent

NEXT: Mapping[tuple[InstructionState, InstructionEvent], InstructionState] = MappingProxyType(
    {
        (_S.PROOF_AWAITED, _E.AMEND): _S.PROOF_AWAITED,
        (_S.PROOF_AWAITED, _E.PROVE): _S.AUTHORISED,
        (_S.PROOF_AWAITED, _E.VOID): _S.REFUSED,
        (_S.AUTHORISED, _E.AMEND): _S.PROOF_AWAITED,
        (_S.AUTHORISED, _E.VOID): _S.REFUSED,
        (_S.AUTHORISED, _E.HAND_OVER): _S.HANDED_OVER,
        # The host's word on what he was handed.
        (_S.HANDED_OVER, _E.ACCEPT): _S.ACCEPTED,
        (_S.HANDED_OVER, _E.RESERVE): _S.RESERVED,
        (_S.HANDED_OVER, _E.EXECUTE): _S.EXECUTED,
        (_S.HANDED_OVER, _E.REFUSE): _S.REFUSED,
        (_S.HANDED_OVER, _E.CANCEL): _S.CANCELLED,
        # On what he has taken; at the counter the bank itself may cancel that.
        (_S.ACCEPTED, _E.EXECUTE): _S.EXECUTED,
        (_S.ACCEPTED, _E.REFUSE): _S.REFUSED,
        (_S.ACCEPTED, _E.CANCEL): _S.CANCELLED,
        (_S.RESERVED, _E.ACCEPT): _S.ACCEPTED,
        (_S.RESERVED, _E.EXECUTE): _S.EXECUTED,
        (_S.RESERVED, _E.REFUSE): _S.REFUSED,
        (_S.RESERVED, _E.CANCEL): _S.CANCELLED,
        (_S.RESERVED, _E.ASK_TO_CANCEL): _S.CANCELLING,
        # On what he was asked to forget: perhaps its day had begun, or he will not.
        (_S.CANCELLING, _E.CANCEL): _S.CANCELLED,
        (_S.CANCELLING, _E.RESERVE): _S.RESERVED,
        (_S.CANCELLING, _E.ACCEPT): _S.ACCEPTED,
        (_S.CANCELLING, _E.EXECUTE): _S.EXECUTED,
        (_S.CANCELLING, _E.REFUSE): _S.REFUSED,
    }
)

_SAID: Mapping[HostWord, InstructionEvent] = MappingProxyType(
    {
        HostWord.ACCEPTED: InstructionEvent.ACCEPT,
        HostWord.RESERVED: InstructionEvent.RESERVE,
        HostWord.EXECUTED: InstructionEvent.EXECUTE,
        HostWord.REFUSED: InstructionEvent.REFUSE,
        HostWord.CANCELLED: InstructionEvent.CANCEL,
    }
)

IN_BETWEEN = frozenset({InstructionState.HANDED_OVER, InstructionState.CANCELLING})
"""The host was asked, and his answer is not stored."""
PENDING = IN_BETWEEN | {InstructionState.ACCEPTED, InstructionState.RESERVED}
"""The host has it, or may have, and is not done with it (TRF-09)."""
DONE_WITHOUT = frozenset({InstructionState.REFUSED, InstructionState.CANCELLED})
"""Over, and no money was moved."""


def can(state: InstructionState, event: InstructionEvent) -> bool:
    """Whether the table has a cell for *event*."""
    return (state, event) in NEXT


def after(state: InstructionState, word: HostWord) -> InstructionState:
    """The state once the host has said *word*; what the table does not know changes nothing."""
    return NEXT.get((state, _SAID[word]), state)


def may_cancel(state: InstructionState, day: date, today: date) -> bool:
    """Whether the customer may still cancel what is to be executed on *day*: a reservation, before its day."""
    return can(state, InstructionEvent.ASK_TO_CANCEL) and today < day
