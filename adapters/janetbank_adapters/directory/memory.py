"""A directory of the institutions that it is given.

Shape:  MemoryDirectory([Institution …], branches={institution id: {"001": "本店"}}).
Errors: ValueError for an institution that is given twice.
Source: ports/directory.py; LGN-01, ENR-02.
"""

from collections.abc import Iterable, Mapping, Sequence

from janetbank.ports.directory import Institution
from janetbank.values.identifiers import InstitutionId
from janetbank_adapters.directory.prefectures import in_customary_order


class MemoryDirectory:
    """See the module."""

    def __init__(
        self,
        institutions: Iterable[Institution],
        branches: Mapping[InstitutionId, Mapping[str, str]] | None = None,
    ) -> None:
        self._institutions: dict[InstitutionId, Institution] = {}
        for institution in institutions:
            if institution.id in self._institutions:
                msg = f"the institution {institution.id} is given twice"
                raise ValueError(msg)
            self._institutions[institution.id] = institution
        self._branches = dict(branches or {})

    def prefectures(self) -> Sequence[str]:
        """The prefectures that have an institution, from north to south as the standard numbers them."""
        return in_customary_order({institution.prefecture for institution in self._institutions.values()})

    def institutions(self, prefecture: str) -> Sequence[Institution]:
        """The institutions of *prefecture*, by code; none where there is no such prefecture."""
        there = [one for one in self._institutions.values() if one.prefecture == prefecture]
        return sorted(there, key=lambda one: one.id.code)

    def institution(self, institution: InstitutionId) -> Institution | None:
        """The institution with this code, or None."""
        return self._institutions.get(institution)

    def branch_name(self, institution: InstitutionId, branch: str) -> str | None:
        """The name of a branch by its 3-digit code, or None."""
        return self._branches.get(institution, {}).get(branch)
