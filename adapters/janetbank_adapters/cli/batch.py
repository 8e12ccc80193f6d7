"""`janetbank batch`: what a night does to contracts, accounts and fees, and the reports that branches read.

`run` is the night, `reports` writes again what it reported, and `charges` what a day brings to collect; `settle` is
what goes on by day as well: asking the host what has become of the instructions that he has, or may have; `renumber` is
what follows a merger.

Exit code 0: the run of the day is done, now or before, or what was asked for is; 1: it cannot be made now, or the host
was silent, or a number is in use, and why; 2: it could not be asked.  Whatever ends it, run it again: it goes on where
it stood.

Source: ENR-17, ACC-05, ACC-06, CAN-07, FEE-03, FEE-04, FEE-10, TRF-09, TRF-10, OPS-02, OPS-03, PWR-09;
        `janetbank.flows.batch`, `janetbank.flows.collect`, `janetbank.flows.settle_instructions`,
        `janetbank.flows.renumber`.
"""

import argparse
import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, define, evolve, field
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from janetbank.flows.batch import BatchDone, NightBatch, NothingWorks, ReportsWritten
from janetbank.flows.batch import Progress as Passed
from janetbank.flows.collect import TooEarly, collect
from janetbank.flows.platform import Platform
from janetbank.flows.renumber import Renumbered, renumber
from janetbank.flows.settle_instructions import settle
from janetbank.messages import Language, phrase, text
from janetbank.model.batch import BatchStep, Done
from janetbank.model.fee import Charge
from janetbank.ports.directory import Directory, Terms
from janetbank.ports.storage import Storage
from janetbank.values.identifiers import InstitutionId
from janetbank_adapters.cli import hosts, stores, upkeep
from janetbank_adapters.cli.arguments import add_json, add_lang, add_profile, value
from janetbank_adapters.cli.screen import beside, language_of_the_machine, screen, write, write_json
from janetbank_adapters.cli.text import Text
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.reports.files import FileCharges, FileReports

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
        description="Ask the host what has become of open and reserved transfers, charge the months that have ended, "
        "reflect the applications, accounts and cancellations that are due, and write the acceptance report of each "
        "branch.  A day is run once: where the run was interrupted, or killed, run it again and it goes on where it "
        "stood.  Exit code 0: done, or a day on which nothing works and there is nothing to do; 1: not now, and why.",
    )
    run.add_argument("--date", required=True, type=_day, metavar="YYYY-MM-DD", help="the business date that has begun")
    again = verbs.add_parser(
        "reports",
        help="write the acceptance reports of a day again",
        description="Write the acceptance reports of a day whose night was run once more, the same: where they were "
        "lost, or had to go to another folder.  Exit code 0: they are written; 1: the night was not run yet.",
    )
    again.add_argument("--date", required=True, type=_day, metavar="YYYY-MM-DD", help="the day of the reports")
    charges = verbs.add_parser(
        "charges",
        help="write what a day brings to collect",
        description="Write the fees that are collected on a day: a table for each branch that collects some, beside "
        "its acceptance report; or with --json a line for each fee, to the standard output and to no file.  May be run "
        "at any time after the night of that day, and again: of a transfer the host may tell late.  Exit code 0: they "
        "are written, or there are none; 1: it is too early.",
    )
    charges.add_argument("--date", required=True, type=_day, metavar="YYYY-MM-DD", help="the day of the collection")
    about = f"where the reports go, in a folder for each day ({_REPORTS})"
    for verb in (run, again, charges):
        verb.add_argument("--reports", default=_REPORTS, type=Path, metavar="FOLDER", help=about)
    settles = verbs.add_parser(
        "settle",
        help="ask the host what has become of open and reserved transfers",
        description="Ask the host about every instruction that he has, or may have: one that was interrupted is asked "
        "for again under its key, and a reserved one whose day has come is heard of.  May be run at any time, and by "
        "many at once: each minute by a timer, say.  Exit code 0: he answered; 1: not about all of them.",
    )
    renumbers = verbs.add_parser(
        "renumber",
        help="take over the account numbers of a merger",
        description="Ask the host of an institution how its accounts are numbered now, and give contracts those "
        "numbers: once, after a merger or where branches were joined.  May be run again at any time.  Exit code 0: "
        "done; 1: a number is in use already.",
    )
    renumbers.add_argument(
        "--institution", required=True, type=value(InstitutionId.parse), metavar="CODE", help="whose accounts: 5441"
    )
    for verb, does in ((run, _run), (again, _reports), (charges, _charges), (settles, _settle), (renumbers, _renumber)):
        verb.add_argument("--store", default=_STORE, metavar="URL", help=f"{stores.URLS} ({_STORE})")
        if verb not in {again, charges}:
            hosts.add_core(verb)
        add_profile(verb)
        add_lang(verb, "without it: that of the machine")
        add_json(verb)
        verb.set_defaults(run=does)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        msg = f"{typed!r} is no day; write it as 2026-11-24"
        raise argparse.ArgumentTypeError(msg) from None


def _run(args: argparse.Namespace) -> int:
    lang: Language = args.lang or language_of_the_machine()
    with stores.opened(args.store) as storage:
        night = _night(args, _platform(args, storage))
        with _watched(lang) as listen:
            told = night(args.date, listen)
            unanswered = listen.unanswered
    done = told.done if isinstance(told, BatchDone) else None
    fine = isinstance(told, BatchDone | NothingWorks)  # whoever runs it each day has done nothing wrong on a Sunday
    if args.json:
        counts = {} if done is None else {**asdict(done), "unanswered": unanswered}
        write_json({"code": told.code, "date": args.date.isoformat(), "text": text(told, lang), **counts})
    else:
        out = screen()
        beside(out, "", text(told, lang), style="bold green" if fine else "bold red")
        if done is not None:
            beside(out, "", _counts(done).said(lang), indent=2)
        if unanswered:
            beside(out, "", _silence(unanswered).said(lang), indent=2, style="yellow")
    return int(not fine)


def _reports(args: argparse.Namespace) -> int:
    lang: Language = args.lang or language_of_the_machine()
    with stores.opened(args.store) as storage:
        told = _night(args, upkeep.platform(storage, profile=args.profile)).write_again(args.date)
    written = told if isinstance(told, ReportsWritten) else None
    if args.json:
        counts = {} if written is None else {"reports": written.reports, "lines": written.lines}
        write_json({"code": told.code, "date": args.date.isoformat(), "text": text(told, lang), **counts})
    else:
        beside(screen(), "", text(told, lang), style="bold red" if written is None else "bold green")
    return int(written is None)


def _charges(args: argparse.Namespace) -> int:
    lang: Language = args.lang or language_of_the_machine()
    take = _write_lines if args.json else partial(FileCharges(args.reports).write, args.date)
    with stores.opened(args.store) as storage:
        told = collect(upkeep.platform(storage, profile=args.profile), args.date, take)
    late = isinstance(told, TooEarly)
    if not args.json:
        beside(screen(), "", text(told, lang), style="bold red" if late else "bold green")
    elif late:
        write_json({"code": told.code, "date": args.date.isoformat(), "text": text(told, lang)})
    return int(late)


def _write_lines(charges: Iterable[Charge]) -> None:
    """Each charge on a line of its own, in JSON."""
    for one in charges:
        account = one.account
        line = {
            "on": str(one.on),
            "institution": one.institution.code,
            "collected_by": one.collected_by.code,
            "account": {"branch": account.branch.code, "type": account.type.value, "number": account.number.digits},
            "kind": one.kind.value,
            "yen": one.amount.amount,
            "month": str(one.month),
            "contract": one.contract.text,
            "reference": one.reference,
        }
        write(f"{json.dumps(line, ensure_ascii=False)}\n")


def _settle(args: argparse.Namespace) -> int:
    lang: Language = args.lang or language_of_the_machine()
    with stores.opened(args.store) as storage:
        settled = settle(_platform(args, storage))
    if args.json:
        write_json(asdict(settled))
    else:
        out, heard = screen(), settled.asked - settled.silent
        beside(out, "", _heard(heard, settled.moved).said(lang), style="bold green")
        if settled.silent:
            beside(out, "", _silence(settled.silent).said(lang), style="yellow")
    return int(settled.silent > 0)


def _renumber(args: argparse.Namespace) -> int:
    lang: Language = args.lang or language_of_the_machine()
    with stores.opened(args.store) as storage:
        told = renumber(_platform(args, storage), args.institution)
    if args.json:
        write_json(asdict(told))
    else:
        out = screen()
        beside(out, "", _numbered(told).said(lang), style="bold green")
        if told.taken:
            beside(out, "", _in_use(told.taken).said(lang), style="bold red")
    return int(told.taken > 0)


def _night(args: argparse.Namespace, platform: Platform) -> NightBatch:
    return NightBatch(evolve(platform, directory=_names()), FileReports(args.reports))


def _platform(args: argparse.Namespace, storage: Storage) -> Platform:
    """With the host that *args* name, if they name one; without, nothing that he may have done is decided."""
    platform = upkeep.platform(storage, profile=args.profile)
    return platform if args.core is None else evolve(platform, core=args.core())


def _heard(heard: int, moved: int) -> Text:
    return Text(
        f"勘定系に{heard:,}件を照会し、{moved:,}件の状態が変わりました。",
        f"The host was asked about {heard:,}; {moved:,} of them have moved on.",
    )


def _numbered(told: Renumbered) -> Text:
    return Text(
        f"勘定系に{told.asked:,}件の契約を照会し、{told.moved:,}件の口座番号を変更しました。",
        f"The host was asked about {told.asked:,} contracts; {told.moved:,} of them have other account numbers now.",
    )


def _in_use(taken: int) -> Text:
    return Text(
        f"{taken:,}件は、新しい口座番号がすでに使われているため変更していません。",
        f"{taken:,} could not take theirs, which are in use already.",
    )


def _silence(unanswered: int) -> Text:
    return Text(
        f"勘定系から{unanswered:,}件の回答がありません。次回あらためて照会します。",
        f"The host did not answer about {unanswered:,}; it will be asked about them again.",
    )


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


@define
class _Watch:
    """A bar for each step; and how much the host left *unanswered*."""

    _bars: Progress
    _lang: Language
    _tasks: dict[BatchStep, TaskID] = field(factory=dict[BatchStep, TaskID], init=False)
    unanswered: int = field(default=0, init=False)

    def __call__(self, passed: Passed) -> None:
        if passed.step is BatchStep.SETTLE:
            self.unanswered = passed.of - passed.done
        if passed.step not in self._tasks:
            self._tasks[passed.step] = self._bars.add_task(phrase(f"batchstep.{passed.step.value}", self._lang))
        self._bars.update(self._tasks[passed.step], completed=passed.done, total=passed.of)


@contextmanager
def _watched(lang: Language) -> Generator[_Watch]:
    """The bars show on a terminal alone."""
    out = screen()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bars:
        yield _Watch(bars, lang)


def _names() -> Directory:
    """The names of institutions and branches, as far as the extra is installed and knows them."""
    try:
        from janetbank_adapters.directory.zengin import ZenginDirectory, cooperatives

        return ZenginDirectory(dict.fromkeys(cooperatives(), Terms("", "")))
    except ModuleNotFoundError:
        return MemoryDirectory([])
