"""Reports in files: for each day a folder, in it for each branch a table and a page.

    2026-11-24/5441-001.csv     for programs, and for whoever opens it in a spreadsheet
    2026-11-24/5441-001.html    for people, on a screen or on paper; it needs nothing but itself

and, beside them, for each branch that collects fees on the day:

    2026-11-24/5441-001-charges.csv

Shape:  `FileReports(folder)`, `FileCharges(folder)`.  UTF-8, tables with a byte order mark and CRLF; days as
        2026-11-24, times as in Japan.  All are written beside their places and moved there when they are whole, so an
        earlier one is replaced at once.
Errors: Unavailable where the disk does not take them.
Source: ENR-17, ACC-06, OPS-03, FEE-03, FEE-04, FEE-08, FEE-09 (the month that may cost a fee for nothing, and until
        when it can be exempted); https://www.rfc-editor.org/rfc/rfc4180.
"""

import csv
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from html import escape
from itertools import count, groupby
from pathlib import Path
from typing import IO, Protocol

from attrs import frozen

from janetbank.messages import phrase
from janetbank.model.acceptance import Acceptance
from janetbank.model.fee import Charge
from janetbank.ports.failures import Unavailable
from janetbank.ports.reports import ReportHead
from janetbank.values.account import Account, Branch
from janetbank.values.moment import in_japan

COLUMNS = (
    *("受付日時", "受付区分", "カナ氏名", "漢字氏名"),
    *("代表口座 店番", "代表口座 科目", "代表口座 口座番号"),
    *("対象口座 店番", "対象口座 科目", "対象口座 口座番号"),
    *("利用開始日", "契約番号", "利用できない月", "減免登録期限"),
)

CHARGE_COLUMNS = (
    *("徴収日", "金融機関", "徴収店"),
    *("引落口座 店番", "引落口座 科目", "引落口座 口座番号"),
    *("手数料", "金額（円）", "対象月", "契約番号", "照会番号"),
)

_DRAFT = ".part"
_drafts = count(1)
"""So that two who write one report at once write two drafts."""

_STYLE = """
body{font-family:"Hiragino Sans","Noto Sans CJK JP","Yu Gothic",sans-serif;margin:2em;color:#1f2937;line-height:1.5}
h1{font-size:1.3em}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1.5em}dt{color:#6b7280}dd{margin:0}
table{border-collapse:collapse;font-size:.9em;font-variant-numeric:tabular-nums}
th,td{border:1px solid #d1d5db;padding:.35em .6em;text-align:left;vertical-align:top;white-space:nowrap}
thead{display:table-header-group}th{background:#f3f4f6}tr{break-inside:avoid}p{max-width:50em}
@media print{body{margin:0}@page{size:A4 landscape;margin:12mm}}
"""

_NOTE = (
    "「利用できない月」がある申込みでは、その月の月額利用手数料が発生することがあります。無料とするには、"
    "その月の末日（減免登録期限）までに減免（全額免除）を登録するか、徴収後に返金してください。"
)


class FileReports:
    """See the module."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._swept = set[Path]()

    def write(self, head: ReportHead, lines: Iterable[Acceptance]) -> None:
        """Write table and page; when this returns both survive a power cut."""
        there = self._folder / head.on.isoformat()
        name = f"{head.institution}-{head.branch}"
        try:
            there.mkdir(mode=0o700, parents=True, exist_ok=True)
            if there not in self._swept:
                self._swept.add(there)
                _sweep(there)
            with ExitStack() as whole:
                rows = _table(whole, there / f"{name}.csv", COLUMNS)
                page = whole.enter_context(_draft(there / f"{name}.html", encoding="utf-8"))
                page.writelines(_opening(head))
                for number, line in enumerate(lines, start=1):
                    cells = _cells(line)
                    rows.writerow(cells)
                    page.write(_row(number, cells))
                page.write(_CLOSING)
            _sync(there)
        except OSError as error:
            msg = f"a report cannot be written to {there}: {error.strerror}"
            raise Unavailable(msg) from error


@frozen
class FileCharges:
    """See the module; beside what is drawn one table is open for each branch of one institution."""

    _folder: Path

    def write(self, day: date, charges: Iterable[Charge]) -> None:
        """Write the tables of *day*: those of an institution, whose charges come one after the other, when all are."""
        there = self._folder / day.isoformat()
        try:
            there.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(there)
            for institution, own in groupby(charges, key=lambda one: one.institution):
                with ExitStack() as whole:
                    tables = dict[Branch, _Rows]()
                    for charge in own:
                        branch = charge.collected_by
                        if branch not in tables:
                            place = there / f"{institution}-{branch}-charges.csv"
                            tables[branch] = _table(whole, place, CHARGE_COLUMNS)
                        tables[branch].writerow(_charge_cells(charge))
            _sync(there)
        except OSError as error:
            msg = f"what is to be collected cannot be written to {there}: {error.strerror}"
            raise Unavailable(msg) from error


class _Rows(Protocol):
    """What the csv module writes with; it has no name there."""

    def writerow(self, row: Sequence[str], /) -> object: ...


def _table(whole: ExitStack, place: Path, columns: Sequence[str]) -> _Rows:
    """A table of *columns* that takes *place* with the end of *whole*."""
    rows = csv.writer(whole.enter_context(_draft(place, encoding="utf-8-sig")))
    rows.writerow(columns)
    return rows


def _sweep(there: Path) -> None:
    """Remove the drafts that killed processes have left in a folder."""
    for draft in there.glob(f".*{_DRAFT}"):
        if not _lives(int(draft.name.split(".")[-2])):
            draft.unlink(missing_ok=True)


@contextmanager
def _draft(place: Path, *, encoding: str) -> Generator[IO[str]]:
    """A file that takes *place* when it is whole; of one that does not become so nothing stays, unless it is killed."""
    draft = place.with_name(f".{place.name}.{next(_drafts)}.{os.getpid()}{_DRAFT}")
    try:
        with open(draft, "w", encoding=encoding, newline="", opener=_for_its_owner) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cells(line: Acceptance) -> Sequence[str]:
    """One acceptance, in the order of `COLUMNS`."""
    return (
        f"{in_japan(line.accepted_at):%Y-%m-%d %H:%M}",
        phrase(f"acceptancekind.{line.kind.value}", "ja"),
        line.kana.text,
        line.kanji.text,
        *_account(line.representative),
        *_account(line.account),
        line.effective_on.isoformat(),
        line.contract.text,
        str(line.unusable or ""),
        "" if line.unusable is None else line.unusable.last.isoformat(),
    )


def _charge_cells(charge: Charge) -> Sequence[str]:
    """One charge, in the order of `CHARGE_COLUMNS`."""
    return (
        str(charge.on),
        charge.institution.code,
        charge.collected_by.code,
        *_account(charge.account),
        phrase(f"chargekind.{charge.kind.value}", "ja"),
        str(charge.amount.amount),
        str(charge.month),
        charge.contract.text,
        charge.reference,
    )


def _account(account: Account) -> Sequence[str]:
    return account.branch.code, account.type.label, account.number.digits


def _opening(head: ReportHead) -> Iterator[str]:
    title = f"{head.title} 申込受付票（インターネット申込）"
    facts = {
        "対象日": head.on.isoformat(),
        "金融機関": f"{head.institution} {head.institution_name}".strip(),
        "代表口座の管理店舗": f"{head.branch} {head.branch_name}".strip(),
    }
    yield f'<!doctype html>\n<html lang="ja">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
    yield f"<style>{_STYLE}</style>\n<h1>{escape(title)}</h1>\n<dl>\n"
    yield from (f"<dt>{name}</dt><dd>{escape(fact)}</dd>\n" for name, fact in facts.items())
    yield f"</dl>\n<p>{_NOTE}</p>\n<table>\n<thead><tr><th>No.</th>"
    yield from (f"<th>{name}</th>" for name in COLUMNS)
    yield "</tr></thead>\n<tbody>\n"


def _row(number: int, cells: Sequence[str]) -> str:
    return f"<tr><td>{number}</td>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>\n"


_CLOSING = "</tbody>\n</table>\n</html>\n"
