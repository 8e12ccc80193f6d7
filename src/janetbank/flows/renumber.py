"""Renumbering: after a merger, or where branches were joined, contracts take over their accounts' present numbers.

    renumber(platform, institution) -> Renumbered       once the host has renumbered; done again it does nothing

A contract is found, and the host is asked, by the number of its account.  So while it bears a former one, its customer
can reset nothing, by either number, and the host knows no account to show or to transfer from.  What each account is
numbered now the host says; nobody else is believed.

Where an account had a limit, it keeps it, with what was transferred today; and the account that deferred fees are
collected from follows, whether or not the contract uses it.  Where the present number is in use already, by another
contract or by this one, nothing is changed: somebody has to look at it.

What was decided by the former number stays as it was decided:

* An instruction is proved as it was written, so its source is not rewritten.  What the host has, reserved or not, he
  knows by its key, and does from the account as it is numbered then; its fee is charged to the account that stood in
  it, and the host, who collects it, knows both numbers.  Where he does not do it, the present number does not get back
  what it counted against the limit of its day: never more than the limit, at worst less of it on one day.  What was
  not yet handed over is refused then (`flows.hand_over`): its account is none of the contract's any more.
* A charge never changes, and nor does what has accrued.
* A tombstone follows its account when somebody comes back for its login id (`flows.login_ids`).

Shape:  each contract is a transaction of its own; it may be interrupted, done again, and done by many at once.
Errors: what the ports raise.
Source: PWR-09 (numbers may have changed by mergers or the joining of branches: the core port resolves), RBR-05, LGN-03,
        FEE-04, TRF-10.  Ours: that it is done at a time, by whoever runs the night batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from attrs import evolve, frozen

from janetbank.flows.chains import keep
from janetbank.flows.fees import terms_of
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
    while found := platform.transact(partial(_page, after, page), durable=False):
        told += [_renumber(platform, one, deferred) for one, deferred in found if one.institution == institution]
        last = found[-1][0]
        after = last.institution, last.id
    return Renumbered(asked=len(told), moved=told.count(True), taken=told.count(None))


def _page(after: ContractKey | None, size: int, tx: Transaction) -> Sequence[tuple[Contract, Account | None]]:
    """A page of living contracts, each with the account that its deferred fees are collected from, if there is one."""
    found = tx.contracts.live(after, size)
    if not found:
        return ()
    terms = tx.fees.terms_between(after, (found[-1].institution, found[-1].id))
    deferred = {(one.institution, one.contract): one.deferred_to for one in terms}
    return [(one, deferred.get((one.institution, one.id))) for one in found]


def _renumber(platform: Platform, contract: Contract, deferred: Account | None) -> bool | None:
    """Whether *contract* has other numbers now; None where one of them is in use already."""
    known = dict.fromkeys((contract.account, *(one.account for one in contract.accounts), deferred))
    asked = {one: platform.core.renumbered(contract.institution, one) for one in known if one is not None}
    numbers = {former: present for former, present in asked.items() if present is not None}
    return platform.transact(partial(_take_over, platform, contract, numbers)) if numbers else False


def _take_over(platform: Platform, seen: Contract, numbers: Mapping[Account, Account], tx: Transaction) -> bool | None:
    contract = tx.contracts.by_id(seen.institution, seen.id)
    assert contract is not None, "contracts are never deleted"
    terms = terms_of(tx, contract)
    used = [one for one in numbers if contract.uses(one)]
    former = [one for one in numbers if one in used or one == terms.deferred_to]
    if not former:
        return False  # somebody else was faster
    account = contract.account and numbers.get(contract.account, contract.account)
    bearer = tx.contracts.by_account(contract.institution, str(account), "")
    if (bearer is not None and bearer.id != contract.id) or any(contract.uses(numbers[one]) for one in used):
        return None
    linked = tuple(evolve(one, account=numbers.get(one.account, one.account)) for one in contract.accounts)
    events = [AccountRenumbered(str(one), str(numbers[one])) for one in former]
    keep(tx, evolve(contract, account=account, accounts=linked), platform.now(), *events)
    for one in used:
        had, has = (tx.allowances.of(contract.institution, contract.id, it) for it in (one, numbers[one]))
        if had is not None and has is None:
            tx.allowances.add(evolve(had, account=numbers[one], version=0))
    if terms.deferred_to is not None and terms.deferred_to in former:
        tx.fees.put_terms(evolve(terms, deferred_to=numbers[terms.deferred_to]))
    return True
