"""The peers as a picture, in SVG that needs nothing but a browser.

Shape:  `drawn(panels)`: a panel under another, a bar for each peer; no bar where there is no such figure.
"""

from collections.abc import Sequence
from html import escape

from attrs import frozen

_STYLE = "text{font:12px sans-serif;fill:#444}.t{font-size:14px}.b{fill:#9aa7b4}.o{fill:#3a6ea5}line{stroke:#c33}"
_WIDTH, _LEFT, _RIGHT, _ROW, _HEAD = 760, 210, 150, 22, 40


@frozen
class Bar:
    """*value* (None: there is none) of the peer *name*; *said* beside it."""

    name: str
    value: float | None
    said: str


@frozen
class Panel:
    """*bars* under a *title*; *limit*: a line that no bar should cross."""

    title: str
    bars: Sequence[Bar]
    limit: float | None = None


def drawn(panels: Sequence[Panel]) -> str:
    """All panels."""
    parts: list[str] = []
    top = 0
    for panel in panels:
        parts += _panel(panel, top)
        top += _HEAD + _ROW * len(panel.bars)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + 10}" role="img">',
            f"<style>{_STYLE}</style>",
            f'<rect width="{_WIDTH}" height="{top + 10}" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _panel(panel: Panel, top: int) -> list[str]:
    wide = _WIDTH - _LEFT - _RIGHT
    most = max([bar.value for bar in panel.bars if bar.value is not None], default=1) or 1
    parts = [f'<text class="t" x="10" y="{top + 26}">{escape(panel.title)}</text>']
    for number, bar in enumerate(panel.bars):
        y = top + _HEAD + number * _ROW
        long = 0.0 if bar.value is None else max(1.0, wide * bar.value / most)
        kind = "o" if bar.name == "janetbank" else "b"
        parts += [
            f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(bar.name)}</text>',
            f'<rect class="{kind}" x="{_LEFT}" y="{y + 2}" width="{long:.1f}" height="{_ROW - 7}"/>',
            f'<text x="{_LEFT + long + 6:.1f}" y="{y + 13}">{escape(bar.said)}</text>',
        ]
    if panel.limit is not None:
        x, low = _LEFT + wide * panel.limit / most, top + _HEAD + _ROW * len(panel.bars)
        parts.append(f'<line x1="{x:.1f}" y1="{top + _HEAD - 4}" x2="{x:.1f}" y2="{low}"/>')
    return parts
