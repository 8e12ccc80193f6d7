"""Letters: written to a customer in the deciding transaction.

What tells of security goes to every address of his; what confirms a transaction, to those that he wants it at.

Source: MAL-01, MAL-15 (preferences per address; security cannot be switched off), ENR-07, ENR-08, standards.md C05
        (told before the final block), C34.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from janetbank.flows.platform import Platform
from janetbank.model.contract import Contract
from janetbank.model.customer import Notice
from janetbank.model.letter import Letter, LetterCode
from janetbank.policies.instruction import InstructionState
from janetbank.ports.storage import Transaction
from janetbank.values.email import MailAddress
from janetbank.values.violation import Params

CONFIRMS: Mapping[InstructionState, LetterCode] = MappingProxyType(
    {
        InstructionState.ACCEPTED: LetterCode.INSTRUCTION_ACCEPTED,
        InstructionState.RESERVED: LetterCode.INSTRUCTION_RESERVED,
        InstructionState.EXECUTED: LetterCode.INSTRUCTION_EXECUTED,
        InstructionState.REFUSED: LetterCode.INSTRUCTION_REFUSED,
        InstructionState.CANCELLED: LetterCode.INSTRUCTION_CANCELLED,
    }
)
"""What confirms that the host has brought an instruction to this state."""

CHOSEN: Mapping[LetterCode, Notice] = MappingProxyType(dict.fromkeys(CONFIRMS.values(), Notice.TRANSACTIONS))
"""The letters that a customer may do without at an address of his, by the notice that they are."""


def notify(
    platform: Platform,
    tx: Transaction,
    contract: Contract,
    code: LetterCode,
    now: datetime,
    *,
    also: Iterable[MailAddress] = (),
    params: Params | None = None,
) -> None:
    """Tell the customer of *contract* of what *params* say, at his addresses, and *also* at others he was known by.

    Each address is told once.  A decoy has no customer and nobody is told.
    """
    customer = tx.customers.of(contract.institution, contract.id)
    if customer is None:
        return
    wanted = CHOSEN.get(code)
    known = [address.mail for address in customer.addresses if wanted is None or wanted in address.notices]
    tx.outbox.add(
        [
            Letter(
                id=platform.vault.identifier(),
                institution=contract.institution,
                to=mail,
                code=code,
                params=params or {},
                written_at=now,
                due_at=now,
            )
            for mail in dict.fromkeys([*known, *also])
        ]
    )
