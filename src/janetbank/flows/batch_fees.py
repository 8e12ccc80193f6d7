"""The night batch's fees: what the months that have ended cost, and what was deferred in them.

A month has ended when its last day is over.  It is charged once, by the first run after it, before anything of that
run's day is reflected; so what the store holds are the data of the last day (FEE-10).

The first run of all charges no month's fee for months before, since whoever begins with this library in the middle of a
life was charged for them elsewhere.  But what accrued was charged nowhere else: so it collects all of the year before.

Shape:  `page(platform, tx, run, size)` goes through one page of what there is.
Units:  a fee is collected on the first operating day after its month.
Source: FEE-03, FEE-04, FEE-08, FEE-10.  Ours: on which day a month's fees are collected.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import Enum

from janetbank.flows.platform import Platform
from janetbank.model.batch import BatchRun, Done
from janetbank.model.contract import Contract
from janetbank.model.fee import Charge, ChargeKind, FeeTerms
from janetbank.policies.fees import NOTHING, Due, MonthEndFacts
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.month import Month

_DAY = timedelta(days=1)


class Part(Enum):
    """What is gone through for each month."""

    MONTHLY = "monthly"
    """Every living contract."""
    DEFERRED = "deferred"
    """Whatever accrued."""


def ended(run: BatchRun) -> Sequence[Month]:
    """The months over on the day of *run* and not on that of the run before: for the first run, not the day before."""
    since = run.day - _DAY if run.previous is None else run.previous
    months, month = list[Month](), Month.of(since)
    while month.last < run.day:
        months.append(month)
        month = month.following
    return months


def whole(platform: Platform, tx: Transaction, run: BatchRun) -> int:
    """How many contracts there are to go through; what accrued is few beside them."""
    months = sum(part is Part.MONTHLY for _, part in _parts(platform, tx, run))
    return months * tx.contracts.count_live() if months else 0


def page(platform: Platform, tx: Transaction, run: BatchRun, size: int) -> tuple[BatchRun, bool]:
    """Charge the next page: *run* after it, and whether there is another one."""
    parts = _parts(platform, tx, run)
    if not parts:
        return run, False
    here = (Month.parse(run.cursor[0]), Part(run.cursor[1])) if run.cursor else parts[0]
    month, part = here
    charge = _monthly if part is Part.MONTHLY else _deferred
    charges, last, seen = charge(platform, tx, month, run.cursor[2:], size)
    tx.fees.charge(charges)
    done = Done(charged=len(charges), yen=sum(one.amount.amount for one in charges))
    if seen == size:
        return run.moved((str(month), part.value, *last), seen, done), True
    following = parts[parts.index(here) + 1 :]
    month, part = following[0] if following else here
    return run.moved((str(month), part.value), seen, done), bool(following)


def _parts(platform: Platform, tx: Transaction, run: BatchRun) -> Sequence[tuple[Month, Part]]:
    """What there is to go through; what was begun is, though a month costs nothing by the profile that goes on."""
    free = platform.profile.fees.monthly == NOTHING
    earlier = [(month, Part.DEFERRED) for month in _before(run) if tx.fees.accrued(month, None, 1)]
    every = [(month, part) for month in ended(run) for part in Part]
    return earlier + [
        (month, part)
        for month, part in every
        if not (free and part is Part.MONTHLY) or (str(month), part.value) == run.cursor[:2]
    ]


def _before(run: BatchRun) -> Sequence[Month]:
    """The months of the year before the first run of all that it does not find ended just then."""
    if run.previous is not None:
        return ()
    month = Month.of(run.day - _DAY)
    months = [Month(month.year - 1, month.number)]
    while months[-1].following < month:
        months.append(months[-1].following)
    return months


def _monthly(
    platform: Platform, tx: Transaction, month: Month, key: Sequence[str], size: int
) -> tuple[Sequence[Charge], Sequence[str], int]:
    after = (InstitutionId(key[0]), ContractId(key[1])) if key else None
    contracts = tx.contracts.live(after, size)
    if not contracts:
        return (), key, 0
    until = contracts[-1].institution, contracts[-1].id
    terms = {(one.institution, one.contract): one for one in tx.fees.terms_between(after, until)}
    charges = [
        charge
        for contract in contracts
        if (charge := _monthly_charge(platform, contract, terms.get((contract.institution, contract.id)), month))
    ]
    return charges, (until[0].code, until[1].text), len(contracts)


def _monthly_charge(platform: Platform, contract: Contract, terms: FeeTerms | None, month: Month) -> Charge | None:
    calendar = platform.profile.calendar
    facts = MonthEndFacts(
        applied_on=calendar.business_date(contract.applied_at),
        effective_on=contract.effective_on,
        ends_on=contract.ends_on,
        exempted_on=None if terms is None else terms.exempted_on(month),
    )
    verdict = platform.profile.fees.month_end(facts, month)
    if not isinstance(verdict, Due):
        return None
    assert contract.account is not None, "whoever lives has an account"
    return Charge(
        institution=contract.institution,
        contract=contract.id,
        kind=ChargeKind.MONTHLY,
        reference=str(month),
        month=month,
        account=contract.account,
        amount=verdict.amount,
        on=calendar.next_operating_day(month.last),
    )


def _deferred(
    platform: Platform, tx: Transaction, month: Month, key: Sequence[str], size: int
) -> tuple[Sequence[Charge], Sequence[str], int]:
    after = (InstitutionId(key[0]), ContractId(key[1]), _account(key[2])) if key else None
    sums = tx.fees.accrued(month, after, size)
    if not sums:
        return (), key, 0
    on = platform.profile.calendar.next_operating_day(month.last)
    charges = [
        Charge(
            institution=one.institution,
            contract=one.contract,
            kind=ChargeKind.DEFERRED,
            reference=f"{month} {one.account}",
            month=month,
            account=one.account,
            amount=one.amount,
            on=on,
        )
        for one in sums
    ]
    last = sums[-1]
    return charges, (last.institution.code, last.contract.text, str(last.account)), len(sums)


def _account(text: str) -> Account:
    branch, kind, number = text.split("-")
    return Account.parse(branch, kind, number)
