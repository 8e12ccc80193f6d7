"""Sweeping: what is over goes when the profile says so, and nobody who can still go on with something notices."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial

import pytest
from attrs import asdict, evolve
from sqlalchemy import select

from janetbank import profiles
from janetbank.flows import audit
from janetbank.flows.audit import Intact
from janetbank.flows.enquire import WorkList
from janetbank.flows.hand_over import Executed
from janetbank.flows.phone_auth import WrongTooOften
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import LockedOut, OutsideServiceHours, Refused
from janetbank.flows.set_up_app import SeedHandedOut
from janetbank.flows.sweep import Swept, sweep
from janetbank.flows.use_session import InSession
from janetbank.flows.use_token import TokenStanding
from janetbank.model.audit import Entry
from janetbank.model.letter import LetterCode
from janetbank.policies.enrolment import Step
from janetbank.policies.phone_auth import LONGEST
from janetbank.policies.retention import Retention
from janetbank.policies.token import TokenState
from janetbank.ports.failures import Unavailable
from janetbank.ports.storage import Conflict, Storage, Transaction
from janetbank.testing.bank import HOME, START, TestBank, bank
from janetbank.testing.storage_conformance import a_contract, at_once
from janetbank.values.instruction import InstructionKind
from janetbank.values.moment import JST
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import SqlStorage, connect
from janetbank_adapters.storage.sql.schema import metadata
from janetbank_adapters.telephony.memory import wrong
from tests.everything import texts
from tests.flows.application import apply
from tests.flows.counter_scene import Desk
from tests.flows.nights import DAY, TUESDAY, WEDNESDAY, Nights, morning
from tests.flows.phone_scene import SCREEN_CODE, phone_scene
from tests.flows.scene import (
    HANAKO,
    MINUTE,
    REST,
    TICK,
    WRONG,
    entries_of,
    interrupted,
    letters,
    read,
    with_password,
)
from tests.flows.test_doors import DOORS, NAMES
from tests.flows.token_scene import Telephone, order

FAST = profiles.fast_for_tests(profiles.JA)
KEPT = FAST.retention
AT_ONCE = evolve(FAST, retention=Retention(ended=timedelta(0), executed=timedelta(0)))
"""A bank that keeps nothing that is over."""
LONG_AFTER = timedelta(days=3_650)
AFTER = (timedelta(0), 2 * MINUTE, 3 * MINUTE - TICK, 5 * MINUTE - TICK, LONGEST, REST - TICK, REST, LONG_AFTER)
"""Moments at which something may be just alive, or just over."""
NOTHING = Swept(
    tokens=0, sessions=0, procedures=0, phone_attempts=0, instructions=0, operator_sessions=0, acceptances=0
)

every_store = pytest.mark.loopback


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def storage(request: pytest.FixtureRequest) -> Iterator[Storage]:
    """A fresh store of each kind."""
    if request.param == "memory":
        yield MemoryStorage()
        return
    with connect(request.getfixturevalue(f"{request.param}_store")) as storage:
        yield storage


def swept(there: TestBank) -> Swept:
    """Sweep now."""
    return sweep(there.net.platform)


# --- What goes, and when ----------------------------------------------------------------------------------------------


def _session(there: TestBank) -> datetime:
    there.log_in(there.customer())
    return there.clock.now() + FAST.sessions.absolute + KEPT.ended


def _procedure(there: TestBank) -> datetime:
    there.net.enrol.begin(seen_from=HOME)
    return there.clock.now() + FAST.procedure_lifetime + KEPT.ended


def _phone_attempt(there: TestBank) -> datetime:
    phone, start = Telephone.of(there, there.customer()), there.clock.now()
    phone.apply()
    there.clock.advance(MINUTE)
    phone.apply()
    return start + LONGEST + KEPT.ended


def _unexecuted(there: TestBank) -> datetime:
    phone = Telephone.of(there, there.customer())
    assert isinstance(there.net.instruct.request(phone.session, order(InstructionKind.OWN_TRANSFER)), Authorised)
    return there.clock.now() + FAST.sessions.absolute + KEPT.ended


def _executed(there: TestBank) -> datetime:
    phone = Telephone.of(there, there.customer())
    told = there.net.instruct.request(phone.session, order(InstructionKind.OWN_TRANSFER))
    assert isinstance(told, Authorised)
    start = there.clock.now()
    there.clock.advance(MINUTE)
    assert isinstance(there.net.instruct.execute(phone.session, told.reference), Executed)
    return start + KEPT.executed


def uncalled(phone: Telephone) -> datetime:
    """He applies for a token, and never calls."""
    phone.apply()
    return phone.there.clock.now() + LONGEST


def never_set_up(phone: Telephone) -> datetime:
    """He is issued a token, and never sets the app up."""
    phone.issue()
    return phone.there.clock.now() + FAST.token.set_up.window


def never_completed(phone: Telephone) -> datetime:
    """He fetches the seed, and no code of it ever comes."""
    deadline = never_set_up(phone)
    phone.there.clock.advance(MINUTE)
    assert isinstance(phone.again(), SeedHandedOut)
    return deadline


LAPSES = [uncalled, never_set_up, never_completed]
each_lapse = pytest.mark.parametrize("lapse", LAPSES, ids=lambda lapse: lapse.__name__)
Lapse = Callable[[Telephone], datetime]


def _token(there: TestBank) -> datetime:
    return never_set_up(Telephone.of(there, there.customer()))


def _operator_session(there: TestBank) -> datetime:
    Desk.open(there, "sato")
    return there.clock.now() + FAST.operators.sessions.absolute + KEPT.ended


def _acceptance(there: TestBank) -> datetime:
    there.customer()
    Nights(there).come(WEDNESDAY)
    Nights(there).come(WEDNESDAY + DAY)
    return datetime.combine(WEDNESDAY, time.min, JST) + KEPT.executed - TICK


@every_store
@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("sessions", _session),
        ("tokens", _token),
        ("procedures", _procedure),
        ("phone_attempts", _phone_attempt),
        ("instructions", _unexecuted),
        ("instructions", _executed),
        ("operator_sessions", _operator_session),
        ("acceptances", _acceptance),
    ],
)
def test_what_is_over_is_kept_to_the_last_instant(
    storage: Storage, kind: str, make: Callable[[TestBank], datetime]
) -> None:
    """At the instant up to which the profile keeps it it is there, and a moment later it goes, once."""
    there = TestBank(storage=storage)
    there.clock.set(make(there))
    assert asdict(swept(there))[kind] == 0
    there.clock.advance(TICK)
    assert asdict(swept(there))[kind] == 1
    assert asdict(swept(there))[kind] == 0


@every_store
def test_what_was_to_be_kept_secret_goes_along(storage: Storage) -> None:
    """The hashes of an application that nobody finished stand nowhere in the store any more."""
    there = TestBank(AT_ONCE, storage=storage)
    chosen = apply(there, Step.CUSTOMER).stored().credentials
    assert chosen is not None
    hashes = [chosen.password, *(question.answer for question in chosen.questions)]
    before = everything_in(storage)
    assert all(any(one in text for text in before) for one in hashes)
    there.clock.advance(AT_ONCE.procedure_lifetime + TICK)
    assert swept(there).procedures == 1
    after = everything_in(storage)
    assert not any(one in text for text in after for one in hashes)


@every_store
def test_digits_that_nobody_keyed_stand_nowhere_after_their_attempt(storage: Storage) -> None:
    """Those of a screen that nobody called for, in the latest attempt of its contract, which itself stays for ever."""
    scene = phone_scene(TestBank(storage=storage))
    started = scene.start(scene.there.customer(), scene.token(), purpose=SCREEN_CODE)
    digits = scene.attempt(started).digits
    assert digits is not None
    scene.there.clock.advance(LONGEST + scene.there.net.platform.profile.retention.ended)
    swept(scene.there)
    assert any(digits in text for text in everything_in(storage))
    scene.there.clock.advance(TICK)
    assert swept(scene.there).phone_attempts == 0
    assert not any(digits in text for text in everything_in(storage))
    assert scene.attempt(started).id == started.attempt


@every_store
@pytest.mark.requirement("CRD-11", "CRD-12", "APP-23")
@each_lapse
def test_a_start_password_stands_nowhere_after_its_deadline(storage: Storage, lapse: Lapse) -> None:
    """Neither its hash nor a seed that was fetched with it, though nobody ever came again; whatever else is kept."""
    there = TestBank(storage=storage)
    phone = Telephone.of(there, there.customer())
    deadline = lapse(phone)
    kept = [one for one in (phone.token().start_password, phone.token().seed, phone.token().app_key) if one]
    assert len(kept) == (3 if lapse is never_completed else 1)
    there.clock.set(deadline)
    swept(there)
    assert all(any(one in text for text in everything_in(storage)) for one in kept)
    there.clock.advance(TICK)
    assert swept(there).tokens == 1
    assert not any(one in text for text in everything_in(storage) for one in kept)
    assert isinstance(audit.verify(there.net.platform), Intact)


@every_store
def test_of_many_applications_none_is_left_out(storage: Storage) -> None:
    """More than are looked at at once: all that are over end, and none that is still in time."""
    there = TestBank(storage=storage)
    phone = Telephone.of(there, there.customer())
    phone.apply()
    many = 150
    with storage.transaction() as tx:
        for number in range(many):
            contract = a_contract(f"{number:032x}")
            tx.contracts.add(contract)
            like = evolve(phone.token(), institution=contract.institution, version=0)
            tx.tokens.add(evolve(like, contract=contract.id, user_id=f"x{number}"))
    there.clock.advance(LONGEST)
    in_time = Telephone.of(there, there.customer("hana27mk", person=HANAKO)).issue().token()
    there.clock.advance(TICK)
    assert swept(there).tokens == many + 1
    with storage.transaction() as tx:
        assert list(tx.tokens.unfinished(None, 9)) == [in_time]


def everything_in(storage: Storage) -> set[str]:
    """Every text in a store."""
    if isinstance(storage, MemoryStorage):
        return set(texts(storage))
    assert isinstance(storage, SqlStorage)
    with storage.pool.connect() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return {str(value) for row in rows for value in row}


# --- What stays -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_of_any_operation_is_another_one_for_a_sweep(name: str) -> None:
    """Whatever was begun, and whenever it is gone on with: swept or not, it is done, refused or over alike."""

    def told(after: timedelta, *, sweeps: bool) -> type:
        there = bank(evolve(DOORS[name].profile, retention=AT_ONCE.retention))
        act = DOORS[name].prepare(there, there.customer())
        there.clock.advance(after)
        if sweeps:
            swept(there)
        return type(act())

    assert {after: told(after, sweeps=True) for after in AFTER} == {after: told(after, sweeps=False) for after in AFTER}


@pytest.mark.requirement("APP-23", "OTP-10")
@each_lapse
@pytest.mark.parametrize("sweeps", [True, False])
def test_a_token_that_nobody_came_for_is_over_at_its_deadline(lapse: Lapse, *, sweeps: bool) -> None:
    """The customer sees then what a sweep may only write down later, to the instant."""
    there = bank(AT_ONCE)
    phone = Telephone.of(there, there.customer())
    deadline = lapse(phone)
    before = phone.token().state
    after = TokenState.NONE if before is TokenState.PHONE_PENDING else TokenState.VOID

    def seen() -> TokenState:
        if sweeps:
            swept(there)
        told = there.net.use_token.standing(there.log_in(phone.taro))
        assert isinstance(told, TokenStanding)
        return told.state

    there.clock.set(deadline)
    assert seen() is before
    there.clock.advance(TICK)
    assert seen() is after


@pytest.mark.requirement("APP-23")
@each_lapse
def test_the_customer_is_told_that_his_token_is_void(lapse: Lapse) -> None:
    """Once, when it could be set up no more; of an application that came to nothing he is not, and both are noted."""
    there = bank(AT_ONCE)
    phone = Telephone.of(there, there.customer())
    there.clock.set(lapse(phone))
    swept(there)
    assert moves(phone) == [phone.token().state.value]
    there.clock.advance(TICK)
    swept(there)
    swept(there)
    told = [letter.to for letter in letters(there) if letter.code is LetterCode.TOKEN_VOID]
    assert len(told) == (0 if lapse is uncalled else 1)
    assert moves(phone) == ["none" if lapse is uncalled else "void"]


def moves(phone: Telephone) -> list[str]:
    """The last that was noted of the token, but for the fetching of its seed."""
    noted = [str(one.data["state"]) for one in entries_of(phone.there, phone.taro) if one.kind == "TokenMoved"]
    return [one for one in noted if one != "seed fetched"][-1:]


def test_a_token_that_went_on_meanwhile_is_not_ended() -> None:
    """Between the look and the end he applied again: that application is not what was found, and stays."""
    there = bank(AT_ONCE)
    phone = Telephone.of(there, there.customer())
    uncalled(phone)
    there.clock.advance(LONGEST + TICK)
    again = partial(apply_again, phone)
    assert sweep(interrupted(there, 2, again)).tokens == 0
    assert phone.token().state is TokenState.PHONE_PENDING
    assert swept(there).tokens == 0


def apply_again(phone: Telephone) -> None:
    """Log in anew, and apply again."""
    Telephone.of(phone.there, phone.taro).apply()


def test_an_operator_at_work_stays_signed_in() -> None:
    """Swept every nine minutes for a day's work, his session goes on to its last moment."""
    desk = Desk.open(bank(AT_ONCE), "sato")
    session = desk.by("sato")
    end = desk.there.clock.now() + AT_ONCE.operators.sessions.absolute
    while desk.there.clock.now() + 9 * MINUTE < end:
        desk.there.clock.advance(9 * MINUTE)
        swept(desk.there)
        assert isinstance(desk.there.net.enquire.cases(session), WorkList | OutsideServiceHours)
    desk.there.clock.set(end - TICK)
    assert swept(desk.there).operator_sessions == 0


def test_a_session_in_use_lives_as_long_as_it_may() -> None:
    """Swept every four minutes for an hour, it goes on to its last moment."""
    there = bank(AT_ONCE)
    session = there.log_in(there.customer())
    end = there.clock.now() + AT_ONCE.sessions.absolute
    while there.clock.now() + 4 * MINUTE < end:
        there.clock.advance(4 * MINUTE)
        swept(there)
        assert isinstance(there.net.use_session(session), InSession)
    there.clock.set(end - TICK)
    swept(there)
    assert isinstance(there.net.use_session(session), InSession)


@every_store
@pytest.mark.requirement("LCK-02", "LCK-16")
def test_time_and_sweeping_together_clear_no_counter(storage: Storage) -> None:
    """Ten years after three wrong passwords it takes four more, at an id that somebody has and at nobody's."""
    there = TestBank(AT_ONCE, storage=storage)
    taro = there.customer()
    for who in (taro, evolve(taro, login_id="nobody99")):
        for _ in range(3):
            assert with_password(there, who, WRONG) == Refused()
        there.clock.advance(LONG_AFTER)
        swept(there)
        for _ in range(3):
            assert with_password(there, who, WRONG) == Refused()
        assert with_password(there, who, WRONG) == LockedOut(there.clock.now() + REST)


@every_store
@pytest.mark.requirement("TEL-16")
def test_wrong_digits_are_counted_over_any_sweep(storage: Storage) -> None:
    """Three wrong entries a call, a year between the calls and a sweep each time: the ninth ends it all the same."""
    there = TestBank(AT_ONCE, storage=storage)
    taro = there.customer()
    for year in range(3):
        phone = Telephone.of(there, taro)
        started = phone.apply()
        there.exchange.telephone(taro.person.phones[0]).dial(started.destination, wrong)
        told = there.net.issue_token.poll(phone.session, phone.attempt)
        assert isinstance(told, WrongTooOften) == (year == 2)
        there.clock.advance(timedelta(days=365))
        swept(there)


@every_store
def test_the_audit_log_is_neither_swept_nor_written(storage: Storage) -> None:
    """Every entry stays, and the log is intact, that of a procedure whose owner has gone as well."""
    there = TestBank(AT_ONCE, storage=storage)
    apply(there, Step.REVIEW)
    there.log_in(there.customer())
    audit.checkpoint(there.net.platform)
    there.clock.advance(LONG_AFTER)
    before = log(storage)
    assert swept(there) == evolve(NOTHING, sessions=1, procedures=2)
    assert log(storage) == before
    assert isinstance(audit.verify(there.net.platform), Intact)


def log(storage: Storage) -> list[Entry]:
    """Every entry of the audit log."""

    def ask(tx: Transaction) -> list[Entry]:
        return [entry for chain, _ in tx.audit.heads() for entry in tx.audit.chain(chain)]

    return read(storage, ask)


@every_store
@pytest.mark.requirement("ENR-17")
def test_what_no_branch_has_read_is_kept(storage: Storage) -> None:
    """However old it is: without a night, and while the night that reports it is not done."""
    there = TestBank(AT_ONCE, storage=storage)
    there.customer()
    there.clock.set(morning(WEDNESDAY + DAY))
    assert swept(there).acceptances == 0
    nights = Nights(there)
    nights.reports.reachable = False
    with pytest.raises(Unavailable):
        nights.run(WEDNESDAY)
    assert swept(there).acceptances == 0
    nights.reports.reachable = True
    nights.come(WEDNESDAY)
    nights.reports.reachable = False
    there.customer("yuki73kd", person=HANAKO)  # to be reported the day after
    there.clock.advance(10 * DAY)
    with pytest.raises(Unavailable):
        nights.run(WEDNESDAY + 2 * DAY)
    assert swept(there).acceptances == 1
    nights.reports.reachable = True
    nights.come(WEDNESDAY + 2 * DAY)
    assert len(nights.reported(TUESDAY)) == len(nights.reported(WEDNESDAY + 2 * DAY)) == 1


# --- When it goes wrong -----------------------------------------------------------------------------------------------


def _two_of_each(there: TestBank) -> None:
    taro = there.customer()
    for _ in range(2):
        there.log_in(taro)
        there.net.enrol.begin(seen_from=HOME)
    there.clock.advance(LONG_AFTER)


ALL = evolve(NOTHING, sessions=2, procedures=3)
"""Of what `_two_of_each` leaves: Taro's own application is the third."""


def test_a_sweep_that_is_interrupted_is_done_again() -> None:
    """Where the store is away half-way the sweep says so; what was swept stays so, and the rest goes the next time."""
    storage = MemoryStorage()
    there = TestBank(AT_ONCE, storage=storage)
    _two_of_each(there)
    storage.fail(call="procedures.sweep", with_=Unavailable())
    with pytest.raises(Unavailable):
        swept(there)
    assert swept(there) == evolve(ALL, sessions=0)


def test_a_sweep_that_loses_a_race_is_run_again() -> None:
    """A session that is just being written is met again."""
    storage = MemoryStorage()
    there = TestBank(AT_ONCE, storage=storage)
    _two_of_each(there)
    storage.fail(call="sessions.sweep", when="after", with_=Conflict(), times=3)
    assert swept(there) == ALL


@every_store
def test_many_may_sweep_at_once(storage: Storage) -> None:
    """Each thing is forgotten once, and counted by whoever forgot it; customers who come meanwhile come in."""
    there = TestBank(AT_ONCE, storage=storage)
    _two_of_each(there)
    hanako = there.customer("hana27mk", person=HANAKO)
    told = at_once([*[lambda: swept(there)] * 4, *[lambda: there.log_in(hanako)] * 2])
    counts = [asdict(one) for one in told if isinstance(one, Swept)]
    assert len(counts) == 4
    assert not any(isinstance(one, Exception) for one in told)
    assert {kind: sum(one[kind] for one in counts) for kind in asdict(ALL)} == asdict(ALL)


def test_ja_keeps_for_a_day_and_for_seven_years() -> None:
    """What is over is looked into the next morning at the latest; transactions are kept as the law has it."""
    assert timedelta(days=1) == KEPT.ended
    assert START.replace(year=START.year + 7) - START <= KEPT.executed < timedelta(days=8 * 365)


@pytest.mark.requirement("ENR-17")
def test_what_a_night_has_reported_waits_for_no_other_night() -> None:
    """Once it is done, what it reported of the days before it may be forgotten."""
    there = TestBank(AT_ONCE)
    there.customer()
    there.clock.set(morning(WEDNESDAY + DAY))
    Nights(there).come(WEDNESDAY)
    assert swept(there).acceptances == 1
