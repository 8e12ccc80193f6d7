"""Changing one of a contract's passwords in a session, by the login password: what every such change has in common.

The login password goes through its counter: a session that somebody left open is no way to guess.  Where there is a
second password it has to be shown first, and its showing still to count when the change is made.  What the new one is
the same as, of what is kept, is told last: to whoever has shown all that it would tell of.

Shape:  the new token of the session, which alone goes on; or why nothing was changed.
Source: standards.md C17 (present and new), C34 (all addresses told), C38 (sessions end); CRD-05, 06, 09, 13, 15;
        LCK-01, PRF-07, PRF-16.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from attrs import evolve, frozen

from janetbank.flows import guess
from janetbank.flows.chains import keep
from janetbank.flows.guess import Held
from janetbank.flows.letters import notify
from janetbank.flows.personal_data import about
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import ConfirmationNeeded, Refused, Rejected, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, find_session, in_session, reopen, unconfirmed, whose
from janetbank.flows.typed import entered_twice
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import GuessRight
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.policies.credentials import PasswordRules
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation

Faults = tuple[Violation, ...]
NotChanged = ConfirmationNeeded | Rejected | Refused | TryAgain | SessionRefusal


@frozen(kw_only=True)
class Change:
    """*new*, entered twice, by its *rules*; *typed* is what else is wrong with it, as it was typed."""

    operation: Operation
    rules: PasswordRules
    new: Secret
    again: Secret
    typed: Faults = ()
    same: Callable[[Contract], Faults]
    """What it is the same as, of what is kept; outside any transaction."""
    put: Callable[[Transaction, Contract, str], tuple[Contract, tuple[Event, ...]]]
    """The contract with the hash of it in its place, and what is said of that in its chain."""
    letter: LetterCode


def change_secret(platform: Platform, session: Secret, change: Change, password: Secret) -> Secret | NotChanged:
    """Make *change* by the login *password*; the token under which *session* goes on."""
    refused = in_session(platform, change.operation, session, partial(_check, platform, change))
    if refused is not None:
        return refused
    find, right = whose(platform, session, Assurance.FULL), partial(guess.password_right, platform, password)
    held = guess.verified(platform, change.operation, Counter.PASSWORD, find, right)
    if not isinstance(held, Held):
        return held
    same = change.same(held.contract)
    hashed = platform.vault.hash(change.rules.canonical(change.new))
    return platform.transact(partial(_settle, platform, session, change, held, hashed, same))


def _check(
    platform: Platform, change: Change, tx: Transaction, found: Found, now: datetime
) -> Rejected | ConfirmationNeeded | None:
    rules, contract = change.rules, found.contract
    if (no := unconfirmed(platform, found.session, now)) is not None:
        return no
    login_id = contract.login_id.canonical if contract.login_id else ""
    violations = entered_twice(rules, change.new, change.again, about=about(tx, contract), login_id=login_id)
    violations += change.typed
    return Rejected(violations) if violations else None


def _settle(
    platform: Platform, session: Secret, change: Change, held: Held, new: str, same: Faults, tx: Transaction
) -> Secret | NotChanged:
    now = platform.now()
    contract = guess.settle_right(platform, tx, held, now)
    if not isinstance(contract, Contract):
        return contract
    found = find_session(platform, tx, session, now, Assurance.FULL)
    if isinstance(found, SessionEnded):
        return found
    no = Rejected(same) if same else unconfirmed(platform, found.session, now)
    if no is not None:
        keep(tx, contract, now, GuessRight(held.counter.value, held.ticket.number))
        return no
    contract, events = change.put(tx, contract, new)
    contract = contract.end_sessions()
    token = reopen(platform, tx, evolve(found.session, used_at=now, confirmed_at=None), contract)
    contract = keep(tx, contract, now, *events)
    notify(platform, tx, contract, change.letter, now)
    return token
