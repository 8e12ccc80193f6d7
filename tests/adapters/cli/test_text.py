"""Small words are right."""

from datetime import timedelta

import pytest

from janetbank_adapters.cli.text import Text, length, ordinal


@pytest.mark.parametrize(
    ("number", "said"),
    [
        *((0, "0th"), (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (10, "10th"), (11, "11th"), (12, "12th")),
        *((13, "13th"), (21, "21st"), (22, "22nd"), (101, "101st"), (111, "111th"), (113, "113th")),
    ],
)
def test_ordinals_are_those_of_english(number: int, said: str) -> None:
    """First, second, third, and the teens."""
    assert ordinal(number) == said


@pytest.mark.parametrize(
    ("span", "ja", "en"),
    [
        (timedelta(minutes=60), "60分", "60 minutes"),
        (timedelta(minutes=1), "1分", "1 minute"),
        (timedelta(seconds=90), "90秒", "90 seconds"),
        (timedelta(days=30), "30日", "30 days"),
        (timedelta(days=1), "1日", "1 day"),
        (timedelta(0), "0秒", "0 seconds"),
        (timedelta(seconds=0.25), "0.25秒", "0.25 seconds"),
    ],
)
def test_a_length_is_said_in_one_unit(span: timedelta, ja: str, en: str) -> None:
    """Days, minutes or seconds, whichever leaves nothing over, and never hours."""
    assert length(span) == Text(ja, en)


def test_a_text_is_said_in_the_language_asked_for() -> None:
    """One is Japanese, the other English, and some words are both."""
    assert [Text("はい", "yes").said(lang) for lang in ("ja", "en")] == ["はい", "yes"]
    assert [Text.same("KiB").said(lang) for lang in ("ja", "en")] == ["KiB", "KiB"]
