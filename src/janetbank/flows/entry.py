"""Entry: opening the session of somebody who has shown what it takes; every way in ends here.

Source: RBA-01 (the place is known from then on), ASVS 7.2.3, 7.2.4; ARCHITECTURE idea 2.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from janetbank.flows.platform import Platform
from janetbank.model.audit import Event
from janetbank.model.contract import Contract
from janetbank.model.events import LoggedIn as LoggedInEvent
from janetbank.model.session import Assurance, Session
from janetbank.policies.risk import Place
from janetbank.ports.storage import Transaction
from janetbank.values.environment import Channel
from janetbank.values.secret import Secret


@frozen
class Entry:
    """How somebody is coming in: from where, over which way, with which ticket, when."""

    place: Place
    channel: Channel
    by: str
    ticket: int
    at: datetime


def let_in(
    platform: Platform, tx: Transaction, contract: Contract, entry: Entry, *events: Event
) -> tuple[Secret, datetime]:
    """Open a session that can do everything, and know the place from now on: its token, and when it ends unused."""
    session, token = open_session(platform, contract, entry, Assurance.FULL, None)
    places = platform.profile.risk.remember(contract.places, entry.place)
    event = LoggedInEvent(entry.by, entry.channel.value, entry.ticket)
    if places != contract.places:
        contract = evolve(contract, places=places)
    store(tx, contract, session, entry, *events, event)
    return token, entry.at + platform.profile.sessions.idle


def open_session(
    platform: Platform, contract: Contract, entry: Entry, assurance: Assurance, question: int | None
) -> tuple[Session, Secret]:
    """A new session, not yet stored, and the token that shows it."""
    token = platform.new_token()
    session = Session(
        key=token.key,
        institution=contract.institution,
        contract=contract.id,
        assurance=assurance,
        epoch=contract.session_epoch,
        by=entry.by,
        channel=entry.channel,
        place=entry.place,
        question=question,
        opened_at=entry.at,
        used_at=entry.at,
    )
    return session, token.secret


def store(tx: Transaction, contract: Contract, session: Session, entry: Entry, *events: Event) -> None:
    """Write *contract* and its new *session*, with *events* in the contract's chain."""
    contract, entries = contract.recorded(entry.at, *events)
    tx.contracts.put(contract)
    tx.sessions.add(session)
    tx.audit.append(entries)
