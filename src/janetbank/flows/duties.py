"""Duties: doing what logging in asks for first, in a session that can do nothing else.

    register_questions -> the next duty | LoggedIn | a refusal
    choose_password    -> the next duty | LoggedIn | a refusal
    choose_passwords   -> the next duty | LoggedIn | a refusal        both, in the place of those of a notice
    register_customer  -> the next duty | LoggedIn | a refusal        by the new confirmation password

The session was opened by everything that logging in asks (`flows.entry`), so nothing of it is asked again; its lifetime
is a challenge's, and when it ends undone the next login asks anew.  Whatever is done ends all sessions of the contract,
and the one that goes on does so under a new token.

Whether a new password is the present one, or the second one, is looked at last, when nothing else is wrong with it: who
got hold of the challenge has one guess at the present password, and by it the password is no longer the one he guessed
at.

Source: MAL-07, RBA-03..05, RBA-08, RBA-14, RBR-09, SUS-03, CRD-09, CRD-13, ENR-32..38, AMB-23, AMB-24; standards.md
        C34, C37, C38; ASVS 7.2.4, 7.4.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import partial
from typing import TypeVar

from attrs import evolve, frozen

from janetbank.flows import allowances, guess
from janetbank.flows.biometrics import revoke
from janetbank.flows.distinct import Credential, clashes, kept_clashes
from janetbank.flows.entry import DutyNeeded, Entry, EntryOutcome, duty_of, let_in, needed
from janetbank.flows.guess import Held
from janetbank.flows.letters import notify
from janetbank.flows.personal_data import about, customer_of
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Refused, Rejected, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, find_session, in_session, whose
from janetbank.flows.tokens import method_of
from janetbank.flows.typed import at, entered_twice, made
from janetbank.flows.used_accounts import accounts_for
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, Counter, RegisteredQuestion
from janetbank.model.customer import Address, Notice
from janetbank.model.events import (
    ConfirmationChanged,
    Confirmed,
    CustomerRegistered,
    LimitSet,
    PasswordChanged,
    QuestionsRegistered,
)
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.policies.accounts import AccountUse
from janetbank.policies.admission import Operation
from janetbank.policies.duty import Duty
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.email import MailAddress
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation

_Told = TypeVar("_Told")

DutyOutcome = EntryOutcome | Rejected | Refused | TryAgain | SessionRefusal


@frozen(kw_only=True)
class NewPasswords:
    """Both passwords as the customer wants them, each entered twice (ENR-34)."""

    password: Secret
    password_again: Secret
    confirmation: Secret
    confirmation_again: Secret


class SelectMail(Enum):
    """セレクトEメールサービス: whether notices besides those that nobody can switch off are wanted (ENR-37)."""

    IN_USE = "in_use"
    NOT_IN_USE = "not_in_use"


@frozen(kw_only=True)
class CustomerData:
    """What the customer names in his first use: *limits* in 万円, as typed, of all his accounts (ENR-36, ENR-37)."""

    mail: str
    mail_again: str
    select_mail: SelectMail
    contact: str | None
    limits: Mapping[Account, str]
    acknowledged: bool

    def same_twice(self, address: MailAddress) -> bool:
        """Whether the second entry is the *address* of the first one."""
        try:
            return MailAddress.parse(self.mail_again) == address
        except InvalidValue:
            return False


@frozen
class _Checked:
    """What the data come to: every value made."""

    address: Address
    contact: PhoneNumber | None
    limits: Mapping[Account, DailyLimit]


def register_questions(
    platform: Platform, challenge: Secret, questions: Sequence[tuple[str, Secret]], *, acknowledged: bool
) -> DutyOutcome:
    """Register *questions* with their answers, and tick the box (RBA-08); all faults are named."""
    rules = platform.profile.questions
    if (no := in_duty(platform, challenge, Duty.REGISTER_QUESTIONS, _nothing)) is not None:
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
        contract = evolve(found.contract, questions=registered)
        return _done(platform, tx, found, contract, LetterCode.QUESTIONS_REGISTERED, now, QuestionsRegistered())

    return in_duty(platform, challenge, Duty.REGISTER_QUESTIONS, act)


def choose_password(platform: Platform, challenge: Secret, new: Secret, again: Secret) -> DutyOutcome:
    """Choose a password, entered twice, in the place of the present one; the present one is not asked for (CRD-13)."""
    rules = platform.profile.password
    present = in_duty(platform, challenge, Duty.CHOOSE_PASSWORD, partial(_check, platform, new, again))
    if not isinstance(present, Contract):
        return present
    if platform.vault.check(rules.canonical(new), present.password).right:
        return Rejected((Violation("password.unchanged", field="new"),))
    if same := kept_clashes(platform, present, new, Credential.PASSWORD):
        return Rejected(at("new", same))
    hashed = platform.vault.hash(rules.canonical(new))

    def act(tx: Transaction, found: Found, now: datetime) -> EntryOutcome:
        contract = evolve(found.contract, password=hashed, must_change_password=False)
        events = PasswordChanged(), *revoke(tx, contract)
        return _done(platform, tx, found, contract, LetterCode.PASSWORD_CHANGED, now, *events)

    return in_duty(platform, challenge, Duty.CHOOSE_PASSWORD, act)


def choose_passwords(platform: Platform, challenge: Secret, chosen: NewPasswords) -> DutyOutcome:
    """Choose both passwords, each entered twice, in the place of those of the notice, from which both differ."""
    settings, vault, first = platform.profile.confirmation, platform.vault, platform.profile.password
    seen = in_duty(platform, challenge, Duty.CHOOSE_PASSWORDS, partial(_check_both, platform, chosen))
    if not isinstance(seen, Contract):
        return seen
    assert settings is not None  # who has this duty has two
    second = settings.password
    notice = (first, seen.password), (second, seen.confirmation or vault.decoy_hash)
    violations = [
        Violation("password.unchanged", field=field)
        for field, new in (("password", chosen.password), ("confirmation", chosen.confirmation))
        if any(vault.check(rules.canonical(new), stored).right for rules, stored in notice)
    ]
    if violations:
        return Rejected(tuple(violations))
    password, confirmation = (
        vault.hash(rules.canonical(new)) for rules, new in ((first, chosen.password), (second, chosen.confirmation))
    )

    def act(tx: Transaction, found: Found, now: datetime) -> EntryOutcome:
        contract = evolve(found.contract, password=password, confirmation=confirmation, provisional_until=None)
        events: tuple[Event, ...] = (PasswordChanged(), ConfirmationChanged(), *revoke(tx, contract))
        return _done(platform, tx, found, contract, LetterCode.PASSWORD_CHANGED, now, *events)

    return in_duty(platform, challenge, Duty.CHOOSE_PASSWORDS, act)


def _check_both(
    platform: Platform, chosen: NewPasswords, tx: Transaction, found: Found, _: datetime
) -> Rejected | Contract:
    """What is wrong with the two as they were typed, or the contract with the present ones."""
    profile, contract = platform.profile, found.contract
    assert profile.confirmation is not None  # who has this duty has two
    assert contract.login_id is not None  # it was the duty before
    first, second, login_id = profile.password, profile.confirmation.password, contract.login_id.canonical
    twice = partial(entered_twice, about=about(tx, contract), login_id=login_id)
    violations = (
        *twice(first, chosen.password, chosen.password_again, fields=("password", "password_again")),
        *twice(second, chosen.confirmation, chosen.confirmation_again, fields=("confirmation", "confirmation_again")),
        *clashes(profile, login_id, chosen.password, chosen.confirmation),
    )
    return Rejected(violations) if violations else contract


def register_customer(platform: Platform, challenge: Secret, data: CustomerData, confirmation: Secret) -> DutyOutcome:
    """Register the customer's *data*, which he has seen and ticked, by his new *confirmation* password (ENR-38)."""
    operation, check = Operation.REGISTER_CUSTOMER, partial(_check_data, platform, data)
    checked = in_duty(platform, challenge, Duty.REGISTER_CUSTOMER, check, operation=operation)
    if not isinstance(checked, _Checked):
        return checked
    find = whose(platform, challenge, Assurance.DUTY)
    right = partial(guess.confirmation_right, platform, confirmation)
    held = guess.verified(platform, operation, Counter.CONFIRMATION, find, right)
    if not isinstance(held, Held):
        return held
    return platform.transact(partial(_register, platform, challenge, checked, held))


def _register(platform: Platform, challenge: Secret, checked: _Checked, held: Held, tx: Transaction) -> DutyOutcome:
    now = platform.now()
    contract = guess.settle_right(platform, tx, held, now)
    if not isinstance(contract, Contract):
        return contract
    found = find_session(platform, tx, challenge, now, Assurance.DUTY)
    if isinstance(found, SessionEnded):
        return found
    customer = customer_of(tx, contract)
    tx.customers.put(
        evolve(customer, addresses=(checked.address,), address_due=False, contact=checked.contact or customer.contact)
    )
    changed = [
        evolve(allowances.allowance_of(tx, contract, account), limit=limit) for account, limit in checked.limits.items()
    ]
    limits = [LimitSet(str(account), limit.man) for account, limit in checked.limits.items()]
    events: tuple[Event, ...] = (Confirmed(held.ticket.number), CustomerRegistered(), *limits)
    contract = evolve(contract, customer_due=False)
    told = _done(platform, tx, found, contract, LetterCode.ENROLLED, now, *events)
    for allowance in changed:
        allowances.save(tx, allowance)
    if contract.otp_entitled_at is not None and not customer.addresses:
        # It was registered when he could not be written to (MAL-07).
        notify(platform, tx, contract, LetterCode.TOKEN_ENTITLED, now)
    return told


def _check_data(
    platform: Platform, data: CustomerData, tx: Transaction, found: Found, now: datetime
) -> Rejected | _Checked:
    """What is wrong with *data*, all of it, or what it comes to."""
    violations: list[Violation] = []
    address = made(violations, "mail", partial(MailAddress.parse, data.mail))
    if address is not None and not data.same_twice(address):
        violations.append(Violation("mail.not_same_twice", field="mail_again"))
    contact = made(violations, "contact", partial(PhoneNumber.parse, data.contact)) if data.contact else None
    limits: dict[Account, DailyLimit] = {}
    token = method_of(tx.tokens.latest_of(found.contract.institution, found.contract.id)) is not None
    usable = accounts_for(found.contract, AccountUse.TRANSFERS, now)
    for account, typed in data.limits.items():
        limit = made(violations, str(account), partial(DailyLimit.parse, typed))
        if account not in usable:
            violations.append(Violation("account.not_usable", field=str(account)))
        elif limit is not None:
            violations += at(str(account), platform.profile.limits.check(limit, token=token))
            limits[account] = limit
    violations += [Violation("limit.missing", field=str(account)) for account in usable if account not in data.limits]
    if not data.acknowledged:
        violations.append(Violation("acknowledgement.missing", field="acknowledged"))
    if violations or address is None:
        return Rejected(tuple(violations))
    notices = frozenset(Notice) if data.select_mail is SelectMail.IN_USE else frozenset[Notice]()
    return _Checked(Address(address, notices), contact, limits)


def _nothing(_tx: Transaction, _found: Found, _now: datetime) -> None:
    return None


def _check(
    platform: Platform, new: Secret, again: Secret, tx: Transaction, found: Found, _: datetime
) -> Rejected | Contract:
    """What is wrong with the *new* password, or the contract with the present one."""
    rules, contract = platform.profile.password, found.contract
    login_id = contract.login_id.canonical if contract.login_id else ""
    violations = entered_twice(rules, new, again, about=about(tx, contract), login_id=login_id)
    return Rejected(violations) if violations else contract


def in_duty(
    platform: Platform,
    challenge: Secret,
    duty: Duty,
    act: Callable[[Transaction, Found, datetime], _Told],
    *,
    operation: Operation = Operation.DO_DUTY,
) -> _Told | DutyNeeded | SessionRefusal:
    """Do *act* in one transaction for whoever has this *duty* now; who has another one is told which."""

    def step(tx: Transaction, found: Found, now: datetime) -> _Told | DutyNeeded | SessionEnded:
        due = duty_of(platform, found.contract)
        if due is duty:
            return act(tx, found, now)
        return SessionEnded() if due is None else needed(platform, due, challenge, found.until)

    return in_session(platform, operation, challenge, step, assurance=Assurance.DUTY)


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
