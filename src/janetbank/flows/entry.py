"""Entry: opening the session of somebody who has shown what it takes; every way in ends here.

Who has a duty left is not let in: he gets a session that can do nothing but this duty (`flows.duties`), whichever way
he came, so that no way in leads around it.  And who comes on a channel that takes a token, without one, gets a session
that can do nothing but apply for it.

Source: RBA-01 (the place is known from then on), RBA-14, SUS-03, LGN-11, ENR-30..36, ASVS 7.2.3, 7.2.4; ARCHITECTURE
        idea 2.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, assert_never

from attrs import evolve, frozen

from janetbank.flows.platform import Platform
from janetbank.model.audit import Event
from janetbank.model.contract import Contract
from janetbank.model.events import DutyDue
from janetbank.model.events import LoggedIn as LoggedInEvent
from janetbank.model.events import TokenWanted as TokenWantedEvent
from janetbank.model.session import Assurance, Session
from janetbank.policies.duty import Duty, first
from janetbank.policies.risk import Place
from janetbank.policies.token import TokenState
from janetbank.ports.storage import Transaction
from janetbank.values.environment import Channel
from janetbank.values.secret import Secret


@frozen
class LoggedIn:
    """The customer is in; *session* is the token that shows it, until *until* where it is not used."""

    session: Secret
    until: datetime
    code: ClassVar[str] = "logged_in"


@frozen
class QuestionsNeeded:
    """Everything was right, and nothing can be done before *pairs* questions are registered with this *challenge*."""

    challenge: Secret
    pairs: int
    until: datetime
    code: ClassVar[str] = "questions_needed"


@frozen
class PasswordChangeNeeded:
    """Everything was right, and nothing can be done before a new password is chosen with this *challenge*."""

    challenge: Secret
    until: datetime
    code: ClassVar[str] = "password_change_needed"


@frozen
class LoginIdWanted:
    """Both passwords were right, and nothing can be done before a login id is chosen with this *challenge*."""

    challenge: Secret
    until: datetime
    code: ClassVar[str] = "login_id_wanted"


@frozen
class PasswordsNeeded:
    """Nothing can be done before both passwords of the notice are replaced, with this *challenge* (ENR-34)."""

    challenge: Secret
    until: datetime
    code: ClassVar[str] = "passwords_needed"


@frozen
class CustomerDataNeeded:
    """Nothing can be done before the customer names his address and his limits, with this *challenge* (ENR-36)."""

    challenge: Secret
    until: datetime
    code: ClassVar[str] = "customer_data_needed"


@frozen
class TokenWanted:
    """Everything was right, and on this channel nothing can be done without a token (LGN-11).

    *session* can step up for it, apply for it and log out; the next login takes its code, once the app is set up.
    """

    session: Secret
    until: datetime
    code: ClassVar[str] = "token_wanted"


DutyNeeded = LoginIdWanted | QuestionsNeeded | PasswordChangeNeeded | PasswordsNeeded | CustomerDataNeeded
EntryOutcome = LoggedIn | TokenWanted | DutyNeeded

_HAS_APP = frozenset({TokenState.PROVISIONED, TokenState.IN_USE, TokenState.LOCKED})


@frozen
class Entry:
    """How somebody is coming in: from where, over which way, with which ticket, when."""

    place: Place
    channel: Channel
    by: str
    ticket: int
    at: datetime


def let_in(platform: Platform, tx: Transaction, contract: Contract, entry: Entry, *events: Event) -> EntryOutcome:
    """Open a session that can do everything, and know the place from now on; or one for what has to be done first."""
    duty = duty_of(platform, contract)
    if duty is not None:
        session, challenge = open_session(platform, contract, entry, Assurance.DUTY, None)
        store(tx, contract, session, entry, *events, DutyDue(entry.ticket, duty.value))
        return needed(platform, duty, challenge, entry.at + platform.profile.sessions.challenge)
    idle = platform.profile.sessions.idle
    if entry.channel in platform.profile.token.required_on and not _has_app(tx, contract):
        session, token = open_session(platform, contract, entry, Assurance.APPLYING, None)
        store(tx, contract, session, entry, *events, TokenWantedEvent(entry.ticket))
        return TokenWanted(token, entry.at + idle)
    session, token = open_session(platform, contract, entry, Assurance.FULL, None)
    places = platform.profile.risk.remember(contract.places, entry.place)
    event = LoggedInEvent(entry.by, entry.channel.value, entry.ticket)
    if places != contract.places:
        contract = evolve(contract, places=places)
    store(tx, contract, session, entry, *events, event)
    return LoggedIn(token, entry.at + idle)


def _has_app(tx: Transaction, contract: Contract) -> bool:
    token = tx.tokens.latest_of(contract.institution, contract.id)
    return token is not None and token.state in _HAS_APP


def duty_of(platform: Platform, contract: Contract) -> Duty | None:
    """What the customer of *contract* has to do first, if anything."""
    owes = contract.must_change_password or contract.provisional_until is not None or contract.customer_due
    if contract.login_id is not None and contract.questions and not owes:
        return None  # as nearly everybody
    open_ = {
        Duty.OBTAIN_LOGIN_ID: contract.login_id is None,
        Duty.REGISTER_QUESTIONS: not contract.questions,
        Duty.CHOOSE_PASSWORD: contract.must_change_password,
        Duty.CHOOSE_PASSWORDS: contract.provisional_until is not None,
        Duty.REGISTER_CUSTOMER: contract.customer_due,
    }
    return first({duty for duty in platform.profile.duties if open_[duty]})


def needed(platform: Platform, duty: Duty, challenge: Secret, until: datetime) -> DutyNeeded:
    """How somebody is told of his *duty*."""
    match duty:
        case Duty.REGISTER_QUESTIONS:
            return QuestionsNeeded(challenge, platform.profile.questions.pairs, until)
        case Duty.OBTAIN_LOGIN_ID:
            return LoginIdWanted(challenge, until)
        case Duty.CHOOSE_PASSWORD:
            return PasswordChangeNeeded(challenge, until)
        case Duty.CHOOSE_PASSWORDS:
            return PasswordsNeeded(challenge, until)
        case Duty.REGISTER_CUSTOMER:
            return CustomerDataNeeded(challenge, until)
        case _ as never:
            assert_never(never)


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
