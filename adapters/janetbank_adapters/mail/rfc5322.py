"""A message as the Internet writes it (RFC 5322, with MIME): what a mail reader opens and a mail server takes.

Shape:  plain text in UTF-8, nothing attached.  All of it, the Message-ID and the Date included, is made of the
        message alone, so a repeat is the same to the byte.
Errors: none: what no mail can hold is no message.
Source: MAL-01; RFC 5322 3.4.1 (a local part with dots in odd places is written in quotes), RFC 3834 5 (nobody's note
        of absence answers it).
"""

import re
from email.headerregistry import Address
from email.message import EmailMessage

from janetbank.ports.mail import Message
from janetbank.values.email import MailAddress

_ODD_DOTS = re.compile(r"^\.|\.\.|\.$")


def compose(message: Message) -> EmailMessage:
    """*message* as a mail."""
    mail = EmailMessage()
    mail["From"] = Address(message.sender_name, addr_spec=_written(message.sender))
    mail["To"] = Address(addr_spec=_written(message.to))
    mail["Subject"] = message.subject
    mail["Date"] = message.written_at
    mail["Message-ID"] = f"<{message.id}@{message.sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail


def _written(address: MailAddress) -> str:
    local = f'"{address.local}"' if _ODD_DOTS.search(address.local) else address.local
    return f"{local}@{address.domain}"
