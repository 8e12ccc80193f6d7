"""The banks: each number that a source states, at the boundary where it counts."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.phone_auth import Mode
from janetbank.policies.provisional import ProvisionalRules
from janetbank.policies.service_hours import ClosedNow, OpenNow
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import TokenForm
from janetbank.profiles import AKITA, AOMORI, JA, MODERN, Profile
from janetbank.values.app_version import AppVersion
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.environment import Channel
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret

ALL: Mapping[str, Profile] = {one.name: one for one in (JA, AKITA, AOMORI, MODERN)}
HISTORICAL = (JA, AKITA, AOMORI)
NOON = datetime(2027, 1, 2, 3, 0, tzinfo=UTC)
"""A Saturday after New Year, 12:00 in Japan."""


def codes(violations: tuple[object, ...]) -> set[str]:
    """The codes of some violations."""
    return {getattr(one, "code", "") for one in violations}


@pytest.mark.requirement("PRF-06", "PRF-07", "CRD-13", "CRD-02", "CRD-05")
@pytest.mark.parametrize(
    ("password", "ja", "aomori", "modern"),
    [
        ("qr7", {"too_short"}, {"too_short"}, {"too_short"}),
        ("qr7w", set[str](), {"too_short"}, {"too_short"}),
        ("qrtwzd", set[str](), {"not_mixed"}, {"too_short"}),
        ("qr7wzd", set[str](), set[str](), {"too_short"}),
        ("qr7wz+", set[str](), {"letters_and_digits"}, {"too_short"}),
        ("qr7wzdkm2vxt", set[str](), set[str](), {"too_short"}),
        ("qr7wzdkm2vxtb", {"too_long"}, {"too_long"}, {"too_short"}),
        ("qrtwzdkmnvxtbhj", {"too_long"}, {"too_long", "not_mixed"}, set[str]()),
        ("qr7wzdkm" * 8, {"too_long"}, {"too_long"}, set[str]()),
        ("qr7wzdkm" * 8 + "q", {"too_long"}, {"too_long"}, {"too_long"}),
    ],
)
def test_passwords(password: str, ja: set[str], aomori: set[str], modern: set[str]) -> None:
    """JA 4-12 with symbols, Aomori 6-12 letters and digits mixed, a new bank 15-64 of anything."""
    told = {one.name: codes(one.password.check(Secret(password))) for one in (JA, AOMORI, MODERN)}
    wanted = {"ja": ja, "aomori": aomori, "modern": modern}
    assert {name: {code for code in found if "guessable" not in code} for name, found in told.items()} == {
        name: {f"password.{one}" for one in found} for name, found in wanted.items()
    }


@pytest.mark.requirement("PRF-07", "CRD-02", "CRD-13")
def test_case_is_told_apart_where_the_bank_says_so() -> None:
    """At JA it is not; at Aomori it is, in ids and passwords; a new bank's passwords are taken exactly as typed."""
    capital, small = Secret("Qr7wzdkm2vxtBhj"), Secret("qr7wzdkm2vxtbhj")
    assert [one.password.same(capital, small) for one in (JA, AOMORI, MODERN)] == [True, False, False]
    assert [one.login_id.canonical("Taro77") for one in (JA, AOMORI)] == ["taro77", "Taro77"]


@pytest.mark.requirement("PRF-08", "RBA-04")
@pytest.mark.parametrize(("profile", "longest"), [(JA, 16), (AOMORI, 10)], ids=["ja", "aomori"])
def test_answers(profile: Profile, longest: int) -> None:
    """Answers have at most 16 full-width characters at JA and 10 at Aomori; half-width ones are none."""

    def check(answer: str) -> set[str]:
        pairs = [("question.pet", answer), ("question.home_town", "松本市"), ("question.birthplace", "安曇野")]
        return codes(profile.questions.check([(question, Secret(text)) for question, text in pairs]))

    assert check("あ" * longest) == set()
    assert check("あ" * (longest + 1)) == {"answers.too_long"}
    assert check("pochi") == {"answers.half_width"}


@pytest.mark.requirement("PRF-10", "TEL-20", "TEL-23", "TKR-13")
def test_calls() -> None:
    """Who calls for what, how long he has and what the call does; at Akita nobody calls."""
    told = {
        name: {procedure: (rules.mode, rules.window.seconds) for procedure, rules in one.token.calls.items()}
        for name, one in ALL.items()
    }
    issue, reissue = OnlineProcedure.TOKEN_ISSUE, OnlineProcedure.TOKEN_REISSUE
    password, questions = OnlineProcedure.PASSWORD_RESET, OnlineProcedure.QUESTIONS_RESET
    assert told == {
        "ja": {
            issue: (Mode.VOICE, 300),
            password: (Mode.SILENT, 120),
            questions: (Mode.SILENT, 120),
            reissue: (Mode.VOICE, 300),
        },
        "akita": {},
        "aomori": {issue: (Mode.SILENT, 120), reissue: (Mode.SILENT, 120)},
        "modern": dict.fromkeys((issue, password, reissue, OnlineProcedure.LOG_IN), (Mode.SCREEN_CODE, 300)),
    }


@pytest.mark.requirement("PRF-09", "TEL-22")
def test_masks() -> None:
    """JA hides the last four digits, Aomori shows nothing else: opposite halves of one number."""
    phone = PhoneNumber.parse("090-1234-5678")
    shown = {one.name: phone.masked(one.phone_mask) for one in (JA, AOMORI)}
    assert "5678" not in shown["ja"]
    assert "1234" in shown["ja"]
    assert "5678" in shown["aomori"]
    assert "1234" not in shown["aomori"]


@pytest.mark.requirement("PRF-11", "TRF-03")
def test_daily_limits_at_aomori() -> None:
    """A million yen a day, three with one-time passwords, and not one 万円 more."""
    limits = AOMORI.limits
    assert limits.check(DailyLimit(100), token=False) == limits.check(DailyLimit(300), token=True) == ()
    assert codes(limits.check(DailyLimit(101), token=False)) == {"limit.too_high"}
    assert codes(limits.check(DailyLimit(301), token=True)) == {"limit.too_high"}
    assert limits.effective(DailyLimit(300), token=False) == DailyLimit(100)


@pytest.mark.requirement("PRF-12", "OTP-13", "LCK-12")
@pytest.mark.parametrize("profile", HISTORICAL, ids=lambda one: one.name)
def test_ten_wrong_codes_in_a_row_stop_the_service(profile: Profile) -> None:
    """The tenth stops it for good, and not the ninth; codes change every minute."""
    rule = profile.lockout(Counter.CODE)
    assert (rule.trips_at, rule.rest, rule.guesses_to_block) == (10, None, 10)
    assert profile.token.codes.period == timedelta(minutes=1)


@pytest.mark.requirement("PRF-14", "MAL-08", "MAL-09", "MAL-02", "MAL-03")
def test_mail() -> None:
    """Each bank writes from the domains that its customers were told of, the token's ids from the centre's own."""
    told = {one.name: set(one.mail.domains) for one in HISTORICAL}
    assert told == {
        "ja": {"webcenter.anser.or.jp", "otp-auth.net", "janetbank.jp"},
        "akita": {"otp-auth.net"},
        "aomori": {"am-bk.co.jp", "otp-auth.net"},
    }
    senders = {one.name: one.mail.sender_of(LetterCode.TOKEN_ISSUED) for one in HISTORICAL}
    assert (senders["ja"], senders["akita"]) == ("janetbank@otp-auth.net", "akita-kenshin@otp-auth.net")
    assert senders["aomori"].endswith("@otp-auth.net")


@pytest.mark.requirement("PRF-15", "TXA-01")
def test_transaction_authentication_is_jas() -> None:
    """JA offers it from version 4.0 of the app; Akita and Aomori have one-time passwords alone."""
    assert {name: one.token.method.txa_from for name, one in ALL.items()} == {
        "ja": AppVersion("4.0"),
        "akita": None,
        "aomori": None,
        "modern": AppVersion("4.0"),
    }


@pytest.mark.requirement("LGN-10", "LGN-11", "LGN-09")
def test_where_logging_in_takes_a_code() -> None:
    """On a smartphone at JA; at Aomori on a PC too, once it is in use, and so at a new bank."""
    assert JA.token.login_channels == {Channel.SMARTPHONE}
    assert AOMORI.token.login_channels == MODERN.token.login_channels == set(Channel)


@pytest.mark.requirement("LGN-13", "TKR-12")
def test_at_aomori_a_login_id_is_the_only_name() -> None:
    """Elsewhere branch, type and number of the representative account will do as well."""
    assert [name for name, one in ALL.items() if not one.login_by_account] == ["aomori"]


@pytest.mark.requirement("RBA-09", "OTP-16", "TKR-11")
def test_what_takes_a_form() -> None:
    """Forgotten answers take one at Aomori, everything takes one at Akita; Aomori reissues tokens online."""
    assert AOMORI.resets == {OnlineProcedure.TOKEN_REISSUE}
    assert AKITA.resets == frozenset()


@pytest.mark.requirement("PRF-02", "HRS-07")
def test_whom_to_ask() -> None:
    """Aomori's letters name its centre, with number and hours; nobody's name another bank."""
    assert "0120-892548" in AOMORI.contact.ja
    assert "0120-892548" in AOMORI.contact.en
    assert [name for name, one in ALL.items() if "JA" in one.contact.ja + one.contact.en] == ["ja"]
    assert all(one.contact.said("ja") and one.contact.said("en") for one in ALL.values())


@pytest.mark.requirement("FEE-11")
def test_akita_costs_nothing() -> None:
    """No fee is charged at Akita."""
    assert (AKITA.fees.monthly.amount, AKITA.fees.transfer.amount) == (0, 0)


def test_hours() -> None:
    """Akita rests for the New Year and shows statements from eight; Aomori and a new bank never rest."""
    assert isinstance(AKITA.hours_of(Operation.BALANCE).state(NOON), ClosedNow)
    later = NOON + timedelta(days=9)
    assert isinstance(AKITA.hours_of(Operation.STATEMENT).state(later), OpenNow)
    assert isinstance(AKITA.hours_of(Operation.STATEMENT).state(later - timedelta(hours=5)), ClosedNow)
    assert isinstance(AKITA.hours_of(Operation.LOG_IN).state(later - timedelta(hours=5)), OpenNow)
    for one in (AOMORI, MODERN):
        assert {type(one.hours_of(it).state(NOON)) for it in Operation if one.offers(it)} == {OpenNow}


@pytest.mark.requirement("PRF-03", "ENR-39", "TKN-08", "TKR-01")
def test_what_is_not_offered_online() -> None:
    """At Akita and Aomori nobody applies as at JA; at Akita a token is not had without the branch, nor renewed.

    Everywhere the branch stops one in writing, for whoever may not have it reissued online.
    """
    stop = {TokenForm.STOP}
    assert {name: one.token.by_form for name, one in ALL.items()} == {
        "ja": stop,
        "akita": set(TokenForm),
        "aomori": stop,
        "modern": stop,
    }
    assert {name: [it for it in Operation if not one.offers(it)] for name, one in ALL.items()} == {
        "ja": [],
        "akita": [Operation.ENROL, Operation.REISSUE_TOKEN],
        "aomori": [Operation.ENROL],
        "modern": [],
    }


def test_a_profile_that_wants_calls_it_does_not_describe_cannot_be_made() -> None:
    """What is reset or issued by a call has its call."""
    calls = dict(JA.token.calls)
    del calls[OnlineProcedure.TOKEN_ISSUE], calls[OnlineProcedure.QUESTIONS_RESET]
    with pytest.raises(ValueError, match="no call for questions_reset, token_issue,"):
        evolve(JA, token=evolve(JA.token, calls=calls))


@pytest.mark.requirement("PRF-01")
def test_a_new_bank_does_what_the_standards_ask() -> None:
    """Where NIST and ASVS give a number, `modern` keeps to it."""
    assert {MODERN.lockout(counter).trips_at for counter in Counter} == {5}
    assert max(MODERN.lockout(counter).guesses_to_block for counter in Counter) <= 15
    assert MODERN.token.codes.period == timedelta(seconds=30)
    assert MODERN.token.set_up.window == timedelta(minutes=10)
    assert MODERN.cooling_off is not None
    assert MODERN.cooling_off.length == timedelta(hours=24)
    assert not MODERN.login_id.mixed
    assert MODERN.operators.password_age.longest is None
    assert MODERN.operators.password == MODERN.password


def test_each_has_a_name_of_its_own() -> None:
    """Names and titles tell the profiles apart, and every one is exported."""
    assert len(ALL) == len({one.title for one in ALL.values()}) == 4
    assert {one for one in vars(profiles).values() if isinstance(one, Profile)} == set(ALL.values())


@pytest.mark.requirement("PRF-16", "CRD-15", "CRD-16", "TKN-11", "TEL-23")
@pytest.mark.parametrize(
    ("profile", "authorises"),
    [
        (JA, None),
        (AKITA, {Guarded.TRANSFERS, Guarded.TOKEN_ISSUE}),
        (AOMORI, set(Guarded)),
        (MODERN, None),
    ],
    ids=["ja", "akita", "aomori", "modern"],
)
def test_what_the_second_password_authorises(profile: Profile, authorises: set[Guarded] | None) -> None:
    """At Akita transactions and the token's issue, where nobody calls; at Aomori all of it; elsewhere there is none."""
    if authorises is None:
        assert profile.confirmation is None
    assert {one for one in Guarded if profile.confirms(one)} == (authorises or set())


@pytest.mark.requirement("ENR-23", "ENR-34", "ENR-39")
def test_who_gives_notices_out() -> None:
    """Whoever takes no application online, for ninety days; elsewhere customers choose their passwords at once."""
    giving = {one.name for one in ALL.values() if one.provisional is not None}
    assert giving == {one.name for one in ALL.values() if not one.offers(Operation.ENROL)} == {"akita", "aomori"}
    rules = ProvisionalRules(lifetime=timedelta(days=90), resume=timedelta(days=1))
    assert AKITA.provisional == AOMORI.provisional == rules
