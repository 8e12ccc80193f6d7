"""Approval: one instruction, one answer, one execution."""

from datetime import UTC, datetime, timedelta
from itertools import product

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from janetbank.messages import LANGUAGES, Language, phrase
from janetbank.policies.approval import (
    APP_SUITE,
    NEXT,
    TYPED_SUITE,
    Approval,
    ApprovalEvent,
    ApprovalRules,
    ApprovalState,
    Approved,
    Asked,
    Changed,
    Declined,
    NotOpen,
    Spent,
    WrongAnswer,
)
from janetbank.policies.ocra import Format, Suite

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
WINDOW = 10 * MINUTE
RULES = ApprovalRules()
THIS, THAT = "a" * 64, "b" * 64
OPEN = Approval(digest=THIS, asked_at=T0)
ENDS = {ApprovalState.DECLINED, ApprovalState.EXPIRED, ApprovalState.VOIDED, ApprovalState.SPENT}


def standing(state: ApprovalState) -> Approval:
    """The approval of THIS in *state*."""
    return attrs.evolve(OPEN, state=state)


# --- The table ------------------------------------------------------------------------------------------------------


def test_every_cell_is_meant() -> None:
    """What waits is approved, declined, late or void; what is approved is spent or void; and not one cell more."""
    awaiting, approved = ApprovalState.AWAITING, ApprovalState.APPROVED
    assert dict(NEXT) == {
        (awaiting, ApprovalEvent.APPROVE): approved,
        (awaiting, ApprovalEvent.DECLINE): ApprovalState.DECLINED,
        (awaiting, ApprovalEvent.EXPIRE): ApprovalState.EXPIRED,
        (awaiting, ApprovalEvent.VOID): ApprovalState.VOIDED,
        (approved, ApprovalEvent.SPEND): ApprovalState.SPENT,
        (approved, ApprovalEvent.VOID): ApprovalState.VOIDED,
    }


@pytest.mark.parametrize(("state", "event"), list(product(ApprovalState, ApprovalEvent)))
def test_an_event_does_what_its_cell_says(state: ApprovalState, event: ApprovalEvent) -> None:
    """An event moves an approval as the table says, and where the table says nothing, not at all."""
    approval = standing(state)
    assert approval.can(event) == ((state, event) in NEXT)
    assert approval.on(event) == standing(NEXT.get((state, event), state))
    assert state not in ENDS or approval.on(event) == approval


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_state_has_its_words(lang: Language) -> None:
    """Each state is shown by words of its own."""
    assert len({phrase(f"approvalstate.{state.value}", lang) for state in ApprovalState}) == len(ApprovalState)


# --- Asking ---------------------------------------------------------------------------------------------------------


def test_the_first_time() -> None:
    """An approval asked for waits for ten minutes."""
    assert RULES.ask(None, THIS, T0) == (OPEN, Asked(T0 + WINDOW))


@pytest.mark.parametrize(
    ("state", "again", "verdict"),
    [
        (ApprovalState.AWAITING, False, Asked(T0 + WINDOW)),
        (ApprovalState.APPROVED, False, NotOpen(ApprovalState.APPROVED)),
        (ApprovalState.SPENT, False, NotOpen(ApprovalState.SPENT)),
        (ApprovalState.DECLINED, True, Asked(T0 + MINUTE + WINDOW)),
        (ApprovalState.EXPIRED, True, Asked(T0 + MINUTE + WINDOW)),
        (ApprovalState.VOIDED, True, Asked(T0 + MINUTE + WINDOW)),
    ],
)
def test_asking_again_for_the_same(*, state: ApprovalState, again: bool, verdict: object) -> None:
    """While one is open no other is asked for, and its time is not put off; after a no one may be; after a yes none."""
    expected = Approval(digest=THIS, asked_at=T0 + MINUTE) if again else standing(state)
    assert RULES.ask(standing(state), THIS, T0 + MINUTE) == (expected, verdict)


@pytest.mark.parametrize("state", ApprovalState)
def test_asking_for_another_text(state: ApprovalState) -> None:
    """An instruction edited is asked about anew, whatever was said of it before; one that was executed is not."""
    approval, verdict = RULES.ask(standing(state), THAT, T0 + MINUTE)
    if state is ApprovalState.SPENT:
        assert (approval, verdict) == (standing(state), NotOpen(state))
    else:
        assert (approval, verdict) == (Approval(digest=THAT, asked_at=T0 + MINUTE), Asked(T0 + MINUTE + WINDOW))


def test_asking_again_too_late() -> None:
    """An approval that has waited in vain is asked for anew, with all of its time."""
    for late, asked_at in [(WINDOW, T0), (WINDOW + TICK, T0 + WINDOW + TICK)]:
        approval = Approval(digest=THIS, asked_at=asked_at)
        assert RULES.ask(OPEN, THIS, T0 + late) == (approval, Asked(asked_at + WINDOW))


# --- Answering ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digest", "right", "state", "verdict"),
    [
        (THIS, True, ApprovalState.APPROVED, Approved()),
        (THIS, False, ApprovalState.AWAITING, WrongAnswer()),
        (THAT, True, ApprovalState.VOIDED, Changed()),
        (THAT, False, ApprovalState.VOIDED, Changed()),
    ],
)
def test_an_answer(digest: str, *, right: bool, state: ApprovalState, verdict: object) -> None:
    """A right answer approves, a wrong one leaves it waiting; where the instruction has become another, it is void."""
    assert RULES.approve(OPEN, digest, T0 + MINUTE, right=right) == (standing(state), verdict)


@pytest.mark.parametrize(("late", "alive"), [(WINDOW - TICK, True), (WINDOW, True), (WINDOW + TICK, False)])
def test_the_last_instant_counts(late: timedelta, *, alive: bool) -> None:
    """Up to ten minutes, the last instant included, an answer is taken, yes or no; after that it has expired."""
    now = T0 + late
    expired = (standing(ApprovalState.EXPIRED), NotOpen(ApprovalState.EXPIRED))
    assert RULES.at(OPEN, now) == (OPEN if alive else expired[0])
    approved = (standing(ApprovalState.APPROVED), Approved())
    assert RULES.approve(OPEN, THIS, now, right=True) == (approved if alive else expired)
    declined = (standing(ApprovalState.DECLINED), Declined())
    assert RULES.decline(OPEN, now) == (declined if alive else expired)


def test_who_comes_late_learns_no_more() -> None:
    """Too late, a wrong answer and a changed instruction are told apart from a right one by nothing."""
    late = T0 + WINDOW + TICK
    answers = [RULES.approve(OPEN, digest, late, right=right) for digest in (THIS, THAT) for right in (True, False)]
    assert answers == [(standing(ApprovalState.EXPIRED), NotOpen(ApprovalState.EXPIRED))] * 4


@pytest.mark.parametrize("state", [one for one in ApprovalState if one is not ApprovalState.AWAITING])
def test_what_was_answered_takes_no_answer(state: ApprovalState) -> None:
    """A challenge is answered once: what does not wait any more takes neither a yes nor a no."""
    assert RULES.approve(standing(state), THIS, T0, right=True) == (standing(state), NotOpen(state))
    assert RULES.decline(standing(state), T0) == (standing(state), NotOpen(state))


# --- Executing ------------------------------------------------------------------------------------------------------


def test_an_approval_is_spent_once() -> None:
    """What was approved is executed once, however late, and not again."""
    spent, verdict = RULES.spend(standing(ApprovalState.APPROVED), THIS, T0 + timedelta(days=30))
    assert (spent, verdict) == (standing(ApprovalState.SPENT), Spent())
    assert RULES.spend(spent, THIS, T0) == (spent, NotOpen(ApprovalState.SPENT))


def test_what_was_changed_after_the_approval_is_void() -> None:
    """An instruction that has become another between approval and execution is not executed, then or ever."""
    void, verdict = RULES.spend(standing(ApprovalState.APPROVED), THAT, T0)
    assert (void, verdict) == (standing(ApprovalState.VOIDED), Changed())
    assert RULES.spend(void, THIS, T0) == (void, NotOpen(ApprovalState.VOIDED))


@pytest.mark.parametrize("state", [one for one in ApprovalState if one is not ApprovalState.APPROVED])
def test_without_approval_nothing_is_executed(state: ApprovalState) -> None:
    """Only what is approved is executed."""
    assert RULES.spend(standing(state), THIS, T0) == (standing(state), NotOpen(state))


def test_one_that_waits_too_long_is_found_expired_by_whoever_looks() -> None:
    """Looked at for execution, one that waited in vain has expired."""
    late = T0 + WINDOW + TICK
    assert RULES.spend(OPEN, THIS, late) == (standing(ApprovalState.EXPIRED), NotOpen(ApprovalState.EXPIRED))


# --- Histories ------------------------------------------------------------------------------------------------------


class Histories(RuleBasedStateMachine):
    """Any acts in any order, beside a model that remembers only what a customer would."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.text = 0
        self.approval: Approval | None = None
        self.open_until = T0 - TICK
        self.asked = self.approved = -1
        self.executed = list[int]()

    @property
    def digest(self) -> str:
        """The digest of the instruction as it is now."""
        return f"{self.text:064x}"

    @property
    def waiting(self) -> bool:
        """Whether an answer is awaited now."""
        return self.now <= self.open_until

    @rule(pause=st.sampled_from([TICK, MINUTE, WINDOW, WINDOW + TICK]))
    def wait(self, pause: timedelta) -> None:
        """Time passes."""
        self.now += pause

    @rule(text=st.integers(0, 2))
    def edit(self, text: int) -> None:
        """The instruction becomes another, or the one it was."""
        self.text = text

    @rule()
    def ask(self) -> None:
        """Approval is asked for: anew, unless one for the same text is open, or the instruction is executed."""
        self.approval, verdict = RULES.ask(self.approval, self.digest, self.now)
        if self.executed or self.approved == self.text:
            assert isinstance(verdict, NotOpen)
            return
        if not (self.waiting and self.asked == self.text):
            self.asked, self.approved, self.open_until = self.text, -1, self.now + WINDOW
        assert verdict == Asked(self.open_until)

    @precondition(lambda self: self.approval is not None)
    @rule(right=st.booleans())
    def answer(self, *, right: bool) -> None:
        """An answer comes."""
        assert self.approval is not None
        self.approval, verdict = RULES.approve(self.approval, self.digest, self.now, right=right)
        assert isinstance(verdict, NotOpen) != self.waiting
        assert isinstance(verdict, Approved) == (self.waiting and self.asked == self.text and right)
        if isinstance(verdict, Approved):
            self.approved = self.text
        if isinstance(verdict, Approved | Changed):
            self.open_until = self.now - TICK

    @precondition(lambda self: self.approval is not None)
    @rule()
    def decline(self) -> None:
        """The customer says no."""
        assert self.approval is not None
        self.approval, verdict = RULES.decline(self.approval, self.now)
        assert isinstance(verdict, Declined) == self.waiting
        self.open_until = self.now - TICK

    @precondition(lambda self: self.approval is not None)
    @rule()
    def replace_token(self) -> None:
        """The token is replaced: nothing that it could still approve, or has approved, is executed (AMB-25)."""
        assert self.approval is not None
        self.approval = RULES.at(self.approval, self.now).on(ApprovalEvent.VOID)
        self.approved, self.open_until = -1, self.now - TICK

    @precondition(lambda self: self.approval is not None)
    @rule()
    def execute(self) -> None:
        """The bank would execute the instruction."""
        assert self.approval is not None
        self.approval, verdict = RULES.spend(self.approval, self.digest, self.now)
        assert isinstance(verdict, Spent) == (self.approved == self.text)
        if isinstance(verdict, Spent):
            self.executed.append(self.text)
        self.approved = -1

    @invariant()
    def once(self) -> None:
        """An instruction is executed once at most."""
        assert len(self.executed) <= 1


def test_any_history() -> None:
    """After any history exactly that text is executed, once, which a right answer in time approved last."""
    run_state_machine_as_test(Histories)


@pytest.mark.search
def test_any_history_at_length() -> None:
    """The same, searched at length (make search)."""
    run_state_machine_as_test(Histories)


# --- Rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "size"), [(APP_SUITE, 0), (TYPED_SUITE, 8)])
def test_the_suites_take_a_digest(text: str, size: int) -> None:
    """Between app and bank the whole MAC answers, typed by hand eight digits do; both answer a whole digest."""
    inputs = Suite(text).inputs
    assert (inputs.hash, inputs.digits, inputs.format, inputs.longest) == ("sha256", size, Format.HEXADECIMAL, 64)
    assert inputs.step == MINUTE
    assert len(Suite(text).answer(bytes(32), THIS, now=T0)) == (size or 64)


@pytest.mark.parametrize("window", [timedelta(0), -MINUTE, WINDOW + TICK])
def test_windows_that_cannot_be(window: timedelta) -> None:
    """No window, or more than ten minutes, is refused."""
    assert ApprovalRules(window=WINDOW).window == WINDOW
    with pytest.raises(ValueError, match="ten minutes"):
        ApprovalRules(window=window)


def test_tolerances_that_cannot_be() -> None:
    """A tolerance counts minutes: none, or some."""
    assert RULES.tolerance == 1
    assert ApprovalRules(tolerance=0).tolerance == 0
    with pytest.raises(ValueError, match="tolerance"):
        ApprovalRules(tolerance=-1)
