"""A core banking host in memory: accounts, cards and a cash machine that shares the card's counter; and the books.

Shape:  `open_account`, `issue_card`, `flag`, `renumber`, `plan_event` set the scene; `account`, `renumbered` and
        `check_card` are the port, and whatever is about money, for which `books` sets the scene; `withdraw` is what a
        cash machine asks.  Wrong PINs count in a row, wherever they are entered; at *pin_tries* the card is locked,
        for every use, until another one is issued.
Units:  instants are aware datetimes; an event holds from its start up to but without its end.
Errors: Unavailable while `reachable` is False; KeyError for setting something on an account that was never opened.
Source: ports/core_banking.py; PWR-05, PWR-09, ENR-15, ENR-16, ENR-18, LCK-13, CRD-18, AMB-20.
"""

from collections.abc import Sequence
from datetime import date, datetime
from threading import Lock

from attrs import define, field, frozen

from janetbank.ports.clock import Clock
from janetbank.ports.core_banking import AccountReport, CardVerdict, HolderRecord, Payee, StatementLine
from janetbank.ports.failures import Unavailable
from janetbank.values.account import Account
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.host_answer import HostAnswer
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content
from janetbank.values.moment import aware
from janetbank.values.money import Yen
from janetbank.values.pin import Pin
from janetbank_adapters.core_banking.books import Books

_NOTHING = Yen(0)


@define
class _Card:
    pin: Pin
    wrong_in_a_row: int = 0


@define
class _Held:
    holder: HolderRecord
    individual: bool
    card: _Card | None = None
    caution: bool = False
    online_since: date | None = None


@frozen
class _Event:
    institution: InstitutionId
    start: datetime = field(converter=aware)
    end: datetime = field(converter=aware)


class MemoryCoreBanking:
    """See the module.  Safe to be asked by many threads at once."""

    def __init__(self, clock: Clock, *, pin_tries: int = 3) -> None:
        self.reachable = True
        """Set it to False, and the host does not answer."""
        self._clock = clock
        if pin_tries < 1:
            msg = "a card has at least one try"
            raise ValueError(msg)
        self._pin_tries = pin_tries
        self._accounts: dict[tuple[InstitutionId, Account], _Held] = {}
        self._formers: dict[tuple[InstitutionId, Account], Account] = {}
        self._events: list[_Event] = []
        self._lock = Lock()
        self.books = Books(clock, self._usable)

    def open_account(
        self,
        institution: InstitutionId,
        account: Account,
        holder: HolderRecord,
        *,
        individual: bool = True,
        online_since: date | None = None,
        balance: Yen = _NOTHING,
    ) -> None:
        """Open *account* for *holder*, without a card; internet banking began on it on *online_since*."""
        with self._lock:
            self._accounts[institution, account] = _Held(holder, individual, online_since=online_since)
            self.books.open((institution, account), (holder.kana, holder.kanji, holder.born), balance)

    def issue_card(self, institution: InstitutionId, account: Account, pin: Pin) -> None:
        """Issue a cash card with *pin* in the place of any former one; its counter stands at none."""
        with self._lock:
            self._accounts[institution, account].card = _Card(pin)

    def flag(self, institution: InstitutionId, account: Account, *, caution: bool = True) -> None:
        """Set or take away the caution flag (loss, theft …)."""
        with self._lock:
            self._accounts[institution, account].caution = caution

    def renumber(self, institution: InstitutionId, former: Account, now: Account) -> None:
        """Give the account that is numbered *former* the number *now*, card and all: a branch was joined to another."""
        with self._lock:
            self._accounts[institution, now] = self._accounts.pop((institution, former))
            self.books.renumber((institution, former), (institution, now))
            earlier = [key for key, to in self._formers.items() if key[0] == institution and to == former]
            self._formers |= dict.fromkeys([*earlier, (institution, former)], now)
            self._formers.pop((institution, now), None)  # a number that is given again is no former one

    def plan_event(self, institution: InstitutionId, start: datetime, end: datetime) -> None:
        """Restrict transactions at *institution* from *start* until *end*: a migration, a merger."""
        with self._lock:
            self._events.append(_Event(institution, start, end))

    def account(self, institution: InstitutionId, account: Account) -> AccountReport | None:
        """The report on *account*, or None where there is none."""
        with self._lock:
            self._answer()
            held = self._accounts.get((institution, account))
            if held is None:
                return None
            return AccountReport(
                holder=held.holder,
                individual=held.individual,
                card_issued=held.card is not None,
                caution=held.caution,
                online_since=held.online_since,
                restricted=self._restricted(institution),
            )

    def renumbered(self, institution: InstitutionId, former: Account) -> Account | None:
        """What the account that had the number *former* is numbered now, or None."""
        with self._lock:
            self._answer()
            return self._formers.get((institution, former))

    def check_card(self, institution: InstitutionId, account: Account, pin: Pin) -> CardVerdict:
        """Check the PIN of the account's cash card; a wrong one moves the counter that the cash machine shares."""
        with self._lock:
            self._answer()
            held = self._accounts.get((institution, account))
            if held is None or held.card is None:
                return CardVerdict.NO_CARD
            return self._check(held.card, pin)

    def withdraw(self, institution: InstitutionId, account: Account, pin: Pin) -> CardVerdict:
        """What a cash machine hears when somebody puts in the card and enters *pin*."""
        return self.check_card(institution, account, pin)

    def payees(self, institution: InstitutionId, account: Account) -> Sequence[Payee]:
        """The payees registered for transfers from *account*."""
        self._answer()
        return self.books.payees(institution, account)

    def bill(self, institution: InstitutionId, numbers: BillNumbers) -> Bill | None:
        """The unpaid bill that has these *numbers*, or None."""
        self._answer()
        return self.books.bill(institution, numbers)

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Do *content*, once, under its reference as the key."""
        self._answer()
        return self.books.instruct(institution, content)

    def standing(self, institution: InstitutionId, key: str) -> HostAnswer | None:
        """What has become of the instruction under *key*, or None."""
        self._answer()
        return self.books.standing(institution, key)

    def cancel(self, institution: InstitutionId, key: str) -> HostAnswer:
        """Do not do what is under *key*, if that can still be."""
        self._answer()
        return self.books.cancel(institution, key)

    def balance(self, institution: InstitutionId, account: Account) -> Yen | None:
        """What is on *account*, or None where there is none."""
        self._answer()
        return self.books.balance(institution, account)

    def statement(
        self, institution: InstitutionId, account: Account, first: date, last: date
    ) -> Sequence[StatementLine] | None:
        """What happened on *account* on those days, or None where there is none."""
        self._answer()
        return self.books.statement(institution, account, first, last)

    def _usable(self, institution: InstitutionId, account: Account) -> bool:
        held = self._accounts.get((institution, account))
        return held is not None and not held.caution and not self._restricted(institution)

    def _restricted(self, institution: InstitutionId) -> bool:
        now = self._clock.now()
        return any(event.institution == institution and event.start <= now < event.end for event in self._events)

    def _check(self, card: _Card, pin: Pin) -> CardVerdict:
        if card.wrong_in_a_row >= self._pin_tries:
            return CardVerdict.LOCKED
        if pin.secret == card.pin.secret:
            card.wrong_in_a_row = 0
            return CardVerdict.OK
        card.wrong_in_a_row += 1
        return CardVerdict.LOCKED if card.wrong_in_a_row >= self._pin_tries else CardVerdict.WRONG

    def _answer(self) -> None:
        if not self.reachable:
            msg = "the host does not answer"
            raise Unavailable(msg)
