"""The page of the guards, made from the faults that take them away (`python -m tests.faults.guards`).

Shape:  writes docs/guards.md; `page()` is what stands there.
Source: issue 7, part 4.
"""

from itertools import groupby

from tests.faults.run import GUARDS, ROOT, Fault, planned_of

PAGE = ROOT / "docs" / "guards.md"
_HEAD = """# Guards

What keeps two from doing what one may do, and a later step from trusting an earlier one. Each guard stands in the code
as a line or two, and looks superfluous until two come at once, a process dies, or somebody lies. So each can be taken
away, in a copy of the code, and then the tests that are named here fail:

    python -m tests.faults.run {guards}

This page is made from `tests/faults/*.toml` by `python -m tests.faults.guards`; a test keeps the two together. That
these tests fail without the guard is checked by the command above, not by `make test`.
"""
_LINKS = """
What the guards are for stands in [decisions](decisions/README.md), above all
[1](decisions/0001-attempts-are-reserved.md), [2](decisions/0002-optimistic-then-queueing.md),
[7](decisions/0007-a-call-is-matched-by-its-route.md), [8](decisions/0008-the-host-is-asked-by-a-key.md) and
[10](decisions/0010-two-people-one-transaction.md); that they suffice together is what `janetbank prove`
([proofs](proofs.md)) and `janetbank simulate` ([simulation](simulation.md)) look at.
"""


def page() -> str:
    """The whole page."""
    guards = sorted(planned_of([GUARDS]), key=lambda fault: fault.guard)
    parts = [_HEAD.format(guards=GUARDS), _LINKS]
    for guard, faults in groupby(guards, key=lambda fault: fault.guard):
        parts.append(f"\n## {guard[0].upper()}{guard[1:]}\n")
        parts += [_row(fault) for fault in faults]
    return "".join(parts)


def _row(fault: Fault) -> str:
    tests = "".join(f"  - `{test}`\n" for test in fault.tests)
    return f"\n- in `{fault.file}`; taken away (`{fault.noun}`), {fault.what}, and these fail:\n{tests}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
