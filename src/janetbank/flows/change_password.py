"""Changing the login password, with the current one (`flows.change_secret`); biometric login ends with it.

Where there is a second password, the new one must be neither it nor the login id.

Source: standards.md C17 (current and new), C34 (all addresses told), C38 (sessions end); CRD-05, 06, 09; LCK-01;
        BIO-12 (biometric login ends, too), PRF-07, CRD-13, CRD-15.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.biometrics import revoke
from janetbank.flows.change_secret import Change, NotChanged, change_secret
from janetbank.flows.distinct import Credential, kept_clashes
from janetbank.flows.platform import Platform
from janetbank.flows.typed import at
from janetbank.model.audit import Event
from janetbank.model.contract import Contract
from janetbank.model.events import PasswordChanged as PasswordChangedEvent
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class PasswordChanged:
    """The new password counts from now on; all sessions ended but this one, which goes on under a new token."""

    session: Secret
    code: ClassVar[str] = "password_changed"


ChangePasswordOutcome = PasswordChanged | NotChanged


@frozen
class ChangePassword:
    """Replace the login password."""

    _platform: Platform

    def __call__(self, session: Secret, *, current: Secret, new: Secret, again: Secret) -> ChangePasswordOutcome:
        """Replace *current* by *new*, which is entered twice."""
        platform, rules = self._platform, self._platform.profile.password
        change = Change(
            operation=Operation.CHANGE_PASSWORD,
            rules=rules,
            new=new,
            again=again,
            typed=(Violation("password.unchanged", field="new"),) if rules.same(new, current) else (),
            same=lambda contract: at("new", kept_clashes(platform, contract, new, Credential.PASSWORD)),
            put=_put,
            letter=LetterCode.PASSWORD_CHANGED,
        )
        told = change_secret(platform, session, change, current)
        return PasswordChanged(told) if isinstance(told, Secret) else told


def _put(tx: Transaction, contract: Contract, new: str) -> tuple[Contract, tuple[Event, ...]]:
    return evolve(contract, password=new), (PasswordChangedEvent(), *revoke(tx, contract))
