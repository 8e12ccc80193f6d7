"""The bank: what it offers is found by looking, it keeps nothing itself, and its numbers are its profile's."""

from datetime import timedelta
from inspect import getmembers, isfunction
from types import MappingProxyType

import attrs
import pytest
from attrs import evolve
from attrs.exceptions import FrozenInstanceError

from janetbank import profiles
from janetbank.bank import NetBank
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import LockedOut, OutsideServiceHours, Refused
from janetbank.flows.use_session import InSession
from janetbank.model.contract import Counter
from janetbank.policies.admission import Operation
from janetbank.policies.lockout import AtLeast, Lockout
from janetbank.policies.service_hours import ServiceHours, Window
from janetbank.testing.bank import HOME, INSTITUTION, START, TestBank, bank
from janetbank.values.secret import Secret
from tests.flows.application import node
from tests.flows.scene import MINUTE, WRONG, challenged, contract_of, lock_password, with_password


def procedures(net: NetBank) -> dict[str, attrs.AttrsInstance]:
    """The procedures of a bank by their names."""
    return {name: flow for name, flow in vars(net).items() if name not in {"platform", "desk"}}


def test_every_public_method_of_every_procedure_is_an_operation() -> None:
    """Whatever somebody can call on a bank stands in its operations, under the name by which it is called."""
    net = bank().net
    found = {**net.operations(), **net.acts()}
    assert net.operations().keys().isdisjoint(net.acts())
    expected = set[str]()
    for name, flow in procedures(net).items():
        assert not name.startswith("_")
        expected |= {name} if "__call__" in vars(type(flow)) else set[str]()
        acts = {act for act, _ in getmembers(type(flow), isfunction) if not act.startswith("_")}
        expected |= {f"{name}.{act}" for act in acts}
    assert set(found) == expected
    assert {"log_in.answer", "enrol.begin", "use_session", "log_out"} <= set(net.operations())
    assert {"operators.sign_in", "suspend.enter", "release.approve"} <= set(net.acts())


def test_a_new_procedure_is_found_by_itself() -> None:
    """A bank with a procedure more has its operations more, without their being listed anywhere."""

    class Greeting:
        def say(self) -> str:
            return "いらっしゃいませ"

        def _whisper(self) -> None: ...

    class Bank(NetBank):
        def __init__(self, there: TestBank) -> None:
            super().__init__(
                there.profile,
                storage=there.storage,
                core=there.core,
                directory=there.directory,
                keys=there.keys,
                exchange=there.exchange,
                clock=there.clock,
                entropy=there.entropy,
            )
            self.greet = Greeting()

    there = bank()
    assert set(Bank(there).operations()) - set(there.net.operations()) == {"greet.say"}


def test_a_bank_keeps_nothing_between_two_calls() -> None:
    """Every procedure is frozen and holds the platform alone, so that any process can go on where another stopped."""
    net = bank().net
    for flow in procedures(net).values():
        assert net.platform in attrs.asdict(flow, recurse=False).values()
        with pytest.raises(FrozenInstanceError):
            setattr(flow, "anything", 1)  # noqa: B010 -- what the type checkers would refuse, too


def test_any_process_goes_on_where_another_stopped() -> None:
    """Sessions, challenges, locks and blocks are the store's: two processes over it are one bank."""
    there = bank()
    taro = there.customer()
    one, other = there.net, node(there)
    asked = challenged(there, taro)
    answered = other.log_in.answer(asked.challenge, taro.answer_to(asked.question))
    assert isinstance(answered, LoggedIn)
    assert isinstance(one.use_session(answered.session), InSession)
    for number in range(7):
        net = one if number % 2 else other
        net.log_in.with_login_id(taro.institution, taro.login_id, WRONG, seen_from=HOME)
    for net in (one, other):
        told = net.log_in.with_login_id(taro.institution, taro.login_id, taro.password, seen_from=HOME)
        assert isinstance(told, LockedOut)


@pytest.mark.requirement("PRF-01")
def test_every_number_is_the_profiles() -> None:
    """Two banks on one platform: each has its own lockout, hours, case and lengths, and neither the other's."""
    fast = profiles.fast_for_tests(profiles.JA)
    strict = Lockout(tolerance=AtLeast(3), rest=timedelta(hours=24), lockouts_to_block=2)
    other = evolve(
        fast,
        name="other",
        lockouts=dict.fromkeys(Counter, strict),
        password=evolve(fast.password, case_sensitive=True),
        hours=MappingProxyType(dict.fromkeys(Operation, ServiceHours(daily=(Window.of("09:00-17:00"),)))),
    )
    ja, strange = bank(fast), bank(other)
    for there, tolerated, rest, case_counts in ((ja, 6, 60 * MINUTE, False), (strange, 2, 24 * 60 * MINUTE, True)):
        taro = there.customer()
        told = with_password(there, taro, Secret("SOIL7+RAIN"))
        assert told == Refused() if case_counts else isinstance(told, LoggedIn)
        assert isinstance(with_password(there, taro), LoggedIn)
        for _ in range(tolerated):
            assert with_password(there, taro, WRONG) == Refused()
        assert with_password(there, taro, WRONG) == LockedOut(START + rest)
        there.clock.advance(timedelta(hours=7))
    assert isinstance(ja.guess("nobody99", "x"), Refused)
    assert strange.guess("nobody99", "x") == OutsideServiceHours(START + timedelta(hours=23))


def test_the_bank_in_memory_is_the_same_each_time() -> None:
    """What somebody's test saw yesterday it sees today; another seed is another bank."""
    one, same, other = TestBank(seed=7), TestBank(seed=7), TestBank(seed=8)
    contracts = [there.customer().contract for there in (one, same, other)]
    assert contracts[0] == contracts[1] != contracts[2]
    assert one.clock.now() == START


def test_the_bank_in_memory_is_made_of_real_parts() -> None:
    """Its customer went through the application, and is locked out like anybody's."""
    there = bank()
    taro = there.customer()
    assert contract_of(there, taro).institution == INSTITUTION.id
    assert isinstance(there.net.use_session(there.log_in(taro)), InSession)
    assert lock_password(there, taro) == there.guess(taro.login_id, "soil7+rain")
