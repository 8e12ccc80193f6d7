"""Suspending a contract because somebody asks for it: at a counter, or on the telephone.

    Suspend.request   -> SuspensionRequested | FormerNameNeeded | NotIdentified | Unexplained | … | a refusal
    Suspend.enter     -> ContractSuspended: effective at once
    Suspend.refuse    -> SuspensionRefused, for a reason that is kept: the applicant is sent to his branch (SUS-11)
    Suspend.check     -> SuspensionChecked, by another person
    Suspend.formalise -> SuspensionFormalised: the form has come

From the maker's entry on nobody logs in, nobody resets and nobody cancels, and whoever was in is out; transfers that
the customer had authorised are executed even so (`flows.settle_instructions`).  The customer is told at all his
addresses in the deciding transaction, so on the same day.

Shape:  outcomes are closed unions; an operator sees the contracts and cases of his own institution alone.
Source: SUS-04, 07, 08, 10, 11, 16..22, 25, 28, 30, 32; CAN-09, ENR-19, MAL-13, MAL-14, TRF-10; AMB-17, AMB-29, AMB-33.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import ClassVar, TypeVar, assert_never

from attrs import evolve, frozen

from janetbank.flows.letters import notify
from janetbank.flows.operating import (
    Acting,
    Deed,
    NoSuchCase,
    OperatorRefusal,
    OwnCase,
    find_case,
    moved,
    operate,
)
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Rejected
from janetbank.model.case import Case, CaseKind
from janetbank.model.contract import Contract
from janetbank.model.letter import LetterCode
from janetbank.policies import suspension
from janetbank.policies.authority import Act, Part
from janetbank.policies.suspension import (
    PAPERS,
    AskFormerName,
    Cause,
    Explanation,
    Heard,
    Moved,
    NotNow,
    Route,
    SamePerson,
    Suspension,
    SuspensionState,
)
from janetbank.policies.suspension import NotIdentified as NotTheCustomer
from janetbank.ports.storage import Transaction
from janetbank.values.line import Line
from janetbank.values.paper import Paper
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation

_Told = TypeVar("_Told")

_TAKING = {Route.COUNTER: Act.REQUEST_AT_COUNTER, Route.HELP_DESK: Act.REQUEST_BY_TELEPHONE}


@frozen
class SuspensionRequested:
    """The request is taken, as *case*; enter the stop at once.  It is to be formalised by *due_on*."""

    case: str
    due_on: date
    code: ClassVar[str] = "suspend.requested"


@frozen
class FormerNameNeeded:
    """The account is right and the name is another one: ask whether it has changed, and for the former one (SUS-20)."""

    code: ClassVar[str] = "suspend.former_name_needed"


@frozen
class NotIdentified:
    """What was said is not what is on record: the branch of the representative account has to help (SUS-21)."""

    code: ClassVar[str] = "suspend.not_identified"


@frozen
class Unexplained:
    """First explain *missing* (the texts `explanation.*`), and confirm that it was done."""

    missing: tuple[Explanation, ...]
    code: ClassVar[str] = "suspend.unexplained"


@frozen
class AlreadySuspended:
    """There is a suspension of this contract, as *case*."""

    case: str
    code: ClassVar[str] = "suspend.already"


@frozen
class ContractSuspended:
    """The contract is stopped; another person has to check *case*."""

    case: str
    code: ClassVar[str] = "suspend.suspended"


@frozen
class SuspensionRefused:
    """The request in *case* came to nothing, and the applicant is told."""

    case: str
    code: ClassVar[str] = "suspend.refused"


@frozen
class SuspensionChecked:
    """The stop in *case* is what was asked for; how it stands now is *state*."""

    case: str
    state: SuspensionState
    code: ClassVar[str] = "suspend.checked"


@frozen
class SuspensionFormalised:
    """The form for *case* has come."""

    case: str
    code: ClassVar[str] = "suspend.formalised"


@frozen
class OtherBranch:
    """The form is taken at the branch of the representative account (SUS-28)."""

    code: ClassVar[str] = "suspend.other_branch"


@frozen
class SuspensionStandsAt:
    """This cannot be done to a suspension in *state*."""

    state: SuspensionState
    code: ClassVar[str] = "suspend.not_now"


RequestOutcome = (
    SuspensionRequested
    | FormerNameNeeded
    | NotIdentified
    | Unexplained
    | AlreadySuspended
    | Rejected
    | NoSuchCase
    | OperatorRefusal
)
EnterOutcome = ContractSuspended | SuspensionStandsAt | NoSuchCase | OperatorRefusal
RefuseOutcome = SuspensionRefused | SuspensionStandsAt | Rejected | NoSuchCase | OperatorRefusal
CheckOutcome = SuspensionChecked | SuspensionStandsAt | OwnCase | NoSuchCase | OperatorRefusal
FormaliseOutcome = SuspensionFormalised | SuspensionStandsAt | OtherBranch | Rejected | NoSuchCase | OperatorRefusal


@frozen
class _Found:
    """A suspension of a contract, for whoever acts."""

    contract: Contract
    case: Case
    matter: Suspension

    def at(self, matter: Suspension) -> Case:
        """The case with its matter as it is now."""
        return evolve(self.case, matter=matter)


@frozen
class Suspend:
    """See the module."""

    _platform: Platform

    def request(
        self,
        session: Secret,
        *,
        route: Route,
        heard: Heard,
        cause: Cause,
        paper: Paper | None,
        explained: Collection[Explanation],
    ) -> RequestOutcome:
        """Take a request by *route* from somebody who says of himself what was *heard*.

        *paper* is what was filled in; *explained* what he was told, all of which has to be.
        """

        def step(tx: Transaction, acting: Acting) -> Deed[RequestOutcome]:
            if paper is not PAPERS[route]:
                return Deed(Rejected((Violation("case.wrong_paper", field="paper"),)))
            contract = tx.contracts.by_account(acting.institution, str(heard.account), "")
            customer = None if contract is None else tx.customers.of(acting.institution, contract.id)
            if contract is None or customer is None or contract.account is None:
                return Deed(NotIdentified())
            match suspension.identify(heard, customer.kana, contract.account):
                case AskFormerName():
                    return Deed(FormerNameNeeded(), contract.id)
                case NotTheCustomer():
                    return Deed(NotIdentified(), contract.id)
                case suspension.Identified():
                    return self._take(tx, acting, contract, route, cause, explained)
                case _ as never:
                    assert_never(never)

        return operate(self._platform, session, _TAKING[route], step)

    def enter(self, session: Secret, case: str) -> EnterOutcome:
        """Enter the stop (取引停止): it counts from this instant (AMB-17)."""

        def step(tx: Transaction, acting: Acting, found: _Found) -> ContractSuspended | SuspensionStandsAt:
            matter, verdict = suspension.enter(found.matter, acting.hand, acting.at)
            if isinstance(verdict, NotNow):
                return SuspensionStandsAt(verdict.state)
            contract = evolve(found.contract, suspended_since=acting.at, investigated_since=acting.at).end_sessions()
            moved(tx, acting, contract, found.at(matter), paper=found.case.paper)
            notify(self._platform, tx, contract, LetterCode.SUSPENDED, acting.at)
            return ContractSuspended(case)

        return self._in_case(session, Act.SUSPEND, case, step)

    def refuse(self, session: Secret, case: str, reason: str) -> RefuseOutcome:
        """Say that the stop cannot be entered, and why (SUS-11)."""

        def step(tx: Transaction, acting: Acting, found: _Found) -> SuspensionRefused | SuspensionStandsAt | Rejected:
            try:
                why = Line.parse(reason)
            except InvalidValue as invalid:
                return Rejected((invalid.violation.at("reason"),))
            matter, verdict = suspension.reject(found.matter, why)
            if isinstance(verdict, NotNow):
                return SuspensionStandsAt(verdict.state)
            moved(tx, acting, found.contract, found.at(matter), reason=why)
            notify(self._platform, tx, found.contract, LetterCode.SUSPENSION_REFUSED, acting.at)
            return SuspensionRefused(case)

        return self._in_case(session, Act.REFUSE_SUSPENSION, case, step)

    def check(self, session: Secret, case: str) -> CheckOutcome:
        """Compare the stop with the form, and find it right: another person than all who had a hand in it (SUS-10)."""

        def step(tx: Transaction, acting: Acting, found: _Found) -> SuspensionChecked | SuspensionStandsAt | OwnCase:
            matter, verdict = suspension.check(found.matter, acting.hand, acting.at)
            match verdict:
                case NotNow(state):
                    return SuspensionStandsAt(state)
                case SamePerson():
                    return OwnCase()
                case Moved():
                    moved(tx, acting, found.contract, found.at(matter), paper=found.case.paper)
                    return SuspensionChecked(case, matter.state)
                case _ as never:
                    assert_never(never)

        return self._in_case(session, Act.SUSPEND, case, step, part=Part.CHECKER)

    def formalise(self, session: Secret, case: str, *, paper: Paper | None) -> FormaliseOutcome:
        """Take the form that had to follow, at the branch of the representative account."""

        def step(
            tx: Transaction, acting: Acting, found: _Found
        ) -> SuspensionFormalised | SuspensionStandsAt | OtherBranch | Rejected:
            if paper is not Paper.IB_1:
                return Rejected((Violation("case.wrong_paper", field="paper"),))
            if found.contract.account is None or acting.operator.branch != found.contract.account.branch:
                return OtherBranch()
            matter, verdict = suspension.formalise(found.matter, acting.at)
            if isinstance(verdict, NotNow):
                return SuspensionStandsAt(verdict.state)
            moved(tx, acting, found.contract, found.at(matter), paper=paper)
            return SuspensionFormalised(case)

        return self._in_case(session, Act.FORMALISE, case, step)

    def _take(
        self,
        tx: Transaction,
        acting: Acting,
        contract: Contract,
        route: Route,
        cause: Cause,
        explained: Collection[Explanation],
    ) -> Deed[RequestOutcome]:
        if (live := tx.cases.live(contract.institution, contract.id, CaseKind.SUSPENSION)) is not None:
            return Deed(AlreadySuspended(live.id), contract.id, live.id)
        if missing := suspension.unexplained(route, explained):
            return Deed(Unexplained(missing), contract.id)
        calendar = self._platform.profile.calendar
        matter = Suspension(
            route=route,
            cause=cause,
            requested_by=acting.hand,
            requested_at=acting.at,
            due_on=calendar.next_business_day(calendar.business_date(acting.at)),
        )
        case = Case(
            institution=contract.institution,
            id=self._platform.vault.identifier(),
            contract=contract.id,
            kind=CaseKind.SUSPENSION,
            matter=matter,
            paper=PAPERS[route],
            opened_at=acting.at,
        )
        moved(tx, acting, contract, case, paper=case.paper)
        return Deed(SuspensionRequested(case.id, matter.due_on), contract.id, case.id)

    def _in_case(
        self,
        session: Secret,
        act: Act,
        case: str,
        step: Callable[[Transaction, Acting, _Found], _Told],
        *,
        part: Part = Part.MAKER,
    ) -> _Told | NoSuchCase | OperatorRefusal:
        """Do *step* for the suspension that *case* names, if it is one of the operator's institution."""

        def whole(tx: Transaction, acting: Acting) -> Deed[_Told | NoSuchCase]:
            there = find_case(tx, acting.institution, case)
            if there is None or not isinstance(matter := there.case.matter, Suspension):
                return Deed(NoSuchCase())
            return Deed(step(tx, acting, _Found(there.contract, there.case, matter)), there.contract.id, case)

        return operate(self._platform, session, act, whole, part=part)
