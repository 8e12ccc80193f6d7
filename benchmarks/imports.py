"""What `import janetbank` costs over a bare interpreter."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from benchmarks.figures import Figure, taking_turns

ROUNDS = 20


def run(program: str) -> None:
    """Run *program* in an interpreter of its own."""
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 -- our own two programs


def measure() -> Iterator[Figure]:
    """The difference, in milliseconds."""
    bare, ours, bank = taking_turns(
        partial(run, "pass"), partial(run, "import janetbank"), partial(run, "import janetbank.bank"), rounds=ROUNDS
    )
    yield Figure(
        name="import janetbank over a bare interpreter, ms",
        ratio=(ours - bare) * 1e3,
        bound=100,
        details={"bare_ms": bare * 1e3, "janetbank.bank_over_bare_ms": (bank - bare) * 1e3},
    )
