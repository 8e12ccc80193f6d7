"""Instruction: what a customer tells the bank to do, and the text of it that he approves on his token.

What is approved is the *canonical* text: every field in its place, each with its length before it (a netstring), so
that no two instructions share one, and the form's own name first, so that a later form shares none with this one.  The
*digest* of it is the challenge that the token answers.  The *reference* makes each instruction unlike any other: of two
equal transfers on one day the answer to the one does not serve for the other.

Shape:  Transfer(...) or Payment(...); `canonical()` bytes, `digest` 64 hexadecimal digits.
Units:  yen; a date is the day of execution in Japan.
Errors: InvalidValue `transfer.reference`, `transfer.payee_name`, `transfer.amount`; TypeError for a date with a time;
        ValueError for a kind that is no transfer.
Source: AMB-8 (kinds), TRF-01, TXA-04, AMB-32; RTS 2018/389 Art. 5 (standards.md C30, C31); TRAPS "signs a nonce".
"""

import datetime as dt
import re
from enum import Enum
from hashlib import sha256
from unicodedata import normalize

from attrs import field, frozen

from janetbank.values.account import Account
from janetbank.values.bill import Bill
from janetbank.values.identifiers import InstitutionId
from janetbank.values.money import Yen
from janetbank.values.shape import shaped
from janetbank.values.violation import InvalidValue

LONGEST_PAYEE_NAME = 48
"""受取人名 of a domestic transfer."""

_TRANSFER, _PAYMENT = "transfer/1", "payment/1"
_PAYEE_NAME = re.compile(r"[ -~\u3000「」ァ-ー！-～｡-ﾟ]+")
"""What banks write names in: katakana, Latin letters, digits and signs, of either width; nothing that is not seen."""


class InstructionKind(Enum):
    """What kind of instruction it is, as far as the proof that it needs depends on it (AMB-8)."""

    AD_HOC_TRANSFER = "ad_hoc_transfer"
    """振込（都度指定方式）: to a payee typed for this once."""
    OWN_TRANSFER = "own_transfer"
    """振替: to another account of one's own."""
    REGISTERED_PAYEE_TRANSFER = "registered_payee_transfer"
    """振込（事前登録方式）: to a payee registered at the counter, who cannot be changed online."""
    PAYEASY_PRIVATE = "payeasy_private"
    """ペイジー（民間）: a bill of a company."""
    PAYEASY_PUBLIC = "payeasy_public"
    """ペイジー（官公庁・地方公共団体）: a tax or a public fee."""


TRANSFERS = frozenset(
    {InstructionKind.AD_HOC_TRANSFER, InstructionKind.OWN_TRANSFER, InstructionKind.REGISTERED_PAYEE_TRANSFER}
)
"""The kinds that have an account as payee."""


def _nfc(text: str) -> str:
    return normalize("NFC", text)


def _written_by_banks(_transfer: object, _field: object, name: str) -> None:
    if not _PAYEE_NAME.fullmatch(name) or name != name.strip() or len(name) > LONGEST_PAYEE_NAME:
        code = "transfer.payee_name"
        raise InvalidValue(code, longest=LONGEST_PAYEE_NAME)


_reference = shaped(r"[0-9a-z-]{1,64}", "transfer.reference")


def _day(_instruction: object, _field: object, day: dt.date) -> None:
    # A datetime is a date to isinstance, and would be written otherwise.
    if isinstance(day, dt.datetime):
        msg = "an instruction's date is a date"
        raise TypeError(msg)


@frozen(kw_only=True)
class Transfer:
    """*amount* goes from *source*, an account at the customer's institution, to *payee* at *payee_bank* on *date*."""

    reference: str = field(validator=_reference)
    kind: InstructionKind
    source: Account
    payee_bank: InstitutionId
    payee: Account
    payee_name: str = field(converter=_nfc, validator=_written_by_banks)
    amount: Yen
    date: dt.date = field(validator=_day)

    def __attrs_post_init__(self) -> None:
        if self.kind not in TRANSFERS:
            msg = f"{self.kind.value} is no transfer"
            raise ValueError(msg)
        if not self.amount.amount:
            code = "transfer.amount"
            raise InvalidValue(code)

    def canonical(self) -> bytes:
        """The one text of this transfer, and of no other."""
        fields = (
            _TRANSFER,
            self.reference,
            self.kind.value,
            *_written(self.source),
            self.payee_bank.code,
            *_written(self.payee),
            self.payee_name,
            str(self.amount.amount),
            self.date.isoformat(),
        )
        return _text(fields)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text: the challenge of the token's answer."""
        return sha256(self.canonical()).hexdigest()


@frozen(kw_only=True)
class Payment:
    """*bill* is paid from *source*, an account at the customer's institution, on *date*."""

    reference: str = field(validator=_reference)
    source: Account
    bill: Bill
    date: dt.date = field(validator=_day)

    @property
    def kind(self) -> InstructionKind:
        """Whether it is a company's bill or a public one."""
        return InstructionKind.PAYEASY_PUBLIC if self.bill.public else InstructionKind.PAYEASY_PRIVATE

    @property
    def payee_name(self) -> str:
        """Who sent the bill."""
        return self.bill.name

    @property
    def amount(self) -> Yen:
        """What the biller wants."""
        return self.bill.amount

    def canonical(self) -> bytes:
        """The one text of this payment, and of no other."""
        fields = (
            _PAYMENT,
            self.reference,
            self.kind.value,
            *_written(self.source),
            self.bill.id,
            self.bill.biller,
            self.bill.name,
            str(self.amount.amount),
            self.date.isoformat(),
        )
        return _text(fields)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text."""
        return sha256(self.canonical()).hexdigest()


Content = Transfer | Payment
"""What an instruction is about."""


def _text(fields: tuple[str, ...]) -> bytes:
    return b"".join(_netstring(text.encode("utf-8", "surrogatepass")) for text in fields)


def _written(account: Account) -> tuple[str, str, str]:
    return account.branch.code, account.type.value, account.number.digits


def _netstring(content: bytes) -> bytes:
    return b"%d:%b," % (len(content), content)
