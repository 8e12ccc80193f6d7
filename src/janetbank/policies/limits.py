"""Limits: how much may leave an account by transfers on one day in Japan.

* Each account has its own limit (1日あたりの振込・振替限度額), in steps of 万円, which the customer sets.  A limit of
  none closes the account for transfers.
* The profile says how high it may be set, and how high with one-time passwords in use.  That is looked at when a limit
  is set and again whenever it is used: whoever gave his token up has less, whatever stands in his limit.
* What counts against it are transfers, to whomsoever, and bills do not.  A transfer counts when it is handed to the
  host, in the transaction that decides so, and is given back where the host will not execute it; so however many are
  handed over at once, together they do not exceed the limit.
* A reservation counts on the day on which it will be executed, or, where the profile says so, on the day on which it is
  made.

Shape:  `check` gives violations for a limit that is to be set; `take` gives the usage after, and a verdict.
Units:  limits are in 万円, amounts in yen; a day is a day in Japan.
Errors: ValueError for rules that cannot be; whatever a customer does is a verdict.
Source: TRF-03, TRF-04, TRF-05, PRF-11; AMB-24, AMB-34.
"""

from collections.abc import Iterable
from datetime import date
from enum import Enum

from attrs import field, frozen

from janetbank.values.daily_limit import DailyLimit
from janetbank.values.instruction import TRANSFERS
from janetbank.values.money import Yen
from janetbank.values.violation import Violation

NOTHING = Yen(0)
COUNTED = TRANSFERS
"""The kinds of instruction that count."""


class CountedOn(Enum):
    """On which day a reservation counts."""

    EXECUTION = "execution"
    REQUEST = "request"


@frozen
class Usage:
    """What has been transferred from an account, by days; a day of nothing is not in it."""

    days: tuple[tuple[date, Yen], ...] = ()

    def on(self, day: date) -> Yen:
        """What counts on *day*."""
        return dict(self.days).get(day, NOTHING)

    def with_(self, day: date, amount: Yen) -> "Usage":
        """The same, with *amount* on *day*."""
        others = [(other, spent) for other, spent in self.days if other != day]
        return Usage(_in_order([*others, (day, amount)]))

    def since(self, day: date) -> "Usage":
        """The same without the days before *day*, on which nothing is transferred any more."""
        return self if all(other >= day for other, _ in self.days) else Usage(_in_order(self.days, since=day))


def _in_order(days: Iterable[tuple[date, Yen]], *, since: date = date.min) -> tuple[tuple[date, Yen], ...]:
    return tuple(sorted(one for one in days if one[0] >= since and one[1] > NOTHING))


@frozen
class Taken:
    """It counts, and is within the limit."""


@frozen
class TooMuch:
    """*left* is what may be transferred on that day."""

    left: Yen


@frozen
class ClosedForTransfers:
    """The limit is none."""


TakeVerdict = Taken | TooMuch | ClosedForTransfers


@frozen(kw_only=True)
class LimitRules:
    """A limit is *most* at most, *most_with_token* with one-time passwords in use, and *initial* until it is set."""

    most: DailyLimit
    most_with_token: DailyLimit
    initial: DailyLimit
    reservations: CountedOn = field(default=CountedOn.EXECUTION)

    def __attrs_post_init__(self) -> None:
        if not self.most <= self.most_with_token:
            msg = "with one-time passwords a limit may be as high as without them, at least"
            raise ValueError(msg)
        if self.initial > self.most_with_token:
            msg = "nobody begins with a limit that he could not set"
            raise ValueError(msg)

    def highest(self, *, token: bool) -> DailyLimit:
        """How high a limit may be for somebody who has a *token* in use, or has not."""
        return self.most_with_token if token else self.most

    def check(self, limit: DailyLimit, *, token: bool) -> tuple[Violation, ...]:
        """Why *limit* cannot be set."""
        highest = self.highest(token=token)
        return (Violation("limit.too_high", {"most": highest.man}),) if limit > highest else ()

    def effective(self, limit: DailyLimit | None, *, token: bool) -> DailyLimit:
        """What counts of a *limit* that was set once, or never was (AMB-24)."""
        return min(self.initial if limit is None else limit, self.highest(token=token))

    def left(self, usage: Usage, limit: DailyLimit, day: date) -> Yen:
        """What is left on *day* of a *limit* that counts now."""
        return limit.yen - min(usage.on(day), limit.yen)

    def day_of(self, date: date, today: date) -> date:
        """The day on which a transfer counts that is made *today* and executed on *date* (AMB-34)."""
        return date if self.reservations is CountedOn.EXECUTION else today

    def take(
        self, usage: Usage, limit: DailyLimit | None, amount: Yen, day: date, *, token: bool
    ) -> tuple[Usage, TakeVerdict]:
        """Count *amount* on *day*, or learn why it cannot be."""
        effective = self.effective(limit, token=token)
        if effective.yen == NOTHING:
            return usage, ClosedForTransfers()
        left = self.left(usage, effective, day)
        if amount > left:
            return usage, TooMuch(left)
        return usage.with_(day, usage.on(day) + amount), Taken()

    def give_back(self, usage: Usage, amount: Yen, day: date) -> Usage:
        """What was taken on *day* is not executed after all."""
        spent = usage.on(day)
        return usage.with_(day, spent - min(amount, spent))
