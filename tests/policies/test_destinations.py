"""Which of the bank's numbers a caller is asked to dial."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.destinations import DestinationPool, Exhausted, Rental
from janetbank.values.phone import PhoneNumber

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
WINDOW = timedelta(seconds=300)
NUMBERS = tuple(PhoneNumber.parse(f"0120-417-{number:03}") for number in range(5))
POOL = DestinationPool(NUMBERS)


def rented(*places: int, until: datetime = T0 + WINDOW) -> list[Rental]:
    """Rentals of numbers of the pool."""
    return [Rental(NUMBERS[place], until) for place in places]


@pytest.mark.parametrize(
    ("now", "free"),
    [(T0, False), (T0 + WINDOW, False), (T0 + WINDOW + TICK, True)],
)
def test_a_number_returns_after_its_last_instant(now: datetime, free: bool) -> None:  # noqa: FBT001 -- a case
    """A rental includes its last instant; after it the number is free, though nobody gave it back (AMB-37)."""
    pool = DestinationPool(NUMBERS[:1])
    expected = NUMBERS[0] if free else Exhausted(T0 + WINDOW)
    assert pool.rent(rented(0), now, 0) == expected


def test_a_rented_number_is_not_rented_again() -> None:
    """What is left over is rented, whatever is drawn."""
    assert {POOL.rent(rented(0, 1, 3), T0, drawn) for drawn in range(100)} == {NUMBERS[2], NUMBERS[4]}


def test_any_free_number_may_be_drawn() -> None:
    """No number is preferred: which one it is, chance says."""
    drawn = [POOL.rent([], T0, number) for number in range(500)]
    assert all(drawn.count(number) == 100 for number in NUMBERS)


def test_exhaustion_is_an_outcome() -> None:
    """Where all are rented, it says after which instant one is free again."""
    rentals = [*rented(0, 1, 2), *rented(3, until=T0 + TICK), *rented(4, until=T0 + 2 * TICK)]
    assert POOL.rent(rentals, T0, 7) == Exhausted(T0 + TICK)
    assert POOL.rent(rentals, T0 + 2 * TICK, 7) == NUMBERS[3]


def test_the_later_of_two_rentals_counts() -> None:
    """A number that was rented again is rented until the later end."""
    pool = DestinationPool(NUMBERS[:1])
    twice = [*rented(0, until=T0 + WINDOW), *rented(0, until=T0 + TICK)]
    assert pool.rent(twice, T0, 0) == pool.rent(twice[::-1], T0, 0) == Exhausted(T0 + WINDOW)


def test_a_number_that_left_the_pool_is_not_rented() -> None:
    """Rentals of numbers that the pool no longer has are nobody's concern."""
    assert DestinationPool(NUMBERS[:2]).rent(rented(0, 4), T0, 5) == NUMBERS[1]


@pytest.mark.requirement("TEL-01")
@pytest.mark.parametrize(
    "numbers",
    [
        (),
        (NUMBERS[0], NUMBERS[0]),
        (NUMBERS[0], PhoneNumber.parse("03-1234-5678")),
        (PhoneNumber.parse("0570-000-000"),),
    ],
)
def test_pools_that_cannot_be(numbers: tuple[PhoneNumber, ...]) -> None:
    """A pool is not empty, has no number twice, and calling it costs nothing (TEL-01)."""
    with pytest.raises(ValueError):
        DestinationPool(numbers)


@given(
    starts=st.lists(st.tuples(st.integers(0, 120), st.integers(1, 600), st.integers(0, 1 << 32)), max_size=40),
)
def test_no_two_live_rentals_share_a_number(starts: list[tuple[int, int, int]]) -> None:
    """However one caller's attempts follow one another, no two hold a number at once, and none is refused in vain."""
    now, rentals = T0, list[Rental]()
    for pause, length, drawn in starts:
        now += timedelta(seconds=pause)
        live = {rental.destination for rental in rentals if not rental.until < now}
        rent = POOL.rent(rentals, now, drawn)
        if isinstance(rent, Exhausted):
            assert live == set(NUMBERS)
            assert rent.until == min(rental.until for rental in rentals if not rental.until < now)
        else:
            assert rent not in live
            rentals.append(Rental(rent, now + timedelta(seconds=length)))
