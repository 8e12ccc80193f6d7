"""The proof of contracts' and accounts' lives: it holds, and finds whatever is planted."""

from datetime import date
from typing import Self

import pytest
from attrs import evolve, frozen

from janetbank.policies.accounts import AccountUse, LinkedAccount
from janetbank.policies.contract_life import NEXT, ContractEvent, ContractStatus
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import life as proof
from janetbank.testing.proofs.life import AccountMachine, Act, ContractMachine
from tests.testing.proofs.planted import laws, never, story_of


@pytest.mark.requirement("ACC-05", "ACC-08", "CAN-07")
@pytest.mark.parametrize(
    ("machine", "outcomes"),
    [
        (AccountMachine(), {"active", "delete_pending", "removed", "refused", "unmoved", "later"}),
        (ContractMachine(), {"active", "leaving", "cancelled", "refused", "unmoved", "later"}),
    ],
    ids=["account", "contract"],
)
def test_a_life_keeps_every_law(machine: MachineOfProfile, outcomes: set[str]) -> None:
    """Every law holds on every day, and every state is reached."""
    report = explore(machine)
    assert report.proven, report.story
    assert report.states == 10
    assert set(report.outcomes) == outcomes


@frozen
class AtOnce(LinkedAccount):
    """What is accepted is reflected at once."""

    def at(self, day: date) -> Self:
        """Not on its day."""
        return super().at(self.changes_on or day)


@frozen
class Never(LinkedAccount):
    """What is accepted is never reflected."""

    def at(self, day: date) -> Self:
        """As it was."""
        del day
        return self


@frozen
class MovesWhilePending(LinkedAccount):
    """Money is moved from an account that is to be deleted."""

    def serves(self, use: AccountUse) -> bool:
        """Whatever is shown is used."""
        del use
        return super().serves(AccountUse.STATEMENTS)


@frozen
class ShownForEver(LinkedAccount):
    """Statements are shown of an account that is gone."""

    def serves(self, use: AccountUse) -> bool:
        """Always."""
        return use is AccountUse.STATEMENTS or super().serves(use)


STATUS, EVENT = ContractStatus, ContractEvent


def table(*cells: tuple[tuple[ContractStatus, ContractEvent], ContractStatus]) -> ContractMachine:
    """A contract's life with other cells."""
    return ContractMachine({**NEXT, **dict(cells)})


FAULTS = [
    (AccountMachine(AtOnce), proof.ON_ITS_DAY),
    (AccountMachine(Never), proof.ON_ITS_DAY),
    (AccountMachine(MovesWhilePending), proof.MONEY_MOVES),
    (AccountMachine(ShownForEver), proof.NO_WAY_BACK),
    (table(((STATUS.CANCELLED, EVENT.LEAVE), STATUS.ACTIVE)), proof.NO_WAY_BACK),
    (table(((STATUS.APPLIED, EVENT.LEAVE), STATUS.LEAVING)), proof.ON_ITS_DAY),
    (table(((STATUS.ACTIVE, EVENT.LEAVE), STATUS.CANCELLED)), proof.ON_ITS_DAY),
    (ContractMachine({cell: to for cell, to in NEXT.items() if cell[1] is EVENT.REFLECT}), proof.CAN_END),
    (never(AccountMachine(), Act.NIGHT), proof.DAYS_END_WAITING),
    (never(ContractMachine(), Act.NIGHT), proof.DAYS_END_WAITING),
    (never(AccountMachine(), Act.WANT_TO_END), proof.CAN_END),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof)


def test_a_tombstone_stays_one() -> None:
    """A cancelled contract is the end of its life, however many nights come."""
    ((start,), machine) = (ContractMachine().starts(), ContractMachine())
    cancelled = evolve(start, contract=evolve(start.contract, status=ContractStatus.CANCELLED))
    assert {machine.after(cancelled, act)[0].contract.status for act in Act} == {ContractStatus.CANCELLED}
