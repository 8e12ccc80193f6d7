"""The night batch: contracts changed a second on PostgreSQL, and its memory among many as among few.

The night is as bad as one can be: everybody has applied on the last day of a month, so everybody is charged, reflected
and reported.  It is run in a process of its own, whose peak is what the system says of it when it has ended.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import perf_counter

import psycopg
from attrs import asdict, evolve, frozen
from sqlalchemy import text

from benchmarks.figures import Figure
from benchmarks.stores import Store, postgres
from janetbank import profiles
from janetbank.flows.batch import BatchDone, NightBatch, Progress
from janetbank.model.batch import BatchStep
from janetbank.policies.fees import FeeRules
from janetbank.values.moment import JST
from janetbank.values.money import Yen
from janetbank_adapters.cli import stores, upkeep
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.reports.files import FileReports
from janetbank_adapters.storage.sql import SqlStorage
from janetbank_adapters.storage.sql.schema import acceptance, contract, customer

FEW, MANY = 10_000, 1_000_000
BRANCHES = 900
DAY = date(2026, 12, 1)
"""The first operating day after a month."""
_KIB = 1024


@frozen
class Night:
    """How long its steps took, in seconds, and the peak of its memory, in bytes."""

    fees: float
    reflection: float
    reports: float
    peak: int


def measure(few: int = FEW, many: int = MANY) -> Iterator[Figure]:
    """Contracts changed a second; a night among many ÷ among few."""
    nights: dict[int, Night] = {}
    for size in (few, many):
        night = nights[size] = _night(size)
        yield Figure(
            name=f"contracts changed a second among {size:,}, PostgreSQL",
            ratio=size / night.reflection,
            bound=5_000,
            at_least=True,
            details={"charged_a_second": size / night.fees, "reported_a_second": size / night.reports},
        )
    yield Figure(
        name=f"peak memory of a night among {many:,} ÷ among {few:,}",
        ratio=nights[many].peak / nights[few].peak,
        bound=1.2,
        details={"few_mib": nights[few].peak / _KIB**2, "many_mib": nights[many].peak / _KIB**2},
    )


def _night(size: int) -> Night:
    with postgres() as store, tempfile.TemporaryDirectory() as folder:
        _populate(store, size)
        done = subprocess.run(  # noqa: S603 -- this very module
            [sys.executable, "-m", "benchmarks.batch", store.url, folder], stdout=subprocess.PIPE, check=True
        )
        night = Night(**json.loads(done.stdout))
        assert len(list(Path(folder).glob("*/*.csv"))) == min(size, BRANCHES)
        return night


def _populate(store: Store, size: int) -> None:
    """One customer who applied on the last day of November, so many times over, at branches all over the place."""
    assert isinstance(store.storage, SqlStorage)
    store.bank.clock.set(datetime(2026, 11, 30, 10, tzinfo=JST))
    store.bank.customer()
    name, branch = "'copy' || lpad(n::text, 7, '0')", f"lpad((n % {BRANCHES})::text, 3, '0')"
    account = f"{branch} || '-ordinary-' || lpad(n::text, 7, '0')"
    own = {
        "id": name,
        "contract": name,
        "login_key": "'copy' || n || 'z'",
        "login_typed": "'copy' || n || 'z'",
        "account_key": account,
        "branch": branch,
    }
    with store.storage.pool.begin() as connection:
        for table in (contract, customer, acceptance):
            names = [column.name for column in table.columns]
            values = ", ".join(own.get(one, one) for one in names)
            rows = f"select {values} from {table.name}, generate_series(0, {size - 1}) as n"  # noqa: S608 -- our own names
            connection.execute(text(f"insert into {table.name} ({', '.join(names)}) {rows}"))
        for table, key in ((customer, "contract"), (acceptance, "contract"), (contract, "id")):
            connection.execute(text(f"delete from {table.name} where {key} not like 'copy%'"))  # noqa: S608 -- the same
    with psycopg.connect(store.url, autocommit=True) as raw:
        raw.execute("vacuum analyze")


def main(url: str, folder: str) -> None:
    """Run the night at *url*, and say how it went."""
    clock = HandClock(datetime.combine(DAY, time(9), JST).astimezone(UTC))
    profile = evolve(profiles.JA, fees=FeeRules(monthly=Yen(110)))
    ends = dict[BatchStep, float]()

    def listen(progress: Progress) -> None:
        ends[progress.step] = perf_counter()

    with stores.opened(url) as storage:
        platform = evolve(upkeep.platform(storage, profile=profile), clock=clock)
        told = NightBatch(platform, FileReports(Path(folder)))(DAY, listen)
    assert isinstance(told, BatchDone), told
    assert told.done.charged == told.done.activated == told.done.reported
    steps = BatchStep.SETTLE, BatchStep.FEES, BatchStep.REFLECT, BatchStep.REPORTS
    settled, fees, reflect, reports = (ends[step] for step in steps)
    night = Night(fees - settled, reflect - fees, reports - reflect, _peak())
    sys.stdout.write(json.dumps(asdict(night)))


def _peak() -> int:
    """The most memory that this program has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # what Linux says of resources begins with those of whoever started the program
        (kib,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(kib) * _KIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else _KIB)


if __name__ == "__main__":
    main(*sys.argv[1:])
