"""Operators: signing in by reserve, verify and settle; passwords of one's own; accounts opened, renewed and closed."""

from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import NoReturn

import pytest
from attrs import define, evolve

from janetbank.flows.audit import Intact, verify
from janetbank.flows.enquire import WorkList
from janetbank.flows.operating import PasswordDue
from janetbank.flows.operators import (
    NewOperator,
    NewPasswordNeeded,
    NoSuchOperator,
    OperatorPasswordChanged,
    Operators,
    Registered,
    Renewed,
    Retired,
    SignedIn,
    SignedOut,
    register,
    renew,
    retire,
)
from janetbank.flows.refusals import (
    Blocked,
    LockedOut,
    OutsideServiceHours,
    Refused,
    Rejected,
    SessionEnded,
    TryAgain,
)
from janetbank.model.operator import Operator, OperatorStatus, decoy_name
from janetbank.policies.authority import Role
from janetbank.policies.hashing import Argon2Cost
from janetbank.ports.failures import Unavailable
from janetbank.ports.storage import Conflict
from janetbank.testing.bank import START, TestBank, bank
from janetbank.testing.storage_conformance import at_once
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation
from janetbank.vault import Vault
from janetbank_adapters.storage.memory import MemoryStorage
from tests.everything import texts
from tests.flows.counter_scene import AWAY, HOME, INITIAL, OWN, Desk, told
from tests.flows.scene import MINUTE, REST, TICK, CountingVault, SlowVault, kinds, read

WRONG = Secret("wr0ng#wr0ng#0")
NEW = Secret("another#own#38")
DAY = timedelta(days=1)


@pytest.fixture
def desk() -> Desk:
    """A bank with one operator."""
    return Desk.open(None, "tanaka")


def sign_in(there: TestBank, name: str = "tanaka", password: Secret = OWN) -> object:
    """Sign *name* in."""
    return there.net.operators.sign_in(HOME, name, password)


def account(there: TestBank, name: str = "tanaka") -> Operator:
    """The account as it stands in the store."""
    found = read(there.storage, lambda tx: tx.operators.by_name(f"operator:{HOME}:{name}"))
    assert found is not None
    return found


def change(there: TestBank, session: Secret, current: Secret = OWN, new: Secret = NEW, again: Secret = NEW) -> object:
    """Change the password."""
    return there.net.operators.change_password(session, current=current, new=new, again=again)


def lock(there: TestBank, name: str = "tanaka") -> LockedOut:
    """Enter seven wrong passwords."""
    for _ in range(6):
        assert sign_in(there, name, WRONG) == Refused()
    return told(sign_in(there, name, WRONG), LockedOut)


# --- Signing in -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("OPS-10", "SUS-13")
def test_an_operator_signs_in_and_out(desk: Desk) -> None:
    """By the name of his account, however it is typed; his session is known by a digest, and ends when he leaves."""
    there = desk.there
    signed_in = told(sign_in(there, " ＴＡＮＡＫＡ "), SignedIn)
    assert signed_in.until == there.clock.now() + 10 * MINUTE
    key = sha256(signed_in.session.reveal().encode()).hexdigest()
    assert read(there.storage, lambda tx: tx.operator_sessions.by_key(key)) is not None
    assert isinstance(there.net.enquire.cases(signed_in.session), WorkList)
    for _ in range(2):
        assert there.net.operators.sign_out(signed_in.session) == SignedOut()
    assert there.net.enquire.cases(signed_in.session) == SessionEnded()
    assert kinds(desk.chain("tanaka"))[-3:] == ["OperatorSignedIn", "OperatorActed", "OperatorSignedOut"]
    assert isinstance(verify(there.net.platform), Intact)


def test_whoever_was_never_in_signs_out_as_well(desk: Desk) -> None:
    """The answer is the same, and nothing is written."""
    before = desk.chain("tanaka")
    assert desk.there.net.operators.sign_out(Secret("nobody's")) == SignedOut()
    assert desk.chain("tanaka") == before


@pytest.mark.requirement("OPS-06", "OPS-10")
def test_the_chain_tells_of_every_guess(desk: Desk) -> None:
    """Each was reserved, and counted as what it was; each lock stands behind what brought it; no refusal does."""
    there, since = desk.there, len(desk.chain("tanaka"))
    for _ in range(2):
        lock(there)
        there.clock.advance(REST)
    for _ in range(7):
        sign_in(there, password=WRONG)
    chain = desk.chain("tanaka")[since:]
    guess = ["GuessReserved", "GuessWrong"]
    assert kinds(chain) == [*guess * 7, "LockedOut", *guess * 7, "LockedOut", *guess * 7, "Blocked"]
    standings = [one.data["standing"] for one in chain if one.kind == "GuessWrong"]
    assert standings == [*["counted"] * 6, "locked", *["counted"] * 6, "locked", *["counted"] * 6, "blocked"]
    before = account(there)
    assert sign_in(there) == Blocked()
    assert account(there) == before


def test_signing_in_leaves_the_hash_as_it_is(desk: Desk) -> None:
    """One that is as dear as the profile has it is not made anew, and a wrong password makes none."""
    before = account(desk.there).password
    told(sign_in(desk.there), SignedIn)
    assert sign_in(desk.there, password=WRONG) == Refused()
    assert account(desk.there).password == before


@pytest.mark.requirement("OPS-10")
@pytest.mark.parametrize(
    "name", ["tanaka", "nobody", "", "田中", "a\0b", "x" * 100, "\ud800", "?", "operator:5441:tanaka"]
)
def test_every_name_is_counted_and_locked_alike(desk: Desk, name: str) -> None:
    """Seven wrong entries lock for sixty minutes, three times over block: whether or not there is such an account."""
    there = desk.there
    for _ in range(2):
        assert lock(there, name).until == there.clock.now() + REST
        assert isinstance(sign_in(there, name), LockedOut)
        there.clock.advance(REST)
    for _ in range(6):
        assert sign_in(there, name, WRONG) == Refused()
    assert sign_in(there, name, WRONG) == Blocked()
    there.clock.advance(REST)
    assert sign_in(there, name) == Blocked()


@pytest.mark.parametrize("name", ["tanaka", "nobody", "田中"])
def test_every_name_costs_one_hash(desk: Desk, name: str) -> None:
    """Nobody learns by the time it takes which accounts there are; while locked, no name costs any."""
    vault = CountingVault(desk.there)
    operators = Operators(evolve(desk.there.net.platform, vault=vault))
    vault.runs = 0
    for number in range(7):
        operators.sign_in(HOME, name, WRONG)
        assert vault.runs == number + 1
    operators.sign_in(HOME, name, WRONG)
    assert vault.runs == 7


def test_a_decoy_lets_nobody_in(desk: Desk) -> None:
    """Not even the secret that was thrown away: a name that nobody has stays nobody's."""
    there = desk.there
    thrown = Secret("the one that was thrown away")
    sign_in(there, "nobody", WRONG)
    key = there.net.platform.vault.decoy_key(HOME.code, "operator", f"operator:{HOME}:nobody")
    with there.storage.transaction() as tx:
        decoy = tx.operators.by_name(decoy_name(HOME, key))
        assert decoy is not None
        tx.operators.put(evolve(decoy, password=there.net.platform.vault.hash(thrown)))
    assert sign_in(there, "nobody", thrown) == Refused()


def test_the_counter_is_the_accounts_own(desk: Desk) -> None:
    """Neither another account nor another institution's of the same name is locked with it."""
    there = desk.there
    desk.hire("sato")
    new = NewOperator(operator="tanaka", person="E-9", full_name="tanaka", roles=[Role.TELLER])
    told(register(there.net.platform, AWAY, new, INITIAL), Registered)
    lock(there)
    assert isinstance(sign_in(there, "sato"), SignedIn)
    assert isinstance(there.net.operators.sign_in(AWAY, "tanaka", INITIAL), NewPasswordNeeded)


def test_a_right_entry_clears_the_counter(desk: Desk) -> None:
    """Six wrong ones and a right one, over and over, lock nobody."""
    for _ in range(3):
        for _ in range(6):
            assert sign_in(desk.there, password=WRONG) == Refused()
        assert isinstance(sign_in(desk.there), SignedIn)


def test_a_lock_ends_the_sessions(desk: Desk) -> None:
    """Whoever was signed in when his account was locked is out; who guesses at it cannot work beside him."""
    session = desk.by("tanaka")
    lock(desk.there)
    assert desk.there.net.enquire.cases(session) == SessionEnded()
    assert "LockedOut" in kinds(desk.chain("tanaka"))


@pytest.mark.requirement("OPS-10")
@pytest.mark.parametrize("hours", [12, 14, 20])
def test_nobody_signs_in_when_the_terminal_rests(desk: Desk, hours: int) -> None:
    """From 22:00 to 07:00 in Japan; not even a wrong password is looked at, and when it opens is told."""
    there = desk.there
    there.clock.set(START + timedelta(hours=hours))
    opens = START + timedelta(hours=21)
    before = account(there)
    assert sign_in(there) == sign_in(there, password=WRONG) == OutsideServiceHours(opens)
    assert account(there) == before


def test_at_the_last_instant_one_signs_in(desk: Desk) -> None:
    """Until 22:00, which is outside."""
    there = desk.there
    there.clock.set(START + timedelta(hours=12) - TICK)
    assert isinstance(sign_in(there), SignedIn)


# --- Reserve, verify, settle ------------------------------------------------------------------------------------------


def slow(there: TestBank) -> tuple[Operators, SlowVault]:
    """Signing in with a vault at whose work something else happens."""
    vault = SlowVault(there)
    return Operators(evolve(there.net.platform, vault=vault)), vault


def test_a_guess_is_counted_before_it_is_looked_at(desk: Desk) -> None:
    """While a password is hashed its ticket stands in the store; whoever dies there has guessed."""
    operators, vault = slow(desk.there)
    seen = list[int]()
    vault.meanwhile = lambda: seen.append(len(account(desk.there).tally.open))
    told(operators.sign_in(HOME, "tanaka", OWN), SignedIn)
    assert seen == [1]
    assert account(desk.there).tally.open == ()


def test_a_crowd_gets_seven_guesses(desk: Desk) -> None:
    """However many guess at once, no more than seven passwords are looked at."""
    there = desk.there
    vault = CountingVault(there)
    operators = Operators(evolve(there.net.platform, vault=vault))
    vault.runs = 0
    answers = at_once([partial(operators.sign_in, HOME, "tanaka", WRONG)] * 16)
    assert vault.runs <= 7
    assert {type(answer) for answer in answers} <= {Refused, TryAgain, LockedOut}


def test_beside_the_last_guesses_in_flight_one_is_told_to_try_again(desk: Desk) -> None:
    """The honest eighth is not locked out, and not looked at."""
    there = desk.there
    operators, vault = slow(there)
    answers = list[object]()

    def nest(depth: int) -> None:
        vault.meanwhile = partial(nest, depth - 1) if depth else None
        answers.append(operators.sign_in(HOME, "tanaka", WRONG))

    nest(7)
    assert answers[0] == TryAgain()


def test_who_died_in_flight_is_counted(desk: Desk) -> None:
    """A lock by guesses that nobody settled is noted by whoever comes next, and ends the sessions."""
    there = desk.there
    session = desk.by("tanaka")
    operators = Operators(evolve(there.net.platform, vault=_Dead(there)))
    for _ in range(7):
        with pytest.raises(Unavailable):
            operators.sign_in(HOME, "tanaka", OWN)
    there.clock.advance(MINUTE)
    assert isinstance(sign_in(there), LockedOut)
    assert there.net.enquire.cases(session) == SessionEnded()
    assert kinds(desk.chain("tanaka"))[-1] == "LockedOut"


class _Dead(Vault):
    def __init__(self, there: TestBank) -> None:
        super().__init__(keys=there.keys, entropy=there.entropy, cost=there.profile.hashing)

    def check(self, secret: Secret, stored: str) -> NoReturn:  # noqa: ARG002 -- the vault's
        raise Unavailable


def test_a_right_entry_that_comes_too_late_is_none(desk: Desk) -> None:
    """Its ticket had run out while it was hashed: it is refused, and counts."""
    operators, vault = slow(desk.there)
    vault.meanwhile = lambda: desk.there.clock.advance(MINUTE)
    assert operators.sign_in(HOME, "tanaka", OWN) == Refused()
    assert kinds(desk.chain("tanaka"))[-1] == "GuessTooLate"


@pytest.mark.parametrize("what", ["renewed", "retired"])
def test_what_ended_an_account_meanwhile_ends_the_guess(desk: Desk, what: str) -> None:
    """The old password was right when it was looked at, and is none when it would let in."""
    there = desk.there
    operators, vault = slow(there)
    platform = there.net.platform
    vault.meanwhile = {
        "renewed": lambda: renew(platform, HOME, "tanaka", INITIAL),
        "retired": lambda: retire(platform, HOME, "tanaka"),
    }[what]
    assert operators.sign_in(HOME, "tanaka", OWN) == Refused()
    assert kinds(desk.chain("tanaka"))[-1] == "GuessTooLate"


def test_a_reservation_that_loses_every_race_is_told_to_try_again() -> None:
    """Where the store lets nobody write, nothing is looked at."""
    storage = MemoryStorage()
    there = bank(storage=storage)
    Desk.open(there, "tanaka")
    storage.fail(call="commit", with_=Conflict(), times=16)
    assert sign_in(there) == TryAgain()


def test_a_hash_that_is_out_of_date_is_made_anew(desk: Desk) -> None:
    """At the first right entry after the costs have risen."""
    there = desk.there
    before = account(there).password
    dear = Vault(keys=there.keys, entropy=there.entropy, cost=Argon2Cost(memory=16, passes=2, lanes=1))
    told(Operators(evolve(there.net.platform, vault=dear)).sign_in(HOME, "tanaka", OWN), SignedIn)
    assert account(there).password != before
    assert isinstance(sign_in(there), SignedIn)


# --- Sessions ---------------------------------------------------------------------------------------------------------


def test_a_session_ends_when_it_is_not_used(desk: Desk) -> None:
    """Ten minutes after its last use, and ten hours after its opening whatever its use."""
    there = desk.there
    session = desk.by("tanaka")
    idle = desk.by("tanaka")
    for _ in range(60):
        there.clock.advance(10 * MINUTE - TICK)
        assert isinstance(there.net.enquire.cases(session), WorkList)
    assert there.net.enquire.cases(idle) == SessionEnded()
    there.clock.advance(60 * TICK)
    assert there.net.enquire.cases(session) == SessionEnded()
    exact = desk.by("tanaka")
    there.clock.advance(10 * MINUTE)
    assert there.net.enquire.cases(exact) == SessionEnded()


@pytest.mark.parametrize("token", ["", "nobody's", "\ud800"])
def test_what_nobody_gave_out_is_no_session(desk: Desk, token: str) -> None:
    """It opens nothing."""
    assert desk.there.net.enquire.cases(Secret(token)) == SessionEnded()
    assert change(desk.there, Secret(token)) == SessionEnded()


# --- A password of one's own ------------------------------------------------------------------------------------------


@pytest.mark.requirement("SUS-13", "OPS-10")
def test_what_somebody_gave_out_counts_for_choosing_another_alone(desk: Desk) -> None:
    """Whoever registered Sato knows the password with which she comes: with it she can do nothing else."""
    there = desk.there
    new = NewOperator(operator="sato", person="E-3", full_name="佐藤", roles=[Role.SUPERVISOR])
    told(register(there.net.platform, HOME, new, INITIAL), Registered)
    given = told(sign_in(there, "sato", INITIAL), NewPasswordNeeded)
    assert there.net.enquire.cases(given.session) == PasswordDue()
    changed = told(change(there, given.session, INITIAL), OperatorPasswordChanged)
    assert isinstance(there.net.enquire.cases(changed.session), WorkList)
    assert there.net.enquire.cases(given.session) == SessionEnded()
    assert sign_in(there, "sato", INITIAL) == Refused()
    assert isinstance(sign_in(there, "sato", NEW), SignedIn)


@pytest.mark.requirement("SUS-13", "OPS-10")
def test_a_password_that_is_too_old_counts_for_choosing_another_alone(desk: Desk) -> None:
    """After ninety days; in the midst of a session, too."""
    there = desk.there
    there.clock.set(START + 90 * DAY - MINUTE)
    session = told(sign_in(there), SignedIn).session
    assert isinstance(there.net.enquire.cases(session), WorkList)
    there.clock.advance(MINUTE)
    assert there.net.enquire.cases(session) == PasswordDue()
    assert isinstance(sign_in(there), NewPasswordNeeded)
    changed = told(change(there, session), OperatorPasswordChanged)
    assert isinstance(there.net.enquire.cases(changed.session), WorkList)


@pytest.mark.parametrize(
    ("new", "again", "codes"),
    [
        ("short#1", "short#1", {"password.too_short"}),
        ("chosen#alone#27", "chosen#alone#27", {"password.unchanged"}),
        ("another#own#38", "another#own#39", {"password.not_same_twice"}),
        ("tanakatanaka", "tanakatanaka", {"password.guessable.login_id"}),
    ],
)
def test_every_fault_of_a_new_password_is_named(desk: Desk, new: str, again: str, codes: set[str]) -> None:
    """Before anything is counted."""
    session, before = desk.by("tanaka"), account(desk.there).tally
    refused = told(change(desk.there, session, OWN, Secret(new), Secret(again)), Rejected)
    assert {one.code for one in refused.violations} >= codes
    assert account(desk.there).tally == before


def test_each_fault_is_told_of_its_entry(desk: Desk) -> None:
    """That it is the present one is said of the first entry, that the two differ of the second; neither hides one."""
    refused = told(change(desk.there, desk.by("tanaka"), OWN, OWN, NEW), Rejected)
    assert {(one.code, one.field) for one in refused.violations} == {
        ("password.unchanged", "new"),
        ("password.not_same_twice", "again"),
    }


def test_a_change_of_the_password_stands_in_the_chain(desk: Desk) -> None:
    """As the last thing that was done to the account."""
    told(change(desk.there, desk.by("tanaka")), OperatorPasswordChanged)
    assert kinds(desk.chain("tanaka"))[-2:] == ["GuessReserved", "OperatorPasswordChanged"]


def test_a_session_is_no_place_to_guess_the_password(desk: Desk) -> None:
    """A wrong current password counts like one at signing in, and locks the account, session and all."""
    there = desk.there
    session = desk.by("tanaka")
    for _ in range(6):
        assert change(there, session, WRONG) == Refused()
    assert isinstance(change(there, session, WRONG), LockedOut)
    assert change(there, session) == SessionEnded()
    assert isinstance(sign_in(there), LockedOut)


def test_changing_the_password_ends_every_other_session(desk: Desk) -> None:
    """The one that goes on does so under a new token, and no longer than it would have."""
    there = desk.there
    other, session = desk.by("tanaka"), desk.by("tanaka")
    there.clock.advance(9 * MINUTE)
    changed = told(change(there, session), OperatorPasswordChanged)
    for ended in (other, session):
        assert there.net.enquire.cases(ended) == SessionEnded()
    key = there.net.platform.vault.token_key(session)
    assert read(there.storage, lambda tx: tx.operator_sessions.by_key(key)) is None
    for _ in range(59):
        there.clock.advance(10 * MINUTE - TICK)
        assert isinstance(there.net.enquire.cases(changed.session), WorkList)
    there.clock.advance(MINUTE + 59 * TICK)
    assert there.net.enquire.cases(changed.session) == SessionEnded()


def test_a_session_that_ends_meanwhile_changes_nothing(desk: Desk) -> None:
    """The password was right, and its holder is gone."""
    there = desk.there
    operators, vault = slow(there)
    there.clock.advance(MINUTE)
    session = desk.by("tanaka")
    there.clock.advance(10 * MINUTE - timedelta(seconds=10))
    vault.meanwhile = lambda: there.clock.advance(timedelta(seconds=10))
    assert operators.change_password(session, current=OWN, new=NEW, again=NEW) == SessionEnded()
    assert kinds(desk.chain("tanaka"))[-1] == "GuessRight"
    assert isinstance(sign_in(there), SignedIn)


@define
class Leaping:
    """A clock that leaps ahead after it was looked at for the first time."""

    at: datetime
    by: timedelta

    def now(self) -> datetime:
        """The time, and the leap."""
        told, self.at, self.by = self.at, self.at + self.by, timedelta(0)
        return told


def test_a_session_that_ends_between_two_steps_guesses_nothing(desk: Desk) -> None:
    """It lived when the new password was looked at, and not when the current one would be: no ticket is taken."""
    session, before = desk.by("tanaka"), account(desk.there).tally
    clock = Leaping(desk.there.clock.now(), 10 * MINUTE)
    operators = Operators(evolve(desk.there.net.platform, clock=clock))
    assert operators.change_password(session, current=OWN, new=NEW, again=NEW) == SessionEnded()
    assert account(desk.there).tally == before


def test_no_password_is_changed_when_the_terminal_rests(desk: Desk) -> None:
    """Like anything else."""
    there = desk.there
    there.clock.set(START + timedelta(hours=12) - MINUTE)
    session = desk.by("tanaka")
    there.clock.advance(MINUTE)
    assert isinstance(change(there, session), OutsideServiceHours)


# --- Opening and closing accounts -------------------------------------------------------------------------------------


NEW_OPERATOR = NewOperator(operator="yamada", person="e-10", full_name="山田", roles=[Role.TELLER], branch="3")


@pytest.mark.requirement("OPS-09")
def test_an_account_is_opened_once_with_all_that_it_has(desk: Desk) -> None:
    """Under its canonical name; whoever comes second is told."""
    there = desk.there
    new = evolve(NEW_OPERATOR, operator=" Yamada ", branch="003")
    assert register(there.net.platform, HOME, new, INITIAL) == Registered("yamada")
    made = account(there, "yamada")
    assert made.hand is not None
    assert (str(made.hand.operator), str(made.hand.person), str(made.full_name)) == ("yamada", "E-10", "山田")
    assert (set(made.roles), str(made.branch), made.status) == ({Role.TELLER}, "003", OperatorStatus.ACTIVE)
    assert kinds(read(there.storage, lambda tx: list(tx.audit.chain(made.name)))) == ["OperatorRegistered"]
    refused = told(register(there.net.platform, HOME, new, INITIAL), Rejected)
    assert refused == Rejected((Violation("operator.taken", field="operator"),))
    told(register(there.net.platform, AWAY, new, INITIAL), Registered)


def test_every_fault_of_a_new_account_is_named(desk: Desk) -> None:
    """All of them at once, each of its field."""
    new = NewOperator(operator="山田", person="", full_name=" ", roles=[], branch="x")
    refused = told(register(desk.there.net.platform, HOME, new, Secret("short")), Rejected)
    assert {(one.code, one.field) for one in refused.violations} >= {
        ("operator.shape", "operator"),
        ("person.shape", "person"),
        ("line.empty", "full_name"),
        ("branch.shape", "branch"),
        ("operator.no_role", "roles"),
        ("password.too_short", ""),
    }
    platform, guessable = desk.there.net.platform, "password.guessable.login_id"
    refused = told(register(platform, HOME, NEW_OPERATOR, Secret("yamadayamada")), Rejected)
    assert guessable in {one.code for one in refused.violations}
    refused = told(renew(platform, HOME, "tanaka", Secret("tanakatanaka")), Rejected)
    assert guessable in {one.code for one in refused.violations}


@pytest.mark.requirement("LCK-15")
def test_a_blocked_account_is_opened_by_another_initial_password(desk: Desk) -> None:
    """Which has to be changed at once; sessions and the former password are gone."""
    there = desk.there
    session = desk.by("tanaka")
    with there.storage.transaction() as tx:
        there_is = tx.operators.by_name(f"operator:{HOME}:tanaka")
        assert there_is is not None
        tx.operators.put(evolve(there_is, tally=evolve(there_is.tally, blocked_since=START)))
    assert sign_in(there) == Blocked()
    assert renew(there.net.platform, HOME, "Tanaka", INITIAL) == Renewed("Tanaka")
    assert there.net.enquire.cases(session) == SessionEnded()
    assert sign_in(there) == Refused()
    assert isinstance(sign_in(there, password=INITIAL), NewPasswordNeeded)
    assert isinstance(renew(there.net.platform, HOME, "tanaka", Secret("short")), Rejected)


@pytest.mark.requirement("OPS-10")
def test_a_closed_account_lets_nobody_in(desk: Desk) -> None:
    """Its sessions end, its chain stays, and it is not opened again."""
    there = desk.there
    session = desk.by("tanaka")
    assert retire(there.net.platform, HOME, "tanaka") == Retired("tanaka")
    assert there.net.enquire.cases(session) == SessionEnded()
    assert sign_in(there) == Refused()
    assert retire(there.net.platform, HOME, "tanaka") == NoSuchOperator("tanaka")
    assert renew(there.net.platform, HOME, "tanaka", INITIAL) == NoSuchOperator("tanaka")
    assert "OperatorRetired" in kinds(desk.chain("tanaka"))


@pytest.mark.parametrize("name", ["nobody", "", "田中"])
def test_no_account_is_none(desk: Desk, name: str) -> None:
    """Neither renewed nor closed."""
    assert renew(desk.there.net.platform, HOME, name, INITIAL) == NoSuchOperator(name)
    assert retire(desk.there.net.platform, HOME, name) == NoSuchOperator(name)


# --- Nothing tells ----------------------------------------------------------------------------------------------------


def test_no_password_and_no_token_is_kept() -> None:
    """Whatever was typed, in whatever field: the store holds none of it in the clear."""
    storage = MemoryStorage()
    desk = Desk.open(bank(storage=storage), "tanaka")
    session = desk.by("tanaka")
    sign_in(desk.there, "tanaka", WRONG)
    sign_in(desk.there, OWN.reveal(), WRONG)
    change(desk.there, session)
    hidden = {secret.reveal() for secret in (INITIAL, OWN, NEW, WRONG, session)}
    assert not {secret for secret in hidden if any(secret in text for text in texts(storage))}
