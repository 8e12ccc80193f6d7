"""What is to be proved of a profile: everything, once, by machines that other processes can have."""

import pickle
import re
from importlib import import_module
from pathlib import Path

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.testing.explore import explore
from janetbank.testing.proofs import MACHINES, proofs_of
from janetbank_adapters.cli.arguments import PROFILES
from tests.testing.proofs.planted import laws

PAGE = Path(__file__).parents[3] / "docs" / "proofs.md"


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_machine_has_something_of_every_profile(profile: profiles.Profile) -> None:
    """Without calls there is no machine of calls, nor one of mailed passwords without these; of all else there is."""
    found = [proof.name for proof in proofs_of(profile)]
    absent = set[str]() if profile.token.calls else {"phone-call", "phone-attempts", "destinations"}
    absent |= set[str]() if profile.mail_password else {"mail-password"}
    assert set(found) == set(MACHINES) - absent
    assert found == sorted(found, key=list(MACHINES).index)
    assert {proof.of for proof in proofs_of(profile)} == {profile.name}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_machines_can_be_sent_and_told_apart(profile: profiles.Profile) -> None:
    """What comes back from another process is the same machine, and equal machines are one."""
    for proof in proofs_of(profile):
        there = pickle.loads(pickle.dumps(proof.machine))  # noqa: S301 -- what was just written
        assert there == proof.machine
        assert hash(there) == hash(proof.machine)


def test_the_same_numbers_are_the_same_machines() -> None:
    """A profile of another name with the same numbers has nothing new to prove."""
    renamed = evolve(profiles.JA, name="ja-too")
    assert {proof.machine for proof in proofs_of(renamed)} == {proof.machine for proof in proofs_of(profiles.JA)}


@pytest.mark.parametrize("name", MACHINES)
def test_what_ships_is_proven(name: str) -> None:
    """Every law of every machine holds with every profile's numbers; lockouts take longer (make search)."""
    machines = {proof.machine for one in PROFILES.values() for proof in proofs_of(one) if proof.name == name}
    reports = [explore(machine) for machine in machines if name != "lockout"]
    assert [report.story for report in reports if not report.proven] == []


@pytest.mark.search
def test_the_lockouts_that_ship_are_proven() -> None:
    """Every law holds of every counter of every profile, in every interleaving."""
    machines = {proof.machine for one in PROFILES.values() for proof in proofs_of(one) if proof.name == "lockout"}
    assert [report.story for report in map(explore, machines) if not report.proven] == []


@pytest.mark.parametrize("name", MACHINES)
def test_the_page_has_every_law(name: str) -> None:
    """docs/proofs.md names each machine, and says its laws in the very words of the code."""
    page = PAGE.read_text(encoding="utf-8")
    told = {line.removeprefix("- ").partition(" (")[0] for line in page.splitlines() if line.startswith("- ")}
    module = import_module(MACHINES[name].__module__)
    assert laws(module) - {vars(module).get("WAIT")} <= told
    assert re.search(rf"^###.*\b{name}\b", page, re.MULTILINE)


def test_the_code_of_the_page_runs() -> None:
    """The page's Python proves what it says."""
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    exec(compile(block, str(PAGE), "exec"), {})  # noqa: S102 -- our own page


def test_there_is_something_in_every_state_to_show() -> None:
    """Every machine can tell its first state and each event in it."""
    for proof in proofs_of(profiles.MODERN):
        for start in proof.machine.starts():
            assert proof.machine.show(start)
            assert all(proof.machine.say(event) for event in proof.machine.events(start))
