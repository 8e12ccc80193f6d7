"""Admission: which operation is refused while a contract is in which condition.

One table for every door, so that no side door forgets a lock: each operation asks it, and a test walks every
operation against every condition.  The conditions are independent of one another, and several may hold at once; the
one that is told is the first in their order.

Shape:  `REFUSED_IN[operation]` is a set of conditions; `obstacle(operation, conditions) -> Condition | None`.
Source: LCK-01, 03, 10, 11 (lock and block of either secret stop the whole service), LCK-15 (independent), LCK-16;
        AMB-29 (suspended: all refused); TRAPS "a side door forgets the lock".
"""

from collections.abc import Collection, Mapping
from enum import Enum
from types import MappingProxyType


class Operation(Enum):
    """What somebody asks the front door for."""

    ENROL = "enrol"
    LOG_IN = "log_in"
    ANSWER = "answer"
    USE_SESSION = "use_session"
    STEP_UP = "step_up"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 -- an operation's name, no password
    CHANGE_LOGIN_ID = "change_login_id"
    LOG_OUT = "log_out"


class Condition(Enum):
    """What may stand in the way, the hardest to get rid of first: a person, a procedure, a wait."""

    SUSPENDED = "suspended"
    PASSWORD_BLOCKED = "password_blocked"  # noqa: S105 -- a condition's name, no password
    ANSWER_BLOCKED = "answer_blocked"
    PASSWORD_LOCKED = "password_locked"  # noqa: S105 -- a condition's name, no password
    ANSWER_LOCKED = "answer_locked"


_ANY = frozenset(Condition)
_NONE: frozenset[Condition] = frozenset()

REFUSED_IN: Mapping[Operation, frozenset[Condition]] = MappingProxyType(
    {
        # There is no contract yet; one that exists is refused by the host checks as already registered (ENR-16).
        Operation.ENROL: _NONE,
        Operation.LOG_IN: _ANY,
        Operation.ANSWER: _ANY,
        Operation.USE_SESSION: _ANY,
        Operation.STEP_UP: _ANY,
        Operation.CHANGE_PASSWORD: _ANY,
        Operation.CHANGE_LOGIN_ID: _ANY,
        # Leaving is never refused.
        Operation.LOG_OUT: _NONE,
    }
)


def obstacle(operation: Operation, conditions: Collection[Condition]) -> Condition | None:
    """The first of *conditions*, in the order of `Condition`, in which *operation* is refused; None where none is."""
    if not conditions:
        return None
    return next((one for one in Condition if one in conditions and one in REFUSED_IN[operation]), None)
