"""Mail: in memory, and in a Maildir."""

import email
import email.policy
import mailbox
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.ports.mail import Mail, TryLater, Undeliverable
from janetbank.testing.port_conformance import LETTER, MailConformance, Read
from janetbank.values.email import MailAddress
from janetbank_adapters.mail.maildir import MaildirMail
from janetbank_adapters.mail.memory import MemoryMail
from janetbank_adapters.mail.rfc5322 import compose


class TestMemoryMail(MailConformance):
    """Mail in memory obeys the laws of the port."""

    def mail(self) -> Mail:
        """A mail port."""
        return MemoryMail()

    def inbox(self, mail: Mail, address: MailAddress) -> Sequence[Read]:
        """What its reader sees."""
        assert isinstance(mail, MemoryMail)
        return [
            Read(
                sender=str(one.sender),
                sender_name=one.sender_name,
                to=str(one.to),
                subject=one.subject,
                body=one.body,
                date=one.written_at,
            )
            for one in mail.inbox(address)
        ]


class TestMaildir(MailConformance):
    """A Maildir obeys the laws of the port, as the standard library reads it."""

    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "Maildir"

    def mail(self) -> Mail:
        """A mail port."""
        return MaildirMail(self.path)

    def inbox(self, mail: Mail, address: MailAddress) -> Sequence[Read]:
        """What a mail reader sees."""
        assert isinstance(mail, MaildirMail)
        return [one for one in map(read, files(self.path)) if one.to == str(address)]


def files(path: Path) -> list[bytes]:
    """The mails in a Maildir, byte by byte, as the standard library finds them."""
    there = mailbox.Maildir(path, create=False)
    return [there.get_bytes(key) for key in there.keys()]  # noqa: SIM118 -- a Maildir iterates over its mails


def parsed(content: bytes) -> EmailMessage:
    """A mail, parsed strictly."""
    return email.message_from_bytes(content, _class=EmailMessage, policy=email.policy.strict)


def read(content: bytes) -> Read:
    """A mail as its reader sees it."""
    mail = parsed(content)
    (sender,), (to,) = mail["From"].addresses, mail["To"].addresses
    return Read(
        sender=sender.addr_spec,
        sender_name=sender.display_name,
        to=f"{to.username}@{to.domain}",
        subject=mail["Subject"],
        body=mail.get_content(),
        date=mail["Date"].datetime,
    )


def test_a_mail_says_what_it_is() -> None:
    """A mail has one of each header, is plain UTF-8, and tells machines that no person wrote it."""
    mail = parsed(bytes(compose(LETTER)))
    assert mail["Message-ID"] == f"<{LETTER.id}@otp-auth.net>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert len(mail.keys()) == len(set(mail.keys()))


def test_a_mail_is_made_of_its_message_alone() -> None:
    """A repeat is the same to the byte, whenever it is sent."""
    assert bytes(compose(LETTER)) == bytes(compose(LETTER))


TEXT = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=120)


@given(TEXT, TEXT)
def test_a_header_holds_its_text_and_nothing_else(subject: str, name: str) -> None:
    """Whatever stands in a header, there are the same headers, the same addresses, and its letters are read back."""
    mail = parsed(bytes(compose(evolve(LETTER, subject=subject, sender_name=name))))
    assert mail.keys() == parsed(bytes(compose(LETTER))).keys()
    (sender,) = mail["From"].addresses
    assert sender.addr_spec == str(LETTER.sender)
    assert "".join(mail["Subject"].split()) == "".join(subject.split())
    assert "".join(sender.display_name.split()) == "".join(name.split())


def test_a_body_arrives_as_it_is() -> None:
    """A body may have empty lines, a dot alone on one, and what old mail files took for a beginning."""
    body = "\n.\n..\nFrom me\n\u3000\n"
    assert parsed(bytes(compose(evolve(LETTER, body=body)))).get_content() == body


def test_a_mail_that_was_seen_is_not_delivered_again(tmp_path: Path) -> None:
    """A reader moves what he has seen; a repeat after that is recognised, too."""
    mail = MaildirMail(tmp_path)
    mail.send(LETTER)
    (new,) = (tmp_path / "new").iterdir()
    new.rename(tmp_path / "cur" / f"{new.name}:2,S")
    mail.send(LETTER)
    assert not list((tmp_path / "new").iterdir())
    assert len(files(tmp_path)) == 1


def test_nothing_is_left_half_written(tmp_path: Path) -> None:
    """Drafts are gone after the delivery, and what is delivered is its owner's alone."""
    MaildirMail(tmp_path).send(LETTER)
    assert not list((tmp_path / "tmp").iterdir())
    (new,) = (tmp_path / "new").iterdir()
    assert new.stat().st_mode & 0o777 == 0o600


def test_a_maildir_that_takes_nothing_asks_to_try_later(tmp_path: Path) -> None:
    """A folder that is gone, or a full disk, is no reason to give up."""
    mail = MaildirMail(tmp_path / "Maildir")
    (tmp_path / "Maildir" / "new").rmdir()
    with pytest.raises(TryLater, match="No such file"):
        mail.send(LETTER)
    (tmp_path / "Maildir" / "new").mkdir()
    mail.send(LETTER)


@pytest.mark.parametrize("refusal", [TryLater("busy"), Undeliverable("gone")])
def test_memory_refuses_as_told(refusal: TryLater | Undeliverable) -> None:
    """It refuses everything or one address, until it is told to accept."""
    mail = MemoryMail()
    hanako = evolve(LETTER, to=MailAddress.parse("hanako@example.jp"))
    mail.refuse(refusal, to=LETTER.to)
    mail.send(hanako)
    with pytest.raises(type(refusal)):
        mail.send(LETTER)
    mail.refuse(refusal)
    with pytest.raises(type(refusal)):
        mail.send(hanako)
    mail.accept()
    mail.send(LETTER)
    assert mail.sent == [hanako, LETTER]
