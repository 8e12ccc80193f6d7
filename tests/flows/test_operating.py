"""Operating: every act behind the counter against everything that may stand in its way.

The acts are found by looking (`NetBank.acts`): one that is new, and that nobody here knows how to do, fails these
tests.
Who may do what is read off the table of authority, never written down a second time.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product

import pytest
from attrs import evolve, frozen

from janetbank.flows.admit import LoginIdInitialised, NoticeIsAsked, PasswordsGiven
from janetbank.flows.audit import Intact, verify
from janetbank.flows.enquire import ContractStanding, History, PendingTransfers, WorkList
from janetbank.flows.operating import NoAuthority, PasswordDue
from janetbank.flows.operators import OperatorPasswordChanged, SignedIn, SignedOut, renew, retire
from janetbank.flows.refusals import OutsideServiceHours, SessionEnded
from janetbank.flows.release import Done, ProposalRejected, ProposalWithdrawn, Proposed
from janetbank.flows.suspend import (
    ContractSuspended,
    SuspensionChecked,
    SuspensionFormalised,
    SuspensionRefused,
    SuspensionRequested,
)
from janetbank.model.operator import Operator
from janetbank.policies.authority import CODES, MAY, Act, Part, Role, may
from janetbank.policies.suspension import PAPERS, TO_EXPLAIN, Cause, Route
from janetbank.ports.storage import Transaction
from janetbank.profiles import Profile
from janetbank.testing.bank import START, bank
from janetbank.values.account import Branch
from janetbank.values.paper import Paper
from janetbank.values.secret import Secret
from tests.flows.counter_scene import FROM_FEE, HOME, INITIAL, OWN, STAFF, Desk, told
from tests.flows.first_use_scene import NOTICES
from tests.flows.scene import contract_of, entries_of, read

Doing = Callable[[Secret], object]


@frozen
class Deed:
    """One act: *prepare* sets the scene and returns the doing of it, which gives *told* where nothing refuses.

    *by* is somebody who may do it, *act* and *part* what the table of authority knows it as; none for what is not an
    act on anything but one's own account.
    """

    name: str
    by: str
    prepare: Callable[[Desk], Doing]
    told: type
    act: Act | None = None
    part: Part = Part.MAKER
    profile: Profile | None = None
    """Of a bank where it is done at all, where that is not JA."""

    def open(self) -> Desk:
        """The desk of such a bank, with everybody."""
        return Desk.open(None if self.profile is None else bank(self.profile))


def _request(route: Route) -> Callable[[Desk], Doing]:
    def prepare(desk: Desk) -> Doing:
        return lambda session: desk.there.net.suspend.request(
            session,
            route=route,
            heard=desk.heard(),
            cause=Cause.OTHER,
            paper=PAPERS[route],
            explained=TO_EXPLAIN[route],
        )

    return prepare


def _enter(desk: Desk) -> Doing:
    case = desk.requested()
    return lambda session: desk.there.net.suspend.enter(session, case)


def _refuse(desk: Desk) -> Doing:
    case = desk.requested()
    return lambda session: desk.there.net.suspend.refuse(session, case, "no such subscriber")


def _check(desk: Desk) -> Doing:
    case = desk.suspended()
    return lambda session: desk.there.net.suspend.check(session, case)


def _formalise(desk: Desk) -> Doing:
    case = desk.checked()
    return lambda session: desk.there.net.suspend.formalise(session, case, paper=Paper.IB_1)


def _propose(desk: Desk) -> Doing:
    return lambda session: desk.there.net.release.propose(session, desk.account, FROM_FEE)


def _approve(desk: Desk) -> Doing:
    case = desk.proposed(FROM_FEE)
    return lambda session: desk.there.net.release.approve(session, case)


def _reject(desk: Desk) -> Doing:
    case = desk.proposed(FROM_FEE)
    return lambda session: desk.there.net.release.reject(session, case, "not for this month")


def _withdraw(desk: Desk) -> Doing:
    case = desk.proposed(FROM_FEE)
    return lambda session: desk.there.net.release.withdraw(session, case)


def _enquire(name: str) -> Callable[[Desk], Doing]:
    def prepare(desk: Desk) -> Doing:
        return lambda session: getattr(desk.there.net.enquire, name)(session, desk.account)

    return prepare


def _ask(desk: Desk) -> Doing:
    return lambda session: desk.there.net.admit.ask(session, desk.account)


def _give(desk: Desk) -> Doing:
    told(desk.there.net.admit.ask(desk.by("tanaka"), desk.account), NoticeIsAsked)
    return lambda session: desk.there.net.admit.give(session, desk.account)


def _initialise(desk: Desk) -> Doing:
    return lambda session: desk.there.net.admit.initialise(session, desk.account)


def _change_password(desk: Desk) -> Doing:
    new = Secret("another#own#38")
    return lambda session: desk.there.net.operators.change_password(session, current=OWN, new=new, again=new)


def _sign_in(desk: Desk) -> Doing:
    return lambda _: desk.there.net.operators.sign_in(HOME, "tanaka", OWN)


DEEDS = [
    Deed("enquire.cases", "kudo", lambda desk: desk.there.net.enquire.cases, WorkList, Act.LIST_CASES),
    Deed("enquire.contract", "sato", _enquire("contract"), ContractStanding, Act.ENQUIRE_CONTRACT),
    Deed("enquire.history", "tanaka", _enquire("history"), History, Act.ENQUIRE_HISTORY),
    Deed("enquire.transfers", "mori", _enquire("transfers"), PendingTransfers, Act.ENQUIRE_TRANSFERS),
    Deed("suspend.request", "kudo", _request(Route.COUNTER), SuspensionRequested, Act.REQUEST_AT_COUNTER),
    Deed("suspend.request", "mori", _request(Route.HELP_DESK), SuspensionRequested, Act.REQUEST_BY_TELEPHONE),
    Deed("suspend.enter", "tanaka", _enter, ContractSuspended, Act.SUSPEND),
    Deed("suspend.refuse", "tanaka", _refuse, SuspensionRefused, Act.REFUSE_SUSPENSION),
    Deed("suspend.check", "sato", _check, SuspensionChecked, Act.SUSPEND, Part.CHECKER),
    Deed("suspend.formalise", "kudo", _formalise, SuspensionFormalised, Act.FORMALISE),
    Deed("release.propose", "tanaka", _propose, Proposed, Act.EXEMPT_FEE),
    Deed("release.approve", "sato", _approve, Done, Act.EXEMPT_FEE, Part.CHECKER),
    Deed("release.reject", "sato", _reject, ProposalRejected, Act.EXEMPT_FEE, Part.CHECKER),
    Deed("release.withdraw", "tanaka", _withdraw, ProposalWithdrawn, Act.EXEMPT_FEE),
    Deed("admit.ask", "kudo", _ask, NoticeIsAsked, Act.GIVE_PASSWORDS, profile=NOTICES),
    Deed("admit.give", "sato", _give, PasswordsGiven, Act.GIVE_PASSWORDS, Part.CHECKER, NOTICES),
    Deed("admit.initialise", "tanaka", _initialise, LoginIdInitialised, Act.INITIALISE_LOGIN_ID, profile=NOTICES),
    Deed("operators.change_password", "tanaka", _change_password, OperatorPasswordChanged),
    Deed("operators.sign_in", "tanaka", _sign_in, SignedIn),
    Deed("operators.sign_out", "tanaka", lambda desk: desk.there.net.operators.sign_out, SignedOut),
]
NAMES = sorted(bank().net.acts())
OF_THE_TABLE = [deed for deed in DEEDS if deed.act is not None]
IN_SESSION = [deed for deed in DEEDS if deed.name not in {"operators.sign_in", "operators.sign_out"}]
HAS_HOURS = [deed for deed in DEEDS if deed.name != "operators.sign_out"]


def _id(deed: Deed) -> str:
    return f"{deed.name} by {deed.by}"


def put(desk: Desk, name: str, change: Callable[[Operator], Operator]) -> None:
    """Write what *change* makes of an account."""

    def step(tx: Transaction) -> None:
        found = tx.operators.by_name(f"operator:{STAFF[name][3]}:{name}")
        assert found is not None
        tx.operators.put(change(found))

    read(desk.there.storage, step)


def test_every_act_is_known_here_and_no_other() -> None:
    """A new act has to be added to these tests; one that is gone has to leave them."""
    assert {deed.name for deed in DEEDS} == set(NAMES)


def _stands_in_both_chains(desk: Desk, by: str) -> None:
    """What the contract's chain says of the case is what the operator's says, and whose deed, and how it stands."""
    acted = desk.chain(by)[-1]
    said = [one for one in entries_of(desk.there, desk.taro) if one.kind == "CaseMoved"][-1]
    case = desk.case(str(acted.data["case"]))
    assert said.at == acted.at
    assert {key: value for key, value in said.data.items() if key not in {"paper", "reason"}} == {
        **{key: acted.data[key] for key in ("act", "part", "codes")},
        "case": case.id,
        "kind": case.kind.value,
        "subject": case.subject,
        "state": case.state.value,
        "operator": by,
        "person": STAFF[by][0],
    }


@pytest.mark.parametrize("deed", DEEDS, ids=_id)
def test_done_rightly_it_is_done(deed: Deed) -> None:
    """And it stands in the operator's own chain, with its codes and what he was told (OPS-06)."""
    desk = deed.open()
    act = deed.prepare(desk)
    told(act(desk.by(deed.by)), deed.told)
    if deed.act is not None:
        last = desk.chain(deed.by)[-1]
        assert (last.kind, last.data["act"], last.data["part"]) == ("OperatorActed", deed.act.value, deed.part.value)
        assert last.data["codes"] == CODES[deed.act]
        assert str(last.data["told"]) == deed.told.__dict__["code"]
        assert (last.data["contract"] == desk.taro.contract.text) == (deed.name != "enquire.cases")
        of_a_case = deed.name.partition(".")[0] in {"suspend", "release"}
        assert (last.data["case"] is not None) == of_a_case
        if of_a_case:
            _stands_in_both_chains(desk, deed.by)
    assert isinstance(verify(desk.there.net.platform), Intact)


def _with_role(role: Role, one: Operator) -> Operator:
    return evolve(one, roles=frozenset({role}), branch=Branch("001"))


@pytest.mark.requirement("OPS-08", "OPS-09", "OPS-10", "SUS-13")
@pytest.mark.parametrize("deed", OF_THE_TABLE, ids=_id)
def test_every_role_may_do_what_the_table_says(deed: Deed) -> None:
    """With that role alone, whoever it is; what is refused changes nothing for the customer, and is on record."""
    assert deed.act is not None
    for role in Role:
        desk = deed.open()
        act = deed.prepare(desk)
        put(desk, "suzuki", partial(_with_role, role))
        before = contract_of(desk.there, desk.taro)
        outcome = act(desk.by("suzuki"))
        assert (outcome == NoAuthority()) == (not may({role}, deed.act, deed.part))
        if outcome == NoAuthority():
            assert contract_of(desk.there, desk.taro) == before
            last = desk.chain("suzuki")[-1]
            assert (last.data["act"], last.data["told"]) == (deed.act.value, "operator.no_authority")


def test_every_cell_of_the_table_is_somebodys_act() -> None:
    """There is nothing in the table that nobody can do here, but for what differs by the kind of a case alone."""
    done = {(deed.act, deed.part) for deed in OF_THE_TABLE}
    of_releases = set(
        product([Act.RELEASE_SUSPENSION, Act.RELEASE_BLOCK, Act.CANCEL_CONTRACT, Act.TAKE_TOKEN_FORM], Part)
    )
    assert done | of_releases == set(MAY)


@pytest.mark.requirement("OPS-10")
@pytest.mark.parametrize("deed", HAS_HOURS, ids=_id)
def test_out_of_hours_nothing_is_done(deed: Deed) -> None:
    """From 22:00 on; whoever was signed in then is told when the terminal opens, and that he tried is on record."""
    desk = deed.open()
    desk.there.clock.set(START + timedelta(hours=11, minutes=55))
    act, session = deed.prepare(desk), desk.by(deed.by)
    before = contract_of(desk.there, desk.taro)
    desk.there.clock.set(START + timedelta(hours=12))
    assert act(session) == OutsideServiceHours(START + timedelta(hours=21))
    assert contract_of(desk.there, desk.taro) == before
    if deed.act is not None:
        assert desk.chain(deed.by)[-1].data["told"] == "outside_service_hours"


def test_leaving_is_never_refused() -> None:
    """Not even when the terminal rests."""
    desk = Desk.open(None, "tanaka")
    session = desk.by("tanaka")
    desk.there.clock.set(START + timedelta(hours=13))
    assert desk.there.net.operators.sign_out(session) == SignedOut()


@pytest.mark.requirement("SUS-13")
@pytest.mark.parametrize("deed", OF_THE_TABLE, ids=_id)
def test_with_a_password_that_is_due_nothing_is_done(deed: Deed) -> None:
    """In the midst of a session, too."""
    desk = deed.open()
    act, session = deed.prepare(desk), desk.by(deed.by)
    put(desk, deed.by, lambda one: evolve(one, password_changed_at=START - timedelta(days=90)))
    before = contract_of(desk.there, desk.taro)
    assert act(session) == PasswordDue()
    assert contract_of(desk.there, desk.taro) == before


@pytest.mark.parametrize("end", ["idle", "signed out", "renewed", "retired", "epoch", "nobody's"])
@pytest.mark.parametrize("deed", IN_SESSION, ids=_id)
def test_in_a_session_that_has_ended_nothing_is_done(deed: Deed, end: str) -> None:
    """However it ended, and nothing is written of it."""
    desk = deed.open()
    act, session = deed.prepare(desk), desk.by(deed.by)
    platform = desk.there.net.platform
    endings: dict[str, Callable[[], object]] = {
        "idle": lambda: desk.there.clock.advance(timedelta(minutes=10)),
        "signed out": lambda: desk.there.net.operators.sign_out(session),
        "renewed": lambda: renew(platform, HOME, deed.by, INITIAL),
        "retired": lambda: retire(platform, HOME, deed.by),
        "epoch": lambda: put(desk, deed.by, Operator.end_sessions),
        "nobody's": lambda: None,
    }
    endings[end]()
    before = desk.chain(deed.by)
    assert act(Secret("nobody's") if end == "nobody's" else session) == SessionEnded()
    assert desk.chain(deed.by) == before


def test_who_works_stays_signed_in() -> None:
    """Each act is a use of the session."""
    desk = Desk.open(None, "tanaka")
    session = desk.by("tanaka")
    for _ in range(5):
        desk.there.clock.advance(timedelta(minutes=9))
        assert isinstance(desk.there.net.enquire.cases(session), WorkList)


def test_a_customers_session_is_no_operators() -> None:
    """Nor the other way round: the two sides of the counter have nothing in common."""
    desk = Desk.open(None, "tanaka")
    customers, operators = desk.there.log_in(desk.taro), desk.by("tanaka")
    assert desk.there.net.enquire.cases(customers) == SessionEnded()
    assert desk.there.net.use_session(operators) == SessionEnded()


def test_a_session_whose_account_is_gone_is_none() -> None:
    """A session is kept apart from its account, and opens nothing by itself."""
    desk = Desk.open(None, "tanaka")
    session = desk.by("tanaka")
    key = desk.there.net.platform.vault.token_key(session)

    def step(tx: Transaction) -> None:
        found = tx.operator_sessions.by_key(key)
        assert found is not None
        tx.operator_sessions.put(evolve(found, operator="operator:5441:nobody"))

    read(desk.there.storage, step)
    assert desk.there.net.enquire.cases(session) == SessionEnded()
    assert desk.there.net.operators.sign_out(session) == SignedOut()
