"""Money scene: what the tests of transfers, payments and limits look at behind the counter, and at the host."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

from attrs import define

from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import CodeNeeded
from janetbank.flows.pay_bills import BillFound
from janetbank.flows.prove import Authorised
from janetbank.flows.set_limits import LimitsSet
from janetbank.model.instruction import Instruction
from janetbank.ports.storage import Storage, Transaction
from janetbank.testing.bank import INSTITUTION, Enrollee, TestBank
from janetbank.values.account import Account
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.instruction import InstructionKind
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank_adapters.core_banking.books import Books
from tests.flows.token_scene import Telephone, order

NUMBERS = BillNumbers("00100", "12345678901", Secret("246810"))
BILL = Bill(id="electricity-11", biller="00100", name="アオゾラデンリヨク", public=False, amount=Yen(8_640))
TAX_NUMBERS = BillNumbers("20160", "20261100077", Secret("13579"))
TAX = Bill(id="tax-7", biller="20160", name="ナガノケン", public=True, amount=Yen(39_500))
WRONG_NUMBER = Secret("999999")


def books(there: TestBank) -> Books:
    """The host's."""
    return there.core.books


def balance(there: TestBank, who: Enrollee, account: Account | None = None) -> int:
    """What is on an account of *who*, in yen."""
    amount = there.core.balance(who.institution, account or who.person.account)
    assert amount is not None
    return amount.amount


def stored(there: TestBank, reference: str) -> Instruction:
    """The instruction as it is stored."""
    with there.storage.transaction() as tx:
        instruction = tx.instructions.by_reference(reference)
    assert instruction is not None
    return instruction


def authorised(phone: Telephone, yen: int = 50_000, **more: object) -> str:
    """A transfer to the registered payee, which needs no proof: its reference."""
    told = phone.there.net.instruct.request(
        phone.session,
        order(InstructionKind.REGISTERED_PAYEE_TRANSFER, yen, **more),  # type: ignore[arg-type]  # its own keywords
    )
    assert isinstance(told, Authorised), told
    return told.reference


def proved(phone: Telephone, yen: int = 50_000) -> str:
    """An ad hoc transfer, proved by a code: its reference."""
    told = phone.there.net.instruct.request(phone.session, order(yen=yen))
    assert isinstance(told, CodeNeeded), told
    assert phone.there.net.instruct.enter_code(phone.session, told.reference, phone.code()) == Authorised(
        told.reference
    )
    return told.reference


def executed(phone: Telephone, reference: str) -> None:
    """Have the host do it."""
    told = phone.there.net.instruct.execute(phone.session, reference)
    assert isinstance(told, Executed), told


def send_bills(there: TestBank) -> None:
    """Let both billers send their bills."""
    books(there).send_bill(INSTITUTION.id, NUMBERS, BILL)
    books(there).send_bill(INSTITUTION.id, TAX_NUMBERS, TAX)


def find(
    phone: Telephone,
    numbers: BillNumbers = TAX_NUMBERS,
    confirmation: Secret | None = None,
    *,
    source: Account | None = None,
) -> object:
    """Enter the numbers of a bill, with another confirmation number or an account to pay from where one is given."""
    return phone.there.net.pay_bills.find(
        phone.session,
        biller=numbers.biller,
        customer=numbers.customer,
        confirmation=confirmation or numbers.confirmation,
        source=source,
    )


def found(phone: Telephone, numbers: BillNumbers = TAX_NUMBERS) -> str:
    """Find a bill: its reference."""
    told = find(phone, numbers)
    assert isinstance(told, BillFound), told
    return told.reference


def set_limits(phone: Telephone, limits: Mapping[Account, str]) -> None:
    """Set limits that can be set."""
    told = phone.there.net.limits.set(phone.session, limits)
    assert told == LimitsSet(), told


@define
class Torn:
    """A store in whose first transaction something else happens, after all was read and before anything is kept."""

    storage: Storage
    meanwhile: Callable[[], object] | None

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        """Open one, and let the world go on before its end."""
        with self.storage.transaction(durable=durable, contended=contended) as tx:
            yield tx
            act, self.meanwhile = self.meanwhile, None
            if act is not None:
                act()
