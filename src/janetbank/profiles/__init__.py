"""Profiles: the numbers of each bank, one file each; one's own from TOML."""

from janetbank.profiles.akita import AKITA
from janetbank.profiles.aomori import AOMORI
from janetbank.profiles.fast_for_tests import fast_for_tests
from janetbank.profiles.ja import JA
from janetbank.profiles.modern import MODERN
from janetbank.profiles.profile import LoginIdScope, Profile
from janetbank.profiles.toml import BadProfile, dump, load, loads, schema

__all__ = [
    "AKITA",
    "AOMORI",
    "JA",
    "MODERN",
    "BadProfile",
    "LoginIdScope",
    "Profile",
    "dump",
    "fast_for_tests",
    "load",
    "loads",
    "schema",
]
