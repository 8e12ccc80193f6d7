"""Resetting the login password online: identity form, call, new password twice, card PIN (`flows.recover`).

What it brings: the new password counts at once; its own counter, and no other, is open again, so that a lock or block
of the password is released; all sessions have ended, biometric login with them; the reset is remembered with its time,
by which a reissue soon afterwards may have to cool off; and every address is told.

Source: PWR-01..17, CRD-05, CRD-06, CRD-09, LCK-04, BIO-12; AMB-11, 18, 31; standards.md C34, C38.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.biometrics import revoke
from janetbank.flows.distinct import Credential, kept_clashes
from janetbank.flows.personal_data import about
from janetbank.flows.recover import CardRefusal, Due, Recover, StepRefusal
from janetbank.flows.refusals import Rejected
from janetbank.flows.typed import at, entered_twice, made
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import PasswordReset as PasswordResetEvent
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.recovery import Act
from janetbank.ports.storage import Transaction
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class PasswordReset:
    """The new password counts from now on: log in with it."""

    code: ClassVar[str] = "recovery.password_reset"


ResetPasswordOutcome = PasswordReset | Rejected | CardRefusal | StepRefusal


@frozen(kw_only=True)
class ResetPassword(Recover):
    """See the module."""

    _procedure = OnlineProcedure.PASSWORD_RESET
    _operation = Operation.RESET_PASSWORD
    _counter = Counter.PASSWORD

    def reset(self, procedure: Secret, *, new: Secret, again: Secret, pin: Secret) -> ResetPasswordOutcome:
        """Put *new* in the place of the password that was forgotten, by the card's *pin*; all faults are named."""
        rules, vault = self.platform.profile.password, self.platform.vault
        found = self._take(procedure, Act.RESET, partial(self._check, new, again))
        if not isinstance(found, tuple):
            return found
        due, violations = found
        card_pin = made(violations, "pin", partial(Pin.parse, pin))
        if card_pin is None or violations:
            return Rejected(tuple(violations))
        if clashes := kept_clashes(self.platform, due.contract, new, Credential.PASSWORD):
            return Rejected(at("new", clashes))
        hashed = vault.hash(rules.canonical(new))

        def put(tx: Transaction, contract: Contract, now: datetime) -> tuple[Contract, tuple[Event, ...]]:
            released = self.platform.profile.lockout(Counter.PASSWORD).release(contract.password_tally)
            contract = evolve(
                contract,
                password=hashed,
                password_tally=released,
                password_reset_at=now,
                must_change_password=False,
            )
            return contract, (PasswordResetEvent(), *revoke(tx, contract))

        return self._complete(procedure, due, card_pin, put, LetterCode.PASSWORD_RESET, PasswordReset())

    def _check(self, new: Secret, again: Secret, tx: Transaction, due: Due, _: datetime) -> tuple[Due, list[Violation]]:
        """The procedure as it stands, and what is wrong with the *new* password."""
        rules, contract = self.platform.profile.password, due.contract
        login_id = contract.login_id.canonical if contract.login_id else ""
        return due, [*entered_twice(rules, new, again, about=about(tx, contract), login_id=login_id)]
