"""Lacks: what keeps a customer from a procedure, read off what the host reports of his account.

One table (`policies.eligibility`) says which lack closes which procedure.

Source: ENR-14, ENR-18, PRF-05, PWR-01, PWR-09, RBR-01; AMB-28.
"""

from janetbank.policies.eligibility import Lack
from janetbank.ports.core_banking import AccountReport


def lacks_of(report: AccountReport | None) -> set[Lack]:
    """What the holder of an account lacks, as far as the host knows; his telephones are not its business."""
    lacks = {Lack.INDIVIDUAL: report and report.individual, Lack.CARDED_ORDINARY_ACCOUNT: report and report.card_issued}
    return {lack for lack, there in lacks.items() if not there}
