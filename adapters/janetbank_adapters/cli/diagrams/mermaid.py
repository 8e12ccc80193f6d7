"""A diagram in the words of Mermaid, which many places that show Markdown draw.

A chart becomes a state diagram, and so do the charts of a sheet, all in one.  Mermaid has no grid, so a grid becomes a
flow chart: rows and columns that are alike share a box, and an arrow leads from what refuses to what it refuses.

Shape:  `draw(diagram, lang)` gives the text, one statement a line; the same diagram always gives the same text.
Source: Mermaid's syntax of `stateDiagram-v2` and `flowchart`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from janetbank.messages import Language
from janetbank_adapters.cli.diagrams.chart import COLOURS, INK, Chart, Diagram, Grid, Sheet, Tone
from janetbank_adapters.cli.text import Text

_FORBIDDEN = str.maketrans({":": "：", ";": "；", "#": "＃", '"': "”"})
"""Mermaid ends a label at the first two and reads an entity after the third."""


def draw(diagram: Diagram, lang: Language) -> str:
    """*diagram* with its texts in *lang*."""
    return "\n".join(_statements(diagram, lang)) + "\n"


def _statements(diagram: Diagram, lang: Language) -> Iterator[str]:
    match diagram:
        case Chart():
            return _charts([diagram], lang)
        case Grid():
            return _grid(diagram, lang)
        case Sheet():
            return _charts(diagram.charts, lang)


def _charts(charts: Sequence[Chart], lang: Language) -> Iterator[str]:
    yield "stateDiagram-v2"
    for chart in charts:
        yield from _chart(chart, lang)
    yield from _tones({state.name: state.tone for chart in charts for state in chart.states})


def _chart(chart: Chart, lang: Language) -> Iterator[str]:
    for state in chart.states:
        said = [state.label, *([state.below] if state.below else [])]
        yield f'    state "{_lines(said, lang)}" as {state.name}'
    yield f"    [*] --> {chart.states[0].name}"
    for (source, target), labels in chart.labels().items():
        for label in labels:
            yield f"    {source} --> {target} : {_safe(label, lang)}"


def _grid(grid: Grid, lang: Language) -> Iterator[str]:
    columns = _alike(grid.columns, lambda row, column: (row, column) in grid.refused, dict(grid.rows))
    rows = _alike(grid.rows, lambda column, row: (row, column) in grid.refused, dict(grid.columns))
    said = dict((*grid.columns, *grid.rows))
    yield "flowchart LR"
    for kind, groups in (("column", columns), ("row", rows)):
        for at, group in enumerate(groups):
            yield f'    {kind}_{at}["{_lines((said[one] for one in group), lang)}"]'
    names: dict[str, Tone] = {}
    for across, column in enumerate(columns):
        for down, row in enumerate(rows):
            if (row[0], column[0]) in grid.refused:
                yield f"    column_{across} --x row_{down}"
                names |= {f"column_{across}": Tone.STOP, f"row_{down}": Tone.STOP}
    names |= {f"row_{down}": Tone.OPEN for down, _ in enumerate(rows) if f"row_{down}" not in names}
    yield from _tones(names)


def _alike(
    labels: Iterable[tuple[str, Text]], refused: Callable[[str, str], bool], others: Iterable[str]
) -> list[list[str]]:
    """The names of *labels*, those together that are refused with the same *others*, in their order."""
    groups: dict[tuple[bool, ...], list[str]] = {}
    for name, _ in labels:
        groups.setdefault(tuple(refused(other, name) for other in others), []).append(name)
    return list(groups.values())


def _tones(tones: Mapping[str, Tone]) -> Iterator[str]:
    for tone in Tone:
        if names := [name for name, one in tones.items() if one is tone]:
            fill, edge = COLOURS[tone]
            yield f"    classDef {tone.value}_tone fill:{fill},stroke:{edge},color:{INK}"
            yield f"    class {','.join(names)} {tone.value}_tone"


def _lines(texts: Iterable[Text], lang: Language) -> str:
    return "<br/>".join(_safe(text, lang) for text in texts)


def _safe(text: Text, lang: Language) -> str:
    return text.said(lang).translate(_FORBIDDEN)
