"""What a login costs: beside its floor, beside nobody's, and on a locked contract."""

from collections.abc import Iterator
from functools import partial
from itertools import count
from statistics import median
from time import perf_counter

from sqlalchemy import text

from benchmarks.figures import Figure, taking_turns
from benchmarks.stores import ALL, ON_DISK, Store, bare_verify, own_verify
from janetbank.flows.log_in import LoggedIn
from janetbank.flows.refusals import LockedOut, Refused
from janetbank.testing.bank import HOME, Enrollee, Person
from janetbank.values.account import Account
from janetbank.values.secret import Secret
from janetbank_adapters.storage.sql import SqlStorage

ROUNDS = 150
TIMINGS = 500
TOLERATED = 6
NUMBERS = count(1)
"""Of the customers made up, each once in the whole run."""


def measure() -> Iterator[Figure]:
    """Every figure of this file."""
    for open_store in ALL:
        with open_store() as store:
            customer = store.bank.customer()
            yield from logging_in(store, customer)
            yield from wrong_entry(store)
            yield nobody(store)
    for open_store in ON_DISK:
        with open_store() as store:
            yield locked(store)


def enter(store: Store, customer: Enrollee) -> None:
    """Log in, as the customer does every day."""
    bank = store.bank
    told = bank.net.log_in.with_login_id(customer.institution, customer.login_id, customer.password, seen_from=HOME)
    assert isinstance(told, LoggedIn), told


def logging_in(store: Store, customer: Enrollee) -> Iterator[Figure]:
    """A successful login ÷ (a bare verification + two bare durable commits).

    And ÷ the same with the verification as the vault does it, by libsodium: what all the rest costs.
    """
    login, bare, own, commit = taking_turns(
        partial(enter, store, customer),
        bare_verify(),
        own_verify(),
        lambda: (store.commit(), store.commit()),
        rounds=ROUNDS,
    )
    in_memory = store.name == "memory"
    floor = bare if in_memory else bare + commit
    yield Figure(
        name=f"login ÷ floor, {store.name}",
        ratio=login / floor,
        bound=1.03 if in_memory else 1.05,
        details={
            "login_ms": login * 1e3,
            "verify_ms": bare * 1e3,
            "two_commits_ms": 0.0 if in_memory else commit * 1e3,
        },
    )
    yield Figure(name=f"login ÷ bare verify, {store.name}", ratio=login / bare)
    least = own if in_memory else own + commit
    yield Figure(
        name=f"login ÷ (its own verify and two commits), {store.name}",
        ratio=login / least,
        details={"own_verify_ms": own * 1e3},
    )


def wrong_entry(store: Store) -> Iterator[Figure]:
    """A wrong entry that does not lock ÷ (a bare verification + one bare durable commit)."""
    verify, wrong = bare_verify(), crowd_of_wrong_guesses(store)
    entries: list[float] = []
    bare, commit, _ = taking_turns(verify, store.commit, lambda: entries.append(next(wrong)), rounds=ROUNDS)
    floor = bare if store.name == "memory" else bare + commit
    yield Figure(name=f"wrong entry ÷ (verify + one commit), {store.name}", ratio=median(entries) / floor)


def crowd_of_wrong_guesses(store: Store) -> Iterator[float]:
    """Wrong guesses at one customer after another, none of them locked; yields the seconds that each took."""
    for number in NUMBERS:
        customer = someone(store, number)
        for _ in range(TOLERATED):
            start = perf_counter()
            told = store.bank.guess(customer.login_id, "wr0ng-guess")
            spent = perf_counter() - start
            assert isinstance(told, Refused), told
            yield spent


def someone(store: Store, number: int) -> Enrollee:
    """The *number*-th further customer."""
    person = Person(account=Account.parse("327", "ordinary", str(4_000_000 + number)))
    return store.bank.customer(f"zqk{number:05}w", person=person)


def nobody(store: Store) -> Figure:
    """How well time alone tells an unknown id from a wrong password: 0.5 is not at all (AUC)."""
    wrong = crowd_of_wrong_guesses(store)
    known: list[float] = []
    unknown: list[float] = []
    for number in range(TIMINGS):
        known.append(next(wrong))
        start = perf_counter()
        told = store.bank.guess(f"xvm{number:05}p", "wr0ng-guess")
        unknown.append(perf_counter() - start)
        assert isinstance(told, Refused), told
    later = sum((a > b) + (a == b) / 2 for a in known for b in unknown) / TIMINGS**2
    return Figure(
        name=f"unknown id against wrong password, AUC, {store.name}",
        ratio=max(later, 1 - later),
        bound=0.55,
        details={"known_ms": median(known) * 1e3, "unknown_ms": median(unknown) * 1e3},
    )


def locked(store: Store) -> Figure:
    """Refusing a locked contract: its rate ÷ the rate of one hand-written SELECT through the same pool."""
    assert isinstance(store.storage, SqlStorage)
    customer = store.bank.customer()
    while not isinstance(store.bank.guess(customer.login_id, "wr0ng-guess"), LockedOut):
        pass
    door, password = store.bank.net.log_in, Secret("wr0ng-guess")
    pool, by_key = store.storage.pool, text("select * from contract where institution = :i and id = :c")
    key = {"i": customer.institution.code, "c": customer.contract.text}

    def refuse() -> None:
        told = door.with_login_id(customer.institution, customer.login_id, password, seen_from=HOME)
        assert isinstance(told, LockedOut)

    def select() -> None:
        with pool.connect() as connection:
            assert connection.execute(by_key, key).one()

    ours, theirs = taking_turns(refuse, select, rounds=2000)
    return Figure(
        name=f"refusals of a locked contract ÷ SELECTs, {store.name}",
        ratio=theirs / ours,
        bound=0.5,
        at_least=True,
        details={"refusals_per_s": 1 / ours, "selects_per_s": 1 / theirs},
    )
