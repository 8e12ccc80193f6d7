"""Fees: what a month and a transfer cost, and how a transfer's fee is settled.

* A month costs its fee by the data of its last day: whoever has applied by then and has not left by then.  So an
  application may cost a month in which the service cannot be used yet, unless that month was exempted by its end.
* A transfer's fee is settled at once (即納), on the transfer's own day, from the same account and as an entry of its
  own; or it is deferred (後納), and the fees of one month are collected in one sum from the account named for that.

There is no other fee: one-time passwords, and the call by which they are applied for, cost nothing (FEE-11, FEE-12).

Shape:  `of_transfer` is an amount, `month_end` and `exempt` are verdicts; what is charged by them is `model.fee`.
Units:  yen; days are calendar days in Japan, a month ends with its last one whatever day that is.
Errors: none; an exemption that comes too late is a verdict.
Source: FEE-03, 04, 08..12.  What the headings alone name (FEE-01, 02, 05, 06) is not here: amounts are the profile's,
        and nothing is reduced, counted free or printed.  Ours: the monthly fee leaves the representative account, and
        own transfers are free.
"""

from datetime import date

from attrs import frozen

from janetbank.values.account import Account
from janetbank.values.instruction import InstructionKind
from janetbank.values.money import Yen
from janetbank.values.month import Month

NOTHING = Yen(0)

CHARGED = frozenset({InstructionKind.AD_HOC_TRANSFER, InstructionKind.REGISTERED_PAYEE_TRANSFER})
"""振込手数料 is the fee of a 振込; to an account of one's own (振替) nothing is charged, nor for a bill."""


@frozen
class Immediate:
    """即納: each fee with its transfer."""


@frozen
class Deferred:
    """後納: one sum a month, from *account*."""

    account: Account


Settlement = Immediate | Deferred


@frozen(kw_only=True)
class MonthEndFacts:
    """A contract as the last day of a month finds it: whichever of its days is not known is None."""

    applied_on: date
    effective_on: date
    """From when the service can be used."""
    ends_on: date | None
    """On which day the cancellation is reflected."""
    exempted_on: date | None
    """When the month was exempted."""


@frozen
class NotCharged:
    """At the end of the month there is no contract, or nothing is asked."""


@frozen
class Exempted:
    """The fee of the month is not collected."""


@frozen
class Due:
    """*amount* is collected; *usable*: whether the service could be used in the month at all (FEE-08)."""

    amount: Yen
    usable: bool


MonthEndVerdict = NotCharged | Exempted | Due


@frozen
class ExemptionTaken:
    """The month's fee will not be collected."""


@frozen
class ExemptionTooLate:
    """The month ended on *ended*: its fee can only be paid back (FEE-09)."""

    ended: date


@frozen(kw_only=True)
class FeeRules:
    """*monthly* for each contract and month, *transfer* for each transfer; nothing where that is nothing."""

    monthly: Yen = NOTHING
    transfer: Yen = NOTHING

    def of_transfer(self, kind: InstructionKind) -> Yen:
        """The fee of a transfer of this *kind*."""
        return self.transfer if kind in CHARGED else NOTHING

    def month_end(self, facts: MonthEndFacts, month: Month) -> MonthEndVerdict:
        """Whether *month* costs the contract its fee (FEE-08, FEE-10)."""
        left = facts.ends_on is not None and facts.ends_on <= month.last
        if self.monthly == NOTHING or facts.applied_on > month.last or left:
            return NotCharged()
        if facts.exempted_on is not None and facts.exempted_on <= month.last:
            return Exempted()
        return Due(self.monthly, usable=facts.effective_on <= month.last)


def exempt(month: Month, today: date) -> ExemptionTaken | ExemptionTooLate:
    """Whether *month* can still be exempted *today*: until its last day, that day included (FEE-10)."""
    return ExemptionTaken() if today <= month.last else ExemptionTooLate(month.last)


def unusable_month(applied_on: date, effective_on: date) -> Month | None:
    """The month in which an application may cost a fee while the service cannot be used, if there is one (FEE-08)."""
    month = Month.of(applied_on)
    return month if effective_on > month.last else None
