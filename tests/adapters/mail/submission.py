"""A submission server on this machine: aiosmtpd, which wants TLS and a login before it takes anything.

Shape:  `with submission() as server:`; what it took, in the order of arrival, is `server.taken`.
"""

import asyncio
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server
from threading import Event

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import define, field, frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from janetbank.values.secret import Secret
from janetbank_adapters.mail.smtp import SmtpMail

USER, PASSWORD = "bank", "soil-and-rain"
NAME = "localhost"


@frozen
class Taken:
    """A message as it arrived: from whom, to whom, byte by byte, on an encrypted connection after a login or not."""

    sender: str
    to: tuple[str, ...]
    content: bytes
    encrypted: bool
    authenticated: bool


@define
class Server:
    """A running server; `answers` are what it says to a recipient, by his local part, or to every message ("DATA")."""

    host: str
    port: int
    certificate: Path
    taken: list[Taken] = field(factory=list[Taken])
    answers: dict[str, str] = field(factory=dict[str, str])
    hold: int = 0
    """At so many messages taken, the last of them is not answered before `go_on` is set; `held` says so."""
    held: Event = field(factory=Event)
    go_on: Event = field(factory=Event)

    @property
    def trusted(self) -> ssl.SSLContext:
        """Who trusts this server's certificate."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def mail(self, password: str = PASSWORD) -> SmtpMail:
        """Mail through this server."""
        return SmtpMail(
            host=self.host, port=self.port, user=USER, password=Secret(password), context=self.trusted, timeout=10
        )


class _Handler:
    def __init__(self, server: Server) -> None:
        self.server = server

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.server.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.server.answers.get(address.partition("@")[0], "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.server.answers.get("DATA", "250 OK queued")
        assert envelope.mail_from is not None
        assert isinstance(envelope.content, bytes)
        if answer.startswith("250"):
            self.server.taken.append(
                Taken(
                    envelope.mail_from,
                    tuple(envelope.rcpt_tos),
                    envelope.content,
                    session.ssl is not None,
                    session.authenticated is True,
                )
            )
            if self.server.hold == len(self.server.taken):
                self.server.held.set()
                while not self.server.go_on.is_set():  # noqa: ASYNC110 -- it is set by another thread
                    await asyncio.sleep(0.01)
        return answer


def _log_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    assert isinstance(data, LoginPassword)
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    # handled=False: aiosmtpd answers; otherwise it would leave the client waiting for ever.
    return AuthResult(success=right, handled=False)


@contextmanager
def submission(folder: Path, *, tls: bool = True, name: str = NAME) -> Generator[Server]:
    """A server whose certificate bears *name*, in *folder*; without *tls* it does not offer STARTTLS."""
    certificate = folder / "server.pem"
    _certify(certificate, name)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    server = Server(NAME, port, certificate)
    controller = Controller(
        _Handler(server),
        hostname="127.0.0.1",
        port=port,
        tls_context=context if tls else None,
        require_starttls=tls,
        auth_required=True,
        authenticator=_log_in,
    )
    controller.start()
    try:
        yield server
    finally:
        server.go_on.set()
        controller.stop()


def _certify(path: Path, name: str) -> None:
    """A key and its certificate for *name*, which it signs itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(certificate.public_bytes(pem) + private)
