"""Run: a schedule carried out, its history's digest, and the short story of what broke a law.

Shape:  `simulate(plan)` returns a `Report`; where a law was broken, `shrink(plan, report)` the shortest history found
        that still breaks it.
Units:  the digest is a hexadecimal SHA-256 over every step with what was told in it; it is the same for the same plan,
        profile and version, whatever the store.
Source: issue 7, part 2.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice

from attrs import evolve, field, frozen

from janetbank import profiles
from janetbank.profiles.profile import Profile
from janetbank.testing.simulation.acts import ACTS
from janetbank.testing.simulation.schedule import Plan, Step, schedule
from janetbank.testing.simulation.watch import Law, LawBroken
from janetbank.testing.simulation.world import Store, World
from janetbank.values.moment import in_japan

BUDGET = 300
"""How many histories are tried to shorten one."""


@frozen
class Told:
    """One *step* of a story, and what was done and *told* in it."""

    step: Step
    told: tuple[str, ...]

    def __str__(self) -> str:
        """Some lines for people."""
        what = f"{in_japan(self.step.at):%m-%d %H:%M:%S}  {self.step.act.value}"
        whom = f" (customer {self.step.customer})" if self.step.customer >= 0 else ""
        strikes = f" [{self.step.fault.kind.value}]" if self.step.fault else ""
        return "\n".join([f"{what}{whom}{strikes}", *(f"    {line}" for line in self.told)])


@frozen(kw_only=True)
class Broken:
    """The *law* that does not hold, *what* happened, and the *story* that led there."""

    law: Law
    what: str
    at_step: int
    story: tuple[Told, ...] = ()


@frozen(kw_only=True)
class Report:
    """What came of a plan: *totals* and *days* count what happened, *back* how long the honest waited to get in."""

    plan: Plan
    steps: int
    digest: str
    totals: Mapping[str, int]
    days: Mapping[datetime, Mapping[str, int]]
    back: Sequence[timedelta]
    broken: Broken | None = None


@frozen(kw_only=True)
class Making:
    """How worlds are made: their *store* and *profile*, and whose numbers they are held to (None: the profile's).

    A profile of planted faults, held to the law of a good one, shows what the watch is worth.
    """

    store: Store = "memory"
    profile: Profile = field(factory=lambda: profiles.fast_for_tests(profiles.JA))
    law: Profile | None = None


Listener = Callable[[str], None]


def simulate(plan: Plan, making: Making | None = None, hears: Listener = lambda _: None) -> Report:
    """Carry *plan* out; *hears* is told "customers" for each that is enrolled, and "steps" for each step done."""
    making = making or Making()
    world = World(plan.seed, range(plan.customers), ACTS, making.store, making.profile, making.law, hears)
    try:
        return _carried_out(plan, world, schedule(plan), hears)
    finally:
        world.close()


def _carried_out(plan: Plan, world: World, steps: Iterable[Step], hears: Listener) -> Report:
    digest, count, broken = sha256(), 0, None
    try:
        for step in steps:
            count += 1
            told = world.do(step)
            digest.update(f"{count} {step.act.name} {step.customer} {world.clock.now()} {told}\n".encode())
            hears("steps")
        world.finish()
    except LawBroken as law:
        broken = Broken(law=law.law, what=law.what, at_step=count)
    for number, one in world.customers.items():
        digest.update(f"{number} {world.watch.door(one.chain).digest}\n".encode())
    watch = world.watch
    return Report(
        plan=plan,
        steps=count,
        digest=digest.hexdigest(),
        totals=Counter(watch.totals),
        days=watch.days,
        back=world.back,
        broken=broken,
    )


# --- a short story ----------------------------------------------------------------------------------------------------


def shrink(plan: Plan, broken: Broken, making: Making | None = None, hears: Listener = lambda _: None) -> Broken:
    """The shortest history found that breaks the same law: customers, days, steps and faults are left out in turn."""
    making = making or Making()
    tries = 0

    def fails(steps: Sequence[Step]) -> bool:
        nonlocal tries
        tries += 1
        hears("histories")
        found = replay(plan, steps, making) if tries <= BUDGET else None
        return found is not None and found.law is broken.law

    steps = tuple(islice(schedule(plan), broken.at_step))
    last = steps[-1]
    for fewer in (
        [step for step in steps if step.customer == last.customer and last.customer >= 0],
        [step for step in steps if step.customer in {last.customer, -1}],
    ):
        if fewer and fails(fewer):
            steps = tuple(fewer)
            break
    steps = _shorter(steps, fails)
    steps = _plainer(steps, fails)
    return replay(plan, steps, making) or broken


def replay(plan: Plan, steps: Sequence[Step], making: Making | None = None) -> Broken | None:
    """Carry out *steps* of *plan* alone, with those customers alone whom they are about: what broke, if anything."""
    making, story = making or Making(), list[Told]()
    numbers = {step.customer for step in steps if step.customer >= 0}
    world = World(plan.seed, numbers, ACTS, making.store, making.profile, making.law)
    try:
        for step in steps:
            told = Told(step, ())
            story.append(told)
            story[-1] = Told(step, world.do(step))
        world.finish()
    except LawBroken as law:
        if story:
            story[-1] = Told(story[-1].step, tuple(world.said))
        return Broken(law=law.law, what=law.what, at_step=len(story), story=tuple(story))
    finally:
        world.close()
    return None


def _shorter(steps: tuple[Step, ...], fails: Callable[[Sequence[Step]], bool]) -> tuple[Step, ...]:
    """Leave out halves, then quarters … then single steps, as long as the rest still fails."""
    size = max(len(steps) // 2, 1)
    while True:
        at, shortened = 0, False
        while at < len(steps) and len(steps) > 1:
            fewer = (*steps[:at], *steps[at + size :])
            if fewer and fails(fewer):
                steps, shortened = fewer, True
            else:
                at += size
        if size == 1 and not shortened:
            return steps
        size = max(size // 2, 1)


def _plainer(steps: tuple[Step, ...], fails: Callable[[Sequence[Step]], bool]) -> tuple[Step, ...]:
    """Leave out faults, and what happens in the middle of steps."""
    for at in range(len(steps)):
        for plain in ({"fault": None}, {"meanwhile": ()}):
            with_less = (*steps[:at], evolve(steps[at], **plain), *steps[at + 1 :])
            if with_less[at] != steps[at] and fails(with_less):
                steps = with_less
    return steps
