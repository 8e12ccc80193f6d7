"""The README's code is true, and that of the page about days: all blocks are run in one program, as a reader would."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
DAYS = README.parent / "docs" / "days.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", [README, DAYS], ids=["README", "days"])
def test_its_code_runs(page: Path) -> None:
    """Each Python block runs after the ones before it, and what it asserts holds."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    assert len(blocks) >= 2
    program: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(page), "exec"), program)  # noqa: S102 -- our own page


def test_its_two_commands_are_made() -> None:
    """`make tour` and `make test` stand in the README and in the Makefile."""
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    for command in ("tour", "test"):
        assert f"make {command}" in README.read_text(encoding="utf-8")
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)
