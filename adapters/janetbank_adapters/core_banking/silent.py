"""A core banking host that never answers: for whoever looks after a store and is connected to no host.

Nothing is known of what such a host has done or not, so nothing of it is decided: whatever asks him is left as it is.

Shape:  the port.
Errors: Unavailable, always.
Source: ports/core_banking.py; docs/decisions/0008.
"""

from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from janetbank.ports.core_banking import AccountReport, CardVerdict, Payee, StatementLine
from janetbank.ports.failures import Unavailable
from janetbank.values.account import Account
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.host_answer import HostAnswer
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content
from janetbank.values.money import Yen
from janetbank.values.pin import Pin


class SilentCoreBanking:
    """See the module."""

    def account(self, institution: InstitutionId, account: Account) -> AccountReport | None:
        """Nobody answers."""
        _silence(institution, account)

    def renumbered(self, institution: InstitutionId, former: Account) -> Account | None:
        """Nobody answers."""
        _silence(institution, former)

    def check_card(self, institution: InstitutionId, account: Account, pin: Pin) -> CardVerdict:
        """Nobody answers."""
        _silence(institution, account, pin)

    def payees(self, institution: InstitutionId, account: Account) -> Sequence[Payee]:
        """Nobody answers."""
        _silence(institution, account)

    def bill(self, institution: InstitutionId, numbers: BillNumbers) -> Bill | None:
        """Nobody answers."""
        _silence(institution, numbers)

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Nobody answers."""
        _silence(institution, content)

    def standing(self, institution: InstitutionId, key: str) -> HostAnswer | None:
        """Nobody answers."""
        _silence(institution, key)

    def cancel(self, institution: InstitutionId, key: str) -> HostAnswer:
        """Nobody answers."""
        _silence(institution, key)

    def balance(self, institution: InstitutionId, account: Account) -> Yen | None:
        """Nobody answers."""
        _silence(institution, account)

    def statement(
        self, institution: InstitutionId, account: Account, first: date, last: date
    ) -> Sequence[StatementLine] | None:
        """Nobody answers."""
        _silence(institution, account, first, last)


def _silence(*_: object) -> NoReturn:
    msg = "no host is connected"
    raise Unavailable(msg)
