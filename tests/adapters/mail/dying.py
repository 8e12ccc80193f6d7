"""A dispatcher in a process of its own, to be killed while it hands a letter over."""

from multiprocessing.synchronize import Event
from pathlib import Path
from ssl import create_default_context
from time import sleep

from attrs import define

from janetbank.flows.dispatch_mail import MailDispatcher
from janetbank.ports.mail import Mail, Message
from janetbank.testing.bank import bank
from janetbank.values.secret import Secret
from janetbank_adapters.mail.smtp import SmtpMail
from janetbank_adapters.storage.sql import connect
from tests.adapters.mail.submission import PASSWORD, USER


@define
class _Stopping:
    """Mail that never comes back from its *nth* message, after it was handed over; *known* says so."""

    mail: Mail
    nth: int
    known: Event
    sent: int = 0

    def send(self, message: Message) -> None:
        self.mail.send(message)
        self.sent += 1
        if self.sent == self.nth:
            self.known.set()
            sleep(600)


def dispatch(store: str, host: str, port: int, certificate: Path, nth: int, known: Event) -> None:
    """Hand over what is due, and never come back from the *nth* letter."""
    there = bank(storage=connect(store))
    context = create_default_context(cafile=str(certificate))
    mail = SmtpMail(host=host, port=port, user=USER, password=Secret(PASSWORD), context=context)
    MailDispatcher(there.net.platform, _Stopping(mail, nth, known))()
