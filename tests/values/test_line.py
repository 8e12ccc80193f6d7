"""Lines: what a clerk writes is one line that everybody can read and every store can keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values.line import LONGEST, Line
from tests.values.refusals import made, refusal


@pytest.mark.parametrize("text", ["印影相違", "x", "田中　実", "x" * LONGEST, "the seal's other", "🦭"])
def test_what_is_written_on_one_line_is_taken(text: str) -> None:
    """In any script, up to its length."""
    assert str(Line.parse(f" {text}　")) == text


@pytest.mark.requirement("SUS-11")
@pytest.mark.parametrize("text", ["", " ", "　\t\n"])
def test_nothing_is_no_reason(text: str) -> None:
    """Blanks alone say nothing."""
    assert refusal(lambda: Line.parse(text)) == "line.empty"


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "a\ud800", "a\u2028b", "a\u202eb", "\x1b[2J", "x" * (LONGEST + 1)])
def test_what_is_not_seen_is_refused(text: str) -> None:
    """No second line, no control character, nothing that turns the text around, and not too long."""
    assert refusal(lambda: Line.parse(text)) == "line.shape"


@given(st.text(max_size=LONGEST + 5))
def test_whatever_is_taken_can_be_kept(text: str) -> None:
    """It is one line, without blanks around it, and has a UTF-8 form."""
    line = made(lambda: Line.parse(text))
    if isinstance(line, Line):
        assert line.text == line.text.strip()
        assert len(line.text.splitlines()) == 1
        assert line.text.encode()
