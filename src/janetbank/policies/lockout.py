"""Lockout: how many wrong entries of one secret are tolerated, for how long it then rests, and when it blocks.

A guess is *reserved* before it is checked and *settled* afterwards:

    reserve (the counter is raised and committed) -> verify (slow, outside any transaction) -> settle

so that however many processes guess at once, and wherever one of them dies, no more guesses are ever evaluated
than the rule allows.  The laws, each with a test that a planted fault makes fail:

* Open tickets and counted failures together never exceed `Lockout.trips_at`.  Who comes while the last allowed
  guesses are in flight is told to try again (`Busy`), not that he is locked.
* A ticket that nobody settles is a failure at its deadline: a crash loses no failure and gives no free guess.
* A right entry clears what was reserved before it, and the lockouts in a row; not what was reserved after it.  What
  it clears while in flight counts no more, and lets in if it is right as well: honest people log in side by side.
* Where a right entry does not clear (`clears` is False), its ticket is given back: neither counted nor clearing.  What
  clears the counter then is what follows from the entry, a processed payment (`clear`).  A ticket is given back, too,
  where nobody learned whether the entry was right.
* A lock is an instant (`locked_until`), looked at when somebody comes.  Nothing is evaluated while it lasts, nothing
  is counted, and it is not extended.  When it has passed, failures start at zero and the lockouts in a row stay.
* The k-th lockout in a row is a block, which no time and no right entry ends; only `release` does.

Shape:  every method takes a `Tally` and the time and returns a new `Tally` with one member of a closed union.
Units:  instants are aware datetimes, lengths are timedeltas, thresholds count wrong entries.
Errors: ValueError for a rule that cannot be (a rest without a second lockout, a threshold of nothing);
        whatever a customer does is a verdict.
Source: LCK-01..03, 05..07, 10..12, 16; AMB-5, 18; TRAPS "Counting wrong entries"; NIST SP 800-63B-4 3.2.2.
"""

from datetime import datetime, timedelta

from attrs import evolve, field, frozen


@frozen
class MoreThan:
    """「…回を超えた場合」: *count* wrong entries are tolerated, the next one trips (LCK-01: 6, so the 7th)."""

    count: int

    @property
    def trips_at(self) -> int:
        """The number of the wrong entry that trips."""
        return self.count + 1


@frozen
class AtLeast:
    """「…回以上」: the *count*-th wrong entry trips (LCK-12: the 10th)."""

    count: int

    @property
    def trips_at(self) -> int:
        """The number of the wrong entry that trips."""
        return self.count


Threshold = MoreThan | AtLeast


@frozen
class Ticket:
    """The right to evaluate one guess, until *deadline*; *number* rises by one with each ticket of a tally."""

    number: int
    deadline: datetime


@frozen(kw_only=True)
class Tally:
    """The state of one counter of one contract.

    *failed* holds the numbers of the tickets that failed since the last success or lock, oldest first; *open* the
    tickets in flight; *forgiven* those in flight that a later success has cleared; *issued* how many there ever were;
    *lockouts* how many locks came in a row.
    """

    failed: tuple[int, ...] = ()
    open: tuple[Ticket, ...] = ()
    forgiven: tuple[Ticket, ...] = ()
    issued: int = 0
    lockouts: int = 0
    locked_until: datetime | None = None
    blocked_since: datetime | None = None


@frozen
class Open:
    """A guess may be reserved."""


@frozen
class Reserved:
    """The guess may be evaluated, and must then be settled, with this *ticket*."""

    ticket: Ticket


@frozen
class Busy:
    """The last allowed guesses are in flight; whether this one may follow is known by *until* at the latest."""

    until: datetime


@frozen
class Locked:
    """Nothing is evaluated before *until*."""

    until: datetime


@frozen
class Blocked:
    """Nothing is evaluated since *since*, until somebody releases it."""

    since: datetime


@frozen
class Cleared:
    """The right entry came in time; what was reserved before it is cleared."""


@frozen
class GivenBack:
    """The ticket came back in time, and counts for nothing."""


@frozen
class Counted:
    """The wrong entry is counted, unless a success has cleared it; the counter is still open."""


@frozen
class Void:
    """The right entry came too late: its ticket had run out, or was void since a lock or a release."""


Standing = Open | Locked | Blocked
ReserveVerdict = Reserved | Busy | Locked | Blocked
RightVerdict = Cleared | GivenBack | Void
WrongVerdict = Counted | Locked | Blocked


@frozen(kw_only=True)
class Lockout:
    """One counter's rule: after *tolerance*, rest for *rest*; at *lockouts_to_block* locks in a row, block.

    *rest* is None where the first lock already blocks (*lockouts_to_block* == 1).  A reserved guess that is not
    settled within *patience* counts as wrong.  *clears*: whether a right entry clears the counter (LCK-02), or only
    what follows from it does (LCK-06).
    """

    tolerance: Threshold
    rest: timedelta | None
    lockouts_to_block: int
    clears: bool = True
    patience: timedelta = field(default=timedelta(seconds=30))

    def __attrs_post_init__(self) -> None:
        if self.trips_at < 1:
            msg = "a lockout trips on the first wrong entry at the earliest"
            raise ValueError(msg)
        if self.lockouts_to_block < 1 or (self.rest is None) != (self.lockouts_to_block == 1):
            msg = "a rest is for lockouts that do not block: give one exactly when lockouts_to_block > 1"
            raise ValueError(msg)
        if self.patience <= timedelta(0) or (self.rest is not None and self.rest <= timedelta(0)):
            msg = "rest and patience are positive"
            raise ValueError(msg)

    @property
    def trips_at(self) -> int:
        """The number of the wrong entry that locks; also how many guesses are evaluated between two locks."""
        return self.tolerance.trips_at

    @property
    def guesses_to_block(self) -> int:
        """The most wrong guesses ever evaluated between two right entries (NIST: at most 100)."""
        return self.trips_at * self.lockouts_to_block

    def standing(self, tally: Tally, now: datetime) -> Standing:
        """Where *tally* stands at *now*: overdue tickets count as failures, a lock that has ended is none."""
        return _standing(self._elapse(tally, now))

    def reserve(self, tally: Tally, now: datetime) -> tuple[Tally, ReserveVerdict]:
        """Take a ticket for one guess, or learn why there is none.  Store the tally before evaluating."""
        tally = self._elapse(tally, now)
        if not isinstance(standing := _standing(tally), Open):
            return tally, standing
        if len(tally.failed) + len(tally.open) >= self.trips_at:
            return tally, Busy(min(ticket.deadline for ticket in tally.open))
        ticket = Ticket(tally.issued + 1, now + self.patience)
        # Spelt out: `evolve` costs what all the rest of a reservation does.
        reserved = Tally(
            failed=tally.failed,
            open=(*tally.open, ticket),
            forgiven=tally.forgiven,
            issued=ticket.number,
            lockouts=tally.lockouts,
        )
        return reserved, Reserved(ticket)

    def settle_right(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, RightVerdict]:
        """The guess was right: clear what was reserved up to it, and the lockouts in a row (LCK-02, 11)."""
        tally = self._elapse(tally, now)
        if not self.clears:
            return self.give_back(tally, ticket, now)
        if ticket in tally.forgiven:
            return evolve(tally, forgiven=_without(ticket, tally.forgiven)), Cleared()
        if ticket not in tally.open:
            return tally, Void()
        later = Tally(
            failed=tuple(number for number in tally.failed if number > ticket.number),
            open=tuple(other for other in tally.open if other.number > ticket.number),
            forgiven=(*tally.forgiven, *(other for other in tally.open if other.number < ticket.number)),
            issued=tally.issued,
        )
        return later, Cleared()

    def settle_wrong(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, WrongVerdict]:
        """The guess was wrong: count it, once, and lock or block where that trips."""
        tally = self._elapse(tally, now)
        if ticket in tally.open:
            tally = self._fail(tally, ticket, now)
        elif ticket in tally.forgiven:
            tally = evolve(tally, forgiven=_without(ticket, tally.forgiven))
        standing = _standing(tally)
        return tally, Counted() if isinstance(standing, Open) else standing

    def give_back(self, tally: Tally, ticket: Ticket, now: datetime) -> tuple[Tally, GivenBack | Void]:
        """The guess counts for nothing: it was right where that does not clear, or nobody learned what it was."""
        tally = self._elapse(tally, now)
        if ticket not in (*tally.open, *tally.forgiven):
            return tally, Void()
        left, forgiven = _without(ticket, tally.open), _without(ticket, tally.forgiven)
        return evolve(tally, open=left, forgiven=forgiven), GivenBack()

    def clear(self, tally: Tally, now: datetime) -> Tally:
        """What follows from a right entry has happened (LCK-06): clear failures, and lockouts in a row.

        A lock goes on to its end and a block stays; what is in flight will count or not when it is settled.
        """
        tally = self._elapse(tally, now)
        if not isinstance(_standing(tally), Open):
            return tally
        return evolve(tally, failed=(), lockouts=0)

    def release(self, tally: Tally) -> Tally:
        """Open the counter again, whatever it stood at; tickets in flight become void."""
        return Tally(issued=tally.issued)

    def _elapse(self, tally: Tally, now: datetime) -> Tally:
        """What *now* finds: overdue tickets failed when they fell due, and a lock that has ended is lifted."""
        if not (tally.open or tally.forgiven or tally.failed or tally.locked_until):
            return tally  # nothing that time could change
        if any(ticket.deadline <= now for ticket in tally.forgiven):
            tally = evolve(tally, forgiven=tuple(ticket for ticket in tally.forgiven if ticket.deadline > now))
        for ticket in sorted(tally.open, key=lambda ticket: ticket.deadline):
            if ticket.deadline <= now and ticket in tally.open:
                tally = self._fail(tally, ticket, ticket.deadline)
        if len(tally.failed) >= self.trips_at:
            # Only where the rule was tightened while the counter was live: `>=`, never `==`.
            tally = self._trip(tally, now)
        if tally.locked_until is not None and tally.locked_until <= now:
            tally = evolve(tally, locked_until=None)
        return tally

    def _fail(self, tally: Tally, ticket: Ticket, at: datetime) -> Tally:
        failed = tuple(sorted((*tally.failed, ticket.number)))
        tally = evolve(tally, failed=failed, open=_without(ticket, tally.open))
        return self._trip(tally, at) if len(failed) >= self.trips_at else tally

    def _trip(self, tally: Tally, at: datetime) -> Tally:
        tally = Tally(issued=tally.issued, lockouts=tally.lockouts + 1)
        if self.rest is None or tally.lockouts >= self.lockouts_to_block:
            return evolve(tally, blocked_since=at)
        return evolve(tally, locked_until=at + self.rest)


def _standing(tally: Tally) -> Standing:
    if tally.blocked_since is not None:
        return Blocked(tally.blocked_since)
    if tally.locked_until is not None:
        return Locked(tally.locked_until)
    return Open()


def _without(ticket: Ticket, tickets: tuple[Ticket, ...]) -> tuple[Ticket, ...]:
    return tuple(other for other in tickets if other != ticket)
