"""`janetbank batch`: what a night does to contracts, accounts and fees, and the reports that branches read.

Exit code 0: the run of the day is done, now or before; 1: it cannot be made now, and why; 2: it could not be asked.
Whatever ends it, run it again: it goes on where it stood.

Source: ENR-17, ACC-05, ACC-06, CAN-07, FEE-04, FEE-10, OPS-02, OPS-03; `janetbank.flows.batch`.
"""

import argparse
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, evolve
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from janetbank.flows.batch import BatchDone, NightBatch
from janetbank.flows.batch import Progress as Passed
from janetbank.messages import Language, phrase, text
from janetbank.model.batch import BatchStep, Done
from janetbank.ports.directory import Directory, Terms
from janetbank_adapters.cli import stores, upkeep
from janetbank_adapters.cli.arguments import add_json, add_lang, add_profile
from janetbank_adapters.cli.screen import beside, language_of_the_machine, screen, write_json
from janetbank_adapters.cli.text import Text
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.reports.files import FileReports

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands

_STORE, _REPORTS = "sqlite:///bank.db", "reports"


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "run the night batch"
    whole = commands.add_parser("batch", help=about, description=f"{about[0].upper()}{about[1:]}.")
    verbs = whole.add_subparsers(title="what to do", required=True, metavar="VERB")
    run = verbs.add_parser(
        "run",
        help="run the night of a day, or go on with it",
        description="Charge the months that have ended, reflect the applications, accounts and cancellations that are "
        "due, and write the acceptance report of each branch.  A day is run once: where the run was interrupted, or "
        "killed, run it again and it goes on where it stood.  Exit code 0: done; 1: not now, and why.",
    )
    run.add_argument("--date", required=True, type=_day, metavar="YYYY-MM-DD", help="the business date that has begun")
    run.add_argument("--store", default=_STORE, metavar="URL", help=f"{stores.URLS} ({_STORE})")
    about = f"where the reports go, in a folder for each day ({_REPORTS})"
    run.add_argument("--reports", default=_REPORTS, type=Path, metavar="FOLDER", help=about)
    add_profile(run)
    add_lang(run, "without it: that of the machine")
    add_json(run)
    run.set_defaults(run=_run)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        msg = f"{typed!r} is no day; write it as 2026-11-24"
        raise argparse.ArgumentTypeError(msg) from None


def _run(args: argparse.Namespace) -> int:
    lang: Language = args.lang or language_of_the_machine()
    with stores.opened(args.store) as storage:
        platform = evolve(upkeep.platform(storage, profile=args.profile), directory=_names())
        night = NightBatch(platform, FileReports(args.reports))
        with _watched(lang) as listen:
            told = night(args.date, listen)
    done = told.done if isinstance(told, BatchDone) else None
    if args.json:
        counts = {} if done is None else asdict(done)
        write_json({"code": told.code, "date": args.date.isoformat(), "text": text(told, lang), **counts})
    else:
        out = screen()
        beside(out, "", text(told, lang), style="bold red" if done is None else "bold green")
        if done is not None:
            beside(out, "", _counts(done).said(lang), indent=2)
    return int(done is None)


def _counts(done: Done) -> Text:
    return Text(
        f"手数料 {done.charged:,}件・{done.yen:,}円、"
        f"新規契約の反映 {done.activated:,}件、解約の反映 {done.cancelled:,}件、"
        f"利用口座の追加 {done.accounts_added:,}件・削除 {done.accounts_removed:,}件、"
        f"申込受付票 {done.reports:,}枚・{done.reported:,}件",
        f"fees charged: {done.charged:,} ({done.yen:,} yen); contracts begun: {done.activated:,}, "
        f"ended: {done.cancelled:,}; accounts added: {done.accounts_added:,}, removed: {done.accounts_removed:,}; "
        f"acceptance reports: {done.reports:,}, with {done.reported:,} lines",
    )


@contextmanager
def _watched(lang: Language) -> Generator[Callable[[Passed], object]]:
    """A bar for each step, on a terminal."""
    out = screen()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bars:
        tasks = dict[BatchStep, TaskID]()

        def show(passed: Passed) -> None:
            if passed.step not in tasks:
                tasks[passed.step] = bars.add_task(phrase(f"batchstep.{passed.step.value}", lang))
            bars.update(tasks[passed.step], completed=passed.done, total=passed.of)

        yield show


def _names() -> Directory:
    """The names of institutions and branches, as far as the extra is installed and knows them."""
    try:
        from janetbank_adapters.directory.zengin import ZenginDirectory, cooperatives

        return ZenginDirectory(dict.fromkeys(cooperatives(), Terms("", "")))
    except ModuleNotFoundError:
        return MemoryDirectory([])
