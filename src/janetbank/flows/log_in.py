"""Logging in: by login id or by account, with the password; from an unusual place with a registered question too.

    LogIn.with_login_id / with_account -> LoggedIn | QuestionAsked | CodeAsked | CallAsked | a duty | a refusal
    LogIn.answer                       -> LoggedIn | CodeAsked | a duty | a refusal
    LogIn.enter_code                   -> LoggedIn | a duty | a refusal
    LogIn.register_questions           -> LoggedIn | the next duty | a refusal      after QuestionsNeeded
    LogIn.choose_password              -> LoggedIn | the next duty | a refusal      after PasswordChangeNeeded
    LogIn.choose_passwords             -> LoggedIn | the next duty | a refusal      after PasswordsNeeded
    LogIn.register_customer            -> LoggedIn | the next duty | a refusal      after CustomerDataNeeded

On a channel that takes a token, whoever has none is told TokenWanted wherever it says LoggedIn here: he can but apply
for one (`flows.issue_token`).

Whoever logs in for the first time, by the password of a notice, goes on by these, one after the other; where he breaks
off, the next login goes on where he was, for a while (ENR-33..38, AMB-23).

Where a reset has deleted the questions none can be asked, from however unusual a place.  What stands in for it: the
code of the token in use, which is asked for there on every channel; and, token or not, that the reset took the identity
form, a call from a registered telephone and the card's PIN, was told to every address, and that the login which follows
opens nothing but the registration of new questions, of which all addresses are told again.

A bank may ask no questions at all: then an unusual place takes the token's code, or, of who has none, a call from his
registered telephone (`flows.call_in`).

Whoever is unknown is counted on a decoy: the same work, the same answers, the same lockout (docs/decisions/0004).

Shape:  outcomes are closed unions; a token is given out once and kept only as its digest.
Source: LGN-01, LGN-03, RBA-01, RBA-10, RBA-11, CRD-07, CRD-08, LCK-01..03, 10, 11, 16, LGN-09,
        LGN-11, LGN-12, OTP-04, RBA-14, RBR-09, SUS-03, ENR-32..38, LGN-14, LGN-15; AMB-1, 7, 23, 26.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import duties, gate, guess, password_proof
from janetbank.flows.duties import CustomerData, DutyOutcome, NewPasswords
from janetbank.flows.entry import (
    DutyNeeded,
    Entry,
    EntryOutcome,
    LoggedIn,
    PasswordChangeNeeded,
    QuestionsNeeded,
    let_in,
    open_session,
    store,
)
from janetbank.flows.guess import Held
from janetbank.flows.letters import notify
from janetbank.flows.password_proof import Name, Proved, by_account, by_login_id
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import (
    Closed,
    OutsideServiceHours,
    ProvisionalExpired,
    Refused,
    SessionEnded,
    TryAgain,
)
from janetbank.flows.sessions import find_session, place_of, whose
from janetbank.flows.tokens import spend_code
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import CallAsked as CallAskedEvent
from janetbank.model.events import CodeAsked as CodeAskedEvent
from janetbank.model.events import QuestionAnswered, TokenMoved
from janetbank.model.events import QuestionAsked as QuestionAskedEvent
from janetbank.model.letter import LetterCode
from janetbank.model.session import Assurance
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.risk import Unusual
from janetbank.policies.token import TokenEvent, TokenState
from janetbank.ports.storage import Transaction
from janetbank.values.environment import Environment
from janetbank.values.identifiers import InstitutionId
from janetbank.values.secret import Secret

__all__ = [
    "AnswerOutcome",
    "CallAsked",
    "CodeAsked",
    "CodeOutcome",
    "DutyNeeded",
    "DutyOutcome",
    "LogIn",
    "LogInOutcome",
    "LogInRefusal",
    "LoggedIn",
    "PasswordChangeNeeded",
    "QuestionAsked",
    "QuestionsNeeded",
]


@frozen
class QuestionAsked:
    """The password was right and the place is unusual: answer the registered *question* with this *challenge*."""

    challenge: Secret
    question: str
    until: datetime
    code: ClassVar[str] = "question_asked"


@frozen
class CodeAsked:
    """Everything else was right; enter the code that the token app shows, with this *challenge* (LGN-09)."""

    challenge: Secret
    until: datetime
    code: ClassVar[str] = "code_asked"


@frozen
class CallAsked:
    """The password was right and the place is unusual: call from a registered telephone with this *challenge*."""

    challenge: Secret
    until: datetime
    code: ClassVar[str] = "call_asked"


LogInRefusal = Refused | TryAgain | Closed | OutsideServiceHours | ProvisionalExpired
LogInOutcome = EntryOutcome | QuestionAsked | CodeAsked | CallAsked | LogInRefusal
AnswerOutcome = EntryOutcome | CodeAsked | CallAsked | LogInRefusal | SessionEnded
CodeOutcome = EntryOutcome | LogInRefusal | SessionEnded


@frozen
class LogIn:
    """See the module."""

    _platform: Platform

    def with_login_id(
        self, institution: InstitutionId, login_id: str, password: Secret, *, seen_from: Environment
    ) -> LogInOutcome:
        """Log in by login id, as typed (LGN-03; acceptance is wider than registration: CRD-07, AMB-1)."""
        name = by_login_id(self._platform, institution, login_id)
        return self._log_in(name, password, seen_from)

    def with_account(
        self,
        institution: InstitutionId,
        branch: str,
        account_type: str,
        number: str,
        password: Secret,
        *,
        seen_from: Environment,
    ) -> LogInOutcome:
        """Log in by the representative account: branch, type, number, as typed (LGN-03)."""
        if not self._platform.profile.login_by_account:
            return OutsideServiceHours(None)  # as whatever a bank does not have
        name = by_account(self._platform, institution, branch, account_type, number)
        return self._log_in(name, password, seen_from)

    def answer(self, challenge: Secret, answer: Secret) -> AnswerOutcome:
        """Answer the question that was asked (RBA-10): right, and the session may do everything, with a new token."""
        platform = self._platform
        if (no := gate.out_of_hours(platform, Operation.ANSWER, platform.now())) is not None:
            return no
        find, right = whose(platform, challenge, Assurance.PASSWORD), partial(guess.answer_right, platform, answer)
        held = guess.verified(platform, Operation.ANSWER, Counter.ANSWER, find, right)
        if not isinstance(held, Held):
            return held
        return platform.transact(partial(self._answered, challenge, held))

    def _answered(self, challenge: Secret, held: Held, tx: Transaction) -> AnswerOutcome:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        found = find_session(platform, tx, challenge, now, Assurance.PASSWORD)
        if isinstance(found, SessionEnded):
            return found
        pending = found.session
        tx.sessions.remove(pending)
        entry = Entry(pending.place, pending.channel, pending.by, held.ticket.number, now)
        return self._enter(tx, evolve(contract, asked=None), entry, QuestionAnswered(held.ticket.number))

    def enter_code(self, challenge: Secret, code: Secret) -> CodeOutcome:
        """Enter the token's code: right, and the session may do everything, with a new token (LGN-09).

        Where the use of the codes had not begun it begins with this (LGN-12, OTP-04).
        """
        platform = self._platform
        if (no := gate.out_of_hours(platform, Operation.ENTER_CODE, platform.now())) is not None:
            return no
        find = whose(platform, challenge, Assurance.CODE)
        settle = partial(self._code_entered, challenge, code)
        return guess.at_once(platform, Operation.ENTER_CODE, Counter.CODE, find, settle)

    def register_questions(
        self, challenge: Secret, questions: Sequence[tuple[str, Secret]], *, acknowledged: bool
    ) -> DutyOutcome:
        """Register questions and answers in the place of those that were deleted (RBA-14)."""
        return duties.register_questions(self._platform, challenge, questions, acknowledged=acknowledged)

    def choose_password(self, challenge: Secret, *, new: Secret, again: Secret) -> DutyOutcome:
        """Choose another password, entered twice, where the present one may no longer be used (SUS-03)."""
        return duties.choose_password(self._platform, challenge, new, again)

    def choose_passwords(self, challenge: Secret, chosen: NewPasswords) -> DutyOutcome:
        """Choose both passwords, in the place of those of a notice (ENR-34)."""
        return duties.choose_passwords(self._platform, challenge, chosen)

    def register_customer(self, challenge: Secret, data: CustomerData, *, confirmation: Secret) -> DutyOutcome:
        """Name a mail address, a telephone and limits, by the new *confirmation* password (ENR-36..38)."""
        return duties.register_customer(self._platform, challenge, data, confirmation)

    def _code_entered(self, challenge: Secret, code: Secret, held: Held, tx: Transaction) -> CodeOutcome:
        platform, now = self._platform, self._platform.now()
        found = find_session(platform, tx, challenge, now, Assurance.CODE)
        if isinstance(found, SessionEnded):
            return found
        spent = spend_code(platform, tx, held, code, now, _shows_codes)
        if not isinstance(spent, tuple):
            return spent
        contract, token = spent
        begins = token.can(TokenEvent.START_USE)
        token = token.on(TokenEvent.START_USE, now) if begins else token
        if begins:
            notify(platform, tx, contract, LetterCode.TOKEN_IN_USE, now)
        pending = found.session
        tx.sessions.remove(pending)
        entry = Entry(pending.place, pending.channel, pending.by, held.ticket.number, now)
        told = let_in(platform, tx, contract, entry, TokenMoved(token.number, token.state.value))
        tx.tokens.put(token)
        return told

    def _log_in(self, name: Name, password: Secret, seen_from: Environment) -> LogInOutcome:
        proved = password_proof.prove(self._platform, Operation.LOG_IN, name, password)
        if not isinstance(proved, Proved):
            return proved
        return self._platform.transact(partial(self._password_right, name, seen_from, proved))

    def _password_right(self, name: Name, seen_from: Environment, proved: Proved, tx: Transaction) -> LogInOutcome:
        platform, now = self._platform, self._platform.now()
        contract = password_proof.accept(platform, tx, proved, now)
        if not isinstance(contract, Contract):
            return contract
        rules = platform.profile.provisional
        if contract.provisional_until is not None and rules is not None:
            contract = evolve(contract, provisional_until=rules.begun(contract.provisional_until, now))
        place = place_of(platform, seen_from)
        entry = Entry(place, seen_from.channel, name.by, proved.held.ticket.number, now)
        risk = platform.profile.risk.assess(contract.places, place)
        if isinstance(risk, Unusual) and contract.questions:
            return self._ask(tx, contract, entry, risk.reasons)
        return self._enter(tx, contract, entry, unasked=isinstance(risk, Unusual))

    def _ask(self, tx: Transaction, contract: Contract, entry: Entry, reasons: tuple[str, ...]) -> QuestionAsked:
        """Open a session that can do nothing but answer; the question stays until it is answered or locked."""
        platform = self._platform
        asked = guess.question_for(platform, contract)
        session, token = open_session(platform, contract, entry, Assurance.PASSWORD, asked)
        event = QuestionAskedEvent(entry.ticket, asked, reasons)
        store(tx, evolve(contract, asked=asked), session, entry, event)
        until = entry.at + platform.profile.sessions.challenge
        return QuestionAsked(token, contract.questions[asked].question, until)

    def _enter(
        self, tx: Transaction, contract: Contract, entry: Entry, *events: Event, unasked: bool = False
    ) -> EntryOutcome | CodeAsked | CallAsked:
        """Let in, or ask for a code where the channel takes one and the customer has a token that shows codes.

        *unasked*: the place is unusual and there was no question to ask, so every channel takes one; and of who has no
        token a call is asked, where the bank never asks questions.
        """
        platform = self._platform
        if unasked or entry.channel in platform.profile.token.login_channels:
            token = tx.tokens.latest_of(contract.institution, contract.id)
            # A locked token asks as well: the door of its code is closed, and there is no way around it.
            if token is not None and (_shows_codes(token) or token.state is TokenState.LOCKED):
                session, challenge = open_session(platform, contract, entry, Assurance.CODE, None)
                store(tx, contract, session, entry, *events, CodeAskedEvent(entry.ticket))
                return CodeAsked(challenge, entry.at + platform.profile.sessions.challenge)
        if unasked and not platform.profile.asks_questions:
            session, challenge = open_session(platform, contract, entry, Assurance.CALL, None)
            store(tx, contract, session, entry, *events, CallAskedEvent(entry.ticket))
            return CallAsked(challenge, entry.at + platform.profile.sessions.challenge)
        return let_in(platform, tx, contract, entry, *events)


def _shows_codes(token: Token) -> bool:
    return token.state in {TokenState.PROVISIONED, TokenState.IN_USE}
