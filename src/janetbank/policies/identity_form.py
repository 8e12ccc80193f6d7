"""Identity form: how often a form that says who one is may be wrong.

Shape:  frozen; `FormTries` is the state that a contract keeps.
Units:  *day* is a Japanese calendar day.
Source: PWR-11 (five mismatches per account and day); requirements part 5.
"""

from datetime import date

from attrs import frozen


@frozen
class FormTries:
    """How many forms that named this account did not match on *day*; None where there never was one."""

    day: date | None = None
    count: int = 0
