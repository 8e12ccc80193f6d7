"""Login ids: one bearer each, tombstones included.

    follow_account -> between transactions, before the one in which somebody chooses a login id
    is_taken, claim -> within it

Source: CRD-04, AMB-27 (a tombstone keeps its id for its own representative account), CAN-06, PWR-09 (which may have
        another number since).
"""

from attrs import evolve

from janetbank.flows.chains import keep
from janetbank.flows.platform import Platform
from janetbank.model.contract import Contract
from janetbank.model.events import AccountRenumbered
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


def follow_account(platform: Platform, login_id: LoginId, namespace: str, at: InstitutionId, account: Account) -> None:
    """Let a tombstone that bears *login_id* follow its account, if the host says that this is *account* by now.

    He is asked about none but a tombstone's account at the same institution that is not this one.
    """
    bearer = platform.transact(lambda tx: tx.contracts.bearer(namespace, login_id.canonical), durable=False)
    if bearer is None or (bearer.status, bearer.institution) != (ContractStatus.CANCELLED, at):
        return
    former = bearer.account
    assert former is not None, "a tombstone keeps its account"
    if former == account or platform.core.renumbered(at, former) != account:
        return
    event = AccountRenumbered(str(former), str(account))
    platform.transact(lambda tx: keep(tx, evolve(tx.contracts.again(bearer), account=account), platform.now(), event))
