"""Password proof: somebody names himself by login id or by account, and shows the login password.

    match prove(platform, operation, by_login_id(...) or by_account(...), password):
        case Proved() as proved: ...        # and then, inside the transaction that goes on by it:
    accept(platform, tx, proved, now)       # the contract to go on with, or the answer where it is too late

Whoever is unknown is counted on a decoy: the same work, the same answers, the same lockout (docs/decisions/0004).  And
whatever asks for this proof counts on the one counter of the contract's password, by whichever name.

Shape:  a `Name` is what was typed, in the form that is looked up.
Errors: what the ports raise.
Source: LGN-03, ENR-27, ENR-33, TKR-04, TKR-05, CRD-07, CRD-08, LCK-01..03, LCK-16; AMB-1, AMB-27; standards.md C06.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from attrs import evolve, frozen

from janetbank.flows import gate, guess
from janetbank.flows.chains import keep
from janetbank.flows.guess import Held
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Closed, OutsideServiceHours, ProvisionalExpired, Refused, TryAgain
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import GuessRight
from janetbank.policies.admission import Operation
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.provisional import expired
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.login_id import LoginId
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue


@frozen
class Name:
    """What somebody called himself: *known* in the form that is looked up ("" where it can be nobody's)."""

    by: str
    institution: InstitutionId
    known: str
    decoy: str


@frozen
class Proved:
    """The password was right; *renewed* is its hash to keep, where the one that is kept has become old."""

    held: Held
    renewed: str


def by_login_id(platform: Platform, institution: InstitutionId, login_id: str) -> Name:
    """By login id, as typed (acceptance is wider than registration: CRD-07, AMB-1)."""
    rules = platform.profile.login_id
    try:
        known = LoginId.parse(login_id, case_sensitive=rules.case_sensitive).canonical
    except InvalidValue:
        known = ""
    if not rules.acceptable_at_login(login_id):
        known = ""
    folded = login_id if rules.case_sensitive else login_id.casefold()
    return Name("login id", institution, known, platform.vault.decoy_key(institution.code, "login id", folded))


def by_account(platform: Platform, institution: InstitutionId, branch: str, account_type: str, number: str) -> Name:
    """By the representative account: branch, type and number, as typed (LGN-03)."""
    try:
        known = str(Account.parse(branch, account_type, number))
    except InvalidValue:
        known = ""
    decoy = platform.vault.decoy_key(institution.code, "account", known or f"{branch} {account_type} {number}")
    return Name("account", institution, known, decoy)


def prove(
    platform: Platform, operation: Operation, name: Name, password: Secret
) -> Proved | Refused | Closed | TryAgain | OutsideServiceHours:
    """Evaluate *password* as that of *name*, for *operation* if its door is open: it is right, or counted."""
    if (no := gate.out_of_hours(platform, operation, platform.now())) is not None:
        return no
    held = guess.reserve(platform, operation, Counter.PASSWORD, partial(find, platform, name))
    if not isinstance(held, Held):
        return held
    canonical = platform.profile.password.canonical(password)
    checked = platform.vault.check(canonical, held.contract.password)
    # A decoy is nobody: not even the secret that was thrown away lets in.
    if not checked.right or held.contract.status is ContractStatus.DECOY:
        return guess.settle_wrong(platform, held)
    return Proved(held, platform.vault.hash(canonical) if checked.stale else held.contract.password)


def accept(
    platform: Platform, tx: Transaction, proved: Proved, now: datetime
) -> Contract | Refused | Closed | ProvisionalExpired:
    """Clear the counter: the contract to go on with, to be stored by the caller; or the answer where it is too late.

    Or too early: without a login id nobody comes in by his account, and the password of a notice is good for logging in
    alone, and for a while.
    """
    contract = guess.settle_right(platform, tx, proved.held, now)
    if not isinstance(contract, Contract):
        return contract
    if contract.login_id is None or contract.provisional_until is not None:
        no = _too_early(contract, proved.held.operation, now)
        if no is not None:
            right = GuessRight(proved.held.counter.value, proved.held.ticket.number)
            keep(tx, contract, now, right)
            return no
    if proved.renewed != contract.password:
        contract = evolve(contract, password=proved.renewed)
    return contract


def _too_early(contract: Contract, operation: Operation, now: datetime) -> Refused | ProvisionalExpired | None:
    until = contract.provisional_until
    if contract.login_id is None or (until is not None and operation is not Operation.LOG_IN):
        return Refused()
    return ProvisionalExpired() if until is not None and expired(until, now) else None


def find(platform: Platform, name: Name, tx: Transaction, now: datetime) -> Contract:
    """The contract of *name*, or its decoy, which may be new."""
    namespace = platform.profile.namespace(name.institution)
    if name.by == "account":
        contract = tx.contracts.by_account(name.institution, name.known, name.decoy)
    else:
        contract = tx.contracts.by_login_id(name.institution, namespace, name.known, name.decoy)
    vault = platform.vault
    return contract or Contract.decoy(
        name.institution, namespace, vault.identifier(), name.decoy, vault.decoy_hash, now
    )
