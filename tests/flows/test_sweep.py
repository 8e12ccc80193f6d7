"""Sweeping: what is over goes when the profile says so, and nobody who can still go on with something notices."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

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
from janetbank.flows.sweep import Swept, sweep
from janetbank.flows.use_session import InSession
from janetbank.model.audit import Entry
from janetbank.policies.enrolment import Step
from janetbank.policies.phone_auth import LONGEST
from janetbank.policies.retention import Retention
from janetbank.ports.failures import Unavailable
from janetbank.ports.storage import Conflict, Storage, Transaction
from janetbank.testing.bank import HOME, START, TestBank, bank
from janetbank.testing.storage_conformance import at_once
from janetbank.values.instruction import InstructionKind
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import SqlStorage, connect
from janetbank_adapters.storage.sql.schema import metadata
from janetbank_adapters.telephony.memory import wrong
from tests.everything import texts
from tests.flows.application import apply
from tests.flows.counter_scene import Desk
from tests.flows.scene import HANAKO, MINUTE, REST, TICK, WRONG, read, with_password
from tests.flows.test_doors import DOORS, NAMES
from tests.flows.token_scene import Telephone, order

FAST = profiles.fast_for_tests(profiles.JA)
KEPT = FAST.retention
AT_ONCE = evolve(FAST, retention=Retention(ended=timedelta(0), executed=timedelta(0)))
"""A bank that keeps nothing that is over."""
LONG_AFTER = timedelta(days=3_650)
AFTER = (timedelta(0), 2 * MINUTE, 3 * MINUTE - TICK, 5 * MINUTE - TICK, LONGEST, REST - TICK, REST, LONG_AFTER)
"""Moments at which something may be just alive, or just over."""
NOTHING = Swept(sessions=0, procedures=0, phone_attempts=0, instructions=0, operator_sessions=0)

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


def _operator_session(there: TestBank) -> datetime:
    Desk.open(there, "sato")
    return there.clock.now() + FAST.operators.sessions.absolute + KEPT.ended


@every_store
@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("sessions", _session),
        ("procedures", _procedure),
        ("phone_attempts", _phone_attempt),
        ("instructions", _unexecuted),
        ("instructions", _executed),
        ("operator_sessions", _operator_session),
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
    assert swept(there) == NOTHING


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


def everything_in(storage: Storage) -> set[str]:
    """Every text in a store."""
    if isinstance(storage, MemoryStorage):
        return set(texts(storage))
    assert isinstance(storage, SqlStorage)
    with storage.pool.connect() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return {str(value) for row in rows for value in row}


# --- What stays -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", AFTER, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_no_answer_of_any_operation_is_another_one_for_a_sweep(name: str, after: timedelta) -> None:
    """Whatever was begun, and whenever it is gone on with: swept or not, it is done, refused or over alike."""

    def told(*, sweeps: bool) -> type:
        there = bank(AT_ONCE)
        act = DOORS[name].prepare(there, there.customer())
        there.clock.advance(after)
        if sweeps:
            swept(there)
        return type(act())

    assert told(sweeps=True) is told(sweeps=False)


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
