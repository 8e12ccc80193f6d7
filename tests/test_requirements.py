"""Every requirement is accounted for, and the account is true."""

from pathlib import Path

import pytest

from tests.requirements_sync import REGISTER, borne, rows, synced

ROOT = REGISTER.parent.parent
TEXT = REGISTER.read_text(encoding="utf-8")
ROWS = rows(TEXT)
AREAS = {
    "PRF": 17, "ENR": 39, "CRD": 18, "RBA": 14, "LGN": 17, "LCK": 16, "TEL": 25, "TKN": 18, "APP": 24, "OTP": 21,
    "TXA": 9, "BIO": 12, "PWR": 17, "RBR": 10, "TKR": 16, "MAL": 15, "TRF": 12, "ACC": 10, "CAN": 11, "SUS": 33,
    "FEE": 12, "OPS": 12, "HRS": 8,
}  # fmt: skip
FIELDS = {
    "tested": {"status", "title", "issue"},
    "open": {"status", "title", "issue"},
    "shown": {"status", "title", "issue", "where"},
    "named": {"status", "title"},
}


def test_no_row_is_missing() -> None:
    """The register has every row of every area, 386 in all, and no other."""
    expected = [f"{area}-{number:02}" for area, count in AREAS.items() for number in range(1, count + 1)]
    assert sorted(ROWS) == sorted(expected)
    assert len(ROWS) == 386


def test_each_row_says_what_has_become_of_it() -> None:
    """A row has a title, one of four statuses, and exactly what its status calls for."""
    wrong = {row_id: row for row_id, row in ROWS.items() if row.keys() != FIELDS.get(row["status"]) or not row["title"]}
    assert not wrong


def test_tested_means_that_a_test_bears_it() -> None:
    """Exactly the rows that some test bears are called tested (`make requirements` mends this)."""
    assert {row_id for row_id, row in ROWS.items() if row["status"] == "tested"} == borne()


def test_shown_means_that_the_place_exists() -> None:
    """A row that is shown names a place in this repository."""
    missing = [
        row_id
        for row_id, row in ROWS.items()
        if row["status"] == "shown" and not (ROOT / row.get("where", "")).is_file()
    ]
    assert not missing


MARKED = """
import pytest
@pytest.mark.requirement("LCK-01", "LCK-02")
def test_one(): ...
class TestTwo:
    @pytest.mark.requirement("LCK-03")
    def test_three(self): ...
@pytest.mark.search
@pytest.mark.requirement("LCK-04")
def test_at_length(): ...
"""


def test_marks_are_read_from_the_source(tmp_path: Path) -> None:
    """A row is borne by a marked function or method, and never by a search that seldom runs."""
    (tmp_path / "test_sample.py").write_text(MARKED, encoding="utf-8")
    assert borne(tmp_path) == {"LCK-01", "LCK-02", "LCK-03"}


def test_ids_are_written_out(tmp_path: Path) -> None:
    """An id that is computed cannot be found by looking for it, and is refused."""
    (tmp_path / "test_sample.py").write_text('pytest.mark.requirement("LCK-" + "01")', encoding="utf-8")
    with pytest.raises(TypeError, match="written out"):
        borne(tmp_path)


def test_sync_changes_only_what_tests_decide() -> None:
    """Syncing sets tested and open; shown and named stay; an unknown id is refused."""
    text = """
[LCK]
LCK-01 = { status = "open", issue = 2, title = "a" }
LCK-02 = { status = "tested", issue = 2, title = "b" }
LCK-03 = { status = "shown", issue = 2, title = "c", where = "d" }
LCK-04 = { status = "named", title = "e" }
"""
    statuses = {row_id: row["status"] for row_id, row in rows(synced(text, {"LCK-01"})).items()}
    assert statuses == {"LCK-01": "tested", "LCK-02": "open", "LCK-03": "shown", "LCK-04": "named"}
    with pytest.raises(TypeError, match="LCK-99"):
        synced(text, {"LCK-99"})
