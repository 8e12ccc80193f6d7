"""Keys in a file: nobody else may read it, and nothing that it says is shown."""

import json
import os
import traceback
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from janetbank.policies.hashing import FAST_FOR_TESTS
from janetbank.ports.keys import KEY_BYTES, KeyMissing, Keys, Purpose
from janetbank.testing.port_conformance import KeysConformance
from janetbank.vault import Vault
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.keys.file import FileKeys, UnfitKeyFile, _refuse_unless_private

ENTROPY = SeededEntropy(3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A key file."""
    FileKeys.create(tmp_path / "keys.json", ENTROPY)
    return tmp_path / "keys.json"


class TestFileKeys(KeysConformance):
    """Keys in a file obey the laws of the port."""

    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def keys(self) -> Keys:
        """Keys."""
        return FileKeys.create(self.folder / "keys.json", ENTROPY)


def refusal(act: Callable[[], object]) -> str:
    """Why *act* finds the key file unfit; nothing of the error, its causes included, shows any key."""
    with pytest.raises(UnfitKeyFile) as caught:
        act()
    error: BaseException | None = caught.value
    while error is not None:
        assert not isinstance(error, json.JSONDecodeError)  # it would carry the whole file in its `doc`
        error = error.__cause__ or error.__context__
    assert "c2VjcmV0" not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_a_new_file_is_its_owners_alone(path: Path) -> None:
    """What is made can be read and written by its owner, by nobody else, and is read back as it was made."""
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    Vault(keys=FileKeys(path), entropy=ENTROPY, cost=FAST_FOR_TESTS)


def test_nothing_is_overwritten_by_a_new_file(path: Path) -> None:
    """Where there is something already, it stays, and nothing is left beside it."""
    before = path.read_bytes()
    assert "is already there" in refusal(lambda: FileKeys.create(path, ENTROPY))
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("mode", [0o601, 0o602, 0o604, 0o610, 0o620, 0o640, 0o660, 0o666, 0o444])
def test_a_file_that_others_may_open_is_refused(path: Path, mode: int) -> None:
    """Any right of the group or of the world makes it unfit, whether to read, to write or to run."""
    path.chmod(mode)
    assert f"open to others (mode {mode:04o})" in refusal(lambda: FileKeys(path))


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o700])
def test_a_file_of_its_owner_alone_is_taken(path: Path, mode: int) -> None:
    """What its owner may do with it does not matter."""
    path.chmod(mode)
    FileKeys(path)


def test_a_link_counts_as_what_it_leads_to(path: Path) -> None:
    """Secrets are often mounted as links: it is the file behind which must be private, and which is changed."""
    link = path.with_name("link.json")
    link.symlink_to(path)
    keys = FileKeys(link)
    keys.rotate(Purpose.SEAL, ENTROPY)
    assert link.is_symlink()
    assert FileKeys(path).current(Purpose.SEAL) == keys.current(Purpose.SEAL)
    path.chmod(0o644)
    assert "open to others" in refusal(lambda: FileKeys(link))


def test_a_file_of_somebody_else_is_refused(path: Path) -> None:
    """Whoever owns a file can change its rights at any time; root can anyway."""
    mode, uid = 0o100600, os.geteuid()
    for owner in (uid, 0):
        _refuse_unless_private(path, os.stat_result((mode, 1, 1, 1, owner, 0, 9, 0, 0, 0)))
    somebody_else = os.stat_result((mode, 1, 1, 1, uid + 1, 0, 9, 0, 0, 0))
    assert "belongs to another user" in refusal(lambda: _refuse_unless_private(path, somebody_else))


def nothing(_: Path) -> None:
    """Make nothing."""


def pipe(path: Path) -> None:
    """Make a pipe, which nobody writes into."""
    os.mkfifo(path, 0o600)


def ring(path: Path) -> None:
    """Make a link to itself."""
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "why"),
    [(nothing, "No such file"), (Path.mkdir, "is not a file"), (pipe, "is not a file"), (ring, "cannot be read")],
)
def test_what_is_no_file_is_refused(tmp_path: Path, make: Callable[[Path], None], why: str) -> None:
    """Nothing, a folder, a pipe (without waiting for it) and a link that leads nowhere are no key files."""
    make(tmp_path / "keys.json")
    assert why in refusal(lambda: FileKeys(tmp_path / "keys.json"))


SECRET = b64encode(b"secret" * 6).decode()


def written(**changed: object) -> str:
    """A key file's text, with some lists changed."""
    each = {purpose.value: [{"id": "a", "key": b64encode(os.urandom(KEY_BYTES)).decode()}] for purpose in Purpose}
    return json.dumps(each | changed)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not one JSON object"),
        ("null", "not one JSON object"),
        (f'"{SECRET}"', "not one JSON object"),
        (f'{{"pepper": "{SECRET}"', "not one JSON object"),
        ("[" * 100_000, "not one JSON object"),
        (f'{{"pepper": [], "pepper": ["{SECRET}"]}}', "not one JSON object"),
        ("{}", "there is no pepper key"),
        (written(seal=list[str]()), "there is no seal key"),
        (written(peper=list[str]()), "for something else"),
        (written(**{SECRET: list[str]()}), "for something else"),
        (written(seal=SECRET), "has a seal key that is not"),
        (written(seal=[SECRET]), "has a seal key that is not"),
        (written(seal=[{"id": "a"}]), "has a seal key that is not"),
        (written(seal=[{"id": 1, "key": SECRET}]), "has a seal key that is not"),
        (written(seal=[{"id": "a", "key": "c2VjcmV0"}]), "has a seal key that is not"),
        (written(seal=[{"id": "a", "key": SECRET + "!"}]), "has a seal key that is not"),
        (written(seal=[{"id": "a", "key": SECRET[:-2] + "é"}]), "has a seal key that is not"),
        (written(seal=[{"id": "a", "key": b64encode(b"k" * (KEY_BYTES - 1)).decode()}]), "has a seal key that is not"),
        (written(seal=[{"id": "a:b", "key": SECRET}]), "the id of a seal key is not"),
        (written(seal=[{"id": "a", "key": SECRET}, {"id": "a", "key": SECRET[::-1]}]), "two seal keys have one id"),
        (written(seal=[{"id": "a", "key": SECRET}, {"id": "b", "key": SECRET}]), "one key stands twice"),
        (written(seal=[{"id": "a", "key": SECRET}], pepper=[{"id": "a", "key": SECRET}]), "one key stands twice"),
        ("\udcff", "not one JSON object"),
        (" " * (1 << 20) + written(), "too large"),
    ],
)
def test_a_garbled_file_is_refused(path: Path, text: str, why: str) -> None:
    """Whatever is not a list of good keys for each purpose is refused, and says why without showing any of it."""
    path.write_text(text, "utf-8", "surrogateescape")
    assert why in refusal(lambda: FileKeys(path))


def test_a_refused_file_shows_nothing_of_itself(path: Path) -> None:
    """Not even the traceback's text has a piece of the file."""
    path.write_text(f'{{"pepper": [{{"id": "a", "key": "{SECRET}"}}')
    with pytest.raises(UnfitKeyFile) as caught:
        FileKeys(path)
    assert SECRET[:8] not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)


def test_a_rotation_is_kept(path: Path) -> None:
    """The new key is current here and for whoever opens the file next, and the former one is found by its id."""
    keys = FileKeys(path)
    former = keys.current(Purpose.PEPPER)
    new = keys.rotate(Purpose.PEPPER, ENTROPY)
    assert keys.current(Purpose.PEPPER) == FileKeys(path).current(Purpose.PEPPER) == new != former
    assert FileKeys(path).key(Purpose.PEPPER, former.id) == former
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_two_processes_rotate_on(path: Path) -> None:
    """Whoever rotates builds on what stands in the file, not on what he read long ago: no key is lost."""
    mine, his = FileKeys(path), FileKeys(path)
    first = mine.rotate(Purpose.PEPPER, ENTROPY)
    second = his.rotate(Purpose.PEPPER, ENTROPY)
    assert FileKeys(path).key(Purpose.PEPPER, first.id) == first
    assert FileKeys(path).current(Purpose.PEPPER) == second


def test_a_key_that_another_process_added_is_found(path: Path) -> None:
    """A miss reads the file once more, so nobody has to be restarted for a rotation."""
    mine, his = FileKeys(path), FileKeys(path)
    new = his.rotate(Purpose.SEAL, ENTROPY)
    assert mine.key(Purpose.SEAL, new.id) == new
    assert mine.current(Purpose.SEAL) == new


def test_a_dropped_key_is_gone(path: Path) -> None:
    """Dropping is kept, too, and refused for the current key."""
    keys = FileKeys(path)
    former = keys.current(Purpose.DECOY)
    keys.rotate(Purpose.DECOY, ENTROPY)
    keys.drop(Purpose.DECOY, former.id)
    for one in (keys, FileKeys(path)):
        with pytest.raises(KeyMissing):
            one.key(Purpose.DECOY, former.id)
    with pytest.raises(ValueError, match="rotate first"):
        keys.drop(Purpose.DECOY, keys.current(Purpose.DECOY).id)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_two_do_not_change_a_file_at_once(path: Path) -> None:
    """While somebody writes, or has died writing, nobody else does; the keys are as they were and still read."""
    draft = path.with_name("keys.json.new")
    draft.touch()
    keys = FileKeys(path)
    before = path.read_bytes()
    assert "remove keys.json.new" in refusal(lambda: keys.rotate(Purpose.SEAL, ENTROPY))
    assert path.read_bytes() == before
    draft.unlink()
    keys.rotate(Purpose.SEAL, ENTROPY)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Where the file cannot be made, that is the reason given."""
    assert "cannot be written" in refusal(lambda: FileKeys.create(tmp_path / "nowhere" / "keys.json", ENTROPY))
