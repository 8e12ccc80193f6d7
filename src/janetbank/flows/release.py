"""Releasing: from a suspension, from a block, from a month's fee, from the contract; and the form for tokens.

Proposed by one and approved by another:

    Release.propose  -> Proposed | a refusal          what is to be done, decided on what there is now
    Release.approve  -> Done | a refusal              another person: it is done in that instant
    Release.reject   -> ProposalRejected
    Release.withdraw -> ProposalWithdrawn             its maker alone

Nothing changes for a customer before the approval, and after it only where everything still is as it was when it was
proposed.  Each release leaves all other blocks as they are.  The stop of a token is the exception: as with every stop
it counts from its maker's entry, and what is approved is that it was right (AMB-17).

Shape:  outcomes are closed unions; an operator sees the contracts and cases of his own institution alone.
Source: SUS-01..03, SUS-33, LCK-04, LCK-08, LCK-09, RBA-09, CAN-01, CAN-02, CAN-10, CAN-11, OPS-06..08, OPS-12, FEE-07,
        FEE-09, FEE-10, TXA-09, PRF-03, MAL-07, OTP-13, OTP-16, OTP-17; AMB-6, AMB-17; TRAPS "a screen bypasses it".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import ClassVar, TypeVar, assert_never

from attrs import evolve, frozen

from janetbank.flows.fees import exempt_month, terms_of
from janetbank.flows.instructions import void_waiting
from janetbank.flows.lacks import closed_ways
from janetbank.flows.leave import last_day, leave, leaving_facts
from janetbank.flows.letters import notify
from janetbank.flows.operating import (
    Acting,
    Deed,
    NoSuchCase,
    NoSuchContract,
    OperatorRefusal,
    OwnCase,
    find_case,
    moved,
    operate,
)
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Rejected
from janetbank.model.case import Case, CaseKind
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import TokenMoved
from janetbank.model.letter import LetterCode
from janetbank.model.operator import Operator
from janetbank.model.token import Token
from janetbank.policies import dual_control, fees, suspension
from janetbank.policies.authority import Act, Part
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.dual_control import Proposal, ProposalState
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.leaving import AT_THE_COUNTER
from janetbank.policies.lockout import Blocked
from janetbank.policies.releases import WAYS, Block, way_out
from janetbank.policies.releases import Release as Way
from janetbank.policies.suspension import Finding, Suspension, SuspensionEvent, SuspensionState
from janetbank.policies.token import TokenEvent, TokenForm
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.line import Line
from janetbank.values.month import Month
from janetbank.values.paper import Paper
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue, Violation

_Told = TypeVar("_Told")


# --- What can be proposed ---------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class FromSuspension:
    """Let a suspended contract go: the form, what the search of its history came to, the customer's note (SUS-02)."""

    paper: Paper | None
    finding: Finding
    note: bool


@frozen(kw_only=True)
class FromBlock:
    """Open a counter again, by the form; where it is the password's, only if nobody had illicit access.

    Where no questions are reset online, the block of the answers also stands for answers that are forgotten, and not
    blocked (RBA-09): the form is the only way to others.
    """

    block: Block
    paper: Paper | None
    finding: Finding


@frozen
class FromFee:
    """Exempt the contract from the fee of *month*, which has to be registered within it (FEE-10)."""

    month: Month


@frozen(kw_only=True)
class OfToken:
    """Register what the form for one-time passwords asks for."""

    form: TokenForm
    paper: Paper | None


@frozen(kw_only=True)
class FromContract:
    """Cancel the contract, by the form: for who cannot do it online, and then perhaps apply anew (CAN-01, CAN-11).

    Where a fraud is looked into, *finding* is what that came to, whichever it is: it is over then, and the contract,
    which is suspended, ends so (SUS-01).
    """

    paper: Paper | None
    finding: Finding = Finding.NOT_EXAMINED


Matter = FromSuspension | FromBlock | FromFee | FromContract | OfToken

_BY_OPERATORS = frozenset({Way.BRANCH_FORM, Way.BRANCH_TERMINAL})
COUNTERS: Mapping[Block, Counter] = MappingProxyType(
    {
        block: counter
        for counter in Counter
        if not _BY_OPERATORS.isdisjoint(WAYS[block := Block(f"{counter.value}_block")])
    }
)
"""What operators release by a form; every other block has a way of its own (`policies.releases`)."""

_ACTS = {
    CaseKind.SUSPENSION_RELEASE: Act.RELEASE_SUSPENSION,
    CaseKind.BLOCK_RELEASE: Act.RELEASE_BLOCK,
    CaseKind.FEE_EXEMPTION: Act.EXEMPT_FEE,
    CaseKind.CANCELLATION: Act.CANCEL_CONTRACT,
    CaseKind.TOKEN_FORM: Act.TAKE_TOKEN_FORM,
}


# --- What is told -----------------------------------------------------------------------------------------------------


@frozen
class Proposed:
    """Another person has to approve *case* by *until*."""

    case: str
    until: datetime
    code: ClassVar[str] = "case.proposed"


@frozen
class AlreadyProposed:
    """The same is proposed already, as *case*."""

    case: str
    code: ClassVar[str] = "case.already_proposed"


@frozen
class NothingToRelease:
    """There is nothing of the kind in the way, or not yet: a stop has to be checked first."""

    code: ClassVar[str] = "case.nothing_to_release"


@frozen
class NothingToRegister:
    """What the form asks for is so already, or there is no token that it could be done with."""

    code: ClassVar[str] = "case.nothing_to_register"


@frozen
class OtherWay:
    """This block is ended otherwise."""

    way: Way
    code: ClassVar[str] = "case.other_way"


@frozen
class Done:
    """What *case* proposed is done, in this instant."""

    case: str
    code: ClassVar[str] = "case.done"


@frozen
class ProposalStale:
    """The contract is not what was decided on any more: propose anew."""

    case: str
    code: ClassVar[str] = "case.stale"


@frozen
class ProposalRejected:
    """What *case* proposed will not be done."""

    case: str
    code: ClassVar[str] = "case.rejected"


@frozen
class ProposalWithdrawn:
    """The maker of *case* took it back."""

    case: str
    code: ClassVar[str] = "case.withdrawn"


@frozen
class NotTheMaker:
    """Nobody but its maker takes a proposal back."""

    code: ClassVar[str] = "case.not_the_maker"


@frozen
class ProposalClosed:
    """The proposal is *state*: nothing more is done with it."""

    state: ProposalState
    code: ClassVar[str] = "case.closed"


_Nothing = NoSuchContract | NothingToRelease | NothingToRegister | OtherWay | Rejected
ProposeOutcome = Proposed | AlreadyProposed | _Nothing | NoSuchCase | OperatorRefusal
ApproveOutcome = Done | ProposalStale | OwnCase | ProposalClosed | NoSuchCase | OperatorRefusal
RejectOutcome = ProposalRejected | OwnCase | ProposalClosed | Rejected | NoSuchCase | OperatorRefusal
WithdrawOutcome = ProposalWithdrawn | NotTheMaker | ProposalClosed | NoSuchCase | OperatorRefusal


@frozen
class _Open:
    """A proposal about a contract, for whoever acts."""

    contract: Contract
    case: Case
    proposal: Proposal

    def at(self, proposal: Proposal) -> Case:
        """The case with its proposal as it is now."""
        return evolve(self.case, matter=proposal)


@frozen
class Release:
    """See the module."""

    _platform: Platform

    def propose(self, session: Secret, account: Account, matter: Matter) -> ProposeOutcome:
        """Propose *matter* for the contract with this representative *account*."""

        def step(tx: Transaction, acting: Acting) -> Deed[ProposeOutcome]:
            contract = tx.contracts.by_account(acting.institution, str(account), "")
            if contract is None:
                return Deed(NoSuchContract())
            return self._propose(tx, acting, contract, matter)

        return operate(self._platform, session, _ACTS[_kind(matter)], step)

    def approve(self, session: Secret, case: str) -> ApproveOutcome:
        """Approve what *case* proposes, and do it."""
        rules = self._platform.profile.operators.dual_control

        def step(tx: Transaction, acting: Acting, found: _Open) -> ApproveOutcome:
            digest = _target(tx, found.contract, found.case.kind, found.case.subject)
            proposal, verdict = rules.approve(found.proposal, acting.hand, digest, acting.at)
            match verdict:
                case dual_control.SamePerson():
                    return OwnCase()
                case dual_control.Closed(state):
                    self._close(tx, acting, found, proposal)
                    return ProposalClosed(state)
                case dual_control.Stale():
                    moved(tx, acting, found.contract, found.at(proposal))
                    return ProposalStale(case)
                case dual_control.Approved():
                    self._do(tx, acting, found, found.at(proposal))
                    return Done(case)
                case _ as never:
                    assert_never(never)

        return self._in_case(session, case, Part.CHECKER, step)

    def reject(self, session: Secret, case: str, reason: str) -> RejectOutcome:
        """Reject what *case* proposes, for *reason*."""
        rules = self._platform.profile.operators.dual_control

        def step(tx: Transaction, acting: Acting, found: _Open) -> RejectOutcome:
            try:
                why = Line.parse(reason)
            except InvalidValue as invalid:
                return Rejected((invalid.violation.at("reason"),))
            proposal, verdict = rules.reject(found.proposal, acting.hand, why, acting.at)
            match verdict:
                case dual_control.SamePerson():
                    return OwnCase()
                case dual_control.Closed(state):
                    self._close(tx, acting, found, proposal)
                    return ProposalClosed(state)
                case dual_control.Rejected():
                    moved(tx, acting, found.contract, found.at(proposal), reason=why)
                    return ProposalRejected(case)
                case _ as never:
                    assert_never(never)

        return self._in_case(session, case, Part.CHECKER, step)

    def withdraw(self, session: Secret, case: str) -> WithdrawOutcome:
        """Take back what one proposed as *case*."""
        rules = self._platform.profile.operators.dual_control

        def step(tx: Transaction, acting: Acting, found: _Open) -> WithdrawOutcome:
            proposal, verdict = rules.withdraw(found.proposal, acting.hand, acting.at)
            match verdict:
                case dual_control.NotTheMaker():
                    return NotTheMaker()
                case dual_control.Closed(state):
                    self._close(tx, acting, found, proposal)
                    return ProposalClosed(state)
                case dual_control.Withdrawn():
                    moved(tx, acting, found.contract, found.at(proposal))
                    return ProposalWithdrawn(case)
                case _ as never:
                    assert_never(never)

        return self._in_case(session, case, Part.MAKER, step)

    # --- proposing ----------------------------------------------------------------------------------------------------

    def _propose(self, tx: Transaction, acting: Acting, contract: Contract, matter: Matter) -> Deed[ProposeOutcome]:
        if (no := self._hindrance(tx, contract, matter, acting.at)) is not None:
            return Deed(no, contract.id)
        kind, subject = _kind(matter), _subject(matter)
        expired: tuple[Case, ...] = ()
        if (live := tx.cases.live(contract.institution, contract.id, kind, subject)) is not None:
            assert isinstance(live.matter, Proposal)
            former = live.matter.at(acting.at)
            if former.state is ProposalState.OPEN:
                return Deed(AlreadyProposed(live.id), contract.id, live.id)
            expired = (evolve(live, matter=former),)
        rules = self._platform.profile.operators.dual_control
        calendar = self._platform.profile.calendar
        until = calendar.last_instant(matter.month.last) if isinstance(matter, FromFee) else None
        if isinstance(matter, OfToken) and matter.form is TokenForm.STOP:
            contract = self._stop(tx, contract, acting.at)
        proposal = rules.propose(acting.hand, _target(tx, contract, kind, subject), acting.at, until=until)
        case = Case(
            institution=contract.institution,
            id=self._platform.vault.identifier(),
            contract=contract.id,
            kind=kind,
            subject=subject,
            matter=proposal,
            paper=None if isinstance(matter, FromFee) else matter.paper,
            opened_at=acting.at,
        )
        moved(tx, acting, contract, *expired, case, paper=case.paper)
        return Deed(Proposed(case.id, proposal.expires_at), contract.id, case.id)

    def _hindrance(self, tx: Transaction, contract: Contract, matter: Matter, now: datetime) -> _Nothing | None:
        """Why *matter* cannot be proposed for *contract*, or None."""
        violations: tuple[Violation, ...] = ()
        match matter:
            case FromSuspension():
                standing = _standing(tx, contract)
                if standing is None or not standing[1].can(SuspensionEvent.RELEASE):
                    return NothingToRelease()
                violations = suspension.hindrances(matter.paper, matter.finding, note=matter.note)
            case FromBlock():
                return self._no_block(contract, matter, now)
            case FromFee(month):
                if terms_of(tx, contract).exempted_on(month) is not None:
                    return NothingToRelease()
                today = self._platform.profile.calendar.business_date(now)
                late = isinstance(fees.exempt(month, today), fees.ExemptionTooLate)
                violations = (Violation("case.month_over", field="month"),) if late else ()
            case FromContract():
                violations = self._kept(tx, contract, matter)
            case OfToken():
                return self._no_form(tx, contract, matter)
            case _ as never:
                assert_never(never)
        return Rejected(violations) if violations else None

    def _no_block(self, contract: Contract, matter: FromBlock, now: datetime) -> _Nothing | None:
        """Why the block in *matter* is not released by a form, or None."""
        if (counter := COUNTERS.get(matter.block)) is None:
            return OtherWay(way_out(matter.block, closed_ways(self._platform.profile, ())))
        rule = self._platform.profile.lockout(counter)
        blocked = isinstance(rule.standing(contract.tally(counter), now), Blocked)
        if not blocked and not self._forgotten(contract, counter):
            return NothingToRelease()
        # Answers that were wrong too often are no access to anything.
        finding = matter.finding if counter is Counter.PASSWORD else Finding.NO_ILLICIT_ACCESS
        violations = suspension.hindrances(matter.paper, finding, note=True)
        return Rejected(violations) if violations else None

    def _kept(self, tx: Transaction, contract: Contract, matter: FromContract) -> tuple[Violation, ...]:
        """All that keeps *contract* from being cancelled by a form, the wrong paper among it."""
        standing, facts = _standing(tx, contract), leaving_facts(tx, contract, None)
        formalised = standing is not None and standing[1].state is SuspensionState.FORMALISED
        if matter.finding is not Finding.NOT_EXAMINED and formalised:
            # Whoever cancelled before the fraud was reported has waited for this (`flows.batch_reflection`).
            facts = evolve(facts, investigated=False, active=facts.active or contract.status is ContractStatus.LEAVING)
        hindrances = self._platform.profile.leaving.hindrances(facts)
        violations = tuple(Violation(f"cannot_leave.{one.value}") for one in hindrances if one in AT_THE_COUNTER)
        right = matter.paper is Paper.CANCELLATION_FORM
        return violations if right else (*violations, Violation("case.wrong_paper", field="paper"))

    def _forgotten(self, contract: Contract, counter: Counter) -> bool:
        """Whether it may be that there are answers, forgotten by who has no other way to get rid of them."""
        online = OnlineProcedure.QUESTIONS_RESET in self._platform.profile.resets
        return counter is Counter.ANSWER and bool(contract.questions) and not online

    def _no_form(self, tx: Transaction, contract: Contract, matter: OfToken) -> NothingToRegister | Rejected | None:
        """Why nothing is registered by the form in *matter*, or None."""
        if matter.form not in self._platform.profile.token.by_form:
            return Rejected((Violation("case.no_such_form", field="form"),))
        if matter.paper is not Paper.TOKEN_FORM:
            return Rejected((Violation("case.wrong_paper", field="paper"),))
        return None if _asks_for_something(tx, contract, matter.form) else NothingToRegister()

    # --- deciding -----------------------------------------------------------------------------------------------------

    def _do(self, tx: Transaction, acting: Acting, found: _Open, approved: Case) -> None:
        """Do what was proposed, and write it down."""
        contract, cases = found.contract, [approved]
        letter: LetterCode | None = None
        if approved.kind is CaseKind.SUSPENSION_RELEASE:
            standing = _standing(tx, contract)
            assert standing is not None, "what is stale is not approved"
            released, _ = suspension.release(standing[1])
            cases.append(evolve(standing[0], matter=released))
            contract = evolve(self._advised(contract), suspended_since=None, investigated_since=None)
            letter = LetterCode.SUSPENSION_RELEASED
        elif approved.kind is CaseKind.BLOCK_RELEASE:
            counter = COUNTERS[Block(approved.subject)]
            rule, tally = self._platform.profile.lockout(counter), contract.tally(counter)
            blocked = isinstance(rule.standing(tally, acting.at), Blocked)
            contract = contract.with_tally(counter, rule.release(tally))
            if counter is Counter.PASSWORD:
                contract = self._advised(contract)
            if counter is Counter.ANSWER:
                # Who has blocked himself with them does not know them: he registers others when he next logs in.
                contract = evolve(contract, questions=(), asked=None).end_sessions()
            letter = LetterCode.BLOCK_RELEASED if blocked else LetterCode.QUESTIONS_RESET
        elif approved.kind is CaseKind.CANCELLATION:
            contract = evolve(contract, investigated_since=None)
            if contract.status is not ContractStatus.LEAVING:
                contract = leave(tx, contract, last_day(self._platform, acting.at), acting.at)
            letter = LetterCode.LEAVING
        elif approved.kind is CaseKind.TOKEN_FORM:
            contract, letter = _registered(tx, contract, TokenForm(approved.subject), acting.at)
        moved(tx, acting, contract, *cases, paper=approved.paper)
        if approved.kind is CaseKind.FEE_EXEMPTION:
            today = self._platform.profile.calendar.business_date(acting.at)
            exempt_month(tx, contract, Month.parse(approved.subject), today)
        if letter is not None:
            notify(self._platform, tx, contract, letter, acting.at)

    def _advised(self, contract: Contract) -> Contract:
        """*contract*, whose customer has to choose another password, and was told of what is safer, if there."""
        offered = self._platform.profile.token.method.txa_from is not None
        return evolve(contract, must_change_password=True, transaction_auth_advised=offered)

    def _stop(self, tx: Transaction, contract: Contract, now: datetime) -> Contract:
        """*contract*, whose token is stopped; whoever holds the telephone is out, and the customer is told."""
        notify(self._platform, tx, contract, LetterCode.TOKEN_STOPPED, now)
        return _end_token(tx, contract.end_sessions(), TokenEvent.STOP, now)

    def _close(self, tx: Transaction, acting: Acting, found: _Open, proposal: Proposal) -> None:
        """Write down that a proposal has expired, for whoever finds it so."""
        if proposal != found.proposal:
            moved(tx, acting, found.contract, found.at(proposal))

    def _in_case(
        self, session: Secret, case: str, part: Part, step: Callable[[Transaction, Acting, _Open], _Told]
    ) -> _Told | NoSuchCase | OperatorRefusal:
        """Do *step* for the proposal that *case* names, if it is one of the operator's institution."""

        def which(tx: Transaction, operator: Operator) -> Act | None:
            found = find_case(tx, operator.institution, case)
            return None if found is None else _ACTS.get(found.case.kind)

        def whole(tx: Transaction, acting: Acting) -> Deed[_Told]:
            found = find_case(tx, acting.institution, case)
            assert found is not None, "else it would be no act"
            proposal = found.case.matter
            assert isinstance(proposal, Proposal), "as all are whose kind is an act"
            return Deed(step(tx, acting, _Open(found.contract, found.case, proposal)), found.contract.id, case)

        return operate(self._platform, session, which, whole, part=part)


def _kind(matter: Matter) -> CaseKind:
    match matter:
        case FromSuspension():
            return CaseKind.SUSPENSION_RELEASE
        case FromBlock():
            return CaseKind.BLOCK_RELEASE
        case FromFee():
            return CaseKind.FEE_EXEMPTION
        case FromContract():
            return CaseKind.CANCELLATION
        case OfToken():
            return CaseKind.TOKEN_FORM
        case _ as never:
            assert_never(never)


def _subject(matter: Matter) -> str:
    """What tells two matters of one kind apart."""
    match matter:
        case FromSuspension() | FromContract():
            return ""
        case FromBlock(block=block):
            return block.value
        case FromFee(month):
            return str(month)
        case OfToken(form=form):
            return form.value
        case _ as never:
            assert_never(never)


def _standing(tx: Transaction, contract: Contract) -> tuple[Case, Suspension] | None:
    """The suspension in which *contract* stands, or None."""
    case = tx.cases.live(contract.institution, contract.id, CaseKind.SUSPENSION)
    if case is None or contract.suspended_since is None or not isinstance(case.matter, Suspension):
        return None
    return case, case.matter


def _token(tx: Transaction, contract: Contract) -> Token | None:
    return tx.tokens.latest_of(contract.institution, contract.id)


def _asks_for_something(tx: Transaction, contract: Contract, form: TokenForm) -> bool:
    """Whether anything would be another way if *form* were registered."""
    token = _token(tx, contract)
    match form:
        case TokenForm.ENTITLE:
            return contract.otp_entitled_at is None
        case TokenForm.STOP:
            return token is not None and token.can(TokenEvent.STOP)
        case TokenForm.CANCEL:
            return contract.otp_entitled_at is not None
        case _ as never:
            assert_never(never)


def _registered(
    tx: Transaction, contract: Contract, form: TokenForm, now: datetime
) -> tuple[Contract, LetterCode | None]:
    """*contract* with what *form* asks for, and what its customer is told."""
    match form:
        case TokenForm.ENTITLE:
            return evolve(contract, otp_entitled_at=now), LetterCode.TOKEN_ENTITLED
        case TokenForm.STOP:
            return contract, None  # it was stopped when it was entered
        case TokenForm.CANCEL:
            contract = evolve(contract, otp_entitled_at=None)
            token = _token(tx, contract)
            event = next((one for one in _ENDS if token is not None and token.can(one)), None)
            return contract if event is None else _end_token(tx, contract, event, now), LetterCode.TOKEN_CANCELLED
        case _ as never:
            assert_never(never)


_ENDS = (TokenEvent.CANCEL, TokenEvent.STOP)
"""By which a token ends that nobody wants any more: what is not in use yet, or locked, is stopped."""


def _end_token(tx: Transaction, contract: Contract, event: TokenEvent, now: datetime) -> Contract:
    """*contract*, not yet put, after *event* ended its token, which is there."""
    token = _token(tx, contract)
    assert token is not None, "else there were nothing to register"
    token, contract = token.on(event, now), evolve(contract, otp_wanted=None)
    contract, entries = contract.recorded(now, TokenMoved(token.number, token.state.value), *void_waiting(tx, contract))
    tx.tokens.put(token)
    tx.audit.append(entries)
    return contract


def _target(tx: Transaction, contract: Contract, kind: CaseKind, subject: str) -> str:
    """A digest of what a proposal of this *kind* is decided on; whatever else may happen to the contract meanwhile."""
    facts: list[str | None] = [contract.status.value, None if contract.account is None else str(contract.account)]
    if kind is CaseKind.SUSPENSION_RELEASE and (standing := _standing(tx, contract)) is not None:
        facts += [standing[0].id, str(contract.suspended_since)]
    if kind is CaseKind.FEE_EXEMPTION:
        facts.append(str(terms_of(tx, contract).exempted_on(Month.parse(subject))))
    if kind is CaseKind.TOKEN_FORM and subject != TokenForm.STOP.value:  # a stop is done when it is proposed
        facts.append(str(contract.otp_entitled_at))
    if kind is CaseKind.CANCELLATION:
        pending = tx.instructions.pending_of(contract.institution, contract.id)
        facts += [str(len(pending)), str(contract.investigated_since)]
    if kind is CaseKind.BLOCK_RELEASE:
        facts.append(str(contract.tally(COUNTERS[Block(subject)]).blocked_since))
    return sha256(json.dumps([kind.value, subject, *facts]).encode()).hexdigest()
