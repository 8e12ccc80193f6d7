"""Screen: where people read.  Colours and bars on a terminal alone, and none where NO_COLOR is set.

Errors: BrokenPipeError where nobody reads any more, for `main` to end quietly.
Source: https://no-color.org.
"""

import json
import os
import sys
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from janetbank.messages import Language

_NARROW = 2


class _Screen(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Leave the ending to `main`; rich would exit here and now."""
        raise BrokenPipeError


def screen() -> Console:
    """The standard output as it is now, so that nothing is kept between two calls of `main`."""
    return _Screen(highlight=False, markup=False, emoji=False)


def beside(out: Console, mark: str, said: str, *, indent: int = 0, style: str = "", mark_style: str = "dim") -> None:
    """Print *said* in a column that begins at *indent*, however often it wraps, with *mark* beside its first line.

    Where the screen is too narrow for two columns, *mark* stands above.
    """
    if indent > out.width * 2 // 3:
        beside(out, "", mark, style=mark_style)
        mark, indent = "", _NARROW
    for line in Text(said).wrap(out, max(out.width - indent, 1), overflow="fold"):
        line.rstrip()
        out.print(Text.assemble((f"{mark:{indent}}", mark_style), (line.plain, style)), soft_wrap=True)
        mark = ""


def write(text: str) -> None:
    """Text for other programs: as it is, no line broken."""
    sys.stdout.write(text)


def write_json(told: object) -> None:
    """*told* as JSON, for people to look at too."""
    write(f"{json.dumps(told, ensure_ascii=False, indent=2)}\n")


def language_of_the_machine() -> Language:
    """Japanese where the machine speaks it, else English."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "ja" if spoken.startswith("ja") else "en"
