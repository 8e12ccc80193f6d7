"""The books of a host in memory: what is on the accounts, and what was done under which key.

Shape:  `open`, `deposit`, `register`, `send_bill` set the scene; `payees`, `bill`, `instruct`, `standing`, `cancel`,
        `balance`, `statement` are the port's.  While `processing` is False, what is for today is accepted and done when
        it is True again; what is reserved is done when its day has come and somebody asks.
        `time_out` lets calls get lost: before the host hears them, after it has done what they asked, or late, so that
        it hears them when `arrive` is called.
Units:  yen; days are days in Japan.
Errors: the port's; KeyError for money put on an account that was never opened.
Source: ports/core_banking.py.
"""

from collections.abc import Callable, Sequence
from datetime import date
from threading import RLock
from typing import Literal, TypeVar

from attrs import define, field

from janetbank.ports.clock import Clock
from janetbank.ports.core_banking import KeyReused, Payee, StatementLine
from janetbank.ports.failures import Unavailable
from janetbank.values.account import Account
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.host_answer import HostAnswer, HostReason, HostWord
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content, InstructionKind, Payment
from janetbank.values.moment import in_japan
from janetbank.values.money import Yen

Call = Literal["instruct", "cancel", "standing", "bill", "payees", "balance", "statement"]
When = Literal["before", "after", "late"]
Place = tuple[InstitutionId, Account]

_Told = TypeVar("_Told")

_CANCELLED, _EXECUTED = HostAnswer(HostWord.CANCELLED), HostAnswer(HostWord.EXECUTED)
_ACCEPTED, _RESERVED = HostAnswer(HostWord.ACCEPTED), HostAnswer(HostWord.RESERVED)
_NOTHING = Yen(0)


@define
class _Ledger:
    holder: object
    balance: Yen
    lines: list[StatementLine] = field(factory=list[StatementLine])
    payees: list[Payee] = field(factory=list[Payee])


@define
class _Known:
    """What is under a key; *content* is None where it was cancelled before it was heard of."""

    content: Content | None
    answer: HostAnswer


@define
class _Lost:
    call: Call
    when: When


class Books:
    """See the module.  Safe to be asked by many threads at once."""

    def __init__(self, clock: Clock, usable: Callable[[InstitutionId, Account], bool]) -> None:
        """*usable* says of an account whether something may be taken from it now."""
        self.done: list[Content] = []
        """All that was executed, in its order."""
        self._clock = clock
        self._usable = usable
        self._processing = True
        self._ledgers: dict[Place, _Ledger] = {}
        self._renumbered: dict[Place, Place] = {}
        self._known: dict[tuple[InstitutionId, str], _Known] = {}
        self._bills: dict[InstitutionId, list[tuple[BillNumbers, Bill]]] = {}
        self._lost: list[_Lost] = []
        self._late: list[Callable[[], object]] = []
        self._lock = RLock()

    # --- the scene --------------------------------------------------------------------------------------------------

    @property
    def processing(self) -> bool:
        """Whether what is for today is done at once."""
        return self._processing

    @processing.setter
    def processing(self, now: bool) -> None:
        with self._lock:
            self._processing = now
            self._go_on()

    def open(self, place: Place, holder: object, balance: Yen = _NOTHING) -> None:
        """Open an account with *balance*; whoever is equal to *holder* is the same."""
        with self._lock:
            self._ledgers[place] = _Ledger(holder, balance)

    def renumber(self, former: Place, now: Place) -> None:
        """The account at *former* is at *now* from now on, and what is reserved from or to it with it."""
        with self._lock:
            self._ledgers[now] = self._ledgers.pop(former)
            self._renumbered[former] = now
            self._renumbered.pop(now, None)

    def deposit(self, institution: InstitutionId, account: Account, amount: Yen, note: str = "") -> None:
        """Somebody pays *amount* in."""
        with self._lock:
            self._move(self._ledgers[institution, account], paid_in=amount, note=note)

    def register(self, institution: InstitutionId, account: Account, *payees: Payee) -> None:
        """At the counter *payees* take the place of those that were registered for *account*."""
        with self._lock:
            self._ledgers[institution, account].payees = list(payees)

    def send_bill(self, institution: InstitutionId, numbers: BillNumbers, bill: Bill) -> None:
        """A biller sends *bill*, with these *numbers* on it."""
        with self._lock:
            self._bills.setdefault(institution, []).append((numbers, bill))

    def time_out(self, when: When, *, call: Call = "instruct", times: int = 1) -> None:
        """Let the next *times* of *call* get lost: the caller hears nothing."""
        with self._lock:
            self._lost += [_Lost(call, when) for _ in range(times)]

    def arrive(self) -> None:
        """What was late arrives."""
        with self._lock:
            late, self._late = self._late, []
            for act in late:
                act()

    # --- the port ---------------------------------------------------------------------------------------------------

    def payees(self, institution: InstitutionId, account: Account) -> Sequence[Payee]:
        """The payees registered for *account*."""
        return self._asked("payees", lambda: self._payees((institution, account)))

    def bill(self, institution: InstitutionId, numbers: BillNumbers) -> Bill | None:
        """The unpaid bill with these *numbers*, or None."""
        return self._asked("bill", lambda: self._bill(institution, numbers))

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Do *content*, once."""
        return self._asked("instruct", lambda: self._instruct(institution, content))

    def standing(self, institution: InstitutionId, key: str) -> HostAnswer | None:
        """What has become of *key*, or None."""
        return self._asked("standing", lambda: self._standing(institution, key))

    def cancel(self, institution: InstitutionId, key: str) -> HostAnswer:
        """Do not do what is under *key*, if that can still be."""
        return self._asked("cancel", lambda: self._cancel(institution, key))

    def balance(self, institution: InstitutionId, account: Account) -> Yen | None:
        """What is on *account*, or None."""
        ledger = self._asked("balance", lambda: self._ledgers.get((institution, account)))
        return None if ledger is None else ledger.balance

    def statement(
        self, institution: InstitutionId, account: Account, first: date, last: date
    ) -> Sequence[StatementLine] | None:
        """What happened on *account* on those days, or None."""
        ledger = self._asked("statement", lambda: self._ledgers.get((institution, account)))
        return None if ledger is None else [line for line in ledger.lines if first <= line.day <= last]

    # --- how it is done ---------------------------------------------------------------------------------------------

    def _asked(self, call: Call, act: Callable[[], _Told]) -> _Told:
        with self._lock:
            self._go_on()
            lost = next((one for one in self._lost if one.call == call), None)
            if lost is None:
                return act()
            self._lost.remove(lost)
            if lost.when == "after":
                act()
            if lost.when == "late":
                self._late.append(act)
            msg = "the host does not answer in time"
            raise Unavailable(msg)

    def _payees(self, place: Place) -> Sequence[Payee]:
        ledger = self._ledgers.get(place)
        return () if ledger is None else tuple(ledger.payees)

    def _bill(self, institution: InstitutionId, numbers: BillNumbers) -> Bill | None:
        there = [bill for printed, bill in self._bills.get(institution, []) if printed == numbers]
        return next((bill for bill in there if not self._paid(institution, bill)), None)

    def _paid(self, institution: InstitutionId, bill: Bill) -> bool:
        contents = (one.content for (there, _), one in self._known.items() if there == institution and _has_it(one))
        return any(isinstance(content, Payment) and content.bill.id == bill.id for content in contents)

    def _standing(self, institution: InstitutionId, key: str) -> HostAnswer | None:
        known = self._known.get((institution, key))
        return None if known is None else known.answer

    def _cancel(self, institution: InstitutionId, key: str) -> HostAnswer:
        known = self._known.setdefault((institution, key), _Known(None, _CANCELLED))
        if known.answer == _RESERVED:
            known.answer = _CANCELLED
        return known.answer

    def _instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        known = self._known.get((institution, content.reference))
        if known is None:
            answer = self._judge(institution, content)
            self._known[institution, content.reference] = _Known(content, answer)
            return answer
        if known.content is not None and known.content != content:
            msg = "another instruction has this key"
            raise KeyReused(msg)
        return known.answer

    def _judge(self, institution: InstitutionId, content: Content) -> HostAnswer:
        today = self._today()
        if content.date < today:
            return HostAnswer(HostWord.REFUSED, HostReason.DAY)
        reason = self._objection(institution, content)
        if reason is not None:
            return HostAnswer(HostWord.REFUSED, reason)
        if content.date > today:
            return _RESERVED
        return self._execute(institution, content) if self._processing else _ACCEPTED

    def _objection(self, institution: InstitutionId, content: Content) -> HostReason | None:
        source = self._ledgers.get((institution, content.source))
        if source is None or not self._usable(institution, content.source):
            return HostReason.ACCOUNT
        if isinstance(content, Payment):
            there = [bill for _, bill in self._bills.get(institution, [])]
            return None if content.bill in there and not self._paid(institution, content.bill) else HostReason.BILL
        payee = self._ledgers.get((institution, content.payee)) if content.payee_bank == institution else None
        if content.payee_bank == institution and payee is None:
            return HostReason.PAYEE
        match content.kind:
            case InstructionKind.OWN_TRANSFER:
                fits = payee is not None and payee is not source and payee.holder == source.holder
            case InstructionKind.REGISTERED_PAYEE_TRANSFER:
                fits = Payee(content.payee_bank, content.payee, content.payee_name) in source.payees
            case _:
                fits = True
        return None if fits else HostReason.PAYEE

    def _execute(self, institution: InstitutionId, content: Content) -> HostAnswer:
        place = self._present(institution, content.source)
        source = self._ledgers.get(place)
        if source is None or not self._usable(*place):
            return HostAnswer(HostWord.REFUSED, HostReason.ACCOUNT)
        if source.balance < content.amount:
            return HostAnswer(HostWord.REFUSED, HostReason.FUNDS)
        if isinstance(content, Payment):
            self._move(source, paid_out=content.amount, note=content.bill.name)
        else:
            self._move(source, paid_out=content.amount, note=content.payee_name)
            if content.payee_bank == institution:
                payee = self._ledgers[self._present(institution, content.payee)]
                self._move(payee, paid_in=content.amount, note=str(content.source))
        self.done.append(content)
        return _EXECUTED

    def _present(self, institution: InstitutionId, account: Account) -> Place:
        """Where what was *account* when it was reserved is by now."""
        place = institution, account
        while place not in self._ledgers and place in self._renumbered:
            place = self._renumbered[place]
        return place

    def _go_on(self) -> None:
        """Do what is due."""
        today = self._today()
        for (institution, _), known in self._known.items():
            if known.content is None or known.answer not in {_ACCEPTED, _RESERVED} or known.content.date > today:
                continue
            known.answer = self._execute(institution, known.content) if self._processing else _ACCEPTED

    def _move(self, ledger: _Ledger, *, paid_in: Yen = _NOTHING, paid_out: Yen = _NOTHING, note: str) -> None:
        ledger.balance = ledger.balance + paid_in - paid_out
        line = StatementLine(day=self._today(), paid_in=paid_in, paid_out=paid_out, balance=ledger.balance, note=note)
        ledger.lines.append(line)

    def _today(self) -> date:
        return in_japan(self._clock.now()).date()


def _has_it(known: _Known) -> bool:
    return known.answer in {_ACCEPTED, _RESERVED, _EXECUTED}
