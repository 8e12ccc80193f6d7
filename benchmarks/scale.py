"""The same login among a thousand contracts and among a million."""

import random
from collections.abc import Iterator
from statistics import median
from time import perf_counter

from attrs import evolve
from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.login import enter
from benchmarks.stores import ON_DISK, Store
from janetbank.testing.bank import Enrollee
from janetbank.values.identifiers import ContractId
from janetbank_adapters.storage.sql import SqlStorage
from janetbank_adapters.storage.sql.schema import contract as contract_table
from janetbank_adapters.storage.sql.schema import customer as customer_table

FEW, MANY = 1_000, 1_000_000
ROUNDS = 300


def measure() -> Iterator[Figure]:
    """The median login among many ÷ among few, of customers drawn at random, in two stores side by side."""
    for open_store in ON_DISK:
        with open_store() as few, open_store() as many:
            crowds = [populate(few, FEW), populate(many, MANY)]
            draw = random.Random(7)
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(ROUNDS):
                for store, one, size, spent in zip((few, many), crowds, (FEW, MANY), times, strict=True):
                    customer = number(one, draw.randrange(size))
                    start = perf_counter()
                    enter(store, customer)
                    spent.append(perf_counter() - start)
            a_few, a_lot = median(times[0]), median(times[1])
            yield Figure(
                name=f"login among {MANY:,} ÷ among {FEW:,}, {few.name}",
                ratio=a_lot / a_few,
                bound=1.15,
                details={"few_ms": a_few * 1e3, "many_ms": a_lot * 1e3},
            )


def number(template: Enrollee, n: int) -> Enrollee:
    """The *n*-th copy of the customer."""
    return evolve(template, login_id=f"copy{n}z", contract=ContractId(f"copy{n:07}"))


def populate(store: Store, size: int) -> Enrollee:
    """Enrol one customer and copy his rows *size* times, each with an id of its own."""
    assert isinstance(store.storage, SqlStorage)
    template = store.bank.customer()
    digits = "substr('0000000' || n, -7)" if store.name == "SQLite" else "lpad(n::text, 7, '0')"
    own = {
        "id": f"'copy' || {digits}",
        "contract": f"'copy' || {digits}",
        "login_key": "'copy' || n || 'z'",
        "login_typed": "'copy' || n || 'z'",
        "account_key": f"'327-ordinary-' || {digits}",
    }
    numbers = (
        f"with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < {size - 1})"  # noqa: S608 -- our own number
        if store.name == "SQLite"
        else f"with numbers as (select generate_series(0, {size - 1}) as n)"
    )
    with store.storage.pool.begin() as connection:
        for table in (contract_table, customer_table):
            names = [column.name for column in table.columns]
            values = ", ".join(own.get(name, name) for name in names)
            rows = f"{numbers} select {values} from {table.name}, numbers where {table.name}.version > 0"  # noqa: S608 -- our own names
            connection.execute(text(f"insert into {table.name} ({', '.join(names)}) {rows}"))
    return template
