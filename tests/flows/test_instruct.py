"""Instructing: what kind a transfer is nobody takes the customer's word for, and what is asked twice is one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unicodedata import normalize

import pytest
from attrs import evolve

from janetbank.flows.hand_over import RefusedByHost, Reserved
from janetbank.flows.instruct import ApprovalAwaited, CodeNeeded, Instruct, InstructionStanding, Order
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Rejected, SessionEnded
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.policies.instruction import InstructionState
from janetbank.ports.core_banking import Payee
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import PAYEE, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.host_answer import HostReason
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import InstructionKind
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from tests.flows.money_scene import authorised, books, executed, stored
from tests.flows.scene import HANAKO, interrupted, rewrite
from tests.flows.token_scene import LATER_DAY, Telephone, order

REGISTERED, OWN, AD_HOC = (
    InstructionKind.REGISTERED_PAYEE_TRANSFER,
    InstructionKind.OWN_TRANSFER,
    InstructionKind.AD_HOC_TRANSFER,
)
KEY = "the bank's app, request 17"


@pytest.fixture
def there() -> TestBank:
    """A bank."""
    return bank()


@pytest.fixture
def phone(there: TestBank) -> Telephone:
    """Taro, logged in, without a token."""
    return Telephone.of(there, there.customer())


def request(phone: Telephone, wanted: Order, key: str | None = None) -> object:
    """Request it."""
    return phone.there.net.instruct.request(phone.session, wanted, key=key)


def why(told: object) -> tuple[str, str]:
    """The one reason, and at which field of the form it points."""
    assert isinstance(told, Rejected), told
    (violation,) = told.violations
    return violation.code, violation.field


# --- Registered payees ------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TRF-02", "TXA-02")
@pytest.mark.parametrize(
    "change",
    [
        {"payee": Account.parse("123", "ordinary", "7654322")},
        {"payee": Account.parse("123", "savings", "7654321")},
        {"payee_bank": InstitutionId("0005")},
        {"payee_name": "ヤマダ　タロウ"},
    ],
    ids=["account", "type", "bank", "name"],
)
def test_a_registered_payee_is_whom_the_counter_registered(phone: Telephone, change: dict[str, object]) -> None:
    """Nobody else is paid without a proof by calling him registered, whatever of him is another's."""
    wanted = evolve(order(REGISTERED), **change)  # type: ignore[arg-type]  # on purpose
    for key in (None, KEY):
        assert why(request(phone, wanted, key)) == ("transfer.payee_not_registered", "payee")
    assert isinstance(request(phone, order(REGISTERED)), Authorised)


@pytest.mark.requirement("TRF-02")
def test_a_registered_payee_is_known_however_his_name_was_typed(phone: Telephone) -> None:
    """A kana with its voicing mark apart is the same kana, for him as for anybody."""
    apart = normalize("NFD", PAYEE.name)
    assert apart != PAYEE.name
    assert isinstance(request(phone, evolve(order(REGISTERED), payee_name=apart)), Authorised)


@pytest.mark.requirement("TRF-02")
def test_a_key_that_is_forgotten_meanwhile_makes_nobody_registered(there: TestBank, phone: Telephone) -> None:
    """Who asks under a used key is told of what stands under it, and nothing is decided without asking the host."""
    wanted = evolve(order(REGISTERED), payee=Account.parse("123", "ordinary", "7654322"))
    request(phone, order(REGISTERED), KEY)

    def forget() -> None:
        with there.storage.transaction() as tx:
            assert tx.instructions.sweep(there.clock.now() + timedelta(days=1), executed=False) == 1

    told = Instruct(interrupted(there, 1, forget)).request(phone.session, wanted, key=KEY)
    assert why(told) == ("instruction.key_reused", "key")


@pytest.mark.requirement("TRF-02")
def test_nobody_registers_a_payee_online(there: TestBank, phone: Telephone) -> None:
    """No operation of the bank changes them: they are the host's, and what the counter takes out is out at once."""
    assert not [name for name in there.net.operations() if "payee" in name]
    reference = authorised(phone)
    books(there).register(phone.taro.institution, phone.taro.person.account)
    assert why(request(phone, order(REGISTERED))) == ("transfer.payee_not_registered", "payee")
    assert there.net.instruct.execute(phone.session, reference) == RefusedByHost(reference, HostReason.PAYEE)
    assert books(there).done == []


@pytest.mark.requirement("TRF-02")
def test_payees_are_registered_for_one_account(phone: Telephone) -> None:
    """What is registered for the one account is not for the other."""
    told = request(phone, evolve(order(REGISTERED), source=phone.taro.person.savings))
    assert why(told) == ("transfer.payee_not_registered", "payee")


def test_amending_makes_nobody_registered(phone: Telephone) -> None:
    """An authorised transfer to a registered payee does not become one to somebody else."""
    reference = authorised(phone)
    other = evolve(order(REGISTERED), payee=Account.parse("123", "ordinary", "7654322"))
    assert why(phone.there.net.instruct.amend(phone.session, reference, other)) == (
        "transfer.payee_not_registered",
        "payee",
    )
    assert stored(phone.there, reference).state is InstructionState.AUTHORISED


def test_the_host_is_asked_of_nobody_who_is_out(there: TestBank, phone: Telephone) -> None:
    """Without a session, or from an account that is not his, nobody learns who is registered."""
    there.core.reachable = False
    assert there.net.instruct.request(Secret("nobody's"), order(REGISTERED)) == SessionEnded()
    stranger = evolve(order(REGISTERED), source=HANAKO.account)
    assert why(request(phone, stranger)) == ("account.not_usable", "source")
    with pytest.raises(Unavailable):
        request(phone, order(REGISTERED))


# --- Own accounts -----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ACC-05")
def test_an_own_account_is_one_of_the_contract(there: TestBank, phone: Telephone) -> None:
    """Not a neighbour's at the same institution, nor one's own elsewhere, nor the source itself, nor one to come."""
    there.open_account(HANAKO)
    pending = LinkedAccount(Account.parse("001", "ordinary", "777"), AccountState.ADD_PENDING, LATER_DAY)
    leaving = LinkedAccount(Account.parse("001", "ordinary", "778"), AccountState.DELETE_PENDING, LATER_DAY)
    rewrite(there, phone.taro, lambda one: evolve(one, accounts=(*one.accounts, pending, leaving)))
    for change in (
        {"payee": HANAKO.account},
        {"payee": phone.taro.person.account},
        {"payee": pending.account},
        {"payee": leaving.account},
        {"payee_bank": PAYEE.bank},
    ):
        assert why(request(phone, evolve(order(OWN), **change))) == ("transfer.payee_not_own", "payee")
    assert isinstance(request(phone, order(OWN)), Authorised)
    there.clock.advance(timedelta(days=4))
    phone.session = there.log_in(phone.taro)
    reflected = evolve(order(OWN, day=LATER_DAY), payee=pending.account)
    assert isinstance(request(phone, reflected), Authorised)


@pytest.mark.requirement("ACC-05", "ACC-09")
def test_a_transfer_leaves_from_an_account_of_the_contract(there: TestBank, phone: Telephone) -> None:
    """The representative one where none is named; no stranger's, and none that is not yet, or no more, usable."""
    account, savings = phone.taro.person.account, phone.taro.person.savings
    assert source(phone, request(phone, order(REGISTERED))) == account
    books(there).register(phone.taro.institution, savings, PAYEE)
    assert source(phone, request(phone, evolve(order(REGISTERED), source=savings))) == savings
    assert why(request(phone, evolve(order(OWN), source=HANAKO.account))) == ("account.not_usable", "source")
    rewrite(there, phone.taro, lambda one: evolve(one, accounts=tuple(it.deleted(LATER_DAY) for it in one.accounts)))
    assert why(request(phone, evolve(order(REGISTERED), source=savings))) == ("account.not_usable", "source")


def source(phone: Telephone, told: object) -> Account:
    """From which account it is."""
    assert isinstance(told, Authorised)
    return stored(phone.there, told.reference).content.source


def test_a_bill_is_no_order() -> None:
    """Whoever writes a program that orders one is told."""
    with pytest.raises(ValueError, match="no transfer"):
        order(InstructionKind.PAYEASY_PUBLIC)


# --- Asking twice -----------------------------------------------------------------------------------------------------


def test_the_same_request_twice_is_one_transfer(phone: Telephone) -> None:
    """Under one key: one reference, one transfer, one execution, and each time how it stands."""
    first = request(phone, order(REGISTERED), KEY)
    assert isinstance(first, Authorised)
    assert request(phone, order(REGISTERED), KEY) == first
    executed(phone, first.reference)
    done = InstructionStanding(first.reference, InstructionState.EXECUTED)
    assert request(phone, order(REGISTERED), KEY) == done
    assert len(books(phone.there).done) == 1
    assert books(phone.there).done[0].reference == first.reference


def test_how_it_stands_is_told_whatever_the_proof(phone: Telephone) -> None:
    """While a code is awaited, while an approval is, after it was given, after it expired."""
    there = phone.there
    phone.start()
    first = request(phone, order(AD_HOC), "code")
    assert isinstance(first, CodeNeeded)
    assert request(phone, order(AD_HOC), "code") == first
    there.net.instruct.enter_code(phone.session, first.reference, phone.code())
    assert request(phone, order(AD_HOC), "code") == Authorised(first.reference)


def test_an_approval_is_asked_for_once(phone: Telephone) -> None:
    """The second request puts its time off by nothing; when that is over, that is told."""
    there = phone.there
    phone.confirm_method()
    first = request(phone, order(AD_HOC), KEY)
    assert isinstance(first, ApprovalAwaited)
    there.clock.advance(timedelta(minutes=1))
    assert request(phone, order(AD_HOC), KEY) == first
    there.clock.set(first.until + timedelta.resolution)
    phone.session = there.log_in(phone.taro)
    expired = InstructionStanding(first.reference, InstructionState.REFUSED)
    assert request(phone, order(AD_HOC), KEY) == expired


@pytest.mark.parametrize("change", ["amount", "payee_name", "date", "kind"])
def test_another_order_under_the_same_key_is_refused(phone: Telephone, change: str) -> None:
    """One key is one order; the first one stays as it is."""
    wanted = order(REGISTERED)
    books(phone.there).register(
        phone.taro.institution, phone.taro.person.account, PAYEE, Payee(PAYEE.bank, PAYEE.account, "ヤマダ")
    )
    other = {
        "amount": evolve(wanted, amount=Yen(50_001)),
        "payee_name": evolve(wanted, payee_name="ヤマダ"),
        "date": evolve(wanted, date=LATER_DAY),
        "kind": order(OWN),
    }[change]
    first = request(phone, wanted, KEY)
    assert isinstance(first, Authorised)
    assert why(request(phone, other, KEY)) == ("instruction.key_reused", "key")
    assert request(phone, wanted, KEY) == first


def test_an_order_that_can_be_none_is_told_so_under_any_key(phone: Telephone) -> None:
    """Whether or not something was requested under it before."""
    nothing = evolve(order(OWN), amount=Yen(0))
    assert why(request(phone, nothing, KEY)) == ("transfer.amount", "")
    assert isinstance(request(phone, order(OWN), KEY), Authorised)
    assert why(request(phone, nothing, KEY)) == ("transfer.amount", "")


def test_a_key_is_the_customers_own(there: TestBank, phone: Telephone) -> None:
    """The same key of another customer is another transfer, and without keys equal orders are two."""
    person = Person(account=Account.parse("205", "ordinary", "7654321"), phones=("080-5555-0000",))
    other = Telephone.of(there, there.customer("wind77qp", "v4se#lamp", person=person))
    told = {request(one, order(REGISTERED), KEY) for one in (phone, other)}
    told |= {request(phone, order(REGISTERED)) for _ in range(2)}
    told |= {request(phone, order(REGISTERED), key) for key in ("", f"{KEY} ", KEY.upper())}
    assert len({one.reference for one in told if isinstance(one, Authorised)}) == 7


def test_many_who_ask_at_once_under_one_key_are_one(phone: Telephone) -> None:
    """Of a crowd one makes it, and all are told the same."""
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(request, phone, order(REGISTERED), KEY) for _ in range(8)]
        told = [one.result() for one in asked]
    assert len(set(told)) == 1
    assert isinstance(told[0], Authorised)


def test_asking_twice_for_what_is_reserved(phone: Telephone) -> None:
    """It stands as reserved, also when its day is over and no new order could be of it."""
    there, wanted = phone.there, order(REGISTERED, day=LATER_DAY)
    first = request(phone, wanted, KEY)
    assert isinstance(first, Authorised)
    assert isinstance(there.net.instruct.execute(phone.session, first.reference), Reserved)
    there.clock.advance(timedelta(days=9))
    phone.session = there.log_in(phone.taro)
    assert request(phone, wanted, KEY) == InstructionStanding(first.reference, InstructionState.RESERVED)


def test_how_it_stands_is_told_though_it_could_not_be_requested_any_more(phone: Telephone) -> None:
    """Its payee is no longer registered, the host is away, its accounts were deleted: it was done, and that is told."""
    there, savings = phone.there, phone.taro.person.savings
    books(there).deposit(phone.taro.institution, savings, Yen(50_000))
    from_savings = evolve(order(AD_HOC), kind=REGISTERED, source=savings)
    books(there).register(phone.taro.institution, savings, PAYEE)
    orders = {"registered": order(REGISTERED), "own": order(OWN), "from savings": from_savings}
    told = {}
    for key, wanted in orders.items():
        first = request(phone, wanted, key)
        assert isinstance(first, Authorised)
        executed(phone, first.reference)
        told[key] = InstructionStanding(first.reference, InstructionState.EXECUTED)
    rewrite(there, phone.taro, lambda contract: evolve(contract, accounts=()))
    books(there).register(phone.taro.institution, phone.taro.person.account)
    assert why(request(phone, order(REGISTERED))) == ("transfer.payee_not_registered", "payee")
    there.core.reachable = False
    assert {key: request(phone, wanted, key) for key, wanted in orders.items()} == told
    assert why(request(phone, evolve(from_savings, source=None), "from savings")) == ("instruction.key_reused", "key")


def test_a_key_makes_a_reference_that_says_nothing(phone: Telephone) -> None:
    """The reference, which the host hears, holds no part of the key."""
    told = request(phone, order(OWN), KEY)
    assert isinstance(told, Authorised)
    assert len(told.reference) == 64
    assert set(told.reference) <= set("0123456789abcdef")


# --- Amending ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [False, True])
def test_what_the_host_may_have_is_not_amended(phone: Telephone, *, lost: bool) -> None:
    """Handed over, reserved or refused by him, its text stays: the key is his."""
    reference = authorised(phone, day=LATER_DAY)
    if lost:
        books(phone.there).time_out("late")
    phone.there.net.instruct.execute(phone.session, reference)
    before = stored(phone.there, reference)
    assert before.state is (InstructionState.HANDED_OVER if lost else InstructionState.RESERVED)
    Instruct(phone.there.net.platform).amend(phone.session, reference, order(REGISTERED, 1))
    assert stored(phone.there, reference) == before
