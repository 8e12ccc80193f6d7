"""Explore: every state that a machine can come to, every step between them, and the laws that none of them may break.

A machine says where it starts, what may happen in a state, and what follows; it raises `Broken` where something follows
that must never be.  `explore` does everything from everywhere, nearest states first, until no state is new.  So what it
finds wrong it finds by the fewest steps, and tells as a story; and what it does not find there is not.

Some laws are about what may come: no dead end, nothing kept for ever.  Such a law is a `Way`: from every state of one
kind, one of another kind is within reach, if need be by certain events alone (by time, say).

A machine must close: its states are few because it tells apart only what makes a difference (times counted from now,
numbers by their order, attempts that are alike as one).

Shape:  `explore(machine) -> Report`; its `story` is None where every law holds.
Units:  `Report.seconds` are of the processor, which other work on the machine does not lengthen.
Errors: Unbounded for a machine that has more states than it was allowed.
Source: ARCHITECTURE idea 1; TRAPS "the race test's tolerance is widened".
"""

from abc import ABC, abstractmethod
from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from time import process_time
from typing import Any, Generic, TypeVar

from attrs import field, frozen

StateT = TypeVar("StateT", bound=Hashable)
EventT = TypeVar("EventT", bound=Hashable)

LIMIT = 3_000_000
"""More states than any machine here has."""


class Broken(Exception):  # noqa: N818 -- it names what has happened to a law
    """A *law* does not hold; *why* says what was found instead."""

    def __init__(self, law: str, why: str) -> None:
        super().__init__(f"{law}: {why}")
        self.law = law
        self.why = why


class Unbounded(Exception):  # noqa: N818 -- states a condition
    """There are more states than allowed: the machine does not close, or needs a higher limit."""


def keep(law: str, held: object, why: str, *found: object) -> None:
    """Raise Broken where *law* is not *held*; what was *found* stands in the places that *why* has for it."""
    if not held:
        raise Broken(law, why.format(*found))


def as_table(table: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """*table* as a machine can hold it that is sent to another process, where a view of one cannot be."""
    return dict(table)


def _anything(_: object) -> bool:
    return True


@frozen(kw_only=True)
class Way(Generic[StateT, EventT]):
    """*law*: from every state that can be reached and is *of* it, one that it leads *to* can be, by events as *by*."""

    law: str
    of: Callable[[StateT], bool]
    to: Callable[[StateT], bool]
    by: Callable[[EventT], bool] = _anything


class Machine(ABC, Generic[StateT, EventT]):
    """What is explored.  States and events are hashable; two states that are equal have the same future."""

    @abstractmethod
    def starts(self) -> Iterable[StateT]:
        """Where it may start."""

    @abstractmethod
    def events(self, state: StateT) -> Iterable[EventT]:
        """What may happen in *state*."""

    @abstractmethod
    def after(self, state: StateT, event: EventT) -> tuple[StateT, str]:
        """What follows, and in a word what came of it; raises Broken where that must never be."""

    def ways(self) -> Sequence[Way[StateT, EventT]]:
        """What must stay within reach."""
        return ()

    def say(self, event: EventT) -> str:
        """*event* in a story."""
        return str(event)

    def show(self, state: StateT) -> str:
        """*state* in a story."""
        return str(state)


@frozen
class Line:
    """What happened, in a word what came of it, and how things stood then."""

    event: str
    outcome: str
    state: str


@frozen
class Story:
    """How *law* is broken: from a *start*, by the fewest steps there are, and *why* that breaks it."""

    law: str
    why: str
    start: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        told = [f"Broken: {self.law}", f"     0. {self.start}"]
        for number, line in enumerate(self.lines, 1):
            told.append(f"{number:6}. {line.event}{f': {line.outcome}' if line.outcome else ''}")
            if line.state:
                told.append(f"        {line.state}")
        return "\n".join([*told, f"But {self.why}"])


@frozen(kw_only=True)
class Report:
    """What was found: how many states and steps, how many steps the farthest state is away, what came of how many."""

    states: int
    transitions: int
    depth: int
    seconds: float
    outcomes: Mapping[str, int] = field(hash=False)
    story: Story | None

    @property
    def proven(self) -> bool:
        """Whether every law holds."""
        return self.story is None


def explore(machine: Machine[StateT, EventT], *, limit: int = LIMIT) -> Report:
    """Do everything from everywhere in *machine*, until no state is new or a law is broken."""
    began = process_time()
    walk = _Walk(machine, limit)
    story = walk.all() or walk.blocked_way()
    return Report(
        states=len(walk.states),
        transitions=walk.transitions,
        depth=walk.depth,
        seconds=process_time() - began,
        outcomes=dict(walk.outcomes),
        story=story,
    )


class _Walk(Generic[StateT, EventT]):
    """One exploration: states by number in the order in which they were found, each with the one it was found from."""

    def __init__(self, machine: Machine[StateT, EventT], limit: int) -> None:
        self.machine, self.limit = machine, limit
        self.states: list[StateT] = []
        self.numbers: dict[StateT, int] = {}
        self.parents = array("q")
        self.ways = machine.ways()
        self.edges = [(array("q"), array("q")) for _ in self.ways]
        self.outcomes = Counter[str]()
        self.transitions = 0
        self.depth = 0

    def all(self) -> Story | None:
        """Walk until nothing is new, or to the first broken law."""
        for start in self.machine.starts():
            self.number(start, -1)
        level_ends = len(self.states)
        here = 0
        while here < len(self.states):
            if here == level_ends:
                level_ends, self.depth = len(self.states), self.depth + 1
            if (story := self.step_from(here)) is not None:
                return story
            here += 1
        return None

    def step_from(self, here: int) -> Story | None:
        """Do everything that may happen in state number *here*."""
        state = self.states[here]
        for event in self.machine.events(state):
            self.transitions += 1
            try:
                after, outcome = self.machine.after(state, event)
            except Broken as broken:
                return self.story(here, broken, event)
            self.outcomes[outcome] += 1
            there = self.number(after, here)
            for way, (sources, targets) in zip(self.ways, self.edges, strict=True):
                if way.by(event):
                    sources.append(here)
                    targets.append(there)
        return None

    def number(self, state: StateT, parent: int) -> int:
        """The number of *state*, a new one where it has none."""
        found = self.numbers.setdefault(state, len(self.states))
        if found == len(self.states):
            if found == self.limit:
                msg = f"more than {self.limit:,} states"
                raise Unbounded(msg)
            self.states.append(state)
            self.parents.append(parent)
        return found

    def blocked_way(self) -> Story | None:
        """The nearest state from which a way does not lead where it should."""
        for way, (sources, targets) in zip(self.ways, self.edges, strict=True):
            led = self.leading_to(way, sources, targets)
            stuck = next((at for at, state in enumerate(self.states) if at not in led and way.of(state)), None)
            if stuck is not None:
                return self.story(stuck, Broken(way.law, "from here nothing leads there"))
        return None

    def leading_to(self, way: Way[StateT, EventT], sources: "array[int]", targets: "array[int]") -> set[int]:
        """The states from which something leads where *way* does."""
        before: dict[int, list[int]] = {}
        for source, target in zip(sources, targets, strict=True):
            before.setdefault(target, []).append(source)
        todo = [at for at, state in enumerate(self.states) if way.to(state)]
        led = set(todo)
        while todo:
            new = [source for source in before.get(todo.pop(), ()) if source not in led]
            led.update(new)
            todo.extend(new)
        return led

    def story(self, last: int, broken: Broken, event: EventT | None = None) -> Story:
        """How one comes to state number *last*, and to the *event* in it that breaks a law, if one does."""
        path = [last]
        while self.parents[path[-1]] >= 0:
            path.append(self.parents[path[-1]])
        path.reverse()
        lines = [self.line(self.states[one], self.states[other]) for one, other in pairwise(path)]
        if event is not None:
            lines.append(Line(self.machine.say(event), "", ""))
        return Story(broken.law, broken.why, self.machine.show(self.states[path[0]]), tuple(lines))

    def line(self, before: StateT, after: StateT) -> Line:
        """The step that leads from one state to the other."""
        for event in self.machine.events(before):
            found, outcome = self.machine.after(before, event)
            if found == after:
                return Line(self.machine.say(event), outcome, self.machine.show(after))
        msg = "a machine that does the same another time does something else"
        raise AssertionError(msg)
