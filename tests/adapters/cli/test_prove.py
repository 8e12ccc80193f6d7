"""`janetbank prove` explores every machine, says what it found, and tells the story of a broken law."""

import json
import signal
import subprocess
import time
from argparse import Namespace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from janetbank import profiles
from janetbank.model.contract import Counter
from janetbank.policies.lockout import AtLeast, Busy, Lockout, Reserved, ReserveVerdict, Tally, Ticket
from janetbank.testing.proofs import MACHINES, MachineOfProfile, proofs_of
from janetbank_adapters.cli import Misuse, main, prove
from janetbank_adapters.cli.arguments import PROFILES
from tests.adapters.cli.process import COMMAND, environment

SMALL = ["--machine", "account", "--machine", "procedure", "--jobs", "1"]


def test_what_holds_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0; each machine once, with its states, whichever profiles it is of."""
    assert main(["prove", *SMALL, "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert told.count("steps of a") == 3
    assert told.count("holds") == 4 + 1
    assert "Every law holds: 4 machines, 67 states, 553 transitions, " in told


def test_it_speaks_japanese(capsys: pytest.CaptureFixture[str]) -> None:
    """The table and the verdict are told in the language asked for."""
    assert main(["prove", "--machine", "contract", "--jobs", "1", "--lang", "ja"]) == 0
    told = capsys.readouterr().out
    assert "契約の一生" in told
    assert "すべての規則が成り立ちます：機械1、状態10、遷移26、" in told


def test_json_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has each machine with what it is of, its figures, what came of how many, and its story, if any."""
    assert main(["prove", *SMALL, "--profile", "ja", "--profile", "modern", "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["proven"] is True
    assert [one["machine"] for one in told["machines"]] == ["procedure", "procedure", "procedure", "account"]
    account = told["machines"][-1]
    assert account["of"] == [{"profile": name, "subject": "account"} for name in ("ja", "modern")]
    assert (account["states"], account["transitions"], account["depth"], account["story"]) == (10, 26, 6, None)
    assert sum(account["outcomes"].values()) == 26


def test_several_processes_find_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """However many processes share the work, what is found is the same."""
    found: list[list[tuple[object, ...]]] = []
    for jobs in ("1", "2"):
        assert main(["prove", *SMALL, "--jobs", jobs, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        found.append([(one["machine"], one["states"], one["transitions"]) for one in told["machines"]])
    assert found[0] == found[1]


def test_a_file_of_ones_own_is_proved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A profile from a file is proved like a shipped one."""
    own = tmp_path / "own.toml"
    own.write_text(profiles.dump(evolve(profiles.JA, name="own")), encoding="utf-8")
    assert main(["prove", "--profile", str(own), "--machine", "token", "--jobs", "1", "--lang", "en"]) == 0
    assert "(own)" in capsys.readouterr().out


@frozen(kw_only=True)
class OneTooMany(Lockout):
    """One guess more in flight than there may be failures."""

    def reserve(self, tally: Tally, now: Any) -> tuple[Tally, ReserveVerdict]:  # noqa: ANN401 -- as the rule's
        """One more."""
        after, verdict = super().reserve(tally, now)
        if not isinstance(verdict, Busy) or len(after.open) > self.trips_at:
            return after, verdict
        ticket = Ticket(after.issued + 1, now + self.patience)
        return evolve(after, issued=ticket.number, open=(*after.open, ticket)), Reserved(ticket)


FAULTY = evolve(
    profiles.JA,
    lockouts=dict.fromkeys(Counter, OneTooMany(tolerance=AtLeast(2), rest=timedelta(minutes=60), lockouts_to_block=2)),
    operators=evolve(profiles.JA.operators, lockout=Lockout(tolerance=AtLeast(1), rest=None, lockouts_to_block=1)),
)


def asked(*, as_json: bool) -> Namespace:
    """What somebody asks who has a fault in his lockout."""
    return Namespace(profile=[FAULTY], machine=["lockout"], jobs=1, lang="en", json=as_json)


def test_a_broken_law_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, with the machine in the table, whose it is, and the story of what happened."""
    assert prove.run(asked(as_json=False)) == 1
    told = capsys.readouterr().out
    assert "broken" in told
    assert "Broken: no more guesses are evaluated than the rule allows\n" in told
    assert "But this is guess 3 without a lock, and 2 are allowed" in told
    assert told.endswith("A law is broken.\n")


def test_a_broken_law_stands_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and the story with its law and its steps."""
    assert prove.run(asked(as_json=True)) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["proven"] is False
    broken, whole = told["machines"]
    assert (broken["proven"], whole["proven"]) == (False, True)
    assert broken["story"]["law"] == "no more guesses are evaluated than the rule allows"
    assert len(broken["story"]["lines"]) == 3


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5"])
def test_no_processes_explore_nothing(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A number of processes is 1 or more."""
    assert main(["prove", f"--jobs={jobs}"]) == 2
    assert "a number of processes is 1 or more" in capsys.readouterr().err


def test_an_unknown_machine_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    """Who asks for a machine that is none hears which there are."""
    assert main(["prove", "--machine", "perpetual"]) == 2
    assert "lockout" in capsys.readouterr().err


def test_a_machine_that_does_not_close_is_no_answer() -> None:
    """Exit code 2: what has more states than allowed is neither proved nor broken."""
    machines: list[MachineOfProfile] = [machine for _, machine in MACHINES["account"](profiles.JA)]
    with pytest.raises(Misuse, match="does not close: more than 3 states"):
        dict(prove.explored(machines, jobs=1, limit=3))
    with pytest.raises(Misuse, match="does not close: more than 3 states"):
        dict(prove.explored(machines * 2, jobs=2, limit=3))


def test_every_machine_has_its_name() -> None:
    """No machine is shown by its identifier alone."""
    assert prove.NAMES.keys() == MACHINES.keys()


def test_subjects_are_told_by_profile() -> None:
    """What several profiles share is told once, with all of their names."""
    proofs = [proof for profile in PROFILES.values() for proof in proofs_of(profile) if proof.name == "account"]
    assert prove.subjects(proofs) == f"account ({', '.join(PROFILES)})"


def test_ctrl_c_ends_every_process(tmp_path: Path) -> None:
    """Interrupted, it says so in one line, and none of its processes lives on."""
    with subprocess.Popen(
        [*COMMAND, "prove", "--machine", "lockout", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment({"TMPDIR": str(tmp_path)}),
    ) as proving:
        time.sleep(1.5)  # while they are begun, load or are at it: it takes longer than that, and ends alike
        proving.send_signal(signal.SIGINT)
        _, said = proving.communicate(timeout=60)
    assert (proving.returncode, said) == (130, b"janetbank: interrupted\n")
