"""Token: every way through its life, its set-up, its start password and its method."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.messages import LANGUAGES, Language, phrase
from janetbank.policies.token import (
    FIRST_METHOD,
    NEXT,
    NEXT_METHOD,
    MethodEvent,
    MethodRules,
    SetUp,
    SetUpRules,
    StartPasswordRules,
    TokenChoice,
    TokenEvent,
    TokenForm,
    TokenState,
    display_name,
    may_apply,
    menu,
)
from janetbank.values import JST, Secret
from janetbank.values.app_version import OLDEST, AppVersion
from janetbank.values.guessable import PersonalData
from janetbank.values.otp_method import OtpMethod
from janetbank.values.violation import InvalidValue
from tests.values.refusals import refusal

S, E = TokenState, TokenEvent
T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)

# --- Life -----------------------------------------------------------------------------------------------------------

WAY = [
    (S.NONE, E.APPLY),
    (S.PHONE_PENDING, E.PROVE_PHONE),
    (S.ISSUED, E.COMPLETE_SET_UP),
    (S.PROVISIONED, E.START_USE),
]
ORDER = [*(state for state, _ in WAY), S.IN_USE]
ENDS = {S.CANCELLED, S.STOPPED, S.REPLACED}
WITH_CODES = {S.PROVISIONED, S.IN_USE}


def reachable(start: TokenState, *, without: frozenset[TokenEvent] = frozenset()) -> set[TokenState]:
    """The states that *start* leads to, itself included, by events other than *without*."""
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for (state, event), after in NEXT.items():
            if state is here and event not in without and after not in found:
                found.add(after)
                todo.append(after)
    return found


def test_the_way_into_use() -> None:
    """Applied for, telephone proved, app set up, use started: in this order, and then it is in use."""
    state = S.NONE
    for (here, event), after in zip(WAY, ORDER[1:], strict=True):
        assert state is here
        state = NEXT[state, event]
        assert state is after


def test_every_cell_is_meant() -> None:
    """The table holds the way into use, the ways out of it, and not one cell more."""
    expected = dict(zip(WAY, ORDER[1:], strict=True))
    expected[S.PHONE_PENDING, E.GIVE_UP] = S.NONE
    expected[S.ISSUED, E.FETCH_SEED] = S.ISSUED
    expected |= {(S.ISSUED, event): S.VOID for event in (E.USE_UP_TRIES, E.MISS_DEADLINE)}
    expected |= {(state, E.LOCK): S.LOCKED for state in WITH_CODES}
    expected[S.IN_USE, E.CANCEL] = S.CANCELLED
    expected |= {(state, E.STOP): S.STOPPED for state in (S.ISSUED, S.PROVISIONED, S.IN_USE, S.LOCKED, S.VOID)}
    expected |= {(state, E.REPLACE): S.REPLACED for state in (S.ISSUED, S.PROVISIONED, S.IN_USE, S.LOCKED, S.VOID)}
    assert dict(NEXT) == expected


@pytest.mark.parametrize("event", [event for _, event in WAY])
def test_no_event_can_be_left_out(event: TokenEvent) -> None:
    """Without any one event of the way nobody gets past it, and no code is of use."""
    at = [forward for _, forward in WAY].index(event)
    reached = reachable(S.NONE, without=frozenset({event}))
    assert reached & set(ORDER) == set(ORDER[: at + 1])


@pytest.mark.parametrize(("state", "event"), list(product(sorted(ENDS, key=str), E)))
def test_an_end_is_an_end(state: TokenState, event: TokenEvent) -> None:
    """What was given up, stopped or replaced never lives again: the next token is another one."""
    assert (state, event) not in NEXT


@pytest.mark.parametrize("state", [S.LOCKED, S.VOID])
def test_what_is_locked_or_void_is_never_used_again(state: TokenState) -> None:
    """From a locked or void token nothing leads back to one whose codes count."""
    assert not reachable(state) & {S.ISSUED, *WITH_CODES}
    assert S.REPLACED in reachable(state)


def test_set_up_succeeds_once() -> None:
    """Seeds are fetched again and again until set-up is complete, and never after; so a token has one device."""
    assert {state for state, event in NEXT if event is E.FETCH_SEED} == {S.ISSUED}
    assert {state for state, event in NEXT if event is E.COMPLETE_SET_UP} == {S.ISSUED}
    assert S.ISSUED not in reachable(S.PROVISIONED)


def test_every_state_is_met() -> None:
    """From the application on, each state can come about."""
    assert reachable(S.NONE) == set(S)


@given(st.lists(st.sampled_from(E), max_size=40))
def test_any_events_in_any_order(events: list[TokenEvent]) -> None:
    """However events tumble in, a token is in use only after its telephone, its set-up and its start, in this order."""
    state, done = S.NONE, list[TokenEvent]()
    for event in events:
        if (after := NEXT.get((state, event))) is None:
            continue
        state = after
        done = [] if state in {S.NONE, S.PHONE_PENDING} else [*done, event]
        if state is S.IN_USE:
            assert [one for one in done if one is not E.FETCH_SEED] == [E.PROVE_PHONE, E.COMPLETE_SET_UP, E.START_USE]


@pytest.mark.requirement("OTP-10")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_state_has_its_words(lang: Language) -> None:
    """Each state is shown by words of its own; a token in use reads 「サービス利用中」."""
    assert phrase("tokenstate.in_use", "ja") == "サービス利用中"
    assert len({phrase(f"tokenstate.{state.value}", lang) for state in S}) == len(S)


@pytest.mark.requirement("LGN-06")
@pytest.mark.parametrize(
    ("cancelled", "now", "expected"),
    [
        ("2026-04-01 00:00", "2026-04-01 23:59", False),
        ("2026-04-01 23:59", "2026-04-02 00:00", True),
        ("2026-04-01 00:00", "2026-04-02 00:00", True),
        ("2026-04-03 15:00", "2026-04-04 00:00", True),  # a Saturday
        ("2026-12-31 12:00", "2027-01-01 00:00", True),
        ("2026-04-02 00:00", "2026-04-01 12:00", False),
    ],
)
def test_again_from_the_next_day_in_japan(cancelled: str, now: str, *, expected: bool) -> None:
    """After a cancellation a new token is applied for from the next day in Japan: any day, at its first instant."""
    moments = [datetime.fromisoformat(moment).replace(tzinfo=JST) for moment in (cancelled, now)]
    since, then = (moment.astimezone(UTC) for moment in moments)
    assert may_apply(S.CANCELLED, since, then) is expected
    assert may_apply(S.CANCELLED, since, then - TICK) is (expected and not now.endswith("00:00"))


@pytest.mark.parametrize("state", [one for one in S if one is not S.CANCELLED])
def test_who_may_apply_at_once(state: TokenState) -> None:
    """Who has no token, or had his stopped at the branch, applies at once; whoever has one has it reissued instead."""
    for later in (timedelta(0), timedelta(days=400)):
        assert may_apply(state, T0, T0 + later) is (state in {S.NONE, S.STOPPED})


@pytest.mark.parametrize("state", S)
def test_a_way_stays_open(state: TokenState) -> None:
    """From every state the customer gets to a token in use: on the way, by reissue, or by applying again."""
    on_the_way = S.IN_USE in reachable(state)
    reissued = (state, E.REPLACE) in NEXT or state is S.REPLACED
    assert on_the_way or reissued or may_apply(state, T0, T0 + timedelta(days=1))


def test_a_cancellation_is_not_undone_by_a_reissue() -> None:
    """What must wait for the next day cannot be had on the same day by another door, and a stop is the branch's."""
    assert all((state, E.REPLACE) not in NEXT for state in ENDS)


# --- Menu -----------------------------------------------------------------------------------------------------------

C = TokenChoice
OFFERED = {
    S.NONE: [C.ISSUE],
    S.PHONE_PENDING: [C.ISSUE],
    S.PROVISIONED: [C.START_USE],
    S.IN_USE: [C.CANCEL, C.CHANGE_METHOD],
    S.STOPPED: [C.ISSUE],
}
"""In every other state there is nothing to choose on the day itself."""


@pytest.mark.parametrize("state", S)
def test_the_menu_offers_what_can_be_done(state: TokenState) -> None:
    """Each state its choices, in the order of the screen; after a cancellation an issue from the next day on."""
    offered = menu(state, T0, T0, entitled=True, by_form=(), methods=True)
    assert list(offered) == OFFERED.get(state, [])
    later = menu(state, T0, T0 + timedelta(days=1), entitled=True, by_form=(), methods=True)
    assert list(later) == ([C.ISSUE] if state is S.CANCELLED else OFFERED.get(state, []))


@pytest.mark.parametrize("state", S)
def test_the_menu_offers_no_more_than_a_bank_does(state: TokenState) -> None:
    """No issue to whom no token is due, no cancellation where that takes a form, no method where there is one."""
    every = set(menu(state, T0, T0, entitled=True, by_form=(), methods=True))
    assert set(menu(state, T0, T0, entitled=False, by_form=(), methods=True)) == every - {C.ISSUE}
    assert set(menu(state, T0, T0, entitled=True, by_form=(TokenForm.CANCEL,), methods=True)) == every - {C.CANCEL}
    assert set(menu(state, T0, T0, entitled=True, by_form=(TokenForm.STOP,), methods=True)) == every
    assert set(menu(state, T0, T0, entitled=True, by_form=(), methods=False)) == every - {C.CHANGE_METHOD}


# --- Set-up ---------------------------------------------------------------------------------------------------------


def test_set_up_starts_again() -> None:
    """Of several devices, or one that starts again, only the one that fetched last completes, with what it fetched."""
    first = SetUp().fetched_by("one")
    again = first.fetched_by("one")
    other = again.fetched_by("two")
    assert [step.seed for step in (first, again, other)] == [1, 2, 3]
    assert first.completed_by("one", 1)
    assert not again.completed_by("one", 1)
    assert again.completed_by("one", 2)
    assert not other.completed_by("one", 3)
    assert not other.completed_by("two", 2)
    assert other.completed_by("two", 3)


def test_set_up_is_not_completed_before_it_begins() -> None:
    """Where no seed was fetched nobody completes anything."""
    assert not SetUp().completed_by("", 0)
    assert not SetUp().completed_by("one", 1)


@pytest.mark.parametrize(("late", "expected"), [(-TICK, True), (timedelta(0), True), (TICK, False)])
def test_the_last_instant_of_set_up(late: timedelta, *, expected: bool) -> None:
    """The app is set up until its deadline, the last instant included."""
    rules = SetUpRules(window=3 * MINUTE)
    assert rules.in_time(T0, T0 + 3 * MINUTE + late) is expected


@pytest.mark.parametrize("window", [timedelta(0), -MINUTE])
def test_no_time_to_set_up(window: timedelta) -> None:
    """A deadline that has passed when it begins is none."""
    with pytest.raises(ValueError, match="time"):
        SetUpRules(window=window)


# --- Start password -------------------------------------------------------------------------------------------------

RULES = StartPasswordRules()
TARO = PersonalData(birth_date=date(1980, 1, 2), phones=("090-1234-8642",), accounts=("7654321",))


def codes(password: str, rules: StartPasswordRules = RULES, about: PersonalData = TARO) -> list[str]:
    """Why *password* cannot be set."""
    return [violation.code for violation in rules.check(Secret(password), about=about)]


@pytest.mark.parametrize("password", ["3917", "39175", "391752", "3917528", "39175284", "３９１７"])
def test_four_to_eight_digits(password: str) -> None:
    """Four to eight digits, of either width, are a start password."""
    assert codes(password) == []
    assert RULES.canonical(Secret("３９１７")) == Secret("3917")


@pytest.mark.parametrize(
    "password", ["", "391", "391752846", "391a", "39-17", " 3917", "3917\n", "٣٩١٧", "\ud800391", "²²²²"]
)
def test_anything_else_is_none(password: str) -> None:
    """Fewer or more, or anything that is no digit, is refused for its form alone."""
    assert RULES.check(Secret(password)) == RULES.check(Secret(""))
    (violation,) = RULES.check(Secret(password))
    assert (violation.code, dict(violation.params)) == ("start_password.shape", {"min": 4, "max": 8})


@pytest.mark.parametrize(
    ("password", "kind"),
    [
        ("1111", "run"),
        ("1234", "sequence"),
        ("8765", "sequence"),
        ("2580", "keyboard"),
        ("121212", "repeat"),
        ("0102", "birth_date"),
        ("1980", "birth_date"),
        ("19800102", "birth_date"),
        ("8642", "phone"),
        ("7654321", "account"),
    ],
)
def test_what_anybody_would_try_first(password: str, kind: str) -> None:
    """What consists of nothing but what can be guessed is refused, and it is said what that is."""
    assert f"start_password.guessable.{kind}" in codes(password)
    assert codes(password, StartPasswordRules(floor=0)) == []


@given(st.from_regex(r"[0-9]{4,8}", fullmatch=True))
def test_few_are_refused_and_every_refusal_has_words(password: str) -> None:
    """Whatever the digits: each reason can be said in both languages, and holds nothing of them."""
    for violation in RULES.check(Secret(password), about=TARO):
        assert not violation.params
        for lang in LANGUAGES:
            assert phrase(violation.code, lang)


def test_one_digit_of_its_own_is_enough() -> None:
    """A start password with a single digit left beside what can be guessed may be set, if no more is asked for."""
    assert codes("1239") == []
    assert codes("1239", StartPasswordRules(floor=2)) == ["start_password.guessable.sequence"]


@pytest.mark.parametrize(("low", "high"), [(1, 1), (4, 4), (4, 8)])
def test_lengths_that_can_be(low: int, high: int) -> None:
    """One length or several, from a single digit on."""
    rules = StartPasswordRules(min=low, max=high, floor=0)
    assert codes("7" * low, rules) == codes("7" * high, rules) == []
    assert codes("7" * (low - 1), rules) == codes("7" * (high + 1), rules) == ["start_password.shape"]


@pytest.mark.parametrize(("low", "high"), [(0, 8), (5, 4)])
def test_lengths_that_cannot_be(low: int, high: int) -> None:
    """No digits at all, or more at least than at most, is no length."""
    with pytest.raises(ValueError, match="digits"):
        StartPasswordRules(min=low, max=high)


# --- Display name ---------------------------------------------------------------------------------------------------


@pytest.mark.requirement("APP-12")
def test_the_display_name() -> None:
    """Additional wording follows the name; without any, or with nothing but spaces, the name stays."""
    assert display_name("ＪＡネットバンク", "妻") == "ＪＡネットバンク 妻"
    assert display_name("ＪＡネットバンク", "") == "ＪＡネットバンク"
    assert display_name("ＪＡネットバンク", " \u3000") == "ＪＡネットバンク"
    assert display_name("JA", " 家計\u3000用 ") == "JA 家計\u3000用"
    assert display_name("JA", "か\u3099") == "JA が"


def test_wording_that_is_too_long() -> None:
    """Wording has at most twenty characters."""
    assert display_name("JA", "あ" * 20).endswith("あ")
    with pytest.raises(InvalidValue) as refused:
        display_name("JA", "あ" * 21)
    assert (refused.value.violation.code, refused.value.violation.params) == ("token_name.length", {"longest": 20})


@pytest.mark.parametrize("letter", list("\n\u202e\u200b\x00\ud800"))
def test_wording_that_nobody_sees(letter: str) -> None:
    """What is not seen is no wording."""
    assert refusal(lambda: display_name("JA", f"a{letter}b")) == "token_name.character"


# --- Method ---------------------------------------------------------------------------------------------------------

JA = MethodRules(txa_from=AppVersion("4.0"))
NEW, OLD = AppVersion("4.10"), AppVersion("3.9.9")


def test_every_method_cell_is_meant() -> None:
    """Chosen, confirmed in the app, given up from either: and not one cell more; it begins with the code."""
    assert dict(NEXT_METHOD) == {
        (OtpMethod.PASSCODE, MethodEvent.CHOOSE_TXA): OtpMethod.TXA_PENDING_APP,
        (OtpMethod.TXA_PENDING_APP, MethodEvent.CONFIRM_IN_APP): OtpMethod.TXA_ENABLED,
        (OtpMethod.TXA_PENDING_APP, MethodEvent.CHOOSE_PASSCODE): OtpMethod.PASSCODE,
        (OtpMethod.TXA_ENABLED, MethodEvent.CHOOSE_PASSCODE): OtpMethod.PASSCODE,
    }
    assert FIRST_METHOD is OtpMethod.PASSCODE


def test_nothing_is_enabled_without_the_app() -> None:
    """The last thing that happens before transaction authentication is enabled is its confirmation in the app."""
    into = {event for (_, event), after in NEXT_METHOD.items() if after is OtpMethod.TXA_ENABLED}
    assert into == {MethodEvent.CONFIRM_IN_APP}
    assert (OtpMethod.PASSCODE, MethodEvent.CONFIRM_IN_APP) not in NEXT_METHOD


def why(
    event: MethodEvent,
    *,
    rules: MethodRules = JA,
    token: TokenState = S.IN_USE,
    app: AppVersion = NEW,
    ticked: bool = True,
) -> list[str]:
    """Why the customer may not do *event*."""
    return [
        violation.code.removeprefix("otp_method.")
        for violation in rules.check(event, token=token, app=app, ticked=ticked)
    ]


@pytest.mark.requirement("OTP-18")
@pytest.mark.parametrize(("event", "token"), list(product(MethodEvent, S)))
def test_only_who_has_a_token_in_use_has_a_method(event: MethodEvent, token: TokenState) -> None:
    """With a token in use the method may be changed, and in no other state of it."""
    assert why(event, token=token) == ([] if token is S.IN_USE else ["token_not_in_use"])


@pytest.mark.requirement("TXA-01")
@pytest.mark.parametrize(
    ("app", "expected"),
    [
        ("4.0", True),
        ("4", True),
        ("4.10", True),
        ("10.0", True),
        ("3.9.9", False),
        ("3.10", False),
        (None, False),
        ("?", False),
    ],
)
def test_the_app_is_new_enough(app: str | None, *, expected: bool) -> None:
    """Transaction authentication takes app version 4.0 or newer; unknown is too old; the code takes any."""
    version = AppVersion.reported(app)
    for event in (MethodEvent.CHOOSE_TXA, MethodEvent.CONFIRM_IN_APP):
        assert why(event, app=version) == ([] if expected else ["app_too_old"])
    assert why(MethodEvent.CHOOSE_PASSCODE, app=version) == []


def test_the_box_is_ticked_on_the_way_to_transaction_authentication_only() -> None:
    """That the app is the latest is confirmed where transaction authentication is chosen, and nowhere else."""
    assert why(MethodEvent.CHOOSE_TXA, ticked=False) == ["not_ticked"]
    assert why(MethodEvent.CONFIRM_IN_APP, ticked=False) == []
    assert why(MethodEvent.CHOOSE_PASSCODE, ticked=False) == []


def test_where_it_is_not_offered() -> None:
    """A bank without transaction authentication refuses it, whatever the app; the code is always there."""
    plain = MethodRules(txa_from=None)
    for event in (MethodEvent.CHOOSE_TXA, MethodEvent.CONFIRM_IN_APP):
        assert why(event, rules=plain) == ["not_offered"]
    assert why(MethodEvent.CHOOSE_PASSCODE, rules=plain) == []


def test_all_reasons_at_once() -> None:
    """Everything that stands in the way is said at once, and in both languages."""
    violations = JA.check(MethodEvent.CHOOSE_TXA, token=S.PROVISIONED, app=OLD, ticked=False)
    assert [violation.code for violation in violations] == [
        "otp_method.token_not_in_use",
        "otp_method.app_too_old",
        "otp_method.not_ticked",
    ]
    assert violations[2].field == "ticked"
    for violation, lang in product(violations, LANGUAGES):
        assert phrase(violation.code, lang, **violation.params)
    assert "4.0" in phrase(violations[1].code, "ja", **violations[1].params)


@pytest.mark.parametrize("version", [OLDEST, AppVersion("0.0")])
def test_a_version_that_says_nothing(version: AppVersion) -> None:
    """Rules that would let an unknown version in are not made."""
    with pytest.raises(ValueError, match="version"):
        MethodRules(txa_from=version)
