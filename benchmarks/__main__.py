"""All benchmarks: `python -m benchmarks [NAME …] [--json PATH]`; 0 if every bound is kept."""

import argparse
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from benchmarks import (
    batch,
    credential_check,
    imports,
    login,
    one_time_passwords,
    phone_call,
    scale,
    throughput,
    transfers,
)
from benchmarks.figures import Figure, write_json

PARTS: Mapping[str, Callable[[], Iterable[Figure]]] = {
    "imports": imports.measure,
    "credential_check": credential_check.measure,
    "login": login.measure,
    "throughput": throughput.measure,
    "one_time_passwords": one_time_passwords.measure,
    "phone_call": phone_call.measure,
    "transfers": transfers.measure,
    "scale": scale.measure,
    "batch": batch.measure,
}


def main() -> int:
    """Measure what is asked for, or everything."""
    parser = argparse.ArgumentParser(description="every figure is a ratio inside one run")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which (all)")
    parser.add_argument("--json", type=Path, default=Path("build/benchmarks.json"), help="where to write the figures")
    arguments = parser.parse_args()
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}", flush=True)
    figures: list[Figure] = []
    for part in arguments.parts or PARTS:
        for figure in PARTS[part]():
            figures.append(figure)
            print(figure.line(), flush=True)
    write_json(figures, arguments.json)
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
