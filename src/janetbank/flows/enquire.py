"""Enquiring behind the counter: how a contract stands, what was done with it, what is pending, what is to be done.

    Enquire.contract  -> ContractStanding      顧客契約内容照会, FB・HB加入者情報照会
    Enquire.history   -> History               発信電文一覧・明細照会
    Enquire.transfers -> PendingTransfers      資金移動業務依頼内容の照会
    Enquire.cases     -> WorkList

An enquiry changes nothing for the customer, and stands in the operator's chain with the terminal's codes.

Shape:  outcomes are closed unions; an operator sees the contracts and cases of his own institution alone.
Source: OPS-06, OPS-08, SUS-01, SUS-04, SUS-05, SUS-18, SUS-29; LCK-04, LCK-09, LCK-15; AMB-28, AMB-33.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, TypeVar, assert_never

from attrs import frozen

from janetbank.flows.lacks import TAKES_ONLINE, closed_ways, lacks_of
from janetbank.flows.operating import (
    Acting,
    Deed,
    NoSuchCase,
    NoSuchContract,
    OperatorRefusal,
    operate,
)
from janetbank.flows.platform import Platform
from janetbank.model.audit import Entry
from janetbank.model.case import Case
from janetbank.model.contract import Contract, Counter
from janetbank.model.customer import Customer
from janetbank.model.instruction import Instruction
from janetbank.policies import lockout
from janetbank.policies.authority import Act
from janetbank.policies.eligibility import Lack
from janetbank.policies.releases import Block, Release, way_out
from janetbank.ports.storage import Transaction
from janetbank.values.account import Account
from janetbank.values.identifiers import ContractId
from janetbank.values.secret import Secret

_Told = TypeVar("_Told")

_BLOCKS = {counter: Block(f"{counter.value}_block") for counter in Counter}
_LOCKS = {counter: block for counter in Counter for block in Block if block.value == f"{counter.value}_lock"}
"""Of the counters whose locks time opens; whatever trips another one blocks."""


@frozen
class InTheWay:
    """*block* stands, and the customer is sent *way*."""

    block: Block
    way: Release


@frozen(kw_only=True)
class ContractStanding:
    """How a contract stands, dimension by dimension, and where its customer is sent with what is in his way."""

    contract: ContractId
    investigated: bool
    must_change_password: bool
    transaction_auth_advised: bool
    in_the_way: tuple[InTheWay, ...]
    cases: tuple[Case, ...]
    code: ClassVar[str] = "enquiry.contract"


@frozen
class History:
    """What was ever decided about a contract, oldest first."""

    entries: tuple[Entry, ...]
    code: ClassVar[str] = "enquiry.history"


@frozen
class PendingTransfers:
    """What the customer has authorised and is not executed; a suspension does not touch it (TRF-10)."""

    instructions: tuple[Instruction, ...]
    code: ClassVar[str] = "enquiry.transfers"


@frozen
class ToDo:
    """A case in which somebody has something to do, and whether that is *overdue* (AMB-33)."""

    case: Case
    overdue: bool


@frozen
class WorkList:
    """What is to be done at the operator's institution; what is due first comes first."""

    items: tuple[ToDo, ...]
    code: ClassVar[str] = "enquiry.cases"


@frozen
class _Read:
    """What is read of a contract before the host is asked."""

    contract: Contract
    customer: Customer
    cases: tuple[Case, ...]

    @property
    def code(self) -> str:
        return ContractStanding.code


@frozen
class Enquire:
    """See the module."""

    _platform: Platform

    def contract(
        self, session: Secret, account: Account
    ) -> ContractStanding | NoSuchContract | NoSuchCase | OperatorRefusal:
        """How the contract with this representative *account* stands."""

        def read(tx: Transaction, contract: Contract) -> _Read | NoSuchContract:
            customer = tx.customers.of(contract.institution, contract.id)
            if customer is None:
                return NoSuchContract()
            return _Read(contract, customer, tuple(tx.cases.of(contract.institution, contract.id)))

        found = self._of(session, Act.ENQUIRE_CONTRACT, account, read)
        if not isinstance(found, _Read):
            return found
        return self._standing(found, account)

    def history(self, session: Secret, account: Account) -> History | NoSuchContract | NoSuchCase | OperatorRefusal:
        """What was done with the contract: by this it is known whether anybody had illicit access (SUS-01)."""

        def read(tx: Transaction, contract: Contract) -> History:
            return History(tuple(tx.audit.chain(contract.id.text)))

        return self._of(session, Act.ENQUIRE_HISTORY, account, read)

    def transfers(
        self, session: Secret, account: Account
    ) -> PendingTransfers | NoSuchContract | NoSuchCase | OperatorRefusal:
        """What of the contract is pending (SUS-04, SUS-29)."""

        def read(tx: Transaction, contract: Contract) -> PendingTransfers:
            return PendingTransfers(tuple(tx.instructions.pending_of(contract.institution, contract.id)))

        return self._of(session, Act.ENQUIRE_TRANSFERS, account, read)

    def cases(self, session: Secret, *, overdue: bool = False) -> WorkList | NoSuchCase | OperatorRefusal:
        """What is to be done, or what of it is *overdue*."""

        def step(tx: Transaction, acting: Acting) -> Deed[WorkList]:
            due = tx.cases.to_do(acting.institution, due_by=acting.at if overdue else None)
            items = [ToDo(case, case.late(acting.at)) for case in due]
            return Deed(WorkList(tuple(item for item in items if item.overdue or not overdue)))

        return operate(self._platform, session, Act.LIST_CASES, step)

    def _of(
        self, session: Secret, act: Act, account: Account, read: Callable[[Transaction, Contract], _Told]
    ) -> _Told | NoSuchContract | NoSuchCase | OperatorRefusal:
        """What *read* finds of the contract with this representative *account*."""

        def step(tx: Transaction, acting: Acting) -> Deed[_Told | NoSuchContract]:
            contract = tx.contracts.by_account(acting.institution, str(account), "")
            if contract is None:
                return Deed(NoSuchContract())
            return Deed(read(tx, contract), contract.id)

        return operate(self._platform, session, act, step)

    def _standing(self, found: _Read, account: Account) -> ContractStanding:
        contract, now = found.contract, self._platform.now()
        blocks = self._blocks(contract, now)
        closed = self._closed(contract, found.customer, account) if blocks else set[Release]()
        return ContractStanding(
            contract=contract.id,
            investigated=contract.investigated_since is not None,
            must_change_password=contract.must_change_password,
            transaction_auth_advised=contract.transaction_auth_advised,
            in_the_way=tuple(InTheWay(block, way_out(block, closed)) for block in blocks),
            cases=found.cases,
        )

    def _blocks(self, contract: Contract, now: datetime) -> list[Block]:
        """What stands in the customer's way, each dimension by itself (LCK-15)."""
        profile = self._platform.profile
        found: list[Block] = [] if contract.suspended_since is None else [Block.SUSPENSION]
        for counter in Counter:
            match profile.lockout(counter).standing(contract.tally(counter), now):
                case lockout.Locked():
                    found.append(_LOCKS[counter])
                case lockout.Blocked():
                    found.append(_BLOCKS[counter])
                case lockout.Open():
                    pass
                case _ as never:
                    assert_never(never)
        if profile.identity_form.closed(contract.form_tries, now) is not None:
            found.append(Block.FORM_CLOSED)
        return found

    def _closed(self, contract: Contract, customer: Customer, account: Account) -> set[Release]:
        """The ways that are not open to the customer: what he lacks, and what nobody does who is suspended (AMB-29)."""
        platform = self._platform
        lacks = lacks_of(platform.core.account(contract.institution, account))
        phones = platform.profile.token.callers.choices(customer.phones, platform.profile.phone_mask)
        if all(phone.violation is not None for phone in phones):
            lacks.add(Lack.USABLE_PHONE)
        closed = closed_ways(platform.profile, lacks)
        if contract.suspended_since is not None:
            closed |= TAKES_ONLINE.keys() - {Release.CANCEL_AND_REAPPLY}
        return closed
