"""Approval: whether the customer confirmed, on his token, the very instruction that is executed.

An approval belongs to one instruction and is known by the digest of it.  It waits for its answer for a while, its last
instant included (AMB-37).  The laws:

* One approval is open per instruction.  Asking again for the same text leaves it, and its time, as they are; another
  text takes its place.
* The digest is computed anew from the instruction when the answer comes, and again when it is executed.  Where it
  differs, the approval is void, whatever was answered.
* It is spent by one execution.

The answer is checked by the flow, with the suites named here (`ocra`), against the digest of the instruction as it is
then; a wrong one changes nothing here, and counts as a wrong code does.

Shape:  `NEXT[(state, event)]` is the state after; a rule takes an `Approval` and gives it back as it is then, with a
        member of a closed union.
Units:  instants are aware datetimes, the window is a timedelta, the tolerance counts minutes.
Errors: ValueError for rules that cannot be; whatever a customer or his app does is a verdict.
Source: TXA-04, AMB-25, AMB-32; RTS 2018/389 Art. 5 (standards.md C30, C31), NIST SP 800-63B-4 3.1.3.2 (C25), C29.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType

from attrs import evolve, frozen

APP_SUITE = "OCRA-1:HOTP-SHA256-0:QH64-T1M"
"""Between app and bank: nobody types the answer, so it is the whole MAC."""
TYPED_SUITE = "OCRA-1:HOTP-SHA256-8:QH64-T1M"
"""Where the customer types the answer: the same challenge, cut to eight digits."""

_LONGEST_WINDOW = timedelta(minutes=10)
"""NIST SP 800-63B-4 3.1.3.2: what was not confirmed within it is void."""


class ApprovalState(Enum):
    """Where an approval stands."""

    AWAITING = "awaiting"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    VOIDED = "voided"
    """The instruction was changed, or the token replaced."""
    SPENT = "spent"
    """The instruction was executed."""


class ApprovalEvent(Enum):
    """What happens to an approval."""

    APPROVE = "approve"
    DECLINE = "decline"
    EXPIRE = "expire"
    VOID = "void"
    SPEND = "spend"


NEXT: Mapping[tuple[ApprovalState, ApprovalEvent], ApprovalState] = MappingProxyType(
    {
        (ApprovalState.AWAITING, ApprovalEvent.APPROVE): ApprovalState.APPROVED,
        (ApprovalState.AWAITING, ApprovalEvent.DECLINE): ApprovalState.DECLINED,
        (ApprovalState.AWAITING, ApprovalEvent.EXPIRE): ApprovalState.EXPIRED,
        (ApprovalState.AWAITING, ApprovalEvent.VOID): ApprovalState.VOIDED,
        (ApprovalState.APPROVED, ApprovalEvent.SPEND): ApprovalState.SPENT,
        (ApprovalState.APPROVED, ApprovalEvent.VOID): ApprovalState.VOIDED,
    }
)


@frozen(kw_only=True)
class Approval:
    """The approval of the instruction with *digest*, asked for at *asked_at*."""

    digest: str
    asked_at: datetime
    state: ApprovalState = ApprovalState.AWAITING

    def can(self, event: ApprovalEvent) -> bool:
        """Whether the table has a cell for *event*."""
        return (self.state, event) in NEXT

    def on(self, event: ApprovalEvent) -> "Approval":
        """The approval after *event*; unchanged where that can do nothing to it."""
        return evolve(self, state=NEXT.get((self.state, event), self.state))


@frozen
class Asked:
    """The approval waits for its answer up to and including *until*."""

    until: datetime


@frozen
class Approved:
    """The instruction may be executed."""


@frozen
class Declined:
    """The customer will not have it."""


@frozen
class WrongAnswer:
    """The answer is not the one to this instruction; the approval still waits."""


@frozen
class Changed:
    """The instruction is not the one that was asked about; its approval is void."""


@frozen
class Spent:
    """The instruction may be executed now, this once."""


@frozen
class NotOpen:
    """Nothing of the kind can be done to an approval in *state*."""

    state: ApprovalState


AskVerdict = Asked | NotOpen
ApproveVerdict = Approved | WrongAnswer | Changed | NotOpen
DeclineVerdict = Declined | NotOpen
SpendVerdict = Spent | Changed | NotOpen


@frozen(kw_only=True)
class ApprovalRules:
    """An approval waits for *window*; its answer may be of a minute up to *tolerance* earlier or later."""

    window: timedelta = _LONGEST_WINDOW
    tolerance: int = 1

    def __attrs_post_init__(self) -> None:
        if not timedelta(0) < self.window <= _LONGEST_WINDOW:
            msg = "an approval waits for ten minutes at most"
            raise ValueError(msg)
        if self.tolerance < 0:
            msg = "a tolerance is no minute, or some"
            raise ValueError(msg)

    def at(self, approval: Approval, now: datetime) -> Approval:
        """What *now* finds: one that has waited too long has expired."""
        return approval.on(ApprovalEvent.EXPIRE) if now > self.until(approval) else approval

    def ask(self, last: Approval | None, digest: str, now: datetime) -> tuple[Approval, AskVerdict]:
        """Ask for the approval of the instruction that has *digest* now, and whose approval was *last*, if any."""
        if last is not None:
            last = self.at(last, now)
            if last.digest == digest and last.can(ApprovalEvent.APPROVE):
                return last, Asked(self.until(last))
            if last.state is ApprovalState.SPENT or (last.digest == digest and last.can(ApprovalEvent.SPEND)):
                return last, NotOpen(last.state)
        approval = Approval(digest=digest, asked_at=now)
        return approval, Asked(self.until(approval))

    def approve(
        self, approval: Approval, digest: str, now: datetime, *, right: bool
    ) -> tuple[Approval, ApproveVerdict]:
        """Take the answer, which was *right* or not for the instruction that has *digest* now."""
        approval = self.at(approval, now)
        if not approval.can(ApprovalEvent.APPROVE):
            return approval, NotOpen(approval.state)
        if approval.digest != digest:
            return approval.on(ApprovalEvent.VOID), Changed()
        if not right:
            return approval, WrongAnswer()
        return approval.on(ApprovalEvent.APPROVE), Approved()

    def decline(self, approval: Approval, now: datetime) -> tuple[Approval, DeclineVerdict]:
        """The customer will not have it."""
        approval = self.at(approval, now)
        if not approval.can(ApprovalEvent.DECLINE):
            return approval, NotOpen(approval.state)
        return approval.on(ApprovalEvent.DECLINE), Declined()

    def spend(self, approval: Approval, digest: str, now: datetime) -> tuple[Approval, SpendVerdict]:
        """Execute the instruction that has *digest* now; an approval given does not expire."""
        approval = self.at(approval, now)
        if not approval.can(ApprovalEvent.SPEND):
            return approval, NotOpen(approval.state)
        if approval.digest != digest:
            return approval.on(ApprovalEvent.VOID), Changed()
        return approval.on(ApprovalEvent.SPEND), Spent()

    def until(self, approval: Approval) -> datetime:
        """The last instant at which *approval* may be answered."""
        return approval.asked_at + self.window
