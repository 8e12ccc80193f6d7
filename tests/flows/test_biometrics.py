"""Biometrics: set up in the app by login id and password, in by finger and code, and gone with what it stood upon."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve

from janetbank.flows.biometrics import (
    Biometrics,
    BiometricsNotOffered,
    BiometricsNotSetUp,
    BiometricsSetUp,
    FingerNotRecognised,
    FingerWanted,
)
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.log_in import CodeAsked, LoggedIn
from janetbank.flows.refusals import Blocked, LockedOut, Refused, Suspended
from janetbank.flows.tokens import NoToken
from janetbank.flows.use_session import InSession
from janetbank.flows.use_token import TokenCancelled
from janetbank.model.biometrics import Credential
from janetbank.model.letter import LetterCode
from janetbank.model.token import Token
from janetbank.policies.token import TokenEvent, TokenState
from janetbank.ports.biometrics import Authenticators, Recognise
from janetbank.testing.bank import HOME, ORIGIN, bank
from janetbank.values.secret import Secret
from janetbank_adapters.biometrics.software import FingerRefused, made, used
from tests.flows.scene import (
    REST,
    WRONG,
    SlowVault,
    contract_of,
    entries_of,
    kinds,
    letters,
    lock_password,
    rewrite,
    stepped_up,
    suspend,
    with_password,
)
from tests.flows.token_scene import SMARTPHONE, STEP, WRONG_CODE, Telephone

LIFE = timedelta(minutes=5)
NEW = Secret("vase3#lamp")


@pytest.fixture
def phone() -> Telephone:
    """Taro's telephone, with codes in use."""
    there = bank()
    return Telephone.of(there, there.customer()).start()


@pytest.fixture
def ready(phone: Telephone) -> Telephone:
    """His telephone, which his finger lets in."""
    assert phone.register(phone.asked_for_finger()) == BiometricsSetUp()
    return phone


def put(phone: Telephone, change: Callable[[Token], Token]) -> None:
    """Write what *change* makes of his token."""
    token = phone.token()
    with phone.there.storage.transaction() as tx:
        tx.tokens.put(change(token))


def failures(phone: Telephone, *, of: str) -> int:
    """How many wrong entries stand against a counter."""
    return len(getattr(contract_of(phone.there, phone.taro), f"{of}_tally").failed)


# --- Setting up -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("BIO-01", "BIO-02", "BIO-05", "BIO-10")
def test_a_finger_is_let_in_by_login_id_and_password(phone: Telephone) -> None:
    """What is kept is the public half of a key; the customer is told at every address, and it stands in his chain."""
    assert phone.register(phone.asked_for_finger()) == BiometricsSetUp()
    kept = phone.token().credential
    assert kept is not None
    assert kept.count == 0
    assert phone.passkey is not None
    assert f"{phone.passkey.private:x}" not in repr(phone.token())
    assert [one.code for one in letters(phone.there)][-1] is LetterCode.BIOMETRICS_SET_UP
    assert entries_of(phone.there, phone.taro)[-1].data["state"] == "biometrics set up"


@pytest.mark.requirement("BIO-02")
@pytest.mark.parametrize("state", [state for state in TokenState if state is not TokenState.IN_USE])
def test_only_a_token_in_use_has_a_finger(phone: Telephone, state: TokenState) -> None:
    """Before its codes are in use, and after they were, an app can ask for no finger."""
    put(phone, lambda token: evolve(token, state=state))
    assert phone.there.net.biometrics.begin_set_up(phone.app) == NoToken()


@pytest.mark.requirement("BIO-05")
@pytest.mark.parametrize(
    ("login_id", "password"),
    [("kaze48nd", WRONG), ("kaze48ne", None), ("kaze48ne", WRONG), ("", None), ("風", None)],
)
def test_wrong_entries_are_counted_by_the_login_counter(
    phone: Telephone, login_id: str, password: Secret | None
) -> None:
    """Neither is said to be wrong, each is counted as at the login, and nothing is set up."""
    assert phone.register(phone.asked_for_finger(), password, login_id) == Refused()
    assert failures(phone, of="password") == 1
    assert phone.token().credential is None
    assert phone.register(phone.asked_for_finger(), login_id="KAZE48ND") == BiometricsSetUp()
    assert failures(phone, of="password") == 0


@pytest.mark.requirement("BIO-05", "LCK-01")
def test_seven_wrong_passwords_here_lock_the_login(phone: Telephone) -> None:
    """The counter is the one of the login: what is guessed here is not guessed there."""
    told = [phone.register(phone.asked_for_finger(), WRONG) for _ in range(7)]
    assert told[:6] == [Refused()] * 6
    locked = LockedOut(phone.there.clock.now() + REST)
    assert told[6] == with_password(phone.there, phone.taro) == locked
    assert phone.there.net.biometrics.begin_set_up(phone.app) == locked


@pytest.mark.requirement("BIO-03", "BIO-05")
def test_nothing_is_evaluated_before_the_telephone_has_answered(phone: Telephone) -> None:
    """Without a finger no password is tried: neither a right one nor a wrong one can be told from the answer."""
    for password in (phone.taro.password, WRONG):
        phone.asked_for_finger()
        assert phone.register("{}", password) == FingerNotRecognised()
    assert failures(phone, of="password") == 0
    assert [entry.data.get("state") for entry in entries_of(phone.there, phone.taro)[-2:]] == [
        "finger not recognised"
    ] * 2


@pytest.mark.requirement("BIO-03", "BIO-09")
def test_a_finger_that_is_not_the_owners_sends_nothing(phone: Telephone) -> None:
    """The telephone itself matches the finger: whose it is never leaves it."""
    wanted = phone.there.net.biometrics.begin_set_up(phone.app)
    assert isinstance(wanted, FingerWanted)
    with pytest.raises(FingerRefused):
        made(wanted.options, origin=ORIGIN, finger=lambda: False)


def test_another_finger_takes_the_place_of_the_first(ready: Telephone) -> None:
    """A token has one telephone and one credential: what is set up again is the only one that counts."""
    former = ready.passkey
    assert ready.register(ready.asked_for_finger()) == BiometricsSetUp()
    assert isinstance(ready.log_in(ready.finger()), LoggedIn)
    ready.there.clock.advance(STEP)
    ready.passkey = former
    assert ready.log_in(ready.finger()) == FingerNotRecognised()


# --- Challenges -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("BIO-07")
def test_a_challenge_is_kept_as_its_digest(ready: Telephone) -> None:
    """What is stored of a challenge does not answer it."""
    wanted = ready.there.net.biometrics.begin_log_in(ready.app)
    assert isinstance(wanted, FingerWanted)
    there = ready.token().challenge
    assert there is not None
    assert there.key not in wanted.options
    assert wanted.until == there.until == ready.there.clock.now() + LIFE


@pytest.mark.requirement("BIO-07")
def test_a_challenge_is_answered_once(ready: Telephone) -> None:
    """The same answer again, with another right code, lets nobody in; nor when the first try went wrong."""
    response = ready.finger()
    assert isinstance(ready.log_in(response), LoggedIn)
    ready.there.clock.advance(STEP)
    assert ready.log_in(response) == FingerNotRecognised()
    response = ready.finger()
    assert ready.log_in(response, WRONG_CODE) == Refused()
    assert ready.log_in(response) == FingerNotRecognised()
    response = ready.finger()
    assert ready.log_in("{}") == FingerNotRecognised()
    assert ready.log_in(response) == FingerNotRecognised()


def test_only_the_last_challenge_counts(ready: Telephone) -> None:
    """Whoever asks again has the former challenge no more."""
    former = ready.finger()
    ready.finger()
    assert ready.log_in(former) == FingerNotRecognised()


@pytest.mark.parametrize(("waited", "in_time"), [(LIFE - timedelta(microseconds=1), True), (LIFE, False)])
def test_a_challenge_ends(ready: Telephone, waited: timedelta, *, in_time: bool) -> None:
    """At its last instant it is over, for logging in and for setting up."""
    response = ready.finger()
    ready.there.clock.advance(waited)
    assert isinstance(ready.log_in(response), LoggedIn if in_time else FingerNotRecognised)
    response = ready.asked_for_finger()
    ready.there.clock.advance(waited)
    assert isinstance(ready.register(response), BiometricsSetUp if in_time else FingerNotRecognised)


def test_a_challenge_serves_one_purpose(ready: Telephone) -> None:
    """What was asked for to log in sets nothing up, and the other way round."""
    net, passkey = ready.there.net.biometrics, ready.passkey
    assert passkey is not None
    wanted = net.begin_set_up(ready.app)
    assert isinstance(wanted, FingerWanted)
    response, _ = used(passkey, wanted.options, origin=ORIGIN, finger=lambda: True)
    assert ready.log_in(response) == FingerNotRecognised()
    asked = net.begin_log_in(ready.app)
    assert isinstance(asked, FingerWanted)
    options = asked.options[:-1] + ', "rp": {"id": "netbank.example.jp"}}'
    response, _ = made(options, origin=ORIGIN, finger=lambda: True)
    assert ready.register(response) == FingerNotRecognised()


def test_nothing_is_answered_where_nothing_was_asked(ready: Telephone) -> None:
    """An answer without a challenge is none."""
    response = ready.finger()
    put(ready, lambda token: evolve(token, challenge=None))
    assert ready.log_in(response) == FingerNotRecognised()


# --- Logging in -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("BIO-01", "BIO-06", "BIO-07", "BIO-08", "LGN-16")
def test_finger_and_code_let_in(ready: Telephone) -> None:
    """Neither login id nor password is typed; the session is one like any other, of the app's customer."""
    told = ready.log_in(ready.finger())
    assert isinstance(told, LoggedIn)
    used = ready.there.net.use_session(told.session)
    assert isinstance(used, InSession)
    assert (used.institution, used.contract) == (ready.taro.institution, ready.taro.contract)
    last = entries_of(ready.there, ready.taro)
    assert kinds(last[-3:]) == ["GuessReserved", "TokenMoved", "LoggedIn"]
    assert (last[-1].data["by"], last[-1].data["channel"]) == ("biometrics", "smartphone")
    kept = ready.token().credential
    assert kept is not None
    assert kept.count == 1


@pytest.mark.requirement("BIO-07")
def test_the_code_is_spent(ready: Telephone) -> None:
    """The step of the code serves no second time, here or anywhere."""
    code = ready.code()
    assert isinstance(ready.log_in(ready.finger(), code), LoggedIn)
    assert ready.log_in(ready.finger(), code) == Refused()
    assert failures(ready, of="code") == 1


@pytest.mark.requirement("BIO-07", "LCK-12")
def test_wrong_codes_are_counted_as_everywhere(ready: Telephone) -> None:
    """Ten wrong codes lock the token, finger or not; a right one before clears them."""
    for _ in range(9):
        assert ready.log_in(ready.finger(), WRONG_CODE) == Refused()
    assert isinstance(ready.log_in(ready.finger()), LoggedIn)
    assert failures(ready, of="code") == 0
    told = [ready.log_in(ready.finger(), WRONG_CODE) for _ in range(10)]
    assert told == [Refused()] * 9 + [Blocked()]
    assert ready.token().state is TokenState.LOCKED
    assert ready.there.net.biometrics.begin_log_in(ready.app) == Blocked()


@pytest.mark.requirement("BIO-07")
def test_no_code_is_evaluated_without_the_finger(ready: Telephone) -> None:
    """Who has the app and not the finger cannot even try a code here."""
    ready.finger()
    assert ready.log_in("{}", WRONG_CODE) == FingerNotRecognised()
    assert failures(ready, of="code") == 0


@pytest.mark.requirement("BIO-01")
def test_only_a_smartphone_logs_in_by_finger(ready: Telephone) -> None:
    """On a computer it is not offered, and the challenge stays."""
    response = ready.finger()
    told = ready.there.net.biometrics.log_in(ready.app, response=response, code=ready.code(), seen_from=HOME)
    assert told == BiometricsNotOffered()
    assert isinstance(ready.log_in(response), LoggedIn)


def test_a_telephone_that_counts_backwards_was_copied(ready: Telephone) -> None:
    """A count that is not higher than the last one comes from a copy, whose answers are worth nothing."""
    copy = ready.passkey
    assert isinstance(ready.log_in(ready.finger()), LoggedIn)
    ready.there.clock.advance(STEP)
    ready.passkey = copy
    assert ready.log_in(ready.finger()) == FingerNotRecognised()


@pytest.mark.requirement("BIO-06", "BIO-11")
def test_another_way_in_always_stays(ready: Telephone) -> None:
    """Login id, password and code let in as before, whatever became of the finger."""
    assert ready.log_in("{}") == FingerNotRecognised()
    asked = with_password(ready.there, ready.taro, seen_from=SMARTPHONE)
    assert isinstance(asked, CodeAsked)
    assert isinstance(ready.there.net.log_in.enter_code(asked.challenge, ready.code()), LoggedIn)
    assert isinstance(with_password(ready.there, ready.taro), LoggedIn)


# --- What ends it -----------------------------------------------------------------------------------------------------


def _begin(phone: Telephone) -> object:
    return phone.there.net.biometrics.begin_log_in(phone.app)


@pytest.mark.requirement("BIO-12")
def test_a_new_password_ends_it(ready: Telephone) -> None:
    """A finger that was let in by the former password is let in no more, not even with an answer given before."""
    response = ready.finger()
    told = ready.there.net.change_password(ready.session, current=ready.taro.password, new=NEW, again=NEW)
    assert isinstance(told, PasswordChanged)
    assert (ready.token().credential, ready.token().challenge) == (None, None)
    assert ready.log_in(response) == _begin(ready) == BiometricsNotSetUp()
    assert "biometrics revoked" in [entry.data.get("state") for entry in entries_of(ready.there, ready.taro)]
    assert ready.register(ready.asked_for_finger(), NEW) == BiometricsSetUp()
    assert isinstance(ready.log_in(ready.finger()), LoggedIn)
    turns = [entry.data["state"] for entry in entries_of(ready.there, ready.taro) if entry.kind == "TokenMoved"]
    assert turns[-2:] == ["biometrics set up", "finger recognised"]


@pytest.mark.requirement("BIO-12")
def test_cancelling_the_token_ends_it(ready: Telephone) -> None:
    """With the token its credential is destroyed, and the app is nobody's."""
    told = ready.there.net.use_token.cancel(ready.session, ready.code())
    assert isinstance(told, TokenCancelled)
    assert _begin(ready) == NoToken()
    assert (ready.token().credential, ready.token().app_key) == (None, None)
    assert ready.there.net.biometrics.begin_set_up(ready.app) == NoToken()


@pytest.mark.requirement("BIO-12")
@pytest.mark.parametrize("event", [TokenEvent.CANCEL, TokenEvent.STOP, TokenEvent.REPLACE])
def test_every_end_of_a_token_destroys_its_credential(ready: Telephone, event: TokenEvent) -> None:
    """A reissue and a stop end it like a cancellation does."""
    ready.finger()
    ended = ready.token().on(event, ready.there.clock.now())
    assert (ended.credential, ended.challenge) == (None, None)


@pytest.mark.requirement("BIO-12")
def test_a_new_login_id_does_not_end_it(ready: Telephone) -> None:
    """The finger stands in for the customer, whatever he is called."""
    session = stepped_up(ready.there, ready.taro, ready.session)
    assert isinstance(
        ready.there.net.change_login_id(session, password=ready.taro.password, new="hoshi9kwx"), LoginIdChanged
    )
    assert isinstance(ready.log_in(ready.finger()), LoggedIn)


def test_a_lock_closes_it_for_as_long_as_it_lasts(ready: Telephone) -> None:
    """Seven wrong passwords of a stranger shut this door as every other, and it opens again with them."""
    response = ready.finger()
    locked = lock_password(ready.there, ready.taro)
    assert _begin(ready) == ready.log_in(response) == locked
    ready.there.clock.advance(REST)
    assert isinstance(ready.log_in(ready.finger()), LoggedIn)


def test_whoever_holds_no_app_is_nobody(ready: Telephone) -> None:
    """Without the key of an app there is neither a challenge nor an answer to one."""
    net, app = ready.there.net.biometrics, evolve(ready.app, key=Secret("no key"))
    assert net.begin_set_up(app) == net.begin_log_in(app) == NoToken()
    assert net.set_up(app, login_id="", password=WRONG, response="") == NoToken()
    assert net.log_in(app, response="", code=WRONG_CODE, seen_from=SMARTPHONE) == NoToken()


def test_a_bank_without_it_does_not_offer_it(ready: Telephone) -> None:
    """Where no adapter speaks with telephones, nothing of it is offered and nothing written."""
    without, app = Biometrics(ready.there.net.platform, None), ready.app
    before = ready.token()
    no = BiometricsNotOffered()
    assert without.begin_set_up(app) == without.begin_log_in(app) == no
    assert without.set_up(app, login_id="", password=WRONG, response="") == no
    assert without.log_in(app, response="", code=WRONG_CODE, seen_from=SMARTPHONE) == no
    assert ready.token() == before


# --- What happens meanwhile -------------------------------------------------------------------------------------------


class Acting:
    """An adapter that lets something happen after it has verified a response."""

    def __init__(self, inner: Authenticators, act: Callable[[], object]) -> None:
        self.inner, self.act = inner, act
        self.registration, self.authentication = inner.registration, inner.authentication

    def registered(self, response: str, recognise: Recognise) -> Credential | None:
        """Verify, then act."""
        found = self.inner.registered(response, recognise)
        self.act()
        return found

    def authenticated(self, response: str, recognise: Recognise, credential: Credential) -> Credential | None:
        """Verify, then act."""
        found = self.inner.authenticated(response, recognise, credential)
        self.act()
        return found


def meanwhile(phone: Telephone, act: Callable[[], object]) -> Biometrics:
    """The flow, with *act* after the telephone's answer was verified."""
    inner = phone.there.net.biometrics._authenticators
    assert inner is not None
    return Biometrics(phone.there.net.platform, Acting(inner, act))


def after_the_password(phone: Telephone, act: Callable[[], object]) -> Biometrics:
    """The flow, with *act* after the password was checked."""
    there, vault = phone.there, SlowVault(phone.there)
    vault.meanwhile = act
    return Biometrics(evolve(there.net.platform, vault=vault), there.net.biometrics._authenticators)


def end(phone: Telephone) -> Callable[[], object]:
    """The token is given up."""
    return lambda: put(phone, lambda token: token.on(TokenEvent.CANCEL, phone.there.clock.now()))


def set_up(flow: Biometrics, phone: Telephone, response: str) -> object:
    """Complete it rightly."""
    return flow.set_up(phone.app, login_id=phone.taro.login_id, password=phone.taro.password, response=response)


def log_in(flow: Biometrics, phone: Telephone, response: str) -> object:
    """Log in rightly."""
    return flow.log_in(phone.app, response=response, code=phone.code(), seen_from=SMARTPHONE)


def test_a_token_that_ends_meanwhile_gets_no_finger(phone: Telephone) -> None:
    """Given up after the password was found right, it is not revived, and the right entry has cleared its counter."""
    assert phone.register(phone.asked_for_finger(), WRONG) == Refused()
    response = phone.asked_for_finger()
    assert set_up(after_the_password(phone, end(phone)), phone, response) == NoToken()
    assert phone.token().credential is None
    assert failures(phone, of="password") == 0
    assert kinds(entries_of(phone.there, phone.taro))[-1] == "GuessRight"


def test_a_new_password_meanwhile_ends_a_setting_up(phone: Telephone) -> None:
    """What was let in by a password that counts no more is not let in."""
    response = phone.asked_for_finger()

    def change() -> None:
        there = phone.there
        told = there.net.change_password(phone.session, current=phone.taro.password, new=NEW, again=NEW)
        assert isinstance(told, PasswordChanged)

    assert set_up(after_the_password(phone, change), phone, response) == Refused()
    assert phone.token().credential is None


@pytest.mark.parametrize("uses", [None, 9], ids=["revoked", "used"])
def test_a_credential_that_changed_meanwhile_lets_nobody_in(ready: Telephone, uses: int | None) -> None:
    """Revoked, or used by somebody else, after the answer was verified: it is refused."""

    def change(token: Token) -> Token:
        assert token.credential is not None
        return evolve(token, credential=None if uses is None else evolve(token.credential, count=uses))

    response = ready.finger()
    assert log_in(meanwhile(ready, lambda: put(ready, change)), ready, response) == Refused()


def test_a_door_that_closes_meanwhile_is_closed(ready: Telephone) -> None:
    """A suspension after the answer was verified is told, at logging in and at setting up."""
    response = ready.finger()
    assert log_in(meanwhile(ready, lambda: suspend(ready.there, ready.taro)), ready, response) == Suspended()
    rewrite(ready.there, ready.taro, lambda contract: evolve(contract, suspended_since=None))
    response = ready.asked_for_finger()
    assert set_up(meanwhile(ready, lambda: suspend(ready.there, ready.taro)), ready, response) == Suspended()


def test_an_app_that_is_nobodys_meanwhile_is_nobodys(ready: Telephone) -> None:
    """The key of the app is looked at again when the guess is reserved."""

    def lose(token: Token) -> Token:
        return evolve(token, app_key="another")

    response = ready.finger()
    app_key = ready.token().app_key
    assert log_in(meanwhile(ready, lambda: put(ready, lose)), ready, response) == NoToken()
    put(ready, lambda token: evolve(token, app_key=app_key))
    response = ready.asked_for_finger()
    assert set_up(meanwhile(ready, lambda: put(ready, lose)), ready, response) == NoToken()
