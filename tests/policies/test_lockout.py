"""Lockout: the laws of `policies/lockout.py`, one by one, each at its boundary.

The same laws under any history stand in `test_lockout_machine.py` (against a model) and `test_lockout_interleavings.py`
(every order of a small world).
"""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.lockout import (
    AtLeast,
    Blocked,
    Busy,
    Cleared,
    Counted,
    GivenBack,
    Locked,
    Lockout,
    MoreThan,
    Open,
    Reserved,
    RightVerdict,
    Standing,
    Tally,
    Threshold,
    Ticket,
    Void,
    WrongVerdict,
)

T0 = datetime(2026, 4, 1, 3, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
HOUR = timedelta(minutes=60)
PATIENCE = timedelta(seconds=30)

LOGIN = Lockout(tolerance=MoreThan(6), rest=HOUR, lockouts_to_block=3)
PAYMENT = Lockout(tolerance=MoreThan(5), rest=HOUR, lockouts_to_block=2)
CODE = Lockout(tolerance=AtLeast(10), rest=None, lockouts_to_block=1)
RULES = [
    LOGIN,
    PAYMENT,
    CODE,
    Lockout(tolerance=AtLeast(1), rest=None, lockouts_to_block=1),
    Lockout(tolerance=MoreThan(0), rest=TICK, lockouts_to_block=2),
    Lockout(tolerance=AtLeast(2), rest=24 * HOUR, lockouts_to_block=3, patience=TICK),
]
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.tolerance}/{rule.lockouts_to_block}")


def take(rule: Lockout, tally: Tally, now: datetime = T0) -> tuple[Tally, Ticket]:
    """Reserve a guess that can be reserved."""
    tally, verdict = rule.reserve(tally, now)
    assert isinstance(verdict, Reserved)
    return tally, verdict.ticket


def take_many(rule: Lockout, tally: Tally, count: int, now: datetime = T0) -> tuple[Tally, list[Ticket]]:
    """Reserve *count* guesses side by side."""
    tickets: list[Ticket] = []
    for _ in range(count):
        tally, ticket = take(rule, tally, now)
        tickets.append(ticket)
    return tally, tickets


def miss(rule: Lockout, tally: Tally, now: datetime = T0) -> tuple[Tally, WrongVerdict]:
    """One wrong entry, from reserving to settling."""
    tally, ticket = take(rule, tally, now)
    return rule.settle_wrong(tally, ticket, now)


def hit(rule: Lockout, tally: Tally, now: datetime = T0) -> tuple[Tally, RightVerdict]:
    """One right entry, from reserving to settling."""
    tally, ticket = take(rule, tally, now)
    return rule.settle_right(tally, ticket, now)


def missed(rule: Lockout, count: int, tally: Tally | None = None, now: datetime = T0) -> Tally:
    """The tally after *count* wrong entries, none of which is refused."""
    tally = Tally() if tally is None else tally
    for _ in range(count):
        tally, _ = miss(rule, tally, now)
    return tally


def locked(rule: Lockout, times: int = 1) -> tuple[Tally, datetime]:
    """The tally in its lock number *times* in a row, and the instant at which it was locked."""
    tally, now = Tally(), T0
    for lock in range(1, times + 1):
        tally = missed(rule, rule.trips_at, tally, now)
        if lock < times and tally.locked_until is not None:
            now = tally.locked_until
    return tally, now


# --- How many are tolerated -------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-01", "LCK-10")
@pytest.mark.parametrize(
    ("tolerance", "tolerated", "trips_at"),
    [(MoreThan(6), 6, 7), (MoreThan(5), 5, 6), (AtLeast(10), 9, 10), (MoreThan(0), 0, 1), (AtLeast(1), 0, 1)],
)
def test_more_than_and_at_least(tolerance: Threshold, tolerated: int, trips_at: int) -> None:
    """「超えた」 tolerates the number itself, 「以上」 one fewer; the very next wrong entry locks."""
    rule = Lockout(tolerance=tolerance, rest=HOUR, lockouts_to_block=3)
    assert rule.trips_at == trips_at
    tally = Tally()
    for _ in range(tolerated):
        tally, verdict = miss(rule, tally)
        assert verdict == Counted()
        assert rule.standing(tally, T0) == Open()
    tally, verdict = miss(rule, tally)
    assert verdict == rule.standing(tally, T0) == Locked(T0 + HOUR)


def test_wrong_entries_do_not_age() -> None:
    """Time alone forgives nothing: the seventh wrong entry locks, though each came a year after the one before."""
    tally, now = Tally(), T0
    for _ in range(6):
        tally, verdict = miss(LOGIN, tally, now)
        assert verdict == Counted()
        now += 365 * 24 * HOUR
    assert miss(LOGIN, tally, now)[1] == Locked(now + HOUR)


# --- The lock ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-01", "LCK-10")
@pytest.mark.parametrize("rule", [LOGIN, PAYMENT])
def test_a_lock_ends_at_its_instant(rule: Lockout) -> None:
    """Up to the instant sixty minutes after the last wrong entry nothing can be reserved; at it, something can."""
    tally, since = locked(rule)
    ends = since + HOUR
    for now in (since, ends - TICK):
        assert rule.standing(tally, now) == Locked(ends)
        assert rule.reserve(tally, now) == (tally, Locked(ends))
    for now in (ends, ends + TICK):
        assert rule.standing(tally, now) == Open()
        assert isinstance(rule.reserve(tally, now)[1], Reserved)


@pytest.mark.requirement("LCK-16")
@EVERY_RULE
def test_an_attempt_during_a_lock_changes_nothing(rule: Lockout) -> None:
    """While locked or blocked, nothing is reserved, no counter moves, and the lock is not extended."""
    tally, since = locked(rule)
    standing = rule.standing(tally, since)
    assert isinstance(standing, Locked | Blocked)
    for _ in range(3 * rule.trips_at):
        assert rule.reserve(tally, since) == (tally, standing)


@pytest.mark.requirement("LCK-16")
def test_a_ticket_from_before_the_lock_lets_nobody_in() -> None:
    """What was in flight when the lock came is void: a right entry gets in no more than a wrong one."""
    loose = evolve(LOGIN, tolerance=MoreThan(9))
    tally, tickets = take_many(loose, Tally(), 9)
    for ticket in tickets[:6]:
        tally, _ = loose.settle_wrong(tally, ticket, T0)
    # The rule is tightened while three are in flight; the next wrong one locks.
    tally, verdict = LOGIN.settle_wrong(tally, tickets[6], T0)
    assert verdict == Locked(T0 + HOUR)
    assert LOGIN.settle_right(tally, tickets[7], T0) == (tally, Void())
    assert LOGIN.settle_wrong(tally, tickets[8], T0) == (tally, Locked(T0 + HOUR))


@pytest.mark.requirement("LCK-03", "LCK-16")
def test_after_a_lock_failures_start_at_zero_and_lockouts_stay() -> None:
    """The first wrong entry after a lock is the first, not another lockout; the next lock is the second."""
    tally, since = locked(LOGIN)
    now = since + HOUR
    assert tally == Tally(issued=7, lockouts=1, locked_until=now)
    for _ in range(6):
        tally, verdict = miss(LOGIN, tally, now)
        assert verdict == Counted()
        assert tally.lockouts == 1
    tally, verdict = miss(LOGIN, tally, now)
    assert verdict == Locked(now + HOUR)
    assert tally.lockouts == 2


# --- The block --------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-03", "LCK-11")
@EVERY_RULE
def test_the_last_lock_in_a_row_is_a_block(rule: Lockout) -> None:
    """One lock fewer than the rule's number is a lock; that number is a block since the entry that tripped it."""
    for times in range(1, rule.lockouts_to_block):
        tally, since = locked(rule, times)
        assert rule.standing(tally, since) == Locked(since + (rule.rest or HOUR))
    tally, since = locked(rule, rule.lockouts_to_block)
    assert rule.standing(tally, since) == Blocked(since)


@pytest.mark.requirement("LCK-03", "LCK-11")
@EVERY_RULE
def test_no_time_ends_a_block(rule: Lockout) -> None:
    """A hundred years later a block is a block, since the same instant."""
    tally, since = locked(rule, rule.lockouts_to_block)
    later = since + 876_600 * HOUR
    assert rule.standing(tally, later) == Blocked(since)
    assert rule.reserve(tally, later) == (tally, Blocked(since))


@pytest.mark.requirement("LCK-03")
@EVERY_RULE
def test_only_a_release_ends_a_block(rule: Lockout) -> None:
    """Released, the counter starts as a new one, and the numbers of the tickets go on rising."""
    tally, since = locked(rule, rule.lockouts_to_block)
    released = rule.release(tally)
    assert released == Tally(issued=tally.issued)
    assert rule.standing(released, since) == Open()
    assert locked(rule)[0].lockouts == missed(rule, rule.trips_at, released).lockouts
    assert take(rule, released)[1].number == tally.issued + 1


@pytest.mark.requirement("LCK-03", "LCK-11")
def test_time_alone_never_clears_the_lockouts_in_a_row() -> None:
    """A guesser who waits a year between two locks is blocked at the third."""
    tally, now = Tally(), T0
    for _ in range(2):
        tally = missed(LOGIN, 7, tally, now)
        now += 365 * 24 * HOUR
    tally = missed(LOGIN, 6, tally, now)
    assert miss(LOGIN, tally, now)[1] == Blocked(now)


@EVERY_RULE
def test_how_many_guesses_a_patient_guesser_gets(rule: Lockout) -> None:
    """Waiting out every lock, he gets exactly `guesses_to_block`, at most a hundred, and then none for ever."""
    tally, now, guesses = Tally(), T0, 0
    while not isinstance(standing := rule.standing(tally, now), Blocked):
        if isinstance(standing, Locked):
            now = standing.until
        else:
            tally, _ = miss(rule, tally, now)
            guesses += 1
    assert guesses == rule.guesses_to_block <= 100


def test_the_sources_guesses() -> None:
    """21 for a password and an answer, 12 for a payment number, 10 for a code."""
    assert [rule.guesses_to_block for rule in (LOGIN, PAYMENT, CODE)] == [21, 12, 10]


# --- The right entry --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("LCK-02", "LCK-11")
def test_a_right_entry_clears_failures_and_lockouts() -> None:
    """After two locks and six failures a right entry starts everything anew: 21 more to a block."""
    tally, since = locked(LOGIN, 2)
    tally, verdict = hit(LOGIN, missed(LOGIN, 6, tally, since + HOUR), since + HOUR)
    assert verdict == Cleared()
    assert tally == Tally(issued=tally.issued)


def test_a_right_entry_clears_what_came_before_it_and_not_what_came_after() -> None:
    """Of seven in flight the fourth is right: the failures before it are gone, those after it stay."""
    tally, tickets = take_many(LOGIN, Tally(), 7)
    for failed in (0, 5):
        tally, _ = LOGIN.settle_wrong(tally, tickets[failed], T0)
    tally, verdict = LOGIN.settle_right(tally, tickets[3], T0)
    assert verdict == Cleared()
    assert tally.failed == (tickets[5].number,)
    assert tally.open == (tickets[4], tickets[6])
    assert tally.forgiven == (tickets[1], tickets[2])
    for late in (6, 4):
        tally, counted = LOGIN.settle_wrong(tally, tickets[late], T0)
        assert counted == Counted()
    assert tally.failed == tuple(ticket.number for ticket in tickets[4:])


def test_what_a_right_entry_clears_in_flight_is_counted_no_more() -> None:
    """Guesses in flight before a right entry count neither when they turn out wrong nor when nobody settles them."""
    tally, tickets = take_many(LOGIN, Tally(), 4)
    tally, _ = LOGIN.settle_right(tally, tickets[3], T0)
    tally, verdict = LOGIN.settle_wrong(tally, tickets[0], T0)
    assert verdict == Counted()
    assert LOGIN.standing(tally, T0 + PATIENCE) == Open()
    assert take_many(LOGIN, tally, 7, T0 + PATIENCE)[0].failed == ()


def test_honest_people_log_in_side_by_side() -> None:
    """Of right entries in flight at once each lets in, in whatever order they end, and none leaves a failure."""
    tally, tickets = take_many(LOGIN, Tally(), 7)
    for at in (3, 6, 0, 5, 1, 2, 4):
        tally, verdict = LOGIN.settle_right(tally, tickets[at], T0)
        assert verdict == Cleared()
    assert tally == Tally(issued=7)


@pytest.mark.parametrize("settled", ["wrong", "right"])
def test_a_forgiven_ticket_lets_in_once_at_most(settled: str) -> None:
    """Settled, a forgiven ticket is gone like any other."""
    tally, (first, second) = take_many(LOGIN, Tally(), 2)
    tally, _ = LOGIN.settle_right(tally, second, T0)
    tally, _ = (LOGIN.settle_wrong if settled == "wrong" else LOGIN.settle_right)(tally, first, T0)
    assert LOGIN.settle_right(tally, first, T0) == (tally, Void())


def test_a_forgiven_ticket_runs_out() -> None:
    """At its deadline a forgiven ticket lets in no more, and is forgotten without a trace."""
    tally, (first, second) = take_many(LOGIN, Tally(), 2)
    tally, _ = LOGIN.settle_right(tally, second, T0)
    assert LOGIN.settle_right(tally, first, first.deadline - TICK)[1] == Cleared()
    assert LOGIN.settle_right(tally, first, first.deadline) == (Tally(issued=2), Void())


def test_a_lock_voids_what_was_forgiven() -> None:
    """A guess in flight that a success had cleared lets nobody in through a lock that came since."""
    tally, (first, second) = take_many(LOGIN, Tally(), 2)
    tally, _ = LOGIN.settle_right(tally, second, T0)
    tally = missed(LOGIN, 7, tally)
    assert LOGIN.settle_right(tally, first, T0) == (tally, Void())
    assert LOGIN.settle_wrong(tally, first, T0) == (tally, Locked(T0 + HOUR))


# --- Side by side -----------------------------------------------------------------------------------------------------


@EVERY_RULE
def test_no_more_are_in_flight_than_may_fail(rule: Lockout) -> None:
    """However many failed already, those in flight fill up to the rule's number, and the next is told to wait."""
    for failed in range(rule.trips_at):
        tally, _ = take_many(rule, missed(rule, failed), rule.trips_at - failed)
        assert rule.standing(tally, T0) == Open()
        assert rule.reserve(tally, T0) == (tally, Busy(T0 + rule.patience))


def test_busy_tells_the_earliest_deadline() -> None:
    """Whoever waits learns when the first of those in flight is over at the latest, whatever their order."""
    tally = Tally()
    for late in (5, 3, 4, 6, 7, 8, 9):
        tally, _ = take(LOGIN, tally, T0 + late * SECOND)
    assert LOGIN.reserve(tally, T0 + 9 * SECOND)[1] == Busy(T0 + 3 * SECOND + PATIENCE)


@pytest.mark.requirement("LCK-01", "LCK-10")
def test_who_waited_may_follow_a_right_entry_and_not_a_lock() -> None:
    """After `Busy` a right entry opens the way; wrong ones lock it."""
    tally, tickets = take_many(LOGIN, Tally(), 7)
    after_right, _ = LOGIN.settle_right(tally, tickets[0], T0)
    assert isinstance(LOGIN.reserve(after_right, T0)[1], Reserved)
    for ticket in tickets:
        tally, _ = LOGIN.settle_wrong(tally, ticket, T0)
    assert LOGIN.reserve(tally, T0)[1] == Locked(T0 + HOUR)


@EVERY_RULE
def test_all_in_flight_wrong_lock_once(rule: Lockout) -> None:
    """Guesses sent all at once and all wrong make one lock, at the last of them, in whatever order they end."""
    tally, tickets = take_many(rule, Tally(), rule.trips_at)
    for ticket in tickets[:0:-1]:
        tally, verdict = rule.settle_wrong(tally, ticket, T0)
        assert verdict == Counted()
    tally, verdict = rule.settle_wrong(tally, tickets[0], T0)
    assert not isinstance(verdict, Counted)
    assert tally.lockouts == 1


# --- Crashes ----------------------------------------------------------------------------------------------------------


@EVERY_RULE
def test_a_ticket_runs_out_at_its_deadline(rule: Lockout) -> None:
    """Just before its deadline a right entry is in time; at it, and after it, the ticket has become a failure."""
    tally, ticket = take(rule, Tally())
    assert ticket == Ticket(1, T0 + rule.patience)
    assert rule.settle_right(tally, ticket, ticket.deadline - TICK) == (Tally(issued=1), Cleared())
    for now in (ticket.deadline, ticket.deadline + TICK):
        after, verdict = rule.settle_right(tally, ticket, now)
        assert verdict == Void()
        assert len(after.failed) + rule.trips_at * after.lockouts == 1


@EVERY_RULE
def test_a_crash_loses_no_failure_and_gives_no_guess(rule: Lockout) -> None:
    """Guesses that nobody ever settles are failures at their deadline, and lock as if they had been settled wrong."""
    tally, _ = take_many(rule, Tally(), rule.trips_at)
    falls_due = T0 + rule.patience
    assert rule.standing(tally, falls_due - TICK) == Open()
    expected = Blocked(falls_due) if rule.rest is None else Locked(falls_due + rule.rest)
    assert rule.standing(tally, falls_due) == expected
    assert rule.reserve(tally, falls_due)[1] == expected


def test_a_lock_by_crashes_is_reckoned_from_the_deadline() -> None:
    """The lock runs from the deadline that tripped it, not from when somebody looks: a day later it is long over."""
    tally, now = Tally(), T0
    for _ in range(7):
        tally, _ = take(LOGIN, tally, now)
        now += SECOND
    ends = T0 + 6 * SECOND + PATIENCE + HOUR
    assert LOGIN.standing(tally, ends - TICK) == Locked(ends)
    after, verdict = LOGIN.reserve(tally, ends)
    assert isinstance(verdict, Reserved)
    assert after.failed == ()
    assert after.lockouts == 1


def test_deadlines_fall_due_in_their_order() -> None:
    """With two failures to go, the later of two deadlines locks, though its ticket has the lower number."""
    tally = missed(LOGIN, 5)
    tally, _ = take(LOGIN, tally, T0 + SECOND)
    tally, _ = take(LOGIN, tally, T0)
    assert LOGIN.standing(tally, T0 + HOUR) == Locked(T0 + SECOND + PATIENCE + HOUR)


@pytest.mark.parametrize("first", ["wrong", "deadline"])
def test_a_guess_is_counted_once(first: str) -> None:
    """Settled twice, or settled after its deadline, a wrong entry is one failure."""
    tally, ticket = take(LOGIN, Tally())
    now = T0
    if first == "wrong":
        tally, _ = LOGIN.settle_wrong(tally, ticket, now)
    else:
        now = ticket.deadline
    for _ in range(9):
        tally, verdict = LOGIN.settle_wrong(tally, ticket, now)
        assert verdict == Counted()
    assert tally.failed == (1,)


def test_a_wrong_entry_is_not_right_afterwards() -> None:
    """A ticket settled wrong lets nobody in, and keeps its failure."""
    tally, ticket = take(LOGIN, Tally())
    tally, _ = LOGIN.settle_wrong(tally, ticket, T0)
    assert LOGIN.settle_right(tally, ticket, T0) == (tally, Void())


def test_a_release_voids_what_is_in_flight() -> None:
    """A guess that was in flight at a release lets nobody in and counts nothing: it was made at the former secret."""
    tally, (first, second, third) = take_many(LOGIN, Tally(), 3)
    tally, _ = LOGIN.settle_right(tally, second, T0)
    tally = LOGIN.release(tally)
    for ticket in (first, third):
        assert LOGIN.settle_right(tally, ticket, T0) == (tally, Void())
        assert LOGIN.settle_wrong(tally, ticket, T0) == (tally, Counted())


# --- Where a right entry does not clear -------------------------------------------------------------------------------

BILLS = evolve(PAYMENT, clears=False)


@pytest.mark.requirement("LCK-06")
def test_a_right_entry_that_does_not_clear_counts_for_nothing() -> None:
    """Right entries between wrong ones neither clear nor count: the sixth wrong one locks, whatever came between."""
    tally = Tally()
    for wrong in range(5):
        tally = missed(BILLS, 1, tally)
        tally, verdict = hit(BILLS, tally)
        assert verdict == GivenBack()
        assert len(tally.failed) == wrong + 1
        assert tally.open == ()
    assert miss(BILLS, tally)[1] == Locked(T0 + HOUR)


@pytest.mark.requirement("LCK-06")
def test_what_follows_from_a_right_entry_clears() -> None:
    """A processed payment clears failures and lockouts in a row; without one the next lock would have been a block."""
    tally, since = locked(BILLS)
    now = since + HOUR
    tally = missed(BILLS, 5, tally, now)
    cleared = BILLS.clear(tally, now)
    assert (cleared.failed, cleared.lockouts, cleared.issued) == ((), 0, tally.issued)
    assert BILLS.standing(missed(BILLS, 6, cleared, now), now) == Locked(now + HOUR)
    assert BILLS.standing(missed(BILLS, 1, tally, now), now) == Blocked(now)


@pytest.mark.requirement("LCK-07", "LCK-16")
@pytest.mark.parametrize("at", [T0, T0 + HOUR - TICK])
def test_nothing_clears_a_lock(at: datetime) -> None:
    """A payment that was on its way is processed while the counter is locked: the lock stays, and counts."""
    tally, _ = locked(BILLS)
    assert BILLS.clear(tally, at) == tally


@pytest.mark.requirement("LCK-07", "LCK-08")
def test_nothing_clears_a_block() -> None:
    """Nor does a processed payment release a block."""
    tally = Tally(blocked_since=T0, lockouts=2, issued=12)
    assert BILLS.clear(tally, T0 + 999 * HOUR) == tally


def test_clearing_lets_what_is_in_flight_count() -> None:
    """Whoever was guessing while a payment was processed is counted when his guess is settled."""
    tally, tickets = take_many(BILLS, missed(BILLS, 3), 3)
    tally = BILLS.clear(tally, T0)
    assert [ticket.number for ticket in tally.open] == [ticket.number for ticket in tickets]
    for number, ticket in enumerate(tickets, start=1):
        tally, verdict = BILLS.settle_wrong(tally, ticket, T0)
        assert (verdict, len(tally.failed)) == (Counted(), number)


@pytest.mark.parametrize("rule", [PAYMENT, BILLS])
def test_a_ticket_is_given_back_once_and_in_time(rule: Lockout) -> None:
    """Given back in time it counts for nothing; a second time, or after its deadline, when it failed, it is void."""
    tally, ticket = take(rule, missed(rule, 2))
    back, verdict = rule.give_back(tally, ticket, T0 + PATIENCE - TICK)
    assert (verdict, back.open, len(back.failed)) == (GivenBack(), (), 2)
    assert rule.give_back(back, ticket, T0)[1] == Void()
    late, verdict = rule.give_back(tally, ticket, T0 + PATIENCE)
    assert (verdict, late.open, len(late.failed)) == (Void(), (), 3)


def test_what_was_forgiven_is_given_back_too() -> None:
    """A ticket that a success has cleared in flight is given back without a trace."""
    tally, (early, later) = take_many(LOGIN, Tally(), 2)
    tally, _ = LOGIN.settle_right(tally, later, T0)
    assert tally.forgiven == (early,)
    assert LOGIN.give_back(tally, early, T0) == (evolve(tally, forgiven=()), GivenBack())


# --- The numbers change while counters are live -----------------------------------------------------------------------


@pytest.mark.parametrize("failed", [3, 4, 5, 6])
def test_a_tightened_rule_holds_for_counters_beyond_it(failed: int) -> None:
    """Where more failed already than the new rule tolerates, the counter locks when somebody comes; else it goes on."""
    tight = evolve(LOGIN, tolerance=MoreThan(3))
    tally = missed(LOGIN, failed)
    later = T0 + 5 * HOUR
    if failed > 3:
        assert tight.standing(tally, later) == Locked(later + HOUR)
        tally, verdict = tight.reserve(tally, later)
        assert verdict == Locked(later + HOUR)
        assert tally == Tally(issued=failed, lockouts=1, locked_until=later + HOUR)
    else:
        assert miss(tight, tally, later)[1] == Locked(later + HOUR)


def test_a_tightened_rule_counts_what_is_in_flight() -> None:
    """With more in flight than the new rule allows, nobody may follow; the failures lock at the new number."""
    tight = evolve(LOGIN, tolerance=MoreThan(2))
    tally, tickets = take_many(LOGIN, Tally(), 7)
    assert tight.reserve(tally, T0) == (tally, Busy(T0 + PATIENCE))
    for ticket in tickets[:2]:
        tally, verdict = tight.settle_wrong(tally, ticket, T0)
        assert verdict == Counted()
    tally, verdict = tight.settle_wrong(tally, tickets[2], T0)
    assert verdict == Locked(T0 + HOUR)
    assert tally.open == ()


def test_a_loosened_rule_lets_go_on() -> None:
    """Six failures of six tolerated are six of nine under a looser rule; a lock or block that stands keeps standing."""
    loose = evolve(LOGIN, tolerance=MoreThan(9))
    tally = missed(loose, 3, missed(LOGIN, 6))
    assert miss(loose, tally)[1] == Locked(T0 + HOUR)
    for times in (1, 3):
        tally, since = locked(LOGIN, times)
        assert loose.standing(tally, since) == LOGIN.standing(tally, since)


def test_more_lockouts_than_the_new_rule_allows_block_at_the_next() -> None:
    """With two locks in a row behind it, a counter under a rule of one or two blocks at its next lock."""
    tally, since = locked(LOGIN, 2)
    now = since + HOUR
    for rule in (evolve(LOGIN, lockouts_to_block=2), evolve(LOGIN, rest=None, lockouts_to_block=1)):
        assert rule.standing(missed(rule, 7, tally, now), now) == Blocked(now)


# --- Clocks -----------------------------------------------------------------------------------------------------------


def test_a_clock_that_steps_back_opens_nothing() -> None:
    """A lock, a failure at a deadline and a block, once stored, hold when the next machine's clock is behind."""
    tally, since = locked(LOGIN)
    assert LOGIN.standing(tally, since - 5 * SECOND) == Locked(since + HOUR)
    tally, ticket = take(LOGIN, Tally())
    tally, _ = LOGIN.settle_wrong(tally, ticket, ticket.deadline)
    assert LOGIN.settle_right(tally, ticket, T0) == (tally, Void())
    tally, since = locked(CODE)
    assert CODE.standing(tally, since - 5 * SECOND) == Blocked(since)


# --- Rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tolerance", "rest", "lockouts", "patience", "why"),
    [
        (MoreThan(-1), HOUR, 3, PATIENCE, "first wrong entry"),
        (AtLeast(0), HOUR, 3, PATIENCE, "first wrong entry"),
        (MoreThan(6), HOUR, 0, PATIENCE, "lockouts_to_block"),
        (MoreThan(6), None, 0, PATIENCE, "lockouts_to_block"),
        (MoreThan(6), HOUR, -1, PATIENCE, "lockouts_to_block"),
        (MoreThan(6), HOUR, 1, PATIENCE, "lockouts_to_block"),
        (MoreThan(6), None, 2, PATIENCE, "lockouts_to_block"),
        (MoreThan(6), timedelta(0), 2, PATIENCE, "positive"),
        (MoreThan(6), -TICK, 2, PATIENCE, "positive"),
        (MoreThan(6), HOUR, 2, timedelta(0), "positive"),
        (MoreThan(6), None, 1, -TICK, "positive"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    tolerance: Threshold, rest: timedelta | None, lockouts: int, patience: timedelta, why: str
) -> None:
    """A threshold of nothing, a rest without a second lockout, or the other way round, and lengths that are none."""
    with pytest.raises(ValueError, match=why):
        Lockout(tolerance=tolerance, rest=rest, lockouts_to_block=lockouts, patience=patience)


def test_a_guess_has_half_a_minute_unless_the_rule_says_otherwise() -> None:
    """The default patience is thirty seconds, long for Argon2 and short for a customer."""
    assert LOGIN.patience == PATIENCE


# --- Any tally --------------------------------------------------------------------------------------------------------

MOMENTS = st.timedeltas(min_value=timedelta(0), max_value=2 * HOUR).map(lambda after: T0 + after)


@st.composite
def tallies(draw: st.DrawFn) -> tuple[Lockout, Tally]:
    """A tally that some history of reserving, settling and crashing has brought about."""
    rule, tally, now = draw(st.sampled_from(RULES)), Tally(), T0
    tickets: list[Ticket] = []
    for act, which in draw(st.lists(st.tuples(st.sampled_from("rrrrwwwst"), st.integers(0, 9)), max_size=40)):
        now += timedelta(seconds=which * which) if act == "t" else TICK
        if act == "r":
            tally, verdict = rule.reserve(tally, now)
            tickets += [verdict.ticket] if isinstance(verdict, Reserved) else []
        elif act in "ws" and tickets:
            ticket = tickets[-1 - which % len(tickets)]
            tally, _ = (rule.settle_right if act == "s" else rule.settle_wrong)(tally, ticket, now)
    return rule, tally


@given(tallies(), MOMENTS)
def test_standing_says_what_reserving_would(case: tuple[Lockout, Tally], now: datetime) -> None:
    """A counter stands open exactly where a guess is reserved or has to wait, and otherwise both say the same."""
    rule, tally = case
    standing: Standing = rule.standing(tally, now)
    _, verdict = rule.reserve(tally, now)
    assert isinstance(verdict, Reserved | Busy) if standing == Open() else verdict == standing


@given(tallies(), MOMENTS, MOMENTS)
def test_looking_changes_nothing(case: tuple[Lockout, Tally], one: datetime, other: datetime) -> None:
    """Whether somebody came and was refused in between makes no difference to what is found later."""
    rule, tally = case
    first, last = sorted((one, other))
    stored, verdict = rule.reserve(tally, first)
    if not isinstance(verdict, Reserved):
        assert rule.reserve(stored, last) == rule.reserve(tally, last)


@given(tallies())
def test_a_tally_keeps_its_shape(case: tuple[Lockout, Tally]) -> None:
    """Numbers rise and are used once; failures and open tickets fit the rule; nothing is in flight behind a lock."""
    rule, tally = case
    numbers = [*tally.failed, *(ticket.number for ticket in (*tally.open, *tally.forgiven))]
    assert len(set(numbers)) == len(numbers)
    assert all(1 <= number <= tally.issued for number in numbers)
    assert list(tally.failed) == sorted(tally.failed)
    assert [ticket.number for ticket in tally.open] == sorted(ticket.number for ticket in tally.open)
    assert len(tally.failed) < rule.trips_at
    assert len(tally.failed) + len(tally.open) <= rule.trips_at
    assert tally.lockouts <= rule.lockouts_to_block
    assert (tally.blocked_since is not None) == (tally.lockouts == rule.lockouts_to_block)
    if tally.locked_until or tally.blocked_since:
        assert not numbers
