"""A diagram as SVG: one self-contained file, legible on any ground, in whatever fonts there are.

Shape:  `draw(diagram, lang)` gives the text of the file; the same diagram always gives the same text.
Source: SVG 1.1; the shapes are found by `janetbank_adapters.cli.diagrams.layout`.
"""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from janetbank.messages import Language
from janetbank_adapters.cli.diagrams.chart import COLOURS, INK, Chart, Diagram, Grid, Sheet, Tone
from janetbank_adapters.cli.diagrams.layout import FONT, LINE, SMALL, Box, Label, Layout, Line, Point, lay_out
from janetbank_adapters.cli.diagrams.measure import width
from janetbank_adapters.cli.text import Text

_MARGIN = 32.0
_TITLE = 18.0
_CORNER = 8.0
_WIDEST = 1_200.0
"""A row of charts: what fits on a screen."""
_FONTS = "'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic','Meiryo',system-ui,sans-serif"
_QUIET, _PAPER, _RULE = "#4b5563", "#ffffff", "#cbd5e1"

_HEAD = (
    '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    f'<path d="M0 0L10 5L0 10z" fill="{_QUIET}"/></marker>'
)


def draw(diagram: Diagram, lang: Language) -> str:
    """*diagram* with its texts in *lang*."""
    match diagram:
        case Chart():
            return _chart(diagram, lang)
        case Grid():
            return _grid(diagram, lang)
        case Sheet():
            return _sheet(diagram, lang)


def _chart(chart: Chart, lang: Language) -> str:
    there = lay_out(chart, lang)
    return _file(chart.title, chart.notes, lang, _drawn(there, lang), (there.left, there.right, there.height))


def _drawn(there: Layout, lang: Language) -> list[str]:
    return [
        *(_line(line) for line in there.lines),
        *(piece for box in there.boxes for piece in _box(box, lang)),
        *(piece for label in there.labels for piece in _label(label)),
    ]


def _sheet(sheet: Sheet, lang: Language) -> str:
    """The charts in rows, each as far from the next as from the edge."""
    body: list[str] = []
    across, down, tall, wide = 0.0, 0.0, 0.0, 0.0
    for chart in sheet.charts:
        there = lay_out(chart, lang)
        room = there.right - there.left
        if across and across + room > _WIDEST:
            across, down, tall = 0.0, down + tall + 2 * _MARGIN, 0.0
        body.append(f'<g transform="translate({_n(across - there.left)} {_n(down)})">')
        body += [*_drawn(there, lang), "</g>"]
        wide, tall = max(wide, across + room), max(tall, there.height)
        across += room + 2 * _MARGIN
    return _file(sheet.title, sheet.notes, lang, body, (0.0, wide, down + tall))


def _file(
    title: Text, notes: Sequence[Text], lang: Language, body: Sequence[str], extent: tuple[float, float, float]
) -> str:
    """The file: title above, *body* within its *extent* (left, right, height) in the middle, notes below."""
    left, right, height = extent
    said = [note.said(lang) for note in notes]
    room = max(right - left, width(title.said(lang), _TITLE), *(width(note, SMALL) for note in said), 0.0)
    top = _MARGIN + _TITLE + 28
    whole = room + 2 * _MARGIN
    below = top + height + 32
    tall = below + LINE * len(said) + (_MARGIN - 8 if said else 0)
    shift = _MARGIN + (room - (right - left)) / 2 - left
    size = f'viewBox="0 0 {_n(whole)} {_n(tall)}" width="{_n(whole)}" height="{_n(tall)}"'
    look = f'font-family="{_FONTS}" font-size="{_n(SMALL)}" fill="{INK}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" lang="{lang}" {look}>',
        f"<title>{escape(title.said(lang))}</title>",
        f"<defs>{_HEAD}</defs>",
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>',
        _text(_MARGIN, _MARGIN + _TITLE / 2, title.said(lang), anchor="start", size=_TITLE, weight=600),
        f'<g transform="translate({_n(shift)} {_n(top)})">',
        *body,
        "</g>",
        *(_text(_MARGIN, below + LINE * at, note, anchor="start", fill=_QUIET) for at, note in enumerate(said)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _box(box: Box, lang: Language) -> Iterator[str]:
    fill, edge = COLOURS[box.state.tone]
    yield (
        f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}" rx="{_n(_CORNER)}"'
        f' fill="{fill}" stroke="{edge}" stroke-width="1.5"/>'
    )
    middle = box.y + box.height / 2
    label = middle - (LINE / 2 if box.state.below else 0)
    yield _text(box.middle, label, box.state.label.said(lang), size=FONT, weight=600)
    if box.state.below:
        yield _text(box.middle, middle + LINE / 2, box.state.below.said(lang), fill=_QUIET)


def _line(line: Line) -> str:
    head = ' marker-end="url(#head)"' if line.head else ""
    return f'<path d="{_path(line.points)}" fill="none" stroke="{_QUIET}" stroke-width="1.4"{head}/>'


def _path(points: Sequence[Point]) -> str:
    """The way through *points*, its corners rounded."""
    way = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        come, go = _towards(here, before), _towards(here, after)
        way.append(f"L{_n(come[0])} {_n(come[1])}Q{_n(here[0])} {_n(here[1])} {_n(go[0])} {_n(go[1])}")
    way.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(way)


def _towards(corner: Point, other: Point) -> Point:
    """The point a corner's radius (or half the way) from *corner* to *other*."""
    across, down = other[0] - corner[0], other[1] - corner[1]
    far = abs(across) + abs(down)
    part = min(_CORNER, far / 2) / far if far else 0.0
    return (corner[0] + across * part, corner[1] + down * part)


def _label(label: Label) -> Iterator[str]:
    for at, line in enumerate(label.lines):
        y = label.top + LINE * (at + 0.5)
        yield _text(label.x, y, line, anchor=label.anchor)


def _text(
    x: float, y: float, said: str, *, anchor: str = "middle", size: float = SMALL, weight: int = 400, fill: str = INK
) -> str:
    # The baseline is a third of the size below the middle: `dominant-baseline` is not drawn alike everywhere.
    return (
        f'<text x="{_n(x)}" y="{_n(y + size * 0.36)}" text-anchor="{anchor}" font-size="{_n(size)}"'
        f' font-weight="{weight}" fill="{fill}">{escape(said)}</text>'
    )


def _grid(grid: Grid, lang: Language) -> str:
    head = max(width(label.said(lang), FONT) for _, label in grid.rows) + 24
    cell = max(max(width(label.said(lang), SMALL) for _, label in grid.columns) + 24, 64.0)
    row, top = 38.0, 40.0
    whole, tall = head + cell * len(grid.columns), top + row * len(grid.rows)
    body: list[str] = []
    for at, (_, label) in enumerate(grid.columns):
        body.append(_text(head + cell * (at + 0.5), top / 2, label.said(lang), weight=600))
    for down, (row_name, label) in enumerate(grid.rows):
        y = top + row * down
        body.append(f'<line x1="0" y1="{_n(y)}" x2="{_n(whole)}" y2="{_n(y)}" stroke="{_RULE}"/>')
        body.append(_text(0, y + row / 2, label.said(lang), anchor="start", size=FONT))
        for across, (column, _) in enumerate(grid.columns):
            middle = (head + cell * (across + 0.5), y + row / 2)
            body.append(_mark(middle, refused=(row_name, column) in grid.refused))
    body.append(f'<line x1="0" y1="{_n(tall)}" x2="{_n(whole)}" y2="{_n(tall)}" stroke="{_RULE}"/>')
    return _file(grid.title, grid.notes, lang, body, (0.0, whole, tall))


def _mark(middle: Point, *, refused: bool) -> str:
    """A red cross where it is refused, a green ring where it is not: told apart without colours too."""
    x, y = middle
    fill, edge = COLOURS[Tone.STOP if refused else Tone.OPEN]
    if not refused:
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="6" fill="none" stroke="{edge}" stroke-width="2"/>'
    cross = f"M{_n(x - 5)} {_n(y - 5)}l10 10m0 -10l-10 10"
    return (
        f'<rect x="{_n(x - 13)}" y="{_n(y - 13)}" width="26" height="26" rx="6" fill="{fill}"/>'
        f'<path d="{cross}" stroke="{edge}" stroke-width="2.2" stroke-linecap="round" fill="none"/>'
    )


def _n(number: float) -> str:
    return f"{round(number, 1):g}"
