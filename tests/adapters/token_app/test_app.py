"""The token app does what the telephone in the customer's hand does, by the bank's public operations alone."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest

from janetbank.flows.approve import Approved, Declined
from janetbank.flows.biometrics import BiometricsNotSetUp, BiometricsSetUp
from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import ApprovalAwaited, InstructionStanding
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import Refused, Rejected
from janetbank.flows.set_up_app import AppReady
from janetbank.flows.tokens import NoToken
from janetbank.flows.use_token import AppNoted, MethodChanged, TokenCancelled, UseStarted
from janetbank.policies.instruction import InstructionState
from janetbank.policies.token import TokenState
from janetbank.ports.failures import Unavailable
from janetbank.testing.bank import HOME, TestBank, bank
from janetbank.values.money import Yen
from janetbank.values.otp_method import OtpMethod
from janetbank.values.secret import Secret
from janetbank.values.violation import InvalidValue
from janetbank_adapters.clock.by_hand import HandClock
from janetbank_adapters.storage.memory import MemoryStorage, When
from janetbank_adapters.token_app import app as module
from janetbank_adapters.token_app.app import (
    MISSES,
    MOST_CONTRACTS,
    AlreadyThere,
    AppFull,
    FingerRests,
    NoFinger,
    NotAgreed,
    OtherFinger,
    TokenApp,
    Waiting,
)
from janetbank_adapters.token_app.device import Device
from janetbank_adapters.token_app.memory import Memory
from tests.adapters.token_app.phones import app_in, approving, in_use, issued, ready
from tests.flows.scene import TICK
from tests.flows.token_scene import START_PASSWORD, STEP, Telephone, order


@pytest.fixture
def there() -> TestBank:
    """A bank."""
    return bank()


def owner() -> bool:
    """The owner's finger."""
    return True


def requested(phone: Telephone, yen: int = 50_000) -> str:
    """A transfer that waits for the app: its reference."""
    told = phone.there.net.instruct.request(phone.session, order(yen=yen))
    assert isinstance(told, ApprovalAwaited), told
    return told.reference


def tab(app: TokenApp) -> tuple[Waiting, ...]:
    """What waits in the app."""
    waiting = app.waiting()
    assert isinstance(waiting, tuple)
    return waiting


# --- Setting up -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("APP-09", "APP-10", "APP-11", "APP-13")
def test_ids_and_start_password_make_the_telephone_a_token(tmp_path: Path, there: TestBank) -> None:
    """The app shows a code that the bank takes, changes it every minute, and still has it after a restart."""
    app, phone = ready(tmp_path, there)
    assert phone.token().state is TokenState.PROVISIONED
    shown = app.code()
    assert shown.until - there.clock.now() <= STEP == shown.period
    assert app_in(tmp_path, there).code() == shown
    assert isinstance(there.net.use_token.start(phone.session, shown.code), UseStarted)
    there.clock.set(shown.until)
    assert app.code().code != shown.code


@pytest.mark.requirement("APP-05", "APP-09", "APP-17")
def test_setting_up_may_be_tried_again(tmp_path: Path, there: TestBank) -> None:
    """Without the tick nothing is sent; after a wrong start password nothing is kept, and a right one succeeds."""
    phone, ids = issued(there)
    app = app_in(tmp_path, there)
    assert app.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=False) == NotAgreed()
    assert app.add(ids.service_id, ids.user_id, Secret("0000"), agreed=True) == Refused()
    with pytest.raises(InvalidValue):
        app.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True, wording="長" * 21)
    assert phone.token().set_up.seed == 0
    assert app_in(tmp_path, there).names == ()
    assert app.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True, wording="家計") == AppReady()
    assert app.names == ("JA 5441 家計",)
    assert app.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True) == AlreadyThere()


@pytest.mark.requirement("APP-05")
@pytest.mark.parametrize("lost", ["before", "after"])
def test_an_answer_that_is_lost_loses_no_token(tmp_path: Path, lost: When) -> None:
    """Where the line breaks while the set-up is completed, the app has what the bank believes it has."""
    storage = MemoryStorage()
    there = bank(storage=storage)
    phone, ids = issued(there)
    app = app_in(tmp_path, there)
    # Three transactions fetch the seed (reserve, look, hand out); the fourth completes.
    storage.fail(call="commit", when=lost, with_=Unavailable("no line"), skip=3)
    with pytest.raises(Unavailable):
        app.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True)
    again = app_in(tmp_path, there)
    if lost == "after":
        assert phone.token().state is TokenState.PROVISIONED
        there.clock.advance(STEP)
        assert isinstance(there.net.use_token.start(phone.session, again.code().code), UseStarted)
    else:
        assert phone.token().state is TokenState.ISSUED
        again.forget(0)
        assert again.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True) == AppReady()


@pytest.mark.requirement("APP-01", "APP-05")
def test_a_telephone_whose_clock_is_wrong_is_not_set_up(tmp_path: Path, there: TestBank) -> None:
    """Its code is none, and nothing of it is kept; set right, it is set up."""
    phone, ids = issued(there)
    memory = Memory(tmp_path / "app.json", Device.at(tmp_path / "device.key"))
    wrong = TokenApp(there.net, memory, HandClock(there.clock.now() + 9 * STEP))
    assert wrong.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True) == Refused()
    assert wrong.names == TokenApp(there.net, memory, there.clock).names == ()
    assert phone.token().state is TokenState.ISSUED
    assert (
        TokenApp(there.net, memory, there.clock).add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True)
        == AppReady()
    )


@pytest.mark.requirement("APP-18")
def test_another_device_completes_nothing(tmp_path: Path, there: TestBank) -> None:
    """Whoever fetches the seed on a second telephone has made the first one's void."""
    phone, ids = issued(there)
    first = app_in(tmp_path, there)
    other = tmp_path / "other"
    other.mkdir()
    assert app_in(other, there).add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True) == AppReady()
    assert first.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True) == Refused()
    assert phone.token().set_up.seed == 1


@pytest.mark.requirement("PRF-13", "APP-06", "APP-20", "APP-22")
def test_ten_contracts_and_no_eleventh(tmp_path: Path, there: TestBank) -> None:
    """Each has its own codes; the one that is selected shows them; what is deleted makes room."""
    app = app_in(tmp_path, there)
    for nth in range(MOST_CONTRACTS):
        _, ids = issued(there, nth)
        assert app.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True, wording=f"{nth}") == AppReady()
        assert app.selected == nth
    _, ids = issued(there, MOST_CONTRACTS)
    assert app.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True) == AppFull()
    assert app.names == tuple(f"JA 5441 {nth}" for nth in range(MOST_CONTRACTS))
    assert len({app.code(nth).code.reveal() for nth in range(MOST_CONTRACTS)}) > 1
    app.select(3)
    assert app.code() == app.code(3)
    app.forget(9)
    assert (app.selected, len(app.names)) == (3, 9)
    app.select(8)
    app.forget(8)
    assert app.code() == app.code(7)
    assert app.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True) == AppReady()
    for position in (-1, MOST_CONTRACTS):
        with pytest.raises(ValueError, match="no such contract"):
            app.select(position)


@pytest.mark.requirement("APP-12", "APP-20")
def test_a_contract_has_the_name_that_its_holder_gives_it(tmp_path: Path, there: TestBank) -> None:
    """The wording stands behind the institution's name; without one the name is as it was."""
    app, _ = ready(tmp_path, there)
    assert app.names == ("JA 5441",)
    app.rename(0, "家計")
    assert app_in(tmp_path, there).names == ("JA 5441 家計",)
    with pytest.raises(InvalidValue):
        app.rename(0, "家\n計")
    app.rename(0, "")
    assert app.names == ("JA 5441",)


@pytest.mark.requirement("LGN-12", "LGN-17", "OTP-04")
def test_logging_in_from_the_app_fills_the_code_in(tmp_path: Path, there: TestBank) -> None:
    """Login id and password are typed, the code is not; the first time starts the use."""
    app, phone = ready(tmp_path, there)
    told = app.log_in(phone.taro.login_id, phone.taro.password, seen_from=HOME)
    assert isinstance(told, LoggedIn)
    assert phone.token().state is TokenState.IN_USE
    assert app.log_in(phone.taro.login_id, Secret("wrong"), seen_from=HOME) == Refused()


# --- Transactions -----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("TXA-05", "TXA-07")
def test_the_tap_enables_transaction_authentication(tmp_path: Path, there: TestBank) -> None:
    """［OK］ enables what was chosen; an app that is too old cannot, and may be too old to say so."""
    app, phone = ready(tmp_path, there)
    started = there.net.use_token.start(phone.session, app.code().code, approve_transfers=True)
    assert isinstance(started, UseStarted)
    assert isinstance(app_in(tmp_path, there, "3.9").confirm_method(), Rejected)
    assert app_in(tmp_path, there, "4.10").confirm_method() == MethodChanged(OtpMethod.TXA_ENABLED)


@pytest.mark.requirement("TXA-01")
def test_an_app_that_was_updated_says_so_when_it_is_opened(tmp_path: Path, there: TestBank) -> None:
    """Until then the bank knows it as it was set up; from then on the customer may choose what takes a newer one."""
    phone, ids = issued(there)
    old = app_in(tmp_path, there, "3.9")
    assert old.add(ids.service_id, ids.user_id, START_PASSWORD, agreed=True) == AppReady()
    there.clock.advance(STEP)
    use, code = there.net.use_token, old.code().code
    assert isinstance(use.start(phone.session, code, approve_transfers=True), Rejected)
    assert app_in(tmp_path, there, "4.0").open() == AppNoted()
    assert isinstance(use.start(phone.session, code, approve_transfers=True), UseStarted)


@pytest.mark.requirement("TXA-04")
def test_what_is_approved_is_executed_and_what_is_declined_is_not(tmp_path: Path, there: TestBank) -> None:
    """Payee and amount stand in the tab; approved they go, declined they never do."""
    app, phone = approving(tmp_path, there)
    gone, kept = requested(phone), requested(phone, 70_000)
    first, second = (next(one for one in tab(app) if one.transfer.reference == name) for name in (gone, kept))
    assert (first.transfer.payee_name, first.transfer.amount) == ("ヤマダ　ハナコ", Yen(50_000))
    assert app.approve(first) == Approved()
    assert app.decline(second) == Declined()
    assert tab(app) == ()
    assert isinstance(there.net.instruct.execute(phone.session, gone), Executed)
    assert there.net.instruct.execute(phone.session, kept) == NotAuthorised()
    standing = there.net.instruct.standing(phone.session, kept)
    assert standing == InstructionStanding(kept, InstructionState.REFUSED)


@pytest.mark.requirement("TXA-04")
def test_the_app_answers_for_what_it_showed(tmp_path: Path, there: TestBank) -> None:
    """Changed after it was shown, the transfer is not the one that was approved."""
    app, phone = approving(tmp_path, there)
    reference = requested(phone)
    (shown,) = tab(app)
    assert isinstance(there.net.instruct.amend(phone.session, reference, order(yen=4_000_000)), ApprovalAwaited)
    assert app.approve(shown) == Refused()
    (now,) = tab(app)
    assert now.transfer.amount == Yen(4_000_000)
    assert app.approve(now) == Approved()


def test_an_app_whose_token_is_gone_is_told_so(tmp_path: Path, there: TestBank) -> None:
    """After the use was cancelled it still shows codes, and they are worth nothing."""
    app, phone = approving(tmp_path, there)
    (_, shown) = requested(phone), tab(app)[0]
    assert isinstance(there.net.use_token.cancel(phone.session, app.code().code), TokenCancelled)
    assert app.approve(shown) == NoToken()
    assert there.net.use_token.cancel(phone.session, app.code().code) == NoToken()
    app.forget(0)
    assert app_in(tmp_path, there).names == ()


# --- Finger -----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("BIO-01", "BIO-02", "BIO-03", "BIO-05", "BIO-06", "BIO-07")
def test_a_finger_in_the_place_of_login_id_and_password(tmp_path: Path, there: TestBank) -> None:
    """Set up once, the owner's finger lets in, after a restart too; another one sends nothing."""
    app, phone = in_use(tmp_path, there)
    assert app.log_in_by_finger(owner, seen_from=HOME) == NoFinger()
    assert app.set_up_finger(phone.taro.login_id, phone.taro.password, lambda: False) == OtherFinger()
    assert app.set_up_finger(phone.taro.login_id, Secret("wrong"), owner) == Refused()
    assert app.log_in_by_finger(owner, seen_from=HOME) == NoFinger()
    assert app.set_up_finger(phone.taro.login_id, phone.taro.password, owner) == BiometricsSetUp()
    for _ in range(3):
        there.clock.advance(STEP)
        again = app_in(tmp_path, there)
        assert again.log_in_by_finger(lambda: False, seen_from=HOME) == OtherFinger()
        assert isinstance(again.log_in_by_finger(owner, seen_from=HOME), LoggedIn)


def no_owner() -> bool:
    """Another one's finger."""
    return False


@pytest.mark.requirement("BIO-03", "BIO-06")
def test_a_finger_may_be_another_ones_five_times_in_a_row(tmp_path: Path, there: TestBank) -> None:
    """Then each has to wait for half a minute, through a restart too, till the owner's starts the count anew (C32)."""
    app, phone = in_use(tmp_path, there)
    assert app.set_up_finger(phone.taro.login_id, phone.taro.password, owner) == BiometricsSetUp()
    for misses in (4, 5):
        there.clock.advance(STEP)
        assert [app.log_in_by_finger(no_owner, seen_from=HOME) for _ in range(misses)] == [OtherFinger()] * misses
        if misses < MISSES:
            assert isinstance(app.log_in_by_finger(owner, seen_from=HOME), LoggedIn)
    for _ in range(2):
        rests = FingerRests(there.clock.now() + timedelta(seconds=30))
        there.clock.advance(timedelta(seconds=30) - TICK)
        assert app_in(tmp_path, there).log_in_by_finger(owner, seen_from=HOME) == rests
        assert app.set_up_finger(phone.taro.login_id, phone.taro.password, owner) == rests
        there.clock.advance(TICK)
        assert app.log_in_by_finger(no_owner, seen_from=HOME) == OtherFinger()
    there.clock.advance(STEP)
    assert isinstance(app.log_in(phone.taro.login_id, phone.taro.password, seen_from=HOME), LoggedIn)
    there.clock.advance(STEP)
    assert isinstance(app.log_in_by_finger(owner, seen_from=HOME), LoggedIn)
    assert [app.log_in_by_finger(no_owner, seen_from=HOME) for _ in range(2)] == [OtherFinger()] * 2


@pytest.mark.requirement("BIO-06")
def test_after_fifty_of_others_no_finger_lets_in(tmp_path: Path, there: TestBank) -> None:
    """Biometric login is off, and set up anew by login id and password (C32); a set-up is no way to try more."""
    app, phone = in_use(tmp_path, there)
    assert app.set_up_finger(phone.taro.login_id, phone.taro.password, owner) == BiometricsSetUp()
    for _ in range(49):
        there.clock.advance(STEP)
        assert app.log_in_by_finger(no_owner, seen_from=HOME) == OtherFinger()
    there.clock.advance(STEP)
    assert app.set_up_finger(phone.taro.login_id, phone.taro.password, no_owner) == OtherFinger()
    there.clock.advance(STEP)
    assert app_in(tmp_path, there).log_in_by_finger(owner, seen_from=HOME) == NoFinger()
    assert app.set_up_finger(phone.taro.login_id, phone.taro.password, owner) == BiometricsSetUp()
    assert isinstance(app.log_in_by_finger(owner, seen_from=HOME), LoggedIn)


@pytest.mark.requirement("BIO-02", "BIO-12")
def test_a_finger_needs_a_token_in_use(tmp_path: Path, there: TestBank) -> None:
    """Before the use began none is asked for; after a new password the bank knows it no more."""
    app, phone = ready(tmp_path, there)
    assert app.set_up_finger(phone.taro.login_id, phone.taro.password, owner) == NoToken()
    assert isinstance(there.net.use_token.start(phone.session, app.code().code), UseStarted)
    assert app.set_up_finger(phone.taro.login_id, phone.taro.password, owner) == BiometricsSetUp()
    new = Secret("vase3#lamp")
    there.net.change_password(phone.session, current=phone.taro.password, new=new, again=new)
    assert app.log_in_by_finger(owner, seen_from=HOME) == BiometricsNotSetUp()


def test_the_app_speaks_to_public_operations_alone(there: TestBank) -> None:
    """Whatever it calls of the bank is one of its operations: it reaches into no flow, store or vault."""
    called: set[str] = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        match node:
            case ast.Attribute(attr=act, value=ast.Attribute(attr=flow, value=ast.Attribute(attr="_bank"))):
                called.add(f"{flow}.{act}")
            case ast.Attribute(attr="platform"):
                called.add("platform")
            case _:
                pass
    assert called <= there.net.operations().keys()
    assert len(called) == 13
