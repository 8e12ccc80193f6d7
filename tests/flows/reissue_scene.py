"""Reissue scene: a customer who has lost his telephone, as far as the public operations bring him."""

from collections.abc import Callable
from typing import Self

from attrs import define, evolve

from janetbank import profiles
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.phone_auth import Started
from janetbank.flows.reissue_token import ReissueBegun, TokenReissued
from janetbank.flows.set_up_app import AppReady, SeedHandedOut
from janetbank.flows.use_token import UseStarted
from janetbank.model.procedure import Procedure
from janetbank.model.reissue import Reissue
from janetbank.model.token import Token
from janetbank.policies.cooling_off import CoolingOff
from janetbank.profiles.profile import Profile
from janetbank.testing.bank import Enrollee, TestBank
from janetbank.values.secret import Secret
from janetbank_adapters.telephony.memory import Heard, Keying, repeat
from tests.flows.scene import REST, read
from tests.flows.token_scene import STEP, Telephone

NEW_MAIL = "taro-new@keitai.example.jp"
NEW_START_PASSWORD = Secret("84062")
NEW_DEVICE = "taros-new-telephone"
DAY = 24 * REST


def cooling() -> Profile:
    """JA, if it held transfers back for 24 hours as `modern` does."""
    return evolve(profiles.fast_for_tests(profiles.JA), cooling_off=CoolingOff(DAY))


def begin(there: TestBank, who: Enrollee, password: Secret | None = None) -> object:
    """Ask for a reissue by login id; with the right password unless another is given."""
    typed = who.password if password is None else password
    return there.net.reissue_token.with_login_id(who.institution, who.login_id, typed)


def begin_by_account(there: TestBank, who: Enrollee, password: Secret | None = None) -> object:
    """Ask for a reissue by account; with the right password unless another is given."""
    account = who.person.account
    return there.net.reissue_token.with_account(
        who.institution,
        account.branch.code,
        account.type.value,
        account.number.digits,
        who.password if password is None else password,
    )


@define
class Lost:
    """Somebody who had a *telephone* with his token, and the *procedure* by which he gets another one."""

    there: TestBank
    taro: Enrollee
    procedure: Secret
    started: Started | None = None

    @classmethod
    def of(cls, there: TestBank, taro: Enrollee) -> Self:
        """The password was right."""
        begun = begin(there, taro)
        assert isinstance(begun, ReissueBegun), begun
        return cls(there, taro, begun.procedure)

    def try_apply(
        self,
        mail: str = NEW_MAIL,
        mail_again: str | None = None,
        start_password: Secret = NEW_START_PASSWORD,
        again: Secret | None = None,
        phone: int = 0,
    ) -> object:
        """Give the details; everything twice alike unless otherwise given."""
        return self.there.net.reissue_token.apply(
            self.procedure,
            mail=mail,
            mail_again=mail if mail_again is None else mail_again,
            start_password=start_password,
            again=start_password if again is None else again,
            phone=phone,
        )

    def apply(self, mail: str = NEW_MAIL, phone: int = 0) -> Self:
        """Give the details: what to call."""
        started = self.try_apply(mail, phone=phone)
        assert isinstance(started, Started), started
        self.started = started
        return self

    def dial(self, phone: int = 0, keying: Keying = repeat) -> Heard:
        """Call the number on the screen from one of the registered telephones."""
        assert self.started is not None
        return self.there.exchange.telephone(self.taro.person.phones[phone]).dial(self.started.destination, keying)

    def call(self, mail: str = NEW_MAIL) -> Self:
        """Give the details, and call."""
        self.apply(mail).dial()
        return self

    def try_complete(self) -> object:
        """Go on by the call."""
        return self.there.net.reissue_token.complete(self.procedure)

    def complete(self, mail: str = NEW_MAIL) -> TokenReissued:
        """Do all that is left, and be given the new ids."""
        told = self.call(mail).try_complete()
        assert isinstance(told, TokenReissued), told
        return told

    def stored(self) -> Reissue:
        """The procedure as it is stored."""
        found = self._found()
        assert isinstance(found, Reissue)
        return found

    def rewrite(self, change: Callable[[Reissue], Reissue]) -> None:
        """Write what *change* makes of the stored procedure."""
        stored = self.stored()
        with self.there.storage.transaction() as tx:
            tx.procedures.put(change(stored))

    def stay(self) -> Self:
        """Do nothing more yet."""
        return self

    def _found(self) -> Procedure | None:
        key = self.there.net.platform.vault.token_key(self.procedure)
        return read(self.there.storage, lambda tx: tx.procedures.by_key(key))


def token_with(there: TestBank, ids: TokenIssued | TokenReissued) -> Token:
    """The token with these ids, as it is stored."""
    token = read(there.storage, lambda tx: tx.tokens.by_ids(ids.service_id, ids.user_id))
    assert token is not None
    return token


def new_telephone(there: TestBank, taro: Enrollee, told: TokenReissued) -> Telephone:
    """A new telephone for the token that was reissued, and a new session, in which a question is answered."""
    phone = Telephone.of(there, taro)
    phone.ids = TokenIssued(service_id=told.service_id, user_id=told.user_id, mail=told.mail, until=told.until)
    return phone


def set_up_anew(phone: Telephone, device: str = NEW_DEVICE) -> Telephone:
    """Set the app up on the new telephone; the next code is of another step."""
    handed = phone.again(NEW_START_PASSWORD, device)
    assert isinstance(handed, SeedHandedOut), handed
    phone.seed = handed
    ready = phone.there.net.set_up_app.complete(phone.app, device=device, number=handed.number, code=phone.code())
    assert isinstance(ready, AppReady), ready
    phone.there.clock.advance(STEP)
    return phone


def start_anew(phone: Telephone) -> Telephone:
    """Set the app up, and start the use of its codes; the next code is of another step."""
    told = set_up_anew(phone).there.net.use_token.start(phone.session, phone.code())
    assert isinstance(told, UseStarted), told
    phone.there.clock.advance(STEP)
    return phone
