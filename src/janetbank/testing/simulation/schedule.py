"""Schedule: who does what when, drawn from a seed.

Each day is drawn from the seed and its own number, and each step carries the chance that it will need: so a step does
the same whether or not those before it are left out, which is what lets a failing history be shortened.

Shape:  `schedule(plan)` yields `Step`s in the order of their time, day by day; a step is one visit, one burst of
        guesses, one call, one duty of the bank's.
Units:  `at` is an aware UTC instant; days begin at midnight in Japan.
Source: issue 7, part 2.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from enum import Enum
from random import Random

from attrs import evolve, field, frozen

from janetbank.testing.bank import START
from janetbank.testing.simulation.faults import Fault, FaultKind
from janetbank.values.moment import JST, in_japan

_SECONDS = 86_400
_MIDNIGHT = datetime.combine(in_japan(START).date(), time(), JST)
_VISITS, _SIEGES, _FAULTS, _MEANWHILE, _JUMPS = 0.25, 1 / 200, 0.06, 0.06, 0.15
"""How often a customer comes in a day, how many of them are besieged in a day; and how many steps meet a fault, or
somebody else in their middle; and how many days have a clock that jumps."""


class Act(Enum):
    """What a step is; its value says it in a story."""

    VISIT = "the customer visits"
    FORGET = "the customer has forgotten his password, and resets it"
    GUESS = "a guesser tries passwords at the customer's id"
    SPRAY = "a guesser tries one password at many ids, from the customer's on"
    SPOOF = "somebody calls with the customer's number on his display"
    STEAL = "a thief with the customer's telephone tries to reset his password"
    SUSPEND = "the help desk suspends the customer"
    CLERK = "clerks release whom they can"
    NIGHT = "the night batch runs, and the host is asked what has become of transfers"
    MAIL = "the mail is dispatched"
    JUMP = "the clock jumps"


_OFTEN = (
    (Act.FORGET, 1 / 300),
    (Act.SPRAY, 1 / 100),
    (Act.SPOOF, 1 / 200),
    (Act.STEAL, 1 / 1000),
    (Act.SUSPEND, 1 / 500),
)
"""How often in a day and for each customer."""
_DUTIES = (
    (Act.MAIL, 3 * 3600),
    (Act.NIGHT, 9 * 3600),
    (Act.CLERK, 9 * 3600 + 1800),
    (Act.MAIL, 11 * 3600),
    (Act.NIGHT, 15 * 3600),
    (Act.CLERK, 15 * 3600 + 1800),
    (Act.MAIL, 19 * 3600),
)
"""What the bank itself does, and at which second of the day."""


@frozen(kw_only=True)
class Plan:
    """What to simulate; with *faults* or in a world where everything works."""

    seed: int
    customers: int
    days: int
    faults: bool = False


@frozen(kw_only=True)
class Step:
    """See the module.  *customer* is the number of whom it is about; *draw* seeds whatever the step leaves to chance.

    *meanwhile* happens at point *point* of the step: at a secret's evaluation, or between two of its operations.
    """

    at: datetime
    act: Act
    customer: int
    draw: int
    fault: Fault | None = None
    meanwhile: tuple["Step", ...] = ()
    point: int = field(default=0)


def schedule(plan: Plan) -> Iterator[Step]:
    """All steps of *plan*, in their order."""
    for day in range(1, plan.days + 1):
        chance = Random(f"{plan.seed}/{day}")  # noqa: S311 -- it shall repeat itself
        yield from sorted(_Day(plan, _MIDNIGHT + timedelta(days=day), chance).steps(), key=lambda step: step.at)


@frozen
class _Day:
    """One day of a plan, and its chance."""

    plan: Plan
    midnight: datetime
    chance: Random

    def steps(self) -> Iterator[Step]:
        """All of them, in no order."""
        for customer in range(self.plan.customers):
            if self.chance.random() < _VISITS:
                yield self._step(Act.VISIT, customer, self._any_time())
        for _ in range(max(1, self._some(_SIEGES))):
            yield from self._siege()
        for act, often in _OFTEN:
            for _ in range(self._some(often)):
                yield self._step(act, self._anybody(), self._any_time())
        for act, second in _DUTIES:
            yield self._step(act, -1, second)
        if self.plan.faults and self.chance.random() < _JUMPS:
            yield self._step(Act.JUMP, -1, self._any_time())

    def _siege(self) -> Iterator[Step]:
        target, second = self._anybody(), self._any_time()
        for _ in range(self.chance.randint(3, 30)):
            yield self._step(Act.GUESS, target, second)
            second = min(second + self.chance.choice([5, 60, 600, 3600]), _SECONDS - 1)
        yield self._step(Act.VISIT, target, min(second + self.chance.randrange(7200), _SECONDS - 1))

    def _anybody(self) -> int:
        return self.chance.randrange(self.plan.customers)

    def _any_time(self) -> int:
        return self.chance.randrange(_SECONDS)

    def _some(self, often: float) -> int:
        """*often* for each customer, in the mean."""
        many = often * self.plan.customers
        return int(many) + (self.chance.random() < many % 1)

    def _step(self, act: Act, customer: int, second: int) -> Step:
        at, chance = self.midnight + timedelta(seconds=second), self.chance
        made = Step(at=at, act=act, customer=customer, draw=chance.getrandbits(64))
        return _disturbed(made, chance) if self.plan.faults else made


_KINDS = tuple(FaultKind)
_DISTURBERS = (Act.GUESS, Act.GUESS, Act.VISIT, Act.SPOOF, Act.FORGET, Act.SUSPEND)


def _disturbed(step: Step, chance: Random) -> Step:
    """*step* with what goes wrong in it, if anything does."""
    if chance.random() < _FAULTS:
        step = evolve(step, fault=Fault(chance.choice(_KINDS), chance.randrange(4)))
    if step.customer >= 0 and chance.random() < _MEANWHILE:
        others = tuple(
            Step(at=step.at, act=chance.choice(_DISTURBERS), customer=step.customer, draw=chance.getrandbits(64))
            for _ in range(chance.randint(1, 3))
        )
        step = evolve(step, meanwhile=others, point=chance.randrange(6))
    return step
