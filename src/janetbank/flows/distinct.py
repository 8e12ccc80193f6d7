"""Distinct: login id, login password and confirmation password are pairwise different, where a bank has all three.

Two that are chosen together are compared as they were typed; what is chosen alone is compared with what is kept of the
other two, which costs one Argon2id each and so is done outside any transaction.  It is done last, when whoever chooses
has shown every secret that it would tell of: else it were a way to guess that nobody counts.

Shape:  a violation for each pair that is the same, said of the one that was chosen; () where there is one password.
Source: PRF-07, CRD-13, ENR-30.
"""

from enum import Enum

from janetbank.flows.platform import Platform
from janetbank.model.contract import Contract
from janetbank.profiles.profile import Profile
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


class Credential(Enum):
    """What must differ from one another."""

    LOGIN_ID = "login_id"
    PASSWORD = "password"  # noqa: S105 -- a credential's name, no password
    CONFIRMATION = "confirmation"


def clashes(profile: Profile, login_id: str, password: Secret, confirmation: Secret) -> tuple[Violation, ...]:
    """What is the same of three that are chosen together; said of the one that comes later."""
    rules, known = profile.login_id, profile.login_id.canonical(login_id)
    found: list[Violation] = []
    if rules.canonical(password.reveal()) == known:
        found.append(_same(Credential.PASSWORD, Credential.LOGIN_ID))
    if rules.canonical(confirmation.reveal()) == known:
        found.append(_same(Credential.CONFIRMATION, Credential.LOGIN_ID))
    if _either_way(profile, password, confirmation):
        found.append(_same(Credential.CONFIRMATION, Credential.PASSWORD))
    return tuple(found)


def kept_clashes(platform: Platform, contract: Contract, new: Secret, what: Credential) -> tuple[Violation, ...]:
    """What of *contract* the *new* secret, which is to be its *what*, is the same as."""
    settings, profile = platform.profile.confirmation, platform.profile
    if settings is None:
        return ()
    login_id = contract.login_id and contract.login_id.canonical
    confirmation = contract.confirmation or platform.vault.decoy_hash
    same = {
        Credential.LOGIN_ID: lambda: profile.login_id.canonical(new.reveal()) == login_id,
        Credential.PASSWORD: lambda: platform.vault.check(profile.password.canonical(new), contract.password).right,
        Credential.CONFIRMATION: lambda: platform.vault.check(settings.password.canonical(new), confirmation).right,
    }
    return tuple(_same(what, other) for other in Credential if other is not what and same[other]())


def _either_way(profile: Profile, password: Secret, confirmation: Secret) -> bool:
    """Whether the two are the same to whichever of their rules."""
    second = profile.password if profile.confirmation is None else profile.confirmation.password
    return profile.password.same(password, confirmation) or second.same(password, confirmation)


def _same(what: Credential, other: Credential) -> Violation:
    return Violation(f"{what.value}.same_as_{other.value}", field=what.value)
