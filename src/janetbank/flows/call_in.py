"""Logging in by a call, from a place that is not known, at a bank that asks no questions.

    CallIn.phones -> PhoneChoices | NoEligiblePhone | a refusal
    CallIn.call   -> Started (call now) | a refusal
    CallIn.poll   -> how the call stands
    CallIn.abort
    CallIn.enter  -> LoggedIn | a duty | not yet | a refusal

The challenge is what logging in told with `CallAsked`: the password was right, and nothing more was shown.
Whoever has one-time passwords in use is asked for one instead, and never comes here.

Shape:  outcomes are closed unions; the session is opened once, by the attempt that its own challenge has started.
Source: AMB-40; standards.md C13 (no questions), C25..C27 (another channel, which the screen and the telephone tie
        together), C29; TRAPS "the challenge is keyed by the caller's number".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from attrs import frozen

from janetbank.flows.entry import Entry, EntryOutcome, let_in
from janetbank.flows.phone_auth import (
    NoEligiblePhone,
    NotRecognised,
    PhoneAuth,
    PhoneChoices,
    Standing,
    Started,
    StartRefusal,
)
from janetbank.flows.platform import Platform
from janetbank.flows.sessions import Found, SessionRefusal, in_session
from janetbank.model.contract import Contract
from janetbank.model.session import Assurance
from janetbank.policies.admission import Operation
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret

_Told = TypeVar("_Told")

CallOutcome = Started | StartRefusal | SessionRefusal
EnterOutcome = EntryOutcome | NotRecognised | SessionRefusal


@frozen(kw_only=True)
class CallIn:
    """See the module."""

    platform: Platform
    phone_auth: PhoneAuth

    def phones(self, challenge: Secret) -> PhoneChoices | NoEligiblePhone | SessionRefusal:
        """The registered numbers to choose from."""
        contract = self._contract(challenge)
        if not isinstance(contract, Contract):
            return contract
        return self.phone_auth.choices(self.phone_auth.registered(contract))

    def call(self, challenge: Secret, phone: int) -> CallOutcome:
        """Wait for a call from registered number *phone* (an index of `phones`)."""
        contract = self._contract(challenge)
        if not isinstance(contract, Contract):
            return contract
        selected = self.phone_auth.select(self.phone_auth.registered(contract), phone)

        def act(tx: Transaction, found: Found, now: datetime) -> Started | StartRefusal:
            started = self.phone_auth.start(
                tx,
                found.contract,
                selected,
                asked_by=found.session.key,
                purpose=OnlineProcedure.LOG_IN,
                now=now,
            )
            if not isinstance(started, tuple):
                return started
            contract, told = started
            tx.contracts.put(contract)
            return told

        return self._challenged(challenge, act)

    def poll(self, challenge: Secret, attempt: str) -> Standing | SessionRefusal:
        """How the call stands; nothing is written."""
        return self._refused(challenge) or self.phone_auth.poll(challenge, attempt)

    def abort(self, challenge: Secret, attempt: str) -> Standing | SessionRefusal:
        """Go back, or give up: a call that comes now is of no use."""
        return self._refused(challenge) or self.phone_auth.abort(challenge, attempt)

    def enter(self, challenge: Secret, attempt: str) -> EnterOutcome:
        """Go on by the call, once: the session may do everything, with a new token, and the place is known."""
        return self._challenged(challenge, partial(self._enter, attempt))

    def _enter(self, attempt: str, tx: Transaction, found: Found, now: datetime) -> EntryOutcome | NotRecognised:
        pending = found.session
        contract = self.phone_auth.consume(
            tx, found.contract, attempt, asked_by=pending.key, purpose=OnlineProcedure.LOG_IN, now=now
        )
        if not isinstance(contract, Contract):
            return contract
        tx.sessions.remove(pending)
        return let_in(self.platform, tx, contract, Entry(pending.place, pending.channel, pending.by, 0, now))

    def _contract(self, challenge: Secret) -> Contract | SessionRefusal:
        """Whose challenge this is, for what is asked before the transaction."""
        return self._challenged(challenge, lambda _tx, found, _now: found.contract)

    def _refused(self, challenge: Secret) -> SessionRefusal | None:
        return self._challenged(challenge, lambda _tx, _found, _now: None)

    def _challenged(
        self, challenge: Secret, act: Callable[[Transaction, Found, datetime], _Told]
    ) -> _Told | SessionRefusal:
        return in_session(self.platform, Operation.CALL_IN, challenge, act, assurance=Assurance.CALL)
