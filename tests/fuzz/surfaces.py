"""Surfaces: whatever may be asked of a bank from outside, by its name: operations, desk, app, the bank's own work.

Operations, desk and app are found by looking, so a new one is fuzzed as soon as it is there.

Shape:  `surfaces(there, app)`; what each takes and tells is read off its signature.
Source: issue 7, part 7.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from attrs import field, frozen

from janetbank.flows import audit, collect, operators, renumber, settle_instructions
from janetbank.flows import sweep as sweeping
from janetbank.flows.audit import AuditReport, Intact
from janetbank.flows.batch import BatchOutcome, NightBatch
from janetbank.flows.collect import Collected, TooEarly
from janetbank.flows.dispatch_mail import Dispatched, MailDispatcher
from janetbank.flows.refusals import Rejected
from janetbank.flows.renumber import Renumbered
from janetbank.flows.settle_instructions import Settled
from janetbank.flows.sweep import Swept
from janetbank.ports.storage import Checkpoint
from janetbank.testing.bank import ORIGIN, TestBank
from janetbank.values.identifiers import InstitutionId
from janetbank.values.secret import Secret
from janetbank_adapters.mail.memory import MemoryMail
from janetbank_adapters.reports.memory import MemoryReports
from janetbank_adapters.token_app.app import TokenApp
from janetbank_adapters.token_app.device import Device
from janetbank_adapters.token_app.memory import Kept, Memory


def surfaces(there: TestBank, app: TokenApp) -> Mapping[str, Callable[..., Any]]:
    """Everything, by name."""
    net = there.net
    return {
        **net.operations(),
        **net.acts(),
        **public("desk", net.desk),
        **public("app", app),
        **public("work", Work(there)),
    }


def public(name: str, one: object) -> Mapping[str, Callable[..., Any]]:
    """The public methods of *one*."""
    found = {act: getattr(type(one), act) for act in dir(type(one)) if not act.startswith("_")}
    return {f"{name}.{act}": getattr(one, act) for act, there in found.items() if callable(there)}


@frozen
class Work:
    """What a bank does by itself, or by whoever holds its keys; *flows* are behind it."""

    _there: TestBank

    def register(
        self, institution: InstitutionId, new: operators.NewOperator, password: Secret
    ) -> operators.Registered | Rejected:
        """Open an operator's account."""
        return operators.register(self._there.net.platform, institution, new, password)

    def renew(
        self, institution: InstitutionId, operator: str, password: Secret
    ) -> operators.Renewed | operators.NoSuchOperator | Rejected:
        """Give an operator another password."""
        return operators.renew(self._there.net.platform, institution, operator, password)

    def retire(self, institution: InstitutionId, operator: str) -> operators.Retired | operators.NoSuchOperator:
        """Close an operator's account."""
        return operators.retire(self._there.net.platform, institution, operator)

    def run_batch(self, day: date) -> BatchOutcome:
        """Run the night batch."""
        return NightBatch(self._there.net.platform, MemoryReports())(day)

    def collect(self, day: date) -> Collected | TooEarly:
        """Draw what a day brings to collect."""
        return collect.collect(self._there.net.platform, day, list)

    def renumber(self, institution: InstitutionId) -> Renumbered:
        """Take over an institution's account numbers."""
        return renumber.renumber(self._there.net.platform, institution)

    def settle(self) -> Settled:
        """Ask the host what has become of what."""
        return settle_instructions.settle(self._there.net.platform)

    def dispatch(self) -> Dispatched:
        """Send mail."""
        return MailDispatcher(self._there.net.platform, MemoryMail())()

    def sweep(self) -> Swept:
        """Forget what is over."""
        return sweeping.sweep(self._there.net.platform)

    def verify(self) -> AuditReport:
        """Look at all chains, which are whole whatever was asked for."""
        report = audit.verify(self._there.net.platform)
        assert isinstance(report, Intact), report
        return report

    def checkpoint(self) -> Checkpoint:
        """Tie the chains together."""
        return audit.checkpoint(self._there.net.platform)

    def wait(self, *, over_night: bool) -> None:
        """Let time pass."""
        self._there.clock.advance(timedelta(hours=13) if over_night else timedelta(minutes=2))


FLOWS = frozenset(
    {
        operators.register, operators.renew, operators.retire, renumber.renumber, settle_instructions.settle,
        collect.collect, sweeping.sweep, audit.verify, audit.checkpoint, NightBatch, MailDispatcher,
    }
)  # fmt: skip
"""What of the flows `Work` is made of."""


@frozen
class InMemory(Memory):
    """The app's memory without its file."""

    kept: list[Kept] = field(factory=list[Kept], init=False)

    def load(self) -> tuple[Kept, ...]:
        """What was saved last."""
        return tuple(self.kept)

    def save(self, contracts: Sequence[Kept]) -> None:
        """Keep them."""
        self.kept[:] = contracts


def an_app(there: TestBank) -> TokenApp:
    """An app with nothing in it."""
    memory = InMemory(Path(), Device(key=bytes(32), machine="this one"))
    return TokenApp(there.net, memory, there.clock, name="{}銀行".format, origin=ORIGIN)
