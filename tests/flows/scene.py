"""Scene: how the tests of the flows bring a bank into a state, and look behind its counter.

What a customer can bring about himself is brought about through the public operations; what only a clerk or the past
can (a suspension, a tombstone) is written into the store.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from attrs import define, evolve

from janetbank.flows import guess
from janetbank.flows.guess import Held
from janetbank.flows.log_in import LogIn, QuestionAsked
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Blocked, LockedOut, Refused
from janetbank.flows.step_up import Confirmed, SteppedUp, StepUpQuestion
from janetbank.model.audit import Entry
from janetbank.model.contract import Contract, Counter
from janetbank.model.letter import Letter
from janetbank.model.session import Session
from janetbank.policies.admission import Operation
from janetbank.ports.storage import Storage, Transaction
from janetbank.testing.bank import CAFE, HOME, Enrollee, Person, TestBank
from janetbank.values.account import Account
from janetbank.values.environment import Environment
from janetbank.values.secret import Secret
from janetbank.vault import Checked, Vault

Told = TypeVar("Told")

TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
REST = timedelta(minutes=60)
"""How long a lockout lasts (LCK-01, LCK-10)."""

WRONG = Secret("wr0ng?one")
WRONG_ANSWER = Secret("ちがう")
NOWHERE = Environment(device=None, network="192.0.2.99", platform="unheard of")

HANAKO = Person(
    account=Account.parse("002", "ordinary", "7654321"),
    pin="5917",
    kana="ノウキョウハナコ",
    kanji="農中花子",
    phones=("080-8765-4321",),
    mail="hanako@example.jp",
)
TAKASHI = Person(
    account=Account.parse("003", "ordinary", "24680"),
    pin="3071",
    kana="ノウキョウタカシ",
    kanji="農中隆",
    phones=("03-5555-0199",),
    mail="takashi@example.jp",
)


class CountingVault(Vault):
    """A vault that counts how often Argon2 runs: the work that somebody outside could measure."""

    def __init__(self, there: TestBank) -> None:
        """Make one with the keys of *there*."""
        self.runs = 0
        super().__init__(keys=there.keys, entropy=there.entropy, cost=there.profile.hashing)

    def hash(self, secret: Secret) -> str:
        """What to store of *secret*."""
        self.runs += 1
        return super().hash(secret)

    def check(self, secret: Secret, stored: str) -> Checked:
        """Compare *secret* with a stored hash."""
        self.runs += 1
        return super().check(secret, stored)


class SlowVault(CountingVault):
    """A vault at whose next work something else happens in the world."""

    meanwhile: Callable[[], object] | None = None

    def hash(self, secret: Secret) -> str:
        """Hash, and let the world go on."""
        hashed = super().hash(secret)
        self._let_go_on()
        return hashed

    def check(self, secret: Secret, stored: str) -> Checked:
        """Check, and let the world go on."""
        checked = super().check(secret, stored)
        self._let_go_on()
        return checked

    def _let_go_on(self) -> None:
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()


@define
class Interrupted:
    """A store at which something else happens once, before a transaction that so many others come *before*."""

    storage: Storage
    before: int
    meanwhile: Callable[[], object]

    def transaction(self, *, durable: bool = True, contended: bool = False) -> AbstractContextManager[Transaction]:
        """Open one, after letting the world go on where it is time."""
        if self.before == 0:
            self.meanwhile()
        self.before -= 1
        return self.storage.transaction(durable=durable, contended=contended)


def interrupted(there: TestBank, before: int, meanwhile: Callable[[], object]) -> Platform:
    """The platform of *there*, for a flow in which *meanwhile* happens when it has had *before* transactions."""
    return evolve(there.net.platform, storage=Interrupted(there.storage, before, meanwhile))


def counted(there: TestBank) -> tuple[LogIn, CountingVault]:
    """Logging in at *there*, and what counts the hashing that it does."""
    vault = CountingVault(there)
    return LogIn(evolve(there.net.platform, vault=vault)), vault


def with_password(
    there: TestBank, who: Enrollee, password: Secret | None = None, *, seen_from: Environment = HOME
) -> object:
    """Log *who* in by login id; with the right password unless another is given."""
    typed = who.password if password is None else password
    return there.net.log_in.with_login_id(who.institution, who.login_id, typed, seen_from=seen_from)


def with_account(
    there: TestBank, who: Enrollee, password: Secret | None = None, *, seen_from: Environment = HOME
) -> object:
    """Log *who* in by account; with the right password unless another is given."""
    account = who.person.account
    return there.net.log_in.with_account(
        who.institution,
        account.branch.code,
        account.type.value,
        account.number.digits,
        who.password if password is None else password,
        seen_from=seen_from,
    )


def challenged(there: TestBank, who: Enrollee, *, seen_from: Environment = CAFE) -> QuestionAsked:
    """Log *who* in from an unusual place: the question."""
    told = with_password(there, who, seen_from=seen_from)
    assert isinstance(told, QuestionAsked), told
    return told


def stepped_up(there: TestBank, who: Enrollee, session: Secret) -> Secret:
    """Let *who* answer a question in his session, where any are asked: the session's new token."""
    if not there.profile.asks_questions:
        return session
    asked = there.net.step_up.ask(session)
    assert isinstance(asked, StepUpQuestion), asked
    told = there.net.step_up.answer(session, who.answer_to(asked.question))
    assert isinstance(told, SteppedUp), told
    return told.session


def confirmed(there: TestBank, who: Enrollee, session: Secret) -> Secret:
    """Let *who* show his confirmation password in his session, where the bank has them: the session's new token."""
    if there.profile.confirmation is None:
        return session
    told = there.net.step_up.confirm(session, who.confirmation)
    assert isinstance(told, Confirmed), told
    return told.session


def lock_password(there: TestBank, who: Enrollee) -> LockedOut:
    """Enter seven wrong passwords."""
    for _ in range(6):
        assert with_password(there, who, WRONG) == Refused()
    told = with_password(there, who, WRONG)
    assert isinstance(told, LockedOut), told
    return told


def block_password(there: TestBank, who: Enrollee) -> None:
    """Enter twenty-one wrong passwords, waiting each lockout out."""
    for _ in range(2):
        lock_password(there, who)
        there.clock.advance(REST)
    for _ in range(6):
        assert with_password(there, who, WRONG) == Refused()
    assert with_password(there, who, WRONG) == Blocked()


def lock_answer(there: TestBank, who: Enrollee) -> LockedOut:
    """Give seven wrong answers to one challenge."""
    asked = challenged(there, who)
    for _ in range(6):
        assert there.net.log_in.answer(asked.challenge, WRONG_ANSWER) == Refused()
    told = there.net.log_in.answer(asked.challenge, WRONG_ANSWER)
    assert isinstance(told, LockedOut), told
    return told


def block_answer(there: TestBank, who: Enrollee) -> None:
    """Give twenty-one wrong answers, waiting each lockout out."""
    for _ in range(2):
        lock_answer(there, who)
        there.clock.advance(REST)
    asked = challenged(there, who)
    for _ in range(6):
        assert there.net.log_in.answer(asked.challenge, WRONG_ANSWER) == Refused()
    assert there.net.log_in.answer(asked.challenge, WRONG_ANSWER) == Blocked()


def reserve(there: TestBank, who: Enrollee, counter: Counter = Counter.PASSWORD) -> object:
    """Take a ticket for a guess at *counter*, and leave it in flight."""

    def find(tx: Transaction, _: datetime) -> Contract:
        return _of(tx, who)

    return guess.reserve(there.net.platform, Operation.LOG_IN, counter, find)


def held(there: TestBank, who: Enrollee, counter: Counter = Counter.PASSWORD) -> Held:
    """A ticket that there must be."""
    told = reserve(there, who, counter)
    assert isinstance(told, Held), told
    return told


def settle_right(there: TestBank, ticket: Held) -> object:
    """Settle *ticket* as a right guess, and store what comes of it."""
    platform = there.net.platform

    def step(tx: Transaction) -> object:
        told = guess.settle_right(platform, tx, ticket, platform.now())
        if isinstance(told, Contract):
            tx.contracts.put(told)
        return told

    return platform.transact(step)


def contract_of(there: TestBank, who: Enrollee) -> Contract:
    """The contract of *who*, as it stands in the store."""
    return read(there.storage, lambda tx: _of(tx, who))


def rewrite(there: TestBank, who: Enrollee, change: Callable[[Contract], Contract]) -> None:
    """Write what *change* makes of the contract of *who*."""
    with there.storage.transaction() as tx:
        tx.contracts.put(change(_of(tx, who)))


def stored(there: TestBank, token: Secret) -> Session | None:
    """What is kept of the session whose *token* this is."""
    key = sha256(token.reveal().encode()).hexdigest()
    return read(there.storage, lambda tx: tx.sessions.by_key(key))


def suspend(there: TestBank, who: Enrollee) -> None:
    """Suspend the contract of *who*, as a clerk will do."""
    rewrite(there, who, lambda contract: evolve(contract, suspended_since=there.clock.now()))


def entries_of(there: TestBank, who: Enrollee) -> list[Entry]:
    """The audit chain of *who*."""
    return read(there.storage, lambda tx: list(tx.audit.chain(who.contract.text)))


def kinds(entries: Iterable[Entry]) -> list[str]:
    """What happened, by name."""
    return [entry.kind for entry in entries]


def letters(there: TestBank) -> list[Letter]:
    """Every letter that waits to be sent, as it was written, in the order of their writing."""
    now = there.clock.now()
    found = read(there.storage, lambda tx: tx.outbox.claim(now, now, 10_000))
    written = [evolve(letter, tries=0, due_at=letter.written_at) for letter in found]
    return sorted(written, key=lambda letter: (letter.written_at, letter.id))


def read(storage: Storage, ask: Callable[[Transaction], Told]) -> Told:
    """What *ask* finds."""
    with storage.transaction() as tx:
        return ask(tx)


def _of(tx: Transaction, who: Enrollee) -> Contract:
    contract = tx.contracts.by_id(who.institution, who.contract)
    assert contract is not None
    return contract
