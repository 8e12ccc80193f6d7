"""The lists of planted faults fit the code and the tests, so that `python -m tests.faults.run` can run at any time."""

import ast
from importlib import import_module

import pytest

from tests.faults.guards import PAGE, page
from tests.faults.run import FAULTS, GUARDS, ROOT, Fault, faults, planned_of

PARTED = "\n\n\n"
ALL = [fault for path in sorted(FAULTS.glob("*.toml")) for fault in faults(path)]


def there(test: str) -> bool:
    """Whether *test*, as pytest names it, is there: a function, or a class with a method of its own or inherited."""
    path, _, name = test.partition("[")[0].partition("::")
    found: object = import_module(path.removesuffix(".py").replace("/", "."))
    for part in name.split("::"):
        found = getattr(found, part, None)
    return callable(found)


def unfit(fault: Fault) -> str:
    """Why *fault* cannot be planted, or what it names and is not there; nothing where all is well."""
    try:
        parse(fault, (ROOT / fault.file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        return str(error)
    return ", ".join(test for test in fault.tests if not there(test)) if fault.tests else "it names no test"


def parse(fault: Fault, text: str) -> None:
    """Parse what becomes of *text*: of what stands between two blank lines, which is quick, else of all of it."""
    planted, begin = fault.planted(text), text.index(fault.original)
    first = text.rfind(PARTED, 0, begin) + len(PARTED)
    last = text.find(PARTED, begin + len(fault.original))
    end = len(planted) - (len(text) - last if last >= 0 else 0)
    try:
        ast.parse(planted[first if first >= len(PARTED) else 0 : end])
    except SyntaxError:
        ast.parse(planted)


@pytest.mark.parametrize("noun", dict.fromkeys(fault.noun for fault in ALL))
def test_every_fault_can_be_planted_and_has_its_tests(noun: str) -> None:
    """Its original stands once in its file, what it becomes is still Python, and the tests it names are there."""
    assert {fault.what: why for fault in ALL if fault.noun == noun and (why := unfit(fault))} == {}


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


def test_the_page_of_guards_is_the_list_of_them() -> None:
    """docs/guards.md says which guards there are, where, and what fails without them, as the lists of faults do."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_guards_alone_can_be_taken_away() -> None:
    """`--guards` leaves the other faults out, of all nouns or of those that are named."""
    every, some = planned_of([GUARDS]), planned_of([GUARDS, "storage"])
    assert every == [fault for fault in ALL if fault.guard]
    assert some == [fault for fault in every if fault.noun == "storage"]
    assert planned_of(["storage"]) == [fault for fault in ALL if fault.noun == "storage"]
