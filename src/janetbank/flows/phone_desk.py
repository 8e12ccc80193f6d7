"""Phone desk: what the exchange is told to do with the calls that come in.

    report_call   -> Reject | RingAndDrop | Script
    report_keys   -> Script | Goodbye
    report_hangup

A call is matched by one look into one index, by from whom and to where.  Every call is noted: in the chain of the
contract whose attempt it is for, or of the one whose attempt waits for this caller at another number; a call that is
meant for nobody's attempt has a chain of its own, in which the caller's number does not stand.

Shape:  the port's `Desk`; what decides is the policy, what is told is the port's.
Errors: what the ports raise: nothing was decided then, and the exchange ends the call.
Source: TEL-03, 05, 06, 12, 13, 15, 16, 18; AMB-3, 4, 35, 37; issue 3 parts 1 to 3; docs/decisions/0003 (what a power
        cut may forget: that a call was of no use).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from attrs import evolve, frozen

from janetbank.flows.phone_auth import draw_digits, seal_digits
from janetbank.flows.platform import Platform
from janetbank.flows.typed import as_name
from janetbank.model.audit import ChainHead, record
from janetbank.model.phone_attempt import PhoneAttempt, PhoneCallNoted, StrayCall
from janetbank.policies.phone_auth import CallerRules, Mode, Verdict
from janetbank.ports.storage import Transaction
from janetbank.ports.telephony import (
    CallAnswer,
    Goodbye,
    IncomingCall,
    KeysAnswer,
    Reject,
    RingAndDrop,
    Script,
)
from janetbank.values.caller import Route
from janetbank.values.secret import Secret

_ASK = {Mode.VOICE: "voice.key_spoken", Mode.SCREEN_CODE: "voice.key_shown"}
_GOODBYE = {Verdict.VERIFIED: "voice.recognised", Verdict.CALL_SPENT: "voice.call_again"}


@frozen(kw_only=True)
class PhoneDesk:
    """See the module."""

    platform: Platform
    callers: CallerRules

    def report_call(self, call: IncomingCall) -> CallAnswer:
        """What to do with *call*."""
        call = evolve(call, id=as_name(call.id))
        caller = self.callers.recognise(call.identity)
        if isinstance(caller, Verdict):
            return self._stray(call, caller)
        answer = self.platform.transact(partial(self._called, call, Route(caller, call.dialled)))
        return answer or self._stray(call, Verdict.WRONG_CALLER)

    def report_keys(self, call: str, keys: Secret, at: datetime) -> KeysAnswer:
        """What to do now that *keys* have been keyed in *call*."""
        return self.platform.transact(partial(self._keyed, as_name(call), keys, at))

    def report_hangup(self, call: str, at: datetime) -> None:
        """*call* has ended; where nobody had told us, the next call would have ended it."""
        call = as_name(call)

        def step(tx: Transaction) -> None:
            attempt = tx.phone_attempts.by_call(call)
            if attempt is None:
                return
            progress = attempt.rules.hang_up(attempt.progress, call, at)
            if progress != attempt.progress:
                self._note(tx, attempt, attempt.moved(progress), call, Verdict.HUNG_UP)

        self.platform.transact(step, durable=False)

    def _called(self, call: IncomingCall, came: Route, tx: Transaction) -> CallAnswer | None:
        attempt = tx.phone_attempts.by_route(came) or _awaited_elsewhere(tx, came, call.at)
        if attempt is None:
            return None
        rules = attempt.rules
        progress, verdict = rules.call(attempt.progress, attempt.route, came, call.id, call.at)
        spoken, sealed = None, None
        if verdict is Verdict.ANSWERED and rules.mode is Mode.VOICE:
            spoken = draw_digits(self.platform, rules.digits)
            sealed = seal_digits(self.platform, attempt.id, call.id, spoken)
        self._note(tx, attempt, attempt.moved(progress, sealed), call.id, verdict)
        match verdict:
            case Verdict.VERIFIED:
                return RingAndDrop(rules.rings)
            case Verdict.ANSWERED:
                return Script(("voice.greeting", "voice.push_tones", _ASK[rules.mode]), spoken, rules.digits)
            case _:
                return Reject(verdict)

    def _keyed(self, call: str, keys: Secret, at: datetime, tx: Transaction) -> KeysAnswer:
        attempt = tx.phone_attempts.by_call(call)
        if attempt is None:
            return _goodbye(Verdict.HUNG_UP)
        digits = self._digits(attempt, call)
        progress, verdict = attempt.rules.keys(attempt.progress, call, at, right=digits == keys)
        self._note(tx, attempt, attempt.moved(progress), call, verdict)
        if verdict is not Verdict.WRONG_DIGITS:
            return _goodbye(verdict)
        spoken = digits if attempt.rules.mode is Mode.VOICE else None
        return Script(("voice.wrong", _ASK[attempt.rules.mode]), spoken, attempt.rules.digits)

    def _digits(self, attempt: PhoneAttempt, call: str) -> Secret | None:
        """What is to be keyed now, if anything is."""
        if attempt.digits is None:
            return None
        of = call if attempt.rules.mode is Mode.VOICE else ""
        return Secret(self.platform.vault.open(attempt.digits, "phone digits", attempt.id, of).decode())

    def _note(self, tx: Transaction, before: PhoneAttempt, after: PhoneAttempt, call: str, verdict: Verdict) -> None:
        """Write the attempt, if it has changed, and what the call came to."""
        contract = tx.contracts.by_id(after.institution, after.contract)
        assert contract is not None  # contracts are never deleted
        noted = PhoneCallNoted(after.id, call, verdict.value, after.progress.phase.value)
        contract, entries = contract.recorded(self.platform.now(), noted)
        if after != before:
            tx.phone_attempts.put(after)
        tx.contracts.put(contract)
        tx.audit.append(entries)

    def _stray(self, call: IncomingCall, verdict: Verdict) -> Reject:
        chain = f"call-{self.platform.vault.identifier()}"
        event = StrayCall(call.id, call.dialled.national, verdict.value)
        _, entry = record(ChainHead(), chain, self.platform.now(), event)
        self.platform.transact(lambda tx: tx.audit.append([entry]), durable=False)
        return Reject(verdict)


def _awaited_elsewhere(tx: Transaction, came: Route, at: datetime) -> PhoneAttempt | None:
    """The newest attempt that waits for this caller at another number now."""
    awaited = [one for one in tx.phone_attempts.of_caller(came.caller) if one.progress.start <= at <= one.window_end]
    return max(awaited, key=lambda one: (one.progress.start, one.id), default=None)


def _goodbye(verdict: Verdict) -> Goodbye:
    return Goodbye((_GOODBYE.get(verdict, "voice.not_recognised"),), verdict)
