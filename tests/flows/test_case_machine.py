"""Cases in any order: asking, stopping, checking, proposing, deciding, while time passes and the customer goes on.

Each of the staff tries each act, and each answer is compared with a model of its own.  The model knows neither tables,
digests nor versions: it has one suspension, a list of proposals, and remembers who had a hand in what.
"""

from datetime import datetime, timedelta
from types import MappingProxyType

from attrs import Factory, define, evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from janetbank import profiles
from janetbank.flows.audit import Intact, verify
from janetbank.flows.entry import PasswordChangeNeeded
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.operating import NoAuthority, OwnCase
from janetbank.flows.refusals import Blocked, Suspended
from janetbank.flows.release import (
    AlreadyProposed,
    Done,
    NothingToRelease,
    NotTheMaker,
    ProposalClosed,
    ProposalRejected,
    ProposalStale,
    ProposalWithdrawn,
    Proposed,
)
from janetbank.flows.suspend import (
    AlreadySuspended,
    ContractSuspended,
    OtherBranch,
    SuspensionChecked,
    SuspensionFormalised,
    SuspensionRefused,
    SuspensionRequested,
    SuspensionStandsAt,
)
from janetbank.policies.admission import Operation
from janetbank.policies.dual_control import ProposalState
from janetbank.policies.lockout import Tally
from janetbank.policies.password_age import PasswordAge
from janetbank.policies.service_hours import ROUND_THE_CLOCK, ServiceHours
from janetbank.policies.suspension import Route, SuspensionState
from janetbank.profiles.profile import Profile
from janetbank.testing.bank import TestBank
from janetbank.values.paper import Paper
from tests.flows.counter_scene import FROM_PASSWORD_BLOCK, FROM_SUSPENSION, STAFF, Desk
from tests.flows.scene import contract_of, rewrite, with_password

LIFETIME = timedelta(days=4)
PEOPLE = [name for name in STAFF if name != "ito"]
PERSON = {name: STAFF[name][0].upper() for name in PEOPLE}
TELLERS, MAKERS = {"kudo", "abe"}, {"tanaka"}
ENTERERS, CHECKERS = {"tanaka", "mori"}, {"tanaka-2", "sato", "suzuki"}
S, P = SuspensionState, ProposalState


def mostly(*names: str) -> st.SearchStrategy[str]:
    """One of these, or now and then anybody."""
    return st.one_of(*[st.sampled_from(names)] * 4, st.sampled_from(PEOPLE))


def of_route(route: Route) -> st.SearchStrategy[str]:
    """Who takes requests by this route, or now and then anybody."""
    return mostly("kudo", "abe") if route is Route.COUNTER else mostly("mori")


def always_open() -> Profile:
    """JA with a terminal that never rests and passwords that never age: these are the laws of other tests."""
    ja = profiles.fast_for_tests(profiles.JA)
    always = ServiceHours(daily=ROUND_THE_CLOCK)
    operators = evolve(ja.operators, hours=always, password_age=PasswordAge(None))
    hours = MappingProxyType(dict.fromkeys(Operation, always))
    return evolve(ja, operators=operators, hours=hours)


@define
class Stop:
    """A suspension as the model has it; *hands* are the persons who asked for it and entered it."""

    case: str
    route: Route
    state: SuspensionState
    hands: set[str]


@define
class Idea:
    """A proposal as the model has it: what it was decided on, who made it, and until when it waits."""

    case: str
    of_suspension: bool
    on: object
    maker: str
    until: datetime
    state: ProposalState = P.OPEN


@define
class Model:
    """What the contract looks like from outside."""

    stop: Stop | None = None
    """The last one."""
    suspended: bool = False
    blocked: int = 0
    """Which block it is, of those there were; 0 where there is none."""
    blocks: int = 0
    must_change: bool = False
    ideas: list[Idea] = Factory(list[Idea])

    def target(self, *, of_suspension: bool) -> object:
        """What a proposal is decided on now."""
        if of_suspension:
            return self.stop.case if self.stop and self.suspended else None
        return self.blocked

    def releasable(self, *, of_suspension: bool) -> bool:
        """Whether there is something to be proposed."""
        if of_suspension:
            return self.stop is not None and self.stop.state in {S.FORMAL_PENDING, S.FORMALISED}
        return self.blocked > 0


class CaseMachine(RuleBasedStateMachine):
    """See the module."""

    def __init__(self) -> None:
        """A bank with its staff and one customer."""
        super().__init__()
        there = TestBank(always_open())
        self.desk = Desk.open(there, *PEOPLE)
        self.there, self.net, self.model = there, there.net, Model()

    # --- the world goes on --------------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 24, 95, 96]))
    def wait(self, hours: int) -> None:
        """Time passes: proposals expire."""
        self.there.clock.advance(timedelta(hours=hours))

    @precondition(lambda self: self._open())
    @rule(late=st.booleans())
    def wait_out(self, *, late: bool) -> None:
        """Time passes up to the last instant of what waits, or just beyond it."""
        until = min(idea.until for idea in self._open())
        self.there.clock.set(until + (timedelta(microseconds=1) if late else timedelta(0)))

    @precondition(lambda self: not self.model.blocked or self.model.ideas)
    @rule()
    def somebody_guesses(self) -> None:
        """Until the password is blocked."""
        self.model.blocks += 1
        self.model.blocked = self.model.blocks
        at = self.there.clock.now() + timedelta(microseconds=self.model.blocks)
        tally = Tally(blocked_since=at, lockouts=3)
        rewrite(self.there, self.desk.taro, lambda contract: evolve(contract, password_tally=tally))

    @rule()
    def customer_resets(self) -> None:
        """The customer resets his password online, where that is open to him, and has chosen it himself."""
        if self.model.suspended:
            return
        self.model.blocked, self.model.must_change = 0, False
        rewrite(
            self.there,
            self.desk.taro,
            lambda contract: evolve(contract, password_tally=Tally(), must_change_password=False),
        )

    # --- suspending ---------------------------------------------------------------------------------------------------

    @rule(route=st.sampled_from(Route), data=st.data())
    def request(self, route: Route, data: st.DataObject) -> None:
        """Somebody takes a request."""
        by = data.draw(of_route(route))
        told, stop = self.desk.ask(by, route), self.model.stop
        if by not in (TELLERS if route is Route.COUNTER else {"mori"}):
            assert told == NoAuthority()
        elif stop is not None and stop.state not in {S.REJECTED, S.RELEASED}:
            assert told == AlreadySuspended(stop.case)
        else:
            assert isinstance(told, SuspensionRequested)
            self.model.stop = Stop(told.case, route, S.REQUESTED, {PERSON[by]})

    @precondition(lambda self: self.model.stop)
    @rule(by=mostly("tanaka", "mori"))
    def enter(self, by: str) -> None:
        """Somebody enters the stop."""
        stop = self._stop()
        told = self.net.suspend.enter(self.desk.by(by), stop.case)
        if by not in ENTERERS:
            assert told == NoAuthority()
        elif stop.state is not S.REQUESTED:
            assert told == SuspensionStandsAt(stop.state)
        else:
            assert told == ContractSuspended(stop.case)
            stop.state, self.model.suspended = S.STOP_ENTERED, True
            stop.hands.add(PERSON[by])

    @precondition(lambda self: self.model.stop)
    @rule(by=st.sampled_from(PEOPLE))
    def refuse(self, by: str) -> None:
        """Somebody finds that it cannot be entered."""
        stop = self._stop()
        told = self.net.suspend.refuse(self.desk.by(by), stop.case, "加入者登録なし")
        if by not in ENTERERS:
            assert told == NoAuthority()
        elif stop.state is not S.REQUESTED:
            assert told == SuspensionStandsAt(stop.state)
        else:
            assert told == SuspensionRefused(stop.case)
            stop.state = S.REJECTED

    @precondition(lambda self: self.model.stop)
    @rule(by=mostly("sato", "suzuki", "tanaka-2"))
    def check(self, by: str) -> None:
        """Somebody compares the stop with the form."""
        stop = self._stop()
        told = self.net.suspend.check(self.desk.by(by), stop.case)
        if by not in CHECKERS:
            assert told == NoAuthority()
        elif stop.state is not S.STOP_ENTERED:
            assert told == SuspensionStandsAt(stop.state)
        elif PERSON[by] in stop.hands:
            assert told == OwnCase()
        else:
            stop.state = S.FORMALISED if stop.route is Route.COUNTER else S.FORMAL_PENDING
            assert told == SuspensionChecked(stop.case, stop.state)

    @precondition(lambda self: self.model.stop)
    @rule(by=mostly("kudo"))
    def formalise(self, by: str) -> None:
        """Somebody takes the form."""
        stop = self._stop()
        told = self.net.suspend.formalise(self.desk.by(by), stop.case, paper=Paper.IB_1)
        if by not in TELLERS:
            assert told == NoAuthority()
        elif by == "abe":
            assert told == OtherBranch()
        elif stop.state is not S.FORMAL_PENDING:
            assert told == SuspensionStandsAt(stop.state)
        else:
            assert told == SuspensionFormalised(stop.case)
            stop.state = S.FORMALISED

    # --- proposing and deciding ---------------------------------------------------------------------------------------

    @rule(by=mostly("tanaka"), of_suspension=st.booleans())
    def propose(self, by: str, *, of_suspension: bool) -> None:
        """Somebody proposes a release."""
        matter = FROM_SUSPENSION if of_suspension else FROM_PASSWORD_BLOCK
        told = self.net.release.propose(self.desk.by(by), self.desk.account, matter)
        now = self.there.clock.now()
        waiting = [
            idea for idea in self.model.ideas if idea.of_suspension is of_suspension and self._at(idea) is P.OPEN
        ]
        if by not in MAKERS:
            assert told == NoAuthority()
        elif not self.model.releasable(of_suspension=of_suspension):
            assert told == NothingToRelease()
        elif waiting:
            assert told == AlreadyProposed(waiting[0].case)
        else:
            assert isinstance(told, Proposed)
            target = self.model.target(of_suspension=of_suspension)
            self.model.ideas.append(Idea(told.case, of_suspension, target, PERSON[by], now + LIFETIME))

    @precondition(lambda self: self.model.ideas)
    @rule(by=mostly("sato", "suzuki", "tanaka-2"), data=st.data())
    def approve(self, by: str, data: st.DataObject) -> None:
        """Somebody approves a proposal, perhaps one of long ago."""
        idea = data.draw(st.sampled_from(self.model.ideas))
        told = self.net.release.approve(self.desk.by(by), idea.case)
        idea.state = self._at(idea) if by in CHECKERS else idea.state
        if by not in CHECKERS:
            assert told == NoAuthority()
        elif idea.state is not P.OPEN:
            assert told == ProposalClosed(idea.state)
        elif PERSON[by] == idea.maker:
            assert told == OwnCase()
        elif idea.on != self.model.target(of_suspension=idea.of_suspension):
            assert told == ProposalStale(idea.case)
            idea.state = P.STALE
        else:
            assert told == Done(idea.case)
            idea.state, self.model.must_change = P.APPROVED, True
            if idea.of_suspension:
                self.model.suspended, self._stop().state = False, S.RELEASED
            else:
                self.model.blocked = 0

    @precondition(lambda self: self.model.ideas)
    @rule(by=st.sampled_from(PEOPLE), data=st.data())
    def reject(self, by: str, data: st.DataObject) -> None:
        """Somebody rejects a proposal."""
        idea = data.draw(st.sampled_from(self.model.ideas))
        told = self.net.release.reject(self.desk.by(by), idea.case, "印影相違")
        idea.state = self._at(idea) if by in CHECKERS else idea.state
        if by not in CHECKERS:
            assert told == NoAuthority()
        elif idea.state is not P.OPEN:
            assert told == ProposalClosed(idea.state)
        elif PERSON[by] == idea.maker:
            assert told == OwnCase()
        else:
            assert told == ProposalRejected(idea.case)
            idea.state = P.REJECTED

    @precondition(lambda self: self.model.ideas)
    @rule(by=st.sampled_from(PEOPLE), data=st.data())
    def withdraw(self, by: str, data: st.DataObject) -> None:
        """Somebody takes a proposal back."""
        idea = data.draw(st.sampled_from(self.model.ideas))
        told = self.net.release.withdraw(self.desk.by(by), idea.case)
        idea.state = self._at(idea) if by in MAKERS else idea.state
        if by not in MAKERS:
            assert told == NoAuthority()
        elif idea.state is not P.OPEN:
            assert told == ProposalClosed(idea.state)
        elif PERSON[by] != idea.maker:
            assert told == NotTheMaker()
        else:
            assert told == ProposalWithdrawn(idea.case)
            idea.state = P.WITHDRAWN

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def contract_is_as_the_model_has_it(self) -> None:
        """Suspended, blocked and marked just as two people wanted it."""
        contract, model = contract_of(self.there, self.desk.taro), self.model
        assert (contract.suspended_since is not None) == model.suspended
        assert contract.investigated_since == contract.suspended_since
        assert (contract.password_tally.blocked_since is not None) == (model.blocked > 0)
        assert contract.must_change_password == model.must_change

    @invariant()
    def customer_gets_in_just_if_nothing_is_in_the_way(self) -> None:
        """A suspension is told before a block; after a release another password is asked for."""
        told = with_password(self.there, self.desk.taro)
        if self.model.suspended:
            assert told == Suspended()
        elif self.model.blocked:
            assert told == Blocked()
        else:
            assert isinstance(told, PasswordChangeNeeded if self.model.must_change else LoggedIn)

    def teardown(self) -> None:
        """Whatever was done, every chain is whole."""
        assert isinstance(verify(self.net.platform), Intact)

    def _stop(self) -> Stop:
        assert self.model.stop is not None
        return self.model.stop

    def _open(self) -> list[Idea]:
        return [idea for idea in self.model.ideas if self._at(idea) is P.OPEN]

    def _at(self, idea: Idea) -> ProposalState:
        expired = idea.state is P.OPEN and self.there.clock.now() > idea.until
        return P.EXPIRED if expired else idea.state


TestCaseMachine = CaseMachine.TestCase
TestCaseMachine.settings = settings(max_examples=max(60, settings().max_examples), stateful_step_count=60)
