"""The README's code is true: it is run, all blocks in one program, as a reader would."""

import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_code_of_the_readme_runs() -> None:
    """Each Python block runs after the ones before it, and what it asserts holds."""
    blocks = BLOCK.findall(README.read_text(encoding="utf-8"))
    assert len(blocks) >= 2
    program: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(README), "exec"), program)  # noqa: S102 -- our own README


def test_its_two_commands_are_made() -> None:
    """`make tour` and `make test` stand in the README and in the Makefile."""
    makefile = (README.parent / "Makefile").read_text(encoding="utf-8")
    for command in ("tour", "test"):
        assert f"make {command}" in README.read_text(encoding="utf-8")
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)
