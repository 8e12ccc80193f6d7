"""`janetbank audit` finds what was changed in a store, and seals what it has come to."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from janetbank.testing.bank import TestBank
from janetbank_adapters.cli import main
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect


@pytest.fixture
def audited(sqlite_store: str, tmp_path: Path) -> list[str]:
    """The arguments that name a store with one customer and its keys."""
    keys = tmp_path / "keys.json"
    with connect(sqlite_store) as storage:
        TestBank(storage=storage, keys=FileKeys.create(keys, SystemEntropy())).customer()
    return ["--store", sqlite_store, "--keys", str(keys)]


def tamper(audited: list[str], statement: str) -> None:
    """Change the store behind the bank's back."""
    with closing(sqlite3.connect(audited[1].removeprefix("sqlite:///"))) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What was said in JSON."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_an_honest_store_is_intact(audited: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, in words and in JSON, before a checkpoint and after it."""
    assert main(["audit", "verify", *audited, "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("The audit log is intact")
    assert main(["audit", "checkpoint", *audited]) == 0
    assert capsys.readouterr().out.startswith("checkpoint 1: 2 chains\nseal ")
    assert main(["audit", "verify", *audited, "--json"]) == 0
    report = told(capsys)
    assert (report["code"], report["checkpoints"], report["chains"]) == ("audit.intact", 1, 2)
    assert report["findings"] == []


def test_a_rewritten_entry_is_found(audited: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; each finding is said in the language asked for, and stands in JSON with its code."""
    tamper(audited, "UPDATE audit SET kind = 'LoggedOut' WHERE kind = 'HolderChecked'")
    assert main(["audit", "verify", *audited, "--lang", "ja"]) == 1
    assert "書き換えられています" in capsys.readouterr().out
    assert main(["audit", "verify", *audited, "--json"]) == 1
    report = told(capsys)
    assert report["code"] == "audit.damaged"
    assert [one["code"] for one in report["findings"]] == ["audit.entry_altered"]


def test_what_was_sealed_cannot_be_cut_off(audited: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A checkpoint remembers entries that are gone; its number and seal are told, to be kept elsewhere."""
    assert main(["audit", "checkpoint", *audited, "--json"]) == 0
    sealed = told(capsys)
    assert sealed.keys() == {"number", "at", "chains", "key_id", "seal"}
    assert (sealed["number"], sealed["chains"]) == (1, 2)
    tamper(audited, "DELETE FROM audit WHERE kind = 'ContractApplied'")
    assert main(["audit", "verify", *audited, "--json"]) == 1
    assert "audit.checkpoint_mismatch" in [one["code"] for one in told(capsys)["findings"]]


def test_other_keys_do_not_fit(audited: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A seal made with a key that is not in the file is none."""
    assert main(["audit", "checkpoint", *audited]) == 0
    others = tmp_path / "others.json"
    FileKeys.create(others, SystemEntropy())
    capsys.readouterr()
    assert main(["audit", "verify", *audited[:2], "--keys", str(others), "--json"]) == 1
    assert [one["code"] for one in told(capsys)["findings"]] == ["audit.checkpoint_broken"]


def test_without_fit_keys_nothing_is_said(
    audited: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key file that is missing, or that others may read, is exit code 2 and one line."""
    assert main(["audit", "verify", *audited[:2], "--keys", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    Path(audited[3]).chmod(0o644)
    assert main(["audit", "verify", *audited]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "is open to others" in said.err


def test_a_store_without_tables_is_one_line(
    tmp_path: Path, audited: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that has not been upgraded says what to do."""
    path = tmp_path / "empty.db"
    path.touch()
    assert main(["audit", "verify", "--store", f"sqlite:///{path}", *audited[2:]]) == 2
    assert "janetbank db upgrade" in capsys.readouterr().err
