"""Guesses: reserved, verified, settled; many at once, and none more than the rule allows."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank import profiles
from janetbank.flows import guess
from janetbank.flows.guess import Held
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import Blocked, LockedOut, Refused, TryAgain
from janetbank.model.contract import Counter
from janetbank.model.letter import LetterCode
from janetbank.policies.lockout import Lockout, MoreThan, Tally
from janetbank.policies.token import TokenState
from janetbank.testing.bank import HOME, TestBank, bank
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql import connect
from tests.flows.scene import (
    REST,
    SECOND,
    WRONG,
    contract_of,
    counted,
    entries_of,
    held,
    kinds,
    letters,
    lock_password,
    reserve,
    settle_right,
    suspend,
    with_password,
)
from tests.flows.token_scene import WRONG_CODE, Telephone


@pytest.mark.requirement("LCK-01", "LCK-10", "LCK-16")
@pytest.mark.parametrize("counter", Counter)
def test_seven_tickets_and_no_eighth(counter: Counter) -> None:
    """As many guesses are in flight as may be wrong, of any secret; the next one has to wait for these."""
    there = bank()
    taro = there.customer()
    most = {
        Counter.PASSWORD: 7,
        Counter.ANSWER: 7,
        Counter.START_PASSWORD: 5,
        Counter.CODE: 10,
        Counter.PAYMENT: 6,
        Counter.CONFIRMATION: 7,
        Counter.MAIL_PASSWORD: 6,
    }[counter]
    tickets = [held(there, taro, counter) for _ in range(most)]
    assert [ticket.ticket.number for ticket in tickets] == list(range(1, most + 1))
    assert reserve(there, taro, counter) == TryAgain()
    other = Counter.ANSWER if counter is Counter.PASSWORD else Counter.PASSWORD
    assert isinstance(reserve(there, taro, other), Held)


@pytest.mark.requirement("LCK-16")
def test_a_reservation_is_stored_before_it_is_given() -> None:
    """What is held is in the store, in the tally and in the chain, before anything is verified."""
    there = bank()
    taro = there.customer()
    ticket = held(there, taro)
    contract = contract_of(there, taro)
    assert contract.password_tally.open == (ticket.ticket,)
    assert contract.chain == ticket.contract.chain
    assert kinds(entries_of(there, taro))[-1] == "GuessReserved"


class RolledBackError(Exception):
    """What whoever calls takes his own work back for."""


@pytest.mark.requirement("LCK-01")
@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_whoever_calls_takes_no_count_back(store: str, sqlite_store: str) -> None:
    """A page that fails and rolls back the transaction that it all ran in leaves the wrong entry counted (TRAPS)."""
    with nullcontext(MemoryStorage()) if store == "memory" else connect(sqlite_store) as storage:
        there = bank(storage=storage)
        taro = there.customer()
        with suppress(RolledBackError), storage.transaction() as tx:
            tx.contracts.by_id(taro.institution, taro.contract)
            assert with_password(there, taro, WRONG) == Refused()
            raise RolledBackError
        assert len(contract_of(there, taro).password_tally.failed) == 1


@pytest.mark.requirement("LCK-15", "LCK-16")
def test_behind_a_closed_door_there_are_no_tickets() -> None:
    """Locked, blocked or suspended: the refusal, and nothing written."""
    there = bank()
    taro = there.customer()
    locked = lock_password(there, taro)
    before = contract_of(there, taro)
    for counter in Counter:
        assert reserve(there, taro, counter) == locked
    assert contract_of(there, taro) == before
    there.clock.advance(REST)
    suspend(there, taro)
    before = contract_of(there, taro)
    assert type(reserve(there, taro)).__name__ == "Suspended"
    assert contract_of(there, taro) == before


@pytest.mark.requirement("LCK-02")
def test_a_right_guess_clears_what_was_reserved_before_it_only() -> None:
    """Two in flight before it and one after it: the latter's failure still counts, the former's do not."""
    there = bank()
    taro = there.customer()
    platform = there.net.platform
    first, second, right, later = (held(there, taro) for _ in range(4))
    assert guess.settle_wrong(platform, first) == Refused()
    settle_right(there, right)
    assert guess.settle_wrong(platform, later) == Refused()
    assert guess.settle_wrong(platform, second) == Refused()
    assert contract_of(there, taro).password_tally.failed == (later.ticket.number,)


@pytest.mark.requirement("LCK-01")
def test_each_wrong_guess_is_told_where_the_counter_stands() -> None:
    """Settled in any order, the seventh wrong one locks, and the six before it do not."""
    there = bank()
    taro = there.customer()
    tickets = [held(there, taro) for _ in range(7)]
    told = [guess.settle_wrong(there.net.platform, ticket) for ticket in reversed(tickets)]
    assert told == [Refused()] * 6 + [LockedOut(there.clock.now() + REST)]


@pytest.mark.requirement("LCK-16")
def test_a_guess_settled_twice_counts_once() -> None:
    """Whoever settles again, as after a lost answer of the store, moves nothing."""
    there = bank()
    taro = there.customer()
    ticket = held(there, taro)
    for _ in range(3):
        assert guess.settle_wrong(there.net.platform, ticket) == Refused()
    assert contract_of(there, taro).password_tally.failed == (1,)


@pytest.mark.requirement("LCK-16")
def test_a_guess_that_is_given_back_is_on_record() -> None:
    """Where nobody learned whether it was right it counts for nothing, and its chain says that there was one."""
    there = bank()
    taro = there.customer()
    guess.give_back(there.net.platform, held(there, taro))
    assert contract_of(there, taro).password_tally == Tally(issued=1)
    last = entries_of(there, taro)[-1]
    assert (last.kind, last.data) == ("GuessGivenBack", {"counter": "password", "ticket": 1})


@pytest.mark.requirement("LCK-03")
def test_the_rule_is_the_profiles() -> None:
    """A bank that tolerates one wrong entry, rests ten seconds and blocks at the second lock has it so."""
    rule = Lockout(tolerance=MoreThan(1), rest=10 * SECOND, lockouts_to_block=2, patience=SECOND)
    fast = profiles.fast_for_tests(profiles.JA)
    there = bank(evolve(fast, lockouts={**fast.lockouts, Counter.PASSWORD: rule}))
    taro = there.customer()
    told = [with_password(there, taro, WRONG) for _ in range(2)]
    assert told == [Refused(), LockedOut(there.clock.now() + 10 * SECOND)]
    there.clock.advance(10 * SECOND)
    assert [with_password(there, taro, WRONG) for _ in range(2)] == [Refused(), Blocked()]


@pytest.mark.requirement("LCK-01", "LCK-16")
@pytest.mark.parametrize("seed", range(3))
def test_a_storm_of_threads_gets_seven_guesses(seed: int) -> None:
    """Sixteen threads with five guesses each: exactly seven are evaluated, and the right one among the last is not."""
    there = TestBank(seed=seed)
    taro = there.customer()
    log_in, work = counted(there)
    before = work.runs
    passwords = [WRONG] * 79 + [taro.password]

    def guess_once(number: int) -> object:
        return log_in.with_login_id(taro.institution, taro.login_id, passwords[number], seen_from=HOME)

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(guess_once, range(80)))
    assert work.runs - before == 7
    assert not any(isinstance(outcome, LoggedIn) for outcome in told)
    locked = LockedOut(there.clock.now() + REST)
    assert locked in told
    assert set(told) <= {Refused(), TryAgain(), locked}
    assert with_password(there, taro) == locked
    tally = contract_of(there, taro).password_tally
    assert (tally.issued, tally.lockouts, tally.open) == (7, 1, ())


@pytest.mark.requirement("LCK-02", "LCK-16")
@given(order=st.permutations(range(7)), right=st.integers(0, 6))
def test_seven_in_flight_settled_in_any_order(order: list[int], right: int) -> None:
    """One of seven is right: whenever it is settled before the others have locked, it clears those before it."""
    there = bank()
    taro = there.customer()
    tickets = [held(there, taro) for _ in range(7)]
    failed = set[int]()
    cleared = False
    for at in order:
        if at == right:
            told = settle_right(there, tickets[at])
            assert told != Refused()
            cleared = True
            failed = {number for number in failed if number > right}
        else:
            assert guess.settle_wrong(there.net.platform, tickets[at]) == Refused()
            if not (cleared and at < right):
                failed.add(at)
    tally = contract_of(there, taro).password_tally
    assert tally.failed == tuple(number + 1 for number in sorted(failed))
    assert (tally.open, tally.forgiven) == ((), ())


@pytest.mark.requirement("LCK-01", "LCK-12")
@pytest.mark.parametrize(
    ("counter", "locked", "blocked"),
    [
        (Counter.PASSWORD, LetterCode.LOCKED_OUT, LetterCode.BLOCKED),
        (Counter.ANSWER, LetterCode.LOCKED_OUT, LetterCode.BLOCKED),
        (Counter.START_PASSWORD, LetterCode.LOCKED_OUT, LetterCode.TOKEN_VOID),
        (Counter.CODE, LetterCode.LOCKED_OUT, LetterCode.TOKEN_LOCKED),
        (Counter.PAYMENT, LetterCode.PAYMENTS_LOCKED_OUT, LetterCode.PAYMENTS_BLOCKED),
        (Counter.CONFIRMATION, LetterCode.CONFIRMATION_LOCKED_OUT, LetterCode.CONFIRMATION_BLOCKED),
        (Counter.MAIL_PASSWORD, LetterCode.MAIL_PASSWORD_LOCKED_OUT, LetterCode.MAIL_PASSWORD_BLOCKED),
    ],
)
def test_how_each_lock_and_each_block_is_told(counter: Counter, locked: LetterCode, blocked: LetterCode) -> None:
    """What time opens again is told as that, and what it does not as what it is, whichever secret was guessed at."""
    rule = Lockout(tolerance=MoreThan(0), rest=REST, lockouts_to_block=2, patience=SECOND)
    fast = profiles.fast_for_tests(profiles.JA)
    there = bank(evolve(fast, lockouts={**fast.lockouts, counter: rule}))
    taro = there.customer()
    for told in (locked, blocked):
        there.clock.advance(REST)
        guess.settle_wrong(there.net.platform, held(there, taro, counter))
        assert [letter.code for letter in letters(there) if letter.written_at == there.clock.now()] == [told]


@pytest.mark.requirement("LCK-12", "LCK-15")
def test_codes_that_rest_leave_the_token_as_it_is() -> None:
    """Where a lock of them ends by itself the token is used again; a block ends its use, and each is told (C05)."""
    rests = profiles.MODERN.lockouts[Counter.CODE]
    assert rests.rest is not None
    profile = profiles.fast_for_tests(profiles.JA)
    there = bank(evolve(profile, lockouts={**profile.lockouts, Counter.CODE: rests}))
    phone = Telephone.of(there, there.customer()).start()
    for lockouts in range(1, rests.lockouts_to_block + 1):
        for _ in range(rests.trips_at):
            assert phone.token().state is TokenState.IN_USE
            phone.there.net.use_token.cancel(phone.session, WRONG_CODE)
        there.clock.advance(rests.rest)
        phone = evolve(phone, session=there.log_in(phone.taro))
        assert (phone.token().state is TokenState.LOCKED) is (lockouts == rests.lockouts_to_block)
    sent = [letter.code for letter in letters(there)]
    assert (sent.count(LetterCode.LOCKED_OUT), sent.count(LetterCode.TOKEN_LOCKED)) == (rests.lockouts_to_block - 1, 1)
    assert phone.there.net.use_token.cancel(phone.session, phone.code()) == Blocked()
