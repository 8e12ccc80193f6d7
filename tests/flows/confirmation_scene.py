"""Confirmation scene: a bank whose customers have a second password, and somebody who guesses at it."""

from types import MappingProxyType

from attrs import evolve

from janetbank import profiles
from janetbank.flows.refusals import Blocked, LockedOut, Refused
from janetbank.model.contract import Counter
from janetbank.policies.credentials import Length, PasswordRules
from janetbank.policies.lockout import Lockout, MoreThan
from janetbank.policies.step_up import Guarded
from janetbank.profiles import Profile
from janetbank.profiles.profile import ConfirmationSettings
from janetbank.testing.bank import Enrollee, TestBank, bank
from janetbank.values.secret import Secret
from tests.flows.scene import REST

RULES = PasswordRules(length=Length(min=6, max=12), mixed=True, case_sensitive=True, symbols=False)
WRONG_CONFIRMATION = Secret("leaf8bird")


def confirming(*authorises: Guarded, base: Profile = profiles.JA) -> Profile:
    """*base* with a second password, which authorises *authorises*, all of it where nothing is named."""
    settings = ConfirmationSettings(password=RULES, authorises=frozenset(authorises or Guarded))
    rule = Lockout(tolerance=MoreThan(6), rest=REST, lockouts_to_block=3)
    lockouts = MappingProxyType({**base.lockouts, Counter.CONFIRMATION: rule})
    return evolve(profiles.fast_for_tests(base), confirmation=settings, lockouts=lockouts)


def confirming_bank(*authorises: Guarded) -> TestBank:
    """A bank in memory of that profile."""
    return bank(confirming(*authorises))


def lock_confirmation(there: TestBank, _: Enrollee, session: Secret) -> LockedOut:
    """Show seven wrong ones in *session*."""
    for _try in range(6):
        assert there.net.step_up.confirm(session, WRONG_CONFIRMATION) == Refused()
    told = there.net.step_up.confirm(session, WRONG_CONFIRMATION)
    assert isinstance(told, LockedOut), told
    return told


def block_confirmation(there: TestBank, who: Enrollee) -> None:
    """Show twenty-one wrong ones, waiting each lock out."""
    for _try in range(2):
        lock_confirmation(there, who, there.log_in(who))
        there.clock.advance(REST)
    session = there.log_in(who)
    for _try in range(6):
        assert there.net.step_up.confirm(session, WRONG_CONFIRMATION) == Refused()
    assert there.net.step_up.confirm(session, WRONG_CONFIRMATION) == Blocked()
