"""A store in front of a sound one, some of whose calls are twisted: an adapter with one fault, made to order.

Shape:  `TwistedStorage({"sessions.remove": does_nothing})`: a twist stands in the place of a call of the port, named by
        room and method, or of a property of the transaction ("durable").  It is given the transaction, the real call,
        and what the caller gave.
Errors: whatever the sound store raises.
Source: issue 7, part 3: a deliberately broken adapter for each law.
"""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# A twist stands in the place of any call, whatever that takes and tells.

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from threading import Lock, get_ident
from typing import Any, cast

from janetbank.ports.storage import Conflict, Storage, Transaction
from janetbank_adapters.storage.memory import MemoryStorage, MemoryTransaction, Table, View

Twist = Callable[..., Any]
Rows = dict[Table[Any, Any], dict[Any, Any]]
PATIENCE = 0.5


class TwistedStorage:
    """See the module."""

    def __init__(self, twists: Mapping[str, Twist], sound: Storage | None = None) -> None:
        self._twists = twists
        self._sound: Storage = sound or MemoryStorage(patience=PATIENCE)

    @contextmanager
    def transaction(self, *, durable: bool = True, contended: bool = False) -> Generator[Transaction]:
        """The sound store's, with the twists in it."""
        with self._sound.transaction(durable=durable, contended=contended) as tx:
            yield cast("Transaction", _Twisted(tx, "", self._twists, tx))


class _Twisted:
    """A transaction, or a room of one."""

    def __init__(self, tx: Transaction, room: str, twists: Mapping[str, Twist], real: object) -> None:
        self._tx = tx
        self._room = room
        self._twists = twists
        self._real = real

    def __getattr__(self, name: str) -> object:
        found = getattr(self._real, name)
        if self._room:
            twist = self._twists.get(f"{self._room}.{name}")
            return partial(twist, self._tx, found) if twist else found
        if name in self._twists:
            return self._twists[name](self._tx, found)
        return found if isinstance(found, bool) else _Twisted(self._tx, name, self._twists, found)


class Unchecked(MemoryStorage):
    """Whoever commits last wins: nobody looks whether what he writes over is what he read.

    So that it does not depend on who is quick, each thread beside the one that made it sees what that one left, and
    what it wrote itself: as if all of them had begun before the first one committed.
    """

    def __init__(self, *, patience: float) -> None:
        super().__init__(patience=patience)
        self._maker = get_ident()
        self._left: Rows = {table: {} for table in vars(self._tables).values()}
        self._own: dict[int, Rows] = {}

    def transaction(self, *, durable: bool = True, contended: bool = False) -> MemoryTransaction:
        """As the port says, over what this thread sees."""
        tx, me = super().transaction(durable=durable, contended=contended), get_ident()
        if me != self._maker:
            mine = self._own.setdefault(me, {table: dict(rows) for table, rows in self._left.items()})
            tx.views = {table: _Own(table, self._lock, rows) for table, rows in mine.items()}
        return tx

    def commit(self, tx: MemoryTransaction) -> None:
        """Over whatever is there."""
        super().commit(tx)
        if get_ident() == self._maker:
            self._left = {table: dict(table.rows) for table in vars(self._tables).values()}
            self._own.clear()


class _Own(View[Any, Any]):
    """A table as one thread sees it: *rows*, whatever others have written since."""

    def __init__(self, table: Table[Any, Any], lock: Lock, rows: dict[Any, Any]) -> None:
        super().__init__(table, lock)
        self._rows = rows

    def get(self, key: Any) -> Any:  # noqa: ANN401 -- any table's
        return self.written[key] if key in self.written else self._rows.get(key)

    def all(self) -> dict[Any, Any]:
        return {key: row for key, row in {**self._rows, **self.written}.items() if row is not None}

    def check(self) -> None:
        """Nobody looks."""

    def apply(self) -> None:
        super().apply()
        self._rows |= self.written


class Jealous(MemoryStorage):
    """Of those who run beside one another one is served: all others meet Conflict, whatever they want."""

    def __init__(self, *, patience: float) -> None:
        super().__init__(patience=patience)
        self._served = [get_ident()]

    def begin(self, tx: MemoryTransaction) -> None:
        """For who made it, and whoever comes first."""
        with self._lock:
            self._served = self._served if get_ident() in self._served else [*self._served, get_ident()]
            second = get_ident() in self._served[2:]
        if second:
            raise Conflict
        super().begin(tx)


class Starving(MemoryStorage):
    """There is no queue: whoever tries again, contended, is sent away."""

    def transaction(self, *, durable: bool = True, contended: bool = False) -> MemoryTransaction:
        """As if every row were somebody else's."""
        if contended:
            raise Conflict
        return super().transaction(durable=durable, contended=contended)


class Eager:
    """Every call is committed by itself: there are no transactions, and what is over can be used."""

    def __init__(self, sound: Storage | None = None) -> None:
        self._sound = sound or MemoryStorage(patience=PATIENCE)

    def transaction(self, *, durable: bool = True, contended: bool = False) -> AbstractContextManager[Transaction]:
        """Nothing begins and nothing ends here."""

        @contextmanager
        def block() -> Generator[Transaction]:
            yield cast("Transaction", _Eager(self._sound, durable=durable, contended=contended))

        return block()


class _Eager:
    def __init__(self, sound: Storage, *, durable: bool, contended: bool) -> None:
        self._sound = sound
        self.durable = durable
        self._contended = contended

    def __getattr__(self, room: str) -> object:
        return _EagerRoom(self._sound, room, contended=self._contended)


class _EagerRoom:
    def __init__(self, sound: Storage, room: str, *, contended: bool) -> None:
        self._sound = sound
        self._room = room
        self._contended = contended

    def __getattr__(self, name: str) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            with self._sound.transaction(contended=self._contended) as tx:
                told = getattr(getattr(tx, self._room), name)(*given, **named)
                return list(told) if isinstance(told, Iterator) else told

        return call


# --- Twists ---------------------------------------------------------------------------------------------------------


def nothing(_: Transaction, __: Twist, *___: object, **____: object) -> None:
    """It does nothing, and finds nothing."""


def none_at_all(_: Transaction, __: Twist, *___: object, **____: object) -> list[Any]:
    """It finds an empty list."""
    return []


def conflict(_: Transaction, __: Twist, *___: object, **____: object) -> None:
    """It always meets somebody."""
    raise Conflict


def always(value: object) -> Twist:
    """It tells *value*, whatever is so."""
    return lambda *_, **__: value


def backwards(_: Transaction, real: Twist, *given: object, **named: object) -> Any:  # noqa: ANN401 -- what the call tells
    """It tells things the other way round."""
    return list(reversed(list(real(*given, **named))))


def one_more(_: Transaction, real: Twist, *given: object, **named: object) -> int:
    """It cannot count."""
    return int(real(*given, **named)) + 1


def given(change: Callable[..., tuple[object, ...]]) -> Twist:
    """It does what it does with something else than it was given."""
    return lambda _, real, *args, **named: real(*change(*args), **named)


def told(change: Callable[[Any], object]) -> Twist:
    """It tells something else than what was found, where something was."""

    def twist(_: Transaction, real: Twist, *args: object, **named: object) -> object:
        found = real(*args, **named)
        return change(found) if found is not None else None

    return twist


def each(change: Callable[[Any], object]) -> Twist:
    """It tells something else of each that was found."""
    return told(lambda found: [change(one) for one in found])


def once_only(key: Callable[[Any], object]) -> Twist:
    """It keeps the first of one name, and lets the second pass as if it were kept."""
    seen = set[object]()

    def twist(_: Transaction, real: Twist, one: object) -> None:
        if (name := key(one)) not in seen:
            seen.add(name)
            real(one)

    return twist
