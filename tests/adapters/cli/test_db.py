"""`janetbank db` makes a database ready and sweeps it; whatever is wrong with a URL is one line without a secret."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve

from janetbank.testing.storage_conformance import a_procedure, a_session
from janetbank_adapters.cli import main, stores
from janetbank_adapters.storage.sql import connect

NO_URL = "this is not the URL of a store"


def test_a_new_file_gets_its_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After it the store can be used; a second time changes nothing."""
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    for _ in range(2):
        assert main(["db", "upgrade", url]) == 0
        assert capsys.readouterr().out == f"up to date: {url}\n"
    with connect(url) as storage, storage.transaction() as tx:
        assert tx.sessions.by_key("nobody") is None


@pytest.mark.loopback
def test_a_database_that_is_up_to_date_stays_as_it_is(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """SQLite and PostgreSQL both say so."""
    assert main(["db", "upgrade", store_url]) == 0
    assert capsys.readouterr().out.startswith("up to date: ")


@pytest.mark.loopback
def test_a_database_is_swept(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is over goes and is counted, in words or in JSON; what is not stays."""
    long_ago, now = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC)
    with connect(store_url) as storage, storage.transaction() as tx:
        tx.sessions.add(evolve(a_session("old"), used_at=long_ago))
        tx.sessions.add(evolve(a_session("new"), used_at=now))
        tx.procedures.add(evolve(a_procedure("old"), expires_at=long_ago))
    assert main(["db", "sweep", store_url]) == 0
    shown = stores.shown(store_url)
    swept = "tokens: 0, sessions: 1, procedures: 1, phone attempts: 0, instructions: 0, operator sessions: 0"
    assert capsys.readouterr().out == f"swept: {shown}\n{swept}, acceptances: 0\n"
    assert main(["db", "sweep", store_url, "--json", "--profile", "ja"]) == 0
    kinds = ("tokens", "sessions", "procedures", "phone_attempts", "instructions", "operator_sessions", "acceptances")
    assert json.loads(capsys.readouterr().out) == dict.fromkeys(kinds, 0)
    with connect(store_url) as storage, storage.transaction() as tx:
        assert [key for key in ("old", "new") if tx.sessions.by_key(key)] == ["new"]


@pytest.mark.loopback
def test_a_server_that_does_not_let_us_in_says_why(postgres_store: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown role is told at once, in one line."""
    assert main(["db", "upgrade", postgres_store.replace("//postgres@", "//stranger:sesame@")]) == 2
    said = capsys.readouterr().err
    assert 'role "stranger" does not exist' in said
    assert said.count("\n") == 1
    assert "sesame" not in said


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", NO_URL),
        ("bank.db", NO_URL),
        ("memory:", NO_URL),
        ("mysql://anna:sesame@127.0.0.1/bank", NO_URL),
        ("postgres://anna:sesame@127.0.0.1/bank", NO_URL),
        ("postgresql://anna:sesame@127.0.0.1:port/bank", NO_URL),
        ("postgresql://anna:sesame@127.0.0.1", NO_URL),
        ("postgresql://anna:ses@me@127.0.0.1/bank", "written as %40"),
        ("postgresql://anna:sesame@127.0.0.1:1/bank", "postgresql://anna:***@127.0.0.1:1/bank: "),
        ("postgresql://127.0.0.1:1/bank?user=anna&password=sesame", "postgresql://127.0.0.1:1/bank: "),
        ("postgresql://anna:sesame@127.0.0.1:1/bank?colour=sesame", "an option that PostgreSQL does not know"),
        ("sqlite://", NO_URL),
        ("sqlite:///:memory:", NO_URL),
        ("sqlite:///file:bank?mode=memory&uri=true", NO_URL),
        ("sqlite:////nowhere/at/all/bank.db", "there is no folder /nowhere/at/all"),
    ],
)
def test_a_url_that_leads_nowhere_is_one_line(url: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, the reason, and of the URL nothing that may be a password."""
    assert main(["db", "upgrade", url]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert why in told.err
    assert told.err.count("\n") == 1
    assert not any(part in told.err for part in ("sesame", "ses@", "me@"))


@pytest.mark.parametrize("command", [["audit", "verify"], ["audit", "checkpoint"], ["db", "sweep"]])
def test_a_file_that_is_not_there_is_not_made(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who looks into a store that is not there hears so, and no empty one is left behind."""
    path = tmp_path / "bank.db"
    keys = [] if command[-1] == "sweep" else ["--keys", str(tmp_path / "keys.json"), "--store"]
    assert main([*command, *keys, f"sqlite:///{path}"]) == 2
    assert capsys.readouterr().err == f"janetbank: there is no file {path}; `janetbank db upgrade` makes one\n"
    assert not path.exists()


def test_a_url_is_shown_with_what_says_where_it_is_and_nothing_else() -> None:
    """Password and options go, host and port stay."""
    url = "postgresql://anna:sesame@/bank?host=/run/sockets&port=5433&sslpassword=sesame"
    assert stores.shown(url) == "postgresql://anna:***@/bank?host=%2Frun%2Fsockets&port=5433"
    assert stores.shown("sqlite:////var/bank.db") == "sqlite:////var/bank.db"
