"""The life of a contract, cell by cell."""

from itertools import product

import pytest

from janetbank.policies.contract_life import NEXT, ContractEvent, ContractStatus

S, E = ContractStatus, ContractEvent

# requirements.md part 7, written out and not read off the table: an empty cell is a refusal.
LIFE = {
    (S.APPLIED, E.REFLECT): S.ACTIVE,
    (S.APPLIED, E.LEAVE): None,
    (S.ACTIVE, E.REFLECT): None,
    (S.ACTIVE, E.LEAVE): S.LEAVING,
    (S.LEAVING, E.REFLECT): S.CANCELLED,
    (S.LEAVING, E.LEAVE): None,
    (S.CANCELLED, E.REFLECT): None,
    (S.CANCELLED, E.LEAVE): None,
    (S.DECOY, E.REFLECT): None,
    (S.DECOY, E.LEAVE): None,
}


@pytest.mark.requirement("ENR-09", "CAN-07", "CAN-08")
@pytest.mark.parametrize(("status", "event"), list(product(S, E)))
def test_each_cell(status: ContractStatus, event: ContractEvent) -> None:
    """Applied becomes active, and leaving cancelled, when it is reflected; who is active may leave; nothing else is."""
    assert NEXT.get((status, event)) is LIFE[status, event]


def test_nothing_leads_out_of_the_grave() -> None:
    """A cancelled contract stays cancelled: who comes back gets another one."""
    assert not any(status is S.CANCELLED for status, _ in NEXT)
    assert S.DECOY not in {status for status, _ in NEXT} | set(NEXT.values())
