"""Mail into a Maildir: a folder that any mail reader opens, for demonstrations and for a mail server that takes it up.

Shape:  one Maildir for everybody's mail; a message's file is named after its id, so that a repeat is recognised as
        long as its reader keeps it.
Errors: Undeliverable for what no mail can hold; TryLater where the file cannot be written.
Source: ports/mail.py; https://cr.yp.to/proto/maildir.html (written in tmp, then linked into new).
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from janetbank.ports.mail import Message, TryLater
from janetbank_adapters.mail.rfc5322 import compose


class MaildirMail:
    """See the module."""

    def __init__(self, path: Path) -> None:
        for folder in ("tmp", "new", "cur"):
            (path / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path

    def send(self, message: Message) -> None:
        """Put *message* into the folder; when this returns it survives a power cut."""
        mail = bytes(compose(message))
        try:
            self._deliver(f"{message.id}.janetbank", mail)
        except OSError as error:
            msg = f"the Maildir takes nothing now: {error.strerror}"
            raise TryLater(msg) from error

    def _deliver(self, name: str, mail: bytes) -> None:
        if any((self._path / "cur").glob(f"{name}*")):
            return  # its reader has seen it already
        with NamedTemporaryFile(dir=self._path / "tmp") as draft:
            draft.write(mail)
            draft.flush()
            os.fsync(draft.fileno())
            with suppress(FileExistsError):  # a repeat
                os.link(draft.name, self._path / "new" / name)
        _sync(self._path / "new")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
