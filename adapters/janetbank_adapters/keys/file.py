"""Keys in a file of their own, which nobody but its owner may read.

Shape:  JSON: for each purpose a list of {"id": …, "key": base64 of 32 bytes or more}; the last is the current key.
        A symbolic link is followed (secrets are often mounted as one); what counts is the file that was opened.
Errors: UnfitKeyFile for a file that is missing, readable by others, somebody else's, garbled, or short of a key;
        KeyMissing for a key that is not in it.  No message shows anything out of the file.
Source: ports/keys.py; standards.md C15; TRAPS "no key -> refuse to start, never plaintext".

A key that another process has added is found when it is first asked for: a miss reads the file once more.  So
processes on one machine share the file; on many machines a new key is first put anywhere but last, everywhere, and
only then last.
"""

import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Self, cast

from janetbank.ports.entropy import Entropy
from janetbank.ports.failures import PortError
from janetbank.ports.keys import KEY_BYTES, Key, KeyMissing, Purpose
from janetbank_adapters.keys.memory import MemoryKeys

_OTHERS = 0o077
_OWNER = 0o600
_ROOT = 0
_LARGEST = 1 << 20
"""No key file is larger: a wrong path must not read a disk image into memory."""


class UnfitKeyFile(PortError):  # noqa: N818 -- states a condition
    """The key file cannot be used; the message says why and shows no key."""


class FileKeys:
    """See the module."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ring = _read(path)

    @classmethod
    def create(cls, path: Path, entropy: Entropy) -> Self:
        """Make a new file at *path* with one key for each purpose; it is there as a whole or not at all."""
        with _draft(path) as draft:
            _write(draft, MemoryKeys.fresh(entropy))
            try:
                os.link(draft, path)  # a link never takes the place of what is there, as a renamed file does
            except FileExistsError:
                _refuse(path, "is already there")
            _sync(path.parent)
        return cls(path)

    def current(self, purpose: Purpose) -> Key:
        """The key that new things of *purpose* are made with."""
        return self._ring.current(purpose)

    def key(self, purpose: Purpose, key_id: str) -> Key:
        """The key of *purpose* with this id, current or former."""
        try:
            return self._ring.key(purpose, key_id)
        except KeyMissing:
            self._ring = _read(self._path)
            return self._ring.key(purpose, key_id)

    def rotate(self, purpose: Purpose, entropy: Entropy) -> Key:
        """Make a new key current, in the file and here."""
        self._change(lambda ring: ring.rotate(purpose, entropy))
        return self.current(purpose)

    def drop(self, purpose: Purpose, key_id: str) -> None:
        """Forget a former key, in the file and here, and with it everything that it made."""
        self._change(lambda ring: ring.drop(purpose, key_id))

    def _change(self, change: Callable[[MemoryKeys], object]) -> None:
        path = self._path.resolve()
        with _draft(path) as draft:
            ring = _read(path)
            change(ring)
            _write(draft, ring)
            draft.replace(path)
            _sync(path.parent)
        self._ring = ring


@contextmanager
def _draft(path: Path) -> Generator[Path]:
    """An empty file beside *path*, its owner's alone; while it is there nobody else changes the keys."""
    draft = path.with_name(f"{path.name}.new")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER))
    except FileExistsError:
        _refuse(path, f"is being changed by somebody else; where nobody is at it, remove {draft.name}")
    except OSError as error:
        _refuse(path, f"cannot be written: {error.strerror}")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _write(draft: Path, ring: MemoryKeys) -> None:
    keys = {
        purpose.value: [{"id": key.id, "key": b64encode(key.material).decode()} for key in ring.all_of(purpose)]
        for purpose in Purpose
    }
    with draft.open("w", encoding="ascii") as file:
        json.dump(keys, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make what was linked or renamed in *folder* survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> MemoryKeys:
    parsed = _parsed(_content(path))
    if not isinstance(parsed, dict):
        _refuse(path, "is not one JSON object, every name in it once")
    lists = cast("dict[str, object]", parsed)
    purposes = [purpose.value for purpose in Purpose]
    if not lists.keys() <= set(purposes):
        _refuse(path, f"has a list for something else than {', '.join(purposes)}")
    keys = {purpose: _keys_in(path, purpose, lists.get(purpose.value, [])) for purpose in Purpose}
    try:
        return MemoryKeys(keys)
    except (KeyMissing, ValueError) as error:
        _refuse(path, f"cannot be used: {error}")


def _content(path: Path) -> bytes:
    """What the file holds, if nobody but its owner could have read or written it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would keep us waiting
    except OSError as error:
        _refuse(path, f"cannot be read: {error.strerror}")
    try:
        _refuse_unless_private(path, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _refuse_unless_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        _refuse(path, "is not a file")
    if status.st_uid not in {os.geteuid(), _ROOT}:
        _refuse(path, "belongs to another user")
    if status.st_mode & _OTHERS:
        _refuse(path, f"is open to others (mode {stat.S_IMODE(status.st_mode):04o}): chmod 600 closes it")
    if status.st_size > _LARGEST:
        _refuse(path, "is too large to hold keys")


def _parsed(content: bytes) -> object:
    """The JSON value, or None where there is none: the parser's own error would carry the whole text along."""
    try:
        return json.loads(content, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        return None


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        msg = "a name stands twice"
        raise ValueError(msg)
    return dict(pairs)


def _keys_in(path: Path, purpose: Purpose, entries: object) -> list[Key]:
    keys = [_key(entry) for entry in cast("list[object]", entries)] if isinstance(entries, list) else [None]
    found = [key for key in keys if key is not None]
    if len(found) < len(keys):
        _refuse(path, f'has a {purpose.value} key that is not {{"id": …, "key": base64 of {KEY_BYTES} bytes or more}}')
    return found


def _key(entry: object) -> Key | None:
    """The key of one entry, or None: no error may carry the material along."""
    match entry:
        case {"id": str(key_id), "key": str(material)}:
            try:
                return Key(key_id, b64decode(material, validate=True))
            except ValueError:
                return None
        case _:
            return None


def _refuse(path: Path, why: str) -> NoReturn:
    msg = f"the key file {path} {why}"
    raise UnfitKeyFile(msg) from None
