"""Storms: many processes guess at one customer at once, and some of them are killed in the middle of it."""

from collections import Counter as Tallied
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.model.contract import Contract, Counter
from janetbank.policies.lockout import Locked
from janetbank.testing.bank import INSTITUTION, START, TestBank
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.storage.sql import connect
from tests.storms.guessers import Scene, besiege, evaluated, kill, storm

RULE = profiles.JA.lockout(Counter.PASSWORD)


@pytest.fixture
def scene(store_url: str, tmp_path: Path) -> Scene:
    """A customer in a store that processes can share."""
    keys = FileKeys.create(tmp_path / "keys", SystemEntropy())
    with connect(store_url) as storage:
        bank = TestBank(profiles.JA, storage=storage, keys=keys)
        customer = bank.customer()
    return Scene(
        url=store_url,
        keys=tmp_path / "keys",
        evaluated=tmp_path / "evaluated",
        login_id=customer.login_id,
        password=customer.password.reveal(),
    )


def contract_in(scene: Scene) -> Contract:
    """The customer's contract as it is stored."""
    with connect(scene.url) as storage, storage.transaction() as tx:
        contract = tx.contracts.by_login_id(INSTITUTION.id, INSTITUTION.id.code, scene.login_id, "")
    assert contract is not None
    return contract


def assert_exact(scene: Scene, told: list[str]) -> None:
    """Exactly the rule's guesses were evaluated; the right password, late, was refused; the customer is locked."""
    assert evaluated(scene) == RULE.trips_at == 7
    heard = Tallied(told)
    assert set(heard) <= {"Refused", "TryAgain", "LockedOut", "right: LockedOut"}
    assert heard["right: LockedOut"] == 1
    tally = contract_in(scene).password_tally
    assert (tally.issued, tally.lockouts, tally.locked_until) == (7, 1, START + timedelta(minutes=60))


@pytest.mark.loopback
@pytest.mark.requirement("LCK-01", "LCK-16")
def test_a_storm_gets_exactly_seven_guesses(scene: Scene) -> None:
    """However many processes guess at once, seven guesses are evaluated, and the right one comes too late."""
    assert_exact(scene, storm(scene))


@pytest.mark.loopback
def test_the_storm_sees_that_the_guard_is_gone(scene: Scene) -> None:
    """With the guard taken out, the very same assertions fail: the storm is evidence."""
    mutant = evolve(scene, guarded=False)
    told = storm(mutant)
    with pytest.raises(AssertionError):
        assert_exact(mutant, told)
    assert evaluated(mutant) > RULE.trips_at


@pytest.mark.loopback
@pytest.mark.requirement("LCK-01")
def test_killing_guessers_gives_no_guess_and_loses_none(scene: Scene) -> None:
    """A kill -9 in the middle of a storm: nothing is evaluated beyond the rule, and every reservation counts."""
    crowd = besiege(scene, processes=3, threads=4)
    patience = monotonic() + 60
    while evaluated(scene) < 3 and monotonic() < patience:
        sleep(0.001)  # waits for the other processes, not for a rule
    for process in crowd:
        kill(process)
    tally = contract_in(scene).password_tally
    assert 3 <= evaluated(scene) <= tally.issued <= RULE.trips_at
    counted = len(tally.failed) + len(tally.open) if tally.locked_until is None else RULE.trips_at
    assert counted == tally.issued

    finish(scene, left=RULE.trips_at - tally.issued)
    assert isinstance(RULE.standing(contract_in(scene).password_tally, START + RULE.patience), Locked)


def finish(scene: Scene, *, left: int) -> None:
    """After the deadlines of what was killed, use up the *left* guesses, one by one: there is not one more."""
    keys = FileKeys(scene.keys)
    with connect(scene.url) as storage:
        bank = TestBank(profiles.fast_for_tests(profiles.JA), storage=storage, keys=keys)
        bank.clock.advance(RULE.patience)
        told = [type(bank.guess(scene.login_id, "wr0ng-again")).__name__ for _ in range(left + 1)]
    assert told[-1] == "LockedOut"
    assert told[:-2] == ["Refused"] * max(0, left - 1)
