r"""Simulation: a bank's months in minutes, with everything that may go wrong, and laws that are checked at each commit.

    report = simulate(Plan(seed=7, customers=200, days=30, faults=True))
    if report.broken:
        print(*shrink(report.plan, report.broken).story, sep="\n")

What is simulated, what is not, and what it costs: docs/simulation.md.

Source: issue 7, part 2.
"""

from janetbank.testing.simulation.plots import write_plots
from janetbank.testing.simulation.run import Broken, Making, Report, Told, replay, shrink, simulate
from janetbank.testing.simulation.schedule import Act, Plan, Step, schedule
from janetbank.testing.simulation.watch import Law, LawBroken

__all__ = [
    "Act",
    "Broken",
    "Law",
    "LawBroken",
    "Making",
    "Plan",
    "Report",
    "Step",
    "Told",
    "replay",
    "schedule",
    "shrink",
    "simulate",
    "write_plots",
]
