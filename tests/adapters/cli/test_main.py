"""The command ends as a command should, whatever happens to it."""

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from janetbank_adapters.cli import main
from tests.adapters.cli.process import COMMAND, environment, run

COMMANDS = [
    [],
    ["tour"],
    ["check"],
    ["check", "login-id"],
    ["check", "password"],
    ["profiles"],
    ["profiles", "list"],
    ["profiles", "show"],
    ["diagram"],
    ["db"],
    ["db", "upgrade"],
    ["audit"],
    ["audit", "verify"],
    ["audit", "checkpoint"],
    ["batch"],
    ["batch", "run"],
    ["prove"],
    ["app"],
    ["app", "add"],
    ["app", "list"],
    ["app", "show"],
    ["app", "confirm"],
    ["app", "approve"],
    ["app", "decline"],
    ["operator"],
    ["operator", "register"],
    ["operator", "renew"],
    ["operator", "retire"],
    ["operator", "password"],
    ["operator", "list"],
    ["operator", "history"],
    ["operator", "transfers"],
    ["operator", "request"],
    ["operator", "formalise"],
    ["operator", "enter"],
    ["operator", "enter", "stop"],
    ["operator", "enter", "release"],
    ["operator", "enter", "block"],
    ["operator", "enter", "exemption"],
    ["operator", "approve"],
    ["operator", "reject"],
    ["operator", "withdraw"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """--help says how the command is used, and is no failure."""
    assert main([*command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: {' '.join(['janetbank', *command])} ")


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """--version names the program and its version."""
    assert main(["--version"]) == 0
    assert re.fullmatch(r"janetbank \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize(
    "argv", [[], ["walk"], ["check"], ["check", "pin", "1"], ["db"], ["audit", "verify"], ["tour", "--profile", "bank"]]
)
def test_what_is_no_command_is_misuse(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown or unfinished command is exit code 2, with a reason on stderr and nothing on stdout."""
    assert main(argv) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "error:" in told.err


def test_a_profile_that_there_is_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Who asks for an unknown profile hears which there are."""
    assert main(["profiles", "show", "bank"]) == 2
    assert "no profile is called 'bank'; there are: akita, aomori, ja, modern," in capsys.readouterr().err


# --- What may happen to a process -------------------------------------------------------------------------------------


def test_ctrl_c_ends_it_with_one_line(tmp_path: Path) -> None:
    """Interrupted on its way, the tour says so in one line, exits with 130 and leaves nothing behind."""
    with subprocess.Popen(
        [*COMMAND, "tour", "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment({"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}),
    ) as tour:
        assert tour.stdout is not None
        assert tour.stdout.readline().startswith(b"janetbank tour")  # it is on its way
        tour.send_signal(signal.SIGINT)
        _, said = tour.communicate(timeout=60)
    assert (tour.returncode, said) == (130, b"janetbank: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_it_starts_is_the_same() -> None:
    """Interrupted before it has begun, it ends no other way than later."""
    program = """
import builtins, signal, sys
from janetbank_adapters.cli import main
load = builtins.__import__
def interrupted(name, *rest):
    if name.endswith("cli.arguments"):
        signal.raise_signal(signal.SIGINT)
    return load(name, *rest)
builtins.__import__ = interrupted
sys.exit(main(["profiles", "list"]))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"janetbank: interrupted\n")


@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [("tour --lang en", ""), ("tour --store memory: --json", "1"), ("profiles show ja", ""), ("profiles show ja", "1")],
)
def test_a_reader_that_goes_away_ends_it_quietly(command: str, unbuffered: str, tmp_path: Path) -> None:
    """When nobody reads any more it says nothing of it, exits as SIGPIPE would have it, and leaves nothing behind."""
    with subprocess.Popen(
        [*COMMAND, *command.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment({"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": unbuffered}),
    ) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.returncode == 141
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    """What cannot be written is said in one line, with exit code 2."""
    command = f"ulimit -f 0; exec {shlex.join([*COMMAND, 'diagram', 'lockout'])} > {shlex.quote(str(tmp_path / 'out'))}"
    ended = subprocess.run(["/bin/sh", "-c", command], capture_output=True, env=environment(), check=False, timeout=60)
    assert ended.returncode == 2
    assert re.fullmatch(rb"janetbank: [^\n]+\n", ended.stderr)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_it_no_harm(closed: str) -> None:
    """Started without one of the three streams it gives the same answer."""
    command = f"{shlex.join([*COMMAND, 'check', 'password', '-'])} {closed}"
    ended = subprocess.run(
        ["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, env=environment(), check=False
    )
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_a_package_that_is_not_installed_is_named() -> None:
    """Without the extra it says in one line what to install."""
    program = """
import sys
sys.modules["rich"] = None
from janetbank_adapters.cli import main
sys.exit(main(["tour"]))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.startswith("janetbank: the package rich is not installed: pip install 'janetbank[cli]'")
    assert ended.stderr.count("\n") == 1


# --- How it speaks ----------------------------------------------------------------------------------------------------

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("changes", [{}, {"LC_ALL": "C"}, ASCII, {"PYTHONIOENCODING": "ascii"}])
def test_it_speaks_utf8_whatever_the_locale(changes: dict[str, str]) -> None:
    """Japanese comes out as UTF-8, and is read as such, where the locale knows only ASCII."""
    told = run(["check", "login-id", "ab123456", "--lang", "ja"], changes)
    assert "ログインID" in told.stdout.decode("utf-8")
    read = run(["check", "password", "-", "--lang", "en"], changes, stdin="パスワードです\n".encode())
    assert b"password.charset" in read.stdout
    assert b"password.too_long" not in read.stdout  # seven characters, not twenty-one bytes


@pytest.mark.parametrize(
    ("spoken", "title"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "何を断るか"),
        ({"LANG": "en_US.UTF-8"}, "which operation"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "C"}, "which operation"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "ja_JP.UTF-8"}, "何を断るか"),
        ({}, "which operation"),
    ],
)
def test_it_speaks_the_language_of_the_machine(spoken: dict[str, str], title: str) -> None:
    """Unasked, it speaks Japanese where the machine does, else English."""
    assert title in run(["diagram", "--list"], spoken).stdout.decode()


def test_no_colours_where_nobody_looks() -> None:
    """Into a pipe or a file go words alone."""
    assert b"\x1b" not in run(["check", "password", "ab111111"], {"TERM": "xterm-256color"}).stdout


@pytest.mark.parametrize("columns", [20, 40, 100])
@pytest.mark.parametrize("command", ["check password ab111111", "profiles show ja"])
def test_no_line_is_wider_than_the_screen(command: str, columns: int) -> None:
    """A line breaks before the edge, where a character takes two columns too, and no line ends in blanks."""
    lines = run(command.split(), {"COLUMNS": str(columns)}).stdout.decode().splitlines()
    assert max(cell_len(line) for line in lines) <= columns
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_command_loads_what_it_needs() -> None:
    """Checking a password waits for no database, no directory and no host."""
    program = """
import sys
from janetbank_adapters.cli import main
main(["check", "password", "x"])
print(sorted({"sqlalchemy", "psycopg", "alembic", "zengin_code", "argon2"} & set(sys.modules)))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert ended.stdout.splitlines()[-1] == "[]"
