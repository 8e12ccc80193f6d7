"""Dispatching mail: nothing is lost, nothing sent twice unrecognisably, and no letter asks for a secret."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from enum import Enum
from typing import Any, cast

import pytest
from attrs import evolve, frozen

from janetbank import profiles
from janetbank.flows.change_confirmation import ConfirmationChanged
from janetbank.flows.change_login_id import LoginIdChanged
from janetbank.flows.change_password import PasswordChanged
from janetbank.flows.dispatch_mail import Dispatched, MailDispatcher, Retries
from janetbank.flows.letters import CHOSEN
from janetbank.flows.log_in import QuestionsNeeded
from janetbank.flows.mail_password import MailPasswordSent
from janetbank.flows.use_token import MethodChanged, TokenCancelled
from janetbank.messages import LANGUAGES, phrase
from janetbank.model.audit import Entry
from janetbank.model.letter import Letter, LetterCode
from janetbank.policies.mail_password import MailPasswordRules
from janetbank.policies.recovery import Step
from janetbank.policies.token import MethodEvent
from janetbank.ports.failures import Unavailable
from janetbank.ports.mail import Mail, Message, TryLater, Undeliverable
from janetbank.testing.bank import ANSWERS, INSTITUTION, Enrollee, TestBank, bank
from janetbank.values.email import MailAddress
from janetbank.values.secret import Secret
from janetbank.values.violation import Params
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.mail.memory import MemoryMail
from janetbank_adapters.storage.memory import MemoryStorage
from tests.flows.confirmation_scene import block_confirmation, confirming, lock_confirmation
from tests.flows.counter_scene import FROM_ANSWER_BLOCK, STOPPED, Desk, entitle
from tests.flows.money_scene import authorised, books, find, send_bills, set_limits
from tests.flows.nights import SAVINGS, TUESDAY, Nights
from tests.flows.nights import with_account as with_savings
from tests.flows.recovery_scene import reset
from tests.flows.reissue_scene import Lost
from tests.flows.scene import (
    block_answer,
    block_password,
    confirmed,
    lock_password,
    read,
    stepped_up,
    with_password,
)
from tests.flows.test_accounts import add, delete
from tests.flows.token_scene import LATER_DAY, MAIL, START_PASSWORD, WRONG_CODE, Telephone, order

TARO = MailAddress.parse("taro@example.jp")
LEASE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
NOTHING = Dispatched(0, 0, 0)


def dispatcher(there: TestBank, mail: Mail) -> MailDispatcher:
    """A dispatcher at *there*."""
    return MailDispatcher(there.net.platform, mail)


IDS: Params = {"service_id": "000", "user_id": "1234567", "download": "there"}
"""What the letter with a token's ids is about; where the app is to be had is the one link in any letter (MAL-05)."""


def sealed(there: TestBank) -> Params:
    """What the letter with a mailed password is about."""
    code = there.net.platform.vault.seal(b"12345678", "mail password", "r", "1")
    return {
        "reference": "r",
        "number": 1,
        "sealed": code,
        "payee": "ヤマダ　ハナコ",
        "amount": 50_000,
        "until": "2026-11-20T02:00:00+00:00",
    }


RENT: Params = {"reference": "r", "payee": "ヤマダ　ハナコ", "amount": 68_000, "day": "2026-11-24"}
"""What a letter that confirms a transaction is about."""


def write(there: TestBank, *ids: str, code: LetterCode = LetterCode.ENROLLED) -> None:
    """Put letters into the outbox."""
    now = there.clock.now()
    special = {LetterCode.TOKEN_ISSUED: IDS, LetterCode.MAIL_PASSWORD: sealed(there), **dict.fromkeys(CHOSEN, RENT)}
    about: Params = special.get(code, {})
    with there.storage.transaction() as tx:
        tx.outbox.add(
            [
                Letter(id=one, institution=INSTITUTION.id, to=TARO, code=code, params=about, written_at=now, due_at=now)
                for one in ids
            ]
        )


def given_up(there: TestBank, letter: str) -> list[Entry]:
    """What the audit log says of a letter."""
    return read(there.storage, lambda tx: list(tx.audit.chain(f"letter-{letter}")))


@frozen
class Acting:
    """A mail port where *act* happens while a message is being handed over, before *mail* has it."""

    mail: Mail
    act: Callable[[], object]

    def send(self, message: Message) -> None:
        """Act, then hand *message* over."""
        self.act()
        self.mail.send(message)


class PowerCut(BaseException):
    """The process dies."""


@frozen
class Dying:
    """A mail port that dies with its process right after it has taken a message."""

    mail: Mail

    def send(self, message: Message) -> None:
        """Hand *message* over and die."""
        self.mail.send(message)
        raise PowerCut


def change_password(there: TestBank, who: Enrollee) -> None:
    """Change the password."""
    new = Secret("moss4+stone")
    told = there.net.change_password(there.log_in(who), current=who.password, new=new, again=new)
    assert isinstance(told, PasswordChanged), told


def change_login_id(there: TestBank, who: Enrollee) -> None:
    """Change the login id."""
    session = stepped_up(there, who, there.log_in(who))
    told = there.net.change_login_id(session, password=who.password, new="umi93kqd")
    assert isinstance(told, LoginIdChanged), told


def change_confirmation(there: TestBank, who: Enrollee) -> None:
    """Change the confirmation password."""
    session, new = confirmed(there, who, there.log_in(who)), Secret("lake7pine")
    told = there.net.change_confirmation(session, password=who.password, new=new, again=new)
    assert isinstance(told, ConfirmationChanged), told


def apply(_there: TestBank, _who: Enrollee) -> None:
    """Apply, and do nothing else: whoever is a customer has applied."""


def void_token(there: TestBank, who: Enrollee) -> None:
    """Enter the wrong start password too often."""
    phone = Telephone.of(there, who).issue()
    for _ in range(5):
        phone.again(Secret("9999"))


def lock_token(there: TestBank, who: Enrollee) -> None:
    """Enter wrong codes too often."""
    phone = Telephone.of(there, who).start()
    for _ in range(10):
        there.net.use_token.cancel(phone.session, WRONG_CODE)


def cancel_token(there: TestBank, who: Enrollee) -> None:
    """Give the token up."""
    phone = Telephone.of(there, who).start()
    assert there.net.use_token.cancel(phone.session, phone.code()) == TokenCancelled()


def change_method(there: TestBank, who: Enrollee) -> None:
    """Change to transaction authentication."""
    phone = Telephone.of(there, who).start()
    told = there.net.use_token.change_method(phone.session, phone.code(), MethodEvent.CHOOSE_TXA, ticked=True)
    assert isinstance(told, MethodChanged), told


def close_form(there: TestBank, who: Enrollee) -> None:
    """Fill the identity form in wrongly too often."""
    one = reset(there, who)
    for _ in range(5):
        one.fill(kanji="農中二郎")


def lock_card(there: TestBank, who: Enrollee) -> None:
    """Enter the wrong PIN too often."""
    one = reset(there, who, "questions", Step.SECRET)
    for _ in range(3):
        one.reset(pin=Secret("0000"))


def register_questions(there: TestBank, who: Enrollee) -> None:
    """Register new questions after a reset."""
    reset(there, who, "questions", Step.DONE)
    told = with_password(there, who)
    assert isinstance(told, QuestionsNeeded), told
    questions = [(question, Secret(answer)) for question, answer in ANSWERS]
    there.net.log_in.register_questions(told.challenge, questions, acknowledged=True)


def reissue_token(there: TestBank, who: Enrollee) -> None:
    """Have the token reissued whose ids had gone to the customer's own address."""
    token = Telephone.of(there, who).issue().token()
    with there.storage.transaction() as tx:
        tx.tokens.put(evolve(token, mail=MailAddress.parse(who.person.mail)))
    Lost.of(there, who).complete()


def guess_bills(there: TestBank, who: Enrollee, times: int = 6) -> None:
    """Enter wrong numbers of bills; after an hour again, where that is often."""
    send_bills(there)
    for number in range(times):
        if number == 6:
            there.clock.advance(timedelta(hours=1))
        find(Telephone.of(there, who), confirmation=Secret("000000"))


def delete_account(there: TestBank, who: Enrollee) -> None:
    """Add an account, and delete it the day after."""
    with_savings(there, who, SAVINGS)
    add(there, there.log_in(who))
    Nights(there).come(TUESDAY)
    delete(there, there.log_in(who))


def add_account(there: TestBank, who: Enrollee) -> None:
    """Add an account."""
    with_savings(there, who, SAVINGS)
    add(there, there.log_in(who))


def leave(there: TestBank, who: Enrollee) -> None:
    """Leave, as an active contract can."""
    Nights(there).come(TUESDAY)
    there.net.leave(there.log_in(who))


def at_the_desk(there: TestBank, who: Enrollee) -> Desk:
    """The staff that *who* turns to."""
    desk = Desk(there, who)
    for name in ("kudo", "tanaka", "sato", "mori"):
        desk.hire(name)
    return desk


def refuse_suspension(there: TestBank, who: Enrollee) -> None:
    """Ask for a stop that is refused."""
    desk = at_the_desk(there, who)
    there.net.suspend.refuse(desk.by("tanaka"), desk.requested(), "no such subscriber")


def release_suspension(there: TestBank, who: Enrollee) -> None:
    """Be suspended and released."""
    desk = at_the_desk(there, who)
    desk.formalised()
    there.net.release.approve(desk.by("sato"), desk.proposed())


def release_block(there: TestBank, who: Enrollee) -> None:
    """Be blocked, and released by form."""
    block_answer(there, who)
    desk = at_the_desk(there, who)
    there.net.release.approve(desk.by("sato"), desk.proposed(FROM_ANSWER_BLOCK))


def guess_mail_password(there: TestBank, who: Enrollee, times: int = 1) -> None:
    """Enter six wrong passwords for a transfer, so many *times*, an hour after the other."""
    for _ in range(times):
        session = there.log_in(who)
        asked = there.net.instruct.request(session, order())
        assert isinstance(asked, MailPasswordSent), asked
        for _ in range(6):
            there.net.instruct.enter_mail_password(session, asked.reference, WRONG_CODE)
        there.clock.advance(timedelta(hours=1))


def stop_token(there: TestBank, who: Enrollee) -> None:
    """Have the token stopped at the branch."""
    desk = entitle(there, who)
    session = confirmed(there, who, stepped_up(there, who, there.log_in(who)))
    there.net.issue_token.apply(
        session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
    )
    desk.proposed(STOPPED)


def transfer(there: TestBank, who: Enrollee, day: date = LATER_DAY) -> tuple[Telephone, str]:
    """Hand a transfer over: the telephone, and the reference."""
    phone = Telephone.of(there, who)
    reference = authorised(phone, day=day)
    there.net.instruct.execute(phone.session, reference)
    return phone, reference


def transfer_after_hours(there: TestBank, who: Enrollee) -> None:
    """Have one accepted, and not yet done."""
    books(there).processing = False
    transfer(there, who, there.clock.now().date())


def transfer_and_cancel(there: TestBank, who: Enrollee) -> None:
    """Have one reserved, and cancel it."""
    phone, reference = transfer(there, who)
    there.net.instruct.cancel(phone.session, reference)


def transfer_too_much(there: TestBank, who: Enrollee) -> None:
    """Have one refused."""
    there.core.flag(who.institution, who.person.account)
    transfer(there, who)


HAPPENINGS: dict[LetterCode, Callable[[TestBank, Enrollee], object]] = {
    LetterCode.ENROLLED: apply,
    LetterCode.PASSWORD_CHANGED: change_password,
    LetterCode.LOGIN_ID_CHANGED: change_login_id,
    LetterCode.LOCKED_OUT: lock_password,
    LetterCode.BLOCKED: block_password,
    LetterCode.TOKEN_ISSUED: lambda there, who: Telephone.of(there, who).issue(),
    LetterCode.TOKEN_ISSUED_NOTICE: lambda there, who: Telephone.of(there, who).issue(),
    LetterCode.TOKEN_REISSUED: reissue_token,
    LetterCode.TOKEN_VOID: void_token,
    LetterCode.TOKEN_LOCKED: lock_token,
    LetterCode.TOKEN_IN_USE: lambda there, who: Telephone.of(there, who).start(),
    LetterCode.TOKEN_CANCELLED: cancel_token,
    LetterCode.METHOD_CHANGED: change_method,
    LetterCode.BIOMETRICS_SET_UP: lambda there, who: Telephone.of(there, who).set_up_finger(),
    LetterCode.FORM_CLOSED: close_form,
    LetterCode.CARD_LOCKED: lock_card,
    LetterCode.PASSWORD_RESET: lambda there, who: reset(there, who, "password", Step.DONE),
    LetterCode.QUESTIONS_RESET: lambda there, who: reset(there, who, "questions", Step.DONE),
    LetterCode.QUESTIONS_REGISTERED: register_questions,
    LetterCode.PAYMENTS_LOCKED_OUT: guess_bills,
    LetterCode.PAYMENTS_BLOCKED: lambda there, who: guess_bills(there, who, 12),
    LetterCode.CONFIRMATION_LOCKED_OUT: lambda there, who: lock_confirmation(there, who, there.log_in(who)),
    LetterCode.CONFIRMATION_BLOCKED: block_confirmation,
    LetterCode.CONFIRMATION_CHANGED: change_confirmation,
    LetterCode.LIMITS_CHANGED: lambda there, who: set_limits(Telephone.of(there, who), {who.person.account: "10"}),
    LetterCode.INSTRUCTION_ACCEPTED: transfer_after_hours,
    LetterCode.INSTRUCTION_RESERVED: transfer,
    LetterCode.INSTRUCTION_EXECUTED: lambda there, who: transfer(there, who, there.clock.now().date()),
    LetterCode.INSTRUCTION_REFUSED: transfer_too_much,
    LetterCode.INSTRUCTION_CANCELLED: transfer_and_cancel,
    LetterCode.ACCOUNT_ADDED: add_account,
    LetterCode.ACCOUNT_DELETED: delete_account,
    LetterCode.LEAVING: leave,
    LetterCode.SUSPENDED: lambda there, who: at_the_desk(there, who).suspended(),
    LetterCode.SUSPENSION_REFUSED: refuse_suspension,
    LetterCode.SUSPENSION_RELEASED: release_suspension,
    LetterCode.BLOCK_RELEASED: release_block,
    LetterCode.MAIL_PASSWORD: lambda there, who: there.net.instruct.request(there.log_in(who), order()),
    LetterCode.MAIL_PASSWORD_LOCKED_OUT: guess_mail_password,
    LetterCode.MAIL_PASSWORD_BLOCKED: lambda there, who: guess_mail_password(there, who, 3),
    LetterCode.TOKEN_ENTITLED: entitle,
    LetterCode.TOKEN_STOPPED: stop_token,
}


BY_MAIL = evolve(profiles.JA, mail_password=MailPasswordRules())
ELSEWHERE = {
    LetterCode.MAIL_PASSWORD: BY_MAIL,
    LetterCode.MAIL_PASSWORD_LOCKED_OUT: BY_MAIL,
    LetterCode.MAIL_PASSWORD_BLOCKED: BY_MAIL,
    LetterCode.TOKEN_ENTITLED: profiles.AKITA,
    LetterCode.TOKEN_STOPPED: profiles.AKITA,
    LetterCode.CONFIRMATION_LOCKED_OUT: confirming(),
    LetterCode.CONFIRMATION_BLOCKED: confirming(),
    LetterCode.CONFIRMATION_CHANGED: confirming(),
}
"""What does not happen at JA, and where it does."""


@pytest.mark.requirement("MAL-01")
@pytest.mark.parametrize("code", LetterCode)
def test_each_transaction_is_confirmed_by_its_mail(code: LetterCode) -> None:
    """Whoever applies, transfers, changes a credential, is locked out or blocked, finds one mail that says so."""
    there, mail = bank(profiles.fast_for_tests(ELSEWHERE.get(code, profiles.JA))), MemoryMail()
    HAPPENINGS[code](there, there.customer())
    dispatcher(there, mail)()
    assert [phrase(f"{code.value}.subject", "ja") in one.subject for one in mail.sent].count(True) == 1


@pytest.mark.requirement("MAL-01")
def test_nobody_is_a_customer_without_a_mail_address() -> None:
    """A mail address is required: a customer without one cannot be made."""
    there = bank()
    who = there.customer()
    customer = read(there.storage, lambda tx: tx.customers.of(who.institution, who.contract))
    assert customer is not None
    with pytest.raises(ValueError, match="one mail address"):
        evolve(customer, addresses=())


def test_a_mail_is_in_both_languages() -> None:
    """Japanese comes first, English behind; bank, institution, time and whom to ask are named in both."""
    there, mail = bank(), MemoryMail()
    write(there, "a", code=LetterCode.LOCKED_OUT)
    assert dispatcher(there, mail)() == Dispatched(1, 0, 0)
    (sent,) = mail.sent
    assert sent.subject == (
        "【JAネットバンク】ご利用の一時停止のお知らせ / Your internet banking is locked for a while"
    )
    assert (sent.id, sent.to, sent.written_at) == ("a", TARO, there.clock.now())
    assert (sent.sender_name, str(sent.sender)) == (there.profile.title, there.profile.mail.sender)
    japanese, english = sent.body.split("\n" + "-" * 40 + "\n")
    for part, said, whom in (
        (japanese, "誤った入力が続いたため", f"、お取引のJA（{INSTITUTION.name}）へ"),
        (english, "After several wrong entries", f" your JA ({INSTITUTION.name})."),
    ):
        for name in (said, "JAネットバンク", INSTITUTION.name, whom):
            assert name in part
    assert "11月20日 10:00" in japanese
    assert "20 November 10:00 JST" in english


@pytest.mark.requirement("ENR-08", "MAL-01")
@pytest.mark.parametrize("code", CHOSEN)
def test_a_confirmation_says_what_it_confirms(code: LetterCode) -> None:
    """To whom, how much and under which number, in both languages; of a reservation the day, too."""
    there, mail = bank(), MemoryMail()
    write(there, "a", code=code)
    dispatcher(there, mail)()
    japanese, english = mail.sent[0].body.split("\n" + "-" * 40 + "\n")
    for part, amount in ((japanese, "68,000円"), (english, "68,000 yen")):
        assert "ヤマダ　ハナコ" in part
        assert amount in part
        assert ("2026-11-24" in part) is (code is LetterCode.INSTRUCTION_RESERVED)


def test_an_institution_that_left_is_called_by_the_banks_name() -> None:
    """A letter of an institution that the directory has no more goes out all the same."""
    there, mail = bank(), MemoryMail()
    platform = evolve(there.net.platform, directory=MemoryDirectory([]))
    write(there, "a")
    assert MailDispatcher(platform, mail)() == Dispatched(1, 0, 0)
    assert "JAネットバンクをご利用のお客様" in mail.sent[0].body


NEVER = {
    "ja": "メールで暗証番号やパスワードをお尋ねすることは決してありません。",
    "en": "We never ask for a PIN or a password by mail.",
}
ASKING = re.compile(
    r"https?|www\.|://|@|入力|返信して|ご返信|クリック|リンク|アクセス|"
    r"\b(enter|type|click|link|visit|reply to|log ?in at|confirm your|send us)\b",
    re.IGNORECASE,
)


@pytest.mark.requirement("MAL-06", "LGN-04")
@pytest.mark.parametrize("code", LetterCode)
def test_no_letter_asks_for_a_secret(code: LetterCode) -> None:
    """No letter holds a link or asks to enter, reply or send anything, and each says that none ever will."""
    there, mail = bank(), MemoryMail()
    write(there, "a", code=code)
    dispatcher(there, mail)()
    (sent,) = mail.sent
    for lang in LANGUAGES:
        assert NEVER[lang] in sent.body
    said = f"{sent.subject}\n{sent.body}".replace("誤った入力", "")
    assert not ASKING.search(said), ASKING.search(said)


@pytest.mark.requirement("MAL-06", "LGN-04")
@pytest.mark.parametrize(
    "text", ["https://example.jp", "パスワードを入力してください", "Please enter your password", "click"]
)
def test_what_asks_would_be_found(text: str) -> None:
    """The rule above knows a request when it sees one."""
    assert ASKING.search(text)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 2), (3, 4), (8, 128), (9, 240), (10, 240), (10**9, 240)])
def test_the_pause_doubles_up_to_its_longest(tries: int, minutes: int) -> None:
    """After each try the pause is twice as long, and never longer than four hours."""
    assert Retries().pause(tries) == minutes * MINUTE


def test_twenty_at_a_time() -> None:
    """Where nobody says how many, a lease is long enough for twenty."""
    there = bank()
    write(there, *(f"{one}" for one in range(21)))
    send = dispatcher(there, MemoryMail())
    assert [send(), send()] == [Dispatched(20, 0, 0), Dispatched(1, 0, 0)]


def test_a_refused_letter_is_tried_again_later() -> None:
    """A letter that is not taken now waits, each time twice as long, and then goes out under its id."""
    there, mail = bank(), MemoryMail()
    mail.refuse(TryLater())
    write(there, "a")
    send = dispatcher(there, mail)
    for tries in range(1, 5):
        assert send() == Dispatched(0, 1, 0)
        there.clock.advance(Retries().pause(tries) - timedelta.resolution)
        assert send() == NOTHING
        there.clock.advance(timedelta.resolution)
    mail.accept()
    assert send() == Dispatched(1, 0, 0)
    assert [one.id for one in mail.sent] == ["a"]
    assert not given_up(there, "a")


@pytest.mark.parametrize("fault", [TryLater(), Unavailable()])
def test_a_letter_is_given_up_in_the_end(fault: TryLater | Unavailable) -> None:
    """After five days a letter is given up, the audit log says so, and it is not tried again."""
    there = bank()

    def refuse() -> None:
        raise fault

    send = dispatcher(there, Acting(MemoryMail(), refuse))
    write(there, "a")
    written = there.clock.now()
    last = NOTHING
    while last.given_up == 0:
        assert there.clock.now() < written + timedelta(days=6)
        there.clock.advance(timedelta(hours=4))
        last = send()
    assert there.clock.now() == written + timedelta(days=5)
    (entry,) = given_up(there, "a")
    assert entry.kind == "LetterGivenUp"
    assert (entry.data["why"], entry.data["tries"]) == ("too old", 30)
    assert (entry.data["institution"], entry.data["letter"]) == (INSTITUTION.id.code, "letter.enrolled")
    assert entry.data["written_at"] == written.isoformat()
    there.clock.advance(timedelta(days=30))
    assert send() == NOTHING


def test_an_undeliverable_letter_keeps_nobody_waiting() -> None:
    """What never can be delivered is given up at once, and said so; the others go out."""
    there, mail = bank(), MemoryMail()
    elsewhere = MailAddress.parse("hanako@example.jp")
    write(there, "a", "b", "c")
    with there.storage.transaction() as tx:
        (one,) = tx.outbox.claim(there.clock.now(), there.clock.now(), 1)
        tx.outbox.done(one.id)
        tx.outbox.add([evolve(one, id="d", to=elsewhere)])
    mail.refuse(Undeliverable(), to=elsewhere)
    assert dispatcher(there, mail)() == Dispatched(2, 0, 1)
    assert [entry.data["why"] for entry in given_up(there, "d")] == ["undeliverable"]
    assert len(mail.sent) == 2


def test_no_address_stands_in_the_audit_log() -> None:
    """The entry says which letter it was, not to whom it went."""
    there, mail = bank(), MemoryMail()
    mail.refuse(Undeliverable())
    write(there, "a")
    dispatcher(there, mail)()
    (entry,) = given_up(there, "a")
    assert entry.intact
    assert "taro" not in f"{entry}"


class Newer(Enum):
    """A letter of a later version of this library."""

    NEWS = "letter.news"


def test_a_letter_without_a_text_waits_for_one() -> None:
    """Where two versions share a store, a letter that this one has no text for is left to the other."""
    there, mail = bank(), MemoryMail()
    write(there, "a", code=cast("LetterCode", Newer.NEWS))
    write(there, "b")
    assert dispatcher(there, mail)() == Dispatched(1, 1, 0)


def test_no_more_than_asked_for_leave_at_once() -> None:
    """A dispatcher takes up to so many letters, the others stay for the next time."""
    there, mail = bank(), MemoryMail()
    write(there, *"abcde")
    assert [dispatcher(there, mail)(2).sent for _ in range(4)] == [2, 2, 1, 0]


def test_two_dispatchers_never_send_one_letter_twice() -> None:
    """While a lease holds, another dispatcher finds nothing of what it covers."""
    there, mail = bank(), MemoryMail()
    write(there, *"abcdef")
    told: list[Dispatched] = []
    other = dispatcher(there, mail)
    first = dispatcher(there, Acting(mail, lambda: told.append(other(2))))
    assert first(3) == Dispatched(3, 0, 0)
    assert sorted(one.id for one in mail.sent) == sorted("abcdef")
    assert told == [Dispatched(2, 0, 0), Dispatched(1, 0, 0), NOTHING]


def test_nothing_is_sent_after_the_lease() -> None:
    """A slow dispatcher leaves what its lease has no time for to others, and each letter goes out once."""
    there, mail = bank(), MemoryMail()
    write(there, *"abc")
    slow = dispatcher(there, Acting(mail, lambda: there.clock.advance(LEASE / 2)))
    assert slow() == Dispatched(2, 0, 0)
    assert dispatcher(there, mail)() == Dispatched(1, 0, 0)
    assert sorted(one.id for one in mail.sent) == sorted("abc")


def test_a_dispatcher_that_dies_loses_nothing() -> None:
    """Wherever it dies, what it had claimed goes out after its lease, and a repeat bears the same id."""
    there, mail = bank(), MemoryMail()
    write(there, *"abc")
    with pytest.raises(PowerCut):
        dispatcher(there, Dying(mail))()
    again = dispatcher(there, mail)
    assert again() == NOTHING
    there.clock.advance(LEASE)
    assert again() == Dispatched(3, 0, 0)
    assert len(mail.sent) == 4
    assert [one.id for one in mail.inbox(TARO)] == ["a", "b", "c"]
    assert len(set(mail.sent)) == 3, "a repeat is the same message"


@pytest.mark.parametrize("call", ["begin", "outbox.claim", "outbox.done", "commit"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_store_that_fails_loses_nothing(call: str, when: str, skip: int) -> None:
    """Wherever the store fails, every letter goes out in the end, and is read once."""
    there, mail = bank(), MemoryMail()
    storage = there.storage
    assert isinstance(storage, MemoryStorage)
    write(there, *"abc")
    storage.fail(call=call, when="after" if when == "after" else "before", with_=Unavailable(), skip=skip)
    send = dispatcher(there, mail)
    for _ in range(3):
        try:
            send()
        except Unavailable:
            there.clock.advance(LEASE)
    assert sorted(one.id for one in mail.inbox(TARO)) == sorted("abc")
    assert send() == NOTHING


def test_two_give_one_letter_up_once() -> None:
    """Where a lease ran out meanwhile, the second to give up finds it done, and the chain has one entry."""
    there, mail = bank(), MemoryMail()
    mail.refuse(Undeliverable())
    write(there, "a")
    other = dispatcher(there, mail)

    def lose_the_lease() -> None:
        there.clock.advance(LEASE)
        assert other() == Dispatched(0, 0, 1)

    assert dispatcher(there, Acting(mail, lose_the_lease))() == Dispatched(0, 0, 1)
    assert len(given_up(there, "a")) == 1


@pytest.mark.requirement("TKN-02", "MAL-02", "MAL-03")
@pytest.mark.parametrize("code", list(LetterCode))
def test_each_letter_comes_from_where_the_customer_was_told(code: LetterCode) -> None:
    """What a token is set up with comes from one sender, all else from the other; both are let through."""
    mail = profiles.JA.mail
    assert mail.domains == ("webcenter.anser.or.jp", "otp-auth.net", "janetbank.jp")
    expected = "janetbank@otp-auth.net" if code is LetterCode.TOKEN_ISSUED else "janetbank@webcenter.anser.or.jp"
    assert mail.sender_of(code) == expected


@pytest.mark.requirement("MAL-02")
@pytest.mark.parametrize("field", ["sender", "sender_of_ids"])
def test_nobody_writes_from_a_domain_that_nobody_was_told_of(field: str) -> None:
    """A profile whose letters the customers' filters would stop is none."""
    with pytest.raises(ValueError, match="nobody was told"):
        evolve(profiles.JA.mail, **cast("dict[str, Any]", {field: "bank@elsewhere.example"}))
