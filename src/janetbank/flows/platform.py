"""Platform: what every flow works with, and how a flow step is carried out in a transaction.

A step has four beats: load, decide, store, tell.  `transact` gives it the transaction; where two writers meet, the
step is run again from its loading, a bounded number of times, queueing after the first.

Source: ARCHITECTURE ideas 2 and 4; docs/decisions/0002, 0003.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from attrs import frozen

from janetbank.ports.clock import Clock
from janetbank.ports.core_banking import CoreBanking
from janetbank.ports.directory import Directory
from janetbank.ports.entropy import Entropy
from janetbank.ports.storage import Conflict, Storage, Transaction
from janetbank.profiles.profile import Profile
from janetbank.vault import Token, Vault

_Told = TypeVar("_Told")

TRIES = 16
"""How often a step is tried where writers meet; after the first all of them queue, so this is never reached by load
alone on a store that can queue."""


class MustBeDurableError(Exception):
    """A step decided more than what is implied by something durable; `transact` runs it again, durably."""


@frozen(kw_only=True)
class Platform:
    """The profile and the ports of one bank."""

    profile: Profile
    storage: Storage
    core: CoreBanking
    directory: Directory
    clock: Clock
    entropy: Entropy
    vault: Vault

    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    def new_token(self) -> Token:
        """Draw a bearer token."""
        return self.vault.token()

    def transact(self, step: Callable[[Transaction], _Told], *, durable: bool = True) -> _Told:
        """Run *step* in a transaction and return what it tells.

        Raises Conflict where writers met too often, and whatever the ports raise: nothing is stored then.
        """
        contended = False
        for _ in range(TRIES):
            try:
                with self.storage.transaction(durable=durable, contended=contended) as tx:
                    return step(tx)
            except MustBeDurableError:
                durable = True
            except Conflict:
                contended = True
        msg = "writers met too often"
        raise Conflict(msg)
