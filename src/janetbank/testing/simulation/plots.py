"""Plots: a simulation as a page of pictures, in SVG that needs nothing but a browser.

Shape:  `write_plots(report, folder)` writes one .svg for each picture and a page, index.html, that shows them all.
Errors: OSError where the folder cannot be written.
Source: issue 7, part 2.
"""

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from pathlib import Path

from janetbank.testing.simulation.run import Report

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720, 240, 56, 34, 34
_HOUR = timedelta(hours=1)
_WAITS = (1, 2, 6, 12, 24, 48, 96)
"""Where the classes of a wait end, in hours."""
_PICTURES = (
    ("lockouts", "Lockouts of customers, by day"),
    ("blocks", "Blocks of customers, by day"),
    ("evaluated", "Guesses evaluated, right and wrong, by day"),
)


def write_plots(report: Report, folder: Path) -> Path:
    """Write the pictures of *report* into *folder*, which is made where it is not there: the page."""
    folder.mkdir(parents=True, exist_ok=True)
    days = sorted(report.days)
    labels = [f"{day:%m-%d}" for day in days]
    pictures = {name: bars(title, labels, [report.days[day].get(name, 0) for day in days]) for name, title in _PICTURES}
    pictures["back"] = bars("Honest customers, by the hours until they were let in again", *_waits(report.back))
    for name, svg in pictures.items():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    page = folder / "index.html"
    page.write_text(_page(report, list(pictures)), encoding="utf-8")
    return page


def bars(title: str, labels: Sequence[str], values: Sequence[int]) -> str:
    """A bar for each of *values* (>= 0), under *title*; of the *labels* as many as there is room for."""
    most, high = max([1, *values]), _HEIGHT - _TOP - _BOTTOM
    wide = (_WIDTH - _LEFT) / max(len(values), 1)
    every = max(1, len(labels) // 12)
    drawn: list[str] = []
    for at, (label, value) in enumerate(zip(labels, values, strict=True)):
        left, tall = _LEFT + at * wide, high * value / most
        drawn.append(
            f'<rect x="{left:.1f}" y="{_TOP + high - tall:.1f}" width="{max(wide - 1, 0.5):.1f}" height="{tall:.1f}">'
            f"<title>{escape(label)}: {value}</title></rect>"
        )
        if at % every == 0:
            drawn.append(
                f'<text x="{left + wide / 2:.1f}" y="{_HEIGHT - 14}" text-anchor="middle">{escape(label)}</text>'
            )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
            "<style>text{font:11px sans-serif;fill:#444}rect{fill:#3a6ea5}line{stroke:#999}</style>",
            f'<text x="{_LEFT}" y="18" style="font-size:14px">{escape(title)}</text>',
            f'<line x1="{_LEFT}" y1="{_TOP + high}" x2="{_WIDTH}" y2="{_TOP + high}"/>',
            f'<text x="{_LEFT - 6}" y="{_TOP + 10}" text-anchor="end">{most}</text>',
            f'<text x="{_LEFT - 6}" y="{_TOP + high}" text-anchor="end">0</text>',
            *drawn,
            "</svg>\n",
        ]
    )


def _waits(back: Sequence[timedelta]) -> tuple[list[str], list[int]]:
    """The waits by their classes."""
    edges = (0, *_WAITS)
    labels = [f"{low}-{high} h" for low, high in zip(edges, _WAITS, strict=False)] + [f"> {_WAITS[-1]} h"]
    counts = [0] * len(labels)
    for wait in back:
        counts[sum(wait >= high * _HOUR for high in _WAITS)] += 1
    return labels, counts


def _page(report: Report, names: Sequence[str]) -> str:
    plan = report.plan
    head = f"{plan.customers} customers, {plan.days} days, seed {plan.seed}{', with faults' if plan.faults else ''}"
    return "\n".join(
        [
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>janetbank simulate</title>',
            f"<h1>{escape(head)}</h1>",
            f"<p>{report.steps} steps; history <code>{report.digest}</code></p>",
            *(f'<p><img src="{name}.svg" alt="{name}" width="{_WIDTH}"></p>' for name in names),
            "</html>\n",
        ]
    )
