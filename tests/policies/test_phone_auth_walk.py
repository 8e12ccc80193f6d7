"""Phone authentication under every sequence of what can happen, until nothing new can.

Whoever calls does so from any telephone, over any line, to any number, at any of the instants at which something
changes; keys right or wrong digits in the current call or in another one; hangs up, goes back, goes on, waits.  From
each state that can be reached each of these is done, and a witness who knows nothing of the policy's own state watches:
he writes down only what happened outside, and says after every single event what must not have been.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple, assert_never

import pytest
from attrs import evolve, frozen

from janetbank.policies.phone_auth import CallerRules, Mode, Phase, PhoneAuthRules, Progress, Verdict
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation, Route
from janetbank.values.phone import PhoneNumber

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
WINDOW = timedelta(seconds=300)
TEN_MINUTES = timedelta(seconds=600)

INSTANTS = (T0, T0 + WINDOW, T0 + WINDOW + TICK, T0 + TEN_MINUTES, T0 + TEN_MINUTES + TICK)
"""The start, the last instant of the window, too late, the last instant to go on, too late for that."""

TARO = PhoneNumber.parse("090-1234-5678")
LINE, LINE_2 = PhoneNumber.parse("0120-417-001"), PhoneNumber.parse("0120-417-002")
AWAITED = Route(TARO, LINE)
CALLS = ("a", "b")

CARRIER, ALLOWED = CallerAssurance.CARRIER, Presentation.ALLOWED


def who(
    number: PhoneNumber | None,
    presentation: Presentation = ALLOWED,
    assurance: CallerAssurance = CARRIER,
    *,
    from_abroad: bool = False,
) -> CallerIdentity:
    """A caller, as a line tells."""
    return CallerIdentity(number=number, presentation=presentation, assurance=assurance, from_abroad=from_abroad)


RIGHT = who(TARO)
STRANGERS: dict[CallerIdentity, Verdict] = {
    who(TARO, Presentation.WITHHELD): Verdict.WITHHELD,
    who(None, Presentation.WITHHELD): Verdict.WITHHELD,
    who(TARO, Presentation.PAYPHONE): Verdict.PAYPHONE,
    who(TARO, Presentation.OUT_OF_AREA): Verdict.OUT_OF_AREA,
    who(TARO, Presentation.ERROR): Verdict.LINE_ERROR,
    who(PhoneNumber.parse("050-1234-5678")): Verdict.EXCLUDED,
    who(TARO, assurance=CallerAssurance.NONE): Verdict.UNTRUSTED,
    who(TARO, assurance=CallerAssurance.ATTESTED_B): Verdict.UNTRUSTED,
    who(TARO, assurance=CallerAssurance.ATTESTED_C): Verdict.UNTRUSTED,
    who(TARO, from_abroad=True): Verdict.UNTRUSTED,
    who(None): Verdict.WRONG_CALLER,
    who(PhoneNumber.parse("026-234-5678")): Verdict.WRONG_CALLER,
}


@frozen
class Call:
    """Somebody calls; *early*: the call was under way before the attempt was made."""

    identity: CallerIdentity
    dialled: PhoneNumber
    call: str
    early: bool = False


@frozen
class Keys:
    """Digits are keyed in a call."""

    call: str
    right: bool


@frozen
class HangUp:
    """A call ends."""

    call: str


@frozen
class Abort:
    """The customer goes back."""


@frozen
class Consume:
    """The customer goes on."""


@frozen
class Wait:
    """Time passes, to the next instant at which something changes."""


@frozen
class Look:
    """Somebody looks."""


Event = Call | Keys | HangUp | Abort | Consume | Wait | Look

EVENTS: tuple[Event, ...] = (
    *(Call(RIGHT, dialled, call, early) for dialled in (LINE, LINE_2) for call in CALLS for early in (False, True)),
    *(Call(stranger, dialled, "a") for stranger in STRANGERS for dialled in (LINE, LINE_2)),
    *(Keys(call, right) for call in CALLS for right in (True, False)),
    *(HangUp(call) for call in CALLS),
    Abort(),
    Consume(),
    Wait(),
    Look(),
)


@frozen
class Witness:
    """What was seen from outside: how often it was verified and gone on by, what ended it, and the call under way."""

    instant: int = 0
    verified: int = 0
    consumed: int = 0
    aborted: bool = False
    spent: bool = False
    call: str | None = None
    wrong_in_call: int = 0
    wrong: int = 0


@frozen
class Seen:
    """A state of the policy with what its witness has written down."""

    progress: Progress
    witness: Witness


def after(rules: PhoneAuthRules, seen: Seen, event: Event) -> Seen:
    """What follows, with the witness's objections as failed assertions."""
    before, witness = seen.progress, seen.witness
    progress = before
    now = INSTANTS[witness.instant]
    match event:
        case Wait():
            witness = evolve(witness, instant=min(witness.instant + 1, len(INSTANTS) - 1))
        case Look():
            progress = rules.look(before, now)
            _nothing_happened(witness, before, progress)
        case Call(identity, dialled, call, early):
            progress, verdict = _called(
                rules, before, identity, Route(TARO, dialled), call, T0 - TICK if early else now
            )
            witness = _saw_call(rules, witness, event, verdict, before, progress)
        case Keys(call, right):
            progress, verdict = rules.keys(before, call, now, right=right)
            witness = _saw_keys(rules, witness, event, verdict, before, progress)
        case HangUp(call):
            progress = rules.hang_up(before, call, now)
            if call == witness.call and not _ran_out(witness):
                witness = evolve(witness, call=None)
            else:
                _nothing_happened(witness, before, progress)
        case Abort():
            progress = rules.abort(before, now)
            witness = _saw_abort(witness, before, progress)
        case Consume():
            consumed = rules.consume(before, now)
            progress = consumed or before
            witness = _saw_consume(witness, went_on=consumed is not None)
        case _ as never:
            assert_never(never)
    return Seen(progress, _judged(rules, witness, before, progress))


def _called(
    rules: PhoneAuthRules, progress: Progress, identity: CallerIdentity, came: Route, call: str, at: datetime
) -> tuple[Progress, Verdict]:
    """As the desk does it: first who it is, then what it is for."""
    caller = CallerRules().recognise(identity)
    if isinstance(caller, Verdict):
        return progress, caller
    return rules.call(progress, AWAITED, evolve(came, caller=caller), call, at)


def _in_time(witness: Witness) -> bool:
    return INSTANTS[witness.instant] <= T0 + WINDOW


def _ran_out(witness: Witness) -> bool:
    """Whether nothing can come of it any more, for want of time."""
    if witness.consumed or witness.aborted or witness.spent:
        return False
    return not _in_time(witness) and not (witness.verified and INSTANTS[witness.instant] <= T0 + TEN_MINUTES)


def _nothing_happened(witness: Witness, before: Progress, after: Progress) -> None:
    """All is as it was, but that time may have been noticed to have run out."""
    assert after == (evolve(before, phase=Phase.EXPIRED) if _ran_out(witness) else before)


def _free(witness: Witness) -> bool:
    """Whether nothing has been decided yet."""
    return not (witness.verified or witness.aborted or witness.spent)


def _saw_call(
    rules: PhoneAuthRules, witness: Witness, event: Call, verdict: Verdict, before: Progress, after: Progress
) -> Witness:
    if event.identity in STRANGERS:
        assert verdict is STRANGERS[event.identity]
        assert after == before
        return witness
    if event.dialled != LINE:
        assert verdict is Verdict.WRONG_DESTINATION
        assert after == before
        return witness
    if event.early:
        assert verdict is Verdict.TOO_LATE
        assert after == before
        return witness
    counts = _free(witness) and _in_time(witness)
    assert (verdict in {Verdict.VERIFIED, Verdict.ANSWERED}) == counts
    if not counts:
        assert verdict in _why_not(witness)
        _nothing_happened(witness, before, after)
        return witness
    if rules.mode is Mode.SILENT:
        assert verdict is Verdict.VERIFIED
        return evolve(witness, verified=witness.verified + 1)
    assert verdict is Verdict.ANSWERED
    return evolve(witness, call=event.call, wrong_in_call=0)


def _why_not(witness: Witness) -> set[Verdict]:
    if witness.aborted:
        return {Verdict.ABORTED}
    if witness.spent:
        return {Verdict.ATTEMPT_SPENT}
    if witness.consumed or (witness.verified and INSTANTS[witness.instant] <= T0 + TEN_MINUTES):
        return {Verdict.DUPLICATE}
    return {Verdict.TOO_LATE}


def _saw_keys(
    rules: PhoneAuthRules, witness: Witness, event: Keys, verdict: Verdict, before: Progress, after: Progress
) -> Witness:
    if not (_free(witness) and _in_time(witness)):
        assert verdict in _why_not(witness)
        _nothing_happened(witness, before, after)
        return witness
    if event.call != witness.call:
        assert verdict is Verdict.HUNG_UP
        _nothing_happened(witness, before, after)
        return witness
    if event.right:
        assert verdict is Verdict.VERIFIED
        return evolve(witness, verified=witness.verified + 1, call=None)
    witness = evolve(witness, wrong_in_call=witness.wrong_in_call + 1, wrong=witness.wrong + 1)
    if witness.wrong == rules.tries:
        assert verdict is Verdict.ATTEMPT_SPENT
        return evolve(witness, spent=True, call=None)
    if witness.wrong_in_call == rules.tries_per_call:
        assert verdict is Verdict.CALL_SPENT
        return evolve(witness, call=None)
    assert verdict is Verdict.WRONG_DIGITS
    return witness


def _saw_abort(witness: Witness, before: Progress, after: Progress) -> Witness:
    if witness.consumed or witness.aborted or witness.spent:
        _nothing_happened(witness, before, after)
        return witness
    if _ran_out(witness):
        _nothing_happened(witness, before, after)
        return witness
    assert after == evolve(before, phase=Phase.ABORTED)
    return evolve(witness, aborted=True, call=None)


def _saw_consume(witness: Witness, *, went_on: bool) -> Witness:
    may = witness.verified and not witness.consumed and not witness.aborted
    assert went_on == bool(may and INSTANTS[witness.instant] <= T0 + TEN_MINUTES)
    return evolve(witness, consumed=witness.consumed + went_on)


def _judged(rules: PhoneAuthRules, witness: Witness, before: Progress, after: Progress) -> Witness:
    """What holds after every event, whatever it was."""
    assert witness.verified <= 1
    assert witness.consumed <= witness.verified
    assert (after.phase is Phase.CONSUMED) == bool(witness.consumed)
    assert (after.phase is Phase.ABORTED) == witness.aborted
    assert (after.phase is Phase.FAILED) == witness.spent
    if after.phase is Phase.IN_CALL:
        assert witness.call == after.call
    elif after.live:
        assert witness.call is None
    assert after.start == T0
    if not before.live:
        assert after == before
    if after.phase is Phase.VERIFIED:
        assert witness.verified == 1
        assert after.wrong == 0
    elif not witness.verified:
        assert after.wrong == witness.wrong <= rules.tries
    return witness


class Walk(NamedTuple):
    """How many states there are, how many steps between them, and after how many events there is nothing new."""

    states: int
    steps: int
    depth: int
    sequences: int
    """How many sequences of that many events were looked at by this, each step of each of them."""


def walk(rules: PhoneAuthRules) -> Walk:
    """Do everything from everywhere, breadth first, until no state is new."""
    start = Seen(Progress(start=T0), Witness())
    found, edge, depth, steps = {start}, [start], 0, 0
    while edge:
        new: list[Seen] = []
        for seen in edge:
            for event in EVENTS:
                then = after(rules, seen, event)
                steps += 1
                if then not in found:
                    found.add(then)
                    new.append(then)
        edge = new
        depth += bool(edge)
    return Walk(len(found), steps, depth, len(EVENTS) ** depth)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (PhoneAuthRules(mode=Mode.SILENT, window=WINDOW), Walk(states=45, steps=1_890, depth=6, sequences=42**6)),
        (PhoneAuthRules(mode=Mode.VOICE, window=WINDOW), Walk(states=1_975, steps=82_950, depth=18, sequences=42**18)),
        (
            PhoneAuthRules(mode=Mode.SCREEN_CODE, window=WINDOW),
            Walk(states=1_975, steps=82_950, depth=18, sequences=42**18),
        ),
    ],
    ids=lambda value: value.mode.value if isinstance(value, PhoneAuthRules) else "",
)
@pytest.mark.requirement("TEL-05", "TEL-12", "TEL-13", "TEL-18")
def test_every_sequence_of_events(rules: PhoneAuthRules, expected: Walk) -> None:
    """Verified by no withheld, other, late or early call, at most once, never after an abort; no wrong call counts."""
    assert walk(rules) == expected
