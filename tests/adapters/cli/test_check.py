"""`janetbank check` says whether a credential could be registered, why not, and never what it was."""

import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.messages import text
from janetbank.values.secret import Secret
from janetbank_adapters.cli import main
from tests.adapters.cli.process import run


def codes(capsys: pytest.CaptureFixture[str], argv: list[str]) -> tuple[int, set[str]]:
    """Exit code, and the codes of the reasons in JSON."""
    code = main([*argv, "--json"])
    return code, {one["code"] for one in json.loads(capsys.readouterr().out)["violations"]}


@pytest.mark.requirement("CRD-06")
def test_the_reasons_stand_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    """Unasked, each reason is said in Japanese and in English, and the exit code is 1."""
    assert main(["check", "password", "ab111111"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    for violation in profiles.JA.password.check(Secret("ab111111")):
        assert violation.code in said
        assert text(violation, "en") in said
        assert text(violation, "ja") in said.replace(" ", "")


@pytest.mark.parametrize(("lang", "other"), [("ja", "refused"), ("en", "登録できません")])
def test_one_language_is_enough(lang: str, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for one language it speaks no other."""
    assert main(["check", "login-id", "ab123456", "--lang", lang]) == 1
    assert other not in capsys.readouterr().out


def test_what_is_good_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    """A login id and a password that nobody guesses are exit code 0."""
    assert main(["check", "login-id", "kaze48nd", "--lang", "en"]) == 0
    assert main(["check", "password", "soil7+rain", "--lang", "en"]) == 0
    assert capsys.readouterr().out == "accepted\naccepted\n"


@pytest.mark.requirement("CRD-03", "CRD-06")
@pytest.mark.parametrize(
    ("value", "about", "reason"),
    [
        ("k19800102", ["--born", "1980-01-02"], "birth_date"),
        ("k19800102", ["--born", "19800102"], "birth_date"),
        ("k09012345678", ["--phone", "090-1234-5678"], "phone"),
        ("k09012345678", ["--phone", "026-234-5678", "--phone", "+81 90 1234 5678"], "phone"),
        ("kz0263847", ["--account", "263847"], "account"),
        ("q604", ["--branch", "604"], "account"),
        ("q2sato", ["--name", "サトウ　タロウ"], "name"),
        ("tarousatou7", ["--name", "サトウ タロウ"], "name"),
    ],
)
@pytest.mark.parametrize("what", ["password", "login-id"])
def test_each_fact_about_somebody_counts(
    what: str, value: str, about: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A birth date, telephone, account, branch or name is a reason when it is given, and none when it is not."""
    noun = what.replace("-", "_")
    code, with_it = codes(capsys, ["check", what, value, *about])
    assert code == 1
    assert f"{noun}.guessable.{reason}" in with_it
    assert f"{noun}.guessable.{reason}" not in codes(capsys, ["check", what, value])[1]


def test_the_login_id_in_the_password_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """A password that holds the login id is refused when the login id is given."""
    reason = "password.guessable.login_id"
    assert reason in codes(capsys, ["check", "password", "kaze48nd1", "--login-id", "kaze48nd"])[1]
    assert reason not in codes(capsys, ["check", "password", "kaze48nd1"])[1]


@pytest.mark.parametrize(
    "about",
    [
        ["--born", "1980-02-30"],
        ["--born", "yesterday"],
        ["--phone", "110"],
        ["--name", "Sato"],
        ["--account", "12345678"],
        ["--branch", "12"],
        ["--profile", "nobody"],
        ["--lang", "fr"],
    ],
)
def test_a_question_put_wrong_is_misuse(about: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be a fact about anybody is exit code 2, with the reason on stderr."""
    assert main(["check", "password", "soil7+rain", *about]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert f"argument {about[0]}: " in told.err


def test_the_value_may_come_from_the_standard_input() -> None:
    """- reads the first line, without its end, whichever end that is."""
    assert run(["check", "password", "-"], stdin=b"soil7+rain\n").returncode == 0
    assert run(["check", "password", "-"], stdin=b"soil7+rain\r\nnext line").returncode == 0
    assert run(["check", "login-id", "-"], stdin=b"kaze48nd").returncode == 0
    told = run(["check", "password", "-", "--json"], stdin=b"ab\xff\xfe1234\n")  # no UTF-8 at all
    assert "password.charset" in [one["code"] for one in json.loads(told.stdout)["violations"]]


def test_a_value_may_begin_with_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    """Behind -- anything is a value."""
    assert main(["check", "password", "--lang", "en", "--", "-soil7+rain"]) == 0
    assert capsys.readouterr().out == "accepted\n"


def test_json_is_all_there_is_to_know(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON names what was checked by whose rules, the verdict, and each reason with its parameters and texts."""
    assert main(["check", "password", "a1", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["what"], told["profile"], told["accepted"]) == ("password", "ja", False)
    first = profiles.JA.password.check(Secret("a1"))[0]
    assert told["violations"][0] == {
        "code": "password.too_short",
        "params": {"min": 4},
        "ja": text(first, "ja"),
        "en": text(first, "en"),
    }


class _Captured:
    """What the command wrote, without pytest's capturing, which is one for all examples."""

    def __enter__(self) -> io.StringIO:
        self._before = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = out = io.StringIO()
        return out

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self._before


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=5, max_size=12).map("~{}^".format))
def test_the_value_is_never_shown(value: str) -> None:
    """Whatever is checked, it stands nowhere in the answer; and the answer is the rule's.

    The two marks keep a value from being a word of the answer itself ("password" is checked often enough).
    """
    for noun, rules in (
        ("password", profiles.JA.password.check(Secret(value))),
        ("login-id", profiles.JA.login_id.check(value)),
    ):
        with _Captured() as out:
            code = main(["check", noun, "--json", "--", value])
        assert value not in out.getvalue()
        assert code == int(bool(rules))
