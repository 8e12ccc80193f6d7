"""Sessions: opening one, and finding the one whose token somebody shows.

Shape:  `find_session` returns the session with its contract, or SessionEnded: unknown, expired, of an ended epoch or
        short of the assurance that is asked for are one answer.
Source: RBA-10, ASVS 7.2.3, 7.2.4, 7.3, 7.4.1 (ended on disable and on credential change); docs/glossary "session".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from attrs import evolve, frozen

from janetbank.flows import gate
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Closed, ConfirmationNeeded, OutsideServiceHours, SessionEnded, StepUpNeeded
from janetbank.model.contract import Contract
from janetbank.model.session import Assurance, Session
from janetbank.policies.admission import Operation
from janetbank.policies.risk import Place
from janetbank.policies.sessions import Alive
from janetbank.policies.step_up import QUESTIONED, Guarded
from janetbank.ports.storage import Transaction
from janetbank.values.environment import Environment
from janetbank.values.secret import Secret

_Told = TypeVar("_Told")

SessionRefusal = SessionEnded | Closed | OutsideServiceHours


@frozen
class Found:
    """A living *session* of *contract*; where it is not used it ends at *until*."""

    session: Session
    contract: Contract
    until: datetime


def place_of(platform: Platform, seen_from: Environment) -> Place:
    """The place of an environment: the device's token becomes a digest."""
    device = platform.vault.token_key(Secret(seen_from.device)) if seen_from.device else ""
    return Place(device=device, network=seen_from.network_prefix, platform=seen_from.platform)


def lives_until(platform: Platform, session: Session, now: datetime) -> datetime | None:
    """When *session* ends where it is not used, or None where it has ended."""
    state = platform.profile.sessions.alive(
        opened_at=session.opened_at,
        used_at=session.used_at,
        pending=session.assurance.pending,
        now=now,
    )
    return state.until if isinstance(state, Alive) else None


def find_session(
    platform: Platform, tx: Transaction, token: Secret, now: datetime, assurance: Assurance
) -> Found | SessionEnded:
    """The living session of *token*, whose own assurance suffices for *assurance*, and its contract."""
    there = tx.sessions.with_contract(platform.vault.token_key(token))
    if there is None or not there[0].assurance.suffices_for(assurance):
        return SessionEnded()
    session, contract = there
    until = lives_until(platform, session, now)
    if until is None or contract.session_epoch != session.epoch:
        return SessionEnded()
    return Found(session, contract, until)


def lives_on(platform: Platform, tx: Transaction, session: Session, contract: Contract, now: datetime) -> bool:
    """Whether *session*, found with *contract* in a transaction before this one, lives still."""
    there = tx.sessions.still(session)
    if there is None or lives_until(platform, there, now) is None:
        return False
    return tx.contracts.again(contract).session_epoch == there.epoch


ShortOf = StepUpNeeded | ConfirmationNeeded


def short_of(platform: Platform, session: Session, act: Guarded, now: datetime) -> ShortOf | None:
    """What the holder of *session* has to show first for *act*, if anything (AMB-21, AMB-39, RBA-13, PRF-16).

    The confirmation password where it authorises that, and elsewhere the answer to a registered question.  A bank that
    asks no questions has asked on the way in for whatever there is: the code of a token in use, at every login.
    """
    if platform.profile.confirms(act):
        return unconfirmed(platform, session, now)
    questioned = act in QUESTIONED and platform.profile.asks_questions
    answered = not questioned or _lately(platform, session.stepped_up_at, now)
    return None if answered else StepUpNeeded()


def unconfirmed(platform: Platform, session: Session, now: datetime) -> ConfirmationNeeded | None:
    """Whether the holder of *session* has yet to show the confirmation password, where the bank has one."""
    if platform.profile.confirmation is None or _lately(platform, session.confirmed_at, now):
        return None
    return ConfirmationNeeded()


def spend(tx: Transaction, session: Session) -> None:
    """Have *session* show the confirmation password again before the next act: each is authorised by itself."""
    if session.confirmed_at is not None:
        tx.sessions.put(evolve(session, confirmed_at=None))


def _lately(platform: Platform, at: datetime | None, now: datetime) -> bool:
    return at is not None and now < at + platform.profile.step_up_lifetime


def whose(
    platform: Platform, token: Secret, assurance: Assurance
) -> Callable[[Transaction, datetime], Found | SessionEnded]:
    """How `guess.reserve` finds the contract of whoever holds *token*."""
    return lambda tx, now: find_session(platform, tx, token, now, assurance)


def reopen(platform: Platform, tx: Transaction, session: Session, contract: Contract) -> Secret:
    """Let *session* go on, alone, after the others of *contract* ended: under a new token, which is returned."""
    token = platform.new_token()
    tx.sessions.remove(session)
    tx.sessions.add(evolve(session, key=token.key, epoch=contract.session_epoch, version=0))
    return token.secret


def in_session(
    platform: Platform,
    operation: Operation,
    token: Secret,
    act: Callable[[Transaction, Found, datetime], _Told],
    *,
    assurance: Assurance = Assurance.FULL,
    durable: bool = True,
) -> _Told | SessionEnded | Closed | OutsideServiceHours:
    """Do *act* in one transaction for the customer whose session this is, if the door is open to him now.

    The session is a whole one unless another *assurance* is asked for, which then is the only one that will do.
    """

    def step(tx: Transaction) -> _Told | SessionEnded | Closed | OutsideServiceHours:
        now = platform.now()
        found = find_session(platform, tx, token, now, assurance)
        if isinstance(found, SessionEnded):
            return found
        no = gate.out_of_hours(platform, operation, now) or gate.closed(platform, operation, found.contract, now)
        return no or act(tx, found, now)

    return platform.transact(step, durable=durable)
