"""Bill: what is to be paid through Pay-easy, and the numbers on its paper by which the host finds it.

The confirmation number stands on the paper beside the other one so that nobody pays, or looks at, what is not his; it
goes to the host and nowhere else.

Shape:  BillNumbers.parse("00100", "1234-5678-90", Secret("123456")); Bill(...) is what the host answers.
Errors: InvalidValue `bill.biller`, `bill.customer_number`, `bill.confirmation_number`, which never hold what was typed;
        InvalidValue `transfer.amount` for a bill of nothing.
Source: LCK-05, TRF-08 (納付番号・お客様番号, 確認番号); TRF-01 (private and public).  How long the numbers are no row
        says (HRS-05 is a heading): the lengths are those that Pay-easy prints.
"""

import re
from typing import Self

from attrs import field, frozen

from janetbank.values.money import Yen
from janetbank.values.secret import Secret
from janetbank.values.shape import ascii_digits, shaped
from janetbank.values.violation import InvalidValue

_CONFIRMATION = re.compile(r"[0-9]{1,6}")


def _digits(typed: str) -> str:
    """Half-width, and without the hyphens and blanks by which papers group them."""
    return re.sub("[-‐－ー \u3000]", "", ascii_digits(typed))


def _short(_numbers: object, _field: object, number: Secret) -> None:
    if not _CONFIRMATION.fullmatch(number.reveal()):
        code = "bill.confirmation_number"
        raise InvalidValue(code)


@frozen
class BillNumbers:
    """Who is to be paid (収納機関番号), for what (納付番号, お客様番号), and that one has the paper (確認番号)."""

    biller: str = field(validator=shaped(r"[0-9]{5}", "bill.biller"))
    customer: str = field(validator=shaped(r"[0-9]{1,20}", "bill.customer_number"))
    confirmation: Secret = field(validator=_short)

    @classmethod
    def parse(cls, biller: str, customer: str, confirmation: Secret) -> Self:
        """Take the three as typed; the first that cannot be taken says why."""
        return cls(_digits(biller), _digits(customer), Secret(_digits(confirmation.reveal())))


def _some(_bill: object, _field: object, amount: Yen) -> None:
    if not amount.amount:
        code = "transfer.amount"
        raise InvalidValue(code)


@frozen(kw_only=True)
class Bill:
    """What the host found: *name* wants *amount*; *id* is the host's own name for it until it is paid."""

    id: str
    biller: str = field(validator=shaped(r"[0-9]{5}", "bill.biller"))
    name: str
    public: bool
    """A tax or a public fee (官公庁・地方公共団体); else a company's (民間)."""
    amount: Yen = field(validator=_some)
