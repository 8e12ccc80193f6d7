"""A stranger's repository, with adapters of its own, runs the suites by nothing but what the wheel has."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = """
[tool.pytest.ini_options]
addopts = ["--strict-markers", "--strict-config", "-p", "no:cacheprovider"]
filterwarnings = ["error"]
"""

ADAPTERS = '''
"""A clock, a post and a store of a stranger's own."""

from collections import deque
from datetime import UTC, datetime

from janetbank_adapters.storage.memory import MemoryStorage


class Sundial:
    def __init__(self):
        self._told = datetime.min.replace(tzinfo=UTC)

    def now(self):
        self._told = max(self._told, datetime.now(UTC))
        return self._told


class Pigeons:
    def __init__(self):
        self.flown = deque()

    def send(self, message):
        self.flown.append(message)


class Cellar(MemoryStorage):
    """Where letters are kept upside down."""
'''

SUITES = '''
"""What the port says, run over what is ours."""

import pytest

from janetbank.testing.port_conformance import ClockConformance, MailConformance, Read
from janetbank.testing.whole_storage_conformance import WholeStorageConformance
from stranger.adapters import Cellar, Pigeons, Sundial


class TestSundial(ClockConformance):
    def clock(self):
        return Sundial()


class TestPigeons(MailConformance):
    def mail(self):
        return Pigeons()

    def inbox(self, mail, address):
        mine = {one.id: one for one in mail.flown if one.to == address}
        return [
            Read(
                sender=str(one.sender),
                sender_name=one.sender_name,
                to=str(one.to),
                subject=one.subject,
                body=one.body,
                date=one.written_at,
            )
            for one in mine.values()
        ]


class TestCellar(WholeStorageConformance):
    @pytest.fixture
    def storage(self):
        return Cellar(patience=0.5)
'''

SLOW = "racing or who_queues or heads or no_write or every_field or single_change or whom_to_ask"
"""What our own adapters' tests run anyway, and takes a while."""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a package, and tests that know no file of ours."""
    (tmp_path / "stranger").mkdir()
    (tmp_path / "tests").mkdir()
    for place, text in {
        "pyproject.toml": PROJECT,
        "stranger/__init__.py": "",
        "stranger/adapters.py": ADAPTERS,
        "tests/test_adapters.py": SUITES,
    }.items():
        (tmp_path / place).write_text(text, encoding="utf-8")
    return tmp_path


def run(repository: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What pytest says there."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options],
        cwd=repository,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_sound_adapter_passes(repository: Path) -> None:
    """Collected by a stranger's pytest, with strict markers and with warnings as errors, every law is run and holds."""
    told = run(repository, "-k", f"not ({SLOW})")
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr
    passed = re.search(r"(\d+) passed", told.stdout)
    assert passed is not None
    assert int(passed[1]) > 200


def test_a_faulty_adapter_fails_its_law_and_no_other(repository: Path) -> None:
    """A clock that steps back is told so, by the name of the law, while the rest of the suite holds."""
    adapters = repository / "stranger" / "adapters.py"
    backwards = adapters.read_text(encoding="utf-8").replace("max(self._told, datetime.now(UTC))", "datetime.now()")
    adapters.write_text(backwards, encoding="utf-8")
    told = run(repository, "-k", "TestSundial or TestPigeons")
    assert told.returncode == 1
    assert "FAILED tests/test_adapters.py::TestSundial::test_an_instant_is_aware_and_in_utc" in told.stdout
    assert "TestPigeons" not in told.stdout.partition("short test summary")[2]
