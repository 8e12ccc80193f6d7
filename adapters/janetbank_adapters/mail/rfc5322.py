"""A message as the Internet writes it (RFC 5322, with MIME): what a mail reader opens and a mail server takes.

Shape:  plain text in UTF-8, nothing attached.  All of it, the Message-ID and the Date included, is made of the
        message alone, so a repeat is the same to the byte.
Errors: Undeliverable for a text that no mail can hold: a control character in a header, half a surrogate pair.
Source: MAL-01; RFC 5322 3.4.1 (a local part with dots in odd places is written in quotes), RFC 3834 5 (nobody's note
        of absence answers it).
"""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from unicodedata import category

from janetbank.ports.mail import Message, Undeliverable
from janetbank.values.email import MailAddress

_ID = re.compile(r"[0-9A-Za-z-]+")
_ODD_DOTS = re.compile(r"^\.|\.\.|\.$")
_CONTROLS = frozenset({"Cc", "Zl", "Zp", "Cs"})
"""Unicode's controls, its separators of lines and paragraphs, and halves of surrogate pairs: never in a header."""


def compose(message: Message) -> EmailMessage:
    """*message* as a mail."""
    if not _ID.fullmatch(message.id) or any(map(_breaks_a_header, (message.sender_name, message.subject))):
        msg = "a header of the message cannot be written"
        raise Undeliverable(msg)
    mail = EmailMessage()
    mail["From"] = Address(message.sender_name, addr_spec=_written(message.sender))
    mail["To"] = Address(addr_spec=_written(message.to))
    mail["Subject"] = message.subject
    mail["Date"] = message.written_at
    mail["Message-ID"] = f"<{message.id}@{message.sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    try:
        mail.set_content(message.body)
    except UnicodeEncodeError:
        msg = "the body of the message cannot be written"
        raise Undeliverable(msg) from None
    return mail


def _breaks_a_header(text: str) -> bool:
    return any(category(letter) in _CONTROLS for letter in text)


def _written(address: MailAddress) -> str:
    local = f'"{address.local}"' if _ODD_DOTS.search(address.local) else address.local
    return f"{local}@{address.domain}"
