"""First use scene: somebody with a notice, from the counter to his first session, and a bank that gives notices out."""

from datetime import timedelta

from attrs import define, evolve

from janetbank import profiles
from janetbank.flows.admit import NoticeIsAsked, PasswordsGiven
from janetbank.flows.duties import CustomerData, NewPasswords, SelectMail
from janetbank.flows.entry import (
    CustomerDataNeeded,
    LoggedIn,
    LoginIdWanted,
    PasswordsNeeded,
    QuestionsNeeded,
)
from janetbank.flows.obtain_login_id import LoginIdObtained
from janetbank.model.contract import Contract
from janetbank.policies.duty import Duty
from janetbank.policies.provisional import ProvisionalRules
from janetbank.testing.bank import ANSWERS, HOME, INSTITUTION, Enrollee, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.environment import Environment
from janetbank.values.secret import Secret
from tests.flows.confirmation_scene import confirming
from tests.flows.counter_scene import Desk, told
from tests.flows.scene import read

LIFETIME, RESUME = timedelta(days=90), timedelta(days=1)
NOTICES = evolve(confirming(), provisional=ProvisionalRules(lifetime=LIFETIME, resume=RESUME), duties=frozenset(Duty))
"""JA, if it gave notices out."""
AOMORI = profiles.fast_for_tests(profiles.AOMORI)

JIRO = Person(
    account=Account.parse("004", "ordinary", "777"),
    pin="4907",
    kana="ノウキョウジロウ",
    kanji="農中次郎",
    phones=("090-2222-3344",),
    mail="jiro@example.jp",
)
LOGIN_ID = "Mori7wkz"
PASSWORD, CONFIRMATION = Secret("Soil7rain"), Secret("lake7Pine")
CHOSEN = NewPasswords(
    password=PASSWORD,
    password_again=PASSWORD,
    confirmation=CONFIRMATION,
    confirmation_again=CONFIRMATION,
)


def customer_data(person: Person | None = None, *, limit: str = "10") -> CustomerData:
    """What somebody names of himself, rightly."""
    person = person or Person()
    return CustomerData(
        mail=person.mail,
        mail_again=person.mail,
        select_mail=SelectMail.IN_USE,
        contact=person.phones[0],
        limits={person.account: limit},
        acknowledged=True,
    )


def prove(
    there: TestBank,
    who: Enrollee,
    password: Secret | None = None,
    confirmation: Secret | None = None,
    *,
    number: str | None = None,
) -> object:
    """Let *who* show both passwords of his, or others, for his account."""
    account = who.person.account
    return there.net.obtain_login_id.prove(
        who.institution,
        account.branch.code,
        account.number.digits if number is None else number,
        who.password if password is None else password,
        who.confirmation if confirmation is None else confirmation,
        seen_from=HOME,
    )


@define
class Newcomer:
    """Jiro, with the notice that he was given."""

    there: TestBank
    desk: Desk
    notice: PasswordsGiven
    person: Person = JIRO
    challenge: Secret = Secret("")  # noqa: RUF009 -- it is immutable

    @classmethod
    def of(cls, there: TestBank | None = None) -> "Newcomer":
        """Two people behind the counter have given him a notice."""
        there = there or bank(AOMORI)
        there.open_account(JIRO)
        desk = Desk(there, there.customer(password="soil7rain"))
        for name in ("kudo", "tanaka", "tanaka-2", "sato"):
            desk.hire(name)
        told(there.net.admit.ask(desk.by("tanaka"), JIRO.account), NoticeIsAsked)
        return cls(there, desk, told(there.net.admit.give(desk.by("sato"), JIRO.account), PasswordsGiven))

    def prove(
        self, password: Secret | None = None, confirmation: Secret | None = None, number: str | None = None
    ) -> object:
        """Show both provisional passwords, or others."""
        return self.there.net.obtain_login_id.prove(
            INSTITUTION.id,
            self.person.account.branch.code,
            self.person.account.number.digits.lstrip("0") if number is None else number,
            password or self.notice.password,
            confirmation or self.notice.confirmation,
            seen_from=HOME,
        )

    def obtain(self, login_id: str = LOGIN_ID) -> "Newcomer":
        """Obtain a login id."""
        wanted = told(self.prove(), LoginIdWanted)
        register = self.there.net.obtain_login_id.register
        told(register(wanted.challenge, login_id=login_id, again=login_id), LoginIdObtained)
        return self

    def log_in(self, password: Secret | None = None, *, seen_from: Environment = HOME) -> object:
        """Log in with it; by the provisional password unless another is given."""
        outcome = self.there.net.log_in.with_login_id(
            INSTITUTION.id, LOGIN_ID, password or self.notice.password, seen_from=seen_from
        )
        self.challenge = getattr(outcome, "challenge", self.challenge)
        return outcome

    def answers(self, question: str) -> object:
        """Answer what is asked when logging in."""
        return self._went_on(self.there.net.log_in.answer(self.challenge, Secret(dict(ANSWERS)[question])))

    def register_questions(self) -> object:
        """Register three questions with their answers."""
        questions = [(question, Secret(answer)) for question, answer in ANSWERS]
        return self._went_on(self.there.net.log_in.register_questions(self.challenge, questions, acknowledged=True))

    def choose_passwords(self, chosen: NewPasswords = CHOSEN) -> object:
        """Choose both passwords."""
        return self._went_on(self.there.net.log_in.choose_passwords(self.challenge, chosen))

    def register_customer(self, data: CustomerData | None = None, confirmation: Secret = CONFIRMATION) -> object:
        """Name address, telephone and limits, by the new confirmation password."""
        data = data or customer_data(self.person)
        return self._went_on(self.there.net.log_in.register_customer(self.challenge, data, confirmation=confirmation))

    def to_questions(self) -> "Newcomer":
        """Come to the questions."""
        told(self.obtain().log_in(), QuestionsNeeded)
        return self

    def to_passwords(self) -> "Newcomer":
        """Come to the passwords."""
        told(self.to_questions().register_questions(), PasswordsNeeded)
        return self

    def to_customer(self) -> "Newcomer":
        """Come to the customer's data."""
        told(self.to_passwords().choose_passwords(), CustomerDataNeeded)
        return self

    def to_the_end(self) -> Secret:
        """Come to the first session."""
        return told(self.to_customer().register_customer(), LoggedIn).session

    @property
    def contract(self) -> Contract:
        """As it stands in the store."""
        found = read(self.there.storage, lambda tx: tx.contracts.by_account(INSTITUTION.id, str(JIRO.account), ""))
        assert found is not None
        return found

    def _went_on(self, outcome: object) -> object:
        self.challenge = getattr(outcome, "challenge", self.challenge)
        return outcome
