"""Changing the confirmation password (確認用パスワード): by the present one, shown before, and the login password.

It is shown as it is for whatever else it authorises (`flows.step_up`), and both go through their counters, so that
the comparison with the login password, at the end (`flows.change_secret`), tells nothing that was not shown.

Source: PRF-07, PRF-16, CRD-13, CRD-15; standards.md C17 (current and new), C34 (all addresses told), C38.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.change_secret import Change, Faults, NotChanged, change_secret
from janetbank.flows.distinct import Credential, kept_clashes
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import OutsideServiceHours
from janetbank.flows.typed import at
from janetbank.model.audit import Event
from janetbank.model.contract import Contract
from janetbank.model.events import ConfirmationChanged as ConfirmationChangedEvent
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class ConfirmationChanged:
    """The new confirmation password counts from now on; all sessions ended but this one, under a new token."""

    session: Secret
    code: ClassVar[str] = "confirmation_changed"


ChangeConfirmationOutcome = ConfirmationChanged | NotChanged


@frozen
class ChangeConfirmation:
    """Replace the confirmation password."""

    _platform: Platform

    def __call__(self, session: Secret, *, password: Secret, new: Secret, again: Secret) -> ChangeConfirmationOutcome:
        """Put *new*, entered twice, in its place, by the login *password*."""
        platform, settings = self._platform, self._platform.profile.confirmation
        if settings is None:
            return OutsideServiceHours(None)  # as whatever a bank does not have
        rules = settings.password

        def same(contract: Contract) -> Faults:
            present = contract.confirmation or platform.vault.decoy_hash
            unchanged = (Violation("password.unchanged", field="new"),)
            clashes = at("new", kept_clashes(platform, contract, new, Credential.CONFIRMATION))
            return clashes + (unchanged if platform.vault.check(rules.canonical(new), present).right else ())

        change = Change(
            operation=Operation.CHANGE_CONFIRMATION,
            rules=rules,
            new=new,
            again=again,
            same=same,
            put=_put,
            letter=LetterCode.CONFIRMATION_CHANGED,
        )
        told = change_secret(platform, session, change, password)
        return ConfirmationChanged(told) if isinstance(told, Secret) else told


def _put(_tx: Transaction, contract: Contract, new: str) -> tuple[Contract, tuple[Event, ...]]:
    return evolve(contract, confirmation=new), (ConfirmationChangedEvent(),)
