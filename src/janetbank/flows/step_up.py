"""Step-up: one registered question, answered within the session, for what needs more than a session.

    StepUp.ask    -> StepUpQuestion | a refusal
    StepUp.answer -> SteppedUp (the session goes on under a new token) | a refusal

Source: AMB-26 (random, sticky; the counter is the one of logging in), AMB-39, RBA-13; ASVS 7.2.4 (rotated).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import gate, guess
from janetbank.flows.guess import Held
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Refused, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, find_session, in_session, reopen, whose
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import QuestionAnswered, QuestionAsked
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret


@frozen
class StepUpQuestion:
    """Answer this registered *question*."""

    question: str
    code: ClassVar[str] = "step_up_question"


@frozen
class SteppedUp:
    """The answer was right: until *until* the session may do what asks for it, under its new token *session*."""

    session: Secret
    until: datetime
    code: ClassVar[str] = "stepped_up"


AskOutcome = StepUpQuestion | SessionRefusal
AnswerOutcome = SteppedUp | Refused | TryAgain | SessionRefusal


@frozen
class StepUp:
    """See the module."""

    _platform: Platform

    def ask(self, session: Secret) -> AskOutcome:
        """Which question to answer; the same until it is answered or locked."""
        return in_session(self._platform, Operation.STEP_UP, session, self._ask)

    def _ask(self, tx: Transaction, found: Found, now: datetime) -> StepUpQuestion:
        contract = found.contract
        asked = guess.question_for(self._platform, contract)
        tx.sessions.put(evolve(found.session, question=asked, used_at=now))
        contract, entries = evolve(contract, asked=asked).recorded(now, QuestionAsked(0, asked, ("step_up",)))
        tx.contracts.put(contract)
        tx.audit.append(entries)
        return StepUpQuestion(contract.questions[asked].question)

    def answer(self, session: Secret, answer: Secret) -> AnswerOutcome:
        """Answer the question that was asked."""
        platform = self._platform
        if (no := gate.out_of_hours(platform, Operation.STEP_UP, platform.now())) is not None:
            return no
        held = guess.reserve(platform, Operation.STEP_UP, Counter.ANSWER, whose(platform, session, Assurance.FULL))
        if not isinstance(held, Held):
            return held
        if not guess.answer_right(platform, held, answer):
            return guess.settle_wrong(platform, held)
        return platform.transact(partial(self._answered, session, held))

    def _answered(self, session: Secret, held: Held, tx: Transaction) -> AnswerOutcome:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        found = find_session(platform, tx, session, now, Assurance.FULL)
        if isinstance(found, SessionEnded):
            return found
        risen = evolve(found.session, question=None, used_at=now, stepped_up_at=now)
        token = reopen(platform, tx, risen, contract)
        contract, entries = evolve(contract, asked=None).recorded(now, QuestionAnswered(held.ticket.number))
        tx.contracts.put(contract)
        tx.audit.append(entries)
        return SteppedUp(token, now + platform.profile.step_up_lifetime)
