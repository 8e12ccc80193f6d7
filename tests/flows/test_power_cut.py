"""Power cuts: whatever the disk forgets, nobody has learned more than is counted, and what is used up stays used up."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import CodeNeeded
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Refused, TryAgain
from janetbank.model.contract import Counter
from janetbank.ports.failures import Unavailable
from janetbank.ports.storage import Transaction
from janetbank.testing.bank import TestBank
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.scene import contract_of
from tests.flows.token_scene import WRONG_CODE, Telephone, order

QUIET, QUICK = (True, False), (False, False)


@define
class Disk:
    """A store in memory, and of it what has reached the disk: after a durable commit all that was committed before."""

    memory: MemoryStorage = field(factory=MemoryStorage)
    opened: list[tuple[bool, bool]] = field(factory=list[tuple[bool, bool]])
    _there: dict[str, dict[object, object]] = field(factory=dict[str, dict[object, object]])

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        """Open one."""
        self.opened.append((durable, contended))
        with self.memory.transaction(durable=durable, contended=contended) as tx:
            yield tx
        if durable:
            self._there = {name: dict(table.rows) for name, table in self._tables()}

    def cut(self) -> None:
        """Forget what has not reached the disk."""
        for name, table in self._tables():
            table.rows = dict(self._there[name])

    def _tables(self) -> list[tuple[str, Any]]:
        return list(vars(self.memory._tables).items())


def with_a_token() -> tuple[Disk, Telephone]:
    """A customer whose token is in use, over a disk that may forget."""
    disk = Disk()
    there = TestBank(storage=disk)
    phone = Telephone.of(there, there.customer()).start()
    disk.opened.clear()
    return disk, phone


def asked(phone: Telephone) -> str:
    """The reference of an instruction that waits for a code."""
    told = phone.there.net.instruct.request(phone.session, order())
    assert isinstance(told, CodeNeeded), told
    return told.reference


@pytest.mark.requirement("LCK-12", "OTP-11")
@pytest.mark.parametrize("right", [True, False])
def test_a_code_costs_one_durable_commit(*, right: bool) -> None:
    """Its reservation need not wait for the disk: what settles it takes that along, and is told after it only."""
    disk, phone = with_a_token()
    reference = asked(phone)
    disk.opened.clear()
    phone.there.net.instruct.enter_code(phone.session, reference, phone.code() if right else WRONG_CODE)
    assert disk.opened == [QUICK, QUIET]


@pytest.mark.requirement("LCK-12")
@given(st.lists(st.sampled_from(["told", "told, then cut", "cut before it was told"]), min_size=8, max_size=24))
def test_no_power_cut_gives_a_guess_more(story: list[str]) -> None:
    """However often the power fails, no more wrong codes are told to be wrong than the rule allows."""
    disk, phone = with_a_token()
    reference, told = asked(phone), 0
    rule = phone.there.profile.lockout(Counter.CODE)
    for what in story:
        if what == "cut before it was told":
            disk.memory.fail(call="commit", with_=Unavailable("the power is gone"), skip=1)
            with pytest.raises(Unavailable):
                phone.there.net.instruct.enter_code(phone.session, reference, WRONG_CODE)
            disk.cut()
            continue
        answer = phone.there.net.instruct.enter_code(phone.session, reference, WRONG_CODE)
        told += 1
        if what == "told, then cut":
            disk.cut()
        tally = contract_of(phone.there, phone.taro).tally(Counter.CODE)
        assert isinstance(answer, Refused) == (told < rule.trips_at)
        assert tally.lockouts or len(tally.failed) + len(tally.open) >= told
        if not isinstance(answer, Refused):
            break


@pytest.mark.requirement("OTP-11")
def test_no_power_cut_gives_a_code_back() -> None:
    """A code that was told to be right opens nothing else afterwards, and what it authorised stays so."""
    disk, phone = with_a_token()
    first, second, code = asked(phone), asked(phone), phone.code()
    assert phone.there.net.instruct.enter_code(phone.session, first, code) == Authorised(first)
    disk.cut()
    assert phone.there.net.instruct.enter_code(phone.session, second, code) == Refused()
    assert isinstance(phone.there.net.instruct.execute(phone.session, first), Executed)


def test_a_code_whose_power_failed_may_be_entered_again() -> None:
    """Nobody learned that it was right, and nothing was done by it: its owner enters it once more."""
    disk, phone = with_a_token()
    reference, code = asked(phone), phone.code()
    disk.memory.fail(call="commit", with_=Unavailable("the power is gone"), skip=1)
    with pytest.raises(Unavailable):
        phone.there.net.instruct.enter_code(phone.session, reference, code)
    disk.cut()
    assert phone.there.net.instruct.enter_code(phone.session, reference, code) == Authorised(reference)


@pytest.mark.requirement("LCK-12")
def test_a_lock_that_a_reservation_finds_is_durable() -> None:
    """Guesses that nobody settled are wrong at their deadline; where that locks, it is for good."""
    disk, phone = with_a_token()
    reference, rule = asked(phone), phone.there.profile.lockout(Counter.CODE)
    for _ in range(rule.trips_at):
        # Whoever guesses dies between the two transactions.
        disk.memory.fail(call="commit", with_=Unavailable("gone"), skip=1)
        with pytest.raises(Unavailable):
            phone.there.net.instruct.enter_code(phone.session, reference, WRONG_CODE)
    phone.there.clock.advance(rule.patience * 2)
    disk.opened.clear()
    told = phone.there.net.instruct.enter_code(phone.session, reference, phone.code())
    assert not isinstance(told, Refused | Authorised | TryAgain)
    assert disk.opened == [QUICK, QUIET]
    disk.cut()
    assert contract_of(phone.there, phone.taro).tally(Counter.CODE).lockouts
