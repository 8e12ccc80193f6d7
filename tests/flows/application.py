"""Application: an applicant who fills the screens in, rightly unless told otherwise."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field

from janetbank.bank import NetBank
from janetbank.flows.enrol import Begun, NewAddress, Next
from janetbank.model.enrolment import Enrolment
from janetbank.policies.enrolment import Act, Step
from janetbank.ports.core_banking import CoreBanking
from janetbank.ports.directory import Institution
from janetbank.testing.bank import ANSWERS, HOME, INSTITUTION, NEIGHBOUR, Person, TestBank
from janetbank.values.secret import Secret
from tests.flows.scene import HANAKO, read

ORDER = (
    Act.AGREE,
    Act.CHOOSE_INSTITUTION,
    Act.PROVE_HOLDER,
    Act.SET_CREDENTIALS,
    Act.SET_CUSTOMER,
    Act.CONFIRM,
    Act.CHOOSE_OTP,
)
"""The way through, when nothing goes wrong."""

REACHED_BY = {
    Step.TERMS: (),
    Step.INSTITUTION: ORDER[:1],
    Step.HOLDER: ORDER[:2],
    Step.CREDENTIALS: ORDER[:3],
    Step.CUSTOMER: ORDER[:4],
    Step.REVIEW: ORDER[:5],
    Step.OTP: ORDER[:6],
    Step.DONE: ORDER,
    Step.ABANDONED: (Act.AGREE, Act.ABANDON),
}
"""What an applicant has done when he is at a step."""


def node(there: TestBank, core: CoreBanking | None = None) -> NetBank:
    """Another process of the same bank, or one whose host is *core*."""
    return NetBank(
        there.profile,
        storage=there.storage,
        core=there.core if core is None else core,
        directory=there.directory,
        keys=there.keys,
        exchange=there.exchange,
        clock=there.clock,
        entropy=there.entropy,
    )


@define
class Application:
    """One application of *person*, over the processes *net* of a bank."""

    there: TestBank
    net: NetBank
    person: Person
    institution: Institution
    login_id: str
    password: str = "oak&frost9"
    token: Secret = field(init=False)

    def __attrs_post_init__(self) -> None:
        begun = self.net.enrol.begin(seen_from=HOME)
        assert isinstance(begun, Begun), begun
        self.token = begun.procedure

    def agree(self) -> object:
        """Agree to the terms of the institution that will be chosen."""
        return self.net.enrol.agree(self.token, self.institution.terms)

    def choose(self, institution: Institution | None = None) -> object:
        """Choose the institution."""
        chosen = self.institution if institution is None else institution
        return self.net.enrol.choose_institution(self.token, chosen.prefecture, chosen.id)

    def prove(self, **otherwise: Any) -> object:  # noqa: ANN401 -- any of the form's fields
        """Prove to be the holder."""
        account = self.person.account
        form: dict[str, Any] = {
            "branch": account.branch.code,
            "number": account.number.digits,
            "pin": Secret(self.person.pin),
            "born": self.person.born.isoformat(),
        }
        return self.net.enrol.prove_holder(self.token, **(form | otherwise))

    def credentials(self, **otherwise: Any) -> object:  # noqa: ANN401 -- any of the form's fields
        """Choose login id, password and questions."""
        form: dict[str, Any] = {
            "login_id": self.login_id,
            "password": Secret(self.password),
            "again": Secret(self.password),
            "questions": [(question, Secret(answer)) for question, answer in ANSWERS],
            "acknowledged": True,
        }
        return self.net.enrol.set_credentials(self.token, **(form | otherwise))

    def customer(self, *further: str, mail: str | None = None) -> object:
        """Give the mail addresses."""
        new = NewAddress(self.person.mail if mail is None else mail)
        return self.net.enrol.set_customer(self.token, mail=new, further=[NewAddress(one) for one in further])

    def confirm(self) -> object:
        """Have it registered."""
        return self.net.enrol.confirm(self.token)

    def lose_login_id(self) -> object:
        """Have it registered, where somebody else was faster (who cannot be once it is registered)."""
        if self.where() is Step.REVIEW:
            self.there.customer(self.login_id)
        return self.confirm()

    def do(self, act: Act) -> object:
        """Do *act*."""
        return self._doing[act]()

    @property
    def _doing(self) -> Mapping[Act, Callable[[], object]]:
        enrol = self.net.enrol
        return {
            Act.AGREE: self.agree,
            Act.CHOOSE_INSTITUTION: self.choose,
            Act.MEET_OTHER_TERMS: lambda: self.choose(NEIGHBOUR),
            Act.PROVE_HOLDER: self.prove,
            Act.SET_CREDENTIALS: self.credentials,
            Act.SET_CUSTOMER: self.customer,
            Act.CONFIRM: self.confirm,
            Act.LOSE_LOGIN_ID: self.lose_login_id,
            Act.CHOOSE_OTP: lambda: enrol.choose_otp(self.token, apply=False),
            Act.GO_BACK: lambda: enrol.go_back(self.token),
            Act.ABANDON: lambda: enrol.abandon(self.token),
        }

    def do_all(self, acts: Sequence[Act]) -> "Application":
        """Do *acts* in a row."""
        for act in acts:
            self.do(act)
        return self

    def where(self) -> object:
        """The step that is due, or that the procedure has ended."""
        told = self.net.enrol.where_am_i(self.token)
        return told.step if isinstance(told, Next) else told

    def stored(self) -> Enrolment:
        """The procedure as it stands in the store."""
        key = self.there.net.platform.vault.token_key(self.token)
        found = read(self.there.storage, lambda tx: tx.procedures.by_key(key))
        assert isinstance(found, Enrolment)
        return found


def apply(
    there: TestBank,
    step: Step = Step.TERMS,
    *,
    person: Person = HANAKO,
    login_id: str = "yuki73kd",
    net: NetBank | None = None,
    institution: Institution = INSTITUTION,
) -> Application:
    """An application of *person*, who has an account, that has come to *step*."""
    if (institution.id, person.account) not in there.core._accounts:
        there.open_account(person, institution.id)
    application = Application(there, there.net if net is None else net, person, institution, login_id)
    application.do_all(REACHED_BY[step])
    return application
