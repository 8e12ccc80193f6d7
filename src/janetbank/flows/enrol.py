"""Enrolling: the online application, from the terms to the contract.

    begin -> agree -> choose_institution -> prove_holder -> set_credentials -> set_customer -> review -> confirm
          -> choose_otp;   and at any time where_am_i, go_back, abandon

The order is the table of `policies.enrolment`; a step out of turn is told which one is due.  The procedure is kept in
the store, so it survives a restart and goes on in another process; its token is all that the applicant's browser holds.

Shape:  outcomes are closed unions; `Next` says what is asked for next.
Errors: what the ports raise; a host that does not answer leaves the procedure at its step.
Source: ENR-01..10, 12, 14..18, CRD-01..09, CRD-18, RBA-03, 05, 08, MAL-01, FEE-08; AMB-20, 27, 28; ENR-02 DECISION.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import ClassVar, TypeVar

from attrs import evolve, frozen

from janetbank.flows import gate
from janetbank.flows.acceptances import keep_acceptance
from janetbank.flows.distinct import clashes
from janetbank.flows.lacks import facts_of, lacks_of
from janetbank.flows.letters import notify
from janetbank.flows.login_ids import claim, follow_account, is_taken
from janetbank.flows.personal_data import about_holder
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import OutsideServiceHours, ProcedureEnded, Rejected, WrongStep
from janetbank.flows.sessions import place_of
from janetbank.flows.typed import at, entered_twice, made
from janetbank.model.acceptance import AcceptanceKind
from janetbank.model.contract import Contract, RegisteredQuestion
from janetbank.model.customer import FURTHER_ADDRESSES, Address, Customer, Notice
from janetbank.model.enrolment import AcceptedTerms, ChosenCredentials, Enrolment, Holder
from janetbank.model.events import ContractApplied, HolderChecked, ProcedureStep
from janetbank.model.letter import LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.eligibility import OnlineProcedure, excluded
from janetbank.policies.enrolment import NEXT, Act, Check, Step, failed_checks
from janetbank.policies.fees import unusable_month
from janetbank.ports.core_banking import AccountReport, CardVerdict
from janetbank.ports.directory import Terms
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account, AccountType
from janetbank.values.email import MailAddress
from janetbank.values.environment import Environment
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.login_id import LoginId
from janetbank.values.person import BirthDate
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation

_Told = TypeVar("_Told")
_Not = TypeVar("_Not")
_Value = TypeVar("_Value")


@frozen
class Begun:
    """An application was begun; *procedure* is the token by which it goes on, until *until*."""

    procedure: Secret
    until: datetime
    code: ClassVar[str] = "enrol.begun"


@frozen
class Next:
    """Taken; *step* is asked for next."""

    step: Step
    code: ClassVar[str] = "enrol.next"


@frozen
class OtherTerms:
    """The institution chosen has other terms than those agreed to: agree to *terms*, and choose it again."""

    terms: Terms
    code: ClassVar[str] = "enrol.other_terms"


@frozen
class NotAccepted:
    """The application cannot be accepted online.  Why is logged, and not told (ENR-16)."""

    code: ClassVar[str] = "enrol.not_accepted"


@frozen(kw_only=True)
class Review:
    """What will be registered; secrets are not shown, and telephone numbers are masked.

    *addresses*: the main one first, each with the notices that were chosen for it (`notice.<notice>`).
    """

    institution: str
    account: str
    login_id: str
    questions: tuple[str, ...]
    phones: tuple[str, ...]
    addresses: tuple[Address, ...]
    code: ClassVar[str] = "enrol.review"


@frozen
class Enrolled:
    """The contract exists; the host learns of it on *effective_on*.  Next: apply for the one-time password or not."""

    institution: InstitutionId
    contract: ContractId
    effective_on: date
    code: ClassVar[str] = "enrol.enrolled"


@frozen
class Done:
    """The procedure has ended; *otp_wanted* says whether to go on to the one-time password."""

    otp_wanted: bool
    code: ClassVar[str] = "enrol.done"


@frozen
class Abandoned:
    """The procedure was given up; nothing was registered."""

    code: ClassVar[str] = "enrol.abandoned"


@frozen
class NewAddress:
    """A mail address as typed, with the notices wanted there."""

    mail: str
    notices: frozenset[Notice] = frozenset(Notice)


StepRefusal = WrongStep | ProcedureEnded | OutsideServiceHours

_SAME = "same"
"""The birth date given is the holder's."""


@frozen
class Enrol:
    """See the module."""

    _platform: Platform

    def begin(self, *, seen_from: Environment) -> Begun | OutsideServiceHours:
        """Begin an application from a place, which will be a usual one."""
        platform = self._platform
        if (no := gate.out_of_hours(platform, Operation.ENROL, platform.now())) is not None:
            return no
        token, procedure = platform.new_token(), platform.vault.identifier()

        def step(tx: Transaction) -> Begun:
            now = platform.now()
            until = now + platform.profile.procedure_lifetime
            tx.procedures.add(
                Enrolment(
                    key=token.key,
                    id=procedure,
                    step=Step.TERMS,
                    place=place_of(platform, seen_from),
                    started_at=now,
                    expires_at=until,
                )
            )
            return Begun(token.secret, until)

        return platform.transact(step)

    def where_am_i(self, procedure: Secret) -> Next | ProcedureEnded:
        """Which step is due; also after a restart, in another process."""

        def step(tx: Transaction) -> Next | ProcedureEnded:
            enrolment = self._living(tx, procedure, self._platform.now())
            return ProcedureEnded() if enrolment is None else Next(enrolment.step)

        return self._platform.transact(step)

    def agree(self, procedure: Secret, terms: Terms) -> Next | StepRefusal:
        """Agree to the terms that were shown (ENR-02)."""

        def act(_: Transaction, enrolment: Enrolment, now: datetime) -> Enrolment:
            return evolve(enrolment, terms=AcceptedTerms(terms.id, terms.version, now))

        return self._take(procedure, Act.AGREE, act, _next)

    def choose_institution(
        self, procedure: Secret, prefecture: str, institution: InstitutionId
    ) -> Next | OtherTerms | Rejected | StepRefusal:
        """Choose the prefecture and the institution; its terms must be those agreed to (ENR-02)."""
        chosen = self._platform.directory.institution(institution)
        if chosen is None or chosen.prefecture != prefecture:
            return self._peek(procedure, Act.CHOOSE_INSTITUTION) or _rejected("institution.unknown", "institution")

        def other(enrolment: Enrolment) -> bool:
            agreed = enrolment.terms
            return agreed is None or (agreed.terms, agreed.version) != (chosen.terms.id, chosen.terms.version)

        def act(_tx: Transaction, enrolment: Enrolment, _now: datetime) -> Enrolment | Act:
            return Act.MEET_OTHER_TERMS if other(enrolment) else evolve(enrolment, institution=institution)

        def tell(enrolment: Enrolment) -> Next | OtherTerms:
            return OtherTerms(chosen.terms) if enrolment.step is Step.TERMS else Next(enrolment.step)

        return self._take(procedure, Act.CHOOSE_INSTITUTION, act, tell)

    def prove_holder(
        self, procedure: Secret, *, branch: str, number: str, pin: Secret, born: str
    ) -> Next | NotAccepted | Rejected | StepRefusal:
        """Prove to hold an ordinary savings account with a cash card (ENR-03, ENR-14..16).

        The PIN goes to the host, which counts; of the five checks all are made and logged, and one refusal is told.
        """
        platform = self._platform
        enrolment = self._due(procedure, Act.PROVE_HOLDER)
        if not isinstance(enrolment, Enrolment):
            return enrolment
        violations: list[Violation] = []
        ordinary = AccountType.ORDINARY.value
        account = made(violations, "account", partial(Account.parse, branch, ordinary, number))
        card_pin = made(violations, "pin", partial(Pin.parse, pin))
        birth = made(violations, "born", partial(BirthDate.parse, born))
        if account is None or card_pin is None or birth is None:
            return Rejected(tuple(violations))
        institution = _given(enrolment.institution)
        report = platform.core.account(institution, account)
        card = platform.core.check_card(institution, account, card_pin)

        def act(tx: Transaction, enrolment: Enrolment, now: datetime) -> Enrolment | NotAccepted:
            registered = tx.contracts.by_account(institution, str(account), decoy="") is not None
            facts = facts_of(report, registered=registered)
            failed = failed_checks(facts)
            born = _born(report, birth)
            event = HolderChecked(card.value, born, tuple(f"{one.value}={_word(one not in failed)}" for one in Check))
            enrolment, entries = enrolment.recorded(now, event)
            tx.audit.append(entries)
            out = failed or excluded(OnlineProcedure.APPLICATION, lacks_of(report))
            if out or report is None or card is not CardVerdict.OK or born != _SAME:
                tx.procedures.put(enrolment)
                return NotAccepted()
            known = report.holder
            holder = Holder(account=account, kana=known.kana, kanji=known.kanji, born=known.born, phones=known.phones)
            return evolve(enrolment, holder=holder)

        return self._take(procedure, Act.PROVE_HOLDER, act, _next, seen=enrolment)

    def set_credentials(
        self,
        procedure: Secret,
        *,
        login_id: str,
        password: Secret,
        again: Secret,
        questions: Sequence[tuple[str, Secret]],
        acknowledged: bool,
        confirmation: Secret | None = None,
        confirmation_again: Secret | None = None,
    ) -> Next | Rejected | StepRefusal:
        """Choose login id, password and questions, on one screen, and tick the box (ENR-04); all faults are named.

        Where the bank has a second password, it is chosen here, too: *confirmation*, entered twice.
        """
        profile, vault = self._platform.profile, self._platform.vault
        enrolment = self._due(procedure, Act.SET_CREDENTIALS)
        if not isinstance(enrolment, Enrolment):
            return enrolment
        about = about_holder(_given(enrolment.holder))
        twice = partial(entered_twice, about=about, login_id=login_id)
        violations = [
            *at("login_id", profile.login_id.check(login_id, about=about)),
            *twice(profile.password, password, again, fields=("password", "again")),
            *profile.questions.check(questions),
        ]
        second = None if profile.confirmation is None else profile.confirmation.password
        typed, typed_again = confirmation or Secret(""), confirmation_again or Secret("")
        if second is not None:
            violations += twice(second, typed, typed_again, fields=("confirmation", "confirmation_again"))
            violations += clashes(profile, login_id, password, typed)
        if not acknowledged:
            violations.append(Violation("acknowledgement.missing", field="acknowledged"))
        if violations:
            return Rejected(tuple(violations))
        chosen = ChosenCredentials(
            LoginId.parse(login_id, case_sensitive=profile.login_id.case_sensitive),
            vault.hash(profile.password.canonical(password)),
            tuple(
                RegisteredQuestion(question, vault.hash(profile.questions.canonical(answer)))
                for question, answer in questions
            ),
            None if second is None else vault.hash(second.canonical(typed)),
        )
        institution, account = _given(enrolment.institution), _given(enrolment.holder).account
        follow_account(self._platform, chosen.login_id, profile.namespace(institution), institution, account)

        def act(tx: Transaction, enrolment: Enrolment, _: datetime) -> Enrolment | Rejected:
            bearer = tx.contracts.bearer(profile.namespace(institution), chosen.login_id.canonical)
            if is_taken(bearer, institution, account):
                return _rejected("login_id.taken", "login_id")
            return evolve(enrolment, credentials=chosen)

        return self._take(procedure, Act.SET_CREDENTIALS, act, _next, seen=enrolment)

    def set_customer(
        self, procedure: Secret, *, mail: NewAddress, further: Sequence[NewAddress] = ()
    ) -> Next | Rejected | StepRefusal:
        """Give a mail address and at most two further ones, each with the notices wanted there (ENR-06, ENR-07)."""
        if (no := self._peek(procedure, Act.SET_CUSTOMER)) is not None:
            return no
        violations: list[Violation] = []
        addresses: list[Address] = []
        if len(further) > FURTHER_ADDRESSES:
            violations.append(Violation("mail.too_many", {"further": FURTHER_ADDRESSES}, "further"))
        for number, new in enumerate((mail, *further[:FURTHER_ADDRESSES])):
            address = made(violations, f"mail.{number + 1}", partial(MailAddress.parse, new.mail))
            if address is not None and any(address == other.mail for other in addresses):
                violations.append(Violation("mail.repeated", field=f"mail.{number + 1}"))
            elif address is not None:
                addresses.append(Address(address, new.notices))
        if violations:
            return Rejected(tuple(violations))

        def act(_tx: Transaction, enrolment: Enrolment, _now: datetime) -> Enrolment:
            return evolve(enrolment, addresses=tuple(addresses))

        return self._take(procedure, Act.SET_CUSTOMER, act, _next)

    def review(self, procedure: Secret) -> Review | StepRefusal:
        """Show what will be registered (ENR-09)."""
        enrolment = self._due(procedure, Act.CONFIRM)
        if not isinstance(enrolment, Enrolment):
            return enrolment
        holder, chosen = _given(enrolment.holder), _given(enrolment.credentials)
        mask = self._platform.profile.phone_mask
        return Review(
            institution=str(enrolment.institution),
            account=str(holder.account),
            login_id=chosen.login_id.typed,
            questions=tuple(one.question for one in chosen.questions),
            phones=tuple(phone.masked(mask) for phone in holder.phones),
            addresses=enrolment.addresses,
        )

    def confirm(self, procedure: Secret) -> Enrolled | NotAccepted | Rejected | StepRefusal:
        """Register what was reviewed: from now on there is a contract (ENR-09)."""
        platform = self._platform
        identifier = ContractId(platform.vault.identifier())

        def act(tx: Transaction, enrolment: Enrolment, now: datetime) -> Enrolment | Act | NotAccepted:
            holder, agreed = _given(enrolment.holder), _given(enrolment.terms)
            contract = _contract(platform, enrolment, identifier, now)
            if tx.contracts.by_account(contract.institution, str(holder.account), decoy="") is not None:
                return NotAccepted()
            if not claim(tx, contract, _given(enrolment.credentials).login_id):
                return Act.LOSE_LOGIN_ID
            applied = ContractApplied(enrolment.chain.digest, agreed.terms, agreed.version, agreed.at.isoformat())
            contract, entries = contract.recorded(now, applied)
            customer = _customer(contract, holder, enrolment.addresses)
            tx.contracts.add(contract)
            tx.customers.add(customer)
            tx.audit.append(entries)
            keep_acceptance(
                tx,
                contract,
                customer,
                AcceptanceKind.APPLICATION,
                holder.account,
                representative=holder.account,
                at=now,
                effective_on=contract.effective_on,
                report_on=contract.effective_on,
                unusable=unusable_month(platform.profile.calendar.business_date(now), contract.effective_on),
            )
            notify(platform, tx, contract, LetterCode.ENROLLED, now)
            return evolve(enrolment, contract=identifier, effective_on=contract.effective_on)

        def tell(enrolment: Enrolment) -> Enrolled | Rejected:
            if enrolment.contract is None or enrolment.effective_on is None:
                return _rejected("login_id.taken", "login_id")
            return Enrolled(_given(enrolment.institution), enrolment.contract, enrolment.effective_on)

        return self._take(procedure, Act.CONFIRM, act, tell)

    def choose_otp(self, procedure: Secret, *, apply: bool) -> Done | StepRefusal:
        """Apply for the one-time password or not (ENR-10, ENR-12); the offer is repeated until one does."""

        def act(tx: Transaction, enrolment: Enrolment, _: datetime) -> Enrolment:
            contract = tx.contracts.by_id(_given(enrolment.institution), _given(enrolment.contract))
            tx.contracts.put(evolve(_given(contract), otp_wanted=apply))
            return enrolment

        return self._take(procedure, Act.CHOOSE_OTP, act, lambda _: Done(apply))

    def go_back(self, procedure: Secret) -> Next | StepRefusal:
        """Go back one step; what was given there is asked for again."""
        return self._take(procedure, Act.GO_BACK, lambda _tx, enrolment, _now: enrolment, _next)

    def abandon(self, procedure: Secret) -> Abandoned | StepRefusal:
        """Give the application up; nothing is registered (and what was typed is forgotten)."""

        def act(_tx: Transaction, enrolment: Enrolment, _now: datetime) -> Enrolment:
            return evolve(enrolment, holder=None, credentials=None, addresses=())

        return self._take(procedure, Act.ABANDON, act, lambda _: Abandoned())

    def _living(self, tx: Transaction, procedure: Secret, now: datetime) -> Enrolment | None:
        enrolment = tx.procedures.by_key(self._platform.vault.token_key(procedure))
        if not isinstance(enrolment, Enrolment):
            return None
        ended = now >= enrolment.expires_at or enrolment.step in {Step.DONE, Step.ABANDONED}
        return None if ended else enrolment

    def _at(self, tx: Transaction, procedure: Secret, act: Act, now: datetime) -> Enrolment | StepRefusal:
        """The procedure, if *act* is due in it and applications are open."""
        enrolment = self._living(tx, procedure, now)
        if enrolment is None:
            return ProcedureEnded()
        if (enrolment.step, act) not in NEXT:
            return WrongStep(enrolment.step)
        return gate.out_of_hours(self._platform, Operation.ENROL, now) or enrolment

    def _due(self, procedure: Secret, act: Act) -> Enrolment | StepRefusal:
        """The procedure as it stands, for what is worked out before the deciding transaction."""
        return self._platform.transact(lambda tx: self._at(tx, procedure, act, self._platform.now()))

    def _peek(self, procedure: Secret, act: Act) -> StepRefusal | None:
        """Why *act* is not due, or None."""
        found = self._due(procedure, act)
        return None if isinstance(found, Enrolment) else found

    def _take(
        self,
        procedure: Secret,
        act: Act,
        change: Callable[[Transaction, Enrolment, datetime], Enrolment | Act | _Not],
        tell: Callable[[Enrolment], _Told],
        *,
        seen: Enrolment | None = None,
    ) -> _Told | _Not | StepRefusal:
        """Do *act* and *tell* of the procedure after it.

        *change* gives the procedure with what the act brings, or another act that happens instead, or why nothing does.
        What was worked out from the procedure as it was *seen* before counts only where it has not moved since: a proof
        of an account at one institution must not become one at another, chosen meanwhile in a second window.
        """

        def step(tx: Transaction) -> _Told | _Not | StepRefusal:
            now = self._platform.now()
            found = self._at(tx, procedure, act, now)
            if not isinstance(found, Enrolment):
                return found
            if seen is not None and seen.version != found.version:
                return WrongStep(found.step)
            match change(tx, found, now):
                case Enrolment() as changed:
                    taken = act
                case Act() as taken:
                    changed = found
                case no:
                    return no
            after = NEXT[found.step, taken]
            enrolment, entries = evolve(changed, step=after).recorded(now, ProcedureStep(taken.value, after.value))
            tx.procedures.put(enrolment)
            tx.audit.append(entries)
            return tell(enrolment)

        return self._platform.transact(step)


def _next(enrolment: Enrolment) -> Next:
    return Next(enrolment.step)


def _contract(platform: Platform, enrolment: Enrolment, identifier: ContractId, now: datetime) -> Contract:
    """What the host learns of on the next operating day."""
    institution, chosen, calendar = (
        _given(enrolment.institution),
        _given(enrolment.credentials),
        platform.profile.calendar,
    )
    return Contract(
        institution=institution,
        id=identifier,
        status=ContractStatus.APPLIED,
        namespace=platform.profile.namespace(institution),
        login_id=chosen.login_id,
        account=_given(enrolment.holder).account,
        password=chosen.password,
        confirmation=chosen.confirmation,
        questions=chosen.questions,
        places=platform.profile.risk.remember((), enrolment.place),
        applied_at=now,
        effective_on=calendar.next_operating_day(calendar.business_date(now)),
    )


def _customer(contract: Contract, holder: Holder, addresses: tuple[Address, ...]) -> Customer:
    return Customer(
        institution=contract.institution,
        contract=contract.id,
        kana=holder.kana,
        kanji=holder.kanji,
        born=holder.born,
        individual=True,
        phones=holder.phones,
        addresses=addresses,
    )


def _born(report: AccountReport | None, birth: BirthDate) -> str:
    if report is None:
        return "unknown"
    return _SAME if report.holder.born == birth else "other"


def _word(passed: bool) -> str:  # noqa: FBT001 -- it is the subject, not a switch
    return "passed" if passed else "failed"


def _given(value: _Value | None) -> _Value:
    """What an earlier step gave; the table lets nobody come here without it."""
    assert value is not None
    return value


def _rejected(code: str, field: str) -> Rejected:
    return Rejected((Violation(code, field=field),))
