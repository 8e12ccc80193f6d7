"""Profiles: the numbers of each bank, one file each."""

from janetbank.profiles.fast_for_tests import fast_for_tests
from janetbank.profiles.ja import JA
from janetbank.profiles.profile import LoginIdScope, Profile

__all__ = ["JA", "LoginIdScope", "Profile", "fast_for_tests"]
