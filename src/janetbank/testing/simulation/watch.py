"""Watch: what must hold after every commit of a simulated bank, by a model that is none of the bank's.

The model reads the audit entries that were committed, and counts for itself: it knows tickets by their number and
their time, and nothing of tallies.  Whatever the bank lets happen that the model does not is a broken law.

* A secret is evaluated only for a guess that stands in the audit chain, and once for each.
* A guess is reserved only while the door is open, and while failures and guesses in flight leave room for it; so never
  more are evaluated between two successes than the rule says.
* Who is locked, blocked or suspended is let in nowhere; who is in has a session of the present epoch, not too old.
* Whatever closes a door or changes what lets in ends the sessions, and is told by letter, in the same transaction.
* A contract waits for one call at most, and none but a call from the registered telephone itself is recognised.
* No money moves without the proof of that very text, nor twice.
* Each chain in the store is the one that was committed, and unbroken.

Shape:  `committed`, `evaluating`, `entered` and the rest are called as things happen; each raises `LawBroken`.
Source: issue 7, part 2; LCK-01..03, 10, 11, 16; TEL-15; TRF-01, TRF-09; MAL-01; OPS-10.
"""

from collections import Counter as Count
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from itertools import pairwise

from attrs import define, field

from janetbank.model.audit import GENESIS, Entry
from janetbank.model.contract import Contract, Counter
from janetbank.model.letter import Letter, LetterCode
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.model.session import Session
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.lockout import Lockout
from janetbank.policies.phone_auth import LIVE, Phase
from janetbank.ports.clock import Clock
from janetbank.ports.storage import Storage
from janetbank.profiles.profile import Profile
from janetbank.testing.simulation.faults import Writes
from janetbank.values.instruction import Content, InstructionKind, Transfer

_OPERATORS = "operator:"
_DOORS = ("password", "answer")
"""The counters that close every door of a contract."""

_LETTERS: Mapping[str, LetterCode] = {
    "PasswordChanged": LetterCode.PASSWORD_CHANGED,
    "LoginIdChanged": LetterCode.LOGIN_ID_CHANGED,
    "PasswordReset": LetterCode.PASSWORD_RESET,
    "QuestionsReset": LetterCode.QUESTIONS_RESET,
}
_CLOSED_BY = {
    ("LockedOut", "password"): LetterCode.LOCKED_OUT,
    ("LockedOut", "answer"): LetterCode.LOCKED_OUT,
    ("Blocked", "password"): LetterCode.BLOCKED,
    ("Blocked", "answer"): LetterCode.BLOCKED,
    ("Blocked", "code"): LetterCode.TOKEN_LOCKED,
    ("Blocked", "start_password"): LetterCode.TOKEN_VOID,
}
_SETTLED = frozenset({"GuessWrong", "GuessTooLate", "GuessGivenBack"})


class Law(Enum):
    """What must hold."""

    RESERVED = "a guess is in the audit chain before it is evaluated"
    NO_MORE = "no more guesses are evaluated between two successes than the rule says"
    ROOM = "nothing is evaluated while the door is closed, and no more than there is room for"
    IN_TIME = "who is too late is not let in"
    CHAINS = "chains are unbroken"
    PIN = "nobody resets without the card's PIN"
    TELEPHONE = "only the registered telephone is recognised"
    TOLD = "whatever closes or changes is told by letter"
    ENDED = "whatever closes or changes ends the sessions"
    BLOCKED = "blocked exactly after so many locks"
    ONE_CALL = "one call at most is waited for"
    OUT = "nobody is in while the door is closed"
    EPOCH = "sessions are of the present epoch"
    AGE = "sessions end in time"
    ONCE = "no money moves twice"
    PROVED = "no money moves without its proof"
    LETTERS = "every letter leaves in the end"
    OUTCOMES = "nothing but outcomes and the ports' failures comes out"


class LawBroken(Exception):  # noqa: N818 -- it states what happened
    """*law* does not hold; *what* says of whom, and how."""

    def __init__(self, law: Law, what: str, chain: str = "") -> None:
        super().__init__(f"{law.value}: {what}")
        self.law, self.what, self.chain = law, what, chain


@define
class Guesses:
    """One counter of one chain, counted from its audit entries alone."""

    rule: Lockout
    failed: list[int] = field(factory=list[int])
    due: dict[int, datetime] = field(factory=dict[int, datetime])
    """When each guess in flight becomes a failure."""
    cleared: set[int] = field(factory=set[int])
    """Those in flight that a later success has cleared."""
    evaluated: list[tuple[int, datetime]] = field(factory=list[tuple[int, datetime]])
    """Every guess since the last success, with its time: kept beside the rest, which could be wrong."""
    lockouts: int = 0
    until: datetime | None = None
    blocked: bool = False

    def look(self, now: datetime) -> None:
        """Let time have done its work."""
        for ticket, deadline in sorted(self.due.items(), key=lambda one: one[1]):
            if deadline <= now and ticket in self.due:
                self.fail(ticket, deadline)
        if self.until is not None and self.until <= now:
            self.until = None

    def fail(self, ticket: int, at: datetime) -> None:
        """A guess in flight was wrong, or is too late."""
        del self.due[ticket]
        self.failed.append(ticket)
        if len(self.failed) < self.rule.trips_at:
            return
        self.failed, self.due, self.lockouts = [], {}, self.lockouts + 1
        self.blocked = self.rule.rest is None or self.lockouts >= self.rule.lockouts_to_block
        self.until = None if self.blocked or self.rule.rest is None else at + self.rule.rest

    def full(self) -> bool:
        """Whether no further guess may be in flight."""
        return len(self.failed) + len(self.due) >= self.rule.trips_at

    def succeed(self, ticket: int) -> bool:
        """A right guess was settled; whether it could be."""
        if ticket in self.cleared:
            return True
        if ticket not in self.due:
            return False
        self.cleared |= {one for one in self.due if one < ticket}
        self.due = {one: at for one, at in self.due.items() if one > ticket}
        self.failed = [one for one in self.failed if one > ticket]
        self.evaluated = [one for one in self.evaluated if one[0] > ticket]
        self.lockouts = 0
        return True

    def release(self) -> None:
        """Somebody has opened the counter again."""
        self.failed, self.due, self.evaluated, self.lockouts, self.until, self.blocked = [], {}, [], 0, None, False
        self.cleared = set()


@define
class Door:
    """What the model knows of one chain's owner."""

    guesses: dict[str, Guesses] = field(factory=dict[str, Guesses])
    suspended: bool = False
    epoch: int = 0
    somebody: bool = False
    """Whether it is a customer's, who gets letters."""
    waiting: PhoneAttempt | None = None
    seq: int = 0
    digest: str = GENESIS

    def closed(self, now: datetime) -> str | None:
        """Why nobody gets in, or None."""
        for name in _DOORS:
            if (guesses := self.guesses.get(name)) is not None:
                guesses.look(now)
                if guesses.blocked:
                    return f"blocked by the {name}"
                if guesses.until is not None:
                    return f"locked by the {name} until {guesses.until:%H:%M:%S}"
        return "suspended" if self.suspended else None


@define
class Held:
    """The guess that a step has reserved and not settled."""

    chain: str
    counter: str
    ticket: int
    evaluated: bool = False


@define
class Frame:
    """What one step, or one that happens in its middle, has under way."""

    held: Held | None = None
    owner_calls: str | None = None
    """The chain of the customer from whose telephone a call is under way."""
    knows_pin: bool = True
    no_guess: bool = False
    """Whether what is evaluated next is no guess: whoever must change his password has just proved it."""


@define
class _Seat:
    chain: str
    epoch: int
    opened: datetime
    used: datetime


@define(eq=False)
class Watch:
    """See the module."""

    profile: Profile
    clock: Clock
    doors: dict[str, Door] = field(factory=dict[str, Door], init=False)
    frames: list[Frame] = field(factory=lambda: [Frame()], init=False)
    seats: dict[str, _Seat] = field(factory=dict[str, _Seat], init=False)
    letters: set[str] = field(factory=set[str], init=False)
    """What was written and not yet sent."""
    proved: dict[str, tuple[str, bool]] = field(factory=dict[str, tuple[str, bool]], init=False)
    """By reference: the digest of the text that was authorised, and whether by a code."""
    paid: set[str] = field(factory=set[str], init=False)
    days: dict[datetime, Count[str]] = field(factory=dict[datetime, Count[str]], init=False)
    """How often what happened, by day."""
    totals: Count[str] = field(factory=Count[str], init=False)

    @property
    def frame(self) -> Frame:
        """That of the step under way."""
        return self.frames[-1]

    def count(self, what: str) -> None:
        """Note that it happened."""
        day = self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        self.days.setdefault(day, Count())[what] += 1
        self.totals[what] += 1

    def door(self, chain: str) -> Door:
        """What is known of *chain*'s owner."""
        return self.doors.setdefault(chain, Door())

    # --- evaluating ---------------------------------------------------------------------------------------------------

    def evaluating(self) -> None:
        """A secret is evaluated, now, by the step under way."""
        if self.frame.no_guess:
            self.frame.no_guess = False
            return
        self.count("evaluated")
        held = self.frame.held
        if held is None or held.evaluated:
            law = Law.RESERVED
            raise LawBroken(law, "a secret was evaluated without a guess reserved for it", held.chain if held else "")
        held.evaluated = True
        self._add_evaluated(held)

    def _add_evaluated(self, held: Held) -> None:
        now, guesses = self.clock.now(), self._guesses(held.chain, held.counter)
        if held.ticket in guesses.cleared:
            return
        guesses.evaluated.append((held.ticket, now))
        rule, times = guesses.rule, [at for _, at in guesses.evaluated]
        law = Law.NO_MORE
        if len(times) > rule.guesses_to_block:
            raise LawBroken(law, f"{held.counter}: guess number {len(times)} since the last success", held.chain)
        first = len(times) - rule.trips_at - 1
        if rule.rest is not None and first >= 0 and now - times[first] < rule.rest:
            what = f"{held.counter}: {rule.trips_at + 1} guesses in {now - times[first]}"
            raise LawBroken(law, what, held.chain)

    def _guesses(self, chain: str, counter: str) -> Guesses:
        there = self.door(chain).guesses
        if counter not in there:
            operators = chain.startswith(_OPERATORS)
            there[counter] = Guesses(
                self.profile.operators.lockout if operators else self.profile.lockout(Counter(counter))
            )
        return there[counter]

    # --- commits ------------------------------------------------------------------------------------------------------

    def committed(self, writes: Writes) -> None:
        """A transaction has written this."""
        entries: dict[str, list[Entry]] = {}
        put: dict[str, Contract] = {}
        letters: list[Letter] = []
        for name, what in writes:
            if name == "audit.append":
                for entry in what:
                    entries.setdefault(entry.chain, []).append(entry)
            elif name.startswith("contracts."):
                put[what.id.text] = what
            elif name == "outbox.add":
                letters += what
            elif name == "sessions.add":
                self._seated(what)
            else:
                self._waited(what)
        self.letters |= {letter.id for letter in letters}
        for chain in {**entries, **put}:  # in the order in which they were written
            self._moved(chain, entries.get(chain, []), put.get(chain), letters)

    def _moved(
        self, chain: str, entries: Sequence[Entry], contract: Contract | None, letters: Sequence[Letter]
    ) -> None:
        door, now = self.door(chain), self.clock.now()
        self._linked(door, entries)
        for guesses in door.guesses.values():
            guesses.look(now)
        reserved = [entry for entry in entries if entry.kind == "GuessReserved"]
        coded = False if reserved else self._settled(chain, entries)
        before = door.epoch
        if contract is not None:
            door.epoch = contract.session_epoch
            door.somebody |= contract.status is not ContractStatus.DECOY
        for entry in entries:
            self._happened(door, entry, letters, ended=door.epoch > before, coded=coded)
        for entry in reserved:
            self._reserved(door, entry, now)

    def _linked(self, door: Door, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.previous != door.digest or entry.seq != door.seq + 1:
                raise LawBroken(Law.CHAINS, f"{entry.kind} does not follow what was there", entry.chain)
            door.seq, door.digest = entry.seq, entry.digest

    def _reserved(self, door: Door, entry: Entry, now: datetime) -> None:
        counter, ticket = str(entry.data["counter"]), entry.data["ticket"]
        assert isinstance(ticket, int)
        guesses = self._guesses(entry.chain, counter)
        law = Law.ROOM
        if (why := door.closed(now)) is not None or (guesses.blocked or guesses.until is not None):
            raise LawBroken(law, f"a guess was reserved while {why or f'the {counter} rests'}", entry.chain)
        if guesses.full():
            what = f"{len(guesses.failed)} guesses at the {counter} have failed, {len(guesses.due)} are in flight"
            raise LawBroken(law, what, entry.chain)
        guesses.due[ticket] = now + guesses.rule.patience
        self.frame.held = Held(entry.chain, counter, ticket)
        if counter == "code":  # which is evaluated without the pepper, in the transaction that settles it
            self.frame.held.evaluated = True
            self.count("evaluated")
            self._add_evaluated(self.frame.held)

    def _settled(self, chain: str, entries: Sequence[Entry]) -> bool:
        """Settle the guess that the step has under way, if this commit does; whether it was a right code."""
        held = self.frame.held
        if held is None or held.chain != chain:
            return False
        self.frame.held = None
        guesses, told = self._guesses(chain, held.counter), {entry.kind for entry in entries}
        if _SETTLED.isdisjoint(told):
            if not guesses.succeed(held.ticket):
                raise LawBroken(Law.IN_TIME, f"ticket {held.ticket} counted no more", chain)
            guesses.cleared.discard(held.ticket)
            return held.counter == "code"
        if "GuessGivenBack" in told:
            guesses.due.pop(held.ticket, None)
        elif "GuessWrong" in told and held.ticket in guesses.due:
            guesses.fail(held.ticket, self.clock.now())
        elif "GuessTooLate" in told and held.ticket in guesses.due:
            guesses.fail(held.ticket, self.clock.now())  # in time, but for a secret that is another one now
        guesses.cleared.discard(held.ticket)
        return False

    def _happened(self, door: Door, entry: Entry, letters: Sequence[Letter], *, ended: bool, coded: bool) -> None:
        """One event, and what has to come with it."""
        data, kind = entry.data, entry.kind
        counter = str(data.get("counter", ""))
        wanted = _LETTERS.get(kind) or _CLOSED_BY.get((kind, counter))
        if kind in {"LockedOut", "Blocked"}:
            self._closed(door, entry, counter)
        if kind == "CaseMoved":
            wanted = self._case(door, entry) or wanted
        if kind in {"PasswordReset", "QuestionsReset"}:
            if not self.frame.knows_pin:
                raise LawBroken(Law.PIN, kind, entry.chain)
            self._guesses(entry.chain, "password" if kind == "PasswordReset" else "answer").release()
        if kind == "InstructionMoved" and data["state"] == "authorised":
            self.proved[str(data["reference"])] = str(data["digest"]), coded
        if kind == "PhoneCallNoted" and data["phase"] == Phase.VERIFIED.value and self.frame.owner_calls != entry.chain:
            raise LawBroken(Law.TELEPHONE, str(data["verdict"]), entry.chain)
        if wanted is None or entry.chain.startswith(_OPERATORS):
            return
        if door.somebody and not any(letter.code is wanted for letter in letters):
            raise LawBroken(Law.TOLD, f"{kind} without {wanted.name}", entry.chain)
        if counter not in {"code", "start_password"} and wanted not in _OPENING and not ended:
            raise LawBroken(Law.ENDED, kind, entry.chain)

    def _closed(self, door: Door, entry: Entry, counter: str) -> None:
        guesses = self._guesses(entry.chain, counter)
        blocks = entry.kind == "Blocked"
        if blocks != guesses.blocked:
            what = f"{entry.kind} where {guesses.lockouts} lockouts came in a row"
            raise LawBroken(Law.BLOCKED, what, entry.chain)
        if door.somebody:
            self.count("blocks" if blocks else "lockouts")

    def _case(self, door: Door, entry: Entry) -> LetterCode | None:
        match entry.data["kind"], entry.data["state"]:
            case "suspension", "stop_entered":
                door.suspended = True
                self.count("suspensions")
                return LetterCode.SUSPENDED
            case "suspension_release", "approved":
                door.suspended = False
                return LetterCode.SUSPENSION_RELEASED
            case "block_release", "approved":
                subject = str(entry.data["subject"])
                self._guesses(entry.chain, subject.removesuffix("_block")).release()
                return LetterCode.BLOCK_RELEASED
            case _:
                return None

    def _seated(self, session: Session) -> None:
        now = self.clock.now()
        self.seats[session.key] = _Seat(session.contract.text, session.epoch, now, now)

    def _waited(self, attempt: PhoneAttempt) -> None:
        """At most one attempt of a contract can still come to something."""
        door, now = self.door(attempt.contract.text), self.clock.now()
        other = door.waiting
        if other is not None and other.id != attempt.id:
            if _live(other, now) and _live(attempt, now):
                raise LawBroken(Law.ONE_CALL, f"{other.id} and {attempt.id}", attempt.contract.text)
            if attempt.number < other.number:
                return
        door.waiting = attempt

    # --- what was told ------------------------------------------------------------------------------------------------

    def entered(self, chain: str, session: str, what: str) -> None:
        """*what* let somebody into *chain*, or do something there with the session that has this key ("": none)."""
        now = self.clock.now()
        if (why := self.door(chain).closed(now)) is not None:
            raise LawBroken(Law.OUT, f"{what} while {why}", chain)
        if not session:
            return
        seat = self.seats.get(session)
        rules = self.profile.sessions
        if seat is None or seat.chain != chain or seat.epoch != self.door(chain).epoch:
            raise LawBroken(Law.EPOCH, what, chain)
        if now - seat.opened >= rules.absolute or now - seat.used >= rules.idle:
            raise LawBroken(Law.AGE, f"{what} after {now - seat.used}", chain)
        seat.used = now

    def executed(self, content: Content) -> None:
        """The host has done *content*."""
        self.count("executed")
        if content.reference in self.paid:
            raise LawBroken(Law.ONCE, content.reference)
        self.paid.add(content.reference)
        digest, coded = self.proved.get(content.reference, ("", False))
        if digest != content.digest:
            raise LawBroken(Law.PROVED, f"{content.reference} was not authorised as it was done")
        needs_code = isinstance(content, Transfer) and content.kind is InstructionKind.AD_HOC_TRANSFER
        if needs_code and not coded:
            raise LawBroken(Law.PROVED, f"{content.reference} was proved by no code")

    def sent(self, letter: str) -> None:
        """A letter has left."""
        self.letters.discard(letter)

    # --- the store ----------------------------------------------------------------------------------------------------

    def audit(self, storage: Storage, chain: str) -> None:
        """What the store holds of *chain* is what was committed."""
        door = self.door(chain)
        with storage.transaction() as tx:
            entries = list(tx.audit.chain(chain))
        whole = len(entries) == door.seq and (not entries or entries[-1].digest == door.digest)
        linked = all(after.previous == before.digest for before, after in pairwise(entries))
        if not (whole and linked and all(entry.intact for entry in entries)):
            raise LawBroken(Law.CHAINS, "the store holds another chain than was committed", chain)


_OPENING = frozenset({LetterCode.SUSPENSION_RELEASED, LetterCode.BLOCK_RELEASED})
"""What opens a door; there is nobody inside to be put out."""


def _live(attempt: PhoneAttempt, now: datetime) -> bool:
    return attempt.progress.phase in LIVE and now <= attempt.rules.until(attempt.progress)
