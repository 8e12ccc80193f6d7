"""The host's answers are words, and a refusal says why."""

from itertools import product

import pytest

from janetbank.messages import LANGUAGES, Language, phrase
from janetbank.values.host_answer import HostAnswer, HostReason, HostWord


@pytest.mark.parametrize(("word", "reason"), list(product(HostWord, (None, *HostReason))))
def test_a_refusal_has_a_reason_and_nothing_else_has(word: HostWord, reason: HostReason | None) -> None:
    """An answer that says no without a why, or a why without a no, cannot be made."""
    if (word is HostWord.REFUSED) == (reason is not None):
        assert (HostAnswer(word, reason).word, HostAnswer(word, reason).reason) == (word, reason)
    else:
        with pytest.raises(ValueError, match="reason"):
            HostAnswer(word, reason)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_its_words(lang: Language) -> None:
    """Each reason is told in words of its own."""
    assert len({phrase(f"hostreason.{reason.value}", lang) for reason in HostReason}) == len(HostReason)
