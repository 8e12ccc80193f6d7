"""Suspension: how a contract is stopped because somebody asks for it, and what it takes to be let go again.

The life of a suspension is one table, and a cell that is missing is a refusal:

    REQUESTED -> STOP_ENTERED -> CHECKED -> FORMAL_PENDING -> FORMALISED -> RELEASED
              -> REJECTED

It is effective from the maker's entry, since a thief does not wait for the checker, who is another person all the same
and without whom there is no release.  A checker who finds the stop wrong cannot lift it either: that is a release, by
two.  The form (IB-1) follows by the next business day where somebody called; at the counter it is there at once.  Who
does not come stays stopped, and is on the list of what is overdue.

Shape:  `NEXT[(state, event)]` is the state after; a transition takes a `Suspension` and gives it back as it is then,
        with a member of a closed union.  `identify` and `hindrances` judge what was heard and what was brought.
Units:  instants are aware datetimes; `due_on` is a business day in Japan.
Errors: none; whatever an operator does is a verdict.
Source: SUS-01..04, 08, 10, 11, 18..28, 30..32; AMB-17, AMB-33; requirements.md part 7.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType

from attrs import evolve, frozen

from janetbank.values.account import Account
from janetbank.values.line import Line
from janetbank.values.operator import Hand
from janetbank.values.paper import Paper
from janetbank.values.person import KanaName
from janetbank.values.violation import Violation

# --- Who asks ---------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Heard:
    """What somebody says of himself: his name, the one he had before where he was asked, the representative account."""

    name: KanaName
    former_name: KanaName | None = None
    account: Account


@frozen
class Identified:
    """Name, or former name, and representative account are those on record."""


@frozen
class AskFormerName:
    """The account is right and the name is another: ask whether it has changed, and what it was (SUS-20)."""


@frozen
class NotIdentified:
    """Something that must match does not: the branch of the representative account has to help (SUS-21)."""


IdentityVerdict = Identified | AskFormerName | NotIdentified


def identify(heard: Heard, name: KanaName, account: Account) -> IdentityVerdict:
    """Whether *heard* is the customer on record with *name* and representative *account* (SUS-19)."""
    if heard.account != account:
        return NotIdentified()
    if name in {heard.name, heard.former_name}:
        return Identified()
    return AskFormerName() if heard.former_name is None else NotIdentified()


# --- What he is told --------------------------------------------------------------------------------------------------


class Route(Enum):
    """How somebody asks for it."""

    COUNTER = "counter"
    """At the counter of any branch, with the form in his hand."""
    HELP_DESK = "help_desk"
    """By telephone; the form follows."""


class Explanation(Enum):
    """What must be explained, or asked, before anything is stopped; the texts `explanation.*` say it."""

    INTENTION = "intention"
    """Why it is wanted, whether it is needed, that it is meant (SUS-04)."""
    RESULT_BY_MAIL = "result_by_mail"
    """SUS-22."""
    NO_CANCELLATION = "no_cancellation"
    """SUS-22, CAN-09."""
    FRAUD_TO_BRANCH = "fraud_to_branch"
    """SUS-23."""
    LIABILITY = "liability"
    """SUS-24."""
    PENDING_EXECUTE = "pending_execute"
    """SUS-04, SUS-25."""
    SHUT_OUT = "shut_out"
    """SUS-26: who cannot log in is stopped first, and sees to pending transfers with the branch."""
    BANK_MAY_CALL = "bank_may_call"
    """SUS-27."""
    FORM_FOLLOWS = "form_follows"
    """SUS-28."""


TO_EXPLAIN: Mapping[Route, tuple[Explanation, ...]] = MappingProxyType(
    {
        Route.COUNTER: tuple(one for one in Explanation if one is not Explanation.FORM_FOLLOWS),
        Route.HELP_DESK: tuple(Explanation),
    }
)

PAPERS: Mapping[Route, Paper] = MappingProxyType({Route.COUNTER: Paper.IB_1, Route.HELP_DESK: Paper.ACCEPTANCE_SLIP})
"""What is filled in when it is asked for."""


def unexplained(route: Route, explained: Collection[Explanation]) -> tuple[Explanation, ...]:
    """What is still to be explained, in its order; all of it must be."""
    return tuple(one for one in TO_EXPLAIN[route] if one not in explained)


# --- Its life ---------------------------------------------------------------------------------------------------------


class Cause(Enum):
    """Why it is asked for."""

    ILLICIT_ACCESS = "illicit_access"
    """Somebody else seems to use it."""
    FRAUDULENT_TRANSFER = "fraudulent_transfer"
    LOST_DEVICE = "lost_device"
    LEAKED_SECRET = "leaked_secret"  # noqa: S105 -- a reason's name, no secret
    OTHER = "other"


class SuspensionState(Enum):
    """Where a suspension stands; the texts `suspensionstate.*` say it."""

    REQUESTED = "requested"
    REJECTED = "rejected"
    """It could not be entered, and the applicant is told why."""
    STOP_ENTERED = "stop_entered"
    """Effective; another person has yet to check it."""
    CHECKED = "checked"
    FORMAL_PENDING = "formal_pending"
    """The form has yet to come."""
    FORMALISED = "formalised"
    RELEASED = "released"


class SuspensionEvent(Enum):
    """What happens to a suspension."""

    ENTER_STOP = "enter_stop"
    REJECT = "reject"
    CHECK = "check"
    AWAIT_FORM = "await_form"
    FORMALISE = "formalise"
    RELEASE = "release"


NEXT: Mapping[tuple[SuspensionState, SuspensionEvent], SuspensionState] = MappingProxyType(
    {
        (SuspensionState.REQUESTED, SuspensionEvent.ENTER_STOP): SuspensionState.STOP_ENTERED,
        (SuspensionState.REQUESTED, SuspensionEvent.REJECT): SuspensionState.REJECTED,
        (SuspensionState.STOP_ENTERED, SuspensionEvent.CHECK): SuspensionState.CHECKED,
        (SuspensionState.CHECKED, SuspensionEvent.AWAIT_FORM): SuspensionState.FORMAL_PENDING,
        (SuspensionState.CHECKED, SuspensionEvent.FORMALISE): SuspensionState.FORMALISED,
        (SuspensionState.FORMAL_PENDING, SuspensionEvent.FORMALISE): SuspensionState.FORMALISED,
        # Not before it was checked: what one person entered and another released would have been checked by nobody.
        (SuspensionState.FORMAL_PENDING, SuspensionEvent.RELEASE): SuspensionState.RELEASED,
        (SuspensionState.FORMALISED, SuspensionEvent.RELEASE): SuspensionState.RELEASED,
    }
)

ENDS = frozenset({SuspensionState.REJECTED, SuspensionState.RELEASED})
TO_BE_DONE = frozenset({SuspensionState.REQUESTED, SuspensionState.STOP_ENTERED, SuspensionState.FORMAL_PENDING})
"""In these somebody has something to do, by the day on which it is due."""


@frozen(kw_only=True)
class Suspension:
    """One request to stop a contract, and what became of it.

    *why*: what it was rejected for.
    """

    route: Route
    cause: Cause
    requested_by: Hand
    requested_at: datetime
    due_on: date
    """The next business day after the request, by which it has been formalised (SUS-28)."""
    state: SuspensionState = SuspensionState.REQUESTED
    entered_by: Hand | None = None
    entered_at: datetime | None = None
    checked_by: Hand | None = None
    checked_at: datetime | None = None
    formalised_at: datetime | None = None
    why: Line | None = None

    def can(self, event: SuspensionEvent) -> bool:
        """Whether the table has a cell for *event*."""
        return (self.state, event) in NEXT

    def on(self, event: SuspensionEvent) -> "Suspension":
        """The suspension after *event*; KeyError where the table has no cell."""
        return evolve(self, state=NEXT[self.state, event])

    def overdue(self, today: date) -> bool:
        """Whether what had to be done by a day that has passed is not done (AMB-33); it stays stopped."""
        return self.state in TO_BE_DONE and today > self.due_on


@frozen
class Moved:
    """It has come one step further."""


@frozen
class NotNow:
    """Nothing of the kind can be done to a suspension in *state*."""

    state: SuspensionState


@frozen
class SamePerson:
    """Whoever asked for it or entered it cannot check it, through none of his accounts."""


def enter(suspension: Suspension, by: Hand, now: datetime) -> tuple[Suspension, Moved | NotNow]:
    """*by* enters the stop, which is effective from now on."""
    if not suspension.can(SuspensionEvent.ENTER_STOP):
        return suspension, NotNow(suspension.state)
    return evolve(suspension.on(SuspensionEvent.ENTER_STOP), entered_by=by, entered_at=now), Moved()


def reject(suspension: Suspension, why: Line) -> tuple[Suspension, Moved | NotNow]:
    """It cannot be entered, for a reason that the applicant is told (SUS-11)."""
    if not suspension.can(SuspensionEvent.REJECT):
        return suspension, NotNow(suspension.state)
    return evolve(suspension.on(SuspensionEvent.REJECT), why=why), Moved()


def check(suspension: Suspension, by: Hand, now: datetime) -> tuple[Suspension, Moved | SamePerson | NotNow]:
    """*by*, a person who had no part in it, has compared the stop with the form; the form itself is the next step."""
    if not suspension.can(SuspensionEvent.CHECK):
        return suspension, NotNow(suspension.state)
    hands = (suspension.requested_by, suspension.entered_by)
    if any(hand is not None and by.is_same_person(hand) for hand in hands):
        return suspension, SamePerson()
    checked = evolve(suspension.on(SuspensionEvent.CHECK), checked_by=by, checked_at=now)
    if checked.route is Route.COUNTER:
        return evolve(checked.on(SuspensionEvent.FORMALISE), formalised_at=now), Moved()
    return checked.on(SuspensionEvent.AWAIT_FORM), Moved()


def formalise(suspension: Suspension, now: datetime) -> tuple[Suspension, Moved | NotNow]:
    """The form has come."""
    if not suspension.can(SuspensionEvent.FORMALISE):
        return suspension, NotNow(suspension.state)
    return evolve(suspension.on(SuspensionEvent.FORMALISE), formalised_at=now), Moved()


def release(suspension: Suspension) -> tuple[Suspension, Moved | NotNow]:
    """Two people let it go (`dual_control`)."""
    if not suspension.can(SuspensionEvent.RELEASE):
        return suspension, NotNow(suspension.state)
    return suspension.on(SuspensionEvent.RELEASE), Moved()


# --- What a release takes ---------------------------------------------------------------------------------------------


class Finding(Enum):
    """What the search of the history for illicit access has come to."""

    NOT_EXAMINED = "not_examined"
    ILLICIT_ACCESS = "illicit_access"
    NO_ILLICIT_ACCESS = "no_illicit_access"


def hindrances(paper: Paper | None, finding: Finding, *, note: bool) -> tuple[Violation, ...]:
    """Every reason why nobody may be let go with this *paper* and this *finding*.

    *note*: the customer wrote in the margin 「不正アクセスがないためサービス利用停止の解除を申し込みます」 (SUS-02).
    """
    found: list[Violation] = []
    if paper is not Paper.IB_3:
        found.append(Violation("case.form_missing", field="paper"))
    if finding is Finding.NOT_EXAMINED:
        found.append(Violation("case.not_examined", field="finding"))
    if finding is Finding.ILLICIT_ACCESS:
        found.append(Violation("case.illicit_access", field="finding"))
    if not note:
        found.append(Violation("case.note_missing", field="note"))
    return tuple(found)
