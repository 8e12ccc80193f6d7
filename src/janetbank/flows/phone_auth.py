"""Phone authentication, from the screen: select a registered number, be told where to call, see that it was recognised.

    registered -> the numbers                          as the host has them now, before the transaction
    choices -> PhoneChoices | NoEligiblePhone          which of them can be called from
    select  -> Selected | why not                      one, and what its carrier says of it, before the transaction
    start   -> Started | a refusal                     inside the transaction of the procedure that needs the call
    poll    -> Waiting | Recognised | an end           what the screen asks while the customer calls
    consume -> the contract | why not                  inside the transaction that goes on by it, once
    abort, cancel                                      back, and giving the procedure up

The calls themselves come in at `flows.phone_desk`.  An attempt belongs to the token that asked for it, a session's or a
procedure's: whoever holds another one is told that there is none, and nobody ends somebody else's.  When that session
or procedure has ended nobody can go on by the attempt, and the contract's next one takes its place, as if the same
token had begun anew: it counts, with the wrong digits keyed in it, and its number stays rented until its window ends.

Where the profile says so a carrier is asked whether the number changed hands lately (`policies.line_change`).  That may
take its time, so it is asked between transactions; what it said stands beside the number that it was asked about.

Shape:  what works inside a procedure's transaction takes its contract and returns it with the chain moved on; putting
        it is the procedure's, since a contract is written once in a transaction.
Errors: what the ports raise; KeyError for a purpose without rules.
Source: TEL-01, 02, 04..13, 15..18, 24, 25; AMB-3, 4, 9, 37; standards.md C25, C26, C29; TRAPS "Telephone".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, assert_never

from attrs import field, frozen

from janetbank.flows.chains import keep
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Rejected
from janetbank.flows.sessions import lives_until
from janetbank.flows.typed import can_name
from janetbank.model.contract import Contract
from janetbank.model.phone_attempt import PhoneAttempt, PhoneAuthEnded, PhoneAuthStarted, PhoneLineRefused
from janetbank.model.reissue import Reissue
from janetbank.model.session import Session
from janetbank.policies.destinations import Exhausted
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.line_change import NOTHING_SAID, LineChanges, LineRules
from janetbank.policies.phone_auth import CallerRules, Choice, Mode, Phase, PhoneAuthRules, Progress, TooMany
from janetbank.ports.carriers import Carriers
from janetbank.ports.storage import Transaction
from janetbank.ports.telephony import Exchange
from janetbank.values.caller import Route
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class PhoneChoices:
    """Select one of the registered numbers, by its index; those with a violation cannot be selected."""

    choices: tuple[Choice, ...]
    code: ClassVar[str] = "phone_auth.choices"


@frozen
class NoEligiblePhone:
    """No registered number can be recognised; each says why.  One has to be registered at the counter first."""

    choices: tuple[Choice, ...]
    code: ClassVar[str] = "phone_auth.no_eligible_phone"


@frozen(kw_only=True)
class Started:
    """Call *destination* from *source* and complete the call by *until*, that instant included.

    *screen_code* is what to key at the telephone, where that comes from the screen; *hints* are codes of texts, told
    with *excluded*, how numbers begin that cannot be recognised, and *rings*, after which a silent call ends.
    """

    attempt: str
    source: str
    destination: str
    until: datetime
    screen_code: Secret | None
    excluded: str
    rings: int
    hints: tuple[str, ...]
    code: ClassVar[str] = "phone_auth.started"


@frozen
class AnotherWaits:
    """Somebody else is authenticating for this contract by telephone; that is over after *until* at the latest."""

    until: datetime
    code: ClassVar[str] = "phone_auth.another_waits"


@frozen
class TooManyAttempts:
    """Too many wrong digits, or too many attempts: the next one may start at *until*."""

    until: datetime
    code: ClassVar[str] = "phone_auth.too_many_attempts"


@frozen
class LinesTaken:
    """Every number that this telephone could call is rented; one is free again after *until*."""

    until: datetime
    code: ClassVar[str] = "phone_auth.lines_taken"


@frozen
class LineChanged:
    """The number changed hands lately, as its carrier says: it can be called from again at *until*, others before."""

    until: datetime
    code: ClassVar[str] = "phone_auth.line_changed"


@frozen
class Waiting:
    """The call has not come, or is not complete; there is time by *until*."""

    until: datetime
    code: ClassVar[str] = "phone_auth.waiting"


@frozen
class Recognised:
    """The telephone has called; go on by *until*."""

    until: datetime
    code: ClassVar[str] = "phone_auth.recognised"


@frozen
class TimedOut:
    """The window has passed: start another attempt."""

    code: ClassVar[str] = "phone_auth.timed_out"


@frozen
class PhoneAborted:
    """The attempt was given up."""

    code: ClassVar[str] = "phone_auth.aborted"


@frozen
class WrongTooOften:
    """Wrong digits were keyed too often."""

    code: ClassVar[str] = "phone_auth.wrong_too_often"


@frozen
class NoSuchAttempt:
    """There is no such attempt of whoever asks, or it has served already."""

    code: ClassVar[str] = "phone_auth.no_such_attempt"


StartRefusal = NoEligiblePhone | Rejected | LineChanged | AnotherWaits | TooManyAttempts | LinesTaken
NotRecognised = Waiting | TimedOut | PhoneAborted | WrongTooOften | NoSuchAttempt
Standing = Recognised | NotRecognised

_HINTS: Mapping[Mode, tuple[str, ...]] = {
    Mode.SILENT: ("phone_auth.hint.silent",),
    Mode.VOICE: ("phone_auth.hint.voice", "phone_auth.hint.push_tones"),
    Mode.SCREEN_CODE: ("phone_auth.hint.screen_code", "phone_auth.hint.push_tones"),
}
_HINTS_BEFORE = ("phone_auth.hint.free", "phone_auth.hint.number_shown")
_HINTS_BETWEEN = ("phone_auth.hint.six_digits", "phone_auth.hint.stay")
_EXCLUDED = ("phone_auth.hint.excluded",)
_HINTS_AFTER = ("phone_auth.hint.no_ringing", "phone_auth.hint.smartphone")


def seal_digits(platform: Platform, attempt: str, call: str, digits: Secret) -> str:
    """What to store of *digits*, which are *call*'s ("": the attempt's)."""
    return platform.vault.seal(digits.reveal().encode(), "phone digits", attempt, call)


def draw_digits(platform: Platform, number: int) -> Secret:
    """So many random digits."""
    return Secret("".join(str(platform.entropy.below(10)) for _ in range(number)))


@frozen
class Selected:
    """*phone*, the registered number of that index, and what its carrier said of it, if one was asked."""

    phone: PhoneNumber
    choice: int
    changes: LineChanges


@frozen(kw_only=True)
class PhoneAuth:
    """See the module; *rules* by what the call is needed for.  Without *line_change* or *carriers* nobody is asked."""

    platform: Platform
    exchange: Exchange
    callers: CallerRules
    rules: Mapping[OnlineProcedure, PhoneAuthRules] = field(hash=False)
    line_change: LineRules | None
    carriers: Carriers | None

    def registered(self, contract: Contract) -> tuple[PhoneNumber, ...]:
        """The numbers that the host has registered now, for `choices` and `select`; outside any transaction.

        One that was taken off the record is no longer called from, and its next holder is nobody (TEL-04).
        """
        assert contract.account is not None, "whoever has a customer has an account"
        report = self.platform.core.account(contract.institution, contract.account)
        return () if report is None else report.holder.phones

    def choices(self, phones: Sequence[PhoneNumber]) -> PhoneChoices | NoEligiblePhone:
        """The registered *phones*, masked as the profile has it, as they are offered (TEL-02, 04, 05)."""
        choices = self.callers.choices(phones, self.platform.profile.phone_mask)
        eligible = any(choice.violation is None for choice in choices)
        return PhoneChoices(choices) if eligible else NoEligiblePhone(choices)

    def select(self, phones: Sequence[PhoneNumber], choice: int) -> Selected | NoEligiblePhone | Rejected:
        """Number *choice* of the registered *phones*, for `start`; outside any transaction."""
        if isinstance(none := self.choices(phones), NoEligiblePhone):
            return none
        phone = self.callers.select(phones, choice)
        if isinstance(phone, Violation):
            return Rejected((phone.at("phone"),))
        if self.line_change is None or self.carriers is None:
            return Selected(phone, choice, NOTHING_SAID)
        return Selected(phone, choice, self.carriers.last_changes(phone))

    def start(
        self,
        tx: Transaction,
        contract: Contract,
        selected: Selected | NoEligiblePhone | Rejected,
        *,
        asked_by: str,
        purpose: OnlineProcedure,
        now: datetime,
    ) -> tuple[Contract, Started] | StartRefusal:
        """Wait for a call from what was *selected*, or tell why that is nothing.

        *asked_by* is the digest of the asking token.  An attempt that the same token still had is aborted by this, and
        so is one that nobody can go on by any more.
        That a number is refused for what its carrier said is written here; no other refusal writes anything.
        """
        if not isinstance(selected, Selected):
            return selected
        if (changed := self._line(tx, contract, selected, now)) is not None:
            return changed
        phone = selected.phone
        latest = tx.phone_attempts.latest_of(contract.institution, contract.id)
        other = latest and latest.asked_by != asked_by and latest.at(now)
        if other and other.progress.live and self._asker_lives(tx, contract, other, now):
            return AnotherWaits(other.rules.until(other.progress))
        ended = latest and latest.moved(latest.rules.abort(latest.progress, now))
        rules = self.rules[purpose]
        progress = rules.begin(ended.progress if ended else None, now)
        if isinstance(progress, TooMany):
            return TooManyAttempts(progress.until)
        rentals = [attempt.rental for attempt in tx.phone_attempts.of_caller(phone)]
        destination = self.exchange.pool.rent(rentals, now, self.platform.entropy.below(1 << 32))
        if isinstance(destination, Exhausted):
            return LinesTaken(destination.until)
        if latest and ended:
            contract = _write(tx, contract, latest, ended, now)
        attempt, code = self._attempt(rules, progress, Route(phone, destination), contract, asked_by, purpose, latest)
        tx.phone_attempts.add(attempt)
        excluded = ", ".join(self.callers.excluded_prefixes)
        started = PhoneAuthStarted(attempt.id, purpose.value, rules.mode.value, selected.choice, destination.national)
        contract, entries = contract.recorded(now, started)
        tx.audit.append(entries)
        return contract, Started(
            attempt=attempt.id,
            source=phone.masked(self.platform.profile.phone_mask),
            destination=destination.national,
            until=attempt.window_end,
            screen_code=code,
            excluded=excluded,
            rings=rules.rings,
            hints=(
                *_HINTS_BEFORE,
                *(_EXCLUDED if excluded else ()),
                *_HINTS_BETWEEN,
                *_HINTS[rules.mode],
                *_HINTS_AFTER,
            ),
        )

    def poll(self, token: Secret, attempt: str) -> Standing:
        """How *attempt* stands, for the holder of the *token* that asked for it; nothing is written."""

        def step(tx: Transaction) -> Standing:
            found = self._own(tx, token, attempt)
            return NoSuchAttempt() if found is None else _standing(found.at(self.platform.now()))

        return self.platform.transact(step)

    def abort(self, token: Secret, attempt: str) -> Standing:
        """Go back or give up: a call that comes now is of no use (TEL-18, TEL-25).  Tells how it stands then."""

        def step(tx: Transaction) -> Standing:
            found = self._own(tx, token, attempt)
            if found is None:
                return NoSuchAttempt()
            now = self.platform.now()
            after = found.moved(found.rules.abort(found.progress, now))
            if after != found:
                contract = tx.contracts.by_id(found.institution, found.contract)
                assert contract is not None  # contracts are never deleted
                tx.contracts.put(_write(tx, contract, found, after, now))
            return _standing(after)

        return self.platform.transact(step)

    def cancel(self, tx: Transaction, contract: Contract, *, asked_by: str, now: datetime) -> Contract:
        """Abort whatever the asking token still has, where the procedure itself is given up."""
        latest = tx.phone_attempts.latest_of(contract.institution, contract.id)
        if latest is None or latest.asked_by != asked_by:
            return contract
        return _write(tx, contract, latest, latest.moved(latest.rules.abort(latest.progress, now)), now)

    def consume(
        self,
        tx: Transaction,
        contract: Contract,
        attempt: str,
        *,
        asked_by: str,
        purpose: OnlineProcedure,
        now: datetime,
    ) -> Contract | NotRecognised:
        """Go on by *attempt*, which the asking token started for this *purpose*: once, or the reason why not."""
        found = tx.phone_attempts.by_id(attempt) if can_name(attempt) else None
        asked = found and (found.institution, found.contract, found.asked_by, found.purpose)
        if found is None or asked != (contract.institution, contract.id, asked_by, purpose):
            return NoSuchAttempt()
        consumed = found.rules.consume(found.progress, now)
        if consumed is not None:
            return _write(tx, contract, found, found.moved(consumed), now)
        standing = _standing(found.at(now))
        assert not isinstance(standing, Recognised)  # what is verified is consumed
        return standing

    def _line(self, tx: Transaction, contract: Contract, selected: Selected, now: datetime) -> LineChanged | None:
        """Why it is not to be called from, by what its carrier said, or None."""
        changed = None if self.line_change is None else self.line_change.check(selected.changes, now)
        if changed is None:
            return None
        refused = PhoneLineRefused(selected.choice, tuple(change.value for change in changed.changes))
        keep(tx, contract, now, refused)
        return LineChanged(changed.until)

    def _attempt(
        self,
        rules: PhoneAuthRules,
        progress: Progress,
        route: Route,
        contract: Contract,
        asked_by: str,
        purpose: OnlineProcedure,
        latest: PhoneAttempt | None,
    ) -> tuple[PhoneAttempt, Secret | None]:
        """The new attempt, and what to show on the screen."""
        platform = self.platform
        identifier = platform.vault.identifier()
        code = draw_digits(platform, rules.digits) if rules.mode is Mode.SCREEN_CODE else None
        attempt = PhoneAttempt(
            id=identifier,
            institution=contract.institution,
            contract=contract.id,
            number=latest.number + 1 if latest else 1,
            asked_by=asked_by,
            purpose=purpose,
            route=route,
            rules=rules,
            progress=progress,
            digits=seal_digits(platform, identifier, "", code) if code else None,
        )
        return attempt, code

    def _asker_lives(self, tx: Transaction, contract: Contract, attempt: PhoneAttempt, now: datetime) -> bool:
        """Whether the session or procedure of *contract* that asked for *attempt* has not ended."""
        asker = tx.sessions.by_key(attempt.asked_by) or tx.procedures.by_key(attempt.asked_by)
        match asker:
            case None:
                return False
            case Session():
                return asker.epoch == contract.session_epoch and lives_until(self.platform, asker, now) is not None
            case Reissue():
                return asker.epoch == contract.session_epoch and now < asker.expires_at
            case _:
                return now < asker.expires_at

    def _own(self, tx: Transaction, token: Secret, attempt: str) -> PhoneAttempt | None:
        found = tx.phone_attempts.by_id(attempt) if can_name(attempt) else None
        return found if found and found.asked_by == self.platform.vault.token_key(token) else None


def _write(tx: Transaction, contract: Contract, before: PhoneAttempt, after: PhoneAttempt, now: datetime) -> Contract:
    """Write what has become of an attempt, if anything has, and say so in the contract's chain."""
    if after == before:
        return contract
    tx.phone_attempts.put(after)
    contract, entries = contract.recorded(now, PhoneAuthEnded(after.id, after.progress.phase.value))
    tx.audit.append(entries)
    return contract


def _standing(attempt: PhoneAttempt) -> Standing:
    until = attempt.rules.until(attempt.progress)
    match attempt.progress.phase:
        case Phase.PENDING | Phase.IN_CALL:
            return Waiting(until)
        case Phase.VERIFIED:
            return Recognised(until)
        case Phase.CONSUMED:
            return NoSuchAttempt()
        case Phase.EXPIRED:
            return TimedOut()
        case Phase.ABORTED:
            return PhoneAborted()
        case Phase.FAILED:
            return WrongTooOften()
        case _ as never:
            assert_never(never)
