"""Line change: numbers that changed hands lately."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.line_change import NOTHING_SAID, ChangedLately, LineChange, LineChanges, LineRules

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
RULES = LineRules(rest=7 * DAY)
ALL = list(LineChange)


def changed(**ago: timedelta) -> LineChanges:
    """What a carrier says who knows of changes so long before T0."""
    return LineChanges(**{name: T0 - since for name, since in ago.items()})


@pytest.mark.parametrize("change", LineChange)
@pytest.mark.parametrize(
    ("ago", "refused"),
    [
        (timedelta(0), True),
        (DAY, True),
        (7 * DAY - TICK, True),
        (7 * DAY, False),
        (7 * DAY + TICK, False),
        (400 * DAY, False),
        # The carrier's clock is ahead of ours: a change of the next instant is as young as can be.
        (-timedelta(seconds=5), True),
    ],
)
def test_a_number_rests_after_each_kind_of_change(change: LineChange, ago: timedelta, refused: bool) -> None:  # noqa: FBT001 -- a column
    """Up to the end of its rest a number is refused, and told why and until when; at the end it is taken again."""
    told = RULES.check(changed(**{change.value: ago}), T0)
    assert told == (ChangedLately((change,), T0 - ago + 7 * DAY) if refused else None)


def test_what_a_carrier_does_not_say_is_no_reason() -> None:
    """Of a number of which nothing is known nothing speaks against it: the sources demand the call."""
    assert RULES.check(NOTHING_SAID, T0) is None


@pytest.mark.parametrize(
    "some", list(chain.from_iterable(combinations(ALL, size) for size in range(1, len(ALL) + 1))), ids=len
)
def test_several_changes_rest_until_the_last_of_them_is_old(some: tuple[LineChange, ...]) -> None:
    """All that changed lately is named, and the number rests as long as the youngest change wants."""
    ages = {change: (number + 1) * DAY for number, change in enumerate(some)}
    told = RULES.check(changed(**{change.value: age for change, age in ages.items()}), T0)
    assert told == ChangedLately(some, T0 + 6 * DAY)


AGES = st.none() | st.timedeltas(min_value=-DAY, max_value=30 * DAY)


@given(st.timedeltas(min_value=TICK, max_value=20 * DAY), AGES, AGES, AGES)
def test_a_number_is_refused_exactly_while_some_change_is_young(
    rest: timedelta, sim: timedelta | None, device: timedelta | None, subscriber: timedelta | None
) -> None:
    """One young change is enough, old ones do not matter, and *until* is the first instant at which none is young."""
    ages = {"sim": sim, "device": device, "subscriber": subscriber}
    changes = changed(**{name: age for name, age in ages.items() if age is not None})
    told = LineRules(rest=rest).check(changes, T0)
    young = {name for name, age in ages.items() if age is not None and age < rest}
    assert (told is not None) == bool(young)
    if told is not None:
        assert {change.value for change in told.changes} == young
        assert LineRules(rest=rest).check(changes, told.until - TICK) is not None
        assert LineRules(rest=rest).check(changes, told.until) is None


def test_instants_are_instants() -> None:
    """What a carrier says in Japanese time is the same instant; a time that names none is the programmer's mistake."""
    japan = timezone(timedelta(hours=9))
    assert LineChanges(sim=T0.astimezone(japan)) == LineChanges(sim=T0)
    with pytest.raises(TypeError, match="aware"):
        LineChanges(device=datetime(2026, 4, 1))  # noqa: DTZ001 -- the mistake


@pytest.mark.parametrize("rest", [timedelta(0), -TICK])
def test_a_rest_of_nothing_cannot_be_made(rest: timedelta) -> None:
    """A profile that asks no carrier has no rules; it has no empty ones."""
    with pytest.raises(ValueError, match="rests for some time"):
        LineRules(rest=rest)
