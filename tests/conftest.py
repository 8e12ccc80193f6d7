"""What holds for every test: how long properties are searched, and that no test reaches the network.

Sockets are closed (pytest-socket). A test marked `loopback` may open them, and connect to 127.0.0.1. What speaks
through a C library (libpq) is not seen by this; the fixtures that start such servers bind them to this machine.
"""

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every machine and every day: a red test is red for everybody, and for the same reason.
settings.register_profile(
    "default",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
# New examples each time, many more, longer histories, and what was found is kept in .hypothesis (make search).
settings.register_profile("search", deadline=None, max_examples=5_000, stateful_step_count=200, print_blob=True)
settings.load_profile("default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Translate our one word for sockets into pytest-socket's."""
    for item in items:
        if item.get_closest_marker("loopback"):
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1"]))
