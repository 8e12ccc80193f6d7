"""Proving: an instruction that takes a code is authorised by one, of a token or by mail.

Source: OTP-06, OTP-11, OTP-21, PRF-17, MAL-10, TRF-01; AMB-22; docs/decisions/0001; TRAPS "One-time passwords".
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import gate, guess
from janetbank.flows.guess import Held
from janetbank.flows.instructions import NotAuthorised, move
from janetbank.flows.mail_password import awaited, right, still_awaited
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import OutsideServiceHours, Refused, SessionEnded, TryAgain
from janetbank.flows.sessions import Found, SessionRefusal, find_session, lives_on
from janetbank.flows.tokens import spend_code
from janetbank.model.contract import Contract, Counter
from janetbank.model.instruction import Instruction
from janetbank.model.session import Assurance
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.instruction import InstructionState
from janetbank.policies.step_up import Proof
from janetbank.policies.token import TokenState
from janetbank.ports.storage import Transaction
from janetbank.values.instruction import InstructionKind
from janetbank.values.secret import Secret


@frozen
class Authorised:
    """Everything that the instruction needs was shown; it may be executed."""

    reference: str
    code: ClassVar[str] = "instruction.authorised"


@frozen
class _Waiting(Found):
    """Whose *instruction* waits for the proof."""

    instruction: Instruction


_NotWaiting = SessionEnded | OutsideServiceHours | NotAuthorised
CodeOutcome = Authorised | NotAuthorised | Refused | TryAgain | SessionRefusal


def by_code(
    platform: Platform,
    operation: Operation,
    session: Secret,
    reference: str,
    code: Secret,
    kinds: Collection[InstructionKind],
) -> CodeOutcome:
    """Authorise the instruction, of one of these *kinds*, by a *code*; what waits for none takes none."""
    find = partial(_found, platform, operation, session, reference, kinds, Proof.CODE)
    return guess.at_once(platform, operation, Counter.CODE, find, partial(_entered, platform, code))


def by_mail(
    platform: Platform, session: Secret, reference: str, password: Secret, kinds: Collection[InstructionKind]
) -> CodeOutcome:
    """Authorise the instruction, of one of these *kinds*, by the *password* that was mailed for it."""
    operation = Operation.PROVE_BY_MAIL
    find = partial(_found, platform, operation, session, reference, kinds, Proof.MAIL_PASSWORD)
    return guess.at_once(platform, operation, Counter.MAIL_PASSWORD, find, partial(_mailed, platform, password))


def _found(
    platform: Platform,
    operation: Operation,
    session: Secret,
    reference: str,
    kinds: Collection[InstructionKind],
    proof: Proof,
    tx: Transaction,
    now: datetime,
) -> _Waiting | _NotWaiting:
    """Whose instruction it is that waits for this *proof*."""
    found = find_session(platform, tx, session, now, Assurance.FULL)
    if isinstance(found, SessionEnded):
        return found
    if (no := gate.out_of_hours(platform, operation, now)) is not None:
        return no
    there = awaited(tx, found.contract, reference, kinds, proof)
    return NotAuthorised() if there is None else _Waiting(found.session, found.contract, found.until, there)


def _entered(platform: Platform, code: Secret, held: Held, tx: Transaction) -> CodeOutcome:
    now, found = platform.now(), held.by
    assert isinstance(found, _Waiting)
    if not lives_on(platform, tx, found.session, held.contract, now):
        return SessionEnded()
    there = still_awaited(tx, found.instruction)
    spent = spend_code(platform, tx, held, code, now, _in_use)
    if not isinstance(spent, tuple):
        return spent
    contract, token = spent
    if there is None:
        tx.contracts.put(contract)
    else:
        move(tx, contract, evolve(there, state=InstructionState.AUTHORISED), now)
    tx.tokens.put(token)
    return NotAuthorised() if there is None else Authorised(there.reference)


def _mailed(platform: Platform, password: Secret, held: Held, tx: Transaction) -> CodeOutcome:
    now, found = platform.now(), held.by
    assert isinstance(found, _Waiting)
    if not lives_on(platform, tx, found.session, held.contract, now):
        return SessionEnded()
    there = still_awaited(tx, found.instruction)
    if there is None or not right(platform, tx, held.contract, there, password):
        return guess.count_wrong(platform, tx, held, now)
    contract = guess.settle_right(platform, tx, held, now)
    if not isinstance(contract, Contract):
        return contract
    move(tx, contract, evolve(there, state=InstructionState.AUTHORISED, mailed=None), now)
    return Authorised(there.reference)


def _in_use(token: Token) -> bool:
    return token.state is TokenState.IN_USE
