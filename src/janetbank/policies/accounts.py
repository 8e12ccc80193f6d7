"""Accounts: the life of an account that a contract uses besides its representative one.

What a customer wants is accepted at once and reflected on the next operating day, by the night batch; until then the
account is pending, and a cell that is missing from the table is a refusal:

    ADD_PENDING -> ACTIVE -> DELETE_PENDING -> REMOVED

The representative account has no such life: it is there as long as its contract, and is never deleted online.

Shape:  `NEXT[(state, event)]` is the state after; `USES[state]` what an account can be used for; `failed_checks(facts)`
        all that failed, in their order; a `LinkedAccount` moves with `on`.
Units:  days are operating days in Japan.
Errors: KeyError for an event that the table has no cell for: ask `can` first.
Source: ACC-03..05, 08, 09; AMB-13, AMB-15; requirements.md part 7.  Ours, where the sources are silent: the holder of
        an added account is the customer; an account that is to be deleted shows its statements and moves no money, as
        CAN-08 says of a contract.
"""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import Self

from attrs import evolve, frozen

from janetbank.values.account import Account


class AccountState(Enum):
    """Where a used account is in its life; the texts `accountstate.*` say it."""

    ADD_PENDING = "add_pending"
    """Accepted; it can be used from the next operating day."""
    ACTIVE = "active"
    DELETE_PENDING = "delete_pending"
    """Its deletion is accepted, and reflected on the next operating day."""
    REMOVED = "removed"


class AccountEvent(Enum):
    """What happens to a used account."""

    REFLECT = "reflect"
    """The operating day has come, and the night batch with it."""
    DELETE = "delete"


NEXT: Mapping[tuple[AccountState, AccountEvent], AccountState] = MappingProxyType(
    {
        (AccountState.ADD_PENDING, AccountEvent.REFLECT): AccountState.ACTIVE,
        (AccountState.ACTIVE, AccountEvent.DELETE): AccountState.DELETE_PENDING,
        (AccountState.DELETE_PENDING, AccountEvent.REFLECT): AccountState.REMOVED,
    }
)


class AccountUse(Enum):
    """What an account may be used for."""

    STATEMENTS = "statements"
    TRANSFERS = "transfers"


USES: Mapping[AccountState, frozenset[AccountUse]] = MappingProxyType(
    {
        AccountState.ADD_PENDING: frozenset(),
        AccountState.ACTIVE: frozenset(AccountUse),
        AccountState.DELETE_PENDING: frozenset({AccountUse.STATEMENTS}),
        AccountState.REMOVED: frozenset(),
    }
)


@frozen
class LinkedAccount:
    """A used account (利用口座); *changes_on* is the operating day on which what is pending is reflected, if any is."""

    account: Account
    state: AccountState
    changes_on: date | None

    @classmethod
    def added(cls, account: Account, changes_on: date) -> Self:
        """*account*, whose addition was accepted and is reflected on *changes_on*."""
        return cls(account, AccountState.ADD_PENDING, changes_on)

    def can(self, event: AccountEvent) -> bool:
        """Whether the table has a cell for *event*."""
        return (self.state, event) in NEXT

    def deleted(self, changes_on: date) -> Self:
        """The account after its deletion was accepted, which is reflected on *changes_on*."""
        return evolve(self, state=NEXT[self.state, AccountEvent.DELETE], changes_on=changes_on)

    def at(self, day: date) -> Self:
        """The account as it is reflected on *day*: itself where nothing is pending, or not yet due."""
        if self.changes_on is None or day < self.changes_on:
            return self
        return evolve(self, state=NEXT[self.state, AccountEvent.REFLECT], changes_on=None)

    def serves(self, use: AccountUse) -> bool:
        """Whether it may be used so now."""
        return use in USES[self.state]


class AccountCheck(Enum):
    """The checks at an addition, in the order in which they are listed and logged: three of the five at enrolment."""

    EXISTS = "exists"
    NO_CAUTION = "no_caution"
    NO_RESTRICTION = "no_restriction"
    OWN = "own"
    """Ours: the holder is the customer."""


@frozen(kw_only=True)
class AccountFacts:
    """What the host says of an account: the bases of the checks."""

    exists: bool
    caution: bool
    restricted: bool
    own: bool


def failed_checks(facts: AccountFacts) -> tuple[AccountCheck, ...]:
    """Every check that *facts* fail, all evaluated, in their order (ACC-04)."""
    passed = {
        AccountCheck.EXISTS: facts.exists,
        AccountCheck.NO_CAUTION: not facts.caution,
        AccountCheck.NO_RESTRICTION: not facts.restricted,
        AccountCheck.OWN: facts.own,
    }
    return tuple(check for check in AccountCheck if not passed[check])
