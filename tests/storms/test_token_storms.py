"""Storms at one token, and at one attempt by telephone: 64 come at once with what counts once, or ten times at most."""

from collections import Counter as Tallied
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows import audit
from janetbank.flows.log_in import CodeAsked
from janetbank.model.contract import Contract, Counter
from janetbank.model.token import Token
from janetbank.policies.phone_auth import Phase
from janetbank.policies.token import TokenState
from janetbank.testing.bank import INSTITUTION, TestBank
from janetbank.values.phone import PhoneNumber
from tests.flows.phone_scene import SILENT, phone_scene
from tests.flows.token_scene import SMARTPHONE, Telephone
from tests.storms.crowd import crowd
from tests.storms.tokens import CallScene, CodeScene, calls, one_code, wrong_codes

CROWD = 64
RULE = profiles.JA.lockout(Counter.CODE)
CODES = profiles.JA.token.codes


@pytest.fixture
def code_scene(bank: TestBank, store_url: str, tmp_path: Path) -> CodeScene:
    """A customer with a token in use, who has been asked for its code 64 times."""
    taro = bank.customer()
    telephone = Telephone.of(bank, taro).start()
    challenges: list[str] = []
    for _ in range(CROWD):
        told = bank.net.log_in.with_login_id(taro.institution, taro.login_id, taro.password, seen_from=SMARTPHONE)
        assert isinstance(told, CodeAsked)
        challenges.append(told.challenge.reveal())
    return CodeScene(
        url=store_url,
        keys=tmp_path / "keys",
        now=bank.clock.now(),
        challenges=tuple(challenges),
        code=telephone.code().reveal(),
        evaluated=tmp_path / "evaluated",
    )


@pytest.fixture
def call_scene(bank: TestBank, store_url: str, tmp_path: Path) -> CallScene:
    """A customer of whom a silent call is awaited."""
    scene, taro = phone_scene(bank), bank.customer()
    started = scene.start(taro, scene.token(), purpose=SILENT)
    route = scene.attempt(started).route
    assert route.caller == PhoneNumber.parse(taro.person.phones[0])
    return CallScene(url=store_url, keys=tmp_path / "keys", now=bank.clock.now(), attempt=started.attempt, route=route)


def stored(bank: TestBank) -> tuple[Contract, Token]:
    """The one customer's contract and token, after a storm that left every chain of the audit log intact."""
    assert isinstance(audit.verify(bank.net.platform), audit.Intact)
    with bank.storage.transaction() as tx:
        contract = tx.contracts.by_login_id(INSTITUTION.id, INSTITUTION.id.code, "kaze48nd", "")
        assert contract is not None
        token = tx.tokens.latest_of(contract.institution, contract.id)
    assert token is not None
    return contract, token


def assert_taken_once(scene: CodeScene, bank: TestBank, told: list[str]) -> None:
    """One got in; the step is burnt, and whoever came with it afterwards was as wrong as anybody."""
    heard = Tallied(told)
    assert set(heard) <= {"LoggedIn", "Refused", "TryAgain", "Blocked"}
    assert heard["LoggedIn"] == 1
    assert stored(bank)[1].last_step == CODES.step_at(scene.now)


def evaluated(scene: CodeScene) -> set[str]:
    """The codes that were evaluated; one is written down again where its transaction had to be."""
    return set(scene.evaluated.read_text().splitlines())


def assert_ten_evaluated(scene: CodeScene, bank: TestBank, told: list[str]) -> None:
    """Exactly the rule's guesses were evaluated, and the token is locked."""
    assert len(evaluated(scene)) == RULE.trips_at == 10
    heard = Tallied(told)
    assert set(heard) <= {"Refused", "TryAgain", "Blocked"}
    assert heard["Refused"] == 9
    contract, token = stored(bank)
    own = 1  # with which the use began
    assert (contract.code_tally.issued - own, contract.code_tally.lockouts) == (10, 1)
    assert token.state is TokenState.LOCKED


def assert_verified_once(scene: CallScene, bank: TestBank, told: list[str]) -> None:
    """One call verified the attempt, all others were told that it had been."""
    assert Tallied(told) == {"RingAndDrop": 1, "duplicate": 63}
    assert isinstance(audit.verify(bank.net.platform), audit.Intact)
    with bank.storage.transaction() as tx:
        attempt = tx.phone_attempts.by_id(scene.attempt)
        assert attempt is not None
        noted = [one.data for one in tx.audit.chain(attempt.contract.text) if one.kind == "PhoneCallNoted"]
    assert attempt.progress.phase is Phase.VERIFIED
    verified = [one["call"] for one in noted if one["verdict"] == "verified"]
    assert verified == [attempt.progress.call]
    assert len(noted) == CROWD


@pytest.mark.loopback
@pytest.mark.requirement("OTP-11")
def test_one_code_is_taken_once(code_scene: CodeScene, bank: TestBank) -> None:
    """However many processes come with one right code at once, one is let in."""
    assert_taken_once(code_scene, bank, crowd(partial(one_code, code_scene)))


@pytest.mark.loopback
def test_the_storm_sees_that_the_step_is_forgotten(code_scene: CodeScene, bank: TestBank) -> None:
    """Where no step was ever taken the same assertions fail, and many get in with one code."""
    told = crowd(partial(one_code, evolve(code_scene, guarded=False)))
    with pytest.raises(AssertionError):
        assert_taken_once(code_scene, bank, told)
    assert told.count("LoggedIn") > 1


@pytest.mark.loopback
@pytest.mark.requirement("LCK-12", "LCK-16")
def test_a_storm_of_wrong_codes_gets_exactly_ten_guesses(code_scene: CodeScene, bank: TestBank) -> None:
    """However many processes guess at once, ten codes are evaluated."""
    assert_ten_evaluated(code_scene, bank, crowd(partial(wrong_codes, code_scene)))


@pytest.mark.loopback
def test_the_storm_sees_that_guesses_in_flight_are_not_counted(code_scene: CodeScene, bank: TestBank) -> None:
    """With the guard taken out the same assertions fail, and more than ten codes are evaluated."""
    told = crowd(partial(wrong_codes, evolve(code_scene, guarded=False)))
    with pytest.raises(AssertionError):
        assert_ten_evaluated(code_scene, bank, told)
    assert len(evaluated(code_scene)) > RULE.trips_at


@pytest.mark.loopback
@pytest.mark.requirement("TEL-13")
def test_of_all_the_calls_one_verifies(call_scene: CallScene, bank: TestBank) -> None:
    """However many right calls come in at once, one is rung, and the others are duplicates."""
    assert_verified_once(call_scene, bank, crowd(partial(calls, call_scene)))


@pytest.mark.loopback
def test_the_storm_sees_that_a_call_is_decided_too_early(call_scene: CallScene, bank: TestBank) -> None:
    """Where a call is decided on what was read before it queued the same assertions fail."""
    told = crowd(partial(calls, evolve(call_scene, guarded=False)))
    with pytest.raises(AssertionError):
        assert_verified_once(call_scene, bank, told)
    assert told.count("RingAndDrop") > 1
