"""Duty: what somebody who has logged in has to do before he can do anything else.

Whoever has one open is let into a session that can do nothing but this one thing; several are done one after the
other, in their order.  Which of them a bank's customers can have at all is for its profile to say.

Shape:  `first(duties)` is the one to ask for now, or None.
Source: RBA-14, RBR-09, SUS-03, ENR-32..36, ENR-35 (left undone, it is asked for again at the next login).
"""

from collections.abc import Collection
from enum import Enum


class Duty(Enum):
    """The duties, in the order in which they are asked for."""

    OBTAIN_LOGIN_ID = "obtain_login_id"
    """Before anybody can log in at all (ENR-30)."""
    REGISTER_QUESTIONS = "register_questions"
    CHOOSE_PASSWORD = "choose_password"  # noqa: S105 -- a duty's name, no password
    CHOOSE_PASSWORDS = "choose_passwords"
    """Both, in the place of those of a notice (ENR-34)."""
    REGISTER_CUSTOMER = "register_customer"
    """Mail address, telephone and limits (ENR-36)."""


FIRST_USE = frozenset({Duty.OBTAIN_LOGIN_ID, Duty.CHOOSE_PASSWORDS, Duty.REGISTER_CUSTOMER})
"""What only whoever began by a notice has to do."""


def first(duties: Collection[Duty]) -> Duty | None:
    """The first of *duties* in their order, or None where there is none."""
    return next((one for one in Duty if one in duties), None)
