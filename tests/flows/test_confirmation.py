"""The confirmation password: shown within the session, for one act each time, on a counter of its own."""

from collections.abc import Callable
from datetime import date

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.flows.change_confirmation import ChangeConfirmation, ConfirmationChanged
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import ChangePassword, PasswordChanged
from janetbank.flows.distinct import Credential, kept_clashes
from janetbank.flows.enrol import Next
from janetbank.flows.instruct import CodeNeeded, InstructionStanding
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.phone_auth import Started
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import (
    Blocked,
    ConfirmationNeeded,
    LockedOut,
    OutsideServiceHours,
    Refused,
    Rejected,
    SessionEnded,
    StepUpNeeded,
    Suspended,
    TryAgain,
)
from janetbank.flows.reset_password import ResetPassword
from janetbank.flows.set_limits import LimitsSet
from janetbank.flows.step_up import Confirmed, Spent, StepUp
from janetbank.flows.use_session import InSession
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.enrolment import Step
from janetbank.policies.lockout import Tally
from janetbank.policies.recovery import Step as ResetStep
from janetbank.policies.step_up import QUESTIONED, Guarded
from janetbank.profiles import AOMORI, fast_for_tests
from janetbank.testing.bank import Enrollee, TestBank, bank
from janetbank.values.instruction import InstructionKind
from janetbank.values.login_id import LoginId
from janetbank.values.secret import Secret
from tests.flows.application import apply
from tests.flows.confirmation_scene import (
    WRONG_CONFIRMATION,
    block_confirmation,
    confirming,
    confirming_bank,
    lock_confirmation,
)
from tests.flows.recovery_scene import reset
from tests.flows.scene import (
    MINUTE,
    REST,
    TICK,
    WRONG,
    SlowVault,
    confirmed,
    contract_of,
    counted,
    entries_of,
    held,
    interrupted,
    kinds,
    letters,
    lock_password,
    rewrite,
    stepped_up,
    stored,
    suspend,
    with_password,
)
from tests.flows.token_scene import MAIL, START_PASSWORD, order

NEW = Secret("lake7pine")
NEW_PASSWORD = Secret("vase3#lamp")
OWN = InstructionKind.OWN_TRANSFER


def codes(told: object) -> set[str]:
    """Why something was rejected."""
    assert isinstance(told, Rejected), told
    return {violation.code for violation in told.violations}


def said(told: object) -> set[tuple[str, str]]:
    """Why something was rejected, and of which entry that is said."""
    assert isinstance(told, Rejected), told
    return {(violation.code, violation.field) for violation in told.violations}


def ready(there: TestBank, who: Enrollee) -> Secret:
    """A session in which the second password was shown."""
    return confirmed(there, who, there.log_in(who))


def transfer(there: TestBank, session: Secret) -> object:
    """Move something to one's other account."""
    return there.net.instruct.request(session, order(OWN))


def limit(there: TestBank, who: Enrollee, session: Secret) -> object:
    """Set a limit."""
    return there.net.limits.set(session, {who.person.account: "10"})


def token(there: TestBank, session: Secret) -> object:
    """Apply for a token."""
    return there.net.issue_token.apply(
        session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
    )


def change(there: TestBank, who: Enrollee, session: Secret, new: Secret = NEW) -> object:
    """Choose another confirmation password."""
    return there.net.change_confirmation(session, password=who.password, new=new, again=new)


def change_password(there: TestBank, who: Enrollee, session: Secret, new: Secret = NEW_PASSWORD) -> object:
    """Choose another login password."""
    return there.net.change_password(session, current=who.password, new=new, again=new)


def change_login_id(there: TestBank, who: Enrollee, session: Secret, new: str = "hoshi9kwx") -> object:
    """Choose another login id."""
    return there.net.change_login_id(session, password=who.password, new=new)


def invest(there: TestBank, session: Secret) -> object:
    """Let the bank's own systems ask."""
    return there.net.step_up.spend(session, Guarded.INVESTMENTS)


ACTS: dict[str, tuple[Guarded, Callable[[TestBank, Enrollee, Secret], object], type]] = {
    "transfer": (Guarded.TRANSFERS, lambda there, _, session: transfer(there, session), Authorised),
    "investment": (Guarded.INVESTMENTS, lambda there, _, session: invest(there, session), Spent),
    "limit": (Guarded.CUSTOMER_DATA, limit, LimitsSet),
    "login id": (Guarded.CUSTOMER_DATA, change_login_id, LoginIdChanged),
    "token": (Guarded.TOKEN_ISSUE, lambda there, _, session: token(there, session), Started),
}
EACH_ACT = pytest.mark.parametrize("act", ACTS)


@pytest.fixture
def there() -> TestBank:
    """A bank whose customers have a second password for everything that may be."""
    return confirming_bank()


@pytest.fixture
def taro(there: TestBank) -> Enrollee:
    """A customer of it, with two accounts."""
    taro = there.customer()
    there.link_savings(taro)
    return taro


# --- Shown ------------------------------------------------------------------------------------------------------------


def test_showing_it_is_a_use_of_the_session() -> None:
    """Who shows it has five minutes from then, as whoever does anything else."""
    there = confirming_bank()
    taro = there.customer()
    session = there.log_in(taro)
    there.clock.advance(5 * MINUTE - TICK)
    session = confirmed(there, taro, session)
    there.clock.advance(5 * MINUTE - TICK)
    assert isinstance(there.net.use_session(session), InSession)


@pytest.mark.requirement("PRF-16", "CRD-15")
def test_the_right_one_lifts_the_session_under_a_new_token(there: TestBank, taro: Enrollee) -> None:
    """It counts until five minutes later; the old token is dead, and the chain has it."""
    session = there.log_in(taro)
    told = there.net.step_up.confirm(session, taro.confirmation)
    assert isinstance(told, Confirmed)
    assert told.until == there.clock.now() + 5 * MINUTE
    assert there.net.use_session(session) == SessionEnded()
    assert isinstance(there.net.use_session(told.session), InSession)
    assert kinds(entries_of(there, taro))[-2:] == ["GuessReserved", "Confirmed"]


@pytest.mark.requirement("PRF-16", "CRD-15", "CRD-16", "ENR-38", "TKN-15")
@EACH_ACT
def test_each_act_that_it_authorises_takes_it(there: TestBank, taro: Enrollee, act: str) -> None:
    """Not without it, not by a question instead, once with it, and then not again until it is shown again."""
    _, do, done = ACTS[act]
    session = stepped_up(there, taro, there.log_in(taro))
    assert do(there, taro, session) == ConfirmationNeeded()
    session = confirmed(there, taro, session)
    told = do(there, taro, session)
    assert isinstance(told, done)
    session = getattr(told, "session", session)
    assert limit(there, taro, session) == ConfirmationNeeded()
    assert transfer(there, session) == ConfirmationNeeded()


@pytest.mark.requirement("PRF-16", "CRD-15", "CRD-16", "TKN-11")
@pytest.mark.parametrize("authorises", [*Guarded])
@EACH_ACT
def test_what_it_does_not_authorise_takes_what_it_takes_elsewhere(act: str, authorises: Guarded) -> None:
    """Where the profile does not name an act, it is as at JA: a question for what is questioned, else nothing."""
    there = confirming_bank(authorises)
    taro = there.customer()
    there.link_savings(taro)
    guarded, do, done = ACTS[act]
    session = there.log_in(taro)
    if guarded is authorises:
        assert do(there, taro, stepped_up(there, taro, session)) == ConfirmationNeeded()
    elif guarded in QUESTIONED:
        session = confirmed(there, taro, session)
        assert do(there, taro, session) == StepUpNeeded()
        assert isinstance(do(there, taro, stepped_up(there, taro, session)), done)
    else:
        assert isinstance(do(there, taro, session), done)


@EACH_ACT
def test_it_counts_for_five_minutes(act: str) -> None:
    """One instant before their end it does, at their end it does not."""
    _, do, done = ACTS[act]
    for wait, kind in ((5 * MINUTE - TICK, done), (5 * MINUTE, ConfirmationNeeded)):
        there = confirming_bank()
        taro = there.customer()
        there.link_savings(taro)
        session = ready(there, taro)
        there.clock.advance(wait - MINUTE)
        there.net.use_session(session)  # that it does not end for want of use
        there.clock.advance(MINUTE)
        assert isinstance(do(there, taro, session), kind)


def test_what_is_refused_for_another_reason_spends_nothing(there: TestBank, taro: Enrollee) -> None:
    """Whoever mistypes an account or a limit does not have to show it again."""
    session = ready(there, taro)
    assert isinstance(there.net.limits.set(session, {taro.person.account: "99999"}), Rejected)
    past = there.net.instruct.request(session, order(OWN, day=date(2026, 11, 19)))
    assert codes(past) == {"transfer.date_past"}
    assert isinstance(transfer(there, session), Authorised)


@pytest.mark.requirement("CRD-15")
def test_each_transfer_takes_it_and_so_does_each_change_of_one(there: TestBank, taro: Enrollee) -> None:
    """A second transfer, and another amount for the first, take it again; the same one asked for again does not."""
    session = ready(there, taro)
    first = there.net.instruct.request(session, order(OWN), key="one")
    assert isinstance(first, Authorised)
    assert there.net.instruct.request(session, order(OWN), key="two") == ConfirmationNeeded()
    assert there.net.instruct.request(session, order(OWN), key="one") == first
    assert there.net.instruct.amend(session, first.reference, order(OWN, 2)) == ConfirmationNeeded()
    session = confirmed(there, taro, session)
    assert isinstance(there.net.instruct.amend(session, first.reference, order(OWN, 2)), Authorised)
    assert isinstance(there.net.instruct.standing(session, first.reference), InstructionStanding)


@pytest.mark.requirement("CRD-15", "PRF-16")
def test_the_code_of_the_token_is_asked_for_as_well(there: TestBank, taro: Enrollee) -> None:
    """The second password stands in no code's place: an ad hoc transfer takes both."""
    from tests.flows.token_scene import Telephone

    phone = Telephone.of(there, taro).start()
    assert there.net.instruct.request(phone.session, order()) == ConfirmationNeeded()
    session = confirmed(there, taro, phone.session)
    assert isinstance(there.net.instruct.request(session, order()), CodeNeeded)


def test_one_showing_is_worth_one_act_however_many_are_asked_for_at_once(there: TestBank, taro: Enrollee) -> None:
    """Where another window was faster, this one is told to show it again."""
    session = ready(there, taro)
    told: list[object] = []
    slow = StepUp(interrupted(there, 0, lambda: told.append(transfer(there, session))))
    assert slow.spend(session, Guarded.INVESTMENTS) == ConfirmationNeeded()
    assert isinstance(told[0], Authorised)


@pytest.mark.requirement("CRD-15")
def test_what_the_banks_own_systems_did_by_it_is_kept(there: TestBank, taro: Enrollee) -> None:
    """The chain says what it was spent for."""
    assert invest(there, ready(there, taro)) == Spent()
    last = entries_of(there, taro)[-1]
    assert (last.kind, last.data) == ("ConfirmationSpent", {"act": "investments"})


# --- Exactly as chosen ------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PRF-07")
@given(typed=st.text(max_size=20) | st.sampled_from(["MOON5GATE", "Moon5gate", " moon5gate", "moon5gate ", "moon5gat"]))
def test_nothing_but_the_very_characters_is_right(typed: str) -> None:
    """Case, spaces and length count: whatever was not chosen is wrong, and counted."""
    there = confirming_bank()
    taro = there.customer()
    session = there.log_in(taro)
    told = there.net.step_up.confirm(session, Secret(typed))
    assert isinstance(told, Confirmed if typed == taro.confirmation.reveal() else Refused)


@pytest.mark.requirement("PRF-07", "PRF-16")
def test_neither_the_login_password_nor_the_answer_is_one(there: TestBank, taro: Enrollee) -> None:
    """No other secret of the customer confirms, nor does the second password log in."""
    session = there.log_in(taro)
    for other in (taro.password, Secret(taro.login_id), *(Secret(answer) for _, answer in taro.answers)):
        assert there.net.step_up.confirm(session, other) == Refused()
    assert with_password(there, taro, taro.confirmation) == Refused()


@pytest.mark.requirement("PRF-16")
def test_where_there_is_none_there_is_nothing_to_show() -> None:
    """At a bank with one password it is not offered, whatever is typed, and nothing is counted."""
    there = bank()
    taro = there.customer()
    session, before = there.log_in(taro), contract_of(there, taro)
    assert there.net.step_up.confirm(session, Secret("")) == OutsideServiceHours(None)
    assert change(there, taro, session) == OutsideServiceHours(None)
    assert contract_of(there, taro) == before
    assert before.confirmation is None


def test_who_has_none_yet_cannot_show_one(there: TestBank, taro: Enrollee) -> None:
    """A contract from before the bank had second passwords: whatever is typed is wrong, and costs the same."""
    rewrite(there, taro, lambda one: evolve(one, confirmation=None))
    session = there.log_in(taro)
    assert there.net.step_up.confirm(session, taro.confirmation) == Refused()
    assert there.net.step_up.confirm(session, Secret("")) == Refused()


# --- Counted ----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("PRF-16", "LCK-15")
def test_seven_wrong_ones_lock_what_takes_it_and_nothing_else(there: TestBank, taro: Enrollee) -> None:
    """The eighth is not looked at; the session goes on, balances and logging in too; the customer is told."""
    session = there.log_in(taro)
    locked = lock_confirmation(there, taro, session)
    assert locked.until == there.clock.now() + REST
    assert there.net.step_up.confirm(session, taro.confirmation) == locked
    assert invest(there, session) == locked
    assert isinstance(there.net.use_session(session), InSession)
    assert isinstance(with_password(there, taro), LoggedIn)
    assert LetterCode.CONFIRMATION_LOCKED_OUT in {letter.code for letter in letters(there)}
    there.clock.advance(REST)
    assert isinstance(ready(there, taro), Secret)


@pytest.mark.requirement("PRF-16", "LCK-15")
def test_three_locks_in_a_row_block_it(there: TestBank, taro: Enrollee) -> None:
    """Time opens nothing then; logging in goes on."""
    block_confirmation(there, taro)
    there.clock.advance(1000 * REST)
    session = there.log_in(taro)
    assert there.net.step_up.confirm(session, taro.confirmation) == Blocked()
    assert LetterCode.CONFIRMATION_BLOCKED in {letter.code for letter in letters(there)}


@pytest.mark.requirement("LCK-02", "LCK-15")
def test_its_count_is_cleared_by_it_alone(there: TestBank, taro: Enrollee) -> None:
    """A right password or a right answer leaves wrong ones counted; a right one clears them, and no wrong password."""
    session = there.log_in(taro)
    for _ in range(3):
        there.net.step_up.confirm(session, WRONG_CONFIRMATION)
    there.guess(taro.login_id, WRONG.reveal())
    session = stepped_up(there, taro, session)
    assert len(contract_of(there, taro).confirmation_tally.failed) == 3
    confirmed(there, taro, session)
    assert contract_of(there, taro).confirmation_tally.failed == ()
    assert len(contract_of(there, taro).password_tally.failed) == 1


@pytest.mark.requirement("LCK-16")
def test_a_guess_is_counted_before_it_is_checked(there: TestBank, taro: Enrollee) -> None:
    """While seven are in flight an eighth is neither evaluated nor counted; behind a lock no Argon2 runs."""
    session = there.log_in(taro)
    _, vault = counted(there)
    slow = StepUp(evolve(there.net.platform, vault=vault))
    for _ in range(7):
        held(there, taro, Counter.CONFIRMATION)
    runs = vault.runs
    assert slow.confirm(session, taro.confirmation) == TryAgain()
    assert vault.runs == runs


def test_what_closed_meanwhile_is_closed(there: TestBank, taro: Enrollee) -> None:
    """Where the contract was locked while the password was checked, the right one opens nothing."""
    vault = SlowVault(there)
    session = there.log_in(taro)
    vault.meanwhile = lambda: lock_password(there, taro)
    told = StepUp(evolve(there.net.platform, vault=vault)).confirm(session, taro.confirmation)
    assert isinstance(told, LockedOut)


def test_a_session_that_ended_meanwhile_is_not_lifted(there: TestBank, taro: Enrollee) -> None:
    """Who logged out while the password was checked stays out."""
    vault = SlowVault(there)
    session = there.log_in(taro)
    vault.meanwhile = lambda: there.net.log_out(session)
    told = StepUp(evolve(there.net.platform, vault=vault)).confirm(session, taro.confirmation)
    assert told == SessionEnded()


def test_no_session_no_confirmation(there: TestBank, taro: Enrollee) -> None:
    """A token that nobody gave out, and another customer's secret, are worth nothing."""
    assert there.net.step_up.confirm(Secret("x"), taro.confirmation) == SessionEnded()
    assert there.net.step_up.spend(Secret("x"), Guarded.INVESTMENTS) == SessionEnded()


# --- Another one ------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CRD-13", "PRF-07", "ENR-26")
def test_another_one_counts_at_once_and_the_old_one_no_more(there: TestBank, taro: Enrollee) -> None:
    """All other sessions end, every address is told, and the new one is what confirms, on every device."""
    session, other = ready(there, taro), there.log_in(taro)
    told = change(there, taro, session)
    assert isinstance(told, ConfirmationChanged)
    assert there.net.use_session(other) == there.net.use_session(session) == SessionEnded()
    assert there.net.step_up.confirm(told.session, taro.confirmation) == Refused()
    assert isinstance(there.net.step_up.confirm(told.session, NEW), Confirmed)
    assert isinstance(there.net.step_up.confirm(there.log_in(taro), NEW), Confirmed)
    assert LetterCode.CONFIRMATION_CHANGED in {letter.code for letter in letters(there)}
    assert "ConfirmationChanged" in kinds(entries_of(there, taro))


def test_it_takes_the_present_one_and_the_login_password(there: TestBank, taro: Enrollee) -> None:
    """Both are shown, and both counted; the showing is used up."""
    session = there.log_in(taro)
    assert change(there, taro, session) == ConfirmationNeeded()
    session = confirmed(there, taro, session)
    assert there.net.change_confirmation(session, password=WRONG, new=NEW, again=NEW) == Refused()
    assert len(contract_of(there, taro).password_tally.failed) == 1
    told = change(there, taro, session)
    assert isinstance(told, ConfirmationChanged)
    assert change(there, taro, told.session, Secret("sand9roof")) == ConfirmationNeeded()


@pytest.mark.requirement("CRD-13", "PRF-07")
@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("qr7wz", {"password.too_short"}),
        ("qr7wzd", None),
        ("qr7wzdkm2vxt", None),
        ("qr7wzdkm2vxtb", {"password.too_long"}),
        ("qrtwzdkm", {"password.not_mixed"}),
        ("qr7wz+km", {"password.letters_and_digits"}),
        ("moon5gate", {"password.unchanged"}),
        ("Moon5gate", None),
        ("soil7rain", {"confirmation.same_as_password"}),
        ("Soil7rain", None),
        ("19800102ab", {"password.guessable.birth_date"}),
    ],
)
def test_what_may_be_chosen(new: str, why: set[str] | None) -> None:
    """6-12 letters and digits, mixed, case told apart; not the present one, and not the login password."""
    there = bank(fast_for_tests(AOMORI))
    taro = there.customer("kaze48nd", "soil7rain")
    told = change(there, taro, ready(there, taro), Secret(new))
    if why is None:
        assert isinstance(told, ConfirmationChanged)
    else:
        assert why <= codes(told)
        assert {field for _, field in said(told)} == {"new"}
        assert there.net.step_up.confirm(there.log_in(taro), Secret("moon5gate")) != Refused()


@pytest.mark.requirement("PRF-07", "CRD-13", "ENR-30")
def test_the_three_stay_pairwise_different(there: TestBank) -> None:
    """Whichever is changed, it is compared with the other two; a password that is refused is told why."""
    taro = there.customer("kaze48nd", "soil7rain")
    first = ready(there, taro)
    assert codes(change(there, taro, first, taro.password)) == {"confirmation.same_as_password"}
    assert kinds(entries_of(there, taro))[-2:] == ["GuessReserved", "GuessRight"]
    assert said(change_password(there, taro, ready(there, taro), taro.confirmation)) == {
        ("password.same_as_confirmation", "new")
    }
    assert codes(change_login_id(there, taro, ready(there, taro), "moon5gate")) == {"login_id.same_as_confirmation"}
    assert codes(change_login_id(there, taro, ready(there, taro), "soil7rain")) == {
        "login_id.same_as_password",
        "password.guessable.login_id",
    }
    rewrite(there, taro, lambda one: evolve(one, login_id=LoginId("Wolke7xy", "wolke7xy")))
    taro = evolve(taro, login_id="Wolke7xy")
    told = kept_clashes(there.net.platform, contract_of(there, taro), Secret("WOLKE7XY"), Credential.CONFIRMATION)
    assert [one.code for one in told] == ["confirmation.same_as_login_id"]


def test_the_two_entries_must_be_the_same(there: TestBank, taro: Enrollee) -> None:
    """Entered twice; case counts."""
    told = there.net.change_confirmation(
        ready(there, taro), password=taro.password, new=NEW, again=Secret(NEW.reveal().upper())
    )
    assert codes(told) == {"password.not_same_twice"}


@pytest.mark.requirement("CRD-15", "PRF-16")
def test_the_login_password_takes_it_too(there: TestBank, taro: Enrollee) -> None:
    """Where there are two, neither is changed by the other alone, nor guessed at before the other was shown."""
    session = there.log_in(taro)
    assert change_password(there, taro, session) == ConfirmationNeeded()
    assert change_password(there, evolve(taro, password=WRONG), session) == ConfirmationNeeded()
    told = change_password(there, taro, confirmed(there, taro, session))
    assert isinstance(told, PasswordChanged)
    assert stored(there, told.session) is not None
    assert limit(there, taro, told.session) == ConfirmationNeeded()


def test_what_was_spent_meanwhile_changes_nothing(there: TestBank, taro: Enrollee) -> None:
    """Where another window used the showing up while the password was checked, it takes another one."""
    vault = SlowVault(there)
    session = ready(there, taro)
    vault.meanwhile = lambda: invest(there, session)
    flow = ChangeConfirmation(evolve(there.net.platform, vault=vault))
    assert flow(session, password=taro.password, new=NEW, again=NEW) == ConfirmationNeeded()
    assert contract_of(there, taro).password_tally.failed == ()


@pytest.mark.parametrize(("meanwhile", "told"), [("suspended", Suspended), ("logged out", SessionEnded)])
def test_a_change_after_the_door_closed(there: TestBank, taro: Enrollee, meanwhile: str, told: type) -> None:
    """What happened while the password was checked counts."""
    vault = SlowVault(there)
    session = ready(there, taro)
    vault.meanwhile = lambda: suspend(there, taro) if meanwhile == "suspended" else there.net.log_out(session)
    flow = ChangeConfirmation(evolve(there.net.platform, vault=vault))
    assert isinstance(flow(session, password=taro.password, new=NEW, again=NEW), told)


def test_a_ticket_that_there_is_none_of_changes_nothing(there: TestBank, taro: Enrollee) -> None:
    """While seven passwords are in flight the change has to wait."""
    session = ready(there, taro)
    for _ in range(7):
        held(there, taro)
    assert change(there, taro, session) == TryAgain()
    assert ChangePassword(there.net.platform)(session, current=taro.password, new=NEW, again=NEW) == TryAgain()


# --- Chosen when one applies, and after a reset -----------------------------------------------------------------------


@pytest.mark.requirement("PRF-07", "CRD-13")
@pytest.mark.parametrize(
    ("password", "confirmation", "why"),
    [
        ("soil7rain", "moon5gate", set[str]()),
        ("soil7rain", "soil7rain", {"confirmation.same_as_password"}),
        ("soil7rain", "SOIL7RAIN", {"confirmation.same_as_password"}),  # the login password's case is not told apart
        ("soil7rain", "qr7wz", {"password.too_short"}),
        ("soil7rain", "", {"password.too_short", "password.not_mixed"}),
        ("mizu6trk", "moon5gate", {"password.same_as_login_id", "password.guessable.login_id"}),
        ("soil7rain", "mizu6trk", {"confirmation.same_as_login_id", "password.guessable.login_id"}),
    ],
)
def test_an_applicant_chooses_three_that_differ(password: str, confirmation: str, why: set[str]) -> None:
    """Each pair is compared, by whichever rules take the two for one."""
    there = confirming_bank()
    application = apply(there, Step.CREDENTIALS)
    told = application.credentials(
        login_id="mizu6trk",
        password=Secret(password),
        again=Secret(password),
        confirmation=Secret(confirmation),
        confirmation_again=Secret(confirmation),
    )
    assert (codes(told) == why) if why else isinstance(told, Next)


def test_an_applicant_enters_it_twice() -> None:
    """The second entry has to be the first one; without any there is none."""
    there = confirming_bank()
    application = apply(there, Step.CREDENTIALS)
    told = application.credentials(confirmation=Secret("moon5gate"), confirmation_again=Secret("moon5gates"))
    assert said(told) == {("password.not_same_twice", "confirmation_again")}
    none = application.credentials(confirmation=None, confirmation_again=None)
    assert said(none) == {("password.too_short", "confirmation"), ("password.not_mixed", "confirmation")}


@pytest.mark.requirement("PRF-07")
def test_a_reset_password_is_not_the_second_one(there: TestBank, taro: Enrollee) -> None:
    """Whoever resets the login password, or has to choose one, cannot choose the confirmation password."""
    one = reset(there, taro, "password", ResetStep.SECRET)
    flow = there.net.reset_password
    assert isinstance(flow, ResetPassword)
    pin = Secret(taro.person.pin)
    told = flow.reset(one.token, new=taro.confirmation, again=taro.confirmation, pin=pin)
    assert said(told) == {("password.same_as_confirmation", "new")}


@pytest.mark.requirement("PRF-07")
def test_nor_is_one_that_has_to_be_chosen(there: TestBank, taro: Enrollee) -> None:
    """At logging in."""
    rewrite(there, taro, lambda one: evolve(one, must_change_password=True))
    needed = with_password(there, taro)
    told = there.net.log_in.choose_password(
        getattr(needed, "challenge", Secret("")), new=taro.confirmation, again=taro.confirmation
    )
    assert said(told) == {("password.same_as_confirmation", "new")}


def test_a_released_contract_can_confirm_again(there: TestBank, taro: Enrollee) -> None:
    """A counter that is open again is open."""
    block_confirmation(there, taro)
    rewrite(there, taro, lambda one: one.with_tally(Counter.CONFIRMATION, Tally()))
    assert isinstance(ready(there, taro), Secret)


def test_the_profile_of_the_scene_is_whole() -> None:
    """A bank with second passwords for nothing but one act is one, too."""
    assert confirming(Guarded.TRANSFERS).confirms(Guarded.TRANSFERS)
    assert not confirming(Guarded.TRANSFERS).confirms(Guarded.TOKEN_ISSUE)
