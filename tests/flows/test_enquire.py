"""Enquiring: how a contract stands, where its customer is sent, what was done and what is to be done."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.enquire import ContractStanding, Enquire, History, InTheWay, PendingTransfers, WorkList
from janetbank.flows.operating import NoSuchContract
from janetbank.flows.release import FromBlock, OtherWay
from janetbank.model.contract import Contract, Counter
from janetbank.policies.identity_form import FormTries
from janetbank.policies.lockout import Tally
from janetbank.policies.releases import Block, Release
from janetbank.policies.suspension import Finding, Route
from janetbank.ports.core_banking import AccountReport
from janetbank.ports.failures import Unavailable
from janetbank.profiles.profile import Profile
from janetbank.testing.bank import START, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.moment import in_japan
from janetbank.values.paper import Paper
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from tests.flows.counter_scene import FROM_FEE, HOME, Desk, told
from tests.flows.scene import REST, contract_of, entries_of, kinds, read, rewrite

STRANGER = Account.parse("003", "ordinary", "7777777")
BLOCKED, LOCKED = Tally(blocked_since=START, lockouts=3), Tally(locked_until=START + REST, lockouts=1)


@pytest.fixture
def desk() -> Desk:
    """A bank with its staff and Taro."""
    return Desk.open()


def standing(desk: Desk) -> ContractStanding:
    """How Taro's contract stands."""
    return told(desk.there.net.enquire.contract(desk.by("tanaka"), desk.account), ContractStanding)


@pytest.mark.requirement("SUS-05", "OPS-06", "OPS-08")
def test_a_contract_with_nothing_in_its_way(desk: Desk) -> None:
    """Nothing is in the way, nothing is asked of the customer, and no host is asked about him."""
    desk.there.core.reachable = False
    assert standing(desk) == ContractStanding(
        contract=desk.taro.contract,
        investigated=False,
        must_change_password=False,
        transaction_auth_advised=False,
        in_the_way=(),
        cases=(),
    )
    assert desk.chain("tanaka")[-1].data["codes"] == ("0382", "1195")


PUT: list[tuple[Callable[[Contract], Contract], Block, Release]] = [
    (lambda one: one.with_tally(Counter.PASSWORD, LOCKED), Block.PASSWORD_LOCK, Release.TIME),
    (lambda one: one.with_tally(Counter.PASSWORD, BLOCKED), Block.PASSWORD_BLOCK, Release.PASSWORD_RESET),
    (lambda one: one.with_tally(Counter.ANSWER, LOCKED), Block.ANSWER_LOCK, Release.TIME),
    (lambda one: one.with_tally(Counter.ANSWER, BLOCKED), Block.ANSWER_BLOCK, Release.ANSWERS_RESET),
    (lambda one: one.with_tally(Counter.PAYMENT, LOCKED), Block.PAYMENT_LOCK, Release.TIME),
    (lambda one: one.with_tally(Counter.PAYMENT, BLOCKED), Block.PAYMENT_BLOCK, Release.BRANCH_TERMINAL),
    (lambda one: one.with_tally(Counter.CONFIRMATION, LOCKED), Block.CONFIRMATION_LOCK, Release.TIME),
    (lambda one: one.with_tally(Counter.CONFIRMATION, BLOCKED), Block.CONFIRMATION_BLOCK, Release.BRANCH_FORM),
    (lambda one: one.with_tally(Counter.MAIL_PASSWORD, LOCKED), Block.MAIL_PASSWORD_LOCK, Release.TIME),
    (lambda one: one.with_tally(Counter.MAIL_PASSWORD, BLOCKED), Block.MAIL_PASSWORD_BLOCK, Release.BRANCH_FORM),
    (lambda one: one.with_tally(Counter.CODE, LOCKED), Block.CODE_LOCK, Release.TIME),
    (lambda one: one.with_tally(Counter.CODE, BLOCKED), Block.CODE_BLOCK, Release.TOKEN_REISSUE),
    (lambda one: one.with_tally(Counter.START_PASSWORD, LOCKED), Block.START_PASSWORD_LOCK, Release.TIME),
    (lambda one: one.with_tally(Counter.START_PASSWORD, BLOCKED), Block.START_PASSWORD_BLOCK, Release.TOKEN_REISSUE),
    (lambda one: evolve(one, suspended_since=START), Block.SUSPENSION, Release.CANCEL_AND_REAPPLY),
    (
        lambda one: evolve(one, form_tries=FormTries(in_japan(START).date(), 5)),
        Block.FORM_CLOSED,
        Release.NEXT_DAY,
    ),
]


@pytest.mark.requirement("LCK-04", "LCK-09", "LCK-12", "LCK-15", "SUS-01")
@pytest.mark.parametrize(("change", "block", "way"), PUT)
def test_each_block_is_named_with_its_way_out(
    desk: Desk, change: Callable[[Contract], Contract], block: Block, way: Release
) -> None:
    """For a customer to whom every way is open: the first one."""
    rewrite(desk.there, desk.taro, change)
    assert standing(desk).in_the_way == (InTheWay(block, way),)


@pytest.mark.requirement("LCK-15")
def test_all_that_is_in_the_way_is_named(desk: Desk) -> None:
    """Side by side; while suspended nobody resets anything himself (AMB-29)."""
    for change, *_ in PUT:
        rewrite(desk.there, desk.taro, change)
    assert {(one.block, one.way) for one in standing(desk).in_the_way} == {
        (Block.SUSPENSION, Release.CANCEL_AND_REAPPLY),
        (Block.PASSWORD_BLOCK, Release.CANCEL_AND_REAPPLY),
        (Block.ANSWER_BLOCK, Release.BRANCH_FORM),
        (Block.PAYMENT_BLOCK, Release.BRANCH_TERMINAL),
        (Block.CONFIRMATION_BLOCK, Release.BRANCH_FORM),
        (Block.MAIL_PASSWORD_BLOCK, Release.BRANCH_FORM),
        (Block.CODE_BLOCK, Release.TOKEN_AT_BRANCH),
        (Block.START_PASSWORD_BLOCK, Release.TOKEN_AT_BRANCH),
        (Block.FORM_CLOSED, Release.NEXT_DAY),
    }


class Host(MemoryCoreBanking):
    """The host of a bank, which says something else of whoever has an account there."""

    def __init__(self, there: TestBank, *, individual: bool, card_issued: bool) -> None:
        """What it says."""
        super().__init__(there.clock)
        self.there, self.individual, self.card_issued = there, individual, card_issued

    def account(self, institution: InstitutionId, account: Account) -> AccountReport | None:
        """The report, with what is said here."""
        report = self.there.core.account(institution, account)
        return report and evolve(report, individual=self.individual, card_issued=self.card_issued)


NO_CARD, COMPANY, NO_PHONE = "no card", "a company", "050 alone"
WAYS: dict[tuple[str, ...], tuple[Release, ...]] = {
    (): (Release.PASSWORD_RESET, Release.ANSWERS_RESET, Release.TOKEN_REISSUE, Release.CANCEL_AND_REAPPLY),
    (NO_CARD,): (Release.BRANCH_FORM, Release.BRANCH_FORM, Release.TOKEN_REISSUE, Release.SUSPENSION_RELEASE),
    (COMPANY,): (Release.BRANCH_FORM, Release.BRANCH_FORM, Release.TOKEN_AT_BRANCH, Release.SUSPENSION_RELEASE),
    (NO_PHONE,): (Release.CANCEL_AND_REAPPLY, Release.BRANCH_FORM, Release.TOKEN_AT_BRANCH, Release.CANCEL_AND_REAPPLY),
}
"""With a password, answers and codes blocked, and suspended: where the customer is sent with each."""


@pytest.mark.requirement("LCK-04", "LCK-09", "LCK-12", "PRF-05", "CAN-10", "SUS-01", "TEL-04")
@pytest.mark.parametrize("lacks", WAYS, ids=lambda lacks: "+".join(lacks) or "nothing")
def test_who_may_not_use_the_online_way_is_sent_to_the_counter(lacks: Sequence[str]) -> None:
    """Non-individuals and who has no card cannot apply anew either; who has no telephone can (AMB-28)."""
    person = Person(phones=("050-3234-5678",)) if NO_PHONE in lacks else Person()
    there = bank()
    desk = Desk(there, there.customer(person=person))
    desk.hire("tanaka")
    host = Host(there, individual=COMPANY not in lacks, card_issued=NO_CARD not in lacks)
    enquire = Enquire(evolve(there.net.platform, core=host))

    def ways() -> list[Release]:
        found = told(enquire.contract(desk.by("tanaka"), desk.account), ContractStanding)
        return [one.way for one in found.in_the_way]

    rewrite(
        there,
        desk.taro,
        lambda one: (
            one.with_tally(Counter.PASSWORD, BLOCKED)
            .with_tally(Counter.ANSWER, BLOCKED)
            .with_tally(Counter.CODE, BLOCKED)
        ),
    )
    before = ways()
    rewrite(there, desk.taro, lambda one: evolve(one, suspended_since=START))
    assert (*before, ways()[0]) == WAYS[tuple(lacks)]


OFFERED: dict[Profile, tuple[Release, ...]] = {
    profiles.AKITA: (Release.CANCEL_AND_REAPPLY, Release.BRANCH_FORM, Release.TOKEN_AT_BRANCH),
    profiles.AOMORI: (Release.CANCEL_AND_REAPPLY, Release.BRANCH_FORM, Release.TOKEN_REISSUE),
    profiles.MODERN: (Release.PASSWORD_RESET, Release.BRANCH_FORM, Release.TOKEN_REISSUE),
}
"""With password, answers and codes blocked, and nothing lacking; what JA's customers are told stands above."""


@pytest.mark.requirement("LCK-04", "LCK-09", "LCK-12", "RBA-09", "RBR-10", "OTP-13")
@pytest.mark.parametrize("profile", OFFERED, ids=lambda profile: profile.name)
def test_nobody_is_sent_where_his_bank_has_nothing(profile: Profile) -> None:
    """What cannot be reset or reissued online there is no way out of a block, of an operator's or of a customer's."""
    desk = Desk.open(bank(evolve(profiles.JA, resets=profile.resets)), "tanaka")
    for counter in (Counter.PASSWORD, Counter.ANSWER, Counter.CODE):
        rewrite(desk.there, desk.taro, partial(Contract.with_tally, counter=counter, tally=BLOCKED))
    assert tuple(one.way for one in standing(desk).in_the_way) == OFFERED[profile]
    matter = FromBlock(block=Block.CODE_BLOCK, paper=Paper.IB_3, finding=Finding.NOT_EXAMINED)
    told_of = desk.there.net.release.propose(desk.by("tanaka"), desk.account, matter)
    assert told_of == OtherWay(OFFERED[profile][-1])


def test_the_marks_of_a_release_are_seen(desk: Desk) -> None:
    """What was asked of the customer, and the cases there were, oldest first."""
    case = desk.formalised()
    assert standing(desk).investigated
    release = desk.proposed()
    desk.there.net.release.approve(desk.by("sato"), release)
    found = standing(desk)
    assert (found.investigated, found.must_change_password, found.transaction_auth_advised) == (False, True, True)
    assert {one.id for one in found.cases} == {case, release}


@pytest.mark.requirement("SUS-01", "SUS-24", "CAN-09")
def test_the_history_is_the_contracts_chain(desk: Desk) -> None:
    """By it one sees whether somebody else was in; to look changes nothing in it."""
    desk.there.guess(desk.taro.login_id, "wr0ng?one")
    before = entries_of(desk.there, desk.taro)
    history = told(desk.there.net.enquire.history(desk.by("tanaka"), desk.account), History)
    assert list(history.entries) == before
    assert "GuessWrong" in kinds(history.entries)
    assert entries_of(desk.there, desk.taro) == before
    assert desk.chain("tanaka")[-1].data["codes"] == ("4087",)


@pytest.mark.requirement("SUS-04", "SUS-25", "SUS-29", "TRF-10")
def test_what_is_pending_is_seen_before_and_after_a_stop(desk: Desk) -> None:
    """The help desk reads it to the customer first; a stop leaves it as it is."""
    there = desk.there
    pending = read(there.storage, lambda tx: tx.instructions.pending_of(HOME, desk.taro.contract))
    enquired = told(there.net.enquire.transfers(desk.by("mori"), desk.account), PendingTransfers)
    assert enquired.instructions == tuple(pending)
    desk.suspended(Route.COUNTER)
    assert there.net.enquire.transfers(desk.by("mori"), desk.account) == enquired


@pytest.mark.parametrize("enquiry", ["contract", "history", "transfers"])
def test_another_institutions_contract_is_none(desk: Desk, enquiry: str) -> None:
    """Nor is one that nobody has, or that has no customer; and that somebody asked is on record."""
    ask = getattr(desk.there.net.enquire, enquiry)
    assert ask(desk.by("ito"), desk.account) == NoSuchContract()
    assert ask(desk.by("tanaka"), STRANGER) == NoSuchContract()
    assert desk.chain("tanaka")[-1].data["told"] == "case.no_contract"


def test_a_contract_without_a_customer_is_none(desk: Desk) -> None:
    """There is nothing to be said of it."""
    contract = evolve(contract_of(desk.there, desk.taro), account=STRANGER, login_id=None, version=0)
    with desk.there.storage.transaction() as tx:
        tx.contracts.add(evolve(contract, id=ContractId("nobodys")))
    assert desk.there.net.enquire.contract(desk.by("tanaka"), STRANGER) == NoSuchContract()


def test_a_host_that_does_not_answer_is_no_answer(desk: Desk) -> None:
    """Whether the customer may use the online way is not guessed at; that it was asked is on record."""
    rewrite(desk.there, desk.taro, lambda one: one.with_tally(Counter.PASSWORD, BLOCKED))
    session = desk.by("tanaka")
    desk.there.core.reachable = False
    with pytest.raises(Unavailable):
        desk.there.net.enquire.contract(session, desk.account)
    assert desk.chain("tanaka")[-1].data["act"] == "enquire_contract"


@pytest.mark.requirement("SUS-28")
def test_the_work_list_is_in_the_order_in_which_it_is_due(desk: Desk) -> None:
    """What is done is not on it; what is late is marked, and can be asked for alone."""
    exemption = desk.proposed(FROM_FEE)
    suspension = desk.requested()
    listed = told(desk.there.net.enquire.cases(desk.by("kudo")), WorkList)
    assert [(one.case.id, one.overdue) for one in listed.items] == [(exemption, False), (suspension, False)]
    desk.there.clock.set(START + timedelta(days=4))
    late = told(desk.there.net.enquire.cases(desk.by("kudo"), overdue=True), WorkList)
    assert late.items == ()
    desk.there.clock.set(START + timedelta(days=5))
    late = told(desk.there.net.enquire.cases(desk.by("kudo"), overdue=True), WorkList)
    assert [one.case.id for one in late.items] == [exemption, suspension]
    desk.there.net.suspend.refuse(desk.by("tanaka"), suspension, "too late")
    late = told(desk.there.net.enquire.cases(desk.by("kudo"), overdue=True), WorkList)
    assert [one.case.id for one in late.items] == [exemption]
