"""Matching one call among a hundred attempts that wait, and among a hundred thousand."""

import random
from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter

from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.stores import ON_DISK, Store, memory
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.phone_auth import Progress
from janetbank.profiles.ja import PHONE_AUTH
from janetbank.testing.bank import INSTITUTION, START
from janetbank.values.caller import Route
from janetbank.values.identifiers import ContractId
from janetbank.values.phone import PhoneNumber
from janetbank_adapters.storage.sql import SqlStorage
from janetbank_adapters.storage.sql.schema import phone_attempt as table
from janetbank_adapters.telephony.memory import NUMBERS

FEW, MANY = 100, 100_000
ROUNDS = 2_000


def measure() -> Iterator[Figure]:
    """The median look for a call's attempt among many ÷ among few, in two stores side by side."""
    for open_store in (memory, *ON_DISK):
        with open_store() as few, open_store() as many:
            waiting = [populate(few, FEW), populate(many, MANY)]
            draw = random.Random(7)
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(ROUNDS):
                for store, routes, spent in zip((few, many), waiting, times, strict=True):
                    route = draw.choice(routes)
                    start = perf_counter()
                    found = match(store, route)
                    spent.append(perf_counter() - start)
                    assert found is not None
            a_few, a_lot = median(times[0]), median(times[1])
            yield Figure(
                name=f"matching a call among {MANY:,} ÷ among {FEW:,}, {few.name}",
                ratio=a_lot / a_few,
                bound=1.3,
                details={"few_us": a_few * 1e6, "many_us": a_lot * 1e6},
            )


def match(store: Store, route: Route) -> PhoneAttempt | None:
    """The attempt of a call, looked for in a transaction of its own."""
    with store.storage.transaction() as tx:
        return tx.phone_attempts.by_route(route)


def populate(store: Store, size: int) -> Sequence[Route]:
    """Let *size* attempts wait, each for another caller; the routes of up to a thousand of them."""
    place = _in_memory if not isinstance(store.storage, SqlStorage) else _in_sql
    place(store, size)
    return [attempt(number).route for number in range(0, size, max(1, size // 1000))]


def attempt(number: int) -> PhoneAttempt:
    """The attempt of the *number*-th contract."""
    return PhoneAttempt(
        id=f"attempt-{number:08}",
        institution=INSTITUTION.id,
        contract=ContractId(f"contract-{number:08}"),
        number=1,
        asked_by="a" * 64,
        purpose=OnlineProcedure.TOKEN_ISSUE,
        route=Route(PhoneNumber(f"+8190{10_000_000 + number}"), NUMBERS[0]),
        rules=PHONE_AUTH[OnlineProcedure.TOKEN_ISSUE],
        progress=Progress(start=START),
    )


def _in_memory(store: Store, size: int) -> None:
    with store.storage.transaction() as tx:
        for number in range(size):
            tx.phone_attempts.add(attempt(number))


def _in_sql(store: Store, size: int) -> None:
    """Keep one, and copy its row, each with names of its own."""
    storage = store.storage
    assert isinstance(storage, SqlStorage)
    with storage.transaction() as tx:
        tx.phone_attempts.add(attempt(0))
    padded = "substr('0000000' || n, -8)" if store.name == "SQLite" else "lpad(n::text, 8, '0')"
    own = {
        "id": f"'attempt-' || {padded}",
        "contract": f"'contract-' || {padded}",
        "caller": "'+8190' || (10000000 + n)",
    }
    numbers = (
        f"with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < {size - 1})"  # noqa: S608 -- our own number
        if store.name == "SQLite"
        else f"with numbers as (select generate_series(1, {size - 1}) as n)"
    )
    names = [column.name for column in table.columns]
    values = ", ".join(own.get(name, name) for name in names)
    rows = f"{numbers} select {values} from phone_attempt, numbers"  # noqa: S608 -- our own names
    with storage.pool.begin() as connection:
        connection.execute(text(f"insert into phone_attempt ({', '.join(names)}) {rows}"))
