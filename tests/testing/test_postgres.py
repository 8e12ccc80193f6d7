"""A server for tests is found, named or missed."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from janetbank.ports.failures import Unavailable
from janetbank.testing import postgres
from janetbank_adapters.storage.sql import connect, upgrade

pytestmark = pytest.mark.loopback


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that whoever runs the server can enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_without_binaries_it_says_where_it_looked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not there is named in the error."""
    monkeypatch.setenv("JANETBANK_POSTGRES_BIN", str(folder / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere"), postgres.server(folder):
        pass


def test_a_named_server_is_used(postgres_template: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where JANETBANK_POSTGRES names one, none is started, and the database made on it is dropped again."""
    monkeypatch.setenv("JANETBANK_POSTGRES", postgres_template)
    with postgres.postgres_url(folder) as url:
        assert url != postgres_template
        assert url.partition("?")[2] == postgres_template.partition("?")[2]
    assert not list(folder.iterdir())
    with connect(url, patience=0.3) as storage, pytest.raises(Unavailable), storage.transaction():
        pass


def test_a_server_that_does_not_start_shows_its_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not PostgreSQL is told with what it said."""
    for name in ("initdb", "postgres", "pg_isready"):
        program = folder / name
        program.write_text("#!/bin/sh\necho this is no database\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.setenv("JANETBANK_POSTGRES_BIN", str(folder))
    with pytest.raises(RuntimeError, match="no database"), postgres.server(folder):
        pass


def test_programs_out_of_reach_are_brought_near(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's PostgreSQL may lie where `nobody` cannot go, such as below root's home; it starts all the same."""
    binaries = postgres._binaries()
    package = binaries.parent.parent
    shutil.copytree(binaries.parent, tmp_path / package.name / binaries.parent.name, symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), tmp_path / f"{package.name}.libs")
    monkeypatch.setenv("JANETBANK_POSTGRES_BIN", str(tmp_path / package.name / binaries.parent.name / "bin"))
    with postgres.server(folder) as url, postgres.database(url) as own:
        upgrade(own)
