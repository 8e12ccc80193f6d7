"""Used accounts: which accounts of a contract may be used for what, today.

Source: ACC-03, ACC-05, ACC-09, TRF-03; ASVS 8.2.2 (an account's number alone opens nothing).
"""

from __future__ import annotations

from datetime import datetime

from janetbank.model.contract import Contract
from janetbank.policies.accounts import AccountUse
from janetbank.values.account import Account
from janetbank.values.moment import in_japan


def accounts_for(contract: Contract, use: AccountUse, now: datetime) -> tuple[Account, ...]:
    """The accounts of *contract* that serve *use* at *now*, the representative one first."""
    assert contract.account is not None  # who has a session has an account
    today = in_japan(now).date()
    linked = [one.at(today) for one in contract.accounts]
    return contract.account, *(one.account for one in linked if one.serves(use))
