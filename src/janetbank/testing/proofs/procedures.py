"""Procedures, proved: the steps of enrolment, recovery and reissue, in every order that somebody may try.

Every act is tried at every step, in time, at the last instant and too late.  A witness notes which steps were gone
through by their own act and not gone back from since.  So a procedure that is done has every proof that it wants, of
this very run, and whatever the table lets happen leads to its end or out of it.

Shape:  `ProcedureMachine(order, table, …)`; the order is that of the forward acts, each the only way past its step.
Source: ENR-01..18, PWR-03, PWR-10..16, RBR-04..08, TKR-03..09; ASVS 2.3.1; ARCHITECTURE "A procedure".
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import Enum

from attrs import field, frozen

from janetbank.policies import enrolment, recovery, reissue
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, as_table, keep

TICK = timedelta(microseconds=1)

NO_SHORT_CUT = "nothing is done unless every step before it was gone through, by its own act, and not gone back from"
ENDS_STAY = "an end is an end"
CAN_BE_DONE = "while there is time it can be done"
CAN_BE_LEFT = "while nothing is done it can be given up"
TIME_ENDS = "time alone ends it, and with it whatever it keeps"


@frozen(cache_hash=True)
class Moment:
    """The *step* that is due, the steps *gone* through, and how many of the instants have come."""

    step: Enum
    gone: tuple[Enum, ...] = ()
    instant: int = 0


WAIT = "time passes, to the next instant at which something changes"

Event = Enum | str


@frozen
class ProcedureMachine(Machine[Moment, Event]):
    """One procedure: its *table*, its steps in their *order* with the act that each is for, and its ends.

    It may be given up by *abandon* in every step but those in *bound*, in which it can only be done.
    """

    order: tuple[tuple[Enum, Enum], ...]
    done: Enum
    abandon: Enum
    abandoned: Enum
    lifetime: timedelta
    bound: frozenset[Enum] = frozenset()
    table: Mapping[tuple[Enum, Enum], Enum] = field(converter=as_table, hash=False, kw_only=True)

    @property
    def steps(self) -> Sequence[Enum]:
        """Every step, with the end, in order."""
        return (*(step for step, _ in self.order), self.done)

    @property
    def instants(self) -> Sequence[timedelta]:
        """When it begins, the last instant that it lives at, and the first that it does not."""
        return (timedelta(), self.lifetime - TICK, self.lifetime)

    def starts(self) -> Iterable[Moment]:
        """Its first step."""
        return [Moment(self.steps[0])]

    def events(self, state: Moment) -> Iterable[Event]:
        """Every act, whatever the table has; time ends."""
        yield from type(self.abandon)
        if state.instant + 1 < len(self.instants):
            yield WAIT

    def after(self, state: Moment, event: Event) -> tuple[Moment, str]:
        """What follows, with the laws."""
        if not isinstance(event, Enum):
            return Moment(state.step, state.gone, state.instant + 1), "later"
        if self._over(state) or (step := self.table.get((state.step, event))) is None:
            return state, "refused"
        keep(ENDS_STAY, state.step not in {self.done, self.abandoned}, "{} leads on to {}", state.step, step)
        gone = self._gone(state, event, step)
        missing = [one.value for one, _ in self.order if one not in gone]
        keep(NO_SHORT_CUT, step is not self.done or not missing, "{} was left out", ", ".join(missing))
        return Moment(step, gone, state.instant), step.value

    def _over(self, state: Moment) -> bool:
        """As the flows have it: at the end of its lifetime it is over."""
        return self.instants[state.instant] >= self.lifetime

    def _gone(self, state: Moment, event: Enum, step: Enum) -> tuple[Enum, ...]:
        if step is self.abandoned:
            return ()
        here, there = self.steps.index(state.step), self.steps.index(step)
        if there > here:
            return (*state.gone, state.step) if event is self.order[here][1] else state.gone
        # Gone back: whatever was shown from there on is asked for again.
        return tuple(one for one in state.gone if self.steps.index(one) < there)

    def ways(self) -> Sequence[Way[Moment, Event]]:
        """It can be done, or left; and ends by itself."""
        ends = {self.done, self.abandoned}
        return (
            Way(
                law=CAN_BE_DONE,
                of=lambda moment: not self._over(moment) and moment.step is not self.abandoned,
                to=lambda moment: moment.step is self.done,
            ),
            Way(
                law=CAN_BE_LEFT,
                of=lambda moment: not self._over(moment) and moment.step not in {self.done, *self.bound},
                to=lambda moment: moment.step is self.abandoned,
                by=lambda event: event is self.abandon,
            ),
            Way(
                law=TIME_ENDS,
                of=lambda moment: moment.step not in ends,
                to=self._over,
                by=lambda event: event is WAIT,
            ),
        )

    def say(self, event: Event) -> str:
        """The act by its name."""
        return event.value if isinstance(event, Enum) else event

    def show(self, state: Moment) -> str:
        """The step, and what was gone through."""
        gone = ", ".join(step.value for step in state.gone)
        return f"{state.step.value} is due, {self.instants[state.instant]} on; gone through: {gone or 'nothing'}"


def enrolling(lifetime: timedelta) -> ProcedureMachine:
    """Enrolment; the contract is made at the review, so that only the choice of a token is left."""
    step, act = enrolment.Step, enrolment.Act
    return ProcedureMachine(
        order=(
            (step.TERMS, act.AGREE),
            (step.INSTITUTION, act.CHOOSE_INSTITUTION),
            (step.HOLDER, act.PROVE_HOLDER),
            (step.CREDENTIALS, act.SET_CREDENTIALS),
            (step.CUSTOMER, act.SET_CUSTOMER),
            (step.REVIEW, act.CONFIRM),
            (step.OTP, act.CHOOSE_OTP),
        ),
        done=step.DONE,
        abandon=act.ABANDON,
        abandoned=step.ABANDONED,
        lifetime=lifetime,
        bound=frozenset({step.OTP}),
        table=enrolment.NEXT,
    )


def recovering(lifetime: timedelta) -> ProcedureMachine:
    """A reset, of the password or of the answers."""
    step, act = recovery.Step, recovery.Act
    return ProcedureMachine(
        order=(
            (step.FORM, act.FILL_FORM),
            (step.PHONE, act.CALL),
            (step.CALL, act.BE_RECOGNISED),
            (step.SECRET, act.RESET),
        ),
        done=step.DONE,
        abandon=act.ABANDON,
        abandoned=step.ABANDONED,
        lifetime=lifetime,
        table=recovery.NEXT,
    )


def reissuing(lifetime: timedelta) -> ProcedureMachine:
    """The reissue of a token, from the right password on."""
    step, act = reissue.Step, reissue.Act
    return ProcedureMachine(
        order=((step.DETAILS, act.GIVE_DETAILS), (step.CALL, act.COMPLETE)),
        done=step.DONE,
        abandon=act.ABANDON,
        abandoned=step.ABANDONED,
        lifetime=lifetime,
        table=reissue.NEXT,
    )


def machines(profile: Profile) -> Iterable[tuple[str, Machine[Moment, Event]]]:
    """The procedures of *profile*."""
    lifetime = profile.procedure_lifetime
    yield "enrolment", enrolling(lifetime)
    yield "recovery", recovering(lifetime)
    yield "reissue", reissuing(lifetime)
