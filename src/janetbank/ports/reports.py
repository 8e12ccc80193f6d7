"""Reports: where the acceptance reports (申込受付票) of a day go, one for each branch.

Why: what a branch reads is made at night, may be made again after a crash, and is long for a large branch.  So a report
is written as a whole or not at all, in the place of an earlier one of the same day and branch, from lines that come one
after the other; the same lines make the same report.

Shape:  `write(head, lines)` draws the lines while it writes.
Errors: Unavailable where it cannot be written; nothing of that report is there then.  What *lines* raises goes through.
Source: ENR-17, ACC-06, OPS-03.
"""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from attrs import frozen

from janetbank.model.acceptance import Acceptance
from janetbank.values.account import Branch
from janetbank.values.identifiers import InstitutionId


@frozen(kw_only=True)
class ReportHead:
    """Of which day, for whom; a name is empty where the directory knows none.  *title*: of the service."""

    title: str
    on: date
    institution: InstitutionId
    institution_name: str
    branch: Branch
    branch_name: str


class Reports(Protocol):
    """Writes reports."""

    def write(self, head: ReportHead, lines: Iterable[Acceptance]) -> None:
        """Write the report of *head* from *lines*."""
        ...
