"""Contracts and accounts through the days, in any order of acts and nights, beside a model that is a few lines long."""

from datetime import timedelta

from attrs import define, evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from janetbank.flows.accounts import AdditionAccepted, CannotChangeAccounts, DeletionAccepted
from janetbank.flows.enrol import Enrolled, NotAccepted
from janetbank.flows.leave import CannotLeave, LeavingAccepted
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import Leaving, Refused, Rejected
from janetbank.policies.accounts import AccountState
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.enrolment import Step
from janetbank.testing.bank import bank
from janetbank.values.account import Account
from janetbank.values.secret import Secret
from tests.flows.application import apply
from tests.flows.nights import CURRENT, FRIDAY, SAVINGS, Nights, charging, morning, with_account
from tests.flows.scene import contract_of, entries_of, read, with_password
from tests.flows.test_accounts import typed
from tests.flows.test_batch import charges

ACCOUNTS = [SAVINGS, CURRENT]
PENDING = {AccountState.ADD_PENDING: AccountState.ACTIVE, AccountState.DELETE_PENDING: AccountState.REMOVED}


@define
class Model:
    """What should be: the contract's state, its accounts' states, and what waits for the next night."""

    status: ContractStatus = ContractStatus.APPLIED
    accounts: dict[Account, AccountState] | None = None

    def night(self) -> None:
        """All that waits comes about."""
        known = self.accounts or {}
        moved = {account: PENDING.get(state, state) for account, state in known.items()}
        self.accounts = {account: state for account, state in moved.items() if state is not AccountState.REMOVED}
        if self.status is ContractStatus.APPLIED:
            self.status = ContractStatus.ACTIVE
        elif self.status is ContractStatus.LEAVING:
            self.status, self.accounts = ContractStatus.CANCELLED, {}


class Days(RuleBasedStateMachine):
    """One customer, who comes back after he has left, and the days."""

    def __init__(self) -> None:
        super().__init__()
        self.there = bank(charging())
        self.taro = self.there.customer()
        for account in ACCOUNTS:
            with_account(self.there, self.taro, account)
        self.nights = Nights(self.there, size=1)
        self.day, self.model = FRIDAY, Model(accounts={})
        self.ends = 0
        self.lives = [self.taro]

    @property
    def known(self) -> dict[Account, AccountState]:
        """The accounts of the model."""
        return self.model.accounts or {}

    def session(self) -> Secret:
        """A session of his."""
        told = with_password(self.there, self.taro)
        assert isinstance(told, LoggedIn), told
        return told.session

    @rule(skipped=st.integers(0, 3))
    def days_pass(self, skipped: int) -> None:
        """The next operating day comes; of some days before it the night was left out."""
        month = (self.day.year, self.day.month)
        alive = self.model.status is not ContractStatus.CANCELLED
        leaving = self.model.status is ContractStatus.LEAVING
        first = self.there.profile.calendar.next_operating_day(self.day)
        for _ in range(skipped + 1):
            self.day = self.there.profile.calendar.next_operating_day(self.day)
        months = (self.day.year - month[0]) * 12 + self.day.month - month[1]
        # Who leaves on the first day of the next month, or later, has seen the last day of this one.
        if alive and months and (not leaving or (first.year, first.month) != month):
            self.ends += 1 if leaving else months
        self.nights.come(self.day)
        self.model.night()

    @rule(hours=st.integers(1, 8))
    def hours_pass(self, hours: int) -> None:
        """Time alone reflects nothing."""
        if self.there.clock.now() + timedelta(hours=hours) < morning(self.day) + timedelta(hours=10):
            self.there.clock.advance(timedelta(hours=hours))

    @precondition(lambda self: self.model.status is not ContractStatus.CANCELLED)
    @rule(account=st.sampled_from(ACCOUNTS))
    def add(self, account: Account) -> None:
        """He adds an account."""
        told = self.there.net.accounts.add(self.session(), **typed(account))
        if self.model.status is ContractStatus.LEAVING:
            assert told == Leaving()
        elif account in self.known:
            assert isinstance(told, Rejected)
        else:
            assert isinstance(told, AdditionAccepted)
            self.model.accounts = {**self.known, account: AccountState.ADD_PENDING}

    @precondition(lambda self: self.model.status is not ContractStatus.CANCELLED)
    @rule(account=st.sampled_from(ACCOUNTS))
    def delete(self, account: Account) -> None:
        """He deletes one."""
        told = self.there.net.accounts.delete(self.session(), **typed(account))
        if self.model.status is ContractStatus.LEAVING:
            assert told == Leaving()
        elif self.known.get(account) is AccountState.ACTIVE:
            assert isinstance(told, DeletionAccepted)
            self.model.accounts = {**self.known, account: AccountState.DELETE_PENDING}
        else:
            assert isinstance(told, CannotChangeAccounts)

    @precondition(lambda self: self.model.status is not ContractStatus.CANCELLED)
    @rule()
    def leave(self) -> None:
        """He cancels."""
        told = self.there.net.leave(self.session())
        kept = set(self.known.values()) - {AccountState.DELETE_PENDING}
        if self.model.status is ContractStatus.LEAVING:
            assert told == Leaving()
        elif self.model.status is ContractStatus.ACTIVE and not kept:
            assert isinstance(told, LeavingAccepted)
            self.model.status = ContractStatus.LEAVING
        else:
            assert isinstance(told, CannotLeave)

    @rule()
    def apply_again(self) -> None:
        """He applies anew, with the same representative account and the same login id."""
        if self.model.status is not ContractStatus.CANCELLED:
            application = apply(self.there, Step.HOLDER, person=self.taro.person, login_id=self.taro.login_id)
            assert application.prove() == NotAccepted()
            return
        application = apply(self.there, Step.REVIEW, person=self.taro.person, login_id=self.taro.login_id)
        told = application.confirm()
        assert isinstance(told, Enrolled), told
        self.taro = evolve(self.taro, contract=told.contract, password=Secret(application.password))
        self.lives.append(self.taro)
        self.model = Model(accounts={})

    @invariant()
    def it_stands_as_it_should(self) -> None:
        """Contract and accounts are in the states of the model, and nobody logs in who has left."""
        contract = contract_of(self.there, self.taro)
        assert contract.status is self.model.status
        assert {one.account: one.state for one in contract.accounts} == self.known
        if self.model.status is ContractStatus.CANCELLED:
            assert with_password(self.there, self.taro) == Refused()

    @invariant()
    def months_cost_what_they_should(self) -> None:
        """Over all his contracts: one fee for each end of a month that one of them has seen."""
        paid = [charge for life in self.lives for charge in charges(self.there, life)]
        assert len(paid) == self.ends
        assert len({(charge.contract, charge.month) for charge in paid}) == len(paid)

    @invariant()
    def nothing_is_due_that_is_past(self) -> None:
        """After a night nothing waits but what was accepted since."""
        assert read(self.there.storage, lambda tx: tx.contracts.count_due(self.day)) == 0

    @invariant()
    def every_change_is_said_once(self) -> None:
        """A contract is reflected at most twice in its life: into being, and out of it."""
        for life in self.lives:
            said = [entry.data["status"] for entry in entries_of(self.there, life) if entry.kind == "ContractReflected"]
            assert said in ([], ["active"], ["active", "cancelled"])


TestDays = Days.TestCase
TestDays.settings = settings(max_examples=40, stateful_step_count=30)
