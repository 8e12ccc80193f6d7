"""Everything: each text that can be reached from an object, however deep, to be searched for what must not be there."""

from collections.abc import Iterable, Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import cast

_CODE = (FunctionType, BuiltinFunctionType, MethodType, ModuleType, type)


def texts(root: object) -> Iterator[str]:
    """Every string and every bytes (as Latin-1) that *root* holds, by its attributes, slots, keys and items."""
    seen, waiting = set[int](), [root]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, _CODE):
            continue
        seen.add(id(thing))
        if isinstance(thing, str):
            yield thing
        elif isinstance(thing, bytes | bytearray):
            yield thing.decode("latin-1")
        else:
            waiting.extend(_parts(thing))


def _parts(thing: object) -> Iterator[object]:
    if isinstance(thing, Mapping):
        for key, value in cast("Mapping[object, object]", thing).items():
            yield from (key, value)
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from cast("list[object]", thing)
    else:
        yield from vars(thing).values() if hasattr(thing, "__dict__") else ()
        for one in type(thing).__mro__:
            slots: Iterable[str] = one.__dict__.get("__slots__", ())
            yield from (getattr(thing, slot) for slot in slots if hasattr(thing, slot))
