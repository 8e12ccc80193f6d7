"""The same rules with hashes that cost nothing, for tests alone."""

from attrs import evolve

from janetbank.policies.hashing import FAST_FOR_TESTS
from janetbank.profiles.profile import Profile


def fast_for_tests(profile: Profile) -> Profile:
    """*profile* with the cheapest Argon2id there is: never for a customer's password."""
    return evolve(profile, hashing=FAST_FOR_TESTS)
