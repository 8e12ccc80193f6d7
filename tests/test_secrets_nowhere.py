"""Secrets nowhere: a whole story with recognisable secrets, and then a search of everything that it left behind.

The story has a customer apply (with faults first), log in and out, be challenged, step up, change his credentials, pay
a bill, be issued a token by telephone and then another one, set its app up, use it for all that it is good for, give it
up, be locked out and blocked, and come back by resets; and every port fail under him.  Searched are the store, the
outcomes, their texts and pickles, the letters, the mails, the log, and each exception with the variables of its frames.
"""

import json
import logging
import pickle
import re
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from traceback import TracebackException
from typing import cast

import pytest
from attrs import Factory, define, evolve
from sqlalchemy import select

from janetbank.flows.approve import Pending
from janetbank.flows.biometrics import Biometrics, FingerWanted
from janetbank.flows.dispatch_mail import MailDispatcher
from janetbank.flows.enrol import Begun, NewAddress
from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import CodeNeeded
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.log_in import CodeAsked, LoggedIn, PasswordChangeNeeded, QuestionAsked, QuestionsNeeded
from janetbank.flows.pay_bills import BillFound
from janetbank.flows.phone_auth import Started
from janetbank.flows.recover import Begun as ResetBegun
from janetbank.flows.reissue_token import ReissueBegun, TokenReissued
from janetbank.flows.reset_password import PasswordReset, ResetPassword
from janetbank.flows.reset_questions import QuestionsReset, ResetQuestions
from janetbank.flows.set_up_app import SeedHandedOut
from janetbank.flows.step_up import StepUpQuestion
from janetbank.flows.tokens import AppKey, answer_key
from janetbank.messages import LANGUAGES, Outcome, text
from janetbank.model.contract import Contract, Counter
from janetbank.policies.approval import APP_SUITE
from janetbank.policies.lockout import Tally
from janetbank.policies.ocra import Suite
from janetbank.policies.token import MethodEvent
from janetbank.ports.failures import PortError, Unavailable
from janetbank.ports.storage import Storage, Transaction
from janetbank.ports.telephony import Script
from janetbank.testing.bank import INSTITUTION, ORIGIN, Enrollee, Person, TestBank
from janetbank.testing.storage_conformance import a_phone_attempt, a_token
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.environment import Channel, Environment
from janetbank.values.money import Yen
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank_adapters.biometrics.software import Passkey, made, used
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.mail.maildir import MaildirMail
from janetbank_adapters.mail.memory import MemoryMail
from janetbank_adapters.storage import sql
from janetbank_adapters.storage.memory import MemoryStorage
from janetbank_adapters.storage.sql.schema import metadata
from janetbank_adapters.telephony.memory import by_turns, press, repeat
from tests.everything import texts
from tests.flows.recovery_scene import typed
from tests.flows.scene import MINUTE, REST, rewrite
from tests.flows.token_scene import STEP, order

PASSWORD, NEW_PASSWORD, WRONG_PASSWORD = "vx!Kq8#zTb", "mw?Jr5%yBd", "Hg&2xLp$Qn"
ANSWERS = (
    ("question.pet", "ねこのたまさぶろう"),
    ("question.home_town", "ふじのみやのはずれ"),
    ("question.birthplace", "やまのうえのびょういん"),
)
NEW_ANSWERS = (
    ("question.first_teacher", "うさぎやませんせい"),
    ("question.middle_school", "はくばのちゅうがく"),
    ("question.birthplace", "かわのむこうのいえ"),
)
WRONG_ANSWER = "まったくちがうこたえ"
RESET_PASSWORD = "tq!Zm3#vWc"
PIN, WRONG_PIN = "7391", "5827"
START_PASSWORD, WRONG_START_PASSWORD = "73518642", "91736428"
WRONG_DIGITS = "8642"
CONFIRMATION, WRONG_CONFIRMATION = "472916", "618305"
TAX = Bill(id="tax-7", biller="20160", name="ナガノケン", public=True, amount=Yen(39_500))
DEVICE = "device-token-of-taros-telephone"
HOME = Environment(device=DEVICE, network="203.0.113.7", platform="windows")
AWAY = Environment(device=f"{DEVICE}-2", network="198.51.100.23", platform="ios")


# --- What is searched for ---------------------------------------------------------------------------------------------


def forms(secret: str, *, random: bool = False) -> set[str]:
    """How a secret could be written down: as typed, folded, escaped, in hexadecimal or Base64, or hashed bare.

    The bare digest of a secret that is *random* tells nothing, and is how tokens are kept.
    """
    found = set[str]()
    for written in {secret, secret.casefold(), secret.upper()}:
        raw = written.encode()
        found |= {written, raw.decode("latin-1"), raw.hex(), b64encode(raw).decode().rstrip("=")[:-1]}
        found.add(json.dumps(written)[1:-1])
        if not random:
            found |= {sha256(raw).hexdigest(), b64encode(sha256(raw).digest()).decode()}
    return found


def forms_of_key(key: bytes) -> set[str]:
    """How random bytes could be written down: as they are, as Python shows them, and in the alphabets of apps."""
    written = {key.decode("latin-1"), repr(key)[2:-1], b32encode(key).decode().rstrip("=")[:-1]}
    return written | {urlsafe_b64encode(key).decode().rstrip("=")[:-1]} | forms(key.hex(), random=True)


@define
class Story:
    """What was said and what was typed while it went on."""

    there: TestBank
    said: list[object] = Factory(list[object])
    errors: list[str] = Factory(list[str])
    tokens: list[str] = Factory(list[str])
    digits: list[str] = Factory(lambda: [PIN, WRONG_PIN, WRONG_DIGITS, CONFIRMATION, WRONG_CONFIRMATION])
    """PINs, codes and digits that were spoken: so short that they stand in any digest by chance."""
    keys: list[bytes] = Factory(list[bytes])
    """Seeds, and what is derived from them."""

    def tell(self, told: object) -> object:
        """Keep what was told, and any token or seed in it as a secret."""
        self.said.append(told)
        for name in ("session", "challenge", "procedure"):
            if isinstance(token := getattr(told, name, None), Secret):
                self.tokens.append(token.reveal())
        if isinstance(told, SeedHandedOut):
            seed = bytes.fromhex(told.seed.reveal())
            self.keys += [seed, answer_key(seed)]
            self.tokens.append(told.app.key.reveal())
        return told

    def went_well(self, act: Callable[[], object]) -> bool:
        """Keep what *act* told, or the exception that came out of it, with all that stands in its frames.

        Those of this file know every secret.
        """
        try:
            self.tell(act())
        except PortError as error:
            frames = error.__traceback__
            while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
                frames = frames.tb_next
            shown = TracebackException(type(error), error, frames, capture_locals=True)
            self.errors += ["".join(shown.format()), repr(error)]
            return False
        return True

    def fail(self, act: Callable[[], object]) -> None:
        """Keep the exception that comes out of *act*."""
        assert not self.went_well(act)

    def wanted(self) -> dict[str, set[str]]:
        """Each secret with the forms by which it is recognised."""
        known = [PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, WRONG_ANSWER, START_PASSWORD, WRONG_START_PASSWORD]
        known += [RESET_PASSWORD, *(answer for _, answer in (*ANSWERS, *NEW_ANSWERS))]
        drawn = {*self.tokens, DEVICE, f"{DEVICE}-2"}
        wanted = {secret: forms(secret) for secret in known} | {secret: forms(secret, random=True) for secret in drawn}
        for short in self.digits:
            wanted[short] = {form for form in forms(short) if len(form) > _SHORT}
        return wanted | {key.hex(): forms_of_key(key) for key in self.keys}

    def found_in(self, what: Iterable[str]) -> set[str]:
        """The secrets that stand in any of *what*."""
        wanted = self.wanted()
        found = set[str]()
        for one in what:
            found |= {secret for secret, written in wanted.items() if any(form in one for form in written)}
            found |= {digits for digits in _ALONE.findall(one) if digits in self.digits}
        return found


_SHORT = 8
_ALONE = re.compile(r"(?<![0-9A-Za-z+/])[0-9]{4,8}(?![0-9A-Za-z+/])")
"""A few digits stand in any digest by chance; a PIN or a code would stand by itself."""

Fail = Callable[[int], object]
"""Make the store unreachable once, after so many transactions that work."""

Hard = Callable[[Callable[[], object], int], object]
"""Do something in spite of a store that fails: in each of so many transactions once, or otherwise."""


# --- The story --------------------------------------------------------------------------------------------------------


def told(storage: Storage, fail: Fail) -> Story:
    """The whole of it, at a bank over *storage*, which *fail* makes unreachable."""
    there = TestBank(storage=storage)
    story = Story(there)
    taro = apply(story)
    use(story, taro, fail)
    carry(story, evolve(taro, login_id="hoshi9kwx", password=Secret(NEW_PASSWORD)), in_each_transaction(story, fail))
    guess(story, taro)
    recover(story, taro, in_each_transaction(story, fail))
    return story


def in_each_transaction(story: Story, fail: Fail) -> Hard:
    """The store fails in each transaction of an act once."""

    def hard(act: Callable[[], object], transactions: int) -> object:
        for works in range(transactions):
            fail(works)
            story.fail(act)
        return story.tell(act())

    return hard


def at_each_call(story: Story, storage: MemoryStorage, taro: Enrollee) -> Hard:
    """The store fails at each call of an act once; what that used up of the counters is given back."""

    def hard(act: Callable[[], object], _: int) -> object:
        for calls in count():
            storage.fail(skip=calls, with_=Unavailable())
            if story.went_well(act):
                storage._failures.planned.clear()
                return story.said[-1]
            rewrite(story.there, taro, without_failures)
        return None

    return hard


def without_failures(contract: Contract) -> Contract:
    """*contract* with its counters as in the beginning."""
    for counter in Counter:
        contract = contract.with_tally(counter, Tally())
    return contract


def apply(story: Story) -> Enrollee:
    """Apply, with something wrong at each step first."""
    there, enrol = story.there, story.there.net.enrol
    person = Person(pin=PIN)
    there.open_account(person)
    begun = story.tell(enrol.begin(seen_from=HOME))
    assert isinstance(begun, Begun)
    token = begun.procedure
    story.tell(enrol.agree(token, INSTITUTION.terms))
    story.tell(enrol.choose_institution(token, INSTITUTION.prefecture, INSTITUTION.id))

    def prove(pin: str) -> object:
        return enrol.prove_holder(token, branch="001", number="12345", pin=Secret(pin), born="1980-01-02")

    there.core.reachable = False
    story.fail(lambda: prove(PIN))
    there.core.reachable = True
    for pin in (WRONG_PIN, f"{PIN}0", PIN):
        story.tell(prove(pin))

    def choose(login_id: str, password: str, again: str) -> object:
        questions = [(question, Secret(answer)) for question, answer in ANSWERS]
        return enrol.set_credentials(
            token,
            login_id=login_id,
            password=Secret(password),
            again=Secret(again),
            questions=questions,
            acknowledged=True,
        )

    story.tell(choose("kaze48nd", PASSWORD, WRONG_PASSWORD))
    story.tell(choose("x", f"{PASSWORD}{NEW_PASSWORD}", PASSWORD))
    story.tell(choose("kaze48nd", PASSWORD, PASSWORD))
    story.tell(enrol.set_customer(token, mail=NewAddress("taro@example.jp")))
    story.tell(enrol.review(token))
    enrolled = story.tell(enrol.confirm(token))
    story.tell(enrol.choose_otp(token, apply=True))
    return Enrollee(
        person=person,
        institution=INSTITUTION.id,
        contract=getattr(enrolled, "contract"),  # noqa: B009 -- whatever it is, it has one, or this fails
        login_id="kaze48nd",
        password=Secret(PASSWORD),
        answers=ANSWERS,
    )


def use(story: Story, taro: Enrollee, fail: Fail) -> None:
    """Log in, answer, step up, change credentials, log out; with the store failing at each."""
    net = story.there.net

    def log_in(password: str = PASSWORD, place: Environment = HOME) -> object:
        return net.log_in.with_login_id(taro.institution, taro.login_id, Secret(password), seen_from=place)

    for works in range(2):
        fail(works)
        story.fail(log_in)
    story.tell(log_in(WRONG_PASSWORD))
    story.tell(net.log_in.with_account(taro.institution, "001", "普通", "12345", Secret(PASSWORD), seen_from=HOME))
    asked = story.tell(log_in(place=AWAY))
    assert isinstance(asked, QuestionAsked)
    story.tell(net.log_in.answer(asked.challenge, Secret(WRONG_ANSWER)))
    for works in range(2):
        fail(works)
        story.fail(lambda: net.log_in.answer(asked.challenge, taro.answer_to(asked.question)))
    entered = story.tell(net.log_in.answer(asked.challenge, taro.answer_to(asked.question)))
    assert isinstance(entered, LoggedIn)
    session = entered.session
    story.tell(net.use_session(session))
    question = story.tell(net.step_up.ask(session))
    assert isinstance(question, StepUpQuestion)
    for works in range(2):
        fail(works)
        story.fail(lambda: net.step_up.answer(session, taro.answer_to(question.question)))
    session = token_of(story.tell(net.step_up.answer(session, taro.answer_to(question.question))))
    for works in range(3):
        fail(works)
        story.fail(partial(net.change_login_id, session, password=Secret(PASSWORD), new="hoshi9kwx"))
    story.tell(net.change_login_id(session, password=Secret(WRONG_PASSWORD), new="hoshi9kwx"))
    session = token_of(story.tell(net.change_login_id(session, password=Secret(PASSWORD), new="hoshi9kwx")))
    new = Secret(NEW_PASSWORD)
    story.tell(net.change_password(session, current=Secret(PASSWORD), new=new, again=Secret(WRONG_PASSWORD)))
    change = partial(net.change_password, session, current=Secret(PASSWORD), new=new, again=new)
    for works in range(3):
        fail(works)
        story.fail(change)
    session = token_of(story.tell(change()))
    pay(story, session, fail)
    story.tell(net.log_out(session))
    story.tell(net.use_session(session))


def pay(story: Story, session: Secret, fail: Fail) -> None:
    """Find a bill by the numbers on its paper, a wrong one and a malformed one among them, and pay it."""
    there, bills = story.there, story.there.net.pay_bills
    there.core.books.send_bill(INSTITUTION.id, BillNumbers(TAX.biller, "20261100077", Secret(CONFIRMATION)), TAX)

    def find(confirmation: str = CONFIRMATION) -> object:
        return bills.find(session, biller=TAX.biller, customer="20261100077", confirmation=Secret(confirmation))

    there.core.reachable = False
    story.fail(find)
    there.core.reachable = True
    for confirmation in (WRONG_CONFIRMATION, f"{CONFIRMATION}0"):
        story.tell(find(confirmation))
    for works in range(2):
        fail(works)
        story.fail(find)
    found = story.tell(find())
    assert isinstance(found, BillFound)
    assert isinstance(story.tell(bills.pay(session, found.reference)), Executed)


def carry(story: Story, taro: Enrollee, hard: Hard) -> None:
    """Be issued a token by a call, set its app up, do with it whatever can be done, and give it up."""
    there, net = story.there, story.there.net
    log_in = partial(net.log_in.with_login_id, taro.institution, taro.login_id, taro.password)
    session = token_of(story.tell(log_in(seen_from=HOME)))
    asked = story.tell(net.step_up.ask(session))
    assert isinstance(asked, StepUpQuestion)
    session = token_of(story.tell(net.step_up.answer(session, taro.answer_to(asked.question))))
    issue(story, session, hard)
    ids = reissue(story, taro, hard)
    session = token_of(story.tell(log_in(seen_from=HOME)))
    app = set_up(story, ids, hard)

    def code() -> Secret:
        """The app's next one."""
        there.clock.advance(STEP)
        net.use_session(session)
        rules = there.profile.token.codes
        shown = rules.code(story.keys[-2], rules.step_at(there.clock.now()))
        story.digits.append(shown.reveal())
        return shown

    use = net.use_token
    story.tell(use.start(session, Secret(START_PASSWORD)))
    hard(partial(use.start, session, code(), approve_transfers=True), 3)
    hard(partial(use.confirm_method, app, version="4.1"), 1)
    approve(story, session, app, hard)
    hard(partial(use.change_method, session, code(), MethodEvent.CHOOSE_PASSCODE, ticked=False), 3)
    requested = story.tell(net.instruct.request(session, order()))
    assert isinstance(requested, CodeNeeded)
    story.tell(net.instruct.enter_code(session, requested.reference, Secret(WRONG_START_PASSWORD)))
    hard(partial(net.instruct.enter_code, session, requested.reference, code()), 2)
    story.tell(net.instruct.execute(session, requested.reference))
    smartphone = evolve(HOME, channel=Channel.SMARTPHONE)
    challenged = story.tell(log_in(seen_from=smartphone))
    assert isinstance(challenged, CodeAsked)
    hard(partial(net.log_in.enter_code, challenged.challenge, code()), 2)
    finger = FingerPrint(net.biometrics, app)
    first = finger.makes()
    story.tell(net.biometrics.set_up(app, login_id=taro.login_id, password=Secret(WRONG_PASSWORD), response=first))
    named = partial(net.biometrics.set_up, app, login_id=taro.login_id, password=taro.password)
    hard(lambda: named(response=finger.makes()), 4)
    shown = code()
    hard(lambda: net.biometrics.log_in(app, response=finger.answers(), code=shown, seen_from=smartphone), 4)
    hard(partial(use.cancel, session, code()), 3)
    story.tell(net.log_out(session))


def issue(story: Story, session: Secret, hard: Hard) -> TokenIssued:
    """Apply with something wrong first, call and key wrong digits first."""
    net, right = story.there.net, Secret(START_PASSWORD)
    apply = partial(
        net.issue_token.apply, session, mail="taro@keitai.example.jp", mail_again="taro@keitai.example.jp", phone=0
    )
    story.tell(apply(start_password=right, again=Secret(WRONG_START_PASSWORD)))
    story.tell(apply(start_password=Secret(PASSWORD), again=Secret(PASSWORD)))
    started = hard(partial(apply, start_password=right, again=right), 1)
    assert isinstance(started, Started)
    heard = story.there.exchange.telephone("090-1234-5678").dial(
        started.destination, by_turns([press(WRONG_DIGITS), repeat])
    )
    story.digits += {spoken.reveal() for spoken in heard.spoken}
    issued = hard(partial(net.issue_token.confirm, session, started.attempt), 1)
    assert isinstance(issued, TokenIssued), heard
    return issued


def reissue(story: Story, taro: Enrollee, hard: Hard) -> TokenReissued:
    """Have it reissued at once, with something wrong first, and a call."""
    net, right = story.there.net.reissue_token, Secret(START_PASSWORD)
    begin = partial(net.with_login_id, taro.institution, taro.login_id)
    story.tell(begin(Secret(WRONG_PASSWORD)))
    story.tell(net.with_account(taro.institution, "001", "普通", PASSWORD, Secret(PASSWORD)))
    begun = hard(partial(begin, taro.password), 2)
    assert isinstance(begun, ReissueBegun)
    apply = partial(net.apply, begun.procedure, mail="taro@new.example.jp", mail_again="taro@new.example.jp", phone=0)
    story.tell(apply(start_password=right, again=Secret(WRONG_START_PASSWORD)))
    started = hard(partial(apply, start_password=right, again=right), 2)
    assert isinstance(started, Started)
    heard = story.there.exchange.telephone("090-1234-5678").dial(started.destination, repeat)
    story.digits += {spoken.reveal() for spoken in heard.spoken}
    done = hard(partial(net.complete, begun.procedure), 1)
    assert isinstance(done, TokenReissued), heard
    return done


def set_up(story: Story, ids: TokenReissued, hard: Hard) -> AppKey:
    """Fetch the seed, after typing secrets wrongly and where they do not belong, and complete."""
    there, app = story.there, story.there.net.set_up_app
    fetch = partial(app.fetch, device="taros-telephone", version="4.1")
    story.tell(fetch(service_id=START_PASSWORD, user_id=PASSWORD, start_password=Secret("x")))
    mine = partial(fetch, service_id=ids.service_id, user_id=ids.user_id)
    story.tell(mine(start_password=Secret(WRONG_START_PASSWORD)))
    handed = hard(partial(mine, start_password=Secret(START_PASSWORD)), 3)
    assert isinstance(handed, SeedHandedOut)
    rules = there.profile.token.codes
    code = rules.code(bytes.fromhex(handed.seed.reveal()), rules.step_at(there.clock.now()))
    story.digits.append(code.reveal())
    complete = partial(app.complete, handed.app, device="taros-telephone", number=handed.number)
    story.tell(complete(code=Secret(START_PASSWORD)))
    hard(partial(complete, code=code), 1)
    return handed.app


def approve(story: Story, session: Secret, app: AppKey, hard: Hard) -> None:
    """Approve a transfer in the app, after a wrong answer."""
    there, net = story.there, story.there.net
    story.tell(net.instruct.request(session, order()))
    waiting = story.tell(net.approve.pending(app))
    assert isinstance(waiting, Pending)
    ((transfer, _),) = waiting.transfers
    answer = Suite(APP_SUITE).answer(story.keys[-1], transfer.digest, now=there.clock.now())
    story.tokens.append(answer)
    story.tell(net.approve.approve(app, transfer.reference, Secret(NEW_PASSWORD)))
    hard(partial(net.approve.approve, app, transfer.reference, Secret(answer)), 3)
    story.tell(net.instruct.execute(session, transfer.reference))


@define
class FingerPrint:
    """The telephone's key, which asks nobody twice."""

    flow: Biometrics
    app: AppKey
    passkey: Passkey | None = None

    def makes(self) -> str:
        """The answer to a set-up."""
        wanted = self.flow.begin_set_up(self.app)
        assert isinstance(wanted, FingerWanted)
        response, self.passkey = made(wanted.options, origin=ORIGIN, finger=lambda: True)
        return response

    def answers(self) -> str:
        """The answer to a login."""
        wanted = self.flow.begin_log_in(self.app)
        assert isinstance(wanted, FingerWanted)
        assert self.passkey is not None
        response, self.passkey = used(self.passkey, wanted.options, origin=ORIGIN, finger=lambda: True)
        return response


def token_of(told: object) -> Secret:
    """The session's new token."""
    session = getattr(told, "session", None)
    assert isinstance(session, Secret), told
    return session


def guess(story: Story, taro: Enrollee) -> None:
    """Type secrets where they do not belong, guess at nobody, be locked out, be blocked."""
    there, net = story.there, story.there.net
    for mistaken in (PASSWORD, NEW_PASSWORD, *(answer for _, answer in ANSWERS)):
        story.tell(net.log_in.with_login_id(taro.institution, mistaken, Secret("x"), seen_from=HOME))
        story.tell(net.log_in.with_account(taro.institution, mistaken, mistaken, mistaken, Secret("x"), seen_from=HOME))
    for login_id in ("hoshi9kwx", "nobody99"):
        for number in range(24):
            if number % 8 == 7:
                there.clock.advance(REST)
            story.tell(net.log_in.with_login_id(taro.institution, login_id, Secret(WRONG_PASSWORD), seen_from=HOME))
    there.clock.advance(MINUTE)


def recover(story: Story, taro: Enrollee, hard: Hard) -> None:
    """Have the password reset, and then the questions, with something wrong at each step first; register new ones."""
    there, net = story.there, story.there.net
    password = partial(net.reset_password.reset, new=Secret(RESET_PASSWORD))
    token = so_far_as_the_pin(story, taro, net.reset_password, hard)
    story.tell(password(token, again=Secret(WRONG_PASSWORD), pin=Secret(WRONG_PIN)))
    story.tell(password(token, again=Secret(RESET_PASSWORD), pin=Secret(f"{PIN}0")))
    story.tell(password(token, again=Secret(RESET_PASSWORD), pin=Secret(WRONG_PIN)))
    there.core.reachable = False
    story.fail(partial(password, token, again=Secret(RESET_PASSWORD), pin=Secret(PIN)))
    there.core.reachable = True
    done: object = hard(partial(password, token, again=Secret(RESET_PASSWORD), pin=Secret(PIN)), 2)
    assert done == PasswordReset()
    token = so_far_as_the_pin(story, taro, net.reset_questions, hard)
    story.tell(net.reset_questions.reset(token, pin=Secret(WRONG_PIN)))
    assert hard(partial(net.reset_questions.reset, token, pin=Secret(PIN)), 2) == QuestionsReset()
    log_in = partial(net.log_in.with_account, taro.institution, "001", "普通", "12345", Secret(RESET_PASSWORD))
    needed = story.tell(log_in(seen_from=HOME))
    assert isinstance(needed, QuestionsNeeded)
    questions = [(question, Secret(answer)) for question, answer in NEW_ANSWERS]
    story.tell(net.log_in.register_questions(needed.challenge, [*questions[:2], questions[0]], acknowledged=True))
    hard(partial(net.log_in.register_questions, needed.challenge, questions, acknowledged=True), 2)
    rewrite(there, taro, lambda contract: evolve(contract, must_change_password=True))
    due = story.tell(log_in(seen_from=HOME))
    assert isinstance(due, PasswordChangeNeeded)
    choose = partial(net.log_in.choose_password, due.challenge, new=Secret(NEW_PASSWORD))
    story.tell(choose(again=Secret(RESET_PASSWORD)))
    hard(partial(choose, again=Secret(NEW_PASSWORD)), 2)


def so_far_as_the_pin(story: Story, taro: Enrollee, resets: ResetPassword | ResetQuestions, hard: Hard) -> Secret:
    """Form and call, after typing secrets into the form: the procedure's token."""
    form = typed(taro.person)
    begun = story.tell(resets.begin(taro.institution))
    assert isinstance(begun, ResetBegun)
    token = begun.procedure
    mistaken = evolve(form, kana=PASSWORD, phone=PIN, mail=RESET_PASSWORD, number=ANSWERS[0][1])
    story.tell(resets.fill_form(token, mistaken, acknowledged=True))
    story.tell(resets.fill_form(token, evolve(form, kanji="農中二郎"), acknowledged=True))
    hard(partial(resets.fill_form, token, form, acknowledged=True), 2)
    started = hard(partial(resets.call, token, 0), 2)
    assert isinstance(started, Started)
    story.there.exchange.telephone("090-1234-5678").dial(started.destination)
    hard(partial(resets.poll, token), 1)
    return token


# --- The search -------------------------------------------------------------------------------------------------------


def test_the_search_finds_what_is_there() -> None:
    """Whatever form a secret stands in, somewhere deep in an object, it would be found."""
    seed = bytes(range(150, 170))
    story = Story(TestBank(), tokens=["a-session-token"], keys=[seed])
    story.digits += ["046813", "83012746"]
    hidden: list[object] = [
        {"deep": (frozenset({f"x{PASSWORD}y"}),)},
        [PASSWORD.casefold()],
        {ANSWERS[0][1]: 1},
        "a-session-token",
        Person(pin=PIN),
        NEW_PASSWORD.encode(),
        sha256(PASSWORD.encode()).hexdigest(),
        WRONG_PASSWORD.encode().hex(),
        b64encode(f"{WRONG_PASSWORD}".encode()),
        json.dumps({"answer": WRONG_ANSWER}),
        Secret(NEW_PASSWORD),
        Pin(Secret(PIN)),
        {"start": START_PASSWORD},
        sha256(WRONG_START_PASSWORD.encode()).hexdigest(),
        "code 046813.",
        sha256(b"046813").hexdigest(),
        "8301-2746 83012746",
        seed,
        repr(seed),
        seed.hex(),
        b32encode(seed),
        b64encode(seed),
    ]
    for one in hidden:
        assert len(story.found_in(texts([story.there.core, one]))) == 1, one
    assert story.found_in(["x7391y", "0x7391", "73910", "1046813", "a046813"]) == set()


@pytest.mark.requirement("CRD-18")
def test_nothing_that_is_kept_in_memory_or_said_holds_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Store, outcomes, their texts in both languages, mails, log and exceptions: no secret, typed or drawn."""
    caplog.set_level(logging.DEBUG)
    storage = MemoryStorage()
    story = told(storage, lambda works: storage.fail(call="commit", skip=works, with_=Unavailable()))
    kept = set(texts(storage))
    assert len(kept) > 400
    assert story.found_in(kept) == set()
    assert (len(story.tokens), len(story.digits), len(story.keys)) == (22, 14, 2)
    assert story.found_in(map(repr, story.said)) == set()
    assert story.found_in(pickled(story.said)) == set()
    for lang in LANGUAGES:
        assert story.found_in(text(cast("Outcome", outcome), lang) for outcome in story.said) == set()
    assert len(story.errors) == 2 * (16 + 36 + 19)
    assert all("flows/" in shown for shown in story.errors[::2])
    assert story.found_in(story.errors) == set()
    mail = MemoryMail()
    MailDispatcher(story.there.net.platform, mail)(1_000)
    assert len(mail.sent) == 22
    assert story.found_in(map(repr, mail.sent)) == set()
    assert story.found_in([caplog.text]) == set()


def pickled(said: Iterable[object]) -> Iterable[str]:
    """Each of *said* that can be pickled, which nothing with a secret can, as text."""
    for one in said:
        with suppress(TypeError):
            yield pickle.dumps(one).decode("latin-1")


@pytest.mark.requirement("CRD-18")
def test_what_holds_a_secret_cannot_be_pickled() -> None:
    """An app's key, a seed on its way and digits for the screen go nowhere by pickle, and show nothing."""
    key = AppKey(service_id="000", user_id="0000001", key=Secret(PASSWORD))
    seed = SeedHandedOut(
        app=key, seed=Secret(PASSWORD), number=1, period=60, digits=6, algorithm="sha1", institution="5441"
    )
    now = TestBank().clock.now()
    code = Secret(PASSWORD)
    shown = Started(
        attempt="a", source="b", destination="c", until=now, screen_code=code, excluded="050", rings=3, hints=()
    )
    for one in (key, seed, shown, Script((), Secret(PASSWORD), 4), LoggedIn(Secret(PASSWORD), now)):
        assert PASSWORD not in repr(one)
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(one)


@pytest.mark.requirement("CRD-18")
def test_what_is_sealed_or_hashed_is_not_shown_either() -> None:
    """A token and an attempt say of themselves neither their hashes nor what is sealed."""
    token = evolve(a_token(), start_password="a-hash", seed="a-seal")
    attempt = evolve(a_phone_attempt(), digits="a-seal")
    assert not [word for word in ("a-hash", "a-seal") if word in repr((token, attempt))]


class NotingEntropy(SeededEntropy):
    """Entropy that notes what was drawn: a seed that came to nothing was nobody's, and is a seed."""

    def __init__(self, seed: int) -> None:
        """Start the sequence."""
        super().__init__(seed)
        self.drawn: list[bytes] = []

    def token(self, size: int) -> bytes:
        """Draw, and note."""
        self.drawn.append(super().token(size))
        return self.drawn[-1]


@pytest.mark.requirement("CRD-18")
def test_no_frame_that_the_store_fails_in_holds_a_secret() -> None:
    """Wherever a call of the store fails, in any step of a token's life, no variable on the way holds a secret."""
    storage, entropy = MemoryStorage(), NotingEntropy(0)
    story = Story(TestBank(storage=storage, entropy=entropy))
    taro = story.there.customer(password=PASSWORD, person=Person(pin=PIN), answers=ANSWERS, seen_from=HOME)
    carry(story, taro, at_each_call(story, storage, taro))
    assert len(story.errors) > 2 * 200
    seeds = [drawn for drawn in entropy.drawn if len(drawn) == story.there.profile.token.codes.seed_bytes]
    assert len(seeds) > 4
    story.keys += seeds
    assert story.found_in(story.errors) == set()


@define
class Down:
    """A store that can be unreachable once."""

    storage: Storage
    works: int | None = None
    """How many transactions work before that, where it is to be."""

    def fail(self, works: int) -> None:
        """Be unreachable after *works* transactions."""
        self.works = works

    def transaction(self, *, durable: bool = True, contended: bool = False) -> AbstractContextManager[Transaction]:
        """Open one, or fail."""
        if self.works is not None:
            self.works = self.works - 1 if self.works else None
            if self.works is None:
                raise Unavailable
        return self.storage.transaction(durable=durable, contended=contended)


@pytest.mark.requirement("CRD-18")
def test_no_file_of_the_bank_holds_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the database with all that belongs to it, nor the mails in their folder; nor any line of the log."""
    caplog.set_level(logging.DEBUG)
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    sql.upgrade(url)
    with sql.connect(url) as storage:
        down = Down(storage)
        story = told(down, down.fail)
        MailDispatcher(story.there.net.platform, MaildirMail(tmp_path / "mail"))(1_000)
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert len(files) > 6
        assert story.found_in(path.read_bytes().decode("latin-1") for path in files) == set()
    assert (tmp_path / "bank.db").stat().st_size > 50_000
    assert story.found_in([caplog.text]) == set()


@pytest.mark.loopback
@pytest.mark.requirement("CRD-18")
def test_no_table_of_postgresql_holds_a_secret(postgres_store: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing that a dump would show, and nothing that the driver logs."""
    caplog.set_level(logging.DEBUG)
    with sql.connect(postgres_store) as storage:
        down = Down(storage)
        story = told(down, down.fail)
        with storage.pool.connect() as connection:
            rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    assert len(rows) > 200
    assert story.found_in(map(str, rows)) == set()
    assert story.found_in([caplog.text]) == set()
