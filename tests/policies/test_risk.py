"""Risk: which places look strange."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.risk import Place, RiskRules, Unusual, Usual

RULES = RiskRules(remembered=3)
HOME = Place("telephone", "192.0.2.0/24", "ios")
OFFICE = Place("desktop", "198.51.100.0/24", "windows")

PLACES = st.builds(
    Place,
    device=st.sampled_from(["", "a", "b", "c", "d"]),
    network=st.sampled_from(["n1", "n2", "n3"]),
    platform=st.sampled_from(["ios", "android"]),
)


@pytest.mark.requirement("RBA-01", "RBA-02")
@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (HOME, Usual()),
        (Place("telephone", "203.0.113.0/24", "ios"), Usual()),
        (Place("telephone", "192.0.2.0/24", "android"), Usual()),
        (Place("telephone", "203.0.113.0/24", "android"), Unusual(("network", "platform"))),
        (Place("telephone", OFFICE.network, OFFICE.platform), Unusual(("network", "platform"))),
        (Place("stranger", "192.0.2.0/24", "ios"), Unusual(("device",))),
        (Place("", "192.0.2.0/24", "ios"), Unusual(("device",))),
        (OFFICE, Usual()),
    ],
)
def test_a_place_is_usual_by_its_device_and_one_thing_more(place: Place, expected: Usual | Unusual) -> None:
    """A known device is usual in its own network or on its own platform, and in no other device's."""
    assert RULES.assess((OFFICE, HOME), place) == expected


@pytest.mark.requirement("RBA-01")
@given(PLACES)
def test_from_nowhere_known_everything_is_strange(place: Place) -> None:
    """Where no place is known, the device is the reason."""
    assert RULES.assess((), place) == Unusual(("device",))


@given(st.lists(PLACES), PLACES)
def test_a_place_without_a_device_is_never_usual_and_never_remembered(visits: list[Place], place: Place) -> None:
    """Whoever shows no token is asked, as often as he comes."""
    known: tuple[Place, ...] = ()
    for visit in visits:
        known = RULES.remember(known, visit)
    nameless = Place("", place.network, place.platform)
    assert RULES.remember(known, nameless) == known
    assert RULES.assess(known, nameless) == Unusual(("device",))


@given(st.integers(1, 4), st.lists(PLACES, max_size=20))
def test_the_newest_places_are_known_and_the_one_unused_longest_is_forgotten(count: int, visits: list[Place]) -> None:
    """What is known is the last visit of each device, the newest last, of as many devices as the rule says."""
    rules = RiskRules(remembered=count)
    known: tuple[Place, ...] = ()
    for past, visit in enumerate(visits, start=1):
        known = rules.remember(known, visit)
        last = {place.device: at for at, place in enumerate(visits[:past]) if place.device}
        assert list(known) == [visits[at] for at in sorted(last.values())][-count:]
        if visit.device:
            assert rules.assess(known, visit) == Usual()


def test_fewer_remembered_forgets_at_the_next_visit() -> None:
    """A rule made tighter while places are known holds from the next visit on, even one that brings nothing new."""
    known = tuple(Place(device, "n", "ios") for device in "abc")
    assert RiskRules(remembered=1).remember(known, known[-1]) == known[-1:]


@pytest.mark.parametrize("count", [0, -1])
def test_at_least_one_place_is_remembered(count: int) -> None:
    """A rule that remembers nothing would call everybody strange for ever; it cannot be made."""
    with pytest.raises(ValueError, match="at least one"):
        RiskRules(remembered=count)
