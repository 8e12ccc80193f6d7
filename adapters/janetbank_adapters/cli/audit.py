"""`janetbank audit`: whether the audit log is what was written, and a seal on what it has come to.

Exit code 0: intact; 1: damaged; 2: it could not be told.

Source: OPS-10, SUS-24; ASVS 16.4.2; `janetbank.flows.audit`.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict

from janetbank.flows.audit import AuditReport, Damaged, Extent, checkpoint, verify
from janetbank.flows.platform import Platform
from janetbank.messages import text
from janetbank_adapters.cli import stores, upkeep
from janetbank_adapters.cli.arguments import add_json, add_lang
from janetbank_adapters.cli.screen import beside, language_of_the_machine, screen, write_json
from janetbank_adapters.keys.file import FileKeys

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "verify the audit log, or seal what it has come to"
    whole = commands.add_parser("audit", help=about, description=f"{about[0].upper()}{about[1:]}.")
    verbs = whole.add_subparsers(title="what to do", required=True, metavar="VERB")
    looks = verbs.add_parser(
        "verify",
        help="find whatever was changed or cut",
        description="Verify every chain and every checkpoint.  Exit code 0: intact; 1: damaged.",
    )
    seals = verbs.add_parser(
        "checkpoint",
        help="tie all chains together under a seal",
        description="Tie all chains together under a seal.  Keep its number and the seal somewhere else: "
        "nothing inside can show that the last checkpoints were cut off.",
    )
    for command in (looks, seals):
        command.add_argument("--store", required=True, metavar="URL", help=stores.URLS)
        command.add_argument("--keys", required=True, type=Path, metavar="FILE", help="the bank's key file")
        add_lang(command, "without it: that of the machine")
        add_json(command)
    looks.set_defaults(run=_verify)
    seals.set_defaults(run=_checkpoint)


def _verify(args: argparse.Namespace) -> int:
    with stores.opened(args.store) as storage:
        report = _watched(upkeep.platform(storage, FileKeys(args.keys)))
    findings = report.findings if isinstance(report, Damaged) else ()
    if args.json:
        told = {"code": report.code, **asdict(report, recurse=False)}
        write_json({**told, "findings": [{"code": one.code, **asdict(one)} for one in findings]})
        return int(isinstance(report, Damaged))
    out, lang = screen(), args.lang or language_of_the_machine()
    beside(out, "", text(report, lang), style="bold red" if isinstance(report, Damaged) else "bold green")
    for one in findings:
        beside(out, "-", text(one, lang), indent=2)
    return int(isinstance(report, Damaged))


def _watched(platform: Platform) -> AuditReport:
    """Verify, and on a terminal say how far it has come."""
    with screen().status("") as status:

        def say(extent: Extent) -> None:
            status.update(f"{extent.chains:,} chains, {extent.entries:,} entries")

        return verify(platform, say)


def _checkpoint(args: argparse.Namespace) -> int:
    with stores.opened(args.store) as storage:
        made = checkpoint(upkeep.platform(storage, FileKeys(args.keys)))
    if args.json:
        told = {"number": made.number, "at": made.at.isoformat(), "chains": len(made.heads)}
        write_json({**told, "key_id": made.key_id, "seal": made.seal})
        return 0
    screen().print(f"checkpoint {made.number}: {len(made.heads):,} chains\nseal {made.seal}", soft_wrap=True)
    return 0
