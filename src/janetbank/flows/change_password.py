"""Changing the login password, with the current one.

The current password goes through the login counter: a session that somebody left open is no way to guess.  Where there
is a second password it has to be shown first; the new one must be neither it nor the login id.

Source: standards.md C17 (current and new), C34 (all addresses told), C38 (sessions end); CRD-05, 06, 09; LCK-01;
        BIO-12 (biometric login ends, too), PRF-07, CRD-13, CRD-15.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import guess
from janetbank.flows.biometrics import revoke
from janetbank.flows.distinct import Credential, kept_clashes
from janetbank.flows.guess import Held
from janetbank.flows.letters import notify
from janetbank.flows.personal_data import about
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import ConfirmationNeeded, Refused, Rejected, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, find_session, in_session, reopen, unconfirmed, whose
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import GuessRight
from janetbank.model.events import PasswordChanged as PasswordChangedEvent
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class PasswordChanged:
    """The new password counts from now on; all sessions ended but this one, which goes on under a new token."""

    session: Secret
    code: ClassVar[str] = "password_changed"


ChangePasswordOutcome = PasswordChanged | ConfirmationNeeded | Rejected | Refused | TryAgain | SessionRefusal


@frozen
class ChangePassword:
    """Replace the login password."""

    _platform: Platform

    def __call__(self, session: Secret, *, current: Secret, new: Secret, again: Secret) -> ChangePasswordOutcome:
        """Replace *current* by *new*, which is entered twice."""
        platform = self._platform
        rules = platform.profile.password
        check = partial(self._check, current, new, again)
        rejected = in_session(platform, Operation.CHANGE_PASSWORD, session, check)
        if rejected is not None:
            return rejected
        find = whose(platform, session, Assurance.FULL)
        held = guess.reserve(platform, Operation.CHANGE_PASSWORD, Counter.PASSWORD, find)
        if not isinstance(held, Held):
            return held
        if not platform.vault.check(rules.canonical(current), held.contract.password).right:
            return guess.settle_wrong(platform, held)
        faults = kept_clashes(platform, held.contract, new, Credential.PASSWORD)
        hashed = platform.vault.hash(rules.canonical(new))
        return platform.transact(partial(self._change, session, held, hashed, faults))

    def _check(
        self, current: Secret, new: Secret, again: Secret, tx: Transaction, found: Found, now: datetime
    ) -> Rejected | ConfirmationNeeded | None:
        rules, contract = self._platform.profile.password, found.contract
        if (no := unconfirmed(self._platform, found.session, now)) is not None:
            return no
        login_id = contract.login_id.canonical if contract.login_id else ""
        violations = rules.check(new, about=about(tx, contract), login_id=login_id)
        if not rules.same(new, again):
            violations += (Violation("password.not_same_twice"),)
        if rules.same(new, current):
            violations += (Violation("password.unchanged"),)
        return Rejected(violations) if violations else None

    def _change(
        self, session: Secret, held: Held, new: str, faults: tuple[Violation, ...], tx: Transaction
    ) -> ChangePasswordOutcome:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        found = find_session(platform, tx, session, now, Assurance.FULL)
        if isinstance(found, SessionEnded):
            return found
        if faults:
            contract, entries = contract.recorded(now, GuessRight(held.counter.value, held.ticket.number))
            tx.contracts.put(contract)
            tx.audit.append(entries)
            return Rejected(faults)
        contract = evolve(contract, password=new).end_sessions()
        token = reopen(platform, tx, evolve(found.session, used_at=now, confirmed_at=None), contract)
        contract, entries = contract.recorded(now, PasswordChangedEvent(), *revoke(tx, contract))
        tx.contracts.put(contract)
        tx.audit.append(entries)
        notify(platform, tx, contract, LetterCode.PASSWORD_CHANGED, now)
        return PasswordChanged(token)
