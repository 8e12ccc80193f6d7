"""`janetbank` on the command line: a tour, the rules one by one, diagrams, and what a database wants now and then.

Shape:  `main(argv)` returns the exit code: 0 yes, 1 no (refused, damaged, not as told), 2 the question could not be
        put or answered, 130 interrupted, 141 nobody reads what is written.
Errors: none a user can cause; whatever he got wrong is one line on stderr.
Source: README; the extra `janetbank[cli]`.
"""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from janetbank.ports.failures import PortError

INTERRUPTED = 130
UNREAD = 141
"""What a shell reports of a process that SIGINT or SIGPIPE ended."""

MISUSE = 2


class Misuse(Exception):  # noqa: N818 -- it names the thing
    """The command cannot be done as it was asked for; the message, one line, says why and holds no secret."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what *argv* (the process's own arguments, if None) asks for, and return the exit code."""
    try:
        _open_streams()
        code = _do(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("janetbank: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        _write_nowhere()
        return UNREAD
    except OSError as error:  # the disk is full, the folder for temporary files is not there …
        _write_nowhere()
        return _say(f"{error.strerror}{f': {error.filename}' if error.filename else ''}")
    return code


def _do(argv: Sequence[str] | None) -> int:
    try:
        # Imported here, so that an interruption while they load ends like any other.
        from janetbank_adapters.cli.arguments import parser

        given = sys.argv[1:] if argv is None else argv
        args = parser(given).parse_args(given)
        code: int = args.run(args)
    except SystemExit as leaving:  # argparse has said what it had to say
        return leaving.code if isinstance(leaving.code, int) else MISUSE
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package.startswith("janetbank"):
            raise
        wanted = "pip install 'janetbank[cli]' or, for PostgreSQL, 'janetbank[cli,postgres]'"
        return _say(f"the package {package} is not installed: {wanted}")
    except (Misuse, PortError) as error:
        return _say(str(error))
    return code


def _say(why: str) -> int:
    sys.stderr.write(f"janetbank: {why}\n")
    return MISUSE


def _open_streams() -> None:
    """Let all three streams be there, and speak UTF-8, whatever the locale says: what the bank says is Japanese."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # whoever started us has closed it
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 -- as long as we run
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape" if name == "stdin" else "backslashreplace")


def _write_nowhere() -> None:
    """Let what is still buffered go nowhere, or the interpreter would complain of it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
