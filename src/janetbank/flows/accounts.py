"""Accounts: adding a used account to a contract, deleting one, and what there is.

    Accounts.add    -> AdditionAccepted | AccountNotAccepted | CannotChangeAccounts | Rejected | a refusal
    Accounts.delete -> DeletionAccepted | CannotChangeAccounts | Rejected | a refusal
    Accounts.list   -> UsedAccounts | a refusal

Both are accepted at once and reflected on the next operating day; once that has begun the account can be deleted, or
added again, though its night batch is still to come.  The host is asked between two transactions; what was decided on
before is decided again after it.

Source: ACC-03..06, 08, 09; AMB-13, AMB-28; requirements.md part 6 (a login session is enough).  Ours: the holder of an
        added account is the customer, by name and birth date; the customer is told by letter.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.acceptances import keep_acceptance
from janetbank.flows.batch_reflection import with_accounts_of
from janetbank.flows.chains import keep
from janetbank.flows.letters import notify
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Rejected
from janetbank.flows.sessions import Found, SessionRefusal, in_session
from janetbank.flows.typed import made
from janetbank.model.acceptance import AcceptanceKind
from janetbank.model.contract import Contract
from janetbank.model.customer import Customer
from janetbank.model.events import AccountAdditionAccepted, AccountChecked, AccountDeletionAccepted
from janetbank.model.letter import LetterCode
from janetbank.policies.accounts import (
    AccountCheck,
    AccountEvent,
    AccountFacts,
    AccountState,
    LinkedAccount,
    failed_checks,
)
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import Lack, OnlineProcedure, excluded
from janetbank.ports.core_banking import AccountReport
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.moment import in_japan
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class AdditionAccepted:
    """The account will be added; it can be used from *effective_on*."""

    account: str
    effective_on: date
    code: ClassVar[str] = "accounts.addition_accepted"


@frozen
class DeletionAccepted:
    """The account will be deleted on *effective_on*; until then its statements are shown."""

    account: str
    effective_on: date
    code: ClassVar[str] = "accounts.deletion_accepted"


@frozen
class AccountNotAccepted:
    """The account cannot be added online.  Why is logged, and not told."""

    code: ClassVar[str] = "accounts.not_accepted"


@frozen
class CannotChangeAccounts:
    """This cannot be done online, for these reasons."""

    violations: tuple[Violation, ...]
    code: ClassVar[str] = "accounts.cannot_change"


@frozen(kw_only=True)
class UsedAccount:
    """One account of a contract; the representative one has no state of its own.

    *changes_on*: the day on which what is pending is reflected, if anything is.
    """

    account: str
    representative: bool
    state: AccountState
    changes_on: date | None


@frozen
class UsedAccounts:
    """The accounts of a contract, the representative one first."""

    accounts: tuple[UsedAccount, ...]
    code: ClassVar[str] = "accounts.used"


AddOutcome = AdditionAccepted | AccountNotAccepted | CannotChangeAccounts | Rejected | SessionRefusal
DeleteOutcome = DeletionAccepted | CannotChangeAccounts | Rejected | SessionRefusal
ListOutcome = UsedAccounts | SessionRefusal


@frozen
class Accounts:
    """See the module."""

    _platform: Platform

    def add(self, session: Secret, *, branch: str, type: str, number: str) -> AddOutcome:  # noqa: A002 -- the field's name
        """Have an account of one's own added (ACC-03..05)."""
        platform = self._platform

        def look(tx: Transaction, found: Found, _: datetime) -> Contract | CannotChangeAccounts:
            return _not_online(tx, found.contract, OnlineProcedure.ACCOUNT_ADDITION) or found.contract

        contract = in_session(platform, Operation.CHANGE_ACCOUNTS, session, look)
        if not isinstance(contract, Contract):
            return contract
        account = _typed(branch, type, number)
        if isinstance(account, Rejected):
            return account
        report = platform.core.account(contract.institution, account)
        own = platform.core.account(contract.institution, _representative(contract))
        return in_session(platform, Operation.CHANGE_ACCOUNTS, session, partial(self._add, account, report, own))

    def delete(self, session: Secret, *, branch: str, type: str, number: str) -> DeleteOutcome:  # noqa: A002 -- the same
        """Have a used account deleted (ACC-08, ACC-09); never the representative one."""
        return in_session(
            self._platform,
            Operation.CHANGE_ACCOUNTS,
            session,
            lambda tx, found, now: self._delete(_typed(branch, type, number), tx, found.contract, now),
        )

    def list(self, session: Secret) -> ListOutcome:
        """What accounts there are, and what is pending, on the day that has begun, whether or not its batch has run."""

        def act(_tx: Transaction, found: Found, now: datetime) -> UsedAccounts:
            first = UsedAccount(
                account=str(_representative(found.contract)),
                representative=True,
                state=AccountState.ACTIVE,
                changes_on=None,
            )
            linked = [one.at(in_japan(now).date()) for one in found.contract.accounts]
            return UsedAccounts((first, *(_shown(one) for one in linked if one.state is not AccountState.REMOVED)))

        return in_session(self._platform, Operation.USE_SESSION, session, act, durable=False)

    def _add(
        self,
        account: Account,
        report: AccountReport | None,
        own: AccountReport | None,
        tx: Transaction,
        found: Found,
        now: datetime,
    ) -> AdditionAccepted | AccountNotAccepted | Rejected:
        platform, (contract, reflected) = self._platform, with_accounts_of(found.contract, in_japan(now).date())
        if contract.uses(account):
            return Rejected((Violation("account.already_used", field="account"),))
        failed = failed_checks(_facts(report, own))
        checks = tuple(f"{one.value}={'failed' if one in failed else 'passed'}" for one in AccountCheck)
        checked = AccountChecked(str(account), checks)
        if failed:
            keep(tx, contract, now, *reflected, checked)
            return AccountNotAccepted()
        calendar = platform.profile.calendar
        today = calendar.business_date(now)
        day = calendar.next_operating_day(today)
        contract = evolve(contract, accounts=(*contract.accounts, LinkedAccount.added(account, day)))
        accepted = AccountAdditionAccepted(str(account), day.isoformat())
        contract = keep(tx, contract, now, *reflected, checked, accepted)
        keep_acceptance(
            tx,
            contract,
            _customer(tx, contract),
            AcceptanceKind.ACCOUNT_ADDITION,
            account,
            representative=_representative(contract),
            at=now,
            effective_on=day,
            report_on=calendar.next_business_day(today),
        )
        notify(platform, tx, contract, LetterCode.ACCOUNT_ADDED, now)
        return AdditionAccepted(str(account), day)

    def _delete(
        self, account: Account | Rejected, tx: Transaction, contract: Contract, now: datetime
    ) -> DeletionAccepted | CannotChangeAccounts | Rejected:
        if (no := _not_online(tx, contract, OnlineProcedure.ACCOUNT_DELETION)) is not None:
            return no
        if isinstance(account, Rejected):
            return account
        contract, reflected = with_accounts_of(contract, in_japan(now).date())
        if (code := _kept(tx, contract, account)) is not None:
            return CannotChangeAccounts((Violation(code, field="account"),))
        platform, calendar = self._platform, self._platform.profile.calendar
        day = calendar.next_operating_day(calendar.business_date(now))
        accounts = tuple(one.deleted(day) if one.account == account else one for one in contract.accounts)
        accepted = AccountDeletionAccepted(str(account), day.isoformat())
        contract = keep(tx, evolve(contract, accounts=accounts), now, *reflected, accepted)
        notify(platform, tx, contract, LetterCode.ACCOUNT_DELETED, now)
        return DeletionAccepted(str(account), day)


def _typed(branch: str, kind: str, number: str) -> Account | Rejected:
    violations: list[Violation] = []
    account = made(violations, "account", partial(Account.parse, branch, kind, number))
    return Rejected(tuple(violations)) if account is None else account


def _representative(contract: Contract) -> Account:
    assert contract.account is not None, "who has a session has an account"
    return contract.account


def _customer(tx: Transaction, contract: Contract) -> Customer:
    customer = tx.customers.of(contract.institution, contract.id)
    assert customer is not None, "whoever is logged in is a customer"
    return customer


def _not_online(tx: Transaction, contract: Contract, procedure: OnlineProcedure) -> CannotChangeAccounts | None:
    """Why *procedure* is closed online to the customer of *contract* (ACC-03, ACC-08, AMB-28)."""
    lacks = set[Lack]() if _customer(tx, contract).individual else {Lack.INDIVIDUAL}
    closing = excluded(procedure, lacks)
    return CannotChangeAccounts(tuple(Violation(f"lack.{one.value}") for one in closing)) if closing else None


def _facts(report: AccountReport | None, own: AccountReport | None) -> AccountFacts:
    """The bases of the checks; an account that does not exist fails what can be said of it."""
    if report is None:
        return AccountFacts(exists=False, caution=False, restricted=False, own=False)
    same = own is not None and (own.holder.kana, own.holder.born) == (report.holder.kana, report.holder.born)
    return AccountFacts(exists=True, caution=report.caution, restricted=report.restricted, own=same)


def _kept(tx: Transaction, contract: Contract, account: Account) -> str | None:
    """Why *account* cannot be deleted now, or None."""
    if account == contract.account:
        return "account.representative"
    linked = next((one for one in contract.accounts if one.account == account), None)
    if linked is None:
        return "account.not_used"
    if not linked.can(AccountEvent.DELETE):
        return "account.change_pending"
    pending = tx.instructions.pending_of(contract.institution, contract.id)
    return "account.transfers_pending" if any(one.content.source == account for one in pending) else None


def _shown(linked: LinkedAccount) -> UsedAccount:
    return UsedAccount(
        account=str(linked.account), representative=False, state=linked.state, changes_on=linked.changes_on
    )
