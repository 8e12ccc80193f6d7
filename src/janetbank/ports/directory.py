"""Directory: which prefectures and institutions there are, and the terms of each.

Source: PRF-01 (JA is a federation), ENR-02, LGN-01.
"""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from janetbank.values.identifiers import InstitutionId


@frozen
class Terms:
    """Terms of use (利用規定) of an institution: which, and in which version."""

    id: str
    version: str


@frozen(kw_only=True)
class Institution:
    """One JA or bank: its code, name and prefecture, the terms one agrees to, and its branches by code."""

    id: InstitutionId
    name: str
    prefecture: str
    terms: Terms


class Directory(Protocol):
    """Looks institutions up."""

    def prefectures(self) -> Sequence[str]:
        """The prefectures that have an institution, in the customary order."""
        ...

    def institutions(self, prefecture: str) -> Sequence[Institution]:
        """The institutions of *prefecture*, by code; none where there is no such prefecture."""
        ...

    def institution(self, institution: InstitutionId) -> Institution | None:
        """The institution with this code, or None."""
        ...

    def branch_name(self, institution: InstitutionId, branch: str) -> str | None:
        """The name of a branch by its 3-digit code, or None."""
        ...
