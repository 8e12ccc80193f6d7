"""Letters: security notices, written to every address of a customer in the deciding transaction.

Source: MAL-01, MAL-15 (cannot be switched off), standards.md C05 (told before the final block), C34.
"""

from datetime import datetime

from janetbank.flows.platform import Platform
from janetbank.model.contract import Contract
from janetbank.model.letter import Letter, LetterCode
from janetbank.ports.storage import Transaction


def notify(platform: Platform, tx: Transaction, contract: Contract, code: LetterCode, now: datetime) -> None:
    """Tell the customer of *contract*, at all his addresses; a decoy has no customer and nobody is told."""
    customer = tx.customers.of(contract.institution, contract.id)
    if customer is None:
        return
    tx.outbox.add(
        [
            Letter(
                id=platform.vault.identifier(),
                institution=contract.institution,
                to=address.mail,
                code=code,
                written_at=now,
                due_at=now,
            )
            for address in customer.addresses
        ]
    )
