"""Many processes at one store: what is unique stays so, what is counted is counted, and a kill leaves nothing half."""

import pytest

from janetbank.testing.process_conformance import ProcessConformance, Shared
from janetbank_adapters.storage.sql import connect


@pytest.mark.loopback
@pytest.mark.requirement("CRD-04")
class TestDatabases(ProcessConformance):
    """SQLite and PostgreSQL; memory is one process's."""

    @pytest.fixture
    def shared(self, store_url: str) -> Shared:
        """A fresh store of each kind."""
        return Shared(connect, store_url)
