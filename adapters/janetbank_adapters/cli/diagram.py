"""`janetbank diagram`: a rule as a picture, drawn from the table that runs.

Source: STYLE "diagrams are drawn from the table"; TRAPS "the diagram is drawn by hand and drifts".
"""

import argparse
from typing import TYPE_CHECKING

from janetbank_adapters.cli.arguments import add_lang, add_profile
from janetbank_adapters.cli.diagrams import DIAGRAMS, mermaid, svg
from janetbank_adapters.cli.screen import language_of_the_machine, screen, write

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands

_FORMATS = {"mermaid": mermaid.draw, "svg": svg.draw}


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "draw a rule as a diagram, from the table that runs"
    command = commands.add_parser("diagram", help=about, description=f"{about[0].upper()}{about[1:]}.")
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", choices=DIAGRAMS, metavar="NAME", help=", ".join(DIAGRAMS))
    which.add_argument("--list", action="store_true", help="say what each diagram shows")
    command.add_argument("--format", choices=_FORMATS, default="mermaid", help="mermaid (default) or svg")
    add_profile(command)
    add_lang(command, "without it: that of the machine")
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    lang = args.lang or language_of_the_machine()
    if args.list:
        out = screen()
        for name, drawn in DIAGRAMS.items():
            out.print(f"{name:12} {drawn.about.said(lang)}")
        return 0
    write(_FORMATS[args.format](DIAGRAMS[args.name].of(args.profile), lang))
    return 0
