"""Secrets nowhere: a whole story with recognisable secrets, and then a search of everything that it left behind.

The story has a customer apply (with faults first), log in and out, be challenged, step up, change his credentials, be
locked out and blocked; and every port fail under him.  Searched are the store, the outcomes, their texts, the letters,
the mails, and each exception with the variables of its frames.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial
from hashlib import sha256
from pathlib import Path
from traceback import TracebackException
from typing import cast

import pytest
from attrs import Factory, define

from janetbank.flows.dispatch_mail import MailDispatcher
from janetbank.flows.enrol import Begun, NewAddress
from janetbank.flows.log_in import LoggedIn, QuestionAsked
from janetbank.flows.step_up import StepUpQuestion
from janetbank.messages import LANGUAGES, Outcome, text
from janetbank.ports.failures import PortError, Unavailable
from janetbank.ports.storage import Storage, Transaction
from janetbank.testing.bank import INSTITUTION, Enrollee, Person, TestBank
from janetbank.values.environment import Environment
from janetbank.values.pin import Pin
from janetbank.values.secret import Secret
from janetbank_adapters.mail.maildir import MaildirMail
from janetbank_adapters.mail.memory import MemoryMail
from janetbank_adapters.storage import sql
from janetbank_adapters.storage.memory import MemoryStorage
from tests.everything import texts
from tests.flows.scene import MINUTE, REST

PASSWORD, NEW_PASSWORD, WRONG_PASSWORD = "vx!Kq8#zTb", "mw?Jr5%yBd", "Hg&2xLp$Qn"
ANSWERS = (
    ("question.pet", "ねこのたまさぶろう"),
    ("question.home_town", "ふじのみやのはずれ"),
    ("question.birthplace", "やまのうえのびょういん"),
)
WRONG_ANSWER = "まったくちがうこたえ"
PIN, WRONG_PIN = "7391", "5827"
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


@define
class Story:
    """What was said and what was typed while it went on."""

    there: TestBank
    said: list[object] = Factory(list[object])
    errors: list[str] = Factory(list[str])
    tokens: list[str] = Factory(list[str])

    def tell(self, told: object) -> object:
        """Keep what was told, and any token in it as a secret."""
        self.said.append(told)
        for name in ("session", "challenge", "procedure"):
            if isinstance(token := getattr(told, name, None), Secret):
                self.tokens.append(token.reveal())
        return told

    def fail(self, act: Callable[[], object]) -> None:
        """Keep the exception out of *act*, with all that stands in its frames; those of this file know every secret."""
        with pytest.raises(PortError) as caught:
            act()
        error, frames = caught.value, caught.value.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
            frames = frames.tb_next
        shown = TracebackException(type(error), error, frames, capture_locals=True)
        self.errors += ["".join(shown.format()), repr(error)]

    def wanted(self) -> dict[str, set[str]]:
        """Each secret with the forms by which it is recognised."""
        known = [PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, WRONG_ANSWER, *(answer for _, answer in ANSWERS)]
        drawn = {*self.tokens, DEVICE, f"{DEVICE}-2"}
        return {secret: forms(secret) for secret in known} | {secret: forms(secret, random=True) for secret in drawn}

    def found_in(self, what: Iterable[str]) -> set[str]:
        """The secrets that stand in any of *what*."""
        wanted = self.wanted()
        found = set[str]()
        for one in what:
            found |= {secret for secret, written in wanted.items() if any(form in one for form in written)}
            found |= {pin for pin in _ALONE.findall(one) if pin in {PIN, WRONG_PIN}}
        return found


_ALONE = re.compile(r"(?<![0-9A-Za-z+/])[0-9]{4}(?![0-9A-Za-z+/])")
"""Four digits stand in any digest by chance; a PIN would stand by itself."""

Fail = Callable[[int], object]
"""Make the store unreachable once, after so many transactions that work."""


# --- The story --------------------------------------------------------------------------------------------------------


def told(storage: Storage, fail: Fail) -> Story:
    """The whole of it, at a bank over *storage*, which *fail* makes unreachable."""
    there = TestBank(storage=storage)
    story = Story(there)
    taro = apply(story)
    use(story, taro, fail)
    guess(story, taro)
    return story


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
    story.tell(net.log_out(session))
    story.tell(net.use_session(session))


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


# --- The search -------------------------------------------------------------------------------------------------------


def test_the_search_finds_what_is_there() -> None:
    """Whatever form a secret stands in, somewhere deep in an object, it would be found."""
    story = Story(TestBank(), tokens=["a-session-token"])
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
    ]
    for one in hidden:
        assert len(story.found_in(texts([story.there.core, one]))) == 1, one
    assert story.found_in(["x7391y", "0x7391", "73910"]) == set()


@pytest.mark.requirement("CRD-18", "LGN-04", "MAL-06")
def test_nothing_that_is_kept_in_memory_or_said_holds_a_secret() -> None:
    """Store, outcomes, their texts in both languages, mails and exceptions: no password, answer, PIN or token."""
    storage = MemoryStorage()
    story = told(storage, lambda works: storage.fail(call="commit", skip=works, with_=Unavailable()))
    kept = set(texts(storage))
    assert len(kept) > 250
    assert story.found_in(kept) == set()
    assert len(story.tokens) > 6
    assert story.found_in(map(repr, story.said)) == set()
    for lang in LANGUAGES:
        assert story.found_in(text(cast("Outcome", outcome), lang) for outcome in story.said) == set()
    assert len(story.errors) == 2 * 13
    assert all("flows/" in shown for shown in story.errors[::2])
    assert story.found_in(story.errors) == set()
    mail = MemoryMail()
    MailDispatcher(story.there.net.platform, mail)(1_000)
    assert len(mail.sent) == 6
    assert story.found_in(map(repr, mail.sent)) == set()


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


@pytest.mark.requirement("CRD-18", "LGN-04", "MAL-06")
def test_no_file_of_the_bank_holds_a_secret(tmp_path: Path) -> None:
    """Neither the database with all that belongs to it, nor the mails in their folder."""
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
