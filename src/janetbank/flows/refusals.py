"""Refusals: the answers "no" that several operations share.

Each is a small frozen class with a stable `code`, whose Japanese and English text stands in `janetbank.messages`.
None says which of two things was wrong, nor whether a customer exists.

Source: C06 (standards.md), LCK-15, LCK-16, ENR-16, HRS-02, CAN-07, CAN-08; TRAPS "Counting wrong entries".
"""

from datetime import datetime
from typing import ClassVar

from attrs import frozen

from janetbank.policies import enrolment, recovery, reissue
from janetbank.values.violation import Violation


@frozen
class Refused:
    """What was entered does not let in.  Also the answer for whom there is none."""

    code: ClassVar[str] = "refused"


@frozen
class TryAgain:
    """Others are trying at this moment; this entry was neither evaluated nor counted."""

    code: ClassVar[str] = "try_again"


@frozen
class LockedOut:
    """Too many wrong entries: nothing is evaluated before *until*."""

    until: datetime
    code: ClassVar[str] = "locked_out"


@frozen
class Blocked:
    """Too many lockouts in a row: nothing is evaluated until the block is released."""

    code: ClassVar[str] = "blocked"


@frozen
class Suspended:
    """The contract is suspended; only the institution can release it."""

    code: ClassVar[str] = "suspended"


@frozen
class Leaving:
    """The contract is being cancelled: the host does nothing more for it."""

    code: ClassVar[str] = "leaving"


@frozen
class Left:
    """The contract is cancelled."""

    code: ClassVar[str] = "left"


@frozen
class OutsideServiceHours:
    """The function is closed; it opens at *opens_at*, where that is known."""

    opens_at: datetime | None
    code: ClassVar[str] = "outside_service_hours"


@frozen
class SessionEnded:
    """There is no such session (any more): log in again."""

    code: ClassVar[str] = "session_ended"


@frozen
class StepUpNeeded:
    """This needs a registered question answered in this session first."""

    code: ClassVar[str] = "step_up_needed"


@frozen
class ProvisionalExpired:
    """The passwords were right, and those of a notice that is no longer good: ask for another one."""

    code: ClassVar[str] = "provisional_expired"


@frozen
class ConfirmationNeeded:
    """This needs the confirmation password entered in this session first, each time."""

    code: ClassVar[str] = "confirmation_needed"


@frozen
class Rejected:
    """What was entered breaks rules: all of them are named."""

    violations: tuple[Violation, ...]
    code: ClassVar[str] = "rejected"


@frozen
class ProcedureEnded:
    """There is no such procedure (any more): begin again."""

    code: ClassVar[str] = "procedure_ended"


@frozen
class WrongStep:
    """The procedure asks for something else now: *step*."""

    step: enrolment.Step | recovery.Step | reissue.Step
    code: ClassVar[str] = "wrong_step"


Closed = LockedOut | Blocked | Suspended | Leaving | Left
"""Why a contract's door is closed."""
