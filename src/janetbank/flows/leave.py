"""Leaving: cancelling one's contract online.

The cancellation is accepted at once and reflected on the next operating day, by the night batch.  Until then one logs
in and sees statements, and the host does nothing more; afterwards nobody logs in, and whoever wants to come back
applies anew.  The host is asked between two transactions for what it knows of the representative account.

Whoever comes back before the reflection is known by his representative account alone: with that he is refused, as
registered still (`flows.enrol`).  With another account of his, as a customer whom the former contract does not hold, he
is taken.  The host tells no customer number, and what it tells of a holder, names and birth date, is no key: looking
all those through who leave just then would cost each application as much as there are of them.  What the rule is for
holds either way: the host, who has yet to end the former contract, is not told of a second one on the same account; and
the former login id is kept from every other account (`flows.login_ids`).

Shape:  `leave(session)` -> LeavingAccepted | CannotLeave, with all that stands in the way | a refusal.
Source: CAN-03..09; AMB-15, AMB-28, AMB-29, AMB-38; requirements.md part 6 (a login session is enough).
        Ours: the customer is told by letter.
"""

from __future__ import annotations

from collections import Counter as Count
from datetime import date, datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.batch_reflection import with_accounts_of
from janetbank.flows.chains import keep
from janetbank.flows.lacks import lacks_of
from janetbank.flows.letters import notify
from janetbank.flows.platform import Platform
from janetbank.flows.sessions import Found, SessionRefusal, in_session
from janetbank.model.contract import Contract
from janetbank.model.events import CancellationAccepted, CancellationRefused
from janetbank.model.letter import LetterCode
from janetbank.policies.accounts import AccountState
from janetbank.policies.admission import Operation
from janetbank.policies.contract_life import NEXT, ContractEvent
from janetbank.policies.eligibility import Lack, OnlineProcedure, excluded
from janetbank.policies.leaving import LeavingFacts
from janetbank.ports.core_banking import AccountReport
from janetbank.ports.storage import Transaction
from janetbank.values.moment import in_japan
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class LeavingAccepted:
    """The contract ends on *effective_on*."""

    effective_on: date
    code: ClassVar[str] = "leave.accepted"


@frozen
class CannotLeave:
    """The contract cannot be cancelled online now, for these reasons."""

    violations: tuple[Violation, ...]
    code: ClassVar[str] = "leave.cannot"


LeaveOutcome = LeavingAccepted | CannotLeave | SessionRefusal


@frozen
class Leave:
    """See the module."""

    _platform: Platform

    def __call__(self, session: Secret) -> LeaveOutcome:
        """Cancel the contract of whoever's session this is."""
        platform = self._platform
        contract = in_session(platform, Operation.LEAVE, session, lambda _tx, found, _now: found.contract)
        if not isinstance(contract, Contract):
            return contract
        assert contract.account is not None, "who has a session has an account"
        report = platform.core.account(contract.institution, contract.account)
        return in_session(platform, Operation.LEAVE, session, partial(self._leave, report))

    def _leave(
        self, report: AccountReport | None, tx: Transaction, found: Found, now: datetime
    ) -> LeavingAccepted | CannotLeave:
        platform, contract = self._platform, found.contract
        today, _ = with_accounts_of(contract, in_japan(now).date())
        hindrances = platform.profile.leaving.hindrances(leaving_facts(tx, today, report))
        if hindrances:
            refused = CancellationRefused(tuple(one.value for one in hindrances))
            keep(tx, contract, now, refused)
            return CannotLeave(tuple(Violation(f"cannot_leave.{one.value}") for one in hindrances))
        day = last_day(platform, now)
        leaving = leave(tx, contract, day, now)
        tx.contracts.put(leaving)
        notify(platform, tx, leaving, LetterCode.LEAVING, now)
        return LeavingAccepted(day)


def last_day(platform: Platform, now: datetime) -> date:
    """The operating day on which a cancellation that is accepted *now* is reflected."""
    calendar = platform.profile.calendar
    return calendar.next_operating_day(calendar.business_date(now))


def leave(tx: Transaction, contract: Contract, day: date, now: datetime) -> Contract:
    """*contract*, not yet put, which ends on *day*: its cancellation is accepted."""
    leaving = evolve(contract, status=NEXT[contract.status, ContractEvent.LEAVE], ends_on=day)
    leaving, entries = leaving.recorded(now, CancellationAccepted(day.isoformat()))
    tx.audit.append(entries)
    return leaving


def leaving_facts(tx: Transaction, contract: Contract, report: AccountReport | None) -> LeavingFacts:
    """What a cancellation is decided on; *report* is what the host knows of the representative account."""
    closing = excluded(OnlineProcedure.CANCELLATION, lacks_of(report))
    states = Count(one.state for one in contract.accounts)
    return LeavingFacts(
        individual=Lack.INDIVIDUAL not in closing,
        card_issued=Lack.CARDED_ORDINARY_ACCOUNT not in closing,
        active=(contract.status, ContractEvent.LEAVE) in NEXT,
        kept=states[AccountState.ADD_PENDING] + states[AccountState.ACTIVE],
        deletions_pending=states[AccountState.DELETE_PENDING],
        reserved_transfers=len(tx.instructions.pending_of(contract.institution, contract.id)),
        investigated=contract.investigated_since is not None,
    )
