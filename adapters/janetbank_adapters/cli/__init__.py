"""`janetbank` on the command line: a tour, the rules one by one, diagrams, and what a database wants now and then.

Shape:  `main(argv)` returns the exit code: 0 yes, 1 no (refused, damaged, not as told), 2 the question could not be
        put or answered, 130 interrupted, 141 nobody reads what is written.
Errors: none a user can cause; whatever he got wrong is one line on stderr.
Source: issue-independent; `janetbank --help`.  Needs the extra `janetbank[cli]`.
"""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

INTERRUPTED = 130
UNREAD = 141
"""What a shell reports of a process that SIGINT or SIGPIPE ended."""

MISUSE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Do what *argv* (the process's own arguments, if None) asks for, and return the exit code."""
    try:
        _speak_utf8()
        code = _do(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("janetbank: interrupted", file=sys.stderr)  # noqa: T201 -- this is a command line
        return INTERRUPTED
    except BrokenPipeError:
        _write_nowhere()
        return UNREAD
    return code


def _do(argv: Sequence[str] | None) -> int:
    # Imported here, so that an interruption while they load ends like any other.
    from janetbank.ports.failures import PortError
    from janetbank_adapters.cli.arguments import Misuse, parser

    try:
        args = parser().parse_args(argv)
        code: int = args.run(args)
    except SystemExit as leaving:  # argparse has said what it had to say
        return leaving.code if isinstance(leaving.code, int) else MISUSE
    except (Misuse, PortError) as error:
        print(f"janetbank: {error}", file=sys.stderr)  # noqa: T201 -- the same
        return MISUSE
    return code


def _speak_utf8() -> None:
    """Whatever the locale says: what the bank says is Japanese."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(encoding="utf-8")
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="surrogateescape" if stream is sys.stdin else "backslashreplace")


def _write_nowhere() -> None:
    """Let what is still buffered go nowhere, or the interpreter would complain of it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
