"""Allowance: what an account of a contract may transfer a day, and what of that is used.

Shape:  frozen; `version` belongs to the storage port.
Units:  the limit is in 万円; days are days in Japan.
Source: TRF-03, TRF-04; AMB-34.
"""

from attrs import frozen

from janetbank.policies.limits import Usage
from janetbank.values.account import Account
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.identifiers import ContractId, InstitutionId


@frozen(kw_only=True)
class Allowance:
    """See the module."""

    institution: InstitutionId
    contract: ContractId
    account: Account
    limit: DailyLimit | None = None
    """What the customer set; None until he does."""
    usage: Usage = Usage()
    version: int = 0
