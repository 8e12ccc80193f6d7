"""Chart, Grid and Sheet: what a diagram shows, before it is anybody's syntax.

A chart is a machine: states in the order in which one usually meets them, and what leads from one to another.  A grid
is a table of what is refused when, a sheet is several charts.

Shape:  frozen; `Chart.labels` joins what leads from one state to the same other one.
Errors: ValueError for an arrow whose end is no state of the chart, and for two states of one name on a sheet.
Source: STYLE "diagrams are drawn from the table"; TRAPS "the diagram is drawn by hand and drifts".
"""

from collections.abc import Mapping
from enum import Enum

from attrs import frozen

from janetbank_adapters.cli.text import Text


class Tone(Enum):
    """What a state means for whoever is in it."""

    PLAIN = "plain"
    OPEN = "open"
    WAIT = "wait"
    STOP = "stop"
    END = "end"


INK = "#1f2937"
COLOURS: Mapping[Tone, tuple[str, str]] = {
    Tone.PLAIN: ("#f1f5f9", "#64748b"),
    Tone.OPEN: ("#e7f6ec", "#2f855a"),
    Tone.WAIT: ("#fef4d8", "#b7791f"),
    Tone.STOP: ("#fde8e8", "#c53030"),
    Tone.END: ("#e6effa", "#2b6cb0"),
}
"""Ground and edge of a box of each tone; dark ink is legible on all of them."""


@frozen
class State:
    """A box: its *name* for programs, its *label*, a smaller line below, and its tone."""

    name: str
    label: Text
    below: Text | None = None
    tone: Tone = Tone.PLAIN


@frozen
class Arrow:
    """*label* leads from *source* to *target*, each the name of a state; the same where nothing changes."""

    source: str
    target: str
    label: Text


@frozen(kw_only=True)
class Chart:
    """A machine.  The first state is where it starts; *notes* are what arrows do not say."""

    title: Text
    states: tuple[State, ...]
    arrows: tuple[Arrow, ...]
    notes: tuple[Text, ...] = ()

    def __attrs_post_init__(self) -> None:
        names = {state.name for state in self.states}
        if strange := {end for arrow in self.arrows for end in (arrow.source, arrow.target)} - names:
            msg = f"no such state: {', '.join(sorted(strange))}"
            raise ValueError(msg)

    def labels(self) -> dict[tuple[str, str], list[Text]]:
        """What leads from which state to which, in the order of the arrows."""
        found: dict[tuple[str, str], list[Text]] = {}
        for arrow in self.arrows:
            found.setdefault((arrow.source, arrow.target), []).append(arrow.label)
        return found


@frozen(kw_only=True)
class Grid:
    """Which row is refused in which column; all others are allowed there."""

    title: Text
    rows: tuple[tuple[str, Text], ...]
    columns: tuple[tuple[str, Text], ...]
    refused: frozenset[tuple[str, str]]
    notes: tuple[Text, ...] = ()


@frozen(kw_only=True)
class Sheet:
    """Charts that have nothing to do with one another, side by side; no two of them have a state of one name."""

    title: Text
    charts: tuple[Chart, ...]
    notes: tuple[Text, ...] = ()

    def __attrs_post_init__(self) -> None:
        names = [state.name for chart in self.charts for state in chart.states]
        if len(set(names)) < len(names):
            msg = "two charts of a sheet have a state of one name"
            raise ValueError(msg)


Diagram = Chart | Grid | Sheet
