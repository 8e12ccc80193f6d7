"""Layout: where the boxes of a chart stand and how its arrows run, so that none goes through a box.

States stand in layers from top to bottom, each one layer below the last state that leads to it; the first of each layer
makes up the spine, and one state at most stands beside it.  An arrow to the next layer of the spine runs straight
down.  Every other one runs in a lane beside the boxes: back on the left, onwards on the right; what leads to the same
state for the same reason shares a lane.  An arrow from a state to itself is a loop on its right.  Labels stand where no
line crosses them: in the gaps between layers, outside of their lane.

Shape:  `lay_out(chart, lang)` gives boxes, lines and labels; the same chart always gives the same.
Units:  pixels, from the top left corner.
Source: the layers and the longest path are Sugiyama's; the lanes are ours.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import define, field, frozen

from janetbank.messages import Language
from janetbank_adapters.cli.diagrams.chart import Chart, State
from janetbank_adapters.cli.diagrams.measure import width
from janetbank_adapters.cli.text import Text

FONT, SMALL = 14.0, 12.0
LINE = 18.0
_PAD_X, _PAD_Y = 18.0, 12.0
_GAP = 30.0
"""Between two layers, beside the lines of a label."""
_LANE = 26.0
"""From a box, a label or a lane to the next lane."""
_NEAR = 8.0
"""From a line to its label."""
_LOOP = 34.0
_JOIN = 16.0
"""How far a line runs along the lane that it joins."""
_CLEAR = 4.0
"""Between the ends of two lanes that stand in one column."""

Point = tuple[float, float]


@frozen(kw_only=True)
class Box:
    """A state and where it stands."""

    state: State
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Half-way from left to right."""
        return self.x + self.width / 2


@frozen
class Line:
    """The way of an arrow, with its *head* at the last point unless it runs into another line there."""

    points: tuple[Point, ...]
    head: bool = True


@frozen(kw_only=True)
class Label:
    """Lines of text, the first at the top; *x* is their middle, or their edge where they stand beside a line."""

    lines: tuple[str, ...]
    x: float
    y: float
    anchor: str

    @property
    def width(self) -> float:
        """How wide the longest line is."""
        return max(width(line, SMALL) for line in self.lines)

    @property
    def left(self) -> float:
        """Its left edge."""
        return self.x - {"start": 0.0, "middle": self.width / 2, "end": self.width}[self.anchor]

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y - len(self.lines) * LINE / 2

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + len(self.lines) * LINE / 2


@frozen(kw_only=True)
class Layout:
    """A chart, laid out; everything stands between *left* and *right*, and from 0 to *height*."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]
    left: float
    right: float
    height: float


_Key = tuple[int, str, tuple[str, ...]]


@define
class _Lane:
    """What leads from *sources* to *target* for one reason, on one *side* (-1 left, 1 right)."""

    side: int
    target: str
    lines: tuple[str, ...]
    sources: list[str] = field(factory=list[str])
    x: float = 0.0

    @property
    def key(self) -> _Key:
        """What no other lane shares."""
        return self.side, self.target, self.lines


def lay_out(chart: Chart, lang: Language) -> Layout:
    """Lay *chart* out with its texts in *lang*."""
    return _Drawing(chart, lang).layout()


class _Drawing:
    def __init__(self, chart: Chart, lang: Language) -> None:
        self._lang: Language = lang
        self._order = {state.name: at for at, state in enumerate(chart.states)}
        self._labels = {ends: self._said(texts) for ends, texts in chart.labels().items()}
        self._layer = _layers(self._order, self._labels)
        self._column = _columns(self._layer)
        self._straight = {ends: lines for ends, lines in self._labels.items() if self._is_straight(*ends)}
        self._loops = {source: lines for (source, target), lines in self._labels.items() if source == target}
        self._lanes = self._find_lanes()
        self._boxes = self._place(chart.states)
        self._ports = self._find_ports()

    def _said(self, texts: Iterable[Text]) -> tuple[str, ...]:
        return tuple(text.said(self._lang) for text in texts)

    def _is_straight(self, source: str, target: str) -> bool:
        return self._layer[target] == self._layer[source] + 1 and self._column[source] == self._column[target] == 0

    def _find_lanes(self) -> list[_Lane]:
        """The lanes, the shortest first: it will run nearest to the boxes."""
        found: dict[_Key, _Lane] = {}
        for (source, target), lines in self._labels.items():
            if source == target or (source, target) in self._straight:
                continue
            lane = _Lane(1 if self._layer[target] > self._layer[source] else -1, target, lines)
            found.setdefault(lane.key, lane).sources.append(source)
        return sorted(found.values(), key=self._span)

    def _span(self, lane: _Lane) -> int:
        return max(abs(self._layer[source] - self._layer[lane.target]) for source in lane.sources)

    def _place(self, states: Sequence[State]) -> dict[str, Box]:
        """Every box: layers below one another, columns beside one another."""
        heights = _by_key((self._layer[state.name], self._height(state)) for state in states)
        tops: dict[int, float] = {}
        y = 0.0
        for layer in sorted(heights):
            tops[layer] = y
            y += heights[layer] + self._gap(layer)
        widths = _by_key((self._column[state.name], self._width(state)) for state in states)
        lefts: dict[int, float] = {}
        x = 0.0
        for column in sorted(widths):
            lefts[column] = x
            x += widths[column] + 2 * _LANE + self._beside(column, widths[column])
        return {
            state.name: Box(
                state=state,
                x=lefts[self._column[state.name]],
                y=tops[self._layer[state.name]],
                width=widths[self._column[state.name]],
                height=heights[self._layer[state.name]],
            )
            for state in states
        }

    def _width(self, state: State) -> float:
        label = width(state.label.said(self._lang), FONT)
        return max(label, width(state.below.said(self._lang), SMALL) if state.below else 0.0) + 2 * _PAD_X

    def _height(self, state: State) -> float:
        """Room for its lines; on its right for its loop with the label, and below that for its lanes."""
        inside = 2 * _PAD_Y + LINE * (2 if state.below else 1)
        loop = self._loops.get(state.name, ())
        return max(inside, LINE * (len(loop) + len(self._on_the_right(state.name))) if loop else 0)

    def _on_the_right(self, name: str) -> list[_Lane]:
        """The lanes that leave or reach the right side of a box."""
        there = [lane for lane in self._lanes if lane.side > 0]
        return [one for one in there if name in one.sources or (name == one.target and not self._from_above(one))]

    def _gap(self, layer: int) -> float:
        """The height of the gap below *layer*: room for the tallest label in it."""
        here = [lines for (source, _), lines in self._straight.items() if self._layer[source] == layer]
        here += [lane.lines for lane in self._lanes if self._label_gap(lane) == layer]
        return _GAP + LINE * max((len(lines) for lines in here), default=0)

    def _label_gap(self, lane: _Lane) -> int:
        """Below which layer the label of *lane* stands: next to its target, where everything has come together."""
        target = self._layer[lane.target]
        return target if lane.side < 0 else target - 1

    def _beside(self, column: int, box: float) -> float:
        """How far the labels of straight arrows and loops reach out of the boxes of *column* to the right."""
        if column:
            return 0.0
        straight = [box / 2 + _NEAR + _longest(lines) for lines in self._straight.values()]
        loops = [box + _LOOP + _NEAR + _longest(lines) for lines in self._loops.values()]
        return max(0.0, *(reach - box for reach in (*straight, *loops, 0.0)))

    def layout(self) -> Layout:
        """Everything in its place."""
        lines, labels = self._straight_arrows()
        for source, said in self._loops.items():
            line, label = self._loop(self._boxes[source], said)
            lines.append(line)
            labels.append(label)
        self._place_lanes(labels)
        for lane in self._lanes:
            lines += self._lane_lines(lane)
        boxes = tuple(self._boxes.values())
        reach = [x for line in lines for x, _ in line.points]
        return Layout(
            boxes=boxes,
            lines=tuple(lines),
            labels=tuple(labels),
            left=min(*reach, *(box.x for box in boxes), *(label.left for label in labels)),
            right=max(*reach, *(box.right for box in boxes), *(label.left + label.width for label in labels)),
            height=max(box.bottom for box in boxes),
        )

    def _straight_arrows(self) -> tuple[list[Line], list[Label]]:
        lines: list[Line] = []
        labels: list[Label] = []
        for (source, target), said in self._straight.items():
            above, below = self._boxes[source], self._boxes[target]
            lines.append(Line(((above.middle, above.bottom), (below.middle, below.y))))
            middle = (above.bottom + below.y) / 2
            labels.append(Label(lines=said, x=above.middle + _NEAR, y=middle, anchor="start"))
        return lines, labels

    def _loop(self, box: Box, said: tuple[str, ...]) -> tuple[Line, Label]:
        height = box.height - LINE * len(self._on_the_right(box.state.name))
        x, upper, lower = box.right + _LOOP, box.y + height * 0.25, box.y + height * 0.75
        line = Line(((box.right, upper), (x, upper), (x, lower), (box.right, lower)))
        return line, Label(lines=said, x=x + _NEAR, y=(upper + lower) / 2, anchor="start")

    def _place_lanes(self, labels: list[Label]) -> None:
        """Each lane beside everything that stands at its height, with its label on its far side."""
        taken = [(box.y, box.bottom, box.x, box.right) for box in self._boxes.values()]
        taken += [(label.top, label.bottom, label.left, label.left + label.width) for label in labels]
        for lane in self._lanes:
            ends = [self._ports[lane.key, name] for name in (*lane.sources, lane.target)]
            top, bottom = min(ends) - _CLEAR, max(ends) + _CLEAR
            if self._from_above(lane):
                lane.x = self._boxes[lane.target].middle
            else:
                beside = [(left, right) for high, low, left, right in taken if high < bottom and top < low]
                edge = max(right for _, right in beside) if lane.side > 0 else min(left for left, _ in beside)
                lane.x = edge + lane.side * _LANE
            label = self._lane_label(lane)
            labels.append(label)
            edges = (label.left, label.left + label.width, lane.x)
            taken.append((top, bottom, min(edges), max(edges)))

    def _from_above(self, lane: _Lane) -> bool:
        """Whether the lane's target stands beside the spine, so that the arrow comes down onto it."""
        return lane.side > 0 and self._column[lane.target] > 0

    def _lane_label(self, lane: _Lane) -> Label:
        gap = self._label_gap(lane)
        above = max(box.bottom for name, box in self._boxes.items() if self._layer[name] == gap)
        below = min(box.y for name, box in self._boxes.items() if self._layer[name] == gap + 1)
        anchor = "start" if lane.side > 0 else "end"
        return Label(lines=lane.lines, x=lane.x + lane.side * _NEAR, y=(above + below) / 2, anchor=anchor)

    def _find_ports(self) -> dict[tuple[_Key, str], float]:
        """At which height each lane leaves or reaches the side of each of its boxes.

        What goes up leaves above what goes down, and of two that go the same way the nearer lane is on the inside, so
        that no two lines cross that need not.
        """
        wanted: dict[tuple[str, int], list[tuple[tuple[bool, int], _Lane]]] = {}
        found: dict[tuple[_Key, str], float] = {}
        for near, lane in enumerate(self._lanes):
            for name in (*lane.sources, lane.target):
                if name == lane.target and self._from_above(lane):
                    found[lane.key, name] = self._boxes[name].y
                    continue
                other = lane.sources[0] if name == lane.target else lane.target
                down = self._layer[other] > self._layer[name]
                wanted.setdefault((name, lane.side), []).append(((down, -near if down else near), lane))
        for (name, side), lanes in wanted.items():
            box = self._boxes[name]
            room = LINE * len(lanes) if side > 0 and name in self._loops else box.height  # a loop has what is above
            for place, (_, lane) in enumerate(sorted(lanes, key=lambda one: one[0]), start=1):
                found[lane.key, name] = box.bottom - room + room * place / (len(lanes) + 1)
        return found

    def _lane_lines(self, lane: _Lane) -> Iterator[Line]:
        """The longest way with the arrow's head; the others join it."""
        target = self._boxes[lane.target]
        reach = self._ports[lane.key, lane.target]
        heights = {source: self._ports[lane.key, source] for source in lane.sources}
        last = max(heights, key=lambda source: abs(heights[source] - reach))
        for source, leave in heights.items():
            box = self._boxes[source]
            start = (box.right if lane.side > 0 else box.x, leave)
            if source != last:
                along = _JOIN if reach > leave else -_JOIN
                yield Line((start, (lane.x, leave), (lane.x, leave + along)), head=False)
            elif self._from_above(lane):
                yield Line((start, (lane.x, leave), (lane.x, reach)))
            else:
                end = (target.right if lane.side > 0 else target.x, reach)
                yield Line((start, (lane.x, leave), (lane.x, reach), end))


def _layers(order: Mapping[str, int], ends: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The layer of each state: one below the lowest of those before it that lead to it.

    Where more than one would stand beside the spine, each has a layer to itself, or arrows would run through boxes.
    """
    onwards = [(source, target) for source, target in ends if order[source] < order[target]]
    layer = dict.fromkeys(order, 0)
    for name in order:
        for source, target in onwards:
            if target == name:
                layer[name] = max(layer[name], layer[source] + 1)
    beside = len(layer) - len(set(layer.values()))
    return layer if beside <= 1 else dict(order)


def _columns(layer: Mapping[str, int]) -> dict[str, int]:
    """The column of each state: in its layer the first stands on the spine, the next beside it."""
    counts: dict[int, int] = {}
    found: dict[str, int] = {}
    for name, at in layer.items():
        found[name] = counts.get(at, 0)
        counts[at] = found[name] + 1
    return found


def _by_key(sizes: Iterable[tuple[int, float]]) -> dict[int, float]:
    """The greatest size of each key."""
    found: dict[int, float] = {}
    for key, size in sizes:
        found[key] = max(found.get(key, 0.0), size)
    return found


def _longest(lines: Iterable[str]) -> float:
    return max(width(line, SMALL) for line in lines)


def segments(line: Line) -> Iterable[tuple[Point, Point]]:
    """The straight pieces of *line*."""
    return pairwise(line.points)
