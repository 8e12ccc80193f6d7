"""Approving: the token app shows what is to be executed, and answers for it with the token's key.

    Approve.pending -> the instructions that wait, as the bank will execute them
    Approve.approve -> Approved | a refusal          the answer is OCRA's, over the digest of the instruction
    Approve.decline -> Declined | a refusal

An answer is evaluated like every secret: a wrong one counts as a wrong code does.  Where nothing waits for it it is
neither evaluated nor counted: an app that answers twice, or late, locks nobody out.

Source: TXA-04, AMB-32, C29..C31, C33; RFC 6287; TRAPS "the app's answer signs a nonce, not the payee and the amount".
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import guess
from janetbank.flows.guess import Held
from janetbank.flows.instructions import NotAuthorised, move, own
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Closed, OutsideServiceHours, Refused, SessionEnded, TryAgain
from janetbank.flows.tokens import AppKey, NoToken, answer_key, for_app, token_of_app, whose_app
from janetbank.model.contract import Contract, Counter
from janetbank.model.instruction import Instruction
from janetbank.model.token import Token
from janetbank.policies import approval as approvals
from janetbank.policies.admission import Operation
from janetbank.policies.approval import APP_SUITE, TYPED_SUITE, Approval
from janetbank.policies.instruction import InstructionState
from janetbank.policies.ocra import Suite
from janetbank.ports.storage import Transaction
from janetbank.values.instruction import Transfer
from janetbank.values.secret import Secret

_SUITES = (Suite(APP_SUITE), Suite(TYPED_SUITE))


@frozen
class Pending:
    """What waits for an answer, by its reference, each with the last instant for it."""

    transfers: tuple[tuple[Transfer, datetime], ...]
    code: ClassVar[str] = "approval.pending"


@frozen
class Approved:
    """The instruction may be executed."""

    code: ClassVar[str] = "approval.approved"


@frozen
class Declined:
    """The instruction will not be executed."""

    code: ClassVar[str] = "approval.declined"


ApproveOutcome = Approved | NotAuthorised | Refused | TryAgain | NoToken | Closed | OutsideServiceHours
DeclineOutcome = Declined | NotAuthorised | NoToken | Closed | OutsideServiceHours


@frozen
class Approve:
    """See the module."""

    _platform: Platform

    def pending(self, app: AppKey) -> Pending | NoToken | Closed | OutsideServiceHours:
        """What waits for the holder of *app*, whole: he approves what he sees (C30)."""

        def act(tx: Transaction, contract: Contract, _: Token, now: datetime) -> Pending:
            rules = self._platform.profile.token.approval
            waiting = tx.instructions.waiting_of(contract.institution, contract.id)
            return Pending(
                tuple(
                    (one.content, rules.until(one.approval))
                    for one in waiting
                    if isinstance(one.content, Transfer)
                    if one.approval is not None and rules.at(one.approval, now) == one.approval
                )
            )

        return for_app(self._platform, Operation.APPROVE, app, act)

    def approve(self, app: AppKey, reference: str, answer: Secret) -> ApproveOutcome:
        """Approve by the *answer* of the token to the digest of what it showed."""

        def waits(tx: Transaction, contract: Contract, _token: Token, _now: datetime) -> NotAuthorised | None:
            return None if _waiting(tx, contract, reference) else NotAuthorised()

        if (no := for_app(self._platform, Operation.APPROVE, app, waits)) is not None:
            return no
        find, settle = whose_app(self._platform, app), partial(self._approve, app, reference, answer)
        told = guess.at_once(self._platform, Operation.APPROVE, Counter.CODE, find, settle)
        return NoToken() if isinstance(told, SessionEnded) else told

    def decline(self, app: AppKey, reference: str) -> DeclineOutcome:
        """Decline: the instruction is refused for good."""

        def act(tx: Transaction, contract: Contract, _: Token, now: datetime) -> Declined | NotAuthorised:
            if (waiting := _waiting(tx, contract, reference)) is None:
                return NotAuthorised()
            there, asked = waiting
            approval, verdict = self._platform.profile.token.approval.decline(asked, now)
            move(tx, contract, evolve(there, approval=approval, state=InstructionState.REFUSED), now)
            return Declined() if isinstance(verdict, approvals.Declined) else NotAuthorised()

        return for_app(self._platform, Operation.APPROVE, app, act)

    def _approve(self, app: AppKey, reference: str, answer: Secret, held: Held, tx: Transaction) -> ApproveOutcome:
        platform, now = self._platform, self._platform.now()
        if (waiting := _waiting(tx, held.contract, reference)) is None:
            # Answered, or ended, since the look before: there is nothing that the answer could be wrong for.
            guess.count_nothing(platform, tx, held, now)
            return NotAuthorised()
        there, asked = waiting
        token, digest = token_of_app(platform, tx, app, now), there.content.digest
        right = token is not None and self._answers(token, digest, answer, now)
        if not right:
            return guess.count_wrong(platform, tx, held, now)
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        approval, verdict = platform.profile.token.approval.approve(asked, digest, now, right=right)
        approved = isinstance(verdict, approvals.Approved)
        state = InstructionState.AUTHORISED if approved else InstructionState.REFUSED
        move(tx, contract, evolve(there, approval=approval, state=state), now)
        return Approved() if approved else NotAuthorised()

    def _answers(self, token: Token, digest: str, answer: Secret, now: datetime) -> bool:
        assert token.seed is not None  # an app has its key together with its seed
        tolerance = self._platform.profile.token.approval.tolerance
        key = answer_key(self._platform.vault.open(token.seed, *token.row))
        return any([suite.verify(key, answer, digest, now=now, tolerance=tolerance) for suite in _SUITES])  # noqa: C419 -- both


def _waiting(tx: Transaction, contract: Contract, reference: str) -> tuple[Instruction, Approval] | None:
    """What waits for an answer of the app, and what it was asked; what waits for a code is asked nothing there."""
    there = own(tx, contract, reference)
    if there is None or there.state is not InstructionState.PROOF_AWAITED or there.approval is None:
        return None
    return there, there.approval
