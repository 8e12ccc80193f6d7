"""Using a session: what a bank's application asks at each request of somebody who is logged in.

Source: ENR-10, ENR-12, TKN-01, TKN-18 (the offer of a token), OTP-15, PRF-03; ASVS 7.3 (idle and absolute limits),
        LCK-15; RBA-10 (a pending question opens nothing).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.platform import Platform
from janetbank.flows.sessions import Found, SessionRefusal, in_session, lives_until
from janetbank.flows.token_application import entitled
from janetbank.flows.tokens import lapsed
from janetbank.model.contract import Contract
from janetbank.policies.admission import Operation
from janetbank.policies.token import may_apply
from janetbank.ports.storage import Transaction
from janetbank.values.environment import Channel
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.secret import Secret


@frozen
class InSession:
    """The session lives, until *until* where it is not used again."""

    institution: InstitutionId
    contract: ContractId
    channel: Channel
    until: datetime
    offer_otp: bool
    """Whether to offer the one-time password: he may apply for it now, and has not, or nothing came of it (ENR-12)."""
    otp_wanted: bool
    """Whether it is offered to somebody who has said that he wants it: he goes on where it is applied for (TKN-01)."""
    code: ClassVar[str] = "in_session"


@frozen
class UseSession:
    """Say whose session this is, and keep it alive."""

    _platform: Platform

    def __call__(self, session: Secret) -> InSession | SessionRefusal:
        """Use *session* now."""

        def act(tx: Transaction, found: Found, now: datetime) -> InSession:
            used = evolve(found.session, used_at=now)
            if used != found.session:
                tx.sessions.put(used)
            contract = found.contract
            until = lives_until(self._platform, used, now) or now
            offers = self._offers(tx, contract, now)
            wanted = offers and contract.otp_wanted is True
            return InSession(contract.institution, contract.id, used.channel, until, offers, wanted)

        # A use that a power cut forgets ends the session a little earlier, which harms nobody.
        return in_session(self._platform, Operation.USE_SESSION, session, act, durable=False)

    def _offers(self, tx: Transaction, contract: Contract, now: datetime) -> bool:
        """Whether to offer a token to the customer of *contract*: which he could have, and has not."""
        profile = self._platform.profile
        if not (profile.token.offered_at_login and profile.offers(Operation.ISSUE_TOKEN)):
            return False
        last = tx.tokens.latest_of(contract.institution, contract.id)
        last = None if last is None else lapsed(self._platform, last, now)
        open_ = last is None or may_apply(last.state, last.since, now)
        return open_ and entitled(self._platform, contract)
