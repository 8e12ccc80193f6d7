"""The night batch's reports: for each branch, what was applied for online.

Shape:  `left(tx, run)` is what is to be written, `written(tx, day)` what may be written again; `head` and `Lines` are
        what a report is made of.  Lines are read page by page, each in a transaction of its own: a report may be longer
        than memory, and its writing slow.
Source: ENR-17, ACC-06, OPS-03.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial

from attrs import define

from janetbank.flows.platform import Platform
from janetbank.model.acceptance import Acceptance
from janetbank.model.batch import BatchRun
from janetbank.policies.calendar import EARLIEST
from janetbank.ports.reports import ReportHead
from janetbank.ports.storage import ReportKey, Transaction
from janetbank.values.account import Branch
from janetbank.values.identifiers import InstitutionId

_DAY = timedelta(days=1)


def since(run: BatchRun) -> date:
    """The day of the last reports that were written before *run*."""
    return date.min if run.previous is None else run.previous


def left(tx: Transaction, run: BatchRun) -> tuple[Sequence[ReportKey], int]:
    """The reports that *run* has still to write, in their order; and how many lines all of its reports have."""
    reports = tx.acceptances.reports(since(run), run.day)
    return [one for one in reports if named(one) > run.cursor], tx.acceptances.count(since(run), run.day)


def written(tx: Transaction, day: date) -> Sequence[ReportKey] | None:
    """The reports of *day*, where a night has come as far; what they hold stands since the day has begun."""
    latest = tx.batch_runs.latest()
    return None if latest is None or not EARLIEST <= day <= latest.day else tx.acceptances.reports(day - _DAY, day)


def named(report: ReportKey) -> tuple[str, ...]:
    """How a run's cursor names *report*."""
    return report.on.isoformat(), report.institution, report.branch


def head(platform: Platform, report: ReportKey) -> ReportHead:
    """What *report* begins with."""
    institution = InstitutionId(report.institution)
    there = platform.directory.institution(institution)
    return ReportHead(
        title=platform.profile.title,
        on=report.on,
        institution=institution,
        institution_name="" if there is None else there.name,
        branch=Branch(report.branch),
        branch_name=platform.directory.branch_name(institution, report.branch) or "",
    )


@define
class Lines:
    """What *report* holds, the first accepted first; *read* counts how much of it was drawn."""

    _platform: Platform
    _report: ReportKey
    _size: int
    read: int = 0

    def __iter__(self) -> Iterator[Acceptance]:
        """Draw them, from the first."""
        self.read, last = 0, None
        while part := self._platform.transact(partial(self._page, last)):
            self.read += len(part)
            yield from part
            last = part[-1]

    def _page(self, after: Acceptance | None, tx: Transaction) -> Sequence[Acceptance]:
        return tx.acceptances.page(self._report, after, self._size)
