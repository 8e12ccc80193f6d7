"""Reissuing a token in any order: beginning, calling, going back, completing, while time passes and the rest goes on.

Several procedures of one customer stumble over one another, his telephones old and new show codes, a clerk suspends
him, his password is guessed, changed and reset; each answer is compared with a model of its own.  The model knows no
tickets, versions, chains or digests: it has a list of procedures, a list of calls, and one token that counts.
"""

from datetime import datetime, timedelta
from types import MappingProxyType

from attrs import define, evolve
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.instructions import TransfersOff
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.phone_auth import (
    AnotherWaits,
    NoSuchAttempt,
    Recognised,
    Started,
    TimedOut,
    TooManyAttempts,
    Waiting,
)
from janetbank.flows.refusals import (
    Blocked,
    Closed,
    LockedOut,
    ProcedureEnded,
    Refused,
    Rejected,
    Suspended,
    WrongStep,
)
from janetbank.flows.reissue_token import ReissueAbandoned, ReissueBegun, ReissueStep, ReissueToken, TokenReissued
from janetbank.flows.use_token import MethodChanged
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.destinations import DestinationPool
from janetbank.policies.lockout import Tally
from janetbank.policies.reissue import Step
from janetbank.policies.service_hours import ROUND_THE_CLOCK, ServiceHours
from janetbank.policies.token import MethodEvent, TokenState
from janetbank.testing.bank import TestBank
from janetbank.values.instruction import InstructionKind
from janetbank.values.otp_method import OtpMethod
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from tests.flows.reissue_scene import (
    DAY,
    NEW_START_PASSWORD,
    Lost,
    begin,
    begin_by_account,
    cooling,
    new_telephone,
    start_anew,
    token_with,
)
from tests.flows.scene import MINUTE, REST, SECOND, TICK, WRONG, contract_of, letters, read, rewrite, with_password
from tests.flows.test_log_in_machine import Count
from tests.flows.token_scene import STEP, Telephone, order

WINDOW, LONGEST, HOUR = 300 * SECOND, 10 * MINUTE, REST
LINES = tuple(PhoneNumber.parse(f"0120-417-{number:03}") for number in range(101, 161))
"""So many that there is always one: what happens where none is left is told elsewhere."""
TOGGLE = {
    OtpMethod.PASSCODE: (MethodEvent.CHOOSE_TXA, OtpMethod.TXA_PENDING_APP),
    OtpMethod.TXA_PENDING_APP: (MethodEvent.CHOOSE_PASSCODE, OtpMethod.PASSCODE),
}
PASSWORDS = (Secret("soil7+rain"), Secret("vase3#lamp"))
DONE_WITH = {Step.DONE, Step.ABANDONED}


@define(eq=False)
class Call:
    """A call that is waited for, or was."""

    start: datetime
    phase: str = "pending"

    @property
    def until(self) -> datetime:
        """Its last instant."""
        return self.start + (LONGEST if self.phase == "verified" else WINDOW)

    def live(self, now: datetime) -> bool:
        """Whether something can still come of it."""
        return self.phase in {"pending", "verified"} and now <= self.until

    def give_up(self, now: datetime) -> None:
        """Nobody waits for it any more."""
        if self.live(now):
            self.phase = "aborted"


@define(eq=False)
class Going:
    """One procedure, and what its holder has in his hands."""

    lost: Lost
    epoch: int
    expires: datetime
    step: Step = Step.DETAILS
    call: Call | None = None

    def ended(self, now: datetime, epoch: int) -> bool:
        """Whether it has, by itself or by what else happened."""
        return self.step in DONE_WITH or now >= self.expires or self.epoch != epoch


GOING = st.integers(0, 2)
WAITS = st.sampled_from([TICK, SECOND, MINUTE, WINDOW - TICK, WINDOW, WINDOW + TICK, LONGEST, HOUR - TICK, HOUR, DAY])
MOSTLY = st.sampled_from([True, True, True, True, False])


class Walk(RuleBasedStateMachine):
    """See the module."""

    def __init__(self) -> None:
        """Open the bank, and let Taro have a token in use."""
        super().__init__()
        always = ServiceHours(daily=ROUND_THE_CLOCK)
        profile = evolve(cooling(), hours=MappingProxyType(dict.fromkeys(Operation, always)))
        self.there = TestBank(profile)
        self.there.exchange.pool = DestinationPool(LINES)
        self.taro = self.there.customer()
        self.starts = [self.now]
        first = Telephone.of(self.there, self.taro).start()
        assert first.ids is not None
        self.phones = [(1, first)]
        self.gone = [first.ids]
        """The ids of every token, the newest last."""
        self.going: list[Going] = []
        self.newest = Call(self.starts[0], "consumed")
        self.routes: dict[str, Call] = {}
        self.state, self.method, self.wrong_codes = TokenState.IN_USE, OtpMethod.PASSCODE, 0
        self.reissued: TokenReissued | None = None
        self.password = Count()
        self.suspended = False
        self.epoch = contract_of(self.there, self.taro).session_epoch
        self.reset_at: datetime | None = None
        self.opens: datetime | None = None

    @property
    def now(self) -> datetime:
        """The bank's time."""
        return self.there.clock.now()

    @property
    def net(self) -> ReissueToken:
        """What is walked through."""
        return self.there.net.reissue_token

    def closed(self) -> Closed | None:
        """Why the door is closed, the worst first."""
        self.password.look(self.now)
        if self.suspended:
            return Suspended()
        if self.password.blocked:
            return Blocked()
        return LockedOut(self.password.until) if self.password.until else None

    def session(self) -> Secret:
        """Log in, where one can."""
        assume(self.closed() is None)
        told = with_password(self.there, self.taro)
        assert isinstance(told, LoggedIn), told
        self.password.clear()
        return told.session

    # --- Time, and what others do ---

    @rule(wait=WAITS)
    def wait(self, wait: timedelta) -> None:
        """Let time pass."""
        self.there.clock.advance(wait)

    @rule(release=MOSTLY)
    def suspend_or_release(self, release: bool) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Let a clerk suspend the customer, or release him."""
        self.suspended = not release
        since = self.now if self.suspended else None
        rewrite(self.there, self.taro, lambda contract: evolve(contract, suspended_since=since))

    @rule()
    def reset_password(self) -> None:
        """Let the password be reset: its counter is open, everybody is out, and it is remembered."""
        self.password, self.reset_at = Count(), self.now
        self.epoch += 1
        rewrite(
            self.there,
            self.taro,
            lambda contract: evolve(contract.end_sessions(), password_tally=Tally(), password_reset_at=self.now),
        )

    @rule()
    def change_password(self) -> None:
        """Choose another password: whoever began by the old one has begun in vain."""
        session = self.session()
        new = PASSWORDS[self.taro.password == PASSWORDS[0]]
        told = self.there.net.change_password(session, current=self.taro.password, new=new, again=new)
        assert isinstance(told, PasswordChanged), told
        self.taro = evolve(self.taro, password=new)
        self.epoch += 1

    # --- The procedure ---

    @rule(right=MOSTLY, by_account=st.booleans(), times=st.sampled_from([1, 1, 6, 7]))
    def begin(self, right: bool, by_account: bool, times: int) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Name oneself and enter the password, a wrong one perhaps several times."""
        ask = begin_by_account if by_account else begin
        for _ in range(0 if right else times):
            expected = self.closed()
            if expected is None and self.password.fail(self.now):
                self.epoch += 1
            assert ask(self.there, self.taro, WRONG) == (expected or self.closed() or Refused())
        if not right:
            return
        told, expected = ask(self.there, self.taro), self.closed()
        if expected is not None:
            assert told == expected
            return
        assert isinstance(told, ReissueBegun), told
        assert told.until == self.now + HOUR
        self.password.clear()
        self.going.append(Going(Lost(self.there, self.taro, told.procedure), self.epoch, told.until))

    def pick(self, number: int) -> Going:
        """One of them: those that go on before those that have ended, the newest first."""
        ended = [one for one in self.going if one.ended(self.now, self.epoch)]
        going = [one for one in self.going if one not in ended]
        return [*ended, *going][-1 - number % len(self.going)]

    def refused(self, going: Going, *due: Step) -> object:
        """What is told instead of doing anything that is only done at the steps *due*, or None."""
        if going.ended(self.now, self.epoch):
            return ProcedureEnded()
        if going.step not in due:
            return WrongStep(going.step)
        return self.closed()

    @precondition(lambda self: self.going)
    @rule(number=GOING)
    def apply(self, number: int) -> None:
        """Give the details."""
        going = self.pick(number)
        expected = self.refused(going, Step.DETAILS)
        recent = [start for start in self.starts if self.now < start + HOUR]
        waits = any(one.call is self.newest and not one.ended(self.now, self.epoch) for one in self.going)
        if expected is None and waits and self.newest.live(self.now):
            expected = AnotherWaits(self.newest.until)
        elif expected is None and len(recent) >= 10:
            expected = TooManyAttempts(recent[-10] + HOUR)
        told = going.lost.try_apply()
        if expected is not None:
            assert told == expected
            return
        assert isinstance(told, Started), told
        assert told.until == self.now + WINDOW
        self.starts.append(self.now)
        self.newest.give_up(self.now)
        self.newest = going.call = self.routes[told.destination] = Call(self.now)
        going.lost.started, going.step = told, Step.CALL

    @precondition(lambda self: any(one.lost.started for one in self.going))
    @rule(number=GOING)
    def dial(self, number: int) -> None:
        """Call what stood on the screen, or stands there."""
        called = [one for one in self.going if one.lost.started is not None]
        going = called[-1 - number % len(called)]
        assert going.lost.started is not None
        call = self.routes[going.lost.started.destination]
        recognised = call.phase == "pending" and call.live(self.now)
        heard = going.lost.dial()
        assert (heard.said[-1:] == ("voice.recognised",)) == recognised
        if recognised:
            call.phase = "verified"

    def standing(self, going: Going) -> object:
        """How its call stands."""
        if going.call is None:
            return NoSuchAttempt()
        if not going.call.live(self.now):
            return TimedOut()
        return (Recognised if going.call.phase == "verified" else Waiting)(going.call.until)

    @precondition(lambda self: self.going)
    @rule(number=GOING)
    def look(self, number: int) -> None:
        """Ask where it stands, and how the call does."""
        going = self.pick(number)
        expected = self.refused(going, Step.DETAILS, Step.CALL)
        assert self.net.where_am_i(going.lost.procedure) == (expected or ReissueStep(going.step))
        assert self.net.poll(going.lost.procedure) == (expected or self.standing(going))

    @precondition(lambda self: self.going)
    @rule(number=GOING, altogether=st.booleans())
    def leave(self, number: int, altogether: bool) -> None:  # noqa: FBT001 -- drawn by Hypothesis
        """Go back to the details, or give it up."""
        going = self.pick(number)
        if altogether:
            expected = self.refused(going, Step.DETAILS, Step.CALL)
            assert self.net.abandon(going.lost.procedure) == (expected or ReissueAbandoned())
        else:
            expected = self.refused(going, Step.CALL)
            assert self.net.go_back(going.lost.procedure) == (expected or ReissueStep(Step.DETAILS))
        if expected is None:
            if going.call is not None:
                going.call.give_up(self.now)
            going.call, going.step = None, Step.ABANDONED if altogether else Step.DETAILS

    @precondition(lambda self: self.going)
    @rule(number=GOING)
    def complete(self, number: int) -> None:
        """Go on by the call."""
        going = self.pick(number)
        expected = self.refused(going, Step.CALL) or self.standing(going)
        told = going.lost.try_complete()
        if not isinstance(expected, Recognised):
            assert told == expected
            return
        assert isinstance(told, TokenReissued), told
        assert going.call is not None
        going.call.phase, going.step = "consumed", Step.DONE
        held = self.reset_at is not None and self.now < self.reset_at + DAY
        if self.reset_at is not None and held:
            self.opens = self.reset_at + DAY
        assert told.transfers_from == (self.opens if held else None)
        self.epoch += 1
        self.state, self.method, self.wrong_codes = TokenState.ISSUED, OtpMethod.PASSCODE, 0
        self.reissued = told
        self.gone.append(told)  # type: ignore[arg-type]  # ids are ids

    @rule(steps=st.integers(1, 3))
    def go_ahead(self, steps: int) -> None:
        """Begin, apply, call and complete, or so much of it, as customers do."""
        before = len(self.going)
        self.begin(right=True, by_account=False, times=1)
        if len(self.going) > before:
            self.apply(0)
            if self.going[-1].call is not None and steps > 1:
                self.dial(0)
            if steps > 2:
                self.complete(0)

    @rule(steps=st.integers(2, 3))
    def take_over(self, steps: int) -> None:
        """Reset the password, and go ahead at once, as thieves do."""
        self.reset_password()
        self.go_ahead(steps)
        if self.closed() is None:
            self.transfer()

    # --- What hangs on the token ---

    @precondition(lambda self: self.state is TokenState.ISSUED)
    @rule()
    def set_up_the_new_telephone(self) -> None:
        """Set the app up with the newest ids, and begin to use its codes."""
        self.session()
        assert self.reissued is not None
        phone = new_telephone(self.there, self.taro, self.reissued)
        if self.now > self.reissued.until:
            assert phone.again(NEW_START_PASSWORD) == Refused()
            self.state = TokenState.VOID
            return
        self.phones.append((len(self.gone), start_anew(phone)))
        self.state = TokenState.IN_USE

    @rule(number=GOING, times=st.sampled_from([1, 1, 1, 9]))
    def enter_a_code(self, number: int, times: int) -> None:
        """Change the method by a code of one of the telephones, the newest first."""
        session = self.session()
        owner, phone = self.phones[-1 - number % len(self.phones)]
        for _ in range(times):
            event, after = TOGGLE[self.method]
            self.there.clock.advance(TICK)
            told = self.there.net.use_token.change_method(session, phone.code(), event, ticked=True)
            if self.state is TokenState.LOCKED:
                assert told == Blocked()
            elif self.state is not TokenState.IN_USE:
                assert isinstance(told, Rejected)
            elif owner == len(self.gone):
                assert told == MethodChanged(after)
                self.method, self.wrong_codes = after, 0
                self.there.clock.advance(STEP)
                return
            else:
                self.wrong_codes += 1
                self.state = TokenState.LOCKED if self.wrong_codes == 10 else self.state
                assert told == (Blocked() if self.wrong_codes == 10 else Refused())

    @rule()
    def transfer(self) -> None:
        """Request a transfer that takes no token."""
        wanted = order(InstructionKind.REGISTERED_PAYEE_TRANSFER)
        wanted = evolve(wanted, date=self.there.profile.calendar.business_date(self.now))
        told = self.there.net.instruct.request(self.session(), wanted)
        if self.opens is not None and self.now < self.opens:
            assert told == TransfersOff(self.opens)
        else:
            assert not isinstance(told, TransfersOff)

    # --- After every step ---

    @invariant()
    def one_token_counts(self) -> None:
        """It is the newest, in the state and with the method that the model has; every one before it is replaced."""
        token = read(self.there.storage, lambda tx: tx.tokens.latest_of(self.taro.institution, self.taro.contract))
        assert token is not None
        assert (token.number, token.state, token.method) == (len(self.gone), self.state, self.method)
        for ids in self.gone[:-1]:
            former = token_with(self.there, ids)
            assert former.state is TokenState.REPLACED
            assert (former.seed, former.start_password, former.app_key) == (None, None, None)

    @invariant()
    def the_contract_is_as_it_should_be(self) -> None:
        """Its epoch, and the instant from which transfers can be made, are the model's."""
        contract = contract_of(self.there, self.taro)
        assert (contract.session_epoch, contract.transfers_from) == (self.epoch, self.opens)

    def teardown(self) -> None:
        """Both addresses that were known were told of each reissue."""
        told = [letter for letter in letters(self.there) if letter.code is LetterCode.TOKEN_REISSUED]
        assert len(told) == 2 * (len(self.gone) - 1)


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=max(150, settings().max_examples))
