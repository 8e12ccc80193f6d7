"""Mail that stays in memory, for tests and demonstrations.

Shape:  `sent` holds every message that was handed over, repeats included; `inbox` what a reader sees, each once.
Errors: whatever `refuse` was told, until `accept`.
Source: ports/mail.py.
"""

from collections.abc import Sequence

from janetbank.ports.mail import Message, TryLater, Undeliverable
from janetbank.values.email import MailAddress


class MemoryMail:
    """See the module."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self._refusals: dict[MailAddress | None, TryLater | Undeliverable] = {}

    def send(self, message: Message) -> None:
        """Keep *message*, or refuse it as told."""
        refusal = self._refusals.get(message.to) or self._refusals.get(None)
        if refusal is not None:
            raise refusal
        self.sent.append(message)

    def inbox(self, address: MailAddress) -> Sequence[Message]:
        """What was sent to *address*: a repeat is recognised by its id, and its reader sees it once."""
        return list({message.id: message for message in self.sent if message.to == address}.values())

    def refuse(self, refusal: TryLater | Undeliverable, *, to: MailAddress | None = None) -> None:
        """Refuse every message, or those *to* an address, from now on."""
        self._refusals[to] = refusal

    def accept(self) -> None:
        """Take every message again."""
        self._refusals.clear()
