"""The tour tells what the story says, on every store, and says so where something differs."""

import io
import json
import re
import sqlite3
from contextlib import closing, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from janetbank import profiles
from janetbank.flows.refusals import Blocked, Refused
from janetbank.messages import Language
from janetbank.model.contract import Counter
from janetbank.model.customer import Address
from janetbank.model.letter import Letter, LetterCode
from janetbank.policies.lockout import AtLeast, Lockout
from janetbank.policies.step_up import Guarded
from janetbank.ports.storage import Storage
from janetbank.testing.storage_conformance import a_contract, a_customer
from janetbank.values.email import MailAddress
from janetbank.values.environment import Channel
from janetbank_adapters.cli import first_use_story, main, stores
from janetbank_adapters.cli.people import HANAKO, TARO
from janetbank_adapters.cli.reissue_story import GUESSED_PASSWORD, NEW_START_PASSWORD
from janetbank_adapters.cli.scenes import Chapter, Step, delivered, says
from janetbank_adapters.cli.stage import DOMAIN, INSTITUTION, START, Stage
from janetbank_adapters.cli.story import BIRTH_DATE_PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, chapters
from janetbank_adapters.cli.text import Text
from janetbank_adapters.cli.token_story import BIRTH_DATE, START_PASSWORD, WRONG_START_PASSWORD
from janetbank_adapters.cli.tour import InJson, OnScreen, Scene, tell
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from tests.adapters.cli.process import run
from tests.requirements_sync import REGISTER, rows

FAST = profiles.fast_for_tests(profiles.JA)
STORY = chapters(profiles.JA)
STEPS = [step for chapter in STORY for step in chapter.steps]


@frozen
class Kept:
    """A tour with --keep: what it wrote on both streams, and what it left in its folder."""

    out: str
    err: str
    folder: Path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A tour in JSON on a store in memory, with real Argon2id."""
    folder = tmp_path_factory.mktemp("kept")
    ended = run(["tour", "--store", "memory:", "--json", "--keep", "--lang", "en"], {"TMPDIR": str(folder)})
    assert ended.returncode == 0, ended.stderr.decode()
    (made,) = folder.iterdir()
    return Kept(ended.stdout.decode(), ended.stderr.decode(), made)


@pytest.fixture(scope="module")
def in_json(kept: Kept) -> list[dict[str, Any]]:
    """What it told, line by line."""
    return [json.loads(line) for line in kept.out.splitlines()]


@pytest.fixture(scope="module")
def on_screen(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, list[Path]]:
    """What it says on an SQLite file made for the purpose, with real Argon2id; stderr; and what it leaves behind."""
    folder = tmp_path_factory.mktemp("tour")
    ended = run(["tour", "--lang", "ja"], {"TMPDIR": str(folder)})
    assert ended.returncode == 0, ended.stdout.decode()
    return ended.stdout.decode(), ended.stderr.decode(), list(folder.iterdir())


# --- The story --------------------------------------------------------------------------------------------------------


def test_every_step_is_told_in_its_turn(in_json: list[dict[str, Any]]) -> None:
    """One object a step, in the order of the story, with the outcome that the story expects."""
    told = [(one["chapter"], one["step"], one["outcome"], one["tries"]) for one in in_json]
    assert told == [
        (chapter_number, number, step.expects[-1].__name__, len(step.expects))
        for chapter_number, chapter in enumerate(STORY, start=1)
        for number, step in enumerate(chapter.steps, start=1)
    ]
    assert all(one["as_told"] for one in in_json)


def test_an_object_has_all_there_is_to_a_step(in_json: list[dict[str, Any]]) -> None:
    """What is done, what comes of it in words and as a code, the rows, the clock and how long it took."""
    keys = ["chapter", "step", "does", "outcome", "code", "text", "requirements", "clock", "tries"]
    for one, step in zip(in_json, STEPS, strict=True):
        assert list(one) == [*keys, "milliseconds", "as_told"]
        assert one["does"] == step.does.en
        assert one["code"]
        assert one["text"]
        assert one["requirements"] == list(step.rows)
        assert one["milliseconds"] >= 0


@pytest.mark.requirement("ENR-02", "ENR-03", "ENR-04", "ENR-06", "ENR-09", "ENR-10", "ENR-12", "CRD-06")
def test_taro_applies(in_json: list[dict[str, Any]]) -> None:
    """From the terms to the contract: a wrong PIN gets one refusal, a bad password all its reasons."""
    told = [one["code"] for one in in_json if one["chapter"] == 1]
    refused = ["enrol.next"] * 2 + ["enrol.not_accepted", "enrol.next", "rejected"]
    assert told == ["enrol.begun", *refused, *["enrol.next"] * 2, "enrol.review", "enrol.enrolled", "enrol.done"]
    reasons = next(one["text"] for one in in_json if one["code"] == "rejected")
    for reason in ("sequences", "common passwords", "the birth date", "the name in Latin letters"):
        assert reason in reasons


@pytest.mark.requirement("LCK-01", "LCK-02", "LCK-16")
def test_he_is_locked_out_for_an_hour(in_json: list[dict[str, Any]]) -> None:
    """Seven wrong passwords; during the lock the right one gets the same words; an hour later it lets in."""
    third = [one for one in in_json if one["chapter"] == 3]
    assert [one["code"] for one in third if one["requirements"]] == [*["locked_out"] * 3, "logged_in"]
    wrong, right, early = (one["text"] for one in third if one["code"] == "locked_out")
    assert wrong == right == early
    assert third[0]["tries"] == 7
    start, *_, end = (datetime.fromisoformat(one["clock"]) for one in third)
    assert (end - start).total_seconds() == 3600


@pytest.mark.requirement("LCK-03")
def test_hanako_is_blocked_by_the_21st_guess(in_json: list[dict[str, Any]]) -> None:
    """Two lockouts and a block; afterwards neither the right password nor time lets her in."""
    fourth = [one for one in in_json if one["chapter"] == 4]
    guesses = [one for one in fourth if one["tries"] > 1]
    assert [one["code"] for one in guesses] == ["locked_out", "locked_out", "blocked"]
    assert sum(one["tries"] for one in guesses) == 21
    assert [one["code"] for one in fourth if one["outcome"] != "ClockTurned"][-2:] == ["blocked", "blocked"]


def test_nobody_gets_the_answers_that_somebody_gets(in_json: list[dict[str, Any]]) -> None:
    """The unknown login id is refused and locked in the words of the known one, but for the time of day."""
    known, unknown = (next(one for one in in_json if one["chapter"] == at) for at in (3, 5))
    assert (known["outcome"], known["tries"]) == (unknown["outcome"], unknown["tries"])
    there, here = (re.sub(r"\d+ \w+ \d+:\d+", "then", one["text"]) for one in (known, unknown))
    assert there == here


@pytest.mark.requirement("MAL-01")
def test_the_letters_arrive(in_json: list[dict[str, Any]]) -> None:
    """Every letter of the story is in the Maildir."""
    told = [one["text"] for one in in_json if one["outcome"] == "MailDelivered"]
    assert told == [delivered(count) for count in (12, 3, 14, 4, 3, 1, 2, 10, 10)]


def codes(in_json: list[dict[str, Any]], chapter: int) -> list[str]:
    """What was told in a chapter, but for the clock."""
    return [one["code"] for one in in_json if one["chapter"] == chapter and one["outcome"] != "ClockTurned"]


@pytest.mark.requirement("TEL-01", "TEL-05", "TKN-06", "TKN-07", "RBA-13", "APP-09", "OTP-03")
def test_taro_gets_a_token(in_json: list[dict[str, Any]]) -> None:
    """A question, a call that counts and one that does not, the ids, the app with its start password, and a code."""
    assert codes(in_json, 7) == [
        *("instruction.token_needed", "step_up_needed", "step_up_question", "stepped_up", "phone_auth.choices"),
        *("rejected", "phone_auth.started", "phone_auth.waiting", "phone_auth.recognised", "token.issued"),
        *("tour.mail_delivered", "refused", "token.app_ready", "token.use_started"),
    ]


@pytest.mark.requirement("LGN-09", "OTP-11")
def test_he_logs_in_with_it(in_json: list[dict[str, Any]]) -> None:
    """From a smartphone it takes a code, and one that has served is none."""
    assert codes(in_json, 8) == ["question_asked", "code_asked", "refused", "logged_in"]


@pytest.mark.requirement("TXA-04", "TXA-05", "TXA-07")
def test_he_approves_what_he_sees(in_json: list[dict[str, Any]]) -> None:
    """Executed is what was approved, once; what was changed after that is not, and he declines it."""
    waits, refused = "instruction.approval_awaited", "instruction.not_authorised"
    assert codes(in_json, 9) == [
        *("token.method_changed", "instruction.app_confirmation_needed", "token.method_changed"),
        *(waits, "tour.app_shows", "approval.approved", "instruction.executed", "instruction.executed"),
        *(waits, "tour.app_shows", "approval.approved", waits, refused),
        *("tour.app_shows", "approval.declined", "instruction.standing"),
    ]


@pytest.mark.requirement("BIO-02", "BIO-05", "BIO-06", "BIO-07", "BIO-12", "LGN-17")
def test_he_logs_in_by_his_finger_until_he_changes_his_password(in_json: list[dict[str, Any]]) -> None:
    """Set up once, the finger lets in; a new password ends that, and lets in itself."""
    by_finger = ["biometrics.set_up", "logged_in", "password_changed", "biometrics.not_set_up", "logged_in"]
    assert codes(in_json, 10) == by_finger


@pytest.mark.requirement("TKR-03", "TKR-04", "TKR-06", "TKR-08", "TKR-09", "TKR-10", "LGN-12")
def test_he_loses_his_telephone(in_json: list[dict[str, Any]]) -> None:
    """By password and call he has another token; the lost one counted until then, and what waited for it is void."""
    assert codes(in_json, 11) == [
        *("instruction.approval_awaited", "refused", "reissue.begun", "phone_auth.choices", "rejected"),
        *("phone_auth.started", "tour.app_shows", "phone_auth.recognised", "reissue.done", "token.none"),
        *("session_ended", "tour.mail_delivered", "token.app_ready", "question_asked", "code_asked", "logged_in"),
        "instruction.standing",
    ]


@pytest.mark.requirement("LGN-05", "LGN-06", "OTP-15")
def test_he_gives_it_up_until_tomorrow(in_json: list[dict[str, Any]]) -> None:
    """On the same day there is no other one; on the next there is."""
    asked = ["step_up_question", "stepped_up"]
    given_up, next_day = ["token.cancelled", *asked, "token.not_yet"], ["logged_in", *asked, "phone_auth.started"]
    assert codes(in_json, 12) == [*given_up, *next_day, "phone_auth.aborted", "tour.mail_delivered"]


@pytest.mark.requirement("SUS-01", "SUS-03", "SUS-10", "SUS-17", "SUS-22", "SUS-25", "SUS-28", "MAL-14")
def test_hanako_is_stopped_and_let_go_by_two(in_json: list[dict[str, Any]]) -> None:
    """Identified, told everything, stopped at once, checked, formalised; released by two, with a new password."""
    assert codes(in_json, 14) == [
        *("suspend.not_identified", "suspend.unexplained", "suspend.requested", "suspend.suspended", "suspended"),
        *("case.own", "suspend.checked", "tour.mail_delivered", "suspend.formalised"),
        *("rejected", "enquiry.history", "case.proposed", "case.own", "case.done"),
        *("password_change_needed", "logged_in", "tour.mail_delivered"),
    ]


@pytest.mark.requirement("TRF-01", "TRF-02", "TRF-03", "TRF-06")
def test_nothing_is_paid_twice(in_json: list[dict[str, Any]]) -> None:
    """A host who falls silent is asked again; what is reserved is cancelled; a tax takes no code."""
    limited = ["step_up_needed", "step_up_question", "stepped_up", "rejected", "limit.set"]
    paid_once = ["instruction.authorised", "instruction.answer_awaited", "instruction.executed", "limit.reached"]
    assert codes(in_json, 15) == [
        *("logged_in", "account.balance", "limit.standing", *limited, "rejected", *paid_once),
        *("instruction.authorised", "instruction.reserved", "instruction.cancelled"),
        *("refused", "bill.found", "instruction.executed", "account.statement", "tour.mail_delivered"),
    ]


@pytest.mark.requirement("ACC-05", "ACC-08", "CAN-04", "CAN-07", "CAN-08", "ENR-09", "ENR-17", "FEE-08", "OPS-02")
def test_days_pass_until_he_leaves(in_json: list[dict[str, Any]]) -> None:
    """An account is reflected on the next operating day, a month costs its fee, and nobody logs in who has left."""
    reserved = ["instruction.authorised", "instruction.reserved"]
    assert codes(in_json, len(STORY)) == [
        *("logged_in", "accounts.addition_accepted", "accounts.used", *reserved, "leave.cannot"),
        *("batch.done", "tour.report_read", "batch.done", "logged_in", "accounts.deletion_accepted"),
        *("leave.accepted", "account.statement", "leaving", "batch.done", "refused", "tour.mail_delivered"),
        *("enrol.enrolled", "logged_in"),
    ]


@pytest.mark.requirement("ENR-17", "OPS-03")
def test_the_reports_of_its_nights_are_kept(kept: Kept, on_screen: tuple[str, str, list[Path]]) -> None:
    """A table and a page for each branch, and what the branch reads stands on the screen."""
    reports = sorted(path.name for path in (kept.folder / "reports").glob("*/*"))
    assert reports == ["5448-004.csv", "5448-004.csv", "5448-004.html", "5448-004.html"]
    assert "利用口座の追加" in on_screen[0]


def test_the_app_shows_payee_and_amount(on_screen: tuple[str, str, list[Path]]) -> None:
    """What is approved and what is declined stands there for people to see."""
    assert on_screen[0].count("ヤマダ　ハナコ · 0009 · 123 普通 7654321 · ¥68,000") == 3
    assert on_screen[0].count("ドロボウ · 0009 · 123 普通 6660001 · ¥980,000") == 1


def test_the_rows_are_rows() -> None:
    """Whatever a step says it shows is a row of the register or a decision."""
    known = rows(REGISTER.read_text(encoding="utf-8"))
    named = {row for step in STEPS for row in step.rows}
    assert [row for row in named if row not in known and not re.fullmatch(r"AMB-([1-9]|[1-3]\d|40)", row)] == []


def test_everything_is_said_in_both_languages() -> None:
    """Each deed and each title has its own words in Japanese and in English."""
    for text in (*(step.does for step in STEPS), *(chapter.title for chapter in STORY)):
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", text.ja)
        assert not re.search(r"[ぁ-んァ-ヶ一-龠]", text.en)


# --- On every store ---------------------------------------------------------------------------------------------------


def scene(storage: Storage, folder: Path) -> Scene:
    """A stage over *storage* whose hashes cost nothing."""
    return Scene(Stage(FAST, storage, folder), "a store", folder, kept=False)


@pytest.mark.loopback
def test_a_store_may_have_been_used_before(store_url: str, tmp_path: Path) -> None:
    """On SQLite and PostgreSQL the story can be told again and again, each time about other people."""
    with connect(store_url) as storage, redirect_stdout(io.StringIO()) as out:
        for name in ("first", "second"):
            folder = tmp_path / name
            folder.mkdir()
            assert tell(scene(storage, folder), STORY, InJson("ja")), out.getvalue()


def test_on_screen_it_tells_where_and_what(on_screen: tuple[str, str, list[Path]]) -> None:
    """It names its store, its letters, its clock and its cost, every chapter and step, and ends well."""
    said, errors, _ = on_screen
    plain = re.sub(r"\s", "", said)
    for wanted in ("bank.db", "Maildir", "Argon2id19MiB", "だれも待ちません", INSTITUTION.name):
        assert wanted in plain
    for number, chapter in enumerate(STORY, start=1):
        assert f"{number}  {chapter.title.ja} ─" in said
        for at, step in enumerate(chapter.steps, start=1):
            assert f"{number}.{at}{step.does.ja}".replace(" ", "") in plain
    assert f"✓ {len(STEPS)}の場面すべてが話のとおりでした。" in said
    assert errors == ""


def test_it_takes_away_what_it_made(on_screen: tuple[str, str, list[Path]]) -> None:
    """Database, keys and letters are gone when it ends."""
    assert on_screen[2] == []


def test_it_keeps_what_it_is_told_to_keep(kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --keep everything stays; where it is stands at the end, or in JSON on stderr."""
    assert kept.err == f"janetbank: kept in {kept.folder}\n"
    telephones = ["telephone-of-sora", "telephone-of-yuki"]
    kept_there = ["Maildir", "keys.json", "new-telephone", "reports", *telephones]
    assert sorted(path.name for path in kept.folder.iterdir()) == kept_there
    assert sorted(path.name for path in (kept.folder / telephones[0]).iterdir()) == ["app.json", "device.key"]
    assert len(list((kept.folder / "Maildir" / "new").iterdir())) == 59
    OnScreen("en").closes(Scene(Stage(FAST, MemoryStorage(), tmp_path), "sqlite:///x", tmp_path, kept=True), 3)
    verify = f"janetbank audit verify --store 'sqlite:///x' --keys {tmp_path / 'keys.json'}"
    assert capsys.readouterr().out.endswith(f"  kept: {tmp_path}\n  {verify}\n")


def _waits(address: str) -> Letter:
    """A letter to *address* that stands in the outbox."""
    to = MailAddress.parse(address)
    return Letter(
        id=address[0], institution=INSTITUTION.id, to=to, code=LetterCode.BLOCKED, written_at=START, due_at=START
    )


@pytest.mark.loopback
def test_letters_of_others_are_left_alone(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A store in which somebody's letters wait is not for a tour, which would take them along."""
    with connect(store_url) as storage:
        with storage.transaction() as tx:
            tx.outbox.add([_waits("sora.home@example.jp"), _waits("anna@mail.example.com")])
        assert main(["tour", "--store", store_url]) == 2
        assert "letters are waiting" in capsys.readouterr().err
        with storage.transaction() as tx:
            assert [one.tries for one in tx.outbox.claim(START, START, 5)] == [1, 1]


@pytest.mark.loopback
def test_nobody_elses_customers_have_its_nights(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A store with customers of its own is none for a tour; those of an earlier tour do no harm."""
    with connect(store_url) as storage:
        contract = a_contract(account="1")
        anna = evolve(a_customer(contract), addresses=(Address(MailAddress.parse("anna@mail.example.com")),))
        with storage.transaction() as tx:
            tx.contracts.add(contract)
            tx.customers.add(anna)
        assert main(["tour", "--store", store_url]) == 2
        assert "customers" in capsys.readouterr().err
        assert stores.customers_there(storage, but_of="example.com") == 0


@pytest.mark.loopback
def test_letters_of_an_interrupted_tour_do_no_harm(store_url: str, tmp_path: Path) -> None:
    """What a tour left in the outbox is taken along by the next one, and counted as nobody's of that."""
    with connect(store_url) as storage, redirect_stdout(io.StringIO()):
        with storage.transaction() as tx:
            tx.outbox.add([_waits("sora.home@example.jp")])
        assert stores.letters_waiting(storage, but_to=DOMAIN) == 0
        assert tell(scene(storage, tmp_path), STORY, InJson("ja"))
    assert len(list((tmp_path / "Maildir" / "new").iterdir())) == 60


@pytest.mark.parametrize("url", ["", "nowhere", "sqlite:///:memory:"])
def test_a_store_that_is_none_is_misuse(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and one line, before anything is told."""
    assert main(["tour", "--store", url]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)


# --- When something differs -------------------------------------------------------------------------------------------


@pytest.fixture
def one_step() -> Step:
    """Somebody whom nobody knows logs in."""
    return Step(does=Text("入る", "in"), act=lambda on: on.taro.logs_in(), expects=(Refused, Refused), rows=("LGN-03",))


@pytest.mark.parametrize("teller", [InJson, OnScreen])
@pytest.mark.parametrize(
    ("lang", "said"),
    [("ja", "2回目はBlockedのはずが、Refusedでした。"), ("en", "Try 2: not Blocked, but Refused.")],
)
def test_another_outcome_is_told_and_ends_it(
    teller: type[InJson | OnScreen],
    lang: Language,
    said: str,
    one_step: Step,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first outcome of another class ends the tour with what was expected and what came."""
    story = (Chapter(Text.same("1"), (evolve(one_step, expects=(Refused, Blocked, Refused)), one_step)),)
    assert not tell(scene(MemoryStorage(), tmp_path), story, teller(lang))
    told = capsys.readouterr()
    assert said in told.out + told.err
    if teller is InJson:
        assert (json.loads(told.out)["as_told"], json.loads(told.out)["tries"]) == (False, 2)


def test_an_outcome_that_does_not_hold_is_told_and_ends_it(
    one_step: Step, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The right class with the wrong content is a difference too."""

    def never(_: Stage, outcome: object) -> bool:
        return outcome is None

    story = (Chapter(Text.same("1"), (evolve(one_step, holds=never),)),)
    assert not tell(scene(MemoryStorage(), tmp_path), story, OnScreen("en"))
    assert "This is not what the story tells: Refused()" in capsys.readouterr().out


def test_a_tour_that_differs_is_exit_code_1(sqlite_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the store loses what it was given, the tour finds out, and whoever runs it from a script does too."""
    forget = "CREATE TRIGGER forget AFTER INSERT ON procedure BEGIN DELETE FROM procedure; END"
    with closing(sqlite3.connect(sqlite_store.removeprefix("sqlite:///"))) as connection:
        connection.execute(forget)
    assert main(["tour", "--store", sqlite_store, "--json", "--lang", "en"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out.splitlines()[-1])["outcome"] == "ProcedureEnded"
    assert told.err == "janetbank: Try 1: not Next, but ProcedureEnded.\n"


# --- Secrets ----------------------------------------------------------------------------------------------------------


def test_no_secret_is_told(on_screen: tuple[str, str, list[Path]], in_json: list[dict[str, Any]]) -> None:
    """Neither way of telling shows a password, a PIN, an answer or anything as long as a token."""
    told = on_screen[0] + json.dumps(in_json, ensure_ascii=False)
    secrets = [WRONG_PASSWORD, NEW_PASSWORD, BIRTH_DATE_PASSWORD]
    secrets += [START_PASSWORD, WRONG_START_PASSWORD, BIRTH_DATE, NEW_START_PASSWORD, GUESSED_PASSWORD]
    secrets += [answer for person in (TARO, HANAKO) for _, answer in person.answers]
    assert [secret for secret in secrets if secret.reveal() in told] == []
    assert "soil7+rain" not in told
    assert not re.search(r"(?<![0-9a-zA-Z_-])[0-9A-Za-z_-]{43}(?![0-9a-zA-Z_-])", told)


def test_outcomes_of_the_tour_itself_have_words(tmp_path: Path) -> None:
    """Turning the clock and delivering letters are said in both languages."""
    stage = Stage(FAST, MemoryStorage(), tmp_path)
    turn = next(step for step in STEPS if step.expects[0].__name__ == "ClockTurned")
    assert says(turn.act(stage), "ja") == "時計は 2026-11-20 10:59 です。"
    assert says(turn.act(stage), "en") == "The clock stands at 2026-11-20 11:58 in Japan."


# --- Other banks ------------------------------------------------------------------------------------------------------

INVENTED = Path(__file__).parents[3] / "examples" / "invented-bank.toml"
RESETS = 13
LEFT_OUT = {
    "ja": [],
    "akita": [1, 9, 11, RESETS],
    "aomori": [1, 9, 11, RESETS],
    "modern": [],
    "hoshizora": [RESETS, len(STORY)],
}
"""The chapters that each bank does not have."""
TOURED = (profiles.JA, profiles.AKITA, profiles.AOMORI, profiles.MODERN, profiles.load(INVENTED))


@pytest.mark.requirement("PRF-01", "PRF-03", "PRF-10", "PRF-15", "ENR-39")
@pytest.mark.parametrize("profile", TOURED, ids=lambda one: one.name)
def test_every_bank_has_its_tour(profile: profiles.Profile, tmp_path: Path) -> None:
    """The story comes to its end at each bank, and says in one line what each chapter that it lacks would want."""
    fast = profiles.fast_for_tests(profile)
    there = Scene(Stage(fast, MemoryStorage(), tmp_path), "memory:", tmp_path, kept=False)
    with redirect_stdout(io.StringIO()) as out:
        assert tell(there, chapters(fast), InJson("en")), out.getvalue()
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    left_out = [one["chapter"] for one in told if "left_out" in one]
    assert left_out == LEFT_OUT[profile.name]
    stepless = {number for number, chapter in enumerate(chapters(fast), start=1) if not chapter.steps}
    assert stepless == {number for number in left_out if number > 1}
    assert {one["chapter"] for one in told} == set(range(1, len(chapters(fast)) + 1))


@pytest.mark.requirement("ENR-20", "ENR-23", "ENR-27", "ENR-30", "ENR-34", "ENR-36", "ENR-38", "LGN-11", "LGN-14")
@pytest.mark.requirement("LGN-10", "LGN-15", "ENR-22", "TKN-16")
def test_jiro_begins_by_a_notice(tmp_path: Path) -> None:
    """At Aomori: two people, a login id, each step in its turn, and the token; nothing by the notice afterwards."""
    fast = profiles.fast_for_tests(profiles.AOMORI)
    (story,) = first_use_story.chapters(fast)
    there = Scene(Stage(fast, MemoryStorage(), tmp_path), "memory:", tmp_path, kept=False)
    with redirect_stdout(io.StringIO()) as out:
        assert tell(there, (story,), InJson("en")), out.getvalue()
    told = [json.loads(line)["code"] for line in out.getvalue().splitlines()]
    assert told == [
        *("tour.clock_turned", "notice.asked", "notice.given", "refused", "login_id_wanted", "rejected"),
        *("login_id_obtained", "nothing_to_obtain", "questions_needed", "questions_needed", "passwords_needed"),
        *("tour.clock_turned", "question_asked", "passwords_needed", "rejected", "customer_data_needed"),
        *("rejected", "refused", "logged_in", "refused"),
        *(
            "question_asked",
            "token_wanted",
            "session_ended",
            "confirmed",
            "phone_auth.started",
            "phone_auth.recognised",
        ),
        *("token.issued", "token.app_ready", "tour.clock_turned", "question_asked", "code_asked", "logged_in"),
        "tour.clock_turned",
        *("notice.login_id_initialised", "login_id_wanted", "login_id_obtained", "code_asked", "logged_in"),
    ]
    assert first_use_story.chapters(FAST) == ()
    for step in story.steps:
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", step.does.ja)
        assert not re.search(r"[ぁ-んァ-ヶ一-龠]", step.does.en)
        assert [row for row in step.rows if row not in rows(REGISTER.read_text("utf-8")) and row[:3] != "AMB"] == []


@pytest.mark.parametrize("wanted", [True, False], ids=["by an answer", "no token"])
def test_a_first_use_ends_as_its_bank_has_it(tmp_path: Path, wanted: bool) -> None:  # noqa: FBT001 -- a cell
    """Where no second password authorises the token an answer does; where no channel takes one the story has none."""
    fast = profiles.fast_for_tests(profiles.AOMORI)
    assert fast.confirmation is not None
    confirmation = evolve(fast.confirmation, authorises=fast.confirmation.authorises - {Guarded.TOKEN_ISSUE})
    channels = fast.token.required_on if wanted else frozenset[Channel]()
    other = evolve(fast, confirmation=confirmation, token=evolve(fast.token, required_on=channels))
    there = Scene(Stage(other, MemoryStorage(), tmp_path), "memory:", tmp_path, kept=False)
    with redirect_stdout(io.StringIO()) as out:
        assert tell(there, first_use_story.chapters(other), InJson("en")), out.getvalue()
    told = [json.loads(line)["code"] for line in out.getvalue().splitlines()]
    assert ("stepped_up" in told, "token.issued" in told) == (wanted, wanted)


def test_what_is_left_out_is_said_on_the_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, in the language asked for."""
    fast = profiles.fast_for_tests(profiles.AOMORI)
    there = Scene(Stage(fast, MemoryStorage(), tmp_path), "memory:", tmp_path, kept=False)
    assert tell(there, chapters(fast), OnScreen("ja"))
    out = capsys.readouterr().out
    assert "オンライン申込みは、ここにはありません。" in out
    assert "ソフトウェアトークン取引認証は、ここにはありません。" in out


def test_a_lock_that_is_for_good_has_no_chapter_of_its_end(tmp_path: Path) -> None:
    """Where the first lock blocks, nobody waits for its end."""
    first = Lockout(tolerance=AtLeast(4), rest=None, lockouts_to_block=1)
    strict = evolve(FAST, lockouts={**FAST.lockouts, Counter.PASSWORD: first})
    there = Scene(Stage(strict, MemoryStorage(), tmp_path), "memory:", tmp_path, kept=False)
    story = chapters(strict)
    with redirect_stdout(io.StringIO()) as out:
        assert tell(there, story[:6], InJson("ja")), out.getvalue()
    assert [number for number, chapter in enumerate(story, start=1) if chapter.left_out] == [3, 5]


def test_a_bank_of_ones_own_is_toured_by_its_file() -> None:
    """`tour --profile FILE`, with Argon2id at its cost."""
    ended = run(["tour", "--store", "memory:", "--json", "--profile", str(INVENTED)], {})
    assert ended.returncode == 0, ended.stderr.decode()
    assert len(ended.stdout.splitlines()) > 60
