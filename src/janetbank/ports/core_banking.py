"""Core banking: the host that holds accounts and cards (JASTEM at a JA).

Shape:  facts for the five checks and the identity form; the card's PIN goes to `check_card` and nowhere else in this
        library.
Errors: Unavailable where the host does not answer.
Source: ENR-15, ENR-16, CRD-18, LCK-13, PWR-05, PWR-06, PWR-09; AMB-16, AMB-20.
"""

from datetime import date
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
    kanji_has_gaiji: bool = False
    """Whether the name in kanji holds a character outside JIS levels 1 and 2 (外字), however it is sent (AMB-16)."""
    born: BirthDate
    phones: tuple[PhoneNumber, ...]
    """The latest registered ones (PWR-06)."""


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
    online_since: date | None = None
    """When internet banking began on it, where the host knows."""


class CoreBanking(Protocol):
    """Asks the host."""

    def account(self, institution: InstitutionId, account: Account) -> AccountReport | None:
        """The report on *account*, or None where there is none; a former number is none."""
        ...

    def renumbered(self, institution: InstitutionId, former: Account) -> Account | None:
        """What the account that had the number *former* is numbered now, or None where no account was renumbered.

        Branches are joined and institutions merge; customers go on writing what stands on their old passbook.
        """
        ...

    def check_card(self, institution: InstitutionId, account: Account, pin: Pin) -> CardVerdict:
        """Check the PIN of the account's cash card; a wrong one moves the counter that the cash machine shares."""
        ...
