"""Reports in files and in memory keep the laws of the port."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from janetbank.ports.reports import ReportHead, Reports
from janetbank.testing.port_conformance import ReportsConformance
from janetbank_adapters.reports.files import COLUMNS, FileReports
from janetbank_adapters.reports.memory import MemoryReports

CONTRACT = COLUMNS.index("契約番号")


class TestFiles(ReportsConformance):
    """A table for each branch, in a folder for each day."""

    @pytest.fixture(autouse=True)
    def somewhere(self, tmp_path: Path) -> None:
        """An empty folder."""
        self.folder = tmp_path

    def reports(self) -> Reports:
        """In it."""
        return FileReports(self.folder)

    def read(self, reports: Reports, head: ReportHead) -> Sequence[str] | None:
        """Its table, which has a page beside it."""
        del reports
        table = self.folder / head.on.isoformat() / f"{head.institution}-{head.branch}.csv"
        assert table.exists() == table.with_suffix(".html").exists()
        if not table.exists():
            return None
        with table.open(encoding="utf-8-sig", newline="") as file:
            return [line[CONTRACT] for line in csv.reader(file)][1:]


class TestMemory(ReportsConformance):
    """Reports as they were written."""

    def reports(self) -> Reports:
        """None yet."""
        return MemoryReports()

    def read(self, reports: Reports, head: ReportHead) -> Sequence[str] | None:
        """What is there."""
        assert isinstance(reports, MemoryReports)
        found = reports.written.get(head)
        return None if found is None else [one.contract.text for one in found]
