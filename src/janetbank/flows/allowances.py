"""Allowances: what an account may still transfer on a day.

It is looked at when a transfer is requested, so that nobody spends a code in vain, and counted when it is handed over.

Shape:  what is counted or given back comes as the allowance after it, which the caller writes behind the contract: of
        two that write both, neither holds what the other one waits for.
Source: TRF-03; AMB-24, AMB-34; docs/decisions/0008.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, assert_never

from attrs import evolve, frozen

from janetbank.flows.platform import Platform
from janetbank.flows.tokens import method_of
from janetbank.model.allowance import Allowance
from janetbank.model.contract import Contract
from janetbank.policies import limits
from janetbank.policies.limits import COUNTED
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.instruction import Content
from janetbank.values.moment import in_japan
from janetbank.values.money import Yen


@frozen
class LimitReached:
    """The account's limit for that day does not suffice: *left* can be transferred."""

    left: Yen
    code: ClassVar[str] = "limit.reached"


@frozen
class ClosedForTransfers:
    """The account's limit is none: nothing is transferred from it."""

    code: ClassVar[str] = "limit.closed"


NoAllowance = LimitReached | ClosedForTransfers


@frozen
class Counted:
    """It is within the limit, and counts on *day* once *allowance* is written."""

    allowance: Allowance
    day: date


def allowance_of(tx: Transaction, contract: Contract, account: Account) -> Allowance:
    """The allowance of *account*, new where nothing was set or counted yet."""
    found = tx.allowances.of(contract.institution, contract.id, account)
    return found or Allowance(institution=contract.institution, contract=contract.id, account=account)


def save(tx: Transaction, allowance: Allowance) -> None:
    """Write *allowance*, new or read."""
    if allowance.version:
        tx.allowances.put(allowance)
    else:
        tx.allowances.add(allowance)


def refused(
    platform: Platform, tx: Transaction, contract: Contract, content: Content, now: datetime
) -> NoAllowance | None:
    """Why *content* would not be within the limit now, or None."""
    told = count(platform, tx, contract, content, now)
    return told if isinstance(told, NoAllowance) else None


def count(
    platform: Platform, tx: Transaction, contract: Contract, content: Content, now: datetime
) -> Counted | NoAllowance | None:
    """Count *content*: None where it does not count, or why it is not within the limit."""
    if content.kind not in COUNTED:
        return None
    rules, today = platform.profile.limits, in_japan(now).date()
    allowance = allowance_of(tx, contract, content.source)
    token = method_of(tx.tokens.latest_of(contract.institution, contract.id)) is not None
    day = rules.day_of(content.date, today)
    usage, told = rules.take(allowance.usage.since(today), allowance.limit, content.amount, day, token=token)
    match told:
        case limits.Taken():
            return Counted(evolve(allowance, usage=usage), day)
        case limits.TooMuch(left):
            return LimitReached(left)
        case limits.ClosedForTransfers():
            return ClosedForTransfers()
        case _ as never:
            assert_never(never)


def given_back(tx: Transaction, contract: Contract, content: Content, day: date, rules: limits.LimitRules) -> Allowance:
    """The allowance, where what counts on *day* is not executed after all."""
    allowance = allowance_of(tx, contract, content.source)
    return evolve(allowance, usage=rules.give_back(allowance.usage, content.amount, day))
