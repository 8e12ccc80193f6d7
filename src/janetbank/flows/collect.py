"""Collecting: what a day brings to collect, for whoever takes the fees from the accounts.

    collect(platform, day, take) -> Collected | TooEarly

Each entry is a charge: a transfer's fee is one of its own beside the funds, and names the branch that collects it.  The
same day may be asked for again and tells the same, and perhaps more: the host may tell late of a transfer, and a night
that was left out is made up for.  A charge's institution, contract, kind and reference tell it from all others.

Shape:  *take* draws the charges, in the order of institution and contract; a page of *size* is all that is in memory.
Units:  days are business dates in Japan.
Errors: what the ports and *take* raise.
Source: FEE-03, FEE-04.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import ClassVar

from attrs import define, field, frozen

from janetbank.flows.platform import Platform
from janetbank.model.batch import BatchRun, BatchStep
from janetbank.model.fee import Charge
from janetbank.policies.calendar import EARLIEST
from janetbank.ports.storage import Transaction

PAGE = 1_000


@frozen
class Collected:
    """So many *charges* of *day* were drawn, of so many *yen* in all, which so many *branches* collect."""

    day: date
    branches: int
    charges: int
    yen: int
    code: ClassVar[str] = "collect.done"


@frozen
class TooEarly:
    """*day* has not begun, or the night that computes what is collected on it is not as far."""

    day: date
    code: ClassVar[str] = "collect.too_early"


def collect(
    platform: Platform, day: date, take: Callable[[Iterable[Charge]], object], size: int = PAGE
) -> Collected | TooEarly:
    """Let *take* draw what is to be collected on *day*; it is not called where that is not known yet."""
    latest = platform.transact(lambda tx: tx.batch_runs.latest(), durable=False)
    if not _known(platform, day, latest):
        return TooEarly(day)
    drawn = _Drawn(platform, day, size)
    take(drawn)
    return Collected(day, len(drawn.branches), drawn.charges, drawn.yen)


def _known(platform: Platform, day: date, latest: BatchRun | None) -> bool:
    """Whether the fees of months that are collected on *day* are computed; they are so on operating days alone."""
    charged = None
    if latest is not None:
        charging = latest.step in {BatchStep.SETTLE, BatchStep.FEES}
        charged = latest.previous if charging else latest.day
    if charged is not None and day <= charged:
        return True
    calendar = platform.profile.calendar
    return EARLIEST <= day <= calendar.business_date(platform.now()) and not calendar.is_operating_day(day)


@define
class _Drawn:
    """What is collected on a day; and how much of it was drawn."""

    _platform: Platform
    _day: date
    _size: int
    branches: set[tuple[str, str]] = field(factory=set[tuple[str, str]], init=False)
    charges: int = field(default=0, init=False)
    yen: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[Charge]:
        last = None
        while part := self._platform.transact(partial(self._page, last), durable=False):
            self.branches.update((one.institution.code, one.collected_by.code) for one in part)
            self.charges += len(part)
            self.yen += sum(one.amount.amount for one in part)
            yield from part
            last = part[-1]

    def _page(self, after: Charge | None, tx: Transaction) -> Sequence[Charge]:
        return tx.fees.collected_on(self._day, after, self._size)
