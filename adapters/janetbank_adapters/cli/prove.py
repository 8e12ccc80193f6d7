"""`janetbank prove`: every machine of every profile, explored over the policies that run, law by law.

Exit code 0: every law holds; 1: one is broken, and the story of it is told; 2: it could not be found out.

Source: issue 7, part 1; ARCHITECTURE idea 3; docs/proofs.md.
"""

import argparse
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from time import perf_counter
from typing import TYPE_CHECKING

from attrs import asdict, frozen
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as Styled

from janetbank.messages import Language
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import LIMIT, Report, Unbounded, explore
from janetbank.testing.proofs import MACHINES, MachineOfProfile, Proof, proofs_of
from janetbank_adapters.cli import Misuse
from janetbank_adapters.cli.arguments import PROFILES, add_json, add_lang, profile
from janetbank_adapters.cli.screen import beside, language_of_the_machine, screen, write_json
from janetbank_adapters.cli.text import Text

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands

NAMES = {
    "lockout": Text("入力誤りの回数とロック", "lockout"),
    "identity-form": Text("契約者認証の回数", "identity form"),
    "codes": Text("ワンタイムパスワードの使用", "one-time passwords"),
    "phone-call": Text("電話番号認証の一回", "one phone authentication"),
    "phone-attempts": Text("電話番号認証の繰り返し", "phone authentication, again and again"),
    "destinations": Text("着信番号の貸出し", "destination numbers"),
    "token": Text("トークンの一生", "the life of a token"),
    "approval": Text("取引認証", "approving a transaction"),
    "mail-password": Text("メール通知パスワード", "mailed passwords"),
    "instruction": Text("ホストへの引渡し", "handing over to the host"),
    "procedure": Text("手続の順序", "steps of a procedure"),
    "dual-control": Text("二人による確認", "dual control"),
    "suspension": Text("利用停止", "suspension"),
    "contract": Text("契約の一生", "the life of a contract"),
    "account": Text("利用口座の一生", "the life of a used account"),
}
"""What a machine is about; one that is not in it bears its own name."""

_COLUMNS = (
    Text("機械", "machine"),
    Text("対象", "of"),
    Text("状態", "states"),
    Text("遷移", "transitions"),
    Text("深さ", "depth"),
    Text("CPU秒", "CPU s"),
    Text("", ""),
)
_HOLDS, _BROKEN = Text("成立", "holds"), Text("不成立", "broken")
_ALL = Text(
    "すべての規則が成り立ちます：機械{machines}、状態{states:,}、遷移{transitions:,}、{seconds:.0f}秒。",
    "Every law holds: {machines} machines, {states:,} states, {transitions:,} transitions, {seconds:.0f} seconds.",
)
_NOT_ALL = Text("成り立たない規則があります。", "A law is broken.")


@frozen
class Found:
    """What was found of one machine, and all the proofs that it bears."""

    proofs: tuple[Proof, ...]
    report: Report


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "explore every rule exhaustively, in every interleaving, and prove its laws"
    command = commands.add_parser(
        "prove",
        help=about,
        description=f"{about[0].upper()}{about[1:]}.  Exit code 0: every law holds; 1: one is broken.",
    )
    command.add_argument(
        "--profile", type=profile, action="append", metavar="NAME|FILE", help="whose rules; may be given more than once"
    )
    command.add_argument(
        "--machine", choices=MACHINES, action="append", metavar="NAME", help=f"one of {', '.join(MACHINES)} (all)"
    )
    command.add_argument("--jobs", type=_jobs, default=_cores(), metavar="N", help="processes (as many as cores)")
    add_lang(command, "without it: that of the machine; stories are told in English")
    add_json(command)
    command.set_defaults(run=run)


def _jobs(typed: str) -> int:
    if not typed.isdecimal() or int(typed) < 1:
        msg = "a number of processes is 1 or more"
        raise argparse.ArgumentTypeError(msg)
    return int(typed)


def _cores() -> int:
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def run(args: argparse.Namespace) -> int:
    """Explore what is asked for, and tell what was found."""
    of: Sequence[Profile] = args.profile or list(PROFILES.values())
    wanted = _equal_ones(proof for one in of for proof in proofs_of(one) if proof.name in (args.machine or MACHINES))
    lang, began = args.lang or language_of_the_machine(), perf_counter()
    reports = dict(_watched(explored(list(wanted), jobs=args.jobs), len(wanted), quiet=args.json))
    found = [Found(tuple(proofs), reports[machine]) for machine, proofs in wanted.items()]
    found.sort(key=lambda one: list(MACHINES).index(one.proofs[0].name))
    proven = all(one.report.proven for one in found)
    if args.json:
        write_json({"proven": proven, "seconds": perf_counter() - began, "machines": [_plain(one) for one in found]})
    else:
        _tell(found, lang, perf_counter() - began)
    return int(not proven)


def _equal_ones(proofs: Iterable[Proof]) -> Mapping[MachineOfProfile, list[Proof]]:
    """The proofs by their machines: what is equal is explored once."""
    found: dict[MachineOfProfile, list[Proof]] = {}
    for proof in proofs:
        found.setdefault(proof.machine, []).append(proof)
    return found


def explored(
    machines: Sequence[MachineOfProfile], *, jobs: int, limit: int = LIMIT
) -> Iterator[tuple[MachineOfProfile, Report]]:
    """Each machine with its report, in the order in which they are found."""
    try:
        if jobs == 1:
            yield from ((machine, explore(machine, limit=limit)) for machine in machines)
            return
        # Started afresh, not forked: there is a thread that draws.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(jobs, len(machines)), context, initializer=_end_quietly) as pool:
            try:
                futures = {pool.submit(explore, machine, limit=limit): machine for machine in machines}
                yield from ((futures[done], done.result()) for done in as_completed(futures))
            except BaseException:
                for child in multiprocessing.active_children():
                    child.terminate()
                raise
    except Unbounded as unbounded:
        msg = f"a machine does not close: {unbounded}"
        raise Misuse(msg) from None
    except BrokenProcessPool:
        msg = "a process that explored was ended from outside, for want of memory perhaps"
        raise Misuse(msg) from None


def _end_quietly() -> None:
    """Let an interruption be told once, by the process that was asked."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _watched(
    found: Iterator[tuple[MachineOfProfile, Report]], total: int, *, quiet: bool
) -> Iterator[tuple[MachineOfProfile, Report]]:
    """What is *found*, and on a terminal a bar that says how far it has come."""
    out, states = screen(), 0
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[states]:,}"), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=quiet or not out.is_terminal) as progress:
        task = progress.add_task("", total=total, states=0)
        for machine, report in found:
            states += report.states
            progress.update(task, advance=1, states=states)
            yield machine, report


def _tell(found: Sequence[Found], lang: Language, seconds: float) -> None:
    out = screen()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for at, column in enumerate(_COLUMNS):
        table.add_column(column.said(lang), justify="right" if at in range(2, 6) else "left", overflow="fold")
    for one in found:
        report = one.report
        table.add_row(
            NAMES.get(one.proofs[0].name, Text.same(one.proofs[0].name)).said(lang),
            Styled(subjects(one.proofs), "dim"),
            f"{report.states:,}",
            f"{report.transitions:,}",
            f"{report.depth:,}",
            f"{report.seconds:.1f}",
            Styled(_HOLDS.said(lang), "green") if report.proven else Styled(_BROKEN.said(lang), "bold red"),
        )
    out.print(table)
    for one in found:
        if one.report.story is not None:
            out.print(Styled(f"\n{one.proofs[0].name}, {subjects(one.proofs)}", "bold"))
            out.print(str(one.report.story), soft_wrap=True)
    reports = [one.report for one in found]
    out.print()
    if any(report.story for report in reports):
        beside(out, "", _NOT_ALL.said(lang), style="bold red")
        return
    counts = {
        "machines": len(found),
        "states": sum(report.states for report in reports),
        "transitions": sum(report.transitions for report in reports),
        "seconds": seconds,
    }
    beside(out, "", _ALL.said(lang).format(**counts), style="bold green")


def subjects(proofs: Sequence[Proof]) -> str:
    """What the proofs are about: subjects, and the profiles that have them."""
    by_profile: dict[str, list[str]] = {}
    for proof in proofs:
        by_profile.setdefault(proof.of, []).append(proof.subject)
    by_subjects: dict[str, list[str]] = {}
    for of, subjects in by_profile.items():
        by_subjects.setdefault(", ".join(subjects), []).append(of)
    return "; ".join(f"{subjects} ({', '.join(of)})" for subjects, of in by_subjects.items())


def _plain(found: Found) -> Mapping[str, object]:
    report = found.report
    return {
        "machine": found.proofs[0].name,
        "of": [{"profile": proof.of, "subject": proof.subject} for proof in found.proofs],
        "proven": report.proven,
        "states": report.states,
        "transitions": report.transitions,
        "depth": report.depth,
        "seconds": report.seconds,
        "outcomes": report.outcomes,
        "story": None if report.story is None else asdict(report.story),
    }
