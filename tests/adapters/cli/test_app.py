"""`janetbank app` is the token app in a terminal: two of them on one store answer each transaction once."""

import io
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest
from attrs import frozen
from rich.console import Console

from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import ApprovalAwaited
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.use_token import UseStarted
from janetbank.testing.bank import START, TestBank
from janetbank.values.secret import Secret
from janetbank_adapters.cli import main
from janetbank_adapters.cli.app import frame
from janetbank_adapters.cli.arguments import parser
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect
from janetbank_adapters.token_app.app import Shown
from tests.adapters.token_app.phones import issued
from tests.flows.token_scene import START_PASSWORD, STEP, Telephone, order


@frozen
class Terminal:
    """A customer's telephone and the terminal that plays it."""

    there: TestBank
    phone: Telephone
    files: list[str]

    def run(self, *argv: str, lang: str = "en") -> int:
        """Run one command now, as `main` would."""
        return run([*argv, *self.files, "--lang", lang], self.there.clock.now() - START)


def run(argv: Sequence[str], since: timedelta) -> int:
    """Run `janetbank app` at an instant of the scene."""
    args = parser(["app"]).parse_args(["app", *argv])
    args.clock = HandClock(START + since)
    code: int = args.run(args)
    return code


@pytest.fixture
def terminal(sqlite_store: str, tmp_path: Path) -> Iterator[Terminal]:
    """A store with a customer who has the ids of a token."""
    keys = tmp_path / "keys.json"
    with connect(sqlite_store) as storage:
        there = TestBank(storage=storage, keys=FileKeys.create(keys, SystemEntropy()))
        phone, _ = issued(there)
        files = {"--store": sqlite_store, "--keys": keys, "--app": tmp_path / "app", "--device": tmp_path / "device"}
        yield Terminal(there, phone, [str(word) for pair in files.items() for word in pair])


@pytest.fixture
def ready(terminal: Terminal, typing: None, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A terminal in which transactions are approved."""
    assert typing is None
    there, ids = terminal.there, terminal.phone.ids
    assert ids is not None
    assert terminal.run("add", ids.service_id, ids.user_id, "--agree") == 0
    there.clock.advance(STEP)
    capsys.readouterr()
    assert terminal.run("show") == 0
    code = Secret(capsys.readouterr().out.strip())
    assert isinstance(there.net.use_token.start(terminal.phone.session, code, approve_transfers=True), UseStarted)
    there.clock.advance(STEP)
    assert terminal.run("confirm") == 0
    return terminal


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody types the start password, and no terminal is there."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{START_PASSWORD.reveal()}\n"))


def requested(terminal: Terminal, yen: int = 50_000) -> str:
    """A transfer that waits for the app."""
    told = terminal.there.net.instruct.request(terminal.phone.session, order(yen=yen))
    assert isinstance(told, ApprovalAwaited), told
    return told.reference


@pytest.mark.requirement("APP-09", "APP-13", "APP-20")
@pytest.mark.usefixtures("typing")
def test_a_contract_is_added_and_shown(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """The conditions are agreed to first; afterwards the contract is listed, and its code said."""
    ids = terminal.phone.ids
    assert ids is not None
    assert terminal.run("list") == 1
    assert terminal.run("show") == 1
    assert terminal.run("approve") == 1
    capsys.readouterr()
    assert terminal.run("add", ids.service_id, ids.user_id) == 1
    assert "--agree" in capsys.readouterr().out
    sys.stdin.seek(0)
    assert terminal.run("add", ids.service_id, ids.user_id, "--agree", "--wording", "家計") == 0
    assert capsys.readouterr().out == ("The app is set up. Next, please start the use of the one-time password.\n")
    assert terminal.run("list", lang="ja") == 0
    assert capsys.readouterr().out == "* 1  JAネットバンク 5441 家計\n"
    assert terminal.run("show", "--once") == 0
    assert capsys.readouterr().out.strip().isdigit()
    sys.stdin.seek(0)
    assert terminal.run("add", ids.service_id, ids.user_id, "--agree", lang="ja") == 1
    assert capsys.readouterr().out == "この契約はすでに登録されています。\n"


@pytest.mark.usefixtures("typing")
def test_a_wrong_wording_or_number_is_misuse(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be is said on stderr, with exit code 2, and no secret in it."""
    ids = terminal.phone.ids
    assert ids is not None
    add = ["app", "add", ids.service_id, ids.user_id, "--agree", *terminal.files]
    assert main([*add, "--wording", "長" * 21]) == 2
    assert "additional wording" in capsys.readouterr().err
    assert main(["app", "list", *terminal.files, "--contract", "3"]) == 2
    assert capsys.readouterr().err == "janetbank: the app has no contract 3, only 0 of them\n"


@pytest.mark.requirement("TXA-04")
def test_what_waits_is_shown_whole_before_it_is_answered(ready: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """Payee, account and amount stand on the screen, in both languages; each answer has its exit code."""
    capsys.readouterr()
    assert ready.run("approve") == 0
    assert capsys.readouterr().out == "No transaction waits for you.\n"
    reference = requested(ready)
    for lang, words in (("en", ["payee", "Transfer to a payee"]), ("ja", ["受取人", "まで"])):
        assert ready.run("approve", lang=lang) == 0
        shown = capsys.readouterr().out
        for word in [reference, "ヤマダ　ハナコ", "¥50,000", "0009-123-ordinary-7654321", "2026-11-20", *words]:
            assert word in shown
    another = requested(ready, 1)
    assert ready.run("approve", reference) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{reference}\n")
    assert "¥50,000" in shown
    assert another not in shown
    assert shown.endswith("You have approved the transaction.\n")
    assert ready.run("decline", another) == 0
    capsys.readouterr()
    assert ready.run("decline", reference) == 1
    assert capsys.readouterr().out == "This transaction does not wait for you.\n"
    assert isinstance(ready.there.net.instruct.execute(ready.phone.session, reference), Executed)
    other = requested(ready, 70_000)
    assert ready.run("decline", other) == 0
    assert ready.there.net.instruct.execute(ready.phone.session, other) == NotAuthorised()


def _answer(told: Connection, tell: Connection) -> None:
    """A terminal of its own: it says that it is there, and then does whatever it is told, and tells its exit code."""
    tell.send("here")
    while (order := told.recv()) is not None:
        argv, since = order
        tell.send(run(argv, since))


@pytest.mark.requirement("TXA-04")
def test_two_terminals_answer_one_transaction_once(ready: Terminal) -> None:
    """One process approves and another declines at the same time: one of them does, and what it said holds."""
    spawn, terminals = get_context("spawn"), list[tuple[SpawnProcess, Connection, Connection]]()
    for _ in range(2):
        (theirs, tell), (told, answer) = spawn.Pipe(duplex=False), spawn.Pipe(duplex=False)
        process = spawn.Process(target=_answer, args=(theirs, answer))
        process.start()
        terminals.append((process, tell, told))
    assert [told.recv() for _, _, told in terminals] == ["here", "here"]
    for _ in range(3):
        reference, since = requested(ready), ready.there.clock.now() - START
        for verb, (_, tell, _) in zip(("approve", "decline"), terminals, strict=True):
            tell.send(([verb, reference, *ready.files], since))
        approved, declined = (told.recv() for _, _, told in terminals)
        assert sorted((approved, declined)) == [0, 1]
        executed = ready.there.net.instruct.execute(ready.phone.session, reference)
        assert isinstance(executed, Executed) == (approved == 0)
    for process, tell, _ in terminals:
        tell.send(None)
        process.join()


@pytest.mark.requirement("APP-19", "OTP-12")
@pytest.mark.parametrize(("left", "full"), [(60, 30), (30, 15), (1, 0)])
def test_a_bar_runs_out_with_the_code(left: int, full: int) -> None:
    """Beside the code stands how long it counts, in seconds and as a bar."""
    out = Console(file=io.StringIO(), width=80, force_terminal=False, legacy_windows=False)
    shown = Shown(Secret("123456"), START + STEP, STEP)
    out.print(frame("JA 5441", shown, START + STEP - timedelta(seconds=left)))
    assert isinstance(out.file, io.StringIO)
    name, code = out.file.getvalue().splitlines()
    assert name.strip() == "JA 5441"
    assert code.startswith("123456 ")
    assert code.rstrip().endswith(f"{left} s")
    assert code.count("━") + code.count("╸") >= full
