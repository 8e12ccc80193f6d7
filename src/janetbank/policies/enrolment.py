"""Enrolment: the order of an online application, and who may apply.

The order is one table; a cell that is missing is a refusal.

Shape:  `NEXT[(step, act)]` is the step after; `failed_checks(facts)` all that failed, in their order.
Source: ENR-01..04, 06, 09, 10, 12, 14..16, 18; ENR-02 DECISION (terms asked again), AMB-28, ASVS 2.3.1.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from attrs import frozen


class Step(Enum):
    """What the applicant is asked for next."""

    TERMS = "terms"
    INSTITUTION = "institution"
    HOLDER = "holder"
    CREDENTIALS = "credentials"
    CUSTOMER = "customer"
    REVIEW = "review"
    OTP = "otp"
    DONE = "done"
    ABANDONED = "abandoned"


class Act(Enum):
    """What the applicant does."""

    AGREE = "agree"
    CHOOSE_INSTITUTION = "choose_institution"
    MEET_OTHER_TERMS = "meet_other_terms"
    PROVE_HOLDER = "prove_holder"
    SET_CREDENTIALS = "set_credentials"
    SET_CUSTOMER = "set_customer"
    CONFIRM = "confirm"
    LOSE_LOGIN_ID = "lose_login_id"
    CHOOSE_OTP = "choose_otp"
    GO_BACK = "go_back"
    ABANDON = "abandon"


NEXT: Mapping[tuple[Step, Act], Step] = MappingProxyType(
    {
        (Step.TERMS, Act.AGREE): Step.INSTITUTION,
        (Step.INSTITUTION, Act.CHOOSE_INSTITUTION): Step.HOLDER,
        # The terms belong to an institution, which is chosen after agreeing: other terms are asked for again.
        (Step.INSTITUTION, Act.MEET_OTHER_TERMS): Step.TERMS,
        (Step.HOLDER, Act.PROVE_HOLDER): Step.CREDENTIALS,
        (Step.CREDENTIALS, Act.SET_CREDENTIALS): Step.CUSTOMER,
        (Step.CUSTOMER, Act.SET_CUSTOMER): Step.REVIEW,
        (Step.REVIEW, Act.CONFIRM): Step.OTP,
        # Somebody else registered the login id while this application was being filled in.
        (Step.REVIEW, Act.LOSE_LOGIN_ID): Step.CREDENTIALS,
        (Step.OTP, Act.CHOOSE_OTP): Step.DONE,
        (Step.INSTITUTION, Act.GO_BACK): Step.TERMS,
        (Step.HOLDER, Act.GO_BACK): Step.INSTITUTION,
        (Step.CREDENTIALS, Act.GO_BACK): Step.HOLDER,
        (Step.CUSTOMER, Act.GO_BACK): Step.CREDENTIALS,
        (Step.REVIEW, Act.GO_BACK): Step.CUSTOMER,
        # Before the contract exists everything can be abandoned; afterwards there is nothing left to abandon.
        (Step.TERMS, Act.ABANDON): Step.ABANDONED,
        (Step.INSTITUTION, Act.ABANDON): Step.ABANDONED,
        (Step.HOLDER, Act.ABANDON): Step.ABANDONED,
        (Step.CREDENTIALS, Act.ABANDON): Step.ABANDONED,
        (Step.CUSTOMER, Act.ABANDON): Step.ABANDONED,
        (Step.REVIEW, Act.ABANDON): Step.ABANDONED,
    }
)


class Check(Enum):
    """The five checks besides identity (ENR-16), in the order in which they are listed and logged."""

    NOT_REGISTERED = "not_registered"
    ACCOUNT_EXISTS = "account_exists"
    NO_CAUTION = "no_caution"
    NO_RESTRICTION = "no_restriction"
    INDIVIDUAL = "individual"


@frozen(kw_only=True)
class HolderFacts:
    """What the host and the contracts say of an account: the bases of the five checks."""

    registered: bool
    exists: bool
    caution: bool
    restricted: bool
    individual: bool


def failed_checks(facts: HolderFacts) -> tuple[Check, ...]:
    """Every check that *facts* fail, all evaluated, in their order (ENR-16)."""
    passed = {
        Check.NOT_REGISTERED: not facts.registered,
        Check.ACCOUNT_EXISTS: facts.exists,
        Check.NO_CAUTION: not facts.caution,
        Check.NO_RESTRICTION: not facts.restricted,
        Check.INDIVIDUAL: facts.individual,
    }
    return tuple(check for check in Check if not passed[check])
