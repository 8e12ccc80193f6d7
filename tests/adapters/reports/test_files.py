"""Reports in files are whole or not there, say everything, and leave nothing behind."""

import csv
import io
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from attrs import evolve

from janetbank.model.acceptance import Acceptance, AcceptanceKind
from janetbank.model.fee import Charge, ChargeKind
from janetbank.ports.failures import Unavailable
from janetbank.ports.reports import ReportHead
from janetbank.testing.night_conformance import NOVEMBER, TUESDAY, a_charge, an_acceptance
from janetbank.values.account import Account, Branch
from janetbank.values.identifiers import InstitutionId
from janetbank.values.month import Month
from janetbank.values.person import KanjiName
from janetbank_adapters.reports.files import CHARGE_COLUMNS, COLUMNS, FileCharges, FileReports

HEAD = ReportHead(
    title="JAネットバンク",
    on=TUESDAY,
    institution=InstitutionId("5441"),
    institution_name="JA<あおぞら>",
    branch=Branch("001"),
    branch_name="本店",
)
APPLIED = evolve(an_acceptance("c-1"), accepted_at=datetime(2026, 11, 20, 15, 4, 59, tzinfo=UTC))
LATE = evolve(an_acceptance("c-2", 2), unusable=Month(2026, 11), effective_on=date(2026, 12, 1))
ADDED = evolve(
    an_acceptance("c-3", 3),
    kind=AcceptanceKind.ACCOUNT_ADDITION,
    kanji=KanjiName("髙橋𠮷太郎"),
    account=Account.parse("002", "savings", "777"),
)


def rows(folder: Path, name: str = "5441-001") -> list[list[str]]:
    """The table of this name, line by line."""
    text = (folder / "2026-11-24" / f"{name}.csv").read_bytes().decode("utf-8-sig")
    assert text.count("\r\n") == text.count("\n")
    return list(csv.reader(io.StringIO(text, newline="")))


def page(folder: Path) -> str:
    """The page."""
    return (folder / "2026-11-24" / "5441-001.html").read_text("utf-8")


def names(folder: Path) -> list[str]:
    """Every file of the day, hidden ones too."""
    return sorted(path.name for path in (folder / "2026-11-24").iterdir())


@pytest.mark.requirement("ENR-17", "ACC-06", "OPS-03", "FEE-09")
def test_a_report_says_everything(tmp_path: Path) -> None:
    """Customer, accounts, contract, and until when the month that cannot be used may be exempted; in Japanese time."""
    FileReports(tmp_path).write(HEAD, [APPLIED, LATE, ADDED])
    head, *lines = rows(tmp_path)
    assert tuple(head) == COLUMNS
    customer, own = ["ノウキョウタロウ", "農中太郎"], ["001", "普通", "0000001"]
    assert lines[0] == ["2026-11-21 00:04", "新規申込", *customer, *own, *own, "2026-11-24", "c-1", "", ""]
    assert lines[1][-4:] == ["2026-12-01", "c-2", "2026-11", "2026-11-30"]
    assert lines[2][1:10] == ["利用口座の追加", "ノウキョウタロウ", "髙橋𠮷太郎", *own, "002", "貯蓄", "0000777"]
    shown = page(tmp_path)
    for cell in {cell for line in lines for cell in line if cell}:
        assert f"<td>{cell}</td>" in shown
    for said in ("申込受付票（インターネット申込）", "2026-11-24", "001 本店", "5441 JA&lt;あおぞら&gt;"):
        assert said in shown
    assert "<あおぞら>" not in shown
    assert shown.count("<tr>") == 4


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Names of customers are read by whoever runs the night, and by nobody else."""
    FileReports(tmp_path).write(HEAD, [APPLIED])
    day = tmp_path / "2026-11-24"
    assert stat.S_IMODE(day.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in day.iterdir()} == {0o600}


def test_the_same_lines_make_the_same_report_in_the_place_of_the_old(tmp_path: Path) -> None:
    """Written again it is what it was; with other lines it is another one, and nothing else is there."""
    reports = FileReports(tmp_path)
    reports.write(HEAD, [APPLIED, ADDED])
    before = rows(tmp_path), page(tmp_path)
    reports.write(HEAD, iter([APPLIED, ADDED]))
    assert (rows(tmp_path), page(tmp_path)) == before
    reports.write(HEAD, [])
    assert rows(tmp_path) == [list(COLUMNS)]
    assert names(tmp_path) == ["5441-001.csv", "5441-001.html"]


def broken() -> Iterator[Acceptance]:
    """Lines that come to an end too soon."""
    yield APPLIED
    raise Unavailable


def test_half_a_report_is_none(tmp_path: Path) -> None:
    """Where its lines fail nothing of it is there, and an earlier one stays as it was."""
    reports = FileReports(tmp_path)
    with pytest.raises(Unavailable):
        reports.write(HEAD, broken())
    assert names(tmp_path) == []
    reports.write(HEAD, [ADDED])
    before = rows(tmp_path), page(tmp_path)
    with pytest.raises(Unavailable):
        reports.write(HEAD, broken())
    assert (rows(tmp_path), page(tmp_path)) == before


def test_a_disk_that_takes_nothing_is_unavailable(tmp_path: Path) -> None:
    """A file where the folder should be: the port's own failure, not the system's, and it says where."""
    (tmp_path / "reports").write_text("in the way")
    with pytest.raises(Unavailable, match=f"cannot be written to {tmp_path}/reports/2026-11-24: Not a directory"):
        FileReports(tmp_path / "reports").write(HEAD, [APPLIED])


def test_drafts_of_the_dead_are_removed_and_those_of_the_living_are_not(tmp_path: Path) -> None:
    """What a killed process left goes with the next report of that day; who still writes is not disturbed."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait(30)
    day = tmp_path / "2026-11-24"
    day.mkdir()
    for process in (dead.pid, os.getppid()):
        (day / f".5441-002.csv.{process}.part").write_text("half")
    FileReports(tmp_path).write(HEAD, [APPLIED])
    assert names(tmp_path) == [f".5441-002.csv.{os.getppid()}.part", "5441-001.csv", "5441-001.html"]


# --- What is to be collected ------------------------------------------------------------------------------------------

MONTHLY = a_charge("c-1", "2026-11", kind=ChargeKind.MONTHLY, yen=110)
ELSEWHERE = a_charge("c-1", "2026-11 002", kind=ChargeKind.DEFERRED, account=Account.parse("002", "current", "888"))
AT_ONCE = a_charge("c-2", "i-7", kind=ChargeKind.TRANSFER, month=NOVEMBER.following, yen=1_234)
THERE = evolve(MONTHLY, institution=InstitutionId("5448"))


@pytest.mark.requirement("FEE-03", "FEE-04")
def test_each_branch_has_what_it_collects(tmp_path: Path) -> None:
    """A table for each, in the order of the charges, with all that is needed to take the fee from its account."""
    FileCharges(tmp_path).write(TUESDAY, iter([MONTHLY, ELSEWHERE, AT_ONCE, THERE]))
    assert names(tmp_path) == ["5441-001-charges.csv", "5441-002-charges.csv", "5448-001-charges.csv"]
    head, *lines = rows(tmp_path, "5441-001-charges")
    assert tuple(head) == CHARGE_COLUMNS
    own = ["001", "普通", "0000001"]
    assert lines == [
        ["2026-11-24", "5441", "001", *own, "月額利用手数料", "110", "2026-11", "c-1", "2026-11"],
        ["2026-11-24", "5441", "001", *own, "振込手数料（即納）", "1234", "2026-12", "c-2", "i-7"],
    ]
    (line,) = rows(tmp_path, "5441-002-charges")[1:]
    assert line[2:8] == ["002", "002", "当座", "0000888", "振込手数料（後納）", "220"]
    assert rows(tmp_path, "5448-001-charges")[1:] == [["2026-11-24", "5448", *lines[0][2:]]]


def test_it_stands_beside_the_reports_in_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    """Whoever writes the one disturbs nothing of the other; accounts of customers are for their owner's eyes alone."""
    FileReports(tmp_path).write(HEAD, [APPLIED])
    report = rows(tmp_path)
    for charges in ([MONTHLY], [MONTHLY, AT_ONCE], []):
        FileCharges(tmp_path).write(TUESDAY, charges)
    assert names(tmp_path) == ["5441-001-charges.csv", "5441-001.csv", "5441-001.html"]
    assert rows(tmp_path) == report
    assert len(rows(tmp_path, "5441-001-charges")) == 3
    assert stat.S_IMODE((tmp_path / "2026-11-24" / "5441-001-charges.csv").stat().st_mode) == 0o600


def test_of_an_institution_all_is_written_or_nothing(tmp_path: Path) -> None:
    """Where the charges come to an end too soon, those before it are whole and nothing is left of its own."""

    def half() -> Iterator[Charge]:
        yield from (MONTHLY, ELSEWHERE, THERE)
        raise Unavailable

    with pytest.raises(Unavailable):
        FileCharges(tmp_path).write(TUESDAY, half())
    assert names(tmp_path) == ["5441-001-charges.csv", "5441-002-charges.csv"]
    assert len(rows(tmp_path, "5441-001-charges")) == 2


def test_where_charges_cannot_be_written_is_told(tmp_path: Path) -> None:
    """As the port's own failure; and drafts that the dead have left are gone with the next ones."""
    day = tmp_path / "2026-11-24"
    day.mkdir()
    (day / ".5441-002-charges.csv.1.99999999.part").write_text("half")
    FileCharges(tmp_path).write(TUESDAY, [MONTHLY])
    assert names(tmp_path) == ["5441-001-charges.csv"]
    (tmp_path / "reports").write_text("in the way")
    with pytest.raises(Unavailable, match=f"cannot be written to {tmp_path}/reports/2026-11-24: Not a directory"):
        FileCharges(tmp_path / "reports").write(TUESDAY, [MONTHLY])
