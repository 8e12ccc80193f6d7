"""`janetbank` as a process of its own, for what only a process can show: signals, pipes, locales, closed streams."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

COMMAND = [sys.executable, "-c", "import sys; from janetbank_adapters.cli import main; sys.exit(main())"]


def environment(changes: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, str]:
    """This process's environment without what would change how the other one speaks, and with *changes*."""
    own = {"LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR", "COLUMNS"}
    kept = {name: value for name, value in os.environ.items() if name not in own and not name.startswith("PYTHON")}
    return {**kept, **changes}


def run(
    argv: Sequence[str], changes: Mapping[str, str] = MappingProxyType({}), *, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run the command to its end, with *changes* to its environment."""
    return subprocess.run(
        [*COMMAND, *argv], input=stdin, capture_output=True, env=environment(changes), check=False, timeout=120
    )
