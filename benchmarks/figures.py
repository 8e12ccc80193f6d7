"""Figures: a measured ratio beside the bound it must keep, and how two things are timed in one run.

Every figure is a ratio of two things that took turns in one run, so that a noisy machine slows both alike.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from attrs import field, frozen

Work = Callable[[], object]


@frozen(kw_only=True)
class Figure:
    """*ratio* is kept where it is at most *bound* (or at least, where *at_least*); no *bound*: for information."""

    name: str
    ratio: float
    bound: float | None = None
    at_least: bool = False
    details: Mapping[str, float | int | str] = field(factory=dict[str, float | int | str])

    @property
    def kept(self) -> bool:
        """Whether the bound is kept."""
        if self.bound is None:
            return True
        return self.ratio >= self.bound if self.at_least else self.ratio <= self.bound

    def line(self) -> str:
        """The figure as a line of the table."""
        sign = "≥" if self.at_least else "≤"
        bound = "" if self.bound is None else f"{sign} {self.bound:g}"
        verdict = "" if self.bound is None else ("kept" if self.kept else "MISSED")
        more = "  ".join(
            f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in self.details.items()
        )
        return f"{self.name:<58} {self.ratio:>8.3f}  {bound:<8} {verdict:<7} {more}".rstrip()


def taking_turns(*works: Work, rounds: int) -> Sequence[float]:
    """The median seconds of each of *works*, which take turns *rounds* times."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, spent in zip(works, times, strict=True):
            start = perf_counter()
            work()
            spent.append(perf_counter() - start)
    return [median(spent) for spent in times]


def write_json(figures: Iterable[Figure], path: Path) -> None:
    """Write *figures* to *path*."""
    rows = [
        {
            "name": one.name,
            "ratio": one.ratio,
            "bound": one.bound,
            "at_least": one.at_least,
            "kept": one.kept,
            **one.details,
        }
        for one in figures
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
