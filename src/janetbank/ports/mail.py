"""Mail: hands one finished message to whoever delivers it.

Shape:  `send` returns when the other side has taken responsibility for the message.
Errors: TryLater where it may be taken another time; Undeliverable where it never will be (the dispatcher gives up
        and says so in the audit log), and for a message that cannot even be made.
Source: MAL-01, ARCHITECTURE "Mail" (stable message id).
"""

import re
from datetime import datetime
from typing import Protocol
from unicodedata import category

from attrs import field, frozen

from janetbank.ports.failures import PortError
from janetbank.values.email import MailAddress
from janetbank.values.moment import aware

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_NEVER_IN_A_HEADER = frozenset({"Cc", "Zl", "Zp", "Cs"})
"""Unicode's controls, its separators of lines and of paragraphs, and halves of surrogate pairs."""
_NEVER_IN_A_BODY = frozenset({"Cs"})


class TryLater(PortError):  # noqa: N818 -- states what to do
    """Not taken now."""


class Undeliverable(PortError):  # noqa: N818 -- states a condition
    """Never to be taken."""


@frozen(kw_only=True)
class Message:
    """One mail; all of it is the same at every try, so a repeat can be recognised by its *id*.

    No header can be forged through it: neither *subject* nor *sender_name* has a control character, and the rest
    cannot have any.
    """

    id: str
    written_at: datetime = field(converter=aware)
    sender: MailAddress
    sender_name: str
    to: MailAddress
    subject: str
    body: str

    def __attrs_post_init__(self) -> None:
        headers = {category(letter) for letter in self.sender_name + self.subject}
        body = {category(letter) for letter in self.body}
        if not _ID.fullmatch(self.id) or headers & _NEVER_IN_A_HEADER or body & _NEVER_IN_A_BODY:
            msg = "a message has a character where no mail can have it"
            raise Undeliverable(msg)


class Mail(Protocol):
    """Delivers messages."""

    def send(self, message: Message) -> None:
        """Hand *message* over, or raise."""
