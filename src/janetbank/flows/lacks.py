"""Lacks: what keeps a customer from a procedure, read off what the host reports of his account.

One table (`policies.eligibility`) says which lack closes which procedure, another (`policies.releases`) which procedure
ends which block, and a profile what its bank has online at all: here they meet; who may apply is checked beside it.

Source: ENR-14, ENR-16, ENR-18, PRF-05, PWR-01, PWR-09, RBR-01, RBR-10, RBA-09, OTP-13, LCK-04, LCK-09; AMB-28.
"""

from collections.abc import Collection

from janetbank.policies.eligibility import Lack, OnlineProcedure, excluded
from janetbank.policies.enrolment import HolderFacts
from janetbank.policies.releases import Release
from janetbank.ports.core_banking import AccountReport
from janetbank.profiles.profile import Profile

TAKES_ONLINE = {
    Release.PASSWORD_RESET: OnlineProcedure.PASSWORD_RESET,
    Release.ANSWERS_RESET: OnlineProcedure.QUESTIONS_RESET,
    Release.TOKEN_REISSUE: OnlineProcedure.TOKEN_REISSUE,
    Release.CANCEL_AND_REAPPLY: OnlineProcedure.APPLICATION,
}
"""What a customer has to be able to do online for a way to be open to him (AMB-28)."""


def closed_ways(profile: Profile, lacks: Collection[Lack]) -> set[Release]:
    """The ways out of a block that are not open at this bank to whoever has these *lacks*.

    One applies anew in writing where that is how one applies.
    """
    there = profile.resets | {OnlineProcedure.APPLICATION}
    return {way for way, one in TAKES_ONLINE.items() if one not in there or excluded(one, lacks)}


def lacks_of(report: AccountReport | None) -> set[Lack]:
    """What the holder of an account lacks, as far as the host knows; his telephones are not its business."""
    lacks = {Lack.INDIVIDUAL: report and report.individual, Lack.CARDED_ORDINARY_ACCOUNT: report and report.card_issued}
    return {lack for lack, there in lacks.items() if not there}


def facts_of(report: AccountReport | None, *, registered: bool) -> HolderFacts:
    """The bases of the five checks (ENR-16); an account that does not exist fails what can be said of it."""
    if report is None:
        return HolderFacts(registered=registered, exists=False, caution=False, restricted=False, individual=False)
    return HolderFacts(
        registered=registered,
        exists=True,
        caution=report.caution,
        restricted=report.restricted,
        individual=report.individual,
    )
