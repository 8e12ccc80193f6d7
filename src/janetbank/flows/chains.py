"""Chains: a contract is written together with what is said of it at the end of its chain.

Source: ARCHITECTURE idea 2 (state and audit event in one transaction), "Audit".
"""

from datetime import datetime

from janetbank.model.audit import Event
from janetbank.model.contract import Contract
from janetbank.ports.storage import Transaction


def keep(tx: Transaction, contract: Contract, at: datetime, *events: Event) -> Contract:
    """Write *contract*, which was read in *tx*, with *events*: the contract as it was written."""
    contract, entries = contract.recorded(at, *events)
    tx.contracts.put(contract)
    tx.audit.append(entries)
    return contract
