"""Resetting risk-based authentication online: identity form, call, card PIN (`flows.recover`).

What it brings: the old questions and answers are deleted, not kept; their counter, and no other, is open again, so that
a lock or block of the answers is released; all sessions have ended; every address is told.  At the next login new ones
must be registered before anything else can be done (`flows.duties`).

Source: RBR-01..10, RBA-14, LCK-09; AMB-6, 18; standards.md C34, C38.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.recover import CardRefusal, Due, Recover, StepRefusal, look
from janetbank.flows.refusals import Rejected
from janetbank.flows.typed import made
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import QuestionsReset as QuestionsResetEvent
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.recovery import Act
from janetbank.ports.storage import Transaction
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class QuestionsReset:
    """The questions are deleted: at the next login new ones are registered."""

    code: ClassVar[str] = "recovery.questions_reset"


ResetQuestionsOutcome = QuestionsReset | Rejected | CardRefusal | StepRefusal


@frozen(kw_only=True)
class ResetQuestions(Recover):
    """See the module."""

    _procedure = OnlineProcedure.QUESTIONS_RESET
    _operation = Operation.RESET_QUESTIONS
    _counter = Counter.ANSWER

    def reset(self, procedure: Secret, *, pin: Secret) -> ResetQuestionsOutcome:
        """Delete the registered questions, by the card's *pin* (RBR-08)."""
        due = self._take(procedure, Act.RESET, look)
        if not isinstance(due, Due):
            return due
        violations: list[Violation] = []
        card_pin = made(violations, "pin", partial(Pin.parse, pin))
        if card_pin is None:
            return Rejected(tuple(violations))

        def delete(_tx: Transaction, contract: Contract, now: datetime) -> tuple[Contract, tuple[Event, ...]]:
            released = self.platform.profile.lockout(Counter.ANSWER).release(contract.answer_tally)
            contract = evolve(contract, questions=(), asked=None, answer_tally=released, questions_reset_at=now)
            return contract, (QuestionsResetEvent(),)

        return self._complete(procedure, due, card_pin, delete, LetterCode.QUESTIONS_RESET, QuestionsReset())
