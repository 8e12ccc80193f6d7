"""The order of writing: a contract's row before the rows that belong to it.

A store that locks rows locks them as they are written, and where a transaction is contended as they are read, which is
the contract first.  Whoever writes something of a contract before the contract itself holds what such a transaction
waits for, and waits for what it holds.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from attrs import evolve, field, frozen

from janetbank.flows.hand_over import Cancelled, RefusedByHost, Reserved
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.token import TokenState
from janetbank.ports.storage import Storage, Transaction
from janetbank.testing.bank import TestBank
from janetbank.values.money import Yen
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.money_scene import authorised, books, executed, set_limits
from tests.flows.nights import TUESDAY, Nights
from tests.flows.scene import rewrite
from tests.flows.test_doors import DOORS, EACH
from tests.flows.token_scene import LATER_DAY, WRONG_CODE, Telephone

OF_A_CONTRACT = {"allowances", "customers", "fees", "instructions", "tokens"}
ELSEWHERE = {
    # The letter about it goes to the address that he has just named.
    "log_in.register_customer": {"customers"},
    # What the contract's chain says of the new token is known once it has one.
    "reissue_token.complete": {"tokens"},
}
"""What is written before the contract for a reason, and by one customer once."""


@frozen
class _Room:
    room: Any
    name: str
    written: list[str]

    def __getattr__(self, call: str) -> Any:  # noqa: ANN401 -- the room's own
        if call in {"put", "remove", "put_terms"}:
            self.written.append(self.name)
        return getattr(self.room, call)


@frozen
class _Watched:
    tx: Any
    written: list[str]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the transaction's own
        there = getattr(self.tx, name)
        return there if isinstance(there, bool) else _Room(there, name, self.written)


@frozen
class Watched:
    """A store that notes over what each transaction has written, in the order of its writing."""

    storage: Storage = field(factory=MemoryStorage, init=False)
    seen: list[list[str]] = field(factory=list[list[str]], init=False)

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        """Open one."""
        self.seen.append([])
        with self.storage.transaction(durable=durable, contended=contended) as tx:
            yield cast("Transaction", _Watched(tx, self.seen[-1]))

    def too_early(self) -> set[str]:
        """What was written over before its contract was."""
        return {
            room
            for written in self.seen
            if "contracts" in written
            for room in written[: written.index("contracts")]
            if room in OF_A_CONTRACT
        }


@EACH
def test_every_operation_writes_the_contract_before_what_belongs_to_it(name: str) -> None:
    """Whatever an operation writes over that belongs to a contract, it writes over after the contract."""
    door, watched = DOORS[name], Watched()
    there = TestBank(door.profile, storage=watched)
    act = door.prepare(there, there.customer())
    watched.seen.clear()
    assert isinstance(act(), door.told)
    assert watched.too_early() <= ELSEWHERE.get(name, set())


def _limited(phone: Telephone) -> None:
    """Set the limits of two accounts, twice."""
    for limit in ("10", "5"):
        set_limits(phone, {phone.taro.person.account: limit, phone.taro.person.savings: limit})


def _refused(phone: Telephone) -> None:
    """Have the host refuse a transfer, after one that counts."""
    executed(phone, authorised(phone))
    reference = authorised(phone)
    books(phone.there).open((phone.taro.institution, phone.taro.person.account), "somebody", Yen(0))
    assert isinstance(phone.there.net.instruct.execute(phone.session, reference), RefusedByHost)


def _cancelled(phone: Telephone) -> None:
    """Cancel a reservation."""
    reference = authorised(phone, day=LATER_DAY)
    assert isinstance(phone.there.net.instruct.execute(phone.session, reference), Reserved)
    assert phone.there.net.instruct.cancel(phone.session, reference) == Cancelled(reference)


@pytest.mark.parametrize("happens", [_limited, _refused, _cancelled])
def test_an_allowance_is_written_behind_its_contract(happens: Callable[[Telephone], None]) -> None:
    """What is written over by a limit, a transfer or one that is not executed comes after the contract."""
    watched = Watched()
    there = TestBank(storage=watched)
    happens(Telephone.of(there, there.customer()))
    assert any("allowances" in written for written in watched.seen)
    assert not watched.too_early()


def test_a_token_that_is_locked_is_written_behind_its_contract() -> None:
    """Wrong codes lock the token with the contract's counter, and others are waiting to try just then."""
    watched = Watched()
    there = TestBank(storage=watched)
    phone = Telephone.of(there, there.customer()).start()
    watched.seen.clear()
    for _ in range(10):
        there.net.use_token.cancel(phone.session, WRONG_CODE)
    assert phone.token().state is TokenState.LOCKED
    assert any("tokens" in written for written in watched.seen)
    assert not watched.too_early()


def test_a_token_that_ends_with_its_contract_is_written_behind_it() -> None:
    """The night that reflects a cancellation writes the tombstone first, and then the token."""
    watched = Watched()
    there = TestBank(storage=watched)
    phone = Telephone.of(there, there.customer()).start()
    rewrite(there, phone.taro, lambda one: evolve(one, status=ContractStatus.LEAVING, ends_on=TUESDAY))
    watched.seen.clear()
    assert Nights(there).come(TUESDAY).cancelled == 1
    assert any("tokens" in written for written in watched.seen)
    assert not watched.too_early()
