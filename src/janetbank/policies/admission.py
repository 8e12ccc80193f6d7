"""Admission: which operation is refused while a contract is in which condition.

One table for every door, so that no side door forgets a lock: each operation asks it, and a test walks every
operation against every condition.  The conditions are independent of one another, and several may hold at once; the
one that is told is the first in their order.

Shape:  `REFUSED_IN[operation]` is a set of conditions; `obstacle(operation, conditions) -> Condition | None`.
Source: LCK-01, 03, 10, 11 (lock and block of password or answer stop the whole service), LCK-12, LCK-15
        (independent), LCK-16, LCK-04, LCK-09 (a reset is the way out of a block); AMB-29 (suspended: all refused);
        TRAPS "a side door forgets the lock".
"""

from collections.abc import Collection, Mapping
from enum import Enum
from types import MappingProxyType


class Operation(Enum):
    """What somebody asks the front door for."""

    ENROL = "enrol"
    LOG_IN = "log_in"
    OBTAIN_LOGIN_ID = "obtain_login_id"
    """By the representative account and both passwords, where there is no login id (yet)."""
    ANSWER = "answer"
    ENTER_CODE = "enter_code"
    CALL_IN = "call_in"
    """Logging in by a call."""
    DO_DUTY = "do_duty"
    """What logging in asks for before anything else can be done."""
    REGISTER_CUSTOMER = "register_customer"
    """The last of it in a first use, which takes the confirmation password."""
    USE_SESSION = "use_session"
    STEP_UP = "step_up"
    CONFIRM = "confirm"
    """Showing the confirmation password, for what it authorises."""
    CHANGE_PASSWORD = "change_password"  # noqa: S105 -- an operation's name, no password
    CHANGE_LOGIN_ID = "change_login_id"
    CHANGE_CONFIRMATION = "change_confirmation"
    ISSUE_TOKEN = "issue_token"  # noqa: S105 -- an operation's name, no token
    SET_UP_APP = "set_up_app"
    USE_CODE = "use_code"
    """What takes a code within a session: starting the use, cancelling, changing the method, instructing."""
    INSTRUCT = "instruct"
    PAY = "pay"
    """Bills: asking for one, and paying it."""
    PROVE_PAYMENT = "prove_payment"
    """A company's bill, by a code."""
    PROVE_BY_MAIL = "prove_by_mail"
    """An instruction, by the code that was mailed for it."""
    SET_LIMITS = "set_limits"
    BALANCE = "balance"
    STATEMENT = "statement"
    APPROVE = "approve"
    BIOMETRICS = "biometrics"
    """Setting biometric login up, and logging in by it."""
    RESET_PASSWORD = "reset_password"  # noqa: S105 -- an operation's name, no password
    RESET_QUESTIONS = "reset_questions"
    REISSUE_TOKEN = "reissue_token"  # noqa: S105 -- an operation's name, no token
    CHANGE_ACCOUNTS = "change_accounts"
    """Adding a used account, and deleting one."""
    LEAVE = "leave"
    """Cancelling the contract."""
    LOG_OUT = "log_out"


class Condition(Enum):
    """What may stand in the way, the hardest to get rid of first: a person, a procedure, a wait."""

    LEFT = "left"
    """Cancelled: there is a tombstone."""
    SUSPENDED = "suspended"
    LEAVING = "leaving"
    """The cancellation is accepted, and not yet reflected."""
    PASSWORD_BLOCKED = "password_blocked"  # noqa: S105 -- a condition's name, no password
    ANSWER_BLOCKED = "answer_blocked"
    CODE_BLOCKED = "code_blocked"
    PAYMENT_BLOCKED = "payment_blocked"
    CONFIRMATION_BLOCKED = "confirmation_blocked"
    MAIL_PASSWORD_BLOCKED = "mail_password_blocked"  # noqa: S105 -- a condition's name, no password
    START_PASSWORD_BLOCKED = "start_password_blocked"  # noqa: S105 -- a condition's name, no password
    PASSWORD_LOCKED = "password_locked"  # noqa: S105 -- a condition's name, no password
    ANSWER_LOCKED = "answer_locked"
    CODE_LOCKED = "code_locked"
    PAYMENT_LOCKED = "payment_locked"
    CONFIRMATION_LOCKED = "confirmation_locked"
    MAIL_PASSWORD_LOCKED = "mail_password_locked"  # noqa: S105 -- a condition's name, no password
    START_PASSWORD_LOCKED = "start_password_locked"  # noqa: S105 -- a condition's name, no password


_NONE: frozenset[Condition] = frozenset()
_DOOR = frozenset(
    {
        Condition.LEFT,
        Condition.SUSPENDED,
        Condition.PASSWORD_BLOCKED,
        Condition.ANSWER_BLOCKED,
        Condition.PASSWORD_LOCKED,
        Condition.ANSWER_LOCKED,
    }
)
"""What stops the whole service (LCK-01, LCK-10, CAN-07); sessions end with it."""
_HOST = frozenset({Condition.LEAVING})
"""What stops whatever the host would have to do: it ends in an error there (CAN-08)."""
_CODE = frozenset({Condition.CODE_BLOCKED, Condition.CODE_LOCKED})
"""What stops whatever takes a code; who needs none goes on without (LCK-12, LCK-15)."""
_PAYMENT = frozenset({Condition.PAYMENT_BLOCKED, Condition.PAYMENT_LOCKED})
"""What stops bills, and nothing else (LCK-05, LCK-07)."""
_CONFIRMATION = frozenset({Condition.CONFIRMATION_BLOCKED, Condition.CONFIRMATION_LOCKED})
"""What stops showing the confirmation password; who needs none goes on without (LCK-15)."""
_MAIL = frozenset({Condition.MAIL_PASSWORD_BLOCKED, Condition.MAIL_PASSWORD_LOCKED})
"""What stops proving by mail; whoever gets a token goes on with that (LCK-15)."""
_SET_UP = frozenset({Condition.START_PASSWORD_BLOCKED, Condition.START_PASSWORD_LOCKED})

REFUSED_IN: Mapping[Operation, frozenset[Condition]] = MappingProxyType(
    {
        # There is no contract yet; one that exists is refused by the host checks as already registered (ENR-16).
        Operation.ENROL: _NONE,
        Operation.LOG_IN: _DOOR,
        Operation.OBTAIN_LOGIN_ID: _DOOR | _CONFIRMATION,
        Operation.ANSWER: _DOOR,
        Operation.ENTER_CODE: _DOOR | _CODE,
        Operation.CALL_IN: _DOOR,
        Operation.DO_DUTY: _DOOR,
        Operation.REGISTER_CUSTOMER: _DOOR | _CONFIRMATION,
        Operation.USE_SESSION: _DOOR,
        Operation.STEP_UP: _DOOR,
        Operation.CONFIRM: _DOOR | _CONFIRMATION,
        Operation.CHANGE_PASSWORD: _DOOR,
        Operation.CHANGE_LOGIN_ID: _DOOR,
        Operation.CHANGE_CONFIRMATION: _DOOR,
        # A new token is the way out of a blocked code or start password.
        Operation.ISSUE_TOKEN: _DOOR,
        Operation.SET_UP_APP: _DOOR | _CODE | _SET_UP,
        Operation.USE_CODE: _DOOR | _CODE,
        Operation.INSTRUCT: _DOOR | _HOST,
        Operation.PAY: _DOOR | _HOST | _PAYMENT,
        Operation.PROVE_PAYMENT: _DOOR | _HOST | _CODE | _PAYMENT,
        Operation.PROVE_BY_MAIL: _DOOR | _HOST | _MAIL,
        Operation.SET_LIMITS: _DOOR,
        Operation.BALANCE: _DOOR | _HOST,
        Operation.STATEMENT: _DOOR,
        Operation.APPROVE: _DOOR | _HOST | _CODE,
        Operation.BIOMETRICS: _DOOR | _CODE,
        # The ways out of a lock or block of password or answer; nobody lets himself out of a suspension (AMB-29).
        # They ask the host for a PIN.
        Operation.RESET_PASSWORD: frozenset({Condition.LEFT, Condition.SUSPENDED}) | _HOST,
        Operation.RESET_QUESTIONS: frozenset({Condition.LEFT, Condition.SUSPENDED}) | _HOST,
        # It takes the login password; whose password is locked or blocked resets that first (AMB-11).
        Operation.REISSUE_TOKEN: _DOOR,
        Operation.CHANGE_ACCOUNTS: _DOOR | _HOST,
        Operation.LEAVE: _DOOR | _HOST,
        # Logging out is never refused.
        Operation.LOG_OUT: _NONE,
    }
)


def obstacle(operation: Operation, conditions: Collection[Condition]) -> Condition | None:
    """The first of *conditions*, in the order of `Condition`, in which *operation* is refused; None where none is."""
    if not conditions:
        return None
    return next((one for one in Condition if one in conditions and one in REFUSED_IN[operation]), None)
