"""A profile in TOML: one's own bank, written to a file, checked and loaded.

    load("bank.toml")  -> the Profile, or BadProfile with every fault, its line and its reason
    dump(profiles.JA)  -> the text of such a file, each field with what it is about; the way to start one

Shape:  load(dump(profile)) == profile.
Errors: BadProfile for what is no profile; OSError for what cannot be opened; ValueError for a profile that no file can
        hold (a function as its calendar).
Source: PRF-01; docs/profiles.md.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, time
from pathlib import Path
from typing import Any, TypeGuard, cast

from attrs import frozen

from janetbank.profiles import kinds
from janetbank.profiles.kinds import Fault, Schema, Table, Wrong
from janetbank.profiles.profile import Profile

_WHOLE = Table(Profile)
_AT_LINE = re.compile(r" \(at line ([0-9]+), column [0-9]+\)")
_INLINE, _WIDTH = 3, 90
"""A table of so few plain values, and no wider, stands on one line; so does an array."""


@frozen
class Finding:
    """What is wrong on *line* (from 1): the field *at* this path, and why."""

    line: int
    at: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {f'{self.at}: ' if self.at else ''}{self.reason}"


class BadProfile(ValueError):  # noqa: N818 -- it names the thing, as InvalidValue does
    """A text is no profile; *findings* say all that is wrong with it, in the order of its lines."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


def load(path: Path | str) -> Profile:
    """The profile in the file at *path*."""
    return loads(Path(path).read_bytes())


def loads(written: str | bytes) -> Profile:
    """The profile that is *written* so."""
    text = written if isinstance(written, str) else _decoded(written)
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise BadProfile(Finding(1, "", "nests too deeply")) from None
    except ValueError as error:
        raise BadProfile(_syntax(str(error), text)) from None
    try:
        return cast("Profile", _WHOLE.read(table, ()))
    except Wrong as wrong:
        lines = _lines(text)
        found = [Finding(_line(fault, lines), ".".join(fault.at), fault.reason) for fault in wrong.faults]
        raise BadProfile(*sorted(found, key=lambda one: one.line)) from None


def dump(profile: Profile) -> str:
    """*profile* as a file, which says what each field is for the first time that it occurs."""
    return "".join(_Writer().table((), _WHOLE, _WHOLE.write(profile))).lstrip("\n")


def schema() -> Schema:
    """What an editor needs to check such a file while it is written (JSON Schema, draft 7)."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A profile of janetbank",
        **_WHOLE.schema(),
    }


# --- Where something stands -------------------------------------------------------------------------------------------


def _decoded(written: bytes) -> str:
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadProfile(Finding(written.count(b"\n", 0, error.start) + 1, "", "is not UTF-8")) from None


def _syntax(message: str, written: str) -> Finding:
    found = _AT_LINE.search(message)
    line = int(found[1]) if found else written.count("\n") + 1
    return Finding(line, "", _AT_LINE.sub("", message).replace(" (at end of document)", " at the end"))


def _line(fault: Fault, lines: Mapping[kinds.Path, int]) -> int:
    """Where *fault* is: at its field, or at the table that lacks it."""
    return next((lines[at] for end in range(len(fault.at), 0, -1) if (at := fault.at[:end]) in lines), 1)


def _lines(text: str) -> Mapping[kinds.Path, int]:
    """The line on which each key of *text* first stands.

    tomllib keeps no lines, but knows what is whole: the lines are handed to it one statement at a time.
    """
    found: dict[kinds.Path, int] = {}
    above: kinds.Path = ()
    pending, start = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        start, pending = start if pending else number, f"{pending}{line}\n"
        with suppress(ValueError):
            paths = list(_paths(tomllib.loads(pending)))
            if pending.lstrip().startswith("["):
                above, paths = (paths[-1], [()]) if paths else (above, [])
            for path in paths:
                for end in range(1, len(above + path) + 1):
                    found.setdefault((above + path)[:end], start)
            pending = ""
    return found


def _paths(table: Mapping[str, Any]) -> Iterator[kinds.Path]:
    for name, value in table.items():
        yield (name,)
        if _is_table(value):
            yield from ((name, *below) for below in _paths(value))


# --- Writing ----------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes tables one after the other, and remembers which fields it has explained."""

    def __init__(self) -> None:
        self._explained: set[tuple[type, str]] = set()

    def table(self, at: kinds.Path, kind: kinds.Kind, written: Mapping[str, Any]) -> Iterator[str]:
        """The header of a table, its own lines, and the tables below it."""
        below = [name for name, value in written.items() if _is_table(value) and not _fits(value)]
        lines = [
            line
            for name, value in written.items()
            if name not in below
            for line in (*self._explain(kind, name, value), f"{name} = {_value(value)}\n")
        ]
        if lines and at:
            yield f"[{'.'.join(at)}]\n"
        yield from lines
        for name in below:
            yield "\n"
            yield from self._explain(kind, name, None)
            yield from self.table((*at, name), _below(kind, name), written[name])

    def _explain(self, kind: kinds.Kind, name: str, value: object) -> Iterator[str]:
        """What is told of a field, and of those in a table on the same line."""
        if not isinstance(kind, Table) or (kind.of, name) in self._explained:
            return
        self._explained.add((kind.of, name))
        yield f"# {kinds.described(kind.of, name)}\n"
        if _is_table(value) and isinstance(inner := _below(kind, name), Table):
            for deep in value:
                if (inner.of, deep) not in self._explained:
                    self._explained.add((inner.of, deep))
                    yield f"#   {deep}: {kinds.described(inner.of, deep)}\n"


def _below(kind: kinds.Kind, name: str) -> kinds.Kind:
    """The kind of what stands at *name* in a table of this *kind*."""
    if isinstance(kind, Table):
        field = kinds.fields(kind.of)[name][0]
        return field.some if isinstance(field, kinds.Optional) else field
    return cast("kinds.ByName", kind).one


def _is_table(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is a table of TOML."""
    return isinstance(value, dict)


def _fits(table: Mapping[str, Any]) -> bool:
    """Whether a table stands on one line."""
    few = len(table) <= _INLINE and not any(isinstance(one, dict) for one in table.values())
    return few and len(_value(table)) <= _WIDTH


def _value(value: Any) -> str:  # noqa: ANN401 -- whatever TOML has
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
        case list():
            many = [_value(one) for one in cast("Iterable[Any]", value)]
            line = ", ".join(many)
            return f"[{line}]" if len(line) <= _WIDTH else "".join(("[\n", *(f"    {one},\n" for one in many), "]"))
        case _ if _is_table(value):
            inside = ", ".join(f"{name} = {_value(one)}" for name, one in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
