"""Auditing the audit log: tying its chains together, and verifying that nothing in it was changed or cut.

Each chain holds by its own digests and by the head that its owner keeps; a checkpoint ties all chains that moved since
the last one under a seal whose key the store does not have.  So whoever can write the whole store may still not change
what a checkpoint has covered.  What no software inside can show is that the *last* checkpoints were cut off together
with what they covered: keep a checkpoint's number and seal somewhere else.

Shape:  `checkpoint(platform)` makes and returns one; `verify(platform)` returns Intact or Damaged.
Units:  `verify` holds a slice of the chains and one checkpoint in memory, however long the log, and a transaction
        lasts as long as a slice takes; `checkpoint` holds one head of each chain.
Errors: what the ports raise; damage is an outcome, also where a row cannot be read back.
Source: OPS-10, SUS-24; ASVS 16.4.2; ARCHITECTURE "Audit".
"""

import heapq
import hmac
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import groupby, islice
from operator import itemgetter
from typing import ClassVar

from attrs import asdict, evolve, frozen

from janetbank.flows.platform import Platform
from janetbank.model.audit import ChainHead
from janetbank.ports.failures import Corrupt
from janetbank.ports.keys import KeyMissing
from janetbank.ports.storage import Checkpoint, Transaction
from janetbank.vault import Vault

SLICE = 10_000
"""How many chains are verified in one transaction: some hundred thousand entries, a second or a few."""

MOST = 1_000
"""How many findings are kept; further ones are only counted."""


@frozen
class EntryAltered:
    """The entry is not what it was when its digest was made, or does not follow the one before it."""

    chain: str
    seq: int
    code: ClassVar[str] = "audit.entry_altered"


@frozen
class EntryMissing:
    """The chain goes on after *seq*, and that entry is gone."""

    chain: str
    seq: int
    code: ClassVar[str] = "audit.entry_missing"


@frozen
class EntryUnreadable:
    """What stands in the chain after *seq* cannot be read back."""

    chain: str
    seq: int
    code: ClassVar[str] = "audit.entry_unreadable"


@frozen
class HeadMismatch:
    """The log of the chain ends with entry *logged*, but its owner's state stands at *owned*, or at another digest."""

    chain: str
    logged: int
    owned: int
    code: ClassVar[str] = "audit.head_mismatch"


@frozen
class CheckpointMismatch:
    """Checkpoint *number* sealed an entry *seq* of the chain, and there is none now, or another one."""

    number: int
    chain: str
    seq: int
    code: ClassVar[str] = "audit.checkpoint_mismatch"


@frozen
class CheckpointBroken:
    """Checkpoint *number* is missing, or its seal does not fit it and the one before it, or its key is gone."""

    number: int
    code: ClassVar[str] = "audit.checkpoint_broken"


Finding = EntryAltered | EntryMissing | EntryUnreadable | HeadMismatch | CheckpointMismatch | CheckpointBroken


@frozen(kw_only=True)
class Extent:
    """How much was verified."""

    checkpoints: int = 0
    chains: int = 0
    entries: int = 0


@frozen(kw_only=True)
class Intact(Extent):
    """Nothing was changed and nothing cut."""

    code: ClassVar[str] = "audit.intact"


@frozen(kw_only=True)
class Damaged(Extent):
    """*count* flaws were found, the first of which are *findings*."""

    count: int
    findings: tuple[Finding, ...]
    code: ClassVar[str] = "audit.damaged"


AuditReport = Intact | Damaged


def checkpoint(platform: Platform) -> Checkpoint:
    """Tie together what every chain has come to, and keep it."""

    def step(tx: Transaction) -> Checkpoint:
        number, seal, known = 0, "", dict[str, ChainHead]()
        for former in tx.audit.checkpoints():
            number, seal = former.number, former.seal
            known.update(former.heads)
        moved = tuple((chain, head) for chain, head in tx.audit.heads() if known.get(chain) != head)
        new = Checkpoint(number=number + 1, at=platform.now(), heads=moved, key_id="", seal="")
        key_id, seal = platform.vault.audit_seal(_content(new, seal))
        new = evolve(new, key_id=key_id, seal=seal)
        tx.audit.add_checkpoint(new)
        return new

    return platform.transact(step)


def verify(platform: Platform, progress: Callable[[Extent], object] | None = None, *, size: int = SLICE) -> AuditReport:
    """Verify every checkpoint and every chain, *size* chains in a transaction; *progress* hears how far it has come."""
    findings, checkpoints = platform.transact(lambda tx: _seals(tx, platform.vault))
    kept, count, extent = findings[:MOST], len(findings), Extent(checkpoints=checkpoints)
    after: str | None = ""
    while after is not None:
        part = platform.transact(partial(_slice, after=after, size=size))
        kept, count = (kept + part.findings)[:MOST], count + len(part.findings)
        extent = evolve(extent, chains=extent.chains + part.chains, entries=extent.entries + part.entries)
        after = part.last
        if progress is not None:
            progress(extent)
    done = asdict(extent)
    return Damaged(count=count, findings=tuple(kept), **done) if count else Intact(**done)


@frozen(kw_only=True)
class _Part:
    """What was verified in one transaction; *last* is the last chain, or None where there is none behind it."""

    findings: list[Finding]
    chains: int
    entries: int
    last: str | None


def _seals(tx: Transaction, vault: Vault) -> tuple[list[Finding], int]:
    """Every checkpoint whose seal does not follow from the one before it, and how many there are."""
    findings: list[Finding] = []
    number, seal, count = 0, "", 0
    for one in _readable(tx):
        number, count = number + 1, count + 1
        if one is None or not _sealed(vault, one, seal):
            findings.append(CheckpointBroken(number))
        if one is not None:
            number, seal = one.number, one.seal
    return findings, count


def _sealed(vault: Vault, one: Checkpoint, previous: str) -> bool:
    try:
        _, seal = vault.audit_seal(_content(one, previous), one.key_id)
    except KeyMissing:
        return False
    return hmac.compare_digest(seal, one.seal)


def _content(one: Checkpoint, previous: str) -> bytes:
    """What a seal covers, the former seal included; a line of JSON each, so that no two contents are one text."""
    lines: Iterable[Sequence[object]] = ((chain, head.seq, head.digest) for chain, head in one.heads)
    digest = sha256()
    for line in itertools.chain([(previous, one.number, one.at.isoformat())], lines):
        digest.update(json.dumps(line).encode() + b"\n")
    return digest.digest()


def _readable(tx: Transaction) -> Iterator[Checkpoint | None]:
    """The checkpoints, and None in the place of the first that cannot be read back: behind it nothing is known."""
    try:
        yield from tx.audit.checkpoints()
    except Corrupt:
        yield None


def _slice(tx: Transaction, after: str, size: int) -> _Part:
    """Verify the *size* chains that come after the name *after*, those that only a checkpoint remembers among them."""
    owned = dict(islice(_chains_after(tx, after), size))
    last = max(owned) if len(owned) == size else None
    sealed: dict[str, list[tuple[int, ChainHead]]] = {}
    for one in filter(None, _readable(tx)):
        for chain, head in one.heads:
            if after < chain and (last is None or chain <= last):
                sealed.setdefault(chain, []).append((one.number, head))
    findings: list[Finding] = []
    entries = 0
    chains = sorted(owned.keys() | sealed.keys())
    for chain in chains:
        found, length = _chain(tx, chain, owned.get(chain), sealed.get(chain, []))
        findings += found
        entries += length
    return _Part(findings=findings, chains=len(chains), entries=entries, last=last)


def _chains_after(tx: Transaction, after: str) -> Iterator[tuple[str, ChainHead | None]]:
    """Each chain behind the name *after* that has entries or an owner, with the head that its owner has, if any."""
    logged = ((chain, None) for chain, _ in tx.audit.heads())
    name = itemgetter(0)
    behind = (found for found in heapq.merge(logged, tx.audit.owned_heads(), key=name) if found[0] > after)
    for chain, found in groupby(behind, key=name):
        yield chain, next((head for _, head in found if head is not None), None)


def _chain(
    tx: Transaction, chain: str, owned: ChainHead | None, sealed: Sequence[tuple[int, ChainHead]]
) -> tuple[list[Finding], int]:
    """What is wrong with one chain, and its length.  A chain without an owner is one that was swept, or a letter's."""
    findings: list[Finding] = []
    last, length = ChainHead(), 0
    unseen: dict[ChainHead, list[int]] = {}
    for number, head in sealed:
        unseen.setdefault(head, []).append(number)
    try:
        for entry in tx.audit.chain(chain):
            if entry.seq != last.seq + 1:
                findings.append(EntryMissing(chain, last.seq + 1))
            elif entry.previous != last.digest or not entry.intact:
                findings.append(EntryAltered(chain, entry.seq))
            last, length = ChainHead(entry.seq, entry.digest), length + 1
            unseen.pop(last, None)
    except Corrupt:
        findings.append(EntryUnreadable(chain, last.seq + 1))
    findings += [CheckpointMismatch(number, chain, head.seq) for head, numbers in unseen.items() for number in numbers]
    if owned is not None and owned != last:
        findings.append(HeadMismatch(chain, last.seq, owned.seq))
    return findings, length
