"""Mail through a submission server: a real one, with TLS and a login, which refuses, falls silent and dies."""

import signal
import ssl
import traceback
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import pytest
from attrs import evolve

from janetbank.flows.dispatch_mail import Dispatched, MailDispatcher, Retries
from janetbank.model.letter import Letter, LetterCode
from janetbank.ports.mail import Mail, TryLater, Undeliverable
from janetbank.testing.bank import INSTITUTION, bank
from janetbank.testing.port_conformance import LETTER, MailConformance, Read
from janetbank.values.email import MailAddress
from janetbank.values.secret import Secret
from janetbank_adapters.mail.smtp import SmtpMail
from janetbank_adapters.storage.sql import connect
from tests.adapters.mail.dying import dispatch
from tests.adapters.mail.submission import PASSWORD, USER, Server, submission
from tests.adapters.mail.test_mails import parsed, read

pytestmark = pytest.mark.loopback


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that takes everything."""
    with submission(tmp_path) as running:
        yield running


class TestSmtp(MailConformance):
    """Mail through a submission server obeys the laws of the port, as the server received it."""

    @pytest.fixture(autouse=True)
    def _with_a_server(self, server: Server) -> None:
        self.server = server

    def mail(self) -> Mail:
        """A mail port."""
        return self.server.mail()

    def inbox(self, mail: Mail, address: MailAddress) -> Sequence[Read]:
        """What a mail reader sees, who knows a repeat by its Message-ID."""
        assert isinstance(mail, SmtpMail)
        each_once = {parsed(one.content)["Message-ID"]: read(one.content) for one in self.server.taken}
        return [one for one in each_once.values() if one.to == str(address)]


@pytest.mark.requirement("MAL-01")
def test_a_message_is_handed_over_in_private(server: Server) -> None:
    """It goes from the sender to its one recipient, encrypted and after a login, in seven bits."""
    server.mail().send(LETTER)
    (taken,) = server.taken
    assert (taken.sender, taken.to) == (str(LETTER.sender), (str(LETTER.to),))
    assert taken.encrypted
    assert taken.authenticated
    assert taken.content.isascii()
    assert parsed(taken.content)["Message-ID"] == f"<{LETTER.id}@{LETTER.sender.domain}>"


def test_a_repeat_is_the_same_to_the_byte(server: Server) -> None:
    """However often a message is handed over, nothing in it tells the one from the other."""
    for _ in range(2):
        server.mail().send(LETTER)
    first, second = server.taken
    assert first == second


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        ("550 5.1.1 no such user", Undeliverable),
        ("552 5.2.2 mailbox full", Undeliverable),
        ("500 what", Undeliverable),
        ("450 4.2.1 busy", TryLater),
        ("451 4.3.0 try later", TryLater),
        ("499 hm", TryLater),
    ],
)
@pytest.mark.parametrize("to", [LETTER.to.local, "DATA"])
def test_a_refusal_is_told_apart_by_its_code(server: Server, to: str, said: str, raised: type[Exception]) -> None:
    """4xx is for now, 5xx for good, whether of the recipient or of the message."""
    server.answers[to] = said
    with pytest.raises(raised, match=said[:3]):
        server.mail().send(LETTER)
    assert not server.taken
    server.answers.clear()
    server.mail().send(LETTER)
    assert len(server.taken) == 1


@pytest.mark.parametrize("said", ["550 5.7.1 you again", "451 4.7.0 later"])
def test_a_refused_sender_gives_no_letter_up(server: Server, said: str) -> None:
    """That the bank may not send is not the letter's fault: it waits until that is mended."""
    server.answers["MAIL"] = said
    with pytest.raises(TryLater, match="SMTPSenderRefused"):
        server.mail().send(LETTER)


def test_a_refused_login_gives_no_letter_up(server: Server) -> None:
    """A wrong password is mended some day, too; and it shows up nowhere, as it is or as it was sent."""
    wrong = "sand-and-wind"
    with pytest.raises(TryLater, match="SMTPAuthenticationError 535") as failed:
        server.mail(wrong).send(LETTER)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value.__context__)
    assert wrong not in told
    assert b64encode(wrong.encode()).decode() not in told
    assert not server.taken


def test_the_password_is_not_shown(server: Server) -> None:
    """Nothing that is printed of it has it."""
    assert PASSWORD not in repr(server.mail())


def test_nothing_is_said_in_clear(tmp_path: Path) -> None:
    """A server that offers no encryption is told neither the password nor the message."""
    with submission(tmp_path, tls=False) as server:
        with pytest.raises(TryLater, match="SMTPNotSupportedError"):
            server.mail().send(LETTER)
        assert not server.taken


def test_nothing_is_said_to_whoever_has_no_certificate_that_is_trusted(server: Server) -> None:
    """A certificate that nobody vouches for is none."""
    mail = SmtpMail(host=server.host, port=server.port, user=USER, password=Secret(PASSWORD))
    with pytest.raises(TryLater, match="SSLCertVerificationError"):
        mail.send(LETTER)
    assert not server.taken


def test_nothing_is_said_to_whoever_bears_another_name(tmp_path: Path) -> None:
    """A certificate of somebody else is none."""
    with submission(tmp_path, name="mail.example.jp") as server:
        with pytest.raises(TryLater, match="SSLCertVerificationError"):
            server.mail().send(LETTER)
        assert not server.taken


@pytest.mark.parametrize("careless", ["verify_mode", "check_hostname"])
def test_a_context_that_verifies_nothing_is_refused(server: Server, careless: str) -> None:
    """Carelessness is a mistake of whoever sets the bank up, found at once."""
    context = server.trusted
    context.check_hostname = False
    if careless == "verify_mode":
        context.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="verify"):
        SmtpMail(host=server.host, user=USER, password=Secret(PASSWORD), context=context)


def test_each_recipient_has_his_own_answer(server: Server) -> None:
    """Whom the server refuses keeps nobody else from his mail."""
    server.answers = {"nobody": "550 5.1.1 no such user", "busy": "451 4.3.0 try later"}
    mail, told = server.mail(), list[str]()
    for name in ("nobody", "hanako", "busy", "jiro"):
        try:
            mail.send(evolve(LETTER, id=name, to=MailAddress.parse(f"{name}@example.jp")))
        except (TryLater, Undeliverable) as error:
            told.append(f"{name}: {type(error).__name__}")
    assert told == ["nobody: Undeliverable", "busy: TryLater"]
    assert [one.to for one in server.taken] == [("hanako@example.jp",), ("jiro@example.jp",)]


def test_a_server_that_is_not_there_is_tried_later(tmp_path: Path) -> None:
    """Nobody listens, or somebody listens and says nothing: it may be better another time."""
    with submission(tmp_path) as server:
        mail = server.mail()
    with pytest.raises(TryLater, match="ConnectionRefusedError"):
        mail.send(LETTER)
    with submission(tmp_path) as server:
        server.hold = 1
        with pytest.raises(TryLater, match="SMTPServerDisconnected"):
            evolve(server.mail(), timeout=0.5).send(LETTER)


# --- A dispatcher that dies -------------------------------------------------------------------------------------------

LETTERS = 6


@pytest.mark.requirement("MAL-01")
@pytest.mark.parametrize("taken_before", [1, 3])
@pytest.mark.parametrize("moment", ["before the answer", "after the answer"])
def test_a_dispatcher_killed_in_mid_delivery_loses_nothing(
    server: Server, sqlite_store: str, moment: str, taken_before: int
) -> None:
    """Killed while the server has its message and it does not know, a dispatcher's letters all arrive.

    What arrives twice is the same to the byte, and bears one Message-ID.
    """
    there = bank(storage=connect(sqlite_store))
    ids = [f"letter-{number}" for number in range(LETTERS)]
    with there.storage.transaction() as tx:
        tx.outbox.add([_letter(one, there.clock.now()) for one in ids])
    _die(server, sqlite_store, taken_before, moment)
    assert len(server.taken) == taken_before

    there.clock.advance(Retries().lease)
    again = MailDispatcher(there.net.platform, server.mail())()
    assert (again.sent, again.postponed, again.given_up) == (LETTERS - taken_before + 1, 0, 0)
    assert len(server.taken) == LETTERS + 1
    arrived = {parsed(one.content)["Message-ID"]: one.content for one in server.taken}
    assert sorted(arrived) == [f"<{one}@{there.profile.mail.sender.partition('@')[2]}>" for one in ids]
    assert {one.content for one in server.taken} == set(arrived.values())
    assert MailDispatcher(there.net.platform, server.mail())() == Dispatched(0, 0, 0)


def _letter(name: str, now: datetime) -> Letter:
    return Letter(
        id=name, institution=INSTITUTION.id, to=LETTER.to, code=LetterCode.TOKEN_IN_USE, written_at=now, due_at=now
    )


def _die(server: Server, store: str, nth: int, moment: str) -> None:
    """Let another process dispatch, and kill it at its *nth* letter, with the letter in the server's hands."""
    server.hold = nth if moment == "before the answer" else 0
    spawn = get_context("spawn")
    known = spawn.Event()
    process = spawn.Process(target=dispatch, args=(store, server.host, server.port, server.certificate, nth, known))
    process.start()
    assert (server.held if server.hold else known).wait(60)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    server.hold = 0
    server.go_on.set()
