"""Machines on a network that can be cut: each of them a network namespace, all of them on one switch.

    with network("a", "b", "c") as net, two_servers(net, folder) as two:
        net.cut("a")               # nothing reaches a, and nothing leaves it; whatever runs there goes on
        two.promote()
        net.mend("a")

Shape:  10.77.0.1, 10.77.0.2, … in the order of the names; the primary runs on a, its synchronous standby on b.  Whoever
        looks from outside uses the servers' sockets, which lie in folders and know of no network.
Errors: RuntimeError where this process has no right to make network namespaces (root has), and where a program fails.
Source: issue 7, part 5; docs/deployment.md.
"""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen
from time import monotonic, sleep
from typing import LiteralString

import psycopg
from attrs import define, frozen

from janetbank.testing import postgres

_CLONE_NEWNET = 0x40000000
_PATIENCE = 30.0
_PATH = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


@frozen
class Machine:
    """A namespace, which lasts as long as the process that stands in it."""

    process: int
    address: str

    @property
    def place(self) -> Path:
        """By which to enter it."""
        return Path(f"/proc/{self.process}/ns/net")


def enter(place: Path) -> None:
    """From now on this thread, and those that it starts, are on the machine at *place*."""
    libc = ctypes.CDLL(None, use_errno=True)
    with place.open("rb") as namespace:
        if libc.setns(namespace.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter {place}")


@frozen
class Network:
    """The machines by their names, and the switch."""

    switch: Machine
    machines: Mapping[str, Machine]

    def cut(self, name: str) -> None:
        """Pull the cable of *name*: no packet goes through, and nobody is told."""
        _ip(self.switch, "link", "set", f"port-{name}", "down")

    def mend(self, name: str) -> None:
        """Put it in again."""
        _ip(self.switch, "link", "set", f"port-{name}", "up")


@contextmanager
def network(*names: str) -> Generator[Network]:
    """A switch with a machine of each name on it."""
    with ExitStack() as stack:
        switch = stack.enter_context(_machine(""))
        _ip(switch, "link", "add", "name", "bridge", "type", "bridge")
        _ip(switch, "link", "set", "bridge", "up")
        machines: dict[str, Machine] = {}
        for number, name in enumerate(names, 1):
            machine = machines[name] = stack.enter_context(_machine(f"10.77.0.{number}"))
            there = ("peer", "name", "cable", "netns", str(machine.process))
            _ip(switch, "link", "add", "name", f"port-{name}", "type", "veth", *there)
            _ip(switch, "link", "set", f"port-{name}", "master", "bridge", "up")
            _ip(machine, "address", "add", f"{machine.address}/24", "dev", "cable")
            for device in ("cable", "lo"):
                _ip(machine, "link", "set", device, "up")
        yield Network(switch, machines)


@contextmanager
def _machine(address: str) -> Generator[Machine]:
    command = ["unshare", "--net", "sh", "-c", "echo there; exec sleep infinity"]
    with Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_PATH) as standing:
        assert standing.stdout is not None
        assert standing.stderr is not None
        if not standing.stdout.readline():
            msg = f"no right to make network namespaces (run this as root): {standing.stderr.read().decode().strip()}"
            raise RuntimeError(msg)
        try:
            yield Machine(standing.pid, address)
        finally:
            standing.kill()


def _ip(machine: Machine, *arguments: str) -> None:
    command = [*_on(machine), "ip", *arguments]
    done = subprocess.run(command, env=_PATH, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = f"{' '.join(arguments)}: {done.stderr.strip()}"
        raise RuntimeError(msg)


def _on(machine: Machine) -> list[str]:
    return ["nsenter", f"--net={machine.place}"]


class _There(postgres._Programs):
    """PostgreSQL's programs on a machine: root enters it, and becomes somebody else."""

    def __init__(self, folder: Path, machine: Machine) -> None:
        self._machine: Machine | None = None
        super().__init__(folder)
        self._machine = machine

    def start(self, name: str, *arguments: str) -> Popen[bytes]:
        if self._machine is None:
            return super().start(name, *arguments)
        nobody = pwd.getpwnam("nobody")
        become = [f"--setuid={nobody.pw_uid}", f"--setgid={nobody.pw_gid}", "--"]
        with self._log.open("ab") as log:
            return Popen(
                [*_on(self._machine), *become, self._binaries / name, *arguments],
                cwd=self._folder,
                env=_PATH | {"LC_ALL": "C"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )


@define
class Server:
    """A PostgreSQL on a machine, with its files in *folder*."""

    folder: Path
    machine: Machine
    programs: _There
    process: Popen[bytes]

    @property
    def url(self) -> str:
        """By its socket, which no cut concerns."""
        return f"postgresql://postgres@/postgres?host={self.folder}&port=5432"

    def ask(self, asked: LiteralString) -> list[tuple[object, ...]]:
        """As its operator, who sits before it."""
        with psycopg.connect(self.url, autocommit=True) as operator:
            told = operator.execute(asked)
            return told.fetchall() if told.description else []

    def stop(self) -> None:
        """At once."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()


@define
class Two:
    """The one that takes writes at first, and the one that takes them when it is promoted."""

    old: Server
    new: Server

    def promote(self) -> None:
        """The standby takes writes from now on, whatever the other one thinks."""
        self.new.programs.run("pg_ctl", "promote", "-D", "data", "-w")


@contextmanager
def two_servers(net: Network, folder: Path) -> Generator[Two]:
    """A primary on a, and on b the standby by whose name it waits."""
    a, b = net.machines["a"], net.machines["b"]
    with ExitStack() as stack:
        for place in (folder / "a", folder / "b"):
            place.mkdir(mode=0o755)
        with postgres.server(folder / "a", listen_addresses="*"):
            pass  # its files are made
        with (folder / "a" / "data" / "pg_hba.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"host {what} postgres 10.77.0.0/24 trust\n" for what in ("all", "replication"))
        first = _There(folder / "a", a)
        old = Server(folder / "a", a, first, first.start("postgres", "-D", "data"))
        stack.callback(old.stop)
        first.run("pg_isready", "-h", str(old.folder), "-p", "5432", patience=_PATIENCE)
        second = _There(folder / "b", b)
        source = f"host={a.address} user=postgres application_name=b"
        second.run("pg_basebackup", "-d", source, "-D", "data", "-R", "-X", "stream")
        with (folder / "b" / "data" / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write(f"unix_socket_directories = '{folder / 'b'}'\nsynchronous_standby_names = ''\n")
        new = Server(folder / "b", b, second, second.start("postgres", "-D", "data"))
        stack.callback(new.stop)
        second.run("pg_isready", "-h", str(new.folder), "-p", "5432", patience=_PATIENCE)
        with psycopg.connect(old.url, autocommit=True) as operator:
            operator.execute("ALTER SYSTEM SET synchronous_standby_names = 'b'")
            operator.execute("SELECT pg_reload_conf()")
        until = monotonic() + _PATIENCE
        while old.ask("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
            assert monotonic() < until
            sleep(0.05)
        yield Two(old, new)
