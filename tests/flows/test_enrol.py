"""Enrolling: the order of the steps, and the procedure that holds them together."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.flows.enrol import Abandoned, Begun, Done, Enrolled, Next, OtherTerms
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import ProcedureEnded, Rejected, WrongStep
from janetbank.model.enrolment import AcceptedTerms
from janetbank.policies.enrolment import NEXT, Act, Step
from janetbank.ports.directory import Terms
from janetbank.testing.bank import HOME, INSTITUTION, NEIGHBOUR, bank
from janetbank.values.identifiers import InstitutionId
from janetbank.values.secret import Secret
from tests.flows.application import ORDER, REACHED_BY, apply, node
from tests.flows.scene import MINUTE, TAKASHI, TICK, kinds, letters, read

OVER = {Step.DONE, Step.ABANDONED}


def ends(step: Step) -> object:
    """What an applicant is told of where he is, at *step*."""
    return ProcedureEnded() if step in OVER else step


# --- The table --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-01", "ENR-02", "ENR-03", "ENR-04", "ENR-06", "ENR-09", "ENR-10")
@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("step", Step)
def test_every_act_at_every_step(step: Step, act: Act) -> None:
    """Where the table has a cell the act leads to its step; elsewhere nothing happens, and the due step is told."""
    application = apply(bank(), step)
    told = application.do(act)
    if step in OVER:
        assert told == ProcedureEnded()
    elif (step, act) in NEXT:
        assert not isinstance(told, WrongStep | ProcedureEnded)
    else:
        assert told == WrongStep(step)
    assert application.where() == ends(NEXT.get((step, act), step))


@given(acts=st.lists(st.sampled_from([act for act in Act if act is not Act.LOSE_LOGIN_ID]), max_size=25))
def test_any_way_through_the_application(acts: list[Act]) -> None:
    """Whatever is done in whatever order, the procedure is where the table says, and its chain of events says how."""
    application = apply(bank())
    step, taken = Step.TERMS, 0
    for act in acts:
        application.do(act)
        if (step, act) in NEXT:
            step, taken = NEXT[step, act], taken + 1
        assert application.where() == ends(step)
    stored = application.stored()
    entries = read(application.there.storage, lambda tx: list(tx.audit.chain(stored.id)))
    assert kinds(entries).count("ProcedureStep") == taken
    assert all(entry.intact for entry in entries)
    assert (stored.chain.seq, stored.step) == (len(entries), step)


@pytest.mark.requirement("ENR-01", "ENR-09", "ENR-10", "LGN-08")
def test_the_whole_way() -> None:
    """Seven steps, each asking for the next, and then there is a contract."""
    application = apply(bank())
    told = [application.do(act) for act in ORDER]
    due = [Step.INSTITUTION, Step.HOLDER, Step.CREDENTIALS, Step.CUSTOMER, Step.REVIEW]
    assert told[:5] == [Next(step) for step in due]
    assert isinstance(told[5], Enrolled)
    assert told[6] == Done(otp_wanted=False)


def test_a_wrong_step_is_told_before_anything_is_looked_at() -> None:
    """What is typed at a step that is not due is not judged, and no host is asked."""
    there = bank()
    application = apply(there)
    there.core.reachable = False
    told = [
        application.prove(branch="?", number="?", pin=Secret("?"), born="?"),
        application.credentials(login_id="?", acknowledged=False),
        application.customer(mail="?"),
        application.net.enrol.choose_institution(application.token, "どこか", InstitutionId("9999")),
        application.net.enrol.review(application.token),
    ]
    assert told == [WrongStep(Step.TERMS)] * 5


# --- Going back, giving up, running out -------------------------------------------------------------------------------


@pytest.mark.parametrize("back", range(1, 6))
def test_one_can_go_back_and_give_something_else(back: int) -> None:
    """However far one goes back, what is given anew on the way forward is what is registered."""
    there = bank()
    application = apply(there, Step.REVIEW)
    for _ in range(back):
        application.do(Act.GO_BACK)
    application.login_id = "tsuki5rw" if back > 1 else application.login_id
    application.do_all(ORDER[5 - back :])
    assert application.where() == ProcedureEnded()
    told = there.net.log_in.with_login_id(
        INSTITUTION.id, application.login_id, Secret(application.password), seen_from=HOME
    )
    assert isinstance(told, LoggedIn)


@pytest.mark.requirement("RBA-08")
@pytest.mark.parametrize("step", [step for step in Step if (step, Act.ABANDON) in NEXT])
def test_whoever_gives_up_leaves_nothing_behind(step: Step) -> None:
    """Before the contract exists one can give up at any step: nothing is registered, what was typed is forgotten."""
    there = bank()
    application = apply(there, step)
    assert application.do(Act.ABANDON) == Abandoned()
    stored = application.stored()
    assert (stored.holder, stored.credentials, stored.addresses, stored.contract) == (None, None, (), None)
    assert letters(there) == []
    assert there.guess(application.login_id, application.password) == there.guess("nobody99", "x")
    assert isinstance(apply(there, Step.REVIEW).confirm(), Enrolled)


@pytest.mark.parametrize("step", [step for step in Step if step not in OVER])
def test_an_application_runs_out(step: Step) -> None:
    """Sixty minutes after its beginning it has ended, at whatever step, and whatever was done in between."""
    there = bank()
    application = apply(there)
    end = there.clock.now() + 60 * MINUTE
    there.clock.advance(30 * MINUTE)
    application.do_all(REACHED_BY[step])
    there.clock.set(end - TICK)
    assert application.where() == step
    there.clock.advance(TICK)
    assert application.where() == ProcedureEnded()
    assert {application.do(act) for act in ORDER} == {ProcedureEnded()}
    assert application.do(Act.GO_BACK) == application.do(Act.ABANDON) == ProcedureEnded()


def test_begun_says_until_when() -> None:
    """Each application has its own token, and says how long it waits."""
    there = bank()
    one, other = there.net.enrol.begin(seen_from=HOME), there.net.enrol.begin(seen_from=HOME)
    assert isinstance(one, Begun)
    assert isinstance(other, Begun)
    assert one.procedure != other.procedure
    assert one.until == there.clock.now() + timedelta(minutes=60)


# --- More than one process --------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-09")
def test_an_application_goes_on_in_another_process() -> None:
    """Each step may be taken by another process, or after a restart: all that is kept is in the store."""
    there = bank()
    application = apply(there)
    for act in ORDER:
        assert not isinstance(application.do(act), WrongStep | ProcedureEnded)
        application.net = node(there)
    told = there.net.log_in.with_login_id(
        INSTITUTION.id, application.login_id, Secret(application.password), seen_from=HOME
    )
    assert isinstance(told, LoggedIn)


def test_applications_do_not_meet() -> None:
    """Two applicants, step by step side by side, each get their own contract."""
    there = bank()
    mine, yours = apply(there), apply(there, person=TAKASHI, login_id="tsuki5rw")
    for act in ORDER:
        assert not isinstance(mine.do(act), WrongStep)
        assert not isinstance(yours.do(act), WrongStep)
    assert mine.stored().contract != yours.stored().contract


# --- Terms and institution --------------------------------------------------------------------------------------------


@pytest.mark.requirement("ENR-02")
def test_the_terms_are_those_of_the_institution_chosen() -> None:
    """Who agreed to other terms than the chosen institution's is shown these, agrees, and chooses it again."""
    application = apply(bank(), Step.INSTITUTION)
    assert application.choose(NEIGHBOUR) == OtherTerms(NEIGHBOUR.terms)
    assert application.where() == Step.TERMS
    application.net.enrol.agree(application.token, NEIGHBOUR.terms)
    assert application.choose(NEIGHBOUR) == Next(Step.HOLDER)
    assert application.stored().institution == NEIGHBOUR.id


@pytest.mark.requirement("ENR-02")
@pytest.mark.parametrize("terms", [Terms("ja-netbank", "2025-04"), Terms("midori", "2026-04"), Terms("", "")])
def test_an_old_version_is_other_terms(terms: Terms) -> None:
    """The id and the version must both be the institution's present ones."""
    application = apply(bank())
    application.net.enrol.agree(application.token, terms)
    assert application.choose() == OtherTerms(INSTITUTION.terms)


@pytest.mark.requirement("ENR-02")
def test_what_was_agreed_to_is_recorded() -> None:
    """Which terms, in which version, and when."""
    there = bank()
    application = apply(there)
    there.clock.advance(MINUTE)
    application.agree()
    assert application.stored().terms == AcceptedTerms("ja-netbank", "2026-04", there.clock.now())


@pytest.mark.requirement("ENR-02", "LGN-01")
@pytest.mark.parametrize(("prefecture", "code"), [("長野県", "9999"), ("東京都", "5441"), ("", "5441")])
def test_an_institution_is_chosen_from_the_directory(prefecture: str, code: str) -> None:
    """An institution that does not exist, or not in that prefecture, is rejected, and the step stays due."""
    application = apply(bank(), Step.INSTITUTION)
    told = application.net.enrol.choose_institution(application.token, prefecture, InstitutionId(code))
    assert isinstance(told, Rejected)
    assert [(one.code, one.field) for one in told.violations] == [("institution.unknown", "institution")]
    assert application.where() == Step.INSTITUTION
