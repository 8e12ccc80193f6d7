"""Changing the login id: with the password and a question answered, to one that nobody else bears."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from attrs import evolve

from janetbank.flows.change_login_id import ChangeLoginId, ChangeLoginIdOutcome, LoginIdChanged
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import LockedOut, Refused, Rejected, SessionEnded, StepUpNeeded, TryAgain
from janetbank.flows.use_session import InSession
from janetbank.model.contract import Contract
from janetbank.model.letter import LetterCode
from janetbank.policies.contract_life import ContractStatus
from janetbank.testing.bank import NEIGHBOUR, Enrollee, Person, TestBank, bank
from janetbank.values.account import Account
from janetbank.values.login_id import LoginId
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation
from tests.flows.scene import (
    HANAKO,
    MINUTE,
    REST,
    TICK,
    WRONG,
    CountingVault,
    SlowVault,
    challenged,
    contract_of,
    entries_of,
    held,
    kinds,
    letters,
    rewrite,
    stepped_up,
    with_account,
    with_password,
)

NEW = "hoshi9kwx"


def ready(there: TestBank, who: Enrollee) -> Secret:
    """A session in which a question has been answered."""
    return stepped_up(there, who, there.log_in(who))


def change(there: TestBank, who: Enrollee, session: Secret, new: str = NEW) -> ChangeLoginIdOutcome:
    """Change the login id of *who*, with his password."""
    return there.net.change_login_id(session, password=who.password, new=new)


def codes(told: object) -> set[str]:
    """Why a new login id was rejected."""
    assert isinstance(told, Rejected), told
    return {violation.code for violation in told.violations}


def cancel(contract: Contract) -> Contract:
    """What is left of a contract: a tombstone."""
    return evolve(contract, status=ContractStatus.CANCELLED)


# --- Done -------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CRD-02")
def test_the_new_login_id_counts_and_the_old_one_no_more() -> None:
    """From the change on the new login id leads in, in any case, and the old one to nobody."""
    there = bank()
    taro = there.customer()
    assert isinstance(change(there, taro, ready(there, taro), "Hoshi9KWX"), LoginIdChanged)
    assert with_password(there, taro) == Refused()
    for typed in ("hoshi9kwx", "HOSHI9KWX"):
        assert isinstance(with_password(there, evolve(taro, login_id=typed)), LoggedIn)
    assert isinstance(with_account(there, taro), LoggedIn)
    assert str(contract_of(there, taro).login_id) == "Hoshi9KWX"
    assert "LoginIdChanged" in kinds(entries_of(there, taro))


def test_a_change_is_a_use_of_the_session() -> None:
    """The five idle minutes run from the change."""
    there = bank()
    taro = there.customer()
    session = ready(there, taro)
    there.clock.advance(4 * MINUTE)
    told = change(there, taro, session)
    assert isinstance(told, LoginIdChanged)
    there.clock.advance(4 * MINUTE)
    assert isinstance(there.net.use_session(told.session), InSession)


def test_all_other_sessions_end_and_this_one_goes_on_under_a_new_token() -> None:
    """Whoever else was in, or had a question left, is out; the old token is dead, and the step-up is used up."""
    there = bank()
    taro = there.customer()
    other, pending, session = there.log_in(taro), challenged(there, taro), ready(there, taro)
    told = change(there, taro, session)
    assert isinstance(told, LoginIdChanged)
    assert isinstance(there.net.use_session(told.session), InSession)
    assert there.net.use_session(session) == there.net.use_session(other) == SessionEnded()
    assert there.net.log_in.answer(pending.challenge, taro.answer_to(pending.question)) == SessionEnded()
    assert change(there, taro, told.session, "mizu6trk") == StepUpNeeded()


@pytest.mark.requirement("ENR-08", "MAL-01")
def test_the_customer_is_told_at_every_address() -> None:
    """One letter to each address."""
    there = bank()
    taro = there.customer(person=Person(further=["taro@office.example.jp"]))
    change(there, taro, ready(there, taro))
    told = [letter for letter in letters(there) if letter.code is LetterCode.LOGIN_ID_CHANGED]
    assert {str(letter.to) for letter in told} == {"taro@example.jp", "taro@office.example.jp"}
    assert len(told) == 2


# --- What it needs ----------------------------------------------------------------------------------------------------


def test_it_needs_a_question_answered_in_this_session() -> None:
    """Without one, or with one answered in another session, it is asked for before anything else is looked at."""
    there = bank()
    taro = there.customer()
    session = there.log_in(taro)
    ready(there, taro)
    before = contract_of(there, taro)
    assert change(there, taro, session) == StepUpNeeded()
    assert there.net.change_login_id(session, password=WRONG, new="?") == StepUpNeeded()
    assert contract_of(there, taro) == before


def test_an_answered_question_counts_for_five_minutes() -> None:
    """A microsecond before, it still does; at the instant itself another answer is needed."""
    there = bank()
    taro = there.customer()
    early, late = ready(there, taro), ready(there, taro)
    there.clock.advance(4 * MINUTE)
    for session in (early, late):
        assert isinstance(there.net.use_session(session), InSession)
    there.clock.advance(MINUTE - TICK)
    assert codes(change(there, taro, early, "ab")) >= {"login_id.too_short"}
    there.clock.advance(TICK)
    assert change(there, taro, late) == StepUpNeeded()


@pytest.mark.requirement("LCK-01")
def test_a_wrong_password_counts_like_any() -> None:
    """Six are tolerated, the seventh locks, and the login id is what it was."""
    there = bank()
    taro = there.customer()
    session = ready(there, taro)
    told = [there.net.change_login_id(session, password=WRONG, new=NEW) for _ in range(8)]
    assert told == [Refused()] * 6 + [LockedOut(there.clock.now() + REST), SessionEnded()]
    there.clock.advance(REST)
    assert isinstance(with_password(there, taro), LoggedIn)


@pytest.mark.requirement("CRD-01", "CRD-03")
@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("kz4mw", {"login_id.too_short"}),
        ("kz4mwq", set[str]()),
        ("kz4mwqrtp8hx", set[str]()),
        ("kz4mwqrtp8hxv", {"login_id.too_long"}),
        ("kzxmwqrt", {"login_id.not_mixed"}),
        ("58204719", {"login_id.not_mixed"}),
        ("kz4mw+qr", {"login_id.charset"}),
        ("ｋｚ４ｍｗｑ", {"login_id.charset"}),
        ("", {"login_id.too_short", "login_id.not_mixed"}),
        ("ab111111", {"login_id.guessable.run"}),
        ("ab123456", {"login_id.guessable.sequence"}),
        ("k19800102", {"login_id.guessable.birth_date"}),
        ("tarou5678", {"login_id.guessable.phone"}),
    ],
)
def test_what_a_new_login_id_must_be(new: str, expected: set[str]) -> None:
    """The rules of registration hold, the customer's own data among them, and every breach is told at once."""
    there = bank()
    taro = there.customer()
    told = change(there, taro, ready(there, taro), new)
    if expected:
        assert codes(told) >= expected
    else:
        assert isinstance(told, LoginIdChanged)


@pytest.mark.requirement("CRD-03", "LCK-16")
def test_what_breaks_the_rules_is_told_before_anything_is_evaluated() -> None:
    """A login id that cannot be taken is rejected without an Argon2, whatever the password is."""
    there = bank()
    taro = there.customer()
    session = ready(there, taro)
    vault = CountingVault(there)
    flow = ChangeLoginId(evolve(there.net.platform, vault=vault))
    before = vault.runs, contract_of(there, taro)
    for password in (taro.password, WRONG):
        assert isinstance(flow(session, password=password, new="ab123456"), Rejected)
    assert (vault.runs, contract_of(there, taro)) == before


@pytest.mark.requirement("CRD-06")
@pytest.mark.parametrize(("new", "taken"), [("soil7rain", False), ("NIAR7lios", False), ("soil7ra", True)])
def test_the_password_that_is_kept_must_not_hold_the_new_login_id(new: str, taken: bool) -> None:  # noqa: FBT001 -- a column
    """What would be refused as a password beside it is no login id beside the password; who shows it is told."""
    there = bank()
    taro = there.customer(password="soil7rainq")
    session = ready(there, taro)
    assert there.net.change_login_id(session, password=WRONG, new=new) == Refused()
    told = change(there, taro, session, new)
    if taken:
        assert isinstance(told, LoginIdChanged)
    else:
        assert told == Rejected((Violation("password.guessable.login_id", {"pattern": "login_id"}, "password"),))
        assert contract_of(there, taro).password_tally.failed == ()


# --- One bearer each --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CRD-04")
@pytest.mark.parametrize("wanted", ["yuki73kd", "YUKI73KD"])
def test_nobody_takes_anothers_login_id(wanted: str) -> None:
    """Another customer's login id, in whatever case, is taken; that is told to whoever gave his password alone."""
    there = bank()
    taro, hanako = there.customer(), there.customer("Yuki73kd", person=HANAKO)
    session = ready(there, taro)
    assert there.net.change_login_id(session, password=WRONG, new=wanted) == Refused()
    assert codes(change(there, taro, session, wanted)) == {"login_id.taken"}
    # The password was right, so that what was wrong before is cleared; and the session, stepped up, goes on.
    assert contract_of(there, taro).password_tally.failed == ()
    assert kinds(entries_of(there, taro))[-1] == "GuessRight"
    assert isinstance(with_password(there, hanako), LoggedIn)
    assert isinstance(change(there, taro, session), LoginIdChanged)


@pytest.mark.requirement("CRD-04")
def test_at_another_institution_it_is_free() -> None:
    """The neighbour's customers have login ids of their own."""
    there = bank()
    taro = there.customer()
    there.customer("yuki73kd", person=HANAKO, institution=NEIGHBOUR)
    assert isinstance(change(there, taro, ready(there, taro), "yuki73kd"), LoginIdChanged)


@pytest.mark.requirement("CRD-02")
def test_one_may_keep_ones_own_in_another_case() -> None:
    """One's own login id is not taken by oneself."""
    there = bank()
    taro = there.customer()
    assert isinstance(change(there, taro, ready(there, taro), "KAZE48nd"), LoginIdChanged)
    assert isinstance(with_password(there, taro), LoggedIn)
    assert str(contract_of(there, taro).login_id) == "KAZE48nd"


@pytest.mark.requirement("CRD-04")
def test_a_login_id_given_up_is_free() -> None:
    """What a customer bore before may be another's afterwards."""
    there = bank()
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    assert isinstance(change(there, taro, ready(there, taro)), LoginIdChanged)
    assert isinstance(change(there, hanako, ready(there, hanako), taro.login_id), LoginIdChanged)
    assert isinstance(with_password(there, evolve(hanako, login_id=taro.login_id)), LoggedIn)


@pytest.mark.requirement("CRD-04")
def test_a_tombstone_keeps_its_login_id_from_others() -> None:
    """The login id of a cancelled contract is taken for everybody but the holder of its account (AMB-27)."""
    there = bank()
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    rewrite(there, hanako, cancel)
    assert codes(change(there, taro, ready(there, taro), "yuki73kd")) == {"login_id.taken"}


@pytest.mark.requirement("CRD-04")
def test_a_tombstone_gives_its_login_id_to_its_own_account() -> None:
    """Who applied anew with the same account may bear the login id of his cancelled contract again."""
    there = bank()
    before = there.customer()
    rewrite(there, before, cancel)
    again = there.customer("yuki73kd", person=before.person)
    assert before.contract != again.contract
    assert isinstance(change(there, again, ready(there, again), before.login_id), LoginIdChanged)
    assert contract_of(there, before).login_id is None
    assert isinstance(with_password(there, evolve(again, login_id=before.login_id)), LoggedIn)


@pytest.mark.requirement("CRD-04")
def test_of_many_who_claim_one_login_id_at_once_one_gets_it() -> None:
    """However close the race, one bears it and all others are told that it is taken."""
    there = bank()
    customers = [
        there.customer(f"{name}48nd", person=evolve(HANAKO, account=Account.parse("003", "ordinary", str(number))))
        for number, name in enumerate(("kaze", "mizu", "soraq", "ishiw", "hanax", "tsukz"), start=1)
    ]
    sessions = [ready(there, who) for who in customers]
    told: dict[int, ChangeLoginIdOutcome] = {}
    start = Barrier(len(customers))

    def claim(number: int) -> None:
        start.wait()
        told[number] = change(there, customers[number], sessions[number])

    threads = [Thread(target=claim, args=(number,)) for number in range(len(customers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [number for number, outcome in told.items() if isinstance(outcome, LoginIdChanged)]
    assert len(winners) == 1
    for number, outcome in told.items():
        assert isinstance(outcome, LoginIdChanged) if number in winners else codes(outcome) == {"login_id.taken"}
    bearers = [who for who in customers if contract_of(there, who).login_id == LoginId(NEW, NEW)]
    assert bearers == [customers[winners[0]]]


# --- What happens meanwhile -------------------------------------------------------------------------------------------


def change_while(there: TestBank, who: Enrollee, session: Secret, meanwhile: Callable[[], object]) -> object:
    """Change the login id, where *meanwhile* happens between the check and the settling."""
    vault = SlowVault(there)
    vault.meanwhile = meanwhile
    return ChangeLoginId(evolve(there.net.platform, vault=vault))(session, password=who.password, new=NEW)


def test_whoever_left_meanwhile_changes_nothing() -> None:
    """A session that was ended while the password was checked changes no login id."""
    there = bank()
    taro = there.customer()
    session = ready(there, taro)
    assert change_while(there, taro, session, lambda: there.net.log_out(session)) == SessionEnded()
    assert isinstance(with_password(there, taro), LoggedIn)


def test_a_login_id_that_was_taken_meanwhile_is_taken() -> None:
    """Who comes a moment too late is told so."""
    there = bank()
    taro, hanako = there.customer(), there.customer("yuki73kd", person=HANAKO)
    session, theirs = ready(there, taro), ready(there, hanako)
    told = change_while(there, taro, session, lambda: change(there, hanako, theirs))
    assert codes(told) == {"login_id.taken"}


def test_a_password_that_changed_meanwhile_changes_no_login_id() -> None:
    """The old password, found right and then replaced, is refused."""
    there = bank()
    taro = there.customer()
    session, other, new = ready(there, taro), there.log_in(taro), Secret("vase3#lamp")
    told = change_while(
        there,
        taro,
        session,
        lambda: there.net.change_password(other, current=taro.password, new=new, again=new),
    )
    assert told == Refused()
    assert isinstance(with_password(there, taro, new), LoggedIn)


def test_beside_seven_passwords_in_flight_one_is_told_to_try_again() -> None:
    """The eighth at once is neither evaluated nor counted, and the login id is what it was."""
    there = bank()
    taro = there.customer()
    session = ready(there, taro)
    for _ in range(7):
        held(there, taro)
    before = contract_of(there, taro)
    assert change(there, taro, session) == TryAgain()
    assert contract_of(there, taro) == before
