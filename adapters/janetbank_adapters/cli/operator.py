"""`janetbank operator`: what those behind the counter do, for scripts and for the first of them.

Each command signs in, does one thing and signs out, by the same operations as any other front of the bank.  Passwords
are asked for on a terminal, or else read from the standard input, a line each: what stands on a command line is seen by
everybody on the machine.  Accounts are opened, renewed and closed with the bank's keys alone (`register`, `renew`,
`retire`), by whoever may read both the key file and the store.  The two passwords of a notice are written to a new file
that nobody else can read, to be printed and destroyed, and are told nowhere else.

Exit code 0: done; 1: refused; 2: it could not be asked.

Source: issue 4, part 8; OPS-06..10, SUS-08..11, SUS-28, SUS-29, LCK-04, LCK-09, FEE-09, ENR-19, ENR-23, ENR-29.
"""

import argparse
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import Enum
from functools import partial
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

from janetbank.bank import NetBank
from janetbank.flows import operators
from janetbank.flows.admit import PasswordsGiven
from janetbank.flows.operating import find_case
from janetbank.flows.operators import (
    NewOperator,
    NewPasswordNeeded,
    OperatorPasswordChanged,
    SignedIn,
)
from janetbank.flows.release import (
    COUNTERS,
    FromBlock,
    FromContract,
    FromFee,
    FromSuspension,
    OfToken,
)
from janetbank.messages import Language, Outcome
from janetbank.model.case import CaseKind
from janetbank.policies.authority import Role
from janetbank.policies.suspension import TO_EXPLAIN, Cause, Explanation, Finding, Heard, Route
from janetbank.policies.token import TokenForm
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.moment import in_japan
from janetbank.values.month import Month
from janetbank.values.paper import Paper
from janetbank.values.person import KanaName
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue
from janetbank_adapters.cli import Misuse, hosts, stores
from janetbank_adapters.cli.arguments import add_json, add_lang, add_profile, value
from janetbank_adapters.cli.screen import language_of_the_machine
from janetbank_adapters.cli.text import Text
from janetbank_adapters.cli.told import dashed, tell
from janetbank_adapters.clock.system import SystemClock
from janetbank_adapters.core_banking.silent import SilentCoreBanking
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.entropy.system import SystemEntropy
from janetbank_adapters.keys.file import FileKeys
from janetbank_adapters.telephony.memory import MemoryExchange

if TYPE_CHECKING:
    from janetbank_adapters.cli.arguments import Commands

_Choice = TypeVar("_Choice", bound=Enum)

_ALL = "all"

# --- What can be asked for --------------------------------------------------------------------------------------------


def add(commands: "Commands") -> None:
    """Describe the command."""
    about = "behind the counter: suspend, propose and approve releases, list what is to be done"
    whole = commands.add_parser("operator", help=about, description=f"{about[0].upper()}{about[1:]}.")
    whole.set_defaults(clock=SystemClock(), core=None)
    verbs = whole.add_subparsers(title="what to do", required=True, metavar="VERB")
    _add_accounts(verbs)
    _add_cases(verbs)
    _add_suspension(verbs)
    _add_proposals(verbs)
    _add_notices(verbs)


def _add_accounts(verbs: "Commands") -> None:
    opens = _verb(verbs, "register", "open an account, with the initial password on standard input", _register)
    opens.add_argument("name", metavar="NAME", help="the account's name")
    opens.add_argument("--person", required=True, metavar="NUMBER", help="the employee's number: one for each person")
    opens.add_argument("--full-name", required=True, metavar="TEXT", help="the name of the person")
    opens.add_argument("--role", required=True, action="append", type=_one_of(Role), metavar="ROLE", help=_named(Role))
    opens.add_argument("--branch", metavar="NUMBER", help="the branch he works at (without: the centre)")
    for name, about, run in (
        ("renew", "give an account another initial password, which also ends a block", _renew),
        ("retire", "close an account for good", _retire),
    ):
        verb = _verb(verbs, name, about, run)
        verb.add_argument("name", metavar="NAME", help="the account's name")
    changes = _verb(verbs, "password", "choose another password: the current one, and the new one twice", _password)
    _add_who(changes)


def _add_cases(verbs: "Commands") -> None:
    lists = _act(verbs, "list", "list what is to be done, what is due first comes first", _list)
    lists.add_argument("--overdue", action="store_true", help="only what is late")
    for name, about, run in (
        ("history", "list what was done with a contract", _history),
        ("transfers", "list what is pending of a contract", _transfers),
    ):
        verb = _act(verbs, name, about, run)
        _add_account(verb)


def _add_suspension(verbs: "Commands") -> None:
    asks = _act(verbs, "request", "take a request to suspend a contract", _request)
    _add_account(asks)
    asks.add_argument("--route", required=True, type=_one_of(Route), metavar="ROUTE", help=_named(Route))
    asks.add_argument(
        "--name", required=True, type=value(KanaName.parse), metavar="KANA", help="the name as it was said"
    )
    asks.add_argument("--former", type=value(KanaName.parse), metavar="KANA", help="the former name as it was said")
    asks.add_argument("--cause", required=True, type=_one_of(Cause), metavar="CAUSE", help=_named(Cause))
    asks.add_argument("--paper", required=True, type=_one_of(Paper), metavar="PAPER", help=_named(Paper))
    asks.add_argument(
        "--explained", action="append", default=[], type=_explanation, metavar="WHAT",
        help=f"what was explained to the customer; may be given more than once: {_ALL}, {_named(Explanation)}",
    )  # fmt: skip
    forms = _act(verbs, "formalise", "take the form that had to follow a suspension", _formalise)
    _add_case(forms)
    forms.add_argument("--paper", type=_one_of(Paper), metavar="PAPER", help=_named(Paper))


def _add_proposals(verbs: "Commands") -> None:
    whole = verbs.add_parser(
        "enter", help="enter a stop, or propose a release", description="Enter a stop, or propose."
    )
    kinds = whole.add_subparsers(title="what to enter", required=True, metavar="WHAT")
    stop = _act(kinds, "stop", "enter the stop that was asked for: it counts at once", _enter_stop)
    _add_case(stop)
    release = _act(kinds, "release", "propose to let a suspended contract go", _enter_release)
    block = _act(kinds, "block", "propose to open what wrong entries have blocked", _enter_block)
    block.add_argument("--block", required=True, choices=[one.value for one in COUNTERS], help="which block")
    release.add_argument("--note", action="store_true", help="the customer wrote his note in the margin")
    ends = _act(kinds, "cancellation", "propose to cancel a contract, by the form", _enter_cancellation)
    for verb in (release, block, ends):
        _add_account(verb)
        verb.add_argument("--paper", type=_one_of(Paper), metavar="PAPER", help=_named(Paper))
        verb.add_argument(
            "--finding", type=_one_of(Finding), default=Finding.NOT_EXAMINED, metavar="FINDING",
            help=f"what the search for illicit access came to: {_named(Finding)}",
        )  # fmt: skip
    exemption = _act(kinds, "exemption", "propose to exempt a contract from a month's fee", _enter_exemption)
    _add_account(exemption)
    exemption.add_argument("--month", required=True, type=value(Month.parse), metavar="MONTH", help="2026-11")
    form = _act(kinds, "token-form", "register what a form for one-time passwords asks for", _enter_token_form)
    _add_account(form)
    form.add_argument("--form", required=True, type=_one_of(TokenForm), metavar="WHAT", help=_named(TokenForm))
    form.add_argument("--paper", type=_one_of(Paper), metavar="PAPER", help=_named(Paper))
    for name, about, run in (
        ("approve", "check a stop, or approve a proposal: it is done in that instant", _approve),
        ("reject", "refuse a request that cannot be entered, or reject a proposal", _reject),
        ("withdraw", "take back what one proposed", _withdraw),
    ):
        verb = _act(verbs, name, about, run)
        _add_case(verb)
        if name == "reject":
            verb.add_argument("--reason", required=True, metavar="TEXT", help="why")


def _add_notices(verbs: "Commands") -> None:
    about = "notices with two provisional passwords, where customers begin by one"
    whole = verbs.add_parser("notice", help=about, description=f"{about[0].upper()}{about[1:]}.")
    kinds = whole.add_subparsers(title="what to do", required=True, metavar="WHAT")
    asks = _act(kinds, "ask", "ask for a notice: the account of an application, or of a contract", _ask_notice)
    hosts.add_core(asks)
    gives = _verb(kinds, "give", "give out, as another person, the passwords of the notice asked for", _give_notice)
    _add_who(gives)
    gives.add_argument("--to", required=True, type=Path, metavar="FILE", help="a new file, to be printed and destroyed")
    clears = _act(kinds, "initialise", "delete a login id: the customer obtains another one", _initialise)
    for verb in (asks, gives, clears):
        _add_account(verb)


def _verb(
    verbs: "Commands", name: str, about: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    verb.add_argument("--store", required=True, metavar="URL", help=stores.URLS)
    verb.add_argument("--keys", required=True, type=Path, metavar="FILE", help="the bank's key file")
    verb.add_argument(
        "--institution", required=True, type=value(InstitutionId.parse), metavar="CODE", help="whose operator: 5441"
    )
    add_profile(verb)
    add_lang(verb, "without it: that of the machine")
    add_json(verb)
    verb.set_defaults(run=run)
    return verb


def _act(
    verbs: "Commands", name: str, about: str, do: Callable[[NetBank, Secret, argparse.Namespace], Outcome]
) -> argparse.ArgumentParser:
    """A verb that is done in a session."""
    verb = _verb(verbs, name, about, lambda args: _in_session(args, do))
    _add_who(verb)
    return verb


def _add_who(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--as", required=True, dest="who", metavar="NAME", help="the account to sign in with")


def _add_account(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "account", type=_account, metavar="ACCOUNT", help="the representative account: 001-ordinary-12345"
    )


def _add_case(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("case", metavar="CASE", help="the case, as `list` names it")


def _named(choices: type[Enum]) -> str:
    return ", ".join(dashed(one) for one in choices)


def _one_of(choices: type[_Choice]) -> Callable[[str], _Choice]:
    """What argparse makes of the name of one of *choices*."""

    def made(typed: str) -> _Choice:
        for one in choices:
            if typed in {one.value, dashed(one)}:
                return one
        msg = f"there is no {typed!r}, only {_named(choices)}"
        raise argparse.ArgumentTypeError(msg)

    return made


def _explanation(typed: str) -> Explanation | None:
    return None if typed == _ALL else _one_of(Explanation)(typed)


def _account(typed: str) -> Account:
    parts = typed.split("-")
    try:
        return Account.parse(*parts)
    except (InvalidValue, TypeError):
        msg = "an account looks like 001-ordinary-12345"
        raise argparse.ArgumentTypeError(msg) from None


# --- Doing it ---------------------------------------------------------------------------------------------------------


@contextmanager
def _opened(args: argparse.Namespace) -> Generator[NetBank]:
    with stores.opened(args.store) as storage:
        clock = args.clock
        yield NetBank(
            args.profile,
            storage=storage,
            core=SilentCoreBanking() if args.core is None else args.core(),
            directory=MemoryDirectory([]),
            keys=FileKeys(args.keys),
            exchange=MemoryExchange(clock),
            clock=clock,
            entropy=SystemEntropy(),
        )


def _typed(what: Text) -> Secret:
    """A secret that is typed on a terminal, or else the next line of the standard input."""
    if sys.stdin.isatty():
        return Secret(getpass(f"{what.ja} / {what.en}: "))
    return Secret(sys.stdin.readline().rstrip("\r\n"))


_CURRENT, _INITIAL = Text("パスワード", "password"), Text("初期パスワード", "initial password")
_NEW, _AGAIN = Text("新しいパスワード", "new password"), Text("新しいパスワード（確認用）", "new password again")


def _register(args: argparse.Namespace) -> int:
    password = _typed(_INITIAL)
    new = NewOperator(
        operator=args.name, person=args.person, full_name=args.full_name, roles=args.role, branch=args.branch
    )
    with _opened(args) as bank:
        return tell(args, operators.register(bank.platform, args.institution, new, password))


def _renew(args: argparse.Namespace) -> int:
    password = _typed(_INITIAL)
    with _opened(args) as bank:
        return tell(args, operators.renew(bank.platform, args.institution, args.name, password))


def _retire(args: argparse.Namespace) -> int:
    with _opened(args) as bank:
        return tell(args, operators.retire(bank.platform, args.institution, args.name))


def _password(args: argparse.Namespace) -> int:
    current, new, again = _typed(_CURRENT), _typed(_NEW), _typed(_AGAIN)
    with _opened(args) as bank:
        signed_in = bank.operators.sign_in(args.institution, args.who, current)
        if not isinstance(signed_in, SignedIn | NewPasswordNeeded):
            return tell(args, signed_in)
        told = bank.operators.change_password(signed_in.session, current=current, new=new, again=again)
        bank.operators.sign_out(told.session if isinstance(told, OperatorPasswordChanged) else signed_in.session)
        return tell(args, told)


def _in_session(args: argparse.Namespace, do: Callable[[NetBank, Secret, argparse.Namespace], Outcome]) -> int:
    """Sign in, do one thing, sign out."""
    password = _typed(_CURRENT)
    with _opened(args) as bank:
        signed_in = bank.operators.sign_in(args.institution, args.who, password)
        if isinstance(signed_in, NewPasswordNeeded):
            bank.operators.sign_out(signed_in.session)
        if not isinstance(signed_in, SignedIn):
            return tell(args, signed_in)
        told = do(bank, signed_in.session, args)
        bank.operators.sign_out(signed_in.session)
        return tell(args, told)


def _list(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.enquire.cases(session, overdue=args.overdue)


def _history(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.enquire.history(session, args.account)


def _transfers(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.enquire.transfers(session, args.account)


def _request(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    explained: list[Explanation | None] = args.explained
    return bank.suspend.request(
        session,
        route=args.route,
        heard=Heard(name=args.name, former_name=args.former, account=args.account),
        cause=args.cause,
        paper=args.paper,
        explained=TO_EXPLAIN[args.route] if None in explained else [one for one in explained if one is not None],
    )


def _enter_stop(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.suspend.enter(session, args.case)


def _formalise(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.suspend.formalise(session, args.case, paper=args.paper)


def _enter_release(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    matter = FromSuspension(paper=args.paper, finding=args.finding, note=args.note)
    return bank.release.propose(session, args.account, matter)


def _enter_block(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    block = next(one for one in COUNTERS if one.value == args.block)
    return bank.release.propose(session, args.account, FromBlock(block=block, paper=args.paper, finding=args.finding))


def _enter_exemption(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.release.propose(session, args.account, FromFee(args.month))


def _enter_cancellation(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.release.propose(session, args.account, FromContract(paper=args.paper, finding=args.finding))


def _enter_token_form(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.release.propose(session, args.account, OfToken(form=args.form, paper=args.paper))


def _ask_notice(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.admit.ask(session, args.account)


def _give_notice(args: argparse.Namespace) -> int:
    with _new_file(args.to) as paper:
        return _in_session(args, partial(_print_notice, paper))


def _print_notice(paper: TextIO, bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    told = bank.admit.give(session, args.account)
    if isinstance(told, PasswordsGiven):
        lang: Language = args.lang or language_of_the_machine()
        paper.write(_notice(told).said(lang))
    return told


def _notice(given: PasswordsGiven) -> Text:
    first, second = given.password.reveal(), given.confirmation.reveal()
    until = f"{in_japan(given.until):%Y-%m-%d %H:%M}"
    return Text(
        f"仮パスワード通知書\n（仮）ログインパスワード: {first}\n（仮）確認用パスワード: {second}\n有効期限: {until}\n",
        "Notice of provisional passwords\n"
        f"login password: {first}\nconfirmation password: {second}\ngood until: {until} JST\n",
    )


@contextmanager
def _new_file(path: Path) -> Generator[TextIO]:
    """A file that was not there and that its owner alone can read; it is gone again where nothing was written to it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        msg = f"there is a file {path}"
        raise Misuse(msg) from None
    written = 0
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
            written = file.tell()
    finally:
        if not written:
            path.unlink()


def _initialise(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.admit.initialise(session, args.account)


def _approve(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    act = bank.suspend.check if _is_suspension(bank, args) else bank.release.approve
    return act(session, args.case)


def _reject(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    act = bank.suspend.refuse if _is_suspension(bank, args) else bank.release.reject
    return act(session, args.case, args.reason)


def _withdraw(bank: NetBank, session: Secret, args: argparse.Namespace) -> Outcome:
    return bank.release.withdraw(session, args.case)


def _is_suspension(bank: NetBank, args: argparse.Namespace) -> bool:
    """Which of two operations the case takes; whether there is one, and for whom, is the operation's word."""
    found = bank.platform.transact(lambda tx: find_case(tx, args.institution, args.case), durable=False)
    return found is not None and found.case.kind is CaseKind.SUSPENSION
