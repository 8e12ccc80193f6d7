"""The identity form, proved: how often a form that names an account may be wrong, day after day, under two clocks.

Forms come at any time of a day; each is compared and counted in one transaction, as the flow does it; the clock of a
second machine is a day behind.

Shape:  `FormMachine(rules)`.
Source: PWR-11; AMB-30; requirements part 5.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum

from attrs import evolve, frozen

from janetbank.policies.identity_form import FormTries, IdentityFormRules
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, keep
from janetbank.values.moment import JST

DAY = timedelta(days=1)
NOON = datetime(2026, 4, 1, 12, tzinfo=JST)

NO_MORE = "no more forms are compared on a day than the rule allows"
OPEN_AGAIN = "it opens when the next day begins in Japan, as it was told"
TIME_OPENS = "time alone opens it"


class Act(Enum):
    """What happens."""

    WRONG = "a form is sent that does not match"
    WRONG_BEHIND = "a form is sent that does not match, where a clock is a day behind"
    RIGHT = "a form is sent that matches"
    DAY = "a day passes"


@frozen(cache_hash=True)
class Moment:
    """The count as it is stored, as it lies from today, and how many forms were *compared* and wrong today."""

    tries: FormTries = FormTries()
    compared: int = 0


@frozen
class FormMachine(Machine[Moment, Act]):
    """One account, under *rules*."""

    rules: IdentityFormRules

    def starts(self) -> Iterable[Moment]:
        """There never was a form."""
        return [Moment()]

    def events(self, state: Moment) -> Iterable[Act]:
        """Everything, however the count stands."""
        del state
        return Act

    def after(self, state: Moment, event: Act) -> tuple[Moment, str]:
        """What follows, with the laws."""
        tries = state.tries
        if event is Act.DAY:
            # What is older than yesterday makes no difference any more.
            day = tries.day and max(tries.day - DAY, NOON.date() - 2 * DAY)
            return Moment(evolve(tries, day=day) if day else tries), "later"
        now = NOON - DAY * (event is Act.WRONG_BEHIND)
        if (until := self.rules.closed(tries, now)) is not None:
            day = now if tries.day is None else max(now, NOON + (tries.day - NOON.date()))
            midnight = day.replace(hour=0) + DAY
            keep(OPEN_AGAIN, until == midnight, "it is told to open at {}", until)
            keep(OPEN_AGAIN, self.rules.closed(tries, until) is None, "it does not open at {}", until)
            return state, "closed"
        if event is Act.RIGHT:
            return state, "matched"
        keep(NO_MORE, state.compared < self.rules.mismatches, "this is number {}", state.compared + 1)
        counted = self.rules.counted(tries, now)
        if counted.day != NOON.date():
            # Nothing was counted today, so for the clock that is behind this is still its own day.
            return Moment(counted, state.compared), "counted, yesterday"
        return Moment(counted, state.compared + 1), "counted"

    def ways(self) -> Sequence[Way[Moment, Act]]:
        """It opens again."""
        return (
            Way(
                law=TIME_OPENS,
                of=lambda _: True,
                to=lambda moment: self.rules.closed(moment.tries, NOON) is None,
                by=lambda act: act is Act.DAY,
            ),
        )

    def say(self, event: Act) -> str:
        """The act in words."""
        return event.value

    def show(self, state: Moment) -> str:
        """What is counted."""
        return f"{state.tries.count} counted on {state.tries.day or 'no day'}; {state.compared} compared today"


def machines(profile: Profile) -> Iterable[tuple[str, Machine[Moment, Act]]]:
    """The form of *profile*."""
    return [("identity form", FormMachine(profile.identity_form))]
