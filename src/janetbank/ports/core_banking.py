"""Core banking: the host that holds accounts, cards and the money (JASTEM at a JA).

An instruction is handed over under a key, its reference.  However often the host is asked under one key, and whatever
was lost on the way there or back, it does what it was asked once; so whoever has heard nothing asks again.

Shape:  facts for the five checks and the identity form; the card's PIN goes to `check_card`, and a bill's confirmation
        number to `bill`, and nowhere else in this library.
Units:  yen; days are days in Japan.
Errors: Unavailable where the host does not answer: it may have heard, or not, or hear yet; KeyReused for another text
        under a key that it knows.
Source: ENR-15, ENR-16, CRD-18, LCK-05, LCK-13, PWR-05, PWR-06, PWR-09, TRF-02, TRF-06, TRF-09..11, CAN-08; AMB-16,
        AMB-20; standards.md 2 (registered payees cannot be changed online).
"""

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Protocol

from attrs import frozen

from janetbank.ports.failures import PortError
from janetbank.values.account import Account
from janetbank.values.bill import Bill, BillNumbers
from janetbank.values.host_answer import HostAnswer
from janetbank.values.identifiers import InstitutionId
from janetbank.values.instruction import Content
from janetbank.values.money import Yen
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


class KeyReused(PortError):  # noqa: N818 -- states a condition
    """The host knows another instruction by this key; nothing is done."""


@frozen
class Payee:
    """Somebody registered at the counter as a payee of an account (事前登録)."""

    bank: InstitutionId
    account: Account
    name: str


@frozen(kw_only=True)
class StatementLine:
    """入出金明細の一行: what came in or went out on *day*, and the balance after it."""

    day: date
    paid_in: Yen
    paid_out: Yen
    balance: Yen
    note: str


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

    def payees(self, institution: InstitutionId, account: Account) -> Sequence[Payee]:
        """The payees registered for transfers from *account*: nobody can change them but the counter (TRF-02)."""
        ...

    def bill(self, institution: InstitutionId, numbers: BillNumbers) -> Bill | None:
        """The unpaid bill that has these *numbers*; None where any of them is wrong, without saying which."""
        ...

    def instruct(self, institution: InstitutionId, content: Content) -> HostAnswer:
        """Do *content*, once, under its reference as the key: today's now, another day's when that day has come.

        Asked again, the host tells what has become of it.  Under a key that was cancelled it does nothing, ever.
        A transfer to a registered payee who is not registered, or to an own account that is another holder's, is
        refused.
        """
        ...

    def standing(self, institution: InstitutionId, key: str) -> HostAnswer | None:
        """What has become of the instruction under *key*, or None where the host has not heard of it, as yet."""
        ...

    def cancel(self, institution: InstitutionId, key: str) -> HostAnswer:
        """Do not do what is under *key*: cancelled where it waits for its day, or was never heard of.

        Otherwise the answer says what has become of it: what is accepted or done is not cancelled (TRF-11).
        """
        ...

    def balance(self, institution: InstitutionId, account: Account) -> Yen | None:
        """What is on *account*, or None where there is none."""
        ...

    def statement(
        self, institution: InstitutionId, account: Account, first: date, last: date
    ) -> Sequence[StatementLine] | None:
        """What happened on *account* from day *first* to day *last*, both included, oldest first; None as above."""
        ...
