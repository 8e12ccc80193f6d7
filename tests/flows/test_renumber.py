"""Renumbering: a merger leaves no customer behind whose account has another number since."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta

import pytest
from attrs import evolve

from janetbank.flows.audit import Intact, verify
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.entry import LoginIdWanted
from janetbank.flows.hand_over import Cancelled, Reserved
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.login_ids import follow_account
from janetbank.flows.obtain_login_id import LoginIdObtained
from janetbank.flows.recover import AccountRenumbered, FormRefused, Next
from janetbank.flows.refusals import Rejected
from janetbank.flows.renumber import Renumbered, renumber
from janetbank.flows.settle_instructions import settle
from janetbank.flows.view_account import Balance
from janetbank.model.allowance import Allowance
from janetbank.model.fee import Exemption, FeeTerms
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.enrolment import Step as EnrolmentStep
from janetbank.policies.fees import FeeRules
from janetbank.policies.instruction import InstructionState
from janetbank.policies.limits import Usage
from janetbank.policies.recovery import Step
from janetbank.ports.failures import Unavailable
from janetbank.profiles import JA, fast_for_tests
from janetbank.testing.bank import HOME, NEIGHBOUR, Enrollee, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.identifiers import InstitutionId
from janetbank.values.login_id import LoginId
from janetbank.values.money import Yen
from janetbank.values.month import Month
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from tests.flows.application import ORDER as APPLYING
from tests.flows.application import apply
from tests.flows.counter_scene import told
from tests.flows.first_use_scene import JIRO, Newcomer
from tests.flows.money_scene import authorised, balance, stored
from tests.flows.nights import TUESDAY
from tests.flows.recovery_scene import NEW, ORDER, reset
from tests.flows.scene import HANAKO, contract_of, entries_of, kinds, read, rewrite, stepped_up
from tests.flows.test_enrol_contract import codes, log_in
from tests.flows.token_scene import LATER_DAY, Telephone

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


@pytest.mark.requirement("FEE-04")
@pytest.mark.parametrize("used", [True, False])
def test_deferred_fees_are_collected_from_the_present_number(there: TestBank, *, used: bool) -> None:
    """The designated account follows, one of the contract's or not; its exemptions stay as they are."""
    taro, exempted = there.customer(), (Exemption(Month.of(TUESDAY), TUESDAY),)
    former = taro.person.account if used else there.customer("umi52nd", person=HANAKO).person.account
    terms = FeeTerms(institution=taro.institution, contract=taro.contract, deferred_to=former, exemptions=exempted)
    with there.storage.transaction() as tx:
        tx.fees.add_terms(terms)
    there.core.renumber(taro.institution, former, PRESENT)
    renumber(there.net.platform, taro.institution)
    kept = read(there.storage, lambda tx: tx.fees.terms_of(taro.institution, taro.contract))
    assert kept == evolve(terms, deferred_to=PRESENT, version=2)
    assert contract_of(there, taro).account == (PRESENT if used else taro.person.account)
    last = entries_of(there, taro)[-1]
    assert (last.kind, last.data) == ("AccountRenumbered", {"former": str(former), "present": str(PRESENT)})
    assert renumber(there.net.platform, taro.institution).moved == 0


def _left(there: TestBank) -> Enrollee:
    """Somebody whose contract was cancelled, and whose account was renumbered since."""
    taro = there.customer()
    rewrite(there, taro, lambda contract: evolve(contract, status=ContractStatus.CANCELLED))
    there.core.renumber(taro.institution, taro.person.account, PRESENT)
    assert renumber(there.net.platform, taro.institution).asked == 0
    return taro


@pytest.mark.requirement("CAN-06", "PWR-09")
def test_who_comes_back_with_a_renumbered_account_has_his_login_id_back(there: TestBank) -> None:
    """It is the same representative account: the tombstone follows it, and gives the login id up to it alone."""
    taro = _left(there)
    strangers = apply(there, EnrolmentStep.CREDENTIALS)
    assert codes(strangers.credentials(login_id=taro.login_id)) == [("login_id", "login_id.taken")]
    assert contract_of(there, taro).account == taro.person.account
    again = apply(there, person=evolve(taro.person, account=PRESENT), login_id=taro.login_id).do_all(APPLYING)
    assert isinstance(log_in(again), LoggedIn)
    tombstone = contract_of(there, taro)
    assert (tombstone.account, tombstone.login_id) == (PRESENT, None)
    assert kinds(entries_of(there, taro)).count("AccountRenumbered") == 1
    assert isinstance(verify(there.net.platform), Intact)


@pytest.mark.requirement("CAN-06", "PWR-09")
def test_who_came_back_by_another_login_id_may_have_his_former_one(there: TestBank) -> None:
    """Changing the login id asks as applying does."""
    taro = _left(there)
    again = there.customer("umi52nd", person=evolve(taro.person, account=PRESENT))
    session = stepped_up(there, again, there.log_in(again))
    told(there.net.change_login_id(session, password=again.password, new=taro.login_id), LoginIdChanged)
    assert (contract_of(there, taro).account, contract_of(there, taro).login_id) == (PRESENT, None)


def test_who_is_no_tombstone_is_not_asked_about(there: TestBank) -> None:
    """A login id that is free, or borne by somebody who lives, costs no question to the host."""
    taro = there.customer()
    contract = contract_of(there, taro)
    there.core.reachable = False

    def follow(name: str, at: InstitutionId, account: Account) -> None:
        login_id = LoginId.parse(name, case_sensitive=False)
        follow_account(there.net.platform, login_id, contract.namespace, at, account)

    for name in (taro.login_id, "umi52nd"):
        follow(name, taro.institution, PRESENT)
    rewrite(there, taro, lambda contract: evolve(contract, status=ContractStatus.CANCELLED))
    follow(taro.login_id, NEIGHBOUR.id, PRESENT)
    follow(taro.login_id, taro.institution, taro.person.account)
    with pytest.raises(Unavailable):
        follow(taro.login_id, taro.institution, PRESENT)


@pytest.mark.requirement("TRF-10", "FEE-03")
def test_what_was_reserved_by_the_former_number_is_done_from_the_present_one() -> None:
    """The host knows it by its key; its fee is charged as it was written, and it can be cancelled as before."""
    there = bank(evolve(fast_for_tests(JA), fees=FeeRules(transfer=Yen(220))))
    phone = Telephone.of(there, there.customer())
    taro, execute = phone.taro, there.net.instruct.execute
    kept, given_up, late = (authorised(phone, 1_000, day=day) for day in (LATER_DAY, LATER_DAY, LATER_DAY))
    assert isinstance(execute(phone.session, kept), Reserved)
    assert isinstance(execute(phone.session, given_up), Reserved)
    before = balance(there, taro)
    there.core.renumber(taro.institution, taro.person.account, PRESENT)
    assert renumber(there.net.platform, taro.institution).moved == 1
    assert execute(phone.session, late) == NotAuthorised()
    assert there.net.instruct.cancel(phone.session, given_up) == Cancelled(given_up)
    there.clock.advance(timedelta(days=4))
    assert settle(there.net.platform).moved == 1
    assert stored(there, kept).state is InstructionState.EXECUTED
    assert balance(there, taro, PRESENT) == before - 1_000
    (charge,) = read(there.storage, lambda tx: tx.fees.charges_of(taro.institution, taro.contract))
    assert (charge.reference, charge.account) == (kept, taro.person.account)


@pytest.mark.requirement("CAN-06", "CAN-11")
def test_who_begins_by_a_notice_may_have_his_former_login_id() -> None:
    """So does obtaining one: what was cancelled on paper, and applied for anew, is of the same account."""
    jiro = Newcomer.of()
    there = jiro.there
    former = there.customer("Umi52ndx", person=HANAKO, password="soil7rain")
    rewrite(there, former, lambda contract: evolve(contract, status=ContractStatus.CANCELLED))
    there.core._formers = {(former.institution, HANAKO.account): JIRO.account}
    challenge = told(jiro.prove(), LoginIdWanted).challenge
    told(
        there.net.obtain_login_id.register(challenge, login_id=former.login_id, again=former.login_id), LoginIdObtained
    )
    assert (contract_of(there, former).account, contract_of(there, former).login_id) == (JIRO.account, None)
