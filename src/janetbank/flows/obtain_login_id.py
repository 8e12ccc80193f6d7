"""Obtaining a login id (ログインID取得): by the representative account and both passwords of a notice.

    ObtainLoginId.prove    -> LoginIdWanted | NothingToObtain | ProvisionalExpired | a refusal
    ObtainLoginId.register -> LoginIdObtained | Rejected | a refusal

Whoever has a contract without a login id comes this way: a new customer by the provisional passwords of his notice, and
one whose login id was initialised by the passwords that he had.  Both are looked at, whichever is wrong, and a pair of
which one is wrong counts on both, so that no answer tells which; whoever is unknown is counted on a decoy.  It takes
another login afterwards to come in.

Shape:  outcomes are closed unions; the challenge is a session that can do nothing else.
Source: ENR-22, ENR-27..31, PRF-07, CRD-01..04, CRD-13; AMB-23; standards.md C06, C37.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import gate, guess, password_proof
from janetbank.flows.chains import keep
from janetbank.flows.distinct import Credential, kept_clashes
from janetbank.flows.duties import in_duty
from janetbank.flows.entry import DutyNeeded, Entry, LoginIdWanted, open_session, store
from janetbank.flows.guess import Held
from janetbank.flows.letters import notify
from janetbank.flows.login_ids import claim, follow_account
from janetbank.flows.password_proof import Name, by_account
from janetbank.flows.personal_data import about
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import (
    Closed,
    OutsideServiceHours,
    ProvisionalExpired,
    Refused,
    Rejected,
    TryAgain,
)
from janetbank.flows.sessions import Found, SessionRefusal, place_of
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import DutyDue, GuessRight
from janetbank.model.events import LoginIdObtained as LoginIdObtainedEvent
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.duty import Duty
from janetbank.policies.provisional import expired
from janetbank.ports.storage import Transaction
from janetbank.values.account import AccountType
from janetbank.values.environment import Environment
from janetbank.values.identifiers import InstitutionId
from janetbank.values.login_id import LoginId
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation

MASK = "*****"
"""How a login id is shown that was just registered: its length is not told either (ENR-31)."""


@frozen
class NothingToObtain:
    """Both passwords were right, and this contract has a login id; whoever has forgotten it applies anew (CAN-11)."""

    code: ClassVar[str] = "nothing_to_obtain"


@frozen
class LoginIdObtained:
    """The login id counts from now on: log in with it.  It is not shown: *shown* stands in its place (ENR-31)."""

    shown: str
    code: ClassVar[str] = "login_id_obtained"


ProveOutcome = LoginIdWanted | NothingToObtain | ProvisionalExpired | Refused | TryAgain | Closed | OutsideServiceHours
ObtainOutcome = LoginIdObtained | DutyNeeded | Rejected | SessionRefusal

_TAKEN = Rejected((Violation("login_id.taken", field="login_id"),))


@frozen
class ObtainLoginId:
    """See the module."""

    _platform: Platform

    def prove(
        self,
        institution: InstitutionId,
        branch: str,
        number: str,
        password: Secret,
        confirmation: Secret,
        *,
        seen_from: Environment,
    ) -> ProveOutcome:
        """Show both passwords, for the ordinary account of this *branch* and *number* (ENR-27, ENR-28)."""
        platform, operation = self._platform, Operation.OBTAIN_LOGIN_ID
        if platform.profile.confirmation is None or platform.profile.provisional is None:
            return OutsideServiceHours(None)  # as whatever a bank does not have
        if (no := gate.out_of_hours(platform, operation, platform.now())) is not None:
            return no
        name = by_account(platform, institution, branch, AccountType.ORDINARY.value, number)
        first = guess.reserve(platform, operation, Counter.PASSWORD, partial(password_proof.find, platform, name))
        if not isinstance(first, Held):
            return first
        second = guess.reserve(
            platform, operation, Counter.CONFIRMATION, lambda tx, _: tx.contracts.again(first.contract)
        )
        if not isinstance(second, Held):
            guess.give_back(platform, first)
            return second
        contract = second.contract
        right = [
            guess.password_right(platform, password, second),
            guess.confirmation_right(platform, confirmation, second),
        ]
        if not all(right) or contract.status is ContractStatus.DECOY:
            guess.settle_wrong(platform, evolve(first, contract=contract))
            return guess.settle_wrong(platform, second)
        cleared = platform.transact(partial(self._first_right, evolve(first, contract=contract)))
        if not isinstance(cleared, Contract):
            guess.give_back(platform, second)
            return cleared
        return platform.transact(partial(self._both_right, name, seen_from, evolve(second, contract=cleared)))

    def _first_right(self, held: Held, tx: Transaction) -> Contract | Refused | Closed:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if isinstance(contract, Contract):
            contract = keep(tx, contract, now, GuessRight(held.counter.value, held.ticket.number))
        return contract

    def _both_right(self, name: Name, seen_from: Environment, held: Held, tx: Transaction) -> ProveOutcome:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        no: NothingToObtain | ProvisionalExpired | None = None
        if contract.login_id is not None:
            no = NothingToObtain()
        elif contract.provisional_until is not None and expired(contract.provisional_until, now):
            no = ProvisionalExpired()
        if no is not None:
            keep(tx, contract, now, GuessRight(held.counter.value, held.ticket.number))
            return no
        entry = Entry(place_of(platform, seen_from), seen_from.channel, name.by, held.ticket.number, now)
        session, challenge = open_session(platform, contract, entry, Assurance.DUTY, None)
        store(tx, contract, session, entry, DutyDue(held.ticket.number, Duty.OBTAIN_LOGIN_ID.value))
        return LoginIdWanted(challenge, now + platform.profile.sessions.challenge)

    def register(self, challenge: Secret, *, login_id: str, again: str) -> ObtainOutcome:
        """Register *login_id*, entered twice; it must differ from both passwords (ENR-30)."""
        platform, rules = self._platform, self._platform.profile.login_id

        def check(tx: Transaction, found: Found, _: datetime) -> Contract | Rejected:
            violations = rules.check(login_id, about=about(tx, found.contract))
            if rules.canonical(login_id) != rules.canonical(again):
                violations += (Violation("login_id.not_same_twice", field="again"),)
            return Rejected(violations) if violations else found.contract

        seen = in_duty(platform, challenge, Duty.OBTAIN_LOGIN_ID, check, operation=Operation.OBTAIN_LOGIN_ID)
        if not isinstance(seen, Contract):
            return seen
        if clashes := kept_clashes(platform, seen, Secret(login_id), Credential.LOGIN_ID):
            return Rejected(clashes)
        chosen = LoginId.parse(login_id, case_sensitive=rules.case_sensitive)
        assert seen.account is not None, "who has a session has an account"
        follow_account(platform, chosen, seen.namespace, seen.institution, seen.account)
        act = partial(self._register, chosen)
        return in_duty(platform, challenge, Duty.OBTAIN_LOGIN_ID, act, operation=Operation.OBTAIN_LOGIN_ID)

    def _register(self, login_id: LoginId, tx: Transaction, found: Found, now: datetime) -> LoginIdObtained | Rejected:
        contract = found.contract
        if not claim(tx, contract, login_id):
            return _TAKEN
        tx.sessions.remove(found.session)
        contract = keep(tx, evolve(contract, login_id=login_id).end_sessions(), now, LoginIdObtainedEvent())
        notify(self._platform, tx, contract, LetterCode.LOGIN_ID_CHANGED, now)
        return LoginIdObtained(MASK)
