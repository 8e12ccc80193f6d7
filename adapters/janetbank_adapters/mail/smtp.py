"""Mail through a submission server (SMTP), on a connection that is encrypted and whose server has shown who it is.

STARTTLS is asked for first of all; where the server does not offer it, or its certificate does not show the name it was
called by, nothing else is said to it: neither the password nor the message.

Shape:  `SmtpMail(host=…, user=…, password=…)`; a connection per message, so that nothing is kept between two of them.
        `context` is how the server's certificate is verified: as this machine does it, unless said otherwise.
Units:  *timeout*, seconds: how long the server may be silent.
Errors: Undeliverable where the server refuses this recipient or this message for good (5xx); TryLater for a refusal for
        now (4xx), and for whatever is not the message's fault: no connection, no TLS, a login or a sender refused.  No
        error repeats what the server said, which may hold addresses, nor the password.
Source: ports/mail.py; MAL-01; RFC 5321 4.2.1 (4xx, 5xx), RFC 6409 (submission), RFC 3207 (STARTTLS), RFC 4954 (AUTH).
"""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from typing import NoReturn

from attrs import field, frozen

from janetbank.ports.mail import Message, TryLater, Undeliverable
from janetbank.values.secret import Secret
from janetbank_adapters.mail.rfc5322 import compose

SUBMISSION = 587
_FOR_GOOD = 500
_SEVEN_BITS = SMTP.clone(cte_type="7bit")
"""Every server takes it."""


@frozen(kw_only=True)
class SmtpMail:
    """See the module."""

    host: str
    port: int = SUBMISSION
    user: str
    password: Secret
    context: ssl.SSLContext = field(factory=ssl.create_default_context, repr=False)
    timeout: float = 30.0

    def __attrs_post_init__(self) -> None:
        if not self.context.check_hostname:  # which there is only where the certificate is verified, too
            msg = "a context that does not verify the server's certificate and name is none"
            raise ValueError(msg)

    def send(self, message: Message) -> None:
        """Hand *message* to the server; when this returns the server has taken responsibility for it."""
        try:
            self._send(compose(message), message.sender.domain)
        except smtplib.SMTPRecipientsRefused as refused:
            ((code, _),) = refused.recipients.values()
            _refuse("the recipient", code)
        except smtplib.SMTPDataError as refused:
            _refuse("the message", refused.smtp_code)
        except smtplib.SMTPResponseException as refused:
            # Of login and sender, too: what is wrong with these is wrong with every message, and will be mended.
            msg = f"the mail server is not ready: {type(refused).__name__} {refused.smtp_code}"
            raise TryLater(msg) from None
        except (smtplib.SMTPException, OSError) as error:
            msg = f"the mail server cannot be reached: {type(error).__name__}"
            raise TryLater(msg) from None

    def _send(self, mail: EmailMessage, local: str) -> None:
        (sender,), (to,) = mail["From"].addresses, mail["To"].addresses
        # Its own name is not looked up: that may take longer than everything else.
        server = smtplib.SMTP(self.host, self.port, local_hostname=local, timeout=self.timeout)
        try:
            server.starttls(context=self.context)
            server.login(self.user, self.password.reveal())
            server.sendmail(sender.addr_spec, [to.addr_spec], mail.as_bytes(policy=_SEVEN_BITS))
            # It has the message; how it says goodbye makes no difference any more.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()


def _refuse(what: str, code: int) -> NoReturn:
    msg = f"the mail server refuses {what}: {code}"
    raise (Undeliverable(msg) if code >= _FOR_GOOD else TryLater(msg)) from None
