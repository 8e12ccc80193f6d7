"""Behind the counter: the staff of an institution, and how they bring a case as far as a test wants it.

| account | person | is |
|---|---|---|
| kudo | E-1 | teller at the branch of Taro's account |
| tanaka | E-2 | operator at the centre |
| tanaka-2 | E-2 | the same Tanaka, as a supervisor |
| sato | E-3 | supervisor |
| suzuki | E-4 | supervisor |
| mori | E-5 | at the help desk |
| abe | E-6 | teller at another branch |
| ito | E-7 | operator and supervisor of another institution, and everything else there |
"""

from typing import TypeVar

from attrs import field, frozen

from janetbank.flows.operators import (
    NewOperator,
    NewPasswordNeeded,
    OperatorPasswordChanged,
    Registered,
    SignedIn,
    register,
)
from janetbank.flows.release import Done, FromBlock, FromContract, FromFee, FromSuspension, Matter, OfToken, Proposed
from janetbank.flows.suspend import (
    ContractSuspended,
    RequestOutcome,
    SuspensionChecked,
    SuspensionFormalised,
    SuspensionRequested,
)
from janetbank.model.audit import Entry
from janetbank.model.case import Case
from janetbank.policies.authority import Role
from janetbank.policies.releases import Block
from janetbank.policies.suspension import PAPERS, TO_EXPLAIN, Cause, Explanation, Finding, Heard, Route
from janetbank.policies.token import TokenForm
from janetbank.testing.bank import INSTITUTION, NEIGHBOUR, Enrollee, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.month import Month
from janetbank.values.paper import Paper
from janetbank.values.person import KanaName
from janetbank.values.secret import Secret
from tests.flows.scene import read

_Expected = TypeVar("_Expected")

INITIAL = Secret("given#out#by#1")
OWN = Secret("chosen#alone#27")
HOME, AWAY = INSTITUTION.id, NEIGHBOUR.id
MONTH = Month(2026, 11)
STAFF: dict[str, tuple[str, set[Role], str | None, InstitutionId]] = {
    "kudo": ("E-1", {Role.TELLER}, "001", HOME),
    "tanaka": ("E-2", {Role.OPERATOR}, None, HOME),
    "tanaka-2": ("e-2", {Role.SUPERVISOR}, None, HOME),
    "sato": ("E-3", {Role.SUPERVISOR}, None, HOME),
    "suzuki": ("E-4", {Role.SUPERVISOR}, None, HOME),
    "mori": ("E-5", {Role.HELP_DESK}, None, HOME),
    "abe": ("E-6", {Role.TELLER}, "002", HOME),
    "ito": ("E-7", set(Role), "001", AWAY),
}

FROM_SUSPENSION = FromSuspension(paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS, note=True)
FROM_PASSWORD_BLOCK = FromBlock(block=Block.PASSWORD_BLOCK, paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS)
FROM_ANSWER_BLOCK = FromBlock(block=Block.ANSWER_BLOCK, paper=Paper.IB_3, finding=Finding.NOT_EXAMINED)
FROM_FEE = FromFee(MONTH)
FROM_CONTRACT = FromContract(paper=Paper.CANCELLATION_FORM)
ENTITLED, STOPPED, CANCELLED = (OfToken(form=form, paper=Paper.TOKEN_FORM) for form in TokenForm)


def told(outcome: object, kind: type[_Expected]) -> _Expected:
    """*outcome*, which is of this *kind*."""
    assert isinstance(outcome, kind), outcome
    return outcome


@frozen
class Desk:
    """A bank with its staff and one customer."""

    there: TestBank
    taro: Enrollee
    sessions: dict[str, Secret] = field(factory=dict[str, Secret])

    @classmethod
    def open(cls, there: TestBank | None = None, *names: str) -> "Desk":
        """The desk of a bank, with the accounts of *names*, or of everybody."""
        there = there or bank()
        desk = cls(there, there.customer())
        for name in names or STAFF:
            desk.hire(name)
        return desk

    @property
    def account(self) -> Account:
        """Taro's."""
        return self.taro.person.account

    def hire(self, name: str) -> None:
        """Open an account, and let its bearer choose a password."""
        person, roles, branch, institution = STAFF[name]
        new = NewOperator(operator=name, person=person, full_name=name, roles=roles, branch=branch)
        told(register(self.there.net.platform, institution, new, INITIAL), Registered)
        given = told(self.there.net.operators.sign_in(institution, name, INITIAL), NewPasswordNeeded)
        changed = self.there.net.operators.change_password(given.session, current=INITIAL, new=OWN, again=OWN)
        self.sessions[name] = told(changed, OperatorPasswordChanged).session

    def by(self, name: str) -> Secret:
        """A session of *name*."""
        signed_in = self.there.net.operators.sign_in(STAFF[name][3], name, OWN)
        return told(signed_in, SignedIn).session

    # --- suspending -------------------------------------------------------------------------------------------------

    def heard(self, name: str | None = None, former: str | None = None, account: Account | None = None) -> Heard:
        """What somebody says of himself: what Taro would, unless something else is given."""
        return Heard(
            name=KanaName(name or self.taro.person.kana),
            former_name=None if former is None else KanaName(former),
            account=account or self.account,
        )

    def ask(
        self,
        by: str = "mori",
        route: Route = Route.HELP_DESK,
        *,
        heard: Heard | None = None,
        paper: Paper | None = None,
        explained: tuple[Explanation, ...] | None = None,
    ) -> RequestOutcome:
        """Take a request, with everything done rightly unless something else is given."""
        return self.there.net.suspend.request(
            self.by(by),
            route=route,
            heard=heard or self.heard(),
            cause=Cause.LOST_DEVICE,
            paper=paper or PAPERS[route],
            explained=TO_EXPLAIN[route] if explained is None else explained,
        )

    def requested(self, route: Route = Route.HELP_DESK) -> str:
        """A case that somebody has to enter."""
        by = "mori" if route is Route.HELP_DESK else "kudo"
        return told(self.ask(by, route), SuspensionRequested).case

    def suspended(self, route: Route = Route.HELP_DESK) -> str:
        """A case whose stop somebody has to check; on the telephone it was entered by who took it."""
        case = self.requested(route)
        by = "mori" if route is Route.HELP_DESK else "tanaka"
        told(self.there.net.suspend.enter(self.by(by), case), ContractSuspended)
        return case

    def checked(self, route: Route = Route.HELP_DESK) -> str:
        """A case that somebody has checked."""
        case = self.suspended(route)
        told(self.there.net.suspend.check(self.by("sato"), case), SuspensionChecked)
        return case

    def formalised(self) -> str:
        """A case of the help desk whose form has come."""
        case = self.checked()
        told(self.there.net.suspend.formalise(self.by("kudo"), case, paper=Paper.IB_1), SuspensionFormalised)
        return case

    # --- releasing ----------------------------------------------------------------------------------------------------

    def proposed(self, matter: Matter = FROM_SUSPENSION, by: str = "tanaka") -> str:
        """A proposal that somebody has to decide."""
        return told(self.there.net.release.propose(self.by(by), self.account, matter), Proposed).case

    def registered(self, matter: Matter) -> str:
        """What two people have done."""
        case = self.proposed(matter)
        told(self.there.net.release.approve(self.by("sato"), case), Done)
        return case

    # --- looking behind the counter -----------------------------------------------------------------------------------

    def case(self, case: str, institution: InstitutionId = HOME) -> Case:
        """A case as it stands in the store."""
        found = read(self.there.storage, lambda tx: tx.cases.by_id(institution, case))
        assert found is not None
        return found

    def chain(self, name: str) -> list[Entry]:
        """What stands in the chain of an account."""
        return read(self.there.storage, lambda tx: list(tx.audit.chain(f"operator:{STAFF[name][3]}:{name}")))


def entitle(there: TestBank, taro: Enrollee) -> Desk:
    """The desk at which Taro's form for one-time passwords was taken, by two people, where one is needed."""
    desk = Desk(there, taro)
    if TokenForm.ENTITLE in there.profile.token.by_form:
        for name in ("tanaka", "sato"):
            desk.hire(name)
        desk.registered(ENTITLED)
    return desk
