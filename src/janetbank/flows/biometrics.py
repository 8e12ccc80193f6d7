"""Biometrics: logging in by finger or face, from the telephone that holds the token app.

    Biometrics.begin_set_up -> FingerWanted | a refusal
    Biometrics.set_up       -> BiometricsSetUp | a refusal     login id and password, by the login counter
    Biometrics.begin_log_in -> FingerWanted | a refusal
    Biometrics.log_in       -> LoggedIn | a duty | a refusal   with the code that the app shows now

The telephone matches the finger and answers a challenge with a key that it uses for nobody else; the code shows that
it is the telephone of the token.  Neither is taken without the other.

* A challenge is answered once: it is taken away before anything is verified, right or wrong, and none is kept but the
  last one.  What is kept of it is its digest.
* What the telephone answers cannot be guessed, so it is not counted; login id and password, and the code, are, each by
  the counter it always has, and neither is evaluated before the telephone has answered rightly.
* Biometric login is the token's own, and ends with it: by cancelling it or by a reissue.  A new login password ends it
  as well; a new login id, or a lock, does not.  It can be set up again, and other ways in are never closed by it.

Shape:  outcomes are closed unions; *options* and *response* are the texts of WebAuthn.
Source: BIO-01..12, LGN-16; AMB-31; NIST SP 800-63B-4 3.2.3; TRAPS "success of factor 1 clears factor 2's count".
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows import guess
from janetbank.flows.chains import keep
from janetbank.flows.entry import Entry, EntryOutcome, let_in
from janetbank.flows.guess import Held
from janetbank.flows.letters import notify
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Closed, OutsideServiceHours, Refused, SessionEnded, TryAgain
from janetbank.flows.sessions import place_of
from janetbank.flows.tokens import AppKey, NoToken, for_app, spend_code, token_of_app, whose_app, write
from janetbank.model.audit import Event
from janetbank.model.biometrics import Challenge, ChallengeFor, Credential
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import GuessRight, TokenMoved
from janetbank.model.letter import LetterCode
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.token import TokenState
from janetbank.ports.biometrics import Authenticators
from janetbank.ports.storage import Transaction
from janetbank.values.environment import Channel, Environment
from janetbank.values.login_id import LoginId
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue
from janetbank.vault import Vault

_WAY_IN = "biometrics"


@frozen
class FingerWanted:
    """The telephone asks for its owner's finger or face, as *options* say, before *until*."""

    options: str
    until: datetime
    code: ClassVar[str] = "biometrics.finger_wanted"


@frozen
class BiometricsSetUp:
    """From now on finger or face let in; login id and password need not be typed on this telephone."""

    code: ClassVar[str] = "biometrics.set_up"


@frozen
class FingerNotRecognised:
    """What the telephone answered does not let in: begin again, or log in another way."""

    code: ClassVar[str] = "biometrics.not_recognised"


@frozen
class BiometricsNotSetUp:
    """On this telephone nobody logs in by finger or face (any more): log in another way, and set it up."""

    code: ClassVar[str] = "biometrics.not_set_up"


@frozen
class BiometricsNotOffered:
    """This bank has no biometric login, or not here."""

    code: ClassVar[str] = "biometrics.not_offered"


BiometricsRefusal = NoToken | BiometricsNotOffered | Closed | OutsideServiceHours
BeginSetUpOutcome = FingerWanted | BiometricsRefusal
BeginLogInOutcome = FingerWanted | BiometricsNotSetUp | BiometricsRefusal
SetUpOutcome = BiometricsSetUp | FingerNotRecognised | Refused | TryAgain | BiometricsRefusal
BiometricLogInOutcome = EntryOutcome | BiometricsNotSetUp | FingerNotRecognised | Refused | TryAgain | BiometricsRefusal


def revoke(tx: Transaction, contract: Contract) -> tuple[Event, ...]:
    """End the biometric login of *contract*, where there is one: what to say of it in the contract's chain."""
    token = tx.tokens.latest_of(contract.institution, contract.id)
    if token is None or token.credential is None:
        return ()
    tx.tokens.put(evolve(token, challenge=None, credential=None))
    return (TokenMoved(token.number, "biometrics revoked"),)


@frozen
class Biometrics:
    """See the module; without *authenticators* none of it is offered."""

    _platform: Platform
    _authenticators: Authenticators | None

    def begin_set_up(self, app: AppKey) -> BeginSetUpOutcome:
        """Ask for the finger that shall let in (BIO-02): the token must be in use."""
        if (speaks := self._authenticators) is None:
            return BiometricsNotOffered()
        user = f"{app.service_id}-{app.user_id}"

        def act(tx: Transaction, _contract: Contract, token: Token, now: datetime) -> FingerWanted | NoToken:
            if token.state is not TokenState.IN_USE:
                return NoToken()
            challenge, until = self._challenge(tx, token, ChallengeFor.SET_UP, now)
            return FingerWanted(speaks.registration(challenge, user=user), until)

        return for_app(self._platform, Operation.BIOMETRICS, app, act)

    def set_up(self, app: AppKey, *, login_id: str, password: Secret, response: str) -> SetUpOutcome:
        """Let the finger of *response* in from now on, by login id and password (BIO-05)."""
        platform = self._platform
        if (speaks := self._authenticators) is None:
            return BiometricsNotOffered()
        taken = self._take(app, ChallengeFor.SET_UP)
        if not isinstance(taken, _Taken):
            return taken
        made = speaks.registered(response, taken.knows)
        if made is None:
            return self._not_recognised(app)

        def right(held: Held) -> bool:
            return guess.password_right(platform, password, held) and self._named(held.contract, login_id)

        held = guess.verified(platform, Operation.BIOMETRICS, Counter.PASSWORD, whose_app(platform, app), right)
        if not isinstance(held, Held):
            return NoToken() if isinstance(held, SessionEnded) else held
        return platform.transact(partial(self._set_up, app, made, held))

    def begin_log_in(self, app: AppKey) -> BeginLogInOutcome:
        """Ask for the finger that lets in (BIO-06)."""
        if (speaks := self._authenticators) is None:
            return BiometricsNotOffered()

        def act(tx: Transaction, _contract: Contract, token: Token, now: datetime) -> FingerWanted | BiometricsNotSetUp:
            if token.credential is None:
                return BiometricsNotSetUp()
            challenge, until = self._challenge(tx, token, ChallengeFor.LOG_IN, now)
            return FingerWanted(speaks.authentication(challenge, token.credential), until)

        return for_app(self._platform, Operation.BIOMETRICS, app, act)

    def log_in(self, app: AppKey, *, response: str, code: Secret, seen_from: Environment) -> BiometricLogInOutcome:
        """Log in by finger or face and the present *code* of the app, on a smartphone alone (BIO-01, BIO-07)."""
        platform = self._platform
        if (speaks := self._authenticators) is None or seen_from.channel is not Channel.SMARTPHONE:
            return BiometricsNotOffered()
        taken = self._take(app, ChallengeFor.LOG_IN)
        if not isinstance(taken, _Taken):
            return taken
        if (kept := taken.credential) is None:
            return BiometricsNotSetUp()
        used = speaks.authenticated(response, taken.knows, kept)
        if used is None:
            return self._not_recognised(app)
        find, settle = whose_app(platform, app), partial(self._log_in, code, seen_from, kept, used)
        told = guess.at_once(platform, Operation.BIOMETRICS, Counter.CODE, find, settle)
        return NoToken() if isinstance(told, SessionEnded) else told

    def _challenge(
        self, tx: Transaction, token: Token, purpose: ChallengeFor, now: datetime
    ) -> tuple[Secret, datetime]:
        """Put a new challenge in the place of the last one."""
        drawn = self._platform.new_token()
        until = now + self._platform.profile.sessions.challenge
        tx.tokens.put(evolve(token, challenge=Challenge(key=drawn.key, purpose=purpose, until=until)))
        return drawn.secret, until

    def _take(self, app: AppKey, purpose: ChallengeFor) -> _Taken | NoToken | Closed | OutsideServiceHours:
        """Take the challenge away; what is not for *purpose*, or too late, is answered by nothing."""

        def act(tx: Transaction, _contract: Contract, token: Token, now: datetime) -> _Taken:
            there = token.challenge
            if there is None:
                return _Taken("", token.credential)
            tx.tokens.put(evolve(token, challenge=None))
            return _Taken(there.key if there.purpose is purpose and now < there.until else "", token.credential)

        return for_app(self._platform, Operation.BIOMETRICS, app, act)

    def _not_recognised(self, app: AppKey) -> FingerNotRecognised | NoToken | Closed | OutsideServiceHours:
        def act(tx: Transaction, contract: Contract, token: Token, now: datetime) -> FingerNotRecognised:
            write(tx, contract, token, now, TokenMoved(token.number, "finger not recognised"))
            return FingerNotRecognised()

        return for_app(self._platform, Operation.BIOMETRICS, app, act)

    def _named(self, contract: Contract, typed: str) -> bool:
        """Whether *typed* is the login id of *contract*."""
        rules = self._platform.profile.login_id
        try:
            return contract.login_id == LoginId.parse(typed, case_sensitive=rules.case_sensitive)
        except InvalidValue:
            return False

    def _set_up(self, app: AppKey, made: Credential, held: Held, tx: Transaction) -> SetUpOutcome:
        platform, now = self._platform, self._platform.now()
        contract = guess.settle_right(platform, tx, held, now)
        if not isinstance(contract, Contract):
            return contract
        token = token_of_app(platform, tx, app, now)
        if token is None or token.state is not TokenState.IN_USE:
            keep(tx, contract, now, GuessRight(held.counter.value, held.ticket.number))
            return NoToken()
        token = evolve(token, credential=made)
        write(tx, contract, token, now, TokenMoved(token.number, "biometrics set up"))
        notify(platform, tx, contract, LetterCode.BIOMETRICS_SET_UP, now)
        return BiometricsSetUp()

    def _log_in(
        self, code: Secret, seen_from: Environment, kept: Credential, used: Credential, held: Held, tx: Transaction
    ) -> BiometricLogInOutcome:
        platform, now = self._platform, self._platform.now()
        # What was verified against must still be what counts: not revoked, and not used in the meantime.
        spent = spend_code(platform, tx, held, code, now, lambda token: token.credential == kept)
        if not isinstance(spent, tuple):
            return spent
        contract, token = spent
        place = place_of(platform, seen_from)
        entry = Entry(place, seen_from.channel, _WAY_IN, held.ticket.number, now)
        told = let_in(platform, tx, contract, entry, TokenMoved(token.number, "finger recognised"))
        tx.tokens.put(evolve(token, credential=used))
        return told


@frozen
class _Taken:
    """The challenge that was taken away, by its digest ("" where nothing answers it), and the token's credential."""

    key: str
    credential: Credential | None

    def knows(self, challenge: Secret) -> bool:
        """Whether *challenge* is the one."""
        return Vault.token_key(challenge) == self.key
