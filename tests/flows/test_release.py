"""Releasing: two people, on what there was, in time; each block by its own procedure; and every shortcut refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.audit import Intact, verify
from janetbank.flows.batch import BatchDone
from janetbank.flows.enrol import Enrolled
from janetbank.flows.entry import PasswordChangeNeeded, QuestionsNeeded
from janetbank.flows.hand_over import Cancelled, Reserved
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.operating import NoSuchCase, NoSuchContract, OwnCase
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Blocked, Refused, Rejected, SessionEnded, Suspended
from janetbank.flows.release import (
    AlreadyProposed,
    Done,
    FromBlock,
    FromContract,
    FromFee,
    FromSuspension,
    Matter,
    NothingToRelease,
    NotTheMaker,
    OfToken,
    OtherWay,
    ProposalClosed,
    ProposalRejected,
    ProposalStale,
    ProposalWithdrawn,
    Proposed,
)
from janetbank.flows.suspend import ContractSuspended, SuspensionFormalised
from janetbank.messages import phrase
from janetbank.model.contract import Contract, Counter
from janetbank.model.fee import FeeTerms
from janetbank.model.letter import LetterCode
from janetbank.policies.calendar import BankCalendar
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.dual_control import Proposal, ProposalState
from janetbank.policies.enrolment import Step
from janetbank.policies.lockout import Tally
from janetbank.policies.releases import Block, Release, releases
from janetbank.policies.suspension import Finding, SuspensionState
from janetbank.testing.bank import NEIGHBOUR, START, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.instruction import InstructionKind
from janetbank.values.moment import JST
from janetbank.values.month import Month
from janetbank.values.paper import Paper
from janetbank_adapters.storage.sql import connect
from tests.flows.application import apply
from tests.flows.counter_scene import (
    FROM_ANSWER_BLOCK,
    FROM_CONTRACT,
    FROM_FEE,
    FROM_PASSWORD_BLOCK,
    FROM_SUSPENSION,
    HOME,
    MONTH,
    STAFF,
    Desk,
    told,
)
from tests.flows.nights import TUESDAY, WEDNESDAY, Nights, charging
from tests.flows.scene import (
    MINUTE,
    TICK,
    block_answer,
    block_password,
    contract_of,
    entries_of,
    letters,
    lock_password,
    read,
    rewrite,
    with_password,
)
from tests.flows.token_scene import LATER_DAY, order

BY_FORM = {
    Block.PASSWORD_BLOCK,
    Block.ANSWER_BLOCK,
    Block.PAYMENT_BLOCK,
    Block.CONFIRMATION_BLOCK,
    Block.MAIL_PASSWORD_BLOCK,
}
"""What two operators open; written out, since who else may be let go is the bank's whole safety."""
LIFETIME = timedelta(days=4)
DAY = timedelta(days=1)
STRANGER = Account.parse("003", "ordinary", "7777777")


@pytest.fixture
def desk() -> Desk:
    """A bank with its staff and Taro."""
    return Desk.open()


def suspended(desk: Desk) -> Matter:
    """Taro's contract is suspended, checked and formalised."""
    desk.formalised()
    return FROM_SUSPENSION


def password_blocked(desk: Desk) -> Matter:
    """Taro's password is blocked."""
    block_password(desk.there, desk.taro)
    return FROM_PASSWORD_BLOCK


def answer_blocked(desk: Desk) -> Matter:
    """Taro's answers are blocked."""
    block_answer(desk.there, desk.taro)
    return FROM_ANSWER_BLOCK


def charged(_: Desk) -> Matter:
    """Taro pays for the month."""
    return FROM_FEE


def staying(desk: Desk) -> Matter:
    """The host knows Taro's contract, and nothing is pending."""
    rewrite(desk.there, desk.taro, lambda one: evolve(one, status=ContractStatus.ACTIVE))
    return FROM_CONTRACT


SCENES = [suspended, password_blocked, answer_blocked, charged, staying]
each_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
Scene = Callable[[Desk], Matter]


def in_effect(desk: Desk, matter: Matter) -> bool:
    """Whether what *matter* asks for has been done."""
    contract = contract_of(desk.there, desk.taro)
    match matter:
        case FromSuspension():
            return contract.suspended_since is None and contract.investigated_since is None
        case FromBlock(block=Block.PASSWORD_BLOCK):
            return contract.password_tally.blocked_since is None
        case FromBlock():
            return contract.answer_tally.blocked_since is None
        case FromFee(month):
            terms = read(desk.there.storage, lambda tx: tx.fees.terms_of(HOME, desk.taro.contract))
            return terms is not None and terms.exempted_on(month) is not None
        case FromContract():
            return contract.status is ContractStatus.LEAVING
        case OfToken():
            return contract.otp_entitled_at is not None


def proposal_of(desk: Desk, case: str) -> Proposal:
    """The proposal as it stands in the store."""
    return told(desk.case(case).matter, Proposal)


# --- Two people -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-01", "SUS-10", "OPS-08", "LCK-04", "LCK-09", "FEE-07", "FEE-09")
@each_scene
def test_what_one_proposes_takes_effect_when_another_approves_it(desk: Desk, scene: Scene) -> None:
    """Not before, and in that instant; both hands stand in the proposal."""
    matter = scene(desk)
    case = desk.proposed(matter)
    assert not in_effect(desk, matter)
    assert desk.there.net.release.approve(desk.by("sato"), case) == Done(case)
    assert in_effect(desk, matter)
    proposal = proposal_of(desk, case)
    assert (proposal.state, str(proposal.maker.person)) == (ProposalState.APPROVED, "E-2")
    assert proposal.checker is not None
    assert str(proposal.checker.person) == "E-3"
    assert isinstance(verify(desk.there.net.platform), Intact)


@pytest.mark.requirement("SUS-10")
@each_scene
def test_nobody_approves_his_own_proposal_through_a_second_account(desk: Desk, scene: Scene) -> None:
    """tanaka-2 has every authority to approve, and is the Tanaka who proposed it; the attempt is on record."""
    matter = scene(desk)
    case = desk.proposed(matter)
    assert desk.there.net.release.approve(desk.by("tanaka-2"), case) == OwnCase()
    assert desk.there.net.release.reject(desk.by("tanaka-2"), case, "why") == OwnCase()
    assert not in_effect(desk, matter)
    assert proposal_of(desk, case).state is ProposalState.OPEN
    said = [entry.data["told"] for entry in desk.chain("tanaka-2") if entry.kind == "OperatorActed"]
    assert said == ["case.own", "case.own"]


def test_nobody_with_every_role_approves_his_own(desk: Desk) -> None:
    """Ito has all roles where she is, and still is one person."""
    there = desk.there
    neighbour = there.customer("hoshi77kz", institution=NEIGHBOUR)
    proposed = there.net.release.propose(desk.by("ito"), neighbour.person.account, FROM_FEE)
    case = told(proposed, Proposed).case
    assert there.net.release.approve(desk.by("ito"), case) == OwnCase()


@each_scene
def test_approved_is_approved_once(desk: Desk, scene: Scene) -> None:
    """Whoever comes second, or comes to reject or to withdraw it, is told; nothing is done twice."""
    case = desk.proposed(scene(desk))
    told(desk.there.net.release.approve(desk.by("sato"), case), Done)
    before = contract_of(desk.there, desk.taro)
    closed = ProposalClosed(ProposalState.APPROVED)
    assert desk.there.net.release.approve(desk.by("suzuki"), case) == closed
    assert desk.there.net.release.reject(desk.by("suzuki"), case, "why") == closed
    assert desk.there.net.release.withdraw(desk.by("tanaka"), case) == closed
    assert contract_of(desk.there, desk.taro) == before


@each_scene
def test_a_rejected_proposal_is_dead(desk: Desk, scene: Scene) -> None:
    """With its reason, which is needed; nobody approves it afterwards."""
    matter = scene(desk)
    case = desk.proposed(matter)
    refused = told(desk.there.net.release.reject(desk.by("sato"), case, " "), Rejected)
    assert [one.field for one in refused.violations] == ["reason"]
    assert desk.there.net.release.reject(desk.by("sato"), case, "印影相違") == ProposalRejected(case)
    assert str(proposal_of(desk, case).reason) == "印影相違"
    assert entries_of(desk.there, desk.taro)[-1].data["reason"] == "印影相違"
    assert desk.there.net.release.approve(desk.by("suzuki"), case) == ProposalClosed(ProposalState.REJECTED)
    assert not in_effect(desk, matter)


def test_a_proposal_is_withdrawn_by_its_maker_alone(desk: Desk) -> None:
    """Kudo cannot take back what Tanaka proposed; Tanaka can, and then nobody approves it."""
    case = desk.proposed(FROM_FEE)
    assert desk.there.net.release.withdraw(desk.by("kudo"), case) == NotTheMaker()
    assert desk.there.net.release.withdraw(desk.by("tanaka"), case) == ProposalWithdrawn(case)
    assert desk.there.net.release.approve(desk.by("sato"), case) == ProposalClosed(ProposalState.WITHDRAWN)
    assert not in_effect(desk, FROM_FEE)


# --- In time ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late", "done"), [(timedelta(0), True), (TICK, False)])
def test_a_proposal_waits_until_its_last_instant(desk: Desk, late: timedelta, done: bool) -> None:  # noqa: FBT001 -- a table
    """Four days, that instant included; an expired one is written down as that, and another one may be proposed."""
    there, matter = desk.there, suspended(desk)
    case = desk.proposed(matter)
    there.clock.set(START + LIFETIME + late)
    outcome = there.net.release.approve(desk.by("sato"), case)
    assert outcome == (Done(case) if done else ProposalClosed(ProposalState.EXPIRED))
    assert in_effect(desk, matter) == done
    if not done:
        assert proposal_of(desk, case).state is ProposalState.EXPIRED
        assert entries_of(there, desk.taro)[-1].data["state"] == "expired"
        assert there.net.release.reject(desk.by("sato"), case, "why") == ProposalClosed(ProposalState.EXPIRED)
        assert there.net.release.withdraw(desk.by("tanaka"), case) == ProposalClosed(ProposalState.EXPIRED)
        assert desk.proposed(matter) != case


def test_an_expired_proposal_makes_way_for_the_next(desk: Desk) -> None:
    """Though nobody has looked at it since: it is closed in the transaction that opens the other one."""
    matter = suspended(desk)
    case = desk.proposed(matter)
    assert desk.there.net.release.propose(desk.by("tanaka"), desk.account, matter) == AlreadyProposed(case)
    desk.there.clock.set(START + LIFETIME + TICK)
    again = desk.proposed(matter)
    assert (proposal_of(desk, case).state, proposal_of(desk, again).state) == (
        ProposalState.EXPIRED,
        ProposalState.OPEN,
    )
    moves = [(entry.data["case"], entry.data["state"]) for entry in entries_of(desk.there, desk.taro)[-2:]]
    assert moves == [(case, "expired"), (again, "open")]
    told(desk.there.net.release.approve(desk.by("sato"), again), Done)


@pytest.mark.requirement("FEE-10")
@pytest.mark.parametrize(
    ("at", "month", "until"),
    [
        (START, MONTH, START + LIFETIME),
        (datetime(2026, 11, 30, 5, tzinfo=UTC), MONTH, datetime(2026, 11, 30, 14, 59, 59, 999999, tzinfo=UTC)),
        (datetime(2026, 11, 30, 5, tzinfo=UTC), MONTH.following, datetime(2026, 12, 4, 5, tzinfo=UTC)),
        (START, Month(9999, 12), START + LIFETIME),
    ],
)
def test_an_exemption_is_approved_within_its_month(desk: Desk, at: datetime, month: Month, until: datetime) -> None:
    """It waits for its checker until the end of the month in Japan, and no longer than any other."""
    desk.there.clock.set(at)
    assert told(desk.there.net.release.propose(desk.by("kudo"), desk.account, FromFee(month)), Proposed).until == until


@pytest.mark.requirement("FEE-10")
def test_a_month_that_is_over_is_not_exempted(desk: Desk) -> None:
    """From the first instant of the next one, in Japan."""
    desk.there.clock.set(datetime(2026, 11, 30, 22, 30, tzinfo=UTC))
    refused = told(desk.there.net.release.propose(desk.by("kudo"), desk.account, FROM_FEE), Rejected)
    assert [(one.code, one.field) for one in refused.violations] == [("case.month_over", "month")]


@pytest.mark.requirement("FEE-10", "HRS-08")
@pytest.mark.parametrize("late", [False, True])
def test_a_month_ends_at_the_cut_off_of_its_last_day(*, late: bool) -> None:
    """Where 15:00 begins another day a month may be charged from 15:05, and nothing of it is exempted from 15:00."""
    calendar = BankCalendar(cut_off=time(15))
    desk = Desk.open(bank(evolve(charging(), calendar=calendar)))
    end = datetime(2026, 11, 30, 15, tzinfo=JST)
    desk.there.clock.set(end - MINUTE)
    case = desk.proposed(FROM_FEE)
    if late:
        desk.there.clock.set(end)
        assert desk.there.net.release.approve(desk.by("sato"), case) == ProposalClosed(ProposalState.EXPIRED)
        refused = told(desk.there.net.release.propose(desk.by("kudo"), desk.account, FROM_FEE), Rejected)
        assert [one.code for one in refused.violations] == ["case.month_over"]
    else:
        desk.there.clock.set(end - TICK)
        told(desk.there.net.release.approve(desk.by("sato"), case), Done)
    desk.there.clock.set(end + 5 * MINUTE)
    assert told(Nights(desk.there).run(date(2026, 12, 1)), BatchDone).done.charged == int(late)


def test_a_month_is_exempted_once(desk: Desk) -> None:
    """What is exempted already needs nobody; another month does."""
    told(desk.there.net.release.approve(desk.by("sato"), desk.proposed(FROM_FEE)), Done)
    assert desk.there.net.release.propose(desk.by("kudo"), desk.account, FROM_FEE) == NothingToRelease()
    told(desk.there.net.release.approve(desk.by("sato"), desk.proposed(FromFee(MONTH.following))), Done)
    assert in_effect(desk, FROM_FEE)
    assert in_effect(desk, FromFee(MONTH.following))


# --- On what there was ------------------------------------------------------------------------------------------------


def cancelled(contract: Contract) -> Contract:
    """A contract that has another account than before."""
    return evolve(contract, account=Account.parse("009", "ordinary", "1"))


CHANGES: list[tuple[Scene, Callable[[Contract], Contract]]] = [
    (suspended, lambda one: evolve(one, suspended_since=START + DAY)),
    (suspended, lambda one: evolve(one, suspended_since=None)),
    (suspended, cancelled),
    (password_blocked, lambda one: evolve(one, password_tally=Tally())),
    (password_blocked, lambda one: evolve(one, password_tally=evolve(one.password_tally, blocked_since=START))),
    (password_blocked, cancelled),
    (answer_blocked, lambda one: evolve(one, answer_tally=Tally())),
    (charged, cancelled),
    (staying, cancelled),
]


@pytest.mark.requirement("OPS-08")
@pytest.mark.parametrize(("scene", "change"), CHANGES)
def test_what_is_not_as_it_was_is_not_approved(
    desk: Desk, scene: Scene, change: Callable[[Contract], Contract]
) -> None:
    """The contract was released, blocked anew or became another one meanwhile: stale for good, and nothing is done."""
    case = desk.proposed(scene(desk))
    rewrite(desk.there, desk.taro, change)
    before = contract_of(desk.there, desk.taro)
    assert desk.there.net.release.approve(desk.by("sato"), case) == ProposalStale(case)
    after = contract_of(desk.there, desk.taro)
    assert evolve(after, chain=before.chain, version=before.version) == before
    rewrite(desk.there, desk.taro, lambda contract: contract)
    assert desk.there.net.release.approve(desk.by("suzuki"), case) == ProposalClosed(ProposalState.STALE)


def test_an_exemption_is_stale_where_the_month_was_exempted_meanwhile(desk: Desk) -> None:
    """By whoever: it is decided on what was registered then."""
    first = desk.proposed(FROM_FEE)
    with desk.there.storage.transaction() as tx:
        tx.fees.add_terms(FeeTerms(institution=HOME, contract=desk.taro.contract).exempted(MONTH, START.date()))
    assert desk.there.net.release.approve(desk.by("sato"), first) == ProposalStale(first)


def test_what_else_happens_to_a_contract_makes_nothing_stale(desk: Desk) -> None:
    """Somebody guesses at a suspended contract, or at answers beside a blocked password; that was not decided on."""
    case = desk.proposed(password_blocked(desk))
    desk.there.guess("kaze48nd", "whatever")
    rewrite(
        desk.there,
        desk.taro,
        lambda one: evolve(one, answer_tally=Tally(issued=3, failed=(3,)), otp_wanted=True, otp_entitled_at=START),
    )
    told(desk.there.net.release.approve(desk.by("sato"), case), Done)


# --- What a release takes ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-01", "SUS-02", "OPS-07")
@pytest.mark.parametrize("paper", [None, *Paper])
@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("note", [False, True])
def test_a_suspension_is_released_with_form_finding_and_note(
    paper: Paper | None, finding: Finding, *, note: bool
) -> None:
    """IB-3, no illicit access found, and the customer's words in the margin; without one of them, nothing."""
    desk = Desk.open(None, "mori", "sato", "tanaka", "kudo")
    desk.formalised()
    matter = FromSuspension(paper=paper, finding=finding, note=note)
    outcome = desk.there.net.release.propose(desk.by("tanaka"), desk.account, matter)
    assert isinstance(outcome, Proposed) == (matter == FROM_SUSPENSION)
    if matter != FROM_SUSPENSION:
        told(outcome, Rejected)


@pytest.mark.requirement("LCK-04", "LCK-09")
@pytest.mark.parametrize("paper", [None, *Paper])
@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("scene", [password_blocked, answer_blocked])
def test_a_block_is_released_with_the_form(paper: Paper | None, finding: Finding, scene: Scene) -> None:
    """IB-3 for both; where the password was guessed at, only if nobody had illicit access (part 5)."""
    desk = Desk.open(None, "tanaka")
    matter = told(scene(desk), FromBlock)
    outcome = desk.there.net.release.propose(
        desk.by("tanaka"), desk.account, evolve(matter, paper=paper, finding=finding)
    )
    clean = scene is answer_blocked or finding is Finding.NO_ILLICIT_ACCESS
    assert isinstance(outcome, Proposed) == (paper is Paper.IB_3 and clean)


@pytest.mark.requirement("SUS-10", "SUS-01")
@pytest.mark.parametrize("bring", ["nothing", "requested", "suspended"])
def test_a_stop_that_nobody_has_checked_is_not_released(desk: Desk, bring: str) -> None:
    """Else what one entered and another released would have been looked at by nobody."""
    bringing: dict[str, Callable[[], object]] = {"requested": desk.requested, "suspended": desk.suspended}
    bringing.get(bring, lambda: None)()
    assert desk.there.net.release.propose(desk.by("tanaka"), desk.account, FROM_SUSPENSION) == NothingToRelease()


@pytest.mark.requirement("SUS-01")
def test_a_stop_may_be_released_before_its_form_has_come(desk: Desk) -> None:
    """A release brings a form of its own; the suspension's own case ends with it."""
    standing = desk.checked()
    told(desk.there.net.release.approve(desk.by("suzuki"), desk.proposed()), Done)
    assert desk.case(standing).state is SuspensionState.RELEASED
    assert read(desk.there.storage, lambda tx: tx.cases.to_do(HOME)) == []


def test_what_does_not_stand_is_not_released(desk: Desk) -> None:
    """No block, or a lockout that time will end: there is nothing to be done by a form."""
    propose = desk.there.net.release.propose
    assert propose(desk.by("tanaka"), desk.account, FROM_PASSWORD_BLOCK) == NothingToRelease()
    assert propose(desk.by("tanaka"), desk.account, FROM_ANSWER_BLOCK) == NothingToRelease()
    lock_password(desk.there, desk.taro)
    assert propose(desk.by("tanaka"), desk.account, FROM_PASSWORD_BLOCK) == NothingToRelease()


@pytest.mark.requirement("LCK-12", "LCK-13", "LCK-15")
@pytest.mark.parametrize("block", [block for block in Block if block not in BY_FORM])
def test_no_other_block_is_released_by_a_form(desk: Desk, block: Block) -> None:
    """Each has a way of its own, which is told."""
    matter = FromBlock(block=block, paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS)
    outcome = told(desk.there.net.release.propose(desk.by("tanaka"), desk.account, matter), OtherWay)
    assert releases(outcome.way, block)


@pytest.mark.requirement("LCK-12")
def test_where_nothing_is_reset_online_a_block_is_a_matter_for_the_branch() -> None:
    """Nobody is sent from the counter to a procedure that his bank does not have."""
    desk = Desk.open(bank(evolve(profiles.fast_for_tests(profiles.JA), resets=frozenset())))
    matter = FromBlock(block=Block.CODE_BLOCK, paper=Paper.IB_3, finding=Finding.NO_ILLICIT_ACCESS)
    outcome = desk.there.net.release.propose(desk.by("tanaka"), desk.account, matter)
    assert outcome == OtherWay(Release.TOKEN_AT_BRANCH)


# --- What it does, and what it leaves alone ---------------------------------------------------------------------------


@pytest.mark.requirement("SUS-03", "TXA-09", "CAN-09")
def test_after_a_suspension_another_password_is_asked_for(desk: Desk) -> None:
    """The investigation is over, approving in the app is recommended, and logging in asks for a password first."""
    there, taro = desk.there, desk.taro
    case = desk.proposed(suspended(desk))
    told(there.net.release.approve(desk.by("sato"), case), Done)
    contract = contract_of(there, taro)
    assert contract.suspended_since is contract.investigated_since is None
    assert contract.must_change_password
    assert contract.transaction_auth_advised
    assert isinstance(with_password(there, taro), PasswordChangeNeeded)
    for code in (LetterCode.SUSPENSION_RELEASED, LetterCode.BLOCK_RELEASED):
        # Not every bank has it, and one letter is all banks'.
        assert "取引認証（ご提供している場合）などのセキュリティ機能" in phrase(f"{code.value}.body", "ja")
        asked = "approve transfers in the token app where that is offered, and use the other security functions"
        assert asked in phrase(f"{code.value}.body", "en")


@pytest.mark.requirement("SUS-03", "TXA-09", "PRF-15")
def test_what_a_bank_does_not_offer_was_recommended_to_nobody() -> None:
    """Where there are plain codes alone, another password is all that a release asks for."""
    desk = Desk.open(bank(profiles.fast_for_tests(profiles.AKITA)), "mori", "sato", "tanaka", "kudo")
    desk.formalised()
    desk.registered(FROM_SUSPENSION)
    contract = contract_of(desk.there, desk.taro)
    assert (contract.must_change_password, contract.transaction_auth_advised) == (True, False)


@pytest.mark.requirement("LCK-04", "SUS-03")
def test_after_a_blocked_password_another_one_is_asked_for(desk: Desk) -> None:
    """The right one still opens, once, for choosing another: it was guessed at twenty-one times."""
    there, taro = desk.there, desk.taro
    case = desk.proposed(password_blocked(desk))
    told(there.net.release.approve(desk.by("sato"), case), Done)
    assert isinstance(with_password(there, taro), PasswordChangeNeeded)


@pytest.mark.requirement("LCK-09", "RBA-09")
def test_after_blocked_answers_others_are_registered(desk: Desk) -> None:
    """Nobody is asked again what he did not know; the password was never in doubt."""
    there, taro = desk.there, desk.taro
    case = desk.proposed(answer_blocked(desk))
    told(there.net.release.approve(desk.by("sato"), case), Done)
    contract = contract_of(there, taro)
    assert contract.questions == ()
    assert contract.asked is None
    assert not contract.must_change_password
    assert isinstance(with_password(there, taro), QuestionsNeeded)


@pytest.mark.requirement("RBA-09", "RBA-14")
def test_forgotten_answers_take_a_form_where_none_are_reset_online() -> None:
    """Nobody has to block himself first: they are deleted, his sessions end, and logging in asks for others."""
    there = bank(evolve(profiles.fast_for_tests(profiles.JA), resets=frozenset()))
    desk = Desk.open(there)
    taro, propose = desk.taro, there.net.release.propose
    session = there.log_in(taro)
    there.net.step_up.ask(session)
    case = told(propose(desk.by("tanaka"), desk.account, FROM_ANSWER_BLOCK), Proposed).case
    assert contract_of(there, taro).questions
    assert contract_of(there, taro).asked is not None
    told(there.net.release.approve(desk.by("sato"), case), Done)
    contract = contract_of(there, taro)
    assert (contract.questions, contract.asked, contract.must_change_password) == ((), None, False)
    assert there.net.step_up.ask(session) == SessionEnded()
    sent = [letter.code for letter in letters(there)]
    assert (sent.count(LetterCode.QUESTIONS_RESET), sent.count(LetterCode.BLOCK_RELEASED)) == (1, 0)
    assert isinstance(with_password(there, taro), QuestionsNeeded)
    assert propose(desk.by("tanaka"), desk.account, FROM_ANSWER_BLOCK) == NothingToRelease()
    assert propose(desk.by("tanaka"), desk.account, FROM_PASSWORD_BLOCK) == NothingToRelease()


def test_what_was_not_proposed_stands_in_the_operators_chain(desk: Desk) -> None:
    """Whose contract it was, and which case was there already, is known of what came to nothing as well."""
    propose = desk.there.net.release.propose
    assert propose(desk.by("tanaka"), desk.account, FROM_PASSWORD_BLOCK) == NothingToRelease()
    case = desk.proposed(FROM_FEE)
    assert propose(desk.by("tanaka"), desk.account, FROM_FEE) == AlreadyProposed(case)
    tried = [one.data for one in desk.chain("tanaka") if one.kind == "OperatorActed"]
    taro = desk.taro.contract.text
    assert [(one["told"], one["contract"], one["case"]) for one in tried] == [
        ("case.nothing_to_release", taro, None),
        ("case.proposed", taro, case),
        ("case.already_proposed", taro, case),
    ]


# --- From the contract ------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CAN-01", "CAN-02", "CAN-09", "CAN-11")
def test_what_keeps_a_contract_keeps_it_at_the_counter_too(desk: Desk) -> None:
    """Not active, transfers pending, an investigation, the wrong paper: all is named; other accounts are no reason."""
    there, propose = desk.there, desk.there.net.release.propose

    def why(matter: Matter = FROM_CONTRACT) -> list[str]:
        violations = told(propose(desk.by("kudo"), desk.account, matter), Rejected).violations
        assert {one.field for one in violations} <= {"", "paper"}
        assert all((one.field == "paper") == (one.code == "case.wrong_paper") for one in violations)
        return [one.code for one in violations]

    assert why() == ["cannot_leave.not_active"]
    there.link_savings(desk.taro)
    staying(desk)
    session = there.log_in(desk.taro)
    asked = told(there.net.instruct.request(session, order(InstructionKind.OWN_TRANSFER, day=LATER_DAY)), Authorised)
    told(there.net.instruct.execute(session, asked.reference), Reserved)
    rewrite(there, desk.taro, lambda one: evolve(one, investigated_since=START))
    assert why(FromContract(paper=Paper.IB_3)) == [
        *("cannot_leave.reserved_transfers", "cannot_leave.investigation", "case.wrong_paper")
    ]
    told(there.net.instruct.cancel(session, asked.reference), Cancelled)
    rewrite(there, desk.taro, lambda one: evolve(one, investigated_since=None))
    told(propose(desk.by("kudo"), desk.account, FROM_CONTRACT), Proposed)


@pytest.mark.requirement("CAN-02", "CAN-09", "SUS-10")
@pytest.mark.parametrize("meanwhile", ["a reservation", "an investigation"])
def test_a_cancellation_is_approved_on_what_was_proposed(desk: Desk, meanwhile: str) -> None:
    """What came up meanwhile makes it stale."""
    there = desk.there
    there.link_savings(desk.taro)
    case = desk.proposed(staying(desk))
    if meanwhile == "a reservation":
        session = there.log_in(desk.taro)
        wish = order(InstructionKind.OWN_TRANSFER, day=LATER_DAY)
        asked = told(there.net.instruct.request(session, wish), Authorised)
        told(there.net.instruct.execute(session, asked.reference), Reserved)
    else:
        rewrite(there, desk.taro, lambda one: evolve(one, investigated_since=START))
    assert there.net.release.approve(desk.by("sato"), case) == ProposalStale(case)
    assert contract_of(there, desk.taro).status is ContractStatus.ACTIVE


@pytest.mark.requirement("CAN-01", "CAN-07", "CAN-08", "CAN-10", "CAN-11")
def test_whoever_cannot_log_in_leaves_by_a_form_and_comes_back(desk: Desk) -> None:
    """Blocked, or without his login id: from the next operating day nobody logs in, and the account may apply anew."""
    there, taro = desk.there, desk.taro
    case = desk.proposed(staying(desk))
    block_password(there, taro)
    told(there.net.release.approve(desk.by("sato"), case), Done)
    assert [one.code for one in letters(there)].count(LetterCode.LEAVING) == 1
    leaving = contract_of(there, taro)
    assert leaving.ends_on == TUESDAY
    Nights(there).come(TUESDAY)
    assert contract_of(there, taro).status is ContractStatus.CANCELLED
    assert with_password(there, taro) == Refused()
    assert isinstance(there.net.release.propose(desk.by("kudo"), desk.account, FROM_CONTRACT), NoSuchContract)
    enrolled = told(apply(there, Step.REVIEW, person=taro.person, login_id=taro.login_id).confirm(), Enrolled)
    assert enrolled.contract != taro.contract
    assert isinstance(verify(there.net.platform), Intact)


@pytest.mark.requirement("SUS-01", "SUS-22", "CAN-05", "CAN-09", "CAN-10")
@pytest.mark.parametrize("finding", [Finding.ILLICIT_ACCESS, Finding.NO_ILLICIT_ACCESS])
@pytest.mark.parametrize("before", [False, True], ids=["afterwards", "accepted before"])
def test_who_was_suspended_leaves_by_a_form_once_it_was_looked_into(
    desk: Desk, finding: Finding, *, before: bool
) -> None:
    """Whatever was found: that ends the investigation, and the account applies anew; till then nobody is in."""
    there, taro = desk.there, desk.taro
    desk.registered(staying(desk)) if before else staying(desk)
    case, form = desk.checked(), evolve(FROM_CONTRACT, finding=finding)

    def why(matter: Matter) -> list[str]:
        outcome = there.net.release.propose(desk.by("tanaka"), desk.account, matter)
        return [one.code for one in told(outcome, Rejected).violations]

    held = [*(["cannot_leave.not_active"] if before else []), "cannot_leave.investigation"]
    assert why(form) == held
    told(there.net.suspend.formalise(desk.by("kudo"), case, paper=Paper.IB_1), SuspensionFormalised)
    assert why(FROM_CONTRACT) == held
    Nights(there).come(TUESDAY)
    assert contract_of(there, taro).status is (ContractStatus.LEAVING if before else ContractStatus.ACTIVE)
    desk.registered(form)
    leaving = contract_of(there, taro)
    assert (leaving.status, leaving.investigated_since) == (ContractStatus.LEAVING, None)
    assert with_password(there, taro) == Suspended()
    Nights(there).come(WEDNESDAY)
    assert contract_of(there, taro).status is ContractStatus.CANCELLED
    assert read(there.storage, lambda tx: tx.cases.to_do(HOME)) == []
    told(apply(there, Step.REVIEW, person=taro.person, login_id=taro.login_id).confirm(), Enrolled)


def _with_tally(counter: Counter, tally: Tally, contract: Contract) -> Contract:
    return contract.with_tally(counter, tally)


@pytest.mark.requirement("LCK-15")
def test_a_release_leaves_every_other_block(desk: Desk) -> None:
    """The dimensions are independent: a password that was blocked before a suspension is blocked after it."""
    there, taro = desk.there, desk.taro
    blocked = Tally(blocked_since=START, lockouts=3)
    matter = suspended(desk)
    for counter in Counter:
        rewrite(there, taro, partial(_with_tally, counter, blocked))
    told(there.net.release.approve(desk.by("sato"), desk.proposed(matter)), Done)
    assert {contract_of(there, taro).tally(counter) for counter in Counter} == {blocked}
    assert with_password(there, taro) == Blocked()
    told(there.net.release.approve(desk.by("sato"), desk.proposed(FROM_PASSWORD_BLOCK)), Done)
    contract = contract_of(there, taro)
    assert contract.password_tally == Tally()
    assert contract.answer_tally == contract.code_tally == contract.start_password_tally == blocked


@pytest.mark.requirement("LCK-15")
def test_a_block_is_released_under_a_suspension(desk: Desk) -> None:
    """And the contract stays suspended."""
    there = desk.there
    matter = password_blocked(desk)
    desk.formalised()
    told(there.net.release.approve(desk.by("sato"), desk.proposed(matter)), Done)
    assert with_password(there, desk.taro) == Suspended()


@pytest.mark.requirement("MAL-13", "SUS-12")
@pytest.mark.parametrize(
    ("scene", "code"),
    [
        (suspended, LetterCode.SUSPENSION_RELEASED),
        (password_blocked, LetterCode.BLOCK_RELEASED),
        (answer_blocked, LetterCode.BLOCK_RELEASED),
        (charged, None),
    ],
)
def test_the_customer_is_told_of_a_release(desk: Desk, scene: Scene, code: LetterCode | None) -> None:
    """When it is done, and not when it is proposed; of a fee there is nothing to tell."""
    written = {LetterCode.SUSPENSION_RELEASED, LetterCode.BLOCK_RELEASED}
    case = desk.proposed(scene(desk))
    assert not [letter for letter in letters(desk.there) if letter.code in written]
    told(desk.there.net.release.approve(desk.by("sato"), case), Done)
    assert [letter.code for letter in letters(desk.there) if letter.code in written] == ([code] if code else [])


@pytest.mark.requirement("OPS-06", "OPS-07", "FEE-07")
@each_scene
def test_proposal_and_approval_stand_in_the_contracts_chain(desk: Desk, scene: Scene) -> None:
    """With both hands, the paper, and the terminal's code where the sources name one."""
    matter = scene(desk)
    case = desk.proposed(matter)
    told(desk.there.net.release.approve(desk.by("sato"), case), Done)
    steps = [entry.data for entry in entries_of(desk.there, desk.taro) if entry.data.get("case") == case]
    assert [(one["state"], one["operator"], one["part"]) for one in steps] == [
        ("open", "tanaka", "maker"),
        ("approved", "sato", "checker"),
    ]
    paper = None if isinstance(matter, FromFee) else matter.paper
    assert {one["paper"] for one in steps} == {paper and paper.value}
    assert {one["codes"] for one in steps} == {("1162",) if isinstance(matter, FromFee) else ()}


# --- Cases that are none ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["", "x", "f" * 32, "a\0b", "\ud800"])
def test_what_is_no_case_is_none(sqlite_store: str, case: str) -> None:
    """Whatever is typed: the answer is the same, and nothing breaks, not even a database that takes no such text."""
    with connect(sqlite_store) as storage:
        told_there_is_none(Desk.open(TestBank(storage=storage), "sato", "tanaka"), case)


def told_there_is_none(desk: Desk, case: str) -> None:
    """Whoever names *case* is told that there is none, and that he named one is on record."""
    release = desk.there.net.release
    assert release.approve(desk.by("sato"), case) == NoSuchCase()
    assert release.reject(desk.by("sato"), case, "why") == NoSuchCase()
    assert release.withdraw(desk.by("tanaka"), case) == NoSuchCase()
    last = desk.chain("tanaka")[-1].data
    assert (last["act"], last["codes"], last["case"], last["told"]) == ("none", (), None, "case.none")


def test_another_institutions_contract_and_case_are_none(desk: Desk) -> None:
    """Ito may do everything, where she is; here there is nothing for her."""
    matter = suspended(desk)
    case = desk.proposed(matter)
    release = desk.there.net.release
    assert release.propose(desk.by("ito"), desk.account, FROM_FEE) == NoSuchContract()
    assert release.approve(desk.by("ito"), case) == NoSuchCase()
    assert release.reject(desk.by("ito"), case, "why") == NoSuchCase()
    assert release.withdraw(desk.by("ito"), case) == NoSuchCase()
    assert not in_effect(desk, matter)


def test_a_suspension_is_no_proposal(desk: Desk) -> None:
    """Nobody approves a stop as if it were a proposal."""
    case = desk.suspended()
    assert desk.there.net.release.approve(desk.by("sato"), case) == NoSuchCase()
    assert desk.there.net.release.withdraw(desk.by("mori"), case) == NoSuchCase()


def test_whoever_has_no_contract_has_nothing_to_release(desk: Desk) -> None:
    """An account without a contract is none, for whatever is proposed."""
    for matter in (FROM_SUSPENSION, FROM_PASSWORD_BLOCK, FROM_FEE):
        assert desk.there.net.release.propose(desk.by("tanaka"), STRANGER, matter) == NoSuchContract()


def test_a_contract_can_be_suspended_again_after_its_release(desk: Desk) -> None:
    """Each suspension is a case of its own, and so is each release."""
    first = desk.proposed(suspended(desk))
    told(desk.there.net.release.approve(desk.by("sato"), first), Done)
    again = desk.requested()
    told(desk.there.net.suspend.enter(desk.by("mori"), again), ContractSuspended)
    assert desk.there.net.release.propose(desk.by("tanaka"), desk.account, FROM_SUSPENSION) == NothingToRelease()
    assert desk.there.net.release.approve(desk.by("suzuki"), first) == ProposalClosed(ProposalState.APPROVED)
    assert contract_of(desk.there, desk.taro).suspended_since is not None


def test_everybody_on_the_list_is_somebody() -> None:
    """The staff has one person with two accounts, and no other two alike."""
    persons = [person.upper() for person, *_ in STAFF.values()]
    assert sorted(persons) == ["E-1", "E-2", "E-2", "E-3", "E-4", "E-5", "E-6", "E-7"]


def test_who_logs_in_was_never_in_the_way_of_a_fee(desk: Desk) -> None:
    """An exemption leaves the customer as he is."""
    told(desk.there.net.release.approve(desk.by("sato"), desk.proposed(FROM_FEE)), Done)
    assert isinstance(with_password(desk.there, desk.taro), LoggedIn)
