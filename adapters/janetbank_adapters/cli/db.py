"""`janetbank db`: what a database wants before this version can work with it, and now and then afterwards.

Source: ARCHITECTURE "Many machines"; ports/storage.py; `janetbank.flows.sweep`.
"""

import argparse
from typing import TYPE_CHECKING

from attrs import asdict

from janetbank.flows.sweep import sweep
from janetbank_adapters.cli import stores, upkeep
from janetbank_adapters.cli.arguments import add_json, add_profile
from janetbank_adapters.cli.screen import screen, write_json

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "make a database's tables, or bring them up to date"
    whole = commands.add_parser("db", help=f"{about}; or sweep it", description="Look after a database.")
    verbs = whole.add_subparsers(title="what to do", required=True, metavar="VERB")
    upgrade = verbs.add_parser(
        "upgrade",
        help=about,
        description=f"{about[0].upper()}{about[1:]}.  Forward only; may be run again, and by many at once.",
    )
    upgrade.add_argument("url", metavar="URL", help=stores.URLS)
    upgrade.set_defaults(run=_upgrade)
    forgets = verbs.add_parser(
        "sweep",
        help="forget what is over, and was kept long enough",
        description="Forget sessions, procedures, phone attempts, instructions and acceptances that are over, and were "
        "kept for as long as the profile says (`janetbank profiles show`, retention); and end tokens whose call never "
        "came, or whose app was not set up in time, with their secrets.  Counters, letters and the audit log stay.  "
        "May be run at any time, and by many at once: each hour by a timer, say.",
    )
    forgets.add_argument("url", metavar="URL", help=stores.URLS)
    add_profile(forgets)
    add_json(forgets)
    forgets.set_defaults(run=_sweep)


def _upgrade(args: argparse.Namespace) -> int:
    stores.upgrade(args.url)
    screen().print(f"up to date: {stores.shown(args.url)}", soft_wrap=True)
    return 0


def _sweep(args: argparse.Namespace) -> int:
    with stores.opened(args.url) as storage:
        swept = asdict(sweep(upkeep.platform(storage, profile=args.profile)))
    if args.json:
        write_json(swept)
        return 0
    many = ", ".join(f"{name.replace('_', ' ')}: {count:,}" for name, count in swept.items())
    screen().print(f"swept: {stores.shown(args.url)}\n{many}", soft_wrap=True)
    return 0
