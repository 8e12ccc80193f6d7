"""The public face: what `import janetbank` offers, and how little it loads."""

import subprocess
import sys

import pytest

import janetbank


def test_every_public_name_is_there() -> None:
    """What `__all__` promises can be had, and `dir` shows it."""
    for name in janetbank.__all__:
        assert getattr(janetbank, name) is not None
    assert dir(janetbank) == sorted(janetbank.__all__)


def test_another_name_is_an_attribute_error() -> None:
    """A name that is not there is told as Python tells it."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        janetbank.nothing  # noqa: B018 -- asking is the test


@pytest.mark.parametrize("statement", ["import janetbank", "from janetbank import NetBank, profiles, Secret, messages"])
def test_importing_loads_no_adapter_and_no_extra(statement: str) -> None:
    """Neither an adapter nor an extra's package is loaded, even by the whole public face."""
    heavy = ("janetbank_adapters", "sqlalchemy", "alembic", "cattrs", "psycopg", "rich", "zengin_code", "holidays")
    program = f"{statement}\nimport sys\nprint([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
