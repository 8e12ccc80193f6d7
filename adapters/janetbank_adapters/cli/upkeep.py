"""Upkeep: what whoever looks after a store works with: the store, a profile's numbers, keys and the time.

Shape:  `platform(storage, keys, profile)`; it is connected to no host and knows no institution.
Source: ARCHITECTURE "Many machines"; `janetbank.flows.audit`, `janetbank.flows.sweep`.
"""

from janetbank import profiles
from janetbank.flows.platform import Platform
from janetbank.ports.keys import Keys
from janetbank.ports.storage import Storage
from janetbank.profiles.profile import Profile
from janetbank.vault import Vault
from janetbank_adapters.clock.system import SystemClock
from janetbank_adapters.core_banking.silent import SilentCoreBanking
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.memory import MemoryKeys


def platform(storage: Storage, keys: Keys | None = None, profile: Profile = profiles.JA) -> Platform:
    """What to look after *storage* with; without *keys* with such as open nothing that is in it."""
    clock, entropy = SystemClock(), SystemEntropy()
    return Platform(
        profile=profile,
        storage=storage,
        core=SilentCoreBanking(),
        directory=MemoryDirectory([]),
        clock=clock,
        entropy=entropy,
        vault=Vault(keys=MemoryKeys.fresh(entropy) if keys is None else keys, entropy=entropy),
    )
