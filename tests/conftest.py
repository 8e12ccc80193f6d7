"""What holds for every test: how long properties are searched, and that no test reaches the network.

Sockets are closed (pytest-socket). A test marked `loopback` may open them, and connect to 127.0.0.1. What speaks
through a C library (libpq) is not seen by this; the fixtures that start such servers bind them to this machine.

A search (`make search`) runs where `-m` names it, and nowhere else.

Whoever needs a real database takes `store_url` (each test once per kind) or `postgres_store`: fresh, with its tables.
"""

import gc
import re
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from janetbank.testing import postgres
from janetbank_adapters.storage.sql import upgrade

# The same examples on every machine and every day: a red test is red for everybody, and for the same reason.
settings.register_profile(
    "default",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
# New examples each time, many more, longer histories, and what was found is kept in .hypothesis (make search).
settings.register_profile("search", deadline=None, max_examples=5_000, stateful_step_count=200, print_blob=True)
settings.load_profile("default")

# A shell that runs the tests in the background (`make test &`) has all of them ignore Ctrl-C, which some tests send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected lives until the end: looked through for garbage again and again, it took twice as long."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def asks_for_searches(markexpr: str | None) -> bool:
    """Whether *markexpr*, what `-m` says, names them.

    A default of `-m` would not do: any other one takes its place, and `-m "not loopback"` would search for hours.
    """
    return re.search(r"\bsearch\b", markexpr or "") is not None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave searches out that nobody asks for, and translate our one word for sockets into pytest-socket's."""
    if not asks_for_searches(config.getoption("markexpr")):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("search")])
        items[:] = [item for item in items if not item.get_closest_marker("search")]
    for item in items:
        if item.get_closest_marker("loopback"):
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1"]))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite file with the tables."""
    path = tmp_path / "bank.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The URL of a PostgreSQL database with the tables, to be copied: on JANETBANK_POSTGRES, or a server of our own."""
    # In a short path that `nobody` can enter: a socket lies in it.
    with tempfile.TemporaryDirectory() as folder, postgres.postgres_url(Path(folder)) as url:
        upgrade(url)
        yield url


@pytest.fixture
def postgres_store(postgres_template: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database with the tables."""
    with postgres.copy(postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh store that processes can share, one kind after the other."""
    url: str = request.getfixturevalue(f"{request.param}_store")
    return url
