"""Admitting: a customer comes by an application in writing, and is given two provisional passwords on a notice.

    Admit.ask        -> NoticeIsAsked | NotAccepted | a refusal       by one person: there is a contract from now on
    Admit.give       -> PasswordsGiven | NothingToGive | OwnCase ...  by another one: the passwords, to be printed once
    Admit.initialise -> LoginIdInitialised | NothingToInitialise ...  deletes the login id, and nothing else

Neither person alone can come into a customer's place: who asks sees no password, and who gives them out cannot ask.
The same notice is for whoever has forgotten his passwords; those that he had count no more, nor his sessions.  The host
is asked about the account between two transactions, and all of its five checks are made.

Shape:  outcomes are closed unions; `PasswordsGiven` is the one place where the passwords stand in the clear.
Errors: what the ports raise.
Source: ENR-19, ENR-20, ENR-22, ENR-23, ENR-29, ENR-39, CAN-11, OPS-06, OPS-08; AMB-17, AMB-23; standards.md C37, C38.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.biometrics import revoke
from janetbank.flows.enrol import NotAccepted
from janetbank.flows.guess import save
from janetbank.flows.lacks import facts_of, lacks_of
from janetbank.flows.letters import notify
from janetbank.flows.operating import Acting, Deed, NoSuchCase, NoSuchContract, OperatorRefusal, OwnCase, operate
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import OutsideServiceHours
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, Counter, NoticeAsked
from janetbank.model.customer import Customer
from janetbank.model.events import LoginIdInitialised as LoginIdInitialisedEvent
from janetbank.model.events import NoticeAsked as NoticeAskedEvent
from janetbank.model.events import NoticeGiven
from janetbank.model.letter import LetterCode
from janetbank.policies.authority import Act, Part
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.enrolment import failed_checks
from janetbank.policies.provisional import ProvisionalRules
from janetbank.ports.core_banking import HolderRecord
from janetbank.ports.storage import Transaction
from janetbank.profiles.profile import ConfirmationSettings
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.secret import Secret


@frozen
class NoticeIsAsked:
    """A notice is asked for: another person gives the passwords out by *until*."""

    until: datetime
    code: ClassVar[str] = "notice.asked"


@frozen
class PasswordsGiven:
    """To be printed on the notice, once: nobody is told them again.  They are good until *until*."""

    password: Secret
    confirmation: Secret
    until: datetime
    code: ClassVar[str] = "notice.given"


@frozen
class NothingToGive:
    """No notice is asked for, or it was asked for too long ago."""

    code: ClassVar[str] = "notice.nothing_to_give"


@frozen
class LoginIdInitialised:
    """The login id is deleted: the customer obtains another one by his latest passwords (ENR-29)."""

    code: ClassVar[str] = "notice.login_id_initialised"


@frozen
class NothingToInitialise:
    """The contract has no login id."""

    code: ClassVar[str] = "notice.nothing_to_initialise"


AskOutcome = NoticeIsAsked | NotAccepted | NoSuchCase | OperatorRefusal
GiveOutcome = PasswordsGiven | NothingToGive | OwnCase | NoSuchContract | NoSuchCase | OperatorRefusal
InitialiseOutcome = LoginIdInitialised | NothingToInitialise | NoSuchContract | NoSuchCase | OperatorRefusal


@frozen
class _New:
    """There is no contract of this account at *institution* yet."""

    institution: InstitutionId
    code: ClassVar[str] = "notice.new"


@frozen
class Admit:
    """See the module."""

    _platform: Platform

    def ask(self, session: Secret, account: Account) -> AskOutcome:
        """Enter what the customer applied for: passwords for the contract of *account*, which may be new."""
        platform = self._platform
        if platform.profile.provisional is None:
            return OutsideServiceHours(None)  # as whatever a bank does not have

        def known(tx: Transaction, acting: Acting) -> Deed[NoticeIsAsked | _New]:
            contract = tx.contracts.by_account(acting.institution, str(account), "")
            if contract is None:
                return Deed(_New(acting.institution))
            return Deed(self._asked(tx, acting, contract), contract.id)

        told = operate(platform, session, Act.GIVE_PASSWORDS, known)
        if not isinstance(told, _New):
            return told
        report = platform.core.account(told.institution, account)
        identifier = ContractId(platform.vault.identifier())

        def admit(tx: Transaction, acting: Acting) -> Deed[NoticeIsAsked | NotAccepted]:
            registered = tx.contracts.by_account(acting.institution, str(account), "") is not None
            lacks = failed_checks(facts_of(report, registered=registered)) or lacks_of(report)
            if lacks or report is None:
                return Deed(NotAccepted())
            contract = self._opened(acting, account, identifier)
            tx.customers.add(_customer(contract, report.holder))
            return Deed(self._asked(tx, acting, contract), identifier)

        return operate(platform, session, Act.GIVE_PASSWORDS, admit)

    def give(self, session: Secret, account: Account) -> GiveOutcome:
        """Give two passwords out, to be printed; from now on they are the contract's."""
        profile, vault = self._platform.profile, self._platform.vault
        if profile.provisional is None or profile.confirmation is None:
            return OutsideServiceHours(None)  # as whatever a bank does not have
        lifetime = profile.operators.dual_control.lifetime
        password, confirmation = self._drawn(profile.provisional, profile.confirmation)
        first = vault.hash(profile.password.canonical(password))
        second = vault.hash(profile.confirmation.password.canonical(confirmation))

        def step(tx: Transaction, acting: Acting) -> Deed[GiveOutcome]:
            contract = tx.contracts.by_account(acting.institution, str(account), "")
            if contract is None:
                return Deed(NoSuchContract())
            asked = contract.notice_asked
            if asked is None or acting.at > asked.at + lifetime:
                return Deed(NothingToGive(), contract.id)
            if asked.person == acting.hand.person:
                return Deed(OwnCase(), contract.id)
            assert profile.provisional is not None
            until = profile.provisional.until(acting.at)
            for counter in (Counter.PASSWORD, Counter.CONFIRMATION):
                contract = contract.with_tally(counter, profile.lockout(counter).release(contract.tally(counter)))
            contract = evolve(
                contract, password=first, confirmation=second, provisional_until=until, notice_asked=None
            ).end_sessions()
            hand = acting.hand
            given = NoticeGiven(hand.operator.text, hand.person.text, until.isoformat())
            _keep(tx, contract, acting, given, *revoke(tx, contract))
            notify(self._platform, tx, contract, LetterCode.PASSWORD_CHANGED, acting.at)
            return Deed(PasswordsGiven(password, confirmation, until), contract.id)

        return operate(self._platform, session, Act.GIVE_PASSWORDS, step, part=Part.CHECKER)

    def initialise(self, session: Secret, account: Account) -> InitialiseOutcome:
        """Delete the login id of the contract of *account*; its passwords are as they were."""
        if self._platform.profile.provisional is None:
            return OutsideServiceHours(None)  # as whatever a bank does not have

        def step(tx: Transaction, acting: Acting) -> Deed[InitialiseOutcome]:
            contract = tx.contracts.by_account(acting.institution, str(account), "")
            if contract is None:
                return Deed(NoSuchContract())
            if contract.login_id is None:
                return Deed(NothingToInitialise(), contract.id)
            contract = evolve(contract, login_id=None).end_sessions()
            event = LoginIdInitialisedEvent(acting.hand.operator.text, acting.hand.person.text)
            _keep(tx, contract, acting, event, *revoke(tx, contract))
            notify(self._platform, tx, contract, LetterCode.LOGIN_ID_CHANGED, acting.at)
            return Deed(LoginIdInitialised(), contract.id)

        return operate(self._platform, session, Act.INITIALISE_LOGIN_ID, step)

    def _asked(self, tx: Transaction, acting: Acting, contract: Contract) -> NoticeIsAsked:
        asked = NoticeAsked(acting.hand.person, acting.at)
        event = NoticeAskedEvent(acting.hand.operator.text, acting.hand.person.text)
        _keep(tx, evolve(contract, notice_asked=asked), acting, event)
        return NoticeIsAsked(acting.at + self._platform.profile.operators.dual_control.lifetime)

    def _opened(self, acting: Acting, account: Account, identifier: ContractId) -> Contract:
        """A contract that nobody can use yet: its password is none, and it has no login id."""
        platform, calendar = self._platform, self._platform.profile.calendar
        return Contract(
            institution=acting.institution,
            id=identifier,
            status=ContractStatus.APPLIED,
            namespace=platform.profile.namespace(acting.institution),
            account=account,
            password=platform.vault.decoy_hash,
            customer_due=True,
            applied_at=acting.at,
            effective_on=calendar.next_operating_day(calendar.business_date(acting.at)),
        )

    def _drawn(self, rules: ProvisionalRules, settings: ConfirmationSettings) -> tuple[Secret, Secret]:
        """Two that differ, and that each would be taken if the customer had chosen it."""
        entropy, first = self._platform.entropy, self._platform.profile.password
        while True:
            password, confirmation = (
                Secret("".join(signs[entropy.below(len(signs))] for signs in rules.places)) for _ in range(2)
            )
            faults = first.check(password) or settings.password.check(confirmation)
            if not faults and not first.same(password, confirmation):
                return password, confirmation


def _keep(tx: Transaction, contract: Contract, acting: Acting, *events: Event) -> None:
    """Write *contract*, new or read, with what was done in its chain."""
    contract, entries = contract.recorded(acting.at, *events)
    save(tx, contract)
    tx.audit.append(entries)


def _customer(contract: Contract, holder: HolderRecord) -> Customer:
    """Who holds *contract*, as the host has him; where he is written to, he says in his first use."""
    return Customer(
        institution=contract.institution,
        contract=contract.id,
        kana=holder.kana,
        kanji=holder.kanji,
        born=holder.born,
        individual=True,
        phones=holder.phones,
        addresses=(),
        address_due=True,
    )
