"""Storms at one account: 64 transfers are handed over at once, and together they do not exceed its limit."""

from collections import Counter as Tallied
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve

from janetbank.flows import audit
from janetbank.model.allowance import Allowance
from janetbank.policies.instruction import InstructionState
from janetbank.testing.bank import INSTITUTION, TestBank
from tests.flows.money_scene import authorised, set_limits
from tests.flows.token_scene import Telephone
from tests.storms.crowd import crowd
from tests.storms.transfers import TransferScene, hand_over

CROWD = 64
YEN = 15_000
LIMIT_MAN = "20"
FIT = 13
"""So many of them are within the limit together."""


@pytest.fixture
def scene(bank: TestBank, store_url: str, tmp_path: Path) -> TransferScene:
    """A customer with a limit, and 64 transfers that he may hand over."""
    taro = bank.customer()
    telephone = Telephone.of(bank, taro)
    set_limits(telephone, {taro.person.account: LIMIT_MAN})
    return TransferScene(
        url=store_url,
        keys=tmp_path / "keys",
        now=bank.clock.now(),
        session=telephone.session.reveal(),
        references=tuple(authorised(telephone, YEN) for _ in range(CROWD)),
        contract=taro.contract.text,
    )


def allowance(scene: TransferScene, bank: TestBank) -> tuple[Allowance, Tallied[InstructionState]]:
    """What is counted, and how the transfers stand, after a storm that left every chain of the audit log intact."""
    assert isinstance(audit.verify(bank.net.platform), audit.Intact)
    states: Tallied[InstructionState] = Tallied()
    with bank.storage.transaction() as tx:
        for reference in scene.references:
            stands = tx.instructions.by_reference(reference)
            assert stands is not None
            states[stands.state] += 1
        contract = tx.instructions.by_reference(scene.references[0])
        assert contract is not None
        found = tx.allowances.of(INSTITUTION.id, contract.contract, contract.content.source)
    assert found is not None
    return found, states


def assert_within_the_limit(scene: TransferScene, bank: TestBank, told: list[str]) -> None:
    """As many as fit were done, all others were told that they do not; what is counted is what was done."""
    assert Tallied(told) == {"Executed": FIT, "LimitReached": CROWD - FIT}
    counted, states = allowance(scene, bank)
    assert [amount.amount for _, amount in counted.usage.days] == [FIT * YEN]
    assert states == {InstructionState.EXECUTED: FIT, InstructionState.AUTHORISED: CROWD - FIT}


@pytest.mark.loopback
@pytest.mark.requirement("TRF-03")
def test_transfers_at_once_do_not_exceed_the_limit_together(scene: TransferScene, bank: TestBank) -> None:
    """However many processes hand them over, exactly as many are done as the limit has room for."""
    assert_within_the_limit(scene, bank, crowd(partial(hand_over, scene)))


@pytest.mark.loopback
def test_the_storm_sees_that_the_limit_is_looked_at_too_early(scene: TransferScene, bank: TestBank) -> None:
    """Where each decides on what was counted before everybody came the same assertions fail, and too much is done."""
    told = crowd(partial(hand_over, evolve(scene, guarded=False)))
    with pytest.raises(AssertionError):
        assert_within_the_limit(scene, bank, told)
    assert told.count("Executed") > FIT
