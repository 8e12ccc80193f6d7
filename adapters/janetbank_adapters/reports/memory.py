"""Reports in memory: for tests, and to look at what a night would write.

Shape:  `written[head]` is what was written, line by line; `times[head]` how often.
Errors: Unavailable while `reachable` is False.
Source: ports/reports.py.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from janetbank.model.acceptance import Acceptance
from janetbank.ports.failures import Unavailable
from janetbank.ports.reports import ReportHead


class MemoryReports:
    """See the module."""

    def __init__(self) -> None:
        self.reachable = True
        """Set it to False, and nothing can be written."""
        self.written: dict[ReportHead, Sequence[Acceptance]] = {}
        self.times = Counter[ReportHead]()

    def write(self, head: ReportHead, lines: Iterable[Acceptance]) -> None:
        """Keep the report, in the place of an earlier one."""
        if not self.reachable:
            msg = "nothing can be written"
            raise Unavailable(msg)
        self.written[head] = list(lines)
        self.times[head] += 1
