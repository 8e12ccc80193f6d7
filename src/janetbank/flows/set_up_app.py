"""Setting the token app up: service id, user id and start password for a seed; a code made with it completes.

    SetUpApp.fetch    -> SeedHandedOut | a refusal      may start again until it has succeeded (APP-05)
    SetUpApp.complete -> AppReady | a refusal           by the device that fetched last

Whoever names ids that are nobody's is counted on a decoy, as at the login.

Source: APP-03..15, APP-18, APP-23, CRD-10..12, PRF-04; AMB-10, AMB-14; standards.md C35 (tries capped, deadline).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import gate, guess
from janetbank.flows.guess import Held
from janetbank.flows.letters import notify
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Closed, OutsideServiceHours, Refused, Rejected, TryAgain
from janetbank.flows.tokens import AppKey, NoToken, for_app, verdict_on, write
from janetbank.flows.typed import as_name, can_name
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import TokenMoved
from janetbank.model.letter import LetterCode
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.one_time_password import Accepted
from janetbank.policies.token import TokenEvent
from janetbank.ports.storage import Transaction
from janetbank.values.app_version import AppVersion
from janetbank.values.identifiers import InstitutionId
from janetbank.values.secret import Secret
from janetbank.values.token_device import TokenDevice
from janetbank.values.violation import Violation


@frozen(kw_only=True)
class SeedHandedOut:
    """What the app keeps: the *seed* (hexadecimal) with its *number*, how codes are made, and its own key."""

    app: AppKey
    seed: Secret
    number: int
    period: int
    digits: int
    algorithm: str
    institution: str
    code: ClassVar[str] = "token.seed_handed_out"


@frozen
class AppReady:
    """The app is set up and shows codes; their use can begin."""

    code: ClassVar[str] = "token.app_ready"


SetUpRefusal = Refused | TryAgain | Closed | OutsideServiceHours
FetchOutcome = SeedHandedOut | Rejected | SetUpRefusal
CompleteOutcome = AppReady | Refused | NoToken | Closed | OutsideServiceHours


@frozen
class SetUpApp:
    """See the module."""

    _platform: Platform

    def fetch(
        self,
        *,
        service_id: str,
        user_id: str,
        start_password: Secret,
        device: str,
        version: str | None,
        kind: TokenDevice = TokenDevice.SMARTPHONE,
    ) -> FetchOutcome:
        """Fetch a seed for *device*, of this *kind*; the one fetched before is void (APP-05, APP-18)."""
        platform = self._platform
        if (no := gate.out_of_hours(platform, Operation.SET_UP_APP, platform.now())) is not None:
            return no
        if kind not in platform.profile.token.devices:
            return Rejected((Violation("token.device_not_offered", field="kind"),))
        find = partial(self._find, service_id, user_id)
        held = guess.reserve(platform, Operation.SET_UP_APP, Counter.START_PASSWORD, find)
        if not isinstance(held, Held):
            return held
        stored = platform.transact(lambda tx: self._stored(tx, held))
        typed = platform.profile.token.start_password.canonical(start_password)
        if not platform.vault.check(typed, stored or platform.vault.decoy_hash).right:
            return guess.settle_wrong(platform, held)
        return platform.transact(partial(self._hand_out, held, stored, as_name(device), version))

    def complete(self, app: AppKey, *, device: str, number: int, code: Secret) -> CompleteOutcome:
        """Show by a *code* that seed *number* arrived on *device*: the token has its device now (APP-18)."""

        def act(tx: Transaction, contract: Contract, token: Token, now: datetime) -> AppReady | Refused:
            ready = token.set_up.completed_by(as_name(device), number) and token.can(TokenEvent.COMPLETE_SET_UP)
            if not ready:
                return Refused()
            verdict = verdict_on(self._platform, token, code, now)
            if not isinstance(verdict, Accepted):
                return Refused()
            token = evolve(token.on(TokenEvent.COMPLETE_SET_UP, now), start_password=None, last_step=verdict.step)
            write(tx, contract, token, now, TokenMoved(token.number, token.state.value))
            return AppReady()

        return for_app(self._platform, Operation.SET_UP_APP, app, act)

    def _find(self, service_id: str, user_id: str, tx: Transaction, now: datetime) -> Contract:
        if not can_name(service_id, user_id):
            service_id = user_id = ""  # whatever else can be typed is the same nobody's
        token = tx.tokens.by_ids(service_id, user_id)
        # By the ids of a token whose app is set up, or that another one took the place of, nothing is guessed: they are
        # nobody's, and worry nobody.
        if token is not None and not token.awaits_app:
            token = None
        contract = None if token is None else tx.contracts.by_id(token.institution, token.contract)
        if contract is not None:
            return contract
        nobody = InstitutionId("0000")
        key = self._platform.vault.decoy_key("token", service_id, user_id)
        there = tx.contracts.by_login_id(nobody, nobody.code, "", key)
        vault = self._platform.vault
        return there or Contract.decoy(nobody, nobody.code, vault.identifier(), key, vault.decoy_hash, now)

    def _stored(self, tx: Transaction, held: Held) -> str | None:
        token = tx.tokens.latest_of(held.contract.institution, held.contract.id)
        return token.start_password if token is not None and token.can(TokenEvent.FETCH_SEED) else None

    def _hand_out(
        self, held: Held, stored: str | None, device: str, version: str | None, tx: Transaction
    ) -> FetchOutcome:
        platform, now = self._platform, self._platform.now()
        rules = platform.profile.token
        token = tx.tokens.latest_of(held.contract.institution, held.contract.id)
        if token is None or token.start_password is None or token.start_password != stored:
            return guess.count_wrong(platform, tx, held, now)
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        if not rules.set_up.in_time(token.since, now):
            token = token.on(TokenEvent.MISS_DEADLINE, now)
            contract = write(tx, contract, token, now, TokenMoved(token.number, token.state.value))
            notify(platform, tx, contract, LetterCode.TOKEN_VOID, now)
            return Refused()
        seed, key = Secret(platform.entropy.token(rules.codes.seed_bytes).hex()), platform.new_token()
        token = evolve(
            token,
            set_up=token.set_up.fetched_by(device),
            app=AppVersion.reported(version),
            app_key=key.key,
        )
        token = evolve(token, seed=platform.vault.seal(bytes.fromhex(seed.reveal()), *token.row))
        write(tx, contract, token, now, TokenMoved(token.number, "seed fetched"))
        return SeedHandedOut(
            app=AppKey(service_id=token.service_id, user_id=token.user_id, key=key.secret),
            seed=seed,
            number=token.set_up.seed,
            period=int(rules.codes.period.total_seconds()),
            digits=rules.codes.digits,
            algorithm=rules.codes.algorithm.value,
            institution=token.institution.code,
        )
