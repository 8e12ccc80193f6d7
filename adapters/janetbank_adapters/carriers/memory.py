"""Carriers that say what they were told; of every other number nothing.

Shape:  MemoryCarriers(); `changed(phone, LineChanges(sim=…))` lets something have changed.
Source: ports/carriers.py.
"""

from attrs import evolve

from janetbank.policies.line_change import NOTHING_SAID, LineChange, LineChanges
from janetbank.values.phone import PhoneNumber


class MemoryCarriers:
    """See the module."""

    def __init__(self) -> None:
        self._changes: dict[PhoneNumber, LineChanges] = {}

    def changed(self, phone: PhoneNumber, changes: LineChanges) -> None:
        """Let this have happened to *phone*; what *changes* leaves out stays as it was."""
        new = {one.value: at for one in LineChange if (at := changes.last(one)) is not None}
        self._changes[phone] = evolve(self.last_changes(phone), **new)

    def last_changes(self, phone: PhoneNumber) -> LineChanges:
        """What is known of *phone*."""
        return self._changes.get(phone, NOTHING_SAID)
