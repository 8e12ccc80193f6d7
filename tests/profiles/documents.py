"""Documents: the pages on profiles and deviations, and the schema (`python -m tests.profiles.documents` writes them).

What stands between the marks of a document is written here; the rest of it is written by people.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from janetbank import profiles
from janetbank.profiles import Profile
from janetbank.profiles.kinds import Kind, Optional, Table, described, fields
from tests.profiles.deviations import CHECKS, Check
from tests.profiles.parameters import OPEN, PARAMETERS, Parameter

DOCS = Path(__file__).parents[2] / "docs"
BANKS: Mapping[str, Profile] = {
    one.name: one for one in (profiles.JA, profiles.AKITA, profiles.AOMORI, profiles.MODERN)
}
OURS = " *"


@frozen
class Document:
    """A page at *path*, with what each of its *parts* has to be."""

    path: Path
    parts: Mapping[str, str]

    def written(self) -> str:
        """The page as it has to be."""
        old = self.path.read_text(encoding="utf-8")
        return re.sub(
            r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->\n)",
            lambda found: f"{found[1]}{self.parts[found[2]]}{found[3]}",
            old,
            flags=re.DOTALL,
        )


def cell(parameter: Parameter, bank: str) -> str:
    """A number, with the mark of ours where no source states it; a new bank's are all ours."""
    says = parameter.says(BANKS[bank])
    return says if bank == "modern" or parameter.sourced(bank) is not None else f"{says}{OURS}"


def table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def parameters() -> str:
    """The table of parameters, and what no profile holds."""
    rows = ((one.name, *(cell(one, bank) for bank in BANKS)) for one in PARAMETERS)
    return table(("parameter", *BANKS), rows) + "\n" + table(("not of the profile", "because"), iter(OPEN.items()))


def deviations() -> str:
    """The checklist, and how each profile stands to each row."""
    rows = ((one.id, one.wanted, *(_stands(one, bank) for bank in BANKS), one.instead) for one in CHECKS)
    return table(("row", "wanted", *BANKS, "what makes up for it, or does it"), rows)


def _stands(check: Check, bank: str) -> str:
    if check.meets is None:
        return "code"
    return "yes" if check.meets(BANKS[bank]) else "**no**"


def reference() -> str:
    """Every field, with its unit and its bounds."""
    return "".join(_reference(Table(Profile), "Profile", set()))


def _reference(kind: Table, title: str, seen: set[type]) -> Iterator[str]:
    seen.add(kind.of)
    known = fields(kind.of)
    rows = (
        (f"`{name}`", described(kind.of, name), "" if needed else "may be left out")
        for name, (_, needed) in known.items()
    )
    yield f"\n### {title}\n\n{table(('field', 'what for', ''), rows)}"
    for name, (one, _) in known.items():
        inner = _table_in(one)
        if inner is not None and inner.of not in seen:
            yield from _reference(inner, f"{name}: {inner.of.__name__}", seen)


def _table_in(kind: Kind) -> Table | None:
    """The table that a field is, holds, or may be."""
    match kind:
        case Table():
            return kind
        case Optional(some=some):
            return _table_in(some)
        case _:
            one = getattr(kind, "one", None)
            return one if isinstance(one, Table) else None


PROFILES = Document(DOCS / "profiles.md", {"parameters": parameters(), "reference": reference()})
DEVIATED = Document(DOCS / "deviations.md", {"deviations": deviations()})
SCHEMA = DOCS / "profile.schema.json"


def main() -> None:
    """Write them."""
    for page in (PROFILES, DEVIATED):
        page.path.write_text(page.written(), encoding="utf-8")
    SCHEMA.write_text(f"{json.dumps(profiles.schema(), ensure_ascii=False, indent=2)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
