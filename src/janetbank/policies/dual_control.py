"""Dual control: what one person proposes takes effect when another person approves it, and not before.

The laws, each with a test that a planted fault makes fail; there is no switch that turns any of them off:

* The checker is another *person* than the maker: a second account of the same person is the same person.
* What is approved is what was proposed.  The proposal carries a digest of what it was decided on; where its target has
  another one by then, the proposal is stale for good, and nothing is done.
* A proposal is decided once: approved, rejected with a reason, or withdrawn by its maker.
* A proposal waits until `expires_at`, that instant included, and is expired afterwards.

Shape:  `NEXT[(state, event)]` is the state after; a rule takes a `Proposal` and gives it back as it is then, with a
        member of a closed union.
Units:  instants are aware datetimes, the lifetime is a timedelta; digests are the caller's texts.
Errors: ValueError for a lifetime of nothing; whatever an operator does is a verdict.
Source: AMB-17, SUS-10, OPS-08, LCK-08; ASVS 2.3.5 (standards.md C39); TRAPS "a switch turns the two-person rule off".
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType

from attrs import evolve, frozen

from janetbank.values.line import Line
from janetbank.values.operator import Hand


class ProposalState(Enum):
    """Where a proposal stands; the texts `proposalstate.*` say it."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    STALE = "stale"
    """What it was decided on is no longer so."""


class ProposalEvent(Enum):
    """What happens to a proposal."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    GO_STALE = "go_stale"


NEXT: Mapping[tuple[ProposalState, ProposalEvent], ProposalState] = MappingProxyType(
    {
        (ProposalState.OPEN, ProposalEvent.APPROVE): ProposalState.APPROVED,
        (ProposalState.OPEN, ProposalEvent.REJECT): ProposalState.REJECTED,
        (ProposalState.OPEN, ProposalEvent.WITHDRAW): ProposalState.WITHDRAWN,
        (ProposalState.OPEN, ProposalEvent.EXPIRE): ProposalState.EXPIRED,
        (ProposalState.OPEN, ProposalEvent.GO_STALE): ProposalState.STALE,
    }
)


@frozen(kw_only=True)
class Proposal:
    """*maker* proposed something on *made_at* for a target that had *digest* then; *checker* decided it on *closed_at*.

    *reason*: why it was rejected.
    """

    digest: str
    maker: Hand
    made_at: datetime
    expires_at: datetime
    state: ProposalState = ProposalState.OPEN
    checker: Hand | None = None
    closed_at: datetime | None = None
    reason: Line | None = None

    def can(self, event: ProposalEvent) -> bool:
        """Whether the table has a cell for *event*."""
        return (self.state, event) in NEXT

    def on(self, event: ProposalEvent, at: datetime) -> "Proposal":
        """The proposal after *event*, which closes it at *at*; KeyError where the table has no cell."""
        return evolve(self, state=NEXT[self.state, event], closed_at=at)

    def at(self, now: datetime) -> "Proposal":
        """What *now* finds: one that has waited too long expired when its time was over."""
        waited = self.can(ProposalEvent.EXPIRE) and now > self.expires_at
        return self.on(ProposalEvent.EXPIRE, self.expires_at) if waited else self


@frozen
class Approved:
    """Two people want it: it is to be done now."""


@frozen
class Rejected:
    """It will not be done."""


@frozen
class Withdrawn:
    """Its maker took it back."""


@frozen
class SamePerson:
    """Whoever proposed it cannot decide it, through none of his accounts."""


@frozen
class NotTheMaker:
    """Nobody but its maker takes it back."""


@frozen
class Stale:
    """Its target is not what was decided on any more; propose anew."""


@frozen
class Closed:
    """It was decided before, or has expired: *state*."""

    state: ProposalState


ApproveVerdict = Approved | SamePerson | Stale | Closed
RejectVerdict = Rejected | SamePerson | Closed
WithdrawVerdict = Withdrawn | NotTheMaker | Closed


@frozen(kw_only=True)
class DualControl:
    """A proposal waits for its checker for *lifetime*."""

    lifetime: timedelta

    def __attrs_post_init__(self) -> None:
        if self.lifetime <= timedelta(0):
            msg = "a proposal waits for some time"
            raise ValueError(msg)

    def propose(self, maker: Hand, digest: str, now: datetime, *, until: datetime | None = None) -> Proposal:
        """What *maker* proposes for a target that has *digest* now; it waits no longer than *until*, if given."""
        expires_at = now + self.lifetime
        return Proposal(
            digest=digest, maker=maker, made_at=now, expires_at=expires_at if until is None else min(expires_at, until)
        )

    def approve(self, proposal: Proposal, by: Hand, digest: str, now: datetime) -> tuple[Proposal, ApproveVerdict]:
        """*by* approves it for a target that has *digest* now."""
        proposal = proposal.at(now)
        if not proposal.can(ProposalEvent.APPROVE):
            return proposal, Closed(proposal.state)
        if by.is_same_person(proposal.maker):
            return proposal, SamePerson()
        checked = evolve(proposal, checker=by)
        if digest != proposal.digest:
            return checked.on(ProposalEvent.GO_STALE, now), Stale()
        return checked.on(ProposalEvent.APPROVE, now), Approved()

    def reject(self, proposal: Proposal, by: Hand, reason: Line, now: datetime) -> tuple[Proposal, RejectVerdict]:
        """*by* rejects it, for *reason*."""
        proposal = proposal.at(now)
        if not proposal.can(ProposalEvent.REJECT):
            return proposal, Closed(proposal.state)
        if by.is_same_person(proposal.maker):
            return proposal, SamePerson()
        return evolve(proposal, checker=by, reason=reason).on(ProposalEvent.REJECT, now), Rejected()

    def withdraw(self, proposal: Proposal, by: Hand, now: datetime) -> tuple[Proposal, WithdrawVerdict]:
        """*by*, its maker, takes it back."""
        proposal = proposal.at(now)
        if not proposal.can(ProposalEvent.WITHDRAW):
            return proposal, Closed(proposal.state)
        if not by.is_same_person(proposal.maker):
            return proposal, NotTheMaker()
        return proposal.on(ProposalEvent.WITHDRAW, now), Withdrawn()
