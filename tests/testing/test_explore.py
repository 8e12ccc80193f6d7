"""The explorer, on machines so small that everything about them is known."""

from collections.abc import Iterable, Sequence

import pytest
from attrs import frozen

from janetbank.testing.explore import Broken, Line, Machine, Story, Unbounded, Way, as_table, explore, keep


@frozen
class Counter(Machine[int, str]):
    """Counts up to *top*, and down again; a number above *most* is a broken law."""

    top: int = 3
    most: int = 99
    down: bool = True
    law: str = "not too many"

    def starts(self) -> Iterable[int]:
        """Nothing."""
        return [0]

    def events(self, state: int) -> Iterable[str]:
        """Up and down, as far as it goes."""
        return [*(["up"] if state < self.top else []), *(["down"] if self.down and state else []), "stay"]

    def after(self, state: int, event: str) -> tuple[int, str]:
        """The number, and whether it changed."""
        after = state + {"up": 1, "down": -1, "stay": 0}[event]
        keep(self.law, after <= self.most, "it is {}, {} are allowed", after, self.most)
        return after, "same" if after == state else "other"

    def ways(self) -> Sequence[Way[int, str]]:
        """Back to nothing, going down alone."""
        return [Way(law="back", of=lambda number: number > 1, to=lambda number: number == 0, by="down".__eq__)]

    def show(self, state: int) -> str:
        """The number."""
        return f"at {state}"


def test_everything_is_counted() -> None:
    """States, steps, the distance of the farthest state and what came of how many are those of the machine."""
    report = explore(Counter())
    assert report.proven
    assert (report.states, report.transitions, report.depth) == (4, 10, 3)
    assert report.outcomes == {"same": 4, "other": 6}
    assert report.seconds >= 0


def test_a_broken_law_is_told_by_the_fewest_steps() -> None:
    """A story begins at a start, names every event with what came of it, and ends with the one that breaks the law."""
    report = explore(Counter(most=1))
    assert not report.proven
    assert report.story == Story(
        law="not too many",
        why="it is 2, 1 are allowed",
        start="at 0",
        lines=(Line("up", "other", "at 1"), Line("up", "", "")),
    )
    assert str(report.story) == (
        "Broken: not too many\n     0. at 0\n     1. up: other\n        at 1\n     2. up\nBut it is 2, 1 are allowed"
    )


def test_a_law_broken_at_once_is_a_story_of_one_step() -> None:
    """Where the first event breaks a law, nothing comes before it."""
    story = explore(Counter(most=0)).story
    assert story is not None
    assert [line.event for line in story.lines] == ["up"]


def test_a_way_that_does_not_lead_there_is_told() -> None:
    """The nearest state from which a way does not lead where it should is the end of the story."""
    story = explore(Counter(down=False)).story
    assert story == Story(
        law="back",
        why="from here nothing leads there",
        start="at 0",
        lines=(Line("up", "other", "at 1"), Line("up", "other", "at 2")),
    )


def test_a_way_is_gone_by_its_own_events_alone() -> None:
    """What other events would lead to does not count: a ring leads back, but not by going down."""

    @frozen
    class Ring(Counter):
        def after(self, state: int, event: str) -> tuple[int, str]:
            return (0, "round") if (state, event) == (self.top, "stay") else super().after(state, event)

    story = explore(Ring(down=False)).story
    assert story is not None
    assert story.law == "back"


def test_a_way_says_nothing_of_other_states() -> None:
    """Where no state is of the kind, a way holds."""
    assert explore(Counter(top=1, down=False)).proven


def test_a_broken_law_comes_before_a_blocked_way() -> None:
    """A step that must not be is told first, however far it is."""
    story = explore(Counter(down=False, most=2)).story
    assert story is not None
    assert story.law == "not too many"


def test_a_machine_that_does_not_close_is_given_up() -> None:
    """More states than allowed are an error of its own; as many as allowed are not."""
    assert explore(Counter(top=9), limit=10).states == 10
    with pytest.raises(Unbounded, match="more than 9 states"):
        explore(Counter(top=9), limit=9)


def test_every_start_is_explored() -> None:
    """A machine may start in several states, one of them twice."""

    @frozen
    class Anywhere(Counter):
        def starts(self) -> Iterable[int]:
            return [3, 0, 3]

    report = explore(Anywhere(down=False, top=5, law="x"))
    assert report.states == 6
    assert report.story is not None
    assert report.story.start == "at 3"


def test_a_machine_speaks_for_itself() -> None:
    """Events and states that have no words of their own are told as they are; no way is asked for."""

    @frozen
    class Plain(Machine[int, int]):
        def starts(self) -> Iterable[int]:
            return [7]

        def events(self, state: int) -> Iterable[int]:
            return [state - 1]

        def after(self, state: int, event: int) -> tuple[int, str]:
            keep("positive", state + event > 0, "it is over")
            return event, ""

    assert str(explore(Plain()).story).splitlines()[:4] == [
        "Broken: positive",
        "     0. 7",
        "     1. 6",
        "        6",
    ]


@frozen
class Fickle(Machine[int, str]):
    """Does something else each time."""

    times: list[int]

    def starts(self) -> Iterable[int]:
        """Nothing."""
        return [0]

    def events(self, state: int) -> Iterable[str]:
        """One thing."""
        del state
        return ["on"]

    def after(self, state: int, event: str) -> tuple[int, str]:
        """A number that never comes again; the second one is broken."""
        self.times.append(state)
        keep("law", len(self.times) != 2, event)
        return len(self.times), ""


def test_a_machine_that_cannot_be_repeated_is_found_out() -> None:
    """No story is told that did not happen."""
    with pytest.raises(AssertionError, match="another time"):
        explore(Fickle([]))


def test_what_is_kept_says_what_was_found() -> None:
    """`keep` raises the law with what was found in its places, and nothing where the law holds."""
    keep("law", ["anything"], "never read: {}")
    with pytest.raises(Broken, match="law: 1 of 2") as broken:
        keep("law", None, "{} of {}", 1, 2)
    assert (broken.value.law, broken.value.why) == ("law", "1 of 2")


def test_a_table_is_copied() -> None:
    """A machine's table is one that can be sent to another process, and equal to the one it was made of."""
    from types import MappingProxyType

    table = as_table(MappingProxyType({1: 2}))
    assert type(table) is dict
    assert table == {1: 2}
