"""Phone authentication, proved: every sequence of calls, digits, hang-ups and waits, and attempt after attempt.

`CallMachine` is one attempt.  Whoever calls does so from the awaited telephone or another one, over any kind of line,
to the number he was given or another one, with two calls that may overlap; keys right and wrong digits in either; hangs
up, goes back, goes on, waits: always at one of the instants at which something changes, and just after it.  The digits
are drawn and forgotten as the phone desk does it.

`AttemptsMachine` is one attempt after the other, with nothing told apart but what is counted over them: wrong digits
since the last success, and attempts within an hour, in steps of twenty minutes.

In both a witness notes only what happened outside.

Shape:  `CallMachine(rules, callers)`, `AttemptsMachine(rules)`.
Source: TEL-01..18, 24, 25; AMB-3, 4, 9, 35, 37; standards.md C25, C29; TRAPS "Telephone".
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import assert_never

from attrs import evolve, frozen

from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.phone_auth import LONGEST, CallerRules, Mode, Phase, PhoneAuthRules, Progress, TooMany, Verdict
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, keep
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation, Route
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.phone import PhoneNumber

START = datetime(2026, 4, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)

TELEPHONE, OTHER = PhoneNumber.parse("090-1234-5678"), PhoneNumber.parse("026-234-5678")
LINE, OTHER_LINE = PhoneNumber.parse("0120-417-001"), PhoneNumber.parse("0120-417-002")

ITS_CALL_ALONE = "nothing verifies it but the awaited telephone, at the number that it was given, in time"
ONCE = "it is verified once, gone on by once, and neither after it was given up or used up"
COUNTED = "wrong digits are counted in the call and over the attempts, and end both when they should"
UNMOVED = "what is not meant for it, or comes when it is over, changes nothing"
DIGITS = "digits are kept only while somebody may key them"
TIME_ENDS = "time alone ends it, and with it the digits"
CAN_BE_DONE = "while there is time the right call is enough to go on"


# --- One attempt ------------------------------------------------------------------------------------------------------


class Act(Enum):
    """What happens, besides calls and digits."""

    ABORT = "the customer goes back"
    CONSUME = "the screen goes on by it"
    WAIT = "time passes, to the next instant at which something changes"


@frozen
class Called:
    """Somebody calls; *early*: before the attempt was made."""

    identity: CallerIdentity
    dialled: PhoneNumber
    call: str
    early: bool = False

    def __str__(self) -> str:
        who = "the awaited telephone" if self.identity.number == TELEPHONE else f"{self.identity.number}"
        line = self.identity
        shown = [line.presentation.value, line.assurance.value, *(["from abroad"] if line.from_abroad else [])]
        where = "the number given" if self.dialled == LINE else "another number of the bank"
        return f"call {self.call}: {who} ({', '.join(shown)}) calls {where}{' beforehand' if self.early else ''}"


@frozen
class Keyed:
    """Digits are keyed in *call*."""

    call: str
    right: bool

    def __str__(self) -> str:
        return f"{'right' if self.right else 'wrong'} digits are keyed in call {self.call}"


@frozen
class HungUp:
    """*call* ends."""

    call: str

    def __str__(self) -> str:
        return f"call {self.call} ends"


Event = Called | Keyed | HungUp | Act


@frozen(kw_only=True)
class Witness:
    """What was seen from outside."""

    verified: bool = False
    consumed: bool = False
    aborted: bool = False
    spent: bool = False
    call: str | None = None
    wrong_in_call: int = 0
    wrong: int = 0

    @property
    def over(self) -> bool:
        """Whether it has ended, otherwise than by time."""
        return self.consumed or self.aborted or self.spent

    @property
    def decided(self) -> bool:
        """Whether no call can change anything any more."""
        return self.verified or self.aborted or self.spent


@frozen(cache_hash=True)
class Moment:
    """The attempt as it is stored, at one of the instants, with what the witness has seen."""

    attempt: PhoneAttempt
    instant: int = 0
    seen: Witness = Witness()


def _identity(
    number: PhoneNumber | None = TELEPHONE,
    presentation: Presentation = Presentation.ALLOWED,
    assurance: CallerAssurance = CallerAssurance.CARRIER,
    *,
    from_abroad: bool = False,
) -> CallerIdentity:
    return CallerIdentity(number=number, presentation=presentation, assurance=assurance, from_abroad=from_abroad)


_WITHIN_050 = PhoneNumber.parse("050-1234-5678")
_IDENTITIES = (
    *(_identity(presentation=one) for one in Presentation if one is not Presentation.ALLOWED),
    *(_identity(assurance=one) for one in CallerAssurance if one is not CallerAssurance.CARRIER),
    *(_identity(number) for number in (OTHER, _WITHIN_050, None)),
    _identity(None, Presentation.WITHHELD),
    _identity(from_abroad=True),
)
_EVENTS: tuple[Event, ...] = (
    *(
        Called(_identity(), dialled, call, early)
        for dialled in (LINE, OTHER_LINE)
        for call in "ab"
        for early in (False, True)
    ),
    *(Called(identity, LINE, "a") for identity in _IDENTITIES),
    *(Keyed(call, right) for call in "ab" for right in (True, False)),
    *(HungUp(call) for call in "ab"),
    *Act,
)


@frozen
class CallMachine(Machine[Moment, Event]):
    """One attempt, under *rules*, where callers are recognised as *callers* have it."""

    rules: PhoneAuthRules
    callers: CallerRules
    kind: type[PhoneAttempt] = PhoneAttempt

    @property
    def instants(self) -> Sequence[datetime]:
        """Those at which something changes, and the first after each."""
        ends = {START + self.rules.window, START + LONGEST}
        return sorted({START, *ends, *(end + TICK for end in ends)})

    def starts(self) -> Iterable[Moment]:
        """A new attempt, with digits where those are on the screen."""
        shown = "shown" if self.rules.mode is Mode.SCREEN_CODE else None
        return [
            Moment(
                self.kind(
                    id="attempt",
                    institution=InstitutionId("0000"),
                    contract=ContractId("contract"),
                    number=1,
                    asked_by="",
                    purpose=OnlineProcedure.TOKEN_ISSUE,
                    route=Route(TELEPHONE, LINE),
                    rules=self.rules,
                    progress=Progress(start=START),
                    digits=shown,
                )
            )
        ]

    def events(self, state: Moment) -> Iterable[Event]:
        """Everything, always; time ends."""
        return _EVENTS if state.instant + 1 < len(self.instants) else _EVENTS[:-1]

    def after(self, state: Moment, event: Event) -> tuple[Moment, str]:
        """What follows, with what the witness says to it."""
        then, outcome = self._do(state, event, self.instants[state.instant])
        self._check(then)
        return then, outcome

    def _do(self, state: Moment, event: Event, now: datetime) -> tuple[Moment, str]:
        before = state.attempt
        match event:
            case Act.WAIT:
                return evolve(state, instant=state.instant + 1), "later"
            case Called():
                return self._called(state, event, now)
            case Keyed(call, right):
                return self._keyed(state, call, now, right=right)
            case HungUp(call):
                after = before.moved(self.rules.hang_up(before.progress, call, now))
                ours = call == state.seen.call and not self._ran_out(state.seen, now)
                seen = evolve(state.seen, call=None) if ours else state.seen
                return self._quietly(state, after, seen, now, moved=ours), "hung up"
            case Act.ABORT:
                after = before.moved(self.rules.abort(before.progress, now))
                live = not (state.seen.over or self._ran_out(state.seen, now))
                seen = evolve(state.seen, aborted=True, call=None) if live else state.seen
                return self._quietly(state, after, seen, now, moved=live), "aborted" if live else "unmoved"
            case Act.CONSUME:
                return self._consume(state, now)
            case _ as never:
                assert_never(never)

    def _ran_out(self, seen: Witness, now: datetime) -> bool:
        if seen.over:
            return False
        return now > START + (LONGEST if seen.verified else self.rules.window)

    def _quietly(self, state: Moment, after: PhoneAttempt, seen: Witness, now: datetime, *, moved: bool) -> Moment:
        """*after*, which is as before unless something has *moved* it, or time has."""
        if not moved:
            expired = state.attempt.moved(evolve(state.attempt.progress, phase=Phase.EXPIRED))
            expected = expired if self._ran_out(state.seen, now) else state.attempt
            keep(UNMOVED, after == expected, "it is {} now", after.progress.phase.value)
        return Moment(after, state.instant, seen)

    def _called(self, state: Moment, event: Called, now: datetime) -> tuple[Moment, str]:
        caller = self.callers.recognise(event.identity)
        if isinstance(caller, Verdict):
            # The desk asks nothing of the policy then.
            return state, caller.value
        certain = event.identity.presentation is Presentation.ALLOWED and not event.identity.from_abroad
        keep(ITS_CALL_ALONE, certain and event.identity.number == caller, "the caller is taken for {}", caller)
        keep(ITS_CALL_ALONE, event.identity.assurance in self.callers.enough, "nobody answers for {}", caller)
        at = START - TICK if event.early else now
        route = Route(caller, event.dialled)
        progress, verdict = self.rules.call(state.attempt.progress, state.attempt.route, route, event.call, at)
        meant = route == state.attempt.route and not event.early and now <= START + self.rules.window
        counts = meant and not state.seen.decided
        taken = verdict in {Verdict.VERIFIED, Verdict.ANSWERED}
        keep(ITS_CALL_ALONE, taken == counts, "the verdict is {}", verdict.value)
        spoken = verdict is Verdict.ANSWERED and self.rules.mode is Mode.VOICE
        after = state.attempt.moved(progress, "spoken" if spoken else None)
        seen = state.seen
        if counts and verdict is Verdict.VERIFIED:
            keep(ITS_CALL_ALONE, self.rules.mode is Mode.SILENT, "it is verified without digits")
            seen = evolve(seen, verified=True)
        elif counts:
            seen = evolve(seen, call=event.call, wrong_in_call=0)
        # A call from before it, or from or to another number, is not looked at any further.
        looked = START if event.early or route != state.attempt.route else now
        return self._quietly(state, after, seen, looked, moved=counts), verdict.value

    def _keyed(self, state: Moment, call: str, now: datetime, *, right: bool) -> tuple[Moment, str]:
        progress, verdict = self.rules.keys(state.attempt.progress, call, now, right=right)
        after, seen = state.attempt.moved(progress), state.seen
        heard = call == seen.call and not seen.decided and now <= START + self.rules.window
        if heard and right:
            keep(ITS_CALL_ALONE, verdict is Verdict.VERIFIED, "the verdict is {}", verdict.value)
            seen = evolve(seen, verified=True, call=None)
        elif heard:
            seen = evolve(seen, wrong=seen.wrong + 1, wrong_in_call=seen.wrong_in_call + 1)
            expected = Verdict.WRONG_DIGITS
            if seen.wrong >= self.rules.tries:
                expected, seen = Verdict.ATTEMPT_SPENT, evolve(seen, spent=True, call=None)
            elif seen.wrong_in_call >= self.rules.tries_per_call:
                expected, seen = Verdict.CALL_SPENT, evolve(seen, call=None)
            keep(COUNTED, verdict is expected, "the verdict is {}, not {}", verdict.value, expected.value)
        else:
            keep(ITS_CALL_ALONE, verdict is not Verdict.VERIFIED, "digits in call {} have verified it", call)
        return self._quietly(state, after, seen, now, moved=heard), verdict.value

    def _consume(self, state: Moment, now: datetime) -> tuple[Moment, str]:
        progress, seen = self.rules.consume(state.attempt.progress, now), state.seen
        may = seen.verified and not (seen.consumed or seen.aborted) and now <= START + LONGEST
        keep(ONCE, (progress is not None) == may, "it can {}be gone on by", "" if progress else "not ")
        if progress is None:
            return state, "not gone on"
        return Moment(state.attempt.moved(progress), state.instant, evolve(seen, consumed=True)), "gone on"

    def _check(self, then: Moment) -> None:
        """What holds after every event."""
        progress, seen = then.attempt.progress, then.seen
        keep(ONCE, (progress.phase is Phase.CONSUMED) == seen.consumed, "it is {}", progress.phase.value)
        keep(ONCE, (progress.phase is Phase.ABORTED) == seen.aborted, "it is {}", progress.phase.value)
        keep(COUNTED, (progress.phase is Phase.FAILED) == seen.spent, "it is {}", progress.phase.value)
        keep(ITS_CALL_ALONE, progress.phase is not Phase.VERIFIED or seen.verified, "it is verified")
        keep(COUNTED, progress.wrong == (0 if seen.verified else seen.wrong), "{} are counted", progress.wrong)
        keyable = {Phase.IN_CALL: {Mode.VOICE, Mode.SCREEN_CODE}, Phase.PENDING: {Mode.SCREEN_CODE}}
        keyed = self.rules.mode in keyable.get(progress.phase, set())
        keep(DIGITS, (then.attempt.digits is not None) == keyed, "it is {}", progress.phase.value)

    def ways(self) -> Sequence[Way[Moment, Event]]:
        """It can be done while there is time, and time ends it."""
        return (
            Way(law=TIME_ENDS, of=_live, to=self._forgotten, by=lambda event: event is Act.WAIT),
            Way(law=CAN_BE_DONE, of=self._in_time, to=lambda moment: moment.attempt.progress.phase is Phase.CONSUMED),
        )

    def _forgotten(self, moment: Moment) -> bool:
        found = moment.attempt.at(self.instants[moment.instant])
        return not found.progress.live and found.digits is None

    def _in_time(self, moment: Moment) -> bool:
        return moment.attempt.at(self.instants[moment.instant]).progress.live

    def say(self, event: Event) -> str:
        """The event in words."""
        return event.value if isinstance(event, Act) else str(event)

    def show(self, state: Moment) -> str:
        """The attempt, and how long it has been going on."""
        progress, since = state.attempt.progress, self.instants[state.instant] - START
        digits = "; digits are kept" if state.attempt.digits else ""
        return f"{progress.phase.value}, {since / timedelta(seconds=1):g} s on; wrong {progress.wrong}{digits}"


def _live(moment: Moment) -> bool:
    return moment.attempt.progress.live or moment.attempt.digits is not None


# --- Attempt after attempt --------------------------------------------------------------------------------------------

STEP = timedelta(minutes=20)
HOUR = timedelta(minutes=60)

FEW_GUESSES = "no more wrong digits are looked at between two successes or rests than the rule allows"
FEW_STARTS = "no more attempts start within an hour than the rule allows"
RESTS = "after too many wrong digits the contract rests as long as the rule has it"
CAN_START = "whoever waits can start again"


class Try(Enum):
    """What happens to a contract's attempts."""

    START = "another attempt is to start"
    CALL = "the right call comes"
    WRONG = "wrong digits are keyed"
    RIGHT = "right digits are keyed"
    CONSUME = "the screen goes on"
    ABORT = "the customer gives the attempt up"
    WAIT = "twenty minutes pass"


@frozen(kw_only=True)
class Counted:
    """What was seen: *wrong* digits since the last success or rest, when attempts *started*, until when it *rests*.

    All instants as they lie from now, which is `START`.
    """

    wrong: int = 0
    started: tuple[datetime, ...] = ()
    rests: datetime | None = None


@frozen(cache_hash=True)
class Standing:
    """The contract's latest attempt, with what the witness has seen."""

    progress: Progress | None = None
    seen: Counted = Counted()


@frozen
class AttemptsMachine(Machine[Standing, Try]):
    """A contract's attempts, one after the other, under *rules*."""

    rules: PhoneAuthRules

    def starts(self) -> Iterable[Standing]:
        """There was none yet."""
        return [Standing()]

    def events(self, state: Standing) -> Iterable[Try]:
        """Everything; to an attempt only where there is one."""
        return Try if state.progress is not None else (Try.START,)

    def after(self, state: Standing, event: Try) -> tuple[Standing, str]:
        """What follows."""
        progress = state.progress
        if event is Try.START or progress is None:
            return self._start(state)
        if event is Try.WAIT:
            return self._later(state), "later"
        if event in {Try.WRONG, Try.RIGHT}:
            return self._keyed(state, progress, right=event is Try.RIGHT)
        if event is Try.CALL:
            route = Route(TELEPHONE, LINE)
            moved, verdict = self.rules.call(progress, route, route, "a", START)
            success = verdict is Verdict.VERIFIED
            return Standing(moved, evolve(state.seen, wrong=0) if success else state.seen), verdict.value
        moved = self.rules.abort(progress, START) if event is Try.ABORT else self._consumed(progress)
        return evolve(state, progress=moved), "unmoved" if moved == progress else "moved"

    def _consumed(self, progress: Progress) -> Progress:
        consumed = self.rules.consume(progress, START)
        return progress if consumed is None else consumed

    def _start(self, state: Standing) -> tuple[Standing, str]:
        ended = state.progress and self.rules.abort(state.progress, START)
        begun, seen = self.rules.begin(ended, START), state.seen
        if isinstance(begun, TooMany):
            keep(CAN_START, START < begun.until <= START + HOUR + self.rules.rest, "it may start at {}", begun.until)
            return state, "too many"
        keep(RESTS, seen.rests is None, "another attempt starts, and it was to rest until {}", seen.rests)
        started = (*seen.started, START)
        keep(FEW_STARTS, len(started) <= self.rules.starts_per_hour, "this is number {}", len(started))
        return Standing(begun, evolve(seen, started=started)), "started"

    def _keyed(self, state: Standing, progress: Progress, *, right: bool) -> tuple[Standing, str]:
        moved, verdict = self.rules.keys(progress, "a", START, right=right)
        seen = state.seen
        if verdict is Verdict.VERIFIED:
            seen = evolve(seen, wrong=0)
        elif verdict in {Verdict.WRONG_DIGITS, Verdict.CALL_SPENT, Verdict.ATTEMPT_SPENT} and progress != moved:
            seen = evolve(seen, wrong=seen.wrong + 1)
            keep(FEW_GUESSES, seen.wrong <= self.rules.tries, "these are number {}", seen.wrong)
            spent = seen.wrong == self.rules.tries
            keep(FEW_GUESSES, (verdict is Verdict.ATTEMPT_SPENT) == spent, "the verdict is {}", verdict.value)
            if spent:
                seen = evolve(seen, wrong=0, rests=progress.start + self.rules.rest)
        return Standing(moved, seen), verdict.value

    def _later(self, state: Standing) -> Standing:
        """*state*, seen a step later; what lies so far back that it makes no difference lies as far back as any."""
        progress, seen = state.progress, state.seen

        def recent(instants: Iterable[datetime]) -> tuple[datetime, ...]:
            return tuple(one for one in (instant - STEP for instant in instants) if one > START - HOUR)

        rests = seen.rests and seen.rests - STEP
        counted = evolve(seen, started=recent(seen.started), rests=rests if rests and rests > START else None)
        if progress is None:
            return Standing(None, counted)
        start = max(progress.start - STEP, START - max(HOUR, LONGEST, self.rules.rest) - STEP)
        return Standing(evolve(progress, start=start, earlier=recent(progress.earlier)), counted)

    def ways(self) -> Sequence[Way[Standing, Try]]:
        """Time lets start again."""
        return (Way(law=CAN_START, of=lambda _: True, to=self._may_start, by=lambda event: event is Try.WAIT),)

    def _may_start(self, state: Standing) -> bool:
        ended = state.progress and self.rules.abort(state.progress, START)
        return not isinstance(self.rules.begin(ended, START), TooMany)

    def say(self, event: Try) -> str:
        """The event in words."""
        return event.value

    def show(self, state: Standing) -> str:
        """The latest attempt, and what is counted."""
        if state.progress is None:
            return "no attempt"
        started = len(state.seen.started)
        return f"{state.progress.phase.value}; wrong {state.progress.wrong}; {started} attempts within an hour"


def machines(profile: Profile) -> Iterable[tuple[str, Machine[Moment, Event]]]:
    """Every kind of call that *profile* takes."""
    for purpose, rules in profile.token.calls.items():
        yield purpose.value, CallMachine(rules, profile.token.callers)


def rows(profile: Profile) -> Iterable[tuple[str, Machine[Standing, Try]]]:
    """The same, attempt after attempt."""
    for purpose, rules in profile.token.calls.items():
        yield purpose.value, AttemptsMachine(rules)
