"""Core banking: the host that holds accounts and cards (JASTEM at a JA).

Shape:  facts for the five checks; the card's PIN goes to `check_card` and nowhere else in this library.
Errors: Unavailable where the host does not answer.
Source: ENR-15, ENR-16, CRD-18, LCK-13, AMB-20.
"""

from enum import Enum
from typing import Protocol

from attrs import frozen

from janetbank.values.account import Account
from janetbank.values.identifiers import InstitutionId
from janetbank.values.person import BirthDate, KanaName, KanjiName
from janetbank.values.phone import PhoneNumber
from janetbank.values.pin import Pin


class CardVerdict(Enum):
    """The host's word on a card's PIN; how many tries are left is not said (LCK-13)."""

    OK = "ok"
    WRONG = "wrong"
    LOCKED = "locked"
    """Wrong too often in a row, here or at a cash machine: service and card are unusable."""
    NO_CARD = "no_card"


@frozen(kw_only=True)
class HolderRecord:
    """The account holder as registered with the institution."""

    kana: KanaName
    kanji: KanjiName
    born: BirthDate
    phones: tuple[PhoneNumber, ...]


@frozen(kw_only=True)
class AccountReport:
    """What the host knows of an account."""

    holder: HolderRecord
    individual: bool
    """人格区分 is 「個人」."""
    card_issued: bool
    caution: bool
    """An accident or caution flag stands: loss, theft …"""
    restricted: bool
    """A planned event (migration, merger) restricts transactions now."""


class CoreBanking(Protocol):
    """Asks the host."""

    def account(self, institution: InstitutionId, account: Account) -> AccountReport | None:
        """The report on *account*, or None where there is none."""
        ...

    def check_card(self, institution: InstitutionId, account: Account, pin: Pin) -> CardVerdict:
        """Check the PIN of the account's cash card; a wrong one moves the counter that the cash machine shares."""
        ...
