"""Letters: security notices, written to every address of a customer in the deciding transaction.

Source: MAL-01, MAL-15 (cannot be switched off), standards.md C05 (told before the final block), C34.
"""

from collections.abc import Iterable
from datetime import datetime

from janetbank.flows.platform import Platform
from janetbank.model.contract import Contract
from janetbank.model.letter import Letter, LetterCode
from janetbank.ports.storage import Transaction
from janetbank.values.email import MailAddress


def notify(
    platform: Platform,
    tx: Transaction,
    contract: Contract,
    code: LetterCode,
    now: datetime,
    *,
    also: Iterable[MailAddress] = (),
) -> None:
    """Tell the customer of *contract*, at all his addresses and, once each, *also* at others that he was known by.

    A decoy has no customer and nobody is told.
    """
    customer = tx.customers.of(contract.institution, contract.id)
    if customer is None:
        return
    tx.outbox.add(
        [
            Letter(
                id=platform.vault.identifier(),
                institution=contract.institution,
                to=mail,
                code=code,
                written_at=now,
                due_at=now,
            )
            for mail in dict.fromkeys([*(address.mail for address in customer.addresses), *also])
        ]
    )
