"""What is to be proved of a profile: everything, once, by machines that other processes can have."""

import pickle

import pytest
from attrs import evolve

from janetbank import profiles
from janetbank.testing.proofs import MACHINES, proofs_of
from janetbank_adapters.cli.arguments import PROFILES


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_machine_has_something_of_every_profile(profile: profiles.Profile) -> None:
    """A profile without calls has no machine of calls; of everything else there is something to prove."""
    found = [proof.name for proof in proofs_of(profile)]
    calls = {"phone-call", "phone-attempts", "destinations"}
    assert set(found) == set(MACHINES) - (set() if profile.token.calls else calls)
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


def test_there_is_something_in_every_state_to_show() -> None:
    """Every machine can tell its first state and each event in it."""
    for proof in proofs_of(profiles.MODERN):
        for start in proof.machine.starts():
            assert proof.machine.show(start)
            assert all(proof.machine.say(event) for event in proof.machine.events(start))
