"""Text: what the command line says itself, in Japanese and in English.

What the bank says stands in `janetbank.messages`; this is for the words around it.

Shape:  Text(ja, en); `Text.same("ja")` for what is one word in both.
Source: ARCHITECTURE "The rooms" (messages are the bank's own).
"""

from datetime import timedelta
from typing import Self

from attrs import frozen

from janetbank.messages import Language


@frozen
class Text:
    """One thing said in both languages."""

    ja: str
    en: str

    @classmethod
    def same(cls, word: str) -> Self:
        """A *word* that is the same in both."""
        return cls(word, word)

    def said(self, lang: Language) -> str:
        """It in *lang*."""
        return self.ja if lang == "ja" else self.en


def ordinal(number: int) -> str:
    """The English ordinal of *number* (>= 0): 1st, 2nd, 3rd, 4th, 11th, 21st."""
    tens = number % 100 // 10
    return f"{number}{'th' if tens == 1 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def length(span: timedelta) -> Text:
    """*span* (>= 0) in the largest unit that leaves no rest, hours not among them: 60 minutes is what a rule says."""
    seconds = span / timedelta(seconds=1)
    for unit, ja, en in ((86_400, "日", "day"), (60, "分", "minute"), (1, "秒", "second")):
        if seconds and seconds % unit == 0:
            count = int(seconds // unit)
            return Text(f"{count}{ja}", f"{count} {en}{'' if count == 1 else 's'}")
    return Text(f"{seconds:g}秒", f"{seconds:g} seconds")
