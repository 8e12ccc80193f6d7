"""Limits: per account and day, when set and when used, and never more than that together."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from janetbank.policies.limits import (
    COUNTED,
    ClosedForTransfers,
    CountedOn,
    LimitRules,
    Taken,
    TooMuch,
    Usage,
)
from janetbank.values.daily_limit import DailyLimit
from janetbank.values.instruction import InstructionKind
from janetbank.values.money import MOST, Yen

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
MAN = 10_000
AOMORI = LimitRules(most=DailyLimit(100), most_with_token=DailyLimit(300), initial=DailyLimit(0))
OPEN = LimitRules(most=DailyLimit(20), most_with_token=DailyLimit(500), initial=DailyLimit(500))
LIMITS = st.none() | st.integers(0, 600).map(DailyLimit)
AMOUNTS = st.integers(1, 8_000_000).map(Yen)
DAYS = st.integers(0, 3).map(lambda ahead: TODAY + ahead * DAY)


# --- Setting ----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TRF-03", "PRF-11")
@pytest.mark.parametrize(
    ("man", "token", "taken"),
    [
        (0, False, True),
        (1, False, True),
        (99, False, True),
        (100, False, True),
        (101, False, False),
        (300, False, False),
        (0, True, True),
        (100, True, True),
        (101, True, True),
        (299, True, True),
        (300, True, True),
        (301, True, False),
    ],
)
def test_how_high_a_limit_may_be_set(man: int, *, token: bool, taken: bool) -> None:
    """A million yen without one-time passwords, three with them, each included; nothing is a limit as well."""
    violations = AOMORI.check(DailyLimit(man), token=token)
    assert [one.code for one in violations] == ([] if taken else ["limit.too_high"])
    if violations:
        assert violations[0].params == {"most": 300 if token else 100}


@pytest.mark.requirement("TRF-03")
@pytest.mark.parametrize(
    ("limit", "token", "man"),
    [
        (DailyLimit(300), True, 300),
        (DailyLimit(300), False, 100),
        (DailyLimit(101), False, 100),
        (DailyLimit(70), True, 70),
        (DailyLimit(70), False, 70),
        (DailyLimit(0), True, 0),
        (DailyLimit(999), True, 300),
        (None, True, 0),
        (None, False, 0),
    ],
)
def test_what_counts_of_a_limit_when_it_is_used(limit: DailyLimit | None, *, token: bool, man: int) -> None:
    """What was set, but never more than may be set now: the token given up, a profile changed; before, the initial."""
    assert AOMORI.effective(limit, token=token) == DailyLimit(man)


@given(LIMITS, st.booleans())
def test_a_token_never_takes_anything_away(limit: DailyLimit | None, token: bool) -> None:  # noqa: FBT001 -- hypothesis gives it
    """What is used was allowed to be set, and who has a token in use has no less than who has none."""
    used = OPEN.effective(limit, token=token)
    assert OPEN.check(used, token=token) == ()
    assert OPEN.effective(limit, token=True) >= OPEN.effective(limit, token=False)
    assert used <= (OPEN.initial if limit is None else limit)


@pytest.mark.parametrize(
    ("most", "most_with_token", "initial", "why"),
    [(2, 1, 0, "with one-time passwords"), (1, 2, 3, "nobody begins")],
)
def test_rules_that_cannot_be(most: int, most_with_token: int, initial: int, why: str) -> None:
    """A token that takes something away, and a beginning that nobody could set, are refused."""
    with pytest.raises(ValueError, match=f"^{why}"):
        LimitRules(most=DailyLimit(most), most_with_token=DailyLimit(most_with_token), initial=DailyLimit(initial))


def test_rules_at_their_bounds() -> None:
    """The same with a token and without, and to begin with all of it, can be."""
    same = DailyLimit(5)
    assert LimitRules(most=same, most_with_token=same, initial=same).effective(None, token=False) == same


# --- Using ------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TRF-03")
@pytest.mark.parametrize(
    ("spent", "amount", "verdict"),
    [
        (0, 70 * MAN - 1, Taken()),
        (0, 70 * MAN, Taken()),
        (0, 70 * MAN + 1, TooMuch(Yen(70 * MAN))),
        (70 * MAN - 1, 1, Taken()),
        (70 * MAN - 1, 2, TooMuch(Yen(1))),
        (70 * MAN, 1, TooMuch(Yen(0))),
        (80 * MAN, 1, TooMuch(Yen(0))),
        (1, MOST, TooMuch(Yen(70 * MAN - 1))),
    ],
)
def test_what_is_left(spent: int, amount: int, verdict: object) -> None:
    """Up to the last yen of the limit it counts; one yen more does not, and what is left is told."""
    usage = Usage().with_(TODAY, Yen(spent))
    after, told = AOMORI.take(usage, DailyLimit(70), Yen(amount), TODAY, token=False)
    assert told == verdict
    assert after.on(TODAY) == Yen(spent + amount if verdict == Taken() else spent)


@pytest.mark.requirement("TRF-03")
@pytest.mark.parametrize("token", [True, False])
def test_nothing_closes_the_account(*, token: bool) -> None:
    """At a limit of none not one yen is transferred, whoever asks; that is told as what it is."""
    assert AOMORI.take(Usage(), DailyLimit(0), Yen(1), TODAY, token=token) == (Usage(), ClosedForTransfers())
    assert AOMORI.take(Usage(), None, Yen(1), TODAY, token=token) == (Usage(), ClosedForTransfers())


@pytest.mark.requirement("TRF-03")
def test_the_token_given_up_takes_the_rest_of_the_day() -> None:
    """Two million counted with a token in use; without it nothing is left of that day, and all of the next one's."""
    usage, told = AOMORI.take(Usage(), DailyLimit(300), Yen(200 * MAN), TODAY, token=True)
    assert told == Taken()
    assert AOMORI.take(usage, DailyLimit(300), Yen(1), TODAY, token=False) == (usage, TooMuch(Yen(0)))
    assert AOMORI.take(usage, DailyLimit(300), Yen(100 * MAN), TODAY + DAY, token=False)[1] == Taken()
    assert AOMORI.take(usage, DailyLimit(300), Yen(100 * MAN), TODAY, token=True)[1] == Taken()


@pytest.mark.requirement("TRF-05")
def test_bills_do_not_count() -> None:
    """Every transfer counts, to oneself too, and no bill."""
    assert set(InstructionKind) - COUNTED == {InstructionKind.PAYEASY_PRIVATE, InstructionKind.PAYEASY_PUBLIC}


@pytest.mark.parametrize(("counted", "ahead"), list(product(CountedOn, (0, 1, 30))))
def test_on_which_day_a_reservation_counts(counted: CountedOn, ahead: int) -> None:
    """On the day of its execution, or of its request where the profile says so (AMB-34); today's counts today."""
    rules = LimitRules(most=DailyLimit(1), most_with_token=DailyLimit(1), initial=DailyLimit(1), reservations=counted)
    date = TODAY + ahead * DAY
    assert rules.day_of(date, TODAY) == (date if counted is CountedOn.EXECUTION else TODAY)


@given(st.lists(st.tuples(DAYS, AMOUNTS), max_size=8), DAYS, AMOUNTS)
def test_giving_back_undoes_taking(before: list[tuple[date, Yen]], day: date, amount: Yen) -> None:
    """What is not executed after all leaves no trace, on its day or any other."""
    usage = Usage()
    for when, spent in before:
        usage, _ = OPEN.take(usage, None, spent, when, token=True)
    after, told = OPEN.take(usage, None, amount, day, token=True)
    if told == Taken():
        assert OPEN.give_back(after, amount, day) == usage
    assert OPEN.give_back(Usage(), amount, day) == Usage()


# --- Days -------------------------------------------------------------------------------------------------------------


def test_days_that_are_over_are_forgotten() -> None:
    """What counts on a day stands by itself; the days before today are dropped, and those of nothing are not kept."""
    usage = Usage().with_(TODAY + DAY, Yen(3)).with_(TODAY - DAY, Yen(1)).with_(TODAY, Yen(2))
    assert usage.days == ((TODAY - DAY, Yen(1)), (TODAY, Yen(2)), (TODAY + DAY, Yen(3)))
    assert usage.since(TODAY).days == ((TODAY, Yen(2)), (TODAY + DAY, Yen(3)))
    assert usage.since(TODAY - DAY) is usage
    assert usage.with_(TODAY, Yen(0)).on(TODAY) == Yen(0)
    assert usage.with_(TODAY, Yen(0)).days == ((TODAY - DAY, Yen(1)), (TODAY + DAY, Yen(3)))


# --- Any order --------------------------------------------------------------------------------------------------------


class OneAccount(RuleBasedStateMachine):
    """Transfers, cancellations, limits, tokens and midnights, beside a list of what was moved."""

    def __init__(self) -> None:
        super().__init__()
        self.usage, self.limit, self.token, self.today = Usage(), DailyLimit(30), True, TODAY
        self.moved: list[tuple[date, Yen]] = []
        self.most: dict[date, int] = {}

    def allowed(self) -> int:
        """What a clerk with paper and pencil would say."""
        return min(self.limit.man, 500 if self.token else 20) * MAN

    def spent(self, day: date) -> int:
        """The sum of what was moved."""
        return sum(amount.amount for when, amount in self.moved if when == day)

    @rule(amount=AMOUNTS, ahead=st.integers(0, 2))
    def transfer(self, amount: Yen, ahead: int) -> None:
        """Hand one over."""
        day = self.today + ahead * DAY
        left = max(0, self.allowed() - self.spent(day))
        self.usage, told = OPEN.take(self.usage, self.limit, amount, day, token=self.token)
        if not self.allowed():
            assert told == ClosedForTransfers()
        elif amount.amount > left:
            assert told == TooMuch(Yen(left))
        else:
            assert told == Taken()
            self.moved.append((day, amount))
            self.most[day] = max(self.most.get(day, 0), self.allowed())

    @rule(ahead=st.integers(0, 2))
    def transfer_all_that_is_left(self, ahead: int) -> None:
        """To the last yen."""
        left = self.allowed() - self.spent(self.today + ahead * DAY)
        if left > 0:
            self.transfer(Yen(left), ahead)

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        """The host will not execute one, or it is cancelled."""
        if self.moved:
            day, amount = self.moved.pop(data.draw(st.integers(0, len(self.moved) - 1)))
            self.usage = OPEN.give_back(self.usage, amount, day)

    @rule(man=st.integers(0, 500))
    def set_limit(self, man: int) -> None:
        """Set another limit, as far as that is allowed."""
        if not OPEN.check(DailyLimit(man), token=self.token):
            assert man <= (500 if self.token else 20)
            self.limit = DailyLimit(man)

    @rule()
    def turn_token(self) -> None:
        """Give the token up, or start the use of another one."""
        self.token = not self.token

    @rule()
    def midnight(self) -> None:
        """The next day begins."""
        self.today += DAY
        self.usage = self.usage.since(self.today)
        self.moved = [one for one in self.moved if one[0] >= self.today]

    @invariant()
    def the_usage_is_the_sum_of_what_was_moved(self) -> None:
        """On every day from today on, and never more than the highest limit under which anything was counted."""
        for ahead in range(3):
            day = self.today + ahead * DAY
            assert self.usage.on(day) == Yen(self.spent(day))
            assert self.spent(day) <= self.most.get(day, 0)


def test_any_order_of_things() -> None:
    """Whatever happens in whatever order, what counts is what was moved, and it is within what was allowed."""
    run_state_machine_as_test(OneAccount)
