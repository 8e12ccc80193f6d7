"""Which requirement rows the tests bear, and writing that into docs/requirements.toml (`make requirements`).

Shape:  A test bears a row by `@pytest.mark.requirement("LCK-01", ...)`. The marks are read from the source, so what is
        borne does not depend on which tests were selected. A test marked `search` bears nothing: it seldom runs.
Errors: TypeError where an id is not written out as text, or where the row of a mark is unknown.
"""

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import NotRequired, TypedDict

TESTS = Path(__file__).parent
REGISTER = TESTS.parent / "docs" / "requirements.toml"


class Row(TypedDict):
    """One line of the register."""

    status: str
    title: str
    issue: NotRequired[int]
    where: NotRequired[str]


class _Marks(ast.NodeVisitor):
    """Collects the ids of every `requirement(...)` in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ids: set[str] = set()

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "requirement":
            for argument in node.args:
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    msg = f"{self.path}:{node.lineno}: a requirement's id is written out as text"
                    raise TypeError(msg)
                self.ids.add(argument.value)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._unless_search(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._unless_search(node)

    def _unless_search(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        if not any(isinstance(mark, ast.Attribute) and mark.attr == "search" for mark in node.decorator_list):
            self.generic_visit(node)


def rows(text: str) -> dict[str, Row]:
    """The register's rows by id, in its order."""
    areas: dict[str, dict[str, Row]] = tomllib.loads(text)
    return {row_id: row for area in areas.values() for row_id, row in area.items()}


def borne(tests: Path = TESTS) -> set[str]:
    """The ids which some test under *tests* bears."""
    ids: set[str] = set()
    for path in sorted(tests.rglob("test_*.py")):
        marks = _Marks(path)
        marks.visit(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))
        ids |= marks.ids
    return ids


def synced(text: str, ids: set[str]) -> str:
    """The register with `tested` for exactly *ids*; `shown` and `named` rows that no test bears stay as they are."""
    if unknown := ids - rows(text).keys():
        msg = f"no such requirement: {', '.join(sorted(unknown))}"
        raise TypeError(msg)

    def line(match: re.Match[str]) -> str:
        row_id, status = match["id"], match["status"]
        if row_id in ids:
            status = "tested"
        elif status == "tested":
            status = "open"
        return f'{row_id} = {{ status = "{status}"'

    return re.sub(r'^(?P<id>[A-Z]{3}-\d\d) = \{ status = "(?P<status>\w+)"', line, text, flags=re.MULTILINE)


def main() -> None:
    """Write the register anew and say what changed."""
    before = REGISTER.read_text(encoding="utf-8")
    after = synced(before, borne())
    old, new = rows(before), rows(after)
    for row_id, row in new.items():
        if row != old[row_id]:
            sys.stdout.write(f"{row_id}: {old[row_id]['status']} -> {row['status']}\n")
    if after != before:
        REGISTER.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
