"""Feed every parser of values a million texts that are bred for what they reach in it (Atheris, libFuzzer).

    pip install --group fuzz                      # pip 25.1 or newer; or: pip install atheris
    python -m tests.fuzz                          # a million texts, shared out among all parsers
    python -m tests.fuzz --inputs 50000 --only mail --only phone

Each parser has a process of its own.  Exit code 0: nothing but values and refusals came out; 1: something else did, and
by which text is told; 2: it could not be asked.

Source: issue 7, part 7; docs/fuzz.md.
"""

import argparse
import json
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

INPUTS = 1_000_000
LONGEST = 4096
"""Bytes of a text."""
PATIENCE = 10
"""Seconds after which a parser hangs."""
SLOW: Mapping[str, int] = {
    "profile": 8,
    "profile, as bytes": 8,
    "profile, but for a line": 40,
    "key file": 8,
    "the app's file": 8,
    "response of a finger": 4,
}
"""How many times fewer texts a parser gets than the others."""
EVERY = 250
"""So many texts lie between two looks at the clock."""
MOST = 20
"""Counter-examples of a parser, after which it is enough."""
INSTRUMENTED = ["janetbank", "janetbank_adapters", "email_validator", "tomllib", "webauthn"]


def main(argv: Sequence[str] | None = None) -> int:
    """Breed texts for each parser that is asked for, and tell what came of them."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the parsers of values.")
    asked.add_argument("--inputs", type=int, default=INPUTS, metavar="N", help=f"how many texts in all ({INPUTS:,})")
    asked.add_argument("--seed", type=int, default=1, metavar="N", help="from 1; texts are bred in about the same way")
    asked.add_argument("--only", action="append", metavar="PARSER", help="one parser; may be given more than once")
    asked.add_argument("--breed", metavar="FOLDER", help=argparse.SUPPRESS)
    args = asked.parse_args(argv)
    if args.breed is not None:
        return breed(args.only[0], args.inputs, args.seed, args.breed)
    from tests.fuzz.parsers import PARSERS

    if unknown := sorted(set(args.only or ()) - set(PARSERS)):
        asked.error(f"there is no parser {', '.join(unknown)}; there are: {', '.join(PARSERS)}")
    if args.inputs < 1:
        asked.error("there is one text at least")
    if find_spec("atheris") is None:
        asked.error("Atheris is not installed: pip install atheris")
    return _watched(args.only or list(PARSERS), args.inputs, args.seed)


# --- The process that watches -----------------------------------------------------------------------------------------


def shares(names: Sequence[str], inputs: int) -> Mapping[str, int]:
    """How many of all *inputs* each parser gets: at least one, and that many in all."""
    weights = {name: 1 / SLOW.get(name, 1) for name in names}
    given = {name: max(1, int(inputs * weight / sum(weights.values()))) for name, weight in weights.items()}
    given[names[0]] += max(0, inputs - sum(given.values()))
    return given


def _watched(names: Sequence[str], inputs: int, seed: int) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    began, found = perf_counter(), dict[str, Mapping[str, Any]]()
    given = shares(names, inputs)
    columns = TextColumn("{task.description:>28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        whole = bars.add_task("", total=sum(given.values()))
        done = 0
        for name, share in given.items():

            def hears(count: int, name: str = name, done: int = done) -> None:
                bars.update(whole, description=name, completed=done + count)

            found[name] = _bred(name, share, seed, hears)
            done += share
    return _told(found, perf_counter() - began)


def _told(found: Mapping[str, Mapping[str, Any]], seconds: float) -> int:
    """Say what was *found* of each parser in so many *seconds*: the exit code."""
    from rich.console import Console
    from rich.table import Table

    out = Console()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for at, head in enumerate(("parser", "texts", "a second", "values", "refusals", "edges", "counter-examples")):
        table.add_column(head, justify="right" if at else "left")
    for name, one in found.items():
        rate = f"{one['inputs'] / max(one['seconds'], 0.001):,.0f}"
        counts = (f"{one[count]:,}" for count in ("values", "refusals", "edges"))
        table.add_row(name, f"{one['inputs']:,}", rate, *counts, str(len(one["broken"])))
    out.print(table)
    broken = [(name, text, why) for name, one in found.items() for text, why in one["broken"]]
    for name, text, why in broken:
        out.print(f"\n{name}: {text}\n{why}", markup=False, highlight=False)
    total = sum(one["inputs"] for one in found.values())
    ending = f"{len(broken)} counter-examples" if broken else "nothing came out but values and refusals"
    out.print(f"\n{total:,} texts in {seconds:,.0f} s, {total / seconds:,.0f} a second: {ending}.", highlight=False)
    return int(bool(broken))


def _bred(name: str, share: int, seed: int, hears: Callable[[int], None]) -> Mapping[str, Any]:
    """What a process of its own finds of the parser; what it was at, where it hangs or dies."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.fuzz", "--breed", folder, "--only", name]
        told: dict[str, Any] = {"inputs": 0, "seconds": 0, "values": 0, "refusals": 0}
        with (Path(folder) / "said").open("w+b") as said:
            child = subprocess.Popen(
                [*command, "--inputs", str(share), "--seed", str(seed)],
                cwd=Path(__file__).parents[2],
                stdout=subprocess.PIPE,
                stderr=said,
            )
            assert child.stdout is not None
            for line in child.stdout:
                if line.startswith(b"{"):  # the rest is Atheris's last words
                    told |= json.loads(line)
                    hears(told["inputs"])
            ended = child.wait()
            said.seek(0)
            log = said.read().decode(errors="replace")
        told["edges"] = max(map(int, _EDGES.findall(log)), default=0)
        if "broken" not in told:
            kept = [ascii(one.read_bytes()) for one in Path(folder).glob("*-*")]
            told["broken"] = [(" ".join(kept) or "no text was kept", f"the process ended with {ended}\n{log[-2000:]}")]
    return told


_EDGES = re.compile(r"cov: ([0-9]+)")
"""What libFuzzer says of how far it has come."""


# --- The process that breeds ------------------------------------------------------------------------------------------


def breed(name: str, inputs: int, seed: int, folder: str) -> int:
    """Breed *inputs* texts for one parser; tells how far it is, a line of JSON each time, and last what it found.

    Where the process dies of one, libFuzzer leaves that text in *folder*.
    """
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz.parsers import PARSERS, REFUSED, as_bytes, as_text

        parser = PARSERS[name]
        for text in parser.seeds:  # what is imported at the first use is imported now
            parser.outcome(text)
    began, last = perf_counter(), 0.0
    count, values, refusals = 0, set[int](), set[str]()
    broken: dict[str, tuple[str, str]] = {}

    def feed(content: bytes) -> None:
        nonlocal count, last
        count += 1
        text = as_text(content)
        try:
            told = parser.outcome(text)
        except Exception as error:  # noqa: BLE001 -- whatever comes out is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            if len(broken) < MOST:
                key = f"{type(error).__name__} {where.filename} {where.lineno}"
                broken.setdefault(key, (ascii(text), traceback.format_exc(limit=-4)))
            return
        if told.startswith(REFUSED):
            refusals.add(told)
        else:
            values.add(hash(told))
        if not count % EVERY and perf_counter() - last > 0.2:
            last = perf_counter()
            _say(inputs=count)

    with TemporaryDirectory() as first:
        seeds = Path(first)
        for number, text in enumerate(parser.seeds):
            (seeds / str(number)).write_bytes(as_bytes(text))
        flags = [f"-atheris_runs={inputs}", f"-seed={seed}", f"-max_len={LONGEST}", f"-timeout={PATIENCE}"]
        atheris.Setup([sys.argv[0], *flags, f"-artifact_prefix={folder}/", str(seeds)], feed)
        try:
            atheris.Fuzz()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)  # libFuzzer's, which still ticks
            found = {"values": len(values), "refusals": len(refusals), "broken": list(broken.values())}
            _say(inputs=count, seconds=perf_counter() - began, **found)
    return 0


def _say(**told: object) -> None:
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
