"""Contract life: from the application to the tombstone.

What a customer asks for is accepted at once and reflected on an operating day, by the night batch:

    APPLIED -> ACTIVE -> LEAVING -> CANCELLED

A cell that is missing from the table is a refusal; a cancellation is not reflected while somebody looks into a fraud,
though its day has come.  A cancelled contract is a tombstone: it keeps its login id from everybody but its own
representative account.  Somebody who comes back applies anew, and gets another contract.

Shape:  `NEXT[(status, event)]` is the status after.
Errors: KeyError for an event that the table has no cell for.
Source: ENR-09, CAN-05..09; AMB-27, AMB-38; requirements.md part 7.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class ContractStatus(Enum):
    """Where a contract is in its life."""

    APPLIED = "applied"
    """Applied for; the host learns of it on its next operating day (ENR-09)."""
    ACTIVE = "active"
    LEAVING = "leaving"
    """Its cancellation is accepted: one logs in and sees statements, and the host does nothing more (CAN-08)."""
    CANCELLED = "cancelled"
    """A tombstone: it keeps its login id from everybody but its own representative account (AMB-27)."""
    DECOY = "decoy"
    """Nobody's (docs/decisions/0004); it has no life."""


class ContractEvent(Enum):
    """What happens to a contract."""

    REFLECT = "reflect"
    """The operating day has come, and the night batch with it."""
    LEAVE = "leave"
    """The customer cancels it online."""


NEXT: Mapping[tuple[ContractStatus, ContractEvent], ContractStatus] = MappingProxyType(
    {
        (ContractStatus.APPLIED, ContractEvent.REFLECT): ContractStatus.ACTIVE,
        # Not before it is active: the host, which would have to cancel it, does not know it yet.
        (ContractStatus.ACTIVE, ContractEvent.LEAVE): ContractStatus.LEAVING,
        (ContractStatus.LEAVING, ContractEvent.REFLECT): ContractStatus.CANCELLED,
    }
)
