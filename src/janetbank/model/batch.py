"""Batch: one night's run, and how far it has come.

A run belongs to a day.  Each of its steps goes through the contracts in the order of their keys and keeps, in the
transaction of each page, what it did and the last key that it did it to; so whoever goes on with it, goes on there.

    SETTLE -> FEES -> REFLECT -> REPORTS -> DONE

What the host has done is heard first, so that its fees are among those that are charged.  The fees come before the
reflection: the data of a month's last day are those before the next day is reflected.

Shape:  frozen; `version` belongs to the storage port.
Units:  days are days in Japan; instants are aware UTC datetimes.
Source: ENR-17, ACC-05, ACC-06, ACC-09, CAN-07, FEE-04, FEE-10, TRF-09, TRF-10, OPS-02; issue 5, part 8.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import Self

from attrs import evolve, fields, frozen

from janetbank.model.audit import ChainHead, Entry, Event, record_all


class BatchStep(Enum):
    """What a run is doing; the texts `batchstep.*` say it."""

    SETTLE = "settle"
    """What has become of the instructions that the host has, or may have; each of them is a transaction of its own."""
    FEES = "fees"
    """The monthly fees of every month that has ended, and the deferred ones."""
    REFLECT = "reflect"
    """Applications, accounts and cancellations whose day has come."""
    REPORTS = "reports"
    """The acceptance reports."""
    DONE = "done"


NEXT: Mapping[BatchStep, BatchStep] = MappingProxyType(
    {
        BatchStep.SETTLE: BatchStep.FEES,
        BatchStep.FEES: BatchStep.REFLECT,
        BatchStep.REFLECT: BatchStep.REPORTS,
        BatchStep.REPORTS: BatchStep.DONE,
    }
)


@frozen(kw_only=True)
class Done:
    """What a run has done so far."""

    charged: int = 0
    yen: int = 0
    """What was charged comes to so much, collected at once or not."""
    activated: int = 0
    cancelled: int = 0
    accounts_added: int = 0
    accounts_removed: int = 0
    reported: int = 0
    reports: int = 0

    def plus(self, other: "Done") -> "Done":
        """Both together."""
        return Done(**{name: getattr(self, name) + getattr(other, name) for name in _COUNTS})


_COUNTS = tuple(field.name for field in fields(Done))


@frozen(kw_only=True)
class BatchRun:
    """See the module."""

    day: date
    previous: date | None
    """The day of the run before this one; None for the first."""
    step: BatchStep = BatchStep.SETTLE
    cursor: tuple[str, ...] = ()
    """The last thing that the step has done, as the step names it; empty at its beginning."""
    passed: int = 0
    """How many things the step has gone through."""
    done: Done = Done()
    begun_at: datetime
    ended_at: datetime | None = None
    chain: ChainHead = ChainHead()
    version: int = 0

    @property
    def chain_name(self) -> str:
        """The name of its audit chain; no contract's chain has such a name."""
        return f"batch:{self.day.isoformat()}"

    def moved(self, cursor: tuple[str, ...], passed: int, done: Done) -> Self:
        """The run after its step went through so many more things, up to *cursor*, and did this much more."""
        return evolve(self, cursor=cursor, passed=self.passed + passed, done=self.done.plus(done))

    def after_step(self) -> Self:
        """The run at the beginning of the step after this one."""
        return evolve(self, step=NEXT[self.step], cursor=(), passed=0)

    def recorded(self, at: datetime, *events: Event) -> tuple[Self, tuple[Entry, ...]]:
        """The run with *events* at the end of its chain, and the entries to append to the audit log."""
        head, entries = record_all(self.chain, self.chain_name, at, events)
        return evolve(self, chain=head), entries
