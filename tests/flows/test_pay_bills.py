"""Paying bills: their numbers are guessed at and counted apart, and what was found is paid once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve

from janetbank.flows.approve import Pending
from janetbank.flows.hand_over import AnswerAwaited, Executed, RefusedByHost
from janetbank.flows.instruct import TokenNeeded
from janetbank.flows.instructions import NotAuthorised, TransfersOff
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.operating import OwnCase
from janetbank.flows.pay_bills import BillFound, PayBills
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Blocked, LockedOut, Refused, Rejected, SessionEnded, Suspended, TryAgain
from janetbank.flows.release import Done, FromBlock
from janetbank.flows.settle_instructions import settle
from janetbank.flows.use_session import InSession
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.instruction import InstructionState
from janetbank.policies.lockout import Tally
from janetbank.policies.releases import Block
from janetbank.policies.step_up import Proof
from janetbank.policies.suspension import Finding
from janetbank.ports.core_banking import CoreBanking
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import TestBank, bank
from janetbank.values.account import Account
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.host_answer import HostReason
from janetbank.values.identifiers import InstitutionId
from janetbank.values.paper import Paper
from janetbank.values.secret import Secret
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from tests.flows.counter_scene import Desk
from tests.flows.money_scene import (
    BILL,
    NUMBERS,
    TAX,
    TAX_NUMBERS,
    WRONG_NUMBER,
    authorised,
    balance,
    books,
    executed,
    find,
    found,
    send_bills,
    stored,
)
from tests.flows.scene import (
    MINUTE,
    REST,
    contract_of,
    entries_of,
    held,
    kinds,
    letters,
    rewrite,
    suspend,
    with_password,
)
from tests.flows.token_scene import WRONG_CODE, Telephone

BEFORE = 10_000_000


@pytest.fixture
def there() -> TestBank:
    """A bank, to which two billers have sent their bills."""
    one = bank()
    send_bills(one)
    return one


@pytest.fixture
def phone(there: TestBank) -> Telephone:
    """Taro, logged in, without a token."""
    return Telephone.of(there, there.customer())


def wrong(phone: Telephone, times: int = 1) -> list[object]:
    """Enter so many wrong numbers."""
    return [find(phone, confirmation=WRONG_NUMBER) for _ in range(times)]


def pay(phone: Telephone, reference: str) -> object:
    """Have it paid."""
    return phone.there.net.pay_bills.pay(phone.session, reference)


def again(phone: Telephone) -> Telephone:
    """After a rest that was longer than a session: logged in again."""
    phone.session = phone.there.log_in(phone.taro)
    return phone


def tally(phone: Telephone) -> Tally:
    """The count of wrong numbers."""
    return contract_of(phone.there, phone.taro).payment_tally


# --- Paying -----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TRF-01")
def test_a_tax_needs_no_code(phone: Telephone) -> None:
    """Found by its numbers, it is paid at once, with a token or without."""
    told = find(phone)
    assert isinstance(told, BillFound)
    assert (told.bill, told.proof) == (TAX, Proof.NONE)
    content = stored(phone.there, told.reference).content
    assert pay(phone, told.reference) == Executed(content)
    for _ in range(2):
        assert balance(phone.there, phone.taro) == BEFORE - TAX.amount.amount
        assert pay(phone, told.reference) == Executed(content)


@pytest.mark.requirement("TRF-01", "ENR-11", "OTP-06")
def test_a_companys_bill_needs_one(phone: Telephone) -> None:
    """Without a token in use it is not paid; with one it takes a code, a wrong one of which counts as any."""
    assert find(phone, NUMBERS) == TokenNeeded()
    phone.start()
    told = find(phone, NUMBERS)
    assert isinstance(told, BillFound)
    assert (told.bill, told.proof) == (BILL, Proof.CODE)
    net = phone.there.net.pay_bills
    assert pay(phone, told.reference) == NotAuthorised()
    assert net.enter_code(phone.session, told.reference, WRONG_CODE) == Refused()
    assert len(contract_of(phone.there, phone.taro).code_tally.failed) == 1
    assert net.enter_code(phone.session, told.reference, phone.code()) == Authorised(told.reference)
    assert isinstance(pay(phone, told.reference), Executed)
    assert balance(phone.there, phone.taro) == BEFORE - BILL.amount.amount


@pytest.mark.requirement("TXA-08")
def test_a_bill_takes_a_code_where_transfers_are_approved(phone: Telephone) -> None:
    """Under transaction authentication too, and before the app has confirmed it."""
    phone.start(approve_transfers=True)
    first = find(phone, NUMBERS)
    assert isinstance(first, BillFound)
    phone.there.net.use_token.confirm_method(phone.app, version="4.1")
    second = find(phone, NUMBERS)
    assert isinstance(second, BillFound)
    assert first.proof is second.proof is Proof.CODE
    assert phone.there.net.pay_bills.enter_code(phone.session, second.reference, phone.code()) == Authorised(
        second.reference
    )
    assert isinstance(pay(phone, second.reference), Executed)


def test_a_bill_is_paid_from_the_account_that_was_chosen(phone: Telephone) -> None:
    """From one of his own that serves, and from no other."""
    net, savings = phone.there.net.pay_bills, phone.taro.person.savings
    books(phone.there).deposit(phone.taro.institution, savings, TAX.amount)

    def from_(source: Account) -> object:
        return net.find(
            phone.session,
            biller=TAX_NUMBERS.biller,
            customer=TAX_NUMBERS.customer,
            confirmation=TAX_NUMBERS.confirmation,
            source=source,
        )

    no = from_(Account.parse("009", "ordinary", "1"))
    assert isinstance(no, Rejected)
    assert [(one.code, one.field) for one in no.violations] == [("account.not_usable", "source")]
    assert tally(phone).issued == 0
    told = from_(savings)
    assert isinstance(told, BillFound)
    assert isinstance(pay(phone, told.reference), Executed)
    assert (balance(phone.there, phone.taro), balance(phone.there, phone.taro, savings)) == (BEFORE, 0)


@pytest.mark.parametrize("when", ["before", "after", "late"])
def test_a_bill_is_paid_once_whatever_is_lost(phone: Telephone, when: str) -> None:
    """The host that was silent is asked again, by the customer or without him."""
    reference = found(phone)
    books(phone.there).time_out(when)  # type: ignore[arg-type]  # one of the three
    assert pay(phone, reference) == AnswerAwaited(reference)
    settle(phone.there.net.platform)
    books(phone.there).arrive()
    assert stored(phone.there, reference).state is InstructionState.EXECUTED
    assert balance(phone.there, phone.taro) == BEFORE - TAX.amount.amount


def test_a_bill_found_twice_is_paid_once(phone: Telephone) -> None:
    """The second payment of the same bill the host refuses."""
    first, second = found(phone), found(phone)
    executed_ = pay(phone, first)
    assert isinstance(executed_, Executed)
    assert pay(phone, second) == RefusedByHost(second, HostReason.BILL)
    assert balance(phone.there, phone.taro) == BEFORE - TAX.amount.amount


@pytest.mark.parametrize(
    ("biller", "customer", "confirmation", "code"),
    [
        ("0010", "1", "1", "bill.biller"),
        ("00100", "", "1", "bill.customer_number"),
        ("00100", "1", "1234567", "bill.confirmation_number"),
    ],
)
def test_what_can_be_no_number_is_not_counted(
    phone: Telephone, biller: str, customer: str, confirmation: str, code: str
) -> None:
    """It is told as what it is, and the host is not asked."""
    phone.there.core.reachable = False
    told = phone.there.net.pay_bills.find(
        phone.session, biller=biller, customer=customer, confirmation=Secret(confirmation)
    )
    assert isinstance(told, Rejected)
    assert [one.code for one in told.violations] == [code]
    assert tally(phone).issued == 0


def test_bills_wait_out_a_cooling_off(phone: Telephone) -> None:
    """Where nothing may leave the accounts yet, no bill is found, and none that was found is paid (AMB-11)."""
    reference = found(phone)
    opens = phone.there.clock.now() + timedelta(hours=1)
    rewrite(phone.there, phone.taro, lambda contract: evolve(contract, transfers_from=opens))
    assert find(phone) == TransfersOff(opens)
    assert pay(phone, reference) == TransfersOff(opens)


# --- Wrong numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-05", "TRF-08")
@pytest.mark.parametrize(
    "mistake",
    [
        evolve(TAX_NUMBERS, customer="20261100078"),
        evolve(TAX_NUMBERS, confirmation=WRONG_NUMBER),
        evolve(TAX_NUMBERS, biller="20161"),
    ],
    ids=["customer", "confirmation", "biller"],
)
def test_the_sixth_wrong_number_stops_bills_for_an_hour(phone: Telephone, mistake: BillNumbers) -> None:
    """Five are tolerated, whichever of the numbers is wrong; the sixth stops bills, and the right one finds nothing."""
    assert [find(phone, mistake) for _ in range(5)] == [Refused()] * 5
    until = phone.there.clock.now() + REST
    assert find(phone, mistake) == LockedOut(until)
    assert find(phone) == LockedOut(until)
    phone.there.clock.set(until - timedelta.resolution)
    assert find(again(phone)) == LockedOut(until)
    phone.there.clock.set(until)
    assert isinstance(find(phone), BillFound)


@pytest.mark.requirement("LCK-05")
def test_the_numbers_share_one_count(phone: Telephone) -> None:
    """Wrong customer numbers and wrong confirmation numbers, of whichever bill, add up."""
    for number in range(5):
        numbers = (NUMBERS, TAX_NUMBERS)[number % 2]
        assert find(phone, evolve(numbers, customer=f"{number}")) == Refused()
    assert isinstance(find(phone, NUMBERS, WRONG_NUMBER), LockedOut)


@pytest.mark.requirement("LCK-05", "LCK-07", "LCK-15")
@pytest.mark.parametrize("times", [6, 12])
def test_wrong_numbers_stop_bills_and_nothing_else(phone: Telephone, times: int) -> None:
    """Locked or blocked, one logs in, stays in, transfers; and what was found before is not paid."""
    reference = found(phone)
    wrong(phone, 6)
    if times > 6:
        phone.there.clock.advance(REST)
        wrong(again(phone), 6)
    expected = Blocked if times > 6 else LockedOut
    assert isinstance(find(phone), expected)
    assert isinstance(pay(phone, reference), expected)
    assert isinstance(phone.there.net.use_session(phone.session), InSession)
    assert isinstance(with_password(phone.there, phone.taro), LoggedIn)
    executed(phone, authorised(phone))
    assert books(phone.there).done[-1].amount.amount == 50_000


@pytest.mark.requirement("LCK-07", "LCK-08")
def test_two_locks_in_a_row_are_a_block(phone: Telephone) -> None:
    """After the twelfth no time helps; there is no way out online."""
    wrong(phone, 6)
    phone.there.clock.advance(REST)
    assert wrong(again(phone), 6)[-1] == Blocked()
    for _ in range(3):
        phone.there.clock.advance(30 * REST)
        assert find(again(phone)) == Blocked()


@pytest.mark.requirement("LCK-08", "OPS-06")
def test_two_operators_open_bills_again(phone: Telephone) -> None:
    """The branch asks for it and another person approves it: until then nothing is different, and then all is."""
    wrong(phone, 6)
    phone.there.clock.advance(REST)
    wrong(again(phone), 6)
    desk = Desk(phone.there, phone.taro)
    for name in ("tanaka", "tanaka-2", "sato"):
        desk.hire(name)
    release = phone.there.net.release
    matter = FromBlock(block=Block.PAYMENT_BLOCK, paper=Paper.IB_3, finding=Finding.NOT_EXAMINED)
    case = desk.proposed(matter)
    assert find(again(phone)) == Blocked()
    assert release.approve(desk.by("tanaka-2"), case) == OwnCase()
    assert find(again(phone)) == Blocked()
    assert isinstance(release.approve(desk.by("sato"), case), Done)
    assert (tally(phone).failed, tally(phone).lockouts) == ((), 0)
    assert isinstance(pay(phone, found(again(phone))), Executed)


@pytest.mark.requirement("LCK-06")
def test_only_a_processed_payment_clears(phone: Telephone) -> None:
    """Right numbers between wrong ones clear nothing; a bill that is paid does, and the locks in a row with it."""
    wrong(phone, 6)
    phone.there.clock.advance(REST)
    wrong(again(phone), 5)
    reference = found(phone)
    assert (len(tally(phone).failed), tally(phone).lockouts) == (5, 1)
    assert isinstance(pay(phone, reference), Executed)
    assert (tally(phone).failed, tally(phone).lockouts) == ((), 0)
    assert isinstance(wrong(phone, 6)[-1], LockedOut)


@pytest.mark.requirement("LCK-06")
def test_a_payment_that_is_not_processed_clears_nothing(phone: Telephone) -> None:
    """Neither one that the host refuses nor one whose answer is not known; that clears once it is known."""
    wrong(phone, 5)
    first, second = found(phone), found(phone)
    books(phone.there).time_out("after")
    assert isinstance(pay(phone, first), AnswerAwaited)
    assert len(tally(phone).failed) == 5
    assert isinstance(pay(phone, second), RefusedByHost)
    assert len(tally(phone).failed) == 5
    settle(phone.there.net.platform)
    assert tally(phone).failed == ()


@pytest.mark.requirement("LCK-06")
def test_a_transfer_clears_no_wrong_number(phone: Telephone) -> None:
    """It is no payment."""
    wrong(phone, 3)
    executed(phone, authorised(phone))
    assert len(tally(phone).failed) == 3


@pytest.mark.requirement("LCK-05")
def test_every_address_is_told_of_the_lock_and_of_the_block(phone: Telephone) -> None:
    """Each once, in a letter of its own."""
    wrong(phone, 6)
    phone.there.clock.advance(REST)
    wrong(again(phone), 6)
    told = [one.code for one in letters(phone.there)]
    assert told.count(LetterCode.PAYMENTS_LOCKED_OUT) == told.count(LetterCode.PAYMENTS_BLOCKED) == 1
    assert LetterCode.LOCKED_OUT not in told
    assert kinds(entries_of(phone.there, phone.taro))[-1] == "Blocked"


# --- In flight --------------------------------------------------------------------------------------------------------


class Beside(MemoryCoreBanking):
    """A host beside whom something else happens while he looks for a bill; without *answers* he is silent then."""

    def __init__(self, phone: Telephone, meanwhile: Callable[[], object], *, answers: bool = True) -> None:
        """In front of the sound one."""
        self.__dict__.update(phone.there.core.__dict__)
        self.meanwhile, self.answers = meanwhile, answers

    def bill(self, institution: InstitutionId, numbers: BillNumbers) -> Bill | None:
        """Let the world go on."""
        self.meanwhile()
        if not self.answers:
            raise Unavailable
        return super().bill(institution, numbers)


def at(phone: Telephone, core: CoreBanking) -> PayBills:
    """Paying bills with another host."""
    return PayBills(evolve(phone.there.net.platform, core=core))


def find_at(phone: Telephone, core: CoreBanking, confirmation: Secret = TAX_NUMBERS.confirmation) -> object:
    """Enter the numbers of the tax."""
    return at(phone, core).find(
        phone.session, biller=TAX_NUMBERS.biller, customer=TAX_NUMBERS.customer, confirmation=confirmation
    )


@pytest.mark.requirement("LCK-05", "LCK-16")
def test_a_guess_is_counted_before_the_host_is_asked(phone: Telephone) -> None:
    """While he looks, the guess is in flight; beside six of them there is no seventh."""
    seen: list[int] = []
    find_at(phone, Beside(phone, lambda: seen.append(len(tally(phone).open))))
    assert seen == [1]
    for _ in range(6):
        held(phone.there, phone.taro, Counter.PAYMENT)
    assert find(phone) == TryAgain()


@pytest.mark.parametrize("confirmation", [TAX_NUMBERS.confirmation, WRONG_NUMBER])
def test_where_the_host_is_silent_nobody_has_guessed(phone: Telephone, confirmation: Secret) -> None:
    """Right or wrong, nobody has learned it: however often that happens, nothing is counted."""
    silent = Beside(phone, lambda: None, answers=False)
    for _ in range(20):
        with pytest.raises(Unavailable):
            find_at(phone, silent, confirmation)
    assert (tally(phone).failed, tally(phone).open, tally(phone).lockouts) == ((), (), 0)
    assert isinstance(find(phone), BillFound)


def test_a_silent_host_who_comes_too_late_has_cost_a_guess(phone: Telephone) -> None:
    """What nobody settled in time is wrong, as always."""
    patience = phone.there.profile.lockout(Counter.PAYMENT).patience
    slow = Beside(phone, lambda: phone.there.clock.advance(patience), answers=False)
    with pytest.raises(Unavailable):
        find_at(phone, slow)
    assert len(tally(phone).failed) == 1
    slow = Beside(phone, lambda: phone.there.clock.advance(patience))
    assert find_at(phone, slow) == Refused()
    assert len(tally(phone).failed) == 2


@pytest.mark.requirement("LCK-06")
def test_a_payment_clears_what_nobody_settled(phone: Telephone) -> None:
    """A guess whose process died is a wrong one when it is overdue, and the payment that comes then clears it too."""
    reference = found(phone)
    held(phone.there, phone.taro, Counter.PAYMENT)
    phone.there.clock.advance(phone.there.profile.lockout(Counter.PAYMENT).patience)
    assert isinstance(pay(phone, reference), Executed)
    assert (tally(phone).open, tally(phone).failed) == ((), ())


@pytest.mark.requirement("LCK-15")
def test_right_numbers_pass_no_door_that_closed_meanwhile(phone: Telephone) -> None:
    """Suspended, or out, while the host looked: nothing is found, and the guess counts for nothing."""
    suspending = Beside(phone, lambda: suspend(phone.there, phone.taro))
    assert find_at(phone, suspending) == Suspended()
    assert (tally(phone).failed, tally(phone).open) == ((), ())
    rewrite(phone.there, phone.taro, lambda contract: evolve(contract, suspended_since=None))
    leaving = Beside(phone, lambda: phone.there.net.log_out(phone.session))
    assert find_at(phone, leaving) == SessionEnded()
    assert (tally(phone).failed, tally(phone).open) == ((), ())


def test_right_numbers_stand_in_the_chain(phone: Telephone) -> None:
    """Each time, by the number of the guess, whether or not anything came of it: found, no token, out meanwhile."""
    find(phone)
    wrong(phone)
    assert find(phone, NUMBERS) == TokenNeeded()
    assert find_at(phone, Beside(phone, lambda: phone.there.net.log_out(phone.session))) == SessionEnded()
    right = [one for one in entries_of(phone.there, phone.taro) if one.kind == "BillFound"]
    assert [one.data["ticket"] for one in right] == [1, 3, 4]
    assert {one.at for one in right} == {phone.there.clock.now()}


def test_who_is_locked_while_the_host_looks_learns_nothing(phone: Telephone) -> None:
    """Six wrong ones beside a right one: it tells nobody that it was right."""

    def lock() -> None:
        wrong(phone, 5)
        phone.there.clock.advance(MINUTE)

    assert isinstance(find_at(phone, Beside(phone, lock)), LockedOut)


def test_without_a_token_right_numbers_still_clear_nothing(phone: Telephone) -> None:
    """That the bill cannot be paid is told, and what was counted is as it was."""
    wrong(phone, 2)
    assert find(phone, NUMBERS) == TokenNeeded()
    assert len(tally(phone).failed) == 2
    assert kinds(entries_of(phone.there, phone.taro))[-1] == "BillFound"


def test_a_bill_is_not_approved_in_the_app(phone: Telephone) -> None:
    """It is no transfer: it waits for a code, and the app does not show it."""
    phone.confirm_method()
    reference = found(phone, NUMBERS)
    assert phone.there.net.approve.decline(phone.app, reference) == NotAuthorised()
    assert phone.there.net.approve.pending(phone.app) == Pending(())
