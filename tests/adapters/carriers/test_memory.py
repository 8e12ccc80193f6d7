"""Carriers that say what they were told."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from janetbank.policies.line_change import LineChanges
from janetbank.ports.carriers import Carriers
from janetbank.testing.port_conformance import CarriersConformance
from janetbank.values.phone import PhoneNumber
from janetbank_adapters.carriers.memory import MemoryCarriers

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)
PHONE = PhoneNumber.parse("090-1234-5678")


class TestMemoryCarriers(CarriersConformance):
    """Carriers in memory obey the laws of the port."""

    def carriers(self, known: Mapping[PhoneNumber, LineChanges]) -> Carriers:
        """Carriers that were told this."""
        carriers = MemoryCarriers()
        for phone, changes in known.items():
            carriers.changed(phone, changes)
        return carriers


def test_what_changes_again_changed_last_then() -> None:
    """A later change takes the place of the earlier one of its kind, and leaves the other kinds as they were."""
    carriers = MemoryCarriers()
    carriers.changed(PHONE, LineChanges(sim=T0, device=T0))
    carriers.changed(PHONE, LineChanges(sim=T0 + DAY))
    assert carriers.last_changes(PHONE) == LineChanges(sim=T0 + DAY, device=T0)
