"""Host conformance: what every adapter of the core banking port must do with money, as a pytest class.

    class TestMyHost(HostConformance):
        def host(self) -> Host: ...

Shape:  inherit, and give a host with the accounts, payees and bills that this module names, and the ways in which the
        world acts on it; every test is a law of the port.  Accounts and cards have a suite in `port_conformance`.
Units:  yen; days are days in Japan.
Errors: AssertionError where an adapter breaks a law.
Source: janetbank.ports.core_banking; TRF-02, TRF-06, TRF-09..11, LCK-05; TRAPS "signs a nonce".
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from attrs import evolve, frozen

from janetbank.ports.core_banking import CoreBanking, KeyReused, Payee
from janetbank.values.account import Account
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.host_answer import HostAnswer, HostReason, HostWord
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content, InstructionKind, Payment, Transfer
from janetbank.values.money import Yen
from janetbank.values.secret import Secret

HERE, ELSEWHERE = InstitutionId("5441"), InstitutionId("0009")
SOURCE = Account.parse("001", "ordinary", "12345")
OWN = Account.parse("001", "savings", "12346")
"""Another one of the same holder."""
NEIGHBOURS = Account.parse("001", "ordinary", "54321")
"""Somebody else's at the same institution."""
POOR = Account.parse("001", "ordinary", "99999")
"""Of the same holder, with nothing on it."""
FAR = Account.parse("123", "ordinary", "7654321")
"""At another bank."""
UNKNOWN = Account.parse("001", "ordinary", "1")
BALANCE = Yen(1_000_000)
"""What is on each account here, but the poor one."""
REGISTERED = Payee(ELSEWHERE, FAR, "ヤマダ ハナコ")
"""For transfers from the source, and nobody else."""
NUMBERS = BillNumbers("00100", "12345678901", Secret("246810"))
BILL = Bill(id="electricity-11", biller="00100", name="アオゾラデンリヨク", public=False, amount=Yen(8_640))
TAX_NUMBERS = BillNumbers("20160", "20261100077", Secret("13579"))
TAX = Bill(id="tax-7", biller="20160", name="ナガノケン", public=True, amount=Yen(39_500))

EXECUTED, RESERVED = HostAnswer(HostWord.EXECUTED), HostAnswer(HostWord.RESERVED)
ACCEPTED, CANCELLED = HostAnswer(HostWord.ACCEPTED), HostAnswer(HostWord.CANCELLED)

_DAY = timedelta(days=1)
_CROWD = 8
_NOTHING = Yen(0)


@frozen(kw_only=True)
class Host:
    """A host, *core*, in a world in which it is *today*.

    *midnight* lets the next day come; *close* ends its processing for the day, *open* begins it again.
    """

    core: CoreBanking
    today: date
    midnight: Callable[[], object]
    close: Callable[[], object]
    open: Callable[[], object]

    def ask(self, content: Content) -> HostAnswer:
        """Hand it over."""
        return self.core.instruct(HERE, content)

    def balances(self) -> tuple[Yen | None, ...]:
        """What is on the accounts of this institution."""
        return tuple(self.core.balance(HERE, account) for account in (SOURCE, OWN, NEIGHBOURS, POOR))

    def transfer(self, key: str = "k-1", *, yen: int = 50_000, days: int = 0) -> Transfer:
        """To a stranger, in so many days."""
        return Transfer(
            reference=key,
            kind=InstructionKind.AD_HOC_TRANSFER,
            source=SOURCE,
            payee_bank=ELSEWHERE,
            payee=FAR,
            payee_name="ヤマダ ハナコ",
            amount=Yen(yen),
            date=self.today + days * _DAY,
        )

    def payment(self, key: str = "k-1", bill: Bill = BILL) -> Payment:
        """Of a bill, today."""
        return Payment(reference=key, source=SOURCE, bill=bill, date=self.today)


class HostConformance(ABC):
    """The laws of `janetbank.ports.core_banking`, as far as they are about money."""

    @abstractmethod
    def host(self) -> Host:
        """A host with what this module names, at which nothing has happened yet; its processing is open."""

    # --- once ---------------------------------------------------------------------------------------------------------

    def test_todays_is_executed_once(self) -> None:
        """However often it is asked under one key, it moves the money once, and tells what has become of it."""
        host = self.host()
        content = host.transfer()
        assert host.core.standing(HERE, content.reference) is None
        assert [host.ask(content) for _ in range(3)] == [EXECUTED] * 3
        assert host.core.standing(HERE, content.reference) == EXECUTED
        assert host.core.balance(HERE, SOURCE) == BALANCE - content.amount

    def test_many_who_ask_at_once_are_one(self) -> None:
        """Of a crowd that asks under one key at once the money is moved once, and all hear the same."""
        host = self.host()
        with ThreadPoolExecutor(_CROWD) as pool:
            told = list(pool.map(host.ask, [host.transfer()] * _CROWD))
        assert told == [EXECUTED] * _CROWD
        assert host.core.balance(HERE, SOURCE) == BALANCE - Yen(50_000)

    def test_two_keys_are_two_instructions(self) -> None:
        """Equal but for their keys, both are done."""
        host = self.host()
        assert [host.ask(host.transfer(key)) for key in ("k-1", "k-2")] == [EXECUTED] * 2
        assert host.core.balance(HERE, SOURCE) == BALANCE - Yen(100_000)

    def test_a_key_is_one_text(self) -> None:
        """Another text under a key that is known is no instruction, and what was there stays."""
        host = self.host()
        host.ask(host.transfer())
        for other in (host.transfer(yen=50_001), host.transfer(days=1), host.payment()):
            with pytest.raises(KeyReused):
                host.ask(other)
        assert host.core.standing(HERE, "k-1") == EXECUTED
        assert host.core.balance(HERE, SOURCE) == BALANCE - Yen(50_000)

    def test_a_key_is_known_at_its_institution(self) -> None:
        """Another institution's host knows nothing of it."""
        host = self.host()
        host.ask(host.transfer())
        assert host.core.standing(ELSEWHERE, "k-1") is None

    # --- where the money goes -----------------------------------------------------------------------------------------

    def test_what_stays_here_arrives_here(self) -> None:
        """A transfer within the institution is taken from the one account and put on the other."""
        host = self.host()
        here = evolve(host.transfer(), payee_bank=HERE, payee=NEIGHBOURS)
        assert host.ask(here) == EXECUTED
        amount = here.amount
        assert host.balances() == (BALANCE - amount, BALANCE, BALANCE + amount, _NOTHING)

    def test_ones_own_account_is_ones_own(self) -> None:
        """Between accounts of one holder, and no others, the money is moved as one's own."""
        host = self.host()
        own = evolve(host.transfer(), kind=InstructionKind.OWN_TRANSFER, payee_bank=HERE, payee=OWN)
        assert host.ask(own) == EXECUTED
        refused = HostAnswer(HostWord.REFUSED, HostReason.PAYEE)
        for number, wrong in enumerate(
            (evolve(own, payee=NEIGHBOURS), evolve(own, payee=SOURCE), evolve(own, payee_bank=ELSEWHERE))
        ):
            assert host.ask(evolve(wrong, reference=f"wrong-{number}")) == refused
        assert host.core.balance(HERE, SOURCE) == BALANCE - own.amount

    def test_a_registered_payee_is_registered(self) -> None:
        """As a registered payee nobody is paid but him who is registered for that account, name and all."""
        host = self.host()
        assert list(host.core.payees(HERE, SOURCE)) == [REGISTERED]
        assert list(host.core.payees(HERE, OWN)) == list(host.core.payees(HERE, UNKNOWN)) == []
        registered = evolve(host.transfer(), kind=InstructionKind.REGISTERED_PAYEE_TRANSFER)
        assert host.ask(registered) == EXECUTED
        for number, wrong in enumerate(
            (
                evolve(registered, payee_name="ヤマダ タロウ"),
                evolve(registered, payee=UNKNOWN),
                evolve(registered, payee_bank=InstitutionId("0005")),
                evolve(registered, source=OWN),
            )
        ):
            told = host.ask(evolve(wrong, reference=f"wrong-{number}"))
            assert told == HostAnswer(HostWord.REFUSED, HostReason.PAYEE)

    @pytest.mark.parametrize(
        ("account", "reason"), [(POOR, HostReason.FUNDS), (UNKNOWN, HostReason.ACCOUNT)], ids=["poor", "unknown"]
    )
    def test_there_is_nothing_to_take(self, account: Account, reason: HostReason) -> None:
        """Without money, or an account, it is refused for good, and nothing is moved."""
        host = self.host()
        content = evolve(host.transfer(), source=account)
        before = host.balances()
        assert host.ask(content) == HostAnswer(HostWord.REFUSED, reason)
        assert host.core.standing(HERE, content.reference) == HostAnswer(HostWord.REFUSED, reason)
        assert host.balances() == before

    def test_the_last_yen_can_go_and_no_more(self) -> None:
        """All that is on an account can be moved; then not one yen."""
        host = self.host()
        assert host.ask(host.transfer("over", yen=BALANCE.amount + 1)) == HostAnswer(HostWord.REFUSED, HostReason.FUNDS)
        assert host.ask(host.transfer("all", yen=BALANCE.amount)) == EXECUTED
        assert host.ask(host.transfer("one", yen=1)) == HostAnswer(HostWord.REFUSED, HostReason.FUNDS)
        assert host.core.balance(HERE, SOURCE) == _NOTHING

    def test_nobody_is_nobody(self) -> None:
        """A payee's account that the institution itself would have and has not is refused."""
        host = self.host()
        nobody = evolve(host.transfer(), payee_bank=HERE, payee=UNKNOWN)
        assert host.ask(nobody) == HostAnswer(HostWord.REFUSED, HostReason.PAYEE)

    # --- its day ------------------------------------------------------------------------------------------------------

    def test_another_days_waits_for_its_day(self) -> None:
        """Reserved until that day has come, and then executed, once."""
        host = self.host()
        content = host.transfer(days=2)
        for _ in range(2):
            assert host.ask(content) == host.core.standing(HERE, content.reference) == RESERVED
            assert host.core.balance(HERE, SOURCE) == BALANCE
            host.midnight()
        assert host.core.standing(HERE, content.reference) == host.ask(content) == EXECUTED
        assert host.core.balance(HERE, SOURCE) == BALANCE - content.amount

    def test_a_reservation_needs_the_money_on_its_day(self) -> None:
        """What is not there when the day has come is not paid, though it was there, or promised, before."""
        host = self.host()
        content = host.transfer(yen=BALANCE.amount, days=1)
        assert host.ask(content) == RESERVED
        host.ask(host.transfer("k-2", yen=1))
        host.midnight()
        assert host.core.standing(HERE, "k-1") == HostAnswer(HostWord.REFUSED, HostReason.FUNDS)

    def test_yesterdays_is_over(self) -> None:
        """For a day that is over nothing is done."""
        host = self.host()
        assert host.ask(host.transfer(days=-1)) == HostAnswer(HostWord.REFUSED, HostReason.DAY)
        assert host.core.balance(HERE, SOURCE) == BALANCE

    def test_what_comes_after_hours_is_accepted(self) -> None:
        """Accepted while nothing is processed, and executed when processing begins again."""
        host = self.host()
        host.close()
        content = host.transfer()
        assert host.ask(content) == host.core.standing(HERE, content.reference) == ACCEPTED
        assert host.core.balance(HERE, SOURCE) == BALANCE
        host.open()
        assert host.core.standing(HERE, content.reference) == EXECUTED
        assert host.core.balance(HERE, SOURCE) == BALANCE - content.amount

    # --- cancelling ---------------------------------------------------------------------------------------------------

    def test_a_reservation_is_cancelled_for_good(self) -> None:
        """Before its day it is cancelled, as often as that is asked; its day comes, and nothing is paid."""
        host = self.host()
        content = host.transfer(days=1)
        host.ask(content)
        assert [host.core.cancel(HERE, "k-1") for _ in range(2)] == [CANCELLED] * 2
        host.midnight()
        assert host.core.standing(HERE, "k-1") == host.ask(content) == CANCELLED
        assert host.core.balance(HERE, SOURCE) == BALANCE

    def test_what_was_never_heard_of_never_will_be(self) -> None:
        """A key that is cancelled before it is known does nothing when the instruction arrives late."""
        host = self.host()
        assert host.core.cancel(HERE, "k-1") == CANCELLED
        assert host.ask(host.transfer()) == host.core.standing(HERE, "k-1") == CANCELLED
        assert host.core.balance(HERE, SOURCE) == BALANCE

    def test_what_is_done_is_not_undone(self) -> None:
        """What was executed, accepted or refused stays so, and that is the answer."""
        host = self.host()
        host.ask(host.transfer("executed"))
        host.ask(host.transfer("refused", days=-1))
        host.close()
        host.ask(host.transfer("accepted"))
        for key, word in (("executed", EXECUTED), ("accepted", ACCEPTED)):
            assert host.core.cancel(HERE, key) == host.core.standing(HERE, key) == word
        assert host.core.cancel(HERE, "refused").word is HostWord.REFUSED
        assert host.core.balance(HERE, SOURCE) == BALANCE - Yen(50_000)

    def test_paying_and_cancelling_at_once_is_one_or_the_other(self) -> None:
        """Whichever comes first, both hear the same in the end, and the money tells the same story."""
        host = self.host()
        with ThreadPoolExecutor(_CROWD) as pool:
            for _ in range(_CROWD):
                pool.submit(host.ask, host.transfer())
                pool.submit(host.core.cancel, HERE, "k-1")
        paid = host.core.balance(HERE, SOURCE) == BALANCE - Yen(50_000)
        assert host.core.standing(HERE, "k-1") == (EXECUTED if paid else CANCELLED)
        assert paid or host.core.balance(HERE, SOURCE) == BALANCE

    # --- bills --------------------------------------------------------------------------------------------------------

    def test_a_bill_is_found_by_all_its_numbers(self) -> None:
        """By the three together, and by no other three."""
        host = self.host()
        assert host.core.bill(HERE, NUMBERS) == BILL
        assert host.core.bill(HERE, TAX_NUMBERS) == TAX
        for wrong in (
            evolve(NUMBERS, biller="20160"),
            evolve(NUMBERS, customer="12345678902"),
            evolve(NUMBERS, confirmation=Secret("246811")),
            evolve(NUMBERS, confirmation=TAX_NUMBERS.confirmation),
        ):
            assert host.core.bill(HERE, wrong) is None
        assert host.core.bill(ELSEWHERE, NUMBERS) is None

    def test_a_bill_is_paid_once(self) -> None:
        """Paid, it is found no more, and another payment of it, under another key, is refused."""
        host = self.host()
        assert host.ask(host.payment()) == host.ask(host.payment()) == EXECUTED
        assert host.core.bill(HERE, NUMBERS) is None
        assert host.core.bill(HERE, TAX_NUMBERS) == TAX
        assert host.ask(host.payment("k-2")) == HostAnswer(HostWord.REFUSED, HostReason.BILL)
        assert host.core.balance(HERE, SOURCE) == BALANCE - BILL.amount

    def test_no_bill_is_paid_but_as_it_is(self) -> None:
        """One that nobody sent, or of another amount, is none."""
        host = self.host()
        for number, bill in enumerate((evolve(BILL, id="none"), evolve(BILL, amount=Yen(1)))):
            told = host.ask(host.payment(f"k-{number}", bill))
            assert told == HostAnswer(HostWord.REFUSED, HostReason.BILL)
        assert host.core.bill(HERE, NUMBERS) == BILL

    # --- looking ------------------------------------------------------------------------------------------------------

    def test_a_statement_says_what_happened(self) -> None:
        """Each movement, on its day, with the balance after it, on both accounts; and on those days alone."""
        host = self.host()
        first = host.today
        host.ask(evolve(host.transfer("k-1", yen=1), payee_bank=HERE, payee=NEIGHBOURS))
        host.ask(host.transfer("k-2", yen=2, days=1))
        host.midnight()
        lines = host.core.statement(HERE, SOURCE, first, first + _DAY)
        assert lines is not None
        told = [(one.day, one.paid_in, one.paid_out, one.balance) for one in lines]
        assert told == [
            (first, _NOTHING, Yen(1), BALANCE - Yen(1)),
            (first + _DAY, _NOTHING, Yen(2), BALANCE - Yen(3)),
        ]
        there = host.core.statement(HERE, NEIGHBOURS, first, first)
        assert there is not None
        assert [(one.paid_in, one.paid_out, one.balance) for one in there] == [(Yen(1), _NOTHING, BALANCE + Yen(1))]
        for day, found in ((first - _DAY, 0), (first, 1), (first + _DAY, 1), (first + 2 * _DAY, 0)):
            assert len(host.core.statement(HERE, SOURCE, day, day) or ()) == found

    def test_of_an_unknown_account_nothing_is_said(self) -> None:
        """It has neither a balance nor a statement; nor has one that another institution has."""
        host = self.host()
        for institution, account in ((HERE, UNKNOWN), (ELSEWHERE, SOURCE)):
            assert host.core.balance(institution, account) is None
            assert host.core.statement(institution, account, host.today, host.today) is None
