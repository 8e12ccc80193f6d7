"""People: who acts in the tour's story, what they know and hold, and what they can do.

Shape:  an `Actor` does something with the bank, keeps what it puts into his hands (the token of a procedure, a session
        or a challenge, the bank's number to call) and returns the outcome.
Errors: what the ports raise.
Source: ENR-01..10, LGN-03, 05, 09, 12, 17, RBA-10, RBA-14, TEL-06, TKN-05..07, TKR-03..09, PWR-02..14, RBR-03..09,
        APP-09..13, OTP-03, 15, 20, TXA-04, TXA-05, BIO-02, 05..07; AMB-39.
"""

from datetime import date
from typing import ClassVar, TypeVar

from attrs import define, field, frozen

from janetbank.bank import NetBank
from janetbank.flows.admit import PasswordsGiven
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.duties import CustomerData, NewPasswords, SelectMail
from janetbank.flows.enrol import Begun, Enrol, Enrolled, NewAddress
from janetbank.flows.entry import CustomerDataNeeded, LoginIdWanted, PasswordsNeeded, TokenWanted
from janetbank.flows.instruct import ApprovalAwaited, Order
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.log_in import CallAsked, CodeAsked, LoggedIn, PasswordChangeNeeded, QuestionAsked, QuestionsNeeded
from janetbank.flows.mail_password import MailPasswordSent
from janetbank.flows.pay_bills import BillFound
from janetbank.flows.phone_auth import Started
from janetbank.flows.prove import Authorised
from janetbank.flows.recover import Begun as ResetBegun
from janetbank.flows.recover import TypedForm
from janetbank.flows.reissue_token import ReissueBegun, TokenReissued
from janetbank.flows.reset_password import ResetPassword
from janetbank.flows.reset_questions import ResetQuestions
from janetbank.flows.step_up import Confirmed, SteppedUp, StepUpQuestion
from janetbank.policies.credentials import PasswordRules
from janetbank.policies.token import MethodEvent
from janetbank.ports.directory import Institution
from janetbank.values.account import Account, AccountType
from janetbank.values.bill import BillNumbers
from janetbank.values.environment import Environment
from janetbank.values.identifiers import ContractId
from janetbank.values.secret import Secret
from janetbank_adapters.telephony.memory import Telephone, press, repeat
from janetbank_adapters.token_app.app import TokenApp, Waiting

_Outcome = TypeVar("_Outcome")


@frozen
class AppShows:
    """The tab for transactions is open: these wait for an answer."""

    waiting: tuple[Waiting, ...]
    code: ClassVar[str] = "tour.app_shows"


@frozen(kw_only=True)
class Person:
    """Somebody with a carded ordinary savings account, as the host knows him, and his answers to the questions."""

    kana: str
    kanji: str
    born: date
    phone: str
    pin: Secret
    answers: tuple[tuple[str, Secret], ...]


TARO = Person(
    kana="サトウタロウ",
    kanji="佐藤太郎",
    born=date(1980, 1, 2),
    phone="0263-00-7351",
    pin=Secret("8264"),
    answers=(
        ("question.primary_school", Secret("あおぞら小学校")),
        ("question.pet", Secret("ポチ")),
        ("question.home_town", Secret("松本市")),
    ),
)
HANAKO = Person(
    kana="スズキハナコ",
    kanji="鈴木花子",
    born=date(1992, 7, 15),
    phone="0263-00-2816",
    pin=Secret("5937"),
    answers=(
        ("question.middle_school", Secret("みどり中学校")),
        ("question.pet", Secret("タマ")),
        ("question.birthplace", Secret("安曇野市")),
    ),
)


JIRO = Person(
    kana="タカハシジロウ",
    kanji="高橋次郎",
    born=date(1968, 3, 9),
    phone="0263-00-9042",
    pin=Secret("4907"),
    answers=(
        ("question.primary_school", Secret("さくら小学校")),
        ("question.pet", Secret("シロ")),
        ("question.home_town", Secret("塩尻市")),
    ),
)


@define(kw_only=True)
class Actor:
    """A person in front of the bank."""

    person: Person
    bank: NetBank
    institution: Institution
    account: Account
    mails: tuple[str, ...]
    login_id: str
    password: Secret
    home: Environment
    phone_mail: str
    new_phone_mail: str
    """Of the telephone that he will have when he has lost this one."""
    line: Telephone
    """The telephone in his hand, to call with."""
    app: TokenApp
    """The token app on it."""
    enrol: Enrol
    """Where he applies: online, or at the counter."""
    outside: Environment
    """Where he is seen with it."""
    confirmation: Secret = field(factory=lambda: Secret("moon5gate"))
    """His second password, where the bank has one."""
    notice: PasswordsGiven | None = None
    """The provisional passwords on his notice, where the bank gives them out."""
    ids: TokenIssued | TokenReissued | None = None
    """Of his token, as they were mailed."""
    shown: tuple[Waiting, ...] = ()
    """What the app showed last, to be approved or declined."""
    contract: ContractId | None = None
    token: Secret = field(factory=lambda: Secret(""))
    """Of his procedure, his challenge or his session, whichever he was given last."""
    former: Secret = field(factory=lambda: Secret(""))
    """What he had in his hands when he asked for a reissue."""
    asked: list[str] = field(factory=list[str])
    """The questions that the bank asked him, the last one last."""
    attempt: str = ""
    """The call that the bank waits for."""
    destination: str = ""
    screen_code: Secret | None = None
    """What to key there, where the screen shows it."""
    reference: str = ""
    """Of the transfer that he requested last."""
    resets: ResetPassword | ResetQuestions = field(init=False)
    """What he has reset, from the form to the card's PIN."""

    def begins(self) -> object:
        """He begins to apply, at home."""
        return self._takes(self.enrol.begin(seen_from=self.home))

    def agrees(self) -> object:
        """He agrees to the terms of his institution."""
        return self.enrol.agree(self.token, self.institution.terms)

    def chooses_institution(self) -> object:
        """He chooses the prefecture and the institution."""
        return self.enrol.choose_institution(self.token, self.institution.prefecture, self.institution.id)

    def proves(self, pin: Secret | None = None) -> object:
        """He proves to hold the account, with his card's PIN unless another is given."""
        return self.enrol.prove_holder(
            self.token,
            branch=self.account.branch.code,
            number=self.account.number.digits.lstrip("0"),
            pin=pin or self.person.pin,
            born=self.person.born.isoformat(),
        )

    def chooses(self, login_id: str, password: Secret) -> object:
        """He wants this login id and this password."""
        return self.enrol.set_credentials(
            self.token,
            login_id=login_id,
            password=password,
            again=password,
            questions=self.person.answers if self.bank.platform.profile.asks_questions else (),
            acknowledged=True,
            confirmation=self.confirmation,
            confirmation_again=self.confirmation,
        )

    def gives_addresses(self) -> object:
        """He gives his mail addresses."""
        first, *further = (NewAddress(mail) for mail in self.mails)
        return self.enrol.set_customer(self.token, mail=first, further=further)

    def reviews(self) -> object:
        """He looks at what will be registered."""
        return self.enrol.review(self.token)

    def confirms(self) -> object:
        """He confirms it."""
        return self._takes(self.enrol.confirm(self.token))

    def declines_otp(self) -> object:
        """He does not apply for the one-time password."""
        return self.enrol.choose_otp(self.token, apply=False)

    def applies(self, login_id: str | None = None) -> object:
        """All of it, from beginning to end; with his first login id unless another is given."""
        self.begins()
        self.agrees()
        self.chooses_institution()
        self.proves()
        self.chooses(login_id or self.login_id, self.password)
        self.gives_addresses()
        enrolled = self.confirms()
        self.declines_otp()
        return enrolled

    def logs_in(
        self, password: Secret | None = None, *, login_id: str | None = None, seen_from: Environment | None = None
    ) -> object:
        """He logs in by login id, from home unless he is seen elsewhere."""
        return self._takes(
            self.bank.log_in.with_login_id(
                self.institution.id,
                login_id or self.login_id,
                password or self.password,
                seen_from=seen_from or self.home,
            )
        )

    def logs_in_by_account(self) -> object:
        """He logs in by branch, type and number of his account."""
        branch, number = self.account.branch.code, self.account.number.digits
        return self._takes(
            self.bank.log_in.with_account(
                self.institution.id, branch, self.account.type.label, number, self.password, seen_from=self.home
            )
        )

    def answers(self, answer: Secret | None = None) -> object:
        """He answers the question that he was asked when logging in; as he registered it unless otherwise."""
        return self._takes(self.bank.log_in.answer(self.token, answer or self._registered()))

    def logs_out(self) -> object:
        """He logs out."""
        return self.bank.log_out(self.token)

    def changes_password(self, new: Secret) -> object:
        """He changes his password to one that suits the bank, and knows the new one from then on."""
        new = suited(self.bank.platform.profile.password, new)
        outcome = self.bank.change_password(self.token, current=self.password, new=new, again=new)
        if isinstance(outcome, PasswordChanged):
            self.password = new
        return self._takes(outcome)

    def changes_login_id(self, new: str) -> object:
        """He changes his login id."""
        return self._takes(self.bank.change_login_id(self.token, password=self.password, new=new))

    def will_call_in(self) -> object:
        """He will call from the first of his numbers, to be let in."""
        return self._takes(self.bank.call_in.call(self.token, 0))

    def calls_in(self, line: Telephone | None = None) -> object:
        """He calls the number on the screen, and keys the digits; the screen says what has come of it."""
        self._dials(line or self.line)
        return self.bank.call_in.poll(self.token, self.attempt)

    def is_called_in(self) -> object:
        """He goes on by the call."""
        return self._takes(self.bank.call_in.enter(self.token, self.attempt))

    def is_asked(self) -> object:
        """He asks to be asked a question, for what needs more than a session."""
        return self._takes(self.bank.step_up.ask(self.token))

    def steps_up(self) -> object:
        """He answers it."""
        return self._takes(self.bank.step_up.answer(self.token, self._registered()))

    def is_given(self, outcome: object) -> object:
        """What somebody behind the counter did for him comes by post."""
        if isinstance(outcome, PasswordsGiven):
            self.notice = outcome
        return outcome

    def shows_notice(self, password: Secret | None = None, confirmation: Secret | None = None) -> object:
        """He shows both passwords of his notice, or others, for the account on his cash card."""
        assert self.notice is not None
        outcome = self.bank.obtain_login_id.prove(
            self.institution.id,
            self.account.branch.code,
            self.account.number.digits.lstrip("0"),
            password or self.notice.password,
            confirmation or self.notice.confirmation,
            seen_from=self.home,
        )
        return self._takes(outcome)

    def obtains(self, login_id: str | None = None) -> object:
        """He types the login id that he wants, twice."""
        wanted = login_id or self.login_id
        return self.bank.obtain_login_id.register(self.token, login_id=wanted, again=wanted)

    def chooses_both(self, password: Secret | None = None) -> object:
        """He chooses both passwords, each entered twice."""
        first, second = password or self.password, self.confirmation
        chosen = NewPasswords(password=first, password_again=first, confirmation=second, confirmation_again=second)
        return self._takes(self.bank.log_in.choose_passwords(self.token, chosen))

    def names_data(self, man: str, confirmation: Secret | None = None) -> object:
        """He names his address, his telephone and his limit, and ticks the box."""
        data = CustomerData(
            mail=self.mails[0],
            mail_again=self.mails[0],
            select_mail=SelectMail.IN_USE,
            contact=self.person.phone,
            limits={self.account: man},
            acknowledged=True,
        )
        register = self.bank.log_in.register_customer
        return self._takes(register(self.token, data, confirmation=confirmation or self.confirmation))

    def shows_confirmation(self, confirmation: Secret | None = None) -> object:
        """He shows his second password, the right one unless another is given."""
        return self._takes(self.bank.step_up.confirm(self.token, confirmation or self.confirmation))

    def sees_phones(self) -> object:
        """He sees from which telephones he can call."""
        return self.bank.issue_token.phones(self.token)

    def applies_for_token(self, start_password: Secret) -> object:
        """He names the address of his telephone and a start password, and chooses to call from the first number."""
        outcome = self.bank.issue_token.apply(
            self.token,
            mail=self.phone_mail,
            mail_again=self.phone_mail,
            start_password=start_password,
            again=start_password,
            phone=0,
        )
        return self._takes(outcome)

    def calls(self, line: Telephone | None = None) -> object:
        """He calls the number on the screen and keys what is read out; the screen says what has come of it."""
        self._dials(line or self.line)
        return self.bank.issue_token.poll(self.token, self.attempt)

    def goes_on(self) -> object:
        """He goes on by the call."""
        return self._takes(self.bank.issue_token.confirm(self.token, self.attempt))

    def gives_application_up(self) -> object:
        """He goes back instead of calling."""
        return self.bank.issue_token.abort(self.token, self.attempt)

    def asks_for_reissue(self, login_id: str, password: Secret | None = None) -> object:
        """Without being logged in he asks for another token, with his password unless another is given."""
        self.former = self.token
        reissue = self.bank.reissue_token
        return self._takes(reissue.with_login_id(self.institution.id, login_id, password or self.password))

    def sees_phones_for_reissue(self) -> object:
        """He sees from which telephones he can call."""
        return self.bank.reissue_token.phones(self.token)

    def gives_details(self, start_password: Secret, *, mail_again: str | None = None) -> object:
        """He names the address of his new telephone and a new start password, each twice."""
        outcome = self.bank.reissue_token.apply(
            self.token,
            mail=self.new_phone_mail,
            mail_again=mail_again or self.new_phone_mail,
            start_password=start_password,
            again=start_password,
            phone=0,
        )
        return self._takes(outcome)

    def calls_for_reissue(self) -> object:
        """He calls the number on the screen and keys what is read out; the screen says what has come of it."""
        self._dials(self.line)
        return self.bank.reissue_token.poll(self.token)

    def completes_reissue(self) -> object:
        """He goes on by the call."""
        return self._takes(self.bank.reissue_token.complete(self.token))

    def uses_former_session(self) -> object:
        """Somebody goes on where he was logged in before."""
        return self.bank.use_session(self.former)

    def begins_reset(self, resets: ResetPassword | ResetQuestions) -> object:
        """Without being logged in she begins to have something reset."""
        self.resets = resets
        return self._takes(resets.begin(self.institution.id))

    def fills_form_in(self, kanji: str | None = None) -> object:
        """She says who she is, as it is registered, unless she writes her name otherwise."""
        person, account = self.person, self.account
        typed = TypedForm(
            kana=person.kana,
            kanji=kanji or person.kanji,
            born=person.born.isoformat(),
            phone=person.phone,
            mail=self.mails[0],
            mail_again=self.mails[0],
            branch=account.branch.code,
            account_type=account.type.label,
            number=account.number.digits,
        )
        return self.resets.fill_form(self.token, typed, acknowledged=True)

    def sees_phones_for_reset(self) -> object:
        """She sees from which telephones she can call."""
        return self.resets.phones(self.token)

    def chooses_phone_for_reset(self) -> object:
        """She will call from the first of them."""
        return self._takes(self.resets.call(self.token, 0))

    def calls_for_reset(self, line: Telephone | None = None) -> object:
        """She calls, or somebody from another line; the screen says what has come of it."""
        self._dials(line or self.line)
        return self.resets.poll(self.token)

    def completes_reset(self, pin: Secret | None = None, *, new: Secret | None = None) -> object:
        """She enters her card's PIN, and a new password where that is what is reset."""
        right = pin or self.person.pin
        if isinstance(self.resets, ResetQuestions):
            return self.resets.reset(self.token, pin=right)
        chosen = new or self.password
        return self.resets.reset(self.token, new=chosen, again=chosen, pin=right)

    def registers_questions(self) -> object:
        """She registers questions and answers, as logging in asks her to."""
        return self._takes(self.bank.log_in.register_questions(self.token, self.person.answers, acknowledged=True))

    def chooses_password(self, new: Secret) -> object:
        """She chooses another password, as logging in asks her to."""
        return self._takes(self.bank.log_in.choose_password(self.token, new=new, again=new))

    def starts_use(self) -> object:
        """He types what the app shows, and the use begins."""
        return self.bank.use_token.start(self.token, self.app.code().code)

    def enters_code(self, code: Secret | None = None) -> object:
        """Asked for a code when logging in, he types what the app shows unless another is given."""
        return self._takes(self.bank.log_in.enter_code(self.token, code or self.app.code().code))

    def chooses_approval(self) -> object:
        """He chooses transaction authentication, and ticks that the app is the latest."""
        code, event = self.app.code().code, MethodEvent.CHOOSE_TXA
        return self.bank.use_token.change_method(self.token, code, event, ticked=True)

    def requests(self, order: Order) -> object:
        """He requests a transfer."""
        return self._takes(self.bank.instruct.request(self.token, order))

    def proves_by_mail(self, password: Secret) -> object:
        """He enters what came by mail for it."""
        return self.bank.instruct.enter_mail_password(self.token, self.reference, password)

    def amends(self, order: Order) -> object:
        """Somebody, in his session, makes another one of it."""
        return self._takes(self.bank.instruct.amend(self.token, self.reference, order))

    def executes(self) -> object:
        """He has it executed."""
        return self.bank.instruct.execute(self.token, self.reference)

    def sets_limit(self, man: str) -> object:
        """He sets the daily limit of his account, in 万円."""
        return self.bank.limits.set(self.token, {self.account: man})

    def finds_bill(self, numbers: BillNumbers) -> object:
        """He enters the numbers that stand on a bill."""
        outcome = self.bank.pay_bills.find(
            self.token, biller=numbers.biller, customer=numbers.customer, confirmation=numbers.confirmation
        )
        return self._takes(outcome)

    def adds_account(self) -> object:
        """He has his savings account added."""
        return self.bank.accounts.add(self.token, **self._savings())

    def deletes_account(self) -> object:
        """He has it deleted."""
        return self.bank.accounts.delete(self.token, **self._savings())

    def _savings(self) -> dict[str, str]:
        account = self.account
        return {
            "branch": account.branch.code,
            "type": AccountType.SAVINGS.label,
            "number": account.number.digits,
        }

    def gives_token_up(self) -> object:
        """He gives the token up, by a code."""
        return self.bank.use_token.cancel(self.token, self.app.code().code)

    # --- In the app ---------------------------------------------------------------------------------------------------

    def sets_app_up(self, start_password: Secret) -> object:
        """He enters the ids that were mailed and the start password."""
        assert self.ids is not None
        return self.app.add(self.ids.service_id, self.ids.user_id, start_password, agreed=True)

    def looks(self) -> object:
        """He opens the tab for transactions."""
        told = self.app.waiting()
        if not isinstance(told, tuple):
            return told
        self.shown = told
        return AppShows(told)

    def approves(self) -> object:
        """He approves what is shown, and that alone."""
        (one,) = self.shown
        return self.app.approve(one)

    def declines(self) -> object:
        """He declines what is shown."""
        (one,) = self.shown
        return self.app.decline(one)

    def logs_in_by_app(self, login_id: str) -> object:
        """He logs in on his telephone; where a code is asked for, the app fills it in."""
        return self._takes(self.app.log_in(login_id, self.password, seen_from=self.outside))

    def sets_finger_up(self, login_id: str) -> object:
        """He lays his finger on the telephone, and enters login id and password."""
        return self.app.set_up_finger(login_id, self.password, _his_finger)

    def logs_in_by_finger(self) -> object:
        """He lays his finger on it, and that is all."""
        return self._takes(self.app.log_in_by_finger(_his_finger, seen_from=self.outside))

    def _dials(self, line: Telephone) -> None:
        """He calls, and keys what he hears or what the screen shows."""
        line.dial(self.destination, repeat if self.screen_code is None else press(self.screen_code.reveal()))

    def _registered(self) -> Secret:
        return dict(self.person.answers)[self.asked[-1]]

    def _takes(self, outcome: _Outcome) -> _Outcome:
        """He takes what *outcome* holds for him."""
        match outcome:
            case Begun(procedure=token) | ReissueBegun(procedure=token) | ResetBegun(procedure=token):
                self.token = token
            case (
                LoggedIn(session=token)
                | TokenWanted(session=token)
                | SteppedUp(session=token)
                | Confirmed(session=token)
                | PasswordChanged(session=token)
                | LoginIdChanged(session=token)
            ):
                self.token = token
            case (
                CallAsked(challenge=token)
                | CodeAsked(challenge=token)
                | QuestionsNeeded(challenge=token)
                | PasswordChangeNeeded(challenge=token)
                | LoginIdWanted(challenge=token)
                | PasswordsNeeded(challenge=token)
                | CustomerDataNeeded(challenge=token)
            ):
                self.token = token
            case Started(attempt=attempt, destination=destination, screen_code=screen_code):
                self.attempt, self.destination, self.screen_code = attempt, destination, screen_code
            case TokenIssued() | TokenReissued():
                self.ids = outcome
            case (
                ApprovalAwaited(reference=reference)
                | Authorised(reference=reference)
                | BillFound(reference=reference)
                | MailPasswordSent(reference=reference)
            ):
                self.reference = reference
            case QuestionAsked(challenge=token, question=question):
                self.token = token
                self.asked.append(question)
            case StepUpQuestion(question=question):
                self.asked.append(question)
            case Enrolled(contract=contract):
                self.contract = contract
            case _:
                pass
        return outcome


def suited(rules: PasswordRules, password: Secret) -> Secret:
    """*password*, or what somebody makes of it whom the bank tells that it has symbols in it, or is too short."""
    text = password.reveal()
    plain = "".join(one for one in text if one.isalnum())
    ways = (password, Secret(plain), Secret(f"{text}-{text[::-1]}"))
    return next((one for one in ways if not rules.check(one)), password)


def _his_finger() -> bool:
    """The telephone recognises its owner."""
    return True
