"""Settling instructions: the host is asked what has become of whatever he has, or may have, and his word is kept.

    settle(platform) -> Settled          each minute or so, and by the night batch

* What was left in between, because the host was silent or a process died, is asked for again under its key: what he
  never heard he does now, and what he did he tells.  What should have been done on a day that is over, or is not the
  text that was proved, is cancelled by its key instead.
* What is accepted or reserved is asked about from its day on.
* Nobody's session, lock or suspension has a say in it: what is pending is executed, unless it was cancelled (TRF-10).

It may be interrupted, done again, and done by many at once.

Source: TRF-09, TRF-10; AMB-34; docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from attrs import frozen

from janetbank.flows.hand_over import ask, hear
from janetbank.flows.platform import Platform
from janetbank.model.instruction import Instruction
from janetbank.ports.failures import PortError
from janetbank.values.identifiers import InstitutionId
from janetbank.values.moment import in_japan

PAGE = 200


@frozen(kw_only=True)
class Settled:
    """Of so many the host was asked; of so many he said something new; of so many nothing, or nothing could be kept."""

    asked: int
    moved: int
    silent: int


def settle(platform: Platform, *, page: int = PAGE, heard: Callable[[Settled], object] = lambda _: None) -> Settled:
    """Ask the host about everything that is due; where he does not answer at all, a *page* of it is enough.

    Institutions may have hosts of their own: of those in a page without any answer he is asked no more, and of the
    others he is.  *heard* is told after each page how far it has come.
    """
    today = in_japan(platform.now()).date()
    settled = Settled(asked=0, moved=0, silent=0)
    after: Instruction | None = None
    silent = set[InstitutionId]()
    while waiting := platform.transact(lambda tx: tx.instructions.unsettled(today, after, page), durable=False):  # noqa: B023 -- called at once
        asked = [one for one in waiting if one.institution not in silent]
        told = [_settled(platform, one) for one in asked]
        after = waiting[-1]
        settled = Settled(
            asked=settled.asked + len(told),
            moved=settled.moved + told.count(True),
            silent=settled.silent + told.count(None),
        )
        heard(settled)
        if all(one is None for one in told):
            silent.update(one.institution for one in asked)
    return settled


def _settled(platform: Platform, instruction: Instruction) -> bool | None:
    """Whether something new was heard of *instruction*; None where nothing was."""
    try:
        answer = ask(platform, instruction)
        if answer is None:
            return None
        heard = platform.transact(partial(hear, platform, instruction, answer))
    except PortError:
        return None  # the next one may fare better; this one is found again as it was
    return heard.state is not instruction.state
