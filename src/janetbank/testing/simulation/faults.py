"""Faults: what goes wrong at the ports of a simulated bank, and where.

A fault belongs to one step and strikes at one of its port calls: at the *at*-th transaction, or, where it is about
evaluating a secret, at the first that the step evaluates.  Whoever dies leaves nothing behind but what was committed.

Shape:  `SimulatedStorage` and `SimulatedKeys` stand in front of any storage and any keys; `Fault` says what strikes.
Errors: `ProcessDied` unwinds the step whose process died; it is no Exception, so that nobody recovers from his death.
Source: issue 7, part 2; ARCHITECTURE ideas 2 and 3.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import Enum
from typing import Any, Protocol, cast

from attrs import define, frozen

from janetbank.ports.failures import Unavailable
from janetbank.ports.keys import Key, Keys, Purpose
from janetbank.ports.storage import Conflict, Storage, Transaction


class ProcessDied(BaseException):
    """The process that carried the step out is no more."""


class FaultKind(Enum):
    """What goes wrong."""

    CONFLICT = "another writer was first"
    LOST_BEFORE = "the store failed before the commit"
    LOST_AFTER = "the store failed after the commit"
    DIED_BEFORE = "the process died before the commit"
    DIED_AFTER = "the process died after the commit"
    DIED_CHECKING = "the process died while it evaluated a secret"
    SLOW = "evaluating a secret took longer than a guess has"
    HOST_BEFORE = "the host was not reached"
    HOST_AFTER = "the host did it, and nobody heard"
    HOST_LATE = "the host heard it late"
    HOST_DOWN = "the host was down"


@frozen
class Fault:
    """*kind* strikes at transaction number *at* (from 0) of a step, where it is about transactions."""

    kind: FaultKind
    at: int = 0


Writes = tuple[tuple[str, Any], ...]
"""What one transaction committed, in its order: (the port's method by its room, what was written)."""

_WRITES = frozenset({"contracts.add", "contracts.put", "sessions.add", "phone_attempts.add", "phone_attempts.put"})
_NOTED = _WRITES | {"outbox.add", "audit.append"}
_ROOMS = frozenset(name.partition(".")[0] for name in _NOTED)


@frozen(eq=False)
class _Room:
    """A room of a transaction that takes down what is written in it."""

    real: Any
    name: str
    written: list[tuple[str, Any]]

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401 -- whatever the room has
        call = getattr(self.real, method)
        name = f"{self.name}.{method}"
        if name not in _NOTED:
            return call

        def noting(given: Any) -> Any:  # noqa: ANN401 -- the port's methods that write take one thing
            told = call(given)
            self.written.append((name, given))
            return told

        return noting


@frozen(eq=False)
class _Transaction:
    real: Transaction
    written: list[tuple[str, Any]]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the transaction has
        found = getattr(self.real, name)
        return _Room(found, name, self.written) if name in _ROOMS else found


class Chance(Protocol):
    """What can be drawn again."""

    def drawn(self) -> int:
        """How often it was drawn from."""
        ...

    def back(self, drawn: int) -> None:
        """Let it be as when it had been drawn from so often."""
        ...


@define(eq=False)
class SimulatedStorage:
    """A storage at which the fault of the present step strikes; *committed* hears what every commit has written.

    Some stores let one who comes second know when he reads, others when he commits.  So that this makes no history
    another one, who meets Conflict has drawn nothing of *chance*.
    """

    real: Storage
    chance: Chance
    committed: Callable[[Writes], None] = lambda _: None
    striking: tuple[Fault, int] | None = None
    """What strikes the step under way, after so many transactions."""

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        """Open one, as the port says."""
        fault = self._due()
        if fault is FaultKind.CONFLICT:
            raise Conflict
        written: list[tuple[str, Any]] = []
        drawn = self.chance.drawn()
        try:
            with self.real.transaction(durable=durable, contended=contended) as tx:
                yield cast("Transaction", _Transaction(tx, written))
                _fail(fault, FaultKind.LOST_BEFORE, FaultKind.DIED_BEFORE)
        except Conflict:
            self.chance.back(drawn)
            raise
        self.committed(tuple(written))
        _fail(fault, FaultKind.LOST_AFTER, FaultKind.DIED_AFTER)

    def _due(self) -> FaultKind | None:
        """What strikes at this transaction."""
        if self.striking is None:
            return None
        fault, left = self.striking
        self.striking = (fault, left - 1) if left else None
        return None if left else fault.kind


def _fail(fault: FaultKind | None, lost: FaultKind, died: FaultKind) -> None:
    if fault is lost:
        raise Unavailable(lost.value)
    if fault is died:
        raise ProcessDied(died.value)


@frozen(eq=False)
class SimulatedKeys:
    """Keys by which it is known when a secret is evaluated: nothing else asks for the pepper by its id."""

    real: Keys
    evaluating: Callable[[], None]

    def current(self, purpose: Purpose) -> Key:
        """As the port says."""
        return self.real.current(purpose)

    def key(self, purpose: Purpose, key_id: str) -> Key:
        """As the port says; before the pepper is handed out, the world goes on."""
        if purpose is Purpose.PEPPER:
            self.evaluating()
        return self.real.key(purpose, key_id)
