"""Storage in a database, beyond what every store must do: how it fails, what it locks, and what it asks for."""

import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import inspect, make_url

from janetbank.flows.refusals import LockedOut
from janetbank.model.contract import Contract
from janetbank.ports.failures import Corrupt, PortError, Unavailable
from janetbank.ports.storage import Checkpoint, Conflict, LoginIdTaken, Transaction
from janetbank.testing import postgres
from janetbank.testing.bank import TestBank
from janetbank.testing.storage_conformance import (
    HERE,
    LATER,
    NAMESPACE,
    NOBODY,
    NOW,
    a_chain,
    a_contract,
    a_customer,
    a_decoy,
    a_letter,
    a_procedure,
    a_session,
    add,
    at_once,
    do,
    once,
)
from janetbank.values.identifiers import ContractId
from janetbank_adapters.storage.sql import SqlStorage, connect

PATIENCE = 0.3
C = ContractId("c")
SECRET = "recognisable-secret-8264"

pytestmark = pytest.mark.loopback


@pytest.fixture
def storage(store_url: str) -> Iterator[SqlStorage]:
    """A fresh store of each kind, with one contract."""
    with connect(store_url, patience=PATIENCE) as storage:
        add(storage, a_contract("c", login_id="taro0001", account="1"))
        yield storage


def epoch(tx: Transaction) -> int:
    """How often the contract "c" was counted up."""
    contract = tx.contracts.by_id(HERE, C)
    assert contract is not None
    return contract.session_epoch


def count_up(tx: Transaction) -> None:
    """Write the contract "c"."""
    contract = tx.contracts.by_id(HERE, C)
    assert contract is not None
    tx.contracts.put(contract.end_sessions())


def operate(storage: SqlStorage, statement: str) -> None:
    """Do what an operator, or an accident, does to the database."""
    with storage.pool.connect() as connection:
        connection.exec_driver_sql(statement)


def everything_said(error: BaseException | None) -> str:
    """All that a log of *error*, with all that it came from, could show."""
    said = ""
    while error is not None:
        said += repr(error) + str(error) + repr(vars(error)) + repr(getattr(error, "__notes__", ""))
        error = error.__cause__ or error.__context__
    return said


# --- what it is opened with -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["", "bank.db", "mysql://root@localhost/bank", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory"],
)
def test_only_a_file_or_a_server_keeps_a_bank(url: str) -> None:
    """Any other URL is a mistake that is told at once; memory would be each connection's own."""
    with pytest.raises(ValueError):
        connect(url)


def test_a_file_is_set_up_to_be_safe(sqlite_store: str) -> None:
    """WAL, every commit through to the disk, and references checked."""
    with connect(sqlite_store) as storage, storage.pool.connect() as connection:

        def pragma(name: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()

        assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)


def test_many_may_be_the_first_to_open_a_file(tmp_path: Path) -> None:
    """Those who start together on a new file wait for each other, as they would at a write."""

    def open_one(url: str) -> str:
        with connect(url) as storage, storage.pool.connect() as connection:
            return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())

    for number in range(40):
        url = f"sqlite:///{tmp_path}/{number}.db"
        assert at_once([partial(open_one, url)] * 4) == ["wal"] * 4


# --- what a power cut may take ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("durable", [True, False])
def test_only_what_may_be_lost_is_not_flushed(storage: SqlStorage, *, durable: bool) -> None:
    """A durable transaction reaches the disk before it is told; one that is not changes that for itself alone."""
    asked = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}[storage.pool.dialect.name]
    on, off = {"sqlite": (2, 1), "postgresql": ("on", "off")}[storage.pool.dialect.name]

    def flushed(*, durable: bool) -> object:
        with storage.transaction(durable=durable) as tx:
            tx.begin()
            ((told,),) = tx.all(asked, {})
            return told

    assert flushed(durable=durable) == (on if durable else off)
    assert flushed(durable=True) == on


_AT_THE_END = """
CREATE TABLE ended (number integer GENERATED ALWAYS AS IDENTITY, flushed text);
CREATE FUNCTION ending() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO ended (flushed) VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER ending AFTER UPDATE ON contract DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ending()
"""


def test_what_is_written_in_one_statement_is_flushed_like_the_rest(postgres_store: str) -> None:
    """A statement that is a transaction by itself says for that transaction alone whether it has to be flushed."""
    kinds = [True, False, True, False, False, True]
    with connect(postgres_store, connections=1) as storage:
        add(storage, a_contract("c"))
        operate(storage, _AT_THE_END)
        for durable in kinds:
            with storage.transaction(durable=durable) as tx:
                count_up(tx)
        with storage.transaction() as tx:
            ended = tx.all("SELECT flushed FROM ended ORDER BY number", {})
            assert [flushed for (flushed,) in ended] == ["on" if durable else "off" for durable in kinds]
            assert epoch(tx) == len(kinds)


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "SERIALIZABLE"])
def test_whatever_was_asked_beside_the_port_the_port_keeps_what_it_writes(store_url: str, level: str) -> None:
    """A connection comes back from SQLAlchemy as it pleases, and the next guess is counted all the same."""
    with connect(store_url, connections=1) as storage:
        add(storage, a_contract("c", login_id="taro0001", account="1"))
        with storage.pool.connect() as connection:
            connection.execution_options(isolation_level=level).exec_driver_sql("SELECT 1")
        with storage.transaction() as tx:
            count_up(tx)
        with storage.transaction() as tx:
            assert epoch(tx) == 1


# --- who waits for whom -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value"),
    [("synchronous_commit", "off"), ("synchronous_commit", "local"), ("synchronous_commit", "remote_write")],
)
def test_a_server_that_may_forget_is_refused(postgres_store: str, setting: str, value: str) -> None:
    """A database in which an acknowledged commit can be lost is none, however it came to be set up so."""
    name = make_url(postgres_store).database
    with connect(postgres_store, patience=1.0) as storage:
        operate(storage, f'ALTER DATABASE "{name}" SET {setting} = {value}')
    with (
        connect(postgres_store, patience=1.0) as storage,
        pytest.raises(Unavailable, match=f"may forget .*{setting} is {value}"),
        storage.transaction(),
    ):
        pass
    with connect(postgres_store, patience=1.0) as storage:
        operate(storage, f'ALTER DATABASE "{name}" RESET {setting}')
    with connect(postgres_store, patience=1.0) as storage, storage.transaction() as tx:
        assert not list(tx.audit.heads())


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_does_not_reach_its_disk_is_refused(setting: str) -> None:
    """What survives no power cut is no store: the server says so, and nobody is let near it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.server(Path(folder), **{setting: "off"}) as url,
        connect(url, patience=1.0) as storage,
    ):
        for _ in range(2):  # asked again, it is no better
            with pytest.raises(Unavailable, match=f"may forget .*{setting} is off"), storage.transaction():
                pass


def test_a_server_with_another_isolation_is_used_as_it_must_be(postgres_store: str) -> None:
    """Whoever waited for a lock sees what was written meanwhile, though the database would have him see a snapshot."""
    with connect(postgres_store) as storage:
        operate(
            storage,
            f'ALTER DATABASE "{make_url(postgres_store).database}" '
            "SET default_transaction_isolation = 'repeatable read'",
        )
    with connect(postgres_store) as storage:
        add(storage, a_contract("c"))
        assert at_once([partial(do, storage, count_up)] * 8) == [None] * 8
        with storage.transaction() as tx:
            assert epoch(tx) == 8


def test_reading_waits_for_nobody(storage: SqlStorage) -> None:
    """While somebody holds a contract, or the file's one writer's place, others read it at once: as it was."""
    with storage.transaction(contended=True) as writer:
        count_up(writer)
        assert epoch(writer) == 1  # written, not committed
        start = time.monotonic()
        assert once(storage, epoch) == 0
        assert time.monotonic() - start < PATIENCE


def test_a_writer_waits_no_longer_than_his_patience(storage: SqlStorage) -> None:
    """Who writes what somebody else holds meets Conflict when his patience ends, not for ever and not at once."""
    with storage.transaction(contended=True) as writer:
        count_up(writer)
        assert epoch(writer) == 1
        start = time.monotonic()
        with pytest.raises(Conflict):
            once(storage, count_up)
        assert PATIENCE * 0.9 < time.monotonic() - start < PATIENCE * 10
    assert once(storage, epoch) == 1


def test_a_transaction_that_writes_holds_nothing_until_it_ends(storage: SqlStorage) -> None:
    """What is written waits for the end, also where other rows are read after it, by a step that then thinks long."""
    with storage.transaction() as slow:
        slow.sessions.add(a_session())
        assert slow.sessions.by_key("another") is None
        assert slow.customers.of(HERE, C) is None
        once(storage, count_up)
    assert once(storage, epoch) == 1
    assert once(storage, lambda tx: tx.sessions.by_key("s")) is not None


def test_where_connections_run_out_somebody_is_told(postgres_store: str) -> None:
    """More transactions at once than connections: the last one hears Unavailable, and is served when one is back."""
    with connect(postgres_store, patience=PATIENCE, connections=1) as storage:
        with storage.transaction(), pytest.raises(Unavailable), storage.transaction():
            pass
        add(storage, a_contract("c"))


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_database_without_tables_says_what_to_do(tmp_path: Path, postgres_template: str) -> None:
    """A store that was never upgraded is Unavailable, and names the command."""
    with postgres.empty_beside(postgres_template) as empty:
        for url in (f"sqlite:///{tmp_path}/new.db", empty):
            with connect(url) as storage, pytest.raises(Unavailable, match="janetbank db upgrade"):
                once(storage, lambda tx: tx.contracts.by_id(HERE, C))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://janetbank:recognisable-secret-8264@/bank?host=/nowhere",
        "postgresql://janetbank:recognisable-secret-8264@127.0.0.1:1/bank",
        "sqlite:////nowhere/at/all/bank.db",
    ],
)
def test_where_there_is_no_store_it_is_unavailable(url: str) -> None:
    """No server, no folder: Unavailable in time, and not a word of the password."""
    with connect(url, patience=PATIENCE) as storage, pytest.raises(Unavailable) as told:
        add(storage, a_contract("c"))
    assert SECRET not in everything_said(told.value)


def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    """Whatever it is, it is not what was stored."""
    file = tmp_path / "bank.db"
    file.write_bytes(b"Dear diary, " * 1000)
    with connect(f"sqlite:///{file}") as storage, pytest.raises(Corrupt):
        add(storage, a_contract("c"))
    assert file.read_bytes() == b"Dear diary, " * 1000


def test_a_full_disk_loses_nothing(sqlite_store: str) -> None:
    """A commit for which there is no room is Unavailable; what was there stays, and there is no half of the rest."""
    with connect(sqlite_store) as storage:
        add(storage, a_contract("c"))
        with storage.transaction() as tx:
            pages = tx.all("PRAGMA page_count", {})[0][0]
            tx.all(f"PRAGMA max_page_count = {pages + 2}", {})

        def too_much(tx: Transaction) -> None:
            count_up(tx)
            for number in range(100):
                tx.contracts.add(evolve(a_contract(f"c{number}"), password="x" * 3000))

        with pytest.raises(Unavailable):
            once(storage, too_much)
        assert once(storage, epoch) == 0
        assert len(list(once(storage, lambda tx: list(tx.audit.owned_heads())))) == 1
        with storage.transaction() as tx:
            tx.all(f"PRAGMA max_page_count = {pages + 2000}", {})
        once(storage, too_much)
        assert once(storage, epoch) == 1


def test_a_locked_file_is_waited_for(sqlite_store: str) -> None:
    """Another program holds the file's one writer's place: Conflict after the patience, and then it works."""
    with connect(sqlite_store, patience=PATIENCE) as storage:
        add(storage, a_contract("c"))
        intruder = sqlite3.connect(sqlite_store.removeprefix("sqlite:///"), isolation_level=None)
        intruder.execute("BEGIN IMMEDIATE")
        with pytest.raises(Conflict):
            once(storage, count_up)
        with pytest.raises(Conflict), storage.transaction(contended=True):
            pass
        intruder.execute("ROLLBACK")
        intruder.close()
        once(storage, count_up)
        assert once(storage, epoch) == 1


def test_a_server_that_went_away_is_found_again(postgres_store: str) -> None:
    """Its restart costs one refusal however many connections there were, and a transaction in the middle is gone."""

    def all_connections_break() -> None:
        with connect(postgres_store) as operator:
            operate(
                operator,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )

    with connect(postgres_store, patience=PATIENCE * 10) as storage:
        add(storage, a_contract("c"))
        with storage.transaction(), storage.transaction(), storage.transaction():
            pass  # three connections in the pool
        all_connections_break()
        with pytest.raises(Unavailable):
            once(storage, count_up)
        once(storage, count_up)

        def cut_off(tx: Transaction) -> None:
            count_up(tx)
            assert epoch(tx) == 2  # so that it is written, though not committed
            all_connections_break()

        with pytest.raises(Unavailable), storage.transaction(contended=True) as tx:
            cut_off(tx)
        assert once(storage, epoch) == 1


BROKEN = {
    "questions": "'[[1]]'",
    "places": "'recognisable-secret-8264'",
    "password_tickets": "'[1]'",
    "account_key": "'recognisable-secret-8264'",
    "login_typed": "'recognisable-secret-8264'",
}


UNCHECKED = (
    "status = 'decoy'",
    "login_key = '?x', account_key = '?x'",
    "password_lockouts = -1",
    "code_issued = -1",
    "answer_tickets = '[[1,2],[],[]]', answer_issued = 1",
    "form_tries = -1",
    "asked = -1",
    "session_epoch = -1",
    "chain_seq = -1",
    "version = 0",
)


@pytest.mark.parametrize("change", UNCHECKED)
def test_what_no_check_has_seen_is_corrupt(storage: SqlStorage, change: str) -> None:
    """Where the tables have lost their conditions, what these forbid is taken for no contract by whoever reads it."""
    if storage.pool.dialect.name == "sqlite":
        operate(storage, "PRAGMA ignore_check_constraints = ON")
    else:
        for check in sorted(str(one["name"]) for one in inspect(storage.pool).get_check_constraints("contract")):
            operate(storage, f'ALTER TABLE contract DROP CONSTRAINT "{check}"')
    operate(storage, f"UPDATE contract SET {change}")  # noqa: S608 -- written above
    with pytest.raises(Corrupt):
        once(storage, lambda tx: tx.contracts.by_id(HERE, ContractId("c")))


@pytest.mark.parametrize("column", BROKEN)
def test_a_row_that_cannot_be_is_corrupt(storage: SqlStorage, column: str) -> None:
    """Whatever made it so, it is not taken for a contract, and what stands in it is not told."""
    operate(storage, f"UPDATE contract SET {column} = {BROKEN[column]}")  # noqa: S608 -- written above
    with pytest.raises(Corrupt) as told:
        once(storage, epoch)
    assert SECRET not in everything_said(told.value)
    with pytest.raises(Corrupt):
        once(storage, lambda tx: tx.contracts.by_login_id(HERE, NAMESPACE, "taro0001", NOBODY))


def test_bytes_that_are_no_text_are_corrupt(sqlite_store: str) -> None:
    """What SQLite kept is not even text."""
    with connect(sqlite_store) as storage:
        add(storage, a_contract("c"))
        operate(storage, "UPDATE contract SET password = CAST(x'c3280a' AS TEXT)")
        with pytest.raises(Corrupt):
            once(storage, epoch)


@pytest.mark.parametrize("table", ["customer", "session", "procedure", "letter", "audit", "checkpoint"])
def test_every_kind_of_row_can_be_corrupt(storage: SqlStorage, table: str) -> None:
    """No room takes nonsense for what was stored."""

    def fill(tx: Transaction) -> None:
        tx.customers.add(a_customer(a_contract("c")))
        tx.sessions.add(a_session())
        tx.procedures.add(a_procedure())
        tx.outbox.add([a_letter()])
        tx.audit.append(a_chain("c", 1))
        tx.audit.add_checkpoint(Checkpoint(1, NOW, (), "key", "seal"))

    once(storage, fill)
    column, value = {"session": ("channel", "'telex'"), "checkpoint": ("heads", "'[7]'")}.get(table, ("data", "'{}]'"))
    operate(storage, f"UPDATE {table} SET {column} = {value}")  # noqa: S608 -- written above
    reads: dict[str, Callable[[Transaction], object]] = {
        "customer": lambda tx: tx.customers.of(HERE, C),
        "session": lambda tx: tx.sessions.by_key("s"),
        "procedure": lambda tx: tx.procedures.by_key("p"),
        "letter": lambda tx: tx.outbox.claim(NOW, LATER, 1),
        "audit": lambda tx: list(tx.audit.chain("c")),
        "checkpoint": lambda tx: list(tx.audit.checkpoints()),
    }
    with pytest.raises(Corrupt):
        once(storage, reads[table])


def test_what_the_tables_forbid_is_refused(storage: SqlStorage) -> None:
    """A programmer's nonsense comes as a PortError that quotes nothing of the row, and keeps nothing."""
    wrong = evolve(a_contract("d"), password=SECRET, session_epoch=-1)
    mistakes: list[Callable[[Transaction], None]] = [
        lambda tx: tx.contracts.add(wrong),
        lambda tx: tx.customers.add(a_customer(a_contract("nobody"))),
    ]
    for mistake in mistakes:
        with pytest.raises(PortError) as told:
            once(storage, mistake)
        assert not isinstance(told.value, Conflict | Unavailable)
        assert SECRET not in everything_said(told.value)
    with storage.transaction() as tx:
        assert [name for name, _ in tx.audit.owned_heads()] == ["c"]


def test_a_collision_tells_nothing_of_the_row(storage: SqlStorage) -> None:
    """The database's own words quote the key; they go no further."""
    with pytest.raises(LoginIdTaken) as told:
        add(storage, evolve(a_contract("d", login_id="taro0001"), password=SECRET))
    said = everything_said(told.value)
    assert SECRET not in said
    assert "taro0001" not in said


@pytest.mark.parametrize(
    "half",
    [
        evolve(a_contract("d"), decoy_key="key"),
        evolve(a_decoy("d"), decoy_key=None),
        evolve(a_decoy("d"), login_id=a_contract("x", login_id="hana0001").login_id),
        evolve(a_decoy("d"), account=a_contract("x", account="7").account),
    ],
)
def test_nothing_is_half_a_decoy(storage: SqlStorage, half: Contract) -> None:
    """A contract is somebody's or nobody's; a mixture is the programmer's mistake."""
    with pytest.raises(ValueError):
        once(storage, lambda tx: tx.contracts.add(half))


# --- what is asked of the database ------------------------------------------------------------------------------------


@contextmanager
def noted(storage: SqlStorage, folder: Path) -> Generator[list[str]]:
    """How each statement that reaches the database begins, by the driver's own trace; COMMIT and its like left out."""
    with storage.transaction() as tx:
        driver: Any = vars(tx._connection)["_driver"]
    told: list[str] = []
    if isinstance(driver, sqlite3.Connection):
        driver.set_trace_callback(told.append)
        yield told
        driver.set_trace_callback(None)
    else:
        # A statement that is new to a connection is parsed with its text; `storage` is new, too.
        with (folder / "trace").open("w+b") as trace:
            driver.pgconn.trace(trace.fileno())
            yield told
            driver.pgconn.untrace()
            trace.seek(0)
            told += re.findall(r'\tF\t\d+\t(?:Parse\t "[^"]*"|Query\t) "([^"]+)', trace.read().decode())
    told[:] = [" ".join(statement.split()[:2]) for statement in told if statement.split()[0] not in OF_TRANSACTIONS]


OF_TRANSACTIONS = {"BEGIN", "COMMIT", "ROLLBACK", "PRAGMA"}
FIND = "SELECT contract.institution,"
LOGIN = {
    "sqlite": [FIND, "UPDATE contract", "INSERT INTO", "UPDATE contract", "INSERT INTO", "INSERT INTO"],
    # One statement writes the contract, the session and the entry, or none of them.
    "postgresql": [FIND, "WITH met", "WITH met"],
}


def test_a_login_asks_no_more_than_it_must(store_url: str, tmp_path: Path) -> None:
    """A login is at most eight statements in two transactions, the first time and the next."""
    with connect(store_url) as storage:
        bank = TestBank(storage=storage)
        customer = bank.customer()
    for seed in (1, 2):
        with connect(store_url, connections=1) as storage, noted(storage, tmp_path) as login:
            TestBank(storage=storage, keys=bank.keys, seed=seed).log_in(customer)
        assert login == LOGIN[storage.pool.dialect.name]
        assert len(login) <= 8


def test_a_refusal_at_a_locked_contract_is_one_select(store_url: str, tmp_path: Path) -> None:
    """Whoever keeps guessing at a locked contract costs one SELECT and writes nothing."""
    with connect(store_url) as storage:
        bank = TestBank(storage=storage)
        customer = bank.customer()
        told = [bank.guess(customer.login_id, "wr0ng-guess") for _ in range(7)]
        assert isinstance(told[-1], LockedOut)
    with connect(store_url, connections=1) as storage, noted(storage, tmp_path) as refusal:
        again = TestBank(storage=storage, keys=bank.keys).guess(customer.login_id, "wr0ng-guess")
        assert isinstance(again, LockedOut)
    assert refusal == [FIND]
