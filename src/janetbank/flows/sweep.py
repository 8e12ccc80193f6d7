"""Sweeping: what is over, and was kept long enough, is forgotten, so that no store grows for ever by what passes.

    sweep(platform) -> Swept        now and then: each hour, each night

* A token whose call never came, or whose app was never set up in time, is not forgotten but ended: the hash of its
  start password, and a seed that was fetched for it, go at their deadline, whatever is kept otherwise; its customer is
  told that it is void.
* Nothing that anybody could still go on with is swept, whatever the retention, and nothing that counts: neither a
  contract's counters nor a decoy's (docs/decisions/0004), nor the latest phone attempt of a contract.  So whether a
  bank sweeps, and when, changes no answer to a customer, but that a request he left unexecuted is gone.  And nothing
  that a branch has yet to read: an acceptance goes when its report was written, and is as old as what was executed.
* What is swept takes its secrets along: the hashes of a procedure, the digits of a call, the token of a session.
* The audit log is not swept: each chain stays, with or without its owner.  Nothing is written to it but the end of a
  token, in its contract's chain.

Shape:  `sweep(platform)`; each kind in a transaction of its own, so that it may be interrupted and done again.
Errors: what the store raises; what was swept before stays so.
Source: ASVS 14.2.7; CRD-11, APP-23, ENR-17; `janetbank.policies.retention`.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial

from attrs import frozen

from janetbank.flows.letters import notify
from janetbank.flows.platform import Platform
from janetbank.flows.tokens import lapsed, write
from janetbank.model.batch import BatchStep
from janetbank.model.events import TokenMoved
from janetbank.model.letter import LetterCode
from janetbank.model.token import Token
from janetbank.policies.phone_auth import LONGEST
from janetbank.policies.token import TokenState
from janetbank.ports.storage import Transaction

_PAGE = 100


@frozen(kw_only=True)
class Swept:
    """How many of each were forgotten; of the tokens, how many ended."""

    tokens: int
    sessions: int
    procedures: int
    phone_attempts: int
    instructions: int
    operator_sessions: int
    acceptances: int


def sweep(platform: Platform) -> Swept:
    """Forget what the profile does not want kept any longer."""
    now, keep, transact = platform.now(), platform.profile.retention, platform.transact
    # A session lives no longer than this after its last use, and whoever requested something had one.
    over = now - keep.ended - platform.profile.sessions.absolute
    signed_out = now - keep.ended - platform.profile.operators.sessions.absolute
    unexecuted = transact(lambda tx: tx.instructions.sweep(over, executed=False))
    return Swept(
        tokens=_end_tokens(platform),
        sessions=transact(lambda tx: tx.sessions.sweep(over)),
        procedures=transact(lambda tx: tx.procedures.sweep(now - keep.ended)),
        phone_attempts=transact(lambda tx: tx.phone_attempts.sweep(now - keep.ended - LONGEST)),
        instructions=unexecuted + transact(lambda tx: tx.instructions.sweep(now - keep.executed, executed=True)),
        operator_sessions=transact(lambda tx: tx.operator_sessions.sweep(signed_out)),
        acceptances=transact(partial(_forget_reported, platform.profile.calendar.business_date(now - keep.executed))),
    )


def _forget_reported(kept_from: date, tx: Transaction) -> int:
    """Forget the acceptances of days before *kept_from*, but none that no night has reported yet: how many."""
    run = tx.batch_runs.latest()
    reported = None if run is None else run.day if run.step is BatchStep.DONE else run.previous
    return 0 if reported is None else tx.acceptances.sweep(min(kept_from, reported))


def _end_tokens(platform: Platform) -> int:
    """End the tokens that nobody came for in time, each in a transaction of its own: how many."""
    ended, last = 0, None
    while page := platform.transact(partial(_unfinished, last), durable=False):
        now, last = platform.now(), page[-1]
        over = [one for one in page if lapsed(platform, one, now) != one]
        ended += sum(platform.transact(partial(_end, platform, one)) for one in over)
    return ended


def _unfinished(last: Token | None, tx: Transaction) -> Sequence[Token]:
    return tx.tokens.unfinished(last, _PAGE)


def _end(platform: Platform, found: Token, tx: Transaction) -> bool:
    """End the token that was *found*, unless it went on, or was ended, meanwhile."""
    now = platform.now()
    contract = tx.contracts.by_id(found.institution, found.contract)
    token = tx.tokens.latest_of(found.institution, found.contract)
    assert contract is not None
    assert token is not None  # neither is ever deleted
    ended = lapsed(platform, token, now)
    if ended == token:
        return False
    contract = write(tx, contract, ended, now, TokenMoved(ended.number, ended.state.value))
    if ended.state is TokenState.VOID:
        notify(platform, tx, contract, LetterCode.TOKEN_VOID, now)
    return True
