"""Fee: what a contract is charged, and the terms of it that are the contract's own.

A charge is made once and never changes: its reference says what for (a month, an instruction), so that nothing is
charged twice.  A fee that is deferred is *accrued* when it arises, and collected with the others of its month.

Shape:  frozen; `FeeTerms.version` belongs to the storage port.
Units:  yen; days are days in Japan.
Source: FEE-03, FEE-04, FEE-07..10.
"""

from datetime import date
from enum import Enum

from attrs import evolve, frozen

from janetbank.policies.fees import Deferred, Immediate, Settlement
from janetbank.values.account import Account, Branch
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.money import Yen
from janetbank.values.month import Month


class ChargeKind(Enum):
    """What is charged."""

    MONTHLY = "monthly"
    TRANSFER = "transfer"
    """即納: with its transfer."""
    ACCRUED = "accrued"
    """後納: a transfer's, to be collected with the others of its month."""
    DEFERRED = "deferred"
    """後納: all that accrued in a month."""


@frozen(kw_only=True)
class Charge:
    """*amount* for *month*, from *account*; *on* is when it is collected, None for what accrues."""

    institution: InstitutionId
    contract: ContractId
    kind: ChargeKind
    reference: str
    month: Month
    account: Account
    amount: Yen
    on: date | None

    @property
    def collected_by(self) -> Branch:
        """The branch that manages the account (管理店; FEE-03, FEE-04)."""
        return self.account.branch


@frozen(kw_only=True)
class Accrued:
    """What a contract's deferred fees of one month come to, for each account that they are collected from."""

    institution: InstitutionId
    contract: ContractId
    account: Account
    amount: Yen


@frozen
class Exemption:
    """The fee of *month* is not collected, as was registered *on* a day (IB加入者登録, 1162)."""

    month: Month
    on: date


@frozen(kw_only=True)
class FeeTerms:
    """What of its fees is a contract's own; most contracts have none of it."""

    institution: InstitutionId
    contract: ContractId
    deferred_to: Account | None = None
    """後納手数料決済口座, where there is a contract for it."""
    exemptions: tuple[Exemption, ...] = ()
    version: int = 0

    @property
    def settlement(self) -> Settlement:
        """How the fees of its transfers are settled."""
        return Immediate() if self.deferred_to is None else Deferred(self.deferred_to)

    def exempted_on(self, month: Month) -> date | None:
        """When *month* was exempted, or None."""
        return next((one.on for one in self.exemptions if one.month == month), None)

    def exempted(self, month: Month, on: date) -> "FeeTerms":
        """The terms with *month* exempted since *on*; a month exempted before stays as it was."""
        if self.exempted_on(month) is not None:
            return self
        return evolve(self, exemptions=(*self.exemptions, Exemption(month, on)))
