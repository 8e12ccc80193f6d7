"""What it costs to authorise a transfer by a code: a durable commit, one that is not, and what stands between them.

Where a durable commit waits for a synchronous standby elsewhere (docs/deployment.md), it is little more than that; on a
disk that flushes in a third of a millisecond it is what Python does meanwhile.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any, cast

from attrs import frozen

from benchmarks.figures import Figure, taking_turns
from benchmarks.stores import ON_DISK, Store, postgres_and_standby
from janetbank import profiles
from janetbank.flows.hand_over import Executed
from janetbank.flows.instruct import CodeNeeded, Order
from janetbank.flows.issue_token import TokenIssued
from janetbank.flows.phone_auth import Started
from janetbank.flows.prove import Authorised
from janetbank.flows.set_up_app import AppReady, SeedHandedOut
from janetbank.flows.step_up import SteppedUp, StepUpQuestion
from janetbank.flows.use_token import UseStarted
from janetbank.testing.bank import PAYEE, Enrollee, TestBank
from janetbank.values.instruction import InstructionKind
from janetbank.values.moment import in_japan
from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank_adapters.storage.sql.engine import Engine
from janetbank_adapters.storage.sql.storage import SqlStorage, open_engine

ROUNDS = 300
READS = 3
STEP = timedelta(seconds=60)
START_PASSWORD, DEVICE, MAIL = Secret("7351"), "a telephone", "taro@keitai.example.jp"


def measure() -> Iterator[Figure]:
    """Every figure of this file."""
    for open_store in (*ON_DISK, postgres_and_standby):
        with open_store() as store:
            yield from transferring(store)


class Watch:
    """How many *seconds* an engine and its connections took for what they were asked."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def over(self, engine: Engine) -> Engine:
        """*engine*, watched."""
        return cast("Engine", _Watched(engine, self))

    def call(self, asked: Callable[..., Any], *args: Any, **named: Any) -> Any:  # noqa: ANN401 -- whatever it is asked
        """Do what is *asked*; a connection that is handed out is watched, too."""
        start = perf_counter()
        told = asked(*args, **named)
        self.seconds += perf_counter() - start
        return _Watched(told, self) if asked.__name__ == "take" else told


class _Watched:
    def __init__(self, inner: object, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the engine has
        there = getattr(self._inner, name)
        return partial(self._watch.call, there) if callable(there) else there


@frozen
class Customer:
    """A customer with a token in use."""

    bank: TestBank
    who: Enrollee
    seed: SeedHandedOut

    @classmethod
    def of(cls, bank: TestBank) -> "Customer":
        """One who has just started its use."""
        who = bank.customer()
        session = bank.log_in(who)
        asked = bank.net.step_up.ask(session)
        assert isinstance(asked, StepUpQuestion), asked
        risen = bank.net.step_up.answer(session, who.answer_to(asked.question))
        assert isinstance(risen, SteppedUp), risen
        session, net = risen.session, bank.net.issue_token
        started = net.apply(
            session, mail=MAIL, mail_again=MAIL, start_password=START_PASSWORD, again=START_PASSWORD, phone=0
        )
        assert isinstance(started, Started), started
        bank.exchange.telephone(who.person.phones[0]).dial(started.destination)
        ids = net.confirm(session, started.attempt)
        assert isinstance(ids, TokenIssued), ids
        handed = bank.net.set_up_app.fetch(
            service_id=ids.service_id,
            user_id=ids.user_id,
            start_password=START_PASSWORD,
            device=DEVICE,
            version="4.1",
        )
        assert isinstance(handed, SeedHandedOut), handed
        customer = cls(bank, who, handed)
        done = bank.net.set_up_app.complete(handed.app, device=DEVICE, number=handed.number, code=customer.code())
        assert done == AppReady(), done
        bank.clock.advance(STEP)
        assert isinstance(bank.net.use_token.start(session, customer.code()), UseStarted)
        return customer

    def code(self) -> Secret:
        """What the app shows now."""
        rules = self.bank.profile.token.codes
        return rules.code(bytes.fromhex(self.seed.seed.reveal()), rules.step_at(self.bank.clock.now()))

    def log_in(self) -> Secret:
        """A session, a minute later, so that the next code is a new one."""
        self.bank.clock.advance(STEP)
        return self.bank.log_in(self.who)


def order(customer: Customer) -> Order:
    """A yen, today, to somebody typed for this once."""
    return Order(
        kind=InstructionKind.AD_HOC_TRANSFER,
        payee_bank=PAYEE.bank,
        payee=PAYEE.account,
        payee_name=PAYEE.name,
        amount=Yen(1),
        date=in_japan(customer.bank.clock.now()).date(),
    )


def transferring(store: Store) -> Iterator[Figure]:
    """Authorising by a code, and handing over to a host in memory, each ÷ two bare durable commits.

    Beside them what a program could do that keeps no chain and counts nothing: it reads whose session that is, what was
    to be transferred and which code was taken last, and commits twice.  And of authorising itself the part that the
    driver takes, which is left whatever is saved in Python.
    """
    watch = Watch()
    with SqlStorage(watch.over(open_engine(store.url, patience=5.0, connections=16))) as storage:
        yield from _transferring(store, Customer.of(TestBank(profiles.JA, storage=storage)), watch)


def _transferring(store: Store, customer: Customer, watch: Watch) -> Iterator[Figure]:
    instruct = customer.bank.net.instruct
    codes: list[float] = []
    statements: list[float] = []
    hand_overs: list[float] = []

    def one() -> None:
        session = customer.log_in()
        asked = instruct.request(session, order(customer))
        assert isinstance(asked, CodeNeeded), asked
        code = customer.code()
        before, start = watch.seconds, perf_counter()
        told = instruct.enter_code(session, asked.reference, code)
        codes.append(perf_counter() - start)
        statements.append(watch.seconds - before)
        assert isinstance(told, Authorised), told
        start = perf_counter()
        done = instruct.execute(session, asked.reference)
        hand_overs.append(perf_counter() - start)
        assert isinstance(done, Executed), done

    def least() -> None:
        for _ in range(READS):
            store.read()
        store.commit()
        store.commit()

    _, floor, bare = taking_turns(one, lambda: (store.commit(), store.commit()), least, rounds=ROUNDS)
    yield Figure(name=f"three bare SELECTs and two commits ÷ two commits, {store.name}", ratio=bare / floor)
    for what, spent, bound in (
        ("authorising by a code, the driver's part", statements, None),
        ("authorising a transfer by a code", codes, 1.10),
        ("handing a transfer over", hand_overs, None),
    ):
        yield Figure(
            name=f"{what} ÷ two commits, {store.name}",
            ratio=median(spent) / floor,
            bound=bound,
            details={"ms": median(spent) * 1e3, "two_commits_ms": floor * 1e3},
        )
