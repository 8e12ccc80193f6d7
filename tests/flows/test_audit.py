"""Auditing: whatever is changed in the audit log or cut from it is found."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar, cast

import attrs
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from janetbank.flows import audit
from janetbank.flows.audit import (
    CheckpointBroken,
    CheckpointMismatch,
    Damaged,
    EntryAltered,
    EntryMissing,
    EntryUnreadable,
    Extent,
    Finding,
    HeadMismatch,
    Intact,
    checkpoint,
    verify,
)
from janetbank.messages import text
from janetbank.model.audit import ChainHead, Entry, Plain, record
from janetbank.model.events import LetterGivenUp, LoggedOut
from janetbank.ports.failures import Corrupt
from janetbank.ports.keys import Purpose
from janetbank.ports.storage import AuditLog, Checkpoint, Conflict, Transaction
from janetbank.testing.bank import HOME, Enrollee, TestBank, bank
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.keys.memory import MemoryKeys
from janetbank_adapters.storage.memory import MemoryStorage, _Tables
from tests.flows.scene import HANAKO, WRONG, block_password, challenged, rewrite, stepped_up, with_password

Row = TypeVar("Row")

SECOND = timedelta(seconds=1)


class Log:
    """A bank with some history under two checkpoints and some after them, and hands in its store."""

    def __init__(self) -> None:
        """Let things happen."""
        entropy = SeededEntropy(99)
        self.keys = MemoryKeys.fresh(entropy)
        self.there = there = TestBank(keys=self.keys)
        self.taro = there.customer()
        there.net.enrol.begin(seen_from=HOME)
        challenged(there, self.taro)
        with_password(there, self.taro, WRONG)
        checkpoint(there.net.platform)
        there.clock.advance(SECOND)
        self.hanako = there.customer("hana27mk", "river5+wind", person=HANAKO)
        there.net.log_out(stepped_up(there, self.hanako, there.log_in(self.hanako)))
        self.keys.rotate(Purpose.AUDIT, entropy)
        checkpoint(there.net.platform)
        block_password(there, self.hanako)
        there.net.log_in.with_login_id(self.taro.institution, "nobody99", WRONG, seen_from=HOME)
        with there.storage.transaction() as tx:
            given_up = LetterGivenUp(institution="5441", letter="letter.enrolled", written_at="…", tries=1, why="…")
            tx.audit.append([record(ChainHead(), "letter-1", there.clock.now(), given_up)[1]])

    @property
    def entries(self) -> dict[tuple[str, int], Entry]:
        """The rows of the log, to be written into behind everybody's back."""
        return _tables(self.there).entries.rows

    @property
    def checkpoints(self) -> dict[int, Checkpoint]:
        """The rows of the checkpoints."""
        return _tables(self.there).checkpoints.rows

    def put(self, entry: Entry | None, at: tuple[str, int]) -> None:
        """Replace a row, or take it away; the log ends where its last row is."""
        if entry is None:
            del self.entries[at]
        else:
            self.entries[at] = entry
        heads = _tables(self.there).heads.rows
        last = max((seq for chain, seq in self.entries if chain == at[0]), default=0)
        heads.pop(at[0], None)
        if last:
            heads[at[0]] = ChainHead(last, self.entries[at[0], last].digest)

    def findings(self) -> tuple[Finding, ...]:
        """What verifying finds."""
        report = verify(self.there.net.platform)
        return report.findings if isinstance(report, Damaged) else ()

    def rewritten(self, who: Enrollee, since: int) -> None:
        """Tell another story from entry *since* on, with every digest recomputed, and the owner's head with them."""
        chain = who.contract.text
        length = max(seq for name, seq in self.entries if name == chain)
        head = ChainHead(since - 1, self.entries[chain, since].previous)
        for seq in range(since, length + 1):
            head, entry = record(head, chain, self.entries[chain, seq].at + timedelta.resolution, LoggedOut())
            self.put(entry, (chain, seq))
        rewrite(self.there, who, lambda contract: evolve(contract, chain=head))


def _tables(there: TestBank) -> _Tables:
    assert isinstance(there.storage, MemoryStorage)
    return there.storage._tables


@pytest.fixture(scope="module")
def log() -> Log:
    """A log that a test leaves as it found it."""
    return Log()


@pytest.fixture
def mine() -> Log:
    """A log of one's own."""
    return Log()


def about(chain: str, findings: tuple[Finding, ...]) -> list[Finding]:
    """The findings that name *chain*."""
    return [one for one in findings if not isinstance(one, CheckpointBroken) and one.chain == chain]


def test_an_honest_log_is_intact(log: Log) -> None:
    """Whatever happened, in whatever order: what was recorded is what stands there, and all of it was looked at."""
    chains = len({chain for chain, _ in log.entries})
    assert verify(log.there.net.platform) == Intact(checkpoints=2, chains=chains + 1, entries=len(log.entries))


def test_nothing_is_intact_too() -> None:
    """A bank where nothing has happened yet."""
    assert verify(bank().net.platform) == Intact()


def test_verifying_changes_nothing(log: Log) -> None:
    """The log is as it was, and so is everything else in the store."""

    def rows() -> dict[str, dict[object, object]]:
        return {
            name: dict(cast("dict[object, object]", table.rows)) for name, table in vars(_tables(log.there)).items()
        }

    before = rows()
    verify(log.there.net.platform)
    assert rows() == before


def altered(entry: Entry) -> Iterator[Entry]:
    """The entry with each of its fields changed, and with each of its data changed, taken away, and one added."""
    yield evolve(entry, at=entry.at + timedelta.resolution)
    yield evolve(entry, kind=f"{entry.kind}x")
    yield evolve(entry, previous="0" * 63 + "1")
    yield evolve(entry, digest="0" * 63 + "1")
    yield evolve(entry, chain=f"{entry.chain}x")
    yield evolve(entry, seq=entry.seq + 100)
    yield evolve(entry, data={**entry.data, "more": 1})
    for key, value in entry.data.items():
        other: Plain = (*map(str, value), "x") if isinstance(value, tuple) else f"{value}x"
        yield evolve(entry, data={**entry.data, key: other})
        yield evolve(entry, data={name: value for name, value in entry.data.items() if name != key})


def test_every_field_of_every_entry_is_guarded(log: Log) -> None:
    """Whatever is changed in whatever entry is found, at that entry's chain."""
    for at, entry in list(log.entries.items()):
        for forged in altered(entry):
            log.put(forged, at)
            assert about(at[0], log.findings()), forged
        log.put(entry, at)
    assert not log.findings()


def test_an_altered_entry_is_named(mine: Log) -> None:
    """An entry that was changed in place is named alone: what follows it is what it was."""
    chain = mine.hanako.contract.text
    mine.put(evolve(mine.entries[chain, 3], kind="LoggedOut"), (chain, 3))
    assert mine.findings() == (EntryAltered(chain, 3),)


def test_an_entry_that_does_not_follow_is_named(mine: Log) -> None:
    """An entry whose digest was made anew after a change breaks the link to the next one."""
    chain = mine.hanako.contract.text
    entry = mine.entries[chain, 3]
    _, forged = record(ChainHead(2, entry.previous), chain, entry.at, LoggedOut())
    mine.put(forged, (chain, 3))
    assert mine.findings() == (EntryAltered(chain, 4),)


@pytest.mark.parametrize("seq", [1, 2, 5])
def test_a_missing_entry_is_named(mine: Log, seq: int) -> None:
    """An entry that was taken out leaves a gap, and is named."""
    chain = mine.hanako.contract.text
    mine.put(None, (chain, seq))
    assert mine.findings() == (EntryMissing(chain, seq),)


def test_a_chain_cut_short_is_found_by_its_owner(mine: Log) -> None:
    """The owner's state knows how far the log had come."""
    chain = mine.hanako.contract.text
    length = max(seq for name, seq in mine.entries if name == chain)
    mine.put(None, (chain, length))
    assert mine.findings() == (HeadMismatch(chain, length - 1, length),)


def test_an_entry_that_the_owner_does_not_know_is_found(mine: Log) -> None:
    """Nobody can add to a chain behind its owner's back."""
    chain = mine.taro.contract.text
    seq, last = max((seq, entry) for (name, seq), entry in mine.entries.items() if name == chain)
    _, forged = record(ChainHead(seq, last.digest), chain, last.at, LoggedOut())
    mine.put(forged, (chain, seq + 1))
    assert mine.findings() == (HeadMismatch(chain, seq + 1, seq),)


def test_a_chain_cut_short_with_its_owner_is_found_by_a_checkpoint(mine: Log) -> None:
    """Whoever sets the owner's state back too, cannot set back what a checkpoint sealed."""
    chain = mine.taro.contract.text
    (sealed,) = [head for name, head in mine.checkpoints[1].heads if name == chain]
    mine.put(None, (chain, max(seq for name, seq in mine.entries if name == chain)))
    for seq in range(sealed.seq, 0, -1):
        if (chain, seq) in mine.entries:
            mine.put(None, (chain, seq))
    rewrite(mine.there, mine.taro, lambda contract: evolve(contract, chain=ChainHead()))
    assert CheckpointMismatch(1, chain, sealed.seq) in mine.findings()
    assert not any(isinstance(one, HeadMismatch) for one in mine.findings())


def test_a_chain_that_is_gone_with_its_owner_is_found_by_a_checkpoint(mine: Log) -> None:
    """A customer whose every trace was taken away is still in the checkpoints."""
    chain = mine.taro.contract.text
    for at in [at for at in mine.entries if at[0] == chain]:
        mine.put(None, at)
    del _tables(mine.there).contracts.rows[mine.taro.institution, mine.taro.contract]
    assert [type(one) for one in mine.findings()] == [CheckpointMismatch]
    assert about(chain, mine.findings()) == list(mine.findings())


def test_another_story_is_found_by_a_checkpoint(mine: Log) -> None:
    """Whoever owns the whole store and recomputes every digest still meets the seals, since their key is not there."""
    chain = mine.hanako.contract.text
    mine.rewritten(mine.hanako, 2)
    (finding,) = mine.findings()
    assert isinstance(finding, CheckpointMismatch)
    assert (finding.number, finding.chain) == (2, chain)


def test_what_no_checkpoint_has_sealed_rests_on_the_store(mine: Log) -> None:
    """What happened after the last checkpoint can be told anew by whoever owns the whole store: checkpoint often."""
    (sealed,) = [head for name, head in mine.checkpoints[2].heads if name == mine.hanako.contract.text]
    mine.rewritten(mine.hanako, sealed.seq + 1)
    assert not mine.findings()
    checkpoint(mine.there.net.platform)
    mine.rewritten(mine.hanako, sealed.seq + 2)
    assert mine.findings()


SEALED: dict[str, Callable[[Checkpoint], Checkpoint]] = {
    "number": lambda one: evolve(one, number=one.number + 5),
    "at": lambda one: evolve(one, at=one.at + timedelta.resolution),
    "a head's name": lambda one: evolve(one, heads=(("x", one.heads[0][1]), *one.heads[1:])),
    "a head's number": lambda one: evolve(
        one, heads=((one.heads[0][0], evolve(one.heads[0][1], seq=99)), *one.heads[1:])
    ),
    "a head's digest": lambda one: evolve(
        one, heads=((one.heads[0][0], evolve(one.heads[0][1], digest="0" * 64)), *one.heads[1:])
    ),
    "a head taken out": lambda one: evolve(one, heads=one.heads[1:]),
    "no head": lambda one: evolve(one, heads=()),
    "the order of the heads": lambda one: evolve(one, heads=one.heads[::-1]),
    "key": lambda one: evolve(one, key_id="another"),
    "seal": lambda one: evolve(one, seal="0" * 64),
}


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("change", SEALED)
def test_every_field_of_a_checkpoint_is_guarded(mine: Log, change: str, number: int) -> None:
    """A checkpoint that was changed is broken, whatever was changed in it."""
    mine.checkpoints[number] = SEALED[change](mine.checkpoints[number])
    assert CheckpointBroken(number) in mine.findings()


def test_a_missing_checkpoint_is_found_by_the_next(mine: Log) -> None:
    """Each seal covers the one before it."""
    del mine.checkpoints[1]
    assert mine.findings() == (CheckpointBroken(1),)


def test_a_new_number_mends_no_gap(mine: Log) -> None:
    """Nor can the next one take the missing one's place."""
    mine.checkpoints[1] = evolve(mine.checkpoints.pop(2), number=1)
    assert CheckpointBroken(1) in mine.findings()


def test_a_checkpoint_needs_its_key(mine: Log) -> None:
    """A former key still verifies; once it is dropped, what it sealed cannot be verified, and that is said."""
    keys = mine.keys
    former = mine.checkpoints[1].key_id
    assert keys.current(Purpose.AUDIT).id != former
    assert not mine.findings()
    keys.drop(Purpose.AUDIT, former)
    assert mine.findings() == (CheckpointBroken(1),)


def test_a_checkpoint_holds_what_moved(mine: Log) -> None:
    """The first has every chain, the next those that moved since; where nothing moved it holds none, and counts."""
    platform = mine.there.net.platform
    first, second = mine.checkpoints[1], mine.checkpoints[2]
    then = {name for (name, seq), entry in mine.entries.items() if seq == 1 and entry.at <= first.at}
    assert set(dict(first.heads)) == then
    assert mine.taro.contract.text not in dict(second.heads)
    third, fourth = checkpoint(platform), checkpoint(platform)
    assert mine.hanako.contract.text in dict(third.heads)
    assert mine.taro.contract.text not in dict(third.heads)
    assert (third.number, fourth.number, fourth.heads) == (3, 4, ())
    assert (third.at, third.key_id) == (mine.there.clock.now(), mine.keys.current(Purpose.AUDIT).id)
    assert not mine.findings()


def test_two_who_make_a_checkpoint_make_two(mine: Log) -> None:
    """Where somebody else took the number, the next one is taken."""
    storage = mine.there.storage
    assert isinstance(storage, MemoryStorage)
    storage.fail(call="audit.add_checkpoint", with_=Conflict())
    assert checkpoint(mine.there.net.platform).number == 3
    assert not mine.findings()


class Torn:
    """The store of a log, of which a chain or the checkpoints cannot be read beyond the first row."""

    def __init__(self, log: Log, *, chain: str = "", checkpoints: bool = False) -> None:
        self._whole = log.there.storage
        self._torn = chain, checkpoints

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        """Open a transaction."""
        with self._whole.transaction(durable=durable, contended=contended) as tx:
            yield cast("Any", _TornTransaction(tx, _TornLog(tx.audit, *self._torn)))


@attrs.frozen
class _TornTransaction:
    _tx: Transaction
    audit: "_TornLog"

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)


@attrs.frozen
class _TornLog:
    _log: AuditLog
    _chain: str
    _checkpoints: bool

    def chain(self, chain: str) -> Iterator[Entry]:
        return _torn(self._log.chain(chain)) if chain == self._chain else self._log.chain(chain)

    def checkpoints(self) -> Iterator[Checkpoint]:
        return _torn(self._log.checkpoints()) if self._checkpoints else self._log.checkpoints()

    def heads(self) -> Iterator[tuple[str, ChainHead]]:
        return self._log.heads()

    def owned_heads(self) -> Iterator[tuple[str, ChainHead]]:
        return self._log.owned_heads()


def _torn(rows: Iterator[Row]) -> Iterator[Row]:
    yield next(rows)
    raise Corrupt


def test_an_entry_that_cannot_be_read_is_damage(log: Log) -> None:
    """Where a row of a chain cannot be read back, that is a finding, and the other chains are verified all the same."""
    chain = log.taro.contract.text
    report = verify(evolve(log.there.net.platform, storage=Torn(log, chain=chain)))
    assert isinstance(report, Damaged)
    assert report.findings[0] == EntryUnreadable(chain, 2)
    assert about(chain, report.findings) == list(report.findings)
    assert report.chains == cast("Intact", verify(log.there.net.platform)).chains


def test_a_checkpoint_that_cannot_be_read_is_damage(log: Log) -> None:
    """Where a checkpoint cannot be read back, it is broken, and the chains are verified all the same."""
    report = verify(evolve(log.there.net.platform, storage=Torn(log, checkpoints=True)))
    assert isinstance(report, Damaged)
    assert report.findings == (CheckpointBroken(2),)
    assert report.entries == len(log.entries)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 100])
def test_the_slices_make_no_difference(mine: Log, size: int) -> None:
    """However many chains are verified at a time, the findings and the extent are the same."""
    chain = mine.hanako.contract.text
    mine.put(None, (chain, 4))
    for at in [at for at in mine.entries if at[0] == mine.taro.contract.text]:
        mine.put(None, at)
    platform = mine.there.net.platform
    heard: list[Extent] = []
    report = verify(platform, heard.append, size=size)
    assert report == verify(platform)
    assert isinstance(report, Damaged)
    assert report.count == len(report.findings)
    assert attrs.asdict(heard[-1]) == {name: getattr(report, name) for name in attrs.asdict(heard[-1])}
    assert [one.chains for one in heard] == sorted(one.chains for one in heard)


def test_findings_beyond_the_most_are_counted() -> None:
    """A log that is broken everywhere is not carried about in memory: findings are counted, the first are kept."""
    there = bank()
    now = there.clock.now()
    with there.storage.transaction() as tx:
        for number in range(audit.MOST + 5):
            _, entry = record(ChainHead(), f"letter-{number:06}", now, LoggedOut())
            tx.audit.append([evolve(entry, kind="x")])
    report = verify(there.net.platform, size=600)
    assert isinstance(report, Damaged)
    assert report.count == audit.MOST + 5
    assert report.findings == tuple(EntryAltered(f"letter-{number:06}", 1) for number in range(audit.MOST))


@given(st.data())
def test_no_combination_of_changes_passes(data: st.DataObject) -> None:
    """Whichever rows are taken away or exchanged under the checkpoints, something is found."""
    mine = _AGED
    before, heads = dict(mine.entries), dict(_tables(mine.there).heads.rows)
    ats = sorted(mine.entries)
    try:
        for at in data.draw(st.lists(st.sampled_from(ats), min_size=1, max_size=5, unique=True), "rows"):
            other = data.draw(st.sampled_from([None, *ats]), "becomes")
            if other != at:
                mine.put(None if other is None else before[other], at)
        assert bool(mine.findings()) == (dict(mine.entries) != before)
    finally:
        mine.entries.clear()
        mine.entries.update(before)
        _tables(mine.there).heads.rows.clear()
        _tables(mine.there).heads.rows.update(heads)


_AGED = Log()
checkpoint(_AGED.there.net.platform)


def test_a_report_can_be_told(mine: Log) -> None:
    """Every finding and every report has its sentence."""
    mine.put(None, (mine.hanako.contract.text, 4))
    mine.checkpoints[1] = evolve(mine.checkpoints[1], seal="0" * 64)
    report = verify(mine.there.net.platform)
    assert isinstance(report, Damaged)
    assert text(report, "en").startswith("The audit log has 3 flaws (verified: 2 checkpoints, ")
    assert [text(one, "en") for one in report.findings] == [
        "Checkpoint 1 is missing, or its seal does not hold (former seal and key included).",
        "Checkpoint 2 is missing, or its seal does not hold (former seal and key included).",
        f"Entry 4 of {mine.hanako.contract} is missing.",
    ]
