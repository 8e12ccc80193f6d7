"""Proving: an instruction that takes a code is authorised by one.

Source: OTP-06, OTP-11, TRF-01; docs/decisions/0001; TRAPS "One-time passwords".
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import gate, guess
from janetbank.flows.guess import Held
from janetbank.flows.instructions import NotAuthorised, move, own
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Closed, OutsideServiceHours, Refused, SessionEnded, TryAgain
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

    def waiting(tx: Transaction, now: datetime) -> Found | _NotWaiting:
        found = find_session(platform, tx, session, now, Assurance.FULL)
        if isinstance(found, SessionEnded):
            return found
        if (no := gate.out_of_hours(platform, operation, now)) is not None:
            return no
        return NotAuthorised() if _waiting(tx, found.contract, reference, kinds) is None else found

    held: Held | Closed | TryAgain | _NotWaiting = guess.reserve(platform, operation, Counter.CODE, waiting)
    if not isinstance(held, Held):
        return held
    return platform.transact(partial(_entered, platform, reference, kinds, held, code))


def _entered(
    platform: Platform,
    reference: str,
    kinds: Collection[InstructionKind],
    held: Held,
    code: Secret,
    tx: Transaction,
) -> CodeOutcome:
    now, session = platform.now(), held.session
    assert session is not None  # it was found by one
    if not lives_on(platform, tx, session, held.contract, now):
        return SessionEnded()
    there = _waiting(tx, held.contract, reference, kinds)
    spent = spend_code(platform, tx, held, code, now, _in_use)
    if not isinstance(spent, tuple):
        return spent
    contract, token = spent
    tx.tokens.put(token)
    if there is None:
        tx.contracts.put(contract)
        return NotAuthorised()
    move(tx, contract, evolve(there, state=InstructionState.AUTHORISED), now)
    return Authorised(reference)


def _waiting(
    tx: Transaction, contract: Contract, reference: str, kinds: Collection[InstructionKind]
) -> Instruction | None:
    there = own(tx, contract, reference, kinds)
    waits = there is not None and there.state is InstructionState.PROOF_AWAITED and there.proof is Proof.CODE
    return there if waits else None


def _in_use(token: Token) -> bool:
    return token.state is TokenState.IN_USE
