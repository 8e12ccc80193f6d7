"""Screen: where people read.  Colours and bars on a terminal alone, and none where NO_COLOR is set.

Errors: BrokenPipeError where nobody reads any more, for `main` to end quietly.
Source: https://no-color.org.
"""

import json
import os
import sys
from typing import NoReturn

from rich.console import Console

from janetbank.messages import Language


class _Screen(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Leave the ending to `main`; rich would exit here and now."""
        raise BrokenPipeError


def screen() -> Console:
    """The standard output as it is now, so that nothing is kept between two calls of `main`."""
    return _Screen(highlight=False, markup=False, emoji=False)


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
