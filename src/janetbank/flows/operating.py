"""Operating: carrying out an act of somebody behind the counter: who he is, whether he may, what is kept of it.

Each act is one transaction, and stands in the operator's own chain with what he was told, the refused ones too: that
is what misuse is found by.  What it changes for a customer stands in the contract's chain as well.

Shape:  `operate(..., act, step)` tells what *step* told, or why there was no step.
Source: OPS-06, OPS-10, SUS-07, SUS-13; ASVS 7.3, 8.3.1, 16.3.2; ARCHITECTURE idea 2.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Generic, Protocol, TypeVar, cast

from attrs import evolve, frozen

from janetbank.flows.platform import Platform
from janetbank.flows.refusals import OutsideServiceHours, SessionEnded
from janetbank.model.case import Case
from janetbank.model.contract import Contract
from janetbank.model.events import CaseMoved, OperatorActed
from janetbank.model.operator import Operator, OperatorSession, OperatorStatus
from janetbank.policies.authority import CODES, Act, Part, may
from janetbank.policies.service_hours import ClosedNow
from janetbank.policies.sessions import Alive
from janetbank.ports.storage import Transaction
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.line import Line
from janetbank.values.operator import Hand
from janetbank.values.paper import Paper
from janetbank.values.secret import Secret


class _Outcome(Protocol):
    """What somebody is told."""

    @property
    def code(self) -> str:
        """What it is called, for programs and for the audit log."""
        ...


_Told = TypeVar("_Told")
_Told_co = TypeVar("_Told_co", covariant=True)


_CASE = re.compile(r"[0-9a-f]{32}")
"""What the vault draws; anything else is no case, and no matter for a store."""


@frozen
class PasswordDue:
    """The password was given out by somebody else, or has reached its age: choose another one first."""

    code: ClassVar[str] = "operator.password_due"


@frozen
class NoAuthority:
    """This is not for whoever has his roles."""

    code: ClassVar[str] = "operator.no_authority"


@frozen
class NoSuchContract:
    """There is no such contract at the operator's institution."""

    code: ClassVar[str] = "case.no_contract"


@frozen
class NoSuchCase:
    """There is no such case at the operator's institution, or none that this could be done in."""

    code: ClassVar[str] = "case.none"


@frozen
class OwnCase:
    """Whoever had a hand in it cannot decide it, through none of his accounts."""

    code: ClassVar[str] = "case.own"


OperatorRefusal = SessionEnded | OutsideServiceHours | PasswordDue | NoAuthority


@frozen(kw_only=True)
class Acting:
    """Whoever acts: his account, what his part of which act is, and when."""

    operator: Operator
    hand: Hand
    act: Act
    part: Part
    at: datetime

    @property
    def institution(self) -> InstitutionId:
        """Whose contracts and cases he can see."""
        return self.operator.institution


@frozen
class Deed(Generic[_Told_co]):
    """What a step *told*, and about which contract and case."""

    told: _Told_co
    contract: ContractId | None = None
    case: str | None = None


Step = Callable[[Transaction, Acting], Deed[_Told]]
WhichAct = Callable[[Transaction, Operator], Act | None]
"""Which act it is, where that depends on a case; None where there is no such case."""


def session_of(
    platform: Platform, tx: Transaction, token: Secret, now: datetime
) -> tuple[OperatorSession, Operator] | None:
    """The living session of *token* with its account, or None."""
    session = tx.operator_sessions.by_key(platform.vault.token_key(token))
    if session is None or lives_until(platform, session, now) is None:
        return None
    operator = tx.operators.by_name(session.operator)
    if operator is None or operator.status is not OperatorStatus.ACTIVE or operator.session_epoch != session.epoch:
        return None
    return session, operator


def lives_until(platform: Platform, session: OperatorSession, now: datetime) -> datetime | None:
    """When *session* ends where it is not used, or None where it has ended."""
    rules = platform.profile.operators.sessions
    state = rules.alive(opened_at=session.opened_at, used_at=session.used_at, pending=False, now=now)
    return state.until if isinstance(state, Alive) else None


def out_of_hours(platform: Platform, now: datetime) -> OutsideServiceHours | None:
    """The refusal for coming when the operations terminal is not used, or None."""
    hours = platform.profile.operators.hours
    if hours.is_open(now):
        return None
    state = hours.state(now)
    return OutsideServiceHours(state.opens_at if isinstance(state, ClosedNow) else None)


def operate(
    platform: Platform,
    token: Secret,
    act: Act | WhichAct,
    step: Step[_Told],
    *,
    part: Part = Part.MAKER,
) -> _Told | OperatorRefusal | NoSuchCase:
    """Do *step* for the operator whose session *token* is, if his roles may do this *part* of *act* now."""

    def whole(tx: Transaction) -> _Told | OperatorRefusal | NoSuchCase:
        now = platform.now()
        found = session_of(platform, tx, token, now)
        if found is None:
            return SessionEnded()
        session, operator = found
        assert operator.hand is not None, "a decoy lets nobody in"
        which = act if isinstance(act, Act) else act(tx, operator)
        deed: Deed[_Told | OperatorRefusal | NoSuchCase]
        if (no := _refusal(platform, operator, which, part, now)) is not None:
            deed = Deed(no)
        else:
            assert which is not None
            deed = step(tx, Acting(operator=operator, hand=operator.hand, act=which, part=part, at=now))
        acted = OperatorActed(
            act="none" if which is None else which.value,
            part=part.value,
            codes=() if which is None else CODES[which],
            contract=None if deed.contract is None else deed.contract.text,
            case=deed.case,
            told=cast("_Outcome", deed.told).code,
        )
        operator, entries = operator.recorded(now, acted)
        tx.operators.put(operator)
        tx.operator_sessions.put(evolve(session, used_at=now))
        tx.audit.append(entries)
        return deed.told

    return platform.transact(whole)


def _refusal(
    platform: Platform, operator: Operator, act: Act | None, part: Part, now: datetime
) -> OutsideServiceHours | PasswordDue | NoAuthority | NoSuchCase | None:
    if (no := out_of_hours(platform, now)) is not None:
        return no
    if platform.profile.operators.password_age.due(operator.password_changed_at, now):
        return PasswordDue()
    if act is None:
        return NoSuchCase()
    return None if may(operator.roles, act, part) else NoAuthority()


@frozen
class Found:
    """A *case* with its *contract*."""

    contract: Contract
    case: Case


def find_case(tx: Transaction, institution: InstitutionId, typed: str) -> Found | None:
    """The case of *institution* that was *typed*, or None: one of another institution is none."""
    case = tx.cases.by_id(institution, typed) if _CASE.fullmatch(typed) else None
    contract = None if case is None else tx.contracts.by_id(institution, case.contract)
    return None if case is None or contract is None else Found(contract, case)


def moved(
    tx: Transaction,
    acting: Acting,
    contract: Contract,
    *cases: Case,
    paper: Paper | None = None,
    reason: Line | None = None,
) -> None:
    """Write *cases*, new or read, and their *contract*, with what was done in the contract's chain."""
    happened = [
        CaseMoved(
            case=case.id,
            kind=case.kind.value,
            subject=case.subject,
            state=case.state.value,
            act=acting.act.value,
            part=acting.part.value,
            operator=acting.hand.operator.text,
            person=acting.hand.person.text,
            codes=CODES[acting.act],
            paper=None if paper is None else paper.value,
            reason=None if reason is None else reason.text,
        )
        for case in cases
    ]
    contract, entries = contract.recorded(acting.at, *happened)
    tx.contracts.put(contract)
    for case in cases:
        if case.version:
            tx.cases.put(case)
        else:
            tx.cases.add(case)
    tx.audit.append(entries)
