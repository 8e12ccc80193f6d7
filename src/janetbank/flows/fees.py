"""Fees: charging a transfer when it is executed, and exempting a contract from a month's fee.

What a month costs is charged by the night batch (`flows.batch`).

Shape:  both work in a transaction that is open already.
Source: FEE-03, FEE-04, FEE-07, FEE-09, FEE-10; AMB-17 (an exemption takes two operators: see `policies.dual_control`).
"""

from __future__ import annotations

from datetime import date

from attrs import evolve

from janetbank.flows.platform import Platform
from janetbank.model.contract import Contract
from janetbank.model.fee import Charge, ChargeKind, FeeTerms
from janetbank.policies.fees import NOTHING, Deferred
from janetbank.ports.storage import Transaction
from janetbank.values.instruction import Transfer
from janetbank.values.month import Month


def terms_of(tx: Transaction, contract: Contract) -> FeeTerms:
    """The terms of *contract*: those that most have, unless it has some of its own."""
    own = tx.fees.terms_of(contract.institution, contract.id)
    return FeeTerms(institution=contract.institution, contract=contract.id) if own is None else own


def charge_transfer(platform: Platform, tx: Transaction, contract: Contract, transfer: Transfer) -> None:
    """Charge *transfer*, which was executed on its day: at once, or with the others of the month.

    What is heard of when its month is over, and collected, belongs to the month in which it is heard of.
    """
    fee = platform.profile.fees.of_transfer(transfer.kind)
    if fee == NOTHING:
        return
    charge = Charge(
        institution=contract.institution,
        contract=contract.id,
        kind=ChargeKind.TRANSFER,
        reference=transfer.reference,
        month=max(Month.of(transfer.date), Month.of(platform.profile.calendar.business_date(platform.now()))),
        account=transfer.source,
        amount=fee,
        on=transfer.date,
    )
    settlement = terms_of(tx, contract).settlement
    if isinstance(settlement, Deferred):
        charge = evolve(charge, kind=ChargeKind.ACCRUED, account=settlement.account, on=None)
    tx.fees.charge([charge])


def exempt_month(tx: Transaction, contract: Contract, month: Month, on: date) -> None:
    """Exempt *contract* from the fee of *month*, as was approved *on* a day of it (FEE-09, FEE-10): `flows.release`."""
    terms = terms_of(tx, contract).exempted(month, on)
    if terms.version:
        tx.fees.put_terms(terms)
    else:
        tx.fees.add_terms(terms)
