"""Phone attempt: one try at being recognised by a call from a registered telephone.

It belongs to whoever asked for it: the digest of a session's or procedure's token stands in it, and nobody else learns
of it, goes on by it or gives it up.  A call finds it by its route, and by nothing else (TRAPS "Telephone": a challenge
keyed by the caller's number alone lets a stranger's session be verified by the owner's call).

Shape:  frozen; `rules` are those it was started under, whatever the profile says later; `digits` are sealed, and kept
        only while somebody may key them; `version` belongs to the storage port.
Units:  instants are aware UTC datetimes.
Source: TEL-05, 06, 12, 18; AMB-3, 4, 9; standards.md C29 (bound to its request); ARCHITECTURE "A procedure".
"""

from datetime import datetime
from typing import Self

from attrs import evolve, field, frozen

from janetbank.policies.destinations import Rental
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.phone_auth import Mode, Phase, PhoneAuthRules, Progress
from janetbank.values.caller import Route
from janetbank.values.identifiers import ContractId, InstitutionId


@frozen(kw_only=True)
class PhoneAttempt:
    """See the module."""

    id: str
    institution: InstitutionId
    contract: ContractId
    number: int
    """From 1, within the contract: two that start at once would have the same one, and only one of them can."""
    asked_by: str
    purpose: OnlineProcedure
    route: Route
    rules: PhoneAuthRules
    progress: Progress
    digits: str | None = field(default=None, repr=False)
    version: int = 0

    @property
    def window_end(self) -> datetime:
        """The last instant of the window, and of the rental of the destination."""
        return self.progress.start + self.rules.window

    @property
    def rental(self) -> Rental:
        """What is taken from the pool, whatever has become of the attempt."""
        return Rental(self.route.destination, self.window_end)

    def at(self, now: datetime) -> Self:
        """The attempt as it stands at *now*."""
        return self.moved(self.rules.look(self.progress, now))

    def moved(self, progress: Progress, digits: str | None = None) -> Self:
        """The attempt at *progress*, with *digits* in the place of its own where there are any.

        Digits that nobody can key any more are forgotten: spoken ones after their call, shown ones with the attempt.
        """
        kept = {Phase.IN_CALL} if self.rules.mode is Mode.VOICE else {Phase.PENDING, Phase.IN_CALL}
        return evolve(self, progress=progress, digits=(digits or self.digits) if progress.phase in kept else None)


@frozen
class PhoneAuthStarted:
    """Attempt *attempt* waits for a call from registered number *choice* to *destination*."""

    attempt: str
    purpose: str
    mode: str
    choice: int
    destination: str


@frozen
class PhoneLineRefused:
    """Registered number *choice* was not to be called from, since its carrier said that these *changes* were recent."""

    choice: int
    changes: tuple[str, ...]


@frozen
class PhoneCallNoted:
    """*call*, as the exchange names it, or what was keyed in it, came to *verdict*; the attempt is in *phase* now."""

    attempt: str
    call: str
    verdict: str
    phase: str


@frozen
class PhoneAuthEnded:
    """The attempt was consumed, aborted, or found expired: *phase*."""

    attempt: str
    phase: str


@frozen
class StrayCall:
    """A call at one of the bank's numbers that was meant for no attempt, and why; whose it was is not kept."""

    call: str
    destination: str
    verdict: str
