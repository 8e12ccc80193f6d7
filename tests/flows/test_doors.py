"""Doors: every public operation against everything that may stand in its way.

The operations are found by looking (`NetBank.operations`): one that is new, and that nobody here knows how to do, fails
these tests.  What is refused is read off the table of admission, never written down a second time.
"""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from itertools import chain, combinations
from types import MappingProxyType

import pytest
from attrs import evolve, frozen

from janetbank import profiles
from janetbank.flows import recover
from janetbank.flows.accounts import AdditionAccepted, DeletionAccepted, UsedAccounts
from janetbank.flows.approve import Approved, Declined, Pending
from janetbank.flows.biometrics import BiometricsSetUp, FingerWanted
from janetbank.flows.change_confirmation import ConfirmationChanged
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.duties import NewPasswords
from janetbank.flows.enrol import Abandoned, Begun, Done, Enrolled, Next, NotAccepted, Review
from janetbank.flows.entry import CustomerDataNeeded, DutyNeeded, LoginIdWanted, PasswordsNeeded
from janetbank.flows.hand_over import Cancelled, Executed, Reserved
from janetbank.flows.instruct import ApprovalAwaited, CodeNeeded, InstructionStanding
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.leave import LeavingAccepted
from janetbank.flows.log_in import CallAsked, CodeAsked, LoggedIn, PasswordChangeNeeded, QuestionsNeeded
from janetbank.flows.log_out import LoggedOut
from janetbank.flows.mail_password import MailPasswordSent, in_clear
from janetbank.flows.obtain_login_id import LoginIdObtained
from janetbank.flows.pay_bills import BillFound
from janetbank.flows.phone_auth import PhoneAborted, PhoneChoices, Started, Waiting
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import (
    Blocked,
    Leaving,
    Left,
    LockedOut,
    OutsideServiceHours,
    ProcedureEnded,
    Refused,
    SessionEnded,
    Suspended,
)
from janetbank.flows.reissue_token import ReissueAbandoned, ReissueBegun, ReissueStep, TokenReissued
from janetbank.flows.reset_password import PasswordReset
from janetbank.flows.reset_questions import QuestionsReset
from janetbank.flows.select_mail import Notices, NoticesChosen
from janetbank.flows.set_limits import Limits, LimitsSet
from janetbank.flows.set_up_app import AppReady, SeedHandedOut
from janetbank.flows.step_up import Confirmed, Spent, SteppedUp, StepUpQuestion
from janetbank.flows.use_session import InSession
from janetbank.flows.use_token import AppNoted, MethodChanged, TokenCancelled, TokenStanding, UseStarted
from janetbank.flows.view_account import Balance, Statement
from janetbank.model.contract import Contract, Counter
from janetbank.model.letter import LetterCode
from janetbank.policies import recovery
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.admission import REFUSED_IN, Condition, Operation
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.duty import Duty
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.enrolment import Act, Step
from janetbank.policies.lockout import Tally
from janetbank.policies.mail_password import MailPasswordRules
from janetbank.policies.service_hours import Closure, ServiceHours, Window
from janetbank.policies.step_up import Guarded
from janetbank.policies.token import MethodEvent
from janetbank.profiles import Profile
from janetbank.testing.bank import ANSWERS, CAFE, HOME, START, Enrollee, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.bill import BillNumbers
from janetbank.values.instruction import InstructionKind
from janetbank.values.secret import Secret
from tests.flows.application import Application, apply
from tests.flows.confirmation_scene import confirming
from tests.flows.first_use_scene import NOTICES, customer_data, prove
from tests.flows.money_scene import NUMBERS, TAX_NUMBERS, find, found, send_bills
from tests.flows.recovery_scene import Reset, What, reset
from tests.flows.reissue_scene import Lost, begin, begin_by_account
from tests.flows.scene import (
    MINUTE,
    REST,
    WRONG,
    WRONG_ANSWER,
    block_answer,
    block_password,
    challenged,
    confirmed,
    contract_of,
    letters,
    lock_answer,
    lock_password,
    rewrite,
    stepped_up,
    suspend,
    with_account,
    with_password,
)
from tests.flows.token_scene import LATER_DAY, MAIL, SMARTPHONE, START_PASSWORD, Telephone, order

Doing = Callable[[], object]
LATER = timedelta(days=90)
PLAIN, CONFIRMING = profiles.fast_for_tests(profiles.JA), confirming()
CHOSEN = NewPasswords(
    password=Secret("vase3#lamp"),
    password_again=Secret("vase3#lamp"),
    confirmation=Secret("lake7pine"),
    confirmation_again=Secret("lake7pine"),
)


# --- How each operation is done rightly -------------------------------------------------------------------------------


@frozen
class Door:
    """One operation: *prepare* sets the scene and returns the doing of it, which gives *told* where nothing refuses.

    *needs* is what it is done with: a session, a challenge, a procedure, or nothing that could have ended.
    """

    operation: Operation
    prepare: Callable[[TestBank, Enrollee], Doing]
    told: type
    needs: str = ""
    profile: Profile = PLAIN
    """Of a bank where it is done at all."""


def _log_in(there: TestBank, taro: Enrollee) -> Doing:
    return lambda: with_password(there, taro)


def _log_in_by_account(there: TestBank, taro: Enrollee) -> Doing:
    return lambda: with_account(there, taro)


def _answer(there: TestBank, taro: Enrollee) -> Doing:
    asked = challenged(there, taro)
    return lambda: there.net.log_in.answer(asked.challenge, taro.answer_to(asked.question))


def _due(
    change: Callable[[Contract], Contract], needed: type[DutyNeeded], do: Callable[..., object]
) -> Callable[..., Doing]:
    """Log in with a duty that *change* leaves, and then *do* it."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        rewrite(there, taro, change)
        told = with_password(there, taro)
        assert isinstance(told, needed), told
        return lambda: do(there, told.challenge)

    return prepare


def _register_questions(there: TestBank, challenge: Secret) -> object:
    questions = [(question, Secret(answer)) for question, answer in ANSWERS]
    return there.net.log_in.register_questions(challenge, questions, acknowledged=True)


def _choose_passwords(there: TestBank, challenge: Secret) -> object:
    return there.net.log_in.choose_passwords(challenge, CHOSEN)


def _register_customer(there: TestBank, challenge: Secret) -> object:
    return there.net.log_in.register_customer(challenge, customer_data(), confirmation=Secret("moon5gate"))


def _obtain(there: TestBank, taro: Enrollee) -> Doing:
    rewrite(there, taro, lambda one: evolve(one, login_id=None))
    return lambda: prove(there, taro)


def _register_login_id(there: TestBank, taro: Enrollee) -> Doing:
    wanted = _obtain(there, taro)()
    assert isinstance(wanted, LoginIdWanted), wanted
    return lambda: there.net.obtain_login_id.register(wanted.challenge, login_id="hoshi9kwx", again="hoshi9kwx")


def _choose_password(there: TestBank, challenge: Secret) -> object:
    new = Secret("vase3#lamp")
    return there.net.log_in.choose_password(challenge, new=new, again=new)


def _use(there: TestBank, taro: Enrollee) -> Doing:
    session = there.log_in(taro)
    return lambda: there.net.use_session(session)


def _ask(there: TestBank, taro: Enrollee) -> Doing:
    session = there.log_in(taro)
    return lambda: there.net.step_up.ask(session)


def _step_up(there: TestBank, taro: Enrollee) -> Doing:
    session = there.log_in(taro)
    asked = there.net.step_up.ask(session)
    assert isinstance(asked, StepUpQuestion)
    return lambda: there.net.step_up.answer(session, taro.answer_to(asked.question))


def _confirm(there: TestBank, taro: Enrollee) -> Doing:
    session = there.log_in(taro)
    return lambda: there.net.step_up.confirm(session, taro.confirmation)


def _spend(there: TestBank, taro: Enrollee) -> Doing:
    session = confirmed(there, taro, there.log_in(taro))
    return lambda: there.net.step_up.spend(session, Guarded.INVESTMENTS)


def _change_confirmation(there: TestBank, taro: Enrollee) -> Doing:
    session, new = confirmed(there, taro, there.log_in(taro)), Secret("lake7pine")
    return lambda: there.net.change_confirmation(session, password=taro.password, new=new, again=new)


def _change_password(there: TestBank, taro: Enrollee) -> Doing:
    session, new = there.log_in(taro), Secret("vase3#lamp")
    return lambda: there.net.change_password(session, current=taro.password, new=new, again=new)


def _change_login_id(there: TestBank, taro: Enrollee) -> Doing:
    session = stepped_up(there, taro, there.log_in(taro))
    return lambda: there.net.change_login_id(session, password=taro.password, new="hoshi9kwx")


def _log_out(there: TestBank, taro: Enrollee) -> Doing:
    session = there.log_in(taro)
    return lambda: there.net.log_out(session)


def _enrol(step: Step, do: Callable[[Application], object]) -> Callable[[TestBank, Enrollee], Doing]:
    """Let a neighbour apply as far as *step*, and then *do* something."""

    def prepare(there: TestBank, _: Enrollee) -> Doing:
        application = apply(there, step)
        return lambda: do(application)

    return prepare


def _act(step: Step, act: Act) -> Callable[[TestBank, Enrollee], Doing]:
    return _enrol(step, lambda application: application.do(act))


def _begin(there: TestBank, _: Enrollee) -> Doing:
    return lambda: there.net.enrol.begin(seen_from=HOME)


SAVINGS = {"branch": "002", "type": "savings", "number": "777"}
"""A further account of Taro's."""


def _add_account(there: TestBank, taro: Enrollee) -> Doing:
    there.open_account(evolve(taro.person, account=Account.parse(**SAVINGS)), taro.institution)
    session = there.log_in(taro)
    return lambda: there.net.accounts.add(session, **SAVINGS)


def _delete_account(there: TestBank, taro: Enrollee) -> Doing:
    linked = LinkedAccount(Account.parse(**SAVINGS), AccountState.ACTIVE, None)
    rewrite(there, taro, lambda contract: evolve(contract, accounts=(linked,)))
    session = there.log_in(taro)
    return lambda: there.net.accounts.delete(session, **SAVINGS)


def _list_accounts(there: TestBank, taro: Enrollee) -> Doing:
    session = there.log_in(taro)
    return lambda: there.net.accounts.list(session)


def _leave(there: TestBank, taro: Enrollee) -> Doing:
    rewrite(there, taro, lambda contract: evolve(contract, status=ContractStatus.ACTIVE))
    session = there.log_in(taro)
    return lambda: there.net.leave(session)


AD_HOC = InstructionKind.AD_HOC_TRANSFER


def _apply(phone: Telephone) -> object:
    return phone.there.net.issue_token.apply(
        phone.session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
    )


def _phone(bring: Callable[[Telephone], object], do: Callable[[Telephone], object]) -> Callable[..., Doing]:
    """*bring* the telephone somewhere, and then *do* something with it."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        phone = Telephone.of(there, taro)
        bring(phone)
        return lambda: do(phone)

    return prepare


def _smartphone(there: TestBank, taro: Enrollee) -> Doing:
    phone = Telephone.of(there, taro).set_up()
    asked = with_password(there, taro, seen_from=SMARTPHONE)
    assert isinstance(asked, CodeAsked), asked
    return lambda: there.net.log_in.enter_code(asked.challenge, phone.code())


def _instruction(
    bring: Callable[[Telephone], Telephone], do: Callable[[Telephone, str], object], kind: InstructionKind = AD_HOC
) -> Callable[..., Doing]:
    """Request a transfer, and then *do* something with its reference."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        phone = bring(Telephone.of(there, taro))
        told = there.net.instruct.request(phone.session, order(kind))
        assert isinstance(told, Authorised | CodeNeeded | ApprovalAwaited), told
        return lambda: do(phone, told.reference)

    return prepare


def _bill(do: Callable[[Telephone, str], object], numbers: BillNumbers = TAX_NUMBERS) -> Callable[..., Doing]:
    """Find a bill, and then *do* something with its reference."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        send_bills(there)
        phone = Telephone.of(there, taro).start()
        reference = found(phone, numbers)
        return lambda: do(phone, reference)

    return prepare


def _reserved(do: Callable[[Telephone, str], object]) -> Callable[..., Doing]:
    """Reserve a transfer, and then *do* something with its reference."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        phone = Telephone.of(there, taro)
        asked = there.net.instruct.request(phone.session, order(InstructionKind.OWN_TRANSFER, day=LATER_DAY))
        assert isinstance(asked, Authorised), asked
        assert isinstance(there.net.instruct.execute(phone.session, asked.reference), Reserved)
        return lambda: do(phone, asked.reference)

    return prepare


def _approve(there: TestBank, taro: Enrollee) -> Doing:
    phone = Telephone.of(there, taro).confirm_method()
    told = there.net.instruct.request(phone.session, order())
    assert isinstance(told, ApprovalAwaited), told
    shown = there.net.approve.pending(phone.app)
    assert isinstance(shown, Pending), shown
    ((transfer, _),) = shown.transfers
    return lambda: there.net.approve.approve(phone.app, transfer.reference, phone.answer(transfer))


def _finger(bring: Callable[[Telephone], object], begin: Callable[[Telephone], Doing]) -> Callable[..., Doing]:
    """*bring* the telephone somewhere, *begin* with the finger there, and then do what is left."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        phone = Telephone.of(there, taro)
        bring(phone)
        return begin(phone)

    return prepare


def _register(phone: Telephone) -> Doing:
    response = phone.asked_for_finger()
    return lambda: phone.register(response)


def _log_in_by_finger(phone: Telephone) -> Doing:
    response = phone.finger()
    return lambda: phone.log_in(response)


def _reset(what: What, step: recovery.Step, do: Callable[[Reset], object]) -> Callable[..., Doing]:
    """Let the customer come to *step* of a reset, and then *do* something."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        one = reset(there, taro, what, step)
        return lambda: do(one)

    return prepare


def _poll(what: What) -> Callable[..., Doing]:
    """Let the customer come to the call of a reset, and call."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        one = reset(there, taro, what, recovery.Step.CALL).dial()
        return lambda: one.flow.poll(one.token)

    return prepare


def _begin_reset(what: What) -> Callable[..., Doing]:
    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        flow = there.net.reset_password if what == "password" else there.net.reset_questions
        return lambda: flow.begin(taro.institution)

    return prepare


def _resets(what: What, operation: Operation, done: type) -> dict[str, Door]:
    """The doors of a reset."""
    at = recovery.Step
    doors = {
        "begin": (_begin_reset(what), recover.Begun),
        "where_am_i": (_reset(what, at.PHONE, lambda one: one.flow.where_am_i(one.token)), recover.Next),
        "fill_form": (_reset(what, at.FORM, Reset.fill), recover.Next),
        "phones": (_reset(what, at.PHONE, lambda one: one.flow.phones(one.token)), PhoneChoices),
        "call": (_reset(what, at.PHONE, Reset.call), Started),
        "poll": (_poll(what), recover.Next),
        "go_back": (_reset(what, at.CALL, lambda one: one.flow.go_back(one.token)), recover.Next),
        "abandon": (_reset(what, at.CALL, lambda one: one.flow.abandon(one.token)), recover.Abandoned),
        "reset": (_reset(what, at.SECRET, Reset.reset), done),
    }
    return {
        f"reset_{what}.{name}": Door(operation, prepare, told, "" if name == "begin" else "procedure")
        for name, (prepare, told) in doors.items()
    }


def _lost(bring: Callable[[Lost], object], do: Callable[[Lost], object]) -> Callable[..., Doing]:
    """Lose the telephone, *bring* the reissue somewhere, and then *do* something in it."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        Telephone.of(there, taro).issue()
        lost = Lost.of(there, taro)
        bring(lost)
        return lambda: do(lost)

    return prepare


def _reissue(ask: Callable[[TestBank, Enrollee], object]) -> Callable[..., Doing]:
    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        Telephone.of(there, taro).issue()
        return lambda: ask(there, taro)

    return prepare


BY_MAIL = evolve(PLAIN, mail_password=MailPasswordRules())


def _mailed(do: Callable[[Telephone, str, Secret], object], *, bill: bool = False) -> Callable[..., Doing]:
    """Have a code mailed for an instruction, and then *do* something with both."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        send_bills(there)
        phone = Telephone.of(there, taro)
        asked = find(phone, NUMBERS) if bill else there.net.instruct.request(phone.session, order())
        assert isinstance(asked, BillFound | MailPasswordSent), asked
        (letter,) = (one for one in letters(there) if one.code is LetterCode.MAIL_PASSWORD)
        code = Secret(str(in_clear(there.net.platform, letter)["password"]))
        return lambda: do(phone, asked.reference, code)

    return prepare


ASKING_NOTHING = evolve(
    PLAIN,
    questions=evolve(PLAIN.questions, pairs=0),
    duties=frozenset({Duty.CHOOSE_PASSWORD}),
    resets=PLAIN.resets - {OnlineProcedure.QUESTIONS_RESET},
    token=evolve(
        PLAIN.token,
        calls={
            **PLAIN.token.calls,
            OnlineProcedure.LOG_IN: PLAIN.token.calls[OnlineProcedure.TOKEN_ISSUE],
        },
    ),
)


def _called(
    do: Callable[[TestBank, Secret, str], object], *, start: bool = True, dial: bool = False
) -> Callable[..., Doing]:
    """Be asked for a call, *start* waiting for it, *dial*, and then *do* something."""

    def prepare(there: TestBank, taro: Enrollee) -> Doing:
        asked = with_password(there, taro, seen_from=CAFE)
        assert isinstance(asked, CallAsked), asked
        attempt = ""
        if start:
            started = there.net.call_in.call(asked.challenge, 0)
            assert isinstance(started, Started), started
            attempt = started.attempt
            if dial:
                there.exchange.telephone(taro.person.phones[0]).dial(started.destination)
        return lambda: do(there, asked.challenge, attempt)

    return prepare


def _call_in(prepare: Callable[..., Doing], told: type) -> Door:
    return Door(Operation.CALL_IN, prepare, told, "challenge", ASKING_NOTHING)


DOORS = {
    "call_in.phones": _call_in(_called(lambda there, it, _: there.net.call_in.phones(it), start=False), PhoneChoices),
    "call_in.call": _call_in(_called(lambda there, it, _: there.net.call_in.call(it, 0), start=False), Started),
    "call_in.poll": _call_in(_called(lambda there, it, one: there.net.call_in.poll(it, one)), Waiting),
    "call_in.abort": _call_in(_called(lambda there, it, one: there.net.call_in.abort(it, one)), PhoneAborted),
    "call_in.enter": _call_in(_called(lambda there, it, one: there.net.call_in.enter(it, one), dial=True), LoggedIn),
    "instruct.enter_mail_password": Door(
        Operation.PROVE_BY_MAIL,
        _mailed(lambda one, ref, code: one.there.net.instruct.enter_mail_password(one.session, ref, code)),
        Authorised,
        "session",
        BY_MAIL,
    ),
    "instruct.mail_again": Door(
        Operation.PROVE_BY_MAIL,
        _mailed(lambda one, ref, _: one.there.net.instruct.mail_again(one.session, ref)),
        MailPasswordSent,
        "session",
        BY_MAIL,
    ),
    "pay_bills.enter_mail_password": Door(
        Operation.PROVE_BY_MAIL,
        _mailed(lambda one, ref, code: one.there.net.pay_bills.enter_mail_password(one.session, ref, code), bill=True),
        Authorised,
        "session",
        BY_MAIL,
    ),
    "pay_bills.mail_again": Door(
        Operation.PROVE_BY_MAIL,
        _mailed(lambda one, ref, _: one.there.net.pay_bills.mail_again(one.session, ref), bill=True),
        MailPasswordSent,
        "session",
        BY_MAIL,
    ),
    **_resets("password", Operation.RESET_PASSWORD, PasswordReset),
    **_resets("questions", Operation.RESET_QUESTIONS, QuestionsReset),
    "log_in.enter_code": Door(Operation.ENTER_CODE, _smartphone, LoggedIn, "challenge"),
    "issue_token.phones": Door(
        Operation.ISSUE_TOKEN,
        _phone(lambda _: None, lambda one: one.there.net.issue_token.phones(one.session)),
        PhoneChoices,
        "session",
    ),
    "issue_token.apply": Door(Operation.ISSUE_TOKEN, _phone(lambda _: None, _apply), Started, "session"),
    "issue_token.poll": Door(
        Operation.ISSUE_TOKEN,
        _phone(Telephone.apply, lambda one: one.there.net.issue_token.poll(one.session, one.attempt)),
        Waiting,
        "session",
    ),
    "issue_token.abort": Door(
        Operation.ISSUE_TOKEN,
        _phone(Telephone.apply, lambda one: one.there.net.issue_token.abort(one.session, one.attempt)),
        PhoneAborted,
        "session",
    ),
    "issue_token.confirm": Door(
        Operation.ISSUE_TOKEN,
        _phone(Telephone.call, lambda one: one.there.net.issue_token.confirm(one.session, one.attempt)),
        TokenIssued,
        "session",
    ),
    "reissue_token.with_login_id": Door(Operation.REISSUE_TOKEN, _reissue(begin), ReissueBegun),
    "reissue_token.with_account": Door(Operation.REISSUE_TOKEN, _reissue(begin_by_account), ReissueBegun),
    "reissue_token.where_am_i": Door(
        Operation.REISSUE_TOKEN,
        _lost(Lost.stay, lambda one: one.there.net.reissue_token.where_am_i(one.procedure)),
        ReissueStep,
        "procedure",
    ),
    "reissue_token.phones": Door(
        Operation.REISSUE_TOKEN,
        _lost(Lost.stay, lambda one: one.there.net.reissue_token.phones(one.procedure)),
        PhoneChoices,
        "procedure",
    ),
    "reissue_token.apply": Door(Operation.REISSUE_TOKEN, _lost(Lost.stay, Lost.try_apply), Started, "procedure"),
    "reissue_token.poll": Door(
        Operation.REISSUE_TOKEN,
        _lost(Lost.apply, lambda one: one.there.net.reissue_token.poll(one.procedure)),
        Waiting,
        "procedure",
    ),
    "reissue_token.go_back": Door(
        Operation.REISSUE_TOKEN,
        _lost(Lost.apply, lambda one: one.there.net.reissue_token.go_back(one.procedure)),
        ReissueStep,
        "procedure",
    ),
    "reissue_token.abandon": Door(
        Operation.REISSUE_TOKEN,
        _lost(Lost.apply, lambda one: one.there.net.reissue_token.abandon(one.procedure)),
        ReissueAbandoned,
        "procedure",
    ),
    "reissue_token.complete": Door(
        Operation.REISSUE_TOKEN, _lost(Lost.call, Lost.try_complete), TokenReissued, "procedure"
    ),
    "set_up_app.fetch": Door(Operation.SET_UP_APP, _phone(Telephone.issue, Telephone.again), SeedHandedOut),
    "set_up_app.complete": Door(Operation.SET_UP_APP, _phone(Telephone.fetch, Telephone.complete), AppReady),
    "use_token.standing": Door(
        Operation.USE_SESSION,
        _phone(lambda _: None, lambda one: one.there.net.use_token.standing(one.session)),
        TokenStanding,
        "session",
    ),
    "use_token.start": Door(
        Operation.USE_CODE,
        _phone(Telephone.set_up, lambda one: one.there.net.use_token.start(one.session, one.code())),
        UseStarted,
        "session",
    ),
    "use_token.cancel": Door(
        Operation.USE_CODE,
        _phone(Telephone.start, lambda one: one.there.net.use_token.cancel(one.session, one.code())),
        TokenCancelled,
        "session",
    ),
    "use_token.change_method": Door(
        Operation.USE_CODE,
        _phone(
            Telephone.start,
            lambda one: one.there.net.use_token.change_method(
                one.session, one.code(), MethodEvent.CHOOSE_TXA, ticked=True
            ),
        ),
        MethodChanged,
        "session",
    ),
    "use_token.confirm_method": Door(
        Operation.APPROVE,
        _phone(
            lambda one: one.start(approve_transfers=True),
            lambda one: one.there.net.use_token.confirm_method(one.app, version="4.1"),
        ),
        MethodChanged,
    ),
    "use_token.note_app": Door(
        Operation.APPROVE,
        _phone(Telephone.start, lambda one: one.there.net.use_token.note_app(one.app, version="4.2")),
        AppNoted,
    ),
    "instruct.request": Door(
        Operation.INSTRUCT,
        _phone(Telephone.start, lambda one: one.there.net.instruct.request(one.session, order())),
        CodeNeeded,
        "session",
    ),
    "instruct.amend": Door(
        Operation.INSTRUCT,
        _instruction(Telephone.start, lambda one, ref: one.there.net.instruct.amend(one.session, ref, order(yen=1))),
        CodeNeeded,
        "session",
    ),
    "instruct.enter_code": Door(
        Operation.USE_CODE,
        _instruction(Telephone.start, lambda one, ref: one.there.net.instruct.enter_code(one.session, ref, one.code())),
        Authorised,
        "session",
    ),
    "instruct.standing": Door(
        Operation.INSTRUCT,
        _instruction(Telephone.start, lambda one, ref: one.there.net.instruct.standing(one.session, ref)),
        InstructionStanding,
        "session",
    ),
    "pay_bills.find": Door(Operation.PAY, _bill(lambda phone, _: find(phone)), BillFound, "session"),
    "pay_bills.enter_code": Door(
        Operation.PROVE_PAYMENT,
        _bill(lambda one, ref: one.there.net.pay_bills.enter_code(one.session, ref, one.code()), NUMBERS),
        Authorised,
        "session",
    ),
    "pay_bills.pay": Door(
        Operation.PAY, _bill(lambda one, ref: one.there.net.pay_bills.pay(one.session, ref)), Executed, "session"
    ),
    "limits.standing": Door(
        Operation.SET_LIMITS,
        _phone(lambda _: None, lambda one: one.there.net.limits.standing(one.session)),
        Limits,
        "session",
    ),
    "limits.set": Door(
        Operation.SET_LIMITS,
        _phone(lambda _: None, lambda one: one.there.net.limits.set(one.session, {one.taro.person.account: "10"})),
        LimitsSet,
        "session",
    ),
    "select_mail.standing": Door(
        Operation.USE_SESSION,
        _phone(lambda _: None, lambda one: one.there.net.select_mail.standing(one.session)),
        Notices,
        "session",
    ),
    "select_mail.choose": Door(
        Operation.USE_SESSION,
        _phone(lambda _: None, lambda one: one.there.net.select_mail.choose(one.session, 0, ())),
        NoticesChosen,
        "session",
    ),
    "view_account.balance": Door(
        Operation.BALANCE,
        _phone(lambda _: None, lambda one: one.there.net.view_account.balance(one.session, one.taro.person.account)),
        Balance,
        "session",
    ),
    "view_account.statement": Door(
        Operation.STATEMENT,
        _phone(
            lambda _: None,
            lambda one: one.there.net.view_account.statement(
                one.session, one.taro.person.account, LATER_DAY, LATER_DAY
            ),
        ),
        Statement,
        "session",
    ),
    "instruct.cancel": Door(
        Operation.INSTRUCT,
        _reserved(lambda one, ref: one.there.net.instruct.cancel(one.session, ref)),
        Cancelled,
        "session",
    ),
    "instruct.execute": Door(
        Operation.INSTRUCT,
        _instruction(
            Telephone.start,
            lambda one, ref: one.there.net.instruct.execute(one.session, ref),
            InstructionKind.OWN_TRANSFER,
        ),
        Executed,
        "session",
    ),
    "approve.pending": Door(
        Operation.APPROVE,
        _instruction(Telephone.confirm_method, lambda one, _: one.there.net.approve.pending(one.app)),
        Pending,
    ),
    "approve.approve": Door(Operation.APPROVE, _approve, Approved),
    "approve.decline": Door(
        Operation.APPROVE,
        _instruction(Telephone.confirm_method, lambda one, ref: one.there.net.approve.decline(one.app, ref)),
        Declined,
    ),
    "biometrics.begin_set_up": Door(
        Operation.BIOMETRICS,
        _phone(Telephone.start, lambda one: one.there.net.biometrics.begin_set_up(one.app)),
        FingerWanted,
    ),
    "biometrics.set_up": Door(Operation.BIOMETRICS, _finger(Telephone.start, _register), BiometricsSetUp),
    "biometrics.begin_log_in": Door(
        Operation.BIOMETRICS,
        _phone(Telephone.set_up_finger, lambda one: one.there.net.biometrics.begin_log_in(one.app)),
        FingerWanted,
    ),
    "biometrics.log_in": Door(Operation.BIOMETRICS, _finger(Telephone.set_up_finger, _log_in_by_finger), LoggedIn),
    "log_in.with_login_id": Door(Operation.LOG_IN, _log_in, LoggedIn),
    "log_in.with_account": Door(Operation.LOG_IN, _log_in_by_account, LoggedIn),
    "log_in.answer": Door(Operation.ANSWER, _answer, LoggedIn, "challenge"),
    "log_in.register_questions": Door(
        Operation.DO_DUTY,
        _due(lambda contract: evolve(contract, questions=()), QuestionsNeeded, _register_questions),
        LoggedIn,
        "challenge",
    ),
    "log_in.choose_password": Door(
        Operation.DO_DUTY,
        _due(lambda contract: evolve(contract, must_change_password=True), PasswordChangeNeeded, _choose_password),
        LoggedIn,
        "challenge",
    ),
    "accounts.add": Door(Operation.CHANGE_ACCOUNTS, _add_account, AdditionAccepted, "session"),
    "accounts.delete": Door(Operation.CHANGE_ACCOUNTS, _delete_account, DeletionAccepted, "session"),
    "accounts.list": Door(Operation.USE_SESSION, _list_accounts, UsedAccounts, "session"),
    "leave": Door(Operation.LEAVE, _leave, LeavingAccepted, "session"),
    "use_session": Door(Operation.USE_SESSION, _use, InSession, "session"),
    "step_up.ask": Door(Operation.STEP_UP, _ask, StepUpQuestion, "session"),
    "step_up.answer": Door(Operation.STEP_UP, _step_up, SteppedUp, "session"),
    "obtain_login_id.prove": Door(Operation.OBTAIN_LOGIN_ID, _obtain, LoginIdWanted, profile=NOTICES),
    "obtain_login_id.register": Door(
        Operation.OBTAIN_LOGIN_ID, _register_login_id, LoginIdObtained, "challenge", NOTICES
    ),
    "log_in.choose_passwords": Door(
        Operation.DO_DUTY,
        _due(lambda one: evolve(one, provisional_until=START + LATER), PasswordsNeeded, _choose_passwords),
        LoggedIn,
        "challenge",
        NOTICES,
    ),
    "log_in.register_customer": Door(
        Operation.REGISTER_CUSTOMER,
        _due(lambda one: evolve(one, customer_due=True), CustomerDataNeeded, _register_customer),
        LoggedIn,
        "challenge",
        NOTICES,
    ),
    "step_up.confirm": Door(Operation.CONFIRM, _confirm, Confirmed, "session", CONFIRMING),
    "step_up.spend": Door(Operation.CONFIRM, _spend, Spent, "session", CONFIRMING),
    "change_confirmation": Door(
        Operation.CHANGE_CONFIRMATION, _change_confirmation, ConfirmationChanged, "session", CONFIRMING
    ),
    "change_password": Door(Operation.CHANGE_PASSWORD, _change_password, PasswordChanged, "session"),
    "change_login_id": Door(Operation.CHANGE_LOGIN_ID, _change_login_id, LoginIdChanged, "session"),
    "log_out": Door(Operation.LOG_OUT, _log_out, LoggedOut),
    "enrol.begin": Door(Operation.ENROL, _begin, Begun),
    "enrol.agree": Door(Operation.ENROL, _act(Step.TERMS, Act.AGREE), Next, "procedure"),
    "enrol.choose_institution": Door(
        Operation.ENROL, _act(Step.INSTITUTION, Act.CHOOSE_INSTITUTION), Next, "procedure"
    ),
    "enrol.prove_holder": Door(Operation.ENROL, _act(Step.HOLDER, Act.PROVE_HOLDER), Next, "procedure"),
    "enrol.set_credentials": Door(Operation.ENROL, _act(Step.CREDENTIALS, Act.SET_CREDENTIALS), Next, "procedure"),
    "enrol.set_customer": Door(Operation.ENROL, _act(Step.CUSTOMER, Act.SET_CUSTOMER), Next, "procedure"),
    "enrol.confirm": Door(Operation.ENROL, _act(Step.REVIEW, Act.CONFIRM), Enrolled, "procedure"),
    "enrol.choose_otp": Door(Operation.ENROL, _act(Step.OTP, Act.CHOOSE_OTP), Done, "procedure"),
    "enrol.go_back": Door(Operation.ENROL, _act(Step.CREDENTIALS, Act.GO_BACK), Next, "procedure"),
    "enrol.abandon": Door(Operation.ENROL, _act(Step.CREDENTIALS, Act.ABANDON), Abandoned, "procedure"),
    "enrol.review": Door(
        Operation.ENROL, _enrol(Step.REVIEW, lambda one: one.net.enrol.review(one.token)), Review, "procedure"
    ),
    "enrol.where_am_i": Door(
        Operation.ENROL, _enrol(Step.HOLDER, lambda one: one.net.enrol.where_am_i(one.token)), Next, "procedure"
    ),
}

OPEN_AT_NIGHT = {"log_out", "enrol.where_am_i", "reset_password.where_am_i", "reset_questions.where_am_i"}
"""Leaving is never refused, and to be told where one stands is no service."""
KNOWS_NOBODY = {"reset_password.begin", "reset_questions.begin"}
"""Who comes here has not said who he is, so nothing of a contract can stand in his way."""

NAMES_SOMEBODY = {
    "obtain_login_id.prove",
    "log_in.with_login_id",
    "log_in.with_account",
    "reissue_token.with_login_id",
    "reissue_token.with_account",
    "reset_password.fill_form",
    "reset_questions.fill_form",
}
"""Who comes here says by name or account who he is."""

NAMES = sorted(bank().net.operations())
EACH = pytest.mark.parametrize("name", NAMES)


@EACH
def test_every_operation_is_known_here_and_succeeds_where_nothing_refuses(name: str) -> None:
    """A new operation has to be added to these tests; done rightly before an open door, it is done."""
    door = DOORS[name]
    there = bank(door.profile)
    assert isinstance(door.prepare(there, there.customer())(), door.told)


def test_these_tests_know_no_operation_that_is_gone() -> None:
    """What is exercised here is exactly what the bank offers."""
    assert DOORS.keys() == set(NAMES)


# --- Conditions -------------------------------------------------------------------------------------------------------

UNTIL = START + REST


def _with(tally: Tally, condition: Condition) -> Callable[[Contract], Contract]:
    counter = Counter(condition.value.rpartition("_")[0])
    return lambda contract: contract.with_tally(counter, tally)


PUT: dict[Condition, Callable[[Contract], Contract]] = {
    Condition.LEFT: lambda contract: evolve(contract, status=ContractStatus.CANCELLED),
    Condition.SUSPENDED: lambda contract: evolve(contract, suspended_since=START),
    Condition.LEAVING: lambda contract: evolve(contract, status=ContractStatus.LEAVING, ends_on=date(2026, 11, 24)),
    **{
        condition: _with(Tally(locked_until=UNTIL, lockouts=1), condition)
        for condition in Condition
        if condition.value.endswith("locked") and not condition.value.endswith("blocked")
    },
    **{
        condition: _with(Tally(blocked_since=START, lockouts=3), condition)
        for condition in Condition
        if condition.value.endswith("blocked")
    },
}
"""How a contract comes to be in a condition, all of a sudden: its sessions are not ended, so that the door must be."""

SAID = {
    **{condition: Blocked() if condition.value.endswith("blocked") else LockedOut(UNTIL) for condition in Condition},
    Condition.LEFT: Left(),
    Condition.SUSPENDED: Suspended(),
    Condition.LEAVING: Leaving(),
}


_LOCKED = [condition for condition in SAID if SAID[condition] == LockedOut(UNTIL)]
_BLOCKED = [condition for condition in SAID if SAID[condition] == Blocked()]
TOGETHER = ([Condition.LEFT, *_LOCKED], [Condition.SUSPENDED, Condition.LEAVING, *_BLOCKED])
"""What does not overwrite one another: a counter is locked or blocked, and a contract is leaving or left."""


@pytest.mark.requirement("LCK-01", "LCK-03", "LCK-10", "LCK-11", "LCK-14", "LCK-15", "RBA-12", "CAN-07", "CAN-08")
@EACH
def test_every_operation_in_every_condition(name: str) -> None:
    """Where the table of admission refuses, it is refused as the condition says, and done once that is gone."""
    door = DOORS[name]
    there = bank(door.profile)
    taro = there.customer()
    act = door.prepare(there, taro)
    sound, told = contract_of(there, taro), dict[Condition, object]()
    for condition in _refusing(name):
        rewrite(there, taro, PUT[condition])
        told[condition] = act()
        rewrite(there, taro, lambda now: evolve(sound, version=now.version))
    rest = act()
    said: dict[Condition, object] = {condition: SAID[condition] for condition in told}
    if name in NAMES_SOMEBODY:
        # Whoever has left is not found: the answer is that of whom there is none.
        assert said.pop(Condition.LEFT) != told[Condition.LEFT]
        assert not isinstance(told.pop(Condition.LEFT), door.told)
    elif name.startswith("reset_") and told:
        said[Condition.LEFT] = ProcedureEnded()
    assert told == said
    assert isinstance(rest, door.told)


@pytest.mark.requirement("LCK-01", "LCK-03", "LCK-10", "LCK-11", "LCK-14", "LCK-15", "RBA-12", "CAN-07", "CAN-08")
@pytest.mark.parametrize("all_of", TOGETHER, ids=lambda all_of: f"{all_of[0].value} and others")
@EACH
def test_every_operation_in_the_other_conditions(name: str, all_of: Collection[Condition]) -> None:
    """Where the table of admission does not refuse it is done, though all that it does not refuse in comes together."""
    door = DOORS[name]
    there = bank(door.profile)
    taro = there.customer()
    act = door.prepare(there, taro)
    for condition in all_of:
        if condition not in _refusing(name):
            rewrite(there, taro, PUT[condition])
    assert isinstance(act(), door.told)


def _refusing(name: str) -> list[Condition]:
    """In which conditions the table of admission refuses it."""
    return [one for one in Condition if name not in KNOWS_NOBODY and one in REFUSED_IN[DOORS[name].operation]]


OF_THE_DOOR = [condition for condition in Condition if condition in REFUSED_IN[Operation.LOG_IN] - {Condition.LEFT}]


@pytest.mark.requirement("LCK-15")
@pytest.mark.parametrize(
    "conditions",
    list(chain.from_iterable(combinations(OF_THE_DOOR, size) for size in range(2, len(OF_THE_DOOR) + 1))),
    ids=lambda some: "+".join(one.value for one in some),
)
def test_several_conditions_at_once(conditions: tuple[Condition, ...]) -> None:
    """The conditions stand side by side: the hardest one to get rid of is told, whichever others there are."""
    there = bank()
    taro = there.customer()
    acts = [DOORS[name].prepare(there, taro) for name in ("log_in.with_login_id", "use_session", "log_in.answer")]
    # Locked and blocked are one counter's: what is written last, the harder one, stands.
    for condition in reversed(conditions):
        rewrite(there, taro, PUT[condition])
    for act in acts:
        assert act() == SAID[conditions[0]]


# --- Service hours ----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("HRS-01", "HRS-02")
@pytest.mark.parametrize("closed", ["itself", "all others"])
@EACH
def test_every_operation_keeps_its_own_hours(name: str, closed: str) -> None:
    """A function that is closed refuses and says when it opens; one that is open goes on, whichever others are not."""
    start = START + 4 * MINUTE
    always = ServiceHours(daily=(Window.of("00:00-24:00"),))
    shut = evolve(always, closures=(Closure(start, start + REST),))
    door = DOORS[name]
    own, others = (shut, always) if closed == "itself" else (always, shut)
    there = bank(evolve(door.profile, hours=MappingProxyType(dict.fromkeys(Operation, others) | {door.operation: own})))
    act = door.prepare(there, there.customer())
    there.clock.set(start)
    told = act()
    if closed == "itself" and name not in OPEN_AT_NIGHT:
        assert told == OutsideServiceHours(start + REST)
    else:
        assert isinstance(told, door.told)


@pytest.mark.requirement("HRS-02")
def test_a_function_that_closed_for_good_says_no_hour() -> None:
    """Where nobody knows when it opens, no hour is told."""
    never = dict.fromkeys(Operation, ServiceHours(daily=()))
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), hours=MappingProxyType(never)))
    assert there.net.enrol.begin(seen_from=HOME) == OutsideServiceHours(None)
    assert there.guess("kaze48nd", "soil7+rain") == OutsideServiceHours(None)


@pytest.mark.requirement("HRS-01")
def test_the_real_hours_of_a_profile() -> None:
    """At JA one logs in at any hour of any day, and applies from 06:30 to 23:40, at New Year from 08:00 to 19:00."""
    there = bank()
    taro = there.customer()
    there.clock.advance(timedelta(hours=13, minutes=40))  # 23:40 in Japan
    assert there.net.enrol.begin(seen_from=HOME) == OutsideServiceHours(START + timedelta(hours=20, minutes=30))
    assert isinstance(with_password(there, taro), LoggedIn)


# --- What has ended ---------------------------------------------------------------------------------------------------

ENDED = {"session": SessionEnded(), "challenge": SessionEnded(), "procedure": ProcedureEnded()}
LIVES = {"session": 5 * MINUTE, "challenge": 5 * MINUTE, "procedure": REST}


@pytest.mark.parametrize("name", [name for name in NAMES if DOORS[name].needs])
def test_nothing_is_done_with_what_has_run_out(name: str) -> None:
    """At its last instant a session, a challenge or a procedure has ended, and every operation on it says so."""
    door = DOORS[name]
    there = bank(door.profile)
    act = door.prepare(there, there.customer())
    there.clock.advance(LIVES[door.needs])
    assert act() == ENDED[door.needs]


@pytest.mark.parametrize("name", [name for name in NAMES if DOORS[name].needs in {"session", "challenge"}])
def test_nothing_is_done_in_an_epoch_that_is_over(name: str) -> None:
    """Once the contract has ended its sessions, no operation is done in one of them."""
    door = DOORS[name]
    there = bank(door.profile)
    taro = there.customer()
    act = door.prepare(there, taro)
    rewrite(there, taro, Contract.end_sessions)
    assert act() == SessionEnded()


@pytest.mark.requirement("LCK-01", "LCK-10", "LCK-15")
@pytest.mark.parametrize(
    ("name", "lock"),
    [
        (name, lock)
        for name in NAMES
        for lock in (lock_password, lock_answer)
        # Who has no question registered cannot lock himself out by his answers, nor by a login id who has none.
        if DOORS[name].needs in {"session", "challenge"}
        and (lock is lock_password or not name.startswith(("log_in.register_questions", "call_in.")))
        and name != "obtain_login_id.register"
    ],
)
def test_a_lock_in_life_ends_what_was_going_on(name: str, lock: Callable[[TestBank, Enrollee], object]) -> None:
    """Whoever was in when seven wrong entries locked the contract is out, during the lock and after it."""
    door = DOORS[name]
    there = bank(door.profile)
    taro = there.customer()
    act = door.prepare(there, taro)
    lock(there, taro)
    assert act() == SessionEnded()
    there.clock.advance(REST)
    assert act() == SessionEnded()


@pytest.mark.requirement("RBA-10")
@pytest.mark.parametrize("token", ["pending", "unknown", "", "full"])
def test_only_the_right_kind_of_token_opens_anything(token: str) -> None:
    """A pending challenge is no session, a session is no challenge, and what nobody gave out is neither."""
    there = bank()
    taro, net = there.customer(), there.net
    asked = challenged(there, taro)
    session = there.log_in(taro)
    shown = {"pending": asked.challenge, "full": session}.get(token, Secret(token))
    if token != "full":
        new = Secret("vase3#lamp")
        assert net.use_session(shown) == SessionEnded()
        assert net.step_up.ask(shown) == SessionEnded()
        assert net.step_up.answer(shown, taro.answer_to(asked.question)) == SessionEnded()
        assert net.change_password(shown, current=taro.password, new=new, again=new) == SessionEnded()
        assert net.change_login_id(shown, password=taro.password, new="hoshi9kwx") == SessionEnded()
    if token != "pending":
        assert net.log_in.answer(shown, taro.answer_to(asked.question)) == SessionEnded()
    for operation in (net.enrol.where_am_i, net.enrol.review, net.enrol.confirm, net.enrol.go_back, net.enrol.abandon):
        assert operation(shown) == ProcedureEnded()


# --- Side doors -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LGN-03", "LCK-15")
@pytest.mark.parametrize("close", [lock_password, lock_answer, block_password, block_answer, suspend])
def test_no_other_name_leads_past_a_closed_door(close: Callable[[TestBank, Enrollee], object]) -> None:
    """What closes the login by login id closes the login by account, from whatever place, with the same words."""
    there = bank()
    taro = there.customer()
    close(there, taro)
    told = with_password(there, taro)
    assert isinstance(told, LockedOut | Blocked | Suspended)
    assert with_account(there, taro) == told
    assert with_account(there, taro, WRONG) == told
    assert with_password(there, evolve(taro, login_id="KAZE48ND")) == told


@pytest.mark.requirement("ENR-16", "LCK-15")
@pytest.mark.parametrize("close", [lock_password, lock_answer, block_password, block_answer, suspend])
def test_no_new_application_leads_past_a_closed_door(close: Callable[[TestBank, Enrollee], object]) -> None:
    """Whoever is locked, blocked or suspended has a contract, and cannot have another one for the same account."""
    there = bank()
    taro = there.customer()
    close(there, taro)
    assert apply(there, Step.HOLDER, person=taro.person).prove() == NotAccepted()


@pytest.mark.requirement("LCK-01")
def test_an_open_session_is_no_place_to_guess_the_password() -> None:
    """Wrong current passwords, at changing the password or the login id, count with those at logging in, and lock."""
    there = bank()
    taro = there.customer()
    session, new = stepped_up(there, taro, there.log_in(taro)), Secret("vase3#lamp")
    for _ in range(2):
        assert there.net.change_password(session, current=WRONG, new=new, again=new) == Refused()
        assert there.net.change_login_id(session, password=WRONG, new="hoshi9kwx") == Refused()
        assert with_password(there, taro, WRONG) == Refused()
    locked = LockedOut(there.clock.now() + REST)
    assert there.net.change_password(session, current=WRONG, new=new, again=new) == locked
    assert there.net.use_session(session) == SessionEnded()
    assert with_password(there, taro) == locked


@pytest.mark.requirement("LCK-10", "RBA-12")
def test_an_open_session_is_no_place_to_guess_the_answer() -> None:
    """Wrong answers at stepping up count with those at logging in, and lock the whole service."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    asked = there.net.step_up.ask(session)
    assert isinstance(asked, StepUpQuestion)
    pending = challenged(there, taro)
    assert pending.question == asked.question
    for _ in range(3):
        assert there.net.step_up.answer(session, WRONG_ANSWER) == Refused()
        assert there.net.log_in.answer(pending.challenge, WRONG_ANSWER) == Refused()
    locked = LockedOut(there.clock.now() + REST)
    assert there.net.step_up.answer(session, WRONG_ANSWER) == locked
    assert there.net.use_session(session) == SessionEnded()
    assert with_password(there, taro) == locked
