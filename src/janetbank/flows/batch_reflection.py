"""The night batch's reflection: applications become contracts, accounts come and go, cancellations take effect.

Each contract that changes gets an entry in its own chain for each thing that changed.  What a cancelled contract leaves
is a tombstone: its login id, its representative account and its chain; its answers, its places and its passwords are
forgotten, and its sessions end, and so does its token, with the seed and with biometric login.  So nothing ends while
somebody looks into a fraud: a cancellation that was accepted before waits until he is done (CAN-09).

Shape:  `reflected(contract, day, now)` is the contract as *day* finds it, what its chain says of that, and the same
        counted; `page(tx, run, size, now)` goes through one page of what is due.
Source: ENR-09, ACC-05, ACC-09, CAN-06, CAN-07, CAN-09, OPS-02, CRD-11; AMB-13, AMB-27; requirements.md part 7.
        Ours: that a cancellation waits for an investigation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from attrs import evolve

from janetbank.model.audit import Entry, Event, record_all
from janetbank.model.batch import BatchRun, Done
from janetbank.model.contract import Contract
from janetbank.model.events import AccountReflected, ContractReflected, TokenMoved
from janetbank.model.token import Token
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.contract_life import NEXT, ContractEvent, ContractStatus
from janetbank.ports.storage import Transaction
from janetbank.values.identifiers import ContractId, InstitutionId


def reflected(contract: Contract, day: date, now: datetime) -> tuple[Contract, Sequence[Entry], Done]:
    """See the module; what is not due by *day* stays as it is."""
    accounts, moved = _accounts(contract, day)
    status = _status(contract, day)
    events = _said(moved, day)
    if status is not contract.status:
        events.append(ContractReflected(day.isoformat(), status.value))
    chain, entries = record_all(contract.chain, contract.id.text, now, events)
    done = Done(
        activated=status is ContractStatus.ACTIVE is not contract.status,
        cancelled=status is ContractStatus.CANCELLED is not contract.status,
        accounts_added=sum(one.state is AccountState.ACTIVE for one in moved),
        accounts_removed=sum(one.state is AccountState.REMOVED for one in moved),
    )
    left = _tombstone(contract) if done.cancelled else contract
    accounts = () if done.cancelled else accounts
    return evolve(left, status=status, accounts=accounts, chain=chain), entries, done


def with_accounts_of(contract: Contract, day: date) -> tuple[Contract, Sequence[Event]]:
    """*contract* with its accounts as *day* finds them, and what its chain says of that: for who cannot await a night.

    What a customer is shown of a day that has begun is what he can go on from, whether or not its batch has run.
    """
    accounts, moved = _accounts(contract, day)
    return evolve(contract, accounts=accounts), _said(moved, day)


def page(tx: Transaction, run: BatchRun, size: int, now: datetime) -> tuple[BatchRun, bool]:
    """Reflect the next page: *run* after it, and whether there is another one."""
    after = (InstitutionId(run.cursor[0]), ContractId(run.cursor[1])) if run.cursor else None
    due = tx.contracts.due(run.day, after, size)
    changed, ended, entries, done = list[Contract](), list[Token](), list[Entry](), Done()
    for contract in due:
        told, its_entries, more = reflected(contract, run.day, now)
        if not its_entries:
            continue
        entries += its_entries
        if more.cancelled and (token := _ended_token(tx, told, now)) is not None:
            told, its_entries = told.recorded(now, TokenMoved(token.number, token.state.value))
            entries += its_entries
            ended.append(token)
        changed.append(told)
        done = done.plus(more)
    # Alike beside alike: a store may write those together.
    for contract in sorted(changed, key=_kind):
        tx.contracts.put(contract)
    for token in ended:
        tx.tokens.put(token)
    tx.audit.append(entries)
    cursor = (due[-1].institution.code, due[-1].id.text) if due else run.cursor
    return run.moved(cursor, len(due), done), len(due) == size


def _ended_token(tx: Transaction, contract: Contract, now: datetime) -> Token | None:
    """The token that ends with *contract*, not yet put: no seed outlasts the customer.  None where nothing is left."""
    token = tx.tokens.latest_of(contract.institution, contract.id)
    left = None if token is None else token.left(now)
    return None if left is token else left


def _accounts(contract: Contract, day: date) -> tuple[tuple[LinkedAccount, ...], Sequence[LinkedAccount]]:
    """The accounts as *day* finds them, those that are removed left out; and those to which something happened."""
    now = [one.at(day) for one in contract.accounts]
    moved = [later for one, later in zip(contract.accounts, now, strict=True) if later is not one]
    return tuple(one for one in now if one.state is not AccountState.REMOVED), moved


def _said(moved: Sequence[LinkedAccount], day: date) -> list[Event]:
    return [AccountReflected(day.isoformat(), str(one.account), one.state.value) for one in moved]


def _status(contract: Contract, day: date) -> ContractStatus:
    on = {ContractStatus.APPLIED: contract.effective_on, ContractStatus.LEAVING: contract.ends_on}.get(contract.status)
    kept = contract.status is ContractStatus.LEAVING and contract.investigated_since is not None
    if on is None or day < on or kept:
        return contract.status
    return NEXT[contract.status, ContractEvent.REFLECT]


def _tombstone(contract: Contract) -> Contract:
    return evolve(contract.end_sessions(), password="", confirmation=None, questions=(), asked=None, places=())


def _kind(contract: Contract) -> tuple[str, int]:
    return contract.status.value, len(contract.accounts)
