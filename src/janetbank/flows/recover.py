"""Recovering: what the reset of a password and that of the registered questions have in common, which is nearly all.

    begin -> fill_form -> phones, call -> poll -> reset;   and at any time where_am_i, go_back, abandon

The order is the table of `policies.recovery`; a step out of turn is told which one is due.  The procedure is kept in
the store; its token is all that the customer's browser holds, and nothing but that token leads it on.

* The form comes first and is compared with what the host and the store know of the account that it names.  Whether
  there is such a customer, and which item differs, is never told: a form for an account that nobody has is compared and
  counted on a decoy (docs/decisions/0004).  It is compared and counted in one transaction, so that however many come at
  once no more are compared than the day allows.  Nothing else is told before all of it matches.
* From then on the procedure is that contract's, also where one goes back to the form; and it is bound to what lets into
  the contract: where that has changed, by another reset or by any other way, it has ended.  So of two at once one is
  completed.
* The telephones are asked of the host each time: one that was taken off the record is no longer called from.
* The card's PIN goes to the host last, and nobody gets so far who was not recognised by telephone.  The host counts;
  what it says is told as it is, and not how many tries are left.  Where it locks the card, every procedure that takes
  the PIN is closed with it, since there the host says so each time: card and service are frozen by one fact.
* A password or answer that is locked or blocked is what these procedures are for; a suspension is not (AMB-29).

Shape:  outcomes are closed unions; `Next` says what is asked for next.
Errors: what the ports raise; a host that does not answer leaves the procedure at its step.
Source: PWR-01..13, PWR-16, RBR-01..07, TEL-07, TEL-08, LCK-04, LCK-09, LCK-13; AMB-16, 28, 29; ASVS 2.3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar

from attrs import evolve, frozen

from janetbank.flows import gate, guess, password_proof
from janetbank.flows.chains import keep
from janetbank.flows.lacks import closed_ways, lacks_of
from janetbank.flows.letters import notify
from janetbank.flows.phone_auth import (
    NoEligiblePhone,
    NotRecognised,
    PhoneAuth,
    PhoneChoices,
    Started,
    StartRefusal,
    Waiting,
)
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Closed, OutsideServiceHours, ProcedureEnded, Rejected, WrongStep
from janetbank.flows.typed import made
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import CardChecked, FormCompared, ProcedureStep
from janetbank.model.letter import LetterCode
from janetbank.model.recovery import Recovery
from janetbank.policies.admission import Operation
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.eligibility import Lack, OnlineProcedure, excluded
from janetbank.policies.identity_form import IdentityForm, Item, Registered
from janetbank.policies.lockout import Blocked
from janetbank.policies.recovery import ENDS, NEXT, Act, Step
from janetbank.policies.releases import Block, Release, way_out
from janetbank.ports.core_banking import AccountReport, CardVerdict
from janetbank.ports.storage import Transaction
from janetbank.profiles.profile import Profile
from janetbank.values.account import Account
from janetbank.values.email import MailAddress
from janetbank.values.identifiers import InstitutionId
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation

_Told = TypeVar("_Told")


@frozen(kw_only=True)
class TypedForm:
    """ご本人情報 and サービス利用代表口座, as typed."""

    kana: str
    kanji: str
    born: str
    phone: str
    mail: str
    mail_again: str
    branch: str
    account_type: str
    number: str


@frozen
class Begun:
    """A reset was begun; *procedure* is the token by which it goes on, until *until*.

    *hints* are the codes of the cautions to show, one of them with the day *gaiji_until*, where there is one: whoever
    fills the form in accepts them.
    """

    procedure: Secret
    until: datetime
    hints: tuple[str, ...]
    gaiji_until: str
    code: ClassVar[str] = "recovery.begun"


@frozen
class Next:
    """Taken; *step* is asked for next."""

    step: Step
    code: ClassVar[str] = "recovery.next"


@frozen
class NotOffered:
    """This bank has no such reset online: it is done in writing, at a branch."""

    code: ClassVar[str] = "recovery.not_offered"


@frozen
class FormRefused:
    """What was entered is not what is registered.  Nothing is told of what differs, or whether there is anything."""

    code: ClassVar[str] = "recovery.form_refused"


@frozen
class FormClosed:
    """Too many forms that named this account did not match: none is compared before *until*."""

    until: datetime
    code: ClassVar[str] = "recovery.form_closed"


@frozen
class AccountRenumbered:
    """Everything is as it is registered, but the account has another number since a merger: enter that one."""

    code: ClassVar[str] = "recovery.account_renumbered"


@frozen
class OnlyAtTheCounter:
    """The online way is closed to this customer, for these reasons; the one in writing, at his branch, is open.

    Where what he wants to get rid of is a block, *way* is the one that ends it and is open to him (LCK-04, LCK-09).
    """

    violations: tuple[Violation, ...]
    way: Release | None = None
    code: ClassVar[str] = "recovery.only_at_the_counter"


@frozen
class PinRefused:
    """The card's PIN was wrong; the card counts."""

    code: ClassVar[str] = "recovery.pin_refused"


@frozen
class CardLocked:
    """The card is locked, and with it every procedure that takes its PIN; another card is to be had at the branch."""

    code: ClassVar[str] = "recovery.card_locked"


@frozen
class Abandoned:
    """The procedure was given up; nothing was changed."""

    code: ClassVar[str] = "recovery.abandoned"


StepRefusal = WrongStep | ProcedureEnded | Closed | OutsideServiceHours
BeginOutcome = Begun | NotOffered | Rejected | OutsideServiceHours
FormOutcome = Next | Rejected | FormRefused | FormClosed | AccountRenumbered | OnlyAtTheCounter | StepRefusal
CardRefusal = PinRefused | CardLocked | OnlyAtTheCounter

_HINTS = (
    "recovery.hint.pin",
    "recovery.hint.card_locks",
    "recovery.hint.renumbered",
    "recovery.hint.as_registered",
)
_GAIJI = ("recovery.hint.gaiji",)


@frozen
class Due:
    """A procedure at a step where what was asked for is due, with its contract as soon as it has one."""

    recovery: Recovery
    named: Contract | None

    @property
    def contract(self) -> Contract:
        """The contract; the table lets nobody past the form without it."""
        assert self.named is not None
        return self.named


@frozen(kw_only=True)
class Recover:
    """See the module; each reset adds what it resets."""

    platform: Platform
    phone_auth: PhoneAuth

    _procedure: ClassVar[OnlineProcedure]
    _operation: ClassVar[Operation]
    _counter: ClassVar[Counter]
    """Whose block this procedure ends."""

    def begin(self, institution: InstitutionId) -> BeginOutcome:
        """Begin at an institution of the directory (PWR-02, RBR-03)."""
        platform = self.platform
        if (no := gate.out_of_hours(platform, self._operation, platform.now())) is not None:
            return no
        if self._procedure not in platform.profile.resets:
            return NotOffered()
        if platform.directory.institution(institution) is None:
            return Rejected((Violation("institution.unknown", field="institution"),))
        token, identifier = platform.new_token(), platform.vault.identifier()

        def step(tx: Transaction) -> Begun:
            now = platform.now()
            until = now + platform.profile.procedure_lifetime
            tx.procedures.add(
                Recovery(
                    key=token.key,
                    id=identifier,
                    procedure=self._procedure,
                    step=Step.FORM,
                    institution=institution,
                    started_at=now,
                    expires_at=until,
                )
            )
            day = platform.profile.identity_form.gaiji_until
            return Begun(token.secret, until, (*_HINTS, *_GAIJI) if day else _HINTS, day.isoformat() if day else "")

        return platform.transact(step)

    def where_am_i(self, procedure: Secret) -> Next | ProcedureEnded | Closed:
        """Which step is due; also after a restart, in another process."""

        def step(tx: Transaction) -> Next | ProcedureEnded | Closed:
            due = self._living(tx, procedure, self.platform.now())
            return Next(due.recovery.step) if isinstance(due, Due) else due

        return self.platform.transact(step)

    def fill_form(self, procedure: Secret, typed: TypedForm, *, acknowledged: bool) -> FormOutcome:
        """Say who one is, as it is registered, and accept the cautions (PWR-03..10, RBR-04, RBR-05).

        What cannot be read is named, and not counted; what can be read and differs is counted, and not named.
        """
        due = self._take(procedure, Act.FILL_FORM, look)
        if not isinstance(due, Due):
            return due
        violations: list[Violation] = []
        form = _form(violations, typed)
        if not acknowledged:
            violations.append(Violation("acknowledgement.missing", field="acknowledged"))
        if form is None or violations:
            return Rejected(tuple(violations))
        institution = due.recovery.institution
        account = self.platform.core.renumbered(institution, form.account) or form.account
        report = self.platform.core.account(institution, account)
        return self._take(procedure, Act.FILL_FORM, partial(self._compare, form, account, report))

    def phones(self, procedure: Secret) -> PhoneChoices | NoEligiblePhone | StepRefusal:
        """The registered numbers to choose from, masked (PWR-11, RBR-06)."""
        due = self._take(procedure, Act.CALL, look)
        return self.phone_auth.choices(self.phone_auth.registered(due.contract)) if isinstance(due, Due) else due

    def call(self, procedure: Secret, phone: int) -> Started | StartRefusal | StepRefusal:
        """Wait for a call from registered number *phone* (an index of `phones`) (PWR-12, RBR-07)."""
        due = self._take(procedure, Act.CALL, look)
        if not isinstance(due, Due):
            return due
        selected = self.phone_auth.select(self.phone_auth.registered(due.contract), phone)

        def act(tx: Transaction, due: Due, now: datetime) -> Started | StartRefusal:
            started = self.phone_auth.start(
                tx,
                due.contract,
                selected,
                asked_by=due.recovery.key,
                purpose=self._procedure,
                now=now,
            )
            if not isinstance(started, tuple):
                return started
            contract, told = started
            tx.contracts.put(contract)
            _move(tx, evolve(due.recovery, attempt=told.attempt), Act.CALL, now)
            return told

        return self._take(procedure, Act.CALL, act)

    def poll(self, procedure: Secret) -> Next | NotRecognised | StepRefusal:
        """Whether the call came: then the procedure has gone on by it; where it can no longer come, back by a step."""

        def act(tx: Transaction, due: Due, now: datetime) -> Next | NotRecognised:
            recovery = due.recovery
            assert recovery.attempt is not None, "a call is what this step waits for"
            told = self.phone_auth.consume(
                tx, due.contract, recovery.attempt, asked_by=recovery.key, purpose=self._procedure, now=now
            )
            if isinstance(told, Waiting):
                return told
            recovery = evolve(recovery, attempt=None)
            if not isinstance(told, Contract):
                _move(tx, recovery, Act.LOSE_CALL, now)
                return told
            tx.contracts.put(told)
            return Next(_move(tx, recovery, Act.BE_RECOGNISED, now))

        return self._take(procedure, Act.BE_RECOGNISED, act)

    def go_back(self, procedure: Secret) -> Next | StepRefusal:
        """Go back one step; a call that is waited for is of no use any more (TEL-18, TEL-25)."""

        def act(tx: Transaction, due: Due, now: datetime) -> Next:
            self._cancel_call(tx, due, now)
            return Next(_move(tx, evolve(due.recovery, attempt=None), Act.GO_BACK, now))

        return self._take(procedure, Act.GO_BACK, act)

    def abandon(self, procedure: Secret) -> Abandoned | StepRefusal:
        """Give the procedure up; nothing is changed."""

        def act(tx: Transaction, due: Due, now: datetime) -> Abandoned:
            self._cancel_call(tx, due, now)
            _move(tx, evolve(due.recovery, attempt=None), Act.ABANDON, now)
            return Abandoned()

        return self._take(procedure, Act.ABANDON, act)

    def _complete(
        self,
        procedure: Secret,
        due: Due,
        pin: Pin,
        reset: Callable[[Transaction, Contract, datetime], tuple[Contract, tuple[Event, ...]]],
        letter: LetterCode,
        done: _Told,
    ) -> _Told | CardRefusal | StepRefusal:
        """Have the *pin* checked, and *reset* what is reset: all sessions end, and all addresses are told."""
        institution, account = due.contract.institution, due.contract.account
        assert account is not None, "whoever has a customer has an account"
        card = self.platform.core.check_card(institution, account, pin)

        def act(tx: Transaction, due: Due, now: datetime) -> _Told | CardRefusal:
            checked = CardChecked(self._procedure.value, card.value)
            if card is not CardVerdict.OK:
                return self._refuse_card(tx, due, card, checked, now)
            contract, events = reset(tx, due.contract, now)
            contract = keep(tx, contract.end_sessions(), now, checked, *events)
            notify(self.platform, tx, contract, letter, now)
            _move(tx, due.recovery, Act.RESET, now)
            return done

        return self._take(procedure, Act.RESET, act)

    def _compare(
        self,
        form: IdentityForm,
        account: Account,
        report: AccountReport | None,
        tx: Transaction,
        due: Due,
        now: datetime,
    ) -> Next | FormRefused | FormClosed | AccountRenumbered | OnlyAtTheCounter | Closed:
        """Compare *form* with what is known of the *account* that it names, as that is numbered now, and count."""
        platform, rules = self.platform, self.platform.profile.identity_form
        institution, decoy = due.recovery.institution, platform.vault.decoy_key
        name = password_proof.Name(
            "account", institution, str(account), decoy(institution.code, "account", str(account))
        )
        contract = password_proof.find(platform, name, tx, now)
        if (no := gate.closed(platform, self._operation, contract, now)) is not None:
            return no
        if (until := rules.closed(contract.form_tries, now)) is not None:
            return FormClosed(until)
        registered = _registered(tx, contract, report)
        if due.named is not None and due.named.id != contract.id:
            registered = None  # the procedure is another contract's
        differing = rules.compare(form, registered)
        items = tuple(f"{item.value}={'differs' if item in differing else 'same'}" for item in Item)
        compared = FormCompared(due.recovery.id, items)
        if report is None or differing:
            return self._count(tx, contract, compared, renumbered=differing == (Item.ACCOUNT,), now=now)
        contract = keep(tx, contract, now, compared)
        lacks = self._lacks(report)
        if excluded(self._procedure, lacks):
            _move(tx, due.recovery, Act.END, now)
            return self._sent_to_the_counter(contract, lacks, now)
        bound = evolve(due.recovery, contract=contract.id, credentials=contract.credentials)
        return Next(_move(tx, bound, Act.FILL_FORM, now))

    def _count(
        self, tx: Transaction, contract: Contract, compared: FormCompared, *, renumbered: bool, now: datetime
    ) -> FormRefused | FormClosed | AccountRenumbered:
        """Count a mismatch; the last one of the day closes the form, and the customer is told."""
        rules = self.platform.profile.identity_form
        tries = rules.counted(contract.form_tries, now)
        contract, entries = evolve(contract, form_tries=tries).recorded(now, compared)
        guess.save(tx, contract)
        tx.audit.append(entries)
        if (until := rules.closed(tries, now)) is not None:
            notify(self.platform, tx, contract, LetterCode.FORM_CLOSED, now)
            return FormClosed(until)
        return AccountRenumbered() if renumbered else FormRefused()

    def _refuse_card(
        self, tx: Transaction, due: Due, card: CardVerdict, checked: CardChecked, now: datetime
    ) -> CardRefusal:
        """What the host said instead of yes; a card that is locked, or gone, ends the procedure."""
        contract = keep(tx, due.contract, now, checked)
        if card is CardVerdict.WRONG:
            return PinRefused()
        _move(tx, due.recovery, Act.END, now)
        if card is CardVerdict.LOCKED:
            notify(self.platform, tx, contract, LetterCode.CARD_LOCKED, now)
            return CardLocked()
        return self._sent_to_the_counter(contract, {Lack.CARDED_ORDINARY_ACCOUNT}, now)

    def _sent_to_the_counter(self, contract: Contract, lacks: Collection[Lack], now: datetime) -> OnlyAtTheCounter:
        standing = self.platform.profile.lockout(self._counter).standing(contract.tally(self._counter), now)
        block = Block(f"{self._counter.value}_block") if isinstance(standing, Blocked) else None
        return at_the_counter(self.platform.profile, self._procedure, lacks, block)

    def _lacks(self, report: AccountReport) -> set[Lack]:
        lacks = lacks_of(report)
        if isinstance(self.phone_auth.choices(report.holder.phones), NoEligiblePhone):
            lacks.add(Lack.USABLE_PHONE)
        return lacks

    def _cancel_call(self, tx: Transaction, due: Due, now: datetime) -> None:
        if due.recovery.attempt is None:
            return
        contract = self.phone_auth.cancel(tx, due.contract, asked_by=due.recovery.key, now=now)
        if contract != due.contract:
            tx.contracts.put(contract)

    def _living(self, tx: Transaction, procedure: Secret, now: datetime) -> Due | ProcedureEnded | Closed:
        """The procedure, if it goes on, and its contract is what it was and open to this."""
        recovery = tx.procedures.by_key(self.platform.vault.token_key(procedure))
        if not isinstance(recovery, Recovery) or recovery.procedure is not self._procedure:
            return ProcedureEnded()
        if now >= recovery.expires_at or recovery.step in ENDS:
            return ProcedureEnded()
        if recovery.contract is None:
            return Due(recovery, None)
        contract = tx.contracts.by_id(recovery.institution, recovery.contract)
        assert contract is not None  # contracts are never deleted
        if contract.status is ContractStatus.CANCELLED or contract.credentials != recovery.credentials:
            return ProcedureEnded()
        return gate.closed(self.platform, self._operation, contract, now) or Due(recovery, contract)

    def _take(
        self, procedure: Secret, act: Act, do: Callable[[Transaction, Due, datetime], _Told]
    ) -> _Told | StepRefusal:
        """*do* it in one transaction, if *act* is due and the door is open."""

        def step(tx: Transaction) -> _Told | StepRefusal:
            now = self.platform.now()
            due = self._living(tx, procedure, now)
            if not isinstance(due, Due):
                return due
            if (due.recovery.step, act) not in NEXT:
                return WrongStep(due.recovery.step)
            return gate.out_of_hours(self.platform, self._operation, now) or do(tx, due, now)

        return self.platform.transact(step)


def look(_tx: Transaction, due: Due, _now: datetime) -> Due:
    """The procedure as it stands, for what is worked out before the deciding transaction."""
    return due


def _move(tx: Transaction, recovery: Recovery, act: Act, now: datetime) -> Step:
    """Write the procedure after *act*: the step that it has come to."""
    after = NEXT[recovery.step, act]
    recovery, entries = evolve(recovery, step=after).recorded(now, ProcedureStep(act.value, after.value))
    tx.procedures.put(recovery)
    tx.audit.append(entries)
    return after


def _form(violations: list[Violation], typed: TypedForm) -> IdentityForm | None:
    """The form, or None with all that cannot be read of it among the *violations*."""
    kana = made(violations, "kana", partial(KanaName.parse, _unspaced(typed.kana)))
    kanji = made(violations, "kanji", partial(KanjiName.parse, _unspaced(typed.kanji)))
    born = made(violations, "born", partial(BirthDate.parse, typed.born))
    phone = made(violations, "phone", partial(PhoneNumber.parse, typed.phone))
    mail = made(violations, "mail", partial(MailAddress.parse, typed.mail))
    if mail is not None and mail != made([], "", partial(MailAddress.parse, typed.mail_again)):
        violations.append(Violation("mail.not_same_twice", field="mail_again"))
    account = made(violations, "account", partial(Account.parse, typed.branch, typed.account_type, typed.number))
    match kana, kanji, born, phone, mail, account:
        case KanaName(), KanjiName(), BirthDate(), PhoneNumber(), MailAddress(), Account():
            return IdentityForm(kana=kana, kanji=kanji, born=born, phone=phone, mail=mail, account=account)
        case _:
            return None


def _unspaced(name: str) -> str:
    """*name* without the spaces that people write between family and given name (AMB-16)."""
    return "".join(name.split())


def _registered(tx: Transaction, contract: Contract, report: AccountReport | None) -> Registered | None:
    """What is known of the customer of *contract*; None for a decoy, and where the host knows no such account."""
    customer = tx.customers.of(contract.institution, contract.id)
    if customer is None or report is None or contract.account is None:
        return None
    holder = report.holder
    return Registered(
        kana=holder.kana,
        kanji=holder.kanji,
        kanji_has_gaiji=holder.kanji_has_gaiji,
        since=report.online_since,
        born=holder.born,
        phones=holder.phones,
        mails=tuple(address.mail for address in customer.addresses),
        account=contract.account,
    )


def at_the_counter(
    profile: Profile, procedure: OnlineProcedure, lacks: Collection[Lack], block: Block | None
) -> OnlyAtTheCounter:
    """How a customer is told what he lacks for *procedure*, and how he gets rid of *block*, if there is one."""
    reasons = tuple(Violation(f"lack.{lack.value}") for lack in Lack if lack in excluded(procedure, lacks))
    return OnlyAtTheCounter(reasons, None if block is None else way_out(block, closed_ways(profile, lacks)))
