"""The life of a used account: its table, what each state allows, and the checks at an addition."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.policies.accounts import (
    NEXT,
    USES,
    AccountCheck,
    AccountEvent,
    AccountFacts,
    AccountState,
    AccountUse,
    LinkedAccount,
    failed_checks,
)
from janetbank.values.account import Account

S, E, U = AccountState, AccountEvent, AccountUse
DAY = timedelta(days=1)
TUESDAY = date(2026, 11, 24)
ACCOUNT = Account.parse("001", "savings", "7")
NOTHING: set[AccountUse] = set()

# requirements.md part 7, written out and not read off the table: an empty cell is a refusal.
LIFE = {
    (S.ADD_PENDING, E.REFLECT): S.ACTIVE,
    (S.ADD_PENDING, E.DELETE): None,
    (S.ACTIVE, E.REFLECT): None,
    (S.ACTIVE, E.DELETE): S.DELETE_PENDING,
    (S.DELETE_PENDING, E.REFLECT): S.REMOVED,
    (S.DELETE_PENDING, E.DELETE): None,
    (S.REMOVED, E.REFLECT): None,
    (S.REMOVED, E.DELETE): None,
}


@pytest.mark.requirement("ACC-05", "ACC-08", "ACC-09")
@pytest.mark.parametrize(("state", "event"), list(product(S, E)))
def test_each_cell_of_the_life(state: AccountState, event: AccountEvent) -> None:
    """An added account becomes active and a deleted one is removed, each when it is reflected; nothing else happens."""
    there = LinkedAccount(ACCOUNT, state, None)
    assert NEXT.get((state, event)) is LIFE[state, event]
    assert there.can(event) is (LIFE[state, event] is not None)
    if event is E.DELETE and not there.can(event):
        with pytest.raises(KeyError):
            there.deleted(TUESDAY)


@pytest.mark.requirement("ACC-05", "ACC-09")
@pytest.mark.parametrize(
    ("state", "uses"),
    [
        (S.ADD_PENDING, NOTHING),
        (S.ACTIVE, {U.STATEMENTS, U.TRANSFERS}),
        (S.DELETE_PENDING, {U.STATEMENTS}),
        (S.REMOVED, NOTHING),
    ],
)
def test_what_each_state_allows(state: AccountState, uses: set[AccountUse]) -> None:
    """An account moves money while it is active alone; one that is being deleted still shows its statements."""
    assert USES[state] == uses
    assert {use for use in U if LinkedAccount(ACCOUNT, state, None).serves(use)} == uses


def test_the_tables_are_whole() -> None:
    """Every state says what it allows."""
    assert set(USES) == set(S)


@pytest.mark.requirement("ACC-05", "ACC-09")
@pytest.mark.parametrize("ahead", [-1, 0, 1])
def test_what_is_pending_is_reflected_on_its_day(ahead: int) -> None:
    """The day before nothing has happened; on the operating day itself, or on a later one, the account has moved."""
    day = TUESDAY + ahead * DAY
    added = LinkedAccount.added(ACCOUNT, TUESDAY)
    deleted = LinkedAccount(ACCOUNT, S.ACTIVE, None).deleted(TUESDAY)
    assert deleted == LinkedAccount(ACCOUNT, S.DELETE_PENDING, TUESDAY)
    if ahead < 0:
        assert added.at(day) == LinkedAccount(ACCOUNT, S.ADD_PENDING, TUESDAY)
        assert deleted.at(day) == deleted
    else:
        assert added.at(day) == LinkedAccount(ACCOUNT, S.ACTIVE, None)
        assert deleted.at(day) == LinkedAccount(ACCOUNT, S.REMOVED, None)


@given(st.sampled_from([S.ACTIVE, S.REMOVED]), st.dates())
def test_where_nothing_is_pending_no_day_changes_anything(state: AccountState, day: date) -> None:
    """An account at rest is the same on every day."""
    there = LinkedAccount(ACCOUNT, state, None)
    assert there.at(day) is there


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.lists(st.integers(0, 9), max_size=6))
def test_a_day_reflected_again_changes_nothing(changes_on: date, ahead: list[int]) -> None:
    """To reflect a day once more, or days in between, leads where the last day alone leads."""
    added = LinkedAccount.added(ACCOUNT, changes_on)
    days = sorted(changes_on + (there - 4) * DAY for there in ahead)
    step_by_step = added
    for day in days:
        step_by_step = step_by_step.at(day).at(day)
    assert step_by_step == (added.at(days[-1]) if days else added)


FACTS = [
    AccountFacts(exists=exists, caution=caution, restricted=restricted, own=own)
    for exists, caution, restricted, own in product([True, False], repeat=4)
]


@pytest.mark.requirement("ACC-04")
@pytest.mark.parametrize("facts", FACTS)
def test_all_checks_are_made_in_their_order(facts: AccountFacts) -> None:
    """Existence, accident or caution, restriction during events, and whose it is: every failure is named, in order."""
    expected = [
        check
        for check, failed in (
            (AccountCheck.EXISTS, not facts.exists),
            (AccountCheck.NO_CAUTION, facts.caution),
            (AccountCheck.NO_RESTRICTION, facts.restricted),
            (AccountCheck.OWN, not facts.own),
        )
        if failed
    ]
    assert list(failed_checks(facts)) == expected
