"""Phone authentication: the window, the calls that do not count, the digits, and which numbers may be selected.

Every sequence of what can happen is walked through in `test_phone_auth_walk`; here stand the boundaries.
"""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.phone_auth import (
    FEWEST_DIGITS,
    LIVE,
    LONGEST,
    NEXT,
    Act,
    CallerRules,
    Choice,
    Mode,
    Phase,
    PhoneAuthRules,
    Progress,
    TooMany,
    Verdict,
)
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation, Route
from janetbank.values.phone import PhoneMask, PhoneNumber
from janetbank.values.violation import Violation

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
HOUR = timedelta(minutes=60)

TARO = PhoneNumber.parse("090-1234-5678")
OTHER = PhoneNumber.parse("026-234-5678")
IP_PHONE = PhoneNumber.parse("050-1234-5678")
LINE, LINE_2 = PhoneNumber.parse("0120-417-001"), PhoneNumber.parse("0120-417-002")
ROUTE = Route(TARO, LINE)

CALLERS = CallerRules()
SILENT = PhoneAuthRules(mode=Mode.SILENT, window=120 * SECOND)
VOICE = PhoneAuthRules(mode=Mode.VOICE, window=300 * SECOND)
SCREEN = PhoneAuthRules(mode=Mode.SCREEN_CODE, window=300 * SECOND)
EVERY_MODE = [SILENT, VOICE, SCREEN]
ANSWERED = [VOICE, SCREEN]
START = Progress(start=T0)

in_every_mode = pytest.mark.parametrize("rules", EVERY_MODE, ids=lambda rules: rules.mode.value)
in_answered_modes = pytest.mark.parametrize("rules", ANSWERED, ids=lambda rules: rules.mode.value)


def identity(
    number: PhoneNumber | None = TARO,
    *,
    presentation: Presentation = Presentation.ALLOWED,
    assurance: CallerAssurance = CallerAssurance.CARRIER,
    from_abroad: bool = False,
) -> CallerIdentity:
    """What a line says of a caller."""
    return CallerIdentity(number=number, presentation=presentation, assurance=assurance, from_abroad=from_abroad)


def in_call(rules: PhoneAuthRules, at: datetime = T0, call: str = "a") -> Progress:
    """An attempt with its call answered."""
    progress, verdict = rules.call(START, ROUTE, ROUTE, call, at)
    assert verdict is Verdict.ANSWERED
    return progress


def completed(rules: PhoneAuthRules, at: datetime = T0) -> Progress:
    """An attempt that has succeeded."""
    if rules.mode is Mode.SILENT:
        progress, verdict = rules.call(START, ROUTE, ROUTE, "a", at)
    else:
        progress, verdict = rules.keys(in_call(rules, at), "a", at, right=True)
    assert verdict is Verdict.VERIFIED
    return progress


# --- Whose number it is -----------------------------------------------------------------------------------------------


def test_a_shown_number_that_the_carrier_answers_for_is_recognised() -> None:
    """The number that calls is the one that the line shows, on the word of the carrier or of its own provider."""
    assert CALLERS.recognise(identity()) == TARO
    assert CALLERS.recognise(identity(assurance=CallerAssurance.ATTESTED_A)) == TARO


@pytest.mark.requirement("TEL-03")
@pytest.mark.parametrize(
    ("presentation", "verdict"),
    [
        (Presentation.WITHHELD, Verdict.WITHHELD),
        (Presentation.PAYPHONE, Verdict.PAYPHONE),
        (Presentation.OUT_OF_AREA, Verdict.OUT_OF_AREA),
        (Presentation.ERROR, Verdict.LINE_ERROR),
    ],
)
@pytest.mark.parametrize("assurance", CallerAssurance)
@pytest.mark.parametrize("number", [TARO, IP_PHONE, None])
def test_a_number_that_is_not_shown_is_nobodys(
    presentation: Presentation, verdict: Verdict, assurance: CallerAssurance, number: PhoneNumber | None
) -> None:
    """Withheld, payphone, out of area and error never match, even where the line carries a number (AMB-35)."""
    heard = identity(number, presentation=presentation, assurance=assurance)
    assert CALLERS.recognise(heard) is verdict


@pytest.mark.requirement("TEL-03")
@pytest.mark.parametrize("written", ["050-1234-5678", "+81 50 1234 5678", "０５０１２３４５６７８", "05012345678"])
def test_050_is_excluded_however_it_is_written(written: str) -> None:
    """The prefix is looked at on the number in its normal form."""
    assert CALLERS.recognise(identity(PhoneNumber.parse(written))) is Verdict.EXCLUDED


@pytest.mark.parametrize("number", ["03-5012-3450", "090-5050-0500", "0566-50-0500", "0120-050-050"])
def test_050_elsewhere_in_a_number_excludes_nobody(number: str) -> None:
    """Only what is dialled first is a prefix."""
    phone = PhoneNumber.parse(number)
    assert CALLERS.recognise(identity(phone)) == phone


def test_which_prefixes_are_excluded_is_the_profiles_to_say() -> None:
    """None, or several."""
    assert CallerRules(excluded_prefixes=()).recognise(identity(IP_PHONE)) == IP_PHONE
    rules = CallerRules(excluded_prefixes=("050", "026"))
    assert rules.recognise(identity(OTHER)) is rules.recognise(identity(IP_PHONE)) is Verdict.EXCLUDED


@pytest.mark.parametrize("assurance", [CallerAssurance.NONE, CallerAssurance.ATTESTED_B, CallerAssurance.ATTESTED_C])
def test_what_nobody_answers_for_is_not_believed(assurance: CallerAssurance) -> None:
    """A From header, and signatures that do not speak of the number, are not enough by default."""
    assert CALLERS.recognise(identity(assurance=assurance)) is Verdict.UNTRUSTED


def test_who_must_answer_for_a_number_is_the_profiles_to_say() -> None:
    """Less than the carrier's word, or more."""
    lax = CallerRules(enough=frozenset(CallerAssurance) - {CallerAssurance.NONE})
    assert lax.recognise(identity(assurance=CallerAssurance.ATTESTED_C)) == TARO
    strict = CallerRules(enough=frozenset({CallerAssurance.ATTESTED_A}))
    assert strict.recognise(identity()) is Verdict.UNTRUSTED


@pytest.mark.parametrize("assurance", CallerAssurance)
def test_a_japanese_number_from_abroad_is_not_believed(assurance: CallerAssurance) -> None:
    """An international line with a number of Japan is refused, whoever answers for it."""
    assert CALLERS.recognise(identity(assurance=assurance, from_abroad=True)) is Verdict.UNTRUSTED


def test_a_foreign_number_is_the_wrong_caller() -> None:
    """A number that none of Japan's telephones has is nobody's registered one."""
    assert CALLERS.recognise(identity(None, from_abroad=True)) is Verdict.WRONG_CALLER


@pytest.mark.parametrize("prefix", ["", "50", "0５０", "+81", "050-", "abc"])
def test_prefixes_that_cannot_be(prefix: str) -> None:
    """A prefix is dialled within Japan."""
    with pytest.raises(ValueError):
        CallerRules(excluded_prefixes=("050", prefix))


def test_nobodys_word_is_never_enough() -> None:
    """No profile can believe a number that nobody answers for."""
    with pytest.raises(ValueError):
        CallerRules(enough=frozenset(CallerAssurance))


# --- Which registered number ------------------------------------------------------------------------------------------

ALIKE = PhoneNumber.parse("090-1234-9999")


@pytest.mark.requirement("TEL-05", "TEL-24")
def test_numbers_that_look_alike_are_told_apart_by_their_place() -> None:
    """Two numbers with the same mask are two choices, and each selects itself."""
    phones = [TARO, ALIKE, OTHER]
    choices = CALLERS.choices(phones, PhoneMask.HIDE_LAST_4)
    assert choices[0].shown == choices[1].shown
    assert [CALLERS.select(phones, choice.index) for choice in choices] == phones


@pytest.mark.requirement("TEL-02")
@pytest.mark.parametrize(
    ("mask", "shown"),
    [
        (PhoneMask.HIDE_LAST_4, ["090-1234-****", "026-234-****"]),
        (PhoneMask.SHOW_LAST_4, ["●●●●●●●5678", "●●●●●●5678"]),
    ],
)
def test_choices_are_masked_as_the_profile_says(mask: PhoneMask, shown: list[str]) -> None:
    """One half of each number is shown, never both."""
    assert [choice.shown for choice in CALLERS.choices([TARO, OTHER], mask)] == shown


@pytest.mark.requirement("TEL-04")
def test_a_number_that_cannot_be_selected_says_why() -> None:
    """A 050 number is listed with the reason, and selecting it is refused with the same; others keep their place."""
    why = Violation("phone_auth.excluded", {"prefix": "050"})
    assert CALLERS.choices([IP_PHONE, TARO], PhoneMask.HIDE_LAST_4) == (
        Choice(0, "050-1234-****", why),
        Choice(1, "090-1234-****", None),
    )
    assert CALLERS.select([IP_PHONE, TARO], 0) == why
    assert CALLERS.select([IP_PHONE, TARO], 1) == TARO


@pytest.mark.parametrize("index", [-2, -1, 2, 10**20])
def test_there_is_no_other_choice(index: int) -> None:
    """An index that was not offered is nobody's number, counted from the end or not."""
    assert CALLERS.select([TARO, OTHER], index) == Violation("phone_auth.no_such_choice")


def test_nobody_has_nothing_to_choose() -> None:
    """Without a registered number there is no choice."""
    assert CALLERS.choices([], PhoneMask.HIDE_LAST_4) == ()
    assert CALLERS.select([], 0) == Violation("phone_auth.no_such_choice")


# --- The window -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TEL-12")
@in_every_mode
def test_the_window_includes_its_last_instant(rules: PhoneAuthRules) -> None:
    """A call is accepted from the attempt's start to the last instant of the window, and not a microsecond later."""
    end = T0 + rules.window
    right = Verdict.VERIFIED if rules.mode is Mode.SILENT else Verdict.ANSWERED
    for at, verdict in [
        (T0 - TICK, Verdict.TOO_LATE),
        (T0, right),
        (end, right),
        (end + TICK, Verdict.TOO_LATE),
        (end + HOUR, Verdict.TOO_LATE),
    ]:
        assert rules.call(START, ROUTE, ROUTE, "a", at)[1] is verdict


@in_every_mode
def test_a_call_from_before_changes_nothing(rules: PhoneAuthRules) -> None:
    """A call that was under way before the attempt was made is none of it, and takes nothing from it."""
    assert rules.call(START, ROUTE, ROUTE, "a", T0 - TICK)[0] == START


@pytest.mark.parametrize(("seconds", "verdict"), [(300, Verdict.VERIFIED), (301, Verdict.TOO_LATE)])
@in_answered_modes
def test_the_window_holds_for_completion(rules: PhoneAuthRules, seconds: int, verdict: Verdict) -> None:
    """Who is answered in time must have keyed the digits in time, too (TEL-06, AMB-37)."""
    progress = in_call(rules, T0 + 299 * SECOND)
    assert rules.keys(progress, "a", T0 + seconds * SECOND, right=True)[1] is verdict


@in_every_mode
def test_what_has_run_out_is_over(rules: PhoneAuthRules) -> None:
    """An attempt is looked at when somebody comes; nobody has to end it."""
    end = T0 + rules.window
    assert rules.look(START, end) == START
    assert rules.look(START, end + TICK) == evolve(START, phase=Phase.EXPIRED)


@in_every_mode
def test_who_is_verified_goes_on_within_ten_minutes(rules: PhoneAuthRules) -> None:
    """From the attempt's start, that instant included; afterwards nothing can be done by it (C25)."""
    progress = completed(rules, T0 + rules.window)
    assert rules.until(progress) == T0 + LONGEST
    consumed = rules.consume(progress, T0 + LONGEST)
    assert consumed == evolve(progress, phase=Phase.CONSUMED)
    assert rules.consume(progress, T0 + LONGEST + TICK) is None
    assert rules.look(progress, T0 + LONGEST + TICK).phase is Phase.EXPIRED


@in_every_mode
def test_only_what_is_verified_is_consumed_and_once(rules: PhoneAuthRules) -> None:
    """Nothing goes on by a call that has not come, nor twice by one that has."""
    assert rules.consume(START, T0) is None
    consumed = rules.consume(completed(rules), T0)
    assert consumed is not None
    assert rules.consume(consumed, T0) is None


# --- Calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "verdict"),
    [
        (Route(OTHER, LINE), Verdict.WRONG_CALLER),
        (Route(TARO, LINE_2), Verdict.WRONG_DESTINATION),
        (Route(OTHER, LINE_2), Verdict.WRONG_CALLER),
    ],
)
@pytest.mark.parametrize("at", [T0, T0 + HOUR])
@in_every_mode
def test_a_call_on_another_route_uses_nothing_up(
    rules: PhoneAuthRules, came: Route, verdict: Verdict, at: datetime
) -> None:
    """From another telephone or to another number: told as such, and the attempt is what it was (TEL-05, TEL-13)."""
    assert rules.call(START, ROUTE, came, "a", at) == (START, verdict)


@in_every_mode
def test_a_second_call_is_a_duplicate(rules: PhoneAuthRules) -> None:
    """After the success a right call changes nothing, before and after the screen has gone on."""
    progress = completed(rules)
    assert rules.call(progress, ROUTE, ROUTE, "b", T0 + SECOND) == (progress, Verdict.DUPLICATE)
    consumed = rules.consume(progress, T0)
    assert consumed is not None
    assert rules.call(consumed, ROUTE, ROUTE, "b", T0 + SECOND) == (consumed, Verdict.DUPLICATE)


@pytest.mark.requirement("TEL-18", "TEL-25")
@in_every_mode
def test_after_going_back_no_call_counts(rules: PhoneAuthRules) -> None:
    """Back and abort end what is pending, in a call or verified; a call that comes then changes nothing."""
    stages = [START, completed(rules)] + ([in_call(rules)] if rules.mode is not Mode.SILENT else [])
    for progress in stages:
        aborted = rules.abort(progress, T0)
        assert aborted.phase is Phase.ABORTED
        assert rules.call(aborted, ROUTE, ROUTE, "b", T0) == (aborted, Verdict.ABORTED)
        assert rules.keys(aborted, "a", T0, right=True) == (aborted, Verdict.ABORTED)
        assert rules.consume(aborted, T0) is None


@in_every_mode
def test_what_is_over_cannot_be_aborted(rules: PhoneAuthRules) -> None:
    """An end is an end."""
    for phase in set(Phase) - LIVE:
        over = evolve(START, phase=phase)
        assert rules.abort(over, T0) == over


def test_a_silent_call_needs_no_digits() -> None:
    """The first right call verifies, and is remembered by its name."""
    assert SILENT.call(START, ROUTE, ROUTE, "a", T0) == (
        evolve(START, phase=Phase.VERIFIED, call="a"),
        Verdict.VERIFIED,
    )


# --- Digits -----------------------------------------------------------------------------------------------------------


@in_answered_modes
def test_three_tries_in_a_call(rules: PhoneAuthRules) -> None:
    """The third wrong entry ends the call, not the attempt; another call has three tries again (AMB-4)."""
    progress = START
    for call in ("a", "b"):
        progress, verdict = rules.call(progress, ROUTE, ROUTE, call, T0)
        assert verdict is Verdict.ANSWERED
        for expected in (Verdict.WRONG_DIGITS, Verdict.WRONG_DIGITS, Verdict.CALL_SPENT):
            progress, verdict = rules.keys(progress, call, T0, right=False)
            assert verdict is expected
        assert progress.phase is Phase.PENDING
    progress, _ = rules.call(progress, ROUTE, ROUTE, "c", T0)
    progress, _ = rules.keys(progress, "c", T0, right=False)
    assert rules.keys(progress, "c", T0, right=True)[1] is Verdict.VERIFIED


@in_answered_modes
def test_the_ninth_wrong_entry_ends_the_attempt(rules: PhoneAuthRules) -> None:
    """However they are spread over calls; then neither calls nor digits count."""
    progress, told = START, list[Verdict]()
    for call in ("a", "b", "c"):
        progress, _ = rules.call(progress, ROUTE, ROUTE, call, T0)
        for _ in range(3):
            progress, verdict = rules.keys(progress, call, T0, right=False)
            told.append(verdict)
    again = [Verdict.WRONG_DIGITS, Verdict.WRONG_DIGITS]
    assert told == [*again, Verdict.CALL_SPENT, *again, Verdict.CALL_SPENT, *again, Verdict.ATTEMPT_SPENT]
    assert progress.phase is Phase.FAILED
    assert rules.call(progress, ROUTE, ROUTE, "d", T0) == (progress, Verdict.ATTEMPT_SPENT)
    assert rules.keys(progress, "c", T0, right=True) == (progress, Verdict.ATTEMPT_SPENT)


@in_answered_modes
def test_the_newest_call_counts(rules: PhoneAuthRules) -> None:
    """A second call takes the first one's place: what is keyed in the first changes nothing, nor does its end."""
    progress, verdict = rules.call(in_call(rules), ROUTE, ROUTE, "b", T0)
    assert verdict is Verdict.ANSWERED
    assert rules.keys(progress, "a", T0, right=True) == (progress, Verdict.HUNG_UP)
    assert rules.hang_up(progress, "a", T0) == progress
    assert rules.keys(progress, "b", T0, right=True)[1] is Verdict.VERIFIED


@in_answered_modes
def test_after_hanging_up_another_call_may_come(rules: PhoneAuthRules) -> None:
    """The call is over, and so are its digits; the attempt is not (TEL-13)."""
    progress = rules.hang_up(in_call(rules), "a", T0)
    assert progress.phase is Phase.PENDING
    assert rules.keys(progress, "a", T0, right=True) == (progress, Verdict.HUNG_UP)
    assert rules.call(progress, ROUTE, ROUTE, "b", T0)[1] is Verdict.ANSWERED


@in_answered_modes
def test_hanging_up_after_the_success_takes_nothing_back(rules: PhoneAuthRules) -> None:
    """Who is verified hangs up, and is verified."""
    progress = completed(rules)
    assert rules.hang_up(progress, "a", T0) == progress


@in_answered_modes
def test_hanging_up_too_late_is_too_late(rules: PhoneAuthRules) -> None:
    """The end of a call after the window finds the attempt over."""
    assert rules.hang_up(in_call(rules), "a", T0 + rules.window + TICK).phase is Phase.EXPIRED


# --- One attempt after another ----------------------------------------------------------------------------------------


def after(previous: Progress, at: datetime, rules: PhoneAuthRules = VOICE) -> Progress:
    """The attempt that begins then."""
    begun = rules.begin(previous, at)
    assert isinstance(begun, Progress), begun
    return begun


def test_the_first_attempt_has_nothing_behind_it() -> None:
    """It starts now, with nothing counted."""
    assert VOICE.begin(None, T0) == START


@pytest.mark.parametrize("phase", [Phase.ABORTED, Phase.EXPIRED])
def test_a_new_attempt_keeps_the_count(phase: Phase) -> None:
    """Wrong digits are not forgotten by starting anew (C04)."""
    assert after(evolve(START, phase=phase, wrong=8), T0 + SECOND).wrong == 8
    progress, _ = VOICE.call(after(evolve(START, phase=phase, wrong=8), T0), ROUTE, ROUTE, "a", T0)
    assert VOICE.keys(progress, "a", T0, right=False)[1] is Verdict.ATTEMPT_SPENT


@in_every_mode
def test_a_success_clears_the_count(rules: PhoneAuthRules) -> None:
    """Even where nobody goes on by it."""
    begun = evolve(START, wrong=8)
    progress, verdict = rules.call(begun, ROUTE, ROUTE, "a", T0)
    if verdict is Verdict.ANSWERED:
        progress, _ = rules.keys(progress, "a", T0, right=True)
    assert after(rules.abort(progress, T0), T0).wrong == 0


def test_after_too_many_wrong_digits_there_is_a_rest() -> None:
    """From the attempt's start, up to but without its end; then the count starts anew."""
    failed = evolve(START, phase=Phase.FAILED, wrong=9)
    assert VOICE.begin(failed, T0 + HOUR - TICK) == TooMany(T0 + HOUR)
    assert after(failed, T0 + HOUR).wrong == 0


def test_rules_that_were_tightened_hold_at_once() -> None:
    """A count that is beyond the new limit fails with the next wrong entry."""
    strict = evolve(VOICE, tries=3)
    progress, _ = strict.call(after(evolve(START, phase=Phase.ABORTED, wrong=7), T0), ROUTE, ROUTE, "a", T0)
    assert strict.keys(progress, "a", T0, right=False)[1] is Verdict.ATTEMPT_SPENT


def test_so_many_attempts_start_within_an_hour() -> None:
    """The eleventh waits until the first of the ten is an hour old (C29)."""
    progress = START
    for number in range(1, 10):
        progress = after(rules_ended(progress), T0 + number * SECOND)
    assert VOICE.begin(rules_ended(progress), T0 + 59 * SECOND) == TooMany(T0 + HOUR)
    assert VOICE.begin(rules_ended(progress), T0 + HOUR - TICK) == TooMany(T0 + HOUR)
    next_one = after(rules_ended(progress), T0 + HOUR)
    assert len(next_one.earlier) == 9
    assert VOICE.begin(rules_ended(next_one), T0 + HOUR) == TooMany(T0 + HOUR + SECOND)


def rules_ended(progress: Progress) -> Progress:
    """The attempt, given up."""
    return VOICE.abort(progress, progress.start)


@given(st.lists(st.integers(0, 400), max_size=60))
def test_no_hour_sees_more_than_ten_starts(pauses: list[int]) -> None:
    """Whatever the pauses, and nobody is refused while fewer have started."""
    now, previous, starts = T0, None, list[datetime]()
    for pause in pauses:
        now += pause * SECOND
        begun = VOICE.begin(previous, now)
        recent = [start for start in starts if now - start < HOUR]
        if isinstance(begun, TooMany):
            assert len(recent) == 10
            assert begun.until == recent[0] + HOUR
        else:
            assert len(recent) < 10
            starts.append(now)
            previous = rules_ended(begun)


# --- The table and the rules ------------------------------------------------------------------------------------------


def test_nothing_leads_out_of_an_end() -> None:
    """What is not live stays what it is."""
    assert not [cell for cell in NEXT if cell[0] not in LIVE]


def test_everything_live_can_be_ended() -> None:
    """Whatever is live can be aborted and runs out; whatever is not yet verified is no way to go on."""
    assert {
        phase for phase, act in product(LIVE, Act) if act in {Act.ABORT, Act.RUN_OUT} and (phase, act) in NEXT
    } == LIVE
    assert [phase for phase, act in NEXT if act is Act.CONSUME] == [Phase.VERIFIED]
    assert {(phase, act) for (phase, act), then in NEXT.items() if then is Phase.VERIFIED} == {
        (Phase.PENDING, Act.RING),
        (Phase.IN_CALL, Act.KEY_RIGHT),
    }


@pytest.mark.parametrize("window", [timedelta(0), -SECOND, LONGEST + TICK, HOUR])
def test_windows_that_cannot_be(window: timedelta) -> None:
    """A window is longer than nothing, and no longer than ten minutes (C25)."""
    with pytest.raises(ValueError):
        PhoneAuthRules(mode=Mode.SILENT, window=window)


@pytest.mark.parametrize("window", [TICK, LONGEST])
def test_windows_that_can_be(window: timedelta) -> None:
    """Its bounds are windows."""
    assert PhoneAuthRules(mode=Mode.SILENT, window=window).window == window


def test_the_fewest_of_everything_can_be() -> None:
    """One ring, one start and one try in a call are rules."""
    fewest = PhoneAuthRules(
        mode=Mode.VOICE, window=TICK, digits=FEWEST_DIGITS, tries_per_call=1, tries=1, rings=1, starts_per_hour=1
    )
    assert (fewest.tries_per_call, fewest.tries, fewest.rings, fewest.starts_per_hour) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"digits": FEWEST_DIGITS - 1},
        {"tries_per_call": 0},
        {"tries": 2},
        {"rings": 0},
        {"starts_per_hour": 0},
        {"rest": LONGEST - TICK},
    ],
    ids=lambda change: next(iter(change)),
)
def test_rules_that_cannot_be(change: dict[str, Any]) -> None:
    """At least four digits, a ring, a start and a try; no more tries in a call than in all; a rest that can be one."""
    with pytest.raises(ValueError):
        evolve(VOICE, **change)


@pytest.mark.parametrize(
    "change",
    [{"digits": 4}, {"tries_per_call": 9}, {"tries": 3}, {"rings": 1}, {"starts_per_hour": 1}, {"rest": LONGEST}],
    ids=lambda change: next(iter(change)),
)
def test_rules_that_can_be(change: dict[str, Any]) -> None:
    """Their bounds are rules."""
    rules = evolve(VOICE, **change)
    assert {name: getattr(rules, name) for name in change} == change
