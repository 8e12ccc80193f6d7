"""Carriers: what a telephone number's carrier says of lately changed hands.

Why: a call shows that somebody holds the number, and a number can be moved to somebody else's SIM within minutes.  Some
carriers tell banks when that last happened; whether a bank asks, and what it makes of the answer, is its profile's
(`policies.line_change`).  The port is optional: a bank without one knows of no changes.

Shape:  one question about one number, asked between transactions, since an answer may take its time.
Units:  instants are aware.
Errors: Unavailable where a carrier that should answer does not; then nothing is decided and the step is refused.  That
        nobody knows is no failure: `NOTHING_SAID`, or None for the change that is not told of.
Source: NIST SP 800-63B-4 3.1.3.3 (standards.md C26).
"""

from typing import Protocol

from janetbank.policies.line_change import LineChanges
from janetbank.values.phone import PhoneNumber


class Carriers(Protocol):
    """Says what changed about telephone numbers."""

    def last_changes(self, phone: PhoneNumber) -> LineChanges:
        """When SIM, telephone and subscriber of *phone* last changed, each as far as anybody says."""
        ...
