"""Mail-notified passwords: who proves by mail and who does not; once, in time, for one text, and counted by itself."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.flows.dispatch_mail import MailDispatcher
from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import CodeNeeded, Instruct, InstructionStanding, TokenNeeded
from janetbank.flows.instructions import NotAuthorised
from janetbank.flows.mail_password import MailPasswordSent, NoMoreLetters, in_clear
from janetbank.flows.pay_bills import BillFound
from janetbank.flows.prove import Authorised
from janetbank.flows.refusals import LockedOut, OutsideServiceHours, Refused, SessionEnded
from janetbank.model.contract import Contract, Counter
from janetbank.model.letter import Letter, LetterCode
from janetbank.policies.admission import Operation
from janetbank.policies.instruction import InstructionState
from janetbank.policies.lockout import Tally
from janetbank.policies.mail_password import LONGEST, MailPasswordRules
from janetbank.policies.service_hours import ServiceHours
from janetbank.policies.step_up import Proof
from janetbank.policies.token import TokenState
from janetbank.ports.failures import Corrupt
from janetbank.testing.bank import PAYEE, TestBank, bank
from janetbank.values.instruction import InstructionKind, Transfer
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank_adapters.mail.memory import MemoryMail
from tests.everything import texts
from tests.flows.money_scene import BILL, NUMBERS, find, send_bills, stored
from tests.flows.scene import HANAKO, REST, TICK, contract_of, interrupted, letters, rewrite
from tests.flows.token_scene import SMARTPHONE, Telephone, order

RULES = MailPasswordRules()
JA = profiles.fast_for_tests(profiles.JA)
BY_MAIL = evolve(JA, mail_password=RULES)
"""JA's numbers with nothing else of Aomori's, so that nothing else is asked for."""
WRONG = Secret("no code")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def taro() -> Telephone:
    """Taro at his computer, without a token."""
    there = bank(BY_MAIL)
    return Telephone.of(there, there.customer())


def asked(one: Telephone, yen: int = 50_000) -> MailPasswordSent:
    """Request a transfer to somebody unknown: what was mailed."""
    told = one.there.net.instruct.request(one.session, order(yen=yen))
    assert isinstance(told, MailPasswordSent), told
    return told


def waiting(there: TestBank) -> list[Letter]:
    """The passwords that wait to be mailed."""
    return [one for one in letters(there) if one.code is LetterCode.MAIL_PASSWORD]


def read(there: TestBank) -> list[str]:
    """The passwords that the customer has in his mail, in their order."""
    mail = MemoryMail()
    MailDispatcher(there.net.platform, mail)(100)
    sent = sorted((one for one in mail.sent if "メール通知パスワード" in one.subject), key=lambda one: one.written_at)
    found = [re.findall(r"(?<![0-9])[0-9]{8}(?![0-9])", one.body) for one in sent]
    assert all(len(set(one)) == 1 for one in found)
    return [one[0] for one in found]


def enter(one: Telephone, reference: str, typed: str | Secret) -> object:
    """Type a password."""
    secret = typed if isinstance(typed, Secret) else Secret(typed)
    return one.there.net.instruct.enter_mail_password(one.session, reference, secret)


# --- Who proves by mail -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("PRF-17", "MAL-10", "MAL-11")
def test_a_transfer_is_proved_by_what_came_by_mail(taro: Telephone) -> None:
    """Eight digits, to the address that was registered with his data, name payee and amount; with them it is done."""
    sent = asked(taro)
    assert sent.until == taro.there.clock.now() + LONGEST
    (letter,) = waiting(taro.there)
    assert (letter.institution, str(letter.to)) == (taro.taro.institution, taro.taro.person.mail)
    mail = MemoryMail()
    MailDispatcher(taro.there.net.platform, mail)()
    (one,) = (it for it in mail.sent if "メール通知パスワード" in it.subject)
    assert PAYEE.name in one.body
    assert "50,000" in one.body
    code = re.findall(r"[0-9]{8}", one.body)[0]
    assert code not in str(letter)
    assert enter(taro, sent.reference, code) == Authorised(sent.reference)
    assert isinstance(taro.there.net.instruct.execute(taro.session, sent.reference), Executed)


@pytest.mark.requirement("PRF-17", "MAL-10", "LGN-11")
def test_who_proves_by_mail_and_who_does_not(taro: Telephone) -> None:
    """On a smartphone, and at a bank that mails none, a token is needed; what needs no proof needs none by mail."""
    on_a_smartphone = evolve(taro, session=taro.there.log_in(taro.taro, seen_from=SMARTPHONE))
    there = bank(JA)
    elsewhere = Telephone.of(there, there.customer())
    for one in (on_a_smartphone, elsewhere):
        assert one.there.net.instruct.request(one.session, order()) == TokenNeeded()
        assert waiting(one.there) == []
    told = taro.there.net.instruct.request(taro.session, order(InstructionKind.OWN_TRANSFER))
    assert isinstance(told, Authorised)
    assert waiting(taro.there) == []


@pytest.mark.requirement("PRF-17", "OTP-21", "LGN-10")
def test_none_is_mailed_while_codes_are_in_use(taro: Telephone) -> None:
    """Up to the start of use a password is mailed; from then on the token's code is asked for, and no letter goes."""
    taro.set_up()
    asked(taro)
    assert len(waiting(taro.there)) == 1
    assert taro.there.net.use_token.start(taro.session, taro.code()) is not None
    assert isinstance(taro.there.net.instruct.request(taro.session, order()), CodeNeeded)
    assert len(waiting(taro.there)) == 1


@pytest.mark.requirement("OTP-21", "LCK-12")
def test_a_locked_token_brings_no_letters_back(taro: Telephone) -> None:
    """Wrong codes in a session that somebody stole leave the transfer with no proof that he could read in the mail."""
    taro.start()
    told = taro.there.net.instruct.request(taro.session, order())
    assert isinstance(told, CodeNeeded)
    for _ in range(10):
        taro.there.net.instruct.enter_code(taro.session, told.reference, WRONG)
    assert taro.token().state is TokenState.LOCKED
    assert taro.there.net.instruct.request(taro.session, order()) == TokenNeeded()
    assert taro.there.net.instruct.amend(taro.session, told.reference, order(yen=1)) == TokenNeeded()
    assert waiting(taro.there) == []


@pytest.mark.requirement("OTP-21", "LCK-12")
def test_what_was_mailed_before_the_token_was_locked_counts_no_more(taro: Telephone) -> None:
    """Whoever has a password and locks the token cannot use it, nor have another one."""
    taro.set_up()
    sent = asked(taro)
    (code,) = read(taro.there)
    for _ in range(10):
        taro.there.net.use_token.start(taro.session, WRONG)
    assert taro.token().state is TokenState.LOCKED
    assert enter(taro, sent.reference, code) == Refused()
    assert taro.there.net.instruct.mail_again(taro.session, sent.reference) == NotAuthorised()


@pytest.mark.requirement("OTP-21")
def test_what_was_mailed_before_the_codes_counts_no_more(taro: Telephone) -> None:
    """A password on its way when the use of the codes begins proves nothing; nor is another one mailed."""
    taro.set_up()
    sent = asked(taro)
    (code,) = read(taro.there)
    taro.there.net.use_token.start(taro.session, taro.code())
    assert enter(taro, sent.reference, code) == Refused()
    assert taro.there.net.instruct.mail_again(taro.session, sent.reference) == NotAuthorised()
    assert stored(taro.there, sent.reference).state is InstructionState.PROOF_AWAITED


@pytest.mark.requirement("PRF-17", "MAL-10")
def test_a_bill_is_proved_the_same_way(taro: Telephone) -> None:
    """A company's bill takes the password, and is paid; a public one takes none."""
    send_bills(taro.there)
    told = find(taro, NUMBERS)
    assert isinstance(told, BillFound)
    assert told.proof is Proof.MAIL_PASSWORD
    (letter,) = waiting(taro.there)
    assert (letter.params["payee"], letter.params["amount"]) == (BILL.name, BILL.amount.amount)
    bills = taro.there.net.pay_bills
    taro.there.clock.advance(MINUTE)
    assert isinstance(bills.mail_again(taro.session, told.reference), MailPasswordSent)
    first, second = read(taro.there)
    assert bills.enter_mail_password(taro.session, told.reference, Secret(first)) == Refused()
    assert bills.enter_mail_password(taro.session, told.reference, Secret(second)) == Authorised(told.reference)
    assert isinstance(bills.pay(taro.session, told.reference), Executed)
    assert isinstance(find(taro), BillFound)
    assert waiting(taro.there) == []


# --- Once, in time, for one text --------------------------------------------------------------------------------------


@pytest.mark.requirement("MAL-11")
@pytest.mark.parametrize(("later", "told"), [(LONGEST, Authorised), (LONGEST + TICK, Refused)])
def test_in_time(taro: Telephone, later: timedelta, told: type) -> None:
    """The last instant counts, and the one after it does not."""
    sent = asked(taro)
    (code,) = read(taro.there)
    taro.there.clock.advance(later)
    back = evolve(taro, session=taro.there.log_in(taro.taro))
    assert type(enter(back, sent.reference, code)) is told


@pytest.mark.requirement("MAL-11")
def test_once(taro: Telephone) -> None:
    """What has proved its transfer proves nothing any more, nor is anything kept of it."""
    sent = asked(taro)
    (code,) = read(taro.there)
    assert enter(taro, sent.reference, code) == Authorised(sent.reference)
    assert stored(taro.there, sent.reference).mailed is None
    assert enter(taro, sent.reference, code) == NotAuthorised()


@pytest.mark.requirement("MAL-11")
def test_for_one_transfer(taro: Telephone) -> None:
    """The password of one transfer is none of another."""
    one, other = asked(taro), asked(taro, 60_000)
    codes = read(taro.there)
    for wrong in codes:
        told = enter(taro, one.reference, wrong)
        if told == Authorised(one.reference):
            codes.remove(wrong)
    assert enter(taro, other.reference, codes[0]) == Authorised(other.reference)


@pytest.mark.requirement("MAL-11")
def test_for_one_text(taro: Telephone) -> None:
    """Whoever changes the transfer is mailed another password, and the first one is void."""
    sent = asked(taro)
    (first,) = read(taro.there)
    amended = taro.there.net.instruct.amend(taro.session, sent.reference, order(yen=90_000))
    assert isinstance(amended, MailPasswordSent)
    (second,) = read(taro.there)
    assert enter(taro, sent.reference, first) == Refused()
    assert enter(taro, sent.reference, second) == Authorised(sent.reference)
    # Authorised, it may be changed still, and then takes another one.
    assert isinstance(taro.there.net.instruct.amend(taro.session, sent.reference, order(yen=1)), MailPasswordSent)
    assert enter(taro, sent.reference, second) == Refused()


@pytest.mark.requirement("MAL-11")
def test_a_text_that_was_changed_behind_the_banks_back_is_not_proved(taro: Telephone) -> None:
    """The password belongs to the digest of what was asked for."""
    sent = asked(taro)
    (code,) = read(taro.there)
    there = stored(taro.there, sent.reference)
    assert isinstance(there.content, Transfer)
    with taro.there.storage.transaction() as tx:
        tx.instructions.put(evolve(there, content=evolve(there.content, amount=Yen(1))))
    assert enter(taro, sent.reference, code) == Refused()


@pytest.mark.requirement("MAL-11")
def test_another_letter_voids_the_former_one(taro: Telephone) -> None:
    """It may be asked for where the first one did not come; three are written for one transfer, and no more."""
    sent = asked(taro)
    again = taro.there.net.instruct.mail_again
    for _ in range(2):
        taro.there.clock.advance(MINUTE)
        told = again(taro.session, sent.reference)
        assert told == MailPasswordSent(sent.reference, taro.there.clock.now() + LONGEST)
    assert again(taro.session, sent.reference) == NoMoreLetters()
    assert taro.there.net.instruct.amend(taro.session, sent.reference, order(yen=1)) == NoMoreLetters()
    *former, last = read(taro.there)
    assert [enter(taro, sent.reference, one) for one in former] == [Refused(), Refused()]
    assert enter(taro, sent.reference, last) == Authorised(sent.reference)


@pytest.mark.requirement("PRF-17")
def test_nobodys_mail_is_flooded(taro: Telephone) -> None:
    """Five transfers wait for a password; a sixth, or a bill, is mailed none until one of them waits no more."""
    sent = [asked(taro, 1_000 + number) for number in range(RULES.waiting)]
    assert taro.there.net.instruct.request(taro.session, order(yen=1)) == NoMoreLetters()
    send_bills(taro.there)
    bill = find(taro, NUMBERS)
    assert isinstance(bill, BillFound)
    assert taro.there.net.pay_bills.mail_again(taro.session, bill.reference) == NoMoreLetters()
    assert len(waiting(taro.there)) == RULES.waiting
    assert isinstance(taro.there.net.instruct.mail_again(taro.session, sent[0].reference), MailPasswordSent)
    taro.there.clock.advance(LONGEST + TICK)
    back = evolve(taro, session=taro.there.log_in(taro.taro))
    assert isinstance(taro.there.net.pay_bills.mail_again(back.session, bill.reference), MailPasswordSent)
    assert isinstance(asked(back), MailPasswordSent)


def test_the_same_request_is_the_same_password(taro: Telephone) -> None:
    """Whoever asks twice under one key is told of the letter that was written, and none is written twice."""
    request = taro.there.net.instruct.request
    first = request(taro.session, order(), key="k")
    taro.there.clock.advance(MINUTE)
    assert request(taro.session, order(), key="k") == first
    assert len(waiting(taro.there)) == 1


# --- At rest ----------------------------------------------------------------------------------------------------------


def test_a_sealed_password_opens_nowhere_else(taro: Telephone) -> None:
    """Neither beside another letter of its transfer nor beside another transfer."""
    sent = asked(taro)
    (letter,) = waiting(taro.there)
    assert in_clear(taro.there.net.platform, letter)["password"] == read(taro.there)[0]
    for params in ({"number": 2}, {"reference": asked(taro).reference}):
        assert sent.reference != params.get("reference")
        moved = evolve(letter, params={**letter.params, **params})
        with pytest.raises(Corrupt):
            in_clear(taro.there.net.platform, moved)


def test_nothing_in_the_store_tells_it(taro: Telephone) -> None:
    """Nothing that is kept holds the digits: before the mail is sent, after it, and when they have proved."""
    sent = asked(taro)
    (letter,) = waiting(taro.there)
    code = str(in_clear(taro.there.net.platform, letter)["password"])

    def kept() -> list[str]:
        return [one for one in texts(taro.there.storage) if code in one]

    assert any(sent.reference in one for one in texts(taro.there.storage))
    assert kept() == []
    assert read(taro.there) == [code]
    assert kept() == []
    assert enter(taro, sent.reference, code) == Authorised(sent.reference)
    assert kept() == []


# --- What is no place to guess ----------------------------------------------------------------------------------------


@pytest.mark.requirement("PRF-17", "LCK-15")
def test_wrong_ones_are_counted_by_themselves(taro: Telephone) -> None:
    """The last that is tolerated lets the right one in; one more locks this counter, and no other, for its rest."""
    rule = BY_MAIL.lockout(Counter.MAIL_PASSWORD)
    sent = asked(taro)
    (code,) = read(taro.there)
    for _ in range(rule.trips_at - 1):
        assert enter(taro, sent.reference, WRONG) == Refused()
    locked = LockedOut(taro.there.clock.now() + REST)
    assert enter(taro, sent.reference, WRONG) == locked
    assert enter(taro, sent.reference, code) == locked
    contract = contract_of(taro.there, taro.taro)
    counted = {one for one in Counter if contract.tally(one).lockouts}
    assert counted == {Counter.MAIL_PASSWORD}
    assert taro.there.log_in(taro.taro)
    assert [one.code for one in letters(taro.there)].count(LetterCode.MAIL_PASSWORD_LOCKED_OUT) == 1


@pytest.mark.requirement("PRF-17", "LCK-02")
def test_a_right_one_clears_its_counter(taro: Telephone) -> None:
    """One short of the lock, and the next transfer has all its tries."""
    rule = BY_MAIL.lockout(Counter.MAIL_PASSWORD)
    for _ in range(2):
        sent = asked(taro)
        for _ in range(rule.trips_at - 1):
            assert enter(taro, sent.reference, WRONG) == Refused()
        assert enter(taro, sent.reference, read(taro.there)[0]) == Authorised(sent.reference)


def test_a_new_letter_opens_no_counter(taro: Telephone) -> None:
    """Neither another letter nor another transfer gives another try (standards.md C04)."""
    rule, sent = BY_MAIL.lockout(Counter.MAIL_PASSWORD), asked(taro)
    for _ in range(rule.trips_at - 1):
        assert enter(taro, sent.reference, WRONG) == Refused()
    taro.there.net.instruct.mail_again(taro.session, sent.reference)
    assert isinstance(enter(taro, asked(taro).reference, WRONG), LockedOut)


@pytest.mark.parametrize("reference", ["", "nobody's", "a" * 32])
def test_what_waits_for_no_password_takes_none(taro: Telephone, reference: str) -> None:
    """Unknown, another's, proved otherwise or not at all: nothing is counted."""
    hanako = taro.there.customer("hana39km", "river5+tea", person=HANAKO)
    hers = asked(Telephone.of(taro.there, hanako)).reference
    own = taro.there.net.instruct.request(taro.session, order(InstructionKind.OWN_TRANSFER))
    assert isinstance(own, Authorised)
    before = contract_of(taro.there, taro.taro)
    for one in (reference, hers, own.reference):
        assert enter(taro, one, WRONG) == NotAuthorised()
        assert taro.there.net.instruct.mail_again(taro.session, one) == NotAuthorised()
        assert taro.there.net.instruct.enter_code(taro.session, one, WRONG) == NotAuthorised()
    sent = asked(taro)
    assert taro.there.net.instruct.enter_code(taro.session, sent.reference, WRONG) == NotAuthorised()
    assert taro.there.net.pay_bills.enter_mail_password(taro.session, sent.reference, WRONG) == NotAuthorised()
    assert contract_of(taro.there, taro.taro).tally(Counter.MAIL_PASSWORD) == before.tally(Counter.MAIL_PASSWORD)


ENDS: dict[str, Callable[[Telephone], object]] = {
    "out": lambda one: one.there.net.log_out(one.session),
    "epoch": lambda one: rewrite(one.there, one.taro, Contract.end_sessions),
    "idle": lambda one: one.there.clock.advance(timedelta(minutes=5)),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_in_a_session_that_has_ended_nothing_is_proved(taro: Telephone, end: Callable[[Telephone], object]) -> None:
    """However it ended."""
    sent = asked(taro)
    (code,) = read(taro.there)
    end(taro)
    assert enter(taro, sent.reference, code) == SessionEnded()
    assert taro.there.net.instruct.mail_again(taro.session, sent.reference) == SessionEnded()


def test_where_nothing_is_mailed_nothing_is_entered() -> None:
    """At a bank without mailed passwords no instruction waits for one."""
    there = bank(JA)
    one = Telephone.of(there, there.customer()).start()
    needed = there.net.instruct.request(one.session, order())
    assert isinstance(needed, CodeNeeded)
    assert enter(one, needed.reference, WRONG) == NotAuthorised()


def test_how_it_stands(taro: Telephone) -> None:
    """It waits for its proof, also when the password has run out; another one is mailed then."""
    sent = asked(taro)
    taro.there.clock.advance(LONGEST + TICK)
    back = evolve(taro, session=taro.there.log_in(taro.taro))
    standing = taro.there.net.instruct.standing(back.session, sent.reference)
    assert standing == InstructionStanding(sent.reference, InstructionState.PROOF_AWAITED)
    assert isinstance(taro.there.net.instruct.mail_again(back.session, sent.reference), MailPasswordSent)


# --- What happens meanwhile -------------------------------------------------------------------------------------------


def meanwhile(one: Telephone, reference: str, code: str, act: Callable[[], object]) -> object:
    """Type the right password, and let *act* happen between the reservation and the settling."""
    slow = Instruct(interrupted(one.there, 1, act))
    return slow.enter_mail_password(one.session, reference, Secret(code))


def test_a_session_that_ends_meanwhile_proves_nothing(taro: Telephone) -> None:
    """Whoever is logged out while the password is on its way is out."""
    sent = asked(taro)
    (code,) = read(taro.there)
    told = meanwhile(taro, sent.reference, code, lambda: taro.there.net.log_out(taro.session))
    assert told == SessionEnded()
    assert stored(taro.there, sent.reference).state is InstructionState.PROOF_AWAITED


def test_a_door_that_closes_meanwhile_stays_closed(taro: Telephone) -> None:
    """A right password behind a counter that was locked meanwhile proves nothing."""
    sent = asked(taro)
    (code,) = read(taro.there)
    until = taro.there.clock.now() + REST
    locked = Tally(locked_until=until, lockouts=1)

    def lock() -> None:
        rewrite(taro.there, taro.taro, lambda contract: contract.with_tally(Counter.MAIL_PASSWORD, locked))

    assert meanwhile(taro, sent.reference, code, lock) == LockedOut(until)
    assert stored(taro.there, sent.reference).state is InstructionState.PROOF_AWAITED


def test_another_letter_meanwhile_voids_the_password(taro: Telephone) -> None:
    """The one that counts is the one that stands there when the guess is settled."""
    sent = asked(taro)
    (code,) = read(taro.there)
    again = taro.there.net.instruct.mail_again
    assert meanwhile(taro, sent.reference, code, lambda: again(taro.session, sent.reference)) == Refused()


def test_one_password_proves_once_however_often_it_comes_at_once(taro: Telephone) -> None:
    """Of two that carry the same right password one is taken; the other one is wrong."""
    sent = asked(taro)
    (code,) = read(taro.there)
    first: list[object] = []
    told = meanwhile(taro, sent.reference, code, lambda: first.append(enter(taro, sent.reference, code)))
    assert first == [Authorised(sent.reference)]
    assert told == Refused()


def test_out_of_hours_nothing_is_proved(taro: Telephone) -> None:
    """Neither by a password nor by another letter."""
    sent = asked(taro)
    never = {**BY_MAIL.hours, Operation.PROVE_BY_MAIL: ServiceHours(daily=())}
    closed = Instruct(evolve(taro.there.net.platform, profile=evolve(BY_MAIL, hours=never)))
    assert closed.enter_mail_password(taro.session, sent.reference, WRONG) == OutsideServiceHours(None)
    assert closed.mail_again(taro.session, sent.reference) == OutsideServiceHours(None)
