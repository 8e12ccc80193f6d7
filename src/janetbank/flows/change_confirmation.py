"""Changing the confirmation password (確認用パスワード): by the present one, shown before, and the login password.

It is shown as it is for whatever else it authorises (`flows.step_up`), and both go through their counters, so that
the comparison with the login password, at the end, tells nothing that was not shown.

Source: PRF-07, PRF-16, CRD-13, CRD-15; standards.md C17 (current and new), C34 (all addresses told), C38.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import guess
from janetbank.flows.distinct import Credential, kept_clashes
from janetbank.flows.guess import Held
from janetbank.flows.letters import notify
from janetbank.flows.personal_data import about
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import ConfirmationNeeded, OutsideServiceHours, Refused, Rejected, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, find_session, in_session, reopen, unconfirmed, whose
from janetbank.flows.typed import at
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import ConfirmationChanged as ConfirmationChangedEvent
from janetbank.model.events import GuessRight
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.policies.credentials import PasswordRules
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class ConfirmationChanged:
    """The new confirmation password counts from now on; all sessions ended but this one, under a new token."""

    session: Secret
    code: ClassVar[str] = "confirmation_changed"


ChangeConfirmationOutcome = ConfirmationChanged | ConfirmationNeeded | Rejected | Refused | TryAgain | SessionRefusal


@frozen
class ChangeConfirmation:
    """Replace the confirmation password."""

    _platform: Platform

    def __call__(self, session: Secret, *, password: Secret, new: Secret, again: Secret) -> ChangeConfirmationOutcome:
        """Put *new*, entered twice, in its place, by the login *password*."""
        platform = self._platform
        settings = platform.profile.confirmation
        if settings is None:
            return OutsideServiceHours(None)  # as whatever a bank does not have
        rules, operation = settings.password, Operation.CHANGE_CONFIRMATION
        refused = in_session(platform, operation, session, partial(self._check, rules, new, again))
        if refused is not None:
            return refused
        held = guess.reserve(platform, operation, Counter.PASSWORD, whose(platform, session, Assurance.FULL))
        if not isinstance(held, Held):
            return held
        if not platform.vault.check(platform.profile.password.canonical(password), held.contract.password).right:
            return guess.settle_wrong(platform, held)
        faults = self._faults(rules, new, held.contract)
        hashed = platform.vault.hash(rules.canonical(new))
        return platform.transact(partial(self._change, session, held, hashed, faults))

    def _check(
        self, rules: PasswordRules, new: Secret, again: Secret, tx: Transaction, found: Found, now: datetime
    ) -> Rejected | ConfirmationNeeded | None:
        contract = found.contract
        if (no := unconfirmed(self._platform, found.session, now)) is not None:
            return no
        login_id = contract.login_id.canonical if contract.login_id else ""
        violations = at("new", rules.check(new, about=about(tx, contract), login_id=login_id))
        if not rules.same(new, again):
            violations += (Violation("password.not_same_twice", field="again"),)
        return Rejected(violations) if violations else None

    def _faults(self, rules: PasswordRules, new: Secret, contract: Contract) -> tuple[Violation, ...]:
        """What *new* is the same as: the present one, or another of the three."""
        vault = self._platform.vault
        present = contract.confirmation or vault.decoy_hash
        unchanged = (Violation("password.unchanged", field="new"),)
        clashes = kept_clashes(self._platform, contract, new, Credential.CONFIRMATION)
        return clashes + (unchanged if vault.check(rules.canonical(new), present).right else ())

    def _change(
        self, session: Secret, held: Held, new: str, faults: tuple[Violation, ...], tx: Transaction
    ) -> ChangeConfirmationOutcome:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        found = find_session(platform, tx, session, now, Assurance.FULL)
        if isinstance(found, SessionEnded):
            return found
        no = Rejected(faults) if faults else unconfirmed(platform, found.session, now)
        if no is not None:
            contract, entries = contract.recorded(now, GuessRight(held.counter.value, held.ticket.number))
            tx.contracts.put(contract)
            tx.audit.append(entries)
            return no
        contract = evolve(contract, confirmation=new).end_sessions()
        token = reopen(platform, tx, evolve(found.session, used_at=now, confirmed_at=None), contract)
        contract, entries = contract.recorded(now, ConfirmationChangedEvent())
        tx.contracts.put(contract)
        tx.audit.append(entries)
        notify(platform, tx, contract, LetterCode.CONFIRMATION_CHANGED, now)
        return ConfirmationChanged(token)
