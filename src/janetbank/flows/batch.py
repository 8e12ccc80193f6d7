"""The night batch: what a day brings to contracts, accounts and fees, and the reports that branches read.

    NightBatch(platform, reports)(day)             -> BatchDone | a refusal
    NightBatch(platform, reports).write_again(day) -> ReportsWritten | NightNotRun

A run belongs to a day and is made once.  It goes through its steps page by page; each page is one transaction, and that
keeps what it did *and* how far the run has come.  So a run that died anywhere is simply run again: it goes on behind
the last page, and nothing is done twice or left out.  Two processes may run the same day at once: of a page that both
have read one writes it, and the other one goes on from there.

* Settling: the host is asked for what is open, and for the reserved transfers whose day has come.  What he is silent
  about does not hold the night up: it is asked about again, tonight or by whoever settles each minute.
* Fees: for each month that has ended since the run before.  They come before the reflection: what the store holds then
  are the data of the month's last day.
* Reflection: what was applied for, added, deleted or cancelled, and is due.
* Reports: each is written as a whole between two transactions; the second one keeps that it was.

A day is run once it has begun and all that was decided before it is stored: so whatever is due or reported on it is
there.  A run looks at the days since the run before, so a night that was left out is made up for by the next one.

Shape:  *progress* hears how far a step has come; a page of *size* contracts is all that is in memory.
Units:  days are business dates in Japan.
Errors: ValueError for a page of nothing; what the ports raise: whatever was done before stays, and the run can be gone
        on with.
Source: ENR-09, ENR-17, ACC-05, ACC-06, ACC-09, CAN-07, FEE-04, FEE-10, TRF-09, TRF-10, OPS-02, OPS-03; AMB-13, AMB-34;
        requirements.md part 7; issue 5, part 8.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import ClassVar

from attrs import asdict, evolve, field, frozen
from attrs.validators import ge

from janetbank.flows import batch_fees, batch_reflection, batch_reports
from janetbank.flows.platform import Platform
from janetbank.flows.settle_instructions import Settled, settle
from janetbank.model.batch import BatchRun, BatchStep, Done
from janetbank.model.events import BatchBegun, BatchStepDone
from janetbank.policies.calendar import EARLIEST
from janetbank.ports.reports import Reports
from janetbank.ports.storage import ReportKey, Transaction

PAGE = 1_000

SETTLED = timedelta(minutes=5)
"""How long after a day has begun all that was decided before it is stored: a transaction lasts seconds, and the clocks
of a bank's machines agree to within seconds."""


@frozen
class BatchDone:
    """The run of *day* is done, now or before."""

    day: date
    done: Done
    code: ClassVar[str] = "batch.done"


@frozen
class DayNotBegun:
    """*day* has not begun, or only just."""

    day: date
    code: ClassVar[str] = "batch.day_not_begun"


@frozen
class NothingWorks:
    """On *day* neither the host nor the bank works."""

    day: date
    code: ClassVar[str] = "batch.nothing_works"


@frozen
class AnotherFirst:
    """The run of *day* was begun and is not done: it goes first."""

    day: date
    code: ClassVar[str] = "batch.another_first"


@frozen
class DayOver:
    """The run of *latest*, a later day, was made already: nothing is done backwards."""

    latest: date
    code: ClassVar[str] = "batch.day_over"


@frozen
class ReportsWritten:
    """So many *reports* of *day* were written again, with so many *lines*."""

    day: date
    reports: int
    lines: int
    code: ClassVar[str] = "batch.reports_written"


@frozen
class NightNotRun:
    """The night of *day* was not run, so nothing of it can be written again."""

    day: date
    code: ClassVar[str] = "batch.not_run"


BatchRefusal = DayNotBegun | NothingWorks | AnotherFirst | DayOver
BatchOutcome = BatchDone | BatchRefusal


@frozen
class Progress:
    """*step* has gone through *done* things *of* so many; of what is to be settled, those that the host answered."""

    step: BatchStep
    done: int
    of: int


Listener = Callable[[Progress], object]


@frozen
class NightBatch:
    """See the module."""

    _platform: Platform
    _reports: Reports
    _size: int = field(default=PAGE, validator=ge(1))

    def __call__(self, day: date, progress: Listener = lambda _: None) -> BatchOutcome:
        """Make the run of *day*, or go on with it."""
        run = self._platform.transact(partial(self._begin, day))
        if not isinstance(run, BatchRun):
            return run
        if run.step is BatchStep.SETTLE:
            run = self._settle(run, progress)
        for step in (BatchStep.FEES, BatchStep.REFLECT):
            if run.step is step:
                run = self._turn_pages(run, progress)
        if run.step is BatchStep.REPORTS:
            run = self._write_reports(run, progress)
        return BatchDone(day, run.done)

    def write_again(self, day: date) -> ReportsWritten | NightNotRun:
        """Write the reports of *day* once more, whose night was run: they were lost, or belong somewhere else."""
        platform, lines = self._platform, 0
        reports = platform.transact(partial(batch_reports.written, day=day), durable=False)
        if reports is None:
            return NightNotRun(day)
        for report in reports:
            drawn = batch_reports.Lines(platform, report, self._size)
            self._reports.write(batch_reports.head(platform, report), drawn)
            lines += drawn.read
        return ReportsWritten(day, len(reports), lines)

    def _begin(self, day: date, tx: Transaction) -> BatchRun | BatchRefusal:
        """The run of *day*: a new one where there is none."""
        now, calendar = self._platform.now(), self._platform.profile.calendar
        if (run := tx.batch_runs.by_day(day)) is not None:
            return run
        if calendar.business_date(now - SETTLED) < day:
            return DayNotBegun(day)
        if day < EARLIEST or not (calendar.is_operating_day(day) or calendar.is_business_day(day)):
            return NothingWorks(day)
        latest = tx.batch_runs.latest()
        if latest is not None and latest.day > day:
            return DayOver(latest.day)
        if latest is not None and latest.step is not BatchStep.DONE:
            return AnotherFirst(latest.day)
        previous = None if latest is None else latest.day
        run = BatchRun(day=day, previous=previous, begun_at=now)
        run, entries = run.recorded(now, BatchBegun("" if previous is None else previous.isoformat()))
        tx.batch_runs.add(run)
        tx.audit.append(entries)
        return run

    def _settle(self, run: BatchRun, progress: Listener) -> BatchRun:
        """Hear what the host has done; each instruction says for itself whether it still has to be asked about."""

        def heard(so_far: Settled) -> None:
            progress(Progress(BatchStep.SETTLE, so_far.asked - so_far.silent, so_far.asked))

        heard(settle(self._platform, page=self._size, heard=heard))
        return self._platform.transact(partial(self._over, run.day, BatchStep.SETTLE))

    def _turn_pages(self, run: BatchRun, progress: Listener) -> BatchRun:
        """Go through a step a page a transaction, to its end."""
        step, whole = run.step, self._platform.transact(partial(self._whole, run))
        while run.step is step:
            progress(Progress(step, run.passed, max(run.passed, whole)))
            run = self._platform.transact(partial(self._page, run.day))
        progress(Progress(step, whole, whole))
        return run

    def _whole(self, run: BatchRun, tx: Transaction) -> int:
        """How much there is to the step of *run*, what it has gone through included."""
        if run.step is BatchStep.FEES:
            return batch_fees.whole(self._platform, tx, run)
        return run.passed + tx.contracts.count_due(run.day)

    def _page(self, day: date, tx: Transaction) -> BatchRun:
        """One page of what the run of *day*, as it stands now, has to do."""
        run = _stored(tx, day)
        match run.step:
            case BatchStep.FEES:
                return self._keep(tx, *batch_fees.page(self._platform, tx, run, self._size))
            case BatchStep.REFLECT:
                return self._keep(tx, *batch_reflection.page(tx, run, self._size, self._platform.now()))
            case _:  # another process has come further
                return run

    def _write_reports(self, run: BatchRun, progress: Listener) -> BatchRun:
        """Write each report that is left, and keep that it was."""
        platform = self._platform
        reports, whole = platform.transact(partial(batch_reports.left, run=run))
        for report in reports:
            progress(Progress(BatchStep.REPORTS, run.passed, max(run.passed, whole)))
            lines = batch_reports.Lines(platform, report, self._size)
            self._reports.write(batch_reports.head(platform, report), lines)
            run = platform.transact(partial(self._written, run.day, report, lines.read))
        progress(Progress(BatchStep.REPORTS, whole, whole))
        return platform.transact(partial(self._over, run.day, BatchStep.REPORTS))

    def _written(self, day: date, report: ReportKey, count: int, tx: Transaction) -> BatchRun:
        run, name = _stored(tx, day), batch_reports.named(report)
        if run.step is not BatchStep.REPORTS or name <= run.cursor:
            return run  # another process has come further
        return self._keep(tx, run.moved(name, count, Done(reported=count, reports=1)), more=True)

    def _over(self, day: date, step: BatchStep, tx: Transaction) -> BatchRun:
        """The run of *day* after *step*, unless another process has come further."""
        run = _stored(tx, day)
        return self._keep(tx, run, more=False) if run.step is step else run

    def _keep(self, tx: Transaction, run: BatchRun, more: bool) -> BatchRun:  # noqa: FBT001 -- what a page says of itself
        """Store how far *run* has come; where there is no *more*, its step is done."""
        now = self._platform.now()
        if not more:
            counts = tuple(f"{name}={count}" for name, count in asdict(run.done).items())
            step, run = run.step, run.after_step()
            run = evolve(run, ended_at=now if run.step is BatchStep.DONE else None)
            run, entries = run.recorded(now, BatchStepDone(step.value, counts))
            tx.audit.append(entries)
        tx.batch_runs.put(run)
        return run


def _stored(tx: Transaction, day: date) -> BatchRun:
    run = tx.batch_runs.by_day(day)
    assert run is not None, "a run is never deleted"
    return run
