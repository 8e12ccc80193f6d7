"""Phone scene: a bank in memory with telephones to call it, and a procedure that needs a call.

The procedure is the least that can be: it holds a token, starts attempts within a transaction of its own, and goes on
by them within another.
"""

from collections.abc import Mapping
from datetime import timedelta

from attrs import evolve, field, frozen

from janetbank.flows.phone_auth import PhoneAuth, Standing, Started, StartRefusal
from janetbank.flows.phone_desk import PhoneDesk
from janetbank.model.contract import Contract
from janetbank.model.phone_attempt import PhoneAttempt
from janetbank.policies.destinations import DestinationPool
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.line_change import LineRules
from janetbank.policies.phone_auth import Mode, PhoneAuthRules
from janetbank.ports.carriers import Carriers
from janetbank.ports.storage import Transaction
from janetbank.profiles.ja import CALLERS, PHONE_AUTH
from janetbank.testing.bank import Enrollee, TestBank, bank
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.telephony.memory import NUMBERS, MemoryExchange, Telephone
from tests.flows.scene import read

SILENT, VOICE = OnlineProcedure.PASSWORD_RESET, OnlineProcedure.TOKEN_ISSUE
"""A purpose of each mode that JA has."""
SCREEN_CODE = OnlineProcedure.CANCELLATION
"""A purpose that here asks for the hardened one."""
WINDOW = timedelta(seconds=300)

RULES: Mapping[OnlineProcedure, PhoneAuthRules] = {
    **PHONE_AUTH,
    SCREEN_CODE: PhoneAuthRules(mode=Mode.SCREEN_CODE, window=WINDOW),
}


@frozen(eq=False)
class PhoneScene:
    """A bank, its exchange, and both sides of phone authentication."""

    there: TestBank
    exchange: MemoryExchange
    auth: PhoneAuth
    desk: PhoneDesk
    _tokens: list[Secret] = field(factory=list[Secret])

    def token(self) -> Secret:
        """A token as a session or a procedure has one, or had."""
        return self.there.net.platform.new_token().secret

    def session(self, who: Enrollee) -> Secret:
        """The token of a session that there is."""
        return self.there.log_in(who)

    def key(self, token: Secret) -> str:
        """What is stored of it."""
        return self.there.net.platform.vault.token_key(token)

    def try_start(
        self, who: Enrollee, token: Secret, choice: int = 0, purpose: OnlineProcedure = VOICE
    ) -> Started | StartRefusal:
        """Start an attempt in a transaction of its own, and keep what comes of it."""
        phones = [PhoneNumber.parse(phone) for phone in who.person.phones]
        selected = self.auth.select(phones, choice)

        def step(tx: Transaction) -> Started | StartRefusal:
            contract = tx.contracts.by_id(who.institution, who.contract)
            assert contract is not None
            now = self.there.clock.now()
            told = self.auth.start(
                tx,
                contract,
                selected,
                asked_by=self.key(token),
                purpose=purpose,
                now=now,
            )
            if not isinstance(told, tuple):
                return told
            contract, started = told
            tx.contracts.put(contract)
            return started

        return self.there.net.platform.transact(step)

    def start(self, who: Enrollee, token: Secret, choice: int = 0, purpose: OnlineProcedure = VOICE) -> Started:
        """Start an attempt that there must be."""
        told = self.try_start(who, token, choice, purpose)
        assert isinstance(told, Started), told
        return told

    def go_on(
        self, who: Enrollee, token: Secret, attempt: str, purpose: OnlineProcedure = VOICE
    ) -> Contract | Standing:
        """Go on by an attempt, in a transaction of its own."""

        def step(tx: Transaction) -> Contract | Standing:
            contract = tx.contracts.by_id(who.institution, who.contract)
            assert contract is not None
            now = self.there.clock.now()
            told = self.auth.consume(tx, contract, attempt, asked_by=self.key(token), purpose=purpose, now=now)
            if isinstance(told, Contract):
                tx.contracts.put(told)
            return told

        return self.there.net.platform.transact(step)

    def give_up(self, who: Enrollee, token: Secret) -> None:
        """Give the whole procedure up."""

        def step(tx: Transaction) -> None:
            contract = tx.contracts.by_id(who.institution, who.contract)
            assert contract is not None
            after = self.auth.cancel(tx, contract, asked_by=self.key(token), now=self.there.clock.now())
            if after != contract:
                tx.contracts.put(after)

        self.there.net.platform.transact(step)

    def phone(self, who: Enrollee, place: int = 0) -> Telephone:
        """One of the registered telephones."""
        return self.exchange.telephone(who.person.phones[place])

    def attempt(self, started: Started) -> PhoneAttempt:
        """The attempt as it stands in the store."""
        found = read(self.there.storage, lambda tx: tx.phone_attempts.by_id(started.attempt))
        assert found is not None
        return found

    def noted(self, who: Enrollee) -> list[str]:
        """What came of each call, as the contract's chain has it."""
        with self.there.storage.transaction() as tx:
            entries = list(tx.audit.chain(who.contract.text))
        return [str(entry.data["verdict"]) for entry in entries if entry.kind == "PhoneCallNoted"]

    def strays(self) -> list[str]:
        """What came of each call that was meant for nobody's attempt."""
        with self.there.storage.transaction() as tx:
            chains = [chain for chain, _ in tx.audit.heads() if chain.startswith("call-")]
            entries = [entry for chain in chains for entry in tx.audit.chain(chain)]
        assert all(entry.kind == "StrayCall" and entry.intact for entry in entries)
        return sorted(str(entry.data["verdict"]) for entry in entries)


def phone_scene(
    there: TestBank | None = None,
    *,
    lines: int = len(NUMBERS),
    line_change: LineRules | None = None,
    carriers: Carriers | None = None,
) -> PhoneScene:
    """A bank with its telephones connected, so many numbers to call, and *carriers* to ask about those who call."""
    there = there or bank()
    exchange = MemoryExchange(there.clock, DestinationPool(NUMBERS[:lines]))
    platform = there.net.platform
    desk = PhoneDesk(platform=platform, callers=CALLERS)
    exchange.connect(desk)
    auth = PhoneAuth(
        platform=platform, exchange=exchange, callers=CALLERS, rules=RULES, line_change=line_change, carriers=carriers
    )
    return PhoneScene(there, exchange, auth, desk)


def with_rules(scene: PhoneScene, purpose: OnlineProcedure, rules: PhoneAuthRules) -> PhoneScene:
    """The same bank, with other *rules* from now on."""
    return evolve(scene, auth=evolve(scene.auth, rules={**scene.auth.rules, purpose: rules}))
