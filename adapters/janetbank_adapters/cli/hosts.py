"""Hosts: connecting to the bank's own core banking host, by the name of what makes its adapter.

Shape:  "package.module:name" names what is called without arguments and gives a `CoreBanking`.
Errors: argparse's, for a name that names no such thing; what the adapter raises where it cannot be made.
Source: ports/core_banking.py; ARCHITECTURE "a bank writes a profile, not code", but for its adapters.
"""

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import cast

from janetbank.ports.core_banking import CoreBanking

Connect = Callable[[], CoreBanking]


def add_core(command: argparse.ArgumentParser) -> None:
    """Let *command* be connected to a host."""
    about = "what makes the adapter of the core banking host (without it: no host is asked)"
    command.add_argument("--core", type=_named, metavar="MODULE:NAME", help=about)


def _named(name: str) -> Connect:
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, ValueError, AttributeError):
        found = None
    if not callable(found):
        msg = f"{name!r} names nothing that makes an adapter; write it as package.module:name"
        raise argparse.ArgumentTypeError(msg)
    return cast("Connect", found)
