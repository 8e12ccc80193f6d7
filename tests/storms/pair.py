"""A PostgreSQL and its standby, of which the first one can die.

    with pair(folder) as two:
        … two.url …                 # whichever of them takes writes
        two.kill_primary()          # SIGKILL to the server and everything it has started: the machine is gone
        two.promote()

Shape:  both listen on sockets in folders of their own; *synchronous*: a commit is acknowledged when the standby has it.
Errors: RuntimeError where a program of PostgreSQL's fails.
Source: issue 7, part 5; docs/deployment.md.
"""

import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from time import monotonic, sleep

import psycopg
from attrs import define

from janetbank.testing import postgres

STANDBY = "b"
"""The name by which the one confirms what the other keeps."""
_PATIENCE = 30.0


@define
class Pair:
    """The primary in one folder, the standby in another."""

    primary: Path
    standby: Path
    servers: list[Popen[bytes]]

    @property
    def url(self) -> str:
        """Whichever of the two takes writes."""
        hosts = f"{self.primary},{self.standby}"
        return f"postgresql://postgres@/postgres?host={hosts}&port=5432,5432&target_session_attrs=read-write"

    def kill_primary(self) -> None:
        """At once, and all of it."""
        server = self.servers[0]
        started = _children(server.pid)
        for process in (server.pid, *started):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        server.wait()

    def promote(self) -> None:
        """The standby takes writes from now on."""
        postgres._Programs(self.standby).run("pg_ctl", "promote", "-D", "data", "-w")

    def hold_the_standby_back(self) -> None:
        """From now on nothing reaches it."""
        os.kill(self._receiver, signal.SIGSTOP)

    def promote_as_it_was_held_back(self) -> None:
        """What lies in its socket, unread, it shall not have."""
        postgres._Programs(self.standby).run("pg_ctl", "promote", "-D", "data", "-W")
        receiver = self._receiver
        _wait(lambda: _told_to_end(receiver))  # which it does before it reads on
        os.kill(receiver, signal.SIGCONT)
        with psycopg.connect(f"host={self.standby} user=postgres dbname=postgres", autocommit=True) as connection:
            _wait(lambda: connection.execute("SELECT pg_is_in_recovery()").fetchall() == [(False,)])

    @property
    def _receiver(self) -> int:
        """Who receives the log on the standby."""
        (found,) = (
            process
            for process in _children(self.servers[1].pid)
            if b"walreceiver" in Path(f"/proc/{process}/cmdline").read_bytes()
        )
        return found


@contextmanager
def pair(folder: Path, *, synchronous: bool) -> Generator[Pair]:
    """Both, with the one following the other."""
    primary, standby = folder / "a", folder / "b"
    for place in (primary, standby):
        place.mkdir(mode=0o755)
    with postgres.server(primary):
        pass  # its files are made
    two = Pair(primary, standby, [])
    first, second = postgres._Programs(primary), postgres._Programs(standby)
    try:
        two.servers.append(first.start("postgres", "-D", "data"))
        first.run("pg_isready", "-h", str(primary), "-p", "5432", patience=_PATIENCE)
        source = f"host={primary} user=postgres application_name={STANDBY}"
        second.run("pg_basebackup", "-d", source, "-D", "data", "-R", "-X", "stream")
        settings = standby / "data" / "postgresql.auto.conf"
        with settings.open("a", encoding="utf-8") as file:
            file.write(f"unix_socket_directories = '{standby}'\n")
        two.servers.append(second.start("postgres", "-D", "data"))
        second.run("pg_isready", "-h", str(standby), "-p", "5432", patience=_PATIENCE)
        with psycopg.connect(f"host={primary} user=postgres dbname=postgres", autocommit=True) as connection:
            if synchronous:
                connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'".encode())
                connection.execute("SELECT pg_reload_conf()")
            _wait_for(connection, "sync" if synchronous else "async")
        yield two
    finally:
        for server in two.servers:
            if server.poll() is None:
                server.send_signal(signal.SIGQUIT)
                server.wait()


def _wait_for(connection: psycopg.Connection[tuple[object, ...]], state: str) -> None:
    asked = "SELECT sync_state FROM pg_stat_replication"
    _wait(lambda: connection.execute(asked).fetchall() == [(state,)])


def _wait(done: Callable[[], bool]) -> None:
    until = monotonic() + _PATIENCE
    while not done():
        if monotonic() > until:
            msg = "the standby does not do what it is told"
            raise RuntimeError(msg)
        sleep(0.05)


def _told_to_end(process: int) -> bool:
    """Whether a SIGTERM lies before it."""
    status = Path(f"/proc/{process}/status").read_text()
    pending = next(line for line in status.splitlines() if line.startswith("ShdPnd"))
    return bool(int(pending.split()[1], 16) & 1 << (signal.SIGTERM - 1))


def _children(parent: int) -> list[int]:
    return [int(process) for process in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
