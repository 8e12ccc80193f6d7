"""Diagrams say what the tables say, in both languages, and can be read."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from itertools import combinations, pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.messages import LANGUAGES, Language
from janetbank.model.contract import Counter
from janetbank.policies import recovery as recoveries
from janetbank.policies import reissue as reissues
from janetbank.policies.accounts import NEXT as ACCOUNTS
from janetbank.policies.accounts import AccountEvent, AccountState, AccountUse
from janetbank.policies.admission import REFUSED_IN, Condition, Operation
from janetbank.policies.approval import NEXT as APPROVAL
from janetbank.policies.approval import ApprovalEvent, ApprovalState
from janetbank.policies.contract_life import NEXT as LIFE
from janetbank.policies.contract_life import ContractEvent
from janetbank.policies.eligibility import EXCLUDED, Lack, OnlineProcedure
from janetbank.policies.enrolment import NEXT as ENROLMENT
from janetbank.policies.enrolment import Act as Deed
from janetbank.policies.enrolment import Step
from janetbank.policies.leaving import LeavingHindrance, LeavingRules
from janetbank.policies.lockout import AtLeast, Lockout, MoreThan
from janetbank.policies.phone_auth import NEXT as PHONE_AUTH
from janetbank.policies.phone_auth import Act, Mode, Phase
from janetbank.policies.recovery import NEXT as RECOVERY
from janetbank.policies.reissue import NEXT as REISSUE
from janetbank.policies.releases import WAYS, Block, Release
from janetbank.policies.suspension import NEXT as SUSPENSION
from janetbank.policies.suspension import SuspensionEvent, SuspensionState
from janetbank.policies.token import NEXT as TOKEN
from janetbank.policies.token import NEXT_METHOD as METHOD
from janetbank.policies.token import MethodEvent, MethodRules, TokenEvent, TokenState
from janetbank.values.otp_method import OtpMethod
from janetbank_adapters.cli import main
from janetbank_adapters.cli.diagrams import (
    DIAGRAMS,
    account,
    admission,
    contract,
    eligibility,
    enrolment,
    mermaid,
    phone_auth,
    recovery,
    reissue,
    suspension,
    svg,
    token,
    transaction,
)
from janetbank_adapters.cli.diagrams.chart import Arrow, Chart, Diagram, Grid, Sheet, State
from janetbank_adapters.cli.diagrams.layout import Box, Label, Layout, lay_out, segments
from janetbank_adapters.cli.diagrams.lockout import Event, Passage, Place, passages
from janetbank_adapters.cli.text import Text
from tests.adapters.cli.diagram_pages import FOLDER, pages

NAMES = sorted(DIAGRAMS)
OPEN, LOCKED, BLOCKED = "Open", "Locked", "Blocked"


# --- What they say ----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-01", "LCK-03", "LCK-16")
def test_the_lockout_of_ja_is_drawn_with_its_numbers() -> None:
    """Seven wrong entries lock, sixty minutes open, the third lock blocks, and a lock looks at nothing."""
    chart = DIAGRAMS["lockout"].of(profiles.JA)
    assert isinstance(chart, Chart)
    arrows = {ends: [label.en for label in labels] for ends, labels in chart.labels().items()}
    refused, cleared = "1st to 6th wrong entry", "right entry (counts cleared)"
    ignored, never = "any entry (neither checked nor counted)", "no time opens it"
    assert arrows == {
        ("open_0", "open_0"): [refused, cleared],
        ("open_0", "locked_1"): ["7th wrong entry"],
        ("locked_1", "locked_1"): [ignored],
        ("locked_1", "open_1"): ["60 minutes later"],
        ("locked_1", "open_0"): ["release"],
        ("open_1", "open_1"): [refused],
        ("open_1", "open_0"): [cleared],
        ("open_1", "locked_2"): ["7th wrong entry"],
        ("locked_2", "locked_2"): [ignored],
        ("locked_2", "open_2"): ["60 minutes later"],
        ("locked_2", "open_0"): ["release"],
        ("open_2", "open_2"): [refused],
        ("open_2", "open_0"): [cleared],
        ("open_2", "blocked_3"): ["7th wrong entry"],
        ("blocked_3", "blocked_3"): [ignored, never],
        ("blocked_3", "open_0"): ["release"],
    }
    assert "no more than 21 wrong entries" in chart.notes[1].en


@st.composite
def rules(draw: st.DrawFn) -> Lockout:
    """Small rules of every kind."""
    tolerance = draw(st.one_of(st.integers(0, 4).map(MoreThan), st.integers(1, 5).map(AtLeast)))
    locks = draw(st.integers(1, 4))
    rest = timedelta(minutes=draw(st.integers(1, 100))) if locks > 1 else None
    return Lockout(tolerance=tolerance, rest=rest, lockouts_to_block=locks)


@given(rules())
def test_any_rule_is_driven_through_all_its_states(rule: Lockout) -> None:
    """There is an open state before each lock, a lock between each two, a block at the end, and nothing else."""
    found = list(passages(rule))
    last = rule.lockouts_to_block
    expected = {Place(count, OPEN) for count in range(last)} | {Place(count, LOCKED) for count in range(1, last)}
    assert {one.source for one in found} == expected | {Place(last, BLOCKED)}
    locks = {
        (one.source.lockouts, one.failed) for one in found if one.event is Event.WRONG and one.source != one.target
    }
    assert locks == {(count, rule.trips_at - 1) for count in range(last)}
    for one in found:
        assert one.target == _expected(one, rule)


def _expected(one: Passage, rule: Lockout) -> Place:
    """What is told of a counter by whoever reads the rule aloud."""
    count = one.source.lockouts
    match one.event:
        case Event.RIGHT | Event.RELEASE:
            return Place(0, OPEN)
        case Event.TIME if one.source.standing == LOCKED:
            return Place(count, OPEN)
        case Event.WRONG if one.failed + 1 == rule.trips_at:
            return Place(count + 1, BLOCKED if count + 1 == rule.lockouts_to_block else LOCKED)
        case _:
            return one.source


MACHINES: tuple[tuple[str, Mapping[tuple[Any, Any], Any], Mapping[Any, Text], type[Enum]], ...] = (
    ("enrolment", ENROLMENT, enrolment.ACTS, Step),
    ("phone-auth", PHONE_AUTH, phone_auth.ACTS, Phase),
    ("token", TOKEN, token.EVENTS, TokenState),
    ("recovery", RECOVERY, recovery.ACTS, recoveries.Step),
    ("reissue", REISSUE, reissue.ACTS, reissues.Step),
    ("method", METHOD, token.METHOD_EVENTS, OtpMethod),
    ("transaction", APPROVAL, transaction.EVENTS, ApprovalState),
    ("suspension", SUSPENSION, suspension.EVENTS, SuspensionState),
)


@pytest.mark.requirement("ENR-02", "ENR-09")
@pytest.mark.parametrize(("name", "table", "words", "states"), MACHINES, ids=[name for name, *_ in MACHINES])
def test_a_machine_is_drawn_from_its_table(
    name: str, table: Mapping[tuple[Any, Any], Any], words: Mapping[Any, Text], states: type[Enum]
) -> None:
    """Each cell of the table is one arrow, and there is no other; each state is one box."""
    chart = DIAGRAMS[name].of(profiles.JA)
    assert isinstance(chart, Chart)
    drawn = [(arrow.source, arrow.target, arrow.label) for arrow in chart.arrows]
    assert drawn == [(state.value, after.value, words[event]) for (state, event), after in table.items()]
    assert sorted(state.name for state in chart.states) == sorted(state.value for state in states)


@pytest.mark.requirement("TEL-06", "TEL-07", "TEL-16")
def test_the_telephone_is_drawn_with_its_numbers() -> None:
    """A token takes a call of five minutes with digits that are spoken; a password two, and nobody answers."""
    notes = [note.en for note in DIAGRAMS["phone-auth"].of(profiles.JA).notes]
    spoken = "within 5 minutes, digits spoken, and keyed back; 3 wrong entries a call, 9 in all."
    assert f"token issue: {spoken}" in notes
    assert "password reset: within 2 minutes, dropped without an answer." in notes


@pytest.mark.requirement("PWR-11")
def test_the_resets_are_drawn_with_their_number() -> None:
    """How many mismatches a day there are."""
    notes = DIAGRAMS["recovery"].of(profiles.JA).notes
    assert "After 5 mismatches a day" in notes[0].en
    assert "1日5回" in notes[0].ja


@pytest.mark.requirement("CRD-11", "APP-23", "TXA-01")
def test_the_token_is_drawn_with_its_numbers() -> None:
    """How many wrong start passwords and codes are too many, how long set-up waits, and which app is new enough."""
    (numbers, _), (version, _) = (DIAGRAMS[name].of(profiles.JA).notes for name in ("token", "method"))
    assert numbers.en == "Set up in 7 days; 5 wrong start passwords void it, 10 wrong codes in a row lock it."
    assert "version 4.0" in version.en
    without = evolve(profiles.JA.token, method=MethodRules(txa_from=None))
    assert "not offered" in DIAGRAMS["method"].of(evolve(profiles.JA, token=without)).notes[0].en


@pytest.mark.requirement("TXA-04")
def test_an_approval_is_drawn_with_its_time() -> None:
    """It waits for ten minutes."""
    assert "10 minutes" in DIAGRAMS["transaction"].of(profiles.JA).notes[0].en


@pytest.mark.requirement("LCK-15")
def test_the_grids_refuse_what_the_tables_refuse() -> None:
    """A cell is crossed exactly where the table refuses."""
    doors, procedures = admission.draw(profiles.JA), eligibility.draw(profiles.JA)
    for one in Operation:
        for condition in Condition:
            assert ((one.value, condition.value) in doors.refused) == (condition in REFUSED_IN[one])
    for wanted in OnlineProcedure:
        for lack in Lack:
            assert ((wanted.value, lack.value) in procedures.refused) == (lack in EXCLUDED[wanted])


@pytest.mark.requirement("LCK-04", "LCK-09", "LCK-15")
def test_all_dimensions_of_a_contract_are_drawn_from_the_tables() -> None:
    """Its life, each counter with its numbers, and whatever else blocks it; each led out of by its row of releases."""
    sheet, without = (DIAGRAMS["contract"].of(one) for one in (profiles.AOMORI, profiles.JA))
    assert isinstance(sheet, Sheet)
    assert isinstance(without, Sheet)
    life, *others = sheet.charts
    assert {(arrow.source, arrow.target) for arrow in life.arrows} == {
        (status.value, after.value) for (status, _), after in LIFE.items()
    }
    assert len(others) == len(Counter) + 3
    assert len(without.charts) == len(sheet.charts) - 2  # at JA nobody guesses at second or mailed passwords
    drawn = {(arrow.source, arrow.label) for chart in others for arrow in chart.arrows}
    named = {
        Block.FORM_CLOSED: "form_stopped",
        Block.CARD_FREEZE: "card_stopped",
        Block.SUSPENSION: "suspension_stopped",
    }
    # Where wrong codes and start passwords rest, as codes do at a new bank, that is drawn too.
    resting = dict.fromkeys((Counter.CODE, Counter.START_PASSWORD), profiles.MODERN.lockouts[Counter.CODE])
    there = DIAGRAMS["contract"].of(evolve(profiles.AOMORI, lockouts={**profiles.AOMORI.lockouts, **resting}))
    assert isinstance(there, Sheet)
    drawn_there = drawn | {(arrow.source, arrow.label) for chart in there.charts for arrow in chart.arrows}
    for block in Block:
        name = named.get(block) or f"{block.value}ed"
        ways = {label for source, label in drawn_there if source == name and label in contract.RELEASES.values()}
        assert ways == {contract.RELEASES[way] for way in WAYS[block]}
    said = {source: label.en for source, label in drawn if label not in contract.RELEASES.values()}
    assert said["password_open"] == "7th wrong entry"
    assert said["password_locked"] == "3rd lockout in a row"
    assert said["code_open"] == "10th wrong entry"
    assert said["form_open"] == "5 mismatches in a day"


@pytest.mark.requirement("ACC-05", "ACC-09", "CAN-04", "CAN-08")
def test_accounts_and_leaving_are_drawn_from_their_tables() -> None:
    """Each cell is one arrow; below a state stands what the account is good for; the notes name every hindrance."""
    sheet = DIAGRAMS["account"].of(profiles.JA)
    assert isinstance(sheet, Sheet)
    accounts, leaving = sheet.charts
    assert [(one.source, one.target, one.label) for one in accounts.arrows] == [
        (f"account_{state.value}", f"account_{after.value}", account.EVENTS[event])
        for (state, event), after in ACCOUNTS.items()
    ]
    assert [one.name for one in accounts.states] == [f"account_{state.value}" for state in AccountState]
    assert [one.below and one.below.en for one in accounts.states] == [
        None,
        "statements, transfers",
        "statements",
        None,
    ]
    assert {(one.source, one.target) for one in leaving.arrows} == {
        (status.value, after.value) for (status, _), after in LIFE.items()
    }
    for words in account.HINDRANCES.values():
        assert words.ja in sheet.notes[1].ja
        assert words.en in sheet.notes[1].en
    strict = evolve(profiles.JA, leaving=LeavingRules(awaits_deletions=True))
    assert sheet.notes[2] != account.draw(strict).notes[2]


def test_two_charts_of_a_sheet_keep_their_states_apart() -> None:
    """A state of one name in two charts would be one state to Mermaid."""
    chart = Chart(title=Text.same("t"), states=(State("a", Text.same("a")),), arrows=())
    with pytest.raises(ValueError, match="a state of one name"):
        Sheet(title=Text.same("t"), charts=(chart, chart))


def test_everything_has_its_words() -> None:
    """Whatever is added to a table has a Japanese and an English word here, each of its own."""
    for words, members in (
        (enrolment.ACTS, Deed),
        (admission.OPERATIONS, Operation),
        (admission.CONDITIONS, Condition),
        (eligibility.PROCEDURES, OnlineProcedure),
        (eligibility.LACKS, Lack),
        (phone_auth.PHASES, Phase),
        (phone_auth.ACTS, Act),
        (phone_auth.MODES, Mode),
        (recovery.ACTS, recoveries.Act),
        (reissue.ACTS, reissues.Act),
        (token.STATES, TokenState),
        (token.EVENTS, TokenEvent),
        (token.METHODS, OtpMethod),
        (token.METHOD_EVENTS, MethodEvent),
        (transaction.STATES, ApprovalState),
        (transaction.EVENTS, ApprovalEvent),
        (suspension.STATES, SuspensionState),
        (suspension.EVENTS, SuspensionEvent),
        (contract.COUNTERS, Counter),
        (contract.RELEASES, Release),
        (contract.EVENTS, ContractEvent),
        (account.STATES, AccountState),
        (account.EVENTS, AccountEvent),
        (account.USED_FOR, AccountUse),
        (account.HINDRANCES, LeavingHindrance),
    ):
        assert words.keys() == set(members)
        for lang in LANGUAGES:
            said = [text.said(lang) for text in words.values()]
            assert all(said)
            assert len(set(said)) == len(said)


def test_an_arrow_leads_to_a_state() -> None:
    """A chart with an arrow to nowhere cannot be made."""
    with pytest.raises(ValueError, match="no such state: b"):
        Chart(title=Text.same("t"), states=(State("a", Text.same("a")),), arrows=(Arrow("a", "b", Text.same("c")),))


# --- How they look ----------------------------------------------------------------------------------------------------


def _crosses(box: tuple[float, float, float, float], start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Whether the way from *start* to *end*, straight across or down, comes into *box* (left, top, right, bottom)."""
    left, top, right, bottom = box
    (x0, x1), (y0, y1) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return x0 < right - 0.01 and left + 0.01 < x1 + 0.001 and y0 < bottom - 0.01 and top + 0.01 < y1 + 0.001


def _frame(one: Box | Label) -> tuple[float, float, float, float]:
    if isinstance(one, Box):
        return one.x, one.y, one.right, one.bottom
    return one.left, one.top, one.left + one.width, one.bottom


def _overlap(one: Box | Label, other: Box | Label) -> bool:
    left, top, right, bottom = _frame(one)
    return _crosses(_frame(other), (left, top), (right, bottom))


def assert_legible(layout: Layout) -> None:
    """No two things stand on one another, no line goes through or along a box or a label, and nothing sticks out."""
    things: list[Box | Label] = [*layout.boxes, *layout.labels]
    for one, other in combinations(things, 2):
        assert not _overlap(one, other), (one, other)
    for line in layout.lines:
        for start, end in segments(line):
            assert start[0] == end[0] or start[1] == end[1], line
            for thing in things:
                assert not _crosses(_frame(thing), start, end), (line, thing)
        for start, end in list(segments(line))[1:-1]:
            for box in layout.boxes:
                assert not _crosses((box.x - 8, box.y, box.right + 8, box.bottom), start, end), (line, box)
    for left, top, right, bottom in map(_frame, things):
        assert layout.left <= left <= right <= layout.right
        assert 0 <= top <= bottom <= layout.height


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_chart_is_legible(name: str, lang: Language) -> None:
    """Each chart that can be asked for is."""
    for chart in _charts_of(DIAGRAMS[name].of(profiles.JA)):
        assert_legible(lay_out(chart, lang))


def _charts_of(diagram: Diagram) -> tuple[Chart, ...]:
    match diagram:
        case Chart():
            return (diagram,)
        case Sheet():
            return diagram.charts
        case Grid():
            return ()


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """A spine of states with arrows back, onwards and to themselves, and words of any length."""
    words = st.text("ab 漢字iW", min_size=1, max_size=20).map(Text.same)
    count = draw(st.integers(2, 7))
    names = [f"s{number}" for number in range(count)]
    states = tuple(State(name, draw(words), draw(st.none() | words)) for name in names)
    spine = [Arrow(one, other, draw(words)) for one, other in pairwise(names)]
    ends = st.tuples(st.sampled_from(names), st.sampled_from(names))
    others = [Arrow(source, target, draw(words)) for source, target in draw(st.lists(ends, max_size=6))]
    return Chart(title=draw(words), states=states, arrows=(*spine, *others))


def _row(*others: tuple[int, int]) -> Chart:
    """Three states in a row, with *others* between them."""
    word = Text.same("W")
    ends = [(0, 1), (1, 2), *others]
    arrows = tuple(Arrow(f"s{source}", f"s{target}", word) for source, target in ends)
    return Chart(title=word, states=tuple(State(f"s{number}", word) for number in range(3)), arrows=arrows)


@pytest.mark.parametrize(
    "chart",
    [
        _row(),
        _row((0, 0), (0, 2)),  # a loop above what leaves on the same side
        _row((0, 0), (0, 0), (0, 2)),
        _row((2, 2), (0, 2)),  # and above what arrives there
        _row((1, 0), (2, 1), (2, 0)),
        _row((2, 0), (1, 0), (0, 2)),
        _row((0, 0), (0, 0), (0, 0), (0, 0)),  # more labels than the box is high
    ],
)
def test_what_meets_at_a_box_is_legible(chart: Chart) -> None:
    """Loops and lanes on one side of a box keep out of one another's way."""
    assert_legible(lay_out(chart, "en"))


@given(charts())
def test_any_spine_is_legible(chart: Chart) -> None:
    """Whatever leads back or onwards along a row of states runs beside them."""
    assert_legible(lay_out(chart, "ja"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_svg_is_whole_and_says_everything(name: str, lang: Language) -> None:
    """The file is well-formed, shows every text in the language asked for, and is the same each time."""
    diagram = DIAGRAMS[name].of(profiles.JA)
    drawn = svg.draw(diagram, lang)
    assert drawn == svg.draw(DIAGRAMS[name].of(profiles.JA), lang)
    shown = [node.text or "" for node in ET.fromstring(drawn).iter() if node.tag.endswith("text")]  # noqa: S314 -- ours
    for text in _texts(diagram):
        assert text.said(lang) in shown


def _texts(diagram: Diagram) -> list[Text]:
    match diagram:
        case Chart() | Sheet():
            charts = _charts_of(diagram)
            states = [text for one in charts for state in one.states for text in (state.label, state.below) if text]
            return [diagram.title, *states, *(arrow.label for one in charts for arrow in one.arrows), *diagram.notes]
        case Grid():
            return [diagram.title, *(label for _, label in (*diagram.rows, *diagram.columns)), *diagram.notes]


def test_svg_escapes_what_xml_would_take_for_its_own() -> None:
    """A text with <, > or & is shown as it is."""
    odd = Text.same("<a> & b")
    chart = Chart(title=odd, states=(State("a", odd),), arrows=(Arrow("a", "a", odd),))
    texts = [node.text for node in ET.fromstring(svg.draw(chart, "ja")).iter() if node.tag.endswith("text")]  # noqa: S314
    assert texts == ["<a> & b"] * 3


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_mermaid_keeps_its_own_signs_out_of_labels(name: str, lang: Language) -> None:
    """A label holds nothing at which Mermaid ends it, and every statement is one of the few that are used here."""
    first, *rest = mermaid.draw(DIAGRAMS[name].of(profiles.JA), lang).splitlines()
    assert first in {"stateDiagram-v2", "flowchart LR"}
    statement = re.compile(
        r"    (state \"[^\":;#]+\" as \w+|\[\*\] --> \w+|\w+ --> \w+ : [^\":;#]+|\w+\[\"[^\":;#]+\"\]|\w+ --x \w+"
        r"|classDef \w+ [\w:#,]+|class [\w,]+ \w+)"
    )
    assert [line for line in rest if not statement.fullmatch(line)] == []


def test_mermaid_replaces_its_own_signs() -> None:
    """What Mermaid would take for its own is written with the wide sign that looks like it."""
    odd = Text.same('a:b;c#d"e')
    chart = Chart(title=odd, states=(State("a", odd),), arrows=(Arrow("a", "a", odd),))
    assert "a --> a : a：b；c＃d”e" in mermaid.draw(chart, "en")


def test_mermaid_draws_a_grid_as_what_refuses_what() -> None:
    """Rows and columns that are alike share a box, and each cross stands behind exactly one arrow."""
    rows = tuple((name, Text.same(name)) for name in ("r1", "r2", "r3"))
    columns = tuple((name, Text.same(name)) for name in ("c1", "c2", "c3"))
    refused = frozenset({("r1", "c1"), ("r2", "c1"), ("r1", "c2"), ("r2", "c2")})
    drawn = mermaid.draw(Grid(title=Text.same("t"), rows=rows, columns=columns, refused=refused), "en")
    assert drawn.splitlines()[:6] == [
        "flowchart LR",
        '    column_0["c1<br/>c2"]',
        '    column_1["c3"]',
        '    row_0["r1<br/>r2"]',
        '    row_1["r3"]',
        "    column_0 --x row_0",
    ]
    assert drawn.count("--x") == 1


# --- The command ------------------------------------------------------------------------------------------------------


def test_the_command_draws_what_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Name, format and language are obeyed, and nothing else is on the standard output."""
    assert main(["diagram", "lockout", "--format", "svg", "--lang", "ja"]) == 0
    assert capsys.readouterr().out == svg.draw(DIAGRAMS["lockout"].of(profiles.JA), "ja")
    assert main(["diagram", "enrolment", "--lang", "en"]) == 0
    assert capsys.readouterr().out == mermaid.draw(DIAGRAMS["enrolment"].of(profiles.JA), "en")


def test_the_command_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Each diagram stands on a line of its own, with what it shows."""
    assert main(["diagram", "--list", "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(DIAGRAMS)


@pytest.mark.parametrize("argv", [["diagram"], ["diagram", "nothing"], ["diagram", "lockout", "--format", "gif"]])
def test_what_cannot_be_drawn_is_misuse(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No name, an unknown one or another format: exit code 2, and nothing on the standard output."""
    assert main(argv) == 2
    assert capsys.readouterr().out == ""


def test_the_pages_are_up_to_date() -> None:
    """docs/diagrams shows what is drawn now (`python -m tests.adapters.cli.diagram_pages` writes it anew)."""
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == pages()
