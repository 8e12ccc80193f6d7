"""Resetting in any order: forms, calls, PINs, going back and giving up, while time passes and the rest goes on.

Several procedures of one customer stumble over one another, a stranger fills forms in wrongly, a clerk suspends and
releases, cards are locked and issued; each answer is compared with a model of its own.  The model knows no digests,
versions or chains: it has a list of procedures, a list of calls, one card, and a number that rises whenever what lets
into the contract has changed.
"""

from datetime import datetime, timedelta
from types import MappingProxyType

from attrs import define, evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from janetbank import profiles
from janetbank.flows.log_in import DutyNeeded, LoggedIn
from janetbank.flows.phone_auth import AnotherWaits, Started, TimedOut, TooManyAttempts, Waiting
from janetbank.flows.recover import Abandoned, CardLocked, FormClosed, FormRefused, Next, PinRefused
from janetbank.flows.refusals import ProcedureEnded, Refused, Suspended, WrongStep
from janetbank.flows.reset_password import PasswordReset
from janetbank.flows.reset_questions import QuestionsReset
from janetbank.model.contract import RegisteredQuestion
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.destinations import DestinationPool
from janetbank.policies.recovery import Step
from janetbank.policies.service_hours import ROUND_THE_CLOCK, ServiceHours
from janetbank.testing.bank import ANSWERS, TestBank
from janetbank.values.moment import in_japan
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from tests.flows.recovery_scene import BOTH, Reset, What
from tests.flows.scene import (
    MINUTE,
    REST,
    SECOND,
    TICK,
    WRONG,
    entries_of,
    kinds,
    letters,
    rewrite,
    with_password,
)

ALWAYS = MappingProxyType(dict.fromkeys(Operation, ServiceHours(daily=ROUND_THE_CLOCK)))
PROFILE = evolve(profiles.fast_for_tests(profiles.JA), hours=ALWAYS)
WINDOW, VERIFIED_FOR, LIFETIME, DAY = 120 * SECOND, 10 * MINUTE, REST, timedelta(days=1)
A_PIN, ANOTHER_PIN, NO_PIN = Secret("8264"), Secret("5917"), Secret("0000")
LINES = tuple(PhoneNumber.parse(f"0120-417-{number:03}") for number in range(1, 41))
MOSTLY = st.sampled_from([True, True, True, False])
ANY = st.integers(0, 3)
SHORT = [TICK, SECOND, SECOND, MINUTE, MINUTE, MINUTE]
WAITS = st.sampled_from([*SHORT, *SHORT, WINDOW - TICK, WINDOW, VERIFIED_FOR, REST - TICK, DAY])
OVER = (Step.DONE, Step.ABANDONED)


@define(eq=False)
class Call:
    """A call that somebody waits for, or waited."""

    of: "Begun"
    destination: str
    start: datetime
    verified: bool = False
    over: bool = False

    def live(self, now: datetime) -> bool:
        """Whether something can still come of it."""
        return not self.over and now <= self.until

    @property
    def until(self) -> datetime:
        """When it is over by itself."""
        return self.start + (VERIFIED_FOR if self.verified else WINDOW)


@define(eq=False)
class Begun:
    """A procedure."""

    one: Reset
    expires: datetime
    step: Step = Step.FORM
    age: int | None = None
    """What the contract's number was when the form was filled in; None before that."""
    call: Call | None = None


class Walk(RuleBasedStateMachine):
    """One customer, and however many procedures somebody begins in his name."""

    def __init__(self) -> None:
        """Open the bank."""
        super().__init__()
        self.there = TestBank(PROFILE)
        self.there.exchange.pool = DestinationPool(LINES)
        self.taro = self.there.customer()
        self.password = self.taro.password
        self.asks_questions = True
        self.must_change = self.suspended = False
        self.age = 0
        self.pin, self.wrong_pins = A_PIN, 0
        self.day, self.mismatches = self.now.date(), 0
        self.all: list[Begun] = []
        self.calls: list[Call] = []
        self.resets = {"password": 0, "questions": 0}

    @property
    def now(self) -> datetime:
        """The bank's time."""
        return self.there.clock.now()

    def any(self, number: int) -> Begun:
        """Any procedure, the newest first."""
        return self.all[-1 - number % len(self.all)]

    def refused(self, begun: Begun, *due: Step) -> object:
        """What is told instead of anything done in a procedure, or None."""
        if begun.step in OVER or self.now >= begun.expires:
            return ProcedureEnded()
        if begun.age is not None and begun.age != self.age:
            return ProcedureEnded()
        if begun.age is not None and self.suspended:
            return Suspended()
        return WrongStep(begun.step) if due and begun.step not in due else None

    def today(self) -> None:
        """Let the day's count begin anew where it is another day."""
        today = in_japan(self.now).date()
        if today != self.day:
            self.day, self.mismatches = today, 0

    # --- Time, clerks and the host ---

    @rule(wait=WAITS)
    def wait(self, wait: timedelta) -> None:
        """Let time pass."""
        self.there.clock.advance(wait)

    @rule(release=MOSTLY)
    def suspend_or_release(self, release: bool) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Let a clerk suspend the customer, or release him, who must then choose another password."""
        if release and self.suspended:
            self.age += not self.must_change
            self.must_change = True
        self.suspended = not release
        since = self.now if self.suspended else None
        changed = self.must_change
        rewrite(
            self.there,
            self.taro,
            lambda contract: evolve(contract, suspended_since=since, must_change_password=changed),
        )

    @rule(pin=st.sampled_from([A_PIN, ANOTHER_PIN]))
    def issue_a_card(self, pin: Secret) -> None:
        """Let the host issue another card: it has its own PIN, and counts from none."""
        self.there.core.issue_card(self.taro.institution, self.taro.person.account, Pin(pin))
        self.pin, self.wrong_pins = pin, 0

    @rule()
    def have_the_questions_back(self) -> None:
        """Let questions be registered, where there are none: the same answers are other hashes."""
        if not self.asks_questions:
            self.asks_questions, self.age = True, self.age + 1
            stored = self.there.net.platform.vault.hash
            registered = tuple(RegisteredQuestion(question, stored(Secret(answer))) for question, answer in ANSWERS)
            rewrite(self.there, self.taro, lambda contract: evolve(contract, questions=registered))

    @rule()
    def guess_the_password(self) -> None:
        """Let a stranger enter a wrong password: it ends nothing of this."""
        with_password(self.there, self.taro, WRONG)

    # --- The procedures ---

    @initialize()
    def two_are_under_way(self) -> None:
        """Begin with one of each."""
        for what in BOTH:
            self.begin(what)

    @rule(what=st.sampled_from(BOTH))
    def begin(self, what: What) -> None:
        """Begin one."""
        one = Reset(self.there, self.taro, what)
        self.all.append(Begun(one, self.now + LIFETIME))

    @precondition(lambda self: self.all)
    @rule(number=ANY, right=MOSTLY)
    def fill_the_form_in(self, number: int, right: bool) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """As it is registered, or not."""
        begun = self.any(number)
        self.today()
        expected = self.refused(begun, Step.FORM)
        if expected is None:
            midnight = in_japan(self.now).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
            if self.suspended:
                expected = Suspended()
            elif self.mismatches >= 5:
                expected = FormClosed(midnight)
            elif right:
                expected = Next(Step.PHONE)
                begun.step, begun.age = Step.PHONE, self.age
            else:
                self.mismatches += 1
                expected = FormClosed(midnight) if self.mismatches == 5 else FormRefused()
        assert (begun.one.fill() if right else begun.one.fill(kanji="農中二郎")) == expected

    @precondition(lambda self: self.all)
    @rule(number=ANY)
    def ask_for_a_number(self, number: int) -> None:
        """Choose a telephone, and be told what to call."""
        begun = self.any(number)
        expected = self.refused(begun, Step.PHONE)
        told = begun.one.call()
        if expected is not None:
            assert told == expected
            return
        latest = self.calls[-1] if self.calls else None
        earlier = [call.start for call in self.calls if self.now < call.start + REST]
        waits = latest is not None and latest.of is not begun and latest.live(self.now)
        if waits and latest is not None and self.now < latest.of.expires:
            assert told == AnotherWaits(latest.until)
        elif len(earlier) >= 10:
            assert told == TooManyAttempts(earlier[-10] + REST)
        else:
            assert isinstance(told, Started)
            assert told.until == self.now + WINDOW
            if latest is not None:
                latest.over = True
            begun.step, begun.call = Step.CALL, Call(begun, told.destination, self.now)
            self.calls.append(begun.call)

    @precondition(lambda self: self.calls)
    @rule(number=ANY, own=MOSTLY)
    def dial(self, number: int, own: bool) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Call what somebody was told to call, from the telephone that was chosen or from another one."""
        destination = self.calls[-1 - number % len(self.calls)].destination
        caller = self.taro.person.phones[0 if own else 1]
        self.there.exchange.telephone(caller).dial(destination)
        newest = [call for call in self.calls if call.destination == destination][-1]
        if own and newest.live(self.now):
            newest.verified = True

    @precondition(lambda self: self.all)
    @rule(number=ANY)
    def look_for_the_call(self, number: int) -> None:
        """What the screen asks."""
        begun = self.any(number)
        expected = self.refused(begun, Step.CALL)
        if expected is None:
            call = begun.call
            assert call is not None
            if not call.live(self.now):
                expected, begun.step, begun.call = TimedOut(), Step.PHONE, None
            elif call.verified:
                expected, begun.step, begun.call, call.over = Next(Step.SECRET), Step.SECRET, None, True
            else:
                expected = Waiting(call.until)
        assert begun.one.flow.poll(begun.one.token) == expected

    @precondition(lambda self: self.all)
    @rule(number=ANY, right=MOSTLY)
    def complete(self, number: int, right: bool) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Enter the PIN, and a new password where there is to be one."""
        begun = self.any(number)
        what = begun.one.what
        new = Secret(f"vase{self.resets['password']}#lamp")
        expected = self.refused(begun, Step.SECRET)
        if expected is None:
            if self.wrong_pins == 3:
                expected, begun.step = CardLocked(), Step.ABANDONED
            elif right:
                self.wrong_pins, begun.step = 0, Step.DONE
                expected = self.done(what, new)
            else:
                self.wrong_pins += 1
                expected = PinRefused()
                if self.wrong_pins == 3:
                    expected, begun.step = CardLocked(), Step.ABANDONED
        pin = self.pin if right else NO_PIN
        secrets = {"new": new, "again": new} if what == "password" else {}
        assert begun.one.reset(pin=pin, **secrets) == expected

    def done(self, what: What, new: Secret) -> object:
        """What is told of a reset, and what it has brought."""
        self.resets[what] += 1
        if what == "password":
            self.age, self.password, self.must_change = self.age + 1, new, False
            return PasswordReset()
        self.asks_questions, self.age = False, self.age + 1
        return QuestionsReset()

    @precondition(lambda self: self.all)
    @rule(number=ANY, times=st.integers(1, 4))
    def go_on(self, number: int, times: int) -> None:
        """Do what is due, rightly, a few times: so that something comes of it."""
        for _ in range(times):
            match self.any(number).step:
                case Step.FORM:
                    self.fill_the_form_in(number, right=True)
                case Step.PHONE:
                    self.ask_for_a_number(number)
                case Step.CALL:
                    self.dial(0, own=True)
                    self.look_for_the_call(number)
                case _:
                    self.complete(number, right=True)

    @precondition(lambda self: self.all)
    @rule(number=ANY)
    def go_back(self, number: int) -> None:
        """Go back a step."""
        begun = self.any(number)
        expected = self.refused(begun, Step.PHONE, Step.CALL)
        if expected is None:
            begun.step = Step.FORM if begun.step is Step.PHONE else Step.PHONE
            self.leave(begun)
            expected = Next(begun.step)
        assert begun.one.flow.go_back(begun.one.token) == expected

    @precondition(lambda self: self.all)
    @rule(number=ANY)
    def give_up(self, number: int) -> None:
        """Give a procedure up."""
        begun = self.any(number)
        expected = self.refused(begun)
        if expected is None:
            begun.step = Step.ABANDONED
            self.leave(begun)
            expected = Abandoned()
        assert begun.one.flow.abandon(begun.one.token) == expected

    def leave(self, begun: Begun) -> None:
        """Wait no longer."""
        if begun.call is not None:
            begun.call.over, begun.call = True, None

    # --- What must hold after each of these ---

    @invariant()
    def each_is_where_the_model_has_it(self) -> None:
        """Every procedure, the old ones too."""
        for begun in self.all[-4:]:
            assert begun.one.where() == (self.refused(begun) or begun.step)

    @invariant()
    def nothing_was_reset_but_what_was(self) -> None:
        """As many resets stand in the chain, and were told by letter, as were completed."""
        entries = kinds(entries_of(self.there, self.taro))
        told = [letter.code for letter in letters(self.there)]
        assert entries.count("PasswordReset") == told.count(LetterCode.PASSWORD_RESET) == self.resets["password"]
        assert entries.count("QuestionsReset") == told.count(LetterCode.QUESTIONS_RESET) == self.resets["questions"]

    def teardown(self) -> None:
        """The password of the last reset lets in, where nothing else stands in the way, and the first one does not."""
        rewrite(
            self.there,
            self.taro,
            lambda contract: evolve(contract, suspended_since=None, password_tally=type(contract.password_tally)()),
        )
        told = with_password(self.there, self.taro, self.password)
        assert isinstance(told, LoggedIn | DutyNeeded)
        assert isinstance(told, DutyNeeded) == (self.must_change or not self.asks_questions)
        if self.password != self.taro.password:
            assert with_password(self.there, self.taro) == Refused()


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=60)
