"""Changing the login id, with the password and a registered question, or the second password, shown in this session.

The password is kept, so the new login id must not be nearly all of it: here alone both are there to be compared.

Source: AMB-39 (password, step-up, uniqueness, notification), CRD-01..04, CRD-06, SUS-03 (implies it), PRF-07, PRF-16,
        standards.md C34, C38.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import guess
from janetbank.flows.chains import keep
from janetbank.flows.distinct import Credential, kept_clashes
from janetbank.flows.guess import Held
from janetbank.flows.letters import notify
from janetbank.flows.login_ids import claim, follow_account
from janetbank.flows.personal_data import about
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Refused, Rejected, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, ShortOf, find_session, in_session, reopen, short_of, whose
from janetbank.flows.typed import at
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import GuessRight
from janetbank.model.events import LoginIdChanged as LoginIdChangedEvent
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.policies.step_up import Guarded
from janetbank.ports.storage import Transaction
from janetbank.values.login_id import LoginId
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class LoginIdChanged:
    """The new login id counts from now on; all sessions ended but this one, which goes on under a new token."""

    session: Secret
    code: ClassVar[str] = "login_id_changed"


ChangeLoginIdOutcome = LoginIdChanged | ShortOf | Rejected | Refused | TryAgain | SessionRefusal

_TAKEN = Rejected((Violation("login_id.taken"),))


@frozen
class ChangeLoginId:
    """Replace the login id."""

    _platform: Platform

    def __call__(self, session: Secret, *, password: Secret, new: str) -> ChangeLoginIdOutcome:
        """Replace the login id by *new*."""
        platform = self._platform
        refused = in_session(platform, Operation.CHANGE_LOGIN_ID, session, partial(self._check, new))
        if refused is not None:
            return refused
        find, right = whose(platform, session, Assurance.FULL), partial(guess.password_right, platform, password)
        held = guess.verified(platform, Operation.CHANGE_LOGIN_ID, Counter.PASSWORD, find, right)
        if not isinstance(held, Held):
            return held
        faults = kept_clashes(platform, held.contract, Secret(new), Credential.LOGIN_ID)
        faults += at("password", platform.profile.password.beside(password, new))
        login_id, contract = LoginId.parse(new, case_sensitive=platform.profile.login_id.case_sensitive), held.contract
        assert contract.account is not None, "who has a session has an account"
        follow_account(platform, login_id, contract.namespace, contract.institution, contract.account)
        return platform.transact(partial(self._change, session, held, login_id, faults))

    def _check(self, new: str, tx: Transaction, found: Found, now: datetime) -> Rejected | ShortOf | None:
        if (no := short_of(self._platform, found.session, Guarded.CUSTOMER_DATA, now)) is not None:
            return no
        violations = self._platform.profile.login_id.check(new, about=about(tx, found.contract))
        return Rejected(violations) if violations else None

    def _change(
        self, session: Secret, held: Held, login_id: LoginId, faults: tuple[Violation, ...], tx: Transaction
    ) -> ChangeLoginIdOutcome:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        found = find_session(platform, tx, session, now, Assurance.FULL)
        if isinstance(found, SessionEnded):
            return found
        if faults or not claim(tx, contract, login_id):
            keep(tx, contract, now, GuessRight(held.counter.value, held.ticket.number))
            return Rejected(faults) if faults else _TAKEN
        contract = evolve(contract, login_id=login_id).end_sessions()
        going_on = evolve(found.session, used_at=now, stepped_up_at=None, confirmed_at=None)
        token = reopen(platform, tx, going_on, contract)
        contract = keep(tx, contract, now, LoginIdChangedEvent())
        notify(platform, tx, contract, LetterCode.LOGIN_ID_CHANGED, now)
        return LoginIdChanged(token)
