"""Transfers in a storm: everybody hands one over at once, of one account, which has a limit.

The mutant decides on what was transferred as it had been seen before everybody came.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from attrs import evolve, field, frozen

from janetbank.flows.instruct import Instruct
from janetbank.model.allowance import Allowance
from janetbank.ports.storage import Allowances, Storage, Transaction
from janetbank.testing.bank import INSTITUTION, Person, TestBank
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.secret import Secret
from tests.storms.crowd import Act
from tests.storms.tokens import Scene


@frozen(kw_only=True)
class TransferScene(Scene):
    """Everybody has an authorised transfer, by its *reference*, in one *session* of one customer."""

    session: str = field(repr=False)
    references: tuple[str, ...]
    contract: str

    def opened(self) -> TestBank:
        """The bank of a process of its own, at whose host the customer has his accounts."""
        bank = self.bank()
        bank.open_account(Person())
        return bank


@frozen
class _Before:
    """Allowances of which one is *seen* as it was, and written over as it is."""

    room: Allowances
    seen: Allowance

    def of(self, institution: InstitutionId, contract: ContractId, account: Account) -> Allowance | None:
        now = self.room.of(institution, contract, account)
        return None if now is None else evolve(self.seen, version=now.version)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the rest is the room's own
        return getattr(self.room, name)


@frozen
class _Hasty:
    tx: Transaction
    allowances: _Before

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the rest is the transaction's own
        return getattr(self.tx, name)


@frozen
class Hasty:
    """The mutant: a store that shows an allowance as it had been *seen* (TRAPS "a value read before the lock")."""

    storage: Storage
    seen: Allowance

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        """Open one."""
        with self.storage.transaction(durable=durable, contended=contended) as tx:
            yield cast("Transaction", _Hasty(tx, _Before(tx.allowances, self.seen)))


def hand_over(scene: TransferScene) -> Act:
    """Everybody hands his over."""
    bank = scene.opened()
    platform = bank.net.platform
    if not scene.guarded:
        with bank.storage.transaction() as tx:
            seen = tx.allowances.of(INSTITUTION.id, ContractId(scene.contract), Person().account)
        assert seen is not None
        platform = evolve(platform, storage=Hasty(bank.storage, seen))
    instruct = Instruct(platform)

    def act(place: int) -> str:
        return type(instruct.execute(Secret(scene.session), scene.references[place])).__name__

    return act
