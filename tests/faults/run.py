"""Planted faults: where a rule is broken, its test must fail (`python -m tests.faults.run [--guards] [noun ...]`).

A file `tests/faults/<noun>.toml` lists faults, each one small change to one file, with the tests that must fail for it:

    [[fault]]
    what = "the lock's end is a moment late"            # for people
    file = "src/janetbank/policies/lockout.py"
    original = "tally.locked_until <= now"              # stands exactly once in the file
    mutated = "tally.locked_until < now"
    tests = ["tests/policies/test_lockout.py::test_a_lock_ends_at_its_instant"]

A fault that takes a guard away (what keeps two from doing what one may do, or a later step from trusting an earlier
one) says which in `guard = "…"`; `--guards` plants those alone, and docs/guards.md is the list of them.

Code and tests are copied to a temporary directory, one fault at a time is planted in the copy, and each of its tests is
run there, by itself.  First all the tests are run in the copy without a fault: they must pass.

Shape:  a line of progress for each fault, then a table of those that survived.
Errors: exit status 1 where a fault survives or cannot be planted, or where a test fails without one.
Source: STYLE.md, habit 8: a test that passes with its rule broken is no evidence.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from attrs import frozen

FAULTS = Path(__file__).parent
ROOT = FAULTS.parent.parent
CODE = ("src", "adapters")
GUARDS = "--guards"
WORKERS = os.cpu_count() or 1
OPTIONS = (
    *("-q", "-x", "--timeout=60", "-p", "no:cacheprovider"),
    *("-p", "tests.faults.unshrunk", "--hypothesis-profile=unshrunk"),
)
PASSED, FAILED = 0, 1
"""What pytest exits with; anything else (a test that is not there, a module that does not load) proves nothing."""


@frozen(kw_only=True)
class Fault:
    """One small change to one file, and the tests each of which must fail for it."""

    noun: str
    what: str
    file: str
    original: str
    mutated: str
    tests: tuple[str, ...]
    guard: str = ""

    def planted(self, text: str) -> str:
        """*text*, the file's, with the fault in it; ValueError where there is no one place for it."""
        if (count := text.count(self.original)) != 1:
            msg = f"{self.noun}: {self.what}: the original stands {count} times in {self.file}"
            raise ValueError(msg)
        if self.original == self.mutated:
            msg = f"{self.noun}: {self.what}: nothing is changed"
            raise ValueError(msg)
        return text.replace(self.original, self.mutated)


def faults(path: Path) -> list[Fault]:
    """The faults listed in one file."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return [Fault(noun=path.stem, **entry | {"tests": tuple(entry["tests"])}) for entry in entries]


def copied(target: Path) -> Path:
    """*target*, with code and tests as they are now."""
    for part in (*CODE, "tests"):
        shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def pytest_exit(place: Path, *tests: str) -> int:
    """What pytest says of *tests* in the copy at *place*."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, *tests]
    code = os.pathsep.join(str(place / part) for part in CODE)
    environment = os.environ | {"PYTHONPATH": code, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False).returncode


def blind(fault: Fault, place: Path) -> dict[str, str]:
    """The tests of *fault* that do not fail as tests do when it is planted in the copy at *place*, and how they end."""
    file = place / fault.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(fault.planted(sound), encoding="utf-8")
    try:
        exits = {test: pytest_exit(place, test) for test in fault.tests}
    finally:
        file.write_text(sound, encoding="utf-8")
    return {
        test: "passed" if end == PASSED else f"did not run (exit {end})" for test, end in exits.items() if end != FAILED
    }


def planned_of(arguments: list[str]) -> list[Fault]:
    """The faults of the nouns among *arguments*, or all there are; with "--guards" those that take a guard away."""
    paths = [FAULTS / f"{one}.toml" for one in arguments if one != GUARDS] or sorted(FAULTS.glob("*.toml"))
    every = [fault for path in paths for fault in faults(path)]
    return [fault for fault in every if fault.guard or GUARDS not in arguments]


def main(arguments: list[str]) -> int:
    """Plant the faults that *arguments* name one by one in as many copies as there are processors."""
    planned = planned_of(arguments)
    survived: dict[Fault, dict[str, str]] = {}
    with TemporaryDirectory() as temporary, ThreadPoolExecutor(WORKERS) as workers:
        places: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            places.put(copied(Path(temporary) / str(number)))

        def tried(fault: Fault) -> dict[str, str]:
            place = places.get()
            try:
                return blind(fault, place)
            finally:
                places.put(place)

        if pytest_exit(place := places.get(), *sorted({test for fault in planned for test in fault.tests})) != PASSED:
            sys.stdout.write("The tests do not all pass without a fault; run them first.\n")
            return 1
        places.put(place)
        for number, (fault, unseen) in enumerate(zip(planned, workers.map(tried, planned), strict=True), start=1):
            if unseen:
                survived[fault] = unseen
            verdict = "SURVIVED" if unseen else "caught"
            sys.stdout.write(f"{number:4}/{len(planned)}  {verdict:8}  {fault.noun}: {fault.what}\n")
            sys.stdout.flush()
    sys.stdout.write(f"\n{len(planned)} faults, {len(survived)} survived\n")
    for fault, unseen in survived.items():
        sys.stdout.write(f"\n{fault.file}: {fault.what}\n  - {fault.original}\n  + {fault.mutated}\n")
        sys.stdout.writelines(f"  {test} {end}\n" for test, end in unseen.items())
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
