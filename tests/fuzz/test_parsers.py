"""Every parser takes or refuses whatever it is given; bred texts are for `python -m tests.fuzz`, odd ones are here."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from janetbank import values
from tests.fuzz import __main__ as fuzzing
from tests.fuzz.parsers import PARSERS, REFUSED, as_bytes, as_text, variants

TEXTS = 120
"""For each parser; fewer for a slow one."""
READERS = ("parse", "heard", "reported")
"""What a value's own way from a text is called."""


@pytest.mark.parametrize("name", PARSERS)
def test_a_value_comes_out_or_its_refusal(name: str) -> None:
    """Of a right text, an odd one, and what is made of both: no other exception, and what was written is read again."""
    told = [PARSERS[name].outcome(text) for text in variants(PARSERS[name], TEXTS // fuzzing.SLOW.get(name, 1))]
    assert all(told)


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_is_fuzzed_from_what_it_takes(name: str) -> None:
    """Some seed is a value; only of what is long, or signed, each is a piece."""
    parser = PARSERS[name]
    taken = any(not parser.outcome(text).startswith(REFUSED) for text in parser.seeds)
    assert taken or name in {"profile", "profile, as bytes", "key file", "the app's file"}


def _readers() -> Iterator[Callable[..., object]]:
    for module in pkgutil.iter_modules(values.__path__):
        for one in vars(import_module(f"{values.__name__}.{module.name}")).values():
            if inspect.isclass(one) and one.__module__.startswith(values.__name__):
                yield from (getattr(one, name) for name in READERS if hasattr(one, name))


def test_every_parser_of_a_value_is_fuzzed() -> None:
    """A value that can be made from a text is in the table."""
    fuzzed = {one.of or one.parse for one in PARSERS.values()}
    assert [one for one in _readers() if one not in fuzzed] == []


def test_any_bytes_are_a_text() -> None:
    """And the same bytes come of it again."""
    every = bytes(range(256)) * 2
    assert as_bytes(as_text(every)) == every


def test_all_texts_are_shared_out() -> None:
    """Each parser gets some, slow ones fewer, and none is left over."""
    given = fuzzing.shares(list(PARSERS), 1_000_000)
    assert set(given) == set(PARSERS)
    assert sum(given.values()) == 1_000_000
    assert min(given.values()) < given["mail"]
    assert set(fuzzing.SLOW) <= set(PARSERS)


def test_what_cannot_be_fuzzed_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    """No such parser, or not a text: exit code 2, and a reason."""
    for asked in (["--only", "nothing"], ["--inputs", "0"], ["--inputs", "many"]):
        with pytest.raises(SystemExit) as left:
            fuzzing.main(asked)
        assert left.value.code == 2
        assert capsys.readouterr().err
