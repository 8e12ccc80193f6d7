"""Sweeping: what is over, and was kept long enough, is forgotten, so that no store grows for ever by what passes.

    sweep(platform) -> Swept        now and then: each hour, each night

* Nothing that anybody could still go on with is swept, whatever the retention, and nothing that counts: neither a
  contract's counters nor a decoy's (docs/decisions/0004), nor the latest phone attempt of a contract.  So whether a
  bank sweeps, and when, changes no answer to a customer, but that a request he left unexecuted is gone.
* What is swept takes its secrets along: the hashes of a procedure, the digits of a call, the token of a session.
* The audit log is neither swept nor written: each chain stays, with or without its owner.

Shape:  `sweep(platform)`; each kind in a transaction of its own, so that it may be interrupted and done again.
Errors: what the store raises; what was swept before stays so.
Source: ASVS 14.2.7; `janetbank.policies.retention`.
"""

from attrs import frozen

from janetbank.flows.platform import Platform
from janetbank.policies.phone_auth import LONGEST


@frozen(kw_only=True)
class Swept:
    """How many of each were forgotten."""

    sessions: int
    procedures: int
    phone_attempts: int
    instructions: int
    operator_sessions: int


def sweep(platform: Platform) -> Swept:
    """Forget what the profile does not want kept any longer."""
    now, keep, transact = platform.now(), platform.profile.retention, platform.transact
    # A session lives no longer than this after its last use, and whoever requested something had one.
    over = now - keep.ended - platform.profile.sessions.absolute
    signed_out = now - keep.ended - platform.profile.operators.sessions.absolute
    unexecuted = transact(lambda tx: tx.instructions.sweep(over, executed=False))
    return Swept(
        sessions=transact(lambda tx: tx.sessions.sweep(over)),
        procedures=transact(lambda tx: tx.procedures.sweep(now - keep.ended)),
        phone_attempts=transact(lambda tx: tx.phone_attempts.sweep(now - keep.ended - LONGEST)),
        instructions=unexecuted + transact(lambda tx: tx.instructions.sweep(now - keep.executed, executed=True)),
        operator_sessions=transact(lambda tx: tx.operator_sessions.sweep(signed_out)),
    )
