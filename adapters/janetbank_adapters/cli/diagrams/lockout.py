"""The states of one counter, found by driving the profile's own `Lockout` through everything that can happen to it.

Wrong and right entries, the passing of time and a release are done to every tally that can come about, one after
another.  Tallies that differ only in how many failures stand are one state; the arrows name the numbers.

Shape:  `passages(rule)` what leads where; `draw(profile, counter)` the chart of it.
Source: LCK-01..03, 10, 11, 16; AMB-5, 18.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

from attrs import frozen

from janetbank.model.contract import Counter
from janetbank.policies.lockout import Blocked, Locked, Lockout, Open, Reserved, Tally
from janetbank.profiles.profile import Profile
from janetbank_adapters.cli.diagrams.chart import Arrow, Chart, State, Tone
from janetbank_adapters.cli.text import Text, length, ordinal

_START = datetime(2026, 1, 1, tzinfo=UTC)
_AGES = timedelta(days=36_525)
"""What is still closed after a hundred years, no time opens."""

COUNTERS = {
    Counter.PASSWORD: Text("ログインパスワード", "the password"),
    Counter.ANSWER: Text("追加認証の回答", "the answers to questions"),
}


class Event(Enum):
    """What can happen to a counter."""

    WRONG = "wrong"
    RIGHT = "right"
    ENTRY = "entry"
    """An entry that is not evaluated, so that right and wrong are the same."""
    TIME = "time"
    RELEASE = "release"


@frozen
class Place:
    """A state of the chart: how many lockouts in a row there were, and how the counter stands."""

    lockouts: int
    standing: str


@frozen
class Passage:
    """*event* led from one place to another, where *failed* wrong entries stood before."""

    source: Place
    event: Event
    target: Place
    failed: int


def passages(rule: Lockout) -> Iterator[Passage]:
    """Every passage that *rule* knows, in the order in which a customer meets them."""
    seen: set[tuple[Place, int]] = set()
    met = [(Tally(), _START)]
    while met:
        tally, now = met.pop(0)
        here = _place(rule, tally, now)
        if (here, len(tally.failed)) in seen:
            continue
        seen.add((here, len(tally.failed)))
        for event, after, later in _whatever_happens(rule, tally, now):
            yield Passage(here, event, _place(rule, after, later), len(tally.failed))
            met.append((after, later))


def _whatever_happens(rule: Lockout, tally: Tally, now: datetime) -> Iterator[tuple[Event, Tally, datetime]]:
    reserved, verdict = rule.reserve(tally, now)
    if isinstance(verdict, Reserved):
        yield Event.WRONG, rule.settle_wrong(reserved, verdict.ticket, now)[0], now
        yield Event.RIGHT, rule.settle_right(reserved, verdict.ticket, now)[0], now
        return
    yield Event.ENTRY, reserved, now
    yield Event.TIME, tally, verdict.until if isinstance(verdict, Locked) else now + _AGES
    yield Event.RELEASE, rule.release(tally), now


def _place(rule: Lockout, tally: Tally, now: datetime) -> Place:
    return Place(tally.lockouts, type(rule.standing(tally, now)).__name__)


def draw(profile: Profile, counter: Counter = Counter.PASSWORD) -> Chart:
    """The chart of *counter* with the numbers of *profile*."""
    rule, what = profile.lockout(counter), COUNTERS[counter]
    numbers: dict[tuple[Place, Event, Place], list[int]] = {}
    for one in passages(rule):
        numbers.setdefault((one.source, one.event, one.target), []).append(one.failed + 1)
    places = dict.fromkeys(place for source, _, target in numbers for place in (source, target))
    busy, most = length(rule.patience), rule.guesses_to_block
    return Chart(
        title=Text(
            f"{profile.title}：{what.ja}のロックアウトと取引閉塞", f"{profile.title}: lockouts and block by {what.en}"
        ),
        states=tuple(_state(rule, place) for place in places),
        arrows=tuple(
            Arrow(_name(source), _name(target), _label(rule, event, wrong, moved=source != target))
            for (source, event, target), wrong in numbers.items()
        ),
        notes=(
            Text(
                f"入力は照合の前に数え、{busy.ja}以内に結果が出ないものは誤りとする。",
                f"An entry is counted before it is checked; one that is not settled within {busy.en} counts as wrong.",
            ),
            Text(
                f"正しい入力または解除がない限り、照合される誤入力は全部で最大{most}回。",
                f"Without a right entry or a release, no more than {most} wrong entries are ever checked.",
            ),
        ),
    )


def _name(place: Place) -> str:
    return f"{place.standing.lower()}_{place.lockouts}"


def _state(rule: Lockout, place: Place) -> State:
    count, rest = place.lockouts, length(rule.rest or timedelta())
    below = Text(f"連続ロックアウト {count}回", f"{count or 'no'} lockout{'' if count == 1 else 's'} in a row")
    match place.standing:
        case Open.__name__:
            return State(_name(place), Text("入力を受け付ける", "open"), below, Tone.OPEN)
        case Locked.__name__:
            return State(_name(place), Text(f"ロックアウト {rest.ja}", f"locked for {rest.en}"), below, Tone.WAIT)
        case Blocked.__name__:
            return State(_name(place), Text("取引閉塞", "blocked"), below, Tone.STOP)
        case other:
            msg = f"no picture of a counter that is {other}"
            raise ValueError(msg)


def _label(rule: Lockout, event: Event, wrong: Sequence[int], *, moved: bool) -> Text:
    match event:
        case Event.WRONG:
            first, last = min(wrong), max(wrong)
            if first == last:
                return Text(f"誤入力{last}回目", f"{ordinal(last)} wrong entry")
            return Text(f"誤入力{first}〜{last}回目", f"{ordinal(first)} to {ordinal(last)} wrong entry")
        case Event.RIGHT:
            return Text("正しい入力（回数を消去）", "right entry (counts cleared)")
        case Event.ENTRY:
            return Text("入力（照合も加算もしない）", "any entry (neither checked nor counted)")
        case Event.TIME if moved:
            rest = length(rule.rest or timedelta())
            return Text(f"{rest.ja}経過", f"{rest.en} later")
        case Event.TIME:
            return Text("時間の経過では解けない", "no time opens it")
        case Event.RELEASE:
            return Text("解除", "release")
