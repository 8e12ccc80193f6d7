"""Renumbering: after a merger, or where branches were joined, contracts take over their accounts' present numbers.

    renumber(platform, institution) -> Renumbered       once the host has renumbered; done again it does nothing

A contract is found, and the host is asked, by the number of its account.  So while it bears a former one, its customer
can reset nothing, by either number, and the host knows no account to show or to transfer from.  What each account is
numbered now the host says; nobody else is believed.

Where an account had a limit, it keeps it, with what was transferred today.  Where the present number is in use already,
by another contract or by this one, nothing is changed: somebody has to look at it.

Shape:  each contract is a transaction of its own; it may be interrupted, done again, and done by many at once.
Errors: what the ports raise.
Source: PWR-09 (numbers may have changed by mergers or the joining of branches: the core port resolves), RBR-05, LGN-03.
        Ours: that it is done at a time, by whoever runs the night batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from attrs import evolve, frozen

from janetbank.flows.chains import keep
from janetbank.flows.platform import Platform
from janetbank.model.contract import Contract
from janetbank.model.events import AccountRenumbered
from janetbank.ports.storage import ContractKey, Transaction
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId

PAGE = 200


@frozen(kw_only=True)
class Renumbered:
    """Of so many contracts the host was asked; so many have other numbers now; of so many the number was in use."""

    asked: int
    moved: int
    taken: int


def renumber(platform: Platform, institution: InstitutionId, *, page: int = PAGE) -> Renumbered:
    """Take over the accounts' numbers at *institution*, as the host has them; *page* contracts are read at once."""
    told: list[bool | None] = []
    after: ContractKey | None = None
    while found := platform.transact(lambda tx: tx.contracts.live(after, page), durable=False):  # noqa: B023 -- called at once
        told += [_renumber(platform, one) for one in found if one.institution == institution]
        after = found[-1].institution, found[-1].id
    return Renumbered(asked=len(told), moved=told.count(True), taken=told.count(None))


def _renumber(platform: Platform, contract: Contract) -> bool | None:
    """Whether *contract* has other numbers now; None where one of them is in use already."""
    used = (contract.account, *(one.account for one in contract.accounts))
    asked = {one: platform.core.renumbered(contract.institution, one) for one in used if one is not None}
    numbers = {former: present for former, present in asked.items() if present is not None}
    return platform.transact(partial(_take_over, platform, contract, numbers)) if numbers else False


def _take_over(platform: Platform, seen: Contract, numbers: Mapping[Account, Account], tx: Transaction) -> bool | None:
    contract = tx.contracts.by_id(seen.institution, seen.id)
    assert contract is not None, "contracts are never deleted"
    former = [one for one in numbers if contract.uses(one)]
    if not former:
        return False  # somebody else was faster
    account = contract.account and numbers.get(contract.account, contract.account)
    bearer = tx.contracts.by_account(contract.institution, str(account), "")
    if (bearer is not None and bearer.id != contract.id) or any(contract.uses(numbers[one]) for one in former):
        return None
    linked = tuple(evolve(one, account=numbers.get(one.account, one.account)) for one in contract.accounts)
    events = [AccountRenumbered(str(one), str(numbers[one])) for one in former]
    keep(tx, evolve(contract, account=account, accounts=linked), platform.now(), *events)
    for one in former:
        had, has = (tx.allowances.of(contract.institution, contract.id, it) for it in (one, numbers[one]))
        if had is not None and has is None:
            tx.allowances.add(evolve(had, account=numbers[one], version=0))
    return True
