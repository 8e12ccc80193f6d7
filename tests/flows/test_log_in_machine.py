"""Logging in, stepping up, changing the password and waiting, in any order: each answer against a model of its own.

The model knows neither tickets nor versions: it counts failures, remembers when each entry in flight falls due, and
keeps a list of who is in.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from attrs import Factory, define, evolve
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from janetbank.flows import gate
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.log_in import LoggedIn, QuestionAsked
from janetbank.flows.log_out import LoggedOut
from janetbank.flows.refusals import Blocked, Closed, LockedOut, Refused, SessionEnded, Suspended, TryAgain
from janetbank.flows.step_up import SteppedUp, StepUpQuestion
from janetbank.flows.use_session import InSession
from janetbank.policies.admission import Operation
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import CAFE, HOME, Enrollee, TestBank
from janetbank.values.account import Account
from janetbank.values.environment import Environment
from janetbank.values.secret import Secret
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.scene import (
    HANAKO,
    MINUTE,
    REST,
    SECOND,
    TICK,
    WRONG,
    WRONG_ANSWER,
    contract_of,
    entries_of,
    rewrite,
    with_account,
    with_password,
)

PHONE = Environment(device="a-telephone", network="192.0.2.1", platform="ios")
PASSWORDS = ("soil7+rain", "vase3#lamp", "oak&frost9", "moss-kite5")
IDLE, ABSOLUTE, CHALLENGE, PATIENCE = 5 * MINUTE, 60 * MINUTE, 5 * MINUTE, 30 * SECOND


class Way(Protocol):
    """A way in: by login id or by account, with the right password unless another one is given."""

    def __call__(
        self, there: TestBank, who: Enrollee, password: Secret | None = None, *, seen_from: Environment = HOME
    ) -> object:
        """What is told."""
        ...


@define
class Count:
    """One secret's wrong entries."""

    failures: int = 0
    due: list[datetime] = Factory(list[datetime])
    """When each entry in flight becomes a failure."""
    lockouts: int = 0
    until: datetime | None = None
    blocked: bool = False
    unseen: bool = False
    """Locked by what died in flight, which nobody has come across yet."""

    def look(self, now: datetime) -> None:
        """Let time have done its work."""
        for due in sorted(self.due):
            if due <= now and due in self.due:
                self.due.remove(due)
                self.unseen |= self.fail(due)
        if self.until is not None and self.until <= now:
            self.until = None

    def fail(self, at: datetime) -> bool:
        """One more failure; whether it locked."""
        self.failures += 1
        if self.failures < 7:
            return False
        self.failures, self.due, self.lockouts = 0, [], self.lockouts + 1
        self.blocked = self.lockouts == 3
        self.until = None if self.blocked else at + REST
        return True

    def clear(self) -> None:
        """A right entry."""
        self.failures, self.due, self.lockouts = 0, [], 0


@define
class Seat:
    """Somebody who is in, or has a question left."""

    token: Secret
    owner: "Side"
    epoch: int
    opened: datetime
    used: datetime
    pending: bool
    place: Environment
    question: str | None = None
    gone: bool = False

    def alive(self, now: datetime) -> bool:
        """Whether he still is."""
        if self.gone or self.epoch != self.owner.epoch:
            return False
        if self.pending:
            return now < self.opened + CHALLENGE
        return now < min(self.opened + ABSOLUTE, self.used + IDLE)


@define(eq=False)
class Side:
    """One customer, or one whom nobody knows, and the ways in that lead to him."""

    who: Enrollee
    ways: tuple[Way, ...]
    known: bool = True
    password: Count = Factory(Count)
    answer: Count = Factory(Count)
    suspended: bool = False
    epoch: int = 0
    asked: str | None = None
    places: set[str | None] = Factory(lambda: {HOME.device})

    def closed(self, now: datetime) -> Closed | None:
        """Why the door is closed, the worst first."""
        for count in (self.password, self.answer):
            count.look(now)
        if self.suspended:
            return Suspended()
        if self.password.blocked or self.answer.blocked:
            return Blocked()
        until = self.password.until or self.answer.until
        return LockedOut(until) if until else None

    def refused(self, count: Count, now: datetime) -> object:
        """What is told of a guess before it is evaluated, or None."""
        closed = self.closed(now)
        if count.unseen and (closed is None or count.until or count.blocked):
            count.unseen = False
            self.throw_out(count)
        if closed is not None:
            return closed
        return TryAgain() if count.failures + len(count.due) >= 7 else None

    def wrong(self, count: Count, now: datetime) -> object:
        """What is told of a wrong entry."""
        if count.fail(now):
            self.throw_out(count)
        return self.closed(now) or Refused()

    def throw_out(self, count: Count) -> None:
        """A lock or block was come across: everybody is out, and another question will be asked."""
        self.epoch += 1
        if count is self.answer:
            self.asked = None


SIDES = st.integers(0, 3)
SEATS = st.integers(0, 3)
PLACES = st.sampled_from([HOME, PHONE, CAFE])
WAITS = st.sampled_from(
    [TICK, SECOND, PATIENCE - TICK, PATIENCE, MINUTE, IDLE - TICK, IDLE, REST - TICK, REST, REST + PATIENCE]
)


class Walk(RuleBasedStateMachine):
    """Two customers with two names each, and two names of nobody."""

    def __init__(self) -> None:
        """Open the bank."""
        super().__init__()
        self.store = MemoryStorage()
        self.there = TestBank(storage=self.store)
        taro = self.there.customer()
        hanako = self.there.customer("yuki73kd", person=HANAKO)
        nobody = evolve(taro, login_id="nobody99", person=evolve(HANAKO, account=Account.parse("321", "普通", "7")))
        self.sides = [
            Side(taro, (with_password, with_account)),
            Side(hanako, (with_password, with_account)),
            Side(nobody, (with_password,), known=False),
            Side(nobody, (with_account,), known=False),
        ]
        self.seats: list[Seat] = []

    @property
    def now(self) -> datetime:
        """The bank's time."""
        return self.there.clock.now()

    # --- Time, and what clerks do ---

    @rule(wait=WAITS)
    def wait(self, wait: timedelta) -> None:
        """Let time pass."""
        self.there.clock.advance(wait)

    @rule(side=SIDES, early=st.booleans())
    def wait_for_the_end_of_a_lock(self, side: int, early: bool) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Come at the very end of a lock, or just before."""
        closed = self.sides[side].closed(self.now)
        assume(isinstance(closed, LockedOut))
        assert isinstance(closed, LockedOut)
        self.there.clock.set(closed.until - TICK if early and closed.until - TICK > self.now else closed.until)

    @rule(side=st.integers(0, 1))
    def suspend_or_release(self, side: int) -> None:
        """Let a clerk suspend a customer, or release him."""
        suspended = self.sides[side]
        suspended.suspended = not suspended.suspended
        since = self.now if suspended.suspended else None
        rewrite(self.there, suspended.who, lambda contract: evolve(contract, suspended_since=since))

    # --- Logging in ---

    @rule(side=SIDES, way=st.integers(0, 1), place=PLACES, times=st.integers(1, 8))
    def guess(self, side: int, way: int, place: Environment, times: int) -> None:
        """Enter wrong passwords, one after the other."""
        at = self.sides[side]
        for _ in range(times):
            expected = at.refused(at.password, self.now) or at.wrong(at.password, self.now)
            assert at.ways[way % len(at.ways)](self.there, at.who, WRONG, seen_from=place) == expected

    @rule(side=SIDES, way=st.integers(0, 1), place=PLACES)
    def log_in(self, side: int, way: int, place: Environment) -> None:
        """Enter the right password, where there is one."""
        at = self.sides[side]
        expected = at.refused(at.password, self.now)
        if expected is None and not at.known:
            expected = at.wrong(at.password, self.now)
        told = at.ways[way % len(at.ways)](self.there, at.who, seen_from=place)
        if expected is not None:
            assert told == expected
            return
        at.password.clear()
        if place.device in at.places:
            assert isinstance(told, LoggedIn)
            assert told.until == self.now + IDLE
            self.sit(at, told.session, place)
        else:
            assert isinstance(told, QuestionAsked), told
            assert told.until == self.now + CHALLENGE
            assert at.asked in {None, told.question}
            at.asked = told.question
            self.sit(at, told.challenge, place, told.question)

    def sit(self, at: Side, token: Secret, place: Environment, question: str | None = None) -> None:
        """Somebody has come in, or as far as the question."""
        pending = question is not None
        self.seats.append(Seat(token, at, at.epoch, self.now, self.now, pending, place, question))

    @rule(side=SIDES, way=st.integers(0, 1), right=st.booleans(), times=st.integers(1, 8))
    def die(self, side: int, way: int, right: bool, times: int) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Let the process die between the reservation and the settling, right or wrong."""
        at = self.sides[side]
        for _ in range(times):
            expected = at.refused(at.password, self.now)
            if expected is None:
                at.password.due.append(self.now + PATIENCE)
                self.store.fail(call="begin", skip=1, with_=Unavailable())
            try:
                told = at.ways[way % len(at.ways)](self.there, at.who, None if right else WRONG)
            except Unavailable:
                told = None
            assert told == expected

    # --- Those who are in, or nearly ---

    def seat(self, number: int) -> Seat:
        """Any of them, the newest first."""
        return self.seats[-1 - number % len(self.seats)]

    def in_session(self, seat: Seat) -> object:
        """What is told instead of anything done in a session, or None."""
        if seat.pending or not seat.alive(self.now):
            return SessionEnded()
        return seat.owner.closed(self.now)

    def guessing(self, seat: Seat, count: Count, *, pending: bool) -> object:
        """What is told instead of evaluating a guess in a session, or None."""
        if seat.pending is not pending or not seat.alive(self.now):
            return SessionEnded()
        return seat.owner.refused(count, self.now)

    @precondition(lambda self: self.seats)
    @rule(number=SEATS, right=st.booleans(), times=st.integers(1, 8))
    def answer(self, number: int, right: bool, times: int) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Answer the question at logging in."""
        seat = self.seat(number)
        at = seat.owner
        for _ in range(times):
            answer = at.who.answer_to(seat.question) if right and seat.question else WRONG_ANSWER
            expected = self.guessing(seat, at.answer, pending=True)
            if expected is None and not right:
                expected = at.wrong(at.answer, self.now)
            told = self.there.net.log_in.answer(seat.token, answer)
            if expected is not None:
                assert told == expected
                continue
            assert isinstance(told, LoggedIn)
            at.answer.clear()
            at.asked = None
            seat.gone = True
            if seat.place.device:
                at.places.add(seat.place.device)
            self.sit(at, told.session, seat.place)

    @precondition(lambda self: self.seats)
    @rule(number=SEATS)
    def use(self, number: int) -> None:
        """Do anything."""
        seat = self.seat(number)
        expected = self.in_session(seat)
        told = self.there.net.use_session(seat.token)
        if expected is not None:
            assert told == expected
            return
        seat.used = self.now
        assert isinstance(told, InSession)
        assert told.contract == seat.owner.who.contract
        assert told.until == min(seat.opened + ABSOLUTE, seat.used + IDLE)

    @precondition(lambda self: self.seats)
    @rule(number=SEATS)
    def ask(self, number: int) -> None:
        """Ask for a question, to step up."""
        seat = self.seat(number)
        expected = self.in_session(seat)
        told = self.there.net.step_up.ask(seat.token)
        if expected is not None:
            assert told == expected
            return
        assert isinstance(told, StepUpQuestion)
        assert seat.owner.asked in {None, told.question}
        seat.owner.asked = seat.question = told.question
        seat.used = self.now

    @precondition(lambda self: self.seats)
    @rule(number=SEATS, right=st.booleans(), times=st.integers(1, 8))
    def step_up(self, number: int, right: bool, times: int) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Answer it; where none was asked nothing is right."""
        seat = self.seat(number)
        at = seat.owner
        for _ in range(times):
            hits = right and seat.question is not None
            answer = at.who.answer_to(seat.question) if hits and seat.question else WRONG_ANSWER
            expected = self.guessing(seat, at.answer, pending=False)
            if expected is None and not hits:
                expected = at.wrong(at.answer, self.now)
            told = self.there.net.step_up.answer(seat.token, answer)
            if expected is not None:
                assert told == expected
                continue
            assert isinstance(told, SteppedUp)
            assert told.until == self.now + IDLE
            at.answer.clear()
            at.asked = None
            seat.token, seat.question, seat.used = told.session, None, self.now

    @precondition(lambda self: self.seats)
    @rule(number=SEATS, right=st.booleans(), new=st.sampled_from(PASSWORDS))
    def change_password(self, number: int, right: bool, new: str) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Replace the password."""
        seat = self.seat(number)
        at = seat.owner
        assume(Secret(new) != at.who.password)
        expected = self.in_session(seat) or self.guessing(seat, at.password, pending=False)
        if expected is None and not right:
            expected = at.wrong(at.password, self.now)
        current = at.who.password if right else WRONG
        told = self.there.net.change_password(seat.token, current=current, new=Secret(new), again=Secret(new))
        if expected is not None:
            assert told == expected
            return
        assert isinstance(told, PasswordChanged)
        at.password.clear()
        at.who = evolve(at.who, password=Secret(new))
        at.epoch += 1
        seat.token, seat.epoch, seat.used = told.session, at.epoch, self.now

    @precondition(lambda self: self.seats)
    @rule(number=SEATS)
    def log_out(self, number: int) -> None:
        """Leave, whatever stands in the way of staying."""
        seat = self.seat(number)
        assert self.there.net.log_out(seat.token) == LoggedOut()
        seat.gone = True

    # --- After every step ---

    @invariant()
    def the_door_is_as_it_should_be(self) -> None:
        """What closes a customer's door is what should close it."""
        for side in self.sides[:2]:
            contract = contract_of(self.there, side.who)
            assert gate.closed(self.there.net.platform, Operation.LOG_IN, contract, self.now) == side.closed(self.now)

    @invariant()
    def the_chain_holds(self) -> None:
        """The audit log ends where the contract says, and no link of it is broken."""
        for side in self.sides[:2]:
            entries, head = entries_of(self.there, side.who), contract_of(self.there, side.who).chain
            assert (entries[-1].seq, entries[-1].digest) == (head.seq, head.digest)
            assert all(entry.intact for entry in entries)
            assert all(after.previous == before.digest for before, after in pairwise(entries))


TestWalk = Walk.TestCase
