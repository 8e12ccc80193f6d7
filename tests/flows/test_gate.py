"""The gate: conditions read off a contract, against the table of admission."""

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.flows import gate
from janetbank.flows.refusals import Blocked, Leaving, Left, LockedOut, Suspended
from janetbank.policies.admission import REFUSED_IN, Condition, Operation
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.lockout import Tally, Ticket
from janetbank.testing.bank import START, bank
from tests.flows.scene import MINUTE, REST, TICK, contract_of

THERE = bank()
CONTRACT = contract_of(THERE, THERE.customer())
PLATFORM = THERE.net.platform
FREE = [operation for operation in Operation if not REFUSED_IN[operation]]
WAYS_OUT = [Operation.RESET_PASSWORD, Operation.RESET_QUESTIONS]
GUARDED = [operation for operation in Operation if operation not in {*FREE, *WAYS_OUT}]

OPEN = Tally()
SOON, LATE = START + MINUTE, START + REST


@pytest.mark.requirement("LCK-15")
@pytest.mark.parametrize(
    ("suspended", "password", "answer", "told"),
    [
        (False, OPEN, OPEN, None),
        (False, Tally(failed=(1, 2, 3, 4, 5, 6)), Tally(failed=(1,)), None),
        (False, Tally(locked_until=LATE, lockouts=1), OPEN, LockedOut(LATE)),
        (False, OPEN, Tally(locked_until=LATE, lockouts=1), LockedOut(LATE)),
        (False, Tally(locked_until=SOON, lockouts=1), Tally(locked_until=LATE, lockouts=1), LockedOut(SOON)),
        (False, Tally(blocked_since=START, lockouts=3), Tally(locked_until=LATE, lockouts=1), Blocked()),
        (False, Tally(locked_until=LATE, lockouts=1), Tally(blocked_since=START, lockouts=3), Blocked()),
        (False, OPEN, Tally(blocked_since=START, lockouts=3), Blocked()),
        (True, OPEN, OPEN, Suspended()),
        (True, Tally(blocked_since=START, lockouts=3), Tally(blocked_since=START, lockouts=3), Suspended()),
    ],
)
def test_what_closes_a_door(
    suspended: bool,  # noqa: FBT001 -- a table's column
    password: Tally,
    answer: Tally,
    told: object,
) -> None:
    """Each condition by itself, the first of several, and for no operation that the table leaves free."""
    since = START if suspended else None
    contract = evolve(CONTRACT, password_tally=password, answer_tally=answer, suspended_since=since)
    for operation in GUARDED:
        assert gate.closed(PLATFORM, operation, contract, START) == told
    for operation in FREE:
        assert gate.closed(PLATFORM, operation, contract, START) is None
    for operation in WAYS_OUT:
        assert gate.closed(PLATFORM, operation, contract, START) == (Suspended() if suspended else None)


@pytest.mark.requirement("LCK-01")
@pytest.mark.requirement("CAN-07", "CAN-08")
@pytest.mark.parametrize(
    ("status", "condition", "told"),
    [
        (ContractStatus.APPLIED, None, None),
        (ContractStatus.ACTIVE, None, None),
        (ContractStatus.LEAVING, Condition.LEAVING, Leaving()),
        (ContractStatus.CANCELLED, Condition.LEFT, Left()),
        (ContractStatus.DECOY, None, None),
    ],
)
def test_a_contracts_life_closes_doors(status: ContractStatus, condition: Condition | None, told: object) -> None:
    """Whoever is leaving is refused what the host would have to do, and whoever has left everything."""
    contract = evolve(CONTRACT, status=status)
    for operation in Operation:
        refused = condition in REFUSED_IN[operation]
        assert gate.closed(PLATFORM, operation, contract, START) == (told if refused else None)


@pytest.mark.requirement("CAN-08", "LCK-15")
def test_suspension_is_told_before_leaving() -> None:
    """Of a contract that is suspended and leaving the suspension is told; of one that has left, that it has."""
    leaving = evolve(CONTRACT, status=ContractStatus.LEAVING, suspended_since=START)
    assert gate.closed(PLATFORM, Operation.INSTRUCT, leaving, START) == Suspended()
    left = evolve(leaving, status=ContractStatus.CANCELLED)
    assert gate.closed(PLATFORM, Operation.INSTRUCT, left, START) == Left()


@given(after=st.timedeltas(timedelta(0), timedelta(hours=3)))
def test_a_lock_is_an_instant(after: timedelta) -> None:
    """Before its end it closes, at its end it does not, and nothing was written in between."""
    contract = evolve(CONTRACT, password_tally=Tally(locked_until=LATE, lockouts=1))
    told = gate.closed(PLATFORM, Operation.LOG_IN, contract, START + after)
    assert told == (LockedOut(LATE) if after < REST else None)


@pytest.mark.requirement("LCK-01", "LCK-16")
def test_what_died_in_flight_closes_at_its_deadline() -> None:
    """Seven tickets that nobody settled: open until they fall due, and locked from that instant on."""
    tickets = tuple(Ticket(number, SOON) for number in range(1, 8))
    contract = evolve(CONTRACT, password_tally=Tally(open=tickets, issued=7))
    assert gate.closed(PLATFORM, Operation.USE_SESSION, contract, SOON - TICK) is None
    assert gate.closed(PLATFORM, Operation.USE_SESSION, contract, SOON) == LockedOut(SOON + REST)
    assert gate.closed(PLATFORM, Operation.USE_SESSION, contract, SOON + REST) is None
