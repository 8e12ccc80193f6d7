"""`janetbank batch run`: a night on a real store, told in words and in JSON, and killed for real."""

import csv
import io
import json
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from janetbank.model.audit import ChainHead
from janetbank.model.batch import BatchRun, BatchStep
from janetbank.model.contract import Contract
from janetbank.model.fee import ChargeKind
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.instruction import InstructionState
from janetbank.ports.storage import Storage
from janetbank.testing.night_conformance import a_charge, an_acceptance
from janetbank.testing.storage_conformance import HERE, a_contract, an_instruction, once
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId
from janetbank.values.moment import in_japan
from janetbank_adapters.cli import main
from janetbank_adapters.storage.sql import connect
from tests.adapters.cli.process import COMMAND, environment

DAY = timedelta(days=1)
HOSTS = "tests.adapters.cli.hosts"
CALENDAR = BankCalendar()


def last_working_day() -> date:
    """The last day that a bank worked and whose night can be run on the machine's own clock."""
    day = in_japan(datetime.now(UTC)).date() - DAY
    while not CALENDAR.is_business_day(day):
        day -= DAY
    return day


TODAY = last_working_day()


def fill(storage: Storage, size: int, *, branches: int = 40) -> None:
    """So many contracts with something to reflect: every seventh leaves, every fifth adds an account."""
    with storage.transaction() as tx:
        for number in range(size):
            name = f"c{number:05}"
            contract = evolve(
                a_contract(name, login_id=f"taro{number:05}", account=str(number)),
                status=ContractStatus.LEAVING if number % 7 == 0 else ContractStatus.APPLIED,
                effective_on=TODAY,
                ends_on=TODAY if number % 7 == 0 else None,
                accounts=(_pending(number),) if number % 5 == 0 else (),
            )
            tx.contracts.add(contract)
            tx.acceptances.add(an_acceptance(name, on=TODAY, branch=f"{1 + number % branches:03}"))


def _pending(number: int) -> LinkedAccount:
    return LinkedAccount.added(Account.parse("009", "savings", str(number)), TODAY)


def all_of(storage: Storage, size: int) -> list[Contract]:
    """The contracts as they stand, but for the times in their chains."""
    with storage.transaction() as tx:
        found = [tx.contracts.by_id(HERE, ContractId(f"c{number:05}")) for number in range(size)]
    return [evolve(one, chain=ChainHead(one.chain.seq)) for one in found if one]


def arguments(url: str, folder: Path, *more: str) -> list[str]:
    """What runs the night of TODAY."""
    return ["batch", "run", "--date", TODAY.isoformat(), "--store", url, "--reports", str(folder), *more]


@pytest.mark.requirement("ENR-17", "OPS-03")
@pytest.mark.loopback
def test_a_night_is_run_and_told(store_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On SQLite and PostgreSQL: everybody reflected, everybody reported, and the same told the second time."""
    with connect(store_url) as storage:
        fill(storage, 70)
    for _ in range(2):
        assert main(arguments(store_url, tmp_path, "--json")) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["code"], told["date"]) == ("batch.done", TODAY.isoformat())
        counts = {name: told[name] for name in ("activated", "cancelled", "accounts_added", "reported", "reports")}
        assert counts == {"activated": 60, "cancelled": 10, "accounts_added": 14, "reported": 70, "reports": 40}
    with connect(store_url) as storage:
        stand = all_of(storage, 70)
        run = once(storage, lambda tx: tx.batch_runs.latest())
    assert [one.status for one in stand].count(ContractStatus.CANCELLED) == 10
    assert (
        sum(
            one.accounts == (LinkedAccount(_pending(n).account, AccountState.ACTIVE, None),)
            for n, one in enumerate(stand)
        )
        == 12
    )
    assert isinstance(run, BatchRun)
    assert run.step is BatchStep.DONE
    files = sorted(path.name for path in (tmp_path / TODAY.isoformat()).iterdir())
    assert files == sorted(f"5441-{branch:03}.{kind}" for branch in range(1, 41) for kind in ("csv", "html"))
    rows = list(csv.reader(io.StringIO((tmp_path / TODAY.isoformat() / "5441-001.csv").read_text("utf-8-sig"))))
    assert [row[11] for row in rows[1:]] == ["c00000", "c00040"]


def reserve(url: str, size: int) -> list[str]:
    """So many transfers that the host has reserved for TODAY: their references."""
    references = [f"reserved-{number}" for number in range(size)]
    with connect(url) as storage, storage.transaction() as tx:
        tx.contracts.add(a_contract("payer", account="99999"))
        for reference in references:
            new = an_instruction(reference, contract="payer")
            content = evolve(new.content, date=TODAY)
            tx.instructions.add(evolve(new, content=content, state=InstructionState.RESERVED))
    return references


def standing(url: str, references: list[str]) -> set[InstructionState]:
    """In which states they are."""
    with connect(url) as storage, storage.transaction() as tx:
        return {one.state for name in references if (one := tx.instructions.by_reference(name))}


@pytest.mark.requirement("TRF-09", "TRF-10")
@pytest.mark.loopback
def test_reserved_transfers_are_heard_of(store_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the night, and by whoever settles by day; without a host nothing is decided, and how much is open is told."""
    references = reserve(store_url, 3)
    settle = ["batch", "settle", "--store", store_url]
    assert main([*settle, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"asked": 3, "moved": 0, "silent": 3}
    assert main([*settle, "--lang", "en"]) == 1
    assert "did not answer about 3" in capsys.readouterr().out
    assert main([*arguments(store_url, tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unanswered"] == 3
    assert standing(store_url, references) == {InstructionState.RESERVED}
    assert main([*settle, "--core", f"{HOSTS}:Executing", "--lang", "ja"]) == 0
    assert "3件の状態が変わりました" in capsys.readouterr().out
    assert standing(store_url, references) == {InstructionState.EXECUTED}


def test_the_night_asks_the_host_that_it_is_given(
    sqlite_store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is reserved for the day is executed when its night is over; what is not answered is told in words, too."""
    references = reserve(sqlite_store, 2)
    assert main([*arguments(sqlite_store, tmp_path), "--core", f"{HOSTS}:Executing", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unanswered"] == 0
    assert standing(sqlite_store, references) == {InstructionState.EXECUTED}


def test_what_was_begun_is_not_decided_without_a_host(sqlite_store: str, tmp_path: Path) -> None:
    """He may have done it: neither refused nor asked for is what nobody could ask about."""
    (reference,) = reserve(sqlite_store, 1)
    with connect(sqlite_store) as storage, storage.transaction() as tx:
        there = tx.instructions.by_reference(reference)
        assert there is not None
        tx.instructions.put(evolve(there, state=InstructionState.HANDED_OVER))
    assert main(arguments(sqlite_store, tmp_path)) == 0
    assert standing(sqlite_store, [reference]) == {InstructionState.HANDED_OVER}


def test_a_silent_night_is_told_in_words(sqlite_store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is done, and the host is said to have been silent."""
    reserve(sqlite_store, 2)
    assert main([*arguments(sqlite_store, tmp_path), "--lang", "ja"]) == 0
    assert "勘定系から2件の回答がありません" in capsys.readouterr().out


@pytest.mark.requirement("PWR-09")
def test_account_numbers_are_taken_over(sqlite_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """After a merger, from the host, in words and in JSON; a number that is in use is told, and so is a silent host."""
    with connect(sqlite_store) as storage, storage.transaction() as tx:
        for number in ("1", "2"):
            tx.contracts.add(a_contract(f"c{number}", login_id=f"taro000{number}", account=number))
    ask = ["batch", "renumber", "--store", sqlite_store, "--institution", HERE.code]
    assert main(ask) == 2
    assert capsys.readouterr().err
    merged = [*ask, "--core", f"{HOSTS}:Merged"]
    assert main([*merged, "--lang", "ja"]) == 1
    said = capsys.readouterr().out
    assert "2件の契約を照会し、1件の口座番号を変更しました" in said
    assert "1件は、新しい口座番号がすでに使われている" in said
    assert main([*merged, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"asked": 2, "moved": 0, "taken": 1}
    assert main([*ask[:-1], "0009", "--core", f"{HOSTS}:Merged", "--lang", "en"]) == 0
    assert "0 contracts" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    ["", ":", ".", "nowhere", "nowhere:Host", ".here:Host", "json:", "json:Host", f"{HOSTS}:NO_HOST", f"{HOSTS}:wants"],
)
def test_what_names_no_host_is_misuse(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, in one line."""
    assert main(["batch", "settle", "--core", name]) == 2
    assert "package.module:name" in capsys.readouterr().err


def test_what_makes_no_host_is_misuse(sqlite_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Told by what it lacks, before anybody is asked."""
    for verb in (["settle"], ["renumber", "--institution", "5441"]):
        assert main(["batch", *verb, "--store", sqlite_store, "--core", "os:getcwd"]) == 2
        assert "os:getcwd makes is no adapter of a core banking host: it has no 'account'" in capsys.readouterr().err


@pytest.mark.requirement("ENR-17", "OPS-03")
def test_reports_are_written_again(sqlite_store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To the folder that is named, the same; in words and in JSON; exit code 1 before the night was run."""
    with connect(sqlite_store) as storage:
        fill(storage, 5, branches=2)
    again = ["batch", "reports", "--date", TODAY.isoformat(), "--store", sqlite_store, "--reports", str(tmp_path / "b")]
    assert main([*again, "--lang", "en"]) == 1
    assert f"The night batch of {TODAY} was not run yet." in capsys.readouterr().out
    assert main(arguments(sqlite_store, tmp_path / "a")) == 0
    capsys.readouterr()
    assert main([*again, "--lang", "ja"]) == 0
    assert "（2枚・5件）" in capsys.readouterr().out
    assert reports(tmp_path / "a") == reports(tmp_path / "b")
    assert main([*again, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["code"], told["reports"], told["lines"]) == ("batch.reports_written", 2, 5)


@pytest.mark.requirement("FEE-03", "FEE-04")
def test_what_a_day_collects_is_written(sqlite_store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After its night, a table for each branch; or a line of JSON for each fee and no table; exit code 1 before it."""
    fees = [
        evolve(a_charge("c-1", "i-1", kind=ChargeKind.TRANSFER), on=TODAY),
        evolve(a_charge("c-2", "2026-11", kind=ChargeKind.MONTHLY, yen=1_100, account=_pending(7).account), on=TODAY),
    ]
    with connect(sqlite_store) as storage, storage.transaction() as tx:
        tx.fees.charge([*fees, evolve(fees[0], reference="i-2", on=TODAY - DAY)])
    ask = ["batch", "charges", "--date", TODAY.isoformat(), "--store", sqlite_store, "--reports", str(tmp_path / "r")]
    assert main([*ask, "--lang", "en"]) == 1
    assert f"It is too early for what is to be collected on {TODAY}" in " ".join(capsys.readouterr().out.split())
    assert main([*ask, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["code"], told["date"]) == ("collect.too_early", TODAY.isoformat())
    assert main(arguments(sqlite_store, tmp_path / "night")) == 0
    capsys.readouterr()
    assert main([*ask, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["contract"], one["kind"], one["yen"]) for one in lines] == [
        ("c-1", "transfer", 220),
        ("c-2", "monthly", 1_100),
    ]
    assert lines[1] == {
        "on": TODAY.isoformat(),
        "institution": "5441",
        "collected_by": "009",
        "account": {"branch": "009", "type": "savings", "number": "0000007"},
        "kind": "monthly",
        "yen": 1_100,
        "month": "2026-11",
        "contract": "c-2",
        "reference": "2026-11",
    }
    assert not (tmp_path / "r").exists()
    assert main([*ask, "--lang", "ja"]) == 0
    assert "（2店・2件・1,320円）" in capsys.readouterr().out
    assert list(reports(tmp_path / "r")) == ["5441-001-charges.csv", "5441-009-charges.csv"]


def test_it_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was done, in either language; on no terminal there is no bar."""
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    assert main(["db", "upgrade", url]) == 0
    capsys.readouterr()
    assert main(arguments(url, tmp_path, "--lang", "en")) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"The night batch of {TODAY} is done." in said
    assert "contracts begun: 0, ended: 0" in said
    assert main(arguments(url, tmp_path, "--lang", "ja")) == 0
    assert f"{TODAY}の夜間処理が完了しました。" in capsys.readouterr().out


def test_a_day_that_cannot_be_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1 and the reason; nothing is written."""
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    assert main(["db", "upgrade", url]) == 0
    capsys.readouterr()
    tomorrow = in_japan(datetime.now(UTC)).date() + 2 * DAY
    argv = ["batch", "run", "--date", tomorrow.isoformat(), "--store", url, "--reports", str(tmp_path / "r")]
    assert main([*argv, "--lang", "en"]) == 1
    assert "too early" in capsys.readouterr().out
    assert main([*argv, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "batch.day_not_begun"
    assert not (tmp_path / "r").exists()


def test_a_day_without_a_night_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever runs it each day is told on New Year's Day that there is nothing to do, with exit code 0."""
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    assert main(["db", "upgrade", url]) == 0
    capsys.readouterr()
    argv = ["batch", "run", "--date", "2026-01-01", "--store", url, "--reports", str(tmp_path / "r")]
    assert main([*argv, "--lang", "en"]) == 0
    assert "no night batch" in " ".join(capsys.readouterr().out.split())
    assert main([*argv, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "batch.nothing_works"
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("day", ["", "today", "2026-13-01", "20261124x", "2026-11-31"])
def test_what_is_no_day_is_misuse(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, in one line."""
    assert main(["batch", "run", "--date", day]) == 2
    assert "write it as 2026-11-24" in capsys.readouterr().err


def test_without_a_store_there_is_nothing_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The store is a file of this folder unless another one is named; where there is none, it says how to make one."""
    monkeypatch.chdir(tmp_path)
    assert main(["batch", "run", "--date", TODAY.isoformat()]) == 2
    assert "janetbank db upgrade" in capsys.readouterr().err


SIZE, BRANCHES, KILLS = 1_100, 6, 5
"""More contracts than a page, and more steps, pages and reports than kills: each life brings it one further."""


def reports(folder: Path) -> dict[str, bytes]:
    """Every report, by its name."""
    return {path.name: path.read_bytes() for path in sorted((folder / TODAY.isoformat()).glob("*"))}


@pytest.fixture
def undisturbed(tmp_path: Path) -> Iterator[tuple[list[Contract], dict[str, bytes]]]:
    """What a night leaves that nobody kills."""
    url, folder = f"sqlite:///{tmp_path / 'undisturbed.db'}", tmp_path / "undisturbed"
    assert main(["db", "upgrade", url]) == 0
    with connect(url) as storage:
        fill(storage, SIZE, branches=BRANCHES)
        assert main(arguments(url, folder)) == 0
        yield all_of(storage, SIZE), reports(folder)


@pytest.mark.requirement("OPS-02")
@pytest.mark.loopback
def test_killed_by_the_system_it_goes_on(
    store_url: str, tmp_path: Path, undisturbed: tuple[list[Contract], dict[str, bytes]]
) -> None:
    """Kill -9, again and again, each time a little further on: in the end all is as if nobody had, each change once."""
    folder = tmp_path / "killed"
    with connect(store_url) as storage:
        fill(storage, SIZE, branches=BRANCHES)
        killed = 0
        while killed < KILLS and _killed(storage, arguments(store_url, folder), 0.02 * killed):
            killed += 1
        assert killed >= 2
        assert main(arguments(store_url, folder)) == 0
        assert (all_of(storage, SIZE), reports(folder)) == undisturbed
        with storage.transaction() as tx:
            lengths = {len(list(tx.audit.chain(f"c{number:05}"))) for number in range(0, SIZE, 35)}
    assert lengths == {2}


def _killed(storage: Storage, argv: list[str], after: float) -> bool:
    """Run it in a process that is killed *after* some seconds from when it has begun to write: each brings it on."""
    with subprocess.Popen(
        [*COMMAND, *argv], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    ) as process:
        try:
            _wait_for_progress(storage, process)
            time.sleep(after)
        finally:
            process.kill()
    return process.returncode != 0


def _wait_for_progress(storage: Storage, process: subprocess.Popen[bytes]) -> None:
    """Wait until the run has moved, or ended."""

    def stand() -> object:
        run = once(storage, lambda tx: tx.batch_runs.latest())
        return run and (run.step, run.passed)

    before = stand()
    while process.poll() is None and stand() == before:
        time.sleep(0.01)
