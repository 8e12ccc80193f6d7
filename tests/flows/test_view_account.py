"""Viewing accounts: one's own, as the host says, and nobody else's."""

from datetime import timedelta

import pytest
from attrs import evolve

from janetbank.flows.refusals import Rejected
from janetbank.flows.view_account import Balance, Statement, ViewAccount
from janetbank.policies.accounts import AccountState, LinkedAccount
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import TestBank, bank
from janetbank.values.account import Account
from janetbank.values.money import Yen
from tests.flows.money_scene import authorised, executed
from tests.flows.scene import HANAKO, rewrite
from tests.flows.token_scene import LATER_DAY, Telephone, order

TODAY = order().date


@pytest.fixture
def there() -> TestBank:
    """A bank."""
    return bank()


@pytest.fixture
def phone(there: TestBank) -> Telephone:
    """Taro, logged in."""
    return Telephone.of(there, there.customer())


@pytest.mark.requirement("TRF-06")
def test_what_is_on_an_account_and_what_happened_on_it(phone: Telephone) -> None:
    """Each of his accounts shows its balance, and what happened on the days that were asked for."""
    view, account, savings = phone.there.net.view_account, phone.taro.person.account, phone.taro.person.savings
    assert view.balance(phone.session, account) == Balance(account, Yen(10_000_000))
    assert view.balance(phone.session, savings) == Balance(savings, Yen(0))
    executed(phone, authorised(phone))
    assert view.balance(phone.session, account) == Balance(account, Yen(9_950_000))
    told = view.statement(phone.session, account, TODAY, TODAY)
    assert isinstance(told, Statement)
    assert [(one.paid_out, one.balance, one.note) for one in told.lines] == [
        (Yen(50_000), Yen(9_950_000), "ヤマダ　ハナコ")
    ]
    yesterday = TODAY - timedelta(days=1)
    assert view.statement(phone.session, account, yesterday, yesterday) == Statement(account, ())
    assert view.statement(phone.session, savings, TODAY, LATER_DAY) == Statement(savings, ())


def test_days_the_wrong_way_round(phone: Telephone) -> None:
    """A statement ends on the day on which it begins, or later."""
    told = phone.there.net.view_account.statement(phone.session, phone.taro.person.account, LATER_DAY, TODAY)
    assert isinstance(told, Rejected)
    assert [(one.code, one.field) for one in told.violations] == [("statement.days", "last")]


def test_nobody_elses_account_is_shown(phone: Telephone) -> None:
    """A number alone opens nothing: another customer's, one that there is not, and one that is not linked yet."""
    there = phone.there
    there.open_account(HANAKO)
    pending = Account.parse("001", "ordinary", "777")
    there.open_account(evolve(phone.taro.person, account=pending))
    linked = LinkedAccount(pending, AccountState.ADD_PENDING, LATER_DAY)
    rewrite(there, phone.taro, lambda contract: evolve(contract, accounts=(*contract.accounts, linked)))
    for account in (HANAKO.account, Account.parse("009", "ordinary", "1"), pending):
        for told in (
            there.net.view_account.balance(phone.session, account),
            there.net.view_account.statement(phone.session, account, TODAY, TODAY),
        ):
            assert isinstance(told, Rejected)
            assert [one.code for one in told.violations] == ["account.not_usable"]


def test_what_the_host_does_not_know_is_not_shown(phone: Telephone) -> None:
    """An account that the contract uses and the host has no more."""
    there, gone = phone.there, Account.parse("001", "ordinary", "888")
    there.core.renumber(phone.taro.institution, phone.taro.person.account, gone)
    for told in (
        there.net.view_account.balance(phone.session, phone.taro.person.account),
        there.net.view_account.statement(phone.session, phone.taro.person.account, TODAY, TODAY),
    ):
        assert isinstance(told, Rejected)


def test_a_host_that_does_not_answer_shows_nothing(phone: Telephone) -> None:
    """That is the port's failure, and no outcome."""
    phone.there.core.reachable = False
    with pytest.raises(Unavailable):
        ViewAccount(phone.there.net.platform).balance(phone.session, phone.taro.person.account)
