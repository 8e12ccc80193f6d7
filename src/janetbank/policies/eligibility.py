"""Eligibility: who may use which procedure online, and who must go to the counter.

One table: what a customer lacks against what he wants.  Whoever is refused has a counter path; this only says that the
online one is closed to him.

Shape:  `EXCLUDED[procedure]` is a set of lacks; `excluded(procedure, lacks)` those of *lacks* that close it.
Source: AMB-28; PRF-05, ENR-14, ENR-16 (5), ENR-18, CAN-03, ACC-03, ACC-08, TEL-04, PWR-01, RBR-01, TKR-01.
"""

from collections.abc import Collection, Mapping
from enum import Enum
from types import MappingProxyType


class OnlineProcedure(Enum):
    """What a customer may want to do online."""

    APPLICATION = "application"
    PASSWORD_RESET = "password_reset"  # noqa: S105 -- a procedure's name, no password
    QUESTIONS_RESET = "questions_reset"
    TOKEN_ISSUE = "token_issue"  # noqa: S105 -- a procedure's name, no token
    TOKEN_REISSUE = "token_reissue"  # noqa: S105 -- a procedure's name, no token
    ACCOUNT_ADDITION = "account_addition"
    ACCOUNT_DELETION = "account_deletion"
    CANCELLATION = "cancellation"
    LOG_IN = "log_in"
    """By a call, from a place that is not known, where no questions are asked (standards.md C13)."""


class Lack(Enum):
    """What a customer may lack."""

    INDIVIDUAL = "individual"
    """人格区分 is not 「個人」."""
    CARDED_ORDINARY_ACCOUNT = "carded_ordinary_account"
    """No ordinary savings account with an issued cash card, so no PIN either."""
    USABLE_PHONE = "usable_phone"
    """No registered number that a call can be recognised by (050 alone, or none)."""


EXCLUDED: Mapping[OnlineProcedure, frozenset[Lack]] = MappingProxyType(
    {
        OnlineProcedure.APPLICATION: frozenset({Lack.INDIVIDUAL, Lack.CARDED_ORDINARY_ACCOUNT}),
        OnlineProcedure.PASSWORD_RESET: frozenset(Lack),
        OnlineProcedure.QUESTIONS_RESET: frozenset(Lack),
        OnlineProcedure.TOKEN_ISSUE: frozenset({Lack.USABLE_PHONE}),
        OnlineProcedure.TOKEN_REISSUE: frozenset({Lack.INDIVIDUAL, Lack.USABLE_PHONE}),
        OnlineProcedure.ACCOUNT_ADDITION: frozenset({Lack.INDIVIDUAL}),
        OnlineProcedure.ACCOUNT_DELETION: frozenset({Lack.INDIVIDUAL}),
        OnlineProcedure.CANCELLATION: frozenset({Lack.INDIVIDUAL, Lack.CARDED_ORDINARY_ACCOUNT}),
        OnlineProcedure.LOG_IN: frozenset({Lack.USABLE_PHONE}),
    }
)


def excluded(procedure: OnlineProcedure, lacks: Collection[Lack]) -> frozenset[Lack]:
    """Those of *lacks* that close *procedure* online; empty where it is open."""
    return EXCLUDED[procedure] & frozenset(lacks)
