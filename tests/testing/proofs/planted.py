"""Planted: what a proof is tried on: a policy with a fault, or a machine in which something never happens."""

from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

from attrs import frozen

from janetbank.testing.explore import Machine, Story, Way, explore
from janetbank.testing.proofs import MachineOfProfile


@frozen
class Without(Machine[Any, Any]):
    """*whole*, in which no event that is *missing* ever happens."""

    whole: MachineOfProfile
    missing: Callable[[Any], bool]

    def starts(self) -> Iterable[Any]:
        """As the whole one's."""
        return self.whole.starts()

    def events(self, state: Any) -> Iterable[Any]:  # noqa: ANN401 -- of whatever machine
        """All but those."""
        return (event for event in self.whole.events(state) if not self.missing(event))

    def after(self, state: Any, event: Any) -> tuple[Any, str]:  # noqa: ANN401 -- of whatever machine
        """As in the whole one."""
        return self.whole.after(state, event)

    def ways(self) -> Sequence[Way[Any, Any]]:
        """As the whole one's."""
        return self.whole.ways()

    def say(self, event: Any) -> str:  # noqa: ANN401 -- of whatever machine
        """As in the whole one."""
        return self.whole.say(event)

    def show(self, state: Any) -> str:  # noqa: ANN401 -- of whatever machine
        """As in the whole one."""
        return self.whole.show(state)


def never(whole: MachineOfProfile, *events: object) -> Without:
    """*whole*, in which none of these *events* ever happens."""
    return Without(whole, lambda event: any(event is one for one in events))


def story_of(machine: MachineOfProfile) -> Story:
    """The story that *machine* ends in; it must end in one that can be read."""
    story = explore(machine).story
    assert story is not None, "the fault was not found"
    assert story.start
    assert all(line.event for line in story.lines)
    told = str(story)
    assert told.startswith(f"Broken: {story.law}\n")
    assert told.endswith(f"But {story.why}")
    return story


def laws(module: ModuleType) -> set[str]:
    """The laws that *module* names: its upper-case sentences."""
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str) and " " in value}
