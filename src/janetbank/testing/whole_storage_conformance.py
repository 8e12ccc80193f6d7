"""Storage conformance, all of it: the one class that an adapter of the storage port inherits.

    class TestMyStorage(WholeStorageConformance):
        @pytest.fixture
        def storage(self) -> Iterator[Storage]:
            with my_storage(patience=0.5) as storage: yield storage

The laws stand in the classes it is put together from, one for each part of the port; what holds among processes, and
where one of them is killed, is `process_conformance`, since it needs a store that several processes can open.

Shape:  inherit, and override the fixture `storage` with an empty store that waits for locks half a second, not longer.
Errors: AssertionError where an adapter breaks a law.
Source: janetbank.ports.storage; docs/writing-an-adapter.md.
"""

from janetbank.testing.money_conformance import MoneyConformance
from janetbank.testing.night_conformance import NightConformance
from janetbank.testing.operator_conformance import OperatorConformance
from janetbank.testing.phone_attempt_conformance import PhoneAttemptConformance
from janetbank.testing.storage_conformance import StorageConformance
from janetbank.testing.token_conformance import TokenConformance


class WholeStorageConformance(
    StorageConformance,
    PhoneAttemptConformance,
    TokenConformance,
    MoneyConformance,
    OperatorConformance,
    NightConformance,
):
    """Every law of `janetbank.ports.storage` that one process can see."""
