"""Viewing an account: what is on it (残高照会), and what happened on it (入出金明細照会), as the host says.

    ViewAccount.balance   -> Balance | a refusal
    ViewAccount.statement -> Statement | Rejected | a refusal

The session and the account are looked at first, then the host is asked, outside any transaction.  A contract that is
being cancelled still shows its statements, and the host tells no balance any more (CAN-08): the table of admission.

Source: TRF-06, CAN-08; ASVS 8.2.2 (an account's number alone opens nothing).
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import ClassVar

from attrs import frozen

from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Rejected
from janetbank.flows.sessions import Found, SessionRefusal, in_session
from janetbank.flows.used_accounts import accounts_for
from janetbank.policies.accounts import AccountUse
from janetbank.policies.admission import Operation
from janetbank.ports.core_banking import StatementLine
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class Balance:
    """*amount* is on the *account*."""

    account: Account
    amount: Yen
    code: ClassVar[str] = "account.balance"


@frozen
class Statement:
    """What happened on the *account*, oldest first."""

    account: Account
    lines: tuple[StatementLine, ...]
    code: ClassVar[str] = "account.statement"


BalanceOutcome = Balance | Rejected | SessionRefusal
StatementOutcome = Statement | Rejected | SessionRefusal


@frozen
class ViewAccount:
    """See the module."""

    _platform: Platform

    def balance(self, session: Secret, account: Account) -> BalanceOutcome:
        """What is on one of the customer's accounts."""
        there = self._whose(session, Operation.BALANCE, account)
        if not isinstance(there, InstitutionId):
            return there
        amount = self._platform.core.balance(there, account)
        return _not_usable() if amount is None else Balance(account, amount)

    def statement(self, session: Secret, account: Account, first: date, last: date) -> StatementOutcome:
        """What happened on one of the customer's accounts from day *first* to day *last*, both included."""
        there = self._whose(session, Operation.STATEMENT, account)
        if not isinstance(there, InstitutionId):
            return there
        if last < first:
            return Rejected((Violation("statement.days", field="last"),))
        lines = self._platform.core.statement(there, account, first, last)
        return _not_usable() if lines is None else Statement(account, tuple(lines))

    def _whose(
        self, session: Secret, operation: Operation, account: Account
    ) -> InstitutionId | Rejected | SessionRefusal:
        return in_session(self._platform, operation, session, partial(_institution, account), durable=False)


def _institution(account: Account, _: Transaction, found: Found, now: datetime) -> InstitutionId | Rejected:
    shown = accounts_for(found.contract, AccountUse.STATEMENTS, now)
    return found.contract.institution if account in shown else _not_usable()


def _not_usable() -> Rejected:
    return Rejected((Violation("account.not_usable", field="account"),))
