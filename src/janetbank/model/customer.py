"""Customer: who holds a contract, and where letters to him go.

Shape:  frozen; the first address is the main one, at most two further ones follow (ENR-07).
Source: ENR-06, ENR-07, ENR-36, MAL-01, MAL-15 (security notices cannot be switched off), PWR-04..07.
"""

from enum import Enum

from attrs import frozen

from janetbank.values.email import MailAddress
from janetbank.values.identifiers import ContractId, InstitutionId
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber

FURTHER_ADDRESSES = 2


class Notice(Enum):
    """Kinds of letters whose reception the customer chooses per address; security notices are none of them."""

    TRANSACTIONS = "transactions"
    """What confirms a transfer or a payment (ENR-08)."""
    NEWS = "news"
    """The institution's own, which this library does not write."""


@frozen
class Address:
    """A mail address with the notices it receives besides those that nobody can switch off."""

    mail: MailAddress
    notices: frozenset[Notice] = frozenset(Notice)


@frozen(kw_only=True)
class Customer:
    """The person behind a contract, as the host had registered him when he applied."""

    institution: InstitutionId
    contract: ContractId
    kana: KanaName
    kanji: KanjiName
    born: BirthDate
    individual: bool
    phones: tuple[PhoneNumber, ...]
    """Registered with the institution (お届け電話番号), in the institution's order."""
    addresses: tuple[Address, ...]
    address_due: bool = False
    """Whether he has yet to name one: he began by a notice, and is in his first use (ENR-36)."""
    contact: PhoneNumber | None = None
    """Where he wants to be called (連絡先電話番号); nobody is recognised by it (ENR-36)."""
    version: int = 0

    def __attrs_post_init__(self) -> None:
        if not (0 if self.address_due else 1) <= len(self.addresses) <= 1 + FURTHER_ADDRESSES:
            msg = f"a customer has one mail address and at most {FURTHER_ADDRESSES} further ones"
            raise ValueError(msg)
