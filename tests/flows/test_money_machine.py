"""Transfers in any order, beside a host who falls silent, a store that fails and processes that die.

What is compared after every step: the host's books, which nobody can talk out of what he has done; and a clerk's sheet
of paper on which stands what was handed over for which day.  The one says that nothing is done twice, or done and not
known of; the other that the limit of no day is ever exceeded.
"""

from contextlib import suppress
from datetime import date, timedelta
from typing import Literal

from attrs import define, evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from janetbank.flows.allowances import ClosedForTransfers, LimitReached
from janetbank.flows.hand_over import (
    Accepted,
    AnswerAwaited,
    Cancelled,
    Executed,
    NotCancellable,
    RefusedByHost,
    Reserved,
)
from janetbank.flows.instruct import Instruct
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Rejected
from janetbank.flows.settle_instructions import settle
from janetbank.policies.instruction import DONE_WITHOUT, PENDING, InstructionState
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import Person, bank
from janetbank.values.host_answer import HostAnswer, HostWord
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content, InstructionKind
from janetbank.values.moment import in_japan
from janetbank.values.money import Yen
from janetbank_adapters.core_banking.books import When
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.money_scene import balance, books, set_limits, stored
from tests.flows.token_scene import Telephone, order

MAN = 10_000
BALANCE = 150 * MAN
DAY = timedelta(days=1)
AMOUNTS = st.sampled_from((5, 5, 5, 10, 15, 20))
"""Few different ones, so that together they often come to just the limit."""
CALLED_OFF = ((), (InstructionState.RESERVED,), (InstructionState.RESERVED,))
"""What is cancelled: anything, or something that can be."""
CALLED = {InstructionState.CANCELLING, InstructionState.CANCELLED}
"""What was cancelled, or may have been."""
LOST: tuple[When | None, ...] = (None, None, None, "before", "after", "late")
Death = Literal["before", "after"]


class Dead(BaseException):
    """The process died."""


class Deadly(MemoryCoreBanking):
    """A host beside whom whoever asks him dies."""

    def __init__(self, sound: MemoryCoreBanking, death: Death) -> None:
        """In front of the *sound* one."""
        self.__dict__.update(sound.__dict__)
        self.death = death

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Die before he hears it, or after he has done it."""
        if self.death == "after":
            super().instruct(institution, content)
        raise Dead

    def cancel(self, institution: InstitutionId, key: str) -> HostAnswer:
        """The same."""
        if self.death == "after":
            super().cancel(institution, key)
        raise Dead


@define
class Paper:
    """One line on the clerk's sheet."""

    amount: int
    day: date
    handed_over: bool = False


class Money(RuleBasedStateMachine):
    """One customer, one account, one day after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.there = bank()
        taro = self.there.customer(person=Person(balance=BALANCE))
        self.phone = Telephone.of(self.there, taro)
        self.sheet: dict[str, Paper] = {}
        self.limit = 20
        self.highest: dict[date, int] = {}

    @property
    def today(self) -> date:
        """In Japan."""
        return in_japan(self.there.clock.now()).date()

    @property
    def instruct(self) -> Instruct:
        """The flow."""
        return self.there.net.instruct

    def counted(self, day: date) -> int:
        """What the clerk has written down for *day*, without what has come to nothing."""
        lines = [
            line.amount
            for reference, line in self.sheet.items()
            if line.handed_over and line.day == day and stored(self.there, reference).state not in DONE_WITHOUT
        ]
        return sum(lines)

    def some(self, data: st.DataObject, *states: InstructionState) -> str:
        """Any of them; or rather one of those *states*."""
        rather = [reference for reference in self.sheet if stored(self.there, reference).state in states]
        return data.draw(st.sampled_from(sorted(rather)) if rather else st.sampled_from(sorted(self.sheet)))

    @initialize()
    def he_starts_with_one(self) -> None:
        """One transfer is authorised."""
        self.request(5, 0)

    @rule(man=AMOUNTS, ahead=st.sampled_from((-1, 0, 1, 1, 1, 2)))
    def request(self, man: int, ahead: int) -> None:
        """Request a transfer to the registered payee, on some day."""
        wanted = order(InstructionKind.REGISTERED_PAYEE_TRANSFER, man * MAN, day=self.today + ahead * DAY)
        told = self.instruct.request(self.phone.session, wanted)
        left = self.limit * MAN - self.counted(wanted.date)
        if ahead < 0:
            assert isinstance(told, Rejected)
        elif not self.limit:
            assert told == ClosedForTransfers()
        elif man * MAN > left:
            assert told == LimitReached(Yen(max(0, left)))
        else:
            assert isinstance(told, Authorised)
            self.sheet[told.reference] = Paper(man * MAN, wanted.date)

    @precondition(lambda self: self.sheet)
    @rule(data=st.data(), lost=st.sampled_from(LOST))
    def execute(self, data: st.DataObject, lost: When | None) -> None:
        """Hand one over, or ask again; perhaps the call gets lost."""
        reference = self.some(data, InstructionState.AUTHORISED)
        before, expected = stored(self.there, reference).state, self.expected(reference)
        if lost is not None and before in {InstructionState.AUTHORISED, InstructionState.HANDED_OVER}:
            books(self.there).time_out(lost)
        told = self.instruct.execute(self.phone.session, reference)
        books(self.there)._lost.clear()
        if expected is not None:
            assert told == expected
            return
        self.write_down(reference)
        if lost is None:
            assert isinstance(told, Executed | Accepted | Reserved | RefusedByHost | Cancelled)
        elif self.sheet[reference].day >= self.today:
            assert told == AnswerAwaited(reference)

    def expected(self, reference: str) -> object:
        """Why it is not handed over; None where it is."""
        line, state = self.sheet[reference], stored(self.there, reference).state
        match state:
            case InstructionState.HANDED_OVER:
                return None
            case InstructionState.AUTHORISED if line.day >= self.today:
                left = self.limit * MAN - self.counted(line.day)
                if not self.limit:
                    return ClosedForTransfers()
                return LimitReached(Yen(max(0, left))) if line.amount > left else None
            case _:
                return self.said(reference)

    def said(self, reference: str) -> object:
        """What is told of one that is not to be handed over (any more)."""
        there = stored(self.there, reference)
        match there.state:
            case InstructionState.EXECUTED:
                return Executed(there.content)
            case InstructionState.ACCEPTED:
                return Accepted(there.content)
            case InstructionState.RESERVED:
                return Reserved(there.content)
            case InstructionState.CANCELLED:
                return Cancelled(reference)
            case InstructionState.CANCELLING:
                return AnswerAwaited(reference)
            case _:
                return NotAuthorised() if there.reason is None else RefusedByHost(reference, there.reason)

    def write_down(self, reference: str) -> None:
        """The clerk notes what was handed over, and under which limit."""
        line = self.sheet[reference]
        if not line.handed_over:
            line.handed_over = True
            self.highest[line.day] = max(self.highest.get(line.day, 0), self.limit * MAN)

    @precondition(lambda self: self.sheet)
    @rule(data=st.data(), death=st.sampled_from(["before", "after"]), cancelling=st.booleans())
    def die(self, data: st.DataObject, death: Death, cancelling: bool) -> None:  # noqa: FBT001 -- hypothesis gives it
        """The process dies beside the host."""
        reference = self.some(data)
        goes_over = self.expected(reference) is None
        flow = Instruct(evolve(self.there.net.platform, core=Deadly(self.there.core, death)))
        try:
            (flow.cancel if cancelling else flow.execute)(self.phone.session, reference)
        except Dead:
            if not cancelling:
                assert goes_over
        if goes_over and not cancelling:
            self.write_down(reference)

    @precondition(lambda self: self.sheet)
    @rule(data=st.data(), skip=st.integers(0, 1))
    def the_store_fails(self, data: st.DataObject, skip: int) -> None:
        """Before anything is written, or when the answer is to be kept."""
        reference = self.some(data)
        goes_over = self.expected(reference) is None
        assert isinstance(self.there.storage, MemoryStorage)
        self.there.storage.fail(call="commit", skip=skip, with_=Unavailable())
        with suppress(Unavailable):
            self.instruct.execute(self.phone.session, reference)
        self.there.storage._failures.planned.clear()
        if goes_over and stored(self.there, reference).state is not InstructionState.AUTHORISED:
            self.write_down(reference)

    @precondition(lambda self: any(line.handed_over for line in self.sheet.values()))
    @rule(data=st.data(), lost=st.sampled_from(LOST))
    def cancel(self, data: st.DataObject, lost: When | None) -> None:
        """Cancel one; perhaps the call gets lost."""
        reference = self.some(data, *data.draw(st.sampled_from(CALLED_OFF)))
        before, line = stored(self.there, reference).state, self.sheet[reference]
        reserved = before is InstructionState.RESERVED and self.today < line.day
        asked = reserved or before is InstructionState.CANCELLING
        if lost is not None and asked:
            books(self.there).time_out(lost, call="cancel")
        told = self.instruct.cancel(self.phone.session, reference)
        books(self.there)._lost.clear()
        if not asked:
            assert told == (Cancelled(reference) if before is InstructionState.CANCELLED else NotCancellable())
        elif lost is not None:
            assert told == AnswerAwaited(reference)
        elif reserved:
            assert told == Cancelled(reference)

    @rule()
    def what_was_late_arrives(self) -> None:
        """The host hears what was on its way."""
        books(self.there).arrive()

    @rule()
    def settle(self) -> None:
        """Ask him about everything that is due: then nothing is open, and what is stored is what he says."""
        settle(self.there.net.platform)
        for reference in self.sheet:
            stands = stored(self.there, reference)
            assert stands.state not in {InstructionState.HANDED_OVER, InstructionState.CANCELLING}
            said = self.there.core.standing(self.phone.taro.institution, reference)
            if stands.state in PENDING or stands.state is InstructionState.EXECUTED:
                assert said is not None
                assert said.word.value == stands.state.value

    @rule(hour=st.booleans())
    def time_passes(self, hour: bool) -> None:  # noqa: FBT001 -- hypothesis gives it
        """An hour, or a day; he logs in again."""
        self.there.clock.advance(timedelta(hours=1) if hour else DAY)
        self.phone = Telephone(self.there, self.phone.taro, self.there.log_in(self.phone.taro))

    @precondition(lambda self: self.sheet)
    @rule(data=st.data())
    def the_day_comes(self, data: st.DataObject) -> None:
        """The day for which one was requested, rather a reserved one: now it is too late to cancel."""
        reference = self.some(data, InstructionState.RESERVED)
        ahead = self.sheet[reference].day - self.today
        self.there.clock.advance(max(ahead, timedelta()))
        self.phone = Telephone(self.there, self.phone.taro, self.there.log_in(self.phone.taro))
        if stored(self.there, reference).state not in CALLED:
            assert self.instruct.cancel(self.phone.session, reference) == NotCancellable()

    @rule(man=st.sampled_from((0, 5, 10, 15, 20, 20, 20, 20)))
    def set_limit(self, man: int) -> None:
        """Set another limit."""
        there, taro = self.there, self.phone.taro
        session = self.phone.session
        asked = there.net.step_up.ask(session)
        told = there.net.step_up.answer(session, taro.answer_to(asked.question))  # type: ignore[union-attr]  # it is one
        self.phone = Telephone(there, taro, told.session)  # type: ignore[union-attr]  # it is right
        set_limits(self.phone, {taro.person.account: str(man)})
        self.limit = man

    @rule()
    def hours_begin_or_end(self) -> None:
        """The host begins or ends his processing."""
        books(self.there).processing = not books(self.there).processing

    @invariant()
    def the_books_are_right(self) -> None:
        """Nothing is done twice, everything that is done was handed over, and the money says the same."""
        left = balance(self.there, self.phone.taro)  # whoever asks lets the host do what is due
        done = [content.reference for content in books(self.there).done]
        assert len(done) == len(set(done))
        assert all(self.sheet[reference].handed_over for reference in done)
        assert left == BALANCE - sum(self.sheet[reference].amount for reference in done)

    @invariant()
    def what_is_told_is_true(self) -> None:
        """Executed is done; refused and cancelled is not done, and the host will not do it."""
        done = {content.reference for content in books(self.there).done}
        for reference, line in self.sheet.items():
            stands = stored(self.there, reference)
            if stands.state is InstructionState.EXECUTED:
                assert reference in done
            if stands.state in DONE_WITHOUT and line.handed_over:
                assert reference not in done
                said = self.there.core.standing(self.phone.taro.institution, reference)
                assert said is not None
                assert said.word in {HostWord.REFUSED, HostWord.CANCELLED}

    @invariant()
    def no_day_exceeds_its_limit(self) -> None:
        """What counts is what stands on the sheet, and no day has more than the highest limit there was for it."""
        taro = self.phone.taro
        with self.there.storage.transaction() as tx:
            allowance = tx.allowances.of(taro.institution, taro.contract, taro.person.account)
        for day in {line.day for line in self.sheet.values()}:
            if day >= self.today and allowance is not None:
                assert allowance.usage.on(day).amount == self.counted(day)
            assert self.counted(day) <= self.highest.get(day, 0)


TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=max(200, settings().max_examples))
