"""Messages: one that could forge a header, or name a file, cannot be made."""

from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.ports.mail import Undeliverable
from janetbank.testing.port_conformance import LETTER

CONTROLS = ["\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\ud800"]


@pytest.mark.parametrize("control", CONTROLS)
def test_no_header_is_forged(control: str) -> None:
    """A message with a control character in what becomes a header cannot be made."""
    forged = f"x{control}Bcc: everybody@example.jp"
    with pytest.raises(Undeliverable):
        evolve(LETTER, subject=forged)
    with pytest.raises(Undeliverable):
        evolve(LETTER, sender_name=forged)
    with pytest.raises(Undeliverable):
        evolve(LETTER, id=forged)


@pytest.mark.parametrize("name", ["", "../../tmp/x", "a/b", "a b", "あ", "a" * 65])
def test_an_id_names_a_file_and_a_message(name: str) -> None:
    """An id is letters, digits and hyphens, so that it can be neither a path nor a header."""
    with pytest.raises(Undeliverable):
        evolve(LETTER, id=name)


def test_a_body_is_text() -> None:
    """Half a surrogate pair is no text; whatever else people write is."""
    with pytest.raises(Undeliverable):
        evolve(LETTER, body="\ud800")
    assert evolve(LETTER, body="髙﨑\n\t😀\x0b").body


def test_a_message_is_of_an_instant() -> None:
    """A message's date is an instant, and kept in UTC."""
    with pytest.raises(TypeError):
        evolve(LETTER, written_at=datetime(2026, 11, 21))  # noqa: DTZ001 -- the mistake under test
    assert evolve(LETTER, written_at=datetime(2026, 11, 21, tzinfo=UTC)).written_at.tzinfo is UTC


@given(st.text())
def test_a_header_is_one_line(subject: str) -> None:
    """Whatever a message takes as its subject is one line to whoever splits lines, in whatever way."""
    try:
        made = evolve(LETTER, subject=subject)
    except Undeliverable:
        return
    assert len(made.subject.splitlines()) <= 1
