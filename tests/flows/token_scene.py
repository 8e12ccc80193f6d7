"""Token scene: a customer's telephone with a token app in it, as far as the public operations bring it."""

from datetime import date, timedelta
from typing import Self

from attrs import define

from janetbank.flows.biometrics import BiometricsSetUp, FingerWanted
from janetbank.flows.instruct import Order
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.phone_auth import Started
from janetbank.flows.set_up_app import AppReady, SeedHandedOut
from janetbank.flows.tokens import AppKey, answer_key
from janetbank.flows.use_token import MethodChanged, UseStarted
from janetbank.model.token import Token
from janetbank.policies.approval import APP_SUITE
from janetbank.policies.ocra import Suite
from janetbank.testing.bank import INSTITUTION, ORIGIN, PAYEE, Enrollee, Person, TestBank
from janetbank.values.environment import Channel, Environment
from janetbank.values.instruction import Content, InstructionKind
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank_adapters.biometrics.software import Passkey, made, used
from tests.flows.scene import confirmed, stepped_up

START_PASSWORD = Secret("7351")
MAIL = "taro@keitai.example.jp"
DEVICE = "taros-telephone"
STEP = timedelta(seconds=60)
WRONG_CODE = Secret("no code")
"""Of no step whatever, so no test is wrong once in a million times."""
SMARTPHONE = Environment(device="taros-computer", network="203.0.113.7", platform="windows", channel=Channel.SMARTPHONE)
"""The usual place, over the other channel."""


LATER_DAY = date(2026, 11, 24)
"""The next business day after the scene's."""


def order(
    kind: InstructionKind = InstructionKind.AD_HOC_TRANSFER, yen: int = 50_000, *, day: date = date(2026, 11, 20)
) -> Order:
    """A transfer on the day of the scene, of Taro's to his other account or of anybody's to the registered payee."""
    own = kind is InstructionKind.OWN_TRANSFER
    return Order(
        kind=kind,
        payee_bank=INSTITUTION.id if own else PAYEE.bank,
        payee=Person().savings if own else PAYEE.account,
        payee_name="ノウキョウ　タロウ" if own else PAYEE.name,
        amount=Yen(yen),
        date=day,
    )


@define
class Telephone:
    """Taro's telephone, and the *session* that he has on his computer."""

    there: TestBank
    taro: Enrollee
    session: Secret
    attempt: str = ""
    ids: TokenIssued | None = None
    seed: SeedHandedOut | None = None
    passkey: Passkey | None = None

    @classmethod
    def of(cls, there: TestBank, taro: Enrollee) -> Self:
        """Logged in, with a question answered and the second password shown, if any; his other account is linked."""
        there.link_savings(taro)
        session = stepped_up(there, taro, there.log_in(taro))
        return cls(there, taro, confirmed(there, taro, session))

    def apply(self) -> Started:
        """Apply for a token: what to call."""
        started = self.there.net.issue_token.apply(
            self.session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
        )
        assert isinstance(started, Started), started
        self.attempt = started.attempt
        return started

    def call(self) -> Self:
        """Apply, and call."""
        started = self.apply()
        self.there.exchange.telephone(self.taro.person.phones[0]).dial(started.destination)
        return self

    def issue(self) -> Self:
        """Call, and be given the ids."""
        issued = self.call().there.net.issue_token.confirm(self.session, self.attempt)
        assert isinstance(issued, TokenIssued), issued
        self.ids = issued
        return self

    def fetch(self) -> Self:
        """Be issued a token, and fetch its seed."""
        self.issue()
        handed = self.again()
        assert isinstance(handed, SeedHandedOut), handed
        self.seed = handed
        return self

    def again(self, start_password: Secret = START_PASSWORD, device: str = DEVICE) -> object:
        """Fetch a seed with the ids that were issued."""
        assert self.ids is not None
        return self.there.net.set_up_app.fetch(
            service_id=self.ids.service_id,
            user_id=self.ids.user_id,
            start_password=start_password,
            device=device,
            version="4.1",
        )

    def set_up(self) -> Self:
        """Set the app up; the next code is of another step."""
        self.fetch()
        ready = self.complete()
        assert isinstance(ready, AppReady), ready
        self.there.clock.advance(STEP)
        return self

    def complete(self) -> object:
        """Send the code that completes the set-up."""
        assert self.seed is not None
        return self.there.net.set_up_app.complete(self.app, device=DEVICE, number=self.seed.number, code=self.code())

    def start(self, *, approve_transfers: bool = False) -> Self:
        """Set the app up, and start the use; the next code is of another step."""
        told = self.set_up().there.net.use_token.start(self.session, self.code(), approve_transfers=approve_transfers)
        assert isinstance(told, UseStarted), told
        self.there.clock.advance(STEP)
        return self

    def confirm_method(self) -> Self:
        """Start by transaction authentication, and confirm it in the app."""
        told = self.start(approve_transfers=True).there.net.use_token.confirm_method(self.app, version="4.1")
        assert isinstance(told, MethodChanged), told
        return self

    def set_up_finger(self) -> Self:
        """Start the use, and let a finger in."""
        self.start()
        told = self.register(self.asked_for_finger())
        assert isinstance(told, BiometricsSetUp), told
        return self

    def asked_for_finger(self) -> str:
        """Begin to set a finger up, and answer with it."""
        wanted = self.there.net.biometrics.begin_set_up(self.app)
        assert isinstance(wanted, FingerWanted), wanted
        response, self.passkey = made(wanted.options, origin=ORIGIN, finger=lambda: True)
        return response

    def register(self, response: str, password: Secret | None = None, login_id: str | None = None) -> object:
        """Complete it by login id and password, Taro's unless others are given."""
        return self.there.net.biometrics.set_up(
            self.app,
            login_id=self.taro.login_id if login_id is None else login_id,
            password=password or self.taro.password,
            response=response,
        )

    def finger(self) -> str:
        """Begin to log in, and answer with the finger."""
        wanted = self.there.net.biometrics.begin_log_in(self.app)
        assert isinstance(wanted, FingerWanted), wanted
        assert self.passkey is not None
        response, self.passkey = used(self.passkey, wanted.options, origin=ORIGIN, finger=lambda: True)
        return response

    def log_in(self, response: str, code: Secret | None = None) -> object:
        """Log in by what the finger answered, and the app's code unless another is given."""
        return self.there.net.biometrics.log_in(
            self.app, response=response, code=code or self.code(), seen_from=SMARTPHONE
        )

    @property
    def app(self) -> AppKey:
        """What the app shows of itself."""
        assert self.seed is not None
        return self.seed.app

    def code(self, steps_ago: int = 0) -> Secret:
        """What the app shows now, or showed."""
        assert self.seed is not None
        rules = self.there.profile.token.codes
        return rules.code(bytes.fromhex(self.seed.seed.reveal()), rules.step_at(self.there.clock.now()) - steps_ago)

    def answer(self, content: Content, suite: str = APP_SUITE) -> Secret:
        """The app's answer to what it shows."""
        assert self.seed is not None
        key = answer_key(bytes.fromhex(self.seed.seed.reveal()))
        return Secret(Suite(suite).answer(key, content.digest, now=self.there.clock.now()))

    def token(self) -> Token:
        """The token as it is stored."""
        with self.there.storage.transaction() as tx:
            token = tx.tokens.latest_of(self.taro.institution, self.taro.contract)
        assert token is not None
        return token
