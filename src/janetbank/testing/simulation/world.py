"""World: a bank with its customers, its staff and those who mean it harm, on a clock that is turned by the schedule.

Everybody uses the public operations alone, and what each was told is kept, for the story and for the history's digest.

Shape:  `World(plan, customers)`; `do(step)` carries a step out, whatever strikes it, and `finish()` sees to what must
        come of it all in the end.
Errors: `LawBroken`; anything that is neither that nor a port's failure is a broken law too.
Source: issue 7, part 2.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import partial
from random import Random
from tempfile import TemporaryDirectory
from typing import ClassVar, Literal, Protocol, TypeVar

from attrs import define, field

from janetbank import profiles
from janetbank.flows import operators as staff
from janetbank.flows.dispatch_mail import MailDispatcher
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.phone_auth import Started
from janetbank.flows.set_up_app import AppReady, SeedHandedOut
from janetbank.flows.step_up import SteppedUp, StepUpQuestion
from janetbank.flows.use_token import UseStarted
from janetbank.policies.authority import Role
from janetbank.policies.destinations import DestinationPool
from janetbank.ports.failures import PortError
from janetbank.ports.mail import Message, TryLater
from janetbank.ports.storage import Storage
from janetbank.profiles.profile import Profile
from janetbank.testing.bank import INSTITUTION, START, Enrollee, Person, TestBank
from janetbank.testing.simulation.faults import Fault, FaultKind, ProcessDied, SimulatedKeys, SimulatedStorage
from janetbank.testing.simulation.schedule import Act, Step
from janetbank.testing.simulation.watch import Frame, Law, LawBroken, Watch
from janetbank.values.account import Account
from janetbank.values.phone import PhoneNumber
from janetbank.values.secret import Secret
from janetbank_adapters.core_banking.books import When
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.keys.memory import MemoryKeys
from janetbank_adapters.reports.memory import MemoryReports
from janetbank_adapters.storage.memory import MemoryStorage

Store = Literal["memory", "sqlite"]

LINES = tuple(PhoneNumber.parse(f"0120-417-{number:03}") for number in range(1, 41))
START_PASSWORD = Secret("7351")
INITIAL = Secret("given#out#by#1")
PASSWORDS = (Secret("soil7+rain"), Secret("vase3#lamp"), Secret("oak&frost9"), Secret("moss-kite5"))
"""What customers choose; the first one is known to guessers, too."""
STAFF = {
    "mori": ("E-5", frozenset({Role.HELP_DESK})),
    "tanaka": ("E-2", frozenset({Role.OPERATOR})),
    "sato": ("E-3", frozenset({Role.SUPERVISOR})),
}
_STEP = timedelta(seconds=60)
_LETTERS = 26
_TOKENS_OF = 4
"""Every so many customers one has a token."""
_HOSTS: dict[FaultKind, When] = {
    FaultKind.HOST_BEFORE: "before",
    FaultKind.HOST_AFTER: "after",
    FaultKind.HOST_LATE: "late",
}
_AUDITED = 100
"""Every so many steps the chain of the customer is read from the store."""


class Outcome(Protocol):
    """Whatever the bank tells."""

    code: ClassVar[str]


_Told = TypeVar("_Told", bound=Outcome)


class StepEntropy:
    """The bank's chance, from the seed of the step under way: what is left out before it changes nothing in it."""

    def __init__(self, seed: int) -> None:
        self.begin(seed)

    def begin(self, draw: int) -> None:
        """Begin a step."""
        self._draw, self._now = draw, SeededEntropy(draw)
        self._drawn: list[Callable[[SeededEntropy], object]] = []

    def token(self, size: int) -> bytes:
        """As the port says."""
        self._drawn.append(lambda now: now.token(size))
        return self._now.token(size)

    def below(self, bound: int) -> int:
        """As the port says."""
        self._drawn.append(lambda now: now.below(bound))
        return self._now.below(bound)

    def drawn(self) -> int:
        """How often the step has drawn so far."""
        return len(self._drawn)

    def back(self, drawn: int) -> None:
        """Let it have drawn so often, and no more: what is done again draws the same, however often it is."""
        before = self._drawn[:drawn]
        self.begin(self._draw)
        self._drawn = before
        for one in before:
            one(self._now)


@define(eq=False)
class Customer:
    """One customer, with what he knows; where he does not know whether a change was kept he knows both."""

    who: Enrollee
    login_ids: list[str]
    passwords: list[Secret]
    seed: bytes | None = None
    closed_at: object = None
    """Since when he has not been let in, though he had the right to."""

    @property
    def chain(self) -> str:
        """Of his contract."""
        return self.who.contract.text

    @property
    def phone(self) -> str:
        """The number of his telephone."""
        return self.who.person.phones[0]


@define(eq=False)
class _Post:
    """Mail that is refused, or sent twice, by chance."""

    watch: Watch
    chance: Random | None = None
    copies: dict[str, int] = field(factory=dict[str, int], init=False)

    def send(self, message: Message) -> None:
        """As the port says."""
        luck = self.chance.random() if self.chance else 1.0
        if luck < 0.1:  # noqa: PLR2004 -- one in ten is lost
            raise TryLater("lost on its way")  # noqa: TRY003, EM101 -- a mail server's own words
        self.watch.sent(message.id)
        self.watch.count("letters")
        self.copies[message.id] = self.copies.get(message.id, 0) + 1
        if luck < 0.15:  # noqa: PLR2004 -- and one in twenty is taken without a word, so that it is sent again
            raise TryLater("no answer")  # noqa: TRY003, EM101 -- the same


@define(eq=False, slots=False)
class World:
    """See the module."""

    seed: int
    numbers: Collection[int]
    acts: "Mapping[Act, Callable[[World, Step], None]]"
    """How each act is done."""
    store: Store = "memory"
    profile: Profile = field(factory=lambda: profiles.fast_for_tests(profiles.JA))
    law: Profile | None = None
    """Whose numbers the bank is held to; None: its own."""
    hears: Callable[[str], None] = field(default=lambda _: None)
    """Told how far the world is made."""
    said: list[str] = field(factory=list[str], init=False)
    """What was done and told in the step under way."""
    back: list[timedelta] = field(factory=list[timedelta], init=False)
    """How long each honest customer waited until he was let in again."""
    appeals: list[int] = field(factory=list[int], init=False)
    """Who has handed in a form to be released by."""
    customers: dict[int, Customer] = field(factory=dict[int, Customer], init=False)
    chance: Random = field(factory=partial(Random, 0), init=False)
    step: Step | None = field(default=None, init=False)
    _points: int = field(default=0, init=False)
    _steps: int = field(default=0, init=False)
    _inside: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self.folder = TemporaryDirectory() if self.store == "sqlite" else None
        self.entropy = StepEntropy(self.seed)
        storage = SimulatedStorage(self._store(), self.entropy)
        keys = SimulatedKeys(MemoryKeys.fresh(self.entropy), self._evaluating)
        self.there = TestBank(self.profile, storage=storage, keys=keys, entropy=self.entropy)
        self.storage, self.net, self.clock = storage, self.there.net, self.there.clock
        self.watch = Watch(self.law or self.profile, self.clock)
        storage.committed = self.watch.committed
        self.there.exchange.pool = DestinationPool(LINES)
        self.post, self.reports = _Post(self.watch), MemoryReports()
        self.hired: dict[str, Secret] = {}
        self._paid = 0
        self._open()

    def _store(self) -> Storage:
        if self.folder is None:
            return MemoryStorage()
        from janetbank_adapters.storage.sql import connect, upgrade

        url = f"sqlite:///{self.folder.name}/bank.db"
        upgrade(url)
        return connect(url)

    def close(self) -> None:
        """Let the store go."""
        if self.folder is not None:
            self.storage.real.close()  # type: ignore[attr-defined]  # it is an SqlStorage
            self.folder.cleanup()

    # --- the scene ----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        for number in sorted(self.numbers):
            self.entropy.begin(hash((self.seed, number)))
            self.customers[number] = self._enrol(number)
            self.hears("customers")
        tokens = [one for number, one in self.customers.items() if number % _TOKENS_OF == 0]
        begun = [(one, self._applied(one)) for one in tokens]
        self.clock.advance(_STEP)
        for one, session in begun:
            told = self.net.use_token.start(session, self.code(one))
            assert isinstance(told, UseStarted), told
        self.clock.advance(_STEP)
        for name in STAFF:
            self.hire(name)

    def _enrol(self, number: int) -> Customer:
        name = "".join(chr(ord("a") + number // _LETTERS**place % _LETTERS) for place in range(4))
        person = Person(
            account=Account.parse("001", "ordinary", str(2_000_000 + number)),
            phones=(f"090-{1000 + number // 10_000:04}-{number % 10_000:04}",),
            mail=f"{name}@example.jp",
        )
        login_id, password = f"kz{name}48nd", PASSWORDS[number % len(PASSWORDS)]
        who = self.there.customer(login_id, password.reveal(), person=person)
        return Customer(who, [login_id], [password])

    def _applied(self, one: Customer) -> Secret:
        """Let *one* have a token whose use is about to start: his session."""
        session = self.there.log_in(one.who)
        asked = self.net.step_up.ask(session)
        assert isinstance(asked, StepUpQuestion), asked
        risen = self.net.step_up.answer(session, one.who.answer_to(asked.question))
        assert isinstance(risen, SteppedUp), risen
        session = risen.session
        mail = one.who.person.mail
        started = self.net.issue_token.apply(
            session, mail=mail, mail_again=mail, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
        )
        assert isinstance(started, Started), started
        self.owner_calls(one, started.destination)
        issued = self.net.issue_token.confirm(session, started.attempt)
        assert isinstance(issued, TokenIssued), issued
        handed = self.net.set_up_app.fetch(
            service_id=issued.service_id,
            user_id=issued.user_id,
            start_password=START_PASSWORD,
            device="telephone",
            version="4.1",
        )
        assert isinstance(handed, SeedHandedOut), handed
        one.seed = bytes.fromhex(handed.seed.reveal())
        ready = self.net.set_up_app.complete(handed.app, device="telephone", number=handed.number, code=self.code(one))
        assert isinstance(ready, AppReady), ready
        return session

    def hire(self, name: str) -> None:
        """Open an account for somebody behind the counter, and let him choose a password."""
        person, roles = STAFF[name]
        new = staff.NewOperator(operator=name, person=person, full_name=name, roles=set(roles), branch=None)
        told = staff.register(self.net.platform, INSTITUTION.id, new, INITIAL)
        assert isinstance(told, staff.Registered), told
        given = self.net.operators.sign_in(INSTITUTION.id, name, INITIAL)
        assert isinstance(given, staff.NewPasswordNeeded), given
        self.hired[name] = Secret("chosen#alone#27")
        own = self.hired[name]
        changed = self.net.operators.change_password(given.session, current=INITIAL, new=own, again=own)
        assert isinstance(changed, staff.OperatorPasswordChanged), changed

    def code(self, one: Customer, seed: bytes = bytes(20)) -> Secret:
        """What the app of *one* shows now; somebody else's, where he has none."""
        rules = self.profile.token.codes
        return rules.code(one.seed or seed, rules.step_at(self.clock.now()))

    def owner_calls(self, one: Customer, destination: str) -> None:
        """The telephone of *one* calls *destination*, whoever holds it."""
        self.watch.frame.owner_calls = one.chain
        self.there.exchange.telephone(one.phone).dial(destination)
        self.watch.frame.owner_calls = None

    # --- steps --------------------------------------------------------------------------------------------------------

    def do(self, step: Step) -> tuple[str, ...]:
        """Carry *step* out: what was done in it, and what was told."""
        if step.at > self.clock.now():
            self.clock.set(step.at)
        self.said, self._steps = [], self._steps + 1
        self._carry_out(step, self.acts[step.act])
        self._look_at_the_books()
        if self._steps % _AUDITED == 0 and step.customer in self.customers:
            self.watch.audit(self.storage.real, self.customers[step.customer].chain)
        return tuple(self.said)

    def _carry_out(self, step: Step, act: "Callable[[World, Step], None]") -> None:
        """Do *act*, until it is done or something strikes."""
        before = self.step, self.chance, self._points
        host, striking = self.there.core.reachable, self.storage.striking
        self.step, self.chance, self._points = step, Random(step.draw), 0  # noqa: S311 -- it shall repeat itself
        self.entropy.begin(step.draw)
        self.watch.frames.append(Frame())
        self._strike(step.fault)
        try:
            act(self, step)
        except LawBroken:
            raise
        except PortError as error:
            self.note(f"failed: {type(error).__name__} ({step.fault.kind.value if step.fault else error})")
        except ProcessDied as died:
            self.note(str(died))
        except Exception as error:
            law = Law.OUTCOMES
            raise LawBroken(law, f"{type(error).__name__}: {error}") from error
        finally:
            self.watch.frames.pop()
            self.step, self.chance, self._points = before
            self.there.core.reachable, self.storage.striking = host, striking

    def _strike(self, fault: Fault | None) -> None:
        self.storage.striking = (fault, fault.at) if fault else None
        kind = fault.kind if fault else None
        if kind is FaultKind.HOST_DOWN:
            self.there.core.reachable = False
        if kind in _HOSTS:
            self.there.core.books.time_out(_HOSTS[kind])

    def _evaluating(self) -> None:
        """A secret is about to be evaluated."""
        self.watch.evaluating()
        fault = self.step.fault if self.step else None
        if fault is not None and fault.kind is FaultKind.DIED_CHECKING and self._points >= fault.at:
            raise ProcessDied(fault.kind.value)
        if fault is not None and fault.kind is FaultKind.SLOW and self._points >= fault.at:
            self.clock.advance(timedelta(seconds=self.chance.choice([10, 31, 90, 4000])))
        self.breathe()

    def breathe(self) -> None:
        """Let what happens in the middle of the step happen, if this is where."""
        step = self.step
        if step is None or self._inside:
            return
        self._points += 1
        if self._points != step.point + 1:
            return
        self._inside = True
        for other in step.meanwhile:
            self.note(f"meanwhile, {other.act.value}:")
            self._carry_out(other, self.acts[other.act])
        self._inside = False

    # --- asking the bank ----------------------------------------------------------------------------------------------

    def note(self, what: str) -> None:
        """Keep *what* happened for the story."""
        self.said.append(what)

    def ask(self, what: str, call: Callable[[], _Told]) -> _Told:
        """Ask the bank something: what it told; a second passes."""
        self.breathe()
        told = call()
        self.note(f"{what}: {told.code}")
        self.clock.advance(timedelta(seconds=1))
        return told

    def inside(self, one: Customer, session: Secret, what: str, call: Callable[[], _Told], *refused: type) -> _Told:
        """Ask for something that is to be had inside only; *refused* are the answers of a closed door."""
        self.breathe()
        told = call()
        self.note(f"{what}: {told.code}")
        if not isinstance(told, refused):
            self.watch.entered(one.chain, self.net.platform.vault.token_key(session), f"{what} ({told.code})")
        self.clock.advance(timedelta(seconds=1))
        return told

    def came_in(self, one: Customer) -> None:
        """*one* is in again."""
        if isinstance(one.closed_at, type(START)):
            self.back.append(self.clock.now() - one.closed_at)
        one.closed_at = None

    def kept_out(self, one: Customer) -> None:
        """*one* would have been let in, had nobody guessed."""
        one.closed_at = one.closed_at or self.clock.now()

    # --- what must come of it -----------------------------------------------------------------------------------------

    def _look_at_the_books(self) -> None:
        done = self.there.core.books.done
        for content in done[self._paid :]:
            self.watch.executed(content)
        self._paid = len(done)

    def finish(self) -> None:
        """See that every letter has left, and that every chain is whole."""
        self.post.chance = None
        for _ in range(3):
            self.clock.advance(timedelta(hours=5))
            while MailDispatcher(self.net.platform, self.post)(500).sent:
                pass
        if self.watch.letters:
            raise LawBroken(Law.LETTERS, f"{len(self.watch.letters)} never did")
        for one in self.customers.values():
            self.watch.audit(self.storage.real, one.chain)
