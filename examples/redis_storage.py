"""Storage in Redis: the rooms of the store in memory, over hashes on one Redis server that forgets nothing.

A transaction remembers each text that it reads.  What it writes waits until it ends, and then goes out as one script,
which writes all of it where every text that was read is still the same, and nothing where one is not.  So whatever must
be unique is a field of a hash that was empty when it was read, and is found taken, or is written, in that one step; and
what was decided on holds when it is written, which is more than the port asks for.  Where a transaction is contended it
takes a lease first, and nobody else's script writes while that lasts.  The lease is a courtesy: texts are compared all
the same.

Shape:  `with connect("redis://localhost") as storage:`, then as the port says; safe among threads and processes.
        One hash for each kind of row, `{janetbank}:contracts` and so on; fields and values are JSON.
Units:  *patience*, seconds: how long to wait for a lease (Conflict afterwards) or for an answer (Unavailable).
Errors: the port's.  Unavailable, too, where the server may forget what it has acknowledged: it must append every write
        to its file before it answers (appendonly yes, appendfsync always), evict nothing, and be no part of a cluster.
        Where it falls silent during a commit nobody knows whether that was kept: the client never asks twice by itself.
Source: docs/decisions/0012; docs/writing-an-adapter.md; LCK-16, CRD-04, AMB-27;
        https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/.
"""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# redis-py leaves part of its types open.

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from threading import Lock
from time import monotonic, sleep
from typing import Any, Self, TypeVar, cast, get_args
from uuid import uuid4

import redis
from attrs import frozen
from cattrs import BaseValidationError
from cattrs.preconf.json import make_converter
from redis.backoff import NoBackoff
from redis.retry import Retry

from janetbank.model.audit import Plain
from janetbank.model.procedure import KINDS, Procedure, kind_of
from janetbank.ports.failures import Corrupt, Unavailable
from janetbank.ports.storage import Conflict
from janetbank_adapters.storage.memory import MemoryStorage, MemoryTransaction, Table, View

_ABSENT = ""
"""What no JSON is: where there was no row, and where there is to be none."""
_LEASE = 3_000
"""Milliseconds after which nobody waits for one who died."""
_PAUSE = 0.001

_Key = TypeVar("_Key")
_Row = TypeVar("_Row")
_Told = TypeVar("_Told")

COMMIT = """
local lease = redis.call('GET', KEYS[1])
if ARGV[1] ~= '' and lease and lease ~= ARGV[1] then return {'busy'} end
for i = 2, #ARGV, 4 do
    local there = redis.call('HGET', KEYS[tonumber(ARGV[i])], ARGV[i + 1]) or ''
    if there ~= ARGV[i + 2] then return {'met', (i - 2) / 4, there ~= '' and 1 or 0} end
end
for i = 2, #ARGV, 4 do
    if ARGV[i + 3] == ARGV[i + 2] then
        -- only read
    elseif ARGV[i + 3] == '' then
        redis.call('HDEL', KEYS[tonumber(ARGV[i])], ARGV[i + 1])
    else
        redis.call('HSET', KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 3])
    end
end
return {'kept'}
"""
"""KEYS: the lease, then hashes.  ARGV: whose the lease may be ('' for who only reads), then hash, field, text as it was
read and text as it is to be of each row.
"""

RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"
"""Give the lease back, if it is still ours."""

NEEDED = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
"""Without these an acknowledged write may be gone."""


def connect(url: str, *, patience: float = 5.0, name: str = "janetbank") -> "RedisStorage":
    """Open the storage on the server at *url* (`redis://…`, `rediss://…`, `unix://…`), in hashes named after *name*."""
    client = redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=patience,
        socket_connect_timeout=patience,
        # Asked again by itself, a script that was run and not answered would find its own writes, and call it Conflict.
        retry=Retry(NoBackoff(), 0),
    )
    storage = RedisStorage(client, patience=patience, name=name)
    try:
        storage.refuse_what_forgets()
    except BaseException:
        client.close()
        raise
    return storage


class RedisStorage(MemoryStorage):
    """See the module."""

    def __init__(self, client: "redis.Redis", *, patience: float, name: str) -> None:
        super().__init__(patience=patience)
        self._client = client
        self._commit_script = client.register_script(COMMIT)
        self._release_script = client.register_script(RELEASE)
        self._lease = f"{{{name}}}:lease"
        self._hashes = {table: f"{{{name}}}:{room}" for room, table in vars(self._tables).items()}
        self._codecs = {table: _Codec.of(table) for table in self._hashes}

    def refuse_what_forgets(self) -> None:
        """Unavailable where the server is not one that keeps what it has acknowledged, or does not say."""
        info = cast("Mapping[str, Any]", self._asked(self._client.info))
        found = {name: self._setting(name) for name in NEEDED}
        wrong = [f"{name} is {found[name]}, not {value}" for name, value in NEEDED.items() if found[name] != value]
        if info.get("cluster_enabled"):
            wrong.append("it is part of a cluster")
        if info.get("role") != "master":
            wrong.append("it is a replica")
        if wrong:
            msg = f"this Redis may forget what it has acknowledged: {'; '.join(wrong)}"
            raise Unavailable(msg)

    def _setting(self, name: str) -> str:
        told = cast("Mapping[str, str]", self._asked(lambda: self._client.config_get(name)))
        return told.get(name, "unknown")

    def transaction(self, *, durable: bool = True, contended: bool = False) -> "RedisTransaction":
        """Open a transaction, as the port says; *contended*: nobody else commits while the lease lasts."""
        return RedisTransaction(self, self._tables, self._lock, self._failures, durable=durable, contended=contended)

    def begin(self, tx: MemoryTransaction) -> None:
        """Take the lease where that is wanted; otherwise there is nothing to begin."""
        assert isinstance(tx, RedisTransaction)
        try:
            if tx.contended:
                self._wait(lambda: bool(self._client.set(self._lease, tx.name, nx=True, px=_LEASE)))
            self._failures.meet("begin", "before")
            self._failures.meet("begin", "after")
        except BaseException:
            self.end(tx)
            raise

    def end(self, tx: MemoryTransaction) -> None:
        """Give the lease back."""
        assert isinstance(tx, RedisTransaction)
        tx.over = True
        if tx.contended:
            self._asked(lambda: self._release_script(keys=[self._lease], args=[tx.name]))

    def view(self, table: Table[_Key, _Row], lock: Lock) -> "RedisView[_Key, _Row]":
        """How one transaction sees *table*."""
        hash_ = self._hashes[table]
        return RedisView(
            table,
            lock,
            self._codecs[table],
            lambda field: cast("str | None", self._asked(lambda: self._client.hget(hash_, field))),
            lambda: cast("Mapping[str, str]", self._asked(lambda: self._client.hgetall(hash_))),
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _commit(self, tx: MemoryTransaction, *, queued: bool) -> None:
        assert isinstance(tx, RedisTransaction)
        del queued  # the lease says it
        views = list(tx.views.values())
        lines = [line for place, view in enumerate(views, start=2) for line in view.lines(place)]
        # What is written comes first: it says more where somebody was there.
        lines.sort(key=lambda line: not line.written)
        if not lines:
            return
        keys = [self._lease, *[self._hashes[view.table] for view in views]]
        owner = tx.name if lines[0].written else ""
        words = [word for line in lines for word in (str(line.place), line.field, line.was, line.to_be)]

        def kept() -> bool:
            told = cast("Sequence[Any]", self._commit_script(keys=keys, args=[owner, *words]))
            if told[0] == "met":
                line, there = lines[told[1]], told[2]
                raise line.taken if there and line.written else Conflict
            return bool(told[0] == "kept")

        self._wait(kept)

    def _wait(self, done: Callable[[], bool]) -> None:
        """Ask until it is done, or the patience is gone."""
        until = monotonic() + self._patience
        while not self._asked(done):
            if monotonic() > until:
                msg = "waited too long for another transaction to end"
                raise Conflict(msg)
            sleep(_PAUSE)

    def _asked(self, ask: Callable[[], _Told]) -> _Told:
        """What Redis answers; its own texts stay behind, since they may quote a row."""
        try:
            return ask()
        except redis.RedisError as error:
            failure = Unavailable(f"Redis: {type(error).__name__}")
        raise failure


@frozen
class _Line:
    """One row of a commit: its field in the hash at *place*, as it was read and as it is to be."""

    place: int
    field: str
    was: str
    to_be: str
    taken: type[Conflict]
    """What somebody meets who writes where there is one already."""

    @property
    def written(self) -> bool:
        """Whether it is more than read."""
        return self.was != self.to_be


class RedisTransaction(MemoryTransaction):
    """One transaction; its *name* is that of its lease."""

    views: "dict[Table[Any, Any], RedisView[Any, Any]]"  # type: ignore[assignment]  # all of them are

    def __enter__(self) -> Self:
        self.name = uuid4().hex
        return super().__enter__()

    def view_of(self, table: Table[_Key, _Row]) -> "RedisView[_Key, _Row]":
        """How this transaction sees *table*."""
        view = self.views.get(table)
        if view is None:
            assert isinstance(self._storage, RedisStorage)
            view = self.views[table] = self._storage.view(table, self._lock)
        return view


class RedisView(View[_Key, _Row]):
    """What was read of a hash, text by text, under what is to be written."""

    def __init__(
        self,
        table: Table[_Key, _Row],
        lock: Lock,
        codec: "_Codec",
        one: Callable[[str], str | None],
        every: Callable[[], Mapping[str, str]],
    ) -> None:
        super().__init__(table, lock)
        self._codec = codec
        self._one = one
        self._every = every
        self._read: dict[str, str] = {}
        self._decided: set[str] = set()

    def get(self, key: _Key) -> _Row | None:
        """The row as this transaction sees it."""
        if key in self.written:
            return self.written[key]
        text = self._text(self._codec.field(key))
        return None if text == _ABSENT else self._codec.row(text)

    def all(self) -> dict[_Key, _Row]:
        """Every row; only those of them that are looked at one by one, or written, must still be so at the end."""
        for field, text in self._every().items():
            self._read.setdefault(field, text)
        rows = {self._codec.key(field): text for field, text in self._read.items() if text != _ABSENT}
        found = {key: self._codec.row(text) for key, text in rows.items() if key not in self.written}
        return found | {key: row for key, row in self.written.items() if row is not None}

    def set(self, key: _Key, row: _Row | None) -> None:
        """Write it at the end, over what is there now."""
        self._text(self._codec.field(key))
        super().set(key, row)

    def lines(self, place: int) -> Sequence["_Line"]:
        """Each row that was read or is to be written; its hash is the script's key at *place*."""
        to_be = {field: self._read[field] for field in self._decided}
        for key, row in self.written.items():
            to_be[self._codec.field(key)] = _ABSENT if row is None else self._codec.text(row)
        return [_Line(place, field, self._read[field], text, self.table.taken) for field, text in to_be.items()]

    def _text(self, field: str) -> str:
        self._decided.add(field)
        if field not in self._read:
            self._read[field] = self._one(field) or _ABSENT
        return self._read[field]


# --- JSON -----------------------------------------------------------------------------------------------------------

_MICROSECOND = timedelta(microseconds=1)
_converter = make_converter()
_converter.register_unstructure_hook(timedelta, lambda length: length // _MICROSECOND)
_converter.register_structure_hook(timedelta, lambda stored, _: stored * _MICROSECOND)


class _Codec:
    """Keys and rows of one table as JSON."""

    def __init__(self, key: Any, row: Any) -> None:  # noqa: ANN401 -- types
        self._key = key
        self._row = row

    @classmethod
    def of(cls, table: Table[Any, Any]) -> "_Codec":
        """By the types that the table was made with."""
        return cls(*get_args(vars(table)["__orig_class__"]))

    def field(self, key: object) -> str:
        """A key as the name of a field."""
        return _json(_converter.unstructure(key, unstructure_as=self._key))

    def key(self, field: str) -> Any:  # noqa: ANN401 -- the table's
        """The key of a field."""
        return self._read(field, self._key)

    def text(self, row: object) -> str:
        """A row as the value of a field."""
        return _json(_converter.unstructure(row, unstructure_as=self._row))

    def row(self, text: str) -> Any:  # noqa: ANN401 -- the table's
        """The row of a value."""
        return self._read(text, self._row)

    def _read(self, text: str, kind: Any) -> Any:  # noqa: ANN401 -- the table's
        try:
            return _converter.structure(json.loads(text), kind)
        except (ValueError, BaseValidationError):
            msg = "a row cannot be read back"
            failure = Corrupt(msg)
        raise failure


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _procedure(stored: Mapping[str, Any], _: object) -> Procedure:
    return _converter.structure(stored["of"], KINDS[stored["kind"]])


def _plain(stored: Any, _: object) -> Plain:  # noqa: ANN401 -- what JSON can hold
    return tuple(cast("list[str]", stored)) if isinstance(stored, list) else stored


_converter.register_unstructure_hook(
    Procedure, lambda one: {"kind": kind_of(one), "of": _converter.unstructure(one, unstructure_as=type(one))}
)
_converter.register_structure_hook(Procedure, _procedure)
_converter.register_structure_hook_func(lambda kind: kind == Plain, _plain)
