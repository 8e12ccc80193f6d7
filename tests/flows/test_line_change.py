"""Line change, in the flows: what a number's carrier says is asked before its call is waited for."""

from datetime import timedelta

import pytest
from attrs import define, evolve, field

from janetbank import profiles
from janetbank.flows.issue_token import ApplyOutcome, TokenIssued
from janetbank.flows.phone_auth import LineChanged, Started
from janetbank.flows.refusals import Rejected, SessionEnded
from janetbank.messages import text
from janetbank.model.contract import Contract
from janetbank.policies.eligibility import OnlineProcedure
from janetbank.policies.line_change import LineChange, LineChanges, LineRules
from janetbank.ports.failures import Unavailable
from janetbank.profiles.profile import Profile
from janetbank.testing.bank import Enrollee, TestBank, bank
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.carriers.memory import MemoryCarriers
from janetbank_adapters.telephony.memory import repeat
from tests.flows.phone_scene import SILENT, VOICE, PhoneScene, phone_scene
from tests.flows.scene import TICK, contract_of, entries_of, kinds, read
from tests.flows.token_scene import MAIL, START_PASSWORD, Telephone

DAY = timedelta(days=1)
RULES = LineRules(rest=7 * DAY)
PURPOSES = [SILENT, VOICE, OnlineProcedure.QUESTIONS_RESET, OnlineProcedure.TOKEN_REISSUE]
"""Everything at JA for which somebody calls."""


def watchful() -> Profile:
    """JA, if it asked carriers."""
    fast = profiles.fast_for_tests(profiles.JA)
    return evolve(fast, token=evolve(fast.token, line_change=RULES))


def asking(carriers: MemoryCarriers | None) -> PhoneScene:
    """A bank that asks these carriers."""
    return phone_scene(line_change=RULES, carriers=carriers)


def number(who: Enrollee, place: int = 0) -> PhoneNumber:
    """One of the registered numbers."""
    return PhoneNumber.parse(who.person.phones[place])


@pytest.mark.parametrize("change", LineChange)
@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda purpose: purpose.value)
def test_a_number_that_changed_hands_lately_is_not_waited_for(purpose: OnlineProcedure, change: LineChange) -> None:
    """Whatever the call is for and whatever changed: refused until the rest is over; another number is taken."""
    carriers = MemoryCarriers()
    scene = asking(carriers)
    taro, token = scene.there.customer(), scene.token()
    swapped = scene.there.clock.now() - DAY
    carriers.changed(number(taro), LineChanges(**{change.value: swapped}))
    assert scene.try_start(taro, token, purpose=purpose) == LineChanged(swapped + 7 * DAY)
    assert isinstance(scene.try_start(taro, token, 1, purpose), Started)
    scene.there.clock.set(swapped + 7 * DAY - TICK)
    assert scene.try_start(taro, token, purpose=purpose) == LineChanged(swapped + 7 * DAY)
    scene.there.clock.advance(TICK)
    assert isinstance(scene.try_start(taro, token, purpose=purpose), Started)


def test_what_nobody_knows_is_no_reason_to_refuse() -> None:
    """Where no carrier is asked, where none is there, and where it does not know, the call is waited for."""
    silent = MemoryCarriers()
    for scene in (asking(silent), asking(None), phone_scene(carriers=silent)):
        assert isinstance(scene.try_start(scene.there.customer(), scene.token()), Started)


def test_a_bank_that_asks_no_carrier_does_not_mind_what_one_would_say() -> None:
    """Without rules in the profile nobody is asked, whatever changed."""
    carriers = Down()
    scene = phone_scene(carriers=carriers)
    taro = scene.there.customer()
    carriers.changed(number(taro), LineChanges(sim=scene.there.clock.now()))
    carriers.asked.clear()
    assert isinstance(scene.try_start(taro, scene.token()), Started)
    assert carriers.asked == []


@define
class Down(MemoryCarriers):
    """A carrier that can be reached, until it cannot; it remembers whom it was asked about."""

    down: bool = False
    asked: list[PhoneNumber] = field(factory=list[PhoneNumber])

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def last_changes(self, phone: PhoneNumber) -> LineChanges:
        """What is known."""
        self.asked.append(phone)
        if self.down:
            raise Unavailable
        return super().last_changes(phone)


def test_a_carrier_that_does_not_answer_lets_nobody_through() -> None:
    """No answer is a port's failure: nothing is decided, nothing is written, and no call is waited for."""
    scene = asking(Down(down=True))
    taro, token = scene.there.customer(), scene.token()
    before = contract_of(scene.there, taro)
    with pytest.raises(Unavailable):
        scene.try_start(taro, token)
    assert contract_of(scene.there, taro) == before
    assert read(scene.there.storage, lambda tx: tx.phone_attempts.latest_of(taro.institution, taro.contract)) is None


def test_only_what_may_be_selected_is_asked_about() -> None:
    """A number that cannot be selected, or is none, is nobody's to ask about."""
    carriers = Down()
    scene = asking(carriers)
    taro, token = scene.there.customer(), scene.token()
    assert isinstance(scene.try_start(taro, token, 9), Rejected)
    taro = evolve(taro, person=evolve(taro.person, phones=("050-1234-5678", "026-234-5678")))
    assert isinstance(scene.try_start(taro, token, 0), Rejected)
    assert carriers.asked == []
    assert isinstance(scene.try_start(taro, token, 1), Started)
    assert carriers.asked == [number(taro, 1)]


def test_that_a_number_was_refused_stands_in_the_chain() -> None:
    """Which registered number it was and what had changed is put down, and no number; no other refusal writes."""
    carriers = MemoryCarriers()
    scene = asking(carriers)
    taro, token = scene.there.customer(), scene.token()
    carriers.changed(number(taro, 1), LineChanges(sim=scene.there.clock.now(), subscriber=scene.there.clock.now()))
    before = len(entries_of(scene.there, taro))
    scene.try_start(taro, token, 9)
    assert isinstance(scene.try_start(taro, token, 1), LineChanged)
    (entry,) = entries_of(scene.there, taro)[before:]
    assert (entry.kind, entry.data) == ("PhoneLineRefused", {"choice": 1, "changes": ("sim", "subscriber")})


# --- Issuing a token --------------------------------------------------------------------------------------------------


@pytest.fixture
def phone() -> Telephone:
    """Taro, at a bank that asks carriers."""
    there = bank(watchful())
    return Telephone.of(there, there.customer())


def apply(phone: Telephone, session: Secret | None = None, choice: int = 0) -> ApplyOutcome:
    """Apply for a token."""
    return phone.there.net.issue_token.apply(
        session or phone.session,
        mail=MAIL,
        mail_again=MAIL,
        start_password=START_PASSWORD,
        again=START_PASSWORD,
        phone=choice,
    )


def test_no_token_is_issued_by_a_number_that_changed_hands(phone: Telephone) -> None:
    """The bank refuses that number and says so; by the other one the token is issued."""
    there, taro = phone.there, phone.taro
    there.carriers.changed(number(taro), LineChanges(sim=there.clock.now()))
    told = apply(phone)
    assert told == LineChanged(there.clock.now() + 7 * DAY)
    assert "SIM" in text(told, "en")
    assert "phone_auth" not in "".join(kinds(entries_of(there, taro)))
    started = apply(phone, choice=1)
    assert isinstance(started, Started)
    there.exchange.telephone(taro.person.phones[1]).dial(started.destination, repeat)
    assert isinstance(there.net.issue_token.confirm(phone.session, started.attempt), TokenIssued)


def test_nobody_has_a_carrier_asked_without_a_session(phone: Telephone) -> None:
    """Whoever is not logged in learns nothing, and no carrier is troubled."""
    carriers = Down(down=True)
    there = phone.there
    issue = evolve(
        there.net.issue_token,
        phone_auth=evolve(there.net.issue_token.phone_auth, carriers=carriers),
    )
    told = issue.apply(
        Secret("x"), mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
    )
    assert told == SessionEnded()
    assert carriers.asked == []


def test_a_bank_without_carriers_knows_of_no_changes() -> None:
    """The port is optional: a bank whose profile would ask, and that was given nobody to ask, goes on."""
    there = TestBank(watchful())
    taro = there.customer()
    phone = Telephone.of(there, taro)
    there.carriers.changed(number(taro), LineChanges(sim=there.clock.now()))
    issue = there.net.issue_token
    deaf = evolve(issue, phone_auth=evolve(issue.phone_auth, carriers=None))
    told = deaf.apply(
        phone.session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
    )
    assert isinstance(told, Started)
    assert isinstance(contract_of(there, taro), Contract)
