"""Duties: doing what logging in asks for first, in a session that can do nothing else.

    register_questions -> the next duty | LoggedIn | a refusal
    choose_password    -> the next duty | LoggedIn | a refusal

The session was opened by everything that logging in asks (`flows.entry`), so nothing of it is asked again; its lifetime
is a challenge's, and when it ends undone the next login asks anew.  Whatever is done ends all sessions of the contract,
and the one that goes on does so under a new token.

Whether a new password is the present one, or the second one, is looked at last, when nothing else is wrong with it: who
got hold of the challenge has one guess at the present password, and by it the password is no longer the one he guessed
at.

Source: RBA-03..05, RBA-08, RBA-14, RBR-09, SUS-03, CRD-09, CRD-13; standards.md C34, C38; ASVS 7.2.4, 7.4.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from attrs import evolve

from janetbank.flows.biometrics import revoke
from janetbank.flows.distinct import Credential, kept_clashes
from janetbank.flows.entry import DutyNeeded, Entry, EntryOutcome, duty_of, let_in, needed
from janetbank.flows.letters import notify
from janetbank.flows.personal_data import about
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Rejected, SessionEnded
from janetbank.flows.sessions import Found, SessionRefusal, in_session
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, RegisteredQuestion
from janetbank.model.events import PasswordChanged, QuestionsRegistered
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.policies.duty import Duty
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation

_Told = TypeVar("_Told")

DutyOutcome = EntryOutcome | Rejected | SessionRefusal


def register_questions(
    platform: Platform, challenge: Secret, questions: Sequence[tuple[str, Secret]], *, acknowledged: bool
) -> DutyOutcome:
    """Register *questions* with their answers, and tick the box (RBA-08); all faults are named."""
    rules = platform.profile.questions
    if (no := _in_duty(platform, challenge, Duty.REGISTER_QUESTIONS, _nothing)) is not None:
        return no
    violations = rules.check(questions)
    if not acknowledged:
        violations += (Violation("acknowledgement.missing", field="acknowledged"),)
    if violations:
        return Rejected(violations)
    registered = tuple(
        RegisteredQuestion(question, platform.vault.hash(rules.canonical(answer))) for question, answer in questions
    )

    def act(tx: Transaction, found: Found, now: datetime) -> EntryOutcome:
        contract = evolve(found.contract, questions=registered, asked=None)
        return _done(platform, tx, found, contract, LetterCode.QUESTIONS_REGISTERED, now, QuestionsRegistered())

    return _in_duty(platform, challenge, Duty.REGISTER_QUESTIONS, act)


def choose_password(platform: Platform, challenge: Secret, new: Secret, again: Secret) -> DutyOutcome:
    """Choose a password, entered twice, in the place of the present one; the present one is not asked for (CRD-13)."""
    rules = platform.profile.password
    present = _in_duty(platform, challenge, Duty.CHOOSE_PASSWORD, partial(_check, platform, new, again))
    if not isinstance(present, Contract):
        return present
    if platform.vault.check(rules.canonical(new), present.password).right:
        return Rejected((Violation("password.unchanged", field="new"),))
    if clashes := kept_clashes(platform, present, new, Credential.PASSWORD):
        return Rejected(clashes)
    hashed = platform.vault.hash(rules.canonical(new))

    def act(tx: Transaction, found: Found, now: datetime) -> EntryOutcome:
        contract = evolve(found.contract, password=hashed, must_change_password=False)
        events = PasswordChanged(), *revoke(tx, contract)
        return _done(platform, tx, found, contract, LetterCode.PASSWORD_CHANGED, now, *events)

    return _in_duty(platform, challenge, Duty.CHOOSE_PASSWORD, act)


def _nothing(_tx: Transaction, _found: Found, _now: datetime) -> None:
    return None


def _check(
    platform: Platform, new: Secret, again: Secret, tx: Transaction, found: Found, _: datetime
) -> Rejected | Contract:
    """What is wrong with the *new* password, or the contract with the present one."""
    rules, contract = platform.profile.password, found.contract
    login_id = contract.login_id.canonical if contract.login_id else ""
    violations = rules.check(new, about=about(tx, contract), login_id=login_id)
    if not rules.same(new, again):
        violations += (Violation("password.not_same_twice", field="again"),)
    return Rejected(violations) if violations else contract


def _in_duty(
    platform: Platform,
    challenge: Secret,
    duty: Duty,
    act: Callable[[Transaction, Found, datetime], _Told],
) -> _Told | DutyNeeded | SessionRefusal:
    """Do *act* in one transaction for whoever has this *duty* now; who has another one is told which."""

    def step(tx: Transaction, found: Found, now: datetime) -> _Told | DutyNeeded | SessionEnded:
        due = duty_of(platform, found.contract)
        if due is duty:
            return act(tx, found, now)
        return SessionEnded() if due is None else needed(platform, due, challenge, found.until)

    return in_session(platform, Operation.DO_DUTY, challenge, step, assurance=Assurance.DUTY)


def _done(
    platform: Platform,
    tx: Transaction,
    found: Found,
    contract: Contract,
    letter: LetterCode,
    now: datetime,
    *events: Event,
) -> EntryOutcome:
    """Store what was done, tell the customer, and let him in, or to his next duty."""
    notify(platform, tx, contract, letter, now)
    pending = found.session
    tx.sessions.remove(pending)
    entry = Entry(pending.place, pending.channel, pending.by, 0, now)
    return let_in(platform, tx, contract.end_sessions(), entry, *events)
