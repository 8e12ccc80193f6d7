"""Logging in while the world fails: nobody is let in by a failure, and no wrong entry is lost to one."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Literal

import pytest

from janetbank.bank import NetBank
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import LockedOut, Refused
from janetbank.flows.use_session import InSession
from janetbank.policies.lockout import Tally
from janetbank.ports.entropy import Entropy
from janetbank.ports.failures import PortError, Unavailable
from janetbank.ports.keys import Key, KeyMissing, Keys, Purpose
from janetbank.ports.storage import Conflict
from janetbank.testing.bank import HOME, Enrollee, TestBank
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.keys.memory import MemoryKeys
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.scene import (
    REST,
    SECOND,
    WRONG,
    WRONG_ANSWER,
    CountingVault,
    challenged,
    contract_of,
    counted,
    with_account,
    with_password,
)

PATIENCE = 30 * SECOND
When = Literal["before", "after"]
EITHER = pytest.mark.parametrize("when", ["before", "after"])
Prepare = Callable[[TestBank, Enrollee], Callable[[], object]]


def failing(prepare: Prepare, when: When, error: PortError) -> Iterator[tuple[TestBank, Enrollee, object]]:
    """What is told, or raised, where each call to the store in turn fails once, until there is no further call.

    *prepare* sets the scene while everything works, and returns what is to be done when something does not.
    """
    for call in count():
        storage = MemoryStorage()
        there = TestBank(storage=storage)
        taro = there.customer()
        act = prepare(there, taro)
        storage.fail(call="*", when=when, with_=error, skip=call)
        try:
            told = act()
        except PortError as raised:
            told = raised
        if storage._failures.planned:
            assert call > 8, "a login is more calls than that"
            return
        yield there, taro, told


def right(there: TestBank, taro: Enrollee) -> Callable[[], object]:
    """The right password from a usual place."""
    return lambda: with_password(there, taro)


def right_answer(there: TestBank, taro: Enrollee) -> Callable[[], object]:
    """The right answer to a challenge."""
    asked = challenged(there, taro)
    return lambda: there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question))


def wrong(there: TestBank, taro: Enrollee) -> Callable[[], object]:
    """A wrong password."""
    return lambda: with_password(there, taro, WRONG)


def seventh_wrong(there: TestBank, taro: Enrollee) -> Callable[[], object]:
    """The wrong password that locks."""
    for _ in range(6):
        with_password(there, taro, WRONG)
    return wrong(there, taro)


def seventh_wrong_answer(there: TestBank, taro: Enrollee) -> Callable[[], object]:
    """The wrong answer that locks."""
    asked = challenged(there, taro)
    for _ in range(6):
        there.net.log_in.answer(asked.challenge, WRONG_ANSWER)
    return lambda: there.net.log_in.answer(asked.challenge, WRONG_ANSWER)


@EITHER
@pytest.mark.parametrize("prepare", [right, right_answer])
def test_whoever_is_told_that_he_is_in_is_in(prepare: Prepare, when: When) -> None:
    """Whichever call fails, either the failure surfaces, or the session that was told of is in the store."""
    outcomes = set[type]()
    for there, taro, told in failing(prepare, when, Unavailable()):
        outcomes.add(type(told))
        if isinstance(told, LoggedIn):
            assert isinstance(there.net.use_session(told.session), InSession)
        # And then the customer tries again, and gets in.
        assert isinstance(with_password(there, taro), LoggedIn)
    assert outcomes == {Unavailable}


@pytest.mark.requirement("LCK-01", "LCK-16")
@EITHER
def test_no_wrong_entry_is_lost(when: When) -> None:
    """Whichever call fails, a guess that was evaluated is counted, at its deadline at the latest."""
    for there, taro, told in failing(wrong, when, Unavailable()):
        assert isinstance(told, Unavailable)
        there.clock.advance(PATIENCE)
        counts = contract_of(there, taro).password_tally.issued
        assert counts in {0, 1}
        assert [with_password(there, taro, WRONG) for _ in range(6 - counts)] == [Refused()] * (6 - counts)
        assert with_password(there, taro, WRONG) == LockedOut(there.clock.now() + REST)


@pytest.mark.requirement("LCK-01", "LCK-16")
@EITHER
def test_an_evaluated_guess_was_reserved(when: When) -> None:
    """Whichever call fails, Argon2 runs only where the reservation is in the store."""
    works: list[tuple[CountingVault, int]] = []

    def prepare(there: TestBank, taro: Enrollee) -> Callable[[], object]:
        log_in, work = counted(there)
        works.append((work, work.runs))
        return lambda: log_in.with_login_id(taro.institution, taro.login_id, WRONG, seen_from=HOME)

    evaluated = set[int]()
    for there, taro, _ in failing(prepare, when, Unavailable()):
        work, before = works[-1]
        assert work.runs - before <= contract_of(there, taro).password_tally.issued
        evaluated.add(work.runs - before)
    assert evaluated == {0, 1}


@pytest.mark.requirement("LCK-01", "LCK-10")
@EITHER
@pytest.mark.parametrize("prepare", [seventh_wrong, seventh_wrong_answer])
def test_no_lock_is_lost(prepare: Prepare, when: When) -> None:
    """Whichever call fails as the seventh wrong entry comes, the contract is locked, at its deadline at the latest."""
    for there, taro, told in failing(prepare, when, Unavailable()):
        assert isinstance(told, Unavailable)
        there.clock.advance(PATIENCE)
        contract = contract_of(there, taro)
        issued = contract.password_tally.issued if prepare is seventh_wrong else contract.answer_tally.issued
        assert isinstance(with_password(there, taro), LockedOut if issued == 7 else LoggedIn)


@pytest.mark.parametrize("prepare", [right, right_answer, wrong, seventh_wrong, seventh_wrong_answer])
def test_a_lost_race_changes_nothing(prepare: Prepare) -> None:
    """Whichever call loses a race, the step is run again: the answer is the same, and the entry is counted once."""
    undisturbed, by = _undisturbed(prepare)
    for there, taro, told in failing(prepare, "before", Conflict()):
        assert type(told) is undisturbed
        contract = contract_of(there, taro)
        assert (contract.password_tally, contract.answer_tally) == by


def _undisturbed(prepare: Prepare) -> tuple[type, tuple[Tally, Tally]]:
    there = TestBank()
    taro = there.customer()
    told = prepare(there, taro)()
    contract = contract_of(there, taro)
    return type(told), (contract.password_tally, contract.answer_tally)


class FailingKeys:
    """Keys that can be taken away."""

    def __init__(self, entropy: Entropy) -> None:
        self.keys: Keys = MemoryKeys.fresh(entropy)
        self.error: PortError | None = None

    def current(self, purpose: Purpose) -> Key:
        """The current key, or the failure."""
        if self.error is not None:
            raise self.error
        return self.keys.current(purpose)

    def key(self, purpose: Purpose, key_id: str) -> Key:
        """The key of that id, or the failure."""
        if self.error is not None:
            raise self.error
        return self.keys.key(purpose, key_id)


@pytest.mark.requirement("LCK-16")
@pytest.mark.parametrize("error", [KeyMissing(), Unavailable()])
def test_without_keys_nobody_gets_in(error: PortError) -> None:
    """Where the pepper cannot be had, no password is right, the failure surfaces, and the entry counts."""
    keys = FailingKeys(SeededEntropy(1))
    there = TestBank(keys=keys)
    taro = there.customer()
    asked = challenged(there, taro)
    keys.error = error
    with pytest.raises(type(error)):
        with_account(there, taro)
    with pytest.raises(type(error)):
        there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question))
    assert len(contract_of(there, taro).answer_tally.open) == 1
    with pytest.raises(type(error)):
        NetBank(
            there.profile,
            storage=there.storage,
            core=there.core,
            directory=there.directory,
            keys=keys,
            exchange=there.exchange,
            clock=there.clock,
            entropy=there.entropy,
        )
    keys.error = None
    assert isinstance(with_password(there, taro), LoggedIn)


def test_a_store_that_is_down_lets_nobody_in() -> None:
    """Where the store cannot be reached at all, every way in fails, and nothing is hashed."""
    storage = MemoryStorage()
    there = TestBank(storage=storage)
    taro = there.customer()
    asked = challenged(there, taro)
    log_in, work = counted(there)
    before = work.runs
    storage.fail(with_=Unavailable(), times=3)
    with pytest.raises(Unavailable):
        log_in.with_login_id(taro.institution, taro.login_id, taro.password, seen_from=HOME)
    with pytest.raises(Unavailable):
        log_in.with_account(taro.institution, "001", "普通", "12345", taro.password, seen_from=HOME)
    with pytest.raises(Unavailable):
        log_in.answer(asked.challenge, taro.answer_to(asked.question))
    assert work.runs == before
