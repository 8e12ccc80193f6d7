"""Mail: hands one finished message to whoever delivers it.

Shape:  `send` returns when the other side has taken responsibility for the message.
Errors: TryLater where it may be taken another time; Undeliverable where it never will be (the dispatcher gives up
        and says so in the audit log).
Source: MAL-01, ARCHITECTURE "Mail" (stable message id).
"""

from datetime import datetime
from typing import Protocol

from attrs import frozen

from janetbank.ports.failures import PortError
from janetbank.values.email import MailAddress


class TryLater(PortError):  # noqa: N818 -- states what to do
    """Not taken now."""


class Undeliverable(PortError):  # noqa: N818 -- states a condition
    """Never to be taken."""


@frozen(kw_only=True)
class Message:
    """One mail; all of it is the same at every try, so a repeat can be recognised by its *id*."""

    id: str
    written_at: datetime
    sender: MailAddress
    sender_name: str
    to: MailAddress
    subject: str
    body: str


class Mail(Protocol):
    """Delivers messages."""

    def send(self, message: Message) -> None:
        """Hand *message* over, or raise."""
        ...
