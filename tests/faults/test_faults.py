"""The lists of planted faults fit the code and the tests, so that `python -m tests.faults.run` can run at any time."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.faults.run import FAULTS, ROOT, Fault, faults

ALL = [fault for path in sorted(FAULTS.glob("*.toml")) for fault in faults(path)]


@cache
def functions(path: Path) -> set[str]:
    """The tests of one file, as pytest names them behind the file's name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return top | {
        f"{one.name}::{node.name}" for one in classes for node in one.body if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: f"{fault.noun}: {fault.what}")
def test_a_fault_can_be_planted_and_has_its_tests(fault: Fault) -> None:
    """Its original stands once in its file, what it becomes is still Python, and the tests it names are there."""
    ast.parse(fault.planted((ROOT / fault.file).read_text(encoding="utf-8")))
    assert fault.tests
    for test in fault.tests:
        path, _, name = test.partition("::")
        assert name.partition("[")[0] in functions(ROOT / path)


def test_no_fault_is_listed_twice() -> None:
    """Each fault is another change and has another name."""
    assert len({(fault.file, fault.original, fault.mutated) for fault in ALL}) == len(ALL)
    assert len({(fault.noun, fault.what) for fault in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("text", "mutated", "why"),
    [("a b", "c", "0 times"), ("x y x", "c", "2 times"), ("a x b", "x", "nothing is changed")],
)
def test_a_fault_without_one_place_is_refused(text: str, mutated: str, why: str) -> None:
    """An original that is gone, or stands twice, or does not change, is said so instead of being counted as caught."""
    fault = Fault(noun="n", what="w", file="f", original="x", mutated=mutated, tests=("t",))
    with pytest.raises(ValueError, match=why):
        fault.planted(text)
