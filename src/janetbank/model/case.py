"""Case: one matter of a contract that takes more than one person behind the counter.

A suspension has a life of its own (`policies.suspension`); whatever else takes two is a proposal
(`policies.dual_control`).  Of one matter of one contract there is one case at a time.

Shape:  frozen; `version` belongs to the storage port.  What is done in a case stands in the contract's chain.
Units:  instants are aware UTC datetimes.
Source: SUS-08..11, SUS-28, SUS-30..33, OPS-08, OPS-12, LCK-08, LCK-09, FEE-09; AMB-17, AMB-33; requirements.md part 7.
"""

from datetime import datetime, time, timedelta
from enum import Enum
from typing import assert_never

from attrs import frozen

from janetbank.policies import suspension
from janetbank.policies.dual_control import Proposal, ProposalState
from janetbank.policies.suspension import Suspension, SuspensionState
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.moment import JST, aware, in_japan
from janetbank.values.paper import Paper


class CaseKind(Enum):
    """What a case is about; the texts `casekind.*` say it."""

    SUSPENSION = "suspension"
    SUSPENSION_RELEASE = "suspension_release"
    BLOCK_RELEASE = "block_release"
    """Its subject is the block."""
    FEE_EXEMPTION = "fee_exemption"
    """Its subject is the month."""
    CANCELLATION = "cancellation"
    """By the form, where the customer cannot cancel online."""
    TOKEN_FORM = "token_form"  # noqa: S105 -- a kind's name, no token
    """Its subject is what the form asks for."""


@frozen(kw_only=True)
class Case:
    """See the module."""

    institution: InstitutionId
    id: str
    contract: ContractId
    kind: CaseKind
    subject: str = ""
    """What tells cases of one kind apart."""
    matter: Suspension | Proposal
    paper: Paper | None = None
    """What was brought or filled in for it."""
    opened_at: datetime
    version: int = 0

    @property
    def state(self) -> SuspensionState | ProposalState:
        """Where it stands, as it is kept: a proposal that nobody has looked at since may have expired."""
        return self.matter.state

    @property
    def live(self) -> bool:
        """Whether another case of the same matter has to wait for the end of this one."""
        match self.matter:
            case Suspension():
                return self.matter.state not in suspension.ENDS
            case Proposal():
                return self.matter.state is ProposalState.OPEN
            case _ as never:
                assert_never(never)

    @property
    def due_at(self) -> datetime | None:
        """The instant from which it is late, or None where nobody has anything to do."""
        match self.matter:
            case Suspension(state=state, due_on=due_on):
                midnight = datetime.combine(due_on + timedelta(days=1), time(), JST)
                return aware(midnight) if state in suspension.TO_BE_DONE else None
            case Proposal():
                return self.matter.expires_at if self.live else None
            case _ as never:
                assert_never(never)

    def late(self, now: datetime) -> bool:
        """Whether what has to be done is not done in time; a proposal is decided in its last instant, too."""
        match self.matter:
            case Suspension():
                return self.matter.overdue(in_japan(now).date())
            case Proposal():
                return self.live and now > self.matter.expires_at
            case _ as never:
                assert_never(never)
