"""Operators: signing in to the operations terminal, leaving it, changing one's password; opening and closing accounts.

    Operators.sign_in         -> SignedIn | NewPasswordNeeded | a refusal
    Operators.change_password -> OperatorPasswordChanged | a refusal
    Operators.sign_out        -> SignedOut

A password is evaluated like every secret: reserve, verify, settle.  A name that nobody has is counted on a decoy: the
same work, the same answers, the same lockout.

Accounts are opened, given another password and closed by whoever holds the bank's keys and its store, from the command
line (`register`, `renew`, `retire`): there has to be a first operator, and whoever holds both could do anything anyway.
He chooses a password that counts for one thing, the operator's choosing of his own.

Shape:  outcomes are closed unions; a token is given out once and kept only as its digest.
Source: OPS-09, OPS-10, SUS-13; LCK-01..03, 16 (the same lockout); ASVS 6.4.1, 6.4.6, 7.2.3, 7.2.4; standards.md C06,
        C12.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar, assert_never

from attrs import evolve, frozen

from janetbank.flows.operating import lives_until, out_of_hours, session_of
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import (
    Blocked,
    LockedOut,
    OutsideServiceHours,
    Refused,
    Rejected,
    SessionEnded,
    TryAgain,
)
from janetbank.flows.typed import entered_twice
from janetbank.model import events
from janetbank.model.audit import Event
from janetbank.model.operator import Operator, OperatorSession, OperatorStatus, decoy_name, name_of
from janetbank.policies import lockout
from janetbank.policies.authority import Role
from janetbank.policies.lockout import Tally, Ticket
from janetbank.ports.storage import Conflict, Transaction
from janetbank.values.account import Branch
from janetbank.values.identifiers import InstitutionId
from janetbank.values.line import Line
from janetbank.values.operator import Hand, OperatorId, PersonId
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation

_COUNTER = "operator"
"""What the audit log calls the one counter of an account."""

_NotFound = TypeVar("_NotFound")


@frozen
class SignedIn:
    """The operator is in; *session* is the token that shows it, until *until* where it is not used."""

    session: Secret
    until: datetime
    code: ClassVar[str] = "operator.signed_in"


@frozen
class NewPasswordNeeded:
    """The password was right, and does not count any more but for choosing another one, with this *session*."""

    session: Secret
    until: datetime
    code: ClassVar[str] = "operator.new_password_needed"


@frozen
class SignedOut:
    """The session, if there was one, has ended."""

    code: ClassVar[str] = "operator.signed_out"


@frozen
class OperatorPasswordChanged:
    """The new password counts from now on; all sessions ended but this one, which goes on under a new token."""

    session: Secret
    code: ClassVar[str] = "operator.password_changed"


@frozen
class Registered:
    """The account may be used, with a password of one's own."""

    operator: str
    code: ClassVar[str] = "operator.registered"


@frozen
class Renewed:
    """The account has another initial password, and is open if it was blocked."""

    operator: str
    code: ClassVar[str] = "operator.renewed"


@frozen
class Retired:
    """The account lets nobody in any more."""

    operator: str
    code: ClassVar[str] = "operator.retired"


@frozen
class NoSuchOperator:
    """There is no such account in use."""

    operator: str
    code: ClassVar[str] = "operator.none"


_Shut = LockedOut | Blocked
SignInOutcome = SignedIn | NewPasswordNeeded | Refused | TryAgain | LockedOut | Blocked | OutsideServiceHours
OperatorPasswordOutcome = (
    OperatorPasswordChanged | Rejected | Refused | TryAgain | LockedOut | Blocked | OutsideServiceHours | SessionEnded
)


@frozen
class _Held:
    """A guess may be evaluated on *operator*, as it was stored with the *ticket*."""

    operator: Operator
    ticket: Ticket


@frozen
class Operators:
    """See the module."""

    _platform: Platform

    def sign_in(self, institution: InstitutionId, operator: str, password: Secret) -> SignInOutcome:
        """Sign in with the account *operator*, as typed."""
        platform = self._platform
        if (no := out_of_hours(platform, platform.now())) is not None:
            return no
        held = self._reserve(partial(self._find, institution, operator))
        if not isinstance(held, _Held):
            return held
        checked = platform.vault.check(self._canonical(password), held.operator.password)
        # A decoy is nobody, and a closed account lets nobody in, whatever was typed.
        right = checked.right and held.operator.status is OperatorStatus.ACTIVE
        renewed = platform.vault.hash(self._canonical(password)) if right and checked.stale else None
        return platform.transact(partial(self._signed_in, held, right=right, renewed=renewed))

    def sign_out(self, session: Secret) -> SignedOut:
        """End *session*, whether or not it lives; the answer is the same."""
        platform = self._platform

        def step(tx: Transaction) -> SignedOut:
            found = tx.operator_sessions.by_key(platform.vault.token_key(session))
            operator = None if found is None else tx.operators.by_name(found.operator)
            if found is not None and operator is not None:
                tx.operator_sessions.remove(found)
                _write(tx, operator, platform.now(), events.OperatorSignedOut())
            return SignedOut()

        return platform.transact(step)

    def change_password(
        self, session: Secret, *, current: Secret, new: Secret, again: Secret
    ) -> OperatorPasswordOutcome:
        """Replace *current* by *new*, which is entered twice."""
        platform = self._platform
        rules = platform.profile.operators.password

        def check(tx: Transaction) -> Rejected | SessionEnded | OutsideServiceHours | None:
            now = platform.now()
            found = session_of(platform, tx, session, now)
            if found is None:
                return SessionEnded()
            violations = entered_twice(rules, new, again, login_id=_account(found[1]).text)
            if rules.same(new, current):
                violations += (Violation("password.unchanged", field="new"),)
            return out_of_hours(platform, now) or (Rejected(violations) if violations else None)

        if (no := platform.transact(check)) is not None:
            return no
        held = self._reserve(lambda tx, now: self._whose(tx, session, now))
        if not isinstance(held, _Held):
            return held
        right = platform.vault.check(self._canonical(current), held.operator.password).right
        hashed = platform.vault.hash(self._canonical(new)) if right else ""
        return platform.transact(partial(self._changed, session, held, hashed))

    # --- reserve, verify, settle --------------------------------------------------------------------------------------

    def _find(self, institution: InstitutionId, typed: str, tx: Transaction, _: datetime) -> Operator:
        vault = self._platform.vault
        try:
            known = name_of(institution, OperatorId.parse(typed))
        except InvalidValue:
            known = ""
        key = vault.decoy_key(institution.code, "operator", known or typed)
        found = tx.operators.by_name(known, decoy_name(institution, key))
        return found or Operator.decoy(institution, key, vault.decoy_hash)

    def _whose(self, tx: Transaction, session: Secret, now: datetime) -> Operator | SessionEnded:
        found = session_of(self._platform, tx, session, now)
        return SessionEnded() if found is None else found[1]

    def _reserve(
        self, find: Callable[[Transaction, datetime], Operator | _NotFound]
    ) -> _Held | TryAgain | _Shut | _NotFound:
        """Take a ticket for one guess, in a durable commit; where *find* finds nobody, that is the answer."""
        platform, rule = self._platform, self._platform.profile.operators.lockout

        def step(tx: Transaction) -> _Held | TryAgain | _Shut | _NotFound:
            now = platform.now()
            operator = find(tx, now)
            if not isinstance(operator, Operator):
                return operator
            tally, verdict = rule.reserve(operator.tally, now)
            match verdict:
                case lockout.Reserved(ticket):
                    reserved = events.GuessReserved(_COUNTER, ticket.number)
                    return _Held(_count(tx, operator, tally, now, reserved), ticket)
                case lockout.Busy():
                    return TryAgain()
                case lockout.Locked() | lockout.Blocked():
                    if tally.lockouts > operator.tally.lockouts:
                        _count(tx, operator, tally, now)
                    return _told(verdict)
                case _ as never:
                    assert_never(never)

        try:
            return platform.transact(step)
        except Conflict:
            return TryAgain()

    def _settle(self, tx: Transaction, held: _Held, now: datetime, *, right: bool) -> Operator | Refused | _Shut:
        """Count the guess: the account to go on with, to be written by the caller, or the answer.

        Whatever ended the account's sessions since the reservation (another password, its end) ends this guess, too.
        """
        rule = self._platform.profile.operators.lockout
        operator = tx.operators.by_name(held.operator.name)
        assert operator is not None, "an account is never forgotten"
        number = held.ticket.number
        if right and operator.session_epoch == held.operator.session_epoch:
            tally, cleared = rule.settle_right(operator.tally, held.ticket, now)
            if isinstance(cleared, lockout.Cleared):
                return evolve(operator, tally=tally)
            _count(tx, operator, tally, now, events.GuessTooLate(_COUNTER, number))
            return Refused()
        tally, counted = rule.settle_wrong(operator.tally, held.ticket, now)
        wrong = events.GuessWrong(_COUNTER, number, type(counted).__name__.lower())
        _count(tx, operator, tally, now, events.GuessTooLate(_COUNTER, number) if right else wrong)
        return Refused() if isinstance(counted, lockout.Counted) else _told(counted)

    def _signed_in(self, held: _Held, tx: Transaction, *, right: bool, renewed: str | None) -> SignInOutcome:
        platform, now = self._platform, self._platform.now()
        operator = self._settle(tx, held, now, right=right)
        if not isinstance(operator, Operator):
            return operator
        session, until, token = self._open(operator, now)
        operator = operator if renewed is None else evolve(operator, password=renewed)
        _write(tx, operator, now, events.OperatorSignedIn(held.ticket.number))
        tx.operator_sessions.add(session)
        due = platform.profile.operators.password_age.due(operator.password_changed_at, now)
        return NewPasswordNeeded(token, until) if due else SignedIn(token, until)

    def _changed(self, session: Secret, held: _Held, hashed: str, tx: Transaction) -> OperatorPasswordOutcome:
        now = self._platform.now()
        operator = self._settle(tx, held, now, right=bool(hashed))
        if not isinstance(operator, Operator):
            return operator
        found = session_of(self._platform, tx, session, now)
        if found is None:
            _write(tx, operator, now, events.GuessRight(_COUNTER, held.ticket.number))
            return SessionEnded()
        operator = evolve(operator, password=hashed, password_changed_at=now).end_sessions()
        opened, _, token = self._open(operator, now)
        tx.operator_sessions.remove(found[0])
        tx.operator_sessions.add(evolve(opened, opened_at=found[0].opened_at))
        _write(tx, operator, now, events.OperatorPasswordChanged())
        return OperatorPasswordChanged(token)

    def _open(self, operator: Operator, now: datetime) -> tuple[OperatorSession, datetime, Secret]:
        token = self._platform.new_token()
        session = OperatorSession(
            key=token.key, operator=operator.name, epoch=operator.session_epoch, opened_at=now, used_at=now
        )
        return session, lives_until(self._platform, session, now) or now, token.secret

    def _canonical(self, password: Secret) -> Secret:
        return self._platform.profile.operators.password.canonical(password)


def _told(verdict: lockout.Locked | lockout.Blocked) -> _Shut:
    return LockedOut(verdict.until) if isinstance(verdict, lockout.Locked) else Blocked()


def _account(operator: Operator) -> OperatorId:
    assert operator.hand is not None, "a decoy lets nobody in"
    return operator.hand.operator


def _count(tx: Transaction, operator: Operator, tally: Tally, now: datetime, *happened: Event) -> Operator:
    """Write the counter with what happened; a lock or a block ends the account's sessions."""
    trips: tuple[Event, ...] = ()
    if tally.lockouts > operator.tally.lockouts:
        blocked = tally.blocked_since is not None
        trips = (events.Blocked(_COUNTER),) if blocked else (events.LockedOut(_COUNTER, tally.lockouts),)
        operator = operator.end_sessions()
    return _write(tx, evolve(operator, tally=tally), now, *happened, *trips)


def _write(tx: Transaction, operator: Operator, now: datetime, *happened: Event) -> Operator:
    """Write *operator*, new or read, with *happened* in its chain."""
    operator, entries = operator.recorded(now, *happened)
    if operator.version:
        tx.operators.put(operator)
    else:
        tx.operators.add(operator)
    tx.audit.append(entries)
    return operator


# --- What the holder of the keys does ---------------------------------------------------------------------------------


@frozen(kw_only=True)
class NewOperator:
    """An account to be opened, as typed."""

    operator: str
    person: str
    full_name: str
    roles: Collection[Role]
    branch: str | None = None
    """Where he works; None for the centre and the help desk."""


def register(
    platform: Platform, institution: InstitutionId, new: NewOperator, password: Secret
) -> Registered | Rejected:
    """Open an account, with a *password* that its bearer changes when he first signs in."""
    violations: list[Violation] = []

    def parsed(make: Callable[[str], _NotFound], text: str, field: str) -> _NotFound | None:
        try:
            return make(text)
        except InvalidValue as invalid:
            violations.append(invalid.violation.at(field))
            return None

    operator = parsed(OperatorId.parse, new.operator, "operator")
    person = parsed(PersonId.parse, new.person, "person")
    full_name = parsed(Line.parse, new.full_name, "full_name")
    branch = None if new.branch is None else parsed(Branch.parse, new.branch, "branch")
    if not new.roles:
        violations.append(Violation("operator.no_role", field="roles"))
    violations += platform.profile.operators.password.check(password, login_id=new.operator)
    if violations or operator is None or person is None:
        return Rejected(tuple(violations))
    account = Operator(
        institution=institution,
        name=name_of(institution, operator),
        hand=Hand(operator, person),
        status=OperatorStatus.ACTIVE,
        full_name=full_name,
        roles=frozenset(new.roles),
        branch=branch,
        password=_hashed(platform, password),
    )

    def step(tx: Transaction) -> Registered | Rejected:
        if tx.operators.by_name(account.name) is not None:
            return Rejected((Violation("operator.taken", field="operator"),))
        roles = tuple(sorted(role.value for role in account.roles))
        _write(tx, account, platform.now(), events.OperatorRegistered(person.text, roles))
        return Registered(operator.text)

    return platform.transact(step)


def renew(
    platform: Platform, institution: InstitutionId, operator: str, password: Secret
) -> Renewed | NoSuchOperator | Rejected:
    """Give an account another initial *password*: the way out of a block, and of a password that was forgotten."""
    if violations := platform.profile.operators.password.check(password, login_id=operator):
        return Rejected(violations)
    hashed = _hashed(platform, password)
    rule = platform.profile.operators.lockout

    def change(account: Operator) -> Operator:
        tally = rule.release(account.tally)
        return evolve(account, password=hashed, password_changed_at=None, tally=tally).end_sessions()

    done = _with_account(platform, institution, operator, change, events.OperatorRenewed())
    return Renewed(operator) if done else NoSuchOperator(operator)


def retire(platform: Platform, institution: InstitutionId, operator: str) -> Retired | NoSuchOperator:
    """Close an account for good; its chain stays."""

    def change(account: Operator) -> Operator:
        return evolve(account, status=OperatorStatus.RETIRED).end_sessions()

    done = _with_account(platform, institution, operator, change, events.OperatorRetired())
    return Retired(operator) if done else NoSuchOperator(operator)


def _with_account(
    platform: Platform, institution: InstitutionId, typed: str, change: Callable[[Operator], Operator], event: Event
) -> bool:
    """Write what *change* makes of the account in use that *typed* names; whether there is one."""
    try:
        name = name_of(institution, OperatorId.parse(typed))
    except InvalidValue:
        return False

    def step(tx: Transaction) -> bool:
        account = tx.operators.by_name(name)
        if account is None or account.status is not OperatorStatus.ACTIVE:
            return False
        _write(tx, change(account), platform.now(), event)
        return True

    return platform.transact(step)


def _hashed(platform: Platform, password: Secret) -> str:
    return platform.vault.hash(platform.profile.operators.password.canonical(password))
