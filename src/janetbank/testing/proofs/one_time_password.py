"""One-time passwords, proved: codes of any step near the present one, typed again and again while time goes on.

The codes are those of one seed, made as the token makes them.  The step that was taken last is kept as the flow keeps
it, beside the seed.

Shape:  `CodesMachine(rules)`.
Source: OTP-11; NIST SP 800-63B-4 3.1.4; RFC 6238 5.2; TRAPS "One-time passwords".
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache

from attrs import frozen

from janetbank.policies.one_time_password import Accepted, OtpRules, OtpVerdict
from janetbank.profiles.profile import Profile
from janetbank.testing.explore import Machine, Way, keep
from janetbank.values.secret import Secret

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SEED = bytes(range(64))

ONCE = "a step is taken once, and none that is not later than the last one"
NEAR = "nothing is taken but codes of the window"
FRESH_TAKEN = "the present code is taken, unless it or a later one was"
TIME_GIVES = "whoever waits has a code that is taken"

WAIT = "a period passes"
Event = int | str
"""The code is typed of the step so many after the present one; or time."""


@frozen(cache_hash=True)
class Taken:
    """How the last step that was taken lies from the present one; None where none was."""

    last: int | None = None


@frozen
class CodesMachine(Machine[Taken, Event]):
    """One seed, under *rules*."""

    rules: OtpRules

    def starts(self) -> Iterable[Taken]:
        """No code was taken."""
        return [Taken()]

    def events(self, state: Taken) -> Iterable[Event]:
        """Every code near the present one, and two beyond the window on either side."""
        del state  # they are the same in all
        beyond = self.rules.window + 2
        return [*range(-beyond, beyond + 1), WAIT]

    def after(self, state: Taken, event: Event) -> tuple[Taken, str]:
        """What follows, with the laws."""
        last, present = state.last, self.rules.step_at(NOW)
        if not isinstance(event, int):
            if last is None:
                return state, "later"
            # What lies before every window makes no difference any more.
            return Taken(max(last - 1, -self.rules.window - 1)), "later"
        verdict = _verdict(self.rules, event, last)
        if not isinstance(verdict, Accepted):
            keep(FRESH_TAKEN, event != 0 or (last is not None and last >= 0), "it is {}", _named(verdict))
            return state, _named(verdict)
        step = verdict.step - present
        keep(NEAR, abs(step) <= self.rules.window and abs(event) <= self.rules.window, "that of step {:+}", event)
        keep(ONCE, last is None or step > last, "step {:+} is taken after {}", step, last)
        return Taken(step), "accepted"

    def ways(self) -> Sequence[Way[Taken, Event]]:
        """Time gives a new code."""
        return (
            Way(
                law=TIME_GIVES,
                of=lambda _: True,
                to=lambda taken: isinstance(_verdict(self.rules, 0, taken.last), Accepted),
                by=lambda event: event == WAIT,
            ),
        )

    def say(self, event: Event) -> str:
        """The event in words."""
        return f"the code of step {event:+} from now is typed" if isinstance(event, int) else event

    def show(self, state: Taken) -> str:
        """What was taken."""
        return "nothing was taken" if state.last is None else f"step {state.last:+} from now was taken last"


@cache
def _code(rules: OtpRules, step: int) -> Secret:
    return rules.code(SEED, step)


def _verdict(rules: OtpRules, typed: int, last: int | None) -> OtpVerdict:
    present = rules.step_at(NOW)
    return rules.verify(SEED, _code(rules, present + typed), NOW, after=None if last is None else present + last)


def _named(verdict: OtpVerdict) -> str:
    return type(verdict).__name__.lower()


def machines(profile: Profile) -> Iterable[tuple[str, Machine[Taken, Event]]]:
    """The codes of *profile*."""
    return [("codes", CodesMachine(profile.token.codes))]
