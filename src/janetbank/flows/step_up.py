"""Step-up: a registered question or the confirmation password, within the session, for what needs more than a session.

    StepUp.ask     -> StepUpQuestion | a refusal
    StepUp.answer  -> SteppedUp (the session goes on under a new token) | a refusal
    StepUp.confirm -> Confirmed (likewise) | a refusal        where the bank has a second password
    StepUp.spend   -> Spent | ConfirmationNeeded | a refusal   for what the bank's own systems do by it

An answer counts for a while; the confirmation password for one act, which spends it (PRF-16).  Whoever may do nothing
but apply for a token steps up for that (LGN-11).

Source: AMB-21, AMB-26 (random, sticky; the counter is the one of logging in), AMB-39, RBA-13, PRF-16, CRD-15, TKN-11,
        LGN-11; ASVS 7.2.4 (rotated).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import gate, guess
from janetbank.flows.chains import keep
from janetbank.flows.guess import Held
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import OutsideServiceHours, Refused, SessionEnded, TryAgain
from janetbank.flows.sessions import (
    Found,
    SessionRefusal,
    ShortOf,
    find_session,
    in_session,
    reopen,
    short_of,
    spend,
    whose,
)
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import ConfirmationSpent, QuestionAnswered, QuestionAsked
from janetbank.model.events import Confirmed as ConfirmedEvent
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.policies.step_up import Guarded
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


@frozen
class Confirmed:
    """The confirmation password was right: the session may do one act of those that ask for it, by *until*.

    It goes on under its new token *session*.
    """

    session: Secret
    until: datetime
    code: ClassVar[str] = "confirmed"


@frozen
class Spent:
    """The act is authorised, and the confirmation with it: the next act takes another one."""

    code: ClassVar[str] = "confirmation_spent"


AskOutcome = StepUpQuestion | SessionRefusal
AnswerOutcome = SteppedUp | Refused | TryAgain | SessionRefusal
ConfirmOutcome = Confirmed | Refused | TryAgain | SessionRefusal
SpendOutcome = Spent | ShortOf | SessionRefusal


@frozen
class StepUp:
    """See the module."""

    _platform: Platform

    def ask(self, session: Secret) -> AskOutcome:
        """Which question to answer; the same until it is answered or locked."""
        if not self._platform.profile.asks_questions:
            return OutsideServiceHours(None)  # as whatever a bank does not have
        return in_session(self._platform, Operation.STEP_UP, session, self._ask, assurance=Assurance.APPLYING)

    def _ask(self, tx: Transaction, found: Found, now: datetime) -> StepUpQuestion:
        contract = found.contract
        asked = guess.question_for(self._platform, contract)
        tx.sessions.put(evolve(found.session, question=asked, used_at=now))
        contract = keep(tx, evolve(contract, asked=asked), now, QuestionAsked(0, asked, ("step_up",)))
        return StepUpQuestion(contract.questions[asked].question)

    def answer(self, session: Secret, answer: Secret) -> AnswerOutcome:
        """Answer the question that was asked."""
        platform = self._platform
        if (no := gate.out_of_hours(platform, Operation.STEP_UP, platform.now())) is not None:
            return no
        find, right = whose(platform, session, Assurance.APPLYING), partial(guess.answer_right, platform, answer)
        held = guess.verified(platform, Operation.STEP_UP, Counter.ANSWER, find, right)
        if not isinstance(held, Held):
            return held
        return platform.transact(partial(self._answered, session, held))

    def _answered(self, session: Secret, held: Held, tx: Transaction) -> AnswerOutcome:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        found = find_session(platform, tx, session, now, Assurance.APPLYING)
        if isinstance(found, SessionEnded):
            return found
        risen = evolve(found.session, question=None, used_at=now, stepped_up_at=now)
        token = reopen(platform, tx, risen, contract)
        keep(tx, evolve(contract, asked=None), now, QuestionAnswered(held.ticket.number))
        return SteppedUp(token, now + platform.profile.step_up_lifetime)

    def confirm(self, session: Secret, confirmation: Secret) -> ConfirmOutcome:
        """Show the *confirmation* password, exactly as it was chosen."""
        platform = self._platform
        if platform.profile.confirmation is None:
            return OutsideServiceHours(None)  # as whatever a bank does not have
        if (no := gate.out_of_hours(platform, Operation.CONFIRM, platform.now())) is not None:
            return no
        find = whose(platform, session, Assurance.APPLYING)
        right = partial(guess.confirmation_right, platform, confirmation)
        held = guess.verified(platform, Operation.CONFIRM, Counter.CONFIRMATION, find, right)
        if not isinstance(held, Held):
            return held
        return platform.transact(partial(self._confirmed, session, held))

    def _confirmed(self, session: Secret, held: Held, tx: Transaction) -> ConfirmOutcome:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        found = find_session(platform, tx, session, now, Assurance.APPLYING)
        if isinstance(found, SessionEnded):
            return found
        token = reopen(platform, tx, evolve(found.session, used_at=now, confirmed_at=now), contract)
        keep(tx, contract, now, ConfirmedEvent(held.ticket.number))
        return Confirmed(token, now + platform.profile.step_up_lifetime)

    def spend(self, session: Secret, act: Guarded) -> SpendOutcome:
        """Ask, before the bank's own systems do *act* (an investment trust's order), whether it is authorised."""

        def step(tx: Transaction, found: Found, now: datetime) -> SpendOutcome:
            if (no := short_of(self._platform, found.session, act, now)) is not None:
                return no
            spend(tx, found.session)
            keep(tx, found.contract, now, ConfirmationSpent(act.value))
            return Spent()

        return in_session(self._platform, Operation.CONFIRM, session, step)
