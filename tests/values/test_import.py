"""Importing the values is light: what is heavy waits until the first of its kind is made."""

import subprocess
import sys

HEAVY = ("phonenumbers", "email_validator", "cryptography", "argon2", "idna")


def test_nothing_heavy_is_imported() -> None:
    """A fresh interpreter that imports the values has loaded none of the heavy libraries."""
    script = f"import janetbank.values, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
