"""All peers and us: `python -m benchmarks.peers [NAME …]`, from our environment; the others' are named by options.

Each peer is asked by `benchmarks.peers.one` in the environment that has it, one after the other.

Shape:  two Markdown tables on the standard output; the answers in `--json`, the picture in `--picture`.
Errors: exit status 1 where a peer cannot be asked; the others are asked all the same.
Source: issue 7, part 6; docs/peers.md.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers.one import DOORS
from benchmarks.peers.picture import Bar, Panel, drawn

ROOT = Path(__file__).parents[2]
Told = Mapping[str, Any]


def asked(name: str, python: Path) -> Told | None:
    """What the peer of this *name* tells, in the environment of *python*; None where it cannot be asked."""
    print(f"{name}:", file=sys.stderr, flush=True)
    command = [python, "-W", "ignore", "-m", "benchmarks.peers.one", name]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 -- our own arguments
    if done.returncode:
        return None
    told: Told = json.loads(done.stdout.splitlines()[-1])
    return told


def tables(all_told: Sequence[Told]) -> str:
    """Both."""
    lines = [
        "| code | versions | evaluated of 64 at once | of 21 in a row | the owner, then | locked, after others |",
        "|---|---|---:|---:|---|---|",
    ]
    for told in all_told:
        versions = ", ".join(f"{package} {number}" for package, number in told["versions"].items())
        owner = "let in" if told["owner_let_in"] else "refused"
        locked = f"{'let in' if told['locked_one_let_in'] else 'refused'} after {told['nobodies']}"
        locked = locked if "refused_ms" in told else "never locked"
        figures = f"{told['evaluated']} | {told['evaluated_in_a_row']} | {owner} | {locked}"
        lines.append(f"| {told['name']} | {versions} | {figures} |")
    lines += [
        "",
        "| code | hash | ms | login ÷ hash | refusals in a hash | a second | rows a failure | a refusal | a nobody |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for told in all_told:
        refusals = (
            f"{told['refusals_in_a_verification']:.2f} | {told['refusals_a_second']:.0f}"
            if "refused_ms" in told
            else "never refuses | –"
        )
        grown = f"{told['rows_a_failure']:.1f} | {told.get('rows_a_refusal', '–')} | {told['rows_a_nobody']:.1f}"
        cost = f"{told['verify_ms']:.0f} | {told['login_ratio']:.2f}"
        lines.append(f"| {told['name']} | {told['hash']} | {cost} | {refusals} | {grown} |")
    return "\n".join(lines)


def panels(all_told: Sequence[Told]) -> list[Panel]:
    """What the picture shows."""
    return [
        Panel(
            "Guesses evaluated, of 64 at once; the rule allows seven (red line)",
            [Bar(told["name"], told["evaluated"], str(told["evaluated"])) for told in all_told],
            limit=7,
        ),
        Panel(
            "A login, in verifications of its own hash",
            [Bar(told["name"], told["login_ratio"], f"{told['login_ratio']:.2f}") for told in all_told],
            limit=1,
        ),
        Panel(
            "Refusals a second of somebody who is locked, one process",
            [
                Bar(
                    told["name"],
                    told.get("refusals_a_second"),
                    f"{told['refusals_a_second']:.0f}" if "refused_ms" in told else "never refuses",
                )
                for told in all_told
            ],
        ),
        Panel(
            "Rows left behind by a wrong password",
            [Bar(told["name"], told["rows_a_failure"], f"{told['rows_a_failure']:.1f}") for told in all_told],
        ),
    ]


def main() -> int:
    """Ask whoever is named, or all."""
    parser = argparse.ArgumentParser(description="the same storm and the same questions, at others and at us")
    parser.add_argument("names", nargs="*", choices=[*DOORS, []], help="which (all)")
    python = "bin/python"
    parser.add_argument("--peers", type=Path, default=ROOT / "build/peers" / python, help="that has the group `peers`")
    parser.add_argument(
        "--privacyidea", type=Path, default=ROOT / "build/privacyidea" / python, help="that has `peers-privacyidea`"
    )
    parser.add_argument("--json", type=Path, default=ROOT / "build/peers.json", help="where the answers go, and stay")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs/peers.svg")
    arguments = parser.parse_args()
    has = {"janetbank": Path(sys.executable), "privacyIDEA": arguments.privacyidea}
    known: dict[str, Told] = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
    failed = 0
    for name in arguments.names or DOORS:
        told = asked(name, has.get(name, arguments.peers))
        failed += told is None
        if told is not None:
            known[name] = told
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    all_told = [known[name] for name in DOORS if name in known]
    print(tables(all_told))
    arguments.picture.write_text(drawn(panels(all_told)), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
