"""A new login id or password is told everything that forbids it; an old one is never shut out by a new rule."""

import random
import string
import tomllib
from datetime import date
from importlib import resources

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.credentials import Length, LoginIdRules, PasswordRules
from janetbank.values.guessable import PersonalData
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation

IDS = LoginIdRules(length=Length(min=6, max=12), login_length=Length(min=4, max=12), mixed=True, case_sensitive=False)
PASSWORDS = PasswordRules(length=Length(min=4, max=12), mixed=False, case_sensitive=False)
AOMORI = PasswordRules(length=Length(min=6, max=12), mixed=True, case_sensitive=True, symbols=False)
NOTHING: set[str] = set()
TARO = PersonalData(
    birth_date=date(1985, 4, 5),
    phones=("09027568391",),
    kana_names=("ヤマダタロウ",),
    accounts=("0073916",),
    branches=("472",),
)
ALNUM = string.ascii_letters + string.digits
HALF_WIDTH = ALNUM + string.punctuation


def codes(violations: tuple[Violation, ...]) -> set[str]:
    """The codes alone."""
    return {violation.code for violation in violations}


def id_codes(login_id: str) -> set[str]:
    """What is said of *login_id*, chosen by Taro."""
    return codes(IDS.check(login_id, about=TARO))


def password_codes(text: str, rules: PasswordRules = PASSWORDS, login_id: str = "tk7mq2wz") -> set[str]:
    """What is said of the password *text*, chosen by Taro."""
    return codes(rules.check(Secret(text), about=TARO, login_id=login_id))


@pytest.mark.requirement("CRD-01", "PRF-06")
@pytest.mark.parametrize(
    ("login_id", "expected"),
    [
        ("kw7vq", {"login_id.too_short"}),
        ("kw7vqm", NOTHING),
        ("kw7vqm2xj9hb", NOTHING),
        ("kw7vqm2xj9hbd", {"login_id.too_long"}),
        ("kwvqmxjh", {"login_id.not_mixed"}),
        ("92750386", {"login_id.not_mixed"}),
        ("KW7VQM", NOTHING),
        ("kw7-vqm", {"login_id.charset"}),
        ("kw7 vqm", {"login_id.charset"}),
        ("ｋｗ７ｖｑｍ", {"login_id.charset", "login_id.not_mixed"}),
        ("kw7vqｍ", {"login_id.charset"}),
        ("kw7vq\x00m", {"login_id.charset"}),
        ("kw٧vqmx", {"login_id.charset", "login_id.not_mixed"}),
        ("kw7vqmé", {"login_id.charset"}),
    ],
)
def test_what_a_login_id_looks_like(login_id: str, expected: set[str]) -> None:
    """Six to twelve half-width letters and digits, at least one of each."""
    assert id_codes(login_id) == expected


@pytest.mark.requirement("CRD-05", "PRF-06")
@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("kw7", {"password.too_short"}),
        ("kw7v", NOTHING),
        ("kwvq", NOTHING),
        ("9275", NOTHING),
        ("kw7vqm2xj9h-", NOTHING),
        ("kw7vqm2xj9h-d", {"password.too_long"}),
        ("k~w !v", {"password.charset"}),
        ("".join(chr(c) for c in (0x21, 0x7E, 0x5C, 0x22)), NOTHING),
        ("kw\x7fvq", {"password.charset"}),
        ("kw\tvq", {"password.charset"}),
        ("ｋｗ７ｖｑ", {"password.charset"}),
    ],
)
def test_what_a_password_looks_like(password: str, expected: set[str]) -> None:
    """Four to twelve half-width letters, digits and symbols; no mix is demanded."""
    assert password_codes(password) == expected


def test_what_another_profile_asks() -> None:
    """A profile may demand a mix, refuse symbols and tell case apart."""
    assert password_codes("kwvqmx", AOMORI) == {"password.not_mixed"}
    assert password_codes("kw7-vqm", AOMORI) == {"password.letters_and_digits"}
    assert password_codes("ｋｗ７vqm1", AOMORI) == {"password.letters_and_digits"}
    assert not AOMORI.same(Secret("Kw7vqm"), Secret("kw7vqm"))


@pytest.mark.requirement("CRD-03", "CRD-06")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ab111111", "run"),
        ("ab123456", "sequence"),
        ("AB123456", "sequence"),
        ("654321ba", "sequence"),
        ("a1111111", "run"),
        ("zz999999", "run"),
        ("abc12345", "sequence"),
        ("qwerty12", "keyboard"),
        ("1qaz2wsx", "keyboard"),
        ("kw147258", "keyboard"),
        ("p@ssw0rd1", "service"),
        ("1drowssap", "service"),
        ("jabank01", "service"),
        ("Dragon12", "common"),
        ("s@kura01", "common"),
        ("taro0405", "birth_date"),
        ("kw850405vqmx", "birth_date"),
        ("k19850405vqm", "birth_date"),
        ("ks600405vqmx", "birth_date"),
        ("k50405891vqm", "birth_date"),
        ("27568391k", "phone"),
        ("9027568391kw", "phone"),
        ("k09027568391", "phone"),
        ("kw8391", "phone"),
        ("yamada12", "name"),
        ("taroyamada1", "name"),
        ("y@m@d@7k", "name"),
        ("k73916v", "account"),
        ("4724720x", "account"),
        ("kwkwkw12", "repeat"),
    ],
)
def test_what_can_be_guessed_is_refused_with_its_reason(text: str, kind: str) -> None:
    """Login id and password alike: birth date, phone, name, account, patterns, common and service words."""
    assert f"login_id.guessable.{kind}" in id_codes(text)
    assert f"password.guessable.{kind}" in password_codes(text)


def test_the_login_id_in_the_password() -> None:
    """A password that is little more than the login id is refused, backwards and with substitutes, too."""
    for text in ("tk7mq2wz", "TK7MQ2WZ", "zw2qm7kt", "tk7mq2wz-", "+k7mq2wz"):
        assert "password.guessable.login_id" in password_codes(text)
    assert not password_codes("tk7mq2wz", login_id="")


@pytest.mark.requirement("CRD-06")
def test_a_new_login_id_beside_a_password_that_is_kept() -> None:
    """It is refused where the password would be, for its sake alone: an old password's other faults are its own."""
    for login_id in ("tk7mq2wz", "TK7MQ2WZ", "zw2qm7kt"):
        assert codes(PASSWORDS.beside(Secret("tk7mq2wz12"), login_id)) == {"password.guessable.login_id"}
    assert not PASSWORDS.beside(Secret("tk7mq2wzxvb"), "tk7mq2wz")
    assert not PASSWORDS.beside(Secret("ab111111"), "tk7mq2wz")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("yamada7k", True),
        ("yamada7kw", False),
        ("0405kw", True),
        ("0405kwv", False),
        ("kw8391", True),
        ("kwv8391", False),
        ("19850405kwvq", True),
        ("850405kwvqmx", True),
        ("s6045kwvqmxz", True),
        ("9027568391kw", True),
        ("111kw", True),
        ("111kwv", False),
    ],
)
def test_the_floor(text: str, refused: bool) -> None:  # noqa: FBT001 -- a column of the table
    """Fragments are refused when fewer than three other characters are left; a whole datum wherever it stands."""
    assert bool(password_codes(text)) is refused


def test_the_floor_is_the_profiles_own() -> None:
    """A higher floor asks for more characters that nobody can guess."""
    strict = PasswordRules(length=Length(min=8, max=64), mixed=False, case_sensitive=True, floor=8)
    assert "password.guessable.name" in password_codes("yamadakw7vqm2", strict)
    assert not password_codes("yamadakw7vqm2x", strict)


@pytest.mark.requirement("CRD-03", "CRD-06")
def test_all_reasons_are_told_at_once() -> None:
    """Form and content are judged together, and every reason comes back, not the first."""
    assert id_codes("1985-04-05taro") >= {
        "login_id.too_long",
        "login_id.charset",
        "login_id.guessable.name",
        "login_id.guessable.birth_date",
    }
    assert id_codes("1111") >= {"login_id.too_short", "login_id.not_mixed", "login_id.guessable.run"}
    assert password_codes("あ111111111111") >= {"password.too_long", "password.charset", "password.guessable.run"}
    assert id_codes("") == {"login_id.too_short", "login_id.not_mixed"}
    assert password_codes("") == {"password.too_short"}


def test_params_tell_the_limits_and_the_pattern() -> None:
    """A violation carries what its text needs: a limit, or the name of the writing that was met."""
    assert Violation("login_id.too_short", {"min": 6}) in IDS.check("kw7")
    assert Violation("login_id.too_long", {"max": 12}) in IDS.check("kw7vqm2xj9hbd")
    assert Violation("password.too_short", {"min": 4}) in PASSWORDS.check(Secret("kw7"))
    assert Violation("password.too_long", {"max": 12}) in PASSWORDS.check(Secret("kw7vqm2xj9h-d"))
    assert PASSWORDS.check(Secret("kw850405"), about=TARO) == (
        Violation("password.guessable.birth_date", {"pattern": "yymmdd"}),
    )


KINDS = {
    *("account", "birth_date", "common", "keyboard", "login_id", "name", "phone", "repeat", "run", "sequence"),
    "service",
}
FORMS = {"too_short", "too_long", "charset", "not_mixed"}
CODES = {f"password.{said}" for said in (*FORMS, "letters_and_digits", *(f"guessable.{kind}" for kind in KINDS))}
PATTERNS = {
    *("yyyymmdd", "ddmmyyyy", "mmddyyyy", "yyyymd", "yymmdd", "yyyy", "mmdd", "ddmm"),
    *("era_yymmdd", "era_ymmdd", "era_yymd", "era_ymd", "era_digits"),
    *("whole", "without_trunk_zero", "without_area_code", "last_8", "last_4"),
    *("romaji", "romaji_part", "account", "branch", "login_id", "service_word", "common_password"),
    *("run", "repeat", "sequence", "keyboard"),
}


@given(st.text(HALF_WIDTH, min_size=1, max_size=14), st.sampled_from(["", "19850405", "yamada", "8391", "p@ssw0rd"]))
def test_no_violation_repeats_the_password(noise: str, planted: str) -> None:
    """What is said of a password comes from closed lists: no part of it, nor of the personal data."""
    violations = PASSWORDS.check(Secret(planted + noise), about=TARO, login_id=noise)
    assert codes(violations) <= CODES
    assert {value for violation in violations for value in violation.params.values()} <= {4, 12} | PATTERNS


@given(st.text(ALNUM, max_size=16))
def test_what_may_be_registered_may_log_in(text: str) -> None:
    """No login id that is taken at registration is one that the login screen does not take."""
    if not IDS.check(text, about=TARO):
        assert IDS.acceptable_at_login(text)


@pytest.mark.requirement("CRD-07")
@pytest.mark.parametrize(
    ("login_id", "accepted"),
    [
        ("kw7", False),
        ("kw7v", True),
        ("taro", True),
        ("ab123456", True),
        ("kw7vqm2xj9hb", True),
        ("kw7vqm2xj9hbd", False),
        ("kw7-", False),
        ("ｋｗ７ｖ", False),
        ("", False),
    ],
)
def test_login_takes_what_was_once_registered(login_id: str, accepted: bool) -> None:  # noqa: FBT001 -- a column
    """Four to twelve letters and digits may log in, although six are needed to register, and whatever they contain."""
    assert IDS.acceptable_at_login(login_id) is accepted


@pytest.mark.requirement("CRD-02", "CRD-05", "CRD-09", "PRF-06")
@given(st.text(HALF_WIDTH, min_size=1, max_size=12))
def test_case_is_the_profiles_to_tell(text: str) -> None:
    """Where case is not told apart, every casing is one credential; where it is, none is another; none is shortened."""
    assert IDS.canonical(text.upper()) == IDS.canonical(text.lower())
    assert PASSWORDS.same(Secret(text.upper()), Secret(text.lower()))
    assert PASSWORDS.canonical(Secret(text.upper())) == PASSWORDS.canonical(Secret(text.lower()))
    assert len(PASSWORDS.canonical(Secret(text))) == len(text)
    assert not PASSWORDS.same(Secret(text), Secret(text + "x"))
    assert AOMORI.canonical(Secret(text)) == Secret(text)
    assert AOMORI.same(Secret(text.upper()), Secret(text.lower())) is (text.upper() == text.lower())


@pytest.mark.requirement("CRD-02", "CRD-05")
@pytest.mark.parametrize("other", ["ſoil7", "soil7\N{KELVIN SIGN}", "soil7ß", "SOIL7\N{LATIN SMALL LIGATURE FI}"])
def test_only_half_width_letters_have_another_case(other: str) -> None:
    """A character that Unicode folds into a half-width letter is not that letter."""
    assert PASSWORDS.canonical(Secret(other)) == Secret(other)
    assert IDS.canonical(other) == other


def test_a_case_sensitive_id_stays_as_it_is() -> None:
    """Where case is told apart, the canonical login id is the typed one."""
    sensitive = LoginIdRules(
        length=Length(min=6, max=12), login_length=Length(min=6, max=12), mixed=True, case_sensitive=True
    )
    assert sensitive.canonical("Kw7vqm") == "Kw7vqm"


@pytest.mark.requirement("CRD-03", "CRD-06")
@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_case_never_hides_a_fragment(chance: random.Random, seed: int) -> None:
    """However letters are cased, the same reasons are told."""
    text = ("yamada7k", "Dragon12", "s600405k", "qwerty1", "jabank01", "abcdefg")[seed % 6]
    cased = "".join(chance.choice((c.lower(), c.upper())) for c in text)
    assert id_codes(cased) == id_codes(text.lower())


@pytest.mark.requirement("CRD-06")
def test_separators_hide_nothing() -> None:
    """A date or number written with separators is the same date or number."""
    for text, kind in {
        "1985-04-05": "birth_date",
        "x1985/4/5kqv": "birth_date",
        "90-27568391k": "phone",
        "2756-8391": "phone",
        "yamada.taro": "name",
        "pass-word1": "service",
    }.items():
        assert f"password.guessable.{kind}" in password_codes(text)
    assert not password_codes("kw-7vq.m")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_refusal_has_its_text(lang: str) -> None:
    """Each code has a text in both languages, which asks for no parameter that the violation lacks."""
    texts = tomllib.loads((resources.files("janetbank.messages") / f"{lang}.toml").read_text("utf-8"))
    for noun in ("login_id", "password"):
        own = {f"login_id.{of_passwords}" for of_passwords in ("guessable.login_id", "letters_and_digits")}
        for code in {code.replace("password", noun, 1) for code in CODES} - own:
            assert texts[code].format(min=1, max=2, pattern="yyyy")


def test_a_strong_password_is_accepted() -> None:
    """Nothing is said of what nobody can guess."""
    for text in ("kQ7!vR2zWm-x", "m9Xw#4kVbq", "vH3jzT8u", "Wm4tz9qX"):
        assert PASSWORDS.check(Secret(text), about=TARO, login_id="tk7mq2wz") == ()


@pytest.mark.parametrize(("shortest", "longest"), [(0, 4), (5, 4), (-1, 1)])
def test_lengths_that_cannot_be(shortest: int, longest: int) -> None:
    """A length begins at one at least and ends no sooner than it begins."""
    with pytest.raises(ValueError, match="length"):
        Length(min=shortest, max=longest)


def test_service_words_that_would_not_be_found() -> None:
    """A service word too short to be looked up is the profile's mistake, told at once."""
    with pytest.raises(ValueError, match="service word"):
        PasswordRules(length=Length(min=4, max=12), mixed=False, case_sensitive=False, service_words=("ja",))


@pytest.mark.parametrize(("shortest", "longest"), [(1, 1), (1, 2), (4, 4)])
def test_lengths_that_can_be(shortest: int, longest: int) -> None:
    """From one character on; one length alone, too."""
    assert ["a" * n in Length(min=shortest, max=longest) for n in (shortest, longest, longest + 1)] == [
        True,
        True,
        False,
    ]


def test_every_character_there_is_may_be_used_at_once() -> None:
    """What uses all that is allowed uses nothing that is not."""
    long = Length(min=1, max=100)
    ids = LoginIdRules(length=long, login_length=long, mixed=False, case_sensitive=True)
    passwords = PasswordRules(length=long, mixed=False, case_sensitive=True)
    assert ids.acceptable_at_login(ALNUM)
    assert "login_id.charset" not in codes(ids.check(ALNUM))
    assert "password.charset" not in codes(passwords.check(Secret(HALF_WIDTH)))


def test_the_words_of_a_bank_are_its_own() -> None:
    """What its rules name is guessable there, and elsewhere it is a word like any other."""
    own = evolve(PASSWORDS, service_words=("komorebi",))
    assert "password.guessable.service" in password_codes("komorebi7", own)
    assert "password.guessable.service" not in password_codes("komorebi7")


def test_where_nobody_is_known_nothing_is_like_him() -> None:
    """Without a login id no password is like one, and no login id is like another."""
    long = Length(min=1, max=100)
    assert "login_id.guessable.login_id" not in codes(IDS.check("xxxxk7"))
    rules = PasswordRules(length=long, mixed=False, case_sensitive=False)
    assert not any(one.code.endswith("login_id") for one in rules.check(Secret("xxxx")))
