"""Acceptances: keeping what was applied for online, for the report that a branch reads on a later day.

Source: ENR-17, ACC-06, OPS-03; FEE-08.
"""

from __future__ import annotations

from datetime import date, datetime

from janetbank.model.acceptance import Acceptance, AcceptanceKind
from janetbank.model.contract import Contract
from janetbank.model.customer import Customer
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.month import Month


def keep_acceptance(
    tx: Transaction,
    contract: Contract,
    customer: Customer,
    kind: AcceptanceKind,
    account: Account,
    *,
    representative: Account,
    at: datetime,
    effective_on: date,
    report_on: date,
    unusable: Month | None = None,
) -> None:
    """Keep what *contract*, as it was just recorded, has applied for; the branch of *representative* will read it."""
    tx.acceptances.add(
        Acceptance(
            institution=contract.institution,
            contract=contract.id,
            seq=contract.chain.seq,
            kind=kind,
            report_on=report_on,
            accepted_at=at,
            effective_on=effective_on,
            kana=customer.kana,
            kanji=customer.kanji,
            representative=representative,
            account=account,
            unusable=unusable,
        )
    )
