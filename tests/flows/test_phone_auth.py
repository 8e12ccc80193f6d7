"""Phone authentication as a whole: screen, telephone, desk and store."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve

from janetbank.flows.phone_auth import (
    AnotherWaits,
    LinesTaken,
    NoEligiblePhone,
    NoSuchAttempt,
    PhoneAborted,
    PhoneChoices,
    Recognised,
    Started,
    TimedOut,
    TooManyAttempts,
    Waiting,
    WrongTooOften,
    draw_digits,
)
from janetbank.flows.refusals import Rejected
from janetbank.messages import LANGUAGES, Language, phrase, text
from janetbank.model.contract import Contract
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.phone_auth import LONGEST, Mode, PhoneAuthRules, Verdict
from janetbank.ports.failures import Unavailable
from janetbank.ports.telephony import Goodbye, IncomingCall, Reject, Script
from janetbank.testing.bank import Enrollee, Person, bank
from janetbank.values.account import Account
from janetbank.values.caller import CallerAssurance, CallerIdentity, Presentation
from janetbank.values.phone import PhoneMask, PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.telephony.memory import Heard, Keying, Telephone, by_turns, hang_up, press, repeat, wrong
from tests.flows.phone_scene import SCREEN_CODE, SILENT, VOICE, WINDOW, PhoneScene, phone_scene, with_rules
from tests.flows.scene import HANAKO, TICK, contract_of, entries_of, kinds, rewrite

SECOND = timedelta(seconds=1)
HOUR = timedelta(minutes=60)
IP_PHONE = "050-1234-5678"

PURPOSES = [SILENT, VOICE, SCREEN_CODE]
for_every_purpose = pytest.mark.parametrize("purpose", PURPOSES, ids=lambda purpose: purpose.value)


def keying(started: Started) -> Keying:
    """What a customer does who sees the screen: key its digits, or those he hears."""
    return press(started.screen_code.reveal()) if started.screen_code else repeat


def dial(telephone: Telephone, started: Started) -> Heard:
    """Call the number on the screen and do what is asked."""
    return telephone.dial(started.destination, keying(started))


@pytest.mark.requirement("TEL-09")
def test_digits_are_any_digits() -> None:
    """As many are drawn as are asked for, each of them one of the ten."""
    drawn = draw_digits(bank().net.platform, 300).reveal()
    assert (len(drawn), set(drawn)) == (300, set("0123456789"))


# --- The way through --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TEL-01", "TEL-15")
def test_a_silent_call_recognises() -> None:
    """The call rings three times and is dropped, never answered, without a word; the screen goes on by it."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=SILENT)
    assert started.until == scene.there.clock.now() + 120 * SECOND
    assert scene.auth.poll(token, started.attempt) == Waiting(started.until)
    heard = scene.phone(taro).dial(started.destination)
    assert heard == Heard(rings=3, answered=False, said=(), why=Verdict.VERIFIED)
    assert scene.auth.poll(token, started.attempt) == Recognised(scene.there.clock.now() + LONGEST)
    assert isinstance(scene.go_on(taro, token, started.attempt, SILENT), Contract)


@pytest.mark.requirement("TEL-16")
def test_a_voice_call_recognises() -> None:
    """Digits are read out after a word on push tones, keyed back, and the caller is sent back to his screen."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    assert started.until == scene.there.clock.now() + WINDOW
    assert started.screen_code is None
    heard = scene.phone(taro).dial(started.destination, repeat)
    assert heard.answered
    assert heard.said == ("voice.greeting", "voice.push_tones", "voice.key_spoken", "voice.recognised")
    (spoken,) = heard.spoken
    assert len(spoken) == 4
    assert spoken.reveal().isdecimal()
    assert isinstance(scene.auth.poll(token, started.attempt), Recognised)
    assert isinstance(scene.go_on(taro, token, started.attempt), Contract)


def test_a_call_with_the_screens_digits_recognises() -> None:
    """The digits stand on the screen alone; nobody reads them out, and keying them ties the two together (C27)."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=SCREEN_CODE)
    code = started.screen_code
    assert code is not None
    assert len(code) == 4
    heard = scene.phone(taro).dial(started.destination, press(code.reveal()))
    assert heard.said == ("voice.greeting", "voice.push_tones", "voice.key_shown", "voice.recognised")
    assert not heard.spoken
    assert isinstance(scene.go_on(taro, token, started.attempt, SCREEN_CODE), Contract)


@for_every_purpose
def test_what_is_recognised_serves_once(purpose: OnlineProcedure) -> None:
    """Going on uses the attempt up, for good."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=purpose)
    assert scene.go_on(taro, token, started.attempt, purpose) == Waiting(started.until)
    dial(scene.phone(taro), started)
    assert isinstance(scene.go_on(taro, token, started.attempt, purpose), Contract)
    assert scene.go_on(taro, token, started.attempt, purpose) == NoSuchAttempt()
    assert scene.auth.poll(token, started.attempt) == NoSuchAttempt()
    assert dial(scene.phone(taro), started).why is Verdict.DUPLICATE


def test_the_chain_tells_the_story() -> None:
    """Start, what came of each call, and what became of it stand in the contract's chain, and no telephone's number."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    before = len(entries_of(scene.there, taro))
    started = scene.start(taro, token)
    scene.phone(taro).dial(started.destination, by_turns([wrong, repeat]))
    scene.go_on(taro, token, started.attempt)
    entries = entries_of(scene.there, taro)[before:]
    assert kinds(entries) == ["PhoneAuthStarted", *["PhoneCallNoted"] * 3, "PhoneAuthEnded"]
    assert scene.noted(taro) == ["answered", "wrong_digits", "verified"]
    assert [entry.data["phase"] for entry in entries[1:]] == ["in_call", "in_call", "verified", "consumed"]
    assert entries[0].data == {
        "attempt": started.attempt,
        "purpose": "token_issue",
        "mode": "voice",
        "choice": 0,
        "destination": started.destination,
    }
    assert not any("1234" in str(entry.data) for entry in entries)


# --- Which telephone --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TEL-02", "TEL-24")
def test_registered_numbers_are_offered_masked() -> None:
    """Each by its place, without its last four digits; the screen then shows the selected one in the same way."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    told = scene.auth.choices([PhoneNumber.parse(phone) for phone in taro.person.phones])
    assert isinstance(told, PhoneChoices)
    assert [(choice.index, choice.shown, choice.violation) for choice in told.choices] == [
        (0, "090-1234-****", None),
        (1, "026-234-****", None),
    ]
    assert scene.start(taro, token, choice=1).source == "026-234-****"


def test_the_mask_is_the_profiles() -> None:
    """A bank that shows the last four digits shows them here, too (PRF-09)."""
    scene = phone_scene()
    platform = scene.there.net.platform
    other = evolve(platform, profile=evolve(platform.profile, phone_mask=PhoneMask.SHOW_LAST_4))
    scene = evolve(scene, auth=evolve(scene.auth, platform=other))
    taro, token = scene.there.customer(), scene.token()
    assert scene.start(taro, token).source == "●●●●●●●5678"


@pytest.mark.requirement("TEL-11", "TEL-10")
def test_the_screen_shows_whence_masked_and_whither_in_full() -> None:
    """The destination is one of the pool's numbers, all of it, and the caller is told to look at its six digits."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    assert PhoneNumber.parse(started.destination) in scene.exchange.pool.numbers
    assert "5678" not in repr(started) + text(started)
    assert started.source in text(started)
    assert started.destination in text(started)
    assert "phone_auth.hint.six_digits" in started.hints


@pytest.mark.requirement("TEL-05")
@for_every_purpose
def test_the_call_comes_from_the_selected_number(purpose: OnlineProcedure) -> None:
    """Another registered telephone of the same customer is the wrong one, and uses nothing up."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, choice=1, purpose=purpose)
    attempt = scene.attempt(started)
    assert dial(scene.phone(taro, 0), started) == Heard(why=Verdict.WRONG_CALLER)
    assert scene.attempt(started) == attempt
    assert dial(scene.phone(taro, 1), started).why is Verdict.VERIFIED


@pytest.mark.requirement("TEL-05")
def test_numbers_with_one_mask_are_two_numbers() -> None:
    """Selection is by place, so two numbers that look alike on the screen are not confused."""
    scene = phone_scene()
    person = evolve(HANAKO, phones=("090-1234-1111", "090-1234-2222"))
    hanako, token = scene.there.customer("hoshi77x", person=person), scene.token()
    started = scene.start(hanako, token, choice=1, purpose=SILENT)
    assert scene.phone(hanako, 0).dial(started.destination).why is Verdict.WRONG_CALLER
    assert scene.phone(hanako, 1).dial(started.destination).why is Verdict.VERIFIED


@pytest.mark.requirement("TEL-04")
def test_who_has_nothing_but_050_goes_to_the_counter() -> None:
    """Each number says why it cannot be used, in both languages; nothing is started."""
    scene = phone_scene()
    hanako, token = scene.there.customer("hoshi77x", person=evolve(HANAKO, phones=(IP_PHONE,))), scene.token()
    told = scene.try_start(hanako, token)
    assert isinstance(told, NoEligiblePhone)
    (choice,) = told.choices
    assert choice.shown == "050-1234-****"
    assert choice.violation is not None
    assert "050" in text(choice.violation, "ja")
    assert "050" in text(choice.violation, "en")
    assert "窓口" in text(told)


def test_who_has_no_number_goes_to_the_counter() -> None:
    """Without a registered number there is none to call from."""
    assert phone_scene().auth.choices([]) == NoEligiblePhone(())


@pytest.mark.parametrize(
    ("choice", "code"),
    [(0, "phone_auth.excluded"), (-1, "phone_auth.no_such_choice"), (2, "phone_auth.no_such_choice")],
)
def test_what_cannot_be_selected_is_rejected(choice: int, code: str) -> None:
    """A number that is listed with a reason, or one that is not listed, starts nothing."""
    scene = phone_scene()
    person = evolve(HANAKO, phones=(IP_PHONE, "080-8765-4321"))
    hanako, token = scene.there.customer("hoshi77x", person=person), scene.token()
    told = scene.try_start(hanako, token, choice)
    assert isinstance(told, Rejected)
    assert [(violation.code, violation.field) for violation in told.violations] == [(code, "phone")]
    scene.start(hanako, token, 1)


@pytest.mark.requirement("TEL-17")
def test_each_mode_has_its_hints() -> None:
    """What to look out for is told for the mode at hand, and has a text in both languages."""
    scene = phone_scene()
    hints: dict[OnlineProcedure, set[str]] = {}
    for number, purpose in enumerate(PURPOSES):
        who = scene.there.customer(f"kaze{number}8nd", person=evolve(Person(), account=_account(number)))
        started = scene.start(who, scene.token(), purpose=purpose)
        hints[purpose] = set(started.hints)
        assert all(said(started, lang) for lang in LANGUAGES)
    assert "phone_auth.hint.silent" in hints[SILENT] - hints[VOICE]
    assert {"phone_auth.hint.voice", "phone_auth.hint.push_tones"} <= hints[VOICE] - hints[SILENT]
    assert "phone_auth.hint.screen_code" in hints[SCREEN_CODE] - hints[VOICE]
    assert {"phone_auth.hint.no_ringing", "phone_auth.hint.smartphone", "phone_auth.hint.stay"} <= hints[SILENT]


def said(started: Started, lang: Language) -> list[str]:
    """What an application shows beside the number to call."""
    return [phrase(hint, lang, excluded=started.excluded, rings=started.rings) for hint in started.hints]


@pytest.mark.requirement("TEL-03", "TEL-15", "TEL-21")
@pytest.mark.parametrize(
    ("prefixes", "ja", "en"),
    [
        ((), (), ()),
        (
            ("050",),
            ("「050」で始まる番号からは認証できません。",),
            ("Numbers that begin with 050 cannot be recognised.",),
        ),
        (
            ("050", "0570"),
            ("「050, 0570」で始まる番号からは認証できません。",),
            ("Numbers that begin with 050, 0570 cannot be recognised.",),
        ),
    ],
)
def test_numbers_in_hints_are_the_banks(prefixes: tuple[str, ...], ja: tuple[str, ...], en: tuple[str, ...]) -> None:
    """Which numbers cannot be recognised, and how often a silent call rings, is told as the bank has it."""
    scene = phone_scene()
    scene = with_rules(scene, SILENT, evolve(scene.auth.rules[SILENT], rings=5))
    auth = evolve(scene.auth, callers=evolve(scene.auth.callers, excluded_prefixes=prefixes))
    scene = evolve(scene, auth=auth)
    started = scene.start(scene.there.customer(), scene.token(), purpose=SILENT)
    assert tuple(one for one in said(started, "ja") if "で始まる" in one) == ja
    assert tuple(one for one in said(started, "en") if "begin with" in one) == en
    assert any("5回ほどの呼出音" in one for one in said(started, "ja"))
    assert not any("0120" in one for lang in LANGUAGES for one in said(started, lang))


def _account(number: int) -> Account:
    return Account.parse("001", "ordinary", f"12345{number}")


# --- Calls that do not count ------------------------------------------------------------------------------------------

Strange = Callable[[PhoneScene], Telephone]
STRANGE: dict[str, tuple[Strange, Verdict]] = {
    "withheld": (
        lambda scene: scene.exchange.telephone("090-1234-5678", presentation=Presentation.WITHHELD),
        Verdict.WITHHELD,
    ),
    "withheld, without a number": (
        lambda scene: scene.exchange.telephone("anonymous", presentation=Presentation.WITHHELD),
        Verdict.WITHHELD,
    ),
    "payphone": (
        lambda scene: scene.exchange.telephone("", presentation=Presentation.PAYPHONE),
        Verdict.PAYPHONE,
    ),
    "out of area": (
        lambda scene: scene.exchange.telephone("", presentation=Presentation.OUT_OF_AREA),
        Verdict.OUT_OF_AREA,
    ),
    "line error": (
        lambda scene: scene.exchange.telephone("", presentation=Presentation.ERROR),
        Verdict.LINE_ERROR,
    ),
    "050": (lambda scene: scene.exchange.telephone(IP_PHONE), Verdict.EXCLUDED),
    "a From header": (
        lambda scene: scene.exchange.telephone("090-1234-5678", assurance=CallerAssurance.NONE),
        Verdict.UNTRUSTED,
    ),
    "from abroad": (
        lambda scene: scene.exchange.telephone("090-1234-5678", from_abroad=True),
        Verdict.UNTRUSTED,
    ),
    "foreign": (lambda scene: scene.exchange.telephone("+1 202 555 0123", from_abroad=True), Verdict.WRONG_CALLER),
    "a stranger": (lambda scene: scene.exchange.telephone("090-9999-0000"), Verdict.WRONG_CALLER),
}


@pytest.mark.requirement("TEL-03", "TEL-14")
@pytest.mark.parametrize(("telephone", "verdict"), STRANGE.values(), ids=STRANGE)
@for_every_purpose
def test_a_call_that_is_nobodys(purpose: OnlineProcedure, telephone: Strange, verdict: Verdict) -> None:
    """It neither rings nor is answered, changes nothing, and is noted in a chain of its own, with the reason why."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=purpose)
    attempt, contract = scene.attempt(started), contract_of(scene.there, taro)
    assert dial(telephone(scene), started) == Heard(why=verdict)
    assert scene.attempt(started) == attempt
    assert contract_of(scene.there, taro) == contract
    assert scene.strays() == [verdict.value]
    assert dial(scene.phone(taro), started).why is Verdict.VERIFIED


def test_a_stray_call_keeps_nobodys_number() -> None:
    """Its chain says where it went and why it was refused, and not who called."""
    scene = phone_scene()
    scene.exchange.telephone("090-9999-0000").dial(scene.exchange.pool.numbers[0])
    with scene.there.storage.transaction() as tx:
        (chain,) = [chain for chain, _ in tx.audit.heads() if chain.startswith("call-")]
        (entry,) = tx.audit.chain(chain)
    assert entry.data == {"call": "memory-1", "destination": "0120-417-001", "verdict": "wrong_caller"}


@pytest.mark.requirement("TEL-13", "TEL-14")
@for_every_purpose
def test_a_misdialled_call_uses_nothing_up(purpose: OnlineProcedure) -> None:
    """Another of the bank's numbers is the wrong one: noted for whoever was awaited, and he may call again."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=purpose)
    attempt = scene.attempt(started)
    others = [number for number in scene.exchange.pool.numbers if number.national != started.destination]
    for other in others:
        assert scene.phone(taro).dial(other, keying(started)) == Heard(why=Verdict.WRONG_DESTINATION)
    assert scene.attempt(started) == attempt
    assert scene.noted(taro) == ["wrong_destination"] * len(others)
    assert not scene.strays()
    assert dial(scene.phone(taro), started).why is Verdict.VERIFIED


def test_a_misdialled_call_after_the_window_is_nobodys() -> None:
    """Nobody is awaited any more, so it is a stray one."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    other = next(number for number in scene.exchange.pool.numbers if number.national != started.destination)
    scene.there.clock.advance(WINDOW + TICK)
    assert scene.phone(taro).dial(other).why is Verdict.WRONG_CALLER
    assert scene.strays() == ["wrong_caller"]
    assert not scene.noted(taro)


@pytest.mark.parametrize("late", [False, True])
@for_every_purpose
def test_the_last_instant_of_the_window(purpose: OnlineProcedure, *, late: bool) -> None:
    """A call in it recognises; a microsecond later it is too late, noted, and changes nothing but that it is over."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=purpose)
    scene.there.clock.set(started.until + late * TICK)
    heard = dial(scene.phone(taro), started)
    if late:
        assert heard == Heard(why=Verdict.TOO_LATE)
        assert scene.noted(taro) == ["too_late"]
        assert scene.auth.poll(token, started.attempt) == TimedOut()
        assert scene.go_on(taro, token, started.attempt, purpose) == TimedOut()
    else:
        assert heard.why is Verdict.VERIFIED
        assert isinstance(scene.auth.poll(token, started.attempt), Recognised)


def test_a_voice_call_is_completed_within_the_window() -> None:
    """Who is answered in the last second and keys the digits after it is too late (TEL-06, AMB-37)."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    scene.there.clock.set(started.until)

    def slowly(said: Script) -> str | None:
        scene.there.clock.advance(TICK)
        return repeat(said)

    heard = scene.phone(taro).dial(started.destination, slowly)
    assert heard.why is Verdict.TOO_LATE
    assert heard.said[-1] == "voice.not_recognised"
    assert scene.auth.poll(token, started.attempt) == TimedOut()


@for_every_purpose
def test_the_screen_has_ten_minutes_in_all(purpose: OnlineProcedure) -> None:
    """Whoever was recognised in time goes on within ten minutes of the start, or not at all (C25)."""
    for late in (False, True):
        scene = phone_scene()
        taro, token = scene.there.customer(), scene.token()
        started = scene.start(taro, token, purpose=purpose)
        dial(scene.phone(taro), started)
        scene.there.clock.advance(LONGEST + late * TICK)
        told = scene.go_on(taro, token, started.attempt, purpose)
        assert told == TimedOut() if late else isinstance(told, Contract)


@pytest.mark.requirement("TEL-18", "TEL-25")
@pytest.mark.parametrize("way", ["abort", "give_up"])
@for_every_purpose
def test_after_going_back_a_call_is_of_no_use(purpose: OnlineProcedure, way: str) -> None:
    """Back and abort end the attempt, also a successful one; a call that comes then is noted and changes nothing."""
    scene = phone_scene()
    for number, called in enumerate((False, True)):
        who = scene.there.customer(f"kaze{number}8nd", person=evolve(Person(), account=_account(number)))
        token = scene.token()
        started = scene.start(who, token, purpose=purpose)
        if called:
            dial(scene.phone(who), started)
        if way == "abort":
            assert scene.auth.abort(token, started.attempt) == PhoneAborted()
        else:
            scene.give_up(who, token)
        attempt = scene.attempt(started)
        assert dial(scene.phone(who), started) == Heard(why=Verdict.ABORTED)
        assert scene.attempt(started) == attempt
        assert scene.noted(who)[-1] == "aborted"
        assert scene.auth.poll(token, started.attempt) == PhoneAborted()
        assert scene.go_on(who, token, started.attempt, purpose) == PhoneAborted()


def test_going_back_twice_is_going_back() -> None:
    """The second time changes nothing, nor does giving up what is over, or what never was."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    scene.give_up(taro, token)
    started = scene.start(taro, token)
    scene.auth.abort(token, started.attempt)
    length = len(entries_of(scene.there, taro))
    assert scene.auth.abort(token, started.attempt) == PhoneAborted()
    scene.give_up(taro, token)
    assert len(entries_of(scene.there, taro)) == length


# --- Digits -----------------------------------------------------------------------------------------------------------


def test_wrong_digits_are_asked_for_again() -> None:
    """Twice in a call; the same digits are read out again, and the right ones recognise."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    heard = scene.phone(taro).dial(started.destination, by_turns([wrong, wrong, repeat]))
    assert heard.why is Verdict.VERIFIED
    assert len(heard.spoken) == 3
    assert all(spoken == heard.spoken[0] for spoken in heard.spoken)
    assert heard.said.count("voice.wrong") == 2


def test_the_third_time_the_bank_hangs_up() -> None:
    """Whoever keys wrong digits three times calls again, and hears other digits."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    heard = scene.phone(taro).dial(started.destination, wrong)
    assert heard.why is Verdict.CALL_SPENT
    assert heard.said.count("voice.wrong") == 2
    assert heard.said[-1] == "voice.call_again"
    assert scene.auth.poll(token, started.attempt) == Waiting(started.until)
    again = scene.phone(taro).dial(started.destination, repeat)
    assert again.why is Verdict.VERIFIED
    assert again.spoken[0] != heard.spoken[0]  # one in ten thousand would be the same; the seed is fixed


def test_the_digits_of_an_earlier_call_are_of_no_use() -> None:
    """Each call has its own (AMB-4)."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    first = scene.phone(taro).dial(started.destination, hang_up).spoken[0]
    heard = scene.phone(taro).dial(started.destination, by_turns([press(first.reveal()), hang_up]))
    assert heard.spoken[0] != first
    assert scene.noted(taro) == ["answered", "hung_up", "answered", "wrong_digits", "hung_up"]


def test_the_screens_digits_stay_the_same_over_calls() -> None:
    """They stand on the screen, so hanging up, or wrong digits, change nothing in them."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=SCREEN_CODE)
    assert started.screen_code is not None
    for person in (hang_up, press("x"), press(started.screen_code.reveal() + "0")):
        assert scene.phone(taro).dial(started.destination, person).why is not Verdict.VERIFIED
    assert dial(scene.phone(taro), started).why is Verdict.VERIFIED


@pytest.mark.parametrize("purpose", [VOICE, SCREEN_CODE])
def test_nine_wrong_entries_in_a_row_end_the_attempt(purpose: OnlineProcedure) -> None:
    """However they are spread over calls and attempts; then there is an hour's rest (C04, C29)."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    wrong_keys = wrong if purpose is VOICE else press("0000x")
    for _ in range(2):
        started = scene.start(taro, token, purpose=purpose)
        assert scene.phone(taro).dial(started.destination, wrong_keys).why is Verdict.CALL_SPENT
    started = scene.start(taro, token, purpose=purpose)
    first = scene.there.clock.now()
    assert scene.phone(taro).dial(started.destination, wrong_keys).why is Verdict.ATTEMPT_SPENT
    assert scene.auth.poll(token, started.attempt) == WrongTooOften()
    assert scene.go_on(taro, token, started.attempt, purpose) == WrongTooOften()
    assert dial(scene.phone(taro), started).why is Verdict.ATTEMPT_SPENT
    assert scene.try_start(taro, scene.token(), purpose=SILENT) == TooManyAttempts(first + HOUR)
    scene.there.clock.advance(HOUR)
    started = scene.start(taro, token, purpose=purpose)
    assert scene.phone(taro).dial(started.destination, wrong_keys).why is Verdict.CALL_SPENT


def test_ten_attempts_an_hour() -> None:
    """The eleventh is refused until the first is an hour old; what was running goes on."""
    scene = phone_scene(lines=8)
    taro, token = scene.there.customer(), scene.token()
    first = scene.there.clock.now()
    started = scene.start(taro, token)
    for _ in range(9):
        scene.there.clock.advance(60 * SECOND)
        started = scene.start(taro, token)
    assert scene.try_start(taro, token) == TooManyAttempts(first + HOUR)
    assert scene.auth.poll(token, started.attempt) == Waiting(started.until)
    scene.there.clock.set(first + HOUR)
    scene.start(taro, token)


def test_digits_are_sealed_at_rest() -> None:
    """What is stored of them opens only beside its attempt and its call, and nothing shows it."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    kept: list[str] = []

    def look(said: Script) -> str | None:
        attempt = scene.attempt(started)
        assert attempt.digits is not None
        assert said.digits is not None
        assert said.digits.reveal() not in f"{attempt!r}{said!r}".replace(attempt.id, "")
        assert attempt.digits not in repr(attempt)
        opened = scene.there.net.platform.vault.open(attempt.digits, "phone digits", attempt.id, "memory-1")
        assert opened.decode() == said.digits.reveal()
        kept.append(attempt.digits)
        return repeat(said)

    assert scene.phone(taro).dial(started.destination, look).why is Verdict.VERIFIED
    assert kept
    assert scene.attempt(started).digits is None


@for_every_purpose
def test_digits_that_nobody_can_key_are_forgotten(purpose: OnlineProcedure) -> None:
    """Spoken ones after their call, shown ones with the attempt."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=purpose)
    scene.phone(taro).dial(started.destination, hang_up)
    assert (scene.attempt(started).digits is not None) == (purpose is SCREEN_CODE)
    scene.auth.abort(token, started.attempt)
    assert scene.attempt(started).digits is None


# --- The desk ---------------------------------------------------------------------------------------------------------


def test_a_call_in_the_midst_of_a_call_takes_its_place() -> None:
    """The newest call counts; what is keyed in the one before is told to hang up."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    inner: list[Heard] = []

    def call_again(said: Script) -> str | None:
        inner.append(scene.phone(taro).dial(started.destination, repeat))
        return repeat(said)

    outer = scene.phone(taro).dial(started.destination, call_again)
    assert inner[0].why is Verdict.VERIFIED
    assert outer.why is Verdict.HUNG_UP
    assert isinstance(scene.auth.poll(token, started.attempt), Recognised)


@pytest.mark.parametrize("purpose", [VOICE, SCREEN_CODE])
def test_going_back_in_the_midst_of_a_call_ends_it(purpose: OnlineProcedure) -> None:
    """The right digits of an attempt that was given up meanwhile are of no use, and noted as such."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=purpose)

    def go_back(said: Script) -> str | None:
        scene.auth.abort(token, started.attempt)
        return keying(started)(said)

    assert scene.phone(taro).dial(started.destination, go_back).why is Verdict.ABORTED
    assert scene.auth.poll(token, started.attempt) == PhoneAborted()
    assert scene.noted(taro) == ["answered", "aborted"]


def test_keys_after_the_success_are_a_duplicate() -> None:
    """An exchange that reports twice is told so, and verifies nobody twice."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    spoken = scene.phone(taro).dial(started.destination).spoken[0]
    told = scene.desk.report_keys("memory-1", spoken, scene.there.clock.now())
    assert told == Goodbye(("voice.not_recognised",), Verdict.DUPLICATE)
    assert scene.noted(taro) == ["answered", "verified", "duplicate"]


@pytest.mark.requirement("TEL-16", "TEL-18")
@pytest.mark.parametrize(
    "name",
    ["\ud800", "\x00", "", "a84b4c76e66710@" + "x" * 300, "通話"],
    ids=["half", "nought", "none", "long", "kanji"],
)
def test_a_call_may_have_any_name(name: str) -> None:
    """Another network has chosen it: it is answered, keyed, ended and noted under whatever it is called."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started, now = scene.start(taro, token), scene.there.clock.now()
    shown, carrier = Presentation.ALLOWED, CallerAssurance.CARRIER
    call = IncomingCall(
        id=name,
        identity=CallerIdentity.heard(taro.person.phones[0], presentation=shown, assurance=carrier),
        dialled=PhoneNumber.parse(started.destination),
        at=now,
    )
    for _ in range(2):
        script = scene.desk.report_call(call)
        assert isinstance(script, Script)
        scene.desk.report_hangup(name, now)
    script = scene.desk.report_call(call)
    assert isinstance(script, Script)
    assert script.digits is not None
    assert scene.desk.report_keys(name, script.digits, now) == Goodbye(("voice.recognised",), Verdict.VERIFIED)
    assert scene.noted(taro) == ["answered", "hung_up"] * 2 + ["answered", "verified"]
    hidden = CallerIdentity.heard("", presentation=Presentation.WITHHELD, assurance=carrier)
    assert scene.desk.report_call(evolve(call, identity=hidden)) == Reject(Verdict.WITHHELD)


def test_keys_and_ends_of_calls_that_nobody_knows() -> None:
    """Keys are answered with a goodbye, an end is ignored, and nothing is written."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started, now = scene.start(taro, token), scene.there.clock.now()
    contract = contract_of(scene.there, taro)
    told = scene.desk.report_keys("no such call", Secret("1234"), now)
    assert told == Goodbye(("voice.not_recognised",), Verdict.HUNG_UP)
    scene.desk.report_hangup("no such call", now)
    assert scene.auth.poll(token, started.attempt) == Waiting(started.until)
    assert contract_of(scene.there, taro) == contract


def test_hanging_up_after_the_success_is_nothing() -> None:
    """The end of a call that has recognised somebody is not even noted."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    scene.phone(taro).dial(started.destination)
    scene.desk.report_hangup("memory-1", scene.there.clock.now())
    assert isinstance(scene.auth.poll(token, started.attempt), Recognised)
    assert scene.noted(taro) == ["answered", "verified"]


@pytest.mark.parametrize("call", ["begin", "phone_attempts.by_route", "phone_attempts.put", "contracts.put", "commit"])
def test_a_store_that_fails_lets_nobody_in(call: str) -> None:
    """The exchange refuses the call, nothing has changed, and the next call is taken."""
    storage = MemoryStorage()
    scene = phone_scene(bank(storage=storage))
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=SILENT)
    attempt = scene.attempt(started)
    storage.fail(call=call, with_=Unavailable("the store is away"))
    assert scene.phone(taro).dial(started.destination) == Heard()
    assert scene.attempt(started) == attempt
    assert scene.phone(taro).dial(started.destination).why is Verdict.VERIFIED


def test_an_attempt_keeps_the_rules_it_was_started_under() -> None:
    """Numbers that change meanwhile hold for the next one."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    scene = with_rules(scene, VOICE, PhoneAuthRules(mode=Mode.SILENT, window=60 * SECOND, rings=1))
    scene.there.clock.advance(100 * SECOND)
    assert scene.phone(taro).dial(started.destination).answered
    again = scene.start(taro, token)
    assert scene.phone(taro).dial(again.destination).rings == 1


# --- Whose attempt ----------------------------------------------------------------------------------------------------


def test_nobody_else_learns_of_it_or_goes_on_by_it() -> None:
    """Another token, another purpose, another contract, another name: there is no such attempt."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    hanako, stranger = scene.there.customer("hoshi77x", person=HANAKO), scene.token()
    started = scene.start(taro, token)
    scene.phone(taro).dial(started.destination)
    none = NoSuchAttempt()
    assert scene.auth.poll(stranger, started.attempt) == scene.auth.abort(stranger, started.attempt) == none
    assert scene.go_on(taro, stranger, started.attempt) == none
    assert scene.go_on(taro, token, started.attempt, SILENT) == none
    assert scene.go_on(hanako, token, started.attempt) == none
    assert scene.go_on(taro, token, "no such attempt") == scene.auth.poll(token, "no such attempt") == none
    scene.give_up(taro, stranger)
    assert isinstance(scene.go_on(taro, token, started.attempt), Contract)


def test_the_owners_call_verifies_no_strangers_screen() -> None:
    """TRAPS: whoever opened a second screen waits, or is told that somebody else does; the owner's call is his own."""
    scene = phone_scene()
    taro = scene.there.customer()
    token, stranger = scene.session(taro), scene.session(taro)
    started = scene.start(taro, token, purpose=SILENT)
    assert scene.try_start(taro, stranger, purpose=SILENT) == AnotherWaits(started.until)
    assert scene.phone(taro).dial(started.destination).why is Verdict.VERIFIED
    assert scene.try_start(taro, stranger, purpose=SILENT) == AnotherWaits(scene.there.clock.now() + LONGEST)
    assert isinstance(scene.go_on(taro, token, started.attempt, SILENT), Contract)
    later = scene.start(taro, stranger, purpose=SILENT)
    assert scene.auth.poll(stranger, later.attempt) == Waiting(later.until)


@pytest.mark.requirement("TEL-10")
def test_two_who_share_a_telephone_call_two_numbers() -> None:
    """Husband and wife with one landline: each is told another number, and each call is for whom it was made."""
    scene = phone_scene()
    taro = scene.there.customer()
    hanako = scene.there.customer("hoshi77x", person=evolve(HANAKO, phones=taro.person.phones))
    his, hers = scene.token(), scene.token()
    one, other = scene.start(taro, his, 1, SILENT), scene.start(hanako, hers, 1, SILENT)
    assert one.destination != other.destination
    scene.phone(taro, 1).dial(other.destination)
    assert isinstance(scene.auth.poll(hers, other.attempt), Recognised)
    assert scene.auth.poll(his, one.attempt) == Waiting(one.until)


def test_a_misdialled_call_is_the_newest_ones() -> None:
    """Where two are awaited from one telephone, it is noted for the one who started last."""
    scene = phone_scene()
    taro = scene.there.customer()
    hanako = scene.there.customer("hoshi77x", person=evolve(HANAKO, phones=taro.person.phones))
    one = scene.start(taro, scene.token(), 1)
    scene.there.clock.advance(SECOND)
    other = scene.start(hanako, scene.token(), 1)
    dialled = next(
        number for number in scene.exchange.pool.numbers if number.national not in {one.destination, other.destination}
    )
    assert scene.phone(taro, 1).dial(dialled).why is Verdict.WRONG_DESTINATION
    assert scene.noted(hanako) == ["wrong_destination"]
    assert not scene.noted(taro)


def test_starting_anew_replaces_ones_own() -> None:
    """The same token's former attempt is aborted; its number is not rented again before its window ends."""
    scene = phone_scene(lines=2)
    taro, token = scene.there.customer(), scene.token()
    one = scene.start(taro, token, purpose=SILENT)
    other = scene.start(taro, token, purpose=SILENT)
    assert one.destination != other.destination
    assert scene.auth.poll(token, one.attempt) == PhoneAborted()
    assert scene.phone(taro).dial(one.destination).why is Verdict.ABORTED
    assert scene.auth.poll(token, other.attempt) == Waiting(other.until)
    assert scene.phone(taro).dial(other.destination).why is Verdict.VERIFIED
    assert kinds(entries_of(scene.there, taro))[-5:] == [
        "PhoneAuthStarted",
        "PhoneAuthEnded",
        "PhoneAuthStarted",
        "PhoneCallNoted",
        "PhoneCallNoted",
    ]


@pytest.mark.parametrize("end", ["abort", "consume", "nothing"])
def test_a_number_stays_rented_until_the_window_ends(end: str) -> None:
    """Whatever becomes of its attempt: who was told to call it may, and must not verify whoever comes after him."""
    scene = phone_scene(lines=1)
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token, purpose=SILENT)
    if end == "abort":
        scene.auth.abort(token, started.attempt)
    elif end == "consume":
        scene.phone(taro).dial(started.destination)
        scene.go_on(taro, token, started.attempt, SILENT)
    scene.there.clock.set(started.until)
    assert scene.try_start(taro, token, purpose=SILENT) == LinesTaken(started.until)
    scene.there.clock.advance(TICK)
    assert scene.start(taro, token, purpose=SILENT).destination == started.destination


def test_an_attempt_that_ran_out_is_noted_when_the_next_begins() -> None:
    """Nobody has to end it: another token may start as soon as the window is over."""
    scene = phone_scene()
    taro = scene.there.customer()
    one = scene.start(taro, scene.session(taro), purpose=SILENT)
    scene.there.clock.set(one.until)
    assert scene.try_start(taro, scene.token()) == AnotherWaits(one.until)
    scene.there.clock.advance(TICK)
    scene.start(taro, scene.token())
    assert _ends(scene, taro) == ["expired"]


def _ends(scene: PhoneScene, who: Enrollee) -> list[object]:
    """How attempts ended, as the contract's chain has it."""
    return [entry.data["phase"] for entry in entries_of(scene.there, who) if entry.kind == "PhoneAuthEnded"]


def _log_out(scene: PhoneScene, _taro: Enrollee, session: Secret) -> None:
    scene.there.net.log_out(session)


def _end_all_sessions(scene: PhoneScene, taro: Enrollee, _session: Secret) -> None:
    rewrite(scene.there, taro, Contract.end_sessions)


def _come_late(scene: PhoneScene, _taro: Enrollee, _session: Secret) -> None:
    scene.there.clock.advance(scene.there.profile.sessions.idle)


@pytest.mark.requirement("TEL-18")
@pytest.mark.parametrize("called", [False, True])
@pytest.mark.parametrize("end", [_log_out, _end_all_sessions, _come_late])
def test_who_begins_anew_waits_for_no_session_that_has_ended(
    end: Callable[[PhoneScene, Enrollee, Secret], None],
    called: bool,  # noqa: FBT001 -- a table's column
) -> None:
    """Logged out, put out or too late: the next attempt replaces what nobody can go on by, called for or not."""
    scene = phone_scene()
    taro = scene.there.customer()
    session, another = scene.session(taro), scene.session(taro)
    started = scene.start(taro, session, purpose=VOICE)
    if called:
        dial(scene.phone(taro), started)
    assert isinstance(scene.try_start(taro, another), AnotherWaits)
    end(scene, taro, session)
    anew = scene.session(taro)
    later = scene.start(taro, anew)
    assert later.destination != started.destination
    assert dial(scene.phone(taro), started).why is Verdict.ABORTED
    assert scene.go_on(taro, session, started.attempt) == PhoneAborted()
    assert _ends(scene, taro) == ["aborted"]
    dial(scene.phone(taro), later)
    assert isinstance(scene.go_on(taro, anew, later.attempt), Contract)


def test_a_session_ends_when_it_is_over_and_not_before() -> None:
    """Until its last instant it is waited for, and from its end on it is not."""
    scene = phone_scene()
    taro = scene.there.customer()
    started = scene.start(taro, scene.session(taro), purpose=VOICE)
    scene.there.clock.advance(scene.there.profile.sessions.idle - TICK)
    assert scene.try_start(taro, scene.token()) == AnotherWaits(started.until)
    scene.there.clock.advance(TICK)
    scene.start(taro, scene.token())


def test_logging_out_brings_no_further_attempt() -> None:
    """Ten sessions that begin and end have the attempts of one: an hour's ten, its wrong digits and its numbers."""
    scene = phone_scene()
    taro, first_of_all = scene.there.customer(), scene.there.clock.now()
    for place in range(10):
        session = scene.session(taro)
        started = scene.start(taro, session)
        assert scene.attempt(started).progress.wrong == min(place, 2)
        if place < 2:
            scene.phone(taro).dial(started.destination, by_turns([wrong, hang_up]))
        scene.there.net.log_out(session)
        scene.there.clock.advance(60 * SECOND)
    assert scene.try_start(taro, scene.session(taro)) == TooManyAttempts(first_of_all + HOUR)
    few = phone_scene(lines=1)
    hanako = few.there.customer()
    first = few.session(hanako)
    taken = few.start(hanako, first)
    few.there.net.log_out(first)
    assert few.try_start(hanako, few.session(hanako)) == LinesTaken(taken.until)


def test_where_all_numbers_are_rented_one_waits() -> None:
    """Exhaustion is an outcome that says until when; the numbers come back by themselves; others are not affected."""
    scene = phone_scene(lines=2)
    taro, token = scene.there.customer(), scene.token()
    one = scene.start(taro, token)
    scene.there.clock.advance(SECOND)
    other = scene.start(taro, token)
    assert scene.try_start(taro, token) == LinesTaken(one.until)
    assert scene.auth.poll(token, other.attempt) == Waiting(other.until)
    scene.start(scene.there.customer("hoshi77x", person=HANAKO), scene.token())
    scene.there.clock.set(one.until)
    assert scene.try_start(taro, token) == LinesTaken(one.until)
    scene.there.clock.advance(TICK)
    assert scene.start(taro, token).destination == one.destination


def test_asking_how_it_stands_writes_nothing() -> None:
    """Polling leaves no trace, however often, and whatever has run out."""
    scene = phone_scene()
    taro, token = scene.there.customer(), scene.token()
    started = scene.start(taro, token)
    attempt, contract = scene.attempt(started), contract_of(scene.there, taro)
    for _ in range(3):
        scene.auth.poll(token, started.attempt)
        scene.there.clock.advance(WINDOW)
    assert scene.auth.poll(token, started.attempt) == TimedOut()
    assert (scene.attempt(started), contract_of(scene.there, taro)) == (attempt, contract)


@for_every_purpose
def test_a_call_from_before_the_attempt_is_none_of_it(purpose: OnlineProcedure) -> None:
    """A call that had begun before the attempt was made does not verify it, though it came to the right number."""
    scene = phone_scene(lines=1)
    taro, token = scene.there.customer(), scene.token()
    began = scene.there.clock.now()
    scene.there.clock.advance(TICK)
    started = scene.start(taro, token, purpose=purpose)
    number = scene.exchange.pool.numbers[0]
    call = IncomingCall(id="early", identity=scene.phone(taro).identity, dialled=number, at=began)
    assert scene.desk.report_call(call) == Reject(Verdict.TOO_LATE)
    assert scene.auth.poll(token, started.attempt) == Waiting(started.until)
    assert dial(scene.phone(taro), started).why is Verdict.VERIFIED
