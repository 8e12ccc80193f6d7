"""Audit: what happened to one contract, as a chain that cannot be cut or rewritten unnoticed.

Each entry's digest covers the entry before it, so one chain per contract (or per procedure, before there is a
contract) orders everything that was ever decided about it, and nobody waits for anybody else's chain.

Shape:  `record(head, chain, at, event)` gives the new head and the entry to append in the same transaction, and
        `record_all` those of several events.
Units:  instants are aware UTC datetimes; digests are SHA-256 as hexadecimal text.
Errors: TypeError for an event with a field that is not plain data (so that no secret can slip in as an object).
Source: OPS-10, SUS-07, SUS-24; ASVS 16.2, 16.4.2.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Protocol

from attrs import AttrsInstance, fields, frozen

Plain = str | int | bool | None | tuple[str, ...] | tuple[int, ...]

GENESIS = "0" * 64


class Event(AttrsInstance, Protocol):
    """Any frozen class of plain data; its class name is the kind of the entry."""


@frozen
class ChainHead:
    """How far a chain has come: the last entry's number (0 for none) and digest."""

    seq: int = 0
    digest: str = GENESIS


@frozen(kw_only=True)
class Entry:
    """One link: the *seq*-th event of *chain*, with what it was and the digest that seals it and all before it."""

    chain: str
    seq: int
    at: datetime
    kind: str
    data: Mapping[str, Plain]
    previous: str
    digest: str

    @property
    def intact(self) -> bool:
        """Whether the digest is the one that belongs to this entry's content."""
        return self.digest == _digest(self.chain, self.seq, self.at, self.kind, self.data, self.previous)


def record(head: ChainHead, chain: str, at: datetime, event: Event) -> tuple[ChainHead, Entry]:
    """Append *event* to *chain*: the new head, for the owner's state, and the entry, for the audit log."""
    kind = type(event).__name__
    data = {name: getattr(event, name) for name in _names(type(event))}
    seq = head.seq + 1
    digest = _digest(chain, seq, at, kind, data, head.digest)
    entry = Entry(chain=chain, seq=seq, at=at, kind=kind, data=data, previous=head.digest, digest=digest)
    return ChainHead(seq, digest), entry


def record_all(
    head: ChainHead, chain: str, at: datetime, events: Iterable[Event]
) -> tuple[ChainHead, tuple[Entry, ...]]:
    """Append *events* to *chain*, in their order: the new head, and the entries."""
    entries: list[Entry] = []
    for event in events:
        head, entry = record(head, chain, at, event)
        entries.append(entry)
    return head, tuple(entries)


@cache
def _names(kind: type[Event]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


_in_one_way = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _digest(chain: str, seq: int, at: datetime, kind: str, data: Mapping[str, Plain], previous: str) -> str:
    # Sorted keys and no blanks: one content, one text. No `default=`: anything but plain data is a TypeError.
    content = [previous, chain, seq, at.isoformat(), kind, dict(data)]
    return sha256(_in_one_way(content).encode()).hexdigest()
