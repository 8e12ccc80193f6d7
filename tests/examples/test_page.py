"""docs/writing-an-adapter.md shows the examples whole, as they are run, and names every suite that there is."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from janetbank import ports, testing

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "writing-an-adapter.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```python (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLES = sorted(f"examples/{path.name}" for path in (ROOT / "examples").glob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_stands_on_the_page_whole(example: str) -> None:
    """Its pieces, one after the other, are the file, so that the page alone suffices."""
    pieces = [text for name, text in BLOCK.findall(PAGE) if name == example]
    shown = "".join(pieces).split()
    assert shown == (ROOT / example).read_text(encoding="utf-8").split()


def test_no_piece_is_of_another_file() -> None:
    """Whatever claims to be a file's is an example's."""
    assert sorted({name for name, _ in BLOCK.findall(PAGE)}) == EXAMPLES


def test_every_port_stands_in_the_table() -> None:
    """With a suite that is there; failures are no port."""
    table = PAGE[PAGE.index("| port ") : PAGE.index("The suites need")]
    for port in iter_modules(ports.__path__):
        assert port.name == "failures" or f"`{port.name}`" in table
    suites = re.findall(r"`(?:(\w+)\.)?(\w+Conformance)`", table)
    module = ""
    for name, suite in suites:
        module = name or module
        assert hasattr(import_module(f"{testing.__name__}.{module}"), suite)
