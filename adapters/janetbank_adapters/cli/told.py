"""Told: what an operator is told, in words on a screen or as JSON for scripts.

Shape:  `tell(args, told)` writes it, with the lists that belong to it, and gives the exit code: 0 done, 1 not.
Source: issue 4, part 8; SUS-28, SUS-29.
"""

import argparse
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, cast

import attrs
from attrs import frozen

from janetbank.flows.admit import LoginIdInitialised, NoticeIsAsked, PasswordsGiven
from janetbank.flows.enquire import History, PendingTransfers, ToDo, WorkList
from janetbank.flows.operators import OperatorPasswordChanged, Registered, Renewed, Retired
from janetbank.flows.release import Done, ProposalRejected, ProposalWithdrawn, Proposed
from janetbank.flows.suspend import (
    ContractSuspended,
    SuspensionChecked,
    SuspensionFormalised,
    SuspensionRefused,
    SuspensionRequested,
    Unexplained,
)
from janetbank.messages import Language, Outcome, phrase, text
from janetbank.model.audit import Entry
from janetbank.model.case import Case
from janetbank.model.instruction import Instruction
from janetbank.policies.dual_control import Proposal
from janetbank.values.instruction import Content, Transfer
from janetbank.values.moment import in_japan
from janetbank.values.operator import Hand
from janetbank.values.secret import Secret
from janetbank_adapters.cli.screen import beside, language_of_the_machine, screen, write_json
from janetbank_adapters.cli.text import Text

_DONE = (
    ContractSuspended,
    Done,
    History,
    LoginIdInitialised,
    NoticeIsAsked,
    OperatorPasswordChanged,
    PasswordsGiven,
    PendingTransfers,
    ProposalRejected,
    ProposalWithdrawn,
    Proposed,
    Registered,
    Renewed,
    Retired,
    SuspensionChecked,
    SuspensionFormalised,
    SuspensionRefused,
    SuspensionRequested,
    WorkList,
)
"""What is told where what was asked for is done."""

_NOTHING = Text("ありません。", "There is none.")
_OVERDUE = Text("期限超過", "overdue")
_DUE = Text("期限", "due")
_BY = Text("担当", "by")


def dashed(one: Enum) -> str:
    """How a member of an enumeration is typed."""
    return str(one.value).replace("_", "-")


@frozen
class _Line:
    """One line of a list: what is beside it, what it says, and whether that is late."""

    mark: str
    said: str
    late: bool = False


def tell(args: argparse.Namespace, told: Outcome) -> int:
    """Say what was told, in words or in JSON, and give the exit code."""
    done = isinstance(told, _DONE)
    if args.json:
        write_json({"code": told.code, "done": done, **_plain_of(told)})
        return 0 if done else 1
    lang: Language = args.lang or language_of_the_machine()
    out = screen()
    beside(out, "", text(told, lang), style="bold green" if done else "bold red")
    lines = _lines(told, lang)
    if lines is not None and not lines:
        beside(out, "", _NOTHING.said(lang))
    for line in lines or ():
        beside(out, line.mark, line.said, indent=2, style="bold red" if line.late else "")
    return 0 if done else 1


def _lines(told: Outcome, lang: Language) -> list[_Line] | None:
    """What is listed below what was told; None where nothing is."""
    match told:
        case WorkList(items):
            return [_of_case(item, lang) for item in items]
        case History(entries):
            return [_Line("-", f"{in_japan(one.at):%Y-%m-%d %H:%M} {one.kind} {_data(one)}") for one in entries]
        case PendingTransfers(instructions):
            return [_Line("-", _of_instruction(one, lang)) for one in instructions]
        case Unexplained(missing):
            return [_Line("-", f"{dashed(one)}: {phrase(f'explanation.{one.value}', lang)}") for one in missing]
        case _:
            return None


def _of_case(item: ToDo, lang: Language) -> _Line:
    case = item.case
    due = f"{_OVERDUE.said(lang) if item.overdue else _DUE.said(lang)} {_minute(case.due_at)}"
    kind = phrase(f"casekind.{case.kind.value}", lang)
    state = phrase(f"{type(case.state).__name__.lower()}.{case.state.value}", lang)
    by = f"{_BY.said(lang)} {_maker(case).operator}"
    return _Line(
        "-", " | ".join([case.id, kind, *([case.subject] if case.subject else []), state, by, due]), item.overdue
    )


def _maker(case: Case) -> Hand:
    return case.matter.maker if isinstance(case.matter, Proposal) else case.matter.requested_by


def _of_instruction(one: Instruction, lang: Language) -> str:
    """All that a customer is told to say whether it is his (SUS-04), as it is printed and attached (SUS-29)."""
    content = one.content
    state = phrase(f"instructionstate.{one.state.value}", lang)
    kind = phrase(f"instructionkind.{content.kind.value}", lang)
    amount = f"¥{content.amount.amount:,}"
    way = " ".join(part for part in (str(content.source), "->", _payee(content), content.payee_name) if part)
    return f"{one.reference} | {state} | {content.date.isoformat()} | {kind} | {amount} | {way}"


def _payee(content: Content) -> str | None:
    """The account that a transfer goes to; a bill has none."""
    return f"{content.payee_bank.code}-{content.payee}" if isinstance(content, Transfer) else None


def _data(entry: Entry) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(entry.data.items()) if value not in {None, (), ""})


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{in_japan(at):%Y-%m-%d %H:%M}"


def _plain_of(told: Outcome) -> dict[str, Any]:
    """The fields of what was told, without tokens, as JSON can hold them."""
    match told:
        case WorkList(items):
            return {"cases": [{**_case(item.case), "overdue": item.overdue} for item in items]}
        case History(entries):
            return {
                "entries": [
                    {"seq": one.seq, "at": one.at.isoformat(), "kind": one.kind, "data": dict(one.data)}
                    for one in entries
                ]
            }
        case PendingTransfers(instructions):
            return {
                "transfers": [
                    {
                        "reference": one.reference,
                        "state": one.state.value,
                        "date": one.content.date.isoformat(),
                        "kind": one.content.kind.value,
                        "amount": one.content.amount.amount,
                        "source": str(one.content.source),
                        "payee": _payee(one.content),
                        "payee_name": one.content.payee_name,
                    }
                    for one in instructions
                ]
            }
        case _:
            fields = attrs.asdict(cast("attrs.AttrsInstance", told), recurse=False)
            return {name: _plain(one) for name, one in fields.items() if not isinstance(one, Secret)}


def _case(case: Case) -> dict[str, Any]:
    return {
        "case": case.id,
        "kind": case.kind.value,
        "subject": case.subject,
        "contract": case.contract.text,
        "state": case.state.value,
        "by": str(_maker(case).operator),
        "due_at": None if case.due_at is None else case.due_at.isoformat(),
    }


def _plain(one: Any) -> object:  # noqa: ANN401 -- whatever an outcome holds
    match one:
        case datetime() | date():
            return one.isoformat()
        case Enum():
            return one.value
        case tuple():
            return [_plain(each) for each in cast("tuple[object, ...]", one)]
        case str() | int() | None:
            return one
        case Mapping():
            return dict(cast("Mapping[str, object]", one))
        case _:
            parts = attrs.asdict(cast("attrs.AttrsInstance", one), recurse=False)
            return {name: _plain(part) for name, part in parts.items()}
