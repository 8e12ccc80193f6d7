"""A Hypothesis profile for runs that only ask whether a test fails: the counter-example found first is good enough.

Shape:  `pytest -p tests.faults.unshrunk --hypothesis-profile=unshrunk`; otherwise as the profile in tests/conftest.py.
"""

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "unshrunk",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
)
