"""Renumbering: a merger leaves no customer behind whose account has another number since."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from attrs import evolve

from janetbank.flows.audit import Intact, verify
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.recover import AccountRenumbered, FormRefused, Next
from janetbank.flows.refusals import Rejected
from janetbank.flows.renumber import Renumbered, renumber
from janetbank.flows.view_account import Balance
from janetbank.model.allowance import Allowance
from janetbank.policies.limits import Usage
from janetbank.policies.recovery import Step
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import HOME, NEIGHBOUR, Enrollee, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.identifiers import InstitutionId
from janetbank.values.money import Yen
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from tests.flows.nights import TUESDAY
from tests.flows.recovery_scene import NEW, ORDER, reset
from tests.flows.scene import contract_of, entries_of, kinds, read

PRESENT, SAVED = Account.parse("088", "ordinary", "7654321"), Account.parse("088", "ordinary", "7654322")
AS_WRITTEN = {"branch": "088", "number": "7654321"}


@pytest.fixture(params=["memory", "sqlite"])
def there(request: pytest.FixtureRequest, sqlite_store: str) -> Iterator[TestBank]:
    """A bank on each kind of store."""
    with nullcontext(MemoryStorage()) if request.param == "memory" else connect(sqlite_store) as storage:
        yield bank(storage=storage)


def with_account(there: TestBank, taro: Enrollee) -> object:
    """Log in by the account, as it is numbered since the merger."""
    return there.net.log_in.with_account(taro.institution, "088", "ordinary", "7654321", taro.password, seen_from=HOME)


@pytest.mark.requirement("PWR-09", "RBR-05", "LGN-03")
def test_after_a_merger_the_present_number_is_the_contracts(there: TestBank) -> None:
    """Until then he is recognised by neither number; from then on by the present one, and the former one says so."""
    taro, net = there.customer(), there.net
    savings = there.link_savings(taro)
    for former, present in ((taro.person.account, PRESENT), (savings, SAVED)):
        there.core.renumber(taro.institution, former, present)
    one, session = reset(there, taro, "password"), there.log_in(taro)
    assert one.fill() == one.fill(**AS_WRITTEN) == FormRefused()
    assert isinstance(net.view_account.balance(session, taro.person.account), Rejected)
    assert renumber(net.platform, taro.institution) == Renumbered(asked=1, moved=1, taken=0)
    assert isinstance(net.view_account.balance(session, PRESENT), Balance)
    assert isinstance(net.view_account.balance(session, SAVED), Balance)
    assert one.fill() == AccountRenumbered()
    assert one.fill(**AS_WRITTEN) == Next(Step.PHONE)
    one.do_all(ORDER[1:])
    assert isinstance(with_account(there, evolve(taro, password=NEW)), LoggedIn)
    said = [entry.data for entry in entries_of(there, taro) if entry.kind == "AccountRenumbered"]
    assert said == [
        {"former": str(taro.person.account), "present": str(PRESENT)},
        {"former": str(savings), "present": str(SAVED)},
    ]
    assert renumber(net.platform, taro.institution) == Renumbered(asked=1, moved=0, taken=0)
    assert isinstance(verify(net.platform), Intact)


@pytest.mark.requirement("PWR-09", "TRF-03")
def test_an_account_keeps_its_limit_and_what_was_transferred(there: TestBank) -> None:
    """A merger gives nobody a second day's limit."""
    taro = there.customer()
    had = Allowance(
        institution=taro.institution,
        contract=taro.contract,
        account=taro.person.account,
        limit=DailyLimit(7),
        usage=Usage(((TUESDAY, Yen(60_000)),)),
    )
    with there.storage.transaction() as tx:
        tx.allowances.add(had)
    there.core.renumber(taro.institution, taro.person.account, PRESENT)
    renumber(there.net.platform, taro.institution)
    has = read(there.storage, lambda tx: tx.allowances.of(taro.institution, taro.contract, PRESENT))
    assert has is not None
    assert (has.limit, has.usage) == (had.limit, had.usage)


def test_a_number_that_is_in_use_is_left_alone(there: TestBank) -> None:
    """By another contract, or by this one: nothing is changed, and somebody is told to look at it."""
    taro, net = there.customer(), there.net
    hanako = there.customer(login_id="umi52nd", person=Person(account=PRESENT))
    for present in (PRESENT, there.link_savings(taro)):
        before = contract_of(there, taro)
        there.core._formers = {(taro.institution, taro.person.account): present}
        assert renumber(net.platform, taro.institution, page=1) == Renumbered(asked=2, moved=0, taken=1)
        assert contract_of(there, taro) == before
    assert contract_of(there, hanako).account == PRESENT


def test_one_institution_is_asked_about_its_own() -> None:
    """Whoever merges is asked; the others' hosts hear nothing of it."""
    there = bank()
    taro = there.customer()
    there.core.renumber(taro.institution, taro.person.account, PRESENT)
    assert renumber(there.net.platform, NEIGHBOUR.id) == Renumbered(asked=0, moved=0, taken=0)
    there.core.reachable = False
    with pytest.raises(Unavailable):
        renumber(there.net.platform, taro.institution)
    assert contract_of(there, taro).account == taro.person.account


class Meanwhile(MemoryCoreBanking):
    """The host of a bank, while it is asked of which another one does the same."""

    def __init__(self, there: TestBank) -> None:
        """Which bank."""
        super().__init__(there.clock)
        self.there = there

    def renumbered(self, institution: InstitutionId, former: Account) -> Account | None:
        """What that host says."""
        renumber(self.there.net.platform, institution)
        return self.there.core.renumbered(institution, former)


def test_two_at_once_do_it_once(there: TestBank) -> None:
    """Whoever comes second finds it done."""
    taro = there.customer()
    there.core.renumber(taro.institution, taro.person.account, PRESENT)
    platform = evolve(there.net.platform, core=Meanwhile(there))
    assert renumber(platform, taro.institution) == Renumbered(asked=1, moved=0, taken=0)
    assert kinds(entries_of(there, taro)).count("AccountRenumbered") == 1
