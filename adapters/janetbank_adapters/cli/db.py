"""`janetbank db`: what a database wants before this version can work with it.

Source: ARCHITECTURE "Many machines"; ports/storage.py.
"""

import argparse
from typing import TYPE_CHECKING

from janetbank_adapters.cli import stores
from janetbank_adapters.cli.screen import screen

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "make a database's tables, or bring them up to date"
    whole = commands.add_parser("db", help=about, description=f"{about[0].upper()}{about[1:]}.")
    verbs = whole.add_subparsers(title="what to do", required=True, metavar="VERB")
    upgrade = verbs.add_parser(
        "upgrade",
        help=about,
        description=f"{about[0].upper()}{about[1:]}.  Forward only; may be run again, and by many at once.",
    )
    upgrade.add_argument("url", metavar="URL", help=stores.URLS)
    upgrade.set_defaults(run=_upgrade)


def _upgrade(args: argparse.Namespace) -> int:
    stores.upgrade(args.url)
    screen().print(f"up to date: {stores.shown(args.url)}", soft_wrap=True)
    return 0
