"""A secret is never shown, and is compared without telling where it differs."""

import copy
import json
import logging
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import Secret

HIDDEN = "hidden-c0ffee-9731"


@pytest.mark.parametrize(
    "shown",
    [
        repr(Secret(HIDDEN)),
        str(Secret(HIDDEN)),
        f"{Secret(HIDDEN)}",
        f"{Secret(HIDDEN)!s:>40}",
        format(Secret(HIDDEN), "s"),
        "%s %r" % (Secret(HIDDEN), Secret(HIDDEN)),  # noqa: UP031 -- one more way in which a log line is made
        repr([Secret(HIDDEN)]),
        repr({"password": Secret(HIDDEN)}),
        repr(ValueError(Secret(HIDDEN))),
    ],
)
@pytest.mark.requirement("CRD-18")
def test_no_way_of_printing_shows_it(shown: str) -> None:
    """Whatever turns a secret into text turns it into the same few characters."""
    assert HIDDEN not in shown
    assert "Secret(…)" in shown


@given(st.text())
def test_its_text_says_nothing_of_it(text: str) -> None:
    """All secrets look alike: not even a length is shown."""
    assert repr(Secret(text)) == repr(Secret("")) == str(Secret(text))


@pytest.mark.requirement("CRD-18")
def test_a_log_line_and_a_traceback_hide_it(caplog: pytest.LogCaptureFixture) -> None:
    """A secret handed to a logger or to an exception stays hidden."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("test").warning("typed: %s", Secret(HIDDEN))
    told = "".join(traceback.format_exception(ValueError(Secret(HIDDEN))))
    assert "Secret(…)" in caplog.text
    assert "Secret(…)" in told.splitlines()[-1]
    assert HIDDEN not in caplog.text + told


@given(st.text())
def test_reveal_is_the_way_out(text: str) -> None:
    """What goes in comes out of `reveal`, unchanged, with its length and its emptiness told."""
    secret = Secret(text)
    assert secret.reveal() == text
    assert len(secret) == len(text)
    assert bool(secret) == bool(text)


@given(st.text(), st.text())
def test_secrets_are_equal_when_their_texts_are(one: str, other: str) -> None:
    """Two secrets are equal exactly where their texts are."""
    assert (Secret(one) == Secret(other)) == (one == other)
    assert Secret(one) == Secret(one)


def test_any_string_compares() -> None:
    """Text beyond ASCII, and text that no encoding takes, is compared too."""
    assert Secret("暗証") == Secret("暗証")
    assert Secret("\ud800") != Secret("\udfff")


def test_a_secret_equals_no_string() -> None:
    """A secret is not equal to its text, so that nobody compares by a way that leaks time."""
    assert Secret(HIDDEN) != HIDDEN


def test_it_is_unhashable() -> None:
    """No dictionary or set takes a secret, for their look-ups tell by time."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(Secret(HIDDEN))


@pytest.mark.parametrize("write", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
@pytest.mark.requirement("CRD-18")
def test_it_is_not_written_down(write: object) -> None:
    """Neither pickle, nor a copy by pickle's way, nor JSON takes a secret, and none quotes it."""
    assert callable(write)
    with pytest.raises(TypeError) as caught:
        write(Secret(HIDDEN))
    assert HIDDEN not in str(caught.value)


def test_it_has_no_dictionary() -> None:
    """`vars` shows nothing, so no debugger's dump of attributes does."""
    with pytest.raises(TypeError):
        vars(Secret(HIDDEN))


@pytest.mark.parametrize("wrong", [b"bytes", 1234, None, Secret("nested")])
def test_only_a_string_makes_one(wrong: object) -> None:
    """Anything but a string is the programmer's mistake, and is not quoted."""
    with pytest.raises(TypeError, match=r"^a Secret is made from a string$"):
        Secret(wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake under test
