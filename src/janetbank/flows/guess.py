"""Guess: reserve, verify, settle: the only way in which this library evaluates a secret of a contract.

    match reserve(...):                     # one durable commit: the guess is counted before it is checked
        case Held() as held: ...            # verify outside any transaction
    settle_wrong(...) or settle_right(...)  # inside the transaction that lets somebody in

What takes its time to verify, a hash, goes by `verified`: what was wrong is counted, what was right is still to settle.
What takes none, a code, goes by `at_once`: it is verified in the transaction that settles it.

Shape:  `reserve` and `verified` return `Held`, or the refusal to hand on; `find` says whose counter it is.
Errors: what the ports raise; a reservation whose settling failed counts as wrong at its deadline.
Source: LCK-01..03, 10, 11, 16; ARCHITECTURE idea 3; docs/decisions/0001, 0003, 0005.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar, assert_never

from attrs import evolve, frozen

from janetbank.flows import gate
from janetbank.flows.letters import notify
from janetbank.flows.platform import MustBeDurableError, Platform
from janetbank.flows.refusals import Closed, Refused, TryAgain
from janetbank.flows.sessions import Found
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, Counter
from janetbank.model.events import (
    Blocked,
    GuessGivenBack,
    GuessReserved,
    GuessRight,
    GuessTooLate,
    GuessWrong,
    LockedOut,
)
from janetbank.model.letter import LetterCode
from janetbank.model.session import Session
from janetbank.model.token import Token
from janetbank.policies import lockout
from janetbank.policies.admission import Operation
from janetbank.policies.lockout import Tally, Ticket
from janetbank.policies.token import TokenEvent
from janetbank.ports.storage import Conflict, Transaction
from janetbank.values.secret import Secret

_NotFound = TypeVar("_NotFound")
_Told = TypeVar("_Told")

_ENDS = {Counter.START_PASSWORD: TokenEvent.USE_UP_TRIES, Counter.CODE: TokenEvent.LOCK}
"""What happens to the token when one of its counters blocks; a lock that time opens leaves it as it is."""


@frozen
class Held:
    """A guess at *counter*'s secret may be evaluated on *contract*, as it was stored with the *ticket*.

    *by* is what whoever guesses was found by, where he has a session.
    """

    operation: Operation
    counter: Counter
    contract: Contract
    ticket: Ticket
    by: Found | None

    @property
    def session(self) -> Session | None:
        """That of whoever guesses, where he has one."""
        return None if self.by is None else self.by.session


def save(tx: Transaction, contract: Contract) -> None:
    """Write *contract*, new or read."""
    if contract.version:
        tx.contracts.put(contract)
    else:
        tx.contracts.add(contract)


def reserve(
    platform: Platform,
    operation: Operation,
    counter: Counter,
    find: Callable[[Transaction, datetime], Contract | Found | _NotFound],
    *,
    durable: bool = True,
) -> Held | Closed | TryAgain | _NotFound:
    """Take a ticket for one guess at *counter* of the contract that *find* finds, in a durable commit.

    Where *find* finds something else, that is the answer.  A closed door is answered without writing anything.
    """

    def step(tx: Transaction) -> Held | Closed | TryAgain | _NotFound:
        now = platform.now()
        found = find(tx, now)
        if not isinstance(found, Contract | Found):
            return found
        contract, by = (found, None) if isinstance(found, Contract) else (found.contract, found)
        before = contract.tally(counter)
        tally, verdict = platform.profile.lockout(counter).reserve(before, now)
        if _tripped(before, tally) and not tx.durable:
            raise MustBeDurableError
        if (no := gate.closed(platform, operation, contract, now)) is not None:
            # A ticket that was taken behind a door closed for another reason is not kept.
            if _tripped(before, tally) and not isinstance(verdict, lockout.Reserved):
                _store(platform, tx, contract, counter, tally, now)
            return no
        if not isinstance(verdict, lockout.Reserved):
            return TryAgain()
        reserved = GuessReserved(counter.value, verdict.ticket.number)
        contract = _store(platform, tx, contract, counter, tally, now, reserved)
        return Held(operation, counter, contract, verdict.ticket, by)

    try:
        return platform.transact(step, durable=durable)
    except Conflict:
        return TryAgain()


def verified(
    platform: Platform,
    operation: Operation,
    counter: Counter,
    find: Callable[[Transaction, datetime], Contract | Found | _NotFound],
    right: Callable[[Held], bool],
) -> Held | Refused | Closed | TryAgain | _NotFound:
    """A guess that *right* finds to be right, outside any transaction, and that is to be settled so; or the refusal."""
    held = reserve(platform, operation, counter, find)
    return settle_wrong(platform, held) if isinstance(held, Held) and not right(held) else held


def at_once(
    platform: Platform,
    operation: Operation,
    counter: Counter,
    find: Callable[[Transaction, datetime], Contract | Found | _NotFound],
    settle: Callable[[Held, Transaction], _Told],
) -> _Told | Closed | TryAgain | _NotFound:
    """A guess at a secret that takes no time to verify: reserved, then verified and settled by *settle*.

    Nobody learns how it ended before that is durable, and with it everything is that was committed before: so the
    reservation itself need not wait for the disk (docs/decisions/0003).
    """
    held = reserve(platform, operation, counter, find, durable=False)
    if not isinstance(held, Held):
        return held
    return platform.transact(partial(settle, held))


def settle_wrong(platform: Platform, held: Held) -> Refused | Closed:
    """Count the guess as wrong.  Not durable unless it locks: the reservation already counts it."""
    return platform.transact(lambda tx: count_wrong(platform, tx, held, platform.now()), durable=False)


def count_wrong(platform: Platform, tx: Transaction, held: Held, now: datetime) -> Refused | Closed:
    """Count the guess as wrong in a transaction that is open already; where it locks that must be a durable one."""
    contract = tx.contracts.again(held.contract)
    before = contract.tally(held.counter)
    tally, verdict = platform.profile.lockout(held.counter).settle_wrong(before, held.ticket, now)
    if _tripped(before, tally) and not tx.durable:
        raise MustBeDurableError
    standing = type(verdict).__name__.lower()
    wrong = GuessWrong(held.counter.value, held.ticket.number, standing)
    contract = _store(platform, tx, contract, held.counter, tally, now, wrong)
    return gate.closed(platform, held.operation, contract, now) or Refused()


def settle_right(platform: Platform, tx: Transaction, held: Held, now: datetime) -> Contract | Refused | Closed:
    """Clear the counter: the contract to go on with (to be stored by the caller), or the answer where it is too late.

    A right guess whose ticket has run out gets the answer of a wrong one, and the door may have closed meanwhile.
    Whatever ended the contract's sessions since the reservation (another secret, another login id) ends this guess,
    too: what was verified may no longer be what counts.
    """
    contract = tx.contracts.again(held.contract)
    before, rule = contract.tally(held.counter), platform.profile.lockout(held.counter)
    if contract.session_epoch == held.contract.session_epoch:
        tally, verdict = rule.settle_right(before, held.ticket, now)
    else:
        tally, verdict = rule.settle_wrong(before, held.ticket, now)[0], lockout.Void()
    counted = contract.with_tally(held.counter, tally)
    no = gate.closed(platform, held.operation, counted, now)
    if isinstance(verdict, lockout.Void):
        late = GuessTooLate(held.counter.value, held.ticket.number)
        _store(platform, tx, contract, held.counter, tally, now, late)
        return no or Refused()
    if no is not None:
        right = GuessRight(held.counter.value, held.ticket.number)
        _store(platform, tx, contract, held.counter, tally, now, right)
        return no
    return counted


def give_back(platform: Platform, held: Held) -> None:
    """Nobody learned whether the guess was right, since whoever was asked did not answer: it counts for nothing.

    Not durable: where it is lost, the guess counts as wrong at its deadline, as everything does that nobody settles.
    """
    platform.transact(lambda tx: count_nothing(platform, tx, held, platform.now()), durable=False)


def count_nothing(platform: Platform, tx: Transaction, held: Held, now: datetime) -> None:
    """Give the guess back in a transaction that is open already: nothing was evaluated."""
    contract, rule = tx.contracts.again(held.contract), platform.profile.lockout(held.counter)
    tally, _ = rule.give_back(contract.tally(held.counter), held.ticket, now)
    given_back = GuessGivenBack(held.counter.value, held.ticket.number)
    _store(platform, tx, contract, held.counter, tally, now, given_back)


def question_for(platform: Platform, contract: Contract) -> int:
    """Which registered question of *contract* to ask: random, and then the same until answered or locked (AMB-26)."""
    drawn = platform.entropy.below(len(contract.questions))
    return platform.profile.questions.choose(contract.asked, len(contract.questions), drawn)


def password_right(platform: Platform, password: Secret, held: Held) -> bool:
    """Whether *password* is that of the contract."""
    return platform.vault.check(platform.profile.password.canonical(password), held.contract.password).right


def confirmation_right(platform: Platform, confirmation: Secret, held: Held) -> bool:
    """Whether *confirmation* is that of the contract, at a bank that has such passwords.

    Who has none, as from before the bank had them, has none that could be right.
    """
    settings = platform.profile.confirmation
    stored = held.contract.confirmation or platform.vault.decoy_hash
    return settings is not None and platform.vault.check(settings.password.canonical(confirmation), stored).right


def answer_right(platform: Platform, answer: Secret, held: Held) -> bool:
    """Whether *answer* is that of the question which the session was asked; where it was asked none, nothing is."""
    question = None if held.session is None else held.session.question
    stored = platform.vault.decoy_hash if question is None else held.contract.questions[question].answer
    return platform.vault.check(platform.profile.questions.canonical(answer), stored).right


def _tripped(before: Tally, after: Tally) -> bool:
    return after.lockouts > before.lockouts


def _store(
    platform: Platform,
    tx: Transaction,
    contract: Contract,
    counter: Counter,
    tally: Tally,
    now: datetime,
    *events: Event,
) -> Contract:
    """Write the counter with its events; what locks or blocks has its consequences and is told to the customer."""
    trips: tuple[Event, ...] = ()
    ended: Token | None = None
    if _tripped(contract.tally(counter), tally):
        blocked = tally.blocked_since is not None
        trips = (Blocked(counter.value),) if blocked else (LockedOut(counter.value, tally.lockouts),)
        ended = _ended_token(tx, contract, counter, now) if blocked else None
        contract, letter = _shut(contract, counter, blocked=blocked)
        notify(platform, tx, contract, letter, now)
    contract, entries = contract.with_tally(counter, tally).recorded(now, *events, *trips)
    save(tx, contract)
    tx.audit.append(entries)
    if ended is not None:
        tx.tokens.put(ended)
    return contract


def _shut(contract: Contract, counter: Counter, *, blocked: bool) -> tuple[Contract, LetterCode]:
    """What a lock or block of *counter* brings with it, and how the customer is told."""
    match counter:
        case Counter.PASSWORD:
            contract = contract.end_sessions()
        case Counter.ANSWER:
            contract = evolve(contract.end_sessions(), asked=None)
        case Counter.START_PASSWORD:
            return contract, LetterCode.TOKEN_VOID if blocked else LetterCode.LOCKED_OUT
        case Counter.CODE:
            return contract, LetterCode.TOKEN_LOCKED if blocked else LetterCode.LOCKED_OUT
        case Counter.PAYMENT:
            return contract, LetterCode.PAYMENTS_BLOCKED if blocked else LetterCode.PAYMENTS_LOCKED_OUT
        case Counter.MAIL_PASSWORD:
            return contract, LetterCode.MAIL_PASSWORD_BLOCKED if blocked else LetterCode.MAIL_PASSWORD_LOCKED_OUT
        case Counter.CONFIRMATION:
            return contract, LetterCode.CONFIRMATION_BLOCKED if blocked else LetterCode.CONFIRMATION_LOCKED_OUT
        case _ as never:
            assert_never(never)
    return contract, LetterCode.BLOCKED if blocked else LetterCode.LOCKED_OUT


def _ended_token(tx: Transaction, contract: Contract, counter: Counter, now: datetime) -> Token | None:
    """The token that ends with a block of *counter*, not yet put; None where none does."""
    if (event := _ENDS.get(counter)) is None:
        return None
    token = tx.tokens.latest_of(contract.institution, contract.id)
    return token.on(event, now) if token is not None and token.can(event) else None
