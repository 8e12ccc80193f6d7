"""Setting limits: how much may be transferred from each account a day (1日あたりの振込・振替限度額).

    SetLimits.standing -> Limits | a refusal
    SetLimits.set      -> LimitsSet | Rejected | StepUpNeeded | ConfirmationNeeded | a refusal

Whoever raises a limit takes a fence down, so it needs more than a session: the second password where there is one, and
a registered question where there is not (PRF-16, ENR-38, AMB-21).  Every
address is told.

Source: TRF-03, TRF-04, TRF-05, ENR-36..38, PRF-11, PRF-16; AMB-21, AMB-24; standards.md C34.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import allowances
from janetbank.flows.chains import keep
from janetbank.flows.letters import notify
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Rejected
from janetbank.flows.sessions import Found, SessionRefusal, ShortOf, in_session, short_of, spend
from janetbank.flows.tokens import method_of
from janetbank.flows.used_accounts import accounts_for
from janetbank.model.contract import Contract
from janetbank.model.events import LimitSet
from janetbank.model.letter import LetterCode
from janetbank.policies.accounts import AccountUse
from janetbank.policies.admission import Operation
from janetbank.policies.step_up import Guarded
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.moment import in_japan
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation


@frozen
class AccountLimit:
    """*limit* is what counts now, whatever was *set*; *left* of it can be transferred today."""

    account: Account
    set: DailyLimit | None
    limit: DailyLimit
    left: Yen


@frozen
class Limits:
    """The limits of the accounts, each *highest* at most."""

    accounts: tuple[AccountLimit, ...]
    highest: DailyLimit
    code: ClassVar[str] = "limit.standing"


@frozen
class LimitsSet:
    """The limits hold from now on."""

    code: ClassVar[str] = "limit.set"


SetOutcome = LimitsSet | Rejected | ShortOf | SessionRefusal


@frozen
class SetLimits:
    """See the module."""

    _platform: Platform

    def standing(self, session: Secret) -> Limits | SessionRefusal:
        """What the limits are, and what is left of them today."""

        def act(tx: Transaction, found: Found, now: datetime) -> Limits:
            rules, contract, today = self._platform.profile.limits, found.contract, in_japan(now).date()
            token = _has_token(tx, contract)
            told: list[AccountLimit] = []
            for account in accounts_for(contract, AccountUse.TRANSFERS, now):
                allowance = allowances.allowance_of(tx, contract, account)
                limit = rules.effective(allowance.limit, token=token)
                told.append(AccountLimit(account, allowance.limit, limit, rules.left(allowance.usage, limit, today)))
            return Limits(tuple(told), rules.highest(token=token))

        return in_session(self._platform, Operation.SET_LIMITS, session, act, durable=False)

    def set(self, session: Secret, limits: Mapping[Account, str]) -> SetOutcome:
        """Set the *limits* of some accounts, each in 万円 as typed: all of them, or none and why."""
        wanted: dict[Account, DailyLimit] = {}
        violations: list[Violation] = []
        for account, typed in limits.items():
            try:
                wanted[account] = DailyLimit.parse(typed)
            except InvalidValue as invalid:
                violations.append(invalid.violation.at(str(account)))
        if not limits:
            violations.append(Violation("limit.shape"))
        if violations:
            return Rejected(tuple(violations))
        return in_session(self._platform, Operation.SET_LIMITS, session, partial(self._set, wanted))

    def _set(self, wanted: Mapping[Account, DailyLimit], tx: Transaction, found: Found, now: datetime) -> SetOutcome:
        contract, rules = found.contract, self._platform.profile.limits
        if (no := short_of(self._platform, found.session, Guarded.CUSTOMER_DATA, now)) is not None:
            return no
        token, usable = _has_token(tx, contract), accounts_for(contract, AccountUse.TRANSFERS, now)
        violations: list[Violation] = []
        for account, limit in wanted.items():
            why = rules.check(limit, token=token) if account in usable else (Violation("account.not_usable"),)
            violations += [violation.at(str(account)) for violation in why]
        if violations:
            return Rejected(tuple(violations))
        changed = [
            evolve(allowances.allowance_of(tx, contract, account), limit=limit) for account, limit in wanted.items()
        ]
        contract = keep(tx, contract, now, *(LimitSet(str(account), limit.man) for account, limit in wanted.items()))
        for allowance in changed:
            allowances.save(tx, allowance)
        spend(tx, found.session)
        notify(self._platform, tx, contract, LetterCode.LIMITS_CHANGED, now)
        return LimitsSet()


def _has_token(tx: Transaction, contract: Contract) -> bool:
    return method_of(tx.tokens.latest_of(contract.institution, contract.id)) is not None
