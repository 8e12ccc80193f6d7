"""Codes and start passwords in flight: what happens between the reservation of a guess and its settling counts."""

from collections.abc import Callable

import pytest
from attrs import frozen

from janetbank.flows.approve import Approve, Approved, Declined, Pending
from janetbank.flows.biometrics import Biometrics
from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import ApprovalAwaited, CodeNeeded, Instruct
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.log_in import CodeAsked, LogIn
from janetbank.flows.phone_auth import AnotherWaits
from janetbank.flows.platform import Platform
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import Refused, Rejected, SessionEnded, Suspended, TryAgain
from janetbank.flows.set_up_app import AppReady, SeedHandedOut, SetUpApp
from janetbank.flows.tokens import NoToken
from janetbank.flows.use_token import UseToken
from janetbank.model.contract import Counter
from janetbank.policies.phone_auth import Verdict
from janetbank.policies.token import MethodEvent, TokenEvent, TokenState
from janetbank.testing.bank import bank
from janetbank.values.secret import Secret
from tests.flows.scene import contract_of, held, interrupted, suspend, with_password
from tests.flows.token_scene import DEVICE, MAIL, SMARTPHONE, START_PASSWORD, STEP, Telephone, order

Doing = Callable[[Platform], object]


@pytest.fixture
def phone() -> Telephone:
    """Taro's telephone."""
    there = bank()
    return Telephone.of(there, there.customer())


# --- Whatever takes a code --------------------------------------------------------------------------------------------


@frozen
class Door:
    """What takes a code: *prepare* sets the scene and returns the doing of it, with the session it is done in.

    *looks* is how many transactions come before the one that reserves the guess.
    """

    prepare: Callable[[Telephone], tuple[Doing, Secret | None]]
    looks: int = 1


def _start(phone: Telephone) -> tuple[Doing, Secret]:
    code = phone.set_up().code()
    return lambda platform: UseToken(platform).start(phone.session, code), phone.session


def _cancel(phone: Telephone) -> tuple[Doing, Secret]:
    code = phone.start().code()
    return lambda platform: UseToken(platform).cancel(phone.session, code), phone.session


def _change_method(phone: Telephone) -> tuple[Doing, Secret]:
    code, event = phone.start().code(), MethodEvent.CHOOSE_TXA
    return lambda platform: UseToken(platform).change_method(phone.session, code, event, ticked=True), phone.session


def _prove(phone: Telephone) -> tuple[Doing, Secret]:
    told = phone.start().there.net.instruct.request(phone.session, order())
    assert isinstance(told, CodeNeeded), told
    code = phone.code()
    return lambda platform: Instruct(platform).enter_code(phone.session, told.reference, code), phone.session


def _log_in(phone: Telephone) -> tuple[Doing, Secret]:
    asked = with_password(phone.start().there, phone.taro, seen_from=SMARTPHONE)
    assert isinstance(asked, CodeAsked), asked
    code = phone.code()
    return lambda platform: LogIn(platform).enter_code(asked.challenge, code), asked.challenge


def _log_in_by_finger(phone: Telephone) -> tuple[Doing, None]:
    phone.set_up_finger()
    response, code, authenticators = phone.finger(), phone.code(), phone.there.net.biometrics._authenticators

    def doing(platform: Platform) -> object:
        return Biometrics(platform, authenticators).log_in(
            phone.app, response=response, code=code, seen_from=SMARTPHONE
        )

    return doing, None


def _approve(phone: Telephone) -> tuple[Doing, None]:
    told = phone.confirm_method().there.net.instruct.request(phone.session, order())
    assert isinstance(told, ApprovalAwaited), told
    with phone.there.storage.transaction() as tx:
        instruction = tx.instructions.by_reference(told.reference)
    assert instruction is not None
    answer = phone.answer(instruction.content)
    return lambda platform: Approve(platform).approve(phone.app, told.reference, answer), None


DOORS = {
    "start": Door(_start),
    "cancel": Door(_cancel),
    "change the method": Door(_change_method),
    "prove an instruction": Door(_prove, looks=0),
    "log in": Door(_log_in, looks=0),
    "log in by finger": Door(_log_in_by_finger),
    "approve": Door(_approve),
}
each_door = pytest.mark.parametrize("door", DOORS.values(), ids=list(DOORS))


def stop(phone: Telephone) -> None:
    """Stop the token, as a clerk will do."""
    with phone.there.storage.transaction() as tx:
        tx.tokens.put(phone.token().on(TokenEvent.STOP, phone.there.clock.now()))


def spent(phone: Telephone) -> tuple[TokenState, int | None]:
    """What a code would have changed of the token."""
    token = phone.token()
    return token.state, token.last_step


@each_door
@pytest.mark.requirement("LCK-12", "LCK-16")
def test_beside_ten_codes_in_flight_no_other_is_evaluated(phone: Telephone, door: Door) -> None:
    """While it is open whether the last ten were wrong a right one has to wait, and is not spent."""
    doing, _ = door.prepare(phone)
    before = spent(phone)
    for _ in range(10):
        held(phone.there, phone.taro, Counter.CODE)
    assert doing(phone.there.net.platform) == TryAgain()
    assert spent(phone) == before


@each_door
@pytest.mark.requirement("LCK-15", "LCK-16")
def test_a_right_code_passes_no_door_that_closed_meanwhile(phone: Telephone, door: Door) -> None:
    """Suspended after the reservation: nothing is done by the code, and it was not wrong."""
    doing, _ = door.prepare(phone)
    before = spent(phone)
    platform = interrupted(phone.there, door.looks + 1, lambda: suspend(phone.there, phone.taro))
    assert doing(platform) == Suspended()
    assert spent(phone) == before
    tally = contract_of(phone.there, phone.taro).code_tally
    assert (tally.failed, tally.open) == ((), ())


@each_door
@pytest.mark.requirement("OTP-11")
def test_a_right_code_of_a_token_that_ended_meanwhile_is_a_wrong_one(phone: Telephone, door: Door) -> None:
    """Stopped after the reservation: whatever its app shows is refused, and counted."""
    doing, _ = door.prepare(phone)
    platform = interrupted(phone.there, door.looks + 1, lambda: stop(phone))
    assert doing(platform) == Refused()
    assert phone.token().state is TokenState.STOPPED
    assert len(contract_of(phone.there, phone.taro).code_tally.failed) == 1


@pytest.mark.parametrize("name", [name for name in DOORS if name not in {"approve", "log in by finger"}])
@pytest.mark.requirement("OTP-11")
def test_a_session_that_ended_meanwhile_does_nothing(phone: Telephone, name: str) -> None:
    """Logged out after the reservation: the code, right as it is, is neither taken nor spent."""
    doing, session = DOORS[name].prepare(phone)
    assert session is not None
    before = spent(phone)
    platform = interrupted(phone.there, DOORS[name].looks + 1, lambda: phone.there.net.log_out(session))
    assert doing(platform) == SessionEnded()
    assert spent(phone) == before


@pytest.mark.requirement("TXA-04")
def test_an_app_that_is_nobodys_meanwhile_takes_no_ticket(phone: Telephone) -> None:
    """Stopped before the answer of the app was counted: there is no token, and nothing to count."""
    doing, _ = _approve(phone)
    issued = contract_of(phone.there, phone.taro).code_tally.issued
    assert doing(interrupted(phone.there, 1, lambda: stop(phone))) == NoToken()
    assert contract_of(phone.there, phone.taro).code_tally.issued == issued


def test_an_instruction_that_was_proved_meanwhile_is_not_proved_twice(phone: Telephone) -> None:
    """Of two right codes of two steps the later one is spent for nothing, and the instruction is executed once."""
    there = phone.start().there
    asked = there.net.instruct.request(phone.session, order())
    assert isinstance(asked, CodeNeeded)
    there.clock.advance(STEP)

    def prove(steps_ago: int, platform: Platform) -> object:
        return Instruct(platform).enter_code(phone.session, asked.reference, phone.code(steps_ago))

    def earlier() -> None:
        assert prove(1, there.net.platform) == Authorised(asked.reference)

    assert prove(0, interrupted(there, 1, earlier)) == NotAuthorised()
    assert phone.token().last_step == there.profile.token.codes.step_at(there.clock.now())
    for _ in range(2):
        assert isinstance(there.net.instruct.execute(phone.session, asked.reference), Executed)
        assert len(there.core.books.done) == 1


@pytest.mark.requirement("TXA-04")
@pytest.mark.parametrize("first", ["approved", "declined"])
def test_an_app_that_answers_twice_at_once_has_not_been_wrong(phone: Telephone, first: str) -> None:
    """The same right answer comes again while the first is taken, or it was declined: nothing is counted, or done."""
    doing, _ = _approve(phone)
    there = phone.there
    (transfer, _), *_ = pending(phone).transfers

    def other() -> None:
        if first == "approved":
            assert doing(there.net.platform) == Approved()
        else:
            assert there.net.approve.decline(phone.app, transfer.reference) == Declined()

    assert doing(interrupted(there, 2, other)) == NotAuthorised()
    tally = contract_of(there, phone.taro).code_tally
    assert (tally.failed, tally.open, tally.forgiven) == ((), (), ())


def pending(phone: Telephone) -> Pending:
    """What waits for an answer of the app."""
    told = phone.there.net.approve.pending(phone.app)
    assert isinstance(told, Pending), told
    return told


# --- Setting up -------------------------------------------------------------------------------------------------------


def fetch(phone: Telephone, platform: Platform) -> object:
    """Fetch a seed with the right start password."""
    assert phone.ids is not None
    return SetUpApp(platform).fetch(
        service_id=phone.ids.service_id,
        user_id=phone.ids.user_id,
        start_password=START_PASSWORD,
        device=DEVICE,
        version="4.1",
    )


@pytest.mark.requirement("CRD-11", "LCK-16")
def test_beside_five_start_passwords_in_flight_no_other_is_evaluated(phone: Telephone) -> None:
    """While it is open whether the last five were wrong the right one has to wait."""
    phone.issue()
    for _ in range(5):
        held(phone.there, phone.taro, Counter.START_PASSWORD)
    assert fetch(phone, phone.there.net.platform) == TryAgain()


@pytest.mark.requirement("APP-05", "CRD-12")
def test_a_start_password_that_served_meanwhile_fetches_nothing(phone: Telephone) -> None:
    """Another device completed the set-up while the start password was checked: that one has a seed, this one none."""
    phone.issue()

    def other() -> None:
        handed = phone.again(device="another")
        assert isinstance(handed, SeedHandedOut)
        phone.seed = handed
        done = phone.there.net.set_up_app.complete(
            handed.app, device="another", number=handed.number, code=phone.code()
        )
        assert done == AppReady()

    assert fetch(phone, interrupted(phone.there, 2, other)) == Refused()
    assert (phone.token().state, phone.token().set_up.device) == (TokenState.PROVISIONED, "another")


@pytest.mark.requirement("LCK-15")
def test_no_seed_passes_a_door_that_closed_meanwhile(phone: Telephone) -> None:
    """Suspended after the start password was reserved: it was right, and nothing is handed out."""
    phone.issue()
    platform = interrupted(phone.there, 2, lambda: suspend(phone.there, phone.taro))
    assert fetch(phone, platform) == Suspended()
    assert phone.token().seed is None
    tally = contract_of(phone.there, phone.taro).start_password_tally
    assert (tally.failed, tally.open) == ((), ())


# --- Applying ---------------------------------------------------------------------------------------------------------


def applied(phone: Telephone, choice: int) -> object:
    """Apply for a token, to be called for by registered number *choice*."""
    return phone.there.net.issue_token.apply(
        phone.session, mail=MAIL, mail_again=MAIL, start_password=Secret("8264"), again=Secret("8264"), phone=choice
    )


@pytest.mark.requirement("TEL-10")
def test_who_cannot_be_called_for_applies_for_nothing(phone: Telephone) -> None:
    """A number that is not registered, or a call that another session waits for: the application before stays."""
    started = phone.apply()
    before = phone.token()
    other = Telephone.of(phone.there, phone.taro)
    assert applied(other, 0) == AnotherWaits(started.until)
    told = applied(phone, 7)
    assert isinstance(told, Rejected)
    assert [one.field for one in told.violations] == ["phone"]
    assert phone.token() == before


@pytest.mark.requirement("TKN-07")
def test_who_logs_out_while_he_waits_can_begin_anew(phone: Telephone) -> None:
    """He logs in and applies again, at once; the call that was awaited before is nobody's, and brings him nothing."""
    before = phone.apply()
    phone.there.net.log_out(phone.session)
    anew = Telephone.of(phone.there, phone.taro).issue()
    assert anew.token().state is TokenState.ISSUED
    assert phone.there.exchange.telephone(phone.taro.person.phones[0]).dial(before.destination).why is Verdict.ABORTED
