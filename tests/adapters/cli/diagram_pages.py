"""The pages of docs/diagrams, and writing them anew: `python -m tests.adapters.cli.diagram_pages`."""

from pathlib import Path

from janetbank import profiles
from janetbank_adapters.cli.diagrams import DIAGRAMS, mermaid

FOLDER = Path(__file__).parents[3] / "docs" / "diagrams"


def pages() -> dict[str, str]:
    """What stands in which file: a page for each diagram, and one that names them all."""
    found = {
        f"{name}.md": (
            f"# {drawn.of(profiles.JA).title.en}\n\n"
            f"Drawn from what runs, with `janetbank diagram {name}`: {drawn.about.en}.\n\n"
            f"```mermaid\n{mermaid.draw(drawn.of(profiles.JA), 'en')}```\n"
        )
        for name, drawn in DIAGRAMS.items()
    }
    entries = "".join(f"- [{name}]({name}.md): {drawn.about.en}\n" for name, drawn in DIAGRAMS.items())
    found["README.md"] = f"# Diagrams\n\nNone is drawn by hand; a test finds whichever is out of date.\n\n{entries}"
    return found


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, page in pages().items():
        (FOLDER / name).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
