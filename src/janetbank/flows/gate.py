"""Gate: whether this operation may be done on this contract now.

One table (`policies.admission`) says which condition closes which operation; here the conditions are read off a
contract.  Every flow passes here before it evaluates anything, and again before it lets anybody in.

Source: LCK-10, LCK-15, HRS-01, HRS-02, CAN-07, CAN-08; TRAPS "a side door forgets the lock".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Blocked, Closed, Leaving, Left, LockedOut, OutsideServiceHours, Suspended
from janetbank.model.contract import Contract, Counter
from janetbank.policies import lockout
from janetbank.policies.admission import Condition, Operation, obstacle
from janetbank.policies.contract_life import ContractStatus
from janetbank.policies.service_hours import ClosedNow

_OF_LIFE = {ContractStatus.LEAVING: Condition.LEAVING, ContractStatus.CANCELLED: Condition.LEFT}
_SAID: Mapping[Condition, Left | Suspended | Leaving] = {
    Condition.LEFT: Left(),
    Condition.SUSPENDED: Suspended(),
    Condition.LEAVING: Leaving(),
}
_LOCKED = {counter: Condition(f"{counter.value}_locked") for counter in Counter}
_BLOCKED = {counter: Condition(f"{counter.value}_blocked") for counter in Counter}


def out_of_hours(platform: Platform, operation: Operation, now: datetime) -> OutsideServiceHours | None:
    """The refusal for coming outside the operation's service hours, or None."""
    hours = platform.profile.hours_of(operation)
    if hours.is_open(now):
        return None
    state = hours.state(now)
    return OutsideServiceHours(state.opens_at if isinstance(state, ClosedNow) else None)


def closed(platform: Platform, operation: Operation, contract: Contract, now: datetime) -> Closed | None:
    """The refusal for the first condition of *contract* that closes *operation*, or None."""
    ends: dict[Condition, datetime] = {}
    conditions: set[Condition] = set()
    if contract.status in _OF_LIFE:
        conditions.add(_OF_LIFE[contract.status])
    if contract.suspended_since is not None:
        conditions.add(Condition.SUSPENDED)
    for counter in Counter:
        match platform.profile.lockout(counter).standing(contract.tally(counter), now):
            case lockout.Locked(until):
                conditions.add(_LOCKED[counter])
                ends[_LOCKED[counter]] = until
            case lockout.Blocked():
                conditions.add(_BLOCKED[counter])
            case lockout.Open():
                pass
            case _ as standing:
                assert_never(standing)
    condition = obstacle(operation, conditions)
    if condition is None:
        return None
    if condition in _SAID:
        return _SAID[condition]
    return LockedOut(ends[condition]) if condition in ends else Blocked()
