"""The simulation repeats itself, holds its laws, finds what is planted, and tells it shortly."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve

from janetbank.model.contract import Counter
from janetbank.policies.lockout import Lockout
from janetbank.policies.sessions import SessionRules
from janetbank.ports.storage import Conflict
from janetbank.testing.simulation import (
    Act,
    Law,
    LawBroken,
    Making,
    Plan,
    Report,
    schedule,
    shrink,
    simulate,
    write_plots,
)
from janetbank.testing.simulation.acts import ACTS
from janetbank.testing.simulation.faults import FaultKind, SimulatedStorage
from janetbank.testing.simulation.world import StepEntropy, World
from janetbank.values.instruction import Transfer
from janetbank_adapters.cli import main
from janetbank_adapters.cli.simulate import tell
from janetbank_adapters.storage.memory import MemoryStorage
from tests.testing.simulation.mutants import (
    JA,
    CrashForgives,
    EndsEarly,
    NotReserved,
    OneMore,
    TimeClears,
    guarded_by,
)

SMALL = Plan(seed=3, customers=20, days=10, faults=True)
LONG = 40
"""Steps, of a story that a reader follows."""


@pytest.fixture(scope="module")
def report() -> Report:
    """What comes of a small plan."""
    return simulate(SMALL)


def test_every_law_holds(report: Report) -> None:
    """With everything going wrong that may, every law holds at every commit, and something has happened."""
    assert report.broken is None, str(report.broken)
    assert min(report.totals[name] for name in ("evaluated", "lockouts", "executed", "letters")) > 0


def test_the_same_seed_is_the_same_history(report: Report) -> None:
    """A plan that is carried out twice tells everybody the same, and ends in the same audit chains."""
    again = simulate(SMALL)
    assert (again.digest, again.steps, again.totals) == (report.digest, report.steps, report.totals)
    assert simulate(evolve(SMALL, seed=4)).digest != report.digest


def test_every_store_has_the_same_history() -> None:
    """What is told, and what stands in the audit chains, is no matter of where it is kept."""
    plan = evolve(SMALL, customers=6, days=4)
    assert simulate(plan, Making(store="sqlite")).digest == simulate(plan).digest


def test_who_meets_conflict_draws_the_same_again() -> None:
    """Which store lets whom know when that he came second makes no other history: a lost attempt has drawn nothing."""
    chance = StepEntropy(7)
    storage, drawn = SimulatedStorage(MemoryStorage(), chance), [chance.token(8)]

    def draw(*, meets: bool) -> None:
        with storage.transaction():
            drawn.append(chance.token(8))
            if meets:
                raise Conflict

    with pytest.raises(Conflict):
        draw(meets=True)
    draw(meets=False)
    draw(meets=False)
    first, lost, again, later = drawn
    assert lost == again
    assert len({first, lost, later}) == 3
    assert chance.drawn() == 3


def test_the_schedule_has_everybody_and_everything() -> None:
    """In a long schedule there is every act, every fault, and everybody in another's middle."""
    steps = list(schedule(Plan(seed=1, customers=300, days=30, faults=True)))
    assert {step.act for step in steps} == set(Act)
    assert {step.fault.kind for step in steps if step.fault} == set(FaultKind)
    assert any(step.meanwhile for step in steps)
    assert steps == sorted(steps, key=lambda step: step.at)


def test_without_faults_nothing_goes_wrong() -> None:
    """A plan without faults has none."""
    assert not any(step.fault or step.meanwhile for step in schedule(evolve(SMALL, faults=False)))


@pytest.mark.parametrize("mutant", [NotReserved, EndsEarly, TimeClears, CrashForgives, OneMore])
def test_a_guard_taken_away_is_found_and_told_shortly(mutant: type[Lockout]) -> None:
    """Whatever is taken from the counting of guesses breaks a law, and what is told of it is short."""
    plan, making = evolve(SMALL, seed=1, customers=8, days=20), Making(profile=guarded_by(mutant), law=JA)
    broken = simulate(plan, making).broken
    assert broken is not None
    assert broken.law in {Law.ROOM, Law.BLOCKED, Law.NO_MORE}
    short = shrink(plan, broken, making)
    assert short.law is broken.law
    assert sum(len(told.told) for told in short.story) <= LONG


def test_a_session_that_lives_too_long_is_found() -> None:
    """A bank whose sessions outlast the rule is found out, too: the watch has its own numbers."""
    rules = JA.sessions
    shorter = SessionRules(idle=rules.idle / 1000, absolute=rules.absolute, challenge=rules.challenge)
    broken = simulate(SMALL, Making(law=evolve(JA, sessions=shorter))).broken
    assert broken is not None
    assert broken.law is Law.AGE


def _world() -> World:
    """A small world, some days on, in which a transfer was done."""
    world = World(SMALL.seed, range(SMALL.customers), ACTS)
    for step in schedule(evolve(SMALL, faults=False)):
        world.do(step)
    assert world.there.core.books.done
    return world


def test_what_no_bank_does_is_found_as_well() -> None:
    """Money that moves twice, or unproved, or for another text; no session; a cut chain: each breaks a law."""
    world = _world()
    watch, one, done = world.watch, world.customers[0], world.there.core.books.done[0]
    chain = one.chain
    assert isinstance(done, Transfer)
    watch.door(chain).guesses.clear()
    cases: list[tuple[Law, Callable[[], object]]] = [
        (Law.ONCE, lambda: watch.executed(done)),
        (Law.PROVED, lambda: watch.executed(evolve(done, reference="0" * 32))),
        (Law.EPOCH, lambda: watch.entered(chain, "no session", "looking around")),
        (Law.RESERVED, watch.evaluating),
        (Law.CHAINS, lambda: watch.audit(world.storage, world.customers[1].chain)),
    ]
    for law, broken in cases:
        if law is Law.CHAINS:
            watch.door(world.customers[1].chain).seq += 1
        with pytest.raises(LawBroken) as found:
            broken()
        assert found.value.law is law
    watch.door(chain).suspended = True
    with pytest.raises(LawBroken) as found:
        watch.entered(chain, "", "logging in")
    assert found.value.law is Law.OUT


def test_a_letter_that_never_leaves_is_found() -> None:
    """Whatever was written has to be sent by the end."""
    world = _world()
    world.finish()
    world.watch.letters.add("never sent")
    with pytest.raises(LawBroken) as found:
        world.finish()
    assert found.value.law is Law.LETTERS


def test_another_counter_is_watched_as_well() -> None:
    """Answers are counted like passwords."""
    making = Making(profile=guarded_by(OneMore, Counter.ANSWER), law=JA)
    broken = simulate(evolve(SMALL, days=30), making).broken
    assert broken is not None
    assert "answer" in broken.what


def test_the_plots_are_pictures(report: Report, tmp_path: Path) -> None:
    """Each picture is SVG that can be read, and the page shows them all."""
    page = write_plots(report, tmp_path / "plots").read_text("utf-8")
    pictures = sorted((tmp_path / "plots").glob("*.svg"))
    assert [one.stem for one in pictures] == ["back", "blocks", "evaluated", "lockouts"]
    for one in pictures:
        assert ET.fromstring(one.read_text("utf-8")).tag.endswith("svg")  # noqa: S314 -- we wrote it
        assert one.name in page


def test_the_command_tells_the_history(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`janetbank simulate` ends with 0 where every law held, and says the digest."""
    argv = ["simulate", "--seed", "3", "--customers", "5", "--days", "3", "--faults", "--json"]
    assert main([*argv, "--plots", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["digest"] == simulate(Plan(seed=3, customers=5, days=3, faults=True)).digest
    assert told["broken"] is None
    assert (tmp_path / "index.html").is_file()
    assert main(argv[:-1]) == 0
    assert told["digest"][:16] in capsys.readouterr().out


def test_the_command_tells_the_story(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a law was broken it is named, with every step of the story."""
    plan, making = evolve(SMALL, seed=1), Making(profile=guarded_by(NotReserved), law=JA)
    broken = simulate(plan, making).broken
    assert broken is not None
    short = shrink(plan, broken, making)
    tell(evolve(report, broken=broken), short, 1.0)
    said = "".join(capsys.readouterr().out.split())
    assert "".join(broken.law.value.split()) in said
    assert all("".join(str(one).split()) in said for one in short.story)


@pytest.mark.parametrize("wrong", [["--customers", "0"], ["--days", "x"], ["--store", "paper"], ["--seed", "one"]])
def test_what_cannot_be_simulated_is_misuse(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No customers, no days, no such store: exit code 2, and a reason."""
    assert main(["simulate", *wrong]) == 2
    assert capsys.readouterr().err


@pytest.mark.search
@pytest.mark.parametrize("seed", range(10))
def test_at_length_every_store_has_the_same_history(seed: int) -> None:
    """Ten banks of 250 customers, for 40 days each, where many meet at one contract."""
    plan = Plan(seed=2_000 + seed, customers=250, days=40, faults=True)
    there, here = simulate(plan, Making(store="sqlite")), simulate(plan)
    assert (there.broken, there.digest) == (None, here.digest)


@pytest.mark.search
@pytest.mark.parametrize("seed", range(20))
def test_every_law_holds_for_a_million_customer_days(seed: int) -> None:
    """Twenty banks of 1,000 customers, for 50 days each."""
    plan = Plan(seed=1_000 + seed, customers=1_000, days=50, faults=True)
    report = simulate(plan)
    story = "" if report.broken is None else "\n".join(map(str, shrink(plan, report.broken).story))
    assert report.broken is None, f"{report.broken}\n{story}"
