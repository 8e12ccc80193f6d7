"""`janetbank app`: the token app in a terminal, over a store that it shares with the bank.

A real app speaks with its bank over a network; this one carries the bank's flows along, and so wants the bank's keys.
Besides that it does what every app can do, by the public operations.

Exit code 0: done; 1: refused; 2: it could not be asked.

Source: issue 3, part 8; APP-09..13, APP-19, APP-20, TXA-04, TXA-05.
"""

import argparse
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text as Styled

from janetbank.bank import NetBank
from janetbank.flows.approve import Approved, Declined
from janetbank.flows.set_up_app import AppReady
from janetbank.flows.use_token import MethodChanged
from janetbank.messages import Language, Outcome, phrase, text
from janetbank.ports.failures import PortError
from janetbank.values.instruction import Transfer
from janetbank.values.moment import in_japan
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue
from janetbank_adapters.cli import Misuse, stores
from janetbank_adapters.cli.arguments import add_lang, add_profile
from janetbank_adapters.cli.screen import beside, language_of_the_machine, screen
from janetbank_adapters.cli.text import Text
from janetbank_adapters.clock.system import SystemClock
from janetbank_adapters.core_banking.memory import MemoryCoreBanking
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.telephony.memory import MemoryExchange
from janetbank_adapters.token_app.app import (
    MOST_CONTRACTS,
    AlreadyThere,
    AppFull,
    NotAgreed,
    Shown,
    TokenApp,
    Waiting,
)
from janetbank_adapters.token_app.device import Device
from janetbank_adapters.token_app.memory import Memory

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands

_BAR = 30
_TICK = 0.25
"""Seconds between two looks at the clock."""

SAID = {
    AppFull: Text(
        f"アプリに登録できる契約は{MOST_CONTRACTS}件までです。", f"The app holds {MOST_CONTRACTS} contracts at most."
    ),
    AlreadyThere: Text("この契約はすでに登録されています。", "This contract is in the app already."),
    NotAgreed: Text(
        "内容をご確認のうえ、同意（--agree）してください。", "Please read the conditions, and agree to them (--agree)."
    ),
}
_NOTHING_WAITS = Text("確認待ちの取引はありません。", "No transaction waits for you.")
_NO_CONTRACT = Text("アプリに契約が登録されていません。", "There is no contract in the app.")
_GONE = Text("この取引は確認待ちではありません。", "This transaction does not wait for you.")
_UNTIL = Text("{:%H:%M}まで", "until {:%H:%M} JST")


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "the token app: show codes, approve and decline transactions"
    whole = commands.add_parser("app", help=about, description=f"{about[0].upper()}{about[1:]}.")
    whole.set_defaults(clock=SystemClock())
    verbs = whole.add_subparsers(title="what to do", required=True, metavar="VERB")
    _add_add(verbs)
    for name, help_, run in (
        ("list", "name the contracts in the app", _list),
        ("show", "show the code, with the time that is left to it", _show),
        ("confirm", "tap OK: transactions are approved in this app from now on", _confirm),
        ("approve", "show what waits, or approve one of it", _approve),
        ("decline", "show what waits, or decline one of it", _decline),
    ):
        verb = verbs.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
        _add_where(verb)
        if name == "show":
            verb.add_argument("--once", action="store_true", help="say the code and end, as where no terminal is")
        if name in {"approve", "decline"}:
            verb.add_argument("reference", nargs="?", metavar="REFERENCE", help="which one (without: show them all)")
        verb.set_defaults(run=run)


def _add_add(verbs: "Commands") -> None:
    verb = verbs.add_parser(
        "add",
        help="set the app up for a contract",
        description="Set the app up for a contract.  The start password is asked for, or read from standard input.",
    )
    verb.add_argument("service_id", metavar="SERVICE_ID", help="サービスID, from the token's mail")
    verb.add_argument("user_id", metavar="USER_ID", help="ユーザID, from the token's mail")
    verb.add_argument("--agree", action="store_true", help="agree to the conditions of use")
    verb.add_argument("--wording", default="", metavar="TEXT", help="what tells this contract from the others")
    _add_where(verb)
    verb.set_defaults(run=_add)


def _add_where(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--store", required=True, metavar="URL", help=stores.URLS)
    verb.add_argument("--keys", required=True, type=Path, metavar="FILE", help="the bank's key file")
    verb.add_argument("--app", required=True, type=Path, metavar="FILE", help="the app's own file, sealed")
    verb.add_argument(
        "--device", required=True, type=Path, metavar="FILE", help="the key of this device, made where there is none"
    )
    verb.add_argument("--contract", type=int, metavar="NUMBER", help="which contract, from 1 (the last)")
    add_profile(verb)
    add_lang(verb, "without it: that of the machine")


@contextmanager
def _opened(args: argparse.Namespace) -> Generator[TokenApp]:
    """The app, with the contract selected that was asked for."""
    with stores.opened(args.store) as storage:
        entropy, clock = SystemEntropy(), args.clock
        bank = NetBank(
            args.profile,
            storage=storage,
            core=MemoryCoreBanking(clock),
            directory=MemoryDirectory([]),
            keys=FileKeys(args.keys),
            exchange=MemoryExchange(clock),
            clock=clock,
            entropy=entropy,
        )
        title = args.profile.title
        app = TokenApp(bank, Memory(args.app, Device.at(args.device)), clock, name=lambda code: f"{title} {code}")
        if args.contract is not None:
            if not 1 <= args.contract <= len(app.names):
                msg = f"the app has no contract {args.contract}, only {len(app.names)} of them"
                raise Misuse(msg)
            app.select(args.contract - 1)
        yield app


def _lang(args: argparse.Namespace) -> Language:
    return args.lang or language_of_the_machine()


def _say(args: argparse.Namespace, told: Outcome | Text, *, good: bool) -> int:
    said = told.said(_lang(args)) if isinstance(told, Text) else text(told, _lang(args))
    beside(screen(), "", said, style="bold green" if good else "bold red")
    return 0 if good else 1


def _add(args: argparse.Namespace) -> int:
    # getpass falls back to standard input with a warning; where nobody types, a line of it is what is meant.
    typed = (
        getpass("利用開始パスワード / start password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    )
    with _opened(args) as app:
        try:
            told = app.add(args.service_id, args.user_id, Secret(typed), agreed=args.agree, wording=args.wording)
        except InvalidValue as invalid:
            raise Misuse(text(invalid.violation, "en")) from None
    if isinstance(told, AppFull | AlreadyThere | NotAgreed):
        return _say(args, SAID[type(told)], good=False)
    return _say(args, told, good=isinstance(told, AppReady))


def _list(args: argparse.Namespace) -> int:
    with _opened(args) as app:
        out = screen()
        for number, name in enumerate(app.names, 1):
            beside(out, f"{'*' if number == app.selected + 1 else ' '} {number}", name, indent=5)
        return 0 if app.names else _say(args, _NO_CONTRACT, good=False)


def _with_contract(args: argparse.Namespace, do: Callable[[TokenApp], int]) -> int:
    with _opened(args) as app:
        if not app.names:
            return _say(args, _NO_CONTRACT, good=False)
        with suppress(PortError):  # codes are shown without the bank
            app.open()
        return do(app)


def _show(args: argparse.Namespace) -> int:
    def do(app: TokenApp) -> int:
        out = screen()
        if args.once or not out.is_terminal:
            out.print(app.code().code.reveal(), soft_wrap=True)
            return 0
        with Live(console=out, auto_refresh=False) as live:
            while True:  # until it is interrupted
                live.update(frame(app.names[app.selected], app.code(), args.clock.now()), refresh=True)
                time.sleep(_TICK)

    return _with_contract(args, do)


def frame(name: str, shown: Shown, now: datetime) -> Table:
    """What the terminal shows at *now*: the contract, the code, and a bar that runs out with it."""
    left, second = shown.until - now, timedelta(seconds=1)
    bar = ProgressBar(total=shown.period / second, completed=left / second, width=_BAR)
    grid = Table.grid(padding=(0, 2))
    grid.add_row(Styled(name, "dim"))
    grid.add_row(Styled(shown.code.reveal(), "bold"), bar, Styled(f"{left // second:2d} s", "dim"))
    return grid


def _confirm(args: argparse.Namespace) -> int:
    def do(app: TokenApp) -> int:
        told = app.confirm_method()
        return _say(args, told, good=isinstance(told, MethodChanged))

    return _with_contract(args, do)


def _approve(args: argparse.Namespace) -> int:
    def do(app: TokenApp, one: Waiting) -> int:
        told = app.approve(one)
        return _say(args, told, good=isinstance(told, Approved))

    return _with_waiting(args, do)


def _decline(args: argparse.Namespace) -> int:
    def do(app: TokenApp, one: Waiting) -> int:
        told = app.decline(one)
        return _say(args, told, good=isinstance(told, Declined))

    return _with_waiting(args, do)


def _with_waiting(args: argparse.Namespace, do: Callable[[TokenApp, Waiting], int]) -> int:
    """Show what waits, and *do* something with the one that was named."""

    def answer(app: TokenApp) -> int:
        waiting = app.waiting()
        if not isinstance(waiting, tuple):
            return _say(args, waiting, good=False)
        if args.reference is None:
            for one in waiting:
                _tell(args, one)
            return 0 if waiting else _say(args, _NOTHING_WAITS, good=True)
        named = [one for one in waiting if one.transfer.reference == args.reference]
        if not named:
            return _say(args, _GONE, good=False)
        _tell(args, named[0])
        return do(app, named[0])

    return _with_contract(args, answer)


def _tell(args: argparse.Namespace, waiting: Waiting) -> None:
    """What is to be executed, whole: whoever approves has seen it (C30)."""
    out, lang, transfer = screen(), _lang(args), waiting.transfer
    out.print(Styled(transfer.reference, "bold"), soft_wrap=True)
    beside(out, "", _UNTIL.said(lang).format(in_japan(waiting.until)), indent=2, style="dim")
    for what, said in _rows(transfer, lang):
        beside(out, f"  {what}", said, indent=14)


def _rows(transfer: Transfer, lang: Language) -> list[tuple[str, str]]:
    labels = (
        Text("種類", "kind"),
        Text("受取人", "payee"),
        Text("受取口座", "to"),
        Text("金額", "amount"),
        Text("出金口座", "from"),
        Text("指定日", "date"),
    )
    said = (
        phrase(f"instructionkind.{transfer.kind.value}", lang),
        transfer.payee_name,
        f"{transfer.payee_bank.code}-{transfer.payee}",
        f"¥{transfer.amount.amount:,}",
        str(transfer.source),
        transfer.date.isoformat(),
    )
    return [(label.said(lang), one) for label, one in zip(labels, said, strict=True)]
