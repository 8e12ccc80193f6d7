"""The proof of a token's life: it holds for every profile's numbers, and finds whatever is planted."""

from datetime import datetime, timedelta
from typing import Self

import pytest
from attrs import evolve, field, frozen

from janetbank import profiles
from janetbank.model.token import Token
from janetbank.policies.token import NEXT_METHOD, MethodEvent, SetUp, SetUpRules, TokenEvent, TokenState
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MachineOfProfile
from janetbank.testing.proofs import token as proof
from janetbank.testing.proofs.token import Act, TokenMachine
from janetbank.values.otp_method import OtpMethod
from tests.testing.proofs.planted import laws, never, story_of

JA = profiles.JA.token
WHOLE = TokenMachine(JA.set_up, JA.method)


@pytest.mark.requirement("TKN-07", "APP-05", "APP-18", "APP-23", "OTP-15", "CRD-11", "TXA-07")
@pytest.mark.parametrize("profile", [profiles.JA, profiles.AOMORI, profiles.MODERN], ids=lambda one: one.name)
def test_the_life_of_a_token_keeps_every_law(profile: Profile) -> None:
    """Every law holds in every order of set-up, use and end, and every state of the table is reached."""
    ((_, machine),) = proof.machines(profile)
    report = explore(machine)
    assert report.proven, report.story
    assert report.states == {"ja": 651, "aomori": 427, "modern": 465}[profile.name]
    # What is replaced is seen in its successor.
    assert set(report.outcomes) == {state.value for state in TokenState} - {"replaced"} | {"refused", "later"}


# --- Planted faults ---------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class AnySeed(SetUp):
    """Any seed of the device will do."""

    def completed_by(self, device: str, seed: int) -> bool:
        """Look at the device alone."""
        return self.device == device and seed > 0


@frozen(kw_only=True)
class AnySeedToken(Token):
    """A token that is set up so."""

    set_up: SetUp = field(factory=AnySeed)


@frozen(kw_only=True)
class AnyDevice(SetUp):
    """Any device will do that fetched a seed."""

    def completed_by(self, device: str, seed: int) -> bool:
        """Look at nothing."""
        del device
        return seed > 0


@frozen(kw_only=True)
class AnyDeviceToken(Token):
    """A token that is set up so."""

    set_up: SetUp = field(factory=AnyDevice)


@frozen(kw_only=True)
class NoDeadline(SetUpRules):
    """There is always time."""

    def in_time(self, issued_at: datetime, now: datetime) -> bool:
        """Always."""
        del issued_at, now
        return True


@frozen(kw_only=True)
class SecretsStay(Token):
    """A token keeps what it has when its life ends."""

    def on(self, event: TokenEvent, now: datetime) -> Self:
        """Keep it."""
        after = super().on(event, now)
        return evolve(after, seed=self.seed, app_key=self.app_key)


@frozen(kw_only=True)
class PasswordStays(Token):
    """A start password is dropped too early."""

    def on(self, event: TokenEvent, now: datetime) -> Self:
        """Drop it."""
        return evolve(super().on(event, now), start_password=None)


@frozen(kw_only=True)
class LockedForEver(Token):
    """A locked token is neither replaced nor stopped."""

    def can(self, event: TokenEvent) -> bool:
        """Nothing."""
        return self.state is not TokenState.LOCKED and super().can(event)


def at_once(last: TokenState, since: datetime, now: datetime) -> bool:
    """Whoever gave his token up may apply at once."""
    del since, now
    return last in {TokenState.NONE, TokenState.STOPPED, TokenState.CANCELLED}


EAGER = {**NEXT_METHOD, (OtpMethod.PASSCODE, MethodEvent.CHOOSE_TXA): OtpMethod.TXA_ENABLED}

FAULTS = [
    (evolve(WHOLE, kind=AnySeedToken), proof.ONE_DEVICE),
    (evolve(WHOLE, kind=AnyDeviceToken), proof.ONE_DEVICE),
    (evolve(WHOLE, set_up=NoDeadline(window=timedelta(days=7))), proof.IN_TIME),
    (evolve(WHOLE, kind=SecretsStay), proof.SECRETS_END),
    (evolve(WHOLE, kind=PasswordStays), proof.NOT_LONGER),
    (evolve(WHOLE, may_apply=at_once), proof.NEXT_DAY),
    (evolve(WHOLE, methods=EAGER), proof.APP_CONFIRMS),
    (evolve(WHOLE, kind=LockedForEver), proof.WAY_ON),
    (never(WHOLE, Act.WAIT), proof.WAY_ON),
    (never(WHOLE, Act.WAIT, TokenEvent.CANCEL), proof.WAITING_ENDS),
]


@pytest.mark.parametrize(("machine", "law"), FAULTS)
def test_a_planted_fault_is_told(machine: MachineOfProfile, law: str) -> None:
    """Each fault ends in a story of the law that it breaks."""
    assert story_of(machine).law == law


def test_every_law_has_a_fault() -> None:
    """There is no law that nothing was ever found to break."""
    assert {law for _, law in FAULTS} == laws(proof)
