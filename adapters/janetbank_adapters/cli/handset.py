"""Handset: the telephone in a customer's hand, with which he calls the bank, and on which the token app runs.

Shape:  a `Handset` speaks to public operations alone, keeps what they put into it (ids, seed, app key), and returns the
        outcome.
Errors: what the ports raise.
Source: TEL-06, APP-09..13, OTP-12, TXA-04, 05; RFC 6238, RFC 6287.
"""

from attrs import define, field

from janetbank.bank import NetBank
from janetbank.flows.approve import Pending
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.set_up_app import SeedHandedOut
from janetbank.flows.tokens import AppKey, answer_key
from janetbank.policies.approval import APP_SUITE
from janetbank.policies.ocra import Suite
from janetbank.ports.clock import Clock
from janetbank.values.instruction import Transfer
from janetbank.values.secret import Secret
from janetbank_adapters.telephony.memory import Telephone

VERSION = "4.1"


@define(kw_only=True)
class Handset:
    """A telephone, its *line*, and the app on it."""

    bank: NetBank
    clock: Clock
    line: Telephone
    device: str
    ids: TokenIssued | None = None
    seed: SeedHandedOut | None = None
    shown: tuple[Transfer, ...] = field(default=())
    """What the app showed last, to be approved or declined."""

    def fetches(self, start_password: Secret) -> object:
        """The app asks for its seed, with the ids that were mailed and the start password."""
        assert self.ids is not None
        outcome = self.bank.set_up_app.fetch(
            service_id=self.ids.service_id,
            user_id=self.ids.user_id,
            start_password=start_password,
            device=self.device,
            version=VERSION,
        )
        if isinstance(outcome, SeedHandedOut):
            self.seed = outcome
        return outcome

    def completes(self) -> object:
        """It shows by its first code that the seed has arrived."""
        number, code = self._kept.number, self.code()
        return self.bank.set_up_app.complete(self._app, device=self.device, number=number, code=code)

    def code(self) -> Secret:
        """What it shows now."""
        rules = self.bank.platform.profile.token.codes
        return rules.code(self._seed, rules.step_at(self.clock.now()))

    def confirms_method(self) -> object:
        """［OK］ is tapped in the tab for transactions."""
        return self.bank.use_token.confirm_method(self._app, version=VERSION)

    def looks(self) -> object:
        """The tab for transactions is opened."""
        outcome = self.bank.approve.pending(self._app)
        if isinstance(outcome, Pending):
            self.shown = tuple(transfer for transfer, _ in outcome.transfers)
        return outcome

    def approves(self) -> object:
        """What is shown is approved: the answer is to that, and to nothing else."""
        (transfer,) = self.shown
        answer = Suite(APP_SUITE).answer(answer_key(self._seed), transfer.digest, now=self.clock.now())
        return self.bank.approve.approve(self._app, transfer.reference, Secret(answer))

    def declines(self) -> object:
        """What is shown is declined."""
        (transfer,) = self.shown
        return self.bank.approve.decline(self._app, transfer.reference)

    @property
    def _kept(self) -> SeedHandedOut:
        assert self.seed is not None
        return self.seed

    @property
    def _seed(self) -> bytes:
        return bytes.fromhex(self._kept.seed.reveal())

    @property
    def _app(self) -> AppKey:
        return self._kept.app
