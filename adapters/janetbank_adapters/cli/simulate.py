"""`janetbank simulate`: a bank's months in minutes, with everything that may go wrong, and its laws held against it.

Exit code 0: every law held; 1: one was broken, and the short story of how is told; 2: it could not be asked.

Source: issue 7, part 2; `janetbank.testing.simulation`.
"""

import argparse
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from janetbank.testing.simulation import Broken, Making, Plan, Report, schedule, shrink, simulate, write_plots
from janetbank_adapters.cli.arguments import add_json
from janetbank_adapters.cli.screen import beside, screen, write_json

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands

_STORES = ("memory", "sqlite")
_COUNTED = ("evaluated", "lockouts", "blocks", "suspensions", "executed", "letters")
_INDENT = 30


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "simulate a bank's months, with faults, and hold its laws against them"
    command = commands.add_parser("simulate", help=about, description=f"{about[0].upper()}{about[1:]}.")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed, the same history (0)")
    command.add_argument("--customers", type=_many, default=200, metavar="N", help="how many customers (200)")
    command.add_argument("--days", type=_many, default=30, metavar="N", help="how many days (30)")
    command.add_argument("--faults", action="store_true", help="let things go wrong")
    command.add_argument(
        "--store", choices=_STORES, default="memory", help="where it is kept: memory (default), sqlite"
    )
    command.add_argument("--plots", type=Path, metavar="DIR", help="write a page of plots there")
    add_json(command)
    command.set_defaults(run=_run)


def _many(typed: str) -> int:
    if not typed.isdecimal() or not int(typed):
        msg = f"{typed!r} is no number above 0"
        raise argparse.ArgumentTypeError(msg)
    return int(typed)


def _run(args: argparse.Namespace) -> int:
    plan = Plan(seed=args.seed, customers=args.customers, days=args.days, faults=args.faults)
    making, began = Making(store=args.store), monotonic()
    with _bars(plan) as hears:
        report = simulate(plan, making, hears)
        seconds = monotonic() - began
        broken = report.broken and shrink(plan, report.broken, making, hears)
    if args.plots is not None:
        write_plots(report, args.plots)
    if args.json:
        write_json(_plain(report, broken, seconds))
    else:
        tell(report, broken, seconds)
    return int(broken is not None)


@contextmanager
def _bars(plan: Plan) -> Generator[Callable[[str], None]]:
    """Bars on standard error, where that is a terminal."""
    out = Console(stderr=True)
    columns = TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bars:
        steps = sum(1 for _ in schedule(plan)) if out.is_terminal else None
        totals = {"customers": plan.customers, "steps": steps}
        tasks = {name: bars.add_task(name, total=total) for name, total in totals.items()}

        def hears(what: str) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=None)
            bars.advance(tasks[what])

        yield hears


def _plain(report: Report, broken: Broken | None, seconds: float) -> dict[str, Any]:
    plan = report.plan
    told: dict[str, Any] = {
        "seed": plan.seed,
        "customers": plan.customers,
        "days": plan.days,
        "faults": plan.faults,
        "steps": report.steps,
        "digest": report.digest,
        "totals": {name: report.totals.get(name, 0) for name in _COUNTED},
        "let_in_again": len(report.back),
        "seconds": round(seconds, 1),
        "broken": None,
    }
    if broken is not None:
        told["broken"] = {"law": broken.law.value, "what": broken.what, "story": [str(one) for one in broken.story]}
    return told


def tell(report: Report, broken: Broken | None, seconds: float) -> None:
    """Say what came of it, which took so many *seconds*, and, where a law was *broken*, the story of it."""
    out, plan = screen(), report.plan
    days = plan.customers * plan.days
    rows = {
        "customer-days": f"{days:,} ({days * 60 / seconds:,.0f} a minute)",
        "steps": f"{report.steps:,}",
        "guesses evaluated": f"{report.totals.get('evaluated', 0):,}",
        "lockouts, blocks": f"{report.totals.get('lockouts', 0):,}, {report.totals.get('blocks', 0):,}",
        "transfers done": f"{report.totals.get('executed', 0):,}",
        "letters sent": f"{report.totals.get('letters', 0):,}",
        "honest customers let in again": f"{len(report.back):,}",
        "history": report.digest,
    }
    for name, said in rows.items():
        beside(out, name, said, indent=_INDENT)
    if broken is None:
        beside(out, "", "every law held", style="bold green")
        return
    beside(out, "", f"broken: {broken.law.value}", style="bold red")
    beside(out, "", broken.what, style="red")
    for one in broken.story:
        for line in str(one).splitlines():
            beside(out, "", line, indent=len(line) - len(line.lstrip()))
