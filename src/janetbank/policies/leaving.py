"""Leaving: who may cancel his contract online, and what stands in the way.

All that stands in the way is named at once, so that nobody is sent back twice.  What closes the door to a suspended
contract is the table of admission.

Shape:  `LeavingRules(...).hindrances(facts)` is what stands in the way, in the order of `LeavingHindrance`.
Source: CAN-01..04, CAN-09, CAN-11; AMB-15 (an account that is being deleted counts as deleted, unless the profile is
        stricter), AMB-28, AMB-29.
"""

from enum import Enum

from attrs import frozen


class LeavingHindrance(Enum):
    """Why a contract cannot be cancelled online now; the texts `leavinghindrance.*` say it."""

    NOT_INDIVIDUAL = "not_individual"
    NO_CARD = "no_card"
    """No cash card was issued for the representative account."""
    NOT_ACTIVE = "not_active"
    """The host does not know the contract yet, or it is being cancelled already."""
    OTHER_ACCOUNTS = "other_accounts"
    """Used accounts other than the representative one have not been deleted."""
    RESERVED_TRANSFERS = "reserved_transfers"
    """Reserved transfers have not come to their day and been processed, nor been cancelled."""
    INVESTIGATION = "investigation"
    """A fraud is looked into, and the history of operations must not be lost."""


AT_THE_COUNTER = frozenset(
    {LeavingHindrance.NOT_ACTIVE, LeavingHindrance.RESERVED_TRANSFERS, LeavingHindrance.INVESTIGATION}
)
"""What stands in the way of a form as well; the rest is why somebody needs one (CAN-01, CAN-02, CAN-11)."""


@frozen(kw_only=True)
class LeavingFacts:
    """The bases; *kept* counts the other accounts that are used, *deletions_pending* those that are being deleted."""

    individual: bool
    card_issued: bool
    active: bool
    kept: int
    deletions_pending: int
    reserved_transfers: int
    investigated: bool


@frozen(kw_only=True)
class LeavingRules:
    """*awaits_deletions*: whether deletions must have been reflected before (the stricter option of AMB-15)."""

    awaits_deletions: bool = False

    def hindrances(self, facts: LeavingFacts) -> tuple[LeavingHindrance, ...]:
        """All that stands in the way, in their order; none where the cancellation can be accepted."""
        others = facts.kept + (facts.deletions_pending if self.awaits_deletions else 0)
        stands = {
            LeavingHindrance.NOT_INDIVIDUAL: not facts.individual,
            LeavingHindrance.NO_CARD: not facts.card_issued,
            LeavingHindrance.NOT_ACTIVE: not facts.active,
            LeavingHindrance.OTHER_ACCOUNTS: others > 0,
            LeavingHindrance.RESERVED_TRANSFERS: facts.reserved_transfers > 0,
            LeavingHindrance.INVESTIGATION: facts.investigated,
        }
        return tuple(hindrance for hindrance in LeavingHindrance if stands[hindrance])
