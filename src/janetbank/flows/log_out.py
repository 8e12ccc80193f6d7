"""Logging out: never refused, whatever stands against the contract.

Source: ASVS 7.4.1; LCK-15.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from janetbank.flows.chains import keep
from janetbank.flows.platform import Platform
from janetbank.model.events import LoggedOut as LoggedOutEvent
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret


@frozen
class LoggedOut:
    """The session, if there was one, has ended."""

    code: ClassVar[str] = "logged_out"


@frozen
class LogOut:
    """End a session."""

    _platform: Platform

    def __call__(self, session: Secret) -> LoggedOut:
        """End *session*, whether or not it lives; the answer is the same."""

        def step(tx: Transaction) -> LoggedOut:
            now = self._platform.now()
            found = tx.sessions.by_key(self._platform.vault.token_key(session))
            if found is None:
                return LoggedOut()
            tx.sessions.remove(found)
            contract = tx.contracts.by_id(found.institution, found.contract)
            assert contract is not None, "a session's contract is never forgotten"
            keep(tx, contract, now, LoggedOutEvent())
            return LoggedOut()

        return self._platform.transact(step)
