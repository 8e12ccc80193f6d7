"""Questions: which questions and answers a customer may register, and which one he is asked.

A customer registers a few questions of the profile's catalogue with answers of his own.  They are kept and compared
exactly as typed: no kana folding, no width folding, case kept.  The one thing folded is how Unicode spells a character
(NFC), which nobody can see and which two keyboards do differently (か + ゛ and が).

Shape:  `check` returns every violation at once, each at its field ("question.1", "answer.1" … or "" for the form).
Units:  lengths are code points after NFC.
Errors: ValueError for rules that nobody can meet, and for a draw that is none; what a customer types is a violation.
Source: PRF-08, RBA-03..08, RBA-10..12; AMB-19 (length), AMB-26 (random, sticky).
"""

import unicodedata
from collections.abc import Sequence

from attrs import field, frozen

from janetbank.values.secret import Secret
from janetbank.values.violation import Violation

CATALOGUE = (
    "question.primary_school",
    "question.middle_school",
    "question.home_town",
    "question.birthplace",
    "question.mother_birthday",
    "question.mother_maiden_name",
    "question.wedding_anniversary",
    "question.pet",
    "question.first_teacher",
    "question.childhood_friend",
)
"""The codes of the questions to choose from; their texts stand in `janetbank.messages` (RBA-06, standards.md J15)."""


@frozen(kw_only=True)
class QuestionRules:
    """*pairs* questions of *catalogue*, all different, each with an answer of at most *answer_length* code points.

    A bank with no *pairs* asks no questions (standards.md C13).
    """

    catalogue: tuple[str, ...] = CATALOGUE
    pairs: int = 3
    answer_length: int
    full_width_only: bool = field()

    def __attrs_post_init__(self) -> None:
        if len(set(self.catalogue)) != len(self.catalogue):
            msg = "a catalogue names each question once"
            raise ValueError(msg)
        if not 0 <= self.pairs <= len(self.catalogue):
            msg = "pairs is at least 0 and at most what the catalogue holds"
            raise ValueError(msg)
        if self.answer_length < 1:
            msg = "an answer may be one character long at least"
            raise ValueError(msg)

    def check(self, pairs: Sequence[tuple[str, Secret]]) -> tuple[Violation, ...]:
        """Every reason why *pairs*, the questions with their answers in the order of the form, cannot be registered."""
        found: list[Violation] = []
        if len(pairs) != self.pairs:
            found.append(Violation("questions.number", {"pairs": self.pairs}))
        answers = [self.canonical(answer) for _, answer in pairs]
        for at, (question, _) in enumerate(pairs):
            earlier = [other for other, _ in pairs[:at]]
            here = [*self._question(question, earlier), *self._answer(answers[at], answers[:at])]
            found.extend(violation.at(f"{violation.field}.{at + 1}") for violation in here)
        return tuple(found)

    def canonical(self, answer: Secret) -> Secret:
        """What is hashed and compared: *answer* as typed, in NFC (RBA-07)."""
        return Secret(unicodedata.normalize("NFC", answer.reveal()))

    def choose(self, asked: int | None, count: int, drawn: int) -> int:
        """Which of *count* registered questions to ask: the one *asked* already stays, else the one *drawn*.

        *drawn* is a random number from 0 up to but without *count*.  A question that is not registered any more does
        not stay.
        """
        if not 0 <= drawn < count:
            msg = "what is drawn is one of the registered questions"
            raise ValueError(msg)
        return drawn if asked is None or not 0 <= asked < count else asked

    def _question(self, question: str, earlier: Sequence[str]) -> list[Violation]:
        found: list[Violation] = []
        if question not in self.catalogue:
            found.append(Violation("questions.unknown", field="question"))
        elif question in earlier:
            found.append(Violation("questions.repeated", field="question"))
        return found

    def _answer(self, answer: Secret, earlier: Sequence[Secret]) -> list[Violation]:
        text = answer.reveal()
        if not text or text.isspace():
            return [Violation("answers.blank", field="answer")]
        found: list[Violation] = []
        if len(text) > self.answer_length:
            found.append(Violation("answers.too_long", {"longest": self.answer_length}, "answer"))
        if any(_unseen(char) for char in text):
            found.append(Violation("answers.unseen", field="answer"))
        if self.full_width_only and any(unicodedata.east_asian_width(char) in {"Na", "H"} for char in text):
            found.append(Violation("answers.half_width", field="answer"))
        if answer in earlier:
            found.append(Violation("answers.repeated", field="answer"))
        return found


def _unseen(char: str) -> bool:
    """Whether *char* shows nothing of its own or means nothing: controls, formats, surrogates, line separators."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
