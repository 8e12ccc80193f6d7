"""Hosts: connecting to the bank's own core banking host, by the name of what makes its adapter.

Shape:  "package.module:name" names what is called without arguments and gives a `CoreBanking`.
Errors: argparse's, for a name that names no such thing; Misuse where something else is made than an adapter; what the
        adapter raises where it cannot be made.
Source: ports/core_banking.py; ARCHITECTURE "a bank writes a profile, not code", but for its adapters.
"""

import argparse
from collections.abc import Callable
from importlib import import_module
from inspect import signature

from janetbank.ports.core_banking import CoreBanking
from janetbank_adapters.cli import Misuse

Connect = Callable[[], CoreBanking]
_ASKED = tuple(name for name in vars(CoreBanking) if not name.startswith("_"))


def add_core(command: argparse.ArgumentParser) -> None:
    """Let *command* be connected to a host."""
    about = "what makes the adapter of the core banking host (without it: no host is asked)"
    command.add_argument("--core", type=_named, metavar="MODULE:NAME", help=about)


def _named(name: str) -> Connect:
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
        signature(found).bind()
    except (ImportError, ValueError, AttributeError, TypeError):
        msg = f"{name!r} names nothing that makes an adapter; write it as package.module:name"
        raise argparse.ArgumentTypeError(msg) from None

    def connect() -> CoreBanking:
        made: CoreBanking = found()
        if missing := next((asked for asked in _ASKED if not hasattr(made, asked)), None):
            msg = f"what {name} makes is no adapter of a core banking host: it has no {missing!r}"
            raise Misuse(msg)
        return made

    return connect
