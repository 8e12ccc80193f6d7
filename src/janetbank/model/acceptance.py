"""Acceptance: what somebody applied for online, as the branch of his representative account will read it.

It is written in the deciding transaction, says what was accepted then and never changes; the night batch puts it on the
acceptance report (申込受付票) of its day.  Deletions and cancellations are not reported.

Shape:  frozen; named by its contract and the number of the entry in the contract's chain that it belongs to.
Units:  instants are aware UTC datetimes; days are days in Japan.
Source: ENR-17 (an application: on the next operating day), ACC-06 (an addition: on the next business day), OPS-03;
        AMB-13; FEE-08, FEE-09 (an application late in a month).
"""

from datetime import date, datetime
from enum import Enum

from attrs import frozen

from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.month import Month
from janetbank.values.person import KanaName, KanjiName


class AcceptanceKind(Enum):
    """What was applied for; the texts `acceptancekind.*` say it."""

    APPLICATION = "application"
    """新規申込"""
    ACCOUNT_ADDITION = "account_addition"
    """利用口座の追加"""


@frozen(kw_only=True)
class Acceptance:
    """See the module."""

    institution: InstitutionId
    contract: ContractId
    seq: int
    kind: AcceptanceKind
    report_on: date
    accepted_at: datetime
    effective_on: date
    kana: KanaName
    kanji: KanjiName
    representative: Account
    """Its branch is the one that reads the report."""
    account: Account
    """The one that was applied for: the representative one, or a further one."""
    unusable: Month | None
    """The month that may cost a fee though the service cannot be used in it."""

    @property
    def branch(self) -> str:
        """The code of the branch that manages the representative account (管理店)."""
        return self.representative.branch.code
