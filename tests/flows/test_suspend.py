"""Suspending: who may ask, what he is told, what a stop stops, and that two people stand behind it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve

from janetbank.flows import settle_instructions
from janetbank.flows.audit import Intact, verify
from janetbank.flows.enquire import PendingTransfers, WorkList
from janetbank.flows.hand_over import AnswerAwaited, Reserved
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.operating import NoSuchCase, OwnCase
from janetbank.flows.refusals import Rejected, SessionEnded, Suspended
from janetbank.flows.suspend import (
    AlreadySuspended,
    ContractSuspended,
    FormerNameNeeded,
    NotIdentified,
    OtherBranch,
    SuspensionChecked,
    SuspensionFormalised,
    SuspensionRefused,
    SuspensionRequested,
    SuspensionStandsAt,
    Unexplained,
)
from janetbank.messages import LANGUAGES, phrase
from janetbank.model.contract import Contract
from janetbank.model.letter import LetterCode
from janetbank.model.operator import Operator
from janetbank.policies.instruction import InstructionState
from janetbank.policies.suspension import PAPERS, TO_EXPLAIN, Cause, Explanation, Route, Suspension, SuspensionState
from janetbank.testing.bank import START, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.moment import in_japan
from janetbank.values.operator import Hand
from janetbank.values.paper import Paper
from janetbank.values.violation import Violation
from tests.flows import test_doors
from tests.flows.counter_scene import AWAY, HOME, Desk, told
from tests.flows.money_scene import authorised, books, stored
from tests.flows.scene import HANAKO, contract_of, entries_of, held, letters, read, rewrite, with_password
from tests.flows.scene import settle_right as settle
from tests.flows.token_scene import LATER_DAY, Telephone

DAY = timedelta(days=1)
S = SuspensionState


@pytest.fixture
def desk() -> Desk:
    """A bank with its staff and Taro."""
    return Desk.open()


def matter_of(desk: Desk, case: str) -> Suspension:
    """The suspension as it stands in the store."""
    return told(desk.case(case).matter, Suspension)


def hand(desk: Desk, name: str) -> Hand:
    """Whose hand that is."""
    operator = read(desk.there.storage, lambda tx: tx.operators.by_name(f"operator:{HOME}:{name}"))
    return told(told(operator, Operator).hand, Hand)


# --- Asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-04", "SUS-07", "SUS-16", "SUS-17", "SUS-28", "ENR-19", "OPS-07")
@pytest.mark.parametrize(("route", "by"), [(Route.COUNTER, "kudo"), (Route.COUNTER, "abe"), (Route.HELP_DESK, "mori")])
def test_a_request_is_taken_with_all_that_belongs_to_it(desk: Desk, route: Route, by: str) -> None:
    """At the counter of any branch or on the telephone: by whom, when, why, and until when it is to be formalised."""
    at = desk.there.clock.now()
    taken = told(desk.ask(by, route), SuspensionRequested)
    assert taken.due_on == date(2026, 11, 24)  # Friday; the week-end and a holiday lie between
    matter = matter_of(desk, taken.case)
    assert (matter.state, matter.route, matter.requested_at) == (S.REQUESTED, route, at)
    assert matter.requested_by == hand(desk, by)
    assert contract_of(desk.there, desk.taro).suspended_since is None
    entry = entries_of(desk.there, desk.taro)[-1]
    assert (entry.kind, entry.at) == ("CaseMoved", at)
    assert entry.data["paper"] == ("ib_1" if route is Route.COUNTER else "acceptance_slip")


@pytest.mark.requirement("SUS-18", "SUS-19", "SUS-20", "SUS-21")
def test_whoever_asks_is_known_by_name_and_account(desk: Desk) -> None:
    """A name that is another one is asked for; what is not on record is for the branch, and nothing is kept of it."""
    there = desk.there
    hanako = Account.parse("002", "ordinary", "7654321")
    assert desk.ask(heard=desk.heard("ノウキョウジロウ")) == FormerNameNeeded()
    assert desk.ask(heard=desk.heard("ノウキョウジロウ", "ヤマダタロウ")) == NotIdentified()
    assert desk.ask(heard=desk.heard(account=hanako)) == NotIdentified()
    there.customer("hoshi77kz", person=HANAKO)
    assert desk.ask(heard=desk.heard(account=hanako)) == FormerNameNeeded()
    assert desk.ask(heard=desk.heard("ノウキョウジロウ", "ノウキョウタロウ", hanako)) == NotIdentified()
    told(desk.ask(heard=desk.heard("ヤマダタロウ", "ノウキョウタロウ")), SuspensionRequested)


@pytest.mark.requirement("SUS-04", "SUS-22", "SUS-23", "SUS-24", "SUS-25", "SUS-26", "SUS-27", "SUS-28")
@pytest.mark.parametrize("route", Route)
def test_everything_has_to_be_explained(desk: Desk, route: Route) -> None:
    """What was not is told, in its order, and each has its words in both languages; nothing is taken before."""
    by = "mori" if route is Route.HELP_DESK else "kudo"
    items = TO_EXPLAIN[route]
    assert desk.ask(by, route, explained=()) == Unexplained(items)
    for one in items:
        others = tuple(other for other in items if other is not one)
        assert desk.ask(by, route, explained=others) == Unexplained((one,))
    for lang in LANGUAGES:
        assert len({phrase(f"explanation.{one.value}", lang) for one in Explanation}) == len(Explanation)
    told(desk.ask(by, route), SuspensionRequested)


@pytest.mark.requirement("OPS-07")
@pytest.mark.parametrize(
    ("route", "by", "paper"),
    [
        (Route.COUNTER, "kudo", Paper.ACCEPTANCE_SLIP),
        (Route.HELP_DESK, "mori", Paper.IB_1),
        (Route.HELP_DESK, "mori", Paper.IB_3),
    ],
)
def test_a_request_takes_the_paper_of_its_route(desk: Desk, route: Route, by: str, paper: Paper) -> None:
    """Another one is no form for it."""
    assert desk.ask(by, route, paper=paper) == Rejected((Violation("case.wrong_paper", field="paper"),))


def test_without_a_paper_nothing_is_taken(desk: Desk) -> None:
    """Who has none before him has nobody's word for it."""
    asked = desk.there.net.suspend.request(
        desk.by("mori"),
        route=Route.HELP_DESK,
        heard=desk.heard(),
        cause=Cause.OTHER,
        paper=None,
        explained=TO_EXPLAIN[Route.HELP_DESK],
    )
    assert isinstance(asked, Rejected)


def test_a_contract_is_suspended_once_at_a_time(desk: Desk) -> None:
    """Whoever asks again is told of the case there is, until that has come to nothing."""
    case = desk.requested()
    assert desk.ask() == AlreadySuspended(case)
    assert desk.ask("kudo", Route.COUNTER) == AlreadySuspended(case)
    told(desk.there.net.suspend.refuse(desk.by("tanaka"), case, "no such subscriber"), SuspensionRefused)
    again = told(desk.ask(), SuspensionRequested).case
    assert again != case


def test_a_request_that_came_to_nothing_stands_in_the_operators_chain(desk: Desk) -> None:
    """Whose contract it was about is on record of each, and which case there was already."""
    jiro = "ノウキョウジロウ"
    desk.ask(heard=desk.heard(jiro))
    desk.ask(heard=desk.heard(jiro, "ヤマダタロウ"))
    desk.ask(explained=())
    case = desk.requested()
    desk.ask()
    taken = [one.data for one in desk.chain("mori") if one.kind == "OperatorActed"]
    taro = desk.taro.contract.text
    assert [(one["told"], one["contract"], one["case"]) for one in taken] == [
        (FormerNameNeeded.code, taro, None),
        (NotIdentified.code, taro, None),
        (Unexplained.code, taro, None),
        (SuspensionRequested.code, taro, case),
        (AlreadySuspended.code, taro, case),
    ]


# --- Entering ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-08", "SUS-25", "SUS-30", "CAN-09", "LCK-15")
def test_a_stop_counts_from_the_makers_entry(desk: Desk) -> None:
    """Whoever was in is out, nobody gets in, and the investigation is open, before anybody has checked it."""
    there, taro = desk.there, desk.taro
    session = there.log_in(taro)
    case = desk.requested()
    assert isinstance(with_password(there, taro), LoggedIn)
    there.clock.advance(timedelta(minutes=3))
    at = there.clock.now()
    assert there.net.suspend.enter(desk.by("tanaka"), case) == ContractSuspended(case)
    contract = contract_of(there, taro)
    assert contract.suspended_since == contract.investigated_since == at
    assert there.net.use_session(session) == SessionEnded()
    assert with_password(there, taro) == Suspended()
    matter = matter_of(desk, case)
    assert (matter.state, matter.entered_by, matter.entered_at) == (S.STOP_ENTERED, hand(desk, "tanaka"), at)


@pytest.mark.requirement("SUS-12", "MAL-13", "MAL-14")
def test_the_result_is_told_at_once_at_every_address() -> None:
    """The letter is written in the deciding transaction, so on the same day; a refusal is told as well."""
    there = TestBank()
    there_taro = Person(further=("taro@example.com", "taro2@example.com"))
    desk = Desk(there, there.customer(person=there_taro))
    for name in ("mori", "tanaka"):
        desk.hire(name)
    told(there.net.suspend.refuse(desk.by("tanaka"), desk.requested(), "no such subscriber"), SuspensionRefused)
    told(there.net.suspend.enter(desk.by("mori"), desk.requested()), ContractSuspended)
    written = letters(there)
    addresses = {"taro@example.jp", "taro@example.com", "taro2@example.com"}
    for code in (LetterCode.SUSPENSION_REFUSED, LetterCode.SUSPENDED):
        mine = [letter for letter in written if letter.code is code]
        assert len(mine) == len(addresses)
        assert {str(letter.to) for letter in mine} == addresses
        assert {in_japan(letter.written_at).date() for letter in mine} == {in_japan(there.clock.now()).date()}


@pytest.mark.requirement("SUS-11")
def test_what_cannot_be_entered_is_refused_for_a_reason(desk: Desk) -> None:
    """The reason stands in the case and in the chain, and he is told; nothing is stopped; nothing without a reason."""
    there, case = desk.there, desk.requested()
    for nothing in ("", " 　", "a\nb"):
        refused = told(there.net.suspend.refuse(desk.by("tanaka"), case, nothing), Rejected)
        assert [one.field for one in refused.violations] == ["reason"]
    assert matter_of(desk, case).state is S.REQUESTED
    assert there.net.suspend.refuse(desk.by("tanaka"), case, " 加入者登録なし ") == SuspensionRefused(case)
    assert str(matter_of(desk, case).why) == "加入者登録なし"
    assert entries_of(there, desk.taro)[-1].data["reason"] == "加入者登録なし"
    assert contract_of(there, desk.taro).suspended_since is None
    assert [one.code for one in letters(there)].count(LetterCode.SUSPENSION_REFUSED) == 1
    assert there.net.suspend.enter(desk.by("tanaka"), case) == SuspensionStandsAt(S.REJECTED)
    assert there.net.suspend.refuse(desk.by("tanaka"), case, "again") == SuspensionStandsAt(S.REJECTED)


def test_a_stop_is_entered_once(desk: Desk) -> None:
    """Entered again, or refused afterwards, it is told where it stands, and nothing is changed."""
    case = desk.suspended()
    since = contract_of(desk.there, desk.taro).suspended_since
    desk.there.clock.advance(timedelta(minutes=1))
    assert desk.there.net.suspend.enter(desk.by("tanaka"), case) == SuspensionStandsAt(S.STOP_ENTERED)
    assert desk.there.net.suspend.refuse(desk.by("tanaka"), case, "a mistake") == SuspensionStandsAt(S.STOP_ENTERED)
    assert contract_of(desk.there, desk.taro).suspended_since == since


def test_a_guess_in_flight_does_not_outlive_the_stop(desk: Desk) -> None:
    """Whoever had typed the right password before the stop is not let in after it, nor after the release."""
    there, taro = desk.there, desk.taro
    ticket = held(there, taro)
    desk.suspended()
    assert settle(there, ticket) == Suspended()


# --- What a stop stops ------------------------------------------------------------------------------------------------

NEEDS_NO_CONTRACT = {name for name in test_doors.NAMES if name.startswith("enrol.")} | {
    "log_out",
    # A form is taken out by anybody; whose it is comes to light when it is filled in.
    "reset_password.begin",
    "reset_questions.begin",
}


@pytest.mark.requirement("SUS-25", "SUS-30", "CAN-09", "LCK-15")
@pytest.mark.parametrize("name", [name for name in test_doors.NAMES if name not in NEEDS_NO_CONTRACT])
def test_a_suspended_customer_tries_every_door(name: str) -> None:
    """Whatever he had begun before the stop, and whatever he begins after it, is refused (AMB-29)."""
    door = test_doors.DOORS[name]
    desk = Desk.open(bank(door.profile), "mori")
    act = door.prepare(desk.there, desk.taro)
    desk.suspended()
    assert not isinstance(act(), door.told)


@pytest.mark.requirement("TRF-10", "SUS-04", "SUS-25", "SUS-29")
@pytest.mark.parametrize("day", [in_japan(START).date(), LATER_DAY])
def test_what_was_authorised_before_is_executed_even_so(day: date) -> None:
    """It stays on the list of what is pending, and is done, though nobody is let in to it any more."""
    desk = Desk.open(None, "mori", "tanaka")
    there, phone = desk.there, Telephone.of(desk.there, desk.taro)
    reference = authorised(phone, day=day)
    later = day == LATER_DAY
    books(there).time_out("before", times=0 if later else 1)
    assert isinstance(there.net.instruct.execute(phone.session, reference), Reserved if later else AnswerAwaited)
    desk.suspended()
    shown = told(there.net.enquire.transfers(desk.by("tanaka"), desk.account), PendingTransfers)
    assert [one.reference for one in shown.instructions] == [reference]
    there.clock.set(there.clock.now().replace(day=day.day))
    assert settle_instructions.settle(there.net.platform).moved == 1
    assert stored(there, reference).state is InstructionState.EXECUTED
    assert contract_of(there, desk.taro).suspended_since is not None


# --- Checking and formalising -----------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-09", "SUS-10", "SUS-31", "SUS-32")
@pytest.mark.parametrize(("route", "state"), [(Route.COUNTER, S.FORMALISED), (Route.HELP_DESK, S.FORMAL_PENDING)])
def test_another_person_checks(desk: Desk, route: Route, state: SuspensionState) -> None:
    """He finds it in the list, with its paper and its maker; at the counter the form is there, else it is awaited."""
    case = desk.suspended(route)
    listed = told(desk.there.net.enquire.cases(desk.by("sato")), WorkList).items
    assert [(one.case.id, one.case.paper) for one in listed] == [(case, PAPERS[route])]
    entered = told(listed[0].case.matter, Suspension)
    assert entered.entered_by == hand(desk, "mori" if route is Route.HELP_DESK else "tanaka")
    assert entered.entered_at == desk.there.clock.now()
    assert desk.there.net.suspend.check(desk.by("sato"), case) == SuspensionChecked(case, state)
    matter = matter_of(desk, case)
    assert (matter.state, matter.checked_by) == (state, hand(desk, "sato"))
    assert desk.there.net.suspend.check(desk.by("suzuki"), case) == SuspensionStandsAt(state)


@pytest.mark.requirement("SUS-10")
def test_nobody_checks_his_own_stop_through_a_second_account(desk: Desk) -> None:
    """Tanaka entered it; as the supervisor tanaka-2 he is still Tanaka, and the attempt is on record."""
    case = desk.suspended(Route.COUNTER)
    assert desk.there.net.suspend.check(desk.by("tanaka-2"), case) == OwnCase()
    assert matter_of(desk, case).state is S.STOP_ENTERED
    last = desk.chain("tanaka-2")[-1]
    assert (last.kind, last.data["act"], last.data["told"]) == ("OperatorActed", "suspend", "case.own")


def test_nothing_is_checked_before_it_is_entered(desk: Desk) -> None:
    """A request is no stop."""
    case = desk.requested()
    assert desk.there.net.suspend.check(desk.by("sato"), case) == SuspensionStandsAt(S.REQUESTED)


@pytest.mark.requirement("SUS-28")
def test_the_form_is_taken_at_the_representative_branch(desk: Desk) -> None:
    """IB-1 and nothing else, at that branch and at no other, once."""
    formalise, case = desk.there.net.suspend.formalise, desk.checked()
    assert formalise(desk.by("abe"), case, paper=Paper.IB_1) == OtherBranch()
    for paper in (None, Paper.IB_3, Paper.ACCEPTANCE_SLIP):
        refused = Rejected((Violation("case.wrong_paper", field="paper"),))
        assert formalise(desk.by("kudo"), case, paper=paper) == refused
    assert matter_of(desk, case).state is S.FORMAL_PENDING
    assert formalise(desk.by("kudo"), case, paper=Paper.IB_1) == SuspensionFormalised(case)
    assert matter_of(desk, case).state is S.FORMALISED
    assert formalise(desk.by("kudo"), case, paper=Paper.IB_1) == SuspensionStandsAt(S.FORMALISED)


@pytest.mark.requirement("SUS-28")
def test_the_form_comes_after_the_check(desk: Desk) -> None:
    """Before it, the case is not ready for it."""
    case = desk.suspended()
    told = desk.there.net.suspend.formalise(desk.by("kudo"), case, paper=Paper.IB_1)
    assert told == SuspensionStandsAt(S.STOP_ENTERED)


@pytest.mark.requirement("SUS-28")
@pytest.mark.parametrize(
    ("at", "overdue"),
    [
        (datetime(2026, 11, 24, 12, 59, tzinfo=UTC), False),  # 21:59 on the due day in Japan
        (datetime(2026, 11, 24, 22, 0, tzinfo=UTC), True),  # 07:00 on the day after
    ],
)
def test_what_is_late_is_on_the_list_and_stays_stopped(desk: Desk, at: datetime, overdue: bool) -> None:  # noqa: FBT001 -- a table
    """Whoever does not come by the next business day is overdue, and suspended as before (AMB-33)."""
    there, case = desk.there, desk.checked()
    there.clock.set(at)
    for only in (False, True):
        listed = told(there.net.enquire.cases(desk.by("sato"), overdue=only), WorkList)
        assert [(one.case.id, one.overdue) for one in listed.items] == (
            [(case, overdue)] if overdue or not only else []
        )
    assert contract_of(there, desk.taro).suspended_since is not None


@pytest.mark.requirement("SUS-28")
@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (START, date(2026, 11, 24)),
        (datetime(2026, 12, 30, 3, tzinfo=UTC), date(2027, 1, 4)),
        (datetime(2026, 11, 24, 3, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 11, 28, 3, tzinfo=UTC), date(2026, 11, 30)),
    ],
)
def test_the_form_is_due_on_the_next_business_day(desk: Desk, asked: datetime, due: date) -> None:
    """Over week-ends, holidays and New Year."""
    desk.there.clock.set(asked)
    assert told(desk.ask(), SuspensionRequested).due_on == due


# --- Cases that are none ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["", "x", "../..", "f" * 32, "F" * 32, "a\0b", "\ud800"])
def test_what_is_no_case_is_none(desk: Desk, case: str) -> None:
    """Whatever is typed: the answer is the same, and nothing breaks."""
    suspend = desk.there.net.suspend
    assert suspend.enter(desk.by("tanaka"), case) == NoSuchCase()
    assert suspend.refuse(desk.by("tanaka"), case, "why") == NoSuchCase()
    assert suspend.check(desk.by("sato"), case) == NoSuchCase()
    assert suspend.formalise(desk.by("kudo"), case, paper=Paper.IB_1) == NoSuchCase()


def test_another_institutions_case_is_none(desk: Desk) -> None:
    """Ito may do everything, where she is; here she sees neither the contract nor the case."""
    suspend, case = desk.there.net.suspend, desk.requested()
    assert desk.ask("ito") == NotIdentified()
    assert suspend.enter(desk.by("ito"), case) == NoSuchCase()
    assert suspend.refuse(desk.by("ito"), case, "why") == NoSuchCase()
    told(suspend.enter(desk.by("mori"), case), ContractSuspended)
    assert suspend.check(desk.by("ito"), case) == NoSuchCase()
    assert read(desk.there.storage, lambda tx: tx.cases.by_id(AWAY, case)) is None


def test_a_proposal_is_no_suspension(desk: Desk) -> None:
    """Nobody checks a proposal as if it were a stop."""
    desk.formalised()
    case = desk.proposed()
    assert desk.there.net.suspend.check(desk.by("sato"), case) == NoSuchCase()
    assert desk.there.net.suspend.enter(desk.by("mori"), case) == NoSuchCase()


def test_a_contract_without_its_customer_is_nobodys(desk: Desk) -> None:
    """A decoy has an account that nobody has, and is no contract."""
    there = desk.there
    rewrite(there, desk.taro, lambda contract: evolve(contract, account=None))
    assert desk.ask() == NotIdentified()


# --- The log ----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-07", "SUS-13", "OPS-06", "OPS-07", "OPS-10")
def test_every_step_stands_in_the_contracts_chain(desk: Desk) -> None:
    """Who, which person, what, with which form, when to the minute and finer; and nothing of it can be cut out."""
    there = desk.there
    case = desk.formalised()
    steps = [entry for entry in entries_of(there, desk.taro) if entry.kind == "CaseMoved"]
    assert [(one.data["state"], one.data["operator"], one.data["person"], one.data["part"]) for one in steps] == [
        ("requested", "mori", "E-5", "maker"),
        ("stop_entered", "mori", "E-5", "maker"),
        ("formal_pending", "sato", "E-3", "checker"),
        ("formalised", "kudo", "E-1", "maker"),
    ]
    assert {one.data["case"] for one in steps} == {case}
    assert [one.data["paper"] for one in steps] == [*["acceptance_slip"] * 3, "ib_1"]
    assert {one.data["reason"] for one in steps} == {None}
    assert isinstance(verify(there.net.platform), Intact)


def test_contracts_are_not_touched_by_what_is_refused(desk: Desk) -> None:
    """What an operator was refused stands in his own chain, and leaves the contract as it was."""
    before = contract_of(desk.there, desk.taro)
    desk.ask(explained=())
    desk.ask(heard=desk.heard("ノウキョウジロウ"))
    after = contract_of(desk.there, desk.taro)
    assert isinstance(after, Contract)
    assert after == before
    said = [entry.data["told"] for entry in desk.chain("mori") if entry.kind == "OperatorActed"]
    assert said == ["suspend.unexplained", "suspend.former_name_needed"]
