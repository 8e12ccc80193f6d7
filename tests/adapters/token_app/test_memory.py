"""What the app keeps opens on its own device, and on no other."""

import json
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank_adapters.biometrics.software import Passkey
from janetbank_adapters.token_app.device import Device, UnfitDevice
from janetbank_adapters.token_app.memory import Kept, Memory, UnfitMemory, WrongDevice

SEED = "3132333435363738393031323334353637383930"
ONE = Kept(
    institution="5441",
    service_id="000",
    user_id="0117000",
    key="the-key-of-the-app",
    seed=SEED,
    period=60,
    digits=6,
    algorithm="sha1",
    wording="家計",
    passkey=Passkey(id=b"\x00soil", private=12345678987654321, rp_id="netbank.example.jp", count=3),
)
TWO = evolve(ONE, user_id="0117001", passkey=None)


def device(folder: Path, name: str = "device.key", machine: str = "taros-telephone") -> Device:
    """A device whose key is in *folder*."""
    return Device.at(folder / name, machine=machine)


def memory(folder: Path) -> Memory:
    """The app's file in *folder*, on its own device."""
    return Memory(folder / "app.json", device(folder))


@pytest.mark.requirement("APP-18")
def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    """Contracts come back as they were, in their order; a new app has none."""
    assert memory(tmp_path).load() == ()
    memory(tmp_path).save([ONE, TWO])
    assert memory(tmp_path).load() == (ONE, TWO)
    memory(tmp_path).save([TWO])
    assert memory(tmp_path).load() == (TWO,)


@pytest.mark.requirement("APP-18")
def test_no_secret_stands_in_the_file(tmp_path: Path) -> None:
    """Neither seed nor key nor the finger's key can be read in it, nor in what is printed; it is its owner's alone."""
    memory(tmp_path).save([ONE])
    written = (tmp_path / "app.json").read_text()
    for secret in (SEED, ONE.key, "12345678987654321", ONE.user_id):
        assert secret not in written
    assert SEED not in repr(ONE)
    assert ONE.key not in repr(ONE)
    assert (tmp_path / "app.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["app.json", "device.key"]


def test_each_writing_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Of the same contracts written twice nothing is the same."""
    memory(tmp_path).save([ONE])
    first = json.loads((tmp_path / "app.json").read_text())
    memory(tmp_path).save([ONE])
    second = json.loads((tmp_path / "app.json").read_text())
    assert first["salt"] != second["salt"]
    assert first["sealed"] != second["sealed"]


@pytest.mark.requirement("APP-18")
def test_a_copy_is_of_no_use_on_another_device(tmp_path: Path) -> None:
    """With another key it does not open, nor on another machine with a copy of the key."""
    memory(tmp_path).save([ONE])
    for other in (device(tmp_path, "other.key"), device(tmp_path, machine="hanakos-telephone")):
        with pytest.raises(WrongDevice, match="another device"):
            Memory(tmp_path / "app.json", other).load()
    assert memory(tmp_path).load() == (ONE,)


def test_a_device_is_known_by_an_id_that_stays(tmp_path: Path) -> None:
    """It is the same each time, another one for another key or machine, and shows nothing of the key."""
    here = device(tmp_path)
    assert here.id == device(tmp_path).id
    others = {device(tmp_path, "other.key").id, device(tmp_path, machine="hanakos-telephone").id}
    assert len(others | {here.id}) == 3
    assert here.key.hex() not in here.id + repr(here)
    assert Device.at(tmp_path / "device.key").id == Device.at(tmp_path / "device.key").id


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"form": 1, "salt": "", "sealed": "!"}',
        '{"form": 1, "salt": 1, "sealed": 2}',
        "\udcff",
        pytest.param("[" * 5_000, id="nested too deeply"),
    ],
)
def test_what_is_no_file_of_the_app_is_refused(tmp_path: Path, content: str) -> None:
    """A garbled file is an error that says so and shows nothing of it."""
    (tmp_path / "app.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UnfitMemory, match="is not the app's"):
        memory(tmp_path).load()


def test_the_form_is_bound(tmp_path: Path) -> None:
    """A file of another version is not guessed at."""
    memory(tmp_path).save([ONE])
    told = json.loads((tmp_path / "app.json").read_text())
    (tmp_path / "app.json").write_text(json.dumps({**told, "form": 2}))
    with pytest.raises(UnfitMemory, match="another version"):
        memory(tmp_path).load()


@given(st.data())
def test_a_changed_file_does_not_open(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever bit is flipped in what is sealed, or in its salt, nothing is read."""
    from base64 import b64decode, b64encode

    folder = tmp_path_factory.mktemp("app")
    memory(folder).save([ONE])
    told = json.loads((folder / "app.json").read_text())
    part = data.draw(st.sampled_from(["salt", "sealed"]))
    content = bytearray(b64decode(told[part]))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    (folder / "app.json").write_text(json.dumps({**told, part: b64encode(content).decode()}))
    with pytest.raises(WrongDevice):
        memory(folder).load()


def test_a_file_that_cannot_be_reached(tmp_path: Path) -> None:
    """Where it cannot be read or written, that is said."""
    (tmp_path / "app.json").mkdir()
    with pytest.raises(UnfitMemory, match="cannot be read"):
        memory(tmp_path).load()
    with pytest.raises(UnfitMemory, match="cannot be written"):
        Memory(tmp_path / "nowhere" / "app.json", device(tmp_path)).save([])


def test_a_device_key_is_its_owners_alone(tmp_path: Path) -> None:
    """It is made so, and refused where others could read it, where it is no key, and where it cannot be kept."""
    device(tmp_path)
    key = tmp_path / "device.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o640)
    with pytest.raises(UnfitDevice, match="open to others"):
        device(tmp_path)
    key.chmod(0o600)
    key.write_bytes(b"short")
    with pytest.raises(UnfitDevice, match="no device's key"):
        device(tmp_path)
    with pytest.raises(UnfitDevice, match="cannot be kept"):
        device(tmp_path / "nowhere")
    key.unlink()
    key.mkdir()
    with pytest.raises(UnfitDevice, match="cannot be read"):
        device(tmp_path)
