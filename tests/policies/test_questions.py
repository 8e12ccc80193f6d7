"""Questions and answers: what may be registered, how it is compared, which one is asked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.questions import CATALOGUE, QuestionRules
from janetbank.values.secret import Secret

JA = QuestionRules(answer_length=16, full_width_only=True)
AOMORI = QuestionRules(answer_length=10, full_width_only=True)
ANY_WIDTH = QuestionRules(answer_length=64, full_width_only=False)

Q = CATALOGUE
GOOD = ("青森小学校", "青森中学校", "青森市")


def form(*answers: str, questions: tuple[str, ...] = Q) -> list[tuple[str, Secret]]:
    """The form as filled in, question by question."""
    return [(question, Secret(answer)) for question, answer in zip(questions, answers, strict=False)]


def codes(rules: QuestionRules, pairs: list[tuple[str, Secret]]) -> list[tuple[str, str]]:
    """Where and why *rules* refuse *pairs*."""
    return [(violation.field, violation.code) for violation in rules.check(pairs)]


def first(answer: str, rules: QuestionRules = JA) -> list[str]:
    """Why *rules* refuse *answer* as the first of three, the others being good."""
    return [violation.code for violation in rules.check(form(answer, "あ", "い")) if violation.field == "answer.1"]


@pytest.mark.requirement("RBA-03", "RBA-06", "PRF-08")
def test_three_different_questions_with_different_answers_are_taken() -> None:
    """The sources' own example is registered, at JA and at Aomori."""
    assert JA.check(form(*GOOD)) == ()
    assert AOMORI.check(form(*GOOD)) == ()


@pytest.mark.requirement("RBA-03", "RBA-08")
@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_any_other_number_of_pairs_is_refused(count: int) -> None:
    """Exactly three pairs are registered: all of them or none."""
    found = JA.check(form("あ", "い", "う", "え")[:count])
    assert [(one.field, one.code, dict(one.params)) for one in found] == [("", "questions.number", {"pairs": 3})]


@pytest.mark.requirement("RBA-05", "RBA-11")
def test_a_question_is_one_of_the_list() -> None:
    """A question that is not in the catalogue is refused, in its own field."""
    unknown = form(*GOOD, questions=(Q[0], "question.favourite_colour", Q[2]))
    assert codes(JA, unknown) == [("question.2", "questions.unknown")]
    assert codes(JA, form(*GOOD, questions=("", Q[1], Q[2]))) == [("question.1", "questions.unknown")]


@pytest.mark.requirement("RBA-05")
@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ((0, 0, 1), ["question.2"]),
        ((0, 1, 0), ["question.3"]),
        ((1, 0, 0), ["question.3"]),
        ((0, 0, 0), ["question.2", "question.3"]),
    ],
)
def test_questions_are_pairwise_different(chosen: tuple[int, ...], expected: list[str]) -> None:
    """The second and every later use of a question is refused."""
    pairs = form(*GOOD, questions=tuple(Q[at] for at in chosen))
    assert codes(JA, pairs) == [(field, "questions.repeated") for field in expected]


@pytest.mark.requirement("RBA-05")
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("あ", "あ", "い"), ["answer.2"]),
        (("あ", "い", "あ"), ["answer.3"]),
        (("い", "あ", "あ"), ["answer.3"]),
        (("あ", "あ", "あ"), ["answer.2", "answer.3"]),
        (("が", "か\u3099", "い"), ["answer.2"]),
        (("あ", "ア", "ぁ"), []),
    ],
)
def test_answers_are_pairwise_different(answers: tuple[str, ...], expected: list[str]) -> None:
    """The second and every later use of an answer is refused, however its characters are spelt."""
    assert codes(JA, form(*answers)) == [(field, "answers.repeated") for field in expected]


@pytest.mark.requirement("RBA-04", "PRF-08")
@pytest.mark.parametrize(("rules", "longest"), [(JA, 16), (AOMORI, 10)])
def test_length_is_counted_in_characters_after_composing(rules: QuestionRules, longest: int) -> None:
    """One character to the profile's limit are taken and one more is refused; か with a mark of its own is one."""
    for char in ("あ", "か\u3099", "𠮷"):
        assert first(char, rules) == []
        assert first(char * (longest - 1), rules) == []
        assert first(char * longest, rules) == []
        assert first(char * (longest + 1), rules) == ["answers.too_long"]
    [violation] = rules.check(form("あ" * 99, "い", "う"))
    assert dict(violation.params) == {"longest": longest}


@pytest.mark.requirement("RBA-04")
@pytest.mark.parametrize(
    "answer",
    [
        "青森小学校",
        "３月",
        "ａｐｐｌｅ",
        "Ａｐｐｌｅ",
        "カタカナ",
        "ー",
        "！？＠＃",
        "青森　市",
        "　あ",
        "々",
        "①",
        "é",
        "か\u3099",
    ],
)
def test_full_width_answers_are_taken(answer: str) -> None:
    """Kanji, kana, and full-width digits, letters, symbols and blanks are taken."""
    assert first(answer) == []


@pytest.mark.requirement("RBA-04")
@pytest.mark.parametrize("char", [*map(chr, range(0x21, 0x7F)), *map(chr, range(0xFF61, 0xFFA0)), "¢", "¥", "\u212a"])
def test_half_width_is_refused_wherever_it_stands(char: str) -> None:
    """No half-width letter, digit, symbol or katakana is taken; none is converted silently."""
    for answer in (char, "青" + char, char + "森", "青" + char + "森"):
        assert first(answer) == ["answers.half_width"]
        assert first(answer, ANY_WIDTH) == []


@pytest.mark.requirement("RBA-04")
def test_a_half_width_blank_inside_is_refused() -> None:
    """青森 市 with a half-width blank is refused, with a full-width one it is taken."""
    assert first("青森 市") == ["answers.half_width"]
    assert first("青森 市", ANY_WIDTH) == []
    assert first("青森　市") == []


@pytest.mark.parametrize("answer", ["", " ", "　", " 　", "\t", "\n", "\u2003", "\u2028"])
@pytest.mark.parametrize("rules", [JA, ANY_WIDTH])
def test_an_answer_is_more_than_blanks(answer: str, rules: QuestionRules) -> None:
    """Nothing and blanks only are refused, and nothing else is said of them."""
    assert first(answer, rules) == ["answers.blank"]


UNSEEN = "\x00\x1b\n\x7f\x85\u200b\u200d\u202e\ufeff\u2028\u2029\ud800\ue000\uffff\U000e0001"


@pytest.mark.parametrize("char", list(UNSEEN))
def test_what_nobody_can_see_is_refused(char: str) -> None:
    """Controls, formats, line separators, lone surrogates and private characters are refused in either width."""
    assert "answers.unseen" in first("青" + char + "森")
    assert first("青" + char + "森", ANY_WIDTH) == ["answers.unseen"]


@pytest.mark.requirement("RBA-08")
def test_every_violation_is_told_at_once() -> None:
    """One look at the form tells everything that is wrong, in the order of the form."""
    pairs = [
        (Q[0], Secret("abc\x00" + "あ" * 16)),
        ("nonsense", Secret("　")),
        (Q[0], Secret("あ")),
        (Q[1], Secret("あ")),
    ]
    assert codes(JA, pairs) == [
        ("", "questions.number"),
        ("answer.1", "answers.too_long"),
        ("answer.1", "answers.unseen"),
        ("answer.1", "answers.half_width"),
        ("question.2", "questions.unknown"),
        ("answer.2", "answers.blank"),
        ("question.3", "questions.repeated"),
        ("answer.4", "answers.repeated"),
    ]


ANSWERS = st.text(st.sampled_from("青森あがアーａＡ１！　 aA1!ｶﾞ\u3099\x00\u200b\ud800😀é"), max_size=18)


@given(st.lists(st.tuples(st.sampled_from([*Q[:4], "x", ""]), st.one_of(ANSWERS, st.text())), max_size=5))
def test_whatever_is_typed_gets_reasons_that_give_nothing_away(typed: list[tuple[str, str]]) -> None:
    """Any form gets a tuple of violations whose parameters hold the rule's numbers only, and no text of an answer."""
    for rules in (JA, ANY_WIDTH):
        for violation in rules.check([(question, Secret(answer)) for question, answer in typed]):
            assert set(violation.params.values()) <= {rules.pairs, rules.answer_length}
            assert violation.code.partition(".")[0] in {"questions", "answers"}


@given(st.lists(ANSWERS, min_size=3, max_size=3), st.permutations(Q))
def test_a_form_is_taken_exactly_where_each_law_holds(answers: list[str], questions: list[str]) -> None:
    """With three different questions the form is taken if and only if the answers obey the laws, stated anew here."""

    def fits(answer: str) -> bool:
        composed = unicodedata.normalize("NFC", answer)
        return (
            0 < len(composed) <= 16
            and composed.replace("　", "") != ""
            and not set(composed) & set(" aA1!ｶﾞ\x00\u200b\ud800")
        )

    different = len({unicodedata.normalize("NFC", answer) for answer in answers}) == 3
    taken = JA.check(form(*answers, questions=tuple(questions))) == ()
    assert taken == (different and all(map(fits, answers)))


@pytest.mark.requirement("RBA-07")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("３月", "三月"),
        ("青森", "あおもり"),
        ("apple", "Apple"),
        ("ａ", "a"),
        ("カ", "ｶ"),
        ("あ", "あ　"),
        ("ア", "あ"),
    ],
)
def test_answers_are_compared_as_typed(one: str, other: str) -> None:
    """Script, case, width and blanks tell answers apart."""
    assert JA.canonical(Secret(one)) != JA.canonical(Secret(other))


@pytest.mark.requirement("RBA-07")
@given(st.text())
def test_only_the_spelling_of_characters_is_folded(text: str) -> None:
    """The canonical form is NFC, made once: composed and decomposed are one answer, and it is stable."""
    canonical = JA.canonical(Secret(text))
    assert canonical.reveal() == unicodedata.normalize("NFC", text)
    assert JA.canonical(canonical) == canonical
    assert JA.canonical(Secret(unicodedata.normalize("NFD", text))) == canonical


@pytest.mark.requirement("RBA-10")
@given(
    st.integers(1, 5).flatmap(lambda count: st.tuples(st.just(count), st.lists(st.integers(0, count - 1), min_size=1)))
)
def test_the_question_once_asked_stays(drawn: tuple[int, list[int]]) -> None:
    """The first draw decides; no later one changes the question until somebody forgets it."""
    count, draws = drawn
    asked: int | None = None
    for draw in draws:
        asked = JA.choose(asked, count, draw)
        assert asked == draws[0]
    assert JA.choose(None, count, draws[-1]) == draws[-1]


@pytest.mark.parametrize(
    ("asked", "count", "drawn", "expected"), [(2, 3, 0, 2), (2, 2, 1, 1), (-1, 3, 2, 2), (0, 3, 2, 0)]
)
def test_a_question_that_is_not_registered_any_more_does_not_stay(
    asked: int, count: int, drawn: int, expected: int
) -> None:
    """A remembered number outside the registered questions gives way to the draw."""
    assert JA.choose(asked, count, drawn) == expected


@pytest.mark.parametrize(("count", "drawn"), [(3, 3), (3, -1), (0, 0)])
@pytest.mark.parametrize("asked", [None, 0])
def test_a_draw_is_one_of_the_questions(asked: int | None, count: int, drawn: int) -> None:
    """A draw outside the questions is the programmer's mistake, even where the question stays."""
    with pytest.raises(ValueError, match="drawn"):
        JA.choose(asked, count, drawn)


@pytest.mark.parametrize(
    ("catalogue", "pairs", "answer_length", "why"),
    [
        (Q, -1, 16, "at least 0"),
        (Q, len(Q) + 1, 16, "at most"),
        (Q, 3, 0, "one character"),
        (("a", "b", "c", "a"), 3, 16, "each question once"),
    ],
)
def test_rules_that_nobody_can_meet_are_refused(
    catalogue: tuple[str, ...], pairs: int, answer_length: int, why: str
) -> None:
    """Fewer pairs than none, more than questions, no length, or a question named twice: such rules cannot be made."""
    with pytest.raises(ValueError, match=why):
        QuestionRules(catalogue=catalogue, pairs=pairs, answer_length=answer_length, full_width_only=True)


def test_rules_at_their_edges_are_made() -> None:
    """As many pairs as questions, and one character, are rules."""
    assert (
        QuestionRules(catalogue=("a",), pairs=1, answer_length=1, full_width_only=True).check([("a", Secret("あ"))])
        == ()
    )
    assert QuestionRules(pairs=0, answer_length=16, full_width_only=True).check([]) == ()
    assert QuestionRules(pairs=len(Q), answer_length=16, full_width_only=True).pairs == len(Q)


@pytest.mark.requirement("RBA-06")
def test_the_catalogue_holds_the_sources_questions() -> None:
    """Primary school, middle school and home town are among ten or so to choose from."""
    assert set(Q) >= {"question.primary_school", "question.middle_school", "question.home_town"}
    assert len(Q) >= 10
