"""Tokens: what the flows of a software token share: the seed, the code, the app that holds it.

A code is evaluated like every secret: reserve, verify, settle.  It is verified in the transaction that settles it,
against the token as it stands there, so that of two equal codes at once one is taken (TRAPS "compare-and-set").

Shape:  `spend_code` and `spend_answer` return the contract and the token to go on with, not yet put, or the answer.
Source: OTP-11, LCK-12; standards.md C19, C22, C24; TRAPS "One-time passwords".
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, TypeVar

from attrs import evolve, frozen

from janetbank.flows import gate, guess
from janetbank.flows.guess import Held
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import Closed, OutsideServiceHours, Refused, SessionEnded
from janetbank.flows.typed import can_name
from janetbank.model.audit import Event
from janetbank.model.contract import Contract, Counter
from janetbank.model.token import Token
from janetbank.policies.admission import Operation
from janetbank.policies.one_time_password import Accepted, OtpVerdict, WrongCode
from janetbank.policies.phone_auth import LONGEST
from janetbank.policies.token import TokenEvent, TokenState
from janetbank.ports.storage import Transaction
from janetbank.values.otp_method import OtpMethod
from janetbank.values.secret import Secret

_Told = TypeVar("_Told")

_ANSWERS = b"janetbank: answers to approvals"


@frozen
class NoToken:
    """There is no token in the state that this needs."""

    code: ClassVar[str] = "token.none"


@frozen(kw_only=True)
class AppKey:
    """What a token app shows of itself: the ids of its token, and the key it was given when it fetched its seed."""

    service_id: str
    user_id: str
    key: Secret


def verdict_on(platform: Platform, token: Token | None, code: Secret, now: datetime) -> OtpVerdict:
    """Whether *code* is taken of *token* now; nobody who calls a port afterwards holds the seed.

    Without a seed the same codes are made and compared, of a seed that nobody has.
    """
    rules, vault = platform.profile.token.codes, platform.vault
    if token is None or token.seed is None:
        rules.verify(vault.decoy_seed, code, now, after=None)
        return WrongCode()
    return rules.verify(vault.open(token.seed, *token.row), code, now, after=token.last_step)


def answer_key(seed: bytes) -> bytes:
    """The key of the answers to approvals, which nobody learns from a code, nor a code from it."""
    return hmac.digest(seed, _ANSWERS, "sha256")


def method_of(token: Token | None) -> OtpMethod | None:
    """The method of a token in use, or None."""
    return token.method if token is not None and token.state is TokenState.IN_USE else None


def spend_code(
    platform: Platform,
    tx: Transaction,
    held: Held,
    code: Secret,
    now: datetime,
    fits: Callable[[Token], bool],
) -> tuple[Contract, Token] | Refused | Closed:
    """Settle the guess at a code of the latest token, if it *fits*; taken once, for a step later than the last."""
    token = tx.tokens.latest_of(held.contract.institution, held.contract.id)
    verdict = verdict_on(platform, token, code, now)
    if token is None or not fits(token) or not isinstance(verdict, Accepted):
        return guess.count_wrong(platform, tx, held, now)
    contract = guess.settle_right(platform, tx, held, now)
    if not isinstance(contract, Contract):
        return contract
    return contract, evolve(token, last_step=verdict.step)


def lapsed(platform: Platform, token: Token, now: datetime) -> Token:
    """*token* as *now* finds it: one whose call never came, or whose app was never set up, has ended."""
    if token.state is TokenState.PHONE_PENDING and now > token.since + LONGEST:
        return token.on(TokenEvent.GIVE_UP, now)
    if token.state is TokenState.ISSUED and not platform.profile.token.set_up.in_time(token.since, now):
        return token.on(TokenEvent.MISS_DEADLINE, now)
    return token


def write(tx: Transaction, contract: Contract, token: Token, now: datetime, *events: Event) -> Contract:
    """Put both, with *events* in the contract's chain."""
    contract, entries = contract.recorded(now, *events)
    tx.contracts.put(contract)
    tx.tokens.put(token)
    tx.audit.append(entries)
    return contract


def whose_app(platform: Platform, app: AppKey) -> Callable[[Transaction, datetime], Contract | SessionEnded]:
    """How `guess.reserve` finds the contract of a token app."""

    def find(tx: Transaction, now: datetime) -> Contract | SessionEnded:
        token = token_of_app(platform, tx, app, now)
        contract = None if token is None else tx.contracts.by_id(token.institution, token.contract)
        return SessionEnded() if contract is None else contract

    return find


def token_of_app(platform: Platform, tx: Transaction, app: AppKey, now: datetime) -> Token | None:
    """The latest token of a contract, whose app this is; the app of a token that has lapsed is nobody's."""
    named = can_name(app.service_id, app.user_id)
    token = tx.tokens.by_ids(app.service_id, app.user_id) if named else None
    if token is None or lapsed(platform, token, now).app_key != platform.vault.token_key(app.key):
        return None
    return token if tx.tokens.latest_of(token.institution, token.contract) == token else None


def for_app(
    platform: Platform,
    operation: Operation,
    app: AppKey,
    act: Callable[[Transaction, Contract, Token, datetime], _Told],
) -> _Told | NoToken | Closed | OutsideServiceHours:
    """Do *act* in one transaction for the token whose app this is, if the door is open to its holder now."""

    def step(tx: Transaction) -> _Told | NoToken | Closed | OutsideServiceHours:
        now = platform.now()
        token = token_of_app(platform, tx, app, now)
        contract = None if token is None else tx.contracts.by_id(token.institution, token.contract)
        if token is None or contract is None:
            return NoToken()
        no = gate.out_of_hours(platform, operation, now) or gate.closed(platform, operation, contract, now)
        return no or act(tx, contract, token, now)

    return platform.transact(step)


def released(platform: Platform, contract: Contract) -> Contract:
    """*contract* with the counters of its token open, for a new token."""
    for counter in (Counter.START_PASSWORD, Counter.CODE):
        contract = contract.with_tally(counter, platform.profile.lockout(counter).release(contract.tally(counter)))
    return contract
