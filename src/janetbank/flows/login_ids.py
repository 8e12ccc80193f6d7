"""Login ids: one bearer each, tombstones included.

Source: CRD-04, AMB-27 (a tombstone keeps its id for its own representative account), CAN-06.
"""

from attrs import evolve

from janetbank.model.contract import Contract
from janetbank.policies.contract_life import ContractStatus
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.login_id import LoginId


def is_taken(bearer: Contract | None, institution: InstitutionId, account: Account | None) -> bool:
    """Whether *bearer* keeps his login id from the contract of *account* at *institution*."""
    # A login id may be unique beyond an institution, and an account's number is not.
    return bearer is not None and (bearer.institution, bearer.account) != (institution, account)


def claim(tx: Transaction, contract: Contract, login_id: LoginId) -> bool:
    """Make *login_id* free for *contract*; False where somebody else bears it.

    Where two claim it at once the store lets one of them write; the other, run again, finds it borne.
    """
    bearer = tx.contracts.bearer(contract.namespace, login_id.canonical)
    if is_taken(bearer, contract.institution, contract.account):
        return False
    if bearer is not None and bearer.status is ContractStatus.CANCELLED:
        tx.contracts.put(evolve(bearer, login_id=None))
    return True
