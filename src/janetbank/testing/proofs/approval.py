"""Approving a transaction, proved: asked, shown, changed under the customer's hands, answered, declined, executed.

The text of the instruction may change at any time and back again; the app shows the text as it was when it looked last,
and its customer approves what he sees.  Answers are right or wrong, in time, at the last instant and too late; the
token is replaced at any time; the instruction is asked for anew and executed as often as somebody tries.

Shape:  `ApprovalMachine(rules)`.
Source: TXA-04, AMB-25, AMB-32; standards.md C25, C29..C31; TRAPS "the app's answer signs a nonce".
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

from attrs import evolve, frozen

from janetbank.policies.approval import (
    Approval,
    ApprovalEvent,
    ApprovalRules,
    Approved,
    Asked,
    Changed,
    Declined,
    Spent,
)
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, keep

ASKED = datetime(2026, 4, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
TEXTS = ("payee A", "payee B")

AS_SEEN = "nothing is executed but the text that the customer saw and approved"
ONCE = "an approval is spent once"
IN_TIME = "no answer counts after its time"
DECLINED_STAYS = "what was declined is not executed unless it is asked for anew"
WAITING_ENDS = "time alone ends the waiting for an answer"
CAN_BE_DONE = "until it is executed it can still be approved and executed"


class Act(Enum):
    """What happens."""

    ASK = "the approval is asked for"
    AMEND = "the text becomes another one"
    LOOK = "the app shows the text"
    APPROVE = "the customer approves what he sees"
    WRONG = "somebody gives a wrong answer"
    DECLINE = "the customer declines"
    EXECUTE = "the instruction is to be executed"
    REPLACE = "the token is replaced"
    WAIT = "time passes, to the next instant at which something changes"


@frozen(cache_hash=True)
class Moment:
    """The approval, the *text* as it is, the one that the app has *shown*, the one *consented* to.

    Consent, and that it was *declined*, count since it was asked for.
    """

    approval: Approval | None = None
    text: str = TEXTS[0]
    shown: str | None = None
    consented: str | None = None
    declined: bool = False
    executed: bool = False
    instant: int = 0


@frozen
class ApprovalMachine(Machine[Moment, Act]):
    """One instruction, which is approved under *rules*."""

    rules: ApprovalRules

    @property
    def instants(self) -> Sequence[datetime]:
        """When it was asked, the last instant for an answer, and the first after it."""
        return (ASKED, ASKED + self.rules.window, ASKED + self.rules.window + TICK)

    def starts(self) -> Iterable[Moment]:
        """Nobody has asked."""
        return [Moment()]

    def events(self, state: Moment) -> Iterable[Act]:
        """Everything; time ends."""
        return (act for act in Act if act is not Act.WAIT or state.instant + 1 < len(self.instants))

    def after(self, state: Moment, event: Act) -> tuple[Moment, str]:
        """What follows, with the laws."""
        now, approval = self.instants[state.instant], state.approval
        match event:
            case Act.ASK:
                return self._ask(state, now)
            case Act.AMEND:
                return evolve(state, text=TEXTS[state.text == TEXTS[0]]), "amended"
            case Act.LOOK:
                return evolve(state, shown=state.text), "shown"
            case Act.WAIT:
                return evolve(state, instant=state.instant + 1), "later"
            case _:
                return (state, "not asked") if approval is None else self._of_one(state, approval, event, now)

    def _of_one(self, state: Moment, approval: Approval, event: Act, now: datetime) -> tuple[Moment, str]:
        """What happens to the approval that there is."""
        match event:
            case Act.APPROVE | Act.WRONG:
                return self._answer(state, approval, now, right=event is Act.APPROVE and state.shown == state.text)
            case Act.DECLINE:
                after, verdict = self.rules.decline(approval, now)
                declined = state.declined or isinstance(verdict, Declined)
                return evolve(state, approval=after, declined=declined), _named(verdict)
            case Act.EXECUTE:
                return self._execute(state, approval, now)
            case _:
                after = approval.on(ApprovalEvent.VOID)
                gone = state.consented if after.state is approval.state else None
                return evolve(state, approval=after, consented=gone), after.state.value

    def _ask(self, state: Moment, now: datetime) -> tuple[Moment, str]:
        after, verdict = self.rules.ask(state.approval, state.text, now)
        if not isinstance(verdict, Asked):
            return evolve(state, approval=after), _named(verdict)
        keep(ONCE, not state.executed, "it is asked for again")
        if after == state.approval:
            return state, "waits already"
        return Moment(evolve(after, asked_at=ASKED), state.text, state.shown), "asked"

    def _answer(self, state: Moment, approval: Approval, now: datetime, *, right: bool) -> tuple[Moment, str]:
        after, verdict = self.rules.approve(approval, state.text, now, right=right)
        if isinstance(verdict, Approved):
            keep(AS_SEEN, right and state.shown == state.text, "a wrong answer was taken")
            keep(IN_TIME, now <= ASKED + self.rules.window, "it came {} after it was asked", now - ASKED)
            return evolve(state, approval=after, consented=state.text), "approved"
        return evolve(state, approval=after), _named(verdict)

    def _execute(self, state: Moment, approval: Approval, now: datetime) -> tuple[Moment, str]:
        after, verdict = self.rules.spend(approval, state.text, now)
        if not isinstance(verdict, Spent):
            return evolve(state, approval=after), _named(verdict)
        keep(DECLINED_STAYS, not state.declined, "it is executed")
        keep(ONCE, not state.executed, "it is executed again")
        keep(AS_SEEN, state.consented == state.text, "{} is executed, {} was approved", state.text, state.consented)
        return evolve(state, approval=after, executed=True), "executed"

    def ways(self) -> Sequence[Way[Moment, Act]]:
        """Waiting ends, and there is a way to what the customer wants."""
        return (
            Way(
                law=WAITING_ENDS,
                of=lambda moment: _waits(moment.approval),
                to=lambda moment: not _waits(self._at(moment)),
                by=lambda act: act is Act.WAIT,
            ),
            Way(law=CAN_BE_DONE, of=lambda _: True, to=lambda moment: moment.executed),
        )

    def _at(self, moment: Moment) -> Approval | None:
        return moment.approval and self.rules.at(moment.approval, self.instants[moment.instant])

    def say(self, event: Act) -> str:
        """The act in words."""
        return event.value

    def show(self, state: Moment) -> str:
        """The approval, and what the customer sees."""
        stands = state.approval.state.value if state.approval else "not asked"
        asked = f" for {state.approval.digest}" if state.approval else ""
        since = self.instants[state.instant] - ASKED
        return f"{stands}{asked}, {since} on; the text is {state.text}, the app shows {state.shown or 'nothing'}"


def _waits(approval: Approval | None) -> bool:
    return approval is not None and approval.can(ApprovalEvent.APPROVE)


def _named(verdict: object) -> str:
    return "changed" if isinstance(verdict, Changed) else type(verdict).__name__.lower()


def machines(profile: Profile) -> Iterable[tuple[str, Machine[Moment, Act]]]:
    """The approvals of *profile*."""
    return [("approval", ApprovalMachine(profile.token.approval))]
