"""Retention: how long what is over is kept, for whoever has to look into it, before a sweep forgets it.

What holds a secret, or says where somebody was, is not kept for its own sake: that it happened stands in the audit log,
which is not swept.  And what the next one goes on counting from is never over: a contract, a decoy, the latest attempt
at phone authentication.

Shape:  `Retention(ended=…, executed=…)`.
Units:  lengths are timedeltas.
Errors: ValueError for lengths that cannot be.
Source: ASVS 14.2.7 (outdated data is deleted on a schedule); TRAPS "time alone clears the lockout tally".
"""

from datetime import timedelta

from attrs import frozen


@frozen(kw_only=True)
class Retention:
    """Kept are, for *ended* after they can come to nothing more, sessions, procedures, calls and what was not executed.

    What was executed is kept for *executed* after it was requested.
    """

    ended: timedelta
    executed: timedelta

    def __attrs_post_init__(self) -> None:
        if not timedelta(0) <= self.ended <= self.executed:
            msg = "what was executed is kept at least as long as what was not, and neither for less than no time"
            raise ValueError(msg)
