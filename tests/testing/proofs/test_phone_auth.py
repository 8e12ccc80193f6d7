"""The proof of phone authentication: it holds for every mode, and finds whatever is planted."""

from datetime import datetime, timedelta
from typing import Self

import pytest
from attrs import evolve, frozen

from janetbank import profiles
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.policies.phone_auth import (
    CallerRules,
    Mode,
    Phase,
    PhoneAuthRules,
    Progress,
    TooMany,
    Verdict,
)
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import phone_auth as proof
from janetbank.testing.proofs.phone_auth import Act, AttemptsMachine, CallMachine, Try
from janetbank.values.caller import CallerAssurance, CallerIdentity, Route
from janetbank.values.phone import PhoneNumber
from tests.testing.proofs.planted import laws, never, story_of

WINDOW = timedelta(seconds=300)
VOICE = PhoneAuthRules(mode=Mode.VOICE, window=WINDOW, tries_per_call=2, tries=3, starts_per_hour=3)
CALLERS = CallerRules()


@pytest.mark.requirement("TEL-05", "TEL-12", "TEL-13", "TEL-18")
@pytest.mark.parametrize(
    ("rules", "states"),
    [
        (evolve(VOICE, mode=Mode.SILENT), 45),
        (VOICE, 429),
        (evolve(VOICE, mode=Mode.SCREEN_CODE), 429),
        (evolve(VOICE, window=timedelta(seconds=600)), 243),
    ],
    ids=str,
)
def test_one_attempt_keeps_every_law(rules: PhoneAuthRules, states: int) -> None:
    """Every law holds after every sequence of events, and as many states are found as ever."""
    report = explore(CallMachine(rules, CALLERS))
    assert report.proven, report.story
    assert report.states == states
    recognised = {"verified"} if rules.mode is Mode.SILENT else {"answered", "verified", "wrong_digits", "call_spent"}
    assert set(report.outcomes) >= recognised | {"gone on", "aborted", "withheld", "untrusted", "wrong_destination"}


@pytest.mark.parametrize(("mode", "states"), [(Mode.SILENT, 128), (Mode.VOICE, 636)], ids=str)
def test_attempt_after_attempt_keeps_every_law(mode: Mode, states: int) -> None:
    """What is counted over the attempts keeps every law, and lets in again by time alone."""
    report = explore(AttemptsMachine(evolve(VOICE, mode=mode)))
    assert report.proven, report.story
    assert report.states == states
    assert "too many" in report.outcomes


def test_a_long_rest_is_waited_for() -> None:
    """A rest of a day is a rest of a day, however little else is told apart."""
    report = explore(AttemptsMachine(evolve(VOICE, rest=timedelta(days=1), starts_per_hour=1)))
    assert report.proven, report.story


def test_a_carrier_that_is_believed_is_believed() -> None:
    """A profile that believes another attestation is proved with it."""
    callers = CallerRules(enough=frozenset({CallerAssurance.ATTESTED_B}), excluded_prefixes=())
    report = explore(CallMachine(VOICE, callers))
    assert report.proven, report.story
    assert "excluded" not in report.outcomes


# --- Planted faults ---------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class AnyDestination(PhoneAuthRules):
    """Where the call goes to is not looked at."""

    def call(
        self, progress: Progress, awaited: Route, came: Route, call: str, now: datetime
    ) -> tuple[Progress, Verdict]:
        """Any number of the bank."""
        return super().call(progress, awaited, Route(came.caller, awaited.destination), call, now)


@frozen(kw_only=True)
class EarlyCall(PhoneAuthRules):
    """A call from before the attempt counts."""

    def call(
        self, progress: Progress, awaited: Route, came: Route, call: str, now: datetime
    ) -> tuple[Progress, Verdict]:
        """At its start at the earliest."""
        return super().call(progress, awaited, came, call, max(now, progress.start))


@frozen(kw_only=True)
class NoTimeToLose(PhoneAuthRules):
    """Nothing runs out."""

    def look(self, progress: Progress, now: datetime) -> Progress:
        """As it was."""
        del now
        return progress


@frozen(kw_only=True)
class AnyCall(PhoneAuthRules):
    """Digits count in whichever call they are keyed."""

    def keys(self, progress: Progress, call: str, now: datetime, *, right: bool) -> tuple[Progress, Verdict]:
        """The newest call's."""
        return super().keys(progress, progress.call or call, now, right=right)


@frozen(kw_only=True)
class StrangersEndIt(PhoneAuthRules):
    """Whoever calls from another telephone ends the attempt."""

    def call(
        self, progress: Progress, awaited: Route, came: Route, call: str, now: datetime
    ) -> tuple[Progress, Verdict]:
        """End it."""
        after, verdict = super().call(progress, awaited, came, call, now)
        return (self.abort(after, now) if verdict is Verdict.WRONG_CALLER else after), verdict


@frozen(kw_only=True)
class GoneOnTwice(PhoneAuthRules):
    """Going on by it uses nothing up."""

    def consume(self, progress: Progress, now: datetime) -> Progress | None:
        """As it was."""
        return progress if super().consume(progress, now) else None


@frozen(kw_only=True)
class WrongIsFree(PhoneAuthRules):
    """Wrong digits are counted in their call alone."""

    def keys(self, progress: Progress, call: str, now: datetime, *, right: bool) -> tuple[Progress, Verdict]:
        """Not over the calls."""
        after, verdict = super().keys(progress, call, now, right=right)
        return evolve(after, wrong=progress.wrong), verdict


@frozen(kw_only=True)
class OneTryMore(PhoneAuthRules):
    """`>` for `>=` where a call's wrong digits are counted."""

    def keys(self, progress: Progress, call: str, now: datetime, *, right: bool) -> tuple[Progress, Verdict]:
        """One less."""
        fewer = evolve(progress, wrong_in_call=progress.wrong_in_call - 1)
        after, verdict = super().keys(fewer, call, now, right=right)
        return evolve(after, wrong_in_call=after.wrong_in_call + 1), verdict


@frozen(kw_only=True)
class BelievesAnybody(CallerRules):
    """Whoever is said to call calls."""

    def recognise(self, identity: CallerIdentity) -> PhoneNumber | Verdict:
        """Whoever he is."""
        return identity.number or Verdict.WRONG_CALLER


@frozen(kw_only=True)
class DigitsKept(PhoneAttempt):
    """Digits stay when their call has ended."""

    def moved(self, progress: Progress, digits: str | None = None) -> Self:
        """Keep them."""
        return evolve(self, progress=progress, digits=digits or self.digits)


@frozen(kw_only=True)
class CountsAnew(PhoneAuthRules):
    """A new attempt starts the count anew."""

    def begin(self, previous: Progress | None, now: datetime) -> Progress | TooMany:
        """From nothing."""
        begun = super().begin(previous, now)
        return evolve(begun, wrong=0) if isinstance(begun, Progress) else begun


@frozen(kw_only=True)
class StartsForgotten(PhoneAuthRules):
    """Only the attempt before is remembered."""

    def begin(self, previous: Progress | None, now: datetime) -> Progress | TooMany:
        """Forget the others."""
        return super().begin(evolve(previous, earlier=()) if previous else None, now)


@frozen(kw_only=True)
class NoRest(PhoneAuthRules):
    """After too many wrong digits another attempt may start at once."""

    def begin(self, previous: Progress | None, now: datetime) -> Progress | TooMany:
        """As after any other."""
        if previous is not None and previous.phase is Phase.FAILED:
            previous = evolve(previous, phase=Phase.ABORTED, wrong=0)
        return super().begin(previous, now)


@frozen(kw_only=True)
class NeverAgain(PhoneAuthRules):
    """Who is told to wait is told to wait for a year."""

    def begin(self, previous: Progress | None, now: datetime) -> Progress | TooMany:
        """For a year."""
        begun = super().begin(previous, now)
        return TooMany(now + timedelta(days=365)) if isinstance(begun, TooMany) else begun


def rules(kind: type[PhoneAuthRules]) -> PhoneAuthRules:
    """Rules with that fault."""
    return kind(mode=Mode.VOICE, window=WINDOW, tries_per_call=2, tries=3, starts_per_hour=3)


def planted(kind: type[PhoneAuthRules]) -> CallMachine:
    """The machine of one attempt under rules with that fault."""
    return CallMachine(rules(kind), CALLERS)


FAULTS = [
    (planted(AnyDestination), proof.ITS_CALL_ALONE),
    (planted(EarlyCall), proof.ITS_CALL_ALONE),
    (planted(NoTimeToLose), proof.ITS_CALL_ALONE),
    (planted(AnyCall), proof.ITS_CALL_ALONE),
    (CallMachine(VOICE, BelievesAnybody()), proof.ITS_CALL_ALONE),
    (planted(StrangersEndIt), proof.UNMOVED),
    (planted(GoneOnTwice), proof.ONCE),
    (planted(WrongIsFree), proof.COUNTED),
    (planted(OneTryMore), proof.COUNTED),
    (CallMachine(VOICE, CALLERS, DigitsKept), proof.DIGITS),
    (never(planted(PhoneAuthRules), Act.WAIT), proof.TIME_ENDS),
    (never(planted(PhoneAuthRules), Act.CONSUME), proof.CAN_BE_DONE),
    (AttemptsMachine(rules(CountsAnew)), proof.FEW_GUESSES),
    (AttemptsMachine(rules(StartsForgotten)), proof.FEW_STARTS),
    (AttemptsMachine(rules(NoRest)), proof.RESTS),
    (AttemptsMachine(rules(NeverAgain)), proof.CAN_START),
    (never(AttemptsMachine(VOICE), Try.WAIT), proof.CAN_START),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof)


def test_a_story_names_calls_and_digits() -> None:
    """Who calls where, and what is keyed in which call, stands in the story."""
    told = str(story_of(planted(AnyDestination)))
    assert "call a: the awaited telephone (allowed, carrier) calls another number of the bank" in told
    assert "wrong digits are keyed in call a" in str(story_of(planted(WrongIsFree)))


def test_every_kind_of_call_is_proved() -> None:
    """Each procedure of a profile that takes a call has both machines."""
    calls = profiles.JA.token.calls
    for machines in (proof.machines, proof.rows):
        assert [subject for subject, _ in machines(profiles.JA)] == [purpose.value for purpose in calls]
