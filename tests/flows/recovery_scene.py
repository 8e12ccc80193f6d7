"""Recovery scene: somebody who goes through a reset, rightly unless told otherwise."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from attrs import define, evolve, field

from janetbank.bank import NetBank
from janetbank.flows.phone_auth import Started
from janetbank.flows.recover import Begun, Next, TypedForm
from janetbank.flows.reset_password import ResetPassword
from janetbank.flows.reset_questions import ResetQuestions
from janetbank.model.recovery import Recovery
from janetbank.policies.recovery import Act, Step
from janetbank.testing.bank import Enrollee, Person, TestBank
from janetbank.values.secret import Secret
from tests.flows.scene import read

What = Literal["password", "questions"]
BOTH: tuple[What, ...] = ("password", "questions")

NEW = Secret("vase3#lamp")
WINDOW = 120
"""Seconds of the call at JA (TEL-07, TEL-08)."""

ORDER = (Act.FILL_FORM, Act.CALL, Act.BE_RECOGNISED, Act.RESET)
"""The way through, when nothing goes wrong."""

REACHED_BY = {
    Step.FORM: (),
    Step.PHONE: ORDER[:1],
    Step.CALL: ORDER[:2],
    Step.SECRET: ORDER[:3],
    Step.DONE: ORDER,
    Step.ABANDONED: (Act.FILL_FORM, Act.ABANDON),
}
"""What somebody has done when he is at a step."""


def typed(person: Person) -> TypedForm:
    """What *person* writes of himself."""
    return TypedForm(
        kana=person.kana,
        kanji=person.kanji,
        born=person.born.isoformat(),
        phone=person.phones[0],
        mail=person.mail,
        mail_again=person.mail,
        branch=person.account.branch.code,
        account_type=person.account.type.value,
        number=person.account.number.digits,
    )


@define
class Reset:
    """One reset of *who*, over the processes *net* of a bank."""

    there: TestBank
    who: Enrollee
    what: What
    net: NetBank = field(init=False)
    token: Secret = field(init=False)
    started: Started | None = field(default=None, init=False)
    """What to call."""

    def __attrs_post_init__(self) -> None:
        self.net = self.there.net
        begun = self.flow.begin(self.who.institution)
        assert isinstance(begun, Begun), begun
        self.token = begun.procedure

    @property
    def flow(self) -> ResetPassword | ResetQuestions:
        """What it goes through."""
        return self.net.reset_password if self.what == "password" else self.net.reset_questions

    def fill(self, **otherwise: str) -> object:
        """Fill the form in."""
        return self.flow.fill_form(self.token, evolve(typed(self.who.person), **otherwise), acknowledged=True)

    def call(self, phone: int = 0) -> object:
        """Ask for a number to call."""
        told = self.flow.call(self.token, phone)
        if isinstance(told, Started):
            self.started = told
        return told

    def dial(self, number: str | None = None, destination: str | None = None) -> "Reset":
        """Call it, from the telephone that was chosen unless another number is given."""
        assert self.started is not None
        caller = self.who.person.phones[0] if number is None else number
        self.there.exchange.telephone(caller).dial(destination or self.started.destination)
        return self

    def recognised(self) -> object:
        """Call, and look whether one was recognised."""
        if self.where() is Step.CALL:
            self.dial()
        return self.flow.poll(self.token)

    def timed_out(self) -> object:
        """Let the time for the call pass, and look."""
        return self.flow.poll(self.token)

    def reset(self, **otherwise: Any) -> object:  # noqa: ANN401 -- any of the screen's fields
        """Enter what is asked for last."""
        screen: dict[str, Any] = {"pin": Secret(self.who.person.pin)}
        if self.what == "password":
            screen |= {"new": NEW, "again": NEW}
        return self.flow.reset(self.token, **(screen | otherwise))

    def do(self, act: Act) -> object:
        """Do *act*."""
        return self._doing[act]()

    @property
    def _doing(self) -> Mapping[Act, Callable[[], object]]:
        return {
            Act.FILL_FORM: self.fill,
            Act.CALL: self.call,
            Act.BE_RECOGNISED: self.recognised,
            Act.RESET: self.reset,
            Act.GO_BACK: lambda: self.flow.go_back(self.token),
            Act.ABANDON: lambda: self.flow.abandon(self.token),
        }

    def do_all(self, acts: Sequence[Act]) -> "Reset":
        """Do *acts* in a row."""
        for act in acts:
            self.do(act)
        return self

    def to(self, step: Step) -> "Reset":
        """Come to *step* from the beginning."""
        self.do_all(REACHED_BY[step])
        return self

    def where(self) -> object:
        """The step that is due, or that the procedure has ended."""
        told = self.flow.where_am_i(self.token)
        return told.step if isinstance(told, Next) else told

    def stored(self) -> Recovery:
        """The procedure as it stands in the store."""
        key = self.there.net.platform.vault.token_key(self.token)
        found = read(self.there.storage, lambda tx: tx.procedures.by_key(key))
        assert isinstance(found, Recovery)
        return found


def reset(there: TestBank, who: Enrollee, what: What = "password", step: Step = Step.FORM) -> Reset:
    """A reset of *who* that has come to *step*."""
    return Reset(there, who, what).to(step)
