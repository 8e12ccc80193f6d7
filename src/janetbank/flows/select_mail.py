"""Select-mail (セレクトEメールサービス): which of a customer's addresses receive the letters that he may do without.

    SelectMail.standing -> Notices | a refusal
    SelectMail.choose   -> NoticesChosen | Rejected | a refusal

Letters that tell of security go to every address, whatever is chosen here (`flows.letters`).  It is part of the
customer's data, so where the confirmation password authorises those it takes that.

Shape:  an address is named by the index that `standing` lists it at, as telephones are.
Source: MAL-12, MAL-15, ENR-07, ENR-36, CRD-15.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from attrs import evolve, frozen

from janetbank.flows.chains import keep
from janetbank.flows.personal_data import customer_of
from janetbank.flows.platform import Platform
from janetbank.flows.refusals import ConfirmationNeeded, Rejected
from janetbank.flows.sessions import Found, SessionRefusal, in_session, spend, unconfirmed
from janetbank.model.customer import Address, Notice
from janetbank.model.events import NoticesChosen as NoticesChosenEvent
from janetbank.policies.admission import Operation
from janetbank.policies.step_up import Guarded
from janetbank.ports.storage import Transaction
from janetbank.values.secret import Secret
from janetbank.values.violation import Violation


@frozen
class Notices:
    """Each of the customer's addresses with the notices that it receives, the main one first."""

    addresses: tuple[Address, ...]
    code: ClassVar[str] = "select_mail.standing"


@frozen
class NoticesChosen:
    """What was chosen counts from now on."""

    code: ClassVar[str] = "select_mail.chosen"


ChooseOutcome = NoticesChosen | Rejected | ConfirmationNeeded | SessionRefusal


@frozen
class SelectMail:
    """See the module."""

    _platform: Platform

    def standing(self, session: Secret) -> Notices | SessionRefusal:
        """What goes where."""

        def act(tx: Transaction, found: Found, _: datetime) -> Notices:
            return Notices(customer_of(tx, found.contract).addresses)

        return in_session(self._platform, Operation.USE_SESSION, session, act, durable=False)

    def choose(self, session: Secret, address: int, notices: Collection[Notice]) -> ChooseOutcome:
        """Let *address* (an index of `standing`) receive these *notices*, and no others of those that are chosen."""
        guarded = self._platform.profile.confirms(Guarded.CUSTOMER_DATA)

        def act(tx: Transaction, found: Found, now: datetime) -> NoticesChosen | Rejected | ConfirmationNeeded:
            if guarded and (no := unconfirmed(self._platform, found.session, now)) is not None:
                return no
            customer = customer_of(tx, found.contract)
            if not 0 <= address < len(customer.addresses):
                return Rejected((Violation("select_mail.no_such_address", field="address"),))
            addresses = [*customer.addresses]
            addresses[address] = evolve(addresses[address], notices=frozenset(notices))
            chosen = NoticesChosenEvent(address, tuple(one.value for one in Notice if one in notices))
            keep(tx, found.contract, now, chosen)
            tx.customers.put(evolve(customer, addresses=tuple(addresses)))
            spend(tx, found.session)
            return NoticesChosen()

        return in_session(self._platform, Operation.USE_SESSION, session, act)
